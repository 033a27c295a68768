//! Each fuzz target over its corpus. What a target has found lies there too, so that it stays mended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

use std::collections::BTreeSet;
use tcpspec_tests::fuzz::{self, TARGETS, corpus, rows, target};

/// Rows that no input of a target fires yet: `target row` in each line.
const SILENT: &str = include_str!("../corpus/silent.txt");

/// One test, since rows of the whole process are counted.
#[test]
fn targets() {
    every_target_passes_over_its_corpus_and_fires_the_rows_that_it_did();
    octets_that_nobody_has_chosen_are_taken_by_every_target();
}

fn every_target_passes_over_its_corpus_and_fires_the_rows_that_it_did() {
    let mut silent = BTreeSet::new();
    for target in TARGETS {
        let mut inputs: Vec<_> = std::fs::read_dir(corpus(&target))
            .unwrap_or_else(|error| panic!("{}: no corpus: {error}", target.name))
            .map(|entry| entry.expect("a file").path())
            .collect();
        inputs.sort();
        assert!(inputs.len() > 1, "{}: an empty corpus", target.name);
        rows();
        for input in &inputs {
            (target.run)(&std::fs::read(input).expect("a file"));
        }
        let fired = rows();
        println!("{}: {} inputs, {} rows fire", target.name, inputs.len(), fired.len());
        silent.extend(fuzz::silent(&target, &fired).iter().map(|row| format!("{} {row}", target.name)));
    }
    let listed: BTreeSet<_> = SILENT.lines().map(str::to_owned).collect();
    let text: String = silent.iter().map(|line| format!("{line}\n")).collect();
    assert!(
        silent == listed,
        "tests/corpus/silent.txt is not current: cargo run --release -p tcpspec-tests --bin cover; these rows fire in no input:\n{text}"
    );
}

/// Inputs that nobody has chosen: none of all octets alike, none of a counter, none of a generator.
fn octets_that_nobody_has_chosen_are_taken_by_every_target() {
    for target in TARGETS {
        (target.run)(&[]);
        for octet in 0..=u8::MAX {
            (target.run)(&[octet; 200]);
        }
        let mut random = tcpspec_tests::simulated::Random(7);
        for len in 0..600 {
            let octets: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
            (target.run)(&octets);
        }
    }
    assert!(target("nothing").is_none());
}

//! Each fuzz target over its corpus. What a target has found lies there too, so that it stays mended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

use std::collections::BTreeSet;
use tcpspec_tests::differential::report;
use tcpspec_tests::differential::survey::Both;
use tcpspec_tests::fuzz::{self, TARGETS, Target, corpus, rows, target};

/// Rows that no input of a target fires: `target row: why it cannot` in each line.
const SILENT: &str = include_str!("../corpus/silent.txt");

/// One test, since rows of the whole process are counted.
#[test]
fn targets() {
    let targets = targets_that_can_run();
    every_target_passes_over_its_corpus_and_fires_the_rows_that_it_did(&targets);
    octets_that_nobody_has_chosen_are_taken_by_every_target(&targets);
    assert!(target("nothing").is_none());
}

/// All targets that can run here. `kernel` needs the kernel for which the list of differences was made.
fn targets_that_can_run() -> Vec<Target> {
    let listed = std::fs::read_to_string(report::path()).expect("the list is there");
    let (made_for, version) = (report::version_of(&listed).expect("it says for which"), report::version());
    // In a thread that nobody needs afterwards, since it gets a network namespace of its own.
    let opened = std::thread::spawn(|| Both::open().map(drop)).join().expect("it answers");
    let why = match opened {
        Err(error) => Some(error),
        Ok(()) if made_for != version => {
            let why = format!(
                "Linux {version} is not Linux {made_for}, for which the list of differences was made"
            );
            // A kernel of another version is no reason to fail, even where nothing may be skipped.
            println!("fuzz target kernel: SKIPPED: {why}");
            return TARGETS.into_iter().filter(|target| !target.needs_kernel).collect();
        }
        Ok(()) => None,
    };
    if let Some(error) = &why {
        tcpspec_tests::skip("fuzz target kernel", error);
    }
    TARGETS.into_iter().filter(|target| why.is_none() || !target.needs_kernel).collect()
}

fn every_target_passes_over_its_corpus_and_fires_the_rows_that_it_did(targets: &[Target]) {
    let mut silent = BTreeSet::new();
    for target in targets {
        let mut inputs: Vec<_> = std::fs::read_dir(corpus(target))
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
        silent.extend(fuzz::silent(target, &fired).into_iter().map(|row| fuzz::line(target, row)));
    }
    assert!(
        !SILENT.contains("not yet"),
        "a row fires in no input, and there is no reason why it cannot (fuzz::reason)"
    );
    let listed: BTreeSet<_> = SILENT.lines().map(str::to_owned).collect();
    let text: String = silent.iter().map(|line| format!("{line}\n")).collect();
    assert!(
        silent == listed,
        "tests/corpus/silent.txt is not current: cargo run --release -p tcpspec-tests --bin cover; these rows fire in no input:\n{text}"
    );
}

/// Inputs that nobody has chosen: none of all octets alike, none of a counter, none of a generator.
fn octets_that_nobody_has_chosen_are_taken_by_every_target(targets: &[Target]) {
    for target in targets {
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
}

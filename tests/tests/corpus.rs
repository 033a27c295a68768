//! Each fuzz target over its corpus. What a target has found lies there too, so that it stays mended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

use std::collections::BTreeSet;
use tcpspec::Row;
use tcpspec_tests::fuzz::{TARGETS, corpus, rows, target};

/// Rows that cannot fire in a target, each with the reason.
const CANNOT: &[(&str, &[&str], &str)] = &[];

/// One test, since it counts rows of the whole process.
#[test]
fn every_target_passes_over_its_corpus_and_fires_the_rows_that_it_can() {
    let mut missing = String::new();
    for target in TARGETS {
        let mut inputs: Vec<_> = std::fs::read_dir(corpus(&target))
            .unwrap_or_else(|error| panic!("{}: no corpus: {error}", target.name))
            .map(|entry| entry.expect("a file").path())
            .collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{}: an empty corpus", target.name);
        rows();
        for input in &inputs {
            (target.run)(&std::fs::read(input).expect("a file"));
        }
        let fired = rows();
        println!("{}: {} inputs, {} of {} rows fire", target.name, inputs.len(), fired.len(), Row::ALL.len());
        if target.has_rows {
            let cannot: BTreeSet<_> = CANNOT
                .iter()
                .filter(|(name, ..)| *name == target.name)
                .flat_map(|(_, rows, _)| *rows)
                .copied()
                .collect();
            for row in Row::ALL.iter().map(|row| row.name()) {
                match (fired.contains(row), cannot.contains(row)) {
                    (false, false) => missing += &format!("{}: {row} does not fire\n", target.name),
                    (true, true) => {
                        missing +=
                            &format!("{}: {row} fires, although it is said that it cannot\n", target.name)
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

/// Inputs that nobody has chosen: none of all octets alike, none of a counter, none of a generator.
#[test]
fn octets_that_nobody_has_chosen_are_taken_by_every_target() {
    for target in TARGETS {
        (target.run)(&[]);
        for octet in 0..=u8::MAX {
            (target.run)(&vec![octet; 200]);
        }
        let mut random = tcpspec_tests::simulated::Random(7);
        for len in 0..600 {
            let octets: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
            (target.run)(&octets);
        }
    }
    assert!(target("nothing").is_none());
}

//! stateright's own search, and ours: the same numbers of states on every scenario of the default run.
//!
//! A test of its own, because it takes all threads for a minute or two. stateright explores everything; what our engine found is pinned in `docs/verdicts.json`
//! (`tcpspec docs --check` proves that current), and where the pinned numbers differ, it is asked again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

mod common;

use serde_json::Value;

/// Unique and generated states by scenario.
fn counts(arguments: &[&str]) -> Vec<(String, u64, u64)> {
    let output = common::tcpspec().args(["check", "--json"]).args(arguments).output().unwrap();
    let reports: Vec<Value> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let number = |report: &Value, name: &str| report[name].as_u64().unwrap();
    reports
        .iter()
        .map(|report| {
            let name = report["scenario"].as_str().unwrap().to_owned();
            (name, number(report, "unique_states"), number(report, "total_states"))
        })
        .collect()
}

#[test]
fn stateright_finds_as_many_states_in_every_scenario() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verdicts.json");
    let pinned: Value = serde_json::from_str(&std::fs::read_to_string(docs).unwrap()).unwrap();
    let theirs = counts(&["--engine", "stateright"]);
    assert!(theirs.len() >= 50, "only {} scenarios", theirs.len());
    for (name, unique, generated) in theirs {
        let pin = &pinned[&name];
        if pin["unique"].as_u64() == Some(unique) && pin["generated"].as_u64() == Some(generated) {
            continue;
        }
        // The name of a scenario with variants means all of them.
        let ours = counts(&[&name]).into_iter().find(|(other, ..)| *other == name);
        assert_eq!(ours, Some((name, unique, generated)));
    }
}

//! stateright's own search, and ours: the same numbers of states.
//!
//! stateright explores; what our engine found is pinned in `docs/verdicts.json` (`tcpspec docs --check` proves that current), and where the pinned numbers differ,
//! our engine is asked again. All scenarios together take stateright several minutes. So the test takes the smallest one of each family, since a family is there
//! for its bounds. The environment variable `TCPSPEC_BOTH_ENGINES` asks for more: `all`, or `half:SEED`, one half or the other by the seed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

mod common;

use serde_json::Value;
use std::collections::BTreeMap;

/// Families that have nothing so small are left to `all` and `half`.
const SMALL: u64 = 1_100_000;

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

/// The scenarios that are asked for, by the pinned numbers of their states.
fn chosen(pinned: &Value) -> Vec<String> {
    let all = pinned.as_object().unwrap().iter();
    let all = all.map(|(name, numbers)| (name.as_str(), numbers["unique"].as_u64().unwrap()));
    match std::env::var("TCPSPEC_BOTH_ENGINES").as_deref() {
        Err(_) => {
            let mut smallest: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
            for (name, states) in all {
                let family = smallest.entry(name.split('/').next().unwrap()).or_insert((states, name));
                *family = (*family).min((states, name));
            }
            let small = smallest.into_values().filter(|(states, _)| *states <= SMALL);
            small.map(|(_, name)| name.to_owned()).collect()
        }
        Ok("all") => all.map(|(name, _)| name.to_owned()).collect(),
        Ok(half) => {
            let seed = half
                .strip_prefix("half:")
                .unwrap_or_else(|| panic!("TCPSPEC_BOTH_ENGINES is neither `all` nor `half:SEED`: {half}"));
            // Each commit takes one or the other of each pair.
            let hash = |text: &str| rapidhash::v3::rapidhash_v3(text.as_bytes());
            println!(
                "one half of the scenarios; again by TCPSPEC_BOTH_ENGINES='{half}' cargo test --release -p tcpspec-checker --test both_engines"
            );
            let mut all: Vec<_> = all.collect();
            // Neighbours by size, so that both halves take the same time.
            all.sort_by_key(|(name, states)| (*states, *name));
            all.chunks(2)
                .map(|pair| pair[hash(&format!("{seed} {}", pair[0].0)) as usize % pair.len()].0.to_owned())
                .collect()
        }
    }
}

#[test]
fn stateright_finds_as_many_states() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verdicts.json");
    let pinned: Value = serde_json::from_str(&std::fs::read_to_string(docs).unwrap()).unwrap();
    let chosen = chosen(&pinned);
    assert!(chosen.len() >= 25, "only {} scenarios", chosen.len());
    let mut arguments = vec!["--engine", "stateright", "--exact"];
    arguments.extend(chosen.iter().map(String::as_str));
    let theirs = counts(&arguments);
    assert_eq!(theirs.len(), chosen.len());
    for (name, unique, generated) in theirs {
        let pin = &pinned[&name];
        if pin["unique"].as_u64() == Some(unique) && pin["generated"].as_u64() == Some(generated) {
            continue;
        }
        let ours = counts(&["--exact", &name]).pop();
        assert_eq!(ours, Some((name, unique, generated)));
    }
}

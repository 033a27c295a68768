//! A fixed number of runs of the swarm: whole connections under faults, in simulated time. `soak` goes on from there.

#![allow(clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod found;
#[cfg(target_os = "linux")]
mod program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use tcpspec_tests::swarm::{
    Change, Counts, Feature, Found, Outcome, Trap, is_current, run, run_trapped, runs, shrink,
};

/// Seeds from 0 on.
const RUNS: u64 = 100_000;

#[test]
fn after_each_run_all_holds() {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(2));
    let tally = runs(0..RUNS, threads, &AtomicBool::new(false), |seed, outcome| {
        println!("seed {seed}: {}", outcome.wrong.as_deref().unwrap_or_default());
    });
    if let Some((seed, outcome)) = tally.failed.first_key_value() {
        let found = shrink(*seed, outcome.clone(), None);
        let wrong = found.outcome.wrong.as_deref().unwrap_or_default();
        let file = std::env::temp_dir().join(format!("tcpspec-swarm-{seed}.pcapng"));
        panic!(
            "{} seeds fail; {wrong}\n{}\n{}\n{}: {:?}",
            tally.failed.len(),
            found.command_of_whole(),
            found.command(),
            file.display(),
            found.capture(&file)
        );
    }
    // The swarm is worth something only if things happen.
    assert_eq!(tally.of("runs"), RUNS);
    for what in [
        "lost by chance",
        "duplicated",
        "held back",
        "corrupted in its headers",
        "corrupted in its text",
        "corrupted unnoticed by any checksum",
        "lost: the link was down",
        "lost: larger than the path takes",
        "crashes",
        "ends that vanished",
        "told: refused",
        "told: reset",
        "told: timed out",
        "told: aborted by this host",
        "times that memory was short",
        "connections whose early text was forgotten for want of memory",
        "segments cut for want of memory",
    ] {
        assert!(tally.of(what) > 100, "{what}: {}", tally.of(what));
    }
    assert!(tally.of("texts read to their end") > RUNS / 2);
    // What is excused is rare.
    let twice = tally.of("runs in which a cookie was used twice");
    assert!(twice <= 3, "{twice} runs in which a cookie was used twice");
    for feature in Feature::ALL {
        let on = tally.features.get(feature).copied().unwrap_or_default();
        assert!(on > RUNS / 10 && on < RUNS * 9 / 10, "{feature:?} is on in {on} runs");
    }
}

#[test]
fn a_seed_gives_the_same_run_each_time_and_a_change_leaves_the_rest_as_it_was() {
    for seed in 0..50 {
        let [one, other] = [0, 1].map(|_| run(seed, &Change::default(), true));
        assert_eq!((&one.counts, &one.suffered, &one.story), (&other.counts, &other.suffered, &other.story));
        // What a run had, given as lists, gives the run again.
        let change = Change {
            off: BTreeSet::new(),
            events: Some(one.acts.iter().copied().collect()),
            faults: Some(one.suffered.iter().copied().collect()),
        };
        assert_eq!(run(seed, &change, true).counts, one.counts, "seed {seed}");
    }
}

#[test]
fn the_page_has_what_is_drawn_and_checked_today() {
    let page = include_str!("../../../docs/faults.md");
    assert!(is_current(page), "docs/faults.md is of an older swarm; its first line says how it is written");
    assert!(
        !is_current(&page.replace("| `memory` |", "| `mem` |")) && !is_current(&format!("{page}- More.\n"))
    );
}

#[test]
fn arguments_are_read_as_they_are_printed() {
    let change = Change {
        off: [Feature::Loss, Feature::Crash].into(),
        events: Some([3, 14].into()),
        faults: Some([(0, 12), (1, 5)].into()),
    };
    let mut read = Change::default();
    let printed = change.to_string().replace('\'', "");
    let words: Vec<_> = printed.split_whitespace().collect();
    for two in words.chunks(2) {
        assert_eq!(read.argument(two[0], two[1]), Ok(()));
    }
    assert_eq!(read, change);
    for (name, value) in [("--off", "rain"), ("--events", "x"), ("--faults", "2:1"), ("--on", "loss")] {
        assert!(read.argument(name, value).is_err(), "{name} {value}");
    }
}

/// What the explorer reads of the run's capture: segments, and those of them with rows.
fn captured(found: &Found) -> (usize, usize) {
    let file =
        std::env::temp_dir().join(format!("tcpspec-swarm-{}-{}.pcapng", found.seed, std::process::id()));
    found.capture(&file).expect("it can be written");
    let data = std::fs::read(&file).expect("it was written");
    let _ = std::fs::remove_file(&file);
    match tcpspec_explorer::files::import("run.pcapng", &STANDARD.encode(&data)) {
        Ok(tcpspec_explorer::api::Imported::Capture { segments }) => {
            (segments.len(), segments.iter().filter(|segment| !segment.comments.is_empty()).count())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_explorer_opens_what_is_captured() {
    let outcome = run(2, &Change::default(), true);
    assert!(outcome.counts["packets"] > 10);
    let found = Found { seed: 2, change: Change::default(), outcome, trap: None };
    let (segments, with_rows) = captured(&found);
    assert!(segments > 10 && with_rows > segments / 4, "{with_rows} of {segments}");
}

/// A fault of the stack that shows as a panic, once an end has crashed and three packets have suffered.
fn panics(counts: &Counts, suffered: usize) -> Result<(), String> {
    assert!(!counts.contains_key("crashes") || suffered < 3, "a fault put in");
    Ok(())
}

/// The same as an error.
fn errs(counts: &Counts, suffered: usize) -> Result<(), String> {
    if counts.contains_key("crashes") && suffered >= 3 { Err("a fault put in".to_owned()) } else { Ok(()) }
}

#[test]
fn a_run_that_fails_becomes_small_and_can_be_repeated_and_opened() {
    for (trap, says) in [(panics as Trap, "panic: a fault put in"), (errs, "a fault put in")] {
        let failing = |outcome: &Outcome| outcome.wrong.as_deref() == Some(says) && outcome.acts.len() > 3;
        let runs = (0..10_000).map(|seed| (seed, run_trapped(seed, &Change::default(), trap)));
        let (seed, whole) =
            runs.into_iter().find(|(_, outcome)| failing(outcome)).expect("one of them crashes");
        let found = shrink(seed, whole.clone(), Some(trap));
        assert_eq!(found.outcome.wrong.as_deref(), Some(says));
        assert_eq!((found.outcome.acts.len(), found.outcome.suffered.len()), (1, 3), "{}", found.command());
        assert!(found.outcome.features.len() < whole.features.len() / 2, "{}", found.command());
        // The line that is printed, read as `soak` reads it.
        let mut read = Change::default();
        let printed = found.change.to_string().replace('\'', "");
        for two in printed.split_whitespace().collect::<Vec<_>>().chunks(2) {
            read.argument(two[0], two[1]).expect("it is an argument");
        }
        assert_eq!(run_trapped(seed, &read, trap).counts, found.outcome.counts);
        let (segments, with_rows) = captured(&found);
        assert!(segments > 0 && with_rows > 0, "{with_rows} of {segments}: {}", found.command());
    }
}

//! A fixed number of runs of the swarm.

#![allow(clippy::panic, reason = "a test reports by panicking")]

use tcpspec_tests::swarm::{Change, run};

#[test]
fn what_holds_after_every_run() {
    let mut events = 0;
    for seed in 0..2000 {
        let done = run(seed, &Change::default(), true);
        if let Some(wrong) = done.wrong { println!("seed {seed}: {:.700}\n   {:?} {:?}", wrong, done.features, done.story); }
        events += done.counts["events"];
    }
    println!("{events} events");
}

//! Many runs: on how many threads is asked for, each seed once, the same figures whichever thread has run it.

use super::line::Counts;
use super::plan::{Change, Feature};
use super::run::{Outcome, run};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Figures of many runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often things happened.
    pub counts: Counts,
    /// In how many runs each feature was on.
    pub features: BTreeMap<Feature, u64>,
    /// Rows that fired.
    pub rows: BTreeSet<&'static str>,
    /// Seeds that fail, and how.
    pub failed: BTreeMap<u64, Outcome>,
}

impl Tally {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        for (name, count) in &outcome.counts {
            *self.counts.entry(name).or_default() += count;
        }
        for feature in &outcome.features {
            *self.features.entry(*feature).or_default() += 1;
        }
        self.rows.append(&mut outcome.rows.clone());
        if outcome.wrong.is_some() {
            self.failed.insert(seed, outcome);
        }
    }

    fn merge(&mut self, other: Self) {
        let Self { counts, features, mut rows, mut failed } = other;
        for (name, count) in counts {
            *self.counts.entry(name).or_default() += count;
        }
        for (feature, count) in features {
            *self.features.entry(feature).or_default() += count;
        }
        self.rows.append(&mut rows);
        self.failed.append(&mut failed);
    }

    /// How often this happened.
    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }
}

/// Runs these seeds, until `stop` says so. `told` hears of each seed that fails, at once.
pub fn runs(
    seeds: std::ops::Range<u64>,
    threads: usize,
    stop: &AtomicBool,
    told: impl Fn(u64, &Outcome) + Sync,
) -> Tally {
    let (next, all) = (AtomicU64::new(seeds.start), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut tally = Tally::default();
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let outcome = run(seed, &Change::default(), true);
                    if outcome.wrong.is_some() {
                        told(seed, &outcome);
                    }
                    tally.add(seed, outcome);
                }
                all.lock().unwrap_or_else(PoisonError::into_inner).merge(tally);
            });
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

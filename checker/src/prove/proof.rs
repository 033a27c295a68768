//! Goes through all cases of states and events, on several threads.

use super::end::Source;
use super::number::{Number, Symbolic, UnknownFacts};
use super::path::{self, Violation, keep};
use super::solver::{Program, Solver};
use super::term;
use super::theorem::{Beginning, Case, Theorem, cases};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tcpspec::{EventKind, State};

/// Cases that one thread takes at once: enough for the solver's answers to be used again, few enough to share.
const CHUNK: usize = 16;

/// Numbers of which nothing is known.
pub(super) struct Unknown;

impl Source<Symbolic> for Unknown {
    fn word(&self, name: &'static str) -> Number {
        Number::variable(name)
    }

    fn facts(&self) -> UnknownFacts {
        UnknownFacts::NOTHING
    }

    fn given(&self, _: &'static str) -> bool {
        // It is decided when a rule asks for it.
        false
    }
}

/// A claim that does not hold, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What does not hold.
    pub(crate) violation: Violation,
    /// The names of the variables.
    pub(crate) names: Vec<&'static str>,
    /// The case.
    pub(crate) case: Case,
    /// What was to be proven.
    pub(crate) theorem: Theorem,
}

/// What was proven of a state.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The state before each event.
    pub(crate) state: State,
    /// Paths that ran to their end.
    pub(crate) paths: u64,
    /// Questions that the solver was asked.
    pub(crate) queries: u64,
    /// Each claim that does not hold, with the fewest options that are not as they are by default.
    pub(crate) found: Vec<Found>,
    /// Why the solver had no answer, each time.
    pub(crate) unknown: Vec<String>,
    /// Time on the clock, from the first case to the last.
    pub(crate) took: Duration,
}

/// Proves a theorem of a state for these events, by this solver.
pub(crate) fn prove(
    theorem: Theorem,
    state: State,
    kinds: &[EventKind],
    program: &Program,
    timeout: Duration,
    threads: usize,
) -> Proof {
    let start = Instant::now();
    let all: Vec<Case> = kinds.iter().flat_map(|kind| cases(state, *kind)).collect();
    let chunks: Vec<&[Case]> = all.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    let proof = Mutex::new(Proof {
        state,
        paths: 0,
        queries: 0,
        found: Vec::new(),
        unknown: Vec::new(),
        took: Duration::ZERO,
    });
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                path::begin(Solver::new(program.clone(), timeout));
                while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for case in *chunk {
                        let outcome = one(theorem, *case);
                        let names = term::names();
                        let mut proof = proof.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        proof.paths += outcome.paths;
                        proof.queries += outcome.queries;
                        proof.unknown.extend(outcome.unknown);
                        for violation in outcome.violations {
                            let found = Found { violation, names: names.clone(), case: *case, theorem };
                            keep(&mut proof.found, found, |found| &found.violation);
                        }
                    }
                }
            });
        }
    });
    let mut proof = proof.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    proof.took = start.elapsed();
    proof
}

/// Goes through all paths of a case.
pub(super) fn one(theorem: Theorem, case: Case) -> path::Outcome {
    let beginning = Beginning::<Symbolic>::new(case, &Unknown);
    path::all_paths(|| {
        if beginning.prove(theorem, &mut |claim| path::claim_that(claim, false)).is_some() {
            path::completed();
        }
    })
}

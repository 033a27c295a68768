//! Goes through all cases and lemmas, on several threads, and repeats counterexamples with integers.

use super::lemma::{self, Lemma};
use super::pair::View;
use super::step::{Beginning, cases};
use crate::prove::number::Symbolic;
use crate::prove::path::{self, Violation, keep};
use crate::prove::proof::Unknown;
use crate::prove::replay::Values;
use crate::prove::run::{Case, Run};
use crate::prove::solver::{Program, Solver};
use crate::prove::term;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tcpspec::mutants::Mutant;
use tcpspec::{EventKind, Full, State};

/// Parts that one thread takes at once.
const CHUNK: usize = 4;

/// A part of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// An event at an end, of the machine or of one with a fault.
    Step(Case, Option<Mutant>),
    /// What does not depend on an event.
    Lemma(Lemma),
}

/// A claim that does not hold, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What does not hold.
    pub(crate) violation: Violation,
    /// The names of the variables.
    pub(crate) names: Vec<&'static str>,
    /// Where.
    pub(crate) part: Part,
}

/// What was proven of a state, or of all lemmas.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The state before each event. `None`: the lemmas.
    pub(crate) state: Option<State>,
    /// Paths that ran to their end.
    pub(crate) paths: u64,
    /// Questions that the solver was asked.
    pub(crate) queries: u64,
    /// Each claim that does not hold, with the fewest options that are not as they are by default.
    pub(crate) found: Vec<Found>,
    /// Why the solver had no answer, each time.
    pub(crate) unknown: Vec<String>,
    /// Time on the clock, from the first part to the last.
    pub(crate) took: Duration,
}

/// The word for what does not depend on a state.
pub(crate) const LEMMAS: &str = "lemmas";

impl Proof {
    /// The state, or the word for the lemmas.
    pub(crate) fn name(&self) -> &'static str {
        self.state.map_or(LEMMAS, State::name)
    }

    /// Whether something was looked at, the solver had an answer to each question, and all holds with the options as they are by default. Each counterexample with others must be one
    /// that can be repeated.
    pub(crate) fn is_proven(&self) -> bool {
        let is_optional = |found: &Found| !found.violation.deviations.is_empty() && repeat(found).is_some();
        self.paths > 0 && self.unknown.is_empty() && self.found.iter().all(is_optional)
    }
}

/// All parts of a state, or all lemmas. With a fault, only the events of its row.
pub(crate) fn parts(state: Option<State>, fault: Option<Mutant>) -> Vec<Part> {
    let Some(state) = state else { return lemma::all().into_iter().map(Part::Lemma).collect() };
    let is_concerned = |kind: &EventKind| fault.is_none_or(|fault| fault.row.info().event == *kind);
    let kinds = EventKind::ALL.into_iter().filter(is_concerned);
    kinds.flat_map(|kind| cases(state, kind)).map(|case| Part::Step(case, fault)).collect()
}

/// Proves all that concerns a state, or all lemmas, by this solver; of the machine, or of one with a fault.
pub(crate) fn prove(
    state: Option<State>,
    fault: Option<Mutant>,
    program: &Program,
    timeout: Duration,
    threads: usize,
) -> Proof {
    let start = Instant::now();
    let all = parts(state, fault);
    let chunks: Vec<&[Part]> = all.chunks(CHUNK).collect();
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
                    for part in *chunk {
                        let outcome = one(*part);
                        let names = term::names();
                        let mut proof = proof.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        proof.paths += outcome.paths;
                        proof.queries += outcome.queries;
                        proof.unknown.extend(outcome.unknown);
                        for violation in outcome.violations {
                            let found = Found { violation, names: names.clone(), part: *part };
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

/// Goes through all paths of a part.
pub(super) fn one(part: Part) -> path::Outcome {
    let mut violated = |claim: &str| path::claim_that(claim, false);
    match part {
        Part::Step(case, mutant) => {
            let beginning = Beginning::<Symbolic>::new(case, &Unknown);
            path::all_paths(true, || {
                if beginning.prove(mutant, &mut violated).is_some() {
                    path::completed();
                }
            })
        }
        Part::Lemma(lemma) => path::all_paths(true, || {
            if lemma.prove::<Symbolic>(&Unknown, &mut violated) {
                path::completed();
            }
        }),
    }
}

/// A counterexample on integers.
pub(crate) enum Repeated {
    /// The event, and the other end.
    Step(Box<Run<Full>>, View<Full>),
    /// A lemma has no event.
    Lemma,
}

/// Repeats a counterexample on the machine of 32 bits. `None` if the same claim does not fail there, too.
pub(crate) fn repeat(found: &Found) -> Option<Repeated> {
    let values = Values { violation: &found.violation, names: &found.names };
    let mut fails = false;
    let mut violated = |claim: &str| fails |= claim == found.violation.claim;
    let repeated = match found.part {
        Part::Step(case, mutant) => {
            let beginning = Beginning::<Full>::new(case, &values);
            let run = beginning.prove(mutant, &mut violated)?;
            Repeated::Step(Box::new(run), beginning.other)
        }
        Part::Lemma(lemma) => {
            lemma.prove::<Full>(&values, &mut violated);
            Repeated::Lemma
        }
    };
    fails.then_some(repeated)
}

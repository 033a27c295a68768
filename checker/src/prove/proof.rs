//! Goes through all cases of states and events, on several threads.

use super::end::Source;
use super::equivalent::needs;
use super::number::{Number, Symbolic, UnknownFacts};
use super::path::{self, keep};
use super::replay::{Found, replay};
use super::run::{Beginning, Case, cases};
use super::solver::{Program, Solver};
use super::term;
use super::theorem::{Theorem, needed};
use rapidhash::v3::rapidhash_v3;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tcpspec::{EventKind, State};

/// Cases that belong together: enough for the solver's answers to be used again, few enough to share.
const CHUNK: usize = 16;
/// Groups of cases that know nothing of each other's answers. Their number is the same on every machine, and so are their questions.
const LANES: usize = 8;

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

/// What was proven of a state.
#[derive(Debug)]
pub(crate) struct Proof {
    /// What was to be proven.
    pub(crate) theorem: Theorem,
    /// The state before each event.
    pub(crate) state: State,
    /// Cases that were gone through.
    pub(crate) cases: usize,
    /// All cases of the state and the events.
    pub(crate) all_cases: usize,
    /// Paths that ran to their end.
    pub(crate) paths: u64,
    /// Events of which cases were gone through and no path ran to its end.
    pub(crate) silent: Vec<EventKind>,
    /// Questions that the solver was asked.
    pub(crate) queries: u64,
    /// Each claim that does not hold, with the fewest options that are not as they are by default.
    pub(crate) found: Vec<Found>,
    /// Why the solver had no answer, each time.
    pub(crate) unknown: Vec<String>,
    /// Time on the clock, from the first case to the last.
    pub(crate) took: Duration,
}

/// One in so many groups of cases, as a seed says.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// So many groups stand for one that is taken.
    pub(crate) one_in: u64,
    /// Another seed takes other groups.
    pub(crate) seed: String,
}

impl Proof {
    /// Whether the solver had an answer to each question, and all holds with the options that it needs. Each counterexample without them must be one that can be repeated.
    pub(crate) fn is_proven(&self) -> bool {
        let is_allowed = |found: &Found| self.needs_option(found) && replay(found).is_some();
        // Where nothing was looked at, nothing was shown. A part may have only cases of an event that cannot come.
        let was_looked_at =
            if self.cases == self.all_cases { self.silent.is_empty() } else { self.paths > 0 };
        let was_looked_at = was_looked_at || self.cases == 0;
        was_looked_at && self.unknown.is_empty() && self.found.iter().all(is_allowed)
    }

    /// Whether this says only what is needed: the option that a claim needs, one that its reason names for a mutant. The match that was written by hand needs none.
    pub(crate) fn needs_option(&self, found: &Found) -> bool {
        let deviations = &found.violation.deviations;
        match self.theorem {
            Theorem::Claims(_) => {
                needed(&found.violation.claim).is_some_and(|option| deviations.contains(&option))
            }
            Theorem::Same(mutant) => needs(mutant).iter().any(|option| deviations.contains(option)),
            Theorem::SameBody(_) | Theorem::Hand(_) | Theorem::SecondOpinion(_) => false,
        }
    }
}

impl Part {
    /// Whether this group is one of them.
    pub(super) fn takes(&self, theorem: Theorem, chunk: &[Case]) -> bool {
        let Some(first) = chunk.first() else { return false };
        let name = format!("{} {theorem:?} {first:?}", self.seed);
        rapidhash_v3(name.as_bytes()).is_multiple_of(self.one_in)
    }
}

/// How proofs are made.
#[derive(Clone, Debug)]
pub(crate) struct Means {
    /// The solver.
    pub(crate) program: Program,
    /// How long it may think about a question.
    pub(crate) timeout: Duration,
    /// Threads.
    pub(crate) threads: usize,
    /// What is taken; nothing: all.
    pub(crate) part: Option<Part>,
}

/// Proves a theorem of a state for these events. Whatever the number of threads, the same questions are asked.
pub(crate) fn prove(theorem: Theorem, state: State, kinds: &[EventKind], means: &Means) -> Proof {
    let start = Instant::now();
    let all: Vec<Case> = kinds.iter().flat_map(|kind| cases(state, *kind)).collect();
    let is_taken = |chunk: &&[Case]| means.part.as_ref().is_none_or(|part| part.takes(theorem, chunk));
    let chunks: Vec<&[Case]> = all.chunks(CHUNK).filter(is_taken).collect();
    let next = AtomicUsize::new(0);
    let proof = Mutex::new(Proof {
        theorem,
        state,
        cases: chunks.iter().map(|chunk| chunk.len()).sum(),
        all_cases: all.len(),
        paths: 0,
        silent: kinds.iter().copied().filter(|kind| chunks.iter().any(|chunk| has(chunk, *kind))).collect(),
        queries: 0,
        found: Vec::new(),
        unknown: Vec::new(),
        took: Duration::ZERO,
    });
    let lane = |lane: usize| {
        path::begin(Solver::new(means.program.clone(), means.timeout));
        for case in chunks.iter().skip(lane).step_by(LANES).copied().flatten() {
            let outcome = one(theorem, *case);
            let names = term::names();
            let mut proof = proof.lock().unwrap_or_else(PoisonError::into_inner);
            proof.paths += outcome.paths;
            if outcome.paths > 0 {
                proof.silent.retain(|kind| *kind != case.kind);
            }
            proof.queries += outcome.queries;
            proof.unknown.extend(outcome.unknown);
            for violation in outcome.violations {
                let found = Found { violation, names: names.clone(), case: *case, theorem };
                keep(&mut proof.found, found, |found| &found.violation);
            }
        }
    };
    let lanes = LANES.min(chunks.len());
    std::thread::scope(|scope| {
        for _ in 0..means.threads.max(1) {
            scope.spawn(|| {
                let mut mine = next.fetch_add(1, Ordering::Relaxed);
                while mine < lanes {
                    // A thread of its own, so that no lane begins with another's terms.
                    let has_ended = std::thread::scope(|scope| scope.spawn(|| lane(mine)).join());
                    if has_ended.is_err() {
                        let mut proof = proof.lock().unwrap_or_else(PoisonError::into_inner);
                        proof.unknown.push("the prover has panicked".to_owned());
                    }
                    mine = next.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let mut proof = proof.into_inner().unwrap_or_else(PoisonError::into_inner);
    // The lanes end in any order.
    proof.found.sort_by(|a, b| {
        let key = |found: &Found| (found.violation.claim.clone(), found.violation.deviations.clone());
        key(a).cmp(&key(b))
    });
    proof.took = start.elapsed();
    proof
}

fn has(cases: &[Case], kind: EventKind) -> bool {
    cases.iter().any(|case| case.kind == kind)
}

/// The proofs about mutants, those of each together, in their order.
pub(crate) fn by_mutant(proofs: &[Proof]) -> Vec<(Theorem, Vec<&Proof>)> {
    let mut all: Vec<(Theorem, Vec<&Proof>)> = Vec::new();
    for proof in proofs.iter().filter(|proof| proof.theorem.mutant().is_some()) {
        match all.last_mut() {
            Some((last, of)) if *last == proof.theorem => of.push(proof),
            _ => all.push((proof.theorem, vec![proof])),
        }
    }
    all
}

/// Goes through all paths of a case.
pub(super) fn one(theorem: Theorem, case: Case) -> path::Outcome {
    let beginning = Beginning::<Symbolic>::new(case, &Unknown);
    // Where two machines are compared, sizes are nobody's business: they are claimed of the machine itself.
    path::all_paths(matches!(theorem, Theorem::Claims(_)), || {
        if beginning.prove(theorem, &mut |claim| path::claim_that(claim, false)).is_some() {
            path::completed();
        }
    })
}

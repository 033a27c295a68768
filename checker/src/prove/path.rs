//! Paths: what is proven runs once for each way that its questions can be answered, and the solver says which ways there are.

use super::solver::{Answer, Solver};
use super::term::{self, Question};
use rapidhash::RapidHashMap as HashMap;
use std::cell::RefCell;
use std::mem;
use tcpspec::TABLE;

/// How many models are tried before the solver is asked.
const MODELS: usize = 8;

/// A claim that does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// The claim.
    pub(crate) claim: String,
    /// The options that are not as they are by default, in order.
    pub(crate) deviations: Vec<&'static str>,
    /// The values of the variables.
    pub(crate) model: Vec<u32>,
    /// The facts and options that were asked for.
    pub(crate) facts: Vec<(&'static str, bool)>,
}

/// Keeps a violation, unless one is known that needs no other deviations. Returns whether it was kept.
pub(crate) fn keep<T>(kept: &mut Vec<T>, new: T, violation: impl Fn(&T) -> &Violation) -> bool {
    let includes = |more: &Violation, less: &Violation| {
        more.claim == less.claim && less.deviations.iter().all(|option| more.deviations.contains(option))
    };
    if kept.iter().any(|known| includes(violation(&new), violation(known))) {
        return false;
    }
    kept.retain(|known| !includes(violation(known), violation(&new)));
    kept.push(new);
    true
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Paths that ran to their end.
    pub(crate) paths: u64,
    /// Questions that the solver answered.
    pub(crate) queries: u64,
    /// Claims that do not hold, each name once.
    pub(crate) violations: Vec<Violation>,
    /// Why the solver had no answer; each time counts as not proven.
    pub(crate) unknown: Vec<String>,
}

/// Answers so far, and a model that satisfies them.
#[derive(Clone, Debug, Default)]
struct Beginning {
    answers: Vec<bool>,
    model: Vec<u32>,
}

#[derive(Debug)]
struct Path {
    solver: Solver,
    /// What the solver has said.
    known: HashMap<Vec<Question>, Answer>,
    models: Vec<Vec<u32>>,
    pending: Vec<Beginning>,
    outcome: Outcome,
    /// Whether it is claimed that integers would hold all numbers.
    claims_sizes: bool,
    /// What follows on this path does not matter.
    settled: bool,
    /// Nothing matters but whether the fault is met, and whether it was.
    meeting: Option<bool>,
    // Of this path.
    beginning: Beginning,
    answers: Vec<bool>,
    decided: HashMap<Question, bool>,
    /// What numbers must satisfy.
    conditions: Vec<Question>,
    facts: Vec<(Question, bool)>,
}

thread_local! {
    static PATH: RefCell<Option<Path>> = const { RefCell::new(None) };
}

fn with<T>(act: impl FnOnce(&mut Path) -> T) -> Option<T> {
    PATH.with_borrow_mut(|path| path.as_mut().map(act))
}

/// Gives this thread a solver. What it has answered before is kept.
pub(crate) fn begin(solver: Solver) {
    PATH.set(Some(Path {
        solver,
        known: HashMap::default(),
        models: Vec::new(),
        pending: Vec::new(),
        outcome: Outcome::default(),
        claims_sizes: true,
        settled: false,
        meeting: None,
        beginning: Beginning::default(),
        answers: Vec::new(),
        decided: HashMap::default(),
        conditions: Vec::new(),
        facts: Vec::new(),
    }));
}

/// Runs it once for each path. It must do the same whenever its questions are answered in the same way. `claims_sizes`: it is claimed as well that integers would hold all numbers.
pub(crate) fn all_paths(claims_sizes: bool, mut run: impl FnMut()) -> Outcome {
    with(|path| {
        path.claims_sizes = claims_sizes;
        path.pending.push(Beginning::default());
    });
    while with(Path::next).unwrap_or_default() {
        run();
    }
    with(|path| mem::take(&mut path.outcome)).unwrap_or_default()
}

/// Which way this path goes.
pub(crate) fn decide(question: Question) -> bool {
    with(|path| path.decide(question)).unwrap_or_default()
}

/// What follows on this path does not matter, or does again. While it does not, nothing is asked and every answer is no.
pub(crate) fn settle(settled: bool) {
    with(|path| path.settled = settled);
}

/// Whether the machine comes to its fault where it runs like this. What follows the fault is not looked at. Without a path it may.
pub(crate) fn meets_fault(run: impl FnOnce()) -> bool {
    with(|path| path.meeting = Some(false));
    run();
    let met = with(|path| {
        path.settled = false;
        path.meeting.take()
    });
    met.flatten().unwrap_or(true)
}

/// Runs it on integers: nothing is asked.
pub(super) fn without<T>(run: impl FnOnce() -> T) -> T {
    let path = PATH.take();
    let result = run();
    PATH.set(path);
    result
}

/// The machine has come to its fault.
pub(super) fn meet() {
    with(|path| {
        if path.meeting.is_some() {
            (path.meeting, path.settled) = (Some(true), true);
        }
    });
}

/// Claims that the question can only be answered by yes on this path.
pub(crate) fn claim(name: &str, question: Question) {
    with(|path| path.claim(name, question));
}

/// Claims that an integer would hold a number.
pub(crate) fn claim_size(name: &str, question: Question) {
    with(|path| {
        if path.claims_sizes {
            path.claim(name, question);
        }
    });
}

/// A claim about what this path has already decided.
pub(crate) fn claim_that(name: &str, holds: bool) {
    claim(name, Question::TRUE.if_not(holds));
}

/// The path ends here as one that was looked at.
pub(crate) fn completed() {
    with(|path| path.outcome.paths += 1);
}

impl Path {
    fn next(&mut self) -> bool {
        let Some(beginning) = self.pending.pop() else { return false };
        self.beginning = beginning;
        self.settled = false;
        self.answers.clear();
        self.decided.clear();
        self.conditions.clear();
        self.facts.clear();
        true
    }

    fn decide(&mut self, question: Question) -> bool {
        let (question, is_positive) = question.positive();
        if question == Question::TRUE {
            return is_positive;
        }
        if self.settled {
            return false;
        }
        if let Some(answer) = self.decided.get(&question) {
            return *answer == is_positive;
        }
        let is_fact = term::is_fact(question);
        let answer = match self.beginning.answers.get(self.answers.len()) {
            Some(answer) => *answer,
            None if is_fact => {
                self.branch(false, self.beginning.model.clone());
                true
            }
            None => {
                let answer = term::answer(question, &self.beginning.model);
                match self.check(question.if_not(!answer)) {
                    Answer::Satisfiable(values) => {
                        let model = merged(&self.beginning.model, &values);
                        self.branch(!answer, model);
                    }
                    Answer::Unsatisfiable => {}
                    Answer::Nothing(why) => self.outcome.unknown.push(why),
                }
                answer
            }
        };
        self.answers.push(answer);
        self.decided.insert(question, answer);
        if is_fact {
            self.facts.push((question, answer));
        } else {
            self.conditions.push(question.if_not(answer));
        }
        answer == is_positive
    }

    /// Another path that begins as this one and goes on otherwise.
    fn branch(&mut self, answer: bool, model: Vec<u32>) {
        let mut answers = self.answers.clone();
        answers.push(answer);
        self.pending.push(Beginning { answers, model });
    }

    fn claim(&mut self, name: &str, question: Question) {
        let (positive, sign) = question.positive();
        let is_decided = positive == Question::TRUE || self.decided.contains_key(&positive);
        if is_decided {
            let holds =
                if positive == Question::TRUE { sign } else { self.decided.get(&positive) == Some(&sign) };
            if !holds {
                self.violated(name, self.beginning.model.clone());
            }
            return;
        }
        if term::variables(question).is_empty() {
            // A fact that nothing has asked for yet can be either way.
            self.violated(name, self.beginning.model.clone());
            return;
        }
        match self.check(question.not()) {
            Answer::Unsatisfiable => {
                self.decided.insert(positive, sign);
            }
            Answer::Satisfiable(values) => {
                let model = merged(&self.beginning.model, &values);
                self.violated(name, model);
            }
            Answer::Nothing(why) => self.outcome.unknown.push(why),
        }
    }

    fn violated(&mut self, claim: &str, model: Vec<u32>) {
        let facts: Vec<(&'static str, bool)> =
            self.facts.iter().filter_map(|(fact, yes)| Some((term::fact_name(*fact)?, *yes))).collect();
        let deviates = |(name, on): &&(&'static str, bool)| {
            TABLE.options.iter().any(|option| option.name == *name && option.default != *on)
        };
        let mut deviations: Vec<_> = facts.iter().filter(deviates).map(|(name, _)| *name).collect();
        deviations.sort_unstable();
        let violation = Violation { claim: claim.to_owned(), deviations, model, facts };
        keep(&mut self.outcome.violations, violation, |violation| violation);
    }

    /// Whether the question can be answered by yes on this path. Only conditions that share numbers with it matter.
    fn check(&mut self, question: Question) -> Answer {
        let mut concerned = term::variables(question);
        let mut slice = vec![question];
        let mut rest: Vec<Question> = self.conditions.clone();
        loop {
            let (near, far): (Vec<_>, Vec<_>) = rest.into_iter().partition(|condition| {
                term::variables(*condition).iter().any(|variable| concerned.contains(variable))
            });
            rest = far;
            if near.is_empty() {
                break;
            }
            for condition in near {
                for variable in term::variables(condition) {
                    if !concerned.contains(&variable) {
                        concerned.push(variable);
                    }
                }
                slice.push(condition);
            }
        }
        slice.sort_unstable();
        slice.dedup();
        if let Some(answer) = self.known.get(&slice) {
            return answer.clone();
        }
        for model in self.models.iter().rev() {
            if slice.iter().all(|condition| term::answer(*condition, model)) {
                let value = |variable: &usize| (*variable, model.get(*variable).copied().unwrap_or_default());
                return Answer::Satisfiable(concerned.iter().map(value).collect());
            }
        }
        self.outcome.queries += 1;
        let texts: Vec<String> = slice.iter().map(|condition| term::smt(*condition)).collect();
        let answer = self.solver.ask(&texts, term::names().len(), &concerned);
        if let Answer::Satisfiable(values) = &answer {
            self.models.push(merged(&self.beginning.model, values));
            if self.models.len() > MODELS {
                self.models.remove(0);
            }
        }
        if !matches!(answer, Answer::Nothing(_)) {
            self.known.insert(slice, answer.clone());
        }
        answer
    }
}

fn merged(model: &[u32], values: &[(usize, u32)]) -> Vec<u32> {
    let mut merged = model.to_vec();
    for (variable, value) in values {
        if merged.len() <= *variable {
            merged.resize(variable + 1, 0);
        }
        merged[*variable] = *value;
    }
    merged
}

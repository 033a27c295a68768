//! Explores a scenario and says what became of its claims.
//!
//! The exploration decides *whether* a claim holds; the shortest counterexample comes from a search of its own. Our engine does that by
//! itself. stateright 0.31's breadth-first search overwrites a counterexample with later, longer ones, and with several threads its order is not
//! strict: there, too, the path comes from a run with one thread and that one property, which stops at the first discovery. `eventually`
//! (overlooks cycles) and `target_max_depth` (truncates silently) are not used at all: claims about runs are decided by [`liveness`] on a graph of its own.

#[cfg(test)]
mod controls;
mod each;
pub(crate) mod estimate;
pub(crate) mod liveness;
mod plan;
#[cfg(test)]
mod reductions;
mod system;
#[cfg(test)]
mod tests;

use crate::engine::{self, Outcome, Stop, memory};
use crate::own::Own;
pub(crate) use each::{News, each};
use liveness::{Lasso, Reached, Worlds};
pub(crate) use plan::{Engine, Expected, Plan, default_threads};
use serde::Serialize;
use stateright::Checker;
use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};
use system::System;
use tcpspec::Row;
use tcpspec::model::{Action, ActionKind, Claim, Kind, MOST_CLAIMS, Scenario, Step, Tcp};

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// Always: no reachable world contradicts it. Sometimes: a world shows it.
    Holds,
    /// Always: a reachable world contradicts it. Sometimes: no world shows it.
    Violated,
    /// Violated, as the variant is there to show.
    FailsAsExpected,
    /// Expected to fail, but holds.
    UnexpectedlyHolds,
    /// About runs, and the graph of all worlds does not fit in memory.
    Undecided,
    /// Not decided by what was explored before the exploration was stopped.
    Open,
}

/// A claim and its verdict.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) claim: Claim,
    pub(crate) verdict: Verdict,
    /// The shortest counterexample, if there is one and the plan asks for it.
    pub(crate) path: Option<Vec<Step>>,
    /// The step of the path from which on it repeats for ever.
    pub(crate) repeats_from: Option<usize>,
}

/// How far an exploration is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SoFar {
    /// Worlds are explored.
    Worlds {
        unique: u64,
        generated: u64,
        depth: u64,
        /// Which of the claims that single worlds decide have been, a bit for each, in the scenario's order.
        decided: u64,
        time: Duration,
    },
    /// The graph on which claims about runs are decided has so many worlds.
    Graph(usize),
}

impl fmt::Display for SoFar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worlds { unique, generated, depth, decided: _, time } => {
                write!(f, "{unique} unique of {generated} states, depth {depth}, {:.0} s", time.as_secs_f64())
            }
            Self::Graph(worlds) => write!(f, "{worlds} worlds of the graph for liveness"),
        }
    }
}

/// What an exploration found.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) scenario: Scenario,
    pub(crate) findings: Vec<Finding>,
    pub(crate) unique: usize,
    pub(crate) total: usize,
    pub(crate) depth: usize,
    pub(crate) time: Duration,
    pub(crate) fired: Vec<Row>,
    /// Kinds of action that happened.
    pub(crate) happened: Vec<ActionKind>,
    /// Worlds of the graph on which claims about runs were decided, if there are such claims and it fitted.
    pub(crate) graph: Option<usize>,
    /// Everything within the bounds was explored.
    pub(crate) complete: bool,
    /// Why it was not.
    pub(crate) stopped: Option<Stop>,
    /// The most memory that this process ever had, in bytes.
    pub(crate) peak_memory: Option<u64>,
}

impl Report {
    /// The kinds of action that the scenario expects and that have not happened, though all worlds were explored: what was explored is less than it says.
    pub(crate) fn missing(&self) -> Vec<ActionKind> {
        if !self.complete {
            return Vec::new();
        }
        ActionKind::expected(&self.scenario).filter(|kind| !self.happened.contains(kind)).collect()
    }

    /// Whether every claim came out as it should, all worlds considered, and all happened that should.
    pub(crate) fn holds(&self) -> bool {
        self.stopped.is_none()
            && self.missing().is_empty()
            && self.findings.iter().all(|f| matches!(f.verdict, Verdict::Holds | Verdict::FailsAsExpected))
    }

    /// The chance that two of the states had the same 64-bit fingerprint, so that one was overlooked: about n²/2⁶⁵.
    pub(crate) fn collision_chance(&self) -> f64 {
        (self.unique as f64).powi(2) / 2f64.powi(65)
    }
}

/// Explores a scenario; `progress` hears from time to time how far it is.
pub(crate) fn run(
    scenario: &Scenario,
    plan: &Plan,
    mut progress: impl FnMut(SoFar),
) -> Result<Report, String> {
    through(scenario, plan, &mut |_| {}, &mut progress)
}

/// What hears how far an exploration is. One type for all callers: else the compiler would make an engine for each.
type Hears<'a> = &'a mut dyn FnMut(SoFar);

/// The same, and `explored` hears how many states there are before all is known of them.
fn through(
    scenario: &Scenario,
    plan: &Plan,
    explored: &mut dyn FnMut(usize),
    progress: Hears<'_>,
) -> Result<Report, String> {
    let claims = scenario.claims.len();
    match plan.rules.get(scenario.name) {
        None if claims > MOST_CLAIMS => Err(format!(
            "scenario {}: it has {claims} claims; {MOST_CLAIMS} can be asked at once",
            scenario.name
        )),
        None => through_model(Tcp::new(scenario), plan, explored, progress),
        Some(rules) => through_model(Own::new(scenario, rules), plan, explored, progress),
    }
}

fn through_model<M: System>(
    model: M,
    plan: &Plan,
    explored: &mut dyn FnMut(usize),
    progress: Hears<'_>,
) -> Result<Report, String> {
    let worlds = Explored::new(model, plan, progress)?;
    explored(worlds.report.unique);
    worlds.finish(plan, progress)
}

/// The claims that single worlds decide, or single steps, with their places.
fn about_worlds(scenario: &Scenario) -> impl Iterator<Item = (usize, &Claim)> {
    scenario.claims.iter().enumerate().filter(|(_, claim)| !claim.kind.is_about_runs())
}

/// A scenario whose worlds are explored. Counterexamples, and claims about runs, may still be open.
struct Explored<M> {
    model: M,
    report: Report,
    /// The findings that lack their counterexample.
    unshown: Vec<usize>,
    /// The graph of all worlds, if they were explored as one.
    worlds: Option<Worlds<M>>,
}

impl<M: System> Explored<M> {
    /// Explores the worlds.
    fn new(model: M, plan: &Plan, progress: Hears<'_>) -> Result<Self, String> {
        match plan.engine {
            Engine::Timely if is_graph(model.scenario(), plan) => run_graph(model, plan, progress),
            Engine::Timely => run_timely(model, plan, progress),
            Engine::Stateright => {
                let report = run_stateright(&model, plan, progress);
                Ok(Self { model, report, unshown: Vec::new(), worlds: None })
            }
        }
    }

    /// Searches for counterexamples, and decides claims about runs.
    fn finish(self, plan: &Plan, progress: Hears<'_>) -> Result<Report, String> {
        let Self { model, mut report, unshown, worlds } = self;
        model.fault()?;
        if !plan.cluster.reports() {
            return Ok(report);
        }
        let names: Vec<&str> =
            unshown.iter().filter_map(|at| report.findings.get(*at)).map(|f| f.claim.name).collect();
        let paths = shortest_in(&model, &names, plan);
        for (at, path) in unshown.into_iter().zip(paths) {
            if let Some(finding) = report.findings.get_mut(at) {
                finding.path = path;
            }
        }
        if liveness::is_asked(&report.scenario) {
            decide_about_runs(&mut report, &model, worlds, plan, progress);
        }
        model.fault()?;
        Ok(report)
    }
}

/// Claims about runs, on the graph of all worlds.
fn decide_about_runs<M: System>(
    report: &mut Report,
    model: &M,
    worlds: Option<Worlds<M>>,
    plan: &Plan,
    progress: Hears<'_>,
) {
    let start = Instant::now();
    let scenario = report.scenario;
    let worlds = match report.stopped {
        None => worlds.or_else(|| {
            Worlds::explore(model, plan.cluster.workers, &mut |reached| {
                progress(SoFar::Graph(reached.worlds));
                report.stopped = plan.stop();
                report.stopped.is_none()
            })
            .ok()
        }),
        Some(_) => None,
    };
    for claim in scenario.claims.iter().filter(|claim| claim.kind.is_about_runs()) {
        let finding = match &worlds {
            None => Finding { claim: *claim, verdict: Verdict::Undecided, path: None, repeats_from: None },
            Some(worlds) => {
                let lasso = worlds.refute(claim);
                let verdict = judge(claim, lasso.is_none());
                let (path, repeats_from) = match lasso {
                    Some(Lasso { steps, repeats_from }) => (Some(steps), repeats_from),
                    None => (None, None),
                };
                Finding { claim: *claim, verdict, path, repeats_from }
            }
        };
        report.findings.push(finding);
    }
    report.graph = worlds.map(|worlds| worlds.len());
    report.time += start.elapsed();
}

/// What has happened, as bits for [`engine::explore`]: kinds of action in the first word, rows in the others.
fn happened<M: System>(model: &M) -> Vec<u64> {
    let mut bits = vec![0; 1 + Row::COUNT.div_ceil(64)];
    bits[0] = model.happened();
    for row in Row::ALL.into_iter().filter(|row| model.tcp().coverage.has(*row)) {
        bits[1 + row as usize / 64] |= 1 << (row as usize % 64);
    }
    bits
}

/// The kinds whose bits are set.
fn kinds(bits: u64) -> Vec<ActionKind> {
    ActionKind::ALL.into_iter().filter(|kind| bits & 1 << kind.index() != 0).collect()
}

/// Whether the worlds of a scenario are explored as a graph, which claims about runs need anyway.
fn is_graph(scenario: &Scenario, plan: &Plan) -> bool {
    liveness::is_asked(scenario) && plan.cluster.hosts.is_empty() && plan.limits.states.is_none()
}

/// The worlds as a graph; by the engine if they do not fit into one.
fn run_graph<M: System>(model: M, plan: &Plan, progress: Hears<'_>) -> Result<Explored<M>, String> {
    let start = Instant::now();
    let mut stopped = None;
    let explored = Worlds::explore(&model, plan.cluster.workers, &mut |reached| {
        let Reached { worlds, generated, depth, decided } = reached;
        let (unique, generated, depth) = (worlds as u64, generated as u64, depth as u64);
        progress(SoFar::Worlds { unique, generated, depth, decided, time: start.elapsed() });
        stopped = plan.stop();
        stopped.is_none()
    });
    let reached = match &explored {
        Ok(worlds) => worlds.reached(),
        Err(_) if stopped.is_none() => return run_timely(model, plan, progress),
        Err(reached) => *reached,
    };
    let decided: Vec<bool> =
        (0..about_worlds(model.scenario()).count()).map(|n| reached.decided & 1 << n != 0).collect();
    let outcome = Outcome {
        unique: reached.worlds as u64,
        generated: reached.generated as u64,
        depth: Some(reached.depth as u64),
        decided: decided.into_iter().map(|is| is.then_some(0)).collect(),
        marks: happened(&model),
        stopped,
    };
    Ok(Explored { worlds: explored.ok(), ..explored_as(model, &outcome, start.elapsed(), plan) })
}

fn run_timely<M: System>(model: M, plan: &Plan, progress: Hears<'_>) -> Result<Explored<M>, String> {
    let start = Instant::now();
    let outcome = engine::explore(&model, &plan.cluster, &plan.limits, happened, |so_far| {
        let engine::Progress { unique, generated, level, decided } = so_far;
        progress(SoFar::Worlds { unique, generated, depth: level, decided, time: start.elapsed() });
    });
    // A closure that has panicked is the reason of whatever came of it.
    model.fault()?;
    let outcome = outcome?;
    Ok(explored_as(model, &outcome, start.elapsed(), plan))
}

/// What an exploration says of claims that single worlds decide.
fn explored_as<M: System>(model: M, outcome: &Outcome, time: Duration, plan: &Plan) -> Explored<M> {
    let scenario = model.scenario();
    let peak_memory = memory::peak();
    let mut unshown = Vec::new();
    let findings = (0..)
        .zip(about_worlds(scenario).zip(&outcome.decided))
        .map(|(place, ((in_list, claim), decided))| {
            let decided = decided.is_some() || model.is_decided_by_steps(in_list);
            if decided && is_shown(claim, scenario, plan) {
                unshown.push(place);
            }
            let verdict = verdict(claim, decided, outcome.stopped.is_none());
            Finding { claim: *claim, verdict, path: None, repeats_from: None }
        })
        .collect();
    let has_fired = |row: &Row| {
        let word = outcome.marks.get(1 + *row as usize / 64).copied().unwrap_or_default();
        word & 1 << (*row as usize % 64) != 0
    };
    let report = Report {
        scenario: *scenario,
        findings,
        unique: outcome.unique as usize,
        total: outcome.generated as usize,
        depth: outcome.depth.unwrap_or(0) as usize,
        time,
        fired: Row::ALL.into_iter().filter(has_fired).collect(),
        happened: kinds(outcome.marks.first().copied().unwrap_or_default()),
        graph: None,
        complete: outcome.stopped.is_none(),
        stopped: outcome.stopped,
        peak_memory,
    };
    Explored { model, report, unshown, worlds: None }
}

fn run_stateright<M: System>(model: &M, plan: &Plan, progress: Hears<'_>) -> Report {
    let start = Instant::now();
    let scenario = model.scenario();
    let checker = model.clone().checker().threads(plan.cluster.workers).spawn_bfs();
    // It counts the states of a path, not its steps.
    let depth = |max_depth: usize| max_depth.saturating_sub(1);
    let mut next = Instant::now() + Duration::from_millis(500);
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(2));
        if Instant::now() >= next {
            next += Duration::from_millis(500);
            let depth = depth(checker.max_depth()) as u64;
            let (unique, generated) = (checker.unique_state_count() as u64, checker.state_count() as u64);
            progress(SoFar::Worlds { unique, generated, depth, decided: 0, time: start.elapsed() });
        }
    }
    let checker = checker.join();
    let time = start.elapsed();
    let peak_memory = memory::peak();
    let found: BTreeSet<&str> = checker.discoveries().into_keys().collect();
    // It stops early only when every property has been discovered; then not all was explored.
    let asked: Vec<(usize, &Claim)> = about_worlds(scenario).collect();
    let complete = found.len() < asked.len();
    let findings = asked
        .into_iter()
        .map(|(place, claim)| {
            let decided = found.contains(claim.name) || model.is_decided_by_steps(place);
            let path = (decided && is_shown(claim, scenario, plan))
                .then(|| shortest_by_stateright(model, claim.name))
                .flatten();
            Finding { claim: *claim, verdict: verdict(claim, decided, true), path, repeats_from: None }
        })
        .collect();
    Report {
        scenario: *scenario,
        findings,
        unique: checker.unique_state_count(),
        total: checker.state_count(),
        depth: depth(checker.max_depth()),
        time,
        fired: Row::ALL.into_iter().filter(|row| model.tcp().coverage.has(*row)).collect(),
        happened: kinds(model.happened()),
        graph: None,
        complete,
        stopped: None,
        peak_memory,
    }
}

/// Whether the run that decides this claim is looked for.
fn is_shown(claim: &Claim, scenario: &Scenario, plan: &Plan) -> bool {
    claim.kind == Kind::Always && (claim.fails_because.is_none() || plan.expected.has(scenario))
}

/// What became of a claim: `decided` says that a world contradicts it (always) or shows it (sometimes), `complete` that all worlds were asked.
fn verdict(claim: &Claim, decided: bool, complete: bool) -> Verdict {
    if !decided && !complete {
        return Verdict::Open;
    }
    let holds = match claim.kind {
        Kind::Always => !decided,
        // Claims about runs are decided by a lasso.
        Kind::Sometimes | Kind::Possible | Kind::Finally | Kind::NoCycle => decided,
    };
    judge(claim, holds)
}

fn judge(claim: &Claim, holds: bool) -> Verdict {
    match (holds, claim.fails_because) {
        (true, None) => Verdict::Holds,
        (false, None) => Verdict::Violated,
        (false, Some(_)) => Verdict::FailsAsExpected,
        (true, Some(_)) => Verdict::UnexpectedlyHolds,
    }
}

/// The shortest runs to worlds that decide these claims: the counterexample of an `always`, the example of a `sometimes`.
pub(crate) fn shortest(
    scenario: &Scenario,
    claims: &[&'static str],
    plan: &Plan,
) -> Result<Vec<Option<Vec<Step>>>, String> {
    let Some(rules) = plan.rules.get(scenario.name) else {
        return Ok(shortest_in(&Tcp::new(scenario), claims, plan));
    };
    let model = Own::new(scenario, rules);
    let paths = shortest_in(&model, claims, plan);
    System::fault(&model).map(|()| paths)
}

fn shortest_in<M: System>(model: &M, claims: &[&str], plan: &Plan) -> Vec<Option<Vec<Step>>> {
    let model = model.for_paths();
    let paths = engine::shortest(&model, claims, || plan.is_over());
    paths.into_iter().map(|path| explained(&model, path?)).collect()
}

fn shortest_by_stateright<M: System>(model: &M, claim: &'static str) -> Option<Vec<Step>> {
    let one = model.only(claim);
    let checker = one.clone().checker().threads(1).spawn_bfs().join();
    explained(model, checker.discovery(claim)?.into_actions())
}

/// What each action of a run does.
fn explained<M: System>(model: &M, actions: Vec<Action>) -> Option<Vec<Step>> {
    let mut state = model.first();
    let mut steps = Vec::new();
    for action in actions {
        let (after, step) = model.explain(&state, action)?;
        state = after;
        steps.push(step);
    }
    Some(steps)
}

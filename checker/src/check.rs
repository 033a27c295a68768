//! Runs a scenario through stateright, and gets from it only what can be relied on.
//!
//! stateright 0.31's breadth-first search overwrites a counterexample with later, longer ones, and with several threads its order is not
//! strict. So the exploration decides *whether* a claim holds; the shortest path is found in a run of its own, with one thread
//! and that one property, which stops at the first discovery. `eventually` (overlooks cycles) and `target_max_depth` (truncates silently) are
//! not used at all: claims about runs are decided by
//! [`liveness`] on a graph of its own.

use crate::liveness::{self, Lasso, Worlds};
use serde::Serialize;
use stateright::{Checker, Model};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tcpspec::Row;
use tcpspec::model::{Claim, Kind, Scenario, Step, Tcp};

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
}

/// A claim and its verdict.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) claim: Claim,
    pub(crate) verdict: Verdict,
    /// The shortest counterexample, if there is one and it matters.
    pub(crate) path: Option<Vec<Step>>,
    /// The step of the path from which on it repeats for ever.
    pub(crate) repeats_from: Option<usize>,
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
    /// Worlds of the graph on which claims about runs were decided, if there are such claims and it fitted.
    pub(crate) graph: Option<usize>,
    /// Everything within the bounds was explored.
    pub(crate) complete: bool,
}

impl Report {
    /// Whether every claim came out as it should.
    pub(crate) fn holds(&self) -> bool {
        self.findings.iter().all(|f| matches!(f.verdict, Verdict::Holds | Verdict::FailsAsExpected))
    }

    /// The chance that two of the states had the same 64-bit fingerprint, so that one was overlooked: about n²/2⁶⁵.
    pub(crate) fn collision_chance(&self) -> f64 {
        (self.unique as f64).powi(2) / 2f64.powi(65)
    }
}

/// One thread for each core.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Explores a scenario; `progress` hears from time to time how far it is.
pub(crate) fn run(scenario: &Scenario, threads: usize, mut progress: impl FnMut(String)) -> Report {
    let start = Instant::now();
    let model = Tcp::new(scenario);
    let checker = model.clone().checker().threads(threads).spawn_bfs();
    let mut next = Instant::now() + Duration::from_millis(500);
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(2));
        if Instant::now() >= next {
            next += Duration::from_millis(500);
            progress(format!(
                "{} unique of {} states, depth {}, {:.0} s",
                checker.unique_state_count(),
                checker.state_count(),
                checker.max_depth(),
                start.elapsed().as_secs_f64()
            ));
        }
    }
    let checker = checker.join();
    let found: BTreeSet<&str> = checker.discoveries().into_keys().collect();
    // It stops early only when every property has been discovered; then not all was explored.
    let complete = found.len() < scenario.claims.iter().filter(|claim| !claim.kind.is_about_runs()).count();
    let worlds = liveness::is_asked(scenario)
        .then(|| Worlds::explore(&model, |n| progress(format!("{n} worlds of the graph for liveness"))))
        .flatten();
    let findings = scenario
        .claims
        .iter()
        .map(|claim| match (claim.kind.is_about_runs(), &worlds) {
            (false, _) => finding(&model, claim, found.contains(claim.name)),
            (true, Some(worlds)) => finding_about_runs(worlds, claim),
            (true, None) => {
                Finding { claim: *claim, verdict: Verdict::Undecided, path: None, repeats_from: None }
            }
        })
        .collect();
    Report {
        scenario: *scenario,
        findings,
        unique: checker.unique_state_count(),
        total: checker.state_count(),
        depth: checker.max_depth(),
        time: start.elapsed(),
        fired: Row::ALL.into_iter().filter(|row| model.coverage.has(*row)).collect(),
        graph: worlds.map(|worlds| worlds.len()),
        complete,
    }
}

fn finding(model: &Tcp, claim: &Claim, discovered: bool) -> Finding {
    let holds = match claim.kind {
        Kind::Always => !discovered,
        // Decided elsewhere.
        Kind::Sometimes | Kind::Possible | Kind::Finally | Kind::NoCycle => discovered,
    };
    let verdict = verdict(holds, claim);
    let path = (claim.kind == Kind::Always && discovered).then(|| shortest(model, claim.name)).flatten();
    Finding { claim: *claim, verdict, path, repeats_from: None }
}

fn finding_about_runs(worlds: &Worlds<'_>, claim: &Claim) -> Finding {
    let lasso = worlds.refute(claim);
    let verdict = verdict(lasso.is_none(), claim);
    let (path, repeats_from) = match lasso {
        Some(Lasso { steps, repeats_from }) => (Some(steps), repeats_from),
        None => (None, None),
    };
    Finding { claim: *claim, verdict, path, repeats_from }
}

fn verdict(holds: bool, claim: &Claim) -> Verdict {
    match (holds, claim.fails_because) {
        (true, None) => Verdict::Holds,
        (false, None) => Verdict::Violated,
        (false, Some(_)) => Verdict::FailsAsExpected,
        (true, Some(_)) => Verdict::UnexpectedlyHolds,
    }
}

/// The shortest run to a world that decides the claim: the counterexample of an `always`, the example of a `sometimes`.
pub(crate) fn shortest(model: &Tcp, claim: &'static str) -> Option<Vec<Step>> {
    let one = Tcp { only: Some(claim), ..model.clone() };
    let checker = one.clone().checker().threads(1).spawn_bfs().join();
    let path = checker.discovery(claim)?;
    let mut world = one.initial();
    let mut steps = Vec::new();
    for action in path.into_actions() {
        let (after, step) = one.explain(&world, action)?;
        world = after;
        steps.push(step);
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashSet, VecDeque};
    use tcpspec::model::scenarios;

    /// A breadth-first search that shares nothing with stateright: unique states, and the depth of the first world that breaks a claim.
    fn by_hand(model: &Tcp, claim: &Claim) -> (usize, Option<usize>) {
        let mut seen = HashSet::from([model.initial()]);
        let mut queue = VecDeque::from([(model.initial(), 0)]);
        let mut broken = None;
        let mut actions = Vec::new();
        while let Some((world, depth)) = queue.pop_front() {
            if broken.is_none() && !(claim.holds)(&model.scenario, &world) {
                broken = Some(depth);
            }
            actions.clear();
            model.possible(&world, &mut actions);
            for action in &actions {
                if let Some(after) = model.after(&world, *action)
                    && seen.insert(after)
                {
                    queue.push_back((after, depth + 1));
                }
            }
        }
        (seen.len(), broken)
    }

    #[test]
    fn counterexamples_are_the_shortest_and_counts_agree_with_a_plain_search() {
        let scenario = scenarios::find("simultaneous-open/letter")[0];
        let model = Tcp::new(scenario);
        let claim = scenario.claims.iter().find(|c| c.fails_because.is_some()).unwrap();
        let (unique, depth) = by_hand(&model, claim);
        let report = run(scenario, 2, |_| {});
        assert_eq!(report.unique, unique);
        assert!(report.complete);
        let path = shortest(&model, claim.name).unwrap();
        assert_eq!(Some(path.len()), depth);
    }
}

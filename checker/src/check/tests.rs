//! Verdicts and runs, from both engines and from a search by hand.

use super::*;
use crate::engine::Limits;
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
    for engine in [Engine::Timely, Engine::Stateright] {
        for threads in [1, 2, 3] {
            let report = run(scenario, &Plan { engine, ..Plan::with_threads(threads) }, |_| {}).unwrap();
            assert_eq!(report.unique, unique);
            assert!(report.complete);
            let finding = report.findings.iter().find(|f| f.claim.name == claim.name).unwrap();
            assert_eq!(finding.verdict, Verdict::FailsAsExpected);
            assert_eq!(finding.path.as_ref().map(Vec::len), depth);
        }
    }
}

#[test]
fn runs_of_expected_failures_are_searched_for_where_they_are_asked_for_and_those_of_violations_always() {
    let expected = scenarios::find("simultaneous-open/letter")[0];
    let claim = expected.claims.iter().find(|claim| claim.fails_because.is_some()).unwrap();
    let mut other = *claim;
    other.fails_because = None;
    let violated = Scenario { claims: vec![other].leak(), ..*expected };
    for engine in [Engine::Timely, Engine::Stateright] {
        let found = |scenario: &Scenario, names: &[&str]| {
            let names = Expected::Of(names.iter().map(ToString::to_string).collect());
            let plan = Plan { engine, expected: names, ..Plan::with_threads(1) };
            let report = run(scenario, &plan, |_| {}).unwrap();
            let finding = report.findings.into_iter().find(|f| f.claim.name == claim.name).unwrap();
            (finding.verdict, finding.path.is_some())
        };
        assert_eq!(found(expected, &[]), (Verdict::FailsAsExpected, false));
        assert_eq!(found(expected, &[expected.name]), (Verdict::FailsAsExpected, true));
        assert_eq!(found(&violated, &[]), (Verdict::Violated, true));
    }
}

#[test]
fn worlds_explored_as_a_graph_are_what_the_engine_finds() {
    for name in ["liveness/window", "hazard-close-crossed/letter", "hazard-storm/half-open"] {
        let scenario = scenarios::find(name)[0];
        for threads in [1, 2] {
            let plan = Plan::with_threads(threads);
            let model = || Tcp::new(scenario);
            let [graph, engine] =
                [run_graph(model(), &plan, &mut |_| {}), run_timely(model(), &plan, &mut |_| {})];
            let (graph, engine) = (graph.unwrap(), engine.unwrap());
            assert_eq!((graph.worlds.is_some(), engine.worlds.is_some()), (true, false), "{name}");
            assert_eq!(graph.unshown, engine.unshown, "{name}");
            let [graph, engine] = [graph, engine].map(|explored| explored.report);
            let counts = |report: &Report| (report.unique, report.total, report.depth, report.complete);
            assert_eq!(counts(&graph), counts(&engine), "{name}");
            assert_eq!((&graph.fired, &graph.happened), (&engine.fired, &engine.happened), "{name}");
            let verdicts = |report: &Report| report.findings.iter().map(|f| f.verdict).collect::<Vec<_>>();
            assert_eq!(verdicts(&graph), verdicts(&engine), "{name}");
        }
    }
}

#[test]
fn a_graph_that_is_stopped_tells_what_was_reached() {
    let mut plan = Plan::with_threads(1);
    plan.limits.interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
    let scenario = scenarios::find("liveness/window")[0];
    let report = run(scenario, &plan, |_| {}).unwrap();
    assert_eq!((report.stopped, report.complete, report.unique > 0), (Some(Stop::Interrupt), false, true));
    let expected =
        |f: &Finding| if f.claim.kind.is_about_runs() { Verdict::Undecided } else { Verdict::Open };
    assert!(report.findings.iter().all(|f| f.verdict == expected(f)), "{:?}", report.findings);
    plan.limits = Limits { memory: Some(1), ..Limits::default() };
    assert_eq!(run(scenario, &plan, |_| {}).unwrap().stopped, Some(Stop::Memory));
}

#[test]
fn both_engines_agree() {
    for name in [
        "simultaneous-open/in-order",
        "simultaneous-open/letter",
        "simultaneous-open/letter-overtaken",
        "simultaneous-close/in-order",
        "fast-close",
    ] {
        let scenario = scenarios::find(name)[0];
        let reports = [Engine::Timely, Engine::Stateright].map(|engine| {
            // With one thread stateright's depth is exact.
            run(scenario, &Plan { engine, ..Plan::with_threads(1) }, |_| {}).unwrap()
        });
        let [ours, theirs] = &reports;
        assert_eq!(
            (ours.unique, ours.total, ours.depth),
            (theirs.unique, theirs.total, theirs.depth),
            "{name}"
        );
        assert_eq!((&ours.fired, &ours.happened), (&theirs.fired, &theirs.happened), "{name}");
        let verdicts = |report: &Report| report.findings.iter().map(|f| f.verdict).collect::<Vec<_>>();
        assert_eq!(verdicts(ours), verdicts(theirs), "{name}");
    }
}

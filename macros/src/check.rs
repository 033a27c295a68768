//! What must hold of a table besides its names. Every state is handled. No row is covered by earlier rows, and none stands where nothing can
//! come. Every state can be reached and can return.
//!
//! What guards imply about each other is invisible here. The model finds rows that are dead for that reason.

use crate::cube::{Cube, Rest};
use crate::errors::Errors;
use crate::expect;
use crate::flow::{self, Arm, arms, walk};
use crate::ir::{Atom, Condition, Event, Ir, Row, StateSet, Step};
use proc_macro2::Span;
use std::collections::BTreeMap;

/// Checks everything that was understood.
pub(crate) fn check(ir: &Ir, errors: &mut Errors) {
    let before = errors.count();
    let whole: Vec<_> = ir.events.iter().filter(|event| !event.broken).collect();
    for event in &whole {
        for (step, here) in event.steps.iter().zip(walk(ir, event, flow::machine)) {
            StepCheck { ir, event, step, here, errors }.check();
        }
        unhandled(ir, event, errors);
        if let Some(expected) = &event.expected
            && let Err(why) = expect::plan(ir, event, expected)
        {
            errors.at(expected.span, why);
        }
    }
    // What is reachable cannot be said of a table with holes.
    if !ir.broken && errors.count() == before {
        reachability(ir, errors);
    }
}

// --- One step ---

struct StepCheck<'a> {
    ir: &'a Ir,
    event: &'a Event,
    step: &'a Step,
    /// The states that can be there.
    here: StateSet,
    errors: &'a mut Errors,
}

impl StepCheck<'_> {
    fn check(&mut self) {
        let step = self.step;
        if Cube::of(&step.when).is_none() {
            self.errors.at(
                step.ident.span(),
                format!("the conditions after `when` of step `{}` contradict each other", step.ident),
            );
            return;
        }
        let concerned = self.here.and(step.states);
        if concerned.is_empty() {
            self.errors.at(step.ident.span(), format!("no state ever comes to step `{}`", step.ident));
            return;
        }
        for row in &step.rows {
            self.places(row, concerned);
        }
        let arms = arms(step, self.here);
        self.totality(&arms);
        for row in &step.rows {
            self.shadow(row, &arms);
        }
    }

    /// A row names only states that can be there.
    fn places(&mut self, row: &Row, concerned: StateSet) {
        let (name, step) = (&row.ident, &self.step.ident);
        for (term, states) in &row.terms {
            let outside = states.without(self.step.states);
            if !outside.is_empty() {
                let (names, it) = (self.ir.names(outside), pronoun(outside));
                self.errors.at(
                    term.span(),
                    format!("row `{name}` names {names}, but step `{step}` is not `in` {it}"),
                );
            }
            let never = states.and(self.step.states).without(concerned);
            if !never.is_empty() {
                let (names, it) = (self.ir.names(never), pronoun(never));
                let event = &self.event.ident;
                let message = format!(
                    "row `{name}` names {names}, but event `{event}` never comes to step `{step}` in {it}"
                );
                self.errors.at(term.span(), message);
            }
        }
    }

    /// Every combination has a row.
    fn totality(&mut self, arms: &[Arm<'_>]) {
        let step = &self.step.ident;
        let mut gaps: Vec<(String, StateSet)> = Vec::new();
        for arm in arms {
            if arm.tangled {
                let names = self.ir.names(arm.states);
                let message = format!(
                    "step `{step}` combines its conditions in too many ways to be checked in {names}; split it"
                );
                self.errors.at(step.span(), message);
            } else if let Some(gap) = arm.gaps.0.first() {
                let rows = self.step.rows.iter().flat_map(|row| &row.condition);
                add(&mut gaps, describe(self.ir, gap, &self.step.when, rows), arm.states);
            }
        }
        for (case, states) in gaps {
            let names = self.ir.names(states);
            self.errors.at(
                step.span(),
                format!("step `{step}` does not say what happens in {names}{case}; write a row for it"),
            );
        }
    }

    /// No row is covered by earlier ones.
    fn shadow(&mut self, row: &Row, arms: &[Arm<'_>]) {
        let name = &row.ident;
        let all: Vec<_> = self.step.when.iter().chain(&row.condition).cloned().collect();
        let Some(cube) = Cube::of(&all) else {
            let what = if Cube::of(&row.condition).is_none() { "each other" } else { "the step's `when`" };
            self.errors
                .at(row.span(), format!("row `{name}` is never taken: its conditions contradict {what}"));
            return;
        };
        let dead = |arm: &&Arm<'_>| !arm.tangled && arm.dead.iter().any(|dead| dead.ident == *name);
        let states = arms.iter().filter(dead).fold(StateSet::default(), |all, arm| all.or(arm.states));
        if states.is_empty() {
            return;
        }
        let place = if row.states.without(states).is_empty() {
            ""
        } else {
            &format!(" in {}", self.ir.names(states))
        };
        self.errors.at(row.span(), format!("row `{name}` is never taken{place}: earlier rows cover it"));
        for earlier in self.step.rows.iter().take_while(|earlier| earlier.ident != *name) {
            let covers = Cube::of(&earlier.condition).is_some_and(|other| other.and(&cube).is_some());
            if covers && !earlier.states.and(states).is_empty() {
                let message = format!("this earlier row covers `{name}`{}", self.case(earlier));
                self.errors.at(earlier.span(), message);
            }
        }
    }

    /// ` when …`, for an earlier row with conditions.
    fn case(&self, row: &Row) -> String {
        let Some(cube) = Cube::of(&row.condition) else { return String::new() };
        describe(self.ir, &cube, &self.step.when, row.condition.iter())
    }
}

fn pronoun(states: StateSet) -> &'static str {
    if states.iter().count() == 1 { "it" } else { "them" }
}

/// An event says in every state what happens, even if nothing does.
fn unhandled(ir: &Ir, event: &Event, errors: &mut Errors) {
    let mut gaps: Vec<(String, StateSet)> = Vec::new();
    for state in ir.all_states().iter() {
        // While every step is passed over nothing changes, so the guards keep their values.
        let mut rest = Rest::all(Some(Cube::default()));
        for step in event.steps.iter().filter(|step| step.states.has(state)) {
            rest.remove(&step.when);
        }
        if let Some(gap) = rest.0.first() {
            let whens = event.steps.iter().flat_map(|step| &step.when);
            add(&mut gaps, describe(ir, gap, &[], whens), StateSet::only(state));
        }
    }
    let name = &event.ident;
    for (case, states) in gaps {
        let names = ir.names(states);
        errors.at(
            name.span(),
            format!(
                "event `{name}` is not handled in {names}{case}; write a row for it, `drop` if it is ignored"
            ),
        );
    }
}

fn add(gaps: &mut Vec<(String, StateSet)>, case: String, states: StateSet) {
    match gaps.iter_mut().find(|(other, _)| *other == case) {
        Some((_, all)) => *all = all.or(states),
        None => gaps.push((case, states)),
    }
}

/// ` when `!passive` and `ack is Old``, without what the step fixes anyway.
fn describe<'a>(
    ir: &Ir,
    cube: &Cube,
    fixed: &[Condition],
    named: impl Iterator<Item = &'a Condition>,
) -> String {
    let fixed = Cube::of(fixed).unwrap_or_default();
    let known: BTreeMap<Atom, &Condition> = named.map(|condition| (condition.atom, condition)).collect();
    let mut cases = Vec::new();
    for (atom, values) in &cube.0 {
        let Some(condition) = known.get(atom) else { continue };
        let possible = fixed.0.get(atom).copied().unwrap_or(condition.domain);
        if possible & !values != 0 {
            cases.push(format!("`{}`", value(ir, condition, *values)));
        }
    }
    if cases.is_empty() { String::new() } else { format!(" when {}", cases.join(" and ")) }
}

/// A condition as it would be written for these values.
fn value(ir: &Ir, condition: &Condition, values: u64) -> String {
    let ident = &condition.ident;
    let not = if values == 1 { "!" } else { "" };
    match condition.atom {
        Atom::Guard(_) => format!("{not}{ident}"),
        Atom::Choice(_) => format!("{not}option({ident})"),
        Atom::Question(index) => {
            let answers =
                ir.questions[index].answers.iter().enumerate().filter(|(i, _)| values >> i & 1 == 1);
            let names: Vec<_> = answers.map(|(_, (answer, _))| answer.to_string()).collect();
            format!("{ident} is {}", names.join(" | "))
        }
    }
}

// --- The whole table ---

/// Every state can be reached from the first, and the first from every state.
fn reachability(ir: &Ir, errors: &mut Errors) {
    let mut edges = vec![StateSet::default(); ir.states.len()];
    for event in &ir.events {
        for (step, here) in event.steps.iter().zip(walk(ir, event, flow::machine)) {
            for arm in arms(step, here) {
                let targets = arm.branches.iter().filter_map(|branch| branch.row.next).collect();
                for state in arm.states.iter() {
                    edges[state] = edges[state].or(targets);
                }
            }
        }
    }
    let Some(first) = ir.states.first() else { return };
    let reached = closure(&edges, StateSet::only(0));
    for state in ir.all_states().without(reached).iter() {
        report(
            errors,
            ir.states[state].ident.span(),
            &ir.states[state].name,
            "can never be reached from",
            &first.name,
        );
    }
    for state in reached.iter().filter(|state| !closure(&edges, StateSet::only(*state)).has(0)) {
        report(
            errors,
            ir.states[state].ident.span(),
            &ir.states[state].name,
            "can never return to",
            &first.name,
        );
    }
}

fn report(errors: &mut Errors, span: Span, state: &str, cannot: &str, first: &str) {
    errors.at(span, format!("{state} {cannot} {first}: no rows lead there"));
}

/// All that can be reached.
fn closure(edges: &[StateSet], from: StateSet) -> StateSet {
    let mut all = from;
    loop {
        let more = all.iter().fold(all, |more, state| more.or(edges[state]));
        if more == all {
            return all;
        }
        all = more;
    }
}

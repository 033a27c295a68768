//! The usual case of an event: what must hold so that only the rows that are expected are taken, and what is left to be asked then.
//!
//! Each row that is not expected must not be taken, and each step without an expected row must be passed over. Both say of some conditions that they
//! do not hold together. A condition that stands alone so is settled, which makes others shorter, until nothing more follows.

use crate::cube::{Cube, Rest};
use crate::flow::arms;
use crate::ir::{Atom, Condition, Event, Expected, Ir, Row, StateSet, Step};
use std::collections::BTreeMap;

/// What an expected event is like, and what it does.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    /// What must hold, each by itself.
    pub(crate) settled: Vec<Condition>,
    /// What must not hold together.
    pub(crate) never: Vec<Vec<Condition>>,
    pub(crate) steps: Vec<ExpectedStep<'a>>,
}

/// A step in which an expected row may be taken.
pub(crate) struct ExpectedStep<'a> {
    /// Otherwise the step is passed over.
    pub(crate) when: Vec<Condition>,
    /// The expected rows in order, each with what is left to be asked.
    pub(crate) rows: Vec<(&'a Row, Vec<Condition>)>,
}

/// The plan, or why there is none.
pub(crate) fn plan<'a>(ir: &Ir, event: &'a Event, expected: &Expected) -> Result<Plan<'a>, String> {
    let is_expected = |row: &Row| expected.rows.contains(&row.ident);
    let state = &ir.states[expected.state].name;
    let mut plan = Plan::default();
    for step in event.steps.iter().filter(|step| step.states.has(expected.state)) {
        if !step.rows.iter().any(is_expected) {
            if step.when.is_empty() {
                return Err(format!("step `{}` takes a row in {state} whatever comes; name it", step.ident));
            }
            plan.never.push(step.when.clone());
        } else {
            plan.never.extend(unexpected(event, step, expected.state, is_expected));
        }
    }
    plan.settle();
    for step in event.steps.iter().filter(|step| step.rows.iter().any(is_expected)) {
        let never =
            |row: &Row| format!("row `{}` is never taken beside the others that are named", row.ident);
        let mut rows = Vec::new();
        for arm in arms(step, StateSet::only(expected.state)) {
            for branch in arm.branches.iter().filter(|branch| is_expected(branch.row)) {
                let open: Vec<_> = branch.open.iter().map(|open| (*open).clone()).collect();
                rows.push((branch.row, plan.open(&open).ok_or_else(|| never(branch.row))?));
            }
        }
        let Some(when) = plan.open(&step.when) else {
            return Err(rows.first().map(|(row, _)| never(row)).unwrap_or_default());
        };
        plan.steps.push(ExpectedStep { when, rows });
    }
    Ok(plan)
}

/// When a step takes a row that is not expected: each item is a list of conditions that hold together then.
fn unexpected(
    event: &Event,
    step: &Step,
    state: usize,
    is_expected: impl Fn(&Row) -> bool,
) -> Vec<Vec<Condition>> {
    let mut all = Vec::new();
    let mut left = Rest::all(Cube::of(&step.when));
    let mut behind = false;
    for arm in arms(step, StateSet::only(state)) {
        for branch in &arm.branches {
            if is_expected(branch.row) {
                behind = true;
            } else if behind {
                // What the expected rows before it have left over.
                let cube = Cube::of(&branch.row.condition);
                let pieces = left.0.iter().filter_map(|piece| piece.and(cube.as_ref()?));
                all.extend(pieces.map(|piece| conditions(event, &piece)));
            } else {
                let open = branch.open.iter().map(|open| (*open).clone());
                all.push(step.when.iter().cloned().chain(open).collect());
            }
            left.remove(&branch.row.condition);
        }
    }
    all
}

/// A cube as conditions.
fn conditions(event: &Event, cube: &Cube) -> Vec<Condition> {
    let rows = event.steps.iter().flat_map(|step| &step.rows);
    let known = event.steps.iter().flat_map(|step| &step.when).chain(rows.flat_map(|row| &row.condition));
    let known: BTreeMap<Atom, &Condition> = known.map(|condition| (condition.atom, condition)).collect();
    let condition = |(atom, values): (&Atom, &u64)| {
        let known = *known.get(atom)?;
        let values = values & known.domain;
        // All values: nothing is asked.
        (values != known.domain).then(|| Condition { values, ..known.clone() })
    };
    cube.0.iter().filter_map(condition).collect()
}

impl Plan<'_> {
    /// What is left to be asked of these conditions; nothing if they cannot hold together any more.
    fn open(&self, conditions: &[Condition]) -> Option<Vec<Condition>> {
        let allowed = |condition: &Condition| {
            let settled = self.settled.iter().find(|settled| settled.atom == condition.atom);
            settled.map_or(condition.domain, |settled| settled.values)
        };
        let possible = conditions.iter().all(|condition| allowed(condition) & condition.values != 0);
        let open = conditions.iter().filter(|condition| allowed(condition) & !condition.values != 0);
        possible.then(|| open.cloned().collect())
    }

    /// Settles what follows.
    fn settle(&mut self) {
        loop {
            let before: usize = self.never.iter().map(|never| never.len() + 1).sum();
            for never in std::mem::take(&mut self.never) {
                match self.open(&never) {
                    None => {}
                    Some(open) => match open.as_slice() {
                        [one] => self.exclude(one),
                        _ => self.never.push(open),
                    },
                }
            }
            self.join();
            if before == self.never.iter().map(|never| never.len() + 1).sum() {
                return;
            }
        }
    }

    /// Two lists that differ in the values of one atom become one.
    fn join(&mut self) {
        let mut joined: Vec<Vec<Condition>> = Vec::new();
        for never in std::mem::take(&mut self.never) {
            match joined.iter_mut().find_map(|other| one_differs(other, &never).map(|at| (other, at))) {
                Some((other, at)) => {
                    other[at].values |= never[at].values;
                    other.retain(|condition| condition.values != condition.domain);
                }
                None => joined.push(never),
            }
        }
        self.never = joined;
    }

    /// These values are excluded from now on.
    fn exclude(&mut self, condition: &Condition) {
        match self.settled.iter_mut().find(|settled| settled.atom == condition.atom) {
            Some(settled) => settled.values &= !condition.values,
            None => {
                let values = condition.domain & !condition.values;
                self.settled.push(Condition { values, ..condition.clone() });
            }
        }
    }
}

/// Where two lists about the same atoms differ, if that is in one place at most.
fn one_differs(one: &[Condition], other: &[Condition]) -> Option<usize> {
    let same_atoms = one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.atom == b.atom);
    let mut differ = one.iter().zip(other).enumerate().filter(|(_, (a, b))| a.values != b.values);
    let at = differ.next().map_or(0, |(at, _)| at);
    (same_atoms && differ.next().is_none()).then_some(at)
}

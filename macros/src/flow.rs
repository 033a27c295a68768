//! Which row is taken where. For a step and the states that can reach it: the rows that apply, in order. Each comes with the part of its
//! condition that is still open when the rows before it were not taken.

use crate::cube::{Cube, Rest};
use crate::ir::{Condition, Event, Ir, Row, StateSet, Step};

/// States in which the same rows of a step apply.
pub(crate) struct Arm<'a> {
    pub(crate) states: StateSet,
    /// The rows that can be taken, in order. The last has no condition if the step is total.
    pub(crate) branches: Vec<Branch<'a>>,
    /// Rows that apply but are never first.
    pub(crate) dead: Vec<&'a Row>,
    /// What no row takes.
    pub(crate) gaps: Rest,
    /// The rows cut the combinations into too many pieces.
    pub(crate) tangled: bool,
}

/// A row that can be taken.
pub(crate) struct Branch<'a> {
    pub(crate) row: &'a Row,
    /// The conditions that are not settled yet.
    pub(crate) open: Vec<&'a Condition>,
}

/// The most pieces in which the combinations of a step may lie.
const MAX_PIECES: usize = 4096;

/// The arms of a step, for the states that can be there.
pub(crate) fn arms(step: &Step, here: StateSet) -> Vec<Arm<'_>> {
    let applies = |state| step.rows.iter().map(|row| row.states.has(state)).collect::<Vec<bool>>();
    let mut groups: Vec<(Vec<bool>, StateSet)> = Vec::new();
    for state in here.and(step.states).iter() {
        let applied = applies(state);
        match groups.iter_mut().find(|(other, _)| *other == applied) {
            Some((_, states)) => states.insert(state),
            None => groups.push((applied, StateSet::only(state))),
        }
    }
    let rows = |applied: Vec<bool>| {
        step.rows.iter().zip(applied).filter(|(_, applies)| *applies).map(|(row, _)| row)
    };
    groups.into_iter().map(|(applied, states)| arm(step, states, rows(applied))).collect()
}

fn arm<'a>(step: &'a Step, states: StateSet, rows: impl Iterator<Item = &'a Row>) -> Arm<'a> {
    let gaps = Rest::all(Cube::of(&step.when));
    let mut arm = Arm { states, branches: Vec::new(), dead: Vec::new(), gaps, tangled: false };
    for row in rows {
        if !Cube::of(&row.condition).is_some_and(|cube| arm.gaps.meets(&cube)) {
            arm.dead.push(row);
            continue;
        }
        let open = row.condition.iter().filter(|condition| !arm.gaps.implies(condition)).collect();
        arm.branches.push(Branch { row, open });
        arm.gaps.remove(&row.condition);
        arm.tangled |= arm.gaps.0.len() > MAX_PIECES;
        if arm.tangled {
            break;
        }
    }
    arm
}

/// Which states can be at each step of an event, and after the last, if rows lead on as `leads_to` says.
pub(crate) fn walk(ir: &Ir, event: &Event, leads_to: fn(&Row, StateSet) -> StateSet) -> Vec<StateSet> {
    let mut here = ir.all_states();
    let mut all = vec![here];
    for step in &event.steps {
        let mut after = here.without(step.states);
        if !step.when.is_empty() {
            // The conditions of the step may not hold.
            after = here;
        }
        for arm in arms(step, here) {
            for branch in &arm.branches {
                after = after.or(leads_to(branch.row, arm.states));
            }
        }
        here = after;
        all.push(here);
    }
    all
}

/// The machine: `next` leads to the next state.
pub(crate) fn machine(row: &Row, states: StateSet) -> StateSet {
    match row.next {
        _ if !row.goes_on() => StateSet::default(),
        Some(next) => StateSet::only(next),
        None => states,
    }
}

/// Looking ahead: only rows that do nothing lead on.
pub(crate) fn lookahead(row: &Row, states: StateSet) -> StateSet {
    if row.passes() { states } else { StateSet::default() }
}

//! Sets of assignments: which combinations of guards, options and answers are left for the rows that follow.
//!
//! A cube allows some values of some atoms, independently of each other. All combinations of a step are one cube; taking a row's
//! condition away leaves a list of disjoint cubes. So every combination is accounted for, without listing them one by one.

use crate::ir::{Atom, Condition};
use std::collections::BTreeMap;

/// For each atom that matters the values allowed; the others may be anything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cube(pub(crate) BTreeMap<Atom, u64>);

/// Disjoint cubes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rest(pub(crate) Vec<Cube>);

impl Cube {
    /// What these conditions allow together; `None` if they contradict each other.
    pub(crate) fn of(conditions: &[Condition]) -> Option<Self> {
        let mut cube = Self::default();
        for condition in conditions {
            let values = cube.0.entry(condition.atom).or_insert(condition.domain);
            *values &= condition.values;
        }
        cube.0.values().all(|values| *values != 0).then_some(cube)
    }

    /// What both allow, if anything.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let mut cube = self.clone();
        for (atom, values) in &other.0 {
            *cube.0.entry(*atom).or_insert(u64::MAX) &= values;
        }
        cube.0.values().all(|values| *values != 0).then_some(cube)
    }
}

impl Rest {
    /// Everything in a cube.
    pub(crate) fn all(cube: Option<Cube>) -> Self {
        Self(cube.into_iter().collect())
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether some of what is left is in the cube.
    pub(crate) fn meets(&self, cube: &Cube) -> bool {
        self.0.iter().any(|left| left.and(cube).is_some())
    }

    /// Whether all that is left satisfies the condition.
    pub(crate) fn implies(&self, condition: &Condition) -> bool {
        self.0.iter().all(|left| {
            let values = left.0.get(&condition.atom).copied().unwrap_or(condition.domain);
            values & !condition.values == 0
        })
    }

    /// Takes away what satisfies all the conditions.
    pub(crate) fn remove(&mut self, conditions: &[Condition]) {
        let Some(cube) = Cube::of(conditions) else { return };
        let domains: BTreeMap<Atom, u64> = conditions.iter().map(|c| (c.atom, c.domain)).collect();
        let mut rest = Vec::new();
        for mut left in std::mem::take(&mut self.0) {
            if left.and(&cube).is_none() {
                rest.push(left);
                continue;
            }
            // Atom by atom: what differs in this one is left over; go on with what agrees.
            for (atom, values) in &cube.0 {
                let allowed = left.0.get(atom).copied().unwrap_or(domains[atom]);
                if allowed & !values != 0 {
                    let mut over = left.clone();
                    over.0.insert(*atom, allowed & !values);
                    rest.push(over);
                }
                left.0.insert(*atom, allowed & values);
            }
        }
        self.0 = rest;
    }
}

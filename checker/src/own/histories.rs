//! Histories by number: a state holds a number, whatever type the history has.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

/// All histories that have come up.
#[derive(Debug)]
pub(super) struct Histories<H>(RwLock<Known<H>>);

#[derive(Debug)]
struct Known<H> {
    all: Vec<H>,
    numbers: HashMap<H, u32>,
}

impl<H: Clone + Eq + Hash> Histories<H> {
    /// Number 0 is the first one.
    pub(super) fn new(first: H) -> Self {
        Self(RwLock::new(Known { all: vec![first.clone()], numbers: HashMap::from([(first, 0)]) }))
    }

    /// The history with this number; the first one if no number was given out that is so large.
    pub(super) fn get(&self, number: u32) -> H {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.all.get(number as usize).unwrap_or(&known.all[0]).clone()
    }

    /// The number of a history. There are fewer than 2³²: long before, the memory limit ends the exploration.
    pub(super) fn number(&self, history: &H) -> u32 {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(history) {
            return *number;
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Known { all, numbers } = &mut *known;
        // Another thread may have been faster.
        *numbers.entry(history.clone()).or_insert_with(|| {
            all.push(history.clone());
            (all.len() - 1) as u32
        })
    }
}

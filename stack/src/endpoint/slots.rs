//! Places that are used again. There is room for an eighth more than are needed, not for twice as many; and what a crowd has needed goes back when it has gone.

use slab::Slab;
use std::ops::{Deref, DerefMut};

/// With less room nothing is saved.
const LEAST: usize = 64;

/// Values, each in a place with a number.
pub(super) struct Slots<T> {
    slab: Slab<T>,
    /// Once there are so few, room may go back.
    few: usize,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slab: Slab::new(), few: 0 }
    }
}

/// How much more room to make where there are so many.
pub(super) fn growth(len: usize) -> usize {
    LEAST.max(len / 8)
}

impl<T> Slots<T> {
    pub(super) fn insert(&mut self, value: T) -> usize {
        let len = self.slab.len();
        if len == self.slab.capacity() {
            self.slab.reserve_exact(growth(len));
            self.few = self.slab.capacity() / 8;
        }
        self.slab.insert(value)
    }

    /// After some have gone: gives room back, as far as the last places are free. How many places there are then.
    pub(super) fn shrink(&mut self) -> Option<usize> {
        let len = self.slab.len();
        if len > self.few || self.slab.capacity() <= LEAST {
            return None;
        }
        // Half as many have to go before the next try, so that each costs little for those that have gone.
        self.few = len / 2;
        self.slab.shrink_to_fit();
        Some(self.slab.capacity())
    }
}

impl<T> Deref for Slots<T> {
    type Target = Slab<T>;

    fn deref(&self) -> &Slab<T> {
        &self.slab
    }
}

impl<T> DerefMut for Slots<T> {
    fn deref_mut(&mut self) -> &mut Slab<T> {
        &mut self.slab
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_little_more_room_than_is_needed() {
        let (mut slots, mut tries) = (Slots::default(), 0);
        for n in 0..10_000 {
            slots.insert(n);
            assert!(slots.capacity() <= slots.len() + LEAST.max(slots.len() / 8));
        }
        // The last place is free last.
        for n in 0..10_000 {
            slots.remove(n);
            tries += usize::from(slots.shrink().is_some());
        }
        assert!((1..20).contains(&tries), "{tries}");
        assert_eq!(slots.capacity(), 0);
        (0..1000).for_each(|n| assert_eq!(slots.insert(n), n));
        (1..1000).for_each(|n| {
            slots.remove(n);
            slots.shrink();
        });
        assert!(slots.capacity() < 10 && slots.get(0) == Some(&0));
    }
}

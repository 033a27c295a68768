//! The numbers of states, by their fingerprints.

use super::graph::Node;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Fingerprints, each with the number of its state: the order in which they came. The states themselves are not kept: two with the same fingerprint count as one, here as in
/// the engine, and the report tells the chance of it.
#[derive(Default)]
pub(super) struct Numbers(HashMap<u64, Node, BuildHasherDefault<Same>>);

/// Fingerprints are hashes already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = crate::engine::fingerprint(bytes);
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

impl Numbers {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number of a state that has one.
    #[inline]
    pub(super) fn known(&self, fingerprint: u64) -> Option<Node> {
        self.0.get(&fingerprint).copied()
    }

    /// The number of a state, and whether it is new.
    #[inline]
    pub(super) fn of(&mut self, fingerprint: u64) -> (Node, bool) {
        let next = self.0.len() as Node;
        let number = *self.0.entry(fingerprint).or_insert(next);
        (number, number == next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_numbers_in_the_order_in_which_they_come() {
        let mut numbers = Numbers::default();
        // The last one is far from the others only in its lowest bits.
        let fingerprints = [7, 1 << 63, u64::MAX, 8];
        for (number, fingerprint) in (0..).zip(fingerprints) {
            assert_eq!(numbers.known(fingerprint), None);
            assert_eq!(numbers.of(fingerprint), (number, true));
        }
        for (number, fingerprint) in (0..).zip(fingerprints) {
            assert_eq!(numbers.of(fingerprint), (number, false));
            assert_eq!(numbers.known(fingerprint), Some(number));
        }
        assert_eq!(numbers.len(), fingerprints.len());
    }
}

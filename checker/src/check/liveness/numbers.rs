//! The numbers of worlds, by their packed form.

use super::graph::Node;
use rapidhash::v3::rapidhash_v3;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Packed worlds, each with its number: the order in which they came. All lie in one piece of memory, and a table has their fingerprints only. So a world costs
/// no allocation, and one that is new is seldom compared with another.
#[derive(Default)]
pub(super) struct Numbers {
    /// The packed forms, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    numbers: HashMap<u64, Node, BuildHasherDefault<Same>>,
}

/// Fingerprints are hashes already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = rapidhash_v3(bytes);
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

impl Numbers {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of a packed world, and whether it is new.
    pub(super) fn of(&mut self, packed: &[u8]) -> (Node, bool) {
        self.fingerprinted(packed, rapidhash_v3(packed))
    }

    fn fingerprinted(&mut self, packed: &[u8], fingerprint: u64) -> (Node, bool) {
        let mut key = fingerprint;
        while let Some(number) = self.numbers.get(&key) {
            if self.packed(*number) == Some(packed) {
                return (*number, false);
            }
            // Another world has the same fingerprint: this one takes the next.
            key = key.wrapping_add(1);
        }
        let number = self.ends.len() as Node;
        self.numbers.insert(key, number);
        self.bytes.extend_from_slice(packed);
        self.ends.push(self.bytes.len());
        (number, true)
    }

    fn packed(&self, number: Node) -> Option<&[u8]> {
        let number = number as usize;
        let from = match number {
            0 => 0,
            _ => *self.ends.get(number - 1)?,
        };
        self.bytes.get(from..*self.ends.get(number)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_with_the_same_fingerprint_have_numbers_of_their_own() {
        let mut numbers = Numbers::default();
        let worlds: [&[u8]; 4] = [b"one", b"two", b"", b"three"];
        // The last one meets the place that the second one has taken.
        let fingerprints = [7, 7, 9, 8];
        for (number, (world, fingerprint)) in (0..).zip(worlds.iter().zip(fingerprints)) {
            assert_eq!(numbers.fingerprinted(world, fingerprint), (number, true));
        }
        for (number, (world, fingerprint)) in (0..).zip(worlds.iter().zip(fingerprints)) {
            assert_eq!(numbers.fingerprinted(world, fingerprint), (number, false));
        }
        assert_eq!(numbers.len(), worlds.len());
        assert_eq!((numbers.of(b"four"), numbers.of(b"four")), ((4, true), (4, false)));
    }
}

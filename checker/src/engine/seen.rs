//! The set of fingerprints seen so far, at about eleven bytes for each.

/// Parts that grow one after the other, so that growing never needs much room beside what is there.
const PARTS: usize = 64;
/// Places of an empty part.
const FIRST: usize = 64;

/// A set of fingerprints other than 0: open addressing, linear probing. Places are ordered as fingerprints are, so that moving to a
/// larger table goes through memory from front to back; this is why it can grow by a quarter at a time.
pub(super) struct Seen {
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    /// 0 is an empty place.
    places: Vec<u64>,
    taken: usize,
}

impl Part {
    /// The place where the search for a fingerprint begins.
    #[inline]
    fn home(&self, fingerprint: u64) -> usize {
        // The highest bits have chosen the part; the following ones choose the place.
        let rest = u128::from(fingerprint.wrapping_mul(PARTS as u64));
        ((rest * self.places.len() as u128) >> 64) as usize
    }

    /// Adds a fingerprint; `false` if it was there.
    #[inline]
    fn insert(&mut self, fingerprint: u64) -> bool {
        let mut at = self.home(fingerprint);
        loop {
            match self.places[at] {
                0 => break,
                other if other == fingerprint => return false,
                _ => at += 1,
            }
            if at == self.places.len() {
                at = 0;
            }
        }
        self.places[at] = fingerprint;
        self.taken += 1;
        // More than four fifths would make searches long.
        if self.taken * 5 > self.places.len() * 4 {
            self.grow();
        }
        true
    }

    #[cold]
    #[expect(clippy::slow_vector_initialization, reason = "the pages shall be written before they are read")]
    fn grow(&mut self) {
        let larger = self.places.len() + self.places.len() / 4;
        // `vec![0; larger]` would leave each page to its first access. That is a read here. So the write after it would fault a second time, and the other cores
        // would have to forget the page.
        let mut places = Vec::with_capacity(larger);
        places.resize(larger, 0);
        let old = std::mem::replace(&mut self.places, places);
        self.taken = 0;
        for fingerprint in old.into_iter().filter(|place| *place != 0) {
            self.insert(fingerprint);
        }
    }
}

impl Seen {
    pub(super) fn new() -> Self {
        Self { parts: vec![Part { places: vec![0; FIRST], taken: 0 }; PARTS] }
    }

    #[inline]
    fn part(fingerprint: u64) -> usize {
        (fingerprint >> (64 - PARTS.ilog2())) as usize
    }

    /// Adds a fingerprint; `false` if it was there.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        self.parts[Self::part(fingerprint)].insert(fingerprint)
    }

    /// What is at the place where a fingerprint would be looked for. Asking for many at once before inserting them lets the processor fetch them from
    /// memory at the same time.
    #[inline]
    pub(super) fn glance(&self, fingerprint: u64) -> u64 {
        let part = &self.parts[Self::part(fingerprint)];
        part.places[part.home(fingerprint)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn it_is_a_set() {
        let mut seen = Seen::new();
        let mut plain = HashSet::new();
        let mut x = 1_u64;
        for round in 0..300_000_u64 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // A third comes again, and some are close neighbours at the very end of a part.
            let fingerprint = match round % 3 {
                0 => x | 1,
                1 => (x >> 53) + 1,
                _ => u64::MAX - (x >> 53),
            };
            assert_eq!(seen.insert(fingerprint), plain.insert(fingerprint), "{fingerprint}");
        }
        assert!(plain.iter().all(|fingerprint| !seen.insert(*fingerprint)));
    }
}

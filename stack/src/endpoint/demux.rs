//! Finds the connection that a segment belongs to: a table with a keyed hash, so that no peer can choose pairs of sockets that lie together.

use crate::base::Pair;
use hashbrown::HashTable;
use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};

/// Where a connection is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Place {
    /// In this slot of the connections.
    Whole(u32),
    /// In this slot of the connections that only wait for 2MSL to be over.
    Waiting(u32),
}

impl Place {
    /// One number for both, as small as can be.
    pub(crate) const fn id(self) -> u32 {
        match self {
            Self::Whole(slot) => slot << 1,
            Self::Waiting(slot) => slot << 1 | 1,
        }
    }

    /// The place that a number stands for.
    pub(crate) const fn of(id: u32) -> Self {
        if id & 1 == 0 { Self::Whole(id >> 1) } else { Self::Waiting(id >> 1) }
    }
}

/// Places by pairs of sockets. The pairs themselves stay with the connections. The caller says how to find them.
#[derive(Debug)]
pub(crate) struct Demux {
    table: HashTable<u32>,
    key: [u64; 2],
}

impl Demux {
    /// `key`: secret, from the operating system's randomness.
    pub(crate) fn new(key: [u64; 2]) -> Self {
        Self { table: HashTable::new(), key }
    }

    fn hash(key: [u64; 2], pair: &Pair) -> u64 {
        // Not the key of numbers that peers get to see.
        let mut hasher = SipHasher13::new_with_keys(!key[0], key[1].rotate_left(32));
        pair.hash(&mut hasher);
        hasher.finish()
    }

    /// Where the connection with this pair of sockets is. `is_there` says whether it is in a place.
    pub(crate) fn find(&self, pair: &Pair, is_there: impl Fn(Place) -> bool) -> Option<Place> {
        let is_there = |id: &u32| is_there(Place::of(*id));
        self.table.find(Self::hash(self.key, pair), is_there).map(|id| Place::of(*id))
    }

    /// Notes where a connection is.
    pub(crate) fn insert(&mut self, pair: &Pair, place: Place, pair_of: impl Fn(Place) -> Option<Pair>) {
        let key = self.key;
        let rehash = |id: &u32| pair_of(Place::of(*id)).map_or(0, |pair| Self::hash(key, &pair));
        self.table.insert_unique(Self::hash(key, pair), place.id(), rehash);
    }

    /// Forgets where a connection is. True if it was there.
    pub(crate) fn remove(&mut self, pair: &Pair, place: Place) -> bool {
        let found = self.table.find_entry(Self::hash(self.key, pair), |id| *id == place.id());
        found.map(|entry| entry.remove()).is_ok()
    }

    /// A connection is in another place from now on.
    pub(crate) fn replace(&mut self, pair: &Pair, from: Place, to: Place) {
        if let Some(id) = self.table.find_mut(Self::hash(self.key, pair), |id| *id == from.id()) {
            *id = to.id();
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_pair_is_found_where_it_is_and_nowhere_after_it_has_gone() {
        let pair = |n: u32| Pair {
            local: (Ipv4Addr::new(10, 0, 0, 1), 80).into(),
            remote: (Ipv4Addr::from(n / 60_000), (n % 60_000) as u16).into(),
        };
        let pair_of = |place: Place| Some(pair(place.id()));
        let mut demux = Demux::new([1, 2]);
        for n in 0..100_000 {
            assert_eq!(demux.find(&pair(n), |place| pair_of(place) == Some(pair(n))), None);
            demux.insert(&pair(n), Place::of(n), pair_of);
        }
        assert_eq!(demux.len(), 100_000);
        for n in (0..100_000).step_by(2) {
            assert!(demux.remove(&pair(n), Place::of(n)));
            assert!(!demux.remove(&pair(n), Place::of(n)));
        }
        for n in 0..100_000 {
            let place = demux.find(&pair(n), |place| pair_of(place) == Some(pair(n)));
            assert_eq!(place, (n % 2 == 1).then_some(Place::of(n)));
        }
        demux.replace(&pair(1), Place::of(1), Place::of(100_001));
        let is_there = |place: Place| place == Place::of(100_001);
        assert_eq!(demux.find(&pair(1), is_there), Some(Place::of(100_001)));
        assert_eq!(Place::of(7), Place::Waiting(3));
        assert_eq!(Place::Whole(5), Place::of(Place::Whole(5).id()));
    }
}

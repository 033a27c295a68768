//! Fingerprints that a worker has met not long ago. Most states are made several times in quick succession; what is found here
//! is dropped before it is sent anywhere.

/// Fingerprints remembered; they fit into a core's own cache.
const PLACES: usize = 1 << 14;

/// One place for each value of some bits of the fingerprint; the newest takes it.
pub(super) struct Recent(Box<[u64]>);

impl Recent {
    pub(super) fn new() -> Self {
        Self(vec![0; PLACES].into_boxed_slice())
    }

    /// Whether the fingerprint is among the recent ones; it is from now on.
    #[inline]
    pub(super) fn has_met(&mut self, fingerprint: u64) -> bool {
        let place = &mut self.0[(fingerprint >> 16) as usize % PLACES];
        std::mem::replace(place, fingerprint) == fingerprint
    }
}

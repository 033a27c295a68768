//! What all connections of a stack keep together, and whether that is too much ([`Config::memory`](crate::Config::memory)).

/// Octets of text that a connection may keep each way even where memory is short, so that none stands still.
pub(crate) const RESERVE: usize = 4 << 10;

/// Octets that connections keep.
#[derive(Debug)]
pub(crate) struct Memory {
    octets: usize,
    limit: usize,
    /// From `least` to `most` all stays as it is: memory is short, or it is not.
    least: usize,
    most: usize,
    /// Segments of which text was left out.
    pub(crate) cut: u64,
}

impl Memory {
    /// `limit`: octets in all; zero for no limit.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { usize::MAX } else { limit };
        Self { octets: 0, limit, least: 0, most: limit, cut: 0 }
    }

    pub(crate) fn octets(&self) -> usize {
        self.octets
    }

    /// Something of which so much was counted now keeps so much.
    #[inline(always)]
    pub(crate) fn count(&mut self, counted: &mut usize, now: usize) {
        self.octets = self.octets.wrapping_sub(*counted).wrapping_add(now);
        *counted = now;
    }

    /// Something new that keeps so much.
    pub(crate) fn add(&mut self, octets: usize) {
        self.octets = self.octets.wrapping_add(octets);
    }

    /// Something has gone of which so much was counted.
    pub(crate) fn remove(&mut self, octets: usize) {
        self.octets = self.octets.wrapping_sub(octets);
    }

    /// Whether connections have to do with what they have, but for [`RESERVE`].
    #[inline(always)]
    pub(crate) fn is_short(&self) -> bool {
        self.least > 0
    }

    /// Whether that has to change.
    #[inline(always)]
    pub(crate) fn is_to_change(&self) -> bool {
        self.octets > self.most || self.octets < self.least
    }

    /// Whether less than an eighth of the limit is free. Once memory was short, more has to be free before it no longer is; so what is done at each change is not done often.
    pub(crate) fn is_nearly_used(&self) -> bool {
        self.octets > self.enough()
    }

    /// Whether a connection may keep so much more.
    #[inline(always)]
    pub(crate) fn has_room(&self, octets: usize) -> bool {
        !self.is_short() && octets <= self.most.saturating_sub(self.octets)
    }

    /// How much of `wanted` a connection may keep that keeps so much this way. If that is less, [`is_to_change`](Self::is_to_change) asks for more room or says that memory is short.
    pub(crate) fn room(&mut self, kept: usize, wanted: usize) -> usize {
        if self.has_room(wanted) {
            return wanted;
        }
        let free = if self.is_short() { 0 } else { self.most.saturating_sub(self.octets) };
        if !self.is_short() {
            self.most = 0;
        }
        wanted.min(free.max(RESERVE.saturating_sub(kept)))
    }

    /// As it is now, memory is short or not.
    pub(crate) fn decide(&mut self) {
        let short = self.is_nearly_used();
        (self.least, self.most) = if short { (self.enough(), usize::MAX) } else { (0, self.limit) };
    }

    /// At least one, so that zero stands for memory that is not short.
    fn enough(&self) -> usize {
        (self.limit - self.limit / 8).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_short_from_the_limit_on_until_an_eighth_is_free() {
        let mut memory = Memory::new(800);
        let mut counted = 0;
        for (octets, short) in
            [(800, false), (801, true), (5000, true), (700, true), (699, false), (800, false)]
        {
            memory.count(&mut counted, octets);
            if memory.is_to_change() {
                memory.decide();
            }
            assert_eq!(memory.is_short(), short, "{octets}");
        }
    }

    #[test]
    fn what_finds_no_room_is_cut_and_asks_for_a_change() {
        let mut memory = Memory::new(100_000);
        memory.add(90_000);
        assert_eq!((memory.room(50_000, 10_000), memory.is_to_change()), (10_000, false));
        assert_eq!((memory.room(50_000, 20_000), memory.is_to_change()), (10_000, true));
        memory.decide();
        assert!(memory.is_short() && !memory.is_to_change());
        for (kept, wanted, room) in
            [(0, 20_000, RESERVE), (1000, 20_000, RESERVE - 1000), (RESERVE, 1, 0), (50_000, 1, 0)]
        {
            assert_eq!(memory.room(kept, wanted), room, "{kept}");
        }
    }

    #[test]
    fn without_a_limit_it_never_is() {
        let mut memory = Memory::new(0);
        memory.add(usize::MAX);
        assert!(!memory.is_to_change() && !memory.is_short());
    }
}

//! What all connections of a stack keep together, and whether that is too much ([`Config::memory`](crate::Config::memory)).

/// Octets of text that a connection may keep each way even where memory is short, so that none stands still.
pub(crate) const RESERVE: usize = 4 << 10;

/// Octets that connections keep.
#[derive(Debug)]
pub(crate) struct Memory {
    octets: usize,
    limit: usize,
    /// Where `octets` leaves this range, it has to be decided anew whether memory is short.
    least: usize,
    most: usize,
    /// Octets that a user has given in the present call.
    given: usize,
    /// Text was left out of the segment that is being processed.
    pub(crate) is_cut: bool,
    /// Segments of which text was left out.
    pub(crate) cut: u64,
}

impl Memory {
    /// `limit`: octets in all; zero for no limit.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { usize::MAX } else { limit };
        Self { octets: 0, limit, least: 0, most: limit, given: 0, is_cut: false, cut: 0 }
    }

    pub(crate) fn octets(&self) -> usize {
        self.octets
    }

    /// A connection of which `counted` octets were counted now keeps `now` octets. True if it [is to change](Self::is_to_change) whether memory is short.
    #[inline(always)]
    pub(crate) fn count(&mut self, counted: &mut usize, now: usize) -> bool {
        *counted != now && self.count_change(counted, now)
    }

    #[inline]
    fn count_change(&mut self, counted: &mut usize, now: usize) -> bool {
        self.octets = self.octets.wrapping_sub(*counted).wrapping_add(now);
        *counted = now;
        self.is_to_change()
    }

    /// Something new keeps so many octets.
    pub(crate) fn add(&mut self, octets: usize) {
        self.octets = self.octets.wrapping_add(octets);
    }

    /// Something has gone. So many octets were counted for it.
    pub(crate) fn remove(&mut self, octets: usize) {
        self.octets = self.octets.wrapping_sub(octets);
    }

    /// Whether memory is short: no connection takes more than [`RESERVE`] each way.
    #[inline(always)]
    pub(crate) fn is_short(&self) -> bool {
        self.least > 0
    }

    /// Whether there was no room for text of a user, and nothing was done about that yet.
    #[inline(always)]
    pub(crate) fn has_refused(&self) -> bool {
        self.most == 0
    }

    /// Whether that has to change.
    #[inline(always)]
    pub(crate) fn is_to_change(&self) -> bool {
        self.octets > self.most || self.octets < self.least
    }

    /// Whether less than an eighth of the limit is free. Memory that is short stays so until an eighth is free. So the work that each change costs is not done often.
    pub(crate) fn is_nearly_used(&self) -> bool {
        self.octets > self.enough()
    }

    /// Whether a connection may keep so much more.
    #[inline(always)]
    pub(crate) fn has_room(&self, octets: usize) -> bool {
        !self.is_short() && octets <= self.free()
    }

    /// The call is over, and what it has given is counted where it counts.
    #[inline(always)]
    pub(crate) fn call_ends(&mut self) {
        self.given = 0;
    }

    /// A user gives so much. It is counted once the call is over.
    #[inline(always)]
    pub(crate) fn give(&mut self, octets: usize) {
        self.given += octets;
    }

    fn free(&self) -> usize {
        self.most.saturating_sub(self.octets).saturating_sub(self.given)
    }

    /// How many octets of `wanted` the send buffer of a connection may take, which has `kept`. If that is less, [`is_to_change`](Self::is_to_change) is true: something has to go, or memory is short.
    pub(crate) fn room(&mut self, kept: usize, wanted: usize) -> usize {
        if self.has_room(wanted) {
            return wanted;
        }
        let free = if self.is_short() { 0 } else { self.free() };
        if !self.is_short() {
            self.most = 0;
        }
        wanted.min(free.max(RESERVE.saturating_sub(kept)))
    }

    /// Decides whether memory is short.
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

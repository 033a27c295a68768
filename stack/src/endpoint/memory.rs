//! One bound for the memory of the whole stack ([`Config::memory`](crate::Config::memory)), and what goes first where it is reached.

use super::{Awake, Endpoint};
use crate::base::Time;
use crate::tcp::memory::RESERVE;
use crate::wire::tcp;
use std::ops::Range;
use tcpspec::{Flags, Seq};

impl Endpoint {
    /// Octets that connections keep, as [`Config::memory`](crate::Config::memory) counts them.
    pub fn memory(&self) -> usize {
        self.shared.memory.octets()
    }

    /// Whether the stack keeps as much as [`Config::memory`](crate::Config::memory) permits, and has not let go of an eighth of it since.
    pub fn is_short_of_memory(&self) -> bool {
        self.shared.memory.is_short()
    }

    /// More is kept than the bound permits; or memory was short, and an eighth of the bound is free again.
    #[cold]
    #[inline(never)]
    pub(super) fn divide_memory(&mut self, now: Time) {
        if self.shared.memory.is_short() {
            self.shared.memory.decide();
            // There is room again for what their users want to send.
            let waiting = self.entries.iter().filter(|(_, entry)| entry.waits.is_waiting());
            let waiting: Vec<_> = waiting.map(|(slot, _)| slot).collect();
            waiting.into_iter().for_each(|slot| self.tell(slot));
            return;
        }
        // What users have taken since the last events was not counted yet.
        self.count_anew(|_| {});
        if self.shared.memory.is_nearly_used() {
            self.counters.memory_short += 1;
            let mut forgotten = 0;
            self.count_anew(|awake| forgotten += u64::from(awake.connection.host.forget_early()));
            self.counters.early_forgotten += forgotten;
            self.shed_for_memory(now);
        }
        self.shared.memory.decide();
    }

    /// Does something to all connections that are awake, and counts what they keep then.
    fn count_anew(&mut self, mut act: impl FnMut(&mut Awake)) {
        for (_, entry) in self.entries.iter_mut() {
            let Some(awake) = entry.if_awake_mut() else { continue };
            act(awake);
            let memory = awake.memory();
            self.shared.memory.count(&mut awake.counted, memory);
        }
    }

    /// Ends connections that nobody holds, the one longest without progress first, until enough is free.
    pub(super) fn shed_for_memory(&mut self, now: Time) {
        // Each goes once at most, whatever the table says.
        for _ in 0..self.orphans() {
            if !self.shared.memory.is_nearly_used() || !self.shed_orphan(now) {
                return;
            }
            self.counters.orphans_over_memory += 1;
        }
    }

    /// Memory is short. Text in the window is taken as far as the connection may keep it, without a FIN behind it. The rest counts as lost: the peer sends it again. `place`: where
    /// the text is. Gives the header if it changes.
    #[cold]
    #[inline(never)]
    pub(super) fn cut(
        &mut self,
        slot: usize,
        header: &tcp::Header,
        place: &mut Range<usize>,
    ) -> Option<tcp::Header> {
        let connection = &self.entries.get_mut(slot)?.awake(&self.shared).connection;
        let (seq, next) = (Seq::new(header.seq), connection.tcb.rcv_nxt);
        let window = connection.tcb.receive_window();
        let (known, kept) = if seq.at_or_before(next) {
            // What came early keeps no room from the text that is missing before it.
            (seq.distance(next) as usize, connection.host.received.memory())
        } else {
            (0, connection.host.kept_in())
        };
        // What lies outside the window is not kept but answered (MUST-66, §3.10.7.4).
        let is_in_window = if known > 0 { window > 0 } else { next.distance(seq) < window };
        let room = known.saturating_add(RESERVE.saturating_sub(kept));
        if place.len() <= room || !is_in_window || header.flags.has(Flags::SYN) {
            return None;
        }
        place.end = place.start + room;
        self.shared.memory.is_cut = true;
        self.shared.memory.cut += 1;
        Some(tcp::Header { flags: header.flags.without(Flags::FIN), ..*header })
    }
}

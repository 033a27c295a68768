//! One bound for the memory of the whole stack ([`Config::memory`](crate::Config::memory)), and what goes first where it is reached.

use super::{Endpoint, Entry};
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

    /// More is kept than the bound permits, or much less than when it was reached.
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
        self.counters.memory_short += 1;
        for (_, entry) in self.entries.iter_mut() {
            let Some(awake) = entry.if_awake_mut() else { continue };
            self.counters.early_forgotten += u64::from(awake.connection.host.forget_early());
            // What a user has taken since the last event was not counted yet.
            let memory = awake.memory();
            self.shared.memory.count(&mut awake.counted, memory);
        }
        while self.shared.memory.is_nearly_used() && self.shed_orphan(now) {
            self.counters.orphans_over_memory += 1;
        }
        self.shared.memory.decide();
    }

    /// Memory is short: the text of a segment is taken as far as the connection may keep it, without a FIN behind. The rest counts as lost, and
    /// the peer sends it again. `place`: where the text is. Gives the header if it changes.
    #[cold]
    #[inline(never)]
    pub(super) fn cut(
        &mut self,
        slot: usize,
        header: &tcp::Header,
        place: &mut Range<usize>,
    ) -> Option<tcp::Header> {
        let connection = &self.entries.get(slot).and_then(Entry::if_awake)?.connection;
        let kept = connection.host.kept_in();
        let (seq, next) = (Seq::new(header.seq), connection.tcb.rcv_nxt);
        let known = if seq.before(next) { seq.distance(next) as usize } else { 0 };
        let room = known.saturating_add(RESERVE.saturating_sub(kept));
        if place.len() <= room || header.flags.has(Flags::SYN) {
            return None;
        }
        place.end = place.start + room;
        self.shared.memory.cut += 1;
        Some(tcp::Header { flags: header.flags.without(Flags::FIN), ..*header })
    }
}

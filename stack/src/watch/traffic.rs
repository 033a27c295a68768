//! What has passed on one connection, and what was sent again: counters of its snapshot ([`Status`](crate::Status)) and of [`table`](crate::table).

use std::fmt;
use tcpspec::Row;

/// What has passed on one connection since it began. Segments count as the device passes them: a large one that it cuts up, or has joined, counts once.
/// A packet with a wrong checksum or a malformed header belongs to no connection; the stack counts it ([`Counters`](crate::endpoint::Counters)). Why
/// something was sent again is in [`Repairs`](crate::Repairs). A connection that nobody holds and that only waits for 2MSL to be over has forgotten all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Traffic {
    /// Segments that have come, whatever became of them.
    pub segments_in: u64,
    /// Segments sent, those without text included.
    pub segments_out: u64,
    /// Octets of text that have come in order, each once.
    pub octets_in: u64,
    /// Octets of text sent for the first time.
    pub octets_out: u64,
    /// Octets of text sent again.
    pub octets_again: u64,
    /// Octets of text that the peer has acknowledged.
    pub octets_acknowledged: u64,
    /// Acknowledgments that say nothing new while something is under way (RFC 5681 §2).
    pub duplicate_acks: u64,
    /// Segments kept because something before them was missing.
    pub early: u64,
    /// Segments outside the receive window, dropped (§3.10.7.4 first).
    pub outside: u64,
    /// Segments whose timestamp was too old, or that lacked it, dropped (RFC 7323 §5.3, §3.2).
    pub old: u64,
    /// Challenge ACKs asked for by segments that nothing proves to be the peer's (RFC 5961), sent or not.
    pub challenges: u64,
}

/// What was sent more than once, and why. Counted in segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Repairs {
    /// Segments sent again, for whatever reason.
    pub again: u64,
    /// Of these, because the retransmission timer ran out.
    pub timeouts: u64,
    /// Tail loss probes, of new text or old (RFC 8985 §7).
    pub probes: u64,
    /// How often congestion was taken to be there.
    pub congestion: u64,
}

impl Traffic {
    /// Counts a row that stands for a segment not taken. Rows are constants where this is called, so other rows cost nothing.
    #[inline(always)]
    pub(crate) fn count(&mut self, row: Row) {
        match row {
            Row::Outside | Row::OutsideRst => self.outside += 1,
            Row::OldTimestamp | Row::NoTimestamp => self.old += 1,
            _ => {}
        }
    }
}

impl fmt::Display for Traffic {
    /// All that is not zero, as `ss -ti` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segments_in, segments_out, octets_in, octets_out, octets_again, .. } = *self;
        let Self { octets_acknowledged, duplicate_acks, early, outside, old, challenges, .. } = *self;
        let all = [
            ("segs_in", segments_in),
            ("segs_out", segments_out),
            ("bytes_received", octets_in),
            ("bytes_sent", octets_out),
            ("bytes_retrans", octets_again),
            ("bytes_acked", octets_acknowledged),
            ("dup_acks", duplicate_acks),
            ("ooo_segs", early),
            ("outside", outside),
            ("paws", old),
            ("challenges", challenges),
        ];
        let mut shown = all.into_iter().filter(|(_, count)| *count > 0);
        if let Some((name, count)) = shown.next() {
            write!(f, "{name}:{count}")?;
        }
        shown.try_for_each(|(name, count)| write!(f, " {name}:{count}"))
    }
}

//! One end of the pair of sockets.

use super::{HELD_CAPACITY, INCARNATIONS, PROVOKED};
use crate::model::Space16;
use crate::{Flags, Segment, Seq, State, Tcb, Timer};

/// Text, FIN or both that came too early.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Number of its first octet.
    pub seq: Seq<Space16>,
    /// Octets of text.
    pub len: u8,
    /// A FIN follows.
    pub fin: bool,
    /// The sender's incarnation.
    pub tag: u8,
}

impl Held {
    /// As the machine gets it back.
    pub(crate) fn segment(&self) -> Segment<Space16> {
        let flags = if self.fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
        Segment { seq: self.seq, len: self.len, flags, ..Segment::default() }
    }
}

/// One end of the pair of sockets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    /// The connection's state.
    pub state: State,
    /// Its TCB.
    pub tcb: Tcb<Space16>,
    /// A forking listener waits beside the connection.
    pub listening: bool,
    /// Timers that run, a bit for each.
    pub armed: u8,
    /// Ticks left of 2MSL since TIME-WAIT was entered or restarted, even if the TCB is gone.
    pub quiet: u8,
    /// Ticks of the quiet time left after a crash (§3.4.3).
    pub restart: u8,
    /// Octets delivered in order and not yet taken by the user.
    pub on_hand: u8,
    /// What came too early, sorted.
    pub held: [Option<Held>; HELD_CAPACITY],
    /// Last.ACK.sent (RFC 7323 §4.3); counts only where segments carry timestamps.
    pub last_ack: Seq<Space16>,

    // What the user may still do.
    /// Active OPENs left.
    pub active_opens: u8,
    /// Passive OPENs left.
    pub passive_opens: u8,
    /// Octets left to SEND.
    pub sends: u8,
    /// ABORTs left.
    pub aborts: u8,
    /// CLOSEs left.
    pub closes: u8,
    /// Retransmissions left, probes and keep-alives included.
    pub retransmissions: u8,
    /// Challenge ACKs left.
    pub challenges: u8,

    // What properties need to know.
    /// The current incarnation: initial numbers chosen so far.
    pub incarnation: u8,
    /// The incarnation of the peer whose SYN was taken; 0 for none.
    pub peer_incarnation: u8,
    /// Incarnations of the peer that had ended when this one began: their text must not come any more.
    pub peer_gone: u8,
    /// Octets that the user has given, by incarnation.
    pub given: [u8; INCARNATIONS],
    /// Octets delivered in this incarnation.
    pub delivered: u8,
    /// CLOSE was accepted in this incarnation.
    pub closed: bool,
    /// The host has vanished for good.
    pub gone: bool,
    /// Bits of [`past`](super::past).
    pub past: u16,
}

impl End {
    /// Whether a timer runs.
    pub fn is_armed(&self, timer: Timer) -> bool {
        self.armed & (1 << timer as u8) != 0
    }

    /// Whether SEG.SEQ =< Last.ACK.sent.
    pub(crate) fn echoes(&self, seg: &Segment<Space16>) -> bool {
        seg.seq.at_or_before(self.last_ack)
    }

    /// Whether a segment with this tag comes from an older connection than the one that this end has.
    pub(crate) fn is_older(&self, tag: u8) -> bool {
        tag > 0 && tag < PROVOKED && (tag <= self.peer_gone || tag < self.peer_incarnation)
    }

    /// Whether the end has gone through something of [`past`](super::past).
    pub fn has_passed(&self, what: u16) -> bool {
        self.past & what != 0
    }
}

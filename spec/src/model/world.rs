//! A state of the model: two ends, the segments under way, and what properties need to remember of the past.

use super::Space16;
use crate::{Flags, Segment, Seq, State, Tcb, Timer};

/// Segments that the network can hold at once; scenarios use this many or fewer.
pub const NET_CAPACITY: usize = 6;
/// Early pieces that an end keeps at most.
pub const HELD_CAPACITY: usize = 2;
/// Incarnations that the model can tell apart at each end.
pub const INCARNATIONS: usize = 6;

/// The tag of a RST that answers a segment of an older connection.
pub(super) const PROVOKED: u8 = 14;

/// A segment under way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Packet {
    /// The segment.
    pub seg: Segment<Space16>,
    /// The end it goes to, 0 or 1.
    pub to: u8,
    /// The sender's incarnation (1 is the first, 0 means that no connection sent it), or that of a RST which answers an older connection.
    pub tag: u8,
    /// Ticks since it was sent; it is gone when MSL is reached.
    pub age: u8,
}

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
    pub(super) fn segment(&self) -> Segment<Space16> {
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
    /// Bits of [`past`].
    pub past: u16,
}

/// What an end has gone through, for `sometimes` (bits of [`End::past`]).
pub mod past {
    /// ESTABLISHED or later was reached.
    pub const SYNCHRONIZED: u16 = 1;
    /// CLOSING was passed.
    pub const CLOSING: u16 = 1 << 1;
    /// TIME-WAIT was entered.
    pub const TIME_WAIT: u16 = 1 << 2;
    /// SYN-RECEIVED was entered after an active OPEN.
    pub const CROSSED: u16 = 1 << 3;
    /// SYN-RECEIVED went back to LISTEN.
    pub const BACK_TO_LISTEN: u16 = 1 << 4;
    /// The user heard "connection refused" or, in SYN-SENT, "connection reset".
    pub const REFUSED: u16 = 1 << 5;
    /// The user heard "connection reset" in a connection.
    pub const RESET: u16 = 1 << 6;
    /// The connection was given up (R2) or timed out.
    pub const GIVEN_UP: u16 = 1 << 7;
    /// Our FIN left while the peer's was under way.
    pub const FINS_CROSSED: u16 = 1 << 8;
    /// The end has crashed and lost its TCB.
    pub const CRASHED: u16 = 1 << 9;
    /// FIN-WAIT-1 led to TIME-WAIT within one segment.
    pub const FAST_CLOSE: u16 = 1 << 10;
}

/// What must never happen (bits of [`World::faults`]).
pub mod fault {
    /// Text of another incarnation was delivered.
    pub const OLD_TEXT: u32 = 1;
    /// Text was delivered twice, out of order, or was never given.
    pub const WRONG_TEXT: u32 = 1 << 1;
    /// The end of the peer's text was reported before all of it was delivered.
    pub const EARLY_END: u32 = 1 << 2;
    /// TIME-WAIT sent something that is not a plain ACK.
    pub const TIME_WAIT_SENT: u32 = 1 << 3;
    /// The pair of sockets was opened again within 2MSL.
    pub const REOPENED: u32 = 1 << 4;
    /// SEND was accepted after CLOSE.
    pub const SENT_AFTER_CLOSE: u32 = 1 << 5;
    /// SYN-RECEIVED went back to LISTEN after an active OPEN.
    pub const LISTEN_AFTER_ACTIVE: u32 = 1 << 6;
    /// A FIN had another number than the one after the last octet given.
    pub const FIN_NUMBER: u32 = 1 << 7;
    /// The model's own bounds (incarnations, segments of one event) were exceeded.
    pub const BOUNDS: u32 = 1 << 8;
    /// TIME-WAIT was left otherwise than when 2MSL were over.
    pub const TIME_WAIT_CUT_SHORT: u32 = 1 << 9;
    /// A FIN or text was not sent again though its timer ran out.
    pub const NOT_RESENT: u32 = 1 << 10;
    /// A connection left CLOSED otherwise than by OPEN (or a child of a listener).
    pub const NOT_FROM_CLOSED: u32 = 1 << 11;
    /// The peer's FIN, sent again, came in TIME-WAIT and did not restart 2MSL.
    pub const NOT_RESTARTED: u32 = 1 << 12;
    /// A segment without a FIN restarted 2MSL.
    pub const RESTARTED_BY_ACK: u32 = 1 << 13;
    /// A segment of an older connection ended a newer one.
    pub const KILLED_BY_OLD: u32 = 1 << 14;
    /// The forger has ended a connection, or its text was delivered.
    pub const FORGED: u32 = 1 << 15;
    /// Text of another incarnation was delivered after one had ended otherwise than by FINs.
    pub const OLD_TEXT_UNCLEAN: u32 = 1 << 16;
    /// A segment of an older connection ended a newer one after one had ended otherwise than by FINs.
    pub const KILLED_BY_OLD_UNCLEAN: u32 = 1 << 17;
    /// An end was established without a peer that knows of it.
    pub const ESTABLISHED_ALONE: u32 = 1 << 18;
    /// An end was established by the SYN of an attempt that is over.
    pub const ESTABLISHED_BY_OLD: u32 = 1 << 19;
    /// Text was sent beyond what the peer has offered, other than to probe a closed window.
    pub const BEYOND_OFFER: u32 = 1 << 20;
    /// A segment that was refused has changed something.
    pub const TRACE: u32 = 1 << 21;
    /// Text that came in order was thrown away before the user got it.
    pub const THROWN_AWAY: u32 = 1 << 22;
    /// A connection has ended with text of the user's unacknowledged, and the user has heard nothing.
    pub const UNTOLD: u32 = 1 << 23;
    /// Not a fault, and in no world that is kept: a segment found no room where it has to wait for some.
    pub(crate) const NO_ROOM: u32 = 1 << 31;
}

/// A state of the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct World {
    /// End A and end B.
    pub ends: [End; 2],
    /// Segments under way: in the order sent if the network keeps order, else sorted.
    pub net: [Option<Packet>; NET_CAPACITY],
    /// Losses left.
    pub losses: u8,
    /// Duplications left.
    pub duplicates: u8,
    /// Times that R2 may still be declared reached, or the user timeout.
    pub give_ups: u8,
    /// Crashes left.
    pub crashes: u8,
    /// Segments that the forger may still inject.
    pub forgeries: u8,
    /// Ticks so far, modulo 16; counts only where segments carry timestamps or initial numbers come from it.
    pub clock: u8,
    /// Within an action only: the number that the connection takes which it opens.
    pub(super) chosen: u8,
    /// Within an action only: the part that is sent again, if it is not the front.
    pub(super) part: Option<(u8, u8)>,
    /// Segments sent so far; counts only where a scenario asks.
    pub segments: u8,
    /// What went wrong (bits of [`fault`]).
    pub faults: u32,
    /// What did not come out as the RFCs say (bits of [`breach`](super::expectations::breach)).
    pub breaches: u8,
    /// Strays left; once the first has come, nothing else does.
    pub strays: u8,
    /// A stray event has come.
    pub strayed: bool,
    /// An incarnation has ended otherwise than by FINs.
    pub unclean: bool,
}

impl End {
    /// Whether a timer runs.
    pub fn is_armed(&self, timer: Timer) -> bool {
        self.armed & (1 << timer as u8) != 0
    }

    /// Whether SEG.SEQ =< Last.ACK.sent.
    pub(super) fn echoes(&self, seg: &Segment<Space16>) -> bool {
        seg.seq.at_or_before(self.last_ack)
    }

    /// Whether a segment with this tag comes from an older connection than the one that this end has.
    pub(super) fn is_older(&self, tag: u8) -> bool {
        tag > 0 && tag < PROVOKED && (tag <= self.peer_gone || tag < self.peer_incarnation)
    }

    /// Whether the end has gone through something of [`past`].
    pub fn has_passed(&self, what: u16) -> bool {
        self.past & what != 0
    }
}

impl World {
    /// The segments under way.
    pub fn packets(&self) -> impl Iterator<Item = &Packet> {
        self.net.iter().flatten()
    }

    /// Whether nothing is under way.
    pub fn is_quiet(&self) -> bool {
        self.net[0].is_none()
    }

    /// Puts a segment under way; answers whether there was room for it.
    pub(super) fn put(&mut self, packet: Packet, capacity: usize, in_order: bool) -> bool {
        let Some(mut at) = self.net.iter().take(capacity).position(Option::is_none) else { return false };
        if !in_order {
            // One canonical arrangement for each bag of segments.
            let key = rank(&packet);
            while at > 0 && self.net[at - 1].is_none_or(|before| rank(&before) > key) {
                self.net[at] = self.net[at - 1];
                at -= 1;
            }
        }
        self.net[at] = Some(packet);
        true
    }

    /// Takes a segment from the network.
    pub(super) fn take(&mut self, index: usize) -> Option<Packet> {
        let packet = self.net.get_mut(index)?.take();
        self.close_up();
        packet
    }

    /// One tick: ages grow, what reaches MSL is gone, 2MSL run down.
    pub(super) fn tick(&mut self, msl: u8) {
        for slot in &mut self.net {
            if let Some(packet) = slot {
                packet.age += 1;
                if packet.age >= msl {
                    *slot = None;
                }
            }
        }
        // All have grown older by the same, so the order stays.
        self.close_up();
        for end in &mut self.ends {
            end.quiet = end.quiet.saturating_sub(1);
            end.restart = end.restart.saturating_sub(1);
        }
    }

    /// Free places come last; the order of the segments stays.
    fn close_up(&mut self) {
        let mut to = 0;
        for from in 0..NET_CAPACITY {
            if self.net[from].is_some() {
                self.net.swap(to, from);
                to += 1;
            }
        }
    }
}

/// Where a segment belongs among others under way.
fn rank(packet: &Packet) -> (u64, u8) {
    let s = &packet.seg;
    let low = u64::from_be_bytes([
        packet.to,
        packet.tag,
        packet.age,
        s.flags.0,
        s.seq.get() as u8,
        s.ack.get() as u8,
        s.wnd,
        s.len,
    ]);
    (low, s.ts.map_or(0, |ts| ts + 1))
}

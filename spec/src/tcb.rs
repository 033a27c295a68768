//! The transmission control block (RFC 9293 §3.3.1), without clock, text, buffer or state.
//!
//! The state of the connection is deliberately not in here. Guards and effects see only the TCB, so no decision by
//! state can hide outside the table.

use crate::{Flags, Numbers, Segment, Seq, Word};
use core::fmt;
use core::hash::Hash;
use tcpspec_macros::breakable;

/// The variables of one connection, by the RFC's names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Tcb<S: Numbers> {
    /// ISS: initial send sequence number.
    pub iss: Seq<S>,
    /// SND.UNA: oldest unacknowledged number.
    pub snd_una: Seq<S>,
    /// SND.NXT: next number to be sent.
    pub snd_nxt: Seq<S>,
    /// The number after the last octet that the user has given; the FIN's own number.
    pub snd_end: Seq<S>,
    /// SND.WND in octets, from SND.UNA on.
    pub snd_wnd: S::Raw,
    /// MAX.SND.WND in octets: the largest window seen (RFC 5961 §5.2).
    pub max_snd_wnd: S::Raw,
    /// SND.WL1: number of the segment that last updated the window.
    pub snd_wl1: Seq<S>,
    /// SND.WL2: acknowledgment of the segment that last updated the window.
    pub snd_wl2: Seq<S>,
    /// SND.UP: the number after the urgent text; counts while `urgent_out`.
    pub snd_up: Seq<S>,
    /// IRS: initial receive sequence number.
    pub irs: Seq<S>,
    /// RCV.NXT: next number expected.
    pub rcv_nxt: Seq<S>,
    /// RCV.WND in octets: the true window (before scaling).
    pub rcv_wnd: S::Raw,
    /// RCV.UP: the number after the peer's urgent text; counts while `urgent_in`.
    pub rcv_up: Seq<S>,
    /// TS.Recent (RFC 7323 §4.3).
    pub ts_recent: Option<S::Raw>,
    /// Yes-or-no facts.
    pub facts: S::Facts,
}

/// The TCB's yes-or-no facts, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Facts(u16);

impl Facts {
    /// The connection began with a passive OPEN (MUST-11).
    pub const PASSIVE: Self = Self(1);
    /// This TCB was forked from a listener, as sockets do it, so it cannot go back to LISTEN.
    pub const CHILD: Self = Self(1 << 1);
    /// This listener forks a child for every connection.
    pub const FORKS: Self = Self(1 << 2);
    /// The remote socket is known.
    pub const REMOTE: Self = Self(1 << 3);
    /// Our SYN is acknowledged. A fact to store: SND.UNA = ISS comes back after 2^32 octets.
    pub const SYN_ACKED: Self = Self(1 << 4);
    /// The user has called CLOSE.
    pub const CLOSED: Self = Self(1 << 5);
    /// Our FIN has been sent at least once.
    pub const FIN_SENT: Self = Self(1 << 6);
    /// SND.UP counts.
    pub const URGENT_OUT: Self = Self(1 << 7);
    /// RCV.UP counts: the user is in urgent mode.
    pub const URGENT_IN: Self = Self(1 << 8);
    /// The passive OPEN has named the remote socket. Only that socket may connect, and SEND knows its peer.
    pub const NAMED: Self = Self(1 << 9);
    /// This attempt takes a pair of sockets again that was in TIME-WAIT: RCV.NXT and TS.Recent are the older connection's until the peer's SYN is taken.
    pub const REUSES: Self = Self(1 << 10);
    /// The user has let go of the connection: nobody will receive what comes.
    pub const RELEASED: Self = Self(1 << 11);

    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::PASSIVE,
        Self::CHILD,
        Self::FORKS,
        Self::REMOTE,
        Self::SYN_ACKED,
        Self::CLOSED,
        Self::FIN_SENT,
        Self::URGENT_OUT,
        Self::URGENT_IN,
        Self::NAMED,
        Self::REUSES,
        Self::RELEASED,
    ];

    /// Whether the fact holds.
    #[inline(always)]
    pub const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }

    /// Notes that the fact holds.
    #[inline(always)]
    pub const fn set(&mut self, fact: Self) {
        self.0 |= fact.0;
    }

    /// Notes that it does not.
    #[inline(always)]
    pub const fn clear(&mut self, fact: Self) {
        self.0 &= !fact.0;
    }

    /// The facts as bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The facts that these bits say.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

/// A set of facts, as the rules see it.
pub trait FactSet: Copy + Eq + Hash + fmt::Debug + Default + From<Facts> + 'static {
    /// Whether the fact holds.
    fn has(self, fact: Facts) -> bool;
    /// Notes that the fact holds.
    fn set(&mut self, fact: Facts);
    /// Notes that it does not.
    fn clear(&mut self, fact: Facts);
}

impl FactSet for Facts {
    #[inline(always)]
    fn has(self, fact: Facts) -> bool {
        Self::has(self, fact)
    }

    #[inline(always)]
    fn set(&mut self, fact: Facts) {
        Self::set(self, fact);
    }

    #[inline(always)]
    fn clear(&mut self, fact: Facts) {
        Self::clear(self, fact);
    }
}

#[breakable]
impl<S: Numbers> Tcb<S> {
    /// SND.WND in octets.
    #[inline(always)]
    pub fn send_window(&self) -> S::Word {
        self.snd_wnd.into()
    }

    /// RCV.WND in octets.
    #[inline(always)]
    pub fn receive_window(&self) -> S::Word {
        self.rcv_wnd.into()
    }

    /// Numbers sent and not yet acknowledged, SYN and FIN included.
    #[inline(always)]
    pub fn in_flight(&self) -> S::Word {
        self.snd_una.distance(self.snd_nxt)
    }

    /// Octets of text that the user has given and that were never sent.
    #[inline(always)]
    pub fn unsent(&self) -> S::Word {
        if self.facts.has(Facts::FIN_SENT) { 0.into() } else { self.snd_nxt.distance(self.snd_end) }
    }

    /// Octets of text that the user has given and the peer has not acknowledged, sent or not.
    #[inline]
    pub fn unacked_text(&self) -> S::Word {
        let syn = S::Word::from(!self.facts.has(Facts::SYN_ACKED) && self.snd_una == self.iss);
        // Once the FIN is acknowledged, SND.UNA lies behind it.
        let behind = self.facts.has(Facts::FIN_SENT) && self.in_flight() == 0;
        if behind { 0.into() } else { self.snd_una.distance(self.snd_end).saturating_sub(syn) }
    }

    /// The usable window of §3.8.6.2.1 in octets: U = SND.UNA + SND.WND − SND.NXT, zero where a shrunk window makes it negative.
    #[inline(always)]
    pub fn usable_window(&self) -> S::Word {
        self.send_window().saturating_sub(self.in_flight())
    }

    /// Whether the FIN could go out next: CLOSE was called and all text before it has been sent.
    #[inline(always)]
    pub fn fin_is_next(&self) -> bool {
        self.facts.has(Facts::CLOSED) && !self.facts.has(Facts::FIN_SENT) && self.snd_nxt == self.snd_end
    }

    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`: what every acknowledgment of the RFC looks like.
    #[inline]
    pub fn acknowledgment(&self) -> Segment<S> {
        Segment {
            seq: self.snd_nxt,
            ack: self.rcv_nxt,
            wnd: self.rcv_wnd,
            flags: Flags::ACK,
            ..Segment::default()
        }
    }

    /// Whether something for the user is not delivered yet: the connection itself (our SYN), text, or the FIN once CLOSE was called. It may wait unsent.
    #[inline(always)]
    pub fn has_undelivered(&self) -> bool {
        if self.facts.has(Facts::FIN_SENT) {
            return self.snd_una != self.snd_nxt;
        }
        self.snd_una != self.snd_end || self.facts.has(Facts::CLOSED)
    }

    /// The segment that sends again what begins at `seq`: `max` octets of text at most (more than zero), and the FIN if it was sent
    /// and directly follows. `None` if `seq` is not within SND.UNA..SND.NXT.
    #[inline]
    pub fn sent_segment(&self, seq: Seq<S>, max: S::Word) -> Option<Segment<S>> {
        if !seq.in_window(self.snd_una, self.in_flight()) {
            return None;
        }
        let left = seq.distance(self.snd_nxt);
        let fin = self.facts.has(Facts::FIN_SENT);
        let text = (left - fin.into()).min(max);
        let reaches_fin = fin && left - 1.into() == text;
        Some(self.text_segment(seq, text, reaches_fin))
    }

    /// A segment with text, FIN or both at `seq`, acknowledging RCV.NXT, urgent pointer included.
    #[inline]
    pub fn text_segment(&self, seq: Seq<S>, text: S::Word, fin: bool) -> Segment<S> {
        let mut flags = Flags::ACK;
        if fin {
            flags = flags.with(Flags::FIN);
        }
        if text > 0 && seq.plus(text) == self.snd_end {
            // The last octet that the user gave: push (MUST-61 in the absence of a PUSH flag on SEND).
            flags = flags.with(Flags::PSH);
        }
        if self.facts.has(Facts::URGENT_OUT) && seq.before(self.snd_up) {
            flags = flags.with(Flags::URG);
        }
        Segment {
            seq,
            ack: self.rcv_nxt,
            wnd: self.rcv_wnd,
            up: self.snd_up,
            len: S::raw(text),
            flags,
            ..Segment::default()
        }
    }

    /// `<SEQ=ISS><CTL=SYN>`, or `<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>`.
    #[inline]
    pub fn syn(&self, acknowledges: bool) -> Segment<S> {
        let mut flags = Flags::SYN;
        let mut ack = Seq::default();
        if acknowledges {
            flags = flags.with(Flags::ACK);
            ack = self.rcv_nxt;
        }
        Segment { seq: self.iss, ack, wnd: self.rcv_wnd, flags, ..Segment::default() }
    }
}

//! Sequence numbers as plain integers modulo the space: the arithmetic of the expectations, which share none with the machine.
//!
//! What lies where is said as a distance, going forward, from RCV.NXT or from SND.UNA.

use crate::model::Space16;
use crate::model::world::width;
use crate::{Facts, Flags, Segment, Seq, Tcb};

/// A number of the model's space.
pub(super) type Number = Seq<Space16>;

/// How many numbers there are: a power of two.
#[inline]
fn space() -> u32 {
    width::size().into()
}

/// The number `n` further on; §3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2^32".
#[inline]
pub(super) fn at(from: Number, n: u32) -> Number {
    Seq::new((from.get() + n) & (space() - 1))
}

/// The number before this one (§3.4).
#[inline]
pub(super) fn one_back(from: Number) -> Number {
    at(from, space() - 1)
}

/// How far `to` lies ahead of `from`, going forward (§3.4).
#[inline]
pub(super) fn ahead(from: Number, to: Number) -> u32 {
    (to.get() + space() - from.get()) & (space() - 1)
}

/// `a < b` (§3.4): `b` lies ahead, by half of the space at most.
#[inline]
pub(super) fn is_less(a: Number, b: Number) -> bool {
    (1..=space() / 2).contains(&ahead(a, b))
}

/// `s < t` for timestamps, whose numbers wrap as sequence numbers do (RFC 7323 §5.2): "0 < (t - s) < 2^31".
#[inline]
pub(super) fn is_older_stamp(s: u8, t: u8) -> bool {
    is_less(Seq::new(u32::from(s) & (space() - 1)), Seq::new(u32::from(t) & (space() - 1)))
}

/// Whether all these control bits are set (§3.1).
#[inline]
pub(super) const fn carries(seg: &Segment<Space16>, flags: Flags) -> bool {
    seg.flags.0 & flags.0 == flags.0
}

/// These control bits together (§3.1).
#[inline]
pub(super) const fn bits(one: Flags, other: Flags) -> Flags {
    Flags(one.0 | other.0)
}

/// Whether a fact of the connection holds.
#[inline]
pub(super) const fn knows(tcb: &Tcb<Space16>, fact: Facts) -> bool {
    tcb.facts.bits() & fact.bits() != 0
}

/// Notes a fact, or that it holds no longer.
#[inline]
pub(super) const fn note(tcb: &mut Tcb<Space16>, fact: Facts, holds: bool) {
    let others = tcb.facts.bits() & !fact.bits();
    tcb.facts = Facts::from_bits(if holds { others | fact.bits() } else { others });
}

/// Numbers sent and not acknowledged: SND.UNA =< n < SND.NXT (§3.4).
#[inline]
pub(super) fn outstanding(tcb: &Tcb<Space16>) -> u32 {
    ahead(tcb.snd_una, tcb.snd_nxt)
}

/// Octets queued and never sent (§3.8.6.2.1: D); behind a FIN there are none.
#[inline]
pub(super) fn queued(tcb: &Tcb<Space16>) -> u32 {
    if knows(tcb, Facts::FIN_SENT) { 0 } else { ahead(tcb.snd_nxt, tcb.snd_end) }
}

/// "the usable window is: U = SND.UNA + SND.WND - SND.NXT" (§3.8.6.2.1), and none if the peer has shrunk it.
#[inline]
pub(super) fn usable(tcb: &Tcb<Space16>) -> u32 {
    u32::from(tcb.snd_wnd).saturating_sub(outstanding(tcb))
}

/// Whether CLOSE was called and its FIN was not sent ("queue this request until all preceding SENDs have been segmentized", §3.10.4).
#[inline]
pub(super) fn owes_fin(tcb: &Tcb<Space16>) -> bool {
    knows(tcb, Facts::CLOSED) && !knows(tcb, Facts::FIN_SENT)
}

/// What a segment occupies, in this order (§3.4: "SYN is considered to occur before the first actual data octet", the FIN after the last).
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// The first number.
    pub(super) seq: Number,
    pub(super) syn: bool,
    pub(super) text: u32,
    pub(super) fin: bool,
}

impl Part {
    #[inline]
    pub(super) fn of(seg: &Segment<Space16>) -> Self {
        let (syn, fin) = (carries(seg, Flags::SYN), carries(seg, Flags::FIN));
        Self { seq: seg.seq, syn, text: seg.len.into(), fin }
    }

    /// SEG.LEN (§3.4): octets of text, SYN and FIN counted.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.text + u32::from(self.syn) + u32::from(self.fin)
    }

    /// SEG.SEQ + SEG.LEN.
    #[inline]
    pub(super) fn end(&self) -> Number {
        at(self.seq, self.len())
    }

    /// What is left behind the SYN.
    #[inline]
    pub(super) fn behind_syn(self) -> Self {
        Self { seq: at(self.seq, u32::from(self.syn)), syn: false, ..self }
    }

    /// Table 6 (§3.10.7.4): whether the segment is acceptable to a window of `wnd` numbers from `nxt` on.
    #[inline]
    pub(super) fn is_acceptable(&self, nxt: Number, wnd: u32) -> bool {
        let inside = |number| ahead(nxt, number) < wnd;
        match (self.len(), wnd) {
            (0, 0) => self.seq == nxt,
            (0, _) => inside(self.seq),
            (_, 0) => false,
            (len, _) => inside(self.seq) || inside(at(self.seq, len - 1)),
        }
    }

    /// "trimming off any portions that lie outside the window (including SYN and FIN)" (§3.10.7.4, first).
    #[inline]
    pub(super) fn trimmed(mut self, nxt: Number, wnd: u32) -> Self {
        if self.len() == 0 {
            return self;
        }
        if ahead(nxt, self.seq) >= wnd {
            // It begins before the window: what is old is not processed again.
            let mut old = ahead(self.seq, nxt);
            if old > self.len() {
                return Self { syn: false, text: 0, fin: false, ..self };
            }
            self.seq = nxt;
            if self.syn && old > 0 {
                (self.syn, old) = (false, old - 1);
            }
            let text = old.min(self.text);
            self.text -= text;
            self.fin &= old == text;
        }
        let room = wnd.saturating_sub(ahead(nxt, self.seq));
        if self.len() > room {
            self.fin = false;
            self.syn &= room > 0;
            self.text = self.text.min(room - u32::from(self.syn));
        }
        self
    }
}

/// What an acknowledgment number says (§3.4, §3.10.7.4 fifth, RFC 5961 §5.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// SND.UNA < SEG.ACK =< SND.NXT
    New,
    /// SEG.ACK = SND.UNA
    Same,
    /// SND.UNA - MAX.SND.WND =< SEG.ACK < SND.UNA
    Old,
    /// SEG.ACK < SND.UNA - MAX.SND.WND
    Ancient,
    /// SEG.ACK > SND.NXT
    Unsent,
}

/// What SEG.ACK says (§3.10.7.4 fifth). Half of the space away it could be either; "If the ACK is a duplicate" comes first.
#[inline]
pub(super) fn acknowledgment(tcb: &Tcb<Space16>, ack: Number) -> Says {
    let new = ahead(tcb.snd_una, ack);
    if new == 0 {
        Says::Same
    } else if new <= outstanding(tcb) {
        Says::New
    } else if !is_less(ack, tcb.snd_una) {
        Says::Unsent
    } else if ahead(ack, tcb.snd_una) <= tcb.max_snd_wnd.into() {
        Says::Old
    } else {
        Says::Ancient
    }
}

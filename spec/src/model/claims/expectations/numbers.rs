//! The arithmetic of the expectations, which share none with the machine. It asks of numbers no more than sums and differences modulo the space, and which of two lengths is the
//! larger: so the expectations run on integers in the model, and on terms where the machine is proven to do what they say.
//!
//! What lies where is said as a distance, going forward, from RCV.NXT or from SND.UNA.

use crate::{FactSet, Facts, Flags, Numbers, Segment, Seq, Tcb, Word};

/// Whether an option is on.
macro_rules! on {
    ($of:ident . $option:ident) => {
        S::given(stringify!($option), $of.options.$option)
    };
}
pub(super) use on;

/// A length of so many octets.
#[inline]
pub(super) fn octets<S: Numbers>(n: u32) -> S::Word {
    n.into()
}

/// The number `n` further on; §3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2^32".
#[inline]
pub(super) fn at<S: Numbers>(from: Seq<S>, n: S::Word) -> Seq<S> {
    Seq::new(from.get().wrapping_add(n))
}

/// The number after this one (§3.4).
#[inline]
pub(super) fn one_on<S: Numbers>(from: Seq<S>) -> Seq<S> {
    at(from, octets::<S>(1))
}

/// The number before this one (§3.4).
#[inline]
pub(super) fn one_back<S: Numbers>(from: Seq<S>) -> Seq<S> {
    Seq::new(from.get().wrapping_sub(octets::<S>(1)))
}

/// How far `to` lies ahead of `from`, going forward (§3.4).
#[inline]
pub(super) fn ahead<S: Numbers>(from: Seq<S>, to: Seq<S>) -> S::Word {
    S::reduce(to.get().wrapping_sub(from.get()))
}

/// `a < b` (§3.4): `b` lies ahead, by half of the space at most. So the way there is no longer than the way back.
#[inline]
pub(super) fn is_less<S: Numbers>(a: Seq<S>, b: Seq<S>) -> bool {
    a != b && ahead(a, b) <= ahead(b, a)
}

/// `s < t` for timestamps, whose numbers wrap as sequence numbers do (RFC 7323 §5.2): "0 < (t - s) < 2^31".
#[inline]
pub(super) fn is_older_stamp<S: Numbers>(s: S::Raw, t: S::Raw) -> bool {
    is_less::<S>(Seq::new(s.into()), Seq::new(t.into()))
}

/// Whether all these control bits are set (§3.1).
#[inline]
pub(super) const fn carries<S: Numbers>(seg: &Segment<S>, flags: Flags) -> bool {
    seg.flags.0 & flags.0 == flags.0
}

/// These control bits together (§3.1).
#[inline]
pub(super) const fn bits(one: Flags, other: Flags) -> Flags {
    Flags(one.0 | other.0)
}

/// Whether a fact of the connection holds.
#[inline]
pub(super) fn knows<S: Numbers>(tcb: &Tcb<S>, fact: Facts) -> bool {
    tcb.facts.has(fact)
}

/// Notes a fact, or that it holds no longer.
#[inline]
pub(super) fn note<S: Numbers>(tcb: &mut Tcb<S>, fact: Facts, holds: bool) {
    if holds { tcb.facts.set(fact) } else { tcb.facts.clear(fact) }
}

/// Numbers sent and not acknowledged: SND.UNA =< n < SND.NXT (§3.4).
#[inline]
pub(super) fn outstanding<S: Numbers>(tcb: &Tcb<S>) -> S::Word {
    ahead(tcb.snd_una, tcb.snd_nxt)
}

/// Octets queued and never sent (§3.8.6.2.1: D); behind a FIN there are none.
#[inline]
pub(super) fn queued<S: Numbers>(tcb: &Tcb<S>) -> S::Word {
    if knows(tcb, Facts::FIN_SENT) { octets::<S>(0) } else { ahead(tcb.snd_nxt, tcb.snd_end) }
}

/// "the usable window is: U = SND.UNA + SND.WND - SND.NXT" (§3.8.6.2.1), and none if the peer has shrunk it.
#[inline]
pub(super) fn usable<S: Numbers>(tcb: &Tcb<S>) -> S::Word {
    tcb.snd_wnd.into().saturating_sub(outstanding(tcb))
}

/// Whether CLOSE was called and its FIN was not sent ("queue this request until all preceding SENDs have been segmentized", §3.10.4).
#[inline]
pub(super) fn owes_fin<S: Numbers>(tcb: &Tcb<S>) -> bool {
    knows(tcb, Facts::CLOSED) && !knows(tcb, Facts::FIN_SENT)
}

/// What a segment occupies, in this order (§3.4: "SYN is considered to occur before the first actual data octet", the FIN after the last).
#[derive(Clone, Copy)]
pub(super) struct Part<S: Numbers> {
    /// The first number.
    pub(super) seq: Seq<S>,
    pub(super) syn: bool,
    pub(super) text: S::Word,
    pub(super) fin: bool,
}

impl<S: Numbers> Part<S> {
    #[inline]
    pub(super) fn of(seg: &Segment<S>) -> Self {
        let (syn, fin) = (carries(seg, Flags::SYN), carries(seg, Flags::FIN));
        Self { seq: seg.seq, syn, text: seg.len.into(), fin }
    }

    /// SEG.LEN (§3.4): octets of text, SYN and FIN counted.
    #[inline]
    pub(super) fn len(&self) -> S::Word {
        self.text + S::Word::from(self.syn) + S::Word::from(self.fin)
    }

    /// Whether it occupies no number.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.syn && !self.fin && self.text == 0
    }

    /// SEG.SEQ + SEG.LEN.
    #[inline]
    pub(super) fn end(&self) -> Seq<S> {
        at(self.seq, self.len())
    }

    /// What is left behind the SYN.
    #[inline]
    pub(super) fn behind_syn(self) -> Self {
        Self { seq: at(self.seq, self.syn.into()), syn: false, ..self }
    }

    /// Table 6 (§3.10.7.4): whether the segment is acceptable to a window of `wnd` numbers from `nxt` on.
    #[inline]
    pub(super) fn is_acceptable(&self, nxt: Seq<S>, wnd: S::Word) -> bool {
        let inside = |number| ahead(nxt, number) < wnd;
        match (self.is_empty(), wnd == 0) {
            (true, true) => self.seq == nxt,
            (true, false) => inside(self.seq),
            (false, true) => false,
            (false, false) => inside(self.seq) || inside(one_back(self.end())),
        }
    }

    /// "trimming off any portions that lie outside the window (including SYN and FIN)" (§3.10.7.4, first).
    #[inline]
    pub(super) fn trimmed(mut self, nxt: Seq<S>, wnd: S::Word) -> Self {
        if self.is_empty() {
            return self;
        }
        if ahead(nxt, self.seq) >= wnd {
            // It begins before the window: what is old is not processed again.
            let mut old = ahead(self.seq, nxt);
            if old > self.len() {
                return Self { syn: false, text: octets::<S>(0), fin: false, ..self };
            }
            self.seq = nxt;
            if self.syn && old > 0 {
                (self.syn, old) = (false, old - octets::<S>(1));
            }
            let text = old.min(self.text);
            self.text = self.text - text;
            self.fin = self.fin && old == text;
        }
        let room = wnd.saturating_sub(ahead(nxt, self.seq));
        if self.len() > room {
            self.fin = false;
            self.syn = self.syn && room > 0;
            self.text = self.text.min(room - S::Word::from(self.syn));
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
pub(super) fn acknowledgment<S: Numbers>(tcb: &Tcb<S>, ack: Seq<S>) -> Says {
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

//! What does not depend on an event: lemmas about views and segments.

use super::pair::{AFTER, BEFORE, HALF, OTHER, View, apart, foreign, is_young, strange, turned_back, unfit};
use super::step::{FLAGS, UNDER_WAY};
use crate::prove::end::Source;
use crate::prove::invariant::LIMIT;
use tcpspec::{Flags, Numbers, Segment, Seq};

/// What is proven once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lemma {
    /// A segment under way keeps the invariant when an end goes on: its sender (`true`) or its receiver.
    UnderWay(Flags, bool),
    /// So does text or a FIN that the receiver keeps, when its sender goes on.
    Kept(Flags),
}

/// All lemmas.
pub(crate) fn all() -> Vec<Lemma> {
    let under_way =
        FLAGS.into_iter().flat_map(|flags| [true, false].map(|is_sender| Lemma::UnderWay(flags, is_sender)));
    let kept = [Flags::default(), Flags::FIN].map(Lemma::Kept);
    under_way.chain(kept).collect()
}

impl Lemma {
    /// Goes along one path. Each claim that does not hold is given to `violated`. `false`: it does not begin as the lemma says.
    pub(crate) fn prove<S: Numbers>(self, source: &impl Source<S>, violated: &mut impl FnMut(&str)) -> bool {
        match self {
            Self::UnderWay(flags, is_sender) => under_way(flags, is_sender, source, violated),
            Self::Kept(flags) => kept(flags, source, violated),
        }
    }
}

/// An end before and after an event, and the other end. Numbers are given by their distances from SND.NXT: any numbers can be given so, and a solver is fast where what is
/// compared is a single variable.
struct Ends<S: Numbers> {
    before: View<S>,
    after: View<S>,
    other: View<S>,
    /// SND.NXT of the end before the event, and of the other end.
    origins: (Seq<S>, Seq<S>),
}

impl<S: Numbers> Ends<S> {
    fn any(source: &impl Source<S>) -> Self {
        let (own, peer) = (source.seq("SND.NXT"), source.seq("the other end's SND.NXT"));
        let before = View::behind(source, BEFORE, own, peer);
        let after = View {
            nxt: own.plus(source.word("SND.NXT after - SND.NXT")),
            ..View::behind(source, AFTER, own, peer)
        };
        Self { before, after, other: View::behind(source, OTHER, peer, own), origins: (own, peer) }
    }
}

/// A segment, `sender` and `receiver` being SND.NXT of either end.
fn segment<S: Numbers>(
    flags: Flags,
    sender: Seq<S>,
    receiver: Seq<S>,
    source: &impl Source<S>,
) -> Segment<S> {
    Segment {
        seq: sender.minus(source.word("SND.NXT - SEG.SEQ")),
        ack: receiver.minus(source.word("SND.NXT - SEG.ACK")),
        len: source.raw("SEG.LEN"),
        flags,
        ..Segment::default()
    }
}

/// Whether a segment has text that a header or a host can have.
fn is_short<S: Numbers>(segment: &Segment<S>) -> bool {
    segment.text_len() <= LIMIT
}

fn under_way<S: Numbers>(
    flags: Flags,
    is_sender: bool,
    source: &impl Source<S>,
    violated: &mut impl FnMut(&str),
) -> bool {
    let Ends { before, after, other, origins: (own, peer) } = Ends::any(source);
    let (first, second) = if is_sender { (own, peer) } else { (peer, own) };
    let segment = segment(flags, first, second, source);
    let ends = |end| if is_sender { (end, &other) } else { (&other, end) };
    let (from, to) = ends(&before);
    // Of the invariant no more is assumed than is needed.
    let is_under_way = is_short(&segment)
        && strange(from, to, &segment).is_none()
        && is_young(from, to, &segment)
        && turned_back(&before, &after).is_none()
        && match is_sender {
            true if flags.has(Flags::ACK) => unfit(&other).is_none() && apart(&other, &after).is_none(),
            true => true,
            false => apart(&before, &other).is_none(),
        };
    let (from, to) = ends(&after);
    if !is_under_way || !is_young(from, to, &segment) {
        return false;
    }
    if let Some(clause) = strange(from, to, &segment) {
        violated(&format!("{UNDER_WAY}: {clause}"));
    }
    // A segment that was young stays what it was: its distance has grown by what was sent.
    let (grown, sent) = (segment.seq.distance(from.nxt), before.nxt.distance(after.nxt));
    if is_sender && before.begun.holds() && !flags.has(Flags::RST) && grown < sent {
        violated(&format!("{UNDER_WAY}: it does not seem younger than it is"));
    }
    true
}

fn kept<S: Numbers>(flags: Flags, source: &impl Source<S>, violated: &mut impl FnMut(&str)) -> bool {
    let Ends { before, after, origins: (own, peer), .. } = Ends::any(source);
    let segment = segment(flags, own, peer, source);
    let is_kept = is_short(&segment)
        && unfit(&before).is_none()
        && unfit(&after).is_none()
        && turned_back(&before, &after).is_none()
        && segment.seq.distance(before.nxt) < HALF
        && foreign(&before, &segment).is_none()
        && segment.seq.distance(after.nxt) < HALF;
    if is_kept && let Some(clause) = foreign(&after, &segment) {
        violated(&format!("{UNDER_WAY}: {clause}"));
    }
    is_kept
}

/// Whether a connection that has not begun keeps the invariant.
#[cfg(test)]
pub(crate) fn holds_at_the_beginning() -> bool {
    let nothing = View::of(tcpspec::State::Closed, &tcpspec::Tcb::<tcpspec::Full>::default());
    super::step::keep(&nothing, &nothing)
}

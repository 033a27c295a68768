//! The invariant of two ends: what is true of one connection, whatever has happened to it and to its segments.
//!
//! Positions count the numbers of a stream from its SYN, which is 0, without end. A number of 32 bits says the position if its distance from SND.NXT is known as an integer. These
//! distances are what the clauses are about: they stay below half of the space, so that a distance between numbers is the distance between positions.

use crate::prove::end::Source;
use crate::prove::invariant::LIMIT;
use tcpspec::{FactSet, Facts, Flags, Numbers, Segment, Seq, State, Tcb, Word};

/// Half of the sequence space.
pub(crate) const HALF: u32 = 1 << 31;

/// The first clause that does not hold, if there is one.
macro_rules! holds {
    ($condition:expr, $clause:expr) => {
        if !$condition {
            return Some($clause);
        }
    };
}

/// A fact of an end. On terms it is decided when a clause first asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fact<S: Numbers> {
    /// The state says so.
    Is(bool),
    /// It is given under this name.
    Given(&'static str, bool),
    /// The TCB says so.
    Of(S::Facts, Facts),
}

impl<S: Numbers> Fact<S> {
    /// Whether it holds.
    pub(crate) fn holds(self) -> bool {
        match self {
            Self::Is(yes) => yes,
            Self::Given(name, value) => S::given(name, value),
            Self::Of(facts, fact) => facts.has(fact),
        }
    }
}

/// What the invariant asks of an end. An end that has deleted its TCB is seen as it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct View<S: Numbers> {
    /// It has sent a SYN.
    pub(crate) begun: Fact<S>,
    /// It has taken the other end's SYN.
    pub(crate) knows: Fact<S>,
    /// It has taken the other end's FIN.
    pub(crate) took_fin: Fact<S>,
    /// Its SYN is acknowledged.
    pub(crate) syn_acked: Fact<S>,
    /// It has sent its FIN.
    pub(crate) fin_sent: Fact<S>,
    /// ISS
    pub(crate) iss: Seq<S>,
    /// SND.UNA
    pub(crate) una: Seq<S>,
    /// SND.NXT
    pub(crate) nxt: Seq<S>,
    /// IRS
    pub(crate) irs: Seq<S>,
    /// RCV.NXT
    pub(crate) rcv: Seq<S>,
}

/// How the facts and numbers of a view are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    facts: [&'static str; 5],
    numbers: [&'static str; 5],
}

macro_rules! names {
    ($whose:literal) => {
        Names {
            facts: [
                concat!($whose, " has begun"),
                concat!($whose, " knows the other end"),
                concat!($whose, " has taken the FIN"),
                concat!($whose, " has its SYN acknowledged"),
                concat!($whose, " has sent its FIN"),
            ],
            numbers: [
                concat!($whose, "'s ISS - RCV.NXT"),
                concat!($whose, "'s SND.UNA - RCV.NXT"),
                concat!($whose, "'s SND.NXT - RCV.NXT"),
                concat!($whose, "'s IRS - SND.UNA"),
                concat!($whose, "'s RCV.NXT - SND.UNA"),
            ],
        }
    };
}

/// The other end, to which nothing happens.
pub(crate) const OTHER: Names = names!("the other end");
/// An end before an event.
pub(crate) const BEFORE: Names = names!("the end before");
/// The same end after it.
pub(crate) const AFTER: Names = names!("the end after");

impl<S: Numbers> View<S> {
    /// An end of which nothing is known.
    pub(crate) fn any(source: &impl Source<S>, names: Names) -> Self {
        let fact = |at: usize| Fact::Given(names.facts[at], source.given(names.facts[at]));
        let peer = |at: usize| source.seq("RCV.NXT").plus(source.word(names.numbers[at]));
        let own = |at: usize| source.seq("SND.UNA").plus(source.word(names.numbers[at]));
        Self {
            begun: fact(0),
            knows: fact(1),
            took_fin: fact(2),
            syn_acked: fact(3),
            fin_sent: fact(4),
            iss: peer(0),
            una: peer(1),
            nxt: peer(2),
            irs: own(3),
            rcv: own(4),
        }
    }

    /// An end of which nothing is known, with its numbers by their distances from its SND.NXT and from the other end's.
    pub(crate) fn behind(source: &impl Source<S>, names: Names, own: Seq<S>, peer: Seq<S>) -> Self {
        let number = |origin: Seq<S>, at: usize| origin.minus(source.word(names.numbers[at]));
        Self {
            iss: number(own, 0),
            una: number(own, 1),
            nxt: own,
            irs: number(peer, 3),
            rcv: number(peer, 4),
            ..Self::any(source, names)
        }
    }

    /// The end with this TCB.
    pub(crate) fn of(state: State, tcb: &Tcb<S>) -> Self {
        Self {
            begun: Fact::Is(!matches!(state, State::Closed | State::Listen)),
            knows: Fact::Is(state.is_known()),
            took_fin: Fact::Is(state.is_peer_closed()),
            syn_acked: Fact::Of(tcb.facts, Facts::SYN_ACKED),
            fin_sent: Fact::Of(tcb.facts, Facts::FIN_SENT),
            iss: tcb.iss,
            una: tcb.snd_una,
            nxt: tcb.snd_nxt,
            irs: tcb.irs,
            rcv: tcb.rcv_nxt,
        }
    }

    /// Numbers that are sent and not acknowledged.
    pub(crate) fn flight(&self) -> S::Word {
        self.una.distance(self.nxt)
    }

    /// Numbers that are sent and that the other end has not taken.
    pub(crate) fn untaken(&self, other: &Self) -> S::Word {
        other.rcv.distance(self.nxt)
    }
}

/// The clause about one end alone that it breaks.
pub(crate) fn unfit<S: Numbers>(end: &View<S>) -> Option<&'static str> {
    if !end.begun.holds() {
        holds!(!end.knows.holds(), "an end that knows the other has begun");
    }
    if !end.knows.holds() {
        holds!(
            !end.took_fin.holds() && !end.syn_acked.holds() && !end.fin_sent.holds(),
            "before the SYN nothing is taken and nothing is acknowledged"
        );
    }
    if !end.begun.holds() {
        return None;
    }
    let flight = end.flight();
    holds!(flight <= LIMIT + 2, "no more than 2^30 octets, a SYN and a FIN are under way");
    if !end.syn_acked.holds() {
        holds!(end.una == end.iss, "SND.UNA is ISS until the SYN is acknowledged");
        let outstanding = if end.fin_sent.holds() { 2 } else { 1 };
        holds!(flight == outstanding, "without an acknowledged SYN no text is sent");
    }
    None
}

/// The clause about what one end has sent and the other has taken that the two break.
pub(crate) fn apart<S: Numbers>(sender: &View<S>, receiver: &View<S>) -> Option<&'static str> {
    if !receiver.knows.holds() {
        holds!(
            !sender.syn_acked.holds(),
            "both ends agree: whose SYN is acknowledged is known to the other end"
        );
        return None;
    }
    holds!(sender.begun.holds(), "both ends agree: a SYN that is taken was sent");
    holds!(receiver.irs == sender.iss, "both ends agree: IRS is the other end's ISS");
    let (flight, taken) = (sender.flight(), sender.una.distance(receiver.rcv));
    holds!(
        taken <= flight,
        "what is acknowledged was taken, and what is taken was sent: SND.UNA =< the other end's RCV.NXT =< SND.NXT"
    );
    holds!(
        sender.syn_acked.holds() || taken > 0,
        "what is acknowledged was taken, and what is taken was sent: the SYN"
    );
    if receiver.took_fin.holds() {
        holds!(
            sender.fin_sent.holds() && taken == flight,
            "an end is told of the end after all text: all that was sent is taken"
        );
    } else {
        holds!(
            !sender.fin_sent.holds() || taken < flight,
            "an end is told of the end after all text: an end that has taken the FIN has been told"
        );
    }
    None
}

/// The assumption about what arrives: within MSL neither end sends so much that a number under way comes to lie half of the space behind SND.NXT.
pub(crate) fn is_young<S: Numbers>(sender: &View<S>, receiver: &View<S>, segment: &Segment<S>) -> bool {
    segment.flags.has(Flags::RST)
        || segment.seq.distance(sender.nxt) < HALF
            && (!segment.flags.has(Flags::ACK) || segment.ack.distance(receiver.nxt) < HALF)
}

/// Whether a segment can just have been sent. From here it stays young for as long as either end sends less than the rest of half of the space.
pub(crate) fn is_new<S: Numbers>(sender: &View<S>, receiver: &View<S>, segment: &Segment<S>) -> bool {
    segment.flags.has(Flags::RST)
        || segment.seq.distance(sender.nxt) <= LIMIT + 2
            && (!segment.flags.has(Flags::ACK) || segment.ack.distance(receiver.nxt) <= LIMIT + 2)
}

/// The clause about a segment under way that it breaks.
pub(crate) fn strange<S: Numbers>(
    sender: &View<S>,
    receiver: &View<S>,
    segment: &Segment<S>,
) -> Option<&'static str> {
    let flags = segment.flags;
    if flags.has(Flags::RST) {
        holds!(
            !flags.has(Flags::SYN) && !flags.has(Flags::FIN) && segment.text_len() == 0,
            "a RST brings nothing"
        );
        return None;
    }
    if !flags.has(Flags::ACK) {
        holds!(flags.has(Flags::SYN), "only a first SYN has no ACK");
        return foreign(sender, segment);
    }
    holds!(sender.knows.holds(), "an ACK says that a SYN has come");
    holds!(
        segment.ack.distance(sender.rcv) <= segment.ack.distance(receiver.nxt),
        "its ACK says no more than its sender has taken"
    );
    foreign(sender, segment)
}

/// The clause about text, SYN and FIN of a segment that is under way, or that the receiver keeps.
pub(crate) fn foreign<S: Numbers>(sender: &View<S>, segment: &Segment<S>) -> Option<&'static str> {
    let (flags, text) = (segment.flags, segment.text_len());
    holds!(sender.begun.holds(), "an end that sends has begun");
    let age = segment.seq.distance(sender.nxt);
    if flags.has(Flags::SYN) {
        holds!(segment.seq == sender.iss && age > 0, "a SYN has the number ISS");
        holds!(!flags.has(Flags::FIN) && text == 0, "a SYN brings neither text nor a FIN");
        return None;
    }
    holds!(
        text.wrapping_add(flags.has(Flags::FIN).into()) <= age,
        "a segment has no number that its sender has not sent"
    );
    if flags.has(Flags::FIN) {
        holds!(sender.fin_sent.holds() && text.wrapping_add(1.into()) == age, "a FIN has the last number");
    } else {
        holds!(text == 0 || !sender.fin_sent.holds() || text < age, "the number of a FIN is no text");
    }
    None
}

/// The clause that an event breaks after which an end is not what it was, only further on.
pub(crate) fn turned_back<S: Numbers>(before: &View<S>, after: &View<S>) -> Option<&'static str> {
    if !before.begun.holds() {
        return None;
    }
    holds!(after.begun.holds() && after.iss == before.iss, "an end begins once");
    holds!(before.nxt.distance(after.nxt) < HALF, "SND.NXT goes forward");
    holds!(before.una.distance(after.una) <= before.flight(), "SND.UNA goes forward, to SND.NXT at most");
    if before.fin_sent.holds() {
        holds!(after.fin_sent.holds() && after.nxt == before.nxt, "nothing is sent after the FIN");
    } else {
        holds!(!after.fin_sent.holds() || after.nxt != before.nxt, "the FIN has a number of its own");
    }
    holds!(!before.syn_acked.holds() || after.syn_acked.holds(), "an acknowledged SYN stays so");
    if before.knows.holds() {
        holds!(after.knows.holds() && after.irs == before.irs, "who knows the other end goes on to");
        holds!(before.rcv.distance(after.rcv) < HALF, "RCV.NXT goes forward");
    }
    holds!(!before.took_fin.holds() || after.took_fin.holds(), "a FIN that is taken stays so");
    None
}

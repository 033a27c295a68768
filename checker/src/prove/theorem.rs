//! The theorems about one end: what holds of every TCB that keeps the invariant, with every input, under every setting of the options.

use super::end::Said;
use super::invariant::{broken, is_within};
use super::path;
use super::run::{Beginning, Run};
use super::second_opinion::SECOND_OPINION;
use tcpspec::bodies::Body;
use tcpspec::info::{RowInfo, Verb};
use tcpspec::mutants::Mutant;
use tcpspec::{Event, EventKind, FactSet, Facts, Flags, Numbers, Segment, Seq, State, TABLE, Tcb, machine};

/// What is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theorem {
    /// The claims, of the machine or of one with a fault.
    Claims(Option<Mutant>),
    /// The machine with this fault of a row does the same as the machine.
    Same(Mutant),
    /// The machine with this fault in a body does.
    SameBody(Body),
    /// The match of the same rules that was written by hand does the same as the machine, or as one with a fault.
    Hand(Option<Mutant>),
    /// The machine, or one with a fault, does what the second opinion says.
    SecondOpinion(Option<Mutant>),
}

impl Theorem {
    /// The fault of which it says that it makes no difference.
    pub(crate) fn mutant(self) -> Option<String> {
        match self {
            Self::Same(mutant) => Some(mutant.to_string()),
            Self::SameBody(body) => Some(body.to_string()),
            Self::Claims(_) | Self::Hand(_) | Self::SecondOpinion(_) => None,
        }
    }
}

/// The claim about the match that was written by hand.
pub(crate) const HAND: &str = "the hand-written match does the same";

/// The arrows of Figure 5 of RFC 9293 and of its notes, and those that one segment goes along together: SYN,ACK or ACK with the FIN, and the ACK of our FIN with the peer's.
const ARROWS: &[(State, &[State])] = &[
    (State::Closed, &[State::Listen, State::SynSent]),
    (State::Listen, &[State::SynReceived, State::SynSent, State::Closed]),
    (
        State::SynSent,
        &[State::SynReceived, State::Established, State::CloseWait, State::Closed, State::TimeWait],
    ),
    (
        State::SynReceived,
        &[
            State::Established,
            State::CloseWait,
            State::FinWait1,
            State::Closing,
            State::Listen,
            State::Closed,
        ],
    ),
    (State::Established, &[State::FinWait1, State::CloseWait, State::Closed]),
    (State::FinWait1, &[State::FinWait2, State::Closing, State::TimeWait, State::Closed]),
    (State::FinWait2, &[State::TimeWait, State::Closed]),
    (State::CloseWait, &[State::LastAck, State::Closed]),
    (State::Closing, &[State::TimeWait, State::Closed]),
    (State::LastAck, &[State::Closed]),
    (State::TimeWait, &[State::Closed, State::SynSent]),
];

/// The invariant, as a claim.
pub(crate) const INVARIANT: &str = "the invariant is kept";
/// What the claim about what is sent rests on.
pub(crate) const EDGE: &str =
    "SND.UNA + SND.WND is no further than the furthest right edge that was ever offered";

/// What is claimed, in the order in which it is told.
pub(crate) const CLAIMS: [&str; 15] = [
    INVARIANT,
    EDGE,
    "no new text and no FIN is sent beyond the furthest right edge that was ever offered",
    "text is taken at RCV.NXT",
    "no text outside the window is taken",
    "no FIN outside the window is taken",
    "a RST is accepted at RCV.NXT, and nowhere else",
    "a SYN changes nothing of a synchronized connection",
    "an ACK before SND.UNA - MAX.SND.WND or beyond SND.NXT changes nothing",
    "what is refused leaves no trace",
    "TIME-WAIT sends nothing but ACKs",
    "no RST answers a RST",
    "no sum is too large for 32 bits, and no difference is negative",
    "every change of the state is an arrow of the diagram",
    "the short way of an expected segment is that of the steps",
];

/// The option that a claim needs where integers can break it without. (Others ask for their option before they are looked at.)
pub(crate) fn needed(claim: &str) -> Option<&'static str> {
    match CLAIMS.iter().position(|known| claim.starts_with(known))? {
        // What acknowledges something new opens the window, or the edge moves without it.
        1 => Some("new_ack_window"),
        7 => Some("timestamp_after_ack"),
        _ => None,
    }
}

impl<S: Numbers> Beginning<S> {
    /// Runs the case once. Each claim of the theorem that does not hold is given to `violated`.
    pub(crate) fn prove(&self, theorem: Theorem, violated: &mut impl FnMut(&str)) -> Option<Run<S>> {
        match theorem {
            Theorem::Claims(mutant) => {
                let run = self.run(mutant)?;
                run.claims(violated);
                if let (Event::Segment(segment), None) = (&self.event, mutant) {
                    self.expected(segment, &run, violated);
                }
                Some(run)
            }
            Theorem::Same(mutant) => {
                // What comes to the row is known before anything is asked about the numbers, and most paths end here. In these two states the invariant is looked at first: it leaves so few
                // acknowledgment numbers that the rest takes less than without it.
                let is_tight = matches!(self.state, State::SynReceived | State::TimeWait);
                if is_tight && !self.is_possible() {
                    return None;
                }
                if !self.comes_to(mutant.row, None) && !self.comes_to(mutant.row, Some(mutant)) {
                    return Some(self.ran(self.state, self.tcb, self.end.clone(), Ok(())));
                }
                let run = self.run(None)?;
                if let Some(what) = run.difference(&self.step(Some(mutant))) {
                    violated(&format!("{mutant}: it is the same machine, but for {what}"));
                }
                Some(run)
            }
            Theorem::SameBody(body) => {
                if !path::meets_fault(|| drop(self.with_body(body))) {
                    return Some(self.ran(self.state, self.tcb, self.end.clone(), Ok(())));
                }
                let run = self.run(None)?;
                let (other, acknowledgment) = self.with_body(body);
                let what = run.difference(&other).or_else(|| {
                    (run.after.acknowledgment() != acknowledgment).then_some("what an acknowledgment says")
                });
                if let Some(what) = what {
                    violated(&format!("{body}: it is the same machine, but for {what}"));
                }
                Some(run)
            }
            Theorem::SecondOpinion(mutant) => {
                let run = self.run(mutant)?;
                if let Some(what) = run.unexpected(&self.second_opinion()?) {
                    violated(&format!("{SECOND_OPINION}, but for {what}"));
                }
                Some(run)
            }
            Theorem::Hand(mutant) => {
                let run = self.run(mutant)?;
                if let Some(what) = run.difference(&self.by_hand()?) {
                    violated(&format!("{HAND}, but for {what}"));
                }
                Some(run)
            }
        }
    }

    /// The short way of the segment that is expected does what the steps do.
    fn expected(&self, segment: &Segment<S>, run: &Run<S>, violated: &mut impl FnMut(&str)) {
        if !machine::expects_segment(self.state, &self.tcb, segment, &self.options) {
            return;
        }
        let (mut after, mut taken, mut end) = (self.tcb, *segment, self.end.clone());
        machine::segment_as_expected(&mut after, &mut taken, &self.options, &mut end);
        let short = Run { to: self.state, after, end, answer: Ok(()), event: run.event.clone(), ..*run };
        if let Some(what) = run.difference(&short).or((run.end.rows != short.end.rows).then_some("the rows"))
        {
            violated(&format!("the short way of an expected segment is that of the steps: not so {what}"));
        }
    }
}

impl<S: Numbers> Run<S> {
    /// What the peer has offered, with this event: an ACK that says what SND.UNA says, and the peer's SYN bring a window. (Older ACKs may have offered more. It does not count here, so
    /// what is claimed of the edge is no weaker.)
    fn edge_after(&self) -> Seq<S> {
        let mut edge = self.edge;
        if self.has_done("choose_iss") {
            edge = self.after.snd_nxt;
        }
        let Some(segment) = self.segment() else { return edge };
        let left = if self.has_done("take_syn") {
            self.after.snd_una
        } else if segment.flags.has(Flags::ACK) && self.from.is_known() && segment.ack == self.after.snd_una {
            segment.ack
        } else {
            return edge;
        };
        let right = left.plus(segment.wnd.into());
        if edge.before(right) { right } else { edge }
    }

    /// Each claim that does not hold is given to `violated`.
    pub(crate) fn claims(&self, violated: &mut impl FnMut(&str)) {
        if let Some(clause) = broken(self.to, &self.after) {
            violated(&format!("{INVARIANT}: {clause}"));
        }
        let is_arrow = |(from, to): &(State, &[State])| *from == self.from && to.contains(&self.to);
        if self.from != self.to && !ARROWS.iter().any(is_arrow) {
            violated("every change of the state is an arrow of the diagram");
        }
        if self.end.said.iter().any(|said| matches!(said, Said::Fork(_))) {
            let mut child = self.before;
            child.facts.clear(Facts::FORKS);
            child.facts.set(Facts::CHILD);
            if let Some(clause) = broken(self.from, &child) {
                violated(&format!("{INVARIANT}: {clause}"));
            }
        }
        self.time_wait(violated);
        self.receiving(violated);
        self.resets(violated);
        if self.last().is_some_and(|row| refuses(row.info()))
            && S::given("timestamp_after_ack", self.options.timestamp_after_ack)
            && let Some(what) = self.trace()
        {
            violated(&format!("what is refused leaves no trace: {what}"));
        }
        self.sending(violated);
    }

    /// No new text is sent beyond the furthest right edge ever offered, except the probe of a closed window. Nothing else rests on the edge, so nothing is assumed of it before.
    fn sending(&self, violated: &mut impl FnMut(&str)) {
        if !is_within(self.from, &self.before, self.edge) {
            return;
        }
        if !is_within(self.to, &self.after, self.edge_after()) {
            violated(EDGE);
        }
        if matches!(self.event, Event::Transmit(_)) && self.before.snd_nxt != self.after.snd_nxt {
            let offered = self.before.snd_una.distance(self.edge);
            if self.before.snd_una.distance(self.after.snd_nxt) > offered {
                violated(
                    "no new text and no FIN is sent beyond the furthest right edge that was ever offered",
                );
            }
        }
    }

    /// TIME-WAIT sends nothing but ACKs.
    fn time_wait(&self, violated: &mut impl FnMut(&str)) {
        if self.from == State::TimeWait && self.to == State::TimeWait {
            for segment in self.end.sent() {
                if segment.flags != Flags::ACK || segment.text_len() > 0 {
                    violated("TIME-WAIT sends nothing but ACKs");
                }
            }
        }
    }

    /// No text and no new FIN outside the window is taken.
    fn receiving(&self, violated: &mut impl FnMut(&str)) {
        let left = match self.segment() {
            Some(segment) if self.from == State::SynSent => segment.seq.next(),
            _ => self.before.rcv_nxt,
        };
        let window = self.before.receive_window();
        for said in &self.end.said {
            if let Said::Deliver(segment) = said {
                if segment.text_seq() != left {
                    violated("text is taken at RCV.NXT");
                }
                if segment.text_len() > window {
                    violated("no text outside the window is taken");
                }
            }
        }
        if self.has_done("take_fin") && !self.after.rcv_nxt.previous().in_window(left, window) {
            violated("no FIN outside the window is taken");
        }
    }

    /// RST, SYN and ACK are accepted as RFC 5961 says, and no RST answers a RST.
    fn resets(&self, violated: &mut impl FnMut(&str)) {
        let Some(segment) = self.segment() else { return };
        let flags = segment.flags;
        if flags.has(Flags::RST) && self.end.sent().any(|sent| sent.flags.has(Flags::RST)) {
            violated("no RST answers a RST");
        }
        if !self.from.is_known() || !S::given("rfc5961", self.options.rfc5961) {
            return;
        }
        let has_ended = matches!(self.to, State::Closed | State::Listen);
        if flags.has(Flags::RST) {
            let is_next = segment.seq == self.before.rcv_nxt;
            let waits = self.from == State::TimeWait && S::given("rfc1337", self.options.rfc1337);
            if has_ended != (is_next && !waits) {
                violated("a RST is accepted at RCV.NXT, and nowhere else");
            }
            return;
        }
        if !flags.has(Flags::SYN) && flags.has(Flags::ACK) && self.from.is_synchronized() {
            self.acknowledgments(segment, violated);
        }
        // A SYN may reopen a connection in TIME-WAIT, where an option allows it: then it is a listener's.
        if flags.has(Flags::SYN)
            && self.from.is_synchronized()
            && !self.has_done("hand_over")
            && let Some(what) = self.trace()
        {
            violated(&format!("a SYN changes nothing of a synchronized connection: {what}"));
        }
    }

    /// What acknowledges neither SND.UNA nor anything after it that was sent, nor lies within the largest window before it, changes nothing.
    fn acknowledgments(&self, segment: &Segment<S>, violated: &mut impl FnMut(&str)) {
        let Tcb { snd_una, max_snd_wnd, .. } = self.before;
        let is_acceptable = snd_una.distance(segment.ack) <= self.before.in_flight()
            || segment.ack.distance(snd_una) <= max_snd_wnd.into();
        if !is_acceptable
            && S::given("timestamp_after_ack", self.options.timestamp_after_ack)
            && let Some(what) = self.trace()
        {
            violated(&format!(
                "an ACK before SND.UNA - MAX.SND.WND or beyond SND.NXT changes nothing: {what}"
            ));
        }
    }
}

/// Rows that refuse a segment: before its urgent pointer, text or FIN is looked at they end its processing, with an acknowledgment, a challenge, a RST or nothing.
fn refuses(row: &RowInfo) -> bool {
    let answers = ["acknowledge", "challenge", "reset_by_ack", "reset_by_seq"];
    row.event == EventKind::Segment
        && !matches!(row.step, "timestamp" | "urg" | "text" | "fin")
        && matches!(row.verb, Verb::Stop | Verb::Drop)
        && row.next.is_none()
        && row.effects.iter().all(|effect| answers.contains(effect))
}

/// The states in which an event may begin that comes to this row: its own, and those from which rows before it lead there.
pub(crate) fn beginnings(row: &RowInfo) -> Vec<State> {
    let mut reaches = row.states.to_vec();
    loop {
        let rows = TABLE.rows().filter(|other| other.event == row.event && other.verb == Verb::Next);
        let before = rows.filter(|other| other.next.is_some_and(|next| reaches.contains(&next)));
        let new: Vec<State> =
            before.flat_map(|other| other.states).copied().filter(|state| !reaches.contains(state)).collect();
        if new.is_empty() {
            return State::ALL.into_iter().filter(|state| reaches.contains(state)).collect();
        }
        reaches.extend(new);
    }
}

//! An event at one end of a connection that keeps the invariant: the connection keeps it, and so does each segment that the event sends.

use super::pair::{HALF, OTHER, View, apart, foreign, is_new, is_young, strange, turned_back, unfit};
use crate::prove::end::{self, Said, Source};
use crate::prove::run::{self, Case, Run};
use tcpspec::mutants::Mutant;
use tcpspec::{Event, EventKind, FactSet, Facts, Flags, Notice, Numbers, Segment, State, Tcb, Word};

/// What is claimed, in the order in which it is told. Each clause begins with its claim.
pub(crate) const CLAIMS: [&str; 7] = [
    "both ends agree",
    "what is acknowledged was taken, and what is taken was sent",
    OCTETS,
    "an end is told of the end after all text",
    SENT,
    UNDER_WAY,
    ONE_END,
];

const OCTETS: &str = "octet k that is delivered is octet k that was given";
const SENT: &str = "a segment that is sent keeps the invariant";
/// The claim of the lemma about segments under way, and of what it needs of an event.
pub(crate) const UNDER_WAY: &str = "what is under way stays what it is";
const ONE_END: &str = "each end keeps what is asked of it alone";

/// The control bits of the segments that an end of a connection sends. PSH is left out: no rule asks for it.
pub(crate) const FLAGS: [Flags; 8] = [
    Flags::SYN,
    Flags::SYN.with(Flags::ACK),
    Flags::RST,
    Flags::RST.with(Flags::ACK),
    Flags::ACK,
    Flags::ACK.with(Flags::FIN),
    Flags::ACK.with(Flags::URG),
    Flags::ACK.with(Flags::FIN).with(Flags::URG),
];

/// The options that let a new connection begin while segments of an older one may be under way.
const REUSE: [&str; 3] = ["reuse_time_wait", "reopen_by_timestamp", "reopen_by_sequence"];

/// All cases of a state and an event.
pub(crate) fn cases(state: State, kind: EventKind) -> impl Iterator<Item = Case> {
    let is_sent = move |case: &Case| {
        kind != EventKind::Segment || FLAGS.iter().any(|flags| u32::from(flags.0) == case.input & 63)
    };
    run::cases(state, kind).filter(is_sent)
}

/// What a case begins with.
pub(crate) struct Beginning<S: Numbers> {
    case: Case,
    /// The end to which the event happens.
    tcb: Tcb<S>,
    /// The other end.
    pub(crate) other: View<S>,
    event: Event<S>,
    reuse: [bool; 3],
    one: run::Beginning<S>,
}

impl<S: Numbers> Beginning<S> {
    /// The beginning of a case, with the numbers of this source.
    pub(crate) fn new(case: Case, source: &impl Source<S>) -> Self {
        Self {
            case,
            tcb: if case.state == State::Closed { Tcb::default() } else { end::tcb(source, case.timestamps) },
            other: View::any(source, OTHER),
            event: end::input(source, case.kind, case.input),
            reuse: REUSE.map(|option| source.given(option)),
            one: run::Beginning::new(case, source),
        }
    }

    /// Whether the connection keeps the invariant, and this input can come.
    fn is_possible(&self) -> bool {
        let (end, other) = (View::of(self.case.state, &self.tcb), &self.other);
        let reuses = REUSE.iter().zip(self.reuse).any(|(option, value)| S::given(option, value));
        !reuses
            && keep(&end, other)
            && match &self.event {
                // To CLOSED anything may come: the end may be one that has gone.
                Event::Segment(_) if self.case.state == State::Closed => true,
                Event::Segment(segment) => {
                    is_young(other, &end, segment) && strange(other, &end, segment).is_none()
                }
                Event::Held(segment) => {
                    segment.seq.distance(other.nxt) < HALF && foreign(other, segment).is_none()
                }
                _ => true,
            }
    }

    /// Runs the case once. `None`: the connection does not keep the invariant, or the input cannot come.
    pub(crate) fn run(&self, mutant: Option<Mutant>) -> Option<Run<S>> {
        if self.is_possible() { self.one.run(mutant) } else { None }
    }

    /// Runs the case once. Each claim that does not hold is given to `violated`.
    pub(crate) fn prove(&self, mutant: Option<Mutant>, violated: &mut impl FnMut(&str)) -> Option<Run<S>> {
        let run = self.run(mutant)?;
        Step { run: &run, other: &self.other }.claims(violated);
        Some(run)
    }
}

/// Whether two ends keep the invariant.
pub(crate) fn keep<S: Numbers>(a: &View<S>, b: &View<S>) -> bool {
    unfit(a).is_none() && unfit(b).is_none() && apart(a, b).is_none() && apart(b, a).is_none()
}

/// An event at one end, with the other end.
struct Step<'a, S: Numbers> {
    run: &'a Run<S>,
    other: &'a View<S>,
}

impl<S: Numbers> Step<'_, S> {
    /// Each claim that does not hold is given to `violated`.
    fn claims(&self, violated: &mut impl FnMut(&str)) {
        let (run, other) = (self.run, self.other);
        let (before, mut after) = (View::of(run.from, &run.before), View::of(run.to, &run.after));
        let is_told = run.end.said.contains(&Said::Notify(Notice::Closing));
        if before.begun.holds() && !after.begun.holds() {
            // The TCB is gone. What was sent and taken stays as it was.
            if is_told || run.end.said.iter().any(|said| matches!(said, Said::Deliver(_))) {
                violated(&format!("{OCTETS}: nothing is taken by an end that goes"));
            }
            after = before;
        } else {
            if let Some(clause) = unfit(&after) {
                violated(&format!("{ONE_END}: {clause}"));
            }
            if let Some(clause) = apart(&after, other).or_else(|| apart(other, &after)) {
                violated(clause);
            }
            if let Some(clause) = turned_back(&before, &after) {
                violated(&format!("{UNDER_WAY}: {clause}"));
            }
            if is_told != (after.took_fin.holds() && !before.took_fin.holds()) {
                violated("an end is told of the end after all text: with the FIN");
            }
            self.delivered(&before, &after, violated);
            self.given(violated);
            self.acknowledgment(&after, violated);
        }
        for said in &run.end.said {
            match said {
                Said::Emit(segment) => self.sent(&after, segment, violated),
                Said::Hold(segment) => {
                    if let Some(clause) = foreign(other, segment) {
                        violated(&format!("{UNDER_WAY}: what is kept, too: {clause}"));
                    }
                }
                _ => {}
            }
        }
    }

    /// The acknowledgment at the end of the event.
    fn acknowledgment(&self, end: &View<S>, violated: &mut impl FnMut(&str)) {
        if self.run.end.asked().0.is_some() && end.knows.holds() {
            self.sent(end, &self.run.after.acknowledgment(), violated);
        }
    }

    fn sent(&self, end: &View<S>, segment: &Segment<S>, violated: &mut impl FnMut(&str)) {
        if let Some(clause) = strange(end, self.other, segment) {
            violated(&format!("{SENT}: {clause}"));
        } else if !is_new(end, self.other, segment) {
            violated(&format!("{SENT}: its numbers are not far behind"));
        }
    }

    /// Text is delivered at its position. `lag`: how many positions RCV.NXT lies behind the other end's SND.NXT, as an integer.
    fn delivered(&self, before: &View<S>, after: &View<S>, violated: &mut impl FnMut(&str)) {
        if !after.knows.holds() {
            return;
        }
        let other = self.other;
        let mut lag = match before.knows.holds() {
            true => other.untaken(before),
            false => other.iss.next().distance(other.nxt),
        };
        for said in &self.run.end.said {
            let (Said::Deliver(piece), Event::Segment(segment) | Event::Held(segment)) =
                (said, &self.run.event)
            else {
                continue;
            };
            if piece.text_len() == S::Word::from(0) {
                // What was kept was taken already.
                continue;
            }
            let (first, begins) = (segment.text_seq(), piece.text_seq());
            let (age, skipped, text) = (first.distance(other.nxt), first.distance(begins), piece.text_len());
            if skipped > segment.text_len() || text > segment.text_len().wrapping_sub(skipped) {
                violated(&format!("{OCTETS}: what is delivered is a part of what has come"));
            }
            // SND.NXT - age is the position of the text that has come, SND.NXT - lag that of the text that is wanted.
            if skipped > age || age.wrapping_sub(skipped) != lag {
                violated(&format!("{OCTETS}: text is delivered at its position"));
            }
            if text > lag {
                violated(&format!("{OCTETS}: what is delivered was sent"));
            }
            lag = lag.wrapping_sub(text);
        }
        if after.took_fin.holds() && !before.took_fin.holds() {
            if lag != 1 {
                violated("an end is told of the end after all text: only the FIN was left");
            }
            lag = lag.wrapping_sub(1.into());
        }
        if other.untaken(after) != lag {
            violated(&format!("{OCTETS}: RCV.NXT moves by what is delivered"));
        }
    }

    /// The user's text goes to the end of the queue, and new text, then the FIN, is sent from SND.NXT on.
    fn given(&self, violated: &mut impl FnMut(&str)) {
        let Run { from, to, before, after, event, answer, .. } = self.run;
        if matches!(to, State::Closed | State::Listen) {
            return;
        }
        let has_begun = !matches!(from, State::Closed | State::Listen);
        let (end, nxt) =
            if has_begun { (before.snd_end, before.snd_nxt) } else { (after.iss.next(), after.iss) };
        let given = match (event, answer) {
            (Event::Send(send), Ok(())) => send.len,
            _ => 0.into(),
        };
        if end.plus(given) != after.snd_end {
            violated(&format!("{OCTETS}: text joins the queue at its end"));
        }
        if nxt != after.snd_nxt {
            let new = nxt.distance(after.snd_nxt);
            let mut sent = self.run.end.sent();
            if !sent.any(|segment| segment.seq == nxt && segment.seg_len() == new) {
                violated(&format!("{OCTETS}: new numbers are sent from SND.NXT on"));
            }
        }
        if after.facts.has(Facts::FIN_SENT)
            && !before.facts.has(Facts::FIN_SENT)
            && end.next() != after.snd_nxt
        {
            violated("an end is told of the end after all text: the FIN follows all text that was given");
        }
    }
}

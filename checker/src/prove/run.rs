//! A case of what is proven: an event, of which only the kind is known, at an end in some state, and what comes of it.

use super::end::{Source, Surroundings, edge, input, options, tcb};
use super::invariant::{broken, can_come};
use super::path;
use tcpspec::bodies::{self, Body};
use tcpspec::mutants::{self, Mutant};
use tcpspec::{
    CallError, Event, EventKind, FactSet, Numbers, Options, Row, Segment, Seq, State, Tcb, by_hand, step,
};

/// A part of what is proven: a state, an input of which only the kind and its yes-or-no parts are known, and whether timestamps are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The state before.
    pub(crate) state: State,
    /// What comes.
    pub(crate) kind: EventKind,
    /// Which of its inputs.
    pub(crate) input: u32,
    /// Both ends have agreed on timestamps.
    pub(crate) timestamps: bool,
}

/// An event, before and after.
pub(crate) struct Run<S: Numbers> {
    /// The state before.
    pub(crate) from: State,
    /// The TCB before.
    pub(crate) before: Tcb<S>,
    /// The furthest right edge that the peer has offered before.
    pub(crate) edge: Seq<S>,
    /// The input, as it came.
    pub(crate) event: Event<S>,
    /// The state after.
    pub(crate) to: State,
    /// The TCB after.
    pub(crate) after: Tcb<S>,
    /// What the rules asked for.
    pub(crate) end: Surroundings<S>,
    /// The options.
    pub(crate) options: Options,
    /// What a user's call is answered.
    pub(crate) answer: Result<(), CallError>,
    /// Octets that a RECEIVE gives; or octets that a TRANSMIT says have left, and whether the FIN has.
    pub(crate) taken: (S::Word, bool),
}

/// What a case begins with.
pub(crate) struct Beginning<S: Numbers> {
    pub(super) state: State,
    pub(super) tcb: Tcb<S>,
    pub(super) edge: Seq<S>,
    pub(super) event: Event<S>,
    pub(super) end: Surroundings<S>,
    pub(super) options: Options,
}

impl<S: Numbers> Beginning<S> {
    /// The beginning of a case, with the numbers of this source.
    pub(crate) fn new(case: Case, source: &impl Source<S>) -> Self {
        Self {
            state: case.state,
            tcb: if case.state == State::Closed { Tcb::default() } else { tcb(source, case.timestamps) },
            edge: edge(source),
            event: input(source, case.kind, case.input),
            end: Surroundings::new(source),
            options: options(source),
        }
    }

    /// Runs the case once. `None`: the TCB does not keep the invariant, or the input cannot come.
    pub(crate) fn run(&self, mutant: Option<Mutant>) -> Option<Run<S>> {
        self.is_possible().then(|| self.step(mutant))
    }

    /// Whether the TCB keeps the invariant, and the input can come.
    pub(super) fn is_possible(&self) -> bool {
        let Self { state, tcb, event, end, .. } = self;
        can_come(tcb, event) && end.is_able(*state) && broken(*state, tcb).is_none()
    }

    /// Runs the case once, whatever it begins with.
    pub(crate) fn step(&self, mutant: Option<Mutant>) -> Run<S> {
        self.step_among(self.end.clone(), mutant)
    }

    fn step_among(&self, mut end: Surroundings<S>, mutant: Option<Mutant>) -> Run<S> {
        let Self { state, tcb, event, options, .. } = self;
        let (mut to, mut after, mut taken) = (*state, *tcb, event.clone());
        let answer = match mutant {
            None => step(&mut to, &mut after, &mut taken, options, &mut end),
            some => mutants::step(some, &mut to, &mut after, &mut taken, options, &mut end),
        };
        Run { taken: given(&taken), ..self.ran(to, after, end, answer) }
    }

    pub(super) fn ran(
        &self,
        to: State,
        after: Tcb<S>,
        end: Surroundings<S>,
        answer: Result<(), CallError>,
    ) -> Run<S> {
        Run {
            from: self.state,
            before: self.tcb,
            edge: self.edge,
            event: self.event.clone(),
            to,
            after,
            end,
            options: self.options,
            answer,
            taken: (S::Word::default(), false),
        }
    }

    /// Whether the row fires. Where it does neither in the machine nor in the one with a fault in it, both do the same.
    pub(super) fn comes_to(&self, row: Row, fault: Option<Mutant>) -> bool {
        let run = self.step_among(self.end.clone().seeking(row), fault);
        path::settle(false);
        run.end.rows.contains(&row)
    }

    /// What the machine with this fault in a body does, and what an acknowledgment says after that.
    pub(super) fn with_body(&self, body: Body) -> (Run<S>, Segment<S>) {
        let Self { state, tcb, event, options, .. } = self;
        let (mut to, mut after, mut taken, mut end) =
            (*state, *tcb, event.clone(), self.end.clone().with(body));
        let answer = bodies::step(Some(body), &mut to, &mut after, &mut taken, options, &mut end);
        let acknowledgment = bodies::acknowledgment(Some(body), &after);
        (Run { taken: given(&taken), ..self.ran(to, after, end, answer) }, acknowledgment)
    }

    /// What the match that was written by hand does. `None`: it has no rules for this event.
    pub(super) fn by_hand(&self) -> Option<Run<S>> {
        let Event::Segment(mut taken) = self.event else { return None };
        let (mut to, mut after, mut end) = (self.state, self.tcb, self.end.clone());
        by_hand::segment(&mut to, &mut after, &mut taken, &self.options, &mut end);
        Some(self.ran(to, after, end, Ok(())))
    }
}

impl<S: Numbers> Run<S> {
    /// The last row that fired.
    pub(crate) fn last(&self) -> Option<Row> {
        self.end.rows.last().copied()
    }

    pub(super) fn segment(&self) -> Option<&Segment<S>> {
        if let Event::Segment(segment) = &self.event { Some(segment) } else { None }
    }

    pub(super) fn has_done(&self, effect: &str) -> bool {
        self.end.rows.iter().any(|row| row.info().effects.contains(&effect))
    }

    /// In what two runs of the same event differ.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.to != other.to {
            Some("the state")
        } else if self.answer != other.answer {
            Some("the answer")
        } else if self.end.asked() != other.end.asked() {
            Some("what the host is asked for")
        } else if self.taken != other.taken {
            Some("what the user is given, or the host is told to have left")
        } else {
            difference(&self.after, &other.after)
        }
    }

    /// What has changed of the connection, if anything has.
    pub(crate) fn trace(&self) -> Option<&'static str> {
        if self.from != self.to { Some("the state") } else { difference(&self.before, &self.after) }
    }
}

/// Octets that a RECEIVE gives; or octets that a TRANSMIT says have left, and whether the FIN has.
fn given<S: Numbers>(event: &Event<S>) -> (S::Word, bool) {
    match event {
        Event::Receive(receive) => (receive.taken, false),
        Event::Transmit(transmit) => (transmit.text, transmit.fin),
        _ => (S::Word::default(), false),
    }
}

/// The first variable in which two TCBs differ.
pub(crate) fn difference<S: Numbers>(a: &Tcb<S>, b: &Tcb<S>) -> Option<&'static str> {
    let numbers = [
        ("ISS", a.iss, b.iss),
        ("SND.UNA", a.snd_una, b.snd_una),
        ("SND.NXT", a.snd_nxt, b.snd_nxt),
        ("the end of the text", a.snd_end, b.snd_end),
        ("SND.WL1", a.snd_wl1, b.snd_wl1),
        ("SND.WL2", a.snd_wl2, b.snd_wl2),
        ("SND.UP", a.snd_up, b.snd_up),
        ("IRS", a.irs, b.irs),
        ("RCV.NXT", a.rcv_nxt, b.rcv_nxt),
        ("RCV.UP", a.rcv_up, b.rcv_up),
    ];
    if let Some((name, ..)) = numbers.into_iter().find(|(_, a, b)| a != b) {
        return Some(name);
    }
    let windows = [
        ("SND.WND", a.snd_wnd, b.snd_wnd),
        ("MAX.SND.WND", a.max_snd_wnd, b.max_snd_wnd),
        ("RCV.WND", a.rcv_wnd, b.rcv_wnd),
    ];
    if let Some((name, ..)) = windows.into_iter().find(|(_, a, b)| a != b) {
        return Some(name);
    }
    if a.ts_recent != b.ts_recent {
        return Some("TS.Recent");
    }
    if a.facts == b.facts {
        // So nothing need be decided about them.
        return None;
    }
    super::number::FACTS
        .iter()
        .find(|(fact, _)| a.facts.has(*fact) != b.facts.has(*fact))
        .map(|(_, name)| *name)
}

/// All cases of a state and an event.
pub(crate) fn cases(state: State, kind: EventKind) -> impl Iterator<Item = Case> {
    let timestamps: &[bool] =
        if matches!(state, State::Closed | State::Listen) { &[false] } else { &[false, true] };
    (0..super::end::inputs(kind)).flat_map(move |input| {
        timestamps.iter().map(move |timestamps| Case { state, kind, input, timestamps: *timestamps })
    })
}

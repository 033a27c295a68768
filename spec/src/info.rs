//! What the table says about itself: the types of the static [`TABLE`](crate::TABLE). The documents, the coverage report
//! and the explorer are made from it.

use crate::{EventKind, Row, State, Timer};

/// The whole table, in the order in which it is written.
#[derive(Debug)]
pub struct Table {
    /// The states, in the order of RFC 9293 §3.3.2.
    pub states: &'static [StateInfo],
    /// Named sets of states.
    pub sets: &'static [SetInfo],
    /// Choices that the RFCs leave open.
    pub options: &'static [OptionInfo],
    /// Questions that rows ask of an event's input.
    pub questions: &'static [QuestionInfo],
    /// Timers, each with the event of its expiry.
    pub timers: &'static [TimerInfo],
    /// Events, each with its ordered steps.
    pub events: &'static [EventInfo],
}

/// One state.
#[derive(Debug)]
pub struct StateInfo {
    /// The state.
    pub state: State,
    /// Its name in the RFC, such as `SYN-SENT`.
    pub name: &'static str,
    /// What it represents.
    pub doc: &'static str,
}

/// A named set of states.
#[derive(Debug)]
pub struct SetInfo {
    /// The name.
    pub name: &'static str,
    /// What its members have in common.
    pub doc: &'static str,
    /// Its members.
    pub states: &'static [State],
}

/// A choice that the RFCs leave open, as a named setting.
#[derive(Debug)]
pub struct OptionInfo {
    /// The name that rows test.
    pub name: &'static str,
    /// What being on means.
    pub doc: &'static str,
    /// Where the choice comes from, such as `RFC 1337`.
    pub source: &'static str,
    /// The setting unless something else is said.
    pub default: bool,
}

/// A question with several named answers.
#[derive(Debug)]
pub struct QuestionInfo {
    /// The name.
    pub name: &'static str,
    /// What is asked.
    pub doc: &'static str,
    /// The answers and what each means.
    pub answers: &'static [(&'static str, &'static str)],
}

/// A timer.
#[derive(Debug)]
pub struct TimerInfo {
    /// The timer.
    pub timer: Timer,
    /// What it is for.
    pub doc: &'static str,
    /// The event of its expiry.
    pub event: EventKind,
}

/// An event and the ordered steps of its processing.
#[derive(Debug)]
pub struct EventInfo {
    /// Which event.
    pub event: EventKind,
    /// Its name in the table.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The section of RFC 9293 (or of another RFC).
    pub section: &'static str,
    /// What nearly always happens, if the table names it.
    pub expected: Option<ExpectedInfo>,
    /// The steps, in order.
    pub steps: &'static [StepInfo],
}

/// The usual case of an event, for which the machine has a short way. It decides nothing: it follows from the rows.
#[derive(Debug)]
pub struct ExpectedInfo {
    /// What it is.
    pub doc: &'static str,
    /// In this state.
    pub state: State,
    /// The rows that are taken then, and no others.
    pub rows: &'static [Row],
}

/// A step: the first of its rows that matches is taken.
#[derive(Debug)]
pub struct StepInfo {
    /// Its name in the table.
    pub name: &'static str,
    /// What it is for (may be empty).
    pub doc: &'static str,
    /// The section it comes from.
    pub section: &'static str,
    /// The states that it concerns (`in`); all if it names none.
    pub states: &'static [State],
    /// The conditions (`when`), as written. If they do not hold, the step is passed over.
    pub when: &'static [&'static str],
    /// The rows, in order.
    pub rows: &'static [RowInfo],
}

/// How a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// The processing goes on with the next step.
    Next,
    /// The processing of the event ends.
    Stop,
    /// The event is ignored; nothing is done.
    Drop,
    /// The step has nothing to do here; the processing goes on.
    Skip,
    /// The call fails with this error.
    Error(&'static str),
}

/// One row.
#[derive(Debug)]
pub struct RowInfo {
    /// Which row.
    pub row: Row,
    /// Its unique name, as counterexamples, captures and logs print it.
    pub name: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// The section it comes from.
    pub section: &'static str,
    /// Requirements of RFC 9293 Appendix B that it meets, such as `MUST-11`.
    pub requirements: &'static [&'static str],
    /// The event it belongs to.
    pub event: EventKind,
    /// The step it belongs to.
    pub step: &'static str,
    /// The states in which it applies.
    pub states: &'static [State],
    /// Its conditions, as written; all must hold.
    pub condition: &'static [&'static str],
    /// The next state, if it changes.
    pub next: Option<State>,
    /// How it ends.
    pub verb: Verb,
    /// Its effects, in order, as written.
    pub effects: &'static [&'static str],
    /// The line of the source file in which it stands.
    pub line: u32,
}

impl Table {
    /// All rows, in the order of the table.
    pub fn rows(&self) -> impl Iterator<Item = &'static RowInfo> {
        self.events.iter().flat_map(|event| event.steps).flat_map(|step| step.rows)
    }
}

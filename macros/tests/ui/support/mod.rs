//! What a table needs in scope, as little of it as will do.

#![allow(unused)]

pub use tcpspec_macros::tcp_table;

use crate::{Event, EventKind, Options, Row, State, TABLE, Timer, enabled, first_row, step};

/// A sequence space.
pub trait Space: Clone + core::fmt::Debug {
    fn given(_: &'static str, value: bool) -> bool {
        value
    }
}

/// The only one.
#[derive(Clone, Debug)]
pub struct Real;

impl Space for Real {}

/// What guards look at: bits.
pub struct Tcb<S: Space> {
    pub bits: u32,
    pub space: core::marker::PhantomData<S>,
}

/// What the user's call brings.
#[derive(Clone, Debug)]
pub struct Call;

/// What a segment brings.
#[derive(Clone, Debug)]
pub struct Segment<S: Space> {
    pub space: core::marker::PhantomData<S>,
}

/// Why a call fails.
#[derive(Debug, PartialEq, Eq)]
pub enum CallError {
    NoConnection,
}

/// Keeps what happened.
pub trait Host<S: Space> {
    fn fired(&mut self, row: Row);
    fn log(&mut self, entry: String);
}

/// Guards that say what a bit of the TCB says.
pub mod guards {
    use super::{Space, Tcb};

    pub fn has_syn<S: Space, I>(tcb: &Tcb<S>, _: &I) -> bool {
        tcb.bits & 1 != 0
    }

    pub fn has_ack<S: Space, I>(tcb: &Tcb<S>, _: &I) -> bool {
        tcb.bits & 2 != 0
    }

    pub fn has_rst<S: Space, I>(tcb: &Tcb<S>, _: &I) -> bool {
        tcb.bits & 4 != 0
    }
}

/// Effects that write their name.
pub mod effects {
    use super::{Host, Space, Tcb};
    use crate::Timer;

    pub fn send_syn<S: Space, I, H: Host<S>>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
        host.log("send_syn".to_owned());
    }

    pub fn send_fin<S: Space, I, H: Host<S>>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
        host.log("send_fin".to_owned());
    }

    pub fn start<S: Space, I, H: Host<S>>(_: &mut Tcb<S>, _: &mut I, host: &mut H, timer: Timer) {
        host.log(format!("start {timer}"));
    }
}

/// The types of the static table.
pub mod info {
    use crate::{EventKind, Row, State, Timer};

    pub struct Table {
        pub states: &'static [StateInfo],
        pub sets: &'static [SetInfo],
        pub options: &'static [OptionInfo],
        pub questions: &'static [QuestionInfo],
        pub timers: &'static [TimerInfo],
        pub events: &'static [EventInfo],
    }

    pub struct StateInfo {
        pub state: State,
        pub name: &'static str,
        pub doc: &'static str,
    }

    pub struct SetInfo {
        pub name: &'static str,
        pub doc: &'static str,
        pub states: &'static [State],
    }

    pub struct OptionInfo {
        pub name: &'static str,
        pub doc: &'static str,
        pub source: &'static str,
        pub default: bool,
    }

    pub struct QuestionInfo {
        pub name: &'static str,
        pub doc: &'static str,
        pub answers: &'static [(&'static str, &'static str)],
    }

    pub struct TimerInfo {
        pub timer: Timer,
        pub doc: &'static str,
        pub event: EventKind,
    }

    pub struct EventInfo {
        pub event: EventKind,
        pub name: &'static str,
        pub doc: &'static str,
        pub section: &'static str,
        pub expected: Option<ExpectedInfo>,
        pub steps: &'static [StepInfo],
    }

    pub struct ExpectedInfo {
        pub doc: &'static str,
        pub state: State,
        pub rows: &'static [Row],
    }

    pub struct StepInfo {
        pub name: &'static str,
        pub doc: &'static str,
        pub section: &'static str,
        pub states: &'static [State],
        pub when: &'static [&'static str],
        pub rows: &'static [RowInfo],
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Verb {
        Next,
        Stop,
        Drop,
        Skip,
        Error(&'static str),
    }

    #[derive(Debug)]
    pub struct RowInfo {
        pub row: Row,
        pub name: &'static str,
        pub sentence: &'static str,
        pub section: &'static str,
        pub requirements: &'static [&'static str],
        pub event: EventKind,
        pub step: &'static str,
        pub states: &'static [State],
        pub condition: &'static [&'static str],
        pub next: Option<State>,
        pub verb: Verb,
        pub effects: &'static [&'static str],
        pub line: u32,
    }
}

/// A user of the machine: whatever is wrong in the table, nothing is to be reported here.
pub fn user<S: Space, H: Host<S>>(tcb: &mut Tcb<S>, event: &mut Event<S>, host: &mut H) -> Option<Row> {
    let options = Options::default();
    let mut state = State::Closed;
    if enabled(state, tcb, event, &options) && step(&mut state, tcb, event, &options, host).is_err() {
        return None;
    }
    let rows = TABLE.events.iter().flat_map(|event| event.steps).flat_map(|step| step.rows);
    rows.map(|info| info.row).find(|row| first_row(state, tcb, event, &options) == Some(*row))
}

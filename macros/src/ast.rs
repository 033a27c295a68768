//! What the tokens say, before any name is looked up.

use proc_macro2::Span;
use syn::{Ident, LitStr, Path, Type};

/// A doc comment, its lines joined; empty if there is none.
pub(crate) type Doc = String;

/// The table as written.
#[derive(Default)]
pub(crate) struct Table {
    /// `states { … }`
    pub(crate) states: Vec<State>,
    /// `sets { … }`
    pub(crate) sets: Vec<Set>,
    /// `options { … }`
    pub(crate) options: Vec<Choice>,
    /// `questions { … }`
    pub(crate) questions: Vec<Question>,
    /// `timers { … }`
    pub(crate) timers: Vec<Timer>,
    /// `event … { … }`
    pub(crate) events: Vec<Event>,
    /// Something could not be parsed, so what follows from the whole table cannot be judged.
    pub(crate) broken: bool,
}

/// `SynSent "SYN-SENT"`
pub(crate) struct State {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) name: LitStr,
}

/// `Synchronized = [Established, …]`
pub(crate) struct Set {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) members: Vec<Ident>,
}

/// `rfc1337 = true, "RFC 1337"`
pub(crate) struct Choice {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) default: bool,
    pub(crate) source: LitStr,
}

/// `place -> Place { Inside, Outside }`
pub(crate) struct Question {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) answer: Ident,
    pub(crate) answers: Vec<Answer>,
}

/// One answer of a question.
pub(crate) struct Answer {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
}

/// `TimeWait => time_wait`
pub(crate) struct Timer {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) event: Ident,
}

/// `event segment(Segment<S>) "§3.10.7" { … }`
pub(crate) struct Event {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) input: Type,
    pub(crate) section: Option<LitStr>,
    pub(crate) expected: Option<Expected>,
    pub(crate) steps: Vec<Step>,
    pub(crate) broken: bool,
}

/// `expected Established = [inside, ack_same];`
pub(crate) struct Expected {
    pub(crate) doc: Doc,
    pub(crate) state: Ident,
    pub(crate) rows: Vec<Ident>,
}

/// `step rst "…" in [Synchronized] when has_rst { … }`
pub(crate) struct Step {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) section: Option<LitStr>,
    pub(crate) states: Option<Vec<Ident>>,
    pub(crate) when: Vec<Condition>,
    pub(crate) rows: Vec<Row>,
    pub(crate) broken: bool,
}

/// `name "section" [MUST-11]: body`
pub(crate) struct Row {
    pub(crate) doc: Doc,
    pub(crate) ident: Ident,
    pub(crate) section: Option<LitStr>,
    pub(crate) requirements: Vec<String>,
    /// `None` after a syntax error: the name is kept, so that its users do not fail too.
    pub(crate) body: Option<Body>,
}

/// `State, Set if condition => outcome`
pub(crate) struct Body {
    pub(crate) states: Vec<Ident>,
    pub(crate) condition: Vec<Condition>,
    pub(crate) outcome: Outcome,
}

/// What a row or step asks.
pub(crate) enum Condition {
    /// `has_rst`, `!has_rst`
    Guard { ident: Ident, negated: bool },
    /// `option(rfc1337)`, `!option(rfc1337)`
    Choice { ident: Ident, negated: bool },
    /// `ack is Old | Same`, `ack is not Invalid`
    Question { ident: Ident, answers: Vec<Ident>, negated: bool },
}

/// `NextState stop { effects }`
pub(crate) struct Outcome {
    pub(crate) next: Option<Ident>,
    pub(crate) verb: Verb,
    pub(crate) effects: Vec<Effect>,
}

/// How a row ends.
#[derive(Clone)]
pub(crate) enum Verb {
    /// Go on with the next step.
    Next,
    /// The processing of this event ends.
    Stop,
    /// Ignored: ends, nothing is done.
    Drop,
    /// Nothing to do in this step: go on.
    Skip,
    /// The call fails with this error.
    Error(Ident),
}

/// `start(Timer::TimeWait)`
#[derive(Clone)]
pub(crate) struct Effect {
    pub(crate) ident: Ident,
    pub(crate) argument: Option<Path>,
}

impl Effect {
    /// As written, without blanks.
    pub(crate) fn text(&self) -> String {
        let Some(path) = &self.argument else { return self.ident.to_string() };
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        format!("{}({})", self.ident, segments.join("::"))
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

//! The table with all names looked up. It is ordered, indexed and ready for any back end.

use crate::ast::{Doc, Effect, Verb};
use proc_macro2::Span;
use syn::{Ident, Type};

/// The whole table.
pub(crate) struct Ir {
    pub(crate) states: Vec<State>,
    pub(crate) sets: Vec<Set>,
    pub(crate) options: Vec<Choice>,
    pub(crate) questions: Vec<Question>,
    pub(crate) timers: Vec<Timer>,
    pub(crate) events: Vec<Event>,
    /// Something was not understood, so what follows from the whole table (reachability) cannot be judged.
    pub(crate) broken: bool,
}

/// A state; its index is its number.
pub(crate) struct State {
    pub(crate) ident: Ident,
    /// As the RFC writes it.
    pub(crate) name: String,
    pub(crate) doc: Doc,
}

/// A named set of states.
pub(crate) struct Set {
    pub(crate) ident: Ident,
    pub(crate) doc: Doc,
    pub(crate) states: StateSet,
}

/// An option.
pub(crate) struct Choice {
    pub(crate) ident: Ident,
    pub(crate) doc: Doc,
    pub(crate) default: bool,
    pub(crate) source: String,
}

/// A question with named answers.
pub(crate) struct Question {
    pub(crate) ident: Ident,
    pub(crate) doc: Doc,
    /// The enum of its answers.
    pub(crate) answer: Ident,
    pub(crate) answers: Vec<(Ident, Doc)>,
}

/// A timer.
pub(crate) struct Timer {
    pub(crate) ident: Ident,
    pub(crate) doc: Doc,
    /// The event of its expiry; `None` if unknown.
    pub(crate) event: Option<usize>,
}

/// An event.
pub(crate) struct Event {
    pub(crate) ident: Ident,
    /// Its name as an enum's variant.
    pub(crate) variant: Ident,
    pub(crate) doc: Doc,
    pub(crate) input: Type,
    pub(crate) section: String,
    pub(crate) expected: Option<Expected>,
    pub(crate) steps: Vec<Step>,
    /// Something in it was not understood, so it cannot be checked.
    pub(crate) broken: bool,
}

/// The usual case of an event: a state and the rows that are taken then.
pub(crate) struct Expected {
    /// Where it stands.
    pub(crate) span: Span,
    pub(crate) doc: Doc,
    /// The number of the state.
    pub(crate) state: usize,
    pub(crate) rows: Vec<Ident>,
}

/// A step of an event.
pub(crate) struct Step {
    pub(crate) ident: Ident,
    pub(crate) doc: Doc,
    pub(crate) section: String,
    /// The states that it concerns.
    pub(crate) states: StateSet,
    pub(crate) when: Vec<Condition>,
    pub(crate) rows: Vec<Row>,
}

/// A row.
pub(crate) struct Row {
    pub(crate) ident: Ident,
    /// Its name as an enum's variant.
    pub(crate) variant: Ident,
    pub(crate) sentence: Doc,
    pub(crate) section: String,
    pub(crate) requirements: Vec<String>,
    /// The states and sets as written, each with what it stands for.
    pub(crate) terms: Vec<(Ident, StateSet)>,
    /// All of them together.
    pub(crate) states: StateSet,
    pub(crate) condition: Vec<Condition>,
    /// The number of the next state.
    pub(crate) next: Option<usize>,
    pub(crate) verb: Verb,
    pub(crate) effects: Vec<Effect>,
}

/// What a condition asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Atom {
    /// A guard, by its number in the event (see [`Condition::ident`] for its name).
    Guard(usize),
    /// An option, by its index.
    Choice(usize),
    /// A question, by its index.
    Question(usize),
}

/// One condition: the atom's value must be one of `values`.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) ident: Ident,
    pub(crate) atom: Atom,
    /// A bit for each value allowed. Guards and options: bit 0 is false, bit 1 is true. Questions: a bit for each answer.
    pub(crate) values: u64,
    /// A bit for each value that exists.
    pub(crate) domain: u64,
    /// As written.
    pub(crate) text: String,
}

impl Row {
    /// Whether the processing goes on with the next step.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self.verb, Verb::Next | Verb::Skip)
    }

    /// Whether it goes on and has done nothing.
    pub(crate) fn passes(&self) -> bool {
        self.goes_on() && self.next.is_none() && self.effects.is_empty()
    }

    /// Whether it leads to the following step in the same state.
    pub(crate) fn stays(&self) -> bool {
        self.goes_on() && self.next.is_none()
    }

    /// Whether it does something: neither refuses nor ignores.
    pub(crate) fn acts(&self) -> bool {
        !self.passes() && !matches!(self.verb, Verb::Drop | Verb::Error(_))
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

/// A set of states, by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct StateSet(pub(crate) u64);

impl StateSet {
    /// The largest number of states.
    pub(crate) const MAX: usize = 64;

    /// The first `count` states.
    pub(crate) fn first(count: usize) -> Self {
        (0..count).collect()
    }

    /// Only this state.
    pub(crate) fn only(state: usize) -> Self {
        Self(1 << state)
    }

    pub(crate) fn has(self, state: usize) -> bool {
        self.0 >> state & 1 == 1
    }

    pub(crate) fn insert(&mut self, state: usize) {
        self.0 |= 1 << state;
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..Self::MAX).filter(move |state| self.has(*state))
    }
}

impl FromIterator<usize> for StateSet {
    fn from_iter<I: IntoIterator<Item = usize>>(states: I) -> Self {
        states.into_iter().fold(Self::default(), |set, state| set.or(Self::only(state)))
    }
}

impl Ir {
    /// All states.
    pub(crate) fn all_states(&self) -> StateSet {
        StateSet::first(self.states.len())
    }

    /// `SYN-SENT, LISTEN and CLOSED`
    pub(crate) fn names(&self, states: StateSet) -> String {
        let mut names: Vec<&str> = states.iter().map(|state| self.states[state].name.as_str()).collect();
        let last = names.pop().unwrap_or("no state");
        if names.is_empty() { last.to_owned() } else { format!("{} and {last}", names.join(", ")) }
    }

    /// All rows, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.events.iter().flat_map(|event| &event.steps).flat_map(|step| &step.rows)
    }
}

/// `fin_wait_1` → `FinWait1`
pub(crate) fn camel(ident: &Ident) -> Ident {
    let mut camel = String::new();
    for word in ident.to_string().split('_') {
        let mut chars = word.chars();
        camel.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(chars);
    }
    if !camel.starts_with(|first: char| first.is_alphabetic()) {
        camel.insert_str(0, "Unnamed");
    }
    Ident::new(&camel, ident.span())
}

/// `FinWait1` → `fin_wait1`
pub(crate) fn snake(ident: &Ident) -> String {
    let mut snake = String::new();
    for (i, c) in ident.to_string().chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

//! Numbers that are terms: the rules run on them, and each comparison asks the path.

use super::path;
use super::term::{self, Question, Term};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Sub};
use tcpspec::{FactSet, Facts, Numbers, Word};

/// What an integer would not hold is claimed not to happen.
const SIZES: &str = "no sum is too large for 32 bits, and no difference is negative";

/// All numbers of 32 bits at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Symbolic;

impl Numbers for Symbolic {
    type Word = Number;
    type Raw = Number;
    type Facts = UnknownFacts;

    fn raw(value: Number) -> Number {
        value
    }

    fn reduce(value: Number) -> Number {
        value
    }

    fn before(earlier: Number, later: Number) -> bool {
        path::decide(term::negative(term::subtract(earlier.0, later.0)))
    }

    fn given(name: &'static str, _: bool) -> bool {
        path::decide(term::fact(name))
    }

    fn meets_fault() {
        path::meet();
    }
}

/// A number of 32 bits. To compare it decides which way the path goes.
#[derive(Clone, Copy)]
pub(crate) struct Number(Term);

impl Number {
    /// The variable of this name.
    pub(crate) fn variable(name: &'static str) -> Self {
        Self(term::variable(name))
    }
}

impl Default for Number {
    fn default() -> Self {
        Self(term::constant(0))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(term::constant(value))
    }
}

impl From<bool> for Number {
    fn from(value: bool) -> Self {
        Self(term::constant(value.into()))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        path::decide(term::equal(self.0, other.0))
    }
}

impl Eq for Number {}

impl PartialEq<u32> for Number {
    fn eq(&self, other: &u32) -> bool {
        *self == Self::from(*other)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            Ordering::Equal
        } else if self < other {
            Ordering::Less
        } else {
            Ordering::Greater
        }
    }

    // One question is enough.
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn lt(&self, other: &Self) -> bool {
        path::decide(term::less(self.0, other.0))
    }

    fn le(&self, other: &Self) -> bool {
        !path::decide(term::less(other.0, self.0))
    }

    fn gt(&self, other: &Self) -> bool {
        other < self
    }

    fn ge(&self, other: &Self) -> bool {
        !path::decide(term::less(self.0, other.0))
    }
}

impl PartialOrd<u32> for Number {
    fn partial_cmp(&self, other: &u32) -> Option<Ordering> {
        self.partial_cmp(&Self::from(*other))
    }

    fn lt(&self, other: &u32) -> bool {
        *self < Self::from(*other)
    }

    fn le(&self, other: &u32) -> bool {
        *self <= Self::from(*other)
    }

    fn gt(&self, other: &u32) -> bool {
        *self > Self::from(*other)
    }

    fn ge(&self, other: &u32) -> bool {
        *self >= Self::from(*other)
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Add for Number {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = self.wrapping_add(other);
        path::claim_size(SIZES, term::less(sum.0, self.0).not());
        sum
    }
}

impl Sub for Number {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        path::claim_size(SIZES, term::less(self.0, other.0).not());
        self.wrapping_sub(other)
    }
}

impl Word for Number {
    fn wrapping_add(self, other: Self) -> Self {
        Self(term::add(self.0, other.0))
    }

    fn wrapping_sub(self, other: Self) -> Self {
        Self(term::subtract(self.0, other.0))
    }

    fn saturating_sub(self, other: Self) -> Self {
        if self < other { Self::default() } else { self.wrapping_sub(other) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match term::known(self.0) {
            Some(value) => write!(f, "{value}"),
            None => f.write_str("?"),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Facts of which some are not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct UnknownFacts {
    known: u16,
    value: Facts,
}

impl UnknownFacts {
    /// Nothing is known: each fact is decided when a rule first asks for it.
    pub(crate) const NOTHING: Self = Self { known: 0, value: Facts::from_bits(0) };

    /// The question whether the TCB began with this fact.
    pub(crate) fn question(fact: Facts) -> Question {
        term::fact(fact_name(fact))
    }

    /// The question whether the fact holds now.
    pub(crate) fn asked(self, fact: Facts) -> Question {
        if self.known & fact.bits() == 0 {
            Self::question(fact)
        } else {
            Question::TRUE.if_not(self.value.has(fact))
        }
    }
}

/// The facts, with their names.
pub(crate) const FACTS: &[(Facts, &str)] = &[
    (Facts::PASSIVE, "PASSIVE"),
    (Facts::CHILD, "CHILD"),
    (Facts::FORKS, "FORKS"),
    (Facts::REMOTE, "REMOTE"),
    (Facts::SYN_ACKED, "SYN_ACKED"),
    (Facts::CLOSED, "CLOSED"),
    (Facts::FIN_SENT, "FIN_SENT"),
    (Facts::URGENT_OUT, "URGENT_OUT"),
    (Facts::URGENT_IN, "URGENT_IN"),
    (Facts::NAMED, "NAMED"),
    (Facts::REUSES, "REUSES"),
    (Facts::RELEASED, "RELEASED"),
];

fn fact_name(fact: Facts) -> &'static str {
    FACTS.iter().find(|(known, _)| *known == fact).map_or("several facts", |(_, name)| name)
}

impl Default for UnknownFacts {
    fn default() -> Self {
        Facts::default().into()
    }
}

impl From<Facts> for UnknownFacts {
    fn from(value: Facts) -> Self {
        Self { known: u16::MAX, value }
    }
}

impl FactSet for UnknownFacts {
    fn has(self, fact: Facts) -> bool {
        path::decide(self.asked(fact))
    }

    fn set(&mut self, fact: Facts) {
        self.known |= fact.bits();
        self.value.set(fact);
    }

    fn clear(&mut self, fact: Facts) {
        self.known |= fact.bits();
        self.value.clear(fact);
    }
}

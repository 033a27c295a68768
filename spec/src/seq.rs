//! Sequence numbers: arithmetic modulo the size of the sequence space (RFC 9293 §3.4).
//!
//! The width is a type parameter: [`Full`] (32 bits) in the stack, a few bits in the model, where numbers wrap
//! within a handful of segments. [`Numbers`] says what else numbers may be made of. There is no `Ord`: modular order is not transitive.

use crate::{FactSet, Facts};
use core::fmt;
use core::hash::Hash;
use core::ops::{Add, Sub};
use tcpspec_macros::breakable;

/// What numbers, lengths and facts are made of. The rules ask for nothing else, so they run on integers ([`Space`]) in the stack and in the model, and on terms where they are
/// proven.
pub trait Numbers: Copy + Eq + Hash + fmt::Debug + Default + 'static {
    /// A length, a window or a distance, in octets.
    type Word: Word;
    /// How a number or a window is stored.
    type Raw: Copy + Eq + Hash + Ord + fmt::Debug + Default + Into<Self::Word>;
    /// The facts of a TCB.
    type Facts: FactSet;
    /// Stores a number; what does not fit is cut off (the caller has reduced it).
    fn raw(value: Self::Word) -> Self::Raw;
    /// The number modulo the size of the space.
    fn reduce(value: Self::Word) -> Self::Word;
    /// Whether `later` lies ahead of `earlier` by less than half of the space.
    fn before(earlier: Self::Word, later: Self::Word) -> bool;
    /// Whether it holds what is given to the rules: an option, or what the host says of a segment. Where rules are proven, it is decided when a rule first asks for it.
    #[inline(always)]
    fn given(name: &'static str, value: bool) -> bool {
        let _ = name;
        value
    }
    /// Whether what is `breakable` runs with the fault of this number. Only the space `bodies::Faulty` of the model has faults.
    #[doc(hidden)]
    #[inline(always)]
    fn broken(fault: u32) -> bool {
        let _ = fault;
        false
    }
    /// Here the function goes on with its fault.
    #[doc(hidden)]
    #[inline(always)]
    fn meets_fault() {}
}

/// Arithmetic on lengths, windows and distances.
pub trait Word:
    Copy
    + Ord
    + Hash
    + fmt::Debug
    + fmt::Display
    + Default
    + From<u32>
    + From<bool>
    + PartialEq<u32>
    + PartialOrd<u32>
    + Add<Output = Self>
    + Sub<Output = Self>
    + 'static
{
    /// The sum modulo 2^32.
    #[must_use]
    fn wrapping_add(self, other: Self) -> Self;
    /// The difference modulo 2^32.
    #[must_use]
    fn wrapping_sub(self, other: Self) -> Self;
    /// The difference, or zero if it would be negative.
    #[must_use]
    fn saturating_sub(self, other: Self) -> Self;
}

impl Word for u32 {
    #[inline(always)]
    fn wrapping_add(self, other: Self) -> Self {
        u32::wrapping_add(self, other)
    }

    #[inline(always)]
    fn wrapping_sub(self, other: Self) -> Self {
        u32::wrapping_sub(self, other)
    }

    #[inline(always)]
    fn saturating_sub(self, other: Self) -> Self {
        u32::saturating_sub(self, other)
    }
}

/// A sequence space of `2^BITS` numbers.
pub trait Space: Numbers<Word = u32, Facts = Facts, Raw: Send + Sync> + Send + Sync {
    /// Width in bits, 3 to 32.
    fn bits() -> u32;
    /// The largest number.
    #[inline(always)]
    fn mask() -> u32 {
        u32::MAX >> (32 - Self::bits())
    }
}

/// TCP's own space: 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Full;

impl Space for Full {
    #[inline(always)]
    fn bits() -> u32 {
        32
    }
}

impl Numbers for Full {
    type Word = u32;
    type Raw = u32;
    type Facts = Facts;

    #[inline(always)]
    fn raw(value: u32) -> u32 {
        value
    }

    #[inline(always)]
    fn reduce(value: u32) -> u32 {
        value
    }

    #[inline(always)]
    fn before(earlier: u32, later: u32) -> bool {
        is_negative::<Self>(earlier.wrapping_sub(later))
    }
}

/// A space of `BITS` bits (3 to 8), for models.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Small<const BITS: u32>;

impl<const B: u32> Space for Small<B> {
    #[inline(always)]
    fn bits() -> u32 {
        const { assert!(B >= 3 && B <= 8, "a small sequence space has 3 to 8 bits") };
        B
    }
}

impl<const B: u32> Numbers for Small<B> {
    type Word = u32;
    type Raw = u8;
    type Facts = Facts;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "callers mask; lengths in a model stay below 2^8")]
    fn raw(value: u32) -> u8 {
        value as u8
    }

    #[inline(always)]
    fn reduce(value: u32) -> u32 {
        value & Self::mask()
    }

    #[inline(always)]
    fn before(earlier: u32, later: u32) -> bool {
        is_negative::<Self>(earlier.wrapping_sub(later))
    }
}

/// Whether a difference of numbers is negative in two's complement.
#[inline(always)]
fn is_negative<S: Space>(difference: u32) -> bool {
    // The sign bit of the difference, moved to the top of the word.
    (difference << (32 - S::bits())) >> 31 == 1
}

/// A sequence number of the space `S`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seq<S: Numbers>(S::Raw);

#[breakable]
impl<S: Numbers> Seq<S> {
    /// The number `value` modulo the size of the space.
    #[inline(always)]
    pub fn new(value: S::Word) -> Self {
        Self(S::raw(S::reduce(value)))
    }

    /// A number as it was stored.
    #[cfg(feature = "model")]
    #[inline(always)]
    pub(crate) fn stored(raw: S::Raw) -> Self {
        Self(raw)
    }

    /// The number as an integer.
    #[inline(always)]
    pub fn get(self) -> S::Word {
        self.0.into()
    }

    /// The number `n` further on.
    #[inline(always)]
    #[must_use]
    pub fn plus(self, n: S::Word) -> Self {
        Self::new(self.get().wrapping_add(n))
    }

    /// The number `n` back.
    #[inline(always)]
    #[must_use]
    pub fn minus(self, n: S::Word) -> Self {
        Self::new(self.get().wrapping_sub(n))
    }

    /// The number after this one.
    #[inline(always)]
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(true.into())
    }

    /// The number before this one.
    #[inline(always)]
    #[must_use]
    pub fn previous(self) -> Self {
        self.minus(true.into())
    }

    /// How far `later` lies ahead of `self`, going forward (0 to the largest number).
    #[inline(always)]
    pub fn distance(self, later: Self) -> S::Word {
        S::reduce(later.get().wrapping_sub(self.get()))
    }

    /// `self < other` in the RFC's notation: `other` lies ahead by less than half of the space.
    #[inline(always)]
    pub fn before(self, other: Self) -> bool {
        S::before(self.get(), other.get())
    }

    /// `self =< other` in the RFC's notation.
    #[inline(always)]
    pub fn at_or_before(self, other: Self) -> bool {
        !other.before(self)
    }

    /// `left =< self < left + len`.
    #[inline(always)]
    pub fn in_window(self, left: Self, len: S::Word) -> bool {
        left.distance(self) < len
    }
}

impl<S: Numbers> fmt::Debug for Seq<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

impl<S: Numbers> fmt::Display for Seq<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_modular_in_every_width() {
        fn check<S: Space>() {
            let (largest, half) = (S::mask(), S::mask() / 2);
            for start in [0, 1, half, largest - 1, largest] {
                let a = Seq::<S>::new(start);
                assert!(!a.before(a) && a.at_or_before(a));
                for n in [1, half] {
                    assert!(a.before(a.plus(n)), "{start} + {n}");
                    assert!(!a.plus(n).before(a), "{start} + {n}");
                    assert_eq!(a.distance(a.plus(n)), n);
                    assert_eq!(a.plus(n).minus(n), a);
                }
                assert!(a.plus(2).in_window(a, 3) && !a.plus(3).in_window(a, 3) && !a.in_window(a, 0));
                assert!(!a.minus(1).in_window(a, 3));
            }
        }
        check::<Full>();
        check::<Small<3>>();
        check::<Small<4>>();
        check::<Small<6>>();
        check::<Small<8>>();
    }
}

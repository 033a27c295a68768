//! Sequence numbers: arithmetic modulo the size of the sequence space (RFC 9293 §3.4).
//!
//! The width is a type parameter: [`Full`] (32 bits) in the stack, a few bits in the model, where numbers wrap
//! within a handful of segments. There is no `Ord`: modular order is not transitive.

use core::fmt;
use core::hash::Hash;

/// A sequence space of `2^BITS` numbers.
pub trait Space: Copy + Eq + Hash + fmt::Debug + Default + Send + Sync + 'static {
    /// How a number is stored.
    type Raw: Copy + Eq + Hash + Ord + fmt::Debug + Default + Into<u32> + Send + Sync + 'static;
    /// Width in bits, 3 to 32.
    const BITS: u32;
    /// The largest number.
    const MASK: u32 = u32::MAX >> (32 - Self::BITS);
    /// Stores a number; what does not fit is cut off (the caller has reduced it).
    fn raw(value: u32) -> Self::Raw;
}

/// TCP's own space: 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Full;

impl Space for Full {
    type Raw = u32;
    const BITS: u32 = 32;
    #[inline(always)]
    fn raw(value: u32) -> u32 {
        value
    }
}

/// A space of `BITS` bits (3 to 8), for models.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Small<const BITS: u32>;

impl<const B: u32> Space for Small<B> {
    type Raw = u8;
    const BITS: u32 = {
        assert!(B >= 3 && B <= 8, "a small sequence space has 3 to 8 bits");
        B
    };
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "callers mask; lengths in a model stay below 2^8")]
    fn raw(value: u32) -> u8 {
        value as u8
    }
}

/// A sequence number of the space `S`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seq<S: Space>(S::Raw);

impl<S: Space> Seq<S> {
    /// The number `value` modulo the size of the space.
    #[inline(always)]
    pub fn new(value: u32) -> Self {
        Self(S::raw(value & S::MASK))
    }

    /// The number as an integer.
    #[inline(always)]
    pub fn get(self) -> u32 {
        self.0.into()
    }

    /// The number `n` further on.
    #[inline(always)]
    #[must_use]
    pub fn plus(self, n: u32) -> Self {
        Self::new(self.get().wrapping_add(n))
    }

    /// The number `n` back.
    #[inline(always)]
    #[must_use]
    pub fn minus(self, n: u32) -> Self {
        Self::new(self.get().wrapping_sub(n))
    }

    /// How far `later` lies ahead of `self`, going forward (0 to `S::MASK`).
    #[inline(always)]
    pub fn distance(self, later: Self) -> u32 {
        later.get().wrapping_sub(self.get()) & S::MASK
    }

    /// `self < other` in the RFC's notation: `other` lies ahead by less than half of the space.
    #[inline(always)]
    pub fn before(self, other: Self) -> bool {
        // The sign bit of the difference, moved to the top of the word.
        ((self.get().wrapping_sub(other.get())) << (32 - S::BITS)) >> 31 == 1
    }

    /// `self =< other` in the RFC's notation.
    #[inline(always)]
    pub fn at_or_before(self, other: Self) -> bool {
        !other.before(self)
    }

    /// `left =< self < left + len`.
    #[inline(always)]
    pub fn in_window(self, left: Self, len: u32) -> bool {
        left.distance(self) < len
    }
}

impl<S: Space> fmt::Debug for Seq<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

impl<S: Space> fmt::Display for Seq<S> {
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
            let half = S::MASK / 2;
            for start in [0, 1, half, S::MASK - 1, S::MASK] {
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

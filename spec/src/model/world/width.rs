//! How wide the model's sequence numbers are: four bits, or what the process has chosen before it made any.
//!
//! The rules are generic over the space. The model is not: its worlds have numbers of one space, [`Chosen`], and one process explores at one width.

use crate::{Facts, Numbers, Space};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Bits of a number, if nobody chooses.
pub const USUAL: u32 = 4;
/// The widths that can be chosen. With fewer bits a window would have one octet at most; with more, a packed number would need more room.
pub const WIDTHS: core::ops::RangeInclusive<u32> = 3..=6;

static MASK: AtomicU32 = AtomicU32::new((1 << USUAL) - 1);

/// Chooses how many bits a number has, for as long as the process lives.
///
/// # Errors
///
/// The width is none of [`WIDTHS`], or another one was chosen before.
pub fn choose(bits: u32) -> Result<(), String> {
    static ONCE: OnceLock<u32> = OnceLock::new();
    if !WIDTHS.contains(&bits) {
        let (least, most) = WIDTHS.into_inner();
        return Err(format!("numbers of the model have {least} to {most} bits, not {bits}"));
    }
    let chosen = *ONCE.get_or_init(|| {
        MASK.store((1 << bits) - 1, Relaxed);
        bits
    });
    if chosen == bits { Ok(()) } else { Err(format!("numbers have {chosen} bits in this process already")) }
}

/// How many numbers there are: 16, or 8 to 64 where another width was chosen.
#[inline]
pub fn size() -> u8 {
    MASK.load(Relaxed) as u8 + 1
}

/// Half of them: no window is as large.
#[inline]
pub fn half() -> u8 {
    size() / 2
}

/// Bits of a number.
pub fn bits() -> u32 {
    Chosen::bits()
}

/// Whether numbers need more than a nibble.
#[inline]
pub(crate) fn is_large() -> bool {
    MASK.load(Relaxed) > 15
}

/// Whether nobody has chosen another width than the usual one.
pub fn is_usual() -> bool {
    bits() == USUAL
}

/// The model's sequence space.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Chosen;

impl Space for Chosen {
    fn bits() -> u32 {
        Self::mask().count_ones()
    }

    #[inline(always)]
    fn mask() -> u32 {
        MASK.load(Relaxed)
    }
}

impl Numbers for Chosen {
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
        // The sign bit of the difference.
        earlier.wrapping_sub(later) & (Self::mask() / 2 + 1) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_chosen_another_width_and_order_is_that_of_four_bits() {
        assert!(choose(2).is_err() && choose(7).is_err());
        choose(USUAL).unwrap();
        assert_eq!(choose(5), Err("numbers have 4 bits in this process already".into()));
        assert_eq!((size(), half(), bits()), (16, 8, 4));
        for earlier in 0..40 {
            for later in 0..40 {
                assert_eq!(Chosen::reduce(earlier), crate::Small::<4>::reduce(earlier));
                let [ours, theirs] = [Chosen::before, crate::Small::<4>::before];
                assert_eq!(ours(earlier, later), theirs(earlier, later), "{earlier}, {later}");
            }
        }
    }
}

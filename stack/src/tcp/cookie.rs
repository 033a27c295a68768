//! A connection whose initial number is a SYN cookie: what the cookie remembers of the SYN, and what its timestamps say.

use crate::wire::tcp;

/// Bits of a timestamp that say what a cookie has no room for.
pub(crate) const STAMP_MASK: u32 = 0x1f;

/// A cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cookie {
    /// The initial number.
    pub(crate) iss: u32,
    /// The lowest bits of the timestamp, if the peer uses timestamps.
    pub(crate) stamp: Option<u32>,
}

impl Cookie {
    /// The SYN as far as the cookie remembers it.
    pub(crate) fn syn(&self, syn: &tcp::Header) -> tcp::Header {
        let mut syn = *syn;
        if self.stamp.is_none() {
            (syn.options.window_scale, syn.options.sack_permitted, syn.options.timestamps) =
                (None, false, None);
        }
        syn
    }

    /// A timestamp with the cookie's bits: not later than `now`.
    pub(crate) fn stamp(&self, now: u32) -> u32 {
        let Some(stamp) = self.stamp else { return now };
        let stamped = now & !STAMP_MASK | stamp;
        if now & STAMP_MASK < stamp { stamped.wrapping_sub(STAMP_MASK + 1) } else { stamped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_never_later_than_now() {
        for now in [0_u32, 1, 31, 32, 33, 1000, u32::MAX] {
            for stamp in 0..32 {
                let stamped = Cookie { iss: 0, stamp: Some(stamp) }.stamp(now);
                assert_eq!(stamped & STAMP_MASK, stamp);
                assert!(now.wrapping_sub(stamped) < 32, "{now} {stamp} {stamped}");
            }
        }
    }
}

//! Time as an argument: the core has no clock.

use super::Span;
use core::fmt;
use core::num::NonZeroU64;
use core::ops::{Add, Sub};
use core::time::Duration;

/// A moment: the time since an origin that the caller chooses, in nanoseconds. The last one is 584 years after the origin. A later moment becomes
/// that one.
// One more than the nanoseconds, so that a moment that may be missing takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(NonZeroU64);

impl Time {
    /// The origin.
    pub const ZERO: Self = Self(NonZeroU64::MIN);

    /// The moment this long after the origin.
    pub const fn at(since_origin: Duration) -> Self {
        let nanos = since_origin.as_secs().saturating_mul(1_000_000_000);
        Self(NonZeroU64::MIN.saturating_add(nanos.saturating_add(since_origin.subsec_nanos() as u64)))
    }

    /// How long after the origin it is.
    pub const fn since_origin(self) -> Duration {
        Duration::from_nanos(self.nanos())
    }

    /// The same for a record. A moment that lies too far ahead is the end of time there as well.
    pub(crate) fn recorded(self) -> Duration {
        if self.0 == NonZeroU64::MAX { Duration::MAX } else { self.since_origin() }
    }

    /// How long after `earlier` it is; zero if it is before.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.span_since(earlier).nanos())
    }

    /// The first of these moments. This is asked after every event, so it takes no branches.
    #[inline]
    pub(crate) fn earliest<const N: usize>(
        some: &[Option<Self>; N],
        others: [Option<Self>; 2],
    ) -> Option<Self> {
        // `None` counts as the largest number.
        let order = |moment: Option<Self>| moment.map_or(0, |moment| moment.0.get()).wrapping_sub(1);
        let first = some.iter().fold(u64::MAX, |first, moment| first.min(order(*moment)));
        let first = others.into_iter().fold(first, |first, moment| first.min(order(moment)));
        NonZeroU64::new(first.wrapping_add(1)).map(Self)
    }

    /// Nanoseconds after the origin.
    pub(crate) const fn nanos(self) -> u64 {
        self.0.get() - 1
    }

    /// How long after `earlier` it is; zero if it is before.
    pub(crate) const fn span_since(self, earlier: Self) -> Span {
        Span::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }

    /// The moment so long before, if that is not before the origin.
    pub(crate) fn checked_sub(self, span: Span) -> Option<Self> {
        self.0.get().checked_sub(span.nanos()).and_then(NonZeroU64::new).map(Self)
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Time").field(&self.since_origin()).finish()
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        self + Span::from(span)
    }
}

impl Add<Span> for Time {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.nanos()))
    }
}

impl Sub for Time {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_spans_agree_and_stop_at_the_last_moment() {
        let second = Duration::from_secs(1);
        let at = Time::at(second * 5);
        assert_eq!((at + second).since_origin(), second * 6);
        assert_eq!((at.since(Time::ZERO), Time::ZERO.since(at)), (second * 5, Duration::ZERO));
        assert_eq!(at.checked_sub(Span::from_secs(5)), Some(Time::ZERO));
        assert_eq!(at.checked_sub(Span::from_nanos(5_000_000_001)), None);
        let last = Time::at(Duration::MAX);
        assert_eq!(last + Duration::MAX, last);
        assert!(last.since_origin() > Duration::from_secs(584 * 365 * 24 * 3600));
        assert_eq!(format!("{at:?}"), "Time(5s)");
        assert_eq!(size_of::<Option<Time>>(), 8);
        assert_eq!(Time::earliest(&[None, Some(last), Some(at)], [None, Some(last)]), Some(at));
        assert_eq!(Time::earliest(&[Some(last)], [Some(Time::ZERO), None]), Some(Time::ZERO));
        assert_eq!(Time::earliest(&[None; 3], [None; 2]), None);
    }
}

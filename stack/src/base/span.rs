//! A span of time as one number. A [`Duration`] is two, which the engine would take apart and put together for each packet.

use core::fmt;
use core::ops::{Add, AddAssign, Div, Mul};
use core::time::Duration;

/// A span of time in nanoseconds. What does not fit is the longest one, 584 years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span(u64);

impl Span {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    pub(crate) const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    pub(crate) const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    pub(crate) const fn nanos(self) -> u64 {
        self.0
    }

    pub(crate) const fn saturating_mul(self, times: u32) -> Self {
        Self(self.0.saturating_mul(times as u64))
    }

    pub(crate) const fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl From<Duration> for Span {
    fn from(span: Duration) -> Self {
        Self(span.as_secs().saturating_mul(1_000_000_000).saturating_add(span.subsec_nanos().into()))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_nanos(span.0)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u32> for Span {
    type Output = Self;

    fn mul(self, times: u32) -> Self {
        self.saturating_mul(times)
    }
}

impl Div<u32> for Span {
    type Output = Self;

    /// Divided by zero parts it is zero.
    fn div(self, parts: u32) -> Self {
        Self(self.0.checked_div(parts.into()).unwrap_or_default())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Duration::from(*self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_duration_is() {
        let span = Duration::new(3, 7);
        assert_eq!(Duration::from(Span::from(span)), span);
        assert_eq!(
            Duration::from(Span::from(span) * 3 + Span::from_secs(1)),
            span * 3 + Duration::from_secs(1)
        );
        assert_eq!(Span::from_millis(10) / 4, Span::from_nanos(2_500_000));
        assert_eq!(Span::from(Duration::MAX) + Span::from_nanos(1), Span::from_nanos(u64::MAX));
        assert_eq!(format!("{:?}", Span::from_millis(5)), "5ms");
    }
}

//! The retransmission timeout (RFC 6298).

use crate::base::Span;
use crate::tcp::memo::Memo;
use core::time::Duration;

/// G: the granularity of timers (2.2).
const GRANULARITY: Span = Span::from_millis(1);
/// The timeout of a path whose SYN was lost (5.7).
const AFTER_LOST_SYN: Span = Span::from_secs(3);

/// Smoothed round-trip time and the timeout that follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rto {
    /// SRTT and RTTVAR; nothing until the first measurement.
    estimate: Option<(Span, Span)>,
    rto: Span,
    min: Span,
    max: Span,
}

impl Rto {
    pub(crate) fn new(initial: Duration, min: Duration, max: Duration) -> Self {
        let [initial, min, max] = [initial, min, max].map(Span::from);
        Self { estimate: None, rto: initial.min(max), min: min.min(max), max }
    }

    /// What is kept of it, both ways; the bounds are the stack's.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { estimate, rto, min: _, max: _ } = self;
        memo.option(estimate, |memo, (srtt, rttvar)| {
            memo.span(srtt);
            memo.span(rttvar);
        });
        memo.span(rto);
    }

    /// How long to wait now.
    pub(crate) fn get(&self) -> Span {
        self.rto
    }

    /// SRTT.
    pub(crate) fn smoothed(&self) -> Option<Span> {
        self.estimate.map(|(srtt, _)| srtt)
    }

    /// A round trip of something that was sent once only, or that a timestamp tells (Karn's algorithm): (2.2), (2.3).
    /// `samples`: how many measurements a round trip gives, so that its memory is as long as with one measurement (RFC 7323 appendix G).
    pub(crate) fn measured(&mut self, round_trip: Span, samples: u32) {
        let (srtt, rttvar) = match (self.estimate, samples) {
            (None, _) => (round_trip, round_trip / 2),
            // The usual case: parts that are known when the program is compiled need no division.
            (Some((srtt, rttvar)), 0 | 1) => {
                (blend(srtt, round_trip, 8), blend(rttvar, srtt.abs_diff(round_trip), 4))
            }
            (Some((srtt, rttvar)), samples) => (
                blend(srtt, round_trip, samples.saturating_mul(8)),
                blend(rttvar, srtt.abs_diff(round_trip), samples.saturating_mul(4)),
            ),
        };
        self.estimate = Some((srtt, rttvar));
        self.rto = (srtt + GRANULARITY.max(rttvar * 4)).clamp(self.min, self.max);
    }

    /// The timer has run out: (5.5).
    pub(crate) fn back_off(&mut self) {
        self.rto = self.rto.saturating_mul(2).min(self.max);
    }

    /// The SYN was lost, so the initial value was too small for this path: (5.7).
    pub(crate) fn syn_was_lost(&mut self) {
        self.rto = AFTER_LOST_SYN.clamp(self.min, self.max);
    }
}

/// `old` moved towards `new` by one part of `parts`.
#[inline(always)]
fn blend(old: Span, new: Span, parts: u32) -> Span {
    let (old, new, parts) = (old.nanos(), new.nanos(), u64::from(parts.max(1)));
    Span::from_nanos(if new >= old { old + (new - old) / parts } else { old - (old - new) / parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Span {
        Span::from_millis(n)
    }

    fn rto(min: u64) -> Rto {
        let [initial, min, max] = [1000, min, 60_000].map(Duration::from_millis);
        Rto::new(initial, min, max)
    }

    /// RFC 9293: MUST-18
    #[test]
    fn follows_rfc_6298() {
        let mut rto = rto(10);
        assert_eq!(rto.get(), ms(1000));
        rto.measured(ms(100), 1);
        assert_eq!(rto.get(), ms(300), "SRTT + 4 * R/2");
        rto.measured(ms(100), 1);
        assert_eq!(rto.get(), ms(250), "RTTVAR falls by a quarter");
        for _ in 0..100 {
            rto.back_off();
        }
        assert_eq!(rto.get(), ms(60_000));
        rto.measured(ms(100), 1);
        assert!(rto.get() < ms(300), "a new measurement ends the backing off");
    }

    #[test]
    fn is_never_below_the_minimum() {
        let mut rto = rto(1000);
        rto.measured(ms(1), 1);
        assert_eq!(rto.get(), ms(1000));
    }

    #[test]
    fn many_measurements_in_a_round_trip_count_as_one() {
        // A round trip rises from 100 to 200 ms; measured once, or by each of 20 acknowledgments.
        let (mut once, mut often) = (rto(10), rto(10));
        once.measured(ms(100), 1);
        often.measured(ms(100), 20);
        for _ in 0..4 {
            once.measured(ms(200), 1);
            (0..20).for_each(|_| often.measured(ms(200), 20));
        }
        let (a, b) = (once.smoothed().unwrap(), often.smoothed().unwrap());
        assert!(a.abs_diff(b) < ms(4), "{a:?} {b:?}");
        assert!(once.get().abs_diff(often.get()) < ms(30), "{:?} {:?}", once.get(), often.get());
    }
}

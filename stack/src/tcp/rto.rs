//! The retransmission timeout (RFC 6298).

use crate::base::nanos;
use core::time::Duration;

/// G: the granularity of timers (2.2), in nanoseconds as all times here.
const GRANULARITY: u64 = 1_000_000;
/// The timeout of a path whose SYN was lost (5.7).
const AFTER_LOST_SYN: u64 = 3_000_000_000;

/// Smoothed round-trip time and the timeout that follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rto {
    /// SRTT and RTTVAR; nothing until the first measurement.
    estimate: Option<(u64, u64)>,
    rto: u64,
    min: u64,
    max: u64,
}

impl Rto {
    pub(crate) fn new(initial: Duration, min: Duration, max: Duration) -> Self {
        let (initial, min, max) = (nanos(initial), nanos(min), nanos(max));
        Self { estimate: None, rto: initial.min(max), min: min.min(max), max }
    }

    /// How long to wait now.
    pub(crate) fn get(&self) -> Duration {
        Duration::from_nanos(self.rto)
    }

    /// SRTT.
    pub(crate) fn smoothed(&self) -> Option<Duration> {
        self.estimate.map(|(srtt, _)| Duration::from_nanos(srtt))
    }

    /// A round trip of something that was sent once only, or that a timestamp tells (Karn's algorithm): (2.2), (2.3).
    /// `samples`: how many measurements a round trip gives, so that its memory is as long as with one measurement (RFC 7323 appendix G).
    pub(crate) fn measured(&mut self, round_trip: Duration, samples: u32) {
        let (samples, round_trip) = (u64::from(samples.max(1)), nanos(round_trip));
        let (srtt, rttvar) = match self.estimate {
            None => (round_trip, round_trip / 2),
            // Most often one measurement a round trip; the compiler shifts then.
            Some((srtt, rttvar)) if samples == 1 => {
                (blend(srtt, round_trip, 8), blend(rttvar, srtt.abs_diff(round_trip), 4))
            }
            Some((srtt, rttvar)) => {
                (blend(srtt, round_trip, samples * 8), blend(rttvar, srtt.abs_diff(round_trip), samples * 4))
            }
        };
        self.estimate = Some((srtt, rttvar));
        self.rto = srtt.saturating_add(GRANULARITY.max(rttvar.saturating_mul(4))).clamp(self.min, self.max);
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
const fn blend(old: u64, new: u64, parts: u64) -> u64 {
    if new >= old { old + (new - old) / parts } else { old - (old - new) / parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// RFC 9293: MUST-18
    #[test]
    fn follows_rfc_6298() {
        let mut rto = Rto::new(ms(1000), ms(10), ms(60_000));
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
        let mut rto = Rto::new(ms(1000), ms(1000), ms(60_000));
        rto.measured(ms(1), 1);
        assert_eq!(rto.get(), ms(1000));
    }

    #[test]
    fn many_measurements_in_a_round_trip_count_as_one() {
        // A round trip rises from 100 to 200 ms; measured once, or by each of 20 acknowledgments.
        let (mut once, mut often) =
            (Rto::new(ms(1000), ms(10), ms(60_000)), Rto::new(ms(1000), ms(10), ms(60_000)));
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

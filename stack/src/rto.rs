//! The retransmission timeout (RFC 6298).

use core::time::Duration;

/// Smoothed round-trip time and the timeout that follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rto {
    /// SRTT and RTTVAR; nothing until the first measurement.
    estimate: Option<(Duration, Duration)>,
    rto: Duration,
    min: Duration,
    max: Duration,
}

impl Rto {
    pub(crate) fn new(initial: Duration, min: Duration, max: Duration) -> Self {
        Self { estimate: None, rto: initial.min(max), min, max }
    }

    /// How long to wait now.
    pub(crate) fn get(&self) -> Duration {
        self.rto
    }

    /// SRTT.
    pub(crate) fn smoothed(&self) -> Option<Duration> {
        self.estimate.map(|(srtt, _)| srtt)
    }

    /// A round trip of something that was sent once only (Karn's algorithm): (2.2), (2.3).
    pub(crate) fn measured(&mut self, round_trip: Duration) {
        let (srtt, rttvar) = match self.estimate {
            None => (round_trip, round_trip / 2),
            Some((srtt, rttvar)) => {
                (srtt * 7 / 8 + round_trip / 8, rttvar * 3 / 4 + srtt.abs_diff(round_trip) / 4)
            }
        };
        self.estimate = Some((srtt, rttvar));
        self.rto = (srtt + rttvar * 4).clamp(self.min.min(self.max), self.max);
    }

    /// The timer has run out: (5.5).
    pub(crate) fn back_off(&mut self) {
        self.rto = (self.rto * 2).min(self.max);
    }

    /// The SYN was lost, so the initial value was too small for this path: (5.7).
    pub(crate) fn syn_was_lost(&mut self) {
        if self.estimate.is_none() {
            self.rto = Duration::from_secs(3).clamp(self.min.min(self.max), self.max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn follows_rfc_6298() {
        let mut rto = Rto::new(ms(1000), ms(10), ms(60_000));
        assert_eq!(rto.get(), ms(1000));
        rto.measured(ms(100));
        assert_eq!(rto.get(), ms(300), "SRTT + 4 * R/2");
        rto.measured(ms(100));
        assert_eq!(rto.get(), ms(250), "RTTVAR falls by a quarter");
        for _ in 0..100 {
            rto.back_off();
        }
        assert_eq!(rto.get(), ms(60_000));
        rto.measured(ms(100));
        assert!(rto.get() < ms(300), "a new measurement ends the backing off");
    }

    #[test]
    fn is_never_below_the_minimum() {
        let mut rto = Rto::new(ms(1000), ms(1000), ms(60_000));
        rto.measured(ms(1));
        assert_eq!(rto.get(), ms(1000));
    }
}

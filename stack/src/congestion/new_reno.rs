//! Slow start and congestion avoidance of RFC 5681.

use super::{Acked, Congestion, Flight, slow_start};

/// The window of RFC 5681: half after a loss, a segment more for each round trip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewReno {
    window: u32,
    threshold: u32,
    /// Octets acknowledged that have not opened the window yet (RFC 3465 §2.1).
    counted: u32,
}

impl NewReno {
    /// Begins with slow start.
    pub fn new(initial: u32) -> Self {
        Self { window: initial, threshold: u32::MAX, counted: 0 }
    }

    fn reduce(&mut self, flight: &Flight) {
        // RFC 5681 (4).
        self.threshold = (flight.octets / 2).max(flight.mss.saturating_mul(2));
        self.counted = 0;
    }
}

impl Congestion for NewReno {
    fn window(&self) -> u32 {
        self.window
    }

    fn threshold(&self) -> u32 {
        self.threshold
    }

    fn acknowledged(&mut self, ack: &Acked) {
        if let Some(window) = slow_start(self.window, self.threshold, ack) {
            self.window = window;
            return;
        }
        self.counted = self.counted.saturating_add(ack.octets);
        if self.counted >= self.window {
            self.counted -= self.window;
            self.window = self.window.saturating_add(ack.mss);
        }
    }

    fn congested(&mut self, flight: &Flight) {
        self.reduce(flight);
        self.window = self.threshold;
    }

    fn timed_out(&mut self, flight: &Flight, first: bool) {
        // RFC 5681 §3.1: the threshold is held if the same segment has been sent again already.
        if first {
            self.reduce(flight);
        }
        self.window = flight.mss;
    }

    fn idle(&mut self, initial: u32) {
        self.window = self.window.min(initial);
        self.counted = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;

    const MSS: u32 = 1000;

    fn acks(reno: &mut NewReno, n: u32) {
        for _ in 0..n {
            reno.acknowledged(&Acked { octets: MSS, mss: MSS, round_trip: None, now: Time::ZERO });
        }
    }

    /// RFC 9293: MUST-19
    #[test]
    fn grows_fast_before_a_loss_and_slowly_after_it() {
        let mut reno = NewReno::new(10 * MSS);
        acks(&mut reno, 10);
        assert_eq!(reno.window(), 20 * MSS, "slow start doubles in a round trip");
        let flight = Flight { octets: 20 * MSS, mss: MSS, now: Time::ZERO };
        reno.congested(&flight);
        assert_eq!((reno.window(), reno.threshold()), (10 * MSS, 10 * MSS));
        acks(&mut reno, 10);
        assert_eq!(reno.window(), 11 * MSS, "one segment in a round trip");
        reno.timed_out(&flight, true);
        assert_eq!((reno.window(), reno.threshold()), (MSS, 10 * MSS));
        reno.timed_out(&Flight { octets: MSS, ..flight }, false);
        assert_eq!((reno.window(), reno.threshold()), (MSS, 10 * MSS), "the same timeout again");
        acks(&mut reno, 9);
        assert_eq!(reno.window(), 10 * MSS, "slow start up to the threshold");
        acks(&mut reno, 10);
        assert_eq!(reno.window(), 11 * MSS);
        reno.idle(5 * MSS);
        assert_eq!(reno.window(), 5 * MSS);
    }

    #[test]
    fn the_window_is_never_below_two_segments_after_a_loss() {
        let mut reno = NewReno::new(10 * MSS);
        reno.congested(&Flight { octets: MSS, mss: MSS, now: Time::ZERO });
        assert_eq!(reno.window(), 2 * MSS);
    }
}

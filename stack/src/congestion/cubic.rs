//! CUBIC (RFC 9438): the window follows a cubic function of the time since the last loss, whatever the round trip.

use super::{Acked, Congestion, Flight, slow_start};
use crate::base::Time;

/// C in segments per second cubed (§5.1).
const C: f64 = 0.4;
/// β: what a loss leaves of the window (§4.6).
const BETA: f64 = 0.7;
/// α of the window that Reno would have (§4.3): 3 (1 − β) / (1 + β).
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);

/// The window of RFC 9438. Sizes within are segments, as in the RFC, and fractions of them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cubic {
    /// Octets.
    window: u32,
    /// Octets.
    threshold: u32,
    /// The window before the last loss, less if losses come while it grows (fast convergence, §4.7).
    w_max: f64,
    /// The window just before the last loss.
    cwnd_prior: f64,
    /// Congestion avoidance.
    epoch: Option<Epoch>,
    /// The first epoch after a timeout takes the window at its beginning for W_max (§4.8).
    after_timeout: bool,
}

/// A time of congestion avoidance.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Epoch {
    start: Time,
    /// When the window last followed the function. Time in which the window was not the limit does not count (§4.2).
    last: Time,
    /// Seconds until the function reaches W_max.
    k: f64,
    /// The window that Reno would have.
    w_est: f64,
    /// Parts of an octet by which the window has not grown yet.
    rest: f64,
}

impl Cubic {
    /// Begins with slow start.
    pub fn new(initial: u32) -> Self {
        Self {
            window: initial,
            threshold: u32::MAX,
            w_max: 0.0,
            cwnd_prior: 0.0,
            epoch: None,
            after_timeout: false,
        }
    }

    fn begin(&mut self, now: Time, mss: f64) -> Epoch {
        let cwnd = f64::from(self.window) / mss;
        if self.w_max < cwnd || std::mem::take(&mut self.after_timeout) {
            self.w_max = cwnd;
        }
        let k = ((self.w_max - cwnd) / C).cbrt();
        Epoch { start: now, last: now, k, w_est: cwnd, rest: 0.0 }
    }

    /// §4.6, §4.7.
    fn reduce(&mut self, flight: &Flight) {
        let mss = f64::from(flight.mss.max(1));
        let cwnd = f64::from(self.window) / mss;
        self.cwnd_prior = cwnd;
        self.w_max = if cwnd < self.w_max { cwnd * (1.0 + BETA) / 2.0 } else { cwnd };
        // What was under way, not what might have been: the window may have been no limit.
        let under_way = f64::from(flight.octets.min(self.window));
        self.threshold = ((under_way * BETA) as u32).max(flight.mss.saturating_mul(2));
        self.epoch = None;
        self.after_timeout = false;
    }
}

impl Congestion for Cubic {
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
        let mss = f64::from(ack.mss.max(1));
        let mut epoch = match self.epoch {
            Some(epoch) => epoch,
            None => self.begin(ack.now, mss),
        };
        let round_trip = ack.round_trip.unwrap_or_default();
        // A pause of the sender moves the whole curve to the right.
        let pause = ack.now.since(epoch.last).saturating_sub(round_trip.saturating_mul(2));
        if !round_trip.is_zero() && !pause.is_zero() {
            epoch.start = epoch.start + pause;
        }
        epoch.last = ack.now;
        let (cwnd, acked) = (f64::from(self.window) / mss, f64::from(ack.octets) / mss);
        let t = ack.now.since(epoch.start).as_secs_f64();
        let at = |t: f64| C * (t - epoch.k).powi(3) + self.w_max;
        // Figure 4: Reno's window, as fast as Reno's own once it is back where the loss was.
        let alpha = if epoch.w_est < self.cwnd_prior { ALPHA } else { 1.0 };
        epoch.w_est += alpha * acked / cwnd;
        let more = if at(t) < epoch.w_est {
            (epoch.w_est - cwnd).max(0.0)
        } else {
            let target = at(t + round_trip.as_secs_f64()).clamp(cwnd, cwnd * 1.5);
            (target - cwnd) / cwnd * acked
        };
        let octets = more * mss + epoch.rest;
        epoch.rest = octets.fract();
        self.window = self.window.saturating_add(octets as u32);
        self.epoch = Some(epoch);
    }

    fn congested(&mut self, flight: &Flight) {
        self.reduce(flight);
        self.window = self.threshold;
    }

    fn timed_out(&mut self, flight: &Flight, first: bool) {
        if first {
            self.reduce(flight);
            self.after_timeout = true;
        }
        self.window = flight.mss;
        self.epoch = None;
    }

    fn idle(&mut self, initial: u32) {
        self.window = self.window.min(initial);
        self.epoch = None;
    }
}

/// CUBIC of a connection: until something is lost, its window is all there is to know.
#[derive(Debug)]
pub(super) struct Fresh {
    window: u32,
    /// Everything, from the first loss on.
    whole: Option<Box<Cubic>>,
}

impl Fresh {
    pub(super) fn new(initial: u32) -> Self {
        Self { window: initial, whole: None }
    }

    #[cold]
    fn whole(&mut self, tell: impl FnOnce(&mut Cubic)) {
        let whole = self.whole.get_or_insert_with(|| Box::new(Cubic::new(self.window)));
        tell(whole);
        self.window = whole.window;
    }
}

impl Congestion for Fresh {
    fn window(&self) -> u32 {
        self.window
    }

    fn threshold(&self) -> u32 {
        self.whole.as_ref().map_or(u32::MAX, |whole| whole.threshold)
    }

    fn acknowledged(&mut self, ack: &Acked) {
        if let Some(whole) = &mut self.whole {
            whole.acknowledged(ack);
            self.window = whole.window;
        } else if let Some(window) = slow_start(self.window, u32::MAX, ack) {
            self.window = window;
        } else {
            self.whole(|whole| whole.acknowledged(ack));
        }
    }

    fn congested(&mut self, flight: &Flight) {
        self.whole(|whole| whole.congested(flight));
    }

    fn timed_out(&mut self, flight: &Flight, first: bool) {
        self.whole(|whole| whole.timed_out(flight, first));
    }

    fn idle(&mut self, initial: u32) {
        self.window = self.window.min(initial);
        if let Some(whole) = &mut self.whole {
            whole.idle(initial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MSS: u32 = 1000;
    const RTT: Duration = Duration::from_millis(100);

    fn flight(segments: u32) -> Flight {
        Flight { octets: segments * MSS, mss: MSS, now: Time::ZERO }
    }

    /// A round trip in which the whole window is acknowledged, segment by segment.
    fn round(cubic: &mut Cubic, now: Time) -> f64 {
        for _ in 0..cubic.window() / MSS {
            cubic.acknowledged(&Acked { octets: MSS, mss: MSS, round_trip: Some(RTT), now });
        }
        f64::from(cubic.window()) / f64::from(MSS)
    }

    #[test]
    fn the_window_is_back_after_k_seconds_flat_there_and_steep_beyond() {
        let mut cubic = Cubic::new(1000 * MSS);
        cubic.congested(&flight(1000));
        assert_eq!(cubic.window(), 700 * MSS);
        // K = cbrt((1000 - 700) / 0.4) = 9.09 s.
        let mut windows = Vec::new();
        for n in 0..150_u32 {
            windows.push(round(&mut cubic, Time::at(RTT * n)));
        }
        let at = |seconds: f64| windows[(seconds * 10.0) as usize];
        assert!((at(0.1) - 700.0).abs() < 15.0, "{}", at(0.1));
        for (seconds, expected) in [(4.5, 961.0), (9.0, 1000.0), (12.0, 1010.0), (14.0, 1047.0)] {
            assert!(
                (at(seconds) - expected).abs() < 12.0,
                "after {seconds} s: {}, not {expected}",
                at(seconds)
            );
        }
    }

    #[test]
    fn a_small_window_grows_at_least_as_fast_as_renos() {
        let mut cubic = Cubic::new(10 * MSS);
        cubic.congested(&flight(10));
        assert_eq!(cubic.window(), 7 * MSS);
        let short = Duration::from_millis(1);
        for n in 0..100_u32 {
            for _ in 0..cubic.window() / MSS {
                let ack = Acked { octets: MSS, mss: MSS, round_trip: Some(short), now: Time::at(short * n) };
                cubic.acknowledged(&ack);
            }
        }
        // 0.53 segments a round trip up to 10, then one.
        let segments = cubic.window() / MSS;
        assert!((95..110).contains(&segments), "{segments}");
    }

    #[test]
    fn losses_while_it_grows_make_room_for_others() {
        let mut cubic = Cubic::new(1000 * MSS);
        cubic.congested(&flight(1000));
        cubic.congested(&flight(700));
        assert!((cubic.w_max - 700.0 * 0.85).abs() < 1.0, "{}", cubic.w_max);
    }

    #[test]
    fn after_a_timeout_it_starts_slowly_and_then_from_where_it_is() {
        let mut cubic = Cubic::new(1000 * MSS);
        cubic.timed_out(&flight(1000), true);
        assert_eq!((cubic.window(), cubic.threshold()), (MSS, 700 * MSS));
        cubic.timed_out(&flight(1), false);
        assert_eq!(cubic.threshold(), 700 * MSS);
        for n in 0..30_u32 {
            round(&mut cubic, Time::at(RTT * n));
        }
        let epoch = cubic.epoch.unwrap();
        assert!(epoch.k < 0.5 && (cubic.w_max - 700.0).abs() < 20.0, "{epoch:?} {}", cubic.w_max);
    }

    #[test]
    fn time_in_which_nothing_is_sent_does_not_count() {
        let mut cubic = Cubic::new(1000 * MSS);
        cubic.congested(&flight(1000));
        let mut last = 0.0;
        for n in 0..20_u32 {
            last = round(&mut cubic, Time::at(RTT * n));
        }
        let after = round(&mut cubic, Time::at(RTT * 2000));
        assert!(after - last < 20.0, "from {last} to {after}");
    }

    #[test]
    fn the_small_form_does_the_same_and_is_small() {
        assert!(size_of::<Fresh>() <= 16);
        let (mut small, mut whole) = (Fresh::new(10 * MSS), Cubic::new(10 * MSS));
        let mut random = 11_u64;
        for step in 0..5000_u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let now = Time::at(RTT * step);
            let flight = Flight { now, ..flight(20) };
            let both: [&mut dyn Congestion; 2] = [&mut small, &mut whole];
            for control in both {
                match (random >> 33) % 100 {
                    // Slow start by itself first.
                    0 if step > 50 => control.congested(&flight),
                    1 if step > 50 => control.timed_out(&flight, true),
                    2 if step > 50 => control.timed_out(&flight, false),
                    3 => control.idle(10 * MSS),
                    _ => control.acknowledged(&Acked { octets: MSS, mss: MSS, round_trip: Some(RTT), now }),
                }
            }
            assert_eq!((small.window(), small.threshold()), (whole.window(), whole.threshold()), "{step}");
            assert!(step > 50 || small.whole.is_none());
        }
        assert_eq!(small.whole.as_deref(), Some(&whole));
    }
}

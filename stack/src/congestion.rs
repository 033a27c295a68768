//! Congestion control: slow start, congestion avoidance and the halving of RFC 5681 (MUST-19).

/// The congestion window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reno {
    window: u32,
    threshold: u32,
}

/// Initial window in segments (RFC 6928).
const INITIAL: u32 = 10;

impl Reno {
    pub(crate) fn new(mss: u32) -> Self {
        Self { window: mss.saturating_mul(INITIAL), threshold: u32::MAX }
    }

    /// Octets that may be under way.
    pub(crate) fn window(&self) -> u32 {
        self.window
    }

    /// New text was acknowledged: RFC 5681 (2), and (3) as octets counted.
    pub(crate) fn acknowledged(&mut self, octets: u32, mss: u32) {
        let more = if self.window < self.threshold {
            octets.min(mss)
        } else {
            let product = u64::from(mss) * u64::from(octets.min(mss)) / u64::from(self.window.max(1));
            product.max(1) as u32
        };
        self.window = self.window.saturating_add(more);
    }

    /// Three duplicates say that a segment was lost: RFC 5681 §3.2.
    pub(crate) fn lost(&mut self, in_flight: u32, mss: u32) {
        self.threshold = (in_flight / 2).max(2 * mss);
        self.window = self.threshold;
    }

    /// The retransmission timer has run out: RFC 5681 (4).
    pub(crate) fn timed_out(&mut self, in_flight: u32, mss: u32) {
        self.threshold = (in_flight / 2).max(2 * mss);
        self.window = mss;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_slowly_after_a_loss_and_fast_before() {
        let mut reno = Reno::new(1000);
        for _ in 0..10 {
            reno.acknowledged(1000, 1000);
        }
        assert_eq!(reno.window(), 20_000, "slow start doubles in a round trip");
        reno.lost(20_000, 1000);
        assert_eq!(reno.window(), 10_000);
        for _ in 0..10 {
            reno.acknowledged(1000, 1000);
        }
        assert!((10_900..=11_000).contains(&reno.window()), "one segment in a round trip: {}", reno.window());
        reno.timed_out(11_000, 1000);
        assert_eq!(reno.window(), 1000);
    }
}

//! Congestion control (MUST-19): how many octets may be under way.
//!
//! It is one small trait. [`cubic`] (RFC 9438) is the default, and [`new_reno`] (RFC 5681) is the other one here. [`Config::congestion`](crate::Config) takes
//! any function that makes one. What was lost and what is sent again is not decided here.
//!
//! ```
//! use tcpspec_stack::Config;
//! use tcpspec_stack::congestion::{Acked, Congestion, Flight, NewReno};
//!
//! /// NewReno that never has more than 64 KiB under way.
//! #[derive(Debug)]
//! struct Modest(NewReno);
//!
//! impl Congestion for Modest {
//!     fn window(&self) -> u32 {
//!         self.0.window().min(64 << 10)
//!     }
//!     fn threshold(&self) -> u32 {
//!         self.0.threshold()
//!     }
//!     fn acknowledged(&mut self, ack: &Acked) {
//!         self.0.acknowledged(ack);
//!     }
//!     fn congested(&mut self, flight: &Flight) {
//!         self.0.congested(flight);
//!     }
//!     fn timed_out(&mut self, flight: &Flight, first: bool) {
//!         self.0.timed_out(flight, first);
//!     }
//!     fn idle(&mut self, initial: u32) {
//!         self.0.idle(initial);
//!     }
//! }
//!
//! let mut config = Config::new([10, 0, 0, 2]);
//! config.congestion = |initial| Box::new(Modest(NewReno::new(initial)));
//! ```

mod cubic;
mod new_reno;

pub use cubic::Cubic;
pub use new_reno::NewReno;

use crate::base::Time;
use std::fmt::Debug;
use std::time::Duration;

/// The congestion control of one connection. All sizes are octets.
///
/// It is part of the engine: it is made, called and dropped while the stack is locked, in whichever thread handles the event. So it must be quick, and must not wait or
/// panic. It must not call the stack: such a call fails with [`Error::Deadlock`](crate::Error::Deadlock) where there is an error to give, and panics elsewhere, as within
/// [`Stack::with_endpoint`](crate::Stack::with_endpoint). Sockets that it drops are released afterwards.
pub trait Congestion: Debug + Send {
    /// The congestion window: octets that may be under way.
    fn window(&self) -> u32;

    /// The slow start threshold; `u32::MAX` before the first congestion.
    fn threshold(&self) -> u32;

    /// New octets were acknowledged, and the window had been the limit. Not called during fast recovery.
    fn acknowledged(&mut self, ack: &Acked);

    /// Something was lost (RFC 5681 §3.2): once for everything that was under way then.
    fn congested(&mut self, flight: &Flight);

    /// The retransmission timer has run out (RFC 5681 §3.1). `first`: not the same timeout again.
    fn timed_out(&mut self, flight: &Flight, first: bool);

    /// Nothing was sent for longer than the retransmission timeout, so the window of before says little now (RFC 5681 §4.1).
    /// `initial` is the initial window.
    fn idle(&mut self, initial: u32);
}

/// An acknowledgment of new octets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acked {
    /// How many.
    pub octets: u32,
    /// Octets of a full segment.
    pub mss: u32,
    /// The smoothed round-trip time, if one was measured.
    pub round_trip: Option<Duration>,
    /// Now.
    pub now: Time,
}

/// What was outstanding when congestion showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flight {
    /// Octets sent and not acknowledged cumulatively.
    pub octets: u32,
    /// Octets of a full segment.
    pub mss: u32,
    /// Now.
    pub now: Time,
}

/// Makes the congestion control of a connection, given its initial window in octets. It must not do what [`Congestion`] must not do.
pub type Make = fn(initial: u32) -> Box<dyn Congestion>;

/// CUBIC (RFC 9438).
pub fn cubic(initial: u32) -> Box<dyn Congestion> {
    Box::new(cubic::Fresh::new(initial))
}

/// Slow start, congestion avoidance and halving as RFC 5681 has them; NewReno is the recovery that goes with it (RFC 6582).
pub fn new_reno(initial: u32) -> Box<dyn Congestion> {
    Box::new(NewReno::new(initial))
}

/// The initial window in octets (RFC 6928 §2): ten segments, fewer if they are large; one if a SYN was lost (RFC 5681 §3.1).
pub fn initial_window(mss: u32, syn_lost: bool) -> u32 {
    if syn_lost { mss } else { mss.saturating_mul(10).min(mss.saturating_mul(2).max(14_600)) }
}

/// The window after an acknowledgment in slow start (RFC 5681 §3.1): by as much larger as was acknowledged, but by eight segments at most (RFC 9406
/// §4.2), or by all of a large one that was cut up only by the device. None from the threshold on, where congestion avoidance begins.
fn slow_start(window: u32, threshold: u32, ack: &Acked) -> Option<u32> {
    let room = threshold.checked_sub(window).filter(|room| *room > 0)?;
    let step = ack.octets.min(ack.mss.saturating_mul(8).max(0xffff));
    Some(window + step.min(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_window_of_rfc_6928() {
        assert_eq!(initial_window(1460, false), 14_600);
        assert_eq!(initial_window(536, false), 5360);
        assert_eq!(initial_window(8960, false), 17_920);
        assert_eq!(initial_window(1460, true), 1460);
    }
}

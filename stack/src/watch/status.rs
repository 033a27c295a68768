//! What a connection tells of itself.

use super::traffic::{Repairs, Traffic};
use crate::base::Error;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::State;

/// What STATUS tells (§3.9.1.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The state.
    pub state: State,
    /// Our socket.
    pub local: SocketAddr,
    /// The peer's; unspecified, with port 0, while a passive OPEN waits for anybody.
    pub remote: SocketAddr,
    /// The connection was established at some time.
    pub established: bool,
    /// Its user has released it.
    pub orphaned: bool,
    /// How it ended, other than by FINs.
    pub error: Option<Error>,
    /// Trouble since the peer was last heard. It may pass: what the network has reported (SHLD-25), or [`Error::TimedOut`] once something was sent
    /// again R1 times in vain (SHLD-9).
    pub soft_error: Option<Error>,
    /// The largest segment that is sent, in octets of text: Eff.snd.MSS (§3.7.1), which the path MTU bounds.
    pub mss: u32,
    /// Octets that wait for the user.
    pub unread: usize,
    /// Octets that wait to be sent or acknowledged.
    pub unacknowledged: usize,
    /// SND.WND in octets.
    pub send_window: u32,
    /// RCV.WND in octets.
    pub receive_window: u32,
    /// The congestion window in octets.
    pub congestion_window: u32,
    /// The slow start threshold in octets; `u32::MAX` before the first congestion.
    pub slow_start_threshold: u32,
    /// Octets under way, as far as is known ("pipe" of RFC 6675).
    pub under_way: u32,
    /// What was sent again, and why.
    pub repairs: Repairs,
    /// What has passed.
    pub traffic: Traffic,
    /// The smoothed round-trip time.
    pub round_trip: Option<Duration>,
    /// The smallest round-trip time of late.
    pub round_trip_min: Option<Duration>,
    /// The retransmission timeout.
    pub rto: Duration,
}

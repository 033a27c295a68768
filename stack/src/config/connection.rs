//! Settings of one connection.

use super::Config;
use std::time::Duration;

/// Settings of one connection. They begin as [`Config`] has them and can be changed at any time. A value that a setting cannot have is refused with the
/// setting's name ([`Self::check`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Small segments leave at once (Nagle off, §3.7.4, MUST-17).
    pub no_delay: bool,
    /// Only full segments leave, until this is taken back, the connection is closed, or text has waited for 200 ms.
    pub cork: bool,
    /// Keep-alive (§3.8.4); `None` for off.
    pub keep_alive: Option<KeepAlive>,
    /// How long what the user has given may wait for delivery without progress until the connection is aborted (§3.9.1.1, the local part of RFC 5482): our SYN, text and FIN,
    /// sent or not, also behind a closed window; not zero; `None` for no limit but R2, which says nothing of a peer that keeps its window closed.
    pub user_timeout: Option<Duration>,
    /// R1: retransmissions until [`Status::soft_error`](crate::Status::soft_error) tells of trouble (MUST-20, SHLD-9); zero counts as 1.
    pub r1: u32,
    /// R2: how long text or a FIN may stay unacknowledged (MUST-21), not zero, and with that how often it is sent again: time in which nobody calls the stack though it is due does not
    /// count, and something is sent again once at least (§3.8.3). A longer [`user_timeout`](Self::user_timeout) does not lengthen it.
    pub r2: Duration,
    /// Octets that wait to be sent or acknowledged at most; what waits already stays. Zero counts as 1.
    pub send_buffer: usize,
    /// Octets that wait for the user at most, at least one unit of the window scale, as with [`Config::receive_buffer_start`]. The window never shrinks
    /// (SHLD-14): less counts once what was offered is used up. More is offered at once, to a peer with a closed window too. More
    /// than [`Config::receive_buffer`] cannot be announced and counts as that.
    pub receive_buffer: usize,
    /// Octets of text in a segment that we send at most, the peer's and the path's limits aside, at least 1; `None` for no other. SYNs that are sent
    /// from now on announce it ([`Config::largest_segment`]).
    pub largest_segment: Option<u16>,
    /// How long an acknowledgment may be held back (§3.8.6.3; more than 450 ms count as that, MUST-40); zero for never.
    pub delayed_ack: Duration,
}

/// When a silent peer is asked whether it is still there (§3.8.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeepAlive {
    /// Silence before the first probe, 1 ms at least. RFC 9293 asks for two hours at least by default (MUST-28).
    pub idle: Duration,
    /// Time between probes, 1 ms at least.
    pub interval: Duration,
    /// Unanswered probes after which the connection is given up; less than 2 count as 2 (MUST-29).
    pub probes: u32,
}

impl Default for KeepAlive {
    /// Two hours, 75 seconds, 9 probes.
    fn default() -> Self {
        Self { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), probes: 9 }
    }
}

impl Default for Settings {
    /// Those of [`Config::default`].
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

impl Settings {
    /// As a connection begins.
    pub(crate) fn new(config: &Config) -> Self {
        let Config { nagle, keep_alive, keep_alive_interval, keep_alive_probes, user_timeout, .. } = config;
        let Config { send_buffer, receive_buffer, largest_segment, r1, r2, delayed_ack, .. } = config;
        Self {
            no_delay: !nagle,
            cork: false,
            keep_alive: keep_alive.map(|idle| KeepAlive {
                idle,
                interval: *keep_alive_interval,
                probes: *keep_alive_probes,
            }),
            user_timeout: *user_timeout,
            r1: *r1,
            r2: *r2,
            send_buffer: *send_buffer,
            receive_buffer: *receive_buffer,
            largest_segment: *largest_segment,
            delayed_ack: *delayed_ack,
        }
    }
}

impl Settings {
    /// Octets that wait for the user at most, as far as they can be announced.
    pub(crate) fn receive_limit(&self, config: &Config) -> usize {
        self.receive_buffer.min(config.receive_buffer)
    }
}

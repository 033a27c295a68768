//! Settings of one connection, and the urgent mechanism: calls of the user besides those that every connection needs.

use crate::{Config, ConnectionId, Endpoint, Error, Time};
use std::time::Duration;

/// Settings of one connection. They begin as [`Config`] has them and can be changed at any time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Small segments leave at once (Nagle off, §3.7.4, MUST-17).
    pub no_delay: bool,
    /// Only full segments leave, until this is taken back, the connection is closed, or text has waited for 200 ms.
    pub cork: bool,
    /// Keep-alive (§3.8.4); `None` for off.
    pub keep_alive: Option<KeepAlive>,
    /// How long text may stay unacknowledged until the connection is aborted (§3.9.1.1, the local part of RFC 5482); `None` for no limit but R2.
    pub user_timeout: Option<Duration>,
    /// R1: retransmissions until [`Status::soft_error`](crate::Status::soft_error) tells of trouble (MUST-20, SHLD-9).
    pub r1: u32,
    /// R2: how long text or a FIN may stay unacknowledged (MUST-21). A longer [`user_timeout`](Self::user_timeout) does not lengthen it.
    pub r2: Duration,
    /// Octets that wait to be sent or acknowledged at most; what waits already stays.
    pub send_buffer: usize,
    /// Octets that wait for the user at most. The window never shrinks (SHLD-14): less counts once what was offered is used up. More
    /// than [`Config::receive_buffer`] cannot be announced.
    pub receive_buffer: usize,
    /// Octets of text in a segment that we send at most, the peer's and the path's limits aside; `None` for no other.
    pub largest_segment: Option<u16>,
}

/// When a silent peer is asked whether it is still there (§3.8.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeepAlive {
    /// Silence before the first probe. RFC 9293 asks for two hours at least by default (MUST-28).
    pub idle: Duration,
    /// Time between probes.
    pub interval: Duration,
    /// Unanswered probes after which the connection is given up; at least 2 (MUST-29).
    pub probes: u32,
}

impl Default for KeepAlive {
    /// Two hours, 75 seconds, 9 probes.
    fn default() -> Self {
        Self { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), probes: 9 }
    }
}

impl Settings {
    /// As a connection begins.
    pub(crate) fn new(config: &Config) -> Self {
        let Config { nagle, keep_alive, keep_alive_interval, keep_alive_probes, user_timeout, .. } = config;
        let Config { send_buffer, receive_buffer, r1, r2, .. } = config;
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
            largest_segment: None,
        }
    }
}

impl Endpoint {
    /// Settings of a connection.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] after [`release`](Self::release).
    pub fn settings(&self, id: ConnectionId) -> Result<Settings, Error> {
        Ok(self.connection(id)?.io.settings)
    }

    /// Changes them; what is running is timed anew.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] after [`release`](Self::release).
    pub fn set_settings(&mut self, now: Time, id: ConnectionId, settings: Settings) -> Result<(), Error> {
        self.with_connection(now, id, |connection, _| connection.set_settings(settings, now))
    }

    /// An urgent SEND (§3.8.5): queues as much of the text as there is room for, and points to its end; how much that was.
    /// New applications should not use it (SHLD-13, RFC 6093).
    ///
    /// # Errors
    ///
    /// How the connection ended, or what the RFC answers in its state.
    pub fn send_urgent(&mut self, now: Time, id: ConnectionId, text: &[u8]) -> Result<usize, Error> {
        self.with_connection(now, id, |connection, shared| {
            let sent = connection.send(text, true, now, shared);
            sent.map_err(|error| connection.refusal(error))
        })?
    }

    /// Octets from the next one to be received to the end of urgent text, which may not have come yet; zero if there is none ahead (MUST-33). [`Interest::URGENT`](crate::Interest::URGENT) tells when there is (MUST-32).
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] after [`release`](Self::release).
    pub fn urgent(&self, id: ConnectionId) -> Result<u32, Error> {
        Ok(self.connection(id)?.urgent())
    }
}

//! Settings of one connection, and the urgent mechanism: calls of the user besides those that every connection needs.

use super::{ConnectionId, Endpoint};
use crate::base::{Error, Time};
use crate::config::Settings;

impl Endpoint {
    /// Settings of a connection.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] after [`release`](Self::release).
    pub fn settings(&self, id: ConnectionId) -> Result<Settings, Error> {
        Ok(*self.connection(id)?.host.settings)
    }

    /// Changes them. Timers that are running are timed anew, and a larger window is offered at once.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSetting`] with the name of the setting that cannot have its value, and nothing is changed; [`Error::NoSocket`] after [`release`](Self::release).
    pub fn set_settings(&mut self, now: Time, id: ConnectionId, settings: Settings) -> Result<(), Error> {
        settings.check(self.config())?;
        self.with_connection(now, id, |connection, shared| connection.set_settings(settings, now, shared))
    }

    /// An urgent SEND (§3.8.5): queues as much of the text as there is room for, and points to its end; how much that was.
    /// New applications should not use it (SHLD-13, RFC 6093).
    ///
    /// # Errors
    ///
    /// How the connection ended, or what the RFC answers in its state.
    pub fn send_urgent(&mut self, now: Time, id: ConnectionId, text: &[u8]) -> Result<usize, Error> {
        self.with_connection(now, id, |connection, shared| connection.user_send(text, true, now, shared))?
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

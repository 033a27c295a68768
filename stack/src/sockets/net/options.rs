//! Options of a listener and of a stream that tokio and `std` offer: each can be set and read.

use super::{TcpListener, TcpStream};
use crate::config::{Initial, Settings};
use std::io;

impl TcpListener {
    /// TTL or hop limit of what its connections send from the SYN,ACK on, 1 to 255 (MUST-49): of those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for anything else; `NotConnected` if the stack was shut down.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.listening.set_initial(&Initial { hop_limit: Some(hop_limit(ttl)?), ..Initial::default() })
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn ttl(&self) -> io::Result<u32> {
        Ok(self.listening.initial()?.hop_limit.unwrap_or_default().into())
    }

    /// What its connections begin with: those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the setting's name if one cannot be; `NotConnected` if the stack was shut down.
    pub fn set_settings(&self, settings: Settings) -> io::Result<()> {
        self.listening.set_initial(&Initial { settings: Some(settings), ..Initial::default() })
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn settings(&self) -> io::Result<Settings> {
        Ok(self.listening.initial()?.settings.unwrap_or_default())
    }

    /// The type of service or traffic class of what its connections send from the SYN,ACK on (MUST-48): of those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_traffic_class(&self, traffic_class: u8) -> io::Result<()> {
        self.listening.set_initial(&Initial { traffic_class: Some(traffic_class), ..Initial::default() })
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn traffic_class(&self) -> io::Result<u8> {
        Ok(self.listening.initial()?.traffic_class.unwrap_or_default())
    }

    /// Whether [`accept`](Self::accept) returns `WouldBlock` instead of waiting.
    ///
    /// # Errors
    ///
    /// None.
    pub fn nonblocking(&self) -> io::Result<bool> {
        Ok(self.listening.nonblocking.load(std::sync::atomic::Ordering::Relaxed))
    }
}

impl super::Listening {
    fn initial(&self) -> io::Result<Initial> {
        Ok(self.core.call(|endpoint, _| endpoint.initial(self.id))?)
    }

    fn set_initial(&self, initial: &Initial) -> io::Result<()> {
        Ok(self.core.call(|endpoint, _| endpoint.set_initial(self.id, initial))?)
    }
}

impl TcpStream {
    /// Whether text is acknowledged at once instead of after a while (`TCP_QUICKACK`; §3.8.6.3). Off: as the stack's settings have it.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_quickack(&self, quick: bool) -> io::Result<()> {
        let usual = self.socket.call(|endpoint, _, _| Ok(endpoint.config().delayed_ack))?;
        self.change(|settings| settings.delayed_ack = if quick { std::time::Duration::ZERO } else { usual })
    }

    /// Whether it is.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn quickack(&self) -> io::Result<bool> {
        Ok(self.settings()?.delayed_ack.is_zero())
    }

    /// The type of service or traffic class of what this connection sends from now on (MUST-48); the two bits of ECN are not used.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_traffic_class(&self, traffic_class: u8) -> io::Result<()> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.set_traffic_class(id, traffic_class))?)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn traffic_class(&self) -> io::Result<u8> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.traffic_class(id))?)
    }

    /// Whether reading and writing return `WouldBlock` instead of waiting.
    ///
    /// # Errors
    ///
    /// None.
    pub fn nonblocking(&self) -> io::Result<bool> {
        Ok(self.socket.nonblocking.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// A TTL or hop limit, 1 to 255.
pub(crate) fn hop_limit(ttl: u32) -> io::Result<u8> {
    let valid = u8::try_from(ttl).ok().filter(|ttl| *ttl > 0);
    valid.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a TTL or hop limit is 1 to 255"))
}

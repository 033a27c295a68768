//! Options of a stream: each can be set and read.

use super::TcpStream;
use crate::config::Settings;
use std::io;
use std::time::Duration;

impl TcpStream {
    /// Whether small segments leave at once.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.blocking().nodelay()
    }

    /// TTL or hop limit of what is sent.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn ttl(&self) -> io::Result<u32> {
        self.blocking().ttl()
    }

    /// The type of service or traffic class of what is sent.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn traffic_class(&self) -> io::Result<u8> {
        self.blocking().traffic_class()
    }

    /// What can be set for one connection: cork, keep-alive, user timeout.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn settings(&self) -> io::Result<Settings> {
        self.blocking().settings()
    }

    /// Whether text is acknowledged at once instead of after a while (`TCP_QUICKACK`; §3.8.6.3). Off: as the stack's settings have it.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_quickack(&self, quick: bool) -> io::Result<()> {
        self.blocking().set_quickack(quick)
    }

    /// Whether it is.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn quickack(&self) -> io::Result<bool> {
        self.blocking().quickack()
    }

    /// What dropping the stream, or both of its halves, does: `None`, the default, goes on delivering behind the caller's back; zero resets the
    /// connection at once; a span *blocks the thread* until all is delivered, or the span is over and the connection is reset.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.blocking().set_linger(linger)
    }

    /// Dropping the stream, or both of its halves, resets the connection at once.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// What dropping the stream does.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.blocking().linger()
    }
}

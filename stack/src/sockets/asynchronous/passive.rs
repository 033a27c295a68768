//! The RFC's passive OPEN for tasks; see [`net::passive`](crate::net::passive).

use super::{TcpStream, Waiting};
use crate::endpoint::Interest;
use crate::runtime::Stack;
use crate::sockets::net::passive::established;
use crate::sockets::socket::Socket;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

impl TcpStream {
    /// Passive OPEN without a listener, as [`net::TcpStream::open_passive`](crate::net::TcpStream::open_passive) does it: it does not wait,
    /// [`wait_open`](Self::wait_open) does.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn open_passive(
        stack: &Stack,
        local: impl Into<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> io::Result<Self> {
        let (core, local) = (&stack.core, local.into());
        let id = core.call(|endpoint, now| endpoint.open_passive(now, local, remote))?;
        Ok(Self::new(Arc::new(Socket::new(core, id))))
    }

    /// Active OPEN of a connection that waits, as [`net::TcpStream::open_active`](crate::net::TcpStream::open_active) does it. If the future is dropped the attempt
    /// goes on, and [`wait_open`](Self::wait_open) waits for it again.
    ///
    /// # Errors
    ///
    /// The same, but for `WouldBlock`.
    pub async fn open_active(&self, remote: Option<SocketAddr>) -> io::Result<()> {
        self.reader.socket.call(|endpoint, now, id| endpoint.open_active(now, id, remote))?;
        self.wait_open().await
    }

    /// Waits until the connection is established, however it was opened. Cancel safe.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if it was closed or aborted on this side; otherwise how the attempt has ended.
    pub async fn wait_open(&self) -> io::Result<()> {
        let socket = &self.reader.socket;
        let waiting = Waiting::new(&socket.core, socket.key(Interest::OPEN));
        Ok(waiting.until(|endpoint, _| established(endpoint, socket.id)).await?)
    }
}

//! The RFC's passive OPEN on a socket: one connection that waits for its peer (§3.9.1.1).
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::SocketAddr;
//! use std::thread;
//! use tcpspec_stack::{Config, Stack, TcpStream};
//!
//! let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
//! let mut one = TcpStream::open_passive(&b, ([10, 0, 0, 2], 7), None)?;
//! let stack = a.clone();
//! let other = thread::spawn(move || TcpStream::connect(&stack, "10.0.0.2:7")?.write_all(b"hello"));
//! one.wait_open()?;
//! let mut text = [0; 5];
//! one.read_exact(&mut text)?;
//! assert_eq!((&text, one.peer_addr()?.ip()), (b"hello", [10, 0, 0, 1].into()));
//! other.join().unwrap()?;
//! # Ok::<(), std::io::Error>(())
//! ```

use super::TcpStream;
use crate::base::Error;
use crate::endpoint::{ConnectionId, Endpoint, Interest};
use crate::runtime::Stack;
use crate::sockets::socket::opened;
use std::io;
use std::net::SocketAddr;
use tcpspec::CallError;

impl TcpStream {
    /// Passive OPEN without a listener: a connection that waits for a SYN of `remote`, or of anybody, and then is that peer's connection; others are refused.
    /// Does not wait, [`wait_open`](Self::wait_open) does. An unspecified address stands for all addresses of the stack, port 0 for one that the stack chooses.
    ///
    /// As long as it waits, writing makes it active if `remote` is given (the text follows the SYN), and [`open_active`](Self::open_active) does in any case;
    /// `shutdown` of the writing half, [`abort`](Self::abort) and dropping it end it. A RST in SYN-RECEIVED takes it back to waiting. [`peer_addr`](Self::peer_addr) is unspecified,
    /// with port 0, while no peer is named or has come.
    ///
    /// # Errors
    ///
    /// `AddrInUse`, `AddrNotAvailable`, `InvalidInput` and others as [`Endpoint::open_passive`] tells.
    pub fn open_passive(
        stack: &Stack,
        local: impl Into<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> io::Result<Self> {
        let (core, local) = (&stack.core, local.into());
        Ok(Self::new(core, core.call(|endpoint, now| endpoint.open_passive(now, local, remote))?))
    }

    /// Active OPEN of a connection that waits, to `remote` or to the peer that [`open_passive`](Self::open_passive) has named. Waits until it is established.
    ///
    /// # Errors
    ///
    /// `InvalidInput` ("remote socket unspecified") if neither has named one; `AddrInUse` if it waits no longer, or if the local socket has a
    /// connection with this peer; those of [`connect`](Self::connect), and `WouldBlock` as in [`wait_open`](Self::wait_open).
    pub fn open_active(&self, remote: Option<SocketAddr>) -> io::Result<()> {
        self.socket.call(|endpoint, now, id| endpoint.open_active(now, id, remote))?;
        self.wait_open()
    }

    /// Waits until the connection is established, however it was opened.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is non-blocking or the read timeout is over; `BrokenPipe` if it was closed or aborted on this side; `ConnectionRefused`, once, if text was lost when
    /// a RST took it back to waiting; otherwise how the attempt has ended.
    pub fn wait_open(&self) -> io::Result<()> {
        let (socket, key) = (&self.socket, self.socket.key(Interest::OPEN));
        let timeout = socket.timeout(&socket.read_timeout);
        let opened = socket.core.wait(key, timeout, |endpoint, _| established(endpoint, socket.id))?;
        opened.ok_or_else(|| io::Error::new(io::ErrorKind::WouldBlock, "nobody has connected in time"))
    }
}

/// Whether the connection is established, or how waiting for that has ended; for callers that may have to wait.
pub(crate) fn established(endpoint: &mut Endpoint, id: ConnectionId) -> Option<Result<(), Error>> {
    if !endpoint.is_over(id)
        && let Ok(Some(lost)) = endpoint.take_error(id)
    {
        return Some(Err(lost));
    }
    match opened(endpoint, id) {
        // What ends without an error was not reset: the user has closed it.
        Some(Err(_)) if endpoint.status(id).is_ok_and(|status| status.error.is_none()) => {
            Some(Err(CallError::ConnectionClosing.into()))
        }
        other => other,
    }
}

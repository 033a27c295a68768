//! Blocking sockets with the shapes of [`std::net`].

use crate::endpoint::{ConnectionId, ListenerId, Received, Status};
use crate::{Error, Stack};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

/// Connections that may wait for [`TcpListener::accept`].
const BACKLOG: usize = 128;

/// Waits for connections.
#[derive(Debug)]
pub struct TcpListener {
    stack: Stack,
    id: ListenerId,
    local: SocketAddr,
}

impl TcpListener {
    /// Listens on a port of the stack.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if another socket has the port, or a connection of it is still in 2MSL.
    pub fn bind(stack: &Stack, port: u16) -> io::Result<Self> {
        let (id, address) =
            stack.core.call(|endpoint, _| (endpoint.listen(port, BACKLOG), endpoint.address()));
        Ok(Self { stack: stack.clone(), id: id?, local: SocketAddr::new(address, port) })
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// None today; the shape is that of `std::net`.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let accepted = self.stack.core.wait(None, |endpoint, _| {
            let id = endpoint.accept(self.id)?;
            Some(endpoint.status(id).map(|status| (id, status.remote)))
        });
        let (id, remote) = accepted.unwrap_or(Err(Error::NoSocket))?;
        Ok((TcpStream::new(&self.stack, id), remote))
    }

    /// Connections, one after the other, without end.
    pub fn incoming(&self) -> impl Iterator<Item = io::Result<TcpStream>> + '_ {
        std::iter::repeat_with(|| self.accept().map(|(stream, _)| stream))
    }

    /// Our socket.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        self.stack.core.call(|endpoint, now| endpoint.close_listener(now, self.id));
    }
}

/// A connection. Dropping it sends a FIN after what was written, or a RST if something was left unread.
#[derive(Debug)]
pub struct TcpStream {
    stack: Stack,
    id: ConnectionId,
    read_timeout: Mutex<Option<Duration>>,
}

impl TcpStream {
    fn new(stack: &Stack, id: ConnectionId) -> Self {
        Self { stack: stack.clone(), id, read_timeout: Mutex::new(None) }
    }

    /// Connects from a port that the stack chooses.
    ///
    /// # Errors
    ///
    /// `ConnectionRefused`, `TimedOut`, `AddrNotAvailable` if no port is free.
    pub fn connect(stack: &Stack, remote: SocketAddr) -> io::Result<Self> {
        Self::open(stack, None, remote)
    }

    /// Connects from this port.
    ///
    /// # Errors
    ///
    /// The same, and `AddrInUse` if a connection of this port to this peer exists, be it in 2MSL.
    pub fn connect_from(stack: &Stack, port: u16, remote: SocketAddr) -> io::Result<Self> {
        Self::open(stack, Some(port), remote)
    }

    fn open(stack: &Stack, port: Option<u16>, remote: SocketAddr) -> io::Result<Self> {
        let id = stack.core.call(|endpoint, now| endpoint.connect(now, port, remote))?;
        let stream = Self::new(stack, id);
        let opened = stack.core.wait(None, |endpoint, _| {
            let status = endpoint.status(id);
            match status {
                Ok(Status { established: true, .. }) => Some(Ok(())),
                Ok(Status { error: Some(error), .. }) | Err(error) => Some(Err(error)),
                Ok(_) => None,
            }
        });
        opened.unwrap_or(Err(Error::NoSocket))?;
        Ok(stream)
    }

    /// Ends one direction or both: `Write` sends a FIN after what was written (half-close); `Read` alone does nothing.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match how {
            Shutdown::Read => Ok(()),
            Shutdown::Write | Shutdown::Both => {
                Ok(self.stack.core.call(|endpoint, now| endpoint.close(now, self.id))?)
            }
        }
    }

    /// Resets the connection: the peer gets a RST, and nothing is delivered any more.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn abort(&self) -> io::Result<()> {
        Ok(self.stack.core.call(|endpoint, now| endpoint.abort(now, self.id))?)
    }

    /// How long reading may take; `None` for ever.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) {
        *self.read_timeout.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = timeout;
    }

    /// Our socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.status().map(|status| status.local)
    }

    /// The peer's socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.status().map(|status| status.remote)
    }

    /// State, windows, estimates (STATUS, §3.9.1.6).
    ///
    /// # Errors
    ///
    /// None while the stream exists.
    pub fn status(&self) -> io::Result<Status> {
        Ok(self.stack.core.call(|endpoint, _| endpoint.status(self.id))?)
    }
}

impl Read for &TcpStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let timeout = *self.read_timeout.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let received =
            self.stack.core.wait(timeout, |endpoint, now| match endpoint.receive(now, self.id, into) {
                Ok(Received::Text(len)) => Some(Ok(len)),
                Ok(Received::End) => Some(Ok(0)),
                Ok(Received::Nothing) => None,
                Err(error) => Some(Err(error)),
            });
        match received {
            Some(result) => Ok(result?),
            None => Err(io::Error::new(io::ErrorKind::WouldBlock, "nothing came within the read timeout")),
        }
    }
}

impl Write for &TcpStream {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if text.is_empty() {
            return Ok(0);
        }
        let sent = self.stack.core.wait(None, |endpoint, now| match endpoint.send(now, self.id, text) {
            Ok(0) => None,
            result => Some(result),
        });
        Ok(sent.unwrap_or(Err(Error::NoSocket))?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for TcpStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&*self).read(into)
    }
}

impl Write for TcpStream {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        (&*self).write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        self.stack.core.call(|endpoint, now| endpoint.release(now, self.id));
    }
}

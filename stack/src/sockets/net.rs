//! Blocking sockets with the shapes of [`std::net`]. What differs: they belong to a [`Stack`], which `bind` and `connect` are given first.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::Shutdown;
//! use std::thread;
//! use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
//!
//! let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
//! let listener = TcpListener::bind(&b, 7)?;
//! let echo = thread::spawn(move || {
//!     let (mut stream, _peer) = listener.accept()?;
//!     let mut writer = stream.try_clone()?;
//!     std::io::copy(&mut stream, &mut writer)
//! });
//! let mut stream = TcpStream::connect(&a, "10.0.0.2:7")?;
//! stream.write_all(b"hello")?;
//! stream.shutdown(Shutdown::Write)?;
//! let mut text = String::new();
//! stream.read_to_string(&mut text)?;
//! assert_eq!(text, "hello");
//! assert_eq!(echo.join().unwrap()?, 5);
//! # Ok::<(), std::io::Error>(())
//! ```

pub(crate) mod options;
pub mod passive;
pub mod ready;
mod socket;
pub(crate) mod urgent;

pub use socket::TcpSocket;

use crate::base::Error;
use crate::config::{Listen, Settings};
use crate::endpoint::{self, ConnectionId, Interest, ListenerId};
use crate::runtime::waiters::Key;
use crate::runtime::{Core, Stack};
use crate::sockets::socket::{Socket, Span, opened, receive_vectored};
use crate::tcp::buffer::Whole;
use crate::watch::status::Status;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::iter::FusedIterator;
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Waits for connections. See the [module](self) for an example.
pub struct TcpListener {
    pub(crate) listening: Arc<Listening>,
}

/// A listener, which its clones share.
pub(crate) struct Listening {
    pub(crate) core: Arc<Core>,
    pub(crate) id: ListenerId,
    local: SocketAddr,
    nonblocking: AtomicBool,
    /// What its connections begin with for [`TcpStream::set_linger`].
    linger: Span,
}

impl Listening {
    pub(crate) fn bind(stack: &Stack, listen: &Listen) -> io::Result<Self> {
        Ok(Self::open(&stack.core, |endpoint| endpoint.listen_with(listen))?)
    }

    fn open(
        core: &Arc<Core>,
        listen: impl FnOnce(&mut crate::endpoint::Endpoint) -> Result<ListenerId, Error>,
    ) -> Result<Self, Error> {
        let (id, local) = core.call(|endpoint, _| {
            let id = listen(endpoint)?;
            Ok((id, endpoint.listener_socket(id)?))
        })?;
        let (core, nonblocking, linger) = (Arc::clone(core), AtomicBool::new(false), Span::none());
        Ok(Self { core, id, local, nonblocking, linger })
    }

    /// One of its connections.
    pub(crate) fn socket(&self, id: ConnectionId) -> Arc<Socket> {
        let socket = Socket::new(&self.core, id);
        socket.linger.set(self.linger.get());
        Arc::new(socket)
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The next connection, if one waits.
    pub(crate) fn take(
        &self,
        endpoint: &mut crate::endpoint::Endpoint,
    ) -> Option<Result<(ConnectionId, SocketAddr), Error>> {
        let id = endpoint.accept(self.id)?;
        Some(endpoint.status(id).map(|status| (id, status.remote)))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let id = self.id;
        self.core.soon(move |core| {
            // If the stack has stopped there is nothing to close.
            let _ = core.call(|endpoint, now| {
                endpoint.close_listener(now, id);
                Ok(())
            });
        });
    }
}

impl TcpListener {
    /// Listens: on a port of all addresses of the stack, on a socket, or as [`Listen`] says in more detail. Port 0: one that the stack chooses.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if another socket has the port, or a connection of it is still in 2MSL; `AddrNotAvailable` if the address is not the stack's.
    pub fn bind(stack: &Stack, listen: impl Into<Listen>) -> io::Result<Self> {
        Ok(Self { listening: Arc::new(Listening::bind(stack, &listen.into())?) })
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is non-blocking and no peer has connected; `NotConnected` if the stack was shut down.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let Listening { core, id, nonblocking, .. } = &*self.listening;
        let timeout = nonblocking.load(Ordering::Relaxed).then_some(Duration::ZERO);
        let accepted = core.wait(Key::Listener(*id), timeout, |endpoint, _| self.listening.take(endpoint))?;
        let (id, remote) = accepted.ok_or(io::ErrorKind::WouldBlock)?;
        Ok((TcpStream { socket: self.listening.socket(id) }, remote))
    }

    /// Connections, one after the other, until the stack ends: then comes the error, once, and nothing more.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming { listener: self, ended: false }
    }

    /// Waits until a peer asks for a connection, and leaves the answer to the caller; for a listener that [holds](Listen::hold).
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is non-blocking and no peer has asked; `NotConnected` if the stack was shut down.
    pub fn request(&self) -> io::Result<Request> {
        let Listening { core, id, nonblocking, .. } = &*self.listening;
        let timeout = nonblocking.load(Ordering::Relaxed).then_some(Duration::ZERO);
        let request =
            core.wait(Key::Listener(*id), timeout, |endpoint, now| endpoint.request(now, *id).map(Ok))?;
        Ok(Request::new(&self.listening, request.ok_or(io::ErrorKind::WouldBlock)?))
    }

    /// Our socket.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.listening.local_addr())
    }

    /// The same listener once more. It stops listening when the last one is dropped.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { listening: Arc::clone(&self.listening) })
    }

    /// Whether [`accept`](Self::accept) returns `WouldBlock` instead of waiting; for all clones.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.listening.nonblocking.store(nonblocking, Ordering::Relaxed);
        Ok(())
    }

    /// The pending error: listeners have none.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }
}

/// A peer that asks for a connection and has no answer yet. Dropping this refuses the peer.
pub struct Request {
    listening: Arc<Listening>,
    request: endpoint::Request,
    answered: bool,
}

impl Request {
    pub(crate) fn new(listening: &Arc<Listening>, request: endpoint::Request) -> Self {
        Self { listening: Arc::clone(listening), request, answered: false }
    }

    /// The socket that the peer wants.
    pub fn local_addr(&self) -> SocketAddr {
        self.request.local
    }

    /// The peer.
    pub fn peer_addr(&self) -> SocketAddr {
        self.request.remote
    }

    /// Answers with a SYN,ACK, and waits until the connection is established.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the peer has waited too long ([`HELD_FOR`](endpoint::HELD_FOR)); `ConnectionReset` or `TimedOut` if the peer does not want it any more.
    pub fn accept(self) -> io::Result<TcpStream> {
        let socket = Arc::new(self.admit()?);
        let (core, id) = (&socket.core, socket.id);
        core.wait(socket.key(Interest::OPEN), None, |endpoint, _| opened(endpoint, id))?;
        Ok(TcpStream { socket })
    }

    /// Answers with a SYN,ACK.
    pub(crate) fn admit(mut self) -> Result<Socket, Error> {
        self.answered = true;
        let Listening { core, id, .. } = &*self.listening;
        let connection = core.call(|endpoint, now| endpoint.admit(now, *id, &self.request))?;
        Ok(Socket::new(core, connection))
    }

    /// Answers with a RST.
    pub fn refuse(self) {}
}

impl Drop for Request {
    fn drop(&mut self) {
        if !self.answered {
            let (id, request) = (self.listening.id, self.request);
            self.listening.core.soon(move |core| {
                // The peer may have gone already.
                let _ = core.call(|endpoint, now| endpoint.refuse(now, id, &request));
            });
        }
    }
}

/// The connections of a [`TcpListener`], until the stack ends.
pub struct Incoming<'a> {
    pub(crate) listener: &'a TcpListener,
    ended: bool,
}

impl Iterator for Incoming<'_> {
    type Item = io::Result<TcpStream>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.listener.accept();
        // The only error of a listener that stays.
        self.ended = next.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotConnected);
        Some(next.map(|(stream, _)| stream))
    }
}

impl FusedIterator for Incoming<'_> {}

/// A connection. Dropping the last clone sends a FIN after what was written, or a RST if something was left unread; what was written is still
/// delivered, as long as the [`Stack`] is there. See the [module](self) for an example.
pub struct TcpStream {
    pub(crate) socket: Arc<Socket>,
}

impl TcpStream {
    pub(crate) fn new(core: &Arc<Core>, id: ConnectionId) -> Self {
        Self { socket: Arc::new(Socket::new(core, id)) }
    }

    /// Connects from a port that the stack chooses, to the first address that answers.
    ///
    /// # Errors
    ///
    /// `ConnectionRefused`, `TimedOut`, `AddrNotAvailable` if no port is free.
    pub fn connect(stack: &Stack, remote: impl ToSocketAddrs) -> io::Result<Self> {
        each(remote, |remote| Self::open(stack, None, remote, None))
    }

    /// The same, but it may take this long at most.
    ///
    /// # Errors
    ///
    /// The same, and `InvalidInput` for a timeout of zero.
    pub fn connect_timeout(stack: &Stack, remote: &SocketAddr, timeout: Duration) -> io::Result<Self> {
        Self::open(stack, None, *remote, nonzero(Some(timeout))?)
    }

    /// Connects from this port.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect), and `AddrInUse` if a connection of this port to this peer exists, in 2MSL or not, or if a socket is bound to it; `AddrNotAvailable` on another [shard](crate::Shards).
    pub fn connect_from(stack: &Stack, port: u16, remote: impl ToSocketAddrs) -> io::Result<Self> {
        each(remote, |remote| Self::open(stack, Some(port), remote, None))
    }

    /// Begins to connect, and does not wait. Reading and [`take_error`](Self::take_error) tell if the peer refuses or does not answer. What is written before it has
    /// answered waits. For event loops, with [`set_nonblocking`](Self::set_nonblocking).
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect) that need no answer of the peer.
    pub fn begin_connect(stack: &Stack, remote: SocketAddr) -> io::Result<Self> {
        let core = &stack.core;
        Ok(Self::new(core, core.call(|endpoint, now| endpoint.connect(now, None, remote))?))
    }

    fn open(
        stack: &Stack,
        port: Option<u16>,
        remote: SocketAddr,
        timeout: Option<Duration>,
    ) -> io::Result<Self> {
        let core = &stack.core;
        let stream = Self::new(core, core.call(|endpoint, now| endpoint.connect(now, port, remote))?);
        let id = stream.socket.id;
        match core.wait(Key::Connection(id, Interest::OPEN), timeout, |endpoint, _| opened(endpoint, id))? {
            Some(()) => Ok(stream),
            // Dropping it gives the attempt up.
            None => Err(io::Error::new(io::ErrorKind::TimedOut, "the peer has not answered in time")),
        }
    }

    /// Ends one direction or both: `Write` sends a FIN after what was written (half-close); after `Read` reading gives nothing more, and the
    /// peer hears nothing of it. As on Linux, a second time does nothing.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over: reset, given up, or closed by both ends.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        Ok(self.socket.shutdown(how)?)
    }

    /// Resets the connection: the peer gets a RST, and nothing is delivered any more.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn abort(&self) -> io::Result<()> {
        Ok(self.socket.call(|endpoint, now, id| endpoint.abort(now, id))?)
    }

    /// The same connection once more. It is closed when the last one is dropped.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { socket: Arc::clone(&self.socket) })
    }

    /// How long reading may take; `None` for ever. For all clones.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for zero.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.read_timeout.set(nonzero(timeout)?);
        Ok(())
    }

    /// How long writing may take; `None` for ever. For all clones.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for zero.
    pub fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.write_timeout.set(nonzero(timeout)?);
        Ok(())
    }

    /// How long reading may take.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn read_timeout(&self) -> io::Result<Option<Duration>> {
        Ok(self.socket.read_timeout.get())
    }

    /// How long writing may take.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn write_timeout(&self) -> io::Result<Option<Duration>> {
        Ok(self.socket.write_timeout.get())
    }

    /// Whether reading and writing return `WouldBlock` instead of waiting; for all clones.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.socket.nonblocking.store(nonblocking, Ordering::Relaxed);
        Ok(())
    }

    /// What dropping the last clone does (`SO_LINGER`): `None`, the default, goes on delivering behind the caller's back; a span waits for delivery so
    /// long and then resets the connection; zero resets it at once.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.socket.linger.set(linger);
        Ok(())
    }

    /// What dropping the last clone does.
    ///
    /// # Errors
    ///
    /// None; the shape is that of `std::net`.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        Ok(self.socket.linger.get())
    }

    /// Whether small segments leave at once (Nagle off, §3.7.4).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.change(|settings| settings.no_delay = nodelay)
    }

    /// Whether small segments leave at once.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn nodelay(&self) -> io::Result<bool> {
        Ok(self.settings()?.no_delay)
    }

    /// TTL or hop limit of what is sent from now on, 1 to 255 (MUST-49).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for anything else; `NotConnected` if the stack was shut down.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        let ttl = options::hop_limit(ttl)?;
        Ok(self.socket.call(|endpoint, _, id| endpoint.set_hop_limit(id, ttl))?)
    }

    /// TTL or hop limit of what is sent.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn ttl(&self) -> io::Result<u32> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.hop_limit(id))?.into())
    }

    /// What can be set for one connection: cork, keep-alive, user timeout.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn settings(&self) -> io::Result<Settings> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.settings(id))?)
    }

    /// Changes it.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_settings(&self, settings: Settings) -> io::Result<()> {
        self.change(|old| *old = settings)
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) -> io::Result<()> {
        Ok(self.socket.call(|endpoint, now, id| {
            let mut settings = endpoint.settings(id)?;
            change(&mut settings);
            endpoint.set_settings(now, id, settings)
        })?)
    }

    /// Reads without taking: the next read gives the same text.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.read(into.len(), |endpoint, now, id| endpoint.peek(now, id, into))
    }

    /// The error by which the connection has ended, told once.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.take_error(id))?.map(io::Error::from))
    }

    /// Our socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.status().map(|status| status.local)
    }

    /// The peer's socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.status().map(|status| status.remote)
    }

    /// State, windows, estimates (STATUS, §3.9.1.5).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn status(&self) -> io::Result<Status> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.status(id))?)
    }
}

/// Tries each address until one works, as `std::net` does.
fn each<T>(
    addresses: impl ToSocketAddrs,
    mut connect: impl FnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = None;
    for address in addresses.to_socket_addrs()? {
        match connect(address) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(last
        .unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "there is no address to connect to")))
}

fn nonzero(timeout: Option<Duration>) -> io::Result<Option<Duration>> {
    match timeout {
        Some(Duration::ZERO) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a timeout of zero would never wait; use `set_nonblocking`",
        )),
        timeout => Ok(timeout),
    }
}

impl Read for &TcpStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut whole = Whole::default();
        let len = self
            .socket
            .read(into.len(), |endpoint, now, id| endpoint.receive_whole(now, id, into, &mut whole))?;
        whole.copy(into, &self.socket.core.pool);
        Ok(len)
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let len = into.iter().map(|slice| slice.len()).sum();
        self.socket.read(len, |endpoint, now, id| receive_vectored(endpoint, now, id, into))
    }
}

impl Write for &TcpStream {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.socket.write(text.len(), |endpoint, now, id| endpoint.send(now, id, text))
    }

    fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        let len = text.iter().map(|slice| slice.len()).sum();
        self.socket.write(len, |endpoint, now, id| endpoint.send_vectored(now, id, text))
    }

    /// Does not wait: text leaves by itself. It fails if the connection has ended with text unacknowledged, unless that was told before.
    fn flush(&mut self) -> io::Result<()> {
        Ok(self.socket.flush()?)
    }
}

impl Read for TcpStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&*self).read(into)
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(into)
    }
}

impl Write for TcpStream {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        (&*self).write(text)
    }

    fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}

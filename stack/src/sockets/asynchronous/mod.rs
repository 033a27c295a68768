//! Asynchronous sockets with the shapes of tokio's (feature `tokio`). The stack drives itself and needs no runtime of tokio's, so the sockets work
//! under any executor.
//!
//! ```toml
//! [dependencies]
//! tcpspec-stack = { git = "https://github.com/tcpspec/tcpspec", features = ["tokio"] }
//! tokio = { version = "1", features = ["io-util", "macros", "rt"] }
//! ```
//!
//! What differs from `tokio::net`:
//!
//! - They belong to a [`Stack`], which `bind`, `connect` and [`TcpSocket`] are given first. `bind` does not wait.
//! - [`Interest`] and [`Ready`] are the stack's: tokio's come with its driver for file descriptors.
//! - `from_std` and `into_std` are `From` in both directions, for the [blocking form](crate::net) of this crate.
//! - Halves have the methods that there are for halves; `AsRef<TcpStream>` is not there, since a stream is made of its halves.
//! - Each setter has its getter, and all settings of a connection or listener can be set at once ([`Settings`]).
//!
//! A socket of a stack has no file descriptor. So `AsFd`, `AsRawFd`, `FromRawFd`, `IntoRawFd` and their like for Windows are not there, nor is what is
//! made of the system's sockets (`std::net`, `socket2`). Two options are not there because there would be nothing to choose. `bind_device` chooses among interfaces, and a stack
//! is one interface. `reuseport` lets several listeners share a port, and here several tasks share one listener (`accept` takes `&self`).
//!
//! ```
//! use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
//! use tcpspec_stack::{Config, Stack};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
//! let listener = TcpListener::bind(&b, 7)?;
//! tokio::spawn(async move {
//!     let (stream, _peer) = listener.accept().await?;
//!     let (mut reader, mut writer) = stream.into_split();
//!     tokio::io::copy(&mut reader, &mut writer).await
//! });
//! let mut stream = TcpStream::connect(&a, "10.0.0.2:7").await?;
//! stream.write_all(b"hello").await?;
//! stream.shutdown().await?;
//! let mut text = String::new();
//! stream.read_to_string(&mut text).await?;
//! assert_eq!(text, "hello");
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "futures")]
mod futures;
mod halves;
#[cfg(feature = "hyper-util")]
mod hyper;
mod listener;
mod options;
mod passive;
mod readiness;
mod socket;
#[cfg(feature = "tonic")]
mod tonic;

pub use crate::endpoint::Interest;
pub use halves::{ReadHalf, ReuniteError, WriteHalf};
#[cfg(feature = "hyper-util")]
pub use hyper::Connector;
pub use listener::Incoming;
pub use readiness::Ready;
pub use socket::TcpSocket;

use crate::base::{Error, Time};
use crate::config::{Initial, Listen, Settings};
use crate::endpoint::{ConnectionId, Endpoint};
use crate::runtime::waiters::{Key, Token};
use crate::runtime::{Core, Lost, Stack};
use crate::sockets::net::{self, Listening};
use crate::sockets::socket::{Socket, opened, written};
use crate::watch::status::Status;
use std::fmt::{self, Debug};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tcpspec::CallError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

/// A place among the waiting, given up on drop. So a future may be dropped at any time, and nothing is woken for it in vain.
struct Waiting<'a> {
    core: &'a Core,
    key: Key,
    token: Token,
}

impl<'a> Waiting<'a> {
    fn new(core: &'a Core, key: Key) -> Self {
        Self { core, key, token: core.token() }
    }

    async fn until<T>(
        &self,
        mut call: impl FnMut(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Result<T, Error> {
        poll_fn(|context| in_turn(context, |waker| self.core.poll(self.key, self.token, waker, &mut call)))
            .await
    }
}

/// A poll that takes part in tokio's cooperative budget: a task that always gets an answer at once, even an error, gives way to other tasks now and then. Under another
/// executor it is an ordinary poll.
pub(crate) fn in_turn<T>(context: &mut Context<'_>, poll: impl FnOnce(&Waker) -> Poll<T>) -> Poll<T> {
    let budget = ready!(coop::poll_proceed(context));
    let result = poll(context.waker());
    if result.is_ready() {
        budget.made_progress();
    }
    result
}

/// The same for a call that never waits.
async fn turn() {
    poll_fn(|context| in_turn(context, |_| Poll::Ready(()))).await;
}

/// One call that may have to wait, for a caller with a place of its own in the queue.
fn poll<T>(
    core: &Core,
    (key, token): (Key, Token),
    context: &mut Context<'_>,
    call: impl FnOnce(&mut Endpoint, Time) -> Option<Result<T, Error>>,
) -> Poll<Result<T, Error>> {
    in_turn(context, |waker| core.poll(key, token, waker, call))
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.core.forget(self.key, self.token);
    }
}

/// Both sockets of a connection, as servers and clients of other crates pass them on: to a handler of axum as `ConnectInfo<Addresses>` (feature
/// `axum`), and with a response of the client of `hyper-util` among its extensions (feature `hyper-util`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Addresses {
    /// Ours.
    pub local: SocketAddr,
    /// The peer's.
    pub remote: SocketAddr,
}

/// Waits for connections. See the [module](self) for an example.
pub struct TcpListener {
    listening: Arc<Listening>,
    /// The token of [`poll_accept`](Self::poll_accept).
    token: Token,
}

impl TcpListener {
    /// Listens, as [`net::TcpListener::bind`] does.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn bind(stack: &Stack, listen: impl Into<Listen>) -> io::Result<Self> {
        Ok(Self::new(Arc::new(Listening::bind(stack, &listen.into())?)))
    }

    /// Waits for a connection. Cancel safe: if the future is dropped, no connection is lost.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down, each time: a loop should end then. A loop that tries again for ever keeps its thread busy, but gives way to other tasks.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let core = &self.listening.core;
        let waiting = Waiting::new(core, Key::Listener(self.listening.id));
        let (id, remote) = waiting.until(|endpoint, _| self.listening.take(endpoint)).await?;
        Ok((TcpStream::new(self.listening.socket(id)), remote))
    }

    /// Waits until a peer asks for a connection, and leaves the answer to the caller; for a listener that [holds](Listen::hold). Give the request to
    /// [`TcpStream::accept`], or refuse it by dropping it. Cancel safe.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub async fn request(&self) -> io::Result<net::Request> {
        let id = self.listening.id;
        let waiting = Waiting::new(&self.listening.core, Key::Listener(id));
        let request = waiting.until(|endpoint, now| endpoint.request(now, id).map(Ok)).await?;
        Ok(net::Request::new(&self.listening, request))
    }

    /// Our socket.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.listening.local_addr())
    }
}

/// A connection. Dropping it sends a FIN after what was written, or a RST if something was left unread; what was written is still delivered, as
/// long as the [`Stack`] is there. See the [module](self) for an example.
pub struct TcpStream {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

/// The reading half of a [`TcpStream`]. The connection is closed when both are dropped.
pub struct OwnedReadHalf {
    socket: Arc<Socket>,
    token: Token,
}

/// The writing half of a [`TcpStream`]. Dropping it sends a FIN after what was written; text still comes in.
pub struct OwnedWriteHalf {
    socket: Arc<Socket>,
    token: Token,
    /// Dropping it is not the end of writing: the whole stream goes, or it was joined again.
    forgotten: bool,
}

impl TcpStream {
    fn new(socket: Arc<Socket>) -> Self {
        let (read, write) = (socket.core.token(), socket.core.token());
        let reader = OwnedReadHalf { socket: Arc::clone(&socket), token: read };
        Self { reader, writer: OwnedWriteHalf { socket, token: write, forgotten: true } }
    }

    /// Connects from a port that the stack chooses, to the first address that answers. To look up a name blocks the thread, and so
    /// the tasks that share it: give addresses, or look it up with `tokio::net::lookup_host`. Cancel safe: if the future is dropped, the attempt is given up.
    ///
    /// # Errors
    ///
    /// Those of [`net::TcpStream::connect`].
    pub async fn connect(stack: &Stack, remote: impl ToSocketAddrs) -> io::Result<Self> {
        turn().await;
        let mut last = None;
        for remote in remote.to_socket_addrs()? {
            match Self::connect_to(&stack.core, remote, &Initial::default()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::InvalidInput.into()))
    }

    /// Answers a peer that asks for a connection, and waits until it is established.
    ///
    /// # Errors
    ///
    /// Those of [`net::Request::accept`].
    pub async fn accept(request: net::Request) -> io::Result<Self> {
        turn().await;
        let socket = Arc::new(request.admit()?);
        let (core, id) = (&socket.core, socket.id);
        Waiting::new(core, socket.key(Interest::OPEN)).until(|endpoint, _| opened(endpoint, id)).await?;
        Ok(Self::new(socket))
    }

    async fn connect_to(core: &Arc<Core>, remote: SocketAddr, initial: &Initial) -> io::Result<Self> {
        let id = core.call(|endpoint, now| endpoint.connect_with(now, None, remote, initial))?;
        // Released if the future is dropped.
        let socket = Arc::new(Socket::new(core, id));
        Waiting::new(core, socket.key(Interest::OPEN)).until(|endpoint, _| opened(endpoint, id)).await?;
        Ok(Self::new(socket))
    }

    /// Two halves for two tasks.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        let Self { reader, mut writer } = self;
        writer.forgotten = false;
        (reader, writer)
    }

    /// Waits for something to read. It stays where it is.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.reader.peek(into).await
    }

    /// Writes urgent text (§3.8.5). Waits for room, and says how much was written. New applications should not use it (SHLD-13, RFC 6093).
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub async fn send_urgent(&self, text: &[u8]) -> io::Result<usize> {
        let socket = &self.reader.socket;
        let waiting = Waiting::new(&socket.core, socket.key(Interest::WRITE));
        let call = |endpoint: &mut Endpoint, now| written(endpoint.send_urgent(now, socket.id, text));
        if text.is_empty() {
            turn().await;
            return Ok(0);
        }
        Ok(waiting.until(call).await?)
    }

    /// Octets from the next one to be read to the end of urgent text, which may not have come yet; zero if there is none ahead (MUST-33).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn urgent(&self) -> io::Result<u32> {
        self.blocking().urgent()
    }

    /// Waits until urgent text lies ahead (MUST-32), and tells what [`urgent`](Self::urgent) would; zero if none will come, since the peer has closed.
    ///
    /// # Errors
    ///
    /// How the connection has ended.
    pub async fn wait_urgent(&self) -> io::Result<u32> {
        let socket = &self.reader.socket;
        let waiting = Waiting::new(&socket.core, socket.key(Interest::URGENT));
        Ok(waiting.until(|endpoint, _| net::urgent::ahead(endpoint, socket.id)).await?)
    }

    /// The type of service or traffic class of what this connection sends from now on (MUST-48); the two bits of ECN are not used.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_traffic_class(&self, traffic_class: u8) -> io::Result<()> {
        self.blocking().set_traffic_class(traffic_class)
    }

    /// Resets the connection: the peer gets a RST, and nothing is delivered any more.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is over.
    pub fn abort(&self) -> io::Result<()> {
        self.blocking().abort()
    }

    /// Our socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.blocking().local_addr()
    }

    /// The peer's socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.blocking().peer_addr()
    }

    /// Whether small segments leave at once (Nagle off, §3.7.4).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.blocking().set_nodelay(nodelay)
    }

    /// TTL or hop limit of what is sent from now on, 1 to 255 (MUST-49).
    ///
    /// # Errors
    ///
    /// Those of [`net::TcpStream::set_ttl`].
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.blocking().set_ttl(ttl)
    }

    /// Changes what can be set for one connection: cork, keep-alive, user timeout.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_settings(&self, settings: Settings) -> io::Result<()> {
        self.blocking().set_settings(settings)
    }

    /// State, windows, estimates (STATUS, §3.9.1.5).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn status(&self) -> io::Result<Status> {
        self.blocking().status()
    }

    /// The error by which the connection has ended, told once.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.blocking().take_error()
    }

    /// The same connection with blocking calls.
    fn blocking(&self) -> net::TcpStream {
        net::TcpStream { socket: Arc::clone(&self.reader.socket) }
    }
}

impl OwnedReadHalf {
    fn id(&self) -> ConnectionId {
        self.socket.id
    }
}

impl OwnedWriteHalf {
    fn poll_send(
        &self,
        context: &mut Context<'_>,
        len: usize,
        call: impl FnOnce(&mut Endpoint, Time, ConnectionId) -> Result<usize, Error>,
    ) -> Poll<io::Result<usize>> {
        let Socket { core, id, .. } = &*self.socket;
        let key = self.socket.key(Interest::WRITE);
        let result = in_turn(context, |waker| {
            if len == 0 {
                return Poll::Ready(Ok(0));
            }
            core.poll(key, self.token, waker, |endpoint, now| written(call(endpoint, now, *id)))
        });
        Poll::Ready(Ok(ready!(result)?))
    }
}

impl Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.listening.show("TcpListener", f)
    }
}

impl Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reader.socket.show("TcpStream", f)
    }
}

impl Debug for OwnedReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.show("OwnedReadHalf", f)
    }
}

impl Debug for OwnedWriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.show("OwnedWriteHalf", f)
    }
}

impl AsyncRead for OwnedReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let key = self.socket.key(Interest::READ);
        let result = in_turn(context, |waker| {
            if into.remaining() == 0 {
                return Poll::Ready(Ok(0));
            }
            self.socket.core.poll(key, self.token, waker, |endpoint, now| {
                let result = endpoint.receive(now, self.id(), into.initialize_unfilled());
                self.socket.received(result)
            })
        });
        into.advance(ready!(result)?);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for OwnedWriteHalf {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, text: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(context, text.len(), |endpoint, now, id| endpoint.send(now, id, text))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        text: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = text.iter().map(|slice| slice.len()).sum();
        self.poll_send(context, len, |endpoint, now, id| endpoint.send_vectored(now, id, text))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Does not wait: text leaves by itself. It fails if the connection has ended with text unacknowledged, unless that was told before.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        in_turn(context, |_| Poll::Ready(Ok(self.socket.flush()?)))
    }

    /// Sends a FIN after what was written. It does not wait for the FIN to be acknowledged; [`shutdown`] of the stack does. On a connection that has ended it does
    /// nothing, but fails if the end has left text unacknowledged and that was not told.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        in_turn(context, |_| {
            Poll::Ready(match self.socket.shutdown(Shutdown::Write) {
                // As with tokio's: a connection that is over counts as shut down. But a loss is told.
                Err(Error::Call(CallError::ConnectionDoesNotExist)) => Ok(self.socket.flush()?),
                result => Ok(result?),
            })
        })
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(context, into)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        text: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.writer).poll_write(context, text)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        text: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.writer).poll_write_vectored(context, text)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(context)
    }
}

impl Drop for OwnedReadHalf {
    fn drop(&mut self) {
        self.socket.core.forget(self.socket.key(Interest::READ), self.token);
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        self.socket.core.forget(self.socket.key(Interest::WRITE), self.token);
        if !self.forgotten {
            let socket = Arc::clone(&self.socket);
            self.socket.core.soon(move |_| {
                // Refused where writing has ended already.
                let _ = socket.shutdown(Shutdown::Write);
            });
        }
    }
}

/// What [`Stack::shutdown`] does, for tasks: waits until everything is delivered, without a limit (put `tokio::time::timeout` around it, and then
/// [`Stack::shutdown`] with zero), then stops.
///
/// # Errors
///
/// [`Lost`] if a connection ended meanwhile with something undelivered, or if other tasks have written.
pub async fn shutdown(stack: &Stack) -> Result<(), Lost> {
    let all = Delivering { core: &stack.core, token: stack.core.token() };
    let polled = |waker: &Waker| {
        all.core.task_waits();
        all.core.poll_delivered(all.token, waker)
    };
    poll_fn(|context| in_turn(context, polled)).await;
    stack.stop()
}

/// A place for waiting for one connection after the other, given up on drop.
struct Delivering<'a> {
    core: &'a Core,
    token: Token,
}

impl Drop for Delivering<'_> {
    fn drop(&mut self) {
        self.core.forget_everywhere(self.token);
    }
}

/// Waits until the stack has stopped, whatever has stopped it: for servers. Holds the stack no longer than its sockets do.
pub fn stopped(stack: &Stack) -> impl Future<Output = ()> + Send + use<> {
    let core = Arc::clone(&stack.core);
    async move {
        let waiting = Waiting::new(&core, Key::Stopped);
        // Nothing else ends it.
        let _: Result<(), Error> = waiting.until(|_, _| None).await;
    }
}

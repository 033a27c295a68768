//! More of a listener: polls, the stream of its connections, and the conversion from and into the blocking form.

use super::{TcpListener, TcpStream, poll};
use crate::base::Error;
use crate::config::Settings;
use crate::runtime::waiters::{Key, Token};
use crate::sockets::net::{self, Listening};
use std::fmt::{self, Debug};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

impl TcpListener {
    pub(super) fn new(listening: Arc<Listening>) -> Self {
        let token = listening.core.token();
        Self { listening, token }
    }

    /// A connection, if one waits; else the task is woken when one does. Of several tasks that ask, the last one is.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        Poll::Ready(Ok(ready!(polled(&self.listening, self.token, context))?))
    }

    /// The listener's connections as a stream, which ends when the stack does. Other tasks may accept beside it. It goes on listening until it is dropped.
    pub fn incoming(&self) -> Incoming {
        Incoming { listening: Arc::clone(&self.listening), token: self.listening.core.token() }
    }

    /// TTL or hop limit of what its connections send from the SYN,ACK on, 1 to 255 (MUST-49): of those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for anything else; `NotConnected` if the stack was shut down.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.blocking().set_ttl(ttl)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn ttl(&self) -> io::Result<u32> {
        self.blocking().ttl()
    }

    /// What its connections begin with: those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the setting's name if one cannot be; `NotConnected` if the stack was shut down.
    pub fn set_settings(&self, settings: Settings) -> io::Result<()> {
        self.blocking().set_settings(settings)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn settings(&self) -> io::Result<Settings> {
        self.blocking().settings()
    }

    /// The type of service or traffic class of what its connections send from the SYN,ACK on (MUST-48): of those whose SYN has not come yet.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn set_traffic_class(&self, traffic_class: u8) -> io::Result<()> {
        self.blocking().set_traffic_class(traffic_class)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn traffic_class(&self) -> io::Result<u8> {
        self.blocking().traffic_class()
    }

    fn blocking(&self) -> net::TcpListener {
        net::TcpListener { listening: Arc::clone(&self.listening) }
    }
}

/// The next connection, for a task that may lose interest without a word.
fn polled(
    listening: &Arc<Listening>,
    token: Token,
    context: &mut Context<'_>,
) -> Poll<Result<(TcpStream, SocketAddr), Error>> {
    let place = (Key::Polled(listening.id), token);
    let (id, remote) = ready!(poll(&listening.core, place, context, |endpoint, _| listening.take(endpoint)))?;
    Poll::Ready(Ok((TcpStream::new(listening.socket(id)), remote)))
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        self.listening.core.forget(Key::Polled(self.listening.id), self.token);
    }
}

impl From<net::TcpListener> for TcpListener {
    /// The same listener; its clones stay what they are.
    fn from(listener: net::TcpListener) -> Self {
        Self::new(listener.listening)
    }
}

impl From<TcpListener> for net::TcpListener {
    /// The same listener. It waits unless [`set_nonblocking`](Self::set_nonblocking) says otherwise.
    fn from(listener: TcpListener) -> Self {
        listener.blocking()
    }
}

/// The connections of a [`TcpListener`], until the stack ends. With the feature `futures` it is a `Stream`.
///
/// ```
/// use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
/// use tcpspec_stack::{Config, Stack};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let mut incoming = TcpListener::bind(&b, 80)?.incoming();
/// let client = TcpStream::connect(&a, "10.0.0.2:80").await?;
/// let server = incoming.next().await.expect("a connection")?;
/// assert_eq!(server.peer_addr()?, client.local_addr()?);
/// b.shutdown(std::time::Duration::ZERO)?;
/// assert!(incoming.next().await.is_none());
/// # Ok(())
/// # }
/// ```
pub struct Incoming {
    listening: Arc<Listening>,
    token: Token,
}

impl Incoming {
    /// Waits for the next connection; `None` if the stack has ended. Cancel safe.
    pub async fn next(&mut self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| self.poll(context)).await
    }

    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<io::Result<TcpStream>>> {
        Poll::Ready(match ready!(polled(&self.listening, self.token, context)) {
            Ok((stream, _)) => Some(Ok(stream)),
            Err(Error::Stopped) => None,
            Err(error) => Some(Err(error.into())),
        })
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

impl Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("local", &self.listening.local_addr()).finish()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.listening.core.forget(Key::Polled(self.listening.id), self.token);
    }
}

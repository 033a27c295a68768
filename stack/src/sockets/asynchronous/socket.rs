//! A socket before it connects or listens, for tasks.

use super::{TcpListener, TcpStream, Waiting};
use crate::endpoint::Interest;
use crate::runtime::Stack;
use crate::sockets::net;
use crate::sockets::socket::opened;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

/// A socket that neither listens nor is connected: options and an address of its own, before the SYN. It has the options and `bind` of
/// [`net::TcpSocket`]. The calls that wait are here.
///
/// ```
/// use tcpspec_stack::asynchronous::TcpSocket;
/// use tcpspec_stack::{Config, Stack};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let socket = TcpSocket::new_v4(&b)?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("0.0.0.0:80".parse().unwrap())?;
/// let listener = socket.listen(128)?;
///
/// let socket = TcpSocket::new_v4(&a)?;
/// socket.set_ttl(3)?;
/// let client = socket.connect("10.0.0.2:80".parse().unwrap()).await?;
/// assert_eq!(client.ttl()?, 3);
/// # let _ = listener.accept().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TcpSocket(net::TcpSocket);

impl TcpSocket {
    /// For IPv4.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn new_v4(stack: &Stack) -> io::Result<Self> {
        net::TcpSocket::new_v4(stack).map(Self)
    }

    /// For IPv6.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn new_v6(stack: &Stack) -> io::Result<Self> {
        net::TcpSocket::new_v6(stack).map(Self)
    }

    /// Connects, and waits until the connection is established. Cancel safe: if the future is dropped, the attempt is given up.
    ///
    /// # Errors
    ///
    /// Those of [`net::TcpSocket::connect`].
    pub async fn connect(self, remote: SocketAddr) -> io::Result<TcpStream> {
        // Released if the future is dropped.
        let socket = self.0.start(remote)?;
        let (core, id) = (&socket.core, socket.id);
        Waiting::new(core, socket.key(Interest::OPEN)).until(|endpoint, _| opened(endpoint, id)).await?;
        Ok(TcpStream::new(socket))
    }

    /// Listens; `backlog`: connections that wait to be accepted, at least 1.
    ///
    /// # Errors
    ///
    /// Those of [`net::TcpSocket::listen`].
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        Ok(TcpListener::new(Arc::new(self.0.start_listening(backlog)?)))
    }
}

impl Deref for TcpSocket {
    type Target = net::TcpSocket;

    /// The options.
    fn deref(&self) -> &net::TcpSocket {
        &self.0
    }
}

impl From<net::TcpSocket> for TcpSocket {
    fn from(socket: net::TcpSocket) -> Self {
        Self(socket)
    }
}

impl From<TcpSocket> for net::TcpSocket {
    fn from(socket: TcpSocket) -> Self {
        socket.0
    }
}

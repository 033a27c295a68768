//! A socket before it connects or listens: what has to be said before the SYN.

use super::{Listening, TcpListener, TcpStream};
use crate::base::Error;
use crate::config::{Initial, Listen, Settings};
use crate::endpoint::{Interest, Origin, Reservation};
use crate::runtime::waiters::Key;
use crate::runtime::{Core, Stack};
use crate::sockets::socket::{Socket, opened};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A socket that neither listens nor is connected: options and an address of its own, before the SYN. A listener's connections begin with
/// the options that it was given.
///
/// ```
/// use std::time::Duration;
/// use tcpspec_stack::net::TcpSocket;
/// use tcpspec_stack::{Config, Stack};
///
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let listener = TcpSocket::new_v4(&b)?;
/// listener.bind("10.0.0.2:80".parse().unwrap())?;
/// listener.set_nodelay(true)?;
/// let listener = listener.listen(16)?;
///
/// let client = TcpSocket::new_v4(&a)?;
/// client.bind("10.0.0.1:4000".parse().unwrap())?;
/// client.set_recv_buffer_size(10_000)?;
/// let client = client.connect("10.0.0.2:80".parse().unwrap())?;
/// assert_eq!(client.local_addr()?.port(), 4000);
/// let (server, _) = listener.accept()?;
/// assert!(server.nodelay()?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpSocket {
    core: Arc<Core>,
    unspecified: IpAddr,
    options: Mutex<Before>,
}

struct Before {
    settings: Settings,
    hop_limit: u8,
    traffic_class: u8,
    linger: Option<Duration>,
    reuse_address: bool,
    bound: Option<Reservation>,
}

impl Before {
    /// Binds it, unless another thread has done so meanwhile. Then this is given back.
    fn take(&mut self, new: Reservation) -> Option<Reservation> {
        if self.bound.is_some() {
            return Some(new);
        }
        self.bound = Some(new);
        None
    }

    fn initial(&self) -> Initial {
        let Self { settings, hop_limit, traffic_class, .. } = *self;
        Initial { settings: Some(settings), hop_limit: Some(hop_limit), traffic_class: Some(traffic_class) }
    }
}

impl TcpSocket {
    /// For IPv4.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn new_v4(stack: &Stack) -> io::Result<Self> {
        Self::new(stack, Ipv4Addr::UNSPECIFIED.into())
    }

    /// For IPv6.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn new_v6(stack: &Stack) -> io::Result<Self> {
        Self::new(stack, Ipv6Addr::UNSPECIFIED.into())
    }

    fn new(stack: &Stack, unspecified: IpAddr) -> io::Result<Self> {
        let core = Arc::clone(&stack.core);
        let options = core.call(|endpoint, _| {
            let usual = endpoint.usual();
            Ok(Before {
                settings: usual.settings.unwrap_or_default(),
                hop_limit: usual.hop_limit.unwrap_or_default(),
                traffic_class: usual.traffic_class.unwrap_or_default(),
                linger: None,
                reuse_address: false,
                bound: None,
            })
        })?;
        Ok(Self { core, unspecified, options: Mutex::new(options) })
    }

    fn options(&self) -> MutexGuard<'_, Before> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an address and a port of the stack. No other socket has them then. An unspecified address: all of the stack's. Port 0: one that
    /// the stack chooses, and that [`local_addr`](Self::local_addr) tells.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if another socket has the port, or a connection of it is still in 2MSL; `AddrNotAvailable` if the address is not the stack's;
    /// `InvalidInput` if it is of the other IP version, or if the socket is bound already.
    pub fn bind(&self, local: SocketAddr) -> io::Result<()> {
        let already = || io::Error::new(io::ErrorKind::InvalidInput, "the socket is bound already");
        self.check(local)?;
        let (is_bound, reuse) = {
            let options = self.options();
            (options.bound.is_some(), options.reuse_address)
        };
        if is_bound {
            return Err(already());
        }
        let address = Some(local.ip()).filter(|address| !address.is_unspecified());
        // Wakers and callbacks may be called meanwhile and ask this socket, so its options are not locked.
        let new = self.core.call(|endpoint, _| endpoint.reserve(address, local.port(), reuse))?;
        let late = self.options().take(new);
        match late {
            None => Ok(()),
            Some(late) => {
                self.give_back(late);
                Err(already())
            }
        }
    }

    fn give_back(&self, bound: Reservation) {
        self.core.soon(move |core| {
            // If the stack has stopped there is nothing to give back.
            let _: Result<(), Error> = core.call(|endpoint, _| {
                endpoint.give_back(bound);
                Ok(())
            });
        });
    }

    fn check(&self, socket: SocketAddr) -> io::Result<()> {
        if socket.is_ipv4() == self.unspecified.is_ipv4() {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket is for the other IP version; make one with `new_v4` or `new_v6` as the address is",
        ))
    }

    /// Connects, and waits until the connection is established.
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::connect`]; `InvalidInput` if the peer's address is of the other IP version; `AddrNotAvailable` if the socket is bound to a
    /// loopback address and the peer is another host, or if the connection from the bound port would belong to another [shard](crate::Shards).
    pub fn connect(self, remote: SocketAddr) -> io::Result<TcpStream> {
        self.connect_within(remote, None)
    }

    /// The same, but it may take this long at most.
    ///
    /// # Errors
    ///
    /// The same, and `InvalidInput` for a timeout of zero.
    pub fn connect_timeout(self, remote: &SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
        self.connect_within(*remote, super::nonzero(Some(timeout))?)
    }

    fn connect_within(self, remote: SocketAddr, timeout: Option<Duration>) -> io::Result<TcpStream> {
        let socket = self.start(remote)?;
        let (core, id) = (&socket.core, socket.id);
        match core.wait(Key::Connection(id, Interest::OPEN), timeout, |endpoint, _| opened(endpoint, id))? {
            Some(()) => Ok(TcpStream { socket }),
            None => Err(io::Error::new(io::ErrorKind::TimedOut, "the peer has not answered in time")),
        }
    }

    /// What a stream or a listener takes over: what it begins with, what is bound, how it lingers, and whether it shares.
    fn taken(&self) -> (Initial, Option<Reservation>, Option<Duration>, bool) {
        let mut options = self.options();
        (options.initial(), options.bound.take(), options.linger, options.reuse_address)
    }

    /// Sends the SYN.
    pub(crate) fn start(self, remote: SocketAddr) -> io::Result<Arc<Socket>> {
        self.check(remote)?;
        let (initial, bound, linger, reuse) = self.taken();
        let mut from = Origin { reuse, ..Origin::default() };
        if let Some(bound) = &bound {
            (from.address, from.port) = (bound.address(), Some(bound.port()));
        }
        let id = self.core.call(|endpoint, now| {
            if let Some(bound) = bound {
                endpoint.give_back(bound);
            }
            endpoint.connect_from(now, &from, remote, &initial)
        })?;
        let socket = Socket::new(&self.core, id);
        socket.linger.set(linger);
        Ok(Arc::new(socket))
    }

    /// Listens; `backlog`: connections that wait to be accepted, at least 1. A socket that is not bound gets a port that the stack chooses.
    ///
    /// # Errors
    ///
    /// Those of [`TcpListener::bind`].
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        Ok(TcpListener { listening: Arc::new(self.start_listening(backlog)?) })
    }

    pub(crate) fn start_listening(self, backlog: u32) -> io::Result<Listening> {
        let mut listen = Listen::on(0);
        let (initial, bound, linger, reuse) = self.taken();
        if let Some(bound) = &bound {
            (listen.address, listen.port) = (bound.address(), bound.port());
        }
        listen.backlog = usize::try_from(backlog).unwrap_or(usize::MAX);
        listen.reuse_address = reuse;
        listen.initial = initial;
        let listening = Listening::open(&self.core, |endpoint| {
            if let Some(bound) = bound {
                endpoint.give_back(bound);
            }
            endpoint.listen_with(&listen)
        })?;
        listening.linger.set(linger);
        Ok(listening)
    }

    /// Our socket; its port is 0 if it is not bound.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let options = self.options();
        let nothing = SocketAddr::new(self.unspecified, 0);
        Ok(options.bound.as_ref().map_or(nothing, |bound| bound.socket(self.unspecified)))
    }

    /// The pending error. A socket that was not used has none.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }
}

/// Options. Those that a stream has, too, mean the same there.
impl TcpSocket {
    fn set(&self, change: impl FnOnce(&mut Before)) -> io::Result<()> {
        change(&mut self.options());
        Ok(())
    }

    /// Changes settings, if their values are allowed.
    fn change(&self, change: impl FnOnce(&mut Settings)) -> io::Result<()> {
        let config = self.core.call(|endpoint, _| Ok(endpoint.config().clone()))?;
        let mut options = self.options();
        let mut settings = options.settings;
        change(&mut settings);
        settings.check(&config).map_err(Error::from)?;
        options.settings = settings;
        Ok(())
    }

    /// Binds although connections of the port are still in 2MSL, and beside other sockets with this option, as `SO_REUSEADDR` does
    /// ([`Listen::reuse_address`]). Default: off.
    ///
    /// # Errors
    ///
    /// None; the shape is that of tokio, as with all options here.
    pub fn set_reuseaddr(&self, reuse: bool) -> io::Result<()> {
        self.set(|options| options.reuse_address = reuse)
    }

    /// Whether it does.
    ///
    /// # Errors
    ///
    /// None.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        Ok(self.options().reuse_address)
    }

    /// Keep-alive, with the times of [`KeepAlive::default`](crate::KeepAlive::default) unless the stack's settings have others; [`set_settings`](Self::set_settings) gives any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_keepalive(&self, on: bool) -> io::Result<()> {
        self.set(|options| {
            let times = options.settings.keep_alive.unwrap_or_default();
            options.settings.keep_alive = on.then_some(times);
        })
    }

    /// Whether it is on.
    ///
    /// # Errors
    ///
    /// None.
    pub fn keepalive(&self) -> io::Result<bool> {
        Ok(self.options().settings.keep_alive.is_some())
    }

    /// Octets that wait to be sent or acknowledged at most.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_send_buffer_size(&self, octets: u32) -> io::Result<()> {
        self.set(|options| options.settings.send_buffer = usize::try_from(octets).unwrap_or(usize::MAX))
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// None.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        Ok(u32::try_from(self.options().settings.send_buffer).unwrap_or(u32::MAX))
    }

    /// Octets that wait for the user at most: the first window, too, is no larger.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the setting's name if that cannot be; `NotConnected` if the stack was shut down.
    pub fn set_recv_buffer_size(&self, octets: u32) -> io::Result<()> {
        self.change(|settings| settings.receive_buffer = usize::try_from(octets).unwrap_or(usize::MAX))
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// None.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        Ok(u32::try_from(self.options().settings.receive_buffer).unwrap_or(u32::MAX))
    }

    /// What dropping the stream does ([`TcpStream::set_linger`]).
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.set(|options| options.linger = linger)
    }

    /// Dropping the stream resets the connection at once.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// What dropping the stream does.
    ///
    /// # Errors
    ///
    /// None.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        Ok(self.options().linger)
    }

    /// Whether small segments leave at once (Nagle off, §3.7.4).
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.set(|options| options.settings.no_delay = nodelay)
    }

    /// Whether they do.
    ///
    /// # Errors
    ///
    /// None.
    pub fn nodelay(&self) -> io::Result<bool> {
        Ok(self.options().settings.no_delay)
    }

    /// TTL or hop limit from the SYN on, 1 to 255 (MUST-49).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for anything else.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        let ttl = super::options::hop_limit(ttl)?;
        self.set(|options| options.hop_limit = ttl)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// None.
    pub fn ttl(&self) -> io::Result<u32> {
        Ok(self.options().hop_limit.into())
    }

    /// The type of service or traffic class from the SYN on (MUST-48); the two bits of ECN are not used.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_traffic_class(&self, traffic_class: u8) -> io::Result<()> {
        self.set(|options| options.traffic_class = traffic_class)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// None.
    pub fn traffic_class(&self) -> io::Result<u8> {
        Ok(self.options().traffic_class)
    }

    /// All that can be set for one connection: cork, keep-alive, timeouts, buffers.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the setting's name if one cannot be; `NotConnected` if the stack was shut down.
    pub fn set_settings(&self, settings: Settings) -> io::Result<()> {
        self.change(|old| *old = settings)
    }

    /// The same as it is now.
    ///
    /// # Errors
    ///
    /// None.
    pub fn settings(&self) -> io::Result<Settings> {
        Ok(self.options().settings)
    }
}

impl std::fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bound = self.options().bound.as_ref().map(|bound| (bound.address(), bound.port()));
        f.debug_struct("TcpSocket").field("bound", &bound).finish_non_exhaustive()
    }
}

impl Drop for TcpSocket {
    fn drop(&mut self) {
        let bound = self.options.get_mut().unwrap_or_else(PoisonError::into_inner).bound.take();
        if let Some(bound) = bound {
            self.give_back(bound);
        }
    }
}

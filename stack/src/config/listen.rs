//! How to listen.

use super::Initial;
use std::net::{IpAddr, SocketAddr};

/// How to listen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Listen {
    /// On this address of the stack, 127.0.0.1 or ::1; on all of them if there is none. Default: on all.
    pub address: Option<IpAddr>,
    /// On this port; on one that the stack chooses if it is 0.
    pub port: u16,
    /// Connections that wait to be accepted; 0 counts as 1. Default: 128.
    pub backlog: usize,
    /// Connections that are not established yet; 0 counts as 1. Default: 256.
    pub half_open: usize,
    /// SYN cookies when there are more half-open ones (RFC 4987 §3.6). Such a connection knows the peer's segment size only roughly, and has window
    /// scale and SACK only if the peer uses timestamps. An attacker that guesses 24 bits within two minutes opens a connection without
    /// having seen our SYN,ACK. A cookie does not say that it was used: if a connection that it made has ended and the peer does not know, the peer's next segment
    /// may make another one with the same numbers. Default: on.
    pub cookies: bool,
    /// Listen although connections of the port are still in 2MSL, as `SO_REUSEADDR` does: their pairs of sockets stay taken, so no old
    /// segment can be mistaken, but a new connection between the same sockets waits until they are over. Also although connections of the
    /// port are not established yet (MUST-42). Default: off.
    pub reuse_address: bool,
    /// Keep SYNs until the application [admits](crate::Endpoint::admit) or [refuses](crate::Endpoint::refuse) them; at most `half_open` of them. Default: off.
    pub hold: bool,
    /// Also on every port that nobody else listens on: a gateway's. `port` says nothing then. Default: off.
    pub every_port: bool,
    /// What its connections begin with. Default: what the stack's settings say.
    pub initial: Initial,
}

impl Listen {
    /// The defaults for a port.
    pub const fn on(port: u16) -> Self {
        Self {
            address: None,
            port,
            backlog: 128,
            half_open: 256,
            cookies: true,
            reuse_address: false,
            hold: false,
            every_port: false,
            initial: Initial::NONE,
        }
    }

    /// The defaults for all ports at once.
    pub const fn on_every_port() -> Self {
        let mut listen = Self::on(0);
        listen.every_port = true;
        listen
    }
}

impl From<u16> for Listen {
    /// On this port of every address of the stack.
    fn from(port: u16) -> Self {
        Self::on(port)
    }
}

impl<A: Into<IpAddr>> From<(A, u16)> for Listen {
    /// On this address; on all of them if it is unspecified.
    fn from((address, port): (A, u16)) -> Self {
        let address = Some(address.into()).filter(|address| !address.is_unspecified());
        Self { address, ..Self::on(port) }
    }
}

impl From<SocketAddr> for Listen {
    /// On this address; on all of them if it is unspecified.
    fn from(socket: SocketAddr) -> Self {
        Self::from((socket.ip(), socket.port()))
    }
}

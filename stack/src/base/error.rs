//! What can go wrong, and which side is at fault: the caller, the peer, or nobody in particular.

use super::InvalidSetting;
use std::io;
use tcpspec::CallError;

/// Why a call on the stack failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller: something else uses this port, or a connection of it is still in 2MSL (§3.6.1).
    #[error(
        "address in use: another socket has the port, or a connection of it has not ended its TIME-WAIT; wait 2MSL or take another port"
    )]
    AddressInUse,
    /// This host: no ephemeral port to this peer is free.
    #[error(
        "no ephemeral port is free for this peer; close connections or wait until their TIME-WAIT is over"
    )]
    PortsExhausted,
    /// The caller: a connection between these sockets would belong to another shard, which gets its packets ([`device::spread`](crate::device::spread)).
    #[error(
        "a connection between these sockets belongs to another shard of the stack; open it there, or let the stack choose the port"
    )]
    OtherShard,
    /// The caller: the stack has no address of the peer's IP version.
    #[error("the stack has no address of this IP version; give it one in its settings")]
    NoAddress,
    /// The caller: the socket is bound to a loopback address, and the peer is another host.
    #[error(
        "the socket is bound to a loopback address, which only this host can reach; bind it to another address of the stack"
    )]
    OnlyLoopback,
    /// This host: it has as many connections as its settings allow, or its connections keep as much memory.
    #[error(
        "the stack has as many connections as its settings allow, or they keep as much memory; close some, or raise `max_connections` or `memory`"
    )]
    TooManyConnections,
    /// This host: it keeps quiet for one MSL after its start (§3.4.3).
    #[error("the stack keeps quiet after its start; try again after one MSL")]
    QuietTime,
    /// The caller: port 0, or an address of the peer that cannot be connected to.
    #[error("this address cannot be used: a port of 0, or an unspecified, broadcast or multicast address")]
    AddressInvalid,
    /// The peer: it refuses the connection (§3.10.7.3, §3.10.7.4).
    #[error("connection refused by the peer")]
    Refused,
    /// The peer: it has reset the connection.
    #[error("connection reset by the peer")]
    Reset,
    /// Nobody answers: R2 or the user timeout is reached (§3.8.3).
    #[error("connection timed out: the peer does not answer")]
    TimedOut,
    /// This host: no user held the connection any more. Nothing was delivered for long, or there were too many such connections (RFC 6429).
    #[error(
        "given up by this host: no user held the connection, and it made no progress or there were too many of them; see `orphan_timeout`, `max_orphans` and `orphan_memory`"
    )]
    Orphaned,
    /// This host: the connection was aborted by its pair of sockets.
    #[error("aborted by this host: `abort_connection` was called")]
    Aborted,
    /// The network: it says that the peer cannot be reached (ICMP, §3.9.2.2).
    #[error(
        "the network says that the peer cannot be reached; check the address, routes and firewalls between"
    )]
    Unreachable,
    /// The caller: there is no such socket, or not any more.
    #[error("no such socket; it was closed")]
    NoSocket,
    /// This machine: too many packets wait for the device.
    #[error("too many packets wait for the device; try again when some have left")]
    NoRoom,
    /// The caller: the stack was shut down.
    #[error("the stack was shut down, and all connections with it")]
    Stopped,
    /// The caller: a setting has a value that it cannot have.
    #[error(transparent)]
    InvalidSetting(#[from] InvalidSetting),
    /// The caller: the call would wait for its own thread. That thread looks at the endpoint ([`Stack::with_endpoint`](crate::Stack::with_endpoint)), controls congestion
    /// ([`Congestion`](crate::congestion::Congestion)), or drives the stack (in a callback or waker).
    #[error(
        "this call would wait for its own thread: it comes from within `with_endpoint` or congestion control, or waits in a callback or waker that the thread which drives the stack has called"
    )]
    Deadlock,
    /// The caller: the RFC's answer to this call in this state (§3.10.1 to §3.10.6).
    #[error("error: {0}")]
    Call(#[from] CallError),
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::AddressInUse => io::ErrorKind::AddrInUse,
            Error::PortsExhausted | Error::OtherShard | Error::NoAddress | Error::OnlyLoopback => {
                io::ErrorKind::AddrNotAvailable
            }
            Error::TooManyConnections => io::ErrorKind::QuotaExceeded,
            Error::QuietTime | Error::NoRoom => io::ErrorKind::WouldBlock,
            Error::AddressInvalid | Error::InvalidSetting(_) => io::ErrorKind::InvalidInput,
            Error::Refused => io::ErrorKind::ConnectionRefused,
            Error::Reset => io::ErrorKind::ConnectionReset,
            Error::TimedOut => io::ErrorKind::TimedOut,
            Error::Orphaned | Error::Aborted => io::ErrorKind::ConnectionAborted,
            Error::NoSocket | Error::Stopped | Error::Call(CallError::ConnectionDoesNotExist) => {
                io::ErrorKind::NotConnected
            }
            Error::Deadlock => io::ErrorKind::Deadlock,
            Error::Unreachable => io::ErrorKind::HostUnreachable,
            Error::Call(CallError::ConnectionClosing) => io::ErrorKind::BrokenPipe,
            Error::Call(CallError::ConnectionAlreadyExists) => io::ErrorKind::AddrInUse,
            Error::Call(_) => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}

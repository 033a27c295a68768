//! What events bring with them besides segments: the user calls of RFC 9293 §3.9.1 and the timeouts of §3.10.8.
//!
//! What only the host knows (room, text on hand, retries used up) is part of the input, so guards stay pure functions.

use crate::{Numbers, Seq};
use core::fmt;

/// OPEN (§3.9.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Open {
    /// Active (sends a SYN) or passive (waits for one).
    pub active: bool,
    /// The remote socket is specified.
    pub remote: bool,
    /// Passive only: fork a child for each connection, as sockets do, instead of becoming the connection.
    pub forks: bool,
}

/// SEND (§3.9.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Send<W = u32> {
    /// Octets given.
    pub len: W,
    /// The URGENT flag (§3.8.5).
    pub urgent: bool,
    /// The host's queue has room for them.
    pub room: bool,
}

/// RECEIVE (§3.9.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Receive<W = u32> {
    /// Octets in order that the host has on hand for the user.
    pub on_hand: W,
    /// Octets that the user takes at most.
    pub max: W,
    /// The window that the host is willing to offer afterwards, in octets (silly-window avoidance, §3.8.6.2.2, is the
    /// host's). Values below RCV.WND are not used: the window never shrinks.
    pub window: W,
    /// Set by the machine: octets that the user now gets.
    pub taken: W,
}

/// The user lets go of the connection (close and drop, as sockets have it; RFC 1122 §4.2.2.13).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Release {
    /// Text in order is on hand that the user has not received.
    pub unread: bool,
}

/// CLOSE, ABORT, STATUS: nothing besides the call itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Bare;

/// The host could send now: text, our FIN, or both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Transmit<W = u32> {
    /// Octets of text that the host would put into one segment at most (segment size, congestion window, Nagle).
    pub max: W,
    /// Set by the machine: octets of text that go out.
    pub text: W,
    /// Set by the machine: the FIN goes out.
    pub fin: bool,
}

/// A timer of the host has expired (§3.10.8, §3.8.3, §3.8.4, §3.8.6.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Expiry {
    /// The timer has not run out. The host knows in another way that something is lost, or asks by a probe (RFC 5681 §3.2, RFC 6675 §5, RFC 8985 §6, §7).
    /// Retransmission only.
    pub early: bool,
    /// R1 is reached: the network layer and the user should hear of it (MUST-20, SHLD-9).
    pub r1: bool,
    /// R2 is reached: the connection is given up.
    pub r2: bool,
}

/// The network says that a segment of ours could not be delivered (ICMP and ICMPv6, §3.9.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Unreachable<S: Numbers> {
    /// SEG.SEQ of the segment, as the message quotes it.
    pub seq: Seq<S>,
    /// A hard error (RFC 5461 §2): it will not get better by itself.
    pub hard: bool,
}

/// Why a user call fails: the errors of §3.10 that can arise here.
///
/// "Connection illegal for this process", "Diffserv value not allowed" and "security/compartment not allowed" cannot:
/// the host decides which programs may call, and security compartments are left out (Appendix A.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallError {
    /// error: connection does not exist
    ConnectionDoesNotExist,
    /// error: connection already exists
    ConnectionAlreadyExists,
    /// error: remote socket unspecified
    RemoteSocketUnspecified,
    /// error: connection closing
    ConnectionClosing,
    /// error: insufficient resources
    InsufficientResources,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectionDoesNotExist => "connection does not exist",
            Self::ConnectionAlreadyExists => "connection already exists",
            Self::RemoteSocketUnspecified => "remote socket unspecified",
            Self::ConnectionClosing => "connection closing",
            Self::InsufficientResources => "insufficient resources",
        })
    }
}

impl core::error::Error for CallError {}

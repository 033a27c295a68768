//! What both sides have in common.

use super::script::{Call, Script};
use crate::{KERNEL, KERNEL6, STACK, STACK6};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The port that a script listens on.
pub const LISTENING: u16 = 80;
/// The port that a script connects from.
pub const CONNECTING: u16 = 4000;

/// One of the two that play a script.
pub trait Side {
    /// A new script; `port` is the peer's and was not used before.
    fn begin(&mut self, script: &Script, port: u16);
    fn call(&mut self, call: Call) -> Outcome;
    fn deliver(&mut self, packet: &[u8]);
    /// Milliseconds pass.
    fn pause(&mut self, ms: u64);
    /// What it has sent since it was last asked, whether it concerns the script or not.
    fn packets(&mut self) -> Vec<Vec<u8>>;
    /// The state of the connection between these ports; of the listener, or CLOSED, if there is none.
    fn state(&mut self, local: u16) -> &'static str;
    /// The rows that have fired since it was last asked, if it has rows.
    fn rows(&mut self) -> Vec<&'static str>;
}

/// What a call gave.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    Done,
    /// SEND: so many octets.
    Taken(usize),
    Text(Vec<u8>),
    Nothing,
    /// The peer has closed.
    End,
    Failed(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Taken(octets) => write!(f, "{octets} octets taken"),
            Self::Text(text) => write!(f, "{} octets of text", text.len()),
            Self::Nothing => f.write_str("nothing"),
            Self::End => f.write_str("end"),
            Self::Failed(why) => write!(f, "error: {why}"),
        }
    }
}

/// The user has no connection.
pub fn no_socket() -> Outcome {
    Outcome::Failed("no socket".into())
}

/// The address of the side under test.
pub fn side_address(ipv6: bool) -> IpAddr {
    if ipv6 { KERNEL6.into() } else { KERNEL.into() }
}

/// The peer's socket. Where acknowledgments may be delayed it has another address, since the kernel decides that by the route.
pub fn peer_socket(script: &Script, port: u16) -> SocketAddr {
    let address: IpAddr = match (script.ipv6, script.lazy) {
        (false, false) => STACK.into(),
        (true, false) => STACK6.into(),
        (false, true) => Ipv4Addr::new(10, 7, 0, 3).into(),
        (true, true) => Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 3).into(),
    };
    SocketAddr::new(address, port)
}

//! A listener: which calls wait for it, and what it holds back.

use super::ListenerId;
use crate::base::{Pair, Socket, Time};
use crate::config::Listen;
use crate::tcp::connection::Connection;
use crate::wire::tcp;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcpspec::Flags;

/// How long a SYN is held. Its sender has repeated it several times by then, and the time begins anew with each repetition.
pub const HELD_FOR: Duration = Duration::from_secs(30);

/// A SYN that waits for the application's decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldSyn {
    pub(super) pair: Pair,
    pub(super) header: tcp::Header,
    at: Time,
    pub(super) told: bool,
}

/// Where a listener is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Binding {
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

// Nearly always one number.
impl Hash for Binding {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.address {
            Some(address) => Socket(SocketAddr::new(address, self.port)).hash(state),
            None => state.write_u64(self.port.into()),
        }
    }
}

/// How many connections use a local socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Users {
    pub(super) all: usize,
    /// Of these, in 2MSL.
    pub(super) waiting: usize,
}

pub(super) struct Listener {
    pub(super) connection: Connection,
    pub(super) number: u64,
    /// Established connections that wait to be accepted.
    pub(super) queue: VecDeque<usize>,
    /// Connections that are not established yet.
    pub(super) half_open: usize,
    pub(super) limits: Listen,
    /// SYNs that wait for a decision.
    pub(super) held_syns: VecDeque<HeldSyn>,
    /// When a cookie was last sent.
    pub(super) cookie_sent: Option<Time>,
    /// A caller wants to be told when there is something to accept.
    pub(super) waits: bool,
}

impl Listener {
    /// No more connections may wait to be accepted.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= self.limits.backlog.max(1)
    }

    pub(super) fn own_socket(&self, id: ListenerId) -> SocketAddr {
        let address = self.limits.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        SocketAddr::new(address, id.binding.port)
    }

    /// Whether this is a SYN that must wait.
    pub(super) fn must_hold(&self, header: &tcp::Header) -> bool {
        let Flags(bits) = header.flags;
        let first = Flags(bits & (Flags::SYN.0 | Flags::ACK.0 | Flags::RST.0)) == Flags::SYN;
        self.limits.hold && first
    }

    /// Keeps a SYN; false if there is no room. Its text is not kept, and so neither is a FIN behind it: the peer sends both again.
    pub(super) fn hold(&mut self, now: Time, pair: Pair, header: &tcp::Header, text: &[u8]) -> bool {
        let mut header = *header;
        if !text.is_empty() {
            header.flags = header.flags.without(Flags::FIN);
        }
        if let Some(held) = self.held_syns.iter_mut().find(|held| held.pair == pair) {
            (held.header, held.at) = (header, now);
            return true;
        }
        self.forget_old(now);
        if self.held_syns.len() >= self.limits.half_open.max(1) {
            return false;
        }
        self.held_syns.push_back(HeldSyn { pair, header, at: now, told: false });
        true
    }

    pub(super) fn forget_old(&mut self, now: Time) {
        self.held_syns.retain(|held| now.since(held.at) <= HELD_FOR);
    }

    /// Whether there is something of which no caller was told.
    pub(super) fn has_news(&self) -> bool {
        !self.queue.is_empty() || self.held_syns.iter().any(|held| !held.told)
    }

    pub(super) fn take_held_syn(&mut self, pair: &Pair, now: Time) -> Option<HeldSyn> {
        self.forget_old(now);
        let at = self.held_syns.iter().position(|held| held.pair == *pair)?;
        self.held_syns.remove(at)
    }
}

//! Waiting: a caller says once what it waits for, and is told once that it has come. No other caller is woken.

use super::listener::Listener;
use super::{ConnectionId, Endpoint, Entry, ListenerId};
use crate::base::Error;
use crate::tcp::shared::Shared;
use std::ops::{BitAnd, BitOr, BitOrAssign};
use tcpspec::Facts;

/// What a caller waits for on a connection; several may be joined with `|`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Interest(u8);

impl Interest {
    /// The connection is established.
    pub const OPEN: Self = Self(1);
    /// There is something to read, or nothing more will come.
    pub const READ: Self = Self(2);
    /// A third of the send buffer is free (where [memory](crate::Config::memory) is short, of 4 KiB), or nothing more can be sent.
    pub const WRITE: Self = Self(4);
    /// All that was written is acknowledged, and the FIN if CLOSE was called; or the connection is over, though text was lost:
    /// [`check_loss`](Endpoint::check_loss) tells.
    pub const DELIVERED: Self = Self(8);
    /// Urgent text lies ahead (MUST-32), though it may not have come yet; or the peer has closed.
    pub const URGENT: Self = Self(16);
    /// All of them.
    pub const EVERY: Self = Self(31);
    /// Each by itself.
    pub const ALL: [Self; 5] = [Self::OPEN, Self::READ, Self::WRITE, Self::DELIVERED, Self::URGENT];

    /// Whether one of them is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Interest {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// Something that a caller has waited for has come, or never will. Every [`Interest`] is also met when the connection is over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ready {
    /// On a connection.
    Connection(ConnectionId, Interest),
    /// Connections can be accepted.
    Listener(ListenerId),
}

/// What callers wait for, and what they were not told yet.
#[derive(Clone, Copy, Default)]
pub(super) struct Waits {
    wanted: Interest,
    /// What has come and was not told yet. The connection is in the queue if there is any.
    come: Interest,
}

impl Waits {
    /// Whether somebody waits for something.
    pub(super) fn is_waiting(self) -> bool {
        self.wanted != Interest::default()
    }
}

impl Endpoint {
    /// From now on [`poll_ready`](Self::poll_ready) tells when one of these has come: once for each time that it is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn wait_for(&mut self, id: ConnectionId, interest: Interest) -> Result<(), Error> {
        let entry = self.entries.get_mut(id.slot).filter(|entry| entry.number == id.number);
        entry.ok_or(Error::NoSocket)?.waits.wanted |= interest;
        self.tell(id.slot);
        Ok(())
    }

    /// From now on [`poll_ready`](Self::poll_ready) tells when there are connections to accept, once.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn wait_for_accept(&mut self, id: ListenerId) -> Result<(), Error> {
        self.listener(id).ok_or(Error::NoSocket)?.waits = true;
        self.tell_listener(id);
        Ok(())
    }

    /// Whether a connection can be accepted, or a request answered if the listener holds them. True as well if there is no such listener.
    pub fn can_accept(&self, id: ListenerId) -> bool {
        let listener = self.listeners.get(&id.binding).filter(|listener| listener.number == id.number);
        listener.is_none_or(Listener::has_news)
    }

    /// Something that a caller has waited for and that has come.
    pub fn poll_ready(&mut self) -> Option<Ready> {
        let ready = self.ready.pop_front()?;
        let Ready::Connection(id, _) = ready else { return Some(ready) };
        let entry = self.entries.get_mut(id.slot).filter(|entry| entry.number == id.number);
        let come = entry.map_or(Interest::EVERY, |entry| std::mem::take(&mut entry.waits.come));
        Some(Ready::Connection(id, come))
    }

    /// Whether what a caller waits for is there already.
    pub fn is_ready(&self, id: ConnectionId, interest: Interest) -> bool {
        let entry = self.entries.get(id.slot).filter(|entry| entry.number == id.number);
        entry.is_none_or(|entry| entry.readiness(&self.shared).meets(interest))
    }

    /// Whether the connection is over: the TCB is deleted, or the attempt has failed and its pair of sockets waits for 2MSL to be over.
    pub fn is_over(&self, id: ConnectionId) -> bool {
        let entry = self.entries.get(id.slot).filter(|entry| entry.number == id.number);
        entry.is_none_or(|entry| entry.look(&self.shared).is_over())
    }

    /// The same, or it only waits for 2MSL to be over.
    pub(crate) fn is_done(&self, id: ConnectionId) -> bool {
        let entry = self.entries.get(id.slot).filter(|entry| entry.number == id.number);
        entry.is_none_or(|entry| {
            let connection = entry.look(&self.shared);
            connection.is_closed() || connection.is_in_2msl()
        })
    }

    /// After an event of this connection: tells the callers that have waited for it.
    pub(super) fn tell(&mut self, slot: usize) {
        let Some(entry) = self.entries.get_mut(slot) else { return };
        if entry.waits.wanted == Interest::default() {
            return;
        }
        let come = entry.waits.wanted & entry.readiness(&self.shared);
        if come == Interest::default() {
            return;
        }
        let queued = entry.waits.come != Interest::default();
        entry.waits.come |= come;
        entry.waits.wanted = entry.waits.wanted.without(come);
        if !queued {
            // One place for each connection at most.
            let id = ConnectionId { slot, number: entry.number };
            self.ready.push_back(Ready::Connection(id, come));
        }
    }

    /// Before a connection goes: what callers wait for will not come any more.
    pub(super) fn tell_gone(&mut self, slot: usize) {
        let Some(entry) = self.entries.get(slot) else { return };
        if entry.waits.wanted != Interest::default() && entry.waits.come == Interest::default() {
            let id = ConnectionId { slot, number: entry.number };
            self.ready.push_back(Ready::Connection(id, Interest::EVERY));
        }
    }

    /// After a connection has joined a listener's queue.
    pub(super) fn tell_listener(&mut self, id: ListenerId) {
        let Some(listener) = self.listener(id) else { return };
        if listener.waits && listener.has_news() {
            listener.waits = false;
            self.ready.push_back(Ready::Listener(id));
        }
    }
}

impl Entry {
    fn readiness(&self, shared: &Shared) -> Interest {
        let connection = self.look(shared);
        let (host, tcb) = (&connection.host, &connection.tcb);
        let over = connection.is_over() || host.reports.error.is_some();
        let closed = tcb.facts.has(Facts::CLOSED);
        let mut ready = Interest::default();
        for (interest, holds) in [
            (Interest::OPEN, connection.is_established()),
            (Interest::READ, !host.received.is_empty() || connection.peer_closed()),
            (Interest::WRITE, closed || connection.waiting(shared) <= connection.send_limit(shared) / 3 * 2),
            (Interest::DELIVERED, connection.is_delivered()),
            (Interest::URGENT, connection.urgent() > 0 || connection.peer_closed()),
        ] {
            if holds || over {
                ready |= interest;
            }
        }
        ready
    }
}

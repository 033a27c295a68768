//! Calls that change no connection's state: looks at text, at errors and at all connections. And the end of the stack.

use super::{ConnectionId, Endpoint, Entry, ListenerId, Received};
use crate::base::{Error, Time};
use crate::config::check_hop_limit;
use crate::watch::table::Table;
use crate::wire::packet::Writes;
use std::io::IoSlice;
use tcpspec::{Full, Notice, Tcb};

impl Endpoint {
    /// Text in order, as [`receive`](Self::receive) would give it. The text stays where it is.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive).
    pub fn peek(&mut self, now: Time, id: ConnectionId, into: &mut [u8]) -> Result<Received, Error> {
        let (awake, _) = self.entry(id)?;
        let text = &awake.connection.host.received;
        if text.is_empty() {
            // A RECEIVE for nothing: the table says whether something may still come.
            return self.receive(now, id, &mut []);
        }
        Ok(Received::Text(text.peek(into)))
    }

    /// SEND with several pieces: queues as much of them as there is room for, in order; how much that was.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), if nothing was queued.
    pub fn send_vectored(
        &mut self,
        now: Time,
        id: ConnectionId,
        pieces: &[IoSlice<'_>],
    ) -> Result<usize, Error> {
        let (awake, shared) = self.entry(id)?;
        let connection = &mut awake.connection;
        let (mut all, mut result) = (0, Ok(()));
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            let taken = connection.user_send(piece, false, now, shared);
            all += taken.unwrap_or(0);
            result = taken.map(|_| ());
            if taken != Ok(piece.len()) || connection.waiting(shared) >= connection.send_limit(shared) {
                break;
            }
        }
        // Only now, so that small pieces share a segment.
        self.touch(now, id.slot);
        // An error after text was queued will be told by the next call.
        if all == 0 {
            result?;
        }
        Ok(all)
    }

    /// From now on events for `tracing` wait in that place.
    #[cfg(feature = "tracing")]
    pub(crate) fn trace_later(&mut self, later: std::sync::Arc<crate::watch::callbacks::Callbacks>) {
        self.shared.observers.later = Some(later);
    }

    /// How the connection ended, other than by FINs; told once, as `SO_ERROR` does, here or by another call. [`status`](Self::status) tells it at any time.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn take_error(&mut self, id: ConnectionId) -> Result<Option<Error>, Error> {
        Ok(self.entry(id)?.0.connection.host.reports.tell_error())
    }

    /// Whether the connection has ended with text unacknowledged.
    ///
    /// # Errors
    ///
    /// How it ended, if so and if that was not told yet; [`Error::NoSocket`].
    pub fn check_loss(&mut self, id: ConnectionId) -> Result<(), Error> {
        let reports = &mut self.entry(id)?.0.connection.host.reports;
        let lost = reports.lost;
        let error = reports.tell_loss().or_else(|| if lost { reports.tell_error() } else { None });
        error.map_or(Ok(()), Err)
    }

    /// The TTL or hop limit of what this connection sends from now on, 1 to 255 (MUST-49).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSetting`] for zero; [`Error::NoSocket`].
    pub fn set_hop_limit(&mut self, id: ConnectionId, hop_limit: u8) -> Result<(), Error> {
        check_hop_limit(hop_limit)?;
        self.entry(id)?.0.connection.host.ip.hop_limit = hop_limit;
        Ok(())
    }

    /// The type of service or traffic class of what this connection sends from now on (MUST-48); the two bits of ECN are not used.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn set_traffic_class(&mut self, id: ConnectionId, traffic_class: u8) -> Result<(), Error> {
        self.entry(id)?.0.connection.host.ip.traffic_class = traffic_class;
        Ok(())
    }

    /// TTL or hop limit of what this connection sends.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn hop_limit(&self, id: ConnectionId) -> Result<u8, Error> {
        Ok(self.connection(id)?.host.ip.hop_limit)
    }

    /// Type of service or traffic class of what this connection sends.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn traffic_class(&self, id: ConnectionId) -> Result<u8, Error> {
        Ok(self.connection(id)?.host.ip.traffic_class)
    }

    /// The variables of the connection (§3.3.1).
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`].
    pub fn tcb(&self, id: ConnectionId) -> Result<&Tcb<Full>, Error> {
        let entry = self.entries.get(id.slot).filter(|entry| entry.number == id.number);
        entry.and_then(Entry::tcb).ok_or(Error::NoSocket)
    }

    /// All connections, like `ss -ti`.
    pub fn table(&self) -> Table {
        let waiting =
            self.records.iter().map(|(_, record)| record.connection(&self.shared).0.status(&self.shared));
        let all = self.open().map(|entry| entry.look(&self.shared).status(&self.shared));
        let mut rows: Vec<_> = all.chain(waiting).collect();
        rows.sort_by_key(|status| (status.local, status.remote));
        Table(rows, self.shared.device.writes)
    }

    /// Connections that wait to be accepted.
    pub fn pending(&self, id: ListenerId) -> usize {
        let listener = self.listeners.get(&id.binding).filter(|listener| listener.number == id.number);
        listener.map_or(0, |listener| listener.queue.len())
    }

    /// Connections on which something that was written, or the FIN, is not acknowledged.
    pub fn undelivered(&self) -> Table {
        Table(
            self.open()
                .filter(|entry| !entry.is_delivered())
                .map(|entry| entry.look(&self.shared).status(&self.shared))
                .collect(),
            Writes::Unknown,
        )
    }

    /// From now on [`stop`](Self::stop) also tells of connections that end with something undelivered: the peer has reset them or does not answer, or text was left
    /// unread when the user let go. At most 256 are named; [`Counters::lost`](crate::endpoint::Counters::lost) counts all.
    pub fn note_losses(&mut self) {
        self.losses.get_or_insert_default();
    }

    /// Gives everything up. Each connection is reset, but a released connection whose FIN is acknowledged just goes. Tells on which connections
    /// something that was written is lost.
    pub fn stop(&mut self, now: Time) -> Table {
        let mut lost = self.undelivered();
        lost.0.extend(self.losses.take().into_iter().flatten());
        let slots: Vec<_> = self.entries.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            if let Some(entry) = self.entries.get_mut(slot) {
                let (has_user, attached) = (entry.has_user, entry.attached);
                let connection = &mut entry.awake(&self.shared).connection;
                let done = !has_user && connection.host.reports.noticed(Notice::CloseAcknowledged);
                if attached && !done {
                    // Where there is nothing to abort, the table refuses.
                    let _ = connection.abort(now, &mut self.shared);
                }
            }
            self.touch(now, slot);
        }
        lost
    }

    /// One of the connections that are not [delivered](Self::is_delivered).
    pub fn first_undelivered(&self) -> Option<ConnectionId> {
        let mut all = self.entries.iter().filter(|(_, entry)| entry.attached);
        let (slot, entry) = all.find(|(_, entry)| !entry.is_delivered())?;
        Some(ConnectionId { slot, number: entry.number })
    }

    fn open(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|(_, entry)| entry).filter(|entry| entry.attached)
    }
}

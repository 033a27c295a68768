//! The registry: where each connection is, when it has to be called, and which port is in use.

use super::demux::Place;
use super::listener::Users;
use super::slots::Slots;
use super::time_wait::TimeWaitRecord;
use super::{Awake, ConnectionId, Endpoint, Entry, ListenerId};
use crate::base::{Error, Pair, Socket, Time};
use crate::config::Initial;
use crate::tcp::connection::Connection;
use crate::tcp::shared::Shared;
use hashbrown::hash_map;
use std::net::IpAddr;
use tcpspec::call::Open;
use tcpspec::record::Side;
use tcpspec::{CallError, Full};

/// Connections named at a shutdown because they ended with text undelivered. More are only counted.
const MAX_LOSSES: usize = 256;

/// The pair of sockets of the connection in a place.
fn pair_of(entries: &Slots<Entry>, records: &Slots<TimeWaitRecord>, place: Place) -> Option<Pair> {
    match place {
        Place::Whole(slot) => entries.get(slot as usize).map(Entry::pair),
        Place::Waiting(slot) => records.get(slot as usize).map(TimeWaitRecord::pair),
    }
}

impl Endpoint {
    /// Where the connection with this pair of sockets is.
    pub(super) fn place(&self, pair: &Pair) -> Option<Place> {
        // Packets come in trains: most belong to the connection of the last packet.
        if self.entries.get(self.latest).is_some_and(|entry| entry.attached && entry.is_with(pair)) {
            return Some(Place::Whole(self.latest as u32));
        }
        self.look_up(pair)
    }

    /// The same for a connection that is not the last packet's.
    pub(super) fn look_up(&self, pair: &Pair) -> Option<Place> {
        self.demux.find(pair, |place| match place {
            Place::Whole(slot) => self.entries.get(slot as usize).is_some_and(|entry| entry.is_with(pair)),
            Place::Waiting(slot) => {
                self.records.get(slot as usize).is_some_and(|record| record.pair() == *pair)
            }
        })
    }

    fn attach(&mut self, pair: &Pair, place: Place) {
        let Self { entries, records, demux, .. } = self;
        demux.insert(pair, place, |place| pair_of(entries, records, place));
    }

    /// The pair of sockets is free again.
    fn detach(&mut self, pair: &Pair, place: Place, in_2msl: bool, outgoing: bool) {
        self.demux.remove(pair, place);
        if outgoing {
            self.note_closed(pair, in_2msl);
        }
        self.wheel.stop(place.id());
        self.leave_port(pair, in_2msl);
    }

    fn join_port(&mut self, pair: &Pair) {
        let users: &mut Users = self.ports.entry(Socket(pair.local)).or_default();
        users.all += 1;
    }

    fn leave_port(&mut self, pair: &Pair, in_2msl: bool) {
        if let hash_map::Entry::Occupied(mut entry) = self.ports.entry(Socket(pair.local)) {
            let users = entry.get_mut();
            users.all -= 1;
            users.waiting -= usize::from(in_2msl);
            if users.all == 0 {
                entry.remove();
            }
        }
    }

    /// A connection, not in 2MSL, is found by another pair of sockets from now on.
    pub(super) fn refile(&mut self, slot: usize, pair: Pair) {
        let place = Place::Whole(slot as u32);
        let Some(entry) = self.entries.get_mut(slot).filter(|entry| entry.pair() != pair) else {
            return;
        };
        let old = std::mem::replace(&mut entry.awake(&self.shared).connection.pair, pair);
        let was_outgoing = entry.outgoing;
        self.demux.remove(&old, place);
        self.leave_port(&old, false);
        self.join_port(&pair);
        self.attach(&pair, place);
        if was_outgoing {
            self.note_closed(&old, false);
        }
        let outgoing = self.note_opened(&pair);
        let outside = self.is_somebody(pair.remote.ip());
        if let Some(entry) = self.entries.get_mut(slot) {
            (entry.outgoing, entry.outside) = (outgoing, outside);
        }
    }

    /// Whether packets from outside can be for the connection of the last packet: its addresses were checked when it was put here.
    pub(super) fn is_between(&self, local: IpAddr, remote: IpAddr) -> bool {
        self.entries.get(self.latest).is_some_and(|entry| {
            let is_between = |pair: &Pair| pair.remote.ip() == remote && pair.local.ip() == local;
            let is_theirs = |awake: &Awake| is_between(&awake.connection.pair);
            entry.outside && entry.attached && entry.if_awake().is_some_and(is_theirs)
        })
    }

    pub(super) fn insert(&mut self, connection: Connection, listener: Option<ListenerId>) -> usize {
        self.number += 1;
        let pair = connection.pair;
        let outgoing = listener.is_none() && self.note_opened(&pair);
        let outside = self.is_somebody(pair.remote.ip());
        let mut entry = Entry::new(connection, listener, self.number);
        (entry.outside, entry.outgoing) = (outside, outgoing);
        let slot = self.entries.insert(entry);
        self.attach(&pair, Place::Whole(slot as u32));
        self.join_port(&pair);
        slot
    }

    /// After every event of a connection: sends, brings the registry up to date, and tells the callers that have waited for it.
    pub(super) fn touch(&mut self, now: Time, slot: usize) {
        self.shared.paths.expire(now);
        self.shared.memory.call_ends();
        let Some(entry) = self.entries.get_mut(slot) else { return self.shed_orphans(now) };
        let (has_user, awake) = (entry.has_user, entry.awake(&self.shared));
        if has_user && awake.is_steady() {
            // The usual case. Sending may still end the connection.
            let full = awake.connection.advance(now, &mut self.shared);
            if awake.is_steady() {
                if full && !awake.wants_room {
                    awake.wants_room = true;
                    self.waiting.push_back(slot);
                }
                if awake.connection.host.acks.due && !awake.owes {
                    awake.owes = true;
                    self.owing.push(slot);
                }
                let changes = awake.is_to_count() && {
                    let memory = awake.memory();
                    self.shared.memory.count(&mut awake.counted, memory)
                };
                awake.used = now;
                let deadline = awake.deadline_or_rest();
                if awake.timed.is_none_or(|timed| deadline < timed) {
                    awake.timed = Some(deadline);
                    self.wheel.follow(Place::Whole(slot as u32).id(), Some(deadline));
                }
                if entry.waits.is_waiting() {
                    self.tell(slot);
                }
                if changes || self.shared.memory.has_refused() {
                    self.divide_memory(now);
                }
                return;
            }
        }
        let listener = awake.listener;
        self.settle(now, slot);
        self.tell(slot);
        if let Some(id) = listener {
            self.tell_listener(id);
        }
        self.shed_orphans(now);
        if self.shared.memory.is_short() {
            self.shed_for_memory(now);
        }
        if self.shared.memory.is_to_change() {
            self.divide_memory(now);
        }
    }

    pub(super) fn settle(&mut self, now: Time, slot: usize) {
        let place = Place::Whole(slot as u32);
        let Some(mut entry) = self.entries.get_mut(slot) else { return };
        if entry.awake(&self.shared).opened.is_some() {
            self.follow(slot);
            let Some(again) = self.entries.get_mut(slot) else { return };
            entry = again;
        }
        let awake = entry.awake(&self.shared);
        awake.used = now;
        if awake.connection.advance(now, &mut self.shared) && !awake.wants_room {
            awake.wants_room = true;
            self.waiting.push_back(slot);
        }
        if awake.connection.host.acks.due && !awake.owes {
            awake.owes = true;
            self.owing.push(slot);
        }
        let memory = awake.memory();
        self.shared.memory.count(&mut awake.counted, memory);
        let Awake { ref connection, listener, .. } = *awake;
        let (pair, in_2msl) = (connection.pair, connection.is_in_2msl());
        let (established, closed) = (connection.is_established(), connection.is_closed());
        let abandoned = connection.host.orphan.abandoned;
        if !entry.in_2msl && in_2msl {
            entry.in_2msl = true;
            if let Some(users) = self.ports.get_mut(&Socket(pair.local)) {
                users.waiting += 1;
            }
            if entry.outgoing {
                super::ports::note_waits(&mut self.outgoing, &pair);
            }
        }
        let opens = established && !entry.queued;
        if let Some(id) = listener
            && let Some(listener) =
                self.listeners.get_mut(&id.binding).filter(|listener| listener.number == id.number)
        {
            if opens {
                entry.queued = true;
                listener.half_open -= 1;
                listener.queue.push_back(slot);
            }
            if closed && !entry.queued {
                listener.half_open -= 1;
            }
        }
        // A connection that waits to be accepted still belongs to a user.
        let wanted = entry.has_user || (entry.queued && listener.is_some());
        if abandoned {
            self.note_orphan(slot);
        }
        let Some(entry) = self.entries.get_mut(slot) else { return };
        if !closed {
            if entry.in_2msl && !wanted {
                self.shrink(slot);
            } else {
                let rests = established && !abandoned && !entry.in_2msl;
                let awake = entry.awake(&self.shared);
                awake.timed = None;
                let deadline = awake.connection.deadline();
                let deadline = if rests { Some(awake.deadline_or_rest()) } else { deadline };
                self.wheel.follow(place.id(), deadline);
            }
            return;
        }
        let (in_2msl, outgoing) = (entry.in_2msl, entry.outgoing);
        if std::mem::take(&mut entry.attached) {
            self.detach(&pair, place, in_2msl, outgoing);
        }
        self.note_loss(slot, wanted);
        if !wanted {
            self.tell_gone(slot);
            if let Some(entry) = self.entries.try_remove(slot) {
                self.shared.memory.remove(entry.counted());
            }
            self.give_room_back();
        }
    }

    /// After connections have gone: what only a crowd needs.
    fn give_room_back(&mut self) {
        for (kind, places) in [(0, self.entries.shrink()), (1, self.records.shrink())] {
            places.into_iter().for_each(|places| self.wheel.shrink(kind, places));
        }
    }

    /// A connection is over, or its user goes afterwards. If text is lost, a shutdown names the connection. The loss is counted if no user has heard of it.
    fn note_loss(&mut self, slot: usize, has_user: bool) {
        let Some(entry) = self.entries.get_mut(slot) else { return };
        let connection = &mut entry.awake(&self.shared).connection;
        let reports = &mut connection.host.reports;
        let untold = !has_user && !reports.told;
        if !reports.lost || reports.loss_noted || !(untold || self.losses.is_some()) {
            return;
        }
        reports.loss_noted = true;
        self.counters.lost += u64::from(untold);
        if let Some(losses) = self.losses.as_mut().filter(|losses| losses.len() < MAX_LOSSES) {
            losses.push(connection.status(&self.shared));
        }
    }

    /// A small record takes the place of a connection that nobody holds and that only waits for 2MSL to be over.
    fn shrink(&mut self, slot: usize) {
        // An attempt that has failed may have had text.
        self.note_loss(slot, false);
        self.tell_gone(slot);
        let Some(mut entry) = self.entries.try_remove(slot) else { return };
        self.shared.memory.remove(entry.counted());
        let from = Place::Whole(slot as u32);
        let outgoing = entry.outgoing;
        let connection = &entry.awake(&self.shared).connection;
        let (pair, deadline) = (connection.pair, connection.deadline());
        let record = TimeWaitRecord::of(connection, outgoing, &mut self.shared);
        let recorded = entry.awake(&self.shared).connection.host.recorded.take();
        self.shared.memory.add(record.memory());
        let record = self.records.insert(record) as u32;
        self.note_recorded(record, recorded);
        let to = Place::Waiting(record);
        self.demux.replace(&pair, from, to);
        self.wheel.stop(from.id());
        self.wheel.follow(to.id(), deadline);
        self.give_room_back();
    }

    /// An event of a connection that is kept as a record: for that moment it is a whole connection again.
    pub(super) fn with_record<T>(
        &mut self,
        slot: u32,
        event: impl FnOnce(&mut Connection, &mut Shared) -> T,
    ) -> Option<T> {
        let record = self.records.get(slot as usize)?;
        let (mut connection, outgoing) = record.connection(&self.shared);
        connection.host.recorded = self.recorded.remove(&slot);
        let result = event(&mut connection, &mut self.shared);
        let place = Place::Waiting(slot);
        if connection.is_closed() {
            self.detach(&connection.pair, place, true, outgoing);
            self.forget_record(slot);
            self.give_room_back();
        } else {
            let deadline = connection.deadline();
            self.keep_record(slot, connection, outgoing);
            self.wheel.follow(place.id(), deadline);
        }
        Some(result)
    }

    fn forget_record(&mut self, slot: u32) {
        if let Some(record) = self.records.try_remove(slot as usize) {
            self.shared.memory.remove(record.memory());
        }
    }

    /// The record says from now on what this connection is.
    fn keep_record(&mut self, slot: u32, mut connection: Connection, outgoing: bool) {
        if let Some(record) = self.records.get_mut(slot as usize) {
            let mut counted = record.memory();
            *record = TimeWaitRecord::of(&connection, outgoing, &mut self.shared);
            self.shared.memory.count(&mut counted, record.memory());
        }
        self.note_recorded(slot, connection.host.recorded.take());
    }

    fn note_recorded(&mut self, slot: u32, recorded: Option<Box<Side<Full>>>) {
        if let Some(recorded) = recorded {
            self.recorded.insert(slot, recorded);
        }
    }

    /// Active OPEN of a pair of sockets that is kept as a record. Where the table takes it, the record becomes a whole connection again.
    pub(super) fn open_again(
        &mut self,
        now: Time,
        slot: u32,
        open: Open,
        initial: &Initial,
    ) -> Result<ConnectionId, Error> {
        let record = self.records.get(slot as usize).ok_or(Error::AddressInUse)?;
        if self.shared.memory.is_short() {
            return Err(Error::TooManyConnections);
        }
        let (mut connection, outgoing) = record.connection(&self.shared);
        connection.host.recorded = self.recorded.remove(&slot);
        connection.host.handshake.used = Some(connection.tcb.snd_nxt);
        connection.host.as_configured(&self.shared.config);
        connection.begin(initial);
        if let Err(error) = connection.open(open, now, &mut self.shared) {
            self.keep_record(slot, connection, outgoing);
            let exists = error == CallError::ConnectionAlreadyExists;
            return Err(if exists { Error::AddressInUse } else { error.into() });
        }
        self.detach(&connection.pair, Place::Waiting(slot), true, outgoing);
        self.forget_record(slot);
        let slot = self.insert(connection, None);
        self.touch(now, slot);
        self.entries.get(slot).map(|entry| ConnectionId { slot, number: entry.number }).ok_or(Error::NoSocket)
    }

    /// What the stack has sent to itself, and timers that have run out.
    pub fn handle_deadline(&mut self, now: Time) {
        self.take_looped(now);
        while let Some(id) = self.wheel.expire(now) {
            match Place::of(id) {
                Place::Whole(slot) => self.run_out(now, slot as usize),
                Place::Waiting(slot) => {
                    let _ = self.with_record(slot, |connection, shared| connection.expire(now, shared));
                }
            }
        }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("address", &self.address())
            .field("connections", &self.demux.len())
            .field("listeners", &self.listeners.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

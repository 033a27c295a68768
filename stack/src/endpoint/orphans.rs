//! Connections that no user holds any more: how many there are, what they keep, and which goes first if that is too much (§3.8.6.1, RFC 6429).
//!
//! They are kept in the order of their last progress as it was when they were noted. Progress only moves on, so it is enough to look again at the first one when one has to go.

use super::Endpoint;
use super::demux::Place;
use crate::base::{Error, Pair, Time};
use crate::config::Config;
use crate::tcp::connection::Connection;
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// What is noted of such a connection.
#[derive(Clone, Copy)]
pub(super) struct Noted {
    /// Its last progress when it was noted.
    progress: Time,
    /// Octets that it keeps.
    octets: usize,
}

/// All of them, TIME-WAIT aside.
#[derive(Default)]
pub(super) struct Orphans {
    order: BTreeSet<(Time, usize)>,
    octets: usize,
}

/// What there is too much of.
#[derive(Clone, Copy)]
enum Excess {
    Number,
    Memory,
}

impl Orphans {
    fn excess(&self, config: &Config) -> Option<Excess> {
        let exceeds = |is: usize, most: usize| most > 0 && is > most;
        if exceeds(self.order.len(), config.max_orphans) {
            return Some(Excess::Number);
        }
        exceeds(self.octets, config.orphan_memory).then_some(Excess::Memory)
    }
}

impl Endpoint {
    /// Connections that their users have released and that are not in TIME-WAIT.
    pub fn orphans(&self) -> usize {
        self.orphans.order.len()
    }

    /// Octets that they keep, as [`Config::orphan_memory`] counts them.
    pub fn orphan_memory(&self) -> usize {
        self.orphans.octets
    }

    /// ABORT of any connection of [`table`](Self::table), whether a user holds it or not: for administration. A user that holds it hears
    /// [`Error::Aborted`]; text that was not received is thrown away, as with the user's own ABORT.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if there is no connection between these sockets.
    pub fn abort_connection(
        &mut self,
        now: Time,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> Result<(), Error> {
        match self.place(&Pair { local, remote }) {
            None => return Err(Error::NoSocket),
            Some(Place::Waiting(slot)) => {
                self.with_record(slot, |connection, shared| connection.abort(now, shared));
            }
            Some(Place::Whole(slot)) => {
                if let Some(entry) = self.entries.get_mut(slot as usize) {
                    let connection = &mut entry.awake(&self.shared).connection;
                    // It exists, so it cannot be refused.
                    let _ = connection.abort_for(now, &mut self.shared);
                    let error = &mut connection.host.reports.error;
                    *error = error.or(Some(Error::Aborted));
                }
                self.touch(now, slot as usize);
            }
        }
        Ok(())
    }

    /// After every event of a connection that nobody holds.
    pub(super) fn note_orphan(&mut self, slot: usize) {
        let Some(entry) = self.entries.get_mut(slot) else { return };
        let counts = entry.attached && !entry.in_2msl;
        let awake = entry.awake(&self.shared);
        let counts = counts && !awake.connection.is_closed();
        let octets = size_of::<Connection>() + awake.connection.host.kept();
        match (&mut awake.orphan, counts) {
            (Some(noted), true) => {
                self.orphans.octets = self.orphans.octets - noted.octets + octets;
                noted.octets = octets;
            }
            (noted @ None, true) => {
                let progress = awake.connection.host.orphan.progress;
                *noted = Some(Noted { progress, octets });
                self.orphans.order.insert((progress, slot));
                self.orphans.octets += octets;
            }
            (noted, false) => {
                if let Some(Noted { progress, octets }) = noted.take() {
                    self.orphans.order.remove(&(progress, slot));
                    self.orphans.octets -= octets;
                }
            }
        }
    }

    /// The connection that has gone longest without progress.
    fn first_orphan(&mut self) -> Option<usize> {
        loop {
            let (noted, slot) = self.orphans.order.pop_first()?;
            let Some(entry) = self.entries.get_mut(slot) else { continue };
            let awake = entry.awake(&self.shared);
            let progress = awake.connection.host.orphan.progress;
            self.orphans.order.insert((progress, slot));
            if let Some(orphan) = &mut awake.orphan {
                orphan.progress = progress;
            }
            if progress <= noted {
                return Some(slot);
            }
        }
    }

    /// While there are too many, or they keep too much, the connection that has gone longest without progress is ended.
    pub(super) fn shed_orphans(&mut self, now: Time) {
        // Each goes once at most, whatever the table says.
        for _ in 0..self.orphans.order.len() {
            let Some(excess) = self.orphans.excess(&self.shared.config) else { return };
            if !self.shed_orphan(now) {
                return;
            }
            match excess {
                Excess::Number => self.counters.orphans_over_number += 1,
                Excess::Memory => self.counters.orphans_over_memory += 1,
            }
        }
    }

    /// Ends the connection that has gone longest without progress; false if there is none.
    pub(super) fn shed_orphan(&mut self, now: Time) -> bool {
        let Some(slot) = self.first_orphan() else { return false };
        if let Some(entry) = self.entries.get_mut(slot) {
            entry.awake(&self.shared).connection.shed(now, &mut self.shared);
        }
        self.settle(now, slot);
        true
    }
}

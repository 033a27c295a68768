//! The entry of a connection: what the registry knows of it, and the connection itself, awake or at rest.

use super::{Endpoint, ListenerId, orphans, ready};
use crate::base::{Pair, Time};
use crate::tcp::connection::Connection;
use crate::tcp::rest::{IDLE, Look, Rest};
use crate::tcp::shared::Shared;
use crate::wire::usual::Sockets;
use tcpspec::{Full, Tcb};

/// A connection that is awake, and what the registry knows only of such a one.
pub(super) struct Awake {
    pub(super) connection: Connection,
    /// The listener that it was forked from, until it is accepted.
    pub(super) listener: Option<ListenerId>,
    /// The pair of sockets of its passive OPEN, which it goes back to; whom that has not named is nobody.
    pub(super) opened: Option<Box<Pair>>,
    /// Its entry among the connections that nobody holds, if it is one.
    pub(super) orphan: Option<orphans::Noted>,
    /// It waits for room in the device's queue.
    pub(super) wants_room: bool,
    /// An acknowledgment of it is due.
    pub(super) owes: bool,
    /// When its last event was. It rests some time later.
    pub(super) used: Time,
    /// A timer of the wheel runs out by then, if one is known to run.
    pub(super) timed: Option<Time>,
    /// Octets of memory that were counted for it.
    pub(super) counted: usize,
}

/// Octets that each entry takes.
const PLACE: usize = size_of::<(usize, Entry)>();
/// Octets that a connection takes which is awake, without text.
const EMPTY: usize = PLACE + size_of::<Awake>();

/// What the registry knows of a connection. This lies in a list that also has room for others, so it is small.
pub(super) struct Entry {
    /// One of both is there.
    awake: Option<Box<Awake>>,
    rest: Option<Box<Rest>>,
    pub(super) number: u64,
    /// A user holds it.
    pub(super) has_user: bool,
    /// It is in its listener's queue.
    pub(super) queued: bool,
    /// It is found by its pair of sockets.
    pub(super) attached: bool,
    /// Its peer is not the stack itself.
    pub(super) outside: bool,
    /// It waits for 2MSL to be over.
    pub(super) in_2msl: bool,
    /// It was opened actively, from an ephemeral port.
    pub(super) outgoing: bool,
    pub(super) waits: ready::Waits,
}

impl Awake {
    #[inline(always)]
    pub(super) fn new(connection: Connection, listener: Option<ListenerId>) -> Self {
        Self {
            connection,
            listener,
            opened: None,
            orphan: None,
            wants_room: false,
            owes: false,
            used: Time::ZERO,
            timed: None,
            counted: 0,
        }
    }

    /// Whether it has to be counted anew: it keeps text, or has just ceased to.
    #[inline(always)]
    pub(super) fn is_to_count(&self) -> bool {
        self.counted != EMPTY || !self.connection.host.keeps_little()
    }

    /// Octets of memory that it takes, its text included.
    pub(super) fn memory(&self) -> usize {
        EMPTY + self.connection.host.kept()
    }

    /// Whether such a packet has come from its peer.
    #[inline(always)]
    pub(super) fn is_between(&self, sockets: &Sockets) -> bool {
        let Pair { local, remote } = &self.connection.pair;
        sockets.are(local, remote)
    }

    /// An established connection that belongs to no listener and to no passive OPEN. After an event nothing changes in the registry but its timer,
    /// if a user holds it.
    pub(super) fn is_steady(&self) -> bool {
        let connection = &self.connection;
        self.listener.is_none()
            && self.opened.is_none()
            && connection.is_open()
            && !connection.host.orphan.abandoned
    }

    /// When it has to be called: when a timer runs out, or when it has been idle for long.
    #[inline(always)]
    pub(super) fn deadline_or_rest(&self) -> Time {
        let rests = self.used + IDLE;
        self.connection.deadline().map_or(rests, |deadline| deadline.min(rests))
    }
}

impl Entry {
    #[inline(always)]
    pub(super) fn new(connection: Connection, listener: Option<ListenerId>, number: u64) -> Self {
        Self {
            awake: Some(Box::new(Awake::new(connection, listener))),
            rest: None,
            number,
            has_user: listener.is_none(),
            queued: false,
            attached: true,
            outside: false,
            in_2msl: false,
            outgoing: false,
            waits: ready::Waits::default(),
        }
    }

    /// The connection, for an event. If it rests, it wakes up.
    #[inline]
    pub(super) fn awake(&mut self, shared: &Shared) -> &mut Awake {
        let Self { awake, rest, .. } = self;
        awake.get_or_insert_with(|| wake(rest.take(), shared))
    }

    /// The connection, if it is awake.
    pub(super) fn if_awake(&self) -> Option<&Awake> {
        self.awake.as_deref()
    }

    /// The same, to change it.
    pub(super) fn if_awake_mut(&mut self) -> Option<&mut Awake> {
        self.awake.as_deref_mut()
    }

    /// The connection, to look at.
    pub(super) fn look(&self, shared: &Shared) -> Look<'_> {
        match (&self.awake, &self.rest) {
            (Some(awake), _) => Look::Awake(&awake.connection),
            (None, Some(rest)) => Look::Resting(Box::new(rest.look(shared))),
            (None, None) => Look::Resting(Box::new(Connection::new(Pair::NOBODY, shared))),
        }
    }

    /// Its pair of sockets.
    #[inline]
    pub(super) fn pair(&self) -> Pair {
        match (&self.awake, &self.rest) {
            (Some(awake), _) => awake.connection.pair,
            (None, rest) => rest.as_ref().map_or(Pair::NOBODY, |rest| rest.pair()),
        }
    }

    /// Whether this is its pair of sockets.
    #[inline]
    pub(super) fn is_with(&self, pair: &Pair) -> bool {
        match &self.awake {
            Some(awake) => awake.connection.pair == *pair,
            None => self.pair() == *pair,
        }
    }

    /// Octets of memory that were counted for it.
    pub(super) fn counted(&self) -> usize {
        match (&self.awake, &self.rest) {
            (Some(awake), _) => awake.counted,
            (None, rest) => rest.as_deref().map_or(0, resting),
        }
    }

    /// Its variables. None of a connection that there is not.
    pub(super) fn tcb(&self) -> Option<&Tcb<Full>> {
        match &self.awake {
            Some(awake) => Some(&awake.connection.tcb),
            None => self.rest.as_ref().map(|rest| &rest.tcb),
        }
    }

    /// Whether all that its user wrote is acknowledged. Before that no connection rests.
    pub(super) fn is_delivered(&self) -> bool {
        self.if_awake().is_none_or(|awake| awake.connection.is_delivered())
    }

    /// Puts the connection to rest, if it may.
    fn lay(&mut self, shared: &mut Shared) {
        let may_rest = |awake: &mut Box<Awake>| {
            !awake.wants_room && !awake.owes && awake.orphan.is_none() && awake.connection.may_rest()
        };
        if let Some(mut awake) = self.awake.take_if(may_rest) {
            let used = awake.used;
            let rest = self.rest.insert(Box::new(Rest::of(&mut awake.connection, used, shared)));
            shared.memory.count(&mut awake.counted, resting(rest));
        }
    }
}

/// Octets of memory that a connection at rest takes.
fn resting(rest: &Rest) -> usize {
    PLACE + rest.memory()
}

#[cold]
#[inline(never)]
fn wake(rest: Option<Box<Rest>>, shared: &Shared) -> Box<Awake> {
    let Some(rest) = rest else { return Box::new(Awake::new(Connection::new(Pair::NOBODY, shared), None)) };
    let counted = resting(&rest);
    let (connection, used) = rest.connection(shared);
    Box::new(Awake { used, counted, ..Awake::new(connection, None) })
}

impl Endpoint {
    /// A timer of the wheel has run out. Mostly the deadline has moved to a later time. A connection that was idle for long rests.
    pub(super) fn run_out(&mut self, now: Time, slot: usize) {
        let Some(entry) = self.entries.get_mut(slot) else { return };
        let has_user = entry.has_user;
        let awake = entry.awake(&self.shared);
        awake.timed = None;
        let is_due = awake.connection.deadline().is_some_and(|deadline| deadline <= now);
        if is_due {
            awake.connection.expire(now, &mut self.shared);
            return self.touch(now, slot);
        }
        let (next, deadline) = (awake.deadline_or_rest(), awake.connection.deadline());
        let next = if !has_user || !awake.is_steady() {
            deadline
        } else if next > now {
            Some(next)
        } else {
            entry.lay(&mut self.shared);
            deadline
        };
        self.wheel.follow(super::demux::Place::Whole(slot as u32).id(), next);
    }
}

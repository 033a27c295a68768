//! Listening: which peers are let in, and what happens where there is no room (RFC 4987).
//!
//! A SYN makes a child that is *half-open* until our SYN,ACK is acknowledged; then it waits in the *backlog* to be accepted. Both are bounded:
//!
//! - Backlog full: SYNs are dropped, and so are segments that would establish a half-open child. The peer sends both again, and there may be room by then.
//! - Too many half-open: with SYN cookies nothing is remembered of further SYNs. The number of the SYN,ACK says all that is needed when its
//!   acknowledgment comes. Without cookies the SYN is dropped.

use super::demux::Place;
use super::listener::{Binding, Listener};
use super::{Awake, ConnectionId, Endpoint, Entry, ListenerId, cookie};
use crate::base::{Error, Pair, Socket, Time};
use crate::config::Listen;
use crate::tcp::connection::Connection;
use crate::tcp::cookie::Cookie;
use crate::wire::tcp;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tcpspec::call::Open;
use tcpspec::{Flags, Full, Seq};

impl Endpoint {
    /// Passive OPEN, as sockets do it: each connection is a child. `backlog` bounds those that wait to be accepted. On every address
    /// of the stack, with the defaults of [`Listen`].
    ///
    /// # Errors
    ///
    /// Those of [`listen_with`](Self::listen_with).
    pub fn listen(&mut self, port: u16, backlog: usize) -> Result<ListenerId, Error> {
        if port == 0 {
            return Err(Error::AddressInvalid);
        }
        self.listen_with(&Listen { backlog, ..Listen::on(port) })
    }

    /// Passive OPEN, as sockets do it: each connection is a child.
    ///
    /// # Errors
    ///
    /// [`Error::AddressInUse`] if another listener has the socket, or a connection, one in 2MSL or not yet established included unless `reuse_address` is set;
    /// [`Error::NoAddress`] if the address is not the stack's; [`Error::PortsExhausted`] if no port is free;
    /// [`Error::InvalidSetting`].
    pub fn listen_with(&mut self, listen: &Listen) -> Result<ListenerId, Error> {
        listen.initial.check(&self.shared.config)?;
        if listen.address.is_some_and(|address| self.local_addresses().all(|own| own != address)) {
            return Err(Error::NoAddress);
        }
        let mut binding = Binding { address: listen.address, port: listen.port };
        if listen.every_port {
            // A listener on every port stands behind all others, so only another one is in its way.
            binding = Binding { port: 0, ..binding };
            if self.listeners.contains_key(&binding) {
                return Err(Error::AddressInUse);
            }
        } else if binding.port == 0 {
            let mut ports = self.shared.config.ephemeral_ports.clone();
            let free = ports.find(|port| self.is_free(Binding { port: *port, ..binding }, false));
            binding.port = free.filter(|port| *port != 0).ok_or(Error::PortsExhausted)?;
        } else if !self.is_free(binding, listen.reuse_address) {
            return Err(Error::AddressInUse);
        }
        let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let local = SocketAddr::new(listen.address.unwrap_or(unspecified), binding.port);
        let pair = Pair { local, remote: SocketAddr::new(unspecified, 0) };
        let mut connection = Connection::new(pair, &self.shared);
        connection.begin(&listen.initial);
        let open = Open { active: false, remote: false, forks: true };
        connection.open(open, Time::ZERO, &mut self.shared)?;
        self.number += 1;
        let listener = Listener {
            connection,
            number: self.number,
            queue: VecDeque::new(),
            half_open: 0,
            limits: *listen,
            held_syns: VecDeque::new(),
            cookie_sent: None,
            waits: false,
        };
        self.listeners.insert(binding, listener);
        Ok(ListenerId { binding, number: self.number })
    }

    /// Whether the port is free, on this address or, if it is unspecified, on all.
    pub(super) fn is_port_free(&self, address: IpAddr, port: u16) -> bool {
        let address = Some(address).filter(|address| !address.is_unspecified());
        self.is_free(Binding { address, port }, false)
    }

    /// Whether a listener or a passive OPEN waits for a SYN to this socket.
    pub(super) fn listens(&self, local: SocketAddr) -> bool {
        self.binding(local).is_some() || self.waiting(local).is_some()
    }

    /// Whether a listener may take this place.
    pub(super) fn is_free(&self, binding: Binding, reuse: bool) -> bool {
        let port = binding.port;
        let all = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port);
        if self.reserved.blocks(binding, reuse)
            || self.listeners.contains_key(&Binding { address: None, port })
            || self.waiting(all).is_some()
        {
            return false;
        }
        let concerned = |own: &IpAddr| binding.address.is_none_or(|address| address == *own);
        self.local_addresses().filter(concerned).all(|own| {
            let local = SocketAddr::new(own, port);
            let users = self.ports.get(&Socket(local)).copied().unwrap_or_default();
            if self.waiting(local).is_some() {
                return false;
            }
            let free = users.all == 0 || (reuse && users.all == users.waiting + self.opening(local));
            free && !self.listeners.contains_key(&Binding { address: Some(own), port })
        })
    }

    /// Connections of this socket that are not established yet (MUST-42). Looks at all connections, which is done once for each listener.
    fn opening(&self, local: SocketAddr) -> usize {
        let opens =
            |awake: &Awake| awake.connection.pair.local == local && !awake.connection.is_established();
        // Those that rest are established.
        let is_opening = |entry: &&Entry| entry.if_awake().is_some_and(opens);
        let here =
            self.entries.iter().map(|(_, entry)| entry).filter(|entry| entry.attached && !entry.in_2msl);
        here.filter(is_opening).count()
    }

    /// Where the listener for a socket is: one on its address rather than one on all.
    pub(super) fn binding(&self, local: SocketAddr) -> Option<Binding> {
        let every = Binding { address: Some(local.ip()), port: 0 };
        let every = [every, Binding { address: None, ..every }];
        let listens = |binding: &Binding| self.listeners.contains_key(binding);
        self.own_binding(local).or_else(|| every.into_iter().find(listens))
    }

    /// The same without those that listen on every port.
    pub(super) fn own_binding(&self, local: SocketAddr) -> Option<Binding> {
        let one = Binding { address: Some(local.ip()), port: local.port() };
        let all = Binding { address: None, ..one };
        [one, all].into_iter().find(|binding| self.listeners.contains_key(binding))
    }

    /// Where a listener listens: its port, and its address, which is 0.0.0.0 if it listens on all.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if it was closed.
    pub fn listener_socket(&self, id: ListenerId) -> Result<SocketAddr, Error> {
        let listener = self.listeners.get(&id.binding).filter(|listener| listener.number == id.number);
        listener.map(|listener| listener.own_socket(id)).ok_or(Error::NoSocket)
    }

    /// A connection that a listener has established, if there is one.
    pub fn accept(&mut self, listener: ListenerId) -> Option<ConnectionId> {
        let queue = &mut self.listener(listener)?.queue;
        let slot = queue.pop_front()?;
        let entry = self.entries.get_mut(slot)?;
        entry.has_user = true;
        let attached = entry.attached;
        let awake = entry.awake(&self.shared);
        awake.listener = None;
        // From now on it may rest. One that is over already waits for nothing.
        let deadline = attached.then(|| awake.deadline_or_rest());
        self.wheel.follow(Place::Whole(slot as u32).id(), deadline);
        Some(ConnectionId { slot, number: entry.number })
    }

    /// The listener stops; connections that nobody has accepted are reset.
    pub fn close_listener(&mut self, now: Time, listener: ListenerId) {
        if self.listener(listener).is_none() {
            return;
        }
        if let Some(mut gone) = self.listeners.remove(&listener.binding) {
            let _ = gone.connection.close(now, &mut self.shared);
        }
        let orphans: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.if_awake().is_some_and(|awake| awake.listener == Some(listener)))
            .map(|(slot, _)| slot)
            .collect();
        for slot in orphans {
            if let Some(entry) = self.entries.get_mut(slot) {
                let awake = entry.awake(&self.shared);
                awake.listener = None;
                let _ = awake.connection.abort(now, &mut self.shared);
            }
            self.touch(now, slot);
        }
    }

    /// A segment without a connection of its own meets the listener, or nobody. `used`: numbers of a connection that is reopened.
    pub(super) fn meet_listener(
        &mut self,
        now: Time,
        pair: Pair,
        header: &tcp::Header,
        text: &[u8],
        used: Option<Seq<Full>>,
    ) {
        // Answers wait for the device like everything else; without room they are lost, as packets are.
        if self.shared.is_full() {
            self.counters.unanswered += 1;
            return;
        }
        let binding = self.binding(pair.local);
        let Some((binding, listener)) = binding.and_then(|at| Some((at, self.listeners.get_mut(&at)?)))
        else {
            self.counters.unmatched += 1;
            self.meet_nobody(now, pair, header, text);
            return;
        };
        let id = ListenerId { binding, number: listener.number };
        if listener.cookie_sent.is_some_and(|sent| now.since(sent) <= cookie::LIFETIME)
            && let Some((syn, iss)) = cookie::syn_of(header, &pair, now, &self.shared)
        {
            self.enter_by_cookie(now, id, pair, (&syn, iss), (header, text));
            return;
        }
        if used.is_none() && listener.must_hold(header) {
            self.counters.overflowed += u64::from(!listener.hold(now, pair, header, text));
            self.tell_listener(id);
            return;
        }
        self.fork(now, id, pair, (header, text), used);
    }

    /// A segment for which there is neither a connection nor a listener.
    pub(super) fn meet_nobody(&mut self, now: Time, pair: Pair, header: &tcp::Header, text: &[u8]) {
        let mut nobody = Connection::new(pair, &self.shared);
        nobody.segment(header, text, false, now, &mut self.shared);
    }

    /// The listener's machine takes the segment: it answers, or a child is made.
    pub(super) fn fork(
        &mut self,
        now: Time,
        id: ListenerId,
        pair: Pair,
        (header, text): (&tcp::Header, &[u8]),
        used: Option<Seq<Full>>,
    ) {
        let crowded = self.is_crowded();
        let Some(listener) = self.listeners.get_mut(&id.binding) else { return };
        // The listener answers in this connection's name.
        listener.connection.pair = pair;
        let asks = listener.connection.segment(header, text, true, now, &mut self.shared);
        if !asks.fork {
            return;
        }
        if listener.is_full() || crowded {
            self.counters.overflowed += 1;
            return;
        }
        if listener.half_open >= listener.limits.half_open.max(1) {
            if listener.limits.cookies
                && used.is_none()
                && let Some(cookie) = cookie::of(header, &pair, now, &self.shared)
            {
                // The child is forgotten at once: all that it knows is in the number of its SYN,ACK.
                listener.cookie_sent = Some(now);
                let mut child = listener.connection.child(pair, &self.shared);
                child.host.handshake.cookie = Some(cookie);
                child.segment(&cookie.syn(header), &[], true, now, &mut self.shared);
                self.counters.cookies_sent += 1;
            } else {
                self.counters.overflowed += 1;
            }
            return;
        }
        listener.half_open += 1;
        let mut child = listener.connection.child(pair, &self.shared);
        child.host.handshake.used = used;
        child.segment(header, text, true, now, &mut self.shared);
        let slot = self.insert(child, Some(id));
        self.touch(now, slot);
    }

    /// The acknowledgment of a cookie: a child lives through the SYN again and takes the segment.
    fn enter_by_cookie(
        &mut self,
        now: Time,
        id: ListenerId,
        pair: Pair,
        (syn, cookie): (&tcp::Header, Cookie),
        (header, text): (&tcp::Header, &[u8]),
    ) {
        let crowded = self.is_crowded();
        let Some(listener) = self.listeners.get_mut(&id.binding) else { return };
        if listener.is_full() || crowded {
            self.counters.accepts_overflowed += 1;
            return;
        }
        listener.half_open += 1;
        let mut child = listener.connection.child(pair, &self.shared);
        child.host.handshake.cookie = Some(cookie);
        let before = self.shared.out.len();
        child.segment(syn, &[], true, now, &mut self.shared);
        // It has been sent before. Nobody knows when: as if it were sent again, so that no round trip is measured (Karn).
        child.host.sender.recovery.sent(child.tcb.iss, 1, now);
        self.shared.out.truncate(before);
        child.host.handshake.cookie = None;
        child.segment(header, text, true, now, &mut self.shared);
        self.counters.cookies_returned += 1;
        let slot = self.insert(child, Some(id));
        self.touch(now, slot);
    }

    /// Whether a segment would establish a half-open child for which there is no room: then it counts as lost.
    pub(super) fn is_too_early(&mut self, slot: usize, header: &tcp::Header) -> bool {
        let Some(entry) = self.entries.get(slot).filter(|entry| !entry.queued) else { return false };
        let Some(id) = entry.if_awake().and_then(|awake| awake.listener) else { return false };
        let full = self.listener(id).is_some_and(|listener| listener.is_full());
        let early = full && header.flags.has(Flags::ACK) && !header.flags.has(Flags::RST);
        self.counters.accepts_overflowed += u64::from(early);
        early
    }

    pub(super) fn listener(&mut self, id: ListenerId) -> Option<&mut Listener> {
        self.listeners.get_mut(&id.binding).filter(|listener| listener.number == id.number)
    }
}

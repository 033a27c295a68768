//! The RFC's passive OPEN: one connection that waits for its peer, without a child (§3.9.1.1), and what the user may do with it meanwhile.
//!
//! While such a connection knows no peer it is found by its local socket alone, before any listener. It meets a segment under the pair of sockets
//! that the segment names. The TCB says whether that pair stays: the pair goes as soon as the TCB [waits](Connection::waits)
//! again.

use super::demux::Place;
use super::listener::Binding;
use super::{ConnectionId, Endpoint, Entry};
use crate::base::{Error, Pair, Time};
use crate::tcp::connection::Connection;
use crate::wire::tcp;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tcpspec::call::Open;
use tcpspec::{CallError, Full, Seq};

const PASSIVE: Open = Open { active: false, remote: false, forks: false };

/// The remote socket of a connection that knows none.
const fn nobody(local: SocketAddr) -> SocketAddr {
    match local {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    }
}

/// Any address of the stack with this port.
const fn anywhere(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)
}

/// A socket without flow label and scope, which are not part of a pair.
const fn bare(socket: SocketAddr) -> SocketAddr {
    SocketAddr::new(socket.ip(), socket.port())
}

/// The answer to an OPEN for sockets that are taken.
fn in_use(answer: Option<Result<(), CallError>>) -> Result<(), Error> {
    match answer {
        None => Ok(()),
        Some(Ok(()) | Err(CallError::ConnectionAlreadyExists)) => Err(Error::AddressInUse),
        Some(Err(error)) => Err(error.into()),
    }
}

impl Endpoint {
    /// Passive OPEN (§3.9.1.1): a connection that waits for a SYN, of `remote` or of anybody, and becomes that peer's connection. An unspecified address in `local`
    /// stands for all addresses of the stack, port 0 for one that the stack chooses. A RST in SYN-RECEIVED takes it back to LISTEN.
    ///
    /// Text that was queued by then is lost, and the next call tells that, once: [`Error::Refused`].
    ///
    /// In LISTEN [`send`](Self::send) makes it active if `remote` is given, [`open_active`](Self::open_active) in any case; [`close`](Self::close) and
    /// [`abort`](Self::abort) end it. Established, it is like any other.
    ///
    /// # Errors
    ///
    /// [`Error::AddressInUse`] if a listener or another passive OPEN has the local socket, or a connection, in 2MSL or not: any of that socket, or with `remote` one
    /// with that peer; or if a socket is bound to it. [`Error::NoAddress`] if the local address is not the stack's, is of another IP version than the peer's, or stands for this host and the peer is outside;
    /// [`Error::AddressInvalid`] if nobody can have the peer's; [`Error::PortsExhausted`]; [`Error::OtherShard`] if the peer is named and another shard gets its packets; [`Error::QuietTime`]; [`Error::TooManyConnections`].
    pub fn open_passive(
        &mut self,
        now: Time,
        local: SocketAddr,
        remote: Option<SocketAddr>,
    ) -> Result<ConnectionId, Error> {
        self.may_open(now)?;
        let remote = remote.map(bare);
        let pair = match remote {
            Some(remote) => self.pair_with(local, remote)?,
            None => {
                let local = self.own_socket(local)?;
                Pair { local, remote: nobody(local) }
            }
        };
        let pair = if pair.local.port() == 0 { self.with_free_port(pair)? } else { pair };
        let open = Open { remote: remote.is_some(), ..PASSIVE };
        if remote.is_some() {
            self.ask_whose(&pair)?;
        }
        self.ask_who_has(now, &pair)?;
        self.ask_who_waits(now, pair.local)?;
        let address = Some(pair.local.ip()).filter(|address| !address.is_unspecified());
        if self.reserved.blocks(Binding { address, port: pair.local.port() }, false) {
            return Err(Error::AddressInUse);
        }
        if remote.is_none() && !self.is_port_free(pair.local.ip(), pair.local.port()) {
            return Err(Error::AddressInUse);
        }
        self.passive = true;
        let mut connection = Connection::new(pair, &self.shared);
        connection.open(open, now, &mut self.shared)?;
        let slot = self.insert(connection, None);
        let entry = self.entries.get_mut(slot).ok_or(Error::NoSocket)?;
        let id = ConnectionId { slot, number: entry.number };
        entry.awake(&self.shared).opened = Some(Box::new(pair));
        self.touch(now, slot);
        Ok(id)
    }

    /// Active OPEN of a connection that waits after a passive one (§3.10.1): it becomes active and sends a SYN, to `remote` or to the peer that the passive OPEN has named.
    ///
    /// # Errors
    ///
    /// [`CallError::RemoteSocketUnspecified`] if neither has named one, [`CallError::ConnectionAlreadyExists`] if it waits no longer;
    /// [`Error::AddressInUse`] if the local socket has a connection with this peer, in 2MSL or not; [`Error::OtherShard`], [`Error::AddressInvalid`] and [`Error::NoAddress`] as in
    /// [`open_passive`](Self::open_passive); [`Error::NoSocket`] if it is over; what was lost before it went back to LISTEN, once.
    pub fn open_active(
        &mut self,
        now: Time,
        id: ConnectionId,
        remote: Option<SocketAddr>,
    ) -> Result<(), Error> {
        let connection = &mut self.entry(id)?.0.connection;
        if connection.is_closed() {
            return Err(Error::NoSocket);
        }
        if let Some(error) = connection.host.reports.tell_loss() {
            return Err(error);
        }
        let (waits, pair) = (connection.waits(), connection.pair);
        // A connection that waits no longer does not begin anew, even in TIME-WAIT: it is the user's.
        let open = Open { active: waits, remote: remote.is_some(), forks: false };
        if let Some(remote) = remote.map(bare).filter(|remote| waits && *remote != pair.remote) {
            let new = self.pair_with(pair.local, remote)?;
            self.ask_whose(&new)?;
            self.ask_who_has(now, &new)?;
            self.rename(id.slot, new);
        }
        let (awake, shared) = self.entry(id)?;
        let result = awake.connection.open(open, now, shared).map_err(Error::from);
        self.touch(now, id.slot);
        result
    }

    /// Whether one more connection may be opened now.
    pub(super) fn may_open(&mut self, now: Time) -> Result<(), Error> {
        if self.is_quiet(now) {
            return Err(Error::QuietTime);
        }
        if self.is_crowded() { Err(Error::TooManyConnections) } else { Ok(()) }
    }

    /// Whether there are as many connections as there may be, or memory is short.
    pub(super) fn is_crowded(&self) -> bool {
        self.connections() >= self.shared.config.max_connections || self.shared.memory.is_short()
    }

    /// A socket of ours. Addresses that stand for every address become one.
    fn own_socket(&self, local: SocketAddr) -> Result<SocketAddr, Error> {
        if local.ip().is_unspecified() {
            return Ok(anywhere(local.port()));
        }
        let own = self.local_addresses().any(|own| own == local.ip());
        if own { Ok(bare(local)) } else { Err(Error::NoAddress) }
    }

    /// The pair of sockets with this peer.
    fn pair_with(&self, local: SocketAddr, remote: SocketAddr) -> Result<Pair, Error> {
        let inside = self.is_self(remote.ip());
        if remote.port() == 0 || !(inside || self.is_somebody(remote.ip())) {
            return Err(Error::AddressInvalid);
        }
        let address = self.address_towards(remote.ip()).ok_or(Error::NoAddress)?;
        let local = self.own_socket(local)?;
        if !local.ip().is_unspecified() && local.is_ipv4() != remote.is_ipv4() {
            return Err(Error::NoAddress);
        }
        // An address that stands for this host must not appear outside it.
        if local.ip().is_loopback() && !inside {
            return Err(Error::NoAddress);
        }
        let address = if local.ip().is_unspecified() { address } else { local.ip() };
        Ok(Pair { local: SocketAddr::new(address, local.port()), remote })
    }

    fn with_free_port(&self, pair: Pair) -> Result<Pair, Error> {
        let mut ports = self.shared.config.ephemeral_ports.clone();
        let named = pair.remote.port() != 0;
        let port = ports.find(|port| {
            let local = SocketAddr::new(pair.local.ip(), *port);
            *port != 0
                && (!named || self.ask_whose(&Pair { local, ..pair }).is_ok())
                && self.is_port_free(pair.local.ip(), *port)
        });
        let port = port.ok_or(Error::PortsExhausted)?;
        Ok(Pair { local: SocketAddr::new(pair.local.ip(), port), ..pair })
    }

    /// A connection of this pair answers for itself, in whatever state it is (MUST-41).
    pub(super) fn ask_who_has(&mut self, now: Time, pair: &Pair) -> Result<(), Error> {
        self.ask_there(now, self.place(pair), pair)
    }

    /// The same, asked in the place where the pair is, if it is anywhere.
    pub(super) fn ask_there(&mut self, now: Time, place: Option<Place>, pair: &Pair) -> Result<(), Error> {
        let Some(place) = place else { return Ok(()) };
        // A connection that waits would take an active OPEN for its own.
        let open = Open { remote: pair.remote.port() != 0, ..PASSIVE };
        in_use(match place {
            Place::Waiting(slot) => {
                self.with_record(slot, |connection, shared| connection.open(open, now, shared))
            }
            Place::Whole(slot) => {
                let entry = self.entries.get_mut(slot as usize);
                entry.map(|entry| entry.awake(&self.shared).connection.open(open, now, &mut self.shared))
            }
        })
    }

    /// A listener answers for its port likewise, and so does a connection that waits for anybody.
    fn ask_who_waits(&mut self, now: Time, local: SocketAddr) -> Result<(), Error> {
        let connection = match self.waiting(local) {
            Some(slot) => {
                let entry = self.entries.get_mut(slot as usize);
                entry.map(|entry| &mut entry.awake(&self.shared).connection)
            }
            None => self
                .own_binding(local)
                .and_then(|at| self.listeners.get_mut(&at))
                .map(|listener| &mut listener.connection),
        };
        in_use(connection.map(|connection| connection.open(PASSIVE, now, &mut self.shared)))
    }

    /// Where the connection is that waits for anybody at this socket.
    pub(super) fn waiting(&self, local: SocketAddr) -> Option<u32> {
        if !self.passive {
            return None;
        }
        let [one, any] = [local, anywhere(local.port())].map(|local| Pair { local, remote: nobody(local) });
        match self.place(&one).or_else(|| self.place(&any)) {
            Some(Place::Whole(slot)) => Some(slot),
            Some(Place::Waiting(_)) | None => None,
        }
    }

    /// A segment for no connection: a connection that waits for anybody takes it, or a listener, or nobody. `used`: as for
    /// [`meet_listener`](Self::meet_listener).
    pub(super) fn meet(
        &mut self,
        now: Time,
        pair: Pair,
        header: &tcp::Header,
        text: &[u8],
        used: Option<Seq<Full>>,
    ) {
        let Some(slot) = self.waiting(pair.local) else {
            return self.meet_listener(now, pair, header, text, used);
        };
        if self.shared.is_full() {
            self.counters.unanswered += 1;
            return;
        }
        let slot = slot as usize;
        // It answers in this pair's name.
        self.rename(slot, pair);
        if let Some(entry) = self.entries.get_mut(slot) {
            let connection = &mut entry.awake(&self.shared).connection;
            connection.host.handshake.used = used;
            connection.segment(header, text, false, now, &mut self.shared);
        }
        self.touch(now, slot);
    }

    /// This connection is with another pair of sockets from now on.
    fn rename(&mut self, slot: usize, pair: Pair) {
        self.refile(slot, pair);
        if let Some(entry) = self.entries.get_mut(slot) {
            entry.awake(&self.shared).connection.host.renew(&pair, &self.shared);
        }
    }

    /// After an event: a connection that waits (again) knows no peer but the one that its passive OPEN has named.
    pub(super) fn follow(&mut self, slot: usize) {
        let Some(awake) = self.entries.get(slot).and_then(Entry::if_awake) else { return };
        let Some(pair) = awake.opened.as_deref().copied().filter(|_| awake.connection.waits()) else {
            return;
        };
        self.rename(slot, pair);
    }
}

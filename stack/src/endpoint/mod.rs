//! All connections of one stack, sans-IO: packets, calls and the time go in, packets and the next deadline come out.

mod arrival;
mod calls;
mod cookie;
mod demux;
mod entry;
mod errors;
mod gateway;
mod initial;
mod listen;
mod listener;
mod loopback;
mod memory;
mod orphans;
mod passive;
mod ports;
mod ready;
mod registry;
mod settings;
mod slots;
mod start;
mod time_wait;
mod timer;

pub use crate::config::{Initial, Listen};
pub use crate::watch::counters::Counters;
pub use crate::watch::status::Status;
pub use gateway::Request;
pub(crate) use initial::{Origin, Reservation};
pub use listener::HELD_FOR;
pub use ready::{Interest, Ready};

use crate::base::{Error, Pair, Socket, Time};
use crate::config::Config;
use crate::tcp::buffer::{PacketBytes, Pool, Whole};
use crate::tcp::connection::Connection;
use crate::tcp::rest::Look;
use crate::tcp::shared::Shared;
use crate::watch::observe::Fired;
use crate::watch::record::Recorder;
use crate::wire::Malformed;
use crate::wire::packet::{Capabilities, Offload, Packet};
use demux::{Demux, Place};
use entry::{Awake, Entry};
use hashbrown::HashMap;
use listener::{Binding, Listener, Users};
use slots::Slots;
use std::collections::VecDeque;
use std::hash::RandomState;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tcpspec::call::Open;
use tcpspec::record::{Recorded, Side};
use tcpspec::{CallError, Full, Row};
use time_wait::TimeWaitRecord;
use timer::Wheel;

/// A connection of an [`Endpoint`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConnectionId {
    slot: usize,
    /// Slots are used again, numbers are not.
    number: u64,
}

/// A listener of an [`Endpoint`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ListenerId {
    binding: Binding,
    /// Places are used again, numbers are not.
    number: u64,
}

/// What a RECEIVE gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// So many octets.
    Text(usize),
    /// Nothing yet.
    Nothing,
    /// Nothing more: the peer has closed.
    End,
}

/// All connections of one stack.
pub struct Endpoint {
    shared: Shared,
    entries: Slots<Entry>,
    /// Records of connections that nobody holds any more and that only wait for 2MSL to be over.
    records: Slots<TimeWaitRecord>,
    /// What was last recorded of these, if events are recorded.
    recorded: HashMap<u32, Box<Side<Full>>>,
    demux: Demux,
    /// The connection of the last packet.
    latest: usize,
    listeners: HashMap<Binding, Listener>,
    /// The users of each local socket. A peer of a gateway chooses local sockets, so these have the hash that no peer can foresee.
    ports: HashMap<Socket, Users, RandomState>,
    /// Ephemeral ports that are in use, for each address of ours and each peer.
    outgoing: ports::Outgoings,
    reserved: initial::Reserved,
    /// Where the search for an ephemeral port goes on (RFC 6056 §3.3.4).
    searches: [u16; ports::SEARCHES],
    wheel: Wheel,
    /// Connections that wait for room in the device's queue.
    waiting: VecDeque<usize>,
    /// Connections that acknowledge text once all segments that have come are processed.
    owing: Vec<usize>,
    /// What [`poll_ready`](Self::poll_ready) tells.
    ready: VecDeque<Ready>,
    orphans: orphans::Orphans,
    other: Option<gateway::Other>,
    counters: Counters,
    number: u64,
    echoes: errors::Limit,
    refusals: errors::Limit,
    /// There was a passive OPEN without a child.
    passive: bool,
    /// Connections that have ended with text undelivered, since [`note_losses`](Self::note_losses).
    losses: Option<Vec<Status>>,
    /// When the first event came.
    started: Option<Time>,
}

impl Endpoint {
    /// An endpoint with no connections, and with settings that were checked.
    fn with_checked(config: Config) -> Self {
        let key = config.key;
        Self {
            shared: Shared::new(config),
            entries: Slots::default(),
            records: Slots::default(),
            recorded: HashMap::new(),
            demux: Demux::new(key),
            latest: 0,
            listeners: HashMap::new(),
            ports: HashMap::default(),
            outgoing: HashMap::new(),
            reserved: initial::Reserved::default(),
            searches: [0; ports::SEARCHES],
            wheel: Wheel::default(),
            waiting: VecDeque::new(),
            owing: Vec::new(),
            ready: VecDeque::new(),
            orphans: orphans::Orphans::default(),
            other: None,
            counters: Counters::default(),
            number: 0,
            echoes: errors::Limit::default(),
            refusals: errors::Limit::default(),
            passive: false,
            losses: None,
            started: None,
        }
    }

    /// Its address: the IPv4 one if there are two.
    pub fn address(&self) -> IpAddr {
        self.shared.config.addresses().next().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Packets counted so far.
    pub fn counters(&self) -> Counters {
        let Shared { orphans_expired, ref memory, .. } = self.shared;
        Counters { orphans_expired, text_cut: memory.cut, ..self.counters }
    }

    /// Connections that exist, those in TIME-WAIT included.
    pub fn connections(&self) -> usize {
        self.demux.len()
    }

    /// Open connections that rest: nothing has happened on them for ten seconds and nothing is under way, so they are kept in few octets until their next
    /// event. Nobody else sees a difference. Looks at all connections.
    pub fn resting(&self) -> usize {
        self.entries.iter().filter(|(_, entry)| entry.if_awake().is_none()).count()
    }

    /// Octets that are kept for connections, used or not. Their text does not count, nor do connections that only wait for 2MSL to be over.
    pub fn room(&self) -> usize {
        self.entries.capacity() * size_of::<(usize, Entry)>()
    }

    /// Whether all that users wrote, FINs included, has been acknowledged or cannot be acknowledged any more.
    pub fn is_delivered(&self) -> bool {
        self.entries.iter().all(|(_, entry)| entry.is_delivered() || !entry.attached)
    }

    /// Large buffers to be used again.
    pub(crate) fn pool(&self) -> Pool {
        self.shared.buffers.large.clone()
    }

    // --- What looks on, and what the device does ---

    /// From now on this is called for each row that fires.
    pub fn observe(&mut self, callback: impl FnMut(&Fired) + Send + 'static) {
        self.shared.observers.set_callback(Box::new(callback));
    }

    /// Calls `callback` with each event of each connection: what was before, what came, what was sent, what is now. Costs time; for tests and tools. Only
    /// one callback is kept.
    pub fn record(&mut self, callback: impl FnMut(&Recorded<Full>) + Send + 'static) {
        self.shared.recorder = Some(Box::new(Recorder::new(Box::new(callback))));
    }

    /// From now on nothing is recorded, nor judged with the feature `inclusion`. There is no way to begin again.
    pub fn stop_recording(&mut self) {
        self.shared.recorder = None;
    }

    /// From now on packets carry the rows that fired until they were sent, and [`rows`](Self::rows) tells those of packets handed in.
    pub fn keep_rows(&mut self) {
        self.shared.observers.keep_rows();
    }

    /// The rows that fired because of the packet handed in last, if they are [kept](Self::keep_rows); 64 at most.
    pub fn rows(&self) -> &[Row] {
        self.shared.observers.of_packet()
    }

    /// What the device does for us. From now on packets may leave that to the device.
    pub fn set_device(&mut self, capabilities: Capabilities) {
        self.shared.device = capabilities;
    }

    // --- Packets and time ---

    /// A packet has come from the device. What is malformed or not ours is counted and dropped.
    pub fn handle_packet(&mut self, now: Time, packet: &[u8]) {
        self.handle(now, packet, Offload::default());
    }

    /// The same for a packet of which the device knows something.
    pub fn handle(&mut self, now: Time, packet: &[u8], offload: Offload) {
        self.take_in(now, PacketBytes::Lent(packet), offload);
    }

    /// The same for a packet whose buffer may be kept if its text fills it.
    pub(crate) fn take_in(&mut self, now: Time, mut packet: PacketBytes<'_>, offload: Offload) {
        self.counters.received += 1;
        if self.is_quiet(now) {
            self.counters.quiet += 1;
            return;
        }
        self.shared.observers.begin_packet();
        if self.take_usual(now, &mut packet, offload) {
            return;
        }
        match self.parse(now, packet, offload, false) {
            Ok(()) => {}
            Err(why) => {
                self.counters.malformed += 1;
                self.counters.checksum += u64::from(why == Malformed::Checksum);
            }
        }
    }

    /// The next packet for the device. A driver that hands in several packets before it asks gets one acknowledgment for all (MUST-59).
    #[inline]
    pub fn poll_packet(&mut self, now: Time) -> Option<Packet> {
        if self.is_silent() { None } else { self.next_packet(now) }
    }

    #[inline(never)]
    fn next_packet(&mut self, now: Time) -> Option<Packet> {
        while let Some(slot) = self.owing.pop() {
            if let Some(awake) = self.entries.get_mut(slot).and_then(Entry::if_awake_mut) {
                awake.owes = false;
                awake.connection.acknowledge_due(now, &mut self.shared);
            }
        }
        if self.shared.out.is_empty() {
            // There is room again for those that wait, in turn. A connection that finds none waits behind the others.
            while !self.shared.is_full() {
                let Some(slot) = self.waiting.pop_front() else { break };
                if let Some(awake) = self.entries.get_mut(slot).and_then(Entry::if_awake_mut) {
                    awake.wants_room = false;
                }
                self.touch(now, slot);
            }
        }
        let packet = self.next_for_device(now)?;
        self.counters.sent += 1;
        Some(packet)
    }

    /// Takes back a packet that was sent. Its buffer is used again, so that a packet costs no allocation where a driver gives back each packet.
    pub fn recycle(&mut self, packet: Packet) {
        self.shared.buffers.put(packet.bytes);
    }

    /// Whether [`poll_packet`](Self::poll_packet) would give nothing.
    #[inline]
    pub(crate) fn is_silent(&self) -> bool {
        self.shared.out.is_empty() && self.owing.is_empty() && self.waiting.is_empty()
    }

    /// When [`handle_deadline`](Self::handle_deadline) must be called next.
    pub fn next_deadline(&self) -> Option<Time> {
        let next = self.wheel.next();
        // What has come back wants to be taken in at once.
        match self.shared.looped.front() {
            Some((since, _)) => Some(next.map_or(*since, |next| next.min(*since))),
            None => next,
        }
    }

    // --- Calls of the user ---

    /// Active OPEN. `port`: our own port; one is chosen if there is none. To the stack's own addresses, 127.0.0.0/8 and ::1 the stack connects inside.
    ///
    /// How many connections a second one peer's socket can get in the long run: the end that closes first keeps the pair of sockets for 2MSL. So with the
    /// [ports](Config::ephemeral_ports) and the MSL of the defaults 64,512 / 240 s = 268; more, as far as there are [connections](Config::max_connections), if
    /// the peer closes first. The option `reuse_time_wait` lifts that: a pair in TIME-WAIT that nobody holds is taken again, if no port is free or if `port`
    /// names it.
    ///
    /// # Errors
    ///
    /// [`Error::AddressInUse`] if this port has a connection to this peer, in 2MSL or not, or if a socket is bound to it; [`Error::PortsExhausted`], without a search;
    /// [`Error::AddressInvalid`]; [`Error::NoAddress`] if the stack has none of this IP version;
    /// [`Error::OtherShard`] if `port` is given and another shard gets the packets of this pair of sockets; [`Error::QuietTime`]; [`Error::TooManyConnections`].
    pub fn connect(
        &mut self,
        now: Time,
        port: Option<u16>,
        remote: SocketAddr,
    ) -> Result<ConnectionId, Error> {
        self.connect_with(now, port, remote, &Initial::NONE)
    }

    /// Active OPEN as [`connect`](Self::connect) does it, with settings that hold from the SYN on.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect), and [`Error::InvalidSetting`].
    pub fn connect_with(
        &mut self,
        now: Time,
        port: Option<u16>,
        remote: SocketAddr,
        initial: &Initial,
    ) -> Result<ConnectionId, Error> {
        self.connect_from(now, &Origin { port, ..Origin::default() }, remote, initial)
    }

    /// The same from a socket that was bound. The reservation was given back just now.
    pub(crate) fn connect_from(
        &mut self,
        now: Time,
        &Origin { address, port, reuse }: &Origin,
        remote: SocketAddr,
        initial: &Initial,
    ) -> Result<ConnectionId, Error> {
        let exists = self.is_somebody(remote.ip()) || self.is_self(remote.ip());
        if remote.port() == 0 || !exists || port == Some(0) {
            return Err(Error::AddressInvalid);
        }
        initial.check(&self.shared.config)?;
        if self.is_quiet(now) {
            return Err(Error::QuietTime);
        }
        // Flow label and scope are not part of a pair of sockets.
        let remote = SocketAddr::new(remote.ip(), remote.port());
        let address = self.address_for(address, remote.ip())?;
        let port = match port {
            Some(port) if self.reserved.blocks(Binding { address: Some(address), port }, reuse) => {
                return Err(Error::AddressInUse);
            }
            Some(port) => port,
            None => self.ephemeral_port(address, remote)?,
        };
        let pair = Pair { local: SocketAddr::new(address, port), remote };
        self.ask_whose(&pair)?;
        let open = Open { active: true, remote: true, forks: false };
        let place = self.place(&pair);
        if let Some(Place::Waiting(slot)) = place {
            return self.open_again(now, slot, open, initial);
        }
        self.may_open(now)?;
        self.ask_there(now, place, &pair)?;
        let mut connection = Connection::new(pair, &self.shared);
        connection.begin(initial);
        connection.open(open, now, &mut self.shared)?;
        let slot = self.insert(connection, None);
        self.touch(now, slot);
        self.entries.get(slot).map(|entry| ConnectionId { slot, number: entry.number }).ok_or(Error::NoSocket)
    }

    /// SEND: queues as much of the text as there is room for; how much that was.
    ///
    /// # Errors
    ///
    /// How the connection ended, once; else what the RFC answers in its state.
    pub fn send(&mut self, now: Time, id: ConnectionId, text: &[u8]) -> Result<usize, Error> {
        let (awake, shared) = self.entry(id)?;
        let result = awake.connection.user_send(text, false, now, shared);
        self.touch(now, id.slot);
        result
    }

    /// RECEIVE: text in order, as much as there is and fits.
    ///
    /// # Errors
    ///
    /// How the connection ended, once and after all text that came in order; else what the RFC answers in its state.
    pub fn receive(&mut self, now: Time, id: ConnectionId, into: &mut [u8]) -> Result<Received, Error> {
        let mut whole = Whole::default();
        let result = self.receive_whole(now, id, into, &mut whole);
        whole.copy(into, &self.shared.buffers.large);
        result
    }

    /// The same, but the caller copies what is large.
    #[inline]
    pub(crate) fn receive_whole(
        &mut self,
        now: Time,
        id: ConnectionId,
        into: &mut [u8],
        whole: &mut Whole,
    ) -> Result<Received, Error> {
        let (awake, shared) = self.entry(id)?;
        let was_steady = awake.is_steady() && awake.timed.is_some();
        let connection = &mut awake.connection;
        let left = shared.out.len();
        let result = match connection.receive(into.len(), now, shared) {
            Ok(0) => connection.host.reports.tell_loss().map_or(Ok(Received::Nothing), Err),
            Ok(taken) => {
                let into = into.get_mut(..taken).unwrap_or_default();
                Ok(Received::Text(connection.host.received.take(into, whole, &mut shared.buffers)))
            }
            // After both FINs there is nothing more either.
            Err(CallError::ConnectionClosing | CallError::ConnectionDoesNotExist) => {
                connection.host.reports.tell_error().map_or(Ok(Received::End), Err)
            }
            Err(error) => Err(error.into()),
        };
        // A RECEIVE that sends nothing starts no timer and leaves nothing to be sent. If no timer runs, the connection may rest some time later.
        // Where memory is short, what it has freed counts at once.
        if !(was_steady && result.is_ok() && shared.out.len() == left && !shared.memory.is_short()) {
            self.touch(now, id.slot);
        }
        result
    }

    /// CLOSE: no more text will be sent; what is queued is, and then a FIN. Receiving goes on.
    ///
    /// # Errors
    ///
    /// How the connection ended, or what the RFC answers in its state.
    pub fn close(&mut self, now: Time, id: ConnectionId) -> Result<(), Error> {
        let (awake, shared) = self.entry(id)?;
        let closed = awake.connection.close(now, shared);
        let result = closed.map_err(|error| awake.connection.error().unwrap_or(error.into()));
        self.touch(now, id.slot);
        result
    }

    /// ABORT: the peer gets a RST, nothing is delivered any more.
    ///
    /// # Errors
    ///
    /// What the RFC answers in the connection's state.
    pub fn abort(&mut self, now: Time, id: ConnectionId) -> Result<(), Error> {
        let (awake, shared) = self.entry(id)?;
        let result = awake.connection.abort(now, shared).map_err(Error::from);
        self.touch(now, id.slot);
        result
    }

    /// The user lets go of the connection: CLOSE if that was not called, or a RST if text is left unread or comes later (RFC 1122 §4.2.2.13). What is queued
    /// is still delivered; the connection goes when it is over, or when the host's limits for such connections are reached ([`Config::orphan_timeout`],
    /// [`Config::max_orphans`], [`Config::orphan_memory`]). Until then [`table`](Self::table) shows it and [`abort_connection`](Self::abort_connection) ends it.
    pub fn release(&mut self, now: Time, id: ConnectionId) {
        let Ok((awake, shared)) = self.entry(id) else { return };
        awake.connection.release(now, shared);
        if let Some(entry) = self.entries.get_mut(id.slot) {
            entry.has_user = false;
        }
        self.touch(now, id.slot);
    }

    /// STATUS. In CLOSED it still tells how the connection ended.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] after [`release`](Self::release).
    pub fn status(&self, id: ConnectionId) -> Result<Status, Error> {
        let entry =
            self.entries.get(id.slot).filter(|entry| entry.number == id.number).ok_or(Error::NoSocket)?;
        Ok(entry.look(&self.shared).status(&self.shared))
    }

    /// Whether the quiet time lasts (§3.4.3).
    fn is_quiet(&mut self, now: Time) -> bool {
        let started = *self.started.get_or_insert(now);
        let Config { quiet_time, msl, .. } = self.shared.config;
        quiet_time && now.since(started) < msl
    }

    // --- Registry ---

    /// A connection to look at.
    pub(crate) fn connection(&self, id: ConnectionId) -> Result<Look<'_>, Error> {
        let entry = self.entries.get(id.slot).filter(|entry| entry.number == id.number && entry.has_user);
        Ok(entry.ok_or(Error::NoSocket)?.look(&self.shared))
    }

    /// A call of the user on a connection.
    pub(crate) fn with_connection<T>(
        &mut self,
        now: Time,
        id: ConnectionId,
        call: impl FnOnce(&mut Connection, &mut Shared) -> T,
    ) -> Result<T, Error> {
        let (awake, shared) = self.entry(id)?;
        let result = call(&mut awake.connection, shared);
        self.touch(now, id.slot);
        Ok(result)
    }

    /// A connection for a call of its user.
    fn entry(&mut self, id: ConnectionId) -> Result<(&mut Awake, &mut Shared), Error> {
        let entry = self.entries.get_mut(id.slot).filter(|entry| entry.number == id.number && entry.has_user);
        let entry = entry.ok_or(Error::NoSocket)?;
        if entry.if_awake().is_none() {
            // A call that changes nothing is no event, and the connection rests again at once.
            self.wheel.follow(Place::Whole(id.slot as u32).id(), Some(Time::ZERO));
        }
        Ok((entry.awake(&self.shared), &mut self.shared))
    }
}

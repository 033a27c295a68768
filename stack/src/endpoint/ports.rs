//! Which peers a connection can have, and from which port it comes (RFC 6056).

use super::Endpoint;
use super::demux::Place;
use super::listener::Binding;
use crate::base::{Error, Pair};
use crate::tcp::shared::Purpose;
use crate::wire::ip::is_host;
use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

/// Searches for ephemeral ports that do not know of each other (RFC 6056 §3.3.4: `TABLE_LENGTH`).
pub(super) const SEARCHES: usize = 64;

/// Connections from ephemeral ports to one peer's socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outgoing {
    /// All of them.
    all: u32,
    /// Of these, in 2MSL.
    waiting: u32,
    /// Ports of the range whose connections with this peer belong to this shard, once they were counted.
    own: Option<u32>,
}

/// The ports of a shard are counted when one of so many is in use. Counting looks at all ports, so it is done once for each peer, and not for peers with few connections.
const IN_USE: u32 = 2;

impl Endpoint {
    /// Whether a peer outside can have this address: one host, and not ourselves.
    pub(super) fn is_somebody(&self, address: IpAddr) -> bool {
        let config = &self.shared.config;
        is_host(address) && !config.is_broadcast(address) && config.address_for(address) != Some(address)
    }

    /// A free port, by the double-hash algorithm (RFC 6056 §3.3.4). Only the owner of the key can foresee where the search begins, and it does not show how many
    /// connections there were to other peers. If none is free: a port in TIME-WAIT, if the options let OPEN take it.
    pub(super) fn ephemeral_port(&mut self, address: IpAddr, remote: SocketAddr) -> Result<u16, Error> {
        let Outgoing { all, waiting, .. } =
            self.outgoing.get(&towards(address, remote)).copied().unwrap_or_default();
        let free = all < self.connecting_ports(address, remote, all);
        let is_free = |endpoint: &Self, local| {
            let pair = Pair { local, remote };
            endpoint.is_ours(&pair) && endpoint.place(&pair).is_none() && endpoint.is_nobodys(local, remote)
        };
        let found = if free { self.search_port(address, remote, is_free) } else { None };
        if found.is_some() || waiting == 0 || !self.shared.config.options.reuse_time_wait {
            return found.ok_or(Error::PortsExhausted);
        }
        let waits = |endpoint: &Self, local| {
            let place = endpoint.place(&Pair { local, remote });
            matches!(place, Some(Place::Waiting(_))) && endpoint.is_nobodys(local, remote)
        };
        self.search_port(address, remote, waits).ok_or(Error::PortsExhausted)
    }

    /// Whether nobody listens on a socket or has reserved it. A connection with itself is only made on demand.
    fn is_nobodys(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        let binding = Binding { address: Some(local.ip()), port: local.port() };
        local != remote
            && !self.reserved.blocks(binding, false)
            && self.own_binding(local).is_none()
            && self.waiting(local).is_none()
    }

    /// The first port that will do, from where the last search has ended.
    fn search_port(
        &mut self,
        address: IpAddr,
        remote: SocketAddr,
        will_do: impl Fn(&Self, SocketAddr) -> bool,
    ) -> Option<u16> {
        let range = self.shared.config.ephemeral_ports.clone();
        let count = ports_of(&range);
        let to = Pair { local: SocketAddr::new(address, 0), remote };
        let (offset, search) =
            (self.shared.hash(Purpose::Port, &to), self.shared.hash(Purpose::PortSearch, &to));
        let search = search as usize % SEARCHES;
        let last = u64::from(self.searches.get(search).copied()?);
        for step in 1..=count {
            self.counters.ports_tried += 1;
            let next = (last + step) % count;
            let port = range.start().saturating_add((offset.wrapping_add(next) % count) as u16);
            if port != 0 && will_do(self, SocketAddr::new(address, port)) {
                *self.searches.get_mut(search)? = next as u16;
                return Some(port);
            }
        }
        None
    }

    /// Whether the packets of this connection come to this stack and not to another shard. What the stack sends to itself always does.
    fn is_ours(&self, pair: &Pair) -> bool {
        self.shared.device.flows.has(pair.local, pair.remote) || self.is_self(pair.remote.ip())
    }

    /// Refuses a pair of sockets that another shard gets the packets of.
    pub(super) fn ask_whose(&self, pair: &Pair) -> Result<(), Error> {
        if self.is_ours(pair) { Ok(()) } else { Err(Error::OtherShard) }
    }

    /// Ports of the range on which nobody listens, for connections with this peer. `used`: so many are in use; the listeners are looked at only if they could make
    /// up the rest.
    fn connecting_ports(&mut self, address: IpAddr, remote: SocketAddr, used: u32) -> u32 {
        let all = self.ports_with(address, remote, used);
        if (used as usize).saturating_add(self.listeners.len()) < all as usize {
            return all;
        }
        let range = &self.shared.config.ephemeral_ports;
        let here = |binding: &&Binding| binding.address.is_none_or(|own| own == address);
        let ports: HashSet<u16> = self.listeners.keys().filter(here).map(|binding| binding.port).collect();
        let is_taken = |port: &&u16| {
            let local = SocketAddr::new(address, **port);
            **port != 0 && range.contains(*port) && self.is_ours(&Pair { local, remote })
        };
        all.saturating_sub(ports.iter().filter(is_taken).count() as u32)
    }

    /// Ports of the range, for connections with this peer. While few are in use, those of other shards may be among them.
    fn ports_with(&mut self, address: IpAddr, remote: SocketAddr, used: u32) -> u32 {
        let range = self.shared.config.ephemeral_ports.clone();
        // Nobody connects from port 0.
        let all = ports_of(&range) as u32 - u32::from(range.contains(&0));
        let shards = self.shared.device.flows.shards() as u32;
        let known = self.outgoing.get(&towards(address, remote)).and_then(|outgoing| outgoing.own);
        if let Some(own) = known {
            return own;
        }
        if shards == 1 || used < all / shards / IN_USE {
            return all;
        }
        let sockets = range.filter(|port| *port != 0).map(|port| SocketAddr::new(address, port));
        let own = sockets.filter(|local| self.is_ours(&Pair { local: *local, remote })).count() as u32;
        if let Some(outgoing) = self.outgoing.get_mut(&towards(address, remote)) {
            outgoing.own = Some(own);
        }
        own
    }

    /// Notes that a connection was opened actively. True if its port is an ephemeral one.
    pub(super) fn note_opened(&mut self, pair: &Pair) -> bool {
        let local = pair.local;
        let counts =
            self.shared.config.ephemeral_ports.contains(&local.port()) && self.own_binding(local).is_none();
        if counts {
            self.outgoing.entry(towards(local.ip(), pair.remote)).or_default().all += 1;
        }
        counts
    }

    /// Its pair of sockets is free again.
    pub(super) fn note_closed(&mut self, pair: &Pair, in_2msl: bool) {
        if let Entry::Occupied(mut entry) = self.outgoing.entry(towards(pair.local.ip(), pair.remote)) {
            let outgoing = entry.get_mut();
            outgoing.all -= 1;
            outgoing.waiting -= u32::from(in_2msl);
            if outgoing.all == 0 {
                entry.remove();
            }
        }
    }
}

/// Connections from ephemeral ports, for each address of ours (with port 0) and each peer.
pub(super) type Outgoings = HashMap<Pair, Outgoing>;

fn towards(address: IpAddr, remote: SocketAddr) -> Pair {
    Pair { local: SocketAddr::new(address, 0), remote }
}

/// A connection from an ephemeral port waits for 2MSL to be over.
pub(super) fn note_waits(all: &mut Outgoings, pair: &Pair) {
    if let Some(outgoing) = all.get_mut(&towards(pair.local.ip(), pair.remote)) {
        outgoing.waiting += 1;
    }
}

/// How many ports a range has, 1 if it is empty.
fn ports_of(range: &RangeInclusive<u16>) -> u64 {
    u64::from(range.end().saturating_sub(*range.start())) + 1
}

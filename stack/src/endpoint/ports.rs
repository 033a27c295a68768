//! Whom a connection can be with, and from which port (RFC 6056).

use super::Endpoint;
use super::listen::Binding;
use crate::Error;
use crate::host::{Pair, Purpose};
use crate::wire::ip::is_host;
use std::net::{IpAddr, SocketAddr};

/// Searches for ephemeral ports that do not know of each other (RFC 6056 §3.3.4: `TABLE_LENGTH`).
pub(super) const SEARCHES: usize = 64;

impl Endpoint {
    /// Whether a peer outside can have this address: one host, and not ourselves.
    pub(super) fn is_somebody(&self, address: IpAddr) -> bool {
        let config = &self.shared.config;
        is_host(address) && !config.is_broadcast(address) && config.address_for(address) != Some(address)
    }

    /// A free port, by the double-hash algorithm (RFC 6056 §3.3.4): where the search begins only the key's owner can foresee, and how many
    /// connections there were to other peers cannot be seen.
    pub(super) fn ephemeral_port(&mut self, address: IpAddr, remote: SocketAddr) -> Result<u16, Error> {
        let range = self.shared.config.ephemeral_ports.clone();
        let count = u64::from(range.end().saturating_sub(*range.start())) + 1;
        let to = Pair { local: SocketAddr::new(address, 0), remote };
        let (offset, search) =
            (self.shared.hash(Purpose::Port, &to), self.shared.hash(Purpose::PortSearch, &to));
        let search = search as usize % SEARCHES;
        for _ in 0..count {
            let Some(next) = self.searches.get_mut(search) else { break };
            *next = next.wrapping_add(1);
            let port = range.start().saturating_add((offset.wrapping_add(u64::from(*next)) % count) as u16);
            let local = SocketAddr::new(address, port);
            // A connection with itself is only made on demand.
            let reserved = self.reserved.blocks(Binding { address: Some(address), port }, false);
            let taken = reserved
                || local == remote
                || self.place(&Pair { local, remote }).is_some()
                || self.own_binding(local).is_some()
                || self.waiting(local).is_some();
            if port != 0 && !taken {
                return Ok(port);
            }
        }
        Err(Error::PortsExhausted)
    }
}

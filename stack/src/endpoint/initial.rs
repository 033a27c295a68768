//! What comes before a connection's first segment: the settings of one connection or of all that a listener will have, and the port that it will come from.

use super::listener::Binding;
use super::{Endpoint, ListenerId};
use crate::base::{Error, Pair};
use crate::config::Initial;
use crate::tcp::host::ConnectionHost;
use hashbrown::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where a connection comes from, as far as that was said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Origin {
    /// An address of the stack; none: the one that suits the peer's.
    pub(crate) address: Option<IpAddr>,
    /// None: one that the stack chooses.
    pub(crate) port: Option<u16>,
    /// Others that say the same may share it.
    pub(crate) reuse: bool,
}

/// Local sockets that were taken before a connection or a listener uses them.
#[derive(Debug, Default)]
pub(super) struct Reserved(HashMap<Binding, Holders>);

#[derive(Clone, Copy, Debug)]
struct Holders {
    count: usize,
    /// All of them share it with others.
    reuse: bool,
}

impl Reserved {
    /// Whether this, or part of it, is taken. Reservations that share are not in the way of each other.
    pub(super) fn blocks(&self, binding: Binding, reuse: bool) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let Binding { address, port } = binding;
        let in_the_way = |binding: Binding| self.0.get(&binding).is_some_and(|other| !(other.reuse && reuse));
        match address {
            Some(_) => in_the_way(binding) || in_the_way(Binding { address: None, port }),
            None => self.0.iter().any(|(other, holders)| other.port == port && !(holders.reuse && reuse)),
        }
    }
}

/// A local socket that is taken until it is given back.
#[derive(Debug)]
pub(crate) struct Reservation(Binding);

impl Reservation {
    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// None: every address of the stack.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.0.address
    }

    /// The socket; its address is 0.0.0.0 or :: if it is on all of them.
    pub(crate) fn socket(&self, unspecified: IpAddr) -> SocketAddr {
        SocketAddr::new(self.0.address.unwrap_or(unspecified), self.0.port)
    }
}

impl Endpoint {
    /// What the listener's connections begin with; all of it is given.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if it was closed.
    pub fn initial(&self, id: ListenerId) -> Result<Initial, Error> {
        let listener = self.listeners.get(&id.binding).filter(|listener| listener.number == id.number);
        Ok(listener.ok_or(Error::NoSocket)?.connection.host.initial())
    }

    /// Changes it for connections whose SYN has not come yet. What is not given stays.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if it was closed; [`Error::InvalidSetting`].
    pub fn set_initial(&mut self, id: ListenerId, initial: &Initial) -> Result<(), Error> {
        let listener = self.listeners.get_mut(&id.binding).filter(|listener| listener.number == id.number);
        initial.check(&self.shared.config)?;
        listener.ok_or(Error::NoSocket)?.connection.begin(initial);
        Ok(())
    }

    /// What a connection would begin with if nothing were said.
    pub(crate) fn usual(&self) -> Initial {
        let nobody = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        ConnectionHost::new(&Pair { local: nobody, remote: nobody }, &self.shared).initial()
    }

    /// Takes a local socket, to connect from it or to listen on it later. No address: all of them. Port 0: one that is free.
    ///
    /// # Errors
    ///
    /// As [`listen_with`](Self::listen_with).
    pub(crate) fn reserve(
        &mut self,
        address: Option<IpAddr>,
        port: u16,
        reuse: bool,
    ) -> Result<Reservation, Error> {
        if address.is_some_and(|address| self.local_addresses().all(|own| own != address)) {
            return Err(Error::NoAddress);
        }
        let mut binding = Binding { address, port };
        if port == 0 {
            let mut ports = self.shared.config.ephemeral_ports.clone();
            let free = ports.find(|port| *port != 0 && self.is_free(Binding { port: *port, address }, false));
            binding.port = free.ok_or(Error::PortsExhausted)?;
        } else if !self.is_free(binding, reuse) {
            return Err(Error::AddressInUse);
        }
        let holders = self.reserved.0.entry(binding).or_insert(Holders { count: 0, reuse: true });
        *holders = Holders { count: holders.count + 1, reuse: holders.reuse && reuse };
        Ok(Reservation(binding))
    }

    /// Our address in a connection with this peer: the bound address, if there is one.
    pub(super) fn address_for(&self, bound: Option<IpAddr>, peer: IpAddr) -> Result<IpAddr, Error> {
        match bound {
            // No such address leaves the host (RFC 1122 §3.2.1.3 (g)).
            Some(bound) if bound.is_loopback() && !self.is_self(peer) => Err(Error::OnlyLoopback),
            Some(bound) => Ok(bound),
            None => self.address_towards(peer).ok_or(Error::NoAddress),
        }
    }

    /// Gives it back.
    pub(crate) fn give_back(&mut self, Reservation(binding): Reservation) {
        if let Some(holders) = self.reserved.0.get_mut(&binding) {
            holders.count -= 1;
            if holders.count == 0 {
                self.reserved.0.remove(&binding);
            }
        }
    }
}

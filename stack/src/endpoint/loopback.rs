//! Loopback: what the stack sends to itself comes back in and never reaches the device (RFC 1122 §3.2.1.3 (g), RFC 4291 §2.5.3).
//!
//! It waits in a queue of its own until [`Endpoint::handle_deadline`], so that the driver of the endpoint has a turn in between. One bound holds for this queue
//! and the device's together. Beyond it connections wait for room.

use super::Endpoint;
use crate::base::Time;
use crate::config::Config;
use crate::tcp::buffer::PacketBytes;
use crate::wire::ip;
use crate::wire::packet::Packet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Endpoint {
    /// Addresses to listen on: the stack's own, and those that stand for this host on every host.
    pub(super) fn local_addresses(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        self.shared.config.addresses().chain(loopback)
    }

    /// Whether what goes to this address comes back: one of the stack's own, or any that stands for this host.
    pub(super) fn is_self(&self, address: IpAddr) -> bool {
        let Config { ipv4, ipv6, .. } = &self.shared.config;
        match address {
            IpAddr::V4(address) => address.is_loopback() || ipv4.is_some_and(|(own, _)| own == address),
            IpAddr::V6(address) => address.is_loopback() || ipv6.is_some_and(|(own, _)| own == address),
        }
    }

    /// Our address in a connection with this peer.
    pub(super) fn address_towards(&self, peer: IpAddr) -> Option<IpAddr> {
        match peer {
            IpAddr::V4(peer) if peer.is_loopback() => Some(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(peer) if peer.is_loopback() => Some(Ipv6Addr::LOCALHOST.into()),
            peer => self.shared.config.address_for(peer),
        }
    }

    /// The next packet for the device. Packets before it that are for the stack itself are put aside.
    pub(super) fn next_for_device(&mut self, now: Time) -> Option<Packet> {
        loop {
            let packet = self.shared.out.pop_front()?;
            if !ip::destination(&packet).is_some_and(|address| self.is_self(address)) {
                return Some(packet);
            }
            self.shared.looped.push_back((now, packet));
        }
    }

    /// Takes in what was put aside until now. What the stack then sends to itself comes in the next time.
    pub(super) fn take_looped(&mut self, now: Time) {
        for _ in 0..self.shared.looped.len() {
            let Some((_, packet)) = self.shared.looped.pop_front() else { return };
            self.counters.looped += 1;
            self.shared.observers.begin_packet();
            // The stack's own packets are well formed; others may have been given to `send_packet`.
            let parsed = self.parse(now, PacketBytes::Lent(&packet), packet.offload, true);
            self.counters.malformed += u64::from(parsed.is_err());
            self.shared.buffers.put(packet.bytes);
        }
    }
}

//! Which shard of a stack a packet belongs to. All packets of a connection belong to one shard, those of both directions and the ICMP errors about them.

use crate::wire::icmp::{self, ICMP, ICMPV6, Message};
use crate::wire::ip::{Header, TCP};
use siphasher::sip::SipHasher13;
use std::net::{IpAddr, SocketAddr};

/// The flows that a device brings to its stack: all of them, or a shard's share (see [`device::spread`](crate::device::spread)).
///
/// The shard of a TCP connection comes from a keyed hash of its two sockets, in either order. So no peer can choose sockets that all belong to one shard. The shard of an
/// ICMP error is that of the segment that it quotes. The shard of any other packet comes from its two addresses. TCP fragments are among the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Flows {
    key: [u64; 2],
    shard: u32,
    shards: u32,
}

impl Flows {
    /// All flows.
    pub const ALL: Self = Self { key: [0; 2], shard: 0, shards: 1 };

    /// The share of each of so many shards. At most 2³² - 1 count.
    pub(crate) fn shares(key: [u64; 2], shards: usize) -> impl Iterator<Item = Self> {
        let shards = u32::try_from(shards).unwrap_or(u32::MAX);
        (0..shards).map(move |shard| Self { key, shard, shards })
    }

    /// The shard, from 0.
    pub const fn shard(&self) -> usize {
        self.shard as usize
    }

    /// How many shards there are.
    pub const fn shards(&self) -> usize {
        self.shards as usize
    }

    /// The shard that a TCP connection between these sockets belongs to.
    pub fn shard_of(&self, one: SocketAddr, other: SocketAddr) -> usize {
        // Flow label and scope are not part of a pair of sockets.
        let [one, other] = [one, other].map(|socket| SocketAddr::new(socket.ip(), socket.port()));
        self.shard_between(one, other)
    }

    /// Whether a TCP connection between these sockets belongs to this shard.
    pub fn has(&self, one: SocketAddr, other: SocketAddr) -> bool {
        self.shards == 1 || self.shard_of(one, other) == self.shard()
    }

    /// The shard that a packet belongs to. None: it is malformed, and any shard may drop it.
    pub fn shard_of_packet(&self, packet: &[u8]) -> Option<usize> {
        if self.shards == 1 {
            return Some(0);
        }
        let (ip, payload) = Header::parse(packet).ok()?;
        let port = match ip.protocol {
            _ if ip.fragment => None,
            TCP => Some(*payload.first_chunk::<4>()?),
            ICMP | ICMPV6 => {
                if let Ok(Message::Error(report)) = icmp::parse(&ip, payload) {
                    return Some(self.shard_between(report.source, report.destination));
                }
                None
            }
            _ => None,
        };
        let [a, b, c, d] = port.unwrap_or_default();
        let source = SocketAddr::new(ip.source, u16::from_be_bytes([a, b]));
        let destination = SocketAddr::new(ip.destination, u16::from_be_bytes([c, d]));
        Some(self.shard_between(source, destination))
    }

    fn shard_between(&self, one: SocketAddr, other: SocketAddr) -> usize {
        if self.shards == 1 {
            return 0;
        }
        // Address and port as one number, so that either order of the sockets gives the same.
        let number = |socket: SocketAddr| match socket.ip() {
            IpAddr::V4(address) => (u128::from(address.to_bits()), socket.port()),
            IpAddr::V6(address) => (address.to_bits(), socket.port()),
        };
        let (low, high) = (number(one).min(number(other)), number(one).max(number(other)));
        let mut octets = [0; 36];
        let (addresses, ports) = octets.split_at_mut(32);
        for (place, (address, _)) in addresses.chunks_exact_mut(16).zip([low, high]) {
            place.copy_from_slice(&address.to_le_bytes());
        }
        for (place, (_, port)) in ports.chunks_exact_mut(2).zip([low, high]) {
            place.copy_from_slice(&port.to_le_bytes());
        }
        let [a, b] = self.key;
        let hash = SipHasher13::new_with_keys(a, b).hash(&octets);
        // The upper half, brought into the range without a division.
        (((hash >> 32) * u64::from(self.shards)) >> 32) as usize
    }
}

impl Default for Flows {
    fn default() -> Self {
        Self::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{ip, tcp};

    fn sockets(n: u16) -> [(SocketAddr, SocketAddr); 2] {
        ["10.0.0.1", "fd00::1"].map(|address| {
            let address: IpAddr = address.parse().unwrap();
            let other = if address.is_ipv4() { "10.0.0.2" } else { "fd00::2" };
            (SocketAddr::new(address, 80), SocketAddr::new(other.parse().unwrap(), n))
        })
    }

    #[test]
    fn both_directions_belong_to_one_shard_and_the_shards_share_evenly() {
        let all: Vec<_> = Flows::shares([1, 2], 3).collect();
        let mut counts = [0; 3];
        for (one, other) in (1000..4000).flat_map(sockets) {
            let shard = all[0].shard_of(one, other);
            counts[shard] += 1;
            assert_eq!(all[2].shard_of(other, one), shard);
            assert_eq!(all.iter().filter(|flows| flows.has(one, other)).count(), 1);
            for (from, to) in [(one, other), (other, one)] {
                let header =
                    tcp::Header { source: from.port(), destination: to.port(), ..Default::default() };
                let packet = header.packet(&ip::Header::tcp(from.ip(), to.ip()), (&[], &[]));
                assert_eq!(all[1].shard_of_packet(&packet), Some(shard));
            }
        }
        // 2000 each; the standard deviation is 37.
        assert!(counts.iter().all(|count| (1800..2200).contains(count)), "{counts:?}");
    }

    #[test]
    fn another_key_shares_otherwise() {
        let shard = |key| move |(one, other)| Flows { key, shard: 0, shards: 2 }.shard_of(one, other);
        let of = |key| (1000..1100).flat_map(sockets).map(shard(key)).collect::<Vec<_>>();
        assert_ne!(of([1, 2]), of([1, 3]));
    }

    #[test]
    fn what_is_malformed_belongs_to_nobody_and_all_belongs_to_one_alone() {
        let two = Flows { key: [1, 2], shard: 0, shards: 2 };
        assert_eq!(two.shard_of_packet(&[0x45; 19]), None);
        assert_eq!(two.shard_of_packet(&[]), None);
        assert_eq!(Flows::ALL.shard_of_packet(&[]), Some(0));
    }
}

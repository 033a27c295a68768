//! IP of either version: what the stack reads and writes of a packet's header.

use super::{Checksum, Malformed, ipv4, ipv6};
use std::net::IpAddr;

/// The protocol number of TCP.
pub const TCP: u8 = 6;
/// The TTL or hop limit of packets where nothing else is asked for (RFC 1700).
pub const HOP_LIMIT: u8 = 64;

/// What both versions have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Where the packet comes from.
    pub source: IpAddr,
    /// Where it goes: an address of the same version.
    pub destination: IpAddr,
    /// What it carries: the protocol, or the next header of the last extension header.
    pub protocol: u8,
    /// TTL, or hop limit.
    pub hop_limit: u8,
    /// Type of service, or traffic class: the DSCP in the upper six bits, ECN in the lower two (RFC 2474, RFC 3168).
    pub traffic_class: u8,
    /// It is only a part of a packet.
    pub fragment: bool,
    /// IPv4: the packet may be cut on its way, and its parts are known by this number. None: it may not (DF), as always in IPv6.
    pub identification: Option<u16>,
}

impl Header {
    /// Checks a packet and takes it apart: header and payload, padding cut off.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(packet: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        match packet.first().ok_or(Malformed::Short)? >> 4 {
            4 => ipv4::parse(packet),
            6 => ipv6::parse(packet),
            _ => Err(Malformed::Version),
        }
    }

    /// The header of a segment that we send: [`HOP_LIMIT`], no traffic class.
    pub const fn tcp(source: IpAddr, destination: IpAddr) -> Self {
        Self {
            source,
            destination,
            protocol: TCP,
            hop_limit: HOP_LIMIT,
            traffic_class: 0,
            fragment: false,
            identification: None,
        }
    }

    /// Begins a packet that will carry `payload` octets. Addresses of different versions give an empty one.
    pub fn begin(&self, payload: usize, packet: &mut Vec<u8>) {
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                ipv4::begin(self, source, destination, payload, packet);
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                ipv6::begin(self, source, destination, payload, packet);
            }
            _ => {}
        }
    }
}

/// Where a packet goes, without a look at anything else.
pub(crate) fn destination(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => Some(IpAddr::from(*packet.get(16..)?.first_chunk::<4>()?)),
        6 => Some(IpAddr::from(*packet.get(24..)?.first_chunk::<16>()?)),
        _ => None,
    }
}

/// Octets of a header without options and extension headers.
pub const fn header_len(address: IpAddr) -> usize {
    match address {
        IpAddr::V4(_) => ipv4::HEADER,
        IpAddr::V6(_) => ipv6::HEADER,
    }
}

/// The sum over the pseudo-header (§3.1, RFC 8200 §8.1).
pub(crate) fn pseudo(source: IpAddr, destination: IpAddr, protocol: u8, length: usize) -> Checksum {
    let mut sum = Checksum::default();
    for address in [source, destination] {
        match address {
            IpAddr::V4(address) => sum.add(&address.octets()),
            IpAddr::V6(address) => sum.add(&address.octets()),
        }
    }
    sum.number(u64::from(protocol) + length as u64);
    sum
}

/// Whether one host can have this address outside of itself (MUST-63, RFC 1122 §3.2.1.3, RFC 6890, RFC 4291 §2.5.2, §2.5.3 and §2.7). An IPv4
/// address in IPv6's clothes never stands on the wire (RFC 4291 §2.5.5.2).
pub fn is_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 0.0.0.0/8 is "this network".
            let here = address.octets().first() == Some(&0) || address.is_loopback();
            !here && !address.is_broadcast() && !address.is_multicast()
        }
        IpAddr::V6(address) => {
            let here = address.is_unspecified() || address.is_loopback();
            !here && !address.is_multicast() && address.to_ipv4_mapped().is_none()
        }
    }
}

//! IP of either version: what the stack reads and writes of a packet's header.

pub use super::header::{HOP_LIMIT, Header, TCP};

use super::{Checksum, Malformed, ipv4, ipv6};
use std::net::IpAddr;

impl Header {
    /// Checks a packet and takes it apart: header and payload, padding cut off.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    #[inline]
    pub fn parse(packet: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        match packet.first().ok_or(Malformed::Short)? >> 4 {
            4 => ipv4::parse(packet),
            6 => ipv6::parse(packet),
            _ => Err(Malformed::Version),
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
#[inline]
pub(crate) fn pseudo(source: IpAddr, destination: IpAddr, protocol: u8, length: usize) -> Checksum {
    let mut sum = Checksum::default();
    for address in [source, destination] {
        match address {
            IpAddr::V4(address) => sum.words(&address.octets()),
            IpAddr::V6(address) => sum.words(&address.octets()),
        }
    }
    sum.number(u32::from(protocol) + length as u32);
    sum
}

/// Whether one host can have this address outside of itself (MUST-63, RFC 1122 §3.2.1.3, RFC 6890, RFC 4291 §2.5.2, §2.5.3 and §2.7). An IPv4
/// address mapped into IPv6 never stands on the wire (RFC 4291 §2.5.5.2).
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

//! What both versions of IP have in common, and the numbers by which a header names the header behind it.

use std::net::IpAddr;

/// The protocol number of TCP.
pub const TCP: u8 = 6;
/// The TTL or hop limit of packets where nothing else is asked for (RFC 1700).
pub const HOP_LIMIT: u8 = 64;
/// The next header of ICMPv6.
pub const ICMPV6: u8 = 58;
/// Types of ICMPv6 below this one are errors (RFC 4443 §2.1).
pub(crate) const ICMPV6_INFORMATION: u8 = 128;
/// The type of a redirect (RFC 4861 §4.5), which is treated as an error.
pub(crate) const ICMPV6_REDIRECT: u8 = 137;

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
    /// The packet is a fragment.
    pub fragment: bool,
    /// IPv4: the packet may be cut on its way, and this number marks its parts. None: it may not be cut (DF), as always in IPv6.
    pub identification: Option<u16>,
}

impl Header {
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
}

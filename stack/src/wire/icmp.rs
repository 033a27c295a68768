//! ICMP (RFC 792) and ICMPv6 (RFC 4443): echo, and what errors say about segments of ours.

pub use super::header::ICMPV6;

use super::ipv6::{self, Fault};
use super::udp::{self, UDP};
use super::{Checksum, Malformed, ip};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The protocol number of ICMP.
pub const ICMP: u8 = 1;
/// Octets before what a message quotes or echoes.
const HEADER: usize = 8;
/// The next header that says that nothing follows (RFC 8200 §4.7).
const NO_NEXT_HEADER: u8 = 59;
/// Octets of an error that we send at most, headers included: what every host takes (RFC 1812 §4.3.2.3), what every link does (RFC 4443 §2.4 (c)).
const LARGEST_V4: usize = 576;
const LARGEST_V6: usize = 1280;

/// A message that the stack understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message<'a> {
    /// Somebody asks whether we are there: identifier, number and data, to be given back.
    EchoRequest(&'a [u8]),
    /// A segment of ours could not be delivered.
    Error(Report),
    /// Anything else.
    Other,
}

/// What an error says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// Source of the quoted segment.
    pub source: SocketAddr,
    /// Destination of the quoted segment.
    pub destination: SocketAddr,
    /// SEG.SEQ of the quoted segment.
    pub seq: u32,
    /// Octets of the packet that was not delivered, headers included.
    pub packet: u16,
    /// Why it was not delivered.
    pub cause: Cause,
}

/// Why a segment was not delivered (RFC 5461 §2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// It may be delivered later: a soft error.
    Soft,
    /// The peer's host does not want it: a hard error that says the same as a RST.
    Refused,
    /// It is forbidden on the way: a hard error.
    Forbidden,
    /// It was too large for a link, which takes this many octets; zero if the router does not say (RFC 1191 §4, RFC 8201).
    TooBig(u32),
}

/// Checks a message and takes it apart. `payload` is that of the packet with the header `ip`.
///
/// # Errors
///
/// What is wrong with it.
pub fn parse<'a>(ip: &ip::Header, payload: &'a [u8]) -> Result<Message<'a>, Malformed> {
    let (&[kind, code, _, _, a, b, c, d], quoted) =
        payload.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
    let mut sum = match ip.source {
        IpAddr::V4(_) => Checksum::default(),
        IpAddr::V6(_) => ip::pseudo(ip.source, ip.destination, ICMPV6, payload.len()),
    };
    sum.add(payload);
    if sum.value() != 0 {
        return Err(Malformed::Checksum);
    }
    let word = u32::from_be_bytes([a, b, c, d]);
    let cause = match ip.source {
        IpAddr::V4(_) => match (kind, code) {
            (8, 0) => return Ok(Message::EchoRequest(payload.get(4..).unwrap_or_default())),
            (3, 2 | 3) => Cause::Refused,
            (3, 4) => Cause::TooBig(word & 0xffff),
            (3, 9 | 10 | 13) => Cause::Forbidden,
            // Destination unreachable, time exceeded, parameter problem.
            (3 | 11 | 12, _) => Cause::Soft,
            // Source quench among them (MUST-55).
            _ => return Ok(Message::Other),
        },
        IpAddr::V6(_) => match (kind, code) {
            (128, 0) => return Ok(Message::EchoRequest(payload.get(4..).unwrap_or_default())),
            (1, 4) => Cause::Refused,
            (1, 1 | 5 | 6) => Cause::Forbidden,
            (2, _) => Cause::TooBig(word),
            (1 | 3 | 4, _) => Cause::Soft,
            _ => return Ok(Message::Other),
        },
    };
    // The sender of the packet is told, and nobody else (RFC 792, RFC 4443 §2.2).
    let report = quote(quoted, cause).filter(|report| report.source.ip() == ip.destination);
    Ok(report.map_or(Message::Other, Message::Error))
}

/// The beginning of a packet of ours, as much of it as the router has sent back: eight octets of the segment at least.
fn quote(packet: &[u8], cause: Cause) -> Option<Report> {
    let (source, destination, total, segment): (IpAddr, IpAddr, _, _) = match packet.first()? >> 4 {
        4 => {
            let (first, _) = packet.split_first_chunk::<20>()?;
            let &[version, _, len1, len2, _, _, _, offset, _, ip::TCP, _, _, ref addresses @ ..] = first
            else {
                return None;
            };
            // Only a first fragment has the ports.
            if offset != 0 {
                return None;
            }
            let (source, rest) = addresses.split_first_chunk::<4>()?;
            let destination = rest.first_chunk::<4>()?;
            let segment = packet.get(usize::from(version & 0xf).max(5) * 4..)?;
            let total = u16::from_be_bytes([len1, len2]);
            (Ipv4Addr::from(*source).into(), Ipv4Addr::from(*destination).into(), total, segment)
        }
        6 => {
            // Packets of ours have no extension headers.
            let (first, segment) = packet.split_first_chunk::<40>()?;
            let &[_, _, _, _, len1, len2, ip::TCP, _, ref addresses @ ..] = first else { return None };
            let (source, rest) = addresses.split_first_chunk::<16>()?;
            let destination = rest.first_chunk::<16>()?;
            let total = u16::from_be_bytes([len1, len2]).saturating_add(40);
            (Ipv6Addr::from(*source).into(), Ipv6Addr::from(*destination).into(), total, segment)
        }
        _ => return None,
    };
    let &[sp1, sp2, dp1, dp2, s1, s2, s3, s4] = segment.first_chunk::<8>()?;
    Some(Report {
        source: SocketAddr::new(source, u16::from_be_bytes([sp1, sp2])),
        destination: SocketAddr::new(destination, u16::from_be_bytes([dp1, dp2])),
        seq: u32::from_be_bytes([s1, s2, s3, s4]),
        packet: total,
        cause,
    })
}

/// The packet that answers an echo request from `remote` to `local`: identifier, number and data come back.
pub fn echo_reply(local: IpAddr, remote: IpAddr, echo: &[u8]) -> Vec<u8> {
    let kind = if remote.is_ipv4() { 0 } else { 129 };
    message(local, remote, [kind, 0], &[], echo)
}

/// The error that tells the sender of a packet that nothing here takes it: neither its port (UDP) nor its protocol (RFC 1122 §3.2.2.1, RFC 4443 §3.1,
/// §3.4). None where nobody may be told: ICMP of either version, nothing at all (RFC 8200 §4.7), and a datagram that is too short. The caller
/// has to know that neither end is a multicast or broadcast address, and that the packet is no fragment (RFC 1122 §3.2.2).
pub fn refusal(ip: &ip::Header, packet: &[u8], payload: usize) -> Option<Vec<u8>> {
    let port = match ip.protocol {
        ICMP | ICMPV6 | NO_NEXT_HEADER => return None,
        UDP if payload < udp::HEADER => return None,
        protocol => protocol == UDP,
    };
    let (what, word, largest) = match (ip.source, port) {
        (IpAddr::V4(_), true) => ([3, 3], 0, LARGEST_V4),
        (IpAddr::V4(_), false) => ([3, 2], 0, LARGEST_V4),
        (IpAddr::V6(_), true) => ([1, 4], 0, LARGEST_V6),
        (IpAddr::V6(_), false) => ([4, 1], ipv6::next_header_at(packet), LARGEST_V6),
    };
    Some(error(ip.destination, ip.source, what, (word, largest), packet))
}

/// The error that tells the sender of an IPv6 packet what of it is not understood (RFC 8200 §4, RFC 4443 §3.4).
pub(crate) fn parameter_problem(local: Ipv6Addr, remote: Ipv6Addr, fault: Fault, packet: &[u8]) -> Vec<u8> {
    error(local.into(), remote.into(), [4, fault.code], (fault.pointer, LARGEST_V6), packet)
}

/// An error about this packet. It quotes as much of the packet as leaves the error no larger than `largest` octets.
fn error(
    local: IpAddr,
    remote: IpAddr,
    what: [u8; 2],
    (word, largest): (u32, usize),
    packet: &[u8],
) -> Vec<u8> {
    let room = largest - ip::header_len(local) - HEADER;
    let quoted = packet.get(..room).unwrap_or(packet);
    message(local, remote, what, &word.to_be_bytes(), quoted)
}

/// A message with this type and code, and what follows its checksum in two pieces, the first of even length.
fn message(local: IpAddr, remote: IpAddr, what: [u8; 2], word: &[u8], data: &[u8]) -> Vec<u8> {
    let protocol = if remote.is_ipv4() { ICMP } else { ICMPV6 };
    let ip = ip::Header { protocol, ..ip::Header::tcp(local, remote) };
    let len = 4 + word.len() + data.len();
    let mut packet = Vec::with_capacity(ip::header_len(local) + len);
    ip.begin(len, &mut packet);
    let start = packet.len();
    packet.extend(what);
    packet.extend([0; 2]);
    packet.extend_from_slice(word);
    packet.extend_from_slice(data);
    let mut sum = match local {
        IpAddr::V4(_) => Checksum::default(),
        IpAddr::V6(_) => ip::pseudo(local, remote, ICMPV6, len),
    };
    sum.add(packet.get(start..).unwrap_or_default());
    if let Some(field) = packet.get_mut(start + 2..start + 4) {
        field.copy_from_slice(&sum.value().to_be_bytes());
    }
    packet
}

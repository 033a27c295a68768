//! IPv6 (RFC 8200). Extension headers are skipped. Fragments are recognized, since the stack does not reassemble.

use super::Malformed;
use super::header::{Header, ICMPV6, ICMPV6_INFORMATION, ICMPV6_REDIRECT};
use std::net::{IpAddr, Ipv6Addr};

/// Octets of a header without extension headers.
pub const HEADER: usize = 40;
/// Where a header says what follows it.
const NEXT_HEADER: usize = 6;
/// Extension headers that a packet may have; more are taken for an attack (RFC 8504 §5.3).
const MAX_EXTENSIONS: usize = 8;

/// Next headers that are extension headers (RFC 8200 §4).
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;

/// Checks a packet and takes it apart: header and payload, extension headers and padding cut off.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn parse(packet: &[u8]) -> Result<(Header, &[u8]), Malformed> {
    let (first, rest) = packet.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
    let &[version, class, _, _, len1, len2, next, hop_limit, ref addresses @ ..] = first;
    if version >> 4 != 6 {
        return Err(Malformed::Version);
    }
    // A length of zero would be a jumbogram (RFC 2675), which no link of ours can carry.
    let payload = rest.get(..u16::from_be_bytes([len1, len2]).into()).ok_or(Malformed::Short)?;
    let (source, destination) = addresses.split_first_chunk::<16>().ok_or(Malformed::Short)?;
    let destination = destination.first_chunk::<16>().ok_or(Malformed::Short)?;
    let extensions = skip(next, payload).map_err(|wrong| wrong.why)?;
    let header = Header {
        source: IpAddr::V6(Ipv6Addr::from(*source)),
        destination: IpAddr::V6(Ipv6Addr::from(*destination)),
        protocol: extensions.next,
        hop_limit,
        traffic_class: version << 4 | class >> 4,
        fragment: extensions.fragment,
        identification: None,
    };
    Ok((header, extensions.payload))
}

/// What is behind the extension headers.
struct Behind<'a> {
    next: u8,
    payload: &'a [u8],
    fragment: bool,
}

/// Why a packet was dropped, and what its sender may have to hear of it.
struct Wrong {
    why: Malformed,
    fault: Option<Fault>,
}

impl From<Malformed> for Wrong {
    fn from(why: Malformed) -> Self {
        Self { why, fault: None }
    }
}

/// What is not understood in a packet: an ICMPv6 Parameter Problem (RFC 4443 §3.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    /// 0: a field has a wrong value; 1: a next header is not known here; 2: an option is not.
    pub(crate) code: u8,
    /// Octets from the beginning of the packet to what is not understood.
    pub(crate) pointer: u32,
    /// It is told even if the packet went to several hosts (RFC 8200 §4.2, options of type 10).
    pub(crate) to_groups: bool,
}

impl Fault {
    const fn new(code: u8, pointer: usize) -> Self {
        Self { code, pointer: pointer as u32, to_groups: false }
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self { why: Malformed::Extension, fault: Some(fault) }
    }
}

/// Reads past the extension headers. Behind a fragment header nothing is looked at.
fn skip(mut next: u8, mut payload: &[u8]) -> Result<Behind<'_>, Wrong> {
    // Octets from the beginning of the packet: where `next` stands, and where its header begins.
    let (mut at, mut start) = (NEXT_HEADER, HEADER);
    for number in 0..=MAX_EXTENSIONS {
        let len = match (next, payload) {
            // Only right behind the header; elsewhere it counts as unknown (RFC 8200 §4, §4.1).
            (HOP_BY_HOP, _) if number > 0 => return Err(Fault::new(1, at).into()),
            (FRAGMENT, [_, _, offset, more, _, _, _, _, ..]) => {
                // Neither an offset nor more fragments: the whole packet after all (RFC 6946).
                if u16::from_be_bytes([*offset, *more]) & 0xfff9 != 0 {
                    return Ok(Behind { next, payload, fragment: true });
                }
                8
            }
            // With segments left the packet is meant for another host, by rules that are not known here (RFC 8200 §4.4).
            (ROUTING, [_, _, _, left, ..]) if *left > 0 => return Err(Fault::new(0, start + 2).into()),
            (HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS, [_, len, ..]) => (usize::from(*len) + 1) * 8,
            (HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | FRAGMENT, _) => return Err(Malformed::Short.into()),
            _ => return Ok(Behind { next, payload, fragment: false }),
        };
        let (extension, rest) = payload.split_at_checked(len).ok_or(Malformed::Short)?;
        if matches!(next, HOP_BY_HOP | DESTINATION_OPTIONS) {
            options(extension.get(2..).unwrap_or_default(), start + 2)?;
        }
        next = *extension.first().ok_or(Malformed::Short)?;
        (at, start) = (start, start + len);
        payload = rest;
    }
    Err(Malformed::Extension.into())
}

/// For a packet that [`parse`] refuses: its source, its destination, and what the source has to hear of it. None if nothing, or if the packet may be an ICMPv6
/// error itself or a redirect (RFC 4443 §2.4 (e.1), (e.2)).
pub(crate) fn fault(packet: &[u8]) -> Option<(Ipv6Addr, Ipv6Addr, Fault)> {
    let (first, rest) = packet.split_first_chunk::<HEADER>()?;
    let &[_, _, _, _, len1, len2, next, _, ref addresses @ ..] = first;
    let payload = rest.get(..u16::from_be_bytes([len1, len2]).into())?;
    let fault = skip(next, payload).err()?.fault?;
    let (source, destination) = addresses.split_first_chunk::<16>()?;
    let destination = destination.first_chunk::<16>()?;
    let answer = (Ipv6Addr::from(*source), Ipv6Addr::from(*destination), fault);
    (!may_be_error(next, payload)).then_some(answer)
}

/// Whether what the extension headers carry is, or may be, an ICMPv6 error or a redirect: whatever they say, only their lengths count.
fn may_be_error(mut next: u8, mut payload: &[u8]) -> bool {
    for _ in 0..=MAX_EXTENSIONS {
        let len = match (next, payload) {
            // A later fragment does not show what the first one carries.
            (FRAGMENT, [next, _, offset, more, ..]) if u16::from_be_bytes([*offset, *more]) & 0xfff8 != 0 => {
                return *next == ICMPV6;
            }
            (FRAGMENT, _) => 8,
            (HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS, [_, len, ..]) => (usize::from(*len) + 1) * 8,
            (ICMPV6, [kind, ..]) => return *kind < ICMPV6_INFORMATION || *kind == ICMPV6_REDIRECT,
            _ => return next == ICMPV6,
        };
        let Some((extension, rest)) = payload.split_at_checked(len) else { return true };
        next = extension.first().copied().unwrap_or(ICMPV6);
        payload = rest;
    }
    true
}

/// Where in a [parsed](parse) packet the number of what it carries stands: octets from the beginning of the packet.
pub(crate) fn next_header_at(packet: &[u8]) -> u32 {
    let (mut at, mut end) = (NEXT_HEADER, HEADER);
    for _ in 0..MAX_EXTENSIONS {
        let len = match (packet.get(at), packet.get(end + 1)) {
            (Some(&FRAGMENT), _) => 8,
            (Some(&(HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS)), Some(len)) => (usize::from(*len) + 1) * 8,
            _ => break,
        };
        (at, end) = (end, end + len);
    }
    at as u32
}

/// Unknown options say themselves whether the packet may be used all the same, and whether its sender is told (RFC 8200 §4.2). `at`: octets from the
/// beginning of the packet to the first one.
fn options(mut options: &[u8], mut at: usize) -> Result<(), Wrong> {
    loop {
        match *options {
            [] => return Ok(()),
            // Pad1.
            [0, ref rest @ ..] => (options, at) = (rest, at + 1),
            [kind, len, ref rest @ ..] => {
                let fault = Fault::new(2, at);
                match kind >> 6 {
                    0 => {}
                    1 => return Err(Malformed::Extension.into()),
                    2 => return Err(Fault { to_groups: true, ..fault }.into()),
                    _ => return Err(fault.into()),
                }
                options = rest.get(len.into()..).ok_or(Malformed::Extension)?;
                at += 2 + usize::from(len);
            }
            [_] => return Err(Malformed::Extension.into()),
        }
    }
}

/// Begins a packet that will carry `payload` octets, at most 65535.
pub(crate) fn begin(
    header: &Header,
    source: Ipv6Addr,
    destination: Ipv6Addr,
    payload: usize,
    packet: &mut Vec<u8>,
) {
    packet.extend([0x60 | header.traffic_class >> 4, header.traffic_class << 4, 0, 0]);
    packet.extend((payload as u16).to_be_bytes());
    packet.extend([header.protocol, header.hop_limit]);
    packet.extend(source.octets());
    packet.extend(destination.octets());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::header::TCP;

    const HERE: Header = Header {
        source: IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)),
        destination: IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2)),
        protocol: TCP,
        hop_limit: 3,
        traffic_class: 0xb8,
        fragment: false,
        identification: None,
    };

    /// A packet whose first next header is `next`, with these extension headers and three octets of payload.
    fn packet(next: u8, extensions: &[&[u8]]) -> Vec<u8> {
        let mut packet = Vec::new();
        let extensions = extensions.concat();
        Header { protocol: next, ..HERE }.begin(extensions.len() + 3, &mut packet);
        packet.extend(extensions);
        packet.extend([1, 2, 3]);
        packet
    }

    fn parsed(next: u8, extensions: &[&[u8]]) -> Result<Header, Malformed> {
        let packet = packet(next, extensions);
        let (header, payload) = Header::parse(&packet)?;
        if !header.fragment {
            assert_eq!(payload, [1, 2, 3]);
        }
        Ok(header)
    }

    #[test]
    fn what_is_written_is_read() {
        let mut packet = packet(TCP, &[]);
        packet.extend([0; 9]);
        assert_eq!(Header::parse(&packet), Ok((HERE, &[1, 2, 3][..])), "padding is cut off");
    }

    #[test]
    fn extension_headers_are_read_past() {
        let hop = [DESTINATION_OPTIONS, 0, 1, 4, 0, 0, 0, 0];
        let long = [ROUTING, 1, 5, 2, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0];
        let routing = [FRAGMENT, 0, 0, 0, 0, 0, 0, 0];
        let atomic = [TCP, 0, 0, 0, 1, 2, 3, 4];
        assert_eq!(parsed(HOP_BY_HOP, &[&hop, &long, &routing, &atomic]), Ok(HERE));
    }

    #[test]
    fn fragments_are_told_apart() {
        for field in [[0, 1], [0, 8], [1, 0]] {
            let fragment = [TCP, 0, field[0], field[1], 1, 2, 3, 4];
            assert!(parsed(FRAGMENT, &[&fragment]).unwrap().fragment, "{field:?}");
        }
    }

    #[test]
    fn nonsense_is_told_apart() {
        let chain = [DESTINATION_OPTIONS, 0, 1, 4, 0, 0, 0, 0];
        let whole = packet(DESTINATION_OPTIONS, &[&chain, &chain]);
        for len in 0..whole.len() {
            assert_eq!(Header::parse(&whole[..len]), Err(Malformed::Short), "{len}");
        }
        // The payload ends within the header of a fragment, behind what is looked at of it.
        assert_eq!(parsed(FRAGMENT, &[&[TCP, 0, 0, 1]]), Err(Malformed::Short));
        // The payload ends within the second extension header.
        let beyond = [DESTINATION_OPTIONS, 1, 1, 4, 0, 0, 0, 0];
        assert_eq!(parsed(DESTINATION_OPTIONS, &[&beyond]), Err(Malformed::Short));
        let last = [TCP, 0, 1, 4, 0, 0, 0, 0];
        let most = [&chain[..]; MAX_EXTENSIONS - 1];
        assert!(parsed(DESTINATION_OPTIONS, &[&most[..], &[&last]].concat()).is_ok());
        assert_eq!(
            parsed(DESTINATION_OPTIONS, &[&most[..], &[&chain, &last]].concat()),
            Err(Malformed::Extension)
        );
        for (first, bad) in [
            (DESTINATION_OPTIONS, [HOP_BY_HOP, 0, 1, 4, 0, 0, 0, 0]),
            (ROUTING, [TCP, 0, 0, 1, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [TCP, 0, 0x40, 4, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [TCP, 0, 1, 5, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [TCP, 0, 1, 3, 0, 0, 0, 1]),
        ] {
            assert_eq!(parsed(first, &[&bad, &last]), Err(Malformed::Extension), "{bad:?}");
        }
    }
}

//! IPv6 (RFC 8200): extension headers are read past; fragments are told apart, since the stack does not reassemble.

use super::{Malformed, ip};
use std::net::{IpAddr, Ipv6Addr};

/// Octets of a header without extension headers.
pub const HEADER: usize = 40;
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
pub(crate) fn parse(packet: &[u8]) -> Result<(ip::Header, &[u8]), Malformed> {
    let (first, rest) = packet.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
    let &[version, class, _, _, len1, len2, next, hop_limit, ref addresses @ ..] = first;
    if version >> 4 != 6 {
        return Err(Malformed::Version);
    }
    // A length of zero would be a jumbogram (RFC 2675), which no link of ours can carry.
    let payload = rest.get(..u16::from_be_bytes([len1, len2]).into()).ok_or(Malformed::Short)?;
    let (source, destination) = addresses.split_first_chunk::<16>().ok_or(Malformed::Short)?;
    let destination = destination.first_chunk::<16>().ok_or(Malformed::Short)?;
    let extensions = skip(next, payload)?;
    let header = ip::Header {
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

/// Reads past the extension headers. Behind a fragment header nothing is looked at.
fn skip(mut next: u8, mut payload: &[u8]) -> Result<Behind<'_>, Malformed> {
    for number in 0..=MAX_EXTENSIONS {
        let len = match (next, payload) {
            // Only right behind the header (RFC 8200 §4.1).
            (HOP_BY_HOP, _) if number > 0 => break,
            (FRAGMENT, [_, _, offset, more, _, _, _, _, ..]) => {
                // Neither an offset nor more fragments: the whole packet after all (RFC 6946).
                if u16::from_be_bytes([*offset, *more]) & 0xfff9 != 0 {
                    return Ok(Behind { next, payload, fragment: true });
                }
                8
            }
            // With segments left it is meant for somebody else (RFC 8200 §4.4).
            (ROUTING, [_, _, _, left, ..]) if *left > 0 => break,
            (HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS, [_, len, ..]) => (usize::from(*len) + 1) * 8,
            (HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | FRAGMENT, _) => return Err(Malformed::Short),
            _ => return Ok(Behind { next, payload, fragment: false }),
        };
        let (extension, rest) = payload.split_at_checked(len).ok_or(Malformed::Short)?;
        if matches!(next, HOP_BY_HOP | DESTINATION_OPTIONS) {
            options(extension.get(2..).unwrap_or_default())?;
        }
        next = *extension.first().ok_or(Malformed::Short)?;
        payload = rest;
    }
    Err(Malformed::Extension)
}

/// Where in a packet that was [parsed](parse) the number of what it carries stands: octets from its beginning.
pub(crate) fn next_header_at(packet: &[u8]) -> u32 {
    let (mut at, mut end) = (6, HEADER);
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

/// Unknown options say themselves whether the packet may be used all the same (RFC 8200 §4.2).
fn options(mut options: &[u8]) -> Result<(), Malformed> {
    loop {
        match *options {
            [] => return Ok(()),
            // Pad1.
            [0, ref rest @ ..] => options = rest,
            [kind, len, ref rest @ ..] => {
                if kind >> 6 != 0 {
                    return Err(Malformed::Extension);
                }
                options = rest.get(len.into()..).ok_or(Malformed::Extension)?;
            }
            [_] => return Err(Malformed::Extension),
        }
    }
}

/// Begins a packet that will carry `payload` octets, at most 65535.
pub(crate) fn begin(
    header: &ip::Header,
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

    const HERE: ip::Header = ip::Header {
        source: IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)),
        destination: IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2)),
        protocol: ip::TCP,
        hop_limit: 3,
        traffic_class: 0xb8,
        fragment: false,
        identification: None,
    };

    /// A packet whose first next header is `next`, with these extension headers and three octets of payload.
    fn packet(next: u8, extensions: &[&[u8]]) -> Vec<u8> {
        let mut packet = Vec::new();
        let extensions = extensions.concat();
        ip::Header { protocol: next, ..HERE }.begin(extensions.len() + 3, &mut packet);
        packet.extend(extensions);
        packet.extend([1, 2, 3]);
        packet
    }

    fn parsed(next: u8, extensions: &[&[u8]]) -> Result<ip::Header, Malformed> {
        let packet = packet(next, extensions);
        let (header, payload) = ip::Header::parse(&packet)?;
        if !header.fragment {
            assert_eq!(payload, [1, 2, 3]);
        }
        Ok(header)
    }

    #[test]
    fn what_is_written_is_read() {
        let mut packet = packet(ip::TCP, &[]);
        packet.extend([0; 9]);
        assert_eq!(ip::Header::parse(&packet), Ok((HERE, &[1, 2, 3][..])), "padding is cut off");
    }

    #[test]
    fn extension_headers_are_read_past() {
        let hop = [DESTINATION_OPTIONS, 0, 1, 4, 0, 0, 0, 0];
        let long = [ROUTING, 1, 5, 2, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0];
        let routing = [FRAGMENT, 0, 0, 0, 0, 0, 0, 0];
        let atomic = [ip::TCP, 0, 0, 0, 1, 2, 3, 4];
        assert_eq!(parsed(HOP_BY_HOP, &[&hop, &long, &routing, &atomic]), Ok(HERE));
    }

    #[test]
    fn fragments_are_told_apart() {
        for field in [[0, 1], [0, 8], [1, 0]] {
            let fragment = [ip::TCP, 0, field[0], field[1], 1, 2, 3, 4];
            assert!(parsed(FRAGMENT, &[&fragment]).unwrap().fragment, "{field:?}");
        }
    }

    #[test]
    fn nonsense_is_told_apart() {
        let chain = [DESTINATION_OPTIONS, 0, 1, 4, 0, 0, 0, 0];
        let whole = packet(DESTINATION_OPTIONS, &[&chain, &chain]);
        for len in 0..whole.len() {
            assert_eq!(ip::Header::parse(&whole[..len]), Err(Malformed::Short), "{len}");
        }
        // The payload ends within the header of a fragment, behind what is looked at of it.
        assert_eq!(parsed(FRAGMENT, &[&[ip::TCP, 0, 0, 1]]), Err(Malformed::Short));
        // The payload ends within the second extension header.
        let beyond = [DESTINATION_OPTIONS, 1, 1, 4, 0, 0, 0, 0];
        assert_eq!(parsed(DESTINATION_OPTIONS, &[&beyond]), Err(Malformed::Short));
        let last = [ip::TCP, 0, 1, 4, 0, 0, 0, 0];
        let most = [&chain[..]; MAX_EXTENSIONS - 1];
        assert!(parsed(DESTINATION_OPTIONS, &[&most[..], &[&last]].concat()).is_ok());
        assert_eq!(
            parsed(DESTINATION_OPTIONS, &[&most[..], &[&chain, &last]].concat()),
            Err(Malformed::Extension)
        );
        for (first, bad) in [
            (DESTINATION_OPTIONS, [HOP_BY_HOP, 0, 1, 4, 0, 0, 0, 0]),
            (ROUTING, [ip::TCP, 0, 0, 1, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [ip::TCP, 0, 0x40, 4, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [ip::TCP, 0, 1, 5, 0, 0, 0, 0]),
            (DESTINATION_OPTIONS, [ip::TCP, 0, 1, 3, 0, 0, 0, 1]),
        ] {
            assert_eq!(parsed(first, &[&bad, &last]), Err(Malformed::Extension), "{bad:?}");
        }
    }
}

//! IPv4 (RFC 791). Options are skipped. Fragments are recognized, since the stack does not reassemble.

use super::header::Header;
use super::{Checksum, Malformed};
use std::net::{IpAddr, Ipv4Addr};

/// Octets of a header without options.
pub const HEADER: usize = 20;

/// Checks a packet and takes it apart: header and payload, padding cut off.
///
/// # Errors
///
/// What is wrong with it.
#[inline]
pub(crate) fn parse(packet: &[u8]) -> Result<(Header, &[u8]), Malformed> {
    let (first, _) = packet.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
    let &[
        version,
        traffic_class,
        len1,
        len2,
        id1,
        id2,
        frag1,
        frag2,
        hop_limit,
        protocol,
        _,
        _,
        s1,
        s2,
        s3,
        s4,
        d1,
        d2,
        d3,
        d4,
    ] = first;
    if version >> 4 != 4 {
        return Err(Malformed::Version);
    }
    let header_len = usize::from(version & 0xf) * 4;
    if header_len < HEADER {
        return Err(Malformed::HeaderLength);
    }
    let total = usize::from(u16::from_be_bytes([len1, len2]));
    if total < header_len {
        return Err(Malformed::HeaderLength);
    }
    let packet = packet.get(..total).ok_or(Malformed::Short)?;
    let (header, payload) = packet.split_at_checked(header_len).ok_or(Malformed::Short)?;
    let mut sum = Checksum::default();
    sum.words(first);
    if header_len > HEADER {
        sum.add(header.get(HEADER..).unwrap_or_default());
    }
    if sum.value() != 0 {
        return Err(Malformed::Checksum);
    }
    let header = Header {
        source: IpAddr::V4(Ipv4Addr::new(s1, s2, s3, s4)),
        destination: IpAddr::V4(Ipv4Addr::new(d1, d2, d3, d4)),
        protocol,
        hop_limit,
        traffic_class,
        // More fragments follow, or this is not the first.
        fragment: u16::from_be_bytes([frag1, frag2]) & 0x3fff != 0,
        identification: (frag1 & 0x40 == 0).then_some(u16::from_be_bytes([id1, id2])),
    };
    Ok((header, payload))
}

/// Begins a packet that will carry `payload` octets, at most 65515; without options.
pub(crate) fn begin(
    header: &Header,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    payload: usize,
    packet: &mut Vec<u8>,
) {
    let [len1, len2] = ((HEADER + payload) as u16).to_be_bytes();
    // With DF set the identification means nothing (RFC 6864).
    let [id1, id2] = header.identification.unwrap_or_default().to_be_bytes();
    let flags = if header.identification.is_some() { 0 } else { 0x40 };
    let ([s1, s2, s3, s4], [d1, d2, d3, d4]) = (source.octets(), destination.octets());
    let (class, limit, protocol) = (header.traffic_class, header.hop_limit, header.protocol);
    let mut octets =
        [0x45, class, len1, len2, id1, id2, flags, 0, limit, protocol, 0, 0, s1, s2, s3, s4, d1, d2, d3, d4];
    let mut sum = Checksum::default();
    sum.words(&octets);
    [octets[10], octets[11]] = sum.value().to_be_bytes();
    packet.extend_from_slice(&octets);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::header::TCP;

    const HERE: Header = Header {
        source: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
        destination: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)),
        protocol: TCP,
        hop_limit: 3,
        traffic_class: 0xb8,
        fragment: false,
        identification: Some(77),
    };

    fn packet() -> Vec<u8> {
        let mut packet = Vec::new();
        HERE.begin(3, &mut packet);
        packet.extend([1, 2, 3]);
        packet
    }

    #[test]
    fn what_is_written_is_read() {
        let mut packet = packet();
        packet.extend([0; 9]);
        let (header, payload) = Header::parse(&packet).unwrap();
        assert_eq!(header, HERE);
        assert_eq!(payload, [1, 2, 3], "padding is cut off");
    }

    #[test]
    fn nonsense_is_told_apart() {
        let whole = packet();
        for len in 0..whole.len() {
            assert_eq!(Header::parse(&whole[..len]), Err(Malformed::Short), "{len}");
        }
        let with = |at: usize, octet: u8| {
            let mut packet = packet();
            packet[at] = octet;
            Header::parse(&packet).map(|_| ())
        };
        assert_eq!(with(0, 0x55), Err(Malformed::Version));
        assert_eq!(with(0, 0x44), Err(Malformed::HeaderLength));
        assert_eq!(with(3, 19), Err(Malformed::HeaderLength));
        assert_eq!(with(15, 9), Err(Malformed::Checksum));
    }
}

//! The TCP header (§3.1) and its options (§3.2, RFC 7323).

use super::{Malformed, ip};
use std::net::{IpAddr, SocketAddr};
use tcpspec::Flags;

/// Octets of a header without options.
pub const HEADER: usize = 20;
/// The largest window scale (RFC 7323 §2.3).
pub const MAX_SCALE: u8 = 14;

/// What the stack reads and writes of a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number.
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// The window field, not scaled.
    pub window: u16,
    /// The urgent pointer field, relative to `seq`.
    pub urgent: u16,
    /// Options; those of a SYN.
    pub options: SynOptions,
}

/// The options that a SYN brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SynOptions {
    /// Maximum segment size in octets (§3.7.1).
    pub mss: Option<u16>,
    /// Window scale, at most 14 (RFC 7323 §2.2).
    pub window_scale: Option<u8>,
}

impl SynOptions {
    fn len(self) -> usize {
        self.mss.map_or(0, |_| 4) + self.window_scale.map_or(0, |_| 4)
    }

    fn parse(mut options: &[u8]) -> Result<Self, Malformed> {
        let mut all = Self::default();
        loop {
            match *options {
                // End of the list (MUST-4, MUST-5).
                [] | [0, ..] => return Ok(all),
                [1, ref rest @ ..] => options = rest,
                [kind, len, ..] => {
                    // MUST-7: an illegal length must not lead astray.
                    let (option, rest) = options.split_at_checked(len.into()).ok_or(Malformed::Option)?;
                    match (kind, option) {
                        (2, &[_, _, a, b]) => all.mss = Some(u16::from_be_bytes([a, b])),
                        (3, &[_, _, scale]) => all.window_scale = Some(scale.min(MAX_SCALE)),
                        (2 | 3, _) | (_, [] | [_]) => return Err(Malformed::Option),
                        // MUST-6: an unknown one is skipped by its length.
                        _ => {}
                    }
                    options = rest;
                }
                [_] => return Err(Malformed::Option),
            }
        }
    }
}

impl Header {
    /// Checks a segment and takes it apart: header and text.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(segment: &[u8], source: IpAddr, destination: IpAddr) -> Result<(Self, &[u8]), Malformed> {
        let all = Self::parse_verified(segment)?;
        let mut sum = ip::pseudo(source, destination, ip::TCP, segment.len());
        sum.add(segment);
        if sum.value() != 0 {
            return Err(Malformed::Checksum);
        }
        Ok(all)
    }

    /// The same for a segment whose checksum need not be looked at (see [`Checksum`](crate::packet::Checksum)).
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse_verified(segment: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let (first, _) = segment.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
        let &[sp1, sp2, dp1, dp2, s1, s2, s3, s4, a1, a2, a3, a4, offset, flags, w1, w2, _, _, u1, u2] =
            first;
        let header_len = usize::from(offset >> 4) * 4;
        if header_len < HEADER {
            return Err(Malformed::HeaderLength);
        }
        let (header, text) = segment.split_at_checked(header_len).ok_or(Malformed::Short)?;
        let header = Self {
            source: u16::from_be_bytes([sp1, sp2]),
            destination: u16::from_be_bytes([dp1, dp2]),
            seq: u32::from_be_bytes([s1, s2, s3, s4]),
            ack: u32::from_be_bytes([a1, a2, a3, a4]),
            flags: Flags(flags & 0x3f),
            window: u16::from_be_bytes([w1, w2]),
            urgent: u16::from_be_bytes([u1, u2]),
            options: SynOptions::parse(header.get(HEADER..).unwrap_or_default())?,
        };
        if header.source == 0 || header.destination == 0 {
            return Err(Malformed::Address);
        }
        Ok((header, text))
    }

    /// A whole packet with this header and the text, which may come in two pieces.
    pub(crate) fn packet(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        text: (&[u8], &[u8]),
    ) -> Vec<u8> {
        let (mut packet, start) = self.packet_without_sum(source, destination, text);
        let segment = packet.get(start..).unwrap_or_default();
        let mut sum = ip::pseudo(source.ip(), destination.ip(), ip::TCP, segment.len());
        sum.add(segment);
        set_sum(&mut packet, start, sum.value());
        packet
    }

    /// The same with the sum of the pseudo-header in the checksum's place: what a device wants that completes it. Also where the TCP header begins.
    pub(crate) fn packet_partial(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        text: (&[u8], &[u8]),
    ) -> (Vec<u8>, usize) {
        let (mut packet, start) = self.packet_without_sum(source, destination, text);
        let len = packet.len().saturating_sub(start);
        let sum = ip::pseudo(source.ip(), destination.ip(), ip::TCP, len);
        set_sum(&mut packet, start, !sum.value());
        (packet, start)
    }

    fn packet_without_sum(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        text: (&[u8], &[u8]),
    ) -> (Vec<u8>, usize) {
        let header_len = HEADER + self.options.len();
        let len = header_len + text.0.len() + text.1.len();
        let mut packet = Vec::with_capacity(ip::header_len(source.ip()) + len);
        let ip = ip::Header {
            source: source.ip(),
            destination: destination.ip(),
            protocol: ip::TCP,
            hop_limit: ip::HOP_LIMIT,
            traffic_class: 0,
            fragment: false,
        };
        ip.begin(len, &mut packet);
        let start = packet.len();
        packet.extend(source.port().to_be_bytes());
        packet.extend(destination.port().to_be_bytes());
        packet.extend(self.seq.to_be_bytes());
        packet.extend(self.ack.to_be_bytes());
        packet.extend([(header_len as u8 / 4) << 4, self.flags.0]);
        packet.extend(self.window.to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(self.urgent.to_be_bytes());
        if let Some(mss) = self.options.mss {
            packet.extend([2, 4]);
            packet.extend(mss.to_be_bytes());
        }
        if let Some(scale) = self.options.window_scale {
            packet.extend([1, 3, 3, scale]);
        }
        packet.extend_from_slice(text.0);
        packet.extend_from_slice(text.1);
        (packet, start)
    }
}

/// Octets from the beginning of the TCP header to its checksum.
pub(crate) const CHECKSUM_AT: usize = 16;

fn set_sum(packet: &mut [u8], start: usize, sum: u16) {
    if let Some(field) = packet.get_mut(start + CHECKSUM_AT..start + CHECKSUM_AT + 2) {
        field.copy_from_slice(&sum.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const A: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7777);
    const B: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 8888);
    const A6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)), 7777);
    const B6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2)), 8888);

    fn header() -> Header {
        Header {
            source: 7777,
            destination: 8888,
            seq: 0xffff_fff0,
            ack: 5,
            flags: Flags::SYN.with(Flags::ACK),
            window: 65_000,
            urgent: 0,
            options: SynOptions { mss: Some(1460), window_scale: Some(7) },
        }
    }

    fn parse(packet: &[u8]) -> Result<(Header, Vec<u8>), Malformed> {
        let (ip, segment) = ip::Header::parse(packet)?;
        Header::parse(segment, ip.source, ip.destination).map(|(header, text)| (header, text.to_vec()))
    }

    #[test]
    fn what_is_written_is_read() {
        for (a, b) in [(A, B), (A6, B6)] {
            let packet = header().packet(a, b, (b"one, ", b"two"));
            assert_eq!(parse(&packet), Ok((header(), b"one, two".to_vec())));
        }
    }

    #[test]
    fn one_wrong_bit_is_noticed() {
        let packet = header().packet(A, B, (b"text", b""));
        for bit in 0..packet.len() * 8 {
            let mut packet = packet.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&packet).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn options_are_skipped_by_length_or_refused() {
        let ok = |options: &[u8]| SynOptions::parse(options);
        assert_eq!(ok(&[1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 5, 180]).unwrap().mss, Some(1460));
        assert_eq!(ok(&[3, 3, 200]).unwrap().window_scale, Some(MAX_SCALE));
        assert_eq!(ok(&[0, 2, 4]), Ok(SynOptions::default()));
        for bad in [&[2][..], &[2, 4, 5], &[8, 0], &[8, 1, 1], &[2, 3, 5], &[3, 4, 1, 1], &[254, 255]] {
            assert_eq!(ok(bad), Err(Malformed::Option), "{bad:?}");
        }
    }
}

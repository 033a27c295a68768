//! The TCP header (§3.1). Its options are in [`options`](super::options).

use super::options::Options;
use super::{Malformed, ip};
use std::net::IpAddr;
use tcpspec::Flags;

/// Octets of a header without options.
pub const HEADER: usize = 20;

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
    /// Options.
    pub options: Options,
}

impl Header {
    /// Checks a segment and takes it apart: header and text.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    #[inline]
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
    #[inline]
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
            options: Options::parse(header.get(HEADER..).unwrap_or_default())?,
        };
        if header.source == 0 || header.destination == 0 {
            return Err(Malformed::Address);
        }
        Ok((header, text))
    }

    /// Octets of the header, options included.
    pub(crate) fn len(&self) -> usize {
        HEADER + self.options.len()
    }

    /// A whole packet with this header and the text, which may come in two pieces.
    pub fn packet(&self, ip: &ip::Header, text: (&[u8], &[u8])) -> Vec<u8> {
        let mut packet = Vec::new();
        self.write(&mut packet, ip, text, true);
        packet
    }

    /// The same in a buffer that is empty; where the TCP header begins. If the checksum shall not be `complete`, the sum of the pseudo-header stands in its
    /// place, for a device that completes it.
    pub(crate) fn write(
        &self,
        packet: &mut Vec<u8>,
        ip: &ip::Header,
        text: (&[u8], &[u8]),
        complete: bool,
    ) -> usize {
        let header_len = self.len();
        let len = header_len + text.0.len() + text.1.len();
        packet.reserve_exact(ip::header_len(ip.source) + len);
        ip.begin(len, packet);
        let start = packet.len();
        let ([sp1, sp2], [dp1, dp2]) = (self.source.to_be_bytes(), self.destination.to_be_bytes());
        let ([s1, s2, s3, s4], [a1, a2, a3, a4]) = (self.seq.to_be_bytes(), self.ack.to_be_bytes());
        let ([w1, w2], [u1, u2]) = (self.window.to_be_bytes(), self.urgent.to_be_bytes());
        let (offset, flags) = ((header_len as u8 / 4) << 4, self.flags.0);
        packet.extend_from_slice(&[
            sp1, sp2, dp1, dp2, s1, s2, s3, s4, a1, a2, a3, a4, offset, flags, w1, w2, 0, 0, u1, u2,
        ]);
        self.options.write(packet);
        packet.extend_from_slice(text.0);
        packet.extend_from_slice(text.1);
        let segment = packet.get_mut(start..).unwrap_or_default();
        let mut sum = ip::pseudo(ip.source, ip.destination, ip::TCP, segment.len());
        let value = if complete {
            sum.add(segment);
            sum.value()
        } else {
            !sum.value()
        };
        if let Some(field) = segment.get_mut(CHECKSUM_AT..CHECKSUM_AT + 2) {
            field.copy_from_slice(&value.to_be_bytes());
        }
        start
    }
}

/// Octets from the beginning of the TCP header to its checksum.
pub(crate) const CHECKSUM_AT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const V4: ip::Header =
        ip::Header::tcp(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)));
    const V6: ip::Header = ip::Header::tcp(
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2)),
    );

    fn header() -> Header {
        Header {
            source: 7777,
            destination: 8888,
            seq: 0xffff_fff0,
            ack: 5,
            flags: Flags::SYN.with(Flags::ACK),
            window: 65_000,
            urgent: 0,
            options: Options { mss: Some(1460), window_scale: Some(7), ..Options::default() },
        }
    }

    fn parse(packet: &[u8]) -> Result<(Header, Vec<u8>), Malformed> {
        let (ip, segment) = ip::Header::parse(packet)?;
        Header::parse(segment, ip.source, ip.destination).map(|(header, text)| (header, text.to_vec()))
    }

    #[test]
    fn what_is_written_is_read() {
        for ip in [V4, V6] {
            let packet = header().packet(&ip, (b"one, ", b"two"));
            assert_eq!(parse(&packet), Ok((header(), b"one, two".to_vec())));
        }
    }

    /// RFC 9293: MUST-3
    #[test]
    fn one_wrong_bit_is_noticed() {
        let packet = header().packet(&V4, (b"text", b""));
        for bit in 0..packet.len() * 8 {
            let mut packet = packet.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&packet).is_err(), "bit {bit}");
        }
    }
}

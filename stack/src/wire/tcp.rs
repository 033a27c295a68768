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
    pub fn parse(segment: &[u8], source: IpAddr, destination: IpAddr) -> Result<(Self, &[u8]), Malformed> {
        let (header, text) = Self::parse_verified(segment)?;
        verify(segment, source, destination)?;
        Ok((header, text))
    }

    /// The same for a segment whose checksum need not be looked at (see [`Checksum`](crate::packet::Checksum)).
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse_verified(segment: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut header = Self::default();
        let text = header.read(segment)?;
        Ok((header, text))
    }

    /// Reads a segment without its checksum into a header that is the default. What is read stays where it is: to move it costs as much as to read it.
    #[inline]
    pub(crate) fn read<'a>(&mut self, segment: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let (first, rest) = segment.split_first_chunk::<HEADER>().ok_or(Malformed::Short)?;
        let &[sp1, sp2, dp1, dp2, s1, s2, s3, s4, a1, a2, a3, a4, offset, flags, w1, w2, _, _, u1, u2] =
            first;
        let options_len =
            (usize::from(offset >> 4) * 4).checked_sub(HEADER).ok_or(Malformed::HeaderLength)?;
        let (options, text) = rest.split_at_checked(options_len).ok_or(Malformed::Short)?;
        self.options.read(options)?;
        self.source = u16::from_be_bytes([sp1, sp2]);
        self.destination = u16::from_be_bytes([dp1, dp2]);
        self.seq = u32::from_be_bytes([s1, s2, s3, s4]);
        self.ack = u32::from_be_bytes([a1, a2, a3, a4]);
        self.flags = Flags(flags & 0x3f);
        self.window = u16::from_be_bytes([w1, w2]);
        self.urgent = u16::from_be_bytes([u1, u2]);
        if self.source == 0 || self.destination == 0 {
            return Err(Malformed::Address);
        }
        Ok(text)
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
        let offset = u32::from(header_len as u8 / 4) << 28;
        let first = [
            u32::from(self.source) << 16 | u32::from(self.destination),
            self.seq,
            self.ack,
            offset | u32::from(self.flags.0) << 16 | u32::from(self.window),
            self.urgent.into(),
        ];
        let mut sum = ip::pseudo(ip.source, ip.destination, ip::TCP, len);
        let pseudo = sum;
        let mut summed = 0;
        if let Some(option) = self.options.usual() {
            // What nearly every segment has, in one piece.
            let ([a, b, c, d, e], [f, g, h]) = (first, option);
            let header = [a, b, c, d, e, f, g, h].map(u32::to_be_bytes);
            packet.extend_from_slice(header.as_flattened());
            for word in [a, b, c, d, e, f, g, h] {
                sum.number(word);
            }
            summed = header_len;
        } else {
            packet.extend_from_slice(first.map(u32::to_be_bytes).as_flattened());
            self.options.write(packet);
        }
        packet.extend_from_slice(text.0);
        packet.extend_from_slice(text.1);
        let segment = packet.get_mut(start..).unwrap_or_default();
        let value = if complete {
            if let Some(rest) = segment.get(summed..)
                && !rest.is_empty()
            {
                sum.add(rest);
            }
            sum.value()
        } else {
            !pseudo.value()
        };
        if let Some(field) = segment.get_mut(CHECKSUM_AT..CHECKSUM_AT + 2) {
            field.copy_from_slice(&value.to_be_bytes());
        }
        start
    }
}

/// Verifies the checksum of a segment (MUST-3).
///
/// # Errors
///
/// [`Malformed::Checksum`].
#[inline]
pub(crate) fn verify(segment: &[u8], source: IpAddr, destination: IpAddr) -> Result<(), Malformed> {
    let mut sum = ip::pseudo(source, destination, ip::TCP, segment.len());
    sum.add(segment);
    if sum.value() == 0 { Ok(()) } else { Err(Malformed::Checksum) }
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

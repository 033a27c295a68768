//! The virtio-net header that stands before packets of a TUN with segmentation offload (virtio 1.2 §5.1.6, Linux `virtio_net.h`).

use crate::wire::packet::{Checksum, Offload, Packet};

/// Its octets.
pub(super) const LEN: usize = 10;

const NEEDS_CSUM: u8 = 1;
const DATA_VALID: u8 = 2;
const GSO_NONE: u8 = 0;
const GSO_TCPV4: u8 = 1;
const GSO_TCPV6: u8 = 4;
/// A flag beside the type: congestion was experienced.
const GSO_ECN: u8 = 0x80;

/// What the kernel has left to us. Numbers are in the machine's own byte order, as TUN has them where nobody asks for another.
pub(super) fn parse(header: &[u8; LEN]) -> Offload {
    let [flags, gso_type, _, _, size1, size2, start1, start2, offset1, offset2] = *header;
    let checksum = if flags & NEEDS_CSUM != 0 {
        Checksum::Partial {
            start: u16::from_ne_bytes([start1, start2]),
            offset: u16::from_ne_bytes([offset1, offset2]),
        }
    } else if flags & DATA_VALID != 0 {
        Checksum::Verified
    } else {
        Checksum::Complete
    };
    let joined = gso_type & !GSO_ECN != GSO_NONE;
    Offload { checksum, segment: if joined { u16::from_ne_bytes([size1, size2]) } else { 0 } }
}

/// What we leave to the kernel.
pub(super) fn header(packet: &Packet) -> [u8; LEN] {
    let Checksum::Partial { start, offset } = packet.offload.checksum else { return [0; LEN] };
    let (mut gso_type, mut headers) = (GSO_NONE, 0);
    if packet.offload.segment > 0 {
        let version = packet.first().map_or(0, |octet| octet >> 4);
        gso_type = if version == 6 { GSO_TCPV6 } else { GSO_TCPV4 };
        // The header's length in words of 32 bits is in the upper half of its octet 12.
        let words = packet.get(usize::from(start) + 12).map_or(0, |octet| octet >> 4);
        headers = start.saturating_add(u16::from(words) * 4);
    }
    let [a, b] = headers.to_ne_bytes();
    let [c, d] = packet.offload.segment.to_ne_bytes();
    let [e, f] = start.to_ne_bytes();
    let [g, h] = offset.to_ne_bytes();
    [NEEDS_CSUM, gso_type, a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(first: u8, offload: Offload) -> Packet {
        let mut bytes = vec![0; 100];
        bytes[0] = first;
        bytes[20 + 12] = 0x80;
        bytes[40 + 12] = 0x50;
        Packet { bytes, offload, ..Packet::default() }
    }

    #[test]
    fn what_is_written_is_read() {
        let left = Offload { checksum: Checksum::Partial { start: 20, offset: 16 }, segment: 1448 };
        assert_eq!(parse(&header(&packet(0x45, left))), left);
        let one = Offload { segment: 0, ..left };
        assert_eq!(parse(&header(&packet(0x45, one))), one);
        assert_eq!(parse(&header(&packet(0x45, Offload::default()))), Offload::default());
    }

    #[test]
    fn the_fields_are_where_the_kernel_looks() {
        let left = Offload { checksum: Checksum::Partial { start: 20, offset: 16 }, segment: 0x0102 };
        let words = |header: [u8; LEN]| {
            let word = |at: usize| u16::from_ne_bytes([header[at], header[at + 1]]);
            (header[0], header[1], word(2), word(4), word(6), word(8))
        };
        assert_eq!(words(header(&packet(0x45, left))), (1, 1, 20 + 32, 0x0102, 20, 16));
        let left = Offload { checksum: Checksum::Partial { start: 40, offset: 16 }, segment: 1000 };
        assert_eq!(words(header(&packet(0x60, left))), (1, 4, 40 + 20, 1000, 40, 16));
    }

    #[test]
    fn verified_is_not_partial() {
        assert_eq!(parse(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]).checksum, Checksum::Verified);
        assert_eq!(parse(&[0; LEN]).checksum, Checksum::Complete);
        assert_eq!(parse(&[0, 0x81, 0, 0, 1, 1, 0, 0, 0, 0]).segment, 0x0101, "with ECN");
    }
}

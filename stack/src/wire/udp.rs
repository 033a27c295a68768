//! UDP, as far as a gateway's hook needs it: datagrams that the kernel has joined are cut apart again (`UDP_SEGMENT`, udp(7)). A hook
//! expects packets as they would stand on a wire.

use super::{Checksum, ip};
use std::net::IpAddr;

/// The protocol number of UDP.
pub(crate) const UDP: u8 = 17;
/// Octets of a header.
pub(crate) const HEADER: usize = 8;

/// The datagrams that were joined to this packet, with `size` octets of data each, the last perhaps with fewer: lengths and checksums their own. `start`:
/// octets before the UDP header. None if that does not fit the packet.
pub(crate) fn cut(packet: &[u8], start: usize, size: usize) -> Option<Vec<Vec<u8>>> {
    let (header, _) = ip::Header::parse(packet).ok()?;
    let (headers, data) = packet.split_at_checked(start + HEADER)?;
    if header.protocol != UDP || size == 0 || start < ip::header_len(header.source) {
        return None;
    }
    let one = |(n, part): (usize, &[u8])| {
        let mut one = [headers, part].concat();
        let len = HEADER + part.len();
        match header.source {
            IpAddr::V4(_) => {
                let total = (start + len) as u16;
                let id = header.identification.unwrap_or_default().wrapping_add(n as u16);
                for (at, value) in [(2, total), (4, id), (10, 0)] {
                    put(&mut one, at, value);
                }
                let mut sum = Checksum::default();
                sum.add(one.get(..start).unwrap_or_default());
                put(&mut one, 10, sum.value());
            }
            IpAddr::V6(_) => put(&mut one, 4, (start + len - ip::header_len(header.source)) as u16),
        }
        put(&mut one, start + 4, len as u16);
        put(&mut one, start + 6, 0);
        let mut sum = ip::pseudo(header.source, header.destination, UDP, len);
        sum.add(one.get(start..).unwrap_or_default());
        // Zero would say that there is none (RFC 768).
        put(&mut one, start + 6, if sum.value() == 0 { 0xffff } else { sum.value() });
        one
    };
    Some(data.chunks(size).enumerate().map(one).collect())
}

fn put(packet: &mut [u8], at: usize, value: u16) {
    if let Some(field) = packet.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

//! The packet that nearly all are: IPv4 without options, whole. It is read word by word; and it is written so if its segment has the Timestamps option alone, or
//! none. Everything else goes the long way of [`ip`](super::ip) and [`tcp`](super::tcp), which find the same in such a packet.

use super::options::Timestamps;
use super::tcp::CHECKSUM_AT;
use super::{Checksum, tcp};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::ops::Range;
use tcpspec::Flags;

/// Octets of both headers without timestamps.
const BARE: usize = 40;
/// Octets of both with timestamps.
pub(crate) const HEADERS: usize = 52;
/// The Timestamps option with its padding, before its values (RFC 7323 appendix A).
const OPTION: u32 = 0x0101_080a;
/// A header of IPv4 without options, and the protocol in the word with the TTL.
const VERSION: u32 = 0x45;
const TCP: u32 = super::ip::TCP as u32;

/// What a packet that is written says, beside its sockets and its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Usual {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    /// Without SYN.
    pub(crate) flags: Flags,
    /// The window field, not scaled.
    pub(crate) window: u16,
    /// The urgent pointer field.
    pub(crate) urgent: u16,
    pub(crate) timestamps: Option<Timestamps>,
}

/// What it says of IP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Path {
    pub(crate) source: SocketAddrV4,
    pub(crate) destination: SocketAddrV4,
    pub(crate) hop_limit: u8,
    pub(crate) traffic_class: u8,
}

/// From where to where a packet goes, in words as they stand in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sockets {
    from: u32,
    to: u32,
    ports: u32,
}

impl Sockets {
    /// Whether a packet of these sockets comes from `remote` and goes to `local`.
    #[inline(always)]
    pub(crate) fn are(&self, local: &SocketAddr, remote: &SocketAddr) -> bool {
        let (SocketAddr::V4(local), SocketAddr::V4(remote)) = (local, remote) else { return false };
        self.from == address(remote) && self.to == address(local) && self.ports == ports_of(remote, local)
    }

    /// The ports of source and destination.
    #[inline(always)]
    pub(crate) fn ports(&self) -> (u16, u16) {
        let ports = u32::from_be(self.ports);
        ((ports >> 16) as u16, ports as u16)
    }

    /// Source and destination.
    pub(crate) fn both(&self) -> [SocketAddrV4; 2] {
        let (source, destination) = self.ports();
        let address = |word: u32| Ipv4Addr::from(word.to_ne_bytes());
        [SocketAddrV4::new(address(self.from), source), SocketAddrV4::new(address(self.to), destination)]
    }
}

/// Octets as words in the machine's order, which the checksum does not depend on.
#[inline(always)]
fn words<const N: usize>(octets: &[u8]) -> Option<[u32; N]> {
    let chunks: &[[u8; 4]; N] = octets.as_chunks().0.first_chunk()?;
    Some(chunks.map(u32::from_ne_bytes))
}

#[inline(always)]
fn sum(words: &[u32]) -> Checksum {
    Checksum(words.iter().map(|word| u64::from(*word)).sum())
}

impl Usual {
    /// Writes the packet into a buffer that is empty; where the TCP header begins. If the checksum shall not be `complete`, the sum of the pseudo-header
    /// stands in its place.
    #[inline(always)]
    pub(crate) fn write(
        &self,
        packet: &mut Vec<u8>,
        path: &Path,
        text: (&[u8], &[u8]),
        complete: bool,
    ) -> usize {
        let &Self { seq, ack, flags, window, urgent, timestamps } = self;
        let &Path { ref source, ref destination, hop_limit, traffic_class } = path;
        let header = if timestamps.is_some() { HEADERS } else { BARE };
        let total = (header + text.0.len() + text.1.len()) as u32;
        let (from, to, ports) = (address(source), address(destination), ports_of(source, destination));
        let first = (VERSION << 24 | u32::from(traffic_class) << 16 | total & 0xffff).to_be();
        // With DF set the identification means nothing (RFC 6864).
        let whole = 0x4000_u32.to_be();
        let protocol = u32::from(hop_limit) << 24 | TCP << 16;
        let ip = sum(&[first, whole, protocol.to_be(), from, to]).value();
        let protocol = (protocol | u32::from(ip)).to_be();
        let control = u32::from(flags.0) << 16 | u32::from(window);
        let pseudo = sum(&[from, to, (TCP + total - 20).to_be()]);
        let mut all = pseudo;
        let numbers = [ports, seq.to_be(), ack.to_be()];
        let ip = [first, whole, protocol, from, to];
        all.0 += sum(&numbers).0;
        let urgent = u32::from(urgent).to_be();
        let [ports, seq, ack] = numbers;
        let [first, whole, protocol, from, to] = ip;
        if let Some(Timestamps { val, ecr }) = timestamps {
            let control = (8 << 28 | control).to_be();
            let option = [OPTION.to_be(), val.to_be(), ecr.to_be()];
            all.0 += sum(&[control, urgent]).0 + sum(&option).0;
            let [a, b, c] = option;
            let octets = [first, whole, protocol, from, to, ports, seq, ack, control, urgent, a, b, c]
                .map(u32::to_ne_bytes);
            packet.extend_from_slice(octets.as_flattened());
        } else {
            let control = (5 << 28 | control).to_be();
            all.0 += sum(&[control, urgent]).0;
            let octets =
                [first, whole, protocol, from, to, ports, seq, ack, control, urgent].map(u32::to_ne_bytes);
            packet.extend_from_slice(octets.as_flattened());
        }
        if total as usize > header {
            packet.extend_from_slice(text.0);
            if !text.1.is_empty() {
                packet.extend_from_slice(text.1);
            }
            if complete {
                all.add(packet.get(header..).unwrap_or_default());
            }
        }
        let value = if complete { all.value() } else { !pseudo.value() };
        if let Some(field) = packet.get_mut(20 + CHECKSUM_AT..20 + CHECKSUM_AT + 2) {
            field.copy_from_slice(&value.to_be_bytes());
        }
        20
    }
}

/// Reads a packet of IPv4 without options that is whole and brings a segment, if its checksums are right; that of the segment only counts if it is to be
/// `verified`. What the segment says goes into a header that is the default. The range is where its text lies. Without an answer the long way says what is wrong.
#[inline(always)]
pub(crate) fn read(
    packet: &[u8],
    verified: bool,
    header: &mut tcp::Header,
) -> Option<(Sockets, Range<usize>)> {
    let [version, fragment, protocol, from, to, ports, seq, ack, control, urgent] = words(packet)?;
    let (first, control_word) = (u32::from_be(version), u32::from_be(control));
    let total = (first & 0xffff) as usize;
    let rest = packet.get(BARE..total)?;
    let usual = first >> 24 == VERSION
        && u32::from_be(fragment) & 0x3fff == 0
        && u32::from_be(protocol) >> 16 & 0xff == TCP;
    if !usual || sum(&[version, fragment, protocol, from, to]).value() != 0 {
        return None;
    }
    let options = ((control_word >> 28) as usize * 4).checked_sub(tcp::HEADER)?;
    header.options.read(rest.get(..options)?).ok()?;
    if verified {
        let length = (TCP + (total - 20) as u32).to_be();
        let mut sum = sum(&[from, to, length, ports, seq, ack, control, urgent]);
        sum.add(rest);
        if sum.value() != 0 {
            return None;
        }
    }
    let sockets = Sockets { from, to, ports };
    (header.source, header.destination) = sockets.ports();
    if header.source == 0 || header.destination == 0 {
        return None;
    }
    (header.seq, header.ack) = (u32::from_be(seq), u32::from_be(ack));
    header.flags = Flags((control_word >> 16) as u8 & 0x3f);
    (header.window, header.urgent) = (control_word as u16, u32::from_be(urgent) as u16);
    Some((sockets, BARE + options..total))
}

#[inline(always)]
fn address(socket: &SocketAddrV4) -> u32 {
    u32::from_ne_bytes(socket.ip().octets())
}

#[inline(always)]
fn ports_of(source: &SocketAddrV4, destination: &SocketAddrV4) -> u32 {
    (u32::from(source.port()) << 16 | u32::from(destination.port())).to_be()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ip;
    use crate::wire::options::Options;
    use std::net::IpAddr;

    const SOURCE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 1, 2, 3), 4567);
    const DESTINATION: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 9), 80);

    fn random(from: u32) -> impl FnMut(u32) -> u32 {
        let mut random = u64::from(from);
        move |n| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as u32 % n
        }
    }

    /// What the long way finds in it.
    fn long(packet: &[u8]) -> Option<(ip::Header, tcp::Header, Vec<u8>)> {
        let (ip, segment) = ip::Header::parse(packet).ok()?;
        let (header, text) = tcp::Header::parse(segment, ip.source, ip.destination).ok()?;
        Some((ip, header, text.to_vec()))
    }

    #[test]
    fn both_ways_write_the_same_and_read_the_same() {
        let mut below = random(1);
        for n in 0..4000 {
            let timestamps =
                (below(2) == 0).then(|| Timestamps { val: below(u32::MAX), ecr: below(u32::MAX) });
            let flags = Flags(below(64) as u8).without(Flags::SYN);
            let (seq, ack) = (below(u32::MAX), below(u32::MAX));
            let (window, urgent) = (below(65_536) as u16, below(65_536) as u16);
            let usual = Usual { seq, ack, flags, window, urgent, timestamps };
            let (hop_limit, traffic_class) = (below(256) as u8, below(256) as u8);
            let path = Path { source: SOURCE, destination: DESTINATION, hop_limit, traffic_class };
            let text: Vec<u8> = (0..below(1460)).map(|n| (n * 7 + n / 256) as u8).collect();
            // The second piece of the long way begins anywhere.
            let text = text.split_at(below(text.len() as u32 + 1) as usize);
            let from = tcp::Header {
                source: SOURCE.port(),
                destination: DESTINATION.port(),
                seq,
                ack,
                flags,
                window,
                urgent,
                options: Options { timestamps, ..Options::default() },
            };
            let [source, destination] = [SOURCE, DESTINATION].map(|socket| IpAddr::V4(*socket.ip()));
            let ip = ip::Header { hop_limit, traffic_class, ..ip::Header::tcp(source, destination) };
            for complete in [true, false] {
                let (mut short, mut long) = (Vec::new(), Vec::new());
                let starts = (
                    usual.write(&mut short, &path, text, complete),
                    from.write(&mut long, &ip, text, complete),
                );
                assert_eq!((starts, &short), ((20, 20), &long), "{n}");
            }
            let mut packet = from.packet(&ip, text);
            packet.extend((0..below(3)).map(|_| 0));
            let mut header = tcp::Header::default();
            let (sockets, place) = read(&packet, true, &mut header).unwrap();
            assert_eq!((header, &packet[place]), (from, &[text.0, text.1].concat()[..]));
            assert!(
                sockets.both() == [SOURCE, DESTINATION] && sockets.are(&DESTINATION.into(), &SOURCE.into())
            );
        }
    }

    #[test]
    fn what_is_changed_anywhere_is_left_to_the_long_way_or_read_as_there() {
        let mut below = random(2);
        let timestamps = Some(Timestamps { val: 7, ecr: 9 });
        let usual = Usual { seq: 1, ack: 2, flags: Flags::ACK, window: 3, urgent: 0, timestamps };
        let path = Path { source: SOURCE, destination: DESTINATION, hop_limit: 64, traffic_class: 0 };
        let mut whole = Vec::new();
        usual.write(&mut whole, &path, (b"some text", b""), true);
        let mut both = 0;
        for n in 0..200_000 {
            let mut packet = whole.clone();
            for _ in 0..below(3) {
                let at = below(56) as usize;
                packet[at] = if below(2) == 0 { packet[at] ^ 1 << below(8) } else { below(256) as u8 };
            }
            packet.truncate(packet.len() - below(20).saturating_sub(17) as usize);
            if below(2) == 0 {
                // With checksums that are right again.
                let len = packet.len();
                packet[10..12].fill(0);
                let mut sum = Checksum::default();
                sum.add(&packet[..20]);
                packet[10..12].copy_from_slice(&sum.value().to_be_bytes());
                packet[36..38].fill(0);
                let mut sum = Checksum::default();
                sum.add(&packet[12..20]);
                sum.number(TCP + (len - 20) as u32);
                sum.add(&packet[20..]);
                packet[36..38].copy_from_slice(&sum.value().to_be_bytes());
            }
            let mut short = tcp::Header::default();
            let Some((sockets, place)) = read(&packet, true, &mut short) else { continue };
            let (ip, header, text) = long(&packet).unwrap_or_else(|| panic!("{n}: {packet:?}"));
            let long =
                [(ip.source, header.source), (ip.destination, header.destination)].map(SocketAddr::from);
            assert_eq!(long, sockets.both().map(SocketAddr::from));
            let ours = long == [SOURCE.into(), DESTINATION.into()];
            assert_eq!(sockets.are(&DESTINATION.into(), &SOURCE.into()), ours);
            assert!(!ip.fragment && ip.protocol == ip::TCP);
            assert_eq!((short, &packet[place]), (header, &text[..]));
            both += 1;
        }
        assert!(both > 60_000, "{both}");
    }
}

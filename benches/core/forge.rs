//! Packets of peers that exist in no memory but the packets'.

use crate::ends::PORT;
use crate::ours::SERVER;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    IpAddress, IpProtocol, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber,
    TcpTimestampRepr,
};
use std::net::{Ipv4Addr, SocketAddrV4};

/// A segment of a peer's.
pub(crate) struct Forged<'a> {
    pub(crate) from: SocketAddrV4,
    pub(crate) seq: u32,
    pub(crate) ack: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) text: &'a [u8],
    /// Our clock, and what the peer has shown of its own.
    pub(crate) timestamps: Option<(u32, u32)>,
}

/// Its packet, for the server.
pub(crate) fn packet(forged: &Forged<'_>) -> Vec<u8> {
    let options = forged.timestamps.map(|(val, ecr)| TcpTimestampRepr { tsval: val, tsecr: ecr });
    let tcp = TcpRepr {
        src_port: forged.from.port(),
        dst_port: PORT,
        control: if forged.syn { TcpControl::Syn } else { TcpControl::Psh },
        seq_number: TcpSeqNumber(forged.seq as i32),
        ack_number: forged.ack.map(|ack| TcpSeqNumber(ack as i32)),
        window_len: 65_000,
        window_scale: forged.syn.then_some(7),
        max_seg_size: forged.syn.then_some(1460),
        sack_permitted: forged.syn && options.is_some(),
        sack_ranges: [None; 3],
        timestamp: options,
        payload: forged.text,
    };
    let (source, destination) = (*forged.from.ip(), SERVER);
    let ip = Ipv4Repr {
        src_addr: source,
        dst_addr: destination,
        next_header: IpProtocol::Tcp,
        payload_len: tcp.buffer_len(),
        hop_limit: 64,
    };
    let mut octets = vec![0; 20 + tcp.buffer_len()];
    let mut packet = Ipv4Packet::new_unchecked(&mut octets);
    ip.emit(&mut packet, &ChecksumCapabilities::default());
    let mut inner = TcpPacket::new_unchecked(packet.payload_mut());
    let [from, to]: [IpAddress; 2] = [source.into(), destination.into()];
    tcp.emit(&mut inner, &from, &to, &ChecksumCapabilities::default());
    octets
}

/// The sequence number and the clock of an answer of ours.
pub(crate) fn read(octets: &[u8]) -> (u32, Option<u32>) {
    let packet = Ipv4Packet::new_checked(octets).expect("our packet is whole");
    let tcp = TcpPacket::new_checked(packet.payload()).expect("our segment is whole");
    let [from, to]: [IpAddress; 2] = [packet.src_addr().into(), packet.dst_addr().into()];
    let tcp =
        TcpRepr::parse(&tcp, &from, &to, &ChecksumCapabilities::default()).expect("our segment is right");
    (tcp.seq_number.0 as u32, tcp.timestamp.map(|options| options.tsval))
}

/// The sockets of the peers: 60,000 ports each.
pub(crate) fn peer(number: usize) -> SocketAddrV4 {
    let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 1, 0, 0).to_bits() + (number / 60_000) as u32);
    SocketAddrV4::new(address, 2000 + (number % 60_000) as u16)
}

/// Numbers that look random and repeat (Knuth's MMIX generator).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

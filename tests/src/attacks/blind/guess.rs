//! Segments and ICMP errors that a blind attacker sends, with one number left open.

use crate::peer::{ACK, FIN, RST, SYN};
use etherparse::icmpv4::DestUnreachableHeader;
use etherparse::{Icmpv4Type, PacketBuilder};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tcpspec::Flags;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::{ip, tcp};

/// The number that is left open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Axis {
    /// SEG.SEQ; of an ICMP error that of the segment it quotes.
    Seq,
    /// SEG.ACK.
    Ack,
    /// TSval.
    Stamp,
}

/// A kind of guess.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    shape: Shape,
    /// The numbers that the attacker has to guess.
    pub axes: &'static [Axis],
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Segment(Flags, &'static [u8], bool),
    Error(Error),
}

#[derive(Clone, Copy, Debug)]
enum Error {
    Port,
    Host,
    Prohibited,
    TooBig,
    Quench,
}

const TEXT: &[u8] = b"what the peer never wrote";
const PUSH: Flags = Flags(0x08);

const fn segment(name: &'static str, flags: Flags, text: &'static [u8], axes: &'static [Axis]) -> Kind {
    Kind { name, shape: Shape::Segment(flags, text, false), axes }
}

const fn stamped(name: &'static str, flags: Flags, text: &'static [u8], axes: &'static [Axis]) -> Kind {
    Kind { name, shape: Shape::Segment(flags, text, true), axes }
}

const fn error(name: &'static str, error: Error) -> Kind {
    Kind { name, shape: Shape::Error(error), axes: &[Axis::Seq] }
}

/// All kinds.
pub const KINDS: [Kind; 18] = [
    segment("RST", RST, b"", &[Axis::Seq]),
    stamped("RST, with a timestamp", RST, b"", &[Axis::Seq, Axis::Stamp]),
    segment("RST,ACK", RST.with(ACK), b"", &[Axis::Seq, Axis::Ack]),
    segment("SYN", SYN, b"", &[Axis::Seq]),
    segment("SYN,ACK", SYN.with(ACK), b"", &[Axis::Seq, Axis::Ack]),
    segment("text", ACK.with(PUSH), TEXT, &[Axis::Seq, Axis::Ack]),
    stamped("text, with a timestamp", ACK.with(PUSH), TEXT, &[Axis::Seq, Axis::Ack, Axis::Stamp]),
    segment("text, without ACK", PUSH, TEXT, &[Axis::Seq]),
    segment("urgent text", ACK.with(Flags::URG), TEXT, &[Axis::Seq, Axis::Ack]),
    segment("FIN", FIN.with(ACK), b"", &[Axis::Seq, Axis::Ack]),
    stamped("FIN, with a timestamp", FIN.with(ACK), b"", &[Axis::Seq, Axis::Ack, Axis::Stamp]),
    segment("ACK", ACK, b"", &[Axis::Seq, Axis::Ack]),
    stamped("ACK, with a timestamp", ACK, b"", &[Axis::Seq, Axis::Ack, Axis::Stamp]),
    error("ICMP: port unreachable", Error::Port),
    error("ICMP: host unreachable", Error::Host),
    error("ICMP: prohibited", Error::Prohibited),
    error("ICMP: packet too big", Error::TooBig),
    error("ICMP: source quench", Error::Quench),
];

/// The numbers of a connection that an attacker would like to know.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub rcv_nxt: u32,
    pub rcv_wnd: u32,
    pub snd_una: u32,
    /// The acknowledgment that is right: SND.UNA, or that of our SYN, as long as it is not acknowledged.
    pub ack: u32,
    pub snd_nxt: u32,
    pub max_snd_wnd: u32,
    pub ts_recent: u32,
}

impl Numbers {
    /// The number that is right where nothing is guessed.
    pub fn right(&self, kind: &Kind, axis: Axis) -> u32 {
        match (axis, kind.shape) {
            (Axis::Seq, Shape::Segment(..)) => self.rcv_nxt,
            (Axis::Seq, Shape::Error(_)) => self.snd_una,
            (Axis::Ack, _) => self.ack,
            (Axis::Stamp, _) => self.ts_recent,
        }
    }
}

/// A guess: the kind, the numbers that are right, and the one that is guessed.
#[derive(Clone, Copy, Debug)]
pub struct Guess<'a> {
    pub kind: &'a Kind,
    pub numbers: Numbers,
    pub axis: Axis,
    pub number: u32,
}

impl Guess<'_> {
    fn at(&self, axis: Axis) -> u32 {
        if axis == self.axis { self.number } else { self.numbers.right(self.kind, axis) }
    }

    /// The packet, from the first socket (or a router) to the second.
    pub fn packet(&self, (from, to): (SocketAddr, SocketAddr)) -> Vec<u8> {
        match self.kind.shape {
            Shape::Segment(flags, text, stamped) => {
                let mut header = tcp::Header {
                    source: from.port(),
                    destination: to.port(),
                    seq: self.at(Axis::Seq),
                    ack: if flags.has(ACK) { self.at(Axis::Ack) } else { 0 },
                    flags,
                    window: 77,
                    urgent: if flags.has(Flags::URG) { text.len() as u16 } else { 0 },
                    ..tcp::Header::default()
                };
                header.options.timestamps = stamped.then(|| Timestamps { val: self.at(Axis::Stamp), ecr: 0 });
                header.packet(&ip::Header::tcp(from.ip(), to.ip()), (text, &[]))
            }
            Shape::Error(error) => self.error(error, (from, to)),
        }
    }

    fn error(&self, error: Error, (from, to): (SocketAddr, SocketAddr)) -> Vec<u8> {
        let quoted = tcp::Header {
            source: to.port(),
            destination: from.port(),
            seq: self.at(Axis::Seq),
            flags: ACK,
            ..tcp::Header::default()
        };
        let quoted = quoted.packet(&ip::Header::tcp(to.ip(), from.ip()), (&[0; 1000], &[]));
        let unreachable = Icmpv4Type::DestinationUnreachable;
        let what = match error {
            Error::Port => unreachable(DestUnreachableHeader::Port),
            Error::Host => unreachable(DestUnreachableHeader::Host),
            Error::Prohibited => unreachable(DestUnreachableHeader::FilterProhibited),
            Error::TooBig => unreachable(DestUnreachableHeader::FragmentationNeeded { next_hop_mtu: 600 }),
            Error::Quench => Icmpv4Type::Unknown { type_u8: 4, code_u8: 0, bytes5to8: [0; 4] },
        };
        let IpAddr::V4(to) = to.ip() else { panic!("IPv4") };
        let mut message = Vec::new();
        PacketBuilder::ipv4(Ipv4Addr::new(10, 0, 0, 254).octets(), to.octets(), 64)
            .icmpv4(what)
            .write(&mut message, &quoted[..60])
            .unwrap();
        message
    }
}

//! How many octets go out for each octet that comes in, to an address that need not be the attacker's.

use crate::peer::{ACK, FIN, Peer, RST, SYN};
use etherparse::icmpv4::DestUnreachableHeader;
use etherparse::{Icmpv4Type, PacketBuilder};
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::wire::{ip, tcp};

/// A kind of packet, and what it brings forth.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: &'static str,
    /// Octets of the packet, headers included.
    pub octets: usize,
    /// Packets and octets that come back at once.
    pub at_once: (usize, usize),
    /// Those that have come back an hour later, while nobody answers.
    pub in_all: (usize, usize),
}

impl Case {
    /// Octets out for each octet in.
    pub fn factor(&self) -> f64 {
        self.in_all.1 as f64 / self.octets as f64
    }
}

const HOUR: Duration = Duration::from_secs(3600);
/// Where nobody listens.
const CLOSED: u16 = 81;

/// An end that listens on port 80, with room for so many half-open connections.
fn listening(half_open: usize) -> Peer {
    listening_over(false, half_open)
}

fn listening_over(ipv6: bool, half_open: usize) -> Peer {
    let mut peer = Peer::new(ipv6, |_| {});
    peer.end.stop_recording();
    let mut listen = tcpspec_stack::Listen::on(80);
    listen.half_open = half_open;
    peer.end.listen_with(&listen).unwrap();
    peer
}

/// The same with a connection from the peer.
fn connected() -> Peer {
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let listener = peer.end.listen(80, 8).unwrap();
    peer.connect(listener, |header| header.options.mss = header.flags.has(SYN).then_some(1460));
    peer
}

fn segment(peer: &Peer, flags: Flags, text: &[u8]) -> Vec<u8> {
    let header = peer.header(flags);
    header.packet(&ip::Header::tcp(peer.us.ip(), peer.them.ip()), (text, &[]))
}

fn case(name: &'static str, mut peer: Peer, packet: &[u8]) -> Case {
    let sum = |peer: &mut Peer| {
        peer.raw.drain(..).fold((0, 0), |(packets, octets), packet| (packets + 1, octets + packet.len()))
    };
    sum(&mut peer);
    peer.send_raw(packet);
    let at_once = sum(&mut peer);
    peer.wait(HOUR);
    let later = sum(&mut peer);
    Case { name, octets: packet.len(), at_once, in_all: (at_once.0 + later.0, at_once.1 + later.1) }
}

/// An IPv4 packet with a payload of another protocol.
fn other(peer: &Peer, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let (SocketAddr::V4(from), SocketAddr::V4(to)) = (peer.us, peer.them) else { panic!("IPv4") };
    let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64);
    let mut packet = Vec::new();
    if protocol == 1 {
        builder.icmpv4_echo_request(7, 1).write(&mut packet, payload).unwrap();
    } else {
        builder.write(&mut packet, etherparse::IpNumber(protocol), payload).unwrap();
    }
    packet
}

/// An ICMP error about a packet of this protocol that the end is said to have sent.
fn error_about(peer: &Peer, protocol: u8) -> Vec<u8> {
    let (SocketAddr::V4(from), SocketAddr::V4(to)) = (peer.us, peer.them) else { panic!("IPv4") };
    let unreachable = Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::Host);
    let back = PacketBuilder::ipv4(to.ip().octets(), from.ip().octets(), 64);
    let mut quoted = Vec::new();
    match protocol {
        6 => {
            let header = tcp::Header {
                source: to.port(),
                destination: from.port(),
                seq: peer.ack,
                ..peer.header(ACK)
            };
            quoted = header.packet(&ip::Header::tcp(peer.them.ip(), peer.us.ip()), (&[], &[]));
        }
        1 => back.icmpv4(unreachable.clone()).write(&mut quoted, &[0; 28]).unwrap(),
        _ => back.udp(to.port(), from.port()).write(&mut quoted, &[0; 28]).unwrap(),
    }
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64);
    builder.icmpv4(unreachable).write(&mut packet, &quoted).unwrap();
    packet
}

/// All kinds of packets.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let text = [7; 1000];
    let peer = listening(8);
    let syn = segment(&peer, SYN, b"");
    cases.push(case("SYN to a listener", peer, &syn));
    let mut full = listening(1);
    full.us.set_port(4999);
    let first = segment(&full, SYN, b"");
    full.send_raw(&first);
    full.us.set_port(5000);
    // An hour's answers to the first one are not this one's.
    let own = case("", listening(1), &first).in_all;
    let packet = segment(&full, SYN, b"");
    let mut cookie = case("SYN to a listener that has no room: a cookie", full, &packet);
    cookie.in_all = (cookie.in_all.0 + 1 - own.0, cookie.in_all.1 + own.1 / own.0 - own.1);
    cases.push(cookie);
    let mut add = |name, peer: Peer, packet: &dyn Fn(&Peer) -> Vec<u8>| {
        let packet = packet(&peer);
        cases.push(case(name, peer, &packet));
    };
    let closed = |peer: &mut Peer| peer.them.set_port(CLOSED);
    for (name, flags, text) in [
        ("SYN to a closed port", SYN, &b""[..]),
        ("ACK to a closed port", ACK, b""),
        ("text to a closed port", ACK, &text),
        ("RST to a closed port", RST, b""),
    ] {
        let mut peer = listening(8);
        closed(&mut peer);
        add(name, peer, &|peer| segment(peer, flags, text));
    }
    add("ACK to a listener, no cookie", listening(8), &|peer| segment(peer, ACK, b""));
    for (name, flags, seq, text) in [
        ("to a connection: a SYN", SYN, 0, &b""[..]),
        ("to a connection: a RST in the window", RST, 5, b""),
        ("to a connection: text outside of the window", ACK, 0x0200_0000, &text),
        ("to a connection: text that is early", ACK, 1000, &text),
        ("to a connection: text in order", ACK, 0, &text),
        ("to a connection: a FIN", FIN.with(ACK), 0, b""),
    ] {
        let mut peer = connected();
        peer.seq = peer.seq.wrapping_add(seq);
        add(name, peer, &|peer| segment(peer, flags, text));
    }
    add("ICMP echo request", listening(8), &|peer| other(peer, 1, &text));
    add("UDP", listening(8), &|peer| other(peer, 17, &text));
    add("UDP without text", listening(8), &|peer| other(peer, 17, &[0; 8]));
    add("another protocol", listening(8), &|peer| other(peer, 200, &text));
    add("another protocol, nothing in it", listening(8), &|peer| other(peer, 200, b""));
    add("SYN to a listener, IPv6", listening_over(true, 8), &|peer| segment(peer, SYN, b""));
    for (name, protocol) in [
        ("ICMP error about a connection", 6),
        ("ICMP error about an ICMP error", 1),
        ("ICMP error about UDP", 17),
    ] {
        add(name, connected(), &|peer| error_about(peer, protocol));
    }
    for (name, address) in [
        ("SYN from a broadcast address", "255.255.255.255"),
        ("SYN from a multicast address", "224.0.0.1"),
        ("SYN from itself (LAND)", "10.0.0.1"),
    ] {
        let mut peer = listening(8);
        peer.us.set_ip(address.parse().unwrap());
        add(name, peer, &|peer| segment(peer, SYN, b""));
    }
    cases
}

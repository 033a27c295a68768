//! What the network reports (ICMP): echo, errors, packets that are too big.

use etherparse::{PacketBuilder, icmpv4, icmpv6};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Error, Received};
use tcpspec_tests::peer::{ACK, Peer, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, User, socket, socket6, text};

/// What a router says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    NetworkUnreachable,
    HostUnreachable,
    SourceRouteFailed,
    TimeExceeded,
    ParameterProblem,
    PortUnreachable,
    Prohibited,
    TooBig(u32),
    SourceQuench,
}

/// What may pass.
const SOFT: [Says; 5] = [
    Says::NetworkUnreachable,
    Says::HostUnreachable,
    Says::SourceRouteFailed,
    Says::TimeExceeded,
    Says::ParameterProblem,
];

/// A router's message about a packet, of which it sends back this much.
fn message(says: Says, packet: &[u8], quoted: usize) -> Vec<u8> {
    let (ip, _) = ip::Header::parse(packet).unwrap();
    let quoted = &packet[..quoted.min(packet.len())];
    let mut message = Vec::new();
    let writes = match (ip.source, says) {
        (IpAddr::V4(to), _) => {
            use icmpv4::DestUnreachableHeader::*;
            let kind = match says {
                Says::NetworkUnreachable => etherparse::Icmpv4Type::DestinationUnreachable(Network),
                Says::HostUnreachable => etherparse::Icmpv4Type::DestinationUnreachable(Host),
                Says::SourceRouteFailed => etherparse::Icmpv4Type::DestinationUnreachable(SourceRouteFailed),
                Says::PortUnreachable => etherparse::Icmpv4Type::DestinationUnreachable(Port),
                Says::Prohibited => etherparse::Icmpv4Type::DestinationUnreachable(FilterProhibited),
                Says::TooBig(mtu) => etherparse::Icmpv4Type::DestinationUnreachable(FragmentationNeeded {
                    next_hop_mtu: mtu as u16,
                }),
                Says::TimeExceeded => {
                    etherparse::Icmpv4Type::TimeExceeded(icmpv4::TimeExceededCode::TtlExceededInTransit)
                }
                Says::ParameterProblem => {
                    etherparse::Icmpv4Type::Unknown { type_u8: 12, code_u8: 0, bytes5to8: [20, 0, 0, 0] }
                }
                Says::SourceQuench => {
                    etherparse::Icmpv4Type::Unknown { type_u8: 4, code_u8: 0, bytes5to8: [0; 4] }
                }
            };
            PacketBuilder::ipv4([10, 0, 0, 254], to.octets(), 64).icmpv4(kind).write(&mut message, quoted)
        }
        (IpAddr::V6(to), _) => {
            use icmpv6::DestUnreachableCode;
            let kind = match says {
                Says::NetworkUnreachable => {
                    etherparse::Icmpv6Type::DestinationUnreachable(DestUnreachableCode::NoRoute)
                }
                Says::HostUnreachable => {
                    etherparse::Icmpv6Type::DestinationUnreachable(DestUnreachableCode::Address)
                }
                // RFC 6554 §4.2: error in source routing header.
                Says::SourceRouteFailed => {
                    etherparse::Icmpv6Type::Unknown { type_u8: 1, code_u8: 7, bytes5to8: [0; 4] }
                }
                Says::ParameterProblem => {
                    etherparse::Icmpv6Type::Unknown { type_u8: 4, code_u8: 0, bytes5to8: [0; 4] }
                }
                Says::PortUnreachable => {
                    etherparse::Icmpv6Type::DestinationUnreachable(DestUnreachableCode::Port)
                }
                Says::Prohibited => {
                    etherparse::Icmpv6Type::DestinationUnreachable(DestUnreachableCode::Prohibited)
                }
                Says::TooBig(mtu) => etherparse::Icmpv6Type::PacketTooBig { mtu },
                Says::TimeExceeded => {
                    etherparse::Icmpv6Type::TimeExceeded(icmpv6::TimeExceededCode::HopLimitExceeded)
                }
                // There is none; something else that is not for us.
                Says::SourceQuench => {
                    etherparse::Icmpv6Type::Unknown { type_u8: 200, code_u8: 0, bytes5to8: [0; 4] }
                }
            };
            let router = "fd00::fe".parse::<std::net::Ipv6Addr>().unwrap();
            PacketBuilder::ipv6(router.octets(), to.octets(), 64).icmpv6(kind).write(&mut message, quoted)
        }
    };
    writes.expect("etherparse");
    message
}

const BOTH: [bool; 2] = [false, true];

/// Enough of a packet to hold eight octets of the segment.
fn least(ipv6: bool) -> usize {
    if ipv6 { 48 } else { 28 }
}

/// A connection that was asked for, and its SYN.
fn connecting(ipv6: bool, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId, Vec<u8>) {
    let mut peer = Peer::new(ipv6, change);
    let id = peer.end.connect(peer.now, Some(80), peer.us).unwrap();
    let syn = peer.end.poll_packet(peer.now).expect("a SYN").bytes;
    (peer, id, syn)
}

/// An established connection with text under way, and the packet that carries it.
fn sending(ipv6: bool, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId, Vec<u8>) {
    let mut peer = Peer::new(ipv6, change);
    let listener = peer.end.listen(80, 1).unwrap();
    let id =
        peer.connect(listener, |header| header.options.mss = Some(1460).filter(|_| header.flags.has(SYN)));
    peer.end.send(peer.now, id, &text(10_000, 1)).unwrap();
    let packet = peer.end.poll_packet(peer.now).expect("text").bytes;
    peer.all();
    (peer, id, packet)
}

#[test]
fn echo_is_answered_up_to_a_limit() {
    for ipv6 in BOTH {
        let mut peer = Peer::new(ipv6, |config| config.echo_limit = 10);
        let mut request = Vec::new();
        match (peer.us.ip(), peer.them.ip()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => PacketBuilder::ipv4(a.octets(), b.octets(), 64)
                .icmpv4_echo_request(7, 8)
                .write(&mut request, b"are you there?"),
            (IpAddr::V6(a), IpAddr::V6(b)) => PacketBuilder::ipv6(a.octets(), b.octets(), 64)
                .icmpv6_echo_request(7, 8)
                .write(&mut request, b"are you there?"),
            _ => panic!("mixed"),
        }
        .unwrap();
        for _ in 0..15 {
            peer.send_raw(&request);
        }
        assert_eq!(peer.raw.len(), 10);
        assert!(peer.raw[0].ends_with(b"are you there?"));
        let counters = peer.end.counters();
        assert_eq!((counters.echoes, counters.echoes_limited, counters.malformed), (10, 5, 0));
        peer.wait(Duration::from_secs(1));
        peer.send_raw(&request);
        assert_eq!(peer.raw.len(), 11, "a second later");
        // Not for us: a broadcast would be answered by everybody.
        let len = request.len();
        if !ipv6 {
            request[16..20].copy_from_slice(&[255; 4]);
            request[10..12].copy_from_slice(&[0; 2]);
            let sum = etherparse::Ipv4Header::from_slice(&request[..len]).unwrap().0.calc_header_checksum();
            request[10..12].copy_from_slice(&sum.to_be_bytes());
            peer.send_raw(&request);
            assert_eq!(peer.raw.len(), 11);
        }
    }
}

/// RFC 9293: MUST-54, SHLD-26
#[test]
fn a_hard_error_ends_an_attempt() {
    for ipv6 in BOTH {
        for (says, error) in [(Says::PortUnreachable, Error::Refused), (Says::Prohibited, Error::Unreachable)]
        {
            let (mut peer, id, syn) = connecting(ipv6, |_| {});
            peer.send_raw(&message(says, &syn, least(ipv6)));
            let status = peer.end.status(id).unwrap();
            assert_eq!((status.state, status.error), (State::Closed, Some(error)), "{says:?}");
            assert_eq!((peer.end.counters().errors_reported, peer.end.next_deadline()), (1, None));
        }
    }
}

/// RFC 9293: MUST-47, MUST-54, MUST-56, SHLD-25
#[test]
fn a_soft_error_is_told_and_the_attempt_goes_on() {
    for ipv6 in BOTH {
        for says in SOFT {
            let (mut peer, id, syn) = connecting(ipv6, |_| {});
            peer.send_raw(&message(says, &syn, least(ipv6)));
            let status = peer.end.status(id).unwrap();
            assert_eq!((status.state, status.error), (State::SynSent, None));
            assert_eq!(status.soft_error, Some(Error::Unreachable));
            // Nobody ever answers: the reason is known.
            peer.wait(MINUTE * 10);
            assert_eq!(peer.end.status(id).unwrap().error, Some(Error::Unreachable));
        }
        let (mut peer, id, _) = connecting(ipv6, |_| {});
        peer.wait(MINUTE * 10);
        assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut), "without a word");
    }
}

/// RFC 9293: MUST-56, SHLD-25
#[test]
fn a_soft_error_ends_no_connection() {
    for ipv6 in BOTH {
        for says in SOFT {
            let (mut peer, id, packet) = sending(ipv6, |_| {});
            peer.send_raw(&message(says, &packet, 200));
            let status = peer.end.status(id).unwrap();
            assert_eq!((status.state, status.error), (State::Established, None), "{says:?}");
            assert_eq!(status.soft_error, Some(Error::Unreachable));
        }
    }
}

#[test]
fn a_soft_error_is_forgotten_when_the_peer_is_heard() {
    let (mut peer, id, syn) = connecting(false, |_| {});
    peer.send_raw(&message(Says::NetworkUnreachable, &syn, least(false)));
    let (ip, segment) = ip::Header::parse(&syn).unwrap();
    let (syn, _) = tcp::Header::parse(segment, ip.source, ip.destination).unwrap();
    peer.ack = syn.seq.wrapping_add(1);
    let answer = peer.header(SYN.with(ACK));
    peer.send(&answer, &[]);
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.state, status.soft_error), (State::Established, None));
}

/// RFC 9293: MUST-54, MUST-55
#[test]
fn an_error_about_nothing_that_is_under_way_is_a_stray() {
    for ipv6 in BOTH {
        let (mut peer, id, syn) = connecting(ipv6, |_| {});
        let seq = least(ipv6) - 4;
        for change in [1, -1] {
            let mut other = syn.clone();
            let octet = &mut other[seq + 3];
            *octet = octet.wrapping_add_signed(change);
            peer.send_raw(&message(Says::PortUnreachable, &other, least(ipv6)));
        }
        // Another connection's ports.
        let mut other = syn.clone();
        other[seq - 1] ^= 1;
        peer.send_raw(&message(Says::PortUnreachable, &other, least(ipv6)));
        // Too little of the segment, and not an error at all.
        peer.send_raw(&message(Says::PortUnreachable, &syn, least(ipv6) - 1));
        peer.send_raw(&message(Says::SourceQuench, &syn, least(ipv6)));
        assert_eq!(peer.end.status(id).unwrap().state, State::SynSent);
        let counters = peer.end.counters();
        assert_eq!((counters.errors_stray, counters.errors_reported, counters.not_ours), (3, 0, 2));
    }
}

/// RFC 9293: SHLD-26
#[test]
fn once_established_a_hard_error_counts_as_soft() {
    for ipv6 in BOTH {
        for (soft, state) in [(true, State::Established), (false, State::Closed)] {
            let (mut peer, id, packet) = sending(ipv6, |config| config.options.hard_errors_soft = soft);
            peer.send_raw(&message(Says::PortUnreachable, &packet, 200));
            let status = peer.end.status(id).unwrap();
            assert_eq!(status.state, state);
            assert_eq!(status.soft_error.is_some(), soft);
            assert_eq!(status.error.is_some(), !soft);
        }
    }
}

/// RFC 9293: MUST-16
#[test]
fn a_packet_that_is_too_big_lowers_the_segment_size_and_is_sent_again() {
    for (ipv6, mtu, mss) in [(false, 1300, 1260), (true, 1300, 1240), (false, 100, 536), (true, 100, 1220)] {
        let (mut peer, id, packet) = sending(ipv6, |_| {});
        assert_eq!(packet.len(), 1500);
        peer.send_raw(&message(Says::TooBig(mtu), &packet, 500));
        let status = peer.end.status(id).unwrap();
        assert_eq!((status.mss, status.congestion_window > 10 * 1000), (mss, true), "no sign of congestion");
        let again = peer.sent().expect("at once");
        assert_eq!((again.tcp.seq, again.text.len()), (peer.ack, mss as usize));
        // Below the floor an IPv4 router may cut it, and then its parts need a number.
        assert_eq!(again.ip.identification.is_some(), !ipv6 && mtu < 576);
        // The whole text arrives in pieces of that size.
        let whole = text(10_000, 1);
        let mut got = again.text;
        for _ in 0..100 {
            let ack = tcp::Header { ack: peer.ack + got.len() as u32, ..peer.header(ACK) };
            peer.send(&ack, &[]);
            peer.wait(Duration::from_secs(2));
            for packet in peer.all() {
                assert!(packet.text.len() <= mss as usize);
                if packet.tcp.seq == peer.ack + got.len() as u32 {
                    got.extend(packet.text);
                }
            }
        }
        assert_eq!(got, whole);
    }
}

#[test]
fn the_path_is_known_to_later_connections_and_forgotten_after_ten_minutes() {
    for ipv6 in BOTH {
        let headers = if ipv6 { 60 } else { 40 };
        let (mut peer, _, packet) = sending(ipv6, |_| {});
        peer.send_raw(&message(Says::TooBig(1300), &packet, 500));
        peer.all();
        let other = std::net::SocketAddr::new(peer.us.ip(), 99);
        let second = peer.end.connect(peer.now, None, other).unwrap();
        let syn = peer.sent().unwrap();
        assert_eq!(syn.tcp.options.mss, Some(1500 - headers), "what we can receive is another matter");
        let mut answer = tcp::Header {
            source: 99,
            destination: syn.tcp.source,
            seq: 1,
            ack: syn.tcp.seq.wrapping_add(1),
            ..peer.header(SYN.with(ACK))
        };
        answer.options.mss = Some(1460);
        peer.send(&answer, &[]);
        assert_eq!(peer.end.status(second).unwrap().mss, 1300 - u32::from(headers));
        peer.wait(Duration::from_secs(601));
        peer.end.send(peer.now, second, b"later").unwrap();
        assert_eq!(peer.end.status(second).unwrap().mss, u32::from(1500 - headers).min(1460));
    }
}

#[test]
fn a_forged_packet_too_big_changes_nothing() {
    let (mut peer, id, packet) = sending(false, |_| {});
    let before = peer.end.status(id).unwrap().mss;
    let mut old = packet.clone();
    old[24] = old[24].wrapping_add(1);
    peer.send_raw(&message(Says::TooBig(600), &old, 500));
    assert_eq!(peer.end.status(id).unwrap().mss, before);
    assert_eq!(peer.end.counters().errors_stray, 1);
    // Nor does one that says more than what is sent.
    peer.send_raw(&message(Says::TooBig(9000), &packet, 500));
    assert_eq!(peer.end.status(id).unwrap().mss, before);
    assert!(peer.all().is_empty());
}

/// A link in the middle of the way that takes smaller packets, and says so.
#[test]
fn text_gets_through_a_narrow_path_both_ways() {
    for ipv6 in BOTH {
        let mut link = Link::new(LATENCY);
        let narrow = 1300;
        let dropped = Arc::new(Mutex::new(Vec::<(usize, Vec<u8>)>::new()));
        let sink = Arc::clone(&dropped);
        link.set_faults(move |_, from, packet| {
            if packet.len() > narrow {
                sink.lock().unwrap().push((from, packet.to_vec()));
                return Fate::Lost;
            }
            Fate::Arrives
        });
        let listener = link.ends[1].listen(80, 1).unwrap();
        let server = if ipv6 { socket6(&link.ends[1], 80) } else { socket(&link.ends[1], 80) };
        let now = link.now();
        let client = link.ends[0].connect(now, None, server).unwrap();
        let texts = [text(300_000, 1), text(200_000, 2)];
        let [a, b] = texts.clone();
        let mut users = [User::new(0, Some(client), a), User::new(1, None, b)];
        let done = link.run_until(MINUTE, |link| {
            for (from, packet) in dropped.lock().unwrap().drain(..) {
                let now = link.now();
                link.ends[from].handle_packet(now, &message(Says::TooBig(narrow as u32), &packet, 100));
            }
            if users[1].id.is_none() {
                users[1].id = link.ends[1].accept(listener);
            }
            users.iter_mut().for_each(|user| user.work(link));
            users.iter().all(User::done)
        });
        assert!(done, "not within a minute");
        assert!(users[0].read == texts[1] && users[1].read == texts[0]);
        let lost = link.log().iter().filter(|sent| sent.fate == Fate::Lost).count();
        assert!((2..50).contains(&lost), "{lost} packets were too big");
    }
}

/// The MSS follows from the MTU, for each IP version, over the whole range.
///
/// RFC 9293: MUST-16, MUST-67, SHLD-28
#[test]
fn every_mtu_carries_text() {
    for (ipv6, mtu) in
        [(false, 576), (true, 1280), (false, 1500), (true, 9000), (false, 65_535), (true, 65_535)]
    {
        let mut link = Link::with(LATENCY, |config| {
            config.mtu = mtu;
            config.ipv6 = config.ipv6.filter(|_| ipv6);
        });
        let server = if ipv6 { socket6(&link.ends[1], 80) } else { socket(&link.ends[1], 80) };
        let listener = link.ends[1].listen(80, 1).unwrap();
        let now = link.now();
        let client = link.ends[0].connect(now, None, server).unwrap();
        let largest = Arc::new(Mutex::new(0));
        let sink = Arc::clone(&largest);
        link.set_faults(move |_, _, packet| {
            let mut largest = sink.lock().unwrap();
            *largest = (*largest).max(packet.len());
            Fate::Arrives
        });
        link.run_for(LATENCY * 4);
        let id = link.ends[1].accept(listener).unwrap();
        let whole = text(200_000, 3);
        let now = link.now();
        assert_eq!(link.ends[0].send(now, client, &whole), Ok(whole.len()));
        let mut got: Vec<u8> = Vec::new();
        link.run_until(MINUTE, |link| {
            let now = link.now();
            let mut buffer = [0; 4096];
            while let Ok(Received::Text(n)) = link.ends[1].receive(now, id, &mut buffer) {
                got.extend(&buffer[..n]);
            }
            got.len() == whole.len()
        });
        assert!(got == whole, "{mtu}");
        assert_eq!(*largest.lock().unwrap(), usize::from(mtu));
        let syn = &link.log()[0].header;
        assert!(syn.flags == Flags::SYN);
        assert_eq!(syn.options.mss, Some(mtu - if ipv6 { 60 } else { 40 }));
    }
}

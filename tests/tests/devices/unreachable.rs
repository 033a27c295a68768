//! ICMP errors of our own: who sends a datagram or a protocol that the stack does not take is told, and nobody else (RFC 1122 §3.2.2, RFC 4443 §2.4).

use etherparse::{IpNumber, PacketBuilder};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::Read;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;
use tcpspec_stack::wire::ip;
use tcpspec_tests::peer::Peer;
use tcpspec_tests::{STACK, STACK6, with_kernel};

const BOTH: [bool; 2] = [false, true];

/// A packet from the peer to the endpoint.
fn packet(peer: &Peer, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    match (peer.us.ip(), peer.them.ip()) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            PacketBuilder::ipv4(a.octets(), b.octets(), 64).write(&mut packet, IpNumber(protocol), payload)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            PacketBuilder::ipv6(a.octets(), b.octets(), 64).write(&mut packet, IpNumber(protocol), payload)
        }
        _ => unreachable!("addresses of one version"),
    }
    .unwrap();
    packet
}

/// Type, code and the second word of the messages sent, and what they quote.
fn answers(peer: &mut Peer) -> Vec<(u8, u8, u32, Vec<u8>)> {
    let answer = |packet: Vec<u8>| {
        let (header, message) = ip::Header::parse(&packet).expect("well formed");
        assert_eq!((header.source, header.destination), (peer.them.ip(), peer.us.ip()));
        let word = u32::from_be_bytes(message[4..8].try_into().unwrap());
        (message[0], message[1], word, message[8..].to_vec())
    };
    peer.raw.drain(..).map(answer).collect()
}

#[test]
fn who_sends_what_nobody_takes_is_told_up_to_a_limit() {
    for ipv6 in BOTH {
        let mut peer = Peer::new(ipv6, |config| config.error_limit = 3);
        let datagram = packet(&peer, 17, &[7; 2000]);
        let other = packet(&peer, 200, b"?");
        peer.send_raw(&datagram);
        peer.send_raw(&other);
        let answers = answers(&mut peer);
        let expected = if ipv6 { [(1, 4, 0), (4, 1, 6)] } else { [(3, 3, 0), (3, 2, 0)] };
        assert_eq!(answers.iter().map(|answer| (answer.0, answer.1, answer.2)).collect::<Vec<_>>(), expected);
        let most = if ipv6 { 1280 - 48 } else { 576 - 28 };
        assert_eq!((&answers[0].3[..], &answers[1].3[..]), (&datagram[..most], &other[..]));
        for _ in 0..5 {
            peer.send_raw(&other);
        }
        assert_eq!(peer.raw.len(), 1);
        let counters = peer.end.counters();
        assert_eq!((counters.errors_sent, counters.errors_limited, counters.not_ours), (3, 4, 7));
        peer.wait(Duration::from_secs(1));
        peer.send_raw(&other);
        assert_eq!(peer.raw.len(), 2, "a second later");
    }
}

#[test]
fn behind_extension_headers_the_pointer_finds_the_number() {
    let mut peer = Peer::new(true, |_| {});
    let options = [43, 0, 1, 4, 0, 0, 0, 0];
    let routing = [200, 1, 5, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    let whole = packet(&peer, 60, &[&options[..], &routing, b"?"].concat());
    peer.send_raw(&whole);
    assert_eq!(answers(&mut peer), [(4, 1, 48, whole)]);
}

#[test]
fn errors_fragments_and_what_is_for_many_are_answered_by_nothing() {
    for ipv6 in BOTH {
        let mut peer = Peer::new(ipv6, |_| {});
        let mut silent = vec![
            // ICMP of either version, an error or not.
            packet(&peer, 1, &[3, 3, 0, 0, 0, 0, 0, 0]),
            packet(&peer, 58, &[1, 4, 0, 0, 0, 0, 0, 0]),
            packet(&peer, 17, &[7; 7]),
        ];
        if ipv6 {
            silent.push(packet(&peer, 59, b""));
            silent.push(packet(&peer, 44, &[17, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]));
        }
        let (us, them) = (peer.us, peer.them);
        let nobodies = if ipv6 { ["ff02::1", "::"] } else { ["224.0.0.1", "10.0.0.255"] };
        for nobody in nobodies.map(|address| address.parse::<IpAddr>().unwrap()) {
            peer.us = SocketAddr::new(nobody, 9);
            silent.push(packet(&peer, 17, &[7; 20]));
            (peer.us, peer.them) = (us, SocketAddr::new(nobody, 9));
            silent.push(packet(&peer, 17, &[7; 20]));
            peer.them = them;
        }
        if !ipv6 {
            let mut first = packet(&peer, 17, &[7; 24]);
            // More fragments follow; the checksum of the header with it.
            first[6] = 0x20;
            first[10..12].fill(0);
            let sum = etherparse::Ipv4Header::from_slice(&first).unwrap().0.calc_header_checksum();
            first[10..12].copy_from_slice(&sum.to_be_bytes());
            silent.push(first);
        }
        for packet in &silent {
            peer.send_raw(packet);
            assert!(peer.raw.is_empty(), "{packet:?}");
        }
        // And where a hook looks at them, it answers.
        let datagram = packet(&peer, 17, &[7; 20]);
        peer.end.set_other(|_| {});
        peer.send_raw(&datagram);
        assert!(peer.raw.is_empty());
    }
}

#[test]
fn the_kernel_hears_that_nobody_takes_its_datagrams_and_protocols() {
    with_kernel(
        "unreachable",
        |_| {},
        |stack| {
            for (address, any, protocol) in
                [(IpAddr::from(STACK), "0.0.0.0:0", 92), (STACK6.into(), "[::]:0", 71)]
            {
                let remote = SocketAddr::new(address, 53);
                let socket = UdpSocket::bind(any).expect("socket");
                socket.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
                socket.connect(remote).expect("connect");
                socket.send(b"question").expect("send");
                let error = socket.recv(&mut [0; 10]).expect_err("nobody answers");
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{error}");

                // ENOPROTOOPT for the protocol unreachable of IPv4, EPROTO for the parameter problem of IPv6.
                let mut raw = Socket::new(Domain::for_address(remote), Type::RAW, Some(Protocol::from(200)))
                    .expect("a raw socket");
                raw.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
                raw.connect(&SocketAddr::new(address, 0).into()).expect("connect");
                raw.send(b"anybody?").expect("send");
                let error = raw.read(&mut [0; 10]).expect_err("nobody answers");
                assert_eq!(error.raw_os_error(), Some(protocol), "{error}");
            }
            let counters = stack.with_endpoint(|endpoint| endpoint.counters());
            assert_eq!((counters.errors_sent, counters.malformed), (4, 0), "{counters:?}");
        },
    );
}

//! What a packet costs by what is in it: none costs many times what text in order costs (CVE-2018-5390, CVE-2019-11477 to 11479 and their kind).
//!
//! Times are compared within one run. `cargo test --release -p tcpspec-tests --test attacks -- --nocapture content` prints them.

use std::time::Instant;
use tcpspec::Flags;
use tcpspec_stack::ConnectionId;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_tests::peer::{ACK, FIN, Peer, SYN};
use tcpspec_tests::simulated::Random;

/// Times that a packet may cost what one octet in order costs. It was 290 before pieces that a packet lies across were made one.
const MOST: f64 = 40.0;
/// Packets that are timed at once, and rounds of which the quickest counts.
const PACKETS: usize = 2_000;
const ROUNDS: usize = 5;

/// A connection without the judge, which would cost more than all else.
fn connected() -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |header| {
        header.options.mss = header.flags.has(SYN).then_some(536);
        header.options.sack_permitted = header.flags.has(SYN);
    });
    peer.raw.clear();
    (peer, id)
}

fn packet(peer: &Peer, change: impl FnOnce(&mut tcp::Header), text: &[u8]) -> Vec<u8> {
    let mut header = peer.header(ACK);
    change(&mut header);
    header.packet(&ip::Header::tcp(peer.us.ip(), peer.them.ip()), (text, &[]))
}

/// Nanoseconds a packet: of all of them, one after the other, with what they are answered. `prepare` comes first and is not timed.
fn cost(prepare: impl Fn(&mut Peer, ConnectionId), packets: impl Fn(&Peer) -> Vec<Vec<u8>>) -> f64 {
    let once = || {
        let (mut peer, id) = connected();
        prepare(&mut peer, id);
        let packets = packets(&peer);
        let start = Instant::now();
        for packet in &packets {
            peer.end.handle_packet(peer.now, packet);
            while peer.end.poll_packet(peer.now).is_some() {}
        }
        start.elapsed().as_nanos() as f64 / packets.len() as f64
    };
    (0..ROUNDS).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// One octet, so far behind RCV.NXT.
fn octet(peer: &Peer, at: u32) -> Vec<u8> {
    packet(peer, |header| header.seq = header.seq.wrapping_add(at), b"x")
}

/// Each second octet is there, as far as pieces go.
fn holes(peer: &mut Peer, _: ConnectionId) {
    for at in 0..1024 {
        let octet = octet(peer, 2 * at + 1);
        peer.end.handle_packet(peer.now, &octet);
        while peer.end.poll_packet(peer.now).is_some() {}
    }
}

/// A hundred segments are under way.
fn sends(peer: &mut Peer, id: ConnectionId) {
    peer.end.send(peer.now, id, &vec![7; 500_000]).unwrap();
    for _ in 0..5 {
        while let Some(sent) = peer.end.poll_packet(peer.now) {
            let (ip, segment) = ip::Header::parse(&sent.bytes).unwrap();
            let (header, text) = tcp::Header::parse(segment, ip.source, ip.destination).unwrap();
            peer.ack = header.seq.wrapping_add(text.len() as u32);
        }
        let ack = packet(peer, |header| header.window = 65_535, b"");
        peer.end.handle_packet(peer.now, &ack);
    }
    let sent = std::iter::from_fn(|| peer.end.poll_packet(peer.now)).count();
    assert!(sent > 60, "{sent} segments are under way");
}

#[test]
fn no_content_costs_many_times_what_text_in_order_costs() {
    let many = PACKETS as u32;
    let nothing = |_: &mut Peer, _: ConnectionId| {};
    let order = cost(nothing, |peer| (0..many).map(|at| octet(peer, at)).collect());
    let shuffled = || {
        let mut random = Random(7);
        let mut all: Vec<u32> = (0..many).map(|at| 2 * at + 1).collect();
        for at in (1..all.len()).rev() {
            all.swap(at, random.below(at as u64 + 1) as usize);
        }
        all
    };
    let kinds: [(&str, f64); 9] = [
        (
            "each second octet, forwards",
            cost(nothing, |peer| (0..many).map(|at| octet(peer, 2 * at + 1)).collect()),
        ),
        (
            "each second octet, backwards",
            cost(nothing, |peer| (0..many).rev().map(|at| octet(peer, 2 * at + 1)).collect()),
        ),
        (
            "each second octet, in any order",
            cost(nothing, |peer| shuffled().iter().map(|at| octet(peer, *at)).collect()),
        ),
        (
            "1400 octets across 700 pieces, again and again",
            // Before each come the pieces, so this is the mean of what an attacker must send.
            cost(nothing, |peer| {
                let across = |first: u32| {
                    packet(peer, |header| header.seq = header.seq.wrapping_add(first), &[7; 1400])
                };
                let block = |block: u32| {
                    let first = block * 3000 + 1;
                    let octets: Vec<_> = (0..700).map(|at| octet(peer, first + 2 * at)).collect();
                    octets.into_iter().chain([across(first)])
                };
                (0..20).flat_map(block).collect()
            }),
        ),
        (
            "1400 octets across what was 700 pieces",
            cost(holes, |peer| {
                let text = [7; 1400];
                let early =
                    |at| packet(peer, |header| header.seq = header.seq.wrapping_add(1 + at % 600), &text);
                (0..many).map(early).collect()
            }),
        ),
        (
            "an octet behind a thousand that touch",
            cost(holes, |peer| {
                let between = (1..1024).map(|at| octet(peer, 2 * at));
                between.chain((0..many).map(|_| octet(peer, 2047))).collect()
            }),
        ),
        (
            "FINs one behind another",
            cost(nothing, |peer| {
                let fin = |at: u32| {
                    let change = |header: &mut tcp::Header| {
                        header.seq = header.seq.wrapping_add(1 + 2 * (at % 1000));
                        header.flags = ACK.with(FIN);
                    };
                    packet(peer, change, b"x")
                };
                (0..many).map(fin).collect()
            }),
        ),
        (
            "SACK blocks of an octet, anywhere",
            cost(sends, |peer| {
                let mut random = Random(9);
                let lie = |_| {
                    packet(
                        peer,
                        |header| {
                            for _ in 0..3 {
                                let at = header.ack.wrapping_add(random.below(40_000) as u32);
                                header.options.sack.push(at, at.wrapping_add(1));
                            }
                        },
                        b"",
                    )
                };
                (0..many).map(lie).collect()
            }),
        ),
        (
            "urgent octets",
            cost(nothing, |peer| {
                let urgent = |at: u32| {
                    packet(
                        peer,
                        |header| {
                            header.seq = header.seq.wrapping_add(at);
                            (header.flags, header.urgent) = (ACK.with(Flags::URG), 1);
                        },
                        b"x",
                    )
                };
                (0..many).map(urgent).collect()
            }),
        ),
    ];
    println!("one octet in order: {order:.0} ns");
    for (name, cost) in kinds {
        println!("{name}: {cost:.0} ns, {:.1} times", cost / order);
        assert!(cost < MOST * order, "{name}: {cost:.0} ns, one octet in order {order:.0} ns");
    }
}

//! Packets that no honest peer sends.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, connected, state, text, transfer};

#[test]
fn malformed_packets_are_counted_and_nothing_panics() {
    let mut link = Link::new(LATENCY);
    let mut packets = Vec::new();
    // Real packets of all kinds to begin with.
    let store = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = std::sync::Arc::clone(&store);
    link.set_faults(move |_, from, packet| {
        sink.lock().unwrap().push((from, packet.to_vec()));
        Fate::Arrives
    });
    transfer(&mut link, [text(20_000, 1), text(20_000, 2)], MINUTE);
    packets.extend(store.lock().unwrap().drain(..).filter(|(from, _)| *from == 0).map(|(_, packet)| packet));

    let mut link = Link::new(LATENCY);
    let (_, _, server) = connected(&mut link);
    let mut random = Random(7);
    let now = link.now();
    let end = &mut link.ends[1];
    let before = end.counters();
    for _ in 0..100_000 {
        let mut packet = packets[random.below(packets.len() as u64) as usize].clone();
        packet.truncate(random.below(packet.len() as u64 + 1) as usize);
        for _ in 0..random.below(4) {
            let len = packet.len() as u64;
            if len > 0 {
                packet[random.below(len) as usize] = random.below(256) as u8;
            }
        }
        end.handle_packet(now, &packet);
        while end.poll_packet(now).is_some() {}
    }
    let after = end.counters();
    assert_eq!(after.received - before.received, 100_000);
    assert!(after.malformed > 90_000, "{after:?}");
    assert_eq!(state(&link, 1, server), State::Established);
}

#[test]
fn well_formed_nonsense_neither_panics_nor_breaks_the_books() {
    for seed in 0..40 {
        let mut link = Link::new(LATENCY);
        let (_, client, server) = connected(&mut link);
        let status = link.ends[1].status(server).unwrap();
        let (a, b) = (status.remote, status.local);
        let last = link.log().last().cloned().unwrap();
        let mut random = Random(seed);
        let mut near = last.header.seq;
        for _ in 0..3000 {
            let now = link.now();
            if random.below(4) == 0 {
                near = last.header.seq.wrapping_add(random.below(70_000) as u32);
            }
            let mut packet = Vec::new();
            forge(&mut random, &mut packet, (a, b), near, last.header.ack);
            link.ends[1].handle_packet(now, &packet);
            if random.below(10) == 0 {
                let _ = link.ends[1].send(now, server, b"text");
                let _ = link.ends[1].receive(now, server, &mut [0; 64]);
            }
            link.run_for(Duration::from_millis(random.below(30)));
        }
        let now = link.now();
        link.ends[0].release(now, client);
        link.ends[1].release(now, server);
        link.run_for(MINUTE * 20);
        assert_eq!(link.ends[1].next_deadline(), None, "seed {seed}: nothing is left waiting");
    }
}

/// A segment with correct checksums and random fields.
fn forge(
    random: &mut Random,
    packet: &mut Vec<u8>,
    (a, b): (std::net::SocketAddr, std::net::SocketAddr),
    seq: u32,
    ack: u32,
) {
    let octets = |socket: std::net::SocketAddr| match socket.ip() {
        std::net::IpAddr::V4(address) => address.octets(),
        std::net::IpAddr::V6(_) => unreachable!("these connections are IPv4"),
    };
    let text = text(random.below(60) as usize, random.0);
    let mut flags = Flags(random.below(64) as u8);
    if random.below(20) != 0 {
        // A RST or SYN that fits would end the story too early.
        flags = flags.without(Flags::RST).with(Flags::ACK);
    }
    let mut tcp = Vec::new();
    tcp.extend(a.port().to_be_bytes());
    tcp.extend(b.port().to_be_bytes());
    tcp.extend(seq.to_be_bytes());
    tcp.extend(ack.wrapping_add(random.below(5) as u32).wrapping_sub(2).to_be_bytes());
    tcp.extend([5 << 4, flags.0]);
    tcp.extend((random.below(65_536) as u16).to_be_bytes());
    tcp.extend([0, 0]);
    tcp.extend((random.below(100) as u16).to_be_bytes());
    tcp.extend(text);
    let mut pseudo = Vec::new();
    pseudo.extend(octets(a));
    pseudo.extend(octets(b));
    pseudo.extend([0, 6]);
    pseudo.extend((tcp.len() as u16).to_be_bytes());
    pseudo.extend(&tcp);
    tcp[16..18].copy_from_slice(&checksum(&pseudo).to_be_bytes());
    packet.extend([0x45, 0]);
    packet.extend((20 + tcp.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    packet.extend(octets(a));
    packet.extend(octets(b));
    let sum = checksum(packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(tcp);
}

fn checksum(octets: &[u8]) -> u16 {
    let mut sum: u32 =
        octets.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

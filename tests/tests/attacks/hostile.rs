//! Packets that no honest peer sends.

use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::{ip, tcp};
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
        let mut link = Link::with(LATENCY, |config| config.timestamps = seed % 2 == 0);
        let (_, client, server) = connected(&mut link);
        let status = link.ends[1].status(server).unwrap();
        let (a, b) = (status.remote, status.local);
        let last = link.log().last().cloned().unwrap();
        let mut random = Random(seed);
        let mut near = last.header;
        for _ in 0..3000 {
            let now = link.now();
            if random.below(4) == 0 {
                near.seq = last.header.seq.wrapping_add(random.below(70_000) as u32);
            }
            let packet = forge(&mut random, (a, b), near);
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
fn forge(random: &mut Random, (a, b): (SocketAddr, SocketAddr), near: tcp::Header) -> Vec<u8> {
    let mut flags = Flags(random.below(64) as u8);
    if random.below(20) != 0 {
        // A RST or SYN that fits would end the story too early.
        flags = flags.without(Flags::RST).with(Flags::ACK);
    }
    let mut options = near.options;
    if let Some(timestamps) = &mut options.timestamps {
        timestamps.val = timestamps.val.wrapping_add(random.below(2000) as u32).wrapping_sub(200);
    }
    let header = tcp::Header {
        source: a.port(),
        destination: b.port(),
        seq: near.seq,
        ack: near.ack.wrapping_add(random.below(5) as u32).wrapping_sub(2),
        flags,
        window: random.below(65_536) as u16,
        urgent: random.below(100) as u16,
        options,
    };
    let text = text(random.below(60) as usize, random.0);
    header.packet(&ip::Header::tcp(a.ip(), b.ip()), (&text, &[]))
}

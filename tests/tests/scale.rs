//! Many connections: what each takes of memory, and that a packet costs the same however many there are.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test reports by panicking")]

use peak_alloc::PeakAlloc;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{ConnectionId, Listen, ListenerId};
use tcpspec_tests::peer::{ACK, FIN, Packet, Peer, SYN};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The peer's socket of this number.
fn peer_socket(n: u32, ipv6: bool) -> SocketAddr {
    let (host, port) = (n / 50_000, (n % 50_000 + 1000) as u16);
    if ipv6 {
        return SocketAddr::from((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 7, host as u16), port));
    }
    SocketAddr::from((Ipv4Addr::from(0x0b00_0000 + host), port))
}

/// An endpoint with so many connections that are established, and what is needed to speak for their peers.
struct Crowd {
    peer: Peer,
    ipv6: bool,
    listener: ListenerId,
    /// For each: the number that it sends next, and the one that it expects.
    numbers: Vec<(u32, u32)>,
    ids: Vec<ConnectionId>,
}

impl Crowd {
    fn new(count: u32, ipv6: bool) -> Self {
        let mut crowd = Self::empty(count, ipv6);
        crowd.connect(count);
        crowd
    }

    /// With room for so many.
    fn empty(count: u32, ipv6: bool) -> Self {
        let mut peer = Peer::new(ipv6, |config| {
            config.msl = Duration::from_secs(30);
            (config.max_connections, config.memory) = (1 << 22, 0);
        });
        // What is kept for the judge of records is not the stack's.
        peer.end.stop_recording();
        let mut listen = Listen::on(80);
        listen.backlog = 2;
        let listener = peer.end.listen_with(&listen).unwrap();
        let mut crowd = Self { peer, ipv6, listener, numbers: Vec::new(), ids: Vec::new() };
        // As large as they will be, so that their own growth is not counted.
        crowd.numbers.reserve_exact(count as usize);
        crowd.ids.reserve_exact(count as usize);
        crowd
    }

    /// Connects so many more.
    fn connect(&mut self, count: u32) {
        let first = self.numbers.len() as u32;
        for n in first..first + count {
            self.numbers.push((n, 0));
            let answer = self.send(n, SYN, &[]).expect("a SYN,ACK");
            self.numbers[n as usize] = (n + 1, answer.tcp.seq.wrapping_add(1));
            self.send(n, ACK, &[]);
            self.ids.push(self.peer.end.accept(self.listener).expect("established"));
        }
    }

    /// We close, the peer closes: this one is in 2MSL.
    fn close(&mut self, n: u32) {
        let now = self.peer.now;
        self.peer.end.release(now, self.ids[n as usize]);
        assert_eq!(self.peer.sent().expect("a FIN").tcp.flags, FIN.with(ACK));
        self.numbers[n as usize].1 = self.numbers[n as usize].1.wrapping_add(1);
        self.send(n, FIN.with(ACK), &[]).expect("the last ACK");
    }

    fn send(&mut self, n: u32, flags: tcpspec::Flags, text: &[u8]) -> Option<Packet> {
        let (seq, ack) = self.numbers[n as usize];
        self.peer.us = peer_socket(n, self.ipv6);
        (self.peer.seq, self.peer.ack) = (seq, ack);
        let header = self.peer.header(flags);
        self.peer.send(&header, text);
        self.peer.sent()
    }
}

/// Octets of an open connection that is idle, and of one in TIME-WAIT. Everything counts: the record, its place, its timer, its part of the index.
const IDLE: usize = 288;
const TIME_WAIT: usize = 96;
/// The same with IPv6.
const IDLE_6: usize = 312;
const TIME_WAIT_6: usize = 128;

/// One test, since it counts the memory of the whole process.
#[test]
fn memory_of_idle_connections_and_of_those_in_2msl() {
    for (ipv6, idle, time_wait) in [(true, IDLE_6, TIME_WAIT_6), (false, IDLE, TIME_WAIT)] {
        memory(ipv6, idle, time_wait);
    }
    a_million_of_each();
    cost_of_a_packet();
}

/// A million that are idle, and a million in TIME-WAIT.
fn a_million_of_each() {
    const COUNT: u32 = 1_000_000;
    const PART: u32 = 50_000;
    let before = MEMORY.current_usage();
    let mut crowd = Crowd::empty(2 * COUNT, false);
    let lists = 2 * COUNT as usize * (size_of::<(u32, u32)>() + size_of::<ConnectionId>());
    // One part after the other goes to rest, so that what is awake is not all awake at once.
    for _ in 0..COUNT / PART {
        crowd.connect(PART);
        crowd.peer.wait(Duration::from_secs(11));
    }
    assert_eq!(crowd.peer.end.resting(), COUNT as usize);
    for _ in 0..COUNT / PART {
        let first = crowd.numbers.len() as u32;
        crowd.connect(PART);
        (first..first + PART).for_each(|n| crowd.close(n));
    }
    assert_eq!(crowd.peer.end.connections(), 2 * COUNT as usize);
    let octets = (MEMORY.current_usage() - before - lists) / COUNT as usize;
    println!("a million idle connections and a million in TIME-WAIT take {octets} million octets");
    // The index grows in steps.
    assert!(octets <= IDLE + TIME_WAIT + 8, "{octets} million octets");
}

/// At most so many octets for one that is idle, and for one in 2MSL.
fn memory(ipv6: bool, idle: usize, time_wait: usize) {
    const COUNT: u32 = 20_000;
    let before = MEMORY.current_usage();
    let mut crowd = Crowd::new(COUNT, ipv6);
    let lists = COUNT as usize * (size_of::<(u32, u32)>() + size_of::<ConnectionId>());
    let each = || (MEMORY.current_usage() - before - lists) / COUNT as usize;
    println!("an established connection that is awake takes {} octets", each());
    crowd.peer.wait(Duration::from_secs(11));
    println!("one that rests takes {} octets", each());
    assert_eq!(crowd.peer.end.resting(), COUNT as usize);
    assert!(each() <= idle, "an idle established connection takes {} octets", each());

    (0..COUNT).for_each(|n| crowd.close(n));
    assert_eq!(crowd.peer.end.connections(), COUNT as usize);
    println!("one in TIME-WAIT takes {} octets", each());
    assert!(each() <= time_wait, "a connection in TIME-WAIT takes {} octets", each());

    // Records are connections: a FIN that comes again is answered, and starts 2MSL anew.
    crowd.peer.wait(Duration::from_secs(40));
    let answer = crowd.send(7, FIN.with(ACK), &[]).expect("answered");
    let (seq, ack) = crowd.numbers[7];
    assert_eq!((answer.tcp.flags, answer.tcp.seq, answer.tcp.ack), (ACK, ack, seq + 1));
    assert!(answer.tcp.window > 0);
    crowd.peer.wait(Duration::from_secs(21));
    assert_eq!(crowd.peer.end.connections(), 1, "2MSL of the others are over");
    let rst = tcpspec_tests::peer::RST;
    crowd.numbers[7].0 += 1;
    crowd.send(7, rst, &[]);
    assert_eq!(crowd.peer.end.connections(), 1, "a RST does not end it (RFC 1337)");
    crowd.peer.wait(Duration::from_secs(40));
    assert_eq!((crowd.peer.end.connections(), crowd.peer.end.next_deadline()), (0, None));
}

/// A packet finds its connection at the same cost, however many there are; a linear search would take a hundred times as long.
fn cost_of_a_packet() {
    let time = |count: u32| {
        let mut crowd = Crowd::new(count, false);
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for i in 0..1000_u32 {
                let n = i.wrapping_mul(7919) % count;
                // An old ACK: looked at, and nothing else.
                let (seq, ack) = crowd.numbers[n as usize];
                let header = tcp::Header { seq, ack, ..crowd.peer.header(ACK) };
                let socket = peer_socket(n, false);
                let header = tcp::Header { source: socket.port(), ..header };
                let path = ip::Header::tcp(socket.ip(), crowd.peer.them.ip());
                crowd.peer.end.handle_packet(crowd.peer.now, &header.packet(&path, (&[], &[])));
            }
            best = best.min(start.elapsed());
            crowd.peer.all();
        }
        best
    };
    let (few, many) = (time(300), time(30_000));
    println!("1000 packets take {few:?} among 300 connections and {many:?} among 30,000");
    assert!(many < few * 20, "1000 packets take {few:?} among 300 connections and {many:?} among 30,000");
}

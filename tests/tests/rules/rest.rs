//! Connections at rest: whatever comes finds one as if it had never rested. Each event meets two twins, one that rests and one that is awake.

use etherparse::{PacketBuilder, icmpv4};
use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::{ConnectionId, Interest, KeepAlive, ListenerId, Settings};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};

/// Longer than a connection stays awake.
const LONG: Duration = Duration::from_secs(11);
const SHORT: Duration = Duration::from_millis(700);

struct Twin {
    peer: Peer,
    listener: ListenerId,
    id: ConnectionId,
    /// What the endpoint's clock for timestamps has shown last.
    clock: u32,
    /// All that could be seen.
    log: String,
}

impl Twin {
    /// A connection with a past: timestamps, SACK, scaled windows, text both ways, some of it early, twice or lost, and settings of its own.
    fn new(ipv6: bool) -> Self {
        let mut peer = Peer::new(ipv6, |_| {});
        let listener = peer.end.listen(80, 4).unwrap();
        let id = peer.connect(listener, |header| {
            let is_syn = header.flags.has(SYN);
            header.options.mss = is_syn.then_some(1400);
            header.options.window_scale = is_syn.then_some(3);
            header.options.sack_permitted = is_syn;
            header.options.timestamps = Some(Timestamps { val: 1, ecr: 0 });
        });
        let mut twin = Self { peer, listener, id, clock: 0, log: String::new() };
        twin.peer.end.set_hop_limit(id, 17).unwrap();
        twin.peer.end.set_traffic_class(id, 8).unwrap();
        let keep_alive = Some(KeepAlive { idle: Duration::from_secs(60), ..KeepAlive::default() });
        let settings = Settings { keep_alive, delayed_ack: Duration::from_millis(30), ..Settings::default() };
        twin.set(settings);
        twin.segment(ACK, b"one");
        twin.call(|twin| {
            let mut text = [0; 9];
            let received = twin.peer.end.receive(twin.peer.now, twin.id, &mut text);
            format!("{received:?} {text:?}")
        });
        // Early, then what was missing.
        twin.peer.seq += 3;
        twin.segment(ACK, b"three");
        twin.peer.seq -= 8;
        twin.segment(ACK, b"two");
        twin.peer.seq += 5;
        twin.call(|twin| format!("{:?}", twin.peer.end.receive(twin.peer.now, twin.id, &mut [0; 99])));
        twin.call(|twin| format!("{:?}", twin.peer.end.send(twin.peer.now, twin.id, &[7; 3000])));
        // The peer answers when it was sent again.
        twin.wait(Duration::from_secs(2));
        twin.segment(ACK, b"");
        twin.wait(SHORT);
        assert_eq!(twin.peer.end.status(id).unwrap().unacknowledged, 0);
        twin
    }

    /// Time passes and the connection rests, or nobody looks at it meanwhile.
    fn rest(mut self, rests: bool) -> Self {
        if rests {
            self.wait(LONG);
        } else {
            self.peer.now = self.peer.now + LONG;
        }
        assert_eq!(self.peer.end.resting(), usize::from(rests));
        self.log.clear();
        self
    }

    fn set(&mut self, settings: Settings) {
        let result = self.peer.end.set_settings(self.peer.now, self.id, settings);
        writeln!(self.log, "{result:?}").unwrap();
        self.look();
    }

    fn call(&mut self, call: impl FnOnce(&mut Self) -> String) {
        let answer = call(self);
        writeln!(self.log, "{answer}").unwrap();
        self.look();
    }

    fn segment(&mut self, flags: Flags, text: &[u8]) {
        let mut header = self.peer.header(flags);
        let val = 1 + self.peer.now.since_origin().as_millis() as u32;
        header.options.timestamps = Some(Timestamps { val, ecr: self.clock });
        self.peer.send(&header, text);
        self.peer.seq += text.len() as u32;
        self.look();
    }

    /// An error of the network about a segment of the connection that has been acknowledged.
    fn report(&mut self, kind: icmpv4::DestUnreachableHeader) {
        let (IpAddr::V4(us), IpAddr::V4(them)) = (self.peer.us.ip(), self.peer.them.ip()) else { return };
        let mut quoted = Vec::new();
        let tcp = PacketBuilder::ipv4(them.octets(), us.octets(), 64);
        let (own, other) = (self.peer.them.port(), self.peer.us.port());
        tcp.tcp(own, other, self.peer.ack.wrapping_sub(1), 100).write(&mut quoted, &[]).unwrap();
        let kind = etherparse::Icmpv4Type::DestinationUnreachable(kind);
        let mut message = Vec::new();
        let router = PacketBuilder::ipv4([10, 0, 0, 254], them.octets(), 64).icmpv4(kind);
        router.write(&mut message, &quoted).unwrap();
        self.peer.send_raw(&message);
        self.look();
    }

    fn wait(&mut self, span: Duration) {
        self.peer.wait(span);
        self.look();
    }

    /// Notes what has been sent, and all that can be asked for.
    fn look(&mut self) {
        for packet in self.peer.all() {
            self.clock = packet.tcp.options.timestamps.map_or(self.clock, |stamps| stamps.val);
            let numbers = packet.text.len() as u32 + u32::from(packet.tcp.flags.has(FIN));
            let end = packet.tcp.seq.wrapping_add(numbers);
            // What was sent again lies before it.
            if end.wrapping_sub(self.peer.ack) < 1 << 31 {
                self.peer.ack = end;
            }
            writeln!(self.log, "{packet:?}").unwrap();
        }
        let (end, id) = (&mut self.peer.end, self.id);
        let ready = Interest::ALL.map(|interest| end.is_ready(id, interest));
        let over = (end.is_over(id), end.is_delivered(), end.first_undelivered(), end.connections());
        writeln!(self.log, "{:?}\n{:?}\n{:?}", end.status(id), end.tcb(id), end.settings(id)).unwrap();
        writeln!(self.log, "{:?} {ready:?} {over:?} {:?}", end.urgent(id), end.counters()).unwrap();
        writeln!(self.log, "{:?} {:?}", end.hop_limit(id), end.traffic_class(id)).unwrap();
        writeln!(self.log, "{:?}\n{:?} {:?}", end.table(), end.undelivered(), end.poll_ready()).unwrap();
    }
}

type Event = (&'static str, fn(&mut Twin));

/// Everything that can come.
const EVENTS: [Event; 31] = [
    ("text", |twin| twin.segment(ACK, b"more")),
    ("an acknowledgment", |twin| twin.segment(ACK, b"")),
    ("an old segment", |twin| {
        twin.peer.seq -= 1;
        twin.segment(ACK, b"e");
    }),
    ("an early segment", |twin| {
        twin.peer.seq += 9;
        twin.segment(ACK, b"early");
        twin.peer.seq -= 14;
        twin.segment(ACK, b"fills it.");
    }),
    ("an old timestamp", |twin| {
        let mut header = twin.peer.header(ACK);
        header.options.timestamps = Some(Timestamps { val: 1, ecr: 0 });
        twin.peer.send(&header, b"old");
        twin.look();
    }),
    ("a window", |twin| {
        let mut header = twin.peer.header(ACK);
        header.window = 9;
        header.options.timestamps = Some(Timestamps { val: 1 << 20, ecr: twin.clock });
        twin.peer.send(&header, b"");
        twin.call(|twin| format!("{:?}", twin.peer.end.send(twin.peer.now, twin.id, &[1; 500])));
    }),
    ("a FIN", |twin| twin.segment(FIN.with(ACK), b"")),
    ("a RST", |twin| twin.segment(RST, b"")),
    ("a RST beside the number", |twin| {
        twin.peer.seq += 1;
        twin.segment(RST, b"");
    }),
    ("a SYN", |twin| twin.segment(SYN, b"")),
    ("urgent text", |twin| {
        let mut header = twin.peer.header(ACK.with(Flags::URG));
        header.urgent = 3;
        header.options.timestamps = Some(Timestamps { val: 1 << 20, ecr: twin.clock });
        twin.peer.send(&header, b"now");
        twin.look();
    }),
    ("a port unreachable", |twin| twin.report(icmpv4::DestUnreachableHeader::Port)),
    ("a network unreachable", |twin| twin.report(icmpv4::DestUnreachableHeader::Network)),
    ("a packet too big", |twin| {
        twin.report(icmpv4::DestUnreachableHeader::FragmentationNeeded { next_hop_mtu: 600 });
    }),
    ("SEND", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.send(twin.peer.now, twin.id, &[1; 20_000])));
        twin.segment(ACK, b"");
    }),
    ("an urgent SEND", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.send_urgent(twin.peer.now, twin.id, b"urgent")));
    }),
    ("SEND of pieces", |twin| {
        let pieces = [std::io::IoSlice::new(b"a"), std::io::IoSlice::new(b"b")];
        twin.call(|twin| format!("{:?}", twin.peer.end.send_vectored(twin.peer.now, twin.id, &pieces)));
    }),
    ("RECEIVE", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.receive(twin.peer.now, twin.id, &mut [0; 9])));
    }),
    ("a peek", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.peek(twin.peer.now, twin.id, &mut [0; 9])));
    }),
    ("CLOSE", |twin| twin.call(|twin| format!("{:?}", twin.peer.end.close(twin.peer.now, twin.id)))),
    ("ABORT", |twin| twin.call(|twin| format!("{:?}", twin.peer.end.abort(twin.peer.now, twin.id)))),
    ("a release", |twin| {
        twin.peer.end.release(twin.peer.now, twin.id);
        twin.look();
        twin.segment(ACK, b"nobody takes it");
    }),
    ("settings", |twin| {
        let settings = twin.peer.end.settings(twin.id).unwrap();
        twin.set(Settings { keep_alive: None, no_delay: true, receive_buffer: 1 << 20, ..settings });
    }),
    ("the IP header", |twin| {
        twin.peer.end.set_hop_limit(twin.id, 3).unwrap();
        twin.peer.end.set_traffic_class(twin.id, 4).unwrap();
        twin.segment(ACK, b"answer this");
        twin.wait(SHORT);
    }),
    ("a look for errors", |twin| {
        twin.call(|twin| {
            format!("{:?} {:?}", twin.peer.end.take_error(twin.id), twin.peer.end.check_loss(twin.id))
        });
    }),
    ("a wait", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.wait_for(twin.id, Interest::EVERY)));
        twin.segment(ACK, b"come");
    }),
    ("an administrator", |twin| {
        let (us, them) = (twin.peer.us, twin.peer.them);
        twin.call(|twin| format!("{:?}", twin.peer.end.abort_connection(twin.peer.now, them, us)));
    }),
    ("an OPEN of the same sockets", |twin| {
        let (us, port) = (twin.peer.us, Some(twin.peer.them.port()));
        twin.call(|twin| format!("{:?}", twin.peer.end.connect(twin.peer.now, port, us)));
    }),
    ("the end of the listener", |twin| {
        twin.peer.end.close_listener(twin.peer.now, twin.listener);
        twin.segment(ACK, b"on");
    }),
    ("the end of the stack", |twin| {
        twin.call(|twin| format!("{:?}", twin.peer.end.stop(twin.peer.now)));
    }),
    ("nothing", |twin| twin.look()),
];

#[test]
fn every_event_finds_a_connection_that_rests_as_it_was() {
    for ipv6 in [false, true] {
        for (name, event) in EVENTS {
            let mut logs = [true, false].map(|rests| {
                let mut twin = Twin::new(ipv6).rest(rests);
                event(&mut twin);
                twin.wait(SHORT);
                // Whatever it was, the connection goes on.
                twin.segment(ACK, b"on");
                twin.wait(Duration::from_secs(3));
                twin.log
            });
            let [resting, awake] = &mut logs;
            assert!(resting.len() > 1000, "{name}");
            assert_eq!(resting, awake, "{name}, IPv6: {ipv6}");
        }
    }
}

#[test]
fn the_timer_of_keep_alive_runs_on_while_a_connection_rests() {
    let mut twin = Twin::new(false).rest(true);
    twin.wait(Duration::from_secs(48));
    assert_eq!(twin.peer.end.resting(), 1);
    assert!(!twin.log.contains("Packet"), "{}", twin.log);
    let ack = twin.peer.ack;
    twin.peer.wait(Duration::from_secs(1));
    let probe = twin.peer.sent().expect("a probe after 60 s");
    assert_eq!((probe.tcp.seq, probe.text.len()), (ack.wrapping_sub(1), 0));
    // It rests between the probes, and counts them.
    for _ in 1..9 {
        twin.peer.wait(Duration::from_secs(74));
        assert_eq!(twin.peer.end.resting(), 1);
        // A timer may run out a little late.
        twin.peer.wait(Duration::from_millis(1010));
        assert!(twin.peer.sent().is_some());
    }
    twin.peer.wait(Duration::from_secs(76));
    assert_eq!(twin.peer.end.status(twin.id).unwrap().state, State::Closed);
}

#[test]
fn what_waits_for_something_does_not_rest() {
    // Text that nobody has read, text that is not acknowledged, text that came early, a window that is shut.
    let waits: [fn(&mut Twin); 4] = [
        |twin| twin.segment(ACK, b"unread"),
        |twin| twin.call(|twin| format!("{:?}", twin.peer.end.send(twin.peer.now, twin.id, b"unanswered"))),
        |twin| {
            twin.peer.seq += 9;
            twin.segment(ACK, b"early");
        },
        |twin| {
            let mut header = twin.peer.header(ACK);
            header.window = 0;
            header.options.timestamps = Some(Timestamps { val: 1 << 20, ecr: twin.clock });
            twin.peer.send(&header, b"");
            twin.call(|twin| format!("{:?}", twin.peer.end.send(twin.peer.now, twin.id, b"behind it")));
        },
    ];
    for (number, wait) in waits.into_iter().enumerate() {
        let mut twin = Twin::new(false);
        wait(&mut twin);
        twin.wait(LONG);
        assert_eq!(twin.peer.end.resting(), 0, "{number}");
        if number == 0 {
            // Once it is read, nothing keeps it awake.
            twin.call(|twin| format!("{:?}", twin.peer.end.receive(twin.peer.now, twin.id, &mut [0; 9])));
            twin.wait(LONG);
            assert_eq!(twin.peer.end.resting(), 1);
        }
    }
}

#[test]
fn a_call_that_changes_nothing_wakes_nobody_for_long() {
    let mut twin = Twin::new(false).rest(true);
    twin.peer.end.take_error(twin.id).unwrap();
    assert_eq!(twin.peer.end.resting(), 0);
    twin.wait(Duration::from_millis(1));
    assert_eq!(twin.peer.end.resting(), 1);
    // Looks wake nobody at all.
    let before = twin.peer.end.next_deadline();
    twin.look();
    assert_eq!((twin.peer.end.resting(), twin.peer.end.next_deadline()), (1, before));
}

//! Who is let in, what happens where there is no room, and which places are free.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Row, State};
use tcpspec_stack::device::memory::Link;
use tcpspec_stack::wire::options::{Options, Timestamps};
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{Config, Error, Listen, ListenerId, Received};
use tcpspec_tests::peer::{ACK, FIN, Packet, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, socket, socket6, state, text};

const BOTH: [bool; 2] = [false, true];

/// A way to listen, with changes.
fn listen(port: u16, change: impl FnOnce(&mut Listen)) -> Listen {
    let mut listen = Listen::on(port);
    change(&mut listen);
    listen
}

/// A SYN from this port; what answers it.
fn syn(peer: &mut Peer, port: u16, options: Options) -> Option<Packet> {
    let header = tcp::Header { source: port, seq: u32::from(port) * 1000, options, ..peer.header(SYN) };
    peer.send(&header, &[]);
    peer.sent()
}

/// The acknowledgment of that answer, with this text.
fn ack(peer: &mut Peer, answer: &Packet, text: &[u8]) -> tcp::Header {
    let timestamps = answer.tcp.options.timestamps.map(|theirs| Timestamps { val: 700, ecr: theirs.val });
    let header = tcp::Header {
        source: answer.tcp.destination,
        seq: answer.tcp.ack,
        ack: answer.tcp.seq.wrapping_add(1),
        options: Options { timestamps, ..Options::default() },
        ..peer.header(ACK)
    };
    peer.send(&header, text);
    header
}

// --- Room ---

#[test]
fn beyond_the_backlog_nothing_is_established_until_somebody_accepts() {
    let mut link = Link::new(LATENCY);
    let listener = link.ends[1].listen(80, 2).unwrap();
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let clients: Vec<_> = (0..5).map(|_| link.ends[0].connect(now, None, remote).unwrap()).collect();
    link.run_for(LATENCY * 4);
    // All five were let in while there was room; the acknowledgments of three count as lost.
    assert_eq!(link.ends[1].counters().accepts_overflowed, 3);
    // Another is not let in at all.
    let now = link.now();
    let late = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!((link.ends[1].counters().overflowed, state(&link, 0, late)), (1, State::SynSent));
    let mut accepted = Vec::new();
    link.run_until(MINUTE, |link| {
        accepted.extend(link.ends[1].accept(listener));
        accepted.len() == 6
    });
    assert_eq!(accepted.len(), 6, "each in turn");
    for (client, server) in clients.iter().chain([&late]).zip(&accepted) {
        assert_eq!(state(&link, 0, *client), State::Established);
        assert_eq!(state(&link, 1, *server), State::Established);
    }
}

#[test]
fn a_reset_reaches_a_half_open_child_though_the_backlog_is_full() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.listen(80, 1).unwrap();
    let [one, two] = [1, 2].map(|port| syn(&mut peer, port, Options::default()).unwrap());
    ack(&mut peer, &one, &[]);
    ack(&mut peer, &two, &[]);
    assert_eq!((peer.end.connections(), peer.end.counters().accepts_overflowed), (2, 1));
    let rst = tcp::Header { flags: RST.with(ACK), ..ack(&mut peer, &two, &[]) };
    peer.send(&rst, &[]);
    assert_eq!(peer.end.connections(), 1);
}

#[test]
fn without_cookies_syns_beyond_the_limit_are_dropped_in_silence() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.listen_with(&listen(80, |listen| (listen.half_open, listen.cookies) = (3, false))).unwrap();
    let answered = (1..=5).filter(|port| syn(&mut peer, *port, Options::default()).is_some()).count();
    assert_eq!((answered, peer.end.connections(), peer.end.counters().overflowed), (3, 3, 2));
}

// --- SYN cookies ---

/// A listener with no room for half-open connections but one, which is taken.
fn crowded(ipv6: bool, change: impl FnOnce(&mut Config)) -> (Peer, ListenerId) {
    let mut peer = Peer::new(ipv6, change);
    let listener =
        peer.end.listen_with(&listen(80, |listen| (listen.half_open, listen.backlog) = (1, 10))).unwrap();
    syn(&mut peer, 1, Options::default()).unwrap();
    (peer, listener)
}

/// What a SYN offers.
fn offer() -> Options {
    Options {
        mss: Some(1350),
        window_scale: Some(3),
        sack_permitted: true,
        timestamps: Some(Timestamps { val: 600, ecr: 0 }),
        ..Options::default()
    }
}

#[test]
fn a_cookie_that_comes_back_is_a_connection_made_by_the_same_rows() {
    for ipv6 in BOTH {
        let (mut peer, listener) = crowded(ipv6, |_| {});
        let fired = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&fired);
        peer.end.observe(move |row| sink.lock().unwrap().push(row.row));
        let answer = syn(&mut peer, 7, offer()).expect("a SYN,ACK");
        assert_eq!(answer.tcp.flags, SYN.with(ACK));
        assert_eq!(answer.tcp.ack, 7001);
        let options = answer.tcp.options;
        assert!(options.window_scale.is_some() && options.timestamps.is_some());
        assert_eq!(
            (peer.end.connections(), peer.end.counters().cookies_sent),
            (1, 1),
            "nothing is remembered"
        );
        let deadline = peer.end.next_deadline();

        peer.wait(Duration::from_millis(500));
        fired.lock().unwrap().clear();
        let header = ack(&mut peer, &answer, b"hello");
        let id = peer.end.accept(listener).expect("established");
        let rows = std::mem::take(&mut *fired.lock().unwrap());
        let position =
            |row| rows.iter().position(|r| *r == row).unwrap_or_else(|| panic!("{row:?}: {rows:?}"));
        assert!(position(Row::ListenSyn) < position(Row::AckSyn));
        assert!(deadline.is_some(), "that of the half-open one");
        assert_eq!(peer.end.counters().cookies_returned, 1);
        assert!(peer.all().iter().all(|packet| !packet.tcp.flags.has(SYN)), "the SYN,ACK is not sent again");

        let status = peer.end.status(id).unwrap();
        assert_eq!((status.state, status.remote.port()), (State::Established, 7));
        // The scale, and the next smaller segment size that a cookie can name, without timestamps' twelve octets.
        assert_eq!((status.send_window, status.mss), (u32::from(header.window) << 3, 1300 - 12));
        let took = status.round_trip.unwrap().as_millis();
        assert!((500..532).contains(&took), "by the timestamp, whose lowest bits were needed: {took}");
        let mut buffer = [0; 10];
        assert_eq!(peer.end.receive(peer.now, id, &mut buffer), Ok(Received::Text(5)));
        // And it works to the end.
        peer.all();
        peer.end.send(peer.now, id, b"you too").unwrap();
        let sent = peer.sent().unwrap();
        assert_eq!((&sent.text[..], sent.tcp.seq), (&b"you too"[..], header.ack));
        let stamps = sent.tcp.options.timestamps.unwrap();
        assert!(stamps.val.wrapping_sub(options.timestamps.unwrap().val) < 1000, "the clock goes on");
        let fin = tcp::Header { seq: header.seq + 5, ack: header.ack + 7, flags: FIN.with(ACK), ..header };
        peer.send(&fin, &[]);
        peer.end.close(peer.now, id).unwrap();
        assert_eq!(peer.end.status(id).unwrap().state, State::LastAck);
    }
}

#[test]
fn without_timestamps_a_cookie_promises_less() {
    let (mut peer, listener) = crowded(false, |_| {});
    let answer = syn(&mut peer, 7, Options { timestamps: None, ..offer() }).unwrap();
    assert_eq!(answer.tcp.options, Options { mss: Some(1460), ..Options::default() });
    let header = ack(&mut peer, &answer, &[]);
    let id = peer.end.accept(listener).unwrap();
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.send_window, status.mss), (header.window.into(), 1300));
    assert_eq!(status.round_trip, None, "nobody knows how long it took");
}

#[test]
fn what_is_no_cookie_of_ours_is_answered_by_a_reset() {
    for (what, wait, change) in
        [("the number is off by one", 0, 1_i64), ("another number of the peer's", 0, 0), ("too late", 130, 0)]
    {
        let (mut peer, listener) = crowded(false, |_| {});
        let answer = syn(&mut peer, 7, offer()).unwrap();
        peer.wait(Duration::from_secs(wait));
        // The half-open one asks again meanwhile.
        peer.all();
        let mut answer = answer;
        answer.tcp.seq = answer.tcp.seq.wrapping_add(change as u32);
        if what.starts_with("another") {
            answer.tcp.ack += 1;
        }
        let header = ack(&mut peer, &answer, &[]);
        assert_eq!(peer.end.accept(listener), None, "{what}");
        let reset = peer.sent().expect("a RST");
        assert_eq!((reset.tcp.flags, reset.tcp.seq), (RST, header.ack), "{what}");
    }
}

#[test]
fn where_no_cookie_was_sent_none_is_looked_for() {
    // The listener of another stack with the same key has sent the cookie.
    let (mut peer, _) = crowded(false, |_| {});
    let answer = syn(&mut peer, 7, offer()).unwrap();
    let mut quiet = Peer::new(false, |_| {});
    let listener = quiet.end.listen(80, 1).unwrap();
    ack(&mut quiet, &answer, &[]);
    assert_eq!((quiet.end.accept(listener), quiet.sent().unwrap().tcp.flags), (None, RST));
}

#[test]
fn a_cookie_does_not_get_past_a_full_backlog_but_may_try_again() {
    let mut peer = Peer::new(false, |_| {});
    let listener =
        peer.end.listen_with(&listen(80, |listen| (listen.half_open, listen.backlog) = (1, 1))).unwrap();
    let first = syn(&mut peer, 1, Options::default()).unwrap();
    let second = syn(&mut peer, 2, Options::default()).unwrap();
    assert_eq!(peer.end.counters().cookies_sent, 1);
    ack(&mut peer, &first, &[]);
    ack(&mut peer, &second, b"text");
    assert_eq!((peer.end.counters().accepts_overflowed, peer.sent()), (1, None));
    let one = peer.end.accept(listener).unwrap();
    // The peer sends its text again.
    ack(&mut peer, &second, b"text");
    let two = peer.end.accept(listener).unwrap();
    let ports = [one, two].map(|id| peer.end.status(id).unwrap().remote.port());
    assert_eq!(ports, [1, 2]);
}

#[test]
fn a_flood_of_syns_takes_bounded_room_and_does_not_keep_others_out() {
    for ipv6 in BOTH {
        let mut link = Link::new(LATENCY);
        let listener = link.ends[1].listen(80, 16).unwrap();
        let server = if ipv6 { socket6(&link.ends[1], 80) } else { socket(&link.ends[1], 80) };
        let mut flood = Peer::new(ipv6, |_| {});
        flood.them = server;
        let now = link.now();
        for n in 0..20_000_u32 {
            // From addresses where nobody answers.
            flood.us = match server.ip() {
                IpAddr::V4(_) => SocketAddr::new(IpAddr::V4((0x0b00_0000 + n).into()), 1024),
                IpAddr::V6(_) => {
                    SocketAddr::new(IpAddr::V6((0xfd01_u128 << 112 | u128::from(n)).into()), 1024)
                }
            };
            let header = flood.header(SYN);
            let ip = tcpspec_stack::wire::ip::Header::tcp(flood.us.ip(), server.ip());
            link.ends[1].handle_packet(now, &header.packet(&ip, (&[], &[])));
            while link.ends[1].poll_packet(now).is_some() {}
        }
        assert_eq!(link.ends[1].connections(), 256);
        assert_eq!(link.ends[1].counters().cookies_sent, 20_000 - 256);
        let now = link.now();
        let client = link.ends[0].connect(now, None, server).unwrap();
        link.run_for(LATENCY * 4);
        let id = link.ends[1].accept(listener).expect("a client gets in");
        let now = link.now();
        link.ends[0].send(now, client, &text(5000, 1)).unwrap();
        link.run_for(LATENCY * 20);
        assert_eq!(link.ends[1].status(id).unwrap().unread, 5000);
        // Those who never answer are given up after R2.
        link.run_for(MINUTE * 10);
        assert_eq!(link.ends[1].connections(), 1);
    }
}

// --- Places ---

/// RFC 9293: MUST-43
#[test]
fn a_listener_may_have_one_address_or_all_and_the_nearer_one_counts() {
    let mut link = Link::new(LATENCY);
    let [v4, v6] = [socket(&link.ends[1], 80), socket6(&link.ends[1], 80)];
    let end = &mut link.ends[1];
    let on = |socket: SocketAddr| listen(80, |listen| listen.address = Some(socket.ip()));
    let one = end.listen_with(&on(v4)).unwrap();
    assert_eq!(end.listen(80, 1), Err(Error::AddressInUse), "one of all is taken");
    assert_eq!(end.listen_with(&on(v4)), Err(Error::AddressInUse));
    let two = end.listen_with(&on(v6)).unwrap();
    let elsewhere = listen(80, |listen| listen.address = Some("10.9.9.9".parse().unwrap()));
    assert_eq!(end.listen_with(&elsewhere), Err(Error::NoAddress));
    assert_eq!((end.listener_socket(one), end.listener_socket(two)), (Ok(v4), Ok(v6)));
    let all = end.listen(81, 1).unwrap();
    assert_eq!(end.listener_socket(all), Ok("0.0.0.0:81".parse().unwrap()));
    for remote in [v4, v6, SocketAddr::new(v4.ip(), 81), SocketAddr::new(v6.ip(), 81)] {
        let now = link.now();
        link.ends[0].connect(now, None, remote).unwrap();
        link.run_for(LATENCY * 4);
        let found = [one, two, all].map(|id| link.ends[1].accept(id).is_some());
        let expected = [remote == v4, remote == v6, remote.port() == 81];
        assert_eq!(found, expected, "{remote}");
    }
    let now = link.now();
    link.ends[1].close_listener(now, two);
    let client = link.ends[0].connect(now, None, v6).unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!(
        link.ends[0].status(client).unwrap().error,
        Some(Error::Refused),
        "nobody listens there any more"
    );
    assert_eq!(link.ends[1].listener_socket(two), Err(Error::NoSocket));
}

#[test]
fn port_zero_lets_the_stack_choose() {
    let mut link = Link::with(LATENCY, |config| config.ephemeral_ports = 50_000..=50_002);
    let end = &mut link.ends[1];
    let ports: Vec<_> = (0..3)
        .map(|_| {
            let id = end.listen_with(&Listen::on(0)).unwrap();
            end.listener_socket(id).unwrap().port()
        })
        .collect();
    assert_eq!(ports, [50_000, 50_001, 50_002]);
    assert_eq!(end.listen_with(&Listen::on(0)), Err(Error::PortsExhausted));
}

/// RFC 9293: MUST-13
#[test]
fn with_reuse_a_port_in_2msl_can_be_listened_on_and_its_pairs_stay_taken() {
    for reuse in BOTH {
        let mut link = Link::new(LATENCY);
        let (listener, client, server) = connected(&mut link);
        let again = listen(80, |listen| listen.reuse_address = reuse);
        let now = link.now();
        link.ends[1].close_listener(now, listener);
        assert_eq!(link.ends[1].listen_with(&again), Err(Error::AddressInUse), "while a connection lives");
        // The server closes first and so waits.
        link.ends[1].close(now, server).unwrap();
        link.run_for(LATENCY * 3);
        assert_eq!(link.ends[1].listen_with(&again), Err(Error::AddressInUse), "while it closes");
        let now = link.now();
        link.ends[0].close(now, client).unwrap();
        link.run_for(LATENCY * 3);
        assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::Closed, State::TimeWait));
        let listener = link.ends[1].listen_with(&again);
        assert_eq!(listener.is_ok(), reuse);
        let Ok(listener) = listener else { continue };
        // The old pair of sockets is still in 2MSL, others are free.
        let remote = socket(&link.ends[1], 80);
        let now = link.now();
        let same = link.ends[0].connect(now, Some(5000), remote).unwrap();
        let another = link.ends[0].connect(now, Some(5001), remote).unwrap();
        link.run_for(LATENCY * 4);
        assert_eq!(state(&link, 0, another), State::Established);
        assert!(link.ends[1].accept(listener).is_some());
        assert_ne!(state(&link, 0, same), State::Established);
    }
}

#[test]
fn ephemeral_ports_are_spread_and_each_is_used_once() {
    let mut link = Link::with(LATENCY, |config| config.ephemeral_ports = 50_000..=50_099);
    let remotes: Vec<SocketAddr> =
        (1..=3).map(|last| SocketAddr::from(([10, 0, 0, 10 + last], 80))).collect();
    let mut firsts = HashSet::new();
    for remote in remotes {
        let now = link.now();
        let ports: Vec<u16> = (0..100)
            .map(|_| {
                let id = link.ends[0].connect(now, None, remote).unwrap();
                link.ends[0].status(id).unwrap().local.port()
            })
            .collect();
        firsts.insert(ports[0]);
        assert_eq!(ports.iter().collect::<HashSet<_>>().len(), 100);
        assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted));
    }
    assert_eq!(firsts.len(), 3, "where the search begins differs");
}

#[test]
fn in_the_quiet_time_nothing_is_sent() {
    for quiet in BOTH {
        let mut peer = Peer::new(false, |config| {
            config.quiet_time = quiet;
            config.msl = Duration::from_secs(30);
        });
        peer.now = tcpspec_stack::Time::at(Duration::from_secs(500));
        let listener = peer.end.listen(80, 1).unwrap();
        // For the listener, and for nobody.
        for (seconds, port) in [(0, 80), (29, 81)] {
            peer.wait(Duration::from_secs(seconds));
            let header = tcp::Header { destination: port, ..peer.header(SYN) };
            peer.send(&header, &[]);
            assert_eq!(peer.all().is_empty(), quiet);
            let there = peer.us;
            assert_eq!(peer.end.connect(peer.now, None, there).is_err(), quiet);
            peer.all();
        }
        assert_eq!(peer.end.counters().quiet, if quiet { 2 } else { 0 });
        assert_eq!(peer.end.next_deadline().is_none(), quiet);
        if quiet {
            assert_eq!(peer.end.connect(peer.now, None, peer.us), Err(Error::QuietTime));
            peer.wait(Duration::from_secs(1));
            peer.connect(listener, |_| {});
        }
    }
}

#[test]
fn connections_are_bounded_as_a_whole() {
    let mut peer = Peer::new(false, |config| config.max_connections = 3);
    peer.end.listen(80, 10).unwrap();
    let there = peer.us;
    assert!(peer.end.connect(peer.now, None, there).is_ok());
    peer.all();
    let answered = (1..=5).filter(|port| syn(&mut peer, *port, Options::default()).is_some()).count();
    assert_eq!((answered, peer.end.connections(), peer.end.counters().overflowed), (2, 3, 3));
    assert_eq!(peer.end.connect(peer.now, None, there), Err(Error::TooManyConnections));
}

/// RFC 9293: MUST-46, MUST-63
#[test]
fn a_broadcast_address_is_nobody() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.listen(80, 10).unwrap();
    let broadcast = SocketAddr::from(([10, 0, 0, 255], 5000));
    assert_eq!(peer.end.connect(peer.now, None, broadcast), Err(Error::AddressInvalid));
    // A SYN from there is dropped in silence.
    peer.us = broadcast;
    assert_eq!(syn(&mut peer, 1, Options::default()), None);
    assert_eq!(peer.end.counters().malformed, 1);
    // In a larger network it is a host like others.
    let mut peer = Peer::new(false, |config| config.ipv4 = Some(([10, 0, 0, 1].into(), 16)));
    peer.end.listen(80, 10).unwrap();
    peer.us = broadcast;
    assert!(syn(&mut peer, 1, Options::default()).is_some());
}

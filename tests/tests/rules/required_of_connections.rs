//! What Appendix B of RFC 9293 asks of connections and no other test shows: opening and closing, addresses, what IP brings, limits and timers. `docs/rfc.md`
//! says which tests show which requirement.

use etherparse::{IpHeaders, IpNumber, Ipv4Extensions, Ipv4Header, PacketBuilder};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{Config, ConnectionId, Error, KeepAlive, Listen, Received};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, socket, state};

const BOTH: [bool; 2] = [false, true];
const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A peer with a connection to a listener, and the connection.
fn played(change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, change);
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |_| {});
    (peer, id)
}

/// Sends text that comes next.
fn arrive(peer: &mut Peer, text: &[u8]) {
    let header = peer.header(ACK);
    peer.send(&header, text);
    peer.seq = peer.seq.wrapping_add(text.len() as u32);
}

fn status(peer: &Peer, id: ConnectionId) -> tcpspec_stack::Status {
    peer.end.status(id).unwrap()
}

fn reusing(port: u16) -> Listen {
    let mut listen = Listen::on(port);
    listen.reuse_address = true;
    listen
}

// --- Opening ---

/// A RST meets SYN-RECEIVED, which was reached by a passive OPEN or by SYNs that crossed.
///
/// RFC 9293: MUST-11
#[test]
fn whoever_was_called_listens_on_and_who_has_called_hears_that_he_is_refused() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 4).unwrap();
    let syn = peer.header(SYN);
    peer.send(&syn, &[]);
    let rst = tcp::Header { seq: peer.seq + 1, ..peer.header(RST) };
    assert_eq!((peer.sent().unwrap().tcp.flags, peer.end.connections()), (SYN.with(ACK), 1));
    peer.send(&rst, &[]);
    assert_eq!((peer.end.connections(), peer.end.accept(listener)), (0, None));
    peer.us.set_port(5001);
    peer.connect(listener, |_| {});

    let mut peer = Peer::new(false, |_| {});
    let id = peer.end.connect(peer.now, Some(80), peer.us).unwrap();
    let syn = peer.header(SYN);
    peer.send(&syn, &[]);
    assert_eq!(status(&peer, id).state, State::SynReceived);
    peer.send(&rst, &[]);
    assert_eq!((status(&peer, id).state, status(&peer, id).error), (State::Closed, Some(Error::Refused)));
}

/// RFC 9293: MUST-41
#[test]
fn listening_twice_fails_and_leaves_the_first_and_its_connections_alone() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 4).unwrap();
    let twice = |peer: &mut Peer| {
        for again in [Listen::on(80), reusing(80)] {
            assert_eq!(peer.end.listen_with(&again), Err(Error::AddressInUse));
        }
    };
    twice(&mut peer);
    let id = peer.connect(listener, |_| {});
    twice(&mut peer);
    arrive(&mut peer, b"still here");
    assert_eq!((status(&peer, id).state, status(&peer, id).unread), (State::Established, 10));
    // The listener lets others in, as before.
    peer.all();
    let syn = tcp::Header { source: 1, ..peer.header(SYN) };
    peer.send(&syn, &[]);
    assert_eq!(peer.sent().unwrap().tcp.flags, SYN.with(ACK));
}

/// RFC 9293: MUST-42
#[test]
fn a_port_whose_connection_is_still_opening_can_be_listened_on() {
    for crossed in BOTH {
        let mut peer = Peer::new(false, |_| {});
        let id = peer.end.connect(peer.now, Some(80), peer.us).unwrap();
        let iss = peer.sent().unwrap().tcp.seq;
        if crossed {
            let syn = peer.header(SYN);
            peer.send(&syn, &[]);
            peer.all();
            peer.seq += 1;
        }
        assert_eq!(status(&peer, id).state, if crossed { State::SynReceived } else { State::SynSent });
        assert_eq!(
            peer.end.listen(80, 4),
            Err(Error::AddressInUse),
            "who does not ask for it does not get it"
        );
        let listener = peer.end.listen_with(&reusing(80)).unwrap();
        // Both live: another peer is let in, and the attempt goes on.
        let (us, seq, ack) = (peer.us, peer.seq, peer.ack);
        peer.us.set_port(5001);
        let other = peer.connect(listener, |_| {});
        (peer.us, peer.seq, peer.ack) = (us, seq, ack);
        peer.ack = iss.wrapping_add(1);
        let answer = peer.header(if crossed { ACK } else { SYN.with(ACK) });
        peer.send(&answer, &[]);
        for id in [id, other] {
            assert_eq!(status(&peer, id).state, State::Established);
        }
        // Now the port is in use.
        let now = peer.now;
        peer.end.close_listener(now, listener);
        assert_eq!(peer.end.listen_with(&reusing(80)), Err(Error::AddressInUse));
    }
}

// --- Closing ---

/// RFC 9293: SHLD-2
#[test]
fn a_rst_may_say_why() {
    let (mut peer, id) = played(|_| {});
    let rst = peer.header(RST);
    peer.send(&rst, b"because");
    assert_eq!((status(&peer, id).state, status(&peer, id).error), (State::Closed, Some(Error::Reset)));
    assert_eq!(status(&peer, id).unread, 0, "and that is not text");
}

/// RFC 9293: SHLD-3
#[test]
fn a_peer_whose_text_nobody_will_read_hears_a_rst() {
    for before in BOTH {
        let (mut peer, id) = played(|_| {});
        if before {
            arrive(&mut peer, b"unread");
        }
        peer.all();
        peer.end.release(peer.now, id);
        if !before {
            let fin = peer.sent().unwrap().tcp;
            assert_eq!(fin.flags, FIN.with(ACK));
            arrive(&mut peer, b"too late");
        }
        assert_eq!(peer.all().last().map(|packet| packet.tcp.flags), Some(RST), "unread before: {before}");
        assert_eq!(peer.end.connections(), 0);
    }
}

/// A connection in 2MSL that the peer opens anew, with or without these options.
///
/// RFC 9293: SHLD-4, MAY-2
#[test]
fn a_newer_syn_reopens_a_connection_in_2msl_if_that_is_asked_for() {
    for (by_timestamp, by_number) in [(false, false), (true, false), (false, true)] {
        for newer in BOTH {
            let mut peer = Peer::new(false, |config| {
                config.options.reopen_by_timestamp = by_timestamp;
                config.options.reopen_by_sequence = by_number;
            });
            let stamp = |header: &mut tcp::Header, val| {
                header.options.timestamps = Some(Timestamps { val, ecr: 0 }).filter(|_| !by_number);
            };
            let listener = peer.end.listen(80, 4).unwrap();
            let id = peer.connect(listener, |header| stamp(header, 500));
            peer.end.close(peer.now, id).unwrap();
            let last = peer.sent().unwrap().tcp.seq;
            peer.ack += 1;
            let mut fin = peer.header(FIN.with(ACK));
            stamp(&mut fin, 501);
            peer.send(&fin, &[]);
            assert_eq!(status(&peer, id).state, State::TimeWait);
            peer.end.release(peer.now, id);
            peer.all();
            let mut syn = peer.header(SYN);
            stamp(&mut syn, if newer { 502 } else { 501 });
            // Where its timestamp is newer, the number may even be an older one.
            syn.seq = if by_number && newer { peer.seq + 1000 } else { peer.seq - 10 };
            peer.send(&syn, &[]);
            let answer = peer.sent().map(|packet| packet.tcp);
            let opens = answer.is_some_and(|answer| answer.flags == SYN.with(ACK));
            assert_eq!(opens, newer && (by_timestamp || by_number), "{by_timestamp} {by_number} {newer}");
            if let Some(answer) = answer.filter(|_| opens) {
                assert!((answer.seq.wrapping_sub(last) as i32) > 0, "beyond what was used");
            }
        }
    }
}

// --- Addresses, and what IP brings ---

/// RFC 9293: MUST-46, MUST-57, MUST-63
#[test]
fn addresses_that_no_host_has_neither_call_nor_are_called() {
    let nobody =
        ["255.255.255.255", "10.0.0.255", "224.0.0.1", "239.1.2.3", "0.0.0.0", "0.1.2.3", "127.0.0.1"];
    let nobody = nobody.into_iter().chain(["ff02::1", "ff0e::5", "::", "::1", "::ffff:10.0.0.2"]);
    for address in nobody.map(|address| address.parse::<IpAddr>().unwrap()) {
        for any in BOTH {
            let mut peer = Peer::new(address.is_ipv6(), |config| config.any_destination = any);
            peer.end.listen(80, 4).unwrap();
            let whom = SocketAddr::new(address, 80);
            // Inside, a loopback address is this host.
            if !address.is_loopback() {
                assert_eq!(peer.end.connect(peer.now, None, whom), Err(Error::AddressInvalid), "{address}");
            }
            let (us, them) = (peer.us, peer.them);
            for (from, to) in [(whom, them), (us, whom)] {
                (peer.us, peer.them) = (from, to);
                let syn = peer.header(SYN);
                peer.send(&syn, &[]);
                // Not even for a port where nobody listens.
                peer.them.set_port(81);
                let syn = peer.header(SYN);
                peer.send(&syn, &[]);
                assert_eq!(peer.all(), [], "{from} calls {to}, any: {any}");
            }
            assert_eq!(peer.end.connections(), 0);
        }
    }
}

/// Record Route, a timestamp, and the source route by which the packet came (RFC 791 §3.1).
///
/// RFC 9293: MUST-50
#[test]
fn ip_options_are_passed_over() {
    let routes: [&[u8]; 3] =
        [&[7, 7, 8, 10, 9, 9, 9, 0], &[68, 12, 13, 0, 0, 0, 0, 1, 0, 0, 0, 2], &[131, 7, 8, 10, 9, 9, 9, 1]];
    for options in routes {
        let mut peer = Peer::new(false, |_| {});
        peer.end.listen(80, 4).unwrap();
        let mut header = Ipv4Header::new(0, 64, IpNumber::TCP, [10, 0, 0, 2], [10, 0, 0, 1]).unwrap();
        header.options = options.try_into().unwrap();
        let ip = IpHeaders::Ipv4(header, Ipv4Extensions::default());
        let mut packet = Vec::new();
        PacketBuilder::ip(ip).tcp(5000, 80, 1000, 60_000).syn().write(&mut packet, &[]).unwrap();
        peer.send_raw(&packet);
        assert_eq!(peer.raw.front().map(|packet| packet[0]), Some(0x45), "and not sent back");
        let answer = peer.sent().unwrap();
        assert_eq!((answer.tcp.flags, answer.tcp.ack), (SYN.with(ACK), 1001));
    }
}

/// RFC 9293: MAY-12
#[test]
fn text_with_an_acknowledgment_from_long_ago_is_not_believed() {
    for (back, believed) in [(60_000, true), (60_001, false)] {
        let (mut peer, id) = played(|_| {});
        let header = tcp::Header { ack: peer.ack.wrapping_sub(back), ..peer.header(ACK) };
        peer.send(&header, b"injected");
        assert_eq!(status(&peer, id).unread > 0, believed, "{back} before SND.UNA");
        if !believed {
            let challenge = peer.sent().expect("a challenge ACK").tcp;
            assert_eq!((challenge.flags, challenge.ack), (ACK, peer.seq));
        }
    }
}

// --- Limits and timers ---

/// RFC 9293: SHLD-10, SHLD-11, MUST-23, MUST-25, MUST-28, MUST-29
#[test]
fn the_defaults_are_those_that_the_rfc_asks_for() {
    let config = Config::new([10, 0, 0, 1]);
    assert!(config.r1 >= 3 && config.r2 >= SECOND * 100 && config.r2_syn >= MINUTE * 3);
    assert_eq!(config.keep_alive, None);
    assert!(KeepAlive::default().idle >= MINUTE * 120 && KeepAlive::default().probes > 1);
    assert!(config.keep_alive_probes > 1);
    assert_eq!(config.msl, MINUTE * 2);
    // And for a day of silence nothing is sent.
    let (mut peer, id) = played(|_| {});
    peer.wait(MINUTE * 60 * 24);
    assert_eq!((peer.all().len(), status(&peer, id).state), (0, State::Established));
}

/// RFC 9293: MUST-20, SHLD-9, MUST-22
#[test]
fn at_r1_the_user_may_know_that_nothing_is_delivered() {
    for syn in BOTH {
        let mut link = Link::with(LATENCY, |config| config.r1 = 3);
        let client = if syn {
            let now = link.now();
            let nobody = socket(&link.ends[1], 80);
            link.set_faults(|_, _, _| Fate::Lost);
            link.ends[0].connect(now, None, nobody).unwrap()
        } else {
            let (_, client, _) = connected(&mut link);
            link.set_faults(|_, _, _| Fate::Lost);
            let now = link.now();
            link.ends[0].send(now, client, b"hello?").unwrap();
            client
        };
        let soft = |link: &Link| link.ends[0].status(client).unwrap().soft_error;
        // Sent again after 1, 3 and 7 seconds.
        link.run_for(SECOND * 6);
        assert_eq!(soft(&link), None);
        link.run_for(SECOND * 2);
        assert_eq!(soft(&link), Some(Error::TimedOut), "SYN: {syn}");
        assert_eq!(link.ends[0].status(client).unwrap().error, None, "it goes on");
        if !syn {
            link.set_faults(|_, _, _| Fate::Arrives);
            link.run_for(MINUTE);
            assert_eq!((soft(&link), state(&link, 0, client)), (None, State::Established));
        }
    }
}

/// RFC 9293: MUST-26, SHLD-12
#[test]
fn only_an_idle_connection_is_asked_and_without_text() {
    let (mut peer, id) = played(|config| config.keep_alive = Some(MINUTE));
    // The peer is heard every 50 seconds, by text or by an acknowledgment.
    for n in 0..20 {
        peer.wait(SECOND * 50);
        if n % 2 == 0 {
            arrive(&mut peer, b"x")
        } else {
            arrive(&mut peer, b"")
        }
        peer.wait(MS * 100);
        assert!(peer.all().iter().all(|packet| packet.tcp.seq == peer.ack), "an acknowledgment at most");
    }
    // Text of ours is outstanding: that is being asked already.
    peer.end.send(peer.now, id, b"ours").unwrap();
    peer.wait(SECOND * 90);
    assert!(peer.all().iter().all(|packet| packet.text == b"ours"));
    peer.ack += 4;
    arrive(&mut peer, b"");
    peer.wait(SECOND * 61);
    let asked = peer.all();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].tcp.seq, asked[0].text.len()), (peer.ack - 1, 0), "SND.NXT - 1, and no octet");
}

/// RFC 9293: MUST-29
#[test]
fn one_lost_answer_is_no_death() {
    let (mut peer, id) = played(|_| {});
    let mut settings = peer.end.settings(id).unwrap();
    // The smallest number that can be asked for counts as two.
    settings.keep_alive = Some(KeepAlive { idle: MINUTE, interval: SECOND * 10, probes: 0 });
    peer.end.set_settings(peer.now, id, settings).unwrap();
    peer.wait(SECOND * 71);
    assert_eq!((peer.all().len(), status(&peer, id).error), (2, None), "the first one's answer was lost");
    arrive(&mut peer, b"");
    peer.wait(SECOND * 62);
    assert_eq!((peer.all().len(), status(&peer, id).error), (1, None));
    peer.wait(MINUTE);
    assert_eq!(status(&peer, id).error, Some(Error::TimedOut));
}

/// RFC 9293: SHLD-18, MUST-40
#[test]
fn no_acknowledgment_is_held_back_for_half_a_second() {
    for asked in [SECOND / 5, SECOND * 10] {
        let (mut peer, id) = played(|config| config.delayed_ack = asked);
        arrive(&mut peer, b"small");
        assert_eq!(peer.all(), []);
        let mut held = Duration::ZERO;
        while peer.all().is_empty() {
            peer.wait(MS);
            held += MS;
            assert!(held < SECOND / 2, "asked for {asked:?}");
        }
        assert!(held >= asked.min(SECOND * 2 / 5));
        assert_eq!(peer.end.receive(peer.now, id, &mut [0; 9]), Ok(Received::Text(5)));
    }
}

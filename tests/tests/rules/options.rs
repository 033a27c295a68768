//! Timestamps and PAWS (RFC 7323), TTL and traffic class.

use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::Link;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{ConnectionId, Received};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, text, transfer};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn stamp(val: u32) -> impl Fn(&mut tcp::Header) {
    move |header| header.options.timestamps = Some(Timestamps { val, ecr: 0 })
}

/// A connection whose peer's clock shows 5000.
fn stamped(change: impl FnOnce(&mut tcpspec_stack::Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, change);
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, stamp(5000));
    (peer, id)
}

fn read(peer: &mut Peer, id: ConnectionId) -> Vec<u8> {
    let mut buffer = [0; 100];
    match peer.end.receive(peer.now, id, &mut buffer) {
        Ok(Received::Text(len)) => buffer[..len].to_vec(),
        _ => Vec::new(),
    }
}

/// RFC 9293: MUST-16
#[test]
fn every_segment_carries_timestamps_where_both_ends_want_them() {
    for (client, server) in [(true, true), (true, false), (false, true), (false, false)] {
        let wanted = std::cell::Cell::new(client);
        let mut link = Link::with(LATENCY, |config| config.timestamps = wanted.replace(server));
        let texts = [text(20_000, 1), text(20_000, 2)];
        let users = transfer(&mut link, texts.clone(), MINUTE);
        assert!(users[0].read == texts[1] && users[1].read == texts[0]);
        let both = client && server;
        for sent in link.log().iter().skip(1) {
            assert_eq!(sent.header.options.timestamps.is_some(), both, "{client} {server}: {sent:?}");
        }
        assert_eq!(link.log()[0].header.options.timestamps.is_some(), client, "the SYN offers them");
        // They take their room from the text (§3.7.1).
        let largest = link.log().iter().map(|sent| sent.text).max();
        assert_eq!(largest, Some(if both { 1448 } else { 1460 }));
    }
}

#[test]
fn a_timestamp_is_echoed_and_counts_milliseconds_from_a_random_start() {
    let mut link = Link::new(LATENCY);
    let (_, client, _) = connected(&mut link);
    link.run_for(Duration::from_millis(1000));
    let now = link.now();
    link.ends[0].send(now, client, b"text").unwrap();
    link.run_for(LATENCY * 10);
    let log = link.log().to_vec();
    let of = |n: usize| log[n].header.options.timestamps.unwrap();
    assert_eq!(of(0).ecr, 0, "a SYN echoes nothing");
    assert_eq!(of(1).ecr, of(0).val);
    assert_eq!(of(2).ecr, of(1).val);
    let (syn, text) = (&log[0], &log[3]);
    let span = (text.at - syn.at).as_millis() as u32;
    assert_eq!(of(3).val.wrapping_sub(of(0).val), span);
    assert_eq!(of(4).ecr, of(3).val);
    // Each end, and each connection, begins somewhere else.
    assert_ne!(of(0).val, of(1).val.wrapping_sub(10));
    let server = tcpspec_tests::simulated::socket(&link.ends[1], 80);
    let now = link.now();
    link.ends[0].connect(now, Some(5001), server).unwrap();
    link.run_for(LATENCY);
    let other = link.log()[5].header.options.timestamps.unwrap().val;
    let clock = of(0).val.wrapping_add((now - syn.at).as_millis() as u32);
    assert!(clock.abs_diff(other) > 1_000_000, "{clock} {other}");
}

#[test]
fn the_echo_covers_the_time_that_an_acknowledgment_is_held_back() {
    let (mut peer, _) = stamped(|_| {});
    let full = [b'x'; 1000];
    for (n, val, text) in [(0, 5010, &b"text"[..]), (4, 5020, &full)] {
        let mut header = peer.header(ACK);
        header.seq += n;
        stamp(val)(&mut header);
        peer.send(&header, text);
    }
    let ack = peer.sent().expect("a full segment is acknowledged at once at the beginning");
    assert_eq!(ack.tcp.ack, peer.seq + 1004);
    assert_eq!(ack.tcp.options.timestamps.unwrap().ecr, 5010, "of the first one unacknowledged");
}

#[test]
fn an_old_duplicate_that_fits_the_window_is_refused() {
    for paws in [true, false] {
        let (mut peer, id) = stamped(|config| config.options.paws = paws);
        let mut old = peer.header(ACK);
        stamp(4999)(&mut old);
        peer.send(&old, b"of an earlier connection");
        let answers = peer.all();
        let got = read(&mut peer, id);
        if paws {
            assert_eq!(answers.len(), 1, "an ACK in reply");
            assert_eq!((answers[0].tcp.flags, answers[0].tcp.ack), (ACK, peer.seq));
            assert_eq!(got, b"");
        } else {
            assert_eq!(got, b"of an earlier connection", "what PAWS is for");
        }
    }
}

#[test]
fn a_reset_needs_no_timestamp_and_an_old_one_does_not_matter() {
    for old in [true, false] {
        let (mut peer, id) = stamped(|_| {});
        let mut rst = peer.header(RST);
        if old {
            stamp(1)(&mut rst);
        }
        peer.send(&rst, &[]);
        assert_eq!(peer.end.status(id).unwrap().state, State::Closed);
    }
}

#[test]
fn a_segment_without_the_agreed_timestamp_is_dropped_in_silence() {
    for required in [true, false] {
        let (mut peer, id) = stamped(|config| config.options.timestamps_required = required);
        let header = peer.header(ACK);
        peer.send(&header, b"text");
        assert_eq!(read(&mut peer, id).is_empty(), required);
        assert!(!required || peer.sent().is_none());
    }
}

#[test]
fn after_24_days_without_a_word_any_timestamp_will_do() {
    for (days, taken) in [(23, false), (25, true)] {
        let (mut peer, id) = stamped(|_| {});
        peer.wait(DAY * days);
        peer.all();
        let mut header = peer.header(ACK);
        // Two thousand million milliseconds later the peer's clock has gone half around.
        stamp(4000)(&mut header);
        peer.send(&header, b"text");
        assert_eq!(read(&mut peer, id) == b"text", taken, "after {days} days");
    }
}

#[test]
fn without_agreement_timestamps_are_nothing() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, |_| {});
    // A SYN in the window offers some, but the connection has none.
    let mut syn = peer.header(SYN);
    stamp(9000)(&mut syn);
    peer.send(&syn, &[]);
    assert_eq!(peer.sent().expect("a challenge ACK").tcp.options.timestamps, None);
    let mut header = peer.header(ACK);
    stamp(8000)(&mut header);
    peer.send(&header, b"text");
    let header = peer.header(ACK);
    let next = tcp::Header { seq: header.seq + 4, ..header };
    peer.send(&next, b", more text");
    assert_eq!(read(&mut peer, id), b"text, more text");
}

/// RFC 9293: MUST-48, MUST-49, SHLD-21, SHLD-22
#[test]
fn ttl_and_traffic_class_are_settings_and_can_be_changed() {
    for ipv6 in [false, true] {
        let mut peer = Peer::new(ipv6, |config| (config.hop_limit, config.traffic_class) = (9, 0xff));
        let listener = peer.end.listen(80, 1).unwrap();
        let id = peer.connect(listener, |_| {});
        peer.end.send(peer.now, id, b"one").unwrap();
        let packet = peer.sent().unwrap();
        assert_eq!((packet.ip.hop_limit, packet.ip.traffic_class), (9, 0xfc), "without ECN");
        peer.end.set_hop_limit(id, 1).unwrap();
        peer.end.set_traffic_class(id, 0x28).unwrap();
        peer.end.close(peer.now, id).unwrap();
        let ack = tcp::Header { ack: peer.ack + 3, ..peer.header(ACK) };
        peer.send(&ack, &[]);
        let packet = peer.sent().unwrap();
        assert_eq!((packet.ip.hop_limit, packet.ip.traffic_class), (1, 0x28));
    }
}

/// What is left of a connection in 2MSL answers as the whole one did.
#[test]
fn in_2msl_windows_are_scaled_and_timestamps_echoed_as_before() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, |header| {
        stamp(5000)(header);
        header.options.window_scale = Some(7).filter(|_| header.flags.has(SYN));
    });
    peer.end.close(peer.now, id).unwrap();
    peer.all();
    peer.ack = peer.ack.wrapping_add(1);
    let mut fin = peer.header(FIN.with(ACK));
    stamp(5001)(&mut fin);
    peer.send(&fin, &[]);
    let whole = peer.sent().expect("the last ACK");
    assert_eq!(peer.end.status(id).unwrap().state, State::TimeWait);
    assert!(whole.tcp.window < 4000, "it is scaled");
    peer.end.release(peer.now, id);
    stamp(5002)(&mut fin);
    peer.send(&fin, &[]);
    let record = peer.sent().expect("the same again");
    assert_eq!(record, whole);
    // An older duplicate is answered too (RFC 7323 §5.3 R1), and does not end the wait.
    stamp(4000)(&mut fin);
    peer.send(&fin, &[]);
    assert_eq!(peer.sent(), Some(whole));
    assert_eq!(peer.end.connections(), 1);
}

//! What a careless or hostile peer, router or user must not achieve.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::packet::{Capabilities, Checksum, Offload};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Endpoint, Error, KeepAlive, Listen, Packet, Received, Time};
use tcpspec_tests::peer::{ACK, FIN, Peer, SYN};
use tcpspec_tests::simulated::{LATENCY, socket, state, text};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A peer with a connection to a listener; `change` changes each of its segments.
fn played(change: impl Fn(&mut tcp::Header), config: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, config);
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, change);
    (peer, id)
}

fn mss(octets: u16) -> impl Fn(&mut tcp::Header) {
    move |header| header.options.mss = Some(octets).filter(|_| header.flags.has(SYN))
}

// --- Sizes ---

#[test]
fn a_peer_cannot_ask_for_text_in_crumbs() {
    for announced in [0, 1, 27] {
        let (mut peer, id) = played(mss(announced), |_| {});
        peer.end.send(peer.now, id, &text(1000, 1)).unwrap();
        assert_eq!(
            peer.sent().unwrap().text.len(),
            28,
            "what fits into the smallest IPv4 packet of 68 octets"
        );
    }
    let (mut peer, id) = played(mss(40), |_| {});
    peer.end.send(peer.now, id, &text(1000, 1)).unwrap();
    assert_eq!(peer.sent().unwrap().text.len(), 40, "what is possible is heeded");
}

#[test]
fn a_send_buffer_of_nothing_still_takes_an_octet() {
    let (mut peer, id) = played(mss(1460), |config| config.send_buffer = 0);
    assert_eq!(peer.end.send(peer.now, id, b"text"), Ok(1), "or who waits for room would be woken for ever");
}

#[test]
fn spans_without_end_are_spans() {
    let (mut peer, id) = played(mss(1460), |config| {
        (config.msl, config.max_rto, config.min_rto) = (Duration::MAX, Duration::MAX, Duration::MAX / 3);
    });
    // The window closes, and each question about it is answered, so that the next one waits for longer.
    peer.end.send(peer.now, id, b"text").unwrap();
    for octets in [4, 0, 0, 0] {
        peer.ack = peer.ack.wrapping_add(octets);
        let shut = tcp::Header { window: 0, ..peer.header(ACK) };
        peer.send(&shut, &[]);
        peer.end.send(peer.now, id, b"more").unwrap();
        peer.wait(MINUTE + SECOND);
    }
    let open = tcp::Header { ack: peer.ack.wrapping_add(1), ..peer.header(ACK) };
    peer.send(&open, &[]);
    // Both close: 2MSL are waited for.
    peer.end.close(peer.now, id).unwrap();
    peer.ack = peer.ack.wrapping_add(4 * 4 + 1);
    let fin = peer.header(FIN.with(ACK));
    peer.send(&fin, &[]);
    assert_eq!(peer.end.status(id).unwrap().state, State::TimeWait);
}

// --- Addresses ---

/// A SYN from one address to another.
fn syn(from: SocketAddr, to: SocketAddr) -> Vec<u8> {
    let header = tcp::Header {
        source: from.port(),
        destination: to.port(),
        seq: 7,
        flags: SYN,
        window: 1000,
        ..tcp::Header::default()
    };
    header.packet(&ip::Header::tcp(from.ip(), to.ip()), (&[], &[]))
}

/// RFC 9293: MUST-46, MUST-63
#[test]
fn who_claims_to_be_us_or_this_machine_is_nobody() {
    for ipv6 in [false, true] {
        let mut peer = Peer::new(ipv6, |_| {});
        peer.end.listen(80, 4).unwrap();
        let loopback: IpAddr = if ipv6 { "::1".parse().unwrap() } else { Ipv4Addr::new(127, 0, 0, 9).into() };
        for (source, port) in [(peer.them.ip(), 80), (peer.them.ip(), 5000), (loopback, 5000)] {
            peer.send_raw(&syn(SocketAddr::new(source, port), peer.them));
        }
        assert_eq!((peer.raw.len(), peer.end.connections()), (0, 0), "LAND");
        assert_eq!(peer.end.counters().malformed, 3);
    }
}

/// RFC 9293: MUST-57
#[test]
fn a_gateway_is_not_everybody() {
    let mut peer = Peer::new(false, |config| config.any_destination = true);
    peer.end.listen_with(&Listen::on_every_port()).unwrap();
    peer.send_raw(&syn(peer.us, SocketAddr::from(([10, 0, 0, 255], 80))));
    assert_eq!((peer.raw.len(), peer.end.connections()), (0, 0), "a broadcast address");
}

// --- What routers say ---

/// An ICMP error about a packet, to an address.
fn too_big(to: Ipv4Addr, quoted: &[u8], mtu: u16) -> Vec<u8> {
    use etherparse::{Icmpv4Type, PacketBuilder, icmpv4::DestUnreachableHeader};
    let needed = DestUnreachableHeader::FragmentationNeeded { next_hop_mtu: mtu };
    let mut message = Vec::new();
    PacketBuilder::ipv4([10, 0, 0, 254], to.octets(), 64)
        .icmpv4(Icmpv4Type::DestinationUnreachable(needed))
        .write(&mut message, &quoted[..100])
        .unwrap();
    message
}

#[test]
fn a_gateway_hears_what_routers_say_about_connections_that_it_answers_for() {
    let elsewhere = Ipv4Addr::new(203, 0, 113, 7);
    let mut peer = Peer::new(false, |config| config.any_destination = true);
    let others = Arc::new(Mutex::new(0));
    let count = Arc::clone(&others);
    peer.end.set_other(move |_| *count.lock().unwrap() += 1);
    let listener = peer.end.listen(80, 4).unwrap();
    peer.them = SocketAddr::from((elsewhere, 80));
    let id = peer.connect(listener, mss(1460));
    peer.end.send(peer.now, id, &text(5000, 1)).unwrap();
    let packet = peer.end.poll_packet(peer.now).unwrap().bytes;
    peer.all();
    peer.send_raw(&too_big(elsewhere, &packet, 1300));
    assert_eq!(peer.end.status(id).unwrap().mss, 1260);
    assert_eq!(*others.lock().unwrap(), 0);
    // About a connection that somebody else has: the hook's.
    let mut other = packet;
    other[21] ^= 1;
    peer.send_raw(&too_big(elsewhere, &other, 1200));
    assert_eq!((peer.end.status(id).unwrap().mss, *others.lock().unwrap()), (1260, 1));
}

/// RFC 9293: MUST-54
#[test]
fn an_error_goes_to_who_has_sent_what_it_is_about() {
    let mut peer = Peer::new(false, |config| config.any_destination = true);
    let listener = peer.end.listen(80, 4).unwrap();
    peer.them = SocketAddr::from(([203, 0, 113, 7], 80));
    let id = peer.connect(listener, mss(1460));
    peer.end.send(peer.now, id, &text(5000, 1)).unwrap();
    let packet = peer.end.poll_packet(peer.now).unwrap().bytes;
    peer.send_raw(&too_big(Ipv4Addr::new(10, 0, 0, 1), &packet, 1300));
    assert_eq!(peer.end.status(id).unwrap().mss, 1460);
}

#[test]
fn what_is_too_big_on_a_second_connection_is_sent_again_at_once_too() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 4).unwrap();
    let mut packets = Vec::new();
    let mut ids = Vec::new();
    for port in [5000, 5001] {
        (peer.us, peer.seq) = (SocketAddr::new(peer.us.ip(), port), 1000);
        let id = peer.connect(listener, mss(1460));
        peer.end.send(peer.now, id, &text(5000, 1)).unwrap();
        packets.push(peer.end.poll_packet(peer.now).unwrap().bytes);
        ids.push(id);
        peer.all();
    }
    for (n, packet) in packets.iter().enumerate() {
        peer.send_raw(&too_big(Ipv4Addr::new(10, 0, 0, 1), packet, 1300));
        let again: usize = peer.all().iter().map(|packet| packet.text.len()).sum();
        assert_eq!(again, 5000, "connection {n}");
        assert_eq!(peer.end.status(ids[n]).unwrap().mss, 1260);
    }
}

// --- Timers ---

/// RFC 9293: MUST-26
#[test]
fn keep_alive_counts_questions_and_not_the_time_in_which_text_waits() {
    let (mut peer, id) = played(mss(1460), |_| {});
    let mut settings = peer.end.settings(id).unwrap();
    settings.keep_alive = Some(KeepAlive { idle: SECOND * 5, interval: SECOND, probes: 3 });
    peer.end.set_settings(peer.now, id, settings).unwrap();
    peer.end.send(peer.now, id, b"text").unwrap();
    // The path fails for half a minute. What is under way has a limit of its own: R2.
    peer.wait(SECOND * 30);
    assert_eq!(peer.end.status(id).unwrap().error, None);
    peer.ack = peer.ack.wrapping_add(4);
    let ack = peer.header(ACK);
    peer.send(&ack, &[]);
    peer.all();
    // Now it is idle, and asks: three times, and one interval more.
    peer.wait(SECOND * 7 + SECOND / 2);
    assert_eq!(peer.all().len(), 3);
    peer.wait(SECOND);
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut));
}

#[test]
fn what_is_not_acceptable_keeps_nothing_alive() {
    let (mut peer, id) = played(mss(1460), |_| {});
    let mut settings = peer.end.settings(id).unwrap();
    settings.keep_alive = Some(KeepAlive { idle: SECOND * 5, interval: SECOND, probes: 2 });
    peer.end.set_settings(peer.now, id, settings).unwrap();
    for _ in 0..20 {
        peer.wait(SECOND);
        // From somebody who knows the sockets and guesses numbers.
        let header = tcp::Header { seq: peer.seq.wrapping_add(1 << 30), ..peer.header(ACK) };
        peer.send(&header, b"guess");
        let header = tcp::Header { ack: peer.ack.wrapping_add(1 << 30), ..peer.header(ACK) };
        peer.send(&header, &[]);
    }
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut));
}

/// Two ends that know different connections would answer each other for ever.
#[test]
fn what_takes_no_number_outside_the_window_is_answered_ten_times_in_five_seconds() {
    let stamp =
        |val| move |header: &mut tcp::Header| header.options.timestamps = Some(Timestamps { val, ecr: 0 });
    let cases = [(true, &b""[..]), (true, b"text"), (false, b"")];
    for ((limited, text), stamped) in cases.into_iter().flat_map(|case| [(case, false), (case, true)]) {
        let (mut peer, _) = played(stamp(5000), |config| config.options.answers_limited = limited);
        let mut old = peer.header(ACK);
        if stamped {
            stamp(4999)(&mut old);
        } else {
            stamp(5000)(&mut old);
            old.seq = peer.seq.wrapping_sub(100);
        }
        let mut answers = || {
            let sent: usize = (0..20).map(|_| (peer.send(&old, text), peer.all().len()).1).sum();
            peer.wait(SECOND * 6);
            sent
        };
        let expected = if limited && text.is_empty() { 10 } else { 20 };
        assert_eq!(
            [answers(), answers()],
            [expected, expected],
            "{limited}, {} octets, {stamped}",
            text.len()
        );
    }
}

/// (5.3) of RFC 6298: the timer is started with the timeout that the same acknowledgment has given.
#[test]
fn an_acknowledgment_starts_the_timer_with_what_it_has_measured() {
    let mut link = Link::with(LATENCY, |config| {
        (config.sack, config.timestamps, config.min_rto) = (false, false, Duration::from_millis(50));
        config.delayed_ack = Duration::ZERO;
    });
    // The SYN is lost, so the timeout is three seconds until something is measured; so is the last of two segments.
    let mut texts = 0;
    link.set_faults(move |n, from, packet| {
        texts += u32::from(from == 0 && packet.len() > 500);
        if n == 0 || (from == 0 && packet.len() > 500 && texts == 2) { Fate::Lost } else { Fate::Arrives }
    });
    link.ends[1].listen(80, 4).unwrap();
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(SECOND * 2);
    assert_eq!(state(&link, 0, client), State::Established);
    let now = link.now();
    let mut settings = link.ends[0].settings(client).unwrap();
    settings.no_delay = true;
    link.ends[0].set_settings(now, client, settings).unwrap();
    link.ends[0].send(now, client, &[1; 600]).unwrap();
    link.run_for(Duration::from_millis(1));
    let now = link.now();
    link.ends[0].send(now, client, &[2; 600]).unwrap();
    link.run_for(SECOND);
    assert_eq!(link.ends[0].status(client).unwrap().unacknowledged, 0, "the second was sent again in time");
}

/// RFC 9293: MUST-40
#[test]
fn an_acknowledgment_is_never_held_back_for_half_a_second() {
    let (mut peer, _) = played(mss(1460), |config| config.delayed_ack = MINUTE);
    let header = peer.header(ACK);
    peer.send(&header, b"text");
    peer.wait(Duration::from_millis(499));
    assert_eq!(peer.all().len(), 1, "MUST-40");
}

// --- Options and numbers that nobody has agreed on ---

#[test]
fn a_syn_that_a_listener_hands_to_a_child_is_not_the_listeners() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.listen(80, 4).unwrap();
    // Zero is the number that a listener's variables begin with.
    let mut syn = tcp::Header { seq: 0, ..peer.header(SYN) };
    syn.options.timestamps = Some(Timestamps { val: 1, ecr: 0 });
    peer.send(&syn, &[]);
    assert_eq!(peer.sent().unwrap().tcp.flags, SYN.with(ACK));
    let stray = tcp::Header { source: 9, ..peer.header(ACK) };
    peer.send(&stray, &[]);
    let rst = peer.sent().unwrap().tcp;
    assert_eq!((rst.flags, rst.options.timestamps), (Flags::RST, None));
}

#[test]
fn a_syn_that_is_held_back_loses_its_text_and_then_has_no_fin_either() {
    let mut peer = Peer::new(false, |_| {});
    let mut listen = Listen::on(80);
    listen.hold = true;
    let listener = peer.end.listen_with(&listen).unwrap();
    let syn = peer.header(SYN.with(FIN));
    peer.send(&syn, b"text");
    let request = peer.end.request(peer.now, listener).unwrap();
    let id = peer.end.admit(peer.now, listener, &request).unwrap();
    let answer = peer.sent().unwrap().tcp;
    assert_eq!(answer.ack, peer.seq + 1, "only the SYN was taken");
    (peer.seq, peer.ack) = (peer.seq + 1, answer.seq.wrapping_add(1));
    let ack = peer.header(ACK);
    peer.send(&ack, &[]);
    let again = peer.header(FIN.with(ACK));
    peer.send(&again, b"text");
    let mut buffer = [0; 10];
    assert_eq!(peer.end.receive(peer.now, id, &mut buffer), Ok(Received::Text(4)), "it has come again");
    assert_eq!(peer.end.receive(peer.now, id, &mut buffer), Ok(Received::End));
}

/// A second copy of an octet does not replace the first, wherever the two are cut. Else a monitor on the way would see another text than the user.
#[test]
fn of_text_that_overlaps_the_first_copy_wins_while_it_is_held() {
    let text = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (held, second) in
        [(4..8, 0..12), (4..8, 0..6), (4..12, 0..8), (4..8, 0..26), (1..26, 0..1), (2..4, 0..3)]
    {
        let (mut peer, id) = played(mss(1460), |_| {});
        let first = peer.seq;
        let mut send = |at: usize, text: &[u8]| {
            let header = tcp::Header { seq: first.wrapping_add(at as u32), ..peer.header(ACK) };
            peer.send(&header, text);
        };
        send(held.start, &text[held.clone()]);
        // More that came early, and other octets at the same places.
        send(20, &text[20..]);
        send(held.start, &[b'#'; 3][..(held.end - held.start).min(3)]);
        let mut forged = [b'#'; 26];
        forged[second.clone()].copy_from_slice(&text[second.clone()].to_ascii_lowercase());
        send(second.start, &forged[second.clone()]);
        let filled = text.map(|octet| octet.to_ascii_lowercase());
        send(second.end, &filled[second.end..]);
        let mut got = [0; 40];
        let Ok(Received::Text(len)) = peer.end.receive(peer.now, id, &mut got) else {
            panic!("text has come")
        };
        let is_first = |at: usize| held.contains(&at) || at >= 20;
        let expected: Vec<u8> =
            (0..26).map(|at| if is_first(at) { text[at] } else { text[at].to_ascii_lowercase() }).collect();
        assert_eq!(
            String::from_utf8_lossy(&got[..len]),
            String::from_utf8_lossy(&expected),
            "{held:?} {second:?}"
        );
    }
}

/// A guesser has 24 bits to find, and the slot and the size beside them are in the hash, too.
#[test]
fn of_a_million_cookies_one_is_right() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let mut listen = Listen::on(80);
    listen.half_open = 1;
    let listener = peer.end.listen_with(&listen).unwrap();
    let syn = peer.header(SYN);
    peer.send(&syn, &[]);
    peer.us.set_port(5001);
    let syn = peer.header(SYN);
    peer.send(&syn, &[]);
    let cookie = peer.all().last().expect("a SYN,ACK").tcp.seq;
    assert_eq!(peer.end.counters().cookies_sent, 1);
    peer.seq += 1;
    let mut guess = |number: u32| {
        peer.ack = number.wrapping_add(1);
        let ack = peer.header(ACK);
        peer.send(&ack, &[]);
        peer.raw.clear();
        peer.end.counters().cookies_returned
    };
    // Every sixteenth hash but the right one, and the right one with each other slot and size.
    let hashes = (0..1 << 20).map(|at| (cookie & 0xff00_000f) | at << 4);
    let others = (0..256).map(|of| (cookie & 0x00ff_ffff) | of << 24);
    for number in hashes.chain(others).filter(|number| *number != cookie) {
        assert_eq!(guess(number), 0, "{number:#x}, not {cookie:#x}");
    }
    assert_eq!(guess(cookie), 1);
    assert!(peer.end.accept(listener).is_some());
}

/// Limits on challenge ACKs are each connection's own: who uses up one learns nothing of another (CVE-2016-5696).
#[test]
fn challenges_to_one_connection_are_no_fewer_because_of_another() {
    let challenged = |noisy: bool| {
        let mut peer = Peer::new(false, |_| {});
        let listener = peer.end.listen(80, 4).unwrap();
        peer.connect(listener, |_| {});
        let (victim, numbers) = (peer.us, (peer.seq, peer.ack));
        peer.us.set_port(victim.port() + 1);
        peer.connect(listener, |_| {});
        peer.all();
        if noisy {
            // The guesser's own connection: challenges until there are no more.
            let rst = tcp::Header { seq: peer.seq.wrapping_add(1), ..peer.header(Flags::RST) };
            (0..1000).for_each(|_| peer.send(&rst, &[]));
            let answers = peer.all().len();
            assert!((1..1000).contains(&answers), "{answers} answers: the limit is used up");
        }
        peer.us = victim;
        (peer.seq, peer.ack) = numbers;
        let rst = tcp::Header { seq: peer.seq.wrapping_add(1), ..peer.header(Flags::RST) };
        (0..1000).for_each(|_| peer.send(&rst, &[]));
        peer.all().len()
    };
    assert_eq!(challenged(true), challenged(false));
}

// --- What others are given ---

#[test]
fn a_datagram_for_the_hook_has_its_checksum() {
    let mut config = Config::new([10, 0, 0, 2]);
    config.any_destination = true;
    let mut end = Endpoint::new(config);
    end.set_device(Capabilities::ALL);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    end.set_other(move |packet| log.lock().unwrap().extend_from_slice(packet));
    let mut datagram = Vec::new();
    etherparse::PacketBuilder::ipv4([10, 0, 0, 1], [203, 0, 113, 7], 64)
        .udp(9, 53)
        .write(&mut datagram, b"question")
        .unwrap();
    // As a kernel hands it over that leaves the rest to the device: the sum of the pseudo-header only.
    let pseudo: u32 = [0x0a00, 0x0001, 0xcb00, 0x7107, 17, 16].iter().sum();
    let mut partial = Packet::new(datagram.clone());
    partial.bytes[26..28].copy_from_slice(&(((pseudo & 0xffff) + (pseudo >> 16)) as u16).to_be_bytes());
    partial.offload = Offload { checksum: Checksum::Partial { start: 20, offset: 6 }, segment: 0 };
    end.handle(Time::ZERO, &partial.bytes, partial.offload);
    assert_eq!(*seen.lock().unwrap(), datagram);
}

// --- Many at once ---

/// Room in the device's queue is given to those who wait, in turn, and nobody else is asked.
#[test]
fn many_who_wait_for_the_device_are_served_in_turn() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 2000).unwrap();
    let mut ids = Vec::new();
    for port in 1..=1000 {
        (peer.us, peer.seq) = (SocketAddr::new(peer.us.ip(), port), 1000);
        ids.push(peer.connect(listener, mss(1460)));
    }
    for id in &ids {
        peer.end.send(peer.now, *id, &[7; 5000]).unwrap();
    }
    // All can send: everybody's first packets leave before anybody is forgotten.
    let mut counts = vec![0_usize; 1001];
    for packet in peer.all() {
        counts[usize::from(packet.tcp.destination)] += packet.text.len();
    }
    assert!(counts[1..].iter().all(|octets| *octets == 5000), "{counts:?}");
}

//! What Appendix B of RFC 9293 asks of segments and no other test shows: windows, urgent text, options, checksums, numbers. `docs/rfc.md` says which tests show
//! which requirement.

use etherparse::PacketBuilder;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Error, Interest, Listen, Ready, Received};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, socket, socket6, text, transfer_to};

const BOTH: [bool; 2] = [false, true];
const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
/// The peer's maximum segment size.
const MSS: usize = 1000;

/// A peer with a connection to a listener, and the connection. The peer offers `window` in all its segments.
fn played(window: u16, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, change);
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |header| {
        header.window = window;
        header.options.mss = Some(MSS as u16).filter(|_| header.flags.has(SYN));
    });
    (peer, id)
}

/// Acknowledges so many octets more and offers this window.
fn acknowledge(peer: &mut Peer, octets: usize, window: u16) {
    peer.ack = peer.ack.wrapping_add(octets as u32);
    let header = tcp::Header { window, ..peer.header(ACK) };
    peer.send(&header, &[]);
}

/// Sends text that comes next.
fn arrive(peer: &mut Peer, text: &[u8]) {
    let header = peer.header(ACK);
    peer.send(&header, text);
    peer.seq = peer.seq.wrapping_add(text.len() as u32);
}

/// Numbers, from the peer's next one on, and lengths of the texts that the endpoint has sent meanwhile.
fn texts(peer: &mut Peer) -> Vec<(u32, usize)> {
    let ack = peer.ack;
    let all = peer.all().into_iter().map(|packet| (packet.tcp.seq.wrapping_sub(ack), packet.text.len()));
    all.filter(|(_, len)| *len > 0).collect()
}

fn read(peer: &mut Peer, id: ConnectionId) -> Vec<u8> {
    let mut buffer = [0; 10_000];
    match peer.end.receive(peer.now, id, &mut buffer) {
        Ok(Received::Text(len)) => buffer[..len].to_vec(),
        _ => Vec::new(),
    }
}

// --- Windows ---

/// RFC 9293: MUST-1, REC-1
#[test]
fn the_largest_window_is_no_negative_one() {
    for (window, scale, octets) in
        [(0xffff, None, 0xffff), (0x8000, None, 0x8000), (0xffff, Some(14), 0xffff << 14)]
    {
        let mut peer = Peer::new(false, |_| {});
        let listener = peer.end.listen(80, 1).unwrap();
        let id = peer.connect(listener, |header| {
            header.window = window;
            header.options.window_scale = scale.filter(|_| header.flags.has(SYN));
        });
        assert_eq!(peer.end.status(id).unwrap().send_window, octets);
        peer.end.send(peer.now, id, &[1; 5000]).unwrap();
        assert_eq!(texts(&mut peer).iter().map(|(_, len)| len).sum::<usize>(), 5000);
    }
}

/// The peer takes its window back while three segments are under way, and acknowledges the first of them.
///
/// RFC 9293: MUST-34, SHLD-15, SHLD-17, MAY-7, MUST-35
#[test]
fn a_window_that_shrinks_to_nothing_stops_new_text_and_ends_nothing() {
    let (mut peer, id) = played(3000, |_| {});
    peer.end.send(peer.now, id, &[1; 10_000]).unwrap();
    assert_eq!(texts(&mut peer), [(0, MSS), (1000, MSS), (2000, MSS)]);
    acknowledge(&mut peer, 1000, 0);
    assert_eq!(texts(&mut peer), [], "the usable window is -2000");
    let mut asked = 0;
    // For an hour the peer answers what lies beyond its window with the same acknowledgment.
    for _ in 0..3600 {
        peer.wait(SECOND);
        for (from, len) in texts(&mut peer) {
            assert_eq!(from, 0, "nothing new, and of the old the front only");
            assert!(len > 0);
            asked += 1;
            acknowledge(&mut peer, 0, 0);
        }
    }
    assert!((60..80).contains(&asked), "with back-off: {asked}");
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.state, status.error), (State::Established, None));
    // It opens: everything comes.
    acknowledge(&mut peer, 0, 5000);
    for _ in 0..3 {
        let mut pieces = texts(&mut peer);
        pieces.sort_unstable();
        let got =
            pieces.into_iter().fold(0, |got, (from, len)| if from == got { got + len as u32 } else { got });
        acknowledge(&mut peer, got as usize, 5000);
    }
    assert_eq!(peer.end.status(id).unwrap().unacknowledged, 0);
}

/// RFC 9293: SHLD-16, MUST-34
#[test]
fn what_lies_in_a_shrunken_window_is_sent_again_as_usual() {
    let (mut peer, id) = played(5000, |_| {});
    peer.end.send(peer.now, id, &[1; 10_000]).unwrap();
    assert_eq!(texts(&mut peer).len(), 5);
    // All five are lost; the peer takes back two of them.
    acknowledge(&mut peer, 0, 3000);
    peer.wait(SECOND * 2);
    let again = texts(&mut peer);
    assert!(!again.is_empty() && again.iter().all(|(from, len)| *from as usize + len <= 3000), "{again:?}");
    // The right edge stays where it is; the congestion window would let out more.
    let mut seen = Vec::new();
    for (acked, window) in [(1000, 2000), (2000, 1000), (3000, 0)] {
        acknowledge(&mut peer, 1000, window);
        seen.extend(texts(&mut peer).into_iter().map(|(from, len)| (acked + from, len)));
    }
    assert_eq!(seen, [(1000, MSS), (2000, MSS)], "the next ones without another timeout, and nothing beyond");
    assert!(peer.end.status(id).unwrap().congestion_window >= 3 * MSS as u32);
}

/// With a scale the window field can say where the edge is only to a unit of it (RFC 7323 §2.4).
///
/// RFC 9293: SHLD-14
#[test]
fn the_right_edge_of_our_window_never_goes_back_by_more_than_its_scale_cannot_tell() {
    for scaled in BOTH {
        let mut link = Link::with(LATENCY, |config| {
            config.receive_buffer = if scaled { 1 << 20 } else { 20_000 };
            config.receive_buffer_start = 10_000;
        });
        let (_, client, server) = connected(&mut link);
        let mut random = tcpspec_tests::simulated::Random(1);
        for n in 0..2000 {
            let now = link.now();
            link.ends[0].send(now, client, &text(random.below(3000) as usize, n)).unwrap();
            // The reader falls behind, and takes odd amounts.
            let _ = link.ends[1].receive(now, server, &mut vec![0; random.below(4000) as usize]);
            if n == 1000 {
                let mut settings = link.ends[1].settings(server).unwrap();
                settings.receive_buffer = 3000;
                link.ends[1].set_settings(now, server, settings).unwrap();
            }
            link.run_for(MS * random.below(20) as u32);
        }
        let scale = link.log()[1].header.options.window_scale.unwrap();
        let acks = link.log().iter().filter(|sent| sent.from == 1).skip(1);
        let edges: Vec<u32> =
            acks.map(|sent| sent.header.ack.wrapping_add(u32::from(sent.header.window) << scale)).collect();
        let back = edges.windows(2).map(|pair| (pair[0].wrapping_sub(pair[1]) as i32).max(0));
        assert!(edges.len() > 200 && (scale > 0) == scaled);
        assert!(back.max().unwrap() < 1 << scale, "scale {scale}");
    }
}

/// RFC 9293: MUST-66
#[test]
fn a_closed_window_keeps_neither_rst_nor_urg_nor_ack_out() {
    // A RST may have text, which would not fit either.
    for why in [&b""[..], b"because"] {
        let (mut peer, id) = played(60_000, |config| config.receive_buffer_start = 2000);
        arrive(&mut peer, &[1; 2000]);
        assert_eq!(peer.end.status(id).unwrap().receive_window, 0);
        peer.end.send(peer.now, id, b"ours").unwrap();
        peer.all();
        // Text that does not fit, an urgent pointer behind it, an acknowledgment.
        let urgent =
            tcp::Header { flags: ACK.with(Flags::URG), urgent: 10, ack: peer.ack + 4, ..peer.header(ACK) };
        peer.send(&urgent, &[2; 10]);
        assert_eq!(peer.end.urgent(id).unwrap(), 2010);
        assert_eq!(peer.end.status(id).unwrap().unacknowledged, 0);
        let rst = peer.header(RST);
        peer.send(&rst, why);
        assert_eq!(peer.end.status(id).unwrap().error, Some(Error::Reset));
    }
}

// --- Urgent text ---

/// RFC 9293: MUST-30, MUST-31, MUST-33, MUST-62
#[test]
fn urgent_text_may_be_longer_than_its_pointer_reaches() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let whole = text(200_000, 1);
    let (now, before) = (link.now(), link.log().len());
    assert_eq!(link.ends[0].send_urgent(now, client, &whole), Ok(whole.len()));
    let (mut read, mut known) = (0, 0);
    link.run_until(MINUTE, |link| {
        let now = link.now();
        known = known.max(read + link.ends[1].urgent(server).unwrap() as usize);
        if let Ok(Received::Text(n)) = link.ends[1].receive(now, server, &mut [0; 3000]) {
            read += n;
        }
        read == whole.len()
    });
    assert_eq!((read, known), (whole.len(), whole.len()), "its end was known");
    assert_eq!(link.ends[1].urgent(server).unwrap(), 0, "and is behind the reader");
    let sent: Vec<_> = link.log()[before..]
        .iter()
        .filter(|sent| sent.from == 0 && sent.text > 0)
        .map(|sent| sent.header)
        .collect();
    let end = sent[0].seq.wrapping_add(whole.len() as u32);
    for header in &sent {
        assert!(header.flags.has(Flags::URG));
        // As far ahead as the field can say, at most.
        assert_eq!(u32::from(header.urgent), end.wrapping_sub(header.seq).min(0xffff));
    }
}

/// RFC 9293: MUST-32, MUST-33
#[test]
fn who_waits_for_urgent_text_is_told_of_it_and_of_more_of_it() {
    let (mut peer, id) = played(60_000, |_| {});
    let told = |peer: &mut Peer| {
        let ready = peer.end.poll_ready();
        assert!(ready.is_none_or(|ready| ready == Ready::Connection(id, Interest::URGENT)), "{ready:?}");
        ready.is_some()
    };
    peer.end.wait_for(id, Interest::URGENT).unwrap();
    arrive(&mut peer, b"plain");
    assert!(!told(&mut peer));
    let point = |peer: &mut Peer, urgent: u16| {
        let header = tcp::Header { flags: ACK.with(Flags::URG), urgent, ..peer.header(ACK) };
        peer.send(&header, &[]);
    };
    // It lies ahead, none of it has come.
    point(&mut peer, 10);
    assert!(told(&mut peer) && !told(&mut peer), "once");
    assert_eq!(peer.end.urgent(id).unwrap(), 15);
    peer.end.wait_for(id, Interest::URGENT).unwrap();
    point(&mut peer, 30);
    assert!(told(&mut peer));
    assert_eq!(peer.end.urgent(id).unwrap(), 35);
    arrive(&mut peer, &[7; 30]);
    assert_eq!(read(&mut peer, id).len(), 35);
    assert_eq!(peer.end.urgent(id).unwrap(), 0);
    peer.end.wait_for(id, Interest::URGENT).unwrap();
    assert!(!told(&mut peer));
}

// --- TCP options ---

/// A segment with options that [`Options`] cannot name.
fn with_options(peer: &Peer, header: &tcp::Header, options: &[u8], text: &[u8]) -> Vec<u8> {
    let (IpAddr::V4(a), IpAddr::V4(b)) = (peer.us.ip(), peer.them.ip()) else { panic!("IPv4 only") };
    let builder = PacketBuilder::ipv4(a.octets(), b.octets(), 64);
    let mut step = builder.tcp(header.source, header.destination, header.seq, header.window);
    for (flag, set) in
        [(SYN, etherparse::PacketBuilderStep::syn as fn(_) -> _), (FIN, etherparse::PacketBuilderStep::fin)]
    {
        if header.flags.has(flag) {
            step = set(step);
        }
    }
    if header.flags.has(ACK) {
        step = step.ack(header.ack);
    }
    let mut packet = Vec::new();
    step.options_raw(options).unwrap().write(&mut packet, text).unwrap();
    packet
}

/// An experimental option (RFC 4727) of seven octets, so that what follows is not aligned.
const UNKNOWN: [u8; 7] = [253, 7, 1, 2, 3, 4, 5];

/// RFC 9293: MUST-4, MUST-5, MUST-6, MUST-14, MUST-64
#[test]
fn any_segment_may_carry_options_that_nobody_knows_anywhere_in_a_word() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 1).unwrap();
    let send = |peer: &mut Peer, flags: Flags, options: &[u8], text: &[u8]| {
        let header = peer.header(flags);
        let packet = with_options(peer, &header, options, text);
        peer.send_raw(&packet);
    };
    // The segment size stands at an odd place, behind an option that nobody knows and one octet of nothing.
    let syn = [&UNKNOWN[..], &[1, 1, 2, 4, 2, 0xbc, 0]].concat();
    send(&mut peer, SYN, &syn, &[]);
    let answer = peer.sent().expect("a SYN,ACK");
    (peer.seq, peer.ack) = (peer.seq + 1, answer.tcp.seq.wrapping_add(1));
    send(&mut peer, ACK, &UNKNOWN, &[]);
    let id = peer.end.accept(listener).expect("established");
    send(&mut peer, ACK, &UNKNOWN, b"text");
    peer.seq += 4;
    assert_eq!(read(&mut peer, id), b"text");
    peer.end.send(peer.now, id, &[1; 1400]).unwrap();
    assert_eq!(texts(&mut peer), [(0, 700), (700, 700)]);
    peer.ack += 1400;
    send(&mut peer, FIN.with(ACK), &UNKNOWN, &[]);
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.state, status.unacknowledged), (State::CloseWait, 0));
    assert_eq!(peer.end.counters().malformed, 0);
}

/// RFC 9293: MUST-7
#[test]
fn an_option_of_no_length_spoils_its_segment_and_nothing_else() {
    let (mut peer, id) = played(60_000, |_| {});
    for (n, bad) in
        [&[253, 0][..], &[253, 1], &[2, 0, 5, 180], &[253, 41, 0, 0], &[2, 3, 5]].into_iter().enumerate()
    {
        let header = peer.header(ACK);
        let packet = with_options(&peer, &header, bad, b"text");
        peer.send_raw(&packet);
        assert_eq!((peer.end.counters().malformed, peer.sent()), (n as u64 + 1, None), "{bad:?}");
    }
    arrive(&mut peer, b"good");
    assert_eq!(read(&mut peer, id), b"good");
}

/// The options of a packet as they stand in it.
fn options(packet: &[u8]) -> Vec<u8> {
    let (_, segment) = ip::Header::parse(packet).unwrap();
    let len = usize::from(segment[12] >> 4) * 4;
    segment[20..len].to_vec()
}

/// RFC 9293: MUST-14, MUST-65, MUST-67, MUST-68, MUST-69, SHLD-5, MAY-3
#[test]
fn every_syn_has_its_segment_size_nothing_else_has_and_all_options_fit_together() {
    for ipv6 in BOTH {
        for plain in BOTH {
            let mut link = Link::with(LATENCY, |config| {
                (config.timestamps, config.sack) = (!plain, !plain);
                config.mtu = 1400;
            });
            let seen = Arc::new(Mutex::new(Vec::new()));
            let sink = Arc::clone(&seen);
            let mut n = 0;
            link.set_faults(move |_, _, packet| {
                sink.lock().unwrap().push(packet.to_vec());
                n += 1;
                if n % 13 == 0 { Fate::Lost } else { Fate::Arrives }
            });
            let server = if ipv6 { socket6(&link.ends[1], 80) } else { socket(&link.ends[1], 80) };
            let users = transfer_to(&mut link, server, [text(60_000, 1), text(60_000, 2)], MINUTE);
            assert!(users.iter().all(|user| user.done() && user.error.is_none()));
            let (mut syns, mut kinds) = (0, std::collections::BTreeSet::new());
            for packet in seen.lock().unwrap().iter() {
                let (ip, segment) = ip::Header::parse(packet).unwrap();
                let (header, _) = tcp::Header::parse(segment, ip.source, ip.destination).unwrap();
                let size = if ipv6 { 1340 } else { 1360 };
                let is_syn = header.flags.has(SYN);
                syns += usize::from(is_syn);
                assert_eq!(header.options.mss, is_syn.then_some(size));
                let mut rest = &options(packet)[..];
                while let [kind, after @ ..] = rest {
                    kinds.insert(*kind);
                    assert_ne!(*kind, 0, "an end of the list, after which zeros would have to follow");
                    rest = if *kind == 1 { after } else { &rest[usize::from(after[0])..] };
                }
            }
            assert!(syns >= 2 && kinds.contains(&2) && kinds.contains(&5) != plain, "{kinds:?}");
        }
    }
}

/// RFC 9293: MUST-15
#[test]
fn a_peer_that_names_no_segment_size_gets_small_ones() {
    for (ipv6, size) in [(false, 536), (true, 1220)] {
        for crowded in BOTH {
            let mut peer = Peer::new(ipv6, |_| {});
            let mut listen = Listen::on(80);
            if crowded {
                // The SYN is answered by a cookie.
                listen.half_open = 1;
            }
            let listener = peer.end.listen_with(&listen).unwrap();
            let other = tcp::Header { source: 1, ..peer.header(SYN) };
            peer.send(&other, &[]);
            peer.all();
            let id = peer.connect(listener, |_| {});
            assert_eq!(peer.end.counters().cookies_returned, u64::from(crowded));
            peer.end.send(peer.now, id, &[1; 4000]).unwrap();
            let largest = texts(&mut peer).iter().map(|(_, len)| *len).max();
            assert_eq!(largest, Some(size), "IPv6 {ipv6}, cookie {crowded}");
        }
    }
}

// --- Checksums and initial numbers ---

/// RFC 9293: MUST-2, MUST-3
#[test]
fn a_segment_with_a_wrong_checksum_is_nothing_and_ours_have_the_right_one() {
    for ipv6 in BOTH {
        let mut peer = Peer::new(ipv6, |_| {});
        let listener = peer.end.listen(80, 1).unwrap();
        let id = peer.connect(listener, |_| {});
        let ip = ip::Header::tcp(peer.us.ip(), peer.them.ip());
        let packet = peer.header(ACK).packet(&ip, (b"text", &[]));
        let start = if ipv6 { 40 } else { 20 };
        // Each bit of the segment but those of the ports: with those it is somebody else's, and wrong all the same.
        for bit in start * 8..packet.len() * 8 {
            let mut wrong = packet.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            peer.send_raw(&wrong);
        }
        assert_eq!(peer.all(), [], "nobody answers");
        assert_eq!(read(&mut peer, id), b"");
        assert!(peer.end.counters().checksum > 100, "{:?}", peer.end.counters());
        peer.send_raw(&packet);
        assert_eq!(read(&mut peer, id), b"text");
        // `sent` refuses a wrong checksum of ours; the number of octets may be odd.
        for len in 1..20 {
            peer.end.send(peer.now, id, &text(len, 1)).unwrap();
            acknowledge(&mut peer, 0, 60_000);
            while let Some(packet) = peer.sent() {
                peer.ack = peer.ack.max(packet.tcp.seq.wrapping_add(packet.text.len() as u32));
            }
        }
    }
}

/// The initial number of a connection from this port, opened then, with this key.
fn initial(seconds: u64, port: u16, key: [u64; 2]) -> u32 {
    let mut peer = Peer::new(false, |config| config.key = key);
    peer.now = tcpspec_stack::Time::at(SECOND * seconds as u32);
    peer.end.connect(peer.now, Some(port), peer.us).unwrap();
    peer.sent().unwrap().tcp.seq
}

/// RFC 9293: MUST-8, SHLD-1, MUST-9
#[test]
fn initial_numbers_follow_a_clock_and_a_hash_that_only_the_key_explains() {
    let key = [1, 2];
    let first = initial(10, 80, key);
    assert_eq!(initial(11, 80, key).wrapping_sub(first), 250_000, "one every 4 µs");
    // It goes around in 2^32 × 4 µs, about 4.77 hours.
    assert_eq!(initial(10 + 17_179, 80, key).wrapping_sub(first), (17_179_u64 * 250_000) as u32);
    // Between one pair of sockets and the next there is no rule, and with another key another.
    let steps = |key| -> Vec<u32> {
        let numbers: Vec<u32> = (100..164).map(|port| initial(10, port, key)).collect();
        numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect()
    };
    let (ours, theirs) = (steps(key), steps([1, 3]));
    let mut all = [ours.clone(), theirs.clone()].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), ours.len() + theirs.len(), "no step comes twice");
    let high = all.iter().filter(|step| **step >> 31 == 1).count();
    assert!((32..=94).contains(&high), "and they are everywhere: {high} of 126");
}

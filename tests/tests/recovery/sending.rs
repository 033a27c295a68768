//! When text leaves, when it is acknowledged, what window is offered, and the timers that are settings: against a peer played by hand, and
//! between two endpoints.

use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::ip;
use tcpspec_stack::{Config, ConnectionId, Error, KeepAlive, Received, Time};
use tcpspec_tests::peer::{ACK, FIN, Peer};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, socket, state, text};

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
        if header.flags.has(Flags::SYN) {
            header.options.mss = Some(MSS as u16);
        }
    });
    (peer, id)
}

fn send(peer: &mut Peer, id: ConnectionId, text: &[u8]) {
    assert_eq!(peer.end.send(peer.now, id, text), Ok(text.len()));
}

/// The lengths of texts that the endpoint has sent meanwhile.
fn lengths(peer: &mut Peer) -> Vec<usize> {
    peer.all().iter().map(|packet| packet.text.len()).filter(|len| *len > 0).collect()
}

/// Acknowledges so many octets more and offers this window.
fn acknowledge(peer: &mut Peer, octets: usize, window: u16) {
    peer.ack = peer.ack.wrapping_add(octets as u32);
    let mut header = peer.header(ACK);
    header.window = window;
    peer.send(&header, &[]);
}

fn settings(peer: &mut Peer, id: ConnectionId, change: impl FnOnce(&mut tcpspec_stack::Settings)) {
    let mut settings = peer.end.settings(id).unwrap();
    change(&mut settings);
    peer.end.set_settings(peer.now, id, settings).unwrap();
}

// --- Small segments ---

/// RFC 9293: SHLD-7, SHLD-28
#[test]
fn a_small_segment_waits_for_a_small_one_and_not_for_a_full_one() {
    let (mut peer, id) = played(60_000, |_| {});
    send(&mut peer, id, &[1; 10]);
    send(&mut peer, id, &[2; 20]);
    send(&mut peer, id, &[3; 30]);
    assert_eq!(lengths(&mut peer), [10], "the first has nothing to wait for");
    peer.wait(SECOND / 2);
    acknowledge(&mut peer, 10, 60_000);
    assert_eq!(lengths(&mut peer), [50], "the others together");
    acknowledge(&mut peer, 50, 60_000);
    // A text of two and a half segments goes at once: Minshall's variant.
    send(&mut peer, id, &[4; 2 * MSS + 500]);
    assert_eq!(lengths(&mut peer), [MSS, MSS, 500]);
    send(&mut peer, id, &[5; 1]);
    assert_eq!(lengths(&mut peer), [0; 0]);
}

/// RFC 9293: MUST-17
#[test]
fn without_nagle_every_write_leaves_at_once() {
    let (mut peer, id) = played(60_000, |_| {});
    send(&mut peer, id, &[1; 10]);
    send(&mut peer, id, &[2; 20]);
    assert_eq!(lengths(&mut peer), [10]);
    settings(&mut peer, id, |settings| settings.no_delay = true);
    assert_eq!(lengths(&mut peer), [20], "what waited leaves with the setting");
    send(&mut peer, id, &[3; 30]);
    assert_eq!(lengths(&mut peer), [30]);
}

/// RFC 9293: MUST-60
#[test]
fn a_cork_holds_small_segments_for_200_ms_until_it_is_taken_out_or_the_end() {
    let (mut peer, id) = played(60_000, |_| {});
    settings(&mut peer, id, |settings| (settings.cork, settings.no_delay) = (true, true));
    send(&mut peer, id, &[1; MSS + 10]);
    assert_eq!(lengths(&mut peer), [MSS]);
    peer.wait(199 * MS);
    assert_eq!(lengths(&mut peer), [0; 0]);
    peer.wait(2 * MS);
    assert_eq!(lengths(&mut peer), [10]);
    send(&mut peer, id, &[2; 20]);
    settings(&mut peer, id, |settings| settings.cork = false);
    assert_eq!(lengths(&mut peer), [20]);
    settings(&mut peer, id, |settings| settings.cork = true);
    send(&mut peer, id, &[3; 30]);
    assert_eq!(lengths(&mut peer), [0; 0]);
    peer.end.close(peer.now, id).unwrap();
    let last = peer.sent().unwrap();
    assert_eq!((last.text.len(), last.tcp.flags.has(FIN)), (30, true), "nothing will be added to it");
}

/// RFC 9293: MUST-61
#[test]
fn the_last_octet_of_a_write_is_pushed() {
    let (mut peer, id) = played(60_000, |_| {});
    send(&mut peer, id, &[1; 2 * MSS + 5]);
    let pushed: Vec<_> = peer.all().iter().map(|packet| packet.tcp.flags.has(Flags::PSH)).collect();
    assert_eq!(pushed, [false, false, true], "MUST-61");
}

// --- Silly windows ---

/// RFC 9293: MUST-38, MUST-60
#[test]
fn a_tiny_window_is_not_used_until_a_timer_says_so() {
    let (mut peer, id) = played(60_000, |_| {});
    send(&mut peer, id, &[1; MSS]);
    assert_eq!(lengths(&mut peer), [MSS]);
    acknowledge(&mut peer, MSS, 100);
    send(&mut peer, id, &[2; 5 * MSS]);
    assert_eq!(lengths(&mut peer), [0; 0], "100 octets are neither a segment nor half of the largest window");
    peer.wait(199 * MS);
    assert_eq!(lengths(&mut peer), [0; 0]);
    peer.wait(2 * MS);
    assert_eq!(lengths(&mut peer), [100], "the override timeout of §3.8.6.2.1");
    // The window opens: no need to wait.
    acknowledge(&mut peer, 100, 3000);
    assert_eq!(lengths(&mut peer), [MSS, MSS, MSS]);
}

/// RFC 9293: MUST-38
#[test]
fn half_of_the_largest_window_is_worth_a_segment() {
    let (mut peer, id) = played(400, |_| {});
    send(&mut peer, id, &[1; 5 * MSS]);
    assert_eq!(lengths(&mut peer), [400]);
    acknowledge(&mut peer, 400, 199);
    assert_eq!(lengths(&mut peer), [0; 0]);
    acknowledge(&mut peer, 0, 200);
    assert_eq!(lengths(&mut peer), [200]);
}

/// RFC 9293: MUST-38
#[test]
fn a_reader_of_small_pieces_makes_no_small_segments() {
    let mut link = Link::with(LATENCY, |config| config.receive_buffer = 10_000);
    let (_, client, server) = connected(&mut link);
    let whole = text(200_000, 1);
    let (mut sent, mut read) = (0, 0);
    let before = link.log().len();
    // 100 octets each millisecond.
    for _ in 0..3000 {
        let now = link.now();
        if sent < whole.len() {
            sent += link.ends[0].send(now, client, &whole[sent..]).unwrap();
        }
        if let Ok(Received::Text(n)) = link.ends[1].receive(now, server, &mut [0; 100]) {
            read += n;
        }
        link.run_for(MS);
    }
    assert_eq!(read, whole.len());
    let lengths: Vec<_> = link.log()[before..]
        .iter()
        .filter(|sent| sent.from == 0 && sent.text > 0)
        .map(|sent| sent.text)
        .collect();
    let small = lengths.iter().filter(|len| **len < 1448).count();
    assert!(small <= 2 && lengths.len() < 150, "{small} of {}: {lengths:?}", lengths.len());
    let windows: Vec<_> = link.log()[before..].iter().filter(|sent| sent.from == 1).collect();
    assert!(windows.len() < 2 * lengths.len(), "an update for each segment at most, not for each read");
}

// --- The closed window ---

/// RFC 9293: MUST-36, MUST-37, SHLD-29, SHLD-30
#[test]
fn a_closed_window_is_probed_with_back_off_and_for_as_long_as_the_peer_answers() {
    let (mut peer, id) = played(1000, |_| {});
    send(&mut peer, id, &[1; 3000]);
    assert_eq!(lengths(&mut peer), [1000]);
    acknowledge(&mut peer, 1000, 0);
    let mut probes = Vec::new();
    let (start, window) = (peer.now, peer.end.status(id).unwrap().congestion_window);
    peer.wait(SECOND / 2);
    for _ in 0..3600 {
        peer.wait(SECOND);
        for packet in peer.all() {
            assert_eq!(packet.text.len(), 1, "one octet");
            probes.push(peer.now - start);
            acknowledge(&mut peer, 0, 0);
        }
    }
    let spans: Vec<_> = probes.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(probes[0].as_secs(), 1, "after one RTO (SHLD-29)");
    assert_eq!(spans[..7], [1, 2, 4, 8, 16, 32, 60], "SHLD-30");
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.state, status.error), (State::Established, None), "MUST-37");
    assert_eq!(status.congestion_window, window, "a closed window is no congestion");
    acknowledge(&mut peer, 0, 5000);
    assert!(lengths(&mut peer).iter().sum::<usize>() >= 1000, "the window opens and is used at once");
}

#[test]
fn a_peer_that_does_not_answer_probes_is_given_up() {
    let (mut peer, id) = played(1000, |_| {});
    send(&mut peer, id, &[1; 3000]);
    acknowledge(&mut peer, 1000, 0);
    peer.wait(MINUTE * 4);
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut));
}

// --- Acknowledgments and windows ---

/// RFC 9293: SHLD-18, SHLD-19, MUST-40
#[test]
fn full_segments_are_acknowledged_one_by_one_at_first_then_in_pairs_and_a_small_one_after_40_ms() {
    let (mut peer, _) = played(60_000, |config| (config.mtu, config.ipv6) = (MSS as u16 + 40, None));
    let arrive = |peer: &mut Peer, len: usize| {
        let header = peer.header(ACK);
        peer.send(&header, &vec![7; len]);
        peer.seq = peer.seq.wrapping_add(len as u32);
        peer.all().len()
    };
    let at_once: Vec<_> = (0..24).map(|_| arrive(&mut peer, MSS)).collect();
    assert_eq!(at_once[..16], [1; 16]);
    assert_eq!(at_once[16..], [0, 1, 0, 1, 0, 1, 0, 1], "SHLD-19");
    assert_eq!(arrive(&mut peer, 10), 0);
    peer.wait(39 * MS);
    assert_eq!(peer.all().len(), 0);
    peer.wait(2 * MS);
    assert_eq!(peer.sent().map(|packet| packet.tcp.ack), Some(peer.seq));
}

/// RFC 9293: MUST-58, MUST-59
#[test]
fn segments_that_come_together_are_acknowledged_once() {
    let (mut peer, id) = played(60_000, |config| (config.mtu, config.ipv6) = (MSS as u16 + 40, None));
    let together = |peer: &mut Peer, count: u32| {
        for _ in 0..count {
            let header = peer.header(ACK);
            let ip = ip::Header::tcp(peer.us.ip(), peer.them.ip());
            peer.end.handle_packet(peer.now, &header.packet(&ip, (&[7; MSS], &[])));
            peer.seq = peer.seq.wrapping_add(MSS as u32);
        }
    };
    together(&mut peer, 8);
    let answers = peer.all();
    assert_eq!(answers.len(), 1, "MUST-59");
    assert_eq!(answers[0].tcp.ack, peer.seq);
    // What the user sends meanwhile takes the acknowledgment along.
    together(&mut peer, 8);
    peer.end.send(peer.now, id, b"text").unwrap();
    let answers = peer.all();
    assert_eq!(answers.len(), 1, "MUST-58");
    assert_eq!((answers[0].tcp.ack, answers[0].text.as_slice()), (peer.seq, b"text".as_slice()));
    // A hole is told by each segment behind it (RFC 5681 §4.2).
    peer.seq = peer.seq.wrapping_add(1);
    together(&mut peer, 3);
    assert_eq!(peer.all().len(), 3);
}

/// RFC 9293: MUST-58, MUST-59, SHLD-31, MAY-13
#[test]
fn what_fills_a_hole_is_acknowledged_once_and_whole() {
    let (mut peer, _) = played(60_000, |_| {});
    for early in [1, 2, 4] {
        let mut header = peer.header(ACK);
        header.seq += early * 100;
        peer.send(&header, &[early as u8; 100]);
        assert_eq!(peer.all().len(), 1, "what is missing is said at once (RFC 5681 §4.2)");
    }
    let header = peer.header(ACK);
    peer.send(&header, &[0; 100]);
    let answers = peer.all();
    assert_eq!(answers.len(), 1, "MUST-58");
    assert_eq!(answers[0].tcp.ack, peer.seq + 300);
}

#[test]
fn the_window_grows_with_a_reader_who_keeps_up_and_not_without() {
    for reads in [true, false] {
        let mut link = Link::with(LATENCY, |config| config.receive_buffer = 1 << 20);
        let (_, client, server) = connected(&mut link);
        let before = link.ends[1].status(server).unwrap().receive_window;
        assert_eq!(before, 64 << 10);
        let mut buffer = vec![0; 1 << 20];
        link.run_until(SECOND * 5, |link| {
            let now = link.now();
            link.ends[0].send(now, client, &[1; 4096]).unwrap();
            if reads {
                let _ = link.ends[1].receive(now, server, &mut buffer);
            }
            false
        });
        let status = link.ends[1].status(server).unwrap();
        let offered = status.receive_window as usize + status.unread;
        assert_eq!(offered, if reads { 1 << 20 } else { 64 << 10 });
    }
}

#[test]
fn buffers_and_segments_have_limits_of_their_own() {
    let (mut peer, id) = played(60_000, |_| {});
    settings(&mut peer, id, |settings| {
        settings.send_buffer = 5000;
        settings.receive_buffer = 10_000;
        settings.largest_segment = Some(700);
    });
    assert_eq!(peer.end.send(peer.now, id, &[1; 9000]), Ok(5000));
    assert_eq!(peer.end.send(peer.now, id, &[1; 9000]), Ok(0));
    assert!(lengths(&mut peer).iter().all(|len| *len <= 700));
    acknowledge(&mut peer, 1400, 60_000);
    assert_eq!(peer.end.send(peer.now, id, &[1; 9000]), Ok(1400));
    // What was offered before is taken; then there is room for 10,000.
    let (mut window, mut buffer) = (peer.end.status(id).unwrap().receive_window, vec![0; 1 << 20]);
    while window > 10_000 {
        let header = peer.header(ACK);
        peer.send(&header, &[7; 1400]);
        peer.seq = peer.seq.wrapping_add(1400);
        let _ = peer.end.receive(peer.now, id, &mut buffer);
        let next = peer.end.status(id).unwrap().receive_window;
        assert!(next < window);
        window = next;
    }
    let _ = peer.end.receive(peer.now, id, &mut buffer);
    assert!(peer.end.status(id).unwrap().receive_window <= 10_000);
}

// --- Urgent text ---

/// RFC 9293: MUST-30, MUST-33, MUST-62
#[test]
fn urgent_text_is_pointed_to_until_it_is_acknowledged_and_the_reader_knows_where_it_ends() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let (now, before) = (link.now(), link.log().len());
    link.ends[0].send(now, client, b"plain").unwrap();
    link.ends[0].send_urgent(now, client, b"hurry").unwrap();
    link.ends[0].send(now, client, b"plain again").unwrap();
    link.run_for(LATENCY * 10);
    let urgent: Vec<_> = link.log()[before..]
        .iter()
        .filter(|sent| sent.from == 0 && sent.header.flags.has(Flags::URG))
        .map(|sent| sent.header.urgent)
        .collect();
    // "plain" left by itself before anything was urgent; then the pointer stands behind "hurry".
    assert_eq!(urgent, [5]);
    let unread = |link: &Link| link.ends[1].urgent(server).unwrap();
    assert_eq!(unread(&link), 10, "MUST-31, MUST-32");
    let (now, mut buffer) = (link.now(), [0; 7]);
    assert_eq!(link.ends[1].receive(now, server, &mut buffer), Ok(Received::Text(7)));
    assert_eq!(unread(&link), 3);
    assert_eq!(link.ends[1].receive(now, server, &mut buffer), Ok(Received::Text(7)));
    assert_eq!(unread(&link), 0);
}

// --- Timers that are settings of one connection ---

/// RFC 9293: MAY-5, MUST-24, MUST-27
#[test]
fn keep_alive_is_a_setting_of_each_connection() {
    let (mut peer, id) = played(60_000, |_| {});
    let on = KeepAlive { idle: MINUTE, interval: SECOND * 10, probes: 4 };
    settings(&mut peer, id, |settings| settings.keep_alive = Some(on));
    let start = peer.now;
    let mut probes = Vec::new();
    // Timers may run out a little later than asked for.
    peer.wait(SECOND / 2);
    while peer.end.status(id).unwrap().error.is_none() {
        peer.wait(SECOND);
        assert!(peer.now < Time::at(MINUTE * 5));
        for packet in peer.all() {
            assert_eq!(packet.tcp.seq, peer.ack.wrapping_sub(1), "SEG.SEQ = SND.NXT - 1");
            probes.push((peer.now - start).as_secs());
        }
    }
    assert_eq!(probes, [60, 70, 80, 90]);
    assert_eq!((peer.now - start).as_secs(), 100);
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut));
}

/// RFC 9293: MUST-24
#[test]
fn an_answer_ends_the_asking_and_off_is_off() {
    let (mut peer, id) = played(60_000, |_| {});
    let on = KeepAlive { idle: MINUTE, interval: SECOND * 10, probes: 2 };
    settings(&mut peer, id, |settings| settings.keep_alive = Some(on));
    for _ in 0..20 {
        peer.wait(MINUTE + MS);
        assert_eq!(peer.all().len(), 1);
        acknowledge(&mut peer, 0, 60_000);
    }
    settings(&mut peer, id, |settings| settings.keep_alive = None);
    peer.wait(MINUTE * 60);
    assert_eq!((peer.all().len(), peer.end.status(id).unwrap().error), (0, None));
}

#[test]
fn the_user_timeout_can_be_set_while_text_waits() {
    let (mut peer, id) = played(60_000, |_| {});
    send(&mut peer, id, b"hello?");
    peer.wait(SECOND * 5);
    settings(&mut peer, id, |settings| settings.user_timeout = Some(SECOND * 12));
    peer.wait(SECOND * 6);
    assert_eq!(peer.end.status(id).unwrap().error, None);
    peer.wait(SECOND + MS);
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut), "12 seconds after it was sent");
}

/// RFC 9293: MUST-21
#[test]
fn for_ever_is_a_limit_like_any_other() {
    let (mut peer, id) = played(60_000, |_| {});
    settings(&mut peer, id, |settings| {
        let for_ever = Duration::MAX;
        settings.keep_alive = Some(KeepAlive { idle: for_ever, interval: for_ever, probes: u32::MAX });
        (settings.user_timeout, settings.r2) = (Some(for_ever), for_ever);
        (settings.send_buffer, settings.receive_buffer) = (usize::MAX, usize::MAX);
    });
    send(&mut peer, id, b"hello?");
    peer.wait(MINUTE * 60 * 24);
    assert_eq!(peer.end.status(id).unwrap().error, None);
    assert!(peer.all().len() > 1000, "it is still being sent");
    acknowledge(&mut peer, 6, 60_000);
    assert_eq!(peer.end.status(id).unwrap().unacknowledged, 0);
}

/// RFC 9293: MUST-21
#[test]
fn r2_is_a_setting_of_each_connection_beside_the_user_timeout() {
    for (r2, user_timeout, lives) in [(30, 600, 29), (3600, 600, 599), (600, 30, 29)] {
        let (mut peer, id) = played(60_000, |_| {});
        settings(&mut peer, id, |settings| {
            settings.r2 = SECOND * r2;
            settings.user_timeout = Some(SECOND * user_timeout);
        });
        send(&mut peer, id, b"hello?");
        peer.wait(SECOND * lives);
        assert_eq!(peer.end.status(id).unwrap().error, None, "R2 {r2}, user timeout {user_timeout}");
        // R2 is looked at when the retransmission timer runs out, after a minute at most.
        peer.wait(SECOND * 61);
        assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut));
    }
}

/// RFC 9293: MAY-1
#[test]
fn a_connection_that_nobody_holds_does_not_wait_for_ever_in_fin_wait_2() {
    for first in [true, false] {
        let mut link = Link::with(LATENCY, |config| config.orphan_timeout = SECOND * 20);
        let (_, client, server) = connected(&mut link);
        let now = link.now();
        // The user goes before or after his FIN is acknowledged.
        if first {
            link.ends[0].close(now, client).unwrap();
            link.run_for(SECOND);
            assert_eq!(state(&link, 0, client), State::FinWait2);
        }
        let now = link.now();
        link.ends[0].release(now, client);
        link.run_for(SECOND * 19);
        assert_eq!(link.ends[0].connections(), 1);
        link.run_for(SECOND * 2);
        assert_eq!(
            (link.ends[0].connections(), link.ends[0].next_deadline()),
            (0, None),
            "released: {first}"
        );
        // The peer is told when it asks.
        let now = link.now();
        link.ends[1].send(now, server, b"anybody there?").unwrap();
        link.run_for(SECOND);
        assert_eq!(link.ends[1].status(server).unwrap().error, Some(Error::Reset));
    }
}

#[test]
fn a_connection_that_somebody_holds_waits_in_fin_wait_2() {
    let mut link = Link::with(LATENCY, |config| {
        config.orphan_timeout = SECOND * 20;
        config.user_timeout = Some(SECOND * 10);
    });
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.run_for(MINUTE * 60);
    assert_eq!(state(&link, 0, client), State::FinWait2);
    let now = link.now();
    link.ends[1].send(now, server, b"late").unwrap();
    link.run_for(SECOND);
    let now = link.now();
    assert_eq!(link.ends[0].receive(now, client, &mut [0; 10]), Ok(Received::Text(4)));
}

/// RFC 9293: MUST-20
#[test]
fn r2_gives_up_and_r1_does_not() {
    let mut link = Link::with(LATENCY, |config| (config.r1, config.r2) = (2, MINUTE));
    let (_, client, _) = connected(&mut link);
    link.set_faults(|_, _, _| Fate::Lost);
    let now = link.now();
    link.ends[0].send(now, client, b"hello?").unwrap();
    link.run_for(SECOND * 59);
    assert_eq!(link.ends[0].status(client).unwrap().error, None);
    link.run_for(MINUTE);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::TimedOut));
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    assert!(link.ends[0].connect(now, Some(5000), remote).is_ok(), "nothing is left of it");
}

//! Loss recovery and congestion control over whole connections, in simulated time.

use std::time::Duration;
use tcpspec_stack::congestion::{Acked, Congestion, Flight, new_reno};
use tcpspec_stack::device::faulty::{Conditions, Path};
use tcpspec_stack::device::memory::{Fate, Link, Sent};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::{Capabilities, Config, ConnectionId, Received, Status, Time};
use tcpspec_tests::peer::{ACK, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, connected, text, transfer};

/// Octets of text in a full segment: 1500 less headers and timestamps.
const FULL: usize = 1448;

/// A congestion window that stays as it is, so that a test knows what is under way.
#[derive(Debug)]
struct Fixed(u32);

impl Congestion for Fixed {
    fn window(&self) -> u32 {
        self.0
    }
    fn threshold(&self) -> u32 {
        u32::MAX
    }
    fn acknowledged(&mut self, _: &Acked) {}
    fn congested(&mut self, _: &Flight) {}
    fn timed_out(&mut self, _: &Flight, _: bool) {}
    fn idle(&mut self, _: u32) {}
}

fn fixed(segments: u32) -> Box<dyn Congestion> {
    Box::new(Fixed(segments * FULL as u32))
}

/// Sends a text from the first end to the second, which reads as it comes; what was read, and how long it took.
fn deliver(link: &mut Link, (from, to): (ConnectionId, ConnectionId), text: &[u8]) -> (Vec<u8>, Duration) {
    let (start, mut sent, mut read) = (link.now(), 0, Vec::new());
    let mut buffer = vec![0; 64 << 10];
    let done = link.run_until(MINUTE * 60, |link| {
        let now = link.now();
        if sent < text.len() {
            sent += link.ends[0].send(now, from, &text[sent..]).unwrap();
        }
        while let Ok(Received::Text(n)) = link.ends[1].receive(now, to, &mut buffer) {
            read.extend_from_slice(&buffer[..n]);
        }
        read.len() == text.len()
    });
    assert!(done, "{} of {} octets came", read.len(), text.len());
    (read, link.now() - start)
}

fn status(link: &Link, id: ConnectionId) -> Status {
    link.ends[0].status(id).unwrap()
}

/// Segments with text that an end has sent since.
fn texts(log: &[Sent], from: usize) -> Vec<&Sent> {
    log.iter().filter(|sent| sent.from == from && sent.text > 0).collect()
}

/// A connection whose handshake is over, with windows that are no limit.
fn pair(change: impl Fn(&mut Config)) -> (Link, ConnectionId, ConnectionId) {
    let mut link = Link::with(LATENCY, |config| {
        config.receive_buffer_start = 1 << 20;
        change(config);
    });
    let (_, client, server) = connected(&mut link);
    (link, client, server)
}

/// Loses the segments with text whose number in the order of sending is in the list.
fn lose(link: &mut Link, lost: impl Fn(u64) -> bool + Send + 'static) {
    let mut n = 0;
    link.set_faults(move |_, from, packet| {
        // Headers with timestamps take 52 octets, with blocks up to 36 more.
        if from != 0 || packet.len() <= 100 {
            return Fate::Arrives;
        }
        n += 1;
        if lost(n - 1) { Fate::Lost } else { Fate::Arrives }
    });
}

// --- Losses ---

#[test]
fn every_pattern_of_losses_in_a_flight_is_repaired_without_a_timeout() {
    let whole = text(10 * FULL, 1);
    for pattern in 0..1024_u64 {
        let (mut link, client, server) = pair(|_| {});
        lose(&mut link, move |n| n < 10 && pattern >> n & 1 == 1);
        let (read, span) = deliver(&mut link, (client, server), &whole);
        assert!(read == whole, "{pattern:010b}");
        let repairs = status(&link, client).repairs;
        assert_eq!(repairs.timeouts, 0, "{pattern:010b}: {repairs:?}");
        // Nothing is sent again in vain but the tail loss probe, which may be.
        let lost = u64::from(pattern.count_ones());
        assert!((lost..=lost + 1).contains(&repairs.again), "{pattern:010b}: {repairs:?}");
        // At worst the last one alone is left: a round trip, the probe after two more and 200 ms (RFC 8985 §7.2), one way.
        assert!(span <= LATENCY * 28, "{pattern:010b}: {span:?}");
    }
}

#[test]
fn every_pattern_of_losses_is_repaired_without_sack() {
    let whole = text(8 * FULL, 1);
    for pattern in 0..256_u64 {
        let (mut link, client, server) = pair(|config| config.sack = false);
        lose(&mut link, move |n| n < 8 && pattern >> n & 1 == 1);
        let (read, _) = deliver(&mut link, (client, server), &whole);
        assert!(read == whole, "{pattern:08b}");
        assert_eq!(link.log().iter().filter(|sent| !sent.header.options.sack.is_empty()).count(), 0);
    }
}

#[test]
fn sack_repairs_thirty_losses_in_about_one_round_trip_and_newreno_one_in_each() {
    let whole = text(100 * FULL, 1);
    let mut spans = Vec::new();
    for sack in [true, false] {
        let (mut link, client, server) = pair(|config| {
            config.sack = sack;
            config.congestion = |_| fixed(100);
        });
        // Every third of those from the sixth to the ninety-third.
        lose(&mut link, |n| (5..95).contains(&n) && n % 3 == 2);
        let (read, span) = deliver(&mut link, (client, server), &whole);
        assert!(read == whole);
        let repairs = status(&link, client).repairs;
        assert_eq!((repairs.again, repairs.timeouts, repairs.congestion), (30, 0, 1), "SACK {sack}");
        spans.push(span);
    }
    // A round trip until the peer's window is known to be wider than 64 KiB, one way for the text, and a round trip for the repair.
    assert!(spans[0] <= LATENCY * 5, "{spans:?}");
    assert!(spans[1] > LATENCY * 2 * 29, "{spans:?}");
}

#[test]
fn a_tail_loss_is_repaired_by_a_probe_and_a_lost_probe_by_the_timer() {
    let whole = text(5 * FULL, 1);
    let (mut link, client, server) = pair(|_| {});
    lose(&mut link, |n| n == 4);
    let (read, span) = deliver(&mut link, (client, server), &whole);
    assert!(read == whole && span <= LATENCY * 28, "{span:?}");
    let repairs = status(&link, client).repairs;
    assert_eq!((repairs.probes, repairs.again, repairs.timeouts), (1, 1, 0));
    // It was congestion all the same: what is acknowledged next shows it (RFC 8985 §7.4).
    deliver(&mut link, (client, server), &whole);
    link.run_for(LATENCY * 2);
    assert_eq!(status(&link, client).repairs.congestion, 1);

    let (mut link, client, server) = pair(|_| {});
    lose(&mut link, |n| n == 4 || n == 5);
    let (read, span) = deliver(&mut link, (client, server), &whole);
    assert!(read == whole && span > Duration::from_millis(900), "{span:?}");
    let repairs = status(&link, client).repairs;
    assert_eq!((repairs.probes, repairs.again, repairs.timeouts), (1, 2, 1));
}

#[test]
fn a_probe_sends_new_text_where_there_is_some() {
    let (mut link, client, server) = pair(|config| config.congestion = |_| fixed(5));
    // All five are lost; more waits.
    lose(&mut link, |n| n < 5);
    let before = link.log().len();
    let (_, span) = deliver(&mut link, (client, server), &text(10 * FULL, 1));
    let sent = texts(&link.log()[before..], 0);
    assert_eq!(sent[5].header.seq.wrapping_sub(sent[0].header.seq), 5 * FULL as u32, "the sixth is new");
    let repairs = status(&link, client).repairs;
    assert_eq!((repairs.probes, repairs.again, repairs.timeouts), (1, 5, 0));
    assert!(span < LATENCY * 12, "{span:?}");
}

#[test]
fn a_lost_retransmission_does_not_wait_for_the_timer() {
    let (mut link, client, server) = pair(|config| config.congestion = |_| fixed(20));
    let whole = text(200 * FULL, 1);
    // The third, and what is sent right after the acknowledgments that show it: its repair.
    let mut seen = 0;
    link.set_faults({
        let mut first: Option<u32> = None;
        let mut count = 0;
        move |_, from, packet| {
            if from != 0 || packet.len() <= 100 {
                return Fate::Arrives;
            }
            count += 1;
            let seq = u32::from_be_bytes(packet[24..28].try_into().unwrap());
            if count == 3 {
                first = Some(seq);
            }
            let lost = first == Some(seq) && seen < 2;
            seen += u32::from(lost);
            if lost { Fate::Lost } else { Fate::Arrives }
        }
    });
    let (read, span) = deliver(&mut link, (client, server), &whole);
    assert!(read == whole);
    let repairs = status(&link, client).repairs;
    assert_eq!((repairs.again, repairs.timeouts, repairs.congestion), (2, 0, 2));
    assert!(span < LATENCY * 2 * 14, "ten round trips, and two for the repairs: {span:?}");
}

#[test]
fn limited_transmit_finds_a_loss_in_a_small_window_without_sack() {
    let (mut link, client, server) = pair(|config| {
        config.sack = false;
        config.congestion = |_| fixed(3);
    });
    lose(&mut link, |n| n == 0);
    let (_, span) = deliver(&mut link, (client, server), &text(6 * FULL, 1));
    let repairs = status(&link, client).repairs;
    assert_eq!(
        (repairs.again, repairs.timeouts),
        (1, 0),
        "two duplicates let two more out, and one of them is the third"
    );
    assert!(span < LATENCY * 12, "{span:?}");
}

#[test]
fn reordering_is_no_loss_once_it_was_seen() {
    let (mut link, client, server) = pair(|config| config.congestion = |_| fixed(50));
    let mut random = Random(3);
    // A tenth of the segments comes up to 4 ms late; a round trip takes 20 ms.
    link.set_faults(move |_, from, packet| {
        if from == 0 && packet.len() > 100 && random.below(10) == 0 {
            Fate::Late(Duration::from_micros(500 + random.below(3500)))
        } else {
            Fate::Arrives
        }
    });
    let whole = text(50 * FULL, 1);
    deliver(&mut link, (client, server), &whole);
    let before = status(&link, client).repairs;
    assert!(before.again <= 10, "at first nothing is known of it: {before:?}");
    for _ in 0..40 {
        let (read, _) = deliver(&mut link, (client, server), &whole);
        assert!(read == whole);
    }
    let after = status(&link, client).repairs;
    assert_eq!((after.again, after.timeouts), (before.again, 0), "2000 segments, 200 of them late");
}

#[test]
fn duplicates_are_reported() {
    let (mut link, client, server) = pair(|_| {});
    link.set_faults(|_, from, packet| {
        if from == 0 && packet.len() > 100 { Fate::Twice(Duration::from_millis(1)) } else { Fate::Arrives }
    });
    let start = link.log().len();
    deliver(&mut link, (client, server), &text(FULL, 1));
    link.run_for(LATENCY * 4);
    let log = &link.log()[start..];
    let sent = texts(log, 0)[0].header.seq;
    let reported: Vec<_> =
        log.iter().filter(|sent| sent.from == 1).flat_map(|sent| sent.header.options.sack.iter()).collect();
    assert_eq!(reported, [(sent, sent.wrapping_add(FULL as u32))], "RFC 2883 §4.1.1, once");
}

/// Before the peer's SYN is taken RCV.NXT means nothing, so nothing can lie left of it.
#[test]
fn what_comes_before_the_connection_is_no_duplicate() {
    // Numbers are before and after those of a TCB that knows none yet.
    for first in [1000, 0xf000_0000] {
        let mut peer = Peer::new(false, |_| {});
        let listener = peer.end.listen(80, 1).unwrap();
        peer.seq = first;
        peer.connect(listener, |header| header.options.sack_permitted = header.flags.has(SYN));
        peer.send(&peer.header(ACK), &[7; 100]);
        peer.wait(Duration::from_secs(1));
        let answer = peer.sent().unwrap();
        assert_eq!((answer.tcp.ack, answer.tcp.options.sack.len()), (first + 101, 0), "{:?}", answer.tcp);

        let mut peer = Peer::new(false, |_| {});
        (peer.seq, peer.us) = (first, (peer.us.ip(), 80).into());
        let (now, remote) = (peer.now, peer.us);
        peer.end.connect(now, Some(5000), remote).unwrap();
        let syn = peer.sent().unwrap();
        // Of an earlier connection: its acknowledgment is answered by a RST.
        (peer.them, peer.ack) = ((peer.them.ip(), 5000).into(), syn.tcp.seq.wrapping_sub(9));
        peer.send(&peer.header(ACK), &[7; 100]);
        assert_eq!(peer.sent().unwrap().tcp.flags, RST);
        peer.ack = syn.tcp.seq.wrapping_add(1);
        let mut header = peer.header(SYN.with(ACK));
        header.options.sack_permitted = true;
        peer.send(&header, &[]);
        let answer = peer.sent().unwrap();
        assert_eq!((answer.tcp.ack, answer.tcp.options.sack.len()), (first + 1, 0), "{:?}", answer.tcp);
    }
}

#[test]
fn the_peer_hears_of_each_block_that_came_early() {
    let (mut link, client, server) = pair(|_| {});
    lose(&mut link, |n| n == 1 || n == 3);
    let start = link.log().len();
    deliver(&mut link, (client, server), &text(5 * FULL, 1));
    let log = &link.log()[start..];
    let first = texts(log, 0)[0].header.seq;
    let blocks: Vec<Vec<_>> = log
        .iter()
        .filter(|sent| sent.from == 1 && !sent.header.options.sack.is_empty())
        .map(|sent| {
            sent.header.options.sack.iter().map(|(a, _)| a.wrapping_sub(first) / FULL as u32).collect()
        })
        .collect();
    assert_eq!(blocks[..2], [vec![2], vec![4, 2]], "the latest first (RFC 2018 §4)");
}

// --- The retransmission timer ---

/// RFC 9293: MUST-19
#[test]
fn the_timer_backs_off_by_two_up_to_its_limit() {
    let (mut link, client, _) = pair(|config| {
        config.max_rto = Duration::from_secs(10);
        config.r2 = Duration::from_secs(100);
    });
    link.set_faults(|_, from, _| if from == 0 { Fate::Lost } else { Fate::Arrives });
    let (start, before) = (link.now(), link.log().len());
    link.ends[0].send(start, client, b"hello?").unwrap();
    link.run_for(MINUTE * 5);
    let sent: Vec<_> = texts(&link.log()[before..], 0).iter().map(|sent| sent.at - start).collect();
    let seconds: Vec<_> = sent.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    // The probe (two round trips and the time of a held back acknowledgment), then 1, 2, 4, 8 seconds, and the limit.
    assert_eq!(seconds[0], 240);
    assert_eq!(seconds[1..7], [1000, 2000, 4000, 8000, 10_000, 10_000], "{seconds:?}");
    let error = link.ends[0].status(client).unwrap().error;
    assert_eq!(error, Some(tcpspec_stack::Error::TimedOut), "R2");
    let last = *sent.last().unwrap();
    assert!(last <= Duration::from_secs(100) && last > Duration::from_secs(85), "{last:?}");
}

/// RFC 9293: MUST-18
#[test]
fn a_timestamp_tells_the_round_trip_of_what_was_sent_twice() {
    // The path becomes slower than the timeout: without timestamps every segment is sent twice and never measured (Karn).
    for timestamps in [true, false] {
        let (mut link, client, server) = pair(|config| config.timestamps = timestamps);
        deliver(&mut link, (client, server), &text(FULL, 1));
        link.set_faults(|_, _, _| Fate::Late(Duration::from_millis(1500)));
        deliver(&mut link, (client, server), &text(FULL, 2));
        link.run_for(Duration::from_secs(10));
        let srtt = status(&link, client).round_trip.unwrap();
        assert_eq!(srtt > Duration::from_millis(100), timestamps, "{srtt:?}");
    }
}

/// RFC 9293: MUST-19
#[test]
fn what_a_timeout_has_lost_comes_in_slow_start() {
    for sack in [true, false] {
        let (mut link, client, server) = pair(|config| config.sack = sack);
        // Up to 40 segments in flight.
        deliver(&mut link, (client, server), &text(100 * FULL, 1));
        link.run_for(LATENCY * 2);
        let (start, whole) = (link.now(), text(40 * FULL, 2));
        // All of them, and with SACK the probe.
        lose(&mut link, move |n| n < 40 + u64::from(sack));
        let (read, span) = deliver(&mut link, (client, server), &whole);
        assert!(read == whole);
        assert_eq!(status(&link, client).repairs.timeouts, 1, "SACK {sack}");
        // 1, 2, 4, 8, 16 and 9 segments; the acknowledgment of the first by itself is held back.
        let (probe, rounds) = (LATENCY * 4, LATENCY * 2 * 6 + Duration::from_millis(40));
        assert!(span <= Duration::from_secs(1) + probe + rounds, "SACK {sack}: {span:?} since {start:?}");
    }
}

// --- Congestion control ---

/// A path with this rate in octets a second, a queue of one such delay, and half of the delay each way.
fn fat(delay: Duration, rate: u64) -> [Path; 2] {
    let queue = (rate as f64 * delay.as_secs_f64()) as usize;
    let conditions = Conditions { rate: Some(rate), queue, delay: delay / 2, ..Conditions::default() };
    [Path::new(1, conditions), Path::new(2, conditions)]
}

fn fill(rate: u64, seconds: u64, change: impl Fn(&mut Config)) -> (f64, Status) {
    let mut link = Link::with(Duration::ZERO, change);
    link.set_paths(fat(Duration::from_millis(100), rate));
    let listener = link.ends[1].listen(80, 4).unwrap();
    let remote = tcpspec_tests::simulated::socket(&link.ends[1], 80);
    let client = link.ends[0].connect(Time::ZERO, None, remote).unwrap();
    link.run_for(Duration::from_millis(300));
    let server = link.ends[1].accept(listener).unwrap();
    let (mut read, chunk) = (0_u64, vec![7; 64 << 10]);
    let mut buffer = vec![0; 64 << 10];
    // The first seconds are slow start's.
    let (start, limit) = (link.now() + Duration::from_secs(5), Duration::from_secs(5 + seconds));
    link.run_until(limit, |link| {
        let now = link.now();
        while link.ends[0].send(now, client, &chunk).unwrap() > 0 {}
        while let Ok(Received::Text(n)) = link.ends[1].receive(now, server, &mut buffer) {
            read += if now >= start { n as u64 } else { 0 };
        }
        false
    });
    (read as f64 / seconds as f64 / rate as f64, status(&link, client))
}

/// RFC 9293: MAY-18
#[test]
fn cubic_fills_a_long_fat_link() {
    // 100 Mbit/s and 100 ms: 1.25 MB under way, 19 times the window that both ends begin with.
    let (used, status) = fill(12_500_000, 30, |_| {});
    assert!(used > 0.9, "{used:.3} of the link: {status:?}");
    assert_eq!(status.repairs.timeouts, 0, "{:?}", status.repairs);
    assert!(status.repairs.congestion > 0, "the queue is finite: {status:?}");
}

/// RFC 9293: MAY-18
#[test]
fn newreno_is_there_too_and_slower() {
    let (cubic, _) = fill(12_500_000, 20, |_| {});
    let (reno, status) = fill(12_500_000, 20, |config| config.congestion = new_reno);
    assert_eq!(status.repairs.timeouts, 0, "{:?}", status.repairs);
    assert!(reno > 0.7 && reno <= cubic + 0.02, "NewReno {reno:.3}, CUBIC {cubic:.3}");
}

#[test]
fn a_small_buffer_is_the_limit_that_it_says_it_is() {
    // 64 KiB in a round trip of 100 ms.
    let (used, _) = fill(12_500_000, 10, |config| config.receive_buffer = 64 << 10);
    let expected = 65_536.0 / 0.1 / 12_500_000.0;
    assert!((used / expected - 1.0).abs() < 0.1, "{used:.4}, not {expected:.4}");
}

#[test]
fn ten_segments_leave_at_first_and_ten_again_after_a_pause() {
    let (mut link, client, server) = pair(|_| {});
    for pause in [0, 5] {
        link.run_for(Duration::from_secs(pause));
        let (now, before) = (link.now(), link.log().len());
        link.ends[0].send(now, client, &text(100 * FULL, 1)).unwrap();
        link.run_for(Duration::from_millis(1));
        assert_eq!(texts(&link.log()[before..], 0).len(), 10, "after {pause} s (RFC 6928, RFC 5681 §4.1)");
        link.run_for(Duration::from_secs(1));
        link.ends[1].receive(link.now(), server, &mut vec![0; 1 << 20]).unwrap();
        assert!(status(&link, client).congestion_window > 20 * FULL as u32);
    }
}

#[test]
fn the_window_does_not_grow_where_it_is_no_limit() {
    let (mut link, client, server) = pair(|_| {});
    let before = status(&link, client).congestion_window;
    for _ in 0..50 {
        deliver(&mut link, (client, server), &text(2 * FULL, 1));
    }
    assert_eq!(status(&link, client).congestion_window, before);
}

#[test]
fn of_a_large_packet_only_the_part_that_is_lost_is_sent_again() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |header| {
        header.options.mss = Some(1000);
        header.options.sack_permitted = true;
    });
    let first = peer.ack;
    peer.end.set_device(Capabilities::ALL);
    peer.end.send(peer.now, id, &[7; 10_000]).unwrap();
    let sent = peer.large();
    assert_eq!(sent, [(first, 10_000)], "ten segments, which the device cuts");
    // Before a probe is due: the handshake took no time.
    peer.wait(Duration::from_millis(1));
    // The third, the fourth and the seventh of them are lost on their way.
    let mut header = peer.header(ACK);
    header.ack = first.wrapping_add(2000);
    let range = |from: u32, until: u32| (first.wrapping_add(from), first.wrapping_add(until));
    for (from, until) in [range(7000, 10_000), range(4000, 6000)] {
        assert!(header.options.sack.push(from, until));
    }
    peer.send(&header, &[]);
    peer.wait(Duration::from_millis(1));
    let again = [
        (first.wrapping_add(2000), 1000),
        (first.wrapping_add(3000), 1000),
        (first.wrapping_add(6000), 1000),
    ];
    assert_eq!(peer.large(), again);
    assert_eq!(peer.end.status(id).unwrap().under_way, 3000);
}

// --- A peer who lies ---

#[test]
fn acknowledgments_that_lie_break_nothing() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let mut peer = Peer::new(false, |config| config.r2 = MINUTE * 600);
        let listener = peer.end.listen(80, 4).unwrap();
        let stamps = seed % 2 == 0;
        let id = peer.connect(listener, |header| {
            header.options.mss = Some(500);
            header.options.sack_permitted = seed % 4 != 3;
            header.options.timestamps = stamps.then_some(Timestamps { val: 1, ecr: 0 });
        });
        let first = peer.ack;
        // How far text was sent, as the peer really knows.
        let mut sent = 0;
        let mut note = |peer: &mut Peer| {
            let ends = peer
                .all()
                .into_iter()
                .map(|packet| packet.tcp.seq.wrapping_sub(first).wrapping_add(packet.text.len() as u32));
            sent = ends.filter(|end| *end < 1 << 30).fold(sent, u32::max);
            sent
        };
        for _ in 0..300 {
            let _ = peer.end.send(peer.now, id, &[5; 3000]);
            peer.wait(Duration::from_millis(random.below(300)));
            let span = u64::from(note(&mut peer)) + 1000;
            let mut header = peer.header(ACK);
            for _ in 0..4 {
                let [a, b] = [0; 2].map(|_| first.wrapping_add(random.below(span) as u32));
                header.options.sack.push(a, b);
            }
            if random.below(3) == 0 {
                header.ack = first.wrapping_add(random.below(span) as u32);
            }
            header.window = [0, 100, 3000, 60_000][random.below(4) as usize];
            let ecr = random.below(1 << 32) as u32;
            header.options.timestamps = stamps.then_some(Timestamps { val: 1, ecr });
            peer.send(&header, &[]);
        }
        let status = peer.end.status(id).unwrap();
        assert_eq!(status.error, None, "seed {seed}");
        assert!(status.under_way as usize <= status.unacknowledged + 1, "seed {seed}: {status:?}");
        // The truth at last: everything that was sent has come.
        for _ in 0..5000 {
            peer.wait(Duration::from_millis(100));
            peer.ack = first.wrapping_add(note(&mut peer));
            let mut header = peer.header(ACK);
            header.options.timestamps = stamps.then_some(Timestamps { val: 1, ecr: 0 });
            peer.send(&header, &[]);
            if peer.end.status(id).unwrap().unacknowledged == 0 {
                break;
            }
        }
        let status = peer.end.status(id).unwrap();
        assert_eq!((status.unacknowledged, status.under_way), (0, 0), "seed {seed}: {status:?}");
        assert!(peer.ack.wrapping_sub(first) > 3000);
    }
}

// --- Everything at once ---

#[test]
fn whatever_the_network_does_the_text_comes_whole() {
    for seed in 0..120_u64 {
        let mut random = Random(seed);
        let mut chance = |most: u64| random.below(most) as f64 / 100.0;
        let conditions = Conditions {
            loss: chance(12),
            duplication: chance(10),
            corruption: chance(4),
            reordering: chance(20),
            jitter: LATENCY / 2,
            rate: Some(500_000 + seed * 50_000),
            queue: 20_000 + 4000 * seed as usize,
            ..Conditions::default()
        };
        let mut link = Link::with(LATENCY, |config| {
            // Without SACK a segment may well be lost seven times in a row, which takes the timer 100 seconds.
            config.r2 = MINUTE * 60;
            config.sack = seed % 3 != 0;
            config.timestamps = seed % 2 == 0;
            config.congestion = if seed % 5 < 2 { new_reno } else { tcpspec_stack::congestion::cubic };
            config.mtu = [1500, 576, 9000][seed as usize % 3];
            // Which has larger packets.
            config.ipv6 = config.ipv6.filter(|_| config.mtu >= 1280);
            config.receive_buffer = [4 << 20, 20_000, 3000][seed as usize / 3 % 3];
        });
        link.set_paths([Path::new(seed, conditions), Path::new(seed + 1000, conditions)]);
        let texts = [text(150_000, seed), text(90_000, seed + 1)];
        let users = transfer(&mut link, texts.clone(), MINUTE * 60);
        assert_eq!(users[0].error.or(users[1].error), None, "seed {seed}");
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "seed {seed}");
    }
}

//! One bound for the memory of the whole stack: what goes first where it is reached, and that nothing else does.

use super::limits::SECOND;
use std::io::IoSlice;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{Config, ConnectionId, Error, Interest, ListenerId, Ready, Received};
use tcpspec_tests::simulated::{LATENCY, Random, socket, text};

/// Octets that a connection may keep each way in any case.
const RESERVE: usize = 4096;
/// What it takes with its buffers.
const MOST: usize = 5 * RESERVE;
/// The largest packet, which may exceed the bound.
const PACKET: usize = 66_000;

/// Two ends, and pairs of sockets between them. Windows have 64 KiB and stay so.
struct Crowd {
    link: Link,
    listener: ListenerId,
    pairs: Vec<[ConnectionId; 2]>,
}

impl Crowd {
    fn new(count: usize, change: impl Fn(&mut Config)) -> Self {
        let mut link = Link::with(LATENCY, |config| {
            config.receive_buffer = 64 << 10;
            (config.orphan_timeout, config.max_orphans, config.orphan_memory) = (Duration::ZERO, 0, 0);
            config.r2 = SECOND * 10_000;
            change(config);
        });
        let listener = link.ends[1].listen(80, 1000).unwrap();
        let mut crowd = Self { link, listener, pairs: Vec::new() };
        (0..count).for_each(|_| crowd.connect());
        crowd
    }

    /// The same with windows of 4 KiB, so that text waits at its sender.
    fn behind_small_windows(count: usize, memory: usize) -> Self {
        Self::new(count, |config| {
            (config.receive_buffer_start, config.receive_buffer) = (4096, 4096);
            config.memory = memory;
        })
    }

    fn connect(&mut self) {
        let (now, remote) = (self.link.now(), socket(&self.link.ends[1], 80));
        let client = self.link.ends[0].connect(now, None, remote).unwrap();
        self.link.run_for(LATENCY * 4);
        self.pairs.push([client, self.link.ends[1].accept(self.listener).unwrap()]);
    }

    fn send(&mut self, pair: usize, text: &[u8]) -> usize {
        let now = self.link.now();
        self.link.ends[0].send(now, self.pairs[pair][0], text).unwrap()
    }

    /// All that has come to the second end on this connection, and comes while it is read.
    fn read(&mut self, pair: usize) -> Vec<u8> {
        let (mut all, mut buffer, id) = (Vec::new(), vec![0; 1 << 20], self.pairs[pair][1]);
        let mut idle = 0;
        // A peer whose text was not taken sends it again after a minute at most.
        while idle < 130 {
            let now = self.link.now();
            match self.link.ends[1].receive(now, id, &mut buffer).unwrap() {
                Received::Text(len) => {
                    all.extend(&buffer[..len]);
                    idle = 0;
                }
                _ => idle += 1,
            }
            self.link.run_for(SECOND / 2);
        }
        all
    }

    fn is_alive(&self, pair: usize) -> bool {
        self.link.ends[0].status(self.pairs[pair][0]).is_ok_and(|status| status.state != State::Closed)
    }
}

#[test]
fn what_came_early_goes_first_and_comes_again() {
    let mut crowd = Crowd::new(4, |config| config.memory = 58_000);
    let texts: Vec<_> = (0..4).map(|n| text(14_000, n)).collect();
    // The first segment of the first connection is lost each time.
    let first = crowd.link.ends[0].tcb(crowd.pairs[0][0]).unwrap().snd_nxt.get();
    crowd.link.set_faults(move |_, _, packet| {
        let is_first = packet.len() > 60 && packet[24..28] == first.to_be_bytes();
        if is_first { Fate::Lost } else { Fate::Arrives }
    });
    for (pair, text) in texts.iter().enumerate() {
        assert_eq!(crowd.send(pair, text), 14_000);
        crowd.link.run_for(SECOND);
    }
    let counters = crowd.link.ends[1].counters();
    assert_eq!((counters.memory_short, counters.early_forgotten, counters.text_cut), (1, 1, 0));
    let end = &crowd.link.ends[1];
    assert!(!end.is_short_of_memory(), "{}", end.memory());
    crowd.link.set_faults(|_, _, _| Fate::Arrives);
    for pair in (0..4).rev() {
        assert!(crowd.read(pair) == texts[pair], "{pair}");
    }
}

#[test]
fn what_nobody_holds_goes_next_and_what_somebody_holds_stays() {
    let mut crowd = Crowd::behind_small_windows(4, 350_000);
    for pair in 0..3 {
        assert_eq!(crowd.send(pair, &text(100_000, 1)), 100_000);
        let (now, id) = (crowd.link.now(), crowd.pairs[pair][0]);
        crowd.link.ends[0].release(now, id);
        crowd.link.run_for(SECOND);
    }
    let whole = text(100_000, 2);
    // As much as there is room for; the rest when there is.
    let sent = crowd.send(3, &whole);
    assert!((20_000..60_000).contains(&sent), "{sent}");
    let counters = crowd.link.ends[0].counters();
    assert_eq!((counters.memory_short, counters.orphans_over_memory), (1, 1));
    assert_eq!([0, 1, 2].map(|pair| crowd.is_alive(pair)), [false, true, true]);
    assert!(!crowd.link.ends[0].is_short_of_memory());
    assert_eq!(crowd.send(3, &whole[sent..]), 100_000 - sent);
    assert!(crowd.read(3) == whole);
}

#[test]
fn then_little_more_is_taken_and_a_caller_that_waits_is_told_when_there_is_room_again() {
    let mut crowd = Crowd::behind_small_windows(4, 350_000);
    let whole = text(150_000, 3);
    assert_eq!([0, 1].map(|pair| crowd.send(pair, &whole)), [150_000; 2]);
    let sent = crowd.send(2, &whole);
    assert!((RESERVE..50_000).contains(&sent), "{sent}");
    let end = &mut crowd.link.ends[0];
    assert!(end.is_short_of_memory() && end.memory() <= 360_000, "{}", end.memory());
    // Each may go on a little.
    let id = crowd.pairs[2][0];
    assert!(!end.is_ready(id, Interest::WRITE));
    end.wait_for(id, Interest::WRITE).unwrap();
    assert_eq!(end.poll_ready(), None);
    assert_eq!([crowd.send(2, &whole), crowd.send(3, &whole)], [0, RESERVE]);
    let (now, remote) = (crowd.link.now(), socket(&crowd.link.ends[1], 80));
    assert_eq!(crowd.link.ends[0].connect(now, None, remote), Err(Error::TooManyConnections));
    // A SYN from the other end finds no room either.
    crowd.link.ends[0].listen(90, 10).unwrap();
    let remote = socket(&crowd.link.ends[0], 90);
    crowd.link.ends[1].connect(now, None, remote).unwrap();
    crowd.link.run_for(SECOND);
    assert_eq!(crowd.link.ends[0].counters().overflowed, 1);
    assert_eq!(crowd.link.ends[0].poll_ready(), None);
    // Others read, and there is room again.
    assert!(crowd.read(0) == whole);
    assert_eq!(crowd.link.ends[0].poll_ready(), Some(Ready::Connection(id, Interest::WRITE)));
    assert!(!crowd.link.ends[0].is_short_of_memory());
    assert_eq!(crowd.send(2, &whole[sent..]), 150_000 - sent);
    assert!(crowd.read(2) == whole && crowd.read(1) == whole && crowd.read(3) == whole[..RESERVE]);
}

#[test]
fn text_that_finds_no_room_counts_as_lost_and_comes_again() {
    let mut crowd = Crowd::new(8, |config| config.memory = 300_000);
    let texts: Vec<_> = (0..8).map(|n| text(60_000, n)).collect();
    // What is not taken counts at its sender.
    let mut sent = Vec::new();
    for (pair, text) in texts.iter().enumerate() {
        sent.push(crowd.send(pair, text));
        crowd.link.run_for(SECOND);
        let memory = crowd.link.ends[1].memory();
        assert!(memory <= 300_000 + 8 * MOST + PACKET, "{memory}");
    }
    let end = &crowd.link.ends[1];
    assert!(end.is_short_of_memory() && end.counters().text_cut > 0);
    for pair in 0..8 {
        assert!(sent[pair] > 0 && crowd.read(pair) == texts[pair][..sent[pair]], "{pair}");
    }
    assert!(!crowd.link.ends[1].is_short_of_memory());
}

/// Each connection is written to and read from at random, and segments are lost.
#[test]
fn the_bound_holds_and_no_octet_is_lost_by_it() {
    const MEMORY: usize = 150_000;
    const PAIRS: usize = 12;
    let mut short = 0;
    for seed in 0..20 {
        let mut crowd = Crowd::new(PAIRS, |config| config.memory = MEMORY);
        let (mut random, mut dice) = (Random(seed), Random(seed + 1000));
        crowd.link.set_faults(move |_, _, _| if random.below(20) == 0 { Fate::Lost } else { Fate::Arrives });
        let texts: Vec<_> = (0..PAIRS as u64).map(|n| text(100_000, seed * 100 + n)).collect();
        let (mut sent, mut read) = ([0; PAIRS], vec![Vec::<u8>::new(); PAIRS]);
        let (mut closed, mut ended) = ([false; PAIRS], [false; PAIRS]);
        let mut buffer = vec![0; 1 << 16];
        for step in 0..20_000 {
            let pair = dice.below(PAIRS as u64) as usize;
            if dice.below(2) == 0 {
                let len = dice.below(30_000) as usize;
                let (rest, cut) = (&texts[pair][sent[pair]..], dice.below(len as u64 + 1) as usize);
                let rest = &rest[..len.min(rest.len())];
                let pieces = [&rest[..cut.min(rest.len())], &rest[cut.min(rest.len())..]].map(IoSlice::new);
                let (now, id) = (crowd.link.now(), crowd.pairs[pair][0]);
                if !closed[pair] {
                    sent[pair] += crowd.link.ends[0].send_vectored(now, id, &pieces).unwrap();
                }
                if !closed[pair] && sent[pair] == texts[pair].len() {
                    crowd.link.ends[0].close(now, id).unwrap();
                    closed[pair] = true;
                }
            } else if step > 200 {
                let (now, max) = (crowd.link.now(), dice.below(1 << 16) as usize);
                let id = crowd.pairs[pair][1];
                match crowd.link.ends[1].receive(now, id, &mut buffer[..max]).unwrap() {
                    Received::Text(len) => read[pair].extend(&buffer[..len]),
                    Received::Nothing => {}
                    Received::End => ended[pair] = true,
                }
            }
            crowd.link.run_for(Duration::from_millis(dice.below(200)));
            for end in &crowd.link.ends {
                assert!(end.memory() <= MEMORY + PAIRS * MOST + PACKET, "seed {seed}: {}", end.memory());
            }
            if ended == [true; PAIRS] {
                break;
            }
        }
        assert!(read == texts, "seed {seed}: {:?}", read.iter().map(Vec::len).collect::<Vec<_>>());
        short += crowd.link.ends.each_ref().map(|end| end.counters().memory_short).iter().sum::<u64>();
        // All that was counted is counted back.
        for [client, server] in crowd.pairs.clone() {
            let now = crowd.link.now();
            crowd.link.ends[0].release(now, client);
            crowd.link.ends[1].release(now, server);
        }
        crowd.link.run_for(SECOND * 1000);
        assert_eq!(crowd.link.ends.each_ref().map(|end| (end.connections(), end.memory())), [(0, 0); 2]);
    }
    assert!(short > 100, "{short}");
}

/// Connections that rest, and those in TIME-WAIT, count with what they take.
#[test]
fn what_rests_or_waits_counts_less() {
    let mut crowd = Crowd::new(10, |_| {});
    let awake = crowd.link.ends[0].memory();
    assert!((8_000..20_000).contains(&awake), "{awake}");
    crowd.link.run_for(SECOND * 60);
    assert_eq!(crowd.link.ends[0].resting(), 10);
    let resting = crowd.link.ends[0].memory();
    assert!(resting < awake / 2, "{resting} of {awake}");
    // Awake again, and at rest once more.
    (0..10).for_each(|pair| assert_eq!(crowd.send(pair, b"x"), 1));
    assert!(crowd.link.ends[0].memory() >= awake);
    crowd.link.run_for(SECOND * 60);
    let again = crowd.link.ends[0].memory();
    assert!((resting..resting * 11 / 10).contains(&again), "{again}, {resting} before");
    for [client, server] in crowd.pairs.clone() {
        let now = crowd.link.now();
        crowd.link.ends[0].release(now, client);
        crowd.link.run_for(SECOND);
        let now = crowd.link.now();
        crowd.link.ends[1].receive(now, server, &mut [0; 10]).unwrap();
        crowd.link.ends[1].release(now, server);
    }
    crowd.link.run_for(SECOND * 10);
    let waiting = crowd.link.ends[0].memory();
    assert!(waiting > 0 && waiting < resting / 2, "{waiting} of {resting}");
    crowd.link.run_for(SECOND * 300);
    assert_eq!(crowd.link.ends.each_ref().map(tcpspec_stack::Endpoint::memory), [0, 0]);
}

/// Text that is missing has room, though what came behind it fills its own.
#[test]
fn a_lost_segment_does_not_stop_a_connection() {
    let mut crowd = Crowd::new(5, |config| config.memory = 200_000);
    for pair in 1..5 {
        crowd.send(pair, &text(60_000, 1));
        crowd.link.run_for(SECOND);
    }
    assert!(crowd.link.ends[1].is_short_of_memory());
    let (mut lost, whole) = (0, text(8 * 1400, 9));
    crowd.link.set_faults(move |_, from, packet| {
        let is_text = from == 0 && packet.len() > 1000;
        lost += u32::from(is_text);
        if is_text && lost == 1 { Fate::Lost } else { Fate::Arrives }
    });
    let mut sent = 0;
    let mut read = Vec::<u8>::new();
    for _ in 0..200 {
        sent += crowd.send(0, &whole[sent..]);
        crowd.link.run_for(SECOND / 10);
        let (now, id) = (crowd.link.now(), crowd.pairs[0][1]);
        let mut buffer = [0; 1 << 16];
        if let Received::Text(len) = crowd.link.ends[1].receive(now, id, &mut buffer).unwrap() {
            read.extend(&buffer[..len]);
        }
    }
    assert!(crowd.link.ends[1].is_short_of_memory());
    assert!(read == whole, "{} of {}", read.len(), whole.len());
}

/// RFC 9293: MUST-36, MUST-37
#[test]
fn a_probe_of_a_closed_window_is_answered_though_memory_is_short() {
    let mut crowd = Crowd::new(8, |config| {
        (config.memory, config.r2) = (300_000, SECOND * 100);
    });
    // More than a window of each.
    for pair in 0..8 {
        crowd.send(pair, &text(200_000, pair as u64));
        crowd.link.run_for(SECOND);
    }
    let end = &crowd.link.ends[1];
    let closed = |pair: &[ConnectionId; 2]| end.tcb(pair[1]).unwrap().rcv_wnd == 0;
    let closed: Vec<_> = crowd.pairs.iter().map(closed).collect();
    assert!(end.is_short_of_memory() && closed.contains(&true), "{closed:?}");
    crowd.link.run_for(SECOND * 1000);
    for (pair, closed) in closed.into_iter().enumerate() {
        assert!(!closed || crowd.is_alive(pair), "{pair}: given up behind a closed window");
    }
}

/// No event of its own tells the caller: others end.
#[test]
fn a_caller_that_waits_is_told_at_once() {
    let mut crowd = Crowd::behind_small_windows(3, 350_000);
    for pair in 0..3 {
        crowd.send(pair, &text(150_000, 1));
    }
    let (now, id) = (crowd.link.now(), crowd.pairs[2][0]);
    let other = crowd.pairs[0][0];
    let end = &mut crowd.link.ends[0];
    end.wait_for(id, Interest::WRITE).unwrap();
    assert!(end.is_short_of_memory() && end.poll_ready().is_none());
    end.abort(now, other).unwrap();
    end.release(now, other);
    assert_eq!(end.poll_ready(), Some(Ready::Connection(id, Interest::WRITE)));
}

/// What was taken and delivered is free again, however little it was each time.
#[test]
fn little_text_again_and_again_uses_nothing_up() {
    let mut crowd = Crowd::new(1, |config| config.memory = 50_000);
    for _ in 0..100 {
        assert_eq!(crowd.send(0, &[1; 1000]), 1000);
        crowd.link.run_for(SECOND / 10);
        let (now, id) = (crowd.link.now(), crowd.pairs[0][1]);
        assert_eq!(crowd.link.ends[1].receive(now, id, &mut [0; 2000]), Ok(Received::Text(1000)));
    }
    assert_eq!(crowd.send(0, &[1; 10_000]), 10_000);
    assert_eq!(crowd.link.ends[0].counters().memory_short, 0);
}

/// Several pieces of one call count together.
#[test]
fn one_call_does_not_exceed_the_bound() {
    let mut crowd = Crowd::behind_small_windows(1, 150_000);
    let (now, id, text) = (crowd.link.now(), crowd.pairs[0][0], text(30_000, 1));
    let pieces = [0; 8].map(|_| IoSlice::new(&text));
    let sent = crowd.link.ends[0].send_vectored(now, id, &pieces).unwrap();
    assert!((120_000..150_000).contains(&sent), "{sent}");
    assert!(crowd.link.ends[0].memory() <= 150_000 + 2 * RESERVE);
}

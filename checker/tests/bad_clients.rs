//! The explorer's server and clients of the worst kinds: they do not keep the others from being served.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;
#[path = "common/explorer.rs"]
mod explorer;

use explorer::{Explorer, LONG, PATIENCE, connect, events, post};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Clients of one kind.
type Kind = fn(at: &str, number: usize) -> Option<TcpStream>;

/// What a bad client does; what it leaves open stays open until all of them are done.
const KINDS: [(&str, Kind); 8] = [
    ("sends nothing", |at, _| Some(connect(at))),
    ("sends its headers slowly", |at, _| sends(at, b"GET / HTTP/1.1\r\nho")),
    ("sends half a request", |at, _| sends(at, &post(at, "/ask", &"x".repeat(1000)).into_bytes()[..400])),
    ("sends garbage", |at, number| {
        let mut state = number as u32 + 1;
        let octets: Vec<u8> = (0..2000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        sends(at, &octets)
    }),
    ("sends a huge body", |at, _| {
        let head = post(at, "/ask", "").replace("content-length: 0", "content-length: 99999999999");
        sends(at, &[head.into_bytes(), vec![b'x'; 300 << 10]].concat())
    }),
    ("closes at once", |at, _| {
        drop(connect(at));
        None
    }),
    ("does not read", |at, _| {
        let request = post(at, "/ask", r#"{"ask":"start"}"#);
        sends(at, request.repeat(20).as_bytes())
    }),
    ("begins a search and goes", |at, number| {
        let stream = sends(at, post(at, "/search", LONG).as_bytes());
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(stream);
        None
    }),
];

/// Sends as much as the server takes at once.
fn sends(at: &str, octets: &[u8]) -> Option<TcpStream> {
    let mut stream = connect(at);
    stream.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
    // It may be refused meanwhile.
    let _ = stream.write_all(octets);
    Some(stream)
}

/// What a good client asks for.
const RUN: &str = r#"{"ask":"run","link":"scenario=simultaneous-open&path=ao.bo.d0.d0"}"#;

/// How long a good client takes for so many requests, each on a connection of its own.
fn good(explorer: &Explorer, requests: usize) -> Duration {
    let start = Instant::now();
    for _ in 0..requests {
        let answer = explorer.ask(RUN);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    start.elapsed()
}

/// A server, and how long requests take while there is nobody else. Each test measures that, so one runs at a time: as long as it holds its turn.
fn begin() -> (MutexGuard<'static, ()>, Explorer, Duration) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let explorer = Explorer::new(&[]);
    good(&explorer, MEASURED);
    let alone = good(&explorer, MEASURED);
    (turn, explorer, alone)
}

/// Requests that are measured.
const MEASURED: usize = 100;
/// Bad clients of a kind.
const BAD: usize = 200;
/// So much longer may it take while there are bad clients: they have their share of the processors.
const RATIO: u32 = 20;

#[test]
fn bad_clients_do_not_keep_others_from_being_served() {
    let (_turn, explorer, alone) = begin();
    for (kind, client) in KINDS {
        let at = explorer.at.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&stop);
        let bad = std::thread::spawn(move || {
            let mut open: Vec<_> = (0..BAD).filter_map(|number| client(&at, number)).collect();
            // Now and then an octet more, so that none of them is quiet.
            while !theirs.load(Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
                if kind.contains("slowly") {
                    for stream in &mut open {
                        let _ = stream.write(b"x");
                    }
                }
            }
        });
        let meanwhile = good(&explorer, MEASURED);
        stop.store(true, Relaxed);
        bad.join().unwrap();
        let after = good(&explorer, MEASURED);
        for time in [meanwhile, after] {
            assert!(time < alone * RATIO, "one that {kind}: {time:?} instead of {alone:?}");
        }
        assert_eq!(*explorer.errors.lock().unwrap(), "", "one that {kind}");
    }
    // The searches whose clients have gone are in nobody's way.
    let found =
        events(&explorer, r#"{"link":"scenario=fast-close","find":"A in FIN-WAIT-1","limit":300000}"#);
    assert!(found.last().unwrap()["found"].is_string());
}

#[test]
fn all_bad_clients_together_are_more_than_there_is_room_for() {
    let (_turn, explorer, alone) = begin();
    let open: Vec<_> = KINDS
        .into_iter()
        .flat_map(|(_, client)| {
            (0..BAD).filter_map(|number| client(&explorer.at, number)).collect::<Vec<_>>()
        })
        .collect();
    let meanwhile = good(&explorer, MEASURED);
    assert!(meanwhile < alone * RATIO, "{} are open: {meanwhile:?} instead of {alone:?}", open.len());
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

/// The most memory that a process has had so far, in KiB, where the system tells it.
fn most_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    most.trim().trim_end_matches(" kB").parse().ok()
}

/// How long so many requests take, and how many tries. A request without an answer is asked again.
fn stubborn(explorer: &Explorer, requests: usize) -> (Duration, usize) {
    let (start, mut tries) = (Instant::now(), 0);
    let request = post(&explorer.at, "/ask", RUN);
    for _ in 0..requests {
        loop {
            tries += 1;
            let mut answer = [0; 15];
            let mut stream = explorer.connect();
            let is_there = stream.write_all(request.as_bytes()).and_then(|()| stream.read_exact(&mut answer));
            if is_there.is_ok() {
                assert_eq!(answer, *b"HTTP/1.1 200 OK");
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{tries} tries");
        }
    }
    (start.elapsed(), tries)
}

/// Requests that are asked in a flood.
const ASKED: usize = 20;
/// Connections that each of two threads of a flood keeps open at most.
const KEPT: usize = 400;
/// What the server may take in a flood, in KiB.
const MOST_MEMORY: u64 = 256 << 10;

#[test]
fn a_flood_of_bad_clients_is_outlasted() {
    let (_turn, explorer, alone) = begin();
    let (stop, came) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    // As fast as two threads can, until the requests have been answered. The kinds come in turn.
    let flood = [(), ()].map(|()| {
        let (at, stop, came) = (explorer.at.clone(), Arc::clone(&stop), Arc::clone(&came));
        std::thread::spawn(move || {
            let mut open = VecDeque::new();
            while !stop.load(Relaxed) {
                let number = came.fetch_add(1, Relaxed);
                let (_, client) = KINDS[number % KINDS.len()];
                open.extend(client(&at, number));
                if open.len() > KEPT {
                    open.pop_front();
                }
            }
        })
    });
    let start = Instant::now();
    while came.load(Relaxed) < 2 * KEPT {
        assert!(start.elapsed() < PATIENCE, "the flood does not come");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The time depends on the scheduler of the system, so the test asks only that all requests are answered.
    let (meanwhile, tries) = stubborn(&explorer, ASKED);
    stop.store(true, Relaxed);
    for thread in flood {
        thread.join().unwrap();
    }
    // What is still open is closed meanwhile.
    stubborn(&explorer, MEASURED);
    let after = good(&explorer, MEASURED);
    let (came, most) = (came.load(Relaxed), most_memory(explorer.child.id()));
    println!(
        "{came} bad clients in {meanwhile:?}: {ASKED} requests took {tries} tries; {MEASURED} took {alone:?} before and {after:?} after; memory {most:?} KiB"
    );
    assert!(after < alone * RATIO, "{came} came: {after:?} instead of {alone:?}");
    assert!(tries < 5 * ASKED, "{tries} tries for {ASKED} requests");
    assert!(most.is_none_or(|most| most < MOST_MEMORY), "{most:?} KiB");
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

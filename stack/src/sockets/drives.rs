//! What drives a stack with a thread of its own: the thread, or the one caller that waits.

use crate::config::Config;
use crate::runtime::Stack;
use crate::sockets::net::{TcpListener, TcpStream};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What should come at once is waited for no longer than this.
const LONG: Duration = Duration::from_secs(20);

/// A stack, and a stream to another one that echoes what it gets.
struct Echoed {
    client: Stack,
    server: Stack,
    stream: TcpStream,
}

fn echoed() -> Echoed {
    let (server, client) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap();
    let listener = TcpListener::bind(&server, 7).unwrap();
    thread::spawn(move || {
        while let Ok((mut peer, _)) = listener.accept() {
            thread::spawn(move || {
                let mut text = [0; 1 << 16];
                while let Ok(n @ 1..) = peer.read(&mut text) {
                    peer.write_all(&text[..n]).unwrap();
                }
            });
        }
    });
    let stream = connect(&client);
    Echoed { client, server, stream }
}

fn connect(client: &Stack) -> TcpStream {
    let stream = TcpStream::connect(client, "10.0.0.1:7").unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

fn ping(stream: &mut TcpStream, len: usize) {
    let mut text = vec![7; len];
    stream.write_all(&text).unwrap();
    stream.read_exact(&mut text).unwrap();
}

/// Ping-pongs until the thread has stepped aside.
fn until_aside(echoed: &mut Echoed) {
    let begun = Instant::now();
    while !echoed.client.core.is_aside() {
        ping(&mut echoed.stream, 1);
        assert!(begun.elapsed() < LONG, "the thread does not step aside");
    }
}

fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn one_caller_that_waits_for_small_packets_drives() {
    let mut echoed = echoed();
    until_aside(&mut echoed);
    let begun = Instant::now();
    let before = echoed.client.core.turns_of_callers();
    while echoed.client.core.turns_of_callers() < before + 100 {
        ping(&mut echoed.stream, 1);
        assert!(begun.elapsed() < LONG, "the thread drives, and not the caller");
    }
}

#[test]
fn the_thread_comes_back_for_a_second_caller() {
    let mut echoed = echoed();
    until_aside(&mut echoed);
    let mut other = connect(&echoed.client);
    // The first one waits for what does not come before the second one has got what it waits for.
    let (mut first, client) = (echoed.stream.try_clone().unwrap(), echoed.client.clone());
    let waits = thread::spawn(move || first.read_exact(&mut [0; 1]));
    until("it waits", || client.core.is_driven());
    let begun = Instant::now();
    while !echoed.client.core.is_driven_by_its_thread() {
        // Not every ping has to wait.
        ping(&mut other, 1);
        assert!(begun.elapsed() < LONG, "a caller drives for two");
    }
    echoed.stream.write_all(&[7]).unwrap();
    waits.join().unwrap().unwrap();
}

#[test]
fn a_caller_drives_beside_one_that_waits_for_connections() {
    let mut echoed = echoed();
    let listener = TcpListener::bind(&echoed.client, 8).unwrap();
    let (done, accepted) = mpsc::channel();
    thread::spawn(move || done.send(listener.accept().is_ok()));
    until_aside(&mut echoed);
    // Whether or not a caller drives at this moment.
    let _connected = TcpStream::connect(&echoed.server, "10.0.0.2:8").unwrap();
    assert_eq!(accepted.recv_timeout(LONG), Ok(true));
}

#[test]
fn the_thread_comes_back_where_no_caller_waits() {
    let mut echoed = echoed();
    until_aside(&mut echoed);
    // More than the buffers take, so that acknowledgments must come in while the caller is busy elsewhere.
    let text = vec![7; 200_000];
    echoed.stream.write_all(&text[..1]).unwrap();
    echoed.stream.write_all(&text[1..]).unwrap();
    let id = echoed.client.core.glance(|endpoint, _| endpoint.first_undelivered());
    assert!(id.is_some(), "the stack runs");
    until("nobody drives: what was written is not acknowledged", || {
        echoed.client.core.glance(|endpoint, _| endpoint.first_undelivered()).flatten().is_none()
    });
}

#[test]
fn the_thread_comes_back_for_much_text() {
    let mut echoed = echoed();
    until_aside(&mut echoed);
    let begun = Instant::now();
    while echoed.client.core.is_aside() {
        ping(&mut echoed.stream, 60_000);
        assert!(begun.elapsed() < LONG, "a caller drives, whatever comes");
    }
}

/// A thread that reads an octet and drives the stack meanwhile, while the stack's own thread sleeps.
fn reads_and_drives(echoed: &mut Echoed) -> thread::JoinHandle<io::Result<usize>> {
    let begun = Instant::now();
    loop {
        until_aside(echoed);
        let mut reader = echoed.stream.try_clone().unwrap();
        let reads = thread::spawn(move || reader.read(&mut [0; 1]));
        let core = &echoed.client.core;
        while core.is_aside() && !core.is_asleep() {
            thread::sleep(Duration::from_millis(1));
            assert!(begun.elapsed() < LONG, "the thread does not sleep");
        }
        if core.is_asleep() {
            return reads;
        }
        // The reader came later than the thread has waited for it.
        echoed.stream.write_all(&[7]).unwrap();
        reads.join().unwrap().unwrap();
        assert!(begun.elapsed() < LONG, "no caller drives for long");
    }
}

#[test]
fn the_thread_sleeps_while_a_caller_only_waits_and_is_woken_when_it_leaves() {
    let mut echoed = echoed();
    let reads = reads_and_drives(&mut echoed);
    echoed.stream.write_all(&[7]).unwrap();
    assert_eq!(reads.join().unwrap().unwrap(), 1);
    until("the thread was not woken", || !echoed.client.core.is_aside());
}

#[test]
fn a_caller_that_drives_hears_of_what_another_one_does() {
    let mut echoed = echoed();
    let reads = reads_and_drives(&mut echoed);
    echoed.stream.shutdown(Shutdown::Read).unwrap();
    until("it does not hear of it", || reads.is_finished());
    assert_eq!(reads.join().unwrap().unwrap(), 0);
}

#[test]
fn a_stack_ends_whoever_drives_it() {
    for waits in [false, true] {
        let mut echoed = echoed();
        until_aside(&mut echoed);
        let (mut reader, client) = (echoed.stream.try_clone().unwrap(), echoed.client.clone());
        let (done, ended) = mpsc::channel();
        if waits {
            let reading = client.clone();
            thread::spawn(move || done.send(reader.read_exact(&mut [0; 1]).is_err()));
            until("it waits", || reading.core.is_driven());
        }
        let begun = Instant::now();
        echoed.client.shutdown(Duration::ZERO).unwrap();
        assert!(begun.elapsed() < LONG);
        if waits {
            assert_eq!(ended.recv_timeout(LONG), Ok(true), "its read fails");
        }
        // The last echo is perhaps not acknowledged yet.
        let _ = echoed.server.shutdown(Duration::ZERO);
    }
}

#[cfg(feature = "tokio")]
#[test]
fn the_thread_comes_back_for_a_task() {
    let mut echoed = echoed();
    until_aside(&mut echoed);
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    tokio.block_on(async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let connecting = crate::sockets::asynchronous::TcpStream::connect(&echoed.client, "10.0.0.1:7");
        let mut other = tokio::time::timeout(LONG, connecting).await.unwrap().unwrap();
        // The caller drives no longer, and the thread does from now on.
        for _ in 0..40 {
            other.write_all(&[7]).await.unwrap();
            tokio::time::timeout(LONG, other.read_exact(&mut [0; 1])).await.unwrap().unwrap();
            assert!(!echoed.client.core.is_aside());
        }
    });
    for _ in 0..40 {
        ping(&mut echoed.stream, 1);
        assert!(!echoed.client.core.is_aside(), "a task may wait at any time");
    }
}

//! Small programs on the stack, run in many orders of what their threads do. At each lock, atomic access and wake-up of the runtime a scheduler may go on with another thread. No time
//! passes, so no timer helps a thread that nobody wakes. The scheduler says which threads are stuck then.
//!
//! Not examined: memory orders weaker than sequential consistency, timeouts, event loops and tasks.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p tcpspec-stack --no-default-features --lib --target-dir target/shuttle interleavings`

use crate::base::sync::thread;
use crate::config::Config;
use crate::device::pair;
use crate::runtime::Stack;
use crate::sockets::net::{TcpListener, TcpStream};
use shuttle::Runner;
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

/// Orders that are tried with each scheduler, unless `TCPSPEC_ORDERS` says otherwise.
const ORDERS: usize = 200;
/// Where another thread goes on against the order of priorities: most faults need one to three such places.
const DEPTH: usize = 3;

/// Runs a program in many orders: chosen evenly, and by priorities of threads.
fn in_many_orders(program: impl Fn() + Send + Sync + Copy + 'static) {
    let orders = std::env::var("TCPSPEC_ORDERS").ok().and_then(|orders| orders.parse().ok());
    let orders = orders.unwrap_or(ORDERS);
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(orders), config.clone()).run(program);
    Runner::new(PctScheduler::new(DEPTH, orders), config).run(program);
}

fn config(last: u8) -> Config {
    Config::new([10, 0, 0, last]).with_delayed_ack(Duration::ZERO).with_key([1, 2])
}

/// Two stacks with threads of their own, and a listener on the second one.
fn stacks() -> (Stack, Stack, TcpListener) {
    let (a, b) = Stack::pair(config(1), config(2)).unwrap();
    let listener = TcpListener::bind(&b, 7).unwrap();
    (a, b, listener)
}

fn connect(stack: &Stack) -> TcpStream {
    let stream = TcpStream::connect(stack, "10.0.0.2:7").unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// The same, but callers drive the first one.
fn driven_by_callers() -> (Stack, Stack, TcpListener) {
    let (left, right) = pair::pair();
    let a = Stack::without_thread(left, config(1)).unwrap();
    let b = Stack::start(right, config(2)).unwrap();
    let listener = TcpListener::bind(&b, 7).unwrap();
    (a, b, listener)
}

/// Two stacks that a program ends with, in this order.
fn end(stacks: [Stack; 2]) {
    stacks.into_iter().for_each(drop);
}

#[test]
fn what_comes_wakes_the_thread_that_waits_for_it() {
    in_many_orders(|| {
        let (a, b, listener) = stacks();
        let server = thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            let mut text = [0; 4];
            peer.read_exact(&mut text).unwrap();
            peer.write_all(&text).unwrap();
        });
        let mut client = connect(&a);
        client.write_all(b"text").unwrap();
        let mut text = [0; 4];
        client.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"text");
        server.join().unwrap();
        end([a, b]);
    });
}

/// One of two threads that send finds that the other one is sending, and leaves its packets to it.
#[test]
fn packets_that_are_left_to_the_thread_that_sends_are_sent() {
    in_many_orders(|| {
        let (a, b, listener) = stacks();
        let writers: Vec<_> = (0..2)
            .map(|_| {
                let mut client = connect(&a);
                let (peer, _) = listener.accept().unwrap();
                let writer = thread::spawn(move || {
                    client.write_all(&[1; 3000]).unwrap();
                    client
                });
                (writer, peer)
            })
            .collect();
        for (writer, mut peer) in writers {
            peer.read_exact(&mut [0; 3000]).unwrap();
            drop(writer.join().unwrap());
        }
        end([a, b]);
    });
}

#[test]
fn the_end_of_a_stack_wakes_all_that_wait() {
    in_many_orders(|| {
        let (a, b, listener) = stacks();
        let mut client = connect(&a);
        let (mut peer, _) = listener.accept().unwrap();
        let accepts = thread::spawn(move || listener.accept().map(|_| ()).unwrap_err().kind());
        let reads = thread::spawn(move || peer.read(&mut [0; 1]).unwrap_err().kind());
        let other = thread::spawn(move || client.read(&mut [0; 1]).unwrap_err().kind());
        drop(b);
        assert_eq!(accepts.join().unwrap(), ErrorKind::NotConnected);
        assert!(matches!(reads.join().unwrap(), ErrorKind::NotConnected | ErrorKind::ConnectionAborted));
        assert_eq!(other.join().unwrap(), ErrorKind::ConnectionReset);
        drop(a);
    });
}

/// While the last text is still under way.
#[test]
fn a_shutdown_waits_until_all_is_delivered() {
    in_many_orders(|| {
        let (a, b, listener) = stacks();
        let mut client = connect(&a);
        let (mut peer, _) = listener.accept().unwrap();
        let reads = thread::spawn(move || {
            let mut text = Vec::new();
            peer.read_to_end(&mut text).unwrap();
            text
        });
        client.write_all(b"the last").unwrap();
        drop(client);
        a.shutdown(Duration::from_secs(1)).unwrap();
        assert_eq!(reads.join().unwrap(), b"the last");
        drop(b);
    });
}

/// Without a thread of the stack's own the callers drive: when one has what it wants, another one goes on.
#[test]
fn callers_drive_in_turn() {
    in_many_orders(|| {
        let (a, b, listener) = driven_by_callers();
        let pairs: Vec<_> = (0..2).map(|_| (connect(&a), listener.accept().unwrap().0)).collect();
        let (mut readers, mut peers) = (Vec::new(), Vec::new());
        for (mut client, peer) in pairs {
            readers.push(thread::spawn(move || {
                client.read_exact(&mut [0; 1]).unwrap();
                client
            }));
            peers.push(peer);
        }
        // The second one may come first.
        for peer in peers.iter_mut().rev() {
            peer.write_all(b"x").unwrap();
        }
        for reader in readers {
            drop(reader.join().unwrap());
        }
        end([a, b]);
    });
}

/// The caller that drives waits for the device, and what it waits for comes from another thread.
#[test]
fn a_call_wakes_the_caller_that_drives() {
    in_many_orders(|| {
        let (a, b, listener) = driven_by_callers();
        let mut client = connect(&a);
        let _peer = listener.accept().unwrap();
        let (local, remote) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let reads = thread::spawn(move || client.read(&mut [0; 1]).unwrap_err().kind());
        a.abort_connection(local, remote).unwrap();
        assert_eq!(reads.join().unwrap(), ErrorKind::ConnectionAborted);
        end([a, b]);
    });
}

/// After some ping-pongs the stack's thread leaves the driving to the caller, until another thread waits.
#[test]
fn the_thread_comes_back_when_it_is_needed() {
    in_many_orders(|| {
        let (a, b, listener) = stacks();
        let server = thread::spawn(move || {
            let echoes: Vec<_> = (0..2)
                .map(|_| {
                    let (mut peer, _) = listener.accept().unwrap();
                    thread::spawn(move || {
                        let mut text = [0; 1];
                        while let Ok(1) = peer.read(&mut text) {
                            peer.write_all(&text).unwrap();
                        }
                    })
                })
                .collect();
            echoes.into_iter().for_each(|echo| echo.join().unwrap());
        });
        let ping = |client: &mut TcpStream, times: usize| {
            for _ in 0..times {
                client.write_all(b"x").unwrap();
                client.read_exact(&mut [0; 1]).unwrap();
            }
        };
        let (mut first, mut second) = (connect(&a), connect(&a));
        ping(&mut first, 4);
        let other = thread::spawn(move || ping(&mut second, 2));
        ping(&mut first, 2);
        other.join().unwrap();
        drop(first);
        server.join().unwrap();
        end([a, b]);
    });
}

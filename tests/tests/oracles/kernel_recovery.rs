//! Loss recovery against the kernel, with a bad device between; and windows that close.

use std::io::{Read, Write};
use std::net::{self, IpAddr, Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::device::faulty::{Conditions, Faulty};
use tcpspec_stack::{Config, Repairs, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::text;
use tcpspec_tests::{STACK, STACK6, with_device, with_kernel};

const PORT: u16 = 8080;
const OCTETS: usize = 2 << 20;

/// A connection that the kernel opens.
fn opened(stack: &Stack, address: IpAddr) -> (net::TcpStream, TcpStream) {
    let listener = TcpListener::bind(stack, PORT).expect("bind");
    let remote = SocketAddr::new(address, PORT);
    let kernel = thread::spawn(move || net::TcpStream::connect_timeout(&remote, Duration::from_secs(30)));
    let (ours, _) = listener.accept().expect("accept");
    (kernel.join().expect("thread").expect("connect"), ours)
}

/// Both send at once, read to the end, and what comes is what was sent. What our side sent again.
fn both_ways(kernel: &net::TcpStream, ours: &TcpStream) -> Repairs {
    let (a, b) = (text(OCTETS, 1), text(OCTETS, 2));
    thread::scope(|scope| {
        scope.spawn(|| {
            (&mut &*kernel).write_all(&b).expect("write");
            kernel.shutdown(Shutdown::Write).expect("shutdown");
        });
        scope.spawn(|| {
            (&mut &*ours).write_all(&a).expect("write");
            ours.shutdown(Shutdown::Write).expect("shutdown");
        });
        let reader = scope.spawn(|| {
            let mut read = Vec::new();
            (&mut &*kernel).read_to_end(&mut read).expect("read");
            read
        });
        let mut read = Vec::new();
        (&mut &*ours).read_to_end(&mut read).expect("read");
        assert!(read == b, "{} octets came, not what was sent", read.len());
        let read = reader.join().expect("reader");
        assert!(read == a, "the kernel read {} octets, not what was sent", read.len());
    });
    ours.status().expect("status").repairs
}

fn bad(
    name: &'static str,
    address: IpAddr,
    conditions: Conditions,
    change: fn(&mut Config),
    check: fn(Repairs),
) {
    with_device(
        name,
        change,
        // Without offload: each segment has a fate of its own.
        move |tun| Ok(Faulty::new(tun.offload(false).build()?, 5, conditions)),
        move |stack| {
            let (kernel, ours) = opened(stack, address);
            check(both_ways(&kernel, &ours));
        },
    );
}

/// A path with a round trip of 10 ms on which packets are lost.
fn lossy() -> Conditions {
    Conditions { loss: 0.01, delay: Duration::from_millis(5), ..Conditions::default() }
}

#[test]
fn sack_and_rack_repair_what_a_bad_path_loses_without_timeouts() {
    bad(
        "sack",
        STACK.into(),
        lossy(),
        |_| {},
        |repairs| {
            assert!(repairs.again > 5, "{repairs:?}");
            assert!(repairs.timeouts * 10 < repairs.again, "{repairs:?}");
        },
    );
}

#[test]
fn over_ipv6_it_is_the_same() {
    bad(
        "sack6",
        STACK6.into(),
        lossy(),
        |_| {},
        |repairs| {
            assert!(repairs.timeouts * 10 < repairs.again, "{repairs:?}");
        },
    );
}

#[test]
fn newreno_does_it_without_sack_and_timestamps() {
    let plain = |config: &mut Config| {
        (config.sack, config.timestamps) = (false, false);
        config.congestion = tcpspec_stack::congestion::new_reno;
    };
    bad("newreno", STACK.into(), lossy(), plain, |repairs| assert!(repairs.again > 5, "{repairs:?}"));
}

#[test]
fn reordering_and_duplicates_do_no_harm() {
    let conditions = Conditions {
        reordering: 0.05,
        held_back: Duration::from_millis(2),
        duplication: 0.05,
        delay: Duration::from_millis(5),
        ..Conditions::default()
    };
    bad(
        "reordering",
        STACK.into(),
        conditions,
        |_| {},
        |repairs| {
            assert_eq!(repairs.timeouts, 0, "{repairs:?}");
            // 1449 segments, 70 of them late.
            assert!(repairs.again < 30, "{repairs:?}");
        },
    );
}

#[test]
fn everything_at_once() {
    let conditions = Conditions {
        loss: 0.02,
        reordering: 0.03,
        duplication: 0.02,
        corruption: 0.01,
        delay: Duration::from_millis(3),
        jitter: Duration::from_millis(2),
        ..Conditions::default()
    };
    bad("everything", STACK.into(), conditions, |_| {}, |_| {});
}

/// RFC 9293: MUST-36, MAY-8
#[test]
fn a_reader_who_sleeps_on_either_side_stops_the_other_and_loses_nothing() {
    with_kernel(
        "sleeping_readers",
        |config| config.receive_buffer = 200_000,
        |stack| {
            let (mut kernel, ours) = opened(stack, STACK.into());
            let whole = text(8 << 20, 1);
            // The kernel's reader sleeps: its window closes, is probed, and opens.
            thread::scope(|scope| {
                scope.spawn(|| {
                    (&mut &ours).write_all(&whole).expect("write");
                });
                let limit = Instant::now() + Duration::from_secs(10);
                while ours.status().expect("status").send_window > 0 {
                    assert!(Instant::now() < limit, "the kernel's window never closed");
                    thread::sleep(Duration::from_millis(5));
                }
                thread::sleep(Duration::from_millis(1500));
                let mut read = vec![0; whole.len()];
                kernel.read_exact(&mut read).expect("read");
                assert!(read == whole);
            });
            // Ours does.
            thread::scope(|scope| {
                let mut writer = kernel.try_clone().expect("clone");
                let whole = &whole;
                scope.spawn(move || writer.write_all(whole).expect("write"));
                thread::sleep(Duration::from_millis(700));
                let status = ours.status().expect("status");
                assert!(status.receive_window < 2000 && status.unread > 60_000, "{status:?}");
                let mut read = vec![0; whole.len()];
                (&mut &ours).read_exact(&mut read).expect("read");
                assert!(read == *whole);
            });
            let status = ours.status().expect("status");
            assert!(status.receive_window > 64 << 10, "the window has grown: {status:?}");
        },
    );
}

//! A TUN with several queues, a shard on each; and shards that an event loop drives.

use std::io::{Read, Write};
use std::net::{self, IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use std::{io, iter};
use tcpspec_stack::device::descriptor::{Descriptor, Framing};
use tcpspec_stack::device::spread::with_key;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::device::{Arrived, Device};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Capabilities, Config, Packet, Shards, Stack, TcpStream};
use tcpspec_tests::peer::SYN;
use tcpspec_tests::simulated::text;
use tcpspec_tests::{KERNEL, KERNEL6, STACK, STACK6, with_started};

const PORT: u16 = 8080;
const CONNECTIONS: usize = 64;
const OCTETS: usize = 60_000;

/// A queue that counts what comes to it.
struct Counted(Tun, Arc<AtomicU64>);

impl Device for Counted {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let arrived = self.0.receive(packet, wait)?;
        self.1.fetch_add(u64::from(arrived.is_some()), Ordering::Relaxed);
        Ok(arrived)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.0.send(packet)
    }

    fn wake(&self) {
        self.0.wake();
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

/// Sends a text and reads one of the same length.
fn exchange(mut stream: impl Read + Write, ours: u64, theirs: u64) {
    stream.write_all(&text(OCTETS, ours)).expect("write");
    let mut read = vec![0; OCTETS];
    stream.read_exact(&mut read).expect("read");
    assert!(read == text(OCTETS, theirs), "something else came");
}

/// The kernel connects many times at once, and the shards connect to the kernel as often.
fn both_ways(shards: &Shards, [here, there]: [IpAddr; 2]) {
    let listeners = shards.listen(PORT).expect("bind");
    let accepted = AtomicU64::new(0);
    thread::scope(|scope| {
        for listener in &listeners {
            listener.set_nonblocking(false).expect("set");
            let accepted = &accepted;
            scope.spawn(move || {
                thread::scope(|scope| {
                    while let Ok((stream, _)) = listener.accept() {
                        accepted.fetch_add(1, Ordering::Relaxed);
                        scope.spawn(|| exchange(stream, 1, 2));
                    }
                });
            });
        }
        let clients: Vec<_> = iter::repeat_with(|| {
            scope.spawn(move || {
                let remote = SocketAddr::new(here, PORT);
                let stream =
                    net::TcpStream::connect_timeout(&remote, Duration::from_secs(20)).expect("connect");
                exchange(stream, 2, 1);
            })
        })
        .take(CONNECTIONS)
        .collect();
        clients.into_iter().for_each(|client| client.join().expect("a client"));
        let kernel = net::TcpListener::bind(SocketAddr::new(there, PORT)).expect("bind");
        scope.spawn(move || {
            let streams: Vec<_> = kernel.incoming().take(CONNECTIONS).collect();
            thread::scope(|scope| {
                for stream in streams {
                    scope.spawn(|| exchange(stream.expect("accept"), 3, 4));
                }
            });
        });
        let ours: Vec<_> = iter::repeat_with(|| {
            scope.spawn(move || {
                let stream: TcpStream = shards.connect((there, PORT)).expect("connect");
                exchange(stream, 4, 3);
            })
        })
        .take(CONNECTIONS)
        .collect();
        ours.into_iter().for_each(|client| client.join().expect("a client"));
        // The listeners end with their stacks.
        shards.stacks().iter().for_each(|stack| stack.on_loss(|_| {}));
        let _ = shards.shutdown(Duration::from_secs(10));
    });
    assert_eq!(accepted.load(Ordering::Relaxed), CONNECTIONS as u64);
}

#[test]
fn many_connections_both_ways_share_the_queues_and_stay_on_them() {
    for (offload, addresses) in [
        (true, [IpAddr::from(STACK), KERNEL.into()]),
        (false, [STACK.into(), KERNEL.into()]),
        (true, [STACK6.into(), KERNEL6.into()]),
    ] {
        with_started(
            "queues",
            |_| {},
            move |tun, config| {
                let counts = [Arc::<AtomicU64>::default(), Arc::default()];
                let queues = tun.offload(offload).build_queues(2)?;
                let queues = queues.into_iter().zip(counts.clone()).map(|(tun, count)| Counted(tun, count));
                Ok((Shards::start(queues.collect(), config)?, counts))
            },
            move |(shards, counts)| {
                both_ways(shards, addresses);
                let came = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
                let handed_over: u64 = shards.counters().iter().map(|counters| counters.handed_over).sum();
                assert!(came.iter().all(|came| *came > 200), "{came:?} packets came to the queues");
                assert!(handed_over * 2 < came[0] + came[1], "of {came:?} {handed_over} were handed over");
                for (shard, stack) in shards.stacks().iter().enumerate() {
                    let counters = stack.with_endpoint(|endpoint| endpoint.counters());
                    assert!(
                        counters.received > 200 && counters.malformed == 0,
                        "shard {shard}: {counters:?}"
                    );
                }
            },
        );
    }
}

#[test]
fn a_number_of_queues_that_cannot_be_is_refused() {
    for queues in [0, 257] {
        let error = Tun::builder("tcpspec0").build_queues(queues).expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

/// Whether an event loop has to drive it.
fn is_readable(descriptors: &[OwnedFd]) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds: Vec<_> =
        descriptors.iter().map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)).collect();
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() > 0
}

/// Each packet comes to the queue of the other shard. An event loop that trusts the descriptors takes all of them in, however many come at once.
#[test]
fn what_is_handed_over_wakes_the_event_loop_of_its_shard() {
    const PACKETS: u16 = 400;
    let (ours, theirs): (Vec<_>, Vec<_>) = (0..2).map(|_| UnixDatagram::pair().unwrap()).unzip();
    let devices = ours.into_iter().map(|fd| Descriptor::new(OwnedFd::from(fd), Framing::Plain).unwrap());
    let devices = with_key(devices.collect(), [1, 2]);
    let flows = devices[0].flows();
    let start = |device| Stack::without_thread(device, Config::new([10, 0, 0, 1])).unwrap();
    let shards: Vec<_> = devices.into_iter().map(start).collect();
    // An event loop asks for them once.
    let descriptors: Vec<_> = shards.iter().map(|shard| shard.descriptors().unwrap()).collect();
    let drive = |shard: usize| {
        while is_readable(&descriptors[shard]) {
            shards[shard].drive(Some(Duration::ZERO)).unwrap();
        }
    };
    let here = SocketAddr::from(([10, 0, 0, 1], 81));
    let mut sent = 0;
    for remote in 1..=PACKETS {
        let there = SocketAddr::from(([10, 0, 0, 2], remote));
        if flows.shard_of(here, there) == 0 {
            continue;
        }
        let header =
            tcp::Header { source: remote, destination: 81, flags: SYN, window: 1000, ..Default::default() };
        let packet = header.packet(&ip::Header::tcp(there.ip(), here.ip()), (&[], &[]));
        theirs[0].set_nonblocking(true).unwrap();
        while theirs[0].send(&packet).is_err() {
            // The socket keeps few.
            drive(0);
        }
        sent += 1;
    }
    drive(0);
    assert!(sent > 150, "more than are taken in one go");
    assert!(is_readable(&descriptors[1]), "it was not told");
    drive(1);
    let received = |stack: &Stack| stack.with_endpoint(|endpoint| endpoint.counters().received);
    assert_eq!((received(&shards[0]), received(&shards[1])), (0, sent));
}

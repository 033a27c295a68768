//! Connections of a stack to itself: by its own addresses, by those that stand for this host on every host, and of a socket to itself. Nothing of them
//! reaches the device, and nothing that looks like them comes in from there.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::Link;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{
    Capabilities, Config, ConnectionId, Endpoint, Error, Listen, Received, Stack, TcpListener, TcpStream,
    Time,
};
use tcpspec_tests::peer::SYN;
use tcpspec_tests::simulated::{LATENCY, MINUTE, socket, text, transfer};

const OWN: &str = "10.0.0.1";
const SELVES: [&str; 5] = [OWN, "fd00::1", "127.0.0.1", "127.8.9.10", "::1"];

fn endpoint(change: impl FnOnce(&mut Config)) -> Endpoint {
    let own = |address: &str| address.parse::<IpAddr>().unwrap();
    let mut config = Config::new(own(OWN)).with_address(own("fd00::1"), 64);
    config.key = [1, 2];
    change(&mut config);
    Endpoint::new(config)
}

fn at(address: &str, port: u16) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), port)
}

/// What the connections of an endpoint to itself write and read.
struct User {
    id: ConnectionId,
    unsent: Vec<u8>,
    read: Vec<u8>,
    closed: bool,
    ended: bool,
}

impl User {
    fn new(id: ConnectionId, text: Vec<u8>) -> Self {
        Self { id, unsent: text, read: Vec::new(), closed: false, ended: false }
    }

    fn work(&mut self, end: &mut Endpoint, now: Time) {
        if !end.status(self.id).unwrap().established {
            return;
        }
        if !self.unsent.is_empty() {
            let sent = end.send(now, self.id, &self.unsent).unwrap();
            self.unsent.drain(..sent);
        } else if !self.closed {
            self.closed = end.close(now, self.id).is_ok();
        }
        let mut buffer = [0; 4096];
        while !self.ended {
            match end.receive(now, self.id, &mut buffer).unwrap() {
                Received::Text(len) => self.read.extend(&buffer[..len]),
                Received::Nothing => break,
                Received::End => self.ended = true,
            }
        }
    }
}

/// Lets the endpoint go on until `limit`, without anything for the device.
fn run(end: &mut Endpoint, now: &mut Time, limit: Time, mut work: impl FnMut(&mut Endpoint, Time)) {
    for _ in 0..100_000 {
        work(end, *now);
        assert_eq!(end.poll_packet(*now), None, "nothing goes out");
        let Some(next) = end.next_deadline().filter(|next| *next <= limit) else {
            *now = limit;
            return;
        };
        *now = next.max(*now);
        end.handle_deadline(*now);
    }
    panic!("it does not come to rest");
}

#[test]
fn a_stack_connects_to_itself() {
    for (address, device) in SELVES
        .into_iter()
        .flat_map(|address| [Capabilities::default(), Capabilities::ALL].map(|device| (address, device)))
    {
        let mut end = endpoint(|_| {});
        end.set_device(device);
        let listener = end.listen(80, 1).unwrap();
        let mut now = Time::ZERO;
        let client = end.connect(now, None, at(address, 80)).unwrap();
        let texts = [text(300_000, 1), text(200_000, 2)];
        let mut users = vec![User::new(client, texts[0].clone())];
        let (mut accepted, second) = (false, texts[1].clone());
        run(&mut end, &mut now, Time::at(MINUTE), |end, now| {
            if !accepted && let Some(id) = end.accept(listener) {
                accepted = true;
                users.push(User::new(id, second.clone()));
            }
            users.iter_mut().for_each(|user| user.work(end, now));
        });
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "{address}");
        let [ours, theirs] = [0, 1].map(|n| end.status(users[n].id).unwrap());
        assert_eq!((ours.local, ours.remote), (theirs.remote, theirs.local));
        assert_eq!(ours.remote, at(address, 80));
        let source = if address == "127.8.9.10" { "127.0.0.1" } else { address };
        assert_eq!(ours.local.ip(), source.parse::<IpAddr>().unwrap());
        let repairs = [ours, theirs].map(|status| status.traffic.octets_again);
        assert_eq!(repairs, [0, 0], "nothing is lost inside");
        let counters = end.counters();
        assert_eq!((counters.sent, counters.received, counters.malformed), (0, 0, 0));
        assert!(counters.looped > 10);
        // The one that has closed first waits for 2MSL, then both are gone.
        run(&mut end, &mut now, Time::at(MINUTE * 10), |_, _| {});
        assert_eq!(end.connections(), 0, "{address}");
    }
}

/// RFC 9293: MUST-10
#[test]
fn a_socket_connects_to_itself() {
    for address in [OWN, "::1"] {
        let mut end = endpoint(|_| {});
        let mut now = Time::ZERO;
        let own = at(address, 4000);
        let id = end.connect(now, Some(4000), own).unwrap();
        assert_eq!(end.connect(now, Some(4000), own), Err(Error::AddressInUse));
        let text = text(10_000, 1);
        let mut user = User::new(id, text.clone());
        run(&mut end, &mut now, Time::at(MINUTE), |end, now| user.work(end, now));
        assert!(user.read == text && user.ended, "{address}");
        let status = end.status(id).unwrap();
        assert_eq!((status.local, status.remote, status.state), (own, own, State::TimeWait));
        run(&mut end, &mut now, Time::at(MINUTE * 10), |_, _| {});
        assert_eq!(end.connections(), 0);
    }
}

#[test]
fn where_nobody_listens_a_stack_refuses_itself() {
    for address in SELVES {
        // A port for the client is never that of the server: they would meet.
        let mut end = endpoint(|config| config.ephemeral_ports = 50_000..=50_001);
        let mut now = Time::ZERO;
        for port in [81, 50_000, 50_001] {
            let id = end.connect(now, None, at(address, port)).unwrap();
            let limit = now + Duration::from_secs(1);
            run(&mut end, &mut now, limit, |_, _| {});
            assert_eq!(end.status(id).unwrap().error, Some(Error::Refused), "{address} {port}");
        }
    }
}

#[test]
fn who_listens_inside_is_not_heard_outside() {
    let mut end = endpoint(|_| {});
    let listen = |address: &str| Listen::from(at(address, 80));
    let inside = end.listen_with(&listen("127.0.0.1")).unwrap();
    assert_eq!(end.listen_with(&listen("127.0.0.1")), Err(Error::AddressInUse));
    assert_eq!(end.listen_with(&Listen::on(80)), Err(Error::AddressInUse), "which would be on all addresses");
    assert_eq!(end.listen_with(&listen("127.0.0.2")), Err(Error::NoAddress));
    assert!(end.listen_with(&listen("::1")).is_ok() && end.listen_with(&listen("fd00::1")).is_ok());
    let mut now = Time::ZERO;
    let [to_own, to_loopback] =
        [OWN, "127.0.0.1"].map(|address| end.connect(now, None, at(address, 80)).unwrap());
    run(&mut end, &mut now, Time::at(MINUTE), |_, _| {});
    assert_eq!(end.status(to_own).unwrap().error, Some(Error::Refused));
    assert!(end.status(to_loopback).unwrap().established);
    let id = end.accept(inside).unwrap();
    assert_eq!(end.status(id).unwrap().local, at("127.0.0.1", 80));
}

/// RFC 9293: MUST-46, MUST-63
#[test]
fn what_comes_from_the_device_is_never_from_inside() {
    for (any, ipv6) in [(false, false), (true, false), (false, true), (true, true)] {
        let [own, loopback, other, router] = if ipv6 {
            ["fd00::1", "::1", "::1", "fd00::2"]
        } else {
            [OWN, "127.0.0.1", "127.8.9.10", "10.0.0.2"]
        };
        let mut end = endpoint(|config| config.any_destination = any);
        let seen = Arc::new(Mutex::new(0_u32));
        let log = Arc::clone(&seen);
        end.set_other(move |_| *log.lock().unwrap() += 1);
        let mut now = Time::ZERO;
        end.listen(80, 4).unwrap();
        let id = end.connect(now, Some(4000), at(loopback, 80)).unwrap();
        run(&mut end, &mut now, Time::at(MINUTE), |_, _| {});
        let before = end.status(id).unwrap();
        let pairs = [(own, own), (loopback, loopback), (loopback, own), (router, loopback), (other, other)];
        for (n, (source, destination)) in pairs.iter().enumerate() {
            for flags in [SYN, tcpspec::Flags::RST] {
                let header =
                    tcp::Header { source: 80, destination: 4000, flags, seq: 7, ..tcp::Header::default() };
                let ip = ip::Header::tcp(source.parse().unwrap(), destination.parse().unwrap());
                end.handle_packet(now, &header.packet(&ip, (&[], &[])));
                assert_eq!(end.poll_packet(now), None, "{n}");
            }
        }
        assert_eq!(end.counters().malformed, 2 * pairs.len() as u64);
        assert_eq!(*seen.lock().unwrap(), 0, "nor is it somebody else's");
        assert_eq!(end.status(id), Ok(before));
    }
}

#[test]
fn what_goes_out_has_its_turn() {
    let mut link = Link::new(LATENCY);
    let listener = link.ends[0].listen(4000, 1).unwrap();
    let own = socket(&link.ends[0], 4000);
    let inside = link.ends[0].connect(link.now(), None, own).unwrap();
    link.run_for(LATENCY);
    let reader = link.ends[0].accept(listener).unwrap();
    // Whatever the one inside writes is read by nobody, and then by somebody.
    let whole = text(1 << 20, 3);
    let (mut sent, mut read) = (0, Vec::<u8>::new());
    sent += link.ends[0].send(link.now(), inside, &whole).unwrap();
    let texts = [text(200_000, 1), text(100_000, 2)];
    let users = transfer(&mut link, texts.clone(), MINUTE);
    assert!(users[0].read == texts[1] && users[1].read == texts[0]);
    let mut buffer = vec![0; 1 << 16];
    link.run_until(MINUTE, |link| {
        let now = link.now();
        sent += link.ends[0].send(now, inside, &whole[sent..]).unwrap();
        while let Ok(Received::Text(len)) = link.ends[0].receive(now, reader, &mut buffer) {
            read.extend(&buffer[..len]);
        }
        read.len() == whole.len()
    });
    assert!(read == whole, "{} octets", read.len());
    assert!(link.log().iter().all(|sent| sent.header.destination != 4000 && sent.header.source != 4000));
}

#[test]
fn what_waits_to_come_back_has_a_bound() {
    const MANY: usize = 60;
    let mut end = endpoint(|_| {});
    let mut now = Time::ZERO;
    let listener = end.listen_with(&Listen::on(80)).unwrap();
    let all: Vec<_> = (0..MANY).map(|_| end.connect(now, None, at(OWN, 80)).unwrap()).collect();
    run(&mut end, &mut now, Time::at(MINUTE), |_, _| {});
    for id in &all {
        assert_eq!(end.send(now, *id, &[1; 14_600]), Ok(14_600));
        assert_eq!(end.poll_packet(now), None);
    }
    let before = end.counters().looped;
    end.handle_deadline(now);
    assert_eq!(end.counters().looped - before, 256);
    // Who had no room has it now.
    run(&mut end, &mut now, Time::at(MINUTE * 2), |_, _| {});
    for _ in 0..MANY {
        let id = end.accept(listener).unwrap();
        assert_eq!(end.status(id).unwrap().unread, 14_600);
    }
}

#[test]
fn sockets_connect_inside() {
    let own = "fd00::1".parse::<IpAddr>().unwrap();
    let config = Config::new([10, 0, 0, 1]).with_address(own, 64);
    let (stack, _other) = Stack::pair(config, Config::new([10, 0, 0, 2])).unwrap();
    let listener = TcpListener::bind(&stack, 80).unwrap();
    let echo = thread::spawn(move || {
        for _ in SELVES {
            let (mut stream, _) = listener.accept().unwrap();
            let mut writer = stream.try_clone().unwrap();
            std::io::copy(&mut stream, &mut writer).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        }
    });
    for address in SELVES {
        let stream = TcpStream::connect(&stack, at(address, 80)).unwrap();
        let whole = text(300_000, 1);
        let mut read = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                (&stream).write_all(&whole).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
            });
            (&stream).read_to_end(&mut read).unwrap();
        });
        assert!(read == whole, "{address}");
    }
    echo.join().unwrap();
    let refused = TcpStream::connect(&stack, at("127.0.0.1", 81)).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(std::io::ErrorKind::ConnectionRefused));
    stack.shutdown(Duration::from_secs(5)).unwrap();
}

#[test]
fn tasks_connect_inside() {
    use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (stack, _other) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap();
    let listener = TcpListener::bind(&stack, 80).unwrap();
    let test = async {
        for address in [OWN, "127.0.0.1", "::1"] {
            let mut client = TcpStream::connect(&stack, at(address, 80)).await.unwrap();
            let (mut server, peer) = listener.accept().await.unwrap();
            assert_eq!(client.local_addr().unwrap(), peer);
            client.write_all(b"hello").await.unwrap();
            client.shutdown().await.unwrap();
            let mut read = String::new();
            server.read_to_string(&mut read).await.unwrap();
            assert_eq!(read, "hello");
        }
    };
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), test).await }).unwrap();
}

#[test]
fn a_passive_open_waits_for_the_stack_itself() {
    for address in SELVES.into_iter().filter(|address| *address != "127.8.9.10") {
        for (named, everywhere) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut end = endpoint(|_| {});
            let mut now = Time::ZERO;
            let local = at(if everywhere { "0.0.0.0" } else { address }, 80);
            let waiting = end.open_passive(now, local, named.then_some(at(address, 5000))).unwrap();
            let client = end.connect(now, Some(5000), at(address, 80)).unwrap();
            let texts = [text(100_000, 1), text(100_000, 2)];
            let mut users = [User::new(client, texts[0].clone()), User::new(waiting, texts[1].clone())];
            run(&mut end, &mut now, Time::at(MINUTE), |end, now| {
                users.iter_mut().for_each(|user| user.work(end, now));
            });
            assert!(users[0].read == texts[1] && users[1].read == texts[0], "{address}");
        }
    }
}

#[test]
fn a_passive_open_becomes_active_towards_the_stack_itself() {
    for (local, remote, ours) in [
        (OWN, OWN, OWN),
        ("fd00::1", "fd00::1", "fd00::1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.8.9.10", "127.0.0.1"),
        ("127.0.0.1", OWN, "127.0.0.1"),
        ("::1", "::1", "::1"),
        ("0.0.0.0", OWN, OWN),
        ("0.0.0.0", "127.8.9.10", "127.0.0.1"),
        ("0.0.0.0", "::1", "::1"),
    ] {
        // The second is a socket connected to itself, where both addresses are one.
        for port in [80, 81] {
            if port == 81 && ours != remote {
                continue;
            }
            let mut end = endpoint(|_| {});
            let mut now = Time::ZERO;
            end.listen(80, 1).unwrap();
            let id = end.open_passive(now, at(local, 81), None).unwrap();
            end.open_active(now, id, Some(at(remote, port))).unwrap();
            run(&mut end, &mut now, Time::at(MINUTE), |_, _| {});
            let status = end.status(id).unwrap();
            assert_eq!(status.state, State::Established, "{local} {remote} {port}");
            assert_eq!((status.local, status.remote), (at(ours, 81), at(remote, port)));
        }
    }
}

/// RFC 1122 §3.2.1.3 (g): such an address must not appear outside a host.
#[test]
fn a_passive_open_of_a_loopback_address_has_no_peer_outside() {
    for (local, outside) in [("127.0.0.1", "10.0.0.2"), ("::1", "fd00::2")] {
        let mut end = endpoint(|_| {});
        let remote = at(outside, 5000);
        assert_eq!(end.open_passive(Time::ZERO, at(local, 80), Some(remote)), Err(Error::NoAddress));
        let id = end.open_passive(Time::ZERO, at(local, 80), None).unwrap();
        assert_eq!(end.open_active(Time::ZERO, id, Some(remote)), Err(Error::NoAddress));
        assert_eq!(end.status(id).unwrap().state, State::Listen);
        assert_eq!(end.poll_packet(Time::ZERO), None);
    }
}

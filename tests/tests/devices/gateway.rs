//! Gateways: connections to any address, asked about before they are answered, and packets that are not TCP.

use nix::sys::socket::{setsockopt, sockopt::UdpGsoSegment};
use std::io::{ErrorKind, Read, Write};
use std::net::{self, IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::Link;
use tcpspec_stack::endpoint::{HELD_FOR, Request};
use tcpspec_stack::{Config, Endpoint, Error, Listen, ListenerId, Packet, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::{LATENCY, MINUTE, flags, named, state};
use tcpspec_tests::{KERNEL, KERNEL6, with_device};

/// An address that is nobody's.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

fn holding(port: u16, half_open: usize) -> Listen {
    let mut listen = Listen::on(port);
    (listen.hold, listen.half_open) = (true, half_open);
    listen
}

fn gateway(half_open: usize) -> (Link, ListenerId) {
    let mut link = Link::with(LATENCY, |config| config.any_destination = true);
    let listener = link.ends[1].listen_with(&holding(443, half_open)).unwrap();
    (link, listener)
}

fn elsewhere() -> SocketAddr {
    SocketAddr::from((ELSEWHERE, 443))
}

fn requests(end: &mut Endpoint, now: tcpspec_stack::Time, listener: ListenerId) -> Vec<Request> {
    std::iter::from_fn(|| end.request(now, listener)).collect()
}

/// RFC 9293: MUST-45
#[test]
fn nothing_is_answered_until_the_application_agrees() {
    let (mut link, listener) = gateway(8);
    let now = link.now();
    let client = link.ends[0].connect(now, Some(5000), elsewhere()).unwrap();
    link.run_for(Duration::from_secs(4));
    assert_eq!(flags(link.log()), named(&[(0, "SYN"), (0, "SYN"), (0, "SYN")]), "it asks again and again");
    let now = link.now();
    let asked = requests(&mut link.ends[1], now, listener);
    let remote = SocketAddr::new(link.ends[0].address(), 5000);
    assert_eq!(asked, [Request { local: elsewhere(), remote }], "and is one who asks");
    assert_eq!(link.ends[1].connections(), 0);

    let server = link.ends[1].admit(now, listener, &asked[0]).unwrap();
    assert_eq!(link.ends[1].admit(now, listener, &asked[0]), Err(Error::NoSocket), "once");
    link.run_for(LATENCY * 3);
    assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::Established, State::Established));
    assert_eq!(link.ends[1].status(server).unwrap().local, elsewhere());
    assert_eq!(link.ends[1].accept(listener), None, "it has its owner");
    // The listener goes on, and its end is not that of the connection.
    let now = link.now();
    link.ends[1].close_listener(now, listener);
    link.run_for(LATENCY * 3);
    assert_eq!(state(&link, 0, client), State::Established);
}

#[test]
fn who_is_refused_hears_it() {
    let (mut link, listener) = gateway(8);
    let now = link.now();
    let client = link.ends[0].connect(now, None, elsewhere()).unwrap();
    link.run_for(LATENCY * 2);
    let now = link.now();
    let asked = requests(&mut link.ends[1], now, listener);
    link.ends[1].refuse(now, listener, &asked[0]).unwrap();
    link.run_for(LATENCY * 2);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::Refused));
    assert_eq!(flags(link.log()), named(&[(0, "SYN"), (1, "RST,ACK")]));
}

#[test]
fn held_syns_are_bounded_and_age() {
    let (mut link, listener) = gateway(2);
    let now = link.now();
    let clients: Vec<_> = (0..3).map(|_| link.ends[0].connect(now, None, elsewhere()).unwrap()).collect();
    link.run_for(LATENCY * 2);
    let now = link.now();
    let asked = requests(&mut link.ends[1], now, listener);
    assert_eq!(asked.len(), 2);
    assert_eq!(link.ends[1].counters().overflowed, 1);
    // They give up, and so does the gateway in time.
    for client in clients {
        link.ends[0].release(now, client);
    }
    link.run_for(HELD_FOR + LATENCY);
    let now = link.now();
    assert_eq!(link.ends[1].admit(now, listener, &asked[0]), Err(Error::NoSocket));
    let late = link.ends[0].connect(now, None, elsewhere()).unwrap();
    link.run_for(LATENCY * 2);
    let now = link.now();
    assert_eq!(requests(&mut link.ends[1], now, listener).len(), 1, "there is room again");
    link.ends[0].release(now, late);
}

#[test]
fn a_peer_who_resets_an_admitted_connection_ends_it() {
    let (mut link, listener) = gateway(8);
    let now = link.now();
    let client = link.ends[0].connect(now, None, elsewhere()).unwrap();
    link.run_for(LATENCY * 2);
    link.ends[0].release(now, client);
    let now = link.now();
    let asked = requests(&mut link.ends[1], now, listener);
    let server = link.ends[1].admit(now, listener, &asked[0]).unwrap();
    assert!(!link.ends[1].is_over(server));
    link.run_for(LATENCY * 3);
    assert!(link.ends[1].is_over(server), "its SYN,ACK was answered by a RST");
    assert_eq!(link.ends[1].connections(), 0);
}

#[test]
fn without_the_setting_other_addresses_are_not_ours() {
    let mut link = Link::new(LATENCY);
    link.ends[1].listen(443, 8).unwrap();
    let now = link.now();
    link.ends[0].connect(now, None, elsewhere()).unwrap();
    link.run_for(MINUTE);
    assert!(link.log().iter().all(|sent| sent.from == 0));
    assert!(link.ends[1].counters().not_ours > 3);
}

/// An IPv4 packet with this protocol.
fn packet(protocol: u8, destination: Ipv4Addr, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let builder = etherparse::PacketBuilder::ipv4([10, 0, 0, 1], destination.octets(), 64);
    builder.write(&mut packet, protocol.into(), payload).unwrap();
    packet
}

#[test]
fn what_is_not_tcp_goes_to_the_hook() {
    let mut config = Config::new([10, 0, 0, 2]);
    config.any_destination = true;
    let mut end = Endpoint::new(config);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    end.set_other(move |packet| log.lock().unwrap().push(packet.to_vec()));
    let now = tcpspec_stack::Time::ZERO;
    let udp = packet(17, ELSEWHERE, b"datagram, or nearly");
    // An echo request with its checksum.
    let ping = [8, 0, 0xf7, 0xff, 0, 0, 0, 0];
    let (theirs, ours) = (packet(1, ELSEWHERE, &ping), packet(1, Ipv4Addr::new(10, 0, 0, 2), &ping));
    let tcp = packet(6, ELSEWHERE, &[0; 20]);
    for packet in [&udp, &theirs, &ours, &tcp] {
        end.handle_packet(now, packet);
    }
    assert_eq!(*seen.lock().unwrap(), [udp.clone(), theirs]);
    assert_eq!(end.counters().echoes, 1, "who asks for the stack itself is answered by it");
    assert!(end.poll_packet(now).is_some());
    end.send_packet(Packet::new(udp.clone())).unwrap();
    assert_eq!(end.poll_packet(now).unwrap().bytes, udp);
    let filled = (0..10_000).find_map(|_| end.send_packet(Packet::new(udp.clone())).err());
    assert_eq!(filled, Some(Error::NoRoom));
}

#[test]
fn blocking_sockets_ask_accept_and_refuse() {
    let mut config = Config::new([10, 0, 0, 2]);
    config.any_destination = true;
    let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), config).unwrap();
    let listener = TcpListener::bind(&b, holding(443, 8)).unwrap();
    thread::scope(|scope| {
        let client = scope.spawn(|| TcpStream::connect(&a, elsewhere()).unwrap());
        let request = listener.request().unwrap();
        assert_eq!(request.local_addr(), elsewhere());
        let mut server = request.accept().unwrap();
        server.write_all(b"hello").unwrap();
        let mut read = [0; 5];
        client.join().unwrap().read_exact(&mut read).unwrap();
        assert_eq!(&read, b"hello");

        for explicit in [true, false] {
            let client =
                scope.spawn(|| TcpStream::connect(&a, elsewhere()).map_err(|error| error.kind()).err());
            let request = listener.request().unwrap();
            if explicit {
                request.refuse()
            } else {
                drop(request)
            }
            assert_eq!(client.join().unwrap(), Some(ErrorKind::ConnectionRefused));
        }
    });
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.request().map_err(|error| error.kind()).err(), Some(ErrorKind::WouldBlock));
}

#[test]
fn the_kernel_reaches_addresses_behind_a_route() {
    let there = SocketAddr::from(([198, 51, 100, 9], 80));
    let closed = SocketAddr::from(([198, 51, 100, 10], 81));
    with_device(
        "gateway",
        |config| config.any_destination = true,
        |tun| tun.route([198, 51, 100, 0], 24).build(),
        move |stack| {
            let listener = TcpListener::bind(stack, holding(80, 8)).expect("bind");
            let kernel = thread::spawn(move || {
                let refused = net::TcpStream::connect(closed).map_err(|error| error.kind()).err();
                assert_eq!(refused, Some(ErrorKind::ConnectionRefused));
                let mut stream = net::TcpStream::connect(there).expect("connect");
                let mut read = String::new();
                stream.read_to_string(&mut read).expect("read");
                read
            });
            let request = listener.request().expect("request");
            assert_eq!((request.local_addr(), request.peer_addr().ip()), (there, KERNEL.into()));
            request.accept().expect("accept").write_all(b"from behind the route").expect("write");
            assert_eq!(kernel.join().expect("kernel"), "from behind the route");

            // A datagram, echoed by the hook's thread: addresses and ports change places, which changes no checksum (that the kernel had left to the device).
            let (give, take) = mpsc::channel();
            stack.on_other(move |packet| {
                if packet.get(9) == Some(&17) {
                    give.send(packet.to_vec()).expect("send");
                }
            });
            let socket = UdpSocket::bind((KERNEL, 0)).expect("socket");
            socket.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
            socket.send_to(b"ping", there).expect("send");
            let mut packet = take.recv_timeout(Duration::from_secs(5)).expect("a datagram");
            let (a, b) = packet[12..].split_at_mut(4);
            a.swap_with_slice(&mut b[..4]);
            let (a, b) = packet[20..].split_at_mut(2);
            a.swap_with_slice(&mut b[..2]);
            stack.send_packet(packet).expect("send");
            let mut read = [0; 10];
            assert_eq!(socket.recv_from(&mut read).expect("an answer"), (4, there));
            assert_eq!(&read[..4], b"ping");
        },
    );
}

/// What an application leaves to the kernel to cut (`UDP_SEGMENT`), and the kernel to the device, comes to the hook as it would stand on a wire.
#[test]
fn datagrams_that_the_kernel_has_joined_come_apart() {
    with_device(
        "joined",
        |config| config.any_destination = true,
        |tun| tun.route([198, 51, 100, 0], 24).route([0xfd99, 0, 0, 0, 0, 0, 0, 0], 64).build(),
        |stack| {
            let (give, take) = mpsc::channel();
            stack.on_other(move |packet| {
                let _ = give.send(packet.to_vec());
            });
            for there in ["198.51.100.9:53", "[fd99::9]:53"] {
                let there: SocketAddr = there.parse().expect("a socket");
                let here: IpAddr = if there.is_ipv4() { KERNEL.into() } else { KERNEL6.into() };
                let socket = UdpSocket::bind((here, 0)).expect("socket");
                setsockopt(&socket, UdpGsoSegment, &500).expect("UDP_SEGMENT");
                let whole: Vec<u8> = (0..1700_u32).map(|n| (n * 7 + n / 256) as u8).collect();
                socket.send_to(&whole, there).expect("send");
                let (mut got, mut sizes) = (Vec::new(), Vec::new());
                while got.len() < whole.len() {
                    let packet = take.recv_timeout(Duration::from_secs(5)).expect("a datagram");
                    // The kernel has other things to say, too.
                    if let Some(data) = datagram(&packet) {
                        sizes.push(data.len());
                        got.extend(data);
                    }
                }
                assert_eq!(sizes, [500, 500, 500, 200], "{there}");
                assert_eq!(got, whole);
            }
        },
    );
}

/// The data of a datagram, whose lengths and checksums must be right.
fn datagram(packet: &[u8]) -> Option<Vec<u8>> {
    let parsed = etherparse::PacketHeaders::from_ip_slice(packet).ok()?;
    let udp = parsed.transport?.udp()?;
    let data = parsed.payload.slice();
    let (sum, len) = match parsed.net? {
        etherparse::NetHeaders::Ipv4(ip, _) => {
            assert_eq!(ip.header_checksum, ip.calc_header_checksum());
            (udp.calc_checksum_ipv4(&ip, data), ip.total_len.into())
        }
        etherparse::NetHeaders::Ipv6(ip, _) => {
            (udp.calc_checksum_ipv6(&ip, data), usize::from(ip.payload_length) + 40)
        }
        _ => return None,
    };
    assert_eq!((udp.checksum, packet.len()), (sum.ok()?, len), "{packet:?}");
    assert_eq!(usize::from(udp.length), data.len() + 8);
    Some(data.to_vec())
}

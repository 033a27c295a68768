//! The kernel of this machine as peer, across a TUN device in a network namespace of each test's own.

use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, IpAddr, Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec::State;
use tcpspec_stack::{Stack, TcpListener, TcpStream};
use tcpspec_tests::{KERNEL, KERNEL6, STACK, STACK6, with_kernel};

const MEGABYTES: usize = 10 << 20;
const PORT: u16 = 8080;
/// The kernel's listeners.
const KERNEL_PORT: u16 = 9090;

/// Text in which each place is different.
fn text(seed: u32) -> Vec<u8> {
    let mut x = seed;
    let mut next = || {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (x >> 24) as u8
    };
    (0..MEGABYTES).map(|_| next()).collect()
}

/// Sends a text and reads the peer's to its end, both at once.
fn exchange<R: Read + Send, W: Write + Send>(
    mut reader: R,
    mut writer: W,
    ours: u32,
    close: impl FnOnce() + Send,
) -> Vec<u8> {
    thread::scope(|scope| {
        scope.spawn(move || {
            writer.write_all(&text(ours)).expect("write");
            close();
        });
        let mut read = Vec::new();
        reader.read_to_end(&mut read).expect("read");
        read
    })
}

fn kernel_side(stream: net::TcpStream, ours: u32, theirs: u32) {
    let writer = stream.try_clone().expect("clone");
    let read = exchange(&stream, &writer, ours, || writer.shutdown(Shutdown::Write).expect("shutdown"));
    assert!(read == text(theirs), "the kernel read {} octets, not what was sent", read.len());
}

fn our_side(stream: &TcpStream, ours: u32, theirs: u32) {
    let read = exchange(stream, stream, ours, || stream.shutdown(Shutdown::Write).expect("shutdown"));
    assert!(read == text(theirs), "the stack read {} octets, not what was sent", read.len());
}

/// Runs the kernel's side in a thread of the same namespace.
fn beside<T: Send + 'static>(kernel: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::spawn(kernel)
}

fn connect_to_us() -> net::TcpStream {
    connect_to(STACK.into())
}

fn connect_to(address: IpAddr) -> net::TcpStream {
    net::TcpStream::connect_timeout(&(address, PORT).into(), Duration::from_secs(10)).expect("connect")
}

fn kernel_listener() -> net::TcpListener {
    kernel_listener_on(KERNEL.into())
}

fn kernel_listener_on(address: IpAddr) -> net::TcpListener {
    net::TcpListener::bind((address, KERNEL_PORT)).expect("the kernel's listener")
}

/// Waits until a condition holds, a few seconds at most.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn state(stream: &TcpStream) -> State {
    stream.status().expect("status").state
}

/// An accepted connection from the kernel.
fn accepted(listener: &TcpListener) -> (net::TcpStream, TcpStream) {
    let kernel = beside(connect_to_us);
    let (ours, _) = listener.accept().expect("accept");
    (kernel.join().expect("kernel"), ours)
}

fn ten_megabytes_from(kernel: IpAddr, us: IpAddr, stack: &Stack) {
    let listener = TcpListener::bind(stack, PORT).expect("bind");
    let beside = beside(move || kernel_side(connect_to(us), 1, 2));
    let (stream, peer) = listener.accept().expect("accept");
    assert_eq!(peer.ip(), kernel);
    assert_eq!(stream.local_addr().expect("local").ip(), us);
    our_side(&stream, 2, 1);
    beside.join().expect("kernel");
    assert_eq!(stack.with_endpoint(|endpoint| endpoint.counters().malformed), 0);
}

fn ten_megabytes_to(kernel: IpAddr, stack: &Stack) {
    let listener = kernel_listener_on(kernel);
    let beside = beside(move || kernel_side(listener.accept().expect("accept").0, 3, 4));
    let stream = TcpStream::connect(stack, SocketAddr::from((kernel, KERNEL_PORT))).expect("connect");
    our_side(&stream, 4, 3);
    beside.join().expect("kernel");
}

#[test]
fn the_kernel_connects_and_ten_megabytes_go_each_way() {
    with_kernel(
        "the_kernel_connects",
        |_| {},
        |stack| ten_megabytes_from(KERNEL.into(), STACK.into(), stack),
    );
}

#[test]
fn the_kernel_connects_over_ipv6_and_ten_megabytes_go_each_way() {
    with_kernel(
        "the_kernel_connects_over_ipv6",
        |_| {},
        |stack| ten_megabytes_from(KERNEL6.into(), STACK6.into(), stack),
    );
}

#[test]
fn we_connect_to_the_kernel_and_ten_megabytes_go_each_way() {
    with_kernel("we_connect", |_| {}, |stack| ten_megabytes_to(KERNEL.into(), stack));
}

#[test]
fn we_connect_to_the_kernel_over_ipv6_and_ten_megabytes_go_each_way() {
    with_kernel("we_connect_over_ipv6", |_| {}, |stack| ten_megabytes_to(KERNEL6.into(), stack));
}

#[test]
fn the_kernel_closes_first() {
    with_kernel(
        "the_kernel_closes_first",
        |_| {},
        |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (mut kernel, mut ours) = accepted(&listener);
            kernel.write_all(b"last words").expect("write");
            drop(kernel);
            let mut read = String::new();
            ours.read_to_string(&mut read).expect("read");
            assert_eq!(read, "last words");
            assert_eq!(state(&ours), State::CloseWait);
            ours.shutdown(Shutdown::Write).expect("shutdown");
            eventually("CLOSED by LAST-ACK", || state(&ours) == State::Closed);
            assert_eq!(ours.status().expect("status").error, None);
        },
    );
}

#[test]
fn we_close_first() {
    with_kernel(
        "we_close_first",
        |_| {},
        |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (mut kernel, mut ours) = accepted(&listener);
            ours.write_all(b"last words").expect("write");
            ours.shutdown(Shutdown::Write).expect("shutdown");
            let mut read = String::new();
            kernel.read_to_string(&mut read).expect("read");
            assert_eq!(read, "last words");
            eventually("FIN-WAIT-2", || state(&ours) == State::FinWait2);
            drop(kernel);
            eventually("TIME-WAIT", || state(&ours) == State::TimeWait);
            assert_eq!(ours.read(&mut [0; 10]).expect("read"), 0);
        },
    );
}

#[test]
fn text_goes_on_after_a_half_close_of_either_side() {
    with_kernel(
        "half_close",
        |_| {},
        |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (mut kernel, mut ours) = accepted(&listener);
            kernel.shutdown(Shutdown::Write).expect("shutdown");
            assert_eq!(ours.read(&mut [0; 10]).expect("read"), 0);
            ours.write_all(b"after your end").expect("write");
            drop(ours);
            let mut read = String::new();
            kernel.read_to_string(&mut read).expect("read");
            assert_eq!(read, "after your end");

            let (mut kernel, mut ours) = accepted(&listener);
            ours.shutdown(Shutdown::Write).expect("shutdown");
            assert_eq!(kernel.read(&mut [0; 10]).expect("read"), 0);
            assert_eq!(ours.write(b"no").map_err(|error| error.kind()), Err(ErrorKind::BrokenPipe));
            kernel.write_all(b"after ours").expect("write");
            drop(kernel);
            let mut read = String::new();
            ours.read_to_string(&mut read).expect("read");
            assert_eq!(read, "after ours");
        },
    );
}

#[test]
fn a_closed_port_refuses_both_ways() {
    with_kernel(
        "a_closed_port_refuses",
        |_| {},
        |stack| {
            let refused = net::TcpStream::connect((STACK, PORT)).map(drop).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::ConnectionRefused));
            let refused = TcpStream::connect(stack, SocketAddr::from((KERNEL, KERNEL_PORT))).map(drop);
            assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::ConnectionRefused));
        },
    );
}

/// RFC 9293: MUST-12, SHLD-3
#[test]
fn a_reset_is_told_both_ways() {
    with_kernel(
        "a_reset_is_told",
        |_| {},
        |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (mut kernel, ours) = accepted(&listener);
            ours.abort().expect("abort");
            let told = kernel.read(&mut [0; 10]).map_err(|error| error.kind());
            assert_eq!(told, Err(ErrorKind::ConnectionReset));

            // A kernel's socket that is closed with unread text resets.
            let (kernel, mut ours) = accepted(&listener);
            ours.write_all(b"unread").expect("write");
            eventually("acknowledged", || ours.status().expect("status").unacknowledged == 0);
            drop(kernel);
            let told = ours.read(&mut [0; 10]).map_err(|error| error.kind());
            assert_eq!(told, Err(ErrorKind::ConnectionReset));

            // And so does ours.
            let (mut kernel, ours) = accepted(&listener);
            kernel.write_all(b"unread").expect("write");
            eventually("received", || ours.status().expect("status").unread == 6);
            drop(ours);
            let told = kernel.read(&mut [0; 10]).map_err(|error| error.kind());
            assert_eq!(told, Err(ErrorKind::ConnectionReset));
        },
    );
}

fn bind_error(stack: &Stack) -> Option<ErrorKind> {
    TcpListener::bind(stack, PORT).map(drop).map_err(|error: io::Error| error.kind()).err()
}

#[test]
fn a_port_with_a_connection_in_2msl_cannot_be_listened_on_until_it_is_over() {
    let msl = Duration::from_millis(500);
    with_kernel(
        "listen_in_2msl",
        move |config| config.msl = msl,
        move |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            assert_eq!(bind_error(stack), Some(ErrorKind::AddrInUse), "while another listens");
            let (mut kernel, ours) = accepted(&listener);
            drop(listener);
            assert_eq!(bind_error(stack), Some(ErrorKind::AddrInUse), "while a connection lives");
            // We close first, so TIME-WAIT is ours.
            ours.shutdown(Shutdown::Write).expect("shutdown");
            assert_eq!(kernel.read(&mut [0; 10]).expect("read"), 0);
            drop(kernel);
            eventually("TIME-WAIT", || state(&ours) == State::TimeWait);
            let start = Instant::now();
            drop(ours);
            assert_eq!(bind_error(stack), Some(ErrorKind::AddrInUse), "in TIME-WAIT");
            eventually("the port is free", || bind_error(stack).is_none());
            assert!(start.elapsed() > msl * 19 / 10, "not before 2MSL are over: {:?}", start.elapsed());
        },
    );
}

/// RFC 9293: MUST-13
#[test]
fn a_client_cannot_take_its_port_again_to_the_same_peer_until_2msl_are_over() {
    let msl = Duration::from_millis(500);
    with_kernel(
        "connect_in_2msl",
        move |config| config.msl = msl,
        move |stack| {
            let listener = kernel_listener();
            let remote = SocketAddr::from((KERNEL, KERNEL_PORT));
            let ours = TcpStream::connect_from(stack, 5000, remote).expect("connect");
            let (mut kernel, _) = listener.accept().expect("accept");
            ours.shutdown(Shutdown::Write).expect("shutdown");
            assert_eq!(kernel.read(&mut [0; 10]).expect("read"), 0);
            drop(kernel);
            eventually("TIME-WAIT", || state(&ours) == State::TimeWait);
            let start = Instant::now();
            drop(ours);
            let again = || TcpStream::connect_from(stack, 5000, remote);
            assert_eq!(again().map(drop).map_err(|error| error.kind()), Err(ErrorKind::AddrInUse));
            let mut stream = None;
            eventually("the port is free", || {
                stream = again().ok();
                stream.is_some()
            });
            assert!(start.elapsed() > msl * 19 / 10, "not before 2MSL are over: {:?}", start.elapsed());
            let (mut kernel, _) = listener.accept().expect("accept");
            stream.expect("stream").write_all(b"a new connection").expect("write");
            let mut read = String::new();
            kernel.read_to_string(&mut read).expect("read");
            assert_eq!(read, "a new connection");
        },
    );
}

#[test]
fn an_abort_wakes_a_reader_of_another_thread() {
    with_kernel(
        "abort_wakes",
        |_| {},
        |stack| {
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (_kernel, ours) = accepted(&listener);
            thread::scope(|scope| {
                let reader = scope.spawn(|| (&ours).read(&mut [0; 10]).map_err(|error| error.kind()));
                thread::sleep(Duration::from_millis(50));
                ours.abort().expect("abort");
                assert_eq!(reader.join().expect("reader"), Ok(0));
            });
        },
    );
}

#[test]
fn what_was_written_arrives_before_a_shutdown_is_over() {
    with_kernel(
        "shutdown",
        |_| {},
        |stack| {
            let listener = kernel_listener();
            let kernel = beside(move || {
                let mut read = Vec::new();
                listener.accept().expect("accept").0.read_to_end(&mut read).expect("read");
                read.len()
            });
            let mut ours =
                TcpStream::connect(stack, SocketAddr::from((KERNEL, KERNEL_PORT))).expect("connect");
            ours.write_all(&vec![7; 200_000]).expect("write");
            drop(ours);
            stack.shutdown(Duration::from_secs(10)).expect("delivered");
            assert_eq!(kernel.join().expect("kernel"), 200_000);
        },
    );
}

/// Pings the stack through a raw socket of the kernel.
fn ping(from: IpAddr, to: IpAddr, len: usize) {
    let (domain, protocol) = match to {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let socket = Socket::new(domain, Type::RAW, Some(protocol)).expect("a raw socket");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
    let data: Vec<u8> = (0..len).map(|n| n as u8).collect();
    let mut request = Vec::new();
    match (from, to) {
        (IpAddr::V4(_), IpAddr::V4(_)) => {
            let kind = etherparse::Icmpv4Type::EchoRequest(etherparse::IcmpEchoHeader { id: 77, seq: 1 });
            request.extend(etherparse::Icmpv4Header::with_checksum(kind, &data).to_bytes());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let kind = etherparse::Icmpv6Type::EchoRequest(etherparse::IcmpEchoHeader { id: 77, seq: 1 });
            let header = etherparse::Icmpv6Header::with_checksum(kind, from.octets(), to.octets(), &data);
            request.extend(header.expect("checksum").to_bytes());
        }
        _ => unreachable!("addresses of one version"),
    }
    request.extend(&data);
    socket.send_to(&request, &SocketAddr::new(to, 0).into()).expect("send");
    let reply = if to.is_ipv4() { 0 } else { 129 };
    let mut socket = socket;
    let mut buffer = vec![0; 65_535];
    loop {
        let read = socket.read(&mut buffer).expect("an echo reply");
        // IPv4 comes with its header, IPv6 without.
        let message = &buffer[if to.is_ipv4() { 20 } else { 0 }..read];
        if message.starts_with(&[reply, 0]) && message[4..8] == [0, 77, 0, 1] {
            assert_eq!(message[8..], data);
            return;
        }
    }
}

#[test]
fn the_kernel_pings_us_over_both_ip_versions() {
    with_kernel(
        "ping",
        |_| {},
        |stack| {
            for len in [0, 1, 56, 1400] {
                ping(KERNEL.into(), STACK.into(), len);
                ping(KERNEL6.into(), STACK6.into(), len);
            }
            let counters = stack.with_endpoint(|endpoint| endpoint.counters());
            assert_eq!((counters.echoes, counters.malformed), (8, 0));
        },
    );
}

/// RFC 9293: MUST-54
#[test]
fn what_the_kernel_says_about_routes_is_heard() {
    with_kernel(
        "no_route",
        |config| {
            // So that the attempt is given up before the test is.
            config.r2_syn = Duration::from_secs(3);
        },
        |stack| {
            // The kernel is a router that knows no way to where we want to go.
            for file in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] {
                std::fs::write(format!("/proc/sys/net/{file}"), "1").expect(file);
            }
            for remote in ["10.99.0.1:80", "[fd99::1]:80"] {
                let error = TcpStream::connect(stack, remote.parse::<SocketAddr>().expect("a socket"));
                let kind = error.map(drop).map_err(|error| error.kind());
                assert_eq!(kind, Err(ErrorKind::HostUnreachable), "{remote}");
            }
            let counters = stack.with_endpoint(|endpoint| endpoint.counters());
            assert!(counters.errors_reported >= 2, "{counters:?}");
        },
    );
}

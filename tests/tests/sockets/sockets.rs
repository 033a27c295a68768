//! Blocking sockets on two stacks that are joined in memory, in real time.

use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::device::faulty::{Conditions, Faulty};
use tcpspec_stack::device::{Arrived, Device, pair};
use tcpspec_stack::{Config, Lost, Packet, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::text;

const PORT: u16 = 80;
const SOON: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(20);

fn configs() -> [Config; 2] {
    [1, 2].map(|last| {
        let mut config = Config::new([10, 0, 0, last]);
        config.min_rto = Duration::from_millis(100);
        config
    })
}

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], PORT))
}

/// All tests together take a second; one that waits for ever must not keep the others' results.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        thread::spawn(|| {
            thread::sleep(LONG * 4);
            eprintln!("a test is stuck");
            std::process::exit(101);
        });
    });
}

fn stacks() -> (Stack, Stack) {
    watch();
    let [a, b] = configs();
    Stack::pair(a, b).unwrap()
}

/// Two stacks, and an established connection between them.
fn connected() -> (Stack, Stack, TcpStream, TcpStream) {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    let client = TcpStream::connect(&a, server()).unwrap();
    let (server, peer) = listener.accept().unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    (a, b, client, server)
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

/// Waits until a condition holds, a few seconds at most.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn many_connections_at_once_each_get_their_own_text() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    thread::scope(|scope| {
        // Several accept, each in a thread of its own.
        for _ in 0..4 {
            let listener = listener.try_clone().unwrap();
            scope.spawn(move || {
                for stream in listener.incoming().take(8) {
                    let mut stream = stream.unwrap();
                    let mut read = Vec::new();
                    stream.read_to_end(&mut read).unwrap();
                    stream.write_all(&read).unwrap();
                }
            });
        }
        for n in 0..32 {
            let a = &a;
            scope.spawn(move || {
                let ours = text(20_000 + n, n as u64);
                let mut stream = TcpStream::connect(a, server()).unwrap();
                stream.write_all(&ours).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
                let mut read = Vec::new();
                stream.read_to_end(&mut read).unwrap();
                assert!(read == ours, "connection {n}");
            });
        }
    });
}

#[test]
fn reading_and_writing_time_out() {
    let (_a, _b, mut client, mut server) = connected();
    server.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(server.read_timeout().unwrap(), Some(SOON));
    let start = Instant::now();
    assert_eq!(kind(server.read(&mut [0; 10])), Some(ErrorKind::WouldBlock));
    assert!(start.elapsed() >= SOON);
    assert_eq!(kind(server.set_read_timeout(Some(Duration::ZERO))), Some(ErrorKind::InvalidInput));

    // Nobody reads: the buffers of both ends become full.
    client.set_write_timeout(Some(SOON)).unwrap();
    let mut written = 0;
    let error = loop {
        match client.write(&[7; 65_536]) {
            Ok(len) => written += len,
            Err(error) => break error,
        }
        assert!(written < 100 << 20, "a write always finds room");
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    // And what was written is all there.
    client.shutdown(Shutdown::Write).unwrap();
    server.set_read_timeout(None).unwrap();
    let mut read = Vec::new();
    server.read_to_end(&mut read).unwrap();
    assert_eq!(read.len(), written);
}

#[test]
fn who_waits_for_room_goes_on_when_there_is_some() {
    let (_a, _b, mut client, mut server) = connected();
    let ours = text(3 << 20, 1);
    thread::scope(|scope| {
        scope.spawn(|| {
            client.write_all(&ours).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        });
        thread::sleep(SOON);
        let mut read = Vec::new();
        server.read_to_end(&mut read).unwrap();
        assert!(read == ours);
    });
}

#[test]
fn connecting_times_out_or_is_refused() {
    let (a, _b) = stacks();
    let nobody = SocketAddr::from(([10, 0, 0, 9], PORT));
    let start = Instant::now();
    assert_eq!(kind(TcpStream::connect_timeout(&a, &nobody, SOON)), Some(ErrorKind::TimedOut));
    assert!(start.elapsed() >= SOON && start.elapsed() < LONG);
    assert_eq!(kind(TcpStream::connect_timeout(&a, &nobody, Duration::ZERO)), Some(ErrorKind::InvalidInput));
    assert_eq!(kind(TcpStream::connect(&a, server())), Some(ErrorKind::ConnectionRefused));
    eventually("the attempt is given up", || a.table().is_empty());
}

#[test]
fn nothing_waits_where_it_must_not() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    listener.set_nonblocking(true).unwrap();
    assert_eq!(kind(listener.accept()), Some(ErrorKind::WouldBlock));
    let mut client = TcpStream::connect(&a, server()).unwrap();
    let mut accepted = None;
    eventually("accepted", || {
        accepted = listener.accept().ok();
        accepted.is_some()
    });
    let (mut server, _) = accepted.unwrap();
    server.set_nonblocking(true).unwrap();
    assert_eq!(kind(server.read(&mut [0; 10])), Some(ErrorKind::WouldBlock));
    client.write_all(b"text").unwrap();
    let mut buffer = [0; 10];
    eventually("text", || server.read(&mut buffer).is_ok_and(|len| len == 4));
    let full = (0..10_000).find_map(|_| server.write(&[0; 65_536]).err());
    assert_eq!(full.map(|error| error.kind()), Some(ErrorKind::WouldBlock));
}

#[test]
fn peeking_takes_nothing() {
    let (_a, _b, mut client, mut server) = connected();
    client.write_all(b"hello").unwrap();
    let mut buffer = [0; 3];
    for _ in 0..2 {
        assert_eq!(server.peek(&mut buffer).unwrap(), 3);
        assert_eq!(&buffer, b"hel");
    }
    let mut all = [0; 5];
    server.read_exact(&mut all).unwrap();
    assert_eq!(&all, b"hello");
    drop(client);
    assert_eq!(server.peek(&mut buffer).unwrap(), 0, "the end can be seen, too");
}

#[test]
fn vectored_calls_keep_the_order() {
    let (a, _b, mut client, mut server) = connected();
    let pieces = [&b"one, "[..], b"", b"two, ", b"three"].map(IoSlice::new);
    assert_eq!(client.write_vectored(&pieces).unwrap(), 15);
    let (mut first, mut second) = ([0; 4], [0; 11]);
    eventually("all is there", || server.status().unwrap().unread == 15);
    let slices = &mut [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(server.read_vectored(slices).unwrap(), 15);
    assert_eq!((&first, &second), (b"one,", b" two, three"));
    // SYN, its ACK, and one segment.
    assert_eq!(a.with_endpoint(|endpoint| endpoint.counters().sent), 3, "small pieces share a segment");
}

#[test]
fn a_clone_keeps_the_connection_open() {
    let (_a, _b, client, mut server) = connected();
    let mut clone = client.try_clone().unwrap();
    drop(client);
    clone.write_all(b"still here").unwrap();
    drop(clone);
    let mut read = String::new();
    server.read_to_string(&mut read).unwrap();
    assert_eq!(read, "still here");
}

#[test]
fn shutting_down_one_direction_wakes_who_waits_there() {
    let (_a, _b, mut client, server) = connected();
    thread::scope(|scope| {
        let reader = scope.spawn(|| (&server).read(&mut [0; 10]));
        thread::sleep(SOON);
        server.shutdown(Shutdown::Read).unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), 0);

        // A writer for whom there is no room, while another thread closes.
        let writer = scope.spawn(|| client.write_all(&vec![0; 64 << 20]).map_err(|error| error.kind()));
        thread::sleep(SOON);
        server.abort().unwrap();
        assert_eq!(writer.join().unwrap(), Err(ErrorKind::ConnectionReset));
    });
}

#[test]
fn a_writer_is_woken_when_writing_ends() {
    let (_a, _b, client, _server) = connected();
    thread::scope(|scope| {
        let writer = scope.spawn(|| (&client).write_all(&vec![0; 64 << 20]).map_err(|error| error.kind()));
        thread::sleep(SOON);
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(writer.join().unwrap(), Err(ErrorKind::BrokenPipe));
    });
}

/// RFC 9293: MUST-17, MUST-48, MUST-49
#[test]
fn settings_are_those_of_the_connection() {
    let (_a, _b, client, server) = connected();
    assert!(!client.nodelay().unwrap());
    client.set_nodelay(true).unwrap();
    assert!(client.nodelay().unwrap() && client.settings().unwrap().no_delay);
    client.set_ttl(7).unwrap();
    assert_eq!((client.ttl().unwrap(), server.ttl().unwrap()), (7, 64));
    assert_eq!(kind(client.set_ttl(0)), Some(ErrorKind::InvalidInput));
    assert_eq!(kind(client.set_ttl(256)), Some(ErrorKind::InvalidInput));
    client.set_traffic_class(0xb8).unwrap();
    assert_eq!((client.traffic_class().unwrap(), server.traffic_class().unwrap()), (0xb8, 0));
}

#[test]
fn the_error_is_told_once_by_take_error() {
    let (_a, _b, client, server) = connected();
    assert!(client.take_error().unwrap().is_none());
    server.abort().unwrap();
    eventually("reset", || client.status().unwrap().error.is_some());
    assert_eq!(client.take_error().unwrap().map(|error| error.kind()), Some(ErrorKind::ConnectionReset));
    assert!(client.take_error().unwrap().is_none());
}

#[test]
fn linger_decides_what_dropping_does() {
    // Zero: a RST.
    let (_a, _b, mut client, mut server) = connected();
    client.write_all(b"lost, perhaps").unwrap();
    client.set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
    let mut buffer = [0; 100];
    let ended = (0..100).find_map(|_| server.read(&mut buffer).err());
    assert_eq!(ended.map(|error| error.kind()), Some(ErrorKind::ConnectionReset));

    // A span: dropping waits until all is delivered.
    let (a, _b, mut client, server) = connected();
    client.write_all(&vec![7; 50_000]).unwrap();
    client.set_linger(Some(LONG)).unwrap();
    drop(client);
    assert!(a.with_endpoint(tcpspec_stack::Endpoint::is_delivered));
    assert_eq!(server.status().unwrap().unread, 50_000);

    // And resets the connection when it is over.
    let (a, _b, mut client, mut server) = connected();
    client.set_linger(Some(SOON)).unwrap();
    client.set_write_timeout(Some(SOON)).unwrap();
    while client.write(&[7; 65_536]).is_ok() {}
    drop(client);
    assert!(a.table().is_empty(), "{}", a.table());
    let ended = (0..1000).find_map(|_| server.read(&mut buffer).err());
    assert_eq!(ended.map(|error| error.kind()), Some(ErrorKind::ConnectionReset));
}

/// Refused, reset, unanswered and unreachable are different things, to the call and to `take_error`.
#[test]
fn each_way_to_fail_has_an_error_of_its_own() {
    let (a, b) = stacks();
    assert_eq!(kind(TcpStream::connect(&a, server())), Some(ErrorKind::ConnectionRefused));
    drop((a, b));

    let (left, right) = pair::pair();
    let [mut config, other] = configs();
    (config.min_rto, config.initial_rto) = (SOON / 4, SOON / 4);
    (config.r2, config.r2_syn) = (SOON, SOON);
    let b = Stack::start(right, other).unwrap();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    let cut = Arc::<AtomicBool>::default();
    let a = Stack::start(Line(left, Arc::clone(&cut)), config).unwrap();
    let mut client = TcpStream::connect(&a, server()).unwrap();
    let _server = listener.accept().unwrap();
    cut.store(true, Ordering::Relaxed);
    client.write_all(b"is anybody there?").unwrap();
    assert_eq!(kind(client.read(&mut [0; 1])), Some(ErrorKind::TimedOut));
    assert!(client.take_error().unwrap().is_none(), "told once");
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0, "and then it is the end");
    assert!(client.status().unwrap().error.is_some(), "STATUS tells it at any time");
    assert_eq!(kind(TcpStream::connect(&a, server())), Some(ErrorKind::TimedOut));
}

/// A line that can be cut.
struct Line(pair::End, Arc<AtomicBool>);

impl Device for Line {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> std::io::Result<Option<Arrived>> {
        self.0.receive(packet, wait)
    }

    fn send(&self, packet: &Packet) -> std::io::Result<()> {
        if self.1.load(Ordering::Relaxed) { Ok(()) } else { self.0.send(packet) }
    }

    fn wake(&self) {
        self.0.wake();
    }
}

// --- The end of a stack ---

/// Whoever waits must not wait for a thread that is no more.
#[test]
fn an_observer_that_panics_in_the_stacks_thread_ends_the_stack() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    b.observe(|fired| assert_ne!(fired.row.name(), "listen_fork", "expected: this test's observer panics"));
    let (told, wait) = mpsc::channel();
    thread::spawn(move || told.send(kind(listener.accept())));
    let _ = TcpStream::connect_timeout(&a, &server(), SOON);
    assert_eq!(wait.recv_timeout(LONG).expect("told"), Some(ErrorKind::NotConnected));
}

/// Two stacks with a line between them on which everything takes a while.
fn far_apart() -> (Stack, Stack) {
    watch();
    let conditions = Conditions { delay: Duration::from_millis(10), ..Conditions::default() };
    let ((a, b), [left, right]) = (pair::pair(), configs());
    (Stack::start(Faulty::new(a, 1, conditions), left).unwrap(), Stack::start(b, right).unwrap())
}

#[test]
fn written_dropped_and_shut_down_loses_nothing() {
    let (a, b) = far_apart();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    let reader = thread::spawn(move || {
        let mut read = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut read).unwrap();
        read
    });
    let ours = text(200_000, 5);
    let mut client = TcpStream::connect(&a, server()).unwrap();
    client.write_all(&ours).unwrap();
    drop(client);
    let start = Instant::now();
    a.shutdown(LONG).unwrap();
    assert!(start.elapsed() < LONG / 2, "it does not wait for TIME-WAIT");
    assert!(reader.join().unwrap() == ours);
}

#[test]
fn dropping_a_stack_says_what_is_lost() {
    let (a, _b) = far_apart();
    let listener = TcpListener::bind(&_b, PORT).unwrap();
    let mut client = TcpStream::connect(&a, server()).unwrap();
    let idle = TcpStream::connect(&a, server()).unwrap();
    let (mut server_side, _) = listener.accept().unwrap();
    server_side.set_read_timeout(Some(LONG)).unwrap();
    let local = client.local_addr().unwrap();
    client.write_all(&[7; 100_000]).unwrap();
    let (tell, told) = mpsc::channel();
    a.on_loss(move |lost: &Lost| tell.send(lost.clone()).unwrap());
    drop(a);
    let Lost(table) = told.try_recv().expect("it says so");
    assert_eq!(table.0.iter().map(|status| status.local).collect::<Vec<_>>(), [local], "{table}");
    assert!(table.0[0].unacknowledged > 0);
    // What is open is reset, here and there.
    assert_eq!(kind((&idle).write(b"no")), Some(ErrorKind::NotConnected));
    let mut buffer = [0; 65_536];
    let ended = (0..1000).find_map(|_| server_side.read(&mut buffer).err());
    assert_eq!(ended.map(|error| error.kind()), Some(ErrorKind::ConnectionReset));
}

#[test]
fn dropping_a_stack_on_which_all_is_delivered_says_nothing() {
    let (a, _b, mut client, mut server) = connected();
    client.write_all(b"delivered").unwrap();
    let mut read = [0; 9];
    server.read_exact(&mut read).unwrap();
    eventually("acknowledged", || client.status().unwrap().unacknowledged == 0);
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    a.on_loss(move |_| *count.lock().unwrap() += 1);
    drop(a);
    assert_eq!(*told.lock().unwrap(), 0);
}

#[test]
fn a_shutdown_that_cannot_deliver_says_what_is_lost() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, PORT).unwrap();
    let mut client = TcpStream::connect(&a, server()).unwrap();
    let _server = listener.accept().unwrap();
    client.set_write_timeout(Some(SOON)).unwrap();
    while client.write(&[7; 65_536]).is_ok() {}
    let start = Instant::now();
    let Lost(table) = a.shutdown(SOON).unwrap_err();
    assert!(start.elapsed() >= SOON && start.elapsed() < LONG);
    assert_eq!(table.len(), 1);
    assert_eq!(a.shutdown(LONG), Ok(()), "what is lost is told once");
}

#[test]
fn who_waits_is_told_that_the_stack_has_stopped() {
    let (a, b, client, server) = connected();
    let listener = TcpListener::bind(&b, 81).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| kind((&server).read(&mut [0; 10])));
        let acceptor = scope.spawn(|| kind(listener.accept()));
        thread::sleep(SOON);
        b.shutdown(LONG).unwrap();
        assert_eq!(reader.join().unwrap(), Some(ErrorKind::NotConnected));
        assert_eq!(acceptor.join().unwrap(), Some(ErrorKind::NotConnected));
    });
    assert_eq!(kind(TcpListener::bind(&b, 82)), Some(ErrorKind::NotConnected));
    eventually("the peer was reset", || client.status().unwrap().error.is_some());
    drop(a);
}

/// RFC 9293: MUST-30, MUST-32, MUST-33
#[test]
fn who_waits_for_urgent_text_is_woken_by_it_and_by_the_end() {
    let (_a, _b, mut client, mut server) = connected();
    server.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(kind(server.wait_urgent()), Some(ErrorKind::WouldBlock));
    server.set_read_timeout(None).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| server.wait_urgent().unwrap());
        thread::sleep(SOON);
        client.write_all(b"plain").unwrap();
        assert_eq!(client.send_urgent(b"hurry").unwrap(), 5);
        // The pointer may come before the text.
        assert!((5..=10).contains(&waiting.join().unwrap()));
    });
    eventually("all is there", || server.status().unwrap().unread == 10);
    assert_eq!(server.urgent().unwrap(), 10);
    server.read_exact(&mut [0; 10]).unwrap();
    assert_eq!(server.urgent().unwrap(), 0);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| server.wait_urgent().unwrap());
        thread::sleep(SOON);
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(waiting.join().unwrap(), 0, "none will come");
    });
    client.abort().unwrap();
    eventually("the reset", || kind(server.wait_urgent()) == Some(ErrorKind::ConnectionReset));
}

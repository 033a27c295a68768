//! The RFC's passive OPEN without a listener, with the kernel of this machine as peer across a TUN device.

use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, IpAddr, Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec::{Flags, State};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Stack, TcpStream, asynchronous};
use tcpspec_tests::{KERNEL, KERNEL6, STACK, STACK6, with_kernel};

const PORT: u16 = 8080;
/// The kernel's listeners.
const KERNEL_PORT: u16 = 9090;
/// Nothing of the kernel's has this port.
const NOBODY: u16 = 9999;

fn ours() -> SocketAddr {
    (STACK, PORT).into()
}

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

fn connect(address: IpAddr) -> io::Result<net::TcpStream> {
    net::TcpStream::connect_timeout(&(address, PORT).into(), Duration::from_secs(10))
}

/// Some words each way, then both close.
fn talk(mut kernel: net::TcpStream, mut ours: &TcpStream) {
    kernel.write_all(b"from the kernel").expect("write");
    ours.write_all(b"from the stack").expect("write");
    kernel.shutdown(Shutdown::Write).expect("shutdown");
    ours.shutdown(Shutdown::Write).expect("shutdown");
    let mut read = [String::new(), String::new()];
    kernel.read_to_string(&mut read[0]).expect("read");
    ours.read_to_string(&mut read[1]).expect("read");
    assert_eq!(read, ["from the stack", "from the kernel"]);
}

#[test]
fn the_kernel_connects_to_a_passive_open() {
    with_kernel(
        "a_passive_open",
        |_| {},
        |stack| {
            for (own, peer) in [(IpAddr::from(STACK), IpAddr::from(KERNEL)), (STACK6.into(), KERNEL6.into())]
            {
                let one = TcpStream::open_passive(stack, (own, PORT), None).expect("open");
                assert_eq!(state(&one), State::Listen);
                let kernel = connect(own).expect("connect");
                one.wait_open().expect("established");
                assert_eq!(one.peer_addr().expect("peer").ip(), peer);
                // It was for one.
                assert_eq!(connect(own).map(drop).map_err(|e| e.kind()), Err(ErrorKind::ConnectionRefused));
                talk(kernel, &one);
            }
        },
    );
}

#[test]
fn the_kernel_connects_to_a_task_that_waits() {
    with_kernel(
        "a_passive_open_of_a_task",
        |_| {},
        |stack| {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("runtime");
            let anywhere = (Ipv4Addr::UNSPECIFIED, PORT);
            let mut one = asynchronous::TcpStream::open_passive(stack, anywhere, None).expect("open");
            let kernel = thread::spawn(|| {
                let mut kernel = connect(STACK.into()).expect("connect");
                let mut read = String::new();
                kernel.read_to_string(&mut read).expect("read");
                read
            });
            runtime.block_on(async {
                use tokio::io::AsyncWriteExt;
                one.wait_open().await.expect("established");
                assert_eq!(one.local_addr().expect("local"), ours());
                one.write_all(b"from a task").await.expect("write");
            });
            drop(one);
            assert_eq!(kernel.join().expect("kernel"), "from a task");
        },
    );
}

#[test]
fn send_on_a_passive_open_that_names_the_kernel() {
    with_kernel(
        "send_in_listen",
        |_| {},
        |stack| {
            let unnamed = TcpStream::open_passive(stack, ours(), None).expect("open");
            let error = (&unnamed).write(b"to whom?").expect_err("nobody is named");
            assert_eq!(
                (error.kind(), error.to_string()),
                (ErrorKind::InvalidInput, "error: remote socket unspecified".to_owned())
            );
            drop(unnamed);

            let listener = net::TcpListener::bind((KERNEL, KERNEL_PORT)).expect("the kernel's listener");
            let named = Some((KERNEL, KERNEL_PORT).into());
            let one = TcpStream::open_passive(stack, ours(), named).expect("open");
            (&one).write_all(b"first ").expect("write");
            assert_ne!(state(&one), State::Listen);
            let (mut kernel, from) = listener.accept().expect("accept");
            assert_eq!(from, ours());
            let mut first = [0; 6];
            kernel.read_exact(&mut first).expect("read");
            assert_eq!(&first, b"first ");
            talk(kernel, &one);
        },
    );
}

#[test]
fn an_active_open_on_a_passive_one() {
    with_kernel(
        "open_in_listen",
        |_| {},
        |stack| {
            let listener = net::TcpListener::bind((KERNEL, KERNEL_PORT)).expect("the kernel's listener");
            let remote = (KERNEL, KERNEL_PORT).into();
            let one = TcpStream::open_passive(stack, ours(), None).expect("open");
            // Who would wait for nobody is not stuck.
            one.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
            assert_eq!(one.open_active(None).map_err(|e| e.kind()), Err(ErrorKind::InvalidInput));
            one.open_active(Some(remote)).expect("established");
            assert_eq!(state(&one), State::Established);
            let (kernel, from) = listener.accept().expect("accept");
            assert_eq!(from, ours());
            assert_eq!(one.open_active(Some(remote)).map_err(|e| e.kind()), Err(ErrorKind::AddrInUse));
            talk(kernel, &one);

            // Where nobody listens it is refused, and does not listen again.
            let other = (STACK, PORT + 1);
            let one = TcpStream::open_passive(stack, other, Some((KERNEL, NOBODY).into())).expect("open");
            one.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
            assert_eq!(one.open_active(None).map_err(|e| e.kind()), Err(ErrorKind::ConnectionRefused));
            assert_eq!(state(&one), State::Closed);
        },
    );
}

#[test]
fn close_and_abort_of_a_passive_open() {
    with_kernel(
        "close_in_listen",
        |_| {},
        |stack| {
            for abort in [false, true] {
                let one = TcpStream::open_passive(stack, ours(), None).expect("open");
                let waits = one.try_clone().expect("clone");
                let waiting = thread::spawn(move || waits.wait_open().map_err(|error| error.kind()));
                if abort {
                    one.abort().expect("abort");
                } else {
                    one.shutdown(Shutdown::Write).expect("close");
                }
                assert_eq!(waiting.join().expect("wait"), Err(ErrorKind::BrokenPipe));
                assert_eq!(state(&one), State::Closed);
                let kernel = connect(STACK.into()).map(drop).map_err(|error| error.kind());
                assert_eq!(kernel, Err(ErrorKind::ConnectionRefused));
            }
        },
    );
}

/// The same calls, of a task.
#[test]
fn a_task_sends_opens_closes_and_aborts() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    with_kernel(
        "a_task_in_listen",
        |_| {},
        |stack| {
            let listener = net::TcpListener::bind((KERNEL, KERNEL_PORT)).expect("the kernel's listener");
            let echo = thread::spawn(move || {
                for _ in 0..2 {
                    let (mut kernel, from) = listener.accept().expect("accept");
                    assert_eq!(from, ours());
                    let mut read = Vec::new();
                    kernel.read_to_end(&mut read).expect("read");
                    kernel.write_all(&read).expect("write");
                }
            });
            let remote = Some((KERNEL, KERNEL_PORT).into());
            let open = |named| asynchronous::TcpStream::open_passive(stack, ours(), named).expect("open");
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
            runtime.block_on(async {
                for named in [remote, None] {
                    let mut one = open(named);
                    if named.is_none() {
                        let nowhere = one.write(b"?").await.map_err(|error| error.to_string());
                        assert_eq!(nowhere, Err("error: remote socket unspecified".to_owned()));
                        let nowhere = tokio::time::timeout(Duration::from_secs(5), one.open_active(None));
                        let nowhere = nowhere.await.expect("it waits for nobody").map_err(|e| e.kind());
                        assert_eq!(nowhere, Err(ErrorKind::InvalidInput));
                        one.open_active(remote).await.expect("established");
                        assert!(one.status().expect("status").established);
                    }
                    one.write_all(b"echo").await.expect("write");
                    one.wait_open().await.expect("established");
                    one.shutdown().await.expect("shutdown");
                    let mut read = String::new();
                    one.read_to_string(&mut read).await.expect("read");
                    assert_eq!(read, "echo");
                    // Without 2MSL the port is free again.
                    one.abort().expect("abort");
                }
                for abort in [false, true] {
                    let mut one = open(None);
                    if abort {
                        one.abort().expect("abort")
                    } else {
                        one.shutdown().await.expect("close")
                    }
                    assert_eq!(one.wait_open().await.map_err(|e| e.kind()), Err(ErrorKind::BrokenPipe));
                }
            });
            echo.join().expect("kernel");
            let refused = connect(STACK.into()).map(drop).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::ConnectionRefused));
        },
    );
}

/// A SYN of nobody's in the kernel, which will refuse the answer.
fn stray_syn() -> io::Result<()> {
    let header = tcp::Header {
        source: NOBODY,
        destination: PORT,
        seq: 77,
        flags: Flags::SYN,
        window: 1000,
        ..tcp::Header::default()
    };
    let ip = ip::Header::tcp(KERNEL.into(), STACK.into());
    let packet = header.packet(&ip, (&[], &[]));
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((KERNEL, 0)).into())?;
    // The kernel writes the IP header.
    socket.send_to(&packet[20..], &SocketAddr::from((STACK, 0)).into())?;
    Ok(())
}

/// The rows that have fired so far, by name.
fn rows(stack: &Stack) -> Arc<Mutex<Vec<&'static str>>> {
    let rows = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&rows);
    stack.observe(move |fired| log.lock().unwrap().push(fired.row.name()));
    rows
}

/// RFC 9293: MUST-11
#[test]
fn the_kernel_resets_syn_received_and_then_connects() {
    with_kernel(
        "reset_in_syn_received",
        |_| {},
        |stack| {
            for named in [None, Some((KERNEL, NOBODY).into())] {
                let rows = rows(stack);
                let one = TcpStream::open_passive(stack, ours(), named).expect("open");
                stray_syn().expect("a SYN of nobody's");
                eventually("SYN-RECEIVED, and back", || rows.lock().unwrap().contains(&"rst_passive"));
                assert!(rows.lock().unwrap().contains(&"listen_syn"));
                assert_eq!(state(&one), State::Listen);
                let peer = named.unwrap_or_else(|| (Ipv4Addr::UNSPECIFIED, 0).into());
                assert_eq!(one.peer_addr().expect("peer"), peer);
                // Now somebody who means it, from the port that is named if one is.
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("socket");
                let from = SocketAddr::from((KERNEL, named.map_or(0, |named| named.port())));
                socket.bind(&from.into()).expect("bind");
                socket.connect(&ours().into()).expect("connect");
                one.wait_open().expect("established");
                one.set_linger(Some(Duration::ZERO)).expect("linger");
            }
        },
    );
}

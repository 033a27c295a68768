//! What a user's wakers, callbacks, formatters and devices do when they are called, cloned or dropped: they call the stack. Nothing may stand still by that.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

use std::any::Any;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec::State;
use tcpspec_stack::asynchronous as tasks;
use tcpspec_stack::congestion::{Acked, Congestion, Flight, NewReno};
use tcpspec_stack::device::{Arrived, Device, pair};
use tcpspec_stack::net::TcpSocket;
use tcpspec_stack::{Config, Error, Packet, Stack, TcpListener, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What has not ended by then stands still.
const LONG: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_millis(30);

/// A test in a thread of its own, which must come to its end.
fn run(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match wait.recv_timeout(LONG) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it stands still"),
        _ => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

fn address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

fn configs() -> [Config; 2] {
    [1, 2].map(|last| Config::new([10, 0, 0, last]))
}

fn stacks() -> (Stack, Stack) {
    let [a, b] = configs();
    Stack::pair(a, b).unwrap()
}

fn connect(a: &Stack, listener: &TcpListener) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(a, address()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// Calls a future that is answered at once or soon.
fn block<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park_timeout(Duration::from_millis(1)),
        }
    }
}

fn tasks_connect(a: &Stack, listener: &tasks::TcpListener) -> (tasks::TcpStream, tasks::TcpStream) {
    let client = block(tasks::TcpStream::connect(a, address())).unwrap();
    (client, block(listener.accept()).unwrap().0)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + LONG / 2;
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

type Act = Box<dyn FnOnce() + Send>;

/// A waker that owns something, as the task of many an executor is owned by its wakers; and that does something when it is woken.
struct Hostile {
    _owned: Mutex<Box<dyn Any + Send>>,
    on_wake: Mutex<Option<Act>>,
}

impl Wake for Hostile {
    fn wake(self: Arc<Self>) {
        let act = self.on_wake.lock().unwrap().take();
        act.into_iter().for_each(|act| act());
    }
}

fn owner(owned: impl Send + 'static) -> Waker {
    Waker::from(Arc::new(Hostile { _owned: Mutex::new(Box::new(owned)), on_wake: Mutex::default() }))
}

fn acting(act: impl FnOnce() + Send + 'static) -> Waker {
    let on_wake = Mutex::new(Some(Box::new(act) as Act));
    Waker::from(Arc::new(Hostile { _owned: Mutex::new(Box::new(())), on_wake }))
}

fn poll_read(stream: &mut (impl AsyncRead + Unpin), waker: &Waker) -> Poll<io::Result<()>> {
    let mut room = [0; 10];
    Pin::new(stream).poll_read(&mut Context::from_waker(waker), &mut ReadBuf::new(&mut room))
}

// --- Wakers ---

#[test]
fn a_waker_that_is_dropped_may_drop_other_sockets() {
    run(|| {
        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let mut owned = 0;
        // Another stream of the same stack, and all that goes with it.
        let mut own = || {
            owned += 1;
            let (client, server) = tasks_connect(&a, &listener);
            let other = tasks::TcpListener::bind(&b, 1000 + owned).unwrap();
            owner((client, server.into_split(), other, b.clone()))
        };
        let (mut client, server) = tasks_connect(&a, &listener);
        let (mut reader, mut writer) = server.into_split();

        // Replaced by another waker.
        assert!(poll_read(&mut reader, &own()).is_pending());
        assert!(poll_read(&mut reader, &own()).is_pending());
        // Forgotten, since there is something to read.
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut client).poll_write(&mut context, b"text").is_ready());
        let mut listening = Box::pin(listener.accept());
        assert!(listening.as_mut().poll(&mut Context::from_waker(&own())).is_pending());
        // Gone with the future, and with the half.
        drop(listening);
        eventually("text", || poll_read(&mut reader, Waker::noop()).is_ready());
        assert!(poll_read(&mut reader, &own()).is_pending());
        drop(reader);
        let full = own();
        let mut context = Context::from_waker(&full);
        while Pin::new(&mut writer).poll_write(&mut context, &[7; 65_536]).is_ready() {}
        drop(full);
        drop(writer);
        drop((a, b));
    });
}

#[test]
fn a_waker_may_call_the_stack_and_end_it() {
    run(|| {
        // In the stack's own thread.
        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let (mut client, mut server) = tasks_connect(&a, &listener);
        let (told, wait) = mpsc::channel();
        let stack = b.clone();
        let waker = acting(move || {
            let connections = stack.with_endpoint(|endpoint| endpoint.connections());
            told.send((connections, stack.table().len())).unwrap();
            drop(stack);
        });
        assert!(poll_read(&mut server, &waker).is_pending());
        drop(b);
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut client).poll_write(&mut context, b"text").is_ready());
        assert_eq!(wait.recv_timeout(LONG), Ok((1, 1)));
        eventually("the end", || matches!(poll_read(&mut server, Waker::noop()), Poll::Ready(Err(_))));

        // In a caller's, which has a RST to send.
        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let (mut client, mut server) = tasks_connect(&a, &listener);
        let own = b.clone();
        assert!(poll_read(&mut server, &acting(move || drop(own))).is_pending());
        drop(b);
        server.abort().unwrap();
        eventually("the RST", || matches!(poll_read(&mut client, Waker::noop()), Poll::Ready(Err(_))));
    });
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_being_woken() {
    run(|| {
        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let (mut client, server) = tasks_connect(&a, &listener);
        let (mut reader, _writer) = server.into_split();
        let bad = acting(|| panic!("expected: this test's waker panics"));
        let (told, wait) = mpsc::channel();
        assert!(poll_read(&mut reader, &bad).is_pending());
        let good = acting(move || told.send(()).unwrap());
        let mut accepting = Box::pin(listener.accept());
        assert!(accepting.as_mut().poll(&mut Context::from_waker(&good)).is_pending());
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut client).poll_write(&mut context, b"text").is_ready());
        let _second = block(tasks::TcpStream::connect(&a, address())).unwrap();
        assert_eq!(wait.recv_timeout(LONG), Ok(()));
        assert!(block(accepting).is_ok(), "the stack goes on");
    });
}

// --- Callbacks ---

#[test]
fn a_callback_may_call_the_stack() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (told, wait) = mpsc::channel();
        let stack = b.clone();
        let (mut client, kept) = connect(&a, &listener);
        let mut other = Some(connect(&a, &listener));
        let mut left = 10;
        b.observe(move |fired| {
            let looked = stack.with_endpoint(|endpoint| endpoint.connections());
            // It drops a connection, sends, of which there is more to hear, and sets another.
            other.take();
            if left > 0 {
                left -= 1;
                (&kept).write_all(b"x").unwrap();
            }
            stack.on_other(|_| {});
            let _ = told.send((fired.row, looked, stack.table().len()));
        });
        let _third = connect(&a, &listener);
        let (_, looked, _) = wait.recv_timeout(LONG).unwrap();
        assert!(looked >= 2);
        client.set_read_timeout(Some(LONG / 2)).unwrap();
        // In how many packets it comes, Nagle's algorithm and the time decide.
        let mut text = [0; 10];
        client.read_exact(&mut text).unwrap();
        assert_eq!(text, [b'x'; 10]);
        b.observe(|_| {});
        drop(wait);
    });
}

#[test]
fn a_callback_that_is_replaced_may_own_sockets() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        for set in [
            |stack: &Stack, own: Box<dyn Any + Send>| stack.observe(move |_| drop_nothing(&own)),
            |stack: &Stack, own: Box<dyn Any + Send>| stack.on_other(move |_| drop_nothing(&own)),
            |stack: &Stack, own: Box<dyn Any + Send>| stack.on_loss(move |_| drop_nothing(&own)),
        ] {
            let (_client, server) = connect(&a, &listener);
            let own = Owner(server, b.clone());
            set(&b, Box::new(own));
            set(&b, Box::new(()));
        }
    });
}

fn drop_nothing(_: &Box<dyn Any + Send>) {}

/// Its drop sets a callback, in its turn.
struct Owner(TcpStream, Stack);

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.status();
        self.1.on_loss(|_| {});
        self.1.on_other(|_| {});
    }
}

#[test]
fn what_would_wait_in_the_stacks_own_thread_fails() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (mut client, server) = connect(&a, &listener);
        let (told, wait) = mpsc::channel();
        let clone = listener.try_clone().unwrap();
        b.observe(move |_| {
            let read = (&server).read(&mut [0]).map_err(|error| error.kind());
            let accept = clone.accept().map(|_| ()).map_err(|error| error.kind());
            let _ = told.send((read, accept));
        });
        client.write_all(b"x").unwrap();
        let (read, accept) = wait.recv_timeout(LONG).unwrap();
        assert!(read == Ok(1) || read == Err(ErrorKind::Deadlock), "{read:?}");
        assert_eq!(accept, Err(ErrorKind::Deadlock));
        b.observe(|_| {});
    });
}

/// The end of a stack of which a callback has panicked: for the one who waits, and for calls.
fn ends_by_panic(act: impl FnOnce(&Stack, &TcpStream, &TcpStream)) {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let (client, server) = connect(&a, &listener);
    let (told, wait) = mpsc::channel();
    thread::spawn(move || told.send(listener.accept().map(|_| ()).map_err(|error| error.kind())));
    thread::sleep(SOON);
    b.observe(|_| panic!("expected: this test's observer panics"));
    // The caller hears nothing of it.
    act(&b, &client, &server);
    assert_eq!(wait.recv_timeout(LONG), Ok(Err(ErrorKind::NotConnected)));
    assert_eq!((&server).write(b"x").map_err(|error| error.kind()), Err(ErrorKind::NotConnected));
    // What is open is reset.
    eventually("the reset", || client.status().unwrap().error == Some(Error::Reset));
    b.shutdown(LONG).unwrap();
}

#[test]
fn a_callback_that_panics_ends_the_stack_whichever_thread_it_is_in() {
    run(|| {
        // The stack's own.
        ends_by_panic(|_, mut client, _| client.write_all(b"x").unwrap());
        // A caller's.
        ends_by_panic(|_, _, server| server.set_nodelay(true).and_then(|()| server.abort()).unwrap());
    });
}

// --- `with_endpoint` ---

#[test]
fn whatever_is_called_from_within_with_endpoint_says_so() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (client, server) = connect(&a, &listener);
        b.with_endpoint(|_| {
            let kinds = [
                (&server).read(&mut [0]).map(|_| ()),
                (&server).write(b"x").map(|_| ()),
                server.status().map(|_| ()),
                server.abort(),
                listener.accept().map(|_| ()),
                TcpStream::connect(&b, address()).map(|_| ()),
                TcpListener::bind(&b, 81).map(|_| ()),
                b.send_packet(Vec::new()),
            ]
            .map(|result| result.map_err(|error| error.kind()));
            assert_eq!(kinds, [Err(ErrorKind::Deadlock); 8]);
            let panics: [Box<dyn Fn() + '_>; 4] = [
                Box::new(|| b.with_endpoint(|_| {})),
                Box::new(|| drop(b.table())),
                Box::new(|| b.observe(|_| {})),
                Box::new(|| drop(b.shutdown(Duration::ZERO))),
            ];
            for call in panics {
                let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
                assert!(panic.downcast_ref::<&str>().unwrap().contains("within `with_endpoint`"));
            }
            // Another stack's is no concern of this one, and what is printed must not fail.
            assert_eq!(a.with_endpoint(|endpoint| endpoint.connections()), 1);
            assert!(!format!("{b:?} {server:?} {listener:?}").is_empty());
        });
        // It goes on as if nothing had been.
        (&client).write_all(b"x").unwrap();
        (&server).read_exact(&mut [0]).unwrap();
    });
}

#[test]
fn what_is_dropped_within_with_endpoint_is_released_afterwards() {
    run(|| {
        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let mut all: Vec<_> = (0..3).map(|_| tasks_connect(&a, &listener)).collect();
        let (mut third, halves) = all.pop().unwrap();
        let (reader, writer) = halves.into_split();
        let ended = |client: &mut tasks::TcpStream| {
            eventually("FIN", || matches!(poll_read(client, Waker::noop()), Poll::Ready(Ok(()))));
        };
        b.with_endpoint(move |_| drop(writer));
        ended(&mut third);
        for (client, server) in &mut all {
            let server = std::mem::replace(server, tasks_connect(&a, &listener).1);
            // Though it panics.
            let looked = catch_unwind(AssertUnwindSafe(|| {
                b.with_endpoint(|_| {
                    drop(server);
                    panic!("expected: this test panics while it looks");
                });
            }));
            assert!(looked.is_err());
            ended(client);
        }
        b.with_endpoint(move |_| drop((reader, listener)));
        let refused = TcpStream::connect(&a, address()).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    });
}

// --- Others who are called ---

/// Whatever is written into it makes it look at the stack.
struct Curious(Stack, String);

impl fmt::Write for Curious {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.1.push_str(text);
        let _ = self.0.table();
        Ok(())
    }
}

#[test]
fn who_prints_may_call_the_stack() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (_client, server) = connect(&a, &listener);
        let mut curious = Curious(b.clone(), String::new());
        write!(curious, "{b:?} {server:?} {listener:?} {:#?} {}", b.table(), b.table()).unwrap();
        assert!(curious.1.contains("10.0.0.2:80"));
    });
}

static SUBSCRIBED: Mutex<Option<Stack>> = Mutex::new(None);
static EVENTS: AtomicUsize = AtomicUsize::new(0);

/// A subscriber that looks at the stack, as one would that sends what it hears over it.
struct Subscriber;

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "tcpspec::row"
    }

    fn event(&self, _: &tracing::Event<'_>) {
        let stack = SUBSCRIBED.lock().unwrap().clone();
        if let Some(stack) = stack {
            EVENTS.fetch_add(stack.table().len(), Ordering::Relaxed);
        }
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn who_subscribes_to_events_may_call_the_stack() {
    run(|| {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        *SUBSCRIBED.lock().unwrap() = Some(b.clone());
        tracing::subscriber::set_global_default(Subscriber).unwrap();
        let (_client, server) = connect(&a, &listener);
        server.abort().unwrap();
        eventually("events", || EVENTS.load(Ordering::Relaxed) > 0);
        *SUBSCRIBED.lock().unwrap() = None;
    });
}

/// A device that looks at the stack whatever it is asked, and ends it when it is told to.
struct Nosy {
    end: pair::End,
    stack: Arc<OnceLock<Stack>>,
    last: Arc<AtomicBool>,
}

impl Nosy {
    fn look(&self) {
        self.stack.get().into_iter().for_each(|stack| drop(stack.table()));
    }
}

impl Device for Nosy {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        self.look();
        self.end.receive(packet, wait)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.look();
        let sent = self.end.send(packet);
        if self.last.swap(false, Ordering::Relaxed) {
            let _ = self.stack.get().unwrap().shutdown(Duration::ZERO);
        }
        sent
    }

    fn wake(&self) {
        self.look();
        self.end.wake();
    }

    fn wants_rows(&self) -> bool {
        true
    }

    fn handled(&self, _: &[tcpspec::Row]) {
        self.look();
    }
}

#[test]
fn a_device_may_call_the_stack() {
    for by_caller in [true, false] {
        run(move || {
            let (left, right) = pair::pair();
            let (stack, last) = (Arc::<OnceLock<Stack>>::default(), Arc::<AtomicBool>::default());
            let nosy = Nosy { end: right, stack: Arc::clone(&stack), last: Arc::clone(&last) };
            let [config, other] = configs();
            let (a, b) = (Stack::start(left, config).unwrap(), Stack::start(nosy, other).unwrap());
            stack.set(b.clone()).unwrap();
            let listener = TcpListener::bind(&b, 80).unwrap();
            let (mut client, mut server) = connect(&a, &listener);
            last.store(true, Ordering::Relaxed);
            if by_caller {
                let _ = server.write(b"x");
            } else {
                // An acknowledgment, at the latest.
                client.write_all(&[7; 50_000]).unwrap();
            }
            eventually("the reset", || client.status().unwrap().state == State::Closed);
        });
    }
}

// --- Sockets that are not connected ---

/// Whatever is written into it makes it ask this socket.
struct Asking<'a>(&'a TcpSocket);

impl fmt::Write for Asking<'_> {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.0.local_addr().map(drop).map_err(|_| fmt::Error)
    }
}

#[test]
fn who_prints_a_socket_may_ask_it() {
    run(|| {
        let (a, _b) = stacks();
        let socket = TcpSocket::new_v4(&a).unwrap();
        socket.bind(SocketAddr::from(([10, 0, 0, 1], 4000))).unwrap();
        write!(Asking(&socket), "{socket:?}").unwrap();
        assert!(format!("{socket:?}").contains("4000"));
    });
}

#[test]
fn a_socket_that_waits_for_the_stack_answers_who_looks_at_that() {
    for call in [
        |socket: &TcpSocket| socket.bind(SocketAddr::from(([10, 0, 0, 1], 4000))),
        |socket: &TcpSocket| socket.set_recv_buffer_size(10_000),
    ] {
        run(move || {
            let (a, _b) = stacks();
            let socket = Arc::new(TcpSocket::new_v4(&a).unwrap());
            let (begin, begun) = mpsc::channel();
            let other = Arc::clone(&socket);
            let calling = thread::spawn(move || {
                begun.recv().unwrap();
                call(&other)
            });
            a.with_endpoint(|_| {
                begin.send(()).unwrap();
                thread::sleep(SOON);
                socket.local_addr().unwrap();
                assert_eq!(
                    socket.set_recv_buffer_size(1).map_err(|error| error.kind()),
                    Err(ErrorKind::Deadlock)
                );
            });
            calling.join().unwrap().unwrap();
            assert!(
                socket.recv_buffer_size().unwrap() == 10_000 || socket.local_addr().unwrap().port() == 4000
            );
        });
    }
}

// --- Congestion control ---

static CONTROLLED: Mutex<Option<Stack>> = Mutex::new(None);
static OWNED: Mutex<Option<TcpStream>> = Mutex::new(None);
static ANSWERS: Mutex<Vec<io::Result<()>>> = Mutex::new(Vec::new());

/// It calls the stack, which it must not.
#[derive(Debug)]
struct Talkative(NewReno);

fn talk() {
    let stack = CONTROLLED.lock().unwrap().clone();
    if let Some(stack) = stack {
        let owned = OWNED.lock().unwrap().take();
        drop(owned);
        ANSWERS.lock().unwrap().push(stack.send_packet(Vec::new()));
    }
}

impl Drop for Talkative {
    fn drop(&mut self) {
        talk();
    }
}

impl Congestion for Talkative {
    fn window(&self) -> u32 {
        talk();
        self.0.window()
    }
    fn threshold(&self) -> u32 {
        self.0.threshold()
    }
    fn acknowledged(&mut self, ack: &Acked) {
        self.0.acknowledged(ack);
    }
    fn congested(&mut self, flight: &Flight) {
        self.0.congested(flight);
    }
    fn timed_out(&mut self, flight: &Flight, first: bool) {
        self.0.timed_out(flight, first);
    }
    fn idle(&mut self, initial: u32) {
        self.0.idle(initial);
    }
}

#[test]
fn congestion_control_that_calls_the_stack_is_told_so() {
    run(|| {
        let [config, other] = configs();
        let config = config.with_congestion(|initial| {
            talk();
            Box::new(Talkative(NewReno::new(initial)))
        });
        let (a, b) = Stack::pair(config, other).unwrap();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (first, mut its_peer) = connect(&a, &listener);
        *OWNED.lock().unwrap() = Some(first);
        *CONTROLLED.lock().unwrap() = Some(a.clone());
        let (mut client, mut server) = connect(&a, &listener);
        client.write_all(&[7; 50_000]).unwrap();
        server.read_exact(&mut [0; 50_000]).unwrap();
        assert_eq!(its_peer.read(&mut [0]).unwrap(), 0, "what it has dropped is released");
        client.abort().unwrap();
        drop(client);
        *CONTROLLED.lock().unwrap() = None;
        let answers = std::mem::take(&mut *ANSWERS.lock().unwrap());
        assert!(answers.len() > 3);
        for answer in answers {
            assert_eq!(answer.map_err(|error| error.kind()), Err(ErrorKind::Deadlock));
        }
    });
}

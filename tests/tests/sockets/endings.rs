//! What a stream shows and says once its connection has ended: what `std` and tokio do with the kernel's sockets on this machine.

#![cfg(target_os = "linux")]
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec::State;
use tcpspec_stack::asynchronous as tasks;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LONG: Duration = Duration::from_secs(20);

fn stacks() -> (Stack, Stack) {
    Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap()
}

fn address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

/// What both kinds of stream can do.
trait Stream: Read + Write + Sized {
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    /// Sends a RST.
    fn reset(self);
    /// Waits until it is in this state.
    fn settle(&self, state: State);
}

impl Stream for net::TcpStream {
    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.take_error()
    }

    fn reset(self) {
        socket2::SockRef::from(&self).set_linger(Some(Duration::ZERO)).unwrap();
    }

    fn settle(&self, state: State) {
        // As the kernel's table numbers them; what is closed is not there.
        let wanted = match state {
            State::FinWait2 => Some("05"),
            State::TimeWait => Some("06"),
            State::CloseWait => Some("08"),
            _ => None,
        };
        // Of a stream that is over the kernel tells no peer; nobody else has this port.
        let port = format!(":{:04X}", self.local_addr().unwrap().port());
        eventually(&format!("{state}"), || {
            let table = std::fs::read_to_string("/proc/thread-self/net/tcp").unwrap();
            let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let ours = lines.find(|line| line[1].ends_with(&port) && line[3] != "0A");
            ours.map(|line| line[3].to_owned()).as_deref() == wanted
        });
    }
}

impl Stream for TcpStream {
    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.take_error()
    }

    fn reset(self) {
        self.set_linger(Some(Duration::ZERO)).unwrap();
    }

    fn settle(&self, state: State) {
        eventually(&format!("{state}"), || self.status().unwrap().state == state);
    }
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// How the connection comes to its end, or near it.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Open,
    Reset,
    ResetTaken,
    ResetRead,
    WriteShut,
    ReadShut,
    PeerShut,
    WeFirst,
    PeerFirst,
}

const ENDINGS: [Ending; 9] = [
    Ending::Open,
    Ending::Reset,
    Ending::ResetTaken,
    Ending::ResetRead,
    Ending::WriteShut,
    Ending::ReadShut,
    Ending::PeerShut,
    Ending::WeFirst,
    Ending::PeerFirst,
];

/// Brings it there; the peer, if it is still needed.
fn end<S: Stream>(ending: Ending, ours: &mut S, peer: S) -> Option<S> {
    let mut octet = [0];
    match ending {
        Ending::Open => {}
        Ending::Reset | Ending::ResetTaken | Ending::ResetRead => {
            peer.reset();
            ours.settle(State::Closed);
            match ending {
                Ending::ResetTaken => assert!(ours.take_error().unwrap().is_some()),
                Ending::ResetRead => drop(ours.read(&mut octet).unwrap_err()),
                _ => {}
            }
            return None;
        }
        Ending::WriteShut => ours.shutdown(Shutdown::Write).unwrap(),
        Ending::ReadShut => ours.shutdown(Shutdown::Read).unwrap(),
        Ending::PeerShut => {
            peer.shutdown(Shutdown::Write).unwrap();
            ours.settle(State::CloseWait);
        }
        Ending::WeFirst => {
            ours.shutdown(Shutdown::Write).unwrap();
            ours.settle(State::FinWait2);
            peer.shutdown(Shutdown::Write).unwrap();
            ours.settle(State::TimeWait);
        }
        Ending::PeerFirst => {
            peer.shutdown(Shutdown::Write).unwrap();
            ours.settle(State::CloseWait);
            ours.shutdown(Shutdown::Write).unwrap();
            ours.settle(State::Closed);
        }
    }
    Some(peer)
}

/// What is called then, each on a connection of its own.
const CALLS: [&str; 6] = ["shut reading", "shut writing", "shut both", "shut writing twice", "write", "read"];

fn call<S: Stream>(call: &str, ours: &mut S) -> Result<(), ErrorKind> {
    let result = match call {
        "shut reading" => ours.shutdown(Shutdown::Read),
        "shut writing" => ours.shutdown(Shutdown::Write),
        "shut both" => ours.shutdown(Shutdown::Both),
        "shut writing twice" => {
            let _ = ours.shutdown(Shutdown::Write);
            ours.shutdown(Shutdown::Write)
        }
        "write" => ours.write(b"x").map(|_| ()),
        _ => ours.read(&mut [0]).map(|len| assert_eq!(len, 0)),
    };
    result.map_err(|error| error.kind())
}

/// Where reading would wait; and where it is a matter of time whether the peer has acknowledged the FIN.
fn is_left_out(ending: Ending, call: &str) -> bool {
    match call {
        "read" => matches!(ending, Ending::Open | Ending::WriteShut),
        "shut writing twice" => matches!(ending, Ending::PeerShut),
        _ => false,
    }
}

fn answers<S: Stream>(connected: impl Fn() -> (S, S)) -> Vec<String> {
    let mut all = Vec::new();
    for ending in ENDINGS {
        for name in CALLS.into_iter().filter(|name| !is_left_out(ending, name)) {
            let (mut ours, peer) = connected();
            let _peer = end(ending, &mut ours, peer);
            all.push(format!("{ending:?}, {name}: {:?}", call(name, &mut ours)));
        }
    }
    all
}

#[test]
fn calls_at_the_end_answer_as_those_of_std() {
    let kernels = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let theirs = answers(|| {
        let client = net::TcpStream::connect(kernels.local_addr().unwrap()).unwrap();
        (client, kernels.accept().unwrap().0)
    });
    assert!(theirs.contains(&"Reset, shut writing: Err(NotConnected)".into()), "{theirs:#?}");
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let ours = answers(|| {
        let client = TcpStream::connect(&a, address()).unwrap();
        (client, listener.accept().unwrap().0)
    });
    let differences: Vec<_> = theirs.iter().zip(&ours).filter(|(theirs, ours)| theirs != ours).collect();
    assert!(differences.is_empty(), "std and ours:\n{differences:#?}");
}

/// Shuts writing down at the end, as a server does without regard to how it came to that.
async fn shut<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    mut ours: S,
    mut peer: S,
    reset: impl AsyncFn(S),
    taken: impl Fn(&S) -> bool,
) -> [Result<(), ErrorKind>; 3] {
    let first = ours.shutdown().await.map_err(|error| error.kind());
    let again = ours.shutdown().await.map_err(|error| error.kind());
    assert_eq!(peer.read(&mut [0]).await.unwrap(), 0);
    reset(peer).await;
    let limit = Instant::now() + LONG;
    while !taken(&ours) {
        assert!(Instant::now() < limit, "no RST");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    [first, again, ours.shutdown().await.map_err(|error| error.kind())]
}

#[test]
fn shutting_down_a_tasks_stream_answers_as_tokios() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kernels = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = tokio::net::TcpStream::connect(kernels.local_addr().unwrap()).await.unwrap();
        let peer = kernels.accept().await.unwrap().0;
        let reset = async |peer: tokio::net::TcpStream| peer.set_zero_linger().unwrap();
        let theirs = shut(client, peer, reset, |ours| ours.take_error().unwrap().is_some()).await;

        let (a, b) = stacks();
        let listener = tasks::TcpListener::bind(&b, 80).unwrap();
        let client = tasks::TcpStream::connect(&a, address()).await.unwrap();
        let peer = listener.accept().await.unwrap().0;
        let reset = async |peer: tasks::TcpStream| peer.abort().unwrap();
        let ours = shut(client, peer, reset, |ours| ours.take_error().unwrap().is_some()).await;
        assert_eq!((ours, theirs), ([Ok(()); 3], [Ok(()); 3]));

        // What is lost is told, once.
        let mut client = tasks::TcpStream::connect(&a, address()).await.unwrap();
        let peer = listener.accept().await.unwrap().0;
        let all = tokio::time::timeout(Duration::from_millis(100), client.write_all(&[7; 64 << 20])).await;
        assert!(all.is_err(), "there is not so much room");
        peer.abort().unwrap();
        let limit = Instant::now() + LONG;
        while client.status().unwrap().error.is_none() {
            assert!(Instant::now() < limit, "no RST");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(client.shutdown().await.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
        assert!(client.shutdown().await.is_ok());
        // And so is the end of the stack.
        let mut client = tasks::TcpStream::connect(&a, address()).await.unwrap();
        let _ = a.shutdown(Duration::ZERO);
        assert_eq!(client.shutdown().await.map_err(|error| error.kind()), Err(ErrorKind::NotConnected));
    });
}

/// Addresses and the state, and no more than fits into a line.
#[test]
fn what_is_printed_for_debugging_is_short() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let client = TcpStream::connect(&a, address()).unwrap();
    let server = listener.accept().unwrap().0;
    let local = client.local_addr().unwrap();
    assert_eq!(format!("{listener:?}"), "TcpListener { addr: 0.0.0.0:80 }");
    assert_eq!(format!("{:?}", listener.incoming()), "Incoming { addr: 0.0.0.0:80 }");
    assert_eq!(
        format!("{client:?}"),
        format!("TcpStream {{ addr: {local}, peer: 10.0.0.2:80, state: ESTABLISHED }}")
    );
    assert_eq!(format!("{b:?}"), "Stack { addresses: [10.0.0.2], connections: 1, state: running }");
    server.abort().unwrap();
    client.settle(State::Closed);
    assert!(format!("{client:?}").ends_with("state: CLOSED }"), "{client:?}");

    let mut listen = tcpspec_stack::Listen::on(81);
    listen.hold = true;
    let holding = TcpListener::bind(&b, listen).unwrap();
    let asking = thread::spawn({
        let a = a.clone();
        move || TcpStream::connect(&a, "10.0.0.2:81").map(|_| ())
    });
    let request = holding.request().unwrap();
    let (addr, peer) = (request.local_addr(), request.peer_addr());
    assert_eq!(format!("{request:?}"), format!("Request {{ addr: {addr}, peer: {peer}, .. }}"));
    drop(request);
    assert!(asking.join().unwrap().is_err());

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let listener = tasks::TcpListener::bind(&b, 82).unwrap();
        assert_eq!(format!("{listener:?}"), "TcpListener { addr: 0.0.0.0:82 }");
        let client = tasks::TcpStream::connect(&a, "10.0.0.2:82").await.unwrap();
        let shown = format!("{client:?}");
        let rest = shown.strip_prefix("TcpStream").unwrap().to_owned();
        let (reader, writer) = client.into_split();
        assert_eq!(format!("{reader:?} {writer:?}"), format!("OwnedReadHalf{rest} OwnedWriteHalf{rest}"));
    });
    let _ = b.shutdown(Duration::ZERO);
    assert_eq!(format!("{b:?}"), "Stack { addresses: [10.0.0.2], connections: 0, state: stopped }");
}

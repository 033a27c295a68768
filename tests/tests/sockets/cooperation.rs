//! Tasks beside others on one thread: who always gets an answer at once must let the others run, as with tokio's own sockets.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
use tcpspec_stack::{Config, Stack};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net;
use tokio::task::{LocalSet, yield_now};

/// What has not ended by then never will.
const LONG: Duration = Duration::from_secs(60);
/// Calls of which each is answered at once.
const CALLS: usize = 60_000;

/// A runtime of one thread in a thread of its own, which must come to its end.
fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        LocalSet::new().block_on(&runtime, test());
        drop(runtime);
        let _ = done.send(());
    });
    match wait.recv_timeout(LONG) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it is stuck"),
        _ => thread.join().unwrap(),
    }
}

fn stacks() -> (Stack, Stack) {
    Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap()
}

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

async fn ours(a: &Stack, b: &Stack) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(b, 80).unwrap();
    let client = TcpStream::connect(a, server()).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

async fn the_kernels() -> (net::TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

/// How often another task runs meanwhile.
async fn turns_beside(busy: impl Future<Output = ()>) -> usize {
    let turns = Rc::<Cell<usize>>::default();
    let count = Rc::clone(&turns);
    let other = tokio::task::spawn_local(async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    });
    busy.await;
    other.abort();
    turns.get()
}

/// Reads octet by octet what is there already, as far as buffers allow.
async fn read(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> usize {
    to.write_all(&[7; CALLS]).await.unwrap();
    turns_beside(async {
        for _ in 0..CALLS {
            assert_eq!(from.read_u8().await.unwrap(), 7);
        }
    })
    .await
}

/// Writes octet by octet, to somebody who has room for all of it.
async fn write(mut to: impl AsyncWrite + Unpin, _from: impl AsyncRead) -> usize {
    turns_beside(async {
        for _ in 0..CALLS {
            to.write_u8(7).await.unwrap();
        }
    })
    .await
}

#[test]
fn who_reads_or_writes_octet_by_octet_lets_others_run_as_with_tokios_sockets() {
    run(|| async {
        let (a, b) = stacks();
        let (client, server) = ours(&a, &b).await;
        let (to, from) = the_kernels().await;
        let (ours, theirs) = (read(server, client).await, read(from, to).await);
        assert!(theirs > CALLS / 1000, "{theirs} turns beside the kernel's sockets");
        assert!(2 * ours >= theirs, "{ours} turns while reading, {theirs} beside the kernel's sockets");
        let (a, b) = stacks();
        let (client, server) = self::ours(&a, &b).await;
        let (to, from) = the_kernels().await;
        let (ours, theirs) = (write(client, server).await, write(to, from).await);
        assert!(2 * ours >= theirs, "{ours} turns while writing, {theirs} beside the kernel's sockets");
    });
}

/// How often another task runs beside a call that is made again and again.
async fn turns<T, F: Future<Output = io::Result<T>>>(mut call: impl FnMut() -> F) -> usize {
    turns_beside(async {
        for _ in 0..CALLS {
            let _ = call().await;
        }
    })
    .await
}

#[test]
fn who_asks_again_after_each_error_lets_others_run() {
    run(|| async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&a, 80).unwrap();
        let (mut client, _server) = ours(&a, &b).await;
        a.shutdown(Duration::ZERO).unwrap();
        let few = CALLS / 1000;
        assert!(turns(|| listener.accept()).await > few, "accept");
        assert!(turns(|| listener.request()).await > few, "request");
        assert!(turns(|| TcpStream::connect(&a, server())).await > few, "connect");
        assert!(turns(|| TcpStream::connect(&a, &[][..])).await > few, "connect to nobody");
        assert!(turns(|| client.peek(&mut [])).await > few, "peek");
        assert!(turns(|| client.wait_urgent()).await > few, "wait_urgent");
        assert!(turns(|| client.send_urgent(b"")).await > few, "send_urgent");
        let mut polls = 0;
        let calls = turns_beside(async {
            while polls < CALLS {
                polls += 1;
                let _ = match polls % 5 {
                    0 => client.read(&mut [0]).await.map(|_| ()),
                    1 => client.flush().await,
                    2 => client.shutdown().await,
                    3 => client.write(b"x").await.map(|_| ()),
                    _ => client.read(&mut []).await.map(|_| ()),
                };
            }
        });
        assert!(calls.await > few, "read, write, shutdown");
        let flushes = turns_beside(async {
            for _ in 0..CALLS {
                let _ = client.split().1.flush().await;
            }
        });
        assert!(flushes.await > few, "flush of a half");
        let (reader, _writer) = client.into_split();
        assert!(turns(|| reader.peek(&mut [])).await > few, "peek of a half");
    });
}

/// Well-known servers do so; the runtime must be able to end all the same.
#[test]
fn a_loop_that_accepts_for_ever_does_not_keep_the_runtime_from_ending() {
    run(|| async {
        let (_a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        tokio::spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    drop(stream);
                }
            }
        });
        yield_now().await;
        b.shutdown(Duration::ZERO).unwrap();
        yield_now().await;
    });
}

#[test]
fn incoming_connections_end_with_the_stack() {
    let (a, b) = stacks();
    let listener = tcpspec_stack::TcpListener::bind(&b, 80).unwrap();
    let (done, wait) = mpsc::channel();
    thread::spawn(move || {
        let all: Vec<_> = listener.incoming().map(|next| next.err().map(|error| error.kind())).collect();
        let _ = done.send(all);
    });
    let _client = tcpspec_stack::TcpStream::connect(&a, server()).unwrap();
    thread::sleep(Duration::from_millis(30));
    b.shutdown(LONG).unwrap();
    assert_eq!(wait.recv_timeout(LONG).expect("it ends"), [None, Some(ErrorKind::NotConnected)]);
}

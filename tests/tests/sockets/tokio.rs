//! Asynchronous sockets on two stacks that are joined in memory, in real time.

use std::future::Future;
use std::io::{ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream, shutdown};
use tcpspec_stack::{Config, Listen, Stack};
use tcpspec_tests::simulated::text;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_millis(30);

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { timeout(Duration::from_secs(30), test).await.expect("it is stuck") })
}

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

fn stacks() -> (Stack, Stack) {
    Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap()
}

async fn connected() -> (Stack, Stack, TcpStream, TcpStream) {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let client = TcpStream::connect(&a, server()).await.unwrap();
    let (server, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    (a, b, client, server)
}

#[test]
fn many_tasks_at_once_each_get_their_own_text() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut reader, mut writer) = stream.into_split();
                    tokio::io::copy(&mut reader, &mut writer).await.unwrap();
                });
            }
        });
        let clients: Vec<_> = (0..50)
            .map(|n| {
                let a = a.clone();
                tokio::spawn(async move {
                    let ours = text(30_000 + n, n as u64);
                    let stream = TcpStream::connect(&a, server()).await.unwrap();
                    let (mut reader, mut writer) = stream.into_split();
                    let expected = ours.clone();
                    let writing = tokio::spawn(async move {
                        writer.write_all(&ours).await.unwrap();
                        writer.shutdown().await.unwrap();
                        writer.shutdown().await.unwrap();
                    });
                    let mut read = Vec::new();
                    reader.read_to_end(&mut read).await.unwrap();
                    writing.await.unwrap();
                    assert!(read == expected, "connection {n}");
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        shutdown(&a).await.unwrap();
    });
}

#[test]
fn more_than_fits_waits_for_room() {
    run(async {
        let (_a, _b, mut client, mut server) = connected().await;
        let ours = text(3 << 20, 1);
        let expected = ours.clone();
        let writing = tokio::spawn(async move {
            client.write_all(&ours).await.unwrap();
            client
        });
        sleep(SOON).await;
        let mut read = vec![0; expected.len()];
        server.read_exact(&mut read).await.unwrap();
        assert!(read == expected);
        drop(writing.await.unwrap());
        assert_eq!(server.read(&mut [0; 10]).await.unwrap(), 0);
    });
}

#[test]
fn a_dropped_accept_loses_no_connection() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        for _ in 0..20 {
            assert!(timeout(Duration::from_millis(1), listener.accept()).await.is_err());
        }
        // Two wait; the one who is woken gives up before he runs, and the other must hear of it.
        let mut first = Box::pin(listener.accept());
        let mut second = Box::pin(listener.accept());
        assert!(timeout(Duration::ZERO, &mut first).await.is_err());
        assert!(timeout(Duration::ZERO, &mut second).await.is_err());
        let _client = TcpStream::connect(&a, server()).await.unwrap();
        sleep(SOON).await;
        drop(first);
        timeout(Duration::from_secs(5), second).await.expect("woken").unwrap();
    });
}

#[test]
fn a_dropped_connect_gives_the_attempt_up() {
    run(async {
        let (a, _b) = stacks();
        let nobody = SocketAddr::from(([10, 0, 0, 9], 80));
        assert!(timeout(SOON, TcpStream::connect(&a, nobody)).await.is_err());
        assert!(a.table().is_empty(), "{}", a.table());
        let refused = TcpStream::connect(&a, server()).await.map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    });
}

#[test]
fn a_dropped_read_loses_no_text() {
    run(async {
        let (_a, _b, mut client, mut server) = connected().await;
        let mut buffer = [0; 10];
        assert!(timeout(SOON, server.read(&mut buffer)).await.is_err());
        client.write_all(b"text").await.unwrap();
        assert_eq!(server.peek(&mut buffer).await.unwrap(), 4);
        assert_eq!(server.read(&mut buffer).await.unwrap(), 4);
        assert_eq!(&buffer[..4], b"text");
    });
}

#[test]
fn the_halves_end_by_themselves() {
    run(async {
        let (_a, _b, client, mut server) = connected().await;
        let (mut reader, mut writer) = client.into_split();
        writer.write_all(b"last words").await.unwrap();
        drop(writer);
        let mut read = String::new();
        server.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "last words");
        server.write_all(b"answer").await.unwrap();
        drop(server);
        read.clear();
        reader.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "answer");

        let (_a, _b, client, mut server) = connected().await;
        let (reader, writer) = client.into_split();
        let mut client = reader.reunite(writer).unwrap();
        client.write_all(b"together").await.unwrap();
        let mut buffer = [0; 8];
        server.read_exact(&mut buffer).await.unwrap();
        let (_a2, _b2, other, _server) = connected().await;
        let ((reader, _writer), (_reader, writer)) = (client.into_split(), other.into_split());
        assert!(reader.reunite(writer).is_err());
    });
}

#[test]
fn vectored_writes_share_a_segment() {
    run(async {
        let (a, _b, mut client, mut server) = connected().await;
        let before = a.with_endpoint(|endpoint| endpoint.counters().sent);
        let pieces = [IoSlice::new(b"one, "), IoSlice::new(b"two")];
        assert!(client.is_write_vectored());
        assert_eq!(client.write_vectored(&pieces).await.unwrap(), 8);
        let mut read = [0; 8];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"one, two");
        assert_eq!(a.with_endpoint(|endpoint| endpoint.counters().sent), before + 1);
    });
}

#[test]
fn urgent_text_and_options_are_there_too() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, server().port()).unwrap();
        let client = TcpStream::connect(&a, server()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.set_ttl(9).unwrap();
        client.set_traffic_class(0x28).unwrap();
        assert!(client.set_ttl(256).is_err());
        assert_eq!(client.send_urgent(b"").await.unwrap(), 0);
        assert_eq!(client.send_urgent(b"now").await.unwrap(), 3);
        let mut octet = [0; 1];
        server.read_exact(&mut octet).await.unwrap();
        assert_eq!((octet, server.urgent().unwrap()), (*b"n", 2));
    });
}

#[test]
fn a_reset_and_the_end_of_the_stack_wake_who_waits() {
    run(async {
        let (_a, b, client, mut server) = connected().await;
        let reading =
            tokio::spawn(async move { server.read(&mut [0; 10]).await.map_err(|error| error.kind()) });
        sleep(SOON).await;
        client.abort().unwrap();
        assert_eq!(reading.await.unwrap(), Err(ErrorKind::ConnectionReset));

        let listener = TcpListener::bind(&b, 81).unwrap();
        let accepting =
            tokio::spawn(async move { listener.accept().await.map_err(|error| error.kind()).err() });
        sleep(SOON).await;
        b.shutdown(SOON).unwrap();
        assert_eq!(accepting.await.unwrap(), Some(ErrorKind::NotConnected));
    });
}

#[test]
fn a_gateway_asks_before_it_answers() {
    run(async {
        let mut config = Config::new([10, 0, 0, 2]);
        config.any_destination = true;
        let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), config).unwrap();
        let mut every = Listen::on_every_port();
        every.hold = true;
        let listener = TcpListener::bind(&b, every).unwrap();
        let elsewhere = SocketAddr::from(([203, 0, 113, 7], 443));
        let connecting = |a: Stack| tokio::spawn(async move { TcpStream::connect(&a, elsewhere).await });

        let client = connecting(a.clone());
        let request = listener.request().await.unwrap();
        assert_eq!(request.local_addr(), elsewhere);
        let mut server = TcpStream::accept(request).await.unwrap();
        server.write_all(b"hello").await.unwrap();
        let mut read = [0; 5];
        client.await.unwrap().unwrap().read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"hello");

        let client = connecting(a.clone());
        drop(listener.request().await.unwrap());
        let refused = client.await.unwrap().map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    });
}

/// RFC 9293: MUST-32, MUST-33
#[test]
fn urgent_text_wakes_who_waits_for_it() {
    run(async {
        let (_a, _b, client, mut server) = connected().await;
        assert!(timeout(SOON, server.wait_urgent()).await.is_err(), "nothing is urgent");
        let writer = tokio::spawn(async move {
            sleep(SOON).await;
            assert_eq!(client.send_urgent(b"hurry").await.unwrap(), 5);
            client
        });
        assert_eq!(server.wait_urgent().await.unwrap(), 5);
        let mut client = writer.await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        assert_eq!(server.urgent().unwrap(), 0);
        client.shutdown().await.unwrap();
        assert_eq!(server.wait_urgent().await.unwrap(), 0, "none will come");
    });
}

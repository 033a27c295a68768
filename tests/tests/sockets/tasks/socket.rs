//! Sockets that neither listen nor are connected.

use super::{run, server, stacks};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec_stack::asynchronous::{TcpListener, TcpSocket, TcpStream};
use tcpspec_stack::{Listen, Stack, net};
use tokio::io::AsyncReadExt;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn bound(stack: &Stack, local: &str) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4(stack)?;
    socket.bind(address(local)).map(|()| socket)
}

#[test]
fn it_listens_and_connects_with_ipv4() {
    run(async {
        let (a, b) = stacks();
        let listener = bound(&b, "10.0.0.2:0").unwrap().listen(8).unwrap();
        let local = listener.local_addr().unwrap();
        let client = TcpSocket::new_v4(&a).unwrap().connect(local).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        assert_eq!((stream.local_addr().unwrap(), peer), (local, client.local_addr().unwrap()));
    });
}

#[test]
fn it_listens_and_connects_with_ipv6() {
    run(async {
        let (a, b) = stacks();
        let socket = TcpSocket::new_v6(&b).unwrap();
        assert_eq!(socket.local_addr().unwrap(), address("[::]:0"));
        socket.bind(address("[fd00::2]:0")).unwrap();
        let listener = socket.listen(8).unwrap();
        let local = listener.local_addr().unwrap();
        assert!(local.is_ipv6());
        let client = TcpSocket::new_v6(&a).unwrap().connect(local).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
    });
}

#[test]
fn a_client_may_choose_where_it_comes_from() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        for local in ["10.0.0.1:4000", "0.0.0.0:4001"] {
            let client = bound(&a, local).unwrap().connect(server()).await.unwrap();
            assert_eq!(
                client.local_addr().unwrap(),
                SocketAddr::new([10, 0, 0, 1].into(), address(local).port())
            );
            assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
        }
        let socket = bound(&a, "10.0.0.1:0").unwrap();
        let local = socket.local_addr().unwrap();
        assert_ne!(local.port(), 0);
        let client = socket.connect(server()).await.unwrap();
        assert_eq!(client.local_addr().unwrap(), local);
    });
}

#[test]
fn a_port_that_is_bound_is_nobody_elses() {
    run(async {
        let (_a, b) = stacks();
        let socket = bound(&b, "10.0.0.2:80").unwrap();
        assert_eq!(kind(bound(&b, "10.0.0.2:80")), Some(ErrorKind::AddrInUse));
        assert_eq!(kind(bound(&b, "0.0.0.0:80")), Some(ErrorKind::AddrInUse), "it is among all of them");
        assert_eq!(kind(TcpListener::bind(&b, 80)), Some(ErrorKind::AddrInUse));
        assert_eq!(kind(bound(&b, "10.0.0.2:81")), None, "another port is free");
        assert_eq!(
            kind(socket.bind(address("10.0.0.2:82"))),
            Some(ErrorKind::InvalidInput),
            "it is bound already"
        );
        drop(socket);
        let all = bound(&b, "0.0.0.0:80").unwrap();
        assert_eq!(kind(bound(&b, "10.0.0.2:80")), Some(ErrorKind::AddrInUse));
        let listener = all.listen(1).unwrap();
        assert_eq!(kind(bound(&b, "10.0.0.2:80")), Some(ErrorKind::AddrInUse), "now the listener has it");
        drop(listener);
        assert_eq!(kind(bound(&b, "10.0.0.2:80")), None);
    });
}

#[test]
fn ports_are_shared_by_those_who_both_say_so() {
    run(async {
        let (a, b) = stacks();
        let shared = |reuse| {
            let socket = TcpSocket::new_v4(&a).unwrap();
            socket.set_reuseaddr(reuse).unwrap();
            assert_eq!(socket.reuseaddr().unwrap(), reuse);
            socket.bind(address("10.0.0.1:4000")).map(|()| socket)
        };
        let (one, two) = (shared(true).unwrap(), shared(true).unwrap());
        assert_eq!(kind(shared(false)), Some(ErrorKind::AddrInUse));
        // From one port to two peers.
        let listeners = [80, 81].map(|port| TcpListener::bind(&b, port).unwrap());
        let one = one.connect(server()).await.unwrap();
        let two = two.connect(address("10.0.0.2:81")).await.unwrap();
        assert_eq!(one.local_addr().unwrap(), two.local_addr().unwrap());
        drop(listeners);
    });
}

#[test]
fn the_stack_gives_nobody_a_port_that_is_bound() {
    run(async {
        let config = tcpspec_stack::Config::new([10, 0, 0, 1]).with_ephemeral_ports(5000..=5002);
        let (a, b) = Stack::pair(config, tcpspec_stack::Config::new([10, 0, 0, 2])).unwrap();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let socket = bound(&a, "10.0.0.1:5001").unwrap();
        let mut streams = Vec::new();
        for _ in 0..2 {
            streams.push(TcpStream::connect(&a, server()).await.unwrap());
        }
        let mut ports: Vec<_> = streams.iter().map(|stream| stream.local_addr().unwrap().port()).collect();
        ports.sort_unstable();
        assert_eq!(ports, [5000, 5002]);
        assert_eq!(kind(TcpStream::connect(&a, server()).await), Some(ErrorKind::AddrNotAvailable));
        drop(socket);
        TcpStream::connect(&a, server()).await.unwrap();
        drop(listener);
    });
}

#[test]
fn addresses_that_it_cannot_have_are_refused() {
    run(async {
        let (a, b) = stacks();
        let _listener = TcpListener::bind(&b, 80).unwrap();
        assert_eq!(kind(bound(&a, "10.0.0.9:80")), Some(ErrorKind::AddrNotAvailable));
        assert_eq!(kind(bound(&a, "[fd00::1]:80")), Some(ErrorKind::InvalidInput));
        let socket = TcpSocket::new_v6(&a).unwrap();
        assert_eq!(kind(socket.connect(server()).await), Some(ErrorKind::InvalidInput));
        a.shutdown(Duration::ZERO).unwrap();
        assert_eq!(kind(TcpSocket::new_v4(&a)), Some(ErrorKind::NotConnected));
    });
}

#[test]
fn what_it_is_told_holds_for_the_stream() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let socket = TcpSocket::new_v4(&a).unwrap();
        assert_eq!((socket.nodelay().unwrap(), socket.keepalive().unwrap()), (false, false));
        socket.set_nodelay(true).unwrap();
        socket.set_keepalive(true).unwrap();
        socket.set_linger(Some(Duration::ZERO)).unwrap();
        socket.set_ttl(5).unwrap();
        socket.set_traffic_class(0x20).unwrap();
        socket.set_send_buffer_size(30_000).unwrap();
        socket.set_recv_buffer_size(20_000).unwrap();
        assert_eq!(kind(socket.set_ttl(0)), Some(ErrorKind::InvalidInput));
        assert_eq!(kind(socket.set_recv_buffer_size(0)), Some(ErrorKind::InvalidInput));
        assert!(socket.nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!((socket.ttl().unwrap(), socket.traffic_class().unwrap()), (5, 0x20));
        assert_eq!(
            (socket.send_buffer_size().unwrap(), socket.recv_buffer_size().unwrap()),
            (30_000, 20_000)
        );
        assert!(socket.take_error().unwrap().is_none());
        let settings = socket.settings().unwrap();
        let client = socket.connect(server()).await.unwrap();
        assert_eq!((client.ttl().unwrap(), client.traffic_class().unwrap()), (5, 0x20));
        assert_eq!(client.settings().unwrap(), settings);
        let (mut server, _) = listener.accept().await.unwrap();
        // The peer was told so by the first segment.
        assert!(server.status().unwrap().send_window <= 20_000);
        drop(client);
        assert_eq!(kind(server.read(&mut [0; 1]).await), Some(ErrorKind::ConnectionReset));
    });
}

#[test]
fn what_it_is_told_holds_for_each_connection_of_its_listener_and_no_other() {
    run(async {
        let (a, b) = stacks();
        let socket = TcpSocket::new_v4(&b).unwrap();
        socket.bind(server()).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_zero_linger().unwrap();
        socket.set_recv_buffer_size(9000).unwrap();
        socket.set_ttl(3).unwrap();
        let special = socket.listen(8).unwrap();
        let usual = TcpListener::bind(&b, 81).unwrap();
        for _ in 0..2 {
            let mut client = TcpStream::connect(&a, server()).await.unwrap();
            assert!(client.status().unwrap().send_window <= 9000);
            let (stream, _) = special.accept().await.unwrap();
            assert_eq!((stream.nodelay().unwrap(), stream.ttl().unwrap()), (true, 3));
            assert_eq!(stream.linger().unwrap(), Some(Duration::ZERO));
            drop(stream);
            assert_eq!(kind(client.read(&mut [0; 1]).await), Some(ErrorKind::ConnectionReset));
        }
        let client = TcpStream::connect(&a, address("10.0.0.2:81")).await.unwrap();
        assert!(client.status().unwrap().send_window > 9000);
        let (stream, _) = usual.accept().await.unwrap();
        assert_eq!(
            (stream.nodelay().unwrap(), stream.ttl().unwrap(), stream.linger().unwrap()),
            (false, 64, None)
        );
    });
}

#[test]
fn a_backlog_bounds_who_waits() {
    run(async {
        let (a, b) = stacks();
        let _listener = bound(&b, "10.0.0.2:80").unwrap().listen(1).unwrap();
        let _first = TcpStream::connect(&a, server()).await.unwrap();
        let second = tokio::time::timeout(super::SOON, TcpStream::connect(&a, server())).await;
        assert!(second.is_err(), "there is no room for it");
    });
}

#[test]
fn it_is_made_of_a_blocking_one_and_the_other_way() {
    run(async {
        let (a, b) = stacks();
        let socket = net::TcpSocket::new_v4(&b).unwrap();
        socket.bind(server()).unwrap();
        let socket = net::TcpSocket::from(TcpSocket::from(socket));
        let listener = TcpListener::from(socket.listen(4).unwrap());
        let client = TcpSocket::new_v4(&a).unwrap().connect(server()).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
        let listener = net::TcpListener::from(listener);
        listener.set_nonblocking(true).unwrap();
        assert_eq!(kind(listener.accept()), Some(ErrorKind::WouldBlock));
    });
}

#[test]
fn a_listener_can_say_the_same_without_a_socket() {
    run(async {
        let (a, b) = stacks();
        let initial = tcpspec_stack::Initial::default().with_hop_limit(Some(8));
        let listener = TcpListener::bind(&b, Listen::on(80).with_initial(initial)).unwrap();
        let _client = TcpStream::connect(&a, server()).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().0.ttl().unwrap(), 8);
    });
}

#[test]
fn a_port_that_is_bound_is_no_other_clients_either() {
    run(async {
        let (a, b) = stacks();
        let _listener = TcpListener::bind(&b, 80).unwrap();
        for (local, other) in [("10.0.0.1:4000", 4001), ("0.0.0.0:4000", 4002)] {
            let socket = bound(&a, local).unwrap();
            let from = |port| net::TcpStream::connect_from(&a, port, server());
            assert_eq!(kind(from(4000)), Some(ErrorKind::AddrInUse), "{local}");
            let passive = net::TcpStream::open_passive(&a, ([10, 0, 0, 1], 4000), Some(server()));
            assert_eq!(kind(passive), Some(ErrorKind::AddrInUse), "{local}");
            assert_eq!(kind(from(other)), None, "another port is free");
            let own = socket.connect(server()).await.unwrap();
            assert_eq!(own.local_addr().unwrap(), address("10.0.0.1:4000"));
            own.abort().unwrap();
        }
        drop(bound(&a, "10.0.0.1:4003").unwrap());
        assert_eq!(kind(net::TcpStream::connect_from(&a, 4003, server())), None, "it was given back");
    });
}

#[test]
fn a_connection_comes_from_the_address_that_is_bound() {
    run(async {
        let (a, _b) = stacks();
        let listener = TcpListener::bind(&a, 80).unwrap();
        for remote in ["127.0.0.1:80", "10.0.0.1:80"] {
            for local in ["10.0.0.1:4000", "127.0.0.1:4000"] {
                let client = bound(&a, local).unwrap().connect(address(remote)).await.unwrap();
                assert_eq!(client.local_addr().unwrap(), address(local), "to {remote}");
                let (_stream, peer) = listener.accept().await.unwrap();
                assert_eq!(peer, address(local), "to {remote}");
                client.abort().unwrap();
            }
        }
        // What begins there never leaves the host.
        let error = bound(&a, "127.0.0.1:4001").unwrap().connect(server()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        assert!(error.to_string().contains("bound to a loopback address"), "{error}");
    });
}

#[test]
fn it_listens_wherever_a_listener_may() {
    run(async {
        let (a, _b) = stacks();
        let listener = bound(&a, "127.0.0.1:80").unwrap().listen(4).unwrap();
        let client = TcpStream::connect(&a, address("127.0.0.1:80")).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
        assert_eq!(kind(bound(&a, "127.0.0.1:80")), Some(ErrorKind::AddrInUse));
        let socket = TcpSocket::new_v6(&a).unwrap();
        socket.bind(address("[::1]:81")).unwrap();
        assert_eq!(socket.local_addr().unwrap(), address("[::1]:81"));
    });
}

//! Connecting.

use super::{SOON, run, server, stacks};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use tcpspec_stack::Stack;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Connects with an address in some form; the peer that it has then.
async fn peer_of(stack: &Stack, listener: &TcpListener, remote: impl ToSocketAddrs) -> SocketAddr {
    let (client, accepted) = tokio::join!(TcpStream::connect(stack, remote), listener.accept());
    let (client, (server, peer)) = (client.unwrap(), accepted.unwrap());
    assert_eq!(client.local_addr().unwrap(), peer);
    assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());
    client.peer_addr().unwrap()
}

#[test]
fn an_address_may_have_any_form() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let ip = server().ip();
        assert_eq!(peer_of(&a, &listener, server()).await, server());
        assert_eq!(peer_of(&a, &listener, "10.0.0.2:80").await, server());
        assert_eq!(peer_of(&a, &listener, String::from("10.0.0.2:80")).await, server());
        assert_eq!(peer_of(&a, &listener, &String::from("10.0.0.2:80")).await, server());
        assert_eq!(peer_of(&a, &listener, (ip, 80)).await, server());
        assert_eq!(peer_of(&a, &listener, ("10.0.0.2", 80)).await, server());
        assert_eq!(peer_of(&a, &listener, &[server()][..]).await, server());
    });
}

#[test]
fn both_ip_versions_work() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let ipv6 = SocketAddr::new(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2).into(), 80);
        assert_eq!(peer_of(&a, &listener, ipv6).await, ipv6);
        assert_eq!(peer_of(&a, &listener, "[fd00::2]:80").await, ipv6);
        assert_eq!(peer_of(&a, &listener, server()).await, server());
    });
}

#[test]
fn the_first_address_that_answers_is_taken() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let refused = SocketAddr::new(server().ip(), 81);
        assert_eq!(peer_of(&a, &listener, &[refused, server()][..]).await, server());
        let none: [SocketAddr; 0] = [];
        let error = TcpStream::connect(&a, &none[..]).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn who_refuses_and_who_cannot_be_are_told_apart() {
    run(async {
        let (a, _b) = stacks();
        let kind =
            async |remote: SocketAddr| TcpStream::connect(&a, remote).await.map(drop).unwrap_err().kind();
        assert_eq!(kind(server()).await, ErrorKind::ConnectionRefused);
        assert_eq!(kind(SocketAddr::new(server().ip(), 0)).await, ErrorKind::InvalidInput);
        let everybody: IpAddr = [255, 255, 255, 255].into();
        assert_eq!(kind(SocketAddr::new(everybody, 80)).await, ErrorKind::InvalidInput);
        assert!(TcpStream::connect(&a, "no address").await.is_err());
    });
}

#[test]
fn a_connection_is_open_before_it_is_accepted() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let client = timeout(SOON * 100, TcpStream::connect(&a, server())).await.unwrap().unwrap();
        client.try_write(b"early").unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut text = [0; 5];
        tokio::io::AsyncReadExt::read_exact(&mut { server }, &mut text).await.unwrap();
        assert_eq!(&text, b"early");
    });
}

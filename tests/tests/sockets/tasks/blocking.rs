//! What `std`'s sockets have and tasks do not need.

use super::{server, stacks};
use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::Duration;
use tcpspec_stack::net::TcpSocket;
use tcpspec_stack::{TcpListener, TcpStream};

#[test]
fn a_listener_has_a_ttl() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    listener.set_ttl(100).unwrap();
    assert_eq!(listener.ttl().unwrap(), 100);
    let _client = TcpStream::connect(&a, server()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    assert_eq!(stream.ttl().unwrap(), 100);
    stream.set_ttl(101).unwrap();
    assert_eq!((stream.ttl().unwrap(), listener.ttl().unwrap()), (101, 100));
}

#[test]
fn each_option_that_can_be_set_can_be_read() {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    assert!(!listener.nonblocking().unwrap());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.nonblocking().unwrap());
    let settings = listener.settings().unwrap().with_r1(7);
    listener.set_settings(settings).unwrap();
    assert_eq!(listener.settings().unwrap(), settings);
    listener.set_traffic_class(0x40).unwrap();
    assert_eq!(listener.traffic_class().unwrap(), 0x40);
    let client = TcpStream::connect(&a, server()).unwrap();
    assert!(!client.nonblocking().unwrap() && !client.quickack().unwrap());
    client.set_nonblocking(true).unwrap();
    client.set_quickack(true).unwrap();
    assert!(client.nonblocking().unwrap() && client.quickack().unwrap());
}

#[test]
fn a_socket_has_its_options_before_it_connects() {
    let (a, b) = stacks();
    let socket = TcpSocket::new_v4(&b).unwrap();
    socket.bind(server()).unwrap();
    let listener = socket.listen(4).unwrap();
    let echo = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut writer = stream.try_clone().unwrap();
        std::io::copy(&mut stream, &mut writer).unwrap()
    });
    let socket = TcpSocket::new_v4(&a).unwrap();
    socket.bind("10.0.0.1:4000".parse().unwrap()).unwrap();
    socket.set_nodelay(true).unwrap();
    let mut client = socket.connect(server()).unwrap();
    assert_eq!((client.nodelay().unwrap(), client.local_addr().unwrap().port()), (true, 4000));
    client.write_all(b"text").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert_eq!(text, "text");
    assert_eq!(echo.join().unwrap(), 4);
}

#[test]
fn a_socket_gives_up_in_time() {
    let (a, _b) = stacks();
    let nobody = "10.0.0.9:80".parse().unwrap();
    let socket = TcpSocket::new_v4(&a).unwrap();
    let error = socket.connect_timeout(&nobody, Duration::from_millis(20)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(a.table().is_empty(), "the attempt is given up");
    let socket = TcpSocket::new_v4(&a).unwrap();
    let error = socket.connect_timeout(&nobody, Duration::ZERO).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

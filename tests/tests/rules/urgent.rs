//! Urgent text (§3.8.5, RFC 6093): the kernel as peer, and the pointer where large segments are cut by the device.

use std::io::{ErrorKind, Read, Write};
use std::net::{self, SocketAddr};
use std::thread;
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::device::memory::Link;
use tcpspec_stack::packet::Capabilities;
use tcpspec_stack::{Config, Interest, Ready, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::{LATENCY, connected, text};
use tcpspec_tests::{KERNEL, KERNEL6, STACK, STACK6, with_kernel};

const SECOND: Duration = Duration::from_secs(1);

/// The device would copy the pointer into each segment, and it counts from the segment's own number.
///
/// RFC 9293: MUST-62
#[test]
fn urgent_text_is_not_left_to_the_device_to_cut() {
    let mut link = Link::new(LATENCY);
    link.ends.iter_mut().for_each(|end| end.set_device(Capabilities::ALL));
    let (_, client, server) = connected(&mut link);
    let (now, before) = (link.now(), link.log().len());
    link.ends[0].send_urgent(now, client, &text(9000, 1)).unwrap();
    link.run_for(LATENCY * 4);
    let urgent: Vec<_> = link.log()[before..]
        .iter()
        .filter(|sent| sent.header.flags.has(Flags::URG))
        .map(|sent| (sent.text, usize::from(sent.header.urgent)))
        .collect();
    assert_eq!(urgent.iter().map(|(text, _)| text).sum::<usize>(), 9000);
    let mut left = 9000;
    for (text, pointer) in urgent {
        assert!(text <= 1448, "{text} octets in one segment");
        assert_eq!(pointer, left);
        left -= text;
    }
    assert_eq!(link.ends[1].urgent(server), Ok(9000));
}

/// RFC 9293: MUST-32
#[test]
fn who_waits_for_urgent_text_is_told_before_it_has_come() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    link.ends[1].wait_for(server, Interest::URGENT).unwrap();
    let now = link.now();
    link.ends[0].send(now, client, b"plain").unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!(link.ends[1].poll_ready(), None);
    let now = link.now();
    link.ends[0].send_urgent(now, client, b"hurry").unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!(link.ends[1].poll_ready(), Some(Ready::Connection(server, Interest::URGENT)), "MUST-32");
    assert_eq!(link.ends[1].urgent(server), Ok(10));
}

/// RFC 9293: MUST-33
#[test]
fn blocking_sockets_send_it_wait_for_it_and_know_how_much_is_left() {
    let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap();
    let listener = TcpListener::bind(&b, 7).unwrap();
    let mut client = TcpStream::connect(&a, "10.0.0.2:7").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| server.wait_urgent().unwrap());
        client.write_all(b"plain").unwrap();
        assert_eq!(client.send_urgent(b"!").unwrap(), 1);
        client.write_all(b"plain again").unwrap();
        assert!((1..=6).contains(&waits.join().unwrap()));
    });
    let mut read = [0; 17];
    server.read_exact(&mut read[..4]).unwrap();
    assert_eq!(server.urgent().unwrap(), 2);
    server.read_exact(&mut read[4..]).unwrap();
    assert_eq!((&read, server.urgent().unwrap()), (b"plain!plain again", 0));
    server.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let more = server.wait_urgent().map_err(|error| error.kind());
    assert_eq!(more, Err(ErrorKind::WouldBlock), "within the read timeout");
    drop(client);
    server.set_read_timeout(None).unwrap();
    assert_eq!(server.wait_urgent().unwrap(), 0, "there is no more");
}

/// An octet that the kernel sends with `MSG_OOB` lies in line for us (RFC 6093 §4), and the pointer says where it ends.
///
/// RFC 9293: MUST-30, MUST-33
#[test]
fn the_kernels_out_of_band_octet_lies_in_line_and_is_pointed_to() {
    with_kernel(
        "oob_in",
        |_| {},
        |stack| {
            for address in [SocketAddr::from((STACK, 80)), SocketAddr::from((STACK6, 80))] {
                let listener = TcpListener::bind(stack, address).expect("bind");
                let kernel = net::TcpStream::connect(address).expect("connect");
                let (mut ours, _) = listener.accept().expect("accept");
                let kernel = socket2::Socket::from(kernel);
                kernel.send(b"before").expect("send");
                kernel.send_out_of_band(b"!").expect("send");
                assert!((1..=7).contains(&ours.wait_urgent().expect("urgent")));
                kernel.send(b"after").expect("send");
                let mut text = [0; 12];
                ours.read_exact(&mut text[..6]).expect("read");
                assert_eq!(ours.urgent().expect("urgent"), 1, "the mark is behind the octet");
                ours.read_exact(&mut text[6..]).expect("read");
                assert_eq!((&text, ours.urgent().expect("urgent")), (b"before!after", 0));
            }
        },
    );
}

/// The last octet of an urgent write is out of band for the kernel, or in line with `SO_OOBINLINE`.
///
/// RFC 9293: MUST-30, MUST-62
#[test]
fn the_kernel_takes_the_last_octet_of_an_urgent_write_out_of_band() {
    with_kernel(
        "oob_out",
        |_| {},
        |stack| {
            for (address, in_line) in [
                (SocketAddr::from((KERNEL, 9090)), false),
                (SocketAddr::from((KERNEL6, 9090)), false),
                (SocketAddr::from((KERNEL, 9091)), true),
            ] {
                let listener = net::TcpListener::bind(address).expect("bind");
                let mut ours = TcpStream::connect(stack, address).expect("connect");
                let (mut kernel, _) = listener.accept().expect("accept");
                kernel.set_read_timeout(Some(SECOND * 10)).expect("timeout");
                socket2::SockRef::from(&kernel).set_out_of_band_inline(in_line).expect("in line");
                ours.write_all(b"before").expect("write");
                assert_eq!(ours.send_urgent(b"now!").expect("write"), 4);
                ours.write_all(b"after").expect("write");
                drop(ours);
                let mut text = String::new();
                if !in_line {
                    // It is not there before its segment is.
                    let mut octet = [0; 1];
                    let came = (0..1000).any(|_| {
                        let read = rustix::net::recv(&kernel, &mut octet, rustix::net::RecvFlags::OOB);
                        read.is_ok() || {
                            thread::sleep(Duration::from_millis(5));
                            false
                        }
                    });
                    assert!(came && octet == *b"!", "{octet:?}");
                }
                kernel.read_to_string(&mut text).expect("read");
                assert_eq!(text, if in_line { "beforenow!after" } else { "beforenowafter" });
            }
        },
    );
}

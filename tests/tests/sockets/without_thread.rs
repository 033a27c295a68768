//! A stack without a thread of its own: its callers drive it, or an event loop.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, mpsc};
use std::task::{Wake, Waker};
use std::thread;
use std::time::Duration;
use tcpspec_stack::device::descriptor::{Descriptor, Framing};
use tcpspec_stack::device::pair;
use tcpspec_stack::{Config, Interest, Stack, TcpListener, TcpStream};

const HERE: [u8; 4] = [10, 0, 0, 1];
const THERE: [u8; 4] = [10, 0, 0, 2];
/// Whatever takes longer hangs.
const LIMIT: Duration = Duration::from_secs(10);

fn there(port: u16) -> SocketAddr {
    (THERE, port).into()
}

/// What a thread gives. One that hangs is a failure.
fn joined<T>(thread: thread::JoinHandle<T>) -> T {
    let is_finished = (0..2 * LIMIT.as_millis()).any(|_| {
        thread::sleep(Duration::from_millis(1));
        thread.is_finished()
    });
    assert!(is_finished, "a thread hangs");
    thread.join().unwrap()
}

/// A server that echoes what each client sends, until it is dropped.
fn echo(listener: TcpListener) {
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            thread::spawn(move || {
                let mut text = [0; 1000];
                while let Ok(len @ 1..) = stream.read(&mut text) {
                    if stream.write_all(&text[..len]).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// A stack without a thread on one end of a pair of sockets, and the other end.
fn raw(config: Config) -> (Stack, OwnedFd) {
    let (ours, theirs) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::NONBLOCK, None).unwrap();
    let device = Descriptor::new(ours, Framing::Plain).unwrap();
    (Stack::without_thread(device, config).unwrap(), theirs)
}

/// How many packets have come.
fn packets(end: &OwnedFd) -> usize {
    std::iter::from_fn(|| rustix::io::read(end, &mut [0; 2000]).ok()).count()
}

#[test]
fn calls_that_wait_drive_it() {
    let (left, right) = pair::pair();
    let server = Stack::without_thread(left, Config::new(THERE)).unwrap();
    let client = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let listener = TcpListener::bind(&server, 7).unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = Vec::new();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.read_to_end(&mut text).unwrap();
        stream.write_all(&text).unwrap();
        drop(stream);
        server.shutdown(LIMIT).unwrap();
    });
    let mut stream = TcpStream::connect_timeout(&client, &there(7), LIMIT).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let text: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    stream.write_all(&text).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut back = Vec::new();
    stream.read_to_end(&mut back).unwrap();
    assert!(back == text);
    drop(stream);
    client.shutdown(LIMIT).unwrap();
    joined(serving);
}

#[test]
fn threads_take_turns_at_driving() {
    let (left, right) = pair::pair();
    let server = Stack::start(left, Config::new(THERE)).unwrap();
    echo(TcpListener::bind(&server, 7).unwrap());
    let client = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let threads: Vec<_> = (0..4_u8)
        .map(|number| {
            let client = client.clone();
            thread::spawn(move || {
                let mut stream = TcpStream::connect_timeout(&client, &there(7), LIMIT).unwrap();
                stream.set_read_timeout(Some(LIMIT)).unwrap();
                for round in 0..200_u8 {
                    stream.write_all(&[number, round]).unwrap();
                    let mut back = [0; 2];
                    stream.read_exact(&mut back).unwrap();
                    assert_eq!(back, [number, round]);
                    // One is often away, so that the others have to drive.
                    if number == 0 && round % 16 == 0 {
                        thread::sleep(Duration::from_millis(2));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        joined(thread);
    }
    server.shutdown(Duration::ZERO).ok();
}

/// A server with a thread, two connections of a stack without one, and their ends at the server.
fn two_connections() -> (Stack, [TcpStream; 2], [TcpStream; 2], Stack) {
    let (left, right) = pair::pair();
    let server = Stack::start(left, Config::new(THERE)).unwrap();
    let listener = TcpListener::bind(&server, 7).unwrap();
    let client = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let ours = [0; 2].map(|_| TcpStream::connect_timeout(&client, &there(7), LIMIT).unwrap());
    ours.iter().for_each(|stream| stream.set_read_timeout(Some(LIMIT)).unwrap());
    let theirs = [0; 2].map(|_| listener.accept().unwrap().0);
    (client, ours, theirs, server)
}

/// Reads an octet in a thread of its own, which is asleep in that call when this returns.
fn reads(mut stream: TcpStream) -> thread::JoinHandle<Option<u8>> {
    let reading = thread::spawn(move || {
        let mut octet = [0];
        let len = stream.read(&mut octet).unwrap();
        octet.first().copied().filter(|_| len > 0)
    });
    thread::sleep(Duration::from_millis(50));
    reading
}

#[test]
fn a_caller_that_leaves_hands_over_to_one_that_waits() {
    let (_client, [a, b], [mut first, mut second], _server) = two_connections();
    let (first_read, second_read) = (reads(a), reads(b));
    first.write_all(b"1").unwrap();
    assert_eq!(joined(first_read), Some(b'1'));
    // The first one has driven until now.
    second.write_all(b"2").unwrap();
    assert_eq!(joined(second_read), Some(b'2'));
}

#[test]
fn a_caller_that_drives_hears_of_what_another_one_does() {
    let (_client, [a, _b], _theirs, _server) = two_connections();
    let again = a.try_clone().unwrap();
    let reading = reads(a);
    again.shutdown(std::net::Shutdown::Read).unwrap();
    // By itself the call would end after its time limit.
    let is_finished = (0..LIMIT.as_millis() / 2).any(|_| {
        thread::sleep(Duration::from_millis(1));
        reading.is_finished()
    });
    assert!(is_finished, "nobody has woken it");
    assert_eq!(reading.join().unwrap(), None, "the end of the text");
}

#[test]
fn one_thread_drives_two_stacks_by_hand() {
    let (left, right) = pair::pair();
    let server = Stack::without_thread(left, Config::new(THERE)).unwrap();
    let client = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let listener = TcpListener::bind(&server, 7).unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut stream = TcpStream::begin_connect(&client, there(7)).unwrap();
    stream.set_nonblocking(true).unwrap();
    // It waits until the peer has answered.
    stream.write_all(b"early").unwrap();
    let turn = || {
        server.drive(Some(Duration::ZERO)).unwrap();
        client.drive(Some(Duration::ZERO)).unwrap();
    };
    let mut accepted = listener.accept();
    for _ in 0..10 {
        turn();
        if accepted.is_err() {
            accepted = listener.accept();
        }
    }
    let (mut peer, _) = accepted.unwrap();
    peer.set_nonblocking(true).unwrap();
    let mut text = [0; 5];
    peer.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"early");
    assert_eq!(stream.read(&mut text).unwrap_err().kind(), ErrorKind::WouldBlock);
    peer.write_all(b"back.").unwrap();
    turn();
    stream.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"back.");
}

#[test]
fn a_deadline_that_was_missed_is_made_up_for() {
    let mut config = Config::new(HERE);
    config.initial_rto = Duration::from_millis(1);
    config.min_rto = Duration::from_millis(1);
    let (stack, end) = raw(config);
    let _stream = TcpStream::begin_connect(&stack, there(7)).unwrap();
    assert_eq!(packets(&end), 1, "the SYN leaves at once");
    thread::sleep(Duration::from_millis(30));
    assert_eq!(packets(&end), 0, "nobody has driven");
    let next = stack.drive(Some(Duration::ZERO)).unwrap();
    assert_eq!(packets(&end), 1, "one SYN, however many there might have been");
    assert!(next.is_some_and(|next| next < Duration::from_secs(1)), "the next one is due soon: {next:?}");
}

#[test]
fn a_descriptor_that_goes_away_ends_it() {
    let (stack, end) = raw(Config::new(HERE));
    let listener = TcpListener::bind(&stack, 7).unwrap();
    let waiting = thread::spawn(move || listener.accept().map(|_| ()).unwrap_err().kind());
    thread::sleep(Duration::from_millis(5));
    drop(end);
    assert_eq!(joined(waiting), ErrorKind::NotConnected);
    assert_eq!(stack.drive(None).unwrap_err().kind(), ErrorKind::NotConnected);
    assert!(stack.descriptors().unwrap().is_empty());

    let (stack, end) = raw(Config::new(HERE));
    drop(end);
    assert_eq!(stack.drive(None).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(stack.drive(None).unwrap_err().kind(), ErrorKind::NotConnected);
}

#[test]
fn a_stack_that_was_stopped_closes_its_device_though_a_socket_stays() {
    let (stack, end) = raw(Config::new(HERE));
    let stream = TcpStream::begin_connect(&stack, there(7)).unwrap();
    stack.shutdown(Duration::ZERO).unwrap();
    drop(stack);
    while rustix::io::read(&end, &mut [0; 2000]).is_ok_and(|len| len > 0) {}
    assert_eq!(rustix::io::read(&end, &mut [0; 2000]), Ok(0), "its end is seen");
    assert_eq!(stream.status().unwrap_err().kind(), ErrorKind::NotConnected);
}

#[test]
fn an_event_loop_hears_of_packets_and_of_other_threads() {
    let (stack, end) = raw(Config::new(HERE));
    let descriptors = stack.descriptors().unwrap();
    let is_readable = |wait: Duration| {
        let wait = Timespec::try_from(wait).unwrap();
        let mut all: Vec<_> = descriptors.iter().map(|one| PollFd::new(one, PollFlags::IN)).collect();
        poll(&mut all, Some(&wait)).unwrap() > 0
    };
    stack.drive(Some(Duration::ZERO)).unwrap();
    assert!(!is_readable(Duration::ZERO));
    // A call of this thread needs no wake-up: this thread drives.
    let own = TcpStream::begin_connect(&stack, there(7)).unwrap();
    assert!(!is_readable(Duration::ZERO));
    let next = stack.drive(Some(Duration::ZERO)).unwrap().unwrap();
    assert!(next > Duration::from_millis(500), "the SYN's timer: {next:?}");
    drop(own);
    while stack.drive(Some(Duration::ZERO)).unwrap().is_some() {}
    // Another thread's brings a deadline.
    let other = stack.clone();
    let stream = thread::spawn(move || TcpStream::begin_connect(&other, there(8)).unwrap());
    let _stream = joined(stream);
    assert!(is_readable(LIMIT), "the loop is woken");
    assert!(stack.drive(Some(Duration::ZERO)).unwrap().is_some());
    assert!(!is_readable(Duration::ZERO), "once");
    // The same from a thread that has driven itself meanwhile.
    let other = stack.clone();
    let threads = thread::spawn(move || {
        let waits = TcpStream::begin_connect(&other, there(9)).unwrap();
        waits.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        assert!((&waits).read(&mut [0]).is_err());
        (waits, TcpStream::begin_connect(&other, there(10)).unwrap())
    });
    let _streams = joined(threads);
    assert!(is_readable(LIMIT), "the loop is woken by a thread that has driven, too");
    stack.drive(Some(Duration::ZERO)).unwrap();
    while is_readable(Duration::ZERO) {
        stack.drive(Some(Duration::ZERO)).unwrap();
    }
    // A packet, though it is nonsense.
    rustix::io::write(&end, &[0; 30]).unwrap();
    assert!(is_readable(LIMIT));
    stack.drive(Some(Duration::ZERO)).unwrap();
    assert!(!is_readable(Duration::ZERO));
}

#[test]
fn one_thread_drives_at_a_time() {
    let (left, right) = pair::pair();
    let threaded = Stack::start(left, Config::new(THERE)).unwrap();
    assert_eq!(threaded.drive(None).unwrap_err().kind(), ErrorKind::InvalidInput);
    let stack = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let other = stack.clone();
    let driving = thread::spawn(move || {
        loop {
            match other.drive(None) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::yield_now(),
                ended => return ended.map(|_| ()),
            }
        }
    });
    let mut result = Ok(None);
    for _ in 0..1000 {
        result = stack.drive(Some(Duration::ZERO));
        if result.is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
    // The end of the stack ends the wait.
    stack.shutdown(Duration::ZERO).unwrap();
    assert_eq!(joined(driving).unwrap_err().kind(), ErrorKind::NotConnected);
}

/// Puts its name into a list.
struct Name(&'static str, mpsc::Sender<&'static str>);

impl Wake for Name {
    fn wake(self: Arc<Self>) {
        let _ = self.1.send(self.0);
    }
}

#[test]
fn an_event_loop_is_told_which_sockets_are_ready() {
    let (left, right) = pair::pair();
    let peer = Stack::start(left, Config::new(THERE)).unwrap();
    let stack = Stack::without_thread(right, Config::new(HERE)).unwrap();
    let (names, told) = mpsc::channel();
    let name = |name| Waker::from(Arc::new(Name(name, names.clone())));
    // Drives until so many names have come, and a little longer: no other may follow.
    let hear = |count: usize| {
        let mut all = Vec::new();
        for _ in 0..LIMIT.as_millis() {
            stack.drive(Some(Duration::from_millis(1))).unwrap();
            all.extend(told.try_iter());
            if all.len() >= count {
                break;
            }
        }
        stack.drive(Some(Duration::from_millis(5))).unwrap();
        all.extend(told.try_iter());
        all
    };
    let listener = TcpListener::bind(&stack, 7).unwrap();
    assert!(
        !listener.is_ready() && !listener.wake_when(&name("none")) && !listener.wake_when(&name("listener"))
    );
    let address = SocketAddr::from((HERE, 7));
    let connect = || {
        thread::spawn({
            let peer = peer.clone();
            move || TcpStream::connect(&peer, address).unwrap()
        })
    };
    let first = connect();
    assert_eq!(hear(1), ["listener"], "the waker that was given last");
    assert!(listener.is_ready() && listener.wake_when(&name("listener")), "it is there");
    let (mut one, _) = listener.accept().unwrap();
    let second = connect();
    while !listener.is_ready() {
        stack.drive(Some(Duration::from_millis(1))).unwrap();
    }
    assert!(told.try_recv().is_err(), "a waker is not kept where something is there");
    let (other, _) = listener.accept().unwrap();
    let (mut first, second) = (joined(first), joined(second));

    assert!(one.wake_when(Interest::READ | Interest::WRITE, &name("one")), "there is room");
    assert!(!one.wake_when(Interest::READ, &name("one")) && !other.wake_when(Interest::READ, &name("other")));
    first.write_all(b"x").unwrap();
    assert_eq!(hear(1), ["one"], "the other is not");
    assert_eq!(one.read(&mut [0; 9]).unwrap(), 1);
    first.write_all(b"y").unwrap();
    while !one.is_ready(Interest::READ) {
        stack.drive(Some(Duration::from_millis(1))).unwrap();
    }
    assert!(told.try_recv().is_err(), "a waker is woken once");
    assert!(one.wake_when(Interest::READ, &name("one")), "it is there");
    drop(second);
    assert_eq!(hear(1), ["other"], "the end can be read");
    assert_eq!(one.read(&mut [0; 9]).unwrap(), 1);
    assert!(!one.wake_when(Interest::READ, &name("one")));
    stack.shutdown(Duration::ZERO).unwrap();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["one"], "the end of the stack");
    assert!(
        one.is_ready(Interest::READ) && one.wake_when(Interest::READ, &name("one")) && listener.is_ready()
    );
    assert!(told.try_recv().is_err());
}

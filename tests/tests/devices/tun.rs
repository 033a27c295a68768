//! The ways to a TUN device: with and without offload, an existing one by name, an open descriptor, without privileges.

use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tcpspec_stack::device::descriptor::{Descriptor, Framing};
use tcpspec_stack::device::faulty::{Conditions, Faulty};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::device::{Arrived, Device};
use tcpspec_stack::packet::Writes;
use tcpspec_stack::{Capabilities, Config, Packet, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::text;
use tcpspec_tests::{KERNEL, KERNEL6, STACK, STACK6, skip, with_device};

const PORT: u16 = 8080;

/// Sends and reads to the end, both at once.
fn exchange<R: Read + Send, W: Write + Send>(
    mut reader: R,
    mut writer: W,
    ours: &[u8],
    close: impl FnOnce() + Send,
) -> Vec<u8> {
    thread::scope(|scope| {
        scope.spawn(move || {
            writer.write_all(ours).expect("write");
            close();
        });
        let mut read = Vec::new();
        reader.read_to_end(&mut read).expect("read");
        read
    })
}

/// The kernel connects, and both send so many octets at once.
fn both_ways(stack: &Stack, address: impl Into<IpAddr>, octets: usize) {
    let remote = SocketAddr::new(address.into(), PORT);
    let (ours, theirs) = (text(octets, 1), text(octets, 2));
    let listener = TcpListener::bind(stack, PORT).expect("bind");
    thread::scope(|scope| {
        let kernel = scope.spawn(|| {
            let stream = net::TcpStream::connect_timeout(&remote, Duration::from_secs(10)).expect("connect");
            exchange(&stream, &stream, &theirs, || stream.shutdown(Shutdown::Write).expect("shutdown"))
        });
        let (stream, _) = listener.accept().expect("accept");
        let read = exchange(&stream, &stream, &ours, || stream.shutdown(Shutdown::Write).expect("shutdown"));
        assert!(read == theirs, "{} octets came, not what was sent", read.len());
        assert!(kernel.join().expect("kernel") == ours, "the kernel read something else");
        // What the kernel does not understand it drops, and all would come segment by segment in the end.
        let again = stream.status().expect("status").repairs.again;
        assert!(again < 100, "{again} segments were sent again on a line that loses nothing");
    });
    assert_eq!(stack.with_endpoint(|endpoint| endpoint.counters().malformed), 0);
}

/// The largest packets that passed: received, sent.
type Largest = Arc<Mutex<(usize, usize)>>;

/// A device that looks at lengths.
struct Measured<D>(D, Largest);

impl<D: Device> Device for Measured<D> {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let arrived = self.0.receive(packet, wait)?;
        let mut largest = self.1.lock().unwrap();
        largest.0 = largest.0.max(arrived.map_or(0, |arrived| arrived.len));
        Ok(arrived)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        let mut largest = self.1.lock().unwrap();
        largest.1 = largest.1.max(packet.len());
        self.0.send(packet)
    }

    fn wake(&self) {
        self.0.wake();
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

#[test]
fn with_offload_large_segments_pass_both_ways() {
    for (name, address) in [("offload_v4", IpAddr::from(STACK)), ("offload_v6", STACK6.into())] {
        let largest = Largest::default();
        let seen = Arc::clone(&largest);
        with_device(
            name,
            |_| {},
            move |tun| Ok(Measured(tun.build()?, seen)),
            move |stack| {
                both_ways(stack, address, 10 << 20);
                let (received, sent) = *largest.lock().unwrap();
                assert!(received > 10_000 && sent > 10_000, "{received} and {sent} octets at most");
            },
        );
    }
}

#[test]
fn without_offload_no_packet_is_larger_than_the_mtu() {
    for (name, address) in [("plain_v4", IpAddr::from(STACK)), ("plain_v6", STACK6.into())] {
        let largest = Largest::default();
        let seen = Arc::clone(&largest);
        with_device(
            name,
            |_| {},
            move |tun| Ok(Measured(tun.offload(false).build()?, seen)),
            move |stack| {
                both_ways(stack, address, 10 << 20);
                assert_eq!(*largest.lock().unwrap(), (1500, 1500));
            },
        );
    }
}

/// What a device writes, in calls of one packet and of more.
#[derive(Default)]
struct Calls {
    singly: AtomicUsize,
    together: AtomicUsize,
}

/// A device that counts packets by the calls in which they are written.
struct CountsCalls<D>(D, Arc<Calls>);

impl<D: Device> Device for CountsCalls<D> {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        self.0.receive(packet, wait)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.1.singly.fetch_add(1, Ordering::Relaxed);
        self.0.send(packet)
    }

    fn send_all(&self, packets: &[Packet]) {
        let count = if packets.len() < 8 { &self.1.singly } else { &self.1.together };
        count.fetch_add(packets.len(), Ordering::Relaxed);
        self.0.send_all(packets);
    }

    fn wake(&self) {
        self.0.wake();
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

#[test]
fn packets_are_written_together_or_one_by_one_and_the_table_says_which() {
    for (name, ring, address) in [
        ("with_ring", true, IpAddr::from(STACK)),
        ("ring_v6", true, STACK6.into()),
        ("without_ring", false, STACK.into()),
    ] {
        let calls = Arc::<Calls>::default();
        let counts = Arc::clone(&calls);
        with_device(
            name,
            |_| {},
            move |tun| Ok(CountsCalls(tun.offload(false).io_uring(ring).build()?, counts)),
            move |stack| {
                both_ways(stack, address, 10 << 20);
                let Calls { singly, together } = &*calls;
                let [singly, together] = [singly, together].map(|count| count.load(Ordering::Relaxed));
                assert!(together > 1000 && singly > 0, "{together} together, {singly} singly");
                let says = stack.table().to_string();
                let expected = if ring { "through io_uring" } else { "one by one" };
                if ring && says.contains("one by one") {
                    return skip(name, &io::Error::other("the kernel refuses io_uring"));
                }
                assert!(says.contains(expected), "{says}");
            },
        );
    }
}

/// In a process of its own, in which no descriptor is left for the ring.
#[test]
fn where_the_kernel_refuses_a_ring_packets_are_written_one_by_one() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    const CHILD: &str = "TCPSPEC_NO_RING";
    if std::env::var_os(CHILD).is_none() {
        let name = "tun::where_the_kernel_refuses_a_ring_packets_are_written_one_by_one";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    // The device makes two descriptors besides, and then there is room for none.
    let next = theirs.try_clone().unwrap().as_raw_fd();
    let limit = Some(next as u64 + 2);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit, ..getrlimit(Resource::Nofile) })
        .unwrap();
    let device = Descriptor::new(OwnedFd::from(ours), Framing::Plain).unwrap();
    assert_eq!(device.capabilities().writes, Writes::OneByOne);
    let packets: Vec<_> = (1..=9).map(|n| Packet::new(vec![n; 40])).collect();
    device.send_all(&packets);
    for packet in packets {
        let mut buffer = [0; 100];
        assert_eq!(theirs.recv(&mut buffer).unwrap(), 40);
        assert_eq!(buffer[..40], *packet);
    }
}

#[test]
fn a_faulty_tun_changes_nothing_in_the_text() {
    let conditions = Conditions {
        loss: 0.01,
        duplication: 0.01,
        corruption: 0.005,
        reordering: 0.01,
        held_back: Duration::from_millis(2),
        delay: Duration::from_micros(500),
        ..Conditions::default()
    };
    with_device(
        "faulty_tun",
        |config| config.min_rto = Duration::from_millis(50),
        move |tun| Ok(Faulty::new(tun.build()?, 1, conditions)),
        |stack| {
            let remote = SocketAddr::new(STACK.into(), PORT);
            let listener = TcpListener::bind(stack, PORT).expect("bind");
            let (ours, theirs) = (text(200_000, 1), text(200_000, 2));
            thread::scope(|scope| {
                let kernel = scope.spawn(|| {
                    let stream = net::TcpStream::connect(remote).expect("connect");
                    exchange(&stream, &stream, &theirs, || {
                        stream.shutdown(Shutdown::Write).expect("shutdown")
                    })
                });
                let (stream, _) = listener.accept().expect("accept");
                let close = || stream.shutdown(Shutdown::Write).expect("shutdown");
                assert!(exchange(&stream, &stream, &ours, close) == theirs, "what came is something else");
                assert!(kernel.join().expect("kernel") == ours, "the kernel read something else");
            });
        },
    );
}

fn ip(arguments: &str) -> io::Result<()> {
    let status = Command::new("ip").args(arguments.split(' ')).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("`ip {arguments}`: {status}"))) }
}

/// Takes the right to administer networks away from this thread.
fn without_privileges() -> io::Result<()> {
    let mut sets = capabilities(None)?;
    sets.effective.remove(CapabilitySet::NET_ADMIN);
    sets.permitted.remove(CapabilitySet::NET_ADMIN);
    set_capabilities(None, sets)?;
    Ok(())
}

#[test]
fn an_existing_device_is_opened_by_its_owner_without_privileges() {
    for offload in [true, false] {
        with_device(
            "existing_device",
            |_| {},
            move |_| {
                // As an administrator once would; root owns it, who shall have no other right to it.
                ip("tuntap add dev tcpspec1 mode tun user 0")?;
                ip(&format!("addr add {KERNEL}/24 dev tcpspec1"))?;
                ip(&format!("addr add {KERNEL6}/64 dev tcpspec1"))?;
                ip("link set tcpspec1 up")?;
                without_privileges()?;
                let denied = Tun::new("tcpspec2", &[], 1500).expect_err("a new device");
                assert_eq!(denied.kind(), ErrorKind::PermissionDenied);
                assert!(denied.to_string().contains("CAP_NET_ADMIN"), "{denied}");
                Tun::builder("tcpspec1").offload(offload).build()
            },
            |stack| both_ways(stack, STACK, 1 << 20),
        );
    }
}

#[test]
fn an_open_descriptor_is_all_that_is_needed() {
    with_device(
        "open_descriptor",
        |_| {},
        |tun| {
            let fd = tun.offload(true).build()?.as_fd().try_clone_to_owned()?;
            without_privileges()?;
            Descriptor::new(fd, Framing::VirtioNet)
        },
        |stack| both_ways(stack, STACK, 1 << 20),
    );
}

#[test]
fn two_stacks_talk_over_a_socket_that_keeps_packets_apart() {
    for framing in [Framing::Plain, Framing::VirtioNet] {
        let (a, b) = UnixDatagram::pair().unwrap();
        let start = |socket: UnixDatagram, last| {
            let device = Descriptor::new(OwnedFd::from(socket), framing).unwrap();
            Stack::start(device, Config::new([10, 0, 0, last])).unwrap()
        };
        let (a, b) = (start(a, 1), start(b, 2));
        let listener = TcpListener::bind(&b, PORT).unwrap();
        let theirs = thread::spawn(move || {
            let mut read = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut read).unwrap();
            read
        });
        let ours = text(500_000, 3);
        let mut stream = TcpStream::connect(&a, SocketAddr::from(([10, 0, 0, 2], PORT))).unwrap();
        stream.write_all(&ours).unwrap();
        drop(stream);
        assert!(theirs.join().unwrap() == ours, "{framing:?}");
    }
}

#[test]
fn a_stack_whose_descriptor_is_at_its_end_tells_all_who_wait() {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    let (ours, theirs) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap();
    let device = Descriptor::new(ours, Framing::Plain).unwrap();
    let stack = Stack::start(device, Config::new([10, 0, 0, 1])).unwrap();
    // Nobody answers; without an end this would take minutes.
    let waits =
        thread::spawn(move || TcpStream::connect(&stack, SocketAddr::from(([10, 0, 0, 2], PORT))).err());
    thread::sleep(Duration::from_millis(20));
    drop(theirs);
    let error = waits.join().unwrap().expect("there is nobody");
    assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
}

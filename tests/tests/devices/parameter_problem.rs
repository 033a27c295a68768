//! ICMPv6 Parameter Problems (RFC 8200 §4, RFC 4443 §3.4): who sends what is not understood hears where it stands. The kernel says the same.

use etherparse::{Icmpv6Slice, Icmpv6Type, Ipv6Header, SlicedPacket, TransportSlice};
use std::fs;
use std::io;
use std::net::Ipv6Addr;
use std::thread;
use std::time::Duration;
use tcpspec_stack::Packet;
use tcpspec_stack::device::{Device, tun::Tun};
use tcpspec_tests::peer::Peer;
use tcpspec_tests::{KERNEL6, STACK6};

const ALIKE: &str = "to those whose addresses end alike";
const REDIRECT: &str = "a redirect";
const LATER: &str = "a later fragment of ICMPv6";
const HOP_BY_HOP: u8 = 0;
const TCP: u8 = 6;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const ICMPV6: u8 = 58;
const OPTIONS: u8 = 60;
/// For experiments (RFC 3692): nobody knows it.
const UNKNOWN: u8 = 253;
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const STRANGERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0x1234, 0x5678);

/// A packet that begins with the header `next`.
struct Case {
    name: &'static str,
    next: u8,
    rest: Vec<u8>,
    /// Code and pointer of the answer, if there is one.
    answer: Option<(u8, u32)>,
    /// Instead of ours and the peer's.
    source: Option<Ipv6Addr>,
    destination: Option<Ipv6Addr>,
}

fn case(name: &'static str, next: u8, headers: &[[u8; 8]], answer: Option<(u8, u32)>) -> Case {
    // What the last header carries: the type of an ICMPv6 message, or a TCP header with a wrong checksum.
    let rest = [&headers.concat()[..], &[128; 20]].concat();
    Case { name, next, rest, answer, source: None, destination: None }
}

impl Case {
    /// The last header carries an ICMPv6 message of this type.
    fn icmp(mut self, kind: u8) -> Self {
        let len = self.rest.len();
        self.rest[len - 20] = kind;
        self
    }

    fn from(self, source: Ipv6Addr) -> Self {
        Self { source: Some(source), ..self }
    }

    fn to(self, destination: Ipv6Addr) -> Self {
        Self { destination: Some(destination), ..self }
    }

    fn packet(&self, source: Ipv6Addr, destination: Ipv6Addr) -> Vec<u8> {
        let header = Ipv6Header {
            payload_length: self.rest.len() as u16,
            next_header: self.next.into(),
            hop_limit: 64,
            source: self.source.unwrap_or(source).octets(),
            destination: self.destination.unwrap_or(destination).octets(),
            ..Ipv6Header::default()
        };
        [&header.to_bytes()[..], &self.rest].concat()
    }
}

/// Options of one type that fill a header.
const fn options(next: u8, kind: u8) -> [u8; 8] {
    [next, 0, kind, 4, 0, 0, 0, 0]
}

fn cases(own: Ipv6Addr) -> Vec<Case> {
    let plain = |next| options(next, 1);
    let [.., low] = own.octets();
    let solicited = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, low.into());
    let routing = |next, left| [next, 0, UNKNOWN, left, 0, 0, 0, 0];
    let (told, silent) = (options(TCP, 0x9e), options(TCP, 0x5e));
    let unless_group = options(TCP, 0xde);
    vec![
        case("an option that may be skipped", OPTIONS, &[options(TCP, 0x1e)], None),
        case("an option of type 01", OPTIONS, &[silent], None),
        case("an option of type 10", OPTIONS, &[told], Some((2, 42))),
        case("an option of type 11", OPTIONS, &[unless_group], Some((2, 42))),
        case("behind padding", OPTIONS, &[[TCP, 0, 0, 0x9e, 3, 0, 0, 0]], Some((2, 43))),
        case("behind an option", OPTIONS, &[[TCP, 0, 1, 0, 0xde, 2, 0, 0]], Some((2, 44))),
        case("hop by hop", HOP_BY_HOP, &[told], Some((2, 42))),
        case("in the second header", HOP_BY_HOP, &[plain(OPTIONS), unless_group], Some((2, 50))),
        case("an option that is too long", OPTIONS, &[[TCP, 0, 0x1e, 9, 0, 0, 0, 0]], None),
        case("to all nodes, type 10", OPTIONS, &[told], Some((2, 42))).to(ALL_NODES),
        case("to all nodes, type 11", OPTIONS, &[unless_group], None).to(ALL_NODES),
        case(ALIKE, OPTIONS, &[told], Some((2, 42))).to(solicited),
        case("to a group of others", OPTIONS, &[told], None).to(STRANGERS),
        case("segments left", ROUTING, &[routing(TCP, 1)], Some((0, 42))),
        case("segments left, behind options", OPTIONS, &[plain(ROUTING), routing(TCP, 9)], Some((0, 50))),
        case("segments left, to all nodes", ROUTING, &[routing(TCP, 1)], None).to(ALL_NODES),
        case("no segments left", ROUTING, &[routing(TCP, 0)], None),
        case("an unknown header", UNKNOWN, &[], Some((1, 6))),
        case("an unknown header behind options", OPTIONS, &[plain(UNKNOWN)], Some((1, 40))),
        case("hop by hop in a later place", OPTIONS, &[plain(HOP_BY_HOP), plain(TCP)], Some((1, 40))),
        case("an echo request", OPTIONS, &[options(ICMPV6, 0x9e)], Some((2, 42))).icmp(128),
        case("an error", OPTIONS, &[options(ICMPV6, 0x9e)], None).icmp(1),
        case("an error of an unknown type", OPTIONS, &[options(ICMPV6, 0x9e)], None).icmp(127),
        case(REDIRECT, OPTIONS, &[options(ICMPV6, 0x9e)], None).icmp(137),
        case("an error behind segments left", ROUTING, &[routing(OPTIONS, 1), plain(ICMPV6)], None).icmp(4),
        case(
            "a later fragment",
            OPTIONS,
            &[options(FRAGMENT, 0x9e), [TCP, 0, 0, 8, 0, 0, 0, 1]],
            Some((2, 42)),
        ),
        case(LATER, OPTIONS, &[options(FRAGMENT, 0x9e), [ICMPV6, 0, 0, 8, 0, 0, 0, 1]], None).icmp(1),
        case("from a group", OPTIONS, &[told], None).from(ALL_NODES),
        case("from nobody", OPTIONS, &[told], None).from(Ipv6Addr::UNSPECIFIED),
    ]
}

/// Code and pointer of a Parameter Problem, as another parser reads it, and what it quotes. None if the packet is something else.
fn read(packet: &[u8]) -> Option<(u8, u32, Vec<u8>)> {
    let sliced = SlicedPacket::from_ip(packet).ok()?;
    let Some(TransportSlice::Icmpv6(message)) = sliced.transport else { return None };
    let Icmpv6Type::ParameterProblem(problem) = message.icmp_type() else { return None };
    let ip = Ipv6Header::from_slice(packet).ok()?.0;
    assert!(right(&message, &ip), "its checksum is wrong");
    assert!(packet.len() <= 1280, "{}", packet.len());
    Some((problem.code.code_u8(), problem.pointer, message.payload().to_vec()))
}

fn right(message: &Icmpv6Slice<'_>, ip: &Ipv6Header) -> bool {
    message.is_checksum_valid(ip.source, ip.destination)
}

#[test]
fn what_is_not_understood_is_told() {
    for case in cases("fd00::1".parse().unwrap()) {
        let mut peer = Peer::new(true, |_| {});
        let (us, own) = ("fd00::2".parse().unwrap(), "fd00::1".parse().unwrap());
        let packet = case.packet(us, own);
        peer.send_raw(&packet);
        let answer = peer.raw.pop_front();
        let read = answer.as_deref().and_then(read);
        let (code, quoted) = (read.as_ref().map(|(code, at, _)| (*code, *at)), read.map(|read| read.2));
        assert_eq!(code, case.answer, "{}", case.name);
        assert!(quoted.is_none_or(|quoted| quoted == packet), "{}", case.name);
        if let Some(answer) = answer {
            let ip = Ipv6Header::from_slice(&answer).unwrap().0;
            assert_eq!((ip.source_addr(), ip.destination_addr()), (own, us), "{}", case.name);
        }
        let counters = peer.end.counters();
        assert_eq!(counters.errors_sent, u64::from(case.answer.is_some()), "{}", case.name);
    }
}

#[test]
fn a_long_packet_is_quoted_as_far_as_there_is_room_and_messages_are_limited() {
    let mut peer = Peer::new(true, |config| config.error_limit = 3);
    let mut case = case("long", OPTIONS, &[options(TCP, 0x9e)], Some((2, 42)));
    case.rest.extend([0; 1400]);
    let packet = case.packet("fd00::2".parse().unwrap(), "fd00::1".parse().unwrap());
    for _ in 0..5 {
        peer.send_raw(&packet);
    }
    let answers: Vec<_> = peer.raw.drain(..).collect();
    assert!(answers.iter().all(|answer| answer.len() == 1280 && read(answer).is_some()));
    let counters = peer.end.counters();
    assert_eq!((answers.len(), counters.errors_sent, counters.errors_limited), (3, 3, 2));
    assert_eq!(counters.malformed, 5);
    peer.wait(Duration::from_secs(1));
    peer.send_raw(&packet);
    assert_eq!(peer.raw.len(), 1, "the next second");
}

/// A device with the kernel behind it, in a network namespace of this thread's own.
fn kernel() -> io::Result<Tun> {
    tcpspec_tests::unshare()?;
    fs::write("/proc/sys/net/ipv6/conf/default/accept_dad", "0")?;
    fs::write("/proc/sys/net/ipv6/icmp/ratelimit", "0")?;
    let tun = Tun::builder("tcpspec0").host(KERNEL6, 64).offload(false).build()?;
    tcpspec_tests::wait_for_ipv6()?;
    Ok(tun)
}

#[test]
fn the_kernel_says_the_same() {
    let test = thread::spawn(|| {
        let tun = match kernel() {
            Ok(tun) => tun,
            Err(error) => return tcpspec_tests::skip("the_kernel_says_the_same", &error),
        };
        let mut differences = Vec::new();
        for case in cases(KERNEL6) {
            tun.send(&Packet::from(case.packet(STACK6, KERNEL6))).unwrap();
            let (mut buffer, mut answer) = ([0; 2000], None);
            // The kernel answers before the write returns; it also looks for neighbours and routers.
            while let Some(arrived) = tun.receive(&mut buffer, Some(Duration::from_millis(20))).unwrap() {
                answer = answer.or(read(&buffer[..arrived.len]));
            }
            let answer = answer.map(|(code, at, _)| (code, at));
            if answer != case.answer {
                differences.push((case.name, answer));
            }
        }
        let known = [
            // On a device without neighbours the kernel does not join the group of those who might be looked for.
            (ALIKE, None),
            // It takes redirects for information, against RFC 4443 §2.4 (e.2) …
            (REDIRECT, Some((2, 42))),
            // … and does not ask what the first fragment has carried.
            (LATER, Some((2, 42))),
        ];
        assert_eq!(differences, known);
    });
    test.join().unwrap();
}

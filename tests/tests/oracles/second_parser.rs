//! Another parser, etherparse, judges ours: packets that it has written, whole, damaged and hostile, and all that our stack sends. Both must read the same fields,
//! believe the same checksums and refuse the same packets. Where ours decides otherwise, [`Difference`] says why.

use super::hostile_packets::{Build, Damage, every_option, repair};
use etherparse::{
    IpNumber, IpSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice,
    PacketBuilder, TcpOptionElement, TcpOptionReadError, TcpOptionsIterator, TcpSlice,
    checksum::Sum16BitWords, ip_number,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::options::{MAX_SCALE, Options, SackRanges, Timestamps};
use tcpspec_stack::wire::{ip, ipv6, tcp};
use tcpspec_tests::peer::Peer;
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, socket, socket6, text, transfer_to};

/// Where ours decides otherwise than etherparse, and why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Difference {
    /// An option of unknown kind ends etherparse's reading; ours skips it by its length (MUST-6).
    UnknownOption,
    /// A window scale above 14 is taken as 14 (RFC 7323 §2.3); etherparse gives it as it stands.
    LargeScale,
    /// A port of zero is nobody's: ours refuses it (RFC 6335 §6: reserved); etherparse gives it as it stands.
    PortZero,
    /// A checksum of ffff where 0000 was computed: the same number in ones' complement (RFC 1071 §1), so the sum over everything is right. Ours sums; etherparse
    /// computes, and the test compares.
    NegativeZero,
    /// An IPv6 payload length of zero: ours takes it by the letter, since no link of ours carries jumbograms; etherparse takes all that is there (RFC 2675).
    NoLength,
    /// More than eight extension headers: ours takes that for an attack (RFC 8504 §5.3).
    LongChain,
    /// A routing header with segments left is for somebody else: ours is no router (RFC 8200 §4.4).
    Routing,
    /// Options of an extension header that are malformed or forbid to go on (RFC 8200 §4.2); etherparse does not look at them.
    ForbiddenOption,
    /// Ours does not look behind the header of a real fragment: without reassembly nothing there means anything.
    BehindFragment,
    /// Ours does not know the Authentication Header (RFC 4302), so it is what the packet carries; etherparse reads past it, or refuses it.
    Authentication,
}

impl Difference {
    const ALL: [Self; 10] = [
        Self::UnknownOption,
        Self::LargeScale,
        Self::PortZero,
        Self::NegativeZero,
        Self::NoLength,
        Self::LongChain,
        Self::Routing,
        Self::ForbiddenOption,
        Self::BehindFragment,
        Self::Authentication,
    ];
}

type Differences = BTreeSet<Difference>;
/// A header and what is behind it; None: refused.
type Read<'a, H> = Option<(H, &'a [u8])>;

/// What ours is expected to make of an IP packet: what etherparse says, but for the differences.
fn expected_ip<'a>(packet: &'a [u8], found: &mut Differences) -> Read<'a, ip::Header> {
    let mut packet = packet;
    if let Ok(header) = Ipv6HeaderSlice::from_slice(packet) {
        if header.payload_length() == 0 && packet.len() > ipv6::HEADER {
            found.insert(Difference::NoLength);
            packet = &packet[..ipv6::HEADER];
        }
        let length = usize::from(header.payload_length());
        if let Some(chain) = packet[ipv6::HEADER..].get(..length) {
            let mut header = expected_ipv6(&header);
            match walk(header.protocol, chain) {
                Walk::Refused(difference) => {
                    found.insert(difference);
                    return None;
                }
                Walk::Ends(difference, protocol, payload) => {
                    found.insert(difference);
                    header.protocol = protocol;
                    header.fragment = difference == Difference::BehindFragment;
                    return Some((header, payload));
                }
                Walk::Agreed => {}
            }
        }
    }
    if let Ok(header) = Ipv4HeaderSlice::from_slice(packet)
        && header.protocol() == ip_number::AUTH
    {
        found.insert(Difference::Authentication);
        let payload = packet.get(header.slice().len()..header.total_len().into())?;
        return Some((expected_ipv4(&header)?, payload));
    }
    match IpSlice::from_slice(packet) {
        Ok(IpSlice::Ipv4(theirs)) => Some((expected_ipv4(&theirs.header())?, theirs.payload().payload)),
        Ok(IpSlice::Ipv6(theirs)) => {
            let header = expected_ipv6(&theirs.header());
            Some((
                ip::Header {
                    protocol: theirs.payload().ip_number.0,
                    fragment: theirs.is_payload_fragmented(),
                    ..header
                },
                theirs.payload().payload,
            ))
        }
        Err(_) => None,
    }
}

/// None if the checksum is wrong.
fn expected_ipv4(header: &Ipv4HeaderSlice<'_>) -> Option<ip::Header> {
    let sum = Sum16BitWords::new().add_slice(header.slice());
    (sum.ones_complement() == 0).then(|| ip::Header {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: header.protocol().0,
        hop_limit: header.ttl(),
        traffic_class: header.dcp().value() << 2 | header.ecn().value(),
        fragment: header.is_fragmenting_payload(),
        identification: (!header.dont_fragment()).then_some(header.identification()),
    })
}

fn expected_ipv6(header: &Ipv6HeaderSlice<'_>) -> ip::Header {
    ip::Header {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: header.next_header().0,
        hop_limit: header.hop_limit(),
        traffic_class: header.traffic_class(),
        fragment: false,
        identification: None,
    }
}

/// What comes of going through extension headers as ours does.
enum Walk<'a> {
    Refused(Difference),
    /// Here ours stops, and this is what the packet carries.
    Ends(Difference, u8, &'a [u8]),
    /// What etherparse says is right.
    Agreed,
}

fn walk(first: u8, payload: &[u8]) -> Walk<'_> {
    let (mut next, mut rest) = (IpNumber(first), payload);
    for number in 0.. {
        let len = match next {
            ip_number::IPV6_FRAG => {
                let Ok(header) = Ipv6FragmentHeaderSlice::from_slice(rest) else { return Walk::Agreed };
                if header.is_fragmenting_payload() {
                    return Walk::Ends(Difference::BehindFragment, next.0, rest);
                }
                next = header.next_header();
                header.slice().len()
            }
            ip_number::AUTH => return Walk::Ends(Difference::Authentication, next.0, rest),
            // Not at the beginning: both refuse it.
            ip_number::IPV6_HOP_BY_HOP if number > 0 => return Walk::Agreed,
            ip_number::IPV6_HOP_BY_HOP | ip_number::IPV6_DEST_OPTIONS | ip_number::IPV6_ROUTE => {
                let Ok(header) = Ipv6RawExtHeaderSlice::from_slice(rest) else { return Walk::Agreed };
                match header.payload() {
                    [_, left, ..] if next == ip_number::IPV6_ROUTE && *left > 0 => {
                        return Walk::Refused(Difference::Routing);
                    }
                    options if next != ip_number::IPV6_ROUTE && forbids(options) => {
                        return Walk::Refused(Difference::ForbiddenOption);
                    }
                    _ => {}
                }
                next = header.next_header();
                header.slice().len()
            }
            _ => return Walk::Agreed,
        };
        if number == 8 {
            return Walk::Refused(Difference::LongChain);
        }
        rest = &rest[len..];
    }
    Walk::Agreed
}

/// Whether the options of an extension header are malformed, or one is not known and must not be skipped.
fn forbids(options: &[u8]) -> bool {
    let mut at = 0;
    while at < options.len() {
        if options[at] == 0 {
            at += 1;
            continue;
        }
        let Some(len) = options.get(at + 1) else { return true };
        if options[at] & 0xc0 != 0 {
            return true;
        }
        at += 2 + usize::from(*len);
    }
    at > options.len()
}

fn sum_matches(stands: u16, computed: u16, found: &mut Differences) -> bool {
    if (stands, computed) == (0xffff, 0) {
        found.insert(Difference::NegativeZero);
        return true;
    }
    stands == computed
}

/// What ours is expected to make of a segment.
fn expected_tcp<'a>(segment: &'a [u8], ip: &ip::Header, found: &mut Differences) -> Read<'a, tcp::Header> {
    let theirs = TcpSlice::from_slice(segment).ok()?;
    let computed = match (ip.source, ip.destination) {
        (IpAddr::V4(a), IpAddr::V4(b)) => theirs.calc_checksum_ipv4(a.octets(), b.octets()),
        (IpAddr::V6(a), IpAddr::V6(b)) => theirs.calc_checksum_ipv6(a.octets(), b.octets()),
        _ => panic!("mixed"),
    };
    if !sum_matches(theirs.checksum(), computed.unwrap(), found) {
        return None;
    }
    let options = expected_options(theirs.options(), found)?;
    if theirs.source_port() == 0 || theirs.destination_port() == 0 {
        found.insert(Difference::PortZero);
        return None;
    }
    let flags = [
        (theirs.fin(), Flags::FIN),
        (theirs.syn(), Flags::SYN),
        (theirs.rst(), Flags::RST),
        (theirs.psh(), Flags::PSH),
        (theirs.ack(), Flags::ACK),
        (theirs.urg(), Flags::URG),
    ];
    let header = tcp::Header {
        source: theirs.source_port(),
        destination: theirs.destination_port(),
        seq: theirs.sequence_number(),
        ack: theirs.acknowledgment_number(),
        flags: flags.iter().filter(|(set, _)| *set).fold(Flags(0), |all, (_, flag)| all.with(*flag)),
        window: theirs.window_size(),
        urgent: theirs.urgent_pointer(),
        options,
    };
    Some((header, theirs.payload()))
}

fn expected_options(octets: &[u8], found: &mut Differences) -> Option<Options> {
    let mut all = Options::default();
    let mut theirs = TcpOptionsIterator::from_slice(octets);
    loop {
        let before = theirs.rest();
        match theirs.next() {
            None => return Some(all),
            Some(Ok(TcpOptionElement::Noop)) => {}
            Some(Ok(TcpOptionElement::MaximumSegmentSize(mss))) => all.mss = Some(mss),
            Some(Ok(TcpOptionElement::WindowScale(scale))) => {
                if scale > MAX_SCALE {
                    found.insert(Difference::LargeScale);
                }
                all.window_scale = Some(scale.min(MAX_SCALE));
            }
            Some(Ok(TcpOptionElement::SelectiveAcknowledgementPermitted)) => all.sack_permitted = true,
            Some(Ok(TcpOptionElement::SelectiveAcknowledgement(first, rest))) => {
                all.sack = SackRanges::default();
                for (start, end) in std::iter::once(first).chain(rest.into_iter().flatten()) {
                    assert!(all.sack.push(start, end));
                }
            }
            Some(Ok(TcpOptionElement::Timestamp(val, ecr))) => all.timestamps = Some(Timestamps { val, ecr }),
            Some(Err(TcpOptionReadError::UnknownId(_))) => {
                found.insert(Difference::UnknownOption);
                let len = usize::from(*before.get(1)?);
                if len < 2 {
                    return None;
                }
                theirs = TcpOptionsIterator::from_slice(before.get(len..)?);
            }
            Some(Err(_)) => return None,
        }
    }
}

/// What became of a packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Fit {
    /// Both read a segment.
    Segment,
    /// Both read something else in it, or a fragment.
    Other,
    /// Both refuse it.
    Refused,
}

/// Compares both on one packet.
fn compare(packet: &[u8]) -> Result<(Fit, Differences), TestCaseError> {
    let mut found = Differences::new();
    let theirs = expected_ip(packet, &mut found);
    let ours = ip::Header::parse(packet);
    prop_assert_eq!(ours.ok(), theirs, "IP, {:?}: ours {:?}, {:02x?}", found, ours, packet);
    let Some((header, segment)) = theirs else { return Ok((Fit::Refused, found)) };
    if header.protocol != ip::TCP || header.fragment {
        return Ok((Fit::Other, found));
    }
    let theirs = expected_tcp(segment, &header, &mut found);
    let ours = tcp::Header::parse(segment, header.source, header.destination);
    prop_assert_eq!(ours.ok(), theirs, "TCP, {:?}: ours {:?}, {:02x?}", found, ours, packet);
    Ok((if theirs.is_some() { Fit::Segment } else { Fit::Refused }, found))
}

fn same(packet: &[u8]) -> (Fit, Differences) {
    compare(packet).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn both_agree_on_random_damaged_and_hostile_packets() {
    let (fits, differences) = (RefCell::new(BTreeMap::new()), RefCell::new(BTreeMap::new()));
    let config = ProptestConfig { cases: 30_000, failure_persistence: None, ..ProptestConfig::default() };
    let packets = (Build::any(), prop::collection::vec(Damage::any(), 0..3), any::<bool>());
    let result = TestRunner::new(config).run(&packets, |(build, damages, repaired)| {
        let mut packet = build.octets();
        damages.iter().for_each(|damage| damage.apply(&mut packet));
        if repaired {
            repair(&mut packet);
        }
        let (fit, found) = compare(&packet)?;
        *fits.borrow_mut().entry(fit).or_insert(0) += 1;
        for difference in found {
            *differences.borrow_mut().entry(difference).or_insert(0) += 1;
        }
        Ok(())
    });
    result.unwrap();
    // Nothing of this holds only because it never comes up.
    let (fits, differences) = (fits.into_inner(), differences.into_inner());
    for fit in [Fit::Segment, Fit::Other, Fit::Refused] {
        assert!(fits.get(&fit).is_some_and(|n| *n > 1000), "{fits:?}");
    }
    // A sum of zero is too rare to be met by chance.
    for difference in Difference::ALL.into_iter().filter(|kind| *kind != Difference::NegativeZero) {
        assert!(differences.contains_key(&difference), "{difference:?} was not met: {differences:?}");
    }
}

#[test]
fn both_agree_on_every_cut_bit_length_and_offset() {
    for ipv6 in [false, true] {
        let packet = Build::example(ipv6).octets();
        assert_eq!(same(&packet), (Fit::Segment, Differences::new()));
        for len in 0..packet.len() {
            assert_eq!(same(&packet[..len]).0, Fit::Refused, "{len} octets");
        }
        for bit in 0..packet.len() * 8 {
            let mut packet = packet.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            same(&packet);
            repair(&mut packet);
            same(&packet);
        }
        // Every value of every octet of the headers: lengths, offsets, next headers, options.
        for at in 0..packet.len() {
            for octet in 0..=255 {
                let mut packet = packet.clone();
                packet[at] = octet;
                repair(&mut packet);
                same(&packet);
            }
        }
    }
}

/// RFC 9293: MUST-6, MUST-7
#[test]
fn both_agree_on_every_kind_and_length_of_option() {
    let mut refused = 0;
    for kind in 0..=255 {
        for len in 0..=41_u8 {
            for (before, behind) in [(0, 0), (1, 0), (0, 3), (38, 0), (36, 0)] {
                let mut options = vec![1; before];
                options.extend([kind, len]);
                options.extend((2..len).take(38 - before.min(38)).map(|n: u8| n.wrapping_mul(37)));
                options.extend(vec![1; behind]);
                options.truncate(40);
                let packet = Build { options, ..Build::example(before == 0) }.octets();
                refused += usize::from(same(&packet).0 == Fit::Refused);
            }
        }
    }
    assert!(refused > 10_000, "{refused}");
}

#[test]
fn a_negative_zero_is_a_zero() {
    for ipv6 in [false, true] {
        let mut packet = Build { text: vec![0, 0], ..Build::example(ipv6) }.octets();
        let at = packet.len() - 2;
        let sum = |packet: &[u8]| {
            let (ip, segment) = expected_ip(packet, &mut Differences::new()).unwrap();
            assert_eq!(ip.source.is_ipv6(), ipv6);
            (packet.len() - segment.len() + 16, TcpSlice::from_slice(segment).unwrap().checksum())
        };
        // A text that is what the sum lacks makes it zero.
        let (place, lacks) = sum(&packet);
        packet[at..].copy_from_slice(&lacks.to_be_bytes());
        repair(&mut packet);
        assert_eq!(sum(&packet), (place, 0));
        assert_eq!(same(&packet), (Fit::Segment, Differences::new()));
        packet[place..place + 2].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(same(&packet), (Fit::Segment, [Difference::NegativeZero].into()));
    }
}

/// Kinds of segments and options among these packets.
fn kinds(packets: &[Vec<u8>]) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for packet in packets {
        // Nothing that we send is read in another way than it was meant.
        let (fit, found) = same(packet);
        assert_eq!((fit, &found), (Fit::Segment, &Differences::new()), "{packet:02x?}");
        let (ip, segment) = expected_ip(packet, &mut Differences::new()).unwrap();
        let (header, _) = expected_tcp(segment, &ip, &mut Differences::new()).unwrap();
        kinds.insert(header.flags.to_string());
        let Options { mss, window_scale, sack_permitted, timestamps, sack } = header.options;
        let options = [
            ("mss", mss.is_some()),
            ("scale", window_scale.is_some()),
            ("permitted", sack_permitted),
            ("timestamps", timestamps.is_some()),
            ("urgent", header.urgent > 0),
        ];
        kinds.extend(options.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()));
        if !sack.is_empty() {
            kinds.insert(format!("sack {}", sack.len()));
        }
    }
    kinds
}

/// RFC 9293: MUST-2, MUST-68
#[test]
fn all_that_a_stack_sends_is_read_as_it_was_meant() {
    for ipv6 in [false, true] {
        let packets = Arc::new(Mutex::new(Vec::new()));
        for seed in 0..8 {
            let mut link = Link::with(LATENCY, |config| config.timestamps = seed % 2 == 0);
            let sink = Arc::clone(&packets);
            let mut random = Random(seed);
            link.set_faults(move |_, _, packet| {
                sink.lock().unwrap().push(packet.to_vec());
                if random.below(15) == 0 { Fate::Lost } else { Fate::Arrives }
            });
            let to = if ipv6 { socket6 } else { socket };
            // Nobody listens there.
            let (now, nobody) = (link.now(), to(&link.ends[1], 81));
            link.ends[0].connect(now, None, nobody).unwrap();
            let server = to(&link.ends[1], 80);
            let texts = [text(150_000, seed), text(100_000, seed + 100)];
            let users = transfer_to(&mut link, server, texts.clone(), MINUTE * 60);
            assert!(users[0].read == texts[1] && users[1].read == texts[0]);
        }
        let kinds = kinds(&packets.lock().unwrap());
        for kind in every_option().iter().chain(&["SYN", "SYN,ACK", "ACK", "FIN,PSH,ACK", "RST,ACK"]) {
            assert!(kinds.contains(*kind), "IPv6 {ipv6}: no {kind} in {kinds:?}");
        }
    }
}

/// A whole connection of an endpoint of ours with a peer whose packets etherparse writes, and whose eyes are etherparse's.
#[test]
fn a_peer_of_etherparse_is_served() {
    for ipv6 in [false, true] {
        let mut peer = Peer::new(ipv6, |_| {});
        let listener = peer.end.listen(80, 4).unwrap();
        let (us, them) = (peer.us, peer.them);
        let builder = || match (us.ip(), them.ip()) {
            (IpAddr::V4(us), IpAddr::V4(them)) => PacketBuilder::ipv4(us.octets(), them.octets(), 9),
            (IpAddr::V6(us), IpAddr::V6(them)) => PacketBuilder::ipv6(us.octets(), them.octets(), 9),
            _ => panic!("mixed"),
        };
        let segment = |seq| builder().tcp(us.port(), them.port(), seq, 60_000);
        let send = |peer: &mut Peer,
                    builder: etherparse::PacketBuilderStep<etherparse::TcpHeader>,
                    text: &[u8]| {
            let mut packet = Vec::new();
            builder.write(&mut packet, text).unwrap();
            peer.send_raw(&packet);
            peer.wait(Duration::from_millis(500));
            let answers: Vec<_> = peer.raw.drain(..).collect();
            assert_eq!(peer.end.counters().malformed, 0);
            answers.iter().for_each(|answer| assert_eq!(same(answer), (Fit::Segment, Differences::new())));
            let answer = answers.last().expect("an answer");
            let (ip, segment) = expected_ip(answer, &mut Differences::new()).unwrap();
            let (header, text) = expected_tcp(segment, &ip, &mut Differences::new()).unwrap();
            (header, text.to_vec())
        };
        let options = [
            TcpOptionElement::MaximumSegmentSize(1000),
            TcpOptionElement::Noop,
            TcpOptionElement::WindowScale(3),
            TcpOptionElement::SelectiveAcknowledgementPermitted,
            TcpOptionElement::Timestamp(77, 0),
        ];
        let (answer, _) = send(&mut peer, segment(1000).syn().options(&options).unwrap(), &[]);
        assert_eq!((answer.flags, answer.ack), (Flags::SYN.with(Flags::ACK), 1001));
        assert_eq!(answer.options.timestamps.map(|stamps| stamps.ecr), Some(77));
        let stamps = |val| [TcpOptionElement::Timestamp(val, answer.options.timestamps.unwrap().val)];
        let ours = answer.seq.wrapping_add(1);
        let text = segment(1001).ack(ours).psh().options(&stamps(78)).unwrap();
        let (answer, _) = send(&mut peer, text, b"text of etherparse");
        assert_eq!((answer.flags, answer.seq, answer.ack), (Flags::ACK, ours, 1019));
        let server = peer.end.accept(listener).expect("established");
        let mut read = [0; 64];
        let now = peer.now;
        assert_eq!(peer.end.receive(now, server, &mut read).unwrap(), tcpspec_stack::Received::Text(18));
        assert_eq!(&read[..18], b"text of etherparse");
        // Out of order, so that a range is reported.
        let ahead = segment(1119).ack(ours).options(&stamps(79)).unwrap();
        let (answer, _) = send(&mut peer, ahead, b"later");
        assert_eq!(answer.options.sack.iter().collect::<Vec<_>>(), [(1119, 1124)]);
        assert_eq!(answer.ack, 1019);
        let (answer, _) = send(&mut peer, segment(1019).ack(ours).options(&stamps(80)).unwrap(), &[7; 100]);
        assert_eq!((answer.ack, answer.options.sack.is_empty()), (1124, true));
        let (answer, _) = send(&mut peer, segment(1124).ack(ours).fin().options(&stamps(81)).unwrap(), &[]);
        assert_eq!((answer.flags, answer.ack), (Flags::ACK, 1125));
    }
}

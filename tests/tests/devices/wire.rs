//! Bytes and headers: random octets, round trips, and another parser's opinion of what we write (`second_parser` asks it about the rest).

use etherparse::{
    IpHeaders, IpNumber, Ipv4Extensions, Ipv4Header, NetSlice, PacketBuilder, SlicedPacket, TcpOptionElement,
    TransportSlice,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tcpspec::Flags;
use tcpspec_stack::wire::icmp::{self, Message};
use tcpspec_stack::wire::options::{Options, SackRanges, Timestamps};
use tcpspec_stack::wire::{Malformed, ip, tcp};

fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(a, b)| (Ipv4Addr::from(a).into(), Ipv4Addr::from(b).into())),
        any::<(u128, u128)>().prop_map(|(a, b)| (Ipv6Addr::from(a).into(), Ipv6Addr::from(b).into())),
    ]
}

fn ip_header() -> impl Strategy<Value = ip::Header> {
    (addresses(), any::<u8>(), any::<u8>(), any::<Option<u16>>()).prop_map(
        |((source, destination), hop_limit, traffic_class, identification)| {
            let identification = identification.filter(|_| source.is_ipv4());
            ip::Header { hop_limit, traffic_class, identification, ..ip::Header::tcp(source, destination) }
        },
    )
}

fn options() -> impl Strategy<Value = Options> {
    let syn = (any::<Option<u16>>(), prop::option::of(0_u8..=14), any::<bool>());
    let rest =
        (any::<Option<(u32, u32)>>(), prop::collection::vec(any::<(u32, u32)>(), 0..=4), any::<bool>());
    (syn, rest).prop_map(|((mss, window_scale, sack_permitted), (stamps, ranges, opens))| {
        let timestamps = stamps.map(|(val, ecr)| Timestamps { val, ecr });
        if opens {
            return Options { mss, window_scale, sack_permitted, timestamps, ..Options::default() };
        }
        let most = if timestamps.is_some() { SackRanges::MAX_WITH_TIMESTAMPS } else { SackRanges::MAX };
        let mut sack = SackRanges::default();
        for (start, end) in ranges.into_iter().take(most) {
            assert!(sack.push(start, end));
        }
        Options { timestamps, sack, ..Options::default() }
    })
}

fn tcp_header() -> impl Strategy<Value = tcp::Header> {
    let numbers = (1..=u16::MAX, 1..=u16::MAX, any::<u32>(), any::<u32>(), any::<u16>(), any::<u16>());
    (numbers, 0_u8..64, options()).prop_map(
        |((source, destination, seq, ack, window, urgent), flags, options)| tcp::Header {
            source,
            destination,
            seq,
            ack,
            flags: Flags(flags),
            window,
            urgent,
            options,
        },
    )
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

/// Whatever it is, it is read without a panic.
fn read(packet: &[u8]) -> Result<(), Malformed> {
    let (ip, payload) = ip::Header::parse(packet)?;
    let _ = icmp::parse(&ip, payload);
    let _ = tcp::Header::parse(payload, ip.source, ip.destination)?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_octets_are_harmless(octets in prop::collection::vec(any::<u8>(), 0..200), version in 0_u8..16) {
        let mut octets = octets;
        let _ = Options::parse(&octets);
        let _ = read(&octets);
        // Most begin with a version that is nobody's.
        if let Some(first) = octets.first_mut() {
            *first = version << 4 | *first & 0xf;
        }
        let _ = read(&octets);
    }

    #[test]
    fn a_packet_with_random_changes_is_harmless(
        ip in ip_header(),
        header in tcp_header(),
        text in text(),
        changes in prop::collection::vec(any::<(u16, u8)>(), 0..6),
        cut in any::<u16>(),
    ) {
        let mut packet = header.packet(&ip, (&text, &[]));
        for (at, octet) in changes {
            let len = packet.len();
            packet[usize::from(at) % len] = octet;
        }
        packet.truncate(usize::from(cut) % (packet.len() + 20));
        let _ = read(&packet);
    }

    #[test]
    fn what_is_written_is_read(ip in ip_header(), header in tcp_header(), text in text(), cut in any::<usize>()) {
        let (front, back) = text.split_at(cut % (text.len() + 1));
        let packet = header.packet(&ip, (front, back));
        let (ip2, segment) = ip::Header::parse(&packet).unwrap();
        prop_assert_eq!(ip, ip2);
        let (header2, text2) = tcp::Header::parse(segment, ip2.source, ip2.destination).unwrap();
        prop_assert_eq!(header, header2);
        prop_assert_eq!(&text[..], text2);
    }

    /// RFC 9293: MUST-2, MUST-68
    #[test]
    fn another_parser_reads_the_same(ip in ip_header(), header in tcp_header(), text in text()) {
        let packet = header.packet(&ip, (&text, &[]));
        let sliced = SlicedPacket::from_ip(&packet).expect("etherparse");
        match (sliced.net.unwrap(), ip.source, ip.destination) {
            (NetSlice::Ipv4(theirs), IpAddr::V4(source), IpAddr::V4(destination)) => {
                let theirs = theirs.header().to_header();
                prop_assert_eq!(theirs.calc_header_checksum(), theirs.header_checksum);
                prop_assert_eq!((theirs.source, theirs.destination), (source.octets(), destination.octets()));
                prop_assert_eq!((theirs.time_to_live, theirs.dont_fragment), (ip.hop_limit, ip.identification.is_none()));
                prop_assert_eq!(theirs.dscp.value() << 2 | theirs.ecn.value(), ip.traffic_class);
            }
            (NetSlice::Ipv6(theirs), IpAddr::V6(source), IpAddr::V6(destination)) => {
                let theirs = theirs.header().to_header();
                prop_assert_eq!((theirs.source, theirs.destination), (source.octets(), destination.octets()));
                prop_assert_eq!((theirs.hop_limit, theirs.traffic_class), (ip.hop_limit, ip.traffic_class));
                prop_assert_eq!(theirs.flow_label.value(), 0);
            }
            _ => panic!("another version"),
        }
        let Some(TransportSlice::Tcp(theirs)) = sliced.transport else { panic!("not TCP") };
        let sum = match (ip.source, ip.destination) {
            (IpAddr::V4(a), IpAddr::V4(b)) => theirs.calc_checksum_ipv4(a.octets(), b.octets()),
            (IpAddr::V6(a), IpAddr::V6(b)) => theirs.calc_checksum_ipv6(a.octets(), b.octets()),
            _ => panic!("mixed"),
        };
        prop_assert_eq!(sum.unwrap(), theirs.checksum());
        prop_assert_eq!((theirs.source_port(), theirs.destination_port()), (header.source, header.destination));
        prop_assert_eq!((theirs.sequence_number(), theirs.acknowledgment_number()), (header.seq, header.ack));
        prop_assert_eq!((theirs.window_size(), theirs.urgent_pointer()), (header.window, header.urgent));
        let flags = [theirs.fin(), theirs.syn(), theirs.rst(), theirs.psh(), theirs.ack(), theirs.urg()];
        let flags = flags.iter().rev().fold(0, |all, flag| all << 1 | u8::from(*flag));
        prop_assert_eq!((flags, theirs.ece(), theirs.cwr(), theirs.ns()), (header.flags.0, false, false, false));
        prop_assert_eq!(theirs.payload(), &text[..]);
        let mut options = Options::default();
        for option in theirs.options_iterator() {
            match option.expect("an option that etherparse understands") {
                TcpOptionElement::Noop => {}
                TcpOptionElement::MaximumSegmentSize(mss) => options.mss = Some(mss),
                TcpOptionElement::WindowScale(scale) => options.window_scale = Some(scale),
                TcpOptionElement::SelectiveAcknowledgementPermitted => options.sack_permitted = true,
                TcpOptionElement::SelectiveAcknowledgement(first, rest) => {
                    for (start, end) in std::iter::once(first).chain(rest.into_iter().flatten()) {
                        options.sack.push(start, end);
                    }
                }
                TcpOptionElement::Timestamp(val, ecr) => options.timestamps = Some(Timestamps { val, ecr }),
            }
        }
        prop_assert_eq!(options, header.options);
    }

    #[test]
    fn echo_requests_and_replies_are_as_others_have_them(
        (remote, local) in addresses(),
        (identifier, number) in any::<(u16, u16)>(),
        text in text(),
    ) {
        let mut packet = Vec::new();
        match (remote, local) {
            (IpAddr::V4(a), IpAddr::V4(b)) => PacketBuilder::ipv4(a.octets(), b.octets(), 64)
                .icmpv4_echo_request(identifier, number)
                .write(&mut packet, &text),
            (IpAddr::V6(a), IpAddr::V6(b)) => PacketBuilder::ipv6(a.octets(), b.octets(), 64)
                .icmpv6_echo_request(identifier, number)
                .write(&mut packet, &text),
            _ => panic!("mixed"),
        }
        .expect("etherparse");
        let (ip, message) = ip::Header::parse(&packet).unwrap();
        let Ok(Message::EchoRequest(echo)) = icmp::parse(&ip, message) else { panic!("not an echo request") };
        let reply = icmp::echo_reply(local, remote, echo);
        let mut expected = Vec::new();
        match (local, remote) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let mut header =
                    Ipv4Header::new(0, 64, IpNumber::ICMP, a.octets(), b.octets()).unwrap();
                header.dont_fragment = true;
                PacketBuilder::ip(IpHeaders::Ipv4(header, Ipv4Extensions::default()))
                    .icmpv4_echo_reply(identifier, number)
                    .write(&mut expected, &text)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => PacketBuilder::ipv6(a.octets(), b.octets(), 64)
                .icmpv6_echo_reply(identifier, number)
                .write(&mut expected, &text),
            _ => panic!("mixed"),
        }
        .expect("etherparse");
        prop_assert_eq!(reply, expected);
        // One wrong bit of the message is noticed.
        let bit = usize::from(identifier) % (message.len() * 8);
        let mut message = message.to_vec();
        message[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(icmp::parse(&ip, &message), Err(Malformed::Checksum));
    }
}

//! Packets that etherparse writes: any fields, any options, any chain of extension headers, and damage to them.

use etherparse::{
    IpAuthHeader, IpDscp, IpEcn, IpFragOffset, IpNumber, IpSlice, Ipv4Header, Ipv4HeaderSlice, Ipv6FlowLabel,
    Ipv6FragmentHeader, Ipv6Header, Ipv6RawExtHeader, TcpHeader, TcpSlice, ip_number,
};
use proptest::prelude::*;

/// What a run with every option shows of them.
pub(crate) fn every_option() -> [&'static str; 7] {
    ["mss", "scale", "permitted", "timestamps", "sack 1", "sack 2", "sack 3"]
}

/// An extension header.
#[derive(Clone, Debug)]
pub(crate) enum Extension {
    HopByHop(Vec<u8>),
    Destination(Vec<u8>),
    /// Segments left, and the addresses' octets.
    Routing(u8, Vec<u8>),
    /// The offset in eights, and whether more follow.
    Fragment(u16, bool),
    Authentication(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(crate) enum Ip {
    V4 {
        source: [u8; 4],
        destination: [u8; 4],
        options: Vec<u8>,
        offset: u16,
        more: bool,
        authentication: bool,
    },
    V6 {
        source: [u8; 16],
        destination: [u8; 16],
        chain: Vec<Extension>,
    },
}

/// A packet to be.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) ip: Ip,
    pub(crate) hop_limit: u8,
    pub(crate) traffic_class: u8,
    /// The identification, or the flow label.
    pub(crate) label: u16,
    pub(crate) ports: (u16, u16),
    pub(crate) numbers: (u32, u32),
    pub(crate) flags: u16,
    pub(crate) window: u16,
    pub(crate) urgent: u16,
    pub(crate) options: Vec<u8>,
    pub(crate) text: Vec<u8>,
}

impl Build {
    /// One with every option and, of IPv6, a chain of extension headers.
    pub(crate) fn example(ipv6: bool) -> Self {
        let (mut source, mut destination) = ([0; 16], [0; 16]);
        for (address, last) in [(&mut source, 1), (&mut destination, 2)] {
            (address[0], address[1], address[15]) = (0xfd, 7, last);
        }
        let pad = vec![1, 4, 0, 0, 0, 0];
        let chain = vec![
            Extension::HopByHop(pad.clone()),
            Extension::Routing(0, vec![0; 4]),
            Extension::Fragment(0, false),
            Extension::Destination(pad),
        ];
        let v4 = Ip::V4 {
            source: [10, 7, 0, 1],
            destination: [10, 7, 0, 2],
            options: vec![1; 4],
            offset: 0,
            more: false,
            authentication: false,
        };
        Self {
            ip: if ipv6 { Ip::V6 { source, destination, chain } } else { v4 },
            hop_limit: 9,
            traffic_class: 0,
            label: 5,
            ports: (5000, 80),
            numbers: (1000, 2000),
            flags: 0x12,
            window: 60_000,
            urgent: 0,
            options: [
                &[2, 4, 5, 180][..],
                &[4, 2],
                &[8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
                &[1, 3, 3, 7],
                &[5, 10, 0, 0, 0, 1, 0, 0, 0, 9],
            ]
            .concat(),
            text: b"text".to_vec(),
        }
    }

    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let ip = (ip(), any::<(u8, u8, u16)>());
        let ports = (port(), port());
        let numbers = (any::<(u32, u32)>(), 0_u16..512, any::<(u16, u16)>());
        let text = prop::collection::vec(any::<u8>(), 0..40);
        (ip, ports, numbers, options(), text).prop_map(|(ip, ports, numbers, options, text)| {
            let (ip, (hop_limit, traffic_class, label)) = ip;
            let (numbers, flags, (window, urgent)) = numbers;
            Self { ip, hop_limit, traffic_class, label, ports, numbers, flags, window, urgent, options, text }
        })
    }

    /// The packet, with the checksums that etherparse computes.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let tcp = self.tcp();
        let mut packet = self.ip(tcp.header_len() + self.text.len());
        packet.extend(tcp.to_bytes());
        packet.extend(&self.text);
        packet
    }

    fn tcp(&self) -> TcpHeader {
        let mut tcp = TcpHeader::new(self.ports.0, self.ports.1, self.numbers.0, self.window);
        let bit = |n: u16| self.flags & 1 << n != 0;
        (tcp.fin, tcp.syn, tcp.rst, tcp.psh) = (bit(0), bit(1), bit(2), bit(3));
        (tcp.ack, tcp.urg, tcp.ece, tcp.cwr, tcp.ns) = (bit(4), bit(5), bit(6), bit(7), bit(8));
        (tcp.acknowledgment_number, tcp.urgent_pointer) = (self.numbers.1, self.urgent);
        tcp.set_options_raw(&self.options).unwrap();
        tcp.checksum = match &self.ip {
            Ip::V4 { source, destination, .. } => {
                tcp.calc_checksum_ipv4_raw(*source, *destination, &self.text).unwrap()
            }
            Ip::V6 { source, destination, .. } => {
                tcp.calc_checksum_ipv6_raw(*source, *destination, &self.text).unwrap()
            }
        };
        tcp
    }

    fn ip(&self, segment: usize) -> Vec<u8> {
        match &self.ip {
            Ip::V4 { source, destination, options, offset, more, authentication } => {
                let auth = IpAuthHeader::new(ip_number::TCP, 1, 2, &[0; 4]).unwrap().to_bytes();
                let auth = if *authentication { &auth[..] } else { &[] };
                let (protocol, len) =
                    (if *authentication { ip_number::AUTH } else { ip_number::TCP }, auth.len() + segment);
                let mut ip = Ipv4Header::new(0, self.hop_limit, protocol, *source, *destination).unwrap();
                ip.options = options[..].try_into().unwrap();
                ip.set_payload_len(len).unwrap();
                (ip.dscp, ip.ecn) = self.class();
                (ip.identification, ip.dont_fragment) = (self.label, self.label.is_multiple_of(2));
                (ip.fragment_offset, ip.more_fragments) = (IpFragOffset::try_new(*offset).unwrap(), *more);
                ip.header_checksum = ip.calc_header_checksum();
                [&ip.to_bytes()[..], auth].concat()
            }
            Ip::V6 { source, destination, chain } => {
                // From the last to the first, since each names the one behind it.
                let (mut next, mut all) = (ip_number::TCP, Vec::new());
                for extension in chain.iter().rev() {
                    let (number, octets) = extension.octets(next);
                    all.splice(0..0, octets);
                    next = number;
                }
                let ip = Ipv6Header {
                    traffic_class: self.traffic_class,
                    flow_label: Ipv6FlowLabel::try_new(self.label.into()).unwrap(),
                    payload_length: (all.len() + segment) as u16,
                    next_header: next,
                    hop_limit: self.hop_limit,
                    source: *source,
                    destination: *destination,
                };
                [&ip.to_bytes()[..], &all].concat()
            }
        }
    }

    fn class(&self) -> (IpDscp, IpEcn) {
        (IpDscp::try_new(self.traffic_class >> 2).unwrap(), IpEcn::try_new(self.traffic_class & 3).unwrap())
    }
}

impl Extension {
    /// The number by which it is announced, and its octets.
    fn octets(&self, next: IpNumber) -> (IpNumber, Vec<u8>) {
        let raw = |octets: &[u8]| Ipv6RawExtHeader::new_raw(next, octets).unwrap().to_bytes().to_vec();
        match self {
            Self::HopByHop(options) => (ip_number::IPV6_HOP_BY_HOP, raw(options)),
            Self::Destination(options) => (ip_number::IPV6_DEST_OPTIONS, raw(options)),
            Self::Routing(left, rest) => (ip_number::IPV6_ROUTE, raw(&[&[0, *left], &rest[..]].concat())),
            Self::Fragment(offset, more) => {
                let offset = IpFragOffset::try_new(*offset).unwrap();
                (ip_number::IPV6_FRAG, Ipv6FragmentHeader::new(next, offset, *more, 77).to_bytes().to_vec())
            }
            Self::Authentication(icv) => {
                (ip_number::AUTH, IpAuthHeader::new(next, 1, 2, icv).unwrap().to_bytes().to_vec())
            }
        }
    }

    fn any() -> impl Strategy<Value = Self> {
        let routing = (prop_oneof![4 => Just(0_u8), 1 => any::<u8>()], eights(4));
        prop_oneof![
            4 => extension_options().prop_map(Self::Destination),
            1 => extension_options().prop_map(Self::HopByHop),
            2 => routing.prop_map(|(left, rest)| Self::Routing(left, rest)),
            1 => Just(Self::Fragment(0, false)),
            1 => (0_u16..0x2000, any::<bool>()).prop_map(|(offset, more)| Self::Fragment(offset, more)),
            1 => eights(4).prop_map(Self::Authentication),
        ]
    }
}

/// So many octets, and perhaps some times eight more.
fn eights(first: usize) -> impl Strategy<Value = Vec<u8>> {
    (0_usize..3).prop_flat_map(move |n| prop::collection::vec(any::<u8>(), first + 8 * n))
}

/// Mostly padding, in one option or in several; sometimes anything.
fn extension_options() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0_usize..3).prop_map(|n| [vec![1, (4 + 8 * n) as u8], vec![0; 4 + 8 * n]].concat()),
        2 => Just(vec![0, 0, 5, 2, 0, 0]),
        1 => (any::<u8>(), 0_u8..8).prop_map(|(kind, len)| vec![kind, len, 0, 0, 0, 0]),
        1 => eights(6),
    ]
}

fn ip() -> impl Strategy<Value = Ip> {
    let fragment = prop_oneof![8 => Just((0, false)), 1 => (0_u16..0x2000, any::<bool>())];
    let options = (0_usize..4).prop_flat_map(|n| prop::collection::vec(any::<u8>(), 4 * n));
    let v4 = (any::<([u8; 4], [u8; 4])>(), options, fragment, prop::bool::weighted(0.05));
    let v4 = v4.prop_map(|((source, destination), options, (offset, more), authentication)| Ip::V4 {
        source,
        destination,
        options,
        offset,
        more,
        authentication,
    });
    let lengths = prop_oneof![6 => 0_usize..4, 1 => 4_usize..12];
    let chain = lengths.prop_flat_map(|n| prop::collection::vec(Extension::any(), n));
    // Without fragments, options and addresses that end it, so that the end of a long one is reached.
    let plain = (5_usize..12).prop_map(|n| vec![Extension::Destination(vec![1, 4, 0, 0, 0, 0]); n]);
    let chain = prop_oneof![8 => chain, 1 => plain];
    let v6 = (any::<([u8; 16], [u8; 16])>(), chain);
    let v6 = v6.prop_map(|((source, destination), chain)| Ip::V6 { source, destination, chain });
    prop_oneof![v4, v6]
}

fn port() -> impl Strategy<Value = u16> {
    prop_oneof![20 => any::<u16>(), 1 => Just(0)]
}

/// Options of a TCP header: known ones, unknown ones, and those whose length is wrong.
fn options() -> impl Strategy<Value = Vec<u8>> {
    let number = any::<u8>;
    let known = |kind: u8, len: usize| {
        prop::collection::vec(any::<u8>(), len)
            .prop_map(move |value| [&[kind, 2 + value.len() as u8], &value[..]].concat())
    };
    let one = prop_oneof![
        4 => Just(vec![1]),
        1 => Just(vec![0]),
        4 => known(2, 2),
        4 => known(3, 1),
        4 => Just(vec![4, 2]),
        4 => known(8, 8),
        4 => (1_usize..5).prop_flat_map(move |n| known(5, 8 * n)),
        2 => (6_u8..=255, 0_usize..8).prop_flat_map(move |(kind, len)| known(kind, len)),
        1 => (number(), 0_u8..45, prop::collection::vec(number(), 0..8))
            .prop_map(|(kind, len, rest)| [&[kind, len], &rest[..]].concat()),
    ];
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let mut all = all.concat();
        all.truncate(40);
        all
    })
}

/// What may happen to a packet.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    Octet(u16, u8),
    Cut(u16),
    Padding(u8),
    /// The total length, or the payload length.
    Length(i8),
    NoLength,
    /// Version and the length of an IPv4 header.
    First(u8),
    /// Protocol, or next header.
    Protocol(u8),
    DataOffset(u8),
}

impl Damage {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let next = prop_oneof![Just(0_u8), Just(6), Just(43), Just(44), Just(51), Just(60), any::<u8>()];
        prop_oneof![
            4 => any::<(u16, u8)>().prop_map(|(at, octet)| Self::Octet(at, octet)),
            2 => any::<u16>().prop_map(Self::Cut),
            1 => any::<u8>().prop_map(Self::Padding),
            2 => any::<i8>().prop_map(Self::Length),
            1 => Just(Self::NoLength),
            1 => any::<u8>().prop_map(Self::First),
            1 => next.prop_map(Self::Protocol),
            2 => any::<u8>().prop_map(Self::DataOffset),
        ]
    }

    pub(crate) fn apply(&self, packet: &mut Vec<u8>) {
        let Some(first) = packet.first() else { return };
        let (length, protocol) = if first >> 4 == 6 { (4, 6) } else { (2, 9) };
        let tcp = segment(packet);
        let mut set = |at: usize, octet: u8| {
            if let Some(place) = packet.get_mut(at) {
                *place = octet;
            }
        };
        match *self {
            Self::Octet(at, octet) => {
                let at = usize::from(at) % packet.len();
                packet[at] = octet;
            }
            Self::Cut(len) => packet.truncate(usize::from(len) % (packet.len() + 1)),
            Self::Padding(len) => packet.resize(packet.len() + usize::from(len), 0),
            Self::Length(by) => {
                let by = by.to_be_bytes()[0];
                if let Some(low) = packet.get_mut(length + 1) {
                    *low = low.wrapping_add(by);
                }
            }
            Self::NoLength => (set(length, 0), set(length + 1, 0)).0,
            Self::First(octet) => set(0, octet),
            Self::Protocol(octet) => set(protocol, octet),
            Self::DataOffset(octet) => {
                if let Some(start) = tcp {
                    set(start + 12, octet);
                }
            }
        }
    }
}

/// Where the segment begins, if etherparse finds one.
fn segment(packet: &[u8]) -> Option<usize> {
    let ip = IpSlice::from_slice(packet).ok()?;
    let payload = ip.payload();
    (payload.ip_number == ip_number::TCP).then(|| payload.payload.as_ptr().addr() - packet.as_ptr().addr())
}

/// Writes the checksums that etherparse computes over a damaged packet, so that they are not why it is refused.
pub(crate) fn repair(packet: &mut [u8]) {
    if let Ok(header) = Ipv4HeaderSlice::from_slice(packet) {
        let sum = header.to_header().calc_header_checksum();
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    }
    let Some(start) = segment(packet) else { return };
    let Ok(ip) = IpSlice::from_slice(packet) else { return };
    let Ok(tcp) = TcpSlice::from_slice(ip.payload().payload) else { return };
    let sum = match &ip {
        IpSlice::Ipv4(ip) => tcp.calc_checksum_ipv4(ip.header().source(), ip.header().destination()),
        IpSlice::Ipv6(ip) => tcp.calc_checksum_ipv6(ip.header().source(), ip.header().destination()),
    };
    packet[start + 16..start + 18].copy_from_slice(&sum.unwrap().to_be_bytes());
}

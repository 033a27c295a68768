//! A peer played by hand: one endpoint, to which a test sends packets of its own making and whose packets it looks at.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Endpoint, ListenerId, Time};

pub const SYN: Flags = Flags::SYN;
pub const ACK: Flags = Flags::ACK;
pub const RST: Flags = Flags::RST;
pub const FIN: Flags = Flags::FIN;

/// What the endpoint has sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    pub ip: ip::Header,
    pub tcp: tcp::Header,
    pub text: Vec<u8>,
}

pub struct Peer {
    pub end: Endpoint,
    pub now: Time,
    /// The peer's socket and the endpoint's.
    pub us: SocketAddr,
    pub them: SocketAddr,
    /// The next number that we send, and the next that we expect.
    pub seq: u32,
    pub ack: u32,
    /// What the endpoint has sent and nobody has looked at: raw, since it need not be TCP.
    pub raw: VecDeque<Vec<u8>>,
}

impl Peer {
    /// An endpoint with both addresses, and a peer with an address of the same network.
    pub fn new(ipv6: bool, change: impl FnOnce(&mut Config)) -> Self {
        let [a, b] = if ipv6 { ["fd00::1", "fd00::2"] } else { ["10.0.0.1", "10.0.0.2"] };
        let own: IpAddr = a.parse().unwrap();
        let mut config = Config::new("10.0.0.1".parse::<IpAddr>().unwrap())
            .with_address("fd00::1".parse::<IpAddr>().unwrap(), 64);
        config.key = [1, 2];
        change(&mut config);
        Self {
            end: Endpoint::new(config),
            now: Time::ZERO,
            us: SocketAddr::new(b.parse().unwrap(), 5000),
            them: SocketAddr::new(own, 80),
            seq: 1000,
            ack: 0,
            raw: VecDeque::new(),
        }
    }

    /// A header with our numbers.
    pub fn header(&self, flags: Flags) -> tcp::Header {
        tcp::Header {
            source: self.us.port(),
            destination: self.them.port(),
            seq: self.seq,
            ack: if flags.has(ACK) { self.ack } else { 0 },
            flags,
            window: 60_000,
            ..tcp::Header::default()
        }
    }

    /// Sends a segment; our numbers stay as they are.
    pub fn send(&mut self, header: &tcp::Header, text: &[u8]) {
        let ip = ip::Header::tcp(self.us.ip(), self.them.ip());
        self.send_raw(&header.packet(&ip, (text, &[])));
    }

    pub fn send_raw(&mut self, packet: &[u8]) {
        self.end.handle_packet(self.now, packet);
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(packet) = self.end.poll_packet(self.now) {
            self.raw.push_back(packet.bytes);
        }
    }

    /// Lets time pass, timers included.
    pub fn wait(&mut self, span: Duration) {
        let limit = self.now + span;
        self.collect();
        while let Some(next) = self.end.next_deadline().filter(|next| *next <= limit) {
            self.now = self.now.max(next);
            self.end.handle_deadline(self.now);
            self.collect();
        }
        self.now = self.now.max(limit);
    }

    /// The next packet that the endpoint has sent, which must be TCP.
    pub fn sent(&mut self) -> Option<Packet> {
        self.collect();
        let packet = self.raw.pop_front()?;
        let (ip, segment) = ip::Header::parse(&packet).expect("well formed");
        assert_eq!(ip.protocol, ip::TCP, "not TCP");
        let (tcp, text) = tcp::Header::parse(segment, ip.source, ip.destination).expect("well formed");
        Some(Packet { ip, tcp, text: text.to_vec() })
    }

    /// Sequence numbers and lengths of the texts that the endpoint has sent, whose checksums a device would still fill in.
    pub fn large(&mut self) -> Vec<(u32, usize)> {
        self.collect();
        let texts = self.raw.drain(..).map(|packet| {
            let (_, segment) = ip::Header::parse(&packet).expect("well formed");
            let (tcp, text) = tcp::Header::parse_verified(segment).expect("well formed");
            (tcp.seq, text.len())
        });
        texts.filter(|(_, len)| *len > 0).collect()
    }

    /// All packets that the endpoint has sent.
    pub fn all(&mut self) -> Vec<Packet> {
        std::iter::from_fn(|| self.sent()).collect()
    }

    /// The handshake of a connection to a listener; `options` go with each of our segments, timestamps with all, the rest with the SYN.
    pub fn connect(&mut self, listener: ListenerId, change: impl Fn(&mut tcp::Header)) -> ConnectionId {
        let mut syn = self.header(SYN);
        change(&mut syn);
        self.send(&syn, &[]);
        let answer = self.sent().expect("a SYN,ACK");
        assert_eq!(answer.tcp.flags, SYN.with(ACK));
        (self.seq, self.ack) = (self.seq + 1, answer.tcp.seq.wrapping_add(1));
        let mut ack = self.header(ACK);
        change(&mut ack);
        self.send(&ack, &[]);
        self.end.accept(listener).expect("established")
    }
}

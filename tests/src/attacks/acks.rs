//! A peer that lies in its acknowledgments, to be sent more than the path bears (Savage et al., "TCP Congestion Control with a Misbehaving Receiver").

use crate::peer::{ACK, Peer, SYN};
use std::time::Duration;
use tcpspec_stack::ConnectionId;
use tcpspec_stack::wire::tcp;

/// A way to acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Each second segment, once a round trip is over.
    Honest,
    /// The same of a peer that has announced segments of one octet.
    Crumbs,
    /// So many acknowledgments for each segment, of a part each.
    Divided(u32),
    /// The last number again and again, this many times in each round trip.
    Repeated(u32),
    /// What has been sent and cannot have arrived yet, this many times in each round trip.
    Early(u32),
    /// A hundred duplicates, then an acknowledgment of one octet, this many times in each round trip: each is a partial acknowledgment (RFC 6582 §3.2).
    Partial(u32),
    /// What was never sent, this many times in each round trip.
    NeverSent(u32),
    /// The last number again, and by SACK blocks (RFC 2018 §3) all that was sent after the segment there, this many times in each round trip.
    Sacked(u32),
    /// The last number again, and by SACK blocks what was never sent, this many times in each round trip.
    SackedNeverSent(u32),
    /// The last number again, and by SACK blocks single octets, others each time, this many times in each round trip.
    SackedOctets(u32),
}

impl Way {
    /// Whether it lies in SACK blocks.
    const fn is_selective(self) -> bool {
        matches!(self, Self::Sacked(_) | Self::SackedNeverSent(_) | Self::SackedOctets(_))
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lied {
    /// Octets that the peer has sent, headers included, after the handshake.
    pub paid: usize,
    /// Octets that the stack has sent, headers included.
    pub got: usize,
    /// Octets of text that were sent for the first time.
    pub text: u32,
}

const ROUND_TRIP: Duration = Duration::from_millis(100);
const ROUNDS: usize = 2;
const MSS: u16 = 1000;

/// A peer with a connection on which the stack has more to send than it may.
struct Liar {
    peer: Peer,
    id: ConnectionId,
    /// What the stack sends first, and what it has not sent yet.
    first: u32,
    next: u32,
    lied: Lied,
}

impl Liar {
    fn new(way: Way) -> Self {
        let mut peer = Peer::new(false, |config| config.send_buffer = 16 << 20);
        peer.end.stop_recording();
        let listener = peer.end.listen(80, 8).unwrap();
        let id = peer.connect(listener, |header| {
            header.window = u16::MAX;
            if header.flags.has(SYN) {
                let mss = if way == Way::Crumbs { 1 } else { MSS };
                (header.options.mss, header.options.window_scale) = (Some(mss), Some(10));
                header.options.sack_permitted = way.is_selective();
            }
        });
        peer.all();
        let first = peer.ack;
        Self { peer, id, first, next: first, lied: Lied::default() }
    }

    /// The stack never lacks text.
    fn refill(&mut self) {
        while self.peer.end.send(self.peer.now, self.id, &[1; 1 << 16]).unwrap() > 0 {}
    }

    /// Looks at what the stack has sent; where each segment ends.
    fn look(&mut self) -> Vec<u32> {
        self.refill();
        let mut ends = Vec::new();
        for packet in self.peer.all() {
            self.lied.got += 40 + packet.text.len();
            let end = packet.tcp.seq.wrapping_add(packet.text.len() as u32);
            if end.wrapping_sub(self.next) as i32 > 0 {
                self.next = end;
            }
            ends.push(end);
        }
        ends
    }

    fn acknowledge(&mut self, ack: u32) {
        self.acknowledge_with(ack, &[]);
    }

    /// The same, with SACK blocks: from the first number to the one after the last.
    fn acknowledge_with(&mut self, ack: u32, blocks: &[(u32, u32)]) {
        self.peer.ack = ack;
        let mut header = tcp::Header { window: u16::MAX, ..self.peer.header(ACK) };
        for (start, end) in blocks {
            header.options.sack.push(*start, *end);
        }
        // Two octets that do nothing, two for kind and length (RFC 2018 §3).
        self.lied.paid += 40 + if blocks.is_empty() { 0 } else { 4 + 8 * blocks.len() };
        self.peer.send(&header, &[]);
        self.refill();
    }

    /// One round trip.
    fn round(&mut self, way: Way) {
        let ends = self.look();
        self.peer.wait(ROUND_TRIP);
        let last = self.next;
        match way {
            Way::Honest | Way::Crumbs => {
                ends.chunks(2).filter_map(<[u32]>::last).for_each(|end| self.acknowledge(*end))
            }
            Way::Divided(parts) => {
                for end in ends {
                    let part = u32::from(MSS) / parts;
                    (0..parts).rev().for_each(|left| self.acknowledge(end.wrapping_sub(left * part)));
                }
            }
            Way::Repeated(times) => (0..times).for_each(|_| self.acknowledge(last)),
            Way::Early(times) => {
                for _ in 0..times {
                    self.acknowledge(self.next);
                    self.look();
                }
            }
            Way::Partial(times) => {
                let mut ack = self.peer.ack;
                for _ in 0..times {
                    (0..100).for_each(|_| self.acknowledge(ack));
                    ack = ack.wrapping_add(1);
                    self.acknowledge(ack);
                    self.look();
                }
            }
            Way::NeverSent(times) => {
                self.acknowledge(last);
                self.look();
                (0..times).for_each(|_| self.acknowledge(self.next.wrapping_add(100_000)));
            }
            Way::Sacked(times) => {
                let ack = self.peer.ack;
                for _ in 0..times {
                    self.acknowledge_with(ack, &[(ack.wrapping_add(MSS.into()), self.next)]);
                    self.look();
                }
            }
            Way::SackedNeverSent(times) => {
                let ack = self.peer.ack;
                for n in 0..times {
                    let beyond = self.next.wrapping_add(1 + n * u32::from(MSS));
                    self.acknowledge_with(ack, &[(beyond, beyond.wrapping_add(MSS.into()))]);
                    self.look();
                }
            }
            Way::SackedOctets(times) => {
                let ack = self.peer.ack;
                for n in 0..times {
                    let octet = |which: u32| {
                        let at = ack.wrapping_add(MSS.into()).wrapping_add(2 * (3 * n + which));
                        (at, at.wrapping_add(1))
                    };
                    self.acknowledge_with(ack, &[octet(0), octet(1), octet(2)]);
                    self.look();
                }
            }
        }
    }
}

/// Two round trips.
pub fn lie(way: Way) -> Lied {
    let mut liar = Liar::new(way);
    (0..ROUNDS).for_each(|_| liar.round(way));
    liar.look();
    Lied { text: liar.next.wrapping_sub(liar.first), ..liar.lied }
}

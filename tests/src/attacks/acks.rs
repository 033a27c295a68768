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
    fn new() -> Self {
        let mut peer = Peer::new(false, |config| config.send_buffer = 16 << 20);
        peer.end.stop_recording();
        let listener = peer.end.listen(80, 8).unwrap();
        let id = peer.connect(listener, |header| {
            header.window = u16::MAX;
            if header.flags.has(SYN) {
                (header.options.mss, header.options.window_scale) = (Some(MSS), Some(10));
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
        self.peer.ack = ack;
        let header = tcp::Header { window: u16::MAX, ..self.peer.header(ACK) };
        self.lied.paid += 40;
        self.peer.send(&header, &[]);
        self.refill();
    }

    /// One round trip.
    fn round(&mut self, way: Way) {
        let ends = self.look();
        self.peer.wait(ROUND_TRIP);
        let last = self.next;
        match way {
            Way::Honest => ends.chunks(2).filter_map(<[u32]>::last).for_each(|end| self.acknowledge(*end)),
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
        }
    }
}

/// Two round trips.
pub fn lie(way: Way) -> Lied {
    let mut liar = Liar::new();
    (0..ROUNDS).for_each(|_| liar.round(way));
    liar.look();
    Lied { text: liar.next.wrapping_sub(liar.first), ..liar.lied }
}

//! SYNs from all the world for a port that somebody listens on.

use crate::ends::{PORT, TURN};
use crate::forge::{Forged, Random, packet, peer};
use crate::ours::{SERVER, config, look};
use crate::smol::Smol;
use std::net::SocketAddrV4;
use tcpspec_stack::{Endpoint, Time};

/// SYNs that come in turn: more than a backlog, so that each is new when it comes again.
const SYNS: usize = 65_536;

enum Server {
    Ours(Box<Endpoint>),
    /// Its one socket is in SYN-RECEIVED from the first SYN on, so that it answers the others with RST.
    Smoltcp(Box<Smol>),
}

/// A server, and the SYNs.
pub(crate) struct Flood {
    server: Server,
    syns: Vec<Vec<u8>>,
    next: usize,
    now: Time,
}

impl Flood {
    pub(crate) fn new(smoltcp: bool) -> Self {
        let server = if smoltcp {
            Server::Smoltcp(Box::new(Smol::new(4096)))
        } else {
            let mut endpoint = Endpoint::new(config(SERVER, true));
            endpoint.listen(PORT, 128).expect("the port is free");
            Server::Ours(Box::new(endpoint))
        };
        let mut random = Random(1);
        let mut syn = |number| {
            let from: SocketAddrV4 = peer(number);
            let seq = random.below(1 << 31) as u32;
            packet(&Forged { from, seq, ack: None, syn: true, text: &[], timestamps: Some((1, 0)) })
        };
        Self { server, syns: (0..SYNS).map(&mut syn).collect(), next: 0, now: Time::ZERO }
    }

    /// So many SYNs; each is one packet and has one for an answer, which nobody reads.
    pub(crate) fn go_on(&mut self, syns: usize) -> usize {
        for _ in 0..syns {
            self.next = (self.next + 1) % SYNS;
            let syn = &self.syns[self.next];
            match &mut self.server {
                Server::Smoltcp(server) => {
                    server.answer(syn);
                }
                Server::Ours(server) => {
                    self.now = self.now + TURN;
                    look(server, self.now);
                    server.handle_packet(self.now, syn);
                    while let Some(packet) = server.poll_packet(self.now) {
                        server.recycle(packet);
                    }
                }
            }
        }
        syns
    }
}

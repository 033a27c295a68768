//! A server with many connections, all of them open. The peers are packets.

use crate::ends::PORT;
use crate::forge::{Forged, Random, packet, peer, read};
use crate::ours::{SERVER, config, look};
use std::time::Duration;
use tcpspec_stack::{ConnectionId, Endpoint, Received, Time};

/// Packets that are made at a time, before the clock starts.
const PREPARED: usize = 8192;

/// What a peer knows.
struct Peer {
    id: ConnectionId,
    /// Its next sequence number, and ours.
    seq: u32,
    ack: u32,
    /// Our clock.
    clock: Option<u32>,
}

/// A server with its connections.
pub(crate) struct Many {
    server: Endpoint,
    peers: Vec<Peer>,
    burst: usize,
    now: Time,
    random: Random,
    prepared: Vec<(ConnectionId, Vec<u8>)>,
}

impl Many {
    pub(crate) fn new(count: usize, burst: usize, options: bool) -> Self {
        let mut settings = config(SERVER, options);
        (settings.max_connections, settings.memory) = (count + 1, 0);
        let mut server = Endpoint::new(settings);
        let listener = server.listen(PORT, 16).expect("the port is free");
        let mut now = Time::ZERO;
        let stamp = |time: Time| options.then(|| 1 + time.since_origin().as_millis() as u32);
        let peers = (0..count)
            .map(|number| {
                now = now + Duration::from_micros(100);
                let from = peer(number);
                let seq = number as u32;
                let stamps = stamp(now).map(|val| (val, 0));
                let syn = Forged { from, seq, ack: None, syn: true, text: &[], timestamps: stamps };
                server.handle_packet(now, &packet(&syn));
                let (iss, clock) = read(&server.poll_packet(now).expect("a SYN is answered"));
                let (seq, ack) = (seq + 1, iss.wrapping_add(1));
                let stamps = stamp(now).zip(clock);
                let answer = Forged { from, seq, ack: Some(ack), syn: false, text: &[], timestamps: stamps };
                server.handle_packet(now, &packet(&answer));
                let id = server.accept(listener).expect("the connection is there");
                Peer { id, seq, ack, clock }
            })
            .collect();
        Self { server, peers, burst, now, random: Random(3), prepared: Vec::new() }
    }

    /// Makes packets, until there are [`PREPARED`]: one octet each, [`Self::burst`] in turn for the same connection.
    pub(crate) fn prepare(&mut self) {
        let stamp = 1 + self.now.since_origin().as_millis() as u32;
        while self.prepared.len() < PREPARED {
            let number = self.random.below(self.peers.len());
            let Peer { id, seq, ack, clock } = &mut self.peers[number];
            for _ in 0..self.burst {
                let timestamps = clock.map(|clock| (stamp, clock));
                let from = peer(number);
                let text = Forged { from, seq: *seq, ack: Some(*ack), syn: false, text: b"x", timestamps };
                self.prepared.push((*id, packet(&text)));
                *seq = seq.wrapping_add(1);
            }
        }
    }

    /// Takes in what was prepared, so many packets at most: each burst, its acknowledgment, and the program that reads.
    pub(crate) fn go_on(&mut self, packets: usize) -> usize {
        if self.prepared.is_empty() {
            self.prepare();
        }
        let mut done = 0;
        for burst in self.prepared.chunks(self.burst) {
            self.now = self.now + Duration::from_micros(1);
            look(&mut self.server, self.now);
            for (_, packet) in burst {
                self.server.handle_packet(self.now, packet);
            }
            let mut text = [0; 64];
            let received = self.server.receive(self.now, burst[0].0, &mut text);
            assert_eq!(received, Ok(Received::Text(burst.len())));
            while let Some(packet) = self.server.poll_packet(self.now) {
                self.server.recycle(packet);
            }
            done += burst.len();
            if done >= packets {
                break;
            }
        }
        self.prepared.drain(..done);
        done
    }
}

//! Two endpoints in simulated time, and users who write, read and close.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Link, Sent};
use tcpspec_stack::{ConnectionId, Endpoint, Error, ListenerId, Received};

pub const LATENCY: Duration = Duration::from_millis(10);
pub const MINUTE: Duration = Duration::from_secs(60);

/// A generator of numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Text in which each place is different.
pub fn text(len: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..len).map(|_| random.below(256) as u8).collect()
}

/// One end of a transfer: what it still has to write, and what it has read.
pub struct User {
    pub end: usize,
    pub id: Option<ConnectionId>,
    pub unsent: Vec<u8>,
    pub read: Vec<u8>,
    pub closed: bool,
    pub ended: bool,
    pub error: Option<Error>,
}

impl User {
    pub fn new(end: usize, id: Option<ConnectionId>, unsent: Vec<u8>) -> Self {
        Self { end, id, unsent, read: Vec::new(), closed: false, ended: false, error: None }
    }

    /// Writes, reads and closes as far as possible.
    pub fn work(&mut self, link: &mut Link) {
        let (Some(id), now) = (self.id, link.now()) else { return };
        let end = &mut link.ends[self.end];
        let status = end.status(id).unwrap();
        self.error = self.error.or(status.error);
        // CLOSE before that would give the attempt up (§3.10.4).
        if !status.established {
            return;
        }
        if self.error.is_none() && !self.unsent.is_empty() {
            match end.send(now, id, &self.unsent) {
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error) => self.error = Some(error),
            }
        }
        if self.error.is_none() && self.unsent.is_empty() && !self.closed {
            self.closed = end.close(now, id).is_ok();
        }
        let mut buffer = [0; 4096];
        while !self.ended && self.error.is_none() {
            match end.receive(now, id, &mut buffer) {
                Ok(Received::Text(n)) => self.read.extend(&buffer[..n]),
                Ok(Received::Nothing) => break,
                Ok(Received::End) => self.ended = true,
                Err(error) => self.error = Some(error),
            }
        }
    }

    pub fn done(&self) -> bool {
        self.error.is_some() || (self.closed && self.ended)
    }
}

/// A client and a server that each send a text, read the other's to its end and close.
pub fn transfer(link: &mut Link, texts: [Vec<u8>; 2], span: Duration) -> [User; 2] {
    let server = socket(&link.ends[1], 80);
    transfer_to(link, server, texts, span)
}

/// The same, with this socket of the second end as the server's.
pub fn transfer_to(link: &mut Link, server: SocketAddr, texts: [Vec<u8>; 2], span: Duration) -> [User; 2] {
    let listener = link.ends[1].listen(server.port(), 4).unwrap();
    let now = link.now();
    let id = link.ends[0].connect(now, None, server).unwrap();
    let [a, b] = texts;
    let mut users = [User::new(0, Some(id), a), User::new(1, None, b)];
    link.run_until(span, |link| {
        if users[1].id.is_none() {
            users[1].id = link.ends[1].accept(listener);
        }
        for user in &mut users {
            user.work(link);
        }
        // A server that was never reached has nothing to say.
        users[0].done() && (users[1].done() || users[1].id.is_none())
    });
    users
}

/// A socket.
pub fn socket(end: &Endpoint, port: u16) -> SocketAddr {
    SocketAddr::new(end.address(), port)
}

/// A socket with the IPv6 address.
pub fn socket6(end: &Endpoint, port: u16) -> SocketAddr {
    SocketAddr::new(end.config().addresses().find(IpAddr::is_ipv6).unwrap(), port)
}

/// An established connection: listener, client, server.
pub fn connected(link: &mut Link) -> (ListenerId, ConnectionId, ConnectionId) {
    let listener = link.ends[1].listen(80, 4).unwrap();
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, Some(5000), remote).unwrap();
    link.run_for(LATENCY * 4);
    let server = link.ends[1].accept(listener).expect("established");
    (listener, client, server)
}

pub fn state(link: &Link, end: usize, id: ConnectionId) -> State {
    link.ends[end].status(id).unwrap().state
}

/// Who has sent what; of segments sent at the same time the first end's first.
pub fn flags(log: &[Sent]) -> Vec<(usize, String)> {
    let mut log: Vec<_> = log.iter().collect();
    log.sort_by_key(|sent| (sent.at, sent.from));
    log.iter().map(|sent| (sent.from, sent.header.flags.to_string())).collect()
}

pub fn named(list: &[(usize, &str)]) -> Vec<(usize, String)> {
    list.iter().map(|(from, flags)| (*from, (*flags).to_owned())).collect()
}

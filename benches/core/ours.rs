//! Two endpoints of ours.

use crate::ends::{BATCH, Ends, MTU, PORT, Side, TURN};
use std::net::Ipv4Addr;
use std::time::Duration;
use tcpspec_stack::{Config, ConnectionId, Endpoint, ListenerId, Received, Time};

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// Settings: the defaults, with numbers that repeat. `options`: timestamps and selective acknowledgments, on both ends.
pub(crate) fn config(address: Ipv4Addr, options: bool) -> Config {
    let mut config = Config::new(address);
    config.mtu = MTU as u16;
    config.key = [7; 2];
    config.timestamps = options;
    config.sack = options;
    config
}

/// What every driver does in each turn: it asks when something is due, and does what is.
pub(crate) fn look(end: &mut Endpoint, now: Time) {
    while end.next_deadline().is_some_and(|due| due <= now) {
        end.handle_deadline(now);
    }
}

/// Two endpoints.
pub(crate) struct Ours {
    ends: [Endpoint; 2],
    connections: [Option<ConnectionId>; 2],
    listener: ListenerId,
    now: Time,
}

impl Ours {
    pub(crate) fn new(options: bool) -> Self {
        let mut server = Endpoint::new(config(SERVER, options));
        let listener = server.listen(PORT, 16).expect("the port is free");
        let ends = [Endpoint::new(config(CLIENT, options)), server];
        Self { ends, connections: [None; 2], listener, now: Time::ZERO }
    }

    fn connection(&self, side: Side) -> ConnectionId {
        self.connections[side as usize].expect("there is a connection")
    }
}

impl Ends for Ours {
    fn connect(&mut self) {
        let id = self.ends[0].connect(self.now, None, (SERVER, PORT).into()).expect("there is a port");
        self.connections[0] = Some(id);
    }

    fn accept(&mut self) -> bool {
        self.connections[1] = self.ends[1].accept(self.listener);
        self.connections[1].is_some()
    }

    fn send(&mut self, side: Side, text: &[u8]) -> usize {
        let id = self.connection(side);
        self.ends[side as usize].send(self.now, id, text).expect("the connection stands")
    }

    fn receive(&mut self, side: Side, into: &mut [u8]) -> usize {
        let id = self.connection(side);
        match self.ends[side as usize].receive(self.now, id, into).expect("the connection stands") {
            Received::Text(octets) => octets,
            Received::Nothing | Received::End => 0,
        }
    }

    fn close(&mut self, side: Side) {
        let id = self.connection(side);
        self.ends[side as usize].close(self.now, id).expect("the connection stands");
    }

    fn release(&mut self, side: Side) {
        let id = self.connection(side);
        self.ends[side as usize].release(self.now, id);
        self.connections[side as usize] = None;
    }

    fn turn(&mut self, side: Side) -> usize {
        self.now = self.now + TURN;
        let [client, server] = &mut self.ends;
        let (from, to) = if side == Side::Client { (client, server) } else { (server, client) };
        look(from, self.now);
        let mut moved = 0;
        while moved < BATCH
            && let Some(packet) = from.poll_packet(self.now)
        {
            to.handle(self.now, &packet.bytes, packet.offload);
            from.recycle(packet);
            moved += 1;
        }
        moved
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        for end in &mut self.ends {
            look(end, self.now);
        }
    }
}

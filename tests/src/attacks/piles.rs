//! What a stack holds for peers that ask for much and give little, and for how long.

use crate::peer::{ACK, FIN, Peer, RST, SYN};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcpspec_stack::{ConnectionId, Listen, ListenerId};

/// What is held for all connections of an attacker.
#[derive(Clone, Debug)]
pub struct Pile {
    pub name: &'static str,
    /// How many there were.
    pub count: u64,
    /// Packets and octets that the attacker has sent, in all.
    pub paid: (u64, u64),
    /// Octets that are held, in all: at once, ten minutes later, and a day later.
    pub held: [usize; 3],
}

struct Crowd<'a> {
    peer: Peer,
    listener: ListenerId,
    /// A listener of a gateway: its program decides about each SYN.
    gate: ListenerId,
    memory: &'a dyn Fn() -> usize,
    paid: (u64, u64),
    /// What is sent to the attacker is acknowledged, with this window. With one of nothing no text is taken.
    answers: Option<u16>,
}

/// Where the gateway listens.
const GATE: u16 = 90;
const TEN_MINUTES: Duration = Duration::from_secs(600);
/// How long an attacker takes to answer.
const STEP: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl<'a> Crowd<'a> {
    fn new(memory: &'a dyn Fn() -> usize) -> Self {
        let mut peer = Peer::new(false, |_| {});
        peer.end.stop_recording();
        let mut listen = Listen::on(80);
        listen.cookies = false;
        let listener = peer.end.listen_with(&listen).unwrap();
        let mut listen = Listen::on(GATE);
        listen.hold = true;
        let gate = peer.end.listen_with(&listen).unwrap();
        peer.raw.reserve(1 << 12);
        Self { peer, listener, gate, memory, paid: (0, 0), answers: None }
    }

    fn send(&mut self, flags: tcpspec::Flags, seq: u32, window: u16, text: &[u8]) {
        let mut header = self.peer.header(flags);
        (header.seq, header.window) = (seq, window);
        header.options.mss = flags.has(SYN).then_some(1460);
        let ip = tcpspec_stack::wire::ip::Header::tcp(self.peer.us.ip(), self.peer.them.ip());
        let packet = header.packet(&ip, (text, &[]));
        self.paid = (self.paid.0 + 1, self.paid.1 + packet.len() as u64);
        self.peer.send_raw(&packet);
    }

    fn come_from(&mut self, n: u64) {
        let host = Ipv4Addr::from(0x0b00_0000 + (n / 60_000) as u32);
        self.peer.us = SocketAddr::from((host, (n % 60_000) as u16 + 1024));
        self.peer.seq = 1000;
    }

    /// A connection that the program has taken.
    fn connect(&mut self, n: u64) -> ConnectionId {
        self.come_from(n);
        self.send(SYN, 1000, 60_000, b"");
        let answer = self.peer.sent().expect("a SYN,ACK");
        self.peer.ack = answer.tcp.seq.wrapping_add(1);
        self.peer.seq = 1001;
        self.send(ACK, 1001, 60_000, b"");
        self.peer.raw.clear();
        self.peer.end.accept(self.listener).expect("established")
    }

    fn wait(&mut self, span: Duration) {
        let mut left = span;
        while let Some(window) = self.answers.filter(|_| left > STEP) {
            self.peer.wait(STEP);
            left -= STEP;
            for packet in self.peer.all() {
                if !packet.tcp.flags.has(RST) {
                    self.peer.us = SocketAddr::new(packet.ip.destination, packet.tcp.destination);
                    let taken = if window == 0 { 0 } else { packet.text.len() as u32 };
                    (self.peer.seq, self.peer.ack) = (packet.tcp.ack, packet.tcp.seq.wrapping_add(taken));
                    self.send(ACK, packet.tcp.ack, window, b"");
                }
            }
            self.peer.raw.clear();
        }
        self.peer.wait(left);
        self.peer.raw.clear();
    }
}

/// Does the same for so many, and looks at what is held.
fn pile(
    memory: &dyn Fn() -> usize,
    (name, count): (&'static str, u64),
    each: impl Fn(&mut Crowd<'_>, u64),
) -> Pile {
    let mut crowd = Crowd::new(memory);
    // What is kept for the next ones is there.
    let warm = crowd.connect(u64::from(u16::MAX));
    crowd.peer.end.abort(crowd.peer.now, warm).unwrap();
    crowd.peer.end.release(crowd.peer.now, warm);
    crowd.wait(TEN_MINUTES);
    crowd.paid = (0, 0);
    let before = (crowd.memory)();
    for n in 0..count {
        each(&mut crowd, n);
        crowd.peer.raw.clear();
    }
    let held = |crowd: &Crowd<'_>| (crowd.memory)().saturating_sub(before);
    let now = held(&crowd);
    crowd.wait(TEN_MINUTES);
    let later = held(&crowd);
    crowd.wait(DAY);
    Pile { name, count, paid: crowd.paid, held: [now, later, held(&crowd)] }
}

/// All piles. `memory`: octets that are allocated.
pub fn piles(memory: &dyn Fn() -> usize) -> Vec<Pile> {
    let pile = |name, count, each: &dyn Fn(&mut Crowd<'_>, u64)| pile(memory, (name, count), each);
    vec![
        pile("SYNs whose handshake never ends", 100_000, &|crowd, n| {
            crowd.come_from(n);
            crowd.send(SYN, 1000, 60_000, b"");
        }),
        pile("SYNs to a gateway whose program asks for them and never decides", 100_000, &|crowd, n| {
            crowd.come_from(n);
            crowd.peer.them.set_port(GATE);
            crowd.send(SYN, 1000, 60_000, b"");
            crowd.peer.end.request(crowd.peer.now, crowd.gate);
        }),
        pile("handshakes that the program never accepts", 100_000, &|crowd, n| {
            crowd.come_from(n);
            crowd.send(SYN, 1000, 60_000, b"");
            if let Some(answer) = crowd.peer.sent() {
                crowd.peer.ack = answer.tcp.seq.wrapping_add(1);
                crowd.send(ACK, 1001, 60_000, b"");
            }
        }),
        pile("idle connections that the program keeps", 1000, &|crowd, n| {
            crowd.connect(n);
        }),
        pile("text of the program, 100,000 octets, behind a closed window", 100, &|crowd, n| {
            let id = crowd.connect(n);
            crowd.send(ACK, 1001, 0, b"");
            crowd.peer.end.send(crowd.peer.now, id, &[7; 100_000]).unwrap();
        }),
        pile("the same, and each probe is acknowledged", 100, &|crowd, n| {
            let id = crowd.connect(n);
            crowd.send(ACK, 1001, 0, b"");
            crowd.peer.end.send(crowd.peer.now, id, &[7; 100_000]).unwrap();
            crowd.answers = Some(0);
        }),
        pile("the same, and the program closes", 100, &|crowd, n| {
            let id = crowd.connect(n);
            crowd.send(ACK, 1001, 0, b"");
            crowd.peer.end.send(crowd.peer.now, id, &[7; 100_000]).unwrap();
            crowd.peer.end.release(crowd.peer.now, id);
            crowd.answers = Some(0);
        }),
        pile(
            "text of the program, 100,000 octets, a window of one octet for ever, and the program closes",
            10,
            &|crowd, n| {
                let id = crowd.connect(n);
                crowd.send(ACK, 1001, 1, b"");
                crowd.peer.end.send(crowd.peer.now, id, &[7; 100_000]).unwrap();
                crowd.peer.end.release(crowd.peer.now, id);
                crowd.answers = Some(1);
            },
        ),
        pile("segments of 1000 octets, each second one missing, to the window's end", 100, &|crowd, n| {
            crowd.connect(n);
            (0..32).for_each(|at| crowd.send(ACK, 2001 + at * 2000, 60_000, &[7; 1000]));
        }),
        pile("octets one by one, each second one missing, to the window's end", 10, &|crowd, n| {
            crowd.connect(n);
            (0..32_000).for_each(|at| crowd.send(ACK, 1002 + at * 2, 60_000, &[7]));
        }),
        pile("connections that the program closes and the peer never does", 10_000, &|crowd, n| {
            let id = crowd.connect(n);
            crowd.peer.end.release(crowd.peer.now, id);
            crowd.peer.ack = crowd.peer.ack.wrapping_add(1);
            crowd.send(ACK, 1001, 60_000, b"");
        }),
        pile("connections that the peer closes and the program keeps", 1000, &|crowd, n| {
            crowd.connect(n);
            crowd.send(FIN.with(ACK), 1001, 60_000, b"");
        }),
        pile("connections in TIME-WAIT", 10_000, &|crowd, n| {
            let id = crowd.connect(n);
            crowd.peer.end.release(crowd.peer.now, id);
            crowd.peer.ack = crowd.peer.ack.wrapping_add(1);
            crowd.send(FIN.with(ACK), 1001, 60_000, b"");
        }),
    ]
}

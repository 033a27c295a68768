//! Two stacks of ours that hold different things to be true of one connection: how much they say to each other, and when it is over.
//!
//! No run of two honest ends leads there. An attacker leads there who takes part in both handshakes, and so do crashes with the quiet time left out.

use crate::peer::{ACK, FIN, Peer, SYN};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::{Config, ConnectionId, Time};

/// What two ends hold to be true, and what comes of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: &'static str,
    /// Packets of both within an hour.
    pub packets: usize,
    /// Most packets of both within a second.
    pub worst: usize,
    /// When neither had a connection any more.
    pub over: Option<Duration>,
}

const HOUR: Duration = Duration::from_secs(3600);
/// One way.
const LATENCY: Duration = Duration::from_millis(10);
/// When the programs close.
const CLOSES: Duration = Duration::from_secs(10);
/// Packets of a run at most: a storm ends there.
pub const MOST: usize = 100_000;

/// An end with its connection, if it has one.
struct End {
    peer: Peer,
    id: Option<ConnectionId>,
}

/// What an end has been told by somebody who is not the other end.
#[derive(Clone, Copy)]
struct Told {
    /// The first number of the other end.
    irs: u32,
    timestamps: bool,
}

fn socket(end: usize) -> SocketAddr {
    ([10, 0, 0, 1 + end as u8], [80, 5000][end]).into()
}

/// An end that nobody has connected to yet.
fn alone(end: usize) -> Peer {
    let mut peer = Peer::new(false, |config| {
        let key = config.key;
        *config = Config::new(socket(end).ip());
        config.key = key;
    });
    peer.end.stop_recording();
    (peer.us, peer.them) = (socket(1 - end), socket(end));
    peer
}

/// An end with a connection to the other one, whose part somebody else has played; and its own first number.
fn connected(end: usize, told: Told) -> (End, u32) {
    let mut peer = alone(end);
    let listener = peer.end.listen(socket(end).port(), 1).unwrap();
    peer.seq = told.irs;
    let id = peer.connect(listener, |header| {
        header.options.mss = header.flags.has(SYN).then_some(1460);
        header.options.timestamps = told.timestamps.then_some(Timestamps { val: 1, ecr: 0 });
    });
    peer.end.close_listener(peer.now, listener);
    let iss = peer.ack.wrapping_sub(1);
    (End { peer, id: Some(id) }, iss)
}

/// Both ends, each of which takes the other's numbers to be so much larger than they are.
fn apart(by: [u32; 2], timestamps: [bool; 2]) -> [End; 2] {
    // A pair has the same first number at the same time, whatever the other end says.
    let iss = [0, 1].map(|end| connected(end, Told { irs: 0, timestamps: true }).1);
    [0, 1].map(|end| {
        let told = Told { irs: iss[1 - end].wrapping_add(by[end]), timestamps: timestamps[end] };
        connected(end, told).0
    })
}

/// The first end has closed with somebody else, and waits in TIME-WAIT.
fn in_time_wait(mut ends: [End; 2]) -> [End; 2] {
    let End { peer, id } = &mut ends[0];
    peer.end.release(peer.now, id.take().expect("it is connected"));
    peer.wait(Duration::ZERO);
    peer.raw.clear();
    peer.ack = peer.ack.wrapping_add(1);
    let fin = peer.header(FIN.with(ACK));
    peer.send(&fin, b"");
    peer.raw.clear();
    ends
}

/// Both send, then both close; the network loses nothing.
fn case(name: &'static str, mut ends: [End; 2]) -> Case {
    let mut under_way: BTreeMap<(Time, usize), (usize, Vec<u8>)> = BTreeMap::new();
    let mut now = Time::ZERO;
    let (mut packets, mut over, mut closed) = (0, None, false);
    let mut seconds: BTreeMap<u64, usize> = BTreeMap::new();
    for End { peer, id } in &mut ends {
        peer.raw.clear();
        if let Some(id) = id {
            peer.end.send(now, *id, &[0x61; 1000]).unwrap();
        }
    }
    while packets < MOST {
        for (at, End { peer, .. }) in ends.iter_mut().enumerate() {
            peer.wait(Duration::ZERO);
            for packet in peer.raw.drain(..) {
                packets += 1;
                *seconds.entry(now.since_origin().as_secs()).or_default() += 1;
                under_way.insert((now + LATENCY, packets), (1 - at, packet));
            }
        }
        if over.is_none() && ends.iter().all(|end| end.peer.end.connections() == 0) {
            over = Some(now.since_origin());
        }
        let timers = ends.iter().filter_map(|end| end.peer.end.next_deadline());
        let arrival = under_way.first_key_value().map(|((at, _), _)| *at);
        let close = (!closed).then_some(Time::ZERO + CLOSES);
        let Some(next) = timers.chain(arrival).chain(close).min().map(|next| next.max(now)) else { break };
        if next > Time::ZERO + HOUR {
            break;
        }
        now = next;
        for End { peer, id } in &mut ends {
            peer.now = now;
            if now >= Time::ZERO + CLOSES
                && let Some(id) = id.take()
            {
                peer.end.release(now, id);
            }
            peer.end.handle_deadline(now);
        }
        closed |= now >= Time::ZERO + CLOSES;
        while let Some(arrived) = under_way.first_entry().filter(|first| first.key().0 <= now) {
            let (to, packet) = arrived.remove();
            ends[to].peer.send_raw(&packet);
        }
    }
    Case { name, packets, worst: seconds.into_values().max().unwrap_or(0), over }
}

/// All kinds of disagreement.
pub fn cases() -> Vec<Case> {
    const HALF: u32 = 1 << 31;
    let less = 0u32.wrapping_sub(100);
    let with = [true, true];
    let mut crashed = apart([0, 0], with);
    crashed[0] = End { peer: alone(0), id: None };
    vec![
        case("none: they agree", apart([0, 0], with)),
        case("each takes the other's numbers to be 100 larger", apart([100, 100], with)),
        case("each takes the other's numbers to be 100 smaller", apart([less, less], with)),
        case("one larger, one smaller", apart([100, less], with)),
        case("only one is wrong, by 100", apart([100, 0], with)),
        case("each is wrong by half of the space", apart([HALF, HALF], with)),
        case("the same, without timestamps", apart([HALF, HALF], [false, false])),
        case("only one uses timestamps", apart([0, 0], [true, false])),
        case("only one uses timestamps, and numbers are wrong, too", apart([100, less], [true, false])),
        case("one has no connection", crashed),
        case("one is in TIME-WAIT, with the same numbers", in_time_wait(apart([0, 0], with))),
        case("one is in TIME-WAIT, with others", in_time_wait(apart([100, 100], with))),
    ]
}

//! Two stacks of ours that hold different things to be true of one connection: how much they say to each other, and when it is over.
//!
//! Two honest ends never come to this. It takes an attacker with a part in both handshakes, or a crash without the quiet time.

use crate::peer::{ACK, FIN, Peer, SYN};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::{Config, ConnectionId, Received, Time};

/// What two ends hold to be true, and what comes of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: &'static str,
    /// Packets of both within an hour.
    pub packets: usize,
    /// Most packets of both within a second.
    pub worst: usize,
    /// Octets of text that both programs have read.
    pub read: usize,
    /// When neither had a connection any more.
    pub over: Option<Duration>,
}

const HOUR: Duration = Duration::from_secs(3600);
/// One way.
const LATENCY: Duration = Duration::from_millis(10);
/// When the programs close.
const CLOSES: Duration = Duration::from_secs(10);
/// Packets of a run at most: a storm ends there.
const MOST: usize = 100_000;

/// An end with its connection, if it has one.
struct End {
    peer: Peer,
    id: Option<ConnectionId>,
}

/// What an end says in its first segment, or is told that the other end says.
#[derive(Clone, Copy)]
struct Told {
    /// The first number.
    iss: u32,
    /// The clock for timestamps, if they are in use.
    stamp: Option<u32>,
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

/// What an end says to a SYN with timestamps. To the same pair it says the same again.
fn says(end: usize) -> Told {
    let mut peer = alone(end);
    peer.end.listen(socket(end).port(), 1).unwrap();
    let mut syn = peer.header(SYN);
    syn.options.timestamps = Some(Timestamps { val: 1, ecr: 0 });
    peer.send(&syn, b"");
    let answer = peer.sent().expect("a SYN,ACK").tcp;
    Told { iss: answer.seq, stamp: answer.options.timestamps.map(|stamps| stamps.val) }
}

/// An end with a connection to the other one, whose part somebody else has played.
fn connected(end: usize, told: Told) -> End {
    let mut peer = alone(end);
    let listener = peer.end.listen(socket(end).port(), 1).unwrap();
    peer.seq = told.iss;
    let id = peer.connect(listener, |header| {
        header.options.mss = header.flags.has(SYN).then_some(1460);
        header.options.timestamps = told.stamp.map(|val| Timestamps { val, ecr: 0 });
    });
    peer.end.close_listener(peer.now, listener);
    End { peer, id: Some(id) }
}

/// Both ends, each of which takes the other's numbers to be so much larger than they are, and so the other's clock if that is in use.
fn apart(numbers: [u32; 2], clocks: [Option<u32>; 2]) -> [End; 2] {
    [0, 1].map(|end| {
        let other = says(1 - end);
        let stamp = other.stamp.zip(clocks[end]).map(|(stamp, by)| stamp.wrapping_add(by));
        connected(end, Told { iss: other.iss.wrapping_add(numbers[end]), stamp })
    })
}

/// The first end has closed with somebody else, and waits in TIME-WAIT.
fn in_time_wait(mut ends: [End; 2]) -> [End; 2] {
    let End { peer, id } = &mut ends[0];
    peer.end.release(peer.now, id.take().expect("it is connected"));
    peer.wait(Duration::ZERO);
    peer.raw.clear();
    peer.ack = peer.ack.wrapping_add(1);
    let mut fin = peer.header(FIN.with(ACK));
    fin.options.timestamps = says(1).stamp.map(|val| Timestamps { val, ecr: 0 });
    peer.send(&fin, b"");
    peer.raw.clear();
    assert_eq!(peer.end.table().0[0].state, State::TimeWait);
    ends
}

/// Both send, then both read and close; the network loses nothing.
fn case(name: &'static str, mut ends: [End; 2]) -> Case {
    let mut under_way: BTreeMap<(Time, usize), (usize, Vec<u8>)> = BTreeMap::new();
    let mut now = Time::ZERO;
    let (mut packets, mut read, mut over, mut closed) = (0, 0, None, false);
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
                let mut text = [0; 4096];
                while let Ok(Received::Text(len)) = peer.end.receive(now, id, &mut text) {
                    read += len;
                }
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
    Case { name, packets, read, worst: seconds.into_values().max().unwrap_or(0), over }
}

/// All kinds of disagreement.
pub fn cases() -> Vec<Case> {
    const HALF: u32 = 1 << 31;
    let less = 0u32.wrapping_sub(100);
    let (same, without) = ([Some(0); 2], [None; 2]);
    let mut crashed = apart([0, 0], same);
    crashed[0] = End { peer: alone(0), id: None };
    vec![
        case("nothing: they agree", apart([0, 0], same)),
        case("each takes the other's numbers to be 100 larger", apart([100, 100], same)),
        case("each takes the other's numbers to be 100 smaller", apart([less, less], same)),
        case("one larger, one smaller", apart([100, less], same)),
        case("only one is wrong, by 100", apart([100, 0], same)),
        case("each is wrong by half of the space", apart([HALF, HALF], same)),
        case("the same, without timestamps", apart([HALF, HALF], without)),
        case("each takes the other's clock to be far ahead", apart([0, 0], [Some(HALF - 1); 2])),
        case("the same, and numbers are 100 smaller", apart([less, less], [Some(HALF - 1); 2])),
        case("only one uses timestamps", apart([0, 0], [Some(0), None])),
        case("only one uses timestamps, and numbers are wrong, too", apart([100, less], [Some(0), None])),
        case("one has no connection", crashed),
        case("one is in TIME-WAIT, with the same numbers", in_time_wait(apart([0, 0], same))),
        case("one is in TIME-WAIT, with others", in_time_wait(apart([100, 100], same))),
    ]
}

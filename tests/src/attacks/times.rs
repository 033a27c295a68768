//! Whether the time that a guess takes tells what the answer does not tell.
//!
//! A guess that is right in part and one that is wrong are drawn by lot, again and again. What is measured is the time from handing a packet over until its
//! answer is there or it is certain that there is none: no network is faster than that.

use crate::peer::{ACK, Peer, RST, SYN};
use crate::simulated::Random;
use std::time::{Duration, Instant};
use tcpspec::Flags;
use tcpspec_stack::Listen;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::{ip, tcp};

/// Two guesses, in nanoseconds.
#[derive(Clone, Debug)]
pub struct Timed {
    pub name: &'static str,
    /// How many answers each has.
    pub answers: [usize; 2],
    /// The mean of each over all blocks, the slowest quarter of a block left out; the guess that is nearer to the truth first.
    pub middles: [f64; 2],
    /// The first less the second.
    pub difference: f64,
    /// The smallest difference that would be found: 3.3 standard errors of that mean, which chance exceeds once in a thousand times, and 0.2 ns at least.
    pub resolution: f64,
}

impl Timed {
    /// The difference is none of chance.
    pub fn is_found(&self) -> bool {
        self.difference.abs() > self.resolution
    }

    /// Guesses of each kind with which one try in two finds the difference behind a network whose delays vary by 10 µs (standard deviation).
    pub fn guesses(&self) -> Option<f64> {
        const NETWORK: f64 = 10_000.0;
        self.is_found().then(|| 2.0 * (3.3 * NETWORK / self.difference).powi(2))
    }
}

/// Guesses of each kind in a block, at least.
const BLOCK: usize = 128;
/// Nanoseconds. Two copies of one packet differ by up to that, by where they lie in memory.
const FLOOR: f64 = 0.2;
/// Longer than ten answers in five seconds need, and so short that no timestamp becomes too old to count (24 days, RFC 7323 §5.5).
const PAUSE: Duration = Duration::from_millis(600);

/// An end and two packets for it.
struct Case {
    name: &'static str,
    peer: Peer,
    packets: [Vec<u8>; 2],
    /// Between two guesses. A cookie is good for two minutes only, and what answers it has no limit.
    pause: Duration,
}

fn packet(peer: &Peer, header: tcp::Header, text: &[u8]) -> Vec<u8> {
    header.packet(&ip::Header::tcp(peer.us.ip(), peer.them.ip()), (text, &[]))
}

/// A connection with timestamps.
fn connected() -> Peer {
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let listener = peer.end.listen(80, 8).unwrap();
    peer.connect(listener, |header| {
        header.options.mss = header.flags.has(SYN).then_some(1460);
        header.options.timestamps = Some(Timestamps { val: 1000, ecr: 0 });
    });
    peer
}

/// A listener without room, so that each SYN gets a cookie and each ACK is looked at for one.
fn with_cookies() -> Peer {
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let mut listen = Listen::on(80);
    listen.half_open = 1;
    peer.end.listen_with(&listen).unwrap();
    for port in [4998, 4999] {
        peer.us.set_port(port);
        let syn = peer.header(SYN);
        peer.send(&syn, b"");
    }
    peer.us.set_port(5000);
    peer
}

/// Two segments for a connection. `change` makes the segment from one that is right; its number says which of the two it is.
fn of_a_connection(
    name: &'static str,
    flags: Flags,
    texts: [&[u8]; 2],
    change: impl Fn(usize, &mut tcp::Header),
) -> Case {
    let peer = connected();
    let packets = [0, 1].map(|nth| {
        let mut header = peer.header(flags);
        header.options.timestamps = Some(Timestamps { val: 1000, ecr: 0 });
        change(nth, &mut header);
        packet(&peer, header, texts[nth])
    });
    Case { name, peer, packets, pause: PAUSE }
}

fn cases() -> Vec<Case> {
    const FAR: u32 = 1 << 30;
    let far = |nth: usize| if nth == 1 { FAR } else { 0 };
    let mut cases = vec![
        of_a_connection("the same guess twice", RST, [b""; 2], |_, header| header.seq += FAR),
        of_a_connection(
            "1400 octets of text or 700, refused alike",
            ACK,
            [&[0; 1400], &[0; 700]],
            |_, header| header.seq += FAR,
        ),
        of_a_connection("RST: in the window, not exact, or outside", RST, [b""; 2], |nth, header| {
            header.seq += 1 + far(nth)
        }),
        of_a_connection("SYN: in the window or outside", SYN, [b""; 2], |nth, header| {
            header.seq += 1 + far(nth)
        }),
        of_a_connection("text, its ACK wrong: in the window or outside", ACK, [b"text"; 2], |nth, header| {
            header.ack = header.ack.wrapping_add(FAR);
            header.seq += far(nth);
        }),
        of_a_connection("text outside: its ACK right or wrong", ACK, [b"text"; 2], |nth, header| {
            header.ack = header.ack.wrapping_add(far(nth));
            header.seq += FAR;
        }),
        of_a_connection("text outside: its timestamp new or old", ACK, [b"text"; 2], |nth, header| {
            let val = 1000 - 500 * nth as u32;
            header.options.timestamps = Some(Timestamps { val, ecr: 0 });
            header.seq += FAR;
        }),
        of_a_connection("a pair of sockets with a connection or without", ACK, [b""; 2], |nth, header| {
            header.source += nth as u16;
            header.seq += FAR;
        }),
    ];
    let mut answer = |name, change: fn(u32) -> [u32; 2]| {
        let mut peer = with_cookies();
        let syn = peer.header(SYN);
        peer.raw.clear();
        peer.send(&syn, b"");
        let cookie = peer.sent().expect("a cookie").tcp.seq.wrapping_add(1);
        peer.seq = peer.seq.wrapping_add(1);
        let packets = change(cookie).map(|ack| {
            let header = tcp::Header { ack, ..peer.header(ACK) };
            packet(&peer, header, b"")
        });
        cases.push(Case { name, peer, packets, pause: Duration::ZERO });
    };
    answer("cookie: one bit wrong, or half of the hash", |right| [right ^ 1, right ^ 0xfff]);
    answer("cookie: the hash wrong, or the size, too", |right| [right ^ 0xfff, right ^ 0x0100_0fff]);
    cases
}

/// How long this packet takes, in nanoseconds; and how many answers it has.
fn once(peer: &mut Peer, packet: &[u8], pause: Duration) -> (u32, usize) {
    peer.now = peer.now + pause;
    peer.end.handle_deadline(peer.now);
    while peer.end.poll_packet(peer.now).is_some() {}
    let begin = Instant::now();
    peer.end.handle_packet(peer.now, packet);
    let mut answers = 0;
    while peer.end.poll_packet(peer.now).is_some() {
        answers += 1;
    }
    (begin.elapsed().as_nanos() as u32, answers)
}

/// The mean without the slowest quarter, which other work of the machine has hit. A median would stick to the steps of the clock.
fn middle(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let kept = &times[..times.len() * 3 / 4];
    kept.iter().sum::<f64>() / kept.len() as f64
}

fn compare(case: Case, blocks: usize) -> Timed {
    let Case { name, mut peer, packets, pause } = case;
    let mut random = Random(7);
    let expected = [0, 1].map(|nth| once(&mut peer, &packets[nth], pause).1);
    let mut all: [Vec<f64>; 2] = Default::default();
    let mut differences = Vec::new();
    for _ in 0..blocks {
        let mut times: [Vec<f64>; 2] = Default::default();
        while times.iter().any(|times| times.len() < BLOCK) {
            let nth = random.below(2) as usize;
            let (time, answers) = once(&mut peer, &packets[nth], pause);
            assert_eq!(answers, expected[nth], "{name}: a guess has changed something");
            times[nth].push(time.into());
        }
        let middles = times.each_mut().map(|times| middle(times));
        differences.push(middles[0] - middles[1]);
        all[0].push(middles[0]);
        all[1].push(middles[1]);
    }
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Timed {
        name,
        answers: expected,
        middles: all.map(|all| all.iter().sum::<f64>() / count),
        difference: mean,
        resolution: (3.3 * (variance / count).sqrt()).max(FLOOR),
    }
}

/// All comparisons, of so many blocks each. The first two are controls: a difference that is none, and one that is there.
pub fn times(blocks: usize) -> Vec<Timed> {
    cases().into_iter().map(|case| compare(case, blocks)).collect()
}

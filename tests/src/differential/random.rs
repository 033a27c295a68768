//! Scripts from seeds, or from the choices of a fuzzer: handshakes, text in order, again and early, holes, half-closes, resets, closed windows, and now and then anything.

use super::script::{Ack, Call, Script, Segment, Seq, Stamp, Step, Window};
use crate::simulated::Random;
use tcpspec::Flags;

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const FIN: Flags = Flags::FIN;
const RST: Flags = Flags::RST;

/// Milliseconds in which everything that waits for its acknowledgment has been sent again: the initial RTO is a second.
const PAUSE: u64 = 1300;

/// Where choices come from.
pub trait Draw {
    /// A number below `n`, which is not zero.
    fn below(&mut self, n: u64) -> u64;
}

impl Draw for Random {
    fn below(&mut self, n: u64) -> u64 {
        Random::below(self, n)
    }
}

/// The script of a seed. `timers`: with pauses, in which timers run out.
pub fn script(seed: u64, timers: bool) -> Script {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d);
    // The first numbers of a generator are close to its seed.
    random.below(2);
    // Every eighth, by the seed, so that the others stay as they were.
    drawn(&mut random, seed % 8 == 7, timers)
}

/// Scripts that a fuzzer has found to differ where no other does. The reason of each covers it now.
pub const FOUND: [&str; 5] = [
    "listen; syn; ack win=keep; ack; send 1; send 25; close; fin+ack len=10 seq=-10 ack=-200 win=keep; ack seq=-1 win=keep; receive",
    "listen; syn; ack win=keep; send 1; close; fin+ack seq=+0 ack=-200 win=keep; ack seq=-1 win=keep; receive",
    "connect; syn+ack; close; fin+ack len=10 seq=+0 ack=-200 win=keep; ack seq=-1 win=keep; receive",
    "listen; syn; ack win=keep; close; ack win=keep; fin+ack seq=+500 ack=-200 win=keep; ack seq=-1 win=keep; receive",
    "listen; syn win=3000; ack win=keep; fin+ack win=keep; send 1463; send 1537; shut; ack seq=-1 win=keep; receive",
];

/// The script of these choices. `lazy`: acknowledgments may be delayed. `timers`: with pauses, in which timers run out.
pub fn drawn(random: &mut impl Draw, lazy: bool, timers: bool) -> Script {
    let mut script =
        Script { ipv6: random.below(2) == 1, timestamps: random.below(4) == 0, lazy, ..Script::default() };
    // The two count a small window differently once text has come out of order (see the reasons), so a script has one or the other.
    let size = [60_000, 60_000, 60_000, 3000, 2000, 0][random.below(6) as usize];
    opening(random, size, &mut script.steps);
    let len = 3 + random.below(10);
    let (mut pauses, mut sends) = (0, 0);
    for _ in 0..len {
        if timers && pauses == 0 && random.below(4) == 0 {
            pauses += 1;
            script.steps.push(Step::Pause(PAUSE));
        }
        let step = step(random);
        let is_send = matches!(step, Step::Call(Call::Send(_)));
        // What is under way stays below every congestion window, which one counts in octets, the other in segments.
        sends += u32::from(is_send);
        if (size == 60_000 || !is_odd(&step)) && !(is_send && sends > 4) {
            script.steps.push(step);
        }
    }
    if timers && pauses == 0 {
        script.steps.push(Step::Pause(PAUSE));
    }
    // An old segment, whose answer tells the numbers; what the user gets.
    let probe = Segment { seq: Some(Seq::Next(-1)), window: Window::Keep, ..Segment::new(ACK, 0) };
    script.steps.extend([Step::Segment(probe), Step::Call(Call::Receive)]);
    script
}

fn is_odd(step: &Step) -> bool {
    matches!(step, Step::Segment(Segment { seq: Some(Seq::Next(_) | Seq::Edge(_)), .. }))
}

/// The peer takes no window back, as it should not (SHLD-14).
fn opening(random: &mut impl Draw, size: u16, steps: &mut Vec<Step>) {
    let segment = |flags: Flags| {
        let window = if flags.has(SYN) { Window::Size(size) } else { Window::Keep };
        Step::Segment(Segment { window, ..Segment::new(flags, 0) })
    };
    match random.below(8) {
        0..=3 => steps.extend([Step::Call(Call::Listen), segment(SYN), segment(ACK)]),
        4 | 5 => steps.extend([Step::Call(Call::Connect), segment(SYN.with(ACK))]),
        6 => steps.extend([Step::Call(Call::Connect), segment(SYN), segment(ACK)]),
        _ => steps.extend([Step::Call(Call::Listen), segment(SYN)]),
    }
}

fn step(random: &mut impl Draw) -> Step {
    let call = |call| Step::Call(call);
    match random.below(100) {
        0..15 => call(Call::Send(1 + random.below(1900) as u32)),
        15..22 => call(Call::Receive),
        22..27 => call(Call::Shut),
        27..29 => call(Call::Close),
        29 => call(Call::Abort),
        30..50 => Step::Segment(text(random)),
        50..75 => Step::Segment(acknowledgment(random)),
        75..82 => {
            let len = if random.below(3) == 0 { 50 } else { 0 };
            Step::Segment(Segment { window: Window::Keep, ..Segment::new(FIN.with(ACK), len) })
        }
        82..86 => Step::Segment(reset(random)),
        _ => Step::Segment(anything(random)),
    }
}

/// Text: in order, again, early, or partly old.
fn text(random: &mut impl Draw) -> Segment {
    let len = 1 + random.below(1000) as u32;
    let offset = random.below(1500) as i64;
    let seq = match random.below(8) {
        0..=3 => None,
        4 | 5 => Some(Seq::Next(offset)),
        _ => Some(Seq::Next(-offset)),
    };
    Segment { seq, window: Window::Keep, ..Segment::new(Flags::PSH.with(ACK), len) }
}

/// An acknowledgment: of everything, of a part, again; with a window that may have opened.
fn acknowledgment(random: &mut impl Draw) -> Segment {
    let ack = match random.below(4) {
        0 => Ack::Una(0),
        1 => Ack::Next(-(random.below(1000) as i64)),
        _ => Ack::Next(0),
    };
    let segment = Segment::new(ACK, 0);
    let window = if random.below(3) == 0 { segment.window } else { Window::Keep };
    Segment { ack, window, ..segment }
}

fn reset(random: &mut impl Draw) -> Segment {
    let flags = if random.below(2) == 0 { RST } else { RST.with(ACK) };
    let seq = [0, 0, 1, -1, 500][random.below(5) as usize];
    Segment { seq: Some(Seq::Next(seq)), ..Segment::new(flags, 0) }
}

/// Any kind of segment, any numbers.
fn anything(random: &mut impl Draw) -> Segment {
    let mut pick = |list: &[i64]| list[random.below(list.len() as u64) as usize];
    let (flags, len) = match pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        0 => (SYN, pick(&[0, 0, 10])),
        1 => (FIN, 0),
        2 => (RST, 0),
        3 => (SYN.with(ACK), pick(&[0, 0, 10])),
        4 => (RST.with(ACK), 0),
        5 => (SYN.with(FIN), 0),
        6 => (FIN.with(ACK), pick(&[0, 10])),
        7 => (Flags::default(), 0),
        8 => (ACK, 0),
        _ => (ACK, pick(&[1, 100])),
    };
    let sign = pick(&[1, -1]);
    let offset = sign * pick(&[0, 1, 10, 500, 70_000]);
    let seq = if pick(&[0, 0, 0, 0, 0, 1]) == 1 { Seq::Edge(offset) } else { Seq::Next(offset) };
    let ack = Ack::Next(pick(&[0, 0, 0, 1, -1, 200, -200, -70_000]));
    let stamp = if pick(&[0, 0, 0, 1]) == 1 { Stamp::Clock(-50) } else { Stamp::Clock(0) };
    Segment { seq: Some(seq), ack, window: Window::Keep, stamp, ..Segment::new(flags, len as u32) }
}

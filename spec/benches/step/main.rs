//! Instructions that one segment takes: the generated machine, its short way for what is expected, and a hand-written match of the same rules.
//!
//! `cargo bench -p tcpspec --bench step`. It runs itself under `valgrind --tool=callgrind` with two numbers of rounds and takes the
//! difference, so that the figures do not depend on what else the computer does. Without valgrind it measures time, as a ratio.
//! That all do the same is tested in `tests/agreement.rs` and `tests/expected.rs`.

#[path = "../../src/by_hand.rs"]
#[expect(unreachable_pub, reason = "it is public in the library")]
mod hand;

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use tcpspec::{
    Acknowledge, Facts, Flags, Full, Host, Notice, Options, Segment, Seq, State, Tcb, Timer, machine,
};

/// Like a stack's: timers armed, an acknowledgment wanted, text delivered.
#[derive(Default)]
struct Bench {
    timers: [u32; Timer::ALL.len()],
    wanted: Option<Acknowledge>,
    delivered: u32,
    acknowledged: u32,
    notices: u32,
}

impl Host<Full> for Bench {
    fn emit(&mut self, segment: Segment<Full>) {
        black_box(segment);
    }
    fn acknowledge(&mut self, why: Acknowledge) {
        self.wanted = self.wanted.max(Some(why));
    }
    fn start(&mut self, timer: Timer) {
        self.timers[timer as usize] = 1;
    }
    fn stop(&mut self, timer: Timer) {
        self.timers[timer as usize] = 0;
    }
    fn notify(&mut self, notice: Notice) {
        self.notices |= 1 << notice as u32;
    }
    fn initial_sequence(&mut self) -> Seq<Full> {
        Seq::new(1)
    }
    fn initial_window(&mut self) -> u32 {
        65_535
    }
    fn deliver(&mut self, segment: &Segment<Full>) {
        self.delivered += segment.len;
    }
    fn hold(&mut self, segment: &Segment<Full>) {
        black_box(segment);
    }
    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        self.acknowledged += advanced;
        black_box(outstanding);
    }
    fn resend(&mut self, tcb: &Tcb<Full>) {
        black_box(tcb);
    }
    fn flush(&mut self) {
        self.delivered = 0;
    }
    fn flush_sends(&mut self) {
        self.delivered = 0;
    }
    fn abandon(&mut self) {
        self.delivered = 0;
    }
    fn fork(&mut self, segment: &Segment<Full>) {
        black_box(segment);
    }
    fn hand_over(&mut self, segment: &Segment<Full>) {
        black_box(segment);
    }
}

type Processes = fn(&mut State, &mut Tcb<Full>, &mut Segment<Full>, &Options, &mut Bench);

#[inline(never)]
fn table(
    state: &mut State,
    tcb: &mut Tcb<Full>,
    seg: &mut Segment<Full>,
    options: &Options,
    host: &mut Bench,
) {
    let _ = black_box(machine::segment(state, tcb, seg, options, host));
}

/// As a host does that has a short way of its own.
#[inline(never)]
fn expected(
    state: &mut State,
    tcb: &mut Tcb<Full>,
    seg: &mut Segment<Full>,
    options: &Options,
    host: &mut Bench,
) {
    if machine::expects_segment(*state, tcb, seg, options) {
        machine::segment_as_expected(tcb, seg, options, host);
    } else {
        table(state, tcb, seg, options, host);
    }
}

#[inline(never)]
fn by_hand(
    state: &mut State,
    tcb: &mut Tcb<Full>,
    seg: &mut Segment<Full>,
    options: &Options,
    host: &mut Bench,
) {
    hand::segment(state, tcb, seg, options, host);
}

/// What the loop costs by itself.
#[inline(never)]
fn nothing(
    state: &mut State,
    tcb: &mut Tcb<Full>,
    seg: &mut Segment<Full>,
    options: &Options,
    host: &mut Bench,
) {
    black_box((state, tcb, seg, options, host));
}

/// What arrives on an established connection: text in order, or a pure ACK for some of what is under way.
fn case(name: &str) -> Option<(Tcb<Full>, Segment<Full>)> {
    let mut facts = Facts::default();
    facts.set(Facts::REMOTE);
    facts.set(Facts::SYN_ACKED);
    let at = Seq::new;
    let tcb = Tcb {
        iss: at(100),
        snd_una: at(1000),
        snd_nxt: at(5000),
        snd_end: at(5000),
        snd_wnd: 65_535,
        max_snd_wnd: 65_535,
        snd_wl1: at(7000),
        snd_wl2: at(1000),
        irs: at(500),
        rcv_nxt: at(7000),
        rcv_wnd: 65_535,
        facts,
        ..Tcb::default()
    };
    let segment = Segment { seq: at(7000), wnd: 65_535, flags: Flags::ACK, ..Segment::default() };
    match name {
        "text" => Some((tcb, Segment { ack: at(1000), len: 1460, ..segment })),
        "ack" => Some((tcb, Segment { ack: at(3000), ..segment })),
        _ => None,
    }
}

/// Processes the same segment again and again, each time from the same TCB.
fn rounds(process: Processes, name: &str, count: u64) -> Option<u32> {
    let (tcb, segment) = case(name)?;
    let options = Options::default();
    let mut host = Bench::default();
    for _ in 0..count {
        let (mut state, mut tcb, mut segment) = black_box((State::Established, tcb, segment));
        process(&mut state, &mut tcb, &mut segment, black_box(&options), &mut host);
        black_box((state, tcb, segment));
    }
    Some(host.delivered.wrapping_add(host.acknowledged).wrapping_add(host.notices))
}

fn find(name: &str) -> Option<Processes> {
    match name {
        "table" => Some(table),
        "expected" => Some(expected),
        "by-hand" => Some(by_hand),
        "nothing" => Some(nothing),
        _ => None,
    }
}

/// Instructions of this program with these arguments.
fn instructions(process: &str, case: &str, count: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args(["--rounds", process, case, &count.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn per_round(process: &str, case: &str) -> Option<u64> {
    let (few, many) = (1_000, 101_000);
    let (a, b) = (instructions(process, case, few)?, instructions(process, case, many)?);
    Some((b.checked_sub(a)? + (many - few) / 2) / (many - few))
}

/// The best of several times, taken in turn.
fn times(case: &str) -> [Duration; 4] {
    let mut best = [Duration::MAX; 4];
    for _ in 0..20 {
        for (slot, process) in best.iter_mut().zip([table as Processes, expected, by_hand, nothing]) {
            let start = Instant::now();
            black_box(rounds(process, case, 500_000));
            *slot = (*slot).min(start.elapsed());
        }
    }
    best
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, process, case, count] = arguments.as_slice()
        && flag == "--rounds"
    {
        let done =
            find(process).zip(count.parse().ok()).and_then(|(process, count)| rounds(process, case, count));
        return if black_box(done).is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    println!("one segment on an established connection   table   expected   by hand   times to that by hand");
    let mut counted = true;
    for (name, what) in [("text", "text in order (1460 octets)"), ("ack", "pure ACK")] {
        let count = |process| per_round(process, name);
        let [steps, short, hand, idle] = times(name);
        let alone = |time: Duration| time.saturating_sub(idle).as_secs_f64();
        let [steps, short] = [steps, short].map(|time| alone(time) / alone(hand).max(1e-9));
        let ratios = format!("{steps:>15.2} {short:>6.2}");
        match (count("table"), count("expected"), count("by-hand"), count("nothing")) {
            (Some(table), Some(short), Some(hand), Some(idle)) => {
                let [table, short, hand] = [table, short, hand].map(|count| count.saturating_sub(idle));
                println!("{what:<42} {table:>5}   {short:>8}   {hand:>7}   {ratios}");
            }
            _ => {
                counted = false;
                println!("{what:<42}     –          –         –   {ratios}");
            }
        }
    }
    println!("Instructions of the processing alone (the loop around it is taken off); smaller is better.");
    if !counted {
        println!("Instructions were not counted: install valgrind for that.");
    }
    ExitCode::SUCCESS
}

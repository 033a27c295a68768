//! SEGMENT ARRIVES with any TCB, segment, options and state: the generated machine does what the match does that was written by hand.

use super::choice::Choice;
use tcpspec::{
    Acknowledge, Facts, Flags, Full, Host, Notice, Options, Row, Segment, Seq, State, Tcb, Timer, by_hand,
    machine,
};

/// All that the machine asks its host for, in order.
#[derive(PartialEq, Debug, Default)]
struct Log(Vec<String>);

impl Log {
    fn note(&mut self, what: impl std::fmt::Debug) {
        self.0.push(format!("{what:?}"));
    }
}

impl Host<Full> for Log {
    fn emit(&mut self, segment: Segment<Full>) {
        self.note(("emit", segment));
    }
    fn acknowledge(&mut self, why: Acknowledge) {
        self.note(("acknowledge", why));
    }
    fn start(&mut self, timer: Timer) {
        self.note(("start", timer));
    }
    fn stop(&mut self, timer: Timer) {
        self.note(("stop", timer));
    }
    fn notify(&mut self, notice: Notice) {
        self.note(("notify", notice));
    }
    fn initial_sequence(&mut self) -> Seq<Full> {
        self.note("initial sequence");
        Seq::new(77)
    }
    fn initial_window(&mut self) -> u32 {
        self.note("initial window");
        5000
    }
    fn deliver(&mut self, segment: &Segment<Full>) {
        self.note(("deliver", segment));
    }
    fn hold(&mut self, segment: &Segment<Full>) {
        self.note(("hold", segment));
    }
    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        self.note(("acknowledged", advanced, outstanding));
    }
    fn resend(&mut self, _: &Tcb<Full>) {
        self.note("resend");
    }
    fn flush(&mut self) {
        self.note("flush");
    }
    fn flush_sends(&mut self) {
        self.note("flush sends");
    }
    fn abandon(&mut self) {
        self.note("abandon");
    }
    fn fork(&mut self, segment: &Segment<Full>) {
        self.note(("fork", segment));
    }
    fn hand_over(&mut self, segment: &Segment<Full>) {
        self.note(("hand over", segment));
    }
    // The match that was written by hand has no rows.
    fn fired(&mut self, row: Row) {
        super::fired(row.name());
    }
}

const FACTS: [Facts; 12] = [
    Facts::PASSIVE,
    Facts::CHILD,
    Facts::FORKS,
    Facts::REMOTE,
    Facts::SYN_ACKED,
    Facts::CLOSED,
    Facts::FIN_SENT,
    Facts::URGENT_OUT,
    Facts::URGENT_IN,
    Facts::RELEASED,
    Facts::NAMED,
    Facts::REUSES,
];

/// A window, which is less than 2³⁰.
fn window(choice: &mut Choice<'_>) -> u32 {
    match choice.below(4) {
        0 => 60_000,
        1 => 0,
        2 => choice.below(4),
        _ => choice.word() >> 2,
    }
}

fn stamp(choice: &mut Choice<'_>, near: u32) -> Option<u32> {
    choice.yes().then(|| choice.near(near))
}

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let choice = &mut choice;
    let state = choice.of(&State::ALL);
    let iss = Seq::new(choice.word());
    let snd_una = Seq::new(choice.near(iss.get()));
    let snd_nxt = snd_una.plus(choice.word() >> choice.of(&[31, 20, 3]));
    let irs = Seq::new(choice.word());
    let rcv_nxt = Seq::new(choice.near(irs.plus(1).get()));
    let mut facts = Facts::default();
    for fact in FACTS {
        if choice.yes() {
            facts.set(fact);
        }
    }
    let recent = choice.word();
    let tcb = Tcb::<Full> {
        iss,
        snd_una,
        snd_nxt,
        snd_end: Seq::new(choice.near(snd_nxt.get())),
        snd_wnd: window(choice),
        max_snd_wnd: window(choice),
        snd_wl1: Seq::new(choice.near(rcv_nxt.get())),
        snd_wl2: Seq::new(choice.near(snd_una.get())),
        snd_up: Seq::new(choice.near(snd_una.get())),
        irs,
        rcv_nxt,
        rcv_wnd: window(choice),
        rcv_up: Seq::new(choice.near(rcv_nxt.get())),
        ts_recent: stamp(choice, recent),
        facts,
    };
    let left = choice.of(&[rcv_nxt, irs, rcv_nxt.plus(tcb.rcv_wnd)]);
    let edge = choice.of(&[snd_una, snd_nxt, snd_una.minus(tcb.max_snd_wnd)]);
    let segment = Segment::<Full> {
        seq: Seq::new(choice.near(left.get())),
        ack: Seq::new(choice.near(edge.get())),
        wnd: window(choice),
        up: Seq::new(choice.near(rcv_nxt.get())),
        len: choice.of(&[0, 1, 1460, 65_495]),
        flags: Flags(choice.below(64) as u8),
        ts: stamp(choice, recent),
        listener: choice.yes(),
        echoes: choice.yes(),
        outdated: choice.yes(),
    };
    let mut options = Options::default();
    choice.table_options(&mut options);
    let (mut state1, mut tcb1, mut segment1, mut log1) = (state, tcb, segment, Log::default());
    let result = machine::segment(&mut state1, &mut tcb1, &mut segment1, &options, &mut log1);
    let (mut state2, mut tcb2, mut segment2, mut log2) = (state, tcb, segment, Log::default());
    by_hand::segment(&mut state2, &mut tcb2, &mut segment2, &options, &mut log2);
    assert_eq!(result, Ok(()));
    let same = state1 == state2 && tcb1 == tcb2 && log1 == log2;
    assert!(
        same,
        "{state} {tcb:?}\n{segment:?}\n{options:?}\ntable: {state1} {tcb1:?} {log1:?}\nhand:  {state2} {tcb2:?} {log2:?}"
    );
}

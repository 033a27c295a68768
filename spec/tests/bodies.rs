//! Without a fault the machine of the bodies does exactly what the shipped one does, on random inputs of every event; and the list of faults is sound.

mod events;
mod inputs;

use events::{S, event};
use inputs::{Log, Random};
use std::collections::HashSet;
use tcpspec::bodies::{self, Body, FAULTS};
use tcpspec::{CallError, Event, Facts, Flags, Host, Options, Segment, Seq, State, Tcb, step};

/// What an event did: state, TCB, the event afterwards, the answer, and what the host was asked for.
type Done = (State, Tcb<S>, String, Result<(), CallError>, (u64, u32));

/// A machine: the shipped one, or one with a fault.
fn run(body: Option<Option<Body>>, state: State, tcb: &Tcb<S>, event: &Event<S>, options: &Options) -> Done {
    let (mut state, mut tcb, mut event, mut log) = (state, *tcb, event.clone(), Log::default());
    let answer = match body {
        None => step(&mut state, &mut tcb, &mut event, options, &mut log),
        Some(body) => bodies::step(body, &mut state, &mut tcb, &mut event, options, &mut log),
    };
    (state, tcb, format!("{event:?}"), answer, log.value())
}

/// A state, a TCB, an event and options.
fn situation(random: &mut Random) -> (State, Tcb<S>, Event<S>, Options) {
    let state = State::ALL[random.below(State::ALL.len() as u32) as usize];
    let tcb = random.tcb::<S>();
    let event = event(random, &tcb);
    (state, tcb, event, random.options())
}

#[test]
fn without_a_fault_it_is_the_machine() {
    let mut random = Random(9);
    for case in 0..300_000 {
        let (state, tcb, event, options) = situation(&mut random);
        let (one, other) =
            (run(None, state, &tcb, &event, &options), run(Some(None), state, &tcb, &event, &options));
        assert_eq!(one, other, "case {case}: {state} {tcb:?}\n{event:?}\n{options:?}");
        let (seq, max) = (random.near(tcb.snd_una), 1 + random.below(3));
        assert_eq!(tcb.sent_segment(seq, max), bodies::sent_segment(None, &tcb, seq, max));
    }
}

#[test]
fn a_fault_is_gone_when_the_machine_has_run() {
    let mut random = Random(10);
    let body = named(
        "seq.rs: Seq::distance: `later.get().wrapping_sub(self.get())` becomes `later.get().wrapping_add(self.get())`",
    )
    .unwrap();
    let mut differs = false;
    for _ in 0..2_000 {
        let (state, tcb, event, options) = situation(&mut random);
        let usual = run(None, state, &tcb, &event, &options);
        // A fault may end in a panic; it is gone then, too.
        let broken = std::panic::catch_unwind(|| run(Some(Some(body)), state, &tcb, &event, &options));
        differs |= broken.is_ok_and(|broken| broken != usual);
        assert_eq!(run(None, state, &tcb, &event, &options), usual);
        assert_eq!(run(Some(None), state, &tcb, &event, &options), usual);
    }
    assert!(differs);
}

/// The surroundings ask TCB and segments, too.
#[derive(Default)]
struct Asks {
    answers: Vec<u32>,
}

impl Asks {
    fn ask(&mut self, segment: &Segment<S>) {
        self.answers.push(segment.seq.distance(segment.seq.plus(3)));
        self.answers.push(segment.text_len() + segment.seg_len());
    }
}

impl Host<S> for Asks {
    fn emit(&mut self, segment: Segment<S>) {
        self.ask(&segment);
    }
    fn acknowledge(&mut self, _: tcpspec::Acknowledge) {}
    fn start(&mut self, _: tcpspec::Timer) {}
    fn stop(&mut self, _: tcpspec::Timer) {}
    fn notify(&mut self, _: tcpspec::Notice) {}
    fn initial_sequence(&mut self) -> Seq<S> {
        let five = Seq::new(4).next();
        self.answers.push(five.get());
        five
    }
    fn initial_window(&mut self) -> u8 {
        4
    }
    fn deliver(&mut self, segment: &Segment<S>) {
        self.ask(segment);
    }
    fn hold(&mut self, segment: &Segment<S>) {
        self.ask(segment);
    }
    fn acknowledged(&mut self, _: u32, _: u32) {}
    fn resend(&mut self, tcb: &Tcb<S>) {
        self.answers.push(tcb.in_flight());
    }
    fn flush(&mut self) {}
    fn flush_sends(&mut self) {}
    fn abandon(&mut self) {}
    fn fork(&mut self, segment: &Segment<S>) {
        self.ask(segment);
    }
    fn hand_over(&mut self, segment: &Segment<S>) {
        self.ask(segment);
    }
}

#[test]
fn surroundings_have_no_fault() {
    let mut open = Event::Open(tcpspec::call::Open { active: true, remote: true, forks: false });
    let (mut state, mut tcb, mut host) = (State::Closed, Tcb::default(), Asks::default());
    let body =
        named("seq.rs: Seq::next: `self.plus(true.into())` becomes `self.minus(true.into())`").unwrap();
    let options = Options::default();
    bodies::step(Some(body), &mut state, &mut tcb, &mut open, &options, &mut host).unwrap();
    // The machine has it: SND.NXT = ISS - 1. The host counts right: 4 + 1 = 5, and 3 from a number to the third after it.
    assert_eq!((tcb.iss.get(), tcb.snd_nxt.get()), (5, 4));
    assert_eq!(host.answers, [5, 3, 1]);
}

fn named(name: &str) -> Option<Body> {
    Body::all().find(|body| body.to_string() == name)
}

#[test]
fn almost_every_fault_does_something_else_somewhere() {
    let mut random = Random(11);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut left: Vec<Body> = Body::all().collect();
    for _ in 0..60_000 {
        let (state, tcb, event, options) = situation(&mut random);
        let usual = run(None, state, &tcb, &event, &options);
        let (seq, max) = (random.near(tcb.snd_una), 1 + random.below(3));
        let (sent, acknowledgment) = (tcb.sent_segment(seq, max), tcb.acknowledgment());
        left.retain(|body| {
            let same = || {
                run(Some(Some(*body)), state, &tcb, &event, &options) == usual
                    && bodies::sent_segment(Some(*body), &tcb, seq, max) == sent
                    && bodies::acknowledgment(Some(*body), &tcb) == acknowledgment
            };
            std::panic::catch_unwind(same).unwrap_or(false)
        });
    }
    std::panic::set_hook(hook);
    // Some change nothing at all, and some cases are rare: few may be left.
    let names: Vec<_> = left.iter().map(ToString::to_string).collect();
    assert!(left.len() <= FAULTS.len() / 12, "{} of {}: {names:#?}", left.len(), FAULTS.len());
}

#[test]
fn faults_have_names_and_places() {
    let names: HashSet<String> = Body::all().map(|body| body.to_string()).collect();
    assert_eq!(names.len(), FAULTS.len(), "two faults have one name");
    for name in [
        "guards.rs: place: `offset < window` becomes `offset <= window`",
        "guards.rs: active: `open.active` negated",
        "guards.rs: crossed_syn_ack: without the condition `seg.seq == tcb.irs`",
        "effects.rs: take_syn: without `tcb.irs = seg.seq`",
        "effects.rs: take_queued: `transmit.max.min(tcb.unsent()).min(tcb.usable_window())` becomes `transmit.max.min(tcb.unsent())`",
        "effects.rs: update_window: `tcb.snd_wl2` is set instead of `tcb.snd_wl1`",
        "tcb.rs: Tcb::in_flight: `self.snd_una` becomes `self.snd_nxt`",
        "seq.rs: Seq::before: `S::before(self.get(), other.get())` becomes `S::before(other.get(), self.get())`",
        "segment.rs: Segment::text_seq: `Flags::SYN` becomes `Flags::FIN`",
    ] {
        assert!(names.contains(name), "{name}: {names:#?}");
    }
    for body in Body::all() {
        let fault = body.fault();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(fault.file);
        let text = std::fs::read_to_string(file).unwrap();
        let line = text.lines().nth(fault.line as usize - 1).unwrap();
        let name = fault.function.rsplit("::").next().unwrap();
        assert!(line.contains(&format!("fn {name}")), "{body}: {line}");
    }
}

/// All sets of flags and facts have no space, so they have no faults in the model: this is their judge.
#[test]
fn flags_and_facts_are_sets() {
    for a in 0..64 {
        for b in 0..64 {
            let (one, other) = (Flags(a), Flags(b));
            let bits = |flags: Flags| (0..6).filter(move |i| flags.0 >> i & 1 == 1).collect::<HashSet<u8>>();
            assert_eq!(one.has(other), bits(one).is_superset(&bits(other)));
            assert_eq!(bits(one.with(other)), &bits(one) | &bits(other));
            assert_eq!(bits(one.without(other)), &bits(one) - &bits(other));
        }
    }
    for bits in 0..1 << 12 {
        for fact in (0..12).map(|i| Facts::from_bits(1 << i)) {
            let facts = Facts::from_bits(bits);
            let (mut with, mut without) = (facts, facts);
            with.set(fact);
            without.clear(fact);
            assert_eq!(facts.has(fact), bits & fact.bits() == fact.bits());
            assert_eq!((with.bits(), without.bits()), (bits | fact.bits(), bits & !fact.bits()));
            assert_eq!(facts.bits(), bits);
        }
    }
}

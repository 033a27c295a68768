//! The short way of an expected segment is the steps. It does the same on all inputs of a small space that it takes, and on random ones of the full space.

mod inputs;

use inputs::{Log, Random};
use tcpspec::{Flags, Full, Options, Row, Segment, Small, Space, State, Tcb, machine};

/// Runs the steps and, if it is expected, the short way; whether it is.
fn same<S: Space>(state: State, tcb: &Tcb<S>, segment: &Segment<S>, options: &Options) -> bool {
    let expects = machine::expects_segment(state, tcb, segment, options);
    let (mut state1, mut tcb1, mut segment1, mut log1) = (state, *tcb, *segment, Log::default());
    if !expects {
        return false;
    }
    let result = machine::segment(&mut state1, &mut tcb1, &mut segment1, options, &mut log1);
    let named = |row: Row| matches!(row, Row::Inside | Row::AckSame | Row::AckText | Row::Text);
    let (mut tcb2, mut segment2, mut log2) = (*tcb, *segment, Log::default());
    machine::segment_as_expected(&mut tcb2, &mut segment2, options, &mut log2);
    assert!(
        (result, state1, tcb1, segment1, log1.value()) == (Ok(()), state, tcb2, segment2, log2.value())
            && log1.2.into_iter().flatten().all(named)
            && log1.2 == log2.2,
        "{state} {tcb:?}\n{segment:?}\n{options:?}\nsteps: {state1} {tcb1:?}\nshort: {tcb2:?}"
    );
    true
}

/// What may be asked of a timestamp: SEG.TSval, TS.Recent, whether it is outdated and echoes, and the options about it.
fn timestamps() -> impl Iterator<Item = (Option<u8>, Option<u8>, bool, bool, bool, bool)> {
    let values = || (0..8).map(Some).chain([None]);
    values().flat_map(move |ts| {
        values().flat_map(move |recent| {
            (0..16)
                .map(move |bits: u8| (ts, recent, bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0))
        })
    })
}

/// All places of a segment, all acknowledgment numbers and all timestamps in a space of 8 numbers, with all options that matter. What no condition asks
/// about is random, and so is where the space begins.
#[test]
fn what_is_expected_is_the_same_everywhere_in_a_small_space() {
    type S = Small<3>;
    let mut random = Random(1);
    let (mut all, mut expected) = (0_u64, 0_u64);
    for (window, offset, len) in product(8, 8, 8) {
        for (flight, ack, bits) in product(8, 8, 8) {
            let old = random.tcb::<S>();
            let tcb = Tcb { rcv_wnd: window as u8, snd_nxt: old.snd_una.plus(flight), ..old };
            let segment = Segment {
                seq: tcb.rcv_nxt.plus(offset),
                ack: tcb.snd_una.plus(ack),
                len: len as u8,
                flags: if random.yes() { Flags::ACK } else { Flags::ACK.with(Flags::PSH) },
                ..random.segment(&tcb)
            };
            let options = Options {
                rfc5961: bits & 1 != 0,
                new_ack_window: bits & 2 != 0,
                timestamp_after_ack: bits & 4 != 0,
                ..random.options()
            };
            // Without a timestamp first: of what is never expected the timestamps need not be gone through.
            let plain = Segment { ts: None, ..segment };
            all += 1;
            if !same(State::Established, &Tcb { ts_recent: None, ..tcb }, &plain, &options) {
                continue;
            }
            for (ts, ts_recent, outdated, echoes, paws, timestamps_required) in timestamps() {
                let tcb = Tcb { ts_recent, ..tcb };
                let segment = Segment { ts, outdated, echoes, ..segment };
                let options = Options { paws, timestamps_required, ..options };
                expected += u64::from(same(State::Established, &tcb, &segment, &options));
            }
        }
    }
    assert_eq!(all, 1 << 18);
    assert!(expected > 1_000_000, "only {expected} are expected");
}

fn product(a: u32, b: u32, c: u32) -> impl Iterator<Item = (u32, u32, u32)> {
    (0..a).flat_map(move |a| (0..b).flat_map(move |b| (0..c).map(move |c| (a, b, c))))
}

/// Random inputs, two of three made more like what is expected, since few would be.
fn random<S: Space>(cases: u32, seed: u64, at_least: u32) {
    let mut random = Random(seed);
    let mut expected = 0;
    for _ in 0..cases {
        let state = State::ALL[random.below(State::ALL.len() as u32) as usize];
        let (tcb, options) = (random.tcb::<S>(), random.options());
        let segment = random.segment(&tcb);
        expected += u32::from(same(state, &tcb, &segment, &options));
        let flags = if random.yes() { Flags::ACK } else { Flags::ACK.with(Flags::PSH) };
        let like = Segment { flags, ack: tcb.snd_una.plus(random.below(tcb.in_flight() + 1)), ..segment };
        expected += u32::from(same(State::Established, &tcb, &like, &options));
        let next = Segment { seq: tcb.rcv_nxt, ..like };
        expected += u32::from(same(State::Established, &tcb, &next, &Options::default()));
    }
    assert!(expected >= at_least, "only {expected} are expected");
}

#[test]
fn what_is_expected_is_the_same_in_the_full_space() {
    random::<Full>(1_500_000, 2, 500_000);
}

#[test]
fn what_is_expected_is_the_same_in_wider_small_spaces() {
    random::<Small<4>>(300_000, 3, 50_000);
    random::<Small<6>>(300_000, 4, 50_000);
}

/// No flag but ACK and PSH is expected, whatever else fits.
#[test]
fn other_flags_are_not_expected() {
    let mut random = Random(5);
    for _ in 0..20_000 {
        let tcb = Tcb { rcv_wnd: 1000, ..random.tcb::<Full>() };
        for bits in 0..64_u8 {
            let flags = Flags(bits);
            let segment = Segment { seq: tcb.rcv_nxt, ack: tcb.snd_una, flags, ..Segment::default() };
            let expected = machine::expects_segment(State::Established, &tcb, &segment, &Options::default());
            let usual = flags.has(Flags::ACK) && flags.without(Flags::ACK).without(Flags::PSH) == Flags(0);
            assert_eq!(expected, usual, "{flags}");
        }
    }
}

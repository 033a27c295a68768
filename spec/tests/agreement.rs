//! The generated machine and a hand-written match of the same rules do the same, on millions of random inputs.

#[path = "../src/by_hand.rs"]
#[expect(unreachable_pub, reason = "it is public in the library")]
mod hand;
mod inputs;

use inputs::{Log, Random};
use tcpspec::{Full, Small, Space, State, machine};

/// Runs both on the same inputs; which states were left for others, as a check that inputs reach far.
fn compare<S: Space>(cases: u32, seed: u64) {
    let mut random = Random(seed);
    let mut changes = std::collections::HashSet::new();
    for case in 0..cases {
        let state = State::ALL[random.below(State::ALL.len() as u32) as usize];
        let tcb = random.tcb::<S>();
        let segment = random.segment(&tcb);
        let options = random.options();

        let (mut state1, mut tcb1, mut segment1, mut log1) = (state, tcb, segment, Log::default());
        let result = machine::segment(&mut state1, &mut tcb1, &mut segment1, &options, &mut log1);
        let (mut state2, mut tcb2, mut segment2, mut log2) = (state, tcb, segment, Log::default());
        hand::segment(&mut state2, &mut tcb2, &mut segment2, &options, &mut log2);

        assert_eq!(result, Ok(()));
        assert!(
            state1 == state2 && tcb1 == tcb2 && log1.value() == log2.value(),
            "case {case}: {state} {tcb:?}\n{segment:?}\n{options:?}\ntable: {state1} {tcb1:?}\nhand:  {state2} {tcb2:?}\n{} and {} requests",
            log1.1,
            log2.1
        );
        changes.insert((state, state1));
    }
    assert!(changes.len() >= 35, "the inputs reach only {} of 35 pairs of states", changes.len());
}

#[test]
fn both_do_the_same_in_the_full_space() {
    compare::<Full>(2_000_000, 1);
}

#[test]
fn both_do_the_same_in_a_small_space() {
    compare::<Small<4>>(1_000_000, 2);
    compare::<Small<6>>(1_000_000, 3);
}

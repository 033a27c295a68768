//! Without a fault the machine of the mutants does exactly what the shipped one does, on random inputs of every event; and its list is sound.

mod events;
mod inputs;

use events::{S, event};
use inputs::{Log, Random};
use std::collections::HashSet;
use tcpspec::mutants::{self, Fault, MUTANTS, Mutant};
use tcpspec::{Event, Options, State, Tcb, step};

/// What an event did: state, TCB, the event afterwards, the answer, and what the host was asked for.
type Done = (State, Tcb<S>, String, Result<(), tcpspec::CallError>, (u64, u32));

fn run(
    state: State,
    tcb: &Tcb<S>,
    event: &Event<S>,
    run: impl Fn(&mut State, &mut Tcb<S>, &mut Event<S>, &mut Log) -> Result<(), tcpspec::CallError>,
) -> Done {
    let (mut state, mut tcb, mut event, mut log) = (state, *tcb, event.clone(), Log::default());
    let result = run(&mut state, &mut tcb, &mut event, &mut log);
    (state, tcb, format!("{event:?}"), result, log.value())
}

fn shipped(state: State, tcb: &Tcb<S>, event: &Event<S>, options: &Options) -> Done {
    run(state, tcb, event, |state, tcb, event, log| step(state, tcb, event, options, log))
}

fn faulty(mutant: Option<Mutant>, state: State, tcb: &Tcb<S>, event: &Event<S>, options: &Options) -> Done {
    run(state, tcb, event, |state, tcb, event, log| mutants::step(mutant, state, tcb, event, options, log))
}

#[test]
fn without_a_fault_it_is_the_machine() {
    let mut random = Random(7);
    for case in 0..1_000_000 {
        let state = State::ALL[random.below(State::ALL.len() as u32) as usize];
        let tcb = random.tcb::<S>();
        let (event, options) = (event(&mut random, &tcb), random.options());
        let (one, other) =
            (shipped(state, &tcb, &event, &options), faulty(None, state, &tcb, &event, &options));
        assert_eq!(one, other, "case {case}: {state} {tcb:?}\n{event:?}\n{options:?}");
    }
}

#[test]
fn every_mutant_does_something_else_somewhere() {
    let mut random = Random(8);
    let mut left: HashSet<Mutant> = MUTANTS.iter().copied().collect();
    assert_eq!(left.len(), MUTANTS.len(), "a mutant is listed twice");
    for _ in 0..400_000 {
        let state = State::ALL[random.below(State::ALL.len() as u32) as usize];
        let tcb = random.tcb::<S>();
        let (event, options) = (event(&mut random, &tcb), random.options());
        let kind = event.kind();
        let usual = shipped(state, &tcb, &event, &options);
        left.retain(|mutant| {
            mutant.row.info().event != kind || faulty(Some(*mutant), state, &tcb, &event, &options) == usual
        });
    }
    // What guards imply about each other is invisible to the macro, and some cases are rare: few may be left.
    let names: Vec<_> = left.iter().map(ToString::to_string).collect();
    assert!(left.len() <= MUTANTS.len() / 10, "{} of {}: {names:?}", left.len(), MUTANTS.len());
}

#[test]
fn mutants_are_named_in_words() {
    let named = |name: &str| MUTANTS.iter().any(|mutant| mutant.to_string() == name);
    for name in [
        "rst_passive removed",
        "rst_passive with `opened_passively` negated",
        "rst_passive without `flush`",
        "rst_passive does not enter LISTEN",
        "rst_passive enters SYN-SENT instead of LISTEN",
        "rst_refused tried before rst_passive",
        "inside ends instead of going on",
        "text_early goes on instead of ending",
    ] {
        assert!(named(name), "{name}");
    }
    // Nothing follows, and nothing would be taken instead.
    let listed =
        |name: &str, fault| MUTANTS.iter().any(|mutant| mutant.row.name() == name && mutant.fault == fault);
    assert!(!listed("fin_again", Fault::Removed) && !listed("fin_early", Fault::VerbExchanged));
}

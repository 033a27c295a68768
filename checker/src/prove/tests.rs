//! Each claim is broken by a fault of the table, and the solver finds it.

use super::invariant::broken;
use super::path;
use super::proof::one;
use super::solver::{Program, Solver};
use super::theorem::{Case, Theorem};
use std::time::Duration;
use tcpspec::mutants::MUTANTS;
use tcpspec::{EventKind, Flags, Full, Seq, State, Tcb};

/// A solver for this thread. Without one the test is skipped, but not where nothing may be.
fn has_solver() -> bool {
    let Some(program) = ["cvc5", "z3"].into_iter().find_map(|name| Program::find(name).ok()) else {
        assert!(std::env::var_os("TCPSPEC_REQUIRE_KERNEL").is_none(), "neither cvc5 nor z3 is installed");
        eprintln!("SKIPPED: neither cvc5 nor z3 is installed");
        return false;
    };
    path::begin(Solver::new(program, Duration::from_secs(60)));
    true
}

fn case(state: State, kind: EventKind, input: u32) -> Case {
    Case { state, kind, input, timestamps: false }
}

/// The claims that fail by default.
fn failing(theorem: Theorem, case: Case) -> Vec<String> {
    let outcome = one(theorem, case);
    assert!(outcome.unknown.is_empty(), "{:?}", outcome.unknown);
    let by_default = outcome.violations.into_iter().filter(|violation| violation.deviations.is_empty());
    by_default.map(|violation| violation.claim).collect()
}

const ACK: u32 = Flags::ACK.0 as u32;
const RST: u32 = Flags::RST.0 as u32;
const SYN: u32 = Flags::SYN.0 as u32;
const FIN: u32 = Flags::FIN.0 as u32;

#[test]
fn each_claim_is_broken_by_a_fault() {
    use EventKind::{Held, Receive, Segment, Transmit};
    use State::{CloseWait, Established, FinWait1, FinWait2, Listen, TimeWait};
    if !has_solver() {
        return;
    }
    let faults = [
        (
            "fin_departs with `window_open` negated",
            case(FinWait1, Transmit, 0),
            "no new text and no FIN is sent beyond",
        ),
        (
            "fin_departs_last does not enter LAST-ACK",
            case(CloseWait, Transmit, 0),
            "CLOSE-WAIT ends with our FIN",
        ),
        ("text_early removed", case(Established, Segment, ACK), "text is taken at RCV.NXT"),
        ("held_text without `trim`", case(Established, Held, 0), "no text outside the window is taken"),
        (
            "closed_window without `strip_text`",
            case(FinWait2, Segment, ACK | FIN),
            "no FIN outside the window is taken",
        ),
        (
            "rst_time_wait removed",
            case(TimeWait, Segment, RST),
            "a RST is accepted at RCV.NXT, and nowhere else",
        ),
        (
            "rst_challenge removed",
            case(FinWait2, Segment, RST),
            "a RST is accepted at RCV.NXT, and nowhere else",
        ),
        (
            "syn_challenge removed",
            case(TimeWait, Segment, SYN),
            "a SYN changes nothing of a synchronized connection: the state",
        ),
        (
            "ack_ancient removed",
            case(FinWait2, Segment, ACK),
            "an ACK before SND.UNA - MAX.SND.WND or beyond SND.NXT changes nothing",
        ),
        (
            "ack_ahead removed",
            case(FinWait2, Segment, ACK),
            "an ACK before SND.UNA - MAX.SND.WND or beyond SND.NXT changes nothing",
        ),
        ("listen_rst removed", case(Listen, Segment, RST | ACK), "no RST answers a RST"),
        (
            "listen_syn goes on instead of ending",
            case(Listen, Segment, SYN),
            "what is refused leaves no trace: the state",
        ),
        ("text_departs without `take_queued`", case(Established, Transmit, 0), ""),
        ("fin does not enter CLOSE-WAIT", case(Established, Segment, ACK | FIN), "RCV"),
        ("receive_text without `open_window`", case(Established, Receive, 0), ""),
    ];
    for (name, case, claim) in faults {
        let mutant = MUTANTS.iter().find(|mutant| mutant.to_string() == name);
        let mutant = mutant.copied().unwrap_or_else(|| panic!("there is no mutant `{name}`"));
        assert_eq!(failing(Theorem::Claims(None), case), Vec::<String>::new(), "{name}: without the fault");
        let found = failing(Theorem::Claims(Some(mutant)), case);
        if claim.is_empty() {
            // What is not sent or not opened breaks no claim about safety.
            assert_eq!(found, Vec::<String>::new(), "{name}");
        } else {
            assert!(found.iter().any(|found| found.contains(claim)), "{name}: {found:?}");
        }
    }
}

#[test]
fn a_mutant_that_does_something_else_is_not_the_same() {
    if !has_solver() {
        return;
    }
    for (name, case, is_same) in [
        ("fin_time_wait removed", case(State::TimeWait, EventKind::Segment, ACK | FIN), true),
        ("old_fin goes on instead of ending", case(State::TimeWait, EventKind::Segment, ACK | FIN), true),
        ("old_fin without `acknowledge`", case(State::TimeWait, EventKind::Segment, ACK | FIN), false),
        ("delayed_ack without `acknowledge`", case(State::Established, EventKind::DelayedAck, 0), false),
    ] {
        let Some(mutant) = MUTANTS.iter().find(|mutant| mutant.to_string() == name) else {
            panic!("there is no mutant `{name}`");
        };
        let found = failing(Theorem::Same(*mutant), case);
        assert_eq!(found.is_empty(), is_same, "{name}: {found:?}");
    }
}

#[test]
fn the_invariant_holds_at_the_beginning() {
    assert_eq!(broken(State::Closed, &Tcb::<Full>::default(), Seq::default()), None);
    let tcb = Tcb::<Full> { snd_nxt: Seq::new(1), ..Tcb::default() };
    assert!(broken(State::Closed, &tcb, Seq::default()).is_some());
}

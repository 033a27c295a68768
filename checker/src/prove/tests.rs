//! Each claim is broken by a fault of the table, and the solver finds it.

use super::invariant::{broken, is_within};
use super::path;
use super::proof::{Part, one};
use super::replay::{Found, replay};
use super::run::{Case, cases};
use super::solver::{Program, Solver};
use super::term;
use super::theorem::{Theorem, beginnings};
use std::time::Duration;
use tcpspec::bodies::Body;
use tcpspec::mutants::{MUTANTS, Mutant};
use tcpspec::{EventKind, Flags, Full, Row, Seq, State, Tcb};

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
        (
            "closed_window without `strip_text`",
            case(FinWait2, Segment, ACK | FIN),
            "RCV.WND is open once the peer's FIN is taken",
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
        let mutant = mutant(name);
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

/// The machines that are said to do the same and do not: the options that it takes. Each counterexample is one of the machine of 32 bits, too.
fn differing(theorem: Theorem, case: Case) -> Vec<Vec<&'static str>> {
    let outcome = one(theorem, case);
    assert!(outcome.unknown.is_empty(), "{:?}", outcome.unknown);
    let deviations = outcome.violations.into_iter().map(|violation| {
        let deviations = violation.deviations.clone();
        let found = Found { violation, names: term::names(), case, theorem };
        assert!(replay(&found).is_some(), "{found:?}");
        deviations
    });
    deviations.collect()
}

fn mutant(name: &str) -> Mutant {
    let mutant = MUTANTS.iter().find(|mutant| mutant.to_string() == name);
    mutant.copied().unwrap_or_else(|| panic!("there is no mutant `{name}`"))
}

#[test]
fn a_mutant_that_does_something_else_is_not_the_same() {
    if !has_solver() {
        return;
    }
    let no_option: &[&str] = &[];
    let time_wait = |input| case(State::TimeWait, EventKind::Segment, input);
    for (name, case, differs) in [
        ("fin_time_wait removed", time_wait(ACK | FIN), None),
        ("edge_rst removed", time_wait(RST), None),
        // Only an option tells them apart.
        (
            "old_fin goes on instead of ending",
            Case { timestamps: true, ..time_wait(1 << 6 | ACK | FIN) },
            Some(&["timestamp_after_ack"][..]),
        ),
        (
            "syn_sent_reset_reuse goes on instead of ending",
            case(State::SynSent, EventKind::Segment, RST | ACK | FIN),
            Some(&["old_fin_restarts_2msl", "reuse_time_wait"][..]),
        ),
        ("ack_time_wait removed", time_wait(ACK), Some(&["old_fin_restarts_2msl"][..])),
        ("old_fin without `acknowledge`", time_wait(ACK | FIN), Some(no_option)),
        (
            "delayed_ack without `acknowledge`",
            case(State::Established, EventKind::DelayedAck, 0),
            Some(no_option),
        ),
    ] {
        let found = differing(Theorem::Same(mutant(name)), case);
        match differs {
            None => assert!(found.is_empty(), "{name}: {found:?}"),
            Some(options) => assert!(found.iter().any(|found| found == options), "{name}: {found:?}"),
        }
    }
}

fn body(name: &str) -> Body {
    Body::all().find(|body| body.to_string() == name).unwrap_or_else(|| panic!("there is no fault `{name}`"))
}

#[test]
fn a_fault_in_a_body_is_the_same_machine_or_numbers_tell_it_apart() {
    if !has_solver() {
        return;
    }
    let in_closing = case(State::Closing, EventKind::Probe, 0);
    for (name, case, is_same) in [
        ("effects.rs: probe_fin: `tcb.snd_nxt` becomes `tcb.snd_una`", in_closing, true),
        ("effects.rs: probe_fin: `0` becomes `1`", in_closing, false),
        // What the host asks for, and what it says of itself.
        (
            "tcb.rs: Tcb::sent_segment: without `return None`",
            case(State::CloseWait, EventKind::Retransmission, 0),
            false,
        ),
        (
            "tcb.rs: Tcb::acknowledgment: without `wnd: self.rcv_wnd`",
            case(State::CloseWait, EventKind::DelayedAck, 0),
            false,
        ),
        (
            "effects.rs: take_text: `receive.on_hand.min(receive.max)` becomes `receive.on_hand`",
            case(State::CloseWait, EventKind::Receive, 0),
            false,
        ),
        // The model's words are larger than its numbers, so it has no sums that are too large.
        (
            "effects.rs: trim: without the condition `offset < tcb.receive_window().max(1.into())`",
            case(State::FinWait2, EventKind::Segment, ACK),
            false,
        ),
        (
            "effects.rs: trim: `offset < tcb.receive_window().max(1.into())` becomes `offset >= tcb.receive_window().max(1.into())`",
            case(State::FinWait2, EventKind::Segment, ACK),
            false,
        ),
    ] {
        assert_eq!(differing(Theorem::SameBody(body(name)), case).is_empty(), is_same, "{name}");
    }
}

#[test]
fn the_hand_written_match_is_the_machine_and_not_one_with_a_fault() {
    if !has_solver() {
        return;
    }
    for (name, case) in [
        ("ack_time_wait_fin without `challenge`", case(State::TimeWait, EventKind::Segment, ACK | FIN)),
        ("ack_time_wait removed", case(State::TimeWait, EventKind::Segment, ACK)),
        ("rst_challenge removed", case(State::FinWait2, EventKind::Segment, RST)),
        ("syn_sent_reset removed", case(State::SynSent, EventKind::Segment, RST | ACK)),
        ("listen_syn without `set_window`", case(State::Listen, EventKind::Segment, SYN)),
        ("closed_ack removed", case(State::Closed, EventKind::Segment, ACK)),
    ] {
        assert!(differing(Theorem::Hand(None), case).is_empty(), "{name}: without the fault");
        assert!(!differing(Theorem::Hand(Some(mutant(name))), case).is_empty(), "{name}");
    }
}

#[test]
fn the_second_opinion_says_what_the_machine_does_and_not_one_with_a_fault() {
    use EventKind::{Close, DelayedAck, KeepAlive, Orphan, Receive, Release, Segment, Transmit};
    use State::{CloseWait, Closed, Closing, Established, FinWait2, Listen, SynReceived, TimeWait};
    if !has_solver() {
        return;
    }
    for (name, case) in [
        ("closed_ack removed", case(Closed, Segment, ACK)),
        ("close_again removed", case(CloseWait, Close, 0)),
        ("delayed_ack without `acknowledge`", case(Established, DelayedAck, 0)),
        ("listen_syn without `hold_rest`", case(Listen, Segment, SYN | FIN)),
        ("listen_syn without `set_window`", case(Listen, Segment, SYN)),
        ("listen_syn without `start(Timer::User)`", case(Listen, Segment, SYN)),
        ("orphan_reset without `send_rst_in_window`", case(Closing, Orphan, 0)),
        ("keep_alive_probe without `start(Timer::KeepAlive)`", case(FinWait2, KeepAlive, 0)),
        ("receive_text without `open_window`", case(Established, Receive, 0)),
        ("release_established without `let_go`", case(Established, Release, 0)),
        ("rst_refused without `notify(Notice::Refused)`", case(SynReceived, Segment, RST)),
        ("text_departs without `take_queued`", case(Established, Transmit, 0)),
        ("timestamp_letter removed", Case { timestamps: true, ..case(TimeWait, Segment, 1 << 6 | ACK) }),
    ] {
        assert!(differing(Theorem::SecondOpinion(None), case).is_empty(), "{name}: without the fault");
        assert!(!differing(Theorem::SecondOpinion(Some(mutant(name))), case).is_empty(), "{name}");
    }
}

#[test]
fn parts_are_the_same_for_the_same_seed_and_all_parts_are_all() {
    let part = |one_in, seed: &str| Part { one_in, seed: seed.to_owned() };
    let cases: Vec<Case> = cases(State::TimeWait, EventKind::Segment).collect();
    let taken = |part: &Part| -> Vec<bool> {
        cases.chunks(16).map(|chunk| part.takes(Theorem::Hand(None), chunk)).collect()
    };
    assert!(taken(&part(1, "a")).iter().all(|taken| *taken));
    assert_eq!(taken(&part(4, "a")), taken(&part(4, "a")));
    let seeds = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let some: Vec<Vec<bool>> = seeds.iter().map(|seed| taken(&part(2, seed))).collect();
    assert!(some.iter().any(|taken| *taken != some[0]), "{some:?}");
    let count = some.iter().flatten().filter(|taken| **taken).count();
    assert!((32..96).contains(&count), "{count} of 128");
}

#[test]
fn a_row_can_be_come_to_from_where_rows_before_it_lead() {
    let of = |row: Row| beginnings(row.info());
    let closed_by_the_peer = [State::CloseWait, State::Closing, State::LastAck, State::TimeWait];
    assert_eq!(of(Row::FinAgain), closed_by_the_peer);
    assert_eq!(of(Row::ListenSyn), [State::Listen]);
    // Established: by the SYN,ACK, or by the acknowledgment of ours.
    assert!(of(Row::TextEarly).contains(&State::SynSent) && of(Row::TextEarly).contains(&State::SynReceived));
}

#[test]
fn the_invariant_holds_at_the_beginning() {
    assert_eq!(broken(State::Closed, &Tcb::<Full>::default()), None);
    let tcb = Tcb::<Full> { snd_nxt: Seq::new(1), ..Tcb::default() };
    assert!(broken(State::Closed, &tcb).is_some());
    assert!(is_within(State::Closed, &Tcb::<Full>::default(), Seq::default()));
}

//! Each claim about two ends is broken by a fault of the table, and the solver finds it.

use super::lemma::{Lemma, holds_at_the_beginning};
use super::pair::{Fact, HALF, View, apart, is_young, strange};
use super::proof::{Found, Part, Repeated, one, repeat};
use crate::prove::path;
use crate::prove::run::Case;
use crate::prove::solver::{Program, Solver};
use crate::prove::term;
use std::time::Duration;
use tcpspec::mutants::MUTANTS;
use tcpspec::{EventKind, Flags, Full, Segment, Seq, State};

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

/// The claims that fail by default. Each counterexample is repeated with integers.
fn failing(part: Part) -> Vec<String> {
    let outcome = one(part);
    assert!(outcome.unknown.is_empty(), "{:?}", outcome.unknown);
    assert!(outcome.paths > 0, "{part:?}: nothing can come");
    let mut claims = Vec::new();
    for violation in outcome.violations.into_iter().filter(|violation| violation.deviations.is_empty()) {
        let claim = violation.claim.clone();
        let found = Found { violation, names: term::names(), part };
        assert!(
            matches!(repeat(&found), Some(Repeated::Step(..))),
            "{claim}: the machine of 32 bits does something else"
        );
        claims.push(claim);
    }
    claims
}

#[test]
fn each_claim_is_broken_by_a_fault() {
    use EventKind::{Segment, Transmit};
    use State::{Closing, LastAck, Listen, SynSent};
    if !has_solver() {
        return;
    }
    const ACK: Flags = Flags::ACK;
    const SYN: Flags = Flags::SYN;
    const NONE: Flags = Flags(0);
    let faults = [
        ("listen_syn without `take_syn`", Listen, Segment, SYN, "both ends agree: IRS"),
        ("syn_sent_syn_ack without `take_syn`", SynSent, Segment, SYN.with(ACK), "both ends agree: IRS"),
        (
            "ack_old removed",
            LastAck,
            Segment,
            ACK,
            "what is under way stays what it is: SND.UNA goes forward",
        ),
        (
            "fin_departs with `fin_is_next` negated",
            Closing,
            Transmit,
            NONE,
            "an end is told of the end after all text",
        ),
    ];
    for (name, state, kind, flags, claim) in faults {
        let case = Case { state, kind, input: flags.0.into(), timestamps: false };
        let mutant = MUTANTS.iter().find(|mutant| mutant.to_string() == name).copied();
        assert!(mutant.is_some(), "there is no mutant `{name}`");
        assert_eq!(failing(Part::Step(case, None)), Vec::<String>::new(), "{name}: without the fault");
        let found = failing(Part::Step(case, mutant));
        assert!(found.iter().any(|found| found.starts_with(claim)), "{name}: {found:?}");
    }
}

#[test]
fn what_is_under_way_is_left_as_it_was() {
    if !has_solver() {
        return;
    }
    for lemma in [
        Lemma::Kept(Flags::FIN),
        Lemma::UnderWay(Flags::ACK.with(Flags::FIN), true),
        Lemma::UnderWay(Flags::ACK, false),
    ] {
        assert_eq!(failing(Part::Lemma(lemma)), Vec::<String>::new(), "{lemma:?}");
    }
}

/// An end that has sent the numbers from 100 to 199, of which the other has taken those before `taken`.
fn ends(taken: u32) -> (View<Full>, View<Full>) {
    let yes = Fact::Is(true);
    let sender = View {
        begun: yes,
        knows: yes,
        took_fin: Fact::Is(false),
        syn_acked: yes,
        fin_sent: Fact::Is(false),
        iss: Seq::new(0),
        una: Seq::new(100),
        nxt: Seq::new(200),
        irs: Seq::new(7),
        rcv: Seq::new(8),
    };
    let receiver = View {
        iss: Seq::new(7),
        una: Seq::new(8),
        nxt: Seq::new(8),
        irs: Seq::new(0),
        rcv: Seq::new(taken),
        ..sender
    };
    (sender, receiver)
}

#[test]
fn the_invariant_is_no_more_than_it_says() {
    assert!(holds_at_the_beginning());
    let (sender, receiver) = ends(150);
    assert_eq!((apart(&sender, &receiver), apart(&receiver, &sender)), (None, None));
    for taken in [99, 201] {
        let (sender, receiver) = ends(taken);
        assert!(apart(&sender, &receiver).is_some(), "{taken}");
    }
    let segment = Segment::<Full> {
        seq: Seq::new(190),
        ack: Seq::new(8),
        len: 10,
        flags: Flags::ACK,
        ..Segment::default()
    };
    assert_eq!(strange(&sender, &receiver, &segment), None);
    let beyond = Segment { len: 11, ..segment };
    assert!(strange(&sender, &receiver, &beyond).is_some());
    let fin = Segment { flags: Flags::ACK.with(Flags::FIN), len: 9, ..segment };
    assert!(strange(&sender, &receiver, &fin).is_some(), "no FIN was sent");
    let knowing = Segment { ack: Seq::new(9), ..segment };
    let ahead = View { nxt: Seq::new(12), ..receiver };
    assert_eq!(strange(&sender, &ahead, &segment), None);
    assert!(strange(&sender, &ahead, &knowing).is_some(), "9 was sent and not taken");
    assert!(!is_young(&sender, &receiver, &knowing), "9 was not sent");
    let old = Segment { seq: Seq::new(200).minus(HALF), ..segment };
    assert!(is_young(&sender, &receiver, &segment) && !is_young(&sender, &receiver, &old));
}

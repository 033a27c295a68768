//! The suite asked within a process: verdicts, ladders, counts, and each error. A test of the workspace does the same.

#[path = "../src/claims.rs"]
mod claims;

use claims::Resets;
use serde_json::Value;
use std::collections::HashSet;
use tcpspec_checker::tcpspec::model::world::{Marks, past};
use tcpspec_checker::tcpspec::model::{self, Tcp, claims as built_in, scenarios};
use tcpspec_checker::{Bounds, Claim, Error, Flags, Scenario, State, Suite, User};

fn asked(suite: Suite, arguments: &str) -> (Result<bool, Error>, String) {
    let mut out = Vec::new();
    let result = suite.ask(arguments.split_whitespace(), &mut out);
    (result, String::from_utf8(out).unwrap())
}

/// All is as it should be, and this is printed.
fn holds(suite: Suite, arguments: &str) -> String {
    let (result, text) = asked(suite, arguments);
    assert_eq!(result, Ok(true), "{arguments}: {text}");
    text
}

/// Something is violated, and this is printed.
fn fails(suite: Suite, arguments: &str) -> String {
    let (result, text) = asked(suite, arguments);
    assert_eq!(result, Ok(false), "{arguments}: {text}");
    text
}

fn wrong(suite: Suite) -> Error {
    asked(suite, "check").0.unwrap_err()
}

/// The only scenario of a suite, as JSON.
fn json(suite: Suite, arguments: &str) -> Value {
    let (result, text) = asked(suite, &format!("{arguments} --json"));
    result.unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[0].take()
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let word = |claim: &Value, key: &str| claim[key].as_str().unwrap().to_owned();
    let claims = report["claims"].as_array().unwrap();
    claims.iter().map(|claim| (word(claim, "claim"), word(claim, "verdict"))).collect()
}

fn one<H: tcpspec_checker::History>(scenario: Scenario<H>) -> Suite {
    Suite::new("one").scenario(scenario)
}

/// A claim that no world decides.
fn quiet(name: &str) -> Claim {
    Claim::sometimes(name, |at| at.world.is_quiet())
}

#[test]
fn what_is_claimed_holds_or_fails_as_expected() {
    let text = holds(claims::suite(), "check --threads 2");
    for line in [
        "✓ greeting ",
        "✓ resets ",
        "✓ answered ",
        "✓ 8 claims of 3 scenarios hold within bounds",
        "✓ 1 claim fails as it should",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("never fired"), "a suite need not fire all rows: {text}");
    let list = holds(claims::suite(), "list");
    assert_eq!(
        list.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(),
        ["greeting", "resets", "answered"]
    );
    let of_one = holds(claims::suite(), "list greeting");
    assert!(of_one.contains("  always    only A waits in TIME-WAIT\n"), "{of_one}");
    assert!(holds(claims::suite(), "trace greeting").contains(" 6. ESTABLISHED  · SEND "));
}

#[test]
fn a_claim_that_is_violated_has_its_ladder() {
    let text = fails(claims::suite(), "check greeting --bound b.patient=off");
    let (_, ladder) = text.split_once("VIOLATED in greeting\n").unwrap();
    let ladder = ladder.split("\n✓").next().unwrap();
    assert_eq!(ladder, include_str!("ladders/greeting.txt"));
}

#[test]
fn a_claim_with_history_is_shown_by_what_was_remembered() {
    let text = holds(claims::suite(), "check resets --exact");
    let (_, ladder) = text.split_once("FAILS AS EXPECTED in resets\n").unwrap();
    assert_eq!(ladder.split("\n✓").next().unwrap(), include_str!("ladders/resets.txt"));
    // Two RSTs at least; the run ends with the second one.
    assert_eq!(ladder.matches("<CTL=RST>").count(), 2, "{ladder}");
}

#[test]
fn a_claim_on_runs_fails_with_a_run_that_never_gets_there() {
    let text = fails(claims::suite(), "check answered --bound retransmissions=0");
    let (_, ladder) = text.rsplit_once("VIOLATED in answered\n").unwrap();
    assert_eq!(ladder.split("\n✓").next().unwrap(), include_str!("ladders/answered.txt"));
    let report = json(claims::suite(), "check answered --bound retransmissions=0");
    let [leads_to, ..] = &verdicts(&report)[..] else { panic!("{report}") };
    assert_eq!(leads_to.1, "violated");
}

/// What was so before does not count, and what comes later need not last.
#[test]
fn what_leads_to_something_else_comes_before_it() {
    let bounds = Bounds { in_flight: 2, merging: true, ..Bounds::PERFECT };
    let is_quiet = |at: &tcpspec_checker::At<'_>| at.world.is_quiet();
    let opens =
        || Scenario::new("opens").users(User::CLIENT, User { closes: 0, ..User::SERVER }).bounds(bounds);
    let leads =
        opens().claim(Claim::leads_to("a SYN is under way no longer", |at| !at.world.is_quiet(), is_quiet));
    holds(one(leads), "check");
    let synchronized = |at: &tcpspec_checker::At<'_>| at.world.ends[1].state == State::SynReceived;
    let leads = opens().claim(Claim::leads_to(
        "B hears of A",
        |at| at.world.ends[0].state == State::Established,
        synchronized,
    ));
    // B has been there before; it is never there again.
    fails(one(leads), "check");
    fails(one(opens().claim(Claim::finally("B stays there", synchronized))), "check");
}

#[test]
fn claims_on_steps_see_rows_and_both_worlds() {
    let never =
        |name: &'static str| Claim::every_step(name, |step| !step.fired(tcpspec_checker::Row::FinLast));
    let scenario = || Scenario::new("close").bounds(Bounds { msl: 1, ..Bounds::PERFECT });
    let text = fails(one(scenario().claim(never("no FIN is the last"))), "check");
    // The ladder ends with the step that breaks it.
    let last = text.lines().rfind(|line| line.contains("fin_last")).unwrap();
    assert_eq!(text.matches("fin_last").count(), 1, "{text}");
    assert!(
        text.split_once(last).unwrap().1.starts_with("\n\nIn the browser: one explore --open '"),
        "{text}"
    );
    let changes = Claim::every_step("ends change one at a time", |step| {
        (0..2).filter(|i| step.before.ends[*i].state != step.after.ends[*i].state).count() < 2
    });
    holds(one(scenario().claim(changes)), "check");
}

/// All that is reached, by a search that shares nothing with the engine.
fn by_hand<H: Copy + Eq + std::hash::Hash>(
    model: &Tcp,
    first: H,
    next: impl Fn(H, &model::Step) -> H,
) -> HashSet<(model::World, H)> {
    let begin = (model.initial(), first);
    let (mut seen, mut waiting) = (HashSet::from([begin]), vec![begin]);
    let mut actions = Vec::new();
    while let Some((world, history)) = waiting.pop() {
        actions.clear();
        model.possible(&world, &mut actions);
        for action in &actions {
            let Some((after, step)) = model.observe(&world, *action) else { continue };
            let after = (after, next(history, &step));
            if seen.insert(after) {
                waiting.push(after);
            }
        }
    }
    seen
}

#[test]
fn states_are_as_many_as_a_search_by_hand_finds() {
    let plain = model::Scenario {
        users: [User { aborts: 1, ..User::CLIENT }, User::SERVER],
        bounds: Bounds::PERFECT,
        options: &[],
        ..*scenarios::find("handshake-close")[0]
    };
    let model = Tcp { asks: Marks::NONE, ..Tcp::new(&plain) };
    let worlds = by_hand(&model, (), |(), _| ());
    let remembered = by_hand(&model, Resets::None, |history, step| {
        let is_rst = |packet: &&model::Packet| packet.seg.flags.has(Flags::RST);
        match (history, step.sent.iter().filter(is_rst).count()) {
            (history, 0) => history,
            (Resets::None, 1) => Resets::One,
            _ => Resets::More,
        }
    });
    assert!(worlds.len() < remembered.len());
    let users = |scenario: Scenario| scenario.users(plain.users[0], plain.users[1]);
    for how in ["check --threads 1", "check --threads 2", "check --threads 1 --engine stateright"] {
        // A claim that fails, so that stateright looks at everything.
        let open = |name| Claim::always(name, |_| true);
        let without = json(one(users(Scenario::new("plain")).claim(open("nothing"))), how);
        assert_eq!(without["unique_states"], worlds.len(), "{how}");
        let with = json(claims::suite(), &format!("{how} resets"));
        assert_eq!(with["unique_states"], remembered.len(), "{how}");
        let sorted =
            |report: &Value| verdicts(report).into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
        assert_eq!(sorted(&with), ["holds", "fails-as-expected", "holds", "holds"], "{how}");
    }
}

#[test]
fn marks_of_the_past_are_there_for_whoever_asks() {
    let waits = || {
        Scenario::new("waits")
            .bounds(Bounds { msl: 1, ..Bounds::PERFECT })
            .claim(Claim::sometimes("A has waited", |at| at.world.ends[0].has_passed(past::TIME_WAIT)))
    };
    fails(one(waits()), "check");
    holds(one(waits().remember(Marks { past: past::TIME_WAIT, ..Marks::NONE })), "check");
    // A built-in claim brings its own.
    holds(one(Scenario::new("text").claim(Claim::built_in(built_in::TEXT_IN_ORDER))), "check");
}

#[test]
fn the_run_of_a_claim_is_traced_and_written() {
    let suite = claims::suite();
    let mut out = Vec::new();
    assert_eq!(suite.ask(["trace", "a segment comes for nobody"], &mut out), Ok(true));
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("resets: a segment comes for nobody\n"), "{text}");
    assert!(text.contains("closed_ack\n\nown-claims explore --open 'scenario=resets&path="), "{text}");
    let file = std::env::temp_dir().join(format!("own-claims-{}.json", std::process::id()));
    fails(claims::suite(), &format!("check greeting --bound b.patient=off --trace {}", file.display()));
    let trace: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(trace.to_string().contains("only A waits in TIME-WAIT"), "{trace}");
}

#[test]
fn a_suite_that_is_wrong_says_what_is() {
    let said = |suite: Suite, words: &str| assert_eq!(wrong(suite).to_string(), words);
    said(Suite::new("none"), "the suite `none` has no scenario");
    said(
        one(Scenario::new("silent")),
        "scenario `silent`: nothing is claimed of it, so there is nothing to check",
    );
    said(
        one(Scenario::new("twice").claim(quiet("so")).claim(quiet("other")).claim(quiet("so"))),
        "scenario `twice`: two claims have the name \"so\"",
    );
    let named = || Scenario::new("same").claim(quiet("so"));
    said(one(named()).scenario(named()), "two scenarios have the name `same`");
    let many = User { sends: 40, ..User::CLIENT };
    said(
        one(Scenario::new("much").users(many, User::SERVER).claim(quiet("so"))),
        "scenario `much`: a.sends cannot be `40`: the model holds 0 to 31 (octets to SEND)",
    );
    let endless = Bounds { losses: tcpspec_checker::UNCOUNTED, ..Bounds::PERFECT };
    said(
        one(Scenario::new("endless").bounds(endless).claim(quiet("so"))),
        "scenario `endless`: `uncounted` needs merging=on, or there is no end of worlds",
    );
    said(
        one(Scenario::new("odd").option("rfc1338", true).claim(quiet("so"))),
        "scenario `odd`: the table has no option `rfc1338`",
    );
    said(
        one(Scenario::new("a name").claim(quiet("so"))),
        "scenario `a name`: a name has letters, digits, `-`, `_` and at most one `/`, so that commands and links can hold it",
    );
    let crowd = (0..65).fold(Scenario::new("crowd"), |s, n| s.claim(quiet(&n.to_string())));
    said(one(crowd), "scenario `crowd`: it has 65 claims; 64 can be asked at once");
    let most = (0..64).fold(Scenario::new("most"), |s, n| s.claim(quiet(&n.to_string())));
    holds(one(most), "check");
}

#[test]
fn a_closure_that_panics_is_named_with_what_it_says() {
    let panics = |at: &tcpspec_checker::At<'_>| {
        assert!(at.world.ends[0].state != State::Established, "did not expect {}", 42);
        true
    };
    let named = |claim: Claim, how: &str| {
        let name = claim.name().to_owned();
        let suite = one(Scenario::new("fragile").claim(quiet("fine")).claim(claim));
        match asked(suite, how).0 {
            Err(Error::Panicked { scenario, claim, message, place }) => {
                assert_eq!(
                    (scenario.as_str(), claim, message.as_str()),
                    ("fragile", Some(name), "did not expect 42")
                );
                assert!(place.unwrap().contains("asked.rs:"));
            }
            other => panic!("{other:?}"),
        }
    };
    for how in ["check --threads 1", "check --threads 2", "check --engine stateright"] {
        named(Claim::always("breaks", panics), how);
        named(Claim::sometimes("breaks", move |at| !panics(at)), how);
        named(Claim::finally("breaks", panics), how);
        named(Claim::leads_to("breaks", |_| true, panics), how);
        named(
            Claim::every_step("breaks", move |step| {
                assert!(step.after.ends[0].state != State::Established, "did not expect {}", 42);
                true
            }),
            how,
        );
    }
    let history = Scenario::with_history("forgets", 0_u8, |step| step.history.checked_add(200).unwrap())
        .claim(Claim::always("small", |at| *at.history <= 200));
    let error = wrong(one(history)).to_string();
    assert!(
        error.starts_with("scenario `forgets`: the closure that keeps the history panicked at "),
        "{error}"
    );
    assert!(error.ends_with(": called `Option::unwrap()` on a `None` value"), "{error}");
}

#[test]
fn the_command_line_refuses_what_a_suite_has_not() {
    let said = |arguments: &str, words: &str| {
        let error = asked(claims::suite(), arguments).0.unwrap_err();
        assert!(matches!(error, Error::Command(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    };
    said(
        "check greting",
        "there is no scenario `greting`; did you mean `greeting`? (`own-claims list` shows all)",
    );
    said("check reset", "there is no scenario `reset`");
    said("check --quick", "--quick is for the scenarios of tcpspec itself");
    said("docs", "unrecognized subcommand 'docs'");
    said("check greeting --bound window=9", "window cannot be `9`");
    let help = holds(claims::suite(), "--help");
    assert!(help.contains("Usage: own-claims [COMMAND]") && help.contains("explore"), "{help}");
    let help = holds(claims::suite(), "check --help");
    assert!(help.contains("--bound") && !help.contains("--deep"), "{help}");
}

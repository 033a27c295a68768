//! `tcpspec prove`: what it says, and what it does where a solver is missing, says nothing or breaks.

#![expect(clippy::unwrap_used, reason = "a test that cannot run fails")]

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn prove(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tcpspec")).arg("prove").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether a solver is there. Without one the test is skipped, but not where nothing may be.
fn has_solver() -> bool {
    let found = ["cvc5", "z3"].iter().any(|name| Command::new(name).arg("--version").output().is_ok());
    assert!(
        found || std::env::var_os("TCPSPEC_REQUIRE_KERNEL").is_none(),
        "neither cvc5 nor z3 is installed"
    );
    if !found {
        eprintln!("SKIPPED: neither cvc5 nor z3 is installed");
    }
    found
}

/// A program that says it is cvc5, and does this when it is asked.
fn pretender(folder: &Path, does: &str) -> PathBuf {
    let file = folder.join("pretender");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'This is cvc5 version 1.2.0'; exit; fi\n{does}\n"
    );
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file
}

#[test]
fn states_are_proven_by_each_solver_that_is_there() {
    if !has_solver() {
        return;
    }
    for solver in ["cvc5", "z3"] {
        if Command::new(solver).arg("--version").output().is_err() {
            continue;
        }
        let output = prove(&["closed", "LISTEN", "--solver", solver]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(0), "{text}{}", err(&output));
        assert!(text.contains(solver) && text.contains("2 of 2 states proven"), "{text}");
        assert!(text.contains("✓ no RST answers a RST") && text.contains("when all are proven"), "{text}");
        let output = prove(&["closed", "rst", "--solver", solver]);
        let text = out(&output);
        assert!(text.contains("✓ no RST answers a RST") && !text.contains("TIME-WAIT sends"), "{text}");
        let output = prove(&["closed", "--json", "--solver", solver]);
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(result["states"][0]["state"], "CLOSED");
        assert_eq!(result["states"][0]["proven"], true);
        assert!(result["states"][0]["paths"].as_u64().unwrap() > 100, "{result}");
    }
}

#[test]
fn a_claim_that_needs_an_option_is_shown_with_integers_that_break_it() {
    if !has_solver() {
        return;
    }
    let output = prove(&["time-wait", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let violated = result["states"][0]["violated"].as_array().unwrap();
    assert_eq!(violated.len(), 1, "{result}");
    assert_eq!(violated[0]["claim"], "a SYN changes nothing of a synchronized connection: TS.Recent");
    assert_eq!(violated[0]["deviations"], serde_json::json!(["timestamp_after_ack"]));
    assert_eq!(
        violated[0]["repeated"], true,
        "the machine of 32 bits does not do what the terms say: {result}"
    );
}

#[test]
fn without_a_solver_it_says_how_to_get_one() {
    let output = prove(&["closed", "--solver", "no-such-solver"]);
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    assert!(
        err(&output).contains("no solver `no-such-solver`") && err(&output).contains("apt install"),
        "{}",
        err(&output)
    );
    let output = prove(&["closed", "--solver", "true"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("neither z3 nor cvc5"), "{}", err(&output));
    let output = prove(&["TIMEWAIT"]);
    assert_eq!(output.status.code(), Some(2));
    let said = err(&output);
    assert!(said.contains("did you mean `TIME-WAIT`?") && said.contains("no RST answers a RST"), "{said}");
}

#[test]
fn an_old_solver_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old");
    fs::write(&file, "#!/bin/sh\necho 'Z3 version 4.4.1'\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let output = prove(&["closed", "--solver", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("4.4.1") && err(&output).contains("4.8 is the oldest"), "{}", err(&output));
}

#[test]
fn what_a_solver_does_not_answer_is_not_proven() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("while read -r line; do case \"$line\" in '(check-sat)') echo unknown;; esac; done", "unknown"),
        ("exit 3", "ended"),
        (
            "while read -r line; do case \"$line\" in '(check-sat)') echo '(error \"out of memory\")';; esac; done",
            "out of memory",
        ),
        ("sleep 100", "out of time"),
    ];
    for (does, said) in cases {
        let file = pretender(folder.path(), does);
        let output =
            prove(&["closed", "--solver", file.to_str().unwrap(), "--timeout", "1", "--threads", "1"]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(1), "{does}: {text}{}", err(&output));
        assert!(text.contains("not proven") && text.contains("0 of 1 state proven"), "{does}: {text}");
        assert!(text.contains(said), "{does}: {text}");
    }
}

#[test]
fn two_ends_are_proven_state_by_state() {
    if !has_solver() {
        return;
    }
    let output = prove(&["--two-ends", "closed", "Listen"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", err(&output));
    assert!(text.contains("✓ both ends agree") && text.contains("2 of 2 parts proven"), "{text}");
    assert!(text.contains("The proof is whole when"), "{text}");
    let output = prove(&["--two-ends", "listen", "--json"]);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["states"][0]["proven"], true, "{result}");
    assert!(result["states"][0]["paths"].as_u64().unwrap() > 10, "{result}");
    let output = prove(&["--two-ends", "LISTN"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("did you mean `LISTEN`?") && err(&output).contains("lemmas"),
        "{}",
        err(&output)
    );
    let output = prove(&["--two-ends", "--fault", "listen_syn without `take_syn`", "--threads", "2"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", err(&output));
    assert!(text.contains("✗ both ends agree") && text.contains("IRS is the other end's ISS"), "{text}");
    // The ladder: both ends, the segment, the rows.
    assert!(text.contains("the other end") && text.contains("<CTL=SYN>"), "{text}");
    assert!(text.contains("rows listen_syn") && !text.contains("a fault of the prover"), "{text}");
    let output = prove(&["--two-ends", "--fault", "listen_syn without take_syn"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean `listen_syn without `take_syn``?"), "{}", err(&output));
}

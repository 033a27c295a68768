//! What the explorer answers where a suite of somebody else's is offered: alone in its program, since there is one suite in a process.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use serde_json::Value;
use tcpspec_checker::{Claim, Scenario, State, Suite};

fn asked(request: &str) -> Value {
    serde_json::from_str(&tcpspec_explorer::answer(request).unwrap()).unwrap()
}

/// The claims of a run after its last step: the name, and whether it holds there.
fn claims(run: &Value) -> Vec<(&str, Option<bool>)> {
    let claims = run["claims"].as_array().unwrap();
    claims.iter().map(|now| (now["claim"]["name"].as_str().unwrap(), now["here"].as_bool())).collect()
}

#[test]
fn claims_on_steps_and_history_are_judged_along_a_run() {
    // Steps in which A was called, three at most.
    let scenario = Scenario::with_history("reset", 0_u8, |step| (step.history + 1).min(3))
        .claim(Claim::always("two steps at most", |at| *at.history < 3))
        .claim(Claim::every_step("nobody listens", |step| step.after.ends[1].state != State::Listen))
        .claim(Claim::finally("in the end", |_| true));
    let suite = Suite::new("mine").scenario(scenario);
    assert_eq!(suite.ask(["list"], &mut Vec::new()), Ok(true));

    let start = asked(r#"{"ask": "start"}"#);
    let scenarios = start["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.iter().map(|s| s["name"].as_str().unwrap()).collect::<Vec<_>>(), ["reset"]);
    assert_eq!((&start["hazards"], &start["figures"]), (&Value::Array(vec![]), &Value::Array(vec![])));

    let run = |path: &str| asked(&format!(r#"{{"ask": "run", "link": "scenario=reset&path={path}"}}"#));
    let at = |path: &str| claims(&run(path)).iter().map(|(_, here)| *here).collect::<Vec<_>>();
    assert_eq!(at("ao"), [Some(true), Some(true), None]);
    // What the step into this world has broken; the next one does not.
    assert_eq!(at("ao.bl"), [Some(true), Some(false), None]);
    assert_eq!(at("ao.bl.d0"), [Some(false), Some(true), None]);

    let broken = |path: &str| -> Vec<(String, String)> {
        let run = run(path);
        let choices = run["choices"].as_array().unwrap().iter();
        let breaks = choices.map(|choice| (choice["token"].to_string(), choice["breaks"].to_string()));
        breaks.filter(|(_, breaks)| breaks != "[]").collect()
    };
    assert_eq!(broken("ao"), [("\"bl\"".to_owned(), "[\"nobody listens\"]".to_owned())]);
    assert!(broken("ao.bl").iter().all(|(_, breaks)| breaks == "[\"two steps at most\"]"));

    // The claims of tcpspec's own scenario of that name are not told for those of this one.
    assert!(run("ao").to_string().contains("\"unknown\""));
}

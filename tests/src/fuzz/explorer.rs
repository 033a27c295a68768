//! What comes from outside as text: requests of the page, links, bounds, files that are imported. Each is answered or refused with a sentence.

use super::choice::Choice;
use tcpspec_explorer::bounds::{self, Bound};
use tcpspec_explorer::files::Trace;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::{answer, token};

/// Scenarios that links begin with, so that paths are looked at.
const SCENARIOS: [&str; 4] = ["simultaneous-open", "reset", "handshake-close", "time-wait"];

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let (kind, scenario) = (choice.below(8), choice.of(&SCENARIOS));
    let text = String::from_utf8_lossy(choice.rest()).into_owned();
    match kind {
        0 => request(&text),
        1 => run_of(&format!("scenario={scenario}&path={text}")),
        2 => run_of(&format!("scenario={scenario}&{text}")),
        3 => bound(scenario, &text),
        4 => {
            let _ = Trace::read(&text);
        }
        5 => {
            let _ = token::parse_path(&text, 100);
        }
        6 => request(&format!(r#"{{"ask": "import", "name": "a", "data": "{text}"}}"#)),
        _ => run_of(&text),
    }
}

fn request(text: &str) {
    check(&answer(text).map_err(|refusal| refusal.error));
}

fn run_of(link: &str) {
    let _ = Link::parse(link);
    for ask in ["run", "export"] {
        let request = serde_json::json!({ "ask": ask, "link": link, "format": "pcapng" });
        check(&answer(&request.to_string()).map_err(|refusal| refusal.error));
    }
}

fn bound(scenario: &str, text: &str) {
    let bounds: Result<Vec<Bound>, _> = text.split(' ').map(str::parse).collect();
    if let Ok(bounds) = bounds {
        let scenario = **tcpspec_explorer::catalogue::find(scenario).first().expect("it is there");
        let changed = bounds::apply(scenario, &bounds);
        if let Ok(changed) = &changed {
            bounds::fit(changed).expect("what can be applied fits");
        }
    }
}

fn check(answer: &Result<String, String>) {
    match answer {
        Ok(json) => drop(serde_json::from_str::<serde_json::Value>(json).expect("the answer is JSON")),
        Err(error) => assert!(!error.is_empty(), "a refusal says why"),
    }
}

//! What comes from outside as text: requests of the page, links, bounds, files that are imported. Each is answered or refused with a sentence.

use super::choice::Choice;
use base64::Engine as _;
use serde_json::{Value, json};
use tcpspec_explorer::bounds::{self, Bound};
use tcpspec_explorer::files::Trace;
use tcpspec_explorer::known::Known;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::Run;
use tcpspec_explorer::search::Search;
use tcpspec_explorer::{answer, capture, token};

/// Scenarios that links begin with, so that paths are looked at.
const SCENARIOS: [&str; 4] = ["simultaneous-open", "reset", "handshake-close", "time-wait"];
/// Values that some bound can have.
const VALUES: [&str; 10] = ["on", "off", "0", "1", "2", "3", "7", "15", "uncounted", "knowing"];

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let (kind, scenario) = (choice.below(16), choice.of(&SCENARIOS));
    match kind {
        8 | 9 => some_bounds(&mut choice, scenario),
        10 | 11 => trace(&mut choice, scenario),
        12 | 13 => captured(&mut choice, scenario),
        14 => view(&mut choice, scenario),
        15 => searched(choice, scenario),
        _ => text(kind, scenario, &String::from_utf8_lossy(choice.rest())),
    }
}

/// Text as it comes.
fn text(kind: u32, scenario: &str, text: &str) {
    match kind {
        0 => request(text),
        1 => run_of(&format!("scenario={scenario}&path={text}")),
        2 => run_of(&format!("scenario={scenario}&{text}")),
        3 => bound(scenario, text),
        4 => {
            let _ = Trace::read(text);
        }
        5 => {
            let _ = token::parse_path(text, 100);
        }
        6 => request(&format!(r#"{{"ask": "import", "name": "a", "data": "{text}"}}"#)),
        _ => run_of(text),
    }
}

fn request(text: &str) {
    check(&answer(text).map_err(|refusal| refusal.error));
}

fn run_of(link: &str) {
    let _ = Link::parse(link);
    request(&json!({ "ask": "run", "link": link }).to_string());
    request(&json!({ "ask": "export", "link": link, "format": "pcapng" }).to_string());
    request(
        &json!({ "ask": "what-if", "link": link, "other": format!("{link}&set=rfc1337:off") }).to_string(),
    );
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

/// Bounds that exist, with values that may be right.
fn some_bounds(choice: &mut Choice<'_>, scenario: &str) {
    let names: Vec<String> = bounds::all().map(|(name, ..)| name).collect();
    let all: Vec<String> = (0..=choice.below(4))
        .map(|_| {
            let name = &names[choice.below(names.len() as u32) as usize];
            format!("{name}={}", choice.of(&VALUES))
        })
        .collect();
    bound(scenario, &all.join(" "));
    let link: String = all.iter().map(|bound| format!("&bound={}", bound.replacen('=', ":", 1))).collect();
    let Ok(link) = Link::parse(&format!("scenario={scenario}{link}")) else { return };
    // What is written can be read, and means the same.
    let again = Link::parse(&link.to_string()).expect("a link is a link");
    assert_eq!(again.to_string(), link.to_string());
    request(&json!({ "ask": "run", "link": link.to_string() }).to_string());
}

/// A run of steps that can happen.
fn walk(choice: &mut Choice<'_>, scenario: &str) -> Run {
    let link = Link::parse(&format!("scenario={scenario}")).expect("it is there");
    let model = link.model().expect("a scenario has a model");
    let (mut world, mut path) = (model.initial(), Vec::new());
    for _ in 0..choice.below(24) {
        let mut possible = Vec::new();
        model.possible(&world, &mut possible);
        if possible.is_empty() {
            break;
        }
        let action = possible[choice.below(possible.len() as u32) as usize];
        let Some((after, _)) = model.observe(&world, action) else { break };
        world = after;
        path.push(action);
    }
    Run::play(link.with_path(path)).expect("each step can happen")
}

/// A trace as it is written, then with steps left out, doubled or changed.
fn trace(choice: &mut Choice<'_>, scenario: &str) {
    let run = walk(choice, scenario);
    let whole = Trace::of(&run, Some("a claim"), Some(choice.below(30) as usize)).to_json();
    let (_, again, note) = Trace::read(&whole).expect("what is written can be read");
    assert_eq!((again.link.to_string(), note), (run.link.to_string(), None));
    let mut value: Value = serde_json::from_str(&whole).expect("a trace is JSON");
    let steps = value["steps"].as_array_mut().expect("it has steps");
    for _ in 0..choice.below(3) {
        if steps.is_empty() {
            break;
        }
        let at = choice.below(steps.len() as u32) as usize;
        match choice.below(3) {
            0 => drop(steps.remove(at)),
            1 => steps.insert(at, steps[at].clone()),
            _ => steps.truncate(at),
        }
    }
    let mut octets = value.to_string().into_bytes();
    edit(choice, &mut octets);
    import(&octets);
}

/// A capture as it is written, then with words changed.
fn captured(choice: &mut Choice<'_>, scenario: &str) {
    let run = walk(choice, scenario);
    let mut octets = Vec::new();
    capture::pcapng(&run.steps, capture::NAMES, &mut octets).expect("a run can be written");
    for _ in 0..choice.below(4) {
        // All that a capture has begins at a multiple of four.
        let at = 4 * choice.below(octets.len() as u32 / 4) as usize;
        let word = choice.of(&[0, 1, u32::MAX]).wrapping_add(choice.below(4));
        octets[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    edit(choice, &mut octets);
    import(&octets);
}

/// Octets are changed, left out, doubled or cut off.
fn edit(choice: &mut Choice<'_>, octets: &mut Vec<u8>) {
    for _ in 0..choice.below(4) {
        if octets.is_empty() {
            break;
        }
        let at = choice.below(octets.len() as u32) as usize;
        match choice.below(4) {
            0 => octets[at] = choice.below(256) as u8,
            1 => drop(octets.remove(at)),
            2 => octets.insert(at, octets[at]),
            _ => octets.truncate(at),
        }
    }
}

fn import(octets: &[u8]) {
    let data = base64::engine::general_purpose::STANDARD.encode(octets);
    request(&json!({ "ask": "import", "name": "a file", "data": data }).to_string());
}

/// A run as it is shown after any of its steps, or after more than it has.
fn view(choice: &mut Choice<'_>, scenario: &str) {
    let run = walk(choice, scenario);
    let (link, at) = (run.link.to_string(), choice.below(30));
    answer(&json!({ "ask": "run", "link": link, "at": at }).to_string()).expect("a run can be shown");
    for format in ["json", "pcapng"] {
        answer(&json!({ "ask": "export", "link": link, "format": format, "repeatsFrom": at }).to_string())
            .expect("a run can be written");
    }
}

/// What may be asked of a search, in words that it knows, that are cut, and that nobody has chosen. Claims are named here, too.
fn searched(mut choice: Choice<'_>, scenario: &str) {
    const WORDS: [&str; 24] = [
        "A",
        "B",
        "in",
        "row",
        "fires",
        "does not fire",
        "enters",
        "under way",
        "SYNs",
        "text",
        "claim",
        "a claim breaks",
        "\"delivered once and in order\"",
        "and",
        "TIME-WAIT",
        "ESTABLISHED",
        "old_fin",
        "two",
        "7",
        "delivered",
        "RCV.WND",
        "=",
        "on hand",
        "\"",
    ];
    let mut find: String = (0..choice.below(10)).map(|_| format!("{} ", choice.of(&WORDS))).collect();
    find += &String::from_utf8_lossy(choice.rest());
    let request = json!({ "link": format!("scenario={scenario}"), "find": find, "limit": 20 }).to_string();
    for text in [request.as_str(), find.as_str()] {
        match Search::new(text) {
            Ok(mut search) => drop(search.advance(20, Known::kept())),
            Err(refusal) => assert!(!refusal.error.is_empty(), "a refusal says why"),
        }
    }
}

fn check(answer: &Result<String, String>) {
    match answer {
        Ok(json) => drop(serde_json::from_str::<serde_json::Value>(json).expect("the answer is JSON")),
        Err(error) => assert!(!error.is_empty(), "a refusal says why"),
    }
}

//! How long an answer to a click takes: a walk through every scenario of the default run, one answer after each step. `cargo bench -p tcpspec-explorer`; with
//! `-- --quick` every tenth scenario.

#![allow(clippy::expect_used, reason = "a benchmark reports by panicking")]

use serde_json::Value;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tcpspec::model::scenarios;

/// Steps of a walk.
const STEPS: usize = 40;
/// Steps of the long path that one request opens.
const LONG: usize = 200;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let mut all: Vec<(Duration, &str, usize)> = Vec::new();
    for scenario in scenarios::all().step_by(if quick { 10 } else { 1 }) {
        let mut link = format!("scenario={}", scenario.name);
        let (mut choices, ..) = timed(&link);
        let mut random = Random(1);
        for step in 0..STEPS {
            if choices.is_empty() {
                break;
            }
            link.push_str(if step == 0 { "&path=" } else { "." });
            link.push_str(&choices[random.below(choices.len())]);
            let (next, time, octets) = timed(&link);
            choices = next;
            all.push((time, scenario.name, octets));
        }
    }
    // Where losses are not counted, the first SYN can be lost again and again.
    let lost = ["x0.afr"; LONG / 2].join(".");
    let path = format!("scenario=liveness/simultaneous-open&path=ao.{lost}");
    let mut long: Vec<Duration> = (0..if quick { 20 } else { 200 }).map(|_| timed(&path).1).collect();
    all.sort();
    println!(
        "| an answer to a click | answers | median | 99 % | longest | its octets | in |\n|---|---:|---:|---:|---:|---:|---|"
    );
    let (longest, name, octets) = all[all.len() - 1];
    println!(
        "| one step more | {} | {} | {} | {} | {octets} | {name} |",
        all.len(),
        shown(all[all.len() / 2].0),
        shown(all[all.len() * 99 / 100].0),
        shown(longest)
    );
    long.sort();
    println!(
        "| a path of {} steps at once | {} | {} | {} | {} | | |",
        LONG + 1,
        long.len(),
        shown(long[long.len() / 2]),
        shown(long[long.len() * 99 / 100]),
        shown(long[long.len() - 1])
    );
    println!("\nThe functions alone, JSON included: no network, no drawing.");
}

/// What can happen next and changes something, how long the answer took, and its octets.
fn timed(link: &str) -> (Vec<String>, Duration, usize) {
    let request = serde_json::json!({ "ask": "run", "link": link }).to_string();
    let start = Instant::now();
    let answer = black_box(tcpspec_explorer::answer(&request)).expect("an answer");
    let time = start.elapsed();
    let octets = answer.len();
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let choices = answer["choices"].as_array().expect("choices");
    let choices = choices
        .iter()
        .filter(|choice| !choice["idle"].as_bool().expect("a bool") && choice["what"]["kind"] != "stray")
        .map(|choice| choice["token"].as_str().expect("a token").to_owned());
    (choices.collect(), time, octets)
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The same walk each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

//! Both engines on the same scenario with as many threads, in turn, each run in a process of its own: unique states a second, and peak memory.
//!
//! `cargo bench -p tcpspec-checker --bench engines -- SCENARIO THREADS ROUNDS`; without arguments handshake-close, 1 and then 2 threads, 3 rounds.
//! `-- --quick` for a look: one round within small bounds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot run has nothing else to say")]

use serde_json::Value;
use std::process::Command;

/// What a run did.
#[derive(Clone, Copy)]
struct Run {
    unique: f64,
    seconds: f64,
    /// Bytes at the peak, without what the process has before it explores anything.
    memory: f64,
}

/// What makes a scenario small.
const SMALL: [&str; 4] = ["--bound", "losses=0", "--bound", "retransmissions=0"];

fn run(scenario: &str, engine: &str, threads: &str, bounds: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tcpspec"))
        .args(["check", scenario, "--exact", "--json", "--engine", engine, "--threads", threads])
        .args(bounds)
        .output()
        .unwrap();
    let reports: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{scenario}: {}", String::from_utf8_lossy(&output.stderr)));
    let [report] = reports.as_array().unwrap().as_slice() else {
        panic!("{scenario} is the name of no scenario")
    };
    let number = |name: &str| report[name].as_f64().unwrap();
    Run { unique: number("unique_states"), seconds: number("seconds"), memory: number("peak_memory_bytes") }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let all = arguments.len();
    arguments.retain(|argument| argument != "--quick");
    let quick = arguments.len() < all;
    let bounds: &[&str] = if quick { &SMALL } else { &[] };
    let argument = |n: usize, default: &'static str| arguments.get(n).map_or(default, String::as_str);
    let scenario = argument(0, "handshake-close");
    let threads: &[&str] = if arguments.len() > 1 { &[argument(1, "1")] } else { &["1", "2"] };
    let rounds: usize = argument(2, if quick { "1" } else { "3" }).parse().unwrap();
    // What every process has before it explores anything.
    let idle =
        ["timely", "stateright"].map(|engine| run("simultaneous-open/in-order", engine, "1", &[]).memory);

    println!("{scenario}, the best of {rounds} rounds\n");
    println!("| threads | engine | unique states | seconds | states a second | bytes a state |");
    println!("|---:|---|---:|---:|---:|---:|");
    for threads in threads {
        let mut best: [Option<Run>; 2] = [None; 2];
        // In turn, so that what else the machine does meets both.
        for _ in 0..rounds {
            for (best, engine) in best.iter_mut().zip(["timely", "stateright"]) {
                let now = run(scenario, engine, threads, bounds);
                *best = Some(best.map_or(now, |old| if now.seconds < old.seconds { now } else { old }));
            }
        }
        let [ours, theirs] = best.map(Option::unwrap);
        assert_eq!(ours.unique, theirs.unique, "the engines disagree");
        let line = |name: &str, run: Run, idle: f64| {
            let (rate, memory) = (run.unique / run.seconds, (run.memory - idle) / run.unique);
            println!(
                "| {threads} | {name} | {} | {:.2} | {rate:.0} | {memory:.0} |",
                run.unique, run.seconds
            );
            (rate, memory)
        };
        let (fast, small) = line("timely", ours, idle[0]);
        let (slow, large) = line("stateright", theirs, idle[1]);
        println!("| {threads} | ratio | | | {:.2} | {:.2} |", fast / slow, small / large);
    }
}

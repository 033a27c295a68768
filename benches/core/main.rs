//! The stacks alone: two ends in one thread that exchange packets in memory. No device, no system call. Ours beside smoltcp.
//!
//! `cargo bench -p tcpspec-benches --bench core`; `-- --quick` for a short look, `-- WORD` for the works with this word, `-- --json FILE` for the figures as
//! JSON. A packet's cost is that of sending and receiving it, and of the program's calls. Checksums are computed and verified. Instructions are counted by
//! callgrind, in this program run anew, and repeat; times are medians of interleaved rounds.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run has nothing else to say")]

mod ends;
mod flood;
mod forge;
mod many;
mod ours;
mod parts;
mod smol;
mod works;

use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::io;
use std::process::ExitCode;
use std::time::Instant;
use works::{Running, Stack, Work, measured};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What one stack costs, a packet.
#[derive(Clone, Debug, Default)]
struct Cost {
    /// Nanoseconds of each round, in order.
    nanos: Vec<f64>,
    allocations: f64,
    /// By part.
    instructions: Option<Vec<(&'static str, f64)>>,
}

impl Cost {
    fn median(&self) -> f64 {
        self.nanos.get(self.nanos.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn counted(&self) -> Option<f64> {
        self.instructions.as_ref().map(|parts| parts.iter().map(|(_, each)| each).sum())
    }
}

struct Plan {
    rounds: usize,
    packets: usize,
    counted: usize,
    quick: bool,
    only: Option<String>,
    json: Option<String>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    if arguments.peek().is_some_and(|first| first == "--once") {
        let words: Vec<String> = arguments.skip(1).collect();
        return once(&words);
    }
    let mut plan =
        Plan { rounds: 7, packets: 200_000, counted: 20_000, quick: false, only: None, json: None };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => plan = Plan { rounds: 3, packets: 20_000, counted: 2_000, quick: true, ..plan },
            "--json" => plan.json = arguments.next(),
            word if !word.starts_with("--") => plan.only = Some(word.to_owned()),
            other => {
                eprintln!("unknown: {other}; known are --quick, --json FILE and a word of the works' names");
                return ExitCode::FAILURE;
            }
        }
    }
    match run(&plan) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What callgrind runs: one work on one stack.
fn once(words: &[String]) -> ExitCode {
    let [stack, work, packets] = words else { return ExitCode::FAILURE };
    let stack = Stack::NAMES.into_iter().find(|(name, _)| name == stack);
    let work = Work::NAMES.into_iter().find(|(name, _)| name == work);
    let (Some((_, stack)), Some((_, work)), Ok(packets)) = (stack, work, packets.parse()) else {
        return ExitCode::FAILURE;
    };
    let mut running = Running::new(stack, work);
    running.prepare();
    println!("{}", measured(&mut running, packets));
    ExitCode::SUCCESS
}

/// The stacks that a work is measured on.
fn stacks(work: Work) -> &'static [(&'static str, Stack)] {
    match work {
        Work::Many(_) | Work::Bursts(_) => &Stack::NAMES[..1],
        Work::Flood => &[("ours", Stack::Ours), ("smoltcp", Stack::Smoltcp)],
        Work::Ping | Work::Churn | Work::Bulk => &Stack::NAMES,
    }
}

fn run(plan: &Plan) -> io::Result<()> {
    let counts = parts::is_there();
    if !counts {
        eprintln!("There is no valgrind, so that no instructions are counted.");
    }
    println!(
        "| work | stack | instructions | ours : smoltcp | time | ours : smoltcp | fastest to slowest round | allocations |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    let mut all = Vec::new();
    for (name, work) in Work::NAMES {
        let is_large = matches!(work, Work::Many(count) | Work::Bursts(count) if count > 1000);
        if plan.only.as_ref().is_some_and(|word| !name.contains(word.as_str())) || (plan.quick && is_large) {
            continue;
        }
        // A million connections are too much for callgrind.
        let is_counted = counts && !matches!(work, Work::Many(1_000_000) | Work::Bursts(1_000_000));
        let costs = measure(plan, name, work, is_counted)?;
        lines(name, &costs);
        all.push((name, costs));
    }
    for (name, costs) in &all {
        parts_of(name, costs);
    }
    if let Some(file) = &plan.json {
        let costs = |costs: &[(&str, Cost)]| {
            let each = |(stack, cost): &(&str, Cost)| {
                let parts: serde_json::Map<_, _> = cost
                    .instructions
                    .iter()
                    .flatten()
                    .map(|(part, each)| ((*part).to_owned(), json!(each)))
                    .collect();
                json!({ "stack": stack, "instructions": cost.counted(), "parts": parts, "nanoseconds": cost.median(),
                    "rounds": cost.nanos, "allocations": cost.allocations })
            };
            costs.iter().map(each).collect::<Vec<_>>()
        };
        let works: Vec<_> =
            all.iter().map(|(name, cost)| json!({ "work": name, "costs": costs(cost) })).collect();
        std::fs::write(file, format!("{:#}\n", json!({ "works": works })))?;
    }
    Ok(())
}

fn measure(plan: &Plan, name: &str, work: Work, is_counted: bool) -> io::Result<Vec<(&'static str, Cost)>> {
    let mut all: Vec<_> = stacks(work)
        .iter()
        .map(|(stack, which)| (*stack, Running::new(*which, work), Cost::default()))
        .collect();
    for _ in 0..plan.rounds {
        for (_, running, cost) in &mut all {
            let (mut moved, mut nanos, mut allocations) = (0, 0.0, 0);
            while moved < plan.packets {
                running.prepare();
                let region = Region::new(ALLOCATOR);
                let begun = Instant::now();
                moved += measured(running, plan.packets - moved);
                nanos += begun.elapsed().as_secs_f64() * 1e9;
                allocations += region.change().allocations + region.change().reallocations;
            }
            cost.nanos.push(nanos / moved as f64);
            cost.allocations = allocations as f64 / moved as f64;
        }
    }
    let finish = |(stack, running, mut cost): (&'static str, Running, Cost)| -> io::Result<_> {
        drop(running);
        cost.nanos.sort_by(f64::total_cmp);
        if is_counted {
            let (counted, moved) = parts::count(stack, name, plan.counted)?;
            let each = |(part, cost): (&'static str, u64)| (part, cost as f64 / moved as f64);
            assert!(counted.total() > 0, "callgrind has seen nothing");
            cost.instructions = Some(counted.parts.into_iter().map(each).collect());
        }
        Ok((stack, cost))
    };
    all.into_iter().map(finish).collect()
}

fn ratio(own: Option<f64>, other: Option<f64>) -> String {
    own.zip(other).map_or_else(|| "–".to_owned(), |(own, other)| format!("{:.2}", own / other))
}

fn lines(name: &str, costs: &[(&str, Cost)]) {
    let rival = costs.iter().find(|(stack, _)| *stack == "smoltcp").map(|(_, cost)| cost);
    for (stack, cost) in costs {
        let rival = rival.filter(|_| *stack != "smoltcp");
        let counted = cost.counted().map_or_else(|| "–".to_owned(), |each| format!("{each:.0}"));
        let (fastest, slowest) = (cost.nanos.first().unwrap_or(&0.0), cost.nanos.last().unwrap_or(&0.0));
        println!(
            "| {name} | {stack} | {counted} | {} | {:.0} ns | {} | {fastest:.0} to {slowest:.0} ns | {:.2} |",
            ratio(cost.counted(), rival.and_then(Cost::counted)),
            cost.median(),
            ratio(Some(cost.median()), rival.map(Cost::median)),
            cost.allocations,
        );
    }
}

/// Where the instructions of ours go.
fn parts_of(name: &str, costs: &[(&str, Cost)]) {
    let Some(parts) =
        costs.iter().find(|(stack, _)| *stack == "ours").and_then(|(_, cost)| cost.instructions.clone())
    else {
        return;
    };
    let mut parts = parts;
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    println!("\n| {name}: part of ours | instructions a packet |\n|---|---:|");
    for (part, each) in parts {
        println!("| {part} | {each:.0} |");
    }
}

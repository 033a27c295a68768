//! The stacks alone: two ends in one thread that exchange packets in memory. No device, no system call. Ours beside smoltcp.
//!
//! `cargo bench -p tcpspec-benches --bench core`; `-- --quick` for a short look, `-- WORD` for the works with this word (`shards` for one thread and two), `-- --json FILE` and `-- --doc FILE` to
//! keep the figures, `-- --check FILE` to compare with figures that were kept. A packet's cost is that of sending and receiving it, and of the program's calls. Checksums are computed and verified. Instructions are counted by
//! callgrind, in this program run anew, and repeat; times are medians of interleaved rounds.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run has nothing else to say")]

mod ends;
mod flood;
mod forge;
mod many;
mod ours;
mod parts;
mod record;
mod shards;
mod smol;
mod works;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::io;
use std::path::{Path, PathBuf};
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
    quick: bool,
    only: Option<String>,
    json: Option<PathBuf>,
    doc: Option<PathBuf>,
    check: Option<PathBuf>,
}

/// Packets of which instructions are counted.
const COUNTED: usize = 5000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    if arguments.peek().is_some_and(|first| first == "--once") {
        let words: Vec<String> = arguments.skip(1).collect();
        return once(&words);
    }
    let plan =
        Plan { rounds: 7, packets: 200_000, quick: false, only: None, json: None, doc: None, check: None };
    match plan.told(arguments).and_then(|plan| run(&plan)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the sources are.
fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

impl Plan {
    fn told(mut self, mut arguments: impl Iterator<Item = String>) -> io::Result<Self> {
        while let Some(argument) = arguments.next() {
            let mut file = || match arguments.next() {
                // The program runs in its own folder, and files are named from the repository's.
                Some(file) => Ok(Some(repository().join(file))),
                None => Err(io::Error::other(format!("{argument} needs a file"))),
            };
            match argument.as_str() {
                "--quick" => (self.rounds, self.packets, self.quick) = (3, 20_000, true),
                "--json" => self.json = file()?,
                "--doc" => self.doc = file()?,
                "--check" => self.check = file()?,
                word if !word.starts_with("--") => self.only = Some(word.to_owned()),
                other => {
                    let known =
                        "--quick, --json FILE, --doc FILE, --check FILE and a word of the works' names";
                    return Err(io::Error::other(format!("unknown: {other}; known are {known}")));
                }
            }
        }
        if (self.doc.is_some() || self.json.is_some()) && (self.quick || self.only.is_some()) {
            return Err(io::Error::other("only a whole run is kept: without --quick and without a word"));
        }
        Ok(self)
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
    let mut tables = String::new();
    let heading = "| work | stack | instructions | ours : smoltcp | time | ours : smoltcp | fastest to slowest round | allocations |\n\
        |---|---|---:|---:|---:|---:|---:|---:|\n";
    let shards = plan.only.as_ref().is_none_or(|word| "shards".contains(word.as_str()));
    if !shards || plan.only.is_none() {
        show(&mut tables, heading);
    }
    let mut all = Vec::new();
    for (name, work) in Work::NAMES {
        let is_large = matches!(work, Work::Many(count) | Work::Bursts(count) if count > 1000);
        if plan.only.as_ref().is_some_and(|word| !name.contains(word.as_str())) || (plan.quick && is_large) {
            continue;
        }
        // A million connections are too much for callgrind.
        let is_counted = counts && !matches!(work, Work::Many(1_000_000) | Work::Bursts(1_000_000));
        let costs = measure(plan, name, work, is_counted)?;
        show(&mut tables, &lines(name, &costs));
        all.push((name, costs));
    }
    show(&mut tables, &parts_of(&all));
    if shards {
        show(&mut tables, &shards::table(plan));
    }
    let machine = record::Machine::here();
    if let Some(file) = &plan.json {
        std::fs::write(file, record::json(&machine, &all))?;
    }
    if let Some(file) = &plan.doc {
        std::fs::write(file, record::page(&machine, plan.rounds, &tables))?;
    }
    plan.check.as_ref().map_or(Ok(()), |file| record::check(file, &machine, &all))
}

/// Prints text at once, and keeps it.
fn show(kept: &mut String, text: &str) {
    print!("{text}");
    kept.push_str(text);
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
            let (counted, moved) = parts::count(stack, name, COUNTED)?;
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

fn lines(name: &str, costs: &[(&str, Cost)]) -> String {
    let rival = costs.iter().find(|(stack, _)| *stack == "smoltcp").map(|(_, cost)| cost);
    let line = |(stack, cost): &(&str, Cost)| {
        let rival = rival.filter(|_| *stack != "smoltcp");
        let counted = cost.counted().map_or_else(|| "–".to_owned(), |each| format!("{each:.0}"));
        let (fastest, slowest) = (cost.nanos.first().unwrap_or(&0.0), cost.nanos.last().unwrap_or(&0.0));
        format!(
            "| {name} | {stack} | {counted} | {} | {:.0} ns | {} | {fastest:.0} to {slowest:.0} ns | {:.2} |\n",
            ratio(cost.counted(), rival.and_then(Cost::counted)),
            cost.median(),
            ratio(Some(cost.median()), rival.map(Cost::median)),
            cost.allocations,
        )
    };
    costs.iter().map(line).collect()
}

/// Where the instructions of ours go: a line for each part, a column for each work.
fn parts_of(all: &[(&str, record::Costs)]) -> String {
    let ours = |costs: &record::Costs| {
        let (_, cost) = costs.iter().find(|(stack, _)| *stack == "ours")?;
        cost.instructions.clone()
    };
    let counted: Vec<_> = all.iter().filter_map(|(name, costs)| Some((*name, ours(costs)?))).collect();
    if counted.is_empty() {
        return String::new();
    }
    let mut text = "\n| part of ours, instructions a packet |".to_owned();
    counted.iter().for_each(|(name, _)| text.push_str(&format!(" {name} |")));
    text.push_str(&format!("\n|---|{}\n", "---:|".repeat(counted.len())));
    for part in parts::names() {
        let costs: Vec<f64> = counted
            .iter()
            .map(|(_, parts)| parts.iter().find(|(name, _)| *name == part).map_or(0.0, |(_, cost)| *cost))
            .collect();
        if costs.iter().any(|cost| *cost >= 0.5) {
            text.push_str(&format!("| {part} |"));
            costs.iter().for_each(|cost| text.push_str(&format!(" {cost:.0} |")));
            text.push('\n');
        }
    }
    text
}

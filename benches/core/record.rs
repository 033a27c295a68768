//! What is kept of a run: figures as JSON, a page for people, and the comparison with the figures that were kept last.

use crate::Cost;
use serde_json::{Value, json};
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::process::Command;

/// Instructions may grow by this part before a check fails.
const ROOM: f64 = 0.03;

/// The costs of a work on each stack.
pub(crate) type Costs = Vec<(&'static str, Cost)>;

/// What the figures depend on.
pub(crate) struct Machine {
    compiler: String,
    processor: String,
    system: String,
    date: String,
}

impl Machine {
    pub(crate) fn here() -> Self {
        let said = |program: &str, word: &str| {
            let output = Command::new(program).arg(word).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
        };
        let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let processor = processor.map(|(_, name)| name.trim().to_owned()).unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            compiler: said("rustc", "-V"),
            processor: format!("{processor}, {cores} cores"),
            system: said("uname", "-sr"),
            date: said("date", "+%F"),
        }
    }
}

/// The figures as JSON.
pub(crate) fn json(machine: &Machine, works: &[(&str, Costs)]) -> String {
    let cost = |(stack, cost): &(&str, Cost)| {
        let parts = cost.instructions.iter().flatten();
        let parts: serde_json::Map<_, _> =
            parts.map(|(part, each)| ((*part).to_owned(), json!(rounded(*each)))).collect();
        json!({
            "stack": stack,
            "instructions": cost.counted().map(rounded),
            "parts": parts,
            "nanoseconds": rounded(cost.median()),
            "rounds": cost.nanos.iter().map(|nanos| rounded(*nanos)).collect::<Vec<_>>(),
            "allocations": rounded(cost.allocations),
        })
    };
    let work = |(name, costs): &(&str, Costs)| json!({ "work": name, "costs": costs.iter().map(cost).collect::<Vec<_>>() });
    let all = json!({
        "compiler": machine.compiler,
        "processor": machine.processor,
        "works": works.iter().map(work).collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

/// The page for people; `tables` stand in it as they were printed.
pub(crate) fn page(machine: &Machine, rounds: usize, tables: &str) -> String {
    let Machine { compiler, processor, system, date } = machine;
    let mut page = String::new();
    let _ = write!(
        page,
        "<!-- Written by `cargo bench -p tcpspec-benches --bench core -- --doc docs/benchmarks.md`. -->\n\n\
         # The stack by itself\n\n\
         Two ends in one thread exchange packets in memory, with no device and no system call. Ours stands beside smoltcp.\n\n\
         - {date}, {processor}, {system}, {compiler}, smoltcp 0.14.\n\
         - MTU 1500, IPv4. Checksums are computed and verified. *ours* has its defaults: timestamps, SACK, RACK-TLP, CUBIC. *plain* is ours, and the peer offers neither timestamps nor SACK. \
         smoltcp reports out-of-order text by SACK, but its sender does not use SACK; it has no RACK and, as it comes, no congestion control. Its Nagle algorithm is off. Its sockets have 256 KiB each way in bulk, chosen from 16 KiB to 4 MiB for the fewest instructions.\n\
         - The cost of a packet is that of sending it and receiving it, with the calls of the programs: an octet back and forth (*ping*); connect, an octet back and forth, close (*churn*); one direction, as fast as it goes (*bulk*); \
         SYNs for a listener whose backlog is full (*flood*: ours answers with a SYN cookie, smoltcp, whose one socket is taken, with a RST); an octet for a random one of so many connections (*many*), sixteen in turn (*bursts*).\n\
         - Instructions are counted by callgrind and repeat. Times are medians of {rounds} rounds, in which the stacks take turns.\n\n\
         To repeat it on a quiet machine, with valgrind: `cargo bench -p tcpspec-benches --bench core`.\n\n{tables}"
    );
    page
}

/// Compares instructions with those that were kept: themselves, if compiler and processor are the same; else ours : smoltcp. What has grown too much is an error.
pub(crate) fn check(file: &Path, machine: &Machine, works: &[(&str, Costs)]) -> io::Result<()> {
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let same = kept["compiler"] == json!(machine.compiler) && kept["processor"] == json!(machine.processor);
    let before = |work: &str, stack: &str| -> Option<f64> {
        let work = kept["works"].as_array()?.iter().find(|kept| kept["work"] == work)?;
        let cost = work["costs"].as_array()?.iter().find(|kept| kept["stack"] == stack)?;
        cost["instructions"].as_f64()
    };
    let (mut compared, mut left_out, mut grown) = (0, 0, Vec::new());
    for (work, costs) in works {
        let rival = costs.iter().find(|(stack, _)| *stack == "smoltcp").and_then(|(_, cost)| cost.counted());
        for (stack, cost) in costs.iter().filter(|(stack, _)| *stack != "smoltcp") {
            let Some(now) = cost.counted() else { continue };
            let Some(then) = before(work, stack) else {
                return Err(io::Error::other(format!("{} has no {work}, {stack}", file.display())));
            };
            let (now, then) = match (same, rival, before(work, "smoltcp")) {
                (true, _, _) => (now, then),
                (false, Some(rival), Some(rival_then)) => (now / rival, then / rival_then),
                (false, _, _) => {
                    left_out += 1;
                    continue;
                }
            };
            compared += 1;
            if now.is_nan() || now > then * (1.0 + ROOM) {
                grown.push(format!("{work}, {stack}: {then:.2} has become {now:.2}"));
            }
        }
    }
    let what = if same {
        "instructions a packet"
    } else {
        "ours : smoltcp, since compiler or processor is another one"
    };
    if compared == 0 {
        return Err(io::Error::other(format!(
            "nothing could be compared with {}: is valgrind there?",
            file.display()
        )));
    }
    if !grown.is_empty() {
        let grown = grown.join("\n  ");
        return Err(io::Error::other(format!(
            "more than 3 % dearer than in {} ({what}):\n  {grown}\nIf that must be, keep the new figures: -- --json {}",
            file.display(),
            file.display()
        )));
    }
    println!("\n{compared} figures are no more than 3 % above those of {} ({what}).", file.display());
    if left_out > 0 {
        println!("{left_out} have nothing of smoltcp beside them, and are not compared on this machine.");
    }
    Ok(())
}

//! `docs/security.md`.

use super::acks::{self, Lied, Way};
use super::blind::{KINDS, Kind, Linux, Ours, report};
use super::{amplification, disagreement, flood, grouped, initial_numbers, piles, times};
use crate::differential::kernel;
use crate::reached::STATES;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

const HEAD: &str = include_str!("security/head.md");
const GUESSES: &str = include_str!("security/guesses.md");
const LINUX: &str = include_str!("security/linux.md");
const OUT: &str = include_str!("security/amplification.md");
const DISAGREEMENT: &str = include_str!("security/disagreement.md");
const ACKS: &str = include_str!("security/acks.md");
const NUMBERS: &str = include_str!("security/numbers.md");
const PILES: &str = include_str!("security/piles.md");
const FLOOD: &str = include_str!("security/flood.md");
const TIMES: &str = include_str!("security/times.md");
const TAIL: &str = include_str!("security/tail.md");

/// Blocks of guesses for each line about times.
const BLOCKS: usize = 10_000;
/// SYNs of the flood.
const SYNS: u64 = 1_000_000;

/// Where the document is.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md")
}

/// What is measured anew only when it is asked for.
#[derive(Clone, Debug)]
pub struct Kept {
    /// About Linux.
    pub linux: String,
    /// How long guesses take.
    pub times: String,
}

/// The document, but for what is measured of Linux and of times. `memory`: octets that are allocated.
pub fn document(memory: &dyn Fn() -> usize, kept: &Kept) -> String {
    let mut text = HEAD.to_owned();
    let mut part = |intro: &str, table: &str| {
        text.push_str(intro);
        text.push_str(table);
        text.push('\n');
    };
    part(GUESSES, &report::table(&report::survey(&mut Ours::default(), &STATES, &KINDS)));
    part(LINUX, &kept.linux);
    part(OUT, &out());
    part(DISAGREEMENT, &disagreements());
    part(ACKS, &lies());
    part(NUMBERS, &numbers());
    part(TIMES, &kept.times);
    part(PILES, &held(memory));
    part(FLOOD, &flooded(memory));
    text + TAIL
}

/// What is measured of Linux: a table, and the release of the kernel.
///
/// # Errors
///
/// Without the permission for namespaces and devices.
pub fn linux() -> io::Result<String> {
    // In a thread that nobody needs afterwards, since it gets a network namespace of its own.
    let survey = || {
        let mut linux = Linux::open()?;
        // The kernel keeps the size of a path beyond the connection. A RST ends it with every timestamp, so each guess would need a new one.
        let is_played = |kind: &&Kind| !matches!(kind.name, "ICMP: packet too big" | "RST, with a timestamp");
        let kinds = KINDS.iter().filter(is_played);
        Ok(report::table(&report::survey(&mut linux, &STATES, kinds)))
    };
    let table: io::Result<_> = std::thread::spawn(survey).join().expect("the sweep ends");
    Ok(format!("Linux {}:\n\n{}", kernel::release(), table?))
}

/// How long guesses take: a table, and the processor.
pub fn timed() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let mut table = format!(
        "{}:\n\n| guesses | answers | ns, ns | difference, ns | resolution, ns | guesses behind a network |\n|---|---:|---:|---:|---:|---:|\n",
        cpu.map_or("An unknown processor", |(_, name)| name)
    );
    for timed in times::times(BLOCKS) {
        let guesses = timed.guesses().map_or_else(|| "not found".to_owned(), about);
        let _ = writeln!(
            table,
            "| {} | {}, {} | {:.0}, {:.0} | {:.2} | {:.2} | {guesses} |",
            timed.name,
            timed.answers[0],
            timed.answers[1],
            timed.middles[0],
            timed.middles[1],
            timed.difference,
            timed.resolution
        );
    }
    table
}

/// What a document that was written before says of Linux and of times.
pub fn kept_of(document: &str) -> Option<Kept> {
    let between = |before: &str, behind: &str| {
        let (_, after) = document.split_once(before)?;
        let (part, _) = after.split_once(behind)?;
        Some(format!("{}\n", part.trim_matches('\n')))
    };
    Some(Kept { linux: between(LINUX, OUT)?, times: between(TIMES, PILES)? })
}

/// What must be the same each time: all but octets that are allocated, which a test bounds.
pub fn steady(document: &str) -> String {
    let (mut text, mut holds) = (String::new(), false);
    for line in document.lines() {
        if line.starts_with("## ") {
            holds = line == "## What is held";
        }
        let allocated = (holds && line.starts_with('|')) || line.starts_with("| octets that the stack took");
        if !allocated {
            text += line;
            text.push('\n');
        }
    }
    text
}

fn out() -> String {
    let mut table = String::from(
        "| packet | octets in | packets, octets out at once | in an hour, unanswered | out : in |\n|---|---:|---:|---:|---:|\n",
    );
    for case in amplification::cases() {
        let _ = writeln!(
            table,
            "| {} | {} | {}, {} | {}, {} | {:.2} |",
            case.name,
            case.octets,
            case.at_once.0,
            case.at_once.1,
            case.in_all.0,
            case.in_all.1,
            case.factor()
        );
    }
    table
}

fn disagreements() -> String {
    let mut table = String::from(
        "| what they disagree about | octets read | packets in an hour | most in a second | over after |\n|---|---:|---:|---:|---:|\n",
    );
    for case in disagreement::cases() {
        let over = case
            .over
            .map_or_else(|| "not within the hour".to_owned(), |over| format!("{:.0} s", over.as_secs_f64()));
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {over} |",
            case.name,
            grouped(case.read as u64),
            case.packets,
            case.worst
        );
    }
    table
}

fn lies() -> String {
    let mut table =
        String::from("| acknowledgments | octets in | octets out | of text, new |\n|---|---:|---:|---:|\n");
    for (name, way) in [
        ("honest: of every second segment", Way::Honest),
        ("honest, of a peer that has announced an MSS of one octet", Way::Crumbs),
        ("of each segment", Way::Divided(1)),
        ("ten of each segment, a tenth each", Way::Divided(10)),
        ("each the same, a hundred times", Way::Repeated(100)),
        ("of what lies beyond SND.NXT, a hundred times", Way::NeverSent(100)),
        ("a hundred duplicates, then one octet, ten times", Way::Partial(10)),
        ("of what has not arrived yet, three times", Way::Early(3)),
        ("SACK blocks: all but one segment, a hundred times", Way::Sacked(100)),
        ("SACK blocks: what was never sent, a hundred times", Way::SackedNeverSent(100)),
        ("SACK blocks: three octets each, a hundred times", Way::SackedOctets(100)),
    ] {
        let Lied { paid, got, text } = acks::lie(way);
        let [paid, got, text] = [paid as u64, got as u64, text.into()].map(grouped);
        let _ = writeln!(table, "| {name} | {paid} | {got} | {text} |");
    }
    table
}

fn numbers() -> String {
    let mut table = String::from(
        "| numbers | how many | χ² of their four octets | χ² of the differences between neighbours |\n|---|---:|---:|---:|\n",
    );
    let list = |values: [f64; 4]| values.map(|value| format!("{value:.0}")).join(", ");
    for found in initial_numbers::distributions() {
        let count = grouped(found.count as u64);
        let _ = writeln!(
            table,
            "| {} | {count} | {} | {} |",
            found.name,
            list(found.numbers),
            list(found.differences)
        );
    }
    let (number, stamp) = initial_numbers::advance(100);
    let _ = writeln!(
        table,
        "\nOne pair asked again after 100 seconds: its initial number has gone on by {}, its timestamp by {}.",
        grouped(number.into()),
        grouped(stamp.into())
    );
    table
}

/// Two digits that count.
fn about(octets: f64) -> String {
    if octets < 100.0 {
        return format!("{octets:.0}");
    }
    let unit = 10f64.powi(octets.log10().floor() as i32 - 1);
    grouped(((octets / unit).round() * unit) as u64)
}

fn held(memory: &dyn Fn() -> usize) -> String {
    let mut table = String::from(
        "| pile | how many | packets, octets the attacker sends for one | held for one at once | after ten minutes | after a day |\n|---|---:|---:|---:|---:|---:|\n",
    );
    for pile in piles::piles(memory) {
        let each = |octets: usize| about(octets as f64 / pile.count as f64);
        let (packets, octets) = (pile.paid.0 / pile.count, pile.paid.1 / pile.count);
        let [now, later, day] = pile.held.map(each);
        let (packets, octets) = (grouped(packets), grouped(octets));
        let _ = writeln!(
            table,
            "| {} | {} | {packets}, {octets} | {now} | {later} | {day} |",
            pile.name,
            grouped(pile.count)
        );
    }
    table
}

fn flooded(memory: &dyn Fn() -> usize) -> String {
    let flood = flood::flood(SYNS, memory);
    let of = |(tried, done): (u64, u64)| format!("{} of {}", grouped(done), grouped(tried));
    format!(
        "| | |\n|---|---:|\n\
         | SYNs, each from another socket | {} |\n\
         | in simulated time | {} s |\n\
         | answered by a cookie, those of clients included | {} |\n\
         | segments of the established connection that were acknowledged at once | {} |\n\
         | clients that connected at the first attempt | {} |\n\
         | … that were offered window scale, SACK and timestamps | {} |\n\
         | octets that the stack took for all of it, at most | {} |\n",
        grouped(flood.syns),
        flood.span.as_secs(),
        grouped(flood.cookies),
        of(flood.segments),
        of(flood.clients),
        of(flood.complete),
        about(flood.octets as f64),
    )
}

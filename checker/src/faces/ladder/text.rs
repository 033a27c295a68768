//! The ladder for the terminal, in the manner of the figures of RFC 9293.

use super::words;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::model::{Packet, Step};
use tcpspec_explorer::flights::{Fate, Flight, flights};

/// Columns: a state's name, what lies between the ends, the rows that fired.
const STATE: usize = 12;
const BETWEEN: usize = 50;
const ROWS: usize = 26;

/// The run, step by step. States are those after the step.
pub(crate) fn text(steps: &[Step], names: [&str; 2]) -> String {
    lasso(steps, None, names)
}

/// The same for a run that from one of its steps on repeats for ever.
pub(crate) fn lasso(steps: &[Step], repeats_from: Option<usize>, names: [&str; 2]) -> String {
    let mut out = String::new();
    let flights = flights(steps, 0);
    let [a, b] = names;
    line(&mut out, "", a, "", b, "rows");
    if let Some(first) = steps.first() {
        let [a, b] = first.before.map(State::name);
        line(&mut out, "", a, "", b, "");
    }
    for (index, step) in steps.iter().enumerate() {
        if repeats_from == Some(index) {
            line(&mut out, "", "", &format!("{:┄^BETWEEN$}", " from here on it repeats "), "", "");
        }
        let mut rows = wrapped(step).into_iter();
        let [a, b] = step.after.map(State::name);
        let mut states = Some((format!("{}.", index + 1), a, b));
        let mut put = |between: &str| {
            let (number, a, b) = states.take().unwrap_or_default();
            line(&mut out, &number, a, between, b, &rows.next().unwrap_or_default());
        };
        for between in happens(step, index, &flights) {
            put(&between);
        }
        for row in rows {
            line(&mut out, "", "", "", "", &row);
        }
    }
    out
}

/// What stands between the ends: a line for each thing that happens in the step.
fn happens(step: &Step, index: usize, flights: &[Flight]) -> Vec<String> {
    let mut lines = Vec::new();
    let words = words(step.action);
    if !words.is_empty() {
        lines.push(match step.end {
            Some(0) => format!("· {words}"),
            Some(_) => format!("{:>BETWEEN$}", format!("{words} ·")),
            None => format!("{words:^BETWEEN$}"),
        });
    }
    for flight in flights.iter().filter(|f| f.ends == Some(index)) {
        let (left, right) = match flight.fate {
            _ if flight.is_direct() => ("─", "▶"),
            Fate::Lost => ("…", "╳ lost"),
            Fate::Copied => ("… copy …", "▶"),
            Fate::Arrives | Fate::Expired | Fate::UnderWay => ("…", "▶"),
        };
        lines.push(arrow(&flight.packet, left, right));
    }
    for (place, packet) in step.sent.iter().enumerate() {
        let direct = flights.iter().any(|f| f.sent == Some((index, place)) && f.is_direct());
        if !direct {
            lines.push(arrow(packet, "─", "▶ …"));
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// An arrow towards where the packet goes, the segment at its sender's side.
fn arrow(packet: &Packet, tail: &str, head: &str) -> String {
    let seg = packet.seg.to_string();
    let taken = seg.chars().count() + tail.chars().count() + head.chars().count() + 2;
    let shaft = "─".repeat(BETWEEN.saturating_sub(taken).max(2));
    if packet.to == 1 {
        return format!("{tail} {seg} {shaft}{head}");
    }
    let head = match head {
        "▶" => "◀",
        "▶ …" => "… ◀",
        _ => "lost ╳",
    };
    format!("{head}{shaft} {seg} {tail}")
}

/// The rows' names in lines that fit.
fn wrapped(step: &Step) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in &step.rows {
        match lines.last_mut() {
            Some(line) if line.len() + row.name().len() + 2 < ROWS => {
                let _ = write!(line, ", {}", row.name());
            }
            Some(line) => {
                line.push(',');
                lines.push(row.name().to_owned());
            }
            None => lines.push(row.name().to_owned()),
        }
    }
    lines
}

fn line(out: &mut String, number: &str, a: &str, between: &str, b: &str, rows: &str) {
    let line = format!("{number:>3} {a:<STATE$}  {between:<BETWEEN$}  {b:<STATE$}  {rows}");
    let _ = writeln!(out, "{}", line.trim_end());
}

//! The ladder for the terminal, in the manner of the figures of RFC 9293.

use super::words;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::model::{Packet, Step};
use tcpspec_explorer::capture::NAMES;
use tcpspec_explorer::flights::{Fate, Flight, flights};

/// Columns: a state's name, what lies between the ends, the rows that fired where they stand beside the step.
const STATE: usize = 12;
const BETWEEN: usize = 50;
const ROWS: usize = 26;

/// What is said of a segment that an older connection has sent.
const OLD: &str = "from an older connection";

/// Where the rows that fired stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rows {
    /// Beside the step, as documents have room for it.
    Beside,
    /// Below the step: 80 columns suffice.
    Below,
}

impl Rows {
    /// For so many columns.
    pub(crate) fn within(columns: usize) -> Self {
        if columns >= 112 { Self::Beside } else { Self::Below }
    }

    fn line(self, out: &mut String, number: &str, a: &str, between: &str, b: &str, rows: &str) {
        let gap = if self == Self::Beside { "  " } else { " " };
        let line = format!("{number:>3} {a:<STATE$}{gap}{between:<BETWEEN$}{gap}{b:<STATE$}  {rows}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// What is marked in a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks<'a> {
    /// The step from which on it repeats for ever.
    pub(crate) repeats_from: Option<usize>,
    /// For each step whether the segment that arrives in it comes from an older connection; the steps behind the last one have none.
    pub(crate) old: &'a [bool],
}

/// The run, step by step, for documents. States are those after the step.
pub(crate) fn text(steps: &[Step]) -> String {
    marked(steps, Marks::default(), Rows::Beside)
}

/// The same for a run that from one of its steps on repeats for ever.
pub(crate) fn lasso(steps: &[Step], repeats_from: Option<usize>) -> String {
    marked(steps, Marks { repeats_from, old: &[] }, Rows::Beside)
}

/// The same with marks, in any form.
pub(crate) fn marked(steps: &[Step], marks: Marks<'_>, rows: Rows) -> String {
    let mut out = String::new();
    let flights = flights(steps, 0);
    let [a, b] = NAMES;
    rows.line(&mut out, "", a, "", b, if rows == Rows::Beside { "rows" } else { "" });
    if let Some(first) = steps.first() {
        let [a, b] = first.before.map(State::name);
        rows.line(&mut out, "", a, "", b, "");
    }
    for (index, step) in steps.iter().enumerate() {
        if marks.repeats_from == Some(index) {
            rows.line(&mut out, "", "", &format!("{:┄^BETWEEN$}", " from here on it repeats "), "", "");
        }
        let (beside, below) = match rows {
            Rows::Beside => (wrapped(step, ROWS), Vec::new()),
            Rows::Below => (Vec::new(), wrapped(step, BETWEEN + STATE)),
        };
        let mut beside = beside.into_iter();
        let [a, b] = step.after.map(State::name);
        let mut states = Some((format!("{}.", index + 1), a, b));
        let is_old = marks.old.get(index).copied().unwrap_or(false);
        for between in happens(step, index, &flights, is_old) {
            let (number, a, b) = states.take().unwrap_or_default();
            rows.line(&mut out, &number, a, &between, b, &beside.next().unwrap_or_default());
        }
        for row in beside {
            rows.line(&mut out, "", "", "", "", &row);
        }
        for row in below {
            rows.line(&mut out, "", "", &format!("  {row}"), "", "");
        }
    }
    out
}

/// What stands between the ends: a line for each thing that happens in the step.
fn happens(step: &Step, index: usize, flights: &[Flight], is_old: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let words = words(step.action);
    for (number, part) in
        textwrap::wrap(&words, BETWEEN - 2).iter().enumerate().filter(|(_, part)| !part.is_empty())
    {
        let dot = if number == 0 { "·" } else { " " };
        lines.push(match step.end {
            Some(0) => format!("{dot} {part}"),
            Some(_) => format!("{:>BETWEEN$}", format!("{part} {dot}")),
            None => format!("{part:^BETWEEN$}"),
        });
    }
    for flight in flights.iter().filter(|f| f.ends == Some(index)) {
        let (left, right) = match flight.fate {
            _ if flight.is_direct() => ("─", "▶"),
            Fate::Lost => ("…", "╳ lost"),
            Fate::Copied => ("… copy …", "▶"),
            Fate::Arrives | Fate::Expired | Fate::UnderWay => ("…", "▶"),
        };
        lines.extend(arrow(&flight.packet, if is_old { " (old)" } else { "" }, left, right));
    }
    for (place, packet) in step.sent.iter().enumerate() {
        let direct = flights.iter().any(|f| f.sent == Some((index, place)) && f.is_direct());
        if !direct {
            lines.extend(arrow(packet, "", "─", "▶ …"));
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// An arrow towards where the packet goes, the segment at its sender's side. What does not fit beside the segment stands in a line above.
fn arrow(packet: &Packet, note: &str, tail: &str, head: &str) -> Vec<String> {
    let seg = packet.seg.to_string();
    let length = |text: &str| text.chars().count();
    let mut label = format!("{seg}{note}");
    let (mut tail, mut head, mut above) = (tail, head, None);
    if length(&label) + length(tail) + length(head) + 4 > BETWEEN {
        let beside =
            [(tail.contains("copy"), "a copy"), (head.contains("lost"), "lost"), (!note.is_empty(), OLD)];
        let words: Vec<&str> = beside.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| *words).collect();
        let words = format!("{}:", words.join(", "));
        above = Some(if packet.to == 1 { words } else { format!("{words:>BETWEEN$}") });
        (label, tail, head) = (seg, "…", head.trim_end_matches(" lost"));
    }
    let shaft = "─".repeat(BETWEEN.saturating_sub(length(&label) + length(tail) + length(head) + 2).max(2));
    let arrow = if packet.to == 1 {
        format!("{tail} {label} {shaft}{head}")
    } else {
        let head = match head {
            "▶" => "◀",
            "▶ …" => "… ◀",
            "╳" => "╳",
            _ => "lost ╳",
        };
        format!("{head}{shaft} {label} {tail}")
    };
    above.into_iter().chain([arrow]).collect()
}

/// The rows' names in lines of so many columns.
fn wrapped(step: &Step, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in &step.rows {
        match lines.last_mut() {
            Some(line) if line.len() + row.name().len() + 2 < columns => {
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

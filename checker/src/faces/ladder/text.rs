//! The ladder for the terminal, in the manner of the figures of RFC 9293.

use super::words;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::model::{Packet, Step};
use tcpspec_explorer::flights::{Fate, Flight, flights};

/// Columns of a state's name.
const STATE: usize = 12;
/// Columns of the rows that fired, where they stand beside the step.
const ROWS: usize = 26;

/// What is said of a segment that an older connection has sent.
const OLD: &str = "from an older connection";

/// How a ladder is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Form {
    /// Columns between the ends.
    between: usize,
    /// The rows stand beside the step, not below it.
    beside: bool,
}

impl Form {
    /// For documents.
    pub(crate) const WIDE: Self = Self { between: 50, beside: true };
    /// For 80 columns.
    pub(crate) const NARROW: Self = Self { between: 50, beside: false };

    /// For so many columns.
    pub(crate) fn within(columns: usize) -> Self {
        if columns >= 112 { Self::WIDE } else { Self::NARROW }
    }

    fn line(self, out: &mut String, number: &str, a: &str, between: &str, b: &str, rows: &str) {
        let gap = if self.beside { "  " } else { " " };
        let width = self.between;
        let line = format!("{number:>3} {a:<STATE$}{gap}{between:<width$}{gap}{b:<STATE$}  {rows}");
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
pub(crate) fn text(steps: &[Step], names: [&str; 2]) -> String {
    marked(steps, Marks::default(), names, Form::WIDE)
}

/// The same for a run that from one of its steps on repeats for ever.
pub(crate) fn lasso(steps: &[Step], repeats_from: Option<usize>, names: [&str; 2]) -> String {
    marked(steps, Marks { repeats_from, old: &[] }, names, Form::WIDE)
}

/// The same with marks, in any form.
pub(crate) fn marked(steps: &[Step], marks: Marks<'_>, names: [&str; 2], form: Form) -> String {
    let mut out = String::new();
    let flights = flights(steps, 0);
    let [a, b] = names;
    form.line(&mut out, "", a, "", b, if form.beside { "rows" } else { "" });
    if let Some(first) = steps.first() {
        let [a, b] = first.before.map(State::name);
        form.line(&mut out, "", a, "", b, "");
    }
    for (index, step) in steps.iter().enumerate() {
        if marks.repeats_from == Some(index) {
            let width = form.between;
            form.line(&mut out, "", "", &format!("{:┄^width$}", " from here on it repeats "), "", "");
        }
        let mut beside = if form.beside { wrapped(step, ROWS) } else { Vec::new() }.into_iter();
        let [a, b] = step.after.map(State::name);
        let mut states = Some((format!("{}.", index + 1), a, b));
        let is_old = marks.old.get(index).copied().unwrap_or(false);
        for between in happens(step, index, &flights, is_old, form.between) {
            let (number, a, b) = states.take().unwrap_or_default();
            form.line(&mut out, &number, a, &between, b, &beside.next().unwrap_or_default());
        }
        for row in beside {
            form.line(&mut out, "", "", "", "", &row);
        }
        if !form.beside && !step.rows.is_empty() {
            for rows in wrapped(step, form.between + STATE) {
                form.line(&mut out, "", "", &format!("  {rows}"), "", "");
            }
        }
    }
    out
}

/// What stands between the ends: a line for each thing that happens in the step.
fn happens(step: &Step, index: usize, flights: &[Flight], is_old: bool, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let words = words(step.action);
    for (number, part) in
        textwrap::wrap(&words, width - 2).iter().enumerate().filter(|(_, part)| !part.is_empty())
    {
        let dot = if number == 0 { "·" } else { " " };
        lines.push(match step.end {
            Some(0) => format!("{dot} {part}"),
            Some(_) => format!("{:>width$}", format!("{part} {dot}")),
            None => format!("{part:^width$}"),
        });
    }
    for flight in flights.iter().filter(|f| f.ends == Some(index)) {
        let (left, right) = match flight.fate {
            _ if flight.is_direct() => ("─", "▶"),
            Fate::Lost => ("…", "╳ lost"),
            Fate::Copied => ("… copy …", "▶"),
            Fate::Arrives | Fate::Expired | Fate::UnderWay => ("…", "▶"),
        };
        lines.extend(arrow(&flight.packet, if is_old { " (old)" } else { "" }, left, right, width));
    }
    for (place, packet) in step.sent.iter().enumerate() {
        let direct = flights.iter().any(|f| f.sent == Some((index, place)) && f.is_direct());
        if !direct {
            lines.extend(arrow(packet, "", "─", "▶ …", width));
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// An arrow towards where the packet goes, the segment at its sender's side. What does not fit beside the segment stands in a line above.
fn arrow(packet: &Packet, note: &str, tail: &str, head: &str, width: usize) -> Vec<String> {
    let seg = packet.seg.to_string();
    let length = |text: &str| text.chars().count();
    let mut label = format!("{seg}{note}");
    let (mut tail, mut head, mut above) = (tail, head, None);
    if length(&label) + length(tail) + length(head) + 4 > width {
        let beside =
            [(tail.contains("copy"), "a copy"), (head.contains("lost"), "lost"), (!note.is_empty(), OLD)];
        let words: Vec<&str> = beside.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| *words).collect();
        let words = format!("{}:", words.join(", "));
        above = Some(if packet.to == 1 { words } else { format!("{words:>width$}") });
        (label, tail, head) = (seg, "…", head.trim_end_matches(" lost"));
    }
    let shaft = "─".repeat(width.saturating_sub(length(&label) + length(tail) + length(head) + 2).max(2));
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

//! Two ladders side by side: what our side did with its rows, and what the kernel did.

use super::compare;
use super::run::Seen;
use super::script::Script;
use std::fmt::Write;

/// Columns of each side.
const WIDTH: usize = 60;

/// The two runs of a script. Steps at which they differ are marked.
pub fn side_by_side(script: &Script, ours: &[Seen], kernel: &[Seen], rows: bool) -> String {
    let mut text = String::new();
    line(&mut text, ' ', "ours", "kernel");
    for (index, (step, (a, b))) in script.steps.iter().zip(ours.iter().zip(kernel)).enumerate() {
        let mark = if compare::same(a, b) { ' ' } else { '≠' };
        let _ = writeln!(text, "{:>2}. {step}", index + 1);
        let (left, right) = (lines(a, rows), lines(b, rows));
        for n in 0..left.len().max(right.len()) {
            let at = |lines: &[String]| lines.get(n).cloned().unwrap_or_default();
            line(&mut text, mark, &at(&left), &at(&right));
        }
    }
    text
}

fn line(text: &mut String, mark: char, left: &str, right: &str) {
    let _ = writeln!(text, "  {mark} {}", format!("{left:<WIDTH$}  {right}").trim_end());
}

fn lines(seen: &Seen, rows: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(segment) = &seen.segment {
        lines.push(format!("{:<12} ◀─ {segment}", ""));
    }
    if let Some(outcome) = &seen.outcome {
        lines.push(format!("{:<12} gives {outcome}", ""));
    }
    lines.extend(seen.replies.iter().map(|reply| format!("{:<12} ─▶ {reply}", "")));
    let fired = if rows { wrap(&seen.rows.join(", "), WIDTH - 14) } else { Vec::new() };
    lines.push(
        format!("{:<12} {}", seen.after, fired.first().map_or("", String::as_str)).trim_end().to_owned(),
    );
    lines.extend(fired.iter().skip(1).map(|rest| format!("{:<12} {rest}", "")));
    lines
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(last) if last.len() + word.len() < width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

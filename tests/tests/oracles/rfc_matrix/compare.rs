//! The matrix against the machine: by the letter of the RFC, and as shipped.

use super::cells::LAYOUTS;
use super::data::{Answer, Cell, Problem, Rule, changed};
use super::machine::{Outcome, run};
use super::matrix::{Matrix, find};
use std::collections::BTreeMap;
use tcpspec::Options;

/// Cells, by what they agree with.
pub(crate) type Counts = BTreeMap<String, usize>;

/// Runs all cells with these options and counts what `judge` says they agree with; or what is wrong.
fn all(
    matrix: &Matrix,
    options: &Options,
    judge: impl Fn(usize, &Cell, &Rule, &Answer) -> Result<String, String>,
) -> (Counts, Vec<Problem>) {
    let (mut counts, mut wrong) = (Counts::new(), Wrong::default());
    for (table, covered) in matrix.cover().0.iter().enumerate() {
        for (cell, rule) in covered {
            let outcome = run(LAYOUTS[table], cell, *options);
            match judge(table, cell, rule, &outcome.answer) {
                Ok(by) => *counts.entry(by).or_default() += 1,
                Err(what) => wrong.push(rule, cell, &outcome, &what),
            }
        }
    }
    (counts, wrong.finish())
}

/// The machine with these options, which should be the letter's: each cell is as its line says, or as that one of the line's alternatives that
/// `readings.txt` takes, or a fault that is known.
pub(crate) fn by_the_letter(matrix: &Matrix, options: &Options) -> (Counts, Vec<Problem>) {
    all(matrix, options, |table, cell, rule, answer| letter(matrix, table, cell, rule, answer))
}

fn letter(
    matrix: &Matrix,
    table: usize,
    cell: &Cell,
    rule: &Rule,
    answer: &Answer,
) -> Result<String, String> {
    let main = agrees(&rule.answer, cell, answer);
    if let Some((heading, claim)) = find(&matrix.faults, table, cell) {
        let listed = changed(&rule.answer, &claim.change);
        return match agrees(&listed, cell, answer) {
            _ if main => Err(format!("{}: this fault is mended: take it off the list", claim.place)),
            true => Ok(heading.name.clone()),
            false => Err(format!("{}: the fault listed is another one: {}", claim.place, listed.join(" | "))),
        };
    }
    let Some((heading, claim)) = find(&matrix.readings, table, cell) else {
        let expected = || format!("{}{}", rule.answer.join(" | "), others(rule));
        return if main { Ok("main reading".to_owned()) } else { Err(expected()) };
    };
    let taken = changed(&rule.answer, &claim.change);
    if main {
        Err(format!("{}: this reading is not needed: the machine does what the line says", claim.place))
    } else if !agrees(&taken, cell, answer) {
        Err(format!("{} (as {} reads it)", taken.join(" | "), claim.place))
    } else if offered(rule, &taken) || only_timing(&rule.answer, &taken) {
        Ok(format!("reading {}", heading.name))
    } else {
        Err(format!("{}: the line does not offer this reading{}", claim.place, others(rule)))
    }
}

/// The machine as it is shipped: where it differs from the letter, `differences.txt` says how, and which option it is that makes the difference.
pub(crate) fn as_shipped(matrix: &Matrix) -> (Counts, Vec<Problem>) {
    all(matrix, &Options::default(), |table, cell, rule, answer| shipped(matrix, table, cell, rule, answer))
}

fn shipped(
    matrix: &Matrix,
    table: usize,
    cell: &Cell,
    rule: &Rule,
    answer: &Answer,
) -> Result<String, String> {
    let letter = run(LAYOUTS[table], cell, matrix.letter()).answer;
    let listed =
        matrix.options.iter().find_map(|(switch, heading)| Some((switch, heading.about(table, cell)?)));
    let Some((switch, claim)) = listed else {
        let expected = || format!("{}, as by the letter, since no difference is listed", letter.join(" | "));
        return if *answer == letter { Ok("as the letter".to_owned()) } else { Err(expected()) };
    };
    let on = |setting| if setting { "on" } else { "off" };
    let expected = changed(&rule.answer, &claim.change);
    let mut without = Options::default();
    without.set(switch.name, switch.letter);
    let without = run(LAYOUTS[table], cell, without).answer;
    if *answer == letter {
        Err(format!("{}: the difference listed is not there", claim.place))
    } else if !agrees(&expected, cell, answer) {
        Err(format!("{} ({})", expected.join(" | "), claim.place))
    } else if without != letter {
        let (name, setting) = (switch.name, on(switch.letter));
        Err(format!("{}: with {name} {setting} it is still {}", claim.place, without.join(" | ")))
    } else {
        Ok(format!("option {} {}", switch.name, on(switch.shipped)))
    }
}

/// Whether the machine's answer is this one. An acknowledgment that may be delayed may also be sent at once.
fn agrees(expected: &Answer, cell: &Cell, answer: &Answer) -> bool {
    expected.iter().zip(answer).all(|(expected, answer)| {
        expected == answer
            || (expected == "ACK?" && answer == "ACK")
            || (expected == "same" && answer == cell[0])
    })
}

/// Whether the line has this answer among its alternatives.
fn offered(rule: &Rule, answer: &Answer) -> bool {
    rule.alternatives.iter().any(|alternative| changed(&rule.answer, alternative) == *answer)
}

/// The same segment at another time: an ACK that may be delayed, or whose rate may be limited.
fn only_timing(main: &Answer, answer: &Answer) -> bool {
    main[0] == "ACK" && (answer[0] == "ACK?" || answer[0] == "challenge") && main[1..] == answer[1..]
}

fn others(rule: &Rule) -> String {
    let why = if rule.ambiguous { "    (ambiguous)" } else { "" };
    let others = rule.alternatives.iter().map(|change| changed(&rule.answer, change).join(" | "));
    let others: String = others.map(|other| format!("\n              or {other}")).collect();
    format!("{why}{others}")
}

/// Cells that disagree, those of one line with one answer joined.
#[derive(Default)]
struct Wrong(Vec<(String, Vec<String>)>);

impl Wrong {
    fn push(&mut self, rule: &Rule, cell: &Cell, outcome: &Outcome, what: &str) {
        let (answer, rows) = (outcome.answer.join(" | "), &outcome.rows);
        let text =
            format!("{}:\n    expected: {what}\n    machine:  {answer}\n    rows:     {rows}", rule.place);
        match self.0.iter_mut().find(|(other, _)| *other == text) {
            Some((_, cells)) => cells.push(cell.join(" ")),
            None => self.0.push((text, vec![cell.join(" ")])),
        }
    }

    fn finish(self) -> Vec<Problem> {
        let one =
            |(text, cells): (String, Vec<String>)| format!("{text}\n    cells:    {}\n", cells.join("; "));
        self.0.into_iter().map(one).map(Problem).collect()
    }
}

//! `tcpspec explain`: all that is known of a row, on one screen.

use crate::commands::names::no_row;
use crate::faces::ladder;
use crate::output::terminal::{ASIDE, GOOD, OPEN, STRONG, painted, width, wrapped};
use crate::screen::words::plural;
use clap::Args;
use std::error::Error;
use std::io::{self, Write};
use tcpspec_explorer::api::{MutantView, RowView, TableView};
use tcpspec_explorer::known::{Known, Mutants};
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::Run;
use tcpspec_explorer::{stamp, start};

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// A row of the table, as in `rst_passive`
    row: String,
}

impl ExplainArgs {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let table = start::table(Known::kept(), Mutants::kept());
        let row = table.rows.iter().find(|row| row.name == self.row).ok_or_else(|| no_row(&self.row))?;
        says(out, row)?;
        asks(out, row, &table)?;
        fires(out, row)?;
        mutants(out, row, &table)?;
        Ok(true)
    }
}

/// A part of the page: its word in front, the others below each other.
fn part(out: &mut impl Write, word: &str, text: &str) -> io::Result<()> {
    let first = format!("  {}{:pad$}", painted(ASIDE, word), "", pad = 10usize.saturating_sub(word.len()));
    writeln!(out, "{}", wrapped(text, width(), &first, &" ".repeat(12)))
}

/// The row itself.
fn says(out: &mut impl Write, row: &RowView) -> io::Result<()> {
    let RowView { name, sentence, event, step, states, condition, next, verb, effects, line, .. } = row;
    writeln!(out, "{}  {}", painted(STRONG, name), painted(ASIDE, &format!("spec/src/table.rs:{line}")))?;
    writeln!(out, "{}\n", wrapped(sentence, width(), "  ", "  "))?;
    let step = if step.is_empty() { String::new() } else { format!(", step {step}") };
    part(out, "on", &format!("{event}{step}"))?;
    part(out, "in", &states.join(", "))?;
    if !condition.is_empty() {
        part(out, "if", &condition.join(" and "))?;
    }
    if !effects.is_empty() {
        part(out, "does", &effects.join(", "))?;
    }
    let next = next.map(|state| format!(", in {state}")).unwrap_or_default();
    let verb_means = match verb.as_str() {
        "next" => "goes on with the next step",
        "stop" => "ends the processing",
        "drop" => "ignores the event",
        "skip" => "goes on and does nothing",
        error => error,
    };
    part(out, "then", &format!("{verb_means}{next}"))
}

/// What asks for it.
fn asks(out: &mut impl Write, row: &RowView, table: &TableView) -> io::Result<()> {
    part(out, "from", row.section)?;
    if let Some(quotation) = row.quotation {
        part(out, "RFC 9293", &format!("{}: “{}”", quotation.section, quotation.words))?;
    }
    for id in row.requirements {
        let lines = table.requirements.iter().filter(|requirement| requirement.id == *id);
        for requirement in lines {
            part(out, id, &requirement.words)?;
        }
    }
    Ok(())
}

/// The shortest run that fires it.
fn fires(out: &mut impl Write, row: &RowView) -> io::Result<()> {
    let link = row.shown_by.as_deref().unwrap_or_default();
    // What was kept of another table may not be possible any more, or fire other rows.
    let run = Link::parse(link).and_then(Run::play).ok();
    let shows =
        |run: &Run| run.steps.iter().any(|step| step.rows.iter().any(|fired| fired.name() == row.name));
    let Some(run) = run.filter(shows) else {
        return writeln!(out, "\nNo run is kept that fires it; `tcpspec docs` looks for one.");
    };
    let scenarios = plural(row.fires_in, "scenario");
    let text =
        format!("It fires in {scenarios}. The shortest run that fires it, in {}:", run.model.scenario.name);
    writeln!(out, "\n{}\n", wrapped(&text, width(), "", ""))?;
    write!(out, "{}", ladder::shown(&run.model, &run.steps, None))?;
    writeln!(out, "\nIn the browser: tcpspec explore --open '{link}'")
}

/// Which claim notices each fault in it.
fn mutants(out: &mut impl Write, row: &RowView, table: &TableView) -> io::Result<()> {
    if row.mutants.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nFaults in it, and the claim that notices each:\n")?;
    for MutantView { token: _, name, noticed_by, scenario, reason } in &row.mutants {
        let fault = name.strip_prefix(row.name).map_or(name.as_str(), str::trim_start);
        let (style, mark, text) = match (noticed_by, reason) {
            (Some(claim), _) => {
                let scenario = scenario.as_deref().unwrap_or_default();
                (GOOD, "✓", format!("{claim} ({scenario})"))
            }
            (None, Some(reason)) => (OPEN, "=", format!("no run can tell: {reason}")),
            (None, None) => (OPEN, "?", "not run yet: `tcpspec mutate` does".to_owned()),
        };
        writeln!(out, "{}", wrapped(fault, width(), &format!("  {} ", painted(style, mark)), "    "))?;
        writeln!(out, "{}", wrapped(&text, width(), "      ", "      "))?;
    }
    if !table.mutants_current || Known::kept().stamp != stamp::of_today() {
        let text = "The table has changed since the runs and mutants were kept: `tcpspec docs` and `tcpspec mutate --doc docs/mutants.md` look anew.";
        writeln!(out, "\n{}", wrapped(text, width(), "", ""))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_not_possible_any_more_is_not_shown() {
        let table = start::table(Known::kept(), Mutants::kept());
        let mut row = table.rows.into_iter().find(|row| row.name == "rst_passive").unwrap();
        for link in ["scenario=reset&path=t", "scenario=reset&path=ao", "scenario=gone"] {
            row.shown_by = Some(link.into());
            let mut out = Vec::new();
            fires(&mut out, &row).unwrap();
            assert_eq!(
                String::from_utf8(out).unwrap(),
                "\nNo run is kept that fires it; `tcpspec docs` looks for one.\n"
            );
        }
    }
}

//! `tcpspec explain`: all that is known of a row, on one screen.

use crate::faces::ladder;
use crate::report::plural;
use crate::terminal::{ASIDE, GOOD, OPEN, STRONG, painted, width, wrapped};
use clap::Args;
use std::error::Error;
use std::io::{self, Write};
use tcpspec::TABLE;
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
        let row = table
            .rows
            .iter()
            .find(|row| row.name == self.row)
            .ok_or_else(|| format!("the table has no row `{}`{}", self.row, nearest(&self.row)))?;
        says(out, row)?;
        asks(out, row, &table)?;
        fires(out, row)?;
        mutants(out, row, &table)?;
        Ok(true)
    }
}

/// The row that was perhaps meant.
pub(crate) fn nearest(name: &str) -> String {
    let nearest = TABLE
        .rows()
        .map(|row| (strsim::jaro_winkler(name, row.name), row.name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or(String::new(), |(_, near)| format!("; did you mean `{near}`?"))
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
fn fires(out: &mut impl Write, row: &RowView) -> Result<(), Box<dyn Error>> {
    let Some(link) = &row.shown_by else {
        return Ok(writeln!(out, "\nNo run of the kept ones fires it.")?);
    };
    let run = Link::parse(link).and_then(Run::play).map_err(|refusal| refusal.error)?;
    let scenario = run.model.scenario.name;
    writeln!(
        out,
        "\n{}",
        wrapped(
            &format!(
                "It fires in {}. The shortest run that fires it, in {scenario}:",
                plural(row.fires_in, "scenario")
            ),
            width(),
            "",
            ""
        )
    )?;
    write!(out, "\n{}", ladder::shown(&run.model, &run.steps, None))?;
    writeln!(out, "\nIn the browser: tcpspec explore --open '{link}'")?;
    Ok(())
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
        writeln!(
            out,
            "\n{}",
            wrapped(
                "The table has changed since the runs and mutants were kept: `tcpspec docs` and `tcpspec mutate --doc docs/mutants.md` look anew.",
                width(),
                "",
                ""
            )
        )?;
    }
    Ok(())
}

//! `tcpspec list`: the scenarios, a line each; or all that is claimed of some.

use crate::commands::names::chosen;
use crate::output::terminal::{ASIDE, STRONG, painted, width, wrapped};
use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width};
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use tcpspec::model::scenarios::deep;
use tcpspec::model::{Scenario, scenarios};

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Scenarios, with all variants of each: their bounds and claims (default: all scenarios, a line each)
    scenarios: Vec<String>,
}

impl ListArgs {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        if self.scenarios.is_empty() {
            overview(out)?;
            return Ok(true);
        }
        for (n, scenario) in chosen(&self.scenarios)?.into_iter().enumerate() {
            if n > 0 {
                writeln!(out)?;
            }
            claims(out, scenario)?;
        }
        Ok(true)
    }
}

/// A line for each scenario. A pipe gets the whole line, a terminal what fits.
fn overview(out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width() as u16);
    }
    for scenario in scenarios::all().chain(deep::DEEP) {
        let mut row = Row::from([scenario.name, scenario.summary]);
        row.max_height(1);
        table.add_row(row);
    }
    let longest = scenarios::all().chain(deep::DEEP).map(|scenario| scenario.name.len()).max().unwrap_or(0);
    if let Some(column) = table.column_mut(0) {
        // At 40 columns half of the line stays for what is said of it.
        let most = longest.min(width() / 2) as u16;
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(most + 2)));
        column.set_padding((0, 2));
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// What is claimed of a scenario, and within which bounds.
fn claims(out: &mut impl Write, scenario: &Scenario) -> io::Result<()> {
    let width = width();
    writeln!(out, "{}", painted(STRONG, scenario.name))?;
    writeln!(out, "{}", wrapped(scenario.summary, width, "  ", "  "))?;
    writeln!(out, "{}", painted(ASIDE, &wrapped(&scenario.bounds_line(), width, "  ", "  ")))?;
    for claim in scenario.claims {
        let first = format!("  {:9} ", claim.kind.word());
        writeln!(out, "{}", wrapped(claim.name, width, &first, "            "))?;
        if let Some(because) = claim.fails_because {
            let first = "            fails, as it should: ";
            writeln!(out, "{}", wrapped(because, width, first, "            "))?;
        }
    }
    Ok(())
}

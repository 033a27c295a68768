//! `tcpspec list`: the scenarios, a line each; or all that is claimed of some.

use crate::commands::names::chosen;
use crate::output::terminal::{ASIDE, STRONG, painted, width, wrapped};
use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width};
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use tcpspec::model::{Claim, Scenario};
use tcpspec_explorer::catalogue;

/// A narrower terminal has no room for what scenarios explore.
const WITH_TEXT: usize = 80;

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
        let scenarios = chosen(&self.scenarios)?;
        let common = common(&scenarios);
        for (n, scenario) in scenarios.iter().enumerate() {
            if n > 0 {
                writeln!(out)?;
            }
            heading(out, scenario)?;
            for claim in scenario.claims.iter().filter(|claim| !common.contains(&claim.name)) {
                self::claim(out, claim)?;
            }
        }
        if !common.is_empty() {
            let title = format!("Claims of all {}", scenarios.len());
            writeln!(out, "\n{}", painted(STRONG, &title))?;
            let is_common = |claim: &&Claim| common.contains(&claim.name);
            for claim in scenarios[0].claims.iter().filter(is_common) {
                self::claim(out, claim)?;
            }
        }
        Ok(true)
    }
}

/// Claims that all of several scenarios ask, and that fail in none: they are told of once.
fn common(scenarios: &[&Scenario]) -> Vec<&'static str> {
    let [first, others @ ..] = scenarios else { return Vec::new() };
    let asks = |scenario: &&Scenario, name: &str| {
        scenario.claims.iter().any(|claim| claim.name == name && claim.fails_because.is_none())
    };
    let names = first.claims.iter().filter(|_| !others.is_empty()).map(|claim| claim.name);
    names.filter(|name| scenarios.iter().all(|scenario| asks(scenario, name))).collect()
}

/// A line for each scenario. A pipe gets the whole line, a terminal what fits: a narrow one the names.
fn overview(out: &mut impl Write) -> io::Result<()> {
    let all = catalogue::all();
    let is_terminal = io::stdout().is_terminal();
    if is_terminal && width() < WITH_TEXT {
        all.iter().try_for_each(|scenario| writeln!(out, "{}", scenario.name))?;
    } else {
        let mut table = Table::new();
        table.load_style(NOTHING);
        if is_terminal {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width() as u16);
        }
        for scenario in &all {
            let mut row = Row::from([scenario.name, scenario.summary]);
            row.max_height(1);
            table.add_row(row);
        }
        // Names are there to be copied, so they are never cut.
        let longest = all.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0) as u16;
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(longest + 2)));
            column.set_padding((0, 2));
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    if catalogue::deep().is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", painted(STRONG, "With --deep:"))?;
    catalogue::deep().iter().try_for_each(|scenario| writeln!(out, "{}", scenario.name))
}

/// A scenario's name, what it explores, and its bounds.
fn heading(out: &mut impl Write, scenario: &Scenario) -> io::Result<()> {
    let width = width();
    writeln!(out, "{}", painted(STRONG, scenario.name))?;
    writeln!(out, "{}", wrapped(scenario.summary, width, "  ", "  "))?;
    writeln!(out, "{}", painted(ASIDE, &wrapped(&scenario.bounds_line(), width, "  ", "  ")))
}

fn claim(out: &mut impl Write, claim: &Claim) -> io::Result<()> {
    let width = width();
    let first = format!("  {:9} ", claim.kind.word());
    writeln!(out, "{}", wrapped(claim.name, width, &first, "            "))?;
    match claim.fails_because {
        Some(because) => {
            let first = "            fails, as it should: ";
            writeln!(out, "{}", wrapped(because, width, first, "            "))
        }
        None => Ok(()),
    }
}

//! The command line: what can be asked, and who answers.

use crate::mutate::MutateArgs;
use crate::{check, docs, explore, faces, report, trace};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use tcpspec::TABLE;
use tcpspec::model::{Scenario, scenarios};

/// TCP from one declarative table: explore its model, see why it holds, read what it says.
#[derive(Parser, Debug)]
#[command(
    version,
    about,
    after_help = "Without a command: check all scenarios.\nExit status: 0 all hold, 1 a property is violated or a document is stale, 2 wrong use."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Explore scenarios exhaustively and print verdicts (the default)
    Check(CheckArgs),
    /// Walk through a scenario in the browser, with ladder and state diagram
    Explore(ExploreArgs),
    /// Show the loss-free run of a scenario as a ladder
    Trace(TraceArgs),
    /// List scenarios and what is claimed of each
    List,
    /// Print the table
    Table(TableArgs),
    /// Write everything generated under docs/, or check that it is current
    Docs(DocsArgs),
    /// Run every row with every fault, and see which claim notices it
    Mutate(MutateArgs),
}

impl Default for Command {
    fn default() -> Self {
        Self::Check(CheckArgs::default())
    }
}

#[derive(Args, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Scenarios to explore, with all variants of each (default: all)
    scenarios: Vec<String>,
    #[command(flatten)]
    settings: Settings,
    /// Print one JSON document instead
    #[arg(long)]
    json: bool,
    /// Threads (default: one for each core)
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
}

/// An option of the table and its setting.
#[derive(Clone, Copy, Debug)]
struct Setting(&'static str, bool);

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write it as OPTION=on or OPTION=off")?;
        let on = match value {
            "on" => true,
            "off" => false,
            _ => return Err(format!("`{value}` is neither `on` nor `off`")),
        };
        let known = TABLE.options.iter().map(|option| option.name);
        known.clone().find(|known| *known == name).map(|known| Self(known, on)).ok_or_else(|| {
            format!("the table has no option `{name}`; it has {}", known.collect::<Vec<_>>().join(", "))
        })
    }
}

#[derive(Args, Debug, Default)]
struct Settings {
    /// Run with an option of the table on or off, whatever the scenario says
    #[arg(long, value_name = "OPTION=on|off")]
    set: Vec<Setting>,
}

impl Settings {
    /// The scenario with these settings.
    fn apply(&self, scenario: &'static Scenario) -> &'static Scenario {
        if self.set.is_empty() {
            return scenario;
        }
        let mut options = scenario.options.to_vec();
        options.extend(self.set.iter().map(|Setting(name, on)| (*name, *on)));
        // Scenarios are constants elsewhere; this one lives as long as the program, too.
        Box::leak(Box::new(Scenario { options: options.leak(), ..*scenario }))
    }
}

#[derive(Args, Debug)]
pub(crate) struct ExploreArgs {
    /// The scenario
    #[arg(default_value = "handshake-close")]
    scenario: String,
    #[command(flatten)]
    settings: Settings,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// Port to listen on
    #[arg(long, default_value_t = 3000)]
    port: u16,
}

#[derive(Args, Debug)]
pub(crate) struct TraceArgs {
    /// The scenario
    scenario: String,
    #[command(flatten)]
    settings: Settings,
    /// Write the ladder as SVG into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct TableArgs {
    /// How to print it
    #[arg(long, value_enum, default_value = "md")]
    format: TableFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TableFormat {
    /// Markdown: every row
    Md,
    /// The state diagram as a picture
    Svg,
    /// The state diagram for Mermaid
    Mermaid,
    /// The state diagram for Graphviz
    Dot,
    /// Everything, for machines
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct DocsArgs {
    /// Change nothing; exit 1 if anything is not current
    #[arg(long)]
    check: bool,
    /// Where the documents are
    #[arg(long, default_value = "docs", value_name = "DIR")]
    dir: PathBuf,
}

impl Command {
    /// Runs the command. `Ok(false)`: something is violated or stale.
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Check(args) => args.run(out),
            Self::Explore(args) => {
                let scenario = args.settings.apply(one(&args.scenario)?);
                explore::serve(scenario, args.address, args.port)
            }
            Self::Trace(args) => {
                let scenario = args.settings.apply(one(&args.scenario)?);
                let steps = trace::run(scenario);
                if let Some(file) = args.svg {
                    let svg = faces::ladder::svg(&steps, trace::NAMES, scenario.name);
                    std::fs::write(&file, svg)
                        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
                }
                writeln!(out, "{}: {}\n", scenario.name, scenario.summary)?;
                write!(out, "{}", faces::ladder::text(&steps, trace::NAMES))?;
                Ok(true)
            }
            Self::List => {
                report::list(out)?;
                Ok(true)
            }
            Self::Table(args) => {
                let text = match args.format {
                    TableFormat::Md => faces::table::markdown(&TABLE),
                    TableFormat::Json => faces::table::json(&TABLE),
                    TableFormat::Svg => faces::diagram::svg(&TABLE, &[]),
                    TableFormat::Mermaid => faces::diagram::mermaid(&TABLE),
                    TableFormat::Dot => faces::diagram::dot(&TABLE),
                };
                writeln!(out, "{}", text.trim_end())?;
                Ok(true)
            }
            Self::Docs(args) => docs::run(&args.dir, args.check, out),
            Self::Mutate(args) => args.run(out),
        }
    }
}

impl CheckArgs {
    fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let threads = self.threads.map_or_else(check::default_threads, usize::from);
        let mut chosen: Vec<&'static Scenario> = Vec::new();
        for name in &self.scenarios {
            chosen.extend(some(name)?);
        }
        if chosen.is_empty() {
            chosen.extend(scenarios::SCENARIOS);
        }
        let progress = std::io::stderr().is_terminal();
        let mut reports = Vec::new();
        for scenario in chosen.into_iter().map(|scenario| self.settings.apply(scenario)) {
            let report = check::run(scenario, threads, |so_far| {
                if progress {
                    eprint!("\r\x1b[K{}: {so_far}", scenario.name);
                }
            });
            if progress {
                eprint!("\r\x1b[K");
            }
            if !self.json {
                report::scenario(out, &report)?;
                out.flush()?;
            }
            reports.push(report);
        }
        if self.json {
            report::json(out, &reports)?;
        } else {
            report::summary(out, &reports)?;
        }
        Ok(reports.iter().all(check::Report::holds))
    }
}

/// All variants that a name means.
pub(crate) fn some(name: &str) -> Result<Vec<&'static Scenario>, String> {
    let found = scenarios::find(name);
    if !found.is_empty() {
        return Ok(found);
    }
    let nearest = scenarios::SCENARIOS
        .iter()
        .map(|s| (strsim::jaro_winkler(name, s.name), s.name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.6);
    Err(match nearest {
        Some((_, near)) => {
            format!("there is no scenario `{name}`; did you mean `{near}`? (`tcpspec list` shows all)")
        }
        None => format!("there is no scenario `{name}`; `tcpspec list` shows all"),
    })
}

/// The one scenario that a name means: of several variants the first.
fn one(name: &str) -> Result<&'static Scenario, String> {
    let found = some(name)?;
    Ok(found.iter().find(|s| s.name == name).copied().unwrap_or(found[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_scenario_suggests_the_nearest() {
        let error = one("simultanous-open").unwrap_err();
        assert!(error.contains("did you mean `simultaneous-open`"), "{error}");
    }
}

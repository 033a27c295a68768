//! The command line: what can be asked, and who answers.

use crate::diff::DiffArgs;
use crate::engine::Cluster;
use crate::explain::ExplainArgs;
use crate::explore::ExploreArgs;
use crate::list::ListArgs;
use crate::mutate::MutateArgs;
use crate::run::CheckArgs;
use crate::shell::{CompletionsArgs, ManArgs};
use crate::trace::TraceArgs;
use crate::{check, docs, faces, place};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tcpspec::TABLE;
use tcpspec::model::scenarios::deep;
use tcpspec::model::{Scenario, scenarios};
use tcpspec_explorer::nearest;

/// TCP from one declarative table: explore its model, see why it holds, read what it says.
#[derive(Parser, Debug)]
#[command(
    name = "tcpspec",
    version,
    about,
    after_help = "Without a command: check all scenarios.\nExit status: 0 all hold; 1 a property is violated, a document is stale, or an exploration was stopped before its end; 2 wrong use; 141 the reader of the output has gone."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Explore scenarios exhaustively and print verdicts (the default)
    Check(CheckArgs),
    /// See runs, claims and the table in the browser, and search
    Explore(ExploreArgs),
    /// Show the loss-free run of a scenario as a ladder
    Trace(TraceArgs),
    /// List the scenarios, a line each, or what is claimed of some
    List(ListArgs),
    /// Explain a row: the RFC's words, a run in which it fires, and what notices its faults
    Explain(ExplainArgs),
    /// Print the table
    Table(TableArgs),
    /// What an edit of the table changes: rows, and verdicts, against docs/
    Diff(DiffArgs),
    /// Write everything generated under docs/, or check that it is current
    Docs(DocsArgs),
    /// Run every row with every fault, and see which claim notices it
    Mutate(MutateArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
}

impl Default for Command {
    fn default() -> Self {
        Self::Check(CheckArgs::default())
    }
}

/// Who explores, and with what.
#[derive(Args, Debug, Default)]
pub(crate) struct Resources {
    /// Which engine explores
    #[arg(long, value_enum, default_value_t)]
    engine: check::Engine,
    /// Threads, of each process if there are several (default: one for each core)
    #[arg(long, visible_alias = "workers", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
    /// Explore with several processes, on one machine or many: a file with a line ADDRESS:PORT for each. Run the same command
    /// with the same file for each of them; the first one reports
    #[arg(long, value_name = "FILE", requires = "process")]
    hosts: Option<PathBuf>,
    /// Which line of the hosts' file this process is, counted from 0
    #[arg(long, value_name = "N", requires = "hosts")]
    process: Option<usize>,
    /// How long to wait for a process that is not there, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "hosts")]
    wait: u32,
    /// Stop with a partial verdict when this process takes more memory, as in 8GiB or 500MiB (default: three quarters of what is available)
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<Bytes>,
}

/// An amount of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Bytes(u64);

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim() {
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            "TiB" => 40,
            _ => return Err("write it with a unit, as in 8GiB or 500MiB".into()),
        };
        let number: u64 = number.parse().map_err(|_| "write a whole number and a unit, as in 8GiB")?;
        number.checked_mul(1 << shift).map(Self).ok_or_else(|| "that much memory does not exist".into())
    }
}

impl Resources {
    pub(crate) fn plan(&self) -> Result<check::Plan, Box<dyn Error>> {
        let Self { engine, threads, hosts, process, wait, memory_limit } = self;
        if *engine == check::Engine::Stateright && (hosts.is_some() || memory_limit.is_some()) {
            return Err(
                "--hosts and --memory-limit are for `--engine timely`; stateright knows neither".into()
            );
        }
        let workers = threads.map_or_else(check::default_threads, usize::from);
        let cluster = match (hosts, process) {
            (Some(file), Some(process)) => {
                let wait = Duration::from_secs(u64::from(*wait));
                Cluster { process: *process, hosts: read(file, *process)?, wait, ..Cluster::threads(workers) }
            }
            _ => Cluster::threads(workers),
        };
        let mut plan = check::Plan { engine: *engine, cluster, ..check::Plan::with_threads(workers) };
        if let Some(Bytes(limit)) = memory_limit {
            plan.limits.memory = Some(*limit);
        }
        if *engine == check::Engine::Timely {
            plan.limits.interrupted = interruptible()?;
        }
        Ok(plan)
    }
}

/// The addresses of all processes.
fn read(hosts: &Path, process: usize) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(hosts)
        .map_err(|error| format!("cannot read {}: {error}", hosts.display()))?;
    let hosts: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if process < hosts.len() {
        Ok(hosts)
    } else {
        Err(format!("there is no process {process}: the hosts' file has {} lines", hosts.len()))
    }
}

/// From now on Ctrl-C asks for an end; a second one ends at once.
pub(crate) fn interruptible() -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let asked = Arc::new(AtomicBool::new(false));
    let ours = Arc::clone(&asked);
    ctrlc::set_handler(move || {
        if ours.swap(true, Relaxed) {
            std::process::exit(INTERRUPTED);
        }
    })?;
    Ok(asked)
}

/// What shells expect of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

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
    /// One document that needs no exploration
    #[arg(long, value_enum)]
    only: Option<Quick>,
}

/// A document that needs no exploration.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quick {
    /// rfc.md: the requirements of RFC 9293 and what meets them
    Rfc,
}

impl Command {
    /// Runs the command. `Ok(false)`: something is violated or stale.
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Check(args) => args.run(out),
            Self::Explore(args) => args.run(),
            Self::Trace(args) => args.run(out),
            Self::List(args) => args.run(out),
            Self::Explain(args) => args.run(out),
            Self::Table(args) => {
                let text = match args.format {
                    TableFormat::Md => faces::table::markdown(&TABLE),
                    TableFormat::Json => tcpspec_explorer::table_json::json(&TABLE),
                    TableFormat::Svg => faces::diagram::svg(&TABLE, &[]),
                    TableFormat::Mermaid => faces::diagram::mermaid(&TABLE),
                    TableFormat::Dot => faces::diagram::dot(&TABLE),
                };
                writeln!(out, "{}", text.trim_end())?;
                Ok(true)
            }
            Self::Diff(args) => args.run(out),
            Self::Docs(DocsArgs { check, dir, only }) => {
                place::has_documents(&dir)?;
                match only {
                    None => docs::run(&dir, check, &interruptible()?, out),
                    Some(Quick::Rfc) => docs::requirements(&dir, check, out),
                }
            }
            Self::Mutate(args) => args.run(out),
            Self::Completions(args) => args.run(out),
            Self::Man(args) => args.run(out),
        }
    }
}

/// The scenarios of these names, or all.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Scenario>, String> {
    let mut chosen = Vec::new();
    for name in names {
        chosen.extend(some(name)?);
    }
    if chosen.is_empty() {
        chosen.extend(scenarios::all());
    }
    Ok(chosen)
}

/// All variants that a name means.
pub(crate) fn some(name: &str) -> Result<Vec<&'static Scenario>, String> {
    let found = scenarios::find(name);
    if !found.is_empty() {
        return Ok(found);
    }
    let found = deep::find(name);
    if !found.is_empty() {
        return Ok(found);
    }
    Err(match nearest(name, scenarios::all().chain(deep::DEEP).map(|s| s.name), 0.6) {
        Some(near) => {
            format!("there is no scenario `{name}`; did you mean `{near}`? (`tcpspec list` shows all)")
        }
        None => format!("there is no scenario `{name}`; `tcpspec list` shows all"),
    })
}

/// There is no such row; perhaps another one was meant.
pub(crate) fn no_row(name: &str) -> String {
    let meant = nearest(name, TABLE.rows().map(|row| row.name), 0.0);
    let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("the table has no row `{name}`{meant}")
}

/// The one scenario that a name means: of several variants the first.
pub(crate) fn one(name: &str) -> Result<&'static Scenario, String> {
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
    fn amounts_of_memory_have_a_unit() {
        assert_eq!("8GiB".parse(), Ok(Bytes(8 << 30)));
        assert_eq!("500MiB".parse(), Ok(Bytes(500 << 20)));
        for wrong in ["", "8", "GiB", "8GB", "-1GiB", "99999999999TiB"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_scenario_suggests_the_nearest() {
        let error = one("simultanous-open").unwrap_err();
        assert!(error.contains("did you mean `simultaneous-open`"), "{error}");
    }
}

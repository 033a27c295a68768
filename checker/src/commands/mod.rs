//! The command line: what can be asked, and who answers.

mod asked;
mod check;
mod counterexample;
mod diff;
mod docs;
mod explain;
mod explore;
mod list;
mod mutate;
mod names;
mod prove;
mod resources;
mod settings;
mod shell;
mod table;
mod trace;
mod two_ends;

use crate::output::{status, terminal};
pub(crate) use asked::Asked;
use check::CheckArgs;
use clap::{CommandFactory, Parser, Subcommand};
use diff::DiffArgs;
use docs::DocsArgs;
use explain::ExplainArgs;
use explore::ExploreArgs;
use list::ListArgs;
use mutate::MutateArgs;
use prove::ProveArgs;
use shell::{CompletionsArgs, ManArgs};
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use table::TableArgs;
use trace::TraceArgs;

/// Does what the command line of this process asks for.
pub(crate) fn program() -> ExitCode {
    let command = Cli::parse().command.unwrap_or_default();
    let mut out = std::io::BufWriter::new(terminal::stdout());
    let result = command.run(&mut out).and_then(|ok| {
        out.flush()?;
        Ok(ok)
    });
    status::exit("tcpspec", result)
}

/// TCP from one declarative table: explore its model, see why it holds, read what it says.
#[derive(Parser, Debug)]
#[command(
    name = "tcpspec",
    max_term_width = 80,
    version,
    about,
    after_help = "Without a command: check all scenarios.\nExit status: 0 all hold; 1 a claim is violated, a document is stale, or an exploration was stopped before its end; 2 wrong use; 141 the reader of the output has gone."
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
    /// Prove what holds for all 2^32 numbers and any number of steps, with a solver
    Prove(ProveArgs),
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

impl Command {
    /// Runs the command. `Ok(false)`: something is violated or stale.
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Check(args) => args.run(out),
            Self::Explore(args) => args.run(),
            Self::Prove(args) => args.run(out),
            Self::Trace(args) => args.run(out),
            Self::List(args) => args.run(out),
            Self::Explain(args) => args.run(out),
            Self::Table(args) => args.run(out),
            Self::Diff(args) => args.run(out),
            Self::Docs(args) => args.run(out),
            Self::Mutate(args) => args.run(out),
            Self::Completions(args) => args.run(Cli::command(), out),
            Self::Man(args) => args.run(Cli::command(), out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap_complete::Shell;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_shell_knows_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut out = Vec::new();
            assert!(CompletionsArgs { shell }.run(Cli::command(), &mut out).unwrap());
            let text = String::from_utf8(out).unwrap();
            for command in ["check", "explain", "mutate", "memory-limit"] {
                assert!(text.contains(command), "{shell}: {command}");
            }
        }
    }
}

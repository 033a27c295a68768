//! `tcpspec`: explores the model of TCP, prints verdicts, traces and documents.
//!
//! The folders are floors: each uses only those above it in this table.
//!
//! | floor | what is there |
//! |---|---|
//! | `output` | where output goes: the terminal, stderr, files |
//! | `engine` | explores a model on several threads or machines |
//! | `check` | what became of a scenario's claims: exploration, liveness, estimates |
//! | `prove` | claims for all numbers: the rules on terms, and a solver |
//! | `runs` | the run of a scenario's script; runs as links and files |
//! | `faces` | the table and runs as documents, diagrams, ladders |
//! | `screen` | how far a command is, and its verdicts |
//! | `documents` | everything that is generated under `docs/` |
//! | `commands` | the command line: a file for each command |

mod output;

mod engine;

mod check;

mod prove;

mod runs;

mod faces;

mod screen;

mod documents;

mod commands;

use clap::Parser;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Everything held.
const HOLDS: u8 = 0;
/// A property is violated, a document is stale, or an exploration was stopped before its end: not all that was asked for was shown to hold.
const VIOLATED: u8 = 1;
/// Wrong use, or this machine is in the way.
const WRONG_USE: u8 = 2;
/// The reader of the output has gone, as that of `list | head` does: what shells expect of a program that a broken pipe ended.
const UNREAD: u8 = 141;

fn main() -> ExitCode {
    let command = commands::Cli::parse().command.unwrap_or_default();
    let mut out = std::io::BufWriter::new(output::terminal::stdout());
    let result = command.run(&mut out).and_then(|ok| {
        out.flush()?;
        Ok(ok)
    });
    match result {
        Ok(true) => ExitCode::from(HOLDS),
        Ok(false) => ExitCode::from(VIOLATED),
        Err(error) if is_broken_pipe(&*error) => ExitCode::from(UNREAD),
        Err(error) => {
            output::aside::line(&format!("tcpspec: {error}"));
            ExitCode::from(WRONG_USE)
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

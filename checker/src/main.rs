//! `tcpspec`: explores the model of TCP, prints verdicts, traces and documents.

mod aside;
mod check;
mod cli;
mod deep;
mod diff;
mod docs;
mod engine;
mod estimate;
mod explain;
mod explore;
mod faces;
mod hazards;
mod known;
mod links;
mod list;
mod liveness;
mod mutate;
mod place;
mod progress;
mod proofs;
#[cfg(test)]
mod reductions;
mod report;
mod rfc;
mod run;
mod settings;
mod shell;
mod stamp;
mod terminal;
mod trace;
mod verdicts;

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
    let command = cli::Cli::parse().command.unwrap_or_default();
    let mut out = std::io::BufWriter::new(terminal::stdout());
    let result = command.run(&mut out).and_then(|ok| {
        out.flush()?;
        Ok(ok)
    });
    match result {
        Ok(true) => ExitCode::from(HOLDS),
        Ok(false) => ExitCode::from(VIOLATED),
        Err(error) if is_broken_pipe(&*error) => ExitCode::from(UNREAD),
        Err(error) => {
            aside::line(&format!("tcpspec: {error}"));
            ExitCode::from(WRONG_USE)
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

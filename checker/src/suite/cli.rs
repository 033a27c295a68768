//! The command line of a suite: the commands of `tcpspec` that speak of scenarios.

use crate::commands::Asked;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

#[derive(Parser, Debug)]
#[command(
    max_term_width = 80,
    about = "Explores scenarios, and says what is true of all their runs",
    after_help = "Without a command: check all scenarios.\nExit status: 0 all hold; 1 a claim is violated, or an exploration was stopped before its end; 2 wrong use, or something is wrong with the suite; 141 the reader of the output has gone."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Asked>,
}

/// What the arguments ask for.
pub(super) enum Parsed {
    Command(Asked),
    /// This text.
    Help(String),
}

/// What speaks of tcpspec's own scenarios, or of what suites cannot do.
const NOT_FOR_SUITES: &[(&str, &[&str])] =
    &[("check", &["quick", "deep", "doc", "hosts", "process", "wait"]), ("explore", &["classic"])];

/// Reads the arguments behind the program's name.
pub(super) fn parse(name: &str, arguments: impl Iterator<Item = OsString>) -> Result<Parsed, String> {
    // clap wants a name that lives as long as the program.
    let name: &'static str = name.to_owned().leak();
    let mut command = Cli::command().name(name).bin_name(name);
    for (of, options) in NOT_FOR_SUITES {
        command = command.mut_subcommand(of, |mut command| {
            for option in *options {
                command = command.mut_arg(option, |option| option.hide(true));
            }
            command
        });
    }
    let matches = match command.try_get_matches_from(std::iter::once(name.into()).chain(arguments)) {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() => return Err(without_heading(&error.to_string())),
        Err(help) => return Ok(Parsed::Help(help.to_string())),
    };
    for (of, options) in NOT_FOR_SUITES {
        let Some(given) = matches.subcommand_matches(of) else { continue };
        let is_given =
            |option: &&&str| given.value_source(option) == Some(clap::parser::ValueSource::CommandLine);
        if let Some(option) = options.iter().find(is_given) {
            return Err(format!(
                "--{option} is for the scenarios of tcpspec itself; a suite does not have it"
            ));
        }
    }
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.to_string())?;
    Ok(Parsed::Command(cli.command.unwrap_or_default()))
}

/// Our own line says already that it is an error.
fn without_heading(text: &str) -> String {
    text.strip_prefix("error: ").unwrap_or(text).trim_end().to_owned()
}

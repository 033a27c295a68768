//! The commands that speak of scenarios, whoever has written these.

use super::check::CheckArgs;
use super::explore::ExploreArgs;
use super::list::ListArgs;
use super::trace::TraceArgs;
use clap::Subcommand;
use std::error::Error;
use std::io::Write;

#[derive(Subcommand, Debug)]
pub(crate) enum Asked {
    /// Explore scenarios exhaustively and print verdicts (the default)
    Check(CheckArgs),
    /// See runs and claims in the browser, and search
    Explore(ExploreArgs),
    /// Show the loss-free run of a scenario, or the run that shows or breaks a claim, as a ladder
    Trace(TraceArgs),
    /// List the scenarios, a line each, or what is claimed of some
    List(ListArgs),
}

impl Default for Asked {
    fn default() -> Self {
        Self::Check(CheckArgs::default())
    }
}

impl Asked {
    /// Runs the command. `Ok(false)`: something is violated.
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Check(args) => args.run(out),
            Self::Explore(args) => args.run(),
            Self::Trace(args) => args.run(out),
            Self::List(args) => args.run(out),
        }
    }
}

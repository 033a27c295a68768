//! A suite: scenarios of somebody else's, with the command line of `tcpspec`.

mod cli;

use crate::output::status;
use crate::output::terminal;
use crate::own::{self, AllRules, Build, Error, History, Scenario};
use cli::Parsed;
use std::error::Error as StdError;
use std::ffi::OsString;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Scenarios of one's own, explored by the engine of `tcpspec`, with its command line.
///
/// The whole of a program:
///
/// ```no_run
/// use tcpspec_checker::tcpspec::State;
/// use tcpspec_checker::{Claim, Scenario, Suite};
///
/// fn main() -> std::process::ExitCode {
///     let close = Scenario::new("close")
///         .claim(Claim::always("B never opens", |at| at.world.ends[1].state != State::SynSent));
///     Suite::new("mine").scenario(close).run()
/// }
/// ```
///
/// Its commands are `check` (the default), `list`, `trace` and `explore`, with the options that they have in `tcpspec`; `--help` tells them.
pub struct Suite {
    name: String,
    scenarios: Vec<Box<dyn Build>>,
}

impl Suite {
    /// A suite without scenarios. The name is what commands that are printed begin with: that of the program, or `cargo run --release --`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), scenarios: Vec::new() }
    }

    /// One more scenario.
    #[must_use]
    pub fn scenario<H: History>(mut self, scenario: Scenario<H>) -> Self {
        self.scenarios.push(Box::new(scenario));
        self
    }

    /// Does what the command line of this process asks for: the last line of `main`.
    ///
    /// The exit status is that of `tcpspec`: 0 all claims hold, or fail as expected; 1 a claim is violated, or an exploration was stopped before its end; 2 an
    /// [`Error`], which stands on stderr; 141 the reader of the output has gone.
    pub fn run(self) -> ExitCode {
        let _turn = turn();
        let name = self.name.clone();
        let mut out = std::io::BufWriter::new(terminal::stdout());
        let result = self.answer(std::env::args_os().skip(1), &mut out).and_then(|ok| {
            out.flush()?;
            Ok(ok)
        });
        status::exit(&name, result)
    }

    /// The same with these arguments, and with what is printed written here: for tests. It says whether all is as it should be.
    ///
    /// One suite at a time is asked in a process; others wait.
    ///
    /// ```
    /// use tcpspec_checker::{Claim, Error, Scenario, Suite};
    ///
    /// let both = || Claim::sometimes("nothing is under way", |at| at.world.is_quiet());
    /// let twice = Suite::new("mine").scenario(Scenario::new("close").claim(both()).claim(both()));
    /// let error = twice.ask(["check"], &mut Vec::new()).unwrap_err();
    /// assert!(matches!(error, Error::TwoClaims { .. }));
    /// assert_eq!(error.to_string(), "scenario `close`: two claims have the name \"nothing is under way\"");
    /// ```
    ///
    /// # Errors
    ///
    /// The suite is wrong, a closure has panicked, or the arguments ask for something that there is not. The error names the culprit.
    pub fn ask<A: Into<OsString>>(
        self,
        arguments: impl IntoIterator<Item = A>,
        out: &mut impl Write,
    ) -> Result<bool, Error> {
        let _turn = turn();
        // Colours are for terminals, and so are lines of another length.
        let mut printed = anstream::StripStream::new(Vec::new());
        let result = terminal::elsewhere(|| self.answer(arguments.into_iter().map(Into::into), &mut printed));
        let written = out.write_all(&printed.into_inner());
        let result = result.map_err(|error| match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::Command(other.to_string()),
        });
        result.and_then(|ok| written.map(|()| ok).map_err(|error| Error::Command(error.to_string())))
    }

    fn answer(
        self,
        arguments: impl Iterator<Item = OsString>,
        out: &mut impl Write,
    ) -> Result<bool, Box<dyn StdError>> {
        let name = self.name.clone();
        let rules = self.offer()?;
        let result = match cli::parse(&name, arguments)? {
            Parsed::Command(command) => command.run(out),
            Parsed::Help(text) => {
                write!(out, "{text}")?;
                return Ok(true);
            }
        };
        match rules.values().find_map(|rules| rules.fault()) {
            Some(fault) => Err(Error::from(fault).into()),
            None => result,
        }
    }

    /// Its scenarios are those that there are from now on, if nothing is wrong with them.
    fn offer(self) -> Result<AllRules, Error> {
        let Self { name, scenarios } = self;
        if scenarios.is_empty() {
            return Err(Error::NoScenarios { suite: name });
        }
        let mut built = Vec::with_capacity(scenarios.len());
        for scenario in scenarios {
            let (scenario, rules) = scenario.build()?;
            if built.iter().any(|(other, _): &own::Built| other.name == scenario.name) {
                return Err(Error::TwoScenarios { scenario: scenario.name.into() });
            }
            built.push((scenario, rules));
        }
        Ok(own::offer(name, built))
    }
}

/// What is offered, and where the output goes, is the whole process's.
fn turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("name", &self.name).finish_non_exhaustive()
    }
}

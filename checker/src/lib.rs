//! Explores the model of TCP: the program `tcpspec`, and the same for scenarios and claims of one's own.
//!
//! A crate of one's own says what is explored ([`Scenario`]) and what is claimed of it ([`Claim`]); a [`Suite`] runs that with the engine, the ladders and the
//! command line of `tcpspec`. The model's types come from [`tcpspec`], which is exported here. The chapter *Your own scenario and claim* of the book goes
//! through it step by step.
//!
//! ```no_run
//! use tcpspec_checker::{Claim, Scenario, Suite};
//!
//! fn main() -> std::process::ExitCode {
//!     let quiet = Claim::sometimes("all has arrived", |at| at.world.is_quiet());
//!     Suite::new("mine").scenario(Scenario::new("close").claim(quiet)).run()
//! }
//! ```
//!
//! The folders are floors: each uses only those above it in this table.
//!
//! | floor | what is there |
//! |---|---|
//! | `output` | where output goes: the terminal, stderr, files |
//! | `engine` | explores a model on several threads or machines |
//! | `own` | scenarios, claims and histories of somebody else's |
//! | `check` | what became of a scenario's claims: exploration, liveness, estimates |
//! | `prove` | claims for all numbers: the rules on terms, and a solver |
//! | `runs` | the run of a scenario's script; runs as links and files |
//! | `faces` | the table and runs as documents, diagrams, ladders |
//! | `screen` | how far a command is, and its verdicts |
//! | `documents` | everything that is generated under `docs/` |
//! | `commands` | the command line: a file for each command |
//! | `suite` | the command line of somebody else's scenarios |

mod output;

mod engine;

mod own;

mod check;

mod prove;

mod runs;

mod faces;

mod screen;

mod documents;

mod commands;

mod suite;

pub use own::{At, Claim, Error, Happened, History, Scenario};
pub use suite::Suite;
pub use tcpspec;
#[doc(no_inline)]
pub use tcpspec::model::{Action, Bounds, Call, Packet, UNCOUNTED, User, World};
#[doc(no_inline)]
pub use tcpspec::{Flags, Row, State, Timer};

/// For tests of the stack: whether its events are as the proofs assume.
#[doc(hidden)]
pub use prove::unproven;

/// The program `tcpspec`.
#[doc(hidden)]
pub fn program() -> std::process::ExitCode {
    commands::program()
}

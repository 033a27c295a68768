//! A swarm of runs in simulated time: each seed draws other settings, other faults and other users, and after each run the same is checked. `docs/faults.md` tells what
//! is drawn and what is checked.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "only tests use it")]

mod capture;
mod dice;
mod host;
mod limits;
mod line;
mod page;
mod plan;
mod run;
mod shrink;
mod tally;
mod user;

pub use line::Counts;
pub use page::{is_current, page};
pub use plan::{Change, Feature};
pub use run::{Outcome, Trap, run, run_trapped};
pub use shrink::{Found, kind, shrink};
pub use tally::{Tally, runs};

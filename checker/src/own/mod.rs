//! Scenarios and claims of somebody else's: what they are made of, and the model that explores them.
//!
//! - `claim`, `scenario`: what a crate of one's own writes;
//! - `rules`: the closures of a scenario, asked by place;
//! - `histories`: histories of any type, as numbers;
//! - `watched`: the model, a world with what is kept beside it;
//! - `offered`: the closures of all scenarios of the suite that runs, and their judge for the explorer;
//! - `caught`: panics of closures;
//! - `error`: what can be wrong with a suite.

mod caught;
mod claim;
mod error;
mod histories;
mod offered;
mod rules;
mod scenario;
mod watched;

pub use claim::{At, Claim, Happened, History};
pub use error::Error;
pub(crate) use offered::{AllRules, offer, offered};
pub use scenario::Scenario;
pub(crate) use scenario::{Build, Built};
pub(crate) use watched::{Own, Watched};

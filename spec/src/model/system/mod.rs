//! What happens: all actions that are possible in a world, and what comes of each.

mod action;
#[cfg(feature = "stateright")]
mod contract;
mod coverage;
mod expected;
mod possible;
mod strays;
mod tcp;
mod transition;

pub use action::{Action, Forged, Opening};
#[cfg(feature = "stateright")]
pub use contract::MOST_CLAIMS;
pub use coverage::{ActionKind, Coverage};
pub use strays::stray_name;
pub use tcp::{Step, Tcp};

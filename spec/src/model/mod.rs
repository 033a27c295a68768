//! The model: two endpoints that run the generated machine, their users, and a network that loses, duplicates, delays and reorders.
//!
//! Nothing here decides a transition: every event goes through the same generated functions that the stack calls, with the same
//! guards and effects, over a sequence space of 16 numbers that wraps within a few segments.
//!
//! Reading order: [`world`] (what a state of the model is), [`host`] (how an endpoint meets the machine), [`actions`] (all that can
//! happen), `transition` (what comes of it), [`scenario`] (bounds), [`properties`] and [`expectations`] (what is claimed), [`scenarios`] (the list).

pub mod actions;
mod books;
#[cfg(feature = "stateright")]
mod contract;
mod coverage;
pub mod deep;
pub mod expectations;
pub mod forgery;
pub mod hazards;
pub mod host;
pub mod packed;
pub mod properties;
pub mod replay;
pub mod scenario;
pub mod scenarios;
pub mod sources;
mod strays;
mod transition;
pub mod world;

pub use actions::{Action, Call, Forged, Opening, Step, Tcp};
pub use coverage::{ActionKind, Coverage};
pub use packed::Packed;
pub use properties::{Claim, Kind};
pub use scenario::{Bounds, Forger, Numbers, Scenario, UNCOUNTED, User};
pub use strays::stray_name;
pub use world::{End, Packet, World};

use crate::Small;

/// The model's sequence space: 16 numbers.
pub type Space16 = Small<4>;

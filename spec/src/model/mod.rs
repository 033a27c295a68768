//! The model: two endpoints that run the generated machine, their users, and a network that loses, duplicates, delays and reorders.
//!
//! Nothing here decides a transition: every event goes through the same generated functions that the stack calls, with the same
//! guards and effects, over a sequence space of 16 numbers (8 to 64 on demand) that wraps within a few segments.
//!
//! The folders are floors: each uses only those above it in this table.
//!
//! | floor | what is there |
//! |---|---|
//! | [`world`] | a state of the model, and how an end meets the machine |
//! | [`scenario`] | what is fixed: users, bounds, options, and the claims that are asked |
//! | [`claims`] | what is claimed, and what is remembered for it |
//! | [`system`] | what can happen, and what comes of it |
//! | [`scenarios`] | what is explored |
//! | [`judge`] | recorded runs of the stack, and what a forger achieves |
//! | [`sources`] | the files that decide all this, for stamps |

pub mod world;

pub mod scenario;

pub mod claims;

pub mod system;

pub mod scenarios;

pub mod judge;

pub mod sources;

pub use scenario::{Bounds, Call, Claim, Forger, Kind, Numbers, Scenario, User};
#[cfg(feature = "stateright")]
pub use system::MOST_CLAIMS;
pub use system::{Action, ActionKind, Coverage, Forged, Opening, Step, Tcp, stray_name};
pub use world::{End, Packed, Packet, UNCOUNTED, World};

/// The model's sequence space: 16 numbers, unless the process has chosen [another width](world::width).
pub type Space16 = world::width::Chosen;

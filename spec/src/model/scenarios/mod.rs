//! What is explored: the scenarios, each with its own bounds and claims.

mod anything;
pub mod deep;
mod hazards;
mod liveness;
mod ordinary;

pub use hazards::{HAZARDS, Hazard};

use super::scenario::Scenario;

/// Finds a scenario, or all variants of one, by name.
pub fn find(name: &str) -> Vec<&'static Scenario> {
    let family: Vec<_> = all().filter(|s| s.family() == name).collect();
    if family.is_empty() { all().filter(|s| s.name == name).collect() } else { family }
}

/// The scenarios without those of the hazards.
pub fn ordinary() -> impl Iterator<Item = &'static Scenario> {
    ordinary::SCENARIOS.iter().chain(anything::SCENARIOS).chain(liveness::SCENARIOS)
}

/// The scenarios, and those of the hazards.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    ordinary().chain(hazards::scenarios())
}

/// The names of all claims of all scenarios, once each, in order.
pub fn claim_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for claim in all().flat_map(|s| s.claims) {
        if !names.contains(&claim.name) {
            names.push(claim.name);
        }
    }
    names
}

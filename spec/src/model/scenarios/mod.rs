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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::system::Tcp;
    use crate::model::world::{Packed, World};
    use std::collections::HashSet;

    #[cfg(feature = "stateright")]
    #[test]
    fn no_scenario_has_more_claims_than_are_asked() {
        for scenario in all().chain(deep::DEEP) {
            assert!(scenario.claims.len() <= crate::model::system::MOST_CLAIMS, "{}", scenario.name);
        }
    }

    /// Packs and unpacks every world of a scenario that can be reached in `most` worlds or fewer.
    fn goes_both_ways(name: &str, most: usize) {
        let model = Tcp::new(find(name)[0]);
        let mut seen = HashSet::from([model.initial()]);
        let mut waiting = vec![model.initial()];
        let mut bytes = HashSet::new();
        let mut actions = Vec::new();
        while let Some(world) = waiting.pop() {
            let mut room = [0xaa; World::ROOM];
            let len = world.pack(&mut room);
            assert_eq!(World::unpack(&room[..len]), world, "{name}");
            assert!(bytes.insert(room[..len].to_vec()), "{name}: two worlds with the same bytes");
            actions.clear();
            model.possible(&world, &mut actions);
            for action in &actions {
                if let Some(after) = model.after(&world, *action)
                    && seen.len() < most
                    && seen.insert(after)
                {
                    waiting.push(after);
                }
            }
        }
        assert_eq!(bytes.len(), seen.len());
    }

    #[test]
    fn packing_loses_nothing() {
        goes_both_ways("simultaneous-open/letter", usize::MAX);
        goes_both_ways("simultaneous-close/in-order", usize::MAX);
    }

    #[test]
    fn packing_loses_nothing_where_text_is_held_and_segments_have_timestamps() {
        for scenario in all() {
            goes_both_ways(scenario.name, 5_000);
        }
    }
}

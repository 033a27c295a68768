//! What is explored: the scenarios, each with its own bounds and claims.

mod anything;
pub mod deep;
mod hazards;
mod liveness;
mod ordinary;
pub mod widths;

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
    use crate::model::world::{Marks, Packed, World};
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

    /// The first worlds of a model, at most so many.
    fn first_worlds(model: &Tcp, most: usize) -> HashSet<World> {
        let mut seen = HashSet::from([model.initial()]);
        let mut waiting = std::collections::VecDeque::from([model.initial()]);
        let mut actions = Vec::new();
        while let Some(world) = waiting.pop_front() {
            actions.clear();
            model.possible(&world, &mut actions);
            for action in &actions {
                if let Some(after) = model.after(&world, *action)
                    && seen.len() < most
                    && seen.insert(after)
                {
                    waiting.push_back(after);
                }
            }
        }
        seen
    }

    /// The worlds that differ from this one in one mark that is not among these.
    fn otherwise_marked(world: &World, asked: Marks) -> Vec<World> {
        let mut others = Vec::new();
        for bit in 0..31 {
            let (fault, breach, past) = (1_u32 << bit, 1_u8.checked_shl(bit), 1_u16.checked_shl(bit));
            if asked.faults & fault == 0 {
                others.push(World { faults: world.faults ^ fault, ..*world });
            }
            if let Some(breach) = breach.filter(|breach| asked.breaches & breach == 0) {
                others.push(World { breaches: world.breaches ^ breach, ..*world });
            }
            if let Some(past) = past.filter(|past| asked.past & past == 0) {
                for i in 0..2 {
                    let mut other = *world;
                    other.ends[i].past ^= past;
                    others.push(other);
                }
            }
        }
        others
    }

    #[test]
    fn a_claim_reads_no_mark_but_those_that_it_asks_for() {
        for scenario in all().chain(deep::DEEP) {
            // All marks, so that worlds differ in those that are not asked for, too.
            let model = Tcp { asks: Marks::ALL, ..Tcp::new(scenario) };
            for world in first_worlds(&model, 600) {
                for claim in scenario.claims {
                    let holds = (claim.holds)(scenario, &world);
                    for other in otherwise_marked(&world, claim.asks) {
                        let name = (scenario.name, claim.name);
                        assert_eq!((claim.holds)(scenario, &other), holds, "{name:?}: {world:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn marks_that_no_claim_asks_for_are_not_kept_and_change_no_verdict() {
        for name in ["fast-close", "reset/forked", "hazard-2msl/letter", "hazard-storm/time-wait"] {
            let scenario = find(name)[0];
            let model = Tcp::new(scenario);
            let few = first_worlds(&model, usize::MAX);
            let all = first_worlds(&Tcp { asks: Marks::ALL, ..model.clone() }, usize::MAX);
            assert!(few.len() < all.len(), "{name}: {} and {}", few.len(), all.len());
            let kept = all.iter().map(|world| {
                let mut world = *world;
                model.asks.keep(&mut world);
                world
            });
            assert!(kept.collect::<HashSet<_>>() == few, "{name}: others are reached");
        }
    }
}

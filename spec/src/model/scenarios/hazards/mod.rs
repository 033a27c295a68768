//! The known hazards of TCP: each with a scenario that finds the failure where the cure is off, and one that finds none where it is on.
//!
//! Least bounds of each: two octets one way, a window of two, two copies of a segment, MSL of two ticks (or segments that never die of age), numbers that wrap.
//! Where segments are counted, the network is perfect instead.

mod endings;
mod forger;
mod ledger;
mod opening;
mod reuse;
mod windows;

pub use ledger::HAZARDS;
pub(crate) use opening::{EVERYTHING, OLD_SYN};
pub(crate) use reuse::{ABORT, ASSASSINATION_ON, FREE};

use crate::model::scenario::{Numbers, Scenario};

/// A hazard, its cure, and where both are seen.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// Its name.
    pub title: &'static str,
    /// Where it is described.
    pub source: &'static str,
    /// What happens, and what prevents it.
    pub text: &'static str,
    /// Scenarios in which the failure is found.
    pub off: &'static [&'static str],
    /// Scenarios in which there is none.
    pub on: &'static [&'static str],
    /// What remains, or what the proof assumes.
    pub remains: &'static str,
}

/// The scenarios that only the ledger needs.
pub(crate) fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    [reuse::SCENARIOS, opening::SCENARIOS, windows::SCENARIOS, forger::SCENARIOS, endings::SCENARIOS]
        .into_iter()
        .flatten()
}

/// Every incarnation begins at the same number: nothing but time keeps them apart.
const SAME: Numbers = Numbers::Given([14; 6]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scenario::Kind;
    use crate::model::scenarios;

    #[test]
    fn the_least_bounds_are_kept() {
        for name in HAZARDS.iter().flat_map(|hazard| hazard.off.iter().chain(hazard.on)) {
            let found = scenarios::find(name);
            let [scenario] = found[..] else { panic!("{name} is {} scenarios", found.len()) };
            let b = &scenario.bounds;
            if b.count_segments {
                continue;
            }
            assert!(scenario.users.iter().any(|user| user.sends >= 2), "{name}: two octets one way");
            assert!(b.window >= 2, "{name}: a window of two");
            assert!(b.duplicates >= 1, "{name}: two copies of a segment");
            assert!(
                b.msl >= 2 || (b.msl == 0 && !b.in_order) || b.merging,
                "{name}: MSL of two ticks, or none dies"
            );
        }
    }

    #[test]
    fn every_hazard_fails_somewhere_and_holds_somewhere() {
        for hazard in HAZARDS {
            let fails = |name: &&&str| {
                scenarios::find(name)[0].claims.iter().any(|claim| claim.fails_because.is_some())
            };
            assert!(!hazard.off.is_empty() && hazard.off.iter().all(|name| fails(&name)), "{}", hazard.title);
            let on: Vec<_> = hazard.on.iter().collect();
            assert!(!on.is_empty(), "{}", hazard.title);
            // A forger's odds are lowered, not more.
            if !hazard.title.starts_with("Blind") {
                assert!(!on.iter().any(fails), "{}", hazard.title);
            }
        }
        assert!(scenarios().all(|s| {
            s.claims.iter().any(|claim| claim.kind == Kind::Sometimes || claim.fails_because.is_some())
        }));
    }
}

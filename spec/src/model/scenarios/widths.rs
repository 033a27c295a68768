//! The scenarios at other widths of sequence numbers: what is changed so that they fit, and which claims come out otherwise than with four bits.

use crate::model::scenario::{Claim, Numbers, Scenario};
use crate::model::world::width;

/// A claim that comes out otherwise than with four bits.
struct Otherwise {
    bits: u32,
    scenario: &'static str,
    /// The first words of the claim.
    claim: &'static str,
    /// Why it fails; nothing if it holds, although it fails with four bits.
    because: Option<&'static str>,
}

const OTHERWISE: &[Otherwise] = &[];

/// The scenario at the width that the process has chosen. With four bits it stays as it is. Else
///
/// - initial numbers keep their distance from the end of the space, so that numbers wrap as soon as they do with four bits;
/// - windows are smaller than half of the space, and no segment is larger than the window;
/// - a clock of ticks does not go round;
/// - claims that come out otherwise are expected to.
pub fn fit(mut scenario: Scenario) -> Scenario {
    let (bits, size) = (width::bits(), width::size());
    if width::is_usual() {
        return scenario;
    }
    let kept = |number: u8| (number % 16).wrapping_add(size).wrapping_sub(16) % size;
    for user in &mut scenario.users {
        user.iss = match user.iss {
            Numbers::Given(all) => Numbers::Given(all.map(kept)),
            Numbers::Free(first) => Numbers::Free(kept(first)),
            Numbers::Clock { first, per_tick } => Numbers::Clock { first: kept(first), per_tick },
        };
    }
    let bounds = &mut scenario.bounds;
    bounds.window = bounds.window.min(width::half() - 1);
    bounds.mss = bounds.mss.min(bounds.window);
    bounds.ticks = bounds.ticks.min(size - 1);
    let claims: Vec<Claim> = scenario.claims.iter().map(|claim| expected(bits, scenario.name, *claim)).collect();
    // Scenarios are constants elsewhere; these claims live as long as the process, too.
    scenario.claims = claims.leak();
    scenario
}

fn expected(bits: u32, scenario: &str, claim: Claim) -> Claim {
    let is_meant = |other: &&Otherwise| {
        (other.bits, other.scenario) == (bits, scenario) && claim.name.starts_with(other.claim)
    };
    OTHERWISE.iter().find(is_meant).map_or(claim, |other| Claim { fails_because: other.because, ..claim })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scenarios;

    #[test]
    fn what_comes_out_otherwise_is_claimed() {
        for other in OTHERWISE {
            let scenario = scenarios::all().find(|scenario| scenario.name == other.scenario);
            let Some(scenario) = scenario else { panic!("there is no {}", other.scenario) };
            let claims = || scenario.claims.iter().filter(|claim| claim.name.starts_with(other.claim));
            assert_eq!(claims().count(), 1, "{}: {}", other.scenario, other.claim);
            let because = |claim: &Claim| claim.fails_because.is_some() != other.because.is_some();
            assert!(claims().all(because), "{}: {} comes out as with four bits", other.scenario, other.claim);
            assert!(width::WIDTHS.contains(&other.bits) && other.bits != width::USUAL);
        }
    }

    #[test]
    fn with_four_bits_a_scenario_stays_as_it_is() {
        for scenario in scenarios::all() {
            assert!(fit(*scenario).is_same_but_for_its_name(scenario), "{}", scenario.name);
        }
    }
}

//! The scenarios at other widths of sequence numbers: what is changed so that they fit, and which claims come out otherwise than with four bits.

use crate::model::scenario::{Claim, Numbers, Scenario};
use crate::model::world::{INCARNATIONS, width};

/// Claims that come out otherwise than with four bits.
struct Otherwise {
    bits: u32,
    scenarios: &'static [&'static str],
    /// The first words of the claims.
    claims: &'static [&'static str],
    /// Why they fail; nothing if they hold, although they fail with four bits.
    because: Option<&'static str>,
}

const OTHERWISE: &[Otherwise] = &[
    Otherwise {
        bits: 3,
        scenarios: &[
            "anything",
            "anything/crossed",
            "anything/forked",
            "anything/letter",
            "anything/whoever-opened",
            "anything/crossed-whoever-opened",
            "anything/crossed-timestamps",
            "anything/crossed-old-timestamps",
            "anything/reopen-by-timestamp",
            "anything/released",
        ],
        claims: &[
            "the user is told",
            "what is sent is what",
            "every event leads to",
            "an acceptable window update",
            "timers run while",
        ],
        because: Some(
            "a stray with more text than the window of 3 holds is as long as half of the 8 numbers: it begins behind the window and reaches into it",
        ),
    },
    // The initial numbers of the two attempts are four apart, which is half of 8.
    Otherwise {
        bits: 3,
        scenarios: &["hazard-storm/half-open"],
        claims: &["two ends never send"],
        because: None,
    },
];

/// The scenario at the width that the process has chosen. With four bits it stays as it is. Else
///
/// - first initial numbers keep their distance from the end of the space, so that numbers wrap as soon as they do with four bits, and later ones their distance from those before;
/// - windows are smaller than half of the space, and no segment is larger than the window;
/// - a clock of ticks does not go round;
/// - claims that come out otherwise are expected to.
pub fn fit(mut scenario: Scenario) -> Scenario {
    let (bits, size) = (width::bits(), width::size());
    if width::is_usual() {
        return scenario;
    }
    let kept = |number: u8| (number % 16).wrapping_add(size).wrapping_sub(16) % size;
    // From one to the next the shorter way counts, forward or back.
    let between = |from: u8, to: u8| match to.wrapping_sub(from) % 16 {
        back @ 9.. => back.wrapping_sub(16),
        forward => forward,
    };
    let following = |mut all: [u8; INCARNATIONS]| {
        let given = all;
        all[0] = kept(given[0]);
        for next in 1..INCARNATIONS {
            all[next] = all[next - 1].wrapping_add(between(given[next - 1], given[next])) % size;
        }
        all
    };
    for user in &mut scenario.users {
        user.iss = match user.iss {
            Numbers::Given(all) => Numbers::Given(following(all)),
            Numbers::Free(first) => Numbers::Free(kept(first)),
            Numbers::Clock { first, per_tick } => Numbers::Clock { first: kept(first), per_tick },
        };
    }
    let bounds = &mut scenario.bounds;
    bounds.window = bounds.window.min(width::half() - 1);
    bounds.mss = bounds.mss.min(bounds.window);
    bounds.ticks = bounds.ticks.min(size - 1);
    let claims: Vec<Claim> =
        scenario.claims.iter().map(|claim| expected(bits, scenario.name, *claim)).collect();
    // Scenarios are constants elsewhere; these claims live as long as the process, too.
    scenario.claims = claims.leak();
    scenario
}

fn expected(bits: u32, scenario: &str, claim: Claim) -> Claim {
    let is_meant = |other: &&Otherwise| {
        other.bits == bits
            && other.scenarios.contains(&scenario)
            && other.claims.iter().any(|words| claim.name.starts_with(words))
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
            assert!(width::WIDTHS.contains(&other.bits) && other.bits != width::USUAL);
            for name in other.scenarios {
                let scenario = scenarios::all().find(|scenario| scenario.name == *name);
                let scenario = scenario.unwrap_or_else(|| panic!("there is no {name}"));
                for words in other.claims {
                    let claims = || scenario.claims.iter().filter(|claim| claim.name.starts_with(words));
                    assert_eq!(claims().count(), 1, "{name}: {words}");
                    let differs = |claim: &Claim| claim.fails_because.is_some() != other.because.is_some();
                    assert!(claims().all(differs), "{name}: {words} comes out as with four bits");
                }
            }
        }
    }

    #[test]
    fn with_four_bits_a_scenario_stays_as_it_is() {
        for scenario in scenarios::all() {
            assert!(fit(*scenario).is_same_but_for_its_name(scenario), "{}", scenario.name);
        }
    }
}

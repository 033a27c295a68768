//! The same path under other settings.

use crate::api::{Refusal, WhatIf};
use crate::link::Link;
use crate::run::Run;
use crate::view;

/// Replays a run's path under other settings, as far as it goes, and shows the first difference.
///
/// # Errors
///
/// The run cannot be played, or the other settings are those of another scenario.
pub(crate) fn what_if(link: &str, other: &str) -> Result<WhatIf, Refusal> {
    let run = Run::play(Link::parse(link)?)?;
    let other = Link::parse(other)?;
    if other.scenario.name != run.link.scenario.name {
        return Err(Refusal::new("the other settings must be those of the same scenario"));
    }
    let replayed = Run::play_while_possible(other.with_path(run.link.path.clone()))?;
    let (before, after) = (view::steps(&run), view::steps(&replayed));
    let is_same =
        |at: usize| before.get(at) == after.get(at) && view::differences(&run, &replayed, at + 1).is_empty();
    let same = (0..before.len()).find(|at| !is_same(*at)).unwrap_or(before.len());
    let differs = (same < before.len()).then(|| [before.get(same).cloned(), after.get(same).cloned()]);
    let differences = match &differs {
        Some([_, Some(_)]) => view::differences(&run, &replayed, same + 1),
        _ => Vec::new(),
    };
    Ok(WhatIf { same, differs, differences, other: replayed.link.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "scenario=simultaneous-open/in-order&path=ao.bo.d0.d0.d0.d0";

    #[test]
    fn the_first_difference_is_found() {
        let same = what_if(RUN, "scenario=simultaneous-open/in-order").unwrap();
        assert_eq!((same.same, same.differs.is_none()), (6, true));
        // By the letter the SYN,ACK that crosses is answered by an ACK.
        let other = what_if(RUN, "scenario=simultaneous-open/in-order&set=crossed_syn_ack:off").unwrap();
        assert_eq!(other.same, 4);
        let [before, after] = other.differs.unwrap();
        assert!(before.unwrap().rows.contains(&"crossed"));
        assert!(!after.unwrap().rows.contains(&"crossed"));
        assert!(
            other.differences.iter().any(|words| words.contains("ESTABLISHED → SYN-RECEIVED")),
            "{:?}",
            other.differences
        );
    }

    #[test]
    fn another_scenario_is_refused() {
        assert!(what_if(RUN, "scenario=handshake-close").is_err());
    }
}

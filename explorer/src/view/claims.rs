//! The claims of a scenario: here, along a path, and in the whole exploration.

use crate::api::{ClaimNow, ClaimView, Verdict};
use crate::catalogue;
use crate::known::Known;
use crate::link::Link;
use crate::run::Run;
use tcpspec::model::{Claim, Kind};

/// The claims after so many steps.
pub(super) fn now(run: &Run, at: usize, known: &Known) -> Vec<ClaimNow> {
    let scenario = &run.model.scenario;
    let judged = catalogue::judged(&run.model, || run.link.path.clone());
    let now = |(place, claim): (usize, &Claim)| {
        let holds = |at: usize| match &judged {
            Some(judged) => judged.get(at).and_then(|here| here.get(place)).copied().unwrap_or(true),
            None => (claim.holds)(scenario, run.world(at)),
        };
        // Single worlds do not say whether a claim about runs holds.
        let is_decided_by_worlds = !claim.kind.is_about_runs();
        let wanted = claim.kind != Kind::Always;
        let since = (0..run.worlds.len()).find(|at| holds(*at) == wanted);
        ClaimNow {
            claim: self::claim(&run.link, claim, known),
            here: is_decided_by_worlds.then(|| holds(at)),
            since: since.filter(|_| is_decided_by_worlds),
        }
    };
    scenario.claims.iter().enumerate().map(now).collect()
}

/// All claims of a scenario with settings.
pub(crate) fn all(link: &Link, known: &Known) -> Vec<ClaimView> {
    link.scenario.claims.iter().map(|claim| self::claim(link, claim, known)).collect()
}

/// A claim with what is known of it. With settings of its own nothing is known.
pub(crate) fn claim(link: &Link, claim: &Claim, known: &Known) -> ClaimView {
    let found = known.claim(link.scenario.name, claim.name).filter(|_| !link.is_changed());
    let shown_by = found.and_then(|found| found.path.as_ref()).map(|path| {
        let path = crate::token::parse_path(path, crate::link::LONGEST).unwrap_or_default();
        link.with_path(path).to_string()
    });
    ClaimView {
        name: claim.name,
        kind: claim.kind.word(),
        fails_because: claim.fails_because,
        verdict: found.map_or(Verdict::Unknown, |found| found.verdict),
        repeats_from: found.and_then(|found| found.repeats_from).filter(|_| shown_by.is_some()),
        shown_by,
    }
}

//! What explorations have found, kept with the sources: verdicts, the shortest run for each claim and for each row, and the claim that notices each mutant.
//!
//! `tcpspec docs` writes the verdicts and runs, and `tcpspec mutate --doc` writes the mutants. Both carry the [stamp](crate::stamp) of the table, model and claims.

use crate::api::Verdict;
use crate::catalogue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// All of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Known {
    /// Of which table, model and claims it speaks.
    pub stamp: String,
    /// By scenario.
    pub scenarios: BTreeMap<String, KnownScenario>,
    /// By row: how many scenarios fire it, and the shortest run that does.
    pub rows: BTreeMap<String, KnownRow>,
}

/// What became of a scenario.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownScenario {
    /// Different states.
    pub unique: u64,
    /// States generated.
    pub generated: u64,
    /// By claim.
    pub claims: BTreeMap<String, KnownClaim>,
}

/// What became of a claim.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownClaim {
    /// Its verdict.
    pub verdict: Verdict,
    /// The shortest run that breaks or shows it, as a link's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The step of it from which on it repeats for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats_from: Option<usize>,
}

/// Where a row fires.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownRow {
    /// In so many scenarios.
    pub fires_in: usize,
    /// The scenario with the shortest run that fires it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The path of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Which claim notices each mutant, by its token.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mutants {
    /// Of which table, model and claims it speaks.
    pub stamp: String,
    /// By token: the claim and the scenario.
    pub noticed: BTreeMap<String, [String; 2]>,
    /// By token: why no run can tell the mutant from the machine.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
}

impl Known {
    /// What is kept with the sources. Nothing if it cannot be read: a test makes sure that it can. Nothing is known of somebody else's suite.
    pub fn kept() -> &'static Self {
        static KEPT: LazyLock<Known> =
            LazyLock::new(|| serde_json::from_str(include_str!("../data/known.json")).unwrap_or_default());
        static NOTHING: LazyLock<Known> = LazyLock::new(Known::default);
        if catalogue::suite().is_some() { &NOTHING } else { &KEPT }
    }

    /// What is known of a claim.
    pub fn claim(&self, scenario: &str, claim: &str) -> Option<&KnownClaim> {
        self.scenarios.get(scenario)?.claims.get(claim)
    }
}

impl Mutants {
    /// What is kept with the sources. Nothing if it cannot be read: a test makes sure that it can.
    pub fn kept() -> &'static Self {
        static KEPT: LazyLock<Mutants> =
            LazyLock::new(|| serde_json::from_str(include_str!("../data/mutants.json")).unwrap_or_default());
        &KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{LONGEST, Link};
    use crate::run::Run;
    use crate::stamp;
    use crate::token::parse_path;
    use tcpspec::model::Kind;

    fn played(scenario: &str, path: &str) -> Run {
        let link = Link::parse(&format!("scenario={scenario}")).unwrap();
        let link = link.with_path(parse_path(path, LONGEST).unwrap());
        Run::play(link).unwrap_or_else(|refusal| panic!("{scenario}: {refusal:?}"))
    }

    /// Runs of an older table may show anything: the explorer says that they are old.
    fn is_current() -> bool {
        Known::kept().stamp == stamp::of_today()
    }

    #[test]
    fn every_run_that_is_kept_shows_its_claim() {
        for (name, scenario) in Known::kept().scenarios.iter().filter(|_| is_current()) {
            let runs = scenario
                .claims
                .iter()
                .filter_map(|(claim, known)| Some((claim, known, known.path.as_ref()?)));
            for (claim, known, path) in runs {
                let run = played(name, path);
                let scenario = &run.model.scenario;
                let claim = scenario.claims.iter().find(|known| known.name == claim).unwrap();
                let last = run.world(run.steps.len());
                match (claim.kind, known.repeats_from) {
                    (Kind::Always, _) => assert!(!(claim.holds)(scenario, last), "{name}: {}", claim.name),
                    (Kind::Sometimes, _) => assert!((claim.holds)(scenario, last), "{name}: {}", claim.name),
                    // A run that repeats comes back to where it began to repeat.
                    (_, Some(at)) if at < run.steps.len() => {
                        assert_eq!(last, run.world(at), "{name}: {}", claim.name)
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn every_run_that_is_kept_fires_its_row() {
        for (row, known) in Known::kept().rows.iter().filter(|_| is_current()) {
            let (Some(scenario), Some(path)) = (&known.scenario, &known.path) else { continue };
            let run = played(scenario, path);
            let last = run.steps.last().unwrap();
            assert!(last.rows.iter().any(|fired| fired.name() == row), "{row}");
        }
    }

    #[test]
    fn what_is_kept_can_be_read() {
        assert!(serde_json::from_str::<Known>(include_str!("../data/known.json")).is_ok());
        assert!(serde_json::from_str::<Mutants>(include_str!("../data/mutants.json")).is_ok());
    }
}

//! What the explorer knows without exploring: verdicts, and the shortest run for each claim and each row.

use crate::check::{Report, Verdict};
use crate::screen::progress::Progress;
use std::collections::BTreeMap;
use tcpspec::TABLE;
use tcpspec::model::{Step, Tcp};
use tcpspec_explorer::known::{Known, KnownClaim, KnownRow, KnownScenario};
use tcpspec_explorer::link::Link;
use tcpspec_explorer::search::{Survey, survey};
use tcpspec_explorer::{api, run, stamp, token};

/// As seen from the documents.
pub(crate) const FILE: &str = "../explorer/data/known.json";

/// States of each scenario that are looked at for the shortest runs.
const STATES: u32 = 100_000;

/// The file of these reports.
pub(crate) fn file(reports: &[Report]) -> String {
    let mut known = Known { stamp: stamp::of_today().into(), ..Known::default() };
    for info in TABLE.rows() {
        let fires_in = reports.iter().filter(|report| report.fired.contains(&info.row)).count();
        known.rows.insert(info.name.into(), KnownRow { fires_in, scenario: None, path: None });
    }
    // The length of each row's shortest run so far. What only forged segments and stray calls bring about teaches less: `anything` comes last.
    let mut shortest: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    let mut progress = Progress::of(reports.len(), "scenarios");
    for report in reports {
        let name = report.scenario.name;
        progress.does(&format!("the shortest runs of {name}"));
        let Ok(link) = Link::parse(&format!("scenario={name}")) else { continue };
        let surveyed = survey(&link, STATES).unwrap_or_default();
        known.scenarios.insert(name.into(), scenario(report, &surveyed));
        progress.finished();
        for (row, link) in &surveyed.rows {
            let length = (report.scenario.family() == "anything", link.path.len());
            if shortest.get(row).is_some_and(|shortest| *shortest <= length) {
                continue;
            }
            shortest.insert(row, length);
            if let Some(known) = known.rows.get_mut(*row) {
                known.scenario = Some(name.into());
                known.path = Some(token::path(&link.path));
            }
        }
    }
    serde_json::to_string_pretty(&known).unwrap_or_default()
}

fn scenario(report: &Report, surveyed: &Survey) -> KnownScenario {
    let model = Tcp::new(&report.scenario);
    let claims = report.findings.iter().map(|finding| {
        let found = finding.path.as_ref().and_then(|steps| path(&model, steps));
        let first = || surveyed.claims.get(finding.claim.name).map(|link| token::path(&link.path));
        let claim = KnownClaim {
            verdict: verdict(finding.verdict),
            path: found.or_else(first),
            repeats_from: finding.repeats_from,
        };
        (finding.claim.name.to_owned(), claim)
    });
    KnownScenario { unique: report.unique as u64, generated: report.total as u64, claims: claims.collect() }
}

/// The path of a run, as links write it.
fn path(model: &Tcp, steps: &[Step]) -> Option<String> {
    Some(token::path(&run::actions_of(model, steps)?))
}

pub(crate) fn verdict(verdict: Verdict) -> api::Verdict {
    match verdict {
        Verdict::Holds => api::Verdict::Holds,
        Verdict::Violated => api::Verdict::Violated,
        Verdict::FailsAsExpected => api::Verdict::FailsAsExpected,
        Verdict::UnexpectedlyHolds => api::Verdict::UnexpectedlyHolds,
        Verdict::Undecided | Verdict::Open => api::Verdict::Open,
    }
}

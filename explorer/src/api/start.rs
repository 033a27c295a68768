//! What does not depend on a run.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that does not depend on a run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// Whether the verdicts are of this table, model and claims.
    pub current: bool,
    /// The textbook's figures, the doors into the explorer.
    pub figures: Vec<Figure>,
    /// The known hazards.
    pub hazards: Vec<HazardView>,
    /// All scenarios.
    pub scenarios: Vec<ScenarioView>,
    /// The table's options.
    pub options: Vec<OptionView>,
    /// Bounds that can be set.
    pub bounds: Vec<BoundView>,
    /// The eleven states, in the order of RFC 9293 §3.3.2.
    pub states: Vec<StateView>,
    /// The arrows of the state diagram.
    pub arrows: Vec<Arrow>,
    /// Names of all rows, in the order of the table.
    pub rows: Vec<&'static str>,
}

/// One figure of the textbook, as a run with captions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figure {
    /// Its name in links.
    pub name: String,
    /// Its title, a sentence, by language (`en`, `zh`).
    pub title: BTreeMap<String, String>,
    /// What it shows, a sentence or two, by language.
    pub about: BTreeMap<String, String>,
    /// Scenario, settings and path.
    pub link: String,
    /// What to say at a step: by the number of steps taken (0: before the first), by language.
    pub captions: BTreeMap<usize, BTreeMap<String, String>>,
}

/// A hazard of the ledger.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct HazardView {
    /// Its name.
    pub title: &'static str,
    /// Where it is described.
    pub source: &'static str,
    /// What goes wrong, and the cure.
    pub text: &'static str,
    /// Scenarios in which the cure is off: a claim fails.
    pub off: &'static [&'static str],
    /// Scenarios in which it is on.
    pub on: &'static [&'static str],
    /// What the cure does not cure.
    pub remains: &'static str,
}

/// A scenario with its bounds and last verdicts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ScenarioView {
    /// `scenario`, or `scenario/variant`.
    pub name: &'static str,
    /// What it explores, in a sentence.
    pub summary: &'static str,
    /// Its bounds in a line.
    pub bounds: String,
    /// Its claims.
    pub claims: Vec<ClaimView>,
    /// What the last exploration found; nothing if it is not known.
    pub explored: Option<Explored>,
    /// The run that `tcpspec trace` shows, as a link; nothing if it has no script.
    pub example: Option<String>,
}

/// How far an exploration went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Explored {
    /// Different states.
    #[cfg_attr(test, ts(type = "number"))]
    pub unique: u64,
    /// States generated, those met before included.
    #[cfg_attr(test, ts(type = "number"))]
    pub generated: u64,
    /// Everything within the bounds was explored.
    pub complete: bool,
}

/// What became of a claim in an exploration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds within the bounds.
    Holds,
    /// It is violated.
    Violated,
    /// It is violated, as the variant is there to show.
    FailsAsExpected,
    /// It should fail here, and holds.
    UnexpectedlyHolds,
    /// The exploration was stopped before it was decided.
    Open,
    /// Nobody has explored this scenario with these settings yet.
    Unknown,
}

/// A claim.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ClaimView {
    /// A sentence.
    pub name: &'static str,
    /// `always`, `sometimes`, `possible`, `finally` or `no cycle`.
    pub kind: &'static str,
    /// Why it is expected to fail here, if it is.
    pub fails_because: Option<&'static str>,
    /// In the whole exploration.
    pub verdict: Verdict,
    /// Its shortest counterexample, or the shortest run that shows it, as a link; nothing if none is known.
    pub shown_by: Option<String>,
    /// The step of that run from which on it repeats for ever.
    pub repeats_from: Option<usize>,
}

/// An option of the table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct OptionView {
    /// The name that rows test.
    pub name: &'static str,
    /// What being on means.
    pub doc: &'static str,
    /// Where the choice comes from.
    pub source: &'static str,
    /// The setting if nobody says otherwise.
    pub default: bool,
}

/// A bound that can be set.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct BoundView {
    /// Its name in links and behind `--bound`.
    pub name: String,
    /// What it bounds, and which values it takes.
    pub what: String,
}

/// A state of a connection.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct StateView {
    /// Its name in the RFC.
    pub name: &'static str,
    /// What it represents.
    pub doc: &'static str,
}

/// An arrow of the state diagram.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Arrow {
    /// From this state.
    pub from: &'static str,
    /// To this one.
    pub to: &'static str,
    /// The rows that lead there.
    pub rows: Vec<&'static str>,
}

//! Searches: what is looked for, and how far they are.

use super::ClaimView;
use serde::{Deserialize, Serialize};

/// What a search looks for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Search {
    /// Scenario and settings; the search begins after the link's path.
    pub link: String,
    /// What to find, as in `A in TIME-WAIT and B in LAST-ACK`, or nothing: then every claim is checked.
    pub find: Option<String>,
    /// Different states at most.
    pub limit: u32,
}

/// How far a search is, or what it came to.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Different states so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub unique: u64,
    /// States generated so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub generated: u64,
    /// Steps from where the search began.
    pub depth: u32,
    /// Different states at most.
    #[cfg_attr(test, ts(type = "number"))]
    pub limit: u64,
    /// Bytes that the search keeps.
    #[cfg_attr(test, ts(type = "number"))]
    pub memory: u64,
    /// Bytes that it may keep at most; 0: nothing says so.
    #[cfg_attr(test, ts(type = "number"))]
    pub memory_limit: u64,
    /// The search is over.
    pub done: bool,
    /// Everything within the bounds was explored.
    pub complete: bool,
    /// What was found: the run, as a link.
    pub found: Option<String>,
    /// Of a check: the scenario's claims that single worlds decide, with what is known by now.
    pub claims: Vec<ClaimView>,
    /// What the verdict rests on, in a sentence: `None in all 12,345 states within the bounds.`
    pub words: String,
}

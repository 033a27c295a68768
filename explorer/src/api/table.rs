//! The table, row by row.

use serde::Serialize;

/// The whole table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct TableView {
    /// All rows, in order.
    pub rows: Vec<RowView>,
    /// The requirements of RFC 9293, as its Appendix B lists them.
    pub requirements: Vec<RequirementView>,
    /// Whether what is said of mutants is of this table, model and claims.
    pub mutants_current: bool,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct RowView {
    /// Its name.
    pub name: &'static str,
    /// Its sentence.
    pub sentence: &'static str,
    /// The section it comes from.
    pub section: &'static str,
    /// What RFC 9293 says, where it asks for the row.
    pub quotation: Option<QuotationView>,
    /// Requirements of Appendix B that it meets.
    pub requirements: &'static [&'static str],
    /// The event.
    pub event: &'static str,
    /// The step.
    pub step: &'static str,
    /// The states in which it applies.
    pub states: Vec<&'static str>,
    /// Its conditions.
    pub condition: &'static [&'static str],
    /// Its next state.
    pub next: Option<&'static str>,
    /// How it ends: `next`, `stop`, `drop`, `skip` or `error NAME`.
    pub verb: String,
    /// Its effects.
    pub effects: &'static [&'static str],
    /// The line of `spec/src/table.rs`.
    pub line: u32,
    /// Scenarios in which it fires.
    pub fires_in: usize,
    /// The shortest run that fires it, as a link.
    pub shown_by: Option<String>,
    /// Its mutants.
    pub mutants: Vec<MutantView>,
}

/// Words of RFC 9293, with … for what is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct QuotationView {
    /// The section, as in `§3.10.7.4`.
    pub section: &'static str,
    /// The words.
    pub words: &'static str,
}

/// A requirement of RFC 9293.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct RequirementView {
    /// Its identifier, such as `MUST-11`; several may have the same.
    pub id: &'static str,
    /// `MUST`, `SHOULD NOT`, …
    pub strength: &'static str,
    /// Sections of RFC 9293, without the sign.
    pub sections: &'static str,
    /// The heading and the words of Appendix B.
    pub words: String,
}

/// A row with a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct MutantView {
    /// As links write it: `listen_syn:removed`.
    pub token: String,
    /// As in `listen_syn removed`.
    pub name: String,
    /// The claim that noticed it.
    pub noticed_by: Option<String>,
    /// The scenario in which it did.
    pub scenario: Option<String>,
    /// Why no run can tell it from the machine, if that is so.
    pub reason: Option<String>,
}

//! `docs/table.json` and `docs/verdicts.json`: table and verdicts for machines; `tcpspec diff` compares with them.

use crate::check::Report;
use serde_json::{Map, Value, json};

/// The table as it was, for machines.
pub(crate) const TABLE_FILE: &str = "table.json";
/// The verdicts as they were, for machines.
pub(crate) const VERDICTS_FILE: &str = "verdicts.json";

/// Verdicts and counts of scenarios, for machines.
pub(crate) fn verdicts(reports: &[Report]) -> String {
    let scenarios: Map<String, Value> = reports
        .iter()
        .map(|r| {
            let claims: Map<String, Value> = r
                .findings
                .iter()
                .map(|f| (f.claim.name.to_owned(), serde_json::to_value(f.verdict).unwrap_or_default()))
                .collect();
            (
                r.scenario.name.to_owned(),
                json!({ "unique": r.unique, "generated": r.total, "claims": claims }),
            )
        })
        .collect();
    serde_json::to_string_pretty(&Value::Object(scenarios)).unwrap_or_default()
}

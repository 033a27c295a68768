//! Where each row fires: in the model's scenarios, and in runs of the stack at 32 bits.

use crate::check::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use tcpspec::info::Table;

/// Kept by the test `rows_on_the_stack`, as seen from the documents.
const REASONS: &str = "../tests/data/rows_on_stack.txt";

/// The heading, and its anchor.
const HEADING: &str = "Where rows fire";
const ANCHOR: &str = "where-rows-fire";

/// What fires where.
pub(crate) struct Fires {
    /// In a scenario of the model.
    model: BTreeSet<&'static str>,
    /// Not on the stack, for this reason.
    reasons: BTreeMap<String, String>,
}

impl Fires {
    /// What the test has left beside the documents of `dir`.
    ///
    /// # Errors
    ///
    /// The list cannot be read, or a line of it is not a row's.
    pub(crate) fn read(table: &Table, dir: &Path) -> Result<Self, Box<dyn Error>> {
        let path = dir.join(REASONS);
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        let reasons = reasons(table, &text).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self { model: BTreeSet::new(), reasons })
    }

    /// What these scenarios have made fire.
    pub(crate) fn explored(&mut self, reports: &[Report]) {
        self.model.extend(reports.iter().flat_map(|report| &report.fired).map(|row| row.name()));
    }

    /// What stands beside a row that does not fire everywhere.
    pub(super) fn mark(&self, row: &str) -> String {
        let marks = [(!self.model.contains(row), "the model"), (self.reasons.contains_key(row), "the stack")];
        let absent: Vec<_> =
            marks.into_iter().filter(|(absent, _)| *absent).map(|(_, place)| place).collect();
        if absent.is_empty() {
            String::new()
        } else {
            format!(" [not in {}](#{ANCHOR})", absent.join(", nor in "))
        }
    }

    /// The section that says so.
    pub(super) fn section(&self, table: &Table) -> String {
        let all = table.rows().count();
        let mut text = format!(
            "## {HEADING}\n\nOf {all} rows {} fire in the model's [scenarios](verdicts.md), and {} in [runs of the stack](../tests/tests/rules/rows_on_the_stack/runs.rs) at 32 \
             bits, without the model, with each option on and off. The others:\n\n| row | in the model | on the stack |\n|---|---|---|\n",
            self.model.len(),
            all - self.reasons.len(),
        );
        for row in table.rows() {
            let (model, reason) = (self.model.contains(row.name), self.reasons.get(row.name));
            if model && reason.is_none() {
                continue;
            }
            let model = if model { "yes" } else { "**no**" };
            let stack = reason
                .map_or("yes".to_owned(), |reason| format!("**no**: {}", super::markdown::cell(reason)));
            let _ = writeln!(text, "| `{}` | {model} | {stack} |", row.name);
        }
        text
    }
}

/// The list, each row with its reason.
fn reasons(table: &Table, text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut all = BTreeMap::new();
    for line in lines {
        let (name, reason) = line.split_once(": ").ok_or_else(|| format!("no reason in \"{line}\""))?;
        if !table.rows().any(|row| row.name == name) {
            return Err(format!("there is no row `{name}`"));
        }
        all.insert(name.to_owned(), reason.to_owned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    fn fires(text: &str) -> Fires {
        let model = TABLE.rows().map(|row| row.name).filter(|name| *name != "syn_reset").collect();
        Fires { model, reasons: reasons(&TABLE, text).expect("rows") }
    }

    #[test]
    fn what_does_not_fire_is_marked_and_listed_with_its_reason() {
        let fires = fires("# What this is.\n\nprobe_idle: why | not\n");
        let section = fires.section(&TABLE);
        let all = TABLE.rows().count();
        assert!(section.contains(&format!("Of {all} rows {} fire in the model's", all - 1)), "{section}");
        assert!(section.contains(&format!("and {} in [runs of the stack]", all - 1)), "{section}");
        assert!(section.contains("| `probe_idle` | yes | **no**: why \\| not |"), "{section}");
        assert!(section.contains("| `syn_reset` | **no** | yes |"), "{section}");
        assert_eq!(section.lines().filter(|line| line.starts_with("| `")).count(), 2);
        assert_eq!(fires.mark("probe_idle"), " [not in the stack](#where-rows-fire)");
        assert_eq!(fires.mark("syn_reset"), " [not in the model](#where-rows-fire)");
        assert_eq!(fires.mark("ack_syn"), "");
    }

    #[test]
    fn the_list_names_rows_with_reasons() {
        let list = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/rows_on_stack.txt");
        assert!(reasons(&TABLE, &std::fs::read_to_string(list).expect("the list")).is_ok());
        assert_eq!(reasons(&TABLE, "no_such_row: because"), Err("there is no row `no_such_row`".into()));
        assert_eq!(reasons(&TABLE, "ack_syn"), Err("no reason in \"ack_syn\"".into()));
    }
}

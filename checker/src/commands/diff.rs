//! What an edit of the table changes: rows, and verdicts. The state before is what `docs/` says.

use crate::check::{self, Expected, Report, Verdict};
use crate::commands::names::chosen;
use crate::commands::resources::interruptible;
use crate::documents::machines::{TABLE_FILE, VERDICTS_FILE};
use crate::engine::Stop;
use crate::output::terminal::{width, wrapped};
use crate::screen::progress::Progress;
use crate::screen::verdicts;
use clap::Args;
use serde_json::{Map, Value};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use tcpspec::TABLE;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::search::grouped;
use tcpspec_explorer::table_json::{rows_mut, without_lines};

#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// Scenarios to explore, with all variants of each (default: all)
    scenarios: Vec<String>,
    /// Where the documents are
    #[arg(long, default_value = "docs", value_name = "DIR")]
    dir: PathBuf,
}

impl DiffArgs {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let scenarios = chosen(&self.scenarios)?;
        // Both are known to be there before anything is explored.
        let verdicts = read(&self.dir, VERDICTS_FILE)?;
        rows(&self.dir, out)?;
        out.flush()?;
        let mut plan = check::Plan::with_threads(check::default_threads());
        plan.limits.interrupted = interruptible()?;
        // Verdicts are compared, not runs.
        plan.expected = Expected::Of(Vec::new());
        let mut holds = true;
        let mut progress = Progress::through(&scenarios, false);
        for (compared, scenario) in scenarios.iter().enumerate() {
            let report = check::run(scenario, &plan, |so_far| progress.explores(scenario, so_far))?;
            progress.explored(scenario, report.unique);
            if let Some(why) = report.stopped {
                let why = match why {
                    Stop::States => "the limit of states was reached",
                    Stop::Memory => "the memory did not suffice",
                    Stop::Interrupt => "stopped by the user",
                };
                let broken = if holds { "no claims are violated so far" } else { "claims are VIOLATED" };
                let all = scenarios.len();
                writeln!(out, "PARTIAL: {compared} of {all} scenarios were compared, {broken}; {why}.")?;
                return Ok(false);
            }
            progress.aside(|| {
                scenario_changes(&verdicts, &report, out)?;
                Ok::<_, Box<dyn Error>>(out.flush()?)
            })?;
            holds &= report.holds();
        }
        writeln!(out, "{}", if holds { "Every claim is as it should be." } else { "Claims are VIOLATED." })?;
        Ok(holds)
    }
}

fn read(dir: &Path, name: &str) -> Result<Value, Box<dyn Error>> {
    let path = dir.join(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| {
            format!("cannot read {}: {error}; run this in a checkout of tcpspec, where `tcpspec docs` writes it, or say with --dir where the documents are", path.display())
        })?;
    serde_json::from_str(&text).map_err(|error| {
        format!("{} is broken: {error}; `tcpspec docs` writes it anew", path.display()).into()
    })
}

/// Prints the rows that changed; whether any did.
fn rows(dir: &Path, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
    let mut before = read(dir, TABLE_FILE)?;
    let mut after: Value = serde_json::from_str(&without_lines(&TABLE))?;
    let by_name = |table: &mut Value| -> Vec<(String, Map<String, Value>)> {
        let name =
            |row: &Map<String, Value>| row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        rows_mut(table).map(|row| (name(row), row.clone())).collect()
    };
    let (before, after) = (by_name(&mut before), by_name(&mut after));
    let find = |rows: &[(String, Map<String, Value>)], name: &str| {
        rows.iter().find(|(other, _)| other == name).map(|(_, row)| row.clone())
    };
    let mut changed = false;
    for (name, old) in &before {
        let Some(new) = find(&after, name) else {
            writeln!(out, "row {name}: gone")?;
            changed = true;
            continue;
        };
        for (field, value) in old {
            let now = new.get(field).unwrap_or(&Value::Null);
            if now != value {
                let change = format!("{field}: {} → {}", words(value), words(now));
                writeln!(out, "{}", wrapped(&change, width(), &format!("row {name}: "), "    "))?;
                changed = true;
            }
        }
    }
    for (name, _) in after.iter().filter(|(name, _)| find(&before, name).is_none()) {
        writeln!(out, "row {name}: new")?;
        changed = true;
    }
    let order =
        |rows: &[(String, Map<String, Value>)]| rows.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if !changed && order(&before) != order(&after) {
        writeln!(out, "the order of rows")?;
        changed = true;
    }
    if !changed {
        writeln!(out, "No row has changed since the documents were written.")?;
    }
    Ok(changed)
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "nothing".into(),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Prints how a scenario's verdicts and counts differ from those of the documents.
fn scenario_changes(before: &Value, report: &Report, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let name = report.scenario.name;
    let Some(old) = before.get(name) else {
        writeln!(out, "{name}: new")?;
        return Ok(());
    };
    let say = |out: &mut dyn Write, what: &str, claim: &str| {
        writeln!(out, "{}", wrapped(&format!("{what}: {claim}"), width(), &format!("{name}: "), "    "))
    };
    let mut is_broken = false;
    for finding in &report.findings {
        let now = serde_json::to_value(finding.verdict)?;
        match old.get("claims").and_then(|claims| claims.get(finding.claim.name)) {
            None => say(out, &format!("new claim, {}", words(&now)), finding.claim.name)?,
            Some(then) if *then != now => {
                say(out, &format!("{} → {}", words(then), words(&now)), finding.claim.name)?;
                is_broken |= finding.verdict == Verdict::Violated;
            }
            Some(_) => {}
        }
    }
    if is_broken {
        let link = Link::parse(&format!("scenario={name}")).map_err(|refusal| refusal.error)?;
        verdicts::failures(out, report, &link, false)?;
        writeln!(out)?;
    }
    let then = old.get("unique").and_then(Value::as_u64).unwrap_or_default();
    if then != report.unique as u64 {
        writeln!(out, "{name}: {} → {} unique states", grouped(then as usize), grouped(report.unique))?;
    }
    Ok(())
}

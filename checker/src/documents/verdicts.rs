//! `docs/verdicts.md`, and a page for each family of scenarios under `docs/verdicts/`: no times, so that a page changes only when a verdict, a count or a bound
//! does.

use super::note::NOTE;
use crate::check::{Finding, Report, Verdict};
use crate::faces;
use crate::screen::verdicts::Count;
use crate::screen::words;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tcpspec::TABLE;
use tcpspec::model::scenarios::HAZARDS;
use tcpspec::model::{Bounds, Kind, Scenario, User};
use tcpspec_explorer::bounds;

/// Bounds that are told of whatever they are.
const ALWAYS: [&str; 6] = ["in-flight", "in-order", "window", "mss", "a.iss", "b.iss"];

/// The folder of the families' pages.
const FOLDER: &str = "verdicts";

const README: &str = "../README.md";
const BEGIN: &str = "<!-- verdicts: written by `cargo run --release -- docs` -->\n";
const END: &str = "<!-- /verdicts -->\n";

/// The README with these verdicts, if there is one that has a place for them.
pub(crate) fn readme(dir: &Path, reports: &[Report]) -> Option<(String, String)> {
    let old = std::fs::read_to_string(dir.join(README)).ok()?;
    let (before, rest) = old.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let states: usize = reports.iter().map(|r| r.unique).sum();
    let all = format!(
        "In {} scenarios with {} states [{}](docs/verdicts.md).\n",
        reports.len(),
        words::grouped(states),
        Count::of(reports).words().replace(" hold, ", " claims hold and ")
    );
    Some((README.to_owned(), format!("{before}{BEGIN}{all}{END}{after}")))
}

/// The overview, and a page for each family.
pub(crate) fn pages(reports: &[Report]) -> Vec<(String, String)> {
    let families = families(reports);
    let common = common(reports);
    let mut files = vec![("verdicts.md".to_owned(), overview_page(reports, &families, &common))];
    for family in &families {
        files.push((file(family[0]), page(family, &common)));
    }
    files
}

/// Pages of families that are not there any more.
pub(crate) fn left_over(dir: &Path, files: &[(String, String)]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir.join(FOLDER)) else { return Vec::new() };
    let is_old = |path: &PathBuf| {
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        is_page && !files.iter().any(|(name, _)| dir.join(name) == *path)
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_old).collect()
}

/// Where a family's page is.
fn file(report: &Report) -> String {
    format!("{FOLDER}/{}.md", report.scenario.family())
}

/// The reports, those of a family together, in the order in which the families come first.
fn families(reports: &[Report]) -> Vec<Vec<&Report>> {
    let mut families: Vec<Vec<&Report>> = Vec::new();
    for report in reports {
        let own = families.iter_mut().find(|family| family[0].scenario.family() == report.scenario.family());
        match own {
            Some(family) => family.push(report),
            None => families.push(vec![report]),
        }
    }
    families
}

/// Claims that most scenarios ask. They are told of once.
fn common(reports: &[Report]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for claim in reports.iter().flat_map(|report| report.scenario.claims) {
        let asked = |report: &&Report| report.scenario.claims.iter().any(|other| other.name == claim.name);
        if !all.contains(&claim.name) && 2 * reports.iter().filter(asked).count() > reports.len() {
            all.push(claim.name);
        }
    }
    all
}

fn overview_page(reports: &[Report], families: &[Vec<&Report>], common: &[&str]) -> String {
    let mut text = format!(
        "{NOTE}# Verdicts\n\nEvery claim, explored exhaustively within the bounds that the page of each family states.\n\n"
    );
    text.push_str("| family | scenarios | unique states | generated | claims |\n|---|---:|---:|---:|---|\n");
    for family in families {
        let sum =
            |count: fn(&Report) -> usize| words::grouped(family.iter().map(|report| count(report)).sum());
        let _ = writeln!(
            text,
            "| [{}]({}) | {} | {} | {} | {} |",
            family[0].scenario.family(),
            file(family[0]),
            family.len(),
            sum(|report| report.unique),
            sum(|report| report.total),
            Count::of(family.iter().copied()).words()
        );
    }
    let _ = writeln!(
        text,
        "\n## Claims of most scenarios\n\nWhere a family does not ask all of them, its page names those that it asks.\n"
    );
    for name in common {
        let _ = writeln!(text, "- {name}");
    }
    let silent: Vec<&str> = TABLE
        .rows()
        .filter(|info| !reports.iter().any(|r| r.fired.contains(&info.row)))
        .map(|info| info.name)
        .collect();
    let _ = writeln!(
        text,
        "\n## Rows that fired in none of them\n\n{}",
        if silent.is_empty() { "None.".into() } else { silent.join(", ") }
    );
    text
}

/// A family's page: its scenarios, their bounds, and what is special to it.
fn page(family: &[&Report], common: &[&str]) -> String {
    let name = family[0].scenario.family();
    let mut text = format!(
        "{NOTE}# {name}\n\n| scenario | what it explores | unique states | generated |\n|---|---|---:|---:|\n"
    );
    for report in family {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            report.scenario.name,
            report.scenario.summary,
            words::grouped(report.unique),
            words::grouped(report.total)
        );
    }
    bounds_of(&mut text, family);
    claims_of(&mut text, family, common);
    let in_ledger = HAZARDS.iter().any(|hazard| {
        hazard.off.iter().any(|name| family.iter().any(|report| report.scenario.name == *name))
    });
    if in_ledger {
        text.push_str("\nThe shortest counterexamples stand in [the ledger](../hazards.md).\n");
    } else {
        for report in family {
            counterexamples(&mut text, report);
        }
    }
    text
}

/// The bounds as they are written on the command line, those that all have in common first. What is as in [`Bounds::PERFECT`] and [`User::IDLE`] is left out.
fn bounds_of(text: &mut String, family: &[&Report]) {
    let values: Vec<_> = family.iter().map(|report| settings(&report.scenario)).collect();
    let idle = Scenario {
        bounds: Bounds::PERFECT,
        users: [User::IDLE; 2],
        options: &[],
        without: None,
        ..family[0].scenario
    };
    let usual = settings(&idle);
    let names: Vec<&(String, &str, String)> = values.iter().flatten().fold(Vec::new(), |mut names, bound| {
        if !names.iter().any(|known: &&(String, &str, String)| known.0 == bound.0) {
            names.push(bound);
        }
        names
    });
    let value = |of: &[(String, &'static str, String)], name: &str| {
        of.iter().find(|bound| bound.0 == name).map_or_else(|| "–".to_owned(), |bound| bound.2.clone())
    };
    let mut differ = Vec::new();
    let mut shared = String::new();
    for (name, what, _) in names {
        let all: BTreeSet<String> = values.iter().map(|of| value(of, name)).collect();
        match all.first() {
            Some(first) if all.len() == 1 => {
                if *first != value(&usual, name) || ALWAYS.contains(&name.as_str()) {
                    let _ = writeln!(shared, "| `{name}` | {first} | {what} |");
                }
            }
            _ => differ.push(name),
        }
    }
    text.push_str("\n## Bounds\n\n4-bit sequence numbers. Unless a bound says otherwise, users take text at once, the persist timer fires, and challenge ACKs are not counted; all else that is not listed is off or 0.\n");
    if !shared.is_empty() {
        let _ = write!(text, "\n| bound | value | |\n|---|---|---|\n{shared}");
    }
    if differ.is_empty() {
        return;
    }
    text.push_str("\nWhat differs:\n\n");
    // What there is less of gets the columns.
    let scenarios: Vec<String> = family.iter().map(|report| report.scenario.name.to_owned()).collect();
    let bounds: Vec<String> = differ.iter().map(|name| format!("`{name}`")).collect();
    let cell = |scenario: usize, bound: usize| value(&values[scenario], differ[bound]);
    if scenarios.len() < bounds.len() {
        table(text, "bound", &scenarios, &bounds, |row, column| cell(column, row));
    } else {
        table(text, "scenario", &bounds, &scenarios, cell);
    }
}

fn table(
    text: &mut String,
    corner: &str,
    columns: &[String],
    rows: &[String],
    cell: impl Fn(usize, usize) -> String,
) {
    let _ = writeln!(text, "| {corner} | {} |\n|---{}|", columns.join(" | "), "|---".repeat(columns.len()));
    for (row, name) in rows.iter().enumerate() {
        let cells: Vec<_> = (0..columns.len()).map(|column| cell(row, column)).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
}

/// Bounds, options and the row that is left out.
fn settings(scenario: &Scenario) -> Vec<(String, &'static str, String)> {
    let mut all = bounds::of(scenario);
    for (option, on) in scenario.options {
        let what = TABLE.options.iter().find(|known| known.name == *option).map_or("", |known| known.doc);
        all.push(((*option).to_owned(), what, if *on { "on" } else { "off" }.to_owned()));
    }
    if let Some(fault) = scenario.without {
        all.push(("row".into(), "the table runs with this fault", fault.to_string()));
    }
    all
}

/// The claims: those of every scenario by their number, the others one by one.
fn claims_of(text: &mut String, family: &[&Report], common: &[&str]) {
    let is_plain =
        |finding: &Finding| common.contains(&finding.claim.name) && finding.verdict == Verdict::Holds;
    text.push_str("\n## Claims\n\n");
    let missing: Vec<&&str> = common
        .iter()
        .filter(|name| {
            !family.iter().all(|report| report.findings.iter().any(|f| f.claim.name == **name && is_plain(f)))
        })
        .collect();
    let held: Vec<&&str> = common.iter().filter(|name| !missing.contains(name)).collect();
    let every = "[claims of most scenarios](../verdicts.md#claims-of-most-scenarios)";
    let here = if family.len() > 1 { "each of these scenarios asks" } else { "this scenario asks" };
    if held.len() == common.len() {
        let _ = writeln!(text, "The {} {every} hold.\n", held.len());
    } else {
        let names: Vec<_> = held.iter().map(|name| format!("\"{name}\"")).collect();
        let _ = writeln!(text, "Of the {} {every} {here} {}; they hold.\n", common.len(), names.join(", "));
    }
    // Each claim once, with the scenarios in which it came out so.
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for report in family {
        for finding in &report.findings {
            if is_plain(finding) && !missing.contains(&&finding.claim.name) {
                continue;
            }
            let line = claim(finding);
            match lines.iter_mut().find(|(known, _)| *known == line) {
                Some((_, scenarios)) => scenarios.push(report.scenario.name),
                None => lines.push((line, vec![report.scenario.name])),
            }
        }
    }
    // What is said of one claim stands together.
    let order: Vec<&str> =
        family.iter().flat_map(|report| report.scenario.claims).map(|claim| claim.name).collect();
    lines.sort_by_key(|(line, _)| order.iter().position(|name| line.contains(&format!(": {name}: "))));
    for (line, scenarios) in lines {
        let of = if scenarios.len() == family.len() {
            String::new()
        } else {
            format!(" ({})", scenarios.join(", "))
        };
        let _ = writeln!(text, "- {line}{of}.");
    }
}

/// A claim, what kind it is, and how it came out.
fn claim(finding: &Finding) -> String {
    let verdict = match finding.verdict {
        Verdict::Holds => "holds",
        Verdict::Violated => "**VIOLATED**",
        Verdict::FailsAsExpected => "fails, as it should",
        Verdict::UnexpectedlyHolds => "**holds, though the variant is there to show that it fails**",
        Verdict::Undecided => "**undecided**: the graph does not fit in memory",
        // Nothing is written of an exploration that was stopped.
        Verdict::Open => "**open**",
    };
    let because = finding.claim.fails_because.map(|because| format!(": {because}")).unwrap_or_default();
    format!("{}: {}: {verdict}{because}", finding.claim.kind.word(), finding.claim.name)
}

/// The runs against claims, each once with all claims that it breaks.
fn counterexamples(text: &mut String, report: &Report) {
    let mut runs: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        let Some(path) = &finding.path else { continue };
        let ladder = faces::ladder::lasso(path, finding.repeats_from);
        match runs.iter_mut().find(|(known, _)| *known == ladder) {
            Some((_, findings)) => findings.push(finding),
            None => runs.push((ladder, vec![finding])),
        }
    }
    for (ladder, findings) in runs {
        let _ = writeln!(text, "\n## Against {}\n", report.scenario.name);
        for finding in &findings {
            let steps = finding.path.as_ref().map_or(0, Vec::len);
            let which = if finding.claim.kind == Kind::Always {
                "The shortest counterexample has"
            } else {
                "A run against it has"
            };
            let _ = writeln!(
                text,
                "\"{}\": {which} {steps} steps{}.",
                finding.claim.name,
                words::ending(finding)
            );
        }
        text.push_str("\n```text\n");
        for line in ladder.lines() {
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push_str("```\n");
    }
}

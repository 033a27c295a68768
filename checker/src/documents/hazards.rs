//! `docs/hazards.md`: the ledger of hazards, each with its scenarios, what they found, and the shortest counterexamples.

use crate::check::{Finding, Report, Verdict};
use crate::documents::stamp;
use crate::faces;
use crate::runs::play;
use crate::screen::words;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::model::judge::forgery;
use tcpspec::model::scenarios::{HAZARDS, Hazard};
use tcpspec::model::{Forged, Kind, Scenario, Tcp, scenarios};

/// The whole page.
pub(crate) fn page(reports: &[Report]) -> String {
    let mut text = String::from(
        "# The ledger of hazards\n\nWhat is known to go wrong with TCP: each with a scenario that finds the failure where the cure is off, and one with \
         the cure on. There none is found within the bounds, but for number 5, where the odds are lowered and not more.\n\n",
    );
    let _ = writeln!(text, "{}", stamp::line());
    text.push_str("| hazard | cure off | cure on |\n|---|---|---|\n");
    for (number, hazard) in (1..).zip(HAZARDS) {
        let anchor = anchor(number, hazard);
        let _ = writeln!(
            text,
            "| [{number}. {}](#{anchor}) | {} | {} |",
            hazard.title,
            found(reports, hazard.off),
            found(reports, hazard.on)
        );
    }
    for (number, hazard) in (1..).zip(HAZARDS) {
        section(&mut text, number, hazard, reports);
    }
    text
}

fn anchor(number: usize, hazard: &Hazard) -> String {
    let title: String = hazard
        .title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .collect();
    format!("{number}-{}", title.replace(' ', "-"))
}

/// In one cell: how the scenarios came out.
fn found(reports: &[Report], names: &[&str]) -> String {
    let reports: Vec<_> = names.iter().filter_map(|name| find(reports, name)).collect();
    if reports.is_empty() {
        return "–".into();
    }
    let failing: Vec<usize> = reports
        .iter()
        .flat_map(|r| &r.findings)
        .filter(|f| matches!(f.verdict, Verdict::FailsAsExpected | Verdict::Violated))
        .filter_map(|f| f.path.as_ref().map(Vec::len))
        .collect();
    let states = words::grouped(reports.iter().map(|r| r.unique).sum());
    match failing.iter().min() {
        Some(shortest) => format!("fails after {shortest} steps ({states} states)"),
        None => format!("holds ({states} states)"),
    }
}

fn find<'a>(reports: &'a [Report], name: &str) -> Option<&'a Report> {
    reports.iter().find(|r| r.scenario.name == name)
}

fn section(text: &mut String, number: usize, hazard: &Hazard, reports: &[Report]) {
    let Hazard { title, source, text: what, off, on, remains } = hazard;
    let _ = writeln!(text, "\n## {number}. {title}\n\n{source}. {what}\n\nWhat remains: {remains}\n");
    let off_reports = || off.iter().filter_map(|name| find(reports, name));
    let claims: BTreeSet<&str> = off_reports()
        .flat_map(|report| report.scenario.claims)
        .filter(|claim| claim.fails_because.is_some())
        .map(|claim| claim.name)
        .collect();
    for (names, cure) in [(off, "off"), (on, "on")] {
        for report in names.iter().filter_map(|name| find(reports, name)) {
            scenario(text, cure, &claims, report);
        }
    }
    if off.iter().chain(*on).any(|name| name.starts_with("hazard-forger")) {
        text.push_str(&odds());
    }
}

/// One scenario: what became of the claims that fail with the cure off, each with its counterexample.
fn scenario(text: &mut String, cure: &str, claims: &BTreeSet<&str>, report: &Report) {
    let s = &report.scenario;
    let _ = writeln!(
        text,
        "- cure {cure}: `{}`: {} {} unique states; [bounds and claims](verdicts/{}.md).",
        s.name,
        s.summary,
        words::grouped(report.unique),
        s.family()
    );
    let mut shown: Vec<String> = Vec::new();
    let asked =
        |f: &&Finding| claims.contains(f.claim.name) || (cure == "on" && f.claim.kind.is_about_runs());
    for finding in report.findings.iter().filter(asked) {
        let fails = matches!(finding.verdict, Verdict::FailsAsExpected | Verdict::Violated);
        let verdict = if fails { "fails" } else { "holds" };
        let because = finding.claim.fails_because.map(|b| format!(": {b}")).unwrap_or_default();
        let _ =
            writeln!(text, "  - {verdict} ({}): {}{because}.", finding.claim.kind.word(), finding.claim.name);
        let Some(path) = &finding.path else { continue };
        let ladder = faces::ladder::lasso(path, finding.repeats_from);
        if shown.contains(&ladder) {
            let _ = writeln!(text, "    The run above shows it, too.");
            continue;
        }
        let which = if finding.claim.kind == Kind::Always {
            "The shortest counterexample has"
        } else {
            "A run against it has"
        };
        let _ = writeln!(text, "    {which} {} steps{}:\n\n    ```text", path.len(), words::ending(finding));
        for line in ladder.lines() {
            let _ = writeln!(text, "    {}", line.trim_end());
        }
        let _ = writeln!(text, "    ```");
        shown.push(ladder);
    }
}

/// How many combinations of numbers succeed, with RFC 5961 off and on.
fn odds() -> String {
    let Some(scenario) = scenarios::find("hazard-forger/blind-on").first().copied() else {
        return String::new();
    };
    let count = |on: bool| {
        let options: &'static [(&str, bool)] = if on { &[("rfc5961", true)] } else { &[("rfc5961", false)] };
        let scenario = Scenario { options, ..*scenario };
        let model = Tcp::new(&scenario);
        let world = play::run_to(&scenario, |world| {
            world.is_quiet() && world.ends.iter().all(|end| end.state == State::Established)
        });
        world.map(|world| forgery::odds(&model, &world)).unwrap_or_default()
    };
    let mut text = String::from(
        "\nOf all combinations of sequence and acknowledgment numbers (16 × 16 at each of two idle established ends, window 4), so many succeed:\n\n\
         | forged | tried | without RFC 5961 | with it |\n|---|---:|---:|---:|\n",
    );
    for (off, on) in count(false).into_iter().zip(count(true)) {
        let kind = match off.kind {
            Forged::Rst => "RST",
            Forged::Syn => "SYN",
            Forged::Ack => "ACK",
            Forged::Text => "one octet of text",
        };
        let _ = writeln!(text, "| {kind} | {} | {} | {} |", off.tried, off.succeed, on.succeed);
    }
    text
}

//! Verdicts on one screen: a line for each family of scenarios, in full what fails, and three lines at the end.

use crate::check::{Finding, Report, Verdict};
use crate::engine::Stop;
use crate::faces::ladder;
use crate::output::terminal::{ASIDE, BAD, GOOD, OPEN, STRONG, painted, width, wrapped};
use crate::runs::links;
use crate::screen::words;
use anstyle::Style;
use std::io::{self, Write};
use std::time::Duration;
use tcpspec::model::world::width::is_usual;
use tcpspec::model::{ActionKind, Kind, Scenario, Step, Tcp};
use tcpspec::{Row, TABLE};
use tcpspec_explorer::link::Link;
use tcpspec_explorer::search::grouped;

/// Columns of a family's name with the number of its variants: `hazard-forgotten-close ×2`.
const NAME: usize = 26;
/// Columns of a number of states: `137,692,131`.
const STATES: usize = 11;
/// A terminal of fewer columns gets two lines for each family.
const ONE_LINE: usize = 80;
/// Claims that the last lines name.
const NAMED: usize = 5;

/// The scenarios, those of a family together, in the order in which the families come first.
pub(crate) fn by_family(scenarios: &mut [&'static Scenario]) {
    let mut families: Vec<&str> = Vec::new();
    for scenario in &*scenarios {
        if !families.contains(&scenario.family()) {
            families.push(scenario.family());
        }
    }
    scenarios.sort_by_key(|scenario| families.iter().position(|name| *name == scenario.family()));
}

/// How many claims came out how.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    hold: usize,
    fail_as_expected: usize,
    violated: usize,
    unexpectedly_hold: usize,
    undecided: usize,
}

impl Count {
    pub(crate) fn of<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Self {
        let mut count = Self::default();
        for finding in reports.into_iter().flat_map(|report| &report.findings) {
            *match finding.verdict {
                Verdict::Holds => &mut count.hold,
                Verdict::FailsAsExpected => &mut count.fail_as_expected,
                Verdict::Violated => &mut count.violated,
                Verdict::UnexpectedlyHolds => &mut count.unexpectedly_hold,
                Verdict::Undecided | Verdict::Open => &mut count.undecided,
            } += 1;
        }
        count
    }

    /// In words, what is wrong first.
    pub(crate) fn words(self) -> String {
        let Self { hold, fail_as_expected, violated, unexpectedly_hold, undecided } = self;
        let parts = [
            (violated, "VIOLATED"),
            (unexpectedly_hold, "HOLD, but should fail"),
            (undecided, "undecided"),
            (hold, "hold"),
            (fail_as_expected, "fail as expected"),
        ];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", grouped(*n)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// A family's line.
pub(crate) fn line(out: &mut impl Write, reports: &[&Report]) -> io::Result<()> {
    let Some(first) = reports.first() else { return Ok(()) };
    let count = Count::of(reports.iter().copied());
    let stopped = reports.iter().find_map(|report| Some((report.stopped?, report.depth)));
    let missing = reports.iter().any(|report| !report.missing().is_empty());
    let (style, mark) = if count.violated + count.unexpectedly_hold > 0 || missing {
        (BAD, "✗")
    } else if stopped.is_some() || count.undecided > 0 {
        (OPEN, "?")
    } else {
        (GOOD, "✓")
    };
    let mark = painted(style, mark);
    let mut name = first.scenario.family().to_owned();
    if reports.len() > 1 {
        name += &format!(" ×{}", reports.len());
    } else {
        // One variant alone is called by its own name.
        first.scenario.name.clone_into(&mut name);
    }
    let states = grouped(reports.iter().map(|report| report.unique).sum());
    let seconds: f64 = reports.iter().map(|report| report.time.as_secs_f64()).sum();
    let mut words = count.words();
    if let Some((why, depth)) = stopped {
        words = format!("STOPPED {} at depth {depth}: {words}", short(why));
    }
    if missing {
        words = format!("ACTIONS MISSING: {words}");
    }
    if width() < ONE_LINE {
        writeln!(out, "{mark} {name}")?;
        return writeln!(out, "{}", painted(style, &wrapped(&words, width(), "  ", "  ")));
    }
    // The words come last, since nothing bounds them.
    let numbers = painted(ASIDE, &format!("{states:>STATES$} {seconds:>6.1} s"));
    let before = format!("{mark} {name:NAME$} {numbers}  ");
    let line = wrapped(&words, width(), &before, &" ".repeat(textwrap::core::display_width(&before)));
    if style == GOOD {
        return writeln!(out, "{line}");
    }
    // What stands out has a colour, its indentation has none.
    writeln!(out, "{before}{}", painted(style, line.strip_prefix(&before).unwrap_or(&line)))
}

fn short(why: Stop) -> &'static str {
    match why {
        Stop::States => "at the limit of states",
        Stop::Memory => "at the memory limit",
        Stop::Interrupt => "by the user",
    }
}

/// What the columns of the lines are, where there is more than one.
pub(crate) fn heading(out: &mut impl Write) -> io::Result<()> {
    if width() < ONE_LINE {
        return Ok(());
    }
    let text = format!("  {:NAME$} {:>STATES$} {:>8}  claims", "scenarios", "states", "time");
    writeln!(out, "{}", painted(ASIDE, &text))
}

/// A run that breaks claims.
struct Broken<'a> {
    steps: &'a [Step],
    repeats_from: Option<usize>,
    /// Each with the number of steps after which it is broken.
    findings: Vec<(&'a Finding, usize)>,
}

/// The runs against these findings, each run once: a run that is the beginning of another one is shown by that.
fn broken<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Broken<'a>> {
    let mut with_path: Vec<(&Finding, &[Step])> =
        findings.filter_map(|finding| Some((finding, finding.path.as_deref()?))).collect();
    with_path.sort_by_key(|(finding, path)| (finding.repeats_from.is_some(), std::cmp::Reverse(path.len())));
    let mut runs: Vec<Broken<'a>> = Vec::new();
    for (finding, path) in with_path {
        let begins = |run: &&mut Broken<'_>| {
            run.repeats_from == finding.repeats_from
                && (finding.repeats_from.is_none() || run.steps.len() == path.len())
                && run.steps.iter().zip(path).take_while(|(a, b)| a.action == b.action).count() == path.len()
        };
        match runs.iter_mut().find(begins) {
            Some(run) => run.findings.push((finding, path.len())),
            None => runs.push(Broken {
                steps: path,
                repeats_from: finding.repeats_from,
                findings: vec![(finding, path.len())],
            }),
        }
    }
    for run in &mut runs {
        run.findings.sort_by_key(|(_, step)| *step);
    }
    runs.sort_by_key(|run| run.findings.first().map(|(_, step)| *step));
    runs
}

/// What fails in a scenario, in full; with `expected` also what fails as it should. The link is the scenario's.
pub(crate) fn failures(out: &mut impl Write, report: &Report, link: &Link, expected: bool) -> io::Result<()> {
    let name = report.scenario.name;
    for (verdict, style, what) in
        [(Verdict::Violated, BAD, "VIOLATED"), (Verdict::FailsAsExpected, STRONG, "FAILS AS EXPECTED")]
    {
        if verdict == Verdict::FailsAsExpected && !expected {
            continue;
        }
        let findings = || report.findings.iter().filter(|finding| finding.verdict == verdict);
        for run in broken(findings()) {
            writeln!(out, "\n{}", painted(style, &format!("{what} in {name}")))?;
            for (finding, step) in &run.findings {
                let first = format!("  step {step:<2} ");
                writeln!(out, "{}", wrapped(finding.claim.name, width(), &first, "          "))?;
                if let Some(because) = finding.claim.fails_because {
                    writeln!(
                        out,
                        "{}",
                        wrapped(because, width(), "          as this variant shows: ", "          ")
                    )?;
                }
                let ending = words::ending(finding);
                if let Some(ending) = ending.strip_prefix("; ") {
                    writeln!(out, "          {ending}")?;
                }
            }
            writeln!(out)?;
            let model = Tcp::new(&report.scenario);
            write!(out, "{}", ladder::shown(&model, run.steps, run.repeats_from))?;
            // The explorer has numbers of the usual width.
            if is_usual() {
                writeln!(out, "\nIn the browser: {}", links::command(link, run.steps, run.repeats_from))?;
            }
        }
        for finding in findings().filter(|finding| finding.path.is_none()) {
            let why = match finding.claim.kind {
                Kind::Always => "The run against it was not looked for: the exploration was stopped.",
                _ => "Nothing within the bounds shows it.",
            };
            writeln!(out, "\n{}", painted(style, &format!("{what} in {name}")))?;
            writeln!(out, "{}\n  {why}", wrapped(finding.claim.name, width(), "  ", "  "))?;
        }
    }
    for finding in report.findings.iter().filter(|f| f.verdict == Verdict::UnexpectedlyHolds) {
        writeln!(out, "\n{}", painted(BAD, &format!("HOLDS, but should fail, in {name}")))?;
        writeln!(out, "{}", wrapped(finding.claim.name, width(), "  ", "  "))?;
    }
    let missing: Vec<&str> = report.missing().into_iter().map(ActionKind::name).collect();
    if !missing.is_empty() {
        writeln!(out, "\n{}", painted(BAD, &format!("ACTIONS MISSING in {name}")))?;
        let text = format!("What its bounds speak of never happened: {}.", missing.join(", "));
        writeln!(out, "{}", wrapped(&text, width(), "  ", "  "))?;
    }
    Ok(())
}

/// The last lines: what holds, what fails as it should, what failed, and how long all took, which is less than what scenarios side by side took together. With
/// `rows` also the rows that never fired.
pub(crate) fn summary(
    out: &mut impl Write,
    reports: &[Report],
    time: Duration,
    rows: bool,
) -> io::Result<()> {
    let count = Count::of(reports);
    let states: usize = reports.iter().map(|report| report.unique).sum();
    let seconds = time.as_secs_f64();
    writeln!(out)?;
    let stopped = reports.iter().filter(|report| report.stopped.is_some()).count();
    let fewer = reports.iter().filter(|report| !report.missing().is_empty()).count();
    // What was stopped would have fired more of them.
    if rows && stopped == 0 {
        never(out, reports)?;
    }
    let mut say = |style: Style, mark: &str, text: &str| {
        writeln!(out, "{}", wrapped(text, width(), &format!("{} ", painted(style, mark)), "  "))
    };
    // Of what was stopped early nothing may be decided.
    if count.hold > 0 || stopped == 0 {
        let scenarios = words::plural(reports.len(), "scenario");
        let (claims, states) = (claims(count.hold), grouped(states));
        let text = format!("{claims} of {scenarios} hold within bounds: {states} states, {seconds:.0} s");
        say(GOOD, "✓", &text)?;
    }
    match count.fail_as_expected {
        0 => {}
        1 => say(GOOD, "✓", "1 claim fails as it should: its variant is there to show the failure")?,
        n => say(
            GOOD,
            "✓",
            &format!("{n} claims fail as they should: their variants are there to show the failures"),
        )?,
    }
    let failed = count.violated + count.unexpectedly_hold;
    if failed > 0 {
        let names = reports.iter().flat_map(|report| {
            let is_bad = |f: &&Finding| matches!(f.verdict, Verdict::Violated | Verdict::UnexpectedlyHolds);
            report
                .findings
                .iter()
                .filter(is_bad)
                .map(|f| format!("{} ({})", f.claim.name, report.scenario.name))
        });
        let mut named: Vec<String> = names.take(NAMED).collect();
        if failed > NAMED {
            named.push(format!("{} more", failed - NAMED));
        }
        say(BAD, "✗", &format!("{} VIOLATED: {}", are(failed), named.join("; ")))?;
    } else if stopped == 0 && count.undecided == 0 && fewer == 0 {
        say(GOOD, "✓", "nothing failed")?;
    }
    if fewer > 0 {
        let text = format!(
            "{} with less than the bounds say: actions are missing, so its claims show less than they seem to",
            words::plural(fewer, "scenario")
        );
        say(BAD, "✗", &text)?;
    }
    if stopped > 0 || count.undecided > 0 {
        say(
            OPEN,
            "?",
            &format!(
                "PARTIAL: {} stopped before the end, and {} undecided: that much is not shown to hold",
                words::plural(stopped, "scenario"),
                are(count.undecided)
            ),
        )?;
    }
    Ok(())
}

fn claims(n: usize) -> String {
    if n == 1 { "1 claim".into() } else { format!("{} claims", grouped(n)) }
}

fn are(n: usize) -> String {
    if n == 1 { "1 claim is".into() } else { format!("{} claims are", grouped(n)) }
}

/// Rows that never fired.
fn never(out: &mut impl Write, reports: &[Report]) -> io::Result<()> {
    let silent: Vec<&str> = TABLE
        .rows()
        .filter(|info| !reports.iter().any(|report| report.fired.contains(&info.row)))
        .map(|info| info.name)
        .collect();
    if silent.is_empty() {
        return Ok(());
    }
    let text = format!("{} of {} rows never fired: {}", silent.len(), Row::COUNT, silent.join(", "));
    writeln!(out, "{}", wrapped(&text, width(), &format!("{} ", painted(OPEN, "?")), "  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::play;
    use tcpspec::model::{Claim, scenarios};

    /// A violated claim with this run.
    fn finding(claim: &Claim, path: &[Step], repeats_from: Option<usize>) -> Finding {
        Finding { claim: *claim, verdict: Verdict::Violated, path: Some(path.to_vec()), repeats_from }
    }

    #[test]
    fn a_run_is_shown_once_with_all_claims_that_it_breaks() {
        let scenario = scenarios::find("handshake-close")[0];
        let steps = play::script(scenario);
        let [one, two, three, ..] = scenario.claims else { panic!("it has many claims") };
        let other = play::script(scenarios::find("simultaneous-open")[0]);
        let findings = [
            finding(one, &steps[..6], None),
            finding(two, &steps[..4], None),
            finding(three, &other[..3], None),
            finding(one, &steps[..6], Some(2)),
        ];
        let runs = broken(findings.iter());
        let told: Vec<_> = runs
            .iter()
            .map(|run| {
                (
                    run.steps.len(),
                    run.repeats_from,
                    run.findings.iter().map(|(_, step)| *step).collect::<Vec<_>>(),
                )
            })
            .collect();
        // What breaks first comes first; a run without an end is another one.
        assert_eq!(told, [(3, None, vec![3]), (6, None, vec![4, 6]), (6, Some(2), vec![6])]);
    }

    #[test]
    fn a_family_stands_together_where_it_comes_first() {
        let mut mixed: Vec<_> = ["reset", "fast-close", "reset/crossed"]
            .iter()
            .map(|name| *scenarios::find(name).iter().find(|scenario| scenario.name == *name).unwrap())
            .collect();
        by_family(&mut mixed);
        assert_eq!(
            mixed.iter().map(|scenario| scenario.name).collect::<Vec<_>>(),
            ["reset", "reset/crossed", "fast-close"]
        );
    }

    #[test]
    fn the_whole_run_fits_on_one_screen() {
        let mut all: Vec<_> = scenarios::all().collect();
        by_family(&mut all);
        let mut families: Vec<&str> = all.iter().map(|scenario| scenario.family()).collect();
        families.dedup();
        // A heading, an empty line, three lines at the end.
        assert!(families.len() + 5 <= 45, "{} families", families.len());
        assert!(families.iter().all(|name| name.len() + " ×99".chars().count() <= NAME), "{families:?}");
    }
}

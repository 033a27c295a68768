//! Verdicts for people and for machines.

use crate::check::{Report, Verdict};
use crate::engine::Stop;
use crate::output::terminal::{width, wrapped};
use crate::runs::{links, play};
use crate::screen::verdicts;
use crate::screen::words::grouped;
use serde_json::json;
use std::io::{self, Write};
use tcpspec::model::ActionKind;
use tcpspec::model::world::width::is_usual;
use tcpspec::{Row, TABLE};
use tcpspec_explorer::link::Link;

/// One scenario's verdicts, with the counterexamples to violated claims; with `expected` also to those that fail as they should. The link is the scenario's.
pub(crate) fn scenario(out: &mut impl Write, report: &Report, link: &Link, expected: bool) -> io::Result<()> {
    let s = &report.scenario;
    writeln!(out, "{}", wrapped(s.summary, width(), &format!("{}  ", s.name), "  "))?;
    let mut say = |text: &str| writeln!(out, "{}", wrapped(text, width(), "  ", "    "));
    say(&format!(
        "{} unique states of {} generated, depth {}, {:.1} s; a fingerprint collision hid one with chance {:.0e}",
        grouped(report.unique),
        grouped(report.total),
        report.depth,
        report.time.as_secs_f64(),
        report.collision_chance()
    ))?;
    say(&format!("bounds: {}", s.bounds_line()))?;
    say(&format!("rows that fired: {} of {}", report.fired.len(), Row::COUNT))?;
    let happened: Vec<&str> = report.happened.iter().map(|kind| kind.name()).collect();
    say(&format!("actions that happened: {}", happened.join(", ")))?;
    if let Some(worlds) = report.graph {
        say(&format!("liveness decided on the graph of all {} worlds", grouped(worlds)))?;
    }
    if let Some(memory) = report.peak_memory {
        say(&format!("memory: {} MiB at most", grouped((memory >> 20) as usize)))?;
    }
    match report.stopped {
        Some(why) => {
            let why = match why {
                Stop::States => "stopped at the limit of states",
                Stop::Memory => "stopped at the memory limit",
                Stop::Interrupt => "stopped by the user",
            };
            let violated = report.findings.iter().any(|f| f.verdict == Verdict::Violated);
            let so_far = if violated { "violations as below" } else { "no violation" };
            say(&format!("PARTIAL: {so_far} within depth {}; {why}", report.depth))?;
        }
        None if !report.complete => {
            say("stopped early: every claim was decided before all was explored")?;
        }
        None => {}
    }
    let indent = " ".repeat(23);
    for finding in &report.findings {
        let kind = finding.claim.kind.word();
        let mark = match finding.verdict {
            Verdict::Holds => "holds     ",
            Verdict::Violated => "VIOLATED  ",
            Verdict::FailsAsExpected => "fails     ",
            Verdict::UnexpectedlyHolds => "HOLDS?    ",
            Verdict::Undecided => "UNDECIDED ",
            Verdict::Open => "open      ",
        };
        let first = format!("  {mark} {kind:9} ");
        writeln!(out, "{}", wrapped(finding.claim.name, width(), &first, &indent))?;
        if let Some(because) = finding.claim.fails_because {
            let first = format!("{indent}as this variant shows: ");
            writeln!(out, "{}", wrapped(because, width(), &first, &indent))?;
        }
    }
    verdicts::failures(out, report, link, expected)?;
    writeln!(out)
}

/// Where liveness was decided, and which kinds of action never happened.
pub(crate) fn more(out: &mut impl Write, reports: &[Report]) -> io::Result<()> {
    let never: Vec<&str> = ActionKind::ALL
        .into_iter()
        .filter(|kind| !reports.iter().any(|r| r.happened.contains(kind)))
        .map(ActionKind::name)
        .collect();
    if !never.is_empty() {
        let text = format!("Actions that never happened here: {}.", never.join(", "));
        writeln!(out, "{}", wrapped(&text, width(), "", "  "))?;
    }
    let decided: Vec<&str> = reports.iter().filter(|r| r.graph.is_some()).map(|r| r.scenario.name).collect();
    if !decided.is_empty() {
        let text = format!("Liveness was decided for {}.", decided.join(", "));
        writeln!(out, "{}", wrapped(&text, width(), "", "  "))?;
    }
    Ok(())
}

/// The same for machines; each report with its scenario's link.
pub(crate) fn json(out: &mut impl Write, reports: &[Report], links: &[Link]) -> io::Result<()> {
    let value: Vec<_> = reports
        .iter()
        .zip(links)
        .map(|(r, link)| {
            json!({
                "scenario": r.scenario.name,
                "bounds": r.scenario.bounds_line(),
                "holds": r.holds(),
                "complete": r.complete,
                "liveness_worlds": r.graph,
                "stopped": r.stopped.map(|why| match why {
                    Stop::States => "limit of states",
                    Stop::Memory => "memory limit",
                    Stop::Interrupt => "interrupt",
                }),
                "peak_memory_bytes": r.peak_memory,
                "unique_states": r.unique,
                "total_states": r.total,
                "depth": r.depth,
                "seconds": r.time.as_secs_f64(),
                "collision_chance": r.collision_chance(),
                "claims": r.findings.iter().map(|f| json!({
                    "claim": f.claim.name,
                    "kind": f.claim.kind.word(),
                    "verdict": f.verdict,
                    "repeats_from_step": f.repeats_from.map(|from| from + 1),
                    "link": f.path.as_ref().filter(|_| is_usual()).map(|path| links::query(&links::to(link, path), f.repeats_from)),
                    "counterexample": f.path.as_ref().map(|path| path.iter().map(|step| json!({
                        "action": play::describe(step.action),
                        "rows": step.rows.iter().map(|row| row.name()).collect::<Vec<_>>(),
                        "sent": step.sent.iter().map(|p| p.seg.to_string()).collect::<Vec<_>>(),
                        "states": step.after.map(|s| s.name()),
                    })).collect::<Vec<_>>()),
                })).collect::<Vec<_>>(),
                "actions_that_happened": r.happened.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
                "actions_missing": r.missing().iter().map(|kind| kind.name()).collect::<Vec<_>>(),
                "rows_never_fired": TABLE.rows().filter(|i| !r.fired.contains(&i.row)).map(|i| i.name).collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

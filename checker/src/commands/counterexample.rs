//! What both kinds of proof show of counterexamples and claims.

use crate::output::terminal::{BAD, GOOD, OPEN, painted, width, wrapped};
use crate::prove::number::FACTS;
use crate::prove::path::Violation;
use crate::prove::run::Run;
use std::io::{self, Write};
use tcpspec::{Event, Full, Tcb};

pub(super) fn input(run: &Run<Full>) -> String {
    match &run.event {
        Event::Segment(segment) => {
            let timestamp = segment.ts.map(|ts| format!(", TSval {ts}")).unwrap_or_default();
            format!("segment {segment}, window {}{timestamp}", segment.wnd)
        }
        Event::Held(segment) => format!("held {segment}"),
        other => format!("{other:?}"),
    }
}

/// A line of it: a word, and what it says.
pub(super) fn part(out: &mut impl Write, word: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{}", wrapped(&format!("{word:9}{text}"), width(), "  ", "           "))
}

/// The numbers of a TCB, by the RFC's names.
pub(super) fn numbers(tcb: &Tcb<Full>) -> Vec<(&'static str, String)> {
    let facts: Vec<&str> =
        FACTS.iter().filter(|(fact, _)| tcb.facts.has(*fact)).map(|(_, name)| *name).collect();
    let recent = tcb.ts_recent.map_or_else(|| "none".to_owned(), |ts| ts.to_string());
    let words = [
        ("SND.UNA", tcb.snd_una.get()),
        ("SND.NXT", tcb.snd_nxt.get()),
        ("end of the text", tcb.snd_end.get()),
        ("SND.WND", tcb.snd_wnd),
        ("MAX.SND.WND", tcb.max_snd_wnd),
        ("SND.WL1", tcb.snd_wl1.get()),
        ("SND.WL2", tcb.snd_wl2.get()),
        ("SND.UP", tcb.snd_up.get()),
        ("RCV.NXT", tcb.rcv_nxt.get()),
        ("RCV.WND", tcb.rcv_wnd),
        ("RCV.UP", tcb.rcv_up.get()),
    ];
    let mut all: Vec<_> = words.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    all.push(("TS.Recent", recent));
    all.push(("facts", if facts.is_empty() { "none".to_owned() } else { facts.join("+") }));
    all
}

/// Each claim, and what became of it. `is_answered`: the solver had an answer to every question.
pub(super) fn claims(
    out: &mut impl Write,
    claims: &[&str],
    violations: &[&Violation],
    is_answered: bool,
) -> io::Result<()> {
    for claim in claims {
        let of = || violations.iter().filter(|violation| violation.claim.starts_with(claim));
        let mut needs: Vec<&str> = of().flat_map(|violation| violation.deviations.iter().copied()).collect();
        needs.sort_unstable();
        needs.dedup();
        let (mark, style) = match of().any(|violation| violation.deviations.is_empty()) {
            true => ("✗", BAD),
            false if !is_answered => ("?", OPEN),
            false => ("✓", GOOD),
        };
        let needs = match needs.is_empty() {
            true => String::new(),
            false => format!(" (needs {} as by default)", needs.join(", ")),
        };
        writeln!(out, "{}", wrapped(&format!("{} {claim}{needs}", painted(style, mark)), width(), "", "  "))?;
    }
    Ok(())
}

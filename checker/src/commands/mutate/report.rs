//! What the mutants show, for people and for machines.

use super::{Fate, Outcome, reason};
use crate::output::terminal::{width, wrapped};
use crate::screen::words::grouped;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use tcpspec::mutants::Mutant;
use tcpspec_explorer::known::Mutants;
use tcpspec_explorer::{mutant, stamp};

/// A fate in a few words.
pub(super) fn words(fate: &Fate) -> String {
    match fate {
        Fate::Killed { scenario, claim, steps: Some(steps) } => {
            format!("noticed by \"{claim}\" in {scenario}, {steps} steps")
        }
        Fate::Killed { scenario, claim, steps: None } => format!("noticed in {scenario}: never \"{claim}\""),
        Fate::Survived { complete: true } => "SURVIVED all scenarios".into(),
        Fate::Survived { complete: false } => "SURVIVED within the budget".into(),
        Fate::Unreached => "NOT REACHED: the row fires in no scenario".into(),
    }
}

/// How many claims have noticed, by claim, the busiest first.
fn by_claim(outcome: &Outcome) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, fate) in &outcome.fates {
        if let Fate::Killed { claim, .. } = fate {
            *counts.entry(claim).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(claim, count)| (std::cmp::Reverse(*count), *claim));
    counts
}

fn survivors(outcome: &Outcome) -> Vec<&(Mutant, Fate)> {
    outcome.fates.iter().filter(|(_, fate)| !matches!(fate, Fate::Killed { .. })).collect()
}

/// `n of m mutants were noticed, …`
fn headline(outcome: &Outcome) -> String {
    let survivors = survivors(outcome);
    let explained = survivors.iter().filter(|(mutant, _)| reason(*mutant).is_some()).count();
    format!(
        "{} of {} mutants are noticed; of the other {}, {explained} cannot be told from the machine, for a reason given, and {} are open.",
        outcome.fates.len() - survivors.len(),
        outcome.fates.len(),
        survivors.len(),
        survivors.len() - explained
    )
}

/// Text in lines that fit.
fn lines(out: &mut impl Write, text: &str, first: &str, others: &str) -> io::Result<()> {
    writeln!(out, "{}", wrapped(text, width(), first, others))
}

/// For people.
pub(super) fn text(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    let few = outcome.fates.len() <= 40;
    for (mutant, fate) in &outcome.fates {
        let survived = !matches!(fate, Fate::Killed { .. });
        if few || survived {
            lines(out, &format!("{mutant}: {}", words(fate)), "", "    ")?;
        }
        if let (true, Some(reason)) = (survived, reason(*mutant)) {
            lines(out, reason, "    ", "    ")?;
        }
    }
    writeln!(out)?;
    for (claim, count) in by_claim(outcome) {
        lines(out, claim, &format!("{count:5}  "), "       ")?;
    }
    writeln!(out)?;
    lines(out, &headline(outcome), "", "")?;
    lines(
        out,
        &format!("Each mutant may generate {} states in a scenario.", grouped(outcome.budget)),
        "",
        "",
    )?;
    let silent = outcome.silent();
    if outcome.whole && !silent.is_empty() {
        let text = format!("Rows that fire in no scenario (within the budget): {}.", silent.join(", "));
        lines(out, &text, "", "")?;
    }
    Ok(())
}

/// For machines.
pub(super) fn json(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    let mutants: Vec<_> = outcome
        .fates
        .iter()
        .map(|(mutant, fate)| {
            json!({ "row": mutant.row.name(), "mutant": mutant.to_string(), "fate": fate, "reason": reason(*mutant) })
        })
        .collect();
    let survivors = survivors(outcome);
    let value = json!({
        "budget": outcome.budget,
        "killed": outcome.fates.len() - survivors.len(),
        "unexplained": outcome.unexplained().count(),
        "mutants": mutants,
        "rows_never_fired": outcome.silent(),
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

/// Which claim notices each mutant, for the explorer.
pub(super) fn for_the_explorer(outcome: &Outcome) -> String {
    let noticed = outcome.fates.iter().filter_map(|(mutant, fate)| match fate {
        Fate::Killed { scenario, claim, .. } => {
            Some((mutant::token(*mutant), [claim.clone(), scenario.clone()]))
        }
        Fate::Survived { .. } | Fate::Unreached => None,
    });
    let reasons = survivors(outcome)
        .into_iter()
        .filter_map(|(mutant, _)| Some((mutant::token(*mutant), reason(*mutant)?.to_owned())));
    let mutants =
        Mutants { stamp: stamp::of_today().into(), noticed: noticed.collect(), reasons: reasons.collect() };
    serde_json::to_string_pretty(&mutants).unwrap_or_default() + "\n"
}

/// The document: no times, so that it changes only when a result does.
pub(super) fn markdown(outcome: &Outcome) -> String {
    let mut text = "<!-- Generated by `cargo run --release -- mutate --doc docs/mutants.md`; do not edit. -->\n\n# Mutants\n\n".to_owned();
    let _ = writeln!(text, "{}", crate::documents::stamp::line());
    let _ = writeln!(
        text,
        "Every row with every fault: removed, each condition negated, each effect left out, the next state kept out or another one, ending and \
         going on exchanged, tried before the row that precedes it. A mutant runs through the [scenarios](verdicts.md) in which it can matter, the \
         smallest first, until a claim comes out otherwise than it should; it may generate {} states in each. Faults that make no difference whatever the guards \
         answer are not listed.\n",
        grouped(outcome.budget)
    );
    let _ = writeln!(text, "**{}**\n", headline(outcome));
    let _ = writeln!(text, "## Who notices\n\n| claim | mutants |\n|---|---:|");
    for (claim, count) in by_claim(outcome) {
        let _ = writeln!(text, "| {claim} | {count} |");
    }
    let rest = survivors(outcome);
    let open: Vec<_> = rest.iter().filter(|(mutant, _)| reason(*mutant).is_none()).collect();
    let _ = writeln!(text, "\n## Open\n");
    for (mutant, fate) in &open {
        let _ = writeln!(text, "- {mutant}: {}", words(fate));
    }
    if open.is_empty() {
        let _ = writeln!(text, "None.");
    }
    let _ = writeln!(text, "\n## Cannot be told from the machine\n");
    let mut none = true;
    for (mutant, reason) in rest.iter().filter_map(|(mutant, _)| Some((mutant, reason(*mutant)?))) {
        none = false;
        let _ = writeln!(text, "- {mutant}: {reason}");
    }
    if none {
        let _ = writeln!(text, "None known.");
    }
    let silent = outcome.silent();
    let silent = if silent.is_empty() { "None".to_owned() } else { silent.join(", ") };
    let _ = writeln!(text, "\n## Rows that fire in no scenario\n\nWithin the budget: {silent}.");
    let _ = writeln!(text, "\n## Noticed\n\n| mutant | scenario | claim | steps |\n|---|---|---|---:|");
    for (mutant, fate) in &outcome.fates {
        if let Fate::Killed { scenario, claim, steps } = fate {
            let steps = steps.map_or("never shown".to_owned(), |steps| steps.to_string());
            let _ = writeln!(text, "| {mutant} | {scenario} | {claim} | {steps} |");
        }
    }
    text
}

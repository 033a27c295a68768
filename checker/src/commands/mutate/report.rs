//! What the mutants show, for people and for machines.

use super::{Broken, Fate, Outcome};
use crate::output::terminal::{width, wrapped};
use crate::screen::words::grouped;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use tcpspec::bodies::Fault;
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

type Fates<'a> = Vec<&'a (Broken, Fate)>;

/// The faults of rows, and those in bodies.
fn parts(outcome: &Outcome) -> [Fates<'_>; 2] {
    let (rows, bodies) = outcome.fates.iter().partition(|(broken, _)| broken.row().is_some());
    [rows, bodies]
}

/// How many claims have noticed faults of rows and faults in bodies, by claim, the busiest first.
fn by_claim(outcome: &Outcome) -> Vec<(&str, [usize; 2])> {
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (broken, fate) in &outcome.fates {
        if let Fate::Killed { claim, .. } = fate {
            counts.entry(claim).or_default()[usize::from(broken.row().is_none())] += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(claim, count)| (std::cmp::Reverse(count[0] + count[1]), *claim));
    counts
}

fn survivors<'a>(fates: impl IntoIterator<Item = &'a (Broken, Fate)>) -> Fates<'a> {
    fates.into_iter().filter(|(_, fate)| !matches!(fate, Fate::Killed { .. })).collect()
}

/// `n of m mutants are noticed, …`
fn headline<'a>(fates: impl IntoIterator<Item = &'a (Broken, Fate)>, what: &str) -> String {
    let fates: Fates<'_> = fates.into_iter().collect();
    let survivors = survivors(fates.iter().copied());
    let count = |is: fn(&Broken) -> bool| survivors.iter().filter(|(broken, _)| is(broken)).count();
    let (proven, explained) = (count(|broken| broken.is_proven()), count(|broken| broken.reason().is_some()));
    format!(
        "{} of {} {what} are noticed; of the other {}, {proven} are proven to be the same machine, {} cannot be told from it for a reason given, and {} are open.",
        fates.len() - survivors.len(),
        fates.len(),
        survivors.len(),
        explained - proven,
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
        let is_wrong = !survived && mutant.reason().is_some();
        if few || survived || is_wrong {
            lines(out, &format!("{mutant}: {}", words(fate)), "", "    ")?;
        }
        if is_wrong {
            lines(out, "ITS REASON IS WRONG: it says that nothing can notice it.", "    ", "    ")?;
        }
        if let (true, Some(reason)) = (survived, mutant.reason()) {
            lines(out, reason, "    ", "    ")?;
        }
    }
    writeln!(out)?;
    for (claim, [rows, bodies]) in by_claim(outcome) {
        lines(out, claim, &format!("{:5}  ", rows + bodies), "       ")?;
    }
    writeln!(out)?;
    lines(out, &headline(&outcome.fates, "mutants"), "", "")?;
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
        .map(|(broken, fate)| {
            let (name, reason) = (broken.to_string(), broken.reason());
            match broken {
                Broken::Row(mutant) => {
                    json!({ "row": mutant.row.name(), "mutant": name, "fate": fate, "reason": reason })
                }
                Broken::Body(body) => {
                    let Fault { file, function, line, .. } = body.fault();
                    json!({ "file": file, "function": function, "line": line, "mutant": name, "fate": fate, "reason": reason })
                }
            }
        })
        .collect();
    let survivors = survivors(&outcome.fates);
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

/// Which claim notices each mutant of a row, for the explorer.
pub(super) fn for_the_explorer(outcome: &Outcome) -> String {
    let [rows, _] = parts(outcome);
    let tokens = |fates: Fates<'_>| -> Vec<_> {
        let token =
            |(broken, fate): &(Broken, Fate)| Some((mutant::token(broken.row()?), *broken, fate.clone()));
        fates.into_iter().filter_map(token).collect()
    };
    let noticed = tokens(rows.clone()).into_iter().filter_map(|(token, _, fate)| match fate {
        Fate::Killed { scenario, claim, .. } => Some((token, [claim, scenario])),
        Fate::Survived { .. } | Fate::Unreached => None,
    });
    let reasons = tokens(survivors(rows))
        .into_iter()
        .filter_map(|(token, broken, _)| Some((token, broken.reason()?.to_owned())));
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
         going on exchanged, tried before the row that precedes it. And every fault in the bodies of guards, effects and what they call: another operator, a comparison moved at its edge, another constant, \
         field or method, a condition negated or left out, a statement left out. A mutant runs through the [scenarios](verdicts.md) in which it can matter, the \
         smallest first, until a claim comes out otherwise than it should; it may generate {} states in each. Faults of rows that make no difference whatever the guards \
         answer are not listed.\n",
        grouped(outcome.budget)
    );
    let [rows, bodies] = parts(outcome);
    let _ = writeln!(text, "**{}**\n", headline(rows.clone(), "mutants of rows"));
    let _ = writeln!(text, "**{}**\n", headline(bodies.clone(), "mutants of bodies"));
    let _ = writeln!(text, "## Who notices\n\n| claim | rows | bodies |\n|---|---:|---:|");
    for (claim, [rows, bodies]) in by_claim(outcome) {
        let _ = writeln!(text, "| {claim} | {rows} | {bodies} |");
    }
    let rest = survivors(&outcome.fates);
    let open: Vec<_> = rest.iter().filter(|(broken, _)| broken.reason().is_none()).collect();
    let _ = writeln!(text, "\n## Open\n");
    for (broken, fate) in &open {
        let _ = writeln!(text, "- {broken}: {}", words(fate));
    }
    if open.is_empty() {
        let _ = writeln!(text, "None.");
    }
    let wrong: Vec<_> = outcome.wrongly_explained().collect();
    if !wrong.is_empty() {
        let _ = writeln!(text, "\n## Noticed, although a reason says that nothing can notice them\n");
        wrong.iter().for_each(|(broken, fate)| {
            let _ = writeln!(text, "- {broken}: {}", words(fate));
        });
    }
    let _ = writeln!(text, "\n## Cannot be told from the machine");
    for (title, fates) in [("Rows", rows.clone()), ("Bodies", bodies.clone())] {
        let _ = writeln!(text, "\n### {title}\n");
        let rest = survivors(fates);
        let mut explained = rest.iter().filter_map(|(broken, _)| Some((broken, broken.reason()?))).peekable();
        if explained.peek().is_none() {
            let _ = writeln!(text, "None known.");
        }
        for (broken, reason) in explained {
            let proven = if broken.is_proven() { " (proven to be the same machine)" } else { "" };
            let _ = writeln!(text, "- {broken}{proven}: {reason}");
        }
    }
    let silent = outcome.silent();
    let silent = if silent.is_empty() { "None".to_owned() } else { silent.join(", ") };
    let _ = writeln!(text, "\n## Rows that fire in no scenario\n\nWithin the budget: {silent}.");
    let _ = writeln!(text, "\n## Noticed");
    for (title, fates) in [("Faults of rows", rows), ("Faults in bodies", bodies)] {
        let _ = writeln!(text, "\n### {title}\n\n| mutant | scenario | claim | steps |\n|---|---|---|---:|");
        for (broken, fate) in fates {
            if let Fate::Killed { scenario, claim, steps } = fate {
                let steps = steps.map_or("never shown".to_owned(), |steps| steps.to_string());
                // A bar would end the cell.
                let name = broken.to_string().replace('|', "\\|");
                let _ = writeln!(text, "| {name} | {scenario} | {claim} | {steps} |");
            }
        }
    }
    text
}

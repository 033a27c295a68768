//! `tcpspec prove --two-ends`: what holds of two ends, for all numbers and any number of segments.

use super::counterexample::{claims, input, numbers, part};
use crate::documents::two_ends;
use crate::output::place;
use crate::output::terminal::{ASIDE, BAD, GOOD, OPEN, STRONG, painted, width, wrapped};
use crate::prove::run::Run;
use crate::prove::solver::Program;
use crate::prove::two_ends::pair::View;
use crate::prove::two_ends::proof::{Found, LEMMAS, Part, Proof, Repeated, prove, repeat};
use crate::prove::two_ends::step::CLAIMS;
use crate::screen::words::plural;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use tcpspec::mutants::{MUTANTS, Mutant};
use tcpspec::{Event, Full, Seq, State};
use tcpspec_explorer::nearest;

/// How wide a column of a ladder is.
const COLUMN: usize = 36;

/// How it is proven.
pub(crate) struct How {
    /// The solver.
    pub(crate) program: Program,
    /// How long it may think about a question.
    pub(crate) timeout: Duration,
    /// Threads.
    pub(crate) threads: usize,
    /// Print JSON.
    pub(crate) json: bool,
    /// The machine has this fault.
    pub(crate) fault: Option<Mutant>,
    /// Write what came out as Markdown into this file.
    pub(crate) doc: Option<PathBuf>,
}

/// Proves. `Ok(false)`: something does not hold, or the solver had no answer.
pub(crate) fn run(out: &mut impl Write, what: &[String], how: &How) -> Result<bool, Box<dyn Error>> {
    let states = states(what, how.fault)?;
    if !how.json {
        writeln!(
            out,
            "two ends and any number of segments, for all 2^32 numbers and every input; {}\n",
            how.program.version
        )?;
    }
    let mut proofs = Vec::new();
    for state in states {
        let proof = prove(state, how.fault, &how.program, how.timeout, how.threads);
        if !how.json {
            line(out, &proof)?;
        }
        proofs.push(proof);
    }
    if let Some(file) = &how.doc {
        place::replace(file, &two_ends::page(&proofs, &how.program.version))?;
    }
    if how.json {
        let proofs: Vec<Value> = proofs.iter().map(as_json).collect();
        writeln!(out, "{:#}", json!({ "solver": how.program.version, "states": proofs }))?;
    } else {
        for found in proofs.iter().flat_map(|proof| &proof.found) {
            counterexample(out, found)?;
        }
        told(out, &proofs)?;
    }
    Ok(proofs.iter().all(Proof::is_proven))
}

/// The states that are asked for, and the lemmas as `None`.
fn states(what: &[String], fault: Option<Mutant>) -> Result<Vec<Option<State>>, String> {
    if what.is_empty() {
        if let Some(fault) = fault {
            return Ok(fault.row.info().states.iter().copied().map(Some).collect());
        }
        return Ok(std::iter::once(None).chain(State::ALL.map(Some)).collect());
    }
    let mut states = Vec::new();
    for words in what {
        let state = State::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(words));
        if state.is_none() && !words.eq_ignore_ascii_case(LEMMAS) {
            let meant = nearest(&words.to_uppercase(), State::ALL.map(State::name), 0.75);
            let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let names = State::ALL.map(State::name).join(", ");
            return Err(format!(
                "there is no state `{words}`{meant}; there are {names}, and `{LEMMAS}` for what does not depend on a state"
            ));
        }
        states.push(state);
    }
    Ok(states)
}

/// The fault of this name.
///
/// # Errors
///
/// If there is none.
pub(crate) fn fault(name: &str) -> Result<Mutant, String> {
    let names: Vec<String> = MUTANTS.iter().map(Mutant::to_string).collect();
    let known = names.iter().position(|known| known == name).and_then(|place| MUTANTS.get(place));
    known.copied().ok_or_else(|| {
        let meant = nearest(name, names.iter().map(String::as_str), 0.75);
        let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("there is no fault `{name}`{meant}; docs/mutants.md lists them")
    })
}

fn line(out: &mut impl Write, proof: &Proof) -> io::Result<()> {
    let violated = proof.found.iter().filter(|found| found.violation.deviations.is_empty()).count();
    let other = proof.found.len() - violated;
    let (mark, style, mut verdict) = match (violated, proof.unknown.len()) {
        (0, 0) => ("✓", GOOD, "proven".to_owned()),
        (0, unknown) => ("?", OPEN, format!("not proven: {} without an answer", plural(unknown, "question"))),
        (violated, _) => ("✗", BAD, format!("{violated} VIOLATED")),
    };
    if other > 0 {
        verdict.push_str(&format!(", {} with an option changed", plural(other, "counterexample")));
    }
    let (paths, queries, took) = (proof.paths, proof.queries, proof.took.as_secs_f64());
    writeln!(
        out,
        "{} {:12} {paths:>10} paths {queries:>7} questions {took:>7.1} s  {verdict}",
        painted(style, mark),
        proof.name(),
    )?;
    out.flush()
}

/// A counterexample to induction as a ladder: the other end on the left, the end to which something happens on the right.
fn counterexample(out: &mut impl Write, found: &Found) -> io::Result<()> {
    let violation = &found.violation;
    let (word, style) =
        if violation.deviations.is_empty() { ("VIOLATED", BAD) } else { ("needs an option", OPEN) };
    let state = match found.part {
        Part::Step(case, _) => case.state.name(),
        Part::Lemma(_) => LEMMAS,
    };
    writeln!(out, "\n{} in {state}", painted(style, word))?;
    writeln!(out, "{}", wrapped(&violation.claim, width(), "  ", "  "))?;
    for option in &violation.deviations {
        let default = tcpspec::TABLE.options.iter().any(|known| known.name == *option && known.default);
        writeln!(out, "  with {option} {}", if default { "off" } else { "on" })?;
    }
    match repeat(found) {
        None => {
            writeln!(out, "  The integers of this counterexample do not repeat it: a fault of the prover.")
        }
        Some(Repeated::Lemma) => {
            let numbers = found.names.iter().zip(&violation.model).filter(|(_, value)| **value != 0);
            let numbers: Vec<_> = numbers.map(|(name, value)| format!("{name}={value}")).collect();
            part(out, "numbers", &numbers.join(", "))
        }
        Some(Repeated::Step(run, other)) => ladder(out, &run, &other),
    }
}

fn ladder(out: &mut impl Write, run: &Run<Full>, other: &View<Full>) -> io::Result<()> {
    let end = View::of(run.from, &run.before);
    writeln!(out, "  {:COLUMN$}{}", "the other end", run.from.name())?;
    let numbers_of_both = [
        (("ISS", other.iss), ("IRS", end.irs)),
        (("IRS", other.irs), ("ISS", end.iss)),
        (("SND.UNA", other.una), ("SND.UNA", end.una)),
        (("SND.NXT", other.nxt), ("SND.NXT", end.nxt)),
        (("RCV.NXT", other.rcv), ("RCV.NXT", end.rcv)),
    ];
    for (left, right) in numbers_of_both {
        let of = |(name, number): (&str, Seq<Full>)| format!("{name}={number}");
        writeln!(out, "  │ {:1$}│ {2}", of(left), COLUMN - 2, of(right))?;
    }
    writeln!(out, "  │ {:1$}│ {2}", facts(other), COLUMN - 2, facts(&end))?;
    match &run.event {
        Event::Segment(segment) => arrow(out, &segment.to_string(), true)?,
        _ => writeln!(out, "  │ {:1$}│ {2}", "", COLUMN - 2, input(run))?,
    }
    let rows: Vec<_> = run.end.rows.iter().map(|row| row.name()).collect();
    writeln!(out, "  │ {:1$}│ rows {2}", "", COLUMN - 2, rows.join(", "))?;
    for segment in run.end.sent() {
        arrow(out, &segment.to_string(), false)?;
    }
    writeln!(out, "  │ {:1$}│ {2}", "", COLUMN - 2, run.to.name())?;
    let before = numbers(&run.before);
    for (name, value) in numbers(&run.after) {
        if !before.contains(&(name, value.clone())) {
            writeln!(out, "  │ {:1$}│ {name}={value}", "", COLUMN - 2)?;
        }
    }
    Ok(())
}

fn arrow(out: &mut impl Write, text: &str, comes: bool) -> io::Result<()> {
    let line = "─".repeat((COLUMN - 3).saturating_sub(1));
    writeln!(out, "  │ {:1$}│", text, (COLUMN - 2).max(text.len() + 1))?;
    if comes { writeln!(out, "  │─{line}─►│") } else { writeln!(out, "  │◄─{line}─│") }
}

/// The facts of an end, by the names that a TCB gives them.
fn facts(end: &View<Full>) -> String {
    let all = [
        (end.knows.holds(), "knows the other"),
        (end.syn_acked.holds(), "SYN_ACKED"),
        (end.fin_sent.holds(), "FIN_SENT"),
        (end.took_fin.holds(), "FIN taken"),
    ];
    let said: Vec<_> = all.into_iter().filter(|(yes, _)| *yes).map(|(_, name)| name).collect();
    if said.is_empty() { "no facts".to_owned() } else { said.join(", ") }
}

/// Each claim, and what became of it.
fn told(out: &mut impl Write, proofs: &[Proof]) -> io::Result<()> {
    writeln!(out)?;
    let violations: Vec<_> =
        proofs.iter().flat_map(|proof| &proof.found).map(|found| &found.violation).collect();
    claims(out, &CLAIMS, &violations, proofs.iter().all(|proof| proof.unknown.is_empty()))?;
    let (paths, queries): (u64, u64) =
        (proofs.iter().map(|p| p.paths).sum(), proofs.iter().map(|p| p.queries).sum());
    let proven = proofs.iter().filter(|proof| proof.is_proven()).count();
    let all = plural(proofs.len(), "part");
    let sum = format!("{proven} of {all} proven: {paths} paths, {queries} questions");
    writeln!(out, "\n{}", painted(STRONG, &sum))?;
    let whole = State::ALL.len() + 1;
    let note =
        "The proof is whole when the lemmas and all states are proven, and all states of one end (`prove`).";
    if proven < whole && proofs.len() < whole {
        writeln!(out, "{}", painted(ASIDE, &wrapped(note, width(), "", "")))?;
    }
    for why in proofs.iter().flat_map(|proof| &proof.unknown).take(3) {
        writeln!(out, "{}", painted(ASIDE, why))?;
    }
    Ok(())
}

fn as_json(proof: &Proof) -> Value {
    let found: Vec<Value> = proof
        .found
        .iter()
        .map(|found| {
            let violation = &found.violation;
            let numbers = found.names.iter().zip(&violation.model);
            json!({
                "claim": violation.claim,
                "deviations": violation.deviations,
                "part": format!("{:?}", found.part),
                "repeated": repeat(found).is_some(),
                "numbers": numbers.map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
                "facts": violation.facts.iter().map(|(name, yes)| ((*name).to_owned(), json!(yes))).collect::<serde_json::Map<_, _>>(),
            })
        })
        .collect();
    json!({
        "state": proof.name(),
        "proven": proof.is_proven(),
        "paths": proof.paths,
        "queries": proof.queries,
        "seconds": proof.took.as_secs_f64(),
        "violated": found,
        "unknown": proof.unknown,
    })
}

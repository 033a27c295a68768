//! `tcpspec prove`: what holds for all 2^32 numbers and any number of steps.

use super::two_ends::{self, How};
use crate::check;
use crate::commands::mutate::equivalent::EQUIVALENT;
use crate::output::terminal::{ASIDE, BAD, GOOD, OPEN, STRONG, painted, width, wrapped};
use crate::prove::number::FACTS;
use crate::prove::proof::{Found, Proof, prove};
use crate::prove::replay::replay;
use crate::prove::solver::Program;
use crate::prove::theorem::{CLAIMS, Run, Theorem};
use crate::screen::words::plural;
use clap::Args;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;
use tcpspec::mutants::Mutant;
use tcpspec::{Event, EventKind, Full, State, Tcb};
use tcpspec_explorer::nearest;

/// The solvers that are looked for, the fastest first.
const SOLVERS: [&str; 2] = ["cvc5", "z3"];

#[derive(Args, Debug)]
pub(crate) struct ProveArgs {
    /// States before the event, as in `TIME-WAIT`, and words of claims, as in `RST` (default: all of both)
    what: Vec<String>,
    /// The solver: cvc5 or z3, or the path of one of them (default: the first that is there)
    #[arg(long, value_name = "PROGRAM")]
    solver: Option<String>,
    /// Seconds that the solver may think about a question; after that it counts as not proven
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Prove of each mutant that no run can tell from the machine (docs/mutants.md) that it is the same machine
    #[arg(long, conflicts_with = "what")]
    equivalent: bool,
    /// Prove what holds of two ends and any number of segments between them; WHAT has states, and `lemmas`
    #[arg(long, conflicts_with = "equivalent")]
    two_ends: bool,
    /// Prove it of the machine with this fault, to see what breaks; docs/mutants.md has their names
    #[arg(long, value_name = "FAULT", requires = "two_ends")]
    fault: Option<String>,
    /// Threads (default: one for each processor)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl ProveArgs {
    /// Proves. `Ok(false)`: something does not hold, or the solver had no answer.
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        if self.two_ends {
            return two_ends::run(out, &self.what, &self.how()?);
        }
        let (states, claims) = self.what()?;
        let program = self.program()?;
        let threads = self.threads.map_or_else(check::default_threads, usize::from);
        if !self.json {
            writeln!(
                out,
                "for all 2^32 numbers, every input and every setting of the options; {}\n",
                program.version
            )?;
        }
        let mut proofs = Vec::new();
        for (theorem, states, kinds) in self.theorems(states) {
            if let (Theorem::Same(mutant), false) = (theorem, self.json) {
                writeln!(out, "{}", wrapped(&mutant.to_string(), width(), "", "  "))?;
            }
            for state in states {
                let mut proof =
                    prove(theorem, state, &kinds, &program, Duration::from_secs(self.timeout), threads);
                let is_asked =
                    |found: &Found| claims.iter().any(|claim| found.violation.claim.starts_with(claim));
                proof.found.retain(|found| self.equivalent || is_asked(found));
                if !self.json {
                    line(out, &proof)?;
                }
                proofs.push(proof);
            }
        }
        if self.json {
            let proofs: Vec<Value> = proofs.iter().map(as_json).collect();
            writeln!(out, "{:#}", json!({ "solver": program.version, "states": proofs }))?;
        } else {
            for found in proofs.iter().flat_map(|proof| &proof.found) {
                counterexample(out, found)?;
            }
            if !self.equivalent {
                told(out, &claims, &proofs)?;
            }
            end(out, &proofs)?;
        }
        Ok(proofs.iter().all(is_proven))
    }

    /// What is to be proven, of which states and events.
    fn theorems(&self, states: Vec<State>) -> Vec<(Theorem, Vec<State>, Vec<EventKind>)> {
        if !self.equivalent {
            return vec![(Theorem::Claims(None), states, EventKind::ALL.to_vec())];
        }
        let of = |(mutant, _): &(Mutant, &str)| {
            let row = mutant.row.info();
            (Theorem::Same(*mutant), row.states.to_vec(), vec![row.event])
        };
        EQUIVALENT.iter().map(of).collect()
    }

    /// The states and claims that are asked for.
    fn what(&self) -> Result<(Vec<State>, Vec<&'static str>), String> {
        let (mut states, mut claims) = (Vec::new(), Vec::new());
        for words in &self.what {
            let state = State::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(words));
            let lower = words.to_lowercase();
            let with = CLAIMS.into_iter().filter(|claim| claim.to_lowercase().contains(&lower));
            let before = claims.len();
            match state {
                Some(state) => states.push(state),
                None => claims.extend(with),
            }
            if state.is_none() && claims.len() == before {
                let meant = nearest(&words.to_uppercase(), State::ALL.map(State::name), 0.75);
                let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let names = State::ALL.map(State::name).join(", ");
                return Err(format!(
                    "there is no state and no claim `{words}`{meant}; the states are {names}, and the claims:\n  {}",
                    CLAIMS.join("\n  ")
                ));
            }
        }
        if states.is_empty() {
            states = State::ALL.to_vec();
        }
        if claims.is_empty() {
            claims = CLAIMS.to_vec();
        }
        Ok((states, claims))
    }

    fn how(&self) -> Result<How, Box<dyn Error>> {
        Ok(How {
            program: self.program()?,
            timeout: Duration::from_secs(self.timeout),
            threads: self.threads.map_or_else(check::default_threads, usize::from),
            json: self.json,
            fault: self.fault.as_deref().map(two_ends::fault).transpose()?,
        })
    }

    fn program(&self) -> Result<Program, Box<dyn Error>> {
        let Some(name) = &self.solver else {
            return match SOLVERS.map(Program::find) {
                [Ok(program), _] | [Err(_), Ok(program)] => Ok(program),
                [Err(_), Err(error)] => Err(error.into()),
            };
        };
        Ok(Program::find(name)?)
    }
}

/// Whether a state's claims hold by default, the solver had an answer to each question, and each counterexample can be repeated.
fn is_proven(proof: &Proof) -> bool {
    let is_optional = |found: &Found| !found.violation.deviations.is_empty() && replay(found).is_some();
    proof.unknown.is_empty() && proof.found.iter().all(is_optional)
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
        verdict.push_str(&format!(
            ", {} an option",
            plural(other, "claim needs").replace("claim needss", "claims need")
        ));
    }
    let (state, paths, queries, took) =
        (proof.state.name(), proof.paths, proof.queries, proof.took.as_secs_f64());
    writeln!(
        out,
        "{} {state:12} {paths:>10} paths {queries:>7} questions {took:>7.1} s  {verdict}",
        painted(style, mark)
    )?;
    out.flush()
}

/// A claim that fails, with the integers for which it does.
fn counterexample(out: &mut impl Write, found: &Found) -> io::Result<()> {
    let violation = &found.violation;
    let (word, style) =
        if violation.deviations.is_empty() { ("VIOLATED", BAD) } else { ("needs an option", OPEN) };
    writeln!(out, "\n{} in {}", painted(style, word), found.case.state.name())?;
    writeln!(out, "{}", wrapped(&violation.claim, width(), "  ", "  "))?;
    for option in &violation.deviations {
        let default = tcpspec::TABLE.options.iter().any(|known| known.name == *option && known.default);
        writeln!(out, "  with {option} {}", if default { "off" } else { "on" })?;
    }
    let Some(run) = replay(found) else {
        return writeln!(
            out,
            "  The integers of this counterexample do not repeat it: a fault of the prover."
        );
    };
    let (before, after) = (numbers(&run.before), numbers(&run.after));
    let show = |numbers: &[&(&str, String)]| {
        numbers.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    // What is zero says nothing.
    let set: Vec<_> = before.iter().filter(|(_, value)| value != "0" && value != "none").collect();
    part(out, "before", &format!("{} {}", run.from.name(), show(&set)))?;
    part(out, "input", &input(&run))?;
    let rows: Vec<_> = run.end.rows.iter().map(|row| row.name()).collect();
    part(out, "rows", &rows.join(", "))?;
    for segment in run.end.sent() {
        part(out, "sent", &segment.to_string())?;
    }
    let changed: Vec<_> = after.iter().filter(|number| !before.contains(number)).collect();
    part(out, "after", &format!("{} {}", run.to.name(), show(&changed)))
}

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

/// Each claim, and what became of it in all these states.
fn told(out: &mut impl Write, claims: &[&str], proofs: &[Proof]) -> io::Result<()> {
    writeln!(out)?;
    let is_answered = proofs.iter().all(|proof| proof.unknown.is_empty());
    for claim in claims {
        let found = proofs.iter().flat_map(|proof| &proof.found);
        let of: Vec<_> = found.filter(|found| found.violation.claim.starts_with(claim)).collect();
        let mut needs: Vec<&str> =
            of.iter().flat_map(|found| found.violation.deviations.iter().copied()).collect();
        needs.sort_unstable();
        needs.dedup();
        let (mark, style) = match of.iter().any(|found| found.violation.deviations.is_empty()) {
            true => ("✗", BAD),
            false if !is_answered => ("?", OPEN),
            false => ("✓", GOOD),
        };
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!(" (needs {} as by default)", needs.join(", "))
        };
        writeln!(out, "{}", wrapped(&format!("{} {claim}{needs}", painted(style, mark)), width(), "", "  "))?;
    }
    Ok(())
}

fn end(out: &mut impl Write, proofs: &[Proof]) -> io::Result<()> {
    let (paths, queries): (u64, u64) =
        (proofs.iter().map(|p| p.paths).sum(), proofs.iter().map(|p| p.queries).sum());
    let proven = proofs.iter().filter(|proof| is_proven(proof)).count();
    let all = plural(proofs.len(), "state");
    writeln!(
        out,
        "\n{}",
        painted(STRONG, &format!("{proven} of {all} proven: {paths} paths, {queries} questions"))
    )?;
    if proven < State::ALL.len() && proofs.len() < State::ALL.len() {
        writeln!(
            out,
            "{}",
            painted(ASIDE, "Each state is a step of the induction: the proof is whole when all are proven.")
        )?;
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
            json!({
                "claim": found.violation.claim,
                "deviations": found.violation.deviations,
                "event": format!("{:?}", found.case.kind),
                "repeated": replay(found).is_some(),
                "numbers": found.names.iter().zip(&found.violation.model).map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
                "facts": found.violation.facts.iter().map(|(name, yes)| ((*name).to_owned(), json!(yes))).collect::<serde_json::Map<_, _>>(),
            })
        })
        .collect();
    json!({
        "state": proof.state.name(),
        "proven": is_proven(proof),
        "paths": proof.paths,
        "queries": proof.queries,
        "seconds": proof.took.as_secs_f64(),
        "violated": found,
        "unknown": proof.unknown,
    })
}

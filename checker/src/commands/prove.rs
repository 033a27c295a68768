//! `tcpspec prove`: what holds for all 2^32 numbers and any number of steps.

use super::counterexample::{self, input, numbers, part};
use super::mutate::Broken;
use super::two_ends::{self, How};
use crate::check;
use crate::documents::proven;
use crate::output::terminal::{ASIDE, BAD, GOOD, OPEN, STRONG, painted, width, wrapped};
use crate::output::{aside, place};
use crate::prove::equivalent::EQUIVALENT;
use crate::prove::equivalent_bodies;
use crate::prove::proof::{Means, Part, Proof, by_mutant, prove};
use crate::prove::replay::{Found, replay};
use crate::prove::second_opinion::SECOND_OPINION;
use crate::prove::solver::{Program, Unusable};
use crate::prove::theorem::{CLAIMS, HAND, Theorem, beginnings};
use crate::screen::words::plural;
use clap::Args;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use tcpspec::mutants::Mutant;
use tcpspec::{EventKind, State};
use tcpspec_explorer::nearest;

/// The solvers that are looked for, the fastest first.
const SOLVERS: [&str; 2] = ["cvc5", "z3"];

#[derive(Args, Debug)]
pub(crate) struct ProveArgs {
    /// States before the event, as in `TIME-WAIT`, and words of claims, as in `RST` (default: all of both); with --equivalent names of mutants, rows and functions
    what: Vec<String>,
    /// The solver: cvc5 or z3, or the path of one of them (default: the first that is there)
    #[arg(long, value_name = "PROGRAM")]
    solver: Option<String>,
    /// Seconds that the solver may think about a question; after that it counts as not proven
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Prove of each mutant that is said to be the same machine (docs/mutants.md), or of those that are named, that it is
    #[arg(long)]
    equivalent: bool,
    /// Prove that the match of the same rules that was written by hand does the same with every segment
    #[arg(long, conflicts_with = "equivalent")]
    hand: bool,
    /// Prove that the machine does what the second opinion says (docs/book/src/how-it-works.md), with every event
    #[arg(long, conflicts_with_all = ["equivalent", "hand"])]
    second_opinion: bool,
    /// Prove all of it: the claims of each state, the mutants, the match that was written by hand, the second opinion
    #[arg(long, group = "whole", conflicts_with_all = ["what", "equivalent", "hand", "second_opinion"])]
    all: bool,
    /// Take one group of cases in N only, as --seed says: for a check that must be short
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    one_in: Option<u64>,
    /// Another seed takes other groups
    #[arg(long, value_name = "TEXT", requires = "one_in", default_value = "")]
    seed: String,
    /// Write what came out as Markdown into this file, too
    #[arg(long, value_name = "FILE", requires = "whole", conflicts_with_all = ["one_in", "fault"])]
    doc: Option<PathBuf>,
    /// Prove what holds of two ends and any number of segments between them; WHAT has states, and `lemmas`
    #[arg(long, group = "whole", conflicts_with_all = ["equivalent", "hand", "second_opinion", "all", "one_in"])]
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
        if let Some(file) = &self.doc {
            place::writable(file)?;
        }
        if self.two_ends {
            return match self.program() {
                Err(old @ Unusable::TooOld(_)) => Ok(unproven(&old)),
                program => two_ends::run(out, &self.what, &self.how(program?)?),
            };
        }
        let (states, claims) = self.what()?;
        let mutants = if self.equivalent { equal(&self.what)? } else { equal(&[])? };
        let means = match self.program() {
            Err(old @ Unusable::TooOld(_)) => return Ok(unproven(&old)),
            program => self.means(program?),
        };
        let version = &means.program.version;
        if !self.json {
            writeln!(out, "for all 2^32 numbers, every input and every setting of the options; {version}\n")?;
        }
        let mut proofs = Vec::new();
        for (theorem, states, kinds) in self.theorems(&states, mutants) {
            if !self.json {
                title(out, theorem)?;
            }
            for state in states {
                let mut proof = prove(theorem, state, &kinds, &means);
                // Every claim rests on the first, the invariant.
                let is_asked = |found: &Found| {
                    let is = |claim: &str| found.violation.claim.starts_with(claim);
                    is(CLAIMS[0]) || claims.iter().any(|claim| is(claim))
                };
                proof.found.retain(|found| !matches!(theorem, Theorem::Claims(_)) || is_asked(found));
                if !self.json {
                    line(out, &proof)?;
                }
                proofs.push(proof);
            }
        }
        if let Some(file) = &self.doc {
            place::replace(file, &proven::page(&proofs, &claims, version))?;
        }
        if self.json {
            let proofs: Vec<Value> = proofs.iter().map(as_json).collect();
            writeln!(out, "{:#}", json!({ "solver": version, "states": proofs }))?;
        } else {
            for found in proofs.iter().flat_map(|proof| &proof.found) {
                counterexample(out, found)?;
            }
            told(out, &claims, &proofs)?;
            end(out, &proofs)?;
        }
        Ok(proofs.iter().all(Proof::is_proven))
    }

    /// What is to be proven, of which states and events.
    fn theorems(
        &self,
        states: &[State],
        mutants: Vec<Theorem>,
    ) -> Vec<(Theorem, Vec<State>, Vec<EventKind>)> {
        let mut all = Vec::new();
        if self.all || !self.equivalent && !self.hand && !self.second_opinion {
            all.push((Theorem::Claims(None), states.to_vec(), EventKind::ALL.to_vec()));
        }
        if self.all || self.hand {
            all.push((Theorem::Hand(None), states.to_vec(), vec![EventKind::Segment]));
        }
        if self.all || self.second_opinion {
            all.push((Theorem::SecondOpinion(None), states.to_vec(), EventKind::ALL.to_vec()));
        }
        if self.all || self.equivalent {
            all.extend(mutants.into_iter().map(|theorem| match theorem {
                Theorem::Same(Mutant { row, .. }) => {
                    (theorem, beginnings(row.info()), vec![row.info().event])
                }
                Theorem::SameBody(body) => {
                    let (states, kinds) = equivalent_bodies::calls(body);
                    (theorem, states, kinds)
                }
                Theorem::Claims(_) | Theorem::Hand(_) | Theorem::SecondOpinion(_) => {
                    (theorem, State::ALL.to_vec(), EventKind::ALL.to_vec())
                }
            }));
        }
        all
    }

    fn means(&self, program: Program) -> Means {
        Means {
            program,
            timeout: Duration::from_secs(self.timeout),
            threads: self.threads.map_or_else(check::default_threads, usize::from),
            part: self.one_in.map(|one_in| Part { one_in, seed: self.seed.clone() }),
        }
    }

    /// The states and claims that are asked for.
    fn what(&self) -> Result<(Vec<State>, Vec<&'static str>), String> {
        let (mut states, mut claims) = (Vec::new(), Vec::new());
        for words in self.what.iter().filter(|_| !self.equivalent) {
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

    fn how(&self, program: Program) -> Result<How, String> {
        Ok(How {
            program,
            timeout: Duration::from_secs(self.timeout),
            threads: self.threads.map_or_else(check::default_threads, usize::from),
            json: self.json,
            fault: self.fault.as_deref().map(two_ends::fault).transpose()?,
            doc: self.doc.clone(),
        })
    }

    fn program(&self) -> Result<Program, Unusable> {
        let Some(name) = &self.solver else {
            return match SOLVERS.map(Program::find) {
                [Ok(program), _] | [Err(_), Ok(program)] => Ok(program),
                [Err(old @ Unusable::TooOld(_)), Err(_)] | [Err(_), Err(old)] => Err(old),
            };
        };
        Program::find(name)
    }
}

/// Says that this solver will not do: nothing is proven.
fn unproven(why: &Unusable) -> bool {
    aside::line(&format!("not proven: {why}"));
    false
}

/// What says that these mutants are the same machine: those of which it is said, or those that are named.
fn equal(names: &[String]) -> Result<Vec<Theorem>, String> {
    let of = |broken: Broken| match broken {
        Broken::Row(mutant) => Theorem::Same(mutant),
        Broken::Body(body) => Theorem::SameBody(body),
    };
    if names.is_empty() {
        let rows = EQUIVALENT.iter().map(|(mutant, _)| Theorem::Same(*mutant));
        return Ok(rows.chain(equivalent_bodies::all().map(Theorem::SameBody)).collect());
    }
    Ok(Broken::named(names)?.into_iter().map(of).collect())
}

/// What the lines that follow are about, where it is not the claims.
fn title(out: &mut impl Write, theorem: Theorem) -> io::Result<()> {
    match theorem {
        Theorem::Claims(_) => Ok(()),
        Theorem::Hand(_) => writeln!(out, "{}", wrapped(HAND, width(), "", "  ")),
        Theorem::SecondOpinion(_) => writeln!(out, "{}", wrapped(SECOND_OPINION, width(), "", "  ")),
        Theorem::Same(_) | Theorem::SameBody(_) => {
            writeln!(out, "{}", wrapped(&theorem.mutant().unwrap_or_default(), width(), "", "  "))
        }
    }
}

fn line(out: &mut impl Write, proof: &Proof) -> io::Result<()> {
    let violated = proof.found.iter().filter(|found| !proof.needs_option(found)).count();
    let other = proof.found.len() - violated;
    let (mark, style, mut verdict) = match (violated, proof.unknown.len()) {
        (0, 0) if proof.cases == proof.all_cases && !proof.silent.is_empty() => {
            let kinds: Vec<_> = proof.silent.iter().map(|kind| kind.name()).collect();
            ("?", OPEN, format!("not proven: no path with {}", kinds.join(", ")))
        }
        (0, 0) if proof.cases == proof.all_cases => ("✓", GOOD, "proven".to_owned()),
        (0, 0) if proof.cases == 0 => ("-", ASIDE, "not in this part".to_owned()),
        (0, 0) => ("✓", GOOD, format!("holds in {} of {} cases", proof.cases, proof.all_cases)),
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

/// Each claim, and what became of it in all these states.
fn told(out: &mut impl Write, claims: &[&str], proofs: &[Proof]) -> io::Result<()> {
    let proofs: Vec<&Proof> =
        proofs.iter().filter(|proof| matches!(proof.theorem, Theorem::Claims(_))).collect();
    if proofs.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let violations: Vec<_> =
        proofs.iter().flat_map(|proof| &proof.found).map(|found| &found.violation).collect();
    counterexample::claims(out, claims, &violations, proofs.iter().all(|proof| proof.unknown.is_empty()))
}

fn end(out: &mut impl Write, proofs: &[Proof]) -> io::Result<()> {
    let (paths, queries): (u64, u64) =
        (proofs.iter().map(|p| p.paths).sum(), proofs.iter().map(|p| p.queries).sum());
    let of = |is: fn(&Theorem) -> bool| proofs.iter().filter(|proof| is(&proof.theorem)).collect::<Vec<_>>();
    let claims = of(|theorem| matches!(theorem, Theorem::Claims(_)));
    let hand = of(|theorem| matches!(theorem, Theorem::Hand(_)));
    let proven = |of: &[&Proof]| of.iter().filter(|proof| proof.is_proven()).count();
    let is_part = proofs.iter().any(|proof| proof.cases < proof.all_cases);
    let mut parts = Vec::new();
    if !claims.is_empty() {
        let word = if is_part { "hold" } else { "proven" };
        parts.push(format!("{} of {} {word}", proven(&claims), plural(claims.len(), "state")));
    }
    if !hand.is_empty() {
        let states = plural(hand.len(), "state");
        parts.push(format!("the hand-written match is the same in {} of {states}", proven(&hand)));
    }
    let expected = of(|theorem| matches!(theorem, Theorem::SecondOpinion(_)));
    if !expected.is_empty() {
        let states = plural(expected.len(), "state");
        parts.push(format!(
            "the machine does what the second opinion says in {} of {states}",
            proven(&expected)
        ));
    }
    let mutants = by_mutant(proofs);
    if !mutants.is_empty() {
        let same = mutants.iter().filter(|(_, proofs)| proofs.iter().all(|proof| proof.is_proven())).count();
        parts.push(format!("{same} of {} the same machine", plural(mutants.len(), "mutant")));
    }
    let (cases, all) = proofs.iter().fold((0, 0), |sum, p| (sum.0 + p.cases, sum.1 + p.all_cases));
    let of = if is_part { format!("In {cases} of {all} cases ") } else { String::new() };
    let what = format!("\n{of}{}: {paths} paths, {queries} questions", parts.join(", "));
    writeln!(out, "{}", painted(STRONG, &what))?;
    let aside = |out: &mut dyn Write, text: &str| writeln!(out, "{}", painted(ASIDE, text));
    if !claims.is_empty() && claims.len() < State::ALL.len() {
        aside(out, "Each state is a step of the induction: the proof is whole when all are proven.")?;
    }
    if is_part {
        aside(out, "This was a part of the cases. The proof is whole when all are gone through.")?;
    }
    for why in proofs.iter().flat_map(|proof| &proof.unknown).take(3) {
        aside(out, why)?;
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
        "theorem": match proof.theorem {
            Theorem::Claims(_) => "claims".to_owned(),
            Theorem::Hand(_) => HAND.to_owned(),
            Theorem::SecondOpinion(_) => SECOND_OPINION.to_owned(),
            theorem => theorem.mutant().unwrap_or_default(),
        },
        "state": proof.state.name(),
        "cases": proof.cases,
        "all_cases": proof.all_cases,
        "proven": proof.is_proven() && proof.cases == proof.all_cases,
        "paths": proof.paths,
        "queries": proof.queries,
        "seconds": proof.took.as_secs_f64(),
        "violated": found,
        "unknown": proof.unknown,
    })
}

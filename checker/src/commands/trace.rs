//! `tcpspec trace`: the loss-free run of a scenario, or the run that shows a claim.

use crate::check::{self, Verdict};
use crate::commands::names::one;
use crate::commands::settings::Settings;
use crate::faces;
use crate::output::place;
use crate::output::terminal::{width, wrapped};
use crate::runs::{links, play};
use crate::screen::progress::Progress;
use crate::screen::words::grouped;
use clap::Args;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use tcpspec::model::{Claim, Kind, Scenario, Step, Tcp};
use tcpspec_explorer::catalogue;
use tcpspec_explorer::files::Trace;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::Run;
use tcpspec_explorer::script;

#[derive(Args, Debug)]
pub(crate) struct TraceArgs {
    /// A scenario (its loss-free run), or the words of a claim (the shortest run that shows a `sometimes` or breaks an `always`)
    scenario: String,
    #[command(flatten)]
    settings: Settings,
    /// Write the ladder as SVG into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write it as a capture for Wireshark, with the rows as packet comments, too
    #[arg(long, visible_alias = "trace", value_name = "FILE")]
    pcapng: Option<PathBuf>,
    /// Write it as JSON that `explore --trace` opens, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl TraceArgs {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        for file in self.svg.iter().chain(&self.pcapng).chain(&self.json) {
            place::writable(file)?;
        }
        let (claim, scenario, steps, repeats_from) = match claimed(&self.scenario) {
            None => {
                let scenario = self.settings.apply(one(&self.scenario)?)?;
                (None, scenario, play::script(scenario), None)
            }
            Some((scenario, claim)) => match shown(self.settings.apply(scenario)?, claim)? {
                Shown { scenario, run: Some((steps, repeats_from)), .. } => {
                    (Some(claim), scenario, steps, repeats_from)
                }
                shown @ Shown { run: None, .. } => {
                    writeln!(out, "{shown}")?;
                    return Ok(true);
                }
            },
        };
        let link = self.settings.link(scenario.name)?;
        if let Some(file) = &self.pcapng {
            links::capture(file, &steps)?;
        }
        if let Some(file) = &self.svg {
            place::replace(file, &faces::ladder::svg(&steps, scenario.name))?;
        }
        if let Some(file) = &self.json {
            let text = links::file(&link, &steps, claim.map(|claim| claim.name), repeats_from);
            // The loss-free run is drawn on a perfect network, which the scenario need not have.
            let drawn = |why| if claim.is_none() { own_run(&link).ok_or(why) } else { Err(why) };
            place::replace(file, &text.or_else(drawn)?)?;
        }
        let words = claim.map_or(scenario.summary, |claim| claim.name);
        let violated = claim.is_some_and(|claim| !decides(claim));
        let text = format!("{}: {}{words}", scenario.name, if violated { "VIOLATED: " } else { "" });
        writeln!(out, "{}\n", wrapped(&text, width(), "", ""))?;
        write!(out, "{}", faces::ladder::shown(&Tcp::new(scenario), &steps, repeats_from))?;
        if claim.is_some() {
            writeln!(out, "\n{}", links::command(&link, &steps, repeats_from))?;
        }
        Ok(!violated)
    }
}

/// The run of the scenario's script within its own bounds, as a file.
fn own_run(link: &Link) -> Option<String> {
    let run = Run::play(link.with_path(script::example(link.scenario)?.path)).ok()?;
    Some(Trace::of(&run, None, None).to_json())
}

/// What a search for the run of a claim came to.
pub(crate) struct Shown {
    pub(crate) scenario: &'static Scenario,
    pub(crate) claim: &'static Claim,
    /// The shortest run that shows or breaks it, and the step from which on it repeats for ever.
    pub(crate) run: Option<(Vec<Step>, Option<usize>)>,
    /// Worlds that were explored, if there is none.
    states: usize,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, claim, run: _, states } = self;
        write!(
            f,
            "{}: {}: {} holds within the bounds, in all {} states, so there is no run against it to show.",
            scenario.name,
            claim.kind.word(),
            claim.name,
            grouped(*states)
        )
    }
}

/// Looks for the run of a claim in a scenario that has it.
pub(crate) fn shown(scenario: &'static Scenario, claim: &'static Claim) -> Result<Shown, String> {
    if decides(claim) && !claim.kind.is_about_runs() {
        let plan = check::Plan::with_threads(1);
        let steps = check::shortest(scenario, &[claim.name], &plan)?;
        let steps = steps.into_iter().flatten().next().ok_or_else(|| {
            format!("{}: nothing within the bounds decides \"{}\"", scenario.name, claim.name)
        })?;
        return Ok(Shown { scenario, claim, run: Some((steps, None)), states: 0 });
    }
    // A claim that should hold: what breaks it, if anything does. Or one about runs.
    Ok(match against(scenario, claim)? {
        Search::Found(steps, repeats_from) => {
            Shown { scenario, claim, run: Some((steps, repeats_from)), states: 0 }
        }
        Search::Holds(states) => Shown { scenario, claim, run: None, states },
    })
}

/// Whether a run decides the claim: it fails, or a world shows it. What holds always has no such run.
fn decides(claim: &Claim) -> bool {
    claim.kind == Kind::Sometimes || claim.fails_because.is_some()
}

/// The first scenario that has a claim with these words, if what is asked for is no scenario: rather one whose claim a run decides.
pub(crate) fn claimed(words: &str) -> Option<(&'static Scenario, &'static Claim)> {
    if !words.contains(' ') || !catalogue::find(words).is_empty() {
        return None;
    }
    let find = |wanted: fn(&Claim) -> bool| {
        catalogue::all().into_iter().find_map(|scenario| {
            let claim = scenario.claims.iter().find(|claim| claim.name.contains(words) && wanted(claim))?;
            Some((scenario, claim))
        })
    };
    find(decides).or_else(|| find(|_| true))
}

/// What a search for a run against a claim came to.
enum Search {
    /// The run, and the step from which on it repeats for ever.
    Found(Vec<Step>, Option<usize>),
    /// There is none in so many states.
    Holds(usize),
}

/// Looks for a run against a claim that should hold.
fn against(scenario: &Scenario, claim: &'static Claim) -> Result<Search, String> {
    let alone = Scenario { claims: std::slice::from_ref(claim), ..*scenario };
    let plan = check::Plan::with_threads(check::default_threads());
    let mut progress = Progress::of(1, "scenario");
    let mut report = check::run(&alone, &plan, |so_far| progress.explores(scenario, so_far))?;
    drop(progress);
    let states = report.unique;
    match report.findings.pop() {
        Some(finding) if finding.verdict == Verdict::Holds => Ok(Search::Holds(states)),
        Some(check::Finding {
            verdict: Verdict::Violated | Verdict::FailsAsExpected,
            path: Some(steps),
            repeats_from,
            ..
        }) => Ok(Search::Found(steps, repeats_from)),
        _ => {
            Err(format!("{}: \"{}\" was not decided: the memory did not suffice", scenario.name, claim.name))
        }
    }
}

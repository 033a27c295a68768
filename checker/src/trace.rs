//! The loss-free run of a scenario: its script, played in lockstep; or the run that shows a claim.

use crate::check::{self, Verdict};
use crate::cli::one;
use crate::progress::Progress;
use crate::report::grouped;
use crate::settings::Settings;
use crate::terminal::{width, wrapped};
use crate::{faces, links, place, run};
use clap::Args;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use tcpspec::model::{Action, Bounds, Claim, Kind, Scenario, Step, Tcp, World, scenarios, stray_name};
use tcpspec::{State, Timer};
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
                (None, scenario, play(scenario), None)
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
            run::capture(file, &steps)?;
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
        let steps = check::shortest(&Tcp::new(scenario), claim.name, || false).ok_or_else(|| {
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
    if !words.contains(' ') || !scenarios::find(words).is_empty() {
        return None;
    }
    let find = |wanted: fn(&Claim) -> bool| {
        scenarios::all().find_map(|scenario| {
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

/// What an action is, in words.
pub(crate) fn describe(action: Action) -> String {
    let end = |i: u8| ["A", "B"][usize::from(i & 1)];
    match action {
        Action::Call(i, call) => format!("{}: {call}", end(i)),
        Action::Transmit(i, max) => format!("{}: sends what is queued, {max} octets at most", end(i)),
        Action::Deliver(i) => format!("segment {i} arrives"),
        Action::Duplicate(i) => format!("a copy of segment {i} arrives"),
        Action::Lose(i) => format!("segment {i} is lost"),
        Action::Held(i, _) => format!("{}: what came early is next", end(i)),
        Action::Fire(i, timer, false) => format!("{}: the {} timer runs out", end(i), timer.name()),
        Action::Fire(i, timer, true) => {
            format!("{}: the {} timer runs out for the last time", end(i), timer.name())
        }
        Action::Resend(i, from, len) => {
            format!(
                "{}: the retransmission timer runs out; {len} octets from SND.UNA+{from} are sent again",
                end(i)
            )
        }
        Action::Tick => "a tick passes".into(),
        Action::Crash(i) => format!("{} crashes and restarts without its TCB", end(i)),
        Action::Forge(i, kind, seq, ack) => format!("{}: {} arrives, forged", end(i), kind.segment(seq, ack)),
        Action::Stray(i, index) => format!("{}: {}", end(i), stray_name(index)),
        Action::Vanish(i) => format!("{}: the host vanishes", end(i)),
        Action::Opens(number, opening) => {
            format!("{}, and a connection begins with number {number}", describe(opening.action()))
        }
    }
}

/// Plays the script: the calls of each stage, then segments in lockstep until nothing moves; at the end 2MSL pass.
pub(crate) fn play(scenario: &Scenario) -> Vec<Step> {
    let bounds = Bounds {
        window: scenario.bounds.window,
        mss: scenario.bounds.mss,
        msl: scenario.bounds.msl.max(1),
        delayed_acks: scenario.bounds.delayed_acks && scenario.bounds.eager_users,
        in_order: true,
        ..Bounds::PERFECT
    };
    let mut play =
        Play { model: Tcp::new(&Scenario { bounds, ..*scenario }), world: None, steps: Vec::new() };
    for stage in scenario.script {
        for (end, call) in *stage {
            play.take(Action::Call(*end as u8, *call));
        }
        play.settle();
    }
    play.let_time_pass();
    play.steps
}

/// Plays the script until the world is as wanted; `None` if it never is.
pub(crate) fn run_to(scenario: &Scenario, wanted: impl Fn(&World) -> bool) -> Option<World> {
    let mut play = Play { model: Tcp::new(scenario), world: None, steps: Vec::new() };
    for stage in scenario.script {
        for (end, call) in *stage {
            play.take(Action::Call(*end as u8, *call));
        }
        play.settle();
        if wanted(&play.world()) {
            return Some(play.world());
        }
    }
    None
}

struct Play {
    model: Tcp,
    world: Option<World>,
    steps: Vec<Step>,
}

impl Play {
    fn world(&self) -> World {
        self.world.unwrap_or_else(|| self.model.initial())
    }

    fn take(&mut self, action: Action) -> bool {
        // What the scenario does not allow is not in its picture either; the test below finds such scripts.
        if !self.possible().contains(&action) {
            return false;
        }
        let Some((after, step)) = self.model.explain(&self.world(), action) else { return false };
        self.world = Some(after);
        // Ticks without an event would only lengthen the picture.
        if !matches!(action, Action::Tick) {
            self.steps.push(step);
        }
        true
    }

    fn possible(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.model.possible(&self.world(), &mut actions);
        actions
    }

    fn transmit(&mut self) -> bool {
        let mut moved = false;
        for end in 0..2 {
            // As much as fits in one segment.
            let largest =
                self.possible().into_iter().rfind(|a| matches!(a, Action::Transmit(i, _) if *i == end));
            if let Some(action) = largest {
                moved |= self.take(action);
            }
        }
        moved
    }

    /// In each round all that is under way arrives, each direction in order; answers leave in the next.
    fn settle(&mut self) {
        loop {
            let mut moved = self.transmit();
            for _ in 0..self.world().packets().count() {
                moved |= self.take(Action::Deliver(0));
            }
            if !moved {
                return;
            }
        }
    }

    fn let_time_pass(&mut self) {
        for _ in 0..16 {
            let late = self
                .possible()
                .into_iter()
                .find(|a| matches!(a, Action::Fire(_, Timer::DelayedAck | Timer::TimeWait, _)));
            if let Some(action) = late {
                self.take(action);
                self.settle();
            } else if self.world().ends.iter().all(|end| end.state != State::TimeWait)
                || !self.take(Action::Tick)
            {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::model::scenarios;

    #[test]
    fn every_script_is_played_to_its_end() {
        for scenario in scenarios::ordinary() {
            let calls = play(scenario).iter().filter(|step| matches!(step.action, Action::Call(..))).count();
            let written: usize = scenario.script.iter().map(|stage| stage.len()).sum();
            assert_eq!(calls, written, "{}", scenario.name);
        }
    }
}

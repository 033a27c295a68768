//! What a search does. A check of a whole scenario is the checker's own, so that claims about runs are decided, too; every other search is the explorer's,
//! slice by slice.

use crate::check::{self, Finding, Plan, SoFar};
use crate::documents::known;
use crate::engine::{Stop, memory};
use crate::runs::links;
use crate::screen::words::grouped;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tcpspec::model::Scenario;
use tcpspec_explorer::api::{self, ClaimView, Progress, Refusal};
use tcpspec_explorer::known::{Known, KnownClaim};
use tcpspec_explorer::link::{LONGEST, Link};
use tcpspec_explorer::search::{self, Search};
use tcpspec_explorer::token;

/// States of a slice: a few milliseconds.
const SLICE: u32 = 2_000;
/// Between two events.
const PAUSE: Duration = Duration::from_millis(100);
/// A check takes threads away from those who ask.
const MOST_THREADS: usize = 4;

/// A search that can begin.
#[derive(Debug)]
pub(super) enum Job {
    /// All claims of a scenario, from its beginning.
    Check(Box<Check>),
    /// Anything else.
    Slices(Box<Search>),
}

/// A check of a scenario.
#[derive(Debug)]
pub(super) struct Check {
    link: Link,
    scenario: Scenario,
    limit: u32,
}

impl Job {
    /// What is asked for in JSON, of so many states at most.
    pub(super) fn new(request: &str, most: u32) -> Result<Self, Refusal> {
        let mut request: api::Search = serde_json::from_str(request)
            .map_err(|error| Refusal::new(format!("this is no search that the explorer knows: {error}")))?;
        if !(1..=most).contains(&request.limit) {
            return Err(Refusal::new(format!(
                "a search takes 1 to {} states, not {}",
                grouped(most as usize),
                grouped(request.limit as usize)
            )));
        }
        request.find = request.find.filter(|find| !find.trim().is_empty());
        let link = Link::parse(&request.link)?;
        if request.find.is_none() && link.path.is_empty() {
            let scenario = link.changed()?;
            return Ok(Self::Check(Box::new(Check { link, scenario, limit: request.limit })));
        }
        Ok(Self::Slices(Box::new(Search::begin(&request)?)))
    }

    /// Different states at most.
    pub(super) fn limit(&self) -> u64 {
        match self {
            Self::Check(check) => check.limit.into(),
            Self::Slices(search) => search.progress(Known::kept()).limit,
        }
    }

    /// What is said while others have their turn.
    pub(super) fn waits(&self) -> Progress {
        let words = "Waits for its turn: as many searches as may run at once are running.";
        Progress { done: false, ..Self::ended(self.limit(), words.into()) }
    }

    /// An end without a result.
    pub(super) fn ended(limit: u64, words: String) -> Progress {
        Progress {
            unique: 0,
            generated: 0,
            depth: 0,
            limit,
            memory: 0,
            memory_limit: Plan::with_threads(1).limits.memory.unwrap_or_default(),
            done: true,
            complete: false,
            found: None,
            claims: Vec::new(),
            words,
        }
    }

    /// Searches; `say` hears how far it is. The last of it is the result, unless `stop` ended it.
    pub(super) fn run(self, stop: &Arc<AtomicBool>, say: impl FnMut(&Progress)) -> Progress {
        match self {
            Self::Check(check) => check.run(stop, say),
            Self::Slices(search) => slices(*search, stop, say),
        }
    }
}

fn slices(mut search: Search, stop: &AtomicBool, mut say: impl FnMut(&Progress)) -> Progress {
    let limit = Plan::with_threads(1).limits.memory;
    let mut next = Instant::now() + PAUSE;
    loop {
        let progress = search.advance(SLICE, Known::kept());
        if progress.done {
            return progress;
        }
        if stop.load(Relaxed) {
            return Progress { done: true, words: "Stopped.".into(), ..progress };
        }
        if Instant::now() >= next {
            next = Instant::now() + PAUSE;
            if limit.is_some_and(|limit| memory::resident().is_some_and(|now| now > limit)) {
                let words = format!(
                    "Stopped at {} states: the memory does not suffice; there are more.",
                    grouped(progress.unique as usize)
                );
                return Progress { done: true, words, ..progress };
            }
            say(&progress);
        }
    }
}

impl Check {
    fn run(&self, stop: &Arc<AtomicBool>, mut say: impl FnMut(&Progress)) -> Progress {
        let threads = (check::default_threads() / 2).clamp(1, MOST_THREADS);
        let mut plan = Plan::with_threads(threads);
        plan.limits.interrupted = Arc::clone(stop);
        plan.limits.states = Some(self.limit.into());
        let mut last = Job::ended(self.limit.into(), String::new());
        last.done = false;
        last.claims = self.claims(|_| api::Verdict::Open);
        say(&last);
        let mut next = Instant::now();
        let found = check::run(&self.scenario, &plan, |so_far| {
            match so_far {
                SoFar::Worlds { unique, generated, depth, decided, time: _ } => {
                    last = Progress {
                        unique,
                        generated,
                        depth: depth as u32,
                        memory: memory::resident().unwrap_or_default(),
                        claims: self.claims(self.so_far(decided)),
                        words: format!("{} states so far.", grouped(unique as usize)),
                        ..last.clone()
                    };
                }
                SoFar::Graph(worlds) => {
                    last.words = format!(
                        "All {} states within the bounds were explored; {} are in the graph on which claims about runs are decided.",
                        grouped(last.unique as usize),
                        grouped(worlds)
                    );
                }
            }
            if Instant::now() >= next {
                next = Instant::now() + PAUSE;
                say(&last);
            }
        });
        match found {
            Ok(report) => self.came_to(&report, last),
            Err(why) => Progress { done: true, words: why, ..last },
        }
    }

    /// The verdict on each claim that is known while the exploration goes on: a violation stays one.
    fn so_far(&self, decided: u64) -> impl Fn(usize) -> api::Verdict {
        let claims = self.scenario.claims;
        move |place| {
            let claim = &claims[place];
            let before = claims[..place].iter().filter(|claim| !claim.kind.is_about_runs()).count();
            search::verdict(claim, before < 64 && decided & 1 << before != 0, false)
        }
    }

    /// The scenario's claims with these verdicts.
    fn claims(&self, verdict: impl Fn(usize) -> api::Verdict) -> Vec<ClaimView> {
        let claims = self.scenario.claims.iter().enumerate();
        claims
            .map(|(place, claim)| ClaimView {
                name: claim.name,
                kind: claim.kind.word(),
                fails_because: claim.fails_because,
                verdict: verdict(place),
                shown_by: None,
                repeats_from: None,
            })
            .collect()
    }

    /// The result, in the order of the scenario's claims.
    fn came_to(&self, report: &check::Report, last: Progress) -> Progress {
        let finding = |place: usize| {
            report.findings.iter().find(|finding| finding.claim.name == self.scenario.claims[place].name)
        };
        let mut claims = self.claims(|place| {
            finding(place).map_or(api::Verdict::Open, |finding| known::verdict(finding.verdict))
        });
        let mut found = None;
        for (place, claim) in claims.iter_mut().enumerate() {
            let Some(finding) = finding(place) else { continue };
            claim.shown_by = self.shown_by(finding);
            claim.repeats_from = finding.repeats_from.filter(|_| claim.shown_by.is_some());
            if claim.verdict == api::Verdict::Violated && found.is_none() {
                found = claim.shown_by.clone();
            }
        }
        let violated = claims.iter().filter(|claim| claim.verdict == api::Verdict::Violated).count();
        let open = claims.iter().filter(|claim| claim.verdict == api::Verdict::Open).count();
        Progress {
            unique: report.unique as u64,
            generated: report.total as u64,
            depth: report.depth as u32,
            memory: memory::resident().unwrap_or(last.memory),
            memory_limit: last.memory_limit,
            limit: last.limit,
            done: true,
            complete: report.complete,
            found,
            claims,
            words: words(report, violated, open),
        }
    }

    /// The run that a finding speaks of, or one that is known from before.
    fn shown_by(&self, finding: &Finding) -> Option<String> {
        if let Some(steps) = &finding.path {
            return Some(links::to(&self.link, steps).to_string());
        }
        let known: &KnownClaim = Known::kept().claim(self.link.scenario.name, finding.claim.name)?;
        let is_the_same = !self.link.is_changed() && known.verdict == known::verdict(finding.verdict);
        let path = token::parse_path(known.path.as_ref().filter(|_| is_the_same)?, LONGEST).ok()?;
        Some(self.link.with_path(path).to_string())
    }
}

/// What the verdicts rest on.
fn words(report: &check::Report, violated: usize, open: usize) -> String {
    let states = grouped(report.unique);
    let explored = match report.stopped {
        None if report.complete => format!("All {states} states within the bounds were explored"),
        None => format!("{states} states were explored; then every claim was decided"),
        Some(Stop::States) => format!("Stopped at {states} states; there are more"),
        Some(Stop::Memory) => {
            format!("Stopped at {states} states: the memory does not suffice; there are more")
        }
        Some(Stop::Interrupt) => format!("Stopped by the user at {states} states; there are more"),
    };
    let claims = match (violated, open) {
        (0, 0) => "every claim is as it should be".to_owned(),
        (0, _) => "no claim is violated so far".to_owned(),
        (1, _) => "a claim is violated".to_owned(),
        (n, _) => format!("{n} claims are violated"),
    };
    format!("{explored}: {claims}.")
}

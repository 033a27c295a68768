//! How far a command is: a bar on a terminal, else a line now and then. It is said on stderr, so that the result stays by itself.

use crate::check::{News, SoFar};
use crate::output::aside;
use crate::output::terminal;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};
use tcpspec::model::Scenario;
use tcpspec_explorer::known::Known;
use tcpspec_explorer::search::grouped;

/// Off a terminal nothing is said before this time has passed, nor twice in it: nobody waits in silence for minutes, and short commands stay quiet.
const EVERY: Duration = Duration::from_secs(15);

/// Some work of many pieces.
pub(crate) struct Progress {
    /// None if nobody watches.
    bar: Option<ProgressBar>,
    start: Instant,
    /// When the next line is due off a terminal.
    next: Instant,
    /// What the pieces are: `scenarios`.
    unit: &'static str,
    done: usize,
    of: usize,
    /// How large the pieces are that are done, and all together, if that is known.
    size: u64,
    all: Option<u64>,
    /// States that were explored in the pieces that are done.
    states: u64,
    /// The states so far of scenarios that are being explored.
    under_way: BTreeMap<&'static str, u64>,
}

impl Progress {
    /// So many pieces, of which nothing else is known.
    pub(crate) fn of(of: usize, unit: &'static str) -> Self {
        Self::new(of, unit, None)
    }

    /// The exploration of these scenarios, as large as it was for the documents; `changed` if their bounds are others now.
    pub(crate) fn through(scenarios: &[&Scenario], changed: bool) -> Self {
        let all = scenarios.iter().map(|scenario| size(scenario)).sum::<Option<u64>>();
        Self::new(scenarios.len(), "scenarios", all.filter(|_| !changed))
    }

    fn new(of: usize, unit: &'static str, all: Option<u64>) -> Self {
        let bar = is_watched().then(|| {
            let bar = ProgressBar::with_draw_target(
                Some(all.unwrap_or(of as u64)),
                ProgressDrawTarget::stderr_with_hz(8),
            );
            // The template is constant, and a test draws it.
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar
        });
        let start = Instant::now();
        let under_way = BTreeMap::new();
        Self { bar, start, next: start + EVERY, unit, done: 0, of, size: 0, all, states: 0, under_way }
    }

    /// What becomes known while scenarios are explored.
    pub(crate) fn hears(&mut self, news: &News<'_>) {
        match *news {
            News::Explores(scenario, so_far) => self.explores(scenario, so_far),
            News::Explored(scenario, states) => self.explored(scenario, states),
            News::Begins(_) | News::Finished(_) => {}
        }
    }

    /// What is done now, and how far it is.
    pub(crate) fn explores(&mut self, scenario: &Scenario, so_far: SoFar) {
        let what = match so_far {
            SoFar::Worlds { unique, .. } => {
                self.under_way.insert(scenario.name, unique);
                scenario.name.to_owned()
            }
            SoFar::Graph(worlds) => format!("{}: liveness, {} worlds", scenario.name, grouped(worlds)),
        };
        self.says(self.under_way.values().sum(), &what);
    }

    /// What is done now.
    pub(crate) fn does(&mut self, what: &str) {
        self.says(0, what);
    }

    /// A scenario is explored.
    pub(crate) fn explored(&mut self, scenario: &Scenario, states: usize) {
        self.under_way.remove(scenario.name);
        self.states += states as u64;
        self.size += size(scenario).unwrap_or_default();
        self.finished();
    }

    /// A piece is done.
    pub(crate) fn finished(&mut self) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.set_position(self.all.map_or(self.done as u64, |_| self.size));
        }
    }

    /// Writes to stdout without the bar in the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn says(&mut self, more: u64, what: &str) {
        let now = Instant::now();
        if self.bar.is_none() && now < self.next {
            return;
        }
        let line = self.line(more, self.start.elapsed(), what);
        match &self.bar {
            Some(bar) => {
                if self.all.is_some() {
                    bar.set_position(self.size + more);
                }
                bar.set_message(line);
            }
            None => {
                self.next = now + EVERY;
                aside::line(&line);
            }
        }
    }

    /// Pieces, states, rate, time left, and what is done now.
    fn line(&self, more: u64, time: Duration, what: &str) -> String {
        let mut parts = vec![format!("{} of {} {}", self.done, self.of, self.unit)];
        let states = self.states + more;
        if states > 0 {
            let rate = states as f64 / time.as_secs_f64().max(0.001);
            parts.push(format!("{} states, {}/s", grouped(states as usize), grouped(rate as usize)));
            let left = self.all.map(|all| all.saturating_sub(self.size + more) as f64 / rate);
            // A rate of less than a second says nothing.
            if let Some(left) = left.filter(|_| time >= Duration::from_secs(1)) {
                parts.push(left_words(left));
            }
        }
        format!("{}: {what}", parts.join(", "))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// 12 columns of the bar; the words are cut where the terminal ends.
const TEMPLATE: &str = "{bar:12} {wide_msg}";

/// How long it will still take.
fn left_words(seconds: f64) -> String {
    if seconds < 120.0 { format!("{seconds:.0} s left") } else { format!("{:.0} min left", seconds / 60.0) }
}

/// States of a scenario, as it was explored for the documents.
pub(crate) fn size(scenario: &Scenario) -> Option<u64> {
    Known::kept().scenarios.get(scenario.name).map(|known| known.unique)
}

/// Whether somebody sees what moves.
fn is_watched() -> bool {
    io::stderr().is_terminal() && !terminal::is_dumb()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::model::scenarios;

    #[test]
    fn the_bar_can_be_drawn() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn states_rate_and_time_left_are_told() {
        let two: Vec<&Scenario> = scenarios::find("simultaneous-open").into_iter().take(2).collect();
        let all: u64 = two.iter().map(|scenario| size(scenario).unwrap()).sum();
        let mut progress = Progress::through(&two, false);
        progress.all = Some(4_000);
        let time = Duration::from_secs(2);
        assert_eq!(
            progress.line(1_000, time, "here"),
            "0 of 2 scenarios, 1,000 states, 500/s, 6 s left: here"
        );
        assert_eq!(Progress::through(&two, false).all, Some(all));
        // With other bounds nobody knows how large it is.
        let mut changed = Progress::through(&two, true);
        changed.finished();
        assert_eq!(changed.line(1_000, time, "here"), "1 of 2 scenarios, 1,000 states, 500/s: here");
        assert_eq!(Progress::of(3, "mutants").line(0, time, "one"), "0 of 3 mutants: one");
    }
}

//! One scenario after the other. While the next one is explored, another thread does of the last one what takes one thread: it searches counterexamples, and
//! decides claims about runs.

use super::{Explored, Plan, Report, SoFar};
use crate::engine::Stop;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;
use tcpspec::model::Scenario;

/// Scenarios that are explored and not finished at most while another one is explored, so that few graphs are in memory.
const BEHIND: usize = 2;
/// How often a thread that waits for another one looks.
const LOOK: Duration = Duration::from_millis(20);

/// What becomes known while scenarios are explored.
pub(crate) enum News<'a> {
    /// This one is explored next.
    Begins(&'a Scenario),
    /// This one is being explored.
    Explores(&'a Scenario, SoFar),
    /// This one is explored. Its counterexamples, and its claims about runs, may still be open.
    Explored(&'a Report),
    /// All is known of this one.
    Finished(Box<Report>),
}

/// A scenario whose worlds are explored.
enum Behind<'scope> {
    Finished(Box<Report>),
    /// A thread finishes it. The graph of its worlds has so many at present.
    Open(&'static Scenario, Arc<AtomicUsize>, ScopedJoinHandle<'scope, Report>),
}

impl Behind<'_> {
    fn is_finished(&self) -> bool {
        match self {
            Self::Finished(_) => true,
            Self::Open(_, _, handle) => handle.is_finished(),
        }
    }
}

/// Ends what other threads do when it is dropped, also after an error.
struct Leaves<'a>(&'a AtomicBool);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Explores scenarios, and tells of them in their order. If `hear` answers [`News::Finished`] by `false`, no other one is begun; what was explored already is told.
pub(crate) fn each<E: From<String>>(
    scenarios: &[&'static Scenario],
    plan: &Plan,
    mut hear: impl FnMut(News<'_>) -> Result<bool, E>,
) -> Result<(), E> {
    let left = AtomicBool::new(false);
    thread::scope(|scope| {
        let _leaves = Leaves(&left);
        let mut behind = VecDeque::new();
        let mut ahead = scenarios.iter().copied();
        let mut goes_on = true;
        loop {
            let next = ahead.next().filter(|_| goes_on);
            while behind.front().is_some_and(Behind::is_finished)
                || behind.len() >= BEHIND
                || (!behind.is_empty() && (next.is_none() || plan.is_half_full()))
            {
                let Some(first) = behind.pop_front() else { break };
                let report = wait(first, &mut hear)?;
                goes_on &= hear(News::Finished(report))?;
            }
            let Some(scenario) = next.filter(|_| goes_on) else {
                if behind.is_empty() {
                    return Ok(());
                }
                continue;
            };
            hear(News::Begins(scenario))?;
            let mut heard = Ok(true);
            let explored = Explored::new(scenario, plan, |so_far| {
                if heard.is_ok() {
                    heard = hear(News::Explores(scenario, so_far));
                }
            })?;
            heard?;
            hear(News::Explored(explored.report()))?;
            goes_on &= explored.report().stopped != Some(Stop::Interrupt);
            let workers = plan.cluster.workers;
            let is_last = ahead.len() == 0 || !goes_on;
            behind.push_back(if explored.is_open() && workers > 1 && !(is_last && behind.is_empty()) {
                let worlds = Arc::new(AtomicUsize::new(0));
                let (told, left) = (Arc::clone(&worlds), &left);
                let handle = scope.spawn(move || {
                    explored.finish(1, plan, left, |so_far| {
                        if let SoFar::Graph(worlds) = so_far {
                            told.store(worlds, Relaxed);
                        }
                    })
                });
                Behind::Open(scenario, worlds, handle)
            } else {
                // Nothing else is to be done meanwhile.
                let mut heard = Ok(true);
                let report = explored.finish(workers, plan, &left, |so_far| {
                    if heard.is_ok() {
                        heard = hear(News::Explores(scenario, so_far));
                    }
                });
                heard?;
                Behind::Finished(Box::new(report))
            });
        }
    })
}

/// The report of a scenario, once it is finished.
fn wait<E: From<String>>(
    behind: Behind<'_>,
    hear: &mut impl FnMut(News<'_>) -> Result<bool, E>,
) -> Result<Box<Report>, E> {
    let (scenario, worlds, handle) = match behind {
        Behind::Finished(report) => return Ok(report),
        Behind::Open(scenario, worlds, handle) => (scenario, worlds, handle),
    };
    while !handle.is_finished() {
        thread::sleep(LOOK);
        let worlds = worlds.load(Relaxed);
        if worlds > 0 {
            hear(News::Explores(scenario, SoFar::Graph(worlds)))?;
        }
    }
    let report = handle.join();
    Ok(Box::new(report.map_err(|_| "a thread of the exploration panicked (see above)".to_owned())?))
}

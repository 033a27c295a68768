//! One scenario after the other. What one thread alone can do of a scenario, it does while the next one is explored.

use super::{Explored, Plan, Report, SoFar};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;
use tcpspec::model::Scenario;

/// Scenarios that are explored and not finished at most, so that few graphs are in memory.
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

/// Explores scenarios, and tells of them in their order. `hear` may end it by `false`.
pub(crate) fn each<E: From<String>>(
    scenarios: &[&'static Scenario],
    plan: &Plan,
    mut hear: impl FnMut(News<'_>) -> Result<bool, E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let mut behind = VecDeque::new();
        let mut ahead = scenarios.iter().copied();
        loop {
            let next = ahead.next();
            while behind.front().is_some_and(Behind::is_finished)
                || behind.len() > BEHIND
                || (next.is_none() && !behind.is_empty())
            {
                let Some(first) = behind.pop_front() else { break };
                let report = wait(first, &mut hear)?;
                if !hear(News::Finished(report))? {
                    return Ok(());
                }
            }
            let Some(scenario) = next else { return Ok(()) };
            hear(News::Begins(scenario))?;
            let mut heard = Ok(true);
            let explored = Explored::new(scenario, plan, |so_far| {
                if heard.is_ok() {
                    heard = hear(News::Explores(scenario, so_far));
                }
            })?;
            heard?;
            hear(News::Explored(explored.report()))?;
            behind.push_back(if explored.is_open() {
                let worlds = Arc::new(AtomicUsize::new(0));
                let told = Arc::clone(&worlds);
                let handle = scope.spawn(move || {
                    explored.finish(1, plan, |so_far| {
                        if let SoFar::Graph(worlds) = so_far {
                            told.store(worlds, Relaxed);
                        }
                    })
                });
                Behind::Open(scenario, worlds, handle)
            } else {
                Behind::Finished(Box::new(explored.finish(1, plan, |_| {})))
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

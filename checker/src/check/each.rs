//! Many scenarios: side by side, each on one thread from its first world to its last claim, so that no thread waits for another one. A scenario that has
//! more than a thread's share of all states is explored by all threads, and so is one of which nobody knows how large it is. One that differs from an earlier one in name and summary
//! only is not explored again.

use super::{Plan, Report, SoFar};
use crate::engine::{Cluster, Limits, Stop};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;
use tcpspec::model::Scenario;

/// What becomes known while scenarios are explored.
pub(crate) enum News<'a> {
    /// This one is explored next.
    Begins(&'a Scenario),
    /// This one is being explored.
    Explores(&'a Scenario, SoFar),
    /// This one is explored, and has so many states. Its counterexamples, and its claims about runs, may still be open.
    Explored(&'a Scenario, usize),
    /// All is known of this one.
    Finished(Box<Report>),
}

/// What a thread tells of its scenario.
enum Word {
    Explores(SoFar),
    Explored(usize),
    Finished(Result<Box<Report>, String>),
}

/// Ends what other threads do when it is dropped, also after an error.
struct Leaves(Arc<AtomicBool>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Explores scenarios, of which `size` says how many states they are known to have, and tells of them in their order. If `hear` answers [`News::Finished`] by
/// `false`, no other one is begun; what was explored already is told.
pub(crate) fn each<E: From<String>>(
    scenarios: &[&'static Scenario],
    plan: &Plan,
    size: impl Fn(&Scenario) -> Option<u64>,
    mut hear: impl FnMut(News<'_>) -> Result<bool, E>,
) -> Result<(), E> {
    let leaves = Leaves(Arc::default());
    let limits = Limits { left: Arc::clone(&leaves.0), ..plan.limits.clone() };
    let together = Plan { limits, ..plan.clone() };
    let single = &Plan { cluster: Cluster::threads(1), ..together.clone() };
    let share = scenarios.iter().filter_map(|scenario| size(scenario)).sum::<u64>() / threads(plan) as u64;
    let is_small = |scenario: &Scenario| {
        plan.cluster.hosts.is_empty() && size(scenario).is_some_and(|states| states <= share)
    };
    thread::scope(|scope| {
        // Dropped before the threads are waited for.
        let _leaves = leaves;
        let (sender, receiver) = mpsc::channel();
        // What is finished, and waits for those before it; and what later ones say again.
        let (mut finished, mut kept) = (BTreeMap::new(), BTreeMap::new());
        let twins = twins(scenarios, plan);
        let (mut begun, mut told, mut running, mut goes_on) = (0, 0, 0, true);
        loop {
            while told < begun {
                let report: Box<Report> = match twins.get(&told).and_then(|first| kept.get(first)) {
                    Some(first) => {
                        let report = again(first, scenarios[told]);
                        hear(News::Explored(scenarios[told], report.unique))?;
                        report
                    }
                    None => match finished.remove(&told) {
                        Some(report) => report,
                        None => break,
                    },
                };
                if twins.values().any(|first| *first == told) {
                    kept.insert(told, *report.clone());
                }
                told += 1;
                goes_on &= hear(News::Finished(report))?;
            }
            let next = scenarios.get(begun).copied().filter(|_| goes_on);
            match next {
                None if running == 0 => return Ok(()),
                Some(scenario) if twins.contains_key(&begun) => {
                    hear(News::Begins(scenario))?;
                    begun += 1;
                    continue;
                }
                Some(scenario) if running == 0 && !is_small(scenario) => {
                    hear(News::Begins(scenario))?;
                    let mut heard = Ok(true);
                    let report = through(scenario, &together, |word| {
                        if heard.is_ok() {
                            heard = say(scenario, word, &mut hear);
                        }
                    });
                    heard?;
                    let report = report?;
                    goes_on &= report.stopped != Some(Stop::Interrupt);
                    finished.insert(begun, report);
                    begun += 1;
                    continue;
                }
                Some(scenario)
                    if running == 0
                        || (running < threads(plan) && is_small(scenario) && !plan.is_half_full()) =>
                {
                    hear(News::Begins(scenario))?;
                    let (sender, at) = (sender.clone(), begun);
                    scope.spawn(move || beside(scenario, single, at, &sender));
                    begun += 1;
                    running += 1;
                    continue;
                }
                Some(_) | None => {}
            }
            let (at, word) = receiver.recv().map_err(|error| E::from(error.to_string()))?;
            match word {
                Word::Finished(report) => {
                    running -= 1;
                    let report = report?;
                    goes_on &= report.stopped != Some(Stop::Interrupt);
                    finished.insert(at, report);
                }
                word => {
                    if let Some(scenario) = scenarios.get(at) {
                        say(scenario, word, &mut hear)?;
                    }
                }
            }
        }
    })
}

/// The scenarios that differ from an earlier one in name and summary only, by place, each with the place of the first such.
fn twins(scenarios: &[&'static Scenario], plan: &Plan) -> BTreeMap<usize, usize> {
    let is_own = |scenario: &Scenario| plan.rules.get(scenario.name).is_some();
    let mut twins = BTreeMap::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        let first = scenarios[..at].iter().position(|first| scenario.is_same_but_for_its_name(first));
        if let Some(first) = first.filter(|first| !is_own(scenario) && !is_own(scenarios[*first])) {
            twins.insert(at, first);
        }
    }
    twins
}

/// What was found in one scenario, said of its twin: the steps lead through the same worlds.
fn again(report: &Report, scenario: &Scenario) -> Box<Report> {
    Box::new(Report { scenario: *scenario, time: Duration::ZERO, ..report.clone() })
}

fn threads(plan: &Plan) -> usize {
    plan.cluster.workers.max(1)
}

/// A scenario from its first world to its last claim.
fn through(scenario: &Scenario, plan: &Plan, tell: impl FnMut(Word)) -> Result<Box<Report>, String> {
    // Two closures tell, one after the other.
    let tell = RefCell::new(tell);
    let mut explored = |states| (tell.borrow_mut())(Word::Explored(states));
    let mut explores = |so_far| (tell.borrow_mut())(Word::Explores(so_far));
    super::through(scenario, plan, &mut explored, &mut explores).map(Box::new)
}

/// The same on a thread beside others, which is heard of whatever becomes of it.
fn beside(scenario: &Scenario, plan: &Plan, at: usize, sender: &Sender<(usize, Word)>) {
    // Nobody listens any more after an error: then nobody need be told.
    let tell = |word| drop(sender.send((at, word)));
    let report = catch_unwind(AssertUnwindSafe(|| through(scenario, plan, tell)));
    let broken = |_| Err("a thread of the exploration panicked (see above)".to_owned());
    tell(Word::Finished(report.unwrap_or_else(broken)));
}

/// Passes on what a thread has told.
fn say<E>(
    scenario: &Scenario,
    word: Word,
    hear: &mut impl FnMut(News<'_>) -> Result<bool, E>,
) -> Result<bool, E> {
    match word {
        Word::Explores(so_far) => hear(News::Explores(scenario, so_far)),
        Word::Explored(states) => hear(News::Explored(scenario, states)),
        Word::Finished(_) => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tcpspec::model::scenarios;

    /// What is heard of these scenarios: what begins, and what is finished.
    fn heard(
        scenarios: &[&'static Scenario],
        threads: usize,
        size: fn(&Scenario) -> Option<u64>,
    ) -> Vec<String> {
        let mut all = Vec::new();
        each(scenarios, &Plan::with_threads(threads), size, |news| {
            match news {
                News::Begins(scenario) => all.push(format!("begins {}", scenario.name)),
                News::Finished(report) => {
                    assert!(report.holds(), "{}", report.scenario.name);
                    all.push(format!("finished {}, {} states", report.scenario.name, report.unique));
                }
                News::Explores(..) | News::Explored(..) => {}
            }
            Ok::<_, String>(true)
        })
        .unwrap();
        all
    }

    /// The first one takes longest.
    fn some() -> Vec<&'static Scenario> {
        ["fast-close", "simultaneous-open/letter", "simultaneous-close/in-order", "liveness/window"]
            .map(|name| scenarios::find(name)[0])
            .to_vec()
    }

    fn of(word: &str, heard: &[String]) -> Vec<String> {
        heard.iter().filter(|line| line.starts_with(word)).cloned().collect()
    }

    #[test]
    fn scenarios_side_by_side_are_told_in_order_and_are_the_same_as_one_by_one() {
        let one_by_one = heard(&some(), 1, |_| Some(1));
        let beside = heard(&some(), 4, |_| Some(1));
        let together = heard(&some(), 2, |_| None);
        for heard in [&beside, &together] {
            assert_eq!(of("begins", heard), of("begins", &one_by_one));
            assert_eq!(of("finished", heard), of("finished", &one_by_one));
        }
        // All have begun before the first one is finished; or one after the other.
        assert!(beside[..4].iter().all(|line| line.starts_with("begins")), "{beside:?}");
        for heard in [&one_by_one, &together] {
            assert!(heard.iter().step_by(2).all(|line| line.starts_with("begins")), "{heard:?}");
        }
    }

    #[test]
    fn what_differs_in_its_name_only_is_explored_once() {
        let named = |name| scenarios::find(name)[0];
        let (first, second) = (named("simultaneous-open/letter"), named("fast-close"));
        let twin: &'static Scenario = Box::leak(Box::new(Scenario { name: "twin", ..*first }));
        // Other bounds, or another expectation: no twin.
        let mut other = *first;
        other.bounds.losses += 1;
        let other: &'static Scenario = Box::leak(Box::new(Scenario { name: "other", ..other }));
        let claims = first.claims.iter().map(|claim| claim.fails("it is said")).collect::<Vec<_>>();
        let unexpected = Scenario { name: "unexpected", claims: claims.leak(), ..*first };
        assert!(!unexpected.is_same_but_for_its_name(first));
        assert!(!other.is_same_but_for_its_name(first) && twin.is_same_but_for_its_name(first));
        let all = [first, second, twin];
        for threads in [1, 2] {
            let (mut told, mut explored) = (Vec::new(), Vec::new());
            each(
                &all,
                &Plan::with_threads(threads),
                |_| Some(1),
                |news| {
                    match news {
                        News::Finished(report) => told.push(*report),
                        News::Explored(scenario, states) => explored.push((scenario.name, states)),
                        News::Begins(_) | News::Explores(..) => {}
                    }
                    Ok::<_, String>(true)
                },
            )
            .unwrap();
            let names: Vec<_> = told.iter().map(|report| report.scenario.name).collect();
            assert_eq!(names, ["simultaneous-open/letter", "fast-close", "twin"]);
            assert_eq!(told[2].time, Duration::ZERO, "it was explored again");
            assert_eq!((told[2].unique, told[2].total), (told[0].unique, told[0].total));
            let found = |report: &Report| {
                let found = report.findings.iter();
                found.map(|f| (f.verdict, f.path.as_ref().map(Vec::len))).collect::<Vec<_>>()
            };
            assert_eq!(found(&told[2]), found(&told[0]));
            assert!(explored.contains(&("twin", told[0].unique)));
        }
    }

    #[test]
    fn what_is_larger_than_a_share_is_explored_by_itself() {
        // Of two threads.
        let size =
            |scenario: &Scenario| Some(if scenario.name == "simultaneous-close/in-order" { 9 } else { 1 });
        let heard = heard(&some(), 2, size);
        let words: Vec<&str> = heard.iter().filter_map(|line| line.split(' ').next()).collect();
        let [b, f] = ["begins", "finished"];
        assert_eq!(words, [b, b, f, f, b, f, b, f], "{heard:?}");
    }

    #[test]
    fn an_error_ends_what_is_being_explored() {
        // A part of the large one, to compare with: a seventh.
        let part = Limits { states: Some(1_000_000), ..Limits::default() };
        let part = Plan { limits: part, ..Plan::with_threads(1) };
        let start = Instant::now();
        each(&scenarios::find("hazard-1337/on")[..1], &part, |_| None, |_| Ok::<_, String>(true)).unwrap();
        let (part, start) = (start.elapsed(), Instant::now());
        let large = [scenarios::find("simultaneous-open/letter")[0], scenarios::find("hazard-1337/on")[0]];
        let result = each(
            &large,
            &Plan::with_threads(2),
            |_| Some(1),
            |news| match news {
                News::Finished(_) => Err("enough".to_owned()),
                _ => Ok(true),
            },
        );
        assert_eq!(result, Err("enough".to_owned()));
        assert!(start.elapsed() < part, "{:?}, and a part of it takes {part:?}", start.elapsed());
    }
}

//! `tcpspec mutate`: every row with every fault, and every fault in the functions that rows call, each of which some claim must notice.
//!
//! A mutant meets the scenarios from the smallest to the largest in which its row fires (one with a fault in a body, all of them), until a claim comes out otherwise than it
//! should, or the states that it may generate in each are used up. What it survives was then not noticed *within that budget*, and the report says so.

mod body_reasons;
mod broken;
mod report;
mod search;

use crate::commands::resources::interruptible;
use crate::output::{aside, place};
use crate::screen::progress::Progress;
pub(crate) use broken::Broken;
use clap::Args;
use search::{Search, search};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tcpspec::TABLE;
use tcpspec::model::{Scenario, Tcp, scenarios};
use tcpspec::mutants::Fault;

#[derive(Args, Debug)]
pub(crate) struct MutateArgs {
    /// Rows, functions that rows call, or files of these (as `guards.rs`) whose mutants are run (default: all)
    names: Vec<String>,
    /// Run only those with a fault of a row
    #[arg(long, conflicts_with = "bodies")]
    rows: bool,
    /// Run only those with a fault in the body of a function that rows call
    #[arg(long)]
    bodies: bool,
    /// Run only this many mutants, spread evenly and the same each time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    sample: Option<u16>,
    /// States that a mutant may generate in a scenario
    #[arg(long, value_name = "STATES", default_value_t = 4_000_000)]
    budget: usize,
    /// Run them in these scenarios only, with all variants of each
    #[arg(long = "scenario", value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Where progress is kept: what this program has finished there is not run again (default, in a checkout of tcpspec: target/mutants.json)
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// After a claim was added: believe what an earlier program has written of noticed mutants, and run the others again
    #[arg(long)]
    survivors: bool,
    /// Threads, each with a mutant of its own (default: one for each core)
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
    /// Print one JSON document instead
    #[arg(long)]
    json: bool,
    /// Write the report as Markdown into this file, too
    #[arg(long, value_name = "FILE")]
    doc: Option<PathBuf>,
}

/// Where progress is kept if nobody says otherwise.
const RESUME: &str = "target/mutants.json";
/// What the explorer knows of the mutants, written with the document.
const EXPLORER: &str = "explorer/data/mutants.json";

/// The first round over the scenarios has so much less of the budget.
const FIRST_ROUND: usize = 30;

/// What became of a mutant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fate {
    /// A claim has noticed it.
    Killed {
        /// The scenario.
        scenario: String,
        /// The claim.
        claim: String,
        /// Steps of the shortest counterexample; none if something that should happen does not.
        steps: Option<usize>,
    },
    /// No claim has.
    Survived {
        /// Every scenario in which it could matter was explored to the end.
        complete: bool,
    },
    /// Its row fires in no scenario.
    Unreached,
}

/// A scenario, and what the machine without fault does in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) scenario: String,
    pub(crate) unique: usize,
    pub(crate) generated: usize,
    pub(crate) complete: bool,
    pub(crate) fired: Vec<String>,
}

/// What is kept between runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Of this program, table, scenarios and guards included.
    program: String,
    budget: usize,
    /// Those that were asked for.
    scenarios: Vec<String>,
    suite: Vec<Measured>,
    fates: BTreeMap<String, Fate>,
}

/// What a run found.
pub(crate) struct Outcome {
    pub(crate) budget: usize,
    pub(crate) suite: Vec<Measured>,
    pub(crate) fates: Vec<(Broken, Fate)>,
    /// All mutants were asked for.
    pub(crate) whole: bool,
}

/// Where progress is kept, and when to stop.
struct Work<'a> {
    file: &'a Path,
    budget: usize,
    /// Only some are run, in little time.
    is_sample: bool,
    threads: usize,
    interrupted: Arc<AtomicBool>,
}

impl MutateArgs {
    /// Runs the mutants. `Ok(false)`: one survives without a reason, or the user has stopped it.
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let chosen = self.chosen()?;
        let suite = self.suite()?;
        let file = self.file()?;
        for file in self.doc.as_deref().into_iter().chain([&*file]) {
            place::writable(file)?;
        }
        let threads = self.threads.map_or_else(crate::check::default_threads, usize::from);
        let (budget, is_sample) = (self.budget, self.sample.is_some());
        let work = Work { file: &file, budget, is_sample, threads, interrupted: interruptible()? };
        let progress = Mutex::new(self.earlier(&file)?);
        work.measure(&suite, &progress)?;
        if !work.is_over() {
            work.judge(&chosen, &progress)?;
        }
        let progress = progress.into_inner().unwrap_or_else(PoisonError::into_inner);
        let fates: Vec<_> =
            chosen.iter().filter_map(|m| Some((*m, progress.fates.get(&m.to_string())?.clone()))).collect();
        let is_done = fates.len() == chosen.len() && progress.suite.len() == suite.len();
        let whole = is_done && chosen.len() == Broken::all().count();
        let outcome = Outcome { budget: self.budget, suite: progress.suite, fates, whole };
        if self.json {
            report::json(out, &outcome)?;
        } else {
            report::text(out, &outcome)?;
        }
        if !is_done {
            aside::line(&format!(
                "PARTIAL: stopped by the user after {} of {} mutants; the same command goes on from {}.",
                outcome.fates.len(),
                chosen.len(),
                file.display()
            ));
            return Ok(false);
        }
        if let Some(file) = &self.doc {
            place::replace(file, &report::markdown(&outcome))?;
            if whole && place::is_checkout() {
                place::replace(Path::new(EXPLORER), &report::for_the_explorer(&outcome))?;
            }
        }
        Ok(outcome.unexplained().chain(outcome.wrongly_explained()).next().is_none())
    }

    /// Where progress is kept.
    fn file(&self) -> Result<PathBuf, String> {
        match &self.resume {
            Some(file) => Ok(file.clone()),
            None if place::is_checkout() => {
                let file = PathBuf::from(RESUME);
                std::fs::create_dir_all("target").map_err(|error| format!("cannot write {RESUME}: {error}"))?;
                Ok(file)
            }
            None => Err("this is not a checkout of tcpspec, where progress is kept under target/; run this there, or say with --resume in which file it is kept".into()),
        }
    }

    /// The mutants that are asked for.
    fn chosen(&self) -> Result<Vec<Broken>, String> {
        let mut all = Broken::named(&self.names)?;
        all.retain(|broken| match broken {
            Broken::Row(_) => !self.bodies,
            Broken::Body(_) => !self.rows,
        });
        let Some(sample) = self.sample.map(usize::from).filter(|sample| *sample < all.len()) else {
            return Ok(all);
        };
        Ok((0..sample).map(|i| all[i * all.len() / sample]).collect())
    }

    /// The scenarios that are asked for.
    fn suite(&self) -> Result<Vec<&'static Scenario>, String> {
        if self.scenarios.is_empty() {
            return Ok(scenarios::ordinary().collect());
        }
        let mut all = Vec::new();
        for name in &self.scenarios {
            all.extend(crate::commands::names::some(name)?);
        }
        Ok(all)
    }

    /// What an earlier run has finished.
    fn earlier(&self, file: &Path) -> Result<Kept, Box<dyn Error>> {
        let fresh = Kept {
            program: program()?,
            budget: self.budget,
            scenarios: self.scenarios.clone(),
            ..Kept::default()
        };
        let Ok(text) = std::fs::read_to_string(file) else { return Ok(fresh) };
        let mut earlier: Kept = serde_json::from_str(&text)
            .map_err(|error| format!("{} is not a progress file: {error}; delete it", file.display()))?;
        if earlier.program == fresh.program
            && earlier.budget == fresh.budget
            && earlier.scenarios == fresh.scenarios
        {
            return Ok(earlier);
        }
        earlier.fates.retain(|_, fate| self.survivors && matches!(fate, Fate::Killed { .. }));
        Ok(Kept { fates: earlier.fates, ..fresh })
    }
}

impl Work<'_> {
    fn is_over(&self) -> bool {
        self.interrupted.load(Relaxed)
    }

    /// What the machine without fault does in each scenario, unless it is known already: the smallest first.
    fn measure(&self, suite: &[&Scenario], progress: &Mutex<Kept>) -> Result<(), Box<dyn Error>> {
        let known = |scenario: &Scenario| lock(progress).suite.iter().any(|m| m.scenario == scenario.name);
        let left: Vec<_> = suite.iter().filter(|scenario| !known(scenario)).collect();
        let shown = Mutex::new(Progress::of(left.len(), "scenarios without a fault"));
        in_parallel(self.threads, left.len(), |i| {
            let scenario = left[i];
            let Some(found) = search(&Tcp::new(scenario), self.budget, || self.is_over()) else {
                return Ok(());
            };
            says(&shown, scenario.name);
            if let Some((claim, _)) = found.broken {
                return Err(format!(
                    "{} is not as expected even without a fault: {claim}; see `tcpspec check {}`",
                    scenario.name, scenario.name
                ));
            }
            let mut progress = lock(progress);
            progress.suite.push(measured(scenario, &found));
            progress.suite.sort_by_key(|m| (!m.complete, m.generated, m.scenario.clone()));
            self.keep(&progress)
        })
        .into_iter()
        .collect::<Result<(), String>>()?;
        Ok(())
    }

    /// Runs the mutants that are left.
    fn judge(&self, chosen: &[Broken], progress: &Mutex<Kept>) -> Result<(), Box<dyn Error>> {
        let suite = lock(progress).suite.clone();
        let known = |mutant: &Broken| lock(progress).fates.contains_key(&mutant.to_string());
        let left: Vec<Broken> = chosen.iter().copied().filter(|mutant| !known(mutant)).collect();
        let shown = Mutex::new(Progress::of(left.len(), "mutants"));
        // A fault may break what the model itself relies on; that is a finding, not an accident.
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let kept = in_parallel(self.threads, left.len(), |i| {
            let mutant = left[i];
            let Some(fate) = self.fate(mutant, &suite) else { return Ok(()) };
            says(&shown, &format!("{mutant}: {}", report::words(&fate)));
            let mut progress = lock(progress);
            progress.fates.insert(mutant.to_string(), fate);
            self.keep(&progress)
        });
        std::panic::set_hook(hook);
        drop(shown);
        kept.into_iter().collect::<Result<(), String>>()?;
        Ok(())
    }

    /// Writes the progress, so that an interruption loses nothing.
    fn keep(&self, progress: &Kept) -> Result<(), String> {
        let text = serde_json::to_string_pretty(progress).map_err(|error| error.to_string())?;
        place::replace(self.file, &text)
    }

    /// How many states a mutant may generate in a scenario, in each round. One that is proven to be the same machine has the first round only, which shows whether the proof is
    /// about this machine at all; in a sample so has every one with a reason.
    fn rounds(&self, mutant: Broken) -> Vec<usize> {
        let first = self.budget / FIRST_ROUND;
        let is_short = mutant.is_proven() || (self.is_sample && mutant.reason().is_some());
        if is_short { vec![first] } else { vec![first, self.budget] }
    }

    /// Runs a mutant through the scenarios until one notices it: a little of each first, for most faults show soon. `None` once it is stopped.
    fn fate(&self, mutant: Broken, suite: &[Measured]) -> Option<Fate> {
        let fires = |m: &Measured| {
            mutant.row().is_none_or(|mutant| m.fired.iter().any(|row| row == mutant.row.name()))
        };
        let needs_row = mutant.row().is_some_and(|mutant| needs_row(mutant.fault));
        let mut all = true;
        let mut finished: Vec<&str> = Vec::new();
        for budget in self.rounds(mutant) {
            all = true;
            for m in suite {
                if needs_row && !fires(m) {
                    // As far as it was explored, nothing changes there.
                    all &= m.complete;
                    continue;
                }
                let Some(scenario) = scenarios::all().find(|s| s.name == m.scenario) else { continue };
                if finished.contains(&scenario.name) {
                    continue;
                }
                let model = mutant.model(scenario);
                let run = || search(&model, budget, || self.is_over());
                let killed = |claim: &str, steps| {
                    let (scenario, claim) = (m.scenario.clone(), claim.to_owned());
                    Some(Fate::Killed { scenario, claim, steps })
                };
                let Ok(found) = catch_unwind(AssertUnwindSafe(run)) else {
                    return killed("the model runs at all", None);
                };
                let found = found?;
                if let Some((claim, steps)) = found.broken {
                    return killed(claim, steps);
                }
                if found.complete {
                    finished.push(scenario.name);
                }
                all &= found.complete;
            }
        }
        Some(if suite.iter().any(fires) { Fate::Survived { complete: all } } else { Fate::Unreached })
    }
}

fn lock(progress: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One more is done, and what came of it.
fn says(progress: &Mutex<Progress>, what: &str) {
    let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
    progress.finished();
    progress.does(what);
}

impl Outcome {
    /// Mutants that nothing noticed and nothing explains.
    pub(crate) fn unexplained(&self) -> impl Iterator<Item = &(Broken, Fate)> {
        self.fates
            .iter()
            .filter(|(mutant, fate)| !matches!(fate, Fate::Killed { .. }) && mutant.reason().is_none())
    }

    /// Mutants with a reason why nothing can notice them, and something has.
    pub(crate) fn wrongly_explained(&self) -> impl Iterator<Item = &(Broken, Fate)> {
        self.fates
            .iter()
            .filter(|(mutant, fate)| matches!(fate, Fate::Killed { .. }) && mutant.reason().is_some())
    }

    /// Rows that fire in no scenario.
    pub(crate) fn silent(&self) -> Vec<&'static str> {
        let fired = |name: &str| self.suite.iter().any(|m| m.fired.iter().any(|row| row == name));
        TABLE.rows().map(|row| row.name).filter(|name| !fired(name)).collect()
    }
}

/// A number for this very program: with another table, scenario or guard it is another.
fn program() -> Result<String, Box<dyn Error>> {
    let mut hasher = DefaultHasher::new();
    hasher.write(&std::fs::read(std::env::current_exe()?)?);
    Ok(format!("{:016x}", hasher.finish()))
}

fn measured(scenario: &Scenario, found: &Search) -> Measured {
    Measured {
        scenario: scenario.name.to_owned(),
        unique: found.unique,
        generated: found.generated,
        complete: found.complete,
        fired: found.fired.iter().map(|row| row.name().to_owned()).collect(),
    }
}

/// Whether a fault can matter only where its row is taken (and not where it could be taken instead of another).
fn needs_row(fault: Fault) -> bool {
    !matches!(fault, Fault::Negated(_) | Fault::Swapped)
}

/// Does all of it on some threads, and gives the results in order.
fn in_parallel<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Relaxed);
                    if i >= count {
                        return;
                    }
                    let result = work(i);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((i, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::equivalent::EQUIVALENT;
    use tcpspec::mutants::MUTANTS;

    #[test]
    fn every_reason_is_for_a_mutant_that_exists() {
        for (i, (mutant, reason)) in EQUIVALENT.iter().enumerate() {
            assert!(MUTANTS.contains(mutant), "{mutant} is not listed");
            assert!(!EQUIVALENT[..i].iter().any(|(other, _)| other == mutant), "{mutant} has two reasons");
            assert!(reason.ends_with('.'), "{mutant}: {reason}");
        }
    }

    #[test]
    fn results_come_in_order() {
        assert_eq!(in_parallel(3, 20, |i| i * i), (0..20).map(|i| i * i).collect::<Vec<_>>());
        assert!(in_parallel(3, 0, |i| i).is_empty());
    }
}

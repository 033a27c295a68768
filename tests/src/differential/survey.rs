//! All scripts played to both sides, and what came of it.

use super::compare::{Class, compare};
use super::kernel::Kernel;
use super::ours::Ours;
use super::reasons::{self, Reason};
use super::run::{Seen, play};
use super::script::{Script, Step};
use super::{cells, random};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, Instant};

/// The kernel's smallest retransmission timeout is 200 ms.
const LATE: Duration = Duration::from_millis(150);
/// Its shortest delay of an acknowledgment is 40 ms.
const LATE_LAZY: Duration = Duration::from_millis(30);

/// Both sides, in the calling thread's own network namespace.
pub struct Both {
    ours: Ours,
    kernel: Kernel,
    port: u16,
}

impl Both {
    /// # Errors
    ///
    /// Those of [`Kernel::open`].
    pub fn open() -> io::Result<Self> {
        Ok(Self { ours: Ours::default(), kernel: Kernel::open()?, port: 1024 })
    }

    /// What both make of a script. If this machine was so busy that a timer of the kernel may have run out in between, it is played again.
    pub fn play(&mut self, script: &Script) -> (Vec<Seen>, Vec<Seen>) {
        let pauses = script.steps.iter().map(|step| if let Step::Pause(ms) = step { *ms } else { 0 }).sum();
        let limit = Duration::from_millis(pauses) + if script.lazy { LATE_LAZY } else { LATE };
        let ours = play(&mut self.ours, script, 1);
        loop {
            self.port = if self.port < 65_000 { self.port + 1 } else { 1025 };
            let start = Instant::now();
            let kernel = play(&mut self.kernel, script, self.port);
            if start.elapsed() < limit {
                return (ours, kernel);
            }
        }
    }
}

/// How many scripts from seeds.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// Without pauses.
    pub quick: u64,
    /// With pauses, which take their time.
    pub timers: u64,
}

impl Seeds {
    /// What the test plays.
    pub const USUAL: Self = Self { quick: 20_000, timers: 160 };
    /// Only the systematic scripts.
    pub const NONE: Self = Self { quick: 0, timers: 0 };
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Systematic scripts played, and their steps.
    pub cells: usize,
    pub steps: usize,
    /// Scripts from seeds.
    pub random: usize,
    /// By reason: systematic scripts that show it, and the shortest one.
    pub found: BTreeMap<&'static str, (usize, Option<Example>)>,
    /// Without a reason: how many scripts show it, and one.
    pub unknown: BTreeMap<Class, (usize, Script)>,
    /// Lines of reasons that were needed, and for which states.
    pub used: BTreeSet<(&'static str, String)>,
}

/// A script up to the step at which it shows something.
#[derive(Clone, Debug)]
pub struct Example {
    pub script: Script,
    pub ours: Vec<Seen>,
    pub kernel: Vec<Seen>,
}

impl Survey {
    fn add(&mut self, script: &Script, (ours, kernel): &(Vec<Seen>, Vec<Seen>), systematic: bool) {
        if systematic {
            self.cells += 1;
            self.steps += script.steps.len();
        } else {
            self.random += 1;
        }
        let mut seen = BTreeSet::new();
        for found in compare(ours, kernel, systematic) {
            let Some(reason) = found.reason else {
                self.unknown.entry(found.class).or_insert_with(|| (0, script.clone())).0 += 1;
                continue;
            };
            self.note(reason, &found.class);
            if systematic && seen.insert(reason.name) {
                let entry = self.found.entry(reason.name).or_default();
                entry.0 += 1;
                let is_shorter = |old: &Example| found.step + 1 < old.script.steps.len();
                if entry.1.as_ref().is_none_or(is_shorter) {
                    let upto = |runs: &[Seen]| runs.iter().take(found.step + 1).cloned().collect();
                    let steps = script.steps.iter().take(found.step + 1).copied().collect();
                    let script = Script { steps, ..script.clone() };
                    entry.1 = Some(Example { script, ours: upto(ours), kernel: upto(kernel) });
                }
            }
        }
    }

    fn note(&mut self, reason: &Reason, class: &Class) {
        for pattern in reason.patterns().filter(|pattern| pattern.covers(class)) {
            self.used.insert((pattern.line, class.state.clone()));
        }
    }

    fn join(&mut self, other: Self) {
        self.cells += other.cells;
        self.steps += other.steps;
        self.random += other.random;
        for (name, (count, example)) in other.found {
            let entry = self.found.entry(name).or_default();
            entry.0 += count;
            if entry.1.is_none() {
                entry.1 = example;
            }
        }
        for (class, (count, script)) in other.unknown {
            self.unknown.entry(class).or_insert((0, script)).0 += count;
        }
        self.used.extend(other.used);
    }

    /// Lines of reasons, with the states, that nothing has needed.
    pub fn unused(&self) -> Vec<String> {
        let mut unused = Vec::new();
        for reason in reasons::all() {
            for pattern in reason.patterns() {
                let is_unused = |state: &&&str| {
                    let by = |(line, by): &(&str, String)| {
                        *line == pattern.line && (**state == "*" || by == *state)
                    };
                    !self.used.iter().any(by)
                };
                let states: Vec<_> = pattern.states.iter().filter(is_unused).copied().collect();
                if !states.is_empty() {
                    unused.push(format!("{}: {}, of `{}`", reason.name, states.join(" "), pattern.line));
                }
            }
        }
        unused
    }
}

/// Scripts in pauses cost no time of a processor, so many threads wait at once.
const SLEEPERS: u64 = 16;

/// Plays everything, in threads with namespaces of their own.
///
/// # Errors
///
/// Those of [`Kernel::open`].
pub fn survey(seeds: Seeds) -> io::Result<Survey> {
    let mut jobs: Vec<(Vec<Script>, bool)> = Vec::new();
    for ipv6 in [false, true] {
        jobs.push((
            cells::all(ipv6).into_iter().chain(cells::stamped(ipv6)).chain(cells::closed(ipv6)).collect(),
            true,
        ));
    }
    let quick = |part: u64| {
        (0..seeds.quick).filter(move |seed| seed % 2 == part).map(|seed| random::script(seed, false))
    };
    jobs.extend((0..2).map(|part| (quick(part).collect(), false)));
    let found = random::FOUND.iter().map(|text| text.parse().expect("a script"));
    jobs.push((found.collect(), false));
    for part in 0..SLEEPERS {
        let some = (0..seeds.timers).filter(|seed| seed % SLEEPERS == part);
        jobs.push((some.map(|seed| random::script(seed, true)).collect(), false));
    }
    let jobs = jobs.into_iter().filter(|(scripts, _)| !scripts.is_empty());
    let threads: Vec<_> =
        jobs.map(|(scripts, kind)| std::thread::spawn(move || part(&scripts, kind))).collect();
    let mut all = Survey::default();
    for thread in threads {
        let part = thread
            .join()
            .map_err(|panic| std::panic::resume_unwind(panic))
            .unwrap_or_else(|()| unreachable!());
        all.join(part?);
    }
    Ok(all)
}

fn part(scripts: &[Script], systematic: bool) -> io::Result<Survey> {
    let mut both = Both::open()?;
    let mut survey = Survey::default();
    for script in scripts {
        let mut runs = both.play(script);
        // What is seen once and never again was this machine's doing.
        for _ in 0..2 {
            if compare(&runs.0, &runs.1, systematic).iter().any(|found| found.reason.is_none()) {
                runs = both.play(script);
            }
        }
        survey.add(script, &runs, systematic);
    }
    Ok(survey)
}

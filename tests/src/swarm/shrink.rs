//! A run that fails is made as small as it can be, and can be repeated by one line.

use super::capture::Capture;
use super::plan::{Change, Feature};
use super::run::{Outcome, Trap, go};
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;
use std::str::FromStr;

/// Events of all runs that shrinking may take, begun runs aside.
const EVENTS: u64 = 8_000_000;

/// A run that fails.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its seed.
    pub seed: u64,
    /// What is taken out of it.
    pub change: Change,
    /// What came of it.
    pub outcome: Outcome,
    /// What is asked besides.
    pub trap: Option<Trap>,
}

/// What kind of failure it is: its words without numbers.
pub fn kind(wrong: &str) -> String {
    let words = wrong.lines().next().unwrap_or_default();
    let words: String = words.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes out what the failure does not need: features, then events, then faults of single packets.
pub fn shrink(seed: u64, outcome: Outcome, trap: Option<Trap>) -> Found {
    let mut found = Found { seed, change: Change::default(), outcome, trap };
    let Some(wanted) = found.outcome.wrong.as_deref().map(kind) else { return found };
    let mut left = EVENTS;
    let mut attempt = |found: &mut Found, change: Change| {
        if left == 0 {
            return false;
        }
        let outcome = go(seed, &change, true, None, trap).0;
        // A run that does nothing costs something, too.
        left = left.saturating_sub(outcome.counts.get("events").copied().unwrap_or_default() + 500);
        let same = outcome.wrong.as_deref().is_some_and(|wrong| kind(wrong) == wanted);
        if same {
            (found.change, found.outcome) = (change, outcome);
        }
        same
    };
    for feature in Feature::ALL {
        if found.outcome.features.contains(feature) {
            let mut change = found.change.clone();
            change.off.insert(*feature);
            attempt(&mut found, change);
        }
    }
    for number in found.outcome.acts.clone() {
        let mut change = found.change.clone();
        let mut events: BTreeSet<_> = found.outcome.acts.iter().copied().collect();
        events.remove(&number);
        change.events = Some(events);
        attempt(&mut found, change);
    }
    // Half of them, a quarter of them, … one of them.
    let mut size = found.outcome.suffered.len();
    while size > 0 {
        let all = found.outcome.suffered.clone();
        for part in all.chunks(size) {
            let mut change = found.change.clone();
            let now = found.outcome.suffered.iter();
            change.faults = Some(now.filter(|fault| !part.contains(fault)).copied().collect());
            attempt(&mut found, change);
        }
        size /= 2;
    }
    found
}

impl Found {
    /// Writes the last packets of the run, with the rows that fired.
    ///
    /// # Errors
    ///
    /// Those of the file.
    pub fn capture(&self, path: &Path) -> io::Result<()> {
        match go(self.seed, &self.change, true, Some(Capture::default()), self.trap).1 {
            Some(capture) => capture.write(path),
            None => Ok(()),
        }
    }

    /// The line that repeats the run as it was drawn.
    pub fn command_of_whole(&self) -> String {
        format!("cargo run --release -p tcpspec-tests --bin soak -- --seed {}", self.seed)
    }

    /// The line that repeats it as it is now.
    pub fn command(&self) -> String {
        format!("{}{}", self.command_of_whole(), self.change)
    }
}

impl fmt::Display for Change {
    /// As arguments of the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { off, events, faults } = self;
        if !off.is_empty() {
            let words: Vec<_> = off.iter().map(|feature| feature.word()).collect();
            write!(f, " --off {}", words.join(","))?;
        }
        if let Some(events) = events {
            let words: Vec<_> = events.iter().map(usize::to_string).collect();
            write!(f, " --events '{}'", words.join(","))?;
        }
        if let Some(faults) = faults {
            let mut words = String::new();
            for (from, number) in faults {
                let comma = if words.is_empty() { "" } else { "," };
                let _ = write!(words, "{comma}{from}:{number}");
            }
            write!(f, " --faults '{words}'")?;
        }
        Ok(())
    }
}

/// A list whose parts stand between commas.
fn list<T>(text: &str, part: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let parts = text.split(',').filter(|word| !word.is_empty());
    parts.map(|word| part(word).ok_or_else(|| format!("`{word}` is none"))).collect()
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|feature| feature.word() == word).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|feature| feature.word()).collect();
            format!("`{word}` is no feature; there are {}", words.join(", "))
        })
    }
}

impl Change {
    /// Adds what an argument of the command line says.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or that there is no such argument.
    pub fn argument(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "--off" => {
                for word in value.split(',').filter(|word| !word.is_empty()) {
                    self.off.insert(word.parse()?);
                }
            }
            "--events" => {
                let numbers = list(value, |word| word.parse().ok());
                self.events = Some(
                    numbers.map_err(|why| format!("--events takes numbers: {why}"))?.into_iter().collect(),
                );
            }
            "--faults" => {
                let packet = |word: &str| {
                    let (from, number) = word.split_once(':')?;
                    Some((from.parse().ok().filter(|from| *from < 2)?, number.parse().ok()?))
                };
                let packets = list(value, packet);
                self.faults = Some(
                    packets
                        .map_err(|why| format!("--faults takes sender:number, as 0:12: {why}"))?
                        .into_iter()
                        .collect(),
                );
            }
            _ => return Err(format!("there is no argument `{name}`")),
        }
        Ok(())
    }
}

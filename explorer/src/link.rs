//! A link: a scenario, what is changed in it, and a path, in a short query string.
//!
//! `scenario=simultaneous-open&set=rfc1337:off&bound=window:3&mutant=listen_syn:removed&path=ao.bo.d0.d0`. Each setting has a key of its own; `path` holds the
//! [tokens](crate::token) of all steps, joined by dots.

use crate::api::Refusal;
use crate::bounds::{self, Bound};
use crate::{catalogue, mutant, token};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use tcpspec::model::{Action, Scenario, Tcp};
use tcpspec::mutants::Mutant;
use tcpspec::{Options, TABLE};

/// Steps of a path at most. The deepest exploration of the default run has less than a hundred.
pub const LONGEST: usize = 2_000;

/// A scenario, what is changed in it, and a path.
#[derive(Clone, Debug)]
pub struct Link {
    /// The scenario.
    pub scenario: &'static Scenario,
    /// Options that differ from the scenario's own.
    pub set: BTreeMap<&'static str, bool>,
    /// Bounds that are set, by name, as written.
    pub bound: BTreeMap<String, String>,
    /// The fault with which the machine runs, if it is not the scenario's own.
    pub mutant: Option<Mutant>,
    /// What happens, step by step.
    pub path: Vec<Action>,
}

impl Link {
    /// The scenario as it is, and nothing has happened.
    pub fn new(scenario: &'static Scenario) -> Self {
        Self { scenario, set: BTreeMap::new(), bound: BTreeMap::new(), mutant: None, path: Vec::new() }
    }

    /// The same with this path.
    #[must_use]
    pub fn with_path(&self, path: Vec<Action>) -> Self {
        Self { path, ..self.clone() }
    }

    /// Reads a link. Keys that are not its own (the page has some) are passed over.
    ///
    /// # Errors
    ///
    /// Something in the link does not exist, or the path is too long.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut scenario = None;
        let (mut sets, mut bound, mut fault, mut path) = (Vec::new(), BTreeMap::new(), None, Vec::new());
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            match &*key {
                "scenario" => scenario = Some(named(&value)?),
                "set" => sets.push(setting(&value)?),
                "bound" => {
                    let (name, value) = pair(&value, "bound", "window:3")?;
                    let _: Bound = format!("{name}={value}").parse().map_err(Refusal::new)?;
                    bound.insert(name.to_owned(), value.to_owned());
                }
                "mutant" => fault = Some(mutant::parse(&value)?),
                "path" => path = token::parse_path(&value, LONGEST)?,
                _ => {}
            }
        }
        let scenario = scenario
            .ok_or_else(|| Refusal::new("the link names no scenario; it begins with `scenario=NAME`"))?;
        let own = scenario.options();
        let set = sets.into_iter().filter(|(name, on)| own.get(name) != Some(*on)).collect();
        Ok(Self {
            scenario,
            set,
            bound,
            mutant: fault.filter(|fault| scenario.without != Some(*fault)),
            path,
        })
    }

    /// Something differs from the scenario as it is written.
    pub fn is_changed(&self) -> bool {
        let Self { scenario: _, set, bound, mutant, path: _ } = self;
        !set.is_empty() || !bound.is_empty() || mutant.is_some()
    }

    /// The scenario with what is changed.
    ///
    /// # Errors
    ///
    /// The model cannot hold these bounds.
    pub fn changed(&self) -> Result<Scenario, Refusal> {
        let bounds: Result<Vec<Bound>, _> =
            self.bound.iter().map(|(name, value)| format!("{name}={value}").parse()).collect();
        let scenario = bounds::apply(*self.scenario, &bounds.map_err(Refusal::new)?).map_err(Refusal::new)?;
        let options = if self.set.is_empty() { scenario.options } else { kept(scenario.options, &self.set)? };
        Ok(Scenario { options, without: self.mutant.or(scenario.without), ..scenario })
    }

    /// The model of it.
    ///
    /// # Errors
    ///
    /// As [`changed`](Self::changed).
    pub fn model(&self) -> Result<Tcp, Refusal> {
        let scenario = self.changed()?;
        let own = own(self.scenario);
        Ok(Tcp { options: scenario.options(), mutant: scenario.without, scenario, ..own })
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing in it but letters, digits, `_`, `.`, `-`, `/` and `:` is ever written, so nothing needs to be escaped.
        write!(f, "scenario={}", self.scenario.name)?;
        for (name, on) in &self.set {
            write!(f, "&set={name}:{}", if *on { "on" } else { "off" })?;
        }
        for (name, value) in &self.bound {
            write!(f, "&bound={name}:{value}")?;
        }
        if let Some(fault) = self.mutant {
            write!(f, "&mutant={}", mutant::token(fault))?;
        }
        if !self.path.is_empty() {
            write!(f, "&path={}", token::path(&self.path))?;
        }
        Ok(())
    }
}

/// The scenario of this name.
pub(crate) fn named(name: &str) -> Result<&'static Scenario, Refusal> {
    catalogue::all()
        .into_iter()
        .chain(catalogue::deep())
        .find(|scenario| scenario.name == name)
        .ok_or_else(|| Refusal::new(format!("there is no scenario `{name}`; the start page lists all")))
}

fn pair<'a>(text: &'a str, what: &str, example: &str) -> Result<(&'a str, &'a str), Refusal> {
    text.split_once(':')
        .ok_or_else(|| Refusal::new(format!("`{what}={text}` has no value; write it as `{what}={example}`")))
}

fn setting(text: &str) -> Result<(&'static str, bool), Refusal> {
    let (name, value) = pair(text, "set", "rfc1337:off")?;
    let on = match value {
        "on" => true,
        "off" => false,
        _ => return Err(Refusal::new(format!("`{value}` is neither `on` nor `off`"))),
    };
    let known = TABLE.options.iter().map(|option| option.name).find(|known| *known == name);
    known.map(|known| (known, on)).ok_or_else(|| Refusal::new(format!("the table has no option `{name}`")))
}

/// The model of a scenario as it is written. A model notes what has happened in a place that lives as long as the program, so each model is made once.
fn own(scenario: &'static Scenario) -> Tcp {
    // By where they are: another suite may use a name again.
    static MODELS: Mutex<BTreeMap<usize, Tcp>> = Mutex::new(BTreeMap::new());
    let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
    let model = || catalogue::suite().map_or_else(|| Tcp::new(scenario), |suite| suite.judge.model(scenario));
    models.entry(std::ptr::from_ref(scenario).addr()).or_insert_with(model).clone()
}

/// A scenario holds its options for as long as the program runs. So each set of options is kept once for all callers, and the number of sets has a bound.
fn kept(
    own: &[(&'static str, bool)],
    set: &BTreeMap<&'static str, bool>,
) -> Result<&'static [(&'static str, bool)], Refusal> {
    type Sets = BTreeMap<Vec<(&'static str, bool)>, &'static [(&'static str, bool)]>;
    static KEPT: Mutex<Sets> = Mutex::new(BTreeMap::new());
    const MOST: usize = 10_000;
    let mut all: BTreeMap<&'static str, bool> = own.iter().copied().collect();
    all.extend(set);
    let all: Vec<_> = all.into_iter().collect();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = kept.get(&all) {
        return Ok(found);
    }
    if kept.len() >= MOST {
        return Err(Refusal::new("too many different settings were tried; start the explorer anew"));
    }
    let leaked: &'static [_] = all.clone().leak();
    kept.insert(all, leaked);
    Ok(leaked)
}

/// All options of a scenario with settings, by name.
pub(crate) fn options(options: &Options) -> BTreeMap<&'static str, bool> {
    TABLE.options.iter().filter_map(|option| Some((option.name, options.get(option.name)?))).collect()
}

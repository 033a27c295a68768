//! What the command line changes in a scenario: options of the table, and bounds.

use crate::check::Plan;
use crate::check::estimate;
use crate::output::aside;
use clap::Args;
use tcpspec::TABLE;
use tcpspec::model::{Scenario, Tcp};
use tcpspec_explorer::bounds::{self, Bound};
use tcpspec_explorer::link::Link;
use tcpspec_explorer::nearest;

/// An option of the table and its setting.
#[derive(Clone, Copy, Debug)]
struct Setting(&'static str, bool);

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write it as OPTION=on or OPTION=off")?;
        let on = match value {
            "on" => true,
            "off" => false,
            _ => return Err(format!("`{value}` is neither `on` nor `off`")),
        };
        let known = TABLE.options.iter().map(|option| option.name);
        known.clone().find(|known| *known == name).map(|known| Self(known, on)).ok_or_else(|| {
            let meant = nearest(name, known, 0.75);
            let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("the table has no option `{name}`{meant} (`tcpspec table` lists them)")
        })
    }
}

/// A bound, and how it was written.
#[derive(Clone, Debug)]
struct Given {
    bound: Bound,
    text: String,
}

impl std::str::FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self { bound: text.parse()?, text: text.to_owned() })
    }
}

#[derive(Args, Debug, Default)]
pub(crate) struct Settings {
    /// Run with an option of the table on or off, whatever the scenario says
    #[arg(long, value_name = "OPTION=on|off")]
    set: Vec<Setting>,
    /// Run with another bound, whatever the scenario says (`--help` lists them)
    #[arg(long = "bound", value_name = "NAME=VALUE", long_help = bounds::help())]
    bounds: Vec<Given>,
}

impl Settings {
    /// The scenario with these settings, or why the model cannot hold them.
    pub(crate) fn apply(&self, scenario: &'static Scenario) -> Result<&'static Scenario, String> {
        if self.are_empty() {
            return Ok(scenario);
        }
        let mut options = scenario.options.to_vec();
        options.extend(self.set.iter().map(|Setting(name, on)| (*name, *on)));
        // Scenarios are constants elsewhere; this one lives as long as the program, too.
        let changed = Scenario { options: options.leak(), ..*scenario };
        let bounds: Vec<Bound> = self.bounds.iter().map(|given| given.bound.clone()).collect();
        Ok(Box::leak(Box::new(bounds::apply(changed, &bounds)?)))
    }

    /// Nothing is changed.
    pub(crate) fn are_empty(&self) -> bool {
        self.set.is_empty() && self.bounds.is_empty()
    }

    /// Bounds are others.
    pub(crate) fn change_bounds(&self) -> bool {
        !self.bounds.is_empty()
    }

    /// The scenario of this name with these settings, as a link.
    pub(crate) fn link(&self, scenario: &str) -> Result<Link, String> {
        let mut text = format!("scenario={scenario}");
        for Setting(name, on) in &self.set {
            text += &format!("&set={name}:{}", if *on { "on" } else { "off" });
        }
        for Given { text: bound, .. } in &self.bounds {
            text += &format!("&bound={}", bound.replacen('=', ":", 1));
        }
        Link::parse(&text).map_err(|refusal| refusal.error)
    }

    /// Says on stderr how large a scenario with other bounds is, if it is large.
    pub(crate) fn warn(&self, scenario: &Scenario, plan: &Plan) {
        if self.bounds.is_empty() || !plan.cluster.reports() {
            return;
        }
        let threads = plan.cluster.workers * plan.cluster.hosts.len().max(1);
        let found = estimate::estimate(&Tcp::new(scenario), threads, &plan.limits);
        if let Some(words) = estimate::words(scenario.name, &found, plan.limits.memory) {
            aside::line(&words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{self, Limits};
    use std::time::Duration;
    use tcpspec::model::scenarios;

    /// The largest values do not outgrow the packed form: the beginning of each exploration goes well.
    #[test]
    fn what_is_accepted_fits() {
        for (name, _, values) in bounds::all() {
            let value = match values.as_str() {
                "`on` or `off`" => "on",
                "`blind` or `knowing`" => "knowing",
                range => range.split([' ', ',']).nth(2).unwrap(),
            };
            for scenario in ["everything", "half-close", "reset"] {
                let bound: Bound = format!("{name}={value}").parse().unwrap();
                // Refused together with the rest of this scenario: as good.
                let Ok(scenario) = bounds::apply(*scenarios::find(scenario)[0], &[bound]) else { continue };
                engine::probe(&Tcp::new(&scenario), 20_000, 0, Duration::MAX, &Limits::default());
            }
        }
    }
}

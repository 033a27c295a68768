//! What the command line changes in a scenario: options of the table, and bounds.

use crate::bounds::{self, Bound};
use crate::check::Plan;
use crate::{aside, estimate};
use clap::Args;
use tcpspec::TABLE;
use tcpspec::model::{Scenario, Tcp};

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
            format!("the table has no option `{name}`; it has {}", known.collect::<Vec<_>>().join(", "))
        })
    }
}

#[derive(Args, Debug, Default)]
pub(crate) struct Settings {
    /// Run with an option of the table on or off, whatever the scenario says
    #[arg(long, value_name = "OPTION=on|off")]
    set: Vec<Setting>,
    /// Run with another bound, whatever the scenario says (`--help` lists them)
    #[arg(long = "bound", value_name = "NAME=VALUE", long_help = bounds::help())]
    bounds: Vec<Bound>,
}

impl Settings {
    /// The scenario with these settings, or why the model cannot hold them.
    pub(crate) fn apply(&self, scenario: &'static Scenario) -> Result<&'static Scenario, String> {
        if self.set.is_empty() && self.bounds.is_empty() {
            return Ok(scenario);
        }
        let mut options = scenario.options.to_vec();
        options.extend(self.set.iter().map(|Setting(name, on)| (*name, *on)));
        // Scenarios are constants elsewhere; this one lives as long as the program, too.
        let changed = Scenario { options: options.leak(), ..*scenario };
        Ok(Box::leak(Box::new(bounds::apply(changed, &self.bounds)?)))
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

//! A counterexample with its integers: it runs again on the machine of 32 bits, so that nobody has to believe the terms or the solver.

use super::end::Source;
use super::number::FACTS;
use super::path::{self, Violation};
use super::run::{Beginning, Case, Run};
use super::theorem::Theorem;
use tcpspec::{Facts, Full, TABLE};

/// A claim that does not hold, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What does not hold.
    pub(crate) violation: Violation,
    /// The names of the variables.
    pub(crate) names: Vec<&'static str>,
    /// The case.
    pub(crate) case: Case,
    /// What was to be proven.
    pub(crate) theorem: Theorem,
}

/// The values of a counterexample.
pub(super) struct Values<'a> {
    /// What does not hold, with the values.
    pub(super) violation: &'a Violation,
    /// The names of the variables.
    pub(super) names: &'a [&'static str],
}

impl Source<Full> for Values<'_> {
    fn word(&self, name: &'static str) -> u32 {
        let place = self.names.iter().position(|known| *known == name);
        place.and_then(|place| self.violation.model.get(place)).copied().unwrap_or_default()
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        for (fact, name) in FACTS {
            if self.said(name) == Some(true) {
                facts.set(*fact);
            }
        }
        facts
    }

    fn given(&self, name: &'static str) -> bool {
        let default = TABLE.options.iter().any(|option| option.name == name && option.default);
        self.said(name).unwrap_or(default)
    }
}

impl Values<'_> {
    fn said(&self, name: &str) -> Option<bool> {
        self.violation.facts.iter().find(|(known, _)| *known == name).map(|(_, yes)| *yes)
    }
}

/// Runs a counterexample on integers. `None` if the same claim does not fail there, too.
pub(crate) fn replay(found: &Found) -> Option<Run<Full>> {
    let mut fails = false;
    let beginning =
        Beginning::<Full>::new(found.case, &Values { violation: &found.violation, names: &found.names });
    let run = path::without(|| {
        beginning.prove(found.theorem, &mut |claim| fails |= claim == found.violation.claim)
    })?;
    fails.then_some(run)
}

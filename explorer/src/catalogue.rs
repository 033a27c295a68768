//! Which scenarios there are: tcpspec's own, or those of somebody else's suite, which the program that runs it offers instead.

use std::fmt;
use std::sync::{PoisonError, RwLock};
use tcpspec::model::scenarios::deep;
use tcpspec::model::{Action, Scenario, Tcp, scenarios};

/// The scenarios of a suite, and who knows what is claimed of them.
#[derive(Debug)]
pub struct Suite {
    /// The name of the program.
    pub program: String,
    /// Its scenarios.
    pub scenarios: Vec<&'static Scenario>,
    /// Asked in place of the claims' own functions.
    pub judge: Box<dyn Judge>,
}

/// What knows the claims of a suite. Its claims may speak of steps and of the past, so worlds alone do not decide them.
pub trait Judge: Send + Sync + fmt::Debug {
    /// The model of one of the suite's scenarios, with what its claims read of the past.
    fn model(&self, scenario: &Scenario) -> Tcp;

    /// For the world in which a run begins, and for that after each of its actions, which of the scenario's claims hold there, in their order.
    fn judge(&self, model: &Tcp, run: &[Action]) -> Vec<Vec<bool>>;
}

static OFFERED: RwLock<Option<&'static Suite>> = RwLock::new(None);

/// From now on this suite's scenarios are those that there are. It is kept as long as the program runs.
pub fn offer(suite: Suite) {
    let suite: &'static Suite = Box::leak(Box::new(suite));
    *OFFERED.write().unwrap_or_else(PoisonError::into_inner) = Some(suite);
}

/// The suite that is offered, if one is.
pub fn suite() -> Option<&'static Suite> {
    *OFFERED.read().unwrap_or_else(PoisonError::into_inner)
}

/// The name of the program in commands that are printed.
pub fn program() -> &'static str {
    suite().map_or("tcpspec", |suite| &suite.program)
}

/// The scenarios, in their order.
pub fn all() -> Vec<&'static Scenario> {
    suite().map_or_else(|| scenarios::all().collect(), |suite| suite.scenarios.clone())
}

/// Those that take long, and are explored only when asked for; a suite has none.
pub fn deep() -> &'static [Scenario] {
    if suite().is_some() { &[] } else { deep::DEEP }
}

/// A scenario, or all variants of one, by name.
pub fn find(name: &str) -> Vec<&'static Scenario> {
    let all = || all().into_iter().chain(deep());
    let family: Vec<_> = all().filter(|scenario| scenario.family() == name).collect();
    if family.is_empty() { all().filter(|scenario| scenario.name == name).collect() } else { family }
}

/// Which claims of a suite hold in each world of a run.
pub(crate) fn judged(model: &Tcp, run: impl FnOnce() -> Vec<Action>) -> Option<Vec<Vec<bool>>> {
    suite().map(|suite| suite.judge.judge(model, &run()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_suite_there_are_the_scenarios_of_the_model() {
        assert_eq!(all().len(), scenarios::all().count());
        assert_eq!((program(), find("reset").len()), ("tcpspec", scenarios::find("reset").len()));
        assert_eq!(find(deep::DEEP[0].name).len(), 1);
        assert!(judged(&Tcp::new(find("reset")[0]), Vec::new).is_none());
    }
}

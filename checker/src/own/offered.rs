//! The suite that runs: the closures of all its scenarios, by name, for the commands and for the explorer.

use super::caught::quietly;
use super::scenario::Built;
use super::watched::{Own, Rules};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tcpspec::model::{Action, Scenario, Tcp};
use tcpspec_explorer::catalogue::{self, Judge, Suite};

/// The closures of scenarios, by the scenarios' names.
pub(crate) type AllRules = Arc<BTreeMap<&'static str, Arc<dyn Rules>>>;

static OFFERED: RwLock<Option<AllRules>> = RwLock::new(None);

/// The closures of the suite that runs; none if it is tcpspec itself.
pub(crate) fn offered() -> AllRules {
    OFFERED.read().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
}

/// From now on these are the scenarios that there are.
pub(crate) fn offer(program: String, built: Vec<Built>) -> AllRules {
    quietly();
    let rules: AllRules =
        Arc::new(built.iter().map(|(scenario, rules)| (scenario.name, Arc::clone(rules))).collect());
    let scenarios = built.into_iter().map(|(scenario, _)| &*Box::leak(Box::new(scenario))).collect();
    catalogue::offer(Suite { program, scenarios, judge: Box::new(Rulings(Arc::clone(&rules))) });
    *OFFERED.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&rules));
    rules
}

/// What the explorer asks.
#[derive(Debug)]
struct Rulings(AllRules);

impl Judge for Rulings {
    fn model(&self, scenario: &Scenario) -> Tcp {
        self.0
            .get(scenario.name)
            .map_or_else(|| Tcp::new(scenario), |rules| Own::new(scenario, rules).tcp().clone())
    }

    fn judge(&self, model: &Tcp, run: &[Action]) -> Vec<Vec<bool>> {
        let Some(rules) = self.0.get(model.scenario.name) else { return Vec::new() };
        let own = Own::of(model.clone(), rules).telling_steps();
        let claims = 0..model.scenario.claims.len();
        let mut state = own.first();
        let mut all = vec![claims.clone().map(|claim| own.holds(claim, &state)).collect()];
        for action in run {
            // The page shows steps that change nothing, too.
            let Some(after) = own.observe(&state, *action) else { break };
            state = after;
            all.push(claims.clone().map(|claim| own.holds(claim, &state)).collect());
        }
        all
    }
}

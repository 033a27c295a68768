//! The worlds of a scenario with a fault put in, and which claims notice it.

use std::collections::{BTreeSet, HashSet, VecDeque};
use tcpspec::model::scenarios::{self, deep::DEEP};
use tcpspec::model::world::Marks;
use tcpspec::model::{Action, ActionKind, Claim, Kind, Scenario, Tcp, World};
use tcpspec::mutants::{self, Mutant};

/// Worlds that a control may have. It fails beyond, so that none takes long.
const MOST: usize = 100_000;

/// What is put in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// A row is broken.
    Row(tcpspec::Row, mutants::Fault),
    /// The scenario is another one: an option or a bound.
    Setting(fn(&mut Scenario)),
    /// The model does not offer this kind of action.
    Without(ActionKind),
    /// The model does not offer these actions.
    Never(fn(&World, Action) -> bool),
    /// What surrounds the machine does something else: network, clock, host, books. Called with the world before the action and the one after it.
    Twist(fn(&World, Action, &mut World)),
}

/// What an exploration has shown.
#[derive(Debug)]
pub(crate) struct Found {
    /// Different worlds.
    pub(crate) worlds: usize,
    /// Names of the claims that came out wrong: contradicted (always) or not shown (sometimes).
    pub(crate) wrong: BTreeSet<&'static str>,
    /// Kinds of action that the scenario expects and that have not happened.
    pub(crate) missing: Vec<&'static str>,
}

/// Explores all worlds and asks these claims, and those of the kind `always` of all scenarios.
pub(crate) fn explore(scenario: &Scenario, fault: Fault, claims: &[Claim]) -> Found {
    let mut scenario = *scenario;
    if let Fault::Setting(change) = fault {
        change(&mut scenario);
    }
    let mut model = Tcp { asks: Marks::ALL, ..Tcp::new(&scenario) };
    if let Fault::Row(row, fault) = fault {
        model.mutant = Some(Mutant { row, fault });
    }
    let mut asked: Vec<Claim> =
        every_claim().into_iter().filter(|claim| claim.kind == Kind::Always).collect();
    asked.extend(claims.iter().filter(|claim| claim.kind == Kind::Sometimes));
    let mut decided = vec![false; asked.len()];
    let mut seen = HashSet::from([model.initial()]);
    let mut waiting = VecDeque::from([model.initial()]);
    let mut actions = Vec::new();
    while let Some(world) = waiting.pop_front() {
        assert!(seen.len() <= MOST, "{}: too large for a control", scenario.name);
        for (claim, decided) in asked.iter().zip(&mut decided) {
            *decided |= (claim.holds)(&scenario, &world) == (claim.kind == Kind::Sometimes);
        }
        actions.clear();
        model.possible(&world, &mut actions);
        for action in &actions {
            if let Fault::Never(is_left_out) = fault
                && is_left_out(&world, *action)
            {
                continue;
            }
            if matches!(fault, Fault::Without(kind) if kind == ActionKind::of(*action)) {
                continue;
            }
            let Some(mut after) = model.after(&world, *action) else { continue };
            if let Fault::Twist(twist) = fault {
                twist(&world, *action, &mut after);
            }
            if seen.insert(after) {
                waiting.push_back(after);
            }
        }
    }
    let wrong = asked.iter().zip(decided).filter(|(claim, decided)| *decided == (claim.kind == Kind::Always));
    Found {
        worlds: seen.len(),
        wrong: wrong.map(|(claim, _)| claim.name).collect(),
        missing: ActionKind::expected(&scenario)
            .filter(|kind| model.coverage.actions() & 1 << kind.index() == 0)
            .map(ActionKind::name)
            .collect(),
    }
}

/// All claims of all scenarios, once each.
pub(crate) fn every_claim() -> Vec<Claim> {
    let mut all: Vec<Claim> = Vec::new();
    for claim in scenarios::all().chain(DEEP).flat_map(|scenario| scenario.claims) {
        if all.iter().all(|other| other.name != claim.name) {
            all.push(*claim);
        }
    }
    all
}

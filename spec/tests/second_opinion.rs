//! The second opinion notices: each row that takes a window, and does not, breaks the claim about windows, and no other of it.

use std::collections::{HashSet, VecDeque};
use tcpspec::TABLE;
use tcpspec::model::world::breach;
use tcpspec::model::{Packed, Tcp, World, scenarios};
use tcpspec::mutants::{Fault, MUTANTS, Mutant};

/// Worlds that are looked at in each scenario at most.
const WORLDS: usize = 40_000;

/// What is not as expected first in a scenario, with this fault.
fn first_breach(scenario: &str, mutant: Mutant) -> u8 {
    let mut model = Tcp::new(scenarios::find(scenario)[0]);
    model.mutant = Some(mutant);
    let (mut seen, mut actions, mut bytes) = (HashSet::new(), Vec::new(), vec![0; World::ROOM]);
    let mut queue = VecDeque::from([model.initial()]);
    while let Some(world) = queue.pop_front() {
        actions.clear();
        model.possible(&world, &mut actions);
        for after in actions.iter().filter_map(|action| model.after(&world, *action)) {
            if after.breaches != 0 {
                return after.breaches;
            }
            let len = after.pack(&mut bytes);
            if seen.len() < WORLDS && seen.insert(bytes[..len].to_vec()) {
                queue.push_back(after);
            }
        }
    }
    0
}

/// Scenarios with windows that change, small ones first.
const SCENARIOS: [&str; 6] = [
    "anything",
    "anything/crossed",
    "anything/blocked",
    "anything/letter",
    "anything/reuse",
    "anything/text",
];

#[test]
fn each_row_that_does_not_take_its_window_is_noticed() {
    let takes = |mutant: &&Mutant| {
        let Fault::Without(effect) = mutant.fault else { return false };
        let rows = TABLE.rows().find(|row| row.row == mutant.row);
        let name = rows.and_then(|row| row.effects.get(usize::from(effect)).copied());
        matches!(name, Some("set_window" | "update_window" | "take_window"))
    };
    let mutants: Vec<&Mutant> = MUTANTS.iter().filter(takes).collect();
    assert!(mutants.len() > 5, "{mutants:?}");
    let mut unseen = Vec::new();
    for mutant in mutants {
        let first = SCENARIOS.iter().map(|name| first_breach(name, *mutant)).find(|breaches| *breaches != 0);
        if first != Some(breach::WINDOW) {
            unseen.push((mutant, first));
        }
    }
    assert!(unseen.is_empty(), "{unseen:?}");
}

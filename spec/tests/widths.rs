//! The model with numbers of six bits. The width is the process's; so this is a program of its own, with one test.

use std::collections::HashSet;
use tcpspec::model::scenarios::{self, widths};
use tcpspec::model::world::width;
use tcpspec::model::{Packed, Tcp, World};

/// Packs and unpacks the worlds of a scenario, `most` at most, and says how many there are.
fn worlds(name: &str, most: usize) -> usize {
    let model = Tcp::new(&widths::fit(*scenarios::find(name)[0]));
    let mut seen = HashSet::new();
    let mut waiting = vec![model.initial()];
    let mut actions = Vec::new();
    while let Some(world) = waiting.pop() {
        let mut room = [0xaa; World::ROOM];
        let len = world.pack(&mut room);
        assert_eq!(World::unpack(&room[..len]), world, "{name}");
        if seen.len() >= most || !seen.insert(room[..len].to_vec()) {
            continue;
        }
        actions.clear();
        model.possible(&world, &mut actions);
        waiting.extend(actions.iter().filter_map(|action| model.after(&world, *action)));
    }
    seen.len()
}

#[test]
fn packing_loses_nothing_and_the_numbers_are_those_of_six_bits() {
    width::choose(6).unwrap();
    assert!(width::choose(5).is_err());
    assert_eq!((width::size(), width::half(), width::is_usual()), (64, 32, false));
    let scenario = widths::fit(*scenarios::find("simultaneous-open/letter")[0]);
    assert!(scenario.bounds_line().starts_with("6-bit numbers, window 4"), "{}", scenario.bounds_line());
    // As many as with four bits: where nobody guesses numbers, they only stand for each other.
    assert_eq!(worlds("simultaneous-open/letter", usize::MAX), 31);
    assert_eq!(worlds("simultaneous-close/in-order", usize::MAX), 145);
    assert_eq!(worlds("liveness/window", usize::MAX), 18_233);
    for name in ["half-close", "everything", "window-edge", "hazard-paws", "hazard-forger", "anything"] {
        worlds(scenarios::find(name)[0].name, 5_000);
    }
}

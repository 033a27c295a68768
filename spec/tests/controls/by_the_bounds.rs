//! What the network and the clock do in one action, written once more: which segments are under way after it, in which order and how old, and what is left of each time.
//!
//! A network that is kinder than its bounds say shows less, and no claim would notice.

use super::built_in;
use super::small::*;
use std::collections::{HashSet, VecDeque};
use tcpspec::model::{Action, Bounds, Packet, Scenario, Step, Tcp, World};

/// Worlds of each scenario that are looked at.
const MOST: usize = 4_000;

/// The segments under way after an action, as the bounds say.
fn under_way(bounds: &Bounds, before: &World, step: &Step) -> Vec<Packet> {
    let mut packets: Vec<Packet> = before.packets().copied().collect();
    match step.action {
        Action::Tick => {
            packets.iter_mut().for_each(|packet| packet.age += 1);
            packets.retain(|packet| packet.age < bounds.msl);
        }
        Action::Deliver(index) | Action::Lose(index) => {
            packets.remove(index.into());
        }
        _ => {}
    }
    for packet in &step.sent {
        if packets.len() < usize::from(bounds.in_flight) {
            packets.push(Packet { age: 0, ..*packet });
        }
    }
    packets
}

/// In one arrangement, if the network keeps none.
fn arranged(bounds: &Bounds, mut packets: Vec<Packet>) -> Vec<Packet> {
    if !bounds.in_order {
        packets.sort_by_cached_key(|packet| format!("{packet:?}"));
    }
    packets
}

/// What is left of 2MSL and of the quiet time at both ends.
fn left(world: &World) -> [(u8, u8); 2] {
    world.ends.map(|end| (end.quiet, end.restart))
}

/// What is wrong with what an action has made, if anything.
fn wrong(bounds: &Bounds, before: &World, after: &World, step: &Step) -> Option<String> {
    let expected = arranged(bounds, under_way(bounds, before, step));
    let found = arranged(bounds, after.packets().copied().collect());
    if found != expected {
        return Some(format!("{:?}: under way\n  {found:?}\n  and not\n  {expected:?}", step.action));
    }
    if step.action == Action::Tick {
        let less = left(before).map(|(quiet, restart)| (quiet.saturating_sub(1), restart.saturating_sub(1)));
        let clock = if bounds.timestamps { before.clock + 1 } else { before.clock };
        if left(after) != less || after.clock != clock {
            return Some(format!("a tick: {:?}, clock {}", left(after), after.clock));
        }
    }
    None
}

/// Whether segments lie at the front, without gaps.
fn is_closed_up(world: &World) -> bool {
    let count = world.packets().count();
    world.net.iter().take(count).all(Option::is_some)
}

/// The kinds of action that were looked at, as numbers of cases: ticks, arrivals, losses, duplications, segments for which there was no room.
#[derive(Default, Debug)]
struct Cases {
    ticks: usize,
    arrivals: usize,
    losses: usize,
    duplications: usize,
    without_room: usize,
    quiet: usize,
}

fn look(scenario: &Scenario, cases: &mut Cases) {
    let model = Tcp::new(scenario);
    let bounds = &scenario.bounds;
    let (mut seen, mut waiting) = (HashSet::from([model.initial()]), VecDeque::from([model.initial()]));
    let mut actions = Vec::new();
    while let Some(world) = waiting.pop_front() {
        actions.clear();
        model.possible(&world, &mut actions);
        for action in &actions {
            let Some((after, step)) = model.explain(&world, *action) else { continue };
            assert!(is_closed_up(&after), "{}: {after:?}", scenario.name);
            if let Some(wrong) = wrong(bounds, &world, &after, &step) {
                panic!("{}: {wrong}", scenario.name);
            }
            match step.action {
                Action::Tick => cases.ticks += 1,
                Action::Deliver(_) => cases.arrivals += 1,
                Action::Lose(_) => cases.losses += 1,
                Action::Duplicate(_) => cases.duplications += 1,
                _ => {}
            }
            cases.quiet +=
                usize::from(step.action == Action::Tick && world.ends.iter().any(|end| end.quiet > 1));
            let came = usize::from(matches!(step.action, Action::Deliver(_)));
            let room = usize::from(bounds.in_flight) + came - world.packets().count();
            cases.without_room += usize::from(step.sent.len() > room);
            if seen.len() < MOST && seen.insert(after) {
                waiting.push_back(after);
            }
        }
    }
}

#[test]
fn segments_age_arrive_are_doubled_and_lost_as_the_bounds_say() {
    let tight =
        |scenario: Scenario| Scenario { bounds: Bounds { in_flight: 1, ..scenario.bounds }, ..scenario };
    let mut cases = Cases::default();
    for scenario in [
        PLAIN,
        UNORDERED,
        LOSSY,
        DOUBLED,
        TWICE,
        tight(UNORDERED),
        tight(LOSSY),
        built_in("simultaneous-open/in-order"),
        built_in("hazard-2msl/on"),
        built_in("hazard-crash/quiet-time"),
        built_in("hazard-paws/on"),
        built_in("time-wait"),
    ] {
        look(&scenario, &mut cases);
    }
    let Cases { ticks, arrivals, losses, duplications, without_room, quiet } = cases;
    for count in [ticks, arrivals, losses, duplications, without_room, quiet] {
        // Or nothing was tested.
        assert!(count > 100, "{cases:?}");
    }
}

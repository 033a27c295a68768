//! Tests that what the model leaves out, because it would only show the same again, does so: a plain search that leaves nothing out finds the same worlds
//! and the same verdicts. What each reduction is, and why it is one, stands in `docs/book/src/how-it-works.md`.

use std::collections::{BTreeSet, HashSet};
use tcpspec::model::world::NET_CAPACITY;
use tcpspec::model::{Action, Bounds, Forged, Kind, Numbers, Packet, Scenario, Tcp, World, scenarios};

/// What a search has found.
#[derive(PartialEq, Debug)]
struct Found {
    /// Worlds, the segments under way in one arrangement.
    worlds: HashSet<World>,
    /// Claims that some world contradicts (always) or shows (sometimes).
    decided: BTreeSet<&'static str>,
    /// All worlds that were met, each arrangement by itself.
    met: usize,
}

/// A breadth-first search with the actions that `possible` gives.
fn search(model: &Tcp, scenario: &Scenario, possible: impl Fn(&World, &mut Vec<Action>)) -> Found {
    let mut met = HashSet::from([model.initial()]);
    let mut waiting = vec![model.initial()];
    let mut decided = BTreeSet::new();
    let mut actions = Vec::new();
    while let Some(world) = waiting.pop() {
        for claim in scenario.claims {
            if (claim.holds)(scenario, &world) == (claim.kind == Kind::Sometimes) {
                decided.insert(claim.name);
            }
        }
        actions.clear();
        possible(&world, &mut actions);
        for action in &actions {
            if let Some(after) = model.after(&world, *action)
                && met.insert(after)
            {
                waiting.push(after);
            }
        }
    }
    Found { worlds: met.iter().map(arranged).collect(), decided, met: met.len() }
}

/// The same world with its segments in one arrangement, whichever they were in.
fn arranged(world: &World) -> World {
    let mut packets: Vec<Packet> = world.packets().copied().collect();
    packets.sort_by_cached_key(|packet| format!("{packet:?}"));
    let mut arranged = *world;
    arranged.net = [None; NET_CAPACITY];
    for (slot, packet) in arranged.net.iter_mut().zip(packets) {
        *slot = Some(packet);
    }
    arranged
}

/// As the checker explores it.
fn reduced(scenario: &Scenario) -> Found {
    let model = Tcp::new(scenario);
    search(&model, scenario, |world, actions| model.possible(world, actions))
}

/// Without reductions: segments lie as they were sent and each may arrive; a tick may pass, and each end be asked to send, at any time; a forger who
/// sends no ACK tries all its numbers all the same.
fn plain(scenario: &Scenario) -> Found {
    let bounds = scenario.bounds;
    // A network that keeps order arranges nothing. Who may arrive is decided here.
    let model = Tcp::new(&Scenario { bounds: Bounds { in_order: true, ..bounds }, ..*scenario });
    search(&model, scenario, |world, actions| {
        model.possible(world, actions);
        if !bounds.in_order {
            actions.retain(|action| {
                !matches!(action, Action::Deliver(_) | Action::Duplicate(_) | Action::Lose(_) | Action::Tick)
            });
            for index in 0..world.packets().count() as u8 {
                actions.push(Action::Deliver(index));
                if world.duplicates > 0 {
                    actions.push(Action::Duplicate(index));
                }
                if world.losses > 0 {
                    actions.push(Action::Lose(index));
                }
            }
            if bounds.msl > 0 {
                actions.push(Action::Tick);
            }
        }
        actions.retain(|action| !matches!(action, Action::Transmit(..)));
        for end in 0..2 {
            actions.extend((1..=bounds.mss).map(|most| Action::Transmit(end, most)));
        }
        let forged: Vec<Action> =
            actions.iter().copied().filter(|a| matches!(a, Action::Forge(..))).collect();
        for action in forged {
            if let Action::Forge(end, kind @ (Forged::Rst | Forged::Syn), seq, _) = action {
                actions.extend((0..16).map(|ack| Action::Forge(end, kind, seq, ack)));
            }
        }
    })
}

/// A scenario of the list, the segments of which may be made fewer.
fn small(name: &str, change: impl Fn(&mut Scenario)) -> Scenario {
    let mut scenario = *scenarios::find(name)[0];
    change(&mut scenario);
    scenario
}

#[test]
fn nothing_is_lost_by_what_is_left_out() {
    let all = [
        small("simultaneous-open/letter-overtaken", |_| {}),
        // Loss, delayed acknowledgments.
        small("fast-close", |s| s.bounds.retransmissions = 0),
        // Loss and duplication: equal segments under way.
        small("fast-close", |s| {
            (s.bounds.losses, s.bounds.duplicates, s.users[1].sends) = (0, 1, 0);
            s.bounds.count_segments = false;
        }),
        // Ticks and two incarnations.
        small("hazard-2msl/on", |_| {}),
        small("hazard-crash/at-once", |_| {}),
        // A forger; the network keeps order.
        small("hazard-forger/blind-on", |s| s.bounds.retransmissions = 0),
    ];
    let mut arrangements = 0;
    for scenario in &all {
        let (with, without) = (reduced(scenario), plain(scenario));
        assert_eq!(with.decided, without.decided, "{}", scenario.name);
        let missing = without.worlds.difference(&with.worlds).count();
        let invented = with.worlds.difference(&without.worlds).count();
        assert_eq!((missing, invented), (0, 0), "{}: of {}", scenario.name, with.worlds.len());
        arrangements += without.met - with.met;
    }
    // Or nothing was tested.
    assert!(arrangements > 1000, "{arrangements}");
}

/// That a first number is given, and not any, leaves nothing out: adding the same to all numbers of one end changes no verdict.
#[test]
fn it_does_not_matter_where_the_numbers_begin() {
    for name in
        ["simultaneous-open/letter-overtaken", "hazard-2msl/on", "hazard-crash/at-once", "reset/crossed"]
    {
        let shifted = |by: u8| {
            small(name, |s| {
                (s.bounds.losses, s.bounds.duplicates) = (s.bounds.losses.min(1), 0);
                for (user, by) in s.users.iter_mut().zip([by, 3 * by]) {
                    if let Numbers::Given(all) = &mut user.iss {
                        all.iter_mut().for_each(|number| *number = (*number + by) % 16);
                    }
                }
            })
        };
        let given = reduced(&shifted(0));
        for by in [1, 7, 13] {
            // Not the number of worlds: a field that means nothing is 0, and two worlds are one if the other's is 0 as well.
            assert_eq!(reduced(&shifted(by)).decided, given.decided, "{name} + {by}");
        }
    }
}

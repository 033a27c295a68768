//! What the network, the users and the clock do: a scenario expects each kind of action that its bounds speak of, and a model that does not offer it any more is found out.

use super::explore::{Fault, explore};
use super::small::*;
use super::{built_in, control};
use tcpspec::model::claims::NO_OLD_TEXT;
use tcpspec::model::scenarios::{self, deep::DEEP};
use tcpspec::model::{Action, ActionKind, Bounds, Call, Numbers, Scenario, Tcp, User, World};

/// Small scenarios that expect all kinds together.
fn scenarios_of_all_kinds() -> Vec<Scenario> {
    let bounds = PLAIN.bounds;
    let with = |bounds| Scenario { bounds, ..PLAIN };
    vec![
        PLAIN,
        UNORDERED,
        LOSSY,
        DOUBLED,
        STRAYS,
        with(Bounds { delayed_acks: true, ..bounds }),
        with(Bounds { eager_users: false, any_receive: true, ..bounds }),
        with(Bounds { orphans: true, ..bounds }),
        Scenario { bounds: Bounds { window: 1, retransmissions: 1, ..SLOW.bounds }, ..SLOW },
        Scenario {
            bounds: Bounds { keep_alive: true, retransmissions: 1, give_ups: 1, ..SILENT.bounds },
            ..SILENT
        },
        Scenario { bounds: Bounds { vanishes: true, ..SILENT.bounds }, ..SILENT },
        Scenario { bounds: Bounds { forgeries: 1, ..FORGER.bounds }, ..FORGER },
        Scenario {
            bounds: Bounds { crashes: 1, ..SILENT.bounds },
            users: [User { crashes: true, ..SILENT.users[0] }, SILENT.users[1]],
            ..SILENT
        },
        Scenario { users: [User { lets_go: true, aborts: 1, ..SILENT.users[0] }, SILENT.users[1]], ..SILENT },
        Scenario {
            users: [
                User { active_opens: 2, aborts: 1, iss: Numbers::Free(14), ..User::IDLE },
                User { listens: true, iss: Numbers::Free(5), ..User::IDLE },
            ],
            ..SILENT
        },
        built_in("hazard-self-connect/on"),
    ]
}

#[test]
fn a_kind_of_action_that_is_not_offered_is_missed() {
    let mut missed = Vec::new();
    for scenario in scenarios_of_all_kinds() {
        assert_eq!(explore(&scenario, Fault::None, &[]).missing, Vec::<&str>::new(), "{scenario:?}");
        for kind in ActionKind::expected(&scenario).filter(|kind| kind.name() != LATE) {
            if missed.contains(&kind) {
                continue;
            }
            let found = explore(&scenario, Fault::Without(kind), &[]);
            assert!(found.missing.contains(&kind.name()), "{}: {:?}", kind.name(), found.missing);
            missed.push(kind);
        }
    }
    let others: Vec<&str> =
        ActionKind::ALL.into_iter().filter(|kind| !missed.contains(kind)).map(ActionKind::name).collect();
    // Bounds alone do not promise the first two; the last has a test of its own.
    assert_eq!(others, ["R2 of persist", "free number of a duplication", LATE]);
}

/// Walks at random until all has happened that is expected; what has not happened after so many walks.
fn missing_after(scenario: &Scenario, walks: usize) -> Vec<&'static str> {
    let model = Tcp::new(scenario);
    let missing = || {
        let happened = model.coverage.actions();
        ActionKind::expected(scenario).filter(move |kind| happened & 1 << kind.index() == 0)
    };
    let (mut x, mut actions) = (1_u64, Vec::new());
    for _ in 0..walks {
        let mut world = model.initial();
        for _ in 0..80 {
            actions.clear();
            model.possible(&world, &mut actions);
            // What ends a walk early comes seldom.
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if x >> 60 != 0 {
                actions.retain(|action| !is_an_end(*action));
            }
            let Some(place) = ((x >> 33) as usize).checked_rem(actions.len()) else { break };
            world = model.after(&world, actions[place]).unwrap_or(world);
        }
        if missing().next().is_none() {
            break;
        }
    }
    missing().map(ActionKind::name).collect()
}

fn is_an_end(action: Action) -> bool {
    matches!(
        action,
        Action::Stray(..)
            | Action::Call(_, Call::Abort | Call::Release)
            | Action::Fire(_, _, true)
            | Action::Crash(_)
            | Action::Vanish(_)
            | Action::Forge(..)
    )
}

#[test]
fn in_every_scenario_all_happens_that_it_expects() {
    for scenario in scenarios::all().chain(DEEP) {
        assert!(ActionKind::expected(scenario).next().is_some(), "{}", scenario.name);
        assert_eq!(missing_after(scenario, 200_000), Vec::<&str>::new(), "{}", scenario.name);
    }
}

/// The name of the kind that a delivery has besides.
const LATE: &str = "delivery just before MSL";

#[test]
fn segments_that_die_too_early_or_never_are_noticed() {
    fn early(_: &World, _: Action, after: &mut World) {
        let keeps = after.net.map(|slot| slot.filter(|packet| packet.age == 0));
        after.net = Default::default();
        for (to, packet) in after.net.iter_mut().zip(keeps.into_iter().flatten()) {
            *to = Some(packet);
        }
    }
    assert_eq!(explore(&DOUBLED, Fault::Twist(early), &[]).missing, [LATE]);

    fn never(before: &World, action: Action, after: &mut World) {
        if action == Action::Tick {
            after.net = before.net;
        }
    }
    let again = Scenario {
        users: [
            User { iss: Numbers::Given([14; 6]), sends: 2, closes: 1, ..TWICE.users[0] },
            User { iss: Numbers::Given([5; 6]), closes: 1, patient: true, ..TWICE.users[1] },
        ],
        bounds: Bounds { in_order: false, duplicates: 1, ..TWICE.bounds },
        claims: &[],
        ..TWICE
    };
    let control = control(NO_OLD_TEXT, "segments never die", again, Fault::Twist(never), &[]);
    assert!(control.noticed_by().contains(NO_OLD_TEXT.name));
}

#[test]
fn a_clock_that_stands_still_is_noticed() {
    fn still(before: &World, _: Action, after: &mut World) {
        after.clock = before.clock;
    }
    let again = Scenario {
        users: [
            User { iss: Numbers::Given([14; 6]), sends: 1, closes: 1, active_opens: 2, ..User::IDLE },
            User { iss: Numbers::Given([5; 6]), closes: 1, patient: true, listens: true, ..User::IDLE },
        ],
        bounds: Bounds {
            in_order: false,
            duplicates: 1,
            msl: 2,
            time_wait: Some(1),
            timestamps: true,
            ticks: 2,
            ..TWICE.bounds
        },
        claims: &[],
        ..TWICE
    };
    let control = control(NO_OLD_TEXT, "timestamps stand still", again, Fault::Twist(still), &[]);
    assert!(control.noticed_by().contains(NO_OLD_TEXT.name));
}

/// The window decides how much leaves: the machine is asked for more, and sends no more.
#[test]
fn the_model_asks_for_more_than_the_window_has_room_for() {
    let bounds = Bounds { window: 1, mss: 2, eager_users: false, ..PLAIN.bounds };
    let model = Tcp::new(&Scenario { bounds, ..OPEN });
    let (mut worlds, mut actions, mut asked) = (vec![model.initial()], Vec::new(), 0);
    for next in 0..1_000 {
        let Some(world) = worlds.get(next).copied() else { break };
        actions.clear();
        model.possible(&world, &mut actions);
        for action in &actions {
            let Some((after, step)) = model.explain(&world, *action) else { continue };
            if let Action::Transmit(i, max) = *action {
                let room = world.ends[usize::from(i)].tcb.usable_window();
                let sent: u32 = step.sent.iter().map(|packet| u32::from(packet.seg.len)).sum();
                assert!(sent <= room, "{action:?}: {sent} octets into {room}");
                asked += u32::from(u32::from(max) > room && room > 0);
            }
            if !worlds.contains(&after) {
                worlds.push(after);
            }
        }
    }
    assert!(asked > 0);
}

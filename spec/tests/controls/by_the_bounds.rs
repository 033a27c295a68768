//! What can happen in a world, and what the network and the clock do in one action, written once more: what the bounds leave to users, timers and the network; which segments are
//! under way after it, in which order and how old, and what is left of each time.
//!
//! A network that is kinder than its bounds say shows less, and no claim would notice.

use super::built_in;
use super::small::*;
use std::collections::{HashSet, VecDeque};
use tcpspec::model::{Action, Bounds, Call, End, Numbers, Packet, Scenario, Step, Tcp, User, World};
use tcpspec::{Facts, State, Timer};

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
        let packet = Packet { age: 0, ..*packet };
        // Where equal segments count as one, it is there already.
        let is_there = bounds.merging && packets.contains(&packet);
        if packets.len() < usize::from(bounds.in_flight) && !is_there {
            packets.push(packet);
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
    // A host that has vanished, or waits quietly after a crash, answers nothing.
    if let Some(packet) = step.arrived {
        let (i, silent) = (usize::from(packet.to), |end: &End| end.gone || end.restart > 0);
        if silent(&before.ends[i]) && (after.ends[i] != before.ends[i] || !step.sent.is_empty()) {
            return Some(format!("{:?}: a host that is silent has answered", step.action));
        }
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

/// What a user may call, whatever the connection answers.
fn calls(bounds: &Bounds, user: &User, world: &World, i: usize) -> Vec<Call> {
    let end = &world.ends[i];
    if end.restart > 0 {
        return Vec::new();
    }
    let peer_ended =
        matches!(end.state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait);
    let released = end.tcb.facts.has(Facts::RELEASED);
    let receives = !bounds.eager_users && !user.never_receives && end.on_hand > 0 && !released;
    [
        (end.active_opens > 0, Call::Open),
        (end.passive_opens > 0, Call::Listen),
        (end.sends > 0 && (peer_ended || !user.sends_late), Call::Send),
        (receives, Call::Receive),
        (end.closes > 0 && (peer_ended || !user.patient), Call::Close),
        (end.aborts > 0, Call::Abort),
        (user.lets_go && end.state != State::Closed && !released, Call::Release),
    ]
    .into_iter()
    .filter_map(|(may, call)| may.then_some(call))
    .collect()
}

/// What an end may do by itself: timers that run out, text that waits, text that came early.
fn own(bounds: &Bounds, world: &World, i: usize) -> Vec<Action> {
    let (end, n) = (&world.ends[i], i as u8);
    let mut all = Vec::new();
    for timer in [Timer::Retransmission, Timer::Persist, Timer::KeepAlive] {
        let counts = timer != Timer::Persist || bounds.persists;
        if end.is_armed(timer) && end.retransmissions > 0 && counts {
            all.push(Action::Fire(n, timer, false));
        }
    }
    if end.is_armed(Timer::DelayedAck) {
        all.push(Action::Fire(n, Timer::DelayedAck, false));
    }
    if end.is_armed(Timer::TimeWait) && end.quiet == 0 {
        all.push(Action::Fire(n, Timer::TimeWait, false));
    }
    let sends = matches!(end.state, State::Established | State::FinWait1 | State::CloseWait | State::Closing);
    if sends && end.tcb.usable_window() > 0 {
        let most = end.tcb.unsent().min(bounds.mss.into()).min(end.tcb.usable_window());
        all.extend((1..=most as u8).map(|octets| Action::Transmit(n, octets)));
    }
    let takes = matches!(end.state, State::Established | State::FinWait2);
    for (index, held) in (0..).zip(&end.held) {
        if takes && held.is_some_and(|held| held.seq.at_or_before(end.tcb.rcv_nxt)) {
            all.push(Action::Held(n, index));
        }
    }
    all
}

/// What the network may do with what is under way.
fn of_the_network(bounds: &Bounds, world: &World) -> Vec<Action> {
    let mut all = Vec::new();
    let packets: Vec<&Packet> = world.packets().collect();
    for (index, packet) in packets.iter().enumerate() {
        let earlier = &packets[..index];
        let comes = if bounds.in_order {
            earlier.iter().all(|other| other.to != packet.to)
        } else {
            // One of those that are equal is enough.
            !earlier.contains(packet)
        };
        if comes {
            let index = index as u8;
            all.push(Action::Deliver(index));
            all.extend((world.losses > 0).then_some(Action::Lose(index)));
            all.extend((world.duplicates > 0).then_some(Action::Duplicate(index)));
        }
    }
    if bounds.msl > 0
        && !bounds.in_order
        && !packets.is_empty()
        && (!bounds.timestamps || world.clock < bounds.ticks)
    {
        all.push(Action::Tick);
    }
    all
}

/// What must be among what can happen.
fn must_be_possible(scenario: &Scenario, world: &World) -> Vec<Action> {
    let bounds = &scenario.bounds;
    let mut all = of_the_network(bounds, world);
    for i in 0..2 {
        all.extend(
            calls(bounds, &scenario.users[i], world, i).into_iter().map(|call| Action::Call(i as u8, call)),
        );
        all.extend(own(bounds, world, i));
    }
    all
}

/// Whether segments lie at the front, without gaps.
fn is_closed_up(world: &World) -> bool {
    let count = world.packets().count();
    world.net.iter().take(count).all(Option::is_some)
}

/// The kinds of action that were looked at, as numbers of cases: ticks, arrivals, losses, duplications, segments for which there was no room, ticks of 2MSL,
/// segments to a host that must not answer, initial numbers that were chosen, children of listeners,
/// pieces that are next and not the first that is kept.
#[derive(Default, Debug)]
struct Cases {
    ticks: usize,
    arrivals: usize,
    losses: usize,
    duplications: usize,
    without_room: usize,
    quiet: usize,
    silent: usize,
    chosen: usize,
    children: usize,
    second: usize,
}

/// Whether a segment comes to a host that must not answer.
fn is_to_the_silent(world: &World, step: &Step) -> bool {
    let to = |packet: Packet| world.ends[usize::from(packet.to)];
    step.arrived.is_some_and(|packet| to(packet).gone || to(packet).restart > 0)
}

/// The initial number that an action gives to the connection that it opens.
fn chosen(action: Action) -> Option<u8> {
    if let Action::Opens(number, _) = action { Some(number) } else { None }
}

fn look(scenario: &Scenario, cases: &mut Cases) {
    let model = Tcp::new(scenario);
    let bounds = &scenario.bounds;
    let (mut seen, mut waiting) = (HashSet::from([model.initial()]), VecDeque::from([model.initial()]));
    let mut actions = Vec::new();
    while let Some(world) = waiting.pop_front() {
        actions.clear();
        model.possible(&world, &mut actions);
        for action in must_be_possible(scenario, &world) {
            // What opens a connection may come with each number that is free.
            let opens = |other: &Action| matches!(other, Action::Opens(_, it) if it.action() == action);
            let may = actions.contains(&action) || actions.iter().any(opens);
            assert!(may, "{}: {action:?} cannot happen in {world:?}", scenario.name);
        }
        for action in &actions {
            let Some((after, step)) = model.explain(&world, *action) else { continue };
            assert!(is_closed_up(&after), "{}: {after:?}", scenario.name);
            if let Some(wrong) = wrong(bounds, &world, &after, &step) {
                panic!("{}: {wrong}", scenario.name);
            }
            cases.silent += usize::from(is_to_the_silent(&world, &step));
            if let Some(number) = chosen(*action) {
                let begins =
                    |i: usize| after.ends[i] != world.ends[i] && after.ends[i].tcb.iss.get() as u8 == number;
                assert!((0..2).any(begins), "{}: {action:?} has another number: {after:?}", scenario.name);
                cases.chosen += 1;
            }
            for (i, end) in after.ends.iter().enumerate() {
                let forked = world.ends[i].listening && world.ends[i].state == State::Closed;
                if forked && end.state == State::SynReceived && matches!(step.action, Action::Deliver(_)) {
                    assert!(end.tcb.facts.has(Facts::CHILD), "{}: no child: {end:?}", scenario.name);
                    cases.children += 1;
                }
            }
            match step.action {
                Action::Tick => cases.ticks += 1,
                Action::Deliver(_) => cases.arrivals += 1,
                Action::Lose(_) => cases.losses += 1,
                Action::Duplicate(_) => cases.duplications += 1,
                Action::Held(_, 1) => cases.second += 1,
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

/// Strays come to both ends wherever they are.
#[test]
fn strays_come_to_both_ends_with_text_and_without() {
    let model = Tcp::new(&STRAYS);
    let (mut worlds, mut actions, mut taken) = (vec![model.initial()], Vec::new(), 0);
    for next in 0..500 {
        let Some(world) = worlds.get(next).copied() else { break };
        actions.clear();
        model.possible(&world, &mut actions);
        let mut texts = [false; 2];
        for action in &actions {
            if let Action::Stray(end, index) = *action {
                let (end, name) = (usize::from(end), tcpspec::model::stray_name(index));
                let has_text = name.contains(">, text");
                texts[end] |= has_text;
                let after = model.after(&world, *action).filter(|_| has_text);
                taken +=
                    usize::from(after.is_some_and(|a| a.ends[end].delivered > world.ends[end].delivered));
            } else if let Some(after) = model.after(&world, *action)
                && !worlds.contains(&after)
            {
                worlds.push(after);
            }
        }
        assert_eq!(texts, [world.strays > 0; 2], "{world:?}");
    }
    assert!(worlds.len() > 10 && taken > 10, "{} {taken}", worlds.len());
}

#[test]
fn segments_age_arrive_are_doubled_and_lost_as_the_bounds_say() {
    let tight =
        |scenario: Scenario| Scenario { bounds: Bounds { in_flight: 1, ..scenario.bounds }, ..scenario };
    // Where numbers wrap, of what came early the piece that is next does not come first in the list.
    let wrapped = User { iss: Numbers::Given([13; 6]), sends: 3, closes: 0, ..User::CLIENT };
    let early = Scenario {
        users: [wrapped, User { closes: 0, ..User::SERVER }],
        bounds: Bounds { window: 3, ..UNORDERED.bounds },
        ..UNORDERED
    };
    let mut cases = Cases::default();
    for scenario in [
        PLAIN,
        UNORDERED,
        early,
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
        built_in("half-close"),
        built_in("reset"),
        built_in("hazard-window/persist"),
        built_in("hazard-fin-wait-2/letter"),
        built_in("hazard-reuse/sequence-any-numbers"),
    ] {
        look(&scenario, &mut cases);
    }
    let Cases { ticks, arrivals, losses, duplications, without_room, quiet, .. } = cases;
    for count in [ticks, arrivals, losses, duplications, without_room, quiet] {
        // Or nothing was tested.
        assert!(count > 100, "{cases:?}");
    }
    let Cases { silent, chosen, children, second, .. } = cases;
    assert!([silent, chosen, children, second].iter().all(|count| *count > 0), "{cases:?}");
}

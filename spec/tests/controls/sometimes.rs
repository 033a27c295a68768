//! What each claim of the kind `sometimes` misses when it does not happen.

use super::explore::Fault::{Never, Setting};
use super::small::*;
use super::{Control, built_in, control};
use tcpspec::model::claims::*;
use tcpspec::model::{Action, Bounds, Call, Claim, Scenario, User, World};
use tcpspec::{Flags, State, Timer};

/// A scenario that is asked this claim only.
fn of(scenario: Scenario, claims: &'static [Claim]) -> Scenario {
    Scenario { claims, ..scenario }
}

/// A client with text against a server that aborts.
const RESETS: Scenario = Scenario {
    users: [User { sends: 1, aborts: 1, ..User::CLIENT }, User { aborts: 1, ..User::SERVER }],
    ..PLAIN
};
const GIVES_UP: Scenario = Scenario { bounds: Bounds { give_ups: 1, ..SILENT.bounds }, ..SILENT };
/// A's user lets go, B's sends.
const LETS_GO: Scenario = Scenario {
    users: [User { lets_go: true, closes: 0, ..User::CLIENT }, User { sends: 1, closes: 0, ..User::SERVER }],
    ..SLOW
};
/// A listener that knows its peer.
const LISTENER: Scenario = Scenario {
    users: [
        User { passive_opens: 1, names_peer: true, sends: 1, ..User::IDLE },
        User { closes: 0, ..User::SERVER },
    ],
    ..PLAIN
};
/// A window of one octet, which RECEIVE opens again.
const CLOSED_WINDOW: Scenario =
    Scenario { bounds: Bounds { window: 1, eager_users: false, ..OPEN.bounds }, ..OPEN };
/// The peer closes late, and sends before.
const LATE: Scenario = Scenario { users: [User::CLIENT, User { sends: 1, ..User::SERVER }], ..PLAIN };

/// The controls.
#[rustfmt::skip]
pub(crate) fn controls() -> Vec<Control> {
    vec![
        control(CONNECTED, "nothing comes to A", OPEN, Never(comes_to_a), &[]),
        control(ALL_DELIVERED, "nothing is given", SLOW, Never(sends), &[]),
        control(CLEANLY_CLOSED, "TIME-WAIT does not end", UNORDERED, Never(time_wait_ends), &[]),
        control(CLOSED_AGAIN, "TIME-WAIT does not end", of(PLAIN, &[CLOSED_AGAIN]), Never(time_wait_ends), &[]),
        control(TIME_WAITED, "no time passes", of(PLAIN, &[TIME_WAITED]), Never(ticks), &[]),
        control(BACK_TO_LISTEN, "no RST comes", of(RESETS, &[BACK_TO_LISTEN]), Never(rst_comes), &[]),
        control(REFUSED, "no RST comes", of(RESETS, &[REFUSED]), Never(rst_comes), &[]),
        control(RESET, "no RST comes", of(RESETS, &[RESET]), Never(rst_comes), &[]),
        control(GIVEN_UP, "R2 is never reached", of(GIVES_UP, &[GIVEN_UP]), Never(gives_up), &[]),
        control(SYNS_CROSS, "B opens when A's SYN has come", of(built_in("simultaneous-open/in-order"), &[SYNS_CROSS]), Never(b_opens_meanwhile), &[]),
        control(IN_FOUR, "crossing SYN,ACKs fail the first step", of(built_in("simultaneous-open/in-order"), &[IN_FOUR]), Setting(|s| s.options = &[("crossed_syn_ack", false)]), &[FOUR_SEGMENTS]),
        control(IN_SIX, "crossing SYN,ACKs are looked at", of(built_in("simultaneous-open/letter"), &[IN_SIX]), Setting(|s| s.options = &[]), &[]),
        control(IN_FIVE, "the network keeps order", of(built_in("simultaneous-open/letter-overtaken"), &[IN_FIVE]), Setting(|s| s.bounds.in_order = true), &[]),
        control(FINS_CROSS, "B closes after A's FIN", of(built_in("simultaneous-close/in-order"), &[FINS_CROSS]), Never(b_closes_first), &[]),
        control(NORMAL_IN_FOUR, "no FIN leaves after the peer's has come", of(built_in("simultaneous-close/in-order"), &[NORMAL_IN_FOUR]), Never(closes_last), &[]),
        control(HALF_CLOSED, "nothing is sent to an end that has closed", of(LATE, &[HALF_CLOSED]), Never(sends), &[]),
        control(FAST_CLOSE, "the network keeps order", of(UNORDERED, &[FAST_CLOSE]), Setting(|s| s.bounds.in_order = true), &[]),
        control(SECOND_CONNECTION, "A opens once", of(TWICE, &[SECOND_CONNECTION]), Never(opens_again), &[]),
        control(SECOND_TEXT, "the second connection sends nothing", TWICE, Never(sends_again), &[]),
        control(WINDOW_OPENED, "nobody receives what has come", of(CLOSED_WINDOW, &[WINDOW_OPENED]), Never(receives), &[]),
        control(RESET_BEFORE_READ, "no RST comes", of(built_in("hazard-drain/on"), &[RESET_BEFORE_READ]), Never(rst_comes), &[]),
        control(FOR_NOBODY, "nobody lets go", of(LETS_GO, &[FOR_NOBODY]), Never(lets_go), &[]),
        control(LISTENER_SENDS, "the listener does not send", of(LISTENER, &[LISTENER_SENDS]), Never(sends), &[]),
        control(BOTH_LISTEN_AGAIN, "no RST comes", of(built_in("hazard-old-syn/two-listeners"), &[BOTH_LISTEN_AGAIN]), Never(rst_comes), &[]),
        control(HALF_OPEN_ENDS, "nobody crashes", of(built_in("hazard-crash/quiet-time"), &[HALF_OPEN_ENDS]), Never(crashes), &[]),
        control(OPENED_AFTER_CRASH, "A opens once", of(built_in("hazard-crash/quiet-time"), &[OPENED_AFTER_CRASH]), Never(opens_again), &[]),
        control(SELF_CONNECTED, "nothing is given", of(built_in("hazard-self-connect/on"), &[SELF_CONNECTED]), Never(sends), &[]),
    ]
}

/// The segment that an action delivers.
fn delivered(world: &World, action: Action) -> Option<&tcpspec::model::Packet> {
    let (Action::Deliver(index) | Action::Duplicate(index)) = action else { return None };
    world.net.get(usize::from(index))?.as_ref()
}

fn comes_to_a(world: &World, action: Action) -> bool {
    delivered(world, action).is_some_and(|packet| packet.to == 0)
}

fn rst_comes(world: &World, action: Action) -> bool {
    delivered(world, action).is_some_and(|packet| packet.seg.flags.has(Flags::RST))
}

fn sends(_: &World, action: Action) -> bool {
    matches!(action, Action::Call(_, Call::Send))
}

fn receives(_: &World, action: Action) -> bool {
    matches!(action, Action::Call(_, Call::Receive))
}

fn time_wait_ends(_: &World, action: Action) -> bool {
    matches!(action, Action::Fire(_, Timer::TimeWait, _))
}

fn ticks(_: &World, action: Action) -> bool {
    action == Action::Tick
}

fn gives_up(_: &World, action: Action) -> bool {
    matches!(action, Action::Fire(_, _, true))
}

fn b_opens_meanwhile(world: &World, action: Action) -> bool {
    let is_between =
        matches!(action, Action::Call(..)) && world.ends.iter().any(|end| end.state != State::Closed);
    is_between && world.ends.iter().any(|end| end.state == State::Closed)
}

fn b_closes_first(world: &World, action: Action) -> bool {
    action == Action::Call(1, Call::Close) && !world.ends[1].state.is_peer_closed()
}

fn closes_last(world: &World, action: Action) -> bool {
    matches!(action, Action::Transmit(i, _) if world.ends[usize::from(i)].state.is_peer_closed())
}

fn opens_again(world: &World, action: Action) -> bool {
    action == Action::Call(0, Call::Open) && world.ends[0].incarnation > 0
}

fn sends_again(world: &World, action: Action) -> bool {
    matches!(action, Action::Transmit(0, _)) && world.ends[0].incarnation > 1
}

fn lets_go(_: &World, action: Action) -> bool {
    matches!(action, Action::Call(_, Call::Release))
}

fn crashes(_: &World, action: Action) -> bool {
    matches!(action, Action::Crash(_))
}

//! Which kinds of action a scenario expects: those that its bounds and its users speak of. A model that has stopped offering one of them shows less than its bounds
//! say, and no claim would notice.

use super::action::{Action, Forged, Opening};
use super::coverage::ActionKind;
use crate::Timer;
use crate::model::scenario::{Call, Numbers, Scenario, User};

impl ActionKind {
    /// The kinds that must happen where this scenario is explored to its end. Others may happen.
    pub fn expected(scenario: &Scenario) -> impl Iterator<Item = Self> + use<> {
        let bits = expected(scenario);
        Self::ALL.into_iter().filter(move |kind| bits & 1 << kind.index() != 0)
    }
}

/// A bit for each kind.
fn expected(scenario: &Scenario) -> u64 {
    let (b, users) = (&scenario.bounds, &scenario.users);
    let any = |is: fn(&User) -> bool| users.iter().any(is);
    let peer = |i: usize| &users[if b.loopback { i } else { 1 - i }];
    let each = |is: &dyn Fn(&User, &User) -> bool| (0..2).any(|i| is(&users[i], peer(i)));
    // Somebody begins.
    if !any(|user| user.active_opens > 0 || (user.names_peer && user.sends > 0)) {
        return 0;
    }
    let comes_through = !b.stripped || !scenario.options().timestamps_required;
    let text = any(|user| user.sends > 0);
    let closes = |user: &User, peer: &User| {
        user.closes > 0 && (!user.patient || (peer.closes > 0 && !peer.patient && comes_through))
    };
    let both_close = closes(&users[0], &users[1]) && closes(&users[1], &users[0]);
    // The clock stops where it is counted.
    let is_clocked = any(|user| matches!(user.iss, Numbers::Clock { .. }));
    let is_counted = b.timestamps || (is_clocked && b.ticks > 0);
    let has_ticks = |ticks: u8| !is_counted || b.ticks >= ticks;
    let received = |from: &User, to: &User| from.sends > 0 && !to.never_receives && comes_through;
    let receives = !b.eager_users && each(&received);
    let (again, gives_up) = (b.retransmissions > 0, b.give_ups > 0 || b.vanishes);
    // What a user has for two segments, the second of which may come first.
    let early = |user: &User, _: &User| user.sends + user.closes.min(1) > 1 && !user.sends_late;
    let fills = |user: &User, _: &User| user.sends > b.window;
    let call = |call| Action::Call(0, call);
    let fires = |timer, r2| Action::Fire(0, timer, r2);
    fn is_free(user: &User) -> bool {
        matches!(user.iss, Numbers::Free(_))
    }
    let opens = |opening| Action::Opens(0, opening);
    let kinds = [
        (any(|user| user.active_opens > 0), call(Call::Open)),
        (any(|user| user.passive_opens > 0), call(Call::Listen)),
        (text, call(Call::Send)),
        (receives, call(Call::Receive)),
        (receives && b.any_receive, call(Call::Take(1, 0))),
        (each(&closes), call(Call::Close)),
        (any(|user| user.aborts > 0), call(Call::Abort)),
        (any(|user| user.lets_go), call(Call::Release)),
        (text || each(&closes), Action::Transmit(0, 1)),
        (true, Action::Deliver(0)),
        (b.duplicates > 0, Action::Duplicate(0)),
        (b.losses > 0, Action::Lose(0)),
        (!b.in_order && b.in_flight > 1 && b.window > 1 && each(&early) && comes_through, Action::Held(0, 0)),
        (b.msl > 0 && has_ticks(1) && (!b.in_order || both_close), Action::Tick),
        (again, fires(Timer::Retransmission, false)),
        (again && b.persists && !b.eager_users && each(&fills), fires(Timer::Persist, false)),
        (again && b.keep_alive, fires(Timer::KeepAlive, false)),
        (b.delayed_acks && text, fires(Timer::DelayedAck, false)),
        (both_close && comes_through && has_ticks(b.time_wait()), fires(Timer::TimeWait, false)),
        (b.orphans && each(&closes), fires(Timer::Orphan, false)),
        (gives_up, fires(Timer::Retransmission, true)),
        (gives_up, fires(Timer::User, true)),
        (gives_up && b.keep_alive, fires(Timer::KeepAlive, true)),
        (b.crashes > 0, Action::Crash(0)),
        (b.strays > 0, Action::Stray(0, 0)),
        (b.vanishes, Action::Vanish(0)),
        (any(|user| is_free(user) && user.active_opens > 1), opens(Opening::Call(0, Call::Open))),
        (any(|user| is_free(user) && user.listens), opens(Opening::Deliver(0))),
    ];
    let forged = Forged::ALL.map(|kind| (b.forgeries > 0, Action::Forge(0, kind, 0, 0)));
    let late = (b.msl > 1 && has_ticks(b.msl - 1) && !b.in_order, ActionKind::LATE);
    let of = |(is, action): (bool, Action)| (is, ActionKind::of(action));
    let kinds = kinds.map(of).into_iter().chain(forged.map(of)).chain([late]);
    kinds.filter(|(is, _)| *is).fold(0, |bits, (_, kind)| bits | 1 << kind.index())
}

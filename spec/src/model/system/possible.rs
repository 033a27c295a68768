//! All that can happen in a world.

use super::action::{Action, Forged, Opening};
use super::strays;
use super::tcp::Tcp;
use crate::call::Transmit;
use crate::model::scenario::{Call, Forger, Numbers};
use crate::model::world::{World, width};
use crate::{Event, Facts, State, Timer, enabled};

impl Tcp {
    /// All that can happen in this world.
    pub fn possible(&self, world: &World, actions: &mut Vec<Action>) {
        if world.strays > 0 {
            for i in 0..2 {
                let end = &world.ends[usize::from(i)];
                strays::each(end, &self.scenario, |index| actions.push(Action::Stray(i, index)));
            }
        }
        if world.strayed {
            return;
        }
        for i in 0..2 {
            self.user_actions(world, i, actions);
            self.own_actions(world, i, actions);
            self.outside_actions(world, i, actions);
        }
        if self.scenario.bounds.vanishes && !world.ends[1].gone {
            actions.push(Action::Vanish(1));
        }
        let mut first = [true; 2];
        for (index, packet) in world.packets().enumerate() {
            let to = usize::from(packet.to);
            // Equal segments lie side by side: one of them is enough.
            let same = index > 0 && world.net[index] == world.net[index - 1];
            if (self.scenario.bounds.in_order && !first[to]) || (same && !self.scenario.bounds.in_order) {
                continue;
            }
            first[to] = false;
            let index = index as u8;
            actions.push(Action::Deliver(index));
            if world.duplicates > 0 {
                actions.push(Action::Duplicate(index));
            }
            if world.losses > 0 {
                actions.push(Action::Lose(index));
            }
        }
        // A network that keeps order is also faster than the clock.
        let waits = world.ends.iter().any(|end| end.quiet > 0 || end.restart > 0);
        let time_matters = if self.scenario.bounds.in_order {
            world.is_quiet() && waits
        } else {
            !world.is_quiet() || waits
        };
        let bounds = &self.scenario.bounds;
        let counted = bounds.timestamps || (self.is_clocked() && bounds.ticks > 0);
        let may_tick = bounds.msl > 0 && (!counted || world.clock < bounds.ticks);
        if may_tick && (time_matters || self.is_clocked()) {
            actions.push(Action::Tick);
        }
        if self.scenario.users.iter().any(|user| matches!(user.iss, Numbers::Free(_))) {
            self.choose_numbers(world, actions);
        }
    }

    /// Where an action opens a connection and its number is free, there is one action for each number.
    fn choose_numbers(&self, world: &World, actions: &mut Vec<Action>) {
        let is_free = |i: usize| {
            matches!(self.scenario.users[i].iss, Numbers::Free(_)) && world.ends[i].incarnation > 0
        };
        let opens = |action: Action| {
            let opening = Opening::of(action)?;
            let after = self.tried(world, action)?;
            let opens = |i: usize| is_free(i) && after.ends[i].incarnation != world.ends[i].incarnation;
            (opens(0) || opens(1)).then_some(opening)
        };
        let openings: Vec<Opening> = actions.iter().filter_map(|action| opens(*action)).collect();
        actions.retain(|action| !openings.iter().any(|opening| opening.action() == *action));
        for opening in openings {
            actions.extend((0..width::size()).map(|number| Action::Opens(number, opening)));
        }
    }

    fn user_actions(&self, world: &World, i: usize, actions: &mut Vec<Action>) {
        let (end, user, bounds) = (&world.ends[i], &self.scenario.users[i], &self.scenario.bounds);
        let mut offer = |wanted: bool, call| {
            if wanted {
                actions.push(Action::Call(i as u8, call));
            }
        };
        if end.restart > 0 {
            // The quiet time: nothing is sent, so nothing is asked.
            return;
        }
        let peer_has_ended = end.state.is_peer_closed();
        offer(end.active_opens > 0, Call::Open);
        offer(end.passive_opens > 0, Call::Listen);
        // A user with as many octets as there are numbers waits for room. What is queued is less than half of the numbers.
        let half = u32::from(width::half());
        let has_room = u32::from(user.sends) < half || end.tcb.snd_una.distance(end.tcb.snd_end) + 2 < half;
        offer(end.sends > 0 && has_room && (!user.sends_late || peer_has_ended), Call::Send);
        let receives = end.on_hand > 0 && !user.never_receives && !crate::guards::released(&end.tcb, &());
        offer(!bounds.eager_users && receives, Call::Receive);
        if bounds.any_receive && receives {
            for octets in 1..=end.on_hand {
                let windows = end.tcb.rcv_wnd..=bounds.window.saturating_sub(end.on_hand - octets);
                windows.for_each(|window| offer(true, Call::Take(octets, window)));
            }
        }
        offer(end.closes > 0 && (!user.patient || peer_has_ended), Call::Close);
        offer(end.aborts > 0, Call::Abort);
        offer(
            user.lets_go && end.state != State::INITIAL && !crate::guards::released(&end.tcb, &()),
            Call::Release,
        );
    }

    /// What neither users nor the network do.
    fn outside_actions(&self, world: &World, i: usize, actions: &mut Vec<Action>) {
        let end = &world.ends[i];
        if world.crashes > 0 && self.scenario.users[i].crashes && end.state != State::INITIAL {
            actions.push(Action::Crash(i as u8));
        }
        // Before both ends talk to each other there is nothing to gain for a forger that a lost SYN would not show.
        if world.forgeries == 0 || !world.ends.iter().all(|end| end.state.is_synchronized()) {
            return;
        }
        let right = (end.tcb.rcv_nxt.get() as u8, end.tcb.snd_nxt.get() as u8);
        for kind in Forged::ALL {
            match self.scenario.bounds.forger {
                Forger::Knowing => actions.push(Action::Forge(i as u8, kind, right.0, right.1)),
                Forger::Blind => {
                    for seq in 0..width::size() {
                        // Without an ACK its number means nothing.
                        let acks =
                            if matches!(kind, Forged::Rst | Forged::Syn) { 0..1 } else { 0..width::size() };
                        actions.extend(acks.map(|ack| Action::Forge(i as u8, kind, seq, ack)));
                    }
                }
            }
        }
    }

    fn own_actions(&self, world: &World, i: usize, actions: &mut Vec<Action>) {
        let end = &world.ends[i];
        let bounds = &self.scenario.bounds;
        let n = i as u8;
        // If nobody answers any more, R2 will be reached.
        let gives_up = world.give_ups > 0 || world.ends[1 - i].gone;
        // One more than the window has room for, where text and segment do: how much may leave is the table's to say.
        let wanted = (end.tcb.unsent() as u8).min(bounds.mss);
        let usable = wanted.min((end.tcb.usable_window() as u8).saturating_add(1));
        // Only a machine with a fault gives more than there is.
        let most = if self.is_faulty() { bounds.mss } else { usable };
        for max in 1..=most.max(1) {
            let event = Event::Transmit(Transmit { max: max.into(), ..Transmit::default() });
            // What a machine with a fault would do is not known beforehand.
            if self.is_faulty() || enabled(end.state, &end.tcb, &event, &self.options) {
                actions.push(Action::Transmit(n, max));
            }
        }
        for (index, held) in end.held.iter().enumerate() {
            let Some(held) = held else { continue };
            let segment = held.segment();
            // Some states let it wait: the table says which.
            let taken =
                self.is_faulty() || enabled(end.state, &end.tcb, &Event::Held(segment), &self.options);
            if held.seq.at_or_before(end.tcb.rcv_nxt)
                && (taken || !end.state.is_receiving())
                && !end.state.is_opening()
            {
                actions.push(Action::Held(n, index as u8));
            }
        }
        for timer in Timer::ALL {
            if !end.is_armed(timer) {
                continue;
            }
            match timer {
                Timer::TimeWait => {
                    if end.quiet == 0 {
                        actions.push(Action::Fire(n, timer, false));
                    }
                }
                Timer::DelayedAck => actions.push(Action::Fire(n, timer, false)),
                Timer::Orphan => {
                    // What the peer alone can keep from ending; the rest ends by itself, unless nobody answers.
                    if !end.tcb.has_undelivered() || end.tcb.send_window() == 0 {
                        actions.push(Action::Fire(n, timer, false));
                    } else if gives_up {
                        actions.push(Action::Fire(n, timer, true));
                    }
                }
                Timer::Persist if !bounds.persists => {}
                Timer::User => {
                    if gives_up {
                        actions.push(Action::Fire(n, timer, true));
                    }
                }
                Timer::Retransmission | Timer::Persist | Timer::KeepAlive => {
                    if end.retransmissions > 0 {
                        actions.push(Action::Fire(n, timer, false));
                    }
                    let parts = bounds.any_part && timer as u8 == Timer::Retransmission as u8;
                    if end.retransmissions > 0 && parts && end.tcb.facts.has(Facts::SYN_ACKED) {
                        let outstanding = end.tcb.in_flight() as u8;
                        let whole = (0, outstanding);
                        let parts = (0..outstanding)
                            .flat_map(|from| (1..=outstanding - from).map(move |len| (from, len)));
                        actions.extend(
                            parts
                                .filter(|part| *part != whole)
                                .map(|(from, len)| Action::Resend(n, from, len)),
                        );
                    }
                    if gives_up {
                        actions.push(Action::Fire(n, timer, true));
                    }
                }
            }
        }
    }
}

//! All that can happen in the model.

use super::properties::asks_with_whom;
use super::world::{End, HELD_CAPACITY, INCARNATIONS, NET_CAPACITY, Packet, World};
use super::{Coverage, Forger, Numbers, Scenario, Space16};
use crate::call::Transmit;
use crate::mutants::Mutant;
use crate::{Event, Facts, Flags, Options, Row, Segment, Seq, State, Tcb, Timer, enabled};
use core::fmt;

/// A call of a user.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// Active OPEN.
    Open,
    /// Passive OPEN.
    Listen,
    /// SEND of one octet.
    Send,
    /// RECEIVE of all that is on hand; the host offers the whole window.
    Receive,
    /// RECEIVE of so many octets, after which the host offers such a window; none that is smaller than what it offers already counts.
    Take(u8, u8),
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
    /// RELEASE: CLOSE, and nobody receives any more.
    Release,
}

/// Something that can happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The user of an end calls.
    Call(u8, Call),
    /// An end sends queued text (this much at most), its FIN, or both.
    Transmit(u8, u8),
    /// A segment arrives.
    Deliver(u8),
    /// A copy of a segment arrives; the segment stays under way.
    Duplicate(u8),
    /// A segment is lost.
    Lose(u8),
    /// What an end has kept is next.
    Held(u8, u8),
    /// A timer of an end runs out; with `true`, R2 is reached.
    Fire(u8, Timer, bool),
    /// The retransmission timer runs out, and this part of what is outstanding is sent again: where it begins behind SND.UNA, and how much text.
    Resend(u8, u8, u8),
    /// A tick passes.
    Tick,
    /// An end crashes and restarts without its TCB.
    Crash(u8),
    /// The forger's segment arrives at an end: what, its sequence number, its acknowledgment number.
    Forge(u8, Forged, u8, u8),
    /// Some event comes to an end, be it expected there or not (see [`Bounds::strays`](super::Bounds::strays)).
    Stray(u8, u16),
    /// The host of an end vanishes for good.
    Vanish(u8),
    /// Something opens a connection, which takes this initial number.
    Opens(u8, Opening),
}

/// What can open a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Opening {
    /// As [`Action::Call`].
    Call(u8, Call),
    /// As [`Action::Deliver`].
    Deliver(u8),
    /// As [`Action::Duplicate`].
    Duplicate(u8),
}

impl Opening {
    /// The action without a number.
    pub fn action(self) -> Action {
        match self {
            Self::Call(i, call) => Action::Call(i, call),
            Self::Deliver(index) => Action::Deliver(index),
            Self::Duplicate(index) => Action::Duplicate(index),
        }
    }

    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Call(i, call) => Some(Self::Call(i, call)),
            Action::Deliver(index) => Some(Self::Deliver(index)),
            Action::Duplicate(index) => Some(Self::Duplicate(index)),
            _ => None,
        }
    }
}

/// What a forger sends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Forged {
    /// A RST.
    Rst,
    /// A SYN.
    Syn,
    /// An ACK.
    Ack,
    /// One octet of text.
    Text,
}

impl Forged {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Rst, Self::Syn, Self::Ack, Self::Text];

    /// The segment.
    pub fn segment(self, seq: u8, ack: u8) -> Segment<Space16> {
        let flags = match self {
            Self::Rst => Flags::RST,
            Self::Syn => Flags::SYN,
            Self::Ack | Self::Text => Flags::ACK,
        };
        Segment {
            seq: Seq::new(seq.into()),
            ack: Seq::new(ack.into()),
            wnd: 1,
            len: u8::from(self == Self::Text),
            flags,
            ..Segment::default()
        }
    }
}

/// The tag of what a forger has sent.
pub(super) const FORGER: u8 = 15;

/// What an action did, for ladders.
#[derive(Clone, Debug)]
pub struct Step {
    /// The action.
    pub action: Action,
    /// The segment that arrived or was lost.
    pub arrived: Option<Packet>,
    /// The end at which something happened, if it was one.
    pub end: Option<usize>,
    /// The rows that fired, in order.
    pub rows: Vec<Row>,
    /// Segments that were sent.
    pub sent: Vec<Packet>,
    /// States of both ends before.
    pub before: [State; 2],
    /// States of both ends after.
    pub after: [State; 2],
}

/// The model: a scenario, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Tcp {
    /// What is explored.
    pub scenario: Scenario,
    /// The options under which the table runs.
    pub options: Options,
    /// Only this property is checked (for the shortest path to it).
    pub only: Option<&'static str>,
    /// What has happened, shared by all threads.
    pub coverage: &'static Coverage,
    /// The fault with which the machine runs.
    pub mutant: Option<Mutant>,
    /// A claim asks who is established with whom.
    pub asks_with_whom: bool,
}

impl Tcp {
    /// The model of a scenario, all of its properties asked.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            scenario: *scenario,
            options: scenario.options(),
            only: None,
            coverage: Box::leak(Box::default()),
            mutant: scenario.without,
            asks_with_whom: scenario.claims.iter().any(asks_with_whom),
        }
    }

    /// The state in which everything begins.
    pub fn initial(&self) -> World {
        let end = |i: usize| {
            let user = &self.scenario.users[i];
            End {
                state: State::INITIAL,
                tcb: Tcb::default(),
                listening: user.listens,
                armed: 0,
                quiet: 0,
                restart: 0,
                on_hand: 0,
                held: [None; HELD_CAPACITY],
                last_ack: Seq::default(),
                active_opens: user.active_opens,
                passive_opens: user.passive_opens,
                sends: user.sends,
                aborts: user.aborts,
                closes: user.closes,
                retransmissions: self.scenario.bounds.retransmissions,
                challenges: self.scenario.bounds.challenges,
                incarnation: 0,
                peer_incarnation: 0,
                peer_gone: 0,
                given: [0; INCARNATIONS],
                delivered: 0,
                closed: false,
                gone: false,
                past: 0,
            }
        };
        World {
            ends: [end(0), end(1)],
            net: [None; NET_CAPACITY],
            losses: self.scenario.bounds.losses,
            duplicates: self.scenario.bounds.duplicates,
            give_ups: self.scenario.bounds.give_ups,
            crashes: self.scenario.bounds.crashes,
            forgeries: self.scenario.bounds.forgeries,
            clock: 0,
            chosen: 0,
            part: None,
            segments: 0,
            faults: 0,
            breaches: 0,
            strays: self.scenario.bounds.strays,
            strayed: false,
            unclean: false,
        }
    }

    /// All that can happen in this world.
    pub fn possible(&self, world: &World, actions: &mut Vec<Action>) {
        if world.strays > 0 {
            for i in 0..2 {
                actions.extend((0..super::strays::COUNT).map(|index| Action::Stray(i, index)));
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

    /// Whether initial numbers come from the clock.
    pub(super) fn is_clocked(&self) -> bool {
        self.scenario.users.iter().any(|user| matches!(user.iss, Numbers::Clock { .. }))
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
            actions.extend((0..16).map(|number| Action::Opens(number, opening)));
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
        offer(end.sends > 0 && (!user.sends_late || peer_has_ended), Call::Send);
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
                    for seq in 0..16 {
                        // Without an ACK its number means nothing.
                        let acks = if matches!(kind, Forged::Rst | Forged::Syn) { 0..1 } else { 0..16 };
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
        let largest = (end.tcb.unsent().min(end.tcb.usable_window()) as u8).min(bounds.mss);
        for max in 1..=largest.max(1) {
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

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Take(octets, window) => return write!(f, "RECEIVE of {octets}, window {window}"),
            Self::Open => "active OPEN",
            Self::Listen => "passive OPEN",
            Self::Send => "SEND",
            Self::Receive => "RECEIVE",
            Self::Close => "CLOSE",
            Self::Abort => "ABORT",
            Self::Release => "RELEASE",
        })
    }
}

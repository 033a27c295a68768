//! All that can happen in the model, and the world after it.

use super::expectations::Happening;
use super::host::ModelHost;
use super::world::{End, HELD_CAPACITY, INCARNATIONS, NET_CAPACITY, PROVOKED, Packet, World, fault, past};
use super::{Forger, Numbers, Scenario, Space16, UNCOUNTED};
use crate::call::{Bare, Expiry, Open, Receive, Send, Transmit};
use crate::mutants::Mutant;
use crate::{Event, Facts, Flags, Notice, Options, Row, Segment, Seq, State, Tcb, Timer, enabled, step};
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
    /// RECEIVE of all that is on hand.
    Receive,
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
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
    /// Which rows have fired, shared by all threads.
    pub coverage: &'static Coverage,
    /// The fault with which the machine runs.
    pub mutant: Option<Mutant>,
}

/// Which rows have fired.
#[derive(Debug)]
pub struct Coverage([core::sync::atomic::AtomicBool; Row::COUNT]);

impl Default for Coverage {
    fn default() -> Self {
        Self(core::array::from_fn(|_| core::sync::atomic::AtomicBool::new(false)))
    }
}

impl Coverage {
    fn note(&self, row: Row) {
        let bit = &self.0[row as usize];
        // A load is cheaper than a store that every core has to hear of.
        if !bit.load(core::sync::atomic::Ordering::Relaxed) {
            bit.store(true, core::sync::atomic::Ordering::Relaxed);
        }
    }

    /// Whether a row has fired.
    pub fn has(&self, row: Row) -> bool {
        self.0[row as usize].load(core::sync::atomic::Ordering::Relaxed)
    }
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
        let may_tick = bounds.msl > 0 && (!bounds.timestamps || world.clock < bounds.ticks);
        if may_tick && (time_matters || self.is_clocked()) {
            actions.push(Action::Tick);
        }
        if self.scenario.users.iter().any(|user| matches!(user.iss, Numbers::Free(_))) {
            self.choose_numbers(world, actions);
        }
    }

    /// Whether initial numbers come from the clock.
    fn is_clocked(&self) -> bool {
        self.scenario.users.iter().any(|user| matches!(user.iss, Numbers::Clock { .. }))
    }

    /// Where an action opens a connection and its number is free, there is one action for each number.
    fn choose_numbers(&self, world: &World, actions: &mut Vec<Action>) {
        let is_free = |i: usize| {
            matches!(self.scenario.users[i].iss, Numbers::Free(_)) && world.ends[i].incarnation > 0
        };
        let opens = |action: Action| {
            let opening = Opening::of(action)?;
            let after = self.after(world, action)?;
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
        let (end, user) = (&world.ends[i], &self.scenario.users[i]);
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
        offer(!self.scenario.bounds.eager_users && end.on_hand > 0, Call::Receive);
        offer(end.closes > 0 && (!user.patient || peer_has_ended), Call::Close);
        offer(end.aborts > 0, Call::Abort);
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
            if held.is_some_and(|h| h.seq.at_or_before(end.tcb.rcv_nxt)) && !end.state.is_opening() {
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
                Timer::DelayedAck | Timer::FinWait2 => actions.push(Action::Fire(n, timer, false)),
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
                    if gives_up {
                        actions.push(Action::Fire(n, timer, true));
                    }
                }
            }
        }
    }

    /// The world after an action, and what happened; `None` if nothing did.
    pub fn explain(&self, world: &World, action: Action) -> Option<(World, Step)> {
        let mut after = *world;
        // The number shows in what is sent.
        let shown = if let Action::Opens(_, opening) = action { opening.action() } else { action };
        let mut log = Some(Step {
            action: shown,
            arrived: None,
            end: None,
            rows: Vec::new(),
            sent: Vec::new(),
            before: [world.ends[0].state, world.ends[1].state],
            after: [State::INITIAL; 2],
        });
        self.apply(&mut after, action, &mut log);
        if after == *world || after.faults & fault::NO_ROOM != 0 {
            return None;
        }
        let mut step = log?;
        step.after = [after.ends[0].state, after.ends[1].state];
        Some((after, step))
    }

    /// The world after an action; `None` if nothing happened.
    #[inline]
    pub fn after(&self, world: &World, action: Action) -> Option<World> {
        let mut after = *world;
        self.apply(&mut after, action, &mut None);
        (after != *world && after.faults & fault::NO_ROOM == 0).then_some(after)
    }

    /// Whether an action only waits for room in the network.
    pub fn waits_for_room(&self, world: &World, action: Action) -> bool {
        let mut after = *world;
        self.apply(&mut after, action, &mut None);
        after.faults & fault::NO_ROOM != 0
    }

    fn apply(&self, world: &mut World, action: Action, log: &mut Option<Step>) {
        match action {
            Action::Call(i, call) => self.call(world, i.into(), call, log),
            Action::Transmit(i, max) => {
                let event = Event::Transmit(Transmit { max: max.into(), ..Transmit::default() });
                self.run(world, i.into(), event, 0, log);
            }
            Action::Deliver(index) => {
                if let Some(packet) = world.take(index.into()) {
                    self.arrive(world, packet, log);
                }
            }
            Action::Duplicate(index) => {
                spend(&mut world.duplicates);
                if let Some(packet) = world.net[usize::from(index)] {
                    self.arrive(world, packet, log);
                }
            }
            Action::Lose(index) => {
                spend(&mut world.losses);
                let packet = world.take(index.into());
                if let Some(log) = log {
                    log.arrived = packet;
                }
            }
            Action::Held(i, index) => {
                if let Some(held) = world.ends[usize::from(i)].held[usize::from(index)].take() {
                    world.ends[usize::from(i)].held.sort_unstable_by_key(Option::is_none);
                    let flags = if held.fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
                    let seg = Segment { seq: held.seq, len: held.len, flags, ..Segment::default() };
                    // Only what is new of it.
                    if let Some(seg) = new_part(seg, world.ends[usize::from(i)].tcb.rcv_nxt) {
                        self.run(world, i.into(), Event::Held(seg), held.tag, log);
                    }
                }
            }
            Action::Opens(number, opening) => {
                world.chosen = number;
                self.apply(world, opening.action(), log);
                world.chosen = 0;
            }
            Action::Stray(i, index) => self.stray(world, i.into(), index, log),
            Action::Fire(i, timer, r2) => self.fire(world, i.into(), timer, r2, log),
            Action::Crash(i) => {
                self.crash(world, i.into());
                if let Some(log) = log {
                    log.end = Some(i.into());
                }
            }
            Action::Forge(i, kind, seq, ack) => self.forge(world, i.into(), kind.segment(seq, ack), log),
            Action::Tick => {
                world.tick(self.scenario.bounds.msl);
                if self.scenario.bounds.timestamps || self.is_clocked() {
                    world.clock = (world.clock + 1) % 16;
                }
            }
            Action::Vanish(i) => {
                world.ends[usize::from(i)] = self.vanished();
                world.unclean = true;
                if let Some(log) = log {
                    log.end = Some(i.into());
                }
            }
        }
    }

    fn call(&self, world: &mut World, i: usize, call: Call, log: &mut Option<Step>) {
        let names_peer = self.scenario.users[i].names_peer;
        let end = &world.ends[i];
        let event = match call {
            Call::Open => Event::Open(Open { active: true, remote: true, forks: false }),
            Call::Listen => Event::Open(Open { active: false, remote: names_peer, forks: false }),
            Call::Send => Event::Send(Send { len: 1, urgent: false, room: true }),
            Call::Receive => Event::Receive(self.receive(end.on_hand)),
            Call::Close => Event::Close(Bare),
            Call::Abort => Event::Abort(Bare),
        };
        let was_closed = end.closed;
        let accepted = self.run(world, i, event, 0, log);
        if !accepted {
            return;
        }
        let end = &mut world.ends[i];
        match call {
            Call::Open => end.active_opens -= 1,
            Call::Listen => end.passive_opens -= 1,
            Call::Send => {
                if was_closed {
                    world.faults |= fault::SENT_AFTER_CLOSE;
                }
                end.sends -= 1;
                end.given[usize::from(end.incarnation) % INCARNATIONS] += 1;
            }
            Call::Receive => {}
            Call::Close => {
                spend(&mut end.closes);
                end.closed = true;
            }
            Call::Abort => {
                end.aborts -= 1;
                world.unclean = true;
            }
        }
    }

    fn receive(&self, on_hand: u8) -> Receive {
        let on_hand = u32::from(on_hand);
        Receive { on_hand, max: on_hand, window: self.scenario.bounds.window.into(), taken: 0 }
    }

    fn fire(&self, world: &mut World, i: usize, timer: Timer, r2: bool, log: &mut Option<Step>) {
        let end = &mut world.ends[i];
        end.armed &= !(1 << timer as u8);
        if r2 {
            world.give_ups = world.give_ups.saturating_sub(1);
        } else if matches!(timer, Timer::Retransmission | Timer::Persist | Timer::KeepAlive) {
            spend(&mut end.retransmissions);
        }
        let expiry = Expiry { r1: false, r2 };
        let event = match timer {
            Timer::Retransmission => Event::Retransmission(expiry),
            Timer::Persist => Event::Probe(expiry),
            Timer::KeepAlive => Event::KeepAlive(expiry),
            Timer::DelayedAck => Event::DelayedAck(Bare),
            Timer::TimeWait => Event::TimeWait(Bare),
            Timer::User => Event::UserTimeout(Bare),
            Timer::FinWait2 => Event::FinWait2(Bare),
        };
        self.run(world, i, event, 0, log);
    }

    /// What is left of an end whose host has vanished: nothing, and its user does nothing more.
    fn vanished(&self) -> End {
        let nothing = self.initial().ends[0];
        End {
            listening: false,
            active_opens: 0,
            passive_opens: 0,
            sends: 0,
            aborts: 0,
            closes: 0,
            gone: true,
            ..nothing
        }
    }

    fn arrive(&self, world: &mut World, packet: Packet, log: &mut Option<Step>) {
        let i = usize::from(packet.to);
        if let Some(log) = log {
            log.arrived = Some(packet);
        }
        if world.ends[i].restart > 0 || world.ends[i].gone {
            // In the quiet time nothing may be sent, so nothing is answered; a host that has gone answers nothing ever.
            return;
        }
        let mut seg = packet.seg;
        seg.listener = world.ends[i].listening;
        seg.echoes = world.ends[i].echoes(&seg);
        // Without a connection of its own the segment meets the listener.
        if world.ends[i].state == State::INITIAL && world.ends[i].listening {
            self.meet_listener(world, i, seg, packet.tag, log);
        } else {
            self.run(world, i, Event::Segment(seg), packet.tag, log);
        }
    }

    fn crash(&self, world: &mut World, i: usize) {
        world.crashes -= 1;
        let end = &mut world.ends[i];
        *end = End {
            state: State::INITIAL,
            tcb: Tcb::default(),
            armed: 0,
            quiet: 0,
            restart: if self.scenario.bounds.quiet_time { self.scenario.bounds.msl } else { 0 },
            on_hand: 0,
            held: [None; HELD_CAPACITY],
            peer_incarnation: 0,
            delivered: 0,
            closed: false,
            past: end.past | past::CRASHED,
            ..*end
        };
    }

    fn forge(&self, world: &mut World, i: usize, seg: Segment<Space16>, log: &mut Option<Step>) {
        world.forgeries -= 1;
        let before = world.ends[i];
        self.run(world, i, Event::Segment(seg), FORGER, log);
        let after = &world.ends[i];
        // Whatever else follows from it: the connection is gone, or the forger's text is the user's.
        if after.state == State::INITIAL || after.delivered != before.delivered {
            world.faults |= fault::FORGED;
            world.unclean = true;
        }
    }

    /// The listener beside the connection takes the segment; a child becomes the connection.
    fn meet_listener(
        &self,
        world: &mut World,
        i: usize,
        seg: Segment<Space16>,
        tag: u8,
        log: &mut Option<Step>,
    ) {
        let mut state = State::INITIAL;
        let mut tcb = Tcb::<Space16>::default();
        let mut aside = world.ends[i];
        let mut host = ModelHost::new(&mut aside, 0, 0, 0, 0);
        let mut open = Event::Open(Open { active: false, remote: false, forks: true });
        let _ = self.machine(&mut state, &mut tcb, &mut open, &mut host);

        let listener = End { state, tcb, armed: 0, ..world.ends[i] };
        let mut host = ModelHost::new(&mut aside, 0, 0, 0, tag);
        let _ = self.machine(&mut state, &mut tcb, &mut Event::Segment(seg), &mut host);
        self.note_rows(&host, i, log);
        let (forked, told) = (host.forked, host.notices);
        let sent: Vec<_> = host.sent().to_vec();
        let all: Vec<_> = sent.iter().copied().map(Some).collect();
        let after = End { state, tcb, ..world.ends[i] };
        world.breaches |= Happening {
            options: &self.options,
            event: &Event::Segment(seg),
            before: &listener,
            after: &after,
            answer: Ok(()),
            told,
            acked: None,
            started: 0,
            flushed: false,
            sent: &all,
            passed_on: forked.is_some(),
            eager: false,
            two_msl: 0,
            window: 0,
            limited: false,
        }
        .breaches();
        for seg in sent {
            self.send(world, i, seg, false, log);
        }
        if let Some(seg) = forked {
            tcb.facts.clear(Facts::FORKS);
            tcb.facts.set(Facts::CHILD);
            world.ends[i].state = state;
            world.ends[i].tcb = tcb;
            self.run(world, i, Event::Segment(seg), tag, log);
        }
    }

    /// The machine, which may have a fault.
    #[inline]
    fn machine(
        &self,
        state: &mut State,
        tcb: &mut Tcb<Space16>,
        event: &mut Event<Space16>,
        host: &mut ModelHost<'_>,
    ) -> Result<(), crate::CallError> {
        if self.mutant.is_some() {
            return crate::mutants::step(self.mutant, state, tcb, event, &self.options, host);
        }
        step(state, tcb, event, &self.options, host)
    }

    /// Whether the machine runs with a fault.
    fn is_faulty(&self) -> bool {
        self.mutant.is_some()
    }

    fn note_rows(&self, host: &ModelHost<'_>, i: usize, log: &mut Option<Step>) {
        for row in host.rows() {
            self.coverage.note(row);
        }
        if let Some(log) = log {
            log.end = Some(i);
            log.rows.extend(host.rows());
        }
    }

    /// Runs one event at one end, sends what it sends, and keeps the books. Answers whether it was not refused.
    pub(super) fn run(
        &self,
        world: &mut World,
        i: usize,
        mut event: Event<Space16>,
        tag: u8,
        log: &mut Option<Step>,
    ) -> bool {
        let bounds = &self.scenario.bounds;
        let given = if let Event::Segment(seg) = &event { Some(*seg) } else { None };
        let before = world.ends[i];
        let mut end = before;
        let (mut state, mut tcb) = (end.state, end.tcb);
        let iss = self.next_number(world, i);
        let came = event.clone();
        let mut host = ModelHost::new(&mut end, iss, bounds.window, bounds.time_wait(), tag);
        host.keep_alive = bounds.keep_alive;
        host.orphans = bounds.orphans;
        host.merging = bounds.merging;
        let result = self.machine(&mut state, &mut tcb, &mut event, &mut host);
        host.take(&event);
        let eager = bounds.eager_users && host.delivered.is_some();
        if eager {
            // The user takes the text at once, as part of the same event.
            let mut receive = Event::Receive(self.receive(host.on_hand()));
            let _ = self.machine(&mut state, &mut tcb, &mut receive, &mut host);
            host.take(&receive);
        }
        self.note_rows(&host, i, log);

        // One acknowledgment per event (MUST-58). A delayed one may also leave at once: its timer may fire any time.
        let mut own_ack = None;
        let limited = host.wanted == Some(crate::Acknowledge::Challenge) && before.challenges == 0;
        match host.wanted {
            Some(crate::Acknowledge::Challenge) if limited => {}
            Some(crate::Acknowledge::Text | crate::Acknowledge::Window) if bounds.delayed_acks => {
                crate::Host::<Space16>::start(&mut host, Timer::DelayedAck);
            }
            Some(_) => {
                crate::Host::<Space16>::stop(&mut host, Timer::DelayedAck);
                own_ack = Some(tcb.acknowledgment());
            }
            None => {}
        }
        let mut sent: [Option<Segment<Space16>>; 5] = [None; 5];
        for (slot, seg) in sent.iter_mut().zip(host.sent().iter().copied().chain(own_ack)) {
            *slot = Some(seg);
        }
        let challenged = host.wanted == Some(crate::Acknowledge::Challenge) && !limited;
        let handed_over = host.handed_over;
        let (told_all, forked, acked) = (host.notices, host.forked, host.acked);
        let (started, flushed) = (host.started, host.flushed);
        let delivered = host.delivered;
        let told = |notice| host.notices & (1 << notice as u16) != 0;
        let (closing, refused, reset) = (told(Notice::Closing), told(Notice::Refused), told(Notice::Reset));
        world.faults |= host.faults;
        let was_unclean = world.unclean;
        world.unclean |= host.unclean;
        end.state = state;
        end.tcb = tcb;
        if challenged {
            spend(&mut end.challenges);
        }
        let breaches = Happening {
            options: &self.options,
            event: &came,
            before: &before,
            after: &end,
            answer: result,
            told: told_all,
            acked,
            started,
            flushed,
            sent: &sent,
            passed_on: handed_over.is_some() || forked.is_some(),
            eager,
            two_msl: bounds.time_wait(),
            window: bounds.window,
            limited,
        }
        .breaches();
        // Where all incarnations count as one, what begins anew cannot be told from what goes on.
        world.breaches |= if bounds.merging { 0 } else { breaches };
        self.keep_books(world, i, &before, &mut end, tag, delivered, closing);
        if refused || (reset && before.state.is_opening()) {
            end.past |= past::REFUSED;
        } else if reset {
            end.past |= past::RESET;
        }
        let mut provoked = false;
        if let Some(seg) = given {
            provoked = before.is_older(tag);
            self.keep_time_wait(world, &before, &end, &seg, tag, was_unclean);
        }
        world.ends[i] = end;
        for seg in sent.into_iter().flatten() {
            self.check_sent(world, i, before.state, seg);
            self.send(world, i, seg, provoked, log);
        }
        if let Some(seg) = handed_over {
            self.meet_listener(world, i, seg, tag, log);
        }
        result.is_ok()
    }

    /// The initial number of an end's next connection.
    fn next_number(&self, world: &World, i: usize) -> u8 {
        let incarnation = world.ends[i].incarnation;
        match self.scenario.users[i].iss {
            Numbers::Given(all) => all[usize::from(incarnation) % INCARNATIONS],
            Numbers::Free(first) if incarnation == 0 => first,
            Numbers::Free(_) => world.chosen,
            Numbers::Clock { first, per_tick } => (first + per_tick * world.clock) % 16,
        }
    }

    /// Sends a segment; `provoked`: it answers one of an older connection.
    fn send(
        &self,
        world: &mut World,
        i: usize,
        mut seg: Segment<Space16>,
        provoked: bool,
        log: &mut Option<Step>,
    ) {
        let bounds = &self.scenario.bounds;
        if bounds.timestamps {
            seg.ts = Some(world.clock);
        }
        let end = &world.ends[i];
        let tag = match end.state {
            _ if provoked && seg.flags.has(Flags::RST) => PROVOKED,
            State::INITIAL => 0,
            _ => end.incarnation,
        };
        let to = if bounds.loopback { i as u8 } else { 1 - i as u8 };
        let packet = Packet { seg, to, tag, age: 0 };
        if bounds.count_segments {
            world.segments = world.segments.saturating_add(1);
        }
        let is_there = bounds.merging && world.packets().any(|p| *p == packet);
        if !is_there && !world.put(packet, bounds.in_flight.into(), bounds.in_order) && bounds.merging {
            world.faults |= fault::NO_ROOM;
        }
        if let Some(log) = log {
            log.sent.push(packet);
        }
    }
}

/// One less, if it is counted.
fn spend(left: &mut u8) {
    if *left != UNCOUNTED {
        *left -= 1;
    }
}

/// The part of a kept segment from `next` on, if there is one.
fn new_part(mut seg: Segment<Space16>, next: Seq<Space16>) -> Option<Segment<Space16>> {
    let old = seg.seq.distance(next);
    if old > seg.seg_len() || (old == seg.seg_len() && old > 0) {
        return None;
    }
    seg.len -= (old.min(seg.text_len())) as u8;
    seg.seq = next;
    Some(seg)
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "active OPEN",
            Self::Listen => "passive OPEN",
            Self::Send => "SEND",
            Self::Receive => "RECEIVE",
            Self::Close => "CLOSE",
            Self::Abort => "ABORT",
        })
    }
}

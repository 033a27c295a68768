//! What an action does: every event goes through the generated machine, and what the machine asks for becomes the world after it.

use super::action::Action;
use super::coverage::ActionKind;
use super::tcp::{Step, Tcp};
use crate::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit};
use crate::model::Space16;
use crate::model::claims::expectations::Happening;
use crate::model::claims::memory::{Memory, Seen};
use crate::model::scenario::{Call, Numbers};
use crate::model::world::host::{Answer, ModelHost, respond};
use crate::model::world::{
    End, FORGER, HELD_CAPACITY, INCARNATIONS, PROVOKED, Packet, UNCOUNTED, World, fault, past, width,
};
use crate::{Acknowledge, Event, Facts, Flags, Notice, Segment, Seq, State, Tcb, Timer, step};

impl Tcp {
    /// The world after an action, and what happened; `None` if nothing did.
    pub fn explain(&self, world: &World, action: Action) -> Option<(World, Step)> {
        self.observe(world, action).filter(|(after, _)| after != world)
    }

    /// The same, also where the world stays as it was: rows fire then, too. `None` only if the action waits for room in the network.
    pub fn observe(&self, world: &World, action: Action) -> Option<(World, Step)> {
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
        self.act(&mut after, action, &mut log);
        if after.faults & fault::NO_ROOM != 0 {
            return None;
        }
        let mut step = log?;
        step.after = [after.ends[0].state, after.ends[1].state];
        Some((after, step))
    }

    /// The world after an action; `None` if nothing happened.
    #[inline]
    pub fn after(&self, world: &World, action: Action) -> Option<World> {
        let after = self.tried(world, action);
        if after.is_some() {
            self.note(world, action);
        }
        after
    }

    /// Counts an action as having happened in this world.
    #[inline]
    pub fn note(&self, world: &World, action: Action) {
        self.coverage.note_kind(ActionKind::of(action));
        if self.is_late(world, action) {
            self.coverage.note_kind(ActionKind::LATE);
        }
    }

    /// Whether a segment arrives that would be gone after another tick.
    #[inline]
    fn is_late(&self, world: &World, action: Action) -> bool {
        let Action::Deliver(index) = action else { return false };
        let age = world.net.get(usize::from(index)).and_then(|slot| Some(slot.as_ref()?.age));
        self.scenario.bounds.msl > 1 && age.is_some_and(|age| age + 1 == self.scenario.bounds.msl)
    }

    /// The same, only to know: it does not count as having happened.
    #[inline]
    pub(crate) fn tried(&self, world: &World, action: Action) -> Option<World> {
        // In place, so that the world is copied once.
        let mut result = Some(*world);
        if let Some(after) = &mut result {
            self.act(after, action, &mut None);
            if *after == *world || after.faults & fault::NO_ROOM != 0 {
                result = None;
            }
        }
        result
    }

    /// Whether an action only waits for room in the network.
    pub fn waits_for_room(&self, world: &World, action: Action) -> bool {
        let mut after = *world;
        self.apply(&mut after, action, &mut None);
        after.faults & fault::NO_ROOM != 0
    }

    /// Does it, and forgets what no claim asks.
    fn act(&self, world: &mut World, action: Action, log: &mut Option<Step>) {
        self.apply(world, action, log);
        self.asks.keep(world);
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
                    // Only what is new of it.
                    if let Some(seg) = new_part(held.segment(), world.ends[usize::from(i)].tcb.rcv_nxt) {
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
            Action::Resend(i, from, len) => {
                world.part = Some((from, len));
                self.fire(world, i.into(), Timer::Retransmission, false, log);
                world.part = None;
            }
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
                    world.clock = (world.clock + 1) % width::size();
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

    fn memory(&self) -> Memory<'_> {
        Memory { bounds: &self.scenario.bounds, asks: self.asks }
    }

    fn call(&self, world: &mut World, i: usize, call: Call, log: &mut Option<Step>) {
        let user = &self.scenario.users[i];
        let end = &world.ends[i];
        let event = match call {
            Call::Open => Event::Open(Open { active: true, remote: true, forks: false }),
            Call::Listen => Event::Open(Open { active: false, remote: user.names_peer, forks: false }),
            Call::Send => {
                let is_first = end.given[usize::from(end.incarnation) % INCARNATIONS] == 0;
                let urgent = user.urgent || (user.urgent_first && is_first);
                Event::Send(Send { len: 1, urgent, room: true })
            }
            Call::Receive => Event::Receive(self.receive(end.on_hand)),
            Call::Take(octets, window) => {
                let receive = self.receive(end.on_hand);
                Event::Receive(Receive { max: octets.into(), window: window.into(), ..receive })
            }
            Call::Close => Event::Close(Bare),
            Call::Abort => Event::Abort(Bare),
            Call::Release => Event::Release(Release { unread: end.on_hand > 0 }),
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
            Call::Receive | Call::Take(..) => {}
            Call::Close => {
                spend(&mut end.closes);
                end.closed = true;
                // He needs it no longer: the host's limit begins.
                let lives = !matches!(end.state, State::INITIAL | State::TimeWait);
                end.armed |= if self.scenario.bounds.orphans && lives { 1 << Timer::Orphan as u8 } else { 0 };
            }
            // The rows have begun the host's limit.
            Call::Release => end.closed = true,
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
        let expiry = Expiry { r2, ..Expiry::default() };
        let event = match timer {
            Timer::Retransmission => Event::Retransmission(expiry),
            Timer::Persist => Event::Probe(expiry),
            Timer::KeepAlive => Event::KeepAlive(expiry),
            Timer::DelayedAck => Event::DelayedAck(Bare),
            Timer::TimeWait => Event::TimeWait(Bare),
            Timer::User => Event::UserTimeout(Bare),
            Timer::Orphan => Event::Orphan(Bare),
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
        self.segment(world, i, seg, packet.tag, log);
    }

    /// SEGMENT ARRIVES: without a connection of its own it meets the listener.
    pub(crate) fn segment(
        &self,
        world: &mut World,
        i: usize,
        seg: Segment<Space16>,
        tag: u8,
        log: &mut Option<Step>,
    ) {
        if world.ends[i].state == State::INITIAL && world.ends[i].listening {
            self.meet_listener(world, i, seg, tag, log);
        } else {
            self.run(world, i, Event::Segment(seg), tag, log);
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
            last_ack: Seq::default(),
            peer_incarnation: 0,
            delivered: 0,
            closed: false,
            past: end.past | past::CRASHED,
            ..*end
        };
    }

    fn forge(&self, world: &mut World, i: usize, mut seg: Segment<Space16>, log: &mut Option<Step>) {
        world.forgeries -= 1;
        let before = world.ends[i];
        if self.scenario.bounds.timestamps {
            // As far ahead as counts as ahead.
            seg.ts = Some((world.clock + width::half() - 1) % width::size());
            seg.echoes = before.echoes(&seg);
        }
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
        let mut host = ModelHost::new(&mut aside, Seq::default(), 0, 0, 0);
        let mut open = Event::Open(Open { active: false, remote: false, forks: true });
        let _ = self.machine(&mut state, &mut tcb, &mut open, &mut host);

        let listener = End { state, tcb, armed: 0, ..world.ends[i] };
        let mut host = ModelHost::new(&mut aside, Seq::default(), 0, 0, tag);
        let _ = self.machine(&mut state, &mut tcb, &mut Event::Segment(seg), &mut host);
        self.note_rows(&host, i, log);
        let (forked, told) = (host.forked, host.notices);
        let sent: Vec<_> = host.sent().to_vec();
        let all: Vec<_> = sent.iter().copied().map(Some).collect();
        let after = End { state, tcb, ..world.ends[i] };
        world.breaches |= Happening {
            options: &self.options,
            bounds: &self.scenario.bounds,
            event: &Event::Segment(seg),
            before: &listener,
            after: &after,
            iss: Seq::default(),
            answer: Ok(()),
            told,
            acked: None,
            left: None,
            started: 0,
            flushed: false,
            returned: false,
            sent: &all,
            passed_on: forked.is_some(),
            part: None,
            begun: false,
            stamped: false,
            challenged: false,
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
        if self.body.is_some() {
            return crate::bodies::step(self.body, state, tcb, event, &self.options, host);
        }
        step(state, tcb, event, &self.options, host)
    }

    /// Whether the machine runs with a fault.
    pub(crate) fn is_faulty(&self) -> bool {
        self.mutant.is_some() || self.body.is_some()
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
    pub(crate) fn run(
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
        let mut host = ModelHost::new(&mut end, Seq::new(iss.into()), bounds.window, bounds.time_wait(), tag);
        host.body = self.body;
        host.keep_alive = bounds.keep_alive;
        host.orphans = bounds.orphans;
        host.part = world.part.map(|(from, len)| (from.into(), len.into()));
        host.merging = bounds.merging;
        host.stamps = bounds.timestamps;
        let (result, own_ack) = respond(
            (&mut state, &mut tcb),
            &mut event,
            &mut host,
            |state, tcb, event, host| self.machine(state, tcb, event, host),
            // The user takes the text at once, as part of the same event.
            |on_hand| bounds.eager_users.then(|| self.receive(on_hand as u8)),
            |why| match why {
                Acknowledge::Challenge if before.challenges == 0 => Answer::Withheld,
                // It may also leave at once: its timer may fire any time.
                Acknowledge::Text | Acknowledge::Window if bounds.delayed_acks => Answer::Waits,
                _ => Answer::Leaves,
            },
        );
        self.note_rows(&host, i, log);

        let challenged = host.wanted == Some(Acknowledge::Challenge);
        let mut sent: [Option<Segment<Space16>>; 5] = [None; 5];
        for (slot, seg) in sent.iter_mut().zip(host.sent().iter().copied().chain(own_ack)) {
            *slot = Some(seg);
        }
        let handed_over = host.handed_over;
        let (told_all, forked, acked) = (host.notices, host.forked, host.acked);
        let (started, flushed, returned, begun) = (host.started, host.flushed, host.returned, host.begun);
        let stamped = host.stamped;
        let (delivered, last, outstanding) = (host.delivered, host.rows().last(), host.outstanding);
        let told = |notice| host.notices & (1 << notice as u16) != 0;
        let (closing, refused, reset) = (told(Notice::Closing), told(Notice::Refused), told(Notice::Reset));
        world.faults |= host.faults;
        let was_unclean = world.unclean;
        world.unclean |= host.unclean;
        end.state = state;
        end.tcb = tcb;
        if challenged && before.challenges > 0 {
            spend(&mut end.challenges);
        }
        let breaches = Happening {
            options: &self.options,
            bounds,
            event: &came,
            before: &before,
            after: &end,
            iss: Seq::new(iss.into()),
            answer: result,
            told: told_all,
            acked,
            left: outstanding,
            started,
            flushed,
            returned,
            sent: &sent,
            passed_on: handed_over.is_some() || forked.is_some(),
            part: world.part,
            begun,
            stamped,
            challenged,
        }
        .breaches();
        world.breaches |= breaches;
        let seen = Seen { event: &came, last, told: told_all, acked: acked.unwrap_or(0), begun };
        self.memory().check_event(world, &before, &end, &seen);
        self.memory().keep(world, i, &before, &mut end, tag, delivered, closing);
        if refused || (reset && before.state.is_opening()) {
            end.past |= past::REFUSED;
        } else if reset {
            end.past |= past::RESET;
        }
        if acked == Some(0) && before.tcb.snd_wnd == 0 && end.tcb.snd_wnd > 0 {
            end.past |= past::WINDOW_OPENED;
        }
        let mut provoked = false;
        if let Some(seg) = given {
            provoked = before.is_older(tag);
            self.memory().keep_time_wait(world, &before, &end, &seg, tag, was_unclean);
        }
        world.ends[i] = end;
        for seg in sent.into_iter().flatten() {
            self.memory().check_sent(world, i, before.state, seg);
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
            Numbers::Clock { first, per_tick } => (first + per_tick * world.clock) % width::size(),
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
        if bounds.timestamps && (!bounds.stripped || seg.flags.has(Flags::SYN)) {
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

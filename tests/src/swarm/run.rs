//! A run: events in the order of simulated time, and what must hold after each and at the end.

use super::capture::Capture;
use super::dice::Dice;
use super::host::{Host, LATE, PORT};
use super::limits::Limits;
use super::line::{Counts, Line};
use super::plan::{Act, Change, Feature, Opening, Plan, draw_settings};
use super::user::{User, Writer};
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::Duration;
use tcpspec_stack::{ConnectionId, Error, Ready, Time};

/// Events of a run at most: beyond that it has no end.
const MOST_EVENTS: u64 = 150_000;
/// So many bare acknowledgments in a row answer each other.
const LOOP: u64 = 10_000;
/// Simulated time between two looks at what has to end.
const LOOK: Duration = Duration::from_secs(5);
/// How long after the last user has left a run may last: several times the longest limits, and 100 late packets in a row.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What does not hold.
    pub wrong: Option<String>,
    /// How often things happened, by name.
    pub counts: Counts,
    /// Rows that fired, as far as the model has judged.
    pub rows: BTreeSet<&'static str>,
    /// The drawn events that happened.
    pub acts: Vec<usize>,
    /// What they were, with their times.
    pub story: Vec<String>,
    /// Packets that suffered: sender and number.
    pub suffered: Vec<(usize, u64)>,
    /// Features of the run.
    pub features: BTreeSet<Feature>,
}

pub(super) struct World<'a> {
    plan: &'a Plan,
    judges: bool,
    now: Time,
    line: Line,
    hosts: [Host; 2],
    users: Vec<User>,
    capture: Option<Capture>,
    acts: usize,
    done: Outcome,
    limits: Limits,
    looked: Time,
    port: u16,
    dice: Dice,
    stuck: u32,
    trap: Option<Trap>,
}

/// What is asked after each event, besides all that is checked: of what has happened so far, and of how many packets have suffered. Only tests of the swarm itself need one.
pub type Trap = fn(&Counts, usize) -> Result<(), String>;

/// Runs what the seed draws. A panic is a failure like any other.
pub fn run(seed: u64, change: &Change, judges: bool) -> Outcome {
    go(seed, change, judges, None, None).0
}

/// The same, with a trap.
pub fn run_trapped(seed: u64, change: &Change, trap: Trap) -> Outcome {
    go(seed, change, true, None, Some(trap)).0
}

/// The same, with a capture of the last packets.
pub(super) fn go(
    seed: u64,
    change: &Change,
    judges: bool,
    capture: Option<Capture>,
    trap: Option<Trap>,
) -> (Outcome, Option<Capture>) {
    let whole = catch_unwind(AssertUnwindSafe(|| {
        let plan = Plan::draw(seed, change);
        let mut world = World::new(&plan, judges, capture);
        world.trap = trap;
        // What has happened until a panic is kept: it can be shrunk and captured, too.
        let ran = catch_unwind(AssertUnwindSafe(|| world.begin().and_then(|()| world.go_on())));
        let wrong = ran.unwrap_or_else(|panic| Err(said(&*panic)));
        world.finish(wrong.err())
    }));
    // Before the run or behind it there is nothing to keep.
    whole.unwrap_or_else(|panic| (Outcome { wrong: Some(said(&*panic)), ..Outcome::default() }, None))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    format!("panic: {}", text.unwrap_or_default())
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, judges: bool, capture: Option<Capture>) -> Self {
        let mut hosts = [0, 1].map(|end| Host::new(plan, end, judges));
        if capture.is_some() {
            hosts.iter_mut().for_each(|host| host.stack.keep_rows());
        }
        Self {
            plan,
            judges,
            now: Time::ZERO,
            line: Line::new(plan),
            hosts,
            users: Vec::new(),
            capture,
            acts: 0,
            done: Outcome { features: plan.features.clone(), ..Outcome::default() },
            limits: Limits::default(),
            looked: Time::ZERO,
            port: 5000,
            dice: Dice::new(plan.seed, 1),
            stuck: 0,
            trap: None,
        }
    }

    fn finish(mut self, wrong: Option<String>) -> (Outcome, Option<Capture>) {
        self.done.wrong = wrong;
        for (name, count) in &self.line.counts {
            *self.done.counts.entry(name).or_default() += count;
        }
        for host in &self.hosts {
            let judged = host.judged.lock().unwrap_or_else(PoisonError::into_inner);
            *self.done.counts.entry("events judged").or_default() += judged.events;
            self.done.rows.extend(judged.rows.iter().copied());
            let counters = host.stack.counters();
            for (name, count) in [
                ("times that memory was short", counters.memory_short),
                ("connections whose early text was forgotten for want of memory", counters.early_forgotten),
                ("segments cut for want of memory", counters.text_cut),
            ] {
                *self.done.counts.entry(name).or_default() += count;
            }
        }
        for user in &self.users {
            if let Some(error) = user.error {
                let name = told(error);
                *self.done.counts.entry(name).or_default() += 1;
            }
            *self.done.counts.entry("octets written").or_default() += user.written;
            *self.done.counts.entry("octets read").or_default() += user.read;
            *self.done.counts.entry("texts read to their end").or_default() += u64::from(user.ended);
        }
        self.count("users", self.users.len() as u64);
        self.count("runs", 1);
        self.count("runs with text changed unnoticed", u64::from(self.line.poisoned));
        self.done.suffered = std::mem::take(&mut self.line.suffered);
        (self.done, self.capture)
    }

    fn count(&mut self, what: &'static str, many: u64) {
        *self.done.counts.entry(what).or_default() += many;
    }

    // --- The beginning ---

    fn begin(&mut self) -> Result<(), String> {
        match self.plan.opening {
            Opening::Listener => {
                self.hosts[1].listen(self.plan)?;
                self.connect(false);
            }
            Opening::Simultaneous => {
                let ipv6 = self.plan.has(Feature::Ipv6);
                for end in 0..2 {
                    let remote = self.hosts[1 - end].socket(ipv6, 7000 + 1 - end as u16);
                    let id = self.hosts[end].stack.connect(self.now, Some(7000 + end as u16), remote);
                    self.join(end, id.map_err(|error| format!("OPEN was refused: {error}"))?, false);
                }
            }
            Opening::Passive => {
                let local = self.hosts[1].socket(self.plan.has(Feature::Ipv6), PORT);
                let id = self.hosts[1].stack.open_passive(self.now, local, None);
                self.join(1, id.map_err(|error| format!("OPEN was refused: {error}"))?, true);
                self.connect(false);
            }
        }
        for _ in 1..self.plan.connections {
            self.connect(false);
        }
        self.after([true; 2])
    }

    /// The first end connects to the second one.
    fn connect(&mut self, same: bool) {
        if !self.hosts[0].acts() {
            return;
        }
        if !same {
            self.port += 1;
        }
        let remote = self.hosts[1].socket(self.plan.has(Feature::Ipv6), PORT);
        let clock = self.hosts[0].clock(self.now);
        // The port may still be in use: then there is no connection.
        if let Ok(id) = self.hosts[0].stack.connect(clock, Some(self.port), remote) {
            self.join(0, id, false);
        }
    }

    /// Somebody uses this connection.
    fn join(&mut self, end: usize, id: ConnectionId, passive: bool) {
        let number = self.users.len();
        let plan = self.plan.user(number as u64, passive);
        self.users.push(User::new(number, end, id, plan, &self.hosts[end], self.plan.seed, self.now));
    }

    // --- What happens ---

    fn go_on(&mut self) -> Result<(), String> {
        let mut events = 0;
        loop {
            events += 1;
            self.count("events", 1);
            if self.line.bare > LOOP {
                return Err(format!("{LOOP} acknowledgments without text in a row answer each other"));
            }
            if events > MOST_EVENTS {
                return Err(format!("the run has no end: {MOST_EVENTS} events in {:?}", self.now));
            }
            if self.now.since(Time::at(self.plan.last)) > LONGEST {
                return Err(format!(
                    "after {LONGEST:?} without users there are connections: {}",
                    self.tables()
                ));
            }
            let Some(touched) = self.step()? else { break };
            self.after(touched)?;
            if let Some(trap) = self.trap {
                trap(&self.done.counts, self.line.suffered.len())?;
            }
        }
        self.check_end()
    }

    fn tables(&self) -> String {
        self.hosts.iter().filter(|host| host.present).map(|host| host.stack.table().to_string()).collect()
    }

    /// The next event; whom it touches. Nobody if nothing will happen any more.
    fn step(&mut self) -> Result<Option<[bool; 2]>, String> {
        let act = self.plan.acts.get(self.acts).map(|(_, at, _)| Time::at(*at));
        let arrival = self.line.next();
        let late = self.late();
        let deadlines = [0, 1].map(|end| self.hosts[end].deadline(self.now).map(|at| at + late));
        let wakes = [0, 1].map(|end| self.hosts[end].sleeps);
        let restarts = [0, 1].map(|end| self.hosts[end].restarts.map(|(at, _)| at));
        let user = self.next_user();
        let closing = self.closes_listener();
        let next = [act, arrival, user, closing]
            .into_iter()
            .chain(deadlines)
            .chain(wakes)
            .chain(restarts)
            .flatten()
            .min();
        let Some(next) = next else { return Ok(None) };
        self.stuck = if next > self.now { 0 } else { self.stuck + 1 };
        if self.stuck > 100_000 {
            return Err(format!("time stands still at {:?}", self.now));
        }
        self.now = self.now.max(next);
        let now = self.now;
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        for end in 0..2 {
            if is_due(restarts[end]) {
                self.restart(end)?;
                return Ok(Some(only(end)));
            }
            if is_due(wakes[end]) {
                let timers_first = self.dice.chance(0.5);
                self.hosts[end].wake(now, timers_first, &mut self.capture);
                return Ok(Some(only(end)));
            }
        }
        if is_due(act) {
            self.act()?;
            return Ok(Some([true; 2]));
        }
        if is_due(closing) {
            self.close_listeners();
            return Ok(Some([true; 2]));
        }
        if is_due(arrival) {
            let Some((to, packet)) = self.line.poll(now) else { return Ok(Some([false; 2])) };
            self.hosts[to].take(now, packet, &mut self.capture);
            return Ok(Some(only(to)));
        }
        for (end, deadline) in deadlines.into_iter().enumerate() {
            if is_due(deadline) {
                let clock = self.hosts[end].clock(now);
                self.hosts[end].stack.handle_deadline(clock);
                return Ok(Some(only(end)));
            }
        }
        Ok(Some([true; 2]))
    }

    /// How late a host is called because of a timer.
    fn late(&mut self) -> Duration {
        let most = if self.plan.has(Feature::LateTimers) { LATE } else { Duration::ZERO };
        most.mul_f64(self.dice.part())
    }

    /// When a user wants to act next by itself.
    fn next_user(&self) -> Option<Time> {
        let there = |user: &&User| !user.left && self.hosts[user.end].acts();
        let next = |user: &User| {
            let awake = user.plan.by_ready && user.awake;
            let tick = user.plan.pace.map(|_| user.tick).or(awake.then_some(self.now));
            tick.into_iter().fold(user.leaves, Time::min).max(self.now)
        };
        self.users.iter().filter(there).map(next).min()
    }

    /// When the listeners close: once nobody will connect any more.
    fn closes_listener(&self) -> Option<Time> {
        let open = self.hosts.iter().any(|host| host.listener.is_some() && host.acts());
        open.then_some(Time::at(self.plan.last))
    }

    fn close_listeners(&mut self) {
        for host in &mut self.hosts {
            let clock = host.clock(self.now);
            if let Some(listener) = host.listener.filter(|_| host.acts()) {
                host.listener = None;
                host.stack.close_listener(clock, listener);
            }
        }
    }

    fn restart(&mut self, end: usize) -> Result<(), String> {
        let Some((_, stamps)) = self.hosts[end].restarts.take() else { return Ok(()) };
        let capture = self.capture.is_some();
        self.hosts[end].restart(self.plan, end, stamps, self.judges, capture);
        self.hosts[end].disturbed = self.now;
        if end == 1 && self.now < Time::at(self.plan.last) {
            self.hosts[1].listen(self.plan)?;
        }
        Ok(())
    }

    /// The host's users and connections are gone at once.
    fn vanish(&mut self, end: usize) {
        self.hosts[end].present = false;
        for user in self.users.iter_mut().filter(|user| user.end == end && !user.left) {
            // What it had got until then counts.
            let _ = user.look(&self.hosts[end].stack);
            user.left = true;
            user.aborted = true;
        }
        self.limits.forget(end);
    }

    fn act(&mut self) -> Result<(), String> {
        let Some(&(number, at, act)) = self.plan.acts.get(self.acts) else { return Ok(()) };
        self.acts += 1;
        self.done.acts.push(number);
        self.done.story.push(format!("{at:?}: {act:?}"));
        self.count(name(&act), 1);
        match act {
            Act::Latency { from, to } => self.line.bad[from].latency = to,
            Act::Down { span, told } => {
                self.line.down_until = self.line.down_until.max(self.now + span);
                self.line.reports_down = told;
            }
            Act::Mtu { octets, told } => (self.line.mtu, self.line.reports_mtu) = (octets, told),
            Act::Jump { end, span } => {
                self.hosts[end].ahead += span;
                self.hosts[end].disturbed = self.now;
            }
            Act::Sleep { end, span } if self.hosts[end].present => {
                let until = self.now + span;
                let sleeps = &mut self.hosts[end].sleeps;
                *sleeps = Some(sleeps.map_or(until, |sleeps| sleeps.max(until)));
            }
            Act::Sleep { .. } => {}
            Act::Vanish { end } => {
                self.vanish(end);
                self.hosts[end].restarts = None;
            }
            Act::Crash { end, span, stamps } if self.hosts[end].present => {
                self.vanish(end);
                self.hosts[end].restarts = Some((self.now + span, stamps));
            }
            Act::Crash { .. } => {}
            Act::Connect { same } if self.now < Time::at(self.plan.last) => self.connect(same),
            Act::Connect { .. } => {}
            Act::SetListener { hops } => {
                let host = &mut self.hosts[1];
                if let Some(listener) = host.listener.filter(|_| host.acts())
                    && let Ok(mut initial) = host.stack.initial(listener)
                {
                    initial.hop_limit = Some(hops.max(1));
                    host.stack.set_initial(listener, &initial).map_err(|error| error.to_string())?;
                }
            }
            Act::Close { pick }
            | Act::Abort { pick }
            | Act::AbortPair { pick }
            | Act::Release { pick }
            | Act::Set { pick } => {
                self.act_on_user(act, pick);
            }
        }
        Ok(())
    }

    fn act_on_user(&mut self, act: Act, pick: u64) {
        let hosts = &mut self.hosts;
        let mut there: Vec<_> =
            self.users.iter_mut().filter(|user| !user.left && hosts[user.end].acts()).collect();
        let many = there.len().max(1);
        let Some(user) = there.get_mut(pick as usize % many) else { return };
        let host = &mut hosts[user.end];
        let clock = host.clock(self.now);
        // What had come until then counts.
        let _ = user.look(&host.stack);
        match act {
            Act::Close { .. } => user.close(clock, &mut host.stack),
            Act::Abort { .. } => user.abort(clock, &mut host.stack),
            Act::AbortPair { .. } => {
                let (local, remote) = user.pair;
                user.aborted |= host.stack.abort_connection(clock, local, remote).is_ok();
            }
            Act::Release { .. } => user.leave(clock, &mut host.stack),
            _ => {
                if let Ok(settings) = host.stack.settings(user.id) {
                    user.disturbed = self.now;
                    // What cannot be is refused, and nothing is changed.
                    let _ = host.stack.set_settings(clock, user.id, draw_settings(pick, &settings));
                    let _ = host.stack.set_hop_limit(user.id, (pick % 256) as u8);
                    let _ = host.stack.set_traffic_class(user.id, (pick >> 8) as u8);
                }
            }
        }
    }

    // --- After each event ---

    fn after(&mut self, touched: [bool; 2]) -> Result<(), String> {
        for end in (0..2).filter(|end| touched[*end]) {
            self.hosts[end].send(self.now, end, &mut self.line, &mut self.capture)?;
            if self.hosts[end].acts() {
                self.users_act(end)?;
                self.hosts[end].send(self.now, end, &mut self.line, &mut self.capture)?;
            }
            let stack = &self.hosts[end].stack;
            if stack.connections() == 0 && stack.next_deadline().is_some() {
                return Err(format!("end {end}: there is no connection, and a timer runs"));
            }
            if let Some(difference) = self.hosts[end].difference() {
                return Err(difference);
            }
        }
        if self.now.since(self.looked) >= LOOK {
            self.looked = self.now;
            self.check_limits()?;
        }
        Ok(())
    }

    fn users_act(&mut self, end: usize) -> Result<(), String> {
        if let Some(listener) = self.hosts[end].listener {
            let most = if self.plan.has(Feature::Many) { 1 + (self.plan.seed % 4) as usize } else { 128 };
            let pending = self.hosts[end].stack.pending(listener);
            if pending > most {
                return Err(format!("{pending} connections wait to be accepted, of {most} at most"));
            }
            while let Some(id) = self.hosts[end].stack.accept(listener) {
                self.join(end, id, false);
            }
        }
        // What a user does may be what another one waits for, and what it waits for next may be there already.
        for _ in 0..20 {
            self.work(end)?;
            if !self.tell(end) {
                break;
            }
        }
        for user in self.users.iter().filter(|user| user.end == end) {
            user.check_awake(&self.hosts[end].stack)?;
        }
        Ok(())
    }

    /// Tells users what they have waited for; whether there was anything.
    fn tell(&mut self, end: usize) -> bool {
        let mut any = false;
        while let Some(ready) = self.hosts[end].stack.poll_ready() {
            if let Ready::Connection(id, _) = ready {
                let theirs = self.users.iter_mut().filter(|user| user.end == end && user.id == id);
                theirs.for_each(|user| user.awake = true);
                any = true;
            }
        }
        any
    }

    fn work(&mut self, end: usize) -> Result<(), String> {
        self.tell(end);
        let now = self.now;
        let cookies = self.hosts.iter().any(|host| host.stack.counters().cookies_returned > 0);
        for index in 0..self.users.len() {
            let (before, rest) = self.users.split_at_mut(index);
            let Some((user, after)) = rest.split_first_mut() else { continue };
            if user.end != end || user.left {
                continue;
            }
            let others = || before.iter().chain(after.iter());
            let writers = |user: &User| {
                let theirs =
                    |other: &&User| other.end != user.end && (other.pair.1, other.pair.0) == user.pair;
                others().filter(theirs).map(|other| other.as_writer()).collect::<Vec<Writer>>()
            };
            let worked = user.work(now, &mut self.hosts[end], writers);
            // No host can notice this. A cookie does not say whether it was used: if the connection that it made has ended and its peer does not know,
            // it makes another one, with the same numbers.
            let pairs =
                others().filter(|other| other.pair == user.pair || (other.pair.1, other.pair.0) == user.pair);
            if worked.is_err() && cookies && pairs.count() > 1 && !self.line.poisoned {
                self.line.poisoned = true;
                *self.done.counts.entry("runs in which a cookie was used twice").or_default() += 1;
            }
            if !self.line.poisoned {
                worked?;
            }
            if now >= user.leaves && !user.left {
                user.look(&self.hosts[end].stack)?;
                let clock = self.hosts[end].clock(now);
                user.leave(clock, &mut self.hosts[end].stack);
            }
        }
        Ok(())
    }

    fn check_limits(&mut self) -> Result<(), String> {
        for user in &mut self.users {
            if !user.left && self.hosts[user.end].acts() {
                user.check_limits(self.now, &self.hosts[user.end])?;
            }
        }
        for end in 0..2 {
            if self.hosts[end].acts() {
                self.limits.check(self.now, end, &self.hosts[end])?;
            }
        }
        Ok(())
    }

    // --- At the end ---

    fn check_end(&mut self) -> Result<(), String> {
        for (end, host) in self.hosts.iter_mut().enumerate() {
            if !host.present {
                continue;
            }
            let clock = host.clock(self.now);
            let stack = &mut host.stack;
            if let Some(deadline) = stack.next_deadline() {
                return Err(format!("end {end}: a timer is left, for {deadline:?}"));
            }
            if stack.connections() > 0 || !stack.table().is_empty() {
                return Err(format!("end {end}: connections are left: {}", stack.table()));
            }
            let (orphans, octets, resting) = (stack.orphans(), stack.orphan_memory(), stack.resting());
            if (orphans, octets, resting, stack.memory()) != (0, 0, 0, 0) {
                return Err(format!(
                    "end {end}: {octets} octets of {orphans} released connections are counted, {} of all, and {resting} rest",
                    stack.memory()
                ));
            }
            if !stack.is_delivered() || !stack.undelivered().is_empty() || stack.poll_packet(clock).is_some()
            {
                return Err(format!("end {end}: something is left to be sent"));
            }
            let listener =
                stack.listen(PORT, 1).map_err(|error| format!("end {end}: the port is not free: {error}"))?;
            stack.close_listener(clock, listener);
        }
        if self.line.poisoned {
            return Ok(());
        }
        for user in &self.users {
            self.check_told(user)?;
        }
        Ok(())
    }

    /// A user whose connection has ended without an error has lost nothing.
    fn check_told(&self, user: &User) -> Result<(), String> {
        if !user.over || user.error.is_some() || user.aborted {
            return Ok(());
        }
        if user.acknowledged < user.written {
            return Err(format!(
                "user {}: {} of {} octets were acknowledged, and it was told of nothing",
                user.number, user.acknowledged, user.written
            ));
        }
        let theirs = |other: &&User| other.end != user.end && (other.pair.1, other.pair.0) == user.pair;
        let mut peers = self.users.iter().filter(theirs).peekable();
        if peers.peek().is_some() && !peers.any(|peer| peer.got >= user.written) {
            return Err(format!(
                "user {}: the peer has not got all of {} octets, and it was told of nothing",
                user.number, user.written
            ));
        }
        Ok(())
    }
}

fn only(end: usize) -> [bool; 2] {
    [end == 0, end == 1]
}

fn name(act: &Act) -> &'static str {
    match act {
        Act::Latency { .. } => "jumps of the latency",
        Act::Down { .. } => "times that the link went down",
        Act::Mtu { .. } => "times that the path's MTU shrank",
        Act::Jump { .. } => "jumps of a clock",
        Act::Sleep { .. } => "times that a host was not called",
        Act::Vanish { .. } => "ends that vanished",
        Act::Crash { .. } => "crashes",
        Act::Connect { .. } => "connects again",
        Act::Close { .. } => "CLOSE at any moment",
        Act::Abort { .. } => "ABORT at any moment",
        Act::AbortPair { .. } => "ABORT by sockets at any moment",
        Act::Release { .. } => "RELEASE at any moment",
        Act::Set { .. } => "changes of settings",
        Act::SetListener { .. } => "changes of a listener's settings",
    }
}

fn told(error: Error) -> &'static str {
    match error {
        Error::Refused => "told: refused",
        Error::Reset => "told: reset",
        Error::TimedOut => "told: timed out",
        Error::Unreachable => "told: unreachable",
        Error::Aborted => "told: aborted by this host",
        Error::Orphaned => "told: given up by this host",
        Error::Call(_) => "told: the attempt was closed, and its text returned",
        _ => "told: another error",
    }
}

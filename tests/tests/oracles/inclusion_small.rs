//! The model includes the stack, in the model's own space: runs with windows of a few octets are paths of the model of two ends and a network, action by action.
//!
//! Numbers are taken modulo 16. Each record of a run is translated into the actions that mean it; each of them must be among those that are possible, and
//! must lead to the world that the stack is in: state, TCB, timers, text on hand, text kept, segments under way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::model::world::{Marks, fault};
use tcpspec::model::{
    Action, Bounds, Call, Numbers, Scenario, Space16, Tcp, UNCOUNTED, User as Caller, World,
};
use tcpspec::record::Recorded;
use tcpspec::{Event, Flags, Full, Segment, Seq, State, Tcb, Timer};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, User, socket, text};

/// The receive window of both ends, and the largest segment.
const WINDOW: u8 = 3;
const MSS: u8 = 2;

/// A run: what each end did, in order.
struct Run {
    records: Vec<(usize, Recorded<Full>)>,
    /// How many copies of each segment arrive, by sender, in the order sent.
    copies: [Vec<u8>; 2],
    /// Octets that each user sends at most.
    sends: [u8; 2],
    simultaneous: bool,
}

fn run(seed: u64) -> Run {
    let mut random = Random(seed);
    let simultaneous = random.below(4) == 0;
    let flags = random.below(4);
    let mut link = Link::with(LATENCY, |config| {
        (config.receive_buffer, config.receive_buffer_start) = (WINDOW.into(), WINDOW.into());
        (config.timestamps, config.nagle) = (false, flags & 1 == 0);
        config.delayed_ack = if flags & 2 == 0 { Duration::ZERO } else { Duration::from_millis(40) };
        config.r2 = Duration::from_secs(100);
    });
    let records = Arc::new(Mutex::new(Vec::new()));
    for (i, end) in link.ends.iter_mut().enumerate() {
        let records = Arc::clone(&records);
        end.record(move |recorded| records.lock().unwrap().push((i, recorded.clone())));
    }
    let copies = Arc::new(Mutex::new([Vec::new(), Vec::new()]));
    let (log, bad) = (Arc::clone(&copies), random.below(25));
    let mut fates = Random(!seed);
    link.set_faults(move |_, from, _| {
        let late = Duration::from_millis(fates.below(80));
        let (copies, fate) = match fates.below(100) {
            n if n < bad => (0, Fate::Lost),
            n if n < bad * 2 => (1, Fate::Late(late)),
            n if n < bad * 3 => (2, Fate::Twice(late)),
            _ => (1, Fate::Arrives),
        };
        log.lock().unwrap()[from].push(copies);
        fate
    });
    let sends = [random.below(7) as u8, random.below(7) as u8];
    go(&mut link, sends, simultaneous, &mut random);
    link.run_for(MINUTE * 5);
    let (records, copies) = (std::mem::take(&mut *records.lock().unwrap()), copies.lock().unwrap().clone());
    Run { records, copies, sends, simultaneous }
}

/// Both users send, read and close, or one of them gives up.
fn go(link: &mut Link, sends: [u8; 2], simultaneous: bool, random: &mut Random) {
    let texts = sends.map(|len| text(len.into(), 7));
    let listener = (!simultaneous).then(|| link.ends[1].listen(80, 4).unwrap());
    let now = link.now();
    let [client, server] = if simultaneous {
        let [a, b] = [socket(&link.ends[0], 7777), socket(&link.ends[1], 8888)];
        [link.ends[0].connect(now, Some(7777), b), link.ends[1].connect(now, Some(8888), a)].map(Result::ok)
    } else {
        let remote = socket(&link.ends[1], 80);
        [link.ends[0].connect(now, None, remote).ok(), None]
    };
    let [a, b] = texts;
    let mut users = [User::new(0, client, a), User::new(1, server, b)];
    let abort = (random.below(4) == 0).then(|| now + Duration::from_millis(random.below(400)));
    link.run_until(MINUTE * 3, |link| {
        if let Some(listener) = listener {
            users[1].id = users[1].id.or_else(|| link.ends[1].accept(listener));
        }
        for user in &mut users {
            if let Some(id) = user.id {
                let now = link.now();
                let mut settings = link.ends[user.end].settings(id).unwrap();
                settings.largest_segment = Some(MSS.into());
                link.ends[user.end].set_settings(now, id, settings).unwrap();
            }
            user.work(link);
        }
        if abort.is_some_and(|at| at <= link.now()) {
            let now = link.now();
            users[0].id.into_iter().for_each(|id| link.ends[0].abort(now, id).unwrap_or(()));
            return true;
        }
        users.iter().all(User::done)
    });
}

fn seq(number: Seq<Full>) -> Seq<Space16> {
    Seq::new(number.get())
}

fn window(octets: u32) -> u8 {
    u8::try_from(octets).unwrap()
}

fn segment(full: &Segment<Full>) -> Segment<Space16> {
    let Segment { seq: number, ack, wnd, up, len, flags, ts: _, listener: _, echoes: _, outdated: _ } = *full;
    let up = if flags.has(Flags::URG) { seq(up) } else { Seq::default() };
    // Without the bit the field means nothing.
    let ack = if flags.has(Flags::ACK) { seq(ack) } else { Seq::default() };
    Segment { seq: seq(number), ack, wnd: window(wnd), up, len: window(len), flags, ..Segment::default() }
}

/// What is under way: in the model's terms.
fn under_way(of: &Segment<Space16>) -> Segment<Space16> {
    let up = if of.flags.has(Flags::URG) { of.up } else { Seq::default() };
    let ack = if of.flags.has(Flags::ACK) { of.ack } else { Seq::default() };
    Segment { up, ack, ts: None, listener: false, echoes: false, outdated: false, ..*of }
}

fn tcb(full: &Tcb<Full>) -> Tcb<Space16> {
    Tcb {
        iss: seq(full.iss),
        snd_una: seq(full.snd_una),
        snd_nxt: seq(full.snd_nxt),
        snd_end: seq(full.snd_end),
        snd_wnd: window(full.snd_wnd),
        max_snd_wnd: window(full.max_snd_wnd),
        snd_wl1: seq(full.snd_wl1),
        snd_wl2: seq(full.snd_wl2),
        snd_up: seq(full.snd_up),
        irs: seq(full.irs),
        rcv_nxt: seq(full.rcv_nxt),
        rcv_wnd: window(full.rcv_wnd),
        rcv_up: seq(full.rcv_up),
        ts_recent: None,
        facts: full.facts,
    }
}

/// Why a run cannot be followed any further.
enum Stop {
    /// More at once than the model has room for.
    Room,
    /// It is none of the model's.
    Wrong(String),
}

/// A path of the model.
struct Path {
    model: Tcp,
    world: World,
    /// What will still arrive, and where: as often as it will.
    copies: Vec<(usize, Segment<Space16>)>,
    /// Segments that each end has sent so far.
    sent: [usize; 2],
    actions: usize,
}

impl Path {
    fn new(run: &Run) -> Self {
        // One for each connection, in their order.
        let numbers = |end: usize| {
            let began = |(i, r): &&(usize, Recorded<Full>)| {
                *i == end && r.after.tcb.iss != r.before.tcb.iss && r.after.state != State::Closed
            };
            let all = run.records.iter().filter(began).map(|(_, r)| seq(r.after.tcb.iss).get() as u8);
            let mut numbers = [0; 6];
            numbers.iter_mut().zip(all).for_each(|(number, iss)| *number = iss);
            Numbers::Given(numbers)
        };
        let caller = |end: usize| Caller {
            active_opens: u8::from(end == 0 || run.simultaneous),
            listens: end == 1 && !run.simultaneous,
            sends: run.sends[end],
            closes: UNCOUNTED,
            aborts: 1,
            lets_go: true,
            iss: numbers(end),
            ..Caller::IDLE
        };
        let bounds = Bounds {
            in_order: false,
            losses: UNCOUNTED,
            duplicates: UNCOUNTED,
            retransmissions: UNCOUNTED,
            give_ups: u8::MAX,
            window: WINDOW,
            mss: MSS,
            delayed_acks: true,
            eager_users: false,
            orphans: true,
            any_part: true,
            any_receive: true,
            ..Bounds::PERFECT
        };
        let scenario = Scenario {
            name: "inclusion",
            summary: "A run of the stack.",
            options: &[],
            without: None,
            users: [caller(0), caller(1)],
            bounds,
            claims: &[],
            script: &[],
        };
        // Nothing is claimed, and every fault counts, but with whom an end is established.
        let with_whom = fault::ESTABLISHED_ALONE | fault::ESTABLISHED_BY_OLD;
        let asks = Marks { faults: !with_whom, ..Marks::ALL };
        let model = Tcp { asks, ..Tcp::new(&scenario) };
        let world = model.initial();
        Self { model, world, copies: Vec::new(), sent: [0; 2], actions: 0 }
    }

    /// Takes an action, which must be possible; what is sent by it.
    fn act(&mut self, action: Action) -> Result<Vec<Segment<Space16>>, Stop> {
        let mut possible = Vec::new();
        self.model.possible(&self.world, &mut possible);
        if !possible.contains(&action) {
            return Err(Stop::Wrong(format!("{action:?} is not possible")));
        }
        let Some((world, step)) = self.model.explain(&self.world, action) else {
            if self.world.packets().count() == self.world.net.len() {
                return Err(Stop::Room);
            }
            // A copy that changes nothing; for everything else something is gone, at least from the network.
            let copy = matches!(action, Action::Duplicate(_));
            return if copy { Ok(Vec::new()) } else { Err(Stop::Wrong(format!("{action:?} does nothing"))) };
        };
        let room = world.net.len() - world.packets().count();
        let before = self.world.packets().count();
        self.world = world;
        self.actions += 1;
        if (self.world.faults, self.world.breaches) != (0, 0) {
            return Err(Stop::Wrong(format!(
                "{action:?}: faults {:b}, breaches {:b}",
                self.world.faults, self.world.breaches
            )));
        }
        if room == 0 && before + step.sent.len() > self.world.net.len() {
            return Err(Stop::Room);
        }
        Ok(step.sent.iter().map(|packet| packet.seg).collect())
    }

    /// Where such a segment is under way.
    fn find(&self, to: usize, wanted: &Segment<Space16>) -> Option<(u8, usize)> {
        let same = |packet: &tcpspec::model::Packet| {
            usize::from(packet.to) == to && under_way(&packet.seg) == *wanted
        };
        let count = self.world.packets().filter(|packet| same(packet)).count();
        self.world.packets().position(same).map(|index| (index as u8, count))
    }

    fn lose(&mut self, to: usize, what: &Segment<Space16>) -> Result<(), Stop> {
        let Some((index, _)) = self.find(to, &under_way(what)) else {
            let full = self.world.packets().count() == self.world.net.len();
            return Err(if full { Stop::Room } else { Stop::Wrong(format!("{what} was never sent")) });
        };
        self.act(Action::Lose(index)).map(drop)
    }

    /// The actions that a record means.
    fn actions(&mut self, i: usize, recorded: &Recorded<Full>) -> Result<Vec<Action>, Stop> {
        let (end, n) = (&self.world.ends[i], i as u8);
        let Some(event) = &recorded.event else { return Ok(Vec::new()) };
        Ok(match event {
            Event::Open(open) if open.active => vec![Action::Call(n, Call::Open)],
            Event::Send(send) => vec![Action::Call(n, Call::Send); send.len as usize],
            Event::Receive(receive) => {
                let octets = receive.on_hand.min(receive.max);
                // Without text nothing happens; what is not offered stays as it is.
                let window = window(receive.window).max(end.tcb.rcv_wnd);
                if octets == 0 { Vec::new() } else { vec![Action::Call(n, Call::Take(octets as u8, window))] }
            }
            Event::Close(_) => vec![Action::Call(n, Call::Close)],
            Event::Abort(_) => vec![Action::Call(n, Call::Abort)],
            Event::Release(_) => vec![Action::Call(n, Call::Release)],
            Event::Segment(full) => vec![self.arrival(i, &segment(full))?],
            Event::Held(_) => self.pieces(i, recorded),
            Event::Transmit(_) => {
                let text = recorded.sent.first().map_or(0, |segment| segment.len as u8);
                vec![Action::Transmit(n, text.max(1))]
            }
            Event::Retransmission(expiry) if expiry.r2 => vec![Action::Fire(n, Timer::Retransmission, true)],
            // What the rows refuse before its time is no action.
            Event::Retransmission(expiry) if expiry.early && recorded.sent.is_empty() => Vec::new(),
            Event::Retransmission(_) => vec![again(n, end, recorded)],
            Event::Probe(expiry) => vec![Action::Fire(n, Timer::Persist, expiry.r2)],
            Event::DelayedAck(_) => vec![Action::Fire(n, Timer::DelayedAck, false)],
            Event::TimeWait(_) => vec![Action::Fire(n, Timer::TimeWait, false)],
            Event::Orphan(_) => vec![Action::Fire(n, Timer::Orphan, false)],
            other => return Err(Stop::Wrong(format!("{other:?} has no place here"))),
        })
    }

    /// A segment arrives: the last copy of it, or one of several.
    fn arrival(&mut self, to: usize, wanted: &Segment<Space16>) -> Result<Action, Stop> {
        let Some((index, there)) = self.find(to, wanted) else {
            return Err(Stop::Wrong(format!("{wanted} is not under way")));
        };
        let all = self.copies.iter().filter(|copy| **copy == (to, *wanted)).count();
        let Some(one) = self.copies.iter().position(|copy| *copy == (to, *wanted)) else {
            return Err(Stop::Wrong(format!("{wanted} arrives too often")));
        };
        self.copies.swap_remove(one);
        Ok(if all > there { Action::Duplicate(index) } else { Action::Deliver(index) })
    }

    /// What was kept comes back: the pieces of which the stack has made one.
    fn pieces(&self, i: usize, recorded: &Recorded<Full>) -> Vec<Action> {
        let (mut world, mut actions) = (self.world, Vec::new());
        let goal = seq(recorded.after.tcb.rcv_nxt);
        while world.ends[i].tcb.rcv_nxt != goal {
            let next = |index: u8| {
                let action = Action::Held(i as u8, index);
                let (after, _) = self.model.explain(&world, action)?;
                let far = |world: &World| world.ends[i].tcb.rcv_nxt;
                (far(&after) != far(&world)).then_some((after, action))
            };
            let Some((after, action)) = (0..2).find_map(next) else { break };
            world = after;
            actions.push(action);
        }
        actions
    }

    /// Follows a record. `next`: the same end's next one.
    fn follow(
        &mut self,
        run: &Run,
        i: usize,
        recorded: &Recorded<Full>,
        next: Option<&Recorded<Full>>,
    ) -> Result<(), Stop> {
        // A listener that makes a child: the child's record follows.
        let listens = recorded.before.state == State::Listen && (recorded.forked || recorded.event.is_none());
        let opens = matches!(&recorded.event, Some(Event::Open(open)) if !open.active);
        if listens || opens {
            return Ok(());
        }
        let unchanged = |r: &Recorded<Full>| {
            (r.before.state, r.before.tcb, r.before.armed()) == (r.after.state, r.after.tcb, r.after.armed())
                && r.sent.is_empty()
        };
        let idle = matches!(
            recorded.event,
            Some(Event::Transmit(_) | Event::Close(_) | Event::Abort(_) | Event::Release(_))
        );
        if recorded.answer.is_err() || (idle && unchanged(recorded)) {
            return Ok(());
        }
        // Who lets go of a connection that is over has no use for what was left of it: as if it had been received.
        let left = &self.world.ends[i];
        if recorded.last.is_none() && left.state == State::Closed && left.on_hand > 0 {
            self.act(Action::Call(i as u8, Call::Take(left.on_hand, left.tcb.rcv_wnd)))?;
        }
        let mut sent = Vec::new();
        for action in self.actions(i, recorded)? {
            sent.extend(self.act(action)?);
        }
        self.agree_on_sent(run, i, recorded, sent, next)?;
        // In the model the listener stands beside an end in CLOSED.
        let answers = recorded.after.state == State::Listen && self.world.ends[i].state == State::Closed;
        if answers { Ok(()) } else { self.compare(i, recorded) }
    }

    /// What the model has sent must be what the stack has: acknowledgments apart that the stack has left out (as if they were lost at once) or that
    /// it has sent at once (as if the timer that held them back had run out).
    fn agree_on_sent(
        &mut self,
        run: &Run,
        i: usize,
        recorded: &Recorded<Full>,
        mut sent: Vec<Segment<Space16>>,
        next: Option<&Recorded<Full>>,
    ) -> Result<(), Stop> {
        let wanted: Vec<_> = recorded.sent.iter().map(segment).collect();
        if recorded.event.is_none() {
            // It was left under way when the segment came that it answers.
            return Ok(());
        }
        if wanted.len() > sent.len() && self.world.ends[i].is_armed(Timer::DelayedAck) {
            sent.extend(self.act(Action::Fire(i as u8, Timer::DelayedAck, false))?);
        }
        // It leaves after all, as a record of its own.
        let later = next.filter(|next| recorded.after.owed.is_some() && next.event.is_none());
        let later: Vec<_> = later.into_iter().flat_map(|next| &next.sent).map(segment).collect();
        if !later.is_empty() && sent.len() == wanted.len() && self.world.ends[i].is_armed(Timer::DelayedAck) {
            sent.extend(self.act(Action::Fire(i as u8, Timer::DelayedAck, false))?);
        }
        let mut expected = wanted.iter().chain(&later).peekable();
        for model in sent {
            let model = under_way(&model);
            if expected.peek() == Some(&&model) {
                expected.next();
                self.depart(run, i, &model)?;
            } else if model.flags == Flags::ACK && model.len == 0 {
                self.lose(1 - i, &model)?;
            } else {
                return Err(Stop::Wrong(format!("the model sends {model}, the stack {wanted:?}")));
            }
        }
        match expected.next() {
            Some(more) => Err(Stop::Wrong(format!("the stack sends {more} too"))),
            None => Ok(()),
        }
    }

    /// A segment leaves: the network's fate for it.
    fn depart(&mut self, run: &Run, i: usize, segment: &Segment<Space16>) -> Result<(), Stop> {
        let copies = run.copies[i].get(self.sent[i]).copied();
        self.sent[i] += 1;
        match copies {
            Some(0) => self.lose(1 - i, segment),
            Some(n) => {
                self.copies.extend(std::iter::repeat_n((1 - i, *segment), n.into()));
                Ok(())
            }
            None => Err(Stop::Wrong("more segments than the stack has sent".to_owned())),
        }
    }

    fn compare(&self, i: usize, recorded: &Recorded<Full>) -> Result<(), Stop> {
        let (end, after) = (&self.world.ends[i], &recorded.after);
        // The host may have no such limits; and an acknowledgment that it has left out needs no timer.
        let optional = [Timer::User, Timer::KeepAlive, Timer::Orphan, Timer::DelayedAck];
        let mask = optional.into_iter().fold(0, |all, timer| all | 1 << timer as u8);
        let timers = (end.armed & !mask, after.armed() & !mask);
        let mut held = Vec::new();
        for piece in end.held.iter().flatten() {
            held.extend((0..piece.len).map(|n| piece.seq.plus(n.into()).get()));
        }
        let mut kept = Vec::new();
        for piece in &after.held {
            kept.extend((0..piece.len).map(|n| seq(piece.seq.plus(n)).get()));
        }
        for list in [&mut held, &mut kept] {
            // What came before RCV.NXT is forgotten without a word.
            let counts = end.state != State::Closed;
            list.retain(|number| counts && end.tcb.rcv_nxt.at_or_before(Seq::new(*number)));
            list.sort_unstable();
            list.dedup();
        }
        if held != kept && end.held.iter().all(Option::is_some) {
            return Err(Stop::Room);
        }
        // Text that nobody can take any more is thrown away at once.
        let on_hand = if after.abandoned { after.on_hand } else { end.on_hand.into() };
        let model = (end.state, end.tcb, on_hand, timers.0, held);
        let stack = (after.state, tcb(&after.tcb), after.on_hand, timers.1, kept);
        if model != stack {
            return Err(Stop::Wrong(format!("the model is in {model:?}\n  the stack in    {stack:?}")));
        }
        Ok(())
    }
}

/// The retransmission: of the whole, or of a part.
fn again(n: u8, end: &tcpspec::model::End, recorded: &Recorded<Full>) -> Action {
    let whole = Action::Fire(n, Timer::Retransmission, false);
    let Some(first) = recorded.sent.first().map(segment).filter(|first| !first.flags.has(Flags::SYN)) else {
        return whole;
    };
    let (from, outstanding) = (end.tcb.snd_una.distance(first.seq), end.tcb.in_flight());
    if from == 0 && first.seg_len() == outstanding {
        return whole;
    }
    Action::Resend(n, from as u8, first.len.max(1))
}

/// How far a run could be followed: how many actions that took, and whether it was the whole.
type Followed = Result<(usize, bool), String>;

/// Follows a run to its end, or as far as the model has room.
fn judge(run: &Run) -> Followed {
    let mut path = Path::new(run);
    for (index, (i, recorded)) in run.records.iter().enumerate() {
        let next = run.records[index + 1..].iter().find(|(end, _)| end == i).map(|(_, next)| next);
        match path.follow(run, *i, recorded, next) {
            Ok(()) => {}
            Err(Stop::Room) => return Ok((path.actions, false)),
            Err(Stop::Wrong(what)) => {
                let world = path.world;
                return Err(format!(
                    "record {index}, end {i}: {what}\n  world: {world:?}\n  record: {recorded:?}"
                ));
            }
        }
    }
    Ok((path.actions, true))
}

#[test]
fn runs_with_tiny_windows_are_paths_of_the_model() {
    let (mut actions, mut whole, mut states) = (0, 0, BTreeSet::new());
    const RUNS: u64 = 2000;
    for seed in 0..RUNS {
        let run = run(seed);
        let (taken, to_the_end) = judge(&run).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        actions += taken;
        whole += u64::from(to_the_end);
        states.extend(run.records.iter().map(|(_, recorded)| recorded.after.state as u8));
    }
    println!("{actions} actions in {RUNS} runs, {whole} of them to their end, {} states", states.len());
    assert!(whole > RUNS / 2 && actions > 50_000, "{whole} {actions}");
    assert!(states.len() >= 10, "{states:?}");
}

/// A change of one record; whether it changed anything.
type Tamper = fn(&mut Recorded<Full>) -> bool;

#[test]
fn a_run_that_is_none_is_noticed() {
    let tampered: &[(&str, Tamper)] = &[
        ("text or FIN was not sent", |r| {
            let counts = r.sent.last().is_some_and(|segment| segment.seg_len() > 0);
            counts && r.sent.pop().is_some()
        }),
        ("RCV.NXT went on", |r| {
            let known = r.after.state == State::Established;
            r.after.tcb.rcv_nxt = r.after.tcb.rcv_nxt.plus(u32::from(known));
            known
        }),
        ("another state", |r| {
            let open = r.after.state == State::FinWait1;
            r.after.state = if open { State::FinWait2 } else { r.after.state };
            open
        }),
        ("the retransmission timer does not run", |r| {
            r.after.deadlines[Timer::Retransmission as usize].take().is_some()
        }),
        ("text came from nowhere", |r| {
            let known = r.after.state == State::Established;
            r.after.on_hand += u32::from(known);
            known
        }),
        ("a segment that nobody has sent", |r| match &mut r.event {
            Some(Event::Segment(segment)) if r.before.state == State::FinWait1 => {
                segment.seq = segment.seq.plus(1);
                true
            }
            _ => false,
        }),
    ];
    for (name, tamper) in tampered {
        let (mut changed, mut noticed) = (0, 0);
        for seed in 0..40 {
            let mut wrong = run(seed);
            // Where the right run has no end the wrong one may have none either.
            let whole = judge(&wrong).is_ok_and(|(_, whole)| whole);
            if whole && wrong.records.iter_mut().any(|(_, recorded)| tamper(recorded)) {
                changed += 1;
                noticed += u32::from(judge(&wrong).is_err());
            }
        }
        assert!(changed > 10 && noticed == changed, "{name}: {noticed} of {changed} noticed");
    }
}

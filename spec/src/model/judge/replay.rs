//! Judges recorded runs of the stack: whether each event is one that the model's ends may go through, over the stack's own sequence space.
//!
//! The end is put into the state that the record tells, is given the same event by the same [`respond`] that the model's ends use, and must come out
//! as the record says. Where a host may choose ([`Answer`], which part is sent again, whether keep-alive is on) any choice is accepted that the
//! model makes somewhere. Beyond the model's choices these are accepted, each of which is one of the model's runs in other words:
//!
//! - An acknowledgment that is [owed](Side::owed) leaves with the next event of the same segment, and an update of the window
//!   may not leave at all: as if what was sent had been lost at once.
//! - Pieces that were kept and touch come back as one: as if one had come back after the other.
//! - Text given in one SEND is as much text given octet by octet.
//!
//! What is sent again before the retransmission timer has run out needs one of the reasons that there are ([`Grounds`](crate::record::Grounds)), and no timer moves
//! that no row has started.
//!
//! Not judged: how long timers run but for 2MSL; which initial number and first window are chosen, and when R1 and R2 count as reached; the timestamps
//! sent, and the header on the wire; text itself; that something is done at all (a timer that is due, what was kept and is next).

use crate::model::claims::memory::refuses;
use crate::model::world::host::{Answer, Keep, ModelHost, respond};
use crate::record::{Piece, Recorded, Side};
use crate::{Acknowledge, Event, Facts, Flags, Options, Row, Segment, Seq, Space, State, Tcb, Timer, step};
use core::fmt;
use core::time::Duration;

/// What a recorded run went by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The table's options.
    pub options: Options,
    /// TIME-WAIT lasts this long.
    pub two_msl: Duration,
}

/// How a record differs from what the model would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The event.
    pub event: String,
    /// The rows that fire in the model.
    pub rows: Vec<Row>,
    /// What differs: what the model says, what the record says.
    pub what: Vec<(&'static str, String, String)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the model does not allow this: {}", self.event)?;
        let rows: Vec<_> = self.rows.iter().map(|row| row.name()).collect();
        writeln!(f, "  rows: {}", if rows.is_empty() { "none".to_owned() } else { rows.join(", ") })?;
        for (name, model, record) in &self.what {
            writeln!(f, "  {name}\n    the model says  {model}\n    the record says {record}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Difference {}

/// Timers that run only if the user or the host's settings ask for them, perhaps from now on.
const OPTIONAL: [Timer; 3] = [Timer::KeepAlive, Timer::User, Timer::Orphan];

fn bit(timer: Timer) -> u8 {
    1 << timer as u8
}

fn optional() -> u8 {
    OPTIONAL.into_iter().fold(0, |all, timer| all | bit(timer))
}

/// Judges one event; the rows that fire.
///
/// # Errors
///
/// How it differs from everything that the model would allow.
pub fn judge<S: Space>(rules: &Rules, recorded: &Recorded<S>) -> Result<Vec<Row>, Difference> {
    let mut found = Found::default();
    found.between(recorded);
    let rows = match &recorded.event {
        Some(event) => {
            found.may_come(recorded, event);
            found.outcome(rules, recorded, event)
        }
        None => {
            found.owed(recorded);
            Vec::new()
        }
    };
    if found.what.is_empty() {
        return Ok(rows);
    }
    let event = recorded
        .event
        .as_ref()
        .map_or_else(|| "an owed acknowledgment".to_owned(), |event| format!("{event:?}"));
    let event = format!("{event} in {}", recorded.before.state.name());
    Err(Difference { event, rows, what: found.what })
}

/// What was found to differ.
#[derive(Default)]
struct Found {
    what: Vec<(&'static str, String, String)>,
}

impl Found {
    fn differs(&mut self, name: &'static str, model: impl fmt::Debug, record: impl fmt::Debug) {
        self.what.push((name, format!("{model:?}"), format!("{record:?}")));
    }

    fn same<T: PartialEq + fmt::Debug>(&mut self, name: &'static str, model: &T, record: &T) {
        if model != record {
            self.differs(name, model, record);
        }
    }

    /// Between two events nothing changes but what is the host's own.
    fn between<S: Space>(&mut self, recorded: &Recorded<S>) {
        let before = &recorded.before;
        let Some(last) = &recorded.last else {
            // A connection begins in CLOSED, or as a listener's child.
            let facts = before.tcb.facts;
            let child = before.state == State::Listen && facts.has(Facts::CHILD) && !facts.has(Facts::FORKS);
            let new = before.state == State::Closed && before.tcb == Tcb::default();
            self.same("a connection begins in CLOSED or as a child", &true, &(new || child));
            return;
        };
        self.same("the state between two events", &last.state, &before.state);
        self.same("the TCB between two events", &last.tcb, &before.tcb);
        if !(last.abandoned || before.abandoned) || before.on_hand != 0 {
            self.same("text on hand between two events", &last.on_hand, &before.on_hand);
        }
        self.same("Last.ACK.sent between two events", &last.last_ack, &before.last_ack);
        self.same("what is owed between two events", &last.owed, &before.owed);
        let takes_along = matches!(recorded.event, None | Some(Event::Held(_)));
        if last.owed.is_some() && !(takes_along && last.at == recorded.after.at) {
            self.differs("what is owed leaves at once", last.owed, &recorded.event);
        }
        // What lies before RCV.NXT is forgotten without a word, and everything once the peer's FIN is taken.
        let mut left = before.held.clone();
        // The host has taken out what comes back now.
        left.extend(recorded.event.as_ref().and_then(piece_of));
        let (kept, left) = (numbers(&last.tcb, &last.held), numbers(&before.tcb, &left));
        if !before.state.is_peer_closed() || !left.is_empty() {
            self.same("what is held between two events", &kept, &left);
        }
        // The timer whose event this is has run out.
        let ran_out = recorded.event.as_ref().and_then(timer_of).filter(|_| recorded.expired.is_some());
        let expired = ran_out.map_or(0, bit);
        for timer in Timer::ALL {
            if (expired | optional()) & bit(timer) == 0 {
                let (was, is) = (last.deadlines[timer as usize], before.deadlines[timer as usize]);
                self.same("a timer between two events", &(timer, was), &(timer, is));
            }
        }
        let mut grounds = last.grounds.clone();
        if recorded.shrunk {
            grounds.renew(&last.tcb);
        }
        self.same("reasons to send again between two events", &grounds, &before.grounds);
    }

    /// Whether the model would let this event come now.
    fn may_come<S: Space>(&mut self, recorded: &Recorded<S>, event: &Event<S>) {
        let before = &recorded.before;
        match event {
            Event::Segment(segment) if segment.ts.is_some() && before.tcb.ts_recent.is_some() => {
                let echoes = segment.seq.at_or_before(before.last_ack);
                self.same("SEG.SEQ =< Last.ACK.sent", &echoes, &segment.echoes);
            }
            Event::Receive(receive) => self.same("text on hand", &before.on_hand, &receive.on_hand),
            Event::Held(segment) if !segment.seq.at_or_before(before.tcb.rcv_nxt) => {
                self.differs("what is held comes when it is next", before.tcb.rcv_nxt, segment.seq);
            }
            _ => {}
        }
        if let Event::Retransmission(expiry) = event {
            self.same("before its time", &recorded.expired.is_none(), &expiry.early);
        }
        let Some(timer) = timer_of(event) else { return };
        let deadline = recorded.last.as_ref().and_then(|last| last.deadlines[timer as usize]);
        // What is lost may be known before the timer runs out (`Grounds`), and an acknowledgment may be held back for any time.
        let early = matches!(timer, Timer::Retransmission | Timer::DelayedAck) && recorded.expired.is_none();
        let due = if early { deadline } else { recorded.expired };
        let now = recorded.after.at;
        if due.is_none_or(|due| !early && due > now) || (!OPTIONAL.contains(&timer) && due != deadline) {
            self.differs("the timer has run out", (deadline, due), now);
        }
    }

    /// What the model's end makes of it must be what the record says.
    fn outcome<S: Space>(&mut self, rules: &Rules, recorded: &Recorded<S>, event: &Event<S>) -> Vec<Row> {
        let (before, after) = (&recorded.before, &recorded.after);
        let mut end = Recording::from(before);
        // Before its time it runs on.
        if let Some(timer) =
            timer_of(event).filter(|timer| recorded.expired.is_some() || *timer != Timer::Retransmission)
        {
            end.armed &= !bit(timer);
        }
        let (mut state, mut tcb, mut event) = (before.state, before.tcb, event.clone());
        let mut host = ModelHost::new(&mut end, after.tcb.iss, after.tcb.rcv_wnd, 0, 0);
        (host.keep_alive, host.orphans, host.stamps) = (true, true, true);
        host.wanted = before.owed;
        host.part = recorded.sent.first().and_then(|segment| part(before, segment));
        let mut later = None;
        let asked = core::cell::Cell::new(None);
        let (answer, own) = respond(
            (&mut state, &mut tcb),
            &mut event,
            &mut host,
            |state, tcb, event, host| step(state, tcb, event, &rules.options, host),
            |_| None,
            |why| {
                asked.set(Some(why));
                choice(why, recorded)
            },
        );
        // Left to what comes next of the same segment.
        if let (Some(why), Some(owed)) = (asked.get(), after.owed)
            && is_held_next(after)
        {
            self.same("what is owed", &why, &owed);
            later = Some(owed);
        }
        let sent: Vec<_> = host.sent().iter().copied().chain(own).collect();
        self.same("segments", &shown(&sent), &shown(&recorded.sent));
        self.same("what the user is told", &host.notices, &recorded.told);
        self.same("a child takes the segment", &host.forked.is_some(), &recorded.forked);
        self.same("the listener takes the segment", &host.handed_over.is_some(), &recorded.handed_over);
        self.same("faults", &0, &host.faults);
        let (started, rows): (_, Vec<_>) = (host.started, host.rows().collect());
        let heard = host.acked.is_some() || host.delivered.is_some();
        let tcbs = (&before.tcb, &after.tcb);
        let (grounds, allowed) = before.grounds.after(&event, tcbs, host.acked, &recorded.sent);
        if !allowed {
            self.differs("a reason to send again", &before.grounds, &recorded.sent);
        }
        self.same("reasons to send again", &grounds, &after.grounds);
        self.same("the answer", &answer, &recorded.answer);
        self.same("the state", &state, &after.state);
        self.same("the TCB", &tcb, &after.tcb);
        self.same("what is owed afterwards", &later, &after.owed);
        self.same("text on hand", &end.on_hand, &after.on_hand);
        self.same("Last.ACK.sent", &end.last_ack, &after.last_ack);
        let heard = heard || end.came_early.is_some();
        self.timers(end.armed, (started, heard), rules, recorded);
        self.held(&end, recorded);
        if rows.last().copied().is_some_and(refuses) && rules.options.timestamp_after_ack {
            self.traces(recorded);
        }
        rows
    }

    /// A segment that was refused changes nothing. (An acknowledgment that leaves takes along the one that was held back.)
    fn traces<S: Space>(&mut self, recorded: &Recorded<S>) {
        let (before, after) = (&recorded.before, &recorded.after);
        self.same("the TCB after a refused segment", &before.tcb, &after.tcb);
        self.same("what is held after a refused segment", &before.held, &after.held);
        for timer in Timer::ALL.into_iter().filter(|timer| *timer != Timer::DelayedAck) {
            let at = |side: &Side<S>| side.deadlines[timer as usize];
            self.same("a timer after a refused segment", &(timer, at(before)), &(timer, at(after)));
        }
    }

    /// Timers run that the rows have started, and no others but those that the user or the host asks for. `heard`: something acceptable has come.
    fn timers<S: Space>(
        &mut self,
        armed: u8,
        (started, heard): (u8, bool),
        rules: &Rules,
        recorded: &Recorded<S>,
    ) {
        let after = &recorded.after;
        for timer in Timer::ALL {
            let (was, is) = (recorded.before.deadlines[timer as usize], after.deadlines[timer as usize]);
            // The idle time begins anew with whatever is taken from the peer (§3.8.4).
            let may = started & bit(timer) != 0 || (heard && timer == Timer::KeepAlive);
            if was.is_some() && is.is_some() && was != is && !may {
                self.differs("a timer moves only if a row starts it", (timer, was), is);
            }
        }
        self.same("timers", &(armed & !optional()), &(after.armed() & !optional()));
        for timer in OPTIONAL {
            if after.is_armed(timer) && armed & bit(timer) == 0 {
                self.differs("a timer is stopped", timer, after.deadlines[timer as usize]);
            }
        }
        if armed & bit(Timer::TimeWait) != 0 {
            let anew = started & bit(Timer::TimeWait) != 0;
            let until = Some(recorded.after.at.saturating_add(rules.two_msl));
            let until = if anew { until } else { recorded.before.deadlines[Timer::TimeWait as usize] };
            self.same("2MSL end", &until, &after.deadlines[Timer::TimeWait as usize]);
        }
    }

    /// What was kept is kept, what came early may be, and nothing else is.
    fn held<S: Space>(&mut self, end: &Recording<S>, recorded: &Recorded<S>) {
        let (before, after) = (&recorded.before, &recorded.after);
        let kept = if end.forgotten { Vec::new() } else { numbers(&after.tcb, &before.held) };
        let mut most = before.held.clone();
        if end.forgotten {
            most.clear();
        }
        most.extend(end.came_early);
        let most = numbers(&after.tcb, &most);
        let is = numbers(&after.tcb, &after.held);
        if !includes(&is, &kept) || !includes(&most, &is) {
            self.differs("what is held", (before, end.came_early), &after.held);
        }
    }

    /// An acknowledgment that nothing has taken along leaves, or is held back.
    fn owed<S: Space>(&mut self, recorded: &Recorded<S>) {
        let (before, after) = (&recorded.before, &recorded.after);
        self.same("the state", &before.state, &after.state);
        self.same("the TCB", &before.tcb, &after.tcb);
        self.same("text on hand", &before.on_hand, &after.on_hand);
        self.same("what is held", &before.held, &after.held);
        self.same("what is owed", &None, &after.owed);
        self.same("what the user is told", &0, &recorded.told);
        self.same("the answer", &Ok(()), &recorded.answer);
        self.same("somebody takes a segment", &(false, false), &(recorded.forked, recorded.handed_over));
        let Some(why) = before.owed else {
            self.differs("an acknowledgment is owed", "yes", before.owed);
            return;
        };
        let acknowledgment = [before.tcb.acknowledgment()];
        let sent: &[_] = if choice(why, recorded) == Answer::Leaves { &acknowledgment } else { &[] };
        self.same("segments", &shown(sent), &shown(&recorded.sent));
        let delayed = if choice(why, recorded) == Answer::Waits { bit(Timer::DelayedAck) } else { 0 };
        let armed = before.armed() & !bit(Timer::DelayedAck) | delayed;
        self.same("timers", &armed, &after.armed());
        self.same("reasons to send again", &before.grounds, &after.grounds);
        for timer in Timer::ALL {
            if before.is_armed(timer) && after.is_armed(timer) {
                let (was, is) = (before.deadlines[timer as usize], after.deadlines[timer as usize]);
                self.same("a timer moves only if a row starts it", &(timer, was), &(timer, is));
            }
        }
    }
}

/// What the host has chosen, as far as it may.
fn choice<S: Space>(why: Acknowledge, recorded: &Recorded<S>) -> Answer {
    let after = &recorded.after;
    let left = recorded.sent.iter().any(|segment| *segment == after.tcb.acknowledgment());
    let chosen = match why {
        // It may be left to what was kept and is next.
        _ if after.owed.is_some() && is_held_next(after) => return Answer::Withheld,
        _ if left => Answer::Leaves,
        Acknowledge::Window if !after.is_armed(Timer::DelayedAck) => Answer::Withheld,
        Acknowledge::Text | Acknowledge::Window => Answer::Waits,
        _ => Answer::Withheld,
    };
    *Answer::permitted(why).iter().find(|answer| **answer == chosen).unwrap_or(&Answer::Leaves)
}

/// Whether something that was kept is next.
fn is_held_next<S: Space>(side: &Side<S>) -> bool {
    side.held.first().is_some_and(|piece| piece.seq.at_or_before(side.tcb.rcv_nxt))
}

/// Where a segment that is sent again begins behind SND.UNA, and how much text it has.
fn part<S: Space>(before: &Side<S>, segment: &Segment<S>) -> Option<(u32, u32)> {
    let tcb = &before.tcb;
    let is_part = segment.seq.in_window(tcb.snd_una, tcb.in_flight());
    is_part.then(|| (tcb.snd_una.distance(segment.seq), segment.text_len().max(1)))
}

/// What comes back with this event.
fn piece_of<S: Space>(event: &Event<S>) -> Option<Piece<S>> {
    let Event::Held(segment) = event else { return None };
    Some(piece(segment))
}

fn piece<S: Space>(segment: &Segment<S>) -> Piece<S> {
    Piece { seq: segment.text_seq(), len: segment.text_len(), fin: segment.flags.has(Flags::FIN) }
}

/// The timer whose running out is this event.
fn timer_of<S: Space>(event: &Event<S>) -> Option<Timer> {
    Some(match event {
        Event::Retransmission(_) => Timer::Retransmission,
        Event::Probe(_) => Timer::Persist,
        Event::KeepAlive(_) => Timer::KeepAlive,
        Event::DelayedAck(_) => Timer::DelayedAck,
        Event::TimeWait(_) => Timer::TimeWait,
        Event::UserTimeout(_) => Timer::User,
        Event::Orphan(_) => Timer::Orphan,
        _ => return None,
    })
}

/// What a segment says; what only a host knows of it does not go out.
fn shown<S: Space>(sent: &[Segment<S>]) -> Vec<Segment<S>> {
    let says = |segment: &Segment<S>| {
        let up = if segment.flags.has(Flags::URG) { segment.up } else { Seq::default() };
        Segment { up, ts: None, listener: false, echoes: false, outdated: false, ..*segment }
    };
    sent.iter().map(says).collect()
}

/// The numbers from RCV.NXT on that pieces take, as sorted ranges; a FIN's number counts like that of an octet, marked.
fn numbers<S: Space>(tcb: &Tcb<S>, pieces: &[Piece<S>]) -> Vec<(u32, u32, bool)> {
    let mut ranges: Vec<(u32, u32, bool)> = Vec::new();
    let half = S::mask() / 2 + 1;
    let base = tcb.rcv_nxt.minus(half / 2);
    for piece in pieces {
        let from = base.distance(piece.seq);
        let until = from + piece.len;
        let from = from.max(half / 2);
        if until > from {
            ranges.push((from, until, false));
        }
        if piece.fin && until >= half / 2 {
            ranges.push((until, until + 1, true));
        }
    }
    // A forger's FIN may have the number of an octet.
    ranges.sort_unstable_by_key(|(from, until, fin)| (*fin, *from, *until));
    let mut joined: Vec<(u32, u32, bool)> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.2 == range.2 && range.0 <= last.1 => last.1 = last.1.max(range.1),
            _ => joined.push(range),
        }
    }
    joined
}

/// Whether each of the numbers is among all.
fn includes(all: &[(u32, u32, bool)], some: &[(u32, u32, bool)]) -> bool {
    some.iter().all(|range| {
        // Both are sorted: octets first, then FINs, each by where they begin.
        let after = all.partition_point(|other| (other.2, other.0) <= (range.2, range.0));
        let around = after.checked_sub(1).and_then(|at| all.get(at));
        around.is_some_and(|larger| larger.2 == range.2 && range.1 <= larger.1)
    })
}

/// A recorded end while its event is gone through again.
struct Recording<S: Space> {
    armed: u8,
    on_hand: u32,
    last_ack: Seq<S>,
    came_early: Option<Piece<S>>,
    forgotten: bool,
    abandoned: bool,
}

impl<S: Space> From<&Side<S>> for Recording<S> {
    fn from(side: &Side<S>) -> Self {
        let Side { on_hand, last_ack, abandoned, .. } = *side;
        Self { armed: side.armed(), on_hand, last_ack, came_early: None, forgotten: false, abandoned }
    }
}

impl<S: Space> Keep<S> for Recording<S> {
    fn armed(&mut self) -> &mut u8 {
        &mut self.armed
    }

    fn begin_2msl(&mut self, _: u8) {}

    fn begin(&mut self, _: bool) -> u32 {
        (self.on_hand, self.forgotten) = (0, true);
        0
    }

    fn deliver(&mut self, octets: u32) {
        self.on_hand += octets;
    }

    fn take(&mut self, octets: u32) {
        self.on_hand -= octets;
    }

    fn on_hand(&self) -> u32 {
        self.on_hand
    }

    fn hold(&mut self, segment: &Segment<S>, _: u8) {
        self.came_early = Some(piece(segment));
    }

    fn forget(&mut self) {
        (self.on_hand, self.forgotten) = (0, true);
    }

    fn forget_early(&mut self) {
        self.forgotten = true;
    }

    fn abandon(&mut self) {
        (self.on_hand, self.abandoned) = (0, true);
    }

    fn acknowledge(&mut self, ack: Seq<S>) {
        self.last_ack = ack;
    }

    fn give_up(&mut self) {}

    fn is_orphaned(&self) -> bool {
        self.abandoned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Full;

    /// What comes of pieces that come back one after the other.
    fn come_back(state: State, tcb: Tcb<Full>, pieces: &[(u32, u32, bool)]) -> (State, Tcb<Full>, u32, u16) {
        let (mut state, mut tcb, mut told) = (state, tcb, 0);
        let mut end = Recording {
            armed: 0,
            on_hand: 0,
            last_ack: Seq::default(),
            came_early: None,
            forgotten: false,
            abandoned: false,
        };
        for (from, until, fin) in pieces {
            let flags = if *fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
            let segment = Segment { seq: Seq::new(*from), len: until - from, flags, ..Segment::default() };
            let mut host = ModelHost::new(&mut end, Seq::default(), 0, 0, 0);
            let mut event = Event::Held(segment);
            step(&mut state, &mut tcb, &mut event, &Options::default(), &mut host).unwrap();
            told |= host.notices;
        }
        (state, tcb, end.on_hand, told)
    }

    #[test]
    fn pieces_that_touch_may_come_back_as_one() {
        let states = [State::Established, State::FinWait1, State::FinWait2];
        let mut cases = 0;
        for state in states {
            for (rcv_nxt, window) in (0..8).flat_map(|n| (0..8).map(move |w| (n, w))) {
                for (middle, until, fin) in
                    (1..6).flat_map(|m| (m..7).flat_map(move |u| [(m, u, false), (m, u, true)]))
                {
                    let mut tcb: Tcb<Full> =
                        Tcb { rcv_nxt: Seq::new(rcv_nxt), rcv_wnd: window, ..Tcb::default() };
                    tcb.facts.set(Facts::SYN_ACKED);
                    // What does not lie in the window was cut off when it came, and what is old does not come back.
                    let end = until + u32::from(fin);
                    if end > rcv_nxt + window || middle <= rcv_nxt || until == middle && !fin {
                        continue;
                    }
                    cases += 1;
                    let apart = come_back(state, tcb, &[(0, middle, false), (middle, until, fin)]);
                    assert_eq!(
                        apart,
                        come_back(state, tcb, &[(0, until, fin)]),
                        "{state:?} {rcv_nxt} {window} {middle} {until} {fin}"
                    );
                }
            }
        }
        assert!(cases > 500, "{cases}");
    }
}

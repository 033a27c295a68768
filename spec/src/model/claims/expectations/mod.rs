//! What the RFCs say about single events: a second opinion, written from the text of RFC 9293 §3.10 (with RFC 5961 and RFC 1337), in its order
//! of sections, and not from the table. The model asks it after every event; what differs is a breach, and claims look at breaches. It shares with the
//! table what guards ask of a segment's numbers; which of them is asked when, and what follows, stands here a second time.
//!
//! It says what can be seen of an event: the answer to the call, what the user is told, what is sent, the state and the numbers after it, and
//! which timers run.

mod calls;
mod segment;

use crate::model::Space16;
use crate::model::scenario::{Bounds, Claim};
use crate::model::world::{End, Held, Marks, World, breach};
use crate::{CallError, Event, Facts, Flags, Notice, Options, Segment, Seq, State, Tcb, Timer};

/// Calls.
pub const ANSWERED: Claim =
    Claim::unbroken::<{ breach::ANSWER }>("every call is answered as §3.10.1 to §3.10.6 say");
/// Notices.
pub const TOLD: Claim = Claim::unbroken::<{ breach::TOLD }>(
    "the user is told what §3.10 signals, when it happens, and nothing else",
);
/// Segments.
pub const SENT: Claim = Claim::unbroken::<{ breach::SENT }>(
    "what is sent is what §3.10 asks for, with its numbers: no RST, SYN, ACK, text or FIN more or less",
);
/// States and numbers.
pub const OUTCOME: Claim = Claim::unbroken::<{ breach::OUTCOME }>(
    "every event leads to the state, the numbers and the text that §3.10 gives",
);
/// Timers.
pub const TIMERS: Claim =
    Claim::always("timers run while what they wait for is open, and no longer", |s, w| {
        w.breaches & breach::TIMER == 0 && w.ends.iter().all(|end| timers_fit(end, &s.bounds))
    })
    .asks(Marks::breaches(breach::TIMER));

/// One event at one end.
pub(crate) struct Happening<'a> {
    pub(crate) options: &'a Options,
    /// The event as it came.
    pub(crate) event: &'a Event<Space16>,
    pub(crate) before: &'a End,
    pub(crate) after: &'a End,
    pub(crate) answer: Result<(), CallError>,
    /// A bit for each [`Notice`].
    pub(crate) told: u16,
    /// What the host heard of an acceptable ACK: the numbers that it acknowledges anew.
    pub(crate) acked: Option<u32>,
    /// Timers that were started, a bit for each.
    pub(crate) started: u8,
    /// What was queued was returned and forgotten.
    pub(crate) flushed: bool,
    /// What was queued to be sent was returned and forgotten.
    pub(crate) returned: bool,
    /// What was sent, the acknowledgment at the end included.
    pub(crate) sent: &'a [Option<Segment<Space16>>],
    /// A child or the listener beside got the segment.
    pub(crate) passed_on: bool,
    /// The user has taken text at once.
    pub(crate) eager: bool,
    pub(crate) two_msl: u8,
    pub(crate) window: u8,
    /// A challenge ACK was due and its rate is limited (RFC 5961 §7).
    pub(crate) limited: bool,
    /// The part that the host has chosen to send again, if it is not the front.
    pub(crate) part: Option<(u8, u8)>,
    /// A connection has begun.
    pub(crate) begun: bool,
}

/// Whether an acknowledgment is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Due {
    No,
    Soon,
    Now,
}

/// What should be seen of an event.
struct Expected {
    answer: Result<(), CallError>,
    told: u16,
    state: State,
    /// A segment besides the acknowledgment.
    sends: Option<Segment<Space16>>,
    ack: Due,
    una: Seq<Space16>,
    nxt: Seq<Space16>,
    rcv_nxt: Seq<Space16>,
    snd_wnd: u8,
    ts_recent: Option<u8>,
    /// Numbers that are acknowledged anew, if an acceptable ACK came.
    acked: Option<u32>,
    /// Octets that become the user's.
    text: u8,
    holds: Option<Held>,
    passed_on: bool,
    /// Everything queued is forgotten.
    flushed: bool,
    /// What is queued to be sent is forgotten, and what came early.
    returned: bool,
    /// Nothing of the TCB changes (but the timestamp).
    same_tcb: bool,
    /// Timers that run afterwards.
    runs: u8,
    /// 2MSL begin anew.
    restarts: bool,
}

const fn bit(timer: Timer) -> u8 {
    1 << timer as u8
}

impl Expected {
    /// Nothing happens.
    fn nothing(end: &End) -> Self {
        Self {
            answer: Ok(()),
            told: 0,
            state: end.state,
            sends: None,
            ack: Due::No,
            una: end.tcb.snd_una,
            nxt: end.tcb.snd_nxt,
            rcv_nxt: end.tcb.rcv_nxt,
            snd_wnd: end.tcb.snd_wnd,
            ts_recent: end.tcb.ts_recent,
            acked: None,
            text: 0,
            holds: None,
            passed_on: false,
            flushed: false,
            returned: false,
            same_tcb: true,
            runs: 0,
            restarts: false,
        }
    }

    fn refused(mut self, error: CallError) -> Self {
        self.answer = Err(error);
        self
    }

    fn sends(mut self, segment: Segment<Space16>) -> Self {
        self.sends = Some(segment);
        self
    }

    fn tells(mut self, notice: Notice) -> Self {
        self.told |= 1 << notice as u16;
        self
    }

    /// Enters CLOSED, deletes the TCB and returns.
    fn closes(mut self) -> Self {
        self.state = State::Closed;
        self.runs = 0;
        self.same_tcb = false;
        self.tells(Notice::Closed)
    }

    /// The same, and queues are flushed.
    fn gives_up(mut self) -> Self {
        self.flushed = true;
        self.ack = Due::No;
        self.closes()
    }

    fn moves(mut self, state: State) -> Self {
        self.state = state;
        self.same_tcb = false;
        self
    }

    fn acks(mut self, due: Due) -> Self {
        if self.ack < due {
            self.ack = due;
        }
        self
    }

    fn runs(mut self, timer: Timer) -> Self {
        self.runs |= bit(timer);
        self
    }

    fn waits_2msl(mut self) -> Self {
        self.restarts = true;
        // "turn off the other timers"
        self.runs = 0;
        self.runs(Timer::TimeWait)
    }
}

/// `<SEQ=SEG.ACK><CTL=RST>`, or `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`
fn reset_for(seg: &Segment<Space16>) -> Segment<Space16> {
    if seg.flags.has(Flags::ACK) {
        Segment { seq: seg.ack, flags: Flags::RST, ..Segment::default() }
    } else {
        let ack = seg.seq.plus(seg.seg_len());
        Segment { ack, flags: Flags::RST.with(Flags::ACK), ..Segment::default() }
    }
}

impl Happening<'_> {
    /// What has not come out as expected.
    pub(crate) fn breaches(&self) -> u8 {
        let expected = self.expected();
        let after = self.after;
        let mut breaches = 0;
        let mut wrong = |what: u8, is: bool| {
            if is {
                breaches |= what;
            }
        };
        wrong(breach::ANSWER, self.answer != expected.answer);
        wrong(breach::TOLD, self.told != expected.told);
        wrong(breach::SENT, !self.has_sent(&expected));
        wrong(breach::OUTCOME, after.state != expected.state || self.passed_on != expected.passed_on);
        match after.state {
            State::Closed => wrong(breach::OUTCOME, after.tcb != Tcb::default()),
            State::Listen if self.before.state != State::Listen => {
                // A peer that has tried in vain is forgotten; one that OPEN has named is not.
                let opens = matches!(self.event, Event::Open(open) if open.remote);
                let mut facts = Facts::PASSIVE;
                if opens || self.before.tcb.facts.has(Facts::NAMED) {
                    facts.set(Facts::REMOTE);
                    facts.set(Facts::NAMED);
                }
                wrong(breach::OUTCOME, after.tcb != Tcb { facts, ..Tcb::default() });
            }
            _ if expected.same_tcb => {
                let tcb = Tcb { ts_recent: self.before.tcb.ts_recent, ..after.tcb };
                wrong(breach::OUTCOME, tcb != self.before.tcb);
            }
            _ => wrong(
                breach::OUTCOME,
                after.tcb.snd_una != expected.una
                    || after.tcb.snd_nxt != expected.nxt
                    || after.tcb.rcv_nxt != expected.rcv_nxt
                    // Nothing is sent any more in TIME-WAIT.
                    || (after.tcb.snd_wnd != expected.snd_wnd && after.state != State::TimeWait),
            ),
        }
        let lives = !matches!(after.state, State::Closed | State::Listen);
        wrong(breach::OUTCOME, lives && after.tcb.ts_recent != expected.ts_recent);
        wrong(breach::OUTCOME, self.acked != expected.acked);
        wrong(breach::OUTCOME, !self.has_text(&expected));
        wrong(breach::OUTCOME, !self.has_noted(&expected));
        wrong(breach::OUTCOME, (self.flushed, self.returned) != (expected.flushed, expected.returned));
        wrong(breach::TIMER, after.armed & self.started & expected.runs != expected.runs);
        wrong(breach::TIMER, expected.restarts && after.quiet != self.two_msl);
        wrong(breach::TIMER, !expected.restarts && after.quiet > self.before.quiet);
        breaches
    }

    fn has_sent(&self, expected: &Expected) -> bool {
        let mut sent = self.sent.iter().flatten();
        if let Some(segment) = expected.sends
            && sent.next() != Some(&segment)
        {
            return false;
        }
        if expected.sends.is_some_and(|segment| segment.flags.has(Flags::ACK)) {
            return sent.next().is_none();
        }
        let (first, delayed) = (sent.next(), self.after.is_armed(Timer::DelayedAck));
        let acked = first == Some(&self.after.tcb.acknowledgment());
        let fits = match expected.ack {
            Due::Now if self.limited => first.is_none(),
            Due::No => first.is_none(),
            Due::Soon => acked || (delayed && first.is_none()),
            Due::Now => acked,
        };
        fits && sent.next().is_none()
    }

    /// The facts and numbers that later events rely on.
    fn has_noted(&self, expected: &Expected) -> bool {
        let (before, after) = (&self.before.tcb, &self.after.tcb);
        if matches!(self.after.state, State::Closed | State::Listen) {
            return true;
        }
        let ok = expected.answer.is_ok();
        let new = self.begun;
        let older = if new { self.before.state == State::TimeWait } else { before.facts.has(Facts::REUSES) };
        if after.facts.has(Facts::REUSES) != (older && self.after.state == State::SynSent) {
            return false;
        }
        if self.before.state == State::SynSent && self.after.state == State::TimeWait {
            // What was received, and beyond what was sent: nothing else is remembered.
            let &Tcb { iss, snd_nxt, rcv_nxt, rcv_wnd, ts_recent, .. } = before;
            let (snd_una, snd_end, mut facts) = (snd_nxt, snd_nxt, Facts::REMOTE);
            facts.set(Facts::CLOSED);
            facts.set(Facts::FIN_SENT);
            if matches!(self.event, Event::Release(_)) {
                facts.set(Facts::RELEASED);
            }
            let nothing = Tcb::default();
            return *after
                == Tcb { iss, snd_una, snd_nxt, snd_end, rcv_nxt, rcv_wnd, ts_recent, facts, ..nothing };
        }
        if self.after.state == State::SynSent
            && new
            && (after.facts.has(Facts::PASSIVE) || !after.facts.has(Facts::REMOTE))
        {
            // MUST-11: an active OPEN forgets the passive one.
            return false;
        }
        let fact = |fact, now: bool| after.facts.has(fact) == ((!new && before.facts.has(fact)) || now);
        let fin = expected.sends.is_some_and(|segment| segment.flags.has(Flags::FIN));
        let first = if new { after.iss.plus(1) } else { before.snd_end };
        let queued = match self.event {
            Event::Send(send) if ok => send.len,
            _ => 0,
        };
        let wnd = match self.event {
            _ if new => self.window,
            Event::Receive(receive) if !expected.same_tcb => before.rcv_wnd.max(receive.window as u8),
            _ if self.eager => after.rcv_wnd,
            _ => before.rcv_wnd.saturating_sub(expected.text),
        };
        let syn_taken = match self.event {
            Event::Segment(seg) if !self.before.state.is_known() && self.after.state.is_known() => {
                after.irs == seg.seq && after.facts.has(Facts::REMOTE)
            }
            _ => new || after.irs == before.irs,
        };
        fact(Facts::CLOSED, ok && matches!(self.event, Event::Close(_) | Event::Release(_)))
            && fact(Facts::RELEASED, matches!(self.event, Event::Release(_)))
            && fact(Facts::FIN_SENT, fin)
            && fact(Facts::SYN_ACKED, !new && before.snd_una != expected.una)
            && after.snd_end == first.plus(queued)
            && after.rcv_wnd == wnd
            && syn_taken
    }

    fn has_text(&self, expected: &Expected) -> bool {
        let (before, after) = (self.before, self.after);
        if expected.flushed {
            return after.on_hand == 0 && after.held.iter().all(Option::is_none);
        }
        if expected.returned {
            return after.on_hand == before.on_hand && after.held.iter().all(Option::is_none);
        }
        let late = matches!(after.state, State::Closing | State::LastAck | State::TimeWait | State::Closed);
        let takes = self.options.drain_after_fin || !late;
        let on_hand = match self.event {
            Event::Receive(receive) if expected.answer.is_ok() => {
                before.on_hand - receive.on_hand.min(receive.max) as u8
            }
            _ if self.eager && expected.text > 0 && takes => 0,
            // A new connection begins with nothing, and nobody is left who would receive.
            _ if self.begun => 0,
            Event::Release(_) if after.state != State::Closed => 0,
            _ => before.on_hand + expected.text,
        };
        let holds = expected.holds.is_none_or(|piece| {
            after.held.iter().flatten().any(|held| Held { tag: piece.tag, ..*held } == piece)
                || after.held.iter().all(Option::is_some)
        });
        after.on_hand == on_hand && holds
    }
}

/// Whether the peer has not acknowledged all that the user has asked for: the connection, text, CLOSE.
fn waits_for_delivery(end: &End) -> bool {
    let closes = end.tcb.facts.has(Facts::CLOSED) && !end.tcb.facts.has(Facts::FIN_SENT);
    end.tcb.in_flight() > 0 || end.tcb.unsent() > 0 || closes
}

/// Which timers run in this state with these numbers.
fn timers_fit(end: &End, bounds: &Bounds) -> bool {
    let only = |timer| end.armed & !bit(timer) == 0;
    match end.state {
        State::Closed | State::Listen => end.armed == 0,
        State::TimeWait => only(Timer::TimeWait) && end.is_armed(Timer::TimeWait),
        state => {
            let outstanding = end.tcb.in_flight() > 0;
            // §3.8.4, where the user has asked for it: what may become idle is asked some day.
            let idles =
                matches!(state, State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait);
            !end.is_armed(Timer::TimeWait)
                && end.is_armed(Timer::Retransmission) == outstanding
                && end.is_armed(Timer::User) == waits_for_delivery(end)
                && (!(bounds.keep_alive && idles) || end.is_armed(Timer::KeepAlive))
                && end.is_armed(Timer::Orphan) == (bounds.orphans && end.closed)
        }
    }
}

impl World {
    /// Whether everything has come out as expected so far.
    pub fn is_as_expected(&self) -> bool {
        self.breaches == 0
    }
}

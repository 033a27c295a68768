//! What the RFCs say about single events: a second opinion, written from the text of RFC 9293 §3.10 (with RFC 5961 and RFC 1337), in its order
//! of sections, and not from the table. The model asks it after every event; what differs is a breach, and claims look at breaches.
//!
//! It says what can be seen of an event: the answer to the call, what the user is told, what is sent, the state and the numbers after it, and
//! which timers run.

use super::world::{End, Held, World};
use super::{Bounds, Claim, Space16};
use crate::guards;
use crate::{
    AckPlace, CallError, Event, Facts, Flags, Notice, Options, Place, Segment, Seq, State, Tcb, Timer,
};

/// What has not come out as expected (bits of [`World::breaches`]).
pub mod breach {
    /// A call was answered otherwise.
    pub const ANSWER: u8 = 1;
    /// The user was told something else.
    pub const TOLD: u8 = 1 << 1;
    /// Something else was sent.
    pub const SENT: u8 = 1 << 2;
    /// State, numbers or text are others.
    pub const OUTCOME: u8 = 1 << 3;
    /// A timer runs that should not, or the other way round.
    pub const TIMER: u8 = 1 << 4;
}

/// Calls.
pub const ANSWERED: Claim = Claim::always("every call is answered as §3.10.1 to §3.10.6 say", |_, w| {
    w.breaches & breach::ANSWER == 0
});
/// Notices.
pub const TOLD: Claim =
    Claim::always("the user is told what §3.10 signals, when it happens, and nothing else", |_, w| {
        w.breaches & breach::TOLD == 0
    });
/// Segments.
pub const SENT: Claim = Claim::always(
    "what is sent is what §3.10 asks for, with its numbers: no RST, SYN, ACK, text or FIN more or less",
    |_, w| w.breaches & breach::SENT == 0,
);
/// States and numbers.
pub const OUTCOME: Claim =
    Claim::always("every event leads to the state, the numbers and the text that §3.10 gives", |_, w| {
        w.breaches & breach::OUTCOME == 0
    });
/// Timers.
pub const TIMERS: Claim =
    Claim::always("timers run while what they wait for is open, and no longer", |s, w| {
        w.breaches & breach::TIMER == 0 && w.ends.iter().all(|end| timers_fit(end, &s.bounds))
    });

/// One event at one end.
pub(super) struct Happening<'a> {
    pub(super) options: &'a Options,
    /// The event as it came.
    pub(super) event: &'a Event<Space16>,
    pub(super) before: &'a End,
    pub(super) after: &'a End,
    pub(super) answer: Result<(), CallError>,
    /// A bit for each [`Notice`].
    pub(super) told: u16,
    /// What the host heard of an acceptable ACK: the numbers that it acknowledges anew.
    pub(super) acked: Option<u32>,
    /// Timers that were started, a bit for each.
    pub(super) started: u8,
    /// What was queued was returned and forgotten.
    pub(super) flushed: bool,
    /// What was sent, the acknowledgment at the end included.
    pub(super) sent: &'a [Option<Segment<Space16>>],
    /// A child or the listener beside got the segment.
    pub(super) passed_on: bool,
    /// The user has taken text at once.
    pub(super) eager: bool,
    pub(super) two_msl: u8,
    pub(super) window: u8,
    /// A challenge ACK was due and its rate is limited (RFC 5961 §7).
    pub(super) limited: bool,
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
    pub(super) fn breaches(&self) -> u8 {
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
                let mut facts = after.tcb.facts;
                facts.clear(Facts::REMOTE);
                let tcb = Tcb { facts: after.tcb.facts, ..Tcb::default() };
                wrong(breach::OUTCOME, after.tcb != tcb || facts != Facts::PASSIVE);
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
        wrong(breach::OUTCOME, self.flushed != expected.flushed);
        wrong(breach::TIMER, after.armed & self.started & expected.runs != expected.runs);
        wrong(breach::TIMER, expected.restarts && after.quiet != self.two_msl);
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
        let new = self.before.incarnation != self.after.incarnation;
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
        fact(Facts::CLOSED, ok && matches!(self.event, Event::Close(_)))
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
        let late = matches!(after.state, State::Closing | State::LastAck | State::TimeWait | State::Closed);
        let takes = self.options.drain_after_fin || !late;
        let on_hand = match self.event {
            Event::Receive(receive) if expected.answer.is_ok() => {
                before.on_hand - receive.on_hand.min(receive.max) as u8
            }
            _ if self.eager && expected.text > 0 && takes => 0,
            // A new connection begins with nothing.
            _ if before.incarnation != after.incarnation => 0,
            _ => before.on_hand + expected.text,
        };
        let holds = expected.holds.is_none_or(|piece| {
            after.held.iter().flatten().any(|held| Held { tag: piece.tag, ..*held } == piece)
                || after.held.iter().all(Option::is_some)
        });
        after.on_hand == on_hand && holds
    }

    fn expected(&self) -> Expected {
        let end = self.before;
        let tcb = &end.tcb;
        let nothing = Expected::nothing(end);
        use CallError::{
            ConnectionAlreadyExists, ConnectionClosing, ConnectionDoesNotExist, InsufficientResources,
            RemoteSocketUnspecified,
        };
        use State::{
            CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived,
            SynSent, TimeWait,
        };
        let receiving = matches!(end.state, Established | FinWait1 | FinWait2);
        let sending = matches!(end.state, Established | FinWait1 | CloseWait | Closing);
        let close_called = tcb.facts.has(Facts::CLOSED);
        match self.event {
            // §3.10.1
            Event::Open(open) => {
                let remote = open.remote || tcb.facts.has(Facts::REMOTE);
                match end.state {
                    Closed if !open.active => nothing.moves(Listen),
                    Closed | Listen if open.active && remote => self.connects(nothing),
                    Closed => nothing.refused(RemoteSocketUnspecified),
                    Listen if open.active => nothing.refused(RemoteSocketUnspecified),
                    _ => nothing.refused(ConnectionAlreadyExists),
                }
            }
            // §3.10.2
            Event::Send(send) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                Listen if !tcb.facts.has(Facts::REMOTE) => nothing.refused(RemoteSocketUnspecified),
                FinWait1 | FinWait2 | Closing | LastAck | TimeWait => nothing.refused(ConnectionClosing),
                _ if close_called => nothing.refused(ConnectionClosing),
                _ if !send.room => nothing.refused(InsufficientResources),
                Listen => self.connects(nothing),
                state => nothing.moves(state),
            },
            // §3.10.3; text on hand after the peer's FIN is the user's (`drain_after_fin`).
            Event::Receive(receive) => {
                let text = receive.on_hand > 0;
                let late = matches!(end.state, Closed | Closing | LastAck | TimeWait);
                match end.state {
                    _ if late && text && self.options.drain_after_fin => nothing,
                    Closed => nothing.refused(ConnectionDoesNotExist),
                    Listen | SynSent | SynReceived => nothing,
                    _ if receiving && text => {
                        let opens = receive.window > u32::from(tcb.rcv_wnd);
                        nothing.moves(end.state).acks(if opens { Due::Soon } else { Due::No })
                    }
                    _ if receiving => nothing,
                    CloseWait if text => nothing,
                    _ => nothing.refused(ConnectionClosing),
                }
            }
            // §3.10.4
            Event::Close(_) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                Listen | SynSent => nothing.gives_up(),
                FinWait1 | FinWait2 | Closing | LastAck | TimeWait => nothing.refused(ConnectionClosing),
                _ if close_called => nothing.refused(ConnectionClosing),
                SynReceived if tcb.unsent() > 0 => nothing.moves(SynReceived),
                SynReceived | Established => nothing.moves(FinWait1),
                _ => nothing.moves(CloseWait),
            },
            // §3.10.5
            Event::Abort(_) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                SynReceived | Established | FinWait1 | FinWait2 | CloseWait => {
                    let reset = Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() };
                    nothing.sends(reset).gives_up()
                }
                _ => nothing.gives_up(),
            },
            // §3.10.6
            Event::Status(_) if end.state == Closed => nothing.refused(ConnectionDoesNotExist),
            Event::Status(_) => nothing,
            Event::Segment(seg) => self.segment(nothing, seg),
            Event::Held(_) if !receiving => nothing,
            Event::Held(seg) => {
                let expected = if seg.text_len() > 0 { nothing.acks(Due::Now) } else { nothing };
                self.urgent_text_and_fin(expected, seg, &clipped(*seg, tcb))
            }
            // §3.7, §3.8, §3.8.6.1
            Event::Transmit(transmit) if sending => self.transmit(nothing, transmit.max),
            Event::Transmit(_) => nothing,
            // §3.9.2.2, RFC 5461, RFC 5927
            Event::Unreachable(error) => {
                let ours = tcb.snd_una.distance(error.seq) < tcb.in_flight();
                let passive = tcb.facts.has(Facts::PASSIVE);
                match end.state {
                    Closed | Listen | FinWait2 | TimeWait => nothing,
                    _ if !ours => nothing,
                    _ if !error.hard => nothing.tells(Notice::SoftError),
                    SynReceived if passive => {
                        let gone = tcb.facts.has(Facts::CHILD) || (self.options.close_heeded && close_called);
                        self.back(nothing, if gone { None } else { Some(Listen) })
                    }
                    SynSent | SynReceived => nothing.tells(Notice::Unreachable).gives_up(),
                    _ if self.options.hard_errors_soft => nothing.tells(Notice::SoftError),
                    _ => nothing.tells(Notice::Unreachable).gives_up(),
                }
            }
            // §3.8.3, §3.10.8
            Event::Retransmission(expiry) => {
                if matches!(end.state, Closed | Listen | FinWait2 | TimeWait) || tcb.in_flight() == 0 {
                    return nothing;
                }
                if expiry.r2 {
                    return nothing.tells(Notice::GivenUp).gives_up();
                }
                let told = if expiry.r1 { nothing.tells(Notice::Trouble) } else { nothing };
                let oldest = match end.state {
                    SynSent => tcb.syn(false),
                    SynReceived => tcb.syn(true),
                    _ if !tcb.facts.has(Facts::SYN_ACKED) => tcb.syn(true),
                    _ => tcb.sent_segment(tcb.snd_una, u32::MAX).unwrap_or_default(),
                };
                told.sends(oldest).runs(Timer::Retransmission)
            }
            // §3.8.6.1
            Event::Probe(_) if !sending => nothing,
            Event::Probe(expiry) if expiry.r2 => nothing.tells(Notice::GivenUp).gives_up(),
            Event::Probe(_) if tcb.in_flight() > 0 => nothing,
            Event::Probe(_) => {
                let fin = tcb.fin_is_next();
                if tcb.unsent() == 0 && !fin {
                    return nothing;
                }
                let state = if fin && end.state == CloseWait { LastAck } else { end.state };
                let text = u32::from(!fin);
                let sent = nothing.sends(tcb.text_segment(tcb.snd_nxt, text, fin)).moves(state);
                Expected { nxt: tcb.snd_nxt.plus(1), ..sent }.runs(Timer::Retransmission)
            }
            // §3.8.4
            // Nothing is asked while something is under way, but later.
            Event::KeepAlive(_) if end.state == FinWait1 => nothing.runs(Timer::KeepAlive),
            Event::KeepAlive(_) if !matches!(end.state, Established | FinWait2 | CloseWait) => nothing,
            Event::KeepAlive(expiry) if expiry.r2 => nothing.tells(Notice::GivenUp).gives_up(),
            Event::KeepAlive(_) if tcb.in_flight() > 0 => nothing.runs(Timer::KeepAlive),
            Event::KeepAlive(_) => {
                let probe = Segment { seq: tcb.snd_nxt.minus(1), ..tcb.acknowledgment() };
                nothing.sends(probe).runs(Timer::KeepAlive)
            }
            // §3.8.6.3
            Event::DelayedAck(_)
                if matches!(end.state, Closed | Listen | SynSent | SynReceived | TimeWait) =>
            {
                nothing
            }
            Event::DelayedAck(_) => nothing.acks(Due::Now),
            // §3.10.8
            Event::TimeWait(_) if end.state == TimeWait => nothing.closes(),
            Event::TimeWait(_) => nothing,
            Event::UserTimeout(_) if matches!(end.state, Closed | TimeWait) => nothing,
            Event::UserTimeout(_) => nothing.tells(Notice::UserTimeout).gives_up(),
            // §3.6.1, MAY-1: who cannot receive any more need not wait for the peer's FIN.
            Event::FinWait2(_) if end.state == FinWait2 => nothing.gives_up(),
            Event::FinWait2(_) => nothing,
        }
    }

    /// "send a SYN segment, enter SYN-SENT state"
    fn connects(&self, expected: Expected) -> Expected {
        let iss = self.after.tcb.iss;
        let syn = Segment { seq: iss, wnd: self.window, flags: Flags::SYN, ..Segment::default() };
        let expected =
            expected.moves(State::SynSent).sends(syn).runs(Timer::Retransmission).runs(Timer::User);
        let nxt = iss.plus(1);
        let ts_recent = None;
        Expected { una: iss, nxt, rcv_nxt: Seq::default(), snd_wnd: 0, ts_recent, flushed: false, ..expected }
    }

    /// Text and FIN as far as they are queued and the window allows; a probe is due if it is closed and nothing is under way.
    fn transmit(&self, expected: Expected, max: u32) -> Expected {
        let tcb = &self.before.tcb;
        let text = max.min(tcb.unsent()).min(tcb.usable_window());
        let idle = tcb.in_flight() == 0;
        let room = tcb.usable_window() - text;
        let fin_next = self.before.state != State::Established
            && tcb.facts.has(Facts::CLOSED)
            && !tcb.facts.has(Facts::FIN_SENT)
            && tcb.unsent() == text;
        let fin = fin_next && room > 0;
        if text == 0 && !fin {
            let blocked = idle && tcb.usable_window() == 0 && (tcb.unsent() > 0 || fin_next);
            return if blocked { expected.runs(Timer::Persist) } else { expected };
        }
        let state =
            if fin && self.before.state == State::CloseWait { State::LastAck } else { self.before.state };
        let mut expected = expected.moves(state).sends(tcb.text_segment(tcb.snd_nxt, text, fin));
        expected.nxt = tcb.snd_nxt.plus(text + u32::from(fin));
        if idle {
            expected = expected.runs(Timer::Retransmission).runs(Timer::User);
        }
        expected
    }

    /// §3.10.7
    fn segment(&self, nothing: Expected, seg: &Segment<Space16>) -> Expected {
        let tcb = &self.before.tcb;
        let has = |flag| seg.flags.has(flag);
        match self.before.state {
            State::Closed if has(Flags::RST) => nothing,
            State::Closed => nothing.sends(reset_for(seg)),
            State::Listen if has(Flags::RST) => nothing,
            State::Listen if has(Flags::ACK) => nothing.sends(reset_for(seg)),
            State::Listen if has(Flags::SYN) && tcb.facts.has(Facts::FORKS) => {
                Expected { passed_on: true, ..nothing }
            }
            State::Listen if has(Flags::SYN) => {
                let iss = self.after.tcb.iss;
                let expected = self.syn_received(nothing, seg, iss).runs(Timer::User);
                Expected { una: iss, nxt: iss.plus(1), snd_wnd: seg.wnd, ..expected }
            }
            State::Listen => nothing,
            State::SynSent => self.syn_sent(nothing, seg),
            _ => self.otherwise(nothing, seg),
        }
    }

    fn syn_received(&self, expected: Expected, seg: &Segment<Space16>, iss: Seq<Space16>) -> Expected {
        let rcv_nxt = seg.seq.plus(1);
        let syn_ack = Segment {
            seq: iss,
            ack: rcv_nxt,
            wnd: self.after.tcb.rcv_wnd,
            flags: Flags::SYN.with(Flags::ACK),
            ..Segment::default()
        };
        let rest = seg.len > 0 || seg.flags.has(Flags::FIN);
        let piece = Held { seq: rcv_nxt, len: seg.len, fin: seg.flags.has(Flags::FIN), tag: 0 };
        let expected = expected.moves(State::SynReceived).sends(syn_ack).runs(Timer::Retransmission);
        Expected { rcv_nxt, snd_wnd: seg.wnd, ts_recent: seg.ts, holds: rest.then_some(piece), ..expected }
    }

    /// §3.10.7.3
    fn syn_sent(&self, nothing: Expected, seg: &Segment<Space16>) -> Expected {
        let tcb = &self.before.tcb;
        let has = |flag| seg.flags.has(flag);
        let ours = guards::ack(tcb, seg) == AckPlace::New;
        match (has(Flags::ACK), has(Flags::RST)) {
            (true, true) if !ours => nothing,
            (true, false) if !ours => nothing.sends(reset_for(seg)),
            (true, true) => nothing.tells(Notice::Reset).gives_up(),
            (false, true) => nothing,
            _ if !has(Flags::SYN) => nothing,
            (false, false) => {
                let expected = self.syn_received(nothing, seg, tcb.iss);
                Expected { snd_wnd: seg.wnd, ..expected }
            }
            (true, false) => {
                let mut rest = *seg;
                rest.flags = rest.flags.without(Flags::SYN);
                rest.seq = seg.seq.plus(1);
                let rest = clipped(rest, &Tcb { rcv_nxt: rest.seq, ..*tcb });
                let expected = nothing.moves(State::Established).tells(Notice::Established).acks(Due::Now);
                let acked = Some(tcb.snd_una.distance(seg.ack));
                let expected = Expected { acked, una: seg.ack, rcv_nxt: rest.seq, ..expected };
                let expected = Expected { snd_wnd: seg.wnd, ts_recent: seg.ts, ..expected };
                self.urgent_text_and_fin(expected, seg, &rest)
            }
        }
    }

    /// §3.10.7.4, first to fifth.
    fn otherwise(&self, mut expected: Expected, seg: &Segment<Space16>) -> Expected {
        let (end, tcb, options) = (self.before, &self.before.tcb, self.options);
        let has = |flag| seg.flags.has(flag);
        let in_time_wait = end.state == State::TimeWait;
        let mut rest = *seg;
        // RFC 7323 §5.3 R1: before everything else.
        let older = match (tcb.ts_recent, seg.ts) {
            (Some(recent), Some(ts)) => (ts.wrapping_sub(recent) & 15) >= 8,
            _ => false,
        };
        if options.paws && older && !seg.outdated && !has(Flags::RST) {
            return expected.acks(Due::Now);
        }
        let reopens = in_time_wait && seg.listener && guards::opening_syn(tcb, seg);
        if (reopens && options.reopen_by_timestamp && guards::newer_timestamp(tcb, seg))
            || (reopens && options.reopen_by_sequence && guards::newer_number(tcb, seg))
        {
            return Expected { passed_on: true, ..expected.closes() };
        }
        let crosses =
            end.state == State::SynReceived && options.crossed_syn_ack && guards::crossed_syn_ack(tcb, seg);
        // RFC 7323 §3.2: "SHOULD silently drop the segment".
        if options.timestamps_required
            && tcb.ts_recent.is_some()
            && seg.ts.is_none()
            && !has(Flags::RST)
            && !crosses
        {
            return expected;
        }
        // RFC 7323 §4.3, §5.3 R3: what is taken, and begins where the last acknowledgment was, or before.
        let inside = crosses
            || guards::place(tcb, seg) == Place::Inside
            || (tcb.rcv_wnd == 0 && seg.seq == tcb.rcv_nxt);
        if inside
            && !has(Flags::RST)
            && seg.echoes
            && tcb.ts_recent.is_some()
            && seg.ts.is_some()
            && (!older || seg.outdated)
        {
            expected.ts_recent = seg.ts;
        }
        // First: the sequence number.
        if end.state == State::SynReceived && options.crossed_syn_ack && guards::crossed_syn_ack(tcb, seg) {
            rest.flags = rest.flags.without(Flags::SYN);
            rest.seq = seg.seq.plus(1);
            rest = clipped(rest, tcb);
        } else if guards::place(tcb, seg) == Place::Inside {
            rest = clipped(rest, tcb);
        } else if in_time_wait
            && options.old_fin_restarts_2msl
            && guards::resent_fin(tcb, seg)
            && !has(Flags::RST)
        {
            return expected.acks(Due::Now).waits_2msl();
        } else if options.edge_acks && !has(Flags::RST) && is_behind_window(tcb, seg) {
            // Appendix A.2: the peer has filled the window, or probed a closed one; its ACK must be processed.
        } else if tcb.rcv_wnd == 0 && seg.seq == tcb.rcv_nxt {
            // "special allowance should be made to accept valid ACKs, URGs, and RSTs"
            rest.len = 0;
            rest.flags = rest.flags.without(Flags::FIN);
            expected = expected.acks(Due::Now);
        } else if has(Flags::RST) {
            return expected;
        } else {
            return expected.acks(Due::Now);
        }
        // Second: RST (RFC 5961 §3.2, RFC 1337 §3).
        let passive = tcb.facts.has(Facts::PASSIVE);
        // §3.10.4: after a CLOSE nobody listens any more, where that is heeded.
        let given_up = tcb.facts.has(Facts::CHILD) || (options.close_heeded && tcb.facts.has(Facts::CLOSED));
        let listens_again = if given_up { None } else { Some(State::Listen) };
        if has(Flags::RST) {
            return match end.state {
                State::TimeWait if options.rfc1337 => expected,
                _ if seg.seq != tcb.rcv_nxt && options.rfc5961 => expected.acks(Due::Now),
                State::SynReceived if passive && listens_again.is_none() => self.back(expected, None),
                // §3.5, where that is wanted.
                State::SynReceived if !options.rst_heeds_opener => self.back(expected, Some(State::Listen)),
                State::SynReceived if passive => self.back(expected, listens_again),
                State::SynReceived => expected.tells(Notice::Refused).gives_up(),
                State::Closing | State::LastAck | State::TimeWait => {
                    expected.ack = Due::No;
                    expected.closes()
                }
                _ => expected.tells(Notice::Reset).gives_up(),
            };
        }
        // Fourth: SYN (RFC 5961 §4.2).
        if rest.flags.has(Flags::SYN) {
            return match end.state {
                State::SynReceived if passive => self.back(expected, listens_again),
                _ if options.rfc5961 => expected.acks(Due::Now),
                // "it is an error, send a reset": what §3.10.7.4 keeps of RFC 793
                _ => {
                    let rst = Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() };
                    expected.ack = Due::No;
                    expected.sends(rst).tells(Notice::Reset).gives_up()
                }
            };
        }
        // Fifth: ACK.
        if !has(Flags::ACK) {
            return expected;
        }
        let place = guards::ack(tcb, seg);
        let our_fin = tcb.facts.has(Facts::FIN_SENT) && seg.ack == tcb.snd_nxt && place == AckPlace::New;
        match (end.state, place) {
            (State::SynReceived, AckPlace::New) => {
                let closed = tcb.facts.has(Facts::CLOSED);
                let state = if closed { State::FinWait1 } else { State::Established };
                expected = expected.moves(state).tells(Notice::Established);
                (expected.una, expected.snd_wnd) = (seg.ack, seg.wnd);
                expected.acked = Some(tcb.snd_una.distance(seg.ack));
            }
            (State::SynReceived, _) => {
                expected.ack = Due::No;
                return expected.sends(reset_for(seg));
            }
            (State::TimeWait, _) if options.old_fin_restarts_2msl => return expected,
            (State::TimeWait, AckPlace::Ancient | AckPlace::Ahead) => return expected,
            (State::TimeWait, _) => expected = expected.acks(Due::Now).waits_2msl(),
            // RFC 5961 §5.2
            (_, AckPlace::Ancient) if options.rfc5961 => return expected.acks(Due::Now),
            (_, AckPlace::Ahead) => return expected.acks(Due::Now),
            (_, AckPlace::Old | AckPlace::Ancient) => {}
            (state, _) => {
                expected = expected.moves(state);
                expected.una = seg.ack;
                expected.acked = Some(tcb.snd_una.distance(seg.ack));
                // "SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)"
                if tcb.snd_wl1.before(rest.seq)
                    || (tcb.snd_wl1 == rest.seq && tcb.snd_wl2.at_or_before(seg.ack))
                {
                    expected.snd_wnd = seg.wnd;
                }
            }
        }
        if our_fin {
            match end.state {
                State::FinWait1 => {
                    expected = expected.moves(State::FinWait2).tells(Notice::CloseAcknowledged)
                }
                State::Closing => {
                    return expected.moves(State::TimeWait).tells(Notice::CloseAcknowledged).waits_2msl();
                }
                State::LastAck => {
                    expected.ack = Due::No;
                    return expected.tells(Notice::CloseAcknowledged).closes();
                }
                _ => {}
            }
        }
        self.urgent_text_and_fin(expected, seg, &rest)
    }

    /// SYN-RECEIVED ends after a passive OPEN: LISTEN again, but the child of a listener just goes.
    fn back(&self, expected: Expected, to: Option<State>) -> Expected {
        match to {
            Some(listen) => Expected { flushed: true, ack: Due::No, ..expected.moves(listen) },
            None => expected.gives_up(),
        }
    }

    /// §3.10.7.4, sixth; `rest` is what the window leaves of the segment.
    fn urgent_text_and_fin(
        &self,
        mut expected: Expected,
        seg: &Segment<Space16>,
        rest: &Segment<Space16>,
    ) -> Expected {
        let tcb = &self.before.tcb;
        let receiving = matches!(expected.state, State::Established | State::FinWait1 | State::FinWait2);
        let (mut urgent, mut up) = (tcb.facts.has(Facts::URGENT_IN), tcb.rcv_up);
        if seg.flags.has(Flags::URG) && receiving {
            if urgent {
                up = if up.before(seg.up) { seg.up } else { up };
                expected.same_tcb = false;
            } else if expected.rcv_nxt.before(seg.up) {
                (urgent, up) = (true, seg.up);
                expected = expected.tells(Notice::Urgent);
                expected.same_tcb = false;
            }
        }
        let before = expected.rcv_nxt;
        let expected = self.text_and_fin(expected, rest);
        let taken = u32::from(expected.text);
        if urgent && taken > 0 && up.at_or_before(before.plus(taken)) {
            return expected.tells(Notice::UrgentEnd);
        }
        expected
    }

    /// §3.10.7.4, seventh and eighth, on what the window leaves of a segment.
    fn text_and_fin(&self, mut expected: Expected, rest: &Segment<Space16>) -> Expected {
        let receiving = matches!(expected.state, State::Established | State::FinWait1 | State::FinWait2);
        let fin = rest.flags.has(Flags::FIN);
        if !receiving {
            let letter = expected.state == State::TimeWait && !self.options.old_fin_restarts_2msl;
            return if fin && letter { expected.acks(Due::Now).waits_2msl() } else { expected };
        }
        if rest.len == 0 && !fin {
            return expected;
        }
        if rest.seq != expected.rcv_nxt {
            // SHLD-31: kept, and a gap is reported at once.
            expected.holds = Some(Held { seq: rest.seq, len: rest.len, fin, tag: 0 });
            return expected.acks(Due::Now);
        }
        if rest.len > 0 {
            expected.text = rest.len;
            expected.rcv_nxt = expected.rcv_nxt.plus(rest.len.into());
            expected = expected.acks(Due::Soon);
            expected.same_tcb = false;
        }
        if !fin {
            return expected;
        }
        expected.rcv_nxt = expected.rcv_nxt.plus(1);
        let expected = expected.tells(Notice::Closing);
        match expected.state {
            State::Established => expected.moves(State::CloseWait).acks(Due::Soon),
            State::FinWait1 => expected.moves(State::Closing).acks(Due::Now),
            _ => expected.moves(State::TimeWait).acks(Due::Now).waits_2msl(),
        }
    }
}

/// Whether a segment without text, SYN or FIN has the number after the window, or after the octet of a probe.
fn is_behind_window(tcb: &Tcb<Space16>, seg: &Segment<Space16>) -> bool {
    let taken = seg.len > 0 || seg.flags.has(Flags::SYN) || seg.flags.has(Flags::FIN);
    let behind = if tcb.rcv_wnd == 0 { 1 } else { tcb.rcv_wnd };
    !taken && seg.seq == tcb.rcv_nxt.plus(behind.into())
}

/// What the receive window leaves of a segment.
fn clipped(mut seg: Segment<Space16>, tcb: &Tcb<Space16>) -> Segment<Space16> {
    // Number by number: the segment is short.
    let mut left: [bool; 18] = [false; 18];
    let len = seg.seg_len() as usize;
    for (i, left) in left.iter_mut().enumerate().take(len) {
        *left = seg.seq.plus(i as u32).in_window(tcb.rcv_nxt, tcb.rcv_wnd.into());
    }
    let syn = usize::from(seg.flags.has(Flags::SYN));
    let text = &left[syn.min(17)..(syn + usize::from(seg.len)).min(18)];
    if len > 0 {
        let first = left[..len.min(18)].iter().position(|inside| *inside).unwrap_or(0) as u32;
        if syn == 1 && !left[0] {
            seg.flags = seg.flags.without(Flags::SYN);
        }
        if seg.flags.has(Flags::FIN) && !left[(len - 1).min(17)] {
            seg.flags = seg.flags.without(Flags::FIN);
        }
        seg.len = text.iter().filter(|inside| **inside).count() as u8;
        seg.seq = seg.seq.plus(first);
    }
    seg
}

/// Which timers run in this state with these numbers.
fn timers_fit(end: &End, bounds: &Bounds) -> bool {
    let only = |timer| end.armed & !bit(timer) == 0;
    match end.state {
        State::Closed | State::Listen => end.armed == 0,
        State::TimeWait => only(Timer::TimeWait) && end.is_armed(Timer::TimeWait),
        state => {
            let outstanding = end.tcb.in_flight() > 0;
            let opening = matches!(state, State::SynSent | State::SynReceived);
            // §3.8.4, where the user has asked for it: what may become idle is asked some day.
            let idles =
                matches!(state, State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait);
            !end.is_armed(Timer::TimeWait)
                && end.is_armed(Timer::Retransmission) == outstanding
                && (outstanding || !end.is_armed(Timer::User))
                && (!opening || end.is_armed(Timer::User))
                && (!(bounds.keep_alive && idles) || end.is_armed(Timer::KeepAlive))
                && end.is_armed(Timer::FinWait2) == (bounds.orphans && state == State::FinWait2)
        }
    }
}

impl World {
    /// Whether everything has come out as expected so far.
    pub fn is_as_expected(&self) -> bool {
        self.breaches == 0
    }
}

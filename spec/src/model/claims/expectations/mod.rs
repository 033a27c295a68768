//! What the RFCs say about single events: a second opinion, written from the text of RFC 9293 §3.10 (with RFC 5961, RFC 7323 and RFC 1337), in its order
//! of sections, and not from the table. The model asks it after every event; what differs is a breach, and claims look at breaches. `tcpspec prove` compares it with the machine for
//! all numbers. It asks nothing of the machine: no guard, no effect, no arithmetic. It has its own (`numbers`), and a test reads these files for names that it must not use.
//!
//! It says what can be seen of an event: the answer to the call, what the user is told, what is sent, the state, every variable of the TCB, and
//! which timers run and which begin anew.

mod calls;
mod compared;
mod numbers;
mod segment;

pub use self::compared::is_same;
use self::numbers::{bits, carries, octets, one_on, outstanding, owes_fin, queued, usable};
use crate::model::Space16;
use crate::model::scenario::{Bounds, Claim};
use crate::model::world::{End, Marks, World, breach};
use crate::{CallError, Event, Flags, Notice, Numbers, Options, Segment, Seq, State, Tcb, Timer};

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
/// The send window: SND.WND, SND.WL1, SND.WL2, MAX.SND.WND (§3.10.7.4 fifth, RFC 5961 §5.2).
pub const WINDOW_TAKEN: Claim =
    Claim::unbroken::<{ breach::WINDOW }>("an acceptable window update is taken, and no other");
/// Timers.
pub const TIMERS: Claim =
    Claim::always("timers run while what they wait for is open, and no longer", |s, w| {
        w.breaches & breach::TIMER == 0 && w.ends.iter().all(|end| timers_fit(end, &s.bounds))
    })
    .asks(Marks::breaches(breach::TIMER));

/// One end before an event, and the event.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a, S: Numbers> {
    /// The options.
    pub options: &'a Options,
    /// The event, as it comes.
    pub event: &'a Event<S>,
    /// The state.
    pub state: State,
    /// The TCB.
    pub tcb: &'a Tcb<S>,
    /// The initial number that the host has for a connection that begins.
    pub iss: Seq<S>,
    /// The window that it offers then, in octets.
    pub window: S::Raw,
    /// What the host has chosen to send again, if it is not the front: how far behind SND.UNA it begins, and how many octets of text it has at most.
    pub part: Option<(S::Word, S::Word)>,
}

/// One event at one end of the model, and what came of it.
pub(crate) struct Happening<'a> {
    pub(crate) options: &'a Options,
    /// What the host is like: whether it delays acknowledgments, which timers it has.
    pub(crate) bounds: &'a Bounds,
    /// The event as it came.
    pub(crate) event: &'a Event<Space16>,
    pub(crate) before: &'a End,
    pub(crate) after: &'a End,
    /// The initial number that the host has for a connection that begins.
    pub(crate) iss: Seq<Space16>,
    pub(crate) answer: Result<(), CallError>,
    /// A bit for each [`Notice`].
    pub(crate) told: u16,
    /// What the host heard of an acceptable ACK: the numbers that it acknowledges anew.
    pub(crate) acked: Option<u32>,
    /// What it heard to be left unacknowledged then.
    pub(crate) left: Option<u32>,
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
    /// The part that the host has chosen to send again, if it is not the front.
    pub(crate) part: Option<(u8, u8)>,
    /// A connection has begun.
    pub(crate) begun: bool,
    /// The age of TS.Recent counts from now on.
    pub(crate) stamped: bool,
    /// The acknowledgment that was asked for is one whose rate the host may limit, whether it leaves or not.
    pub(crate) challenged: bool,
}

/// Whether an acknowledgment is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub enum Due {
    /// It is not.
    No,
    /// It may be delayed (§3.8.6.3).
    Soon,
    /// Its rate may be limited (RFC 5961 §7).
    Challenge,
    /// At once.
    Now,
}

/// A piece that came early.
#[derive(Clone, Copy, Debug)]
pub struct Kept<S: Numbers> {
    /// Its first number.
    pub seq: Seq<S>,
    /// Octets of text.
    pub len: S::Word,
    /// Whether the FIN is behind them.
    pub fin: bool,
}

/// What should be seen of an event.
#[derive(Clone, Copy, Debug)]
pub struct Expected<S: Numbers> {
    /// The answer to a call.
    pub answer: Result<(), CallError>,
    /// What the user is told, a bit for each [`Notice`].
    pub told: u16,
    /// The state.
    pub state: State,
    /// The TCB.
    pub tcb: Tcb<S>,
    /// A segment besides the acknowledgment.
    pub sent: Option<Segment<S>>,
    /// The acknowledgment that is due, unless what is sent carries it.
    pub ack: Due,
    /// Numbers that are acknowledged anew, if an acceptable ACK came.
    pub acked: Option<S::Word>,
    /// Octets that become the user's.
    pub text: S::Word,
    /// Octets that a RECEIVE takes.
    pub taken: S::Word,
    /// What is kept for later.
    pub held: Option<Kept<S>>,
    /// A child or the listener beside gets the segment.
    pub passed_on: bool,
    /// Everything queued is forgotten.
    pub flushed: bool,
    /// What is queued to be sent is forgotten, and what came early.
    pub returned: bool,
    /// A connection begins.
    pub begun: bool,
    /// TS.Recent is taken, whatever it was before.
    pub stamped: bool,
    /// Timers that begin, or begin anew, a bit for each [`Timer`].
    pub starts: u8,
}

/// The bit of a timer.
pub const fn bit(timer: Timer) -> u8 {
    1 << timer as u8
}

impl<S: Numbers> Expected<S> {
    /// Nothing happens.
    fn nothing(state: State, tcb: Tcb<S>) -> Self {
        Self {
            answer: Ok(()),
            told: 0,
            state,
            tcb,
            sent: None,
            ack: Due::No,
            acked: None,
            text: octets::<S>(0),
            taken: octets::<S>(0),
            held: None,
            passed_on: false,
            flushed: false,
            returned: false,
            begun: false,
            stamped: false,
            starts: 0,
        }
    }

    fn refuses(&mut self, error: CallError) {
        self.answer = Err(error);
    }

    fn sends(&mut self, segment: Segment<S>) {
        self.sent = Some(segment);
    }

    fn tells(&mut self, notice: Notice) {
        self.told |= 1 << notice as u16;
    }

    fn acks(&mut self, due: Due) {
        if self.ack < due {
            self.ack = due;
        }
    }

    fn starts(&mut self, timer: Timer) {
        self.starts |= bit(timer);
    }

    /// Enters CLOSED, deletes the TCB and returns: there is nothing left to acknowledge with.
    fn closes(&mut self) {
        self.state = State::Closed;
        self.tcb = Tcb::default();
        self.ack = Due::No;
        self.starts = 0;
        self.tells(Notice::Closed);
    }

    /// The same, and queues are flushed.
    fn gives_up(&mut self) {
        self.flushed = true;
        self.closes();
    }

    /// TIME-WAIT, from now on: "start the time-wait timer, turn off the other timers".
    fn waits_2msl(&mut self) {
        self.state = State::TimeWait;
        self.starts = bit(Timer::TimeWait);
    }

    /// A connection begins: "select an ISS [...] set SND.UNA to ISS, SND.NXT to ISS+1" (§3.10.1). All else is unknown yet.
    fn begins(&mut self, iss: Seq<S>, rcv_wnd: S::Raw, facts: S::Facts) {
        let next = one_on(iss);
        let zero = Seq::default();
        self.begun = true;
        self.tcb = Tcb {
            iss,
            snd_una: iss,
            snd_nxt: next,
            snd_end: next,
            snd_wnd: S::Raw::default(),
            max_snd_wnd: S::Raw::default(),
            snd_wl1: zero,
            snd_wl2: zero,
            snd_up: zero,
            irs: zero,
            rcv_nxt: zero,
            rcv_wnd,
            rcv_up: zero,
            ts_recent: None,
            facts,
        };
    }

    /// "set SND.WND <- SEG.WND, set SND.WL1 <- SEG.SEQ, and set SND.WL2 <- SEG.ACK" (§3.10.7.4, fifth); MAX.SND.WND is "the largest window that the local
    /// sender has ever received from its peer" (RFC 5961 §5.2).
    fn takes_window(&mut self, wnd: S::Raw, seq: Seq<S>, ack: Seq<S>) {
        let tcb = &mut self.tcb;
        (tcb.snd_wnd, tcb.snd_wl1, tcb.snd_wl2) = (wnd, seq, ack);
        tcb.max_snd_wnd = tcb.max_snd_wnd.max(wnd);
    }

    /// "then SEG.TSval is copied to TS.Recent" (RFC 7323 §4.3): what is not taken changes nothing.
    fn takes_stamp(&mut self, stamp: Option<Option<S::Raw>>) {
        if let Some(stamp) = stamp {
            (self.tcb.ts_recent, self.stamped) = (stamp, true);
        }
    }

    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`
    fn plain_ack(&self) -> Segment<S> {
        let Tcb { snd_nxt: seq, rcv_nxt: ack, rcv_wnd: wnd, .. } = self.tcb;
        Segment { seq, ack, wnd, flags: Flags::ACK, ..Segment::default() }
    }
}

/// `<SEQ=SEG.ACK><CTL=RST>`, or `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`
fn reset_for<S: Numbers>(seg: &Segment<S>) -> Segment<S> {
    if carries(seg, Flags::ACK) {
        Segment { seq: seg.ack, flags: Flags::RST, ..Segment::default() }
    } else {
        let ack = numbers::Part::of(seg).end();
        Segment { ack, flags: bits(Flags::RST, Flags::ACK), ..Segment::default() }
    }
}

/// Whether the end may still receive text (§3.3.2).
const fn receives(state: State) -> bool {
    matches!(state, State::Established | State::FinWait1 | State::FinWait2)
}

/// Whether text may be left to send, or a FIN (§3.3.2; a CLOSE leaves it queued).
const fn sends(state: State) -> bool {
    matches!(state, State::Established | State::FinWait1 | State::CloseWait | State::Closing)
}

/// Whether the window is closed to what waits, and nothing is under way whose acknowledgment would tell of more (§3.8.6.1).
pub fn is_blocked<S: Numbers>(state: State, tcb: &Tcb<S>) -> bool {
    sends(state) && outstanding(tcb) == 0 && usable(tcb) == 0 && (queued(tcb) > 0 || owes_fin(tcb))
}

/// Whether the peer has not acknowledged all that the user has asked for: the connection, text, CLOSE.
fn waits_for_delivery<S: Numbers>(tcb: &Tcb<S>) -> bool {
    outstanding(tcb) > 0 || queued(tcb) > 0 || owes_fin(tcb)
}

/// The timers that run in this state with these numbers, whatever has happened: a bit for each. `asks`: the user has asked for keep-alive. `is_limited`: the host limits how long a
/// connection may last that its user needs no longer, and this is one.
pub fn lasting<S: Numbers>(state: State, tcb: &Tcb<S>, asks: bool, is_limited: bool) -> u8 {
    use State::{CloseWait, Closed, Established, FinWait1, FinWait2, Listen, TimeWait};
    match state {
        Closed | Listen => return 0,
        TimeWait => return bit(Timer::TimeWait),
        _ => {}
    }
    let mut runs = 0;
    let mut wanted = |timer, is: bool| runs |= if is { bit(timer) } else { 0 };
    // RFC 6298 §5.1, §5.2
    wanted(Timer::Retransmission, outstanding(tcb) > 0);
    wanted(Timer::User, waits_for_delivery(tcb));
    // §3.8.4, where the user has asked for it: what may become idle is asked some day.
    let idles = matches!(state, Established | FinWait1 | FinWait2 | CloseWait);
    wanted(Timer::KeepAlive, asks && idles);
    wanted(Timer::Orphan, is_limited);
    runs
}

/// The timer that may run or not: in CLOSING and LAST-ACK nobody asks whether the peer is there, since our FIN does.
pub fn unasked(state: State) -> u8 {
    if matches!(state, State::Closing | State::LastAck) { bit(Timer::KeepAlive) } else { 0 }
}

/// Which timers run in this state with these numbers.
fn timers_fit(end: &End, bounds: &Bounds) -> bool {
    let by_event = bit(Timer::DelayedAck) | bit(Timer::Persist) | unasked(end.state);
    let known = !matches!(end.state, State::Closed | State::Listen | State::SynSent | State::TimeWait);
    end.armed & !by_event == lasting(end.state, &end.tcb, bounds.keep_alive, bounds.orphans && end.closed)
        && (!end.is_armed(Timer::DelayedAck) || known)
        && (!end.is_armed(Timer::Persist) || is_blocked(end.state, &end.tcb))
}

impl World {
    /// Whether everything has come out as expected so far.
    pub fn is_as_expected(&self) -> bool {
        self.breaches == 0
    }
}

//! How an end meets the machine: it collects what effects ask for, and keeps what claims read.
//!
//! In the model the end is one of a [`World`](super::World); where a recorded run is judged it is what the record tells, in the stack's own
//! sequence space. What an event makes of an end is [`respond`], for both.

use super::{End, HELD_CAPACITY, Held, INCARNATIONS, fault, past};
use crate::bodies::{self, Body};
use crate::call::Receive;
use crate::model::Space16;
use crate::{
    Acknowledge, CallError, Event, Flags, Host, Notice, Row, Segment, Seq, Space, State, Tcb, Timer,
};

/// Segments that one event sends at most.
const SENT: usize = 4;
/// Rows that one event fires at most (steps of the longest event, twice for a fork).
const FIRED: usize = 24;

/// What an end keeps besides state and TCB.
pub trait Keep<S: Space> {
    /// Timers that run, a bit for each.
    fn armed(&mut self) -> &mut u8;
    /// 2MSL begin, or begin anew.
    fn begin_2msl(&mut self, two_msl: u8);
    /// An initial number is chosen; what goes wrong with that (bits of [`fault`]).
    fn begin(&mut self, merging: bool) -> u32;
    /// Text in order is the user's.
    fn deliver(&mut self, octets: u32);
    /// The user takes it.
    fn take(&mut self, octets: u32);
    /// Octets that wait for the user.
    fn on_hand(&self) -> u32;
    /// Keeps what came early; `tag`: who sent it.
    fn hold(&mut self, segment: &Segment<S>, tag: u8);
    /// Forgets text that came, early or in order.
    fn forget(&mut self);
    /// Forgets what came early.
    fn forget_early(&mut self);
    /// The user has let go: text on hand is thrown away.
    fn abandon(&mut self);
    /// This acknowledgment leaves.
    fn acknowledge(&mut self, ack: Seq<S>);
    /// The connection was given up.
    fn give_up(&mut self);
    /// No user holds it any more.
    fn is_orphaned(&self) -> bool;
}

impl Keep<Space16> for End {
    fn armed(&mut self) -> &mut u8 {
        &mut self.armed
    }

    fn begin_2msl(&mut self, two_msl: u8) {
        self.quiet = two_msl;
    }

    fn begin(&mut self, merging: bool) -> u32 {
        let mut faults = 0;
        if merging {
            self.incarnation = 0;
            self.given = [0; INCARNATIONS];
        }
        self.incarnation += 1;
        if usize::from(self.incarnation) >= INCARNATIONS {
            faults |= fault::BOUNDS;
            self.incarnation = (INCARNATIONS - 1) as u8;
        }
        if self.quiet > 0 {
            faults |= fault::REOPENED;
        }
        self.delivered = 0;
        self.on_hand = 0;
        self.closed = false;
        self.peer_incarnation = 0;
        self.held = [None; HELD_CAPACITY];
        faults
    }

    fn deliver(&mut self, octets: u32) {
        self.on_hand += octets as u8;
    }

    fn take(&mut self, octets: u32) {
        self.on_hand -= octets as u8;
    }

    fn on_hand(&self) -> u32 {
        self.on_hand.into()
    }

    fn hold(&mut self, segment: &Segment<Space16>, tag: u8) {
        let fin = segment.flags.has(Flags::FIN);
        let piece = Held { seq: segment.text_seq(), len: segment.len, fin, tag };
        let held = &mut self.held;
        if !held.contains(&Some(piece)) {
            // With no room, it counts as lost: the peer sends it again.
            if let Some(slot) = held.iter_mut().find(|slot| slot.is_none()) {
                *slot = Some(piece);
            }
            held.sort_unstable_by_key(|slot| {
                slot.map_or((255, 255, true, 255), |h| (h.seq.get() as u8, h.len, h.fin, h.tag))
            });
        }
    }

    fn forget(&mut self) {
        self.on_hand = 0;
        self.held = [None; HELD_CAPACITY];
    }

    fn forget_early(&mut self) {
        self.held = [None; HELD_CAPACITY];
    }

    fn abandon(&mut self) {
        self.on_hand = 0;
        // The host's limit begins.
        self.closed = true;
    }

    fn acknowledge(&mut self, ack: Seq<Space16>) {
        self.last_ack = ack;
    }

    fn give_up(&mut self) {
        self.past |= past::GIVEN_UP;
    }

    /// In the model a user who has closed needs the connection no longer, where hosts limit that.
    fn is_orphaned(&self) -> bool {
        self.closed
    }
}

/// The surroundings of one end during one event.
pub struct ModelHost<'a, S: Space = Space16, K: Keep<S> = End> {
    end: &'a mut K,
    /// The initial number of the next incarnation.
    iss: Seq<S>,
    window: S::Raw,
    /// The incarnation that sent the segment being processed.
    tag: u8,
    two_msl: u8,
    /// What went wrong.
    pub faults: u32,
    /// An acknowledgment is wanted.
    pub wanted: Option<Acknowledge>,
    sent: [Segment<S>; SENT],
    sent_len: usize,
    fired: [Option<Row>; FIRED],
    fired_len: usize,
    /// A listener has given its segment to a child.
    pub forked: Option<Segment<S>>,
    /// A segment for the listener beside the connection.
    pub handed_over: Option<Segment<S>>,
    /// Text that became the user's: its first number and its length.
    pub delivered: Option<(Seq<S>, S::Raw)>,
    /// What the user was told, a bit for each [`Notice`].
    pub notices: u16,
    /// Timers that were started, a bit for each.
    pub started: u8,
    /// What was queued was to be forgotten.
    pub flushed: bool,
    /// What was queued to be sent was to be forgotten.
    pub returned: bool,
    /// Numbers that an acceptable ACK has acknowledged anew, if one came.
    pub acked: Option<u32>,
    /// How many were then said to be left unacknowledged.
    pub outstanding: Option<u32>,
    /// The user has asked for keep-alive.
    pub keep_alive: bool,
    /// Connections that no user holds are limited.
    pub orphans: bool,
    /// What is sent again, if it is not the front: where it begins behind SND.UNA, and how much text.
    pub part: Option<(u32, u32)>,
    /// All incarnations count as one.
    pub merging: bool,
    /// Last.ACK.sent matters.
    pub stamps: bool,
    /// A connection has begun: its initial number was chosen.
    pub begun: bool,
    /// TS.Recent was taken: from now on it is not outdated.
    pub stamped: bool,
    /// The connection ended otherwise than by FINs.
    pub unclean: bool,
    /// The fault of what the machine has for its host: what is sent again, and acknowledgments.
    pub body: Option<Body>,
}

impl<'a, S: Space, K: Keep<S>> ModelHost<'a, S, K> {
    /// Surroundings of `end`.
    pub fn new(end: &'a mut K, iss: Seq<S>, window: S::Raw, two_msl: u8, tag: u8) -> Self {
        Self {
            end,
            iss,
            window,
            tag,
            two_msl,
            faults: 0,
            wanted: None,
            sent: [Segment::default(); SENT],
            sent_len: 0,
            fired: [None; FIRED],
            fired_len: 0,
            forked: None,
            handed_over: None,
            delivered: None,
            notices: 0,
            started: 0,
            flushed: false,
            returned: false,
            acked: None,
            outstanding: None,
            keep_alive: false,
            orphans: false,
            part: None,
            merging: false,
            stamps: false,
            begun: false,
            stamped: false,
            unclean: false,
            body: None,
        }
    }

    /// What was sent, in order.
    pub fn sent(&self) -> &[Segment<S>] {
        &self.sent[..self.sent_len]
    }

    /// The rows that fired, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.fired[..self.fired_len].iter().flatten().copied()
    }

    fn note_acknowledgment(&mut self, ack: Seq<S>) {
        if self.stamps {
            self.end.acknowledge(ack);
        }
    }
}

impl<S: Space, K: Keep<S>> Host<S> for ModelHost<'_, S, K> {
    fn emit(&mut self, segment: Segment<S>) {
        if segment.flags.has(Flags::ACK) {
            // It carries the acknowledgment.
            self.wanted = None;
            self.stop(Timer::DelayedAck);
            self.note_acknowledgment(segment.ack);
        }
        if self.sent_len < SENT {
            self.sent[self.sent_len] = segment;
            self.sent_len += 1;
        } else {
            self.faults |= fault::BOUNDS;
        }
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.wanted = self.wanted.max(Some(why));
    }

    fn start(&mut self, timer: Timer) {
        // Keep-alive is off unless the user asks for it (MUST-25).
        if matches!(timer, Timer::KeepAlive) && !self.keep_alive {
            return;
        }
        if matches!(timer, Timer::Orphan) && !(self.orphans && self.end.is_orphaned()) {
            return;
        }
        *self.end.armed() |= 1 << timer as u8;
        self.started |= 1 << timer as u8;
        if matches!(timer, Timer::TimeWait) {
            self.end.begin_2msl(self.two_msl);
        }
    }

    fn stop(&mut self, timer: Timer) {
        *self.end.armed() &= !(1 << timer as u8);
    }

    fn notify(&mut self, notice: Notice) {
        self.notices |= 1 << notice as u16;
        if matches!(notice, Notice::Closed) {
            self.wanted = None;
            self.note_acknowledgment(Seq::default());
        }
        match notice {
            Notice::Reset | Notice::Refused | Notice::Unreachable => self.unclean = true,
            Notice::GivenUp | Notice::UserTimeout | Notice::Orphaned => {
                self.unclean = true;
                self.end.give_up();
            }
            _ => {}
        }
    }

    fn timestamp_taken(&mut self) {
        self.stamped = true;
    }

    fn initial_sequence(&mut self) -> Seq<S> {
        self.begun = true;
        self.faults |= self.end.begin(self.merging);
        self.iss
    }

    fn initial_window(&mut self) -> S::Raw {
        self.window
    }

    fn deliver(&mut self, segment: &Segment<S>) {
        if self.delivered.is_some() {
            self.faults |= fault::BOUNDS;
        }
        self.delivered = Some((segment.text_seq(), segment.len));
        self.end.deliver(segment.text_len());
    }

    fn hold(&mut self, segment: &Segment<S>) {
        self.end.hold(segment, self.tag);
    }

    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        self.acked = Some(advanced);
        self.outstanding = Some(outstanding);
    }

    fn resend(&mut self, tcb: &Tcb<S>) {
        let (from, max) = self.part.unwrap_or((0, u32::MAX));
        match bodies::sent_segment(self.body, tcb, tcb.snd_una.plus(from), max) {
            Some(segment) => self.emit(segment),
            None => self.faults |= fault::NOT_RESENT,
        }
        // What was never sent cannot be sent again.
        if bodies::sent_segment(self.body, tcb, tcb.snd_nxt, max).is_some() {
            self.faults |= fault::NOT_RESENT;
        }
    }

    fn flush(&mut self) {
        self.flushed = true;
        self.end.forget();
        self.wanted = None;
        self.unclean = true;
    }

    fn abandon(&mut self) {
        self.end.abandon();
    }

    fn flush_sends(&mut self) {
        self.returned = true;
        self.end.forget_early();
        self.wanted = None;
        self.unclean = true;
    }

    fn fork(&mut self, segment: &Segment<S>) {
        self.forked = Some(*segment);
    }

    fn hand_over(&mut self, segment: &Segment<S>) {
        self.handed_over = Some(*segment);
    }

    fn fired(&mut self, row: Row) {
        if self.fired_len < FIRED {
            self.fired[self.fired_len] = Some(row);
            self.fired_len += 1;
        } else {
            self.faults |= fault::BOUNDS;
        }
    }
}

/// What a host may do with an acknowledgment that an event has asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It leaves.
    Leaves,
    /// It is held back, and leaves with the next segment or when its timer runs out (§3.8.6.3).
    Waits,
    /// It does not leave: a challenge ACK above the limit (RFC 5961 §7), or news that are not worth a segment.
    Withheld,
}

impl Answer {
    /// What a host may choose from.
    pub fn permitted(why: Acknowledge) -> &'static [Self] {
        match why {
            Acknowledge::Now => &[Self::Leaves],
            Acknowledge::Text => &[Self::Leaves, Self::Waits],
            // News of a window may be kept back: as if it were lost.
            Acknowledge::Window => &[Self::Leaves, Self::Waits, Self::Withheld],
            Acknowledge::Challenge => &[Self::Leaves, Self::Withheld],
        }
    }
}

/// What an event makes of an end. `machine` is the generated one, or one with a fault; `eager`: what the user asks for at once if text has come;
/// `choose`: what happens to the acknowledgment. The answer, and the acknowledgment that leaves on its own.
#[inline]
pub fn respond<S: Space, K: Keep<S>>(
    (state, tcb): (&mut State, &mut Tcb<S>),
    event: &mut Event<S>,
    host: &mut ModelHost<'_, S, K>,
    machine: impl Fn(&mut State, &mut Tcb<S>, &mut Event<S>, &mut ModelHost<'_, S, K>) -> Result<(), CallError>,
    eager: impl Fn(u32) -> Option<Receive>,
    choose: impl Fn(Acknowledge) -> Answer,
) -> (Result<(), CallError>, Option<Segment<S>>) {
    let result = machine(state, tcb, event, host);
    if let Event::Receive(receive) = event {
        host.end.take(receive.taken);
    }
    if host.delivered.is_some()
        && let Some(receive) = eager(host.end.on_hand())
    {
        let mut receive = Event::Receive(receive);
        let _ = machine(state, tcb, &mut receive, host);
        if let Event::Receive(receive) = receive {
            host.end.take(receive.taken);
        }
    }
    // One acknowledgment per event (MUST-58).
    let Some(why) = host.wanted else { return (result, None) };
    match choose(why) {
        Answer::Leaves => {
            host.stop(Timer::DelayedAck);
            let segment = bodies::acknowledgment(host.body, tcb);
            host.note_acknowledgment(segment.ack);
            (result, Some(segment))
        }
        Answer::Waits => {
            host.start(Timer::DelayedAck);
            (result, None)
        }
        Answer::Withheld => (result, None),
    }
}

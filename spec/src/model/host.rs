//! How an end of the model meets the machine: it collects what effects ask for, and keeps the books that properties read.

use super::Space16;
use super::world::{End, HELD_CAPACITY, Held, INCARNATIONS, fault, past};
use crate::{Acknowledge, Event, Flags, Host, Notice, Row, Segment, Seq, Tcb, Timer};

/// Segments that one event sends at most.
const SENT: usize = 4;
/// Rows that one event fires at most (steps of the longest event, twice for a fork).
const FIRED: usize = 24;

/// The surroundings of one end during one event.
pub struct ModelHost<'a> {
    end: &'a mut End,
    /// The initial number of the next incarnation.
    iss: Seq<Space16>,
    window: u8,
    /// The incarnation that sent the segment being processed.
    tag: u8,
    two_msl: u8,
    /// What went wrong.
    pub faults: u32,
    /// An acknowledgment is wanted.
    pub wanted: Option<Acknowledge>,
    sent: [Segment<Space16>; SENT],
    sent_len: usize,
    fired: [Option<Row>; FIRED],
    fired_len: usize,
    /// A listener has given its segment to a child.
    pub forked: Option<Segment<Space16>>,
    /// A segment for the listener beside the connection.
    pub handed_over: Option<Segment<Space16>>,
    /// Text that became the user's: its first number and its length.
    pub delivered: Option<(Seq<Space16>, u8)>,
    /// What the user was told, a bit for each [`Notice`].
    pub notices: u16,
    /// Timers that were started, a bit for each.
    pub started: u8,
    /// What was queued was to be forgotten.
    pub flushed: bool,
    /// Numbers that an acceptable ACK has acknowledged anew, if one came.
    pub acked: Option<u32>,
    /// The user has asked for keep-alive.
    pub keep_alive: bool,
    /// FIN-WAIT-2 is limited.
    pub orphans: bool,
    /// What is sent again, if it is not the front: where it begins behind SND.UNA, and how much text.
    pub part: Option<(u8, u8)>,
    /// All incarnations count as one.
    pub merging: bool,
    /// A connection has begun: its initial number was chosen.
    pub begun: bool,
    /// The connection ended otherwise than by FINs.
    pub unclean: bool,
}

impl<'a> ModelHost<'a> {
    /// Surroundings of `end`.
    pub fn new(end: &'a mut End, iss: u8, window: u8, two_msl: u8, tag: u8) -> Self {
        Self {
            end,
            iss: Seq::new(iss.into()),
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
            acked: None,
            keep_alive: false,
            orphans: false,
            part: None,
            merging: false,
            begun: false,
            unclean: false,
        }
    }

    /// What was sent, in order.
    pub fn sent(&self) -> &[Segment<Space16>] {
        &self.sent[..self.sent_len]
    }

    /// The rows that fired, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.fired[..self.fired_len].iter().flatten().copied()
    }

    /// Octets that wait for the user.
    pub fn on_hand(&self) -> u8 {
        self.end.on_hand
    }

    /// The user takes what a RECEIVE has given.
    pub fn take(&mut self, event: &Event<Space16>) {
        if let Event::Receive(receive) = event {
            self.end.on_hand -= receive.taken as u8;
        }
    }
}

impl Host<Space16> for ModelHost<'_> {
    fn emit(&mut self, segment: Segment<Space16>) {
        if segment.flags.has(Flags::ACK) {
            // It carries the acknowledgment.
            self.wanted = None;
            self.stop(Timer::DelayedAck);
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
        if matches!(timer, Timer::FinWait2) && !self.orphans {
            return;
        }
        self.end.armed |= 1 << timer as u8;
        self.started |= 1 << timer as u8;
        if matches!(timer, Timer::TimeWait) {
            self.end.quiet = self.two_msl;
        }
    }

    fn stop(&mut self, timer: Timer) {
        self.end.armed &= !(1 << timer as u8);
    }

    fn notify(&mut self, notice: Notice) {
        self.notices |= 1 << notice as u16;
        if matches!(notice, Notice::Closed) {
            self.wanted = None;
        }
        match notice {
            Notice::Reset | Notice::Refused | Notice::Unreachable => self.unclean = true,
            Notice::GivenUp | Notice::UserTimeout => {
                self.unclean = true;
                self.end.past |= past::GIVEN_UP;
            }
            _ => {}
        }
    }

    fn initial_sequence(&mut self) -> Seq<Space16> {
        self.begun = true;
        let end = &mut *self.end;
        if self.merging {
            end.incarnation = 0;
            end.given = [0; INCARNATIONS];
        }
        end.incarnation += 1;
        if usize::from(end.incarnation) >= INCARNATIONS {
            self.faults |= fault::BOUNDS;
            end.incarnation = (INCARNATIONS - 1) as u8;
        }
        if end.quiet > 0 {
            self.faults |= fault::REOPENED;
        }
        end.delivered = 0;
        end.on_hand = 0;
        end.closed = false;
        end.peer_incarnation = 0;
        end.held = [None; HELD_CAPACITY];
        self.iss
    }

    fn initial_window(&mut self) -> u8 {
        self.window
    }

    fn deliver(&mut self, segment: &Segment<Space16>) {
        if self.delivered.is_some() {
            self.faults |= fault::BOUNDS;
        }
        self.delivered = Some((segment.text_seq(), segment.len));
        self.end.on_hand += segment.len;
    }

    fn hold(&mut self, segment: &Segment<Space16>) {
        let piece = Held {
            seq: segment.text_seq(),
            len: segment.len,
            fin: segment.flags.has(Flags::FIN),
            tag: self.tag,
        };
        let held = &mut self.end.held;
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

    fn acknowledged(&mut self, advanced: u32, _outstanding: u32) {
        self.acked = Some(advanced);
    }

    fn resend(&mut self, tcb: &Tcb<Space16>) {
        let (from, max) = self.part.map_or((0, u32::MAX), |(from, len)| (from.into(), len.into()));
        match tcb.sent_segment(tcb.snd_una.plus(from), max) {
            Some(segment) => self.emit(segment),
            None => self.faults |= fault::NOT_RESENT,
        }
    }

    fn flush(&mut self) {
        self.flushed = true;
        self.end.on_hand = 0;
        self.end.held = [None; HELD_CAPACITY];
        self.wanted = None;
        self.unclean = true;
    }

    fn fork(&mut self, segment: &Segment<Space16>) {
        self.forked = Some(*segment);
    }

    fn hand_over(&mut self, segment: &Segment<Space16>) {
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

//! What a host can tell of a run, event by event, so that the run can be judged. (The model does so in `replay`, feature `model`.)

use crate::{Acknowledge, CallError, Event, Segment, Seq, Space, State, Tcb, Timer};
use core::time::Duration;

/// A state that a host has kept as a number.
impl TryFrom<u8> for State {
    type Error = u8;

    fn try_from(number: u8) -> Result<Self, u8> {
        Self::ALL.get(usize::from(number)).copied().ok_or(number)
    }
}

/// Text, FIN or both that the host keeps because they came early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<S: Space> {
    /// Number of its first octet.
    pub seq: Seq<S>,
    /// Octets of text.
    pub len: u32,
    /// A FIN follows.
    pub fin: bool,
}

/// A connection between two events: its state, its TCB, and what its host keeps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Side<S: Space> {
    /// When that is, on the run's own clock.
    pub at: Duration,
    /// The state.
    pub state: State,
    /// The TCB.
    pub tcb: Tcb<S>,
    /// When each timer that runs will run out, on the run's own clock.
    pub deadlines: [Option<Duration>; Timer::ALL.len()],
    /// What came early, sorted, without overlap; pieces that touch may be one.
    pub held: Vec<Piece<S>>,
    /// Octets in order that wait for the user.
    pub on_hand: u32,
    /// No user is left that would receive: text on hand is thrown away.
    pub abandoned: bool,
    /// Last.ACK.sent (RFC 7323 §4.3).
    pub last_ack: Seq<S>,
    /// An acknowledgment that was asked for and has not left: what was kept is next, and one acknowledgment is enough for both.
    pub owed: Option<Acknowledge>,
    /// What may be sent again before the retransmission timer runs out.
    pub grounds: Grounds<S>,
}

/// The reasons to send something again before the retransmission timer runs out, as far as they are not used up.
///
/// A timeout, an acknowledgment that is taken, and a path whose MTU has shrunk may show that anything under way then is lost (RFC 6298 §5, RFC 5681
/// §3.2, RFC 6675 §5, RFC 8985 §6, RFC 1191 §6.5): each number may be sent again once for it. What was sent last may be sent again once more as a probe (RFC 8985 §7).
/// There are no other reasons: a refused segment gives none, nor does a call or another timer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Grounds<S: Space> {
    /// Numbers before this one may be lost: SND.NXT at the last reason to think so. None if there was no reason yet.
    pub until: Option<Seq<S>>,
    /// What has been sent again since: from the first number to before the second.
    pub again: Vec<(Seq<S>, Seq<S>)>,
    /// A probe may be sent: since the last one, or the last timeout, something was sent or acknowledged for the first time.
    pub probe: bool,
}

impl<S: Space> Grounds<S> {
    /// Everything under way may be lost.
    pub fn renew(&mut self, tcb: &Tcb<S>) {
        self.until = Some(tcb.snd_nxt);
        self.again.clear();
    }

    /// The grounds after an event with these TCBs before and after it, and whether they allow what the event has sent. `acknowledged`: how many numbers an
    /// acknowledgment that was taken has acknowledged for the first time.
    #[must_use]
    pub fn after(
        &self,
        event: &Event<S>,
        (before, after): (&Tcb<S>, &Tcb<S>),
        acknowledged: Option<u32>,
        sent: &[Segment<S>],
    ) -> (Self, bool) {
        let mut new = self.clone();
        let mut allowed = true;
        match event {
            Event::Retransmission(expiry) => {
                if !expiry.early {
                    new.renew(before);
                    new.probe = false;
                }
                for segment in sent {
                    allowed &= new.spend(before, segment);
                }
            }
            _ if acknowledged.is_some() => new.renew(after),
            _ => {}
        }
        new.probe |= acknowledged.is_some_and(|advanced| advanced > 0) || before.snd_nxt != after.snd_nxt;
        if after.in_flight() == 0 {
            new = Self::default();
        }
        (new, allowed)
    }

    /// This is sent again. True if there is a reason.
    fn spend(&mut self, tcb: &Tcb<S>, segment: &Segment<S>) -> bool {
        let from = tcb.snd_una.distance(segment.seq);
        let until = from + segment.seg_len();
        let end = segment.seq.plus(segment.seg_len());
        let lost = self.until.map_or(0, |lost| tcb.snd_una.distance(lost));
        // A FIN goes along with the text before it.
        let text = from + segment.text_len().max(1);
        let known = self.again.iter().any(|(a, b)| {
            let (a, b) = (tcb.snd_una.distance(*a), tcb.snd_una.distance(*b));
            a < text && from < b
        });
        if until <= lost && !known {
            match self.again.last_mut() {
                Some(last) if last.1 == segment.seq => last.1 = end,
                _ => self.again.push((segment.seq, end)),
            }
            return true;
        }
        end == tcb.snd_nxt && core::mem::take(&mut self.probe)
    }
}

/// One event of a run.
#[derive(Clone, Debug)]
pub struct Recorded<S: Space> {
    /// The connection as its last event left it; nothing if this is its first event. Between events only what belongs to the host may change.
    pub last: Option<Side<S>>,
    /// If this is the event of a timer that has run out: when the timer was due.
    pub expired: Option<Duration>,
    /// The path's MTU has shrunk since the last event.
    pub shrunk: bool,
    /// The connection before the event.
    pub before: Side<S>,
    /// What came, as it was given to the machine; nothing if an acknowledgment that was owed leaves.
    pub event: Option<Event<S>>,
    /// The connection afterwards.
    pub after: Side<S>,
    /// What the machine answered.
    pub answer: Result<(), CallError>,
    /// Segments sent, in order.
    pub sent: Vec<Segment<S>>,
    /// What the user was told, a bit for each [`Notice`](crate::Notice).
    pub told: u16,
    /// A child was given the segment.
    pub forked: bool,
    /// The listener beside the connection was given the segment.
    pub handed_over: bool,
}

impl<S: Space> Side<S> {
    /// Whether a timer runs.
    pub fn is_armed(&self, timer: Timer) -> bool {
        self.deadlines[timer as usize].is_some()
    }

    /// The timers that run, a bit for each.
    pub fn armed(&self) -> u8 {
        Timer::ALL
            .into_iter()
            .filter(|timer| self.is_armed(*timer))
            .fold(0, |all, timer| all | 1 << timer as u8)
    }
}

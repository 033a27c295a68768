//! What a host can tell of a run, event by event, so that others can judge it (the model's replay does, feature `model`).

use crate::{Acknowledge, CallError, Event, Segment, Seq, Space, State, Tcb, Timer};
use core::time::Duration;

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
    /// No user is left who would receive: text on hand is thrown away.
    pub abandoned: bool,
    /// Last.ACK.sent (RFC 7323 §4.3).
    pub last_ack: Seq<S>,
    /// An acknowledgment that was asked for and has not left, since what was kept is next, and one is enough for both.
    pub owed: Option<Acknowledge>,
}

/// One event of a run.
#[derive(Clone, Debug)]
pub struct Recorded<S: Space> {
    /// The connection as its last event left it; nothing if this is its first. In between only the host's own affairs may change.
    pub last: Option<Side<S>>,
    /// If this is a timer's event that has run out: when it was due.
    pub expired: Option<Duration>,
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

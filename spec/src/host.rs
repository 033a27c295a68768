//! What the machine asks of its surroundings. The stack and the model each implement [`Host`].

use crate::{Numbers, Row, Segment, Seq, Timer};

/// Why an acknowledgment is wanted. The host sends one per event at most (MUST-58), at the event's end, with
/// [`Tcb::acknowledgment`](crate::Tcb::acknowledgment), unless a segment of the same event has carried it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Acknowledge {
    /// The window has opened: the host may send an update (§3.8.6.2.2).
    Window,
    /// Text in order has come: now or a little later (§3.8.6.3).
    Text,
    /// A segment came that nothing proves to be the peer's. The host may limit the rate (RFC 5961 §7).
    Challenge,
    /// At once.
    Now,
}

/// What the user is told without a question of its own ("signal" in §3.10, asynchronous reports of §3.9.1.8).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Notice {
    /// The connection is established.
    Established,
    /// The peer has sent its last octet ("connection closing").
    Closing,
    /// Our FIN is acknowledged (CLOSE answers "ok").
    CloseAcknowledged,
    /// "connection reset"
    Reset,
    /// "connection refused"
    Refused,
    /// "connection aborted due to user timeout"
    UserTimeout,
    /// R2 is reached: the peer has not answered (MUST-20).
    GivenUp,
    /// The host has given up what was undelivered of a connection that no user holds any more (RFC 6429).
    Orphaned,
    /// R1 is reached: delivery is in trouble (SHLD-9).
    Trouble,
    /// The network says that segments cannot be delivered, but that may pass (SHLD-25).
    SoftError,
    /// The network says that the peer cannot be reached (SHLD-26).
    Unreachable,
    /// CLOSE has returned queued SENDs unserved ("error: closing", §3.10.4).
    Unsent,
    /// Urgent text lies ahead (MUST-32).
    Urgent,
    /// All urgent text known of has been received (§3.8.5).
    UrgentEnd,
    /// The TCB is deleted; the state is CLOSED.
    Closed,
}

/// The surroundings of one connection.
///
/// Effects call it while an event is processed. Nothing here may change the state or the TCB.
pub trait Host<S: Numbers> {
    /// Sends a segment now. If `segment.len > 0` the host puts in the text with those numbers.
    fn emit(&mut self, segment: Segment<S>);
    /// Asks for an acknowledgment at the end of the event; the strongest reason given counts.
    fn acknowledge(&mut self, why: Acknowledge);
    /// Starts a timer, or starts it anew.
    fn start(&mut self, timer: Timer);
    /// Stops a timer if it runs.
    fn stop(&mut self, timer: Timer);
    /// Tells the user.
    fn notify(&mut self, notice: Notice);
    /// Chooses an initial sequence number (§3.4.1).
    fn initial_sequence(&mut self) -> Seq<S>;
    /// The window to offer to begin with, in octets.
    fn initial_window(&mut self) -> S::Raw;
    /// Text in order: `segment.len` octets from `segment.text_seq()`, which is RCV.NXT, are now the user's.
    fn deliver(&mut self, segment: &Segment<S>);
    /// A segment that begins beyond RCV.NXT (SHLD-31), or text and FIN on a SYN: keep what fits (text and FIN), and bring it back
    /// as the event `held` when RCV.NXT has reached it.
    fn hold(&mut self, segment: &Segment<S>);
    /// An acceptable ACK came. `advanced` numbers left the retransmission queue; `outstanding` are still unacknowledged.
    fn acknowledged(&mut self, advanced: S::Word, outstanding: S::Word);
    /// Sends again the front of the retransmission queue, or another part of SND.UNA..SND.NXT that the host knows to be lost:
    /// [`Tcb::sent_segment`](crate::Tcb::sent_segment) builds it. Never anything that was not sent before.
    fn resend(&mut self, tcb: &crate::Tcb<S>);
    /// Forgets everything queued: text to send, text received, segments held, and an acknowledgment asked for in this event, as
    /// [`Notice::Closed`] does, too: the TCB that it would speak of is gone. (Rows of their own stop timers.)
    fn flush(&mut self);
    /// Forgets text to send, segments held, and an acknowledgment asked for in this event; text received in order can still be taken by RECEIVE.
    fn flush_sends(&mut self);
    /// The user has let go of the connection: throws away text received in order. From now on the host may limit how long the connection lasts ([`Timer::Orphan`]).
    fn abandon(&mut self);
    /// TS.Recent was taken from this segment: it is not outdated (RFC 7323 §5.5).
    #[inline(always)]
    fn timestamp_taken(&mut self) {}
    /// Makes a child: a copy of this listener's TCB in this listener's state, with `forks` cleared and `child` set, and gives it this segment.
    fn fork(&mut self, segment: &Segment<S>);
    /// Gives this segment to the listener that waits beside this connection, which is deleted (MAY-2, RFC 6191).
    fn hand_over(&mut self, segment: &Segment<S>);
    /// Which row fired. Costs nothing if nothing listens.
    #[inline(always)]
    fn fired(&mut self, row: Row) {
        let _ = row;
    }
}

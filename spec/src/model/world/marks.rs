//! What claims need to know of the past, as bits of a world.

use super::World;

/// Marks of the past: those that a claim reads. A scenario keeps those that its claims read, since worlds that differ in others only would be explored
/// again and again for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marks {
    /// Bits of [`fault`].
    pub faults: u32,
    /// Bits of [`breach`].
    pub breaches: u8,
    /// Bits of [`past`].
    pub past: u16,
}

impl Marks {
    /// None.
    pub const NONE: Self = Self { faults: 0, breaches: 0, past: 0 };
    /// All.
    pub const ALL: Self = Self { faults: !0, breaches: !0, past: !0 };

    /// These faults.
    pub(crate) const fn faults(faults: u32) -> Self {
        Self { faults, ..Self::NONE }
    }

    /// These breaches.
    pub(crate) const fn breaches(breaches: u8) -> Self {
        Self { breaches, ..Self::NONE }
    }

    /// This of what ends have gone through.
    pub(crate) const fn past(past: u16) -> Self {
        Self { past, ..Self::NONE }
    }

    /// Both.
    #[must_use]
    pub(crate) const fn with(self, other: Self) -> Self {
        Self {
            faults: self.faults | other.faults,
            breaches: self.breaches | other.breaches,
            past: self.past | other.past,
        }
    }

    /// Forgets what is not among them.
    #[inline]
    pub(crate) fn keep(&self, world: &mut World) {
        // That a segment waits for room is news of an action, not of the past.
        world.faults &= self.faults | fault::NO_ROOM;
        world.breaches &= self.breaches;
        for end in &mut world.ends {
            end.past &= self.past;
        }
    }
}

/// What an end has gone through, for `sometimes` (bits of [`End::past`](super::End::past)).
pub mod past {
    /// ESTABLISHED or later was reached.
    pub const SYNCHRONIZED: u16 = 1;
    /// CLOSING was passed.
    pub const CLOSING: u16 = 1 << 1;
    /// TIME-WAIT was entered.
    pub const TIME_WAIT: u16 = 1 << 2;
    /// SYN-RECEIVED was entered after an active OPEN.
    pub const CROSSED: u16 = 1 << 3;
    /// SYN-RECEIVED went back to LISTEN.
    pub const BACK_TO_LISTEN: u16 = 1 << 4;
    /// The user heard "connection refused" or, in SYN-SENT, "connection reset".
    pub const REFUSED: u16 = 1 << 5;
    /// The user heard "connection reset" in a connection.
    pub const RESET: u16 = 1 << 6;
    /// The connection was given up (R2) or timed out.
    pub const GIVEN_UP: u16 = 1 << 7;
    /// Our FIN left while the peer's was under way.
    pub const FINS_CROSSED: u16 = 1 << 8;
    /// The end has crashed and lost its TCB.
    pub const CRASHED: u16 = 1 << 9;
    /// FIN-WAIT-1 led to TIME-WAIT within one segment.
    pub const FAST_CLOSE: u16 = 1 << 10;
    /// A window that was closed was opened by an update that acknowledged nothing new.
    pub const WINDOW_OPENED: u16 = 1 << 11;
}

/// What must never happen (bits of [`World::faults`](super::World::faults)).
pub mod fault {
    /// Text of another incarnation was delivered.
    pub const OLD_TEXT: u32 = 1;
    /// Text was delivered twice, out of order, or was never given.
    pub const WRONG_TEXT: u32 = 1 << 1;
    /// The end of the peer's text was reported before all of it was delivered.
    pub const EARLY_END: u32 = 1 << 2;
    /// TIME-WAIT sent something that is not a plain ACK.
    pub const TIME_WAIT_SENT: u32 = 1 << 3;
    /// The pair of sockets was opened again within 2MSL.
    pub const REOPENED: u32 = 1 << 4;
    /// SEND was accepted after CLOSE.
    pub const SENT_AFTER_CLOSE: u32 = 1 << 5;
    /// SYN-RECEIVED went back to LISTEN after an active OPEN.
    pub const LISTEN_AFTER_ACTIVE: u32 = 1 << 6;
    /// A FIN had another number than the one after the last octet given.
    pub const FIN_NUMBER: u32 = 1 << 7;
    /// The model's own bounds (incarnations, segments of one event) were exceeded.
    pub const BOUNDS: u32 = 1 << 8;
    /// TIME-WAIT was left otherwise than when 2MSL were over.
    pub const TIME_WAIT_CUT_SHORT: u32 = 1 << 9;
    /// A FIN or text was not sent again though its timer ran out.
    pub const NOT_RESENT: u32 = 1 << 10;
    /// A connection left CLOSED otherwise than by OPEN (or a child of a listener).
    pub const NOT_FROM_CLOSED: u32 = 1 << 11;
    /// The peer's FIN, sent again, came in TIME-WAIT and did not restart 2MSL.
    pub const NOT_RESTARTED: u32 = 1 << 12;
    /// A segment without a FIN restarted 2MSL.
    pub const RESTARTED_BY_ACK: u32 = 1 << 13;
    /// A segment of an older connection ended a newer one after closes by FIN.
    pub const KILLED_BY_OLD: u32 = 1 << 14;
    /// The forger has ended a connection, or its text was delivered.
    pub const FORGED: u32 = 1 << 15;
    /// Text of another incarnation was delivered after one had ended otherwise than by FINs.
    pub const OLD_TEXT_UNCLEAN: u32 = 1 << 16;
    /// A RST that was not exactly next, or a SYN, has ended a synchronized connection.
    pub const RESET_BY_GUESS: u32 = 1 << 17;
    /// An end was established without a peer that knows of it.
    pub const ESTABLISHED_ALONE: u32 = 1 << 18;
    /// An end was established by the SYN of an attempt that is over.
    pub const ESTABLISHED_BY_OLD: u32 = 1 << 19;
    /// Text was sent beyond what the peer has offered, other than to probe a closed window.
    pub const BEYOND_OFFER: u32 = 1 << 20;
    /// A segment that was refused has changed something.
    pub const TRACE: u32 = 1 << 21;
    /// Text that came in order was thrown away before the user got it.
    pub const THROWN_AWAY: u32 = 1 << 22;
    /// A connection has ended with text of the user's unacknowledged, and the user has heard nothing.
    pub const UNTOLD: u32 = 1 << 23;
    /// An error that the network has reported has ended a synchronized connection.
    pub const ENDED_BY_ICMP: u32 = 1 << 24;
    /// Not a fault, and in no world that is kept: a segment found no room where it has to wait for some.
    pub(crate) const NO_ROOM: u32 = 1 << 31;
}

/// What has not come out as expected (bits of [`World::breaches`](super::World::breaches)).
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
    /// The send window is another.
    pub const WINDOW: u8 = 1 << 5;
}

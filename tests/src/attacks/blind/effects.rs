//! What a packet has changed of a connection.

use crate::reached::Seen;
use std::fmt;
use tcpspec::{Facts, State};

/// A set of changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Effects(pub u16);

impl Effects {
    pub const NONE: Self = Self(0);
    /// The connection is CLOSED.
    pub const ENDED: Self = Self(1);
    /// It is in another state.
    pub const STATE: Self = Self(1 << 1);
    /// Text or a FIN was taken, or is kept until its turn.
    pub const TEXT: Self = Self(1 << 2);
    /// Something counts as acknowledged.
    pub const ACKNOWLEDGED: Self = Self(1 << 3);
    /// The peer's window is another.
    pub const WINDOW: Self = Self(1 << 4);
    /// TS.Recent is another.
    pub const STAMP: Self = Self(1 << 5);
    /// Urgent text is announced.
    pub const URGENT: Self = Self(1 << 6);
    /// Segments are smaller from now on.
    pub const SIZE: Self = Self(1 << 7);
    /// The user can ask for a soft error.
    pub const SOFT: Self = Self(1 << 8);
    /// A timer runs out at another time.
    pub const TIMER: Self = Self(1 << 9);
    /// Anything else.
    pub const OTHER: Self = Self(1 << 10);

    const NAMES: [(Self, &'static str); 11] = [
        (Self::ENDED, "ends it"),
        (Self::STATE, "state"),
        (Self::TEXT, "text"),
        (Self::ACKNOWLEDGED, "acknowledged"),
        (Self::WINDOW, "window"),
        (Self::STAMP, "TS.Recent"),
        (Self::URGENT, "urgent"),
        (Self::SIZE, "segment size"),
        (Self::SOFT, "soft error"),
        (Self::TIMER, "timer"),
        (Self::OTHER, "other"),
    ];

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What has changed between two looks.
    pub fn between(before: &Seen, after: &Seen) -> Self {
        if before == after {
            return Self::NONE;
        }
        if after.status.state == State::Closed && before.status.state != State::Closed {
            return Self::ENDED;
        }
        let (a, b) = (&before.tcb, &after.tcb);
        let urgent = |seen: &Seen| (seen.tcb.rcv_up, seen.tcb.facts.has(Facts::URGENT_IN));
        let changed = [
            (Self::STATE, before.status.state != after.status.state),
            // With another SYN all numbers are others, and no text has come.
            (Self::TEXT, (a.irs == b.irs && a.rcv_nxt != b.rcv_nxt) || before.side.held != after.side.held),
            (Self::ACKNOWLEDGED, a.snd_una != b.snd_una),
            (
                Self::WINDOW,
                (a.snd_wnd, a.snd_wl1, a.snd_wl2, a.max_snd_wnd)
                    != (b.snd_wnd, b.snd_wl1, b.snd_wl2, b.max_snd_wnd),
            ),
            (Self::STAMP, a.ts_recent != b.ts_recent),
            (Self::URGENT, urgent(before) != urgent(after)),
            (Self::SIZE, before.status.mss != after.status.mss),
            (Self::SOFT, before.status.soft_error != after.status.soft_error),
            (Self::TIMER, before.side.deadlines != after.side.deadlines),
        ];
        let found =
            changed.iter().filter(|(_, changed)| *changed).fold(Self::NONE, |all, (one, _)| all.with(*one));
        if found == Self::NONE { Self::OTHER } else { found }
    }
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            Self::NAMES.iter().filter(|(one, _)| self.has(*one)).map(|(_, name)| *name).collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

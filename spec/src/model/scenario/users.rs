//! What users may do.

use crate::model::world::{INCARNATIONS, UNCOUNTED};
use core::fmt;

/// A call of a user.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// Active OPEN.
    Open,
    /// Passive OPEN.
    Listen,
    /// SEND of one octet.
    Send,
    /// RECEIVE of all that is on hand; the host offers the whole window.
    Receive,
    /// RECEIVE of so many octets, after which the host offers such a window; none that is smaller than what it offers already counts.
    Take(u8, u8),
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
    /// RELEASE: CLOSE, and nobody receives any more.
    Release,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Take(octets, window) => return write!(f, "RECEIVE of {octets}, window {window}"),
            Self::Open => "active OPEN",
            Self::Listen => "passive OPEN",
            Self::Send => "SEND",
            Self::Receive => "RECEIVE",
            Self::Close => "CLOSE",
            Self::Abort => "ABORT",
            Self::Release => "RELEASE",
        })
    }
}

/// So many of them.
pub(super) fn amount(n: u8, one: &str, many: &str) -> String {
    match n {
        UNCOUNTED => format!("uncounted {many}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// How an end chooses its initial send sequence numbers (§3.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbers {
    /// These, one for each incarnation.
    Given([u8; INCARNATIONS]),
    /// The first one is this; each later one is any of the 16.
    Free(u8),
    /// By a clock that does not stop: this at first, and so much more with each tick.
    Clock {
        /// At the beginning.
        first: u8,
        /// Numbers in a tick.
        per_tick: u8,
    },
}

/// What one user may do, in any order and at any time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct User {
    /// Active OPENs.
    pub active_opens: u8,
    /// Passive OPENs (the TCB itself becomes the connection).
    pub passive_opens: u8,
    /// The remote socket of the passive OPEN is given, so that SEND can make it active.
    pub names_peer: bool,
    /// A forking listener waits from the beginning, as sockets have it.
    pub listens: bool,
    /// Octets to SEND, one a call.
    pub sends: u8,
    /// CLOSEs.
    pub closes: u8,
    /// ABORTs.
    pub aborts: u8,
    /// May RELEASE the connection at any time.
    pub lets_go: bool,
    /// This end may crash.
    pub crashes: bool,
    /// CLOSE comes only once the peer's end has been reported.
    pub patient: bool,
    /// SENDs only after the peer's end has been reported.
    pub sends_late: bool,
    /// What is sent is urgent.
    pub urgent: bool,
    /// The octet that is sent first is urgent.
    pub urgent_first: bool,
    /// Text on hand is never taken, unless users are eager.
    pub never_receives: bool,
    /// Initial send sequence numbers.
    pub iss: Numbers,
}

/// Five, each time.
pub(crate) const FIVE: Numbers = Numbers::Given([5; INCARNATIONS]);

impl User {
    /// Does nothing.
    pub const IDLE: Self = Self {
        active_opens: 0,
        passive_opens: 0,
        names_peer: false,
        listens: false,
        sends: 0,
        closes: 0,
        aborts: 0,
        lets_go: false,
        crashes: false,
        patient: false,
        sends_late: false,
        urgent: false,
        urgent_first: false,
        never_receives: false,
        iss: Numbers::Given([14; INCARNATIONS]),
    };
    /// Opens actively once and closes once.
    pub const CLIENT: Self = Self { active_opens: 1, closes: 1, ..Self::IDLE };
    /// Opens passively once and closes once.
    pub const SERVER: Self = Self { passive_opens: 1, closes: 1, iss: FIVE, ..Self::IDLE };
}

impl User {
    /// How many initial numbers matter: those of the first OPENs, two at most, and of a listener's child.
    pub fn openings(&self) -> usize {
        let opens = usize::from(self.active_opens + self.passive_opens);
        match (opens, self.listens) {
            (0, false) => 0,
            (opens, listens) => opens.clamp(1, 2) + usize::from(listens),
        }
    }

    pub(super) fn line(&self) -> String {
        let mut parts = Vec::new();
        let late = |is: bool| if is { " after the peer's end" } else { "" };
        for (n, one, many, late) in [
            (self.active_opens, "active OPEN", "active OPENs", ""),
            (self.passive_opens, "passive OPEN", "passive OPENs", ""),
            (self.sends, "octet to SEND", "octets to SEND", late(self.sends_late)),
            (self.closes, "CLOSE", "CLOSEs", late(self.patient)),
            (self.aborts, "ABORT", "ABORTs", ""),
        ] {
            if n > 0 {
                parts.push(amount(n, one, many) + late);
            }
        }
        if self.names_peer {
            parts.push("the passive OPEN names its peer".into());
        }
        if self.lets_go {
            parts.push("RELEASE at any time".into());
        }
        if self.urgent {
            parts.push("all text is urgent".into());
        }
        if self.urgent_first {
            parts.push("the first octet is urgent".into());
        }
        if self.never_receives {
            parts.push("never RECEIVEs".into());
        }
        if self.crashes {
            parts.push("may crash".into());
        }
        if self.listens {
            parts.push("a forking listener".into());
        }
        let shown = self.openings();
        if shown > 0 {
            parts.push(match self.iss {
                Numbers::Given(all) => {
                    let numbers: Vec<_> = all.iter().take(shown).map(u8::to_string).collect();
                    format!("initial numbers {}", numbers.join(", "))
                }
                Numbers::Free(first) => format!("initial number {first}, then any"),
                Numbers::Clock { first, per_tick } => {
                    format!("initial numbers by the clock from {first}, {per_tick} a tick")
                }
            });
        }
        if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
    }
}

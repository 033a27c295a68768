//! What can happen, by name.

use crate::model::Space16;
use crate::model::scenario::Call;
use crate::{Flags, Segment, Seq, Timer};

/// Something that can happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The user of an end calls.
    Call(u8, Call),
    /// An end sends queued text (this much at most), its FIN, or both.
    Transmit(u8, u8),
    /// A segment arrives.
    Deliver(u8),
    /// A copy of a segment arrives; the segment stays under way.
    Duplicate(u8),
    /// A segment is lost.
    Lose(u8),
    /// What an end has kept is next.
    Held(u8, u8),
    /// A timer of an end runs out; with `true`, R2 is reached.
    Fire(u8, Timer, bool),
    /// The retransmission timer runs out, and this part of what is outstanding is sent again: where it begins behind SND.UNA, and how much text.
    Resend(u8, u8, u8),
    /// A tick passes.
    Tick,
    /// An end crashes and restarts without its TCB.
    Crash(u8),
    /// The forger's segment arrives at an end: what, its sequence number, its acknowledgment number.
    Forge(u8, Forged, u8, u8),
    /// Some event comes to an end, be it expected there or not (see [`Bounds::strays`](crate::model::Bounds::strays)).
    Stray(u8, u16),
    /// The host of an end vanishes for good.
    Vanish(u8),
    /// Something opens a connection, which takes this initial number.
    Opens(u8, Opening),
}

/// What can open a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Opening {
    /// As [`Action::Call`].
    Call(u8, Call),
    /// As [`Action::Deliver`].
    Deliver(u8),
    /// As [`Action::Duplicate`].
    Duplicate(u8),
}

impl Opening {
    /// The action without a number.
    pub fn action(self) -> Action {
        match self {
            Self::Call(i, call) => Action::Call(i, call),
            Self::Deliver(index) => Action::Deliver(index),
            Self::Duplicate(index) => Action::Duplicate(index),
        }
    }

    pub(super) fn of(action: Action) -> Option<Self> {
        match action {
            Action::Call(i, call) => Some(Self::Call(i, call)),
            Action::Deliver(index) => Some(Self::Deliver(index)),
            Action::Duplicate(index) => Some(Self::Duplicate(index)),
            _ => None,
        }
    }
}

/// What a forger sends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Forged {
    /// A RST.
    Rst,
    /// A SYN.
    Syn,
    /// An ACK.
    Ack,
    /// One octet of text.
    Text,
}

impl Forged {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Rst, Self::Syn, Self::Ack, Self::Text];

    /// The segment.
    pub fn segment(self, seq: u8, ack: u8) -> Segment<Space16> {
        let flags = match self {
            Self::Rst => Flags::RST,
            Self::Syn => Flags::SYN,
            Self::Ack | Self::Text => Flags::ACK,
        };
        Segment {
            seq: Seq::new(seq.into()),
            ack: Seq::new(ack.into()),
            wnd: 1,
            len: u8::from(self == Self::Text),
            flags,
            ..Segment::default()
        }
    }
}

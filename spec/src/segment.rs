//! A segment as the rules see it: numbers and control bits, no text and no addresses (RFC 9293 §3.1, §3.4).

use crate::{Numbers, Seq};
use core::fmt;
use tcpspec_macros::breakable;

/// The control bits of RFC 9293 §3.1 that the rules read, at their places in the header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push function.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgment field is significant.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(0x20);

    /// Whether all bits of `other` are set.
    #[inline(always)]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of bits.
    #[inline(always)]
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the bits of `other`.
    #[inline(always)]
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::SYN, "SYN"),
            (Self::FIN, "FIN"),
            (Self::RST, "RST"),
            (Self::PSH, "PSH"),
            (Self::URG, "URG"),
            (Self::ACK, "ACK"),
        ];
        let mut first = true;
        for (flag, name) in names {
            if self.has(flag) {
                f.write_str(if first { "" } else { "," })?;
                f.write_str(name)?;
                first = false;
            }
        }
        if first { f.write_str("none") } else { Ok(()) }
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A segment, its window already scaled and its urgent pointer already made absolute.
///
/// The text itself stays with the host: `seq` (plus one if there is a SYN) and `len` say which octets it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Segment<S: Numbers> {
    /// SEG.SEQ.
    pub seq: Seq<S>,
    /// SEG.ACK; means nothing without [`Flags::ACK`].
    pub ack: Seq<S>,
    /// SEG.WND in octets, the true window after scaling (RFC 7323 §2.3).
    pub wnd: S::Raw,
    /// SEG.SEQ + SEG.UP; means nothing without [`Flags::URG`].
    pub up: Seq<S>,
    /// Octets of text, SYN and FIN not counted.
    pub len: S::Raw,
    /// Control bits.
    pub flags: Flags,
    /// TSval of the Timestamps option, if there is one (RFC 7323 §3.2).
    pub ts: Option<S::Raw>,
    /// Not on the wire: a LISTEN for the segment's destination waits beside the connection that it met, as
    /// reopening from TIME-WAIT asks (MAY-2, RFC 6191).
    pub listener: bool,
    /// Not on the wire: SEG.SEQ =< Last.ACK.sent, so an echo of its timestamp covers the time that an acknowledgment is held back
    /// (RFC 7323 §4.3). Only the host knows what it has sent.
    pub echoes: bool,
    /// Not on the wire: TS.Recent is older than 24 days and says nothing any more (RFC 7323 §5.5). Only the host has a clock.
    pub outdated: bool,
}

#[breakable]
impl<S: Numbers> Segment<S> {
    /// SEG.LEN: octets of text, and one each for SYN and FIN.
    #[inline(always)]
    pub fn seg_len(&self) -> S::Word {
        self.text_len()
            + S::Word::from(self.flags.has(Flags::SYN))
            + S::Word::from(self.flags.has(Flags::FIN))
    }

    /// Octets of text.
    #[inline(always)]
    pub fn text_len(&self) -> S::Word {
        self.len.into()
    }

    /// The number of the first octet of text.
    #[inline(always)]
    pub fn text_seq(&self) -> Seq<S> {
        self.seq.plus(S::Word::from(self.flags.has(Flags::SYN)))
    }
}

impl<S: Numbers> fmt::Display for Segment<S> {
    /// In the notation of RFC 9293 §3.5: `<SEQ=100><ACK=301><CTL=SYN,ACK>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SEQ={}>", self.seq)?;
        if self.flags.has(Flags::ACK) {
            write!(f, "<ACK={}>", self.ack)?;
        }
        write!(f, "<CTL={}>", self.flags)?;
        if self.text_len() > 0 {
            write!(f, "<DATA={}>", self.text_len())?;
        }
        Ok(())
    }
}

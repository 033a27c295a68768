//! The peer that a script plays: it makes the script's segments and reads the side's, with numbers that are relative to each
//! end's initial one, so that both sides can be compared.

use super::script::{Ack, Script, Segment, Seq, Stamp, Window};
use std::fmt;
use std::net::SocketAddr;
use tcpspec::Flags;
use tcpspec_stack::wire::options::{Options, Timestamps};
use tcpspec_stack::wire::{ip, tcp};

/// Its initial number: the sequence space wraps soon after.
const ISS: u32 = 0xffff_ff00;
/// What the side's initial number is taken for as long as it has sent none.
const UNKNOWN: u32 = 5000;
/// MSS option of its SYN, the same for both versions of IP.
const MSS: u16 = 1000;
/// A clock that is not near its end.
const CLOCK: u32 = 1_000_000;

/// Where a segment lies in the window that the peer was offered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// All of it is old, and it does not end at RCV.NXT.
    Left,
    /// It has no length and begins at RCV.NXT − 1, as a keep-alive does.
    Before,
    /// It ends at RCV.NXT: sent again.
    Resent,
    /// It begins before RCV.NXT and ends after.
    Overlap,
    /// It begins at RCV.NXT and ends within the window.
    Next,
    /// It begins later and ends within the window.
    Inside,
    /// It begins in the window and ends beyond.
    Across,
    /// It begins at the right edge, where nothing fits any more.
    Edge,
    /// It begins beyond.
    Right,
}

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Before => "before",
            Self::Resent => "resent",
            Self::Overlap => "overlap",
            Self::Next => "next",
            Self::Inside => "inside",
            Self::Across => "across",
            Self::Edge => "edge",
            Self::Right => "right",
        }
    }
}

/// What its acknowledgment number says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AckKind {
    /// No ACK bit.
    None,
    /// Before SND.UNA − MAX.SND.WND.
    Ancient,
    /// Before SND.UNA, and before the first octet of text: what it acknowledges was never sent.
    Never,
    /// Before SND.UNA.
    Old,
    /// SND.UNA.
    Same,
    /// After SND.UNA, up to SND.NXT.
    New,
    /// Beyond SND.NXT.
    Ahead,
}

impl AckKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ancient => "ancient",
            Self::Never => "never",
            Self::Old => "old",
            Self::Same => "same",
            Self::New => "new",
            Self::Ahead => "ahead",
        }
    }
}

/// A segment of the side, or of the peer, as it is compared and shown.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reply {
    pub flags: Flags,
    /// From the sender's initial number; nothing where a RST has 0 because it has no number to say.
    pub seq: Option<i64>,
    /// From the receiver's initial number.
    pub ack: Option<i64>,
    pub len: u32,
    /// The window is closed.
    pub closed: bool,
    pub stamped: bool,
}

impl Reply {
    /// Control bits, and whether there is text.
    pub fn kind(&self) -> String {
        let flags = self.flags.to_string();
        if self.len > 0 { format!("{flags}+data") } else { flags }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SEQ={}>", self.seq.unwrap_or_default())?;
        if let Some(ack) = self.ack {
            write!(f, "<ACK={ack}>")?;
        }
        write!(f, "<CTL={}>", self.flags)?;
        if self.len > 0 {
            write!(f, "<DATA={}>", self.len)?;
        }
        if self.closed && !self.flags.has(Flags::RST) {
            f.write_str("<WND=0>")?;
        }
        Ok(())
    }
}

/// The peer.
#[derive(Clone, Debug)]
pub struct Peer {
    pub us: SocketAddr,
    pub them: SocketAddr,
    timestamps: bool,
    /// The side may not say at once what it has taken.
    lazy: bool,
    /// The side's RCV.NXT and the right edge of its window, as far as the peer knows.
    next: u32,
    edge: u32,
    /// The side's initial number, if it has sent one.
    base: Option<u32>,
    /// The side's SND.NXT and SND.UNA, as far as the peer knows.
    side_next: u32,
    una: u32,
    /// The peer has sent its FIN in order: nothing of its own follows.
    ended: bool,
    /// The largest window that was offered to the side.
    max_window: u32,
    /// The right edge of the window that was offered to the side.
    offered: u32,
    clock: u32,
    echo: u32,
}

/// How far `a` lies after `b`.
fn after(a: u32, b: u32) -> i64 {
    i64::from(a.wrapping_sub(b) as i32)
}

fn plus(a: u32, n: i64) -> u32 {
    a.wrapping_add(n as u32)
}

impl Peer {
    pub fn new(us: SocketAddr, them: SocketAddr, script: &Script) -> Self {
        let start = UNKNOWN + 1;
        Self {
            us,
            them,
            timestamps: script.timestamps,
            lazy: script.lazy,
            next: ISS,
            edge: plus(ISS, 60_000),
            base: None,
            side_next: start,
            una: start,
            ended: false,
            max_window: 0,
            offered: start,
            clock: CLOCK,
            echo: 0,
        }
    }

    /// Whether the side has sent a SYN.
    pub fn knows_side(&self) -> bool {
        self.base.is_some()
    }

    fn numbers(&self, segment: &Segment) -> (u32, u32) {
        let seq = match segment.seq {
            None => self.next,
            Some(Seq::Next(n)) => plus(self.next, n),
            Some(Seq::Edge(n)) => plus(self.edge, n),
        };
        let ack = match segment.ack {
            Ack::Next(n) => plus(self.side_next, n),
            Ack::Una(n) => plus(self.una, n),
        };
        (seq, ack)
    }

    /// Octets that fit into the window that the peer was offered.
    pub fn room(&self) -> u32 {
        u32::try_from(after(self.edge, self.next)).unwrap_or_default()
    }

    /// Where this segment would lie.
    pub fn place(&self, segment: &Segment) -> Place {
        let (seq, _) = self.numbers(segment);
        let (offset, len) = (after(seq, self.next), i64::from(segment.seg_len()));
        let room = after(self.edge, seq);
        match offset {
            -1 if len == 0 => Place::Before,
            ..0 if len > 0 && offset + len == 0 => Place::Resent,
            ..0 if offset + len <= 0 => Place::Left,
            ..0 => Place::Overlap,
            // An empty segment at RCV.NXT is in order even where the window is closed.
            0 if room == 0 && len == 0 => Place::Next,
            _ if room == 0 => Place::Edge,
            _ if room < 0 => Place::Right,
            _ if room < len => Place::Across,
            0 => Place::Next,
            _ => Place::Inside,
        }
    }

    /// What its acknowledgment number would say.
    pub fn ack_kind(&self, segment: &Segment) -> AckKind {
        let (_, ack) = self.numbers(segment);
        if !segment.flags.has(Flags::ACK) {
            return AckKind::None;
        }
        match after(ack, self.una) {
            0 => AckKind::Same,
            n if n > after(self.side_next, self.una) => AckKind::Ahead,
            1.. => AckKind::New,
            n if n < -i64::from(self.max_window) => AckKind::Ancient,
            _ if self.base.is_some_and(|base| after(ack, base) <= 0) => AckKind::Never,
            _ => AckKind::Old,
        }
    }

    /// The packet with this segment, and how it is shown.
    pub fn send(&mut self, segment: &Segment) -> (Vec<u8>, Reply) {
        let (seq, ack) = self.numbers(segment);
        let has = |flag| segment.flags.has(flag);
        let window = match segment.window {
            Window::Size(octets) => octets,
            Window::Keep => u16::try_from(after(self.offered, ack).max(0)).unwrap_or(u16::MAX),
        };
        let timestamps = match segment.stamp {
            Stamp::Clock(n) if self.timestamps => Some(Timestamps {
                val: plus(self.clock, n),
                ecr: if has(Flags::ACK) { self.echo } else { 0 },
            }),
            _ => None,
        };
        self.clock += 1;
        let header = tcp::Header {
            source: self.us.port(),
            destination: self.them.port(),
            seq,
            ack: if has(Flags::ACK) { ack } else { 0 },
            flags: segment.flags,
            window,
            urgent: 0,
            options: Options { mss: has(Flags::SYN).then_some(MSS), timestamps, ..Options::default() },
        };
        // Each number has its own octet, however the text is cut.
        let first = seq.wrapping_add(u32::from(has(Flags::SYN)));
        let text: Vec<u8> = (0..segment.len).map(|n| octet(first.wrapping_add(n))).collect();
        let shown = Reply {
            flags: segment.flags.without(Flags::PSH),
            seq: Some(after(seq, ISS)),
            ack: has(Flags::ACK).then(|| after(ack, self.base())),
            len: segment.len,
            closed: window == 0,
            stamped: timestamps.is_some(),
        };
        self.note(segment, (seq, ack, window));
        (header.packet(&ip::Header::tcp(self.us.ip(), self.them.ip()), (&text, &[])), shown)
    }

    /// What a segment that is being sent means for what the peer knows.
    fn note(&mut self, segment: &Segment, (seq, ack, window): (u32, u32, u16)) {
        let (has, place) = (|flag| segment.flags.has(flag), self.place(segment));
        // Outside of the window nothing is taken, nor without a good ACK or with a SYN that begins nothing.
        let timely = !self.timestamps || matches!(segment.stamp, Stamp::Clock(0..));
        let begins = has(Flags::SYN) && (self.base.is_none() || seq == ISS);
        let whole = has(Flags::ACK) && (begins || !has(Flags::SYN)) && after(ack, self.side_next) <= 0;
        let taken =
            timely && whole && matches!(place, Place::Overlap | Place::Next | Place::Inside | Place::Across);
        let edge = ack.wrapping_add(window.into());
        if has(Flags::SYN) && !has(Flags::ACK) && seq == ISS {
            self.offered = self.side_next.wrapping_add(window.into());
        } else if taken && has(Flags::ACK) && !has(Flags::RST) && after(ack, self.side_next) <= 0 {
            if after(edge, self.offered) > 0 {
                self.offered = edge;
            }
            if after(ack, self.una) > 0 {
                self.una = ack;
            }
        }
        self.max_window = self.max_window.max(window.into());
        if has(Flags::RST) {
            return;
        }
        let end = seq.wrapping_add(segment.seg_len());
        if segment.seq.is_none() && !self.ended {
            self.next = self.next.wrapping_add(segment.seg_len());
        } else if self.lazy && taken && matches!(place, Place::Overlap | Place::Next) && !self.ended {
            self.next = end;
        }
        self.ended |= taken && has(Flags::FIN) && self.base.is_some();
    }

    /// SND.NXT and RCV.NXT of the side as far as the peer knows, as replies show them.
    pub fn next(&self) -> (i64, i64) {
        (after(self.side_next, self.base()), after(self.next, ISS))
    }

    fn base(&self) -> u32 {
        self.base.unwrap_or(UNKNOWN)
    }

    /// What the side has sent, if it concerns this peer.
    pub fn take(&mut self, packet: &[u8]) -> Option<Reply> {
        let (ip, segment) = ip::Header::parse(packet).ok()?;
        let concerns = ip.protocol == ip::TCP && ip.destination == self.us.ip() && !ip.fragment;
        let (header, text) =
            tcp::Header::parse(segment, ip.source, ip.destination).ok().filter(|_| concerns)?;
        if header.destination != self.us.port() || header.source != self.them.port() {
            return None;
        }
        let (has, len) = (|flag| header.flags.has(flag), text.len() as u32);
        if has(Flags::SYN) && self.base != Some(header.seq) {
            // A new connection, or the first one.
            self.base = Some(header.seq);
            self.una = header.seq;
            self.side_next = header.seq.wrapping_add(1);
            self.offered = self.side_next.wrapping_add(self.max_window);
        }
        let end = header.seq.wrapping_add(len + u32::from(has(Flags::SYN)) + u32::from(has(Flags::FIN)));
        if !has(Flags::RST) && after(end, self.side_next) > 0 {
            self.side_next = end;
        }
        if has(Flags::ACK) && !has(Flags::RST) && (has(Flags::SYN) || after(header.ack, self.next) >= 0) {
            self.next = header.ack;
            self.edge = header.ack.wrapping_add(header.window.into());
        }
        // SEG.SEQ =< Last.ACK.sent (RFC 7323 §4.3).
        if let Some(timestamps) = header.options.timestamps
            && (has(Flags::SYN) || after(header.seq, self.una) <= 0)
        {
            self.echo = timestamps.val;
        }
        // PUSH is a hint, and not compared.
        Some(Reply {
            flags: header.flags.without(Flags::PSH),
            seq: Some(after(header.seq, self.base())).filter(|_| !(has(Flags::RST) && header.seq == 0)),
            ack: has(Flags::ACK).then(|| after(header.ack, ISS)),
            len,
            closed: header.window == 0,
            // A SYN may offer what the peer has not.
            stamped: header.options.timestamps.is_some() && !has(Flags::SYN),
        })
    }
}

/// The octet with this number.
fn octet(number: u32) -> u8 {
    number.wrapping_sub(ISS) as u8
}

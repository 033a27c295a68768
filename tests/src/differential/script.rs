//! Scripts, and their text form: `listen; syn; ack; data len=20 seq=+5; shut; fin+ack ack=una; pause 300`.
//!
//! The steps are separated by semicolons. First, if they are wanted, `ipv6`, `timestamps` (the peer offers them) and `lazy` (acknowledgments may
//! be delayed). Then:
//!
//! | step | what it is |
//! |---|---|
//! | `listen`, `connect` | passive OPEN (connections are accepted as they come), active OPEN |
//! | `unlisten` | the listener goes, its connections stay |
//! | `send 10`, `receive` | SEND of so many octets, RECEIVE of all that is there |
//! | `shut`, `close`, `abort` | CLOSE while the user still receives; the user goes; ABORT |
//! | `syn`, `ack`, `fin+ack`, `none`, … | a segment of the peer with these control bits; `data` is `psh+ack len=10`, `data+fin` with a FIN |
//! | `fill` | text in order until the window is closed |
//! | `pause 300` | so many milliseconds pass |
//!
//! What may follow the control bits: `len=20` octets of text; `seq=+5` from RCV.NXT as the peer knows it, or `seq=edge-1` from the right edge of the window
//! that it was offered (a segment with `seq=` does not move the peer on, one without does); `ack=+1` from the number after all that has come from the side, or `ack=una-1` from what the
//! peer has acknowledged before; `win=0` the window field, or `win=keep` what leaves its right edge where it is; `ts=-5` the timestamp, from where the peer's clock stands, or `ts=none`.

use std::fmt;
use std::str::FromStr;
use tcpspec::Flags;

/// What is played to both sides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Script {
    pub ipv6: bool,
    /// The peer offers timestamps.
    pub timestamps: bool,
    /// Both sides may delay acknowledgments.
    pub lazy: bool,
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Call(Call),
    Segment(Segment),
    /// Milliseconds.
    Pause(u64),
    /// Text in order until the window is closed. What is said meanwhile is not compared.
    Fill,
}

/// A call of the user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    Listen,
    Unlisten,
    Connect,
    Send(u32),
    Receive,
    Shut,
    Close,
    Abort,
}

/// A segment of the peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    pub flags: Flags,
    pub len: u32,
    /// Nothing: in order, and the peer moves on.
    pub seq: Option<Seq>,
    pub ack: Ack,
    pub window: Window,
    pub stamp: Stamp,
}

/// A sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seq {
    /// From RCV.NXT.
    Next(i64),
    /// From the right edge of the window.
    Edge(i64),
}

/// An acknowledgment number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ack {
    /// From SND.NXT.
    Next(i64),
    /// From SND.UNA.
    Una(i64),
}

/// The window field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// So many octets.
    Size(u16),
    /// Up to the right edge that the peer has offered before.
    Keep,
}

/// The timestamp, where they are in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamp {
    /// From where the peer's clock stands.
    Clock(i64),
    None,
}

/// The window that the peer offers if nothing else is said.
pub const WINDOW: Window = Window::Size(60_000);
/// Octets of `data`.
const DATA: u32 = 10;

impl Segment {
    pub fn new(flags: Flags, len: u32) -> Self {
        Self { flags, len, seq: None, ack: Ack::Next(0), window: WINDOW, stamp: Stamp::Clock(0) }
    }

    /// SEG.LEN.
    pub fn seg_len(&self) -> u32 {
        self.len + u32::from(self.flags.has(Flags::SYN)) + u32::from(self.flags.has(Flags::FIN))
    }

    /// Its control bits and whether it has text, without numbers: `syn`, `data+fin`; and what is odd with its timestamp: `ack/old-ts`, if timestamps are in use.
    pub fn kind(&self, timestamps: bool) -> String {
        let flags = self.flags.without(Flags::PSH);
        let name = flags_name(flags);
        let name = match self.len {
            0 => name,
            _ if flags == Flags::ACK => "data".into(),
            _ if flags == Flags::ACK.with(Flags::FIN) => "data+fin".into(),
            _ => format!("{name}+data"),
        };
        match self.stamp {
            Stamp::Clock(..0) if timestamps => format!("{name}/old-ts"),
            // One without is taken as if none had been agreed on.
            _ => name,
        }
    }
}

const NAMES: [(Flags, &str); 6] = [
    (Flags::SYN, "syn"),
    (Flags::FIN, "fin"),
    (Flags::RST, "rst"),
    (Flags::PSH, "psh"),
    (Flags::URG, "urg"),
    (Flags::ACK, "ack"),
];

fn flags_name(flags: Flags) -> String {
    let names: Vec<_> =
        NAMES.into_iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, name)| name).collect();
    if names.is_empty() { "none".into() } else { names.join("+") }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks = [(self.ipv6, "ipv6"), (self.timestamps, "timestamps"), (self.lazy, "lazy")];
        let marks = marks.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned());
        let all: Vec<_> = marks.chain(self.steps.iter().map(ToString::to_string)).collect();
        f.write_str(&all.join("; "))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => call.fmt(f),
            Self::Segment(segment) => segment.fmt(f),
            Self::Pause(ms) => write!(f, "pause {ms}"),
            Self::Fill => f.write_str("fill"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen => f.write_str("listen"),
            Self::Unlisten => f.write_str("unlisten"),
            Self::Connect => f.write_str("connect"),
            Self::Send(octets) => write!(f, "send {octets}"),
            Self::Receive => f.write_str("receive"),
            Self::Shut => f.write_str("shut"),
            Self::Close => f.write_str("close"),
            Self::Abort => f.write_str("abort"),
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.flags.without(Flags::PSH);
        let data = self.len == DATA && self.flags.has(Flags::PSH);
        if data && bits == Flags::ACK {
            f.write_str("data")?;
        } else if data && bits == Flags::ACK.with(Flags::FIN) {
            f.write_str("data+fin")?;
        } else {
            f.write_str(&flags_name(self.flags))?;
            if self.len > 0 {
                write!(f, " len={}", self.len)?;
            }
        }
        match self.seq {
            None => {}
            Some(Seq::Next(n)) => write!(f, " seq={n:+}")?,
            Some(Seq::Edge(n)) => write!(f, " seq=edge{n:+}")?,
        }
        match self.ack {
            Ack::Next(0) => {}
            Ack::Next(n) => write!(f, " ack={n:+}")?,
            Ack::Una(n) => write!(f, " ack=una{n:+}")?,
        }
        match self.window {
            WINDOW => {}
            Window::Size(octets) => write!(f, " win={octets}")?,
            Window::Keep => f.write_str(" win=keep")?,
        }
        match self.stamp {
            Stamp::Clock(0) => Ok(()),
            Stamp::Clock(n) => write!(f, " ts={n:+}"),
            Stamp::None => f.write_str(" ts=none"),
        }
    }
}

impl FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        for step in text.split(';').map(str::trim).filter(|step| !step.is_empty()) {
            match step {
                "ipv6" => script.ipv6 = true,
                "timestamps" => script.timestamps = true,
                "lazy" => script.lazy = true,
                _ => script.steps.push(step.parse()?),
            }
        }
        Ok(script)
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let first = words.next().ok_or("an empty step")?;
        let call = match first {
            "pause" => return Ok(Self::Pause(argument(text, words.next())?)),
            "fill" => return Ok(Self::Fill),
            "send" => Call::Send(argument(text, words.next())?),
            "listen" => Call::Listen,
            "unlisten" => Call::Unlisten,
            "connect" => Call::Connect,
            "receive" => Call::Receive,
            "shut" => Call::Shut,
            "close" => Call::Close,
            "abort" => Call::Abort,
            _ => return segment(first, words).map(Self::Segment),
        };
        Ok(Self::Call(call))
    }
}

fn argument<T: FromStr>(step: &str, word: Option<&str>) -> Result<T, String> {
    word.and_then(|word| word.parse().ok()).ok_or_else(|| format!("`{step}` needs a number"))
}

fn segment<'a>(first: &str, words: impl Iterator<Item = &'a str>) -> Result<Segment, String> {
    let mut segment = match first {
        "data" => Segment::new(Flags::PSH.with(Flags::ACK), DATA),
        "data+fin" => Segment::new(Flags::PSH.with(Flags::ACK).with(Flags::FIN), DATA),
        "none" => Segment::new(Flags::default(), 0),
        _ => {
            let mut flags = Flags::default();
            for name in first.split('+') {
                let known = NAMES.iter().find(|(_, known)| *known == name);
                flags = flags.with(known.ok_or_else(|| format!("`{name}` is no step and no control bit"))?.0);
            }
            Segment::new(flags, 0)
        }
    };
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not name=value"))?;
        let wrong = || format!("`{word}`: no number");
        let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| wrong()) };
        match name {
            "len" => segment.len = value.parse().map_err(|_| wrong())?,
            "win" if value == "keep" => segment.window = Window::Keep,
            "win" => segment.window = value.parse().map(Window::Size).map_err(|_| wrong())?,
            "seq" => {
                segment.seq = Some(match value.strip_prefix("edge") {
                    Some(rest) => Seq::Edge(number(rest)?),
                    None => Seq::Next(number(value)?),
                });
            }
            "ack" => {
                segment.ack = match value.strip_prefix("una") {
                    Some(rest) => Ack::Una(number(rest)?),
                    None => Ack::Next(number(value)?),
                }
            }
            "ts" if value == "none" => segment.stamp = Stamp::None,
            "ts" => segment.stamp = Stamp::Clock(number(value)?),
            _ => return Err(format!("`{name}` is not len, win, seq, ack or ts")),
        }
    }
    Ok(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = "ipv6; timestamps; lazy; listen; syn; ack ack=una-1; data; data+fin seq=+5 win=0; connect; send 10; \
                    receive; shut; close; abort; unlisten; none seq=edge-1; psh+ack len=7 ts=-5; syn+ack ack=+1 ts=none; pause 300; fill; ack win=keep";
        assert_eq!(text.parse::<Script>().unwrap().to_string(), text);
        for wrong in ["sin", "send", "ack seq=x", "ack 5", "ack sec=1"] {
            assert!(wrong.parse::<Script>().is_err(), "{wrong}");
        }
    }
}

//! Where two runs of a script differ.
//!
//! Normalised before: initial numbers, timestamps and their clocks, windows but for being closed, options and their order, the PUSH bit, how text is
//! cut into segments, how often and how much is sent again.

use super::lazy::Acknowledged;
use super::peer::{AckKind, Place, Reply};
use super::reasons::{self, Reason};
use super::run::Seen;
use super::side::Outcome;
use std::fmt;
use tcpspec::Flags;

/// A difference, without the numbers that do not matter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Class {
    pub state: String,
    pub what: String,
    pub place: &'static str,
    pub ack: &'static str,
    pub ours: String,
    pub kernel: String,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, what, place, ack, ours, kernel } = self;
        write!(f, "{state}: {what}, {place}, {ack}: ours {ours}; the kernel {kernel}")
    }
}

/// Where a script differs, and why that may be.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The step's index.
    pub step: usize,
    pub class: Class,
    pub reason: Option<&'static Reason>,
}

/// All differences up to the first after which the two sides are no longer where they could be compared.
/// `follow`: also where the two go different ways unseen, so that what follows shows it.
pub fn compare(ours: &[Seen], kernel: &[Seen], follow: bool) -> Vec<Difference> {
    let mut differences = Vec::new();
    let (mut timed_out, mut acknowledged) = (false, Acknowledged::default());
    for (step, (a, b)) in ours.iter().zip(kernel).enumerate() {
        // Without a window there is no edge for a number to be counted from; and who delays has said less of RCV.NXT.
        if a.segment != b.segment && (a.place.is_none() || a.lazy) {
            break;
        }
        timed_out |= sent_again(a) || sent_again(b);
        let delayed = acknowledged.step(a, b) && a.lazy;
        if same(a, b) || delayed {
            if !follow && parts_unseen(a) {
                break;
            }
            continue;
        }
        if timed_out && a.after == b.after && a.outcome == b.outcome && (has_text(a) || has_text(b)) {
            // What leaves after a timeout, or after our SYN was lost, is the congestion window's to say.
            break;
        }
        let class = class(a, b);
        let reason = reasons::find(&class);
        differences.push(Difference { step, class, reason });
        if a.after != b.after || reason.is_none_or(|reason| !reason.goes_on) {
            break;
        }
    }
    differences
}

/// The two go different ways here, as listed, even where their answers are the same: an ACK of what was never sent keeps text from the
/// kernel's user, a SYN keeps its text and FIN from him, and at the edges of the window the kernel takes an ACK that we do not take. The systematic scripts show both.
fn parts_unseen(seen: &Seen) -> bool {
    let Some(segment) = &seen.segment else { return false };
    let more = segment.len > 0 || segment.flags.has(Flags::FIN);
    let opening = segment.flags.has(Flags::SYN) && matches!(seen.before.as_str(), "LISTEN" | "SYN-SENT");
    let edges = matches!(seen.place, Some(Place::Resent | Place::Edge)) && seen.ack == AckKind::New;
    more && (opening || edges || matches!(seen.ack, AckKind::Never | AckKind::Ancient))
}

pub(super) fn same(a: &Seen, b: &Seen) -> bool {
    replies(a) == replies(b) && a.outcome == b.outcome && a.after == b.after
}

/// Whether this was sent before.
fn is_again(reply: &Reply, seen: &Seen) -> bool {
    let counts = reply.len > 0 || reply.flags.has(Flags::FIN);
    counts && !reply.flags.has(Flags::SYN) && reply.seq.is_some_and(|seq| seq < seen.next.0)
}

/// Something was sent again because nobody has acknowledged it.
fn sent_again(seen: &Seen) -> bool {
    let again = |reply: &Reply| is_again(reply, seen) || reply.flags.has(Flags::SYN);
    seen.what == "pause" && seen.replies.iter().any(again)
}

/// Text or a FIN leaves, be it for the first time or again.
fn has_text(seen: &Seen) -> bool {
    seen.replies.iter().any(|reply| reply.len > 0 || reply.flags.has(Flags::FIN))
}

/// What is compared: how much is sent again at once is the sender's choice.
fn replies(seen: &Seen) -> Vec<Reply> {
    let len = |reply: &Reply| if is_again(reply, seen) { 0 } else { reply.len };
    // Where a number is the same on both sides but for what has been filled into a window, it counts from where that stood.
    let (snd_nxt, rcv_nxt) = seen.next;
    let from = |number: Option<i64>, start| number.map(|number| number - start);
    let plain = |reply: &Reply| Reply {
        len: len(reply),
        seq: from(reply.seq, snd_nxt),
        ack: from(reply.ack, rcv_nxt),
        ..reply.clone()
    };
    seen.replies.iter().map(plain).collect()
}

fn class(ours: &Seen, kernel: &Seen) -> Class {
    // As few words as tell the two apart, so that numbers of the script do not make classes of their own.
    let words = |detail| (behaviour(ours, kernel, detail), behaviour(kernel, ours, detail));
    let both = [Detail::Kinds, Detail::Stamps, Detail::Signs, Detail::Numbers].map(words);
    let (ours_did, kernel_did) = both.iter().find(|(a, b)| a != b).cloned().unwrap_or_default();
    Class {
        state: ours.before.clone(),
        what: ours.what.clone(),
        place: ours.place.map_or("", |place| place.name()),
        ack: if ours.segment.is_some() { ours.ack.name() } else { "" },
        ours: ours_did,
        kernel: kernel_did,
    }
}

/// How much is said of a reply's numbers.
#[derive(Clone, Copy)]
enum Detail {
    Kinds,
    /// Whether there is a timestamp.
    Stamps,
    /// Whether they have moved.
    Signs,
    Numbers,
}

/// What a side did, in words that leave out what both did.
fn behaviour(seen: &Seen, other: &Seen, detail: Detail) -> String {
    let replies: Vec<_> = seen.replies.iter().map(|reply| show(reply, seen, detail)).collect();
    let mut words = Vec::new();
    if let Some(outcome) = seen.outcome.as_ref().filter(|_| seen.outcome != other.outcome) {
        words.push(match (detail, outcome) {
            (Detail::Numbers, _) | (_, Outcome::Failed(_)) => outcome.to_string(),
            (_, Outcome::Text(_)) => "text".into(),
            (_, Outcome::Taken(0)) => "takes nothing".into(),
            (_, Outcome::Taken(_)) => "takes text".into(),
            _ => outcome.to_string(),
        });
    }
    if replies.is_empty() && words.is_empty() {
        words.push("silent".into());
    } else if !replies.is_empty() {
        words.push(replies.join(" "));
    }
    if seen.after != other.after {
        let stays = seen.before.split('/').next() == Some(seen.after);
        words.push(match seen.after {
            _ if stays => "stays".into(),
            // Whether a listener is left says nothing about the connection.
            "CLOSED" | "LISTEN" => "gone".into(),
            other => other.into(),
        });
    }
    words.join(", ")
}

/// A segment, with its numbers from where the side stood before.
fn show(reply: &Reply, seen: &Seen, detail: Detail) -> String {
    let (snd_nxt, rcv_nxt) = seen.next;
    let number = |name, from: Option<i64>, to| match (detail, from.map(|n| n - to)) {
        (_, None | Some(0)) => String::new(),
        (Detail::Signs, Some(n)) => format!(" {name}{}n", if n > 0 { '+' } else { '-' }),
        (_, Some(n)) => format!(" {name}{n:+}"),
    };
    let kind = if is_again(reply, seen) { format!("{}+again", reply.flags) } else { reply.kind() };
    match detail {
        Detail::Kinds => return kind,
        Detail::Stamps if reply.stamped => return format!("{kind} ts"),
        Detail::Stamps => return kind,
        Detail::Signs | Detail::Numbers => {}
    }
    let closed = if reply.closed && !reply.flags.has(Flags::RST) { " closed" } else { "" };
    let (seq, ack) = (number("seq", reply.seq, snd_nxt), number("ack", reply.ack, rcv_nxt));
    let len = if matches!(detail, Detail::Numbers) && reply.len > 0 && !is_again(reply, seen) {
        format!(" len={}", reply.len)
    } else {
        String::new()
    };
    format!("{kind}{seq}{ack}{len}{closed}")
}

//! Where acknowledgments may be delayed: one that says something new may come at once on one side and later on the other, but both have said it
//! when a pause is over (RFC 9293 §3.8.6.3 allows half a second), and never more than there is to say.

use super::peer::Reply;
use super::run::Seen;
use tcpspec::Flags;

/// What both have acknowledged so far.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged {
    ours: i64,
    kernel: i64,
}

impl Default for Acknowledged {
    fn default() -> Self {
        Self { ours: i64::MIN, kernel: i64::MIN }
    }
}

fn is_pure(reply: &Reply) -> bool {
    reply.flags == Flags::ACK && reply.len == 0
}

/// The last number that a step acknowledges by a segment of its own.
fn last(seen: &Seen) -> Option<i64> {
    seen.replies.iter().rfind(|reply| is_pure(reply)).and_then(|reply| reply.ack)
}

fn highest(seen: &Seen, before: i64) -> i64 {
    let acks = seen.replies.iter().filter(|reply| !reply.flags.has(Flags::RST)).filter_map(|reply| reply.ack);
    acks.fold(before, i64::max)
}

impl Acknowledged {
    /// Whether the step is the same on both sides but for delays; takes note of what it acknowledges.
    pub fn step(&mut self, ours: &Seen, kernel: &Seen) -> bool {
        let opens = |seen: &Seen| seen.replies.iter().any(|reply| reply.flags.has(Flags::SYN));
        if opens(ours) || opens(kernel) {
            // A new connection counts anew.
            *self = Self::default();
        }
        let before = *self;
        *self = Self { ours: highest(ours, before.ours), kernel: highest(kernel, before.kernel) };
        let rest = |seen: &Seen| -> Vec<Reply> {
            seen.replies.iter().filter(|reply| !is_pure(reply)).cloned().collect()
        };
        let acks = match (last(ours), last(kernel)) {
            (None, None) => true,
            (Some(a), Some(b)) => a == b,
            // The other one may owe this, or has said it before.
            (Some(a), None) => a > before.kernel || before.kernel > before.ours,
            (None, Some(b)) => b > before.ours || before.ours > before.kernel,
        };
        let settled = ours.what != "pause" || self.ours == self.kernel;
        acks && settled
            && rest(ours) == rest(kernel)
            && ours.outcome == kernel.outcome
            && ours.after == kernel.after
    }
}

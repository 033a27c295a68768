//! What has been sent and is not acknowledged, and what is known of each part of it (RFC 6675 §3, RFC 8985 §5.1).
//!
//! Numbers are covered by pieces without gap or overlap. A piece is what was sent at one time. Pieces that the peer
//! has selectively acknowledged are joined, and so are pieces that are lost. So work for an acknowledgment grows only with the number of holes.

use super::Block;
use crate::base::Time;
use crate::tcp::memo::Memo;
use std::collections::VecDeque;
use tcpspec::{Full, Seq};

/// Pieces kept at most. Beyond that, what is sent joins the last piece, and an acknowledgment of a part of a piece counts once it covers the whole.
const MAX_PIECES: usize = 8192;
/// Pieces that SACK blocks may make of others, beside two for each full segment: an honest peer acknowledges segments, and each acknowledgment goes through the pieces (CVE-2019-11478).
const PARTS: u32 = 64;
/// Room that stays reserved when nothing is outstanding.
const IDLE_PIECES: usize = 4;

/// A transmission: its time, and its place in the order of all, since many leave at the same moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Time,
    pub(crate) order: u64,
}

/// What is known of a piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Under way, as far as we know.
    Flying {
        /// When it was last sent.
        at: Sent,
        /// It was sent more than once.
        again: bool,
    },
    /// Lost, and not sent again since.
    Lost {
        /// It was sent more than once.
        again: bool,
    },
    /// The peer has it.
    Sacked {
        /// In so many segments, about.
        segments: u32,
    },
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    seq: Seq<Full>,
    len: u32,
    fate: Fate,
}

impl Piece {
    fn end(&self) -> Seq<Full> {
        self.seq.plus(self.len)
    }

    /// Both as one, if nothing is lost by that.
    fn join(&self, next: &Self) -> Option<Self> {
        let fate = match (self.fate, next.fate) {
            (Fate::Sacked { segments: a }, Fate::Sacked { segments: b }) => {
                Fate::Sacked { segments: a.saturating_add(b) }
            }
            (Fate::Lost { again: a }, Fate::Lost { again: b }) if a == b => Fate::Lost { again: a },
            _ => return None,
        };
        Some(Self { len: self.len + next.len, fate, ..*self })
    }
}

/// Something that has just been acknowledged, cumulatively or selectively.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Delivered {
    /// The number after it.
    pub(crate) end: Seq<Full>,
    /// Numbers.
    pub(crate) len: u32,
    /// When it was last sent; unknown if it had been taken for lost.
    pub(crate) sent: Option<Sent>,
    /// It was sent more than once.
    pub(crate) again: bool,
}

/// What to make of a piece that is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It is lost.
    Lost,
    /// That shows later.
    Waits,
    /// It was sent too late to be judged; so was everything after it that was sent once only.
    TooYoung,
}

/// The retransmission queue without its text.
#[derive(Debug, Default)]
pub(crate) struct Scoreboard {
    pieces: VecDeque<Piece>,
    una: Seq<Full>,
    end: Seq<Full>,
    flying: u32,
    lost: u32,
    sacked: u32,
    segments_sacked: u32,
    /// Pieces under way that were sent more than once.
    resent: u32,
    /// Pieces that SACK blocks have made of others, about.
    parts: u32,
    /// Transmissions so far.
    order: u64,
}

impl Scoreboard {
    /// Nothing is sent yet; the first number will be `first`.
    pub(crate) fn begin(&mut self, first: Seq<Full>) {
        *self = Self { una: first, end: first, ..Self::default() };
        // The SYN, and for many connections never more at once.
        self.pieces.reserve_exact(1);
    }

    /// Nothing is outstanding.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.una == self.end
    }

    /// Octets of memory that it takes beside itself.
    pub(crate) fn memory(&self) -> usize {
        self.pieces.capacity() * size_of::<Piece>()
    }

    /// What is kept of an empty one, both ways.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self {
            pieces: _,
            una,
            end,
            flying: _,
            lost: _,
            sacked: _,
            segments_sacked: _,
            resent: _,
            parts: _,
            order: _,
        } = self;
        memo.ours(una);
        *end = *una;
    }

    /// SND.UNA.
    pub(crate) fn una(&self) -> Seq<Full> {
        self.una
    }

    /// The number after the last one ever sent.
    pub(crate) fn end(&self) -> Seq<Full> {
        self.end
    }

    /// Numbers under way: "pipe" of RFC 6675.
    pub(crate) fn flying(&self) -> u32 {
        self.flying
    }

    /// Numbers lost and not sent again.
    pub(crate) fn lost(&self) -> u32 {
        self.lost
    }

    /// Pieces kept, and how many there is room for.
    #[cfg(test)]
    pub(crate) fn pieces(&self) -> (usize, usize) {
        (self.pieces.len(), self.pieces.capacity())
    }

    /// Numbers selectively acknowledged.
    pub(crate) fn sacked(&self) -> u32 {
        self.sacked
    }

    /// Segments selectively acknowledged.
    pub(crate) fn segments_sacked(&self) -> u32 {
        self.segments_sacked
    }

    /// One look tells: nothing that is still under way is older than something that has arrived. `is_older` says that of a place in the
    /// order of sending and the number after it.
    pub(crate) fn is_young(&self, is_older: impl Fn(u64, Seq<Full>) -> bool) -> bool {
        let first = match self.pieces.front().map(|piece| (piece.fate, piece.end())) {
            Some((Fate::Flying { at, .. }, end)) => !is_older(at.order, end),
            Some(_) => false,
            None => true,
        };
        first && self.sacked == 0 && self.lost == 0 && self.resent == 0
    }

    /// Numbers not acknowledged cumulatively.
    pub(crate) fn outstanding(&self) -> u32 {
        self.una.distance(self.end)
    }

    /// The oldest part that is lost.
    #[inline]
    pub(crate) fn first_lost(&self) -> Option<Block> {
        if self.lost == 0 { None } else { self.find_lost() }
    }

    fn find_lost(&self) -> Option<Block> {
        let piece = self.pieces.iter().find(|piece| matches!(piece.fate, Fate::Lost { .. }))?;
        Some((piece.seq, piece.end()))
    }

    /// The newest part that the peer is not known to have.
    pub(crate) fn last_unsacked(&self) -> Option<Block> {
        let piece = self.pieces.iter().rev().find(|piece| !matches!(piece.fate, Fate::Sacked { .. }))?;
        Some((piece.seq, piece.end()))
    }

    /// The peer had the oldest part and has it no longer: it has reneged (RFC 2018 §8).
    pub(crate) fn has_reneged(&self) -> bool {
        self.pieces.front().is_some_and(|piece| matches!(piece.fate, Fate::Sacked { .. }))
    }

    /// Transmissions so far: the place in the order of the last one.
    pub(crate) fn order(&self) -> u64 {
        self.order
    }

    /// Something is sent: for the first time if it begins at [`end`](Self::end), else again.
    pub(crate) fn sent(&mut self, seq: Seq<Full>, len: u32, now: Time) {
        self.order += 1;
        let sent = Sent { at: now, order: self.order };
        if seq != self.end {
            let until = if self.end.before(seq.plus(len)) { self.end } else { seq.plus(len) };
            self.assign((seq, until), Fate::Flying { at: sent, again: true }, |_| {});
            return;
        }
        self.end = seq.plus(len);
        self.flying += len;
        let full = self.pieces.len() >= MAX_PIECES;
        if let Some(last) = self.pieces.back_mut().filter(|_| full)
            && let Fate::Flying { at, .. } = &mut last.fate
        {
            *at = sent;
            last.len += len;
            return;
        }
        self.pieces.push_back(Piece { seq, len, fate: Fate::Flying { at: sent, again: false } });
    }

    /// The same as [`acknowledge`](Self::acknowledge) where all that is outstanding was sent once and is under way: the first and the last transmission of which
    /// something is acknowledged now. Nothing is done if it is otherwise, or if nothing new is acknowledged.
    #[inline]
    pub(crate) fn acknowledge_plain(&mut self, una: Seq<Full>) -> Option<(Sent, Sent)> {
        let is_plain = (self.lost | self.sacked) == 0 && self.resent == 0;
        if !is_plain || !self.una.before(una) || self.end.before(una) {
            return None;
        }
        let mut sent: Option<(Sent, Sent)> = None;
        while let Some(piece) = self.pieces.front_mut() {
            let Fate::Flying { at, .. } = piece.fate else { break };
            let acked = piece.seq.distance(una).min(piece.len);
            // Also where it begins after what is acknowledged.
            if acked == 0 || una.before(piece.seq) {
                break;
            }
            sent = Some((sent.map_or(at, |(first, _)| first), at));
            if acked < piece.len {
                (piece.seq, piece.len) = (una, piece.len - acked);
                break;
            }
            self.pieces.pop_front();
        }
        // Nothing was taken: it is otherwise.
        let sent = sent?;
        self.flying = self.flying.saturating_sub(self.una.distance(una));
        self.una = una;
        if self.pieces.is_empty() && self.pieces.capacity() > IDLE_PIECES {
            self.pieces.shrink_to(IDLE_PIECES);
        }
        Some(sent)
    }

    /// Everything before `una` is acknowledged.
    pub(crate) fn acknowledge(&mut self, una: Seq<Full>, mut delivered: impl FnMut(Delivered)) {
        if !self.una.before(una) || self.end.before(una) {
            return;
        }
        self.una = una;
        while let Some(&piece) = self.pieces.front() {
            if !piece.seq.before(una) {
                break;
            }
            let part = Piece { len: piece.seq.distance(una).min(piece.len), ..piece };
            report(&part, &mut delivered);
            self.count(&piece, false);
            self.pieces.pop_front();
            if part.len < piece.len {
                let rest = Piece { seq: una, len: piece.len - part.len, fate: piece.fate };
                self.count(&rest, true);
                self.pieces.push_front(rest);
            }
        }
        if self.pieces.is_empty() && self.pieces.capacity() > IDLE_PIECES {
            self.pieces.shrink_to(IDLE_PIECES);
        }
    }

    /// The peer has this block, which lies within what is outstanding. `mss` to count segments.
    pub(crate) fn sack(&mut self, block: Block, mss: u32, mut delivered: impl FnMut(Delivered)) {
        self.assign(block, Fate::Sacked { segments: mss.max(1) }, |piece| report(piece, &mut delivered));
    }

    /// This much of the oldest part is lost.
    pub(crate) fn lose_front(&mut self, len: u32) {
        let until = self.una.plus(len.min(self.outstanding()));
        self.assign((self.una, until), Fate::Lost { again: false }, |_| {});
    }

    /// What the peer says it has does not count any more.
    pub(crate) fn forget_sacks(&mut self) {
        for index in 0..self.pieces.len() {
            let Some(&piece) = self.pieces.get(index) else { break };
            if matches!(piece.fate, Fate::Sacked { .. }) {
                self.replace(index, Fate::Lost { again: true });
            }
        }
        self.join(0, self.pieces.len());
    }

    /// Judges what is under way by when it was sent and the number after it. True if something was lost.
    pub(crate) fn judge(&mut self, mut verdict: impl FnMut(Sent, Seq<Full>) -> Verdict) -> bool {
        let (mut resent, mut originals_done) = (self.resent, false);
        let mut lost: Option<(usize, usize)> = None;
        for index in 0..self.pieces.len() {
            let Some(&piece) = self.pieces.get(index) else { break };
            if let Fate::Flying { at, again } = piece.fate
                && (again || !originals_done)
            {
                resent = resent.saturating_sub(u32::from(again));
                match verdict(at, piece.end()) {
                    Verdict::Lost => {
                        self.replace(index, Fate::Lost { again });
                        lost = Some((lost.map_or(index, |(first, _)| first), index));
                    }
                    Verdict::TooYoung if !again => originals_done = true,
                    Verdict::Waits | Verdict::TooYoung => {}
                }
            }
            if originals_done && resent == 0 {
                break;
            }
        }
        if let Some((first, last)) = lost {
            self.join(first.saturating_sub(1), last);
        }
        lost.is_some()
    }

    /// Gives a new fate to what lies in the block and is not with the peer yet. `old` is told the former fate.
    fn assign(&mut self, (from, until): Block, fate: Fate, mut old: impl FnMut(&Piece)) {
        let most = match fate {
            Fate::Sacked { segments: mss } => Some(PARTS + 2 * (self.outstanding() / mss)),
            Fate::Lost { .. } | Fate::Flying { .. } => None,
        };
        self.parts = self.parts.min(self.pieces.len() as u32);
        let first = self.pieces.partition_point(|piece| piece.end().at_or_before(from));
        let mut index = first;
        while let Some(&piece) = self.pieces.get(index) {
            if !piece.seq.before(until) {
                break;
            }
            if matches!(piece.fate, Fate::Sacked { .. }) {
                index += 1;
                continue;
            }
            if piece.seq.before(from) || until.before(piece.end()) {
                let at = if piece.seq.before(from) { from } else { until };
                if self.split(index, at, most) {
                    // The same place again: either the part before the block, or the part within.
                    index += usize::from(piece.seq.before(from));
                    continue;
                }
                if matches!(fate, Fate::Sacked { .. }) {
                    // No room to note a part: as if nothing were known.
                    index += 1;
                    continue;
                }
            }
            old(&piece);
            let fate = match fate {
                Fate::Sacked { segments: mss } => Fate::Sacked { segments: piece.len.div_ceil(mss) },
                Fate::Lost { .. } => Fate::Lost { again: is_again(&piece) },
                Fate::Flying { .. } => fate,
            };
            self.replace(index, fate);
            index += 1;
        }
        self.join(first.saturating_sub(1), index);
    }

    /// Splits a piece; false if there are too many. `most`: a SACK block wants it, and may make so many.
    fn split(&mut self, index: usize, at: Seq<Full>, most: Option<u32>) -> bool {
        if self.pieces.len() >= MAX_PIECES || most.is_some_and(|most| self.parts >= most) {
            return false;
        }
        let Some(piece) = self.pieces.get_mut(index) else { return false };
        let rest = Piece { seq: at, len: at.distance(piece.end()), fate: piece.fate };
        piece.len -= rest.len;
        self.resent += u32::from(matches!(rest.fate, Fate::Flying { again: true, .. }));
        self.pieces.insert(index + 1, rest);
        self.parts += u32::from(most.is_some());
        true
    }

    fn replace(&mut self, index: usize, fate: Fate) {
        let Some(&piece) = self.pieces.get(index) else { return };
        self.count(&piece, false);
        let new = Piece { fate, ..piece };
        self.count(&new, true);
        if let Some(place) = self.pieces.get_mut(index) {
            *place = new;
        }
    }

    /// Joins pieces of the same kind, from `first` to the one after `last`.
    fn join(&mut self, first: usize, last: usize) {
        let (mut index, mut last) = (first, last + 1);
        while index < last {
            let (Some(a), Some(b)) = (self.pieces.get(index), self.pieces.get(index + 1)) else { break };
            if let Some(both) = a.join(b) {
                self.pieces.remove(index + 1);
                if let Some(place) = self.pieces.get_mut(index) {
                    *place = both;
                }
                last -= 1;
            } else {
                index += 1;
            }
        }
    }

    fn count(&mut self, piece: &Piece, is_there: bool) {
        let add = |total: &mut u32, n: u32| {
            *total = if is_there { *total + n } else { total.saturating_sub(n) };
        };
        match piece.fate {
            Fate::Flying { again, .. } => {
                add(&mut self.flying, piece.len);
                if again {
                    self.resent = if is_there { self.resent + 1 } else { self.resent.saturating_sub(1) };
                }
            }
            Fate::Lost { .. } => add(&mut self.lost, piece.len),
            Fate::Sacked { segments } => {
                add(&mut self.sacked, piece.len);
                add(&mut self.segments_sacked, segments);
            }
        }
    }
}

fn is_again(piece: &Piece) -> bool {
    match piece.fate {
        Fate::Flying { again, .. } | Fate::Lost { again } => again,
        Fate::Sacked { .. } => true,
    }
}

fn report(piece: &Piece, delivered: &mut impl FnMut(Delivered)) {
    let sent = match piece.fate {
        Fate::Flying { at, .. } => Some(at),
        Fate::Lost { .. } => None,
        Fate::Sacked { .. } => return,
    };
    delivered(Delivered { end: piece.end(), len: piece.len, sent, again: is_again(piece) });
}

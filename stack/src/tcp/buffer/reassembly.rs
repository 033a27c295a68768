//! The reassembly queue: text and FIN that came before their turn (SHLD-31), bounded in pieces and octets.

use crate::tcp::recovery::Block;
use std::collections::VecDeque;
use tcpspec::{Full, Seq};

/// Pieces kept at most.
const MAX_PIECES: usize = 1024;
/// Octets that are joined to one piece at most.
const JOIN: usize = 64 << 10;
/// A piece of so many octets at most is moved, to be joined to what comes right before it.
const MOVED: usize = 8 << 10;

/// The reassembly queue: what came early, sorted, without overlap.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    pieces: VecDeque<Piece>,
    octets: usize,
}

/// A piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    pub(crate) seq: Seq<Full>,
    pub(crate) text: Vec<u8>,
    pub(crate) fin: bool,
}

impl Piece {
    /// The number after it.
    fn end(&self) -> Seq<Full> {
        self.seq.plus(self.text.len() as u32 + u32::from(self.fin))
    }
}

impl Reassembly {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Octets kept.
    #[cfg(test)]
    pub(crate) fn octets(&self) -> usize {
        self.octets
    }

    /// Octets of memory that they take.
    pub(crate) fn memory(&self) -> usize {
        self.octets + self.pieces.capacity() * size_of::<Piece>()
    }

    /// All pieces: number, octets of text, whether a FIN follows.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Seq<Full>, u32, bool)> {
        self.pieces.iter().map(|piece| (piece.seq, piece.text.len() as u32, piece.fin))
    }

    /// The first piece.
    pub(crate) fn first(&self) -> Option<&Piece> {
        self.pieces.front()
    }

    /// Takes the first piece away.
    pub(crate) fn pop(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.octets = self.octets.saturating_sub(piece.text.len());
        if self.pieces.is_empty() {
            self.clear();
        }
        Some(piece)
    }

    /// All numbers without a hole around this one, if it is kept.
    pub(crate) fn around(&self, number: Seq<Full>) -> Option<Block> {
        let index = self.pieces.partition_point(|piece| piece.end().at_or_before(number));
        let piece = self.pieces.get(index).filter(|piece| piece.seq.at_or_before(number))?;
        let (mut from, mut until) = (piece.seq, piece.end());
        for before in self.pieces.range(..index).rev() {
            if before.end() != from {
                break;
            }
            from = before.seq;
        }
        for after in self.pieces.range(index + 1..) {
            if after.seq != until {
                break;
            }
            until = after.end();
        }
        Some((from, until))
    }

    /// The first part of this block that is kept, as far as it goes without a hole.
    pub(crate) fn first_of(&self, (from, until): Block) -> Option<Block> {
        let index = self.pieces.partition_point(|piece| piece.end().at_or_before(from));
        let piece = self.pieces.get(index).filter(|piece| piece.seq.before(until))?;
        let start = if piece.seq.before(from) { from } else { piece.seq };
        let mut end = piece.end();
        for after in self.pieces.range(index + 1..) {
            if after.seq != end {
                break;
            }
            end = after.end();
        }
        Some((start, if until.before(end) { until } else { end }))
    }

    /// This text, with what is kept in place of its own octets: of each octet the first copy wins. `None` if nothing of it is kept.
    pub(crate) fn first_copies(&self, seq: Seq<Full>, text: &[u8]) -> Option<Vec<u8>> {
        let end = seq.plus(text.len() as u32);
        let mut all = None;
        for piece in self.pieces.iter().take_while(|piece| piece.seq.before(end)) {
            let (to, from) = if piece.seq.before(seq) {
                (0, piece.seq.distance(seq) as usize)
            } else {
                (seq.distance(piece.seq) as usize, 0)
            };
            let kept = piece.text.get(from..).unwrap_or_default();
            if !kept.is_empty() {
                let all = all.get_or_insert_with(|| text.to_vec());
                all.iter_mut().skip(to).zip(kept).for_each(|(octet, kept)| *octet = *kept);
            }
        }
        all
    }

    /// Keeps what is new. What finds no room counts as lost. `limit`: octets kept at most.
    #[inline(never)]
    pub(crate) fn insert(&mut self, mut seq: Seq<Full>, mut text: &[u8], fin: bool, limit: usize) {
        let mut at = self.pieces.partition_point(|piece| piece.end().at_or_before(seq));
        if self.join(at, seq, text, fin, limit) {
            return;
        }
        loop {
            let end = seq.plus(text.len() as u32 + u32::from(fin));
            let Some(other) = self.pieces.get(at).filter(|other| other.seq.before(end)) else {
                let behind = self.put(at, seq, text, fin, limit);
                self.absorb(behind);
                return;
            };
            if seq.before(other.seq) {
                // It reaches into a later piece: that piece stays, and the part before it is inserted.
                let (before, rest) = text.split_at((seq.distance(other.seq) as usize).min(text.len()));
                seq = other.seq;
                text = rest;
                at = self.put(at, seq.minus(before.len() as u32), before, false, limit);
                continue;
            }
            // The front is known already.
            let known = seq.distance(other.end()) as usize;
            if known >= text.len() + usize::from(fin) {
                return;
            }
            let is_passed = other.text.len() > JOIN || other.fin;
            text = text.get(known..).unwrap_or_default();
            seq = other.end();
            at += 1;
            if is_passed && self.join(at, seq, text, fin, limit) {
                return;
            }
        }
    }

    /// Makes one piece of those that this text lies across, from this place on, if there are several; false if it has not. Else a peer that has sent many small pieces could make each
    /// later packet go through all of them.
    fn join(&mut self, at: usize, seq: Seq<Full>, text: &[u8], fin: bool, limit: usize) -> bool {
        let end = seq.plus(text.len() as u32);
        let is_across = |piece: &&Piece| piece.seq.before(end) && !piece.fin && piece.text.len() <= JOIN;
        let count = self.pieces.range(at..).take_while(is_across).count();
        // What a FIN or a large piece stands behind is not joined, nor is what goes on behind the last piece.
        let last = at + count.saturating_sub(1);
        let Some(until) = self.pieces.get(last).map(Piece::end).filter(|_| count > 1) else { return false };
        // A FIN in the midst of text is none.
        let fin = fin && !end.before(until);
        if fin || until.before(end) {
            // The pieces before its end, and then the rest by itself.
            let (front, rest) = text.split_at((seq.distance(until) as usize).min(text.len()));
            if front.is_empty() || !self.join(at, seq, front, false, limit) {
                return false;
            }
            self.insert(until, rest, fin, limit);
            return true;
        }
        let kept: usize = self.pieces.range(at..=last).map(|piece| piece.text.len()).sum();
        let first = self.pieces.get(at).map_or(seq, |piece| piece.seq);
        let start = if first.before(seq) { first } else { seq };
        let len = start.distance(until) as usize;
        if self.octets - kept + len > limit {
            return false;
        }
        let mut all = Vec::with_capacity(len);
        for piece in self.pieces.drain(at..=last) {
            // What is missing before this piece.
            let next = start.plus(all.len() as u32);
            if next.before(piece.seq) {
                let from = seq.distance(next) as usize;
                let missing = next.distance(piece.seq) as usize;
                all.extend_from_slice(text.get(from..from + missing).unwrap_or_default());
            }
            all.extend_from_slice(&piece.text);
        }
        self.octets = self.octets - kept + all.len();
        self.pieces.insert(at, Piece { seq: start, text: all, fin: false });
        true
    }

    /// Puts a piece at its place and joins it to the piece before if they touch. Gives the place behind it.
    fn put(&mut self, at: usize, seq: Seq<Full>, text: &[u8], fin: bool, limit: usize) -> usize {
        // Nothing follows a FIN. What says otherwise contradicts what came first.
        let follows =
            at.checked_sub(1).and_then(|before| self.pieces.get(before)).is_some_and(|before| before.fin);
        let fin = fin && at >= self.pieces.len();
        if follows || (text.is_empty() && !fin) || self.octets + text.len() > limit {
            return at;
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| self.pieces.get_mut(before))
            && before.end() == seq
            && !before.fin
            && before.text.len() + text.len() <= JOIN
        {
            before.text.extend_from_slice(text);
            before.fin = fin;
            self.octets += text.len();
            return at;
        }
        if let Some(next) = self.pieces.get_mut(at)
            && next.seq == seq.plus(text.len() as u32)
            && !fin
            && next.text.len() + text.len() <= MOVED
        {
            next.text.splice(0..0, text.iter().copied());
            next.seq = seq;
            self.octets += text.len();
            return at;
        }
        if self.pieces.len() >= MAX_PIECES {
            return at;
        }
        self.octets += text.len();
        self.pieces.insert(at.min(self.pieces.len()), Piece { seq, text: text.to_vec(), fin });
        at + 1
    }

    /// Joins the piece at this place to the one before it, if they touch.
    fn absorb(&mut self, at: usize) {
        let before = at.checked_sub(1).and_then(|before| self.pieces.get(before));
        let (Some(before), Some(next)) = (before, self.pieces.get(at)) else { return };
        let touches = !before.fin && before.end() == next.seq;
        if !touches || next.text.len() > MOVED || before.text.len() + next.text.len() > JOIN {
            return;
        }
        let Some(next) = self.pieces.remove(at) else { return };
        if let Some(before) = self.pieces.get_mut(at - 1) {
            before.text.extend_from_slice(&next.text);
            before.fin = next.fin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers wrap in the middle; each octet says which it is.
    fn number(n: u32) -> Seq<Full> {
        Seq::new(0xffff_fff0).plus(n)
    }

    fn insert(queue: &mut Reassembly, from: u32, to: u32, fin: bool) {
        let text: Vec<u8> = (from..to).map(|n| n as u8).collect();
        queue.insert(number(from), &text, fin, 1000);
    }

    #[test]
    fn any_order_and_overlap_gives_the_text_once() {
        let mut random = 12345_u64;
        let mut next = |n: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        for _ in 0..2000 {
            let mut queue = Reassembly::default();
            let mut known = [false; 41];
            for _ in 0..next(12) {
                let from = next(40) as u32;
                let to = from + 1 + next(10) as u32;
                insert(&mut queue, from, to.min(40), to >= 40);
                known[from as usize..(to as usize).min(40) + usize::from(to >= 40)].fill(true);
                for n in 0..41_u32 {
                    let around = queue.around(number(n));
                    assert_eq!(around.is_some(), known[n as usize], "{n}");
                    if let Some((a, b)) = around {
                        let (a, b) = (number(0).distance(a) as usize, number(0).distance(b) as usize);
                        assert!(known[a..b].iter().all(|known| *known));
                        assert!((a == 0 || !known[a - 1]) && known.get(b) != Some(&true));
                    }
                }
            }
            let (from, len) = (next(41) as u32, 1 + next(20) as u32);
            let is_known = |n: &u32| known.get(*n as usize) == Some(&true);
            let start = (from..from + len).find(is_known);
            let first = start.map(|start| {
                let end = (start..from + len).find(|n| !is_known(n)).unwrap_or(from + len);
                (number(start), number(end))
            });
            assert_eq!(queue.first_of((number(from), number(from + len))), first);
            insert(&mut queue, 0, 40, true);
            assert_eq!(queue.octets(), 40);
            let mut text = Vec::new();
            let mut at = number(0);
            let mut fin = false;
            while let Some(piece) = queue.pop() {
                assert_eq!(piece.seq, at, "no hole, no overlap");
                assert!(!fin, "nothing after the FIN");
                at = piece.end();
                fin = piece.fin;
                text.extend(piece.text);
            }
            assert_eq!(text, (0..40).collect::<Vec<u8>>());
            assert!(fin && queue.octets() == 0);
        }
    }

    #[test]
    fn the_first_copy_of_each_octet_wins() {
        let mut queue = Reassembly::default();
        queue.insert(number(4), b"first", false, 1000);
        queue.insert(number(2), b"SECONDSECOND", false, 1000);
        queue.insert(number(20), b"later", true, 1000);
        let copies = |from, text| queue.first_copies(number(from), text);
        assert_eq!(copies(0, b"##"), None);
        assert_eq!(copies(0, b"####").as_deref(), Some(&b"##SE"[..]));
        assert_eq!(copies(0, &[b'#'; 30]).as_deref(), Some(&b"##SEfirstECOND######later#####"[..]));
        assert_eq!(copies(6, b"###").as_deref(), Some(&b"rst"[..]));
        assert_eq!(copies(14, b"######"), None);
        assert_eq!(copies(25, b"#"), None, "the FIN is no octet");
    }

    #[test]
    fn what_lies_across_many_pieces_makes_one_of_them() {
        let mut queue = Reassembly::default();
        for n in 0..500 {
            queue.insert(number(2 * n + 1), b"x", false, usize::MAX);
        }
        queue.insert(number(100), &[b'y'; 300], false, usize::MAX);
        // From 100 to the one at 399.
        let pieces: Vec<_> = queue.pieces().collect();
        assert_eq!(pieces.iter().find(|(_, len, _)| *len > 1), Some(&(number(100), 300, false)));
        assert_eq!((pieces.len(), queue.octets()), (500 - 150 + 1, 500 + 150));
        // A FIN in the midst is none; one at the end is.
        queue.insert(number(400), &[b'z'; 99], true, usize::MAX);
        assert!(queue.pieces().all(|(.., fin)| !fin));
        queue.insert(number(0), &[b'z'; 1000], true, usize::MAX);
        assert_eq!(queue.pieces().collect::<Vec<_>>(), [(number(0), 1000, true)]);
        // Octets one by one, and then the holes between them.
        let mut queue = Reassembly::default();
        for n in (0..1000).map(|n| 2 * n + 1).chain((0..1000).map(|n| 2 * n)) {
            queue.insert(number(n), b"x", false, usize::MAX);
        }
        assert_eq!(queue.pieces().collect::<Vec<_>>(), [(number(0), 2000, false)]);
        // Each says that it is the last.
        let mut queue = Reassembly::default();
        for n in 0..700 {
            queue.insert(number(2 * n + 1), b"x", true, usize::MAX);
        }
        assert_eq!(queue.pieces().collect::<Vec<_>>(), [(number(1), 1, true)]);
        // Without room all stays as it is.
        let mut queue = Reassembly::default();
        for n in 0..5 {
            queue.insert(number(2 * n + 1), b"x", false, 8);
        }
        queue.insert(number(0), &[b'y'; 10], false, 8);
        assert_eq!(queue.octets(), 8);
        // A large piece is not copied again and again.
        let mut queue = Reassembly::default();
        queue.insert(number(0), &[b'x'; JOIN], false, usize::MAX);
        queue.insert(number(JOIN as u32), b"x", false, usize::MAX);
        for n in 0..50 {
            queue.insert(number(JOIN as u32 + 2 * n + 2), b"x", false, usize::MAX);
        }
        queue.insert(number(JOIN as u32 - 10), &[b'y'; 200], false, usize::MAX);
        assert_eq!(queue.pieces.len(), 2, "{:?}", queue.pieces().collect::<Vec<_>>());
    }

    #[test]
    fn pieces_and_octets_are_bounded() {
        let mut queue = Reassembly::default();
        for n in 0..5000 {
            queue.insert(number(2 * n + 1), b"x", false, 600);
        }
        assert_eq!((queue.pieces.len(), queue.octets()), (600, 600));
        for n in 0..5000 {
            queue.insert(number(2 * n + 1), b"x", false, usize::MAX);
        }
        assert_eq!((queue.pieces.len(), queue.octets()), (MAX_PIECES, MAX_PIECES));
        // What touches needs no place of its own, and what it fills makes one piece of two.
        queue.insert(number(2), b"y", false, usize::MAX);
        assert_eq!((queue.pieces.len(), queue.octets()), (MAX_PIECES - 1, MAX_PIECES + 1));
    }
}

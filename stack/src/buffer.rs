//! Text on its way: what waits to be sent or acknowledged, and what came before its turn.

use std::collections::VecDeque;
use tcpspec::{Full, Seq};

/// The text from the oldest unacknowledged octet to the last one that the user gave.
#[derive(Debug, Default)]
pub(crate) struct SendBuffer {
    text: VecDeque<u8>,
    /// The number of the first octet.
    first: Seq<Full>,
}

impl SendBuffer {
    /// Begins anew, before the first octet of a connection.
    pub(crate) fn begin(&mut self, first: Seq<Full>) {
        self.first = first;
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        self.text.extend(text);
    }

    pub(crate) fn clear(&mut self) {
        self.text = VecDeque::new();
    }

    /// Everything before `una` is acknowledged; how many octets that frees. Its SYN and FIN have numbers but no octets.
    pub(crate) fn acknowledge(&mut self, una: Seq<Full>) -> usize {
        if !self.first.before(una) {
            return 0;
        }
        let octets = (self.first.distance(una) as usize).min(self.text.len());
        self.text.drain(..octets);
        self.first = self.first.plus(octets as u32);
        octets
    }

    /// The text with these numbers, in two pieces; less if there is less.
    pub(crate) fn get(&self, from: Seq<Full>, len: u32) -> (&[u8], &[u8]) {
        let start = (self.first.distance(from) as usize).min(self.text.len());
        let end = (start + len as usize).min(self.text.len());
        let (a, b) = self.text.as_slices();
        let of = |slice: &'_ [u8], offset: usize| -> (usize, usize) {
            (start.saturating_sub(offset).min(slice.len()), end.saturating_sub(offset).min(slice.len()))
        };
        let ((a1, a2), (b1, b2)) = (of(a, 0), of(b, a.len()));
        (a.get(a1..a2).unwrap_or_default(), b.get(b1..b2).unwrap_or_default())
    }
}

/// Pieces kept at most (their text is bounded by the window).
const MAX_PIECES: usize = 1024;

/// Text and FIN that came before their turn (SHLD-31), sorted, without overlap.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    pieces: VecDeque<Piece>,
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
        self.pieces.clear();
    }

    /// The first piece.
    pub(crate) fn first(&self) -> Option<&Piece> {
        self.pieces.front()
    }

    /// Takes the first piece away.
    pub(crate) fn pop(&mut self) -> Option<Piece> {
        self.pieces.pop_front()
    }

    /// Keeps what is new of a piece; what there is no room for counts as lost.
    pub(crate) fn insert(&mut self, mut piece: Piece) {
        let mut at = 0;
        while let Some(other) = self.pieces.get(at) {
            if !other.seq.before(piece.end()) {
                break;
            }
            if other.end().at_or_before(piece.seq) {
                at += 1;
                continue;
            }
            if other.seq.at_or_before(piece.seq) {
                // The front is known already.
                let known = piece.seq.distance(other.end()) as usize;
                if known >= piece.text.len() + usize::from(piece.fin) {
                    return;
                }
                piece.text.drain(..known.min(piece.text.len()));
                piece.seq = other.end();
                at += 1;
            } else {
                // The piece goes on where a later one is: that one is kept, the part before it inserted.
                let before = piece.seq.distance(other.seq) as usize;
                let rest = piece.text.split_off(before.min(piece.text.len()));
                let rest = Piece { seq: other.seq, text: rest, fin: piece.fin };
                piece.fin = false;
                self.put(at, piece);
                self.insert(rest);
                return;
            }
        }
        self.put(at, piece);
    }

    fn put(&mut self, at: usize, piece: Piece) {
        if self.pieces.len() < MAX_PIECES && (piece.fin || !piece.text.is_empty()) {
            self.pieces.insert(at.min(self.pieces.len()), piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(from: u32, to: u32, fin: bool) -> Piece {
        // Numbers wrap in the middle; each octet says which it is.
        let text = (from..to).map(|n| n as u8).collect();
        Piece { seq: Seq::new(0xffff_fff0).plus(from), text, fin }
    }

    #[test]
    fn any_order_and_overlap_gives_the_text_once() {
        let mut random = 12345_u64;
        let mut next = |n: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        for _ in 0..2000 {
            let mut held = Reassembly::default();
            for _ in 0..next(12) {
                let from = next(40) as u32;
                let to = from + 1 + next(10) as u32;
                held.insert(piece(from, to.min(40), to >= 40));
            }
            held.insert(piece(0, 40, true));
            let mut text = Vec::new();
            let mut at = Seq::new(0xffff_fff0);
            let mut fin = false;
            while let Some(piece) = held.pop() {
                assert_eq!(piece.seq, at, "no hole, no overlap");
                assert!(!fin, "nothing after the FIN");
                at = piece.end();
                fin = piece.fin;
                text.extend(piece.text);
            }
            assert_eq!(text, (0..40).collect::<Vec<u8>>());
            assert!(fin);
        }
    }

    #[test]
    fn what_is_acknowledged_goes() {
        let mut buffer = SendBuffer::default();
        buffer.begin(Seq::new(u32::MAX));
        buffer.push(b"abcdef");
        assert_eq!(buffer.acknowledge(Seq::new(u32::MAX)), 0);
        assert_eq!(buffer.acknowledge(Seq::new(1)), 2);
        let (a, b) = buffer.get(Seq::new(2), 2);
        assert_eq!([a, b].concat(), b"de");
        let (a, b) = buffer.get(Seq::new(1), 100);
        assert_eq!([a, b].concat(), b"cdef");
        assert_eq!(buffer.acknowledge(Seq::new(6)), 4, "the FIN has a number but no octet");
        assert_eq!(buffer.len(), 0);
    }
}

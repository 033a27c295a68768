//! Text in order that waits for the user. Large packets stay in the buffers that the device has filled, so that their text is copied once: to the user.

use super::{BUFFER, Buffers, FEW, Line, Pool, ROOMY};
use std::ops::Range;

/// A packet stays in its buffer if its text fills this part of the buffer: one half, so that waiting text takes twice its size at most.
const FULL: usize = 2;
/// What waits beyond this many octets is gathered in large buffers.
const LARGE: usize = 16 << 10;

/// A buffer with text in it.
#[derive(Debug)]
struct Piece {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl Piece {
    fn text(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or_default()
    }

    /// Adds text at the end if there is room, or if room may be made.
    fn push(&mut self, text: &[u8], buffers: &mut Buffers) -> bool {
        let end = self.end + text.len();
        if let Some(room) = self.octets.get_mut(self.end..end) {
            room.copy_from_slice(text);
        } else if self.octets.len() == self.end && end <= LARGE {
            if end > self.octets.capacity() {
                buffers.grow(&mut self.octets, (end * 2).min(LARGE));
            }
            self.octets.extend_from_slice(text);
        } else {
            return false;
        }
        self.end = end;
        true
    }
}

/// Text in order that waits for the user.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pieces: Line<Piece>,
    len: usize,
}

impl Inbox {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Octets of memory that the text takes, with its buffers. Where there are several, all but the first count as large ones.
    pub(crate) fn memory(&self) -> usize {
        self.pieces.front().map_or(0, |piece| piece.octets.capacity()) + self.pieces.behind_first() * BUFFER
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether so much text of a packet may stay in a buffer of this size.
    pub(crate) fn keeps(text: usize, capacity: usize) -> bool {
        text >= LARGE && text >= capacity / FULL
    }

    /// Adds this part of a buffer.
    pub(crate) fn keep(&mut self, octets: Vec<u8>, text: Range<usize>) {
        let piece = Piece { octets, start: text.start, end: text.end };
        self.len += piece.text().len();
        self.pieces.push_back(piece);
    }

    /// Adds a copy of this text.
    pub(crate) fn push(&mut self, text: &[u8], buffers: &mut Buffers) {
        self.len += text.len();
        if text.is_empty() || self.pieces.back_mut().is_some_and(|last| last.push(text, buffers)) {
            return;
        }
        let octets = if self.len > LARGE { buffers.large.get() } else { buffers.get(text.len()) };
        let mut piece = Piece { octets, start: 0, end: 0 };
        if !piece.push(text, buffers) {
            // Larger than any packet.
            piece = Piece { octets: text.to_vec(), start: 0, end: text.len() };
        }
        self.pieces.push_back(piece);
    }

    /// Copies the first octets; how many there were.
    pub(crate) fn peek(&self, into: &mut [u8]) -> usize {
        let mut copied = 0;
        for piece in self.pieces.iter() {
            let text = piece.text();
            let room = into.get_mut(copied..).unwrap_or_default();
            let now = text.len().min(room.len());
            if let (Some(to), Some(from)) = (room.get_mut(..now), text.get(..now)) {
                to.copy_from_slice(from);
            }
            copied += now;
        }
        copied
    }

    /// Takes the first octets away; how many there were. Large pieces are left to the caller to copy ([`Whole::copy`]).
    pub(crate) fn take(&mut self, into: &mut [u8], whole: &mut Whole, buffers: &mut Buffers) -> usize {
        // The usual case: all of the text is in one small piece.
        if let Some(piece) = self.pieces.front()
            && let Some(text) = piece.octets.get(piece.start..piece.end)
            && text.len() == self.len
            && text.len() < LARGE
            && let Some(to) = into.get_mut(..text.len())
        {
            to.copy_from_slice(text);
            self.pieces.pop_front().into_iter().for_each(|piece| buffers.put(piece.octets));
            return std::mem::take(&mut self.len);
        }
        self.take_pieces(into, whole, buffers)
    }

    #[inline(never)]
    fn take_pieces(&mut self, into: &mut [u8], whole: &mut Whole, buffers: &mut Buffers) -> usize {
        let mut taken = 0;
        while taken < into.len()
            && let Some(piece) = self.pieces.front_mut()
        {
            let text = piece.text();
            let room = into.get_mut(taken..).unwrap_or_default();
            let now = text.len().min(room.len());
            let is_all = now == text.len();
            if is_all && now >= LARGE {
                whole.pieces.extend(self.pieces.pop_front().map(|piece| (taken, piece)));
            } else {
                if let (Some(to), Some(from)) = (room.get_mut(..now), text.get(..now)) {
                    to.copy_from_slice(from);
                }
                piece.start += now;
                if is_all && let Some(piece) = self.pieces.pop_front() {
                    buffers.put(piece.octets);
                }
            }
            taken += now;
        }
        self.len = self.len.saturating_sub(taken);
        if self.len <= FEW && self.pieces.front().is_some_and(|piece| piece.octets.capacity() > ROOMY) {
            self.move_over(buffers);
        }
        taken
    }

    /// The little that is left goes into a small buffer.
    fn move_over(&mut self, buffers: &mut Buffers) {
        let mut small = Self::default();
        while let Some(piece) = self.pieces.pop_front() {
            small.push(piece.text(), buffers);
            buffers.put(piece.octets);
        }
        *self = small;
    }
}

/// Large pieces that a user has taken, to be copied when nobody waits for it.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    /// Each with its place.
    pieces: Vec<(usize, Piece)>,
}

impl Whole {
    /// Copies them to their places in `into`, for which they were taken.
    #[inline]
    pub(crate) fn copy(self, into: &mut [u8], pool: &Pool) {
        if !self.pieces.is_empty() {
            self.copy_all(into, pool);
        }
    }

    #[inline(never)]
    fn copy_all(self, into: &mut [u8], pool: &Pool) {
        for (at, piece) in self.pieces {
            let text = piece.text();
            if let Some(to) = into.get_mut(at..at + text.len()) {
                to.copy_from_slice(text);
            }
            pool.put(piece.octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_whatever_the_cuts() {
        let (mut inbox, mut buffers) = (Inbox::default(), Buffers::default());
        let (mut written, mut read) = (0_u64, 0_u64);
        let mut random = 5_u64;
        let mut below = |n: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        let octet = |n: u64| (n * 7 + n / 256) as u8;
        let mut kept = 0;
        for _ in 0..3000 {
            let len = if below(2) == 0 { below(100) } else { below(60_000) };
            let text = (written..written + len).map(octet);
            if Inbox::keeps(len as usize, 40_000) {
                kept += 1;
                let octets: Vec<_> = [0; 40].into_iter().chain(text).chain([0; 9]).collect();
                inbox.keep(octets, 40..40 + len as usize);
            } else {
                inbox.push(&text.collect::<Vec<u8>>(), &mut buffers);
            }
            written += len;
            assert_eq!(inbox.len() as u64, written - read);
            let mut buffer = vec![0; below(50_000) as usize];
            let held: usize = inbox.pieces.iter().map(|piece| piece.octets.capacity()).sum();
            assert!(inbox.memory() >= held.min(inbox.len()) && inbox.memory() <= held * 5, "{held}");
            let n = inbox.peek(&mut buffer) as u64;
            assert_eq!(n, (buffer.len() as u64).min(written - read));
            let is_right =
                |buffer: &[u8]| buffer.iter().take(n as usize).copied().eq((read..read + n).map(octet));
            assert!(is_right(&buffer));
            buffer.fill(0);
            let mut whole = Whole::default();
            assert_eq!(inbox.take(&mut buffer, &mut whole, &mut buffers) as u64, n);
            whole.copy(&mut buffer, &buffers.large);
            assert!(is_right(&buffer));
            read += n;
        }
        assert!(kept > 100);
        inbox.take(&mut vec![0; 1 << 28], &mut Whole::default(), &mut buffers);
        assert!(inbox.is_empty() && inbox.pieces.is_bare(), "an empty one holds no memory");
    }

    #[test]
    fn little_text_does_not_keep_a_large_buffer() {
        let (mut inbox, mut buffers) = (Inbox::default(), Buffers::default());
        inbox.keep((0..BUFFER).map(|n| n as u8).collect(), 0..BUFFER);
        let mut buffer = vec![0; BUFFER - 100];
        let mut whole = Whole::default();
        assert_eq!(inbox.take(&mut buffer, &mut whole, &mut buffers), BUFFER - 100);
        assert!(inbox.memory() <= ROOMY, "{}", inbox.memory());
        assert_eq!(inbox.take(&mut buffer, &mut whole, &mut buffers), 100);
        assert!(buffer[..100].iter().copied().eq((BUFFER - 100..BUFFER).map(|n| n as u8)));
    }

    #[test]
    fn the_memory_is_twice_the_text_at_most() {
        let (mut inbox, mut buffers) = (Inbox::default(), Buffers::default());
        for len in [1, 100, 1448].into_iter().cycle().take(10_000) {
            inbox.push(&vec![1; len], &mut buffers);
            let memory: usize = inbox.pieces.iter().map(|piece| piece.octets.capacity()).sum();
            assert!(memory <= inbox.len() * 2 + (64 << 10), "{memory} for {}", inbox.len());
        }
    }
}

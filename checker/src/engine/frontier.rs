//! States that wait, packed, in the order in which they came.

use std::collections::VecDeque;

/// Bytes that are given back at a time while a level is worked through.
const CHUNK: usize = 1 << 16;

/// A queue of packed states.
#[derive(Default)]
pub(super) struct Frontier {
    /// Lengths and packed forms, one after the other; no state is cut in two.
    chunks: VecDeque<Vec<u8>>,
    /// How far the first chunk has been read.
    read: usize,
}

impl Frontier {
    #[inline]
    pub(super) fn push(&mut self, packed: &[u8]) {
        let full = self.chunks.back().is_none_or(|chunk| chunk.len() + 1 + packed.len() > chunk.capacity());
        if full {
            self.chunks.push_back(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.push(packed.len() as u8);
            chunk.extend_from_slice(packed);
        }
    }

    /// The state that has waited longest.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<&[u8]> {
        if self.chunks.front()?.len() == self.read {
            self.chunks.pop_front();
            self.read = 0;
        }
        let unread = self.chunks.front()?.get(self.read..)?;
        let (len, rest) = unread.split_first()?;
        let packed = rest.get(..usize::from(*len))?;
        self.read += 1 + packed.len();
        Some(packed)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let state = |i: usize| vec![i as u8; i % 100];
        let mut frontier = Frontier::default();
        for i in 0..10_000 {
            frontier.push(&state(i));
        }
        for i in 0..10_000 {
            assert_eq!(frontier.pop(), Some(&state(i)[..]));
        }
        assert_eq!(frontier.pop(), None);
    }
}

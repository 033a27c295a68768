//! Octets in order, in chunks: memory is held only where there are octets, and nothing moves when a queue grows.

use super::{Buffers, FEW, Line, ROOMY};

/// Octets of every chunk but the last. A range of at most this length lies in two chunks at most.
pub(crate) const CHUNK: usize = 64 << 10;

/// A queue of octets.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    chunks: Line<Vec<u8>>,
    /// Octets of the first chunk that are gone.
    gone: usize,
    len: usize,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Octets of memory that they take: a chunk goes when all of it has gone.
    pub(crate) fn memory(&self) -> usize {
        self.gone + self.len
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds octets at the end.
    #[inline]
    pub(crate) fn push(&mut self, mut text: &[u8], buffers: &mut Buffers) {
        self.len += text.len();
        while !text.is_empty() {
            match self.chunks.back_mut().filter(|chunk| chunk.len() < CHUNK) {
                Some(chunk) => {
                    let (now, later) = text.split_at(text.len().min(CHUNK - chunk.len()));
                    let need = chunk.len() + now.len();
                    if need > chunk.capacity() {
                        // Doubles, but never beyond a chunk.
                        let capacity = need.max(chunk.capacity() * 2).min(CHUNK);
                        buffers.grow(chunk, capacity);
                    }
                    chunk.extend_from_slice(now);
                    text = later;
                }
                // Where there is much, there will be more.
                None if self.len > CHUNK => self.chunks.push_back(buffers.large.get_empty()),
                None => self.chunks.push_back(buffers.get(text.len().min(CHUNK))),
            }
        }
    }

    /// The octets from this place on, in two pieces; less if there is less, or more than [`CHUNK`] were asked for.
    #[inline]
    pub(crate) fn get(&self, from: usize, len: usize) -> (&[u8], &[u8]) {
        // The usual case: all of it lies in the first chunk.
        let start = self.gone + from;
        if let Some(all) = self.chunks.front().and_then(|chunk| chunk.get(start..start.checked_add(len)?)) {
            return (all, &[]);
        }
        self.get_across(from, len)
    }

    #[inline(never)]
    fn get_across(&self, from: usize, len: usize) -> (&[u8], &[u8]) {
        let from = from.min(self.len);
        let len = len.min(self.len - from);
        let (index, start) = ((self.gone + from) / CHUNK, (self.gone + from) % CHUNK);
        let first = self.chunks.get(index).and_then(|chunk| chunk.get(start..)).unwrap_or_default();
        let first = first.get(..len).unwrap_or(first);
        let rest = self.chunks.get(index + 1).map(Vec::as_slice).unwrap_or_default();
        (first, rest.get(..(len - first.len()).min(rest.len())).unwrap_or_default())
    }

    /// Drops the first octets, and the memory that held them.
    #[inline]
    pub(crate) fn skip(&mut self, octets: usize, buffers: &mut Buffers) {
        let octets = octets.min(self.len);
        self.len -= octets;
        self.gone += octets;
        while self.gone >= CHUNK {
            self.gone -= CHUNK;
            self.chunks.pop_front().into_iter().for_each(|chunk| buffers.put(chunk));
        }
        if self.len == 0 {
            self.chunks.pop_front().into_iter().for_each(|chunk| buffers.put(chunk));
            self.gone = 0;
        } else if self.len <= FEW && self.chunks.front().is_some_and(|chunk| chunk.capacity() > ROOMY) {
            self.move_over(buffers);
        }
    }

    /// The little that is left goes into a small buffer.
    #[cold]
    #[inline(never)]
    fn move_over(&mut self, buffers: &mut Buffers) {
        let mut small = Self::default();
        let (first, rest) = self.get(0, self.len);
        small.push(first, buffers);
        small.push(rest, buffers);
        while let Some(chunk) = self.chunks.pop_front() {
            buffers.put(chunk);
        }
        *self = small;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_whatever_the_cuts() {
        let (mut queue, mut buffers) = (Queue::default(), Buffers::default());
        let (mut written, mut read) = (0_u64, 0_u64);
        let mut random = 5_u64;
        let mut below = |n: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        let octet = |n: u64| (n * 7 + n / 256) as u8;
        for _ in 0..2000 {
            let len = below(40_000);
            let text: Vec<u8> = (written..written + len).map(octet).collect();
            queue.push(&text, &mut buffers);
            written += len;
            assert_eq!(queue.len() as u64, written - read);
            let from = below(queue.len() as u64 + 1);
            let (a, b) = queue.get(from as usize, below(CHUNK as u64 + 1) as usize);
            let got = [a, b].concat();
            assert!(got.iter().copied().eq((read + from..read + from + got.len() as u64).map(octet)));
            let n = below(50_000).min(written - read);
            queue.skip(n as usize, &mut buffers);
            read += n;
        }
        queue.skip(usize::MAX, &mut buffers);
        assert!(queue.len() == 0 && queue.chunks.is_bare(), "an empty queue holds no memory");
    }

    #[test]
    fn little_text_does_not_keep_a_large_buffer() {
        let (mut queue, mut buffers) = (Queue::default(), Buffers::default());
        let text: Vec<u8> = (0..2 * CHUNK).map(|n| (n / 7) as u8).collect();
        queue.push(&text, &mut buffers);
        for left in [CHUNK + 100, 2000, 1] {
            queue.skip(queue.len() - left, &mut buffers);
            let (a, b) = queue.get(0, left.min(CHUNK));
            assert_eq!([a, b].concat(), text[text.len() - left..][..left.min(CHUNK)]);
            let held: usize = queue.chunks.iter().map(Vec::capacity).sum();
            assert!(left > FEW || held <= ROOMY, "{held} for {left}");
        }
    }

    #[test]
    fn a_range_is_never_shorter_than_asked_for() {
        let mut queue = Queue::default();
        queue.push(&vec![1; 3 * CHUNK], &mut Buffers::default());
        queue.skip(100, &mut Buffers::default());
        let (a, b) = queue.get(CHUNK - 200, CHUNK);
        assert_eq!((a.len(), b.len()), (100, CHUNK - 100));
    }
}

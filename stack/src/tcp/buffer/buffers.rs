//! Buffers of all sizes, used over and over, so that a packet costs no allocation.

use super::Pool;

/// Sizes of small buffers: a packet without text, a few words, a packet of an Ethernet.
const TINY: usize = 128;
const SHORT: usize = 512;
const PACKET: usize = 2048;
/// Buffers of each size that wait to be used again at most.
const MOST: usize = 256;

/// The buffers of one stack.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// Large ones, which other threads fill and empty too.
    pub(crate) large: Pool,
    small: [Vec<Vec<u8>>; 3],
}

impl Buffers {
    /// An empty buffer with room for so many octets at least.
    pub(crate) fn get(&mut self, room: usize) -> Vec<u8> {
        let [tiny, short, packet] = &mut self.small;
        let (size, spare) = if room <= TINY {
            (TINY, tiny)
        } else if room <= SHORT {
            (SHORT, short)
        } else if room <= PACKET {
            (PACKET, packet)
        } else {
            return Vec::with_capacity(room);
        };
        spare.pop().unwrap_or_else(|| Vec::with_capacity(size))
    }

    /// Gives a buffer back, whatever is in it.
    pub(crate) fn put(&mut self, mut buffer: Vec<u8>) {
        let [tiny, short, packet] = &mut self.small;
        let spare = match buffer.capacity() {
            TINY => tiny,
            SHORT => short,
            PACKET => packet,
            _ => return self.large.put(buffer),
        };
        if spare.len() < MOST {
            buffer.clear();
            spare.push(buffer);
        }
    }

    /// Makes room for so many octets in all.
    pub(crate) fn grow(&mut self, buffer: &mut Vec<u8>, room: usize) {
        if room > buffer.capacity() {
            let mut larger = self.get(room);
            larger.extend_from_slice(buffer);
            self.put(std::mem::replace(buffer, larger));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_used_again() {
        let mut buffers = Buffers::default();
        for (room, capacity) in [(1, 128), (128, 128), (129, 512), (1500, 2048), (3000, 3000)] {
            let mut buffer = buffers.get(room);
            assert_eq!(buffer.capacity(), capacity);
            buffer.extend([1; 50]);
            let place = buffer.as_ptr();
            buffers.put(buffer);
            let again = buffers.get(room);
            assert!(again.is_empty());
            assert!(again.as_ptr() == place || capacity > 2048, "{room}");
            buffers.put(again);
        }
        let mut buffer = buffers.get(3);
        buffer.extend(*b"abc");
        buffers.grow(&mut buffer, 200);
        assert_eq!((buffer.as_slice(), buffer.capacity()), (&b"abc"[..], 512));
    }

    #[test]
    fn no_more_wait_than_the_bound() {
        let mut buffers = Buffers::default();
        (0..2 * MOST).for_each(|_| buffers.put(Vec::with_capacity(128)));
        assert_eq!(buffers.small[0].len(), MOST);
    }
}

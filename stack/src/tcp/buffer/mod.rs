//! Text on its way: what waits to be sent or acknowledged, what came before its turn, and what waits for the user.

mod buffers;
mod inbox;
mod line;
mod pool;
mod queue;
mod reassembly;

pub(crate) use buffers::Buffers;
pub(crate) use inbox::{Inbox, Whole};
use line::Line;
pub(crate) use pool::{BUFFER, Pool};
use queue::Queue;
pub(crate) use reassembly::Reassembly;

use crate::tcp::memo::Memo;
use std::ops::Deref;
use tcpspec::{Full, Seq};

/// So little text does not stay in a buffer larger than [`ROOMY`], and does not count as memory.
pub(crate) const FEW: usize = 2 << 10;
const ROOMY: usize = 16 << 10;

/// The bytes of a packet. It may leave its buffer to the code that processes it.
pub(crate) enum PacketBytes<'a> {
    Lent(&'a [u8]),
    /// The packet is so long. A buffer that is taken leaves an empty one.
    Given(&'a mut Vec<u8>, usize),
}

impl PacketBytes<'_> {
    /// Whether so much text may stay in the buffer.
    pub(crate) fn may_keep(&self, text: usize) -> bool {
        matches!(self, Self::Given(buffer, _) if Inbox::keeps(text, buffer.len()))
    }

    /// The buffer.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match self {
            Self::Lent(octets) => octets.to_vec(),
            Self::Given(buffer, _) => std::mem::take(buffer),
        }
    }
}

impl Deref for PacketBytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(octets) => octets,
            Self::Given(buffer, len) => buffer.get(..*len).unwrap_or_default(),
        }
    }
}

/// The text from the oldest unacknowledged octet to the last one that the user gave.
#[derive(Debug, Default)]
pub(crate) struct SendBuffer {
    text: Queue,
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

    /// Octets of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.text.memory()
    }

    /// What is kept of an empty one, both ways.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { text: _, first } = self;
        memo.ours(first);
    }

    pub(crate) fn push(&mut self, text: &[u8], buffers: &mut Buffers) {
        self.text.push(text, buffers);
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
    }

    /// Everything before `una` is acknowledged; how many octets that frees. Its SYN and FIN have numbers but no octets.
    pub(crate) fn acknowledge(&mut self, una: Seq<Full>, buffers: &mut Buffers) -> usize {
        if !self.first.before(una) {
            return 0;
        }
        let octets = (self.first.distance(una) as usize).min(self.text.len());
        self.text.skip(octets, buffers);
        self.first = self.first.plus(octets as u32);
        octets
    }

    /// The text with these numbers, in two pieces; less if there is less.
    pub(crate) fn get(&self, from: Seq<Full>, len: u32) -> (&[u8], &[u8]) {
        self.text.get(self.first.distance(from) as usize, len as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_acknowledged_goes() {
        let (mut buffer, mut buffers) = (SendBuffer::default(), Buffers::default());
        buffer.begin(Seq::new(u32::MAX));
        buffer.push(b"abcdef", &mut buffers);
        assert_eq!(buffer.acknowledge(Seq::new(u32::MAX), &mut buffers), 0);
        assert_eq!(buffer.acknowledge(Seq::new(1), &mut buffers), 2);
        let (a, b) = buffer.get(Seq::new(2), 2);
        assert_eq!([a, b].concat(), b"de");
        let (a, b) = buffer.get(Seq::new(1), 100);
        assert_eq!([a, b].concat(), b"cdef");
        assert_eq!(buffer.acknowledge(Seq::new(6), &mut buffers), 4, "the FIN has a number but no octet");
        assert_eq!(buffer.len(), 0);
    }
}

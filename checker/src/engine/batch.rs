//! What workers send each other: states as plain bytes, many at a time, and a summary after each level.

use std::io::Write;
use timely::bytes::arc::Bytes;
use timely::communication::Push;
use timely::container::Accountable;
use timely::dataflow::channels::pushers::exchange::Distributor;
use timely::dataflow::channels::{ContainerBytes, Message};
use timely::progress::Stamp;

/// Bytes before the contents of a batch on the wire: the receiver, the kind, the length.
const HEADER: usize = 16;

/// Something for one worker.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// The worker that it is for.
    pub(super) to: u32,
    /// It holds a [`Summary`](super::summary::Summary), not states.
    pub(super) is_summary: bool,
    /// States: length, fingerprint, packed form, one after the other.
    pub(super) bytes: Vec<u8>,
}

/// Bytes of a fingerprint.
const FINGERPRINT: usize = 8;

impl Batch {
    /// Adds a state.
    #[inline]
    pub(super) fn push(&mut self, fingerprint: u64, packed: &[u8]) {
        self.bytes.push(packed.len() as u8);
        self.bytes.extend_from_slice(&fingerprint.to_le_bytes());
        self.bytes.extend_from_slice(packed);
    }
}

/// The states of a batch: fingerprints and packed forms.
pub(super) struct States<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for States<'a> {
    type Item = (u64, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (len, rest) = self.0.split_first()?;
        let (fingerprint, rest) = rest.split_first_chunk::<FINGERPRINT>()?;
        let (packed, rest) = rest.split_at_checked(usize::from(*len))?;
        self.0 = rest;
        Some((u64::from_le_bytes(*fingerprint), packed))
    }
}

impl Accountable for Batch {
    fn record_count(&self) -> i64 {
        1
    }
}

impl ContainerBytes for Batch {
    fn from_bytes(bytes: Bytes) -> Self {
        let mut words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let (head, len) = (next(), next() as usize);
        let contents = bytes.get(HEADER..HEADER + len).unwrap_or_default();
        Self { to: head as u32, is_summary: head >> 32 != 0, bytes: contents.to_vec() }
    }

    fn length_in_bytes(&self) -> usize {
        // timely wants whole words.
        HEADER + self.bytes.len().next_multiple_of(8)
    }

    #[expect(clippy::expect_used, reason = "timely gives memory of the length that it has asked for")]
    fn into_bytes<W: Write>(&self, writer: &mut W) {
        let head = u64::from(self.to) | u64::from(self.is_summary) << 32;
        let padding = self.bytes.len().next_multiple_of(8) - self.bytes.len();
        writer
            .write_all(&head.to_le_bytes())
            .and_then(|()| writer.write_all(&(self.bytes.len() as u64).to_le_bytes()))
            .and_then(|()| writer.write_all(&self.bytes))
            .and_then(|()| writer.write_all(&[0; 8][..padding]))
            .expect("a batch is written to memory");
    }
}

/// Sends each batch to the worker that it names.
pub(super) struct ByAddress;

impl Distributor<Batch> for ByAddress {
    fn partition<T: Clone, P: Push<Message<T, Batch>>>(
        &mut self,
        batch: &mut Batch,
        stamp: &Stamp<T>,
        pushers: &mut [P],
    ) {
        let to = batch.to as usize;
        Message::push_at(batch, stamp.clone(), &mut pushers[to]);
    }

    fn flush<T: Clone, P: Push<Message<T, Batch>>>(&mut self, _stamp: &Stamp<T>, _pushers: &mut [P]) {}
}

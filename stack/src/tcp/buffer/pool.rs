//! Buffers for large packets, used over and over. The system clears what it gives, and that takes time.

use std::sync::{Arc, Mutex, PoisonError};

/// Octets of each: the largest packet, an IPv6 header and as much as its length field can say.
pub(crate) const BUFFER: usize = 40 + 65_535;
/// Buffers that wait to be used again at most.
const MOST: usize = 32;

/// Buffers that wait to be used again. Clones are the same pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// A buffer of [`BUFFER`] octets with any content.
    pub(crate) fn get(&self) -> Vec<u8> {
        let old = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        old.unwrap_or_else(|| vec![0; BUFFER])
    }

    /// An empty buffer with room for as many octets.
    pub(crate) fn get_empty(&self) -> Vec<u8> {
        let mut buffer = self.get();
        buffer.clear();
        buffer
    }

    /// Gives a buffer back. Buffers of another size, and those beyond the bound, go to the system.
    pub(crate) fn put(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() == BUFFER {
            buffer.resize(BUFFER, 0);
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() < MOST {
                all.push(buffer);
            }
        }
    }
}

//! Buffers for large packets, used over and over: what the system gives anew it first has to clear.

use std::sync::{Arc, Mutex, PoisonError};

/// Octets of each: the largest packet, an IPv6 header and as much as its length field can say.
pub(crate) const BUFFER: usize = 40 + 65_535;
/// Buffers that wait to be used again at most.
const MOST: usize = 32;

/// Buffers that wait to be used again. Clones are the same pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// One of [`BUFFER`] octets, whatever they are.
    pub(crate) fn get(&self) -> Vec<u8> {
        let old = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        old.unwrap_or_else(|| vec![0; BUFFER])
    }

    /// An empty one, with room for as many.
    pub(crate) fn get_empty(&self) -> Vec<u8> {
        let mut buffer = self.get();
        buffer.clear();
        buffer
    }

    /// Gives one back. Others, and what is too much, the system gets.
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

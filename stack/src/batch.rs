//! Packets that have come together, read while nobody is kept waiting for the endpoint.

use crate::buffer::{BUFFER, Octets, Pool};
use crate::device::{Arrived, Device};
use crate::packet::Offload;
use std::io;
use std::time::Duration;

/// Packets taken in one go before callers get their turn.
const PACKETS: usize = 128;
/// Octets after which no more are taken in one go.
const OCTETS: usize = 256 << 10;
/// Packets begin at multiples of this: lines of the processor's cache.
const LINE: usize = 64;

/// Packets that have come together.
pub(crate) struct Batch<'a> {
    device: &'a dyn Device,
    pool: Pool,
    /// Packets at most.
    most: usize,
    arrived: Vec<Arrived>,
    room: Room,
}

/// Where they lie.
enum Room {
    /// Side by side, so that many of them stay in the processor's cache.
    Shared(Vec<u8>),
    /// Each in a buffer of its own: the endpoint keeps those that are full.
    Own(Vec<Vec<u8>>),
}

impl<'a> Batch<'a> {
    pub(crate) fn new(device: &'a dyn Device, pool: &Pool) -> Self {
        // A device that wants to know what a packet has made fire is told of the one received last.
        let most = if device.wants_rows() { 1 } else { PACKETS };
        let large = device.capabilities().segment > 0;
        let room = if large { Room::Own(Vec::new()) } else { Room::Shared(vec![0; OCTETS + BUFFER]) };
        Self { device, pool: pool.clone(), most, arrived: Vec::new(), room }
    }

    /// Waits for a packet, and takes what else has come already.
    pub(crate) fn fill(&mut self, mut wait: Option<Duration>) -> io::Result<()> {
        self.arrived.clear();
        let mut octets = 0;
        while self.arrived.len() < self.most && octets < OCTETS {
            let buffer = match &mut self.room {
                Room::Shared(all) => all.get_mut(octets..).unwrap_or_default(),
                Room::Own(buffers) => {
                    if buffers.len() == self.arrived.len() {
                        buffers.push(Vec::new());
                    }
                    let Some(buffer) = buffers.get_mut(self.arrived.len()) else { break };
                    if buffer.is_empty() {
                        *buffer = self.pool.get();
                    }
                    buffer
                }
            };
            let Some(arrived) = self.device.receive(buffer, wait)? else { break };
            octets += arrived.len.next_multiple_of(LINE);
            self.arrived.push(arrived);
            wait = Some(Duration::ZERO);
        }
        Ok(())
    }

    /// Whether more may be there.
    pub(crate) fn is_full(&self) -> bool {
        self.arrived.len() == PACKETS
    }

    /// Hands them over, one after the other.
    pub(crate) fn each(&mut self, mut take: impl FnMut(Octets<'_>, Offload)) {
        match &mut self.room {
            Room::Shared(all) => {
                let mut at = 0;
                for Arrived { len, offload } in &self.arrived {
                    take(Octets::Lent(all.get(at..at + len).unwrap_or_default()), *offload);
                    at += len.next_multiple_of(LINE);
                }
            }
            Room::Own(buffers) => {
                for (buffer, Arrived { len, offload }) in buffers.iter_mut().zip(&self.arrived) {
                    take(Octets::Given(buffer, *len), *offload);
                }
            }
        }
    }
}

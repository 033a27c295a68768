//! Packets that have come together. They are read while no caller has to wait for the endpoint.

use crate::device::{Arrived, Device};
use crate::tcp::buffer::{BUFFER, PacketBytes, Pool};
use crate::wire::packet::Offload;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Packets taken in one go before callers get their turn.
const PACKETS: usize = 128;
/// Octets after which no more are taken in one go.
const OCTETS: usize = 256 << 10;
/// A packet of so many octets keeps the buffer that it was read into.
const LARGE: usize = 16 << 10;
/// Packets begin at multiples of this: lines of the processor's cache.
const LINE: usize = 64;

/// Packets that have come together.
pub(crate) struct Batch {
    device: Arc<dyn Device>,
    pool: Pool,
    /// Packets at most.
    most: usize,
    /// The device brings packets that may be large.
    whole: bool,
    arrived: Vec<Arrived>,
    /// The small ones, side by side, so that many of them stay in the processor's cache.
    small: Vec<u8>,
    /// The large ones, whose buffers the endpoint may keep.
    large: Vec<Vec<u8>>,
    /// The buffer for the next one that may be large.
    next: Vec<u8>,
}

impl Batch {
    pub(crate) fn new(device: Arc<dyn Device>, pool: &Pool) -> Self {
        Self {
            pool: pool.clone(),
            // A device that wants to know which rows a packet caused is told of the packet received last.
            most: if device.wants_rows() { 1 } else { PACKETS },
            whole: device.capabilities().segment > 0,
            arrived: Vec::new(),
            small: vec![0; OCTETS + PACKETS * LINE + BUFFER],
            large: Vec::new(),
            next: Vec::new(),
            device,
        }
    }

    /// Waits for a packet, and takes what else has come already.
    pub(crate) fn fill(&mut self, mut wait: Option<Duration>) -> io::Result<()> {
        self.arrived.clear();
        self.large.drain(..).for_each(|buffer| self.pool.put(buffer));
        let (mut at, mut octets) = (0, 0);
        while self.arrived.len() < self.most && octets < OCTETS {
            let room = self.small.get_mut(at..).unwrap_or_default();
            let arrived = if self.whole {
                if self.next.is_empty() {
                    self.next = self.pool.get();
                }
                let Some(arrived) = self.device.receive(&mut self.next, wait)? else { break };
                if arrived.len >= LARGE {
                    self.large.push(std::mem::take(&mut self.next));
                } else if let (Some(to), Some(from)) =
                    (room.get_mut(..arrived.len), self.next.get(..arrived.len))
                {
                    to.copy_from_slice(from);
                }
                arrived
            } else {
                let Some(arrived) = self.device.receive(room, wait)? else { break };
                arrived
            };
            octets += arrived.len;
            at += self.small_len(&arrived);
            self.arrived.push(arrived);
            wait = Some(Duration::ZERO);
        }
        Ok(())
    }

    /// Octets that it takes among the small ones.
    fn small_len(&self, arrived: &Arrived) -> usize {
        if self.whole && arrived.len >= LARGE { 0 } else { arrived.len.next_multiple_of(LINE) }
    }

    /// How many packets, and how many octets.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.arrived.len(), self.arrived.iter().map(|arrived| arrived.len).sum())
    }

    /// Whether more may be there.
    pub(crate) fn is_full(&self) -> bool {
        self.arrived.len() == PACKETS
    }

    /// Hands them over, one after the other.
    pub(crate) fn each(&mut self, mut take: impl FnMut(PacketBytes<'_>, Offload)) {
        let (mut at, mut large) = (0, 0);
        for arrived in &self.arrived {
            let Arrived { len, offload } = *arrived;
            let small = self.small_len(arrived);
            if small > 0 || len == 0 {
                take(PacketBytes::Lent(self.small.get(at..at + len).unwrap_or_default()), offload);
                at += small;
            } else if let Some(buffer) = self.large.get_mut(large) {
                take(PacketBytes::Given(buffer, len), offload);
                large += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::pair;
    use crate::wire::packet::{Capabilities, Packet};

    #[test]
    fn packets_come_in_order_and_whole_whatever_their_size() {
        for capabilities in [Capabilities::ALL, Capabilities::default()] {
            let (here, there) = pair::with(capabilities);
            let sizes = [1, 1448, 16 << 10, 65_535, 63, 20_000, 64, 65_000, 40_000, 65_535, 100, 65_535];
            let sent: Vec<Vec<u8>> = (1..).zip(sizes).map(|(n, size)| vec![n; size]).collect();
            for packet in &sent {
                there.send(&Packet::new(packet.clone())).unwrap();
            }
            let pool = Pool::default();
            let mut batch = Batch::new(Arc::new(here), &pool);
            let (mut got, mut rounds) = (Vec::new(), 0);
            while got.len() < sent.len() {
                batch.fill(Some(Duration::ZERO)).unwrap();
                batch.each(|mut packet, _| {
                    got.push(packet.to_vec());
                    // Some are kept.
                    if packet.may_keep(60_000) && got.len() % 2 == 0 {
                        packet.take();
                    }
                });
                rounds += 1;
            }
            assert!(got == sent && rounds == 2, "{rounds} rounds");
        }
    }
}

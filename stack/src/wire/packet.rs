//! A packet, and what is left to the device: checksums and the cutting of large segments (the virtio-net header, virtio 1.2 §5.1.6).

use crate::wire::Checksum as Sum;
use crate::wire::flow::Flows;
use crate::wire::tcp::CHECKSUM_AT;
use std::ops::Deref;
use tcpspec::Row;

/// A packet for a device.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Packet {
    /// The whole IP packet.
    pub bytes: Vec<u8>,
    /// What the device must still do to it.
    pub offload: Offload,
    /// The rows that fired until it was sent, if an observer looks on (see [`observe`](crate::observe)).
    pub rows: Vec<Row>,
}

/// What one side of a device has left to the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Offload {
    /// The checksum of what the IP packet carries.
    pub checksum: Checksum,
    /// Octets of text of each segment that this one is to be cut into, or was joined from (`gso_size`); 0 if it is one segment.
    pub segment: u16,
}

/// The state of a checksum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Checksum {
    /// It stands in its place, and the receiver of the packet verifies it.
    #[default]
    Complete,
    /// Only the sum of the pseudo-header stands in its place. Two programs of one machine need no more. A device that sends
    /// the packet on sums up the octets from `start` and writes the result `offset` octets further on.
    Partial {
        /// `csum_start`: octets before the header of what the packet carries.
        start: u16,
        /// `csum_offset`: 16 for TCP.
        offset: u16,
    },
    /// The device has verified it already.
    Verified,
}

/// What a device does for the stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Capabilities {
    /// It takes packets with [`Checksum::Partial`].
    pub checksum: bool,
    /// The largest packet in octets that it cuts into segments; 0 if it cuts none. With this, `checksum` must be set too.
    pub segment: u32,
    /// The flows that it brings. A stack opens no connections of which it would not get the packets.
    pub flows: Flows,
    /// How it writes packets, for [`Stack::table`](crate::Stack::table) to tell.
    pub writes: Writes,
}

/// How a device writes packets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Writes {
    /// It does not say.
    #[default]
    Unknown,
    /// With a system call for each packet.
    OneByOne,
    /// Many at once, through io_uring. Few are written one by one, since that costs less.
    IoUring,
}

impl Offload {
    /// For a packet with `len` octets of text whose TCP header begins at `start`, to be cut into segments of `mss`.
    pub(crate) fn tcp(start: usize, len: u32, mss: u32) -> Self {
        let checksum = Checksum::Partial { start: start as u16, offset: CHECKSUM_AT as u16 };
        Self { checksum, segment: if len > mss { mss as u16 } else { 0 } }
    }
}

impl Capabilities {
    /// Everything: for a device that hands packets on as they are, or to a kernel.
    pub const ALL: Self =
        Self { checksum: true, segment: 65_535, flows: Flows::ALL, writes: Writes::Unknown };
}

impl Packet {
    /// A packet with nothing left to do.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Computes a checksum that was left to the device.
    pub fn complete_checksum(&mut self) {
        let Checksum::Partial { start, offset } = self.offload.checksum else { return };
        let (start, at) = (usize::from(start), usize::from(start) + usize::from(offset));
        // The field itself holds the sum of the pseudo-header, so it is summed up as it is.
        let mut sum = Sum::default();
        sum.add(self.bytes.get(start..).unwrap_or_default());
        if let Some(field) = self.bytes.get_mut(at..at + 2) {
            field.copy_from_slice(&sum.value().to_be_bytes());
        }
        self.offload.checksum = Checksum::Complete;
    }
}

impl Deref for Packet {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Packet {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_checksum_becomes_the_complete_one() {
        let octets: Vec<u8> = (0..60).collect();
        let mut whole = Sum::default();
        whole.add(&octets[20..]);
        let mut packet = Packet::new(octets);
        packet.offload.checksum = Checksum::Partial { start: 20, offset: 16 };
        packet.complete_checksum();
        assert_eq!(packet.offload.checksum, Checksum::Complete);
        assert_eq!(packet[36..38], whole.value().to_be_bytes());
        let before = packet.clone();
        packet.complete_checksum();
        assert_eq!(packet, before, "only once");
    }

    #[test]
    fn a_header_that_points_outside_changes_nothing() {
        let mut packet = Packet::new(vec![1; 30]);
        packet.offload.checksum = Checksum::Partial { start: 20, offset: 16 };
        packet.complete_checksum();
        assert_eq!(packet.bytes, vec![1; 30]);
        packet.offload.checksum = Checksum::Partial { start: u16::MAX, offset: u16::MAX };
        packet.complete_checksum();
        assert_eq!(packet.bytes, vec![1; 30]);
    }
}

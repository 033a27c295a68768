//! A state of the model: two ends, the segments under way, and what properties need to remember of the past.

mod end;
pub mod host;
mod marks;
pub mod packed;
pub mod width;

pub use end::{End, Held};
pub use marks::{Marks, breach, fault, past};
pub use packed::Packed;

use super::Space16;
use crate::Segment;

/// Segments that the network can hold at once; scenarios use this many or fewer.
pub const NET_CAPACITY: usize = 6;
/// Early pieces that an end keeps at most.
pub const HELD_CAPACITY: usize = 2;
/// Incarnations that the model can tell apart at each end.
pub const INCARNATIONS: usize = 6;
/// Not counted: as often as one likes. Only where [`Bounds::merging`](super::scenario::Bounds::merging) keeps the graph finite.
pub const UNCOUNTED: u8 = u8::MAX;

/// The tag of a RST that answers a segment of an older connection.
pub(crate) const PROVOKED: u8 = 14;

/// The tag of what a forger has sent.
pub(crate) const FORGER: u8 = 15;

/// A segment under way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Packet {
    /// The segment.
    pub seg: Segment<Space16>,
    /// The end it goes to, 0 or 1.
    pub to: u8,
    /// The sender's incarnation (1 is the first, 0 means that no connection sent it), or that of a RST which answers an older connection.
    pub tag: u8,
    /// Ticks since it was sent; it is gone when MSL is reached.
    pub age: u8,
}

/// A state of the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct World {
    /// End A and end B.
    pub ends: [End; 2],
    /// Segments under way: in the order sent if the network keeps order, else sorted.
    pub net: [Option<Packet>; NET_CAPACITY],
    /// Losses left.
    pub losses: u8,
    /// Duplications left.
    pub duplicates: u8,
    /// Times that R2 may still be declared reached, or the user timeout.
    pub give_ups: u8,
    /// Crashes left.
    pub crashes: u8,
    /// Segments that the forger may still inject.
    pub forgeries: u8,
    /// Ticks so far, modulo the size of the sequence space; counts only where segments carry timestamps or initial numbers come from it.
    pub clock: u8,
    /// Within an action only: the number that the connection takes which it opens.
    pub(crate) chosen: u8,
    /// Within an action only: the part that is sent again, if it is not the front.
    pub(crate) part: Option<(u8, u8)>,
    /// Segments sent so far; counts only where a scenario asks.
    pub segments: u8,
    /// What went wrong (bits of [`fault`]).
    pub faults: u32,
    /// What did not come out as the RFCs say (bits of [`breach`]).
    pub breaches: u8,
    /// Strays left; once the first has come, nothing else does.
    pub strays: u8,
    /// A stray event has come.
    pub strayed: bool,
    /// An incarnation has ended otherwise than by FINs.
    pub unclean: bool,
}

impl World {
    /// The segments under way.
    pub fn packets(&self) -> impl Iterator<Item = &Packet> {
        self.net.iter().flatten()
    }

    /// Whether nothing is under way.
    pub fn is_quiet(&self) -> bool {
        self.net[0].is_none()
    }

    /// Puts a segment under way; answers whether there was room for it.
    pub(crate) fn put(&mut self, packet: Packet, capacity: usize, in_order: bool) -> bool {
        let Some(mut at) = self.net.iter().take(capacity).position(Option::is_none) else { return false };
        if !in_order {
            // One canonical arrangement for each bag of segments.
            let key = rank(&packet);
            while at > 0 && self.net[at - 1].is_none_or(|before| rank(&before) > key) {
                self.net[at] = self.net[at - 1];
                at -= 1;
            }
        }
        self.net[at] = Some(packet);
        true
    }

    /// Takes a segment from the network.
    pub(crate) fn take(&mut self, index: usize) -> Option<Packet> {
        let packet = self.net.get_mut(index)?.take();
        self.close_up();
        packet
    }

    /// One tick: ages grow, what reaches MSL is gone, 2MSL run down.
    pub(crate) fn tick(&mut self, msl: u8) {
        for slot in &mut self.net {
            if let Some(packet) = slot {
                packet.age += 1;
                if packet.age >= msl {
                    *slot = None;
                }
            }
        }
        // All have grown older by the same, so the order stays.
        self.close_up();
        for end in &mut self.ends {
            end.quiet = end.quiet.saturating_sub(1);
            end.restart = end.restart.saturating_sub(1);
        }
    }

    /// Free places come last; the order of the segments stays.
    fn close_up(&mut self) {
        let mut to = 0;
        for from in 0..NET_CAPACITY {
            if self.net[from].is_some() {
                self.net.swap(to, from);
                to += 1;
            }
        }
    }
}

/// Where a segment belongs among others under way.
fn rank(packet: &Packet) -> (u64, u8) {
    let s = &packet.seg;
    let low = u64::from_be_bytes([
        packet.to,
        packet.tag,
        packet.age,
        s.flags.0,
        s.seq.get() as u8,
        s.ack.get() as u8,
        s.wnd,
        s.len,
    ]);
    (low, s.ts.map_or(0, |ts| ts + 1))
}

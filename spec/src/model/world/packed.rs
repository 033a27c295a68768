//! A world as a few dozen bytes: what is hashed, kept while it waits, and sent to other processes.
//!
//! The packed form is exact: different worlds have different bytes, and unpacking gives the world back. Structs are taken apart
//! exhaustively, so that a new field cannot be forgotten; a value that outgrows its place stops the run instead of being cut.

use super::{End, HELD_CAPACITY, Held, INCARNATIONS, NET_CAPACITY, Packet, UNCOUNTED, World, width};
use crate::model::Space16;
use crate::tcb::Facts;
use crate::{Flags, Segment, Seq, State, Tcb};
use core::hash::{Hash, Hasher};

/// A state as plain bytes.
pub trait Packed: Sized {
    /// Bytes that it takes at most.
    const ROOM: usize;

    /// Writes it to the front of `bytes`, which has [`Self::ROOM`] at least, and says how many it took. Equal states give
    /// equal bytes, different states different ones.
    fn pack(&self, bytes: &mut [u8]) -> usize;

    /// The state that was packed into these bytes; the inverse of [`Self::pack`] and used for nothing else.
    fn unpack(bytes: &[u8]) -> Self;
}

/// What a packed end takes before what it holds.
const END: usize = 26;
/// What follows the ends.
const TAIL: usize = 12;
/// Numbers that a world has at most.
const NUMBERS: usize = 2 * (TCB_NUMBERS + HELD_CAPACITY) + 3 * NET_CAPACITY;
/// Those of a TCB.
const TCB_NUMBERS: usize = 10;
/// Where numbers have more than four bits, the others come last, two of each number.
const UPPER: usize = NUMBERS.div_ceil(4);

/// Two numbers below 16 in a byte.
struct Nibbles {
    /// All numbers so far: one that is too large shows.
    all: u8,
}

impl Nibbles {
    #[inline]
    fn pair(&mut self, high: u8, low: u8) -> u8 {
        self.all |= high | low;
        high << 4 | (low & 15)
    }

    /// A number below 8 and one below 32.
    #[inline]
    fn uneven(&mut self, high: u8, low: u8) -> u8 {
        self.all |= if high < 8 && low < 32 { 0 } else { u8::MAX };
        high << 5 | (low & 31)
    }

    #[inline]
    fn check(self) {
        assert!(self.all < 16, "a number outgrew its place in the packed form: give it more in packed.rs");
    }
}

#[inline]
fn seqs(high: Seq<Space16>, low: Seq<Space16>) -> u8 {
    ((high.get() & 15) << 4 | low.get() & 15) as u8
}

fn high_seq(byte: u8) -> Seq<Space16> {
    Seq::stored(byte >> 4)
}

fn low_seq(byte: u8) -> Seq<Space16> {
    Seq::stored(byte & 15)
}

/// How much is left; 15 stands for what is not counted.
#[inline]
fn count(left: u8) -> u8 {
    if left == UNCOUNTED { 15 } else { left }
}

#[inline]
fn uncount(nibble: u8) -> u8 {
    if nibble == 15 { UNCOUNTED } else { nibble }
}

/// A time stamp of the model's clock; 255 is none.
#[inline]
fn stamp(ts: Option<u8>) -> u8 {
    ts.map_or(255, |ts| ts)
}

#[inline]
fn unstamp(byte: u8) -> Option<u8> {
    (byte != 255).then_some(byte)
}

/// Writes an end and says how many bytes it took.
#[inline]
fn pack_end(end: &End, bytes: &mut [u8; END + 2 * HELD_CAPACITY]) -> usize {
    let End {
        state,
        tcb,
        listening,
        gone,
        armed,
        quiet,
        restart,
        on_hand,
        held,
        last_ack,
        active_opens,
        passive_opens,
        sends,
        aborts,
        closes,
        retransmissions,
        challenges,
        incarnation,
        peer_incarnation,
        peer_gone,
        given,
        delivered,
        closed,
        past,
    } = end;
    let Tcb {
        iss,
        snd_una,
        snd_nxt,
        snd_end,
        snd_wnd,
        max_snd_wnd,
        snd_wl1,
        snd_wl2,
        snd_up,
        irs,
        rcv_nxt,
        rcv_wnd,
        rcv_up,
        ts_recent,
        facts,
    } = *tcb;
    let mut n = Nibbles { all: 0 };
    let [given0, given1, given2, given3, given4, given5] = *given;
    let [facts0, facts1] = facts.bits().to_le_bytes();
    let [past0, past1] = past.to_le_bytes();
    let mut len = END;
    let mut which = 0;
    for (i, slot) in held.iter().enumerate() {
        if let Some(Held { seq, len: text, fin, tag }) = *slot {
            which |= 1 << i;
            let [first, second] = [n.pair(seq.get() as u8 & 15, tag), n.pair(text, u8::from(fin))];
            bytes[len] = first;
            bytes[len + 1] = second;
            len += 2;
        }
    }
    let front: &mut [u8; END] = match bytes.first_chunk_mut() {
        Some(front) => front,
        None => return 0,
    };
    *front = [
        n.pair(*state as u8, which << 2 | u8::from(*listening) << 1 | u8::from(*closed)),
        *armed,
        *delivered,
        seqs(iss, snd_una),
        seqs(snd_nxt, snd_end),
        seqs(snd_wl1, snd_wl2),
        seqs(snd_up, irs),
        seqs(rcv_nxt, rcv_up),
        n.pair(snd_wnd, max_snd_wnd),
        n.pair(rcv_wnd, *on_hand),
        stamp(ts_recent),
        n.pair(*active_opens, *passive_opens),
        n.uneven(*aborts, *sends),
        n.pair(count(*closes), count(*retransmissions)),
        n.pair(*incarnation, *peer_incarnation),
        // The first incarnation may give more octets than there are numbers, and nobody gives any before it.
        n.uneven(given0, given1),
        n.pair(given2, given3),
        n.pair(given4, given5),
        facts0,
        facts1,
        past0,
        past1,
        *quiet,
        n.pair(*restart, *peer_gone),
        n.pair(count(*challenges), u8::from(*gone)),
        last_ack.get() as u8,
    ];
    n.check();
    len
}

/// The end at the front of these bytes, and how many it took.
#[inline]
fn unpack_end(bytes: &[u8]) -> Option<(End, usize)> {
    let b: &[u8; END] = bytes.first_chunk()?;
    let mut len = END;
    let mut held = [None; HELD_CAPACITY];
    for (i, slot) in held.iter_mut().enumerate() {
        if b[0] & (4 << i) != 0 {
            let (first, second) = (*bytes.get(len)?, *bytes.get(len + 1)?);
            *slot =
                Some(Held { seq: high_seq(first), len: second >> 4, fin: second & 1 != 0, tag: first & 15 });
            len += 2;
        }
    }
    let given: [u8; INCARNATIONS] = [b[15] >> 5, b[15] & 31, b[16] >> 4, b[16] & 15, b[17] >> 4, b[17] & 15];
    let end = End {
        state: *State::ALL.get(usize::from(b[0] >> 4))?,
        tcb: Tcb {
            iss: high_seq(b[3]),
            snd_una: low_seq(b[3]),
            snd_nxt: high_seq(b[4]),
            snd_end: low_seq(b[4]),
            snd_wnd: b[8] >> 4,
            max_snd_wnd: b[8] & 15,
            snd_wl1: high_seq(b[5]),
            snd_wl2: low_seq(b[5]),
            snd_up: high_seq(b[6]),
            irs: low_seq(b[6]),
            rcv_nxt: high_seq(b[7]),
            rcv_wnd: b[9] >> 4,
            rcv_up: low_seq(b[7]),
            ts_recent: unstamp(b[10]),
            facts: Facts::from_bits(u16::from_le_bytes([b[18], b[19]])),
        },
        listening: b[0] & 2 != 0,
        gone: b[24] & 1 != 0,
        challenges: uncount(b[24] >> 4),
        armed: b[1],
        quiet: b[22],
        restart: b[23] >> 4,
        on_hand: b[9] & 15,
        held,
        last_ack: Seq::stored(b[25]),
        active_opens: b[11] >> 4,
        passive_opens: b[11] & 15,
        sends: b[12] & 31,
        aborts: b[12] >> 5,
        closes: uncount(b[13] >> 4),
        retransmissions: uncount(b[13] & 15),
        incarnation: b[14] >> 4,
        peer_incarnation: b[14] & 15,
        peer_gone: b[23] & 15,
        given,
        delivered: b[2],
        closed: b[0] & 1 != 0,
        past: u16::from_le_bytes([b[20], b[21]]),
    };
    Some((end, len))
}

#[inline]
fn pack_packet(packet: &Packet) -> [u8; 6] {
    let Packet { seg, to, tag, age } = *packet;
    let Segment { seq, ack, wnd, up, len, flags, ts, listener, echoes, outdated } = seg;
    // What a host adds when a segment arrives is not under way.
    debug_assert!(!echoes && !outdated);
    let mut n = Nibbles { all: 0 };
    let packed = [
        seqs(seq, ack),
        n.pair(wnd, up.get() as u8 & 15),
        n.pair(len, age),
        n.pair(tag, to << 1 | u8::from(listener)),
        flags.0,
        stamp(ts),
    ];
    n.check();
    packed
}

#[inline]
fn unpack_packet(b: &[u8; 6]) -> Packet {
    Packet {
        seg: Segment {
            seq: high_seq(b[0]),
            ack: low_seq(b[0]),
            wnd: b[1] >> 4,
            up: low_seq(b[1]),
            len: b[2] >> 4,
            flags: Flags(b[4]),
            ts: unstamp(b[5]),
            listener: b[3] & 1 != 0,
            echoes: false,
            outdated: false,
        },
        to: (b[3] >> 1) & 7,
        tag: b[3] >> 4,
        age: b[2] & 15,
    }
}

impl Packed for World {
    const ROOM: usize = TAIL + 2 * (END + 2 * HELD_CAPACITY) + 6 * NET_CAPACITY + UPPER;

    #[inline]
    fn pack(&self, bytes: &mut [u8]) -> usize {
        let World {
            ends,
            net,
            losses,
            duplicates,
            give_ups,
            crashes,
            forgeries,
            clock,
            // Within an action only.
            chosen: _,
            part: _,
            segments,
            faults,
            breaches,
            strays,
            strayed,
            unclean,
        } = self;
        let Some(bytes) = bytes.get_mut(..Self::ROOM) else { return 0 };
        let mut n = Nibbles { all: 0 };
        let mut len = TAIL;
        for end in ends {
            if let Some(room) = bytes[len..].first_chunk_mut() {
                len += pack_end(end, room);
            }
        }
        let mut which = 0;
        for (i, slot) in net.iter().enumerate() {
            if let Some(packet) = slot {
                which |= 1 << i;
                bytes[len..len + 6].copy_from_slice(&pack_packet(packet));
                len += 6;
            }
        }
        let [faults0, faults1, faults2, faults3] = faults.to_le_bytes();
        bytes[..TAIL].copy_from_slice(&[
            which,
            n.pair(count(*losses), count(*duplicates)),
            n.pair(*give_ups, u8::from(*unclean)),
            *clock,
            *segments,
            faults0,
            faults1,
            faults2,
            faults3,
            n.pair(*crashes, *forgeries),
            *breaches,
            n.pair(*strays, u8::from(*strayed)),
        ]);
        n.check();
        if width::is_large() {
            len += pack_upper(self, &mut bytes[len..]);
        }
        len
    }

    #[expect(
        clippy::panic,
        reason = "bytes that no `pack` has written are a bug, and no state can be made of them"
    )]
    fn unpack(bytes: &[u8]) -> Self {
        unpack_world(bytes).unwrap_or_else(|| panic!("not a packed world: {bytes:?}"))
    }
}

#[inline]
fn unpack_world(bytes: &[u8]) -> Option<World> {
    let b: &[u8; TAIL] = bytes.first_chunk()?;
    let mut from = TAIL;
    let (first, len) = unpack_end(bytes.get(from..)?)?;
    from += len;
    let (second, len) = unpack_end(bytes.get(from..)?)?;
    from += len;
    let mut net = [None; NET_CAPACITY];
    for (i, slot) in net.iter_mut().enumerate() {
        if b[0] & (1 << i) != 0 {
            *slot = Some(unpack_packet(bytes.get(from..)?.first_chunk()?));
            from += 6;
        }
    }
    let mut world = World {
        ends: [first, second],
        net,
        losses: uncount(b[1] >> 4),
        duplicates: uncount(b[1] & 15),
        give_ups: b[2] >> 4,
        clock: b[3],
        chosen: 0,
        part: None,
        segments: b[4],
        faults: u32::from_le_bytes([b[5], b[6], b[7], b[8]]),
        crashes: b[9] >> 4,
        forgeries: b[9] & 15,
        breaches: b[10],
        strays: b[11] >> 4,
        strayed: b[11] & 1 != 0,
        unclean: b[2] & 1 != 0,
    };
    if width::is_large() {
        unpack_upper(&mut world, bytes.get(from..)?);
    }
    Some(world)
}

/// Goes through the numbers of a world that a nibble holds only the lower bits of, always in the same order.
fn each_number(world: &mut World, mut each: impl FnMut(&mut Seq<Space16>)) {
    for end in &mut world.ends {
        let Tcb { iss, snd_una, snd_nxt, snd_end, snd_wl1, snd_wl2, snd_up, irs, rcv_nxt, rcv_up, .. } =
            &mut end.tcb;
        let numbers: [_; TCB_NUMBERS] =
            [iss, snd_una, snd_nxt, snd_end, snd_wl1, snd_wl2, snd_up, irs, rcv_nxt, rcv_up];
        numbers.into_iter().for_each(&mut each);
        end.held.iter_mut().flatten().for_each(|held| each(&mut held.seq));
    }
    for packet in world.net.iter_mut().flatten() {
        let Segment { seq, ack, up, .. } = &mut packet.seg;
        [seq, ack, up].into_iter().for_each(&mut each);
    }
}

/// Writes the upper bits of all numbers, two of each, and says how many bytes they took.
fn pack_upper(world: &World, bytes: &mut [u8]) -> usize {
    let (mut world, mut count) = (*world, 0);
    bytes[..UPPER].fill(0);
    each_number(&mut world, |number| {
        bytes[count / 4] |= ((number.get() >> 4) as u8) << (count % 4 * 2);
        count += 1;
    });
    count.div_ceil(4)
}

fn unpack_upper(world: &mut World, bytes: &[u8]) {
    let mut count = 0;
    each_number(world, |number| {
        let byte = bytes.get(count / 4).copied().unwrap_or_default();
        *number = number.plus(u32::from(byte >> (count % 4 * 2) & 3) << 4);
        count += 1;
    });
}

impl World {
    /// The world as bytes: two worlds have the same only if they are equal.
    pub fn packed(&self) -> Box<[u8]> {
        let mut bytes = [0; Self::ROOM];
        let len = self.pack(&mut bytes);
        bytes.get(..len).unwrap_or_default().into()
    }
}

impl Hash for World {
    /// Hashes the packed form at once, which is several times faster than field by field.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let mut bytes = [0; Self::ROOM];
        let len = self.pack(&mut bytes);
        hasher.write(&bytes[..len]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_world_fits() {
        let mut world =
            World { net: [Some(Packet::default()); NET_CAPACITY], ..World::unpack(&[0; World::ROOM]) };
        for end in &mut world.ends {
            end.held = [Some(Held::default()); HELD_CAPACITY];
        }
        let mut room = [0; World::ROOM];
        let len = world.pack(&mut room);
        assert_eq!(len, World::ROOM - UPPER);
        assert_eq!(World::unpack(&room), world);
    }
}

//! How a world is hashed: packed into bytes and hashed at once, which is several times faster than field by field.
//!
//! Structs are taken apart exhaustively, so that a new field cannot be forgotten.

use super::Space16;
use super::world::{End, Held, Packet, World};
use crate::{Segment, Seq, Tcb};
use core::hash::{Hash, Hasher};

/// More than a world takes; see `a_world_fits`.
const ROOM: usize = 256;

struct Bytes {
    bytes: [u8; ROOM],
    len: usize,
}

impl Bytes {
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + N) {
            room.copy_from_slice(&bytes);
        }
        self.len += N;
    }

    fn seg(&mut self, seg: &Segment<Space16>) {
        let Segment { seq, ack, wnd, up, len, flags, ts, listener } = *seg;
        let both = |a: Seq<Space16>, b: Seq<Space16>| (a.get() << 4 | b.get()) as u8;
        self.put([
            both(seq, ack),
            both(up, Seq::new(wnd.into())),
            len,
            flags.0,
            ts.map_or(255, |ts| ts),
            u8::from(listener),
        ]);
    }

    fn tcb(&mut self, tcb: &Tcb<Space16>) {
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
        let both = |a: Seq<Space16>, b: Seq<Space16>| (a.get() << 4 | b.get()) as u8;
        self.put([
            both(iss, snd_una),
            both(snd_nxt, snd_end),
            both(snd_wl1, snd_wl2),
            both(snd_up, irs),
            both(rcv_nxt, rcv_up),
            snd_wnd,
            max_snd_wnd,
            rcv_wnd,
            ts_recent.map_or(255, |ts| ts),
        ]);
        self.put(facts.bits().to_le_bytes());
    }

    fn end(&mut self, end: &End) {
        let End {
            state,
            tcb,
            listening,
            armed,
            quiet,
            restart,
            on_hand,
            held,
            active_opens,
            passive_opens,
            sends,
            aborts,
            closes,
            retransmissions,
            incarnation,
            peer_incarnation,
            peer_gone,
            given,
            delivered,
            closed,
            gone,
            past,
        } = end;
        self.tcb(tcb);
        self.put([
            *state as u8,
            *armed,
            restart << 4 | quiet,
            *on_hand,
            active_opens << 4 | passive_opens,
            sends << 4 | aborts,
            // Uncounted (255) is the same in all worlds of a scenario.
            closes << 4 | retransmissions & 15,
            incarnation << 4 | peer_incarnation,
            delivered << 3 | u8::from(*gone) << 2 | u8::from(*closed) << 1 | u8::from(*listening),
            *peer_gone,
        ]);
        self.put(*given);
        self.put(past.to_le_bytes());
        for slot in held {
            match slot {
                Some(Held { seq, len, fin, tag }) => {
                    self.put([1, seq.get() as u8, len << 1 | u8::from(*fin), *tag])
                }
                None => self.put([0]),
            }
        }
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let packed = self.pack();
        hasher.write(packed.bytes.get(..packed.len).unwrap_or(&packed.bytes));
    }
}

impl World {
    /// The world as bytes: two worlds of a scenario have the same only if they are equal.
    pub fn packed(&self) -> Box<[u8]> {
        let packed = self.pack();
        packed.bytes.get(..packed.len).unwrap_or(&packed.bytes).into()
    }

    fn pack(&self) -> Bytes {
        let World {
            ends,
            net,
            losses,
            duplicates,
            give_ups,
            crashes,
            forgeries,
            clock,
            segments,
            faults,
            breaches,
            strays,
            strayed,
            unclean,
        } = self;
        let mut packed = Bytes { bytes: [0; ROOM], len: 0 };
        for end in ends {
            packed.end(end);
        }
        for Packet { seg, to, tag, age } in net.iter().flatten() {
            packed.seg(seg);
            packed.put([tag << 1 | to, *age]);
        }
        packed.put([
            255,
            losses << 4 | duplicates & 15,
            give_ups << 4 | clock,
            *segments,
            crashes << 4 | forgeries << 1 | u8::from(*unclean),
        ]);
        packed.put(faults.to_le_bytes());
        packed.put([*breaches, strays << 1 | u8::from(*strayed)]);
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Tcp, scenarios};

    #[test]
    fn a_world_fits() {
        let mut world = Tcp::new(&scenarios::SCENARIOS[0]).initial();
        world.net = [Some(Packet::default()); super::super::world::NET_CAPACITY];
        for end in &mut world.ends {
            end.held = [Some(Held::default()); super::super::world::HELD_CAPACITY];
        }
        assert!(world.pack().len <= ROOM, "{}", world.pack().len);
    }
}

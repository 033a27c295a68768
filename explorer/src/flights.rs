//! Flights of segments: which of the segments that were sent is the one that arrives.

use tcpspec::model::{Action, Packet, Step, Tcp, World};

/// How a flight ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// A copy of it arrives; the segment itself stays under way.
    Copied,
    /// It is lost.
    Lost,
    /// It has reached MSL.
    Expired,
    /// The run ends first.
    UnderWay,
}

/// A segment's way from one end to the other.
#[derive(Clone, Copy, Debug)]
pub struct Flight {
    /// The segment, with its age at the end of the flight.
    pub packet: Packet,
    /// The step in which it was sent, and its place among what was sent then; `None` if that was before the run.
    pub sent: Option<(usize, usize)>,
    /// The step in which it ends.
    pub ends: Option<usize>,
    /// How it ends.
    pub fate: Fate,
}

impl Flight {
    /// Whether it arrives in the very next step, so that one line can show both.
    pub fn is_direct(&self) -> bool {
        self.fate == Fate::Arrives
            && self.sent.zip(self.ends).is_some_and(|((sent, _), ends)| sent + 1 == ends)
    }
}

/// The tag of a RST that answers an older connection is not an incarnation, nor is the forger's.
const MOST: u8 = 13;

/// Whether a packet comes from an older connection than the one that its addressee has.
pub fn is_old(packet: &Packet, world: &World) -> bool {
    let Packet { seg: _, to, tag, age: _ } = *packet;
    let addressee = &world.ends[usize::from(to.min(1))];
    (1..=MOST).contains(&tag) && (tag <= addressee.peer_gone || tag < addressee.peer_incarnation)
}

/// For each step of a run whether what arrives in it comes from an older connection. Shorter than the run if the model does not allow a step.
pub fn old_arrivals(model: &Tcp, actions: &[Action]) -> Vec<bool> {
    let mut world = model.initial();
    let mut old = Vec::new();
    for action in actions {
        let Some((after, step)) = model.explain(&world, *action) else { break };
        old.push(step.arrived.is_some_and(|packet| is_old(&packet, &world)));
        world = after;
    }
    old
}

/// All flights, in the order in which they end; those under way last. With an MSL of 0 ticks none expires.
pub fn flights(steps: &[Step], msl: u8) -> Vec<Flight> {
    let mut under_way: Vec<Flight> = Vec::new();
    let mut all = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let fate = match step.action {
            Action::Duplicate(_) => Fate::Copied,
            Action::Lose(_) => Fate::Lost,
            _ => Fate::Arrives,
        };
        if let Some(packet) = step.arrived {
            // Equal segments cannot be told apart; the one sent first is as good as any.
            let same_age = |f: &Flight| same(&f.packet, &packet) && f.packet.age == packet.age;
            let found = under_way
                .iter()
                .position(same_age)
                .or_else(|| under_way.iter().position(|f| same(&f.packet, &packet)));
            let sent = found.and_then(|at| under_way.get(at)).and_then(|f| f.sent);
            if let Some(at) = found.filter(|_| fate != Fate::Copied) {
                under_way.remove(at);
            }
            all.push(Flight { packet, sent, ends: Some(index), fate });
        }
        if msl > 0 && step.action == Action::Tick {
            for flight in &mut under_way {
                flight.packet.age += 1;
            }
            let gone = under_way.extract_if(.., |flight| flight.packet.age >= msl);
            all.extend(gone.map(|flight| Flight { ends: Some(index), fate: Fate::Expired, ..flight }));
        }
        for (place, packet) in step.sent.iter().enumerate() {
            let sent = Some((index, place));
            under_way.push(Flight { packet: *packet, sent, ends: None, fate: Fate::UnderWay });
        }
    }
    all.extend(under_way);
    all
}

/// The same but for the time under way.
fn same(a: &Packet, b: &Packet) -> bool {
    (a.seg, a.to, a.tag) == (b.seg, b.to, b.tag)
}

//! Which segment that left is the one that arrives.

use tcpspec::model::{Action, Packet, Step};

/// How a flight ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives.
    Arrives,
    /// A copy of it arrives; the segment itself stays under way.
    Copied,
    /// It is lost.
    Lost,
    /// The run ends first.
    UnderWay,
}

/// A segment's way from one end to the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) packet: Packet,
    /// The step in which it was sent, and its place among what was sent then; `None` if that was before the run.
    pub(super) sent: Option<(usize, usize)>,
    /// The step in which it ends.
    pub(super) ends: Option<usize>,
    pub(super) fate: Fate,
}

impl Flight {
    /// Whether it arrives in the very next step, so that one line can show both.
    pub(super) fn is_direct(&self) -> bool {
        self.fate == Fate::Arrives
            && self.sent.zip(self.ends).is_some_and(|((sent, _), ends)| sent + 1 == ends)
    }
}

/// All flights, in the order in which they end; those under way last.
pub(super) fn flights(steps: &[Step]) -> Vec<Flight> {
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
            let found = under_way.iter().position(|f| same(&f.packet, &packet));
            let sent = found.and_then(|at| under_way.get(at)).and_then(|f| f.sent);
            if let Some(at) = found.filter(|_| fate != Fate::Copied) {
                under_way.remove(at);
            }
            all.push(Flight { packet, sent, ends: Some(index), fate });
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

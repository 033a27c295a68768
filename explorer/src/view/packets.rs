//! Segments, with numbers as they are and counted from the initial ones.

use crate::api::PacketView;
use crate::flights::is_old;
use crate::run::Run;
use std::collections::BTreeMap;
use tcpspec::model::{Packet, Space16, World};
use tcpspec::{Flags, Segment, Seq, State};

type Number = Seq<Space16>;

/// The first numbers of each incarnation: by end and incarnation, ISS and IRS.
#[derive(Clone, Debug, Default)]
pub(crate) struct First {
    all: BTreeMap<(usize, u8), (Number, Option<Number>)>,
    loopback: bool,
}

impl First {
    /// Those of a run.
    pub(crate) fn of(run: &Run) -> Self {
        let mut first = Self { all: BTreeMap::new(), loopback: run.model.scenario.bounds.loopback };
        run.worlds.iter().for_each(|world| first.note(world));
        first
    }

    fn note(&mut self, world: &World) {
        for (i, end) in world.ends.iter().enumerate() {
            if matches!(end.state, State::Closed | State::Listen) {
                continue;
            }
            let heard = (end.state != State::SynSent).then_some(end.tcb.irs);
            let entry = self.all.entry((i, end.incarnation)).or_insert((end.tcb.iss, heard));
            entry.1 = heard.or(entry.1);
        }
    }

    /// The same, with what one more world tells.
    pub(crate) fn with(&self, world: &World) -> Self {
        let mut more = self.clone();
        more.note(world);
        more
    }

    /// A number counted from the first of this end's incarnation, or of its peer's.
    pub(crate) fn relative(
        &self,
        end: usize,
        incarnation: u8,
        own: bool,
        number: Seq<Space16>,
    ) -> Option<u32> {
        let (iss, irs) = self.all.get(&(end, incarnation))?;
        Some(number.minus((if own { Some(*iss) } else { *irs })?.get()).get())
    }

    /// A packet as the page shows it.
    pub(crate) fn view(&self, packet: &Packet, world: &World) -> PacketView {
        let Packet { seg, to, tag, age } = packet;
        let to = usize::from(*to);
        let from = if self.loopback { to } else { 1 - to.min(1) };
        PacketView {
            text: words(seg),
            relative: self.counted(seg, from, *tag).map_or_else(|| words(seg), |seg| words(&seg)),
            flags: seg.flags.to_string(),
            seq: seg.seq.get(),
            ack: seg.flags.has(Flags::ACK).then(|| seg.ack.get()),
            wnd: seg.wnd.into(),
            len: seg.text_len(),
            to,
            tag: *tag,
            old: is_old(packet, world),
            age: *age,
        }
    }

    /// The segment with numbers counted from the first ones.
    fn counted(&self, seg: &Segment<Space16>, from: usize, tag: u8) -> Option<Segment<Space16>> {
        let seq = Seq::new(self.relative(from, tag, true, seg.seq)?);
        let ack = if seg.flags.has(Flags::ACK) {
            Seq::new(self.relative(from, tag, false, seg.ack)?)
        } else {
            seg.ack
        };
        Some(Segment { seq, ack, ..*seg })
    }
}

/// With the timestamp, if there is one: that is what some rows ask for.
fn words(seg: &Segment<Space16>) -> String {
    let stamp = seg.ts.map_or_else(String::new, |ts| format!("<TSval={ts}>"));
    format!("{seg}{stamp}")
}

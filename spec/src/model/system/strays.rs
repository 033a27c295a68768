//! Anything at all, once: in every world of a small run one event of any kind comes to one end, be it expected there or not: every call, every
//! timer, text kept before, and segments of all shapes around the window's and the acknowledgments' edges. With it the run ends; what it did
//! is judged by [`expectations`](super::expectations).

use super::tcp::{Step, Tcp};
use crate::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use crate::model::Space16;
use crate::model::scenario::Scenario;
use crate::model::world::{End, World, width};
use crate::{Event, Flags, Segment, Seq, Tcb, Timer};

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const RST: Flags = Flags::RST;
const FIN: Flags = Flags::FIN;
const URG: Flags = Flags::URG;

/// The flags that a stray segment may have.
const FLAGS: [Flags; 14] = [
    ACK,
    SYN,
    SYN.with(ACK),
    RST,
    RST.with(ACK),
    FIN.with(ACK),
    Flags(0),
    FIN,
    URG.with(ACK),
    URG.with(ACK).with(FIN),
    SYN.with(FIN),
    SYN.with(ACK).with(FIN),
    SYN.with(ACK).with(RST),
    SYN.with(RST),
];
/// Where it begins (the last place with 16 numbers: half of the space away).
const PLACES: [&str; 6] =
    ["RCV.NXT-1", "RCV.NXT", "RCV.NXT+1", "the last of the window", "right behind the window", "RCV.NXT+8"];
/// What it acknowledges.
const ACKS: [&str; 5] = ["SND.UNA-1", "SND.UNA", "SND.NXT", "SND.NXT+1", "SND.UNA-MAX.SND.WND-1"];
/// No text, an octet, or more than the window holds.
const LENGTHS: usize = 3;
/// A listener waits beside the connection or not.
const LISTENERS: usize = 2;
/// Where segments have timestamps: newer than TS.Recent, older, older than a TS.Recent that is outdated, none, the same.
const STAMPS: usize = 5;
const SEGMENTS: usize = FLAGS.len() * PLACES.len() * ACKS.len() * LENGTHS * LISTENERS * STAMPS;

/// How many events there are besides segments of these shapes.
const OTHERS: usize = 51;

/// All events besides segments of these shapes, with their names.
fn others(on_hand: u32, tcb: &Tcb<Space16>, window: u32) -> [(&'static str, Event<Space16>); OTHERS] {
    let rcv_nxt = tcb.rcv_nxt;
    let unreachable = |seq, hard| Event::Unreachable(Unreachable { seq, hard });
    let open = |active, remote| Event::Open(Open { active, remote, forks: false });
    let send = |room, urgent| Event::Send(Send { len: 1, urgent, room });
    let empty = |urgent| Event::Send(Send { len: 0, urgent, room: true });
    let segment = |seq, ack, flags| {
        let ts = tcb.ts_recent.map(|recent| Seq::<Space16>::new(recent.into()).plus(1).get() as u8);
        Event::Segment(Segment { seq, ack, wnd: 1, flags, ts, ..Segment::default() })
    };
    let transmit = |max| Event::Transmit(Transmit { max, ..Transmit::default() });
    let held_at = |seq, len, flags| Event::Held(Segment { seq, len, flags, ..Segment::default() });
    let held = |len, flags| held_at(rcv_nxt, len, flags);
    let [due, r1, r2] =
        [(false, false), (true, false), (false, true)].map(|(r1, r2)| Expiry { early: false, r1, r2 });
    let early = Expiry { early: true, ..due };
    [
        ("passive OPEN", open(false, false)),
        ("passive OPEN that names its peer", open(false, true)),
        ("active OPEN without a remote socket", open(true, false)),
        ("active OPEN", open(true, true)),
        ("SEND", send(true, false)),
        ("urgent SEND", send(true, true)),
        ("SEND without room", send(false, false)),
        ("SEND of nothing", empty(false)),
        ("urgent SEND of nothing", empty(true)),
        // The user asks for more than there is.
        ("RECEIVE", Event::Receive(Receive { on_hand, max: on_hand + 1, window, taken: 0 })),
        // The host's buffer has grown meanwhile.
        (
            "RECEIVE with a larger window",
            Event::Receive(Receive { on_hand, max: 0, window: window + 1, taken: 0 }),
        ),
        // It has shrunk, and what was offered stays offered.
        (
            "RECEIVE with a smaller window",
            Event::Receive(Receive {
                on_hand,
                max: 0,
                window: tcb.receive_window().saturating_sub(1),
                taken: 0,
            }),
        ),
        ("CLOSE", Event::Close(Bare)),
        ("ABORT", Event::Abort(Bare)),
        ("RELEASE", Event::Release(Release { unread: on_hand > 0 })),
        ("STATUS", Event::Status(Bare)),
        ("transmission without text", transmit(0)),
        ("transmission of 1 octet", transmit(1)),
        ("transmission of 2 octets", transmit(2)),
        ("held text is next", held(1, ACK)),
        ("held FIN is next", held(0, FIN.with(ACK))),
        ("held text with a FIN is next", held(1, FIN.with(ACK))),
        ("held segment without text is next", held(0, ACK)),
        // Of what was kept, all or a part may have come again meanwhile.
        ("held text that has come", held_at(rcv_nxt.minus(1), 1, ACK)),
        ("held text that has come, its FIN is next", held_at(rcv_nxt.minus(1), 1, FIN.with(ACK))),
        ("held text with a FIN that have come", held_at(rcv_nxt.minus(2), 1, FIN.with(ACK))),
        ("retransmission timer", Event::Retransmission(due)),
        ("retransmission timer, R1 reached", Event::Retransmission(r1)),
        ("retransmission timer, R2 reached", Event::Retransmission(r2)),
        ("early retransmission", Event::Retransmission(early)),
        ("early retransmission, R1 reached", Event::Retransmission(Expiry { r1: true, ..early })),
        ("persist timer", Event::Probe(due)),
        ("persist timer, R1 reached", Event::Probe(r1)),
        ("persist timer, R2 reached", Event::Probe(r2)),
        ("keep-alive timer", Event::KeepAlive(due)),
        ("keep-alive timer, R1 reached", Event::KeepAlive(r1)),
        ("keep-alive timer, R2 reached", Event::KeepAlive(r2)),
        ("delayed-ACK timer", Event::DelayedAck(Bare)),
        ("time-wait timer", Event::TimeWait(Bare)),
        ("user timer", Event::UserTimeout(Bare)),
        ("orphan timer", Event::Orphan(Bare)),
        ("ICMP soft error about SND.UNA", unreachable(tcb.snd_una, false)),
        ("ICMP hard error about SND.UNA", unreachable(tcb.snd_una, true)),
        ("ICMP hard error about SND.NXT-1", unreachable(tcb.snd_nxt.minus(1), true)),
        ("ICMP hard error about SND.NXT", unreachable(tcb.snd_nxt, true)),
        ("ICMP hard error about SND.UNA-1", unreachable(tcb.snd_una.minus(1), true)),
        // Its FIN is where the peer's was, and a SYN is no part of a FIN that is sent again.
        (
            "<SEQ=RCV.NXT-2><ACK=SND.UNA><CTL=SYN,FIN,ACK>",
            segment(rcv_nxt.minus(2), tcb.snd_una, SYN.with(FIN).with(ACK)),
        ),
        // The FIN of a RST is not taken.
        ("<SEQ=RCV.NXT><CTL=RST,FIN>", segment(rcv_nxt, tcb.snd_una, RST.with(FIN))),
        // One number further than what a probe of the window brings.
        (
            "<SEQ=two behind the window><ACK=SND.UNA><CTL=ACK>",
            segment(rcv_nxt.plus(tcb.receive_window().max(1) + 1), tcb.snd_una, ACK),
        ),
        // Also where the connection has no timestamps.
        (
            "<SEQ=RCV.NXT-1><CTL=SYN> with a timestamp, a listener waits",
            Event::Segment(Segment {
                seq: rcv_nxt.minus(1),
                wnd: 1,
                flags: SYN,
                ts: Some(1),
                listener: true,
                ..Segment::default()
            }),
        ),
        // Half of the space away it is neither before nor after.
        (
            "<SEQ=RCV.NXT><ACK=SND.UNA+8><CTL=ACK>",
            segment(rcv_nxt, tcb.snd_una.plus(width::half().into()), ACK),
        ),
    ]
}

/// The timer whose running out an event is.
fn timer_of(event: &Event<Space16>) -> Option<Timer> {
    Some(match event {
        Event::Retransmission(expiry) if !expiry.early => Timer::Retransmission,
        Event::Probe(_) => Timer::Persist,
        Event::KeepAlive(_) => Timer::KeepAlive,
        Event::DelayedAck(_) => Timer::DelayedAck,
        Event::TimeWait(_) => Timer::TimeWait,
        Event::UserTimeout(_) => Timer::User,
        Event::Orphan(_) => Timer::Orphan,
        _ => return None,
    })
}

/// A segment's shape.
struct Shape {
    flags: Flags,
    place: usize,
    ack: usize,
    len: usize,
    listener: bool,
    stamp: usize,
}

fn shape(mut index: usize) -> Shape {
    let mut digit = |base: usize| {
        let digit = index % base;
        index /= base;
        digit
    };
    Shape {
        flags: FLAGS[digit(FLAGS.len())],
        place: digit(PLACES.len()),
        ack: digit(ACKS.len()),
        len: digit(LENGTHS),
        listener: digit(LISTENERS) == 1,
        stamp: digit(STAMPS),
    }
}

/// A stray in words.
pub fn stray_name(index: u16) -> String {
    let index = usize::from(index);
    if index >= SEGMENTS {
        let event = others(0, &Tcb::default(), 0).into_iter().nth(index - SEGMENTS);
        return event.map_or(String::new(), |(name, _)| format!("stray {name}"));
    }
    let Shape { flags, place, ack, len, listener, stamp } = shape(index);
    let names = [(SYN, "SYN"), (ACK, "ACK"), (RST, "RST"), (FIN, "FIN"), (URG, "URG")];
    let set: Vec<_> = names.iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, name)| *name).collect();
    let seq = PLACES[place];
    let acks = ACKS[ack];
    let ack = if flags.has(ACK) { format!("<ACK={acks}>") } else { String::new() };
    let text = ["", ", text", ", much text"][len];
    let beside = if listener { ", a listener waits" } else { "" };
    let stamp =
        ["", ", old timestamp", ", old timestamp after 24 days", ", no timestamp", ", the same timestamp"]
            [stamp];
    format!("stray <SEQ={seq}>{ack}<CTL={}>{text}{beside}{stamp}", set.join(","))
}

/// Which shapes of segments differ where an end is.
struct Shapes<'a> {
    end: &'a End,
    /// Where a segment may begin, from the number before RCV.NXT on.
    offsets: [u32; PLACES.len()],
    stamps: bool,
}

impl<'a> Shapes<'a> {
    fn of(end: &'a End, scenario: &Scenario) -> Self {
        let window = end.tcb.receive_window();
        // What lies beyond every window comes last.
        let offsets = [0, 1, 2, window, window.max(1) + 1, u32::from(width::half()) + 1];
        Self { end, offsets, stamps: scenario.bounds.timestamps && end.tcb.ts_recent.is_some() }
    }

    fn has_stamp(&self, stamp: usize) -> bool {
        stamp == 0 || self.stamps
    }

    fn has_listener(&self, listener: bool) -> bool {
        !listener || self.end.state == crate::State::TimeWait
    }

    fn has_ack(&self, ack: usize) -> bool {
        let tcb = &self.end.tcb;
        match ack {
            2 => tcb.snd_una != tcb.snd_nxt,
            4 => tcb.max_snd_wnd > 0,
            _ => true,
        }
    }

    fn has_place(&self, place: usize) -> bool {
        !self.offsets[..place].contains(&self.offsets[place])
    }

    /// Without an ACK its number means nothing. A SYN asks for the listener, and what has no flag at all must not.
    fn has_flags(flags: Flags, ack: usize, listener: bool) -> bool {
        (flags.has(ACK) || ack == 0) && (flags.has(SYN) || flags == Flags(0) || !listener)
    }

    fn has(&self, shape: &Shape) -> bool {
        let Shape { flags, place, ack, len: _, listener, stamp } = *shape;
        self.has_stamp(stamp)
            && self.has_listener(listener)
            && self.has_ack(ack)
            && self.has_place(place)
            && Self::has_flags(flags, ack, listener)
    }
}

/// Tells of each stray at this end that is not the same as one before it. Most shapes are; so they are left out many at a time.
pub(crate) fn each(end: &End, scenario: &Scenario, mut tell: impl FnMut(u16)) {
    let shapes = Shapes::of(end, scenario);
    let places: Vec<usize> = (0..PLACES.len()).filter(|place| shapes.has_place(*place)).collect();
    for stamp in (0..STAMPS).filter(|stamp| shapes.has_stamp(*stamp)) {
        for listener in (0..LISTENERS).filter(|listener| shapes.has_listener(*listener == 1)) {
            for len in 0..LENGTHS {
                for ack in (0..ACKS.len()).filter(|ack| shapes.has_ack(*ack)) {
                    for place in &places {
                        let before = (((stamp * LISTENERS + listener) * LENGTHS + len) * ACKS.len() + ack)
                            * PLACES.len()
                            + place;
                        let first = before * FLAGS.len();
                        for (i, flags) in FLAGS.into_iter().enumerate() {
                            if Shapes::has_flags(flags, ack, listener == 1) {
                                tell((first + i) as u16);
                            }
                        }
                    }
                }
            }
        }
    }
    for index in SEGMENTS..SEGMENTS + OTHERS {
        if stray(end, scenario, index as u16).is_some() {
            tell(index as u16);
        }
    }
}

/// A stray, as this end would see it; none if it is the same as one before it.
pub(crate) fn stray(end: &End, scenario: &Scenario, index: u16) -> Option<Event<Space16>> {
    let index = usize::from(index);
    if index >= SEGMENTS {
        let all = others(end.on_hand.into(), &end.tcb, scenario.bounds.window.into());
        let (_, event) = all.into_iter().nth(index - SEGMENTS)?;
        let event = match event {
            Event::Segment(seg) => Event::Segment(Segment { echoes: end.echoes(&seg), ..seg }),
            event => event,
        };
        // What lies beyond the window is never kept.
        return (end.tcb.rcv_wnd > 0 || event.kind() != crate::EventKind::Held).then_some(event);
    }
    let (shape, shapes, tcb) = (shape(index), Shapes::of(end, scenario), &end.tcb);
    if !shapes.has(&shape) {
        return None;
    }
    let Shape { flags, place, ack, len, listener, stamp } = shape;
    let seq = tcb.rcv_nxt.minus(1).plus(shapes.offsets[place]);
    let ack = if flags.has(ACK) {
        let ancient = tcb.snd_una.minus(u32::from(tcb.max_snd_wnd) + 1);
        [tcb.snd_una.minus(1), tcb.snd_una, tcb.snd_nxt, tcb.snd_nxt.plus(1), ancient][ack]
    } else {
        // Without the bit the field means nothing, whatever it holds.
        tcb.snd_nxt
    };
    let longer = len;
    let len = [0, 1, scenario.bounds.window + 1][longer];
    let up = if flags.has(URG) { seq.plus(1) } else { Default::default() };
    let recent = Seq::<Space16>::new(tcb.ts_recent.unwrap_or_default().into());
    let (newer, older) = (recent.plus(1), recent.minus(1));
    let ts = [Some(newer), Some(older), Some(older), None, Some(recent)][stamp];
    let ts = ts.filter(|_| scenario.bounds.timestamps).map(|ts| ts.get() as u8);
    let outdated = stamp == 2;
    // A window that is small, larger than any before, or closed.
    let wnd = [1, scenario.bounds.window + 1, 0][longer];
    let segment = Segment { seq, ack, wnd, up, len, flags, ts, listener, ..Segment::default() };
    let echoes = end.echoes(&segment);
    Some(Event::Segment(Segment { echoes, outdated, ..segment }))
}

impl Tcp {
    /// One stray; with it the run ends, unless it did nothing.
    pub(crate) fn stray(&self, world: &mut World, i: usize, index: u16, log: &mut Option<Step>) {
        let Some(event) = stray(&world.ends[i], &self.scenario, index) else { return };
        let before = *world;
        // What is under way does not matter any more.
        world.net = Default::default();
        let tag = world.ends[i].peer_incarnation;
        if let Some(timer) = timer_of(&event) {
            // It has run out.
            world.ends[i].armed &= !(1 << timer as u8);
        }
        let ends = world.ends;
        if let Event::Segment(seg) = event {
            self.segment(world, i, seg, tag, log);
        } else {
            self.run(world, i, event, tag, log);
        }
        if world.ends == ends
            && world.is_quiet()
            && (world.breaches, world.faults) == (before.breaches, before.faults)
        {
            *world = before;
        } else {
            world.net = Default::default();
            world.strays -= 1;
            world.strayed = true;
            world.unclean = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scenario::{Bounds, User};

    /// A plain open and close, with text that waits in a small window.
    fn scenario(timestamps: bool) -> Scenario {
        Scenario {
            name: "",
            summary: "",
            options: &[],
            without: None,
            users: [User { sends: 1, ..User::CLIENT }, User::SERVER],
            bounds: Bounds {
                strays: 1,
                msl: 1,
                window: 1,
                mss: 1,
                eager_users: false,
                timestamps,
                ticks: 2,
                ..Bounds::PERFECT
            },
            claims: &[],
            script: &[],
        }
    }

    #[test]
    fn what_is_told_is_what_is_not_the_same_as_one_before() {
        let mut ever = std::collections::BTreeSet::new();
        for timestamps in [false, true] {
            let scenario = scenario(timestamps);
            let model = Tcp::new(&scenario);
            let mut worlds = vec![model.initial()];
            let mut states = std::collections::BTreeSet::new();
            let mut actions = Vec::new();
            for next in 0..1_500 {
                let Some(world) = worlds.get(next).copied() else { break };
                for end in &world.ends {
                    states.insert(end.state as u8);
                    let mut told = Vec::new();
                    each(end, &scenario, |index| told.push(index));
                    let all = 0..(SEGMENTS + OTHERS) as u16;
                    let differ: Vec<u16> =
                        all.filter(|index| stray(end, &scenario, *index).is_some()).collect();
                    assert_eq!(told, differ, "{end:?}");
                    ever.extend(told);
                }
                actions.clear();
                model.possible(&world, &mut actions);
                let expected =
                    actions.iter().filter(|action| !matches!(action, super::super::Action::Stray(..)));
                for after in expected.filter_map(|action| model.after(&world, *action)) {
                    if !worlds.contains(&after) {
                        worlds.push(after);
                    }
                }
            }
            // TIME-WAIT, where a listener may wait beside, is among them.
            assert!(states.contains(&(crate::State::TimeWait as u8)) && states.len() > 7, "{states:?}");
        }
        // Every event comes somewhere, and segments with all flags, acknowledgments, lengths, timestamps, with and without a listener. The window of one octet has four places.
        let segments = || {
            ever.iter()
                .filter(|index| usize::from(**index) < SEGMENTS)
                .map(|index| shape(usize::from(*index)))
        };
        let different = |of: fn(&Shape) -> usize| {
            segments().map(|shape| of(&shape)).collect::<std::collections::BTreeSet<_>>().len()
        };
        let counts = [
            different(|shape| shape.flags.0.into()),
            different(|shape| shape.ack),
            different(|shape| shape.len),
            different(|shape| shape.listener.into()),
            different(|shape| shape.stamp),
            different(|shape| shape.place),
            ever.len() - segments().count(),
        ];
        assert_eq!(counts, [FLAGS.len(), ACKS.len(), LENGTHS, LISTENERS, STAMPS, 4, OTHERS]);
    }
}

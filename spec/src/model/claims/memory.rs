//! What claims need to remember of events: the past of each end, and faults.

use crate::State::{self, Closed, Closing, Established, FinWait1, Listen, SynReceived, SynSent, TimeWait};
use crate::info::Verb;
use crate::model::Space16;
use crate::model::scenario::Bounds;
use crate::model::world::{End, FORGER, INCARNATIONS, Marks, PROVOKED, World, fault, past, width};
use crate::{Event, Facts, Flags, Notice, Row, Segment, Seq, TABLE, Timer};
use std::sync::LazyLock;

/// Rows that refuse a segment: in a step before the text is looked at they end its processing, with an acknowledgment, a challenge, a RST or nothing.
static REFUSES: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut refuses = vec![false; Row::ALL.len()];
    for row in TABLE.rows() {
        let early = !matches!(row.step, "timestamp" | "urg" | "text" | "fin");
        let answers =
            |effect: &&str| matches!(*effect, "acknowledge" | "challenge" | "reset_by_ack" | "reset_by_seq");
        refuses[row.row as usize] = row.event == crate::EventKind::Segment
            && early
            && matches!(row.verb, Verb::Stop | Verb::Drop)
            && row.next.is_none()
            && row.effects.iter().all(answers);
    }
    refuses
});

/// Whether this row, if it is the last of an event, has refused a segment.
pub(crate) fn refuses(row: Row) -> bool {
    REFUSES[row as usize]
}

/// A RST counts only where it is exactly next, a SYN never (RFC 5961 §3.2, §4.2).
fn is_guess(seg: &Segment<Space16>, rcv_nxt: Seq<Space16>) -> bool {
    if seg.flags.has(Flags::RST) { seg.seq != rcv_nxt } else { seg.flags.has(Flags::SYN) }
}

/// What was seen of an event.
pub(crate) struct Seen<'a> {
    pub(crate) event: &'a Event<Space16>,
    /// The row that fired last.
    pub(crate) last: Option<Row>,
    /// A bit for each [`Notice`].
    pub(crate) told: u16,
    /// Numbers that were acknowledged anew.
    pub(crate) acked: u32,
    /// A connection has begun.
    pub(crate) begun: bool,
}

/// What is remembered of events.
pub(crate) struct Memory<'a> {
    /// How far the exploration goes.
    pub(crate) bounds: &'a Bounds,
    /// What claims ask.
    pub(crate) asks: Marks,
}

impl Memory<'_> {
    /// What claims need to remember of one event.
    #[expect(clippy::too_many_arguments, reason = "one place that sees both sides of an event")]
    pub(crate) fn keep(
        &self,
        world: &mut World,
        i: usize,
        before: &End,
        end: &mut End,
        tag: u8,
        delivered: Option<(Seq<Space16>, u8)>,
        closing: bool,
    ) {
        let moved = before.state != end.state;
        if end.incarnation != before.incarnation && !self.bounds.merging {
            let peer = &world.ends[1 - i];
            end.peer_gone = peer.incarnation - u8::from(peer.state != Closed && peer.incarnation > 0);
        }
        if moved
            && (before.state.is_opening() || before.state == State::Closed)
            && end.state.is_known()
            && end.state != TimeWait
            && end.peer_incarnation == 0
        {
            // A SYN was taken: this is the peer's incarnation that we talk to.
            end.peer_incarnation = tag;
        }
        if let Some((seq, len)) = delivered {
            world.faults |= if tag == FORGER { fault::FORGED } else { 0 };
            if end.is_older(tag) {
                world.faults |= if world.unclean { fault::OLD_TEXT_UNCLEAN } else { fault::OLD_TEXT };
            }
            if end.tcb.irs.plus(1).distance(seq) != u32::from(end.delivered) {
                world.faults |= fault::WRONG_TEXT;
            }
            end.delivered += len;
        }
        if closing && !world.unclean {
            let peer = &world.ends[1 - i];
            if end.delivered != peer.given[usize::from(end.peer_incarnation) % INCARNATIONS] {
                world.faults |= fault::EARLY_END;
            }
        }
        // What a newer SYN says anyway need not be remembered.
        if end.peer_incarnation > end.peer_gone || end.state == Closed {
            end.peer_gone = 0;
        }
        if !moved {
            return;
        }
        match (before.state, end.state) {
            (SynReceived, Listen) => {
                end.past |= past::BACK_TO_LISTEN;
                if !before.tcb.facts.has(Facts::PASSIVE) {
                    world.faults |= fault::LISTEN_AFTER_ACTIVE;
                }
            }
            (SynSent, SynReceived) => end.past |= past::CROSSED,
            (FinWait1, TimeWait) => end.past |= past::FAST_CLOSE,
            (TimeWait, _) if end.quiet > 0 => world.faults |= fault::TIME_WAIT_CUT_SHORT,
            (Closed, to) if to != Listen && to != SynSent => world.faults |= fault::NOT_FROM_CLOSED,
            _ => {}
        }
        if end.state == Closing {
            end.past |= past::CLOSING;
        }
        if end.state == TimeWait {
            end.past |= past::TIME_WAIT;
        }
        if end.state.is_synchronized() {
            end.past |= past::SYNCHRONIZED;
        }
        let acked = |end: &End| end.tcb.facts.has(Facts::SYN_ACKED);
        let with_whom = self.asks.faults & (fault::ESTABLISHED_ALONE | fault::ESTABLISHED_BY_OLD) != 0;
        if with_whom && (end.state == Established || (acked(end) && !acked(before))) {
            let peer = &world.ends[1 - i];
            let knows = peer.state.is_known() && peer.incarnation == end.peer_incarnation;
            let over = peer.incarnation != end.peer_incarnation || matches!(peer.state, Closed | Listen);
            world.faults |= if knows { 0 } else { fault::ESTABLISHED_ALONE };
            world.faults |= if over { fault::ESTABLISHED_BY_OLD } else { 0 };
        }
    }

    /// What an event must not do: leave a trace of a segment that it refuses, throw away text, end a connection without a word.
    pub(crate) fn check_event(&self, world: &mut World, before: &End, end: &End, seen: &Seen<'_>) {
        let refused = seen.last.is_some_and(refuses);
        if refused && matches!(seen.event, Event::Segment(_)) {
            // An acknowledgment that leaves takes along the one that was held back.
            let armed = before.armed & !(1 << Timer::DelayedAck as u8);
            let kept = End {
                armed: end.armed & (1 << Timer::DelayedAck as u8) | armed,
                challenges: end.challenges,
                last_ack: end.last_ack,
                ..*before
            };
            world.faults |= if kept == *end { 0 } else { fault::TRACE };
        }
        let users = matches!(seen.event, Event::Receive(_) | Event::Abort(_) | Event::Release(_));
        if end.on_hand < before.on_hand && !users && !seen.begun && !self.bounds.eager_users {
            world.faults |= fault::THROWN_AWAY;
        }
        let over = matches!(end.state, Closed | Listen) && before.state != end.state;
        let syn = u32::from(!before.tcb.facts.has(Facts::SYN_ACKED));
        let lost = before.tcb.unacked_text() > seen.acked.saturating_sub(syn);
        let words = [Notice::Reset, Notice::Refused, Notice::Unreachable, Notice::Unsent]
            .into_iter()
            .chain([Notice::GivenUp, Notice::UserTimeout, Notice::Orphaned])
            .fold(0, |all, notice| all | 1_u16 << notice as u16);
        let ended = before.state.is_synchronized() && before.state != TimeWait && end.state == Closed;
        world.faults |= match seen.event {
            Event::Segment(seg) if ended && is_guess(seg, before.tcb.rcv_nxt) => fault::RESET_BY_GUESS,
            Event::Unreachable(_) if ended => fault::ENDED_BY_ICMP,
            _ => 0,
        };
        if over && lost && !users && seen.told & words == 0 {
            world.faults |= fault::UNTOLD;
        }
    }

    pub(crate) fn check_sent(&self, world: &mut World, i: usize, before: State, seg: Segment<Space16>) {
        let end = &world.ends[i];
        // What ends the wait counts too, but for the SYN of an OPEN that takes the pair of sockets again.
        let waits = before == State::TimeWait && end.state != SynSent;
        if waits && (seg.flags != Flags::ACK || seg.text_len() > 0) {
            world.faults |= fault::TIME_WAIT_SENT;
        }
        let peer = &world.ends[1 - i];
        let knows = peer.state.is_receiving() && peer.peer_incarnation == end.incarnation;
        // Its right edge never moves back.
        let base = peer.tcb.rcv_nxt.minus(width::half().into());
        let room = base.distance(peer.tcb.rcv_nxt.plus(peer.tcb.rcv_wnd.into()));
        let until = base.distance(seg.seq.plus(seg.text_len()));
        if seg.text_len() > 0 && knows && end.tcb.snd_wnd > 0 && until > room {
            world.faults |= fault::BEYOND_OFFER;
        }
        if seg.flags.has(Flags::FIN) {
            let last =
                end.tcb.iss.plus(1 + u32::from(end.given[usize::from(end.incarnation) % INCARNATIONS]));
            if seg.seq.plus(seg.text_len()) != last || !end.closed {
                world.faults |= fault::FIN_NUMBER;
            }
            let peer = &world.ends[1 - i];
            if peer.tcb.facts.has(Facts::FIN_SENT)
                && !peer.state.is_peer_closed()
                && !end.state.is_peer_closed()
            {
                world.ends[i].past |= past::FINS_CROSSED;
            }
        }
    }

    /// What restarts 2MSL, and what ends a connection.
    pub(crate) fn keep_time_wait(
        &self,
        world: &mut World,
        before: &End,
        end: &End,
        seg: &Segment<Space16>,
        tag: u8,
        was_unclean: bool,
    ) {
        let two_msl = self.bounds.time_wait();
        if before.state == State::TimeWait && end.state == State::TimeWait {
            let fin = seg.flags.has(Flags::FIN);
            let sent_again = fin && seg.seq.plus(seg.seg_len()) == before.tcb.rcv_nxt;
            if sent_again && end.quiet < two_msl {
                world.faults |= fault::NOT_RESTARTED;
            }
            if !fin && end.quiet > before.quiet {
                world.faults |= fault::RESTARTED_BY_ACK;
            }
        }
        // An older incarnation's segment has ended this one (TIME-WAIT is claimed by itself).
        let alive = before.state.is_synchronized() && before.state != State::TimeWait;
        let ended = end.state == State::INITIAL && seg.flags.has(Flags::RST);
        if alive && ended && (before.is_older(tag) || tag == PROVOKED) {
            world.faults |= if was_unclean { 0 } else { fault::KILLED_BY_OLD };
        }
        // LAST-ACK and CLOSING tell nobody of a RST, but it was no end by FINs.
        world.unclean |= alive && ended;
    }
}

//! What §3.10.7 says of segments, check by check.

use super::{Due, Expected, Happening, reset_for};
use crate::model::Space16;
use crate::model::world::{Held, width};
use crate::{AckPlace, Facts, Flags, Notice, Place, Segment, Seq, State, Tcb, Timer, guards};

impl Happening<'_> {
    /// §3.10.7
    pub(super) fn segment(&self, nothing: Expected, seg: &Segment<Space16>) -> Expected {
        let tcb = &self.before.tcb;
        let has = |flag| seg.flags.has(flag);
        match self.before.state {
            State::Closed if has(Flags::RST) => nothing,
            State::Closed => nothing.sends(reset_for(seg)),
            State::Listen if has(Flags::RST) => nothing,
            State::Listen if has(Flags::ACK) => nothing.sends(reset_for(seg)),
            State::Listen if has(Flags::SYN) && tcb.facts.has(Facts::FORKS) => {
                Expected { passed_on: true, ..nothing }
            }
            State::Listen if has(Flags::SYN) => {
                let iss = self.after.tcb.iss;
                let expected = self.syn_received(nothing, seg, iss).runs(Timer::User);
                Expected { una: iss, nxt: iss.plus(1), snd_wnd: seg.wnd, ..expected }
            }
            State::Listen => nothing,
            State::SynSent => self.syn_sent(nothing, seg),
            _ => self.otherwise(nothing, seg),
        }
    }

    fn syn_received(&self, expected: Expected, seg: &Segment<Space16>, iss: Seq<Space16>) -> Expected {
        let rcv_nxt = seg.seq.plus(1);
        let syn_ack = Segment {
            seq: iss,
            ack: rcv_nxt,
            wnd: self.after.tcb.rcv_wnd,
            flags: Flags::SYN.with(Flags::ACK),
            ..Segment::default()
        };
        let rest = seg.len > 0 || seg.flags.has(Flags::FIN);
        let piece = Held { seq: rcv_nxt, len: seg.len, fin: seg.flags.has(Flags::FIN), tag: 0 };
        let expected = expected.moves(State::SynReceived).sends(syn_ack).runs(Timer::Retransmission);
        Expected { rcv_nxt, snd_wnd: seg.wnd, ts_recent: seg.ts, holds: rest.then_some(piece), ..expected }
    }

    /// §3.10.7.3
    fn syn_sent(&self, nothing: Expected, seg: &Segment<Space16>) -> Expected {
        let tcb = &self.before.tcb;
        let has = |flag| seg.flags.has(flag);
        let ours = guards::ack(tcb, seg) == AckPlace::New;
        match (has(Flags::ACK), has(Flags::RST)) {
            (true, true) if !ours => nothing,
            (true, false) if !ours => nothing.sends(reset_for(seg)),
            (true, true) => self.attempt_ends(nothing.tells(Notice::Reset)),
            (false, true) => nothing,
            _ if !has(Flags::SYN) => nothing,
            // After TIME-WAIT: "larger than the largest sequence number it used on the previous connection incarnation" (MAY-2).
            (acks, _) if self.reuses() && !self.is_beyond_older(seg) => {
                if acks {
                    nothing.sends(reset_for(seg))
                } else {
                    nothing
                }
            }
            (false, false) => {
                let expected = self.syn_received(nothing, seg, tcb.iss);
                Expected { snd_wnd: seg.wnd, ..expected }
            }
            (true, false) => {
                let mut rest = *seg;
                rest.flags = rest.flags.without(Flags::SYN);
                rest.seq = seg.seq.plus(1);
                let rest = clipped(rest, &Tcb { rcv_nxt: rest.seq, ..*tcb });
                let expected = nothing.moves(State::Established).tells(Notice::Established).acks(Due::Now);
                let acked = Some(tcb.snd_una.distance(seg.ack));
                let expected = Expected { acked, una: seg.ack, rcv_nxt: rest.seq, ..expected };
                let expected = Expected { snd_wnd: seg.wnd, ts_recent: seg.ts, ..expected };
                self.urgent_text_and_fin(expected, seg, &rest)
            }
        }
    }

    /// Whether a SYN's number lies beyond all that the older connection has received.
    fn is_beyond_older(&self, seg: &Segment<Space16>) -> bool {
        let beyond = self.before.tcb.rcv_nxt.distance(seg.seq);
        (1..=u32::from(width::half())).contains(&beyond)
    }

    /// §3.10.7.4, first to fifth.
    fn otherwise(&self, mut expected: Expected, seg: &Segment<Space16>) -> Expected {
        let (end, tcb, options) = (self.before, &self.before.tcb, self.options);
        let has = |flag| seg.flags.has(flag);
        let in_time_wait = end.state == State::TimeWait;
        let mut rest = *seg;
        // RFC 7323 §5.3 R1: before everything else.
        let older = match (tcb.ts_recent, seg.ts) {
            (Some(recent), Some(ts)) => ts.wrapping_sub(recent) % width::size() >= width::half(),
            _ => false,
        };
        if options.paws && older && !seg.outdated && !has(Flags::RST) {
            return expected.acks(Due::Now);
        }
        let reopens = in_time_wait && seg.listener && guards::opening_syn(tcb, seg);
        if (reopens && options.reopen_by_timestamp && guards::newer_timestamp(tcb, seg))
            || (reopens && options.reopen_by_sequence && guards::newer_number(tcb, seg))
        {
            return Expected { passed_on: true, ..expected.closes() };
        }
        let crosses =
            end.state == State::SynReceived && options.crossed_syn_ack && guards::crossed_syn_ack(tcb, seg);
        // RFC 7323 §3.2: "SHOULD silently drop the segment".
        // A SYN may come from a peer that has forgotten everything (§3.5.1).
        if options.timestamps_required
            && tcb.ts_recent.is_some()
            && seg.ts.is_none()
            && !has(Flags::RST)
            && !has(Flags::SYN)
            && !crosses
        {
            return expected;
        }
        // RFC 5961 §4.2: "irrespective of the sequence number"
        if options.rfc5961
            && end.state != State::SynReceived
            && guards::place(tcb, seg) == Place::Inside
            && has(Flags::SYN)
            && !has(Flags::RST)
            && seg.seq.before(tcb.rcv_nxt)
        {
            return expected.acks(Due::Now);
        }
        // RFC 7323 §4.3, §5.3 R3: what begins where the last acknowledgment was, or before.
        let stamps = seg.echoes && tcb.ts_recent.is_some() && seg.ts.is_some() && (!older || seg.outdated);
        let ts_recent = if stamps { seg.ts } else { tcb.ts_recent };
        // First: the sequence number.
        if end.state == State::SynReceived && options.crossed_syn_ack && guards::crossed_syn_ack(tcb, seg) {
            rest.flags = rest.flags.without(Flags::SYN);
            rest.seq = seg.seq.plus(1);
            rest = clipped(rest, tcb);
        } else if guards::place(tcb, seg) == Place::Inside {
            rest = clipped(rest, tcb);
        } else if in_time_wait
            && options.old_fin_restarts_2msl
            && guards::resent_fin(tcb, seg)
            && !has(Flags::RST)
        {
            return expected.acks(Due::Now).waits_2msl();
        } else if options.edge_acks && !has(Flags::RST) && is_behind_window(tcb, seg) {
            // Appendix A.2: the peer has filled the window, or probed a closed one; its ACK must be processed.
        } else if tcb.rcv_wnd == 0 && seg.seq == tcb.rcv_nxt {
            // "special allowance should be made to accept valid ACKs, URGs, and RSTs"
            rest.len = 0;
            rest.flags = rest.flags.without(Flags::FIN);
            expected = expected.acks(Due::Now);
        } else if has(Flags::RST) {
            return expected;
        } else {
            return expected.acks(Due::Now);
        }
        // By the letter of RFC 7323 what has passed the first check is enough.
        if !options.timestamp_after_ack && !has(Flags::RST) {
            expected.ts_recent = ts_recent;
        }
        // Second: RST (RFC 5961 §3.2, RFC 1337 §3).
        let passive = tcb.facts.has(Facts::PASSIVE);
        // §3.10.4: after a CLOSE nobody listens any more, where that is heeded; and nobody whose user has let go.
        let released = tcb.facts.has(Facts::RELEASED);
        let given_up =
            tcb.facts.has(Facts::CHILD) || released || (options.close_heeded && tcb.facts.has(Facts::CLOSED));
        let listens_again = if given_up { None } else { Some(State::Listen) };
        if has(Flags::RST) {
            return match end.state {
                State::TimeWait if options.rfc1337 => expected,
                _ if seg.seq != tcb.rcv_nxt && options.rfc5961 => expected.acks(Due::Now),
                State::SynReceived if passive && listens_again.is_none() => {
                    self.back(expected, None, Notice::Reset)
                }
                // §3.5, where that is wanted.
                State::SynReceived if !options.rst_heeds_opener && !released => {
                    Expected { flushed: true, ack: Due::No, ..expected.moves(State::Listen) }
                }
                State::SynReceived if passive => self.back(expected, listens_again, Notice::Reset),
                State::SynReceived => expected.tells(Notice::Refused).gives_up(),
                // What the peer has not acknowledged is lost, and the letter has no word for it.
                State::Closing | State::LastAck if options.loss_is_told && self.loses_text() => {
                    expected.ack = Due::No;
                    Expected { returned: true, ..expected.tells(Notice::Reset).closes() }
                }
                State::Closing | State::LastAck | State::TimeWait => {
                    expected.ack = Due::No;
                    expected.closes()
                }
                _ => self.ends(expected.tells(Notice::Reset)),
            };
        }
        // Fourth: SYN (RFC 5961 §4.2).
        if rest.flags.has(Flags::SYN) {
            return match end.state {
                State::SynReceived if passive => self.back(expected, listens_again, Notice::Reset),
                _ if options.rfc5961 => expected.acks(Due::Now),
                // "it is an error, send a reset": what §3.10.7.4 keeps of RFC 793
                _ => {
                    let rst = Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() };
                    expected.ack = Due::No;
                    self.ends(expected.sends(rst).tells(Notice::Reset))
                }
            };
        }
        // Fifth: ACK.
        if !has(Flags::ACK) {
            return expected;
        }
        let place = guards::ack(tcb, seg);
        let our_fin = tcb.facts.has(Facts::FIN_SENT) && seg.ack == tcb.snd_nxt && place == AckPlace::New;
        match (end.state, place) {
            (State::SynReceived, AckPlace::New) => {
                let closed = tcb.facts.has(Facts::CLOSED);
                let state = if closed { State::FinWait1 } else { State::Established };
                expected = expected.moves(state).tells(Notice::Established);
                (expected.una, expected.snd_wnd) = (seg.ack, seg.wnd);
                expected.acked = Some(tcb.snd_una.distance(seg.ack));
            }
            (State::SynReceived, _) => {
                expected.ack = Due::No;
                return expected.sends(reset_for(seg));
            }
            // §3.5: a SYN may be old; what the peer acknowledges shows that it is not.
            (State::FinWait1, place)
                if options.handshake_first && !tcb.facts.has(Facts::SYN_ACKED) && place != AckPlace::New =>
            {
                expected.ack = Due::No;
                return expected.sends(reset_for(seg));
            }
            // A FIN is answered, once for each: no answer carries one.
            (State::TimeWait, _) if options.old_fin_restarts_2msl => {
                return if rest.flags.has(Flags::FIN) { expected.acks(Due::Now) } else { expected };
            }
            // §3.5.2 group 3, MAY-12
            (State::TimeWait, AckPlace::Ancient | AckPlace::Ahead) => return expected.acks(Due::Now),
            (State::TimeWait, _) => expected = expected.acks(Due::Now).waits_2msl(),
            // RFC 5961 §5.2
            (_, AckPlace::Ancient) if options.rfc5961 => return expected.acks(Due::Now),
            (_, AckPlace::Ahead) => return expected.acks(Due::Now),
            (_, AckPlace::Old | AckPlace::Ancient) => {}
            (state, _) => {
                expected = expected.moves(state);
                expected.una = seg.ack;
                expected.acked = Some(tcb.snd_una.distance(seg.ack));
                // "SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)"; what acknowledges something new was sent later in any case.
                let later = options.new_ack_window && !our_fin && seg.ack != tcb.snd_una;
                if later
                    || tcb.snd_wl1.before(rest.seq)
                    || (tcb.snd_wl1 == rest.seq && tcb.snd_wl2.at_or_before(seg.ack))
                {
                    expected.snd_wnd = seg.wnd;
                }
            }
        }
        expected.ts_recent = ts_recent;
        if our_fin {
            match end.state {
                State::FinWait1 => {
                    expected = expected.moves(State::FinWait2).tells(Notice::CloseAcknowledged);
                    if end.is_armed(Timer::Orphan) {
                        // That is progress: the host's limit begins anew.
                        expected = expected.runs(Timer::Orphan);
                    }
                }
                State::Closing => {
                    return expected.moves(State::TimeWait).tells(Notice::CloseAcknowledged).waits_2msl();
                }
                State::LastAck => {
                    expected.ack = Due::No;
                    return expected.tells(Notice::CloseAcknowledged).closes();
                }
                _ => {}
            }
        }
        self.urgent_text_and_fin(expected, seg, &rest)
    }

    /// SYN-RECEIVED ends after a passive OPEN: LISTEN again, but the child of a listener just goes. Text that waits is lost, and the user hears of it.
    pub(super) fn back(&self, expected: Expected, to: Option<State>, why: Notice) -> Expected {
        match to {
            Some(listen) => {
                let told = self.options.loss_is_told && self.loses_text();
                let expected = if told { expected.tells(why) } else { expected };
                Expected { flushed: true, ack: Due::No, ..expected.moves(listen) }
            }
            None => expected.tells(why).gives_up(),
        }
    }

    /// Whether text that the user gave is not acknowledged.
    pub(super) fn loses_text(&self) -> bool {
        let tcb = &self.before.tcb;
        // The SYN takes the number before the first octet.
        let first = if tcb.facts.has(Facts::SYN_ACKED) { tcb.snd_una } else { tcb.iss.plus(1) };
        let fin_acked = tcb.facts.has(Facts::FIN_SENT) && tcb.snd_una == tcb.snd_nxt;
        !fin_acked && first != tcb.snd_end
    }

    /// The connection ends otherwise than by FINs: what has come in order stays the user's, but not by the letter.
    pub(super) fn ends(&self, expected: Expected) -> Expected {
        if self.options.drain_after_reset {
            Expected { returned: true, ack: Due::No, ..expected.closes() }
        } else {
            expected.gives_up()
        }
    }

    /// §3.10.7.4, sixth; `rest` is what the window leaves of the segment.
    pub(super) fn urgent_text_and_fin(
        &self,
        mut expected: Expected,
        seg: &Segment<Space16>,
        rest: &Segment<Space16>,
    ) -> Expected {
        let tcb = &self.before.tcb;
        let receiving = matches!(expected.state, State::Established | State::FinWait1 | State::FinWait2);
        let (mut urgent, mut up) = (tcb.facts.has(Facts::URGENT_IN), tcb.rcv_up);
        if seg.flags.has(Flags::URG) && receiving {
            if urgent {
                up = if up.before(seg.up) { seg.up } else { up };
                expected.same_tcb = false;
            } else if expected.rcv_nxt.before(seg.up) {
                (urgent, up) = (true, seg.up);
                expected = expected.tells(Notice::Urgent);
                expected.same_tcb = false;
            }
        }
        let before = expected.rcv_nxt;
        let expected = self.text_and_fin(expected, rest);
        let taken = u32::from(expected.text);
        if urgent && taken > 0 && up.at_or_before(before.plus(taken)) {
            return expected.tells(Notice::UrgentEnd);
        }
        expected
    }

    /// §3.10.7.4, seventh and eighth, on what the window leaves of a segment.
    fn text_and_fin(&self, mut expected: Expected, rest: &Segment<Space16>) -> Expected {
        let receiving = matches!(expected.state, State::Established | State::FinWait1 | State::FinWait2);
        let fin = rest.flags.has(Flags::FIN);
        if !receiving {
            let letter = expected.state == State::TimeWait && !self.options.old_fin_restarts_2msl;
            return if fin && letter { expected.acks(Due::Now).waits_2msl() } else { expected };
        }
        if rest.len == 0 && !fin {
            return expected;
        }
        if rest.seq != expected.rcv_nxt {
            // SHLD-31: kept, and a gap is reported at once.
            expected.holds = Some(Held { seq: rest.seq, len: rest.len, fin, tag: 0 });
            return expected.acks(Due::Now);
        }
        if rest.len > 0 && self.before.tcb.facts.has(Facts::RELEASED) {
            // RFC 1122 §4.2.2.13: "a TCP RST to show that data was lost"
            expected.ack = Due::No;
            return self.resets(expected).tells(Notice::Orphaned).gives_up();
        }
        if rest.len > 0 {
            expected.text = rest.len;
            expected.rcv_nxt = expected.rcv_nxt.plus(rest.len.into());
            expected = expected.acks(Due::Soon);
            expected.same_tcb = false;
        }
        if !fin {
            return expected;
        }
        expected.rcv_nxt = expected.rcv_nxt.plus(1);
        let expected = expected.tells(Notice::Closing);
        match expected.state {
            State::Established => expected.moves(State::CloseWait).acks(Due::Soon),
            State::FinWait1 => expected.moves(State::Closing).acks(Due::Now),
            _ => expected.moves(State::TimeWait).acks(Due::Now).waits_2msl(),
        }
    }
}

/// Whether a segment without text, SYN or FIN has the number after the window, or after the octet of a probe.
fn is_behind_window(tcb: &Tcb<Space16>, seg: &Segment<Space16>) -> bool {
    let taken = seg.len > 0 || seg.flags.has(Flags::SYN) || seg.flags.has(Flags::FIN);
    let behind = if tcb.rcv_wnd == 0 { 1 } else { tcb.rcv_wnd };
    !taken && seg.seq == tcb.rcv_nxt.plus(behind.into())
}

/// What the receive window leaves of a segment.
pub(super) fn clipped(mut seg: Segment<Space16>, tcb: &Tcb<Space16>) -> Segment<Space16> {
    // Number by number: the segment is short.
    let mut left: [bool; 18] = [false; 18];
    let len = seg.seg_len() as usize;
    for (i, left) in left.iter_mut().enumerate().take(len) {
        *left = seg.seq.plus(i as u32).in_window(tcb.rcv_nxt, tcb.rcv_wnd.into());
    }
    let syn = usize::from(seg.flags.has(Flags::SYN));
    let text = &left[syn.min(17)..(syn + usize::from(seg.len)).min(18)];
    if len > 0 {
        let first = left[..len.min(18)].iter().position(|inside| *inside).unwrap_or(0) as u32;
        if syn == 1 && !left[0] {
            seg.flags = seg.flags.without(Flags::SYN);
        }
        if seg.flags.has(Flags::FIN) && !left[(len - 1).min(17)] {
            seg.flags = seg.flags.without(Flags::FIN);
        }
        seg.len = text.iter().filter(|inside| **inside).count() as u8;
        seg.seq = seg.seq.plus(first);
    }
    seg
}

//! What §3.10.7 says of segments, check by check.

use super::numbers::{
    Part, Says, acknowledgment, ahead, at, bits, carries, is_less, is_older_stamp, knows, note, octets, on,
    one_on, outstanding,
};
use super::{Before, Due, Expected, Kept, receives, reset_for, waits_for_delivery};
use crate::{Facts, Flags, Notice, Numbers, Segment, Seq, State, Tcb, Timer, Word};

impl<S: Numbers> Before<'_, S> {
    /// §3.10.7
    pub(super) fn segment(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let rst = carries(seg, Flags::RST);
        match self.state {
            State::Closed | State::Listen if rst => {}
            // §3.10.7.1
            State::Closed => x.sends(reset_for(seg)),
            State::Listen => self.listen(x, seg),
            State::SynSent => self.syn_sent(x, seg),
            _ => self.other_states(x, seg),
        }
    }

    /// §3.10.7.2
    fn listen(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let tcb = self.tcb;
        if carries(seg, Flags::ACK) {
            return x.sends(reset_for(seg));
        }
        if !carries(seg, Flags::SYN) {
            return;
        }
        if knows(tcb, Facts::FORKS) {
            x.passed_on = true;
            return;
        }
        // "If the listen was not fully specified [...], then the unspecified fields should be filled in now."
        x.begins(self.iss, self.window, tcb.facts);
        note(&mut x.tcb, Facts::REMOTE, true);
        x.starts(Timer::User);
        self.takes_syn(x, seg);
        self.syn_received(x, seg);
    }

    /// "RCV.NXT is set to SEG.SEQ+1, IRS is set to SEG.SEQ"; the window of a SYN counts like any other, and TS.Recent is its TSval (RFC 7323 §3.2).
    fn takes_syn(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        x.tcb.irs = seg.seq;
        x.tcb.rcv_nxt = one_on(seg.seq);
        (x.tcb.ts_recent, x.stamped) = (seg.ts, true);
        note(&mut x.tcb, Facts::REUSES, false);
        x.takes_window(seg.wnd, seg.seq, seg.ack);
    }

    /// "enter SYN-RECEIVED, form a SYN,ACK segment and send it"; what else the segment has is kept for later.
    fn syn_received(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let Tcb { iss, rcv_nxt, rcv_wnd, .. } = x.tcb;
        let flags = bits(Flags::SYN, Flags::ACK);
        x.state = State::SynReceived;
        x.sends(Segment { seq: iss, ack: rcv_nxt, wnd: rcv_wnd, flags, ..Segment::default() });
        x.starts(Timer::Retransmission);
        let fin = carries(seg, Flags::FIN);
        if fin || seg.len.into() > 0 {
            x.held = Some(Kept { seq: rcv_nxt, len: seg.len.into(), fin });
        }
    }

    /// §3.10.7.3
    fn syn_sent(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let tcb = self.tcb;
        let acks = carries(seg, Flags::ACK);
        let rst = carries(seg, Flags::RST);
        // First: "SND.UNA < SEG.ACK =< SND.NXT", second: RST.
        if acks && acknowledgment(tcb, seg.ack) != Says::New {
            if !rst {
                x.sends(reset_for(seg));
            }
            return;
        }
        if rst {
            if acks {
                x.tells(Notice::Reset);
                self.attempt_ends(x);
            }
            return;
        }
        if !carries(seg, Flags::SYN) {
            return;
        }
        // After TIME-WAIT: "larger than the largest sequence number it used on the previous connection incarnation" (MAY-2). It has used RCV.NXT, with its last ACK.
        if self.reuses() && !is_less(tcb.rcv_nxt, seg.seq) {
            if acks {
                x.sends(reset_for(seg));
            }
            return;
        }
        self.takes_syn(x, seg);
        if !acks {
            return self.syn_received(x, seg);
        }
        x.state = State::Established;
        x.tells(Notice::Established);
        x.acks(Due::Now);
        self.advances(x, seg.ack);
        let part = Part::of(seg).behind_syn();
        self.urgent_text_and_fin(x, seg, &part.trimmed(part.seq, tcb.rcv_wnd.into()));
    }

    /// "SND.UNA <- SEG.ACK. Any segments on the retransmission queue that are thereby entirely acknowledged are removed."
    fn advances(&self, x: &mut Expected<S>, ack: Seq<S>) {
        let new = ahead(x.tcb.snd_una, ack);
        x.acked = Some(new);
        x.tcb.snd_una = ack;
        if new == 0 {
            return;
        }
        note(&mut x.tcb, Facts::SYN_ACKED, true);
        // RFC 6298 §5.3: "restart the retransmission timer"
        if outstanding(&x.tcb) > 0 {
            x.starts(Timer::Retransmission);
        }
        // That is progress: the limits for what is left count from here.
        if waits_for_delivery(&x.tcb) {
            x.starts(Timer::User);
            x.starts(Timer::Orphan);
        }
        // Urgent text that is acknowledged is urgent no longer.
        if knows(&x.tcb, Facts::URGENT_OUT) && !is_less(ack, x.tcb.snd_up) {
            note(&mut x.tcb, Facts::URGENT_OUT, false);
        }
    }

    /// §3.10.7.4, first to fifth.
    fn other_states(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let (state, tcb) = (self.state, self.tcb);
        let has = |flag| carries(seg, flag);
        let (syn, rst, part) = (has(Flags::SYN), has(Flags::RST), Part::of(seg));
        let in_time_wait = state == State::TimeWait;
        let (nxt, wnd) = (tcb.rcv_nxt, tcb.rcv_wnd.into());
        let stamps = tcb.ts_recent.zip(seg.ts);
        // RFC 7323 §5.3 R1: before everything else.
        let older = || stamps.is_some_and(|(recent, ts)| is_older_stamp::<S>(ts, recent));
        let outdated = || S::given("SEG.outdated", seg.outdated);
        // RFC 5961 §7: what takes no number may be such an answer itself.
        let answer = || if part.is_empty() && on!(self.answers_limited) { Due::Challenge } else { Due::Now };
        if !rst && older() && !outdated() && on!(self.paws) {
            return x.acks(answer());
        }
        if in_time_wait && self.reopens(seg) {
            x.passed_on = true;
            return x.closes();
        }
        let crosses = state == State::SynReceived && self.crosses(seg);
        // RFC 7323 §3.2: "SHOULD silently drop the segment". A SYN may come from a peer that has forgotten everything (§3.5.1).
        if !rst && !syn && tcb.ts_recent.is_some() && seg.ts.is_none() && on!(self.timestamps_required) {
            return;
        }
        let acceptable = part.is_acceptable(nxt, wnd);
        // RFC 5961 §4.2: "irrespective of the sequence number"; an old SYN would be trimmed off.
        let old_syn = syn && !rst && acceptable && is_less(seg.seq, nxt);
        if old_syn && state != State::SynReceived && on!(self.rfc5961) {
            return x.acks(Due::Challenge);
        }
        // First: the sequence number.
        let rest = if crosses {
            part.behind_syn().trimmed(nxt, wnd)
        } else if acceptable {
            part.trimmed(nxt, wnd)
        } else if in_time_wait
            && part.fin
            && !syn
            && !rst
            && part.end() == nxt
            && on!(self.old_fin_restarts_2msl)
        {
            x.acks(Due::Now);
            return x.waits_2msl();
        } else if !rst
            && part.is_empty()
            && seg.seq == at(nxt, wnd.max(octets::<S>(1)))
            && on!(self.edge_acks)
        {
            // Appendix A.2: the peer has filled the window, or probed a closed one; its ACK must be processed.
            part
        } else if wnd == 0 && seg.seq == nxt {
            // "special allowance should be made to accept valid ACKs, URGs, and RSTs"
            x.acks(Due::Now);
            Part { text: octets::<S>(0), fin: false, ..part }
        } else {
            if !rst {
                x.acks(answer());
            }
            return;
        };
        // RFC 7323 §4.3, §5.3 R3: what begins where the last acknowledgment was, or before. By the letter what has passed the first check is enough.
        let echoes = || S::given("SEG.echoes", seg.echoes);
        let recent = || (stamps.is_some() && (!older() || outdated()) && echoes()).then_some(seg.ts);
        if !rst && !on!(self.timestamp_after_ack) {
            x.takes_stamp(recent());
        }
        // Second, fourth, fifth.
        if rst {
            return self.rst_arrives(x, seg);
        }
        if rest.syn {
            return self.syn_arrives(x);
        }
        if has(Flags::ACK) && self.ack_arrives(x, seg, &rest, recent) {
            self.urgent_text_and_fin(x, seg, &rest);
        }
    }

    /// MAY-2, RFC 6191 §2: a SYN that reopens from TIME-WAIT, where a listener waits and that is wanted. Its number is "larger than the largest sequence number it used on the
    /// previous connection incarnation", the one of its last ACK; or its timestamp is greater, or the same with a larger number, or the older connection had none.
    fn reopens(&self, seg: &Segment<S>) -> bool {
        let tcb = self.tcb;
        // "MAY accept a new SYN": one that wants to close at once is none.
        let others = seg.flags.0 & (Flags::ACK.0 | Flags::RST.0 | Flags::FIN.0);
        let opens = carries(seg, Flags::SYN) && others == 0;
        let beyond = is_less(tcb.rcv_nxt, seg.seq);
        let newer = seg.ts.is_some_and(|ts| {
            tcb.ts_recent.is_none_or(|recent| is_older_stamp::<S>(recent, ts) || (recent == ts && beyond))
        });
        S::given("SEG.listener", seg.listener)
            && opens
            && ((on!(self.reopen_by_timestamp) && newer) || (on!(self.reopen_by_sequence) && beyond))
    }

    /// Appendix A.2: the SYN,ACK that crossed ours. It acknowledges our SYN, and brings the peer's once more, which we have taken.
    fn crosses(&self, seg: &Segment<S>) -> bool {
        let tcb = self.tcb;
        carries(seg, bits(Flags::SYN, Flags::ACK))
            && !carries(seg, Flags::RST)
            && !knows(tcb, Facts::PASSIVE)
            && seg.seq == tcb.irs
            && acknowledgment(tcb, seg.ack) == Says::New
            && on!(self.crossed_syn_ack)
    }

    /// SYN-RECEIVED goes back to LISTEN after a passive OPEN; not the child of a listener, and not if the user has let go, or has called CLOSE where that is heeded.
    pub(super) fn listens_again(&self) -> bool {
        let tcb = self.tcb;
        let closed = || knows(tcb, Facts::CLOSED) && on!(self.close_heeded);
        !knows(tcb, Facts::CHILD) && !knows(tcb, Facts::RELEASED) && !closed()
    }

    /// Second: the RST bit (RFC 5961 §3.2, RFC 1337 §3).
    fn rst_arrives(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let (state, tcb) = (self.state, self.tcb);
        let passive = || knows(tcb, Facts::PASSIVE);
        match state {
            State::TimeWait if on!(self.rfc1337) => {}
            _ if seg.seq != tcb.rcv_nxt && on!(self.rfc5961) => x.acks(Due::Challenge),
            State::SynReceived if passive() && !self.listens_again() => self.back(x, None, Notice::Reset),
            // §3.5, where that is wanted.
            State::SynReceived if !on!(self.rst_heeds_opener) && !knows(tcb, Facts::RELEASED) => {
                self.listens(x);
            }
            State::SynReceived if passive() => self.back(x, Some(State::Listen), Notice::Reset),
            State::SynReceived => {
                x.tells(Notice::Refused);
                x.gives_up();
            }
            State::Closing | State::LastAck | State::TimeWait => {
                // What the peer has not acknowledged is lost, and the letter has no word for it.
                if state != State::TimeWait && self.loses_text() && on!(self.loss_is_told) {
                    x.tells(Notice::Reset);
                    x.returned = true;
                }
                x.closes();
            }
            _ => {
                x.tells(Notice::Reset);
                self.ends(x);
            }
        }
    }

    /// Fourth: the SYN bit (RFC 5961 §4.2).
    fn syn_arrives(&self, x: &mut Expected<S>) {
        let tcb = self.tcb;
        if self.state == State::SynReceived && knows(tcb, Facts::PASSIVE) {
            let to = if self.listens_again() { Some(State::Listen) } else { None };
            return self.back(x, to, Notice::Reset);
        }
        if on!(self.rfc5961) {
            return x.acks(Due::Challenge);
        }
        // "it is an error, send a reset": what §3.10.7.4 keeps of RFC 793
        x.sends(Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() });
        x.tells(Notice::Reset);
        self.ends(x);
    }

    /// Fifth: the ACK field; whether the segment is looked at further.
    fn ack_arrives(
        &self,
        x: &mut Expected<S>,
        seg: &Segment<S>,
        rest: &Part<S>,
        recent: impl Fn() -> Option<Option<S::Raw>>,
    ) -> bool {
        let (state, tcb) = (self.state, self.tcb);
        let says = acknowledgment(tcb, seg.ack);
        // §3.5: a SYN may be old; what the peer acknowledges shows that it is not.
        let opening = state == State::SynReceived
            || (state == State::FinWait1 && !knows(tcb, Facts::SYN_ACKED) && on!(self.handshake_first));
        if opening && says != Says::New {
            x.sends(reset_for(seg));
            return false;
        }
        if state == State::TimeWait && on!(self.old_fin_restarts_2msl) {
            // A FIN beyond the peer's FIN is answered, once for each: no answer carries one. Nothing proves it to be the peer's.
            if rest.fin {
                x.acks(Due::Challenge);
            }
            return false;
        }
        match says {
            // RFC 5961 §5.2: outside of (SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT
            Says::Ancient if state == State::TimeWait || on!(self.rfc5961) => {
                x.acks(Due::Challenge);
                return false;
            }
            Says::Unsent => {
                x.acks(Due::Challenge);
                return false;
            }
            // "The only thing that can arrive in this state is a retransmission of the remote FIN. Acknowledge it, and restart the 2 MSL timeout."
            _ if state == State::TimeWait => {
                x.acks(Due::Now);
                x.waits_2msl();
            }
            Says::Ancient | Says::Old => {}
            Says::Same | Says::New => self.acceptable(x, seg, rest, says),
        }
        x.takes_stamp(recent());
        let our_fin = says == Says::New && knows(tcb, Facts::FIN_SENT) && seg.ack == tcb.snd_nxt;
        if our_fin { self.fin_acknowledged(x) } else { true }
    }

    /// SND.UNA =< SEG.ACK =< SND.NXT
    fn acceptable(&self, x: &mut Expected<S>, seg: &Segment<S>, rest: &Part<S>, says: Says) {
        let tcb = self.tcb;
        self.advances(x, seg.ack);
        if self.state == State::SynReceived {
            x.state = if knows(tcb, Facts::CLOSED) { State::FinWait1 } else { State::Established };
            x.tells(Notice::Established);
            return x.takes_window(seg.wnd, rest.seq, seg.ack);
        }
        // "SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)"; what acknowledges something new was sent later in any case.
        // (What acknowledges our FIN needs no window for more.)
        let our_fin = knows(tcb, Facts::FIN_SENT) && seg.ack == tcb.snd_nxt;
        let later = says == Says::New && !our_fin && on!(self.new_ack_window);
        let newer =
            is_less(tcb.snd_wl1, rest.seq) || (tcb.snd_wl1 == rest.seq && !is_less(seg.ack, tcb.snd_wl2));
        if later || newer {
            // Text that fills a hole has an older number: SND.WL1 stays the highest, so that what was sent before it is not taken for news.
            let highest = if newer { rest.seq } else { tcb.snd_wl1 };
            x.takes_window(seg.wnd, highest, seg.ack);
        }
    }

    /// "if the FIN segment is now acknowledged"; whether the segment is looked at further.
    fn fin_acknowledged(&self, x: &mut Expected<S>) -> bool {
        match self.state {
            State::FinWait1 => {
                x.state = State::FinWait2;
                // That is progress, too.
                x.starts(Timer::Orphan);
            }
            State::Closing => x.waits_2msl(),
            State::LastAck => x.closes(),
            _ => return true,
        }
        x.tells(Notice::CloseAcknowledged);
        self.state == State::FinWait1
    }

    /// SYN-RECEIVED ends after a passive OPEN: LISTEN again, but the child of a listener just goes. Text that waits is lost, and the user hears of it.
    pub(super) fn back(&self, x: &mut Expected<S>, to: Option<State>, why: Notice) {
        if to.is_none() {
            x.tells(why);
            return x.gives_up();
        }
        if self.loses_text() && on!(self.loss_is_told) {
            x.tells(why);
        }
        self.listens(x);
    }

    /// LISTEN again: a peer that has tried in vain is forgotten; one that OPEN has named is not.
    fn listens(&self, x: &mut Expected<S>) {
        let named = knows(self.tcb, Facts::NAMED);
        x.state = State::Listen;
        x.flushed = true;
        x.ack = Due::No;
        x.tcb = Tcb::default();
        note(&mut x.tcb, Facts::PASSIVE, true);
        note(&mut x.tcb, Facts::REMOTE, named);
        note(&mut x.tcb, Facts::NAMED, named);
    }

    /// Whether text that the user gave is not acknowledged.
    fn loses_text(&self) -> bool {
        let tcb = self.tcb;
        // The SYN takes the number before the first octet, and an acknowledged FIN the one behind the last.
        let first = if knows(tcb, Facts::SYN_ACKED) { tcb.snd_una } else { one_on(tcb.iss) };
        let fin_acked = knows(tcb, Facts::FIN_SENT) && outstanding(tcb) == 0;
        !fin_acked && first != tcb.snd_end
    }

    /// The connection ends otherwise than by FINs: what has come in order stays the user's, but not by the letter.
    pub(super) fn ends(&self, x: &mut Expected<S>) {
        if on!(self.drain_after_reset) {
            x.returned = true;
            x.closes();
        } else {
            x.gives_up();
        }
    }

    /// §3.10.7.4, sixth to eighth; `rest` is what the window leaves of the segment.
    pub(super) fn urgent_text_and_fin(&self, x: &mut Expected<S>, seg: &Segment<S>, rest: &Part<S>) {
        if !receives(x.state) {
            // "Remain in the TIME-WAIT state. Restart the 2 MSL time-wait timeout."
            if rest.fin && x.state == State::TimeWait && !on!(self.old_fin_restarts_2msl) {
                x.acks(Due::Now);
                x.waits_2msl();
            }
            return;
        }
        // "RCV.UP <- max(RCV.UP,SEG.UP), and signal the user [...] if the urgent pointer (RCV.UP) is in advance of the data consumed", once.
        if carries(seg, Flags::URG) {
            let from = if knows(&x.tcb, Facts::URGENT_IN) { x.tcb.rcv_up } else { x.tcb.rcv_nxt };
            if is_less(from, seg.up) {
                x.tcb.rcv_up = seg.up;
                if !knows(&x.tcb, Facts::URGENT_IN) {
                    note(&mut x.tcb, Facts::URGENT_IN, true);
                    x.tells(Notice::Urgent);
                }
            }
        }
        self.text_and_fin(x, rest);
    }

    /// §3.10.7.4, seventh and eighth, on what the window leaves of a segment.
    fn text_and_fin(&self, x: &mut Expected<S>, rest: &Part<S>) {
        let (text, fin) = (rest.text, rest.fin);
        if !fin && text == 0 {
            return;
        }
        if rest.seq != x.tcb.rcv_nxt {
            // SHLD-31: kept, and a gap is reported at once.
            x.held = Some(Kept { seq: rest.seq, len: text, fin });
            return x.acks(Due::Now);
        }
        if text > 0 {
            if knows(self.tcb, Facts::RELEASED) {
                // RFC 1122 §4.2.2.13: "a TCP RST to show that data was lost"
                x.tells(Notice::Orphaned);
                return self.resets(x);
            }
            self.takes_text(x, text);
        }
        if fin {
            self.takes_fin(x);
        }
    }

    /// "it advances RCV.NXT over the data accepted, and adjusts RCV.WND as appropriate to the current buffer availability"
    fn takes_text(&self, x: &mut Expected<S>, text: S::Word) {
        let urgent = knows(&x.tcb, Facts::URGENT_IN).then(|| ahead(x.tcb.rcv_nxt, x.tcb.rcv_up));
        x.text = text;
        x.tcb.rcv_nxt = at(x.tcb.rcv_nxt, text);
        x.tcb.rcv_wnd = S::raw(x.tcb.rcv_wnd.into().saturating_sub(text));
        x.acks(Due::Soon);
        // "when the receive sequence number catches up to the urgent pointer" (§3.8.5)
        if urgent.is_some_and(|left| left <= text) {
            note(&mut x.tcb, Facts::URGENT_IN, false);
            x.tells(Notice::UrgentEnd);
        }
    }

    /// "signal the user 'connection closing' [...], advance RCV.NXT over the FIN, and send an acknowledgment for the FIN"
    fn takes_fin(&self, x: &mut Expected<S>) {
        x.tcb.rcv_nxt = one_on(x.tcb.rcv_nxt);
        x.tells(Notice::Closing);
        x.acks(if x.state == State::Established { Due::Soon } else { Due::Now });
        match x.state {
            State::Established => x.state = State::CloseWait,
            State::FinWait1 => x.state = State::Closing,
            _ => x.waits_2msl(),
        }
    }
}

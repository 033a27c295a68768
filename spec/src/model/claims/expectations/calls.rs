//! What §3.10.1 to §3.10.6, §3.10.8 and §3.8 say of calls, timeouts and what goes out.

use super::numbers::{
    Part, ahead, at, bits, is_less, knows, note, octets, on, one_back, outstanding, owes_fin, queued, usable,
};
use super::{Before, Due, Expected, sends, waits_for_delivery};
use crate::call::{Expiry, Open, Receive, Send, Unreachable};
use crate::{CallError, Event, Facts, Flags, Notice, Numbers, Segment, Seq, State, Tcb, Timer, Word};
use CallError::{
    ConnectionAlreadyExists, ConnectionClosing, ConnectionDoesNotExist, InsufficientResources,
    RemoteSocketUnspecified,
};
use State::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent,
    TimeWait,
};

impl<S: Numbers> Before<'_, S> {
    /// What should be seen of the event.
    pub fn expected(&self) -> Expected<S> {
        let mut x = Expected::nothing(self.state, *self.tcb);
        let state = self.state;
        match self.event {
            Event::Segment(seg) => self.segment(&mut x, seg),
            Event::Transmit(transmit) => self.transmit(&mut x, transmit.max),
            Event::Held(seg) => self.held(&mut x, seg),
            Event::Open(open) => self.open(&mut x, *open),
            Event::Send(send) => self.send(&mut x, send),
            Event::Receive(receive) => self.receive(&mut x, receive),
            Event::Close(_) => self.close(&mut x),
            Event::Abort(_) => self.abort(&mut x),
            Event::Release(release) => self.release(&mut x, release.unread),
            // §3.10.6
            Event::Status(_) if state == Closed => x.refuses(ConnectionDoesNotExist),
            Event::Status(_) => {}
            Event::Unreachable(error) => self.unreachable(&mut x, error),
            Event::Retransmission(expiry) => self.retransmission(&mut x, *expiry),
            Event::Probe(expiry) => self.probe(&mut x, *expiry),
            Event::KeepAlive(expiry) => self.keep_alive(&mut x, *expiry),
            // §3.8.6.3
            Event::DelayedAck(_) => {
                if !matches!(state, Closed | Listen | SynSent | SynReceived | TimeWait) {
                    x.acks(Due::Now);
                }
            }
            // §3.10.8
            Event::TimeWait(_) if state == TimeWait => x.closes(),
            Event::TimeWait(_) => {}
            Event::UserTimeout(_) if matches!(state, Closed | TimeWait) => {}
            Event::UserTimeout(_) => self.fails(&mut x, Notice::UserTimeout),
            Event::Orphan(_) => self.orphan(&mut x),
        }
        x
    }

    /// §3.10.1
    fn open(&self, x: &mut Expected<S>, open: Open) {
        let remote = open.remote || knows(self.tcb, Facts::REMOTE);
        match self.state {
            Closed if !open.active => {
                x.state = Listen;
                note(&mut x.tcb, Facts::PASSIVE, true);
                note(&mut x.tcb, Facts::FORKS, open.forks);
                note(&mut x.tcb, Facts::REMOTE, open.remote);
                note(&mut x.tcb, Facts::NAMED, open.remote);
            }
            Closed | Listen if open.active && remote => self.connects(x),
            Closed => x.refuses(RemoteSocketUnspecified),
            Listen if open.active => x.refuses(RemoteSocketUnspecified),
            // Against MUST-13, where that is wanted (`reuse_time_wait`): what the older connection has received is the measure of the peer's SYN.
            TimeWait if open.active && on!(self.reuse_time_wait) => {
                let Tcb { rcv_nxt, ts_recent, .. } = *self.tcb;
                self.connects(x);
                note(&mut x.tcb, Facts::REUSES, true);
                (x.tcb.rcv_nxt, x.tcb.ts_recent) = (rcv_nxt, ts_recent);
            }
            _ => x.refuses(ConnectionAlreadyExists),
        }
    }

    /// "send a SYN segment, enter SYN-SENT state": the connection is an active one, whatever it was (MUST-11).
    fn connects(&self, x: &mut Expected<S>) {
        let wnd = self.window;
        x.begins(self.iss, wnd, Facts::REMOTE.into());
        x.state = SynSent;
        x.sends(Segment { seq: self.iss, wnd, flags: Flags::SYN, ..Segment::default() });
        x.starts(Timer::Retransmission);
        x.starts(Timer::User);
    }

    /// §3.10.2
    fn send(&self, x: &mut Expected<S>, send: &Send<S::Word>) {
        let tcb = self.tcb;
        match self.state {
            Closed => return x.refuses(ConnectionDoesNotExist),
            Listen if !knows(tcb, Facts::REMOTE) => return x.refuses(RemoteSocketUnspecified),
            FinWait1 | FinWait2 | Closing | LastAck | TimeWait => return x.refuses(ConnectionClosing),
            _ if knows(tcb, Facts::CLOSED) => return x.refuses(ConnectionClosing),
            _ if !send.room => return x.refuses(InsufficientResources),
            Listen => self.connects(x),
            _ if send.len > 0 => self.limits(x),
            _ => {}
        }
        x.tcb.snd_end = at(x.tcb.snd_end, send.len);
        // "the user must also send at least one data octet" (§3.8.5)
        if send.urgent && send.len > 0 {
            // "point to the sequence number of the octet following the urgent data" (MUST-62)
            x.tcb.snd_up = x.tcb.snd_end;
            note(&mut x.tcb, Facts::URGENT_OUT, true);
        }
    }

    /// §3.9.1.1: the user timeout is one for all data submitted, so it begins with the first that waits.
    fn limits(&self, x: &mut Expected<S>) {
        if !waits_for_delivery(self.tcb) {
            x.starts(Timer::User);
        }
    }

    /// §3.10.3; text on hand after the peer's FIN is the user's (`drain_after_fin`).
    fn receive(&self, x: &mut Expected<S>, receive: &Receive<S::Word>) {
        let text = receive.on_hand > 0;
        match self.state {
            Closing | LastAck | TimeWait if text && on!(self.drain_after_fin) => {}
            // What came before the connection ended is the user's, whatever has ended it.
            Closed if text && (on!(self.drain_after_fin) || on!(self.drain_after_reset)) => {}
            Closed => x.refuses(ConnectionDoesNotExist),
            // "queue for processing after entering ESTABLISHED state"
            Listen | SynSent | SynReceived => return,
            // With or without text the window may open, and never shrinks (§3.8.6: "SHOULD NOT shrink the window").
            Established | FinWait1 | FinWait2 => {
                if receive.window > x.tcb.rcv_wnd.into() {
                    x.tcb.rcv_wnd = S::raw(receive.window);
                    x.acks(Due::Soon);
                }
            }
            CloseWait if text => {}
            _ => x.refuses(ConnectionClosing),
        }
        if x.answer.is_ok() {
            x.taken = receive.on_hand.min(receive.max);
        }
    }

    /// §3.10.4
    fn close(&self, x: &mut Expected<S>) {
        let tcb = self.tcb;
        let unsent = || queued(tcb) > 0;
        match self.state {
            Closed => return x.refuses(ConnectionDoesNotExist),
            SynSent => {
                // "return 'error: closing' responses to any queued SENDs"
                if unsent() {
                    x.tells(Notice::Unsent);
                }
                return self.attempt_ends(x);
            }
            Listen => return x.gives_up(),
            FinWait1 | FinWait2 | Closing | LastAck | TimeWait => return x.refuses(ConnectionClosing),
            _ if knows(tcb, Facts::CLOSED) => return x.refuses(ConnectionClosing),
            // "then queue for processing after entering ESTABLISHED state"
            SynReceived if unsent() => {}
            SynReceived | Established => {
                self.limits(x);
                x.state = FinWait1;
            }
            CloseWait => self.limits(x),
        }
        note(&mut x.tcb, Facts::CLOSED, true);
    }

    /// §3.10.5
    fn abort(&self, x: &mut Expected<S>) {
        match self.state {
            Closed => x.refuses(ConnectionDoesNotExist),
            SynReceived | Established | FinWait1 | FinWait2 | CloseWait => {
                x.sends(Segment { seq: x.tcb.snd_nxt, flags: Flags::RST, ..Segment::default() });
                x.gives_up();
            }
            SynSent => self.attempt_ends(x),
            _ => x.gives_up(),
        }
    }

    /// RFC 1122 §4.2.2.13: a CLOSE, and a RST if text is left unread, as long as the peer could still be told.
    fn release(&self, x: &mut Expected<S>, unread: bool) {
        let tcb = self.tcb;
        let unsent = || queued(tcb) > 0;
        match self.state {
            Closed => return,
            SynSent => {
                if unsent() {
                    x.tells(Notice::Unsent);
                }
                self.attempt_ends(x);
                if x.state == TimeWait {
                    note(&mut x.tcb, Facts::RELEASED, true);
                }
                return;
            }
            Listen => return x.gives_up(),
            CloseWait if unread && !knows(tcb, Facts::CLOSED) => return self.resets(x),
            Established | FinWait1 | FinWait2 if unread => return self.resets(x),
            SynReceived if !unsent() => x.state = FinWait1,
            Established => x.state = FinWait1,
            _ => {}
        }
        if !knows(tcb, Facts::CLOSED) {
            self.limits(x);
        }
        note(&mut x.tcb, Facts::CLOSED, true);
        note(&mut x.tcb, Facts::RELEASED, true);
        x.starts(Timer::Orphan);
    }

    /// What came early is next (§3.10.7.4, seventh, eighth).
    fn held(&self, x: &mut Expected<S>, seg: &Segment<S>) {
        let tcb = self.tcb;
        let waits = self.state == FinWait1 && !knows(tcb, Facts::SYN_ACKED) && on!(self.handshake_first);
        if !super::receives(self.state) || waits {
            return;
        }
        let part = Part::of(seg);
        // RFC 5681 §4.2: "immediate ACK when it receives a segment that fills in all or part of a gap"
        if !part.is_empty() {
            x.acks(Due::Now);
        }
        self.urgent_text_and_fin(x, seg, &part.trimmed(tcb.rcv_nxt, tcb.rcv_wnd.into()));
    }

    /// Text and FIN as far as they are queued and the window allows (§3.7, §3.8); a probe is due if it is closed and nothing is under way (§3.8.6.1).
    fn transmit(&self, x: &mut Expected<S>, max: S::Word) {
        let (state, tcb) = (self.state, self.tcb);
        if !sends(state) {
            return;
        }
        let idle = outstanding(tcb) == 0;
        let text = max.min(queued(tcb)).min(usable(tcb));
        let fin = owes_fin(tcb) && queued(tcb) == text && usable(tcb) > text;
        if text == 0 && !fin {
            if super::is_blocked(state, tcb) {
                x.starts(Timer::Persist);
            }
            return;
        }
        self.goes_out(x, text, fin);
        if idle {
            x.starts(Timer::Retransmission);
        }
    }

    /// New text, a FIN or both go out.
    fn goes_out(&self, x: &mut Expected<S>, text: S::Word, fin: bool) {
        let seq = x.tcb.snd_nxt;
        x.sends(carrying(&x.tcb, seq, text, fin));
        x.tcb.snd_nxt = at(seq, text + S::Word::from(fin));
        if fin {
            note(&mut x.tcb, Facts::FIN_SENT, true);
            if x.state == CloseWait {
                x.state = LastAck;
            }
        }
    }

    /// §3.9.2.2, RFC 5461, RFC 5927 §4: "the TCP sequence number contained in the payload of the ICMP error message is within the range of the data already
    /// sent but not yet acknowledged"
    fn unreachable(&self, x: &mut Expected<S>, error: &Unreachable<S>) {
        let tcb = self.tcb;
        let ours = ahead(tcb.snd_una, error.seq) < outstanding(tcb);
        match self.state {
            Closed | Listen | FinWait2 | TimeWait => {}
            _ if !ours => {}
            _ if !error.hard => x.tells(Notice::SoftError),
            SynReceived if knows(tcb, Facts::PASSIVE) => {
                let to = if self.listens_again() { Some(Listen) } else { None };
                self.back(x, to, Notice::Unreachable);
            }
            SynSent => {
                x.tells(Notice::Unreachable);
                self.attempt_ends(x);
            }
            SynReceived => {
                x.tells(Notice::Unreachable);
                x.gives_up();
            }
            _ if on!(self.hard_errors_soft) => x.tells(Notice::SoftError),
            _ => {
                x.tells(Notice::Unreachable);
                self.ends(x);
            }
        }
    }

    /// §3.8.3, §3.10.8; RFC 6298 §5.4: "Retransmit the earliest segment", §5.6 "start the retransmission timer"
    fn retransmission(&self, x: &mut Expected<S>, expiry: Expiry) {
        let (state, tcb) = (self.state, self.tcb);
        if matches!(state, Closed | Listen | FinWait2 | TimeWait) || outstanding(tcb) == 0 {
            return;
        }
        let acked = knows(tcb, Facts::SYN_ACKED);
        // The SYN is the earliest, and whether it is lost nobody can know earlier.
        if expiry.early && !acked {
            return;
        }
        if expiry.r2 {
            return self.fails(x, Notice::GivenUp);
        }
        if expiry.r1 {
            x.tells(Notice::Trouble);
        }
        x.starts(Timer::Retransmission);
        if !acked {
            let (flags, ack) = match state {
                SynSent => (Flags::SYN, Seq::default()),
                _ => (bits(Flags::SYN, Flags::ACK), tcb.rcv_nxt),
            };
            return x.sends(Segment { seq: tcb.iss, ack, wnd: tcb.rcv_wnd, flags, ..Segment::default() });
        }
        let (from, max) = self.part.unwrap_or((octets::<S>(0), octets::<S>(u32::MAX)));
        // The FIN, if it was sent, is the last that is outstanding.
        let fin = S::Word::from(knows(tcb, Facts::FIN_SENT));
        let left = outstanding(tcb).saturating_sub(from);
        let text = (left - fin.min(left)).min(max);
        x.sends(carrying(tcb, at(tcb.snd_una, from), text, fin > 0 && text + fin == left));
    }

    /// §3.8.6.1: "at least one octet of new data (if available)"
    fn probe(&self, x: &mut Expected<S>, expiry: Expiry) {
        let (state, tcb) = (self.state, self.tcb);
        if !sends(state) {
            return;
        }
        if expiry.r2 {
            return self.fails(x, Notice::GivenUp);
        }
        let text = queued(tcb).min(octets::<S>(1));
        let fin = text == 0 && owes_fin(tcb);
        if outstanding(tcb) > 0 || (text == 0 && !fin) {
            return;
        }
        self.goes_out(x, text, fin);
        x.starts(Timer::Retransmission);
    }

    /// §3.8.4: SEG.SEQ = SND.NXT-1. Nothing is asked while something is under way, but later.
    fn keep_alive(&self, x: &mut Expected<S>, expiry: Expiry) {
        let (state, tcb) = (self.state, self.tcb);
        match state {
            FinWait1 => x.starts(Timer::KeepAlive),
            Established | FinWait2 | CloseWait if expiry.r2 => self.fails(x, Notice::GivenUp),
            Established | FinWait2 | CloseWait => {
                x.starts(Timer::KeepAlive);
                if outstanding(tcb) == 0 {
                    let probe = Segment { seq: one_back(tcb.snd_nxt), ..x.plain_ack() };
                    x.sends(probe);
                }
            }
            _ => {}
        }
    }

    /// §3.6.1, MAY-1: an end that cannot receive any more need not wait for the peer's FIN. §3.8.6.1: what nobody waits for may be reclaimed.
    fn orphan(&self, x: &mut Expected<S>) {
        match self.state {
            Closed | Listen | SynSent | TimeWait => return,
            FinWait2 => {}
            _ => {
                x.tells(Notice::Orphaned);
                self.sends_rst(x);
            }
        }
        x.returned = true;
        x.closes();
    }

    /// §3.10.8, §3.8.3: "For any state if the user timeout expires [...] delete the TCB, enter the CLOSED state"; R2 likewise.
    fn fails(&self, x: &mut Expected<S>, why: Notice) {
        x.tells(why);
        if self.reuses() { self.attempt_ends(x) } else { self.ends(x) }
    }

    /// A RST, and the connection is given up.
    pub(super) fn resets(&self, x: &mut Expected<S>) {
        self.sends_rst(x);
        x.gives_up();
    }

    /// `<SEQ=SND.NXT><CTL=RST>`; behind a closed window the peer looks at nothing but its edge. The number of our SYN needs no window.
    fn sends_rst(&self, x: &mut Expected<S>) {
        let tcb = &x.tcb;
        let room = tcb.snd_wnd.into().max(S::Word::from(!knows(tcb, Facts::SYN_ACKED)));
        let seq = at(tcb.snd_una, outstanding(tcb).min(room));
        x.sends(Segment { seq, flags: Flags::RST, ..Segment::default() });
    }

    /// An attempt in TIME-WAIT's place has remembered what the older connection received.
    pub(super) fn reuses(&self) -> bool {
        on!(self.reuse_time_wait) && self.state == SynSent && knows(self.tcb, Facts::REUSES)
    }

    /// SYN-SENT ends without a connection: CLOSED, or the older connection's 2MSL from now on, of which only the numbers are left.
    pub(super) fn attempt_ends(&self, x: &mut Expected<S>) {
        if !self.reuses() {
            return x.gives_up();
        }
        let Tcb { iss, snd_nxt, rcv_nxt, rcv_wnd, ts_recent, .. } = *self.tcb;
        let (snd_una, snd_end) = (snd_nxt, snd_nxt);
        x.tcb = Tcb { iss, snd_una, snd_nxt, snd_end, rcv_nxt, rcv_wnd, ts_recent, ..Tcb::default() };
        for fact in [Facts::REMOTE, Facts::CLOSED, Facts::FIN_SENT] {
            note(&mut x.tcb, fact, true);
        }
        x.flushed = true;
        x.waits_2msl();
    }
}

/// `<SEQ><ACK=RCV.NXT><CTL=ACK>` with text, FIN or both. PSH: "the last buffered segment" (MUST-61); URG: as long as the urgent pointer lies ahead (§3.8.5).
fn carrying<S: Numbers>(tcb: &Tcb<S>, seq: Seq<S>, text: S::Word, fin: bool) -> Segment<S> {
    let mut flags = Flags::ACK;
    if fin {
        flags = bits(flags, Flags::FIN);
    }
    if text > 0 && at(seq, text) == tcb.snd_end {
        flags = bits(flags, Flags::PSH);
    }
    if knows(tcb, Facts::URGENT_OUT) && is_less(seq, tcb.snd_up) {
        flags = bits(flags, Flags::URG);
    }
    let (ack, wnd, up) = (tcb.rcv_nxt, tcb.rcv_wnd, tcb.snd_up);
    Segment { seq, ack, wnd, up, len: S::raw(text), flags, ..Segment::default() }
}

//! What §3.10.1 to §3.10.6, §3.10.8 and §3.8 say of calls, timeouts and what goes out.

use super::segment::clipped;
use super::{Due, Expected, Happening, waits_for_delivery};
use crate::{CallError, Event, Facts, Flags, Notice, Segment, Seq, State, Timer};

impl Happening<'_> {
    pub(super) fn expected(&self) -> Expected {
        let end = self.before;
        let tcb = &end.tcb;
        let nothing = Expected::nothing(end);
        use CallError::{
            ConnectionAlreadyExists, ConnectionClosing, ConnectionDoesNotExist, InsufficientResources,
            RemoteSocketUnspecified,
        };
        use State::{
            CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived,
            SynSent, TimeWait,
        };
        let receiving = matches!(end.state, Established | FinWait1 | FinWait2);
        let sending = matches!(end.state, Established | FinWait1 | CloseWait | Closing);
        let close_called = tcb.facts.has(Facts::CLOSED);
        match self.event {
            // §3.10.1
            Event::Open(open) => {
                let remote = open.remote || tcb.facts.has(Facts::REMOTE);
                match end.state {
                    Closed if !open.active => nothing.moves(Listen),
                    Closed | Listen if open.active && remote => self.connects(nothing),
                    Closed => nothing.refused(RemoteSocketUnspecified),
                    Listen if open.active => nothing.refused(RemoteSocketUnspecified),
                    // Against MUST-13, where that is wanted (`reuse_time_wait`).
                    TimeWait if open.active && self.options.reuse_time_wait => {
                        let (rcv_nxt, ts_recent) = (tcb.rcv_nxt, tcb.ts_recent);
                        Expected { rcv_nxt, ts_recent, ..self.connects(nothing) }
                    }
                    _ => nothing.refused(ConnectionAlreadyExists),
                }
            }
            // §3.10.2
            Event::Send(send) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                Listen if !tcb.facts.has(Facts::REMOTE) => nothing.refused(RemoteSocketUnspecified),
                FinWait1 | FinWait2 | Closing | LastAck | TimeWait => nothing.refused(ConnectionClosing),
                _ if close_called => nothing.refused(ConnectionClosing),
                _ if !send.room => nothing.refused(InsufficientResources),
                Listen => self.connects(nothing),
                state => self.limited(nothing.moves(state)),
            },
            // §3.10.3; text on hand after the peer's FIN is the user's (`drain_after_fin`).
            Event::Receive(receive) => {
                let text = receive.on_hand > 0;
                let late = matches!(end.state, Closed | Closing | LastAck | TimeWait);
                match end.state {
                    _ if late && text && self.options.drain_after_fin => nothing,
                    // What came before the connection ended is the user's (`drain_after_reset`).
                    Closed if text && self.options.drain_after_reset => nothing,
                    Closed => nothing.refused(ConnectionDoesNotExist),
                    Listen | SynSent | SynReceived => nothing,
                    // With or without text the window may open.
                    _ if receiving => {
                        let opens = receive.window > u32::from(tcb.rcv_wnd);
                        nothing.moves(end.state).acks(if opens { Due::Soon } else { Due::No })
                    }
                    CloseWait if text => nothing,
                    _ => nothing.refused(ConnectionClosing),
                }
            }
            // §3.10.4
            Event::Close(_) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                // "return 'error: closing' responses to any queued SENDs"
                SynSent if tcb.unsent() > 0 => self.attempt_ends(nothing.tells(Notice::Unsent)),
                SynSent => self.attempt_ends(nothing),
                Listen => nothing.gives_up(),
                FinWait1 | FinWait2 | Closing | LastAck | TimeWait => nothing.refused(ConnectionClosing),
                _ if close_called => nothing.refused(ConnectionClosing),
                SynReceived if tcb.unsent() > 0 => nothing.moves(SynReceived),
                SynReceived | Established => self.limited(nothing.moves(FinWait1)),
                _ => self.limited(nothing.moves(CloseWait)),
            },
            // §3.10.5
            Event::Abort(_) => match end.state {
                Closed => nothing.refused(ConnectionDoesNotExist),
                SynReceived | Established | FinWait1 | FinWait2 | CloseWait => {
                    let reset = Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() };
                    nothing.sends(reset).gives_up()
                }
                SynSent => self.attempt_ends(nothing),
                _ => nothing.gives_up(),
            },
            // RFC 1122 §4.2.2.13: a CLOSE, and a RST if text is left unread, as long as the peer could still be told.
            Event::Release(release) => match end.state {
                Closed => nothing,
                SynSent if tcb.unsent() > 0 => self.attempt_ends(nothing.tells(Notice::Unsent)),
                SynSent => self.attempt_ends(nothing),
                Listen => nothing.gives_up(),
                CloseWait if release.unread && !close_called => self.resets(nothing).gives_up(),
                Established | FinWait1 | FinWait2 if release.unread => self.resets(nothing).gives_up(),
                SynReceived if tcb.unsent() == 0 => nothing.moves(FinWait1),
                Established => nothing.moves(FinWait1),
                state => nothing.moves(state),
            },
            // §3.10.6
            Event::Status(_) if end.state == Closed => nothing.refused(ConnectionDoesNotExist),
            Event::Status(_) => nothing,
            Event::Segment(seg) => self.segment(nothing, seg),
            Event::Held(_) if !receiving => nothing,
            Event::Held(_)
                if end.state == FinWait1
                    && !tcb.facts.has(Facts::SYN_ACKED)
                    && self.options.handshake_first =>
            {
                nothing
            }
            Event::Held(seg) => {
                let expected = if seg.text_len() > 0 { nothing.acks(Due::Now) } else { nothing };
                self.urgent_text_and_fin(expected, seg, &clipped(*seg, tcb))
            }
            // §3.7, §3.8, §3.8.6.1
            Event::Transmit(transmit) if sending => self.transmit(nothing, transmit.max),
            Event::Transmit(_) => nothing,
            // §3.9.2.2, RFC 5461, RFC 5927
            Event::Unreachable(error) => {
                let ours = tcb.snd_una.distance(error.seq) < tcb.in_flight();
                let passive = tcb.facts.has(Facts::PASSIVE);
                match end.state {
                    Closed | Listen | FinWait2 | TimeWait => nothing,
                    _ if !ours => nothing,
                    _ if !error.hard => nothing.tells(Notice::SoftError),
                    SynReceived if passive => {
                        let gone = tcb.facts.has(Facts::CHILD)
                            || tcb.facts.has(Facts::RELEASED)
                            || (self.options.close_heeded && close_called);
                        self.back(nothing, if gone { None } else { Some(Listen) }, Notice::Unreachable)
                    }
                    SynSent => self.attempt_ends(nothing.tells(Notice::Unreachable)),
                    SynReceived => nothing.tells(Notice::Unreachable).gives_up(),
                    _ if self.options.hard_errors_soft => nothing.tells(Notice::SoftError),
                    _ => self.ends(nothing.tells(Notice::Unreachable)),
                }
            }
            // §3.8.3, §3.10.8
            Event::Retransmission(expiry) => {
                if matches!(end.state, Closed | Listen | FinWait2 | TimeWait) || tcb.in_flight() == 0 {
                    return nothing;
                }
                // RFC 6298 §5.4: the SYN is the earliest, and whether it is lost nobody can know earlier.
                if expiry.early && !tcb.facts.has(Facts::SYN_ACKED) {
                    return nothing;
                }
                if expiry.r2 && self.reuses() {
                    return self.attempt_ends(nothing.tells(Notice::GivenUp));
                }
                if expiry.r2 {
                    return self.ends(nothing.tells(Notice::GivenUp));
                }
                let told = if expiry.r1 { nothing.tells(Notice::Trouble) } else { nothing };
                let oldest = match end.state {
                    SynSent => tcb.syn(false),
                    SynReceived => tcb.syn(true),
                    _ if !tcb.facts.has(Facts::SYN_ACKED) => tcb.syn(true),
                    _ => {
                        let (from, max) =
                            self.part.map_or((0, u32::MAX), |(from, len)| (from.into(), len.into()));
                        tcb.sent_segment(tcb.snd_una.plus(from), max).unwrap_or_default()
                    }
                };
                told.sends(oldest).runs(Timer::Retransmission)
            }
            // §3.8.6.1
            Event::Probe(_) if !sending => nothing,
            Event::Probe(expiry) if expiry.r2 => self.ends(nothing.tells(Notice::GivenUp)),
            Event::Probe(_) if tcb.in_flight() > 0 => nothing,
            Event::Probe(_) => {
                let fin = tcb.fin_is_next();
                if tcb.unsent() == 0 && !fin {
                    return nothing;
                }
                let state = if fin && end.state == CloseWait { LastAck } else { end.state };
                let text = u32::from(!fin);
                let sent = nothing.sends(tcb.text_segment(tcb.snd_nxt, text, fin)).moves(state);
                Expected { nxt: tcb.snd_nxt.plus(1), ..sent }.runs(Timer::Retransmission)
            }
            // §3.8.4
            // Nothing is asked while something is under way, but later.
            Event::KeepAlive(_) if end.state == FinWait1 => nothing.runs(Timer::KeepAlive),
            Event::KeepAlive(_) if !matches!(end.state, Established | FinWait2 | CloseWait) => nothing,
            Event::KeepAlive(expiry) if expiry.r2 => self.ends(nothing.tells(Notice::GivenUp)),
            Event::KeepAlive(_) if tcb.in_flight() > 0 => nothing.runs(Timer::KeepAlive),
            Event::KeepAlive(_) => {
                let probe = Segment { seq: tcb.snd_nxt.minus(1), ..tcb.acknowledgment() };
                nothing.sends(probe).runs(Timer::KeepAlive)
            }
            // §3.8.6.3
            Event::DelayedAck(_)
                if matches!(end.state, Closed | Listen | SynSent | SynReceived | TimeWait) =>
            {
                nothing
            }
            Event::DelayedAck(_) => nothing.acks(Due::Now),
            // §3.10.8
            Event::TimeWait(_) if end.state == TimeWait => nothing.closes(),
            Event::TimeWait(_) => nothing,
            Event::UserTimeout(_) if matches!(end.state, Closed | TimeWait) => nothing,
            Event::UserTimeout(_) if self.reuses() => self.attempt_ends(nothing.tells(Notice::UserTimeout)),
            Event::UserTimeout(_) => self.ends(nothing.tells(Notice::UserTimeout)),
            // §3.6.1, MAY-1: an end that cannot receive any more need not wait for the peer's FIN. §3.8.6.1: what nobody waits for may be reclaimed.
            Event::Orphan(_) => match end.state {
                Closed | Listen | SynSent | TimeWait => nothing,
                FinWait2 => Expected { returned: true, ..nothing.closes() },
                _ => Expected { returned: true, ..self.resets(nothing).tells(Notice::Orphaned).closes() },
            },
        }
    }

    /// `<SEQ=SND.NXT><CTL=RST>`; behind a closed window the peer looks at nothing but its edge. The number of our SYN needs no window.
    pub(super) fn resets(&self, expected: Expected) -> Expected {
        let tcb = &self.before.tcb;
        let una = expected.una;
        let syn_acked = tcb.facts.has(Facts::SYN_ACKED) || una != tcb.snd_una;
        let room = u32::from(expected.snd_wnd).max(u32::from(!syn_acked));
        let fits = una.distance(tcb.snd_nxt) <= room;
        let seq = if fits { tcb.snd_nxt } else { una.plus(room) };
        expected.sends(Segment { seq, flags: Flags::RST, ..Segment::default() })
    }

    /// "send a SYN segment, enter SYN-SENT state"
    fn connects(&self, expected: Expected) -> Expected {
        let iss = self.after.tcb.iss;
        let syn = Segment { seq: iss, wnd: self.window, flags: Flags::SYN, ..Segment::default() };
        let expected =
            expected.moves(State::SynSent).sends(syn).runs(Timer::Retransmission).runs(Timer::User);
        let nxt = iss.plus(1);
        let ts_recent = None;
        Expected { una: iss, nxt, rcv_nxt: Seq::default(), snd_wnd: 0, ts_recent, flushed: false, ..expected }
    }

    /// An attempt in TIME-WAIT's place has remembered what the older connection received.
    pub(super) fn reuses(&self) -> bool {
        self.options.reuse_time_wait
            && self.before.state == State::SynSent
            && self.before.tcb.facts.has(Facts::REUSES)
    }

    /// SYN-SENT ends without a connection: CLOSED, or the older connection's 2MSL from now on.
    pub(super) fn attempt_ends(&self, expected: Expected) -> Expected {
        if !self.reuses() {
            return expected.gives_up();
        }
        let nxt = self.before.tcb.snd_nxt;
        Expected { flushed: true, una: nxt, nxt, ..expected.moves(State::TimeWait).waits_2msl() }
    }

    /// Text and FIN as far as they are queued and the window allows; a probe is due if it is closed and nothing is under way.
    fn transmit(&self, expected: Expected, max: u32) -> Expected {
        let tcb = &self.before.tcb;
        let text = max.min(tcb.unsent()).min(tcb.usable_window());
        let idle = tcb.in_flight() == 0;
        let room = tcb.usable_window() - text;
        let fin_next = self.before.state != State::Established
            && tcb.facts.has(Facts::CLOSED)
            && !tcb.facts.has(Facts::FIN_SENT)
            && tcb.unsent() == text;
        let fin = fin_next && room > 0;
        if text == 0 && !fin {
            let blocked = idle && tcb.usable_window() == 0 && (tcb.unsent() > 0 || fin_next);
            return if blocked { expected.runs(Timer::Persist) } else { expected };
        }
        let state =
            if fin && self.before.state == State::CloseWait { State::LastAck } else { self.before.state };
        let mut expected = expected.moves(state).sends(tcb.text_segment(tcb.snd_nxt, text, fin));
        expected.nxt = tcb.snd_nxt.plus(text + u32::from(fin));
        if idle {
            expected = expected.runs(Timer::Retransmission);
        }
        expected
    }

    /// §3.9.1.1: the user timeout is one for all data submitted, so it begins with the first that waits.
    fn limited(&self, expected: Expected) -> Expected {
        if waits_for_delivery(self.before) { expected } else { expected.runs(Timer::User) }
    }
}

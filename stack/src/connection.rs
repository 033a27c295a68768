//! One connection: the machine's state and TCB, and what the host adds to them. Every change goes through the machine.

use crate::host::{Incoming, Io, Pair, Shared, Turn};
use crate::wire::tcp;
use crate::{Error, Time};
use tcpspec::call::{Bare, Expiry, Open, Receive, Send, Transmit};
use tcpspec::{
    CallError, Event, Facts, Flags, Full, Notice, Segment, Seq, State, Tcb, Timer, enabled, machine,
};

/// Packets that wait for the device before connections stop adding text.
pub(crate) const OUT_LIMIT: usize = 256;

/// A connection or a listener.
pub(crate) struct Connection {
    pub(crate) pair: Pair,
    pub(crate) state: State,
    pub(crate) tcb: Tcb<Full>,
    pub(crate) io: Io,
}

/// What an event asks of the endpoint.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asks {
    /// A child of this listener shall take the segment.
    pub(crate) fork: bool,
    /// The listener beside this connection shall take the segment.
    pub(crate) hand_over: bool,
}

/// Runs a function of the machine with this connection's surroundings.
macro_rules! run {
    ($self:ident, $shared:ident, $now:ident, $incoming:expr, $event:ident, $input:expr) => {{
        let mut turn = Turn {
            io: &mut $self.io,
            pair: $self.pair,
            now: $now,
            incoming: $incoming,
            wanted: None,
            forked: false,
            handed_over: false,
            shared: &mut *$shared,
        };
        let options = turn.shared.config.options;
        let result = machine::$event(&mut $self.state, &mut $self.tcb, $input, &options, &mut turn);
        let (fork, hand_over) = turn.finish(&$self.tcb);
        result.map(|()| Asks { fork, hand_over })
    }};
}

impl Connection {
    /// Nothing yet.
    pub(crate) fn new(pair: Pair, shared: &Shared) -> Self {
        Self { pair, state: State::INITIAL, tcb: Tcb::default(), io: Io::new(pair.remote.ip(), shared) }
    }

    /// A child of this listener (see [`tcpspec::Host::fork`]).
    pub(crate) fn child(&self, pair: Pair, shared: &Shared) -> Self {
        let mut tcb = self.tcb;
        tcb.facts.clear(Facts::FORKS);
        tcb.facts.set(Facts::CHILD);
        Self { pair, state: self.state, tcb, io: Io::new(pair.remote.ip(), shared) }
    }

    // --- Calls of the user ---

    pub(crate) fn open(&mut self, open: Open, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        let mut open = open;
        run!(self, shared, now, Incoming::default(), open, &mut open).map(|_| ())
    }

    /// Queues as much of the text as there is room for.
    pub(crate) fn send(&mut self, text: &[u8], now: Time, shared: &mut Shared) -> Result<usize, CallError> {
        let room = shared.config.send_buffer.saturating_sub(self.io.send.len());
        let text = text.get(..room.min(text.len())).unwrap_or_default();
        let mut send = Send { len: text.len() as u32, urgent: false, room: !text.is_empty() };
        match run!(self, shared, now, Incoming::default(), send, &mut send) {
            Ok(_) => {
                self.io.send.push(text);
                Ok(text.len())
            }
            Err(CallError::InsufficientResources) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Octets that the user now gets.
    pub(crate) fn receive(&mut self, max: usize, now: Time, shared: &mut Shared) -> Result<usize, CallError> {
        let on_hand = self.io.received.len();
        let window = self.io.window_offer(on_hand.saturating_sub(max), &self.tcb, shared);
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        let mut receive = Receive { on_hand: on_hand as u32, max, window, taken: 0 };
        run!(self, shared, now, Incoming::default(), receive, &mut receive)?;
        Ok(receive.taken as usize)
    }

    pub(crate) fn close(&mut self, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        run!(self, shared, now, Incoming::default(), close, &mut Bare).map(|_| ())
    }

    pub(crate) fn abort(&mut self, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        run!(self, shared, now, Incoming::default(), abort, &mut Bare).map(|_| ())
    }

    // --- Segments ---

    /// SEGMENT ARRIVES. `listener`: a listener waits for the same socket.
    pub(crate) fn segment(
        &mut self,
        header: &tcp::Header,
        text: &[u8],
        listener: bool,
        now: Time,
        shared: &mut Shared,
    ) -> Asks {
        let has_syn = header.flags.has(Flags::SYN);
        let seq = Seq::new(header.seq);
        let mut segment = Segment {
            seq,
            ack: Seq::new(header.ack),
            wnd: self.io.true_window(header, &shared.config),
            up: seq.plus(header.urgent.into()),
            len: text.len() as u32,
            flags: header.flags,
            ts: None,
            listener,
            echoes: false,
            outdated: false,
        };
        let syn = has_syn.then_some(header.options);
        let incoming = Incoming {
            text,
            text_seq: segment.text_seq(),
            zero_window: header.window == 0,
            bare: segment.seg_len() == 0 && segment.wnd == self.tcb.send_window(),
            syn,
        };
        let irs = self.tcb.irs;
        let was_shut = self.is_established() && self.tcb.send_window() == 0;
        let asks = run!(self, shared, now, incoming, segment, &mut segment).unwrap_or_default();
        // The machine has taken this SYN: its options count.
        if has_syn && self.tcb.irs == seq && (irs != seq || self.io.peer.is_none()) {
            self.io.peer = syn;
        }
        self.io.heard(now, &shared.config);
        // The window opens: the probe that is outstanding need not wait for its timer.
        if was_shut && self.tcb.send_window() > 0 && self.tcb.in_flight() > 0 {
            self.io.resend_now = true;
        }
        self.bring_held(now, shared);
        self.resend(now, shared);
        asks
    }

    /// What came early comes back when its turn has come.
    fn bring_held(&mut self, now: Time, shared: &mut Shared) {
        while let Some(piece) = self.io.held.first() {
            if !piece.seq.at_or_before(self.tcb.rcv_nxt) {
                return;
            }
            let flags = if piece.fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
            let segment =
                Segment { seq: piece.seq, len: piece.text.len() as u32, flags, ..Segment::default() };
            let new = segment.seq.plus(segment.seg_len());
            if self.tcb.rcv_nxt.before(new) {
                // Some states let it wait: the table says which.
                if !enabled(self.state, &self.tcb, &Event::Held(segment), &shared.config.options) {
                    return;
                }
                let Some(piece) = self.io.held.pop() else { return };
                let incoming = Incoming { text: &piece.text, text_seq: piece.seq, ..Incoming::default() };
                let mut segment = segment;
                let _ = run!(self, shared, now, incoming, held, &mut segment);
            } else {
                self.io.held.pop();
            }
        }
    }

    /// Fast retransmission: the event of the timer, before its time.
    fn resend(&mut self, now: Time, shared: &mut Shared) {
        if std::mem::take(&mut self.io.resend_now) {
            let _ = run!(self, shared, now, Incoming::default(), retransmission, &mut Expiry::default());
        }
    }

    /// Sends what may be sent now. True if the device's queue is full and more may follow.
    pub(crate) fn transmit(&mut self, now: Time, shared: &mut Shared) -> bool {
        loop {
            if shared.out.len() >= OUT_LIMIT {
                return true;
            }
            let mut transmit = Transmit { max: self.allowance(shared), ..Transmit::default() };
            let _ = run!(self, shared, now, Incoming::default(), transmit, &mut transmit);
            if transmit.text == 0 && !transmit.fin {
                return false;
            }
        }
    }

    /// Octets of text that one segment should carry now: congestion window, silly-window avoidance, Nagle.
    fn allowance(&self, shared: &Shared) -> u32 {
        let (tcb, mss, max) = (&self.tcb, self.io.send_mss(shared), self.io.send_max(shared));
        let (unsent, in_flight) = (tcb.unsent(), tcb.in_flight());
        let whole = |text: u32| if text > mss { text - text % mss } else { text };
        if in_flight == 0 {
            return whole(unsent.min(self.io.congestion.window()).min(max)).max(mss);
        }
        let room = self.io.congestion.window().saturating_sub(in_flight);
        let text = unsent.min(tcb.usable_window()).min(max);
        // Whole segments only, as many as there is room for; what is left over has a turn of its own.
        let text = whole(if text > mss { text.min(room.max(mss)) } else { text });
        if text > room {
            return 0;
        }
        let full = text >= mss;
        // §3.8.6.2.1: a full segment, or all there is, or half of the largest window seen.
        let worth_it = full || text == unsent || text >= tcb.max_snd_wnd / 2;
        // §3.7.4: a small one waits for the acknowledgment of what is under way; after CLOSE nothing will be added to it.
        let waits = shared.config.nagle && !full && !tcb.facts.has(Facts::CLOSED);
        if worth_it && !waits { text } else { 0 }
    }

    // --- Time ---

    /// The next deadline.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.io.timers.iter().flatten().min().copied()
    }

    /// All timers that have run out.
    pub(crate) fn expire(&mut self, now: Time, shared: &mut Shared) {
        for timer in Timer::ALL {
            let slot = &mut self.io.timers[timer as usize];
            if slot.is_none_or(|deadline| deadline > now) {
                continue;
            }
            *slot = None;
            self.io.expired(timer, &self.tcb, shared);
            let (r1, r2) = self.io.limits(timer, &self.tcb, now, &shared.config);
            let mut expiry = Expiry { r1, r2 };
            let none = Incoming::default();
            // No timeout can be refused.
            let _ = match timer {
                Timer::Retransmission => run!(self, shared, now, none, retransmission, &mut expiry),
                Timer::Persist => run!(self, shared, now, none, probe, &mut expiry),
                Timer::KeepAlive => run!(self, shared, now, none, keep_alive, &mut expiry),
                Timer::DelayedAck => run!(self, shared, now, none, delayed_ack, &mut Bare),
                Timer::TimeWait => run!(self, shared, now, none, time_wait, &mut Bare),
                Timer::User => run!(self, shared, now, none, user_timeout, &mut Bare),
            };
        }
    }

    // --- What the user may know ---

    pub(crate) fn is_established(&self) -> bool {
        self.io.noticed(Notice::Established)
    }

    /// The TCB is deleted.
    pub(crate) fn is_closed(&self) -> bool {
        self.io.noticed(Notice::Closed)
    }

    /// The peer's FIN has been taken.
    pub(crate) fn peer_closed(&self) -> bool {
        self.io.noticed(Notice::Closing)
    }

    /// Everything that the user wrote is acknowledged, and the FIN if he has closed.
    pub(crate) fn is_delivered(&self) -> bool {
        self.io.send.len() == 0 && self.tcb.in_flight() == 0 && !self.tcb.fin_is_next()
    }

    pub(crate) fn error(&self) -> Option<Error> {
        self.io.error
    }
}

//! One connection: the machine's state and TCB, and what the host adds to them. Every change goes through the machine.

use crate::base::{Error, Pair, Time};
use crate::config::{Initial, Settings};
use crate::tcp::host::{Asks, ConnectionHost, Incoming, PeerOptions, Turn};
use crate::tcp::memory::RESERVE;
use crate::tcp::record::{Begun, event};
use crate::tcp::recovery::{Block, Waits};
use crate::tcp::shared::Shared;
use crate::wire::icmp::{self, Cause};
use crate::wire::tcp;
use std::sync::Arc;
use tcpspec::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use tcpspec::{
    CallError, Event, Facts, Flags, Full, Notice, Options, Segment, Seq, State, Tcb, Timer, enabled, guards,
    machine,
};

/// The event of the retransmission timer, before its time.
const EARLY: Expiry = Expiry { early: true, r1: false, r2: false };

/// Octets that every connection takes before its congestion window counts.
const SEND_BUFFER: usize = 256 << 10;
/// Octets that wait to be sent or acknowledged at most, which `prove` assumes: fewer than the numbers that tell old from new.
const LARGEST_QUEUE: usize = 1 << 30;

/// A connection or a listener.
pub(crate) struct Connection {
    pub(crate) pair: Pair,
    pub(crate) state: State,
    pub(crate) tcb: Tcb<Full>,
    pub(crate) host: ConnectionHost,
}

/// Runs a function of the machine with this connection's surroundings.
macro_rules! run {
    ($self:ident, $shared:ident, $now:ident, $incoming:expr, $event:ident, $input:expr) => {
        run!($self, $shared, $now, $incoming, $event, $input, machine::$event)
    };
    ($self:ident, $shared:ident, $now:ident, $incoming:expr, $event:ident, $input:expr, $machine:expr) => {{
        let is_recorded = $shared.recorder.is_some();
        let record = is_recorded.then(|| {
            let connection = ($self.state, &$self.tcb, &mut $self.host);
            Begun::new(connection, Some(event::$event($input)), $now, $shared)
        });
        let wanted = $self.host.acks.owed.take();
        let mut turn = Turn {
            host: &mut $self.host,
            pair: &$self.pair,
            now: $now,
            incoming: $incoming,
            ts_recent: $self.tcb.ts_recent,
            wanted,
            forked: false,
            handed_over: false,
            shared: &mut *$shared,
        };
        let options = turn.shared.config.options;
        let result = $machine(&mut $self.state, &mut $self.tcb, $input, &options, &mut turn);
        let asks = turn.finish(&$self.tcb);
        if let Some(record) = record {
            let connection = ($self.state, &$self.tcb, &mut $self.host);
            record.end(connection, Some(&event::$event($input)), result, asks, ($now, $shared));
        }
        result.map(|()| asks)
    }};
}

/// The short way of a segment that is expected.
fn expected(
    _: &mut State,
    tcb: &mut Tcb<Full>,
    segment: &mut Segment<Full>,
    options: &Options,
    turn: &mut Turn<'_>,
) -> Result<(), CallError> {
    machine::segment_as_expected(tcb, segment, options, turn);
    Ok(())
}

impl Connection {
    /// Nothing yet.
    pub(crate) fn new(pair: Pair, shared: &Shared) -> Self {
        Self { pair, state: State::INITIAL, tcb: Tcb::default(), host: ConnectionHost::new(&pair, shared) }
    }

    /// A child of this listener (see [`tcpspec::Host::fork`]).
    pub(crate) fn child(&self, pair: Pair, shared: &Shared) -> Self {
        let mut tcb = self.tcb;
        tcb.facts.clear(Facts::FORKS);
        tcb.facts.set(Facts::CHILD);
        let mut child = Self { pair, state: self.state, tcb, host: ConnectionHost::new(&pair, shared) };
        child.host.inherit(&self.host);
        child
    }

    /// Before the first segment: these are the connection's, which were checked.
    pub(crate) fn begin(&mut self, initial: &Initial) {
        self.host.begin(initial);
    }

    // --- Calls of the user ---

    pub(crate) fn open(&mut self, open: Open, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        let mut open = open;
        run!(self, shared, now, Incoming::default(), open, &mut open).map(|_| ())
    }

    /// Queues as much of the text as there is room for.
    #[inline(always)]
    pub(crate) fn send(
        &mut self,
        text: &[u8],
        urgent: bool,
        now: Time,
        shared: &mut Shared,
    ) -> Result<usize, CallError> {
        let text = if self.host.send.len() + text.len() <= self.host.settings.send_buffer.min(SEND_BUFFER)
            && shared.memory.has_room(text.len())
        {
            text
        } else {
            let room = self.send_limit(shared).saturating_sub(self.waiting(shared)).min(text.len());
            let room = shared.memory.room(self.host.send.memory(), room);
            text.get(..room).unwrap_or_default()
        };
        let mut send = Send { len: text.len() as u32, urgent, room: !text.is_empty() };
        match run!(self, shared, now, Incoming::default(), send, &mut send) {
            Ok(_) => {
                self.host.send.push(text, &mut shared.buffers);
                shared.memory.give(text.len());
                Ok(text.len())
            }
            Err(CallError::InsufficientResources) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Octets that wait to be sent or acknowledged; where memory is short, what they take of it.
    pub(crate) fn waiting(&self, shared: &Shared) -> usize {
        if shared.memory.is_short() { self.host.send.memory() } else { self.host.send.len() }
    }

    /// Octets that wait to be sent or acknowledged at most: twice what may be under way keeps the window full.
    pub(crate) fn send_limit(&self, shared: &Shared) -> usize {
        let window = self.host.sender.window(self.host.send_mss(shared)) as usize;
        let limit =
            if shared.memory.is_short() { RESERVE } else { (window * 2).clamp(SEND_BUFFER, LARGEST_QUEUE) };
        // One octet at least, or a caller that waits for room would never stop asking.
        self.host.settings.send_buffer.min(limit).max(1)
    }

    /// Octets that the user now gets.
    #[inline(always)]
    pub(crate) fn receive(&mut self, max: usize, now: Time, shared: &mut Shared) -> Result<usize, CallError> {
        let on_hand = self.host.received.len();
        let taken = on_hand.min(max);
        let limit = self.host.settings.receive_limit(&shared.config);
        let round_trip = self.host.timers.rto.smoothed();
        self.host.receiver.taken(taken as u32, round_trip, limit, now);
        let (offered, scale) = (self.tcb.receive_window(), self.host.handshake.window_scale(&shared.config));
        // Where memory is short, the window opens by little: what comes beyond that would be cut. One unit of its field at least.
        let limit = if shared.memory.is_short() { limit.min(RESERVE.max(1 << scale)) } else { limit };
        let window =
            self.host.receiver.offer(on_hand - taken, offered, limit, self.host.path.mss.into(), scale);
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        let mut receive = Receive { on_hand: on_hand as u32, max, window, taken: 0 };
        run!(self, shared, now, Incoming::default(), receive, &mut receive)?;
        self.host.receiver.read(self.tcb.rcv_nxt, on_hand - receive.taken as usize);
        Ok(receive.taken as usize)
    }

    pub(crate) fn close(&mut self, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        run!(self, shared, now, Incoming::default(), close, &mut Bare).map(|_| ())
    }

    pub(crate) fn abort(&mut self, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        let result = self.abort_for(now, shared);
        // The user has given it up.
        self.host.reports.lost = false;
        result
    }

    /// The same for a user that does not know of it: what was written is lost.
    pub(crate) fn abort_for(&mut self, now: Time, shared: &mut Shared) -> Result<(), CallError> {
        run!(self, shared, now, Incoming::default(), abort, &mut Bare).map(|_| ())
    }

    /// The user lets go of the connection. Nothing happens if it is over already.
    pub(crate) fn release(&mut self, now: Time, shared: &mut Shared) {
        let unread = !self.host.received.is_empty();
        let _ = run!(self, shared, now, Incoming::default(), release, &mut Release { unread });
        self.host.received.clear();
    }

    /// Changes the settings. Timers that are running are timed anew.
    pub(crate) fn set_settings(&mut self, settings: Settings, now: Time, shared: &mut Shared) {
        let old = std::mem::replace(&mut self.host.settings, Arc::new(settings));
        if old.user_timeout != settings.user_timeout {
            // Counted from when the oldest text that waits was given, or from when the peer last took something.
            let waits = self.host.timers.undelivered_since.zip(settings.user_timeout);
            self.host.timers[Timer::User] = waits.map(|(since, limit)| since + limit);
        }
        if old.keep_alive != settings.keep_alive {
            let on = settings.keep_alive.filter(|_| self.is_established() && !self.is_closed());
            self.host.timers[Timer::KeepAlive] = on.map(|on| now + on.idle);
        }
        self.host.sender.overdue = None;
        let limit = settings.receive_limit(&shared.config);
        if limit > old.receive_limit(&shared.config) {
            self.host.receiver.raise(limit);
            self.offer_raised(now, shared);
        }
    }

    /// Room that the user has asked for is offered at once, by a RECEIVE of nothing. Before the connection is established no peer could hear of it.
    fn offer_raised(&mut self, now: Time, shared: &mut Shared) {
        if self.host.receiver.raised && self.is_established() {
            // Refused where nothing can come any more.
            let _ = self.receive(0, now, shared);
            self.host.receiver.raised = false;
        }
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
        self.host.traffic.segments_in += 1;
        let has_syn = header.flags.has(Flags::SYN);
        let seq = Seq::new(header.seq);
        let (ts, echoes, outdated) = self.host.timestamp(header, now, &shared.config);
        let mut segment = Segment {
            seq,
            ack: Seq::new(header.ack),
            wnd: self.host.handshake.true_window(header, &shared.config),
            up: seq.plus(header.urgent.into()),
            len: text.len() as u32,
            flags: header.flags,
            ts,
            listener,
            echoes,
            outdated,
        };
        let syn = has_syn.then_some(&header.options);
        let incoming = Incoming {
            text,
            text_seq: segment.text_seq(),
            zero_window: header.window == 0,
            bare: segment.seg_len() == 0 && segment.wnd == self.tcb.send_window() && !shared.memory.is_cut,
            syn,
            ts_ecr: header
                .options
                .timestamps
                .filter(|_| ts.is_some() && header.flags.has(Flags::ACK))
                .map(|timestamps| timestamps.ecr),
            sack: Some(&header.options.sack).filter(|sack| !sack.is_empty()),
            may_wait: true,
            fills: false,
        };
        if self.is_calm() && machine::expects_segment(self.state, &self.tcb, &segment, &shared.config.options)
        {
            return run!(self, shared, now, incoming, segment, &mut segment, expected).unwrap_or_default();
        }
        self.segment_at_length(header, segment, incoming, now, shared)
    }

    /// The way of a segment that is not expected.
    #[inline(never)]
    fn segment_at_length(
        &mut self,
        header: &tcp::Header,
        mut segment: Segment<Full>,
        incoming: Incoming<'_>,
        now: Time,
        shared: &mut Shared,
    ) -> Asks {
        let (has_syn, seq, syn) = (header.flags.has(Flags::SYN), segment.seq, incoming.syn);
        // Until the peer's SYN is taken RCV.NXT means nothing, and a SYN that comes again is no text.
        if self.host.handshake.peer.is_some() && !has_syn {
            self.host.receiver.arrived(seq, segment.seg_len(), self.tcb.rcv_nxt, &self.host.reassembly);
        }
        let (irs, rcv_nxt, up) = (self.tcb.irs, self.tcb.rcv_nxt, segment.up);
        let was_shut = self.is_established() && self.tcb.send_window() == 0;
        let asks = run!(self, shared, now, incoming, segment, &mut segment).unwrap_or_default();
        if asks.fork {
            // A child takes it. Nothing has changed here.
            return asks;
        }
        // The machine has taken this SYN (a TCB that has taken none has zeros): its options count.
        let taken = self.tcb.irs == seq && self.tcb.rcv_nxt != seq;
        if has_syn && taken && (irs != seq || self.host.handshake.peer.is_none()) {
            self.host.handshake.peer = syn.map(PeerOptions::from);
        }
        self.host.agree(shared);
        // The pointer was taken, though the text may have come with it.
        if header.flags.has(Flags::URG) && rcv_nxt.before(up) && self.tcb.rcv_up == up {
            self.host.receiver.urgent_until(up);
        }
        // The window opens: the probe that is outstanding need not wait for its timer.
        if was_shut && self.tcb.send_window() > 0 && self.tcb.in_flight() > 0 {
            self.host.sender.resend_now = true;
        }
        self.reassemble(now, shared);
        self.settle(now, shared);
        self.offer_raised(now, shared);
        self.resend(now, shared);
        asks
    }

    /// Nothing waits that a segment could set off besides its rows: no text came early, the peer's window is open, and the peer knows of all the room there is.
    fn is_calm(&self) -> bool {
        self.host.reassembly.is_empty() && self.tcb.send_window() > 0 && !self.host.receiver.raised
    }

    /// The network says that a segment was not delivered. True if the segment was one of ours.
    pub(crate) fn unreachable(&mut self, report: &icmp::Report, now: Time, shared: &mut Shared) -> bool {
        let hard = matches!(report.cause, Cause::Refused | Cause::Forbidden);
        let mut error = Unreachable { seq: Seq::new(report.seq), hard };
        let ours = guards::under_way(&self.tcb, &error);
        if let Cause::TooBig(mtu) = report.cause {
            if !ours {
                return false;
            }
            let remote = self.pair.remote.ip();
            shared.paths.too_big(remote, report.packet, mtu, now);
            // Perhaps another connection has heard of it first.
            if self.host.path.refresh(remote, shared) {
                self.host.sender.recovery.too_big();
                self.host.path.shrunk = true;
            }
            return true;
        }
        // The table ignores what is not about a segment under way.
        if ours {
            self.host.reports.refused = report.cause == Cause::Refused;
        }
        let _ = run!(self, shared, now, Incoming::default(), unreachable, &mut error);
        ours
    }

    /// What came early comes back when its turn has come.
    fn reassemble(&mut self, now: Time, shared: &mut Shared) {
        // Once the TCB is deleted its RCV.NXT says nothing of what came early.
        if self.is_closed() {
            return;
        }
        while let Some(piece) = self.host.reassembly.first() {
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
                let Some(piece) = self.host.reassembly.pop() else { return };
                let incoming = Incoming {
                    text: &piece.text,
                    text_seq: piece.seq,
                    may_wait: true,
                    ..Incoming::default()
                };
                let mut segment = segment;
                let _ = run!(self, shared, now, incoming, held, &mut segment);
            } else {
                self.host.reassembly.pop();
            }
        }
    }

    /// Sends an acknowledgment that nothing has taken along.
    fn settle(&mut self, now: Time, shared: &mut Shared) {
        if self.host.acks.owed.is_none() {
            return;
        }
        let is_recorded = shared.recorder.is_some();
        let record =
            is_recorded.then(|| Begun::new((self.state, &self.tcb, &mut self.host), None, now, shared));
        let wanted = self.host.acks.owed.take().filter(|_| !self.is_closed());
        let mut turn = Turn {
            host: &mut self.host,
            pair: &self.pair,
            now,
            // The acknowledgment is owed because the kept text was next, though this segment has brought all of that text again.
            incoming: Incoming { fills: true, ..Incoming::default() },
            ts_recent: self.tcb.ts_recent,
            wanted,
            forked: false,
            handed_over: false,
            shared: &mut *shared,
        };
        let asks = turn.finish(&self.tcb);
        if let Some(record) = record {
            record.end((self.state, &self.tcb, &mut self.host), None, Ok(()), asks, (now, shared));
        }
    }

    /// All segments that have come are processed. An acknowledgment that is due leaves now, by the event of the delayed-ACK timer.
    pub(crate) fn acknowledge_due(&mut self, now: Time, shared: &mut Shared) {
        if std::mem::take(&mut self.host.acks.due) {
            let _ = run!(self, shared, now, Incoming::default(), delayed_ack, &mut Bare);
        }
    }

    /// Sends the front again: the event of the timer, before its time.
    fn resend(&mut self, now: Time, shared: &mut Shared) {
        if std::mem::take(&mut self.host.sender.resend_now) {
            let _ = run!(self, shared, now, Incoming::default(), retransmission, &mut EARLY.clone());
        }
    }

    /// Sends what may be sent now: first what is lost, then what is new. True if the device's queue is full and more may follow.
    #[inline(always)]
    pub(crate) fn advance(&mut self, now: Time, shared: &mut Shared) -> bool {
        self.host.path.refresh(self.pair.remote.ip(), shared);
        let full = self.has_something_to_send() && self.transmit(now, shared);
        let sender = &mut self.host.sender;
        sender.settled();
        if sender.recovery.wants_arming() {
            let (srtt, mss) = (self.host.timers.rto.smoothed(), self.host.send_mss(shared));
            // A closed window is asked about by the timer alone, and so is a SYN.
            let may_probe = self.tcb.send_window() > 0 && self.tcb.facts.has(Facts::SYN_ACKED);
            let rto = self.host.timers[Timer::Retransmission].filter(|_| may_probe);
            self.host.sender.recovery.arm(srtt, mss, rto);
        }
        full
    }

    /// Sends until there is nothing more or no room. True if there is no room.
    #[inline(never)]
    fn transmit(&mut self, now: Time, shared: &mut Shared) -> bool {
        let mss = self.host.send_mss(shared);
        while !shared.is_full() {
            if !(self.repair(mss, now, shared)
                || (self.has_something_new() && self.transmit_one(mss, now, shared)))
            {
                return false;
            }
            if !self.has_something_to_send() {
                return false;
            }
        }
        true
    }

    /// Something is lost, or has never been sent. Without it the events would find the same for each packet that comes.
    fn has_something_to_send(&self) -> bool {
        self.has_something_new() || self.host.sender.recovery.has_lost()
    }

    /// Something has never been sent. If not, nothing waits for its time: what is sent ends that, and so does what is given up.
    fn has_something_new(&self) -> bool {
        self.tcb.unsent() > 0 || self.tcb.fin_is_next()
    }

    /// One segment with what is new; whether there was anything.
    #[inline(always)]
    fn transmit_one(&mut self, mss: u32, now: Time, shared: &mut Shared) -> bool {
        let (sizes, rto) = ((mss, ConnectionHost::send_max(mss, shared)), self.host.timers.rto.get());
        let max = self.host.sender.allowance(&self.tcb, &self.host.settings, sizes, rto, now);
        let mut transmit = Transmit { max, ..Transmit::default() };
        let _ = run!(self, shared, now, Incoming::default(), transmit, &mut transmit);
        transmit.text > 0 || transmit.fin
    }

    fn repair(&mut self, mss: u32, now: Time, shared: &mut Shared) -> bool {
        self.host.sender.recovery.has_lost() && self.repair_lost(mss, now, shared)
    }

    /// One segment with what is lost, by the event of the retransmission timer; whether there was anything.
    #[inline(never)]
    fn repair_lost(&mut self, mss: u32, now: Time, shared: &mut Shared) -> bool {
        let Some(lost) = self.host.sender.next_again(&self.tcb, mss) else { return false };
        if !self.again(lost, now, shared) {
            return false;
        }
        self.host.sender.was_again();
        self.host.sender.next_again(&self.tcb, mss) != Some(lost)
    }

    /// Sends this again before the timer runs out, if the table allows it. True if it does.
    fn again(&mut self, what: Block, now: Time, shared: &mut Shared) -> bool {
        self.host.sender.target = Some(what);
        let _ = run!(self, shared, now, Incoming::default(), retransmission, &mut EARLY.clone());
        // The code that sends it takes it.
        self.host.sender.target.take().is_none()
    }

    // --- Time ---

    /// The next deadline.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<Time> {
        let sender = &self.host.sender;
        Time::earliest(&self.host.timers.deadlines, [sender.recovery.deadline(), sender.overdue])
    }

    /// What the recovery timer asks for (RFC 8985 §6.2, §7.3).
    #[inline(never)]
    fn recover(&mut self, now: Time, shared: &mut Shared) {
        let mss = self.host.send_mss(shared);
        let (due, srtt) = (self.host.sender.recovery.take_due(now), self.host.timers.rto.smoothed());
        match due {
            Some(Waits::Reordering) if self.host.sender.recovery.look_again(now, srtt) => {
                self.host.sender.congested(self.tcb.in_flight(), mss, now);
            }
            None | Some(Waits::Reordering) => {}
            Some(Waits::Probe) => {
                self.host.sender.probing = true;
                let is_new = self.tcb.unsent() > 0 && self.transmit_one(mss, now, shared);
                self.host.sender.probing = false;
                if !is_new {
                    let Some(tail) = self.host.sender.recovery.tail(mss) else { return };
                    if !self.again(tail, now, shared) {
                        return;
                    }
                }
                self.host.sender.recovery.probed(!is_new);
                self.host.sender.repairs.probes += 1;
            }
        }
    }

    /// All timers that have run out.
    pub(crate) fn expire(&mut self, now: Time, shared: &mut Shared) {
        for timer in Timer::ALL {
            let slot = &mut self.host.timers[timer];
            if slot.is_none_or(|deadline| deadline > now) {
                continue;
            }
            let due = slot.take();
            if let Some(recorder) = &mut shared.recorder {
                recorder.expired(due);
            }
            self.host.expired((timer, due), &self.tcb, now, shared);
            let (r1, r2) = self.host.limits(timer, &self.tcb, now, &shared.config);
            let mut expiry = Expiry { early: false, r1, r2 };
            let none = Incoming::default();
            // No timeout can be refused.
            let _ = match timer {
                Timer::Retransmission => run!(self, shared, now, none, retransmission, &mut expiry),
                Timer::Persist => run!(self, shared, now, none, probe, &mut expiry),
                Timer::KeepAlive => run!(self, shared, now, none, keep_alive, &mut expiry),
                Timer::DelayedAck => run!(self, shared, now, none, delayed_ack, &mut Bare),
                Timer::TimeWait => run!(self, shared, now, none, time_wait, &mut Bare),
                Timer::User => run!(self, shared, now, none, user_timeout, &mut Bare),
                Timer::Orphan => {
                    shared.orphans_expired += 1;
                    run!(self, shared, now, none, orphan, &mut Bare)
                }
            };
        }
        self.recover(now, shared);
        self.host.sender.check_overdue(now);
    }

    /// The host has too many connections that nobody holds: the event of the orphan timer, before its time.
    pub(crate) fn shed(&mut self, now: Time, shared: &mut Shared) {
        if let Some(recorder) = &mut shared.recorder {
            recorder.expired(Some(now));
        }
        self.host.timers[Timer::Orphan] = None;
        let _ = run!(self, shared, now, Incoming::default(), orphan, &mut Bare);
    }

    // --- What the user may know ---

    pub(crate) fn is_established(&self) -> bool {
        self.host.reports.noticed(Notice::Established)
    }

    /// A passive OPEN waits for a SYN: nothing has been sent under this TCB, not even our SYN.
    pub(crate) fn waits(&self) -> bool {
        let Tcb { facts, iss, snd_nxt, .. } = self.tcb;
        // Until our SYN is acknowledged nothing but it and our FIN is sent, so the numbers cannot have come round.
        facts.has(Facts::PASSIVE) && !facts.has(Facts::SYN_ACKED) && snd_nxt == iss
    }

    /// Established, and neither deleted nor in 2MSL.
    pub(crate) fn is_open(&self) -> bool {
        self.host.reports.is_open() && !self.is_in_2msl()
    }

    /// The TCB is deleted.
    pub(crate) fn is_closed(&self) -> bool {
        self.host.reports.noticed(Notice::Closed)
    }

    /// An attempt has failed: the TCB is deleted, or it waits for 2MSL to be over and was never established.
    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || (self.is_in_2msl() && !self.is_established())
    }

    /// The connection waits for 2MSL to be over.
    pub(crate) fn is_in_2msl(&self) -> bool {
        self.host.timers[Timer::TimeWait].is_some()
    }

    /// The peer's FIN has been taken.
    pub(crate) fn peer_closed(&self) -> bool {
        self.host.reports.noticed(Notice::Closing)
    }

    /// Everything that the user wrote is acknowledged, and the FIN if the user has closed.
    pub(crate) fn is_delivered(&self) -> bool {
        let fin_sent = self.tcb.facts.has(Facts::FIN_SENT);
        // With neither text nor FIN only a SYN can be under way, and no user wrote that.
        !self.host.reports.lost
            && self.host.send.len() == 0
            && !self.tcb.fin_is_next()
            && (self.tcb.in_flight() == 0 || !fin_sent)
    }

    /// Octets from the next one that the user reads to the end of urgent text (§3.8.5).
    pub(crate) fn urgent(&self) -> u32 {
        self.host.receiver.urgent(self.tcb.rcv_nxt, self.host.received.len())
    }

    pub(crate) fn error(&self) -> Option<Error> {
        self.host.reports.error
    }

    /// The answer to SEND: how much text was queued, or why none. What was lost before the connection went back to LISTEN is told first.
    pub(crate) fn user_send(
        &mut self,
        text: &[u8],
        urgent: bool,
        now: Time,
        shared: &mut Shared,
    ) -> Result<usize, Error> {
        match self.host.reports.tell_loss() {
            Some(error) => Err(error),
            None => self.send(text, urgent, now, shared).map_err(|error| self.refusal(error)),
        }
    }

    /// Why a SEND is refused: how the connection has ended, if that was not told yet.
    fn refusal(&mut self, error: CallError) -> Error {
        let told = self.host.reports.error.map(|_| CallError::ConnectionClosing.into());
        self.host.reports.tell_error().or(told).unwrap_or(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_idle_is_small() {
        // It holds besides: a congestion controller, and room for four pieces of the scoreboard.
        assert!(size_of::<Connection>() <= 1400, "{}", size_of::<Connection>());
        assert!(size_of::<crate::congestion::Cubic>() <= 120);
    }
}

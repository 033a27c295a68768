//! How a connection answers the machine: the buffers, timers and headers behind the [`Host`].

mod acknowledging;
mod initial;
mod limits;
mod time_wait;
mod timestamps;

pub(crate) use time_wait::TimeWaitHost;

use acknowledging::MAX_DELAY;

use crate::base::{Error, Pair, Time};
use crate::config::{Config, Settings};
use crate::tcp::buffer::{Inbox, Reassembly, SendBuffer};
use crate::tcp::cookie::Cookie;
use crate::tcp::receiving::Receiver;
use crate::tcp::rto::Rto;
use crate::tcp::sending::Sender;
use crate::tcp::shared::{Purpose, Shared, text_room};
use crate::watch::traffic::Traffic;
use crate::wire::options::{self, Options, SackRanges, Timestamps};
use crate::wire::packet::{Offload, Packet};
use crate::wire::{ip, tcp};
use std::net::IpAddr;
use std::time::Duration;
use tcpspec::record::Side;
use tcpspec::{Acknowledge, CallError, Flags, Full, Host, Notice, Row, Segment, Seq, Tcb, Timer};

/// Octets of text in a packet from which on a buffer of the pool is worth it.
const LARGE: u32 = 16 << 10;

/// The largest segment to send if the peer names none (MUST-15).
pub(crate) const fn default_mss(remote: IpAddr) -> u16 {
    match remote {
        IpAddr::V4(_) => 536,
        IpAddr::V6(_) => 1220,
    }
}

/// The smallest segment that a peer can ask for: what fits into the smallest packet that IPv4 knows (68 octets, RFC 791). So no peer can ask for text
/// in crumbs.
const LEAST_MSS: u16 = 28;
/// Waits that follow each other double up to this.
const MAX_PERSIST: Duration = Duration::from_secs(60);

/// A connection without its state and TCB: bytes, timers, estimates.
pub(crate) struct ConnectionHost {
    pub(crate) send: SendBuffer,
    /// Text in order that waits for the user.
    pub(crate) received: Inbox,
    pub(crate) reassembly: Reassembly,
    pub(crate) timers: [Option<Time>; Timer::ALL.len()],
    pub(crate) rto: Rto,
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) settings: Settings,
    /// Octets of text that fit into a packet to the peer.
    pub(crate) mss: u16,
    /// Octets of text in a segment if the peer names no other limit.
    default_mss: u16,
    /// Packets may be cut on their way.
    may_fragment: bool,
    /// The version of the known paths when the two fields above were last read from them.
    path_generation: u32,
    /// What the peer's SYN said.
    pub(crate) peer: Option<Options>,
    /// How the connection ended, other than by FINs.
    pub(crate) error: Option<Error>,
    /// The user has heard how it ended.
    pub(crate) told: bool,
    /// The connection has ended with text that the user gave and the peer has not acknowledged.
    pub(crate) lost: bool,
    /// That loss was counted.
    pub(crate) loss_noted: bool,
    /// Trouble that the network reports and that may pass.
    pub(crate) soft_error: Option<Error>,
    /// The peer's host has reported it last, and not the network.
    pub(crate) refused: bool,
    /// What the user was told, a bit for each notice.
    notices: u16,
    /// SND.NXT of the connection whose pair of sockets this one takes from TIME-WAIT.
    pub(crate) used: Option<Seq<Full>>,
    /// What the older connection's SYN said (window scale, timestamps). It is needed if this attempt fails and the pair of sockets waits again.
    older: Option<(Option<u8>, bool)>,
    /// The initial number is this cookie.
    pub(crate) cookie: Option<Cookie>,
    /// How often the timer has run out for what is now the oldest segment.
    pub(crate) retries: u32,
    /// Since when text or a FIN of the user has waited for delivery without progress. The user timeout counts from then, whenever it is set.
    pub(crate) undelivered_since: Option<Time>,
    /// Our SYN was sent more than once.
    syn_lost: bool,
    /// Since when the oldest has waited for its acknowledgment. Time in which nobody called us though the timer had run out moves this later.
    pub(crate) since: Option<Time>,
    persists: u32,
    pub(crate) probes: u32,
    /// The front should be sent again although its timer has not run out.
    pub(crate) resend_now: bool,
    /// An acknowledgment of text is due, once all segments that have come are processed (MUST-59).
    pub(crate) ack_due: bool,
    /// An acknowledgment that the next event of the same segment takes along.
    pub(crate) owed: Option<Acknowledge>,
    /// Nobody holds the connection any more.
    pub(crate) orphaned: bool,
    /// When something was last delivered, or its user has left.
    pub(crate) progress: Time,
    challenges: (Time, u32),
    /// What our clock for timestamps showed at the origin of time.
    ts_offset: u32,
    /// When TS.Recent was last confirmed.
    ts_taken: Time,
    /// Last.ACK.sent (RFC 7323 §4.3).
    pub(crate) last_ack: Seq<Full>,
    pub(crate) hop_limit: u8,
    pub(crate) traffic_class: u8,
    /// The path takes smaller packets than before, so what was under way is lost. Kept until it is recorded.
    pub(crate) shrunk: bool,
    /// What the last record said, if events are recorded.
    pub(crate) recorded: Option<Box<Side<Full>>>,
    pub(crate) traffic: Traffic,
}

impl ConnectionHost {
    pub(crate) fn new(pair: &Pair, shared: &Shared) -> Self {
        let config = &shared.config;
        let path = shared.paths.get(pair.remote.ip());
        let mss = text_room(path.mtu, pair.remote.ip());
        Self {
            send: SendBuffer::default(),
            received: Inbox::default(),
            reassembly: Reassembly::default(),
            timers: [None; Timer::ALL.len()],
            rto: Rto::new(config.initial_rto, config.min_rto, config.max_rto),
            sender: Sender::default(),
            receiver: Receiver::new(config),
            settings: Settings::new(config),
            mss,
            default_mss: default_mss(pair.remote.ip()),
            may_fragment: path.fragments,
            path_generation: shared.paths.generation(),
            peer: None,
            error: None,
            told: false,
            lost: false,
            loss_noted: false,
            soft_error: None,
            refused: false,
            notices: 0,
            used: None,
            older: None,
            cookie: None,
            retries: 0,
            undelivered_since: None,
            syn_lost: false,
            since: None,
            persists: 0,
            probes: 0,
            resend_now: false,
            ack_due: false,
            owed: None,
            orphaned: false,
            progress: Time::ZERO,
            challenges: (Time::ZERO, 0),
            ts_offset: shared.hash(Purpose::Timestamps, pair) as u32,
            ts_taken: Time::ZERO,
            last_ack: Seq::default(),
            hop_limit: config.hop_limit,
            traffic_class: config.traffic_class,
            shrunk: false,
            recorded: None,
            traffic: Traffic::default(),
        }
    }

    /// Whether the user was told this.
    pub(crate) fn noticed(&self, notice: Notice) -> bool {
        self.notices >> notice as u16 & 1 == 1
    }

    /// How the connection ended, if the user has not heard of it yet: an error is told once.
    pub(crate) fn tell_error(&mut self) -> Option<Error> {
        self.tell_loss().or_else(|| self.tell_end())
    }

    /// What was lost before the connection went back to LISTEN, if the user has not heard of it yet. The connection goes on.
    pub(crate) fn tell_loss(&mut self) -> Option<Error> {
        if self.noticed(Notice::Closed) { None } else { self.error.take() }
    }

    fn tell_end(&mut self) -> Option<Error> {
        self.error.filter(|_| !std::mem::replace(&mut self.told, true))
    }

    /// Forgets text that waits to be sent or acknowledged, and what came early.
    fn forget_sends(&mut self) {
        self.lost |= self.send.len() > 0;
        self.send.clear();
        self.reassembly.clear();
        self.sender.recovery.disarm();
        self.sender.overdue = None;
    }

    /// Octets of text that go into one segment: Eff.snd.MSS (§3.7.1).
    pub(crate) fn send_mss(&self, shared: &Shared) -> u32 {
        let peer = self.peer.and_then(|peer| peer.mss).unwrap_or(self.default_mss).max(LEAST_MSS);
        let options = if self.has_timestamps(&shared.config) { options::TIMESTAMPS_LEN as u16 } else { 0 };
        let whole: u32 = peer.min(self.mss).saturating_sub(options).max(1).into();
        self.settings.largest_segment.map_or(whole, |most| whole.min(most.into()))
    }

    /// What an error of the network says.
    fn reported(&self) -> Error {
        if self.refused { Error::Refused } else { Error::Unreachable }
    }

    /// Reads again what is known of the path, if something has changed. True if less passes than before.
    pub(crate) fn refresh_path(&mut self, remote: IpAddr, shared: &Shared) -> bool {
        let generation = shared.paths.generation();
        if self.path_generation == generation {
            return false;
        }
        self.path_generation = generation;
        let path = shared.paths.get(remote);
        self.may_fragment = path.fragments;
        let before = std::mem::replace(&mut self.mss, text_room(path.mtu, remote));
        self.mss < before
    }

    /// Octets of text that go into one packet: one segment's, or those of as many whole ones as the device cuts a packet into.
    pub(crate) fn send_max(&self, shared: &Shared) -> u32 {
        let mss = self.send_mss(shared);
        // The longest headers, options included.
        let most = shared.device.segment.min(65_535).saturating_sub(60 + 60);
        (most - most % mss).max(mss)
    }

    /// The scales in use: of windows that we announce, and of the peer's (RFC 7323 §2.2: both, or none).
    /// `syn`: what the present SYN says.
    fn scales(&self, config: &Config, syn: Option<Options>) -> (u8, u8) {
        match self.peer.or(syn).and_then(|peer| peer.window_scale) {
            Some(theirs) => (config.own_scale(), theirs),
            None => (0, 0),
        }
    }

    /// SEG.WND: the true window. The window of a SYN is never scaled.
    pub(crate) fn true_window(&self, header: &tcp::Header, config: &Config) -> u32 {
        let (_, scale) = self.scales(config, None);
        let scale = if header.flags.has(Flags::SYN) { 0 } else { scale };
        u32::from(header.window) << scale
    }

    /// SACK is in use in both directions (RFC 2018 §2).
    fn has_sack(&self, config: &Config, syn: Option<Options>) -> bool {
        config.sack && self.peer.or(syn).is_some_and(|peer| peer.sack_permitted)
    }
}

/// What came with the segment being processed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Incoming<'a> {
    pub(crate) text: &'a [u8],
    /// The number of the first octet of `text`.
    pub(crate) text_seq: Seq<Full>,
    pub(crate) zero_window: bool,
    /// Neither text nor SYN nor FIN, and the window that is known already (RFC 5681 §2).
    pub(crate) bare: bool,
    pub(crate) syn: Option<Options>,
    /// TSecr of an ACK: what [`ConnectionHost::ts_now`] showed when the acknowledged segment was sent (RFC 7323 §4).
    pub(crate) ts_ecr: Option<u32>,
    /// SACK blocks (RFC 2018 §3).
    pub(crate) sack: SackRanges,
    /// Its acknowledgment may wait for what came early and is next.
    pub(crate) may_wait: bool,
    /// It has filled a hole: what came early was next.
    pub(crate) fills: bool,
}

/// What an event asks of the endpoint.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asks {
    /// A child of this listener shall take the segment.
    pub(crate) fork: bool,
    /// The listener beside this connection shall take the segment.
    pub(crate) hand_over: bool,
}

/// One event of one connection: the machine's [`Host`].
pub(crate) struct Turn<'a> {
    pub(crate) host: &'a mut ConnectionHost,
    pub(crate) shared: &'a mut Shared,
    pub(crate) pair: Pair,
    pub(crate) now: Time,
    pub(crate) incoming: Incoming<'a>,
    /// TS.Recent.
    pub(crate) ts_recent: Option<u32>,
    /// The acknowledgment wanted at the end of the event.
    pub(crate) wanted: Option<Acknowledge>,
    /// A listener's segment for a child.
    pub(crate) forked: bool,
    /// A segment for the listener beside this connection.
    pub(crate) handed_over: bool,
}

impl Turn<'_> {
    /// The options of a segment that leaves; `room`: octets that its text leaves for selective acknowledgments.
    fn options(&mut self, flags: Flags, rcv_nxt: Seq<Full>, room: u32) -> Options {
        let config = &self.shared.config;
        if !flags.has(Flags::SYN) {
            // RFC 7323 §3.2: in every segment once both have agreed, perhaps by the present SYN.
            let peer = self.host.peer.or(self.incoming.syn.filter(|_| !flags.has(Flags::RST)));
            let agreed = config.timestamps && peer.is_some_and(|peer| peer.timestamps.is_some());
            let timestamps = agreed.then(|| self.timestamps(self.ts_recent));
            let sack = flags.has(Flags::ACK)
                && self.host.has_sack(config, None)
                && !self.host.receiver.reports.is_empty();
            let sack = if sack { self.sack(rcv_nxt, room, agreed) } else { SackRanges::default() };
            return Options { timestamps, sack, ..Options::default() };
        }
        let peer = self.incoming.syn.or(self.host.peer);
        // A SYN,ACK has only what the SYN had (RFC 7323 §1.3).
        let (scales, stamps, sacks) = match peer {
            Some(peer) if flags.has(Flags::ACK) => {
                (peer.window_scale.is_some(), peer.timestamps.is_some(), peer.sack_permitted)
            }
            _ => (true, true, true),
        };
        let recent = match self.incoming.syn.and_then(|syn| syn.timestamps) {
            Some(syn) => Some(syn.val),
            // "When the ACK bit is not set, the TSecr field MUST be zero" (RFC 7323 §3.2), whatever an older connection has left.
            None => self.ts_recent.filter(|_| flags.has(Flags::ACK)),
        };
        Options {
            mss: Some(self.host.own_mss(self.shared.mss(self.pair.remote.ip()))),
            window_scale: scales.then(|| config.own_scale()),
            timestamps: (stamps && config.timestamps).then(|| self.timestamps(recent)),
            sack_permitted: sacks && config.sack,
            ..Options::default()
        }
    }

    fn timestamps(&self, recent: Option<u32>) -> Timestamps {
        let val = self.host.ts_now(self.now);
        let val = self.host.cookie.map_or(val, |cookie| cookie.stamp(val));
        Timestamps { val, ecr: recent.unwrap_or_default() }
    }

    fn interval(&self, timer: Timer) -> Option<Duration> {
        let config = &self.shared.config;
        match timer {
            Timer::Retransmission => Some(self.host.rto.get()),
            Timer::Persist => {
                Some(self.host.rto.get().saturating_mul(1 << self.host.persists.min(6)).min(MAX_PERSIST))
            }
            Timer::KeepAlive if self.host.probes > 0 => self.host.settings.keep_alive.map(|on| on.interval),
            Timer::KeepAlive => self.host.settings.keep_alive.map(|on| on.idle),
            Timer::DelayedAck => Some(self.host.settings.delayed_ack.min(MAX_DELAY)),
            Timer::TimeWait => Some(config.msl.saturating_mul(2)),
            Timer::User => self.host.settings.user_timeout,
            // A user that still holds the connection may wait as long as it likes.
            Timer::Orphan => self.host.orphan_limit(config),
        }
    }
}

impl Host<Full> for Turn<'_> {
    fn emit(&mut self, segment: Segment<Full>) {
        if let Some(recorder) = &mut self.shared.recorder {
            recorder.sent(segment);
        }
        let mss = self.host.send_mss(self.shared);
        self.host.traffic.segments_out += 1;
        if segment.seg_len() > 0 {
            let text = segment.text_len();
            let anew = segment.seq == self.host.sender.recovery.end();
            let Traffic { octets_out, octets_again, .. } = &mut self.host.traffic;
            *if anew { octets_out } else { octets_again } += u64::from(text);
            self.host.sender.sent(segment.seq, segment.seg_len(), text, mss, self.now);
        }
        let Segment { seq, ack, wnd, up, len, flags, ts: _, listener: _, echoes: _, outdated: _ } = segment;
        let (scale, _) = self.host.scales(&self.shared.config, self.incoming.syn);
        let scale = if flags.has(Flags::SYN) { 0 } else { scale };
        if flags.has(Flags::ACK) {
            self.wanted = None;
            self.host.last_ack = ack;
            self.host.timers[Timer::DelayedAck as usize] = None;
            self.host.ack_due = false;
        }
        let window = (wnd >> scale).min(0xffff);
        if flags.has(Flags::ACK) && !flags.has(Flags::RST) {
            self.host.receiver.acknowledged(ack, window << scale);
        }
        let header = tcp::Header {
            source: self.pair.local.port(),
            destination: self.pair.remote.port(),
            seq: seq.get(),
            ack: ack.get(),
            flags,
            window: window as u16,
            urgent: if flags.has(Flags::URG) { seq.distance(up).min(0xffff) as u16 } else { 0 },
            options: self.options(flags, ack, mss.saturating_sub(len)),
        };
        let text = if len > 0 { self.host.send.get(segment.text_seq(), len) } else { Default::default() };
        let (hop_limit, traffic_class) = (self.host.hop_limit, self.host.traffic_class & 0xfc);
        let ip = ip::Header::tcp(self.pair.local.ip(), self.pair.remote.ip());
        let identification = self.host.may_fragment.then(|| {
            self.shared.identification = self.shared.identification.wrapping_add(1);
            self.shared.identification
        });
        let ip = ip::Header { hop_limit, traffic_class, identification, ..ip };
        let buffer = if len > LARGE { self.shared.pool.get_empty() } else { Vec::new() };
        let mut packet = if self.shared.device.checksum {
            let (bytes, start) = header.packet_partial(buffer, &ip, text);
            let offload = Offload::tcp(start, len, self.host.send_mss(self.shared));
            Packet { bytes, offload, rows: Vec::new() }
        } else {
            Packet::new(header.packet_in(buffer, &ip, text))
        };
        packet.rows = self.shared.observers.of_event();
        self.shared.out.push_back(packet);
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.host.traffic.challenges += u64::from(why == Acknowledge::Challenge);
        self.wanted = self.wanted.max(Some(why));
    }

    fn start(&mut self, timer: Timer) {
        let interval = self.interval(timer);
        let deadline = &mut self.host.timers[timer as usize];
        // A blocked sender asks again and again; its probe must come all the same.
        if matches!(timer, Timer::Persist) && deadline.is_some() {
            return;
        }
        let overdue = deadline.filter(|due| matches!(timer, Timer::Retransmission) && *due < self.now);
        *deadline = interval.map(|interval| self.now + interval);
        match timer {
            Timer::Retransmission => {
                self.host.since = self.host.since.or(Some(self.now));
                self.host.forgive(overdue, self.now);
            }
            Timer::User => self.host.undelivered_since = Some(self.now),
            Timer::Orphan => self.host.progress = self.now,
            Timer::Persist => self.host.persists += 1,
            Timer::TimeWait => self.host.waits_again(),
            _ => {}
        }
    }

    fn stop(&mut self, timer: Timer) {
        self.host.timers[timer as usize] = None;
        match timer {
            Timer::Retransmission => self.host.since = None,
            Timer::User => self.host.undelivered_since = None,
            Timer::Persist => self.host.persists = 0,
            Timer::DelayedAck => self.host.ack_due = false,
            _ => {}
        }
    }

    fn notify(&mut self, notice: Notice) {
        self.host.notices |= 1 << notice as u16;
        if let Some(recorder) = &mut self.shared.recorder {
            recorder.told(notice);
        }
        match notice {
            Notice::Closed => {
                self.wanted = None;
                self.host.last_ack = Seq::default();
                self.host.lost |= self.host.send.len() > 0;
                self.host.sender.recovery.disarm();
                self.host.sender.overdue = None;
            }
            Notice::Refused => self.host.error = Some(Error::Refused),
            Notice::Unsent => self.host.error = Some(Error::Call(CallError::ConnectionClosing)),
            // Before the connection is established a RST means that nobody wants it (MUST-11, and what sockets report).
            Notice::Reset if !self.host.noticed(Notice::Established) => {
                self.host.error = Some(Error::Refused)
            }
            Notice::Reset => self.host.error = Some(Error::Reset),
            // What the network has reported says more.
            Notice::GivenUp | Notice::UserTimeout => {
                self.host.error = self.host.soft_error.or(Some(Error::TimedOut));
            }
            Notice::Orphaned => self.host.error = Some(Error::Orphaned),
            Notice::SoftError => self.host.soft_error = Some(self.host.reported()),
            // R1: what the network has reported says more, here too.
            Notice::Trouble => self.host.soft_error = self.host.soft_error.or(Some(Error::TimedOut)),
            Notice::Unreachable => self.host.error = Some(self.host.reported()),
            Notice::Established if self.host.syn_lost => self.host.rto.syn_was_lost(),
            Notice::Established
            | Notice::Closing
            | Notice::CloseAcknowledged
            | Notice::Urgent
            | Notice::UrgentEnd => {}
        }
    }

    fn initial_sequence(&mut self) -> Seq<Full> {
        self.host.begin_anew();
        // §3.4.1: ISN = M + F(localip, localport, remoteip, remoteport, secretkey), M counts in 4 µs.
        let m = self.now.since_origin().as_micros() / 4;
        let mut iss =
            Seq::new((m as u32).wrapping_add(self.shared.hash(Purpose::InitialSequence, &self.pair) as u32));
        // MAY-2: beyond what the connection that was reopened has used.
        if let Some(used) = self.host.used.take()
            && iss.at_or_before(used)
        {
            iss = used.plus(1 << 16);
        }
        if let Some(cookie) = self.host.cookie {
            iss = Seq::new(cookie.iss);
        }
        self.host.sender.recovery.begin(iss);
        self.host.send.begin(iss.plus(1));
        iss
    }

    fn initial_window(&mut self) -> u32 {
        self.host.receiver.space()
    }

    fn deliver(&mut self, segment: &Segment<Full>) {
        self.host.heard(self.now);
        self.host.traffic.octets_in += u64::from(segment.text_len());
        let start = self.incoming.text_seq.distance(segment.text_seq()) as usize;
        let end = start.saturating_add(segment.text_len() as usize);
        if self.shared.may_keep {
            self.shared.kept = Some(start..end);
        } else {
            let text = self.incoming.text.get(start..end).unwrap_or_default();
            self.host.received.push(text, &self.shared.pool);
        }
    }

    fn hold(&mut self, segment: &Segment<Full>) {
        self.host.heard(self.now);
        self.host.traffic.early += 1;
        let start = self.incoming.text_seq.distance(segment.text_seq()) as usize;
        let end = start.saturating_add(segment.text_len() as usize);
        let text = self.incoming.text.get(start..end).unwrap_or_default();
        let fin = segment.flags.has(Flags::FIN);
        let until = segment.text_seq().plus(segment.text_len() + u32::from(fin));
        self.host
            .receiver
            .reports
            .kept((segment.text_seq(), until), |number| self.host.reassembly.around(number));
        self.host.reassembly.insert(segment.text_seq(), text, fin, self.shared.config.receive_buffer);
    }

    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        self.host.heard(self.now);
        if let Some(recorder) = &mut self.shared.recorder {
            recorder.acknowledged(advanced);
        }
        self.take_acknowledgment(advanced, outstanding);
    }

    fn resend(&mut self, tcb: &Tcb<Full>) {
        let mss = self.host.send_mss(self.shared);
        let (from, max) = match self.host.sender.target.take() {
            Some((from, until)) => (from, from.distance(until).min(mss)),
            None => (tcb.snd_una, mss),
        };
        if let Some(segment) = tcb.sent_segment(from, max) {
            self.emit(segment);
        }
    }

    fn flush(&mut self) {
        self.shared.kept = None;
        self.host.received.clear();
        self.flush_sends();
    }

    fn abandon(&mut self) {
        self.host.received.clear();
        (self.host.orphaned, self.host.progress) = (true, self.now);
    }

    fn flush_sends(&mut self) {
        self.wanted = None;
        self.host.forget_sends();
    }

    fn timestamp_taken(&mut self) {
        self.host.ts_taken = self.now;
    }

    fn fork(&mut self, _: &Segment<Full>) {
        self.forked = true;
    }

    fn hand_over(&mut self, _: &Segment<Full>) {
        self.handed_over = true;
    }

    #[inline(always)]
    fn fired(&mut self, row: Row) {
        self.host.traffic.count(row);
        self.shared.observers.fired(self.now, &self.pair, row);
    }
}

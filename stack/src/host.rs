//! How a connection answers the machine: buffers, timers and headers behind the machine's [`Host`].

use crate::buffer::{Piece, Reassembly, SendBuffer};
use crate::congestion::Reno;
use crate::observe::Observers;
use crate::packet::{Capabilities, Offload, Packet};
use crate::rto::Rto;
use crate::wire::options::{self, Options};
use crate::wire::{ip, tcp};
use crate::{Config, Error, Time};
use siphasher::sip::SipHasher24;
use std::collections::VecDeque;
use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tcpspec::{Acknowledge, Facts, Flags, Full, Host, Notice, Row, Segment, Seq, Tcb, Timer};

/// Both sockets of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Pair {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

/// What all connections of a stack share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// Packets that wait for the device.
    pub(crate) out: VecDeque<Packet>,
    /// What the device does for us.
    pub(crate) device: Capabilities,
    pub(crate) observers: Observers,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        let (device, observers) = (Capabilities::default(), Observers::default());
        Self { config, out: VecDeque::new(), device, observers }
    }

    /// Octets of text that fit into a packet of our own to this peer (§3.7.1).
    pub(crate) fn mss(&self, remote: IpAddr) -> u16 {
        self.config.mtu.saturating_sub((ip::header_len(remote) + tcp::HEADER) as u16).max(1)
    }

    /// A keyed hash of a pair of sockets.
    pub(crate) fn hash(&self, pair: &Pair) -> u64 {
        let [a, b] = self.config.key;
        let mut hasher = SipHasher24::new_with_keys(a, b);
        for socket in [pair.local, pair.remote] {
            match socket.ip() {
                IpAddr::V4(address) => hasher.write(&address.octets()),
                IpAddr::V6(address) => hasher.write(&address.octets()),
            }
            hasher.write_u16(socket.port());
        }
        hasher.finish()
    }
}

/// The largest segment to send if the peer names none (MUST-15).
const DEFAULT_MSS: u16 = 536;
/// Challenge ACKs of one connection within [`CHALLENGE_SPAN`] (RFC 5961 §7; never one counter for all connections).
const CHALLENGES: u32 = 10;
const CHALLENGE_SPAN: Duration = Duration::from_secs(5);
/// Waits that follow each other double up to this.
const MAX_PERSIST: Duration = Duration::from_secs(60);
/// Time between keep-alive probes.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(75);

/// A connection without its state and TCB: bytes, timers, estimates.
pub(crate) struct Io {
    pub(crate) send: SendBuffer,
    /// Text in order that waits for the user.
    pub(crate) received: VecDeque<u8>,
    pub(crate) held: Reassembly,
    pub(crate) timers: [Option<Time>; Timer::ALL.len()],
    pub(crate) rto: Rto,
    pub(crate) congestion: Reno,
    /// Octets of text that fit into a packet to the peer.
    pub(crate) mss: u16,
    /// What the peer's SYN said.
    pub(crate) peer: Option<Options>,
    /// How the connection ended, other than by FINs.
    pub(crate) error: Option<Error>,
    /// What the user was told, a bit for each notice.
    notices: u16,
    /// SND.NXT of the connection that this one reopens from TIME-WAIT.
    pub(crate) used: Option<Seq<Full>>,
    una: Seq<Full>,
    /// The number after the last one ever sent.
    sent: Seq<Full>,
    /// The round trip being measured: the number that ends it, and its start.
    timing: Option<(Seq<Full>, Time)>,
    /// Retransmissions of what is now the oldest, and since when it has waited.
    pub(crate) retries: u32,
    /// Our SYN was sent more than once.
    syn_lost: bool,
    pub(crate) since: Option<Time>,
    persists: u32,
    pub(crate) probes: u32,
    duplicates: u32,
    /// Until here everything is taken as lost once the front was.
    recover: Option<Seq<Full>>,
    /// The front should be sent again although its timer has not run out.
    pub(crate) resend_now: bool,
    /// Segments with text not acknowledged yet.
    delayed: u32,
    challenges: (Time, u32),
}

impl Io {
    pub(crate) fn new(remote: IpAddr, shared: &Shared) -> Self {
        let config = &shared.config;
        let mss = shared.mss(remote);
        Self {
            send: SendBuffer::default(),
            received: VecDeque::new(),
            held: Reassembly::default(),
            timers: [None; Timer::ALL.len()],
            rto: Rto::new(config.initial_rto, config.min_rto, config.max_rto),
            congestion: Reno::new(mss.into()),
            mss,
            peer: None,
            error: None,
            notices: 0,
            used: None,
            una: Seq::default(),
            sent: Seq::default(),
            timing: None,
            retries: 0,
            syn_lost: false,
            since: None,
            persists: 0,
            probes: 0,
            duplicates: 0,
            recover: None,
            resend_now: false,
            delayed: 0,
            challenges: (Time::ZERO, 0),
        }
    }

    /// Whether the user was told this.
    pub(crate) fn noticed(&self, notice: Notice) -> bool {
        self.notices >> notice as u16 & 1 == 1
    }

    /// Octets of text that go into one segment.
    pub(crate) fn send_mss(&self, _: &Shared) -> u32 {
        let peer = self.peer.and_then(|peer| peer.mss).unwrap_or(DEFAULT_MSS);
        peer.min(self.mss).max(1).into()
    }

    /// Octets of text that go into one packet: one segment's, or those of as many whole ones as the device cuts a packet into.
    pub(crate) fn send_max(&self, shared: &Shared) -> u32 {
        let mss = self.send_mss(shared);
        // The longest headers, options included.
        let most = shared.device.segment.min(65_535).saturating_sub(60 + 60);
        (most - most % mss).max(mss)
    }

    /// Our window scale: the smallest that can announce the whole buffer.
    fn own_scale(config: &Config) -> u8 {
        (0..options::MAX_SCALE)
            .find(|scale| config.receive_buffer >> scale <= 0xffff)
            .unwrap_or(options::MAX_SCALE)
    }

    /// The scales in use: of windows that we announce, and of the peer's (RFC 7323 §2.2: both, or none).
    /// `syn`: what the SYN says that is just being taken.
    fn scales(&self, config: &Config, syn: Option<Options>) -> (u8, u8) {
        match self.peer.or(syn).and_then(|peer| peer.window_scale) {
            Some(theirs) => (Self::own_scale(config), theirs),
            None => (0, 0),
        }
    }

    /// SEG.WND: the true window. That of a SYN is never scaled.
    pub(crate) fn true_window(&self, header: &tcp::Header, config: &Config) -> u32 {
        let (_, scale) = self.scales(config, None);
        let scale = if header.flags.has(Flags::SYN) { 0 } else { scale };
        u32::from(header.window) << scale
    }

    /// The window to offer after the user has read (§3.8.6.2.2): unchanged until there is something worth offering.
    pub(crate) fn window_offer(&self, left: usize, tcb: &Tcb<Full>, shared: &Shared) -> u32 {
        let free = shared.config.receive_buffer.saturating_sub(left) as u32;
        let offered = tcb.receive_window();
        let worth = (shared.config.receive_buffer as u32 / 2).min(self.mss.into());
        if free.saturating_sub(offered) >= worth { free } else { offered }
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
}

/// One event of one connection: the machine's [`Host`].
pub(crate) struct Turn<'a> {
    pub(crate) io: &'a mut Io,
    pub(crate) shared: &'a mut Shared,
    pub(crate) pair: Pair,
    pub(crate) now: Time,
    pub(crate) incoming: Incoming<'a>,
    /// The acknowledgment wanted at the end of the event.
    pub(crate) wanted: Option<Acknowledge>,
    /// A listener's segment for a child.
    pub(crate) forked: bool,
    /// A segment for the listener beside this connection.
    pub(crate) handed_over: bool,
}

impl Turn<'_> {
    /// Sends the acknowledgment that the event has asked for, or holds it back a little.
    pub(crate) fn finish(mut self, tcb: &Tcb<Full>) -> (bool, bool) {
        let now = match self.wanted {
            None => false,
            Some(Acknowledge::Now | Acknowledge::Window) => true,
            Some(Acknowledge::Text) => self.delay(),
            Some(Acknowledge::Challenge) => self.may_challenge(),
        };
        if now {
            self.emit(tcb.acknowledgment());
        }
        self.shared.observers.end_event();
        (self.forked, self.handed_over)
    }

    /// Every second segment is acknowledged at once (SHLD-19), one by itself after a while.
    fn delay(&mut self) -> bool {
        let delay = self.shared.config.delayed_ack;
        // Text longer than any segment that we asked for is that of several, joined by the device.
        let several = self.incoming.text.len() > self.shared.mss(self.pair.remote.ip()).into();
        self.io.delayed += if several { 2 } else { 1 };
        let timer = &mut self.io.timers[Timer::DelayedAck as usize];
        if delay.is_zero() || self.io.delayed >= 2 {
            return true;
        }
        *timer = timer.or(Some(self.now + delay));
        false
    }

    fn may_challenge(&mut self) -> bool {
        let (since, count) = &mut self.io.challenges;
        if self.now.since(*since) > CHALLENGE_SPAN || *count == 0 {
            (*since, *count) = (self.now, 0);
        }
        *count += 1;
        *count <= CHALLENGES
    }

    /// The text of a segment that is being processed, as the machine has trimmed it.
    fn text(&self, segment: &Segment<Full>) -> &[u8] {
        let start = self.incoming.text_seq.distance(segment.text_seq()) as usize;
        let end = start.saturating_add(segment.text_len() as usize);
        self.incoming.text.get(start..end).unwrap_or_default()
    }

    fn options(&self, flags: Flags) -> Options {
        if !flags.has(Flags::SYN) {
            return Options::default();
        }
        let scale = Some(Io::own_scale(&self.shared.config));
        // A SYN,ACK scales only if the SYN did (RFC 7323 §1.3).
        let peer = self.incoming.syn.or(self.io.peer);
        let scales = !flags.has(Flags::ACK) || peer.is_some_and(|peer| peer.window_scale.is_some());
        Options {
            mss: Some(self.shared.mss(self.pair.remote.ip())),
            window_scale: scale.filter(|_| scales),
            ..Options::default()
        }
    }

    /// Keeps the books on what leaves: round trips are measured on what is sent once only (Karn).
    fn note_sent(&mut self, segment: &Segment<Full>) {
        let end = segment.seq.plus(segment.seg_len());
        if segment.seg_len() == 0 {
            return;
        }
        if self.io.sent.before(end) {
            self.io.sent = end;
            self.io.timing = self.io.timing.or(Some((end, self.now)));
        } else {
            self.io.timing = None;
        }
    }

    fn interval(&self, timer: Timer) -> Option<Duration> {
        let config = &self.shared.config;
        match timer {
            Timer::Retransmission => Some(self.io.rto.get()),
            Timer::Persist => Some((self.io.rto.get() * 2_u32.pow(self.io.persists.min(6))).min(MAX_PERSIST)),
            Timer::KeepAlive if self.io.probes > 0 => config.keep_alive.map(|_| KEEP_ALIVE_INTERVAL),
            Timer::KeepAlive => config.keep_alive,
            Timer::DelayedAck => Some(config.delayed_ack),
            Timer::TimeWait => Some(config.msl * 2),
            Timer::User => config.user_timeout,
        }
    }
}

impl Host<Full> for Turn<'_> {
    fn emit(&mut self, segment: Segment<Full>) {
        self.note_sent(&segment);
        let Segment { seq, ack, wnd, up, len, flags, ts: _, listener: _, echoes: _, outdated: _ } = segment;
        let (scale, _) = self.io.scales(&self.shared.config, self.incoming.syn);
        let scale = if flags.has(Flags::SYN) { 0 } else { scale };
        if flags.has(Flags::ACK) {
            self.wanted = None;
            self.io.delayed = 0;
            self.io.timers[Timer::DelayedAck as usize] = None;
        }
        let header = tcp::Header {
            source: self.pair.local.port(),
            destination: self.pair.remote.port(),
            seq: seq.get(),
            ack: ack.get(),
            flags,
            window: (wnd >> scale).min(0xffff) as u16,
            urgent: if flags.has(Flags::URG) { seq.distance(up).min(0xffff) as u16 } else { 0 },
            options: self.options(flags),
        };
        let text = if len > 0 { self.io.send.get(segment.text_seq(), len) } else { Default::default() };
        let ip = ip::Header::tcp(self.pair.local.ip(), self.pair.remote.ip());
        let mut packet = if self.shared.device.checksum {
            let (bytes, start) = header.packet_partial(&ip, text);
            let offload = Offload::tcp(start, len, self.io.send_mss(self.shared));
            Packet { bytes, offload, rows: Vec::new() }
        } else {
            Packet::new(header.packet(&ip, text))
        };
        packet.rows = self.shared.observers.of_event();
        self.shared.out.push_back(packet);
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.wanted = self.wanted.max(Some(why));
    }

    fn start(&mut self, timer: Timer) {
        let interval = self.interval(timer);
        let deadline = &mut self.io.timers[timer as usize];
        // A blocked sender asks again and again; its probe must come all the same.
        if matches!(timer, Timer::Persist) && deadline.is_some() {
            return;
        }
        *deadline = interval.map(|interval| self.now + interval);
        match timer {
            Timer::Retransmission => self.io.since = self.io.since.or(Some(self.now)),
            Timer::Persist => self.io.persists += 1,
            _ => {}
        }
    }

    fn stop(&mut self, timer: Timer) {
        self.io.timers[timer as usize] = None;
        match timer {
            Timer::Retransmission => self.io.since = None,
            Timer::Persist => self.io.persists = 0,
            _ => {}
        }
    }

    fn notify(&mut self, notice: Notice) {
        self.io.notices |= 1 << notice as u16;
        match notice {
            Notice::Closed => self.wanted = None,
            Notice::Refused => self.io.error = Some(Error::Refused),
            // Before the connection is established a RST means that nobody wants it (MUST-11, and what sockets report).
            Notice::Reset if !self.io.noticed(Notice::Established) => self.io.error = Some(Error::Refused),
            Notice::Reset => self.io.error = Some(Error::Reset),
            Notice::GivenUp | Notice::UserTimeout => self.io.error = Some(Error::TimedOut),
            Notice::Established if self.io.syn_lost => self.io.rto.syn_was_lost(),
            Notice::Established
            | Notice::Closing
            | Notice::CloseAcknowledged
            | Notice::Trouble
            | Notice::Urgent
            | Notice::UrgentEnd => {}
        }
    }

    fn initial_sequence(&mut self) -> Seq<Full> {
        // §3.4.1: ISN = M + F(localip, localport, remoteip, remoteport, secretkey), M counts in 4 µs.
        let m = self.now.since_origin().as_micros() / 4;
        let mut iss = Seq::new((m as u32).wrapping_add(self.shared.hash(&self.pair) as u32));
        // MAY-2: beyond what the connection that was reopened has used.
        if let Some(used) = self.io.used.take()
            && iss.at_or_before(used)
        {
            iss = used.plus(1 << 16);
        }
        self.io.una = iss;
        self.io.sent = iss;
        self.io.send.begin(iss.plus(1));
        iss
    }

    fn initial_window(&mut self) -> u32 {
        // At most what scaling can announce (RFC 7323 §2.3).
        (self.shared.config.receive_buffer as u32).min(1 << 30)
    }

    fn deliver(&mut self, segment: &Segment<Full>) {
        let start = self.incoming.text_seq.distance(segment.text_seq()) as usize;
        let end = start.saturating_add(segment.text_len() as usize);
        self.io.received.extend(self.incoming.text.get(start..end).unwrap_or_default());
    }

    fn hold(&mut self, segment: &Segment<Full>) {
        let text = self.text(segment).to_vec();
        self.io.held.insert(Piece { seq: segment.text_seq(), text, fin: segment.flags.has(Flags::FIN) });
    }

    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        let mss = self.io.send_mss(self.shared);
        if advanced == 0 {
            // A closed window that is confirmed is an answer: the peer lives (MUST-37).
            if self.incoming.zero_window {
                self.io.retries = 0;
                self.io.since = Some(self.now);
            } else if outstanding > 0 && self.incoming.bare {
                self.io.duplicates += 1;
                if self.io.duplicates == 3 && self.io.recover.is_none() {
                    self.io.recover = Some(self.io.sent);
                    self.io.congestion.lost(outstanding, mss);
                    self.io.resend_now = true;
                }
            }
            return;
        }
        let una = self.io.una.plus(advanced);
        self.io.una = una;
        let octets = self.io.send.acknowledge(una) as u32;
        self.io.retries = 0;
        self.io.duplicates = 0;
        self.io.since = (outstanding > 0).then_some(self.now);
        if let Some((end, sent)) = self.io.timing
            && end.at_or_before(una)
        {
            self.io.rto.measured(self.now.since(sent));
            self.io.timing = None;
        }
        match self.io.recover {
            // A partial acknowledgment: what follows was lost as well (RFC 6582).
            Some(recover) if una.before(recover) => self.io.resend_now = true,
            Some(_) => self.io.recover = None,
            None => {}
        }
        if octets > 0 {
            self.io.congestion.acknowledged(octets, mss);
        }
    }

    fn resend(&mut self, tcb: &Tcb<Full>) {
        let mss = self.io.send_mss(self.shared);
        if let Some(segment) = tcb.sent_segment(tcb.snd_una, mss) {
            self.emit(segment);
        }
    }

    fn flush(&mut self) {
        self.wanted = None;
        self.io.send.clear();
        self.io.received = VecDeque::new();
        self.io.held.clear();
    }

    fn fork(&mut self, _: &Segment<Full>) {
        self.forked = true;
    }

    fn hand_over(&mut self, _: &Segment<Full>) {
        self.handed_over = true;
    }

    #[inline(always)]
    fn fired(&mut self, row: Row) {
        self.shared.observers.fired(self.now, &self.pair, row);
    }
}

impl Io {
    /// The timer has run out: what comes before the machine's event.
    pub(crate) fn expired(&mut self, timer: Timer, tcb: &Tcb<Full>, shared: &Shared) {
        match timer {
            Timer::Retransmission => {
                let mss = self.send_mss(shared);
                self.retries += 1;
                self.syn_lost |= !tcb.facts.has(Facts::SYN_ACKED);
                self.rto.back_off();
                self.congestion.timed_out(tcb.in_flight(), mss);
                self.recover = Some(self.sent);
                self.timing = None;
            }
            Timer::KeepAlive => self.probes += 1,
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User => {}
        }
    }

    /// R1 and R2 (§3.8.3, §3.8.4).
    pub(crate) fn limits(&self, timer: Timer, tcb: &Tcb<Full>, now: Time, config: &Config) -> (bool, bool) {
        match timer {
            Timer::Retransmission => {
                let r2 = if tcb.facts.has(Facts::SYN_ACKED) { config.r2 } else { config.r2_syn };
                (self.retries >= config.r1, self.since.is_some_and(|since| now.since(since) >= r2))
            }
            Timer::KeepAlive => (false, self.probes >= 9),
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User => (false, false),
        }
    }

    /// The peer was heard: the idle time begins anew (§3.8.4), if it runs.
    pub(crate) fn heard(&mut self, now: Time, config: &Config) {
        self.probes = 0;
        let timer = &mut self.timers[Timer::KeepAlive as usize];
        *timer = timer.and(config.keep_alive).map(|idle| now + idle);
    }
}

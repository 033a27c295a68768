//! An event of a connection: what the machine asks of the host is done here.

use super::ConnectionHost;
use super::handshake::PeerOptions;
use crate::base::{Pair, Time};
use crate::tcp::shared::{Purpose, Shared};
use crate::watch::traffic::Traffic;
use crate::wire::options::{Options, SackRanges, Timestamps};
use crate::wire::packet::{Offload, Packet};
use crate::wire::usual::{self, Path, Usual};
use crate::wire::{ip, tcp};
use std::net::SocketAddr;
use std::ops::Range;
use tcpspec::{Acknowledge, Flags, Full, Host, Notice, Row, Segment, Seq, Tcb, Timer};

/// Octets of text in a packet from which on a buffer of the pool is worth it.
const LARGE: u32 = 16 << 10;

/// What came with the segment being processed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Incoming<'a> {
    pub(crate) text: &'a [u8],
    /// The number of the first octet of `text`.
    pub(crate) text_seq: Seq<Full>,
    pub(crate) zero_window: bool,
    /// Neither text nor SYN nor FIN, and the window that is known already (RFC 5681 §2).
    pub(crate) bare: bool,
    pub(crate) syn: Option<&'a Options>,
    /// TSecr of an ACK: what our clock showed when the acknowledged segment was sent (RFC 7323 §4).
    pub(crate) ts_ecr: Option<u32>,
    /// SACK blocks (RFC 2018 §3).
    pub(crate) sack: Option<&'a SackRanges>,
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
    pub(crate) pair: &'a Pair,
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

/// The urgent pointer field, relative to the number.
#[inline]
fn urgent(segment: &Segment<Full>) -> u16 {
    let Segment { seq, up, flags, .. } = *segment;
    if flags.has(Flags::URG) { seq.distance(up).min(0xffff) as u16 } else { 0 }
}

impl Turn<'_> {
    /// Starts any timer but that of retransmissions.
    #[inline(never)]
    fn start_other(&mut self, timer: Timer) {
        let interval = self.host.interval(timer, &self.shared.config);
        let deadline = &mut self.host.timers[timer];
        // A blocked sender asks again and again; its probe must come all the same.
        if matches!(timer, Timer::Persist) && deadline.is_some() {
            return;
        }
        *deadline = interval.map(|interval| self.now + interval);
        match timer {
            Timer::User => self.host.timers.undelivered_since = Some(self.now),
            Timer::Orphan => self.host.orphan.progress = self.now,
            Timer::Persist => self.host.timers.persists += 1,
            Timer::TimeWait => self.host.handshake.waits_again(),
            Timer::Retransmission | Timer::KeepAlive | Timer::DelayedAck => {}
        }
    }

    /// Its text. A retransmission may ask for a part of it.
    #[inline]
    fn text(&self, segment: &Segment<Full>) -> (&[u8], &[u8]) {
        let len = segment.len;
        if len > 0 { self.host.send.get(segment.text_seq(), len) } else { Default::default() }
    }

    /// If the packet is as nearly all are: what it says of IP, and the timestamps.
    #[inline]
    fn usual(&mut self, flags: Flags) -> Option<(Path, Option<Timestamps>)> {
        let (SocketAddr::V4(source), SocketAddr::V4(destination)) = (self.pair.local, self.pair.remote)
        else {
            return None;
        };
        // RFC 7323 §3.2: timestamps stand in every segment once both have agreed. Before that, options are chosen.
        let peer = self.host.handshake.peer.filter(|_| !flags.has(Flags::SYN))?;
        if self.host.path.may_fragment || !self.host.receiver.reports.is_empty() {
            return None;
        }
        let agreed = self.shared.config.timestamps && peer.timestamps;
        let timestamps = if agreed { Some(self.timestamps(self.ts_recent)) } else { None };
        let (hop_limit, traffic_class) = (self.host.ip.hop_limit, self.host.ip.traffic_class & 0xfc);
        Some((Path { source, destination, hop_limit, traffic_class }, timestamps))
    }

    /// A packet as nearly all are leaves.
    #[inline(never)]
    fn send_usual(
        &mut self,
        segment: &Segment<Full>,
        window: u16,
        mss: u32,
        path: &Path,
        timestamps: Option<Timestamps>,
    ) {
        let &Segment { seq, ack, flags, len, .. } = segment;
        let urgent = urgent(segment);
        let usual = Usual { seq: seq.get(), ack: ack.get(), flags, window, urgent, timestamps };
        let mut bytes = self.buffer(usual::HEADERS, len);
        let partial = self.shared.device.checksum;
        let start = usual.write(&mut bytes, path, self.text(segment), !partial);
        self.leave(bytes, start, len, mss);
    }

    /// Any packet leaves.
    #[inline(never)]
    fn send_any(&mut self, segment: &Segment<Full>, window: u16, mss: u32) {
        let &Segment { seq, ack, flags, len, .. } = segment;
        let header = tcp::Header {
            source: self.pair.local.port(),
            destination: self.pair.remote.port(),
            seq: seq.get(),
            ack: ack.get(),
            flags,
            window,
            urgent: urgent(segment),
            options: self.options(flags, ack, mss.saturating_sub(len)),
        };
        let (hop_limit, traffic_class) = (self.host.ip.hop_limit, self.host.ip.traffic_class & 0xfc);
        let ip = ip::Header::tcp(self.pair.local.ip(), self.pair.remote.ip());
        let identification = self.host.path.may_fragment.then(|| {
            self.shared.identification = self.shared.identification.wrapping_add(1);
            self.shared.identification
        });
        let ip = ip::Header { hop_limit, traffic_class, identification, ..ip };
        let mut bytes = self.buffer(ip::header_len(ip.source) + header.len(), len);
        let start = header.write(&mut bytes, &ip, self.text(segment), !self.shared.device.checksum);
        self.leave(bytes, start, len, mss);
    }

    /// A buffer for a packet.
    #[inline]
    fn buffer(&mut self, headers: usize, len: u32) -> Vec<u8> {
        match len {
            LARGE.. => self.shared.buffers.large.get_empty(),
            _ => self.shared.buffers.get(headers + len as usize),
        }
    }

    /// The packet waits for the device from now on. Its TCP header begins at `start`.
    #[inline]
    fn leave(&mut self, bytes: Vec<u8>, start: usize, len: u32, mss: u32) {
        let partial = self.shared.device.checksum;
        let offload = if partial { Offload::tcp(start, len, mss) } else { Offload::default() };
        let rows = self.shared.observers.of_event();
        self.shared.out.push_back(Packet { bytes, offload, rows });
    }

    /// The options of a segment that leaves; `room`: octets that its text leaves for selective acknowledgments.
    fn options(&mut self, flags: Flags, rcv_nxt: Seq<Full>, room: u32) -> Options {
        let config = &self.shared.config;
        if !flags.has(Flags::SYN) {
            // RFC 7323 §3.2: in every segment once both have agreed, perhaps by the present SYN.
            let syn = self.incoming.syn.filter(|_| !flags.has(Flags::RST));
            let peer = self.host.handshake.peer.or(syn.map(PeerOptions::from));
            let agreed = config.timestamps && peer.is_some_and(|peer| peer.timestamps);
            let timestamps = if agreed { Some(self.timestamps(self.ts_recent)) } else { None };
            let config = &self.shared.config;
            let sack = flags.has(Flags::ACK)
                && self.host.handshake.has_sack(config)
                && !self.host.receiver.reports.is_empty();
            let sack = if sack { self.sack(rcv_nxt, room, agreed) } else { SackRanges::default() };
            return Options { timestamps, sack, ..Options::default() };
        }
        let peer = self.incoming.syn.map(PeerOptions::from).or(self.host.handshake.peer);
        // A SYN,ACK has only what the SYN had (RFC 7323 §1.3).
        let (scales, stamps, sacks) = match peer {
            Some(peer) if flags.has(Flags::ACK) => {
                (peer.window_scale.is_some(), peer.timestamps, peer.sack_permitted)
            }
            _ => (true, true, true),
        };
        let recent = match self.incoming.syn.and_then(|syn| syn.timestamps) {
            Some(syn) => Some(syn.val),
            // "When the ACK bit is not set, the TSecr field MUST be zero" (RFC 7323 §3.2), whatever an older connection has left.
            None => self.ts_recent.filter(|_| flags.has(Flags::ACK)),
        };
        let timestamps = if stamps && config.timestamps { Some(self.timestamps(recent)) } else { None };
        let config = &self.shared.config;
        Options {
            mss: Some(self.host.own_mss(self.shared.mss(self.pair.remote.ip()))),
            window_scale: scales.then(|| config.own_scale()),
            timestamps,
            sack_permitted: sacks && config.sack,
            ..Options::default()
        }
    }

    /// §3.4.1: ISN = M + F(localip, localport, remoteip, remoteport, secretkey), M counts in 4 µs. MAY-2: beyond `used`, the last number of
    /// the connection that is opened again.
    fn unused_number(&mut self, used: Option<Seq<Full>>) -> Seq<Full> {
        let m = (self.now.nanos() / 4000) as u32;
        let hash = self.shared.hash(Purpose::Beginnings, self.pair);
        // Where nobody will ask, nothing is kept.
        if self.shared.config.timestamps && self.incoming.syn.is_none_or(|syn| syn.timestamps.is_some()) {
            self.host.timestamps.begin(hash);
        }
        let iss = Seq::new(m.wrapping_add(hash as u32));
        used.filter(|used| iss.at_or_before(*used)).map_or(iss, |used| used.plus(1 << 16))
    }

    /// Gives the user this text, with what came early in place of its own octets; false if nothing of it came early.
    #[cold]
    #[inline(never)]
    fn deliver_first_copies(&mut self, seq: Seq<Full>, part: Range<usize>) -> bool {
        let text = self.incoming.text.get(part).unwrap_or_default();
        let Some(text) = self.host.reassembly.first_copies(seq, text) else { return false };
        self.host.received.push(&text, &mut self.shared.buffers);
        true
    }

    fn timestamps(&mut self, recent: Option<u32>) -> Timestamps {
        let val = self.host.timestamps.clock(self.now, self.pair, self.shared);
        let val = self.host.handshake.cookie.map_or(val, |cookie| cookie.stamp(val));
        Timestamps { val, ecr: recent.unwrap_or_default() }
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
        let Segment { ack, wnd, flags, .. } = segment;
        let (scale, _) = self.host.handshake.scales(&self.shared.config, self.incoming.syn);
        let scale = if flags.has(Flags::SYN) { 0 } else { scale };
        if flags.has(Flags::ACK) {
            self.wanted = None;
            self.host.timestamps.last_ack = ack;
            self.host.timers[Timer::DelayedAck] = None;
            self.host.acks.due = false;
        }
        let window = (wnd >> scale).min(0xffff);
        if flags.has(Flags::ACK) && !flags.has(Flags::RST) {
            self.host.receiver.acknowledged(ack, window << scale);
        }
        let window = window as u16;
        if let Some((path, timestamps)) = self.usual(flags) {
            self.send_usual(&segment, window, mss, &path, timestamps);
        } else {
            self.send_any(&segment, window, mss);
        }
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.host.traffic.challenges += u64::from(why == Acknowledge::Challenge);
        self.wanted = self.wanted.max(Some(why));
    }

    #[inline(always)]
    fn start(&mut self, timer: Timer) {
        if matches!(timer, Timer::Retransmission) {
            let timers = &mut self.host.timers;
            let rto = timers.rto.get();
            let overdue = timers[timer].replace(self.now + rto).filter(|due| *due < self.now);
            timers.oldest_since = timers.oldest_since.or(Some(self.now));
            timers.forgive(overdue, self.now);
        } else {
            self.start_other(timer);
        }
    }

    fn stop(&mut self, timer: Timer) {
        self.host.timers[timer] = None;
        match timer {
            Timer::Retransmission => self.host.timers.oldest_since = None,
            Timer::User => self.host.timers.undelivered_since = None,
            Timer::Persist => self.host.timers.persists = 0,
            Timer::DelayedAck => self.host.acks.due = false,
            _ => {}
        }
    }

    fn notify(&mut self, notice: Notice) {
        self.host.reports.notice(notice);
        if let Some(recorder) = &mut self.shared.recorder {
            recorder.told(notice);
        }
        match notice {
            Notice::Closed => {
                self.wanted = None;
                self.host.timestamps.last_ack = Seq::default();
                self.host.reports.lost |= self.host.send.len() > 0;
                self.host.sender.recovery.disarm();
                self.host.sender.overdue = None;
            }
            Notice::Established if self.host.handshake.syn_lost => self.host.timers.rto.syn_was_lost(),
            _ => {}
        }
    }

    fn initial_sequence(&mut self) -> Seq<Full> {
        self.host.handshake.begin_anew();
        self.host.reports.notices = 0;
        let used = self.host.handshake.used.take();
        let iss = match self.host.handshake.cookie {
            Some(cookie) => Seq::new(cookie.iss),
            None => self.unused_number(used),
        };
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
        if !self.host.reassembly.is_empty() && self.deliver_first_copies(segment.text_seq(), start..end) {
            return;
        }
        if self.shared.may_keep {
            self.shared.kept = Some(start..end);
        } else {
            let text = self.incoming.text.get(start..end).unwrap_or_default();
            self.host.received.push(text, &mut self.shared.buffers);
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
        (self.host.orphan.abandoned, self.host.orphan.progress) = (true, self.now);
    }

    fn flush_sends(&mut self) {
        self.wanted = None;
        self.host.forget_sends();
    }

    fn timestamp_taken(&mut self) {
        self.host.timestamps.taken = self.now;
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
        self.shared.observers.fired(self.now, self.pair, row);
    }
}

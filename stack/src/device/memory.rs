//! Two endpoints joined in memory, in simulated time. Whole connections run in microseconds, and the same way each time.

use super::faulty::Path;
use super::pcap::{Capture, Direction, comment};
use crate::base::Time;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::wire::packet::{Checksum, Packet};
use crate::wire::{ip, tcp};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// What happens to a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It arrives after the latency.
    Arrives,
    /// It never arrives.
    Lost,
    /// It arrives this much later.
    Late(Duration),
    /// It arrives, and a copy of it this much later.
    Twice(Duration),
}

/// A packet that an endpoint has sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// When.
    pub at: Time,
    /// By which end: 0 or 1.
    pub from: usize,
    /// Its TCP header.
    pub header: tcp::Header,
    /// Octets of text.
    pub text: usize,
    /// What became of it.
    pub fate: Fate,
}

/// Decides about the n-th packet and is told its sender.
type Faults = Box<dyn FnMut(u64, usize, &[u8]) -> Fate + Send>;

/// Two endpoints and the link between them.
pub struct Link {
    /// The endpoints: 10.0.0.1 and fd00::1, 10.0.0.2 and fd00::2.
    pub ends: [Endpoint; 2],
    now: Time,
    latency: Duration,
    /// Packets under way, by the time of their arrival.
    under_way: BTreeMap<(Time, u64), (usize, Packet)>,
    count: u64,
    faults: Faults,
    log: Vec<Sent>,
    /// What packets pass besides the latency, by sender.
    paths: Option<[Path; 2]>,
    capture: Option<Capture<Box<dyn Write + Send>>>,
}

impl Link {
    /// A link on which every packet arrives, with default settings and keys that are always the same.
    pub fn new(latency: Duration) -> Self {
        Self::with(latency, |_| {})
    }

    /// The same, with changed settings for both ends.
    ///
    /// # Panics
    ///
    /// If a setting has a value that it cannot have ([`Endpoint::new`]).
    pub fn with(latency: Duration, change: impl Fn(&mut Config)) -> Self {
        let end = |last: u8| {
            let ipv6 = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into());
            let mut config = Config::new(Ipv4Addr::new(10, 0, 0, last)).with_address(ipv6, 64);
            config.key = [last.into(), 42];
            change(&mut config);
            Endpoint::new(config)
        };
        Self {
            ends: [end(1), end(2)],
            now: Time::ZERO,
            latency,
            under_way: BTreeMap::new(),
            count: 0,
            faults: Box::new(|_, _, _| Fate::Arrives),
            log: Vec::new(),
            paths: None,
            capture: None,
        }
    }

    /// From now on the function decides what becomes of each packet. It gets the packet's number (from 0), its sender and its octets.
    pub fn set_faults(&mut self, faults: impl FnMut(u64, usize, &[u8]) -> Fate + Send + 'static) {
        self.faults = Box::new(faults);
    }

    /// From now on the packets of each end take a path under these conditions, after the latency.
    pub fn set_paths(&mut self, paths: [Path; 2]) {
        self.paths = Some(paths);
    }

    /// What has become of the packets on the [paths](Self::set_paths).
    pub fn paths(&self) -> &[Path] {
        self.paths.as_ref().map_or(&[], |paths| paths)
    }

    /// From now on everything sent and everything that arrives is written in the pcapng format, with the rows that fired as comments:
    /// times since the beginning. An outgoing packet is its sender's, and an incoming packet is its receiver's. The addresses say which end that is.
    ///
    /// # Errors
    ///
    /// Those of the writer. Later ones end the capture.
    pub fn capture(&mut self, out: impl Write + Send + 'static) -> io::Result<()> {
        let capture = Capture::new(Box::new(out) as Box<dyn Write + Send>, "both ends")?;
        self.ends.iter_mut().for_each(Endpoint::keep_rows);
        self.capture = Some(capture);
        Ok(())
    }

    /// The simulated time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// All packets sent so far.
    pub fn log(&self) -> &[Sent] {
        &self.log
    }

    /// Sends what the endpoints want to send.
    fn collect(&mut self) {
        for from in 0..2 {
            let Some(end) = self.ends.get_mut(from) else { continue };
            while let Some(packet) = end.poll_packet(self.now) {
                let fate = (self.faults)(self.count, from, &packet);
                if let Some(capture) = &mut self.capture {
                    let text = comment(&packet.rows);
                    let time = self.now.since_origin();
                    if capture.packet(time, Direction::Outbound, &packet, &text).is_err() {
                        self.capture = None;
                    }
                }
                if let Some((header, text)) = read(&packet, packet.offload.checksum) {
                    self.log.push(Sent { at: self.now, from, header, text, fate });
                }
                let (first, second) = match fate {
                    Fate::Arrives => (Some(Duration::ZERO), None),
                    Fate::Lost => (None, None),
                    Fate::Late(more) => (Some(more), None),
                    Fate::Twice(more) => (Some(Duration::ZERO), Some(more)),
                };
                for (copy, more) in [first, second].into_iter().flatten().enumerate() {
                    // Packets that arrive at the same time arrive in the order in which they were sent.
                    let at = self.now + self.latency + more;
                    match self.paths.as_mut().and_then(|paths| paths.get_mut(from)) {
                        Some(path) => path.push(at, packet.clone()),
                        None => {
                            let key = (at, self.count * 2 + copy as u64);
                            self.under_way.insert(key, (1 - from, packet.clone()));
                        }
                    }
                }
                self.count += 1;
            }
        }
    }

    /// Goes to the next arrival or deadline, but not beyond `limit`. False if there is none until then.
    pub fn step(&mut self, limit: Time) -> bool {
        self.collect();
        let arrival = self.next_arrival();
        let deadline = self.ends.iter().filter_map(Endpoint::next_deadline).min();
        let Some(next) = arrival.into_iter().chain(deadline).min().filter(|next| *next <= limit) else {
            self.now = self.now.max(limit);
            return false;
        };
        self.now = self.now.max(next);
        if arrival.is_some_and(|arrival| arrival <= self.now)
            && let Some((to, packet)) = self.pop_arrived()
        {
            self.deliver(to, &packet);
        } else {
            for end in &mut self.ends {
                end.handle_deadline(self.now);
            }
        }
        self.collect();
        true
    }

    fn next_arrival(&self) -> Option<Time> {
        let direct = self.under_way.first_key_value().map(|((at, _), _)| *at);
        direct.into_iter().chain(self.paths().iter().filter_map(Path::next_deadline)).min()
    }

    fn pop_arrived(&mut self) -> Option<(usize, Packet)> {
        if let Some(first) = self.under_way.first_entry()
            && first.key().0 <= self.now
        {
            return Some(first.remove());
        }
        let paths = self.paths.iter_mut().flatten().enumerate();
        let next = paths.filter_map(|(from, path)| Some((path.next_deadline()?, from, path)));
        let (_, from, path) = next.min_by_key(|(at, from, _)| (*at, *from))?;
        Some((1 - from, path.poll(self.now)?))
    }

    fn deliver(&mut self, to: usize, packet: &Packet) {
        let Some(end) = self.ends.get_mut(to) else { return };
        end.handle(self.now, packet, packet.offload);
        if let Some(capture) = &mut self.capture {
            let (text, time) = (comment(end.rows()), self.now.since_origin());
            if capture.packet(time, Direction::Inbound, packet, &text).is_err() {
                self.capture = None;
            }
        }
    }

    /// Lets this much time pass.
    pub fn run_for(&mut self, span: Duration) {
        let limit = self.now + span;
        while self.step(limit) {}
    }

    /// Runs until `done`, at most this long. True if it was done.
    pub fn run_until(&mut self, span: Duration, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        let limit = self.now + span;
        loop {
            if done(self) {
                return true;
            }
            if !self.step(limit) {
                return done(self);
            }
        }
    }
}

fn read(packet: &[u8], checksum: Checksum) -> Option<(tcp::Header, usize)> {
    let (ip, segment) = ip::Header::parse(packet).ok()?;
    let (header, text) = match checksum {
        Checksum::Complete => tcp::Header::parse(segment, ip.source, ip.destination).ok()?,
        Checksum::Partial { .. } | Checksum::Verified => tcp::Header::parse_verified(segment).ok()?,
    };
    Some((header, text.len()))
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ends, now, latency, under_way, count, faults: _, log: _, paths: _, capture: _ } = self;
        f.debug_struct("Link")
            .field("ends", ends)
            .field("now", now)
            .field("latency", latency)
            .field("under_way", &under_way.len())
            .field("count", count)
            .finish_non_exhaustive()
    }
}

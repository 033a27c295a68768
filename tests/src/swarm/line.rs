//! The line between both ends: what becomes of each packet. Each packet has dice of its own, so that one fault less changes no other.

use super::dice::Dice;
use super::plan::{Badness, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tcpspec_stack::Packet;
use tcpspec_stack::Time;
use tcpspec_stack::wire::{ip, tcp};

/// Packets under way at most. Beyond that they are lost.
const MOST: usize = 20_000;

/// What happened, by name.
pub type Counts = BTreeMap<&'static str, u64>;

pub(super) struct Line {
    seed: u64,
    pub(super) bad: [Badness; 2],
    heals: Time,
    faults: Option<BTreeSet<(usize, u64)>>,
    under_way: BTreeMap<(Time, u64), (usize, Packet)>,
    order: u64,
    sent: [u64; 2],
    pub(super) down_until: Time,
    pub(super) reports_down: bool,
    pub(super) mtu: u16,
    pub(super) reports_mtu: bool,
    /// Packets that have suffered.
    pub(super) suffered: Vec<(usize, u64)>,
    /// How many packets in a row were bare acknowledgments.
    pub(super) bare: u64,
    /// A packet was changed in a way that no checksum notices.
    pub(super) poisoned: bool,
    pub(super) counts: Counts,
}

impl Line {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            seed: plan.seed,
            bad: plan.line,
            heals: Time::at(plan.heals),
            faults: plan.faults.clone(),
            under_way: BTreeMap::new(),
            order: 0,
            sent: [0; 2],
            down_until: Time::ZERO,
            reports_down: false,
            mtu: u16::MAX,
            reports_mtu: true,
            suffered: Vec::new(),
            bare: 0,
            poisoned: false,
            counts: Counts::new(),
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// When the next packet arrives.
    pub(super) fn next(&self) -> Option<Time> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// A packet that has arrived by now, and where.
    pub(super) fn poll(&mut self, now: Time) -> Option<(usize, Packet)> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    fn insert(&mut self, at: Time, to: usize, packet: Packet) {
        if self.under_way.len() >= MOST {
            self.count("dropped: too many under way");
            return;
        }
        self.under_way.insert((at, self.order), (to, packet));
        self.order += 1;
    }

    /// A packet sets out.
    pub(super) fn push(&mut self, now: Time, from: usize, mut packet: Packet) {
        let (number, bad) = (self.sent[from], self.bad[from]);
        self.sent[from] += 1;
        self.count("packets");
        self.bare = if is_bare(&packet) { self.bare + 1 } else { 0 };
        let arrives = now + bad.latency;
        if now < self.down_until {
            self.count("lost: the link was down");
            if self.reports_down {
                self.report(now, from, &packet, Report::Unreachable);
            }
            return;
        }
        let size = if packet.offload.segment > 0 { 0 } else { packet.len() };
        if size > usize::from(self.mtu) {
            self.count("lost: larger than the path takes");
            if self.reports_mtu {
                self.report(now, from, &packet, Report::TooBig(self.mtu));
            }
            return;
        }
        let mut dice = Dice::new(self.seed, (number << 1 | from as u64) + (1 << 50));
        let allowed = self.faults.as_ref().is_none_or(|only| only.contains(&(from, number)));
        if now >= self.heals || !allowed {
            return self.insert(arrives, 1 - from, packet);
        }
        let [lost, twice, back, header, text] =
            [bad.loss, bad.duplication, bad.reordering, bad.corrupt_header, bad.corrupt_text]
                .map(|chance| dice.chance(chance));
        if lost || twice || back || header || text {
            self.suffered.push((from, number));
        }
        if lost {
            return self.count("lost by chance");
        }
        if header || text {
            self.corrupt(&mut packet, header, &mut dice);
        }
        let held = if back {
            self.count("held back");
            bad.held_back.mul_f64(dice.part())
        } else {
            Duration::ZERO
        };
        if twice {
            self.count("duplicated");
            self.insert(arrives + held + bad.copies_late.mul_f64(dice.part()), 1 - from, packet.clone());
        }
        self.insert(arrives + held, 1 - from, packet);
    }

    fn corrupt(&mut self, packet: &mut Packet, header: bool, dice: &mut Dice) {
        packet.complete_checksum();
        packet.offload.checksum = Default::default();
        let before = packet.bytes.clone();
        let Some(begins) = text_begins(&before) else { return };
        let range = if header || begins >= before.len() { 0..begins } else { begins..before.len() };
        let words = (range.len() / 2) as u64;
        if !header && words > 1 && dice.chance(0.01) {
            // Two words change places, which the sum does not notice. The words of a text stand at even places if its headers do.
            let [a, b] = [0, 1].map(|_| range.start + dice.below(words) as usize * 2);
            packet.bytes.swap(a, b);
            packet.bytes.swap(a + 1, b + 1);
        } else {
            for _ in 0..1 + dice.below(3) {
                let at = range.start + dice.below(range.len() as u64) as usize;
                packet.bytes[at] ^= 1 << dice.below(8);
            }
        }
        if packet.bytes == before {
            return;
        }
        self.count(if header { "corrupted in its headers" } else { "corrupted in its text" });
        if passes(&before, &packet.bytes) {
            self.count("corrupted unnoticed by any checksum");
            self.poisoned = true;
        }
    }

    /// A router tells the sender.
    fn report(&mut self, now: Time, to: usize, packet: &Packet, report: Report) {
        let Some(answer) = report.packet(packet) else { return };
        self.count("reports of a router");
        self.insert(now + Duration::from_millis(1), to, Packet::new(answer));
    }
}

/// Where the text of a segment begins in its packet.
fn text_begins(packet: &[u8]) -> Option<usize> {
    let ip = match packet.first()? >> 4 {
        4 => usize::from(packet.first()? & 0xf) * 4,
        _ => 40,
    };
    Some((ip + usize::from(packet.get(ip + 12)? >> 4) * 4).min(packet.len()))
}

/// An ACK without text, SYN, FIN or RST.
fn is_bare(packet: &[u8]) -> bool {
    let header = if packet.first().is_some_and(|first| first >> 4 == 4) { 20 } else { 40 };
    let flags = packet.get(header + 13).copied().unwrap_or_default();
    text_begins(packet) == Some(packet.len()) && flags & 0b111 == 0
}

/// Whether a receiver takes the packet and finds something else in it.
fn passes(before: &[u8], after: &[u8]) -> bool {
    let whole = |packet: &'_ [u8]| {
        let (ip, segment) = ip::Header::parse(packet).ok()?;
        tcp::Header::parse(segment, ip.source, ip.destination).ok()?;
        Some((ip.source, ip.destination, segment.to_vec()))
    };
    let after = whole(after);
    after.is_some() && after != whole(before)
}

#[derive(Clone, Copy)]
enum Report {
    Unreachable,
    TooBig(u16),
}

fn checksum(octets: &[u8], sum: u32) -> u16 {
    let word = |two: &[u8]| u32::from(u16::from_be_bytes([two[0], two.get(1).copied().unwrap_or(0)]));
    let mut sum = sum + octets.chunks(2).map(word).sum::<u32>();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

impl Report {
    /// The router's message (RFC 792, RFC 4443) about this packet.
    fn packet(self, about: &Packet) -> Option<Vec<u8>> {
        let quoted = about.get(..about.len().min(68))?;
        match IpAddr::from_packet(about)? {
            IpAddr::V4(to) => {
                let (kind, code, word) = match self {
                    Self::Unreachable => (3, 1, 0),
                    Self::TooBig(mtu) => (3, 4, u32::from(mtu)),
                };
                let mut icmp = vec![kind, code, 0, 0];
                icmp.extend(word.to_be_bytes());
                icmp.extend(quoted);
                let sum = checksum(&icmp, 0);
                icmp[2..4].copy_from_slice(&sum.to_be_bytes());
                let mut packet = vec![0x45, 0];
                packet.extend((20 + icmp.len() as u16).to_be_bytes());
                packet.extend([0, 0, 0, 0, 64, 1, 0, 0]);
                packet.extend(Ipv4Addr::new(10, 0, 0, 254).octets());
                packet.extend(to.octets());
                let sum = checksum(&packet, 0);
                packet[10..12].copy_from_slice(&sum.to_be_bytes());
                packet.extend(icmp);
                Some(packet)
            }
            IpAddr::V6(to) => {
                let (kind, code, word) = match self {
                    Self::Unreachable => (1, 3, 0),
                    Self::TooBig(mtu) => (2, 0, u32::from(mtu)),
                };
                let router = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0xfe);
                let mut icmp = vec![kind, code, 0, 0];
                icmp.extend(word.to_be_bytes());
                icmp.extend(quoted);
                let addresses = [router.octets(), to.octets()].concat();
                let pseudo = u32::from(!checksum(&addresses, 58 + icmp.len() as u32));
                let sum = checksum(&icmp, pseudo);
                icmp[2..4].copy_from_slice(&sum.to_be_bytes());
                let mut packet = vec![0x60, 0, 0, 0];
                packet.extend((icmp.len() as u16).to_be_bytes());
                packet.extend([58, 64]);
                packet.extend(addresses);
                packet.extend(icmp);
                Some(packet)
            }
        }
    }
}

/// The sender of a packet.
trait Sender: Sized {
    fn from_packet(packet: &[u8]) -> Option<Self>;
}

impl Sender for IpAddr {
    fn from_packet(packet: &[u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Some(Ipv4Addr::from(*packet.get(12..16)?.first_chunk::<4>()?).into()),
            _ => Some(Ipv6Addr::from(*packet.get(8..24)?.first_chunk::<16>()?).into()),
        }
    }
}

//! ICMP and ICMPv6. Echo requests are answered. Errors find their connection (§3.9.2.2). A sender hears of packets that nothing here takes or understands.

use super::Endpoint;
use super::demux::Place;
use crate::base::{Pair, Time};
use crate::wire::icmp::{self, Message, Report};
use crate::wire::packet::Packet;
use crate::wire::{Malformed, ip, ipv6};
use std::net::Ipv6Addr;
use std::time::Duration;

/// A limit: so many in a second, and so many at once.
#[derive(Debug, Default)]
pub(super) struct Limit {
    second: Time,
    count: u32,
}

impl Limit {
    /// Whether one more is within the limit.
    fn allows(&mut self, now: Time, limit: u32) -> bool {
        if now.since(self.second) >= Duration::from_secs(1) {
            (self.second, self.count) = (now, 0);
        }
        self.count = self.count.saturating_add(1);
        self.count <= limit
    }
}

/// Whether the host with this address takes what goes to this group: all nodes, or those whose addresses end alike (RFC 4291 §2.8).
fn is_member(own: Ipv6Addr, group: Ipv6Addr) -> bool {
    let all_nodes = [Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 1), Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1)];
    let [.., high, low] = own.segments();
    let solicited = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | high & 0xff, low);
    group == solicited || all_nodes.contains(&group)
}

impl Endpoint {
    /// A message to an address of the stack.
    pub(super) fn icmp(&mut self, now: Time, ip: &ip::Header, message: &[u8]) -> Result<(), Malformed> {
        match icmp::parse(ip, message)? {
            Message::EchoRequest(echo) => self.echo(now, ip, echo),
            Message::Error(report) => {
                if !self.report(now, &report) {
                    self.counters.errors_stray += 1;
                }
            }
            Message::Other => self.counters.not_ours += 1,
        }
        Ok(())
    }

    /// A message to another address, for which a gateway answers. True if it is about a connection of the stack.
    pub(super) fn icmp_elsewhere(&mut self, now: Time, ip: &ip::Header, message: &[u8]) -> bool {
        matches!(icmp::parse(ip, message), Ok(Message::Error(report)) if self.report(now, &report))
    }

    fn echo(&mut self, now: Time, ip: &ip::Header, echo: &[u8]) {
        if self.shared.is_full() || !self.echoes.allows(now, self.shared.config.echo_limit) {
            self.counters.echoes_limited += 1;
            return;
        }
        self.counters.echoes += 1;
        let reply = icmp::echo_reply(ip.destination, ip.source, echo);
        self.shared.out.push_back(Packet::new(reply));
    }

    /// A packet to an address of the stack that nothing here takes: its sender is told.
    pub(super) fn refuse_packet(&mut self, now: Time, ip: &ip::Header, packet: &[u8], payload: usize) {
        if let Some(refusal) = icmp::refusal(ip, packet, payload) {
            self.send_error(now, refusal);
        }
    }

    /// An IPv6 packet has something that is not understood: its sender is told where (RFC 8200 §4), if it went to the stack.
    pub(super) fn explain_packet(&mut self, now: Time, packet: &[u8]) {
        let Some((source, destination, fault)) = ipv6::fault(packet) else { return };
        let Some((own, _)) = self.shared.config.ipv6 else { return };
        let ours = destination == own || (fault.to_groups && is_member(own, destination));
        if ours && self.is_somebody(source.into()) {
            self.send_error(now, icmp::parameter_problem(own, source, fault, packet));
        }
    }

    fn send_error(&mut self, now: Time, error: Vec<u8>) {
        if self.shared.is_full() || !self.refusals.allows(now, self.shared.config.error_limit) {
            self.counters.errors_limited += 1;
            return;
        }
        self.counters.errors_sent += 1;
        self.shared.out.push_back(Packet::new(error));
    }

    /// What is reported about a connection; false if there is none.
    fn report(&mut self, now: Time, report: &Report) -> bool {
        let pair = Pair { local: report.source, remote: report.destination };
        // Where only a record is left, nothing is under way any more.
        let Some(Place::Whole(slot)) = self.place(&pair) else { return false };
        let slot = slot as usize;
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        if entry.awake(&self.shared).connection.unreachable(report, now, &mut self.shared) {
            self.counters.errors_reported += 1;
        } else {
            self.counters.errors_stray += 1;
        }
        self.touch(now, slot);
        true
    }
}

//! ICMP and ICMPv6: echo requests are answered, errors find their connection (§3.9.2.2), and who sends what nobody here takes is told.

use super::Endpoint;
use crate::Time;
use crate::connection::OUT_LIMIT;
use crate::demux::Place;
use crate::host::Pair;
use crate::packet::Packet;
use crate::wire::icmp::{self, Message, Report};
use crate::wire::{Malformed, ip};
use std::time::Duration;

/// So many in a second, and so many at once.
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

    /// A message to another address, for which a gateway answers: whether it is about a connection of the stack.
    pub(super) fn icmp_elsewhere(&mut self, now: Time, ip: &ip::Header, message: &[u8]) -> bool {
        matches!(icmp::parse(ip, message), Ok(Message::Error(report)) if self.report(now, &report))
    }

    fn echo(&mut self, now: Time, ip: &ip::Header, echo: &[u8]) {
        let room = self.shared.out.len() < OUT_LIMIT;
        if !room || !self.echoes.allows(now, self.shared.config.echo_limit) {
            self.counters.echoes_limited += 1;
            return;
        }
        self.counters.echoes += 1;
        let reply = icmp::echo_reply(ip.destination, ip.source, echo);
        self.shared.out.push_back(Packet::new(reply));
    }

    /// A packet to an address of the stack that nothing here takes: its sender is told.
    pub(super) fn refuse_packet(&mut self, now: Time, ip: &ip::Header, packet: &[u8], payload: usize) {
        let Some(refusal) = icmp::refusal(ip, packet, payload) else { return };
        let room = self.shared.out.len() < OUT_LIMIT;
        if !room || !self.refusals.allows(now, self.shared.config.error_limit) {
            self.counters.errors_limited += 1;
            return;
        }
        self.counters.errors_sent += 1;
        self.shared.out.push_back(Packet::new(refusal));
    }

    /// What is reported about a connection; false if there is none.
    fn report(&mut self, now: Time, report: &Report) -> bool {
        let pair = Pair { local: report.source, remote: report.destination };
        // Where only a record is left, nothing is under way any more.
        let Some(Place::Whole(slot)) = self.place(&pair) else { return false };
        let slot = slot as usize;
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        if entry.connection.unreachable(report, now, &mut self.shared) {
            self.counters.errors_reported += 1;
        } else {
            self.counters.errors_stray += 1;
        }
        self.touch(now, slot);
        true
    }
}

//! A packet that has come: what it is, and the connection that it is for.

use super::Endpoint;
use super::demux::Place;
use super::entry::Entry;
use crate::base::{Pair, Time};
use crate::tcp::buffer::PacketBytes;
use crate::wire::ip::{self, is_host};
use crate::wire::packet::{Checksum, Offload};
use crate::wire::{Malformed, icmp, tcp, usual};
use std::net::SocketAddr;
use std::ops::Range;
use tcpspec::Flags;

impl Endpoint {
    /// The short way of a packet as nearly all are. False if it is none; then nothing is done.
    #[inline]
    pub(super) fn take_usual(&mut self, now: Time, packet: &mut PacketBytes<'_>, offload: Offload) -> bool {
        let verified = offload.checksum == Checksum::Complete;
        let mut header = tcp::Header::default();
        let Some((sockets, place)) = usual::read(packet, verified, &mut header) else { return false };
        // Packets come in trains: most belong to the connection of the last packet.
        let latest = self.entries.get(self.latest).filter(|entry| entry.attached);
        let awake = latest.and_then(Entry::if_awake).filter(|awake| awake.is_between(&sockets));
        // A connection that its listener has not given away yet may have to wait, and a SYN may be for a listener.
        let is_given =
            awake.is_some_and(|awake| awake.listener.is_none()) && latest.is_some_and(|entry| entry.outside);
        if is_given && !header.flags.has(Flags::SYN) {
            self.take_segment(now, self.latest, &header, packet, place, false);
            return true;
        }
        let latest = awake.map(|_| self.latest);
        let [remote, local] = sockets.both().map(SocketAddr::V4);
        self.take_by_pair(now, latest, &Pair { local, remote }, &header, packet, place)
    }

    /// The same for any connection, or for none. `latest`: the connection, if it is the last packet's.
    #[inline(never)]
    fn take_by_pair(
        &mut self,
        now: Time,
        latest: Option<usize>,
        pair: &Pair,
        header: &tcp::Header,
        packet: &mut PacketBytes<'_>,
        place: Range<usize>,
    ) -> bool {
        let found = latest.map(|slot| Place::Whole(slot as u32)).or_else(|| self.look_up(pair));
        let slot = match found {
            Some(Place::Whole(slot)) => slot as usize,
            None if self.is_plain(pair) => {
                self.meet(now, *pair, header, packet.get(place).unwrap_or_default(), None);
                return true;
            }
            Some(Place::Waiting(_)) | None => return false,
        };
        // The addresses of these were judged when the connection was put here.
        let Some(entry) = self.entries.get(slot).filter(|entry| entry.outside) else { return false };
        self.latest = slot;
        let half_open = entry.if_awake().is_some_and(|awake| awake.listener.is_some());
        if half_open && self.is_too_early(slot, header) {
            return true;
        }
        // Only a SYN asks for a connection.
        let listener = header.flags.has(Flags::SYN) && self.listens(pair.local);
        self.take_segment(now, slot, header, packet, place, listener);
        true
    }

    /// Whether these are the sockets of somebody outside and of one of the stack's own addresses.
    fn is_plain(&self, pair: &Pair) -> bool {
        let local = pair.local.ip();
        !local.is_loopback() && self.is_self(local) && self.is_somebody(pair.remote.ip())
    }

    /// `looped`: it comes from the stack itself.
    pub(super) fn parse(
        &mut self,
        now: Time,
        packet: PacketBytes<'_>,
        offload: Offload,
        looped: bool,
    ) -> Result<(), Malformed> {
        let parsed = ip::Header::parse(&packet);
        if parsed == Err(Malformed::Extension) {
            self.explain_packet(now, &packet);
        }
        let (ip, segment) = parsed?;
        // Packets come in trains, and the addresses of the last one were judged.
        let known =
            !looped && ip.protocol == ip::TCP && !ip.fragment && self.is_between(ip.destination, ip.source);
        if !known && !self.is_for_tcp(now, &ip, segment, &packet, offload, looped)? {
            return Ok(());
        }
        let mut header = tcp::Header::default();
        let text = header.read(segment)?;
        if offload.checksum == Checksum::Complete {
            tcp::verify(segment, ip.source, ip.destination)?;
        }
        let pair = Pair {
            local: SocketAddr::new(ip.destination, header.destination),
            remote: SocketAddr::new(ip.source, header.source),
        };
        // Where in the packet the text is.
        let start = text.as_ptr().addr() - packet.as_ptr().addr();
        let text = start..start + text.len();
        self.arrive(now, &pair, &header, packet, text);
        Ok(())
    }

    /// Whether a packet brings a segment for the stack. Everything else is dealt with here.
    fn is_for_tcp(
        &mut self,
        now: Time,
        ip: &ip::Header,
        segment: &[u8],
        packet: &[u8],
        offload: Offload,
        looped: bool,
    ) -> Result<bool, Malformed> {
        // No packet from outside has a loopback address (RFC 1122 §3.2.1.3 (g)).
        if !looped && (ip.source.is_loopback() || ip.destination.is_loopback()) {
            return Err(Malformed::Address);
        }
        let own = self.is_self(ip.destination);
        let config = &self.shared.config;
        let any = config.any_destination && is_host(ip.destination) && !config.is_broadcast(ip.destination);
        if !own && !any {
            self.not_ours(packet, offload);
            return Ok(false);
        }
        if ip.fragment {
            self.counters.fragments += 1;
            return Ok(false);
        }
        if !looped && !self.is_somebody(ip.source) {
            return Err(Malformed::Address);
        }
        let icmp = if ip.source.is_ipv4() { icmp::ICMP } else { icmp::ICMPV6 };
        if ip.protocol == icmp && own {
            self.icmp(now, ip, segment)?;
            return Ok(false);
        }
        if ip.protocol != ip::TCP {
            if ip.protocol != icmp || !self.icmp_elsewhere(now, ip, segment) {
                self.not_ours(packet, offload);
                if own && self.other.is_none() {
                    self.refuse_packet(now, ip, packet, segment.len());
                }
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn arrive(
        &mut self,
        now: Time,
        pair: &Pair,
        header: &tcp::Header,
        mut packet: PacketBytes<'_>,
        place: Range<usize>,
    ) {
        let text = packet.get(place.clone()).unwrap_or_default();
        let slot = match self.place(pair) {
            None => return self.meet(now, *pair, header, text, None),
            Some(Place::Waiting(slot)) => return self.arrive_late(now, slot, *pair, header, text),
            Some(Place::Whole(slot)) => slot as usize,
        };
        self.latest = slot;
        if self.is_too_early(slot, header) {
            return;
        }
        // Only a SYN asks for a connection.
        let listener = header.flags.has(Flags::SYN) && self.listens(pair.local);
        self.take_segment(now, slot, header, &mut packet, place, listener);
    }

    /// A segment for the connection in this slot. `listener`: a listener waits for the same socket.
    #[inline(always)]
    fn take_segment(
        &mut self,
        now: Time,
        slot: usize,
        header: &tcp::Header,
        packet: &mut PacketBytes<'_>,
        mut place: Range<usize>,
        listener: bool,
    ) {
        let short = self.shared.memory.is_short();
        let cut = if short { self.cut(slot, header, &mut place) } else { None };
        let header = cut.as_ref().unwrap_or(header);
        let text = packet.get(place.clone()).unwrap_or_default();
        let Some(entry) = self.entries.get_mut(slot) else { return };
        let connection = &mut entry.awake(&self.shared).connection;
        let used = Some(connection.tcb.snd_nxt);
        self.shared.may_keep = packet.may_keep(text.len()) && connection.host.reassembly.is_empty();
        let asks = connection.segment(header, text, listener, now, &mut self.shared);
        self.shared.may_keep = false;
        if short {
            self.shared.memory.is_cut = false;
        }
        if let Some(kept) = self.shared.kept.take() {
            let kept = place.start + kept.start..place.start + kept.end;
            if packet.may_keep(kept.len()) {
                connection.host.received.keep(packet.take(), kept);
            } else {
                // Most of the text had come before.
                let text = packet.get(kept).unwrap_or_default();
                connection.host.received.push(text, &mut self.shared.buffers);
            }
        }
        let pair = asks.hand_over.then_some(connection.pair);
        self.touch(now, slot);
        if let Some(pair) = pair {
            self.meet(now, pair, header, packet.get(place).unwrap_or_default(), used);
        }
    }

    /// A segment for a connection that is kept as a record.
    fn arrive_late(&mut self, now: Time, slot: u32, pair: Pair, header: &tcp::Header, text: &[u8]) {
        let listener = self.listens(pair.local);
        let used = self.records.get(slot as usize).map(|record| record.snd_nxt(&self.shared));
        let asks = self
            .with_record(slot, |connection, shared| connection.segment(header, text, listener, now, shared));
        if asks.is_some_and(|asks| asks.hand_over) {
            self.meet(now, pair, header, text, used);
        }
    }
}

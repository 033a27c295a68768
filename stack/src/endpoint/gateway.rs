//! What gateways (VPN, sandbox, tun2socks) need: connections to any address, a question before each SYN is answered, and packets that are not TCP.
//!
//! A listener that [holds](Listen::hold) keeps each SYN until the application has decided. Until then nothing is answered, and there is no connection:
//! the SYN has not met the listener's machine. A SYN that is admitted meets it as if it came just now. A SYN that is refused meets a machine in CLOSED, which
//! answers with a RST.

use super::demux::Place;
use super::{ConnectionId, Endpoint, ListenerId};
use crate::base::{Error, Pair, Time};
use crate::wire::packet::{Checksum, Offload, Packet};
use crate::wire::udp;
use std::net::SocketAddr;

/// A peer asks for a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Request {
    /// The socket that the peer wants: any address, if the stack accepts them ([`Config::any_destination`](crate::Config::any_destination)).
    pub local: SocketAddr,
    /// The peer.
    pub remote: SocketAddr,
}

impl Request {
    fn pair(&self) -> Pair {
        Pair { local: self.local, remote: self.remote }
    }
}

/// The callback for packets that are not the stack's.
pub(super) type Other = Box<dyn FnMut(&[u8]) + Send>;

impl Endpoint {
    /// The next SYN that a listener [holds](crate::Listen::hold). [`wait_for_accept`](Self::wait_for_accept) tells of it, too.
    pub fn request(&mut self, now: Time, id: ListenerId) -> Option<Request> {
        let listener = self.listener(id)?;
        listener.forget_old(now);
        let held = listener.held_syns.iter_mut().find(|held| !held.told)?;
        held.told = true;
        Some(Request { local: held.pair.local, remote: held.pair.remote })
    }

    /// The peer gets its connection: the SYN,ACK goes out. The connection is the caller's, though not established yet.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if the listener was closed or the SYN has become too old; [`Error::AddressInUse`] if there is a connection of this pair of
    /// sockets.
    pub fn admit(&mut self, now: Time, id: ListenerId, request: &Request) -> Result<ConnectionId, Error> {
        let pair = request.pair();
        let listener = self.listener(id).ok_or(Error::NoSocket)?;
        let held = listener.take_held_syn(&pair, now).ok_or(Error::NoSocket)?;
        if self.place(&pair).is_some() {
            return Err(Error::AddressInUse);
        }
        self.fork(now, id, pair, (&held.header, &[]), None);
        let Some(Place::Whole(slot)) = self.place(&pair) else { return Err(Error::NoSocket) };
        let slot = slot as usize;
        let entry = self.entries.get_mut(slot).ok_or(Error::NoSocket)?;
        // It is in no queue: the caller has it.
        entry.has_user = true;
        entry.awake(&self.shared).listener = None;
        let connection = ConnectionId { slot, number: entry.number };
        if let Some(listener) = self.listener(id) {
            listener.half_open -= 1;
        }
        Ok(connection)
    }

    /// The peer is refused with a RST.
    ///
    /// # Errors
    ///
    /// [`Error::NoSocket`] if the listener was closed or the SYN has become too old.
    pub fn refuse(&mut self, now: Time, id: ListenerId, request: &Request) -> Result<(), Error> {
        let pair = request.pair();
        let listener = self.listener(id).ok_or(Error::NoSocket)?;
        let held = listener.take_held_syn(&pair, now).ok_or(Error::NoSocket)?;
        self.meet_nobody(now, pair, &held.header, &[]);
        Ok(())
    }

    /// From now on the callback gets each packet that is neither TCP nor an ICMP message to the stack (or about a connection of it), as it would
    /// stand on a wire: a checksum that was left to the device is filled in, and datagrams that were joined come one by one.
    pub fn set_other(&mut self, other: impl FnMut(&[u8]) + Send + 'static) {
        self.other = Some(Box::new(other));
    }

    /// Sends a packet as it is: an answer to one that is not TCP.
    ///
    /// # Errors
    ///
    /// [`Error::NoRoom`] if too many wait for the device already.
    pub fn send_packet(&mut self, packet: Packet) -> Result<(), Error> {
        if self.shared.is_full() {
            return Err(Error::NoRoom);
        }
        self.shared.out.push_back(packet);
        Ok(())
    }

    /// A packet that is not the stack's.
    pub(super) fn not_ours(&mut self, packet: &[u8], offload: Offload) {
        self.counters.not_ours += 1;
        let Some(other) = &mut self.other else { return };
        if let Checksum::Partial { start, .. } = offload.checksum
            && let Some(datagrams) = udp::cut(packet, start.into(), offload.segment.into())
        {
            datagrams.iter().for_each(|datagram| other(datagram));
            return;
        }
        match offload.checksum {
            Checksum::Complete | Checksum::Verified => other(packet),
            Checksum::Partial { .. } => {
                let mut packet = Packet { bytes: packet.to_vec(), offload, rows: Vec::new() };
                packet.complete_checksum();
                other(&packet);
            }
        }
    }
}

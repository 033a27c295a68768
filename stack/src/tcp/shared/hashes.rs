//! Keyed hashes of pairs of sockets. Without the key nobody can foresee them.

use super::Shared;
use crate::base::Pair;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;
use std::net::IpAddr;

/// What a keyed hash is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// An initial sequence number (§3.4.1).
    InitialSequence,
    /// An ephemeral port (RFC 6056).
    Port,
    /// Which search for an ephemeral port goes on.
    PortSearch,
    /// A SYN cookie (RFC 4987).
    Cookie,
    /// Where a connection's clock for timestamps begins (RFC 7323 §5.4, §7.1).
    Timestamps,
}

impl Shared {
    /// A keyed hash of a pair of sockets, another one for each purpose.
    pub(crate) fn hash(&self, purpose: Purpose, pair: &Pair) -> u64 {
        self.hasher(purpose, pair).finish()
    }

    /// The hash of a SYN cookie.
    pub(crate) fn hash_cookie(&self, pair: &Pair, irs: u32, slot: u64, size: u8) -> u64 {
        let mut hasher = self.hasher(Purpose::Cookie, pair);
        hasher.write_u32(irs);
        hasher.write_u64(slot);
        hasher.write_u8(size);
        hasher.finish()
    }

    fn hasher(&self, purpose: Purpose, pair: &Pair) -> SipHasher24 {
        let [a, b] = self.config.key;
        let mut hasher = SipHasher24::new_with_keys(a, b);
        hasher.write_u8(purpose as u8);
        for socket in [pair.local, pair.remote] {
            match socket.ip() {
                IpAddr::V4(address) => hasher.write(&address.octets()),
                IpAddr::V6(address) => hasher.write(&address.octets()),
            }
            hasher.write_u16(socket.port());
        }
        hasher
    }
}

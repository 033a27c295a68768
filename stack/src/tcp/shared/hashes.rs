//! Keyed hashes of pairs of sockets. Without the key nobody can foresee them.

use super::Shared;
use crate::base::Pair;
use siphasher::sip::SipHasher24;
use std::net::{IpAddr, SocketAddr};

/// What a keyed hash is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// An initial sequence number (§3.4.1), by one half, and where a connection's clock for timestamps begins (RFC 7323 §5.4, §7.1), by the other.
    Beginnings,
    /// An ephemeral port (RFC 6056).
    Port,
    /// Which search for an ephemeral port goes on.
    PortSearch,
    /// A SYN cookie (RFC 4987).
    Cookie,
}

/// Octets of a purpose and two sockets at most.
const SOCKETS: usize = 1 + 2 * 18;
/// Octets of what a cookie adds.
const COOKIE: usize = 4 + 8 + 1;

impl Shared {
    /// A keyed hash of a pair of sockets, another one for each purpose.
    pub(crate) fn hash(&self, purpose: Purpose, pair: &Pair) -> u64 {
        self.hash_of(purpose, pair, &[])
    }

    /// The hash of a SYN cookie.
    pub(crate) fn hash_cookie(&self, pair: &Pair, irs: u32, slot: u64, size: u8) -> u64 {
        let ([a, b, c, d], [e, f, g, h, i, j, k, l]) = (irs.to_le_bytes(), slot.to_le_bytes());
        let more: [u8; COOKIE] = [a, b, c, d, e, f, g, h, i, j, k, l, size];
        self.hash_of(Purpose::Cookie, pair, &more)
    }

    /// All octets lie side by side, so that they are hashed eight at a time.
    fn hash_of(&self, purpose: Purpose, pair: &Pair, more: &[u8]) -> u64 {
        let mut octets = [0; SOCKETS + COOKIE];
        let len = match (&pair.local, &pair.remote) {
            (SocketAddr::V4(local), SocketAddr::V4(remote)) => {
                let ([a, b, c, d], [e, f]) = (local.ip().octets(), local.port().to_le_bytes());
                let ([g, h, i, j], [k, l]) = (remote.ip().octets(), remote.port().to_le_bytes());
                lay(&mut octets, 0, &[purpose as u8, a, b, c, d, e, f, g, h, i, j, k, l])
            }
            (local, remote) => {
                [local, remote].into_iter().fold(lay(&mut octets, 0, &[purpose as u8]), |at, socket| {
                    let at = match socket.ip() {
                        IpAddr::V4(address) => lay(&mut octets, at, &address.octets()),
                        IpAddr::V6(address) => lay(&mut octets, at, &address.octets()),
                    };
                    lay(&mut octets, at, &socket.port().to_le_bytes())
                })
            }
        };
        let len = lay(&mut octets, len, more);
        let [a, b] = self.config.key;
        SipHasher24::new_with_keys(a, b).hash(octets.get(..len).unwrap_or_default())
    }
}

/// Puts a piece there; where the next one goes.
#[inline]
fn lay(octets: &mut [u8], at: usize, piece: &[u8]) -> usize {
    let end = at + piece.len();
    if let Some(place) = octets.get_mut(at..end) {
        place.copy_from_slice(piece);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::hash::Hasher;

    #[test]
    fn the_pieces_are_hashed_in_their_order() {
        let mut config = Config::new([10, 0, 0, 1]);
        config.key = [3, 4];
        let shared = Shared::new(config);
        for (local, remote) in [("10.0.0.1:80", "10.0.0.2:5000"), ("[fd00::1]:80", "[fd00::2]:5000")] {
            let pair = Pair { local: local.parse().unwrap(), remote: remote.parse().unwrap() };
            let mut hasher = SipHasher24::new_with_keys(3, 4);
            hasher.write_u8(Purpose::Cookie as u8);
            for socket in [pair.local, pair.remote] {
                match socket.ip() {
                    IpAddr::V4(address) => hasher.write(&address.octets()),
                    IpAddr::V6(address) => hasher.write(&address.octets()),
                }
                hasher.write(&socket.port().to_le_bytes());
            }
            assert_eq!(shared.hash(Purpose::Cookie, &pair), hasher.finish());
            hasher.write(&7_u32.to_le_bytes());
            hasher.write(&8_u64.to_le_bytes());
            hasher.write_u8(9);
            assert_eq!(shared.hash_cookie(&pair, 7, 8, 9), hasher.finish());
        }
    }
}

//! What names a connection.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

/// Both sockets of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pair {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

// All octets at once, since a keyed hash works on eight at a time.
impl Hash for Pair {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ports = u64::from(self.local.port()) << 16 | u64::from(self.remote.port());
        match (self.local.ip(), self.remote.ip()) {
            (IpAddr::V4(local), IpAddr::V4(remote)) => {
                state.write_u64(u64::from(local.to_bits()) << 32 | u64::from(remote.to_bits()));
                state.write_u64(ports);
            }
            (local, remote) => {
                for address in [local, remote] {
                    if let IpAddr::V6(address) = address {
                        state.write_u128(address.to_bits());
                    }
                }
                state.write_u64(ports);
            }
        }
    }
}

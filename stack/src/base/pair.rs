//! What names a connection.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

/// Both sockets of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pair {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

impl Pair {
    /// The sockets of no connection.
    pub(crate) const NOBODY: Self = {
        let nobody = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));
        Self { local: nobody, remote: nobody }
    };

    /// Both sockets in 13 octets, or in 37.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        match (self.local.ip(), self.remote.ip()) {
            (IpAddr::V4(local), IpAddr::V4(remote)) => {
                to.push(4);
                to.extend_from_slice(&local.octets());
                to.extend_from_slice(&remote.octets());
            }
            (local, remote) => {
                to.push(6);
                for address in [local, remote] {
                    let address = match address {
                        IpAddr::V4(address) => address.to_ipv6_mapped(),
                        IpAddr::V6(address) => address,
                    };
                    to.extend_from_slice(&address.octets());
                }
            }
        }
        for port in [self.local.port(), self.remote.port()] {
            to.extend_from_slice(&port.to_le_bytes());
        }
    }

    /// What was written, and what follows it.
    pub(crate) fn read(octets: &[u8]) -> (Self, &[u8]) {
        fn chunk<const N: usize>(octets: &mut &[u8]) -> [u8; N] {
            let (chunk, rest) =
                octets.split_first_chunk().map_or(([0; N], &[][..]), |(chunk, rest)| (*chunk, rest));
            *octets = rest;
            chunk
        }
        let mut rest = octets;
        let [version] = chunk(&mut rest);
        let [local, remote]: [IpAddr; 2] = if version == 4 {
            [(); 2].map(|()| chunk::<4>(&mut rest).into())
        } else {
            [(); 2].map(|()| chunk::<16>(&mut rest).into())
        };
        let [local_port, remote_port] = [(); 2].map(|()| u16::from_le_bytes(chunk(&mut rest)));
        (Self { local: (local, local_port).into(), remote: (remote, remote_port).into() }, rest)
    }
}

/// One socket, or an address alone with port 0, as a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Socket(pub(crate) SocketAddr);

// As for pairs.
impl Hash for Socket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let port = u64::from(self.0.port());
        match self.0.ip() {
            IpAddr::V4(address) => state.write_u64(u64::from(address.to_bits()) << 16 | port),
            IpAddr::V6(address) => {
                state.write_u128(address.to_bits());
                state.write_u64(port);
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        for (local, remote, len) in
            [("10.1.2.3:80", "192.0.2.9:65535", 13), ("[fd00::1]:1", "[2001:db8::ffff:9]:443", 37)]
        {
            let [local, remote] = [local, remote].map(|socket| socket.parse().unwrap());
            let pair = Pair { local, remote };
            let mut octets = Vec::new();
            pair.write(&mut octets);
            assert_eq!(octets.len(), len);
            octets.extend([7, 8]);
            assert_eq!(Pair::read(&octets), (pair, &[7, 8][..]));
        }
    }
}

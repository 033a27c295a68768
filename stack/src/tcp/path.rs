//! Path MTU discovery (RFC 1191, RFC 8201): what is known of the paths to peers, and for how long.

use crate::base::Time;
use hashbrown::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// What is known of a path is forgotten after this time, and larger packets are tried again (RFC 1191 §6.3, RFC 8201 §5.3).
const LIFETIME: Duration = Duration::from_secs(600);
/// Paths kept at most; then the one that would be forgotten first makes room.
const CAPACITY: usize = 1024;
/// Packets are made no smaller than this because of what a router says: every IPv4 host takes 576 octets (RFC 791), every IPv6 link 1280 (RFC
/// 8200 §5), and a forged message must not cut text into crumbs (RFC 5927 §7).
const FLOOR_V4: u16 = 576;
const FLOOR_V6: u16 = 1280;
/// Sizes of links, for routers that do not say theirs (RFC 1191 §7.1).
const PLATEAUS: [u16; 8] = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, FLOOR_V4];

/// What is known of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Path {
    /// Octets of a packet, headers included.
    pub(crate) mtu: u16,
    /// An IPv4 link takes even less: its router must cut packets.
    pub(crate) fragments: bool,
}

/// All paths about which a router has said something.
#[derive(Debug)]
pub(crate) struct Paths {
    /// Of our own link.
    own: u16,
    known: HashMap<IpAddr, (Path, Time)>,
    /// When the next one is forgotten.
    next: Option<Time>,
    /// Changes whenever a path does.
    generation: u32,
}

impl Paths {
    pub(crate) fn new(own: u16) -> Self {
        Self { own, known: HashMap::new(), next: None, generation: 0 }
    }

    /// The path to a peer.
    pub(crate) fn get(&self, remote: IpAddr) -> Path {
        let unknown = Path { mtu: self.own, fragments: false };
        self.known.get(&remote).map_or(unknown, |(path, _)| *path)
    }

    /// Changes whenever a path does.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// A packet of `packet` octets was too big for a link that takes `mtu`, zero if the router does not say. Whether that is news.
    pub(crate) fn too_big(&mut self, remote: IpAddr, packet: u16, mtu: u32, now: Time) -> bool {
        let floor = if remote.is_ipv4() { FLOOR_V4 } else { FLOOR_V6 };
        let mtu = match u16::try_from(mtu) {
            Ok(0) if remote.is_ipv4() => PLATEAUS.into_iter().find(|size| *size < packet).unwrap_or(FLOOR_V4),
            Ok(mtu) => mtu,
            Err(_) => return false,
        };
        let old = self.get(remote);
        let size = mtu.max(floor).min(old.mtu);
        let path = Path { mtu: size, fragments: old.fragments || (remote.is_ipv4() && mtu < size) };
        if path == old {
            return false;
        }
        if self.known.len() >= CAPACITY
            && !self.known.contains_key(&remote)
            && let Some(first) =
                self.known.iter().min_by_key(|(_, (_, until))| *until).map(|(remote, _)| *remote)
        {
            self.known.remove(&first);
        }
        let until = now + LIFETIME;
        self.known.insert(remote, (path, until));
        self.next = self.next.or(Some(until));
        self.generation = self.generation.wrapping_add(1);
        true
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&mut self, now: Time) {
        if self.next.is_none_or(|next| next > now) {
            return;
        }
        self.known.retain(|_, (_, until)| *until > now);
        self.next = self.known.values().map(|(_, until)| *until).min();
        self.generation = self.generation.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1));

    #[test]
    fn a_path_gets_smaller_never_larger_and_stays_above_the_floor() {
        let mut paths = Paths::new(1500);
        let mut said = |remote, packet, mtu| {
            let news = paths.too_big(remote, packet, mtu, Time::ZERO);
            let Path { mtu, fragments } = paths.get(remote);
            (news, mtu, fragments)
        };
        assert_eq!(said(V4, 1500, 1400), (true, 1400, false));
        assert_eq!(said(V4, 1500, 1450), (false, 1400, false), "larger than what is known");
        assert_eq!(said(V4, 1400, 0), (true, 1006, false), "the next smaller kind of link");
        assert_eq!(said(V4, 1006, 70_000), (false, 1006, false), "nonsense");
        assert_eq!(said(V4, 1006, 200), (true, 576, true));
        assert_eq!(said(V4, 1006, 800), (false, 576, true), "of another path, by then");
        assert_eq!(said(V6, 1500, 1400), (true, 1400, false));
        assert_eq!(said(V6, 1400, 100), (true, 1280, false));
        assert_eq!(said(V6, 1280, 0), (false, 1280, false));
        assert_eq!(paths.get(IpAddr::V4(Ipv4Addr::LOCALHOST)).mtu, 1500);
    }

    #[test]
    fn our_own_link_may_be_smaller_than_the_floor() {
        let mut paths = Paths::new(300);
        assert!(!paths.too_big(V4, 300, 400, Time::ZERO));
        assert_eq!(paths.get(V4).mtu, 300);
    }

    #[test]
    fn what_is_known_is_forgotten_and_bounded() {
        let mut paths = Paths::new(1500);
        let address = |n: u32| IpAddr::V4(Ipv4Addr::from(0x0b00_0000 + n));
        for n in 0..2000 {
            assert!(paths.too_big(address(n), 1500, 1400, Time::at(Duration::from_secs(n.into()))));
        }
        assert_eq!(paths.known.len(), CAPACITY);
        assert_eq!((paths.get(address(0)).mtu, paths.get(address(1999)).mtu), (1500, 1400));
        let before = paths.generation();
        paths.expire(Time::at(Duration::from_secs(1999)));
        assert_ne!(paths.generation(), before);
        assert_eq!(paths.known.len(), 600);
        paths.expire(Time::at(Duration::from_secs(3000)));
        assert_eq!((paths.known.len(), paths.next), (0, None));
        assert_eq!(paths.get(address(1999)).mtu, 1500);
    }
}

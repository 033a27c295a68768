//! How much fits into a packet to the peer (§3.7.1).

use crate::tcp::memo::Memo;
use crate::tcp::shared::{Shared, text_room};
use std::net::IpAddr;

/// The largest segment to send if the peer names none (MUST-15).
pub(crate) const fn default_mss(remote: IpAddr) -> u16 {
    match remote {
        IpAddr::V4(_) => 536,
        IpAddr::V6(_) => 1220,
    }
}

/// The smallest segment that a peer can ask for: what fits into the smallest packet that IPv4 knows (68 octets, RFC 791). So no peer can ask for text
/// in crumbs.
const LEAST_MSS: u16 = 28;

/// What a connection knows of the path to its peer. What all connections know is in [`Paths`](crate::tcp::path::Paths).
#[derive(Debug)]
pub(crate) struct PathMtu {
    /// Octets of text that fit into a packet to the peer.
    pub(crate) mss: u16,
    /// The largest segment that the peer takes if its SYN says nothing.
    default_mss: u16,
    /// Packets may be cut on their way.
    pub(super) may_fragment: bool,
    /// The version of the known paths when `mss` and `may_fragment` were last read from them.
    generation: u32,
    /// The path takes smaller packets than before, so what was under way is lost. Kept until it is recorded.
    pub(crate) shrunk: bool,
}

impl PathMtu {
    pub(super) fn new(remote: IpAddr, shared: &Shared) -> Self {
        let path = shared.paths.get(remote);
        Self {
            mss: text_room(path.mtu, remote),
            default_mss: default_mss(remote),
            may_fragment: path.fragments,
            generation: shared.paths.generation(),
            shrunk: false,
        }
    }

    /// Nothing is known yet.
    pub(super) fn blank(remote: IpAddr) -> Self {
        let default_mss = default_mss(remote);
        Self { mss: default_mss, default_mss, may_fragment: false, generation: 0, shrunk: false }
    }

    /// What is kept at rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { mss, default_mss: _, may_fragment, generation, shrunk } = self;
        memo.num(mss);
        memo.flags([may_fragment, shrunk]);
        memo.num(generation);
    }

    /// Reads again what is known of the path, if something has changed. True if less passes than before.
    pub(crate) fn refresh(&mut self, remote: IpAddr, shared: &Shared) -> bool {
        let generation = shared.paths.generation();
        if self.generation == generation {
            return false;
        }
        self.generation = generation;
        let path = shared.paths.get(remote);
        self.may_fragment = path.fragments;
        let before = std::mem::replace(&mut self.mss, text_room(path.mtu, remote));
        self.mss < before
    }

    /// SendMSS (§3.7.1): the largest segment that the peer takes. `said`: what its SYN said.
    pub(super) fn peer_mss(&self, said: Option<u16>) -> u16 {
        said.unwrap_or(self.default_mss).max(LEAST_MSS)
    }
}

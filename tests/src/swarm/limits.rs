//! When connections that nobody holds have to be over.

use super::host::Host;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::Time;

/// The time between two looks, a late call, a tick.
const SLACK: Duration = Duration::from_secs(12);

/// Octets by which a connection may exceed the bound for all memory ([`Config::memory`](tcpspec_stack::Config::memory)), and all of them by one packet.
const BEYOND: usize = 20 << 10;
const PACKET: usize = 64 << 10;

/// What was seen of a connection: what it had got done, and since when.
type Seen = ((State, u64, bool, bool), Time);

/// What was seen of connections.
#[derive(Default)]
pub(super) struct Limits {
    seen: [HashMap<(SocketAddr, SocketAddr), Seen>; 2],
}

impl Limits {
    /// The end begins anew.
    pub(super) fn forget(&mut self, end: usize) {
        self.seen[end].clear();
    }

    /// Looks at an end's connections.
    pub(super) fn check(&mut self, now: Time, end: usize, host: &Host) -> Result<(), String> {
        let config = host.stack.config();
        if config.max_orphans > 0 && host.stack.orphans() > config.max_orphans {
            return Err(format!(
                "{} released connections, of {} at most",
                host.stack.orphans(),
                config.max_orphans
            ));
        }
        if config.orphan_memory > 0 && host.stack.orphan_memory() > config.orphan_memory {
            return Err(format!(
                "released connections keep {} octets, of {} at most",
                host.stack.orphan_memory(),
                config.orphan_memory
            ));
        }
        let (octets, connections) = (host.stack.memory(), host.stack.connections());
        if config.memory > 0 && octets > config.memory + BEYOND * connections + PACKET {
            return Err(format!(
                "{connections} connections keep {octets} octets, of {} at most and some for each",
                config.memory
            ));
        }
        let before = std::mem::take(&mut self.seen[end]);
        for status in host.stack.table().0 {
            let key = (status.local, status.remote);
            // That our SYN is acknowledged is progress, too.
            let is = (status.state, status.traffic.octets_acknowledged, status.orphaned, status.established);
            let since = before.get(&key).filter(|(was, _)| *was == is).map_or(now, |(_, since)| *since);
            self.seen[end].insert(key, (is, since));
            // That our SYN is acknowledged cannot always be seen, before any text is.
            let since = if status.traffic.octets_acknowledged == 0 { since.max(host.heard) } else { since };
            let (since, limit) = match status.state {
                // The peer's FIN may come again, and begin the wait anew.
                State::TimeWait => (since.max(host.heard), config.msl * 2),
                State::SynReceived if !status.orphaned => (
                    since.max(host.heard),
                    config.r2_syn.mul_f64(host.stretch) + config.max_rto * 2 + config.initial_rto,
                ),
                _ if status.orphaned => (since, config.orphan_timeout),
                _ => continue,
            };
            let lasts = now.since(since.max(host.disturbed));
            if lasts > limit + SLACK {
                return Err(format!(
                    "end {end}: nothing has come of a connection that nobody holds for {lasts:?}, of {limit:?} at most: {status}"
                ));
            }
        }
        Ok(())
    }
}

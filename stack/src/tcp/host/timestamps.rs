//! Timestamps (RFC 7323): our clock, and what only the host knows of the peer's.

use super::ConnectionHost;
use crate::base::Time;
use crate::config::Config;
use crate::wire::tcp;
use std::time::Duration;
use tcpspec::{Flags, Seq};

/// A TS.Recent older than this says nothing (RFC 7323 §5.5).
const TS_RECENT_LIFETIME: Duration = Duration::from_secs(24 * 24 * 3600);

impl ConnectionHost {
    /// Both ends have agreed on timestamps (RFC 7323 §3.2).
    pub(crate) fn has_timestamps(&self, config: &Config) -> bool {
        config.timestamps && self.peer.is_some_and(|peer| peer.timestamps.is_some())
    }

    /// What our clock for timestamps shows: milliseconds (RFC 7323 §5.4).
    pub(crate) fn ts_now(&self, now: Time) -> u32 {
        self.ts_offset.wrapping_add(now.since_origin().as_millis() as u32)
    }

    /// What the rules see of a segment's timestamp: TSval if it counts, SEG.SEQ =< Last.ACK.sent, and whether TS.Recent is outdated.
    pub(crate) fn timestamp(
        &self,
        header: &tcp::Header,
        now: Time,
        config: &Config,
    ) -> (Option<u32>, bool, bool) {
        // A SYN offers them, whatever was agreed on before.
        let counts = config.timestamps && (header.flags.has(Flags::SYN) || self.has_timestamps(config));
        let ts = header.options.timestamps.filter(|_| counts).map(|timestamps| timestamps.val);
        let echoes = Seq::new(header.seq).at_or_before(self.last_ack);
        (ts, echoes, now.since(self.ts_taken) > TS_RECENT_LIFETIME)
    }
}

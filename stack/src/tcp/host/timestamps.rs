//! Timestamps (RFC 7323): our clock, and what only the host knows of the peer's.

use super::ConnectionHost;
use crate::base::{Pair, Time};
use crate::config::Config;
use crate::tcp::memo::Memo;
use crate::tcp::shared::{Purpose, Shared};
use crate::wire::tcp;
use std::time::Duration;
use tcpspec::{Flags, Full, Seq};

/// A TS.Recent older than this says nothing (RFC 7323 §5.5).
const TS_RECENT_LIFETIME: Duration = Duration::from_secs(24 * 24 * 3600);

/// The timestamps of a connection, TS.Recent aside, which is in the TCB.
#[derive(Debug, Default)]
pub(crate) struct TimestampState {
    /// What our clock for timestamps showed at the origin of time, once that was asked for.
    offset: Option<u32>,
    /// When TS.Recent was last confirmed.
    pub(super) taken: Time,
    /// Last.ACK.sent (RFC 7323 §4.3).
    pub(crate) last_ack: Seq<Full>,
}

impl TimestampState {
    /// What is kept at rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { offset, taken, last_ack } = self;
        memo.option(offset, |memo, offset| memo.word(offset));
        memo.time(taken);
        memo.theirs(last_ack);
    }

    /// The initial sequence number is chosen by this hash, and so is where the clock begins.
    pub(super) fn begin(&mut self, hash: u64) {
        self.offset = Some(offset_of(hash));
    }

    /// What our clock for timestamps shows: milliseconds (RFC 7323 §5.4), each connection's own.
    pub(super) fn clock(&mut self, now: Time, pair: &Pair, shared: &Shared) -> u32 {
        let own = || offset_of(shared.hash(Purpose::Beginnings, pair));
        self.offset.get_or_insert_with(own).wrapping_add((now.nanos() / 1_000_000) as u32)
    }
}

/// The half of the hash that no sequence number shows.
const fn offset_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl ConnectionHost {
    /// What the rules see of a segment's timestamp: TSval if it counts, SEG.SEQ =< Last.ACK.sent, and whether TS.Recent is outdated.
    pub(crate) fn timestamp(
        &self,
        header: &tcp::Header,
        now: Time,
        config: &Config,
    ) -> (Option<u32>, bool, bool) {
        // A SYN offers them, whatever was agreed on before.
        let counts =
            config.timestamps && (header.flags.has(Flags::SYN) || self.handshake.has_timestamps(config));
        let ts = header.options.timestamps.filter(|_| counts).map(|timestamps| timestamps.val);
        let echoes = Seq::new(header.seq).at_or_before(self.timestamps.last_ack);
        (ts, echoes, now.since(self.timestamps.taken) > TS_RECENT_LIFETIME)
    }
}

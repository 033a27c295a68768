//! What a connection keeps in TIME-WAIT, and what it keeps when it begins anew.

use super::ConnectionHost;
use crate::base::{Pair, Time};
use crate::config::Config;
use crate::tcp::receiving::Receiver;
use crate::tcp::shared::Shared;
use crate::wire::options::{Options, Timestamps};
use tcpspec::{Full, Seq, Timer};

/// What is left of a [`ConnectionHost`] in TIME-WAIT, once nothing but 2MSL is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeWaitHost {
    until: Option<Time>,
    ts_taken: Time,
    challenges: (Time, u32),
    last_ack: Seq<Full>,
    notices: u16,
    window_scale: Option<u8>,
    timestamps: bool,
    hop_limit: u8,
    traffic_class: u8,
}

impl ConnectionHost {
    /// What TIME-WAIT needs of it.
    pub(crate) fn time_wait(&self) -> TimeWaitHost {
        TimeWaitHost {
            until: self.timers[Timer::TimeWait as usize],
            ts_taken: self.ts_taken,
            challenges: self.challenges,
            last_ack: self.last_ack,
            notices: self.notices,
            window_scale: self.peer.and_then(|peer| peer.window_scale),
            timestamps: self.peer.is_some_and(|peer| peer.timestamps.is_some()),
            hop_limit: self.hop_limit,
            traffic_class: self.traffic_class,
        }
    }

    /// As new, for another attempt with these sockets. What stays: what the user has set or has not heard of yet, and what limits or judges the whole.
    pub(crate) fn renew(&mut self, pair: &Pair, shared: &Shared) {
        let mut receiver = Receiver::new(&shared.config);
        if self.receiver.raised {
            receiver.raise(self.settings.receive_limit(&shared.config));
        }
        receiver.bound(self.settings.receive_buffer);
        *self = Self {
            settings: self.settings,
            hop_limit: self.hop_limit,
            traffic_class: self.traffic_class,
            orphaned: self.orphaned,
            challenges: self.challenges,
            last_ack: self.last_ack,
            error: self.error,
            recorded: self.recorded.take(),
            traffic: self.traffic,
            receiver,
            ..Self::new(pair, shared)
        };
    }

    /// Takes it back.
    pub(crate) fn restore(&mut self, time_wait: &TimeWaitHost) {
        let TimeWaitHost {
            until,
            ts_taken,
            challenges,
            last_ack,
            notices,
            window_scale,
            timestamps,
            hop_limit,
            traffic_class,
        } = *time_wait;
        self.timers[Timer::TimeWait as usize] = until;
        // Only such a connection keeps so little.
        self.orphaned = true;
        (self.ts_taken, self.challenges, self.last_ack, self.notices) =
            (ts_taken, challenges, last_ack, notices);
        (self.hop_limit, self.traffic_class) = (hop_limit, traffic_class);
        self.peer = Some(Self::said(window_scale, timestamps));
    }

    /// A connection begins. The TCB alone remembers an older one between the same sockets.
    pub(super) fn begin_anew(&mut self) {
        self.older = self.peer.take().map(|peer| (peer.window_scale, peer.timestamps.is_some()));
        self.notices = 0;
    }

    /// Before a pair of sockets is taken again: the settings of its older user do not hold for the newer user.
    pub(crate) fn as_configured(&mut self, config: &Config) {
        (self.hop_limit, self.traffic_class, self.orphaned) =
            (config.hop_limit.max(1), config.traffic_class, false);
    }

    /// 2MSL begin. If no SYN of the peer was taken, they are the older connection's.
    pub(super) fn waits_again(&mut self) {
        let older = self.older.take();
        self.peer = self.peer.or(older.map(|(scale, timestamps)| Self::said(scale, timestamps)));
    }

    fn said(window_scale: Option<u8>, timestamps: bool) -> Options {
        let timestamps = timestamps.then(Timestamps::default);
        Options { window_scale, timestamps, ..Options::default() }
    }
}

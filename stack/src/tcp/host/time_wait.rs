//! What a connection keeps in TIME-WAIT, and what it keeps when it begins anew.

use super::ConnectionHost;
use super::acknowledging::{Acknowledgments, ChallengeLimit};
use super::handshake::LastingOptions;
use super::initial::IpSettings;
use super::orphan::Orphan;
use super::reports::UserReports;
use crate::base::{Pair, Span, Time};
use crate::config::Config;
use crate::tcp::memo::Memo;
use crate::tcp::receiving::Receiver;
use crate::tcp::shared::Shared;
use std::sync::Arc;
use tcpspec::{Full, Seq, Timer};

/// What is left of a [`ConnectionHost`] in TIME-WAIT, once nothing but 2MSL is waited for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeWaitHost {
    until: Option<Time>,
    timestamp_taken: Time,
    challenges: ChallengeLimit,
    last_ack: Seq<Full>,
    notices: u16,
    options: LastingOptions,
    ip: IpSettings,
}

impl TimeWaitHost {
    /// Its facts, in 26 bits.
    pub(crate) fn bits(&self, config: &Config) -> u32 {
        let Self { until, timestamp_taken: _, challenges, last_ack: _, notices, options, ip } = self;
        let flags = [until.is_some(), challenges.is_counting(), *ip == IpSettings::new(config)];
        let bits = flags.into_iter().fold(options.bits(), |bits, flag| bits << 1 | u32::from(flag));
        bits << 16 | u32::from(*notices)
    }

    /// The other way, and what the bits do not say, both ways.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo, bits: u32, config: &Config) {
        let Self { until, timestamp_taken, challenges, last_ack, notices, options, ip } = self;
        let [is_plain, was_challenged, runs] = [16, 17, 18].map(|bit| bits >> bit & 1 == 1);
        (*notices, *options) = (bits as u16, LastingOptions::from_bits(bits >> 19));
        if runs {
            let until = until.get_or_insert_default();
            let mut nanos = until.nanos();
            memo.wide(&mut nanos);
            *until = Time::ZERO + Span::from_nanos(nanos);
            // The last timestamp came with what has started 2MSL.
            let span = config.msl.saturating_mul(2).into();
            memo.near_mut().at = until.checked_sub(span).unwrap_or_default();
        }
        memo.time(timestamp_taken);
        if was_challenged {
            challenges.keep(memo);
        }
        if is_plain {
            *ip = IpSettings::new(config);
        } else {
            ip.keep(memo);
        }
        memo.theirs(last_ack);
    }
}

impl ConnectionHost {
    /// What TIME-WAIT needs of it.
    pub(crate) fn time_wait(&self) -> TimeWaitHost {
        TimeWaitHost {
            until: self.timers[Timer::TimeWait],
            timestamp_taken: self.timestamps.taken,
            challenges: self.acks.challenges,
            last_ack: self.timestamps.last_ack,
            notices: self.reports.notices,
            options: self.handshake.lasting(),
            ip: self.ip,
        }
    }

    /// Takes it back.
    pub(crate) fn restore(&mut self, kept: &TimeWaitHost) {
        let TimeWaitHost { until, timestamp_taken, challenges, last_ack, notices, options, ip } = *kept;
        self.timers[Timer::TimeWait] = until;
        // Only a connection that nobody holds keeps so little.
        self.orphan.abandoned = true;
        (self.timestamps.taken, self.timestamps.last_ack) = (timestamp_taken, last_ack);
        self.acks.challenges = challenges;
        self.reports.notices = notices;
        self.handshake.restore(options);
        self.ip = ip;
    }

    /// As new, for another attempt with these sockets. What stays: what the user has set or has not heard of yet, and what limits or judges the whole.
    pub(crate) fn renew(&mut self, pair: &Pair, shared: &Shared) {
        let mut receiver = Receiver::new(&shared.config);
        if self.receiver.raised {
            receiver.raise(self.settings.receive_limit(&shared.config));
        }
        receiver.bound(self.settings.receive_buffer);
        let last_ack = self.timestamps.last_ack;
        *self = Self {
            settings: Arc::clone(&self.settings),
            ip: self.ip,
            orphan: Orphan { abandoned: self.orphan.abandoned, ..Orphan::default() },
            acks: Acknowledgments { challenges: self.acks.challenges, ..Acknowledgments::default() },
            reports: UserReports { error: self.reports.error, ..UserReports::default() },
            recorded: self.recorded.take(),
            traffic: self.traffic,
            receiver,
            ..Self::new(pair, shared)
        };
        self.timestamps.last_ack = last_ack;
    }
}

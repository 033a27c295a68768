//! The timers: when each runs out, how long each waits, and when the connection gives up.

use super::ConnectionHost;
use super::acknowledging::MAX_DELAY;
use crate::base::{Span, Time};
use crate::config::Config;
use crate::tcp::memo::Memo;
use crate::tcp::rto::Rto;
use crate::tcp::shared::Shared;
use std::ops::{Index, IndexMut};
use tcpspec::{Facts, Full, Tcb, Timer};

/// Waits that follow each other double up to this.
const MAX_PERSIST: Span = Span::from_secs(60);

/// The timers of a connection, and what they count. Indexed by a timer: when it runs out.
#[derive(Debug)]
pub(crate) struct Timers {
    /// When each runs out.
    pub(crate) deadlines: [Option<Time>; Timer::ALL.len()],
    pub(crate) rto: Rto,
    /// How often the retransmission timer has run out for what is now the oldest segment.
    pub(super) retries: u32,
    /// Since when the oldest segment has waited for its acknowledgment. Time in which nobody called us though the timer had run out moves this later.
    pub(super) oldest_since: Option<Time>,
    /// Since when text or a FIN of the user has waited for delivery without progress. The user timeout counts from then, whenever it is set.
    pub(crate) undelivered_since: Option<Time>,
    /// How often the persist timer was started since the window closed.
    pub(super) persists: u32,
    /// Keep-alive probes since the peer was last heard.
    probes: u32,
}

impl Index<Timer> for Timers {
    type Output = Option<Time>;

    fn index(&self, timer: Timer) -> &Option<Time> {
        &self.deadlines[timer as usize]
    }
}

impl IndexMut<Timer> for Timers {
    fn index_mut(&mut self, timer: Timer) -> &mut Option<Time> {
        &mut self.deadlines[timer as usize]
    }
}

impl Timers {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            deadlines: [None; Timer::ALL.len()],
            rto: Rto::new(config.initial_rto, config.min_rto, config.max_rto),
            retries: 0,
            oldest_since: None,
            undelivered_since: None,
            persists: 0,
            probes: 0,
        }
    }

    /// None runs but that of keep-alive.
    pub(super) fn may_rest(&self) -> bool {
        let runs = |timer: &&Timer| self[**timer].is_some();
        Timer::ALL.iter().filter(runs).all(|timer| matches!(timer, Timer::KeepAlive))
            && self.oldest_since.is_none()
            && self.undelivered_since.is_none()
    }

    /// What is kept of timers that may rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        memo.option(&mut self[Timer::KeepAlive], |memo, time| memo.time(time));
        let Self { deadlines: _, rto, retries, oldest_since: _, undelivered_since: _, persists, probes } =
            self;
        rto.keep(memo);
        memo.num(retries);
        memo.num(persists);
        memo.num(probes);
    }

    /// The retransmission timer was due at `due`, and the host is called only now. Nothing could be sent again in between, so R2 does not count that time.
    pub(super) fn forgive(&mut self, due: Option<Time>, now: Time) {
        if let (Some(since), Some(due)) = (&mut self.oldest_since, due) {
            *since = (*since + now.since(due)).min(now);
        }
    }
}

impl ConnectionHost {
    /// How long a timer that starts now waits; nothing if it shall not run.
    pub(super) fn interval(&self, timer: Timer, config: &Config) -> Option<Span> {
        let timers = &self.timers;
        let span = match timer {
            Timer::Retransmission => return Some(timers.rto.get()),
            Timer::Persist => {
                let doubled = timers.rto.get().saturating_mul(1 << timers.persists.min(6));
                return Some(doubled.min(MAX_PERSIST));
            }
            Timer::KeepAlive if timers.probes > 0 => self.settings.keep_alive.map(|on| on.interval),
            Timer::KeepAlive => self.settings.keep_alive.map(|on| on.idle),
            Timer::DelayedAck => Some(self.settings.delayed_ack.min(MAX_DELAY)),
            Timer::TimeWait => Some(config.msl.saturating_mul(2)),
            Timer::User => self.settings.user_timeout,
            Timer::Orphan => self.orphan.limit(config),
        };
        span.map(Span::from)
    }

    /// The timer that was due then has run out. This comes before the machine's event.
    pub(crate) fn expired(
        &mut self,
        (timer, due): (Timer, Option<Time>),
        tcb: &Tcb<Full>,
        now: Time,
        shared: &Shared,
    ) {
        match timer {
            Timer::Retransmission => {
                self.timers.forgive(due, now);
                let mss = self.send_mss(shared);
                self.timers.retries += 1;
                self.handshake.syn_lost |= !tcb.facts.has(Facts::SYN_ACKED);
                self.timers.rto.back_off();
                let closed = tcb.send_window() == 0;
                self.sender.timed_out(closed, tcb.in_flight(), mss, self.timers.rto.smoothed(), now);
                self.sender.target = None;
            }
            // With something under way no probe is sent: that has limits of its own.
            Timer::KeepAlive => self.timers.probes += u32::from(tcb.in_flight() == 0),
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User | Timer::Orphan => {}
        }
    }

    /// R1 and R2 (§3.8.3, §3.8.4). R2 is a time, and as many retransmissions as fit into it: one at least, however long a host has slept.
    pub(crate) fn limits(&self, timer: Timer, tcb: &Tcb<Full>, now: Time, config: &Config) -> (bool, bool) {
        let timers = &self.timers;
        match timer {
            Timer::Retransmission => {
                let r2 = if tcb.facts.has(Facts::SYN_ACKED) { self.settings.r2 } else { config.r2_syn };
                let waited = timers.oldest_since.is_some_and(|since| now.since(since) >= r2);
                (timers.retries >= self.settings.r1, waited && timers.retries > 1)
            }
            Timer::KeepAlive => {
                (false, self.settings.keep_alive.is_none_or(|on| timers.probes > on.probes.max(2)))
            }
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User | Timer::Orphan => {
                (false, false)
            }
        }
    }

    /// Something acceptable has come from the peer: the idle time begins anew (§3.8.4), if it runs.
    pub(super) fn heard(&mut self, now: Time) {
        self.timers.probes = 0;
        self.reports.soft_error = None;
        let timer = &mut self.timers[Timer::KeepAlive];
        *timer = timer.and(self.settings.keep_alive).map(|on| now + on.idle);
    }
}

//! What a connection knows besides its text: what was agreed on, how long it may wait, and whether a user still holds it.

use super::ConnectionHost;
use crate::base::Time;
use crate::config::Config;
use crate::tcp::shared::Shared;
use std::time::Duration;
use tcpspec::{Facts, Full, Notice, Tcb, Timer};

impl ConnectionHost {
    /// What follows once the peer's SYN is taken and the connection perhaps established.
    pub(crate) fn agree(&mut self, shared: &Shared) {
        let sack = self.has_sack(&shared.config, None);
        self.sender.recovery.set_sack(sack);
        if self.noticed(Notice::Established) {
            let mss = self.send_mss(shared);
            self.sender.establish(shared.config.congestion, mss, self.syn_lost);
        }
    }

    /// How long the connection may last without progress.
    pub(super) fn orphan_limit(&self, config: &Config) -> Option<Duration> {
        Some(config.orphan_timeout).filter(|limit| self.orphaned && !limit.is_zero())
    }

    /// Octets that text takes, on its way out and in.
    pub(crate) fn kept(&self) -> usize {
        self.send.len() + self.reassembly.memory() + self.received.len()
    }

    /// The retransmission timer was due at `due`, and the host is called only now. Nothing could be sent again in between, so R2 does not count that time.
    pub(crate) fn forgive(&mut self, due: Option<Time>, now: Time) {
        if let (Some(since), Some(due)) = (&mut self.since, due) {
            *since = (*since + now.since(due)).min(now);
        }
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
                self.forgive(due, now);
                let mss = self.send_mss(shared);
                self.retries += 1;
                self.syn_lost |= !tcb.facts.has(Facts::SYN_ACKED);
                self.rto.back_off();
                let closed = tcb.send_window() == 0;
                self.sender.timed_out(closed, tcb.in_flight(), mss, self.rto.smoothed(), now);
                self.sender.target = None;
            }
            // With something under way no probe is sent: that has limits of its own.
            Timer::KeepAlive => self.probes += u32::from(tcb.in_flight() == 0),
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User | Timer::Orphan => {}
        }
    }

    /// R1 and R2 (§3.8.3, §3.8.4). R2 is a time, and as many retransmissions as fit into it: one at least, however long a host has slept.
    pub(crate) fn limits(&self, timer: Timer, tcb: &Tcb<Full>, now: Time, config: &Config) -> (bool, bool) {
        match timer {
            Timer::Retransmission => {
                let r2 = if tcb.facts.has(Facts::SYN_ACKED) { self.settings.r2 } else { config.r2_syn };
                let waited = self.since.is_some_and(|since| now.since(since) >= r2);
                (self.retries >= self.settings.r1, waited && self.retries > 1)
            }
            Timer::KeepAlive => {
                (false, self.settings.keep_alive.is_none_or(|on| self.probes > on.probes.max(2)))
            }
            Timer::Persist | Timer::DelayedAck | Timer::TimeWait | Timer::User | Timer::Orphan => {
                (false, false)
            }
        }
    }

    /// The MSS that a SYN announces (§3.7.1): `link`, what fits into a packet of ours, or less.
    pub(super) fn own_mss(&self, link: u16) -> u16 {
        self.settings.largest_segment.map_or(link, |most| link.min(most))
    }

    /// The scale of windows that we announce.
    pub(crate) fn window_scale(&self, config: &Config) -> u8 {
        self.scales(config, None).0
    }

    /// Something acceptable has come from the peer: the idle time begins anew (§3.8.4), if it runs.
    pub(crate) fn heard(&mut self, now: Time) {
        self.probes = 0;
        self.soft_error = None;
        let timer = &mut self.timers[Timer::KeepAlive as usize];
        *timer = timer.and(self.settings.keep_alive).map(|on| now + on.idle);
    }
}

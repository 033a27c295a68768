//! RACK: a segment is lost if one that was sent later has arrived, later by more than the reordering window (RFC 8985 §6).

use super::scoreboard::{Delivered, Sent, Verdict};
use crate::base::{Span, Time};
use crate::tcp::memo::Memo;
use tcpspec::{Full, Seq};

/// Segments beyond a hole that make it a loss where reordering was never seen.
const DUP_THRESH: u32 = 3;
/// Recoveries without a D-SACK after which the reordering window is small again.
const PERSIST: u32 = 16;
/// How long the smallest round trip counts.
const MIN_RTT_SPAN: Span = Span::from_secs(300);

/// What has arrived most recently, and how much reordering to allow for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rack {
    /// For the newest of what has arrived: its place in the order of sending (the RFC has its time), and the number after it. Parts that
    /// left as one have the same place.
    newest: Option<(u64, Seq<Full>)>,
    /// Its round trip.
    rtt: Span,
    /// The smallest round trip, and when it was measured.
    min_rtt: Option<(Span, Time)>,
    /// The number after the highest that has arrived.
    fack: Option<Seq<Full>>,
    reordering_seen: bool,
    /// A D-SACK has come. Until this number is acknowledged, further D-SACKs count as the same.
    dsack_round: Option<Seq<Full>>,
    /// The window is 1 + this many quarters of the smallest round trip.
    widened: u32,
    persist: u32,
}

impl Rack {
    /// What is kept while nothing is under way, both ways. Whatever is sent next is newer than what has arrived.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { newest: _, rtt, min_rtt, fack, reordering_seen, dsack_round, widened, persist } = self;
        memo.span(rtt);
        memo.option(min_rtt, |memo, (span, time)| {
            memo.span(span);
            memo.time(time);
        });
        memo.option(fack, |memo, number| memo.ours(number));
        memo.flags([reordering_seen]);
        memo.option(dsack_round, |memo, number| memo.ours(number));
        memo.num(widened);
        memo.num(persist);
    }

    /// The smallest round trip of late.
    pub(crate) fn min_rtt(&self) -> Option<Span> {
        self.min_rtt.map(|(rtt, _)| rtt)
    }

    /// A round trip was measured without ambiguity.
    pub(crate) fn measured(&mut self, rtt: Span, now: Time) {
        if self.min_rtt.is_none_or(|(min, at)| rtt <= min || now.span_since(at) > MIN_RTT_SPAN) {
            self.min_rtt = Some((rtt, now));
        }
    }

    /// Something has arrived. `echoed`: when the segment with the echoed timestamp was sent, if it is this one. `fack`: the highest number before this acknowledgment.
    pub(crate) fn delivered(
        &mut self,
        what: Delivered,
        fack: Option<Seq<Full>>,
        echoed: Option<Time>,
        now: Time,
    ) {
        match fack {
            // Sent once, and later things have come before it.
            Some(fack) if what.end.before(fack) && !what.again => self.reordering_seen = true,
            _ => {}
        }
        if self.fack.is_none_or(|fack| fack.before(what.end)) {
            self.fack = Some(what.end);
        }
        let Some(Sent { at, order }) = what.sent else { return };
        let rtt = now.span_since(at);
        // What was sent again may have arrived the first time.
        if what.again
            && (echoed.is_some_and(|echoed| echoed < at) || self.min_rtt().is_some_and(|min| rtt < min))
        {
            return;
        }
        self.rtt = rtt;
        if self.newest.is_none_or(|newest| sent_after((order, what.end), newest)) {
            self.newest = Some((order, what.end));
        }
    }

    /// Whether something newer than this has arrived.
    pub(crate) fn is_older(&self, order: u64, end: Seq<Full>) -> bool {
        self.newest.is_some_and(|newest| sent_after(newest, (order, end)))
    }

    /// The highest number that has arrived.
    pub(crate) fn fack(&self) -> Option<Seq<Full>> {
        self.fack
    }

    /// The peer has got something twice: the window was too small.
    pub(crate) fn duplicate_seen(&mut self, una: Seq<Full>, next: Seq<Full>) {
        if self.dsack_round.is_some_and(|round| round.at_or_before(una)) {
            self.dsack_round = None;
        }
        if self.dsack_round.is_none() {
            self.dsack_round = Some(next);
            self.widened = self.widened.saturating_add(1);
            self.persist = PERSIST;
        }
    }

    /// A recovery has ended.
    pub(crate) fn recovered(&mut self) {
        self.persist = self.persist.saturating_sub(1);
        if self.persist == 0 {
            self.widened = 0;
        }
    }

    /// The reordering window (§6.2 step 4).
    pub(crate) fn window(&self, recovering: bool, segments_sacked: u32, srtt: Option<Span>) -> Span {
        if !self.reordering_seen && (recovering || segments_sacked >= DUP_THRESH) {
            return Span::ZERO;
        }
        let Some(min) = self.min_rtt() else { return Span::ZERO };
        (min / 4).saturating_mul(self.widened.saturating_add(1)).min(srtt.unwrap_or(min))
    }

    /// Whether something that was sent then and ends at `end` is lost. If that shows only later, `wait` grows to that time.
    pub(crate) fn verdict(
        &self,
        sent: Sent,
        end: Seq<Full>,
        window: Span,
        now: Time,
        wait: &mut Option<Span>,
    ) -> Verdict {
        if !self.is_older(sent.order, end) {
            return Verdict::TooYoung;
        }
        let due = sent.at + self.rtt + window;
        if due <= now {
            return Verdict::Lost;
        }
        *wait = Some(due.span_since(now).max(wait.unwrap_or_default()));
        Verdict::Waits
    }

    /// After a timeout: what was sent more than a round trip and the window ago is lost (§6.3).
    pub(crate) fn is_overdue(&self, at: Time, window: Span, now: Time) -> bool {
        at + self.rtt + window <= now
    }
}

/// Sent later, or as a later part of the same.
fn sent_after(a: (u64, Seq<Full>), b: (u64, Seq<Full>)) -> bool {
    a.0 > b.0 || (a.0 == b.0 && b.1.before(a.1))
}

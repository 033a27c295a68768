//! What a connection sends when the table lets it: congestion window, Nagle, silly windows, cork, and what is sent again.

use crate::base::{Span, Time};
use crate::config::Settings;
use crate::congestion::{Acked, Congestion, Flight, Make, initial_window};
use crate::tcp::memo::Memo;
use crate::tcp::recovery::{Ack, Block, Recovery};
use crate::watch::status::Status;
use crate::watch::traffic::Repairs;
use std::time::Duration;
use tcpspec::{Facts, Full, Seq, Tcb};

/// How long text that is not worth a segment of its own waits for more, or for a wider window (§3.8.6.2.1: 0.1 to 1 second).
const OVERRIDE: Duration = Duration::from_millis(200);

/// The sending half of a connection, without its text.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    pub(crate) recovery: Recovery,
    /// From the establishment on.
    congestion: Option<Box<dyn Congestion>>,
    /// The number after the last segment that was not full.
    small: Option<Seq<Full>>,
    /// The congestion window was the limit when this was SND.NXT.
    limited: Option<Seq<Full>>,
    last_sent: Option<Time>,
    /// When text leaves that is not worth a segment.
    pub(crate) overdue: Option<Time>,
    /// The time of that deadline has come.
    forced: bool,
    /// A tail loss probe is being sent: the congestion window is no limit.
    pub(crate) probing: bool,
    /// What the event `retransmission` shall send again; the front if nothing.
    pub(crate) target: Option<Block>,
    /// The front should be sent again although its timer has not run out.
    pub(crate) resend_now: bool,
    /// The first loss of a recovery is sent again whatever the congestion window (RFC 6675 §5 step 4.3).
    at_once: bool,
    pub(crate) repairs: Repairs,
}

/// The windows of a congestion control, to look at.
#[derive(Debug)]
struct Shown {
    window: u32,
    threshold: u32,
}

impl Congestion for Shown {
    fn window(&self) -> u32 {
        self.window
    }

    fn threshold(&self) -> u32 {
        self.threshold
    }

    fn acknowledged(&mut self, _: &Acked) {}

    fn congested(&mut self, _: &Flight) {}

    fn timed_out(&mut self, _: &Flight, _: bool) {}

    fn idle(&mut self, _: u32) {}
}

impl Sender {
    /// Nothing is under way or waits to be sent again.
    pub(crate) fn may_rest(&self) -> bool {
        let Self { recovery, overdue, forced, probing, target, resend_now, .. } = self;
        let asked = *forced || *probing || *resend_now || overdue.is_some() || target.is_some();
        !asked && recovery.may_rest()
    }

    /// What is kept of a sender that may rest, both ways. The congestion control goes by itself.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self {
            recovery,
            congestion: _,
            small,
            limited,
            last_sent,
            overdue: _,
            forced: _,
            probing: _,
            target: _,
            resend_now: _,
            at_once,
            repairs,
        } = self;
        recovery.keep(memo);
        memo.option(small, |memo, number| memo.ours(number));
        memo.option(limited, |memo, number| memo.ours(number));
        memo.option(last_sent, |memo, time| memo.time(time));
        memo.flags([at_once]);
        let Repairs { again, timeouts, probes, congestion } = repairs;
        for count in [again, timeouts, probes, congestion] {
            memo.num(count);
        }
    }

    pub(crate) fn take_congestion(&mut self) -> Option<Box<dyn Congestion>> {
        self.congestion.take()
    }

    pub(crate) fn give_congestion(&mut self, congestion: Option<Box<dyn Congestion>>) {
        self.congestion = congestion;
    }

    /// The same windows, to look at.
    pub(crate) fn show_congestion(&mut self, congestion: Option<&dyn Congestion>) {
        self.congestion = congestion.map(|control| -> Box<dyn Congestion> {
            Box::new(Shown { window: control.window(), threshold: control.threshold() })
        });
    }

    /// The congestion window in octets.
    pub(crate) fn window(&self, mss: u32) -> u32 {
        self.congestion.as_ref().map_or_else(|| initial_window(mss, false), |control| control.window())
    }

    /// The slow start threshold in octets.
    pub(crate) fn threshold(&self) -> u32 {
        self.congestion.as_ref().map_or(u32::MAX, |control| control.threshold())
    }

    /// The connection is established: congestion control begins.
    pub(crate) fn establish(&mut self, make: Make, mss: u32, syn_lost: bool) {
        if self.congestion.is_none() {
            self.congestion = Some(make(initial_window(mss, syn_lost)));
        }
    }

    /// Something with numbers leaves.
    pub(crate) fn sent(&mut self, seq: Seq<Full>, len: u32, text: u32, mss: u32, now: Time) {
        if seq == self.recovery.end() {
            if text > 0 && text < mss {
                self.small = Some(seq.plus(text));
            }
        } else {
            self.repairs.again += 1;
        }
        self.last_sent = Some(now);
        self.overdue = None;
        self.recovery.sent(seq, len, now);
    }

    /// An acceptable acknowledgment has come. `octets`: how much text it acknowledges; `flight`: what was outstanding before.
    /// Gives what it measured, if anything.
    #[inline(always)]
    pub(crate) fn acknowledged(&mut self, ack: &Ack<'_>, octets: u32, flight: u32) -> Option<Span> {
        let before = self.recovery.una();
        let outcome = self.recovery.acknowledged(ack);
        if self.small.is_some_and(|small| small.at_or_before(ack.una)) {
            self.small = None;
        }
        // If the window was no limit, an acknowledgment says nothing about it (RFC 9438 §5.8, RFC 7661).
        let was_limit = self.limited.is_some_and(|limited| before.at_or_before(limited));
        if self.limited.is_some_and(|limited| limited.before(ack.una)) {
            self.limited = None;
        }
        if outcome.congested {
            self.congested(flight, ack.mss, ack.now);
        } else if octets > 0 && was_limit && self.recovery.may_grow() {
            let round_trip = ack.srtt.map(Duration::from);
            if let Some(control) = &mut self.congestion {
                control.acknowledged(&Acked { octets, mss: ack.mss, round_trip, now: ack.now });
            }
        }
        outcome.rtt
    }

    /// Something was lost that tells of congestion.
    pub(crate) fn congested(&mut self, flight: u32, mss: u32, now: Time) {
        // What a probe has repaired is lost no longer.
        self.at_once = self.recovery.next_lost().is_some();
        self.repairs.congestion += 1;
        if let Some(control) = &mut self.congestion {
            control.congested(&Flight { octets: flight, mss, now });
        }
    }

    /// The retransmission timer has run out. `closed`: the peer's window is closed, so that this was a probe and no sign of congestion.
    pub(crate) fn timed_out(&mut self, closed: bool, flight: u32, mss: u32, srtt: Option<Span>, now: Time) {
        let first = self.recovery.timed_out(now, mss, srtt);
        // One timeout, one segment (RFC 6298 §5.4), whatever was to be sent at once before.
        self.at_once = false;
        self.repairs.timeouts += 1;
        if let Some(control) = self.congestion.as_mut().filter(|_| !closed) {
            control.timed_out(&Flight { octets: flight, mss, now }, first);
        }
    }

    /// What to send again now, if anything is lost and may be.
    pub(crate) fn next_again(&mut self, tcb: &Tcb<Full>, mss: u32) -> Option<Block> {
        let (from, until) = self.recovery.next_lost()?;
        let len = from.distance(until).min(mss);
        let pipe = self.recovery.pipe();
        let fits = pipe == 0 || self.at_once || pipe.saturating_add(len) <= self.window(mss);
        if !fits {
            self.limited = Some(tcb.snd_nxt);
        }
        // Where the peer has drawn its window back, only the timer asks.
        let within = tcb.snd_una.distance(from) < tcb.send_window();
        (fits && within).then_some((from, from.plus(len)))
    }

    /// A loss was sent again.
    pub(crate) fn was_again(&mut self) {
        self.at_once = false;
    }

    /// Octets of text that leave in one go now; zero for none. As many as one segment takes, or as many whole segments as `max` takes, which
    /// the device cuts up.
    #[inline(always)]
    pub(crate) fn allowance(
        &mut self,
        tcb: &Tcb<Full>,
        settings: &Settings,
        (mss, max): (u32, u32),
        rto: Span,
        now: Time,
    ) -> u32 {
        let (unsent, in_flight) = (tcb.unsent(), tcb.in_flight());
        // A device that cuts would give each segment the same pointer, but a pointer counts from the segment's own number.
        let max = if tcb.facts.has(Facts::URGENT_OUT) { max.min(mss) } else { max };
        let whole = |text: u32| if text > mss { text - text % mss } else { text };
        let text = whole(unsent.min(tcb.usable_window()).min(max));
        if text == 0 {
            self.overdue = None;
            return 0;
        }
        if self.probing {
            return text.min(mss);
        }
        // RFC 5681 §4.1: after a pause the window is what it was at the beginning.
        if in_flight == 0 && self.last_sent.is_some_and(|last| now.span_since(last) > rto) {
            if let Some(control) = &mut self.congestion {
                control.idle(initial_window(mss, false));
            }
            // Once is enough; the text may still wait.
            self.last_sent = None;
        }
        let (pipe, window) = (self.recovery.pipe(), self.window(mss));
        let text = if text > mss { whole(text.min(window.saturating_sub(pipe).max(mss))) } else { text };
        if pipe > 0 && pipe.saturating_add(text) > window {
            self.limited = Some(tcb.snd_nxt);
            self.overdue = None;
            return 0;
        }
        if self.forced || self.is_worth_it(tcb, settings, text, mss) {
            return text;
        }
        // With something under way an acknowledgment will come, and this is asked again. Otherwise, or if corked, time decides.
        if in_flight == 0 || settings.cork {
            self.overdue = self.overdue.or(Some(now + OVERRIDE));
        }
        0
    }

    /// Whether text has waited long enough (§3.8.6.2.1): then it leaves when [`allowance`](Self::allowance) is asked next.
    pub(crate) fn check_overdue(&mut self, now: Time) {
        if self.overdue.is_some_and(|at| at <= now) {
            self.overdue = None;
            self.forced = true;
        }
    }

    /// Everything that may be sent now has been.
    pub(crate) fn settled(&mut self) {
        self.forced = false;
    }

    /// §3.8.6.2.1 and §3.7.4, the latter as Minshall has it: a small segment waits only while another small one is under way.
    fn is_worth_it(&self, tcb: &Tcb<Full>, settings: &Settings, text: u32, mss: u32) -> bool {
        if text >= mss {
            return true;
        }
        let is_all = text == tcb.unsent();
        if is_all && tcb.facts.has(Facts::CLOSED) {
            // Nothing will be added to it.
            return true;
        }
        if settings.cork {
            return false;
        }
        let waits = !settings.no_delay && self.small.is_some_and(|small| tcb.snd_una.before(small));
        (is_all || text >= tcb.max_snd_wnd / 2) && !waits
    }

    /// Fills in what STATUS tells.
    pub(crate) fn tell(&self, status: &mut Status, mss: u32) {
        status.congestion_window = self.window(mss);
        status.slow_start_threshold = self.threshold();
        status.under_way = self.recovery.pipe();
        status.repairs = self.repairs;
    }
}

//! Loss recovery of one connection, without clock, text or state: what is lost, what is sent again, and when to ask.
//!
//! With SACK: RACK-TLP (RFC 8985) on a scoreboard (RFC 2018, RFC 2883, RFC 6675). Without: NewReno (RFC 6582) with limited
//! transmit (RFC 3042), where a duplicate acknowledgment says that one segment has left the network and makes room for another.
//!
//! The table decides that something may be sent, by an event. Recovery chooses what, within SND.UNA..SND.NXT.

pub(crate) mod rack;
pub(crate) mod sack;
pub(crate) mod scoreboard;
#[cfg(test)]
mod tests;

use crate::base::{Span, Time};
use crate::tcp::memo::Memo;
use rack::Rack;
use scoreboard::{Delivered, Scoreboard, Sent, Verdict};
use tcpspec::{Full, Seq};

/// Numbers from the first to before the second.
pub(crate) type Block = (Seq<Full>, Seq<Full>);

/// Duplicate acknowledgments that say that a segment is lost (RFC 5681 §3.2).
const DUP_THRESH: u32 = 3;
/// How long the peer may hold back the acknowledgment of a single segment (RFC 8985 §7.2, TLP.max_ack_delay).
const MAX_ACK_DELAY: Span = Span::from_millis(200);
/// The shortest time until a probe: on a fast path a thread that is not scheduled at once must not look like a loss.
const SOONEST_PROBE: Span = Span::from_millis(2);
/// The probe's timeout before a round trip was measured.
const FIRST_PROBE: Span = Span::from_secs(1);

/// What an acknowledgment says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ack<'a> {
    /// SEG.ACK.
    pub(crate) una: Seq<Full>,
    /// It brings nothing but itself (RFC 5681 §2), and something is outstanding.
    pub(crate) duplicate: bool,
    /// SACK blocks as they came.
    pub(crate) blocks: &'a [Block],
    /// When the segment with the echoed timestamp was sent.
    pub(crate) echoed: Option<Time>,
    /// Octets of a full segment.
    pub(crate) mss: u32,
    /// SRTT.
    pub(crate) srtt: Option<Span>,
    pub(crate) now: Time,
}

/// What followed from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Outcome {
    /// A round trip of something that was sent once only.
    pub(crate) rtt: Option<Span>,
    /// Congestion: something was lost that was sent after we last heard of congestion.
    pub(crate) congested: bool,
    /// Recovery is over.
    pub(crate) recovered: bool,
}

/// What the recovery timer asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Waits {
    /// A tail loss probe (RFC 8985 §7).
    Probe,
    /// To look again for losses (RFC 8985 §6.2 step 5).
    Reordering,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    /// Nothing is known to be lost.
    #[default]
    Open,
    /// Until this number is acknowledged, what is lost is sent again.
    Fast(Seq<Full>),
    /// The same after a timeout.
    Timeout(Seq<Full>),
}

/// A tail loss probe that is under way.
#[derive(Clone, Copy, Debug, Default)]
struct Probe {
    /// SND.NXT when it was sent.
    end: Seq<Full>,
    /// It was nothing new.
    again: bool,
}

/// Loss recovery of one connection.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    board: Scoreboard,
    /// Both ends have agreed on SACK.
    sack: bool,
    rack: Rack,
    phase: Phase,
    /// The last transmission before we reacted to congestion.
    reacted: Option<u64>,
    probe: Option<Probe>,
    deadline: Option<(Time, Waits)>,
    /// The probe's time counts from here: text was sent, or acknowledged, for the first time.
    renewed: Option<Time>,
    /// Without SACK: duplicates in a row, and numbers that they say have left the network.
    duplicates: u32,
    departed: u32,
    /// Without SACK: what was under way when the first duplicate of this recovery came. Duplicates count for no more (RFC 5681 §3.2 allows this bound).
    may_depart: u32,
    /// Without SACK: until more than this number is acknowledged, duplicates say nothing (RFC 6582 §3.2 step 1).
    recover: Option<Seq<Full>>,
}

impl Recovery {
    /// Octets of memory that it takes beside itself.
    pub(crate) fn memory(&self) -> usize {
        self.board.memory()
    }

    /// A connection begins with this number.
    pub(crate) fn begin(&mut self, first: Seq<Full>) {
        *self = Self { sack: self.sack, ..Self::default() };
        self.board.begin(first);
    }

    /// Nothing is under way or lost, and nothing is waited for.
    pub(crate) fn may_rest(&self) -> bool {
        let Self { board, phase, deadline, renewed, .. } = self;
        board.is_empty() && *phase == Phase::Open && deadline.is_none() && renewed.is_none()
    }

    /// What is kept of a recovery that may rest, both ways. Of the order of what was sent nothing is: all that will be sent is newer.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self {
            board,
            sack,
            rack,
            phase: _,
            reacted: _,
            probe,
            deadline: _,
            renewed: _,
            duplicates,
            departed,
            may_depart: _,
            recover,
        } = self;
        board.keep(memo);
        memo.flags([sack]);
        rack.keep(memo);
        memo.option(probe, |memo, Probe { end, again }| {
            memo.ours(end);
            memo.flags([again]);
        });
        memo.num(duplicates);
        memo.num(departed);
        memo.option(recover, |memo, number| memo.ours(number));
    }

    /// Both ends have agreed on SACK, or not.
    pub(crate) fn set_sack(&mut self, agreed: bool) {
        self.sack = agreed;
    }

    /// SND.UNA as far as acknowledgments were noted.
    pub(crate) fn una(&self) -> Seq<Full> {
        self.board.una()
    }

    /// The number after the last one ever sent.
    pub(crate) fn end(&self) -> Seq<Full> {
        self.board.end()
    }

    /// Numbers under way.
    pub(crate) fn pipe(&self) -> u32 {
        self.board.flying().saturating_sub(self.departed)
    }

    /// Numbers known to be lost and not sent again yet.
    #[cfg(test)]
    pub(crate) fn lost(&self) -> u32 {
        self.board.lost()
    }

    /// The smallest round trip of late.
    pub(crate) fn min_rtt(&self) -> Option<Span> {
        self.rack.min_rtt()
    }

    /// Something is known to be lost, or was until its acknowledgment.
    pub(crate) fn is_recovering(&self) -> bool {
        self.phase != Phase::Open
    }

    /// The congestion window may grow: not while fast recovery lasts.
    pub(crate) fn may_grow(&self) -> bool {
        !matches!(self.phase, Phase::Fast(_))
    }

    /// Something with numbers is sent, anew or again.
    pub(crate) fn sent(&mut self, seq: Seq<Full>, len: u32, now: Time) {
        if seq == self.board.end() {
            self.renewed = Some(now);
        }
        self.board.sent(seq, len, now);
    }

    /// Whether something is known to be lost and not sent again yet.
    #[inline]
    pub(crate) fn has_lost(&self) -> bool {
        self.board.lost() > 0
    }

    /// What to send again next, the oldest loss first.
    pub(crate) fn next_lost(&self) -> Option<Block> {
        self.board.first_lost()
    }

    /// An acceptable acknowledgment has come.
    #[inline]
    pub(crate) fn acknowledged(&mut self, ack: &Ack<'_>) -> Outcome {
        // The usual case: nothing is lost, reported or sent again, and the acknowledgment says nothing but a number.
        let is_plain = self.phase == Phase::Open && self.probe.is_none() && ack.blocks.is_empty();
        let before = self.board.una();
        if is_plain && let Some(sent) = self.board.acknowledge_plain(ack.una) {
            self.plainly_acknowledged(ack, before.distance(ack.una), sent)
        } else {
            self.acknowledged_somehow(ack)
        }
    }

    /// An acknowledgment has taken away `len` numbers, sent from `oldest` to `newest`, once each and in this order.
    #[inline]
    fn plainly_acknowledged(&mut self, ack: &Ack<'_>, len: u32, (oldest, newest): (Sent, Sent)) -> Outcome {
        self.renewed = Some(ack.now);
        let what = Delivered { end: ack.una, len, sent: Some(newest), again: false };
        self.rack.delivered(what, None, None, ack.now);
        let rtt = ack.now.span_since(oldest.at);
        self.rack.measured(rtt, ack.now);
        let congested =
            if self.sack { self.look(ack.now, ack.srtt) } else { self.count_duplicates(ack, Some(len)) };
        Outcome { rtt: Some(rtt), congested, recovered: false }
    }

    /// Any other acknowledgment.
    #[inline(never)]
    fn acknowledged_somehow(&mut self, ack: &Ack<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let (before, fack, known) = (self.board.una(), self.rack.fack(), self.board.sacked());
        let advanced = before.before(ack.una);
        // The oldest of what is acknowledged now, unless some of it was sent twice (Karn).
        let (mut oldest, mut ambiguous): (Option<Time>, bool) = (None, false);
        let rack = &mut self.rack;
        self.board.acknowledge(ack.una, |what| {
            ambiguous |= what.again;
            oldest = oldest.or(what.sent.map(|sent| sent.at));
            rack.delivered(what, fack, ack.echoed, ack.now);
        });
        if advanced {
            self.renewed = Some(ack.now);
        }
        let duplicate = self.duplicate_report(ack);
        if self.sack {
            self.take_blocks(ack, fack);
        }
        let sacked = self.board.sacked() != known;
        // Without SACK, an acknowledgment that fills a hole says nothing about the time of what came before it.
        let clear = !ambiguous && (self.sack || self.phase == Phase::Open);
        outcome.rtt = oldest.filter(|_| clear).map(|at| ack.now.span_since(at));
        if let Some(rtt) = outcome.rtt {
            self.rack.measured(rtt, ack.now);
        }
        if duplicate.is_some() {
            self.rack.duplicate_seen(ack.una, self.board.end());
        }
        outcome.congested = self.probe_answered(ack, duplicate);
        if self.sack {
            if advanced || sacked {
                outcome.congested |= self.look(ack.now, ack.srtt);
            }
        } else {
            outcome.congested |= self.count_duplicates(ack, advanced.then(|| before.distance(ack.una)));
        }
        outcome.recovered = self.leave(ack.una);
        outcome
    }

    /// The first block if it is a D-SACK: acknowledged already, or part of the second block (RFC 2883 §4).
    fn duplicate_report(&self, ack: &Ack<'_>) -> Option<Block> {
        let first = ack.blocks.first()?;
        let within = |outer: &Block| {
            outer.0.at_or_before(first.0) && first.1.at_or_before(outer.1) && first.0.before(first.1)
        };
        let is_report = first.1.at_or_before(ack.una) || ack.blocks.get(1).is_some_and(within);
        Some(*first).filter(|_| self.sack && is_report)
    }

    fn take_blocks(&mut self, ack: &Ack<'_>, fack: Option<Seq<Full>>) {
        let una = self.board.una();
        let outstanding = self.board.outstanding();
        for &(from, until) in ack.blocks {
            // A block cannot mean what was never sent or what is acknowledged. A D-SACK says what is known, or falls under that.
            let (start, end) = (una.distance(from), una.distance(until));
            if start == 0 || start >= end || end > outstanding {
                continue;
            }
            let rack = &mut self.rack;
            // The echo belongs to what came in order last, and not to this.
            self.board.sack((from, until), ack.mss, |what| rack.delivered(what, fack, None, ack.now));
        }
    }

    /// RFC 8985 §7.4.2: whether the answer to a probe shows that it has repaired a loss.
    fn probe_answered(&mut self, ack: &Ack<'_>, duplicate: Option<Block>) -> bool {
        let Some(probe) = self.probe else { return false };
        if ack.una.before(probe.end) {
            return false;
        }
        // The probe itself came twice; or both it and the original were acknowledged one by one.
        let twice = duplicate.is_some_and(|(_, end)| end == probe.end);
        let both = twice || (ack.una == probe.end && ack.duplicate && ack.blocks.is_empty());
        if !probe.again || both {
            self.probe = None;
            return false;
        }
        if probe.end.before(ack.una) {
            self.probe = None;
            self.reacted = Some(self.board.order());
            return true;
        }
        false
    }

    /// RACK's search for losses. True if there is new congestion.
    fn look(&mut self, now: Time, srtt: Option<Span>) -> bool {
        self.deadline = self.deadline.filter(|(_, waits)| *waits != Waits::Reordering);
        // The usual case: everything has arrived in order, and what is left was sent later.
        if self.board.is_young(|order, end| self.rack.is_older(order, end)) {
            return false;
        }
        let window = self.rack.window(self.is_recovering(), self.board.segments_sacked(), srtt);
        let (mut wait, mut congested) = (None, false);
        let (rack, reacted) = (&self.rack, self.reacted);
        let lost = self.board.judge(|sent, end| {
            let verdict = rack.verdict(sent, end, window, now, &mut wait);
            // What was sent after we reacted tells something new (RFC 5681 §4.3).
            congested |= verdict == Verdict::Lost && reacted.is_none_or(|reacted| sent.order > reacted);
            verdict
        });
        if let Some(wait) = wait {
            self.deadline = Some((now + wait, Waits::Reordering));
        }
        if lost {
            self.probe = None;
            if self.phase == Phase::Open {
                self.phase = Phase::Fast(self.board.end());
                congested = true;
            }
        }
        if lost && congested {
            self.reacted = Some(self.board.order());
        }
        lost && congested
    }

    /// NewReno (RFC 6582): three duplicates, or an acknowledgment of only a part of what was outstanding then.
    fn count_duplicates(&mut self, ack: &Ack<'_>, advanced: Option<u32>) -> bool {
        if let Some(advanced) = advanced {
            self.duplicates = 0;
            match self.phase {
                Phase::Fast(recover) if ack.una.before(recover) => {
                    // One of the segments was the hole; the others had been counted.
                    self.departed = self.departed.saturating_sub(advanced.saturating_sub(ack.mss));
                    self.board.lose_front(ack.mss);
                }
                // After a timeout everything is lost already.
                Phase::Timeout(recover) if ack.una.before(recover) => {}
                _ => self.departed = 0,
            }
            if self.recover.is_some_and(|recover| recover.before(ack.una)) {
                self.recover = None;
            }
            return false;
        }
        if !ack.duplicate {
            return false;
        }
        // One of the segments is the hole.
        let others = self.board.flying().saturating_sub(ack.mss);
        if self.duplicates == 0 && !matches!(self.phase, Phase::Fast(_)) {
            self.may_depart = others;
        }
        self.duplicates = self.duplicates.saturating_add(1);
        self.departed = self.departed.saturating_add(ack.mss).min(others.min(self.may_depart));
        if self.duplicates != DUP_THRESH || self.phase != Phase::Open || self.recover.is_some() {
            return false;
        }
        self.phase = Phase::Fast(self.board.end());
        self.recover = Some(self.board.end());
        self.reacted = Some(self.board.order());
        self.board.lose_front(ack.mss);
        true
    }

    /// Leaves recovery when all that was outstanding at its beginning is acknowledged.
    fn leave(&mut self, una: Seq<Full>) -> bool {
        let (Phase::Fast(recover) | Phase::Timeout(recover)) = self.phase else { return false };
        if una.before(recover) {
            return false;
        }
        self.phase = Phase::Open;
        self.departed = 0;
        self.rack.recovered();
        true
    }

    /// The retransmission timer has run out: marks what is lost by that (RFC 8985 §6.3; without SACK everything).
    /// True if this is no repetition, so that the congestion threshold counts anew.
    pub(crate) fn timed_out(&mut self, now: Time, mss: u32, srtt: Option<Span>) -> bool {
        let first = !matches!(self.phase, Phase::Timeout(_));
        if self.board.has_reneged() {
            self.board.forget_sacks();
        }
        let window = self.rack.window(true, self.board.segments_sacked(), srtt);
        let (rack, sack) = (&self.rack, self.sack);
        self.board.judge(|sent, _| {
            if !sack || rack.is_overdue(sent.at, window, now) { Verdict::Lost } else { Verdict::Waits }
        });
        self.board.lose_front(mss);
        self.phase = Phase::Timeout(self.board.end());
        self.recover = Some(self.board.end());
        self.reacted = Some(self.board.order());
        self.probe = None;
        self.deadline = None;
        self.duplicates = 0;
        self.departed = 0;
        first
    }

    /// What is under way was too big for its path and is lost. That says nothing about congestion (RFC 1191 §6.5).
    pub(crate) fn too_big(&mut self) {
        self.board.judge(|_, _| Verdict::Lost);
        (self.probe, self.deadline) = (None, None);
        (self.duplicates, self.departed) = (0, 0);
    }

    // --- The recovery timer ---

    /// When [`take_due`](Self::take_due) must be called.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.deadline.map(|(at, _)| at)
    }

    /// The timer waits for nothing any more.
    pub(crate) fn disarm(&mut self) {
        self.deadline = None;
        self.renewed = None;
    }

    /// Whether [`arm`](Self::arm) has anything to do.
    fn may_arm(&self) -> bool {
        match self.deadline {
            None => self.renewed.is_some(),
            Some((_, waits)) => waits == Waits::Probe,
        }
    }

    /// The same, once what needs no more than a look is done: with nothing under way nothing is waited for, and what is sent next is the newest.
    #[inline]
    pub(crate) fn wants_arming(&mut self) -> bool {
        let may_arm = self.may_arm();
        if may_arm && self.board.flying() == 0 {
            (self.deadline, self.renewed) = (None, None);
            return false;
        }
        may_arm
    }

    /// Schedules a probe where one is due (RFC 8985 §7.2). `rto`: when the retransmission timer runs out.
    pub(crate) fn arm(&mut self, srtt: Option<Span>, mss: u32, rto: Option<Time>) {
        if !self.may_arm() {
            return;
        }
        let wanted = self.sack
            && self.phase == Phase::Open
            && self.probe.is_none()
            && self.board.sacked() == 0
            && self.board.flying() > 0;
        let (Some(rto), true) = (rto, wanted) else {
            self.deadline = None;
            if self.board.flying() == 0 {
                // What is sent next is the newest.
                self.renewed = None;
            }
            return;
        };
        let Some(from) = self.renewed.take() else { return };
        let mut span = srtt.map_or(FIRST_PROBE, |srtt| (srtt * 2).max(SOONEST_PROBE));
        if srtt.is_some() && self.board.outstanding() <= mss {
            span += MAX_ACK_DELAY;
        }
        // If the retransmission timer would run out first, a probe is of no use.
        self.deadline = Some(from + span).filter(|at| *at < rto).map(|at| (at, Waits::Probe));
    }

    /// What the timer asks for, if it has run out.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<Waits> {
        let (at, waits) = self.deadline?;
        if at > now {
            return None;
        }
        self.deadline = None;
        Some(waits)
    }

    /// Looks again for losses. True if there is new congestion.
    pub(crate) fn look_again(&mut self, now: Time, srtt: Option<Span>) -> bool {
        self.look(now, srtt)
    }

    /// What a probe sends again where there is nothing new: the end of what was sent last, a full segment at most.
    pub(crate) fn tail(&self, mss: u32) -> Option<Block> {
        let (from, until) = self.board.last_unsacked()?;
        Some((until.minus(from.distance(until).min(mss)), until))
    }

    /// A probe was sent.
    pub(crate) fn probed(&mut self, again: bool) {
        self.probe = Some(Probe { end: self.board.end(), again });
    }
}

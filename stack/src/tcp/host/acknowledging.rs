//! Acknowledgments: when we send one and what it says, and what one that comes means.

use super::{Asks, Turn};
use crate::base::{Span, Time};
use crate::tcp::memo::Memo;
use crate::tcp::recovery::{Ack, Block, sack};
use crate::wire::options::SackRanges;
use std::time::Duration;
use tcpspec::{Acknowledge, Full, Host, Seq, Tcb, Timer};

/// Challenge ACKs of one connection within [`CHALLENGE_SPAN`] (RFC 5961 §7; never one counter for all connections).
const CHALLENGES: u32 = 10;
const CHALLENGE_SPAN: Duration = Duration::from_secs(5);
/// No acknowledgment is held back for longer: less than half a second (MUST-40), even if the thread that sends it comes a little late.
pub(super) const MAX_DELAY: Duration = Duration::from_millis(450);
/// A timestamp that is echoed after more milliseconds is not one of ours.
const MAX_ROUND_TRIP: u32 = 120_000;

/// The acknowledgments that a connection still has to send.
#[derive(Debug, Default)]
pub(crate) struct Acknowledgments {
    /// An acknowledgment of text is due, once all segments that have come are processed (MUST-59).
    pub(crate) due: bool,
    /// An acknowledgment that the next event of the same segment takes along.
    pub(crate) owed: Option<Acknowledge>,
    pub(super) challenges: ChallengeLimit,
}

impl Acknowledgments {
    /// None has to be sent.
    pub(super) fn may_rest(&self) -> bool {
        !self.due && self.owed.is_none()
    }

    /// What is kept then, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { due: _, owed: _, challenges } = self;
        challenges.keep(memo);
    }
}

/// How many challenge ACKs have left lately.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ChallengeLimit {
    since: Time,
    count: u32,
}

impl ChallengeLimit {
    /// Some have left.
    pub(super) fn is_counting(self) -> bool {
        self.count > 0
    }

    /// It in octets, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { since, count } = self;
        memo.time(since);
        memo.num(count);
    }

    /// Whether one more may leave.
    fn allows(&mut self, now: Time) -> bool {
        if now.since(self.since) > CHALLENGE_SPAN || self.count == 0 {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.count <= CHALLENGES
    }
}

impl Turn<'_> {
    /// Sends the acknowledgment that the event has asked for, or holds it back a little.
    #[inline(always)]
    pub(crate) fn finish(&mut self, tcb: &Tcb<Full>) -> Asks {
        if self.wanted.is_some() {
            self.answer(tcb);
        }
        self.shared.observers.end_event();
        Asks { fork: self.forked, hand_over: self.handed_over }
    }

    /// The same for an acknowledgment that is wanted.
    #[inline(never)]
    fn answer(&mut self, tcb: &Tcb<Full>) {
        // What came early is next: one acknowledgment for both (MUST-58, RFC 5681 §4.2). Otherwise the peer would take it for lost.
        if self.incoming.may_wait
            && self.host.reassembly.first().is_some_and(|piece| piece.seq.at_or_before(tcb.rcv_nxt))
        {
            self.host.acks.owed = self.wanted.take();
        }
        let now = match self.wanted {
            None => false,
            Some(Acknowledge::Now) => true,
            Some(Acknowledge::Window) => {
                self.host.receiver.is_worth_telling(tcb.rcv_nxt, tcb.receive_window())
            }
            Some(Acknowledge::Text) => {
                self.delay();
                false
            }
            Some(Acknowledge::Challenge) => self.host.acks.challenges.allows(self.now),
        };
        self.ts_recent = tcb.ts_recent;
        if now {
            self.emit(tcb.acknowledgment());
        }
    }

    /// Every second full segment is acknowledged (SHLD-19), as soon as all that have come with it are processed (MUST-59); less after a while.
    fn delay(&mut self) {
        let delay = Span::from(self.host.settings.delayed_ack).min(Span::from(MAX_DELAY));
        let text = self.incoming.text.len() as u32;
        // RFC 5681 §4.2: what fills a hole, wholly or in part.
        let hole = self.incoming.fills || !self.host.reassembly.is_empty();
        self.host.acks.due |=
            self.host.receiver.is_due(text, self.host.path.mss.into(), hole) || delay == Span::default();
        let timer = &mut self.host.timers[Timer::DelayedAck];
        *timer = timer.or(Some(self.now + delay));
    }

    /// As many blocks as there is room for.
    pub(super) fn sack(&mut self, rcv_nxt: Seq<Full>, room: u32, beside_timestamps: bool) -> SackRanges {
        let most = if beside_timestamps { SackRanges::MAX_WITH_TIMESTAMPS } else { SackRanges::MAX };
        // Each block takes 8 octets, the option itself 4 with its padding.
        let max = most.min((room.saturating_sub(4) / 8) as usize);
        let reassembly = &self.host.reassembly;
        let (blocks, len) =
            self.host.receiver.reports.blocks(rcv_nxt, max, |number| reassembly.around(number));
        let mut ranges = SackRanges::default();
        for (from, until) in blocks.into_iter().take(len) {
            ranges.push(from.get(), until.get());
        }
        ranges
    }

    /// An acceptable ACK has come: recovery, congestion control and round trips take note.
    #[inline]
    pub(super) fn take_acknowledgment(&mut self, advanced: u32, outstanding: u32) {
        let duplicate = advanced == 0 && outstanding > 0 && self.incoming.bare;
        // Without one of these it says nothing that was not known.
        if advanced > 0 || duplicate || self.incoming.zero_window || self.incoming.sack.is_some() {
            self.take_news(advanced, outstanding, duplicate);
        }
    }

    #[inline(always)]
    fn take_news(&mut self, advanced: u32, outstanding: u32, duplicate: bool) {
        let (now, mss) = (self.now, self.host.send_mss(self.shared));
        // A closed window that is confirmed is an answer: the peer lives (MUST-37).
        if advanced > 0 || self.incoming.zero_window {
            self.host.timers.retries = 0;
            self.host.timers.oldest_since = (outstanding > 0).then_some(now);
        }
        let una = self.host.sender.recovery.una().plus(advanced);
        let octets =
            if advanced > 0 { self.host.send.acknowledge(una, &mut self.shared.buffers) as u32 } else { 0 };
        // What our clock showed when the segment was sent that this one answers.
        let clock = &mut self.host.timestamps;
        let age = self.incoming.ts_ecr.map(|ecr| clock.clock(now, self.pair, self.shared).wrapping_sub(ecr));
        let age = age.filter(|ms| *ms < MAX_ROUND_TRIP).map(|ms| Span::from_millis(ms.into()));
        let mut blocks: [Block; sack::MAX_BLOCKS] = Default::default();
        let sack = self.incoming.sack;
        if let Some(sack) = sack {
            for (block, (from, until)) in blocks.iter_mut().zip(sack.iter()) {
                *block = (Seq::new(from), Seq::new(until));
            }
        }
        let ack = Ack {
            una,
            duplicate,
            blocks: blocks.get(..sack.map_or(0, SackRanges::len)).unwrap_or_default(),
            echoed: age.and_then(|age| now.checked_sub(age)),
            mss,
            srtt: self.host.timers.rto.smoothed(),
            now,
        };
        self.host.traffic.duplicate_acks += u64::from(ack.duplicate);
        self.host.traffic.octets_acknowledged += u64::from(octets);
        let flight = advanced + outstanding;
        let measured = self.host.sender.acknowledged(&ack, octets, flight);
        // Our own clock is finer and measures what was sent only once. For the rest only a timestamp tells (RFC 7323 §4).
        let told = age.filter(|_| advanced > 0);
        if let Some(round_trip) = measured.or(told) {
            self.host.timers.rto.measured(round_trip, flight.div_ceil(mss.saturating_mul(2)));
        }
        // The rows have started the timer anew before the host knew this round trip: (5.3) of RFC 6298 means the present timeout.
        let timers = &mut self.host.timers;
        if advanced > 0 && timers[Timer::Retransmission].is_some() {
            timers[Timer::Retransmission] = Some(now + timers.rto.get());
        }
    }
}

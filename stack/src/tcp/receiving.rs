//! What a connection does with what comes: when it acknowledges, what window it offers, what it reports.

use crate::base::{Span, Time};
use crate::config::Config;
use crate::tcp::buffer::Reassembly;
use crate::tcp::memo::Memo;
use crate::tcp::recovery::sack::Reports;
use crate::wire::options::MAX_SCALE;
use tcpspec::{Full, Seq};

/// Full segments acknowledged one by one at the beginning, while the peer's congestion window is small.
const QUICK: u8 = 16;
/// How long a user that reads all the time may take between two reads.
const HELD_UP: Span = Span::from_millis(20);
/// The size that counts as a full segment until a larger one has come (MUST-15).
const SMALLEST_FULL: u32 = 536;

/// The receiving half of a connection, without its text.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) reports: Reports,
    /// Octets not acknowledged yet.
    delayed: u32,
    /// Segments still acknowledged at once.
    quick: u8,
    /// The largest text that one segment has brought.
    largest: u32,
    /// RCV.NXT + RCV.WND as the peer knows it.
    announced: Option<Seq<Full>>,
    /// Octets that may wait for the user at present. This grows with what the user takes, up to the limit.
    space: u32,
    /// Since when the present round trip is counted, how much the user has taken in it, and how much in the one before.
    round: (Time, u32),
    taken_before: u32,
    /// The number after urgent text, once there was any.
    urgent: Option<Seq<Full>>,
    /// The user has raised the limit, and the peer has not heard of it.
    pub(crate) raised: bool,
}

/// The largest window that can be announced: 16 bits, scaled by 14 (RFC 7323 §2.3). It is below 2³⁰, which `prove` assumes of all windows.
const LARGEST_WINDOW: usize = 65_535 << MAX_SCALE;

impl Receiver {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            reports: Reports::default(),
            delayed: 0,
            quick: QUICK,
            // A peer that is told to send less sends less.
            largest: config.largest_segment.map_or(SMALLEST_FULL, |most| SMALLEST_FULL.min(most.into())),
            announced: None,
            space: config.receive_buffer_start.min(config.receive_buffer).min(LARGEST_WINDOW) as u32,
            round: (Time::ZERO, 0),
            taken_before: 0,
            urgent: None,
            raised: false,
        }
    }

    /// Nothing waits to be reported.
    pub(crate) fn may_rest(&self) -> bool {
        self.reports.may_rest() && !self.raised
    }

    /// What is kept of a receiver that may rest, both ways.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self {
            reports: _,
            delayed,
            quick,
            largest,
            announced,
            space,
            round: (since, taken),
            taken_before,
            urgent,
            raised: _,
        } = self;
        memo.num(delayed);
        memo.num(quick);
        memo.num(largest);
        memo.option(announced, |memo, number| memo.theirs(number));
        memo.num(space);
        memo.time(since);
        memo.num(taken);
        memo.num(taken_before);
        memo.option(urgent, |memo, number| memo.theirs(number));
    }

    /// Before anything has come: the user wants no more than this at once.
    pub(crate) fn bound(&mut self, limit: usize) {
        self.space = self.space.min(u32::try_from(limit).unwrap_or(u32::MAX));
    }

    /// Octets that may wait for the user at present.
    pub(crate) fn space(&self) -> u32 {
        self.space
    }

    /// A segment has come, and nothing is done with it yet.
    pub(crate) fn arrived(&mut self, seq: Seq<Full>, len: u32, rcv_nxt: Seq<Full>, reassembly: &Reassembly) {
        if len > 0 && !(reassembly.is_empty() && seq == rcv_nxt) {
            self.reports.arrived((seq, seq.plus(len)), rcv_nxt, |block| reassembly.first_of(block));
        }
    }

    /// Text in order has come: whether to acknowledge it at once (§3.8.6.3, RFC 5681 §4.2).
    pub(crate) fn is_due(&mut self, text: u32, mss: u32, hole: bool) -> bool {
        self.largest = self.largest.max(text.min(mss));
        self.delayed = self.delayed.saturating_add(text);
        let quick = text >= self.largest && self.quick > 0;
        self.quick -= u8::from(quick);
        // More than a full segment: a sender of one and a bit need not take the rest for lost.
        quick || hole || self.delayed > self.largest
    }

    /// An acknowledgment leaves, with this window.
    pub(crate) fn acknowledged(&mut self, rcv_nxt: Seq<Full>, window: u32) {
        self.delayed = 0;
        self.announced = Some(rcv_nxt.plus(window));
    }

    /// The window has opened: whether the peer should hear of it at once, since it can send much more than it knows.
    pub(crate) fn is_worth_telling(&self, rcv_nxt: Seq<Full>, window: u32) -> bool {
        let known = match self.announced {
            Some(edge) if rcv_nxt.before(edge) => rcv_nxt.distance(edge),
            _ => 0,
        };
        self.raised || window / 2 >= known
    }

    /// The user wants room for so much, and all of it is offered.
    pub(crate) fn raise(&mut self, limit: usize) {
        self.space = self.space.max(u32::try_from(limit).unwrap_or(u32::MAX));
        self.raised = true;
    }

    /// The window to offer after the user has read (§3.8.6.2.2): unchanged until there is something worth offering. It is announced
    /// in units of `scale`.
    pub(crate) fn offer(&self, left: usize, offered: u32, limit: usize, mss: u32, scale: u8) -> u32 {
        let space = self.space.min(u32::try_from(limit).unwrap_or(u32::MAX));
        let free = space.saturating_sub(u32::try_from(left).unwrap_or(u32::MAX));
        let more = (free >> scale).saturating_sub(offered >> scale) << scale;
        if more > 0 && more >= (space / 2).min(mss) { free } else { offered }
    }

    /// The user takes text. If the user takes more in a round trip than half of the space, the space limits the peer.
    pub(crate) fn taken(&mut self, octets: u32, round_trip: Option<Span>, limit: usize, now: Time) {
        let (since, taken) = &mut self.round;
        *taken = taken.saturating_add(octets);
        let Some(round_trip) = round_trip.filter(|span| now.span_since(*since) >= *span) else { return };
        // A time much longer than a round trip, and longer than a reading thread may be held up, says nothing about a round trip.
        let taken = std::mem::take(taken);
        let idle = now.span_since(std::mem::replace(since, now)) > round_trip.saturating_mul(4).max(HELD_UP);
        if !idle {
            let growth = taken.saturating_sub(self.taken_before);
            let wanted = taken.saturating_mul(2).saturating_add(growth.saturating_mul(2));
            let limit = limit.min(LARGEST_WINDOW) as u32;
            self.space = self.space.max(wanted.min(limit));
        }
        self.taken_before = taken;
    }

    /// The peer's urgent text ends at this number.
    pub(crate) fn urgent_until(&mut self, end: Seq<Full>) {
        self.urgent = Some(end);
    }

    /// The user has read, and so much is left in order. What was read is urgent no longer.
    pub(crate) fn read(&mut self, rcv_nxt: Seq<Full>, unread: usize) {
        if self.urgent(rcv_nxt, unread) == 0 {
            self.urgent = None;
        }
    }

    /// Octets from the next one that the user will read to the end of urgent text. Zero if that was read, or if there was none.
    pub(crate) fn urgent(&self, rcv_nxt: Seq<Full>, unread: usize) -> u32 {
        let next = rcv_nxt.minus(u32::try_from(unread).unwrap_or(u32::MAX));
        self.urgent.filter(|end| next.before(*end)).map_or(0, |end| next.distance(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn receiver(change: impl FnOnce(&mut Config)) -> Receiver {
        let mut config = Config::new(Ipv4Addr::new(10, 0, 0, 1));
        change(&mut config);
        Receiver::new(&config)
    }

    /// RFC 9293: SHLD-19
    #[test]
    fn every_second_full_segment_is_acknowledged_and_the_first_ones_each() {
        let mut receiver = receiver(|_| {});
        let mut due = |text| {
            let due = receiver.is_due(text, 1460, false);
            if due {
                receiver.acknowledged(Seq::new(0), 1000);
            }
            due
        };
        assert!(!due(10), "a small one waits");
        assert!((0..16).all(|_| due(1460)));
        assert_eq!([due(1460), due(1460), due(1460), due(1460)], [false, true, false, true]);
        assert_eq!([due(1000), due(400), due(400)], [false, false, true], "octets count");
    }

    #[test]
    fn what_fills_a_hole_is_acknowledged_at_once() {
        let mut receiver = receiver(|_| {});
        assert!(receiver.is_due(10, 1460, true));
    }

    #[test]
    fn the_space_grows_while_the_user_takes_all_that_it_lets_in() {
        let mut receiver = receiver(|config| config.receive_buffer = 1 << 20);
        assert_eq!(receiver.space(), 64 << 10);
        let rtt = Duration::from_millis(100);
        let mut now = Time::at(Duration::from_secs(5));
        receiver.taken(0, Some(rtt.into()), 1 << 20, now);
        let mut spaces = Vec::new();
        for _ in 0..8 {
            now = now + rtt;
            receiver.taken(receiver.space(), Some(rtt.into()), 1 << 20, now);
            spaces.push(receiver.space() >> 10);
        }
        assert!(spaces.first().is_some_and(|first| *first >= 128), "{spaces:?}");
        assert_eq!(spaces.last(), Some(&1024), "{spaces:?}");
    }

    #[test]
    fn on_a_fast_path_the_reader_may_be_slower_than_a_round_trip() {
        for (pause, grows) in [(15, true), (25, false)] {
            let mut receiver = receiver(|_| {});
            for n in 1..5_u32 {
                let now = Time::at(Duration::from_millis(pause) * n);
                receiver.taken(receiver.space(), Some(Span::from_nanos(20_000)), 1 << 20, now);
            }
            assert_eq!(receiver.space() > 64 << 10, grows);
        }
    }

    #[test]
    fn the_space_stays_where_little_is_taken() {
        let mut receiver = receiver(|_| {});
        for n in 0..100_u32 {
            let now = Time::at(Duration::from_millis(100) * n);
            receiver.taken(1000, Some(Span::from_millis(100)), 1 << 20, now);
        }
        assert_eq!(receiver.space(), 64 << 10);
    }

    /// RFC 9293: MUST-39, SHLD-14
    #[test]
    fn the_window_opens_by_something_worth_offering_and_is_told_when_it_doubles() {
        let mut receiver = receiver(|config| config.receive_buffer = 10_000);
        assert_eq!(receiver.offer(8000, 1000, 10_000, 1460, 0), 1000, "1000 octets more are not worth it");
        assert_eq!(receiver.offer(7000, 1000, 10_000, 1460, 0), 3000);
        assert_eq!(receiver.offer(0, 1000, 5000, 1460, 0), 5000, "a limit of the user's");
        assert_eq!(receiver.offer(0, 6000, 5000, 1460, 0), 6000, "which takes nothing back");
        assert_eq!(
            receiver.offer(0, 127, 128, 1460, 7),
            128,
            "127 octets are announced as none (RFC 7323 §2.3)"
        );
        receiver.acknowledged(Seq::new(0), 6000);
        assert!(!receiver.is_worth_telling(Seq::new(2000), 7999));
        assert!(receiver.is_worth_telling(Seq::new(2000), 8000));
        assert!(receiver.is_worth_telling(Seq::new(6000), 1460), "the peer knows of nothing more");
    }

    #[test]
    fn urgent_text_is_counted_from_what_the_user_reads_next() {
        let mut receiver = receiver(|_| {});
        assert_eq!(receiver.urgent(Seq::new(100), 50), 0);
        receiver.urgent_until(Seq::new(80));
        assert_eq!(receiver.urgent(Seq::new(100), 50), 30);
        assert_eq!(receiver.urgent(Seq::new(100), 20), 0);
        receiver.urgent_until(Seq::new(150));
        assert_eq!(receiver.urgent(Seq::new(100), 0), 50, "it lies ahead");
    }

    #[test]
    fn urgent_text_that_was_read_does_not_come_back_with_the_numbers() {
        let mut receiver = receiver(|_| {});
        receiver.urgent_until(Seq::new(150));
        receiver.read(Seq::new(120), 10);
        assert_eq!(receiver.urgent(Seq::new(120), 10), 40);
        receiver.read(Seq::new(160), 10);
        // More than half of all numbers later the end of urgent text seems to lie ahead.
        assert_eq!(receiver.urgent(Seq::new(150).plus(1 << 31).plus(5), 0), 0);
    }
}

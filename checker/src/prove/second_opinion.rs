//! The machine does what the second opinion says (`tcpspec::model::claims::expectations`), with every input, under every setting of the options.

use super::end::Said;
use super::run::{Beginning, Run};
use tcpspec::model::claims::expectations::{
    Before, Due, Expected, bit, is_blocked, is_same, lasting, unasked,
};
use tcpspec::{Acknowledge, Event, FactSet, Facts, Flags, Notice, Numbers, Segment, State, Timer};

/// The claim.
pub(crate) const SECOND_OPINION: &str = "the machine does what the second opinion says";

/// The timer that has run out, if this is what the event says.
const fn expired<S: Numbers>(event: &Event<S>) -> u8 {
    match event {
        Event::Retransmission(expiry) if !expiry.early => bit(Timer::Retransmission),
        Event::Probe(_) => bit(Timer::Persist),
        Event::KeepAlive(_) => bit(Timer::KeepAlive),
        Event::DelayedAck(_) => bit(Timer::DelayedAck),
        Event::TimeWait(_) => bit(Timer::TimeWait),
        Event::UserTimeout(_) => bit(Timer::User),
        Event::Orphan(_) => bit(Timer::Orphan),
        _ => 0,
    }
}

impl<S: Numbers> Beginning<S> {
    /// What the second opinion says. `None`: no host does so.
    pub(super) fn second_opinion(&self) -> Option<Expected<S>> {
        let (from, octets) = self.end.lost();
        let from = self.tcb.snd_una.distance(from);
        match &self.event {
            // Where something is outstanding, it is a part of that which is sent again.
            Event::Retransmission(_) if from >= self.tcb.in_flight() && self.tcb.in_flight() > 0 => {
                return None;
            }
            // What was kept had its place in the window, whose right edge never moves back.
            Event::Held(piece)
                if self.tcb.receive_window() == 0
                    && self.tcb.rcv_nxt.before(piece.seq.plus(piece.text_len())) =>
            {
                return None;
            }
            _ => {}
        }
        let before = Before {
            options: &self.options,
            event: &self.event,
            state: self.state,
            tcb: &self.tcb,
            iss: self.end.iss(),
            window: self.end.window(),
            part: Some((from, octets)),
        };
        Some(before.expected())
    }
}

impl<S: Numbers> Run<S> {
    /// What is not as expected first.
    pub(super) fn unexpected(&self, x: &Expected<S>) -> Option<&'static str> {
        let is_gone = matches!(x.state, State::Closed | State::Listen);
        let said = |what: &dyn Fn(&Said<S>) -> bool| self.end.said.iter().any(what);
        if self.to != x.state {
            return Some("the state");
        }
        if self.answer != x.answer {
            return Some("the answer");
        }
        if self.told() != x.told {
            return Some("what the user is told");
        }
        if !self.has_sent(x) {
            return Some("what is sent");
        }
        if self.due() != self.carried(x) {
            return Some("the acknowledgment that is due");
        }
        if !self.has_passed_on(x) {
            return Some("who gets the segment");
        }
        // A user who lets go receives nothing more.
        let lets_go = matches!(self.event, Event::Release(_)) && x.tcb.facts.has(Facts::RELEASED);
        if said(&|said| matches!(said, Said::Flush)) != x.flushed
            || said(&|said| matches!(said, Said::FlushSends)) != x.returned
            || said(&|said| matches!(said, Said::Abandon)) != lets_go
        {
            return Some("what is forgotten");
        }
        if !is_gone && said(&|said| matches!(said, Said::TimestampTaken)) != x.stamped {
            return Some("when TS.Recent was taken");
        }
        if self.end.has_begun != x.begun {
            return Some("whether a connection begins");
        }
        if !self.has_acknowledged(x, is_gone) {
            return Some("what is acknowledged");
        }
        if !self.has_text(x) {
            return Some("what becomes the user's");
        }
        if !self.has_kept(x) {
            return Some("what is kept");
        }
        if !x.has_window(&self.before, &self.after) {
            return Some("the send window");
        }
        if !x.has_numbers(&self.after) {
            return Some("the numbers and facts");
        }
        self.timers(x)
    }

    fn told(&self) -> u16 {
        let bits = self
            .end
            .said
            .iter()
            .map(|said| if let Said::Notify(notice) = said { 1 << *notice as u16 } else { 0 });
        bits.fold(0, |all, bit| all | bit)
    }

    fn has_sent(&self, x: &Expected<S>) -> bool {
        let mut sent = self.end.sent();
        match (sent.next(), sent.next(), &x.sent) {
            (None, None, None) => true,
            (Some(one), None, Some(other)) => is_same(one, other),
            _ => false,
        }
    }

    /// A child of a listener gets the segment, or the listener beside a connection in TIME-WAIT.
    fn has_passed_on(&self, x: &Expected<S>) -> bool {
        let mut passed = self.end.said.iter().filter_map(|said| match said {
            Said::Fork(segment) => Some((State::Listen, segment)),
            Said::HandOver(segment) => Some((State::TimeWait, segment)),
            _ => None,
        });
        match (passed.next(), passed.next()) {
            (None, _) => !x.passed_on,
            (Some((from, segment)), None) => {
                x.passed_on && from == self.from && self.segment().is_some_and(|came| is_same(segment, came))
            }
            _ => false,
        }
    }

    /// The acknowledgment that the host has to send: what is sent carries what was due before it.
    fn due(&self) -> Due {
        let mut due = None;
        for said in &self.end.said {
            match said {
                Said::Acknowledge(why) => due = due.max(Some(*why)),
                Said::Emit(segment) if segment.flags.has(Flags::ACK) => due = None,
                Said::Flush | Said::FlushSends | Said::Notify(Notice::Closed) => due = None,
                _ => {}
            }
        }
        match due {
            None => Due::No,
            Some(Acknowledge::Window | Acknowledge::Text) => Due::Soon,
            Some(Acknowledge::Challenge) => Due::Challenge,
            Some(Acknowledge::Now) => Due::Now,
        }
    }

    /// The acknowledgment that is due besides what is sent (MUST-58).
    fn carried(&self, x: &Expected<S>) -> Due {
        if acknowledges(x.sent.as_ref()) { Due::No } else { x.ack }
    }

    /// What the host hears of an acceptable ACK: what it acknowledges anew, and what is left.
    fn has_acknowledged(&self, x: &Expected<S>, is_gone: bool) -> bool {
        let mut heard = self.end.said.iter().filter_map(|said| {
            if let Said::Acknowledged(new, left) = said { Some((*new, *left)) } else { None }
        });
        match (heard.next(), heard.next(), x.acked) {
            (None, None, None) => true,
            (Some((new, left)), None, Some(acked)) => {
                new == acked && (is_gone || left == x.tcb.snd_una.distance(x.tcb.snd_nxt))
            }
            _ => false,
        }
    }

    /// Text in order, and what a RECEIVE takes of it.
    fn has_text(&self, x: &Expected<S>) -> bool {
        let mut delivered = self
            .end
            .said
            .iter()
            .filter_map(|said| if let Said::Deliver(segment) = said { Some(segment) } else { None });
        let text = match (delivered.next(), delivered.next()) {
            (None, _) => x.text == 0,
            (Some(segment), None) => segment.text_len() == x.text,
            _ => false,
        };
        let gone = match &self.event {
            Event::Transmit(_) => x.sent.map_or((S::Word::default(), false), |segment| {
                (segment.text_len(), segment.flags.has(Flags::FIN))
            }),
            _ => (x.taken, false),
        };
        text && self.taken == gone
    }

    /// What came early; a host that is asked twice to keep the same keeps it once.
    fn has_kept(&self, x: &Expected<S>) -> bool {
        let mut kept = self
            .end
            .said
            .iter()
            .filter_map(|said| if let Said::Hold(segment) = said { Some(segment) } else { None });
        let is_piece = |segment: &Segment<S>| {
            x.held.is_some_and(|piece| {
                segment.flags.has(Flags::FIN) == piece.fin
                    && segment.text_seq() == piece.seq
                    && segment.text_len() == piece.len
            })
        };
        kept.clone().count() >= usize::from(x.held.is_some()) && kept.all(is_piece)
    }

    /// Timers: which run afterwards, and which have begun anew. The user has asked for keep-alive, and the host limits how long a connection may last that its user needs no longer.
    fn timers(&self, x: &Expected<S>) -> Option<&'static str> {
        let was_limited = self.before.facts.has(Facts::CLOSED);
        let before = lasting(self.from, &self.before, true, was_limited) & !expired(&self.event);
        // Only the host knows whether an acknowledgment waits, and whether a closed window is probed.
        let waits = !matches!(self.from, State::Closed | State::Listen | State::SynSent | State::TimeWait);
        let may_run = |timer: Timer, is: bool| if is { bit(timer) & !expired(&self.event) } else { 0 };
        let waiting = may_run(Timer::DelayedAck, waits);
        let probed = may_run(Timer::Persist, is_blocked(self.from, &self.before));
        let is_blocked_after = (probed | x.starts) & bit(Timer::Persist) != 0 && is_blocked(x.state, &x.tcb);
        // Whether the peer is asked for is left open in some states.
        let asked = unasked(self.from) & !expired(&self.event);
        let mut all = (0..8).map(|bits| {
            let timers = [waiting, probed, asked];
            (0..3).filter(|at| bits >> at & 1 == 1).fold(before, |all, at| all | timers[at])
        });
        all.find_map(|runs| self.timers_from(x, runs, was_limited, is_blocked_after))
    }

    /// The same, with the timers that ran before.
    fn timers_from(
        &self,
        x: &Expected<S>,
        before: u8,
        was_limited: bool,
        is_blocked: bool,
    ) -> Option<&'static str> {
        // What begins is a new connection, which its user needs.
        let mut is_limited = was_limited && !x.begun;
        let (mut runs, mut started) = (before, 0);
        for said in &self.end.said {
            match said {
                Said::Abandon => is_limited = true,
                Said::Start(Timer::Orphan) if !is_limited => {}
                Said::Start(timer) => (runs, started) = (runs | bit(*timer), started | bit(*timer)),
                Said::Stop(timer) => runs &= !bit(*timer),
                _ => {}
            }
        }
        let mut starts = x.starts;
        let mut exact = !bit(Timer::KeepAlive) & !bit(Timer::DelayedAck);
        if !is_limited {
            starts &= !bit(Timer::Orphan);
        }
        if x.state == State::TimeWait {
            (exact, starts) = (exact & !bit(Timer::Orphan), starts & !bit(Timer::Orphan));
        }
        if started & starts != starts || started & runs & exact != starts & exact {
            return Some("the timers that begin");
        }
        let mut should = lasting(x.state, &x.tcb, true, is_limited);
        if !matches!(x.state, State::Closed | State::Listen | State::TimeWait) {
            // §3.8.6.1: as long as the window is closed to what waits.
            if (before | x.starts) & bit(Timer::Persist) != 0 && is_blocked {
                should |= bit(Timer::Persist);
            }
            // §3.8.6.3: until an acknowledgment leaves. That is the host's business: with the segment its timer ends.
            if acknowledges(x.sent.as_ref()) || x.ack == Due::Now {
                runs &= !bit(Timer::DelayedAck);
            } else {
                should |= before & bit(Timer::DelayedAck);
            }
        }
        let exact = !unasked(x.state);
        (runs & exact != should & exact).then_some("the timers that run")
    }
}

fn acknowledges<S: Numbers>(sent: Option<&Segment<S>>) -> bool {
    sent.is_some_and(|segment| segment.flags.has(Flags::ACK))
}

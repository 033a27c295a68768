//! What has come out of an event beside what should have: every variable, every segment, every timer. Structs are taken apart exhaustively, so that a new
//! field is compared or does not compile.

use super::numbers::{carries, knows, outstanding};
use super::{Before, Due, Expected, Happening, bit, is_blocked, lasting, receives, unasked};
use crate::model::Space16;
use crate::model::world::{End, Held, breach};
use crate::{Event, Facts, Flags, Numbers, Segment, State, Tcb, Timer};

/// Whether two segments say the same: without URG the urgent pointer means nothing, and so does SEG.ACK without ACK (§3.1).
pub fn is_same<S: Numbers>(one: &Segment<S>, other: &Segment<S>) -> bool {
    let &Segment { seq, ack, wnd, up, len, flags, ts, listener, echoes, outdated } = one;
    let pointer = flags.0 & Flags::URG.0 == 0 || up == other.up;
    let acks = flags.0 & Flags::ACK.0 == 0 || ack == other.ack;
    pointer
        && acks
        && (seq, wnd, len, flags) == (other.seq, other.wnd, other.len, other.flags)
        && (ts, listener, echoes, outdated) == (other.ts, other.listener, other.echoes, other.outdated)
}

impl<S: Numbers> Expected<S> {
    /// Whether the send window is as expected: SND.WND, SND.WL1, SND.WL2 and MAX.SND.WND. `before`: the TCB before the event.
    pub fn has_window(&self, before: &Tcb<S>, after: &Tcb<S>) -> bool {
        // In TIME-WAIT nothing is sent any more, and nobody asks for the window. MAX.SND.WND counts for acknowledgments; the one that ends CLOSING may raise it or not.
        let (e, over) = (&self.tcb, self.state == State::TimeWait);
        let largest = after.max_snd_wnd == e.max_snd_wnd || (over && after.max_snd_wnd == before.max_snd_wnd);
        let window =
            over || (after.snd_wnd == e.snd_wnd && after.snd_wl1 == e.snd_wl1 && after.snd_wl2 == e.snd_wl2);
        largest && window
    }

    /// Whether every other variable of the TCB is.
    pub fn has_numbers(&self, after: &Tcb<S>) -> bool {
        // A new field does not compile. What the window has is compared above.
        let &Tcb {
            iss,
            snd_una,
            snd_nxt,
            snd_end,
            snd_wnd: _,
            max_snd_wnd: _,
            snd_wl1: _,
            snd_wl2: _,
            snd_up,
            irs,
            rcv_nxt,
            rcv_wnd,
            rcv_up,
            ts_recent,
            facts,
        } = after;
        let e = &self.tcb;
        // Where there is no urgent text its pointer means nothing.
        let urgent = (snd_up == e.snd_up || !knows(e, Facts::URGENT_OUT))
            && (rcv_up == e.rcv_up || !knows(e, Facts::URGENT_IN));
        urgent
            && (iss, snd_una, snd_nxt, snd_end) == (e.iss, e.snd_una, e.snd_nxt, e.snd_end)
            && (irs, rcv_nxt, rcv_wnd, ts_recent) == (e.irs, e.rcv_nxt, e.rcv_wnd, e.ts_recent)
            && (facts == e.facts || Facts::ALL.iter().all(|fact| knows(after, *fact) == knows(e, *fact)))
    }
}

impl Happening<'_> {
    /// What should be seen of it.
    fn expected(&self) -> Expected<Space16> {
        let End { state, tcb, .. } = self.before;
        let before = Before {
            options: self.options,
            event: self.event,
            state: *state,
            tcb,
            iss: self.iss,
            window: self.bounds.window,
            part: self.part.map(|(from, len)| (from.into(), len.into())),
        };
        let mut x = before.expected();
        // The user takes text at once, and the window is what it was.
        if self.bounds.eager_users && x.text > 0 && receives(x.state) {
            x.tcb.rcv_wnd = x.tcb.rcv_wnd.max(self.bounds.window);
        }
        x
    }

    /// What has not come out as expected.
    pub(crate) fn breaches(&self) -> u8 {
        let expected = self.expected();
        let after = self.after;
        let mut breaches = 0;
        let mut wrong = |what: u8, is: bool| {
            if is {
                breaches |= what;
            }
        };
        wrong(breach::WINDOW, !expected.has_window(&self.before.tcb, &after.tcb));
        wrong(breach::OUTCOME, !expected.has_numbers(&after.tcb));
        wrong(breach::ANSWER, self.answer != expected.answer);
        wrong(breach::TOLD, self.told != expected.told);
        wrong(breach::SENT, !self.has_sent(&expected));
        wrong(breach::SENT, self.challenged != (expected.ack == Due::Challenge));
        wrong(breach::OUTCOME, after.state != expected.state || self.passed_on != expected.passed_on);
        wrong(breach::OUTCOME, self.acked != expected.acked || self.begun != expected.begun);
        wrong(breach::OUTCOME, !self.has_text(&expected));
        // Nobody asks for the age of what is gone.
        let is_gone = matches!(after.state, State::Closed | State::Listen);
        wrong(breach::OUTCOME, self.stamped != expected.stamped && !is_gone);
        wrong(breach::OUTCOME, !is_gone && self.left.is_some_and(|left| left != outstanding(&expected.tcb)));
        wrong(breach::OUTCOME, (self.flushed, self.returned) != (expected.flushed, expected.returned));
        wrong(breach::TIMER, !self.has_timers(&expected));
        breaches
    }

    /// Whether an acknowledgment leaves on its own.
    fn acks_alone(&self, expected: &Expected<Space16>) -> bool {
        // What was sent has carried it (MUST-58).
        let carried = expected.sent.is_some_and(|segment| carries(&segment, Flags::ACK));
        let leaves = match expected.ack {
            Due::No => false,
            Due::Soon => !self.bounds.delayed_acks,
            Due::Challenge => self.before.challenges > 0,
            Due::Now => true,
        };
        leaves && !carried
    }

    fn has_sent(&self, expected: &Expected<Space16>) -> bool {
        let ack = self.acks_alone(expected).then(|| expected.plain_ack());
        let (sent, all) = (self.sent.iter().flatten(), expected.sent.iter().chain(ack.iter()));
        sent.clone().count() == all.clone().count() && sent.zip(all).all(|(one, other)| is_same(one, other))
    }

    /// What the user has on hand, and what came early.
    fn has_text(&self, expected: &Expected<Space16>) -> bool {
        let (before, after) = (self.before, self.after);
        let mut kept = before.held.iter().flatten();
        let forgotten = expected.flushed || expected.returned || expected.begun;
        let piece =
            expected.held.map(|piece| Held { seq: piece.seq, len: piece.len as u8, fin: piece.fin, tag: 0 });
        let is_piece = |held: &Held| piece.is_some_and(|piece| Held { tag: 0, ..*held } == piece);
        // Only what came early is kept, and what was kept stays.
        let held = after
            .held
            .iter()
            .flatten()
            .all(|held| is_piece(held) || (!forgotten && before.held.contains(&Some(*held))))
            && (forgotten || kept.all(|held| after.held.contains(&Some(*held))));
        let holds = piece.is_none()
            || after.held.iter().all(Option::is_some)
            || after.held.iter().flatten().any(is_piece);
        // What the user may take: by the letter not after the peer's FIN.
        let late = matches!(after.state, State::Closing | State::LastAck | State::TimeWait | State::Closed);
        let takes = self.bounds.eager_users && (self.options.drain_after_fin || !late);
        let on_hand = match self.event {
            _ if expected.flushed => 0,
            _ if expected.returned => before.on_hand,
            Event::Receive(_) => before.on_hand - expected.taken as u8,
            _ if takes && expected.text > 0 => 0,
            // A new connection begins with nothing, and nobody is left who would receive.
            _ if expected.begun => 0,
            Event::Release(_) if after.state != State::Closed => 0,
            _ => before.on_hand + expected.text as u8,
        };
        after.on_hand == on_hand && held && holds
    }

    /// All timers: which run afterwards, and which have begun anew.
    fn has_timers(&self, expected: &Expected<Space16>) -> bool {
        let (after, two_msl) = (self.after, self.bounds.time_wait());
        let waits = expected.starts & bit(Timer::TimeWait) != 0;
        let quiet = if waits { two_msl } else { self.before.quiet };
        // §3.8.4: whatever comes from the peer may begin the idle time anew.
        let mut exact = !bit(Timer::KeepAlive) & !bit(Timer::DelayedAck);
        let mut starts = expected.starts;
        if !self.bounds.keep_alive {
            starts &= !bit(Timer::KeepAlive);
        }
        if !self.bounds.orphans || !after.closed {
            starts &= !bit(Timer::Orphan);
        }
        if expected.state == State::TimeWait {
            (exact, starts) = (exact & !bit(Timer::Orphan), starts & !bit(Timer::Orphan));
        }
        let optional = unasked(expected.state);
        after.quiet == quiet
            && after.armed & !optional == self.runs(expected) & !optional
            && self.started & starts == starts
            && self.started & after.armed & exact == starts & exact
    }

    /// The timers that run afterwards.
    fn runs(&self, expected: &Expected<Space16>) -> u8 {
        let (before, tcb, state) = (self.before, &expected.tcb, expected.state);
        match state {
            State::Closed | State::Listen => return 0,
            State::TimeWait => return bit(Timer::TimeWait),
            _ => {}
        }
        let mut runs = lasting(state, tcb, self.bounds.keep_alive, self.bounds.orphans && self.after.closed);
        // §3.8.6.3: until an acknowledgment leaves, whatever takes it along.
        let acked = self.acks_alone(expected) || expected.sent.is_some_and(|s| carries(&s, Flags::ACK));
        if !acked && (before.is_armed(Timer::DelayedAck) || expected.ack == Due::Soon) {
            runs |= bit(Timer::DelayedAck);
        }
        // §3.8.6.1: as long as the window is closed to what waits.
        let persists = before.armed | expected.starts;
        if persists & bit(Timer::Persist) != 0 && is_blocked(state, tcb) {
            runs |= bit(Timer::Persist);
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{at, note};
    use super::*;
    use crate::call::Bare;
    use crate::model::scenario::Bounds;
    use crate::model::world::{HELD_CAPACITY, INCARNATIONS, UNCOUNTED};
    use crate::{CallError, Options, Seq};

    /// Any numbers: an end in this state, in which all timers run that must.
    fn end(state: State, bounds: &Bounds, seed: u32) -> End {
        let mut numbers = seed.wrapping_mul(2_654_435_761);
        let mut any = || {
            numbers = numbers.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            numbers >> 16
        };
        let mut seq = || Seq::new(any() % 16);
        let tcb = Tcb {
            iss: seq(),
            snd_una: seq(),
            snd_nxt: seq(),
            snd_end: seq(),
            snd_wnd: 3,
            max_snd_wnd: 4,
            snd_wl1: seq(),
            snd_wl2: seq(),
            snd_up: seq(),
            irs: seq(),
            rcv_nxt: seq(),
            rcv_wnd: 2,
            rcv_up: seq(),
            ts_recent: (seed & 1 == 0).then_some(5),
            facts: Facts::from_bits((seq().get() << 8 | seq().get() << 4 | seq().get()) as u16),
        };
        let tcb = if matches!(state, State::Closed | State::Listen) { Tcb::default() } else { tcb };
        End {
            state,
            tcb,
            listening: false,
            armed: lasting(state, &tcb, bounds.keep_alive, bounds.orphans),
            quiet: 1,
            restart: 0,
            on_hand: 1,
            held: [None; HELD_CAPACITY],
            last_ack: Seq::default(),
            active_opens: 0,
            passive_opens: 0,
            sends: 0,
            aborts: 0,
            closes: 0,
            retransmissions: 0,
            challenges: UNCOUNTED,
            incarnation: 1,
            peer_incarnation: 1,
            peer_gone: 0,
            given: [0; INCARNATIONS],
            delivered: 0,
            closed: true,
            gone: false,
            past: 0,
        }
    }

    /// Each thing that is seen of an end, changed.
    fn changed(end: &End) -> Vec<(&'static str, End)> {
        let mut all = Vec::new();
        let mut one = |name, change: &dyn Fn(&mut End)| {
            let mut end = *end;
            change(&mut end);
            all.push((name, end));
        };
        let next = |seq: &mut Seq<Space16>| *seq = at(*seq, 1);
        one("ISS", &|end| next(&mut end.tcb.iss));
        one("SND.UNA", &|end| next(&mut end.tcb.snd_una));
        one("SND.NXT", &|end| next(&mut end.tcb.snd_nxt));
        one("the end of the text", &|end| next(&mut end.tcb.snd_end));
        one("SND.WND", &|end| end.tcb.snd_wnd += 1);
        one("MAX.SND.WND", &|end| end.tcb.max_snd_wnd += 1);
        one("SND.WL1", &|end| next(&mut end.tcb.snd_wl1));
        one("SND.WL2", &|end| next(&mut end.tcb.snd_wl2));
        one("SND.UP", &|end| next(&mut end.tcb.snd_up));
        one("IRS", &|end| next(&mut end.tcb.irs));
        one("RCV.NXT", &|end| next(&mut end.tcb.rcv_nxt));
        one("RCV.WND", &|end| end.tcb.rcv_wnd += 1);
        one("RCV.UP", &|end| next(&mut end.tcb.rcv_up));
        one("TS.Recent", &|end| end.tcb.ts_recent = Some(end.tcb.ts_recent.map_or(0, |ts| ts ^ 1)));
        one("text on hand", &|end| end.on_hand += 1);
        one("text that came early", &|end| end.held[0] = Some(Held::default()));
        one("2MSL", &|end| end.quiet += 1);
        for fact in Facts::ALL {
            one("a fact", &|end| {
                let holds = knows(&end.tcb, fact);
                note(&mut end.tcb, fact, !holds);
            });
        }
        for timer in Timer::ALL {
            one("a timer", &|end| end.armed ^= bit(timer));
        }
        all
    }

    /// What is left open, as the comparison says.
    fn is_open(name: &str, end: &End) -> bool {
        match name {
            "SND.WND" | "SND.WL1" | "SND.WL2" => end.state == State::TimeWait,
            "SND.UP" => !knows(&end.tcb, Facts::URGENT_OUT),
            "RCV.UP" => !knows(&end.tcb, Facts::URGENT_IN),
            "a timer" => unasked(end.state) != 0,
            _ => false,
        }
    }

    #[test]
    fn whatever_changes_is_noticed() {
        let bounds = Bounds { keep_alive: true, orphans: true, ..Bounds::PERFECT };
        let options = Options::default();
        let ends = State::ALL.into_iter().flat_map(|state| (0..200).map(move |seed| (state, seed)));
        for end in ends.map(|(state, seed)| end(state, &bounds, seed)) {
            // STATUS changes nothing.
            let closed = end.state == State::Closed;
            let answer = if closed { Err(CallError::ConnectionDoesNotExist) } else { Ok(()) };
            let breaches = |after: &End| {
                Happening {
                    options: &options,
                    bounds: &bounds,
                    event: &Event::Status(Bare),
                    before: &end,
                    after,
                    iss: Seq::default(),
                    answer,
                    told: 0,
                    acked: None,
                    left: None,
                    started: 0,
                    flushed: false,
                    returned: false,
                    sent: &[],
                    passed_on: false,
                    part: None,
                    begun: false,
                    stamped: false,
                    challenged: false,
                }
                .breaches()
            };
            assert_eq!(breaches(&end), 0, "{end:?}");
            for (name, other) in changed(&end) {
                assert!(breaches(&other) != 0 || is_open(name, &end), "{name}: {end:?}\n{other:?}");
            }
        }
    }
}

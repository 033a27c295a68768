//! What has come out of an event beside what should have: every variable, every segment, every timer. Structs are taken apart exhaustively, so that a new
//! field is compared or does not compile.

use super::numbers::{carries, knows, outstanding};
use super::{Due, Expected, Happening, bit, is_blocked, lasting, unasked};
use crate::model::Space16;
use crate::model::world::{Held, breach};
use crate::{Event, Facts, Flags, Segment, State, Tcb, Timer};

/// Whether two segments say the same: without URG the urgent pointer means nothing, and so does SEG.ACK without ACK (§3.1).
fn is_same(one: &Segment<Space16>, other: &Segment<Space16>) -> bool {
    let &Segment { seq, ack, wnd, up, len, flags, ts, listener, echoes, outdated } = one;
    let pointer = flags.0 & Flags::URG.0 == 0 || up == other.up;
    let acks = flags.0 & Flags::ACK.0 == 0 || ack == other.ack;
    pointer
        && acks
        && (seq, wnd, len, flags) == (other.seq, other.wnd, other.len, other.flags)
        && (ts, listener, echoes, outdated) == (other.ts, other.listener, other.echoes, other.outdated)
}

impl Happening<'_> {
    /// What has not come out as expected.
    pub(crate) fn breaches(&self) -> u8 {
        let expected = self.expected();
        let after = self.after;
        let mut breaches = self.wrong_numbers(&expected);
        let mut wrong = |what: u8, is: bool| {
            if is {
                breaches |= what;
            }
        };
        wrong(breach::ANSWER, self.answer != expected.answer);
        wrong(breach::TOLD, self.told != expected.told);
        wrong(breach::SENT, !self.has_sent(&expected));
        wrong(breach::OUTCOME, after.state != expected.state || self.passed_on != expected.passed_on);
        wrong(breach::OUTCOME, self.acked != expected.acked || self.begun != expected.begun);
        wrong(breach::OUTCOME, !self.has_text(&expected));
        wrong(breach::OUTCOME, (self.flushed, self.returned) != (expected.flushed, expected.returned));
        wrong(breach::TIMER, !self.has_timers(&expected));
        breaches
    }

    /// Each variable of the TCB.
    fn wrong_numbers(&self, expected: &Expected) -> u8 {
        let Tcb {
            iss,
            snd_una,
            snd_nxt,
            snd_end,
            snd_wnd,
            max_snd_wnd,
            snd_wl1,
            snd_wl2,
            snd_up,
            irs,
            rcv_nxt,
            rcv_wnd,
            rcv_up,
            ts_recent,
            facts,
        } = self.after.tcb;
        let e = &expected.tcb;
        // Once our FIN is acknowledged nothing is sent any more, and nobody asks for the window. MAX.SND.WND counts for acknowledgments, and may be raised by that one or not.
        let over = knows(e, Facts::FIN_SENT) && outstanding(e) == 0;
        let largest = max_snd_wnd == e.max_snd_wnd || (over && max_snd_wnd == self.before.tcb.max_snd_wnd);
        let window = largest && (over || (snd_wnd, snd_wl1, snd_wl2) == (e.snd_wnd, e.snd_wl1, e.snd_wl2));
        // Where there is no urgent text its pointer means nothing.
        let urgent = (snd_up == e.snd_up || !knows(e, Facts::URGENT_OUT))
            && (rcv_up == e.rcv_up || !knows(e, Facts::URGENT_IN));
        let sent = (iss, snd_una, snd_nxt, snd_end) == (e.iss, e.snd_una, e.snd_nxt, e.snd_end);
        let received = (irs, rcv_nxt, rcv_wnd, ts_recent) == (e.irs, e.rcv_nxt, e.rcv_wnd, e.ts_recent);
        let outcome = urgent && sent && received && facts == e.facts;
        (if window { 0 } else { breach::WINDOW }) | (if outcome { 0 } else { breach::OUTCOME })
    }

    /// Whether an acknowledgment leaves on its own.
    fn acks_alone(&self, expected: &Expected) -> bool {
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

    fn has_sent(&self, expected: &Expected) -> bool {
        let ack = self.acks_alone(expected).then(|| expected.plain_ack());
        let (sent, all) = (self.sent.iter().flatten(), expected.sent.iter().chain(ack.iter()));
        sent.clone().count() == all.clone().count() && sent.zip(all).all(|(one, other)| is_same(one, other))
    }

    /// What the user has on hand, and what came early.
    fn has_text(&self, expected: &Expected) -> bool {
        let (before, after) = (self.before, self.after);
        let mut kept = before.held.iter().flatten();
        let forgotten = expected.flushed || expected.returned || expected.begun;
        let piece = expected.held.map(|piece| Held { tag: 0, ..piece });
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
            Event::Receive(receive) if expected.answer.is_ok() => {
                before.on_hand - receive.on_hand.min(receive.max) as u8
            }
            _ if takes && expected.text > 0 => 0,
            // A new connection begins with nothing, and nobody is left who would receive.
            _ if expected.begun => 0,
            Event::Release(_) if after.state != State::Closed => 0,
            _ => before.on_hand + expected.text,
        };
        after.on_hand == on_hand && held && holds
    }

    /// All timers: which run afterwards, and which have begun anew.
    fn has_timers(&self, expected: &Expected) -> bool {
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
    fn runs(&self, expected: &Expected) -> u8 {
        let (before, tcb, state) = (self.before, &expected.tcb, expected.state);
        match state {
            State::Closed | State::Listen => return 0,
            State::TimeWait => return bit(Timer::TimeWait),
            _ => {}
        }
        let mut runs = lasting(state, tcb, self.bounds, self.after.closed);
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
    use super::super::numbers::note;
    use crate::model::scenario::Bounds;
    use crate::model::system::Tcp;
    use crate::model::world::World;
    use crate::model::{Packed, scenarios};
    use crate::{Seq, Timer};
    use std::collections::HashSet;

    use super::*;

    /// One change of each thing that is seen of an end.
    fn changed(end: &crate::model::End) -> Vec<(&'static str, crate::model::End)> {
        let mut all = Vec::new();
        let mut one = |name, change: &dyn Fn(&mut crate::model::End)| {
            let mut end = *end;
            change(&mut end);
            all.push((name, end));
        };
        let next = |seq: &mut Seq<Space16>| *seq = super::super::numbers::at(*seq, 1);
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
        one("2MSL", &|end| end.quiet += 1);
        for bit in 0..12 {
            let fact = Facts::from_bits(1 << bit);
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

    /// What may be otherwise, and why is said where it is compared.
    fn may_differ(name: &str, end: &crate::model::End) -> bool {
        let over = knows(&end.tcb, Facts::FIN_SENT) && outstanding(&end.tcb) == 0;
        match name {
            "SND.WND" | "SND.WL1" | "SND.WL2" => over,
            "SND.UP" => !knows(&end.tcb, Facts::URGENT_OUT),
            "RCV.UP" => !knows(&end.tcb, Facts::URGENT_IN),
            "a timer" => unasked(end.state) != 0,
            _ => false,
        }
    }

    #[test]
    fn whatever_an_event_changes_is_compared() {
        let scenario = scenarios::find("anything/blocked-timestamps")[0];
        let model = Tcp::new(scenario);
        let bounds: &Bounds = &scenario.bounds;
        let (mut worlds, mut seen) = (vec![model.initial()], HashSet::new());
        let (mut actions, mut bytes, mut cases) = (Vec::new(), vec![0; World::ROOM], 0);
        for next in 0..300 {
            let Some(world) = worlds.get(next).copied() else { break };
            actions.clear();
            model.possible(&world, &mut actions);
            for after in actions.iter().filter_map(|action| model.after(&world, *action)) {
                let len = after.pack(&mut bytes);
                if seen.insert(bytes[..len].to_vec()) {
                    worlds.push(after);
                }
            }
            for end in &world.ends {
                // STATUS: nothing changes.
                let event = Event::Status(crate::call::Bare);
                let answer = if end.state == State::Closed {
                    Err(crate::CallError::ConnectionDoesNotExist)
                } else {
                    Ok(())
                };
                let breaches = |after: &crate::model::End| {
                    Happening {
                        options: &model.options,
                        bounds,
                        event: &event,
                        before: end,
                        after,
                        iss: Seq::default(),
                        answer,
                        told: 0,
                        acked: None,
                        started: 0,
                        flushed: false,
                        returned: false,
                        sent: &[],
                        passed_on: false,
                        part: None,
                        begun: false,
                    }
                    .breaches()
                };
                assert_eq!(breaches(end), 0, "{end:?}");
                for (name, other) in changed(end) {
                    cases += 1;
                    let noticed = breaches(&other) != 0;
                    assert!(noticed || may_differ(name, end), "{name}: {end:?}\n{other:?}");
                }
            }
        }
        assert!(cases > 10_000, "only {cases}");
    }
}

//! Timers in O(1): a hierarchical timer wheel (Varghese and Lauck, 1987).
//!
//! A deadline is rounded up to a tick. Level 0 has a slot for each of the next 64 ticks, level 1 a slot for each 64 ticks, and so on. A timer lies at
//! the level of the highest digit (to base 64) in which its tick differs from the present one. When the present reaches a slot of a higher level,
//! its timers are distributed over the levels below. Setting, moving and stopping a timer touches one list; each timer moves down six times at most.

use super::slots::growth;
use crate::base::Time;
use std::time::Duration;

/// A tick is 2^17 ns, an eighth of a millisecond or so. A timer may run out later than asked for by that much, and never earlier.
const TICK_BITS: u32 = 17;
/// Bits of a digit.
const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
/// So many digits: 18 years. What lies further ahead is looked at again when that time is over.
const LEVELS: usize = 7;
const RANGE: u64 = 1 << (BITS * LEVELS as u32);

/// No timer.
const NONE: u32 = u32::MAX;
/// Bits of a place, and the place of a timer that is in no list.
const PLACE_BITS: u32 = 9;
const NOWHERE: u64 = (1 << PLACE_BITS) - 1;
const _: () = assert!(LEVELS * SLOTS <= NOWHERE as usize);

/// All timers, each known by a small number of the caller's. Even numbers and odd ones take room apart from each other.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// The present: everything up to it has run out.
    now: u64,
    /// The first timer of each slot's list.
    slots: [[u32; SLOTS]; LEVELS],
    /// Slots that are not empty, a bit for each.
    occupied: [u64; LEVELS],
    timers: [Vec<Timer>; 2],
    running: usize,
}

/// Every connection has one, so it is small.
#[derive(Clone, Copy, Debug)]
struct Timer {
    /// The tick, and level and slot in the lowest bits. The end of time is a number of 48 bits.
    when: u64,
    previous: u32,
    next: u32,
}

const STOPPED: Timer = Timer::new(0, NONE, NONE, NOWHERE);

impl Timer {
    const fn new(tick: u64, previous: u32, next: u32, place: u64) -> Self {
        Self { when: tick << PLACE_BITS | place, previous, next }
    }

    const fn tick(&self) -> u64 {
        self.when >> PLACE_BITS
    }

    /// Level and slot, if it runs.
    const fn place(&self) -> Option<(usize, usize)> {
        let place = self.when & NOWHERE;
        if place == NOWHERE { None } else { Some((place as usize / SLOTS, place as usize % SLOTS)) }
    }
}

impl Default for Wheel {
    fn default() -> Self {
        Self {
            now: 0,
            slots: [[NONE; SLOTS]; LEVELS],
            occupied: [0; LEVELS],
            timers: [const { Vec::new() }; 2],
            running: 0,
        }
    }
}

/// The tick that a moment belongs to.
fn tick(at: Time) -> u64 {
    at.nanos() >> TICK_BITS
}

/// The first tick that is not before a deadline.
fn tick_after(deadline: Time) -> u64 {
    deadline.nanos().div_ceil(1 << TICK_BITS)
}

fn moment(tick: u64) -> Time {
    Time::at(Duration::from_nanos(tick.saturating_mul(1 << TICK_BITS)))
}

impl Wheel {
    /// Sets a timer, or moves it.
    pub(crate) fn set(&mut self, id: u32, deadline: Time) {
        self.stop(id);
        let (timers, index) = self.of_kind(id);
        if index >= timers.len() {
            if index >= timers.capacity() {
                timers.reserve_exact(index - timers.len() + growth(index));
            }
            timers.resize(index + 1, STOPPED);
        }
        // A timer that is due already has its turn with the next tick, so that going through what is due comes to an end.
        let tick = tick_after(deadline).max(self.now + 1);
        self.put(id, tick);
        self.running += 1;
    }

    /// Sets a timer, if it must run out earlier than now, or stops it. Most deadlines only move to a later time, and are looked at again when the old one is
    /// reached.
    #[inline]
    pub(crate) fn follow(&mut self, id: u32, deadline: Option<Time>) {
        match deadline {
            None => self.stop(id),
            Some(at) if self.runs_out_by(id, at) => {}
            Some(at) => self.set(id, at),
        }
    }

    /// Stops a timer, if it runs.
    pub(crate) fn stop(&mut self, id: u32) {
        let Some(&timer) = self.timer(id) else { return };
        let Some((level, slot)) = timer.place() else { return };
        let Timer { previous, next, .. } = timer;
        match self.timer_mut(previous) {
            Some(timer) => timer.next = next,
            None => self.set_first(level, slot, next),
        }
        if let Some(timer) = self.timer_mut(next) {
            timer.previous = previous;
        }
        if let Some(timer) = self.timer_mut(id) {
            *timer = STOPPED;
        }
        self.running -= 1;
    }

    /// Numbers of this kind, even or odd, are not used beyond this many: their room goes back.
    pub(crate) fn shrink(&mut self, kind: usize, many: usize) {
        if let Some(timers) = self.timers.get_mut(kind)
            && timers.iter().skip(many).all(|timer| timer.place().is_none())
        {
            timers.truncate(many);
            timers.shrink_to_fit();
        }
    }

    /// Whether a timer runs and will have run out by this deadline.
    pub(crate) fn runs_out_by(&self, id: u32, deadline: Time) -> bool {
        self.timer(id)
            .is_some_and(|timer| timer.when & NOWHERE != NOWHERE && timer.tick() <= tick_after(deadline))
    }

    #[inline(always)]
    fn timer(&self, id: u32) -> Option<&Timer> {
        self.timers[(id & 1) as usize].get(id as usize >> 1)
    }

    #[inline(always)]
    fn timer_mut(&mut self, id: u32) -> Option<&mut Timer> {
        let (timers, index) = self.of_kind(id);
        timers.get_mut(index)
    }

    /// The timers among which this one is, and its place there.
    #[inline(always)]
    fn of_kind(&mut self, id: u32) -> (&mut Vec<Timer>, usize) {
        (&mut self.timers[(id & 1) as usize], id as usize >> 1)
    }

    /// When [`expire`](Self::expire) must be called next: at the latest when the first timer runs out, perhaps before.
    pub(crate) fn next(&self) -> Option<Time> {
        self.first().map(|(_, _, at)| moment(at))
    }

    /// A timer that has run out by now; it is stopped.
    pub(crate) fn expire(&mut self, now: Time) -> Option<u32> {
        let target = tick(now);
        while let Some((level, slot, at)) = self.first() {
            if at > target {
                break;
            }
            self.now = self.now.max(at);
            let id = self.first_of(level, slot);
            if level == 0 {
                self.stop(id);
                return Some(id);
            }
            self.distribute(level, slot);
        }
        self.now = self.now.max(target);
        None
    }

    /// The first slot that is not empty, and the tick at which it begins.
    fn first(&self) -> Option<(usize, usize, u64)> {
        let (level, bits) = self.occupied.iter().enumerate().find(|(_, bits)| **bits != 0)?;
        let shift = BITS * level as u32;
        let present = (self.now >> shift) as usize % SLOTS;
        // The slots from the present on; those before it belong to the next round (of the highest level only).
        let slot = (bits.rotate_right(present as u32).trailing_zeros() as usize + present) % SLOTS;
        let round = self.now >> shift >> BITS << BITS << shift;
        let mut at = round + ((slot as u64) << shift);
        if slot < present {
            at += 1 << shift << BITS;
        }
        Some((level, slot, at))
    }

    /// The timers of a slot whose time has come move to the levels below.
    fn distribute(&mut self, level: usize, slot: usize) {
        let mut id = self.first_of(level, slot);
        self.set_first(level, slot, NONE);
        while let Some(timer) = self.timer(id).copied() {
            self.put(id, timer.tick());
            id = timer.next;
        }
    }

    /// Puts a timer where it belongs. Its tick is not before the present.
    fn put(&mut self, id: u32, tick: u64) {
        // At most one round of the highest level ahead, without its last slot, which is the present one.
        let shown = tick.min(self.now + RANGE - (RANGE >> BITS));
        let differs = (shown ^ self.now) | 1;
        let level = ((u64::BITS - 1 - differs.leading_zeros()) / BITS).min(LEVELS as u32 - 1);
        let slot = (shown >> (BITS * level)) as usize % SLOTS;
        let level = level as usize;
        let next = self.first_of(level, slot);
        if let Some(first) = self.timer_mut(next) {
            first.previous = id;
        }
        if let Some(timer) = self.timer_mut(id) {
            *timer = Timer::new(tick, NONE, next, (level * SLOTS + slot) as u64);
        }
        self.set_first(level, slot, id);
    }

    fn first_of(&self, level: usize, slot: usize) -> u32 {
        self.slots.get(level).and_then(|slots| slots.get(slot)).copied().unwrap_or(NONE)
    }

    fn set_first(&mut self, level: usize, slot: usize, id: u32) {
        if let Some(first) = self.slots.get_mut(level).and_then(|slots| slots.get_mut(slot)) {
            *first = id;
        }
        if let Some(bits) = self.occupied.get_mut(level) {
            *bits = if id == NONE { *bits & !(1 << slot) } else { *bits | 1 << slot };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn micros(n: u64) -> Time {
        Time::at(Duration::from_micros(n))
    }

    const TICK: Duration = Duration::from_nanos(1 << TICK_BITS);

    #[test]
    fn timers_run_out_in_order_and_within_a_tick() {
        let mut wheel = Wheel::default();
        let deadlines =
            [5_u64, 130, 131, 132, 8000, 9000, 600_000, 40_000_000, 3_600_000_000, 200_000_000_000_000];
        for (id, deadline) in deadlines.iter().enumerate() {
            wheel.set(id as u32, micros(*deadline));
        }
        assert_eq!(wheel.running, deadlines.len());
        let mut out = Vec::new();
        while let Some(next) = wheel.next() {
            while let Some(id) = wheel.expire(next) {
                let deadline = micros(deadlines[id as usize]);
                assert!(next >= deadline && next.since(deadline) <= TICK, "{id}: {next:?}");
                out.push(id);
            }
        }
        assert_eq!(out.len(), deadlines.len());
        assert!(out.is_sorted_by_key(|id| deadlines[*id as usize] / 132), "{out:?}");
        assert_eq!(wheel.running, 0);
    }

    #[test]
    fn stopping_and_moving_touch_nothing_else() {
        let mut wheel = Wheel::default();
        for id in 0..10 {
            wheel.set(id, micros(1000));
        }
        for id in [0, 4, 9, 4, 77] {
            wheel.stop(id);
        }
        wheel.set(5, micros(50));
        wheel.set(6, micros(100_000));
        assert!(wheel.runs_out_by(5, micros(50)) && !wheel.runs_out_by(6, micros(50_000)));
        assert!(!wheel.runs_out_by(4, micros(u64::MAX / 2000)));
        let mut out: Vec<_> = std::iter::from_fn(|| wheel.expire(micros(2000))).collect();
        assert_eq!(out[0], 5);
        out.sort_unstable();
        assert_eq!(out, [1, 2, 3, 5, 7, 8]);
        assert_eq!(wheel.expire(micros(90_000)), None);
        assert_eq!(wheel.expire(micros(101_000)), Some(6));
        assert_eq!((wheel.next(), wheel.running), (None, 0));
    }

    #[test]
    fn a_timer_takes_sixteen_octets_and_numbers_of_the_other_kind_none() {
        let mut wheel = Wheel::default();
        (0..1000).for_each(|n| wheel.set(2 * n, micros(n.into())));
        let room = |wheel: &Wheel| wheel.timers.iter().map(Vec::capacity).sum::<usize>();
        assert!(room(&wheel) * size_of::<Timer>() <= (1000 + 125) * 16, "{}", room(&wheel));
        wheel.shrink(0, 500);
        assert!(room(&wheel) >= 1000, "they run");
        (500..1000).for_each(|n| wheel.stop(2 * n));
        wheel.shrink(0, 500);
        assert_eq!(room(&wheel), 500);
        assert_eq!(std::iter::from_fn(|| wheel.expire(micros(1000))).count(), 500);
        wheel.set(0, Time::at(Duration::MAX));
        assert_eq!(wheel.timer(0).map(Timer::tick), Some(tick_after(Time::at(Duration::MAX))));
    }

    #[test]
    fn what_is_due_already_has_its_turn_a_tick_later() {
        let mut wheel = Wheel::default();
        let now = micros(1_000_000);
        assert_eq!(wheel.expire(now), None);
        wheel.set(0, micros(10));
        assert_eq!(wheel.expire(now), None, "or a timer that is always due would go on for ever");
        assert!(wheel.next().unwrap().since(now) <= TICK);
        assert_eq!(wheel.expire(now + TICK), Some(0));
    }

    #[test]
    fn what_lies_further_ahead_than_the_wheel_reaches_waits() {
        let mut wheel = Wheel::default();
        wheel.set(0, Time::at(Duration::MAX));
        let years = |n: u64| micros(n * 365 * 24 * 3_600_000_000);
        for n in 1..100 {
            assert_eq!(wheel.expire(years(n)), None, "after {n} years");
            assert!(wheel.next().is_some_and(|next| next > years(n)));
        }
        wheel.set(1, years(100));
        assert_eq!(wheel.expire(years(101)), Some(1));
    }

    /// Against a sorted map, through millions of random steps.
    #[test]
    fn it_does_the_same_as_a_sorted_map() {
        let mut random = 7_u64;
        let mut below = |n: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        for spread in [10_u64, 1_000, 100_000, 50_000_000, 1 << 42] {
            let mut wheel = Wheel::default();
            let mut model: BTreeMap<u32, Time> = BTreeMap::new();
            let mut now = micros(below(1 << 40));
            wheel.expire(now);
            for _ in 0..40_000 {
                match below(4) {
                    0 | 1 => {
                        let (id, at) = (below(200) as u32, now + Duration::from_micros(below(spread)));
                        wheel.set(id, at);
                        model.insert(id, at);
                    }
                    2 => {
                        let id = below(200) as u32;
                        wheel.stop(id);
                        model.remove(&id);
                    }
                    _ => {
                        now = now + Duration::from_micros(below(spread / 4 + 1));
                        while let Some(id) = wheel.expire(now) {
                            let at = model.remove(&id).expect("it was set");
                            assert!(at <= now, "{id} is too early");
                        }
                        let late = model.values().filter(|at| **at + TICK + TICK <= now).count();
                        assert_eq!(late, 0);
                    }
                }
                assert_eq!(wheel.running, model.len());
                match (wheel.next(), model.values().min()) {
                    (None, None) => {}
                    (Some(next), Some(first)) => {
                        assert!(next <= first.max(&now).to_owned() + TICK + TICK, "never late")
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

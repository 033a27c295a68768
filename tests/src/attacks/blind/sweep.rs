//! One number, tried over the whole space of 2³² numbers.
//!
//! The space is tried in steps of 65,521 numbers, less than the smallest window of a connection here, so no window is missed. Near the right number it is tried
//! in steps of 61, and the numbers next to the ones that matter one by one. Where two neighbours differ, the edge between them is found by halving.

use super::{Axis, Effects, Guess, Kind, Target};
use std::collections::BTreeMap;
use tcpspec::State;

pub(super) const FAR: usize = 65_521;
const NEAR: usize = 61;

/// Numbers in a row with the same effects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub effects: Effects,
    /// The first number, counted from the right one.
    pub first: i64,
    /// How many.
    pub width: u64,
}

/// What came of all guesses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swept {
    /// Spans of numbers that have an effect, sorted.
    pub spans: Vec<Span>,
    pub guesses: u64,
    /// Packets that came in return.
    pub answers: u64,
}

impl Swept {
    /// How many numbers have an effect of this set.
    pub fn width(&self, effects: Effects) -> u64 {
        self.spans.iter().filter(|span| span.effects.has(effects)).map(|span| span.width).sum()
    }

    /// How many numbers have any effect.
    pub fn any(&self) -> u64 {
        self.spans.iter().map(|span| span.width).sum()
    }
}

struct Run<'a, T> {
    target: &'a mut T,
    state: State,
    kind: &'a Kind,
    axis: Axis,
    numbers: super::Numbers,
    guesses: u64,
    answers: u64,
}

impl<T: Target> Run<'_, T> {
    /// Guesses the number so far from the right one.
    fn try_at(&mut self, offset: i64) -> Effects {
        let number = self.numbers.right(self.kind, self.axis).wrapping_add(offset as u32);
        let guess = Guess { kind: self.kind, numbers: self.numbers, axis: self.axis, number };
        let (effects, answers) = self.target.send(&guess.packet(self.target.sockets()));
        self.guesses += 1;
        self.answers += answers as u64;
        if effects != Effects::NONE {
            self.numbers = self.target.reach(self.state).expect("it was reached before");
        }
        effects
    }

    /// The first number after `low` that differs from it, if `high` does.
    fn edge(&mut self, (mut low, from): (i64, Effects), mut high: i64) -> (i64, Effects) {
        let mut to = from;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let effects = self.try_at(middle);
            if effects == from {
                low = middle;
            } else {
                (high, to) = (middle, effects);
            }
        }
        if to == from {
            to = self.try_at(high);
        }
        (high, to)
    }
}

/// Tries the number over the whole space. None if the target cannot be brought into the state.
pub fn sweep(target: &mut impl Target, state: State, kind: &Kind, axis: Axis) -> Option<Swept> {
    let numbers = target.reach(state)?;
    let step = target.step(axis);
    let right = numbers.right(kind, axis);
    let mut run = Run { target, state, kind, axis, numbers, guesses: 0, answers: 0 };
    let half = 1i64 << 31;
    let near = i64::from(numbers.rcv_wnd.max(numbers.max_snd_wnd)) + 70_000;
    let at = |number: u32| i64::from(number.wrapping_sub(right).cast_signed());
    let edges = [
        numbers.rcv_nxt,
        numbers.rcv_nxt.wrapping_add(numbers.rcv_wnd),
        numbers.snd_una,
        numbers.snd_nxt,
        numbers.snd_una.wrapping_sub(numbers.max_snd_wnd),
    ];
    let mut offsets: Vec<i64> = (-half..half).step_by(step).chain((-near..near).step_by(NEAR)).collect();
    offsets.extend(edges.iter().flat_map(|edge| (-3..=3).map(move |by| at(*edge) + by)));
    offsets.extend([-half, -half + 1, -1, 0, 1, half - 1]);
    offsets.retain(|offset| (-half..half).contains(offset));
    offsets.sort_unstable();
    offsets.dedup();
    let mut tried: BTreeMap<i64, Effects> = BTreeMap::new();
    for offset in offsets {
        let effects = run.try_at(offset);
        tried.insert(offset, effects);
    }
    // Where two neighbours differ, all edges between them.
    let list: Vec<_> = tried.iter().map(|(offset, effects)| (*offset, *effects)).collect();
    for pair in list.windows(2) {
        let [mut low, high] = [pair[0], pair[1]];
        while low.1 != high.1 {
            let next = run.edge(low, high.0);
            tried.insert(next.0, next.1);
            low = next;
        }
    }
    Some(Swept { spans: spans(&tried, half), guesses: run.guesses, answers: run.answers })
}

/// Each number that was tried stands for those up to the next one.
fn spans(tried: &BTreeMap<i64, Effects>, end: i64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut following = tried.keys().skip(1).copied().chain([end]);
    for (&first, &effects) in tried {
        let next = following.next().unwrap_or(end);
        let width = (next - first) as u64;
        match spans.last_mut() {
            Some(last) if last.effects == effects => last.width += width,
            _ => spans.push(Span { effects, first, width }),
        }
    }
    spans.retain(|span| span.effects != Effects::NONE);
    spans
}

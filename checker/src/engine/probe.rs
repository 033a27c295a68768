//! A short look at the beginning of an exploration: how many states each level has, as far as a budget goes.

use super::Limits;
use super::explorer::fingerprint;
use super::frontier::Frontier;
use super::seen::Seen;
use stateright::Model;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tcpspec::model::Packed;

/// The largest packed state.
const ROOM: usize = 255;

/// What a look has found.
#[derive(Clone, Debug)]
pub(crate) struct Probe<S> {
    /// New states of each level that is known completely.
    pub(crate) levels: Vec<u64>,
    /// There are no others.
    pub(crate) complete: bool,
    /// Some of the states of the level after those, spread evenly over what is known of it.
    pub(crate) sample: Vec<S>,
    /// Different states.
    pub(crate) unique: u64,
    /// Bytes that a state takes while it waits, on average.
    pub(crate) waiting: f64,
    pub(crate) time: Duration,
}

/// Explores level by level on one thread until `budget` states have been seen or `patience` is at its end, and keeps `sample` of those that wait then.
pub(crate) fn probe<M: Model>(
    model: &M,
    budget: u64,
    sample: u64,
    patience: Duration,
    limits: &Limits,
) -> Probe<M::State>
where
    M::State: Packed,
{
    let start = Instant::now();
    let mut seen = Seen::new();
    let (mut now, mut next) = (Frontier::default(), Frontier::default());
    let (mut unique, mut bytes) = (0_u64, 0_u64);
    let mut room = [0; ROOM];
    let mut meet = |state: &M::State, next: &mut Frontier| {
        let len = state.pack(&mut room);
        if model.within_boundary(state) && seen.insert(fingerprint(&room[..len])) {
            next.push(&room[..len]);
            unique += 1;
            bytes += 1 + len as u64;
        }
        unique
    };
    let mut so_far = 0;
    for state in model.init_states() {
        so_far = meet(&state, &mut next);
    }
    let mut levels = Vec::new();
    let (mut known, mut asked) = (0, 0_u64);
    let mut actions = Vec::new();
    'all: while so_far > known && so_far < budget {
        levels.push(so_far - known);
        known = so_far;
        std::mem::swap(&mut now, &mut next);
        while let Some(packed) = now.pop() {
            let state = M::State::unpack(packed);
            model.actions(&state, &mut actions);
            for action in actions.drain(..) {
                if let Some(after) = model.next_state(&state, action) {
                    so_far = meet(&after, &mut next);
                }
            }
            let over = || start.elapsed() > patience || limits.interrupted.load(Relaxed);
            asked += 1;
            if so_far >= budget || asked % 1024 == 0 && over() {
                break 'all;
            }
        }
    }
    let time = start.elapsed();
    let waiting = so_far - known;
    let mut kept = Vec::new();
    for number in 0..waiting {
        let Some(packed) = next.pop() else { break };
        if number * sample / waiting != (number + 1) * sample / waiting {
            kept.push(M::State::unpack(packed));
        }
    }
    Probe {
        levels,
        complete: so_far == known,
        unique,
        waiting: bytes as f64 / unique.max(1) as f64,
        sample: kept,
        time,
    }
}

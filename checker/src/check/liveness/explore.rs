//! All worlds of a scenario by number. Threads go through the worlds of a depth; what they find is joined in one order, so that the numbers are always the same.

use super::Class;
use super::graph::{Edge, Graph, Node};
use super::numbers::Numbers;
use crate::check::system::System;
use rapidhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use tcpspec::model::{Action, Packed};

/// Worlds that a thread goes through at once.
const BATCH: usize = 256;

/// What is asked of each world.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The places of claims about runs: where they hold.
    pub(super) of_runs: &'a [usize],
    /// The places of claims that single worlds decide, and the answer that does: an `always` by a no, a `sometimes` by a yes.
    pub(super) of_worlds: &'a [(usize, bool)],
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    /// Worlds that have a number.
    pub(crate) worlds: usize,
    /// Worlds made, those met before included.
    pub(crate) generated: usize,
    /// The depth of the worlds that were gone through last.
    pub(crate) depth: usize,
    /// The claims that single worlds decide and have, a bit for each of the first 64.
    pub(crate) decided: u64,
}

/// What is known of the worlds that have a number.
pub(super) struct Joined<S> {
    numbers: Numbers,
    classes: HashMap<Class, u16, RandomState>,
    pub(super) graph: Graph<Action>,
    /// How each world was first reached: from which one, by what.
    pub(super) came: Vec<(Node, Action)>,
    /// For each claim about runs, in order, where it holds.
    pub(super) goals: Vec<Vec<bool>>,
    /// For each claim that single worlds decide, in order, whether one has.
    decided: Vec<bool>,
    /// The depth of the worlds that were gone through last.
    depth: usize,
    /// The worlds of the next depth.
    next: Vec<S>,
}

/// Explores everything within a number of worlds; `Err` with what was reached if there are more. `go_on` hears after each depth what has been reached, and may
/// end it, too.
pub(super) fn explore<M: System>(
    model: &M,
    asked: Asked<'_>,
    threads: usize,
    most: usize,
    mut go_on: impl FnMut(Reached) -> bool,
) -> Result<Joined<M::State>, Reached> {
    let initial = model.first();
    let mut numbers = Numbers::default();
    let mut bytes = Vec::new();
    packed(&initial, &mut bytes);
    numbers.of(&bytes);
    let mut joined = Joined {
        numbers,
        classes: HashMap::default(),
        graph: Graph::default(),
        came: vec![(0, Action::Tick)],
        goals: vec![Vec::new(); asked.of_runs.len()],
        decided: vec![false; asked.of_worlds.len()],
        depth: 0,
        next: vec![initial],
    };
    for depth in 0.. {
        let level = std::mem::take(&mut joined.next);
        if level.is_empty() {
            break;
        }
        joined.depth = depth;
        let batches: Vec<&[M::State]> = level.chunks(BATCH).collect();
        if threads == 1 || batches.len() == 1 {
            for batch in batches {
                joined.join(Batch::of(model, asked, batch));
            }
        } else {
            joined.join_all(&batches, threads, |batch| Batch::of(model, asked, batch));
        }
        let reached = joined.reached();
        let fits = reached.worlds <= most && joined.classes.len() <= usize::from(u16::MAX);
        if !fits || !go_on(reached) {
            return Err(reached);
        }
    }
    Ok(joined)
}

impl<S: Packed + Sync> Joined<S> {
    /// How far it is.
    pub(super) fn reached(&self) -> Reached {
        let places = self.decided.iter().take(64).zip(0..);
        Reached {
            worlds: self.numbers.len(),
            // The first one, and where each edge leads.
            generated: 1 + self.graph.edge_count(),
            depth: self.depth,
            decided: places.filter(|(is, _)| **is).fold(0, |bits, (_, place)| bits | 1 << place),
        }
    }

    /// Joins what threads find in batches, in their order.
    fn join_all(&mut self, batches: &[&[S]], threads: usize, find: impl Fn(&[S]) -> Batch + Sync) {
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(2 * threads);
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(|| {
                    let sender = sender;
                    loop {
                        let place = taken.fetch_add(1, Relaxed);
                        let Some(batch) = batches.get(place) else { break };
                        if sender.send((place, find(batch))).is_err() {
                            break;
                        }
                    }
                });
            }
            // Else the receiver would wait for this one, too.
            drop(sender);
            let (mut early, mut due) = (BTreeMap::new(), 0);
            for (place, batch) in receiver {
                early.insert(place, batch);
                while let Some(batch) = early.remove(&due) {
                    self.join(batch);
                    due += 1;
                }
            }
        });
    }

    fn join(&mut self, batch: Batch) {
        let Batch { goals, decided, worlds, successors, bytes } = batch;
        for (all, here) in self.decided.iter_mut().zip(decided) {
            *all |= here;
        }
        for (all, here) in self.goals.iter_mut().zip(goals) {
            all.extend(here);
        }
        let mut from = 0;
        let mut successors = successors.into_iter();
        let mut edges = Vec::new();
        for count in worlds {
            let node = self.graph.len() as Node;
            for Successor { action, class, until } in successors.by_ref().take(count) {
                let class = class.map(|class| {
                    let number = self.classes.len() as u16;
                    *self.classes.entry(class).or_insert(number)
                });
                let Some(until) = until else {
                    if let Some(class) = class {
                        self.graph.push_waiting(class);
                    }
                    continue;
                };
                let packed = &bytes[from..until];
                from = until;
                let (to, is_new) = self.numbers.of(packed);
                if is_new {
                    self.came.push((node, action));
                    self.next.push(S::unpack(packed));
                }
                edges.push(Edge { to, action, class });
            }
            self.graph.push(edges.drain(..));
        }
    }
}

/// What a thread finds in some worlds.
struct Batch {
    /// For each claim about runs, in which of them it holds.
    goals: Vec<Vec<bool>>,
    /// For each claim that single worlds decide, whether one of them does.
    decided: Vec<bool>,
    /// For each of them, how much can happen in it.
    worlds: Vec<usize>,
    /// What can happen in the first one, in the order of its actions, then in the second one, and so on.
    successors: Vec<Successor>,
    /// The worlds that follow, packed, one after the other.
    bytes: Vec<u8>,
}

/// What can happen in a world.
struct Successor {
    action: Action,
    class: Option<Class>,
    /// Where the packed world that follows ends; none if the action only waits for room.
    until: Option<usize>,
}

impl Batch {
    fn of<M: System>(model: &M, asked: Asked<'_>, states: &[M::State]) -> Self {
        let mut goals = vec![Vec::with_capacity(states.len()); asked.of_runs.len()];
        let mut decided = vec![false; asked.of_worlds.len()];
        let (mut counts, mut successors, mut bytes) =
            (Vec::with_capacity(states.len()), Vec::new(), Vec::new());
        let mut actions = Vec::new();
        for state in states {
            let world = M::world(state);
            for (claim, goals) in asked.of_runs.iter().zip(&mut goals) {
                goals.push(model.holds(*claim, state));
            }
            for ((claim, decisive), decided) in asked.of_worlds.iter().zip(&mut decided) {
                *decided |= model.holds(*claim, state) == *decisive;
            }
            actions.clear();
            model.tcp().possible(world, &mut actions);
            let before = successors.len();
            for action in &actions {
                let class = Class::of(world, *action);
                match model.next_state(state, *action) {
                    Some(after) => {
                        packed(&after, &mut bytes);
                        successors.push(Successor { action: *action, class, until: Some(bytes.len()) });
                    }
                    None if class.is_some() && model.tcp().waits_for_room(world, *action) => {
                        successors.push(Successor { action: *action, class, until: None });
                    }
                    None => {}
                }
            }
            counts.push(successors.len() - before);
        }
        Self { goals, decided, worlds: counts, successors, bytes }
    }
}

/// Adds the packed form of a state.
fn packed<S: Packed>(state: &S, bytes: &mut Vec<u8>) {
    let from = bytes.len();
    bytes.resize(from + S::ROOM, 0);
    let len = state.pack(&mut bytes[from..]);
    bytes.truncate(from + len);
}

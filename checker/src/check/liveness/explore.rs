//! All worlds of a scenario by number. Threads go through the worlds of a depth; what they find is joined in one order, so that the numbers are always the same.
//!
//! What is kept of a world: its fingerprint and its number (some 30 bytes), how it was first reached (12), a byte for each claim about runs, and 16 bytes for each of its edges.
//! The worlds of the next depth wait in packed form.

use super::Class;
use super::graph::{Edge, Graph, Node};
use super::numbers::Numbers;
use crate::check::system::System;
use crate::engine::fingerprint;
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
pub(super) struct Joined {
    numbers: Numbers,
    classes: Classes<u16>,
    pub(super) graph: Graph<Action>,
    /// How each world was first reached: from which one, by what.
    pub(super) came: Vec<(Node, Action)>,
    /// For each claim about runs, in order, where it holds.
    pub(super) goals: Vec<Vec<bool>>,
    /// For each claim that single worlds decide, in order, whether one has.
    decided: Vec<bool>,
    /// The depth of the worlds that were gone through last.
    depth: usize,
    /// The worlds of the next depth, as many together as a thread goes through at once.
    next: Vec<Waiting>,
}

/// Fairness classes by number: the order in which they came.
type Classes<N> = HashMap<Class, N, RandomState>;

/// Packed states that wait, each behind its length, which is one byte.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    states: usize,
}

impl Waiting {
    fn push(&mut self, packed: &[u8]) {
        self.bytes.push(packed.len() as u8);
        self.bytes.extend_from_slice(packed);
        self.states += 1;
    }

    fn iter<S: Packed>(&self) -> impl Iterator<Item = S> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (len, behind) = rest.split_first()?;
            let (packed, behind) = behind.split_at_checked(usize::from(*len))?;
            rest = behind;
            Some(S::unpack(packed))
        })
    }
}

/// Explores everything within a number of worlds; `Err` with what was reached if there are more. `go_on` hears after each depth what has been reached, and may
/// end it, too.
pub(super) fn explore<M: System>(
    model: &M,
    asked: Asked<'_>,
    threads: usize,
    most: usize,
    go_on: &mut dyn FnMut(Reached) -> bool,
) -> Result<Joined, Reached> {
    let mut bytes = Vec::new();
    packed(&model.first(), &mut bytes);
    let mut joined = Joined {
        numbers: Numbers::default(),
        classes: HashMap::default(),
        graph: Graph::default(),
        came: vec![(0, Action::Tick)],
        goals: vec![Vec::new(); asked.of_runs.len()],
        decided: vec![false; asked.of_worlds.len()],
        depth: 0,
        next: Vec::new(),
    };
    joined.numbers.of(fingerprint(&bytes));
    joined.wait(&bytes);
    for depth in 0.. {
        let level = std::mem::take(&mut joined.next);
        if level.is_empty() {
            break;
        }
        joined.depth = depth;
        if threads == 1 || level.len() == 1 {
            for waiting in level {
                joined.join(Batch::of(model, asked, &waiting));
            }
        } else {
            joined.join_all(&level, threads, |waiting| Batch::of(model, asked, waiting));
        }
        let reached = joined.reached();
        let fits = reached.worlds <= most
            && joined.classes.len() <= usize::from(u16::MAX)
            && u32::try_from(reached.generated).is_ok();
        if !fits || !go_on(reached) {
            return Err(reached);
        }
    }
    Ok(joined)
}

impl Joined {
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

    /// A packed world of the next depth waits.
    fn wait(&mut self, packed: &[u8]) {
        if let Some(last) = self.next.last_mut().filter(|last| last.states < BATCH) {
            last.push(packed);
        } else {
            let mut waiting = Waiting::default();
            waiting.push(packed);
            self.next.push(waiting);
        }
    }

    /// Joins what threads find in worlds that waited, in their order.
    fn join_all(&mut self, level: &[Waiting], threads: usize, find: impl Fn(&Waiting) -> Batch + Sync) {
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(2 * threads);
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(|| {
                    let sender = sender;
                    loop {
                        let place = taken.fetch_add(1, Relaxed);
                        let Some(waiting) = level.get(place) else { break };
                        if sender.send((place, find(waiting))).is_err() {
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
        let Batch { goals, decided, worlds, successors, classes, bytes } = batch;
        for (all, here) in self.decided.iter_mut().zip(decided) {
            *all |= here;
        }
        for (all, here) in self.goals.iter_mut().zip(goals) {
            all.extend(here);
        }
        let classes: Vec<u16> = classes
            .into_iter()
            .map(|class| {
                let number = self.classes.len() as u16;
                *self.classes.entry(class).or_insert(number)
            })
            .collect();
        // All are looked for before the first is added: so the processor fetches their places from memory at the same time.
        let known: Vec<Option<Node>> = successors
            .iter()
            .map(|successor| successor.after.and_then(|(fingerprint, _)| self.numbers.known(fingerprint)))
            .collect();
        let mut from = 0;
        let mut successors = successors.into_iter().zip(known);
        let mut edges = Vec::new();
        for count in worlds {
            let node = self.graph.len() as Node;
            for (Successor { action, class, after }, known) in successors.by_ref().take(count) {
                let class = class.map(|class| classes[class as usize]);
                let Some((fingerprint, until)) = after else {
                    if let Some(class) = class {
                        self.graph.push_waiting(class);
                    }
                    continue;
                };
                let packed = &bytes[from..until];
                from = until;
                let to = known.unwrap_or_else(|| {
                    let (to, is_new) = self.numbers.of(fingerprint);
                    if is_new {
                        self.came.push((node, action));
                        self.wait(packed);
                    }
                    to
                });
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
    /// The fairness classes of all that can happen, each once.
    classes: Vec<Class>,
    /// The worlds that follow, packed, one after the other.
    bytes: Vec<u8>,
}

/// What can happen in a world.
struct Successor {
    action: Action,
    /// The place of its class among those of the batch.
    class: Option<u32>,
    /// The fingerprint of the world that follows, and where its packed form ends; none if the action only waits for room.
    after: Option<(u64, usize)>,
}

impl Batch {
    fn of<M: System>(model: &M, asked: Asked<'_>, waiting: &Waiting) -> Self {
        let mut goals = vec![Vec::with_capacity(waiting.states); asked.of_runs.len()];
        let mut decided = vec![false; asked.of_worlds.len()];
        let (mut counts, mut successors, mut bytes) =
            (Vec::with_capacity(waiting.states), Vec::new(), Vec::new());
        let (mut classes, mut places) = (Vec::new(), Classes::<u32>::default());
        let mut actions = Vec::new();
        for state in waiting.iter::<M::State>() {
            let world = M::world(&state);
            for (claim, goals) in asked.of_runs.iter().zip(&mut goals) {
                goals.push(model.holds(*claim, &state));
            }
            for ((claim, decisive), decided) in asked.of_worlds.iter().zip(&mut decided) {
                *decided |= model.holds(*claim, &state) == *decisive;
            }
            actions.clear();
            model.tcp().possible(world, &mut actions);
            let before = successors.len();
            for action in &actions {
                let class = Class::of(world, *action);
                let after = match model.next_state(&state, *action) {
                    Some(after) => {
                        let from = bytes.len();
                        packed(&after, &mut bytes);
                        Some((fingerprint(&bytes[from..]), bytes.len()))
                    }
                    None if class.is_some() && model.tcp().waits_for_room(world, *action) => None,
                    None => continue,
                };
                let class = class.map(|class| {
                    *places.entry(class).or_insert_with(|| {
                        classes.push(class);
                        classes.len() as u32 - 1
                    })
                });
                successors.push(Successor { action: *action, class, after });
            }
            counts.push(successors.len() - before);
        }
        Self { goals, decided, worlds: counts, successors, classes, bytes }
    }
}

/// Adds the packed form of a state.
fn packed<S: Packed>(state: &S, bytes: &mut Vec<u8>) {
    const { assert!(S::ROOM <= u8::MAX as usize, "the length of a packed state is one byte") };
    let from = bytes.len();
    bytes.resize(from + S::ROOM, 0);
    let len = state.pack(&mut bytes[from..]);
    bytes.truncate(from + len);
}

//! One worker's part of an exploration, without the dataflow: its share of the states seen, what waits, and what it makes of it.

use super::batch::{Batch, States};
use super::frontier::Frontier;
use super::recent::Recent;
use super::seen::Seen;
use super::summary::Summary;
use stateright::{Expectation, Model};
use tcpspec::model::Packed;

/// Bytes of states that a batch for another worker has at least, when it goes.
const BATCH: usize = 1 << 16;
/// The same for the worker itself.
const OWN_BATCH: usize = 1 << 12;
/// States whose places are fetched from memory together.
const TOGETHER: usize = 32;
/// Every so many states the model is asked a second time.
const AGAIN: u64 = 512;
/// Bytes of the largest state: its length is written as one byte.
const ROOM: usize = 255;

/// A state's fingerprint: 64 bits of its packed form, the same on all machines; never 0.
#[inline]
pub(crate) fn fingerprint(packed: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(packed).max(1)
}

/// A property's condition, and which answer decides it: `always` is decided by a no, `sometimes` by a yes.
struct Question<M: Model> {
    condition: fn(&M, &M::State) -> bool,
    decisive: bool,
}

/// A worker's share.
pub(super) struct Explorer<M: Model> {
    model: M,
    me: usize,
    seen: Seen,
    recent: Recent,
    /// The level that is being worked through.
    now: Frontier,
    /// The level after it.
    next: Frontier,
    /// Not yet full batches, one for each worker.
    batches: Vec<Batch>,
    questions: Vec<Question<M>>,
    actions: Vec<M::Action>,
    pub(super) level: u64,
    /// What the engine is made to do wrong.
    #[cfg(test)]
    pub(super) fault: Option<super::Fault>,
    /// `stop` and `marks` are the caller's to fill in.
    pub(super) summary: Summary,
}

impl<M: Model> Explorer<M>
where
    M::State: Packed,
{
    /// The share of worker `me` of `workers`, with those initial states that are its own.
    pub(super) fn new(model: M, me: usize, workers: usize) -> Self {
        const { assert!(M::State::ROOM <= ROOM, "the length of a packed state is one byte") };
        let questions: Vec<_> = model
            .properties()
            .into_iter()
            .map(|property| Question {
                condition: property.condition,
                decisive: matches!(property.expectation, Expectation::Sometimes),
            })
            .collect();
        let batches = (0..workers).map(|to| Batch { to: to as u32, ..Batch::default() }).collect();
        let summary = Summary { decided: vec![None; questions.len()], ..Summary::default() };
        let mut explorer = Self {
            model,
            me,
            seen: Seen::new(),
            recent: Recent::new(),
            now: Frontier::default(),
            next: Frontier::default(),
            batches,
            questions,
            actions: Vec::new(),
            level: 0,
            #[cfg(test)]
            fault: None,
            summary,
        };
        explorer.summary.accounts.workers = 1;
        let mut packed = [0; ROOM];
        for state in explorer.model.init_states() {
            if !explorer.model.within_boundary(&state) {
                continue;
            }
            let len = state.pack(&mut packed);
            let fingerprint = fingerprint(&packed[..len]);
            if explorer.owner(fingerprint) == me {
                explorer.summary.generated += 1;
                explorer.summary.accounts.initial += 1;
                explorer.keep(fingerprint, &packed[..len]);
            }
        }
        explorer
    }

    /// Makes the first worker do this wrong.
    #[cfg(test)]
    pub(super) fn breaks(&mut self, fault: Option<super::Fault>) {
        self.fault = fault.filter(|_| self.me == 0);
    }

    pub(super) fn model(&self) -> &M {
        &self.model
    }

    /// The worker that keeps a state.
    #[inline]
    fn owner(&self, fingerprint: u64) -> usize {
        // Lower bits than those that choose a place in the set.
        (((fingerprint & 0xffff_ffff) * self.batches.len() as u64) >> 32) as usize
    }

    #[inline]
    fn keep(&mut self, fingerprint: u64, packed: &[u8]) {
        if self.seen.insert(fingerprint) {
            self.summary.unique += 1;
            #[cfg(test)]
            if self.fault == Some(super::Fault::NotKept) && self.summary.unique == 20 {
                return;
            }
            self.next.push(packed);
        }
    }

    /// Takes states of the next level; those that are new wait.
    pub(super) fn absorb(&mut self, states: &[u8]) {
        let mut ahead = States(states);
        let mut behind = States(states);
        loop {
            let mut glances = 0;
            for (fingerprint, _) in ahead.by_ref().take(TOGETHER) {
                glances ^= self.seen.glance(fingerprint);
            }
            std::hint::black_box(glances);
            let mut any = false;
            for (fingerprint, packed) in behind.by_ref().take(TOGETHER) {
                any = true;
                self.summary.accounts.came += 1;
                self.keep(fingerprint, packed);
            }
            if !any {
                return;
            }
        }
    }

    /// The level is complete: what waited for it is worked through from now on.
    pub(super) fn begin_level(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
        self.summary.expanded = 0;
    }

    /// Makes the successors of a number of states of this level and sends those of others on. `false`: the level has been worked through.
    pub(super) fn expand(&mut self, states: usize, mut send: impl FnMut(Batch)) -> bool {
        for _ in 0..states {
            let Some(packed) = self.now.pop() else {
                self.flush(&mut send);
                return false;
            };
            let state = M::State::unpack(packed);
            self.summary.expanded += 1;
            self.summary.accounts.expanded += 1;
            let made = self.summary.generated;
            for (question, decided) in self.questions.iter().zip(&mut self.summary.decided) {
                if decided.is_none() && (question.condition)(&self.model, &state) == question.decisive {
                    *decided = Some(self.level);
                }
            }
            self.model.actions(&state, &mut self.actions);
            let mut actions = std::mem::take(&mut self.actions);
            #[cfg(test)]
            if self.fault == Some(super::Fault::SuccessorDropped) {
                actions.remove(0);
            }
            for action in actions.drain(..) {
                if let Some(after) = self.model.next_state(&state, action)
                    && self.model.within_boundary(&after)
                {
                    self.made(&after, &mut send);
                }
            }
            self.actions = actions;
            if self.summary.accounts.expanded % AGAIN == 1 {
                self.ask_again(&state, self.summary.generated - made);
            }
        }
        true
    }

    /// Counts the successors of a state a second time, without anything that makes it fast.
    #[cold]
    fn ask_again(&mut self, state: &M::State, made: u64) {
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        let successors = actions
            .into_iter()
            .filter_map(|action| self.model.next_state(state, action))
            .filter(|after| self.model.within_boundary(after));
        self.summary.accounts.asked_again += successors.count() as u64;
        self.summary.accounts.made_there += made;
    }

    #[inline]
    fn made(&mut self, state: &M::State, send: &mut impl FnMut(Batch)) {
        self.summary.generated += 1;
        let mut room = [0; ROOM];
        let len = state.pack(&mut room);
        let packed = &room[..len];
        let fingerprint = fingerprint(packed);
        #[cfg(test)]
        if self.fault == Some(super::Fault::StateForgotten) && self.summary.generated == 50 {
            return;
        }
        if self.recent.has_met(fingerprint) {
            self.summary.accounts.met += 1;
            return;
        }
        let to = self.owner(fingerprint);
        self.summary.accounts.sent += 1;
        self.batches[to].push(fingerprint, packed);
        let full = if to == self.me { OWN_BATCH } else { BATCH };
        if self.batches[to].bytes.len() >= full {
            self.dispatch(to, send);
        }
    }

    /// Sends a batch; the worker's own it takes at once.
    fn dispatch(&mut self, to: usize, send: &mut impl FnMut(Batch)) {
        if to == self.me {
            let mut bytes = std::mem::take(&mut self.batches[to].bytes);
            self.absorb(&bytes);
            bytes.clear();
            self.batches[to].bytes = bytes;
        } else {
            let empty =
                Batch { to: to as u32, is_summary: false, bytes: Vec::with_capacity(BATCH + ROOM + 9) };
            let batch = std::mem::replace(&mut self.batches[to], empty);
            #[cfg(test)]
            if self.fault == Some(super::Fault::BatchLost) && !batch.bytes.is_empty() {
                self.fault = None;
                return;
            }
            if !batch.bytes.is_empty() {
                send(batch);
            }
        }
    }

    fn flush(&mut self, send: &mut impl FnMut(Batch)) {
        for to in 0..self.batches.len() {
            self.dispatch(to, send);
        }
    }

    /// Forgets what waits: the exploration ends here.
    pub(super) fn give_up(&mut self) {
        self.now.clear();
        self.next.clear();
        for batch in &mut self.batches {
            batch.bytes.clear();
        }
    }
}

//! The engine: explores any stateright [`Model`] whose states can be [`Packed`], on timely dataflow.
//!
//! Level by level: the states `n` steps away from the beginning are level `n`, and none of level `n + 1` is worked on before all of level `n`
//! are known. The states belong to the workers by fingerprint; a worker makes the successors of its own states and sends each to the worker
//! that it belongs to. The same program runs on the threads of one machine and on several processes.
//!
//! - [`dataflow`]: the loop, and when a level is complete;
//! - [`explorer`]: what a worker does with states;
//! - [`seen`], [`recent`], [`frontier`]: what it keeps of them: 8 bytes of those seen, the packed form of those that wait;
//! - [`batch`], [`summary`]: what workers send each other, and accounts of it, which must come out even: a state that is lost is an error, not a smaller number;
//! - [`connect`]: how processes find each other;
//! - [`path`]: counterexamples, by a search of their own;
//! - [`memory`]: how much there is.

mod batch;
mod connect;
mod dataflow;
mod explorer;
mod frontier;
pub(crate) mod memory;
mod path;
mod probe;
mod recent;
mod seen;
mod summary;
#[cfg(test)]
mod tests;

pub(crate) use connect::Listening;
pub(crate) use dataflow::explore;
pub(crate) use explorer::fingerprint;
pub(crate) use path::shortest;
pub(crate) use probe::{Probe, probe};
pub(crate) use summary::Stop;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
#[cfg(doc)]
use {stateright::Model, tcpspec::model::Packed};

/// What explores: threads and processes.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// Workers of each process.
    pub(crate) workers: usize,
    /// This process.
    pub(crate) process: usize,
    /// Address and port of each process, if there are several.
    pub(crate) hosts: Vec<String>,
    /// How long each exploration waits for a process that is not there.
    pub(crate) wait: Duration,
    /// Where this process is called by others.
    pub(crate) listening: Listening,
}

impl Cluster {
    /// The threads of this process alone.
    pub(crate) fn threads(workers: usize) -> Self {
        Self { workers, process: 0, hosts: Vec::new(), wait: Duration::ZERO, listening: Listening::default() }
    }

    /// Whether this is the process that reports.
    pub(crate) fn reports(&self) -> bool {
        self.process == 0
    }
}

/// What ends an exploration early.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// Bytes that this process may take.
    pub(crate) memory: Option<u64>,
    /// Different states, about: each worker finishes what it has begun.
    pub(crate) states: Option<u64>,
    /// Somebody wants it to end.
    pub(crate) interrupted: Arc<AtomicBool>,
    /// Nobody wants to know any more.
    pub(crate) left: Arc<AtomicBool>,
    /// What the engine is made to do wrong.
    #[cfg(test)]
    pub(crate) fault: Option<Fault>,
}

/// What can go wrong with the engine itself, and must be noticed.
#[cfg(test)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// One successor of each state is not made.
    SuccessorDropped,
    /// A state that was made is not handed on.
    StateForgotten,
    /// A batch of states gets lost between two workers.
    BatchLost,
    /// A state is known, but does not wait to be gone on from.
    NotKept,
    /// What a worker says after a level gets lost.
    SummaryLost,
}

impl Limits {
    /// Whether it shall end, whatever it has found.
    pub(crate) fn is_ended(&self) -> bool {
        self.interrupted.load(Relaxed) || self.left.load(Relaxed)
    }
}

/// How far an exploration is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// States seen by this process.
    pub(crate) unique: u64,
    /// States made by this process.
    pub(crate) generated: u64,
    /// The level that is being worked on.
    pub(crate) level: u64,
    /// The properties that are decided, a bit for each of the first 64, in the model's order.
    pub(crate) decided: u64,
}

/// What an exploration has found.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Different states.
    pub(crate) unique: u64,
    /// States made, those seen before included.
    pub(crate) generated: u64,
    /// The last level with states in it; for one that was stopped, the last that was worked through completely, if any.
    pub(crate) depth: Option<u64>,
    /// The level at which each property was first decided (an `always` contradicted, a `sometimes` shown), in the model's order.
    pub(crate) decided: Vec<Option<u64>>,
    /// The caller's marks, of all processes.
    pub(crate) marks: Vec<u64>,
    /// Why it ended before all was explored.
    pub(crate) stopped: Option<Stop>,
}

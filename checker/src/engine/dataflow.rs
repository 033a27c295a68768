//! The dataflow: one operator in a loop. A message's time is the level of the states in it; that no message of a level can come any more says that
//! the level is complete.

use super::batch::{Batch, ByAddress};
use super::explorer::Explorer;
use super::summary::{Stop, Summary};
use super::{Cluster, Limits, Outcome, Progress, connect, memory};
use stateright::Model;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tcpspec::model::Packed;
use timely::container::NoopBuilder;
use timely::dataflow::channels::pact::DistributorPact;
use timely::dataflow::operators::{ConnectLoop, Feedback, Operator};
use timely::worker::{Config as WorkerConfig, Worker};

/// States expanded before messages are looked at again.
const AT_ONCE: usize = 256;
/// How often the limits are looked at.
const ASK: Duration = Duration::from_millis(5);

/// What the workers of a process share with the thread that watches them.
#[derive(Default)]
struct Shared {
    unique: AtomicU64,
    generated: AtomicU64,
    level: AtomicU64,
    /// See [`Progress`].
    decided: AtomicU64,
    /// 0: go on; otherwise a [`Stop`] by its number.
    stop: AtomicU8,
    /// A worker has panicked.
    broken: AtomicBool,
}

impl Shared {
    fn stop(&self) -> Option<Stop> {
        Stop::numbered(self.stop.load(Relaxed))
    }
}

/// Says so if its thread panics: the others would wait for ever.
struct Alarm(Arc<Shared>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Relaxed);
        }
    }
}

/// Explores all that can be reached. `marks` is asked after each level and may say whatever the caller wants to know from all processes, as bits; `progress`
/// hears from time to time how far it is.
pub(crate) fn explore<M>(
    model: &M,
    cluster: &Cluster,
    limits: &Limits,
    marks: fn(&M) -> Vec<u64>,
    mut progress: impl FnMut(Progress),
) -> Result<Outcome, String>
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Packed,
{
    let shared = Arc::new(Shared::default());
    let most = limits.states.unwrap_or(u64::MAX);
    #[cfg(test)]
    let fault = limits.fault;
    let (builders, network) = connect::workers(cluster, &limits.interrupted)?;
    let (theirs, model) = (Arc::clone(&shared), model.clone());
    let workers = timely::execute::execute_from(builders, network, WorkerConfig::default(), move |worker| {
        let _alarm = Alarm(Arc::clone(&theirs));
        run(
            worker,
            |me, workers| {
                #[cfg_attr(not(test), expect(unused_mut, reason = "a test breaks it"))]
                let mut explorer = Explorer::new(model.clone(), me, workers);
                #[cfg(test)]
                explorer.breaks(fault);
                explorer
            },
            Arc::clone(&theirs),
            most,
            marks,
        )
    })?;
    let mut next = Instant::now() + Duration::from_millis(500);
    while !workers.guards().iter().all(std::thread::JoinHandle::is_finished) {
        std::thread::sleep(ASK);
        if shared.broken.load(Relaxed) {
            // Whoever waits for the broken worker waits for ever; the process is about to end.
            std::mem::forget(workers);
            return Err("a worker of the exploration panicked (see above)".into());
        }
        if limits.is_ended() {
            shared.stop.fetch_max(Stop::Interrupt.number(), Relaxed);
        } else if limits.memory.is_some_and(|limit| memory::resident().is_some_and(|now| now > limit)) {
            shared.stop.fetch_max(Stop::Memory.number(), Relaxed);
        }
        if Instant::now() >= next {
            next += Duration::from_millis(500);
            progress(Progress {
                unique: shared.unique.load(Relaxed),
                generated: shared.generated.load(Relaxed),
                level: shared.level.load(Relaxed),
                decided: shared.decided.load(Relaxed),
            });
        }
    }
    // All workers come to the same result.
    let mut outcome = Err("no worker took part in the exploration".to_owned());
    for result in workers.join() {
        outcome = result?;
    }
    outcome
}

/// One worker, from the beginning to the result.
fn run<M>(
    worker: &mut Worker,
    begin: impl FnOnce(usize, usize) -> Explorer<M>,
    shared: Arc<Shared>,
    most: u64,
    marks: fn(&M) -> Vec<u64>,
) -> Result<Outcome, String>
where
    M: Model + 'static,
    M::State: Packed,
{
    let outcome = Rc::new(RefCell::new(None));
    let result = Rc::clone(&outcome);
    let (me, workers) = (worker.index(), worker.peers());
    worker.dataflow::<u64, _, _>(|scope| {
        let (handle, states) = scope.feedback::<Batch>(1);
        let explored = states.unary_frontier::<NoopBuilder<Batch>, _, _, _>(
            DistributorPact(|_| ByAddress),
            "explore",
            |capability, info| {
                let again = scope.activator_for(info.address);
                let mut explorer = begin(me, workers);
                let mut level = Level::new(workers as u64);
                // Different states of which the others know: its own, those that came from other workers included.
                let mut told = 0;
                // As long as it is held, this worker may still send states of the level after it.
                let mut held = Some(capability);
                move |(input, frontier), output| {
                    input.for_each(|at, batch| {
                        if let Some(time) = at.least() {
                            level.arrived(*time, std::mem::take(batch), &mut explorer);
                        }
                    });
                    while let Some(capability) = &mut held {
                        if level.waits {
                            if frontier.frontier().less_equal(&level.number) {
                                return;
                            }
                            if let Some(end) = level.is_complete(&mut explorer) {
                                *result.borrow_mut() = Some(end);
                                explorer.give_up();
                                held = None;
                                return;
                            }
                            shared.level.fetch_max(level.number, Relaxed);
                        }
                        if explorer.summary.stop.is_none() && shared.stop().is_some() {
                            explorer.summary.stop = shared.stop();
                            explorer.give_up();
                        }
                        let mut session = output.session_with_builder(&*capability);
                        let generated = explorer.summary.generated;
                        let more = explorer.expand(AT_ONCE, |mut batch| session.give_container(&mut batch));
                        let more_unique = explorer.summary.unique - told;
                        told = explorer.summary.unique;
                        if shared.unique.fetch_add(more_unique, Relaxed).saturating_add(more_unique) > most {
                            shared.stop.fetch_max(Stop::States.number(), Relaxed);
                        }
                        shared.decided.fetch_or(explorer.summary.decided_bits(), Relaxed);
                        shared.generated.fetch_add(explorer.summary.generated - generated, Relaxed);
                        if more {
                            again.activate();
                            return;
                        }
                        explorer.summary.marks = marks(explorer.model());
                        let bytes = explorer.summary.encode();
                        for to in 0..workers as u32 {
                            #[cfg(test)]
                            if explorer.fault == Some(super::Fault::SummaryLost) && to == 0 {
                                continue;
                            }
                            session.give_container(&mut Batch { to, is_summary: true, bytes: bytes.clone() });
                        }
                        drop(session);
                        level.begin_waiting();
                        capability.downgrade(&level.number);
                    }
                }
            },
        );
        explored.connect_loop(handle);
    });
    while worker.has_dataflows() {
        worker.step_or_park(None);
    }
    outcome.take().unwrap_or_else(|| Err("an exploration ended without a result".to_owned()))
}

/// Where a worker stands.
struct Level {
    /// How many workers there are.
    workers: u64,
    number: u64,
    /// States of the level may still come; otherwise it is being worked through, and states of the next one come.
    waits: bool,
    /// What all workers have said of the level before.
    summaries: Vec<Summary>,
    /// What others have sent who knew before us that the level is complete.
    early: Vec<Batch>,
}

impl Level {
    fn new(workers: u64) -> Self {
        Self { workers, number: 0, waits: true, summaries: Vec::new(), early: Vec::new() }
    }

    fn arrived<M: Model>(&mut self, time: u64, batch: Batch, explorer: &mut Explorer<M>)
    where
        M::State: Packed,
    {
        let expected = if self.waits { self.number } else { self.number + 1 };
        if time > expected {
            self.early.push(batch);
        } else if batch.is_summary {
            self.summaries.push(Summary::decode(&batch.bytes));
        } else if explorer.summary.stop.is_none() {
            explorer.absorb(&batch.bytes);
        }
    }

    /// All states of the level are there: either it is worked through from now on, or this is the end. An error: something got lost.
    fn is_complete<M: Model>(&mut self, explorer: &mut Explorer<M>) -> Option<Result<Outcome, String>>
    where
        M::State: Packed,
    {
        let mut sum = Summary::default();
        for summary in self.summaries.drain(..) {
            sum.add(&summary);
        }
        let complete = sum.expanded == 0 && sum.stop.is_none();
        // Level 0 has none before it.
        if self.number > 0
            && let Some(loss) = sum.loss(self.workers, complete)
        {
            return Some(Err(loss));
        }
        if self.number > 0 && (sum.expanded == 0 || sum.stop.is_some()) {
            // The level before was empty, or not worked through completely.
            return Some(Ok(Outcome {
                unique: sum.unique,
                generated: sum.generated,
                depth: self.number.checked_sub(2),
                decided: sum.decided,
                marks: sum.marks,
                stopped: sum.stop,
            }));
        }
        self.waits = false;
        explorer.level = self.number;
        explorer.begin_level();
        for batch in std::mem::take(&mut self.early) {
            self.arrived(self.number + 1, batch, explorer);
        }
        None
    }

    /// The level has been worked through; the next one may still be incomplete.
    fn begin_waiting(&mut self) {
        self.number += 1;
        self.waits = true;
    }
}

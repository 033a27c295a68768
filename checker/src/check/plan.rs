//! How scenarios are explored: by whom, within which limits, and by which claims of somebody else's.

use crate::engine::{Cluster, Limits, Stop, memory};
use crate::own::{self, AllRules};
use tcpspec::model::Scenario;

/// What explores: one of the engines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Our own, on timely dataflow
    #[default]
    Timely,
    /// stateright's breadth-first search
    Stateright,
}

/// How to explore.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) engine: Engine,
    pub(crate) cluster: Cluster,
    pub(crate) limits: Limits,
    /// What somebody else claims of scenarios, by their names.
    pub(crate) rules: AllRules,
    /// Which expected failures get a run.
    pub(crate) expected: Expected,
}

/// Which claims that fail as expected get the run that shows it. A violated claim always gets one. A search explores the scenario again: all searches together took about
/// an eighth of the default run.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// Those of all scenarios.
    All,
    /// Those of the scenarios with these names.
    Of(Vec<String>),
}

impl Expected {
    /// Whether those of this scenario do.
    pub(super) fn has(&self, scenario: &Scenario) -> bool {
        match self {
            Self::All => true,
            Self::Of(names) => names.iter().any(|name| name == scenario.name),
        }
    }
}

impl Plan {
    /// All cores, and three quarters of the memory that is available.
    pub(crate) fn with_threads(threads: usize) -> Self {
        let memory = memory::available().map(|bytes| bytes / 4 * 3);
        Self {
            engine: Engine::default(),
            cluster: Cluster::threads(threads),
            limits: Limits { memory, ..Limits::default() },
            rules: own::offered(),
            expected: Expected::All,
        }
    }

    /// Whether to stop as soon as possible.
    pub(super) fn is_over(&self) -> bool {
        self.stop().is_some()
    }

    /// Why to stop as soon as possible, if so.
    pub(super) fn stop(&self) -> Option<Stop> {
        if self.limits.is_ended() {
            return Some(Stop::Interrupt);
        }
        self.is_filled(1).then_some(Stop::Memory)
    }

    /// Whether half of the memory is taken.
    pub(super) fn is_half_full(&self) -> bool {
        self.is_filled(2)
    }

    /// Whether one of so many parts of the memory is taken.
    fn is_filled(&self, parts: u64) -> bool {
        let limit = self.limits.memory.map(|limit| limit / parts);
        limit.is_some_and(|limit| memory::resident().is_some_and(|now| now > limit))
    }
}

/// One thread for each core.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

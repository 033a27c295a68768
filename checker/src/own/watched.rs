//! The model of a scenario with what is watched in it: beside each world the history, and what the last step has shown.

use super::caught::Fault;
use stateright::{Model, Property};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tcpspec::model::world::Marks;
use tcpspec::model::{Action, Kind, Packed, Scenario, Step, Tcp, World};

/// What is kept beside a world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Memory {
    /// The number of the history.
    pub(super) history: u32,
    /// A bit for each claim that one thing leads to another one, and still waits for the other one. Where paths are searched for, also one for each claim
    /// about steps that the last step decides.
    pub(super) bits: u64,
}

/// A world, and what is kept beside it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Watched {
    pub(crate) world: World,
    pub(super) memory: Memory,
}

/// What somebody else claims of a scenario and remembers beside its worlds.
pub(crate) trait Rules: Send + Sync + fmt::Debug {
    /// The place of the claim of this name.
    fn place(&self, claim: &str) -> Option<usize>;
    /// The marks of the past that worlds keep, with these.
    fn marks(&self, asked: Marks) -> Marks;
    /// Whether steps have to be looked at; else the worlds alone do.
    fn look_at_steps(&self) -> bool;
    /// What is kept beside the first world.
    fn begin(&self, world: &World) -> Memory;
    /// What is kept after a step, and the claims about steps that it decides, a bit for each.
    fn go(&self, before: &Watched, step: &Step, after: &World) -> (Memory, u64);
    /// Whether the claim at this place holds; one that is at no place does. `decided` are the claims about steps that are decided, a bit for each.
    fn holds(&self, claim: usize, scenario: &Scenario, state: &Watched, decided: u64) -> bool;
    /// Whether the claim at this place is content once it holds.
    fn is_answered_once(&self, claim: usize) -> bool;
    /// The closure that has panicked, if one has.
    fn fault(&self) -> Option<Fault>;
}

/// Bytes of what is kept beside a world.
const BESIDE: usize = 12;

impl Packed for Watched {
    const ROOM: usize = BESIDE + World::ROOM;

    #[inline]
    fn pack(&self, bytes: &mut [u8]) -> usize {
        let Memory { history, bits } = self.memory;
        let Some((beside, world)) = bytes.split_first_chunk_mut::<BESIDE>() else { return 0 };
        beside[..4].copy_from_slice(&history.to_le_bytes());
        beside[4..].copy_from_slice(&bits.to_le_bytes());
        BESIDE + self.world.pack(world)
    }

    #[inline]
    fn unpack(bytes: &[u8]) -> Self {
        let (beside, world) = bytes.split_at(BESIDE.min(bytes.len()));
        let mut memory = Memory::default();
        if let Some((history, rest)) = beside.split_first_chunk::<4>()
            && let Some(bits) = rest.first_chunk::<8>()
        {
            memory = Memory { history: u32::from_le_bytes(*history), bits: u64::from_le_bytes(*bits) };
        }
        Self { world: World::unpack(world), memory }
    }
}

/// The model of a scenario with rules.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    tcp: Tcp,
    rules: Arc<dyn Rules>,
    /// For each claim of the scenario its place in the rules.
    places: Arc<[usize]>,
    /// Steps have to be looked at; else the worlds alone do.
    looks: bool,
    /// The claims about steps that some step has decided, a bit for each.
    decided: Arc<AtomicU64>,
    /// States say which claims the last step has decided. Then there are more states; else a run to such a step could not be found.
    tells_steps: bool,
}

macro_rules! conditions {
    ($($n:literal),* $(,)?) => {
        /// stateright takes plain functions only, so each place in a scenario's list has one.
        const CONDITIONS: &[fn(&Own, &Watched) -> bool] = &[$(|own, state| own.holds($n, state)),*];
    };
}
conditions!(
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54,
    55, 56, 57, 58, 59, 60, 61, 62, 63,
);

/// Claims that a scenario may have.
pub(crate) const MOST_CLAIMS: usize = CONDITIONS.len();

impl Own {
    /// The model of a scenario, which may have other options and bounds than the rules were made with, or some of the claims only.
    pub(crate) fn new(scenario: &Scenario, rules: &Arc<dyn Rules>) -> Self {
        let tcp = Tcp::new(scenario);
        Self::of(Tcp { asks: rules.marks(tcp.asks), ..tcp }, rules)
    }

    /// The same, from the model of the worlds.
    pub(super) fn of(tcp: Tcp, rules: &Arc<dyn Rules>) -> Self {
        let place = |name: &str| rules.place(name).unwrap_or(usize::MAX);
        Self {
            places: tcp.scenario.claims.iter().map(|claim| place(claim.name)).collect(),
            tcp,
            looks: rules.look_at_steps(),
            rules: Arc::clone(rules),
            decided: Arc::default(),
            tells_steps: false,
        }
    }

    pub(crate) fn tcp(&self) -> &Tcp {
        &self.tcp
    }

    pub(crate) fn first(&self) -> Watched {
        let world = self.tcp.initial();
        Watched { world, memory: self.rules.begin(&world) }
    }

    /// Whether the claim at this place of the scenario's list holds in a state.
    #[inline]
    pub(crate) fn holds(&self, claim: usize, state: &Watched) -> bool {
        let place = self.places.get(claim).copied().unwrap_or(usize::MAX);
        let decided = if self.tells_steps { state.memory.bits } else { self.decided.load(Relaxed) };
        self.rules.holds(place, &self.tcp.scenario, state, decided)
    }

    pub(crate) fn is_answered_once(&self, claim: usize) -> bool {
        self.places.get(claim).is_some_and(|place| self.rules.is_answered_once(*place))
    }

    /// The state after an action, and what happened, also where the world stays as it was; `None` if nothing is another.
    pub(crate) fn explain(&self, state: &Watched, action: Action) -> Option<(Watched, Step)> {
        let (after, step) = self.went(state, action)?;
        (after != *state && self.rules.fault().is_none()).then_some((after, step))
    }

    /// The state after an action, be it another one or not; `None` if the action waits for room in the network.
    pub(super) fn observe(&self, state: &Watched, action: Action) -> Option<Watched> {
        self.went(state, action).map(|(after, _)| after)
    }

    fn went(&self, state: &Watched, action: Action) -> Option<(Watched, Step)> {
        let (world, step) = self.tcp.observe(&state.world, action)?;
        let (mut memory, decided) = self.rules.go(state, &step, &world);
        if self.tells_steps {
            memory.bits |= decided;
        } else if self.decided.load(Relaxed) | decided != self.decided.load(Relaxed) {
            self.decided.fetch_or(decided, Relaxed);
        }
        Some((Watched { world, memory }, step))
    }

    pub(crate) fn only(&self, claim: &'static str) -> Self {
        Self { tcp: Tcp { only: Some(claim), ..self.tcp.clone() }, ..self.telling_steps() }
    }

    /// The same, and states say which claims the last step has decided.
    pub(crate) fn telling_steps(&self) -> Self {
        Self { tells_steps: true, ..self.clone() }
    }

    /// Whether some step has decided the claim at this place of the scenario's list.
    pub(crate) fn is_decided_by_steps(&self, claim: usize) -> bool {
        self.places.get(claim).is_some_and(|place| self.decided.load(Relaxed) >> place & 1 != 0)
    }

    /// The closure that has panicked, if one has.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.rules.fault()
    }
}

impl Model for Own {
    type State = Watched;
    type Action = Action;

    fn init_states(&self) -> Vec<Watched> {
        vec![self.first()]
    }

    fn actions(&self, state: &Watched, actions: &mut Vec<Action>) {
        self.tcp.possible(&state.world, actions);
    }

    #[inline]
    fn next_state(&self, state: &Watched, action: Action) -> Option<Watched> {
        if !self.looks {
            let world = self.tcp.after(&state.world, action)?;
            return self.rules.fault().is_none().then_some(Watched { world, ..*state });
        }
        let (after, _) = self.explain(state, action)?;
        self.tcp.note(&state.world, action);
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let claims = self.tcp.scenario.claims.iter().zip(CONDITIONS);
        claims
            .filter(|(claim, _)| self.tcp.only.is_none_or(|only| only == claim.name))
            .filter_map(|(claim, condition)| match claim.kind {
                Kind::Always => Some(Property::always(claim.name, *condition)),
                Kind::Sometimes => Some(Property::sometimes(claim.name, *condition)),
                Kind::Possible | Kind::Finally | Kind::NoCycle => None,
            })
            .collect()
    }
}

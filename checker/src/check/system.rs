//! What can be explored: the model of a scenario as it is, or with what somebody else claims and remembers beside each world.

use crate::own::{Own, Watched};
use stateright::Model;
use std::hash::Hash;
use tcpspec::model::{Action, Packed, Scenario, Step, Tcp, World};

/// A model whose states have a world of TCP in them.
pub(crate) trait System:
    Model<Action = Action, State: Packed + Clone + PartialEq + Hash + Send + Sync + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
    /// The model of the worlds.
    fn tcp(&self) -> &Tcp;

    /// The world in a state.
    fn world(state: &Self::State) -> &World;

    /// The state in which everything begins.
    fn first(&self) -> Self::State;

    /// Whether the claim at this place of the scenario's list holds in a state.
    fn holds(&self, claim: usize, state: &Self::State) -> bool;

    /// Whether a claim about runs is content with a state in which it holds, whatever comes behind.
    fn is_answered_once(&self, claim: usize) -> bool;

    /// The state after an action, and what happened; `None` if nothing did.
    fn explain(&self, state: &Self::State, action: Action) -> Option<(Self::State, Step)>;

    /// The kinds of action that have happened, a bit for each.
    fn happened(&self) -> u64 {
        self.tcp().coverage.actions()
    }

    /// The same, asked for this claim only.
    fn only(&self, claim: &'static str) -> Self;

    /// The same, in which runs to what decides a claim are searched for.
    fn for_paths(&self) -> Self;

    /// Whether a step has decided the claim at this place: no state need say so.
    fn is_decided_by_steps(&self, claim: usize) -> bool;

    /// What makes all that is found worthless, if anything does: somebody else's closure has panicked.
    fn fault(&self) -> Result<(), String>;

    /// What is explored.
    fn scenario(&self) -> &Scenario {
        &self.tcp().scenario
    }
}

impl System for Tcp {
    fn tcp(&self) -> &Tcp {
        self
    }

    fn world(state: &World) -> &World {
        state
    }

    fn first(&self) -> World {
        self.initial()
    }

    #[inline]
    fn holds(&self, claim: usize, world: &World) -> bool {
        self.scenario.claims.get(claim).is_none_or(|claim| (claim.holds)(&self.scenario, world))
    }

    fn is_answered_once(&self, _: usize) -> bool {
        false
    }

    fn explain(&self, world: &World, action: Action) -> Option<(World, Step)> {
        Self::explain(self, world, action)
    }

    fn only(&self, claim: &'static str) -> Self {
        Self { only: Some(claim), ..self.clone() }
    }

    fn for_paths(&self) -> Self {
        self.clone()
    }

    fn is_decided_by_steps(&self, _: usize) -> bool {
        false
    }

    fn fault(&self) -> Result<(), String> {
        Ok(())
    }
}

impl System for Own {
    fn tcp(&self) -> &Tcp {
        self.tcp()
    }

    fn world(state: &Watched) -> &World {
        &state.world
    }

    fn first(&self) -> Watched {
        self.first()
    }

    #[inline]
    fn holds(&self, claim: usize, state: &Watched) -> bool {
        self.holds(claim, state)
    }

    fn is_answered_once(&self, claim: usize) -> bool {
        self.is_answered_once(claim)
    }

    fn explain(&self, state: &Watched, action: Action) -> Option<(Watched, Step)> {
        self.explain(state, action)
    }

    fn only(&self, claim: &'static str) -> Self {
        self.only(claim)
    }

    fn for_paths(&self) -> Self {
        self.telling_steps()
    }

    fn is_decided_by_steps(&self, claim: usize) -> bool {
        self.is_decided_by_steps(claim)
    }

    fn fault(&self) -> Result<(), String> {
        self.fault().map_or(Ok(()), |fault| Err(fault.to_string()))
    }
}

//! The model as stateright wants it: any of its tools can run it.

use super::action::Action;
use super::tcp::Tcp;
use crate::model::scenario::Kind;
use crate::model::world::World;
use stateright::Property;

macro_rules! claim_fn {
    ($($n:literal),*) => {
        /// stateright takes plain functions only, so each place in a scenario's list has one.
        const CONDITIONS: &[fn(&Tcp, &World) -> bool] = &[$(|model, world| {
            model.scenario.claims.get($n).is_none_or(|claim| (claim.holds)(&model.scenario, world))
        }),*];
    };
}
claim_fn!(
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31
);

/// Claims that a scenario may have.
pub const MOST_CLAIMS: usize = CONDITIONS.len();

impl Tcp {
    /// The scenario's claims as stateright wants them, those about runs left out; only one of them if [`Tcp::only`] says so.
    fn stateright_properties(&self) -> Vec<Property<Self>> {
        self.scenario
            .claims
            .iter()
            .zip(CONDITIONS)
            .filter(|(claim, _)| self.only.is_none_or(|only| only == claim.name))
            .filter_map(|(claim, condition)| match claim.kind {
                Kind::Always => Some(Property::always(claim.name, *condition)),
                Kind::Sometimes => Some(Property::sometimes(claim.name, *condition)),
                Kind::Possible | Kind::Finally | Kind::NoCycle => None,
            })
            .collect()
    }
}

impl stateright::Model for Tcp {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.initial()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.possible(world, actions);
    }

    #[inline]
    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        self.after(world, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.stateright_properties()
    }
}

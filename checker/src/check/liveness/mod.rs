//! Liveness, decided on the graph of all worlds with its cycles.
//!
//! Three kinds of claims:
//!
//! - *possible*: from every reachable world some way leads to the goal. Decided backward from the goals.
//! - *finally*: once the network has healed, every fair run comes to the goal for good. Healed means: no loss, no duplication, nobody
//!   vanishes or gives up (unless the peer's host is gone: then nobody answers, and R2 will be reached), no new OPEN, SEND or ABORT. Fair means weakly
//!   fair: each of these, if it can happen all the time from some moment on, happens again and again: a given segment arrives at a given end; a given timer of a
//!   given end runs out; an end sends what waits; what came early is taken; a tick passes; a user calls RECEIVE; a user calls CLOSE. A run may
//!   heal in any reachable world, so the fair runs of the healed part of the graph from every node are looked at: those that go round for ever in a
//!   strongly connected component, and those that stand still.
//! - *no cycle*: segments that arrive, and what is sent because of them, never lead back to the same world.
//!
//! The graph has to be finite although nothing is counted. So where [`Bounds::merging`](tcpspec::model::Bounds) is on,
//!
//! - equal segments under way count as one. Before healing nothing is lost by that: a copy that arrives is a duplication. After it,
//!   only a timer sends what is under way already; and since timers back off (RFC 6298 §5.5), a run in which each resent segment meets its like under way
//!   for ever does not exist, while copies from before can be let arrive before the moment of healing;
//! - a network without room makes senders wait. Before healing a loss by choice makes room, so this is the network that loses what it has no room for; after
//!   it nothing is lost. Who waits for room gets his turn, if there is room again and again (`fair`).
//!
//! Timers are as fast as they like: they may run out while segments are under way.

mod explore;
mod fair;
mod graph;
mod numbers;

use super::system::System;
use explore::Asked;
pub(crate) use explore::Reached;
use fair::{Coming, Round};
use graph::{Graph, Node};
use tcpspec::model::{Action, Call, Claim, Kind, Packet, Scenario, Step, World};

/// More worlds than this are not kept: liveness stays undecided.
const ROOM: usize = 4_000_000;

/// A counterexample: a run, and from which of its steps on it repeats for ever.
#[derive(Clone, Debug)]
pub(crate) struct Lasso {
    pub(crate) steps: Vec<Step>,
    /// The first step that repeats; none if nothing more happens (or, for *possible*, the goal is out of reach).
    pub(crate) repeats_from: Option<usize>,
}

/// All worlds of a scenario and what leads from one to the other.
pub(crate) struct Worlds<M> {
    model: M,
    graph: Graph<Action>,
    /// How each world was first reached: from which one, by what.
    came: Vec<(Node, Action)>,
    /// For each claim about runs, in order, where its goal holds.
    goals: Vec<(&'static str, Vec<bool>)>,
    /// All that was reached.
    reached: Reached,
}

/// What weak fairness speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Class {
    /// A segment with this content arrives (its age does not matter).
    Arrival(Packet),
    /// An end sends what waits, however much at once.
    Transmit(u8),
    /// An end takes what came early.
    Held(u8),
    /// A timer of an end; the last time is another matter.
    Fire(u8, tcpspec::Timer, bool),
    /// A tick.
    Tick,
    /// RECEIVE or CLOSE.
    Call(u8, Call),
}

impl Class {
    /// The class of what still happens once the network has healed.
    fn of(world: &World, action: Action) -> Option<Self> {
        let is_gone = |end: u8| world.ends[usize::from(1 - end)].gone;
        match action {
            Action::Deliver(index) => {
                let packet = world.net.get(usize::from(index)).copied().flatten()?;
                Some(Self::Arrival(Packet { age: 0, ..packet }))
            }
            Action::Transmit(end, _) => Some(Self::Transmit(end)),
            Action::Held(end, _) => Some(Self::Held(end)),
            Action::Fire(end, _, true) if !is_gone(end) => None,
            Action::Fire(end, timer, last) => Some(Self::Fire(end, timer, last)),
            Action::Resend(end, ..) => Some(Self::Fire(end, tcpspec::Timer::Retransmission, false)),
            Action::Tick => Some(Self::Tick),
            Action::Call(end, call @ (Call::Receive | Call::Close)) => Some(Self::Call(end, call)),
            Action::Call(
                _,
                Call::Open | Call::Listen | Call::Send | Call::Take(..) | Call::Abort | Call::Release,
            )
            | Action::Duplicate(_)
            | Action::Lose(_)
            | Action::Vanish(_)
            | Action::Crash(_)
            | Action::Forge(..)
            | Action::Opens(..)
            | Action::Stray(..) => None,
        }
    }
}

/// Whether the scenario has claims about runs.
pub(crate) fn is_asked(scenario: &Scenario) -> bool {
    scenario.claims.iter().any(|claim| claim.kind.is_about_runs())
}

impl<M: System> Worlds<M> {
    /// Explores everything on so many threads; `Err` with what was reached if it is more than fits. `go_on` hears after each depth what has been reached, and may
    /// end it, too.
    pub(crate) fn explore(
        model: &M,
        threads: usize,
        go_on: &mut dyn FnMut(Reached) -> bool,
    ) -> Result<Self, Reached> {
        let claims = || model.scenario().claims.iter().enumerate();
        let about_runs = claims().filter(|(_, claim)| claim.kind.is_about_runs());
        let (of_runs, names): (Vec<usize>, Vec<&'static str>) =
            about_runs.map(|(place, claim)| (place, claim.name)).unzip();
        let about_worlds = claims().filter(|(_, claim)| !claim.kind.is_about_runs());
        let of_worlds: Vec<(usize, bool)> =
            about_worlds.map(|(place, claim)| (place, claim.kind == Kind::Sometimes)).collect();
        let asked = Asked { of_runs: &of_runs, of_worlds: &of_worlds };
        let joined = explore::explore(model, asked, threads, ROOM, go_on)?;
        let reached = joined.reached();
        let goals = names.into_iter().zip(joined.goals).collect();
        Ok(Self { model: model.clone(), graph: joined.graph, came: joined.came, goals, reached })
    }

    /// What was reached: all that can be.
    pub(crate) fn reached(&self) -> Reached {
        self.reached
    }

    /// How many worlds there are.
    pub(crate) fn len(&self) -> usize {
        self.graph.len()
    }

    /// A counterexample to a claim about runs, if there is one.
    pub(crate) fn refute(&self, claim: &Claim) -> Option<Lasso> {
        let goals = || self.goals.iter().find(|(name, _)| *name == claim.name).map(|(_, goals)| goals);
        let round = match claim.kind {
            Kind::Possible => {
                let reaches = self.graph.can_reach(goals()?);
                let entry = self.graph.nodes().find(|node| !reaches[*node as usize])?;
                Round { entry, cycle: Vec::new() }
            }
            Kind::Finally => {
                let claims = &self.model.scenario().claims;
                let place = claims.iter().position(|other| other.name == claim.name)?;
                let coming = if self.model.is_answered_once(place) { Coming::Once } else { Coming::ForGood };
                fair::stray(&self.graph, goals()?, coming)?
            }
            Kind::NoCycle => fair::any_cycle(&self.graph, |edge| {
                matches!(edge.action, Action::Deliver(_) | Action::Held(..) | Action::Transmit(..))
            })?,
            Kind::Always | Kind::Sometimes => return None,
        };
        Some(self.shown(&round))
    }

    /// The shortest way there, and once round.
    fn shown(&self, round: &Round<Action>) -> Lasso {
        let mut actions = Vec::new();
        let mut at = round.entry;
        while at != 0 {
            let (from, action) = self.came[at as usize];
            actions.push(action);
            at = from;
        }
        actions.reverse();
        let stem = actions.len();
        actions.extend(&round.cycle);
        let mut world = self.model.first();
        let mut steps = Vec::new();
        for action in actions {
            let Some((after, step)) = self.model.explain(&world, action) else { break };
            world = after;
            steps.push(step);
        }
        Lasso { steps, repeats_from: (!round.cycle.is_empty()).then_some(stem) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::Timer;
    use tcpspec::model::{Tcp, scenarios};

    #[test]
    fn once_healed_time_passes_timers_run_out_and_only_an_end_whose_peer_is_gone_gives_up() {
        let mut world = Tcp::new(scenarios::find("liveness/close")[0]).initial();
        assert_eq!(Class::of(&world, Action::Tick), Some(Class::Tick));
        for timer in Timer::ALL {
            let again = Class::of(&world, Action::Fire(0, timer, false));
            assert_eq!(again, Some(Class::Fire(0, timer, false)));
            assert_eq!(Class::of(&world, Action::Fire(0, timer, true)), None);
        }
        world.ends[1].gone = true;
        let last = |end| Class::of(&world, Action::Fire(end, Timer::Retransmission, true));
        assert_eq!((last(0), last(1)), (Some(Class::Fire(0, Timer::Retransmission, true)), None));
    }
}

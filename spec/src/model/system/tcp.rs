//! The model of a scenario, and where it begins.

use super::action::Action;
use super::coverage::Coverage;
use crate::bodies::Body;
use crate::model::scenario::{Numbers, Scenario};
use crate::model::world::{End, HELD_CAPACITY, INCARNATIONS, Marks, NET_CAPACITY, Packet, World};
use crate::mutants::Mutant;
use crate::{Options, Row, Seq, State, Tcb};

/// What an action did, for ladders.
#[derive(Clone, Debug)]
pub struct Step {
    /// The action.
    pub action: Action,
    /// The segment that arrived or was lost.
    pub arrived: Option<Packet>,
    /// The end at which something happened, if it was one.
    pub end: Option<usize>,
    /// The rows that fired, in order.
    pub rows: Vec<Row>,
    /// Segments that were sent.
    pub sent: Vec<Packet>,
    /// States of both ends before.
    pub before: [State; 2],
    /// States of both ends after.
    pub after: [State; 2],
}

/// The model: a scenario, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Tcp {
    /// What is explored.
    pub scenario: Scenario,
    /// The options under which the table runs.
    pub options: Options,
    /// Only this property is checked (for the shortest path to it).
    pub only: Option<&'static str>,
    /// What has happened, shared by all threads.
    pub coverage: &'static Coverage,
    /// The fault of a row with which the machine runs.
    pub mutant: Option<Mutant>,
    /// The fault in a body with which it runs.
    pub body: Option<Body>,
    /// What worlds keep of the past: what a claim asks.
    pub asks: Marks,
}

impl Tcp {
    /// The model of a scenario, all of its properties asked.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            scenario: *scenario,
            options: scenario.options(),
            only: None,
            coverage: Box::leak(Box::default()),
            mutant: scenario.without,
            body: None,
            asks: scenario.claims.iter().fold(Marks::NONE, |marks, claim| marks.with(claim.asks)),
        }
    }

    /// The state in which everything begins.
    pub fn initial(&self) -> World {
        let end = |i: usize| {
            let user = &self.scenario.users[i];
            End {
                state: State::INITIAL,
                tcb: Tcb::default(),
                listening: user.listens,
                armed: 0,
                quiet: 0,
                restart: 0,
                on_hand: 0,
                held: [None; HELD_CAPACITY],
                last_ack: Seq::default(),
                active_opens: user.active_opens,
                passive_opens: user.passive_opens,
                sends: user.sends,
                aborts: user.aborts,
                closes: user.closes,
                retransmissions: self.scenario.bounds.retransmissions,
                challenges: self.scenario.bounds.challenges,
                incarnation: 0,
                peer_incarnation: 0,
                peer_gone: 0,
                given: [0; INCARNATIONS],
                delivered: 0,
                closed: false,
                gone: false,
                past: 0,
            }
        };
        World {
            ends: [end(0), end(1)],
            net: [None; NET_CAPACITY],
            losses: self.scenario.bounds.losses,
            duplicates: self.scenario.bounds.duplicates,
            give_ups: self.scenario.bounds.give_ups,
            crashes: self.scenario.bounds.crashes,
            forgeries: self.scenario.bounds.forgeries,
            clock: 0,
            chosen: 0,
            part: None,
            segments: 0,
            faults: 0,
            breaches: 0,
            strays: self.scenario.bounds.strays,
            strayed: false,
            unclean: false,
        }
    }

    /// Whether initial numbers come from the clock.
    pub(super) fn is_clocked(&self) -> bool {
        self.scenario.users.iter().any(|user| matches!(user.iss, Numbers::Clock { .. }))
    }
}

//! Controls of what is decided here: claims about runs, kinds of action that are missing, claims too many.

use super::*;
use crate::check::system::System;
use stateright::{Model, Property};
use std::collections::BTreeSet;
use tcpspec::model::claims::{CONNECTED, NO_STORM};
use tcpspec::model::{Bounds, Packet, User, World, scenarios};
use tcpspec::{Flags, State, Timer};

/// The model with a fault in what surrounds the machine.
#[derive(Clone)]
struct Broken {
    tcp: Tcp,
    /// Actions that do not happen.
    never: fn(&World, Action) -> bool,
    /// What becomes of the world after an action.
    twist: fn(&World, Action, &mut World),
}

impl Broken {
    fn new(scenario: &Scenario) -> Self {
        Self { tcp: Tcp::new(scenario), never: |_, _| false, twist: |_, _, _| {} }
    }
}

impl Model for Broken {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.tcp.initial()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.tcp.possible(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        if (self.never)(world, action) {
            return None;
        }
        let mut after = self.tcp.after(world, action)?;
        (self.twist)(world, action, &mut after);
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let claims = self.tcp.scenario.claims.iter().filter(|claim| !claim.kind.is_about_runs());
        // None of them is asked here.
        claims.map(|claim| Property::always(claim.name, |_, _| true)).collect()
    }
}

impl System for Broken {
    fn tcp(&self) -> &Tcp {
        &self.tcp
    }

    fn world(state: &World) -> &World {
        state
    }

    fn first(&self) -> World {
        self.tcp.initial()
    }

    fn holds(&self, claim: usize, world: &World) -> bool {
        System::holds(&self.tcp, claim, world)
    }

    fn is_answered_once(&self, _: usize) -> bool {
        false
    }

    fn explain(&self, world: &World, action: Action) -> Option<(World, Step)> {
        let (mut after, step) = self.tcp.explain(world, action)?;
        (self.twist)(world, action, &mut after);
        Some((after, step))
    }

    fn only(&self, claim: &'static str) -> Self {
        Self { tcp: System::only(&self.tcp, claim), ..self.clone() }
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

fn report(model: Broken) -> Report {
    through_model(model, &Plan::with_threads(1), &mut |_| {}, &mut |_| {}).unwrap()
}

/// Names of the claims about runs that do not hold, though they should.
fn violated(report: &Report) -> BTreeSet<&'static str> {
    let about_runs = report.findings.iter().filter(|finding| finding.claim.kind.is_about_runs());
    about_runs
        .filter(|finding| finding.verdict == Verdict::Violated)
        .map(|finding| finding.claim.name)
        .collect()
}

fn built_in(name: &str) -> Scenario {
    *scenarios::all().find(|scenario| scenario.name == name).unwrap()
}

const CAN_CLOSE: &str = "from every reachable state both ends can still reach CLOSED";
const DOES_CLOSE: &str = "once the network has healed, both ends reach CLOSED for good";
const DOES_DELIVER: &str = "once the network has healed, all text reaches its user unless an abort, R2 or the user timeout came in between";
const RELEASED_ENDS: &str = "once the network has healed, a connection that its user has left reaches CLOSED, whatever the other user does";

/// A fault that these claims about runs notice, and no other one.
struct Control {
    scenario: Scenario,
    never: fn(&World, Action) -> bool,
    twist: fn(&World, Action, &mut World),
    noticed_by: &'static [&'static str],
}

fn nothing(_: &World, _: Action, _: &mut World) {}

fn all(_: &World, _: Action) -> bool {
    false
}

/// Nobody asks whether a window has opened.
fn no_probe(_: &World, action: Action) -> bool {
    matches!(action, Action::Fire(_, Timer::Persist, _))
}

/// Nobody limits a connection that its user has left.
fn no_limit(_: &World, action: Action) -> bool {
    matches!(action, Action::Fire(_, Timer::Orphan, _))
}

/// In LAST-ACK B takes a segment only while its FIN is under way. It may come to that, and need not.
fn only_beside_its_fin(world: &World, action: Action) -> bool {
    let Action::Deliver(index) = action else { return false };
    let to_b = world.net[usize::from(index)].is_some_and(|packet| packet.to == 1);
    let fin = |packet: &Packet| packet.to == 0 && packet.seg.flags.has(Flags::FIN);
    to_b && world.ends[1].state == State::LastAck && !world.packets().any(fin)
}

/// B's host loses the octet on its way to the user.
fn octet_lost(before: &World, _: Action, after: &mut World) {
    if after.ends[1].delivered > before.ends[1].delivered {
        after.ends[1].delivered = before.ends[1].delivered;
    }
}

/// An ACK is answered by an ACK.
fn acks_answered(before: &World, action: Action, after: &mut World) {
    let Action::Deliver(index) = action else { return };
    let Some(came) = before.net[usize::from(index)] else { return };
    let to = usize::from(came.to);
    if came.seg.flags == Flags::ACK && after.ends[to].state == State::Established {
        let seg = after.ends[to].tcb.acknowledgment();
        if let Some(slot) = after.net.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some(Packet { seg, to: 1 - came.to, tag: 1, age: 0 });
        }
    }
}

fn controls() -> [Control; 5] {
    let silent = Scenario {
        name: "silent",
        users: [User { closes: 0, ..User::CLIENT }, User { closes: 0, ..User::SERVER }],
        bounds: Bounds::PERFECT,
        claims: &[CONNECTED, NO_STORM],
        ..built_in("liveness/close")
    };
    [
        Control {
            scenario: built_in("liveness/window"),
            never: no_probe,
            twist: nothing,
            noticed_by: &[CAN_CLOSE, DOES_CLOSE, DOES_DELIVER],
        },
        // Text cannot all be there once and for all where the ends are not.
        Control {
            scenario: built_in("liveness/close"),
            never: only_beside_its_fin,
            twist: nothing,
            noticed_by: &[DOES_CLOSE, DOES_DELIVER],
        },
        Control {
            scenario: built_in("liveness/close"),
            never: all,
            twist: octet_lost,
            noticed_by: &[DOES_DELIVER],
        },
        Control {
            scenario: built_in("hazard-window/never-opens-limited"),
            never: no_limit,
            twist: nothing,
            noticed_by: &[RELEASED_ENDS],
        },
        Control { scenario: silent, never: all, twist: acks_answered, noticed_by: &[NO_STORM.name] },
    ]
}

#[test]
fn each_claim_about_runs_notices_its_fault() {
    for Control { scenario, never, twist, noticed_by } in controls() {
        let without = violated(&report(Broken::new(&scenario)));
        assert!(without.is_empty(), "{}: {without:?}", scenario.name);
        let with = violated(&report(Broken { never, twist, ..Broken::new(&scenario) }));
        assert_eq!(with, noticed_by.iter().copied().collect(), "{}", scenario.name);
    }
    let noticed: BTreeSet<&str> = controls().iter().flat_map(|control| control.noticed_by).copied().collect();
    let claims = scenarios::all().flat_map(|scenario| scenario.claims);
    let about_runs: BTreeSet<&str> =
        claims.filter(|claim| claim.kind.is_about_runs()).map(|claim| claim.name).collect();
    assert_eq!(about_runs, noticed, "each claim about runs has a control");
}

#[test]
fn a_run_without_an_action_that_its_scenario_expects_does_not_hold() {
    let scenario = built_in("hazard-self-connect/on");
    let whole = report(Broken::new(&scenario));
    assert!(whole.missing().is_empty() && whole.complete, "{:?}", whole.missing());
    let never: fn(&World, Action) -> bool = |_, action| matches!(action, Action::Transmit(..));
    let fewer = report(Broken { never, ..Broken::new(&scenario) });
    assert_eq!(fewer.missing().into_iter().map(ActionKind::name).collect::<Vec<_>>(), ["transmission"]);
    assert!(!fewer.holds());
    // What was stopped has not had the time.
    assert!(Report { complete: false, ..fewer }.missing().is_empty());
}

#[test]
fn claims_that_cannot_all_be_asked_are_an_error() {
    let claims: &'static [Claim] = vec![CONNECTED; MOST_CLAIMS + 1].leak();
    let scenario = Scenario { claims, ..built_in("hazard-self-connect/on") };
    let error = run(&scenario, &Plan::with_threads(1), |_| {}).map(|report| report.unique);
    assert_eq!(
        error,
        Err("scenario hazard-self-connect/on: it has 33 claims; 32 can be asked at once".to_owned())
    );
}

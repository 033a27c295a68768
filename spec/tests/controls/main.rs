//! Controls: for each claim a fault that it notices. A claim that says nothing any more, because it was switched off or what it reads is not kept, fails here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod always;
mod by_the_bounds;
mod explore;
mod host;
mod network;
mod small;
mod sometimes;

use explore::{Fault, every_claim, explore};
use std::collections::BTreeSet;
use tcpspec::model::{Claim, Scenario, scenarios};

/// A claim, and a fault that it notices.
pub(crate) struct Control {
    claim: Claim,
    /// The fault in words.
    fault_is: &'static str,
    scenario: Scenario,
    fault: Fault,
    /// The claims that notice it as well. All others do not.
    also: &'static [Claim],
}

pub(crate) fn control(
    claim: Claim,
    fault_is: &'static str,
    scenario: Scenario,
    fault: Fault,
    also: &'static [Claim],
) -> Control {
    Control { claim, fault_is, scenario, fault, also }
}

/// A scenario that is explored each time.
pub(crate) fn built_in(name: &str) -> Scenario {
    *scenarios::all().find(|scenario| scenario.name == name).unwrap()
}

impl Control {
    /// The claims that notice the fault and have nothing to say without it.
    fn noticed_by(&self) -> BTreeSet<&'static str> {
        let asked = [&[self.claim], self.scenario.claims].concat();
        let [without, with] = [Fault::None, self.fault].map(|fault| explore(&self.scenario, fault, &asked));
        println!("{} and {} worlds: {}", without.worlds, with.worlds, self.fault_is);
        &with.wrong - &without.wrong
    }

    /// What is wrong with it, if anything.
    fn failure(&self) -> Option<String> {
        let expected: BTreeSet<_> = self.also.iter().chain([&self.claim]).map(|claim| claim.name).collect();
        let noticed = self.noticed_by();
        let Self { claim, fault_is, scenario, .. } = self;
        (noticed != expected).then(|| {
            format!("\"{}\"\n  {fault_is} ({})\n  is noticed by {noticed:#?}", claim.name, scenario.name)
        })
    }
}

fn hold(controls: &[Control]) {
    let failures: Vec<String> = controls.iter().filter_map(Control::failure).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_claim_has_a_control() {
    let controls: Vec<Claim> =
        always::controls().into_iter().chain(sometimes::controls()).map(|control| control.claim).collect();
    // Claims about runs have theirs beside what decides them, in the checker.
    let about_worlds = every_claim().into_iter().filter(|claim| !claim.kind.is_about_runs());
    let without: Vec<&str> = about_worlds
        .map(|claim| claim.name)
        .filter(|name| controls.iter().all(|claim| claim.name != *name))
        .collect();
    assert!(without.is_empty(), "no fault shows that these say anything: {without:#?}");
}

#[test]
fn each_claim_about_all_worlds_notices_its_fault_and_no_other_does() {
    hold(&always::controls());
}

#[test]
fn each_claim_about_some_world_misses_what_does_not_happen() {
    hold(&sometimes::controls());
}

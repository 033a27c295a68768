//! Everything that can happen next.

use super::happening;
use super::packets::First;
use crate::api::{ChoiceView, PacketView};
use crate::run::Run;
use crate::token;
use tcpspec::model::{Action, Claim, Kind, World};

/// All choices after so many steps, and the number of stray events that are left out. There are thousands that would change nothing.
pub(super) fn all(run: &Run, at: usize, first: &First) -> (Vec<ChoiceView>, usize) {
    let world = run.world(at);
    let mut actions = Vec::new();
    run.model.possible(world, &mut actions);
    let all = actions.len();
    actions
        .retain(|action| !matches!(action, Action::Stray(..)) || run.model.after(world, *action).is_some());
    let silent = all - actions.len();
    let kept: Vec<&Claim> = run
        .model
        .scenario
        .claims
        .iter()
        .filter(|claim| claim.kind == Kind::Always && (claim.holds)(&run.model.scenario, world))
        .collect();
    (actions.into_iter().map(|action| choice(run, first, world, action, &kept)).collect(), silent)
}

fn choice(run: &Run, first: &First, world: &World, action: Action, kept: &[&Claim]) -> ChoiceView {
    let what = happening(run, first, world, action);
    let token = token::token(action);
    let Some((after, step)) = run.model.observe(world, action) else {
        // It waits for room in the network.
        return ChoiceView {
            token,
            what,
            rows: Vec::new(),
            change: None,
            sent: Vec::new(),
            idle: true,
            breaks: Vec::new(),
        };
    };
    let changed = step.end.filter(|end| step.before[*end] != step.after[*end]);
    let then = first.with(&after);
    let sent: Vec<PacketView> = step.sent.iter().map(|packet| then.view(packet, &after)).collect();
    let breaks = kept
        .iter()
        .filter(|claim| !(claim.holds)(&run.model.scenario, &after))
        .map(|claim| claim.name)
        .collect();
    ChoiceView {
        token,
        what,
        rows: step.rows.iter().map(|row| row.name()).collect(),
        change: changed.map(|end| [step.before[end].name(), step.after[end].name()]),
        sent,
        idle: after == *world,
        breaks,
    }
}

//! Everything that can happen next.

use super::happening;
use super::packets::First;
use crate::api::{ChoiceView, PacketView};
use crate::catalogue;
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
    let broken = broken(run, at, None, world);
    (actions.into_iter().map(|action| choice(run, first, at, action, &broken)).collect(), silent)
}

/// The claims on all worlds that do not hold in this world, to which the run comes after so many steps, or by one more action.
fn broken(run: &Run, at: usize, action: Option<Action>, world: &World) -> Vec<&'static str> {
    let scenario = &run.model.scenario;
    let path = || run.link.path.iter().take(at).copied().chain(action).collect();
    let judged = catalogue::judged(&run.model, path).and_then(|mut judged| judged.pop());
    let holds = |place: usize, claim: &Claim| match &judged {
        Some(here) => here.get(place).copied().unwrap_or(true),
        None => (claim.holds)(scenario, world),
    };
    let claims = scenario.claims.iter().enumerate();
    let broken = claims.filter(|(place, claim)| claim.kind == Kind::Always && !holds(*place, claim));
    broken.map(|(_, claim)| claim.name).collect()
}

/// One of them; `broken` are the claims that do not hold before it.
fn choice(run: &Run, first: &First, at: usize, action: Action, broken: &[&'static str]) -> ChoiceView {
    let world = run.world(at);
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
    let mut breaks = self::broken(run, at, Some(action), &after);
    breaks.retain(|claim| !broken.contains(claim));
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

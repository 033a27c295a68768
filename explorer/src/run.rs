//! A run: the worlds of a path, step by step.

use crate::api::Refusal;
use crate::link::Link;
use crate::token;
use tcpspec::model::{Action, Step, Tcp, World};

/// A run that was played.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it comes from; its path is as long as `steps`.
    pub link: Link,
    /// The model.
    pub model: Tcp,
    /// The worlds: one more than steps.
    pub worlds: Vec<World>,
    /// What each action did.
    pub steps: Vec<Step>,
}

impl Run {
    /// Plays a link's path.
    ///
    /// # Errors
    ///
    /// A step of the path cannot happen, or the settings do not fit together.
    pub fn play(link: Link) -> Result<Self, Refusal> {
        let length = link.path.len();
        let wanted = link.path.clone();
        let run = Self::play_while_possible(link)?;
        match wanted.get(run.steps.len()) {
            None => Ok(run),
            Some(action) => Err(Refusal::new(format!(
                "step {} of {length} (`{}`) cannot happen there: the run was made with another table, or with other settings",
                run.steps.len() + 1,
                token::token(*action)
            ))),
        }
    }

    /// Plays a link's path as far as it can happen.
    ///
    /// # Errors
    ///
    /// The link's settings do not fit together.
    pub fn play_while_possible(mut link: Link) -> Result<Self, Refusal> {
        let model = link.model()?;
        let mut worlds = vec![model.initial()];
        let mut steps = Vec::new();
        let mut possible = Vec::new();
        let mut world = model.initial();
        for action in &link.path {
            possible.clear();
            model.possible(&world, &mut possible);
            if !possible.contains(action) {
                break;
            }
            let Some((after, step)) = model.observe(&world, *action) else { break };
            world = after;
            worlds.push(after);
            steps.push(step);
        }
        link.path.truncate(steps.len());
        Ok(Self { link, model, worlds, steps })
    }

    /// The world after so many steps, or the last.
    pub fn world(&self, at: usize) -> &World {
        self.worlds.get(at).unwrap_or_else(|| &self.worlds[self.worlds.len() - 1])
    }

    /// Ticks that have passed after so many steps.
    pub fn ticks(&self, at: usize) -> u32 {
        self.link.path.iter().take(at).filter(|action| **action == Action::Tick).count() as u32
    }
}

/// The actions that these steps show. If a step could take any number, it does not say which one it took.
pub fn actions_of(model: &Tcp, steps: &[Step]) -> Option<Vec<Action>> {
    let mut world = model.initial();
    let mut possible = Vec::new();
    let mut actions = Vec::new();
    for wanted in steps {
        possible.clear();
        model.possible(&world, &mut possible);
        let (action, after) = possible.iter().find_map(|action| {
            let shown = if let Action::Opens(_, opening) = action { opening.action() } else { *action };
            if shown != wanted.action {
                return None;
            }
            let (after, step) = model.explain(&world, *action)?;
            (step.sent == wanted.sent
                && step.arrived == wanted.arrived
                && step.rows.len() == wanted.rows.len())
            .then_some((*action, after))
        })?;
        world = after;
        actions.push(action);
    }
    Some(actions)
}

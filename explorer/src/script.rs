//! The run of a scenario's script within its own bounds: the calls of each stage, then segments until nothing moves.

use crate::link::Link;
use tcpspec::Timer;
use tcpspec::model::{Action, Call, Scenario, Tcp, World};

/// Steps after which the script is given up.
const LONGEST: usize = 200;

/// The run as a link; nothing if the scenario has no script, or its bounds do not let it begin.
pub fn example(scenario: &'static Scenario) -> Option<Link> {
    let link = Link::new(scenario);
    let model = link.model().ok()?;
    let mut play = Play { world: model.initial(), model, path: Vec::new() };
    for stage in scenario.script {
        for (end, call) in *stage {
            play.call(*end as u8, *call);
        }
        play.settle();
    }
    play.end();
    (!play.path.is_empty()).then(|| link.with_path(play.path))
}

struct Play {
    model: Tcp,
    world: World,
    path: Vec<Action>,
}

impl Play {
    fn take(&mut self, wanted: impl Fn(&Action) -> bool) -> bool {
        let mut possible = Vec::new();
        self.model.possible(&self.world, &mut possible);
        // The last of those that fit: as much text as fits in one segment.
        let Some(action) = possible.into_iter().rfind(wanted) else { return false };
        let Some((after, _)) = self.model.explain(&self.world, action) else { return false };
        self.world = after;
        self.path.push(action);
        true
    }

    fn call(&mut self, end: u8, call: Call) {
        self.take(|action| *action == Action::Call(end, call));
    }

    /// Each end sends what it has; then all that is under way arrives; and again.
    fn settle(&mut self) {
        while self.path.len() < LONGEST {
            let sent =
                [0, 1].map(|end| self.take(|action| matches!(action, Action::Transmit(i, _) if *i == end)));
            let under_way = self.world.packets().count();
            let arrived =
                (0..under_way).filter(|_| self.take(|action| *action == Action::Deliver(0))).count();
            if !sent.contains(&true) && arrived == 0 {
                return;
            }
        }
    }

    /// What is held back leaves, and 2MSL pass.
    fn end(&mut self) {
        while self.path.len() < LONGEST {
            let fired =
                self.take(|a| matches!(a, Action::Fire(_, Timer::DelayedAck | Timer::TimeWait, false)));
            let waits = self.world.ends.iter().any(|end| end.quiet > 0);
            if fired {
                self.settle();
            } else if !(waits && self.take(|action| *action == Action::Tick)) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use tcpspec::State;
    use tcpspec::model::scenarios;

    #[test]
    fn a_script_leads_through_the_whole_connection() {
        let link = example(scenarios::find("handshake-close")[0]).unwrap();
        let run = Run::play(link).unwrap();
        let last = run.world(run.steps.len());
        assert_eq!(last.ends.map(|end| end.state), [State::Closed; 2]);
        assert!(run.worlds.iter().any(|world| world.ends[0].state == State::TimeWait));
        for scenario in scenarios::all() {
            let link = example(scenario);
            assert!(scenario.script.is_empty() || link.is_some(), "{}", scenario.name);
            link.into_iter().for_each(|link| assert!(Run::play(link).is_ok(), "{}", scenario.name));
        }
    }
}

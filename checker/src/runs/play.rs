//! The loss-free run of a scenario: its script, played in lockstep.

use tcpspec::model::{Action, Bounds, Scenario, Step, Tcp, World, stray_name};
use tcpspec::{State, Timer};

/// What an action is, in words.
pub(crate) fn describe(action: Action) -> String {
    let end = |i: u8| ["A", "B"][usize::from(i & 1)];
    match action {
        Action::Call(i, call) => format!("{}: {call}", end(i)),
        Action::Transmit(i, max) => format!("{}: sends what is queued, {max} octets at most", end(i)),
        Action::Deliver(i) => format!("segment {i} arrives"),
        Action::Duplicate(i) => format!("a copy of segment {i} arrives"),
        Action::Lose(i) => format!("segment {i} is lost"),
        Action::Held(i, _) => format!("{}: what came early is next", end(i)),
        Action::Fire(i, timer, false) => format!("{}: the {} timer runs out", end(i), timer.name()),
        Action::Fire(i, timer, true) => {
            format!("{}: the {} timer runs out for the last time", end(i), timer.name())
        }
        Action::Resend(i, from, len) => {
            format!(
                "{}: the retransmission timer runs out; {len} octets from SND.UNA+{from} are sent again",
                end(i)
            )
        }
        Action::Tick => "a tick passes".into(),
        Action::Crash(i) => format!("{} crashes and restarts without its TCB", end(i)),
        Action::Forge(i, kind, seq, ack) => format!("{}: {} arrives, forged", end(i), kind.segment(seq, ack)),
        Action::Stray(i, index) => format!("{}: {}", end(i), stray_name(index)),
        Action::Vanish(i) => format!("{}: the host vanishes", end(i)),
        Action::Opens(number, opening) => {
            format!("{}, and a connection begins with number {number}", describe(opening.action()))
        }
    }
}

/// Plays the script of a scenario: the calls of each stage, then segments in lockstep until nothing moves; at the end 2MSL pass.
pub(crate) fn script(scenario: &Scenario) -> Vec<Step> {
    let bounds = Bounds {
        window: scenario.bounds.window,
        mss: scenario.bounds.mss,
        msl: scenario.bounds.msl.max(1),
        delayed_acks: scenario.bounds.delayed_acks && scenario.bounds.eager_users,
        in_order: true,
        ..Bounds::PERFECT
    };
    let mut play =
        Play { model: Tcp::new(&Scenario { bounds, ..*scenario }), world: None, steps: Vec::new() };
    for stage in scenario.script {
        for (end, call) in *stage {
            play.take(Action::Call(*end as u8, *call));
        }
        play.settle();
    }
    play.let_time_pass();
    play.steps
}

/// Plays the script until the world is as wanted; `None` if it never is.
pub(crate) fn run_to(scenario: &Scenario, wanted: impl Fn(&World) -> bool) -> Option<World> {
    let mut play = Play { model: Tcp::new(scenario), world: None, steps: Vec::new() };
    for stage in scenario.script {
        for (end, call) in *stage {
            play.take(Action::Call(*end as u8, *call));
        }
        play.settle();
        if wanted(&play.world()) {
            return Some(play.world());
        }
    }
    None
}

struct Play {
    model: Tcp,
    world: Option<World>,
    steps: Vec<Step>,
}

impl Play {
    fn world(&self) -> World {
        self.world.unwrap_or_else(|| self.model.initial())
    }

    fn take(&mut self, action: Action) -> bool {
        // What the scenario does not allow is not in its picture either; the test below finds such scripts.
        if !self.possible().contains(&action) {
            return false;
        }
        let Some((after, step)) = self.model.explain(&self.world(), action) else { return false };
        self.world = Some(after);
        // Ticks without an event would only lengthen the picture.
        if !matches!(action, Action::Tick) {
            self.steps.push(step);
        }
        true
    }

    fn possible(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.model.possible(&self.world(), &mut actions);
        actions
    }

    fn transmit(&mut self) -> bool {
        let mut moved = false;
        for end in 0..2 {
            // As much as fits in one segment.
            let largest =
                self.possible().into_iter().rfind(|a| matches!(a, Action::Transmit(i, _) if *i == end));
            if let Some(action) = largest {
                moved |= self.take(action);
            }
        }
        moved
    }

    /// In each round all that is under way arrives, each direction in order; answers leave in the next.
    fn settle(&mut self) {
        loop {
            let mut moved = self.transmit();
            for _ in 0..self.world().packets().count() {
                moved |= self.take(Action::Deliver(0));
            }
            if !moved {
                return;
            }
        }
    }

    fn let_time_pass(&mut self) {
        for _ in 0..16 {
            let late = self
                .possible()
                .into_iter()
                .find(|a| matches!(a, Action::Fire(_, Timer::DelayedAck | Timer::TimeWait, _)));
            if let Some(action) = late {
                self.take(action);
                self.settle();
            } else if self.world().ends.iter().all(|end| end.state != State::TimeWait)
                || !self.take(Action::Tick)
            {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::model::scenarios;

    #[test]
    fn every_script_is_played_to_its_end() {
        for scenario in scenarios::ordinary() {
            let calls =
                script(scenario).iter().filter(|step| matches!(step.action, Action::Call(..))).count();
            let written: usize = scenario.script.iter().map(|stage| stage.len()).sum();
            assert_eq!(calls, written, "{}", scenario.name);
        }
    }
}

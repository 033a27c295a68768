//! What the page shows of a run.

mod choices;
mod claims;
mod ends;
mod packets;
mod words;

use crate::api::{FateView, FlightView, Happening, RunView, StepView, SubjectView, WorldView};
use crate::flights::{Fate, flights};
use crate::known::Known;
use crate::link;
use crate::run::Run;
use crate::token;
use packets::First;
use tcpspec::State;
use tcpspec::model::{Action, Step, UNCOUNTED, World};

pub(crate) use claims::{all as claims, claim};

/// A run, and the world after so many of its steps; after all of them if that is left out.
pub(crate) fn run(run: &Run, at: Option<usize>, known: &Known) -> RunView {
    let at = at.unwrap_or(run.steps.len()).min(run.steps.len());
    let first = First::of(run);
    let (choices, silent) = choices::all(run, at, &first);
    RunView {
        link: run.link.to_string(),
        subject: subject(run),
        steps: (0..run.steps.len()).filter_map(|index| step(run, &first, index)).collect(),
        flights: flown(run, &first),
        at,
        now: world(run, &first, at),
        choices,
        silent,
        claims: claims::now(run, at, known),
    }
}

fn subject(run: &Run) -> SubjectView {
    let scenario = &run.model.scenario;
    let Run { link, .. } = run;
    SubjectView {
        scenario: scenario.name,
        summary: scenario.summary,
        bounds: scenario.bounds_line(),
        options: link::options(&run.model.options),
        set: link.set.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect(),
        bound: link.bound.clone(),
        mutant: run.model.mutant.map(|mutant| mutant.to_string()),
        changed: link.is_changed(),
        msl: scenario.bounds.msl,
        time_wait: scenario.bounds.time_wait(),
    }
}

/// All steps of a run.
pub(crate) fn steps(run: &Run) -> Vec<StepView> {
    let first = First::of(run);
    (0..run.steps.len()).filter_map(|index| step(run, &first, index)).collect()
}

/// A step of the run.
fn step(run: &Run, first: &First, index: usize) -> Option<StepView> {
    let step = run.steps.get(index)?;
    let action = *run.link.path.get(index)?;
    Some(StepView {
        token: token::token(action),
        what: happening(run, first, run.world(index), action),
        end: step.end,
        before: step.before.map(|state| state.name()),
        after: step.after.map(|state| state.name()),
        rows: step.rows.iter().map(|row| row.name()).collect(),
        restarts: restarts(step),
        tick: run.ticks(index),
    })
}

/// Whether a step stays in TIME-WAIT and starts 2MSL anew: the table says which rows do.
fn restarts(step: &Step) -> bool {
    let stays =
        step.end.is_some_and(|end| step.before[end] == State::TimeWait && step.after[end] == State::TimeWait);
    stays && step.rows.iter().any(|row| row.info().effects.contains(&"start(Timer::TimeWait)"))
}

/// What an action is, in this world.
fn happening(run: &Run, first: &First, world: &World, action: Action) -> Happening {
    let segment = words::packet(world, action).map(|packet| first.view(&packet, world));
    words::happening(action, segment, &run.model.scenario)
}

fn flown(run: &Run, first: &First) -> Vec<FlightView> {
    let steps: &[Step] = &run.steps;
    flights(steps, run.model.scenario.bounds.msl)
        .into_iter()
        .map(|flight| {
            // A segment is old if it comes from an older connection than the addressee has at the end of the flight.
            let world = run.world(flight.ends.unwrap_or(steps.len()));
            FlightView {
                packet: first.view(&flight.packet, world),
                sent: flight.sent.map(|(step, _)| step),
                place: flight.sent.map_or(0, |(_, place)| place),
                ends: flight.ends,
                fate: match flight.fate {
                    Fate::Arrives => FateView::Arrives,
                    Fate::Copied => FateView::Copied,
                    Fate::Lost => FateView::Lost,
                    Fate::Expired => FateView::Expired,
                    Fate::UnderWay => FateView::UnderWay,
                },
            }
        })
        .collect()
}

fn world(run: &Run, first: &First, at: usize) -> WorldView {
    let now = run.world(at);
    let before = at.checked_sub(1).map(|before| run.world(before));
    let end = |i: usize| ends::end(run, first, now, before, i);
    let left = [
        ("losses", now.losses),
        ("duplications", now.duplicates),
        ("give-ups", now.give_ups),
        ("crashes", now.crashes),
        ("forgeries", now.forgeries),
        ("strays", now.strays),
    ];
    WorldView {
        ends: [end(0), end(1)],
        net: now.packets().map(|packet| first.view(packet, now)).collect(),
        left: left
            .into_iter()
            .filter(|(_, amount)| *amount > 0 && *amount != UNCOUNTED)
            .map(|(name, amount)| (name, amount.into()))
            .collect(),
        tick: run.ticks(at),
    }
}

/// How the worlds of two runs differ after so many steps: `A SND.NXT: 15 → 0`.
pub(crate) fn differences(one: &Run, other: &Run, at: usize) -> Vec<String> {
    let [one, other] = [one, other].map(|run| world(run, &First::of(run), at));
    let mut all = Vec::new();
    for ((name, a), b) in ["A", "B"].iter().zip(&one.ends).zip(&other.ends) {
        if a.state != b.state {
            all.push(format!("{name}: {} → {}", a.state, b.state));
        }
        let fields = a.fields.iter().zip(&b.fields).filter(|(a, b)| a.value != b.value);
        all.extend(
            fields.map(|(a, b)| format!("{name} {}: {} → {}", a.name, shown(&a.value), shown(&b.value))),
        );
    }
    let texts = |world: &WorldView| -> Vec<String> { world.net.iter().map(|p| p.text.clone()).collect() };
    let (a, b) = (texts(&one), texts(&other));
    if a != b {
        all.push(format!("under way: {} → {}", shown(&a.join(" ")), shown(&b.join(" "))));
    }
    all
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Link;

    /// The figure of the lost last ACK: the FIN that comes again is the only step that starts 2MSL anew; entering TIME-WAIT is none.
    #[test]
    fn the_table_says_where_2msl_starts_anew() {
        let figure = crate::start::figures().iter().find(|figure| figure.name == "two-msl").unwrap();
        let steps = steps(&Run::play(Link::parse(&figure.link).unwrap()).unwrap());
        let anew: Vec<_> = steps.iter().filter(|step| step.restarts).collect();
        assert_eq!(anew.len(), 1);
        assert!(anew[0].rows.contains(&"old_fin"));
    }
}

//! stateright's explorer, with the ladder of the path and the state diagram beside each state.

use crate::faces;
use crate::output::aside;
use crate::runs::play;
use stateright::{Model, Path, Property};
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use tcpspec::TABLE;
use tcpspec::model::{Action, Kind, Scenario, Tcp, World};

/// The model with pictures.
struct Pictured(Tcp);

impl Model for Pictured {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        self.0.init_states()
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        // What does nothing would only be in the reader's way.
        let mut all = Vec::new();
        self.0.possible(world, &mut all);
        actions.extend(all.into_iter().filter(|action| self.0.after(world, *action).is_some()));
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        self.0.after(world, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        // Properties take plain functions, so each place in the list of claims has one.
        macro_rules! nth {
            ($($n:literal),*) => {
                [$(|m: &Self, w: &World| m.0.scenario.claims.get($n).is_none_or(|c| (c.holds)(&m.0.scenario, w))),*]
            };
        }
        let conditions: [fn(&Self, &World) -> bool; 24] =
            nth!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
        let claims = self.0.scenario.claims.iter().zip(conditions);
        claims
            .filter_map(|(claim, condition)| match claim.kind {
                Kind::Always => Some(Property::always(claim.name, condition)),
                Kind::Sometimes => Some(Property::sometimes(claim.name, condition)),
                // The explorer sees single worlds, not runs.
                Kind::Possible | Kind::Finally | Kind::NoCycle => None,
            })
            .collect()
    }

    fn format_action(&self, action: &Action) -> String {
        play::describe(*action)
    }

    fn format_step(&self, world: &World, action: Action) -> Option<String> {
        let (_, step) = self.0.explain(world, action)?;
        Some(faces::ladder::text(&[step]))
    }

    fn as_svg(&self, path: Path<World, Action>) -> Option<String> {
        let mut world = self.0.initial();
        let mut steps = Vec::new();
        for action in path.into_actions() {
            let (after, step) = self.0.explain(&world, action)?;
            world = after;
            steps.push(step);
        }
        let ladder = faces::ladder::svg(&steps, self.0.scenario.name);
        let [a, b] = world.ends.map(|end| end.state);
        let marks = if a == b { vec![(a, "A, B")] } else { vec![(a, "A"), (b, "B")] };
        Some(stacked(&ladder, &faces::diagram::svg(&TABLE, &marks)))
    }
}

/// Two pictures, one below the other.
fn stacked(upper: &str, lower: &str) -> String {
    let (w1, h1) = size(upper);
    let (w2, h2) = size(lower);
    let width = w1.max(w2);
    let height = h1 + h2 + 10.0;
    let lower = lower.replacen("<svg", &format!("<svg y=\"{}\"", h1 + 10.0), 1);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">{upper}{lower}</svg>"
    )
}

/// Width and height as the picture's first tag says.
fn size(svg: &str) -> (f64, f64) {
    let attribute = |name: &str| {
        let from = svg.find(&format!(" {name}=\""))? + name.len() + 3;
        svg[from..].split('"').next()?.parse::<f64>().ok()
    };
    (attribute("width").unwrap_or(1000.0), attribute("height").unwrap_or(600.0))
}

/// Serves until interrupted.
pub(super) fn serve(scenario: &'static Scenario, at: SocketAddr) -> Result<bool, Box<dyn Error>> {
    // stateright would panic; ask first. It also chooses the port where none is named, and is gone again when stateright listens.
    let at = TcpListener::bind(at).and_then(|free| free.local_addr()).map_err(|error| {
        format!("cannot listen on {at}: {error}; choose another with --port or --address")
    })?;
    leave_the_working_directory()
        .map_err(|error| format!("cannot use the folder for temporary files: {error}"))?;
    aside::line(&format!("{}: open http://{at} in a browser; Ctrl-C ends.", scenario.name));
    Pictured(Tcp::new(scenario)).checker().threads(1).serve(at);
    Ok(true)
}

/// stateright serves a folder `ui` of the working directory instead of its own page. So the working directory becomes one that has none: new, empty,
/// and gone at once where the system lets it.
fn leave_the_working_directory() -> std::io::Result<()> {
    // With a name of its own, whatever others have left there.
    let empty = tempfile::Builder::new().prefix("tcpspec-explore-").tempdir()?;
    std::env::set_current_dir(empty.path())?;
    let _ = empty.close();
    Ok(())
}

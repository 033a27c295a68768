//! The shortest path to a state that decides a property.
//!
//! An exploration keeps no paths. Where one is wanted, a search of its own goes level by level on one thread, until it meets the first such
//! state, and keeps for each state the number of the one that it came from. So the path is the shortest, and always the same one.

use super::explorer::fingerprint;
use super::frontier::Frontier;
use super::seen::Seen;
use stateright::{Expectation, Model};
use tcpspec::model::Packed;

/// How a state was first reached: from which one, by which of its actions.
struct Origin {
    from: u32,
    action: u16,
}

/// The initial states come from nowhere.
const NOWHERE: u32 = u32::MAX;
/// The largest packed state.
const ROOM: usize = 255;

/// The actions of a shortest path from the first initial state to a state that decides the property, or `None` if there is none, or `stop` says so.
pub(crate) fn shortest<M: Model>(model: &M, property: &str, stop: impl Fn() -> bool) -> Option<Vec<M::Action>>
where
    M::State: Packed,
{
    let properties = model.properties();
    let property = properties.iter().find(|candidate| candidate.name == property)?;
    let decisive = matches!(property.expectation, Expectation::Sometimes);
    let mut seen = Seen::new();
    let mut waiting = Frontier::default();
    let mut origins: Vec<Origin> = Vec::new();
    let mut room = [0; ROOM];
    let mut meet = |state: &M::State, waiting: &mut Frontier, origins: &mut Vec<Origin>, origin| {
        let len = state.pack(&mut room);
        if model.within_boundary(state) && seen.insert(fingerprint(&room[..len])) {
            waiting.push(&room[..len]);
            origins.push(origin);
        }
    };
    for (i, state) in model.init_states().iter().enumerate() {
        // For an initial state, the place of the action says which one it is.
        meet(state, &mut waiting, &mut origins, Origin { from: NOWHERE, action: u16::try_from(i).ok()? });
    }
    let mut actions = Vec::new();
    for number in 0..NOWHERE {
        let state = M::State::unpack(waiting.pop()?);
        if (property.condition)(model, &state) == decisive {
            return retrace(model, &origins, number);
        }
        model.actions(&state, &mut actions);
        for (action, place) in actions.drain(..).zip(0..) {
            if let Some(after) = model.next_state(&state, action) {
                meet(&after, &mut waiting, &mut origins, Origin { from: number, action: place });
            }
        }
        if number.is_multiple_of(1024) && stop() {
            break;
        }
    }
    None
}

/// The actions that lead to the state with this number.
fn retrace<M: Model>(model: &M, origins: &[Origin], number: u32) -> Option<Vec<M::Action>> {
    let mut places = Vec::new();
    let mut at = number;
    while at != NOWHERE {
        let origin = origins.get(at as usize)?;
        places.push(usize::from(origin.action));
        at = origin.from;
    }
    let mut state = model.init_states().into_iter().nth(places.pop()?)?;
    let mut path = Vec::new();
    for place in places.into_iter().rev() {
        let nth = || {
            let mut actions = Vec::new();
            model.actions(&state, &mut actions);
            actions.into_iter().nth(place)
        };
        let after = model.next_state(&state, nth()?)?;
        path.push(nth()?);
        state = after;
    }
    Some(path)
}

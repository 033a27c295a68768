//! The shortest path to a state that decides a property.
//!
//! An exploration keeps no paths. Where some are wanted, a search of its own goes level by level on one thread, until it has met the first such
//! state for each of them, and keeps for each state the number of the one that it came from. So each path is the shortest, and always the same one.

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

/// For each of these properties the actions of a shortest path from the first initial state to a state that decides it, or `None` if there is none, or `stop`
/// says so. One search finds all of them.
pub(crate) fn shortest<M: Model>(
    model: &M,
    names: &[&str],
    stop: impl Fn() -> bool,
) -> Vec<Option<Vec<M::Action>>>
where
    M::State: Packed,
{
    let properties = model.properties();
    let wanted = |name: &&str| properties.iter().find(|property| property.name == *name);
    let wanted: Vec<_> = names.iter().map(wanted).collect();
    let mut found = vec![None; names.len()];
    let mut origins: Vec<Origin> = Vec::new();
    search(model, &mut origins, |state, number| {
        let mut open = false;
        for (property, found) in wanted.iter().zip(&mut found) {
            let (Some(property), None) = (property, &found) else { continue };
            let decisive = matches!(property.expectation, Expectation::Sometimes);
            if (property.condition)(model, state) == decisive {
                *found = Some(number);
            } else {
                open = true;
            }
        }
        open && !(number.is_multiple_of(1024) && stop())
    });
    found.into_iter().map(|number| retrace(model, &origins, number?)).collect()
}

/// Goes through all states, the nearest first. `visit` hears of each with its number, and says whether to go on.
fn search<M: Model>(model: &M, origins: &mut Vec<Origin>, mut visit: impl FnMut(&M::State, u32) -> bool)
where
    M::State: Packed,
{
    let mut seen = Seen::new();
    let mut waiting = Frontier::default();
    let mut room = [0; ROOM];
    let mut meet = |state: &M::State, waiting: &mut Frontier, origins: &mut Vec<Origin>, origin| {
        let len = state.pack(&mut room);
        if model.within_boundary(state) && seen.insert(fingerprint(&room[..len])) {
            waiting.push(&room[..len]);
            origins.push(origin);
        }
    };
    for (place, state) in (0..).zip(model.init_states()) {
        // For an initial state, the place of the action says which one it is.
        meet(&state, &mut waiting, origins, Origin { from: NOWHERE, action: place });
    }
    let mut actions = Vec::new();
    for number in 0..NOWHERE {
        let Some(packed) = waiting.pop() else { return };
        let state = M::State::unpack(packed);
        if !visit(&state, number) {
            return;
        }
        model.actions(&state, &mut actions);
        for (action, place) in actions.drain(..).zip(0..) {
            if let Some(after) = model.next_state(&state, action) {
                meet(&after, &mut waiting, origins, Origin { from: number, action: place });
            }
        }
    }
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

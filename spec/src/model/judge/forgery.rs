//! How many of a blind forger's number combinations succeed against an established connection.

use crate::State;
use crate::model::system::{Action, Forged, Tcp};
use crate::model::world::{World, width};

/// What came of the attempts of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Odds {
    /// What was forged.
    pub kind: Forged,
    /// Combinations of numbers that end the connection or deliver text.
    pub succeed: u32,
    /// Combinations tried: every sequence number with every acknowledgment number.
    pub tried: u32,
}

/// Tries every combination against each end of a world in which both are established.
pub fn odds(model: &Tcp, world: &World) -> Vec<Odds> {
    let mut all = Vec::new();
    for kind in Forged::ALL {
        let mut odds = Odds { kind, succeed: 0, tried: 0 };
        for end in 0..2_u8 {
            for seq in 0..width::size() {
                for ack in 0..width::size() {
                    odds.tried += 1;
                    let mut armed = *world;
                    armed.forgeries = 1;
                    let before = world.ends[usize::from(end)];
                    let after = model.after(&armed, Action::Forge(end, kind, seq, ack));
                    let after = after.map_or(before, |after| after.ends[usize::from(end)]);
                    // What is held is delivered as soon as what is missing before it has come.
                    if after.state == State::INITIAL
                        || after.delivered != before.delivered
                        || after.held != before.held
                    {
                        odds.succeed += 1;
                    }
                }
            }
        }
        all.push(odds);
    }
    all
}

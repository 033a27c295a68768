//! What a blind attacker needs: somebody who knows the pair of sockets of a connection, and sees none of its packets (RFC 5961 §1).
//!
//! The attacker guesses. A [`Guess`] is a kind of segment with one number left open, and [`sweep`] tries this number over the whole space, in steps that are
//! smaller than a window, and finds the edges between what is refused and what is not. After each guess everything that can be seen of the connection is compared
//! with what it was before. What is refused must leave no trace.

mod effects;
mod guess;
#[cfg(target_os = "linux")]
mod linux;
mod ours;
pub mod report;
mod sweep;

pub use effects::Effects;
pub use guess::{Axis, Guess, KINDS, Kind, Numbers};
#[cfg(target_os = "linux")]
pub use linux::Linux;
pub use ours::Ours;
pub use sweep::{Span, Swept, sweep};

use tcpspec::State;

/// A TCP that is attacked.
pub trait Target {
    /// Brings a connection into this state, anew if there was one. None if it cannot.
    fn reach(&mut self, state: State) -> Option<Numbers>;

    /// Sends the packet as if from the peer. What has changed of the connection, and how many packets came in return.
    fn send(&mut self, packet: &[u8]) -> (Effects, usize);

    /// The sockets of the peer and of the target.
    fn sockets(&self) -> (std::net::SocketAddr, std::net::SocketAddr);

    /// How far apart numbers are tried where none is known to matter.
    fn step(&self, _: Axis) -> usize {
        sweep::FAR
    }
}

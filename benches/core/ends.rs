//! What a benchmark asks of two ends that exchange packets in memory.

use std::time::Duration;

/// The largest packet in octets.
pub(crate) const MTU: usize = 1500;
/// The port that the server listens on.
pub(crate) const PORT: u16 = 7;
/// Packets that one end sends before the other end's turn.
pub(crate) const BATCH: usize = 64;
/// What passes between two turns.
pub(crate) const TURN: Duration = Duration::from_micros(10);

/// One of two ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// A client and a server with at most one connection between them.
pub(crate) trait Ends {
    /// The client connects. The connection is there after some turns.
    fn connect(&mut self);
    /// The server takes the connection, if it is there.
    fn accept(&mut self) -> bool;
    /// SEND; how much was taken.
    fn send(&mut self, side: Side, text: &[u8]) -> usize;
    /// RECEIVE; how much there was.
    fn receive(&mut self, side: Side, into: &mut [u8]) -> usize;
    /// CLOSE.
    fn close(&mut self, side: Side);
    /// The program lets go of the connection, which has ended at this end but for 2MSL.
    fn release(&mut self, side: Side);
    /// This end's packets go to the other end, [`BATCH`] at most; how many that were.
    fn turn(&mut self, side: Side) -> usize;
    /// Time passes, and what is due is done.
    fn pass(&mut self, span: Duration);
}

/// `first` sends what it has, and each end answers the other until one has nothing to say; how many packets that were.
pub(crate) fn exchange(ends: &mut impl Ends, first: Side) -> usize {
    let (mut all, mut side) = (0, first);
    loop {
        let moved = ends.turn(side);
        if moved == 0 {
            return all;
        }
        all += moved;
        side = side.other();
    }
}

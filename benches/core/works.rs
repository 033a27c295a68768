//! What is measured: the same programs on either stack.

use crate::ends::{Ends, Side, exchange};
use crate::flood::Flood;
use crate::many::Many;
use crate::ours::Ours;
use crate::smol::Smol;
use std::time::Duration;

/// Octets that the programs of bulk hand over at once.
const PIECE: usize = 32 << 10;
/// Longer than smoltcp's TIME-WAIT, which lasts 10 s. Ours lasts 240 s, so that 22 connections wait at a time.
const BETWEEN: Duration = Duration::from_secs(11);
/// Octets of a buffer of smoltcp's in bulk, and else.
const LARGE: usize = 256 << 10;
const SMALL: usize = 4 << 10;

/// What the programs do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// One octet there and back, again and again.
    Ping,
    /// Connect, one octet there and back, close.
    Churn,
    /// One direction, as fast as it goes.
    Bulk,
    /// SYNs from all the world; the answers go nowhere.
    Flood,
    /// One octet for a random one of so many connections.
    Many(usize),
    /// Sixteen such packets at a time.
    Bursts(usize),
}

/// The stack that is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stack {
    /// With its defaults: timestamps, SACK, RACK, CUBIC.
    Ours,
    /// The peer offers neither timestamps nor SACK.
    Plain,
    Smoltcp,
}

impl Work {
    pub(crate) const NAMES: [(&'static str, Self); 10] = [
        ("ping", Self::Ping),
        ("churn", Self::Churn),
        ("bulk", Self::Bulk),
        ("flood", Self::Flood),
        ("many-100", Self::Many(100)),
        ("many-100000", Self::Many(100_000)),
        ("many-1000000", Self::Many(1_000_000)),
        ("bursts-100", Self::Bursts(100)),
        ("bursts-100000", Self::Bursts(100_000)),
        ("bursts-1000000", Self::Bursts(1_000_000)),
    ];
}

impl Stack {
    pub(crate) const NAMES: [(&'static str, Self); 3] =
        [("ours", Self::Ours), ("plain", Self::Plain), ("smoltcp", Self::Smoltcp)];
}

/// A work that has begun and goes on.
pub(crate) enum Running {
    Ours(Work, Box<Ours>),
    Smoltcp(Work, Box<Smol>),
    Flood(Box<Flood>),
    Many(Box<Many>),
}

impl Running {
    /// Sets everything up; what the first rounds allocate is allocated.
    pub(crate) fn new(stack: Stack, work: Work) -> Self {
        let smoltcp = stack == Stack::Smoltcp;
        let mut running = match work {
            Work::Flood => Self::Flood(Box::new(Flood::new(smoltcp))),
            Work::Many(count) => Self::Many(Box::new(Many::new(count, 1, stack == Stack::Ours))),
            Work::Bursts(count) => Self::Many(Box::new(Many::new(count, 16, stack == Stack::Ours))),
            Work::Ping | Work::Churn | Work::Bulk if smoltcp => {
                let mut ends = Smol::new(if work == Work::Bulk { LARGE } else { SMALL });
                begin(work, &mut ends);
                Self::Smoltcp(work, Box::new(ends))
            }
            Work::Ping | Work::Churn | Work::Bulk => {
                let mut ends = Ours::new(stack == Stack::Ours);
                begin(work, &mut ends);
                Self::Ours(work, Box::new(ends))
            }
        };
        let warm = if work == Work::Bulk { 20_000 } else { 1000 };
        running.go_on(warm);
        running
    }

    /// What the next round needs and is not measured.
    pub(crate) fn prepare(&mut self) {
        if let Self::Many(many) = self {
            many.prepare();
        }
    }

    fn go_on(&mut self, packets: usize) -> usize {
        match self {
            Self::Ours(work, ends) => go_on(*work, &mut **ends, packets),
            Self::Smoltcp(work, ends) => go_on(*work, &mut **ends, packets),
            Self::Flood(flood) => flood.go_on(packets),
            Self::Many(many) => many.go_on(packets),
        }
    }
}

/// Goes on until so many packets were exchanged; how many those were. Its name says to callgrind what counts.
#[inline(never)]
pub(crate) fn measured(running: &mut Running, packets: usize) -> usize {
    running.go_on(packets)
}

pub(crate) fn begin(work: Work, ends: &mut impl Ends) {
    if work != Work::Churn {
        ends.connect();
        exchange(ends, Side::Client);
        assert!(ends.accept(), "there is a connection");
    }
}

pub(crate) fn go_on(work: Work, ends: &mut impl Ends, packets: usize) -> usize {
    let mut moved = 0;
    while moved < packets {
        moved += match work {
            Work::Bulk => bulk(ends),
            Work::Churn => churn(ends),
            _ => ping(ends),
        };
    }
    moved
}

fn ping(ends: &mut impl Ends) -> usize {
    let mut moved = 0;
    for from in [Side::Client, Side::Server] {
        assert_eq!(ends.send(from, b"x"), 1);
        moved += exchange(ends, from);
        assert_eq!(ends.receive(from.other(), &mut [0; 16]), 1);
    }
    moved
}

fn bulk(ends: &mut impl Ends) -> usize {
    let mut piece = [1; PIECE];
    while ends.send(Side::Client, &piece) == PIECE {}
    let mut moved = ends.turn(Side::Client);
    while ends.receive(Side::Server, &mut piece) > 0 {}
    moved += ends.turn(Side::Server);
    if moved == 0 {
        // What is held back is due then.
        ends.pass(Duration::from_millis(50));
    }
    moved
}

fn churn(ends: &mut impl Ends) -> usize {
    ends.connect();
    let mut moved = exchange(ends, Side::Client);
    assert!(ends.accept(), "there is a connection");
    moved += ping(ends);
    ends.close(Side::Client);
    moved += exchange(ends, Side::Client);
    assert_eq!(ends.receive(Side::Server, &mut [0; 16]), 0);
    ends.close(Side::Server);
    moved += exchange(ends, Side::Server);
    ends.release(Side::Client);
    ends.release(Side::Server);
    ends.pass(BETWEEN);
    moved
}

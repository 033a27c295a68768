//! The engine with models that are not TCP, where the answers can be counted by hand.

use super::explorer::fingerprint;
use super::recent::Recent;
use super::{Cluster, Fault, Limits, Outcome, Stop, explore, shortest};
use stateright::{Model, Property};
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tcpspec::model::Packed;

/// A rook's walk over a square board, a field at a time, from one corner to the opposite.
#[derive(Clone)]
struct Walk {
    side: u16,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Field(u16, u16);

impl Packed for Field {
    const ROOM: usize = 4;

    fn pack(&self, bytes: &mut [u8]) -> usize {
        let Self(x, y) = self;
        bytes[..2].copy_from_slice(&x.to_le_bytes());
        bytes[2..4].copy_from_slice(&y.to_le_bytes());
        4
    }

    fn unpack(bytes: &[u8]) -> Self {
        Self(u16::from_le_bytes([bytes[0], bytes[1]]), u16::from_le_bytes([bytes[2], bytes[3]]))
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Move {
    Right,
    Up,
    /// Does nothing.
    Rest,
}

impl Model for Walk {
    type State = Field;
    type Action = Move;

    fn init_states(&self) -> Vec<Field> {
        vec![Field(0, 0)]
    }

    fn actions(&self, _: &Field, actions: &mut Vec<Move>) {
        actions.extend([Move::Right, Move::Up, Move::Rest]);
    }

    fn next_state(&self, &Field(x, y): &Field, action: Move) -> Option<Field> {
        match action {
            Move::Right => Some(Field(x + 1, y)),
            Move::Up => Some(Field(x, y + 1)),
            Move::Rest => None,
        }
    }

    fn within_boundary(&self, &Field(x, y): &Field) -> bool {
        x < self.side && y < self.side
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("never in row 7", |_, field: &Field| field.1 != 7),
            Property::sometimes("reaches the corner", |walk: &Self, field: &Field| {
                field.0 + 1 == walk.side && field.1 + 1 == walk.side
            }),
            Property::sometimes("leaves the board", |walk: &Self, field: &Field| field.0 >= walk.side),
        ]
    }
}

fn tried(side: u16, workers: usize, limits: &Limits) -> Result<Outcome, String> {
    // An engine that waits for ever fails, too.
    let (sender, receiver) = mpsc::channel();
    let limits = limits.clone();
    std::thread::spawn(move || {
        let cluster = Cluster::threads(workers);
        // Nobody listens any more once it has taken too long.
        let _ = sender.send(explore(&Walk { side }, &cluster, &limits, |_| vec![1, 2], |_| {}));
    });
    receiver.recv_timeout(Duration::from_secs(120)).expect("an exploration comes to its end")
}

fn explored(side: u16, workers: usize, limits: &Limits) -> Outcome {
    tried(side, workers, limits).unwrap()
}

#[test]
fn counts_depths_and_decisions_do_not_depend_on_the_number_of_workers() {
    for workers in 1..=4 {
        for side in [1, 8, 150] {
            let outcome = explored(side, workers, &Limits::default());
            let n = u64::from(side);
            assert_eq!(outcome.unique, n * n, "{workers} workers");
            // The beginning, and each field's two neighbours, as far as they are on the board.
            assert_eq!(outcome.generated, 1 + 2 * n * (n - 1));
            assert_eq!(outcome.depth, Some(2 * (n - 1)));
            assert_eq!(outcome.decided, [(n > 7).then_some(7), Some(2 * (n - 1)), None]);
            assert_eq!((outcome.marks, outcome.stopped), (vec![1, 2], None));
        }
    }
}

#[test]
fn what_the_engine_loses_is_an_error() {
    for (fault, workers, says) in [
        (Fault::SuccessorDropped, 1, "successors that the model has, and those that were made"),
        (Fault::SuccessorDropped, 2, "successors that the model has, and those that were made"),
        (Fault::StateForgotten, 1, "states made, and those handed on"),
        (Fault::NotKept, 1, "states kept, and those gone on from"),
        (Fault::NotKept, 3, "states kept, and those gone on from"),
        (Fault::BatchLost, 2, "states handed on, and those that came"),
        (Fault::BatchLost, 3, "states handed on, and those that came"),
        (Fault::SummaryLost, 2, "workers, and those that were heard"),
    ] {
        let limits = Limits { fault: Some(fault), ..Limits::default() };
        let error = tried(100, workers, &limits).map(|outcome| outcome.unique);
        let is_told = error.as_ref().is_err_and(|error| error.starts_with(says));
        assert!(is_told, "{fault:?}, {workers} workers: {error:?}");
    }
}

#[test]
fn paths_are_the_shortest() {
    let walk = Walk { side: 50 };
    let all = ["reaches the corner", "leaves the board", "never in row 7"];
    let paths = shortest(&walk, &all, || false);
    assert_eq!(paths[0].as_ref().map(Vec::len), Some(98));
    assert_eq!(paths[1], None);
    assert_eq!(paths[2].as_deref(), Some(&[Move::Up; 7][..]));
    for (name, path) in all.iter().zip(paths) {
        assert_eq!(shortest(&walk, &[name], || false), [path], "one by itself is the same");
    }
    assert_eq!(shortest(&walk, &["reaches the corner"], || true), [None]);
}

#[test]
fn the_memory_limit_and_an_interrupt_end_it_with_what_is_known_so_far() {
    for workers in [1, 2] {
        let full = Limits { memory: Some(1), ..Limits::default() };
        let outcome = explored(20_000, workers, &full);
        assert_eq!(outcome.stopped, Some(Stop::Memory));
        assert!(outcome.unique < 20_000 * 20_000);
        assert!(outcome.depth.is_none_or(|depth| depth < 2 * 20_000));

        let asked = Limits { interrupted: Arc::new(AtomicBool::new(true)), ..Limits::default() };
        assert_eq!(explored(20_000, workers, &asked).stopped, Some(Stop::Interrupt));
        let few = Limits { states: Some(100_000), ..Limits::default() };
        let outcome = explored(20_000, workers, &few);
        assert_eq!(outcome.stopped, Some(Stop::States));
        // A worker that gets no processor for long hears late that it is enough.
        assert!((100_000..400_000).contains(&outcome.unique), "{}", outcome.unique);
    }
}

#[test]
fn each_bit_of_a_state_counts_and_all_of_a_fingerprint_are_used() {
    let mut packed = [0; 90];
    for len in 1..=packed.len() {
        let mut met = HashSet::from([fingerprint(&packed[..len])]);
        for bit in 0..8 * len {
            packed[bit / 8] ^= 1 << (bit % 8);
            met.insert(fingerprint(&packed[..len]));
            packed[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(met.len(), 1 + 8 * len, "{len} octets");
        let (ever, always) = met.iter().fold((0, u64::MAX), |(any, all), one| (any | one, all & one));
        assert!(len < 10 || (ever, always) == (u64::MAX, 0), "{len} octets: {ever:x} {always:x}");
    }
}

#[test]
fn what_was_met_is_told_from_what_looks_alike() {
    let fingerprint = 0x0123_4567_89ab_cdef;
    for bit in 0..64 {
        let mut recent = Recent::new();
        assert!(!recent.has_met(fingerprint));
        assert!(recent.has_met(fingerprint));
        assert!(!recent.has_met(fingerprint ^ 1 << bit), "bit {bit}");
    }
}

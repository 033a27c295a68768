//! Passive and active OPENs of two ends with random calls on a bad line: the registry follows every connection wherever it goes, and the model judges each step.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec_stack::ConnectionId;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, Random, socket};

const RUNS: u64 = 300;
const STEPS: u64 = 150;

/// Two ends, and the connections that their users hold.
struct World {
    link: Link,
    held: [Vec<ConnectionId>; 2],
    random: Random,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut link = Link::with(LATENCY, |config| config.msl = Duration::from_secs(2));
        let mut fates = Random(seed ^ 0x5555);
        let bad = fates.below(25);
        link.set_faults(move |_, _, _| match fates.below(100) {
            n if n < bad => Fate::Lost,
            n if n < bad * 2 => Fate::Late(Duration::from_millis(fates.below(60))),
            n if n < bad * 5 / 2 => Fate::Twice(Duration::from_millis(fates.below(60))),
            _ => Fate::Arrives,
        });
        Self { link, held: [Vec::new(), Vec::new()], random: Random(seed) }
    }

    fn socket(&mut self, end: usize) -> SocketAddr {
        let port = 80 + self.random.below(3) as u16;
        socket(&self.link.ends[end], port)
    }

    /// One step of one user; refusals are part of it.
    fn step(&mut self) {
        let end = self.random.below(2) as usize;
        let (choice, remote, now) = (self.random.below(20), self.socket(1 - end), self.link.now());
        let named = (self.random.below(2) == 0).then_some(remote);
        let mut local = self.socket(end);
        if self.random.below(4) == 0 {
            local.set_ip(Ipv4Addr::UNSPECIFIED.into());
        }
        let at = self.random.below(self.held[end].len().max(1) as u64) as usize;
        let octets = self.random.below(3000) as usize;
        let (here, held) = (&mut self.link.ends[end], &mut self.held[end]);
        match (choice, held.get(at).copied()) {
            (0..3, _) | (_, None) => held.extend(here.open_passive(now, local, named)),
            (3..5, _) => held.extend(here.connect(now, Some(local.port()), remote)),
            (5..7, Some(id)) => drop(here.open_active(now, id, named)),
            (7..10, Some(id)) => drop(here.send(now, id, &vec![1; octets])),
            (10..12, Some(id)) => drop(here.receive(now, id, &mut vec![0; octets])),
            (12, Some(id)) => drop(here.close(now, id)),
            (13, Some(id)) => drop(here.abort(now, id)),
            (14, Some(id)) => {
                here.release(now, id);
                held.swap_remove(at);
            }
            _ => self.link.run_for(Duration::from_millis(self.random.below(80))),
        }
        if self.random.below(100) == 0 {
            self.link.run_for(Duration::from_secs(5));
        }
    }

    /// Everybody is found once, and nobody else is counted.
    fn check(&self) {
        for end in &self.link.ends {
            let table = end.table();
            let pairs: BTreeSet<_> = table.0.iter().map(|row| (row.local, row.remote)).collect();
            assert_eq!((pairs.len(), end.connections()), (table.len(), table.len()), "{table}");
        }
    }
}

#[test]
fn the_books_follow_every_connection_and_nothing_is_left() {
    let rows = Arc::new(Mutex::new(BTreeSet::new()));
    for seed in 0..RUNS {
        let mut world = World::new(seed);
        for end in &mut world.link.ends {
            let rows = Arc::clone(&rows);
            end.observe(move |fired| _ = rows.lock().unwrap().insert(fired.row.name()));
        }
        for _ in 0..STEPS {
            world.step();
            world.check();
        }
        let now = world.link.now();
        for (end, held) in world.link.ends.iter_mut().zip(&mut world.held) {
            held.drain(..).for_each(|id| end.release(now, id));
        }
        world.link.run_for(Duration::from_secs(3600));
        world.check();
        for end in &mut world.link.ends {
            assert_eq!(end.connections(), 0, "seed {seed}: {}", end.table());
            end.listen(80, 1).expect("the ports are free again");
        }
    }
    let rows = rows.lock().unwrap();
    for row in [
        "listen_open",
        "send_listen",
        "listen_syn",
        "listen_again",
        "rst_passive",
        "close_listen",
        "syn_sent_syn_only",
    ] {
        assert!(rows.contains(row), "{row} never fired");
    }
}

//! Connections that no user holds: how long they stay, how many there may be, and what they may keep.

use super::limits::Waits::*;
use super::limits::{ALL, HOUR, LIMIT, SECOND, Waits, acknowledge, end, pass};
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{Config, ConnectionId, Endpoint, Error};
use tcpspec_tests::peer::{Peer, RST};
use tcpspec_tests::simulated::{LATENCY, connected, socket, state};

/// A connection whose user leaves.
fn released(waits: Waits, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let (mut peer, id) = waits.prepare(change);
    waits.begin(&mut peer, id);
    peer.end.release(peer.now, id);
    (peer, id)
}

/// RFC 9293: MAY-1, MUST-37
#[test]
fn what_nobody_holds_ends_in_every_state_after_the_same_time_without_progress() {
    for (waits, answers) in ALL.into_iter().flat_map(|waits| [(waits, false), (waits, true)]) {
        if answers && waits.is_opening() {
            continue;
        }
        let (mut peer, id) = released(waits, |config| config.orphan_timeout = LIMIT);
        let case = format!("{waits:?}, answers {answers}");
        // Nobody has to know of an attempt that is given up.
        let lives = waits != Syn;
        assert_eq!(end(&peer, id).is_none(), lives, "{case}");
        peer.all();
        // The FIN of a user who has just left may be acknowledged: only then is it FIN-WAIT-2 that lasts.
        pass(&mut peer, LIMIT - SECOND, answers);
        assert_eq!((end(&peer, id).is_none(), peer.end.orphans()), (lives, usize::from(lives)), "{case}");
        let waited = peer.end.status(id).map(|status| status.state);
        let resets = waited != Ok(State::FinWait2);
        assert_eq!(peer.end.counters().orphans_expired, 0, "{case}");
        peer.wait(SECOND * 2);
        let told = peer.all().iter().any(|packet| packet.tcp.flags.has(RST));
        assert_eq!(told, lives && resets, "a RST, unless all is delivered: {case}");
        assert_eq!(end(&peer, id), Some(None), "{case}");
        let counters = peer.end.counters();
        assert_eq!(counters.orphans_expired, u64::from(lives), "{case}");
        let left =
            (peer.end.connections(), peer.end.orphans(), peer.end.orphan_memory(), peer.end.next_deadline());
        assert_eq!(left, (0, 0, 0, None), "nothing is left: {case}");
    }
}

#[test]
fn without_a_limit_what_nobody_holds_stays_and_can_be_aborted() {
    for waits in [Blocked, BlockedClosed, FinBlocked, FinsCrossedBlocked, HalfClosedFinBlocked, PeersFin] {
        let (mut peer, id) = released(waits, |config| {
            (config.orphan_timeout, config.max_orphans, config.orphan_memory) = (Duration::ZERO, 0, 0);
        });
        pass(&mut peer, HOUR, true);
        assert_eq!(end(&peer, id), None, "{waits:?}");
        let table = peer.end.table();
        assert!(table.0[0].orphaned && table.to_string().contains(" orphaned"), "{table}");
        peer.all();
        let (local, remote, state) = (table.0[0].local, table.0[0].remote, table.0[0].state);
        assert_eq!(peer.end.abort_connection(peer.now, remote, local), Err(Error::NoSocket));
        assert_eq!(peer.end.abort_connection(peer.now, local, remote), Ok(()));
        // Where both have closed ABORT sends none (§3.10.5).
        let resets = !matches!(state, State::Closing | State::LastAck);
        assert_eq!(peer.all().len(), usize::from(resets), "{waits:?}: a RST");
        assert_eq!((peer.end.connections(), peer.end.orphans(), peer.end.next_deadline()), (0, 0, None));
    }
}

#[test]
fn whoever_holds_a_connection_that_is_aborted_by_its_sockets_hears_of_it() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let (local, remote) = (socket(&link.ends[0], 5000), socket(&link.ends[1], 80));
    let now = link.now();
    let local = link.ends[0].table().0.first().map_or(local, |status| status.local);
    link.ends[0].abort_connection(now, local, remote).unwrap();
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::Aborted));
    assert_eq!(link.ends[0].receive(now, client, &mut [0; 4]), Err(Error::Aborted));
    link.run_for(LATENCY * 2);
    assert_eq!(link.ends[1].status(server).unwrap().error, Some(Error::Reset));
}

/// Progress begins the time anew, a probe that is answered does not; and whoever still holds the connection is not limited.
#[test]
fn the_limit_counts_from_the_last_progress() {
    let (mut peer, id) = Blocked.prepare(|config| config.orphan_timeout = LIMIT);
    Blocked.begin(&mut peer, id);
    pass(&mut peer, HOUR, true);
    assert_eq!(end(&peer, id), None, "the user's own");
    peer.end.release(peer.now, id);
    for _ in 0..3 {
        pass(&mut peer, LIMIT - SECOND * 2, true);
        assert_eq!(end(&peer, id), None);
        acknowledge(&mut peer, 0, 4);
        peer.wait(SECOND);
        acknowledge(&mut peer, 1, 0);
    }
    pass(&mut peer, LIMIT - SECOND, true);
    assert_eq!(end(&peer, id), None);
    pass(&mut peer, SECOND * 2, true);
    assert_eq!(end(&peer, id), Some(None));
    // Our FIN is acknowledged: only the peer's is waited for, and the time begins anew.
    let (mut peer, id) = released(Idle, |config| config.orphan_timeout = LIMIT);
    pass(&mut peer, LIMIT - SECOND, false);
    acknowledge(&mut peer, 1, 60_000);
    pass(&mut peer, LIMIT - SECOND, false);
    assert_eq!(peer.end.status(id).map(|status| status.state), Ok(State::FinWait2));
    pass(&mut peer, SECOND * 2, false);
    assert_eq!(end(&peer, id), Some(None));
    // All was delivered meanwhile, and 2MSL are no matter of the limit.
    let mut link = Link::with(LATENCY, |config| config.orphan_timeout = LIMIT);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].release(now, client);
    link.run_for(SECOND);
    let now = link.now();
    link.ends[1].release(now, server);
    link.run_for(SECOND * 100);
    assert_eq!(link.ends[0].connections(), 1, "TIME-WAIT");
    let orphans = link.ends.each_ref().map(Endpoint::orphans);
    assert_eq!((orphans, link.ends[0].counters().orphans_expired), ([0, 0], 0));
}

/// Connections of one endpoint to another that takes nothing, each with text that waits, released in this order.
fn crowd(count: usize, text: usize, change: impl Fn(&mut Config)) -> (Link, Vec<ConnectionId>) {
    let mut link = Link::with(LATENCY, |config| {
        config.receive_buffer_start = 4096;
        config.receive_buffer = 4096;
        change(config);
    });
    link.ends[1].listen(80, 1000).unwrap();
    let remote = socket(&link.ends[1], 80);
    let mut all = Vec::new();
    for _ in 0..count {
        let now = link.now();
        let id = link.ends[0].connect(now, None, remote).unwrap();
        link.run_for(LATENCY * 4);
        let now = link.now();
        assert_eq!(link.ends[0].send(now, id, &vec![1; text]), Ok(text));
        link.run_for(LATENCY * 40);
        all.push(id);
    }
    for id in &all {
        let now = link.now();
        link.ends[0].release(now, *id);
        link.run_for(SECOND);
    }
    (link, all)
}

fn lives(link: &Link, id: ConnectionId) -> bool {
    link.ends[0].status(id).is_ok_and(|status| status.state != State::Closed)
}

#[test]
fn beyond_their_number_the_one_longest_without_progress_goes_first() {
    let (mut link, all) = crowd(6, 10_000, |config| {
        (config.orphan_timeout, config.max_orphans) = (Duration::ZERO, 4);
    });
    let alive: Vec<bool> = all.iter().map(|id| lives(&link, *id)).collect();
    assert_eq!(alive, [false, false, true, true, true, true]);
    let counters = link.ends[0].counters();
    assert_eq!(
        (counters.orphans_over_number, counters.orphans_over_memory, counters.orphans_expired),
        (2, 0, 0)
    );
    assert_eq!(link.ends[0].orphans(), 4);
    // The two peers were told, behind their closed windows.
    link.run_for(SECOND);
    assert_eq!(link.ends[1].table().0.iter().filter(|status| status.error.is_none()).count(), 4);
}

#[test]
fn progress_changes_the_order() {
    let mut link = Link::with(LATENCY, |config| {
        (config.receive_buffer_start, config.receive_buffer) = (4096, 4096);
        (config.orphan_timeout, config.max_orphans) = (Duration::ZERO, 2);
    });
    let listener = link.ends[1].listen(80, 10).unwrap();
    let remote = socket(&link.ends[1], 80);
    let mut pairs = Vec::new();
    for _ in 0..3 {
        let now = link.now();
        let id = link.ends[0].connect(now, None, remote).unwrap();
        link.run_for(LATENCY * 4);
        let now = link.now();
        link.ends[0].send(now, id, &[1; 10_000]).unwrap();
        link.run_for(SECOND);
        pairs.push((id, link.ends[1].accept(listener).unwrap()));
    }
    let release = |link: &mut Link, id| {
        let now = link.now();
        link.ends[0].release(now, id);
        link.run_for(SECOND);
    };
    release(&mut link, pairs[0].0);
    release(&mut link, pairs[1].0);
    // The first peer takes something.
    let now = link.now();
    link.ends[1].receive(now, pairs[0].1, &mut [0; 4096]).unwrap();
    link.run_for(SECOND * 10);
    release(&mut link, pairs[2].0);
    let alive: Vec<bool> = pairs.iter().map(|(id, _)| lives(&link, *id)).collect();
    assert_eq!(alive, [true, false, true]);
}

#[test]
fn beyond_their_memory_the_one_longest_without_progress_goes_first() {
    let (mut link, all) = crowd(6, 100_000, |config| {
        (config.orphan_timeout, config.orphan_memory) = (Duration::ZERO, 350_000);
    });
    let alive: Vec<bool> = all.iter().map(|id| lives(&link, *id)).collect();
    assert_eq!(alive, [false, false, false, true, true, true]);
    let counters = link.ends[0].counters();
    assert_eq!((counters.orphans_over_number, counters.orphans_over_memory), (0, 3));
    let memory = link.ends[0].orphan_memory();
    assert!((270_000..=350_000).contains(&memory), "{memory}");
    // What is delivered is kept no longer.
    let peers: Vec<_> = link.ends[1].table().0.iter().map(|status| (status.local, status.remote)).collect();
    for (local, remote) in peers {
        let now = link.now();
        link.ends[1].abort_connection(now, local, remote).unwrap();
    }
    link.run_for(SECOND);
    assert_eq!((link.ends[0].orphans(), link.ends[0].orphan_memory()), (0, 0));
}

/// The attack known as Sockstress: with the settings as they are by default.
#[test]
fn a_hundred_peers_that_never_open_their_windows_are_rid_of_in_a_minute() {
    let (mut link, all) = crowd(100, 250_000, |_| {});
    assert!(all.iter().filter(|id| lives(&link, **id)).count() > 10);
    link.run_for(SECOND * 61);
    assert_eq!(
        (link.ends[0].connections(), link.ends[0].orphan_memory(), link.ends[0].next_deadline()),
        (0, 0, None)
    );
    let counters = link.ends[0].counters();
    assert_eq!((counters.orphans_expired, counters.lost), (100, 100), "counted as a loss, too");
}

/// A peer whose network is gone is the matter of R2, unless the limit comes first.
#[test]
fn r2_ends_what_nobody_holds_where_it_comes_first() {
    let mut link =
        Link::with(LATENCY, |config| (config.r2, config.orphan_timeout) = (SECOND * 10, SECOND * 60));
    let (_, client, _) = connected(&mut link);
    link.set_faults(|_, _, _| Fate::Lost);
    let now = link.now();
    link.ends[0].release(now, client);
    assert_eq!(state(&link, 0, client), State::FinWait1);
    link.run_for(SECOND * 20);
    assert_eq!((link.ends[0].connections(), link.ends[0].counters().orphans_expired), (0, 0));
}

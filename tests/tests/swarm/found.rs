//! What the swarm has found, each as small as it gets.

use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::Error;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, User, connected, state, text};

/// A connection that was reset before it was accepted is over: no timer waits for it to rest.
#[test]
fn what_is_over_before_it_is_accepted_leaves_no_timer() {
    let mut link = Link::new(LATENCY);
    let server = SocketAddr::new(link.ends[1].address(), 80);
    let listener = link.ends[1].listen(80, 4).expect("the port is free");
    let client = link.ends[0].connect(link.now(), None, server).expect("a port is free");
    link.run_for(LATENCY * 4);
    let now = link.now();
    link.ends[0].abort(now, client).expect("it is established");
    link.run_for(LATENCY * 4);
    let id = link.ends[1].accept(listener).expect("it waits to be accepted");
    assert_eq!(link.ends[1].status(id).map(|status| status.error), Ok(Some(Error::Reset)));
    assert_eq!((link.ends[1].connections(), link.ends[1].next_deadline()), (0, None));
}

/// The packets after the copy of a SYN has come, whose connection is over at the listener and in TIME-WAIT at the client.
fn after_a_late_copy(answers_limited: bool) -> usize {
    let late = Duration::from_secs(30);
    let mut link = Link::with(LATENCY, |config| config.options.answers_limited = answers_limited);
    link.set_faults(move |nth, _, _| if nth == 0 { Fate::Twice(late) } else { Fate::Arrives });
    let (_, client, server) = connected(&mut link);
    // More text than a window: so the client's numbers lie outside the new child's.
    let mut users = [User::new(0, Some(client), text(300_000, 1)), User::new(1, Some(server), Vec::new())];
    // The client closes first.
    users[1].closed = true;
    link.run_until(late / 4, |link| {
        users.iter_mut().for_each(|user| user.work(link));
        users[1].ended
    });
    link.ends[1].close(link.now(), server).expect("it is open");
    link.run_for(late / 4);
    assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::TimeWait, State::Closed));
    let before = link.log().len();
    link.run_for(late);
    link.log().len() - before
}

/// Two ends that know different connections do not answer each other for ever.
#[test]
fn a_late_copy_of_a_syn_makes_no_storm() {
    let [limited, letter] = [true, false].map(after_a_late_copy);
    // Ten answers in five seconds, of each end, and some SYN,ACKs.
    assert!((4..=100).contains(&limited), "{limited} packets");
    assert!(letter > limited * 5, "{letter} packets by the letter");
}

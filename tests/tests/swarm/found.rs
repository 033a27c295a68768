//! What the swarm has found, each as small as it gets.

use std::net::SocketAddr;
use tcpspec_stack::Error;
use tcpspec_stack::device::memory::Link;
use tcpspec_tests::simulated::LATENCY;

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

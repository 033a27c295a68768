//! Who waits is told of what he waits for, once, and nobody else is.

use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{Endpoint, Interest, Ready, Received};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, socket};

fn told(end: &mut Endpoint) -> Vec<Ready> {
    std::iter::from_fn(|| end.poll_ready()).collect()
}

#[test]
fn only_who_waits_is_told_and_only_once() {
    let mut link = Link::new(LATENCY);
    let (listener, client, server) = connected(&mut link);
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let other = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 4);
    let other_server = link.ends[1].accept(listener).unwrap();
    link.ends[1].wait_for(server, Interest::READ).unwrap();
    link.ends[1].wait_for(other_server, Interest::READ).unwrap();
    assert_eq!(told(&mut link.ends[1]), []);

    let now = link.now();
    link.ends[0].send(now, client, b"text").unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!(told(&mut link.ends[1]), [Ready::Connection(server, Interest::READ)]);
    let now = link.now();
    link.ends[0].send(now, client, b"more").unwrap();
    link.run_for(LATENCY * 4);
    assert_eq!(told(&mut link.ends[1]), [], "nobody has asked again");
    link.ends[1].wait_for(server, Interest::READ).unwrap();
    assert_eq!(told(&mut link.ends[1]), [Ready::Connection(server, Interest::READ)], "it is there already");
    let now = link.now();
    link.ends[0].release(now, other);
    link.run_for(LATENCY * 4);
    assert_eq!(told(&mut link.ends[1]), [Ready::Connection(other_server, Interest::READ)], "the end");
}

#[test]
fn opening_room_and_delivery_are_told() {
    let mut link = Link::with(LATENCY, |config| config.receive_buffer = 16 << 10);
    let listener = link.ends[1].listen(80, 4).unwrap();
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.ends[0].wait_for(client, Interest::OPEN).unwrap();
    link.ends[1].wait_for_accept(listener).unwrap();
    assert_eq!((told(&mut link.ends[0]), told(&mut link.ends[1])), (vec![], vec![]));
    link.run_for(LATENCY * 4);
    assert_eq!(told(&mut link.ends[0]), [Ready::Connection(client, Interest::OPEN)]);
    assert_eq!(told(&mut link.ends[1]), [Ready::Listener(listener)]);
    let server = link.ends[1].accept(listener).unwrap();

    let whole = vec![0; 10 << 20];
    let now = link.now();
    while link.ends[0].send(now, client, &whole).unwrap() > 0 {}
    link.ends[0].wait_for(client, Interest::WRITE | Interest::DELIVERED).unwrap();
    link.run_for(MINUTE);
    assert_eq!(told(&mut link.ends[0]), [], "the window of a reader who sleeps is smaller than the buffer");
    let mut buffer = vec![0; 1 << 20];
    let mut all = Vec::new();
    for _ in 0..100 {
        let now = link.now();
        while let Ok(Received::Text(_)) = link.ends[1].receive(now, server, &mut buffer) {}
        link.run_for(LATENCY * 2);
        all.extend(told(&mut link.ends[0]));
    }
    assert_eq!(
        all,
        [Ready::Connection(client, Interest::WRITE), Ready::Connection(client, Interest::DELIVERED)]
    );
}

#[test]
fn who_waits_on_a_connection_that_goes_is_told_that_nothing_will_come() {
    let mut link = Link::new(LATENCY);
    let (_, client, _) = connected(&mut link);
    let now = link.now();
    link.ends[0].send(now, client, b"never delivered").unwrap();
    link.set_faults(|_, _, _| Fate::Lost);
    let now = link.now();
    link.ends[0].release(now, client);
    link.ends[0].wait_for(client, Interest::DELIVERED).unwrap();
    assert_eq!(told(&mut link.ends[0]), []);
    link.run_for(MINUTE * 10);
    let [Ready::Connection(id, come)] = told(&mut link.ends[0])[..] else { panic!("told once") };
    assert!(id == client && come.meets(Interest::DELIVERED));
    assert!(link.ends[0].table().is_empty());
}

#[test]
fn what_nobody_wrote_need_not_be_delivered() {
    let mut link = Link::new(LATENCY);
    link.ends[1].listen(80, 4).unwrap();
    link.set_faults(|_, from, _| if from == 1 { Fate::Lost } else { Fate::Arrives });
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 2);
    assert_eq!(link.ends[1].connections(), 1, "half-open");
    assert!(link.ends[1].is_delivered() && link.ends[0].is_delivered(), "a SYN is nobody's text");
    let now = link.now();
    link.ends[0].send(now, client, b"text").unwrap();
    assert!(!link.ends[0].is_delivered());
    assert_eq!(link.ends[0].undelivered().len(), 1);
}

#[test]
fn a_fin_is_delivered_when_it_is_acknowledged() {
    let mut link = Link::new(LATENCY);
    let (_, client, _) = connected(&mut link);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    assert!(!link.ends[0].is_delivered());
    link.run_for(LATENCY * 10);
    assert!(link.ends[0].is_delivered(), "though the peer has not closed");
}

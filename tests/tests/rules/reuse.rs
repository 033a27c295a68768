//! Many connections to one server: which ports they take, how many there can be, and what the option `reuse_time_wait` changes.

use etherparse::{Icmpv4Type, PacketBuilder, icmpv4};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{CallError, Flags, State};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Error, Interest, ListenerId, Received};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};

const LATENCY: Duration = Duration::from_millis(5);
const MSL: Duration = Duration::from_secs(10);

/// Two ends, and what the server listens on.
fn link(ports: u16, reuse: bool, change: impl Fn(&mut Config)) -> (Link, ListenerId, SocketAddr) {
    let mut link = Link::with(LATENCY, |config| {
        config.msl = MSL;
        config.ephemeral_ports = 50_000..=50_000 + (ports - 1);
        config.options.reuse_time_wait = reuse;
        change(config);
    });
    let listener = link.ends[1].listen(80, 100).unwrap();
    let remote = SocketAddr::new(link.ends[1].address(), 80);
    (link, listener, remote)
}

/// All text that there is.
fn text(link: &mut Link, end: usize, id: ConnectionId) -> Vec<u8> {
    let (mut all, mut piece, now) = (Vec::new(), [0; 256], link.now());
    while let Ok(Received::Text(len)) = link.ends[end].receive(now, id, &mut piece) {
        all.extend_from_slice(&piece[..len]);
    }
    all
}

/// A connection that carries `n` both ways; the client closes first, so that its end waits. The port, what the client and what the server got.
fn exchange(
    link: &mut Link,
    listener: ListenerId,
    remote: SocketAddr,
    n: u32,
) -> Result<(u16, Vec<u8>, Vec<u8>), Error> {
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote)?;
    let port = link.ends[0].status(client)?.local.port();
    link.run_for(LATENCY * 3);
    let server = link.ends[1].accept(listener).ok_or(Error::NoSocket)?;
    let now = link.now();
    link.ends[0].send(now, client, &n.to_be_bytes())?;
    link.ends[1].send(now, server, &(!n).to_be_bytes())?;
    link.run_for(LATENCY * 3);
    let got = (text(link, 0, client), text(link, 1, server));
    let now = link.now();
    link.ends[0].release(now, client);
    link.run_for(LATENCY * 3);
    let now = link.now();
    link.ends[1].release(now, server);
    link.run_for(LATENCY * 3);
    Ok((port, got.0, got.1))
}

/// RFC 9293: MUST-13
#[test]
fn without_the_option_as_many_connections_as_ports_are_made_in_2msl() {
    let (mut link, listener, remote) = link(16, false, |_| {});
    let begun = link.now();
    for n in 0..16 {
        exchange(&mut link, listener, remote, n).unwrap();
    }
    let now = link.now();
    assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted));
    assert_eq!(link.ends[0].connect(now, Some(50_003), remote), Err(Error::AddressInUse));
    // The first of them has begun to wait later than that.
    let took = now - begun;
    link.run_for(MSL * 2 - took);
    let now = link.now();
    assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted), "2MSL are not over");
    link.run_for(took);
    let now = link.now();
    assert!(link.ends[0].connect(now, None, remote).is_ok());
}

#[test]
fn with_the_option_one_server_is_given_65_000_connections_and_each_has_its_own_text_only() {
    let (mut link, listener, remote) = link(16, true, |config| config.msl = Duration::from_secs(3600));
    let mut uses = HashMap::new();
    for n in 0..65_000 {
        let (port, back, forth) = exchange(&mut link, listener, remote, n).unwrap();
        assert_eq!((back, forth), ((!n).to_be_bytes().to_vec(), n.to_be_bytes().to_vec()), "connection {n}");
        *uses.entry(port).or_insert(0) += 1;
    }
    assert_eq!(uses.len(), 16);
    assert_eq!((link.ends[0].connections(), link.ends[1].connections()), (16, 0));
    assert_eq!(link.ends[0].counters().lost, 0);
}

/// Lets time pass until there is something.
fn until<T>(link: &mut Link, mut look: impl FnMut(&mut Link) -> Option<T>) -> T {
    for _ in 0..20_000 {
        if let Some(found) = look(link) {
            return found;
        }
        link.run_for(LATENCY);
    }
    panic!("nothing comes");
}

/// The clock of initial numbers goes on by 250,000 in a second. A connection that has sent more than that is ahead of it, and its pair is taken again at once.
///
/// RFC 9293: MUST-8
#[test]
fn a_number_lies_beyond_what_was_used_however_much_was_sent() {
    let (mut link, listener, remote) = link(1, true, |config| config.send_buffer = 1 << 23);
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&numbers);
    link.set_faults(move |_, from, packet| {
        let (ip, segment) = ip::Header::parse(packet).expect("well formed");
        let (header, text) = tcp::Header::parse(segment, ip.source, ip.destination).expect("well formed");
        if from == 0 {
            let len = text.len() as u32 + u32::from(header.flags.has(SYN)) + u32::from(header.flags.has(FIN));
            sent.lock().unwrap().push((header.flags, header.seq, header.seq.wrapping_add(len)));
        }
        Fate::Arrives
    });
    let mut last: Option<u32> = None;
    for round in 0..4 {
        let now = link.now();
        let client = link.ends[0].connect(now, None, remote).expect("the pair is free");
        link.run_for(LATENCY * 3);
        let server = link.ends[1].accept(listener).expect("established");
        let (all, mut written, mut is_open) = (vec![7; 2_000_000], 0, true);
        let (mut read, mut buffer) = (0, vec![0; 1 << 20]);
        until(&mut link, |link| {
            let now = link.now();
            if is_open {
                written += link.ends[0].send(now, client, &all[written..]).expect("established");
                is_open = written < all.len();
                if !is_open {
                    link.ends[0].release(now, client);
                }
            }
            while let Ok(Received::Text(len)) = link.ends[1].receive(now, server, &mut buffer) {
                read += len;
            }
            (read == all.len()).then_some(())
        });
        link.run_for(LATENCY * 3);
        let now = link.now();
        link.ends[1].release(now, server);
        link.run_for(LATENCY * 3);
        let sent = std::mem::take(&mut *numbers.lock().unwrap());
        let first = sent.iter().find(|(flags, ..)| *flags == SYN).expect("a SYN").1;
        let used = sent.iter().map(|(.., end)| end.wrapping_sub(first)).max().expect("segments");
        assert!(used > 2_000_000, "{used}");
        if let Some(before) = last.replace(first.wrapping_add(used)) {
            assert!(first.wrapping_sub(before) < 1 << 31, "round {round}: {first} is not beyond {before}");
        }
    }
}

#[test]
fn old_segments_meet_newer_connections_and_nobody_reads_them() {
    for timestamps in [true, false] {
        let (mut link, listener, remote) = link(1, true, |config| config.timestamps = timestamps);
        // The network keeps a copy of each packet, for less than an MSL.
        link.set_faults(|count, _, _| Fate::Twice(Duration::from_millis(count * 7_919 % 9_000)));
        let mut whole = 0;
        for n in 0..400_u32 {
            let client = until(&mut link, |link| {
                let now = link.now();
                link.ends[0].connect(now, None, remote).ok()
            });
            // An old SYN may have woken the server, so an attempt may take long; it does not fail.
            let server = until(&mut link, |link| {
                assert_eq!(link.ends[0].status(client).unwrap().error, None, "connection {n}");
                link.ends[1].accept(listener)
            });
            let now = link.now();
            link.ends[0].send(now, client, &n.to_be_bytes()).unwrap();
            link.ends[1].send(now, server, &(!n).to_be_bytes()).unwrap();
            let (mut back, mut forth) = (Vec::new(), Vec::new());
            until(&mut link, |link| {
                back.extend(text(link, 0, client));
                forth.extend(text(link, 1, server));
                (back.len() >= 4 && forth.len() >= 4).then_some(())
            });
            assert_eq!(
                (back, forth),
                ((!n).to_be_bytes().to_vec(), n.to_be_bytes().to_vec()),
                "connection {n}"
            );
            let now = link.now();
            link.ends[0].release(now, client);
            link.run_for(LATENCY * 3);
            let now = link.now();
            link.ends[1].release(now, server);
            whole += 1;
        }
        assert_eq!(whole, 400);
        // Far less than 400 times 2MSL have passed.
        assert!(link.now().since_origin() < MSL * 2 * 100, "{:?}", link.now());
    }
}

#[test]
fn a_full_range_is_refused_without_a_search() {
    for reuse in [false, true] {
        let (mut link, _, remote) = link(1_000, reuse, |_| {});
        // One port of the range is a listener's.
        link.ends[0].listen(50_500, 1).unwrap();
        let now = link.now();
        let all: Vec<_> = (0..999).map(|_| link.ends[0].connect(now, None, remote).unwrap()).collect();
        let ports: HashSet<_> = all.iter().map(|id| link.ends[0].status(*id).unwrap().local.port()).collect();
        assert_eq!((ports.len(), ports.contains(&50_500)), (999, false));
        let tried = link.ends[0].counters().ports_tried;
        for _ in 0..100 {
            assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted));
        }
        assert_eq!(link.ends[0].counters().ports_tried, tried, "no port is looked at");
        // Another peer has a range of its own, and a port that is given back is found.
        let another = SocketAddr::new(remote.ip(), 81);
        assert!(link.ends[0].connect(now, None, another).is_ok());
        link.ends[0].abort(now, all[7]).unwrap();
        assert!(link.ends[0].connect(now, None, remote).is_ok());
        assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted));
    }
}

#[test]
fn by_default_ports_begin_at_1024() {
    let config = Config::new([10, 0, 0, 1]);
    assert_eq!(config.ephemeral_ports, 1024..=65535);
}

#[test]
fn who_holds_a_connection_in_time_wait_keeps_it() {
    let (mut link, listener, remote) = link(1, true, |_| {});
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 3);
    let server = link.ends[1].accept(listener).unwrap();
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.run_for(LATENCY * 3);
    let now = link.now();
    link.ends[1].close(now, server).unwrap();
    link.run_for(LATENCY * 3);
    let now = link.now();
    assert_eq!(link.ends[0].status(client).unwrap().state, State::TimeWait);
    assert_eq!(link.ends[0].connect(now, Some(50_000), remote), Err(Error::AddressInUse));
    assert_eq!(link.ends[0].connect(now, None, remote), Err(Error::PortsExhausted));
    assert_eq!(link.ends[0].status(client).unwrap().state, State::TimeWait, "it is still its user's");
    link.ends[0].release(now, client);
    assert!(link.ends[0].connect(now, None, remote).is_ok());
}

// --- A peer by hand ---

/// Our connection from port 50,000 to this peer is over, and our end waits. `stamp`: the peer's clock; no timestamps without.
fn waiting(stamp: Option<u32>) -> Peer {
    waiting_with(stamp, |_| {})
}

fn waiting_with(stamp: Option<u32>, change: impl Fn(&mut Config)) -> Peer {
    let mut peer = Peer::new(false, |config| {
        change(config);
        config.options.reuse_time_wait = true;
        config.ephemeral_ports = 50_000..=50_000;
        config.msl = Duration::from_secs(3600);
    });
    peer.us.set_port(80);
    peer.them.set_port(50_000);
    let id = peer.end.connect(peer.now, None, peer.us).unwrap();
    let syn = peer.sent().unwrap();
    peer.ack = syn.tcp.seq.wrapping_add(1);
    answer(&mut peer, SYN.with(ACK), stamp);
    peer.seq += 1;
    peer.end.release(peer.now, id);
    peer.ack = peer.ack.wrapping_add(1);
    answer(&mut peer, FIN.with(ACK), stamp);
    peer.seq += 1;
    assert_eq!(peer.end.table().0[0].state, State::TimeWait);
    peer.all();
    peer
}

/// Sends a segment with our numbers.
fn answer(peer: &mut Peer, flags: Flags, stamp: Option<u32>) {
    let mut header = peer.header(flags);
    header.options.timestamps = stamp.map(|val| Timestamps { val, ecr: 0 });
    peer.send(&header, &[]);
}

/// Our end opens again; its SYN.
fn open_again(peer: &mut Peer) -> (ConnectionId, tcp::Header) {
    let id = peer.end.connect(peer.now, None, peer.us).unwrap();
    (id, peer.sent().unwrap().tcp)
}

fn state(peer: &Peer, id: ConnectionId) -> State {
    peer.end.status(id).unwrap().state
}

/// And the TSecr of our SYN is zero (RFC 7323 §3.2).
///
/// RFC 9293: MUST-13, MAY-2
#[test]
fn the_peers_number_must_lie_beyond_the_older_connection_whatever_its_timestamp_says() {
    for (older, newer, offset, taken) in [
        (None, None, 1000, true),
        (None, None, -1000, false),
        (None, None, 0, false),
        (Some(100), Some(101), -1000, false),
        (Some(100), Some(100), -1000, false),
        (Some(100), Some(99), -1000, false),
        (Some(100), None, -1000, false),
        (None, Some(100), -1000, false),
        (Some(100), Some(100), 1000, true),
    ] {
        let mut peer = waiting(older);
        let (next, used) = (peer.seq, peer.ack);
        let (id, syn) = open_again(&mut peer);
        let case = format!("{older:?} {newer:?} {offset}");
        assert!((1..1 << 31).contains(&syn.seq.wrapping_sub(used)), "{case}: beyond what was used");
        assert_eq!(syn.options.timestamps.unwrap().ecr, 0, "{case}");
        (peer.seq, peer.ack) = (next.wrapping_add_signed(offset), syn.seq.wrapping_add(1));
        answer(&mut peer, SYN.with(ACK), newer);
        if taken {
            assert_eq!(state(&peer, id), State::Established, "{case}");
            continue;
        }
        let reset = peer.sent().unwrap_or_else(|| panic!("{case}: nothing is answered")).tcp;
        assert_eq!((reset.flags, reset.seq), (RST, peer.ack), "{case}: the peer shall choose another number");
        assert_eq!(state(&peer, id), State::SynSent, "{case}");
        // A SYN that crosses ours proves as little.
        answer(&mut peer, SYN, newer);
        assert_eq!((peer.all(), state(&peer, id)), (Vec::new(), State::SynSent), "{case}");
        peer.wait(Duration::from_millis(1_500));
        assert_eq!(peer.sent().unwrap().tcp.seq, syn.seq, "{case}: our SYN comes again");
        peer.seq = next.wrapping_add(5000);
        answer(&mut peer, SYN.with(ACK), newer);
        assert_eq!(state(&peer, id), State::Established, "{case}");
    }
}

/// The peer's host says that nobody has this port.
fn unreachable(peer: &mut Peer, _: ConnectionId) {
    let syn =
        tcp::Header { source: 50_000, destination: 80, seq: peer.ack.wrapping_sub(1), ..peer.header(SYN) };
    let quoted = syn.packet(&ip::Header::tcp(peer.them.ip(), peer.us.ip()), (&[], &[]));
    let nobody = Icmpv4Type::DestinationUnreachable(icmpv4::DestUnreachableHeader::Port);
    let mut message = Vec::new();
    PacketBuilder::ipv4([10, 0, 0, 2], [10, 0, 0, 1], 64)
        .icmpv4(nobody)
        .write(&mut message, &quoted)
        .unwrap();
    peer.send_raw(&message);
}

#[test]
fn an_attempt_that_fails_leaves_the_pair_waiting_and_forgets_nothing() {
    type Ends = fn(&mut Peer, ConnectionId);
    let ways: [(&str, Option<Error>, Ends); 7] = [
        ("refused", Some(Error::Refused), |peer, _| answer(peer, RST.with(ACK), None)),
        ("unreachable", Some(Error::Refused), unreachable),
        ("CLOSE", None, |peer, id| peer.end.close(peer.now, id).unwrap()),
        ("CLOSE with text", Some(Error::Call(CallError::ConnectionClosing)), |peer, id| {
            peer.end.send(peer.now, id, b"never sent").unwrap();
            peer.end.close(peer.now, id).unwrap();
        }),
        ("ABORT", None, |peer, id| peer.end.abort(peer.now, id).unwrap()),
        ("R2", Some(Error::TimedOut), |peer, _| peer.wait(Duration::from_secs(400))),
        ("user timeout", Some(Error::TimedOut), |peer, _| peer.wait(Duration::from_secs(6))),
    ];
    for (way, error, ends) in ways {
        let limit = (way == "user timeout").then_some(Duration::from_secs(5));
        let mut peer = waiting_with(None, |config| config.user_timeout = limit);
        let next = peer.seq;
        let (id, syn) = open_again(&mut peer);
        peer.ack = syn.seq.wrapping_add(1);
        assert!(!peer.end.is_ready(id, Interest::OPEN) && !peer.end.is_over(id), "{way}");
        ends(&mut peer, id);
        peer.all();
        assert_eq!(state(&peer, id), State::TimeWait, "{way}");
        let ready = Interest::ALL.map(|interest| peer.end.is_ready(id, interest));
        assert_eq!((ready, peer.end.is_over(id)), ([true; 5], true), "{way}");
        let told = peer.end.receive(peer.now, id, &mut [0; 8]);
        assert_eq!(told, error.map_or(Ok(Received::End), Err), "{way}");
        assert_eq!(peer.end.receive(peer.now, id, &mut [0; 8]), Ok(Received::End), "{way}: told once");
        peer.end.release(peer.now, id);
        assert_eq!(peer.end.connections(), 1, "{way}: 2MSL are waited for");
        // Once more: beyond the numbers of both, and old numbers of the peer still do not do.
        let (id, again) = open_again(&mut peer);
        assert!((1..1 << 31).contains(&again.seq.wrapping_sub(syn.seq)), "{way}");
        (peer.seq, peer.ack) = (next - 500, again.seq.wrapping_add(1));
        answer(&mut peer, SYN.with(ACK), None);
        assert_eq!(peer.sent().unwrap().tcp.flags, RST, "{way}");
        peer.seq = next + 500;
        answer(&mut peer, SYN.with(ACK), None);
        assert_eq!(state(&peer, id), State::Established, "{way}");
    }
}

#[test]
fn text_lost_with_an_attempt_that_nobody_holds_is_counted() {
    for (text, lost) in [("never sent", 1), ("", 0)] {
        let mut peer = waiting(None);
        let (id, _) = open_again(&mut peer);
        peer.end.send(peer.now, id, text.as_bytes()).unwrap();
        peer.end.release(peer.now, id);
        assert_eq!((peer.end.counters().lost, peer.end.connections()), (lost, 1), "{text:?}");
    }
}

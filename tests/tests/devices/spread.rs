//! Connections spread over shards, in memory and without a clock: each packet is answered by one shard, whatever queue it comes to.

use etherparse::{IpNumber, PacketBuilder, icmpv4::DestUnreachableHeader};
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tcpspec::{Flags, State};
use tcpspec_stack::device::pair::{self, End};
use tcpspec_stack::device::spread::{INBOX, Spread, with_key};
use tcpspec_stack::device::{Arrived, Device};
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Capabilities, Config, ConnectionId, Endpoint, Error, ListenerId, Packet, Time};
use tcpspec_tests::peer::{ACK, RST, SYN};

const SHARDS: usize = 3;
const PORT: u16 = 80;
/// Both ends of a connection, for each version of IP: the shards' host and the peer.
const HOSTS: [[&str; 2]; 2] = [["10.0.0.1", "10.0.0.2"], ["fd00::1", "fd00::2"]];

fn config([v4, v6]: [&str; 2]) -> Config {
    let mut config =
        Config::new(v4.parse::<IpAddr>().unwrap()).with_address(v6.parse::<IpAddr>().unwrap(), 64);
    config.key = [1, 2];
    config
}

/// Shards of one host.
struct Host {
    shards: Vec<Option<(Spread<End>, Endpoint)>>,
    /// The other side of each queue.
    queues: Vec<End>,
    now: Time,
}

impl Host {
    fn new(change: impl Fn(&mut Config)) -> Self {
        let (inner, queues): (Vec<_>, Vec<_>) =
            (0..SHARDS).map(|_| pair::with(Capabilities::default())).unzip();
        let shard = |device: Spread<End>| {
            let mut config = config(HOSTS.map(|hosts| hosts[0]));
            change(&mut config);
            let mut end = Endpoint::new(config);
            end.set_device(device.capabilities());
            Some((device, end))
        };
        Self { shards: with_key(inner, [3, 4]).into_iter().map(shard).collect(), queues, now: Time::ZERO }
    }

    fn end(&mut self, shard: usize) -> &mut Endpoint {
        &mut self.shards[shard].as_mut().unwrap().1
    }

    fn device(&self, shard: usize) -> &Spread<End> {
        &self.shards[shard].as_ref().unwrap().0
    }

    fn listen(&mut self) -> Vec<ListenerId> {
        (0..SHARDS).map(|shard| self.end(shard).listen(PORT, 1000).unwrap()).collect()
    }

    /// A packet comes to a queue.
    fn put(&self, queue: usize, packet: &[u8]) {
        self.queues[queue].send(&Packet::new(packet.to_vec())).expect("the queue has room");
    }

    /// One shard takes what has come, and sends.
    fn turn(&mut self, shard: usize) -> usize {
        let now = self.now;
        let Some((device, end)) = &mut self.shards[shard] else { return 0 };
        let (mut buffer, mut taken) = (vec![0; 2000], 0);
        while let Some(Arrived { len, offload }) = device.receive(&mut buffer, Some(Duration::ZERO)).unwrap()
        {
            end.handle(now, &buffer[..len], offload);
            taken += 1;
        }
        end.handle_deadline(now);
        while let Some(packet) = end.poll_packet(now) {
            device.send(&packet).unwrap();
        }
        taken
    }

    /// All shards take turns until there is nothing more to take. What was sent, and from which queue.
    fn answers(&mut self) -> Vec<(usize, Vec<u8>)> {
        // What is handed over to a shard that has had its turn comes up in the next round.
        let mut silent = 0;
        while silent < 2 {
            let taken: usize = (0..SHARDS).map(|shard| self.turn(shard)).sum();
            silent = if taken == 0 { silent + 1 } else { 0 };
        }
        let mut all = Vec::new();
        let mut buffer = vec![0; 2000];
        for (at, queue) in self.queues.iter().enumerate() {
            while let Some(arrived) = queue.receive(&mut buffer, Some(Duration::ZERO)).unwrap() {
                all.push((at, buffer[..arrived.len].to_vec()));
            }
        }
        all
    }

    /// Exchanges packets with a peer until both are silent. What a shard has sent is answered to the queue that the function names.
    fn exchange(&mut self, peer: &mut Endpoint, queue: impl Fn(usize) -> usize) {
        loop {
            let answers = self.answers();
            let mut last = None;
            for (from, packet) in answers {
                peer.handle_packet(self.now, &packet);
                last = Some(from);
                while let Some(packet) = peer.poll_packet(self.now) {
                    self.put(queue(from), &packet);
                }
            }
            let Some(last) = last else { return };
            while let Some(packet) = peer.poll_packet(self.now) {
                self.put(queue(last), &packet);
            }
        }
    }

    fn dropped(&self) -> u64 {
        self.device(0).watch().counters().iter().map(|counters| counters.dropped).sum()
    }

    fn handed_over(&self) -> u64 {
        self.device(0).watch().counters().iter().map(|counters| counters.handed_over).sum()
    }
}

fn sockets(hosts: [&str; 2], port: u16, remote: u16) -> [SocketAddr; 2] {
    [SocketAddr::new(hosts[0].parse().unwrap(), port), SocketAddr::new(hosts[1].parse().unwrap(), remote)]
}

fn segment(from: SocketAddr, to: SocketAddr, flags: Flags) -> Vec<u8> {
    let header = tcp::Header {
        source: from.port(),
        destination: to.port(),
        seq: 1000,
        flags,
        window: 1000,
        ..tcp::Header::default()
    };
    header.packet(&ip::Header::tcp(from.ip(), to.ip()), (&[], &[]))
}

/// A packet of another protocol to the host.
fn other(hosts: [&str; 2], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    match sockets(hosts, 0, 0).map(|socket| socket.ip()) {
        [IpAddr::V4(to), IpAddr::V4(from)] => PacketBuilder::ipv4(from.octets(), to.octets(), 64).write(
            &mut packet,
            IpNumber(protocol),
            payload,
        ),
        [IpAddr::V6(to), IpAddr::V6(from)] => PacketBuilder::ipv6(from.octets(), to.octets(), 64).write(
            &mut packet,
            IpNumber(protocol),
            payload,
        ),
        _ => unreachable!("addresses of one version"),
    }
    .unwrap();
    packet
}

fn echo_request(hosts: [&str; 2]) -> Vec<u8> {
    let mut packet = Vec::new();
    match sockets(hosts, 0, 0).map(|socket| socket.ip()) {
        [IpAddr::V4(to), IpAddr::V4(from)] => PacketBuilder::ipv4(from.octets(), to.octets(), 64)
            .icmpv4_echo_request(1, 2)
            .write(&mut packet, b"there?"),
        [IpAddr::V6(to), IpAddr::V6(from)] => PacketBuilder::ipv6(from.octets(), to.octets(), 64)
            .icmpv6_echo_request(1, 2)
            .write(&mut packet, b"there?"),
        _ => unreachable!("addresses of one version"),
    }
    .unwrap();
    packet
}

fn flags(packet: &[u8]) -> Flags {
    let (ip, segment) = ip::Header::parse(packet).unwrap();
    tcp::Header::parse(segment, ip.source, ip.destination).unwrap().0.flags
}

#[test]
fn each_packet_is_answered_by_one_shard_whatever_queue_it_comes_to() {
    for hosts in HOSTS {
        let mut host = Host::new(|_| {});
        host.listen();
        let mut questions = vec![echo_request(hosts), other(hosts, 17, &[1; 40]), other(hosts, 200, b"what")];
        for remote in 2000..2100 {
            let [here, there] = sockets(hosts, PORT, remote);
            questions.push(segment(there, here, SYN));
            let [closed, there] = sockets(hosts, 81, remote);
            questions.push(segment(there, closed, SYN));
            questions.push(segment(there, closed, ACK));
        }
        let mut by = [0; SHARDS];
        for question in questions {
            let answers = [0, 1, 2].map(|queue| {
                host.put(queue, &question);
                host.answers()
            });
            let shards = answers.each_ref().map(|answers| match &answers[..] {
                [(shard, _)] => *shard,
                answers => panic!("{} answers", answers.len()),
            });
            assert!(shards.iter().all(|shard| *shard == shards[0]), "{shards:?} answer the same packet");
            by[shards[0]] += 1;
        }
        assert!(by.iter().all(|count| *count > 50), "{by:?}: the shards do not share the work");
        assert_eq!(host.dropped(), 0);
    }
}

/// A fragment has no ports, and what is malformed has nothing: neither is answered, and one shard counts it.
#[test]
fn what_is_dropped_is_counted_by_one_shard() {
    let mut host = Host::new(|_| {});
    let mut fragment = other(HOSTS[0], 6, &[1; 40]);
    (fragment[6], fragment[7]) = (0x20, 0);
    fragment[10..12].fill(0);
    let sum: u32 =
        fragment[..20].as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word))).sum();
    let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
    fragment[10..12].copy_from_slice(&sum.to_be_bytes());
    for queue in 0..SHARDS {
        host.put(queue, &fragment);
        host.put(queue, &fragment[..10]);
        assert!(host.answers().is_empty());
    }
    let counters: Vec<_> = (0..SHARDS).map(|shard| host.end(shard).counters()).collect();
    let mut fragments: Vec<_> = counters.iter().map(|counters| counters.fragments).collect();
    fragments.sort();
    assert_eq!(fragments, [0, 0, 3]);
    assert_eq!(counters.iter().map(|counters| counters.malformed).sum::<u64>(), 3);
}

#[test]
fn what_a_shard_connects_to_answers_that_shard() {
    for (hosts, away) in HOSTS.into_iter().flat_map(|hosts| [(hosts, 0), (hosts, 1), (hosts, 2)]) {
        let mut host = Host::new(|_| {});
        let mut peer = Endpoint::new(config(HOSTS.map(|hosts| hosts[1])));
        peer.listen(PORT, 1000).unwrap();
        let remote = sockets(hosts, 0, PORT)[1];
        let now = host.now;
        let mut ids: Vec<(usize, ConnectionId)> = Vec::new();
        for shard in (0..SHARDS).cycle().take(60) {
            let id = host.end(shard).connect(now, None, remote).unwrap();
            ids.push((shard, id));
        }
        host.exchange(&mut peer, |from| (from + away) % SHARDS);
        for (shard, id) in &ids {
            let status = host.end(*shard).status(*id).unwrap();
            assert_eq!(status.state, State::Established, "shard {shard}, answered {away} queues further on");
        }
        assert_eq!(peer.connections(), 60, "no two shards took the same port");
        // Where the kernel sends an answer to the queue that asked, nothing is handed over.
        assert_eq!(host.handed_over() == 0, away == 0);
    }
}

#[test]
fn a_port_that_is_named_belongs_to_one_shard_and_the_others_say_so() {
    let mut host = Host::new(|_| {});
    let now = host.now;
    for port in 3000..3050 {
        let [local, remote] = sockets(HOSTS[0], port, PORT);
        let owner = host.device(0).flows().shard_of(local, remote);
        for shard in 0..SHARDS {
            let end = host.end(shard);
            let active = end.connect(now, Some(port), remote).map(|_| ());
            let passive = end.open_passive(now, (local.ip(), port + 1000).into(), Some(remote)).map(|_| ());
            let local = SocketAddr::new(local.ip(), port + 1000);
            let passive_owner = end_owner(&host, local, remote);
            assert_eq!(active, if owner == shard { Ok(()) } else { Err(Error::OtherShard) });
            assert_eq!(passive, if passive_owner == shard { Ok(()) } else { Err(Error::OtherShard) });
        }
    }
    // Named later, and chosen by the stack.
    let [local, remote] = sockets(HOSTS[0], 2999, PORT);
    let owner = end_owner(&host, local, remote);
    for shard in 0..SHARDS {
        let end = host.end(shard);
        let id = end.open_passive(now, local, None).unwrap();
        let opened = end.open_active(now, id, Some(remote));
        assert_eq!(opened, if owner == shard { Ok(()) } else { Err(Error::OtherShard) });
        let chosen = end.open_passive(now, SocketAddr::new(local.ip(), 0), Some(remote)).unwrap();
        let chosen = end.status(chosen).unwrap().local;
        assert_eq!(end_owner(&host, chosen, remote), shard);
    }
}

fn end_owner(host: &Host, local: SocketAddr, remote: SocketAddr) -> usize {
    host.device(0).flows().shard_of(local, remote)
}

#[test]
fn the_ports_of_the_range_are_shared_out_and_their_end_costs_no_search() {
    const PORTS: u16 = 3000;
    let mut host = Host::new(|config| config.ephemeral_ports = 2000..=2000 + PORTS - 1);
    let [local, remote] = sockets(HOSTS[0], 0, PORT);
    let now = host.now;
    let mut all = 0;
    for shard in 0..SHARDS {
        let flows = host.device(shard).flows();
        let own =
            (2000..2000 + PORTS).filter(|port| flows.has(SocketAddr::new(local.ip(), *port), remote)).count();
        let end = host.end(shard);
        // A listener of this shard's share takes one port, one of another's share takes none.
        let listens = (2000..).find(|port| flows.has(SocketAddr::new(local.ip(), *port), remote)).unwrap();
        let elsewhere = (2000..).find(|port| !flows.has(SocketAddr::new(local.ip(), *port), remote)).unwrap();
        for port in [listens, elsewhere] {
            end.listen(port, 1).unwrap();
        }
        for n in 0..own - 1 {
            assert!(end.connect(now, None, remote).is_ok(), "{n} of {own}");
            while end.poll_packet(now).is_some() {}
        }
        let tried = end.counters().ports_tried;
        for _ in 0..3 {
            assert_eq!(end.connect(now, None, remote), Err(Error::PortsExhausted));
        }
        assert_eq!(end.counters().ports_tried, tried, "a search for nothing");
        all += own;
    }
    assert_eq!(all, usize::from(PORTS));
}

#[test]
fn a_shard_reaches_itself_from_any_port_and_nothing_of_that_reaches_a_queue() {
    for own in ["10.0.0.1", "127.0.0.1", "::1"] {
        let mut host = Host::new(|_| {});
        let listeners = host.listen();
        let now = host.now;
        let remote = SocketAddr::new(own.parse().unwrap(), PORT);
        for (shard, listener) in listeners.into_iter().enumerate() {
            for port in (5000..5010).map(Some).chain([None]) {
                host.end(shard).connect(now, port, remote).unwrap();
            }
            for _ in 0..5 {
                assert!(host.answers().is_empty());
            }
            let accepted = std::iter::from_fn(|| host.end(shard).accept(listener)).count();
            assert_eq!(accepted, 11, "{own}, shard {shard}");
        }
    }
}

/// A connection from a shard's chosen port that the peer has not answered yet, and its SYN.
fn connecting(host: &mut Host, shard: usize, hosts: [&str; 2]) -> (ConnectionId, Vec<u8>) {
    let now = host.now;
    let id = host.end(shard).connect(now, None, sockets(hosts, 0, PORT)[1]).unwrap();
    let mut sent = host.answers();
    assert_eq!(sent.len(), 1);
    (id, sent.remove(0).1)
}

#[test]
fn an_icmp_error_reaches_the_shard_of_the_segment_that_it_quotes() {
    for (hosts, queue) in HOSTS.into_iter().flat_map(|hosts| (0..SHARDS).map(move |queue| (hosts, queue))) {
        for shard in 0..SHARDS {
            let mut host = Host::new(|_| {});
            let (id, syn) = connecting(&mut host, shard, hosts);
            let mut error = Vec::new();
            // A router's address: by the addresses of the error itself another shard may be meant.
            match sockets(hosts, 0, 0)[0].ip() {
                IpAddr::V4(to) => PacketBuilder::ipv4([10, 0, 0, 254], to.octets(), 64)
                    .icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::Port))
                    .write(&mut error, &syn),
                IpAddr::V6(to) => {
                    let router = "fd00::fe".parse::<std::net::Ipv6Addr>().unwrap();
                    let port = etherparse::icmpv6::DestUnreachableCode::Port;
                    PacketBuilder::ipv6(router.octets(), to.octets(), 64)
                        .icmpv6(etherparse::Icmpv6Type::DestinationUnreachable(port))
                        .write(&mut error, &syn)
                }
            }
            .unwrap();
            host.put(queue, &error);
            host.answers();
            assert_eq!(
                host.end(shard).take_error(id),
                Ok(Some(Error::Refused)),
                "shard {shard}, queue {queue}"
            );
        }
    }
}

#[test]
fn a_connection_in_time_wait_answers_from_its_shard() {
    let mut host = Host::new(|_| {});
    let mut peer = Endpoint::new(config(HOSTS.map(|hosts| hosts[1])));
    let listener = peer.listen(PORT, 10).unwrap();
    let (now, remote) = (host.now, sockets(HOSTS[0], 0, PORT)[1]);
    let id = host.end(1).connect(now, None, remote).unwrap();
    host.exchange(&mut peer, |_| 2);
    let theirs = peer.accept(listener).unwrap();
    host.end(1).close(now, id).unwrap();
    host.exchange(&mut peer, |_| 2);
    peer.close(now, theirs).unwrap();
    let fin = peer.poll_packet(now).unwrap();
    host.put(0, &fin);
    assert_eq!(host.answers().len(), 1);
    assert_eq!(host.end(1).status(id).unwrap().state, State::TimeWait);
    host.end(1).release(now, id);
    // Again the FIN, to every queue.
    for queue in 0..SHARDS {
        host.put(queue, &fin);
        let answers = host.answers();
        let answered: Vec<_> = answers.iter().map(|(shard, packet)| (*shard, flags(packet))).collect();
        assert_eq!(answered, [(1, ACK)]);
    }
}

/// SYNs of so many peers that all belong to one shard.
fn syns_for(host: &Host, shard: usize, count: usize) -> Vec<Vec<u8>> {
    let flows = host.device(0).flows();
    let all = (1..=u16::MAX).map(|remote| sockets(HOSTS[0], 81, remote));
    let own = all.filter(|[here, there]| flows.shard_of(*here, *there) == shard);
    own.take(count).map(|[here, there]| segment(there, here, SYN)).collect()
}

#[test]
fn an_inbox_that_is_full_drops_and_counts() {
    let mut host = Host::new(|_| {});
    for syn in syns_for(&host, 1, INBOX + 10) {
        host.put(0, &syn);
        assert_eq!(host.turn(0), 0, "it is another shard's");
    }
    let counters = host.device(2).watch().counters();
    assert_eq!((counters[1].handed_over, counters[1].dropped), (INBOX as u64, 10));
    assert_eq!((counters[0].handed_over, counters[2].handed_over), (0, 0));
    // Its own queue has its turn between, and the inbox empties all the same.
    for syn in syns_for(&host, 1, 50) {
        host.put(1, &syn);
    }
    assert_eq!(host.turn(1), INBOX + 50);
    assert!(host.turn(1) == 0 && host.dropped() == 10);
}

#[test]
fn a_queue_has_its_turn_while_its_inbox_is_full() {
    let mut host = Host::new(|_| {});
    for syn in syns_for(&host, 1, INBOX) {
        host.put(0, &syn);
    }
    host.turn(0);
    let [here, there] = sockets(HOSTS[0], 81, 9);
    let mut own = segment(there, here, ACK);
    // Recognized by its length.
    own.truncate(10);
    host.put(1, &own);
    let mut buffer = [0; 2000];
    let device = host.device(1);
    let place = (0..).find(|_| device.receive(&mut buffer, Some(Duration::ZERO)).unwrap().unwrap().len == 10);
    assert!(place.is_some_and(|place| place < 50), "after {place:?} of {INBOX} others");
}

#[test]
fn the_packets_of_a_shard_that_has_ended_are_dropped_and_the_others_go_on() {
    let mut host = Host::new(|_| {});
    host.listen();
    // They wait in its inbox when it ends.
    for syn in syns_for(&host, 2, 5) {
        host.put(0, &syn);
    }
    host.turn(0);
    host.shards[2] = None;
    assert_eq!(host.dropped(), 5);
    for syn in syns_for(&host, 2, 7) {
        host.put(1, &syn);
    }
    assert!(host.answers().is_empty());
    assert_eq!(host.dropped(), 12);
    for shard in [0, 1] {
        for syn in syns_for(&host, shard, 5) {
            host.put(1 - shard, &syn);
        }
        let answers = host.answers();
        assert_eq!(answers.len(), 5);
        assert!(answers.iter().all(|(from, packet)| *from == shard && flags(packet).has(RST)));
    }
}

#[test]
fn what_is_handed_over_wakes_a_thread_that_waits() {
    let host = Host::new(|_| {});
    let syn = syns_for(&host, 1, 1).remove(0);
    let [waits, takes] = [1, 0].map(|shard| host.device(shard));
    let (done, came) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || done.send(waits.receive(&mut [0; 2000], None).unwrap()));
        // It waits by then; if not, the test is easier to pass.
        thread::sleep(Duration::from_millis(50));
        host.put(0, &syn);
        assert_eq!(takes.receive(&mut [0; 2000], Some(Duration::ZERO)).unwrap(), None);
        let arrived = came.recv_timeout(Duration::from_secs(20));
        // Else the thread would never end.
        waits.wake();
        assert_eq!(arrived.expect("it was not woken").map(|arrived| arrived.len), Some(syn.len()));
    });
}

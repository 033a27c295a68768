//! The RFC's passive OPEN without a listener: one connection that waits for its peer, and what its user may do meanwhile (§3.10.1 to §3.10.5).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tcpspec::{CallError, State};
use tcpspec_stack::wire::options::{Options, Timestamps};
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{ConnectionId, Error, Interest, Listen, Received};
use tcpspec_tests::peer::{ACK, FIN, Packet, Peer, RST, SYN};

const UNSPECIFIED: Error = Error::Call(CallError::RemoteSocketUnspecified);
const EXISTS: Error = Error::Call(CallError::ConnectionAlreadyExists);

fn peer() -> Peer {
    Peer::new(false, |_| {})
}

/// A passive OPEN of the socket that the peer talks to.
fn open(peer: &mut Peer, remote: Option<SocketAddr>) -> Result<ConnectionId, Error> {
    peer.end.open_passive(peer.now, peer.them, remote)
}

fn state(peer: &Peer, id: ConnectionId) -> State {
    peer.end.status(id).unwrap().state
}

fn remote(peer: &Peer, id: ConnectionId) -> SocketAddr {
    peer.end.status(id).unwrap().remote
}

fn nobody() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 0).into()
}

/// The peer's SYN, and the answer.
fn syn(peer: &mut Peer, change: impl Fn(&mut tcp::Header)) -> Packet {
    let mut syn = peer.header(SYN);
    change(&mut syn);
    peer.send(&syn, &[]);
    peer.sent().expect("an answer to the SYN")
}

/// The SYN, its answer, and the acknowledgment of that.
fn handshake(peer: &mut Peer, change: impl Fn(&mut tcp::Header)) -> Packet {
    let answer = syn(peer, &change);
    assert_eq!(answer.tcp.flags, SYN.with(ACK));
    (peer.seq, peer.ack) = (peer.seq.wrapping_add(1), answer.tcp.seq.wrapping_add(1));
    let mut ack = peer.header(ACK);
    change(&mut ack);
    peer.send(&ack, &[]);
    answer
}

fn refused(answer: &Packet) -> bool {
    answer.tcp.flags == RST.with(ACK)
}

#[test]
fn one_peer_becomes_the_connection_and_others_are_refused() {
    for ipv6 in [false, true] {
        let mut peer = Peer::new(ipv6, |_| {});
        let id = open(&mut peer, None).unwrap();
        assert_eq!((state(&peer, id), remote(&peer, id).port()), (State::Listen, 0));
        handshake(&mut peer, |_| {});
        assert_eq!((state(&peer, id), remote(&peer, id)), (State::Established, peer.us));
        assert_eq!(peer.end.send(peer.now, id, b"text"), Ok(4));
        assert_eq!(peer.sent().unwrap().text, b"text");
        // Nobody else finds it, nor anything in LISTEN.
        let (first, seq) = (peer.us, peer.seq);
        peer.us.set_port(5001);
        assert!(refused(&syn(&mut peer, |_| {})));
        (peer.us, peer.seq) = (first, seq);
        peer.send(&peer.header(ACK), b"back");
        let mut text = [0; 10];
        assert_eq!(peer.end.receive(peer.now, id, &mut text), Ok(Received::Text(4)));
        peer.end.abort(peer.now, id).unwrap();
        peer.end.release(peer.now, id);
        assert_eq!(peer.end.connections(), 0);
        peer.end.listen(80, 1).expect("the port is free again");
    }
}

/// RFC 9293: MUST-11
#[test]
fn a_rst_in_syn_received_takes_it_back_and_nothing_of_that_peer_stays() {
    let mut peer = peer();
    let id = open(&mut peer, None).unwrap();
    let first = peer.us;
    // The first one's segments are small, it has timestamps and a text on its SYN.
    let mut small = peer.header(SYN);
    small.options = Options {
        mss: Some(100),
        window_scale: Some(7),
        timestamps: Some(Timestamps { val: 5, ecr: 0 }),
        sack_permitted: true,
        ..Options::default()
    };
    peer.send(&small, b"early");
    let answer = peer.sent().unwrap();
    assert!(answer.tcp.options.timestamps.is_some());
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::SynReceived, first));
    peer.end.send(peer.now, id, b"for the first").unwrap();
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::Listen, nobody()));
    // Text was lost: the user hears of that, once.
    assert_eq!(peer.end.status(id).unwrap().error, Some(Error::Refused));
    assert_eq!(peer.end.send(peer.now, id, b"?"), Err(Error::Refused));
    assert_eq!(peer.end.status(id).unwrap().error, None);
    assert_eq!(peer.end.send(peer.now, id, b"?"), Err(UNSPECIFIED));
    // What the first one still sends finds LISTEN, not its old connection.
    peer.ack = answer.tcp.seq.wrapping_add(1);
    peer.send(&peer.header(ACK), &[]);
    let reset = peer.sent().unwrap();
    assert_eq!((reset.tcp.flags, reset.tcp.seq), (RST, peer.ack));
    assert_eq!(reset.tcp.options.timestamps, None);

    peer.us.set_port(5001);
    // The number with which a TCB begins that has taken none.
    peer.seq = 0;
    let answer = handshake(&mut peer, |_| {});
    assert_eq!(answer.tcp.options.timestamps, None);
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::Established, peer.us));
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.mss, status.unread, status.unacknowledged), (536, 0, 0));
    let text = [7; 536];
    peer.end.send(peer.now, id, &text).unwrap();
    assert_eq!(peer.sent().unwrap().text, text);
}

#[test]
fn a_retransmitted_syn_ack_and_an_old_deadline_do_not_follow_it_back() {
    let mut peer = peer();
    let id = open(&mut peer, None).unwrap();
    let rto = |peer: &Peer| peer.end.status(id).unwrap().rto;
    let fresh = rto(&peer);
    syn(&mut peer, |_| {});
    peer.wait(Duration::from_millis(1500));
    assert_eq!(peer.all().len(), 1, "the SYN,ACK again");
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    peer.wait(Duration::from_secs(600));
    assert_eq!((peer.all().len(), state(&peer, id)), (0, State::Listen));
    // Its successor begins with a fresh timeout.
    peer.us.set_port(5001);
    syn(&mut peer, |_| {});
    assert_eq!((state(&peer, id), rto(&peer)), (State::SynReceived, fresh));
}

/// A call, and what it says.
type Says = fn(&mut Peer, ConnectionId) -> Result<(), Error>;

#[test]
fn text_that_went_with_the_peer_is_told_once_by_whatever_comes_next() {
    let us = peer().us;
    let calls: [(&str, Says); 6] = [
        ("take_error", |peer, id| peer.end.take_error(id)?.map_or(Ok(()), Err)),
        ("receive", |peer, id| peer.end.receive(peer.now, id, &mut [0; 9]).map(drop)),
        ("send", |peer, id| peer.end.send(peer.now, id, b"again").map(drop)),
        ("send_urgent", |peer, id| peer.end.send_urgent(peer.now, id, b"again").map(drop)),
        ("open_active", |peer, id| peer.end.open_active(peer.now, id, None)),
        ("check_loss", |peer, id| peer.end.check_loss(id)),
    ];
    for (name, call) in calls {
        for text in [true, false] {
            let mut peer = peer();
            let id = open(&mut peer, Some(us)).unwrap();
            syn(&mut peer, |_| {});
            if text {
                peer.end.send(peer.now, id, b"for nobody").unwrap();
            }
            peer.seq += 1;
            peer.send(&peer.header(RST), &[]);
            assert_eq!(state(&peer, id), State::Listen);
            assert!(peer.end.is_delivered(), "nothing waits any more");
            let expected = if text { Err(Error::Refused) } else { Ok(()) };
            assert_eq!(call(&mut peer, id), expected, "{name}");
            if text {
                // It goes on as if nothing had been, and whoever waits is not woken for it again.
                assert_eq!(state(&peer, id), State::Listen, "{name}");
                assert!(!peer.end.is_ready(id, Interest::READ | Interest::OPEN), "{name}");
                assert_eq!(call(&mut peer, id), Ok(()), "{name}");
            }
            assert_eq!(peer.end.take_error(id), Ok(None), "{name}");
        }
    }
}

#[test]
fn who_is_named_is_the_only_one() {
    let mut peer = peer();
    let named = peer.us;
    let id = open(&mut peer, Some(named)).unwrap();
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::Listen, named));
    peer.us.set_port(5001);
    assert!(refused(&syn(&mut peer, |_| {})));
    peer.us = named;
    // Back in LISTEN it still knows whom it waits for.
    syn(&mut peer, |_| {});
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::Listen, named));
    peer.seq = 70_000;
    handshake(&mut peer, |_| {});
    assert_eq!(state(&peer, id), State::Established);
}

/// LISTEN → SYN-SENT by SEND: the arrow of the textbook that sockets lack.
#[test]
fn send_makes_it_active_if_it_knows_its_peer() {
    let mut peer = peer();
    let id = open(&mut peer, None).unwrap();
    assert_eq!(peer.end.send(peer.now, id, b"text"), Err(UNSPECIFIED));
    assert_eq!(UNSPECIFIED.to_string(), "error: remote socket unspecified");
    assert_eq!(state(&peer, id), State::Listen);
    peer.end.close(peer.now, id).unwrap();

    let us = peer.us;
    let id = open(&mut peer, Some(us)).unwrap();
    assert_eq!(peer.end.send(peer.now, id, b"text"), Ok(4));
    assert_eq!(state(&peer, id), State::SynSent);
    let sent = peer.sent().unwrap();
    assert_eq!((sent.tcp.flags, sent.text.len()), (SYN, 0));
    peer.end.send(peer.now, id, b" and more").unwrap();
    peer.ack = sent.tcp.seq.wrapping_add(1);
    peer.send(&peer.header(SYN.with(ACK)), &[]);
    assert_eq!(state(&peer, id), State::Established);
    let text: Vec<u8> = peer.all().into_iter().flat_map(|packet| packet.text).collect();
    assert_eq!(text, b"text and more");
}

#[test]
fn an_active_open_on_it_needs_a_remote_socket() {
    let mut peer = peer();
    let us = peer.us;
    let id = open(&mut peer, None).unwrap();
    assert_eq!(peer.end.open_active(peer.now, id, None), Err(UNSPECIFIED));
    let nowhere = (Ipv4Addr::new(10, 0, 0, 2), 0).into();
    assert_eq!(peer.end.open_active(peer.now, id, Some(nowhere)), Err(Error::AddressInvalid));
    let other = (Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2), 5000).into();
    assert_eq!(peer.end.open_active(peer.now, id, Some(other)), Err(Error::NoAddress));
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::Listen, nobody()));
    peer.end.open_active(peer.now, id, Some(us)).unwrap();
    assert_eq!((state(&peer, id), remote(&peer, id)), (State::SynSent, us));
    assert_eq!(peer.sent().unwrap().tcp.flags, SYN);
    assert_eq!(peer.end.open_active(peer.now, id, Some(us)), Err(EXISTS));
    // It is active for good: refused, it does not listen again.
    peer.ack = peer.end.tcb(id).unwrap().snd_nxt.get();
    peer.send(&peer.header(RST.with(ACK)), &[]);
    assert_eq!((state(&peer, id), peer.end.status(id).unwrap().error), (State::Closed, Some(Error::Refused)));
    assert_eq!(peer.end.open_active(peer.now, id, Some(us)), Err(Error::NoSocket));
    // Nor where the SYNs have crossed.
    let id = open(&mut peer, Some(us)).unwrap();
    peer.end.open_active(peer.now, id, None).unwrap();
    peer.send(&peer.header(SYN), &[]);
    assert_eq!(state(&peer, id), State::SynReceived);
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    assert_eq!((state(&peer, id), peer.end.status(id).unwrap().error), (State::Closed, Some(Error::Refused)));
    peer.all();

    // Whom the passive OPEN has named need not be said again; another may be.
    let id = open(&mut peer, Some(us)).unwrap();
    peer.end.open_active(peer.now, id, None).unwrap();
    assert_eq!((state(&peer, id), peer.sent().unwrap().tcp.destination), (State::SynSent, 5000));
    peer.end.abort(peer.now, id).unwrap();
    let id = open(&mut peer, Some(us)).unwrap();
    let instead = SocketAddr::new(us.ip(), 5001);
    peer.end.open_active(peer.now, id, Some(instead)).unwrap();
    assert_eq!((remote(&peer, id), peer.sent().unwrap().tcp.destination), (instead, 5001));
}

#[test]
fn close_and_abort_end_it_without_a_word() {
    let mut peer = peer();
    for abort in [false, true] {
        let id = open(&mut peer, None).unwrap();
        if abort {
            peer.end.abort(peer.now, id).unwrap();
        } else {
            peer.end.close(peer.now, id).unwrap();
        }
        assert_eq!((state(&peer, id), peer.end.connections()), (State::Closed, 0));
        assert_eq!(peer.all(), []);
        assert!(refused(&syn(&mut peer, |_| {})));
        peer.end.release(peer.now, id);
        let id = open(&mut peer, None).expect("the port is free");
        peer.end.release(peer.now, id);
        assert_eq!(peer.end.connections(), 0);
    }
}

/// RFC 9293: MUST-41
#[test]
fn a_port_in_use_is_an_error_and_whoever_has_it_goes_on() {
    let mut peer = peer();
    let (us, them) = (peer.us, peer.them);
    let anywhere = (Ipv4Addr::UNSPECIFIED, 80).into();
    let id = open(&mut peer, None).unwrap();
    for remote in [None, Some(us)] {
        for local in [them, anywhere] {
            assert_eq!(peer.end.open_passive(peer.now, local, remote), Err(Error::AddressInUse));
        }
    }
    assert_eq!(peer.end.listen(80, 1), Err(Error::AddressInUse));
    let mut reuse = Listen::on(80);
    reuse.reuse_address = true;
    assert_eq!(peer.end.listen_with(&reuse), Err(Error::AddressInUse));
    handshake(&mut peer, |_| {});
    assert_eq!(state(&peer, id), State::Established);
    // A connection in 2MSL has its port as well; with another peer there may be one.
    peer.end.close(peer.now, id).unwrap();
    peer.ack = peer.ack.wrapping_add(1);
    peer.send(&peer.header(FIN.with(ACK)), &[]);
    peer.end.release(peer.now, id);
    assert_eq!(peer.end.open_passive(peer.now, them, None), Err(Error::AddressInUse));
    assert_eq!(peer.end.open_passive(peer.now, them, Some(us)), Err(Error::AddressInUse));
    let other = SocketAddr::new(us.ip(), 5001);
    let id = peer.end.open_passive(peer.now, them, Some(other)).unwrap();
    assert_eq!(peer.end.open_passive(peer.now, them, Some(other)), Err(Error::AddressInUse));
    assert_eq!(peer.end.connect(peer.now, Some(80), other), Err(Error::AddressInUse));
    assert_eq!(state(&peer, id), State::Listen, "it was asked, and not made active");
    // Where a listener forks.
    let mut peer = self::peer();
    let listener = peer.end.listen(80, 1).unwrap();
    for remote in [None, Some(us)] {
        for local in [them, anywhere] {
            assert_eq!(peer.end.open_passive(peer.now, local, remote), Err(Error::AddressInUse));
        }
    }
    peer.connect(listener, |_| {});
}

#[test]
fn it_may_wait_on_every_address_and_on_a_port_that_the_stack_chooses() {
    let mut peer = Peer::new(true, |_| {});
    let id = peer.end.open_passive(peer.now, (Ipv6Addr::UNSPECIFIED, 80).into(), None).unwrap();
    assert_eq!(peer.end.status(id).unwrap().local, (Ipv4Addr::UNSPECIFIED, 80).into());
    assert_eq!(peer.end.open_passive(peer.now, peer.them, None), Err(Error::AddressInUse));
    syn(&mut peer, |_| {});
    assert_eq!(peer.end.status(id).unwrap().local, peer.them);
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    assert_eq!(peer.end.status(id).unwrap().local, (Ipv4Addr::UNSPECIFIED, 80).into());
    // The address follows the peer's.
    let remote = SocketAddr::new(peer.us.ip(), 7);
    peer.end.open_active(peer.now, id, Some(remote)).unwrap();
    assert_eq!(peer.end.status(id).unwrap().local, peer.them);

    peer.them.set_port(0);
    let some = open(&mut peer, None).unwrap();
    let port = peer.end.status(some).unwrap().local.port();
    assert!(peer.end.config().ephemeral_ports.contains(&port));
    let strange = (Ipv4Addr::new(10, 9, 9, 9), 80).into();
    assert_eq!(peer.end.open_passive(peer.now, strange, None), Err(Error::NoAddress));
    // No active OPEN is given a port on which somebody waits.
    let mut peer = Peer::new(false, |config| config.ephemeral_ports = 4000..=4000);
    peer.them.set_port(4000);
    open(&mut peer, None).unwrap();
    assert_eq!(peer.end.connect(peer.now, None, peer.us), Err(Error::PortsExhausted));
}

#[test]
fn whom_nobody_holds_waits_for_nobody() {
    // By the letter a CLOSE that waits in SYN-RECEIVED is forgotten when a RST comes; whoever opened, by that of §3.5.
    for (close_heeded, rst_heeds_opener, active) in [
        (true, true, false),
        (false, true, false),
        (false, false, false),
        (true, false, true),
        (false, false, true),
    ] {
        let mut peer = Peer::new(false, |config| {
            config.options.close_heeded = close_heeded;
            config.options.rst_heeds_opener = rst_heeds_opener;
        });
        let id = if active {
            let id = peer.end.connect(peer.now, Some(80), peer.us).unwrap();
            peer.sent().unwrap();
            id
        } else {
            open(&mut peer, None).unwrap()
        };
        syn(&mut peer, |_| {});
        assert_eq!(state(&peer, id), State::SynReceived);
        peer.end.send(peer.now, id, b"text").unwrap();
        peer.end.release(peer.now, id);
        peer.seq += 1;
        peer.send(&peer.header(RST), &[]);
        assert_eq!(peer.end.connections(), 0, "{close_heeded} {rst_heeds_opener} {active}");
    }
}

/// A passive OPEN of whoever connects here, and its settings.
fn limited(peer: &mut Peer, remote: Option<SocketAddr>, limits: &[usize]) -> ConnectionId {
    let id = open(peer, remote).unwrap();
    for limit in limits {
        let settings = peer.end.settings(id).unwrap().with_receive_buffer(*limit);
        peer.end.set_settings(peer.now, id, settings).unwrap();
    }
    id
}

#[test]
fn a_receive_buffer_that_is_set_while_it_waits_counts() {
    let start = 2000;
    for (limits, first, then) in [
        (&[1000][..], 1000, 1000),
        (&[1000, 1500], 1500, 1500),
        (&[1000, 9000], 9000, 9000),
        (&[9000, 1000], 1000, 1000),
    ] {
        // The first peer is refused, and the limit outlives that.
        let mut peer = Peer::new(false, |config| config.receive_buffer_start = start);
        let id = limited(&mut peer, None, limits);
        for _ in 0..2 {
            assert_eq!(u32::from(syn(&mut peer, |_| {}).tcp.window), first, "{limits:?}");
            peer.seq += 1;
            peer.send(&peer.header(RST), &[]);
            assert_eq!(state(&peer, id), State::Listen);
        }
        handshake(&mut peer, |_| {});
        assert_eq!(peer.end.tcb(id).unwrap().receive_window(), then, "{limits:?}");
        // Active, by a SEND or by an OPEN.
        for send in [false, true] {
            let mut peer = Peer::new(false, |config| config.receive_buffer_start = start);
            let us = peer.us;
            let id = limited(&mut peer, Some(us), limits);
            if send {
                peer.end.send(peer.now, id, b"text").unwrap();
            } else {
                peer.end.open_active(peer.now, id, None).unwrap();
            }
            assert_eq!(u32::from(peer.sent().unwrap().tcp.window), first, "{limits:?}");
        }
    }
}

#[test]
fn a_receive_buffer_that_is_raised_while_it_waits_is_offered() {
    // More than a SYN can announce.
    let limit = 300_000;
    let mut peer = peer();
    let id = limited(&mut peer, None, &[1000, limit]);
    let answer = handshake(&mut peer, |header| {
        if header.flags == SYN {
            header.options.window_scale = Some(7);
        }
    });
    assert_eq!(answer.tcp.window, u16::MAX);
    assert_eq!(state(&peer, id), State::Established);
    assert_eq!(peer.end.tcb(id).unwrap().receive_window(), limit as u32);
    peer.send(&peer.header(ACK), &[1; 536]);
    let told = peer.sent().expect("an acknowledgment, with the window as it is");
    let scale = answer.tcp.options.window_scale.unwrap();
    assert_eq!(u32::from(told.tcp.window), (limit as u32 - 536) >> scale);
}

#[test]
fn a_syn_that_reopens_a_connection_finds_who_waits() {
    for released in [false, true] {
        let mut peer = Peer::new(false, |config| config.options.reopen_by_sequence = true);
        let (us, them) = (peer.us, peer.them);
        // The connection from this port ends in 2MSL while another waits there for anybody.
        let waiting = open(&mut peer, None).unwrap();
        let id = peer.end.connect(peer.now, Some(them.port()), us).unwrap();
        peer.ack = peer.sent().unwrap().tcp.seq.wrapping_add(1);
        peer.send(&peer.header(SYN.with(ACK)), &[]);
        peer.seq += 1;
        peer.end.close(peer.now, id).unwrap();
        peer.ack = peer.ack.wrapping_add(1);
        peer.send(&peer.header(FIN.with(ACK)), &[]);
        assert_eq!(state(&peer, id), State::TimeWait);
        let used = peer.end.tcb(id).unwrap().snd_nxt;
        if released {
            peer.end.release(peer.now, id);
        }
        peer.all();
        peer.seq += 1000;
        let answer = syn(&mut peer, |_| {});
        assert_eq!(answer.tcp.flags, SYN.with(ACK));
        assert!(
            used.before(tcpspec::Seq::new(answer.tcp.seq)),
            "numbers beyond those that were used (MAY-2)"
        );
        assert_eq!((state(&peer, waiting), peer.end.connections()), (State::SynReceived, 1));
    }
}

#[test]
fn before_a_gateways_listener_on_every_port() {
    let mut peer = Peer::new(false, |config| config.any_destination = true);
    let mut every = Listen::on(0);
    (every.every_port, every.hold) = (true, true);
    let listener = peer.end.listen_with(&every).unwrap();
    let id = open(&mut peer, None).expect("the gateway's listener stands behind all others");
    syn(&mut peer, |_| {});
    peer.seq += 1;
    peer.send(&peer.header(RST), &[]);
    assert_eq!((state(&peer, id), peer.end.request(peer.now, listener)), (State::Listen, None));
    handshake(&mut peer, |_| {});
    assert_eq!(state(&peer, id), State::Established);
    // Who comes now asks the gateway.
    peer.us.set_port(5001);
    let asks = peer.header(SYN);
    peer.send(&asks, &[]);
    assert_eq!(peer.end.request(peer.now, listener).map(|request| request.remote), Some(peer.us));
}

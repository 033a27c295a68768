//! What is sent again, and when: one timeout, one retransmission (RFC 6298 §5); before the timer runs out only for a reason.

use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{Config, ConnectionId, Error, Listen, Settings, Time};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};
use tcpspec_tests::simulated::MINUTE;

const SECOND: Duration = Duration::from_secs(1);

/// A peer who offers all options.
fn syn(peer: &Peer) -> tcp::Header {
    let mut syn = peer.header(SYN);
    syn.options.sack_permitted = true;
    syn.options.mss = Some(1000);
    syn
}

/// Nobody holds some of these connections, and the limit for such ones shall not end them.
fn unlimited(change: impl FnOnce(&mut Config)) -> impl FnOnce(&mut Config) {
    |config| {
        config.orphan_timeout = Duration::ZERO;
        change(config);
    }
}

/// An active OPEN, the peer's SYN crosses ours, and CLOSE: our SYN is unacknowledged, and so is our FIN.
fn crossed(change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, unlimited(change));
    let id = peer.end.connect(peer.now, Some(peer.them.port()), peer.us).unwrap();
    let header = syn(&peer);
    peer.send(&header, &[]);
    peer.end.close(peer.now, id).unwrap();
    let flags: Vec<_> = peer.all().into_iter().map(|packet| packet.tcp.flags).collect();
    assert_eq!(flags, [SYN, SYN.with(ACK), FIN.with(ACK)]);
    (peer, id)
}

/// A gateway admits a connection and lets it go before the peer has answered.
fn admitted(change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, unlimited(change));
    let mut listen = Listen::on(80);
    listen.hold = true;
    let listener = peer.end.listen_with(&listen).unwrap();
    let header = syn(&peer);
    peer.send(&header, &[]);
    let request = peer.end.request(peer.now, listener).expect("somebody asks");
    let id = peer.end.admit(peer.now, listener, &request).unwrap();
    peer.end.release(peer.now, id);
    let flags: Vec<_> = peer.all().into_iter().map(|packet| packet.tcp.flags).collect();
    assert_eq!(flags, [SYN.with(ACK), FIN.with(ACK)]);
    (peer, id)
}

/// Lets time pass in steps; each SYN,ACK with the time since the beginning, and how many other packets there were.
fn watch(peer: &mut Peer, span: Duration, mut each: impl FnMut(&mut Peer)) -> (Vec<Duration>, usize) {
    let (begin, step) = (peer.now, Duration::from_millis(250));
    let (mut again, mut others) = (Vec::new(), 0);
    while peer.now.since(begin) < span {
        peer.wait(step);
        each(peer);
        for packet in peer.all() {
            if packet.tcp.flags == SYN.with(ACK) {
                again.push(peer.now.since(begin));
            } else {
                others += 1;
            }
        }
    }
    (again, others)
}

/// Each wait is longer than the one before, or as long as any can be.
fn backs_off(times: &[Duration]) -> bool {
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    waits.iter().all(|wait| *wait >= SECOND) && waits.windows(2).all(|pair| pair[1] >= pair[0] * 3 / 2)
}

#[test]
fn one_timeout_is_one_syn_ack_whatever_else_is_unacknowledged() {
    for begin in [crossed, admitted] as [fn(fn(&mut Config)) -> _; 2] {
        let changes: [fn(&mut Config); 3] = [
            |_| {},
            |config| config.keep_alive = Some(SECOND * 20),
            |config| (config.keep_alive, config.sack) = (Some(SECOND * 20), false),
        ];
        for change in changes {
            let (mut peer, _) = begin(change);
            // R2 alone shall end it.
            assert_eq!(peer.end.config().orphan_timeout, Duration::ZERO);
            let limit = peer.end.config().r2_syn;
            let (again, others) = watch(&mut peer, MINUTE * 60 * 24, |_| {});
            assert!((5..12).contains(&again.len()) && backs_off(&again), "{again:?}");
            assert_eq!(others, 0, "nothing is sent behind a SYN that nobody acknowledges");
            assert_eq!(peer.end.connections(), 0, "R2 ends it");
            assert!(*again.last().unwrap() <= limit, "{again:?}");
        }
    }
}

#[test]
fn what_is_refused_draws_its_answer_and_moves_no_timer() {
    let quiet = watch(&mut crossed(|_| {}).0, MINUTE * 10, |_| {});
    assert!(!quiet.0.is_empty());
    let (mut peer, _) = crossed(|_| {});
    let mut sent = 0;
    let noisy = watch(&mut peer, MINUTE * 10, |peer| {
        // From outside the window: anybody can forge it. Without text it would be answered ten times in five seconds.
        let mut forged = peer.header(ACK);
        forged.seq = peer.seq.wrapping_add(10_000_000);
        if peer.end.connections() > 0 {
            sent += 1;
            peer.send(&forged, b"x");
        }
    });
    assert!(sent > 100);
    assert_eq!(noisy, (quiet.0, sent), "one acknowledgment each, and the timer as if none had come");
    assert_eq!(peer.end.connections(), 0);
}

#[test]
fn nothing_but_the_timer_sends_a_syn_again() {
    // A probe would be due after a second.
    let mut peer = Peer::new(false, |config| config.initial_rto = SECOND * 3);
    let id = peer.end.connect(peer.now, Some(peer.them.port()), peer.us).unwrap();
    let header = syn(&peer);
    peer.send(&header, &[]);
    assert_eq!(peer.all().len(), 2);
    let (again, _) = watch(&mut peer, SECOND * 4, |_| {});
    assert!(again.len() == 1 && again[0] >= SECOND * 3, "{again:?}");
    let status = peer.end.status(id).unwrap();
    assert_eq!((status.state, status.repairs.probes, status.repairs.timeouts), (State::SynReceived, 0, 1));
    // The same with a FIN behind it.
    let (mut peer, id) = crossed(|config| config.initial_rto = SECOND * 3);
    let (again, others) = watch(&mut peer, SECOND * 4, |_| {});
    assert!(again.len() == 1 && again[0] >= SECOND * 3 && others == 0, "{again:?} {others}");
    assert_eq!(peer.end.status(id).unwrap().repairs.probes, 0);
}

/// What was lost with the SYN,ACK goes out as soon as that is acknowledged.
#[test]
fn the_fin_follows_once_the_syn_is_acknowledged() {
    let (mut peer, _) = crossed(|_| {});
    peer.wait(SECOND * 2);
    let sent = peer.all();
    assert_eq!(sent.len(), 1);
    (peer.seq, peer.ack) = (peer.seq + 1, sent[0].tcp.seq.wrapping_add(1));
    let header = peer.header(ACK);
    peer.send(&header, &[]);
    let sent: Vec<_> = peer.all().into_iter().map(|packet| (packet.tcp.flags, packet.tcp.seq)).collect();
    assert_eq!(sent, [(FIN.with(ACK), peer.ack)]);
}

/// A connection with a round trip of 100 ms.
fn established() -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, |config| config.timestamps = false);
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |header| {
        header.options = tcpspec_stack::wire::options::Options {
            mss: header.flags.has(SYN).then_some(1000),
            sack_permitted: header.flags.has(SYN),
            ..Default::default()
        }
    });
    (peer, id)
}

/// What is refused before a retransmission that is due, or behind it, neither hastens nor delays it: with text under way, before and after timeouts.
#[test]
fn no_refused_segment_moves_what_is_sent_again() {
    type Forge = fn(&Peer) -> tcp::Header;
    let forged: [(&str, Forge); 7] = [
        ("nothing", |peer| tcp::Header { destination: 9, ..peer.header(ACK) }),
        ("outside the window", |peer| tcp::Header {
            seq: peer.seq.wrapping_add(10_000_000),
            ..peer.header(ACK)
        }),
        ("an acknowledgment of what was never sent", |peer| tcp::Header {
            ack: peer.ack.wrapping_add(1_000_000),
            ..peer.header(ACK)
        }),
        ("an acknowledgment from long ago", |peer| tcp::Header {
            ack: peer.ack.wrapping_sub(1_000_000),
            ..peer.header(ACK)
        }),
        ("a SYN", |peer| tcp::Header { seq: peer.seq.wrapping_add(10), ..peer.header(SYN) }),
        ("a RST that is not exactly next", |peer| tcp::Header {
            seq: peer.seq.wrapping_add(10),
            ..peer.header(RST)
        }),
        ("no acknowledgment", |peer| peer.header(FIN)),
    ];
    let mut expected = None;
    for (name, forge) in forged {
        let (mut peer, id) = established();
        peer.end.send(peer.now, id, &[b'x'; 3000]).unwrap();
        let mut again = Vec::new();
        let step = Duration::from_millis(50);
        for n in 0..4000_u32 {
            peer.wait(step);
            let header = forge(&peer);
            peer.send(&header, &[]);
            let texts = peer.all().into_iter().filter(|packet| !packet.text.is_empty());
            again.extend(texts.map(|packet| (n, packet.tcp.seq, packet.text.len())));
        }
        assert!(again.len() > 8, "{again:?}");
        assert_eq!(peer.end.status(id).unwrap().error, Some(Error::TimedOut), "{name}: R2 counts");
        assert_eq!(*expected.get_or_insert_with(|| again.clone()), again, "{name}");
    }
}

/// The end has sent so much; it is acknowledged after 100 ms.
fn acknowledge(peer: &mut Peer) {
    let wait = Duration::from_millis(100);
    peer.wait(wait);
    let all = peer.all();
    let end = all.iter().map(|packet| packet.tcp.seq.wrapping_add(packet.text.len() as u32)).max();
    peer.ack = end.unwrap_or(peer.ack);
    let header = peer.header(ACK);
    peer.send(&header, &[]);
}

/// The first loss of a recovery may leave whatever the congestion window says; a probe that has repaired the loss leaves nothing to be sent.
#[test]
fn a_loss_that_a_probe_has_repaired_lets_nothing_out_after_a_later_timeout() {
    let (mut peer, id) = established();
    let send = |peer: &mut Peer, octets: usize| {
        let text = vec![b'x'; octets];
        assert_eq!(peer.end.send(peer.now, id, &text), Ok(octets));
    };
    for _ in 0..4 {
        send(&mut peer, 1000);
        acknowledge(&mut peer);
    }
    // Lost; the probe comes, and its acknowledgment.
    send(&mut peer, 1000);
    assert_eq!(peer.all().len(), 1);
    let begin: Time = peer.now;
    while peer.raw.is_empty() && peer.now.since(begin) < SECOND {
        peer.wait(Duration::from_millis(10));
    }
    acknowledge(&mut peer);
    assert_eq!(peer.end.status(id).unwrap().repairs.probes, 1);
    send(&mut peer, 1000);
    acknowledge(&mut peer);
    assert_eq!(peer.end.status(id).unwrap().repairs.congestion, 1);
    // Now nothing arrives any more.
    send(&mut peer, 3000);
    assert_eq!(peer.all().len(), 2, "as many as the congestion window takes");
    let before = peer.end.status(id).unwrap().repairs;
    while peer.end.status(id).unwrap().repairs.timeouts == before.timeouts {
        peer.all();
        peer.wait(Duration::from_millis(10));
    }
    assert_eq!(peer.all().len(), 1, "one timeout, one segment");
    assert_eq!(peer.end.status(id).unwrap().error, None::<Error>);
}

/// RFC 6298 §5.1: a segment that leaves starts the timer only if it is not running. A sender that never pauses would never have a timeout.
#[test]
fn sending_on_does_not_put_off_a_timeout() {
    let mut peer = Peer::new(false, |config| {
        config.timestamps = false;
        config.sack = false;
    });
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |_| {});
    peer.end.set_settings(peer.now, id, Settings::default().with_no_delay(true)).unwrap();
    let (begin, first, step) = (peer.now, peer.ack, Duration::from_millis(50));
    let rto = peer.end.status(id).unwrap().rto;
    let mut fronts = Vec::new();
    while peer.now.since(begin) < rto * 2 {
        assert_eq!(peer.end.send(peer.now, id, b"on and on"), Ok(9));
        let sent = peer.all();
        assert!(sent.iter().any(|packet| packet.tcp.seq != first) || peer.now == begin, "it goes on");
        fronts.extend(sent.iter().filter(|packet| packet.tcp.seq == first).map(|_| peer.now.since(begin)));
        peer.wait(step);
    }
    let again = fronts.get(1).copied().unwrap_or(Duration::MAX);
    assert!(again >= rto && again <= rto + step, "{fronts:?}");
}

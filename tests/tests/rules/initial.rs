//! What the first segment of a connection says of its settings.

use std::time::Duration;
use tcpspec_stack::{Config, Error, Initial, Listen, Settings};
use tcpspec_tests::peer::{ACK, Peer, SYN};

fn special() -> Initial {
    let settings = Settings::default().with_receive_buffer(5000);
    Initial::default().with_settings(Some(settings)).with_hop_limit(Some(9)).with_traffic_class(Some(0x28))
}

/// RFC 9293: MUST-48, MUST-49
#[test]
fn a_syn_goes_out_with_the_settings_of_its_connection() {
    let mut peer = Peer::new(false, |_| {});
    peer.end.connect_with(peer.now, None, peer.us, &special()).unwrap();
    let syn = peer.sent().unwrap();
    assert_eq!(syn.tcp.flags, SYN);
    assert_eq!((syn.ip.hop_limit, syn.ip.traffic_class, syn.tcp.window), (9, 0x28, 5000));
    peer.end.connect(peer.now, None, peer.us).unwrap();
    let syn = peer.sent().unwrap();
    assert_eq!((syn.ip.hop_limit, syn.ip.traffic_class), (64, 0));
    assert!(syn.tcp.window > 5000, "others are as they were");
}

#[test]
fn a_syn_ack_goes_out_with_the_settings_of_its_listener() {
    let mut peer = Peer::new(false, |_| {});
    let listener = peer.end.listen_with(&Listen::on(80).with_initial(special())).unwrap();
    peer.send(&peer.header(SYN), &[]);
    let answer = peer.sent().unwrap();
    assert_eq!(answer.tcp.flags, SYN.with(ACK));
    assert_eq!((answer.ip.hop_limit, answer.ip.traffic_class, answer.tcp.window), (9, 0x28, 5000));
    assert_eq!(peer.end.initial(listener).unwrap(), special());
    // What is not given stays; what began before does, too.
    peer.end.set_initial(listener, &Initial::default().with_hop_limit(Some(10))).unwrap();
    assert_eq!(peer.end.initial(listener).unwrap(), special().with_hop_limit(Some(10)));
    peer.us.set_port(5001);
    peer.send(&peer.header(SYN), &[]);
    let answer = peer.sent().unwrap();
    assert_eq!((answer.ip.hop_limit, answer.ip.traffic_class, answer.tcp.window), (10, 0x28, 5000));
}

#[test]
fn a_cookie_goes_out_with_the_settings_of_its_listener() {
    let mut peer = Peer::new(false, |_| {});
    let listen = Listen::on(80).with_half_open(1).with_initial(special());
    let listener = peer.end.listen_with(&listen).unwrap();
    peer.send(&peer.header(SYN), &[]);
    peer.all();
    peer.us.set_port(5001);
    let id = peer.connect(listener, |_| {});
    assert_eq!(peer.end.counters().cookies_sent, 1);
    assert_eq!((peer.end.hop_limit(id).unwrap(), peer.end.settings(id).unwrap().receive_buffer), (9, 5000));
}

#[test]
fn what_a_setting_cannot_be_is_refused_before_a_segment_leaves() {
    let mut peer = Peer::new(false, |_| {});
    let small = Initial::default().with_settings(Some(Settings::default().with_receive_buffer(0)));
    let listener = peer.end.listen(80, 1).unwrap();
    for (initial, name) in
        [(small, "receive_buffer"), (Initial::default().with_hop_limit(Some(0)), "hop_limit")]
    {
        let connect = peer.end.connect_with(peer.now, None, peer.us, &initial).map(drop);
        let listen = peer.end.listen_with(&Listen::on(81).with_initial(initial)).map(drop);
        for refused in [connect, listen, peer.end.set_initial(listener, &initial)] {
            assert!(matches!(refused, Err(Error::InvalidSetting(why)) if why.name() == name), "{refused:?}");
        }
    }
    assert_eq!(peer.sent(), None);
    let id = peer.connect(listener, |_| {});
    assert_eq!(peer.end.hop_limit(id).unwrap(), 64, "it is as it was");
}

#[test]
fn an_acknowledgment_waits_as_long_as_its_connection_says() {
    for (delay, waits) in [(Duration::ZERO, false), (Duration::from_millis(300), true)] {
        let mut peer = Peer::new(false, |_| {});
        let initial = Initial::default().with_settings(Some(Settings::default().with_delayed_ack(delay)));
        let listener = peer.end.listen_with(&Listen::on(80).with_initial(initial)).unwrap();
        let id = peer.connect(listener, |_| {});
        peer.send(&peer.header(ACK), b"x");
        assert_eq!(peer.sent().is_none(), waits);
        peer.wait(Duration::from_millis(200));
        assert!(peer.sent().is_none(), "not yet, or not again");
        peer.wait(Duration::from_millis(200));
        assert_eq!(peer.sent().is_some(), waits);
        assert_eq!(peer.end.settings(id).unwrap().delayed_ack, delay);
    }
}

#[test]
fn settings_are_written_in_one_expression() {
    let config = Config::new([10, 0, 0, 1]).with_mtu(9000).with_nagle(false).with_r1(5);
    assert_eq!((config.mtu, config.nagle, config.r1), (9000, false, 5));
    assert_eq!(config.ipv4, Some(([10, 0, 0, 1].into(), 24)));
    let nothing = Config::default();
    assert_eq!((nothing.ipv4, nothing.ipv6, nothing.mtu), (None, None, 1500));
    assert_ne!(nothing.key, Config::default().key, "keys are not the same twice");
    let settings = Settings::default();
    assert_eq!(
        (settings.no_delay, settings.r2, settings.delayed_ack),
        (false, nothing.r2, nothing.delayed_ack)
    );
}

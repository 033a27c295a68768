//! Each setting: what it cannot be is refused with its name, where a stack starts and where settings change; with anything else connections work and
//! no timer runs wild. And settings that take effect at once.

use Then::{Nothing, Refused, Works};
use std::io::{ErrorKind, Write};
use std::net::{self, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::thread;
use std::time::Duration;
use tcpspec::Options;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{
    Config, ConnectionId, Endpoint, Error, InvalidSetting, KeepAlive, Listen, Settings, Stack, TcpListener,
    congestion,
};
use tcpspec_tests::peer::{ACK, Peer, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, connected, text, transfer};

const MS: Duration = Duration::from_millis(1);
const MICROSECOND: Duration = Duration::from_micros(1);
const SECOND: Duration = Duration::from_secs(1);
const FOR_EVER: Duration = Duration::MAX;
const ZERO: Duration = Duration::ZERO;

/// What follows from a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    /// It is refused.
    Refused,
    /// Text passes both ways.
    Works,
    /// It has a meaning, and that is that nobody is connected.
    Nothing,
}

type Cases<T> = Vec<(&'static str, Then, fn(&mut T))>;

fn addresses() -> Cases<Config> {
    fn v4(config: &mut Config, address: [u8; 4], prefix: u8) {
        config.ipv4 = Some((address.into(), prefix));
    }
    fn v6(config: &mut Config, address: &str, prefix: u8) {
        config.ipv6 = Some((address.parse().unwrap(), prefix));
    }
    vec![
        ("ipv4", Works, |c| c.ipv4.as_mut().unwrap().1 = 0),
        ("ipv4", Works, |c| c.ipv4.as_mut().unwrap().1 = 32),
        ("ipv4", Refused, |c| c.ipv4.as_mut().unwrap().1 = 33),
        ("ipv4", Refused, |c| c.ipv4.as_mut().unwrap().1 = 255),
        ("ipv4", Refused, |c| v4(c, [0, 0, 0, 0], 24)),
        ("ipv4", Refused, |c| v4(c, [127, 0, 0, 1], 24)),
        ("ipv4", Refused, |c| v4(c, [224, 0, 0, 1], 24)),
        ("ipv4", Refused, |c| v4(c, [255, 255, 255, 255], 24)),
        ("ipv4", Refused, |c| v4(c, [10, 0, 0, 255], 24)),
        ("ipv6", Works, |c| c.ipv6 = None),
        ("ipv6", Works, |c| c.ipv6.as_mut().unwrap().1 = 0),
        ("ipv6", Works, |c| c.ipv6.as_mut().unwrap().1 = 128),
        ("ipv6", Refused, |c| c.ipv6.as_mut().unwrap().1 = 129),
        ("ipv6", Refused, |c| c.ipv6.as_mut().unwrap().1 = 255),
        ("ipv6", Refused, |c| v6(c, "::", 64)),
        ("ipv6", Refused, |c| v6(c, "::1", 64)),
        ("ipv6", Refused, |c| v6(c, "ff02::1", 64)),
        ("ipv6", Refused, |c| v6(c, "::ffff:10.0.0.1", 64)),
        ("mtu", Refused, |c| c.mtu = 0),
        ("mtu", Refused, |c| (c.mtu, c.ipv6) = (67, None)),
        ("mtu", Works, |c| (c.mtu, c.ipv6) = (68, None)),
        ("mtu", Refused, |c| c.mtu = 1279),
        ("mtu", Works, |c| c.mtu = 1280),
        ("mtu", Works, |c| c.mtu = u16::MAX),
        ("any_destination", Works, |c| c.any_destination = true),
        ("ephemeral_ports", Refused, |c| c.ephemeral_ports = RangeInclusive::new(2, 1)),
        ("ephemeral_ports", Refused, |c| c.ephemeral_ports = 0..=0),
        ("ephemeral_ports", Refused, |c| c.ephemeral_ports = 0..=65_535),
        ("ephemeral_ports", Refused, |c| {
            c.ephemeral_ports = 5..=5;
            // A range that was walked through is empty.
            c.ephemeral_ports.next();
        }),
        ("ephemeral_ports", Works, |c| c.ephemeral_ports = 1..=1),
        ("hop_limit", Refused, |c| c.hop_limit = 0),
        ("hop_limit", Works, |c| c.hop_limit = 1),
        ("hop_limit", Works, |c| c.hop_limit = 255),
        ("traffic_class", Works, |c| c.traffic_class = 255),
    ]
}

fn limits() -> Cases<Config> {
    vec![
        ("msl", Refused, |c| c.msl = ZERO),
        ("msl", Works, |c| c.msl = Duration::from_nanos(1)),
        ("msl", Works, |c| c.msl = FOR_EVER),
        ("quiet_time", Nothing, |c| c.quiet_time = true),
        ("options", Works, |c| c.options = Options::default()),
        ("initial_rto", Refused, |c| c.initial_rto = ZERO),
        ("initial_rto", Refused, |c| c.initial_rto = MS - MICROSECOND),
        ("initial_rto", Works, |c| c.initial_rto = MS),
        ("initial_rto", Works, |c| c.initial_rto = FOR_EVER),
        ("min_rto", Refused, |c| c.min_rto = ZERO),
        ("min_rto", Refused, |c| c.min_rto = MS - MICROSECOND),
        ("min_rto", Refused, |c| c.min_rto = c.max_rto + MS),
        ("min_rto", Works, |c| c.min_rto = MS),
        ("min_rto", Works, |c| c.min_rto = c.max_rto),
        ("max_rto", Refused, |c| (c.min_rto, c.max_rto) = (MS, ZERO)),
        ("max_rto", Works, |c| (c.min_rto, c.max_rto) = (MS, MS)),
        ("max_rto", Works, |c| c.max_rto = FOR_EVER),
        ("r1", Works, |c| c.r1 = 0),
        ("r1", Works, |c| c.r1 = u32::MAX),
        ("r2", Refused, |c| c.r2 = ZERO),
        ("r2", Works, |c| c.r2 = FOR_EVER),
        ("r2_syn", Refused, |c| c.r2_syn = ZERO),
        ("r2_syn", Works, |c| c.r2_syn = FOR_EVER),
        ("user_timeout", Refused, |c| c.user_timeout = Some(ZERO)),
        ("user_timeout", Works, |c| c.user_timeout = Some(FOR_EVER)),
        ("keep_alive", Refused, |c| c.keep_alive = Some(ZERO)),
        ("keep_alive", Refused, |c| c.keep_alive = Some(MS - MICROSECOND)),
        ("keep_alive", Works, |c| c.keep_alive = Some(MS)),
        ("keep_alive", Works, |c| c.keep_alive = Some(FOR_EVER)),
        ("keep_alive_interval", Refused, |c| c.keep_alive_interval = ZERO),
        ("keep_alive_interval", Works, |c| {
            (c.keep_alive, c.keep_alive_interval) = (Some(SECOND), LATENCY * 3)
        }),
        ("keep_alive_probes", Works, |c| (c.keep_alive, c.keep_alive_probes) = (Some(SECOND), 0)),
        ("keep_alive_probes", Works, |c| (c.keep_alive, c.keep_alive_probes) = (Some(SECOND), u32::MAX)),
        ("orphan_timeout", Works, |c| c.orphan_timeout = ZERO),
        ("orphan_timeout", Works, |c| c.orphan_timeout = FOR_EVER),
        ("max_orphans", Works, |c| c.max_orphans = 0),
        ("max_orphans", Works, |c| c.max_orphans = usize::MAX),
        ("orphan_memory", Works, |c| c.orphan_memory = 0),
        ("orphan_memory", Works, |c| c.orphan_memory = usize::MAX),
        ("delayed_ack", Works, |c| c.delayed_ack = ZERO),
        ("delayed_ack", Works, |c| c.delayed_ack = FOR_EVER),
        ("max_connections", Nothing, |c| c.max_connections = 0),
        ("max_connections", Works, |c| c.max_connections = 1 << 30),
        ("max_connections", Refused, |c| c.max_connections = (1 << 30) + 1),
        ("memory", Works, |c| c.memory = 0),
        ("memory", Works, |c| c.memory = 100_000),
        ("memory", Works, |c| c.memory = usize::MAX),
        ("echo_limit", Works, |c| c.echo_limit = 0),
        ("error_limit", Works, |c| c.error_limit = 0),
        ("key", Works, |c| c.key = [0, 0]),
    ]
}

fn text_and_windows() -> Cases<Config> {
    vec![
        ("send_buffer", Works, |c| c.send_buffer = 0),
        ("send_buffer", Works, |c| c.send_buffer = usize::MAX),
        ("receive_buffer", Refused, |c| c.receive_buffer = 0),
        ("receive_buffer", Works, |c| c.receive_buffer = 1),
        ("receive_buffer", Works, |c| c.receive_buffer = 1 << 30),
        ("receive_buffer", Refused, |c| c.receive_buffer = (1 << 30) + 1),
        ("receive_buffer_start", Refused, |c| c.receive_buffer_start = 0),
        ("receive_buffer_start", Refused, |c| c.receive_buffer_start = 100),
        ("receive_buffer_start", Refused, |c| c.receive_buffer_start = 127),
        ("receive_buffer_start", Works, |c| c.receive_buffer_start = 128),
        ("receive_buffer_start", Works, |c| c.receive_buffer_start = 200),
        ("receive_buffer_start", Works, |c| c.receive_buffer_start = usize::MAX),
        ("largest_segment", Refused, |c| c.largest_segment = Some(0)),
        ("largest_segment", Works, |c| c.largest_segment = Some(1)),
        ("largest_segment", Works, |c| c.largest_segment = Some(u16::MAX)),
        ("sack", Works, |c| c.sack = false),
        ("timestamps", Works, |c| c.timestamps = false),
        ("nagle", Works, |c| c.nagle = false),
        ("congestion", Works, |c| c.congestion = congestion::new_reno),
    ]
}

/// Those of a connection.
fn of_connections() -> Cases<Settings> {
    fn keep_alive(settings: &mut Settings, idle: Duration, interval: Duration, probes: u32) {
        settings.keep_alive = Some(KeepAlive { idle, interval, probes });
    }
    vec![
        ("no_delay", Works, |s| s.no_delay = true),
        ("cork", Works, |s| s.cork = true),
        ("keep_alive.idle", Refused, |s| keep_alive(s, ZERO, SECOND, 9)),
        ("keep_alive.idle", Refused, |s| keep_alive(s, MS - MICROSECOND, SECOND, 9)),
        ("keep_alive.idle", Works, |s| keep_alive(s, MS, SECOND, 9)),
        ("keep_alive.interval", Refused, |s| keep_alive(s, SECOND, ZERO, 9)),
        ("keep_alive.interval", Works, |s| keep_alive(s, SECOND, LATENCY * 3, 9)),
        ("keep_alive.probes", Works, |s| keep_alive(s, SECOND, SECOND, 0)),
        ("user_timeout", Refused, |s| s.user_timeout = Some(ZERO)),
        ("user_timeout", Works, |s| s.user_timeout = Some(FOR_EVER)),
        ("r1", Works, |s| s.r1 = 0),
        ("r2", Refused, |s| s.r2 = ZERO),
        ("r2", Works, |s| s.r2 = FOR_EVER),
        ("send_buffer", Works, |s| s.send_buffer = 0),
        ("receive_buffer", Refused, |s| s.receive_buffer = 0),
        ("receive_buffer", Refused, |s| s.receive_buffer = 127),
        ("receive_buffer", Works, |s| s.receive_buffer = 128),
        ("receive_buffer", Works, |s| s.receive_buffer = usize::MAX),
        ("largest_segment", Refused, |s| s.largest_segment = Some(0)),
        ("largest_segment", Works, |s| s.largest_segment = Some(1)),
        ("largest_segment", Works, |s| s.largest_segment = Some(u16::MAX)),
        ("delayed_ack", Works, |s| s.delayed_ack = ZERO),
        ("delayed_ack", Works, |s| s.delayed_ack = FOR_EVER),
    ]
}

/// The names of a struct's fields.
fn fields<'a>(source: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (_, fields) = source.split_once(&format!("pub struct {name} {{")).unwrap();
    let (fields, _) = fields.split_once("\n}\n").unwrap();
    fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next())
}

#[test]
fn each_setting_is_tried() {
    let cases = [addresses(), limits(), text_and_windows()].concat();
    let config = include_str!("../../../stack/src/config/stack.rs");
    for field in fields(config, "Config") {
        assert!(cases.iter().any(|(name, ..)| *name == field), "nobody has tried `{field}`");
    }
    let (settings, cases) = (include_str!("../../../stack/src/config/connection.rs"), of_connections());
    for field in fields(settings, "Settings").chain(fields(settings, "KeepAlive")) {
        let tried = |name: &str| name.split('.').any(|part| part == field);
        assert!(cases.iter().any(|(name, ..)| tried(name)), "nobody has tried `{field}`");
    }
}

/// Text passes both ways, then all is quiet for a while: whether it passed.
fn works(change: fn(&mut Config)) -> bool {
    let mut link = Link::with(LATENCY, change);
    let nobody = tcpspec_tests::simulated::socket(&link.ends[1], 9);
    if link.ends[0].connect(link.now(), Some(4000), nobody).is_err() {
        return false;
    }
    let texts = [text(400, 1), text(300, 2)];
    let users = transfer(&mut link, texts.clone(), MINUTE * 10);
    let passed = users[0].read == texts[1] && users[1].read == texts[0];
    // One connection that stays, with nothing to say.
    let remote = std::net::SocketAddr::new(nobody.ip(), 81);
    let listener = link.ends[1].listen(81, 1).unwrap();
    let stays = link.ends[0].connect(link.now(), Some(4001), remote);
    link.run_for(LATENCY * 4);
    let _stays = link.ends[1].accept(listener);
    calm(&mut link);
    // The same when the line is cut and text is under way.
    link.set_faults(|_, _, _| Fate::Lost);
    if let Ok(id) = stays {
        let _ = link.ends[0].send(link.now(), id, b"hello?");
    }
    calm(&mut link);
    passed
}

/// In ten seconds there are not more events than timers of a millisecond make at both ends.
fn calm(link: &mut Link) {
    let limit = link.now() + SECOND * 10;
    let mut events = 0;
    while link.step(limit) {
        events += 1;
        assert!(events < 30_000, "timers run wild");
    }
}

/// RFC 9293: MUST-29
#[test]
fn what_a_setting_of_a_stack_cannot_be_is_refused_with_its_name() {
    for (n, (name, then, change)) in [addresses(), limits(), text_and_windows()].concat().iter().enumerate() {
        let ipv6: Ipv6Addr = "fd00::1".parse().unwrap();
        let mut config = Config::new(Ipv4Addr::new(10, 0, 0, 1)).with_address(ipv6, 64);
        change(&mut config);
        let refused = config.check().err();
        assert_eq!(refused.map(|invalid| invalid.name()), (*then == Refused).then_some(*name), "{n}: {name}");
        assert_eq!(Endpoint::try_new(config.clone()).err(), refused);
        let Some(invalid) = refused else {
            assert_eq!(works(*change), *then == Works, "{n}: {name}");
            continue;
        };
        let error = Stack::pair(config, Config::new([10, 0, 0, 2])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(&format!("the setting `{name}` ")), "{error}");
        assert_eq!(error.to_string(), invalid.to_string());
    }
}

#[test]
fn what_a_setting_of_a_connection_cannot_be_is_refused_with_its_name() {
    for (n, (name, then, change)) in of_connections().iter().enumerate() {
        let mut link = Link::new(LATENCY);
        let (_, client, server) = connected(&mut link);
        let mut settings = link.ends[0].settings(client).unwrap();
        let before = settings;
        change(&mut settings);
        let changed = link.ends[0].set_settings(link.now(), client, settings);
        let refused: Option<InvalidSetting> = match changed {
            Ok(()) => None,
            Err(Error::InvalidSetting(invalid)) => Some(invalid),
            Err(error) => panic!("{n}: {name}: {error}"),
        };
        assert_eq!(refused.map(|invalid| invalid.name()), (*then == Refused).then_some(*name), "{n}: {name}");
        let now = if refused.is_some() { before } else { settings };
        assert_eq!(link.ends[0].settings(client), Ok(now), "a refusal changes nothing");
        // Text passes both ways.
        let (mut left, mut got) = ([text(400, 1), text(400, 2)], [0, 0]);
        link.run_until(MINUTE * 10, |link| {
            let at = link.now();
            for (end, id) in [(0, client), (1, server)] {
                let sent = link.ends[end].send(at, id, &left[end]).unwrap();
                left[end].drain(..sent);
                if let Ok(tcpspec_stack::Received::Text(len)) = link.ends[end].receive(at, id, &mut [0; 100])
                {
                    got[end] += len;
                }
            }
            got == [400, 400]
        });
        assert_eq!(got, [400, 400], "{n}: {name}");
        calm(&mut link);
    }
}

#[test]
fn a_listener_for_nobody_takes_one_at_a_time() {
    let mut peer = Peer::new(false, |_| {});
    let mut listen = Listen::on(80);
    // A cookie would do without room.
    (listen.backlog, listen.half_open, listen.cookies) = (0, 0, false);
    let listener = peer.end.listen_with(&listen).unwrap();
    let id = peer.connect(listener, |_| {});
    assert_eq!(peer.end.set_hop_limit(id, 0).unwrap_err().to_string().split('`').nth(1), Some("hop_limit"));
    assert_eq!(peer.end.hop_limit(id), Ok(64));
}

#[cfg(target_os = "linux")]
#[test]
fn a_tun_device_refuses_what_it_cannot_be() {
    use tcpspec_stack::device::tun::Tun;
    let tun = || Tun::builder("refused0");
    let cases = [
        ("host", tun().host([10, 0, 0, 1], 33)),
        ("host", tun().host([10, 0, 0, 1], 24).host(Ipv6Addr::LOCALHOST, 129)),
        ("route", tun().route([10, 0, 0, 0], 255)),
        ("mtu", tun().mtu(0)),
        ("mtu", tun().mtu(67).host([10, 0, 0, 1], 24)),
        ("mtu", tun().mtu(1279).host(Ipv6Addr::LOCALHOST, 128)),
    ];
    for (name, tun) in cases {
        let error = tun.build().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().starts_with(&format!("the setting `{name}` ")), "{error}");
    }
}

// --- At once ---

fn settings(peer: &mut Peer, id: ConnectionId, change: impl FnOnce(&mut Settings)) {
    let mut settings = peer.end.settings(id).unwrap();
    change(&mut settings);
    peer.end.set_settings(peer.now, id, settings).unwrap();
}

/// A connection whose window is at first that of a buffer of 2000 octets, with text that has come.
fn narrow(text: usize) -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, |config| config.receive_buffer_start = 2000);
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, |header| {
        if header.flags.has(SYN) {
            header.options.window_scale = Some(0);
        }
    });
    settings(&mut peer, id, |settings| settings.receive_buffer = 2000);
    let header = peer.header(ACK);
    peer.send(&header, &vec![1; text]);
    peer.seq = peer.seq.wrapping_add(text as u32);
    peer.wait(SECOND);
    peer.all();
    (peer, id)
}

#[test]
fn a_larger_receive_buffer_is_offered_at_once() {
    // Closed; partly open; open, and not twice as much is offered.
    for (text, limit) in [(2000, 100_000), (1500, 100_000), (0, 3600)] {
        let (mut peer, id) = narrow(text);
        assert_eq!(peer.end.status(id).unwrap().receive_window as usize, 2000 - text);
        settings(&mut peer, id, |settings| settings.receive_buffer = limit);
        let told = peer.all();
        assert_eq!(told.len(), 1, "{text} octets have come");
        let (window, offered) = (usize::from(told[0].tcp.window) << 7, limit - text);
        assert!(
            window <= offered && offered - window < 128,
            "{text} octets have come: {window} of {offered}"
        );
        // What is read opens the window by too little to be told.
        assert!(peer.end.receive(peer.now, id, &mut [0; 1500]).is_ok());
        assert_eq!(peer.all(), []);
        // The same again, or less, says nothing.
        for limit in [limit, 1000] {
            settings(&mut peer, id, |settings| settings.receive_buffer = limit);
            assert_eq!(peer.all(), []);
        }
    }
}

/// One octet less than a unit of the scale cannot be announced, so the window has to open again when that octet is read.
#[test]
fn the_smallest_window_opens_again() {
    let mut peer = Peer::new(false, |config| config.receive_buffer_start = 128);
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, |header| {
        if header.flags.has(SYN) {
            header.options.window_scale = Some(0);
        }
    });
    let header = peer.header(ACK);
    peer.send(&header, b"1");
    peer.wait(SECOND);
    assert_eq!(peer.all().last().unwrap().tcp.window, 0);
    assert!(peer.end.receive(peer.now, id, &mut [0; 10]).is_ok());
    assert_eq!(peer.all().last().map(|told| told.tcp.window), Some(1));
}

#[test]
fn a_larger_receive_buffer_is_offered_once_the_connection_is_established() {
    let mut link = Link::with(LATENCY, |config| config.receive_buffer_start = 2000);
    let listener = link.ends[1].listen(80, 1).unwrap();
    let remote = tcpspec_tests::simulated::socket(&link.ends[1], 80);
    let client = link.ends[0].connect(link.now(), None, remote).unwrap();
    for limit in [2000, 100_000] {
        let mut settings = link.ends[0].settings(client).unwrap();
        settings.receive_buffer = limit;
        link.ends[0].set_settings(link.now(), client, settings).unwrap();
    }
    link.run_for(LATENCY * 4);
    let server = link.ends[1].accept(listener).unwrap();
    assert!(link.ends[1].status(server).unwrap().send_window > 99_000);
}

/// A TCP that the user asks for small segments is sent small ones, too.
///
/// RFC 9293: MUST-14
#[test]
fn the_largest_segment_is_announced() {
    for ipv6 in [false, true] {
        let mut peer = Peer::new(ipv6, |config| config.largest_segment = Some(700));
        // As a client; what is changed later goes with the SYN that is sent again.
        let id = peer.end.connect(peer.now, Some(4000), peer.us).unwrap();
        assert_eq!(peer.sent().unwrap().tcp.options.mss, Some(700));
        let link = if ipv6 { 1440 } else { 1460 };
        for (limit, announced) in [(Some(600), 600), (None, link), (Some(u16::MAX), link)] {
            settings(&mut peer, id, |settings| settings.largest_segment = limit);
            while peer.raw.is_empty() {
                peer.wait(SECOND);
            }
            assert_eq!(peer.all().last().unwrap().tcp.options.mss, Some(announced));
        }
        // As a server.
        peer.end.listen(80, 1).unwrap();
        let mut syn = peer.header(SYN);
        syn.options.mss = Some(1200);
        peer.send(&syn, &[]);
        assert_eq!(peer.all().last().unwrap().tcp.options.mss, Some(700));
    }
}

/// Without offload each segment of the kernel's is a packet.
#[test]
fn the_kernel_sends_no_larger_segments_than_were_announced() {
    tcpspec_tests::with_device(
        "the_kernel_sends_no_larger_segments_than_were_announced",
        |config| config.largest_segment = Some(700),
        |tun| tun.offload(false).build(),
        |stack| {
            let listener = TcpListener::bind(stack, 80).unwrap();
            let kernel = thread::spawn(|| {
                let mut stream = net::TcpStream::connect((tcpspec_tests::STACK, 80)).unwrap();
                stream.write_all(&[1; 70_000]).unwrap();
            });
            let (mut stream, _) = listener.accept().unwrap();
            assert_eq!(std::io::copy(&mut stream, &mut std::io::sink()).unwrap(), 70_000);
            kernel.join().unwrap();
            let segments = stream.status().unwrap().traffic.segments_in;
            assert!(segments > 100, "{segments} segments for 70,000 octets");
        },
    );
}

/// `prove` assumes that windows are below 2³⁰.
#[test]
fn the_largest_buffer_gives_the_largest_window_that_can_be_announced() {
    let mut peer = Peer::new(false, |config| {
        config.receive_buffer = 1 << 30;
        config.receive_buffer_start = 1 << 30;
    });
    let listener = peer.end.listen(80, 1).unwrap();
    let id = peer.connect(listener, |header| {
        header.options.window_scale = header.flags.has(SYN).then_some(14);
    });
    assert_eq!(peer.end.tcb(id).unwrap().rcv_wnd, 65_535 << 14);
}

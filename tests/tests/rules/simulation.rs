//! Whole connections between two endpoints in simulated time.

use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{Error, Received};
use tcpspec_tests::simulated::{
    LATENCY, MINUTE, Random, User, connected, flags, named, socket, socket6, state, text, transfer,
    transfer_to,
};

// --- The textbook's figures ---

/// RFC 9293: MUST-10
#[test]
fn simultaneous_open_gives_one_connection_with_four_segments() {
    let mut link = Link::new(LATENCY);
    let [a, b] = [socket(&link.ends[0], 7777), socket(&link.ends[1], 8888)];
    let now = link.now();
    let one = link.ends[0].connect(now, Some(7777), b).unwrap();
    let other = link.ends[1].connect(now, Some(8888), a).unwrap();
    link.run_for(MINUTE);
    assert_eq!(flags(link.log()), named(&[(0, "SYN"), (1, "SYN"), (0, "SYN,ACK"), (1, "SYN,ACK")]));
    assert_eq!((state(&link, 0, one), state(&link, 1, other)), (State::Established, State::Established));
    assert_eq!((link.ends[0].connections(), link.ends[1].connections()), (1, 1));

    // And it is one connection: text goes both ways.
    let mut users = [User::new(0, Some(one), text(5000, 1)), User::new(1, Some(other), text(7000, 2))];
    assert!(link.run_until(MINUTE, |link| {
        users.iter_mut().for_each(|user| user.work(link));
        users.iter().all(User::done)
    }));
    assert_eq!(users[0].read, text(7000, 2));
    assert_eq!(users[1].read, text(5000, 1));
}

/// RFC 9293: MUST-10
#[test]
fn by_the_letter_a_simultaneous_open_takes_six_segments() {
    let mut link = Link::with(LATENCY, |config| config.options.crossed_syn_ack = false);
    let [a, b] = [socket(&link.ends[0], 7777), socket(&link.ends[1], 8888)];
    let now = link.now();
    let one = link.ends[0].connect(now, Some(7777), b).unwrap();
    let other = link.ends[1].connect(now, Some(8888), a).unwrap();
    link.run_for(LATENCY * 10);
    assert_eq!(link.log().len(), 6);
    assert_eq!((state(&link, 0, one), state(&link, 1, other)), (State::Established, State::Established));
}

#[test]
fn fins_that_cross_pass_closing_and_take_four_segments() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let before = link.log().len();
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.ends[1].close(now, server).unwrap();
    let mut seen = [Vec::new(), Vec::new()];
    link.run_until(LATENCY * 5, |link| {
        for (end, id) in [(0, client), (1, server)] {
            seen[end].push(state(link, end, id));
        }
        false
    });
    for states in &mut seen {
        states.dedup();
        assert_eq!(*states, [State::FinWait1, State::Closing, State::TimeWait]);
    }
    assert_eq!(
        flags(&link.log()[before..]),
        named(&[(0, "FIN,ACK"), (1, "FIN,ACK"), (0, "ACK"), (1, "ACK")])
    );
    link.run_for(MINUTE * 5);
    assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::Closed, State::Closed));
}

/// RFC 9293: MUST-12
#[test]
fn after_a_half_close_text_still_comes() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    assert_eq!(
        link.ends[0].send(now, client, b"no"),
        Err(Error::Call(tcpspec::CallError::ConnectionClosing))
    );
    // The acknowledgment of the FIN may be held back a little.
    link.run_for(LATENCY * 10);
    assert_eq!(state(&link, 0, client), State::FinWait2);
    let mut buffer = [0; 100];
    let now = link.now();
    assert_eq!(link.ends[1].receive(now, server, &mut buffer), Ok(Received::End));
    assert_eq!(link.ends[1].send(now, server, b"still here"), Ok(10));
    link.ends[1].close(now, server).unwrap();
    link.run_for(LATENCY * 4);
    let now = link.now();
    assert_eq!(link.ends[0].receive(now, client, &mut buffer), Ok(Received::Text(10)));
    assert_eq!(&buffer[..10], b"still here");
    assert_eq!(link.ends[0].receive(now, client, &mut buffer), Ok(Received::End));
    assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::TimeWait, State::Closed));
}

/// RFC 9293: MUST-12
#[test]
fn abort_resets_the_peer() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].abort(now, client).unwrap();
    link.run_for(LATENCY * 2);
    assert_eq!(link.ends[1].status(server).unwrap().error, Some(Error::Reset));
    let now = link.now();
    assert_eq!(link.ends[1].receive(now, server, &mut [0; 10]), Err(Error::Reset));
    assert_eq!(link.ends[1].connections(), 0);
}

#[test]
fn a_closed_port_refuses() {
    let mut link = Link::new(LATENCY);
    let remote = socket(&link.ends[1], 81);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 3);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::Refused));
    assert_eq!(link.log().len(), 2);
    assert_eq!(link.ends[1].counters().unmatched, 1);
}

// --- Ports and 2MSL ---

/// RFC 9293: MUST-13
#[test]
fn nothing_is_reused_during_2msl() {
    let msl = Duration::from_secs(2);
    let mut link = Link::with(LATENCY, |config| config.msl = msl);
    let (listener, client, server) = connected(&mut link);
    let remote = socket(&link.ends[1], 80);
    // The server closes first and so waits; then it stops listening.
    let now = link.now();
    link.ends[1].close(now, server).unwrap();
    link.run_for(LATENCY * 3);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.run_for(LATENCY * 3);
    assert_eq!((state(&link, 0, client), state(&link, 1, server)), (State::Closed, State::TimeWait));
    let now = link.now();
    link.ends[1].close_listener(now, listener);
    assert_eq!(link.ends[1].listen(80, 1), Err(Error::AddressInUse));
    link.run_for(msl);
    assert_eq!(link.ends[1].listen(80, 1), Err(Error::AddressInUse), "not after one MSL");
    link.run_for(msl);
    assert!(link.ends[1].listen(80, 1).is_ok(), "after 2MSL");

    // The client closes first and so waits; its port is taken for this peer.
    let now = link.now();
    let client = link.ends[0].connect(now, Some(5000), remote).unwrap();
    link.run_for(LATENCY * 3);
    let now = link.now();
    link.ends[0].release(now, client);
    assert_eq!(link.ends[0].connect(now, Some(5000), remote), Err(Error::AddressInUse), "while it closes");
}

/// RFC 9293: MUST-13
#[test]
fn a_client_cannot_take_its_port_again_during_2msl() {
    let msl = Duration::from_secs(2);
    let mut link = Link::with(LATENCY, |config| config.msl = msl);
    let (_, client, server) = connected(&mut link);
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    link.ends[0].release(now, client);
    link.run_for(LATENCY * 3);
    let now = link.now();
    link.ends[1].release(now, server);
    link.run_for(LATENCY * 3);
    assert_eq!((link.ends[0].connections(), link.ends[1].connections()), (1, 0));
    let now = link.now();
    assert_eq!(link.ends[0].connect(now, Some(5000), remote), Err(Error::AddressInUse));
    let elsewhere = socket(&link.ends[1], 81);
    assert!(link.ends[0].connect(now, Some(5000), elsewhere).is_ok(), "another peer is another connection");
    link.run_for(msl * 2);
    let now = link.now();
    assert!(link.ends[0].connect(now, Some(5000), remote).is_ok(), "after 2MSL");
}

// --- Faults ---

#[test]
fn every_loss_pattern_of_the_first_ten_transmissions_delivers_or_times_out() {
    let mut timed_out = 0;
    for pattern in 0_u64..1 << 10 {
        let mut link = Link::new(LATENCY);
        link.set_faults(
            move |n, _, _| if n < 10 && pattern >> n & 1 == 1 { Fate::Lost } else { Fate::Arrives },
        );
        let texts = [text(3000, pattern), text(2000, pattern + 5000)];
        let users = transfer(&mut link, texts.clone(), MINUTE * 30);
        let errors: Vec<_> = users.iter().filter_map(|user| user.error).collect();
        if errors.is_empty() {
            assert!(users[0].read == texts[1], "{pattern:010b}: client");
            assert!(users[1].read == texts[0], "{pattern:010b}: server");
            assert!(users.iter().all(User::done), "{pattern:010b}");
        } else {
            // R2 for a SYN is three minutes: with waits of 1, 2, 4, … 60 seconds it takes eight losses in a row of one end.
            assert!(errors.iter().all(|error| *error == Error::TimedOut), "{pattern:010b}: {errors:?}");
            assert!(pattern.count_ones() >= 6, "{pattern:010b}: R2 cannot have been reached");
            timed_out += 1;
        }
    }
    println!("{timed_out} of 1024 patterns reached R2");
    assert!((1..16).contains(&timed_out), "{timed_out} patterns reached R2");
}

#[test]
fn loss_duplication_and_reordering_change_nothing_in_the_text() {
    for seed in 0..60 {
        let mut link = Link::new(LATENCY);
        let mut random = Random(seed);
        link.set_faults(move |_, _, _| match random.below(100) {
            0..5 => Fate::Lost,
            5..15 => Fate::Late(Duration::from_millis(random.below(50))),
            15..20 => Fate::Twice(Duration::from_millis(random.below(50))),
            _ => Fate::Arrives,
        });
        let texts = [text(150_000, seed), text(90_000, seed + 1000)];
        let users = transfer(&mut link, texts.clone(), MINUTE * 60);
        assert_eq!(users[0].error.or(users[1].error), None, "seed {seed}");
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "seed {seed}");
    }
}

#[test]
fn ten_megabytes_each_way() {
    let mut link = Link::new(LATENCY);
    let texts = [text(10 << 20, 1), text(10 << 20, 2)];
    let users = transfer(&mut link, texts.clone(), MINUTE * 60);
    assert!(users[0].read == texts[1] && users[1].read == texts[0]);
}

/// RFC 9293: MUST-44
#[test]
fn one_stack_serves_both_ip_versions_at_once() {
    let mut link = Link::new(LATENCY);
    let listener = link.ends[1].listen(80, 4).unwrap();
    let servers = [socket(&link.ends[1], 80), socket6(&link.ends[1], 80)];
    for server in servers {
        let now = link.now();
        link.ends[0].connect(now, Some(5000), server).unwrap();
    }
    link.run_for(LATENCY * 4);
    for server in servers {
        let id = link.ends[1].accept(listener).unwrap();
        let status = link.ends[1].status(id).unwrap();
        assert_eq!((status.local, status.remote.port()), (server, 5000));
    }
    // Each version's header leaves another room in the packet (§3.7.1).
    let sizes: Vec<_> = link.log().iter().filter_map(|sent| sent.header.options.mss).collect();
    assert_eq!(sizes, [1460, 1440, 1460, 1440]);
}

#[test]
fn ipv6_carries_ten_megabytes_each_way_and_survives_faults() {
    let mut link = Link::new(LATENCY);
    let server = socket6(&link.ends[1], 80);
    let texts = [text(10 << 20, 1), text(10 << 20, 2)];
    let users = transfer_to(&mut link, server, texts.clone(), MINUTE * 60);
    assert!(users[0].read == texts[1] && users[1].read == texts[0]);
    for seed in 0..20 {
        let mut link = Link::new(LATENCY);
        let mut random = Random(seed);
        link.set_faults(move |_, _, _| match random.below(100) {
            0..5 => Fate::Lost,
            5..15 => Fate::Late(Duration::from_millis(random.below(50))),
            _ => Fate::Arrives,
        });
        let texts = [text(90_000, seed), text(90_000, seed + 1000)];
        let users = transfer_to(&mut link, server, texts.clone(), MINUTE * 60);
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "seed {seed}");
    }
}

/// RFC 9293: MUST-46
#[test]
fn an_address_that_cannot_be_used_is_refused() {
    let mut link = Link::with(LATENCY, |config| config.ipv6 = None);
    let now = link.now();
    let mut connect = |remote: &str| link.ends[0].connect(now, None, remote.parse().unwrap()).map(drop);
    assert_eq!(connect("[fd00::2]:80"), Err(Error::NoAddress));
    for remote in
        ["10.0.0.2:0", "0.0.0.0:80", "255.255.255.255:80", "224.0.0.1:80", "[ff02::1]:80", "[::]:80"]
    {
        assert_eq!(connect(remote), Err(Error::AddressInvalid), "{remote}");
    }
    assert_eq!(connect("[::ffff:10.0.0.2]:80"), Err(Error::AddressInvalid), "IPv4 in IPv6's clothes");
}

/// RFC 9293: MUST-22, MUST-23
#[test]
fn nobody_answers() {
    let mut link = Link::new(LATENCY);
    link.set_faults(|_, _, _| Fate::Lost);
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(Duration::from_secs(179));
    assert_eq!(
        link.ends[0].status(client).unwrap().error,
        None,
        "R2 of a SYN is at least 3 minutes (MUST-23)"
    );
    link.run_for(MINUTE * 2);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::TimedOut));
    assert_eq!((link.ends[0].connections(), link.ends[0].next_deadline()), (0, None));
}

#[test]
fn last_ack_ends_without_its_ack() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.run_for(LATENCY * 3);
    // The client's host is gone.
    link.set_faults(|_, from, _| if from == 0 { Fate::Lost } else { Fate::Arrives });
    let now = link.now();
    link.ends[1].close(now, server).unwrap();
    link.run_for(LATENCY);
    assert_eq!(state(&link, 1, server), State::LastAck);
    link.run_for(MINUTE * 5);
    assert_eq!(state(&link, 1, server), State::Closed);
    assert_eq!(link.ends[1].status(server).unwrap().error, Some(Error::TimedOut));
}

// --- Flow control ---

/// RFC 9293: MAY-8, MUST-36, MUST-37
#[test]
fn a_reader_who_sleeps_stops_the_sender_and_a_lost_window_update_does_not_stop_it_for_ever() {
    let mut link = Link::with(LATENCY, |config| config.receive_buffer = 8192);
    let (_, client, server) = connected(&mut link);
    let whole = text(50_000, 3);
    let now = link.now();
    let sent = link.ends[0].send(now, client, &whole).unwrap();
    assert_eq!(sent, whole.len());
    link.run_for(MINUTE * 10);
    let status = link.ends[1].status(server).unwrap();
    assert_eq!(
        (status.unread, status.receive_window),
        (8192, 0),
        "the window is full and closed, and nobody gave up"
    );
    assert_eq!(link.ends[0].status(client).unwrap().send_window, 0);
    // The next segments of the receiver, its window update among them, are lost.
    let lost_until = link.now() + Duration::from_secs(1);
    let mut read = vec![0; 8192];
    let now = link.now();
    assert_eq!(link.ends[1].receive(now, server, &mut read), Ok(Received::Text(8192)));
    link.set_faults(|_, from, _| if from == 1 { Fate::Lost } else { Fate::Arrives });
    while link.step(lost_until) {}
    link.set_faults(|_, _, _| Fate::Arrives);
    let done = link.run_until(MINUTE * 10, |link| {
        let now = link.now();
        let mut buffer = [0; 4096];
        while let Ok(Received::Text(n)) = link.ends[1].receive(now, server, &mut buffer) {
            read.extend(&buffer[..n]);
        }
        read.len() == whole.len()
    });
    assert!(done, "only {} octets came", read.len());
    assert_eq!(read, whole);
}

/// RFC 9293: MAY-16, SHLD-27, SHLD-7
#[test]
fn small_writes_are_joined() {
    let mut link = Link::new(LATENCY);
    let (_, client, _) = connected(&mut link);
    let before = link.log().len();
    for _ in 0..100 {
        let now = link.now();
        link.ends[0].send(now, client, b"0123456789").unwrap();
    }
    link.run_for(MINUTE);
    let segments = link.log()[before..].iter().filter(|sent| sent.text > 0).count();
    assert_eq!(segments, 2, "one octet run at once, the rest with the ACK (Nagle)");
}

// --- Timers that are settings ---

#[test]
fn the_user_timeout_ends_a_connection_that_delivers_nothing() {
    let mut link = Link::with(LATENCY, |config| config.user_timeout = Some(Duration::from_secs(20)));
    let (_, client, _) = connected(&mut link);
    link.set_faults(|_, _, _| Fate::Lost);
    let now = link.now();
    link.ends[0].send(now, client, b"hello?").unwrap();
    link.run_for(Duration::from_secs(19));
    assert_eq!(link.ends[0].status(client).unwrap().error, None);
    link.run_for(Duration::from_secs(2));
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::TimedOut));
}

/// RFC 9293: MAY-5, MUST-27
#[test]
fn keep_alive_finds_a_dead_peer_and_leaves_a_living_one() {
    let mut link = Link::with(LATENCY, |config| config.keep_alive = Some(MINUTE));
    let (_, client, _) = connected(&mut link);
    link.run_for(MINUTE * 60);
    assert_eq!(state(&link, 0, client), State::Established);
    link.set_faults(|_, _, _| Fate::Lost);
    link.run_for(MINUTE * 30);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::TimedOut));
}

// --- Listening ---

#[test]
fn a_listener_that_stops_resets_what_nobody_accepted() {
    let mut link = Link::new(LATENCY);
    let listener = link.ends[1].listen(80, 2).unwrap();
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(LATENCY * 4);
    let now = link.now();
    link.ends[1].close_listener(now, listener);
    link.run_for(LATENCY * 4);
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::Reset));
    assert_eq!(link.ends[1].accept(listener), None);
    assert!(link.ends[1].listen(80, 2).is_ok());
}

// --- What a reader of the code has found ---

#[test]
fn a_user_who_leaves_text_unread_after_the_peers_fin_does_not_cut_time_wait_short() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let remote = socket(&link.ends[1], 80);
    let now = link.now();
    link.ends[0].close(now, client).unwrap();
    link.run_for(LATENCY * 10);
    let now = link.now();
    link.ends[1].send(now, server, b"never read").unwrap();
    link.ends[1].close(now, server).unwrap();
    link.run_for(LATENCY * 10);
    assert_eq!(state(&link, 0, client), State::TimeWait);
    let now = link.now();
    link.ends[0].release(now, client);
    assert_eq!(link.ends[0].connections(), 1);
    assert_eq!(link.ends[0].connect(now, Some(5000), remote), Err(Error::AddressInUse));
}

#[test]
fn the_user_timeout_leaves_a_transfer_alone_that_goes_on() {
    let mut link = Link::with(LATENCY * 10, |config| config.user_timeout = Some(Duration::from_secs(3)));
    let texts = [text(10 << 20, 1), Vec::new()];
    let users = transfer(&mut link, texts.clone(), MINUTE * 10);
    assert_eq!(users[0].error, None);
    assert!(users[1].read == texts[0]);
}

#[test]
fn the_last_ack_of_the_handshake_announces_a_scaled_window() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let window = link.ends[0].status(client).unwrap().receive_window;
    assert!(window > 0xffff);
    assert_eq!(link.ends[1].status(server).unwrap().send_window, window);
}

#[test]
fn after_a_lost_syn_the_timeout_is_three_seconds() {
    let mut link = Link::new(LATENCY);
    link.set_faults(|n, _, _| if n < 3 { Fate::Lost } else { Fate::Arrives });
    let remote = socket(&link.ends[1], 80);
    link.ends[1].listen(80, 1).unwrap();
    let now = link.now();
    let client = link.ends[0].connect(now, None, remote).unwrap();
    link.run_for(Duration::from_secs(8));
    let status = link.ends[0].status(client).unwrap();
    assert_eq!((status.state, status.rto), (State::Established, Duration::from_secs(3)));
}

#[test]
fn a_window_that_opens_is_used_at_once() {
    let mut link = Link::with(LATENCY, |config| config.receive_buffer = 4096);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].send(now, client, &text(6000, 1)).unwrap();
    link.run_for(MINUTE * 10);
    let mut buffer = [0; 8192];
    let now = link.now();
    assert_eq!(link.ends[1].receive(now, server, &mut buffer), Ok(Received::Text(4096)));
    // The update, the octet of the probe, its acknowledgment (held back a little), a segment, the rest.
    link.run_for(LATENCY * 20);
    assert_eq!(link.ends[1].status(server).unwrap().unread, 6000 - 4096);
}

#[test]
fn window_updates_are_no_duplicates() {
    let mut link = Link::with(LATENCY, |config| {
        config.receive_buffer = 64 << 10;
        config.delayed_ack = Duration::ZERO;
    });
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].send(now, client, &text(60_000, 1)).unwrap();
    // The reader reads as it comes: most ACKs that follow only move the window.
    let mut buffer = [0; 1500];
    let mut read = 0;
    link.run_until(MINUTE, |link| {
        let now = link.now();
        while let Ok(Received::Text(n)) = link.ends[1].receive(now, server, &mut buffer) {
            read += n;
        }
        read == 60_000
    });
    let again = link.log().iter().filter(|sent| sent.from == 0 && sent.text > 0).map(|sent| sent.header.seq);
    let mut numbers: Vec<_> = again.collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((read, numbers.len()), (60_000, all), "nothing is sent twice");
}

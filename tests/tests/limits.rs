//! Every limit against every situation that it can last in: a peer that is silent, and one that keeps its window closed and answers whatever asks.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test reports by panicking")]

use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::{Config, ConnectionId, Endpoint, Error, KeepAlive, Settings};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, connected, socket, state};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const FOR_EVER: Duration = Duration::MAX;
/// Each limit that is looked at.
const LIMIT: Duration = Duration::from_secs(20);

/// Where a connection waits, and what it waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Waits {
    /// Our SYN is not answered.
    Syn,
    /// The SYNs have crossed.
    Crossed,
    /// The SYNs have crossed, and text waits.
    CrossedText,
    /// The SYNs have crossed, and the user has closed.
    CrossedClosed,
    /// Nothing is to be delivered.
    Idle,
    /// Text is under way.
    Text,
    /// Text waits behind a closed window.
    Blocked,
    /// Text waits behind a closed window, the FIN behind the text.
    BlockedClosed,
    /// The FIN is under way.
    Fin,
    /// The FIN waits behind a closed window.
    FinBlocked,
    /// The FIN is acknowledged, the peer's does not come.
    PeersFin,
    /// The peer has closed, nothing is to be delivered.
    HalfClosed,
    /// The peer has closed, text is under way.
    HalfClosedText,
    /// The peer has closed, text waits behind a closed window.
    HalfClosedBlocked,
    /// The peer has closed, the FIN waits behind a closed window.
    HalfClosedFinBlocked,
    /// The FINs have crossed, ours is under way.
    FinsCrossed,
    /// The peer has closed, our FIN waits behind a closed window.
    FinsCrossedBlocked,
    /// The peer has closed before us, the FIN is under way.
    LastFin,
}

use Waits::*;

const ALL: [Waits; 18] = [
    Syn,
    Crossed,
    CrossedText,
    CrossedClosed,
    Idle,
    Text,
    Blocked,
    BlockedClosed,
    Fin,
    FinBlocked,
    PeersFin,
    HalfClosed,
    HalfClosedText,
    HalfClosedBlocked,
    HalfClosedFinBlocked,
    FinsCrossed,
    FinsCrossedBlocked,
    LastFin,
];

impl Waits {
    /// The state in which it waits.
    fn state(self) -> State {
        match self {
            Syn => State::SynSent,
            Crossed | CrossedText => State::SynReceived,
            Idle | Text | Blocked => State::Established,
            CrossedClosed | BlockedClosed | Fin | FinBlocked => State::FinWait1,
            PeersFin => State::FinWait2,
            HalfClosed | HalfClosedText | HalfClosedBlocked | HalfClosedFinBlocked => State::CloseWait,
            FinsCrossed | FinsCrossedBlocked => State::Closing,
            LastFin => State::LastAck,
        }
    }

    /// Something of the user's is not delivered.
    fn is_undelivered(self) -> bool {
        !matches!(self, Idle | PeersFin | HalfClosed)
    }

    fn is_opening(self) -> bool {
        matches!(self, Syn | Crossed | CrossedText | CrossedClosed)
    }

    fn has_closed_window(self) -> bool {
        matches!(
            self,
            Blocked
                | BlockedClosed
                | FinBlocked
                | HalfClosedBlocked
                | HalfClosedFinBlocked
                | FinsCrossedBlocked
        )
    }

    /// Brings a connection there up to what makes it wait.
    fn prepare(self, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
        let mut peer = Peer::new(false, |config| {
            (config.r2, config.r2_syn) = (FOR_EVER, FOR_EVER);
            change(config);
        });
        if self.is_opening() {
            let id = peer.end.connect(peer.now, Some(80), peer.us).unwrap();
            let syn = peer.sent().unwrap();
            peer.ack = syn.tcp.seq.wrapping_add(1);
            if self != Syn {
                let syn = peer.header(SYN);
                peer.send(&syn, &[]);
                peer.seq += 1;
            }
            return (peer, id);
        }
        let listener = peer.end.listen(80, 4).unwrap();
        let id = peer.connect(listener, |_| {});
        let state = self.state();
        if matches!(state, State::CloseWait | State::LastAck) {
            peers_fin(&mut peer, 60_000);
        }
        if self.has_closed_window() {
            acknowledge(&mut peer, 0, 0);
        }
        (peer, id)
    }

    /// What it waits for begins now.
    fn begin(self, peer: &mut Peer, id: ConnectionId) {
        if matches!(self, CrossedText | Text | Blocked | BlockedClosed | HalfClosedText | HalfClosedBlocked) {
            assert_eq!(peer.end.send(peer.now, id, b"text"), Ok(4));
        }
        if !matches!(
            self,
            Syn | Crossed
                | CrossedText
                | Idle
                | Text
                | Blocked
                | HalfClosed
                | HalfClosedText
                | HalfClosedBlocked
        ) {
            peer.end.close(peer.now, id).unwrap();
        }
        match self {
            PeersFin => acknowledge(peer, 1, 60_000),
            FinsCrossed => peers_fin(peer, 60_000),
            FinsCrossedBlocked => peers_fin(peer, 0),
            _ => {}
        }
        peer.all();
        assert_eq!(peer.end.status(id).unwrap().state, self.state(), "{self:?}");
    }
}

fn acknowledge(peer: &mut Peer, octets: u32, window: u16) {
    peer.ack = peer.ack.wrapping_add(octets);
    let mut header = peer.header(ACK);
    header.window = window;
    peer.send(&header, &[]);
}

fn peers_fin(peer: &mut Peer, window: u16) {
    let mut header = peer.header(FIN.with(ACK));
    header.window = window;
    peer.send(&header, &[]);
    peer.seq += 1;
}

fn change(peer: &mut Peer, id: ConnectionId, change: impl FnOnce(&mut Settings)) {
    let mut settings = peer.end.settings(id).unwrap();
    change(&mut settings);
    peer.end.set_settings(peer.now, id, settings).unwrap();
}

/// Time passes; a peer that answers says that its window is closed whenever something comes.
fn pass(peer: &mut Peer, span: Duration, answers: bool) {
    let until = peer.now + span;
    while peer.now < until {
        peer.wait((SECOND / 2).min(until - peer.now));
        for _ in peer.all() {
            if answers {
                acknowledge(peer, 0, 0);
            }
        }
    }
}

/// How it ended, if it has.
fn end(peer: &Peer, id: ConnectionId) -> Option<Option<Error>> {
    match peer.end.status(id) {
        Ok(status) if status.state == State::Closed => Some(status.error),
        Ok(_) => None,
        Err(_) => Some(None),
    }
}

/// When the user timeout is set.
#[derive(Clone, Copy, Debug)]
enum Set {
    InTheConfig,
    BeforeItWaits,
    WhenItWaits,
    Later,
    ChangedLater,
    RemovedAndSetAgain,
    ShortenedTooLate,
}

/// RFC 9293: MUST-37
#[test]
fn the_user_timeout_runs_wherever_something_is_undelivered_whenever_it_is_set() {
    let orders = [
        Set::InTheConfig,
        Set::BeforeItWaits,
        Set::WhenItWaits,
        Set::Later,
        Set::ChangedLater,
        Set::RemovedAndSetAgain,
        Set::ShortenedTooLate,
    ];
    let mut cases = 0;
    for (waits, order, answers) in ALL
        .into_iter()
        .flat_map(|waits| orders.map(|order| (waits, order)))
        .flat_map(|(w, o)| [(w, o, false), (w, o, true)])
    {
        // In these states an ACK for less than was sent would be something else than an answer to a probe.
        if answers && waits.is_opening() {
            continue;
        }
        cases += 1;
        let case = format!("{waits:?}, set {order:?}, answers {answers}");
        let user = |limit: Duration| move |settings: &mut Settings| settings.user_timeout = Some(limit);
        let (mut peer, id) = waits.prepare(|config| {
            config.user_timeout = matches!(order, Set::InTheConfig).then_some(LIMIT);
        });
        match order {
            Set::BeforeItWaits => change(&mut peer, id, user(LIMIT)),
            Set::ChangedLater => change(&mut peer, id, user(HOUR)),
            Set::RemovedAndSetAgain => change(&mut peer, id, user(SECOND)),
            _ => {}
        }
        waits.begin(&mut peer, id);
        match order {
            Set::WhenItWaits => change(&mut peer, id, user(LIMIT)),
            Set::RemovedAndSetAgain => change(&mut peer, id, |settings| settings.user_timeout = None),
            _ => {}
        }
        pass(&mut peer, LIMIT / 2, answers);
        match order {
            Set::Later | Set::ChangedLater | Set::RemovedAndSetAgain => change(&mut peer, id, user(LIMIT)),
            _ => {}
        }
        pass(&mut peer, LIMIT / 2 - SECOND, answers);
        assert_eq!(end(&peer, id), None, "too early: {case}");
        if matches!(order, Set::ShortenedTooLate) {
            pass(&mut peer, LIMIT, answers);
            change(&mut peer, id, user(LIMIT));
        }
        pass(&mut peer, SECOND * 2, answers);
        let expected = waits.is_undelivered().then_some(Some(Error::TimedOut));
        assert_eq!(end(&peer, id), expected, "{case}");
    }
    assert_eq!(cases, (18 * 2 - 4) * 7);
}

/// What is delivered meanwhile counts, what only arrives does not; and the limit goes on for what was given later.
#[test]
fn the_user_timeout_counts_from_the_last_progress() {
    let (mut peer, id) = Blocked.prepare(|config| config.user_timeout = Some(LIMIT));
    Blocked.begin(&mut peer, id);
    pass(&mut peer, LIMIT - SECOND, true);
    // The probe's octet is taken, and the window stays closed: that is progress.
    acknowledge(&mut peer, 1, 0);
    pass(&mut peer, LIMIT - SECOND, true);
    assert_eq!(end(&peer, id), None);
    // More text is none.
    assert_eq!(peer.end.send(peer.now, id, b"more"), Ok(4));
    pass(&mut peer, SECOND * 2, true);
    assert_eq!(end(&peer, id), Some(Some(Error::TimedOut)));

    // All is taken: nothing is limited until something is given again.
    let (mut peer, id) = Blocked.prepare(|config| config.user_timeout = Some(LIMIT));
    Blocked.begin(&mut peer, id);
    pass(&mut peer, LIMIT - SECOND, true);
    acknowledge(&mut peer, 1, 10);
    peer.all();
    acknowledge(&mut peer, 3, 0);
    pass(&mut peer, HOUR, true);
    assert_eq!(end(&peer, id), None);
    peer.end.close(peer.now, id).unwrap();
    pass(&mut peer, LIMIT - SECOND, true);
    assert_eq!(end(&peer, id), None);
    pass(&mut peer, SECOND * 2, true);
    assert_eq!(end(&peer, id), Some(Some(Error::TimedOut)), "the FIN behind a closed window");
}

/// A limit of the host's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Own {
    R2,
    R2OfASyn,
    KeepAlive,
}

/// RFC 9293: MUST-20, MUST-23, MUST-37, MAY-5
#[test]
fn every_limit_ends_what_it_limits_and_nothing_else() {
    for (limit, waits) in
        [Own::R2, Own::R2OfASyn, Own::KeepAlive].into_iter().flat_map(|limit| ALL.map(|waits| (limit, waits)))
    {
        for answers in [false, true] {
            if answers && waits.is_opening() {
                continue;
            }
            let (mut peer, id) = waits.prepare(|config| match limit {
                Own::R2 => config.r2 = LIMIT,
                Own::R2OfASyn => config.r2_syn = LIMIT,
                Own::KeepAlive => {
                    config.keep_alive = Some(LIMIT);
                    (config.keep_alive_interval, config.keep_alive_probes) = (SECOND, 2);
                }
            });
            waits.begin(&mut peer, id);
            pass(&mut peer, LIMIT - SECOND, answers);
            assert_eq!(end(&peer, id), None, "{limit:?}, {waits:?}, answers {answers}: too early");
            // Timeouts have doubled meanwhile.
            pass(&mut peer, LIMIT * 3, answers);
            let limited = match limit {
                Own::R2 => waits.is_undelivered() && !waits.is_opening(),
                Own::R2OfASyn => waits.is_opening(),
                Own::KeepAlive => !waits.is_undelivered(),
            };
            let ends = (limited && !answers).then_some(Some(Error::TimedOut));
            assert_eq!(end(&peer, id), ends, "{limit:?}, {waits:?}, answers {answers}");
        }
    }
}

/// Nobody calls the endpoint for so long.
fn sleep(peer: &mut Peer, span: Duration) {
    peer.now = peer.now + span;
    peer.wait(Duration::ZERO);
}

/// Whether text, SYN or FIN was sent again.
fn again(peer: &mut Peer) -> bool {
    let packets = peer.all();
    packets
        .iter()
        .any(|packet| !packet.text.is_empty() || packet.tcp.flags.has(SYN) || packet.tcp.flags.has(FIN))
}

/// RFC 9293: MUST-20, MUST-23, SHLD-11
#[test]
fn r2_counts_retransmissions_and_not_the_sleep_of_a_host() {
    const R2: Duration = Duration::from_secs(100);
    const R2_SYN: Duration = Duration::from_secs(180);
    for waits in ALL.into_iter().filter(|waits| waits.is_undelivered()) {
        let r2 = if waits.is_opening() { R2_SYN } else { R2 };
        let begin = || {
            let (mut peer, id) = waits.prepare(|config| (config.r2, config.r2_syn) = (R2, R2_SYN));
            waits.begin(&mut peer, id);
            if waits.has_closed_window() {
                // The probe.
                peer.wait(SECOND * 2);
                peer.all();
            }
            (peer, id)
        };
        // Who is always called: how often it is sent again, and for how long.
        let (mut peer, id) = begin();
        let (start, mut most) = (peer.now, 0);
        while end(&peer, id).is_none() {
            peer.wait(SECOND);
            most += usize::from(again(&mut peer));
            assert!(peer.now - start < r2 * 2, "{waits:?}: it does not end");
        }
        let awake = peer.now - start;
        assert!(awake >= r2 - SECOND * 2, "{waits:?}: {awake:?}");
        assert!(most > 5, "{waits:?}: {most}");

        // Who sleeps for longer than R2 sends again all the same, as often as the other.
        for nap in [SECOND * 50, r2 - SECOND, r2 + SECOND, HOUR * 10] {
            let (mut peer, id) = begin();
            let mut sent = 0;
            for turn in 0..most {
                assert_eq!(end(&peer, id), None, "{waits:?}, {nap:?}: {turn} of {most}");
                sleep(&mut peer, nap);
                sent += usize::from(again(&mut peer));
            }
            // The last of them leaves the host awake.
            peer.wait(r2 * 2);
            sent += usize::from(again(&mut peer));
            assert!((most..=most + 1).contains(&sent), "{waits:?}, {nap:?}: {sent} of {most}");
            assert_eq!(end(&peer, id), Some(Some(Error::TimedOut)), "{waits:?}, {nap:?}");
        }
    }
}

/// What makes something be sent again before the timer, right after the sleep, is no end of it either.
#[test]
fn r2_does_not_count_a_sleep_that_an_acknowledgment_ends() {
    let (mut peer, id) = Text.prepare(|config| config.r2 = SECOND * 100);
    assert_eq!(peer.end.send(peer.now, id, &[0; 5000]), Ok(5000));
    peer.all();
    peer.now = peer.now + HOUR;
    // Duplicates: the first segment is lost (RFC 5681 §3.2).
    for _ in 0..4 {
        acknowledge(&mut peer, 0, 60_000);
    }
    assert!(again(&mut peer), "sent again before the timer");
    peer.wait(SECOND * 90);
    assert_eq!(end(&peer, id), None);
    peer.wait(SECOND * 60);
    assert_eq!(end(&peer, id), Some(Some(Error::TimedOut)));
}

/// RFC 9293: MUST-29
#[test]
fn keep_alives_are_counted_and_not_the_sleep_of_a_host() {
    for waits in [Idle, PeersFin, HalfClosed] {
        let (mut peer, id) = waits.prepare(|_| {});
        waits.begin(&mut peer, id);
        let on = KeepAlive { idle: SECOND * 60, interval: SECOND * 10, probes: 3 };
        change(&mut peer, id, |settings| settings.keep_alive = Some(on));
        for probe in 1..=3 {
            sleep(&mut peer, HOUR * 10);
            assert_eq!((peer.all().len(), end(&peer, id)), (1, None), "{waits:?}: probe {probe}");
        }
        sleep(&mut peer, SECOND * 11);
        assert_eq!(end(&peer, id), Some(Some(Error::TimedOut)), "{waits:?}");
    }
}

// --- Connections that no user holds ---

/// A connection whose user leaves.
fn released(waits: Waits, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
    let (mut peer, id) = waits.prepare(change);
    waits.begin(&mut peer, id);
    peer.end.release(peer.now, id);
    (peer, id)
}

/// RFC 9293: MAY-1, MUST-37
#[test]
fn what_nobody_holds_ends_in_every_state_after_the_same_time_without_progress() {
    for (waits, answers) in ALL.into_iter().flat_map(|waits| [(waits, false), (waits, true)]) {
        if answers && waits.is_opening() {
            continue;
        }
        let (mut peer, id) = released(waits, |config| config.orphan_timeout = LIMIT);
        let case = format!("{waits:?}, answers {answers}");
        // Nobody has to know of an attempt that is given up.
        let lives = waits != Syn;
        assert_eq!(end(&peer, id).is_none(), lives, "{case}");
        peer.all();
        // The FIN of a user who has just left may be acknowledged: only then is it FIN-WAIT-2 that lasts.
        pass(&mut peer, LIMIT - SECOND, answers);
        assert_eq!((end(&peer, id).is_none(), peer.end.orphans()), (lives, usize::from(lives)), "{case}");
        let waited = peer.end.status(id).map(|status| status.state);
        let resets = waited != Ok(State::FinWait2);
        assert_eq!(peer.end.counters().orphans_expired, 0, "{case}");
        peer.wait(SECOND * 2);
        let told = peer.all().iter().any(|packet| packet.tcp.flags.has(RST));
        assert_eq!(told, lives && resets, "a RST, unless all is delivered: {case}");
        assert_eq!(end(&peer, id), Some(None), "{case}");
        let counters = peer.end.counters();
        assert_eq!(counters.orphans_expired, u64::from(lives), "{case}");
        let left =
            (peer.end.connections(), peer.end.orphans(), peer.end.orphan_memory(), peer.end.next_deadline());
        assert_eq!(left, (0, 0, 0, None), "nothing is left: {case}");
    }
}

#[test]
fn without_a_limit_what_nobody_holds_stays_and_can_be_aborted() {
    for waits in [Blocked, BlockedClosed, FinBlocked, FinsCrossedBlocked, HalfClosedFinBlocked, PeersFin] {
        let (mut peer, id) = released(waits, |config| {
            (config.orphan_timeout, config.max_orphans, config.orphan_memory) = (Duration::ZERO, 0, 0);
        });
        pass(&mut peer, HOUR, true);
        assert_eq!(end(&peer, id), None, "{waits:?}");
        let table = peer.end.table();
        assert!(table.0[0].orphaned && table.to_string().contains(" orphaned"), "{table}");
        peer.all();
        let (local, remote, state) = (table.0[0].local, table.0[0].remote, table.0[0].state);
        assert_eq!(peer.end.abort_connection(peer.now, remote, local), Err(Error::NoSocket));
        assert_eq!(peer.end.abort_connection(peer.now, local, remote), Ok(()));
        // Where both have closed ABORT sends none (§3.10.5).
        let resets = !matches!(state, State::Closing | State::LastAck);
        assert_eq!(peer.all().len(), usize::from(resets), "{waits:?}: a RST");
        assert_eq!((peer.end.connections(), peer.end.orphans(), peer.end.next_deadline()), (0, 0, None));
    }
}

#[test]
fn whoever_holds_a_connection_that_is_aborted_by_its_sockets_hears_of_it() {
    let mut link = Link::new(LATENCY);
    let (_, client, server) = connected(&mut link);
    let (local, remote) = (socket(&link.ends[0], 5000), socket(&link.ends[1], 80));
    let now = link.now();
    let local = link.ends[0].table().0.first().map_or(local, |status| status.local);
    link.ends[0].abort_connection(now, local, remote).unwrap();
    assert_eq!(link.ends[0].status(client).unwrap().error, Some(Error::Aborted));
    assert_eq!(link.ends[0].receive(now, client, &mut [0; 4]), Err(Error::Aborted));
    link.run_for(LATENCY * 2);
    assert_eq!(link.ends[1].status(server).unwrap().error, Some(Error::Reset));
}

/// Progress begins the time anew, a probe that is answered does not; and whoever still holds the connection is not limited.
#[test]
fn the_limit_counts_from_the_last_progress() {
    let (mut peer, id) = Blocked.prepare(|config| config.orphan_timeout = LIMIT);
    Blocked.begin(&mut peer, id);
    pass(&mut peer, HOUR, true);
    assert_eq!(end(&peer, id), None, "the user's own");
    peer.end.release(peer.now, id);
    for _ in 0..3 {
        pass(&mut peer, LIMIT - SECOND * 2, true);
        assert_eq!(end(&peer, id), None);
        acknowledge(&mut peer, 0, 4);
        peer.wait(SECOND);
        acknowledge(&mut peer, 1, 0);
    }
    pass(&mut peer, LIMIT - SECOND, true);
    assert_eq!(end(&peer, id), None);
    pass(&mut peer, SECOND * 2, true);
    assert_eq!(end(&peer, id), Some(None));
    // Our FIN is acknowledged: only the peer's is waited for, and the time begins anew.
    let (mut peer, id) = released(Idle, |config| config.orphan_timeout = LIMIT);
    pass(&mut peer, LIMIT - SECOND, false);
    acknowledge(&mut peer, 1, 60_000);
    pass(&mut peer, LIMIT - SECOND, false);
    assert_eq!(peer.end.status(id).map(|status| status.state), Ok(State::FinWait2));
    pass(&mut peer, SECOND * 2, false);
    assert_eq!(end(&peer, id), Some(None));
    // All was delivered meanwhile, and 2MSL are no matter of the limit.
    let mut link = Link::with(LATENCY, |config| config.orphan_timeout = LIMIT);
    let (_, client, server) = connected(&mut link);
    let now = link.now();
    link.ends[0].release(now, client);
    link.run_for(SECOND);
    let now = link.now();
    link.ends[1].release(now, server);
    link.run_for(SECOND * 100);
    assert_eq!(link.ends[0].connections(), 1, "TIME-WAIT");
    let orphans = link.ends.each_ref().map(Endpoint::orphans);
    assert_eq!((orphans, link.ends[0].counters().orphans_expired), ([0, 0], 0));
}

/// Connections of one endpoint to another that takes nothing, each with text that waits, released in this order.
fn crowd(count: usize, text: usize, change: impl Fn(&mut Config)) -> (Link, Vec<ConnectionId>) {
    let mut link = Link::with(LATENCY, |config| {
        config.receive_buffer_start = 4096;
        config.receive_buffer = 4096;
        change(config);
    });
    link.ends[1].listen(80, 1000).unwrap();
    let remote = socket(&link.ends[1], 80);
    let mut all = Vec::new();
    for _ in 0..count {
        let now = link.now();
        let id = link.ends[0].connect(now, None, remote).unwrap();
        link.run_for(LATENCY * 4);
        let now = link.now();
        assert_eq!(link.ends[0].send(now, id, &vec![1; text]), Ok(text));
        link.run_for(LATENCY * 40);
        all.push(id);
    }
    for id in &all {
        let now = link.now();
        link.ends[0].release(now, *id);
        link.run_for(SECOND);
    }
    (link, all)
}

fn lives(link: &Link, id: ConnectionId) -> bool {
    link.ends[0].status(id).is_ok_and(|status| status.state != State::Closed)
}

#[test]
fn beyond_their_number_the_one_longest_without_progress_goes_first() {
    let (mut link, all) = crowd(6, 10_000, |config| {
        (config.orphan_timeout, config.max_orphans) = (Duration::ZERO, 4);
    });
    let alive: Vec<bool> = all.iter().map(|id| lives(&link, *id)).collect();
    assert_eq!(alive, [false, false, true, true, true, true]);
    let counters = link.ends[0].counters();
    assert_eq!(
        (counters.orphans_over_number, counters.orphans_over_memory, counters.orphans_expired),
        (2, 0, 0)
    );
    assert_eq!(link.ends[0].orphans(), 4);
    // The two peers were told, behind their closed windows.
    link.run_for(SECOND);
    assert_eq!(link.ends[1].table().0.iter().filter(|status| status.error.is_none()).count(), 4);
}

#[test]
fn progress_changes_the_order() {
    let mut link = Link::with(LATENCY, |config| {
        (config.receive_buffer_start, config.receive_buffer) = (4096, 4096);
        (config.orphan_timeout, config.max_orphans) = (Duration::ZERO, 2);
    });
    let listener = link.ends[1].listen(80, 10).unwrap();
    let remote = socket(&link.ends[1], 80);
    let mut pairs = Vec::new();
    for _ in 0..3 {
        let now = link.now();
        let id = link.ends[0].connect(now, None, remote).unwrap();
        link.run_for(LATENCY * 4);
        let now = link.now();
        link.ends[0].send(now, id, &[1; 10_000]).unwrap();
        link.run_for(SECOND);
        pairs.push((id, link.ends[1].accept(listener).unwrap()));
    }
    let release = |link: &mut Link, id| {
        let now = link.now();
        link.ends[0].release(now, id);
        link.run_for(SECOND);
    };
    release(&mut link, pairs[0].0);
    release(&mut link, pairs[1].0);
    // The first peer takes something, which is kept no longer.
    let (now, memory) = (link.now(), link.ends[0].orphan_memory());
    link.ends[1].receive(now, pairs[0].1, &mut [0; 4096]).unwrap();
    link.run_for(SECOND * 10);
    assert_eq!(link.ends[0].orphan_memory(), memory - 4096);
    release(&mut link, pairs[2].0);
    let alive: Vec<bool> = pairs.iter().map(|(id, _)| lives(&link, *id)).collect();
    assert_eq!(alive, [true, false, true]);
}

#[test]
fn beyond_their_memory_the_one_longest_without_progress_goes_first() {
    let (mut link, all) = crowd(6, 100_000, |config| {
        (config.orphan_timeout, config.orphan_memory) = (Duration::ZERO, 350_000);
    });
    let alive: Vec<bool> = all.iter().map(|id| lives(&link, *id)).collect();
    assert_eq!(alive, [false, false, false, true, true, true]);
    let counters = link.ends[0].counters();
    assert_eq!((counters.orphans_over_number, counters.orphans_over_memory), (0, 3));
    let memory = link.ends[0].orphan_memory();
    assert!((270_000..=350_000).contains(&memory), "{memory}");
    // What is delivered is kept no longer.
    let peers: Vec<_> = link.ends[1].table().0.iter().map(|status| (status.local, status.remote)).collect();
    for (local, remote) in peers {
        let now = link.now();
        link.ends[1].abort_connection(now, local, remote).unwrap();
    }
    link.run_for(SECOND);
    assert_eq!((link.ends[0].orphans(), link.ends[0].orphan_memory()), (0, 0));
}

/// The attack known as Sockstress: with the settings as they are by default.
#[test]
fn a_hundred_peers_that_never_open_their_windows_are_rid_of_in_a_minute() {
    let (mut link, all) = crowd(100, 250_000, |_| {});
    assert!(all.iter().filter(|id| lives(&link, **id)).count() > 10);
    link.run_for(SECOND * 61);
    assert_eq!(
        (link.ends[0].connections(), link.ends[0].orphan_memory(), link.ends[0].next_deadline()),
        (0, 0, None)
    );
    let counters = link.ends[0].counters();
    assert_eq!((counters.orphans_expired, counters.lost), (100, 100), "counted as a loss, too");
}

/// A peer whose network is gone is the matter of R2, unless the limit comes first.
#[test]
fn r2_ends_what_nobody_holds_where_it_comes_first() {
    let mut link =
        Link::with(LATENCY, |config| (config.r2, config.orphan_timeout) = (SECOND * 10, SECOND * 60));
    let (_, client, _) = connected(&mut link);
    link.set_faults(|_, _, _| Fate::Lost);
    let now = link.now();
    link.ends[0].release(now, client);
    assert_eq!(state(&link, 0, client), State::FinWait1);
    link.run_for(SECOND * 20);
    assert_eq!((link.ends[0].connections(), link.ends[0].counters().orphans_expired), (0, 0));
}

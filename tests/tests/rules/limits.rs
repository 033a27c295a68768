//! Every limit against every situation that it can last in: a peer that is silent, and one that keeps its window closed and answers whatever asks.

use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::{Config, ConnectionId, Error, KeepAlive, Settings};
use tcpspec_tests::peer::{ACK, FIN, Peer, SYN};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
const FOR_EVER: Duration = Duration::MAX;
/// Each limit that is looked at.
pub(super) const LIMIT: Duration = Duration::from_secs(20);

/// Where a connection waits, and what it waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waits {
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

pub(super) const ALL: [Waits; 18] = [
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
    pub(super) fn state(self) -> State {
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
    pub(super) fn is_undelivered(self) -> bool {
        !matches!(self, Idle | PeersFin | HalfClosed)
    }

    pub(super) fn is_opening(self) -> bool {
        matches!(self, Syn | Crossed | CrossedText | CrossedClosed)
    }

    pub(super) fn has_closed_window(self) -> bool {
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
    pub(super) fn prepare(self, change: impl FnOnce(&mut Config)) -> (Peer, ConnectionId) {
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
    pub(super) fn begin(self, peer: &mut Peer, id: ConnectionId) {
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

pub(super) fn acknowledge(peer: &mut Peer, octets: u32, window: u16) {
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

pub(super) fn change(peer: &mut Peer, id: ConnectionId, change: impl FnOnce(&mut Settings)) {
    let mut settings = peer.end.settings(id).unwrap();
    change(&mut settings);
    peer.end.set_settings(peer.now, id, settings).unwrap();
}

/// Time passes; a peer that answers says that its window is closed whenever something comes.
pub(super) fn pass(peer: &mut Peer, span: Duration, answers: bool) {
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
pub(super) fn end(peer: &Peer, id: ConnectionId) -> Option<Option<Error>> {
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

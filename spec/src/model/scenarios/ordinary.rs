//! Open and close, resets, TIME-WAIT: each scenario with its text, its bounds and its claims.

use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, FIVE, Numbers, Scenario, User};

/// Variants stand behind the scenario that they vary.
pub(super) const SCENARIOS: &[Scenario] = &[
    HANDSHAKE_CLOSE,
    HANDSHAKE_CLOSE_ANY_PART,
    SIMULTANEOUS_OPEN,
    SIMULTANEOUS_OPEN_IN_ORDER,
    SIMULTANEOUS_OPEN_LETTER,
    SIMULTANEOUS_OPEN_LETTER_OVERTAKEN,
    SIMULTANEOUS_CLOSE,
    SIMULTANEOUS_CLOSE_IN_ORDER,
    HALF_CLOSE,
    HALF_CLOSE_ANY_RECEIVE,
    HALF_CLOSE_LETTER,
    WINDOW_EDGE,
    WINDOW_EDGE_LETTER,
    FAST_CLOSE_SCENARIO,
    RESET_SCENARIO,
    RESET_CROSSED,
    RESET_FORKED,
    RELEASE,
    LISTEN_SEND,
    TIME_WAIT,
    TIME_WAIT_LETTER,
    TIME_WAIT_RFC1337_OFF,
];

/// The claims of every scenario, and those of this one.
macro_rules! claims {
    ($($claim:expr),* $(,)?) => {
        &[
            TEXT_IN_ORDER,
            ALL_BEFORE_END,
            NONE_AFTER_CLOSE,
            FIN_NUMBER,
            FIN_RESENT,
            TIME_WAIT_ACKS,
            LISTEN_ONLY_PASSIVE,
            FROM_CLOSED,
            WITHIN_BOUNDS,
            ANSWERED,
            TOLD,
            SENT,
            OUTCOME,
            WINDOW_TAKEN,
            TIMERS,
            NO_TRACE,
            TEXT_KEPT,
            LOSS_TOLD,
            $($claim),*
        ]
    };
}

pub(crate) use claims;

pub(crate) const LOSSY: Bounds =
    Bounds { in_flight: 4, in_order: false, losses: 1, duplicates: 1, retransmissions: 1, ..Bounds::PERFECT };

pub(crate) const HANDSHAKE_CLOSE: Scenario = Scenario {
    name: "handshake-close",
    summary: "The normal open and close, with text both ways, on a bad network.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { in_flight: 3, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, ALL_DELIVERED, CLEANLY_CLOSED, BACK_TO_LISTEN],
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(0, Call::Send)],
        &[(0, Call::Close)],
        &[(1, Call::Close)],
    ],
};

const HANDSHAKE_CLOSE_ANY_PART: Scenario = Scenario {
    name: "handshake-close/any-part",
    summary: "The same where any part of what is outstanding may be sent again, as with selective acknowledgments.",
    bounds: Bounds { any_part: true, losses: 0, ..HANDSHAKE_CLOSE.bounds },
    ..HANDSHAKE_CLOSE
};

pub(crate) const OPENER: User = User { active_opens: 1, ..User::IDLE };

pub(crate) const SIMULTANEOUS_OPEN: Scenario = Scenario {
    name: "simultaneous-open",
    summary: "Both ends open actively (ports 7777 and 8888), with a listener on each, on a bad network.",
    options: &[],
    without: None,
    users: [
        User { sends: 1, listens: true, ..OPENER },
        User { sends: 1, listens: true, iss: FIVE, ..OPENER },
    ],
    bounds: LOSSY,
    claims: claims![ENDS_AGREE, ONE_CONNECTION, CONNECTED, SYNS_CROSS],
    script: &[&[(0, Call::Open), (1, Call::Open)]],
};

const SIMULTANEOUS_OPEN_IN_ORDER: Scenario = Scenario {
    name: "simultaneous-open/in-order",
    summary: "Both ends open actively on a perfect network: four segments.",
    options: &[],
    without: None,
    users: [OPENER, User { iss: FIVE, ..OPENER }],
    bounds: Bounds { count_segments: true, ..Bounds::PERFECT },
    claims: claims![ENDS_AGREE, ONE_CONNECTION, FOUR_SEGMENTS, SYNS_CROSS, IN_FOUR],
    script: SIMULTANEOUS_OPEN.script,
};

const SIMULTANEOUS_OPEN_LETTER: Scenario = Scenario {
    name: "simultaneous-open/letter",
    summary: "The same by the letter of §3.10.7.4: six segments.",
    options: &[("crossed_syn_ack", false)],
    claims: claims![
        ENDS_AGREE,
        ONE_CONNECTION,
        FOUR_SEGMENTS
            .fails("by the letter the crossing SYN,ACKs fail the first step and are answered by ACKs"),
        SYNS_CROSS,
        IN_SIX,
    ],
    ..SIMULTANEOUS_OPEN_IN_ORDER
};

const SIMULTANEOUS_OPEN_LETTER_OVERTAKEN: Scenario = Scenario {
    name: "simultaneous-open/letter-overtaken",
    summary: "By the letter, where a SYN,ACK may overtake the SYN: five segments.",
    options: &[("crossed_syn_ack", false)],
    bounds: Bounds { in_order: false, ..SIMULTANEOUS_OPEN_IN_ORDER.bounds },
    claims: claims![ENDS_AGREE, ONE_CONNECTION, IN_FIVE],
    ..SIMULTANEOUS_OPEN_IN_ORDER
};

pub(crate) const SIMULTANEOUS_CLOSE: Scenario = Scenario {
    name: "simultaneous-close",
    summary: "Both users close at will while text is under way, on a bad network.",
    options: &[],
    without: None,
    users: [User { sends: 1, ..User::CLIENT }, User { sends: 1, ..User::SERVER }],
    bounds: Bounds { in_flight: 3, duplicates: 0, losses: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, FINS_CROSS, CLEANLY_CLOSED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Close), (1, Call::Close)]],
};

const SIMULTANEOUS_CLOSE_IN_ORDER: Scenario = Scenario {
    name: "simultaneous-close/in-order",
    summary: "Both users close on a perfect network: as many segments as a normal close.",
    options: &[],
    without: None,
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { msl: 1, count_segments: true, ..Bounds::PERFECT },
    claims: claims![ENDS_AGREE, CLOSING_BOTH, CLOSE_IN_FOUR, NORMAL_IN_FOUR, FINS_CROSS],
    script: SIMULTANEOUS_CLOSE.script,
};

pub(crate) const HALF_CLOSE: Scenario = Scenario {
    name: "half-close",
    summary: "One user closes; the other goes on sending, and closes only afterwards. Windows close and open.",
    options: &[],
    without: None,
    users: [User::CLIENT, User { sends: 3, sends_late: true, patient: true, ..User::SERVER }],
    bounds: Bounds {
        in_flight: 3,
        window: 2,
        mss: 2,
        eager_users: false,
        delayed_acks: true,
        losses: 0,
        duplicates: 0,
        ..LOSSY
    },
    claims: claims![ENDS_AGREE, RECEIVABLE, WITHIN_OFFER, HALF_CLOSED, ALL_DELIVERED, CLEANLY_CLOSED],
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(0, Call::Close)],
        &[(1, Call::Send)],
        &[(1, Call::Close)],
    ],
};

const HALF_CLOSE_ANY_RECEIVE: Scenario = Scenario {
    name: "half-close/any-receive",
    summary: "The same where users take any part of what is on hand, and hosts offer any window afterwards.",
    bounds: Bounds { any_receive: true, delayed_acks: false, retransmissions: 1, ..HALF_CLOSE.bounds },
    ..HALF_CLOSE
};

const HALF_CLOSE_LETTER: Scenario = Scenario {
    name: "half-close/receive-letter",
    summary: "RECEIVE by the letter of §3.10.3: in CLOSING, LAST-ACK and TIME-WAIT text on hand is refused.",
    options: &[("drain_after_fin", false)],
    bounds: Bounds { retransmissions: 0, ..HALF_CLOSE.bounds },
    claims: claims![
        ENDS_AGREE,
        RECEIVABLE.fails("the letter answers RECEIVE in these states with an error only"),
        HALF_CLOSED,
    ],
    ..HALF_CLOSE
};

/// Text both ways, that of B out of order, while B's window closes.
pub(crate) const WINDOW_EDGE: Scenario = Scenario {
    name: "window-edge",
    summary: "What fills a hole has a smaller number than what came before it; it acknowledges more, and its window counts.",
    options: &[],
    without: None,
    users: [User { sends: 3, closes: 0, ..User::CLIENT }, User { sends: 1, closes: 0, ..User::SERVER }],
    bounds: Bounds {
        window: 2,
        mss: 1,
        eager_users: false,
        in_flight: 2,
        in_order: true,
        duplicates: 0,
        ..LOSSY
    },
    claims: claims![ENDS_AGREE, WITHIN_OFFER, CONNECTED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send), (1, Call::Send)]],
};

pub(crate) const WINDOW_EDGE_LETTER: Scenario = Scenario {
    name: "window-edge/letter",
    summary: "The same by the letter: its acknowledgment counts, its window does not.",
    options: &[("new_ack_window", false)],
    claims: claims![
        ENDS_AGREE,
        WITHIN_OFFER.fails("SND.UNA moves on, SND.WND stays, and with both moves the right edge"),
        CONNECTED,
    ],
    ..WINDOW_EDGE
};

const FAST_CLOSE_SCENARIO: Scenario = Scenario {
    name: "fast-close",
    summary: "The peer's FIN brings the acknowledgment of ours: FIN-WAIT-1 to TIME-WAIT in one segment.",
    options: &[],
    without: None,
    users: [User::CLIENT, User { sends: 1, patient: true, ..User::SERVER }],
    bounds: Bounds { in_flight: 3, duplicates: 0, delayed_acks: true, count_segments: true, ..LOSSY },
    claims: claims![ENDS_AGREE, FAST_CLOSE, CLEANLY_CLOSED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

pub(crate) const RESET_SCENARIO: Scenario = Scenario {
    name: "reset",
    summary: "ABORT at either end at any time, a closed port, R2 and the user timeout.",
    options: &[],
    without: None,
    users: [User { aborts: 1, ..User::CLIENT }, User { sends: 1, aborts: 1, ..User::SERVER }],
    bounds: Bounds { in_flight: 3, give_ups: 1, losses: 0, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, RESET, REFUSED, BACK_TO_LISTEN, GIVEN_UP, CLOSED_AGAIN],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(1, Call::Send)], &[(0, Call::Abort)]],
};

pub(crate) const RESET_CROSSED: Scenario = Scenario {
    name: "reset/crossed",
    summary: "ABORT while SYNs cross: SYN-RECEIVED after an active OPEN is refused and never listens.",
    options: &[],
    without: None,
    users: [User { aborts: 1, ..OPENER }, User { aborts: 1, passive_opens: 1, iss: FIVE, ..OPENER }],
    bounds: Bounds { in_flight: 3, ..LOSSY },
    claims: claims![ENDS_AGREE, REFUSED, SYNS_CROSS, RESET],
    script: &[&[(0, Call::Open), (1, Call::Open)], &[(0, Call::Abort)]],
};

const RESET_FORKED: Scenario = Scenario {
    name: "reset/forked",
    summary: "A listener that forks a child for each connection, as sockets have it: a RST in SYN-RECEIVED deletes the child.",
    options: &[],
    without: None,
    users: [
        User { sends: 1, aborts: 1, ..User::CLIENT },
        User { listens: true, closes: 1, iss: Numbers::Given([5, 7, 9, 11, 13, 15]), ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 3, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, RESET, CLOSED_AGAIN],
    script: &[&[(0, Call::Open)], &[(0, Call::Abort)]],
};

pub(crate) const LISTEN_SEND: Scenario = Scenario {
    name: "listen-send",
    summary: "A listener that knows its peer SENDs: LISTEN to SYN-SENT, which Berkeley's TCP lacks.",
    options: &[],
    without: None,
    users: [
        User { passive_opens: 1, names_peer: true, sends: 1, closes: 1, ..User::IDLE },
        User { sends: 1, ..User::SERVER },
    ],
    bounds: Bounds { in_flight: 2, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, LISTENER_SENDS, CLEANLY_CLOSED],
    script: &[
        &[(0, Call::Listen), (1, Call::Listen)],
        &[(0, Call::Send)],
        &[(0, Call::Close)],
        &[(1, Call::Close)],
    ],
};

/// Initial numbers go on where the older connection stopped, as a clock makes them do.
pub(crate) const AGAIN: Numbers = Numbers::Given([14, 2, 6, 10, 14, 2]);

const RELEASE: Scenario = Scenario {
    name: "release",
    summary: "Users let go of the connection at any time, with text unread, unsent or under way: what comes then for nobody is answered by a RST.",
    options: &[],
    without: None,
    users: [
        User { active_opens: 1, sends: 1, lets_go: true, ..User::IDLE },
        User { passive_opens: 1, sends: 2, lets_go: true, iss: FIVE, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, mss: 1, window: 2, eager_users: false, retransmissions: 0, ..LOSSY },
    claims: claims![ENDS_AGREE_CLEANLY, CONNECTED, RESET, FOR_NOBODY, CLEANLY_CLOSED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Release)], &[(1, Call::Send)]],
};

pub(crate) const TIME_WAIT: Scenario = Scenario {
    name: "time-wait",
    summary: "Two connections after each other on the same pair of sockets, old segments under way, MSL and 2MSL in ticks.",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 1, closes: 2, iss: AGAIN, ..User::IDLE },
        User { listens: true, closes: 1, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, msl: 2, mss: 1, losses: 0, ..LOSSY },
    claims: claims![NOT_REOPENED, NO_OLD_TEXT, TIME_WAITED, SECOND_CONNECTION, SECOND_TEXT],
    script: &[&[(0, Call::Open)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

const TIME_WAIT_LETTER: Scenario = Scenario {
    name: "time-wait/letter",
    summary: "TIME-WAIT by the letter: any acceptable ACK restarts 2MSL, the FIN that is sent again does not.",
    options: &[("old_fin_restarts_2msl", false)],
    bounds: Bounds { retransmissions: 0, ..TIME_WAIT.bounds },
    ..TIME_WAIT
};

const TIME_WAIT_RFC1337_OFF: Scenario = Scenario {
    name: "time-wait/rfc1337-off",
    summary: "A RST ends TIME-WAIT, as §3.10.7.4 allows without RFC 1337.",
    options: &[("rfc1337", false)],
    bounds: Bounds { retransmissions: 0, ..TIME_WAIT.bounds },
    claims: claims![
        NOT_REOPENED.fails("a RST of the peer ends TIME-WAIT early (TIME-WAIT assassination)"),
        TIME_WAITED,
        SECOND_CONNECTION,
    ],
    ..TIME_WAIT
};

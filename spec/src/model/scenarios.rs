//! The scenarios, each with its own bounds and claims.

use super::expectations::*;
use super::properties::*;
use super::scenario::FIVE;
use super::{Bounds, Call, Numbers, Scenario, UNCOUNTED, User};

/// All scenarios, variants behind the one that they vary.
pub const SCENARIOS: &[Scenario] = &[
    HANDSHAKE_CLOSE,
    SIMULTANEOUS_OPEN,
    SIMULTANEOUS_OPEN_IN_ORDER,
    SIMULTANEOUS_OPEN_LETTER,
    SIMULTANEOUS_OPEN_LETTER_OVERTAKEN,
    SIMULTANEOUS_CLOSE,
    SIMULTANEOUS_CLOSE_IN_ORDER,
    HALF_CLOSE,
    HALF_CLOSE_LETTER,
    FAST_CLOSE_SCENARIO,
    RESET_SCENARIO,
    RESET_CROSSED,
    RESET_FORKED,
    LISTEN_SEND,
    TIME_WAIT,
    TIME_WAIT_LETTER,
    TIME_WAIT_RFC1337_OFF,
    TIME_WAIT_REOPEN_SEQUENCE,
    TIME_WAIT_REOPEN_TIMESTAMP,
    ANYTHING,
    ANYTHING_CROSSED,
    ANYTHING_TEXT,
    ANYTHING_BLOCKED,
    ANYTHING_FORKED,
    ANYTHING_LETTER,
    ANYTHING_REOPEN_TIMESTAMP,
    LIVENESS_CLOSE,
    LIVENESS_SIMULTANEOUS_CLOSE,
    LIVENESS_SIMULTANEOUS_OPEN,
    LIVENESS_WINDOW,
    LIVENESS_WINDOW_EDGE_ACKS,
    LIVENESS_WINDOW_NO_PERSIST,
    LIVENESS_FIN_WAIT_2,
    LIVENESS_FIN_WAIT_2_KEEP_ALIVE,
    LIVENESS_STORM,
    LIVENESS_STORM_LETTER,
];

/// Finds a scenario, or all variants of one, by name.
pub fn find(name: &str) -> Vec<&'static Scenario> {
    let family: Vec<_> = all().filter(|s| s.family() == name).collect();
    if family.is_empty() { all().filter(|s| s.name == name).collect() } else { family }
}

/// The scenarios, and those of the hazards.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(super::hazards::SCENARIOS)
}

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
            TIMERS,
            $($claim),*
        ]
    };
}

pub(super) use claims;

pub(super) const LOSSY: Bounds =
    Bounds { in_flight: 4, in_order: false, losses: 1, duplicates: 1, retransmissions: 1, ..Bounds::PERFECT };

const HANDSHAKE_CLOSE: Scenario = Scenario {
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

pub(super) const OPENER: User = User { active_opens: 1, ..User::IDLE };

const SIMULTANEOUS_OPEN: Scenario = Scenario {
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

const SIMULTANEOUS_CLOSE: Scenario = Scenario {
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

const HALF_CLOSE: Scenario = Scenario {
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
    claims: claims![ENDS_AGREE, RECEIVABLE, HALF_CLOSED, ALL_DELIVERED, CLEANLY_CLOSED],
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(0, Call::Close)],
        &[(1, Call::Send)],
        &[(1, Call::Close)],
    ],
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

const RESET_SCENARIO: Scenario = Scenario {
    name: "reset",
    summary: "ABORT at either end at any time, a closed port, R2 and the user timeout.",
    options: &[],
    without: None,
    users: [User { aborts: 1, ..User::CLIENT }, User { sends: 1, aborts: 1, ..User::SERVER }],
    bounds: Bounds { in_flight: 3, give_ups: 1, losses: 0, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, RESET, REFUSED, BACK_TO_LISTEN, GIVEN_UP, CLOSED_AGAIN],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(1, Call::Send)], &[(0, Call::Abort)]],
};

pub(super) const RESET_CROSSED: Scenario = Scenario {
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

const LISTEN_SEND: Scenario = Scenario {
    name: "listen-send",
    summary: "A listener that knows its peer SENDs: LISTEN to SYN-SENT, which Berkeley's TCP lacks.",
    options: &[],
    without: None,
    users: [
        User { passive_opens: 1, names_peer: true, sends: 1, closes: 1, ..User::IDLE },
        User { sends: 1, ..User::SERVER },
    ],
    bounds: Bounds { in_flight: 3, duplicates: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, CONNECTED, LISTENER_SENDS, CLEANLY_CLOSED],
    script: &[
        &[(0, Call::Listen), (1, Call::Listen)],
        &[(0, Call::Send)],
        &[(0, Call::Close)],
        &[(1, Call::Close)],
    ],
};

/// Initial numbers go on where the older connection stopped, as a clock makes them do.
pub(super) const AGAIN: Numbers = Numbers::Given([14, 2, 6, 10, 14, 2]);

pub(super) const TIME_WAIT: Scenario = Scenario {
    name: "time-wait",
    summary: "Two connections after each other on the same pair of sockets, old segments under way, MSL and 2MSL in ticks.",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 1, closes: 2, iss: AGAIN, ..User::IDLE },
        User { listens: true, closes: 2, iss: AGAIN, ..User::IDLE },
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

const REOPENING: [User; 2] = [
    User { active_opens: 1, listens: true, closes: 2, iss: AGAIN, ..User::IDLE },
    User { active_opens: 1, listens: true, sends: 1, closes: 2, iss: AGAIN, ..User::IDLE },
];

const TIME_WAIT_REOPEN_SEQUENCE: Scenario = Scenario {
    name: "time-wait/reopen-by-sequence",
    summary: "MAY-2: a SYN beyond everything received reopens the connection from TIME-WAIT.",
    options: &[("reopen_by_sequence", true)],
    users: REOPENING,
    bounds: Bounds { retransmissions: 0, ..TIME_WAIT.bounds },
    claims: claims![NOT_REOPENED.fails("this is what the option is for"), NO_OLD_TEXT, SECOND_CONNECTION],
    ..TIME_WAIT
};

const TIME_WAIT_REOPEN_TIMESTAMP: Scenario = Scenario {
    name: "time-wait/reopen-by-timestamp",
    summary: "RFC 6191: a SYN with a newer timestamp reopens the connection from TIME-WAIT.",
    options: &[("reopen_by_timestamp", true)],
    users: REOPENING,
    bounds: Bounds { timestamps: true, ticks: 3, retransmissions: 0, ..TIME_WAIT.bounds },
    claims: claims![NOT_REOPENED.fails("this is what the option is for"), NO_OLD_TEXT, SECOND_CONNECTION],
    ..TIME_WAIT
};

/// What is claimed where the peer may be anybody.
const AS_EXPECTED: &[super::Claim] = &[WITHIN_BOUNDS, ANSWERED, TOLD, SENT, OUTCOME, TIMERS];

const ANYTHING: Scenario = Scenario {
    name: "anything",
    summary: "In every world of a plain open and close any one event comes, expected or not: any call, any timer, any segment.",
    options: &[],
    without: None,
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { msl: 1, strays: 1, keep_alive: true, ..Bounds::PERFECT },
    claims: AS_EXPECTED,
    script: SIMULTANEOUS_CLOSE.script,
};

const ANYTHING_CROSSED: Scenario = Scenario {
    name: "anything/crossed",
    summary: "The same where the SYNs cross.",
    users: [User { closes: 1, ..OPENER }, User { iss: FIVE, ..OPENER }],
    bounds: Bounds { strays: 2, ..ANYTHING.bounds },
    script: SIMULTANEOUS_OPEN.script,
    ..ANYTHING
};

const ANYTHING_TEXT: Scenario = Scenario {
    name: "anything/text",
    summary: "The same with text that the user takes late.",
    users: [User { sends: 2, ..User::CLIENT }, User { names_peer: true, ..User::SERVER }],
    bounds: Bounds { window: 2, mss: 2, eager_users: false, ..ANYTHING.bounds },
    ..ANYTHING
};

const ANYTHING_BLOCKED: Scenario = Scenario {
    name: "anything/blocked",
    summary: "The same with a window of one octet that closes, and delayed acknowledgments.",
    bounds: Bounds { window: 1, mss: 1, eager_users: false, delayed_acks: true, ..ANYTHING.bounds },
    ..ANYTHING_TEXT
};

const ANYTHING_FORKED: Scenario = Scenario {
    name: "anything/forked",
    summary: "The same at a listener that forks a child for each connection.",
    users: [OPENER, User { listens: true, sends: 1, closes: 1, iss: FIVE, ..User::IDLE }],
    bounds: Bounds { strays: 2, ..ANYTHING.bounds },
    script: &[&[(0, Call::Open)]],
    ..ANYTHING
};

const ANYTHING_LETTER: Scenario = Scenario {
    name: "anything/letter",
    summary: "The same by the letter, and with SYNs that reopen TIME-WAIT by their numbers.",
    options: &[
        ("rfc1337", false),
        ("crossed_syn_ack", false),
        ("old_fin_restarts_2msl", false),
        ("drain_after_fin", false),
        ("rfc5961", false),
        ("rst_heeds_opener", false),
        ("hard_errors_soft", false),
        ("reopen_by_sequence", true),
    ],
    ..ANYTHING
};

const ANYTHING_REOPEN_TIMESTAMP: Scenario = Scenario {
    name: "anything/reopen-by-timestamp",
    summary: "The same with SYNs that reopen TIME-WAIT by their timestamps.",
    options: &[("reopen_by_timestamp", true)],
    bounds: Bounds { timestamps: true, ticks: 4, ..ANYTHING.bounds },
    ..ANYTHING
};

/// Nothing is counted: what may happen once may happen for ever, and the graph is finite all the same.
const LIVE: Bounds = Bounds {
    in_flight: 2,
    in_order: false,
    losses: UNCOUNTED,
    duplicates: UNCOUNTED,
    retransmissions: UNCOUNTED,
    merging: true,
    ..Bounds::PERFECT
};

const LIVENESS_CLOSE: Scenario = Scenario {
    name: "liveness/close",
    summary: "The normal open and close with text one way: whatever the network does until it heals, it comes to its end.",
    options: &[],
    without: None,
    users: [User { sends: 1, ..User::CLIENT }, User::SERVER],
    bounds: LIVE,
    claims: claims![ENDS_AGREE, CLEANLY_CLOSED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM],
    script: HANDSHAKE_CLOSE.script,
};

/// A result about the letter.
const FORGOTTEN_CLOSE: &str = "a CLOSE that waits for text in SYN-RECEIVED is forgotten when a RST takes the connection back to LISTEN (§3.10.4 against §3.10.7.4): a listener is left that its user has closed";

const LIVENESS_SIMULTANEOUS_CLOSE: Scenario = Scenario {
    name: "liveness/simultaneous-close",
    summary: "Both close at will, text under way both ways: but for one forgotten CLOSE it comes to its end.",
    options: &[],
    without: None,
    users: [User { sends: 1, ..User::CLIENT }, User { sends: 1, ..User::SERVER }],
    bounds: LIVE,
    claims: claims![
        ENDS_AGREE,
        FINS_CROSS,
        CLEANLY_CLOSED,
        CAN_CLOSE.fails(FORGOTTEN_CLOSE),
        DOES_CLOSE.fails(FORGOTTEN_CLOSE),
        DOES_DELIVER.fails(FORGOTTEN_CLOSE),
        NO_STORM,
    ],
    script: SIMULTANEOUS_CLOSE.script,
};

/// A result about the letter.
const OLD_REFUSAL: &str = "the RST that refused a first SYN may still be under way when the SYNs have crossed: it resets one end, and the other waits in FIN-WAIT-2 for ever, which nothing bounds";

const LIVENESS_SIMULTANEOUS_OPEN: Scenario = Scenario {
    name: "liveness/simultaneous-open",
    summary: "Both open actively and close: an old RST can leave one end in FIN-WAIT-2.",
    options: &[],
    without: None,
    users: [User { closes: 1, ..OPENER }, User { closes: 1, iss: FIVE, ..OPENER }],
    bounds: LIVE,
    claims: claims![
        ENDS_AGREE,
        SYNS_CROSS,
        CLEANLY_CLOSED,
        CAN_CLOSE.fails(OLD_REFUSAL),
        DOES_CLOSE.fails(OLD_REFUSAL),
        NO_STORM,
    ],
    script: &[&[(0, Call::Open), (1, Call::Open)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

const LIVENESS_WINDOW: Scenario = Scenario {
    name: "liveness/window",
    summary: "A window of one octet that closes with each and opens with RECEIVE; the update may be lost.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { window: 1, mss: 1, eager_users: false, in_order: true, ..LIVE },
    claims: claims![
        ENDS_AGREE,
        ALL_DELIVERED,
        CAN_CLOSE,
        DOES_CLOSE,
        DOES_DELIVER,
        NO_STORM.fails(
            "if both have filled the other's window and it is lost, the ACKs of both lie one beyond it, and Table 6 has each answered by an ACK"
        ),
    ],
    script: HANDSHAKE_CLOSE.script,
};

const LIVENESS_WINDOW_EDGE_ACKS: Scenario = Scenario {
    name: "liveness/window-edge-acks",
    summary: "The same where an ACK at the window's right edge is acceptable, as Linux and BSD have it.",
    options: &[("edge_acks", true)],
    claims: claims![ENDS_AGREE, ALL_DELIVERED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM],
    ..LIVENESS_WINDOW
};

const LIVENESS_WINDOW_NO_PERSIST: Scenario = Scenario {
    name: "liveness/window-without-persist",
    summary: "The same without the persist timer.",
    bounds: Bounds { persists: false, ..LIVENESS_WINDOW.bounds },
    claims: claims![
        ENDS_AGREE,
        ALL_DELIVERED,
        CAN_CLOSE.fails("the window update is lost and nobody asks for it"),
        DOES_CLOSE.fails("the window update is lost and nobody asks for it"),
        DOES_DELIVER.fails("the window update is lost and nobody asks for it"),
    ],
    ..LIVENESS_WINDOW
};

const LIVENESS_FIN_WAIT_2: Scenario = Scenario {
    name: "liveness/fin-wait-2",
    summary: "B's host vanishes for good: R2 ends whatever waits for an acknowledgment, but FIN-WAIT-2 waits for none.",
    options: &[],
    without: None,
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { vanishes: true, ..LIVE },
    claims: claims![
        ENDS_AGREE,
        GIVEN_UP,
        CAN_CLOSE.fails("nothing bounds FIN-WAIT-2: no timer runs, and nobody is left to send a FIN"),
        DOES_CLOSE.fails("nothing bounds FIN-WAIT-2: no timer runs, and nobody is left to send a FIN"),
        NO_STORM,
    ],
    script: SIMULTANEOUS_CLOSE.script,
};

const LIVENESS_FIN_WAIT_2_KEEP_ALIVE: Scenario = Scenario {
    name: "liveness/fin-wait-2-keep-alive",
    summary: "The same with keep-alives: their R2 bounds FIN-WAIT-2.",
    bounds: Bounds { keep_alive: true, ..LIVENESS_FIN_WAIT_2.bounds },
    claims: claims![ENDS_AGREE, GIVEN_UP, CAN_CLOSE, DOES_CLOSE, NO_STORM],
    ..LIVENESS_FIN_WAIT_2
};

const LIVENESS_STORM: Scenario = Scenario {
    name: "liveness/storm",
    summary: "Segments answer segments: never for ever, whatever is lost, doubled or sent again before.",
    options: &[],
    without: None,
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { in_flight: 3, ..LOSSY },
    claims: claims![ENDS_AGREE, FINS_CROSS, NO_STORM],
    script: SIMULTANEOUS_CLOSE.script,
};

const LIVENESS_STORM_LETTER: Scenario = Scenario {
    name: "liveness/storm-letter",
    summary: "TIME-WAIT by the letter answers every acceptable ACK.",
    options: &[("old_fin_restarts_2msl", false)],
    claims: claims![
        ENDS_AGREE,
        FINS_CROSS,
        NO_STORM.fails("by the letter two ends in TIME-WAIT answer each other's ACKs for ever"),
    ],
    ..LIVENESS_STORM
};

/// The names of all claims of all scenarios, once each, in order.
pub fn claim_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for claim in SCENARIOS.iter().flat_map(|s| s.claims) {
        if !names.contains(&claim.name) {
            names.push(claim.name);
        }
    }
    names
}

//! Windows that close, ends that wait for ever, and ends that answer each other for ever.

use super::SAME;
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, FIVE, Numbers, Scenario, User};
use crate::model::scenarios::liveness::{
    LIVE, LIVENESS_SIMULTANEOUS_CLOSE, LIVENESS_SIMULTANEOUS_OPEN, LIVENESS_STORM,
};
use crate::model::scenarios::ordinary::{
    HANDSHAKE_CLOSE, LOSSY, OPENER, SIMULTANEOUS_CLOSE, WINDOW_EDGE, WINDOW_EDGE_LETTER, claims,
};

pub(super) const SCENARIOS: &[Scenario] = &[
    WINDOW_NO_PERSIST,
    WINDOW,
    WINDOW_NEVER_OPENS,
    WINDOW_NEVER_OPENS_LIMITED,
    EDGE_LETTER,
    EDGE,
    PROBES_LETTER,
    PROBES,
    FIN_WAIT_2,
    FIN_WAIT_2_KEEP_ALIVE,
    FIN_WAIT_2_LIMITED,
    FIN_WAIT_2_CRASH,
    FIN_WAIT_2_CRASH_LIMITED,
    CLOSE_CROSSED,
    OLD_REFUSAL,
    OLD_REFUSAL_KEEP_ALIVE,
    OLD_REFUSAL_LIMITED,
    STORM_TIME_WAIT,
    STORM_TIME_WAIT_CURED,
    STORM_HALF_OPEN,
    STORM_HALF_OPEN_LIMITED,
    STORM_LATE_COPY_LETTER,
    STORM_LATE_COPY,
    CLOSE_FORGOTTEN,
    CLOSE_HEEDED,
];

/// Text one way into a window that closes and opens with RECEIVE.
const WINDOW: Scenario = Scenario {
    name: "hazard-window/persist",
    summary: "A window of two octets that closes and opens with RECEIVE; the update may be lost, and the persist timer asks for it.",
    options: &[],
    without: None,
    users: [User { sends: 3, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { window: 2, mss: 1, eager_users: false, in_order: true, ..LIVE },
    claims: claims![ENDS_AGREE, ALL_DELIVERED, WINDOW_OPENED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM],
    script: HANDSHAKE_CLOSE.script,
};

const EDGE: Scenario = Scenario {
    name: "hazard-window-edge/on",
    summary: "What fills a hole acknowledges more, and its window counts; any order.",
    bounds: EDGE_BOUNDS,
    ..WINDOW_EDGE
};

const EDGE_BOUNDS: Bounds = Bounds { in_order: false, losses: 0, duplicates: 1, ..WINDOW_EDGE.bounds };

const EDGE_LETTER: Scenario = Scenario {
    name: "hazard-window-edge/letter",
    summary: "What fills a hole acknowledges more; by the letter its window does not count; any order.",
    bounds: EDGE_BOUNDS,
    ..WINDOW_EDGE_LETTER
};

const UPDATE_LOST: &str = "the window update is lost and nobody asks for it";

const WINDOW_NO_PERSIST: Scenario = Scenario {
    name: "hazard-window/no-persist",
    summary: "A window closes and opens, the update may be lost, and there is no persist timer.",
    bounds: Bounds { persists: false, ..WINDOW.bounds },
    claims: claims![
        ENDS_AGREE,
        ALL_DELIVERED,
        CAN_CLOSE.fails(UPDATE_LOST),
        DOES_CLOSE.fails(UPDATE_LOST),
        DOES_DELIVER.fails(UPDATE_LOST),
    ],
    ..WINDOW
};

const NOTHING_ENDS: &str =
    "the peer answers every probe, so R2 is never reached (MUST-37), and nobody is left who could abort";

const WINDOW_NEVER_OPENS: Scenario = Scenario {
    name: "hazard-window/never-opens",
    summary: "A sends and closes; B's user never takes anything, and B's host answers every probe.",
    users: [
        User { sends: 3, ..User::CLIENT },
        User { passive_opens: 1, never_receives: true, iss: FIVE, ..User::IDLE },
    ],
    claims: claims![ENDS_AGREE, RELEASED_ENDS.fails(NOTHING_ENDS), NO_STORM],
    ..WINDOW
};

const WINDOW_NEVER_OPENS_LIMITED: Scenario = Scenario {
    name: "hazard-window/never-opens-limited",
    summary: "B's user never takes anything; A's host limits connections that no user holds any more.",
    bounds: Bounds { orphans: true, ..WINDOW_NEVER_OPENS.bounds },
    claims: claims![ENDS_AGREE, GIVEN_UP, RELEASED_ENDS, NO_STORM],
    ..WINDOW_NEVER_OPENS
};

/// Text both ways into windows that close: both probe at once.
const PROBES: Scenario = Scenario {
    name: "hazard-probes/on",
    summary: "Both windows close, both ends probe: an ACK right behind the window, or behind the probe's octet, is acceptable.",
    options: &[],
    without: None,
    users: [User { sends: 3, ..OPENER }, User { sends: 3, passive_opens: 1, iss: FIVE, ..User::IDLE }],
    bounds: Bounds { window: 2, mss: 2, eager_users: false, in_order: true, ..LIVE },
    claims: claims![ENDS_AGREE, CONNECTED, NO_STORM],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send), (1, Call::Send)]],
};

const PROBES_LETTER: Scenario = Scenario {
    name: "hazard-probes/letter",
    summary: "Both windows close and both ends probe; by the letter of Table 6 an ACK right behind the window is not acceptable.",
    options: &[("edge_acks", false)],
    claims: claims![
        ENDS_AGREE,
        CONNECTED,
        NO_STORM.fails(
            "the ACKs of both lie one beyond the other's window, are not looked at, and are answered by ACKs"
        ),
    ],
    ..PROBES
};

const NOTHING_BOUNDS: &str = "nothing bounds FIN-WAIT-2: no timer runs, and nobody is left to send a FIN";

const FIN_WAIT_2: Scenario = Scenario {
    name: "hazard-fin-wait-2/letter",
    summary: "B's host vanishes for good: R2 ends every state that waits for an acknowledgment, but FIN-WAIT-2 waits for none.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { vanishes: true, ..LIVE },
    claims: claims![
        ENDS_AGREE,
        GIVEN_UP,
        CAN_CLOSE.fails(NOTHING_BOUNDS),
        DOES_CLOSE.fails(NOTHING_BOUNDS),
        NO_STORM,
    ],
    script: SIMULTANEOUS_CLOSE.script,
};

const FIN_WAIT_2_KEEP_ALIVE: Scenario = Scenario {
    name: "hazard-fin-wait-2/keep-alive",
    summary: "B's host vanishes for good: with keep-alives their R2 bounds FIN-WAIT-2.",
    bounds: Bounds { keep_alive: true, ..FIN_WAIT_2.bounds },
    claims: claims![ENDS_AGREE, GIVEN_UP, CAN_CLOSE, DOES_CLOSE, NO_STORM],
    ..FIN_WAIT_2
};

const FIN_WAIT_2_LIMITED: Scenario = Scenario {
    name: "hazard-fin-wait-2/limited",
    summary: "B's host vanishes for good: a limit on connections that no user holds any more bounds FIN-WAIT-2.",
    bounds: Bounds { orphans: true, ..FIN_WAIT_2.bounds },
    claims: claims![ENDS_AGREE, GIVEN_UP, CAN_CLOSE, DOES_CLOSE, NO_STORM],
    ..FIN_WAIT_2
};

const FIN_WAIT_2_CRASH: Scenario = Scenario {
    name: "hazard-fin-wait-2/crash",
    summary: "B crashes once and restarts: it has forgotten the connection, and in FIN-WAIT-2 nobody asks.",
    users: [User { sends: 2, ..User::CLIENT }, User { crashes: true, ..User::SERVER }],
    bounds: Bounds { crashes: 1, in_order: true, ..LIVE },
    claims: claims![
        ENDS_AGREE,
        HALF_OPEN_ENDS,
        CAN_CLOSE.fails(NOTHING_BOUNDS),
        DOES_CLOSE.fails(NOTHING_BOUNDS),
        NO_STORM,
    ],
    ..FIN_WAIT_2
};

const FIN_WAIT_2_CRASH_LIMITED: Scenario = Scenario {
    name: "hazard-fin-wait-2/crash-limited",
    summary: "B crashes once and has forgotten the connection: a limit on connections that no user holds any more bounds FIN-WAIT-2.",
    bounds: Bounds { orphans: true, ..FIN_WAIT_2_CRASH.bounds },
    claims: claims![ENDS_AGREE, HALF_OPEN_ENDS, CAN_CLOSE, DOES_CLOSE, NO_STORM],
    ..FIN_WAIT_2_CRASH
};

/// FINs that cross: each, sent again in CLOSING, fails the sequence check.
const CLOSE_CROSSED: Scenario = Scenario {
    name: "hazard-close-crossed/letter",
    summary: "Both close at once; a FIN that is sent again in CLOSING fails the first step, but the ACK that answers it does not.",
    ..CLOSE_HEEDED
};

const REFUSED_LATE: &str = "the RST that refused a first SYN may still be under way when the SYNs have crossed: it resets one end, and the other waits in FIN-WAIT-2 for ever, which nothing bounds";

const OLD_REFUSAL: Scenario = Scenario {
    name: "hazard-old-refusal/letter",
    summary: "Both open actively; the RST that refused the first SYN comes late.",
    users: [
        LIVENESS_SIMULTANEOUS_OPEN.users[0],
        User { sends: 2, sends_late: true, patient: true, ..LIVENESS_SIMULTANEOUS_OPEN.users[1] },
    ],
    claims: claims![
        ENDS_AGREE,
        SYNS_CROSS,
        CLEANLY_CLOSED,
        CAN_CLOSE.fails(REFUSED_LATE),
        DOES_CLOSE.fails(REFUSED_LATE),
        NO_STORM,
    ],
    ..LIVENESS_SIMULTANEOUS_OPEN
};

const OLD_REFUSAL_KEEP_ALIVE: Scenario = Scenario {
    name: "hazard-old-refusal/keep-alive",
    summary: "Both open actively, and the RST comes late: with keep-alives the end that is left asks, and is reset.",
    bounds: Bounds { keep_alive: true, ..OLD_REFUSAL.bounds },
    claims: claims![ENDS_AGREE, SYNS_CROSS, CLEANLY_CLOSED, CAN_CLOSE, DOES_CLOSE, NO_STORM],
    ..OLD_REFUSAL
};

const OLD_REFUSAL_LIMITED: Scenario = Scenario {
    name: "hazard-old-refusal/limited",
    summary: "Both open actively, and the RST comes late, with a limit on connections that no user holds any more.",
    bounds: Bounds { orphans: true, ..OLD_REFUSAL.bounds },
    claims: OLD_REFUSAL_KEEP_ALIVE.claims,
    ..OLD_REFUSAL
};

const STORM_TIME_WAIT_CURED: Scenario = Scenario {
    name: "hazard-storm/time-wait",
    summary: "Both ends in TIME-WAIT, copies of their last ACKs under way: only a FIN is answered.",
    users: [User { sends: 2, ..LIVENESS_STORM.users[0] }, LIVENESS_STORM.users[1]],
    bounds: LIVE,
    ..LIVENESS_STORM
};

const STORM_TIME_WAIT: Scenario = Scenario {
    name: "hazard-storm/time-wait-letter",
    summary: "TIME-WAIT by the letter answers every acceptable ACK.",
    options: &[("old_fin_restarts_2msl", false)],
    claims: claims![
        ENDS_AGREE,
        FINS_CROSS,
        NO_STORM.fails("by the letter two ends in TIME-WAIT answer each other's ACKs for ever"),
    ],
    ..STORM_TIME_WAIT_CURED
};

/// A second connection meets what a first attempt has left.
const STORM_HALF_OPEN: Scenario = Scenario {
    name: "hazard-storm/half-open",
    summary: "An old SYN replaces a child in SYN-RECEIVED while its peer is established: each finds the other's ACKs wrong.",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 2, closes: 1, iss: Numbers::Given([14, 10, 6, 2, 14, 10]), ..User::IDLE },
        User { listens: true, closes: 1, patient: true, iss: SAME, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, msl: 2, mss: 1, losses: 0, duplicates: 1, retransmissions: 0, ..LOSSY },
    claims: claims![
        CONNECTED,
        NO_STORM.fails("what acknowledges something that was never sent is answered by an ACK, and so is what lies outside the window"),
    ],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

const STORM_HALF_OPEN_LIMITED: Scenario = Scenario {
    name: "hazard-storm/half-open-limited",
    summary: "An old SYN replaces a child in SYN-RECEIVED, with a limit on challenge ACKs (RFC 5961 §7).",
    bounds: Bounds { challenges: 2, ..STORM_HALF_OPEN.bounds },
    claims: claims![CONNECTED, NO_STORM],
    ..STORM_HALF_OPEN
};

/// The copy of a SYN meets a listener that has done with it.
const STORM_LATE_COPY: Scenario = Scenario {
    name: "hazard-storm/late-copy",
    summary: "A copy of a SYN comes when its connection is over at the listener, and in TIME-WAIT at the other end. The new child and the old end know different numbers; the answers are limited.",
    options: &[],
    without: None,
    users: [
        User { sends: 3, iss: Numbers::Given([14, 10, 6, 2, 14, 10]), ..User::CLIENT },
        User {
            listens: true,
            closes: 1,
            patient: true,
            iss: Numbers::Given([5, 13, 5, 13, 5, 13]),
            ..User::IDLE
        },
    ],
    bounds: Bounds { challenges: 2, ..LATE_COPY_BOUNDS },
    claims: claims![CONNECTED, NO_STORM],
    script: STORM_HALF_OPEN.script,
};

const LATE_COPY_BOUNDS: Bounds =
    Bounds { in_flight: 3, msl: 2, window: 2, losses: 0, duplicates: 1, retransmissions: 0, ..LOSSY };

const STORM_LATE_COPY_LETTER: Scenario = Scenario {
    name: "hazard-storm/late-copy-letter",
    summary: "A copy of a SYN comes when its connection is over at the listener, and in TIME-WAIT at the other end; by the letter what lies outside the window is always answered.",
    options: &[("answers_limited", false)],
    bounds: LATE_COPY_BOUNDS,
    claims: claims![
        CONNECTED,
        NO_STORM.fails("what each end says lies outside the other's window, and is answered by an ACK"),
    ],
    ..STORM_LATE_COPY
};

const FORGOTTEN: &str = "a CLOSE that waits for text in SYN-RECEIVED is forgotten when a RST takes the connection back to LISTEN (§3.10.4 against §3.10.7.4): a listener is left that its user has closed";

const CLOSE_HEEDED: Scenario = Scenario {
    name: "hazard-forgotten-close/heeded",
    summary: "A CLOSE that waits in SYN-RECEIVED ends the attempt when a RST comes.",
    users: [User { sends: 1, ..User::CLIENT }, User { sends: 2, ..LIVENESS_SIMULTANEOUS_CLOSE.users[1] }],
    bounds: Bounds { in_order: true, ..LIVENESS_SIMULTANEOUS_CLOSE.bounds },
    ..LIVENESS_SIMULTANEOUS_CLOSE
};

const CLOSE_FORGOTTEN: Scenario = Scenario {
    name: "hazard-forgotten-close/letter",
    summary: "A CLOSE that waits in SYN-RECEIVED; by the letter a RST makes the connection listen, and the CLOSE is forgotten.",
    options: &[("close_heeded", false)],
    claims: &[
        WITHIN_BOUNDS,
        NONE_AFTER_CLOSE,
        CAN_CLOSE.fails(FORGOTTEN),
        DOES_CLOSE.fails(FORGOTTEN),
        DOES_DELIVER.fails(FORGOTTEN),
        FINS_CROSS,
        NO_STORM,
    ],
    ..CLOSE_HEEDED
};

//! Anything at all comes, in every world of small runs (see [`strays`](crate::model::Bounds::strays)).

use super::ordinary::{AGAIN, OPENER, SIMULTANEOUS_CLOSE, SIMULTANEOUS_OPEN};
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, Claim, FIVE, Scenario, User};

/// All of them.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { claims: BY_DEFAULT, ..ANYTHING },
    ANYTHING_CROSSED,
    ANYTHING_TEXT,
    ANYTHING_URGENT,
    ANYTHING_URGENT_FIRST,
    ANYTHING_WRAPPED,
    ANYTHING_BLOCKED,
    ANYTHING_BLOCKED_TIMESTAMPS,
    ANYTHING_TIMESTAMPS_LETTER,
    ANYTHING_FORKED,
    ANYTHING_LETTER,
    ANYTHING_RST_LISTENS,
    ANYTHING_CROSSED_RST_LISTENS,
    ANYTHING_CROSSED_TIMESTAMPS,
    ANYTHING_CROSSED_OLD_TIMESTAMPS,
    ANYTHING_CROSSED_UNPROVEN,
    ANYTHING_REOPEN_TIMESTAMP,
    ANYTHING_REUSE,
    ANYTHING_RELEASED,
];

/// What is claimed where the peer may be anybody, of lost text what stands first, and more.
macro_rules! as_expected {
    ($loss_told:expr $(, $more:expr)*) => {
        &[WITHIN_BOUNDS, ANSWERED, TOLD, SENT, OUTCOME, WINDOW_TAKEN, TIMERS, NO_TRACE, TEXT_KEPT, $loss_told $(, $more)*]
    };
}

/// What is claimed where the peer may be anybody.
pub(super) const AS_EXPECTED: &[Claim] = as_expected![LOSS_TOLD];

/// What the options promise that nobody has set, besides: nothing begins before 2MSL are over (RFC 9293, MUST-13), guesses and what the network reports end nothing (RFC 5961, RFC 5927).
const BY_DEFAULT: &[Claim] = as_expected![LOSS_TOLD, NONE_BEGINS_IN_2MSL, NOT_BY_GUESS, NOT_BY_ICMP];

/// By the letter text on hand is flushed, and not every loss is told.
const BY_THE_LETTER: &[Claim] =
    &[WITHIN_BOUNDS, ANSWERED, TOLD, SENT, OUTCOME, WINDOW_TAKEN, TIMERS, NO_TRACE];

pub(super) const ANYTHING: Scenario = Scenario {
    name: "anything",
    summary: "In every world of a plain open and close any one event comes, expected or not: any call, any timer, any segment.",
    options: &[],
    without: None,
    users: [User::CLIENT, User { sends: 1, ..User::SERVER }],
    bounds: Bounds { msl: 1, strays: 1, keep_alive: true, orphans: true, ..Bounds::PERFECT },
    claims: AS_EXPECTED,
    script: SIMULTANEOUS_CLOSE.script,
};

pub(super) const ANYTHING_CROSSED: Scenario = Scenario {
    name: "anything/crossed",
    summary: "The same where the SYNs cross.",
    users: [User { closes: 1, ..OPENER }, User { iss: FIVE, ..OPENER }],
    bounds: Bounds { strays: 2, ..ANYTHING.bounds },
    script: SIMULTANEOUS_OPEN.script,
    ..ANYTHING
};

pub(super) const ANYTHING_TEXT: Scenario = Scenario {
    name: "anything/text",
    summary: "The same with text that the user takes late.",
    users: [User { sends: 2, ..User::CLIENT }, User { names_peer: true, ..User::SERVER }],
    bounds: Bounds { window: 2, mss: 2, eager_users: false, ..ANYTHING.bounds },
    ..ANYTHING
};

pub(super) const ANYTHING_URGENT: Scenario = Scenario {
    name: "anything/urgent",
    summary: "The same with urgent text, sent in two parts.",
    users: [User { sends: 2, urgent: true, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { in_flight: 2, mss: 1, keep_alive: false, orphans: false, ..ANYTHING_TEXT.bounds },
    ..ANYTHING_TEXT
};

pub(super) const ANYTHING_URGENT_FIRST: Scenario = Scenario {
    name: "anything/urgent-first",
    summary: "The same with urgent text, and text behind it that is not.",
    users: [
        User { sends: 2, closes: 0, urgent_first: true, ..User::CLIENT },
        User { closes: 0, ..User::SERVER },
    ],
    bounds: Bounds { eager_users: true, ..ANYTHING_URGENT.bounds },
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send)]],
    ..ANYTHING_TEXT
};

pub(super) const ANYTHING_WRAPPED: Scenario = Scenario {
    name: "anything/wrapped",
    summary: "The same where as many octets are sent as there are numbers: SND.UNA is ISS again.",
    users: [User::CLIENT, User { sends: 16, sends_late: true, patient: true, ..User::SERVER }],
    bounds: Bounds { window: 2, mss: 1, keep_alive: false, orphans: false, ..ANYTHING.bounds },
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(0, Call::Close)],
        &[(1, Call::Send)],
        &[(1, Call::Close)],
    ],
    ..ANYTHING
};

pub(super) const ANYTHING_BLOCKED: Scenario = Scenario {
    name: "anything/blocked",
    summary: "The same with a window of one octet that closes, and delayed acknowledgments.",
    bounds: Bounds { window: 1, mss: 1, eager_users: false, delayed_acks: true, ..ANYTHING.bounds },
    ..ANYTHING_TEXT
};

pub(super) const ANYTHING_BLOCKED_TIMESTAMPS: Scenario = Scenario {
    name: "anything/blocked-timestamps",
    summary: "The same with timestamps, by the letter of TIME-WAIT and of windows.",
    options: &[("old_fin_restarts_2msl", false), ("new_ack_window", false)],
    bounds: Bounds { timestamps: true, ticks: 2, delayed_acks: false, ..ANYTHING_BLOCKED.bounds },
    ..ANYTHING_BLOCKED
};

pub(super) const ANYTHING_TIMESTAMPS_LETTER: Scenario = Scenario {
    name: "anything/timestamps-letter",
    summary: "The same with timestamps by the letter of RFC 7323, where losses are not told and hard errors count.",
    options: &[
        ("timestamps_required", true),
        ("timestamp_after_ack", false),
        ("loss_is_told", false),
        ("hard_errors_soft", false),
    ],
    users: [User::CLIENT, User { sends: 1, ..ANYTHING_TEXT.users[1] }],
    bounds: Bounds { timestamps: true, ticks: 1, in_flight: 3, ..ANYTHING_BLOCKED.bounds },
    claims: &[
        WITHIN_BOUNDS,
        ANSWERED,
        TOLD,
        SENT,
        OUTCOME,
        WINDOW_TAKEN,
        TIMERS,
        NO_TRACE.fails("the timestamp of a segment that is refused counts"),
        TEXT_KEPT,
        LOSS_TOLD.fails("CLOSING, LAST-ACK and the way back to LISTEN are silent"),
    ],
    ..ANYTHING
};

pub(super) const ANYTHING_FORKED: Scenario = Scenario {
    name: "anything/forked",
    summary: "The same at a listener that forks a child for each connection.",
    users: [OPENER, User { listens: true, sends: 1, closes: 1, iss: FIVE, ..User::IDLE }],
    bounds: Bounds { strays: 2, ..ANYTHING.bounds },
    script: &[&[(0, Call::Open)]],
    ..ANYTHING
};

pub(super) const ANYTHING_LETTER: Scenario = Scenario {
    name: "anything/letter",
    summary: "The same by the letter, and with SYNs that reopen TIME-WAIT by their numbers.",
    options: &[
        ("rfc1337", false),
        ("crossed_syn_ack", false),
        ("old_fin_restarts_2msl", false),
        ("drain_after_fin", false),
        ("rfc5961", false),
        ("rst_heeds_opener", false),
        ("edge_acks", false),
        ("close_heeded", false),
        ("handshake_first", false),
        ("hard_errors_soft", false),
        ("new_ack_window", false),
        ("drain_after_reset", false),
        ("loss_is_told", false),
        ("reopen_by_sequence", true),
    ],
    claims: BY_THE_LETTER,
    ..ANYTHING
};

pub(super) const ANYTHING_RST_LISTENS: Scenario = Scenario {
    name: "anything/whoever-opened",
    summary: "The same where a RST takes SYN-RECEIVED back to LISTEN after an active OPEN, too, but heeds a CLOSE, without RFC 5961. A SYN with a timestamp reopens a connection without.",
    options: &[("rst_heeds_opener", false), ("rfc5961", false), ("reopen_by_timestamp", true)],
    claims: as_expected![
        LOSS_TOLD.fails("by §3.5 the connection listens again and says nothing of text that waited")
    ],
    ..ANYTHING
};

pub(super) const ANYTHING_CROSSED_RST_LISTENS: Scenario = Scenario {
    name: "anything/crossed-whoever-opened",
    summary: "The same where the SYNs cross and a RST takes SYN-RECEIVED back to LISTEN; no challenge ACK leaves.",
    options: &[("rst_heeds_opener", false)],
    // No challenge ACK may leave: so an answer shows whether its row limits it.
    bounds: Bounds { strays: 1, challenges: 0, ..ANYTHING_CROSSED.bounds },
    ..ANYTHING_CROSSED
};

pub(super) const ANYTHING_CROSSED_TIMESTAMPS: Scenario = Scenario {
    name: "anything/crossed-timestamps",
    summary: "The same where the SYNs cross and segments have timestamps.",
    bounds: Bounds { strays: 1, timestamps: true, ticks: 2, ..ANYTHING_CROSSED.bounds },
    ..ANYTHING_CROSSED
};

pub(super) const ANYTHING_CROSSED_OLD_TIMESTAMPS: Scenario = Scenario {
    name: "anything/crossed-old-timestamps",
    summary: "The same where a segment with an older timestamp is taken like any other.",
    options: &[("paws", false)],
    ..ANYTHING_CROSSED_TIMESTAMPS
};

pub(super) const ANYTHING_CROSSED_UNPROVEN: Scenario = Scenario {
    name: "anything/crossed-unproven",
    summary: "The same where the SYNs cross, and what follows a CLOSE need not wait for the acknowledgment of our SYN. Timestamps would be required, but neither end has any.",
    options: &[("handshake_first", false), ("timestamps_required", true)],
    bounds: Bounds { window: 2, ..ANYTHING_CROSSED.bounds },
    ..ANYTHING_CROSSED
};

pub(super) const ANYTHING_REOPEN_TIMESTAMP: Scenario = Scenario {
    name: "anything/reopen-by-timestamp",
    summary: "The same with SYNs that reopen TIME-WAIT by their timestamps.",
    options: &[("reopen_by_timestamp", true)],
    bounds: Bounds { timestamps: true, ticks: 4, ..ANYTHING.bounds },
    ..ANYTHING
};

pub(super) const ANYTHING_REUSE: Scenario = Scenario {
    name: "anything/reuse",
    summary: "The same where an active OPEN takes the pair of sockets again that is in TIME-WAIT.",
    options: &[("reuse_time_wait", true)],
    users: [
        User { active_opens: 2, sends: 1, closes: 2, iss: AGAIN, ..User::CLIENT },
        User { passive_opens: 2, sends: 0, closes: 2, patient: true, ..User::SERVER },
    ],
    bounds: Bounds { timestamps: true, ticks: 1, in_flight: 3, window: 2, mss: 1, ..ANYTHING.bounds },
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Close)], &[(1, Call::Close)]],
    ..ANYTHING
};

pub(super) const ANYTHING_RELEASED: Scenario = Scenario {
    name: "anything/released",
    summary: "The same where B's user may let go at any time, and a CLOSE in SYN-RECEIVED may be forgotten.",
    options: &[("close_heeded", false)],
    users: [User::CLIENT, User { sends: 1, lets_go: true, ..User::SERVER }],
    ..ANYTHING
};

//! What is refused, what is lost when a connection ends, and what a segment without its timestamp is worth.

use super::reuse::PAWS_ON;
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, FIVE, Forger, Scenario, User};
use crate::model::scenarios::ordinary::{LOSSY, OPENER, claims};

pub(super) const SCENARIOS: &[Scenario] = &[
    REFUSED_LETTER,
    REFUSED,
    DRAIN_LETTER,
    DRAIN,
    LOSS_LETTER,
    LOSS,
    TIMESTAMPS_REQUIRED,
    TIMESTAMPS_UNPROTECTED,
    TIMESTAMPS_TAKEN,
];

/// A forger whose segments carry a timestamp from the future.
const REFUSED: Scenario = Scenario {
    name: "hazard-refused/on",
    summary: "A forger that does not see the connection tries numbers with a timestamp from the future; what is refused changes nothing.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..OPENER }, User { closes: 0, ..User::SERVER }],
    bounds: Bounds {
        in_flight: 2,
        msl: 2,
        ticks: 2,
        timestamps: true,
        forgeries: 1,
        forger: Forger::Blind,
        losses: 0,
        duplicates: 1,
        retransmissions: 0,
        ..LOSSY
    },
    claims: &[WITHIN_BOUNDS, NO_TRACE, CONNECTED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send)]],
};

const REFUSED_LETTER: Scenario = Scenario {
    name: "hazard-refused/letter",
    summary: "A forger tries numbers with a timestamp from the future, and by the letter TS.Recent is taken before the acknowledgment is judged.",
    options: &[("timestamp_after_ack", false)],
    claims: &[
        WITHIN_BOUNDS,
        NO_TRACE.fails("the timestamp of a segment that is refused counts, and PAWS drops what the peer sends from then on"),
        CONNECTED,
    ],
    ..REFUSED
};

/// B answers and gives up while its text waits for A's user.
const DRAIN: Scenario = Scenario {
    name: "hazard-drain/on",
    summary: "B sends its answer and aborts; A's user has not read the answer yet, and can still read it.",
    options: &[],
    without: None,
    users: [OPENER, User { sends: 2, aborts: 1, closes: 0, ..User::SERVER }],
    bounds: Bounds {
        in_flight: 2,
        window: 2,
        eager_users: false,
        msl: 2,
        losses: 0,
        retransmissions: 0,
        ..LOSSY
    },
    claims: claims![RECEIVABLE, RESET_BEFORE_READ],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(1, Call::Send)], &[(1, Call::Abort)]],
};

const FLUSHED: &str = "a RST flushes what the peer knows to be received";

const DRAIN_LETTER: Scenario = Scenario {
    name: "hazard-drain/letter",
    summary: "B sends its answer and aborts before A's user has read it; by the letter of §3.10.7.4 all queues are flushed.",
    options: &[("drain_after_reset", false)],
    claims: &[WITHIN_BOUNDS, OUTCOME, TEXT_KEPT.fails(FLUSHED), RESET_BEFORE_READ.fails(FLUSHED)],
    ..DRAIN
};

/// The peer has closed, and aborts before all of our text has come.
const LOSS: Scenario = Scenario {
    name: "hazard-loss/on",
    summary: "B closes and aborts while A's last text and FIN are under way: A's user hears that they are lost.",
    options: &[],
    without: None,
    users: [User { sends: 2, closes: 1, ..OPENER }, User { aborts: 1, ..User::SERVER }],
    bounds: Bounds { in_flight: 2, msl: 2, losses: 0, duplicates: 1, retransmissions: 0, ..LOSSY },
    claims: claims![RESET, FINS_CROSS],
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(1, Call::Close)],
        &[(0, Call::Send), (0, Call::Close)],
        &[(1, Call::Abort)],
    ],
};

const LOSS_LETTER: Scenario = Scenario {
    name: "hazard-loss/letter",
    summary: "B closes and aborts while A's last text and FIN are under way; by the letter a RST in CLOSING or LAST-ACK is told to nobody.",
    options: &[("loss_is_told", false)],
    claims: &[
        WITHIN_BOUNDS,
        TOLD,
        LOSS_TOLD.fails("§3.10.7.4 deletes the TCB and returns, whatever of the user's is unacknowledged"),
        RESET,
    ],
    ..LOSS
};

/// Only SYNs carry timestamps.
const TIMESTAMPS_TAKEN: Scenario = Scenario {
    name: "hazard-timestamps/taken",
    summary: "Both have agreed on timestamps, and something on the way strips them off all but the SYNs: the segments are taken.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User { iss: FIVE, ..User::SERVER }],
    bounds: Bounds {
        in_flight: 2,
        msl: 2,
        ticks: 2,
        timestamps: true,
        stripped: true,
        losses: 0,
        duplicates: 1,
        retransmissions: 0,
        ..LOSSY
    },
    claims: &[WITHIN_BOUNDS, TEXT_IN_ORDER, ALL_BEFORE_END, OUTCOME, ALL_DELIVERED],
    script: &[
        &[(1, Call::Listen)],
        &[(0, Call::Open)],
        &[(0, Call::Send)],
        &[(0, Call::Close)],
        &[(1, Call::Close)],
    ],
};

const TIMESTAMPS_REQUIRED: Scenario = Scenario {
    name: "hazard-timestamps/required",
    summary: "Something on the way strips the agreed timestamps off; by the letter of RFC 7323 §3.2 nothing comes through, and nobody is told.",
    options: &[("timestamps_required", true)],
    claims: &[
        WITHIN_BOUNDS,
        TEXT_IN_ORDER,
        OUTCOME,
        ALL_DELIVERED.fails("each segment is dropped in silence"),
    ],
    ..TIMESTAMPS_TAKEN
};

const TIMESTAMPS_UNPROTECTED: Scenario = Scenario {
    name: "hazard-timestamps/unprotected",
    summary: "The numbers of A's connections come again while segments of the older one are under way, and something strips the timestamps: PAWS has nothing to go by.",
    bounds: Bounds { stripped: true, ..PAWS_ON.bounds },
    claims: &[
        WITHIN_BOUNDS,
        NO_OLD_TEXT.fails("without a timestamp an old segment cannot be told from a new one"),
        SECOND_CONNECTION,
    ],
    ..PAWS_ON
};

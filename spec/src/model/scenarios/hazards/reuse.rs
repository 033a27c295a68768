//! The same pair of sockets, one connection after the other: TIME-WAIT, what cuts it short, and how long it must be.

use super::SAME;
use crate::Row;
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, Numbers, Scenario, User};
use crate::model::scenarios::ordinary::{AGAIN, LOSSY, TIME_WAIT, claims};
use crate::mutants::{Fault, Mutant};

pub(crate) const SCENARIOS: &[Scenario] = &[
    ASSASSINATION_OFF,
    ASSASSINATION_ON,
    TIME_WAIT_0,
    TIME_WAIT_1,
    TIME_WAIT_2,
    TIME_WAIT_3,
    TIME_WAIT_4,
    ABORT,
    ABORT_NONE,
    REUSE_SEQUENCE_FREE,
    REUSE_SEQUENCE_CLOCK,
    REUSE_SEQUENCE_AGAIN,
    REUSE_TIMESTAMP_FREE,
    REUSE_TIMESTAMP_AGAIN,
    OPEN_UNCHECKED,
    OPEN_SEQUENCE,
    OPEN_CLIENT_TEXT,
    OPEN_AGAIN,
    OPEN_CROSSED,
    PAWS_OFF,
    PAWS_ON,
    TWO_MSL_LETTER,
    TWO_MSL,
];

/// Later numbers are chosen freely: those that overlap are among them.
pub(crate) const FREE: Numbers = Numbers::Free(14);

/// Two numbers a tick.
const BY_CLOCK: Numbers = Numbers::Clock { first: 14, per_tick: 2 };

/// One connection after another: A opens, sends, closes, and opens again.
const OVERLAP: Scenario = Scenario {
    name: "",
    summary: "",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 2, closes: 1, iss: FREE, ..User::IDLE },
        // The same number again overlaps. Any number is a deep scenario.
        User { listens: true, closes: 1, patient: true, iss: SAME, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, msl: 2, mss: 1, losses: 0, duplicates: 2, retransmissions: 0, ..LOSSY },
    claims: claims![NO_OLD_TEXT, ENDS_AGREE_CLEANLY, NOT_KILLED_BY_OLD, SECOND_CONNECTION, SECOND_TEXT],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

const ASSASSINATION_OFF: Scenario = Scenario {
    name: "hazard-1337/off",
    summary: "TIME-WAIT assassination: a RST ends the wait, and old segments meet a new connection.",
    options: &[("rfc1337", false)],
    claims: &[
        WITHIN_BOUNDS,
        NO_OLD_TEXT.fails("H1: old text is taken for new"),
        ENDS_AGREE_CLEANLY
            .fails("H2: an old ACK, or old text, leaves the ends in disagreement on what was sent"),
        NOT_KILLED_BY_OLD
            .fails("H3: in SYN-SENT an old segment is answered by a RST, which ends the new connection"),
        SECOND_CONNECTION,
    ],
    ..OVERLAP
};

pub(crate) const ASSASSINATION_ON: Scenario = Scenario {
    name: "hazard-1337/on",
    summary: "Old segments meet a new connection, but a RST in TIME-WAIT is ignored.",
    ..OVERLAP
};

/// Waits of none or half an MSL fail without text of B, too.
macro_rules! time_wait {
    ($ident:ident, $name:literal, $ticks:literal, $sends:literal, $claim:expr) => {
        const $ident: Scenario = Scenario {
            name: $name,
            summary: concat!(
                "A TIME-WAIT that lasts ",
                $ticks,
                " of the 4 ticks of 2MSL, numbers that overlap."
            ),
            users: [
                User { active_opens: 2, sends: 2, closes: 1, iss: SAME, ..User::IDLE },
                User { listens: true, sends: $sends, closes: 1, patient: true, iss: SAME, ..User::IDLE },
            ],
            bounds: Bounds { time_wait: Some($ticks), duplicates: 1, retransmissions: 1, ..OVERLAP.bounds },
            script: &[&[(0, Call::Open)], &[(1, Call::Send)], &[(0, Call::Close)], &[(1, Call::Close)]],
            claims: &[WITHIN_BOUNDS, $claim, SECOND_CONNECTION],
            ..OVERLAP
        };
    };
}
time_wait!(TIME_WAIT_0, "hazard-time-wait/0", 0, 0, NO_OLD_TEXT.fails("there is no wait at all"));
time_wait!(TIME_WAIT_1, "hazard-time-wait/1", 1, 0, NO_OLD_TEXT.fails("half an MSL is too short"));
time_wait!(TIME_WAIT_2, "hazard-time-wait/2", 2, 1, NO_OLD_TEXT.fails("one MSL is too short"));
time_wait!(
    TIME_WAIT_3,
    "hazard-time-wait/3",
    3,
    1,
    NO_OLD_TEXT.fails("the last ACK may take one MSL, and what the peer sent just before it came another")
);
time_wait!(TIME_WAIT_4, "hazard-time-wait/4", 4, 1, NO_OLD_TEXT);

pub(crate) const ABORT: Scenario = Scenario {
    name: "hazard-time-wait/abort",
    summary: "ABORT in TIME-WAIT deletes the TCB (§3.10.5), and with it the wait.",
    users: [User { aborts: 1, iss: SAME, ..OVERLAP.users[0] }, OVERLAP.users[1]],
    bounds: Bounds { duplicates: 1, ..OVERLAP.bounds },
    claims: claims![
        NOT_REOPENED.fails("ABORT in TIME-WAIT deletes the TCB at once, as §3.10.5 has it"),
        SECOND_CONNECTION,
    ],
    ..OVERLAP
};

const ABORT_NONE: Scenario = Scenario {
    name: "hazard-time-wait/no-abort",
    summary: "Nobody aborts in TIME-WAIT: the wait is kept.",
    users: [User { aborts: 0, ..ABORT.users[0] }, ABORT.users[1]],
    claims: claims![NOT_REOPENED, SECOND_CONNECTION],
    ..ABORT
};

/// Both may open. An end that waits in TIME-WAIT has a listener beside it.
const REUSE: Scenario = Scenario {
    options: &[("reopen_by_sequence", true)],
    users: [
        User { active_opens: 1, listens: true, closes: 1, iss: AGAIN, ..User::IDLE },
        User { active_opens: 1, listens: true, sends: 2, closes: 1, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { duplicates: 1, ..OVERLAP.bounds },
    claims: claims![NO_OLD_TEXT, NOT_KILLED_BY_OLD, SECOND_CONNECTION, SECOND_TEXT],
    script: TIME_WAIT.script,
    ..OVERLAP
};

const REUSE_SEQUENCE_FREE: Scenario = Scenario {
    name: "hazard-reuse/sequence-any-numbers",
    summary: "MAY-2: a SYN beyond everything received reopens TIME-WAIT; B chooses any number, A's numbers go on.",
    users: [REUSE.users[0], User { iss: FREE, ..REUSE.users[1] }],
    claims: &[
        WITHIN_BOUNDS,
        NOT_REOPENED.fails("this is what the option is for"),
        NO_OLD_TEXT.fails("numbers of the old connection are used again while its segments are under way"),
        SECOND_CONNECTION,
    ],
    ..REUSE
};

const REUSE_SEQUENCE_AGAIN: Scenario = Scenario {
    name: "hazard-reuse/sequence-numbers-go-on",
    summary: "MAY-2 where each end's numbers go on where its older connection stopped (its condition 1).",
    ..REUSE
};

const REUSE_SEQUENCE_CLOCK: Scenario = Scenario {
    name: "hazard-reuse/sequence-by-the-clock",
    summary: "MAY-2 where B takes its numbers from a clock that a connection can outrun.",
    users: [REUSE.users[0], User { iss: BY_CLOCK, ..REUSE.users[1] }],
    bounds: Bounds { ticks: 2, ..REUSE.bounds },
    claims: &[
        WITHIN_BOUNDS,
        NOT_REOPENED.fails("this is what the option is for"),
        NO_OLD_TEXT
            .fails("a connection that is over within a tick has used numbers that the clock gives out again"),
        SECOND_CONNECTION,
    ],
    ..REUSE
};

const REUSE_TIMESTAMP_FREE: Scenario = Scenario {
    name: "hazard-reuse/timestamp-any-numbers",
    summary: "RFC 6191: a SYN with a newer timestamp reopens TIME-WAIT; B chooses any number, A's numbers go on.",
    options: &[("reopen_by_timestamp", true)],
    bounds: Bounds { timestamps: true, ticks: 1, ..REUSE.bounds },
    ..REUSE_SEQUENCE_FREE
};

const REUSE_TIMESTAMP_AGAIN: Scenario = Scenario {
    name: "hazard-reuse/timestamp-numbers-go-on",
    summary: "RFC 6191 where numbers go on where the older connection stopped.",
    options: REUSE_TIMESTAMP_FREE.options,
    bounds: REUSE_TIMESTAMP_FREE.bounds,
    ..REUSE
};

/// A opens again in TIME-WAIT, and its numbers go on; B's are any.
const OPEN_SEQUENCE: Scenario = Scenario {
    name: "hazard-reuse/open-by-number",
    summary: "An active OPEN in TIME-WAIT: A's numbers go on, B chooses any, and A takes only those that lie beyond everything received.",
    options: &[("reuse_time_wait", true)],
    users: [
        User { active_opens: 2, closes: 1, iss: AGAIN, ..User::IDLE },
        User { listens: true, sends: 2, closes: 1, patient: true, iss: FREE, ..User::IDLE },
    ],
    // A window of four: with less the acknowledgments of old segments are too old to be believed.
    bounds: Bounds { window: 4, duplicates: 1, ..OVERLAP.bounds },
    claims: claims![NO_OLD_TEXT, NOT_KILLED_BY_OLD, SECOND_CONNECTION, SECOND_TEXT],
    script: &[
        &[(0, Call::Open)],
        &[(1, Call::Send)],
        &[(0, Call::Close)],
        &[(1, Call::Close)],
        &[(0, Call::Open)],
    ],
    ..OVERLAP
};

/// The check of the peer's number, turned round.
const UNCHECKED: Option<Mutant> = Some(Mutant { row: Row::ReuseNewer, fault: Fault::Negated(0) });

const OPEN_UNCHECKED: Scenario = Scenario {
    name: "hazard-reuse/open-unchecked",
    summary: "An active OPEN in TIME-WAIT where A takes any number that B chooses, also one that its older connection has used.",
    users: [OPEN_SEQUENCE.users[0], User { iss: SAME, ..OPEN_SEQUENCE.users[1] }],
    without: UNCHECKED,
    claims: &[
        WITHIN_BOUNDS,
        NOT_REOPENED.fails("this is what the option is for"),
        NO_OLD_TEXT
            .fails("B's numbers of the old connection are used again while its segments are under way"),
        SECOND_CONNECTION,
    ],
    ..OPEN_SEQUENCE
};

const OPEN_CLIENT_TEXT: Scenario = Scenario {
    name: "hazard-reuse/open-client-text",
    summary: "An active OPEN in TIME-WAIT where A sends: its old text meets B's newer connection.",
    users: [
        User { sends: 2, ..OPEN_SEQUENCE.users[0] },
        User { sends: 0, iss: AGAIN, ..OPEN_SEQUENCE.users[1] },
    ],
    script: TIME_WAIT.script,
    ..OPEN_SEQUENCE
};

/// A gives an attempt up, and opens once more.
const OPEN_AGAIN: Scenario = Scenario {
    name: "hazard-reuse/open-again",
    summary: "An active OPEN in TIME-WAIT that is given up or refused, and one more after it.",
    users: [
        User { active_opens: 3, closes: 2, ..OPEN_SEQUENCE.users[0] },
        User { iss: SAME, ..OPEN_SEQUENCE.users[1] },
    ],
    claims: claims![NO_OLD_TEXT_AT_ALL, NOT_KILLED_BY_OLD, SECOND_CONNECTION],
    ..OPEN_SEQUENCE
};

/// Both open: the SYNs may cross while A takes its pair of sockets again.
const OPEN_CROSSED: Scenario = Scenario {
    name: "hazard-reuse/open-crossed",
    summary: "An active OPEN in TIME-WAIT while B opens too, so that SYNs cross.",
    users: [OPEN_SEQUENCE.users[0], User { active_opens: 1, iss: SAME, ..OPEN_SEQUENCE.users[1] }],
    claims: claims![NO_OLD_TEXT, NOT_KILLED_BY_OLD, SECOND_CONNECTION],
    ..OPEN_SEQUENCE
};

/// Numbers that come again while segments with them are under way: a wait that is too short stands for numbers that wrap.
pub(crate) const PAWS_ON: Scenario = Scenario {
    name: "hazard-paws/on",
    summary: "A new connection takes the numbers of the older one, one tick after its end; what is under way of the older one has older timestamps.",
    users: [TIME_WAIT_1.users[0], User { sends: 0, ..TIME_WAIT_1.users[1] }],
    script: TIME_WAIT.script,
    bounds: Bounds { timestamps: true, ticks: 3, retransmissions: 0, ..TIME_WAIT_1.bounds },
    claims: &[WITHIN_BOUNDS, NO_OLD_TEXT, SECOND_CONNECTION, SECOND_TEXT],
    ..TIME_WAIT_1
};

const PAWS_OFF: Scenario = Scenario {
    name: "hazard-paws/off",
    summary: "A new connection takes the numbers of the older one, one tick after its end, and nobody heeds the timestamps.",
    options: &[("paws", false)],
    claims: &[WITHIN_BOUNDS, NO_OLD_TEXT.fails("the numbers of old text fit again"), SECOND_CONNECTION],
    ..PAWS_ON
};

/// The peer's FIN comes again while 2MSL run.
const TWO_MSL: Scenario = Scenario {
    name: "hazard-2msl/on",
    summary: "The peer's FIN comes again in TIME-WAIT and restarts 2MSL; nothing else does.",
    users: [
        User { active_opens: 1, sends: 2, closes: 1, ..User::IDLE },
        User { listens: true, closes: 1, patient: true, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { retransmissions: 1, ..TIME_WAIT.bounds },
    claims: claims![FIN_RESTARTS, ONLY_FIN_RESTARTS, TIME_WAITED],
    ..TIME_WAIT
};

const TWO_MSL_LETTER: Scenario = Scenario {
    name: "hazard-2msl/letter",
    summary: "The peer's FIN comes again in TIME-WAIT; by the letter of §3.10.7.4 it fails the first step, and any acceptable ACK restarts 2MSL.",
    options: &[("old_fin_restarts_2msl", false)],
    claims: claims![
        FIN_RESTARTS.fails("the FIN fails the first step of §3.10.7.4 and never reaches the eighth"),
        ONLY_FIN_RESTARTS.fails("the fifth step of §3.10.7.4 restarts 2MSL for any acceptable ACK"),
        TIME_WAITED,
    ],
    ..TWO_MSL
};

//! Old SYNs, crashes, SYNs that cross: what the three-way handshake, the quiet time and the check of who opened are for.

use super::SAME;
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, FIVE, Scenario, User};
use crate::model::scenarios::ordinary::{AGAIN, LOSSY, OPENER, RESET_CROSSED, TIME_WAIT, claims};
use crate::mutants::{Fault, Mutant};
use crate::{Row, State};

pub(crate) const SCENARIOS: &[Scenario] = &[
    OLD_SYN_TWO_WAY,
    OLD_SYN,
    OLD_SYN_TWO_LISTENERS_TWO_WAY,
    OLD_SYN_TWO_LISTENERS,
    CRASH_AT_ONCE,
    CRASH_QUIET,
    CRASH_QUIET_OVERLAP,
    UNPROVEN_LETTER,
    UNPROVEN,
    SELF_CONNECT_LETTER,
    SELF_CONNECT_IN_ORDER,
    SELF_CONNECT,
    RST_LISTENS,
    RST_HEEDS,
    EVERYTHING,
];

/// A handshake of two segments: an end that has heard a SYN is established.
const TWO_WAY: Option<Mutant> =
    Some(Mutant { row: Row::ListenSyn, fault: Fault::OtherNext(State::Established) });

pub(crate) const OLD_SYN: Scenario = Scenario {
    name: "hazard-old-syn/listener",
    summary: "An old SYN reaches a listener while a newer connection is opened (figure 8).",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, closes: 1, sends: 2, iss: AGAIN, ..User::IDLE },
        User { iss: FIVE, ..User::SERVER },
    ],
    bounds: Bounds { in_flight: 2, msl: 2, duplicates: 1, losses: 0, retransmissions: 0, ..LOSSY },
    claims: claims![NEVER_ALONE, NOT_BY_OLD_SYN, ENDS_AGREE, NO_OLD_TEXT_AT_ALL, CONNECTED, BACK_TO_LISTEN,],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)]],
};

const OLD_SYN_TWO_WAY: Scenario = Scenario {
    name: "hazard-old-syn/listener-two-way",
    summary: "An old SYN reaches a listener, with a handshake of two segments instead of three.",
    without: TWO_WAY,
    claims: &[
        WITHIN_BOUNDS,
        NOT_BY_OLD_SYN.fails("an old SYN alone makes a connection that nobody has asked for"),
    ],
    ..OLD_SYN
};

const OLD_SYN_TWO_LISTENERS: Scenario = Scenario {
    name: "hazard-old-syn/two-listeners",
    summary: "An old SYN wakes a listener whose peer listens as well (figure 11): both are back in LISTEN in the end.",
    users: [
        User { active_opens: 1, passive_opens: 1, sends: 2, closes: 1, iss: AGAIN, ..User::IDLE },
        User { closes: 0, ..OLD_SYN.users[1] },
    ],
    bounds: Bounds { in_flight: 3, ..OLD_SYN.bounds },
    claims: claims![NEVER_ALONE, NOT_BY_OLD_SYN, ENDS_AGREE, BOTH_LISTEN_AGAIN],
    ..OLD_SYN
};

const OLD_SYN_TWO_LISTENERS_TWO_WAY: Scenario = Scenario {
    name: "hazard-old-syn/two-listeners-two-way",
    summary: "An old SYN wakes a listener whose peer listens as well, with a handshake of two segments instead of three.",
    without: TWO_WAY,
    claims: &[
        WITHIN_BOUNDS,
        NOT_BY_OLD_SYN.fails("an old SYN alone makes a connection that nobody has asked for"),
    ],
    ..OLD_SYN_TWO_LISTENERS
};

/// B crashes while its text is under way. A's clock goes on (its numbers do not overlap), B's starts anew.
const CRASH: Scenario = Scenario {
    name: "",
    summary: "",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 1, iss: AGAIN, ..User::IDLE },
        User { listens: true, sends: 2, crashes: true, iss: SAME, ..User::IDLE },
    ],
    bounds: Bounds {
        in_flight: 2,
        mss: 1,
        msl: 2,
        crashes: 1,
        duplicates: 1,
        losses: 0,
        retransmissions: 0,
        ..LOSSY
    },
    claims: claims![NO_OLD_TEXT_AT_ALL, HALF_OPEN_ENDS, OPENED_AFTER_CRASH],
    script: &[&[(0, Call::Open)], &[(1, Call::Send)]],
};

const CRASH_AT_ONCE: Scenario = Scenario {
    name: "hazard-crash/at-once",
    summary: "A crash, and new connections at once: old segments are still under way (figures 9 and 10).",
    claims: claims![
        NO_OLD_TEXT_AT_ALL.fails("after a crash nobody remembers which numbers are in use"),
        HALF_OPEN_ENDS,
        OPENED_AFTER_CRASH,
    ],
    ..CRASH
};

const CRASH_QUIET: Scenario = Scenario {
    name: "hazard-crash/quiet-time",
    summary: "A crash, and new connections after the quiet time of one MSL (§3.4.3).",
    bounds: Bounds { quiet_time: true, ..CRASH.bounds },
    ..CRASH
};

const CRASH_QUIET_OVERLAP: Scenario = Scenario {
    name: "hazard-crash/quiet-time-overlap",
    summary: "The quiet time at the end that crashes, but the other end uses its numbers again.",
    users: [User { iss: SAME, ..CRASH.users[0] }, CRASH.users[1]],
    claims: claims![
        NO_OLD_TEXT_AT_ALL.fails("the end that did not crash has used its own numbers again"),
        HALF_OPEN_ENDS,
        OPENED_AFTER_CRASH,
    ],
    ..CRASH_QUIET
};

/// B restarts, hears an old SYN, and its user closes at once; the text that followed the SYN is still under way.
const UNPROVEN: Scenario = Scenario {
    name: "hazard-unproven/proven",
    summary: "CLOSE in SYN-RECEIVED after an old SYN: FIN-WAIT-1 takes nothing before its own SYN is acknowledged.",
    users: [
        User { active_opens: 1, sends: 2, iss: AGAIN, ..User::IDLE },
        User { listens: true, closes: 1, crashes: true, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 3, retransmissions: 1, quiet_time: true, ..CRASH.bounds },
    claims: claims![NO_OLD_TEXT_AT_ALL, HALF_OPEN_ENDS],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)]],
    ..CRASH
};

const UNPROVEN_LETTER: Scenario = Scenario {
    name: "hazard-unproven/letter",
    summary: "CLOSE in SYN-RECEIVED after an old SYN, by the letter of §3.10.4 and §3.10.7.4: FIN-WAIT-1 takes text at once.",
    options: &[("handshake_first", false)],
    claims: claims![
        NO_OLD_TEXT_AT_ALL.fails(
            "in FIN-WAIT-1 an old acknowledgment is passed over, though no SYN of ours was ever acknowledged"
        ),
        HALF_OPEN_ENDS,
    ],
    ..UNPROVEN
};

const SELF_CONNECT: Scenario = Scenario {
    name: "hazard-self-connect/bad-network",
    summary: "A socket is connected to itself, on a bad network: its own SYN crosses its SYN (Appendix A.2).",
    options: &[],
    without: None,
    users: [User { sends: 2, ..OPENER }, User::IDLE],
    bounds: Bounds { in_flight: 3, msl: 2, loopback: true, ..LOSSY },
    claims: &[
        TEXT_IN_ORDER,
        WITHIN_BOUNDS,
        ANSWERED,
        TOLD,
        SENT,
        OUTCOME,
        WINDOW_TAKEN,
        TIMERS,
        SELF_CONNECTED,
    ],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)]],
};

const SELF_CONNECT_IN_ORDER: Scenario = Scenario {
    name: "hazard-self-connect/on",
    summary: "A socket is connected to itself on a perfect network: its SYN and its SYN,ACK are enough.",
    bounds: Bounds { loopback: true, count_segments: true, ..Bounds::PERFECT },
    claims: &[WITHIN_BOUNDS, SELF_IN_TWO, SELF_CONNECTED],
    ..SELF_CONNECT
};

const SELF_CONNECT_LETTER: Scenario = Scenario {
    name: "hazard-self-connect/letter",
    summary: "A socket is connected to itself on a perfect network; by the letter its SYN,ACK fails the first step.",
    options: &[("crossed_syn_ack", false)],
    claims: &[
        WITHIN_BOUNDS,
        SELF_IN_TWO
            .fails("the SYN,ACK has the number of a SYN that was taken already, so its ACK is not looked at"),
        SELF_CONNECTED,
    ],
    ..SELF_CONNECT_IN_ORDER
};

const RST_HEEDS: Scenario = Scenario {
    name: "hazard-rst/who-opened",
    summary: "A RST takes SYN-RECEIVED back to LISTEN only after a passive OPEN, as §3.10.7.4 has it; text under way.",
    users: [User { sends: 2, ..RESET_CROSSED.users[0] }, RESET_CROSSED.users[1]],
    bounds: Bounds { in_flight: 2, msl: 2, losses: 0, retransmissions: 0, ..RESET_CROSSED.bounds },
    ..RESET_CROSSED
};

const RST_LISTENS: Scenario = Scenario {
    name: "hazard-rst/whoever-opened",
    summary: "A RST takes SYN-RECEIVED back to LISTEN after an active OPEN, too, as §3.5 has it in passing.",
    options: &[("rst_heeds_opener", false)],
    claims: &[
        WITHIN_BOUNDS,
        LISTEN_ONLY_PASSIVE.fails("the letter of §3.5 makes a server of a client"),
        SYNS_CROSS,
        BACK_TO_LISTEN,
    ],
    ..RST_HEEDS
};

pub(crate) const EVERYTHING: Scenario = Scenario {
    name: "everything",
    summary: "Two incarnations, loss by age, duplication, reordering and a crash with the quiet time, all at once.",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 1, closes: 1, crashes: true, iss: AGAIN, ..User::IDLE },
        User { listens: true, closes: 1, crashes: true, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds {
        in_flight: 2,
        msl: 2,
        mss: 1,
        losses: 0,
        duplicates: 1,
        retransmissions: 1,
        crashes: 1,
        quiet_time: true,
        ..LOSSY
    },
    claims: claims![NO_OLD_TEXT_AT_ALL, NOT_REOPENED, SECOND_CONNECTION, HALF_OPEN_ENDS, OPENED_AFTER_CRASH],
    script: TIME_WAIT.script,
};

//! The known hazards of TCP: each with a scenario that finds the failure where the cure is off, and one that finds none where it is on.

use super::expectations::{ANSWERED, OUTCOME, SENT, TIMERS, TOLD};
use super::properties::*;
use super::scenario::FIVE;
use super::scenarios::{AGAIN, LOSSY, OPENER, RESET_CROSSED, TIME_WAIT, claims};
use super::{Bounds, Call, Forger, Numbers, Scenario, User};

/// A hazard, its cure, and where both are seen.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// Its name.
    pub title: &'static str,
    /// Where it is described.
    pub source: &'static str,
    /// What happens, and what prevents it.
    pub text: &'static str,
    /// Scenarios in which the failure is found.
    pub off: &'static [&'static str],
    /// Scenarios in which there is none.
    pub on: &'static [&'static str],
    /// What remains, or what the proof assumes.
    pub remains: &'static str,
}

/// All scenarios of the ledger that are not among the others.
pub const SCENARIOS: &[Scenario] = &[
    OLD_TEXT_1337_OFF,
    OLD_TEXT_1337_ON,
    TIME_WAIT_0,
    TIME_WAIT_1,
    TIME_WAIT_2,
    TIME_WAIT_3,
    TIME_WAIT_4,
    TIME_WAIT_ABORT,
    CRASH_AT_ONCE,
    CRASH_QUIET,
    OLD_SYN,
    OLD_SYN_TWO_LISTENERS,
    SELF_CONNECT,
    SELF_CONNECT_LETTER,
    BLIND_OFF,
    BLIND_ON,
    KNOWING,
    RST_LISTENS,
    TWO_MSL_LETTER,
    TWO_MSL,
    EVERYTHING,
];

/// The ledger.
pub const HAZARDS: &[Hazard] = &[
    Hazard {
        title: "TIME-WAIT assassination",
        source: "RFC 1337",
        text: "An old segment reaches an end in TIME-WAIT, is answered by an ACK, and the peer, which knows of no connection any more, answers that by a RST. \
            If the RST ends TIME-WAIT, the same pair of sockets can be opened while old segments are under way: old text is taken for new (H1). \
            The cure is to ignore RSTs in TIME-WAIT (option `rfc1337`).",
        off: &["hazard-1337/off", "time-wait/rfc1337-off"],
        on: &["hazard-1337/on", "time-wait"],
        remains: "Nothing within the bounds, as long as TIME-WAIT lasts 2MSL and no segment outlives MSL.",
    },
    Hazard {
        title: "TIME-WAIT shorter than 2MSL",
        source: "RFC 9293 §3.4.2, §3.6.1",
        text: "A sweep over the length of TIME-WAIT, with MSL = 2 ticks and initial numbers that overlap: 0, 1, 2 and 3 ticks fail, 4 hold. The counterexample at 3 shows why: \
            the last ACK takes almost one MSL, and what the peer sent again just before it came lives for another. So 2MSL is not only enough, it is needed.",
        off: &["hazard-time-wait/0", "hazard-time-wait/1", "hazard-time-wait/2", "hazard-time-wait/3"],
        on: &["hazard-time-wait/4"],
        remains: "Connections that end by a RST (LAST-ACK that is reset because the peer has gone) have no such wait and are kept apart here: \
            after them only initial numbers that do not overlap protect.",
    },
    Hazard {
        title: "ABORT in TIME-WAIT",
        source: "RFC 9293 §3.10.5",
        text: "The letter deletes the TCB, and with it the wait: the pair of sockets is free at once. That is a violation of the promise of 2MSL by the letter itself.",
        off: &["hazard-time-wait/abort"],
        on: &["time-wait"],
        remains: "It is the letter, and stays so: who aborts in TIME-WAIT gives up the promise. Sockets offer no such call: dropping a stream leaves TIME-WAIT alone.",
    },
    Hazard {
        title: "Reuse from TIME-WAIT by timestamp or sequence number",
        source: "RFC 6191, RFC 9293 §3.6.1 MAY-2",
        text: "A SYN may reopen the connection before 2MSL are over if its timestamp is newer, or its number beyond everything received. Both break \"not opened again while in TIME-WAIT\", which is \
            what they are for.",
        off: &["time-wait/reopen-by-timestamp", "time-wait/reopen-by-sequence"],
        on: &["time-wait"],
        remains: "With initial numbers that go on where the older connection stopped, no old text was delivered within the bounds in either.",
    },
    Hazard {
        title: "TIME-WAIT by the letter",
        source: "RFC 9293 §3.10.7.4",
        text: "The peer's FIN, sent again because our ACK was lost, fails the first step and never reaches the eighth, where 2MSL would be restarted; and the fifth step restarts 2MSL for any \
            acceptable ACK. Ours (option `old_fin_restarts_2msl`): that FIN restarts 2MSL, and nothing else does.",
        off: &["hazard-2msl/letter"],
        on: &["hazard-2msl/on"],
        remains: "Nothing.",
    },
    Hazard {
        title: "Old duplicate SYN",
        source: "RFC 9293 §3.5, figures 8 and 11",
        text: "A SYN of an earlier attempt reaches a listener. The three-way handshake finds out: the SYN,ACK acknowledges a number that nobody sent, the RST that answers takes the listener back to LISTEN.",
        off: &[],
        on: &["hazard-old-syn/listener", "hazard-old-syn/two-listeners"],
        remains: "That the failure appears without the check of the ACK in SYN-SENT is shown by the mutants of `syn_sent_ack_bad`.",
    },
    Hazard {
        title: "Half-open connections after a crash, and the quiet time",
        source: "RFC 9293 §3.5.1 figures 9 and 10, §3.4.3",
        text: "An end that crashes forgets its connections. The other end finds out: what it sends is answered by a RST. But the restarted end has forgotten its numbers too, and \
            if they overlap, old text is delivered by a new connection. The quiet time (nothing is sent for one MSL after a restart) lets it die first.",
        off: &["hazard-crash/at-once"],
        on: &["hazard-crash/quiet-time"],
        remains: "The end that did not crash must choose numbers that do not overlap (its clock goes on): if its numbers overlap too, old text of its own is delivered in spite of the quiet time.",
    },
    Hazard {
        title: "The sequence check where SYNs cross, and a socket connected to itself",
        source: "RFC 9293 Appendix A.2",
        text: "By the letter the SYN,ACK that crosses ours fails the first step: six segments instead of four, five if it overtakes the SYN. A socket connected to itself meets its own SYN,ACK in the same way.",
        off: &[
            "simultaneous-open/letter",
            "simultaneous-open/letter-overtaken",
            "hazard-self-connect/letter",
        ],
        on: &["simultaneous-open/in-order", "hazard-self-connect/on"],
        remains: "By the letter the connection is still made, with more segments.",
    },
    Hazard {
        title: "RST in SYN-RECEIVED that ignores who opened",
        source: "RFC 9293 §3.5 against §3.10.7.4 (MUST-11)",
        text: "§3.5 says in passing that a RST takes a connection that is not synchronized back to LISTEN. After an active OPEN that makes a server of a client.",
        off: &["hazard-rst/whoever-opened"],
        on: &["reset/crossed", "reset"],
        remains: "Nothing.",
    },
    Hazard {
        title: "Blind RST, SYN and text",
        source: "RFC 5961",
        text: "A third party who does not see the connection tries numbers. RFC 5961 lowers the odds and does not remove them; the table below counts.",
        off: &["hazard-forger/blind-off", "hazard-forger/knowing"],
        on: &["hazard-forger/blind-on"],
        remains: "A RST at exactly RCV.NXT, and text inside the window with an acknowledgment that is not too old, still succeed. Only authentication helps.",
    },
];

/// Every incarnation begins at the same number: nothing but time keeps them apart.
const SAME: Numbers = Numbers::Given([14; 6]);

/// One connection after another with numbers that overlap: A opens, sends, closes, and opens again.
const OVERLAP: Scenario = Scenario {
    name: "",
    summary: "",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, sends: 1, closes: 1, iss: SAME, ..User::IDLE },
        User { listens: true, closes: 1, patient: true, iss: SAME, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, msl: 2, mss: 1, losses: 0, duplicates: 2, retransmissions: 0, ..LOSSY },
    claims: claims![NO_OLD_TEXT, NOT_KILLED_BY_OLD, SECOND_CONNECTION],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)], &[(0, Call::Close)], &[(1, Call::Close)]],
};

const OLD_TEXT_1337_OFF: Scenario = Scenario {
    name: "hazard-1337/off",
    summary: "TIME-WAIT assassination: a RST ends the wait, and a new connection with overlapping numbers takes old text.",
    options: &[("rfc1337", false)],
    claims: &[WITHIN_BOUNDS, NO_OLD_TEXT.fails("TIME-WAIT is ended by a RST (H1)"), SECOND_CONNECTION],
    ..OVERLAP
};

const OLD_TEXT_1337_ON: Scenario =
    Scenario { name: "hazard-1337/on", summary: "The same with RSTs ignored in TIME-WAIT.", ..OVERLAP };

macro_rules! time_wait {
    ($ident:ident, $name:literal, $ticks:literal, $claim:expr) => {
        const $ident: Scenario = Scenario {
            name: $name,
            summary: concat!("TIME-WAIT of ", $ticks, " ticks where MSL is 2, numbers that overlap."),
            users: [
                User { active_opens: 2, sends: 1, closes: 1, iss: SAME, ..User::IDLE },
                User { listens: true, sends: 1, closes: 1, patient: true, iss: SAME, ..User::IDLE },
            ],
            bounds: Bounds { time_wait: Some($ticks), duplicates: 1, retransmissions: 1, ..OVERLAP.bounds },
            script: &[&[(0, Call::Open)], &[(1, Call::Send)], &[(0, Call::Close)], &[(1, Call::Close)]],
            claims: &[WITHIN_BOUNDS, $claim, SECOND_CONNECTION],
            ..OVERLAP
        };
    };
}
time_wait!(TIME_WAIT_0, "hazard-time-wait/0", 0, NO_OLD_TEXT.fails("there is no wait at all"));
time_wait!(TIME_WAIT_1, "hazard-time-wait/1", 1, NO_OLD_TEXT.fails("half an MSL is too short"));
time_wait!(TIME_WAIT_2, "hazard-time-wait/2", 2, NO_OLD_TEXT.fails("one MSL is too short"));
time_wait!(
    TIME_WAIT_3,
    "hazard-time-wait/3",
    3,
    NO_OLD_TEXT.fails("the last ACK may take one MSL, and what the peer sent just before it came another")
);
time_wait!(TIME_WAIT_4, "hazard-time-wait/4", 4, NO_OLD_TEXT);

const TIME_WAIT_ABORT: Scenario = Scenario {
    name: "hazard-time-wait/abort",
    summary: "ABORT in TIME-WAIT deletes the TCB (§3.10.5), and with it the wait.",
    users: [User { aborts: 1, ..OVERLAP.users[0] }, OVERLAP.users[1]],
    claims: claims![
        NOT_REOPENED.fails("ABORT in TIME-WAIT deletes the TCB at once, as §3.10.5 has it"),
        SECOND_CONNECTION,
    ],
    ..OVERLAP
};

/// B crashes while its text is under way. A's clock goes on (its numbers do not overlap), B's starts anew.
const CRASH: Scenario = Scenario {
    users: [
        User { active_opens: 2, iss: AGAIN, ..User::IDLE },
        User { listens: true, sends: 1, crashes: true, iss: SAME, ..User::IDLE },
    ],
    bounds: Bounds { crashes: 1, duplicates: 1, ..OVERLAP.bounds },
    claims: claims![NO_OLD_TEXT_AT_ALL, HALF_OPEN_ENDS, OPENED_AFTER_CRASH],
    script: &[&[(0, Call::Open)], &[(1, Call::Send)]],
    ..OVERLAP
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
    summary: "The same with the quiet time of one MSL after the restart (§3.4.3).",
    bounds: Bounds { quiet_time: true, ..CRASH.bounds },
    ..CRASH
};

const OLD_SYN: Scenario = Scenario {
    name: "hazard-old-syn/listener",
    summary: "An old SYN reaches a listener while a newer connection is opened (figure 8).",
    options: &[],
    without: None,
    users: [
        User { active_opens: 2, closes: 1, sends: 1, iss: AGAIN, ..User::IDLE },
        User { iss: FIVE, ..User::SERVER },
    ],
    bounds: Bounds { in_flight: 3, msl: 2, duplicates: 1, losses: 0, retransmissions: 0, ..LOSSY },
    claims: claims![ENDS_AGREE, NO_OLD_TEXT_AT_ALL, CONNECTED, BACK_TO_LISTEN],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)]],
};

const OLD_SYN_TWO_LISTENERS: Scenario = Scenario {
    name: "hazard-old-syn/two-listeners",
    summary: "An old SYN wakes a listener whose peer listens as well (figure 11): both are back in LISTEN in the end.",
    users: [
        User { active_opens: 1, passive_opens: 1, closes: 1, iss: AGAIN, ..User::IDLE },
        User { closes: 0, ..User::SERVER },
    ],
    bounds: Bounds { msl: 2, ..OLD_SYN.bounds },
    claims: claims![ENDS_AGREE, BACK_TO_LISTEN],
    ..OLD_SYN
};

const SELF_CONNECT: Scenario = Scenario {
    name: "hazard-self-connect/on",
    summary: "A socket is connected to itself: its own SYN crosses its SYN (Appendix A.2).",
    options: &[],
    without: None,
    users: [User { sends: 1, ..OPENER }, User::IDLE],
    bounds: Bounds { in_flight: 3, loopback: true, losses: 1, retransmissions: 1, ..Bounds::PERFECT },
    claims: &[TEXT_IN_ORDER, WITHIN_BOUNDS, SELF_CONNECTED],
    script: &[&[(0, Call::Open)], &[(0, Call::Send)]],
};

const SELF_CONNECT_LETTER: Scenario = Scenario {
    name: "hazard-self-connect/letter",
    summary: "The same by the letter: its SYN,ACK fails the first step.",
    options: &[("crossed_syn_ack", false)],
    ..SELF_CONNECT
};

/// A forger against an established connection with text under way.
const FORGERY: Scenario = Scenario {
    name: "",
    summary: "",
    options: &[],
    without: None,
    users: [User { sends: 1, ..OPENER }, User { closes: 0, ..User::SERVER }],
    bounds: Bounds { in_flight: 2, in_order: true, forgeries: 1, retransmissions: 1, ..Bounds::PERFECT },
    claims: claims![NOT_FORGED, CONNECTED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send)]],
};

const BLIND_OFF: Scenario = Scenario {
    name: "hazard-forger/blind-off",
    summary: "A forger who does not see the connection, without RFC 5961.",
    options: &[("rfc5961", false)],
    claims: claims![NOT_FORGED.fails("some of the numbers he tries fit"), CONNECTED],
    ..FORGERY
};

const BLIND_ON: Scenario = Scenario {
    name: "hazard-forger/blind-on",
    summary: "The same with RFC 5961: fewer numbers fit, but some do.",
    claims: claims![NOT_FORGED.fails("RFC 5961 lowers the odds and does not remove them"), CONNECTED],
    ..FORGERY
};

const KNOWING: Scenario = Scenario {
    name: "hazard-forger/knowing",
    summary: "A forger who sees the connection: nothing in TCP keeps him out.",
    bounds: Bounds { forger: Forger::Knowing, ..FORGERY.bounds },
    claims: claims![NOT_FORGED.fails("his numbers are the right ones"), CONNECTED],
    ..FORGERY
};

const RST_LISTENS: Scenario = Scenario {
    name: "hazard-rst/whoever-opened",
    summary: "A RST takes SYN-RECEIVED back to LISTEN whoever opened, as §3.5 has it in passing.",
    options: &[("rst_heeds_opener", false)],
    claims: &[
        WITHIN_BOUNDS,
        LISTEN_ONLY_PASSIVE.fails("the letter of §3.5 makes a server of a client"),
        SYNS_CROSS,
        BACK_TO_LISTEN,
    ],
    ..RESET_CROSSED
};

/// The peer's FIN comes again while 2MSL run.
const TWO_MSL: Scenario = Scenario {
    name: "hazard-2msl/on",
    summary: "The peer's FIN comes again in TIME-WAIT and restarts 2MSL; nothing else does.",
    users: [
        User { active_opens: 1, closes: 1, ..User::IDLE },
        User { listens: true, closes: 1, patient: true, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { retransmissions: 1, ..TIME_WAIT.bounds },
    claims: claims![FIN_RESTARTS, ONLY_FIN_RESTARTS, TIME_WAITED],
    ..TIME_WAIT
};

const TWO_MSL_LETTER: Scenario = Scenario {
    name: "hazard-2msl/letter",
    summary: "The same by the letter of §3.10.7.4: that FIN fails the first step, and any acceptable ACK restarts 2MSL.",
    options: &[("old_fin_restarts_2msl", false)],
    claims: claims![
        FIN_RESTARTS.fails("the FIN fails the first step of §3.10.7.4 and never reaches the eighth"),
        ONLY_FIN_RESTARTS.fails("the fifth step of §3.10.7.4 restarts 2MSL for any acceptable ACK"),
        TIME_WAITED,
    ],
    ..TWO_MSL
};

const EVERYTHING: Scenario = Scenario {
    name: "everything",
    summary: "Two incarnations, loss, duplication, reordering, ageing and a crash with the quiet time, all at once.",
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

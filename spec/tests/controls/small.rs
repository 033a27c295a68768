//! Small scenarios in which faults show.

use tcpspec::model::claims::{
    ALL_DELIVERED, CLEANLY_CLOSED, CONNECTED, SECOND_CONNECTION, SECOND_TEXT, TIME_WAITED,
};
use tcpspec::model::{Bounds, Forger, Numbers, Scenario, User};

/// Five, each time.
const FIVE: Numbers = Numbers::Given([5; 6]);
/// Numbers that go on from one connection to the next.
const AGAIN: Numbers = Numbers::Given([14, 2, 6, 10, 14, 2]);

/// Two octets one way on a perfect network, and the end of the connection.
pub(crate) const PLAIN: Scenario = Scenario {
    name: "plain",
    summary: "",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { in_flight: 4, window: 2, mss: 1, msl: 1, ..Bounds::PERFECT },
    claims: &[CONNECTED, ALL_DELIVERED, CLEANLY_CLOSED, TIME_WAITED],
    script: &[],
};

/// One octet, and the end.
pub(crate) const ONE: Scenario =
    Scenario { name: "one", users: [User { sends: 1, ..User::CLIENT }, User::SERVER], ..PLAIN };

/// Two octets, and nobody closes.
pub(crate) const OPEN: Scenario = Scenario {
    name: "open",
    users: [User { sends: 2, closes: 0, ..User::CLIENT }, User { closes: 0, ..User::SERVER }],
    claims: &[CONNECTED],
    ..PLAIN
};

/// No text, and nobody closes.
pub(crate) const SILENT: Scenario = Scenario {
    name: "silent",
    users: [User { closes: 0, ..User::CLIENT }, User { closes: 0, ..User::SERVER }],
    ..OPEN
};

/// Only A closes.
pub(crate) const HALF: Scenario =
    Scenario { name: "half", users: [PLAIN.users[0], User { closes: 0, ..User::SERVER }], ..OPEN };

/// Segments overtake each other.
pub(crate) const UNORDERED: Scenario = Scenario {
    name: "unordered",
    bounds: Bounds { in_order: false, in_flight: 3, msl: 0, ..PLAIN.bounds },
    claims: &[CONNECTED, ALL_DELIVERED, CLEANLY_CLOSED],
    ..PLAIN
};

/// A segment is lost and sent again.
pub(crate) const LOSSY: Scenario = Scenario {
    name: "lossy",
    bounds: Bounds { losses: 1, retransmissions: 1, in_flight: 2, msl: 2, ..PLAIN.bounds },
    ..ONE
};

/// A segment comes twice.
pub(crate) const DOUBLED: Scenario = Scenario {
    name: "doubled",
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { in_order: false, duplicates: 1, in_flight: 2, msl: 2, ..PLAIN.bounds },
    claims: &[],
    ..PLAIN
};

/// Users take text when they like.
pub(crate) const SLOW: Scenario = Scenario {
    name: "slow",
    bounds: Bounds { eager_users: false, ..PLAIN.bounds },
    claims: &[CONNECTED, ALL_DELIVERED, CLEANLY_CLOSED],
    ..PLAIN
};

/// A window of one octet that nobody opens.
pub(crate) const BLOCKED: Scenario = Scenario {
    name: "blocked",
    users: [OPEN.users[0], User { closes: 0, never_receives: true, ..User::SERVER }],
    bounds: Bounds { window: 1, eager_users: false, ..PLAIN.bounds },
    ..OPEN
};

/// B aborts.
pub(crate) const ABORTED: Scenario = Scenario {
    name: "aborted",
    users: [User { sends: 1, ..User::CLIENT }, User { aborts: 1, ..User::SERVER }],
    claims: &[CONNECTED],
    ..PLAIN
};

/// Both open, one aborts.
pub(crate) const CROSSED: Scenario = Scenario {
    name: "crossed",
    users: [
        User { active_opens: 1, aborts: 1, ..User::IDLE },
        User { active_opens: 1, iss: FIVE, ..User::IDLE },
    ],
    claims: &[],
    ..PLAIN
};

/// Two connections after each other.
pub(crate) const TWICE: Scenario = Scenario {
    name: "twice",
    users: [
        User { active_opens: 2, sends: 2, closes: 1, iss: AGAIN, ..User::IDLE },
        User { listens: true, closes: 2, iss: AGAIN, ..User::IDLE },
    ],
    bounds: Bounds { in_flight: 2, msl: 1, ..PLAIN.bounds },
    claims: &[SECOND_CONNECTION, SECOND_TEXT, TIME_WAITED],
    ..PLAIN
};

/// Two connections after each other, of which A may abort one.
pub(crate) const TWICE_ABORTED: Scenario = Scenario {
    name: "twice-aborted",
    users: [User { aborts: 1, closes: 0, ..TWICE.users[0] }, User { closes: 0, ..TWICE.users[1] }],
    claims: &[],
    ..TWICE
};

/// Timestamps, and any event at all once.
pub(crate) const STRAYS: Scenario = Scenario {
    name: "strays",
    users: [User { closes: 0, ..User::CLIENT }, User { sends: 1, closes: 0, ..User::SERVER }],
    bounds: Bounds { strays: 1, timestamps: true, ticks: 1, ..PLAIN.bounds },
    claims: &[],
    ..PLAIN
};

/// A forger that sees the connection. Its segments do not come.
pub(crate) const FORGER: Scenario =
    Scenario { name: "forger", bounds: Bounds { forger: Forger::Knowing, ..OPEN.bounds }, ..OPEN };

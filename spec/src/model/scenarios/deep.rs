//! Scenarios of `check --deep`: larger bounds than anybody waits for each time.
//!
//! Together with those of every day they have hundreds of millions of states; each fits into 12 GiB.

use super::anything::ANYTHING_TIMESTAMPS_LETTER;
use super::hazards::{ABORT, ASSASSINATION_ON, EVERYTHING, FREE, OLD_SYN};
use super::ordinary::{
    HALF_CLOSE, HANDSHAKE_CLOSE, LISTEN_SEND, RESET_SCENARIO, SIMULTANEOUS_CLOSE, SIMULTANEOUS_OPEN,
    TIME_WAIT, WINDOW_EDGE,
};
use crate::model::scenario::{Bounds, Scenario, User};

/// All of them.
pub const DEEP: &[Scenario] = &[
    HANDSHAKE_CLOSE_DEEP,
    TEXT_BOTH_WAYS,
    SIMULTANEOUS_OPEN_DEEP,
    SIMULTANEOUS_CLOSE_DEEP,
    HALF_CLOSE_DEEP,
    RESET_DEEP,
    LISTEN_SEND_DEEP,
    TIME_WAIT_DEEP,
    EVERYTHING_DEEP,
    WINDOW_EDGE_DEEP,
    ANYTHING_TIMESTAMPS_DEEP,
    ASSASSINATION_DEEP,
    ABORT_DEEP,
    OLD_SYN_DEEP,
];

/// Finds a deep scenario by name, or all of them as `deep`.
pub fn find(name: &str) -> Vec<&'static Scenario> {
    DEEP.iter().filter(|s| s.name == name || s.family() == name).collect()
}

const HANDSHAKE_CLOSE_DEEP: Scenario = Scenario {
    name: "deep/handshake-close",
    bounds: Bounds { in_flight: 4, duplicates: 1, ..HANDSHAKE_CLOSE.bounds },
    ..HANDSHAKE_CLOSE
};

const TEXT_BOTH_WAYS: Scenario = Scenario {
    name: "deep/text-both-ways",
    summary: "The normal open and close, with text both ways at the same time, on a bad network.",
    users: [HANDSHAKE_CLOSE.users[0], User { sends: 1, ..HANDSHAKE_CLOSE.users[1] }],
    bounds: Bounds { duplicates: 1, ..HANDSHAKE_CLOSE.bounds },
    ..HANDSHAKE_CLOSE
};

const SIMULTANEOUS_OPEN_DEEP: Scenario = Scenario {
    name: "deep/simultaneous-open",
    bounds: Bounds { duplicates: 2, retransmissions: 3, ..SIMULTANEOUS_OPEN.bounds },
    ..SIMULTANEOUS_OPEN
};

const SIMULTANEOUS_CLOSE_DEEP: Scenario = Scenario {
    name: "deep/simultaneous-close",
    bounds: Bounds { losses: 1, duplicates: 1, ..SIMULTANEOUS_CLOSE.bounds },
    ..SIMULTANEOUS_CLOSE
};

const HALF_CLOSE_DEEP: Scenario = Scenario {
    name: "deep/half-close",
    bounds: Bounds { in_flight: 4, losses: 1, duplicates: 1, ..HALF_CLOSE.bounds },
    ..HALF_CLOSE
};

const RESET_DEEP: Scenario = Scenario {
    name: "deep/reset",
    users: [User { sends: 1, ..RESET_SCENARIO.users[0] }, RESET_SCENARIO.users[1]],
    bounds: Bounds { losses: 1, duplicates: 1, ..RESET_SCENARIO.bounds },
    ..RESET_SCENARIO
};

const LISTEN_SEND_DEEP: Scenario = Scenario {
    name: "deep/listen-send",
    bounds: Bounds { in_flight: 4, duplicates: 1, ..LISTEN_SEND.bounds },
    ..LISTEN_SEND
};

const TIME_WAIT_DEEP: Scenario = Scenario {
    name: "deep/time-wait",
    users: [TIME_WAIT.users[0], User { closes: 2, ..TIME_WAIT.users[1] }],
    bounds: Bounds { in_flight: 3, ..TIME_WAIT.bounds },
    ..TIME_WAIT
};

const EVERYTHING_DEEP: Scenario = Scenario {
    name: "deep/everything",
    bounds: Bounds { losses: 1, duplicates: 2, ..EVERYTHING.bounds },
    ..EVERYTHING
};

const WINDOW_EDGE_DEEP: Scenario = Scenario {
    name: "deep/window-edge",
    users: [WINDOW_EDGE.users[0], User { sends: 2, ..WINDOW_EDGE.users[1] }],
    ..WINDOW_EDGE
};

const ANYTHING_TIMESTAMPS_DEEP: Scenario = Scenario {
    name: "deep/anything-timestamps-letter",
    users: [User { sends: 1, ..ANYTHING_TIMESTAMPS_LETTER.users[0] }, ANYTHING_TIMESTAMPS_LETTER.users[1]],
    ..ANYTHING_TIMESTAMPS_LETTER
};

const ASSASSINATION_DEEP: Scenario = Scenario {
    name: "deep/hazard-1337",
    users: [ASSASSINATION_ON.users[0], User { iss: FREE, ..ASSASSINATION_ON.users[1] }],
    ..ASSASSINATION_ON
};

const ABORT_DEEP: Scenario = Scenario {
    name: "deep/hazard-time-wait-abort",
    bounds: Bounds { duplicates: 2, ..ABORT.bounds },
    ..ABORT
};

const OLD_SYN_DEEP: Scenario =
    Scenario { name: "deep/hazard-old-syn", bounds: Bounds { in_flight: 3, ..OLD_SYN.bounds }, ..OLD_SYN };

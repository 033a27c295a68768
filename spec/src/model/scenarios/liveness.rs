//! What finally happens, and what never goes on for ever: decided on the graph of all worlds.

use super::ordinary::{HANDSHAKE_CLOSE, LOSSY, OPENER, SIMULTANEOUS_CLOSE, claims};
use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, FIVE, Scenario, User};
use crate::model::world::UNCOUNTED;

/// All of them.
pub(crate) const SCENARIOS: &[Scenario] = &[
    LIVENESS_CLOSE,
    LIVENESS_SIMULTANEOUS_CLOSE,
    LIVENESS_SIMULTANEOUS_OPEN,
    LIVENESS_WINDOW,
    LIVENESS_STORM,
];

/// Nothing is counted: what may happen once may happen for ever, and the graph is finite all the same.
pub(in crate::model) const LIVE: Bounds = Bounds {
    in_flight: 2,
    in_order: false,
    losses: UNCOUNTED,
    duplicates: UNCOUNTED,
    retransmissions: UNCOUNTED,
    merging: true,
    ..Bounds::PERFECT
};

pub(crate) const LIVENESS_CLOSE: Scenario = Scenario {
    name: "liveness/close",
    summary: "The normal open and close with text one way: whatever the network does until it heals, it comes to its end.",
    options: &[],
    without: None,
    users: [User { sends: 1, ..User::CLIENT }, User::SERVER],
    bounds: LIVE,
    claims: claims![ENDS_AGREE, CLEANLY_CLOSED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM],
    script: HANDSHAKE_CLOSE.script,
};

pub(in crate::model) const LIVENESS_SIMULTANEOUS_CLOSE: Scenario = Scenario {
    name: "liveness/simultaneous-close",
    summary: "Both close at will, text under way both ways: it comes to its end.",
    options: &[],
    without: None,
    users: [User { sends: 1, ..User::CLIENT }, User { sends: 1, ..User::SERVER }],
    bounds: LIVE,
    claims: claims![ENDS_AGREE, FINS_CROSS, CLEANLY_CLOSED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM,],
    script: SIMULTANEOUS_CLOSE.script,
};

/// A result about the letter.
pub(crate) const OLD_REFUSAL: &str = "the RST that refused a first SYN may still be under way when the SYNs have crossed: it resets one end, and the other waits in FIN-WAIT-2 for ever, which nothing bounds";

pub(in crate::model) const LIVENESS_SIMULTANEOUS_OPEN: Scenario = Scenario {
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

pub(crate) const LIVENESS_WINDOW: Scenario = Scenario {
    name: "liveness/window",
    summary: "A window of one octet that closes with each and opens with RECEIVE; the update may be lost.",
    options: &[],
    without: None,
    users: [User { sends: 2, ..User::CLIENT }, User::SERVER],
    bounds: Bounds { window: 1, mss: 1, eager_users: false, in_order: true, ..LIVE },
    claims: claims![ENDS_AGREE, ALL_DELIVERED, CAN_CLOSE, DOES_CLOSE, DOES_DELIVER, NO_STORM],
    script: HANDSHAKE_CLOSE.script,
};

pub(in crate::model) const LIVENESS_STORM: Scenario = Scenario {
    name: "liveness/storm",
    summary: "Segments answer segments: never for ever, whatever is lost, doubled or sent again before.",
    options: &[],
    without: None,
    users: [User::CLIENT, User::SERVER],
    bounds: Bounds { in_flight: 3, ..LOSSY },
    claims: claims![ENDS_AGREE, FINS_CROSS, NO_STORM],
    script: SIMULTANEOUS_CLOSE.script,
};

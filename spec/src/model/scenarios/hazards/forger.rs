//! A third party who injects segments.

use crate::model::claims::expectations::*;
use crate::model::claims::*;
use crate::model::scenario::{Bounds, Call, Forger, Scenario, User};
use crate::model::scenarios::ordinary::{LOSSY, OPENER, claims};

pub(super) const SCENARIOS: &[Scenario] = &[BLIND_OFF, BLIND_ON, KNOWING];

/// A forger against an established connection with text under way.
const FORGERY: Scenario = Scenario {
    name: "",
    summary: "",
    options: &[],
    without: None,
    users: [User { sends: 2, ..OPENER }, User { closes: 0, ..User::SERVER }],
    bounds: Bounds {
        in_flight: 2,
        msl: 2,
        forgeries: 1,
        losses: 0,
        duplicates: 1,
        retransmissions: 0,
        ..LOSSY
    },
    claims: claims![NOT_FORGED, CONNECTED],
    script: &[&[(1, Call::Listen)], &[(0, Call::Open)], &[(0, Call::Send)]],
};

const BLIND_OFF: Scenario = Scenario {
    name: "hazard-forger/blind-off",
    summary: "A forger that does not see the connection, without RFC 5961.",
    options: &[("rfc5961", false)],
    claims: claims![
        NOT_FORGED.fails("some of the numbers that it tries fit"),
        NOT_BY_GUESS.fails("any number in the window is enough"),
        CONNECTED,
    ],
    ..FORGERY
};

const BLIND_ON: Scenario = Scenario {
    name: "hazard-forger/blind-on",
    summary: "A forger that does not see the connection, with RFC 5961: fewer numbers fit, but some do.",
    claims: claims![
        NOT_FORGED.fails("RFC 5961 lowers the odds and does not remove them"),
        NOT_BY_GUESS,
        CONNECTED,
    ],
    ..FORGERY
};

const KNOWING: Scenario = Scenario {
    name: "hazard-forger/knowing",
    summary: "A forger that sees the connection: nothing in TCP keeps it out.",
    bounds: Bounds { forger: Forger::Knowing, ..FORGERY.bounds },
    claims: claims![NOT_FORGED.fails("its numbers are the right ones"), CONNECTED],
    ..FORGERY
};

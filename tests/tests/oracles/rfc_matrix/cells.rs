//! Which cells there are: the words of the tables' headers, and which of them meet.

use super::data::{Cell, Column, Layout};

pub(crate) const STATES: &[&str] = &[
    "CLOSED",
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED-PASSIVE",
    "SYN-RECEIVED-ACTIVE",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
];
const KINDS: &[&str] =
    &["SYN", "ACK", "FIN", "RST", "SYN+ACK", "FIN+ACK", "RST+ACK", "SYN+FIN", "TEXT", "TEXT+FIN", "NONE"];
const PLACES: &[&str] = &["any", "left", "before", "irs", "fin", "edge", "inside", "last", "right"];
const ACKS: &[&str] = &["none", "some", "ancient", "old", "iss", "same", "part", "new", "ahead"];
const CALLS: &[&str] = &[
    "OPEN passive",
    "OPEN active",
    "OPEN active no-remote",
    "SEND",
    "SEND no-room",
    "RECEIVE",
    "RECEIVE queued",
    "CLOSE",
    "CLOSE queued",
    "CLOSE again",
    "ABORT",
    "STATUS",
];
const TIMEOUTS: &[&str] = &["USER", "RETRANSMISSION", "TIME-WAIT"];

const NEXT: Column = Column { name: "NEXT", allows: |word| word == "same" || STATES.contains(&word) };

pub(crate) const SEGMENTS: Layout = Layout {
    name: "segments",
    keys: &[STATES, KINDS, PLACES, ACKS],
    answers: &[
        Column {
            name: "REPLY",
            allows: |word| {
                let resets = ["RST seq=SEG.ACK", "RST seq=0 ack=SEG.SEQ+SEG.LEN"];
                ["-", "ACK", "ACK?", "challenge", "SYN,ACK"].contains(&word) || resets.contains(&word)
            },
        },
        NEXT,
        Column {
            name: "NOTICE",
            allows: |word| {
                ["-", "established", "refused", "reset", "closing", "established,closing"].contains(&word)
            },
        },
        Column {
            name: "TAKEN",
            allows: |word| {
                word == "-"
                    || word.split(',').all(|part| {
                        ["ack", "fin", "hold", "syn", "2msl"].contains(&part)
                            || part.strip_prefix("text=").is_some_and(|text| text.parse::<u32>().is_ok())
                    })
            },
        },
    ],
};

pub(crate) const CALL: Layout = Layout {
    name: "calls",
    keys: &[STATES, CALLS],
    answers: &[
        Column {
            name: "REPLY",
            allows: |word| ["-", "SYN", "TEXT", "FIN,ACK", "RST seq=SND.NXT", "ACK"].contains(&word),
        },
        NEXT,
        Column {
            name: "RESULT",
            allows: |word| word == "ok" || word == "queued" || word.starts_with("error: "),
        },
    ],
};

pub(crate) const TIMEOUT: Layout = Layout {
    name: "timeouts",
    keys: &[STATES, TIMEOUTS],
    answers: &[
        Column {
            name: "REPLY",
            allows: |word| ["-", "SYN", "SYN,ACK", "front", "RST seq=SND.NXT"].contains(&word),
        },
        NEXT,
        Column { name: "NOTICE", allows: |word| word == "-" || word == "user timeout" },
    ],
};

/// The three tables.
pub(crate) const LAYOUTS: [&Layout; 3] = [&SEGMENTS, &CALL, &TIMEOUT];

/// No number has been agreed on: the segment's place means nothing.
fn placeless(state: &str) -> bool {
    ["CLOSED", "LISTEN", "SYN-SENT"].contains(&state)
}

fn exists_place(state: &str, place: &str) -> bool {
    match place {
        "any" => placeless(state),
        "irs" => state.starts_with("SYN-RECEIVED"),
        "fin" => ["CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"].contains(&state),
        _ => !placeless(state),
    }
}

fn exists_ack(state: &str, kind: &str, ack: &str) -> bool {
    // What carries text carries an ACK.
    let has_ack = kind.contains("ACK") || kind.contains("TEXT");
    if !has_ack || ack == "none" {
        return has_ack == (ack != "none");
    }
    match (state, ack) {
        ("CLOSED" | "LISTEN", ack) => ack == "some",
        ("SYN-SENT", ack) => ["old", "iss", "new", "ahead"].contains(&ack),
        (_, "some" | "iss") => false,
        // Nothing is outstanding.
        ("FIN-WAIT-2" | "TIME-WAIT", ack) => ack != "part" && ack != "new",
        (state, "part") => !state.starts_with("SYN-RECEIVED"),
        _ => true,
    }
}

fn exists_call(state: &str, call: &str) -> bool {
    match call {
        "RECEIVE queued" => !placeless(state),
        "CLOSE queued" => {
            ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSE-WAIT"].contains(&state)
                || state.starts_with("SYN-RECEIVED")
        }
        "CLOSE again" => state == "CLOSE-WAIT" || state.starts_with("SYN-RECEIVED"),
        _ => true,
    }
}

/// All cells of a table.
pub(crate) fn cells(layout: &Layout) -> Vec<Cell> {
    let mut cells: Vec<Cell> = vec![Vec::new()];
    for words in layout.keys {
        let longer = |cell: &Cell| {
            let cell = cell.clone();
            words.iter().map(move |word| cell.iter().copied().chain([*word]).collect())
        };
        cells = cells.iter().flat_map(longer).collect();
    }
    cells.retain(|cell| match (layout.name, cell.as_slice()) {
        ("segments", [state, kind, place, ack]) => exists_place(state, place) && exists_ack(state, kind, ack),
        ("calls", [state, call]) => exists_call(state, call),
        _ => true,
    });
    cells
}

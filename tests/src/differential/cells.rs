//! The systematic scripts: each state by each way, each kind of segment, each place in the window, each acknowledgment, both versions of IP;
//! and each call in each state.

use super::script::Script;

/// How a state is reached.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub steps: &'static str,
    /// The connection has a window, so places mean something.
    pub windowed: bool,
    /// Numbers that the peer has not acknowledged.
    pub outstanding: u32,
}

const fn setup(steps: &'static str, windowed: bool, outstanding: u32) -> Setup {
    Setup { steps, windowed, outstanding }
}

/// The states in the order of RFC 9293 §3.3.2, each in every way, and with text under way where there can be.
pub const SETUPS: [Setup; 26] = [
    setup("", false, 0),
    setup("listen", false, 0),
    setup("connect", false, 1),
    setup("listen; syn", true, 1),
    setup("connect; syn", true, 1),
    setup("listen; syn; ack", true, 0),
    setup("connect; syn+ack", true, 0),
    setup("listen; syn; ack; send 10", true, 10),
    setup("listen; syn; ack; shut", true, 1),
    setup("listen; syn; ack; send 10; shut", true, 11),
    setup("listen; syn; ack; shut; ack", true, 0),
    setup("listen; syn; ack; fin+ack", true, 0),
    setup("listen; syn; ack; fin+ack; send 10", true, 10),
    setup("listen; syn; ack; shut; fin+ack ack=una", true, 1),
    setup("listen; syn; ack; fin+ack; shut", true, 1),
    setup("listen; syn; ack; fin+ack; send 10; shut", true, 11),
    // TIME-WAIT by FIN-WAIT-2 and by CLOSING, with a listener beside it and without.
    setup("listen; syn; ack; shut; ack; fin+ack", true, 0),
    setup("listen; syn; ack; shut; fin+ack ack=una; ack", true, 0),
    setup("connect; syn+ack; shut; ack; fin+ack", true, 0),
    setup("connect; syn+ack; shut; fin+ack ack=una; ack", true, 0),
    // The user has gone.
    setup("connect; syn+ack; close", true, 1),
    setup("connect; syn+ack; close; ack", true, 0),
    setup("connect; syn+ack; close; fin+ack ack=una", true, 1),
    setup("connect; syn+ack; fin+ack; close", true, 1),
    setup("connect; syn+ack; close; ack; fin+ack", true, 0),
    setup("connect; syn+ack; close; fin+ack ack=una; ack", true, 0),
];

/// Kinds of segments, and whether they carry an ACK.
const KINDS: [(&str, bool); 13] = [
    ("syn", false),
    ("ack", true),
    ("fin", false),
    ("rst", false),
    ("syn+ack", true),
    ("fin+ack", true),
    ("rst+ack", true),
    ("syn+fin", false),
    ("data", true),
    ("data+fin", true),
    ("none", false),
    ("syn len=10", false),
    ("syn+ack len=10", true),
];

const CALLS: [&str; 7] = ["listen", "connect", "send 10", "receive", "shut", "close", "abort"];

/// What follows each: an old segment, whose answer tells SND.NXT and RCV.NXT; an acknowledgment of everything; what the user then gets.
const AFTER: &str = "ack seq=-1; ack; receive";

/// What takes more than one segment to see. Found by scripts from seeds.
const MORE: &[&str] = &[
    // Acknowledgments of what was never sent, where something is acknowledged already.
    "connect; syn+ack; shut; ack; ack ack=-200",
    "connect; syn+ack; shut; ack; data; fin+ack len=10 seq=-10 ack=-200",
    "connect; syn+ack; shut; ack; fin+ack ack=-200",
    "connect; syn+ack; shut; ack; data; ack len=100 seq=-10 ack=-200",
    "connect; syn+ack; close; ack ack=-200",
    "connect; syn+ack; close; fin+ack ack=una; ack ack=-200",
    "connect; syn+ack; fin+ack; close; ack ack=-200",
    "connect; syn+ack; fin+ack; close; ack len=10 seq=+10 ack=-200",
    "lazy; connect; syn+ack; ack len=10 ack=-200",
    "lazy; connect; syn+ack; fin+ack len=10 ack=-200",
    "lazy; connect; syn+ack; fin+ack ack=-200",
    // Acknowledgments that are delayed, and what takes them along.
    "lazy; connect; syn+ack; data; data; pause 300; data; send 10; ack",
    "lazy; listen; syn; ack; data; send 10; fin+ack; shut; ack",
    "lazy; connect; syn+ack; data; data seq=+5; data; fin+ack; pause 300",
    // SYNs before the window.
    "connect; syn+ack; send 10; send 10; syn+ack len=10 seq=-1",
    "listen; syn; syn+ack len=10 seq=-10",
    "listen; syn; syn len=10 seq=-10",
    "connect; syn+ack; send 10; data; syn+ack len=10 seq=-10 ack=-1",
    "connect; syn+ack; shut; ack; syn+ack len=10 seq=-1 ack=-200",
    "connect; syn+ack; send 249; fin+ack; syn+ack len=10 seq=-1 ack=-200",
    // Beyond the window, with text unread; at its edge, with all read; after the FIN.
    "connect; syn+ack; data; shut; fin+ack len=10 seq=edge-1",
    "connect; syn+ack; fin+ack; receive; ack len=1 seq=edge",
    "connect; syn+ack; fin+ack; shut; receive; ack len=10 seq=edge",
    "connect; syn+ack; send 10; send 10; ack len=1 seq=edge",
    // Sent again, with an acknowledgment that lets text go.
    "connect; syn+ack; fin+ack len=10; send 10; send 10; ack len=1 seq=-1",
    "connect; syn+ack; fin+ack len=10; send 10; send 10; fin+ack seq=-1",
    "connect; syn+ack; data; send 10; send 10; ack len=1 seq=-1",
    "connect; syn+ack; data; send 10; send 10; fin+ack seq=-1",
    "connect; syn+ack; fin+ack; send 10; send 10; psh+ack len=801 seq=-411",
    "connect; syn+ack; fin+ack; send 10; fin+ack len=10 seq=-10",
    // Text that an acknowledgment lets go, and windows that open.
    "connect; syn+ack; send 10; send 10; data",
    "connect; syn+ack win=0; shut; data",
    "connect; syn+ack win=0; send 10; shut; data",
    "connect; syn+ack win=0; send 10; psh+ack len=699 seq=-565",
    "connect; syn+ack win=0; send 10; shut; psh+ack len=533 seq=-62",
    "connect; syn+ack win=3000; data seq=+792 win=keep; send 1922; ack win=keep; send 1469",
    "connect; syn+ack win=2000; send 10; data seq=+455 win=keep; send 10; fin+ack; send 2133",
    // Acknowledgments that say nothing new.
    "connect; syn+ack; send 10; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; send 10; ack ack=una; send 1635; ack ack=una",
    "connect; syn+ack; fin+ack; send 10; ack ack=una; send 1942; ack ack=una",
    "connect; syn+ack; shut; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; send 10; ack ack=una; shut; ack ack=una",
    "connect; syn+ack; close; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; send 10; ack ack=una; close; ack ack=una",
    "connect; syn+ack; send 1237; ack ack=una; ack ack=una; ack ack=una; close; ack ack=una",
    "connect; syn+ack; fin+ack; shut; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; fin+ack; close; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; fin+ack; send 10; ack ack=una; ack ack=una; ack ack=una",
    "connect; syn+ack; send 320; ack ack=una; send 712; shut; ack ack=una",
    "connect; syn+ack; send 10; ack ack=una; send 1419; close; ack ack=una",
    "connect; syn+ack; ack; send 10; ack ack=una; close; ack ack=una",
    "timestamps; connect; syn+ack; fin+ack len=10; ack ts=-50",
    // The user goes, or gives up.
    "connect; syn+ack; close; ack len=10 seq=-1 ack=-200",
    "connect; syn+ack; data seq=+9; close; ack; data",
    "connect; syn+ack; data seq=+5; close; data",
    "connect; syn+ack; data; close",
    "connect; syn+ack; data; shut; close",
    "connect; syn+ack; data; shut; ack; close",
    "connect; syn+ack; fin+ack len=10; close",
    "connect; syn+ack; fin+ack len=10; send 10; send 10; close",
    "connect; syn+ack; fin+ack len=10; shut; close",
    "connect; syn+ack; data; shut; fin+ack ack=una; close",
    "connect; syn+ack win=0; fin+ack len=10 win=keep; close",
    "connect; syn+ack win=0; fin+ack win=keep; shut",
    "connect; syn+ack win=0; fin+ack win=keep; close",
    "connect; syn+ack win=0; send 10; close; fin+ack len=10 win=keep",
    "connect; syn+ack win=0; close; fin+ack len=10",
    "connect; syn+ack win=0; shut; fin+ack win=keep; abort",
    "connect; syn+ack; fin+ack len=10; shut; abort",
    // How it ended.
    "connect; syn+ack; rst; send 10; receive",
    "connect; syn+ack; rst; receive; send 10",
    "connect; syn+ack; rst; shut",
    "connect; syn+ack; fin+ack; shut; ack; send 10",
    "connect; shut; send 10",
    "connect; syn+ack; data; rst; receive",
    // Closed windows are probed.
    "connect; syn+ack win=0; send 10; pause 1300",
    "connect; syn+ack win=0; fin+ack win=keep; send 10; pause 1300",
    "connect; syn+ack win=0; send 10; shut; pause 1300",
    "connect; syn+ack win=0; shut; pause 1300",
    "connect; syn+ack win=0; close; pause 1300",
    "connect; syn+ack win=0; close; fin+ack win=keep; pause 1300",
    // Nothing is acknowledged.
    "connect; pause 1300; syn+ack; ack",
    "listen; syn; pause 1300; ack; data",
    "connect; syn; pause 1300; ack; data",
    "connect; syn+ack; send 10; pause 1300; ack",
    "connect; syn+ack; shut; pause 1300; ack",
    "connect; syn+ack; fin+ack; shut; pause 1300; ack",
];

/// Each kind of segment with an old timestamp or none, where timestamps are agreed on.
pub fn stamped(ipv6: bool) -> Vec<Script> {
    let mut scripts = Vec::new();
    for setup in SETUPS {
        for (kind, acks) in KINDS {
            let (flags, len) = kind.split_once(' ').unwrap_or((kind, ""));
            for seq in places(setup, kind) {
                let some = if setup.outstanding > 0 { vec!["ack=una", "ack=+0"] } else { vec!["ack=+0"] };
                for ack in if acks { some } else { vec![""] } {
                    for stamp in ["ts=-50", "ts=none", "ts=+0"] {
                        scripts
                            .push(format!("{}; {flags} {len} seq={seq} {ack} {stamp}; {AFTER}", setup.steps));
                    }
                }
            }
        }
    }
    let script = |text: String| Script { ipv6, timestamps: true, ..text.parse().expect("a script") };
    scripts.into_iter().map(script).collect()
}

/// Connections whose receive window is closed.
const CLOSED: [Setup; 5] = [
    setup("connect; syn+ack; fill", true, 0),
    setup("connect; syn+ack; send 10; fill", true, 0),
    setup("connect; syn+ack; fill; send 10", true, 10),
    setup("connect; syn+ack; fill; shut", true, 1),
    setup("connect; syn+ack; shut; ack; fill", true, 0),
];

/// Each kind of segment to a closed window, at its edge and around it.
pub fn closed(ipv6: bool) -> Vec<Script> {
    let mut scripts = Vec::new();
    for setup in CLOSED {
        for (kind, acks) in KINDS {
            let (flags, len) = kind.split_once(' ').unwrap_or((kind, ""));
            for seq in ["-100", "-11", "-10", "-1", "+0", "+1", "+100"] {
                for ack in if acks { acknowledgments(setup) } else { vec![String::new()] } {
                    scripts.push(format!("{}; {flags} {len} seq={seq} {ack}; ack seq=-1; ack", setup.steps));
                }
            }
        }
    }
    let script = |text: String| Script { ipv6, ..text.parse().expect("a script") };
    scripts.into_iter().map(script).collect()
}

/// All systematic scripts for one version of IP, but for timestamps.
pub fn all(ipv6: bool) -> Vec<Script> {
    let mut scripts = Vec::new();
    for setup in SETUPS {
        for (kind, acks) in KINDS {
            for seq in places(setup, kind) {
                let (flags, len) = kind.split_once(' ').unwrap_or((kind, ""));
                for ack in if acks { acknowledgments(setup) } else { vec![String::new()] } {
                    scripts.push(format!("{}; {flags} {len} seq={seq} {ack}; {AFTER}", setup.steps));
                }
            }
        }
        scripts.extend(CALLS.map(|call| format!("{}; {call}; {AFTER}", setup.steps)));
    }
    scripts.extend(MORE.iter().map(|script| (*script).to_owned()));
    let script = |text: String| Script { ipv6, ..text.parse().expect("a script") };
    scripts.into_iter().map(script).collect()
}

fn places(setup: Setup, kind: &str) -> Vec<String> {
    if !setup.windowed {
        return vec!["+0".into()];
    }
    let len = match kind {
        "data" => 10,
        "data+fin" | "syn len=10" | "syn+ack len=10" => 11,
        "syn+fin" => 2,
        "ack" | "rst" | "rst+ack" | "none" => 0,
        _ => 1,
    };
    let mut places = vec!["-100".into(), format!("-{}", len.max(1)), "+0".into(), "+100".into()];
    places.extend(["edge-1", "edge", "edge+1000"].map(String::from));
    if len > 1 {
        places.push("-1".into());
        places.push(format!("edge-{len}"));
    }
    places
}

fn acknowledgments(setup: Setup) -> Vec<String> {
    let mut acks = vec!["ack=una-70000", "ack=una-1", "ack=una", "ack=+1", "ack=+100000"];
    if setup.outstanding > 0 {
        acks.push("ack=+0");
    }
    if setup.outstanding > 1 {
        acks.push("ack=una+1");
        // All but the FIN.
        acks.push("ack=-1");
    }
    acks.into_iter().map(String::from).collect()
}

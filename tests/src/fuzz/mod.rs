//! Fuzz targets: functions that take octets and panic where something is wrong.
//!
//! They know the protocol. They complete handshakes, keep numbers near the window and let time pass, since octets alone never get past a checksum. Octets that are
//! missing count as zero, so every input is a whole run.
//!
//! `tests/fuzz` lets a fuzzer with coverage run them (it needs nightly). `tests/tests/corpus.rs` runs each over its corpus, and says which rows fired.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

mod by_hand;
mod choice;
mod cookie;
mod explorer;
mod kernel;
mod one_end;
mod two_ends;
mod wire;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use tcpspec::{EventKind, Row};

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Rows of the table fire.
    pub has_rows: bool,
    /// It needs root, TUN, and the kernel for which the list of differences was made.
    pub needs_kernel: bool,
}

/// All targets.
pub const TARGETS: [Target; 7] = [
    Target { name: "wire", run: wire::run, has_rows: false, needs_kernel: false },
    Target { name: "one_end", run: one_end::run, has_rows: true, needs_kernel: false },
    Target { name: "two_ends", run: two_ends::run, has_rows: true, needs_kernel: false },
    Target { name: "by_hand", run: by_hand::run, has_rows: true, needs_kernel: false },
    // It runs the stack, but its rows are those of any handshake.
    Target { name: "cookie", run: cookie::run, has_rows: false, needs_kernel: false },
    Target { name: "explorer", run: explorer::run, has_rows: false, needs_kernel: false },
    Target { name: "kernel", run: kernel::run, has_rows: false, needs_kernel: true },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Runs the target of this name.
///
/// # Panics
///
/// If there is none, and where something is wrong.
pub fn run(name: &str, octets: &[u8]) {
    (target(name).expect("a target of that name").run)(octets);
}

/// Where the corpus of a target lies.
pub fn corpus(target: &Target) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

/// The rows of the table that can fire in this target and are not among these.
pub fn silent(target: &Target, fired: &BTreeSet<&'static str>) -> Vec<&'static str> {
    // The match by hand has the rules of SEGMENT ARRIVES only.
    let can =
        |row: &Row| target.has_rows && (target.name != "by_hand" || row.info().event == EventKind::Segment);
    Row::ALL.into_iter().filter(can).map(Row::name).filter(|row| !fired.contains(row)).collect()
}

/// The line of `silent.txt` about a row that no input fires.
pub fn line(target: &Target, row: &str) -> String {
    let why = reason(target.name, row).unwrap_or("not yet");
    format!("{} {row}: {why}", target.name)
}

/// Rows that fire on no stack (docs/table.md).
const ON_NO_STACK: &[&str] = &[
    "delayed_ack_idle",
    "held_fin_early",
    "held_fin_late",
    "held_fin_unproven",
    "held_text_early",
    "held_text_late",
    "held_text_unproven",
    "open_nowhere",
    "orphan_idle",
    "probe_give_up",
    "probe_give_up_letter",
    "probe_idle",
    "probe_nothing",
    "probe_outstanding",
    "retransmission_acked",
    "retransmission_idle",
    "status_closed",
    "status_open",
    "time_wait_idle",
    "user_timeout_idle",
];

/// Rows that cannot fire between two stacks and an adversary, and why.
const NOT_OF_TWO: &[(&str, &[&str])] = &[
    (
        "`reuse_time_wait` is off",
        &[
            "abort_reuse",
            "close_reuse",
            "close_reuse_text",
            "give_up_reuse",
            "open_reuse",
            "release_reuse",
            "release_reuse_text",
            "reuse_crossed",
            "reuse_newer",
            "reuse_refused",
            "syn_sent_reset_reuse",
        ],
    ),
    (
        "options are as by default",
        &[
            "ack_text_letter",
            "ack_time_wait",
            "ack_time_wait_bad",
            "fin_time_wait",
            "give_up_letter",
            "no_timestamp",
            "receive_left",
            "reopen_number",
            "reopen_timestamp",
            "rst_listens",
            "rst_reset_letter",
            "syn_reset",
            "syn_reset_letter",
            "timestamp_letter",
        ],
    ),
    (
        "its users ask for neither",
        &[
            "keep_alive_busy",
            "keep_alive_give_up",
            "keep_alive_give_up_letter",
            "keep_alive_idle",
            "keep_alive_later",
            "keep_alive_probe",
            "user_timeout",
            "user_timeout_letter",
            "user_timeout_reuse",
        ],
    ),
    (
        "a listener takes the SYNs, and no OPEN is passive",
        &[
            "listen_again",
            "listen_open",
            "listen_open_nowhere",
            "rst_closed",
            "rst_passive",
            "rst_passive_text",
            "rst_released",
            "send_listen",
            "send_listen_nowhere",
            "syn_closed",
            "syn_passive",
            "syn_passive_text",
            "syn_released",
        ],
    ),
    ("the send buffer holds all that is written", &["send_no_room"]),
    (
        "its adversary sends no ICMP",
        &[
            "unreachable_abort",
            "unreachable_abort_letter",
            "unreachable_attempt",
            "unreachable_child",
            "unreachable_closed",
            "unreachable_crossed",
            "unreachable_idle",
            "unreachable_later",
            "unreachable_passive",
            "unreachable_passive_text",
            "unreachable_released",
            "unreachable_reuse",
            "unreachable_soft",
            "unreachable_stray",
        ],
    ),
];

/// Why a row fires in no input of a target: because it cannot there.
pub fn reason(target: &str, row: &str) -> Option<&'static str> {
    let of_two = || NOT_OF_TWO.iter().find(|(_, rows)| rows.contains(&row)).map(|(why, _)| *why);
    match target {
        "one_end" | "two_ends" if ON_NO_STACK.contains(&row) => Some("on no stack (docs/table.md)"),
        "two_ends" => of_two(),
        _ => None,
    }
}

static FIRED: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A row has fired.
fn fired(row: &'static str) {
    FIRED.lock().unwrap().insert(row);
}

/// The rows that have fired since this was last asked.
pub fn rows() -> BTreeSet<&'static str> {
    std::mem::take(&mut *FIRED.lock().unwrap())
}

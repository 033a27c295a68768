//! `docs/faults.md`: what is drawn, what is checked, and what came of it. The figures are those of the runs just made.

use super::plan::Feature;
use super::tally::Tally;
use std::fmt::Write as _;
use tcpspec::Row;
use tcpspec_explorer::search::grouped;

/// What is checked, and when.
const CHECKED: &[(&str, &str)] = &[
    (
        "text",
        "what a user reads is, octet by octet, what the peer's user has written from the beginning on; where the text ends, all of it was read and its writer has closed",
    ),
    (
        "told",
        "a user whose connection is over without an error has had all of its text acknowledged, and the peer's user had got it; a connection that is over, and that its user has not ended, has an error",
    ),
    (
        "R2",
        "a user with text that waits hears of the end after R2, two longest retransmission timeouts and 68 s of silence at the latest",
    ),
    ("user timeout, keep-alive", "they end a connection within 8 s of their time"),
    (
        "released connections",
        "without progress they are over within `orphan_timeout` and 12 s, TIME-WAIT within 2MSL and 12 s after the last packet, an attempt that nobody has accepted within `r2_syn`, two longest retransmission timeouts and 12 s",
    ),
    (
        "bounds",
        "octets that wait to be sent and to be read, connections that wait to be accepted, released connections and what they keep, and the memory of all (and what each connection may exceed it by) stay within their settings, at each look",
    ),
    ("readiness", "whoever waits for something that has come was told"),
    (
        "the end",
        "once all users have left and the listener is closed, both ends come to rest by themselves within six hours of simulated time: no timer, no connection, no octet of a released connection is left, nothing waits to be sent, and the port is free",
    ),
    ("the model", "allows each event, with the same rows, timers and segments"),
    ("panics", "there are none"),
];

/// What the runs do not have, of what one might expect.
const MISSING: &[&str] = &[
    "Corruption that no checksum notices is made and counted. It ends the comparison of text in that run, and what users are told is not checked from then on; timers, bounds, the end and the model still are.",
    "A cookie does not say whether it was used. If the connection that it made has ended and the peer does not know, the peer's next segment makes another one, with the same numbers. Text of both may then be mixed. Such a run is counted. From then on it is checked like a run with corruption that no checksum notices.",
    "Octets that came early and that wait in a connection that a user holds cannot be seen from outside, so their bound is not checked here; nor is the memory that the process takes.",
    "A client that connects again from the same port does so while the old pair of sockets may still be known to the server, but runs in which old segments outlive a reboot without quiet time and hit the new window by chance are too rare to be seen.",
    "These options of the table keep their defaults, since without them a promise is given up that is checked here: `edge_acks`, `answers_limited`, `old_fin_restarts_2msl`, `drain_after_fin`, `drain_after_reset`, `loss_is_told`, `close_heeded`, `handshake_first`, `new_ack_window`, `timestamp_after_ack`, `rst_heeds_opener`. [What goes wrong](book/src/what-goes-wrong.md) shows what they do when they are off.",
    "A user that writes before the connection is established mostly closes then, too. That gives the attempt up, with its text (§3.10.4). So most connections with `early-text` are short.",
    "`orphan_timeout` of zero, a limited rate of the line, the quiet time, gateways and the stack's threads are not drawn.",
];

/// Other runs than these.
const OTHERS: &[&str] = &[
    "An hour across a TUN device has its own command, as root: `cargo run --release -p tcpspec-tests --bin soak -- --tun`. The kernel is the other end, and a device between them loses, doubles, delays, reorders and corrupts packets, with other chances every few seconds. On 30 November 2026 it ran for 3600 s with seed 1: 35,231 MiB compared octet by octet, 114,351 ping-pongs, 66,189 connections, 8,159 of them reset on purpose, each event judged by the model. Nothing was lost, and the process had 25,604 KiB in memory in the second quarter of the hour and 26,752 KiB in the last. CI runs half a minute. Since then odd seeds have segmentation offload, and half of all seeds a bound of 300,000 octets for memory; while that is short no connection is made, as the configuration says. With both (seed 30112027), beside builds, an hour compared 3,781 MiB, with 54,482 ping-pongs and 24,892 connections; 2,133 were reset on purpose, and 2,993 attempts waited for memory. Nothing was lost, and the process had 9,424 KiB in the second quarter and 9,632 KiB in the last.",
    "The stack's threads run in many orders in seven small programs (`stack/src/sockets/interleavings.rs`, with the scheduler shuttle): `RUSTFLAGS=\"--cfg shuttle\" cargo test -p tcpspec-stack --no-default-features --lib --target-dir target/shuttle interleavings`. Wakers of tasks, timeouts and event loops are not among them. Of nine faults put into the runtime six were noticed. Of the other three, one only delays (the stack's thread looks again by itself), and two were not noticed in 4,000 orders of each scheduler.",
    "ThreadSanitizer, with a nightly toolchain that has `rust-src`: the stack's own 122 tests (`RUSTFLAGS=-Zsanitizer=thread cargo +nightly test -Zbuild-std --target x86_64-unknown-linux-gnu -p tcpspec-stack --no-default-features --lib`) and the 164 tests of its sockets and threads (`-p tcpspec-tests --test sockets` instead) passed without a report on 30 November 2026.",
    "Not run to its end: miri (`cargo +nightly miri test -p tcpspec-stack --no-default-features --lib buffer`). The first tests pass; the random ones take too long.",
];

fn thousands(number: u64) -> String {
    grouped(number as usize)
}

/// Whether the page has all that is drawn and checked now, and says of nothing that it is missing what is not.
pub fn is_current(page: &str) -> bool {
    let drawn = |feature: &Feature| {
        page.contains(&format!("| `{}` |", feature.word())) && page.contains(feature.says())
    };
    Feature::ALL.iter().all(drawn)
        && CHECKED.iter().all(|(what, how)| page.contains(&format!("| {what} | {how} |")))
        && MISSING.iter().all(|text| page.contains(&format!("- {text}\n")))
        && OTHERS.iter().all(|text| page.contains(&format!("- {text}\n")))
        && page.matches("\n- ").count() == MISSING.len() + OTHERS.len() + FOUND
}

/// Lines about what was found.
const FOUND: usize = 3;

/// The page about these runs, of seeds from 0 on.
pub fn page(tally: &Tally, runs: u64) -> String {
    let mut page = String::from("# Faults, in simulation\n\n");
    let _ = write!(
        page,
        "Written by `cargo run --release -p tcpspec-tests --bin soak -- --doc docs/faults.md --runs {runs}`. \
         Each seed draws a run of two stacks in simulated time: which of the features below it has (a tenth of them in some runs, most of them in others), how bad they are, and when \
         things happen. The same seed gives the same run: `cargo run --release -p tcpspec-tests --bin soak -- --seed 7` tells what happens in it.\n\n\
         A seed that fails is shrunk: features, events and faults of single packets go while the failure stays. What is left is printed as one line that repeats it, and the last packets \
         are written as a capture with the rows that fired, which [the explorer](book/src/getting-started.md) opens. `cargo run --release -p tcpspec-tests --bin soak` goes on until Ctrl-C. CI runs the first 100,000 seeds.\n\n",
    );
    let _ = write!(
        page,
        "{} runs with {} events and {} packets: {}. The model judged each event ({} events of the machine, of which a step of a run may have several); {} of {} rows fired.\n\n",
        thousands(tally.of("runs")),
        thousands(tally.of("events")),
        thousands(tally.of("packets")),
        if tally.failed.is_empty() {
            "none fails".to_owned()
        } else {
            format!("{} fail", tally.failed.len())
        },
        thousands(tally.of("events judged")),
        tally.rows.len(),
        Row::ALL.len(),
    );
    page += "## What is drawn\n\nChances are drawn anew for each direction; the worst is drawn for one in 20. Times between two bounds are drawn so that each order of magnitude is as likely.\n\n| feature | runs | what it does |\n|---|---:|---|\n";
    for feature in Feature::ALL {
        let runs = tally.features.get(feature).copied().unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {} | {} |", feature.word(), thousands(runs), feature.says());
    }
    page += "\n## What is checked\n\n| what | how |\n|---|---|\n";
    for (what, how) in CHECKED {
        let _ = writeln!(page, "| {what} | {how} |");
    }
    page += "\n## What happened\n\n| what | how often |\n|---|---:|\n";
    for (name, count) in &tally.counts {
        let _ = writeln!(page, "| {name} | {} |", thousands(*count));
    }
    page += "\n## What was found\n\n\
         - **Acknowledgments that answer each other** (mended: option `answers_limited`, rows `outside_bare` and `old_timestamp_bare`). A SYN that was duplicated comes so late that its connection is over at the listener, and in TIME-WAIT at \
         the other end. By the letter the listener's new child and the old end answer each other's acknowledgments, since each lies outside the other's window, until R2 of the SYN or 2MSL is over. It was seen in two of 400,000 runs. \
         [In the model](hazards.md#12-ack-storms) it takes 20 steps.\n";
    page += "- **A timer for a connection that is over** (mended). A connection that was reset before it was accepted got a timer when it was accepted, which had nothing to do. The seed 1572 had found it.\n\
         - **A cookie that is used twice** (not mended; the documentation of `Listen::cookies` says it): see *What is not covered*.\n";
    page += "\n## What is not covered\n\n";
    for text in MISSING {
        let _ = writeln!(page, "- {text}");
    }
    page += "\n## Other runs\n\n";
    for text in OTHERS {
        let _ = writeln!(page, "- {text}");
    }
    page
}

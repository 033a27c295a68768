//! Attacks: what the attacker pays, and what comes of it. In simulated time, but for what is measured of Linux (across a TUN device) and of response times.
//!
//! `docs/security.md` is written from here.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

pub mod acks;
pub mod amplification;
pub mod blind;
pub mod disagreement;
pub mod document;
pub mod flood;
pub mod initial_numbers;
pub mod piles;
pub mod times;

/// With a comma between thousands.
fn grouped(number: u64) -> String {
    tcpspec_explorer::search::grouped(number as usize)
}

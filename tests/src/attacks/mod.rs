//! Attacks: what the attacker pays, and what comes of it. All in simulated time; only what is measured of Linux is across a TUN device.
//!
//! `docs/security.md` is written from here.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

pub mod amplification;
pub mod blind;
pub mod document;
pub mod flood;
pub mod initial_numbers;
pub mod piles;

/// With a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

//! What is lost, what is sent again, and when something is sent or acknowledged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod recovery;
mod reports;
mod retransmission;
mod sending;

//! What careless or hostile peers, routers and users must not achieve.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod blind;
mod content;
mod defence;
mod figures;
mod hostile;

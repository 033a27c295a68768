//! What the project says of itself: floors and laws of the sources, names, packages, and every command that is shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod floors;
mod laws;
mod names;
mod packages;
mod shown;

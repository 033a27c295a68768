//! The example of claims of one's own, asked within a process. `.ci/run` builds and tests the same crate outside the workspace.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

#[path = "../../examples/own-claims/tests/asked.rs"]
mod asked;

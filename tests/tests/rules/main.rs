//! What the rules ask of a connection: its states, its numbers, its limits and its settings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod initial;
mod limits;
mod lost;
mod memory;
mod options;
mod orphans;
mod passive;
mod passive_random;
mod refused;
mod required_of_connections;
mod required_of_segments;
mod rest;
mod reuse;
mod rows_on_the_stack;
mod settings;
mod simulation;
mod urgent;

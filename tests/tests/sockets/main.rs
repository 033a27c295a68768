//! Sockets as applications use them: the shapes of `std::net` and of tokio, on two stacks that are joined in memory or on one alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod cooperation;
mod counters;
mod ecosystem;
mod endings;
mod listening;
mod loopback;
mod ready;
mod sockets;
mod tasks;
mod tokio;
mod without_thread;

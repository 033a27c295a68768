//! Others who judge table and stack: the RFC by hand, the model, the kernel of this machine, other parsers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod differential;
mod hostile_packets;
mod inclusion;
mod inclusion_small;
mod kernel;
mod kernel_passive;
mod kernel_recovery;
mod rfc_matrix;
mod second_parser;
mod tshark;

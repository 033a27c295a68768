//! What lies below TCP: packets, ICMP, paths, devices, gateways.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

mod devices;
mod gateway;
mod icmp;
mod parameter_problem;
mod path_mtu;
mod queues;
mod spread;
mod tun;
mod unreachable;
mod wire;

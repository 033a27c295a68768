//! What the tests share.

pub mod attacks;
#[cfg(target_os = "linux")]
pub mod differential;
pub mod fuzz;
#[cfg(target_os = "linux")]
pub mod long;
mod namespace;
pub mod peer;
pub mod programs;
pub mod reached;
pub mod shown;
pub mod simulated;
pub mod sources;
pub mod swarm;

pub use namespace::{
    KERNEL, KERNEL6, STACK, STACK6, skip, unshare, wait_for_ipv6, with_device, with_kernel, with_started,
};

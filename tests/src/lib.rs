//! What the tests share.

#[cfg(target_os = "linux")]
pub mod differential;
mod namespace;
pub mod peer;
pub mod programs;
pub mod shown;
pub mod simulated;
pub mod sources;
pub mod swarm;

pub use namespace::{
    KERNEL, KERNEL6, STACK, STACK6, skip, unshare, wait_for_ipv6, with_device, with_kernel, with_started,
};

//! What the tests share.

mod namespace;
pub mod peer;
pub mod programs;
pub mod simulated;

pub use namespace::{KERNEL, KERNEL6, STACK, STACK6, with_device, with_kernel};

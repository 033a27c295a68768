//! What the tests share.

mod namespace;
pub mod simulated;

pub use namespace::{KERNEL, STACK, with_kernel};

//! Settings: of a stack, of one connection, and what they can be.

mod builders;
mod check;
mod connection;
mod initial;
mod listen;
mod stack;

pub(crate) use check::check_hop_limit;
#[cfg(feature = "tun")]
pub(crate) use check::{check_mtu, check_prefix};
pub use connection::{KeepAlive, Settings};
pub use initial::Initial;
pub use listen::Listen;
pub use stack::Config;

//! Sockets with the shapes of `std::net` and of tokio.

#[cfg(feature = "tokio")]
pub mod asynchronous;
mod debug;
#[cfg(test)]
mod drives;
pub mod net;
pub(crate) mod shards;
pub(crate) mod socket;

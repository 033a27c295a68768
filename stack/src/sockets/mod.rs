//! Sockets with the shapes of `std::net` and of tokio.

#[cfg(feature = "tokio")]
pub mod asynchronous;
mod debug;
#[cfg(test)]
mod drives;
#[cfg(all(test, shuttle))]
mod interleavings;
pub mod net;
pub(crate) mod shards;
pub(crate) mod socket;

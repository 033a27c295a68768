//! Where packets come from and go to.

pub mod memory;
#[cfg(all(feature = "tun", target_os = "linux"))]
pub mod tun;

use std::io;
use std::time::Duration;

/// A device that the [`runtime`](crate::runtime) drives: whole IP packets.
pub trait Device: Send + Sync + 'static {
    /// Waits for a packet, at most this long (`None`: for ever). `None` if none came or somebody called [`wake`](Self::wake).
    ///
    /// # Errors
    ///
    /// The device is gone.
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<usize>>;

    /// Sends a packet.
    ///
    /// # Errors
    ///
    /// The packet is lost, as packets are.
    fn send(&self, packet: &[u8]) -> io::Result<()>;

    /// Ends the waiting of [`receive`](Self::receive).
    fn wake(&self);
}

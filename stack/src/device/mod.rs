//! Where packets come from and go to.
//!
//! | device | what it is |
//! |---|---|
//! | [`tun::Tun`] | a TUN device: the kernel of this machine on the other side (feature `tun`) |
//! | [`descriptor::Descriptor`] | an open file descriptor, a TUN's or a socket's; needs no privileges (feature `tun`, Unix) |
//! | [`pair::pair`] | two devices joined in memory, for tests without TUN and root |
//! | [`faulty::Faulty`] | wraps another: loses, duplicates, delays, reorders, corrupts, limits the rate |
//! | [`spread::Spread`] | wraps one of several queues: connections are spread over several stacks by their flow |
//! | [`pcap::Pcap`] | wraps another: writes each packet, with the rows that fired, as pcapng |
//! | [`memory::Link`] | not a device: two endpoints in simulated time |

#[cfg(all(feature = "tun", unix))]
pub mod descriptor;
pub mod faulty;
pub mod memory;
pub mod pair;
pub mod pcap;
#[cfg(all(feature = "tun", target_os = "linux"))]
mod ring;
#[cfg(all(feature = "tun", target_os = "linux"))]
mod route;
pub mod spread;
#[cfg(feature = "tun")]
pub mod tun;
#[cfg(all(feature = "tun", unix))]
mod virtio;

use crate::wire::packet::{Capabilities, Offload, Packet};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tcpspec::Row;

/// A device that the [`runtime`](crate::runtime) drives: whole IP packets.
///
/// The thread that drives the stack calls it, and so do threads that use the stack: when the endpoint is not locked, and one at a time for receiving and for sending. It may call the stack, but a call that
/// waits for other packets waits for itself.
pub trait Device: Send + Sync + 'static {
    /// Waits for a packet, at most this long (`None`: for ever). `None` if none came or [`wake`](Self::wake) was called.
    /// If a packet is larger than the buffer, the rest of it is lost.
    ///
    /// # Errors
    ///
    /// The device is gone.
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>>;

    /// Sends a packet, which leaves to the device no more than its [`capabilities`](Self::capabilities).
    ///
    /// # Errors
    ///
    /// The packet is lost, as packets are.
    fn send(&self, packet: &Packet) -> io::Result<()>;

    /// Sends several packets, in order. A packet that cannot be sent is lost, as packets are. By default each goes through [`send`](Self::send).
    fn send_all(&self, packets: &[Packet]) {
        for packet in packets {
            let _ = self.send(packet);
        }
    }

    /// Ends the waiting of [`receive`](Self::receive), this time or the next.
    fn wake(&self);

    /// Descriptors of which one is readable when a packet is there or [`wake`](Self::wake) was called. None by default.
    #[cfg(unix)]
    fn descriptors(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
        Vec::new()
    }

    /// What the stack may leave to the device, and which flows it brings. A device around another one passes on what that one says, at least its [flows](Capabilities::flows).
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Whether it wants to know which rows fire ([`handled`](Self::handled), [`Packet::rows`]).
    fn wants_rows(&self) -> bool {
        false
    }

    /// The packet received last has been processed: these rows fired.
    fn handled(&self, rows: &[Row]) {
        let _ = rows;
    }
}

/// A packet that stands in the buffer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Arrived {
    /// Its octets.
    pub len: usize,
    /// What its sender has left to us.
    pub offload: Offload,
}

/// What points to a device is one.
macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        impl<D: Device + ?Sized> Device for $pointer<D> {
            fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
                (**self).receive(packet, wait)
            }

            fn send(&self, packet: &Packet) -> io::Result<()> {
                (**self).send(packet)
            }

            fn send_all(&self, packets: &[Packet]) {
                (**self).send_all(packets);
            }

            fn wake(&self) {
                (**self).wake();
            }

            #[cfg(unix)]
            fn descriptors(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
                (**self).descriptors()
            }

            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }

            fn wants_rows(&self) -> bool {
                (**self).wants_rows()
            }

            fn handled(&self, rows: &[Row]) {
                (**self).handled(rows);
            }
        }
    )*};
}

pointers! { Box Arc }

//! A device behind an open file descriptor: a TUN that another program has opened, or a socket that keeps packets apart. It needs no privileges.
//!
//! ```
//! use std::os::fd::OwnedFd;
//! use std::os::unix::net::UnixDatagram;
//! use tcpspec_stack::device::descriptor::{Descriptor, Framing};
//! use tcpspec_stack::{Config, Stack};
//!
//! // A program with the privileges has opened it and has handed it over.
//! let (ours, _theirs) = UnixDatagram::pair()?;
//! let device = Descriptor::new(OwnedFd::from(ours), Framing::Plain)?;
//! let stack = Stack::start(device, Config::new([10, 7, 0, 2]))?;
//! # Ok::<(), std::io::Error>(())
//! ```

#[cfg(target_os = "linux")]
use super::ring::{self, Ring};
use super::virtio;
use super::{Arrived, Device};
use crate::wire::packet::{Capabilities, Offload, Packet, Writes};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio, read, readv, write, writev};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What stands before each packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Framing {
    /// Nothing (`IFF_NO_PI`).
    Plain,
    /// The virtio-net header of 10 octets (`IFF_NO_PI | IFF_VNET_HDR`): segments of up to 64 KiB pass whole.
    VirtioNet,
}

/// A device behind a file descriptor.
#[derive(Debug)]
pub struct Descriptor {
    fd: OwnedFd,
    framing: Framing,
    /// Nothing was there when it was read last.
    dry: AtomicBool,
    /// Two ends: a write into one wakes a thread that waits for the other.
    wake: (UnixStream, UnixStream),
    /// Something was written there.
    woken: AtomicBool,
    #[cfg(target_os = "linux")]
    ring: Option<Ring>,
}

impl Descriptor {
    /// A device on this descriptor. Each read and each write must be one packet with this framing. The descriptor becomes non-blocking.
    ///
    /// On Linux many packets without a header are written in one system call, through io_uring. Where the kernel refuses that, each packet has a system call of its own;
    /// [`Stack::table`](crate::Stack::table) says which it is.
    ///
    /// # Errors
    ///
    /// Those of the system; the descriptor is closed then.
    pub fn new(fd: OwnedFd, framing: Framing) -> io::Result<Self> {
        ioctl_fionbio(&fd, true)?;
        let wake = UnixStream::pair()?;
        wake.0.set_nonblocking(true)?;
        wake.1.set_nonblocking(true)?;
        #[cfg(target_os = "linux")]
        let ring = if framing == Framing::Plain { Ring::new() } else { None };
        Ok(Self {
            fd,
            framing,
            dry: AtomicBool::new(false),
            wake,
            woken: AtomicBool::new(false),
            #[cfg(target_os = "linux")]
            ring,
        })
    }

    /// Writes each packet with a system call of its own, though the kernel has io_uring.
    #[must_use]
    pub fn without_io_uring(self) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            ring: None,
            ..self
        }
    }

    /// A packet, if there is one.
    fn try_read(&self, packet: &mut [u8]) -> io::Result<Option<Arrived>> {
        let read = self.read(packet);
        self.dry.store(read.is_err(), Ordering::Relaxed);
        match read {
            Ok(arrived) => Ok(Some(arrived)),
            Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn drain(&self) {
        while matches!((&self.wake.0).read(&mut [0; 64]), Ok(64)) {}
    }

    fn read(&self, packet: &mut [u8]) -> Result<Arrived, Errno> {
        let mut header = [0; virtio::LEN];
        let (len, offload) = match self.framing {
            Framing::Plain => (read(&self.fd, packet)?, Offload::default()),
            Framing::VirtioNet => {
                let len = readv(&self.fd, &mut [IoSliceMut::new(&mut header), IoSliceMut::new(packet)])?;
                (len.saturating_sub(virtio::LEN), virtio::parse(&header))
            }
        };
        // No packet is empty: the other end has been closed, and reading would give this again and again.
        if len == 0 { Err(Errno::PIPE) } else { Ok(Arrived { len, offload }) }
    }
}

impl Device for Descriptor {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let at_once = wait.is_some_and(|wait| wait.is_zero());
        // An event loop that waits for the descriptors must not be told of the same wake-up again.
        if at_once && self.woken.swap(false, Ordering::SeqCst) {
            self.drain();
        }
        // While packets are there, no wait is needed.
        if at_once || !self.dry.load(Ordering::Relaxed) {
            let arrived = self.try_read(packet)?;
            if at_once || arrived.is_some() {
                return Ok(arrived);
            }
        }
        let readable = PollFlags::IN;
        let mut fds = [PollFd::new(&self.fd, readable), PollFd::new(&self.wake.0, readable)];
        // A wait that is too long for the system becomes one for ever.
        let limit = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match poll(&mut fds, limit.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let [device, wake] = fds.map(|fd| fd.revents());
        if !wake.is_empty() {
            self.woken.store(false, Ordering::SeqCst);
            self.drain();
        }
        if device.is_empty() {
            return Ok(None);
        }
        self.try_read(packet)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        match self.framing {
            Framing::Plain => write(&self.fd, packet)?,
            Framing::VirtioNet => {
                let header = virtio::header(packet);
                writev(&self.fd, &[IoSlice::new(&header), IoSlice::new(packet)])?
            }
        };
        Ok(())
    }

    fn send_all(&self, packets: &[Packet]) {
        #[cfg(target_os = "linux")]
        let packets = match &self.ring {
            Some(ring) if packets.len() >= ring::LEAST => {
                let written = ring.write(self.fd.as_fd(), packets);
                packets.get(written..).unwrap_or_default()
            }
            _ => packets,
        };
        for packet in packets {
            let _ = self.send(packet);
        }
    }

    fn wake(&self) {
        // If it is full, the waiting thread wakes anyway.
        let _ = (&self.wake.1).write(&[1]);
        self.woken.store(true, Ordering::SeqCst);
    }

    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        vec![self.fd.as_fd(), self.wake.0.as_fd()]
    }

    fn capabilities(&self) -> Capabilities {
        let all = match self.framing {
            Framing::Plain => Capabilities::default(),
            Framing::VirtioNet => Capabilities::ALL,
        };
        #[cfg(target_os = "linux")]
        let writes = if self.ring.is_some() { Writes::IoUring } else { Writes::OneByOne };
        #[cfg(not(target_os = "linux"))]
        let writes = Writes::OneByOne;
        Capabilities { writes, ..all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    #[test]
    fn a_descriptor_at_its_end_is_a_device_that_is_gone() {
        for framing in [Framing::Plain, Framing::VirtioNet] {
            let (ours, theirs) =
                socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap();
            let device = Descriptor::new(ours, framing).unwrap();
            drop(theirs);
            let received = device.receive(&mut [0; 100], None);
            assert!(received.is_err(), "a stack would read for ever without rest: {received:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_ring_does_not_take_is_written_one_by_one() {
        for refused in [false, true] {
            let (ours, theirs) =
                socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap();
            let device = Descriptor::new(ours, Framing::Plain).unwrap();
            if let Some(ring) = device.ring.as_ref().filter(|_| refused) {
                ring.refuse();
            }
            ioctl_fionbio(&theirs, true).unwrap();
            let packets: Vec<_> = (1..=20).map(|n| Packet::new(vec![n; n.into()])).collect();
            device.send_all(&packets);
            for packet in &packets {
                let mut buffer = [0; 100];
                let len = read(&theirs, &mut buffer).unwrap();
                assert_eq!(buffer[..len], **packet, "refused: {refused}");
            }
        }
    }
}

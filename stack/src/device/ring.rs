//! Several packets written in one system call, through io_uring. The kernel sends a packet as a write would, but it comes back to the program only once, and the programs that get the packets are not
//! scheduled between them.
//!
//! Reads do not go this way: a multishot read of a TUN costs as much as a read for each packet where 64 come at once, and more where fewer do.

#![allow(unsafe_code, reason = "the kernel reads the packets by their addresses")]

use crate::wire::packet::Packet;
use io_uring::{IoUring, Probe, opcode, types::Fd};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};

/// Packets for which the ring is worth its own cost; fewer are written one by one. The costs are equal at about 4.
pub(super) const LEAST: usize = 8;
/// Packets in one call at most.
const MOST: usize = 64;

/// A ring that writes.
pub(super) struct Ring(Mutex<Option<IoUring>>);

impl Ring {
    /// None where the kernel has none or refuses it (an old kernel, seccomp, `io_uring_disabled`).
    pub(super) fn new() -> Option<Self> {
        let ring = IoUring::new(MOST as u32).ok()?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe).ok()?;
        probe.is_supported(opcode::Write::CODE).then(|| Self(Mutex::new(Some(ring))))
    }

    /// Writes packets to a descriptor that does not block. What the descriptor refuses is lost. How many of them the ring has taken: fewer than all if the kernel refuses
    /// the ring from now on, as it does where a program limits its own system calls later.
    pub(super) fn write(&self, fd: BorrowedFd<'_>, packets: &[Packet]) -> usize {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = 0;
        for chunk in packets.chunks(MOST) {
            let Some(ring) = place.as_mut() else { break };
            let submitted = write(ring, fd, chunk);
            taken += submitted;
            if submitted < chunk.len() {
                // What it has not taken lies in it and must never be.
                *place = None;
            }
        }
        taken
    }
}

/// Writes at most [`MOST`] packets, and waits for the kernel to be done with them; how many it has taken.
fn write(ring: &mut IoUring, fd: BorrowedFd<'_>, packets: &[Packet]) -> usize {
    for packet in packets {
        let write = opcode::Write::new(Fd(fd.as_raw_fd()), packet.as_ptr(), packet.len() as u32).build();
        // SAFETY: packets and descriptor are borrowed until this function returns. Until then the kernel has completed each write that it has taken. The caller drops the ring with
        // those that it has not.
        if unsafe { ring.submission().push(&write) }.is_err() {
            break;
        }
    }
    let (mut submitted, mut completed, mut refused) = (0, 0, false);
    let all = ring.submission().len();
    while completed < submitted || (submitted < all && !refused) {
        match ring.submit_and_wait(if refused { submitted - completed } else { all - completed }) {
            Ok(taken) => submitted += taken,
            Err(error) => {
                refused |= !matches!(error.kind(), std::io::ErrorKind::Interrupted);
                // What was taken completes all the same.
                std::thread::yield_now();
            }
        }
        completed += ring.completion().count();
    }
    submitted
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ring")
    }
}

#[cfg(test)]
impl Ring {
    /// As if the kernel had refused it.
    pub(super) fn refuse(&self) {
        *self.0.lock().unwrap() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use std::os::fd::{AsFd, FromRawFd, OwnedFd};

    #[test]
    fn a_ring_that_the_kernel_refuses_later_says_what_it_has_not_written() {
        let Some(ring) = Ring::new() else { return eprintln!("SKIPPED: there is no io_uring here") };
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap();
        rustix::io::ioctl_fionbio(&ours, true).unwrap();
        rustix::io::ioctl_fionbio(&theirs, true).unwrap();
        let packets: Vec<_> = (1..=20).map(|n| Packet::new(vec![n; n.into()])).collect();
        assert_eq!(ring.write(ours.as_fd(), &packets), 20);
        for packet in &packets {
            let mut buffer = [0; 100];
            let len = rustix::io::read(&theirs, &mut buffer).unwrap();
            assert_eq!(buffer[..len], **packet);
        }
        // Another file stands in the ring's place.
        {
            let place = ring.0.lock().unwrap();
            // SAFETY: the ring stays open until this test ends, and only its number is used anew.
            let mut number = unsafe { OwnedFd::from_raw_fd(place.as_ref().unwrap().as_raw_fd()) };
            rustix::io::dup2(&theirs, &mut number).unwrap();
            std::mem::forget(number);
        }
        assert_eq!(ring.write(ours.as_fd(), &packets), 0);
        assert!(ring.0.lock().unwrap().is_none());
        assert!(rustix::io::read(&theirs, &mut [0; 100]).is_err(), "it was written after all");
    }
}

//! smoltcp on the same TUN device, without offload, which smoltcp does not know. One thread polls and is the program too, as its authors mean it.

use crate::far::{Far, tun};
use crate::near::{Namespace, PIECE};
use crate::{DISCARD, ECHO, FAR, NEAR, SOURCE};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{ioctl_fionbio, read, write};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr};
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tcpspec_stack::device::tun::Tun;

const MTU: usize = 1500;
/// Sockets that echo: twice as many as clients, since one that closes cannot listen yet.
const ECHOES: usize = 32;
/// Packets taken before the program's turn.
const BATCH: usize = 64;
/// Octets of each buffer of a socket for bulk: larger ones make it no faster here.
pub(crate) const BUFFER: usize = 1 << 20;

/// The device, which allocates nothing for a packet.
struct Raw {
    tun: Tun,
    received: Vec<u8>,
    sent: Vec<u8>,
}

struct Received<'a>(&'a [u8]);
struct Sending<'a>(&'a Tun, &'a mut [u8]);

impl Device for Raw {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let len = read(self.tun.as_fd(), &mut self.received[..]).ok()?;
        Some((Received(&self.received[..len]), Sending(&self.tun, &mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        Some(Sending(&self.tun, &mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.medium = Medium::Ip;
        capabilities
    }
}

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let packet = &mut self.1[..len];
        let result = f(packet);
        // A packet that is refused is lost.
        let _ = write(self.0.as_fd(), packet);
        result
    }
}

/// A socket with buffers of this size.
pub(crate) fn socket(buffer: usize) -> Socket<'static> {
    let mut socket = Socket::new(SocketBuffer::new(vec![0; buffer]), SocketBuffer::new(vec![0; buffer]));
    socket.set_nagle_enabled(false);
    socket
}

/// An end that is smoltcp.
pub(crate) fn smoltcp() -> io::Result<Far> {
    let near = Arc::new(Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    near.run(move || {
        let tun = tun(NEAR, false)?;
        ioctl_fionbio(tun.as_fd(), true)?;
        thread::spawn(move || run(Raw { tun, received: vec![0; MTU], sent: vec![0; MTU] }, &counter));
        io::Result::Ok(())
    })?;
    Ok(Far { near, received, stack: None })
}

fn run(mut device: Raw, received: &AtomicU64) {
    let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut device, Instant::now());
    interface.update_ip_addrs(|addresses| {
        // There is room for one.
        let _ = addresses.push(IpCidr::new(FAR.into(), 24));
    });
    let mut sockets = SocketSet::new(Vec::new());
    let mut handles: Vec<(SocketHandle, u16)> = Vec::new();
    for (port, count, buffer) in [(ECHO, ECHOES, 4096), (SOURCE, 2, BUFFER), (DISCARD, 2, BUFFER)] {
        handles.extend((0..count).map(|_| (sockets.add(socket(buffer)), port)));
    }
    let mut piece = vec![1; PIECE];
    loop {
        let now = Instant::now();
        let mut busy = false;
        interface.poll_maintenance(now);
        for _ in 0..BATCH {
            if interface.poll_ingress_single(now, &mut device, &mut sockets) == PollIngressSingleResult::None
            {
                break;
            }
            busy = true;
        }
        for (handle, port) in &handles {
            busy |= program(sockets.get_mut(*handle), *port, &mut piece, received);
        }
        while interface.poll_egress(now, &mut device, &mut sockets) == PollResult::SocketStateChanged {
            busy = true;
        }
        if !busy {
            wait(&device.tun, interface.poll_delay(now, &sockets));
        }
    }
}

fn wait(tun: &Tun, limit: Option<smoltcp::time::Duration>) {
    let limit = limit.map(|limit| std::time::Duration::from(limit).try_into().unwrap_or(Timespec::default()));
    let fd = tun.as_fd();
    // What it was is seen by the next round.
    let _ = poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], limit.as_ref());
}

/// What the program does with a socket now. True if it did anything.
fn program(socket: &mut Socket<'_>, port: u16, piece: &mut [u8], received: &AtomicU64) -> bool {
    match socket.state() {
        State::Closed => return socket.listen(port).is_ok(),
        State::Listen | State::SynReceived => return false,
        // The client has got all that it wanted.
        State::TimeWait | State::FinWait1 | State::FinWait2 => socket.abort(),
        _ => {}
    }
    let mut busy = false;
    match port {
        SOURCE => {
            while socket.can_send() && socket.send_slice(piece).is_ok_and(|len| len > 0) {
                busy = true;
            }
        }
        _ => {
            while socket.can_recv()
                && let Ok(len) = socket.recv_slice(piece)
                && len > 0
            {
                busy = true;
                if port == ECHO {
                    let _ = socket.send_slice(&piece[..len]);
                } else {
                    received.fetch_add(len as u64, Ordering::Relaxed);
                }
            }
        }
    }
    if socket.state() == State::CloseWait {
        socket.close();
        busy = true;
    }
    busy
}

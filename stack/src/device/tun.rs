//! A TUN device of Linux.

use super::{Arrived, Device};
use crate::packet::Packet;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tun_rs::{DeviceBuilder, InterruptEvent, SyncDevice};

/// A TUN device: the kernel on one side, the stack on the other.
pub struct Tun {
    device: SyncDevice,
    interrupt: InterruptEvent,
}

impl Tun {
    /// Makes a device with this name (of at most 15 letters) and gives the kernel's side these addresses and prefix lengths.
    ///
    /// # Errors
    ///
    /// With what to do if the permission is missing.
    pub fn new(name: &str, hosts: &[(IpAddr, u8)], mtu: u16) -> io::Result<Self> {
        let builder =
            hosts.iter().fold(DeviceBuilder::new().name(name).mtu(mtu), |builder, host| match *host {
                (IpAddr::V4(address), prefix) => builder.ipv4(address, prefix, None),
                (IpAddr::V6(address), prefix) => builder.ipv6(address, prefix),
            });
        let device = builder.build_sync().map_err(|error| explain(name, &error))?;
        // Readiness is waited for with the interrupt; the read itself never blocks.
        device.set_nonblocking(true)?;
        Ok(Self { device, interrupt: InterruptEvent::new()? })
    }

    /// The device's name.
    ///
    /// # Errors
    ///
    /// The device is gone.
    pub fn name(&self) -> io::Result<String> {
        self.device.name()
    }
}

/// What a user can do about it.
fn explain(name: &str, error: &io::Error) -> io::Error {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "run as root or with CAP_NET_ADMIN (`sudo setcap cap_net_admin+ep PROGRAM`, or `unshare --user --map-root-user --net PROGRAM`)"
        }
        io::ErrorKind::NotFound => {
            "there is no /dev/net/tun here; load the module (`modprobe tun`) or give the container the device"
        }
        io::ErrorKind::ResourceBusy => "another program has a device of this name; choose another name",
        _ => "check that the name is at most 15 letters and that the address is not in use",
    };
    io::Error::new(error.kind(), format!("cannot make the TUN device `{name}`: {error}; {advice}"))
}

impl Device for Tun {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        // While packets are there no waiting is needed.
        match self.device.recv(packet) {
            Ok(len) => return Ok(Some(Arrived { len, ..Arrived::default() })),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        match self.device.recv_intr_timeout(packet, &self.interrupt, wait) {
            Ok(len) => Ok(Some(Arrived { len, ..Arrived::default() })),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => self.interrupt.reset().map(|()| None),
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Ok(None),
                _ => Err(error),
            },
        }
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.device.send(packet).map(|_| ())
    }

    fn wake(&self) {
        // If this fails, the deadline or the next packet wakes the driver a little later.
        let _ = self.interrupt.trigger();
    }
}

impl std::fmt::Debug for Tun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tun").field("name", &self.device.name().unwrap_or_default()).finish_non_exhaustive()
    }
}

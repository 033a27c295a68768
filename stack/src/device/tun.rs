//! A TUN device: the kernel of this machine on one side, the stack on the other.
//!
//! On Linux the device has segmentation offload if the kernel agrees: segments of up to 64 KiB pass whole in both directions, without checksums over their text.
//! On macOS, the BSDs and Windows the same crate opens the device, packet by packet.

use super::{Arrived, Device};
#[cfg(target_os = "linux")]
use super::{
    descriptor::{Descriptor, Framing},
    route,
};
use crate::base::{InvalidSetting, Rule};
use crate::config::{check_mtu, check_prefix};
use crate::wire::packet::{Capabilities, Packet};
use std::io;
use std::net::IpAddr;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::time::Duration;
use tun_rs::{DeviceBuilder, SyncDevice};

/// Queues that the kernel gives a device at most (`MAX_TAP_QUEUES`).
const MAX_QUEUES: usize = 256;

/// What a TUN device shall be.
///
/// ```no_run
/// use tcpspec_stack::device::tun::Tun;
/// let tun = Tun::builder("tcpspec0")
///     .host([10, 7, 0, 1], 24)
///     .route([198, 51, 100, 0], 24)
///     .mtu(1400)
///     .build()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    name: String,
    hosts: Vec<(IpAddr, u8)>,
    routes: Vec<(IpAddr, u8)>,
    mtu: Option<u16>,
    offload: bool,
    io_uring: bool,
}

impl Builder {
    /// An address of the kernel's side, and the length of its network's prefix in bits, at most those of an address: what lies in that network goes to the stack.
    #[must_use]
    pub fn host(mut self, address: impl Into<IpAddr>, prefix: u8) -> Self {
        self.hosts.push((address.into(), prefix));
        self
    }

    /// Another network that lies behind the device: a gateway's (Linux only).
    #[must_use]
    pub fn route(mut self, network: impl Into<IpAddr>, prefix: u8) -> Self {
        self.routes.push((network.into(), prefix));
        self
    }

    /// Largest packet in octets, 68 at least, with IPv6 1280; [`Config::mtu`](crate::Config::mtu) must say the same. Default: what the system gives, 1500 on Linux.
    #[must_use]
    pub fn mtu(mut self, mtu: u16) -> Self {
        self.mtu = Some(mtu);
        self
    }

    /// Segmentation offload (Linux only). Default: on; without effect where the kernel does not know it.
    #[must_use]
    pub fn offload(mut self, offload: bool) -> Self {
        self.offload = offload;
        self
    }

    /// Whether many packets are written in one system call, through io_uring (Linux only, without offload). Default: on; without effect where the kernel refuses it.
    #[must_use]
    pub fn io_uring(mut self, io_uring: bool) -> Self {
        self.io_uring = io_uring;
        self
    }

    /// Makes the device, or opens the existing one of this name. An existing device is not
    /// changed if no address, route or MTU is given, and its owner needs no privileges.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the name of a setting whose value it cannot have. If the permission is missing, the error says what to do.
    pub fn build(&self) -> io::Result<Tun> {
        self.check()?;
        self.open_best(false).map_err(|error| explain(&self.name, &error))
    }

    /// The same with so many queues, 1 to 256 (Linux only; `IFF_MULTI_QUEUE`). The kernel sends the packets of a connection to the queue on which it was answered last. [`spread`](super::spread)
    /// and [`Shards`](crate::Shards) put a stack on each. An existing device must have been made for several queues (`ip tuntap add … multi_queue`).
    ///
    /// ```no_run
    /// use tcpspec_stack::device::tun::Tun;
    /// use tcpspec_stack::{Config, Shards};
    /// let queues = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build_queues(2)?;
    /// let shards = Shards::start(queues, &Config::new([10, 7, 0, 2]))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build); `InvalidInput` for a number that cannot be; `Unsupported` for more than one queue elsewhere than on Linux.
    pub fn build_queues(&self, queues: usize) -> io::Result<Vec<Tun>> {
        self.check()?;
        if !(1..=MAX_QUEUES).contains(&queues) {
            let why = format!("a TUN device has 1 to {MAX_QUEUES} queues, not {queues}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        self.open_all(queues).map_err(|error| explain(&self.name, &error))
    }

    #[cfg(target_os = "linux")]
    fn open_all(&self, queues: usize) -> io::Result<Vec<Tun>> {
        let first = self.open_best(true)?;
        let offload = first.capabilities().segment > 0;
        let more: io::Result<Vec<_>> =
            (1..queues).map(|_| Tun::new_inner(first.device.try_clone()?, offload, self.io_uring)).collect();
        let mut all = vec![first];
        all.extend(more?);
        Ok(all)
    }

    #[cfg(not(target_os = "linux"))]
    fn open_all(&self, queues: usize) -> io::Result<Vec<Tun>> {
        if queues > 1 {
            let why = "only a TUN of Linux has more than one queue";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
        Ok(vec![self.open_best(false)?])
    }

    /// With offload, if that is wanted and the kernel has it.
    fn open_best(&self, several: bool) -> io::Result<Tun> {
        if self.offload {
            self.open(true, several).or_else(|_| self.open(false, several))
        } else {
            self.open(false, several)
        }
    }

    fn check(&self) -> Result<(), InvalidSetting> {
        let Self { name: _, hosts, routes, mtu, offload: _, io_uring: _ } = self;
        for (prefixes, rule) in [(hosts, Rule::HostPrefix), (routes, Rule::RoutePrefix)] {
            prefixes.iter().try_for_each(|(address, prefix)| check_prefix(*address, *prefix, rule))?;
        }
        let ipv6 = hosts.iter().chain(routes).any(|(address, _)| address.is_ipv6());
        mtu.map_or(Ok(()), |mtu| check_mtu(mtu, ipv6))
    }

    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "Linux alone has several queues"))]
    fn open(&self, offload: bool, several: bool) -> io::Result<Tun> {
        let mut builder = DeviceBuilder::new().name(&self.name);
        let untouched = self.hosts.is_empty() && self.routes.is_empty() && self.mtu.is_none();
        if untouched {
            builder = builder.inherit_enable_state();
        }
        if let Some(mtu) = self.mtu {
            builder = builder.mtu(mtu);
        }
        for host in &self.hosts {
            builder = match *host {
                (IpAddr::V4(address), prefix) => builder.ipv4(address, prefix, None),
                (IpAddr::V6(address), prefix) => builder.ipv6(address, prefix),
            };
        }
        #[cfg(target_os = "linux")]
        let builder = builder.with(|builder| {
            builder.offload(offload).multi_queue(several);
        });
        let device = builder.build_sync()?;
        let tun = Tun::new_inner(device, offload, self.io_uring)?;
        #[cfg(target_os = "linux")]
        for (network, prefix) in &self.routes {
            route::add(*network, *prefix, tun.device.if_index()?)?;
        }
        #[cfg(not(target_os = "linux"))]
        if !self.routes.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "routes are only set on Linux; use the system's `route`",
            ));
        }
        Ok(tun)
    }
}

/// A TUN device. It goes away when it is dropped, unless it was made to persist (`ip tuntap add`).
pub struct Tun {
    device: SyncDevice,
    #[cfg(target_os = "linux")]
    io: Descriptor,
    #[cfg(not(target_os = "linux"))]
    interrupt: tun_rs::InterruptEvent,
}

impl Tun {
    /// Makes a device with this name (of at most 15 letters) and gives the kernel's side these addresses and prefix lengths.
    /// With offload where the kernel has it; [`builder`](Self::builder) gives the choice.
    ///
    /// # Errors
    ///
    /// If the permission is missing, the error says what to do.
    pub fn new(name: &str, hosts: &[(IpAddr, u8)], mtu: u16) -> io::Result<Self> {
        Builder { hosts: hosts.to_vec(), ..Self::builder(name).mtu(mtu) }.build()
    }

    /// A device with this name, to be described further.
    pub fn builder(name: &str) -> Builder {
        let name = name.to_owned();
        Builder { name, hosts: Vec::new(), routes: Vec::new(), mtu: None, offload: true, io_uring: true }
    }

    /// Opens an existing device as it is. Needs no privileges if it belongs to this user
    /// (`ip tuntap add dev NAME mode tun user USER`, once, as root).
    ///
    /// # Errors
    ///
    /// If it is not there or belongs to another user, the error says what to do.
    pub fn open(name: &str) -> io::Result<Self> {
        Self::builder(name).build()
    }

    #[cfg(target_os = "linux")]
    fn new_inner(device: SyncDevice, offload: bool, io_uring: bool) -> io::Result<Self> {
        let framing = if offload { Framing::VirtioNet } else { Framing::Plain };
        let io = Descriptor::new(device.as_fd().try_clone_to_owned()?, framing)?;
        Ok(Self { device, io: if io_uring { io } else { io.without_io_uring() } })
    }

    #[cfg(not(target_os = "linux"))]
    fn new_inner(device: SyncDevice, _: bool, _: bool) -> io::Result<Self> {
        // Readiness is waited for with the interrupt; the read itself never blocks.
        #[cfg(unix)]
        device.set_nonblocking(true)?;
        Ok(Self { device, interrupt: tun_rs::InterruptEvent::new()? })
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

#[cfg(target_os = "linux")]
impl AsFd for Tun {
    /// The open descriptor, to be handed to a program without privileges: each read and write is one packet, with a virtio-net header
    /// if the device has offload ([`Framing`]).
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.device.as_fd()
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

#[cfg(target_os = "linux")]
impl Device for Tun {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        self.io.receive(packet, wait)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.io.send(packet)
    }

    fn send_all(&self, packets: &[Packet]) {
        self.io.send_all(packets);
    }

    fn wake(&self) {
        self.io.wake();
    }

    fn descriptors(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
        self.io.descriptors()
    }

    fn capabilities(&self) -> Capabilities {
        self.io.capabilities()
    }
}

#[cfg(not(target_os = "linux"))]
impl Device for Tun {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let arrived = |len| Some(Arrived { len, ..Arrived::default() });
        match self.device.recv_intr_timeout(packet, &self.interrupt, wait) {
            Ok(len) => Ok(arrived(len)),
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

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
}

impl std::fmt::Debug for Tun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tun").field("name", &self.device.name().unwrap_or_default()).finish_non_exhaustive()
    }
}

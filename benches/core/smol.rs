//! Two interfaces of smoltcp, with one socket each.
//!
//! Set up as its authors mean it: sockets and buffers are made once, packets are written into buffers of the device, Nagle's algorithm is off. Buffers of a
//! socket hold 256 KiB in bulk, and 4 KiB else. Of 16 KiB to 4 MiB that takes the fewest instructions in bulk.

use crate::ends::{BATCH, Ends, MTU, PORT, Side, TURN};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
/// The first ephemeral port.
const FIRST: u16 = 1024;

/// A device in memory, which allocates nothing once it has as many buffers as packets are under way.
#[derive(Default)]
struct Memory {
    received: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
    /// Buffers of packets that were taken in.
    used: Vec<Vec<u8>>,
    spare: Vec<Vec<u8>>,
}

struct Incoming<'a>(&'a mut Vec<Vec<u8>>, Vec<u8>);
struct Outgoing<'a>(&'a mut VecDeque<Vec<u8>>, &'a mut Vec<Vec<u8>>);

impl Device for Memory {
    type RxToken<'a> = Incoming<'a>;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming<'_>, Outgoing<'_>)> {
        let packet = self.received.pop_front()?;
        Some((Incoming(&mut self.used, packet), Outgoing(&mut self.sent, &mut self.spare)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        let room = self.sent.len() < BATCH;
        room.then_some(Outgoing(&mut self.sent, &mut self.spare))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.medium = Medium::Ip;
        capabilities
    }
}

impl phy::RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        let result = f(&self.1);
        self.0.push(self.1);
        result
    }
}

impl phy::TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut buffer = self.1.pop().unwrap_or_default();
        buffer.resize(len, 0);
        let result = f(&mut buffer);
        self.0.push_back(buffer);
        result
    }
}

struct End {
    device: Memory,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
}

impl End {
    fn new(address: Ipv4Addr, buffer: usize) -> Self {
        let mut device = Memory::default();
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut device, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            // There is room for one.
            let _ = addresses.push(IpCidr::new(address.into(), 8));
        });
        let mut sockets = SocketSet::new(Vec::new());
        let mut socket = Socket::new(SocketBuffer::new(vec![0; buffer]), SocketBuffer::new(vec![0; buffer]));
        socket.set_nagle_enabled(false);
        let handle = sockets.add(socket);
        Self { device, interface, sockets, handle }
    }

    fn socket(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    fn take_in(&mut self, now: Instant) {
        while self.interface.poll_ingress_single(now, &mut self.device, &mut self.sockets)
            != PollIngressSingleResult::None
        {}
    }

    fn send(&mut self, now: Instant) {
        while self.device.sent.len() < BATCH
            && self.interface.poll_egress(now, &mut self.device, &mut self.sockets)
                == PollResult::SocketStateChanged
        {}
    }
}

/// Two interfaces.
pub(crate) struct Smol {
    ends: [End; 2],
    now: Instant,
    port: u16,
}

impl Smol {
    pub(crate) fn new(buffer: usize) -> Self {
        Self { ends: [End::new(CLIENT, buffer), End::new(SERVER, buffer)], now: Instant::ZERO, port: FIRST }
    }

    /// The server alone takes in a packet; how many it answers.
    pub(crate) fn answer(&mut self, packet: &[u8]) -> usize {
        let server = &mut self.ends[1];
        self.now += TURN.into();
        let device = &mut server.device;
        device.spare.append(&mut device.used);
        let mut buffer = device.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(packet);
        device.received.push_back(buffer);
        server.take_in(self.now);
        server.send(self.now);
        let answers = server.device.sent.len();
        server.device.spare.extend(server.device.sent.drain(..));
        answers
    }
}

impl Ends for Smol {
    fn connect(&mut self) {
        let [client, server] = &mut self.ends;
        server.socket().listen(PORT).expect("the socket is closed");
        self.port = self.port.checked_add(1).unwrap_or(FIRST);
        let End { sockets, interface, handle, .. } = client;
        let socket = sockets.get_mut::<Socket<'_>>(*handle);
        socket.connect(interface.context(), (SERVER, PORT), self.port).expect("the socket is closed");
    }

    fn accept(&mut self) -> bool {
        self.ends[1].socket().may_send()
    }

    fn send(&mut self, side: Side, text: &[u8]) -> usize {
        self.ends[side as usize].socket().send_slice(text).expect("the connection stands")
    }

    fn receive(&mut self, side: Side, into: &mut [u8]) -> usize {
        // An error says that the peer has closed.
        self.ends[side as usize].socket().recv_slice(into).unwrap_or(0)
    }

    fn close(&mut self, side: Side) {
        self.ends[side as usize].socket().close();
    }

    fn release(&mut self, _: Side) {}

    fn turn(&mut self, side: Side) -> usize {
        self.now += TURN.into();
        let now = self.now;
        let [client, server] = &mut self.ends;
        let (from, to) = if side == Side::Client { (client, server) } else { (server, client) };
        from.send(now);
        let moved = from.device.sent.len();
        to.device.received.extend(from.device.sent.drain(..));
        to.take_in(now);
        from.device.spare.append(&mut to.device.used);
        moved
    }

    fn pass(&mut self, span: Duration) {
        self.now += span.into();
        for end in &mut self.ends {
            end.interface.poll_maintenance(self.now);
            end.send(self.now);
        }
    }
}

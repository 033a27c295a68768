//! The kernel's side: sockets in a network namespace of the calling thread, and raw packets through a TUN device.
//!
//! The kernel answers a packet before writing it to the device returns, so what it has to say can be read at once. The settings
//! that matter are in [`SETTINGS`]; what cannot be set (TIME-WAIT lasts 60 seconds) is so in [`super::ours`] too.

use super::script::{Call, Script};
use super::side::{CONNECTING, LISTENING, Outcome, Side, no_socket, peer_socket, side_address};
use crate::{KERNEL, KERNEL6};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_core::{NetlinkDeserializable, NetlinkHeader};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteMetric, RouteProtocol, RouteScope,
    RouteType,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags, nlas::Nla};
use netlink_sys::protocols::{NETLINK_ROUTE, NETLINK_SOCK_DIAG};
use netlink_sys::{Socket as Netlink, SocketAddr as NetlinkAddr};
use socket2::{Domain, Socket, Type};
use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcpspec_stack::Packet;
use tcpspec_stack::device::{Device, tun::Tun};

/// The kernel's settings, under `/proc/sys/net`. Those that a kernel does not have are left out.
pub const SETTINGS: [(&str, &str); 17] = [
    // Every answer is given, however many there were of late.
    ("ipv4/tcp_invalid_ratelimit", "0"),
    ("ipv4/tcp_challenge_ack_limit", "2147483647"),
    ("ipv4/tcp_syncookies", "0"),
    ("ipv4/tcp_abort_on_overflow", "0"),
    // As in the table's options.
    ("ipv4/tcp_rfc1337", "1"),
    ("ipv4/tcp_tw_reuse", "0"),
    ("ipv4/tcp_fin_timeout", "60"),
    // What the peer offers decides.
    ("ipv4/tcp_timestamps", "1"),
    ("ipv4/tcp_sack", "1"),
    // After a simultaneous open the kernel scales its window even if the peer has not agreed to that.
    ("ipv4/tcp_window_scaling", "0"),
    ("ipv4/tcp_ecn", "0"),
    ("ipv4/tcp_fastopen", "0"),
    // Text leaves when it is given, and again only by the retransmission timer.
    ("ipv4/tcp_congestion_control", "reno"),
    ("ipv4/tcp_autocorking", "0"),
    ("ipv4/tcp_early_retrans", "0"),
    ("ipv4/tcp_no_metrics_save", "1"),
    // Addresses count at once.
    ("ipv6/conf/default/accept_dad", "0"),
];

pub struct Kernel {
    tun: Tun,
    diag: Netlink,
    ipv6: bool,
    peer: SocketAddr,
    listener: Option<Socket>,
    socket: Option<Socket>,
}

/// The kernel's release, such as `6.18.44`.
pub fn release() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.trim().split('-').next().unwrap_or_default().to_owned()
}

/// Peers of an attacker who needs more ports than one address has: 128 addresses, from this one on.
pub const CROWD: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 128);

impl Kernel {
    /// The calling thread gets a namespace of its own, so it must be one that nobody needs for anything else.
    ///
    /// # Errors
    ///
    /// Without the permission for namespaces and devices.
    pub fn open() -> io::Result<Self> {
        crate::unshare()?;
        for (name, value) in SETTINGS {
            match std::fs::write(format!("/proc/sys/net/{name}"), value) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(io::Error::new(error.kind(), format!("{name} = {value}: {error}")));
                }
                _ => {}
            }
        }
        let tun =
            Tun::builder("tcpspec0").host(KERNEL, 24).host(KERNEL6, 64).mtu(1500).offload(false).build()?;
        crate::wait_for_ipv6()?;
        acknowledge_at_once()?;
        let mut diag = Netlink::new(NETLINK_SOCK_DIAG)?;
        diag.bind_auto()?;
        diag.connect(&NetlinkAddr::new(0, 0))?;
        Ok(Self {
            tun,
            diag,
            ipv6: false,
            peer: peer_socket(&Script::default(), 1),
            listener: None,
            socket: None,
        })
    }

    /// The state of the connection between these ports, and its `tcp_info`, which is empty if there is none.
    pub fn info(&self, local: u16) -> (&'static str, Vec<u8>) {
        let local = SocketAddr::new(side_address(self.ipv6), local);
        let found =
            find(&self.diag, (local, self.peer), ExtensionFlags::INFO).expect("the kernel tells its sockets");
        found.map_or(("CLOSED", Vec::new()), |(state, info)| (name(state), info))
    }

    /// Begins anew, with this peer.
    pub fn begin_with(&mut self, peer: SocketAddr) {
        self.abort();
        self.listener = None;
        self.packets();
        self.ipv6 = peer.is_ipv6();
        self.peer = peer;
    }

    fn new_socket(&self, port: u16) -> io::Result<Socket> {
        let domain = if self.ipv6 { Domain::IPV6 } else { Domain::IPV4 };
        let socket = Socket::new(domain, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::new(side_address(self.ipv6), port).into())?;
        Ok(socket)
    }

    fn listen(&mut self) -> io::Result<()> {
        let socket = self.new_socket(LISTENING)?;
        socket.listen(8)?;
        self.listener = Some(socket);
        Ok(())
    }

    fn connect(&mut self) -> io::Result<()> {
        let socket = self.new_socket(CONNECTING)?;
        match socket.connect(&self.peer.into()) {
            Err(error) if error.raw_os_error() != Some(nix::libc::EINPROGRESS) => return Err(error),
            _ => self.socket = Some(socket),
        }
        Ok(())
    }

    fn accept(&mut self) {
        if self.socket.is_none()
            && let Some(Ok((socket, _))) = self.listener.as_ref().map(Socket::accept)
        {
            socket.set_nonblocking(true).expect("non-blocking");
            self.socket = Some(socket);
        }
    }

    fn abort(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.set_linger(Some(Duration::ZERO)).expect("linger");
        }
    }
}

/// The same words as our errors get.
fn failed(error: &io::Error) -> Outcome {
    Outcome::Failed(match error.kind() {
        ErrorKind::ConnectionReset => "reset".into(),
        ErrorKind::ConnectionRefused => "refused".into(),
        ErrorKind::TimedOut => "timed out".into(),
        ErrorKind::BrokenPipe => "closing".into(),
        ErrorKind::NotConnected => "not connected".into(),
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => "address in use".into(),
        _ => error.to_string(),
    })
}

fn done(result: io::Result<()>) -> Outcome {
    result.map_or_else(|error| failed(&error), |()| Outcome::Done)
}

impl Side for Kernel {
    fn begin(&mut self, script: &Script, port: u16) {
        self.begin_with(peer_socket(script, port));
    }

    fn call(&mut self, call: Call) -> Outcome {
        match (call, &mut self.socket) {
            (Call::Listen, _) => done(self.listen()),
            (Call::Unlisten, _) => {
                self.listener = None;
                Outcome::Done
            }
            (Call::Connect, None) => done(self.connect()),
            (Call::Connect, Some(_)) => Outcome::Failed("connected".into()),
            (_, None) => no_socket(),
            (Call::Send(octets), Some(socket)) => {
                let text: Vec<u8> = (0..octets).map(|n| n as u8).collect();
                // A fuzzer is no program of Rust, so a signal would end it.
                match socket.send_with_flags(&text, nix::libc::MSG_NOSIGNAL) {
                    Ok(taken) => Outcome::Taken(taken),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => Outcome::Taken(0),
                    Err(error) => failed(&error),
                }
            }
            (Call::Receive, Some(socket)) => {
                let mut text = vec![0; 1 << 17];
                match socket.read(&mut text) {
                    Ok(0) => Outcome::End,
                    Ok(len) => Outcome::Text(text[..len].to_vec()),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => Outcome::Nothing,
                    Err(error) => failed(&error),
                }
            }
            (Call::Shut, Some(socket)) => done(socket.shutdown(std::net::Shutdown::Write)),
            (Call::Close, Some(_)) => {
                self.socket = None;
                Outcome::Done
            }
            (Call::Abort, Some(_)) => {
                self.abort();
                Outcome::Done
            }
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.tun.send(&Packet::new(packet.to_vec())).expect("the device takes packets");
        self.accept();
    }

    fn pause(&mut self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }

    fn packets(&mut self) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        let mut packet = vec![0; 2048];
        while let Some(arrived) =
            self.tun.receive(&mut packet, Some(Duration::ZERO)).expect("the device gives packets")
        {
            packets.push(packet[..arrived.len].to_vec());
        }
        packets
    }

    fn state(&mut self, local: u16) -> &'static str {
        let local = SocketAddr::new(side_address(self.ipv6), local);
        let found = find(&self.diag, (local, self.peer), ExtensionFlags::empty())
            .expect("the kernel tells its sockets");
        found.map_or("CLOSED", |(state, _)| name(state))
    }

    fn rows(&mut self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// The kernel's states by its numbers, from 1 on.
const STATES: [&str; 12] = [
    "ESTABLISHED",
    "SYN-SENT",
    "SYN-RECEIVED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "CLOSED",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
    "SYN-RECEIVED",
];

fn name(state: u8) -> &'static str {
    STATES.get(usize::from(state).wrapping_sub(1)).copied().unwrap_or("CLOSED")
}

/// Asks and reads one answer.
fn ask<M: NetlinkSerializable + NetlinkDeserializable>(
    socket: &Netlink,
    flags: u16,
    question: M,
) -> io::Result<NetlinkPayload<M>> {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | flags;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(question));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let (answer, _) = socket.recv_from_full()?;
    let answer = NetlinkMessage::<M>::deserialize(&answer).map_err(io::Error::other)?;
    Ok(answer.payload)
}

/// The kernel's number of the state of the socket with these ends, or of the listener, and its `tcp_info` if that is asked for.
fn find(
    diag: &Netlink,
    (local, peer): (SocketAddr, SocketAddr),
    extensions: ExtensionFlags,
) -> io::Result<Option<(u8, Vec<u8>)>> {
    let question = SockDiagMessage::InetRequest(InetRequest {
        family: if local.is_ipv4() { AF_INET } else { AF_INET6 },
        protocol: IPPROTO_TCP,
        extensions,
        states: StateFlags::all(),
        socket_id: SocketId {
            source_port: local.port(),
            destination_port: peer.port(),
            source_address: local.ip(),
            destination_address: peer.ip(),
            interface_id: 0,
            cookie: [0xff; 8],
        },
    });
    match ask(diag, 0, question)? {
        NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
            let info = response.nlas.into_iter().find_map(|nla| match nla {
                Nla::TcpInfo(info) => Some(info),
                _ => None,
            });
            Ok(Some((response.header.state, info.unwrap_or_default())))
        }
        NetlinkPayload::Error(error) => match error.to_io() {
            error if error.kind() == ErrorKind::NotFound => Ok(None),
            error => Err(error),
        },
        _ => Err(io::Error::other("the kernel's answer is not understood")),
    }
}

/// Routes to the peers by which everything is acknowledged at once. The peer of `lazy` scripts has another address.
fn acknowledge_at_once() -> io::Result<()> {
    let device = nix::net::if_::if_nametoindex("tcpspec0")?;
    let mut socket = Netlink::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.connect(&NetlinkAddr::new(0, 0))?;
    let [peer, peer6] = [false, true].map(|ipv6| peer_socket(&Script { ipv6, ..Script::default() }, 1).ip());
    for (peers, prefix) in [(peer, 32), (peer6, 128), (CROWD.into(), 25)] {
        let mut route = RouteMessage::default();
        let (family, address) = match peers {
            IpAddr::V4(peers) => (AF_INET, RouteAddress::Inet(peers)),
            IpAddr::V6(peers) => (AF_INET6, RouteAddress::Inet6(peers)),
        };
        route.header = RouteHeader {
            address_family: family.into(),
            destination_prefix_length: prefix,
            table: RouteHeader::RT_TABLE_MAIN,
            protocol: RouteProtocol::Static,
            scope: RouteScope::Link,
            kind: RouteType::Unicast,
            ..RouteHeader::default()
        };
        route.attributes = vec![
            RouteAttribute::Destination(address),
            RouteAttribute::Oif(device),
            RouteAttribute::Metrics(vec![RouteMetric::QuickAck(1)]),
        ];
        match ask(&socket, NLM_F_CREATE | NLM_F_ACK, RouteNetlinkMessage::NewRoute(route))? {
            NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
            _ => {}
        }
    }
    Ok(())
}

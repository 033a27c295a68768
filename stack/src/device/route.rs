//! Routes of Linux, set by netlink (rtnetlink(7)): what lies behind a device.

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};
use std::io;
use std::net::IpAddr;

const NLMSG_ERROR: u16 = 2;
const RTM_NEWROUTE: u16 = 24;
/// Request, with an answer; create the route, or replace it.
const FLAGS: u16 = 0x1 | 0x4 | 0x400 | 0x100;
const RT_TABLE_MAIN: u8 = 254;
const RTPROT_STATIC: u8 = 4;
const RT_SCOPE_LINK: u8 = 253;
const RTN_UNICAST: u8 = 1;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;

/// Sends what lies in this network to the interface.
pub(super) fn add(network: IpAddr, prefix: u8, interface: u32) -> io::Result<()> {
    let failed = |error: io::Error| {
        io::Error::new(error.kind(), format!("the route to {network}/{prefix} cannot be set: {error}"))
    };
    request(&message(network, prefix, interface)).map_err(failed)
}

fn message(network: IpAddr, prefix: u8, interface: u32) -> Vec<u8> {
    let (family, address) = match network {
        IpAddr::V4(address) => (AddressFamily::INET, address.octets().to_vec()),
        IpAddr::V6(address) => (AddressFamily::INET6, address.octets().to_vec()),
    };
    let mut body =
        vec![family.as_raw() as u8, prefix, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_LINK, RTN_UNICAST];
    body.extend([0; 4]);
    for (kind, value) in [(RTA_DST, address), (RTA_OIF, interface.to_ne_bytes().to_vec())] {
        body.extend((value.len() as u16 + 4).to_ne_bytes());
        body.extend(kind.to_ne_bytes());
        body.extend(value);
    }
    let mut message = (body.len() as u32 + 16).to_ne_bytes().to_vec();
    message.extend(RTM_NEWROUTE.to_ne_bytes());
    message.extend(FLAGS.to_ne_bytes());
    // Sequence number and sender: there is one question and one answer.
    message.extend([0; 8]);
    message.extend(body);
    message
}

fn request(message: &[u8]) -> io::Result<()> {
    // Protocol 0 is that of routes.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    sendto(&socket, message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0; 1024];
    let (len, _) = recv(&socket, &mut answer, RecvFlags::empty())?;
    let number = |at: usize| answer.get(..len).and_then(|answer| answer.get(at..at + 4)?.try_into().ok());
    let [_, _, _, _, a, b, ..] = answer;
    let kind = u16::from_ne_bytes([a, b]);
    match (kind, number(16).map(i32::from_ne_bytes)) {
        (NLMSG_ERROR, Some(0)) => Ok(()),
        (NLMSG_ERROR, Some(error)) => Err(io::Error::from_raw_os_error(-error)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the kernel's answer is not understood")),
    }
}

//! Path MTU discovery (RFC 1191, RFC 8201) with a real router: the kernel forwards between two TUN devices, the second of which takes smaller packets.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
use tcpspec_tests::simulated::text;
use tcpspec_tests::with_device;

const NARROW: u16 = 1300;
/// The network behind the router: its address there, and the other stack's.
const FAR: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 8, 0, 1), Ipv4Addr::new(10, 8, 0, 2)];
const FAR6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd08, 0, 0, 0, 0, 0, 0, 1), Ipv6Addr::new(0xfd08, 0, 0, 0, 0, 0, 0, 2)];

/// A stack behind a link whose MTU it does not know.
fn behind(offload: bool) -> Stack {
    let tun = Tun::builder("narrow0").host(FAR[0], 24).host(FAR6[0], 64).mtu(NARROW).offload(offload);
    let tun = tun.build().expect("a second device");
    for file in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] {
        std::fs::write(format!("/proc/sys/net/{file}"), "1").expect(file);
    }
    let end = Instant::now() + Duration::from_secs(2);
    while UdpSocket::bind((FAR6[0], 0)).is_err() {
        assert!(Instant::now() < end, "the kernel does not take its address");
        thread::sleep(Duration::from_millis(1));
    }
    Stack::start(tun, Config::new(FAR[1]).with_address(FAR6[1], 64)).expect("start")
}

/// Text through the router: what the router says makes segments smaller, and nothing waits for the timer.
fn through_a_narrow_router(name: &'static str, offload: bool) {
    let change = |_: &mut Config| {};
    with_device(
        name,
        change,
        move |tun| tun.offload(offload).build(),
        move |near| {
            let far = behind(offload);
            let listener = TcpListener::bind(&far, 80).expect("bind");
            for (address, headers) in [(IpAddr::from(FAR[1]), 40), (IpAddr::from(FAR6[1]), 60)] {
                let before = near.with_endpoint(|endpoint| endpoint.counters().errors_reported);
                let mut client = TcpStream::connect(near, SocketAddr::new(address, 80)).expect("connect");
                assert_eq!(
                    client.status().expect("status").mss,
                    1500 - headers - 12,
                    "nobody has said anything"
                );
                let (mut server, _) = listener.accept().expect("accept");
                let whole = text(1 << 20, 7);
                let read = thread::scope(|scope| {
                    let reader = scope.spawn(|| {
                        let mut read = Vec::new();
                        server.read_to_end(&mut read).expect("read");
                        read
                    });
                    client.write_all(&whole).expect("write");
                    client.shutdown(Shutdown::Write).expect("shutdown");
                    reader.join().expect("reader")
                });
                assert!(read == whole, "{} octets came", read.len());
                let status = client.status().expect("status");
                assert_eq!(status.mss, u32::from(NARROW) - headers - 12, "{address}");
                assert_eq!(status.repairs.timeouts, 0, "{status}");
                assert!(status.traffic.octets_again > 0, "{status}");
                let after = near.with_endpoint(|endpoint| endpoint.counters().errors_reported);
                assert!(after > before, "the router has said so");
            }
        },
    );
}

/// RFC 9293: MUST-16
#[test]
fn a_narrow_router_makes_segments_smaller() {
    through_a_narrow_router("narrow", false);
}

#[test]
fn a_narrow_router_makes_what_the_device_cuts_smaller_too() {
    through_a_narrow_router("narrow_offload", true);
}

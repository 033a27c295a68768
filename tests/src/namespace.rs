//! A network namespace of a test's own with a TUN device: the kernel on one side, our stack on the other.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tcpspec_stack::device::{
    Device,
    tun::{self, Tun},
};
use tcpspec_stack::{Config, Stack};

/// The kernel's address.
pub const KERNEL: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 1);
/// Our stack's address.
pub const STACK: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);

/// The kernel's IPv6 address.
pub const KERNEL6: Ipv6Addr = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 1);
/// Our stack's IPv6 address.
pub const STACK6: Ipv6Addr = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 2);

/// Set where nothing may be skipped.
const REQUIRE: &str = "TCPSPEC_REQUIRE_KERNEL";
/// A test that takes longer has got stuck.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test in a thread with a network namespace of its own, in which a TUN device joins the kernel and our stack.
/// Without the permission for that the test is skipped, and says so.
///
/// # Panics
///
/// If the test does, if it takes longer than a minute, or if it would be skipped where that is not allowed.
pub fn with_kernel(
    name: &'static str,
    change: impl FnOnce(&mut Config),
    test: impl FnOnce(&Stack) + Send + 'static,
) {
    with_device(name, change, |tun| tun.build(), test);
}

/// The same with a device that the test makes of this TUN, in the namespace.
///
/// # Panics
///
/// Likewise.
pub fn with_device<D: Device>(
    name: &'static str,
    change: impl FnOnce(&mut Config),
    device: impl FnOnce(tun::Builder) -> io::Result<D> + Send + 'static,
    test: impl FnOnce(&Stack) + Send + 'static,
) {
    let start = move |tun, config: &Config| Stack::start(device(tun)?, config.clone());
    with_started(name, change, start, move |stack| {
        // Tests end where they like.
        stack.on_loss(|_| {});
        test(stack);
    });
}

/// The same with whatever the test starts on this TUN, in the namespace.
///
/// # Panics
///
/// Likewise.
#[expect(clippy::panic, reason = "tests report by panicking")]
pub fn with_started<T>(
    name: &'static str,
    change: impl FnOnce(&mut Config),
    start: impl FnOnce(tun::Builder, &Config) -> io::Result<T> + Send + 'static,
    test: impl FnOnce(&T) + Send + 'static,
) {
    let mut config = Config::new(STACK).with_address(STACK6, 64);
    change(&mut config);
    let (done, wait) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let started = match begin(&config, start) {
            Ok(started) => started,
            Err(error) => {
                let _ = done.send(Some(error));
                return;
            }
        };
        test(&started);
        drop(started);
        let _ = done.send(None);
    });
    match wait.recv_timeout(LIMIT) {
        Ok(None) => {}
        Ok(Some(error)) => skip(name, &error),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} is stuck"),
    }
}

fn begin<T>(config: &Config, start: impl FnOnce(tun::Builder, &Config) -> io::Result<T>) -> io::Result<T> {
    unshare()?;
    let tun = Tun::builder("tcpspec0").host(KERNEL, 24).host(KERNEL6, 64).mtu(config.mtu);
    let started = start(tun, config)?;
    wait_for_ipv6()?;
    Ok(started)
}

/// Gives the calling thread a network namespace of its own, with nothing in it.
///
/// # Errors
///
/// Without the permission for that.
pub fn unshare() -> io::Result<()> {
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).map_err(|error| {
        io::Error::other(format!(
            "no network namespace of its own ({error}); run the tests as root or with CAP_SYS_ADMIN"
        ))
    })
}

/// The kernel takes a moment until an IPv6 address counts.
///
/// # Errors
///
/// If it does not count after two seconds.
pub fn wait_for_ipv6() -> io::Result<()> {
    let limit = Instant::now() + Duration::from_secs(2);
    while let Err(error) = UdpSocket::bind((KERNEL6, 0)) {
        if Instant::now() > limit {
            return Err(io::Error::new(error.kind(), format!("the kernel does not take {KERNEL6}: {error}")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// What cannot run here is skipped, and says so, past the test harness, which shows nothing of a test that passes.
///
/// # Panics
///
/// Where nothing may be skipped.
pub fn skip(name: &str, error: &io::Error) {
    assert!(std::env::var_os(REQUIRE).is_none(), "{name} cannot run here: {error}");
    let _ = writeln!(io::stderr(), "SKIPPED {name}: {error}");
}

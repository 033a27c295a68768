//! Octets for a connection that does nothing.

use crate::far::Far;
use crate::near::idle;
use crate::{FAR, HELD, smol};
use peak_alloc::PeakAlloc;
use smoltcp::iface::SocketSet;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::TcpListener;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Connections to divide by.
const COUNT: usize = 1000;

/// A connection rests when nothing has happened on it for ten seconds.
const REST: Duration = Duration::from_secs(11);

/// Established, and in TIME-WAIT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) idle: f64,
    pub(crate) time_wait: f64,
}

/// Ours: what the allocator has given for a thousand connections of the kernel, with the sockets that the program holds.
pub(crate) fn ours(far: &Far) -> io::Result<Memory> {
    let stack = far.stack.clone().ok_or(io::ErrorKind::InvalidInput)?;
    let listener = TcpListener::bind(&stack, HELD)?;
    let there = |stack: &tcpspec_stack::Stack| {
        let table = stack.table();
        table.0.iter().filter(|status| status.local.port() == HELD).count()
    };
    let mut accepted = Vec::with_capacity(COUNT);
    let before = ALLOCATOR.current_usage();
    let each = |used: usize| (used as f64 - before as f64) / COUNT as f64;
    let near = far.near.clone();
    let clients = thread::spawn(move || near.run(|| idle(COUNT, FAR, HELD)));
    for _ in 0..COUNT {
        accepted.push(listener.accept()?.0);
    }
    let mut clients = clients.join().map_err(|_| io::Error::other("a client panicked"))??;
    // Of the clients only descriptors are in this program's memory.
    let own = size_of_val(clients.as_slice()) as f64 / COUNT as f64;
    settle(REST);
    let idle = each(ALLOCATOR.current_usage()) - own;
    // Our side closes first, so our side waits in TIME-WAIT.
    drop(accepted);
    for client in &mut clients {
        client.read_to_end(&mut Vec::new())?;
    }
    drop(clients);
    settle(Duration::from_millis(300));
    let time_wait = each(ALLOCATOR.current_usage());
    if there(&stack) != COUNT {
        return Err(io::Error::other(format!("{} of {COUNT} connections are in TIME-WAIT", there(&stack))));
    }
    Ok(Memory { idle, time_wait })
}

/// Waits until what is under way has come.
fn settle(span: Duration) {
    let until = Instant::now() + span;
    while Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
}

/// smoltcp: a socket and its buffers, whatever its state.
pub(crate) fn smoltcp(buffer: usize) -> f64 {
    const SOCKETS: usize = 100;
    let before = ALLOCATOR.current_usage();
    let mut sockets = SocketSet::new(Vec::with_capacity(SOCKETS));
    for _ in 0..SOCKETS {
        sockets.add(smol::socket(buffer));
    }
    let used = ALLOCATOR.current_usage() - before;
    drop(sockets);
    used as f64 / SOCKETS as f64
}

/// The kernel: its objects for a socket, and for one in TIME-WAIT, if it tells.
pub(crate) fn kernel() -> Option<Memory> {
    let slabs = std::fs::read_to_string("/proc/slabinfo").ok()?;
    let size = |name: &str| {
        let line = slabs.lines().find(|line| line.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(3)?.parse::<f64>().ok()
    };
    Some(Memory {
        idle: size("TCP")? + size("sock_inode_cache")? + size("filp")?,
        time_wait: size("tw_sock_TCP")?,
    })
}

//! The two compared ends that have sockets: our stack, and the kernel behind two joined TUNs. Both run the same programs, with a thread for each connection.

use crate::near::{Namespace, PIECE};
use crate::{DISCARD, ECHO, FAR, NEAR, SOURCE};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionbio, read, write};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tcpspec_stack::device::tun::{self, Tun};
use tcpspec_stack::{Config, Stack, TcpListener};

/// Threads that accept at once.
const WORKERS: usize = 16;
/// Packets forwarded before the other direction's turn.
const BATCH: usize = 64;

/// An end that is measured, and the namespace of the programs that measure it.
pub(crate) struct Far {
    pub(crate) near: Arc<Namespace>,
    /// Octets that the discard service has got.
    pub(crate) received: Arc<AtomicU64>,
    /// Ours.
    pub(crate) stack: Option<Stack>,
}

/// A TUN device whose kernel side has this address.
pub(crate) fn tun(host: std::net::Ipv4Addr, offload: bool) -> io::Result<Tun> {
    described(host, offload).build()
}

/// The same, to be described further.
pub(crate) fn described(host: std::net::Ipv4Addr, offload: bool) -> tun::Builder {
    Tun::builder("bench0").host(host, 24).mtu(1500).offload(offload)
}

/// Our stack. `io_uring`: without offload many packets are written at once.
pub(crate) fn ours(offload: bool, io_uring: bool) -> io::Result<Far> {
    let near = Arc::new(Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    let stack = near.run(move || {
        let tun = described(NEAR, offload).io_uring(io_uring).build()?;
        let stack = Stack::start(tun, Config::new(FAR))?;
        serve(
            |port| TcpListener::bind(&stack, port),
            |listener| {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                Ok(stream)
            },
            &counter,
        )?;
        io::Result::Ok(stack)
    })?;
    // The programs may still write when all ends.
    stack.on_loss(|_| {});
    Ok(Far { near, received, stack: Some(stack) })
}

/// The kernel, in a namespace of its own.
pub(crate) fn kernel(offload: bool) -> io::Result<Far> {
    let (near, far) = (Arc::new(Namespace::new()?), Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    let here = near.run(move || tun(NEAR, offload))?;
    let there = far.run(move || {
        let tun = tun(FAR, offload)?;
        serve(
            |port| std::net::TcpListener::bind((FAR, port)),
            |listener| {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                Ok(stream)
            },
            &counter,
        )?;
        io::Result::Ok(tun)
    })?;
    thread::spawn(move || forward(&here, &there));
    Ok(Far { near, received, stack: None })
}

/// Hands on what comes from either, header and all.
fn forward(a: &Tun, b: &Tun) -> io::Result<()> {
    let fds = [a.as_fd(), b.as_fd()];
    for fd in fds {
        ioctl_fionbio(fd, true)?;
    }
    let mut packet = vec![0; 10 + (64 << 10)];
    loop {
        let mut idle = true;
        for [from, to] in [fds, [fds[1], fds[0]]] {
            for _ in 0..BATCH {
                match read(from, &mut packet) {
                    Ok(len) => {
                        idle = false;
                        // A packet that is refused is lost.
                        let _ = write(to, &packet[..len]);
                    }
                    Err(Errno::WOULDBLOCK) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        if idle {
            poll(&mut fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)), None)?;
        }
    }
}

/// What a service does with a connection.
type Program<S> = Arc<dyn Fn(&mut S) -> io::Result<()> + Send + Sync>;

/// The services: octets come back, are counted, or never end.
fn serve<L: Send + Sync + 'static, S: Read + Write + 'static>(
    bind: impl Fn(u16) -> io::Result<L>,
    accept: impl Fn(&L) -> io::Result<S> + Copy + Send + 'static,
    received: &Arc<AtomicU64>,
) -> io::Result<()> {
    let start = |port, workers, program: Program<S>| {
        let listener = Arc::new(bind(port)?);
        for _ in 0..workers {
            let (listener, program) = (Arc::clone(&listener), Arc::clone(&program));
            thread::spawn(move || {
                while let Ok(mut stream) = accept(&listener) {
                    // A client that is satisfied goes.
                    let _ = program(&mut stream);
                }
            });
        }
        io::Result::Ok(())
    };
    start(ECHO, WORKERS, Arc::new(echo))?;
    start(SOURCE, 1, Arc::new(source))?;
    let received = Arc::clone(received);
    start(DISCARD, 1, Arc::new(move |stream: &mut S| discard(stream, &received)))
}

fn echo(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let mut octets = [0; 64];
    loop {
        let len = stream.read(&mut octets)?;
        if len == 0 {
            return Ok(());
        }
        stream.write_all(&octets[..len])?;
    }
}

fn source(stream: &mut impl Write) -> io::Result<()> {
    let piece = vec![1; PIECE];
    loop {
        stream.write_all(&piece)?;
    }
}

fn discard(stream: &mut impl Read, received: &AtomicU64) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let len = stream.read(&mut piece)?;
        if len == 0 {
            return Ok(());
        }
        received.fetch_add(len as u64, Ordering::Relaxed);
    }
}

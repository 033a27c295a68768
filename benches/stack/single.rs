//! Our stack without a thread of its own: one thread drives it and is the program too, as with smoltcp.

use crate::far::{Far, described};
use crate::near::{Namespace, PIECE};
use crate::{DISCARD, ECHO, FAR, NEAR, SOURCE};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tcpspec_stack::{Config, Interest, Stack, TcpListener, TcpStream};

/// Our stack, driven by the thread that uses it. `io_uring`: without offload many packets are written at once.
pub(crate) fn ours(offload: bool, io_uring: bool) -> io::Result<Far> {
    let near = Arc::new(Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    near.run(move || {
        let tun = described(NEAR, offload).io_uring(io_uring).build()?;
        let stack = Stack::without_thread(tun, Config::new(FAR))?;
        // The programs may still write when all ends.
        stack.on_loss(|_| {});
        thread::spawn(move || run(&stack, &counter));
        io::Result::Ok(())
    })?;
    Ok(Far { near, received, stack: None })
}

pub(crate) fn run(stack: &Stack, received: &AtomicU64) -> io::Result<()> {
    let listen = |port| {
        let listener = TcpListener::bind(stack, port)?;
        listener.set_nonblocking(true)?;
        io::Result::Ok((listener, port))
    };
    let listeners = [listen(ECHO)?, listen(SOURCE)?, listen(DISCARD)?];
    let mut streams: Vec<(TcpStream, u16)> = Vec::new();
    let mut piece = vec![1; PIECE];
    let mut busy = false;
    loop {
        stack.drive(busy.then_some(Duration::ZERO))?;
        busy = false;
        for (listener, port) in &listeners {
            while let Ok((stream, _)) = listener.accept() {
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                streams.push((stream, *port));
            }
        }
        streams.retain_mut(|(stream, port)| match program(stream, *port, &mut piece, received) {
            Ok(more) => {
                busy |= more;
                true
            }
            // A client that is satisfied goes.
            Err(_) => false,
        });
    }
}

/// What the program does with a connection now. True if there may be more to do at once.
fn program(stream: &mut TcpStream, port: u16, piece: &mut [u8], received: &AtomicU64) -> io::Result<bool> {
    let interest = if port == SOURCE { Interest::WRITE } else { Interest::READ };
    if !stream.is_ready(interest) {
        return Ok(false);
    }
    let done = match port {
        SOURCE => stream.write(piece),
        ECHO => stream.read(&mut piece[..64]),
        _ => stream.read(piece),
    };
    let len = match done {
        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
        Ok(len) => len,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
        Err(error) => return Err(error),
    };
    match port {
        ECHO => stream.write_all(&piece[..len])?,
        DISCARD => drop(received.fetch_add(len as u64, Ordering::Relaxed)),
        _ => {}
    }
    Ok(port != ECHO)
}

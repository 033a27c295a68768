//! How the processes of an exploration find each other: each listens on its own address for those behind it in the hosts' file, and calls those before it.
//!
//! timely has this too, but says on stdout that it waits, where the report will stand, and waits without end. The connections are what it expects.

use super::Cluster;
use crate::output::aside;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::allocator::{AllocatorBuilder, ProcessBuilder};
use timely::communication::{Config, Hooks};

/// How often a process asks whether another one has come.
const ASK: Duration = Duration::from_millis(50);
/// A process of ours says its number at once. A caller that does not is a stranger.
const NUMBER: Duration = Duration::from_secs(2);
/// How long one call goes unanswered: the system would call a host that says nothing for minutes, and ask nobody meanwhile.
const CALL: Duration = Duration::from_secs(1);

/// Where a process is called, from its first exploration to its last: one that is not there is told from one that is busy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listening(Arc<Mutex<Option<TcpListener>>>);

/// What timely runs workers with: a builder for each, and what has to live as long as they do.
pub(super) type Workers = (Vec<AllocatorBuilder>, Box<dyn std::any::Any + Send>);

/// The workers of this process, connected with those of the others. The error names the process that is missing, or what else is wrong.
pub(super) fn workers(cluster: &Cluster, interrupted: &AtomicBool) -> Result<Workers, String> {
    let threads = cluster.workers;
    match (cluster.hosts.len(), threads) {
        (0 | 1, 0 | 1) => return Config::Thread.try_build(),
        (0 | 1, _) => return Config::Process(threads).try_build(),
        _ => {}
    }
    let sockets = sockets(cluster, interrupted)?;
    let hooks = Hooks::default();
    let local = ProcessBuilder::new_typed_vector(threads, hooks.refill.clone(), hooks.spill.clone());
    let (builders, guard) =
        initialize_networking_from_sockets(local, sockets, cluster.process, threads, hooks)
            .map_err(|error| format!("cannot use the connections to the other processes: {error}"))?;
    Ok((builders.into_iter().map(AllocatorBuilder::Tcp).collect(), Box::new(guard)))
}

/// A connection to each other process, in their order; none to this one.
fn sockets(cluster: &Cluster, interrupted: &AtomicBool) -> Result<Vec<Option<TcpStream>>, String> {
    let Cluster { process, hosts, wait, listening, .. } = cluster;
    let until = Instant::now() + *wait;
    let mut said = false;
    let mut missing = |other: usize, why: &str| -> Result<(), String> {
        let at = &hosts[other];
        if interrupted.load(Relaxed) {
            return Err(format!("stopped by the user before process {other} at {at} came"));
        }
        if Instant::now() >= until {
            return Err(format!(
                "process {other} at {at} did not come within {} s{why}: start it with the same command and hosts' file, or wait longer with --wait",
                wait.as_secs()
            ));
        }
        if !said {
            said = true;
            aside::line(&format!("waiting for process {other} at {at}, {} s at most", wait.as_secs()));
        }
        sleep(ASK);
        Ok(())
    };
    let mut sockets: Vec<Option<TcpStream>> = hosts.iter().map(|_| None).collect();
    let mut listening = listening.0.lock().unwrap_or_else(PoisonError::into_inner);
    let listener = match &mut *listening {
        Some(listener) => listener,
        none => none.insert(listen(&hosts[*process])?),
    };
    for other in 0..*process {
        sockets[other] = loop {
            match call(&hosts[other], *process, until) {
                Ok(socket) => break Some(socket),
                Err(error) => missing(other, &format!(" ({error})"))?,
            }
        };
    }
    while let Some(other) = (*process + 1..hosts.len()).find(|other| sockets[*other].is_none()) {
        match accept(listener, until) {
            Ok((number, socket)) if (*process + 1..hosts.len()).contains(&number) => {
                sockets[number] = Some(socket);
            }
            // A stranger does not make the wait longer.
            Ok(_) => missing(other, "")?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => missing(other, "")?,
            Err(error) => {
                aside::line(&format!("somebody called who is no process of ours: {error}"));
                missing(other, "")?;
            }
        }
    }
    Ok(sockets)
}

fn listen(at: &str) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(at).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener
        .map_err(|error| format!("cannot listen on {at}, this process's line of the hosts' file: {error}"))
}

/// What is left until then, no longer than `most`; a little at least, for no time at all means without end.
fn left(until: Instant, most: Duration) -> Duration {
    until.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(10), most)
}

/// Calls a process and says who calls.
fn call(at: &str, process: usize, until: Instant) -> io::Result<TcpStream> {
    let mut called = Err(io::Error::other("the name has no address"));
    for address in at.to_socket_addrs()? {
        called = TcpStream::connect_timeout(&address, left(until, CALL));
        if called.is_ok() {
            break;
        }
    }
    let mut socket = called?;
    socket.set_nodelay(true)?;
    socket.write_all(&(process as u64).to_be_bytes())?;
    Ok(socket)
}

/// The number of the process that has called, if one has.
fn accept(listener: &TcpListener, until: Instant) -> io::Result<(usize, TcpStream)> {
    let (mut socket, _) = listener.accept()?;
    socket.set_nonblocking(false)?;
    socket.set_nodelay(true)?;
    let until = until.min(Instant::now() + NUMBER);
    let mut number = [0; 8];
    let mut read = 0;
    // Octet by octet, if need be, but not for longer.
    while read < number.len() {
        socket.set_read_timeout(Some(left(until, NUMBER)))?;
        // Not `WouldBlock`, as if nobody had called.
        read += match socket.read(&mut number[read..]).map_err(|error| io::Error::other(error.to_string()))? {
            0 => return Err(io::Error::other("it hung up")),
            _ if Instant::now() >= until => return Err(io::Error::other("it was too slow")),
            some => some,
        };
    }
    socket.set_read_timeout(None)?;
    Ok((usize::try_from(u64::from_be_bytes(number)).unwrap_or(usize::MAX), socket))
}

//! The end that is the same for all: sockets of the kernel, in a network namespace of their own. The programs on them measure.

use crate::{DISCARD, ECHO, FAR, SOURCE};
use rustix::event::epoll;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Octets of a read or write in bulk.
pub(crate) const PIECE: usize = 256 << 10;
/// Before a bulk measurement begins: windows grow.
const WARM_UP: Duration = Duration::from_millis(150);
/// Whatever takes longer has got stuck.
const STUCK: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce() + Send>;

/// A thread in a network namespace of its own.
pub(crate) struct Namespace {
    jobs: mpsc::Sender<Job>,
}

impl Namespace {
    /// A new one.
    pub(crate) fn new() -> io::Result<Self> {
        let (jobs, work) = mpsc::channel::<Job>();
        let (made, is_made) = mpsc::channel();
        thread::spawn(move || {
            let result = enter();
            let failed = result.is_err();
            if made.send(result).is_err() || failed {
                return;
            }
            work.into_iter().for_each(|job| job());
        });
        is_made.recv().map_err(io::Error::other)??;
        Ok(Self { jobs })
    }

    /// Runs something there, and the threads that it starts.
    pub(crate) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = mpsc::channel();
        self.jobs.send(Box::new(move || drop(done.send(job())))).expect("the namespace's thread runs");
        result.recv().expect("the job has not panicked")
    }
}

fn enter() -> io::Result<()> {
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET)?;
    // Ports for many short connections, which few of them keep in TIME-WAIT. Reno is the congestion control that every kernel lets a namespace
    // choose; BBR, the default of some, paces, and what it believes of the path is then all that is measured.
    for (name, value) in [
        ("ip_local_port_range", "1024 65535"),
        ("tcp_max_tw_buckets", "1000"),
        ("tcp_congestion_control", "reno"),
    ] {
        fs::write(format!("/proc/sys/net/ipv4/{name}"), value)
            .map_err(|error| io::Error::other(format!("net.ipv4.{name} = {value}: {error}")))?;
    }
    Ok(())
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&(FAR, port).into(), STUCK)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(STUCK))?;
    stream.set_write_timeout(Some(STUCK))?;
    Ok(stream)
}

/// Bits a second that the far end sends.
pub(crate) fn sends(span: Duration) -> io::Result<f64> {
    let mut stream = connect(SOURCE)?;
    let mut piece = vec![0; PIECE];
    let warm = Instant::now() + WARM_UP;
    let mut some = || match stream.read(&mut piece)? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        octets => Ok(octets as u64),
    };
    while Instant::now() < warm {
        some()?;
    }
    let (start, mut octets) = (Instant::now(), 0);
    while start.elapsed() < span {
        octets += some()?;
    }
    Ok(octets as f64 * 8.0 / start.elapsed().as_secs_f64())
}

/// Bits a second that the far end receives; its program counts them in `received`.
pub(crate) fn receives(span: Duration, received: &AtomicU64) -> io::Result<f64> {
    let mut stream = connect(DISCARD)?;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let piece = vec![1; PIECE];
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(&piece)?;
            }
            // What is still under way must not meet the next measurement.
            stream.shutdown(Shutdown::Write)?;
            stream.read(&mut [0])
        }
    });
    thread::sleep(WARM_UP);
    let (start, before) = (Instant::now(), received.load(Ordering::Relaxed));
    thread::sleep(span);
    let octets = received.load(Ordering::Relaxed) - before;
    let seconds = start.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    writer.join().map_err(|_| io::Error::other("the writer panicked"))??;
    Ok(octets as f64 * 8.0 / seconds)
}

/// How fast something small was done, over and over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Times a second.
    pub(crate) rate: f64,
    /// Median in microseconds.
    pub(crate) median: f64,
    /// The 99th percentile in microseconds.
    pub(crate) p99: f64,
}

impl Pace {
    fn of(mut spans: Vec<Duration>, whole: Duration) -> io::Result<Self> {
        spans.sort_unstable();
        let at = |part: usize| spans.get(spans.len() * part / 100).map(|span| span.as_secs_f64() * 1e6);
        let rate = spans.len() as f64 / whole.as_secs_f64();
        at(50)
            .zip(at(99))
            .map(|(median, p99)| Self { rate, median, p99 })
            .ok_or(io::ErrorKind::TimedOut.into())
    }
}

/// One octet there and back, on `count` connections at once.
pub(crate) fn ping_pong(count: usize, span: Duration) -> io::Result<Pace> {
    let mut streams = (0..count).map(|_| connect(ECHO)).collect::<io::Result<Vec<_>>>()?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut sent = vec![Instant::now(); count];
    for (n, stream) in streams.iter().enumerate() {
        epoll::add(&poll, stream, epoll::EventData::new_u64(n as u64), epoll::EventFlags::IN)?;
    }
    for (stream, sent) in streams.iter_mut().zip(&mut sent) {
        *sent = Instant::now();
        stream.write_all(b"x")?;
    }
    let mut spans = Vec::with_capacity(1 << 20);
    let mut events = Vec::with_capacity(count);
    let limit = STUCK.try_into().map_err(io::Error::other)?;
    let start = Instant::now();
    while start.elapsed() < span {
        events.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), Some(&limit))?;
        if events.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for event in &events {
            let n = event.data.u64() as usize;
            let (Some(stream), Some(sent)) = (streams.get_mut(n), sent.get_mut(n)) else { continue };
            stream.read_exact(&mut [0])?;
            let now = Instant::now();
            spans.push(now - *sent);
            *sent = now;
            stream.write_all(b"x")?;
        }
    }
    Pace::of(spans, start.elapsed())
}

/// Connect, one octet there and back, close; `count` programs at once.
pub(crate) fn connects(count: usize, span: Duration) -> io::Result<Pace> {
    let start = Instant::now();
    let threads: Vec<_> = (0..count)
        .map(|_| {
            thread::spawn(move || {
                let mut spans = Vec::with_capacity(1 << 16);
                while start.elapsed() < span {
                    let begun = Instant::now();
                    let mut stream = connect(ECHO)?;
                    stream.write_all(b"x")?;
                    stream.read_exact(&mut [0])?;
                    drop(stream);
                    spans.push(begun.elapsed());
                }
                io::Result::Ok(spans)
            })
        })
        .collect();
    let mut spans = Vec::new();
    for thread in threads {
        spans.extend(thread.join().map_err(|_| io::Error::other("a client panicked"))??);
    }
    Pace::of(spans, start.elapsed())
}

/// `count` connections that stay.
pub(crate) fn idle(count: usize, to: Ipv4Addr, port: u16) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| TcpStream::connect((to, port))).collect()
}

//! Long runs across a TUN device. The kernel is the other end, and a device between them loses, doubles, delays and reorders packets. Each octet is compared. The model judges each event
//! of ours (feature `inclusion`), and a difference ends the process. Memory must stay flat.

use crate::simulated::Random;
use crate::{KERNEL, STACK, unshare};
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::device::faulty::{Conditions, Faulty};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};

/// Ports of ours: bulk both ways, ping-pong, connections that come and go. The kernel's: connections that we make.
const BULK: [u16; 2] = [1001, 1002];
const PING: u16 = 1003;
const CHURN: u16 = 1004;
const OURS: u16 = 1005;
/// Octets each way in a connection of bulk.
const LARGE: u64 = 8 << 20;
/// No call takes longer, though the line is dead for some seconds now and then.
const PATIENCE: Duration = Duration::from_secs(90);
/// The line changes after so many seconds at most.
const WEATHER: u64 = 12;
/// Memory may grow by so much from the second quarter of the time to the last.
const GROWTH: (u64, u64) = (11, 10);
const SLACK: u64 = 8 << 20;
/// It is judged in runs of so many seconds at least. Until then buffers that are used again are still being made.
const WARM: usize = 600;

/// What has been done.
#[derive(Default, Debug)]
pub struct Tally {
    /// Octets that came as they were sent, both ways.
    pub octets: AtomicU64,
    /// Messages that came back as they were sent.
    pub pings: AtomicU64,
    /// Connections that were made.
    pub connections: AtomicU64,
    /// Of these, ended by a RST on purpose.
    pub aborted: AtomicU64,
    /// Attempts that had to wait because a small memory was full.
    pub waited: AtomicU64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (octets, pings) = (of(&self.octets) >> 20, of(&self.pings));
        let (connections, aborted, waited) = (of(&self.connections), of(&self.aborted), of(&self.waited));
        write!(
            f,
            "{octets} MiB compared, {pings} ping-pongs, {connections} connections, {aborted} of them reset on purpose"
        )?;
        if waited > 0 { write!(f, ", {waited} attempts that waited for memory") } else { Ok(()) }
    }
}

/// A run.
pub struct Run<'a> {
    stack: Stack,
    device: Arc<Faulty<Tun>>,
    seed: u64,
    /// The stack may keep little.
    is_small: bool,
    stop: &'a AtomicBool,
    wrong: Mutex<Option<String>>,
    tally: Tally,
}

impl<'a> Run<'a> {
    /// A stack on a TUN device, in a network namespace of the calling thread's own. The run ends when `stop` is set.
    ///
    /// # Errors
    ///
    /// Without TUN or the permission for it, with what to do.
    pub fn start(seed: u64, stop: &'a AtomicBool) -> io::Result<Self> {
        unshare()?;
        // Of four seeds one has segmentation offload and one a small memory, one has both.
        let [offload, is_small] = [seed % 2 == 1, seed / 2 % 2 == 1];
        let memory = if is_small { 300_000 } else { Config::default().memory };
        let config = Config::new(STACK).with_msl(Duration::from_secs(5)).with_memory(memory);
        let tun = Tun::builder("tcpspec0").host(KERNEL, 24).mtu(config.mtu).offload(offload).build()?;
        let device = Arc::new(Faulty::new(tun, seed, Conditions::default()));
        let stack = Stack::start(Arc::clone(&device), config)?;
        stack.on_loss(|_| {});
        Ok(Self { stack, device, seed, is_small, stop, wrong: Mutex::default(), tally: Tally::default() })
    }

    /// Runs for so long, and tells how it goes.
    ///
    /// # Errors
    ///
    /// The seed and what is wrong: text is lost or changed, a call takes too long or fails, memory grows, or connections stay.
    pub fn run(self, span: Duration) -> io::Result<Tally> {
        let resident = self.work(span)?;
        self.end(&resident)
    }

    /// What the process has in memory, each second.
    fn work(&self, span: Duration) -> io::Result<Vec<u64>> {
        let listen = |port| {
            let listener = TcpListener::bind(&self.stack, port)?;
            listener.set_nonblocking(true).map(|()| listener)
        };
        let (bulk, pings, churn) = ([listen(BULK[0])?, listen(BULK[1])?], listen(PING)?, listen(CHURN)?);
        let kernel = net::TcpListener::bind((KERNEL, OURS))?;
        kernel.set_nonblocking(true)?;
        let (began, mut resident) = (Instant::now(), Vec::new());
        thread::scope(|scope| {
            for (listener, port) in bulk.iter().zip(BULK) {
                scope.spawn(move || self.until_stopped("bulk", |n| self.bulk(listener, port, n)));
            }
            scope.spawn(|| self.until_stopped("ping-pong", |n| self.pings(&pings, n)));
            scope.spawn(|| self.until_stopped("churn", |n| self.churn(&churn, n)));
            scope.spawn(|| self.until_stopped("our connections", |n| self.ours(&kernel, n)));
            scope.spawn(|| self.weather());
            let every = (span.as_secs() / 60).clamp(1, 60);
            let mut progress = (self.tally.octets.load(Ordering::Relaxed), Instant::now());
            while began.elapsed() < span && !self.stopped() {
                let octets = self.tally.octets.load(Ordering::Relaxed);
                if octets != progress.0 {
                    progress = (octets, Instant::now());
                } else if progress.1.elapsed() > 2 * PATIENCE {
                    // No call may be asked what it does: each would wait, too.
                    eprintln!("does not hold: seed {}: nothing goes on\n{}", self.seed, self.tally);
                    std::process::exit(1);
                }
                thread::sleep(Duration::from_secs(1));
                resident.push(resident_octets());
                if (resident.len() as u64).is_multiple_of(every) {
                    self.tell(began.elapsed(), resident_octets());
                }
            }
            self.stop.store(true, Ordering::Relaxed);
        });
        Ok(resident)
    }

    fn tell(&self, passed: Duration, resident: u64) {
        let (ours, connections) = self.stack.with_endpoint(|end| (end.memory(), end.connections()));
        println!(
            "{:>6} s: {}; {} MiB in memory, {} KiB of it of {connections} connections",
            passed.as_secs(),
            self.tally,
            resident >> 20,
            ours >> 10
        );
    }
}

impl Run<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.lock().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it again and again; the first fault ends the run.
    fn until_stopped(&self, what: &str, mut once: impl FnMut(u64) -> io::Result<()>) {
        for n in 0.. {
            if self.stopped() {
                return;
            }
            let done = catch_unwind(AssertUnwindSafe(|| once(n)));
            let done = done.unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")));
            if let Err(error) = done {
                let table = self.stack.table();
                self.lock().get_or_insert(format!("{what}, number {n}: {error}\n{table}"));
            }
        }
    }

    /// Changes the line again and again. Sometimes it is dead for some seconds.
    fn weather(&self) {
        let mut random = Random(self.seed);
        while !self.stopped() {
            let dead = random.below(10) == 0;
            let chance = |random: &mut Random, most: u64| {
                if random.below(2) == 0 { 0.0 } else { random.below(most) as f64 / 1000.0 }
            };
            let conditions = Conditions {
                loss: if dead { 1.0 } else { chance(&mut random, 50) },
                duplication: chance(&mut random, 30),
                reordering: chance(&mut random, 50),
                corruption: chance(&mut random, 5),
                delay: Duration::from_micros(random.below(20_000)),
                jitter: Duration::from_micros(random.below(5_000)),
                ..Conditions::default()
            };
            self.device.set_conditions(conditions);
            let seconds = 1 + random.below(if dead { 4 } else { WEATHER });
            for _ in 0..seconds * 10 {
                if !self.stopped() {
                    thread::sleep(Duration::from_millis(100));
                }
            }
        }
        self.device.set_conditions(Conditions::default());
    }

    /// While its memory is short a stack makes no connection: SYNs are dropped, and its own program hears why. Users who write all the time keep a small one short.
    fn while_short<T>(&self, mut connect: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let limit = Instant::now() + 10 * PATIENCE;
        let mut waits = false;
        loop {
            match connect() {
                Err(error)
                    if self.is_small
                        && matches!(error.kind(), ErrorKind::QuotaExceeded | ErrorKind::TimedOut)
                        && Instant::now() < limit =>
                {
                    waits = true;
                    thread::sleep(Duration::from_millis(2));
                }
                done => {
                    self.tally.waited.fetch_add(waits.into(), Ordering::Relaxed);
                    return done;
                }
            }
        }
    }

    /// The kernel connects. Its first octets say which connection it is: an earlier attempt may still wait to be accepted.
    fn accepted(&self, listener: &TcpListener, port: u16, n: u64) -> io::Result<(net::TcpStream, TcpStream)> {
        let kernel = self.while_short(|| kernel_connects(port))?;
        (&kernel).write_all(&n.to_be_bytes())?;
        loop {
            let (ours, _) = in_time(|| listener.accept())?;
            ours.set_nonblocking(false)?;
            ours.set_read_timeout(Some(PATIENCE))?;
            ours.set_write_timeout(Some(PATIENCE))?;
            let mut number = [0; 8];
            // An attempt that the kernel has given up ends here.
            let read = (&ours).read_exact(&mut number);
            if read.is_ok() && u64::from_be_bytes(number) == n {
                self.tally.connections.fetch_add(1, Ordering::Relaxed);
                return Ok((kernel, ours));
            }
        }
    }

    fn bulk(&self, listener: &TcpListener, port: u16, n: u64) -> io::Result<()> {
        let (kernel, ours) = self.accepted(listener, port, n)?;
        let text = [0, 1].map(|way| Text::new(self.seed ^ n << 17 ^ u64::from(port) << 1 ^ way));
        thread::scope(|scope| {
            let sends = [
                scope.spawn(|| text[0].write(&kernel, LARGE).and_then(|()| kernel.shutdown(Shutdown::Write))),
                scope.spawn(|| text[1].write(&ours, LARGE).and_then(|()| ours.shutdown(Shutdown::Write))),
            ];
            let reads = scope.spawn(|| text[1].read(&kernel, self));
            let read = text[0].read(&ours, self)?;
            let others = reads.join().map_err(|_| io::Error::other("a thread has panicked"))??;
            for send in sends {
                send.join().map_err(|_| io::Error::other("a thread has panicked"))??;
            }
            same(read, LARGE)?;
            same(others, LARGE)
        })
    }

    fn pings(&self, listener: &TcpListener, n: u64) -> io::Result<()> {
        let (mut kernel, mut ours) = self.accepted(listener, PING, n)?;
        let mut random = Random(self.seed ^ n);
        for _ in 0..2000 {
            let text = Text::new(random.below(1 << 30)).octets(0, 1 + random.below(2000) as usize);
            kernel.write_all(&text)?;
            let mut there = vec![0; text.len()];
            ours.read_exact(&mut there)?;
            ours.write_all(&there)?;
            let mut back = vec![0; text.len()];
            kernel.read_exact(&mut back)?;
            if back != text {
                return Err(io::Error::other(format!("{} octets came back changed", text.len())));
            }
            self.tally.pings.fetch_add(1, Ordering::Relaxed);
            self.tally.octets.fetch_add(2 * text.len() as u64, Ordering::Relaxed);
            if self.stopped() {
                break;
            }
        }
        Ok(())
    }

    /// A short connection of the kernel's. Some are reset by either end, at some place of their text.
    fn churn(&self, listener: &TcpListener, n: u64) -> io::Result<()> {
        let mut random = Random(self.seed ^ n << 8);
        let (kernel, ours) = self.accepted(listener, CHURN, n)?;
        let (text, len) = (Text::new(self.seed ^ n), random.below(20_000));
        text.write(&kernel, len)?;
        match random.below(8) {
            0 => {
                socket2::SockRef::from(&kernel).set_linger(Some(Duration::ZERO))?;
                drop(kernel);
                self.tally.aborted.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            1 => {
                // Text is unread, so this is a RST.
                drop(ours);
                self.tally.aborted.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            _ => kernel.shutdown(Shutdown::Write)?,
        }
        same(text.read(&ours, self)?, len)?;
        (&ours).write_all(&len.to_be_bytes())?;
        ours.shutdown(Shutdown::Write)?;
        let mut answer = Vec::new();
        (&kernel).read_to_end(&mut answer)?;
        if answer == len.to_be_bytes() {
            Ok(())
        } else {
            Err(io::Error::other(format!("the answer is {answer:?}")))
        }
    }

    /// A short connection of ours, which closes first.
    fn ours(&self, listener: &net::TcpListener, n: u64) -> io::Result<()> {
        let mut random = Random(self.seed ^ n << 9);
        let (text, len) = (Text::new(self.seed ^ n << 1), random.below(50_000));
        thread::scope(|scope| {
            let to = SocketAddr::from((KERNEL, OURS));
            let ours = self.while_short(|| TcpStream::connect_timeout(&self.stack, &to, PATIENCE))?;
            let kernel = scope.spawn(|| -> io::Result<u64> {
                let (kernel, _) = in_time(|| listener.accept())?;
                kernel.set_read_timeout(Some(PATIENCE))?;
                text.read(&kernel, self)
            });
            ours.set_read_timeout(Some(PATIENCE))?;
            ours.set_write_timeout(Some(PATIENCE))?;
            self.tally.connections.fetch_add(1, Ordering::Relaxed);
            text.write(&ours, len)?;
            ours.shutdown(Shutdown::Write)?;
            let read = kernel.join().map_err(|_| io::Error::other("a thread has panicked"))??;
            same(read, len)?;
            // The kernel closes, too.
            match (&ours).read(&mut [0; 1])? {
                0 => Ok(()),
                _ => Err(io::Error::other("text came that nobody has sent")),
            }
        })
    }

    /// What holds at the end.
    fn end(self, resident: &[u64]) -> io::Result<Tally> {
        let fail =
            |what: String| Err(io::Error::other(format!("seed {}: {what}\n{}", self.seed, self.tally)));
        if let Some(wrong) = self.lock().take() {
            return fail(wrong);
        }
        // 2MSL, and what the last FINs need on a line that is good again.
        let limit = Instant::now() + Duration::from_secs(150);
        while self.stack.with_endpoint(|end| end.connections()) > 0 {
            if Instant::now() > limit {
                return fail(format!("connections stay:\n{}", self.stack.table()));
            }
            thread::sleep(Duration::from_millis(100));
        }
        let left = self.stack.with_endpoint(|end| end.memory());
        if left > 0 {
            return fail(format!("without connections {left} octets are counted"));
        }
        let quarter = resident.len() / 4;
        let median = |part: &[u64]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied().unwrap_or_default()
        };
        let (early, late) = (median(&resident[quarter..2 * quarter]), median(&resident[3 * quarter..]));
        if late == 0 {
            return fail("the system does not say what the process has in memory".to_owned());
        }
        if resident.len() >= WARM && late > early * GROWTH.0 / GROWTH.1 + SLACK {
            return fail(format!("memory grows: {} KiB, later {} KiB", early >> 10, late >> 10));
        }
        println!(
            "memory: {} KiB in the second quarter of the time, {} KiB in the last",
            early >> 10,
            late >> 10
        );
        Ok(self.tally)
    }
}

fn kernel_connects(port: u16) -> io::Result<net::TcpStream> {
    let kernel = net::TcpStream::connect_timeout(&SocketAddr::from((STACK, port)), PATIENCE)?;
    kernel.set_read_timeout(Some(PATIENCE))?;
    kernel.set_write_timeout(Some(PATIENCE))?;
    Ok(kernel)
}

/// Accepts from a listener that does not wait.
fn in_time<T>(mut again: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let limit = Instant::now() + PATIENCE;
    loop {
        match again() {
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < limit => {
                thread::sleep(Duration::from_millis(2));
            }
            done => return done,
        }
    }
}

fn same(is: u64, should: u64) -> io::Result<()> {
    if is == should { Ok(()) } else { Err(io::Error::other(format!("{is} octets came of {should}"))) }
}

/// Text in which an octet that is lost, doubled or moved shows.
struct Text {
    pattern: Vec<u8>,
}

/// A prime, so that no piece of a usual size repeats it.
const PATTERN: usize = 65_521;

impl Text {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        Self { pattern: (0..PATTERN).map(|_| random.below(256) as u8).collect() }
    }

    fn octets(&self, from: u64, len: usize) -> Vec<u8> {
        let octet = |at: u64| self.pattern[(at % PATTERN as u64) as usize] ^ (at / PATTERN as u64) as u8;
        (from..from + len as u64).map(octet).collect()
    }

    fn write(&self, mut to: impl Write, len: u64) -> io::Result<()> {
        let mut written = 0;
        while written < len {
            let text = self.octets(written, (len - written).min(16_000) as usize);
            to.write_all(&text)?;
            written += text.len() as u64;
        }
        Ok(())
    }

    /// To the end; how many octets came, all of them as they should be.
    fn read(&self, mut from: impl Read, run: &Run<'_>) -> io::Result<u64> {
        let (mut read, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            let len = from.read(&mut buffer)?;
            if len == 0 {
                return Ok(read);
            }
            let (is, should) = (&buffer[..len], self.octets(read, len));
            if let Some(at) = is.iter().zip(&should).position(|(is, should)| is != should) {
                return Err(io::Error::other(format!("octet {} is not what was sent", read + at as u64)));
            }
            read += len as u64;
            run.tally.octets.fetch_add(len as u64, Ordering::Relaxed);
        }
    }
}

/// What the process has in memory; 0 if the system does not say.
fn resident_octets() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4096
}

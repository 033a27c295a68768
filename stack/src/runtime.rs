//! The only place with threads and a clock: drives an [`Endpoint`] on a [`Device`].

use crate::batch::Batch;
use crate::buffer::{Octets, Pool};
use crate::device::{Device, pair};
use crate::packet::{Offload, Packet};
use crate::table::Table;
use crate::waiters::{Key, Parker, Token, Waiters};
use crate::{Config, Endpoint, Error, Interest, Time};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A running stack; clones are the same one. Sockets do not keep it alive: [`shutdown`](Self::shutdown) it when all is done. If the last clone is
/// dropped without that, everything that is open is reset, and what was lost by that is told ([`on_loss`](Self::on_loss)).
///
/// ```
/// use std::io::{Read, Write};
/// use std::time::Duration;
/// use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
///
/// // Two stacks, joined in memory.
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let listener = TcpListener::bind(&b, 80)?;
/// let mut client = TcpStream::connect(&a, "10.0.0.2:80")?;
/// let (mut server, _) = listener.accept()?;
/// client.write_all(b"written, dropped, shut down")?;
/// drop(client);
/// a.shutdown(Duration::from_secs(5))?;
/// let mut text = String::new();
/// server.read_to_string(&mut text)?;
/// assert_eq!(text, "written, dropped, shut down");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stack {
    pub(crate) core: Arc<Core>,
    driver: Arc<Driver>,
}

/// What the sockets and the driver share.
pub(crate) struct Core {
    inner: Mutex<Inner>,
    origin: Instant,
    tokens: AtomicU64,
    pub(crate) pool: Pool,
    /// Packets that are being sent, by whoever has locked this.
    sending: Mutex<Vec<Packet>>,
    /// Somebody has left packets to who is sending.
    unsent: AtomicBool,
}

struct Inner {
    endpoint: Endpoint,
    waiters: Waiters,
    /// None once the stack has stopped.
    device: Option<Arc<dyn Device>>,
    keeps_rows: bool,
    /// When the driver will look by itself at the latest; `None`: never.
    planned: Option<Time>,
}

type Tell = Box<dyn FnMut(&Lost) + Send>;

/// Stops the thread when it is dropped.
struct Driver {
    core: Arc<Core>,
    thread: Mutex<Option<JoinHandle<()>>>,
    on_loss: Mutex<Tell>,
}

/// What was written and not acknowledged when a stack was stopped, by connection.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the stack was stopped before everything was delivered; data was lost on {} connections:\n{_0}", _0.len())]
pub struct Lost(pub Table);

impl From<Lost> for io::Error {
    fn from(lost: Lost) -> Self {
        Self::new(io::ErrorKind::TimedOut, lost)
    }
}

/// Packets sent in one go before the endpoint is asked for more.
const TURN: usize = 64;
/// How often a caller sends before he leaves it to the driver.
const ROUNDS: usize = 2;
/// How often in a row callers are woken later because more packets are there.
const POSTPONED: usize = 3;

impl Stack {
    /// Starts a stack on a device.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the name of a setting that is not what it can be ([`Config::check`]), or no thread can be started.
    pub fn start(device: impl Device, config: Config) -> io::Result<Self> {
        let device: Arc<dyn Device> = Arc::new(device);
        let mut endpoint = Endpoint::try_new(config)?;
        endpoint.set_device(device.capabilities());
        let keeps_rows = device.wants_rows();
        if keeps_rows {
            endpoint.keep_rows();
        }
        let (waiters, pool) = (Waiters::default(), endpoint.pool());
        let inner = Inner { endpoint, waiters, device: Some(Arc::clone(&device)), keeps_rows, planned: None };
        let core = Core {
            inner: Mutex::new(inner),
            origin: Instant::now(),
            tokens: AtomicU64::new(0),
            pool,
            sending: Mutex::default(),
            unsent: AtomicBool::new(false),
        };
        let core = Arc::new(core);
        let for_thread = Arc::clone(&core);
        let thread = std::thread::Builder::new().name("tcpspec".into()).spawn(move || {
            let _ends = Ends(&for_thread);
            for_thread.drive(&*device);
        })?;
        let driver = Driver {
            core: Arc::clone(&core),
            thread: Mutex::new(Some(thread)),
            on_loss: Mutex::new(Box::new(|lost| eprintln!("tcpspec: {lost}"))),
        };
        Ok(Self { core, driver: Arc::new(driver) })
    }

    /// Two stacks joined in memory: for tests, without TUN and without root.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub fn pair(a: Config, b: Config) -> io::Result<(Self, Self)> {
        let (left, right) = pair::pair();
        Ok((Self::start(left, a)?, Self::start(right, b)?))
    }

    /// Waits until everything that was written is acknowledged, and the FIN of each connection that was closed, at most this long (it does not wait
    /// for TIME-WAIT). Then it stops: what is still open is reset, and calls that wait return an error.
    ///
    /// # Errors
    ///
    /// [`Lost`] if the time was over first, or a connection ended meanwhile with something undelivered.
    pub fn shutdown(&self, timeout: Duration) -> Result<(), Lost> {
        let end = Instant::now().checked_add(timeout);
        let parker = Parker::current();
        let waker = Waker::from(Arc::clone(&parker));
        while self.core.poll_delivered(self.core.token(), &waker).is_pending() && parker.park(end) {}
        self.stop()
    }

    /// Stops at once: what is open is reset.
    ///
    /// # Errors
    ///
    /// [`Lost`] if something that was written is not acknowledged.
    pub(crate) fn stop(&self) -> Result<(), Lost> {
        let lost = self.core.stop();
        self.driver.join();
        if lost.is_empty() { Ok(()) } else { Err(Lost(lost)) }
    }

    /// From now on this is told if the stack is dropped before everything is delivered. By default it is printed to standard error.
    pub fn on_loss(&self, tell: impl FnMut(&Lost) + Send + 'static) {
        *self.driver.on_loss.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(tell);
    }

    /// The endpoint, locked: counters, settings, states.
    pub fn with_endpoint<T>(&self, look: impl FnOnce(&Endpoint) -> T) -> T {
        look(&self.core.lock().endpoint)
    }

    /// From now on this is called for each row that fires, in the thread in which it does; it must not call the stack, and if it panics the stack ends.
    pub fn observe(&self, callback: impl FnMut(&crate::observe::Fired) + Send + 'static) {
        self.core.lock().endpoint.observe(callback);
    }

    /// From now on this is given each packet that is neither TCP nor an ICMP message to the stack, as it would stand on a wire; it must not call the stack, and if it
    /// panics the stack ends.
    pub fn on_other(&self, other: impl FnMut(&[u8]) + Send + 'static) {
        self.core.lock().endpoint.set_other(other);
    }

    /// Sends a packet as it is: an answer to one that is not TCP.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if too many wait for the device already; `NotConnected` if the stack was shut down.
    pub fn send_packet(&self, packet: Vec<u8>) -> io::Result<()> {
        Ok(self.core.call(|endpoint, _| endpoint.send_packet(packet.into()))?)
    }

    /// Its settings.
    pub fn config(&self) -> Config {
        self.with_endpoint(|endpoint| endpoint.config().clone())
    }

    /// All connections, like `ss -ti`.
    pub fn table(&self) -> Table {
        self.with_endpoint(Endpoint::table)
    }

    /// ABORT of any connection of [`table`](Self::table), whether somebody holds it or not: see [`Endpoint::abort_connection`].
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is no connection between these sockets, or the stack was shut down.
    pub fn abort_connection(&self, local: SocketAddr, remote: SocketAddr) -> io::Result<()> {
        Ok(self.core.call(|endpoint, now| endpoint.abort_connection(now, local, remote))?)
    }
}

impl Core {
    pub(crate) fn now(&self) -> Time {
        Time::at(self.origin.elapsed())
    }

    /// A new place in a queue.
    pub(crate) fn token(&self) -> Token {
        self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A caller that panicked has not left the endpoint half changed: it holds the lock only around whole events.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call on the endpoint; what it sends goes out at once.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`].
    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce(&mut Endpoint, Time) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut inner = self.lock();
        if inner.device.is_none() {
            return Err(Error::Stopped);
        }
        let result = call(&mut inner.endpoint, self.now());
        self.finish(inner);
        result
    }

    /// One call that may have to wait: if it gives nothing, the waker is woken when it is worth calling again.
    pub(crate) fn poll<T>(
        &self,
        key: Key,
        token: Token,
        waker: &Waker,
        call: impl FnOnce(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        let mut inner = self.lock();
        if inner.device.is_none() {
            return Poll::Ready(Err(Error::Stopped));
        }
        let result = call(&mut inner.endpoint, self.now());
        let Inner { endpoint, waiters, .. } = &mut *inner;
        match result {
            Some(_) => waiters.remove(key, token, endpoint),
            None => waiters.register(key, token, waker, endpoint),
        }
        self.finish(inner);
        result.map_or(Poll::Pending, Poll::Ready)
    }

    /// Calls until there is a result, or until `timeout` is over (`None`).
    ///
    /// # Errors
    ///
    /// Those of the call, and [`Error::Stopped`].
    pub(crate) fn wait<T>(
        &self,
        key: Key,
        timeout: Option<Duration>,
        mut call: impl FnMut(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let parker = Parker::current();
        let waker = Waker::from(Arc::clone(&parker));
        let token = self.token();
        loop {
            match self.poll(key, token, &waker, &mut call) {
                Poll::Ready(result) => return result.map(Some),
                Poll::Pending if parker.park(end) => {}
                Poll::Pending => {
                    self.forget(key, token);
                    return Ok(None);
                }
            }
        }
    }

    /// This one waits no longer.
    pub(crate) fn forget(&self, key: Key, token: Token) {
        let mut inner = self.lock();
        let Inner { endpoint, waiters, .. } = &mut *inner;
        waiters.remove(key, token, endpoint);
        self.finish(inner);
    }

    /// Whoever waits for this shall ask again.
    pub(crate) fn wake(&self, key: Key) {
        let wakers = self.lock().waiters.take(key);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ready once everything is delivered, or the stack has stopped.
    pub(crate) fn poll_delivered(&self, token: Token, waker: &Waker) -> Poll<()> {
        let mut inner = self.lock();
        let Inner { endpoint, waiters, device, .. } = &mut *inner;
        endpoint.note_losses();
        let Some(id) = endpoint.first_undelivered().filter(|_| device.is_some()) else {
            return Poll::Ready(());
        };
        waiters.register(Key::Connection(id, Interest::DELIVERED), token, waker, endpoint);
        self.finish(inner);
        Poll::Pending
    }

    /// After a call: lets the driver know of a nearer deadline, wakes those who have waited for what has happened, and sends.
    fn finish<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) {
        for _ in 0..ROUNDS {
            let turn = self.take_turn(&mut inner);
            if let Some(next) = inner.endpoint.next_deadline()
                && inner.planned.is_none_or(|planned| next < planned)
            {
                inner.planned = Some(next);
                inner.wake_driver();
            }
            let wakers = inner.woken();
            drop(inner);
            wakers.into_iter().for_each(Waker::wake);
            if !self.send(turn) {
                return;
            }
            inner = self.lock();
        }
        // The driver goes on with it: a caller has other things to do.
        inner.wake_driver();
    }

    /// Takes packets that are to be sent when the endpoint is unlocked. None if there are none, or if somebody is sending, who then takes these, too:
    /// so they keep their order.
    fn take_turn<'a>(&'a self, inner: &mut Inner) -> Option<Turn<'a>> {
        let device = inner.device.clone()?;
        if inner.endpoint.is_silent() {
            return None;
        }
        let mut packets = self.try_sending()?;
        let now = self.now();
        while packets.len() < TURN
            && let Some(packet) = inner.endpoint.poll_packet(now)
        {
            packets.push(packet);
        }
        Some(Turn { device, packets })
    }

    fn try_sending(&self) -> Option<MutexGuard<'_, Vec<Packet>>> {
        for _ in 0..2 {
            match self.sending.try_lock() {
                Ok(packets) => return Some(packets),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                // Who sends looks at this when he is done; perhaps he has looked already, and is.
                Err(TryLockError::WouldBlock) => self.unsent.store(true, Ordering::SeqCst),
            }
        }
        None
    }

    /// Sends; whether there is more to send.
    fn send(&self, turn: Option<Turn<'_>>) -> bool {
        let Some(Turn { device, mut packets }) = turn else { return false };
        let full = packets.len() == TURN;
        for packet in packets.drain(..) {
            // A packet that the device refuses is lost, as packets are; it will be sent again.
            let _ = device.send(&packet);
            self.pool.put(packet.bytes);
        }
        drop(packets);
        self.unsent.swap(false, Ordering::SeqCst) || full
    }

    fn stop(&self) -> Table {
        let mut inner = self.lock();
        let lost = if inner.device.is_some() { inner.endpoint.stop(self.now()) } else { Table::default() };
        let device = inner.device.take();
        let wakers = inner.waiters.take_all();
        if let Some(device) = &device {
            // Whoever is sending comes first.
            let sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(packet) = inner.endpoint.poll_packet(self.now()) {
                let _ = device.send(&packet);
            }
            drop(sending);
        }
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
        if let Some(device) = device {
            device.wake();
        }
        lost
    }

    fn drive(&self, device: &dyn Device) {
        let mut batch = Batch::new(device, &self.pool);
        let (mut kept, mut wait, mut postponed) = (None, Some(Duration::ZERO), 0);
        loop {
            if let Err(error) = batch.fill(wait) {
                if is_gone(&error) {
                    return;
                }
                // Perhaps only for the moment (interface down); timers go on.
                std::thread::sleep(Duration::from_millis(10));
            }
            let mut inner = self.lock();
            if inner.device.is_none() {
                return;
            }
            let now = self.now();
            batch.each(|packet, offload| inner.handle(now, packet, offload));
            inner.endpoint.handle_deadline(now);
            let turn = self.take_turn(&mut inner);
            wait = inner.plan(&mut kept, now);
            // While more is there already, callers get it together: each that wakes up takes time from who has to bring the rest.
            postponed = if batch.is_full() && postponed < POSTPONED { postponed + 1 } else { 0 };
            let wakers = if postponed == 0 { inner.woken() } else { Vec::new() };
            drop(inner);
            // First, for a waker may drop the last handle of this stack, which waits for whoever sends.
            let more = self.send(turn);
            wakers.into_iter().for_each(Waker::wake);
            if more || postponed > 0 {
                wait = Some(Duration::ZERO);
            }
        }
    }
}

/// Whether a device will not come back: the other end of a descriptor is closed, or the interface was deleted.
fn is_gone(error: &io::Error) -> bool {
    // ENODEV and EBADFD
    let deleted = cfg!(target_os = "linux") && matches!(error.raw_os_error(), Some(19 | 77));
    deleted || error.kind() == io::ErrorKind::BrokenPipe
}

/// Packets, and the right to send them.
struct Turn<'a> {
    device: Arc<dyn Device>,
    packets: MutexGuard<'a, Vec<Packet>>,
}

impl Inner {
    /// How long the driver sleeps. A deadline that is gone meanwhile is kept: to wake up once for nothing is cheaper than to be woken whenever a
    /// timer starts.
    fn plan(&mut self, kept: &mut Option<Time>, now: Time) -> Option<Duration> {
        let next = self.endpoint.next_deadline();
        *kept = kept.filter(|kept| *kept > now).into_iter().chain(next).min();
        self.planned = *kept;
        kept.map(|kept| kept.since(now))
    }

    fn wake_driver(&self) {
        if let Some(device) = &self.device {
            device.wake();
        }
    }

    /// Those who have waited for what has happened.
    fn woken(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        self.waiters.collect(&mut self.endpoint, &mut wakers);
        wakers
    }

    fn handle(&mut self, now: Time, packet: Octets<'_>, offload: Offload) {
        self.endpoint.take_in(now, packet, offload);
        if self.keeps_rows
            && let Some(device) = &self.device
        {
            device.handled(self.endpoint.rows());
        }
    }
}

/// A callback that panics ends the stack's thread, and so does a device that is gone: then nobody waits for it any longer.
struct Ends<'a>(&'a Core);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.device = None;
        let wakers = inner.waiters.take_all();
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Driver {
    fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A callback of the driver's own thread may hold the last clone.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let lost = self.core.stop();
        self.join();
        if !lost.is_empty() {
            self.on_loss.get_mut().unwrap_or_else(PoisonError::into_inner)(&Lost(lost));
        }
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lock().endpoint.fmt(f)
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

//! The only place with threads and a clock. It drives an [`Endpoint`] on a [`Device`].

mod aside;
mod batch;
mod driving;
mod looking;
pub(crate) mod reentry;
pub(crate) mod waiters;

use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::base::sync::thread::{self, JoinHandle};
use crate::base::sync::{Instant, Mutex, MutexGuard};
use crate::base::{Error, Time};
use crate::config::Config;
use crate::device::{Device, pair};
use crate::endpoint::{Endpoint, Interest};
use crate::tcp::buffer::{BUFFER, Pool};
use crate::watch::callbacks::{Callbacks, Outcome, wake};
use crate::watch::table::Table;
use crate::wire::packet::Packet;
use aside::OwnThread;
use driving::{Driving, Wheel};
use looking::Locked;
use reentry::{Busy, Looking, me};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, TryLockError};
use std::task::{Poll, Waker};
use std::time::Duration;
use waiters::{Key, Parker, Token, Waiters};

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
#[derive(Clone)]
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
    /// Packets that are being sent, and between two turns those that were. The thread that has locked this sends.
    sending: Mutex<Vec<Packet>>,
    /// That thread.
    sender: Busy,
    /// Another thread has left packets to the thread that is sending.
    unsent: AtomicBool,
    /// The thread that drives this at the moment. Zero: none.
    driver: AtomicU64,
    wheel: Wheel,
    callbacks: Arc<Callbacks>,
    pub(crate) looking: Looking,
}

struct Inner {
    endpoint: Endpoint,
    waiters: Waiters,
    /// None once the stack has stopped.
    device: Option<Arc<dyn Device>>,
    /// What the end has lost, until it is told.
    lost: Table,
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
/// How often a caller sends before it leaves the rest to the driver.
const ROUNDS: usize = 2;

impl Stack {
    /// Starts a stack on a device, with a thread that drives it.
    ///
    /// While all packets are small, come one at a time and are for the same caller, that caller drives the stack when it waits, and the thread steps aside: a packet wakes one thread
    /// instead of two. The thread comes back if another caller waits, if more than that comes, and within a few milliseconds if no caller waits. On a stack that tasks or an event loop
    /// use, the thread always drives.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the name of a setting whose value it cannot have ([`Config::check`]), or no thread can be started.
    pub fn start(device: impl Device, config: Config) -> io::Result<Self> {
        let core = Core::new(device, config, Some(OwnThread::default()))?;
        let for_thread = Arc::clone(&core);
        let thread = thread::Builder::new().name("tcpspec".into()).spawn(move || {
            let _ends = Ends(&for_thread);
            for_thread.drive();
        })?;
        Ok(Self::with(core, Some(thread)))
    }

    /// The handle of a new stack.
    fn with(core: Arc<Core>, thread: Option<JoinHandle<()>>) -> Self {
        let driver = Driver {
            core: Arc::clone(&core),
            thread: Mutex::new(thread),
            on_loss: Mutex::new(Box::new(|lost| eprintln!("tcpspec: {lost}"))),
        };
        Self { core, driver: Arc::new(driver) }
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
        let (parker, token) = (Parker::current(), self.core.token());
        let waker = parker.waker();
        // The stack's own thread would wait for itself.
        while !self.core.is_driver()
            && self.core.poll_delivered(token, &waker).is_pending()
            && self.core.rest(&parker, end)
        {}
        self.core.leave(true);
        self.stop()
    }

    /// Stops at once: what is open is reset.
    ///
    /// # Errors
    ///
    /// [`Lost`] if something that was written is not acknowledged.
    pub(crate) fn stop(&self) -> Result<(), Lost> {
        self.core.stop();
        self.driver.join();
        let lost = self.core.take_lost();
        if lost.is_empty() { Ok(()) } else { Err(Lost(lost)) }
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

    /// ABORT of any connection of [`table`](Self::table), whether a user holds it or not: see [`Endpoint::abort_connection`].
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is no connection between these sockets, or the stack was shut down.
    pub fn abort_connection(&self, local: SocketAddr, remote: SocketAddr) -> io::Result<()> {
        Ok(self.core.call(|endpoint, now| endpoint.abort_connection(now, local, remote))?)
    }
}

impl Core {
    /// A stack on a device. `own`: the thread that drives it, unless only callers do.
    fn new(device: impl Device, config: Config, own: Option<OwnThread>) -> io::Result<Arc<Self>> {
        let device: Arc<dyn Device> = Arc::new(device);
        let mut endpoint = Endpoint::try_new(config)?;
        endpoint.set_device(device.capabilities());
        if device.wants_rows() {
            endpoint.keep_rows();
        }
        let (waiters, pool) = (Waiters::default(), endpoint.pool());
        let callbacks = Arc::<Callbacks>::default();
        #[cfg(feature = "tracing")]
        endpoint.trace_later(Arc::clone(&callbacks));
        let wheel = Wheel::new(own);
        wheel.begin(Driving::new(Arc::clone(&device), &pool));
        let (device, lost) = (Some(device), Table::default());
        Ok(Arc::new(Self {
            inner: Mutex::new(Inner { endpoint, waiters, device, lost, planned: None }),
            origin: Instant::now(),
            tokens: AtomicU64::new(0),
            pool,
            sending: Mutex::default(),
            sender: Busy::default(),
            unsent: AtomicBool::new(false),
            driver: AtomicU64::new(0),
            wheel,
            callbacks,
            looking: Looking::default(),
        }))
    }

    pub(crate) fn now(&self) -> Time {
        Time::at(self.origin.elapsed())
    }

    /// A new place in a queue.
    pub(crate) fn token(&self) -> Token {
        self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether this thread drives the stack.
    pub(crate) fn is_driver(&self) -> bool {
        self.driver.load(Ordering::Relaxed) == me()
    }

    fn lock(&self) -> Locked<'_> {
        assert!(
            !self.looking.who.here(),
            "this call comes from within `with_endpoint` or congestion control of the same stack, and would wait for itself"
        );
        // A caller that panicked has not left the endpoint half changed: it holds the lock only around whole events.
        Locked::new(self, self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same for a call that can fail.
    fn enter(&self) -> Result<Locked<'_>, Error> {
        if self.looking.who.here() { Err(Error::Deadlock) } else { Ok(self.lock()) }
    }

    /// Looks at the endpoint, and whether the stack runs, unless this thread does so already.
    pub(crate) fn glance<T>(&self, look: impl FnOnce(&Endpoint, bool) -> T) -> Option<T> {
        self.enter().ok().map(|inner| look(&inner.endpoint, inner.device.is_some()))
    }

    /// One call on the endpoint; what it sends goes out at once.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`], [`Error::Deadlock`].
    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce(&mut Endpoint, Time) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut inner = self.enter()?;
        if inner.device.is_none() {
            return Err(Error::Stopped);
        }
        let result = call(&mut inner.endpoint, self.now());
        self.finish(inner);
        result
    }

    /// One call of a task or an event loop that may have to wait: if it gives nothing, the waker is woken when it is worth calling again.
    pub(crate) fn poll<T>(
        &self,
        key: Key,
        token: Token,
        waker: &Waker,
        call: impl FnOnce(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        let polled = self.poll_in_turn(key, token, waker, call);
        if polled.is_pending() {
            self.task_waits();
        }
        polled
    }

    /// The same for any caller.
    fn poll_in_turn<T>(
        &self,
        key: Key,
        token: Token,
        waker: &Waker,
        call: impl FnOnce(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        // A waker belongs to the user, so it is cloned before the endpoint is locked, and dropped after that.
        let waker = waker.clone();
        let mut inner = match self.enter() {
            Ok(inner) => inner,
            Err(error) => return Poll::Ready(Err(error)),
        };
        if inner.device.is_none() {
            return Poll::Ready(Err(Error::Stopped));
        }
        let result = call(&mut inner.endpoint, self.now());
        let Inner { endpoint, waiters, .. } = &mut *inner;
        let _old = match result {
            Some(_) => waiters.remove(key, token, endpoint),
            None => waiters.register(key, token, waker, endpoint),
        };
        self.finish(inner);
        result.map_or(Poll::Pending, Poll::Ready)
    }

    /// Calls until there is a result, or until `timeout` is over (`None`).
    ///
    /// # Errors
    ///
    /// Those of the call, [`Error::Stopped`], and [`Error::Deadlock`] where it would wait in the thread that drives the stack.
    pub(crate) fn wait<T>(
        &self,
        key: Key,
        timeout: Option<Duration>,
        mut call: impl FnMut(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        if timeout == Some(Duration::ZERO) {
            return self.ask(key, call);
        }
        let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let parker = Parker::current();
        let waker = parker.waker();
        let token = self.token();
        let result = loop {
            match self.poll_in_turn(key, token, &waker, &mut call) {
                Poll::Ready(result) => break result.map(Some),
                Poll::Pending if self.is_driver() => {
                    self.forget(key, token);
                    break Err(Error::Deadlock);
                }
                Poll::Pending if self.rest(&parker, end) => {}
                Poll::Pending => {
                    self.forget(key, token);
                    break Ok(None);
                }
            }
        };
        self.leave(true);
        result
    }

    /// Calls once, and does not wait: `None` if there is nothing.
    fn ask<T>(
        &self,
        key: Key,
        call: impl FnOnce(&mut Endpoint, Time) -> Option<Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let mut inner = self.enter()?;
        if inner.device.is_none() {
            return Err(Error::Stopped);
        }
        let result = call(&mut inner.endpoint, self.now());
        if result.is_some() {
            let Inner { endpoint, waiters, .. } = &mut *inner;
            waiters.was_taken(key, endpoint);
        }
        self.finish(inner);
        result.transpose()
    }

    /// The owner of this token waits no longer.
    pub(crate) fn forget(&self, key: Key, token: Token) {
        self.soon(move |core| {
            let mut inner = core.lock();
            let Inner { endpoint, waiters, .. } = &mut *inner;
            let _waker = waiters.remove(key, token, endpoint);
            core.finish(inner);
        });
    }

    /// Callers that wait for this shall ask again.
    pub(crate) fn wake(&self, key: Key) {
        self.soon(move |core| {
            let wakers = core.lock().waiters.take(key);
            core.wake_all(wakers);
        });
    }

    /// Ready once everything is delivered, or the stack has stopped.
    pub(crate) fn poll_delivered(&self, token: Token, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        let mut inner = self.lock();
        let Inner { endpoint, waiters, device, .. } = &mut *inner;
        endpoint.note_losses();
        let Some(id) = endpoint.first_undelivered().filter(|_| device.is_some()) else {
            return Poll::Ready(());
        };
        let _old = waiters.register(Key::Connection(id, Interest::DELIVERED), token, waker, endpoint);
        self.finish(inner);
        Poll::Pending
    }

    /// After a call: sends, lets the driver know of a nearer deadline, wakes the callers that have waited for what has happened, and tells the callbacks. All of it happens unlocked,
    /// and no code of the user runs while packets are being sent: such code may end the stack, and the end waits for the sending.
    fn finish<'a>(&'a self, mut inner: Locked<'a>) {
        for _ in 0..ROUNDS {
            let turn = self.take_turn(&mut inner, None);
            let mut nearer = None;
            if let Some(next) = inner.endpoint.next_deadline()
                && inner.planned.is_none_or(|planned| next < planned)
            {
                inner.planned = Some(next);
                nearer = inner.device.clone();
            }
            let wakers = inner.woken();
            drop(inner);
            let mut more = self.send(turn);
            if let Some(device) = nearer.filter(|_| self.must_wake_driver()) {
                device.wake();
            }
            self.wake_all(wakers);
            more |= self.tell();
            if !more {
                return;
            }
            inner = self.lock();
        }
        // The driver goes on with it: a caller has other things to do.
        drop(inner);
        self.call_back();
        self.wake_device();
    }

    /// Tells the callbacks. True if there is more to tell.
    fn tell(&self) -> bool {
        let outcome = self.callbacks.tell();
        if outcome == Outcome::Panicked {
            self.stop();
        }
        outcome == Outcome::More
    }

    /// Takes packets that are to be sent when the endpoint is unlocked. None if there are none, or if another thread is sending. That thread then takes these, too,
    /// so packets keep their order. `sending`: the right to send, if the caller has it already.
    fn take_turn<'a>(
        &'a self,
        inner: &mut Inner,
        sending: Option<MutexGuard<'a, Vec<Packet>>>,
    ) -> Option<Turn<'a>> {
        let device = inner.device.clone()?;
        if inner.endpoint.is_silent() && sending.is_none() {
            return None;
        }
        let mut packets = sending.or_else(|| self.try_sending())?;
        // They were sent in the turn before.
        packets.drain(..).for_each(|packet| inner.endpoint.recycle(packet));
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
                // The thread that sends looks at this when it is done. Perhaps it has looked already, and is done.
                Err(TryLockError::WouldBlock) => self.unsent.store(true, Ordering::SeqCst),
            }
        }
        None
    }

    /// Sends. True if there is more to send.
    fn send(&self, turn: Option<Turn<'_>>) -> bool {
        let Some(Turn { device, mut packets }) = turn else { return false };
        let full = packets.len() == TURN;
        let sending = self.sender.begin();
        // A packet that the device refuses is lost, as packets are; it will be sent again.
        device.send_all(&packets);
        for packet in packets.iter_mut() {
            // Small ones stay here until the endpoint can take them back.
            if packet.bytes.capacity() >= BUFFER {
                self.pool.put(std::mem::take(&mut packet.bytes));
            }
        }
        drop(sending);
        drop(packets);
        self.unsent.swap(false, Ordering::SeqCst) || full
    }

    fn stop(&self) {
        let mut inner = self.lock();
        let Some(device) = inner.device.take() else { return };
        inner.lost = inner.endpoint.stop(self.now());
        let wakers = inner.waiters.take_all();
        drop(inner);
        // A thread that is sending comes first. But its device may be what ends the stack.
        let mut sending =
            (!self.sender.here()).then(|| self.sending.lock().unwrap_or_else(PoisonError::into_inner));
        loop {
            let mut inner = self.lock();
            let now = self.now();
            let last: Vec<_> = std::iter::from_fn(|| inner.endpoint.poll_packet(now)).take(TURN).collect();
            drop(inner);
            if last.is_empty() {
                break;
            }
            let _sender = sending.is_some().then(|| self.sender.begin());
            for packet in last {
                let _ = device.send(&packet);
            }
        }
        drop(sending.take());
        wake(wakers);
        device.wake();
        self.let_go();
        self.tell();
    }

    /// What the end of the stack has lost, once.
    fn take_lost(&self) -> Table {
        std::mem::take(&mut self.lock().lost)
    }
}

/// Packets, and the right to send them.
struct Turn<'a> {
    device: Arc<dyn Device>,
    packets: MutexGuard<'a, Vec<Packet>>,
}

impl Inner {
    /// The wakers of callers that have waited for what has happened.
    fn woken(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        self.waiters.collect(&mut self.endpoint, &mut wakers);
        wakers
    }
}

/// A device that is gone ends the stack's thread, and so does a device that panics. No caller waits for it then.
struct Ends<'a>(&'a Core);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.device_gone();
    }
}

impl Driver {
    fn join(&self) {
        // If a device ends the stack while it sends, the thread perhaps waits for that device.
        if self.core.sender.here() {
            return;
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A callback of the driver's own thread may hold the last clone.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.core.stop();
        self.join();
        let lost = self.core.take_lost();
        if !lost.is_empty() {
            let tell = self.on_loss.get_mut().unwrap_or_else(PoisonError::into_inner);
            // A panic must not reach the code that drops the stack.
            let _ = catch_unwind(AssertUnwindSafe(|| tell(&Lost(lost))));
        }
    }
}

//! What drives a stack: packets are taken in, what is due is done, and what follows is sent. A thread of the stack's own does it, or the callers do.

use super::aside::{Brought, OwnThread};
use super::batch::Batch;
use super::reentry::me;
use super::waiters::Parked;
use super::{Core, Stack};
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::base::sync::{Instant, Mutex, MutexGuard, thread};
use crate::base::{Error, Time};
use crate::config::Config;
use crate::device::Device;
use crate::tcp::buffer::Pool;
use crate::watch::callbacks::wake;
use std::io;
use std::sync::{Arc, PoisonError, TryLockError};
use std::task::Waker;
use std::time::Duration;

/// How often in a row callers are woken later because more packets are there.
const POSTPONED: usize = 3;
/// How long a driver waits after an error of a device that may come back.
const PAUSE: Duration = Duration::from_millis(10);

/// What a driver keeps from one turn to the next.
pub(super) struct Driving {
    batch: Batch,
    keeps_rows: bool,
    /// The deadline that the device was last waited for.
    kept: Option<Time>,
    postponed: usize,
    /// Callers that the last turn has woken.
    woken: usize,
    /// The first of them: the address of its waker.
    first: usize,
}

/// How a turn has ended.
enum Turned {
    /// The next one is due after this time at the latest; `None`: when a packet comes.
    Next(Option<Duration>),
    /// The stack was stopped.
    Stopped,
    /// The device will not come back.
    Gone(io::Error),
    /// The device has failed, perhaps only for the moment.
    Failed(io::Error, Option<Duration>),
}

impl Driving {
    pub(super) fn new(device: Arc<dyn Device>, pool: &Pool) -> Self {
        let keeps_rows = device.wants_rows();
        Self { batch: Batch::new(device, pool), keeps_rows, kept: None, postponed: 0, woken: 0, first: 0 }
    }

    /// What the last turn has brought.
    pub(super) fn brought(&self) -> Brought {
        let (packets, octets) = self.batch.size();
        Brought { packets, octets, woken: self.woken, first: self.first }
    }
}

/// What drives.
pub(super) struct Wheel {
    /// None until the stack is there, and once it has stopped.
    driving: Mutex<Option<Driving>>,
    /// None: only callers drive.
    pub(super) own: Option<OwnThread>,
    /// The thread that has called [`Stack::drive`] last: the one of an event loop. Zero: none has.
    looping: AtomicU64,
    /// Callers that sleep while another one drives. They are woken when that one leaves.
    sleeping: Mutex<Vec<Waker>>,
}

/// The right to drive.
pub(super) struct AtWheel<'a> {
    core: &'a Core,
    driving: MutexGuard<'a, Option<Driving>>,
}

impl AtWheel<'_> {
    /// None once the stack has stopped.
    pub(super) fn driving(&mut self) -> Option<&mut Driving> {
        self.driving.as_mut()
    }

    /// The stack has stopped: the device is closed with what is held here.
    pub(super) fn let_go(&mut self) {
        *self.driving = None;
    }
}

impl Drop for AtWheel<'_> {
    fn drop(&mut self) {
        self.core.driver.store(0, Ordering::SeqCst);
        // Whatever the way out: nobody drives now, and the stack's own thread may sleep until then.
        if let Some(own) = &self.core.wheel.own {
            own.has_left();
        }
        if std::thread::panicking() {
            // A device or congestion control has panicked. No other caller waits for what will not come.
            *self.driving = None;
            self.core.device_gone();
            self.core.leave(false);
        }
    }
}

impl Wheel {
    pub(super) fn new(own: Option<OwnThread>) -> Self {
        Self { driving: Mutex::new(None), own, looping: AtomicU64::new(0), sleeping: Mutex::default() }
    }

    /// The stack is there.
    pub(super) fn begin(&self, driving: Driving) {
        *self.driving.lock().unwrap_or_else(PoisonError::into_inner) = Some(driving);
    }

    /// Waits for a caller that drives.
    pub(super) fn take_in_turn<'a>(&'a self, core: &'a Core) -> AtWheel<'a> {
        let driving = self.driving.lock().unwrap_or_else(PoisonError::into_inner);
        core.driver.store(me(), Ordering::SeqCst);
        AtWheel { core, driving }
    }

    fn take<'a>(&'a self, core: &'a Core) -> Option<AtWheel<'a>> {
        let driving = match self.driving.try_lock() {
            Ok(driving) => driving,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        core.driver.store(me(), Ordering::SeqCst);
        Some(AtWheel { core, driving })
    }
}

impl Stack {
    /// A stack without a thread of its own. The threads that use it drive it: each blocking call that waits does, unless another thread does so already, and so does
    /// [`drive`](Self::drive), for programs with an event loop. Between such calls nothing is received, sent again or acknowledged. Tasks only wait: some thread
    /// has to drive for them.
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use tcpspec_stack::device::pair;
    /// use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
    ///
    /// let (left, right) = pair::pair();
    /// let server = Stack::start(left, Config::new([10, 0, 0, 1]))?;
    /// let client = Stack::without_thread(right, Config::new([10, 0, 0, 2]))?;
    /// let listener = TcpListener::bind(&server, 7)?;
    /// // These calls drive the client's stack themselves.
    /// let mut stream = TcpStream::connect(&client, "10.0.0.1:7")?;
    /// stream.write_all(b"text")?;
    /// let (mut peer, _) = listener.accept()?;
    /// let mut text = [0; 4];
    /// peer.read_exact(&mut text)?;
    /// peer.write_all(&text)?;
    /// stream.read_exact(&mut text)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `InvalidInput` with the name of a setting whose value it cannot have ([`Config::check`]).
    pub fn without_thread(device: impl Device, config: Config) -> io::Result<Self> {
        Ok(Self::with(Core::new(device, config, None)?, None))
    }

    /// Drives a stack [without a thread](Self::without_thread) for one turn: takes in the packets that are there, does what is due, however long ago, and sends what follows.
    /// If no packet is there it waits for one: until something is due, but at most this long (`None`: for no other reason). Zero does not wait.
    ///
    /// The answer says how long from now something will be due; `None` if only a packet or a call can bring about more. An event loop calls it with zero when one
    /// of the [`descriptors`](Self::descriptors) is readable or that time is over, and after it has used sockets.
    ///
    /// # Errors
    ///
    /// - `BrokenPipe`, or what the system says: the device is gone. The stack has stopped then, and calls fail with `NotConnected`.
    /// - Other errors of the device, such as an interface that is down. What was due is done. Call again later.
    /// - `NotConnected`: the stack was stopped.
    /// - `WouldBlock`: another thread drives it at this moment.
    /// - `InvalidInput`: it has a thread of its own.
    /// - `Deadlock`: the thread that drives the stack calls from within, as a callback or a device does.
    pub fn drive(&self, wait: Option<Duration>) -> io::Result<Option<Duration>> {
        let core = &self.core;
        if core.wheel.own.is_some() {
            let why = "the stack drives itself: it was started with a thread of its own";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        if core.is_driver() || core.looking.who.here() {
            return Err(Error::Deadlock.into());
        }
        core.wheel.looping.store(me(), Ordering::SeqCst);
        let Some(mut wheel) = core.wheel.take(core) else {
            let why = "another thread drives the stack at this moment";
            return Err(io::Error::new(io::ErrorKind::WouldBlock, why));
        };
        let turned = core.turn_within(&mut wheel, wait);
        drop(wheel);
        core.leave(false);
        match turned {
            // What callbacks and woken callers have done since then counts as well.
            Turned::Next(next) => Ok(next.into_iter().chain(core.due()).min()),
            Turned::Stopped => Err(Error::Stopped.into()),
            Turned::Gone(error) | Turned::Failed(error, _) => Err(error),
        }
    }

    /// Descriptors for an event loop to wait for: one of them is readable when a packet is there, or when another thread's call wants the stack to be
    /// [driven](Self::drive). They are copies, to be closed by the caller. Empty if the stack was stopped, or if the device has none: a TUN on Linux and a
    /// [`Descriptor`](crate::device::descriptor::Descriptor) have them.
    ///
    /// # Errors
    ///
    /// The process has too many.
    #[cfg(unix)]
    pub fn descriptors(&self) -> io::Result<Vec<std::os::fd::OwnedFd>> {
        let device = self.core.lock().device.clone();
        let device = device.as_deref();
        let all = device.map(Device::descriptors).unwrap_or_default();
        all.into_iter().map(|descriptor| descriptor.try_clone_to_owned()).collect()
    }
}

impl Core {
    /// The stack's own thread.
    pub(super) fn drive(&self) {
        let Some(own) = &self.wheel.own else { return };
        own.begin();
        loop {
            let mut at = self.wheel.take_in_turn(self);
            let mut wait = Some(Duration::ZERO);
            loop {
                let Some(driving) = at.driving() else { return };
                wait = match self.turn(driving, wait) {
                    Turned::Next(wait) => wait,
                    Turned::Stopped | Turned::Gone(_) => {
                        at.let_go();
                        return;
                    }
                    Turned::Failed(_, wait) => {
                        thread::sleep(PAUSE);
                        wait
                    }
                };
                if wait != Some(Duration::ZERO)
                    && at.driving().is_some_and(|driving| own.steps_aside(driving.brought()))
                {
                    break;
                }
            }
            drop(at);
            own.stay_aside(self);
        }
    }

    /// One turn: waits for packets, takes them in, does what is due, and sends.
    fn turn(&self, driving: &mut Driving, wait: Option<Duration>) -> Turned {
        let Driving { batch, keeps_rows, kept, postponed, woken, first } = driving;
        let failed = match batch.fill(wait) {
            Err(error) if is_gone(&error) => return Turned::Gone(error),
            // Perhaps only for the moment (interface down); timers go on.
            filled => filled.err(),
        };
        // A device that wants to know which rows a packet caused hears it before an answer is sent.
        let sending = keeps_rows.then(|| self.sending.lock().unwrap_or_else(PoisonError::into_inner));
        let mut inner = self.lock();
        let Some(device) = inner.device.clone() else { return Turned::Stopped };
        let (now, mut rows) = (self.now(), None);
        batch.each(|packet, offload| {
            inner.endpoint.take_in(now, packet, offload);
            rows = keeps_rows.then(|| inner.endpoint.rows().to_vec());
        });
        inner.endpoint.handle_deadline(now);
        let turn = self.take_turn(&mut inner, sending);
        // How long the driver sleeps. A deadline that is cancelled meanwhile does not wake the driver: one wake-up for nothing is cheaper than a wake-up for each
        // timer.
        let next = inner.endpoint.next_deadline();
        *kept = kept.filter(|kept| *kept > now).into_iter().chain(next).min();
        inner.planned = *kept;
        let wait = kept.map(|kept| kept.since(now));
        // While more is there already, callers get it together: each caller that wakes up takes time from the driver, which has to bring the rest.
        *postponed = if batch.is_full() && *postponed < POSTPONED { *postponed + 1 } else { 0 };
        let wakers = if *postponed == 0 { inner.woken() } else { Vec::new() };
        (*woken, *first) = (wakers.len(), wakers.first().map_or(0, |waker| waker.data().addr()));
        drop(inner);
        if let Some(rows) = rows {
            device.handled(&rows);
        }
        // First, since a waker may drop the last handle of this stack, and that waits for the thread that sends.
        let mut more = self.send(turn);
        wake(wakers);
        more |= self.tell();
        let wait = if more || *postponed > 0 { Some(Duration::ZERO) } else { wait };
        match failed {
            Some(error) => Turned::Failed(error, wait),
            None => Turned::Next(wait),
        }
    }

    /// A caller's turn: it waits for a packet until something is due, and no longer than `most`.
    fn turn_within(&self, wheel: &mut AtWheel<'_>, most: Option<Duration>) -> Turned {
        let Some(driving) = wheel.driving.as_mut() else { return Turned::Stopped };
        let mut inner = self.lock();
        let next = inner.endpoint.next_deadline();
        // A call that brings a nearer deadline from now on wakes the device.
        inner.planned = next;
        driving.kept = next;
        let runs = inner.device.is_some();
        drop(inner);
        let due = next.map(|next| next.since(self.now()));
        let turned =
            if runs { self.turn(driving, due.into_iter().chain(most).min()) } else { Turned::Stopped };
        if matches!(turned, Turned::Gone(_)) {
            self.device_gone();
        }
        if matches!(turned, Turned::Gone(_) | Turned::Stopped) {
            // The device is closed with it.
            *wheel.driving = None;
        }
        turned
    }

    /// How long from now something is due.
    fn due(&self) -> Option<Duration> {
        let next = self.lock().endpoint.next_deadline();
        next.map(|next| next.since(self.now()))
    }

    /// A caller has to wait, at most until then. If no thread drives the stack, the caller does, for one turn. True if it is worth asking again; false if the time
    /// is over.
    pub(super) fn rest(&self, parker: &Parked, end: Option<Instant>) -> bool {
        let wheel = &self.wheel;
        if wheel.own.as_ref().is_some_and(|own| !own.is_aside()) {
            return parker.park(end);
        }
        loop {
            if let Some(mut at) = wheel.take(self) {
                // A thread that wakes this caller from now on wakes the device, too.
                if parker.was_woken() {
                    return true;
                }
                let left = end.map(|end| end.saturating_duration_since(Instant::now()));
                if left.is_some_and(|left| left.is_zero()) {
                    return false;
                }
                let turned = self.turn_within(&mut at, left);
                let brought = at.driving().map(|driving| driving.brought());
                drop(at);
                if let Some(own) = &wheel.own
                    && brought.is_none_or(|brought| own.is_crowded(brought))
                {
                    self.call_back();
                }
                if matches!(turned, Turned::Failed(..)) {
                    thread::sleep(PAUSE);
                }
                return true;
            }
            if wheel.own.is_some() {
                // Two callers wait, or the thread is on its way. Each caller has the waker registered that the thread will wake.
                self.call_back();
                return parker.park(end);
            }
            wheel.sleeping.lock().unwrap_or_else(PoisonError::into_inner).push(parker.waker());
            // The one that drives has perhaps left just before that.
            if wheel.take(self).is_none() {
                return parker.park(end);
            }
        }
    }

    /// A caller need not wait any longer. Another one may have to drive now. `waited`: it has perhaps driven, and what it leaves is due for an event loop.
    pub(super) fn leave(&self, waited: bool) {
        let wheel = &self.wheel;
        if wheel.own.is_some() || self.driver.load(Ordering::SeqCst) != 0 {
            // The one that drives will leave, too.
            return;
        }
        if waited && self.must_wake_loop() {
            self.wake_device();
        }
        let sleeping = std::mem::take(&mut *wheel.sleeping.lock().unwrap_or_else(PoisonError::into_inner));
        wake(sleeping);
    }

    /// Whether a nearer deadline is news for another thread: one that drives, or one with an event loop. The thread of the loop itself asks when it drives next.
    pub(super) fn must_wake_driver(&self) -> bool {
        let driver = self.driver.load(Ordering::SeqCst);
        // The stack's own thread has planned its sleep already when callbacks of its turn make calls.
        let planned = self.wheel.own.as_ref().is_some_and(|own| own.is(driver) || !own.is_aside());
        planned || (driver != 0 && driver != me()) || self.must_wake_loop()
    }

    /// Whether another thread has an event loop.
    fn must_wake_loop(&self) -> bool {
        let looping = self.wheel.looping.load(Ordering::SeqCst);
        looping != 0 && looping != me()
    }

    /// Wakes callers. One of them may be waiting for the device.
    pub(super) fn wake_all(&self, wakers: Vec<Waker>) {
        let any = !wakers.is_empty();
        wake(wakers);
        let driver = self.driver.load(Ordering::SeqCst);
        let is_own = self.wheel.own.as_ref().is_some_and(|own| own.is(driver));
        if any && !is_own && driver != 0 && driver != me() {
            self.wake_device();
        }
    }

    /// Wakes a thread that waits for the device.
    pub(super) fn wake_device(&self) {
        let device = self.lock().device.clone();
        if let Some(device) = device {
            device.wake();
        }
    }

    /// The device will not come back. No caller waits for it.
    pub(super) fn device_gone(&self) {
        let mut inner = self.lock();
        let _device = inner.device.take();
        let wakers = inner.waiters.take_all();
        drop(inner);
        wake(wakers);
    }

    /// The stack was stopped: the driver's hold on the device goes, too. A thread that drives lets go of it by itself.
    pub(super) fn let_go(&self) {
        if let Ok(mut driving) = self.wheel.driving.try_lock() {
            *driving = None;
        }
        self.call_back();
    }
}

/// Whether a device will not come back: the other end of a descriptor is closed, or the interface was deleted.
fn is_gone(error: &io::Error) -> bool {
    // ENODEV and EBADFD
    let deleted = cfg!(target_os = "linux") && matches!(error.raw_os_error(), Some(19 | 77));
    deleted || error.kind() == io::ErrorKind::BrokenPipe
}

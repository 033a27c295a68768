//! The only place with threads and a clock: drives an [`Endpoint`] on a [`Device`].

use crate::device::{Arrived, Device};
use crate::{Config, Endpoint, Time};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A running stack. Sockets keep it alive; the last owner to go stops it, once what was written is acknowledged or `Config::linger` is over.
#[derive(Clone)]
pub struct Stack {
    pub(crate) core: Arc<Core>,
    _driver: Arc<Driver>,
}

/// What the sockets and the driver share.
pub(crate) struct Core {
    endpoint: Mutex<Endpoint>,
    /// Something may have changed for those who wait.
    changed: Condvar,
    device: Box<dyn Device>,
    keeps_rows: bool,
    origin: Instant,
    stopping: AtomicBool,
}

/// Stops the thread when it is dropped.
struct Driver {
    core: Arc<Core>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Largest packet: an IPv6 header, and as much as its length field can say.
const PACKET: usize = 40 + 65_535;
/// Packets taken in one go before blocked callers get their turn.
const BATCH: usize = 64;

impl Stack {
    /// Starts a stack on a device.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub fn start(device: impl Device, config: Config) -> io::Result<Self> {
        let mut endpoint = Endpoint::new(config);
        endpoint.set_device(device.capabilities());
        let keeps_rows = device.wants_rows();
        if keeps_rows {
            endpoint.keep_rows();
        }
        let core = Arc::new(Core {
            endpoint: Mutex::new(endpoint),
            changed: Condvar::new(),
            device: Box::new(device),
            keeps_rows,
            origin: Instant::now(),
            stopping: AtomicBool::new(false),
        });
        let for_thread = Arc::clone(&core);
        let thread = std::thread::Builder::new().name("tcpspec".into()).spawn(move || for_thread.drive())?;
        let driver = Driver { core: Arc::clone(&core), thread: Mutex::new(Some(thread)) };
        Ok(Self { core, _driver: Arc::new(driver) })
    }

    /// The endpoint, locked: counters, settings, states.
    pub fn with_endpoint<T>(&self, look: impl FnOnce(&Endpoint) -> T) -> T {
        look(&self.core.lock())
    }
}

impl Core {
    pub(crate) fn now(&self) -> Time {
        Time::at(self.origin.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Endpoint> {
        // A caller that panicked has not left the endpoint half changed: it holds the lock only around whole events.
        self.endpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call on the endpoint; what it sends goes out at once.
    pub(crate) fn call<T>(&self, call: impl FnOnce(&mut Endpoint, Time) -> T) -> T {
        let mut endpoint = self.lock();
        let before = endpoint.next_deadline();
        let result = call(&mut endpoint, self.now());
        self.flush(&mut endpoint);
        let sooner = endpoint.next_deadline().is_some_and(|next| before.is_none_or(|before| next < before));
        drop(endpoint);
        if sooner {
            self.device.wake();
        }
        // A call of one thread can be what another waits for.
        self.changed.notify_all();
        result
    }

    /// Calls until there is a result, or until `timeout` is over (`None`).
    pub(crate) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        mut call: impl FnMut(&mut Endpoint, Time) -> Option<T>,
    ) -> Option<T> {
        let end = timeout.map(|timeout| Instant::now() + timeout);
        let mut endpoint = self.lock();
        loop {
            let before = endpoint.next_deadline();
            let result = call(&mut endpoint, self.now());
            self.flush(&mut endpoint);
            if endpoint.next_deadline().is_some_and(|next| before.is_none_or(|before| next < before)) {
                self.device.wake();
            }
            if result.is_some() {
                return result;
            }
            endpoint = match end {
                None => self.changed.wait(endpoint).unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.checked_duration_since(Instant::now())?;
                    self.changed.wait_timeout(endpoint, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn flush(&self, endpoint: &mut Endpoint) {
        let now = self.now();
        while let Some(packet) = endpoint.poll_packet(now) {
            // A packet that the device refuses is lost, as packets are; it will be sent again.
            let _ = self.device.send(&packet);
        }
    }

    fn handle(&self, endpoint: &mut Endpoint, packet: &[u8], arrived: Arrived) {
        endpoint.handle(self.now(), packet.get(..arrived.len).unwrap_or_default(), arrived.offload);
        if self.keeps_rows {
            self.device.handled(endpoint.rows());
        }
    }

    fn drive(&self) {
        let mut packet = vec![0; PACKET];
        while !self.stopping.load(Ordering::Acquire) {
            let wait = self.lock().next_deadline().map(|deadline| deadline.since(self.now()));
            let received = match self.device.receive(&mut packet, wait) {
                Ok(received) => received,
                // The device is gone for the moment (interface down); timers go on.
                Err(_) => {
                    std::thread::sleep(Duration::from_millis(10));
                    None
                }
            };
            let mut endpoint = self.lock();
            if let Some(arrived) = received {
                self.handle(&mut endpoint, &packet, arrived);
                for _ in 1..BATCH {
                    let Ok(Some(more)) = self.device.receive(&mut packet, Some(Duration::ZERO)) else {
                        break;
                    };
                    self.handle(&mut endpoint, &packet, more);
                }
            }
            endpoint.handle_deadline(self.now());
            self.flush(&mut endpoint);
            drop(endpoint);
            self.changed.notify_all();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let linger = self.core.lock().config().linger;
        self.core.wait(Some(linger), |endpoint, _| endpoint.is_delivered().then_some(()));
        self.core.stopping.store(true, Ordering::Release);
        self.core.device.wake();
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stack").field("endpoint", &*self.core.lock()).finish_non_exhaustive()
    }
}

//! Looks at a running stack, and callbacks that are told what it does.

use super::reentry::Begun;
use super::{Core, Inner, Lost, Stack, Tell};
use crate::base::sync::MutexGuard;
use crate::endpoint::Endpoint;
use crate::watch::observe::Fired;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, PoisonError};

/// The endpoint, locked. Code of the user runs under this lock: congestion control, and the closure that looks. It must not wait for the endpoint; what it drops is released afterwards.
pub(super) struct Locked<'a> {
    // Dropped in this order, even on a panic.
    _looking: Begun<'a>,
    inner: MutexGuard<'a, Inner>,
    _after: After<'a>,
}

struct After<'a>(&'a Core);

impl Drop for After<'_> {
    fn drop(&mut self) {
        self.0.catch_up();
    }
}

impl<'a> Locked<'a> {
    pub(super) fn new(core: &'a Core, inner: MutexGuard<'a, Inner>) -> Self {
        Self { _looking: core.looking.who.begin(), inner, _after: After(core) }
    }
}

impl Deref for Locked<'_> {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.inner
    }
}

#[cfg(feature = "tokio")]
impl Core {
    /// The owner of this token waits for no connection any longer.
    pub(crate) fn forget_everywhere(&self, token: crate::runtime::waiters::Token) {
        self.soon(move |core| {
            let wakers = core.lock().waiters.remove_everywhere(token);
            // The wakers are the user's, and nothing is locked now.
            drop(wakers);
        });
    }
}

impl Stack {
    /// From now on the callback is told if the stack is dropped before everything is delivered. By default that is printed to standard error. A panic in the callback
    /// is only reported: it comes too late for more.
    pub fn on_loss(&self, tell: impl FnMut(&Lost) + Send + 'static) {
        let _old: Tell = {
            let mut place = self.driver.on_loss.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, Box::new(tell))
        };
    }

    /// The endpoint, locked: counters, settings, states. All other callers wait meanwhile, so `look` should be short. A call that it makes on this stack fails with
    /// [`Error::Deadlock`](crate::Error::Deadlock) where there is an error to give; sockets that it drops are released when it returns. It must not wait for another thread that uses the stack.
    ///
    /// # Panics
    ///
    /// If it is called from within itself, as do the other calls on this stack that give no error; and if `look` panics.
    pub fn with_endpoint<T>(&self, look: impl FnOnce(&Endpoint) -> T) -> T {
        look(&self.core.lock().endpoint)
    }

    /// From now on the callback is called for each row that fires, in order and one at a time, by a thread that uses the stack or by the stack's own, when nothing is locked:
    /// soon after the row has fired, and after what it sends has left. It may call the stack; in the thread that drives the stack, its own or that of a caller that waits, a call that would wait fails with
    /// [`Error::Deadlock`](crate::Error::Deadlock).
    ///
    /// If it is slower than rows fire, at most 16 MiB of them wait; [`untold`](Self::untold) counts the others. If it panics, in whichever thread, the
    /// stack ends as if it were shut down without waiting: all calls fail with [`Error::Stopped`](crate::Error::Stopped), and the panic goes no further.
    pub fn observe(&self, callback: impl FnMut(&Fired) + Send + 'static) {
        let callbacks = Arc::clone(&self.core.callbacks);
        self.core.lock().endpoint.observe(move |fired| callbacks.fired(*fired));
        self.core.callbacks.set_fired(Box::new(callback));
    }

    /// From now on the callback gets each packet that is neither TCP nor an ICMP message to the stack, as it would stand on a wire. It is called as
    /// [`observe`](Self::observe) calls, with the same limit and the same effect of a panic.
    pub fn on_other(&self, other: impl FnMut(&[u8]) + Send + 'static) {
        let callbacks = Arc::clone(&self.core.callbacks);
        self.core.lock().endpoint.set_other(move |packet| callbacks.other(packet));
        self.core.callbacks.set_other(Box::new(other));
    }

    /// Rows and packets of which callbacks were not told because too many waited.
    pub fn untold(&self) -> u64 {
        self.core.callbacks.left_out()
    }
}

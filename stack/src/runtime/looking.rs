//! Who looks at a running stack or is told of what it does.

use super::reentry::Begun;
use super::{Core, Inner, Lost, Stack, Tell};
use crate::endpoint::Endpoint;
use crate::watch::observe::Fired;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard, PoisonError};

/// The endpoint, locked. What is a user's under this lock, congestion control and whoever looks, must not wait for it; what that drops is released afterwards.
pub(super) struct Locked<'a> {
    // Dropped in this order, though somebody panics.
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
    /// This one waits for no connection any longer.
    pub(crate) fn forget_everywhere(&self, token: crate::runtime::waiters::Token) {
        self.soon(move |core| {
            let wakers = core.lock().waiters.remove_everywhere(token);
            // They are the user's, and nothing is locked now.
            drop(wakers);
        });
    }
}

impl Stack {
    /// From now on this is told if the stack is dropped before everything is delivered. By default it is printed to standard error. It is too late for a panic in it
    /// to do more than be reported.
    pub fn on_loss(&self, tell: impl FnMut(&Lost) + Send + 'static) {
        let _old: Tell = {
            let mut place = self.driver.on_loss.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, Box::new(tell))
        };
    }

    /// The endpoint, locked: counters, settings, states. Everybody else waits meanwhile, so `look` should be short. What it calls of this stack fails with
    /// [`Error::Deadlock`](crate::Error::Deadlock) where there is an error to give; sockets that it drops are released when it returns. It must not wait for another thread that uses the stack.
    ///
    /// # Panics
    ///
    /// From within itself, and so do the other calls on this stack that give no error; and if `look` does.
    pub fn with_endpoint<T>(&self, look: impl FnOnce(&Endpoint) -> T) -> T {
        look(&self.core.lock().endpoint)
    }

    /// From now on this is called for each row that fires, in order and one at a time, by one of the threads that use the stack or by its own, when nothing is locked:
    /// soon after the row has fired, and after what it sends has left. It may call the stack; in the stack's own thread what would wait fails with
    /// [`Error::Deadlock`](crate::Error::Deadlock).
    ///
    /// Where it is slower than rows fire, at most 16 MiB of them wait; [`untold`](Self::untold) counts the others. If it panics, whichever thread that is in, the
    /// stack ends as if it were shut down without waiting: all calls fail with [`Error::Stopped`](crate::Error::Stopped), and the panic goes no further.
    pub fn observe(&self, callback: impl FnMut(&Fired) + Send + 'static) {
        let callbacks = Arc::clone(&self.core.callbacks);
        self.core.lock().endpoint.observe(move |fired| callbacks.fired(*fired));
        self.core.callbacks.set_fired(Box::new(callback));
    }

    /// From now on this is given each packet that is neither TCP nor an ICMP message to the stack, as it would stand on a wire. It is called as
    /// [`observe`](Self::observe) calls, with the same limit and the same effect of a panic.
    pub fn on_other(&self, other: impl FnMut(&[u8]) + Send + 'static) {
        let callbacks = Arc::clone(&self.core.callbacks);
        self.core.lock().endpoint.set_other(move |packet| callbacks.other(packet));
        self.core.callbacks.set_other(Box::new(other));
    }

    /// Rows and packets of which callbacks were not told, since too many waited.
    pub fn untold(&self) -> u64 {
        self.core.callbacks.left_out()
    }
}

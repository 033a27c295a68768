//! Calls from within calls. A thread that looks at the endpoint must not wait for it. What such a thread drops meanwhile is released afterwards.

use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::base::sync::{Mutex, thread_local};
use crate::runtime::Core;
use std::cell::Cell;
use std::sync::{PoisonError, atomic};

/// What is done as soon as no thread looks.
type Later = Box<dyn FnOnce(&Core) + Send>;

thread_local! {
    static ME: Cell<u64> = const { Cell::new(0) };
}

/// This thread, as a number other than zero.
pub(crate) fn me() -> u64 {
    static NEXT: atomic::AtomicU64 = atomic::AtomicU64::new(1);
    ME.with(|me| {
        if me.get() == 0 {
            me.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        me.get()
    })
}

/// The thread that does something which it must not begin again meanwhile. Zero: none.
#[derive(Default)]
pub(crate) struct Busy(AtomicU64);

impl Busy {
    /// Whether it is this thread. Only that thread itself stores its number.
    pub(crate) fn here(&self) -> bool {
        self.0.load(Ordering::Relaxed) == me()
    }

    /// Sets it to this thread, until the result is dropped.
    pub(crate) fn begin(&self) -> Begun<'_> {
        self.0.store(me(), Ordering::Relaxed);
        Begun(self)
    }
}

/// Ends it.
pub(crate) struct Begun<'a>(&'a Busy);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.0.store(0, Ordering::Relaxed);
    }
}

/// The thread that looks at the endpoint, which is locked for that, and what waits until it is unlocked.
#[derive(Default)]
pub(crate) struct Looking {
    pub(crate) who: Busy,
    later: Mutex<Vec<Later>>,
    /// Something waits. Written with `later` locked, and read by the thread that has put it there.
    some: AtomicBool,
}

impl Core {
    /// Does something to the endpoint: at once, or if this thread looks at it, after the look. For sockets that are dropped.
    pub(crate) fn soon(&self, act: impl FnOnce(&Self) + Send + 'static) {
        if self.looking.who.here() {
            let mut later = self.looking.later.lock().unwrap_or_else(PoisonError::into_inner);
            later.push(Box::new(act));
            self.looking.some.store(true, Ordering::Relaxed);
        } else {
            act(self);
        }
    }

    /// Does what has waited.
    pub(crate) fn catch_up(&self) {
        if !self.looking.some.load(Ordering::Relaxed) {
            return;
        }
        let mut later = self.looking.later.lock().unwrap_or_else(PoisonError::into_inner);
        self.looking.some.store(false, Ordering::Relaxed);
        let acts = std::mem::take(&mut *later);
        drop(later);
        acts.into_iter().for_each(|act| act(self));
    }
}

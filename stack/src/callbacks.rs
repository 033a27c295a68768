//! Callbacks and wakers of the user's, called when nothing of the stack is locked: so they may call it in their turn.

use crate::observe::Fired;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

type OnFired = Box<dyn FnMut(&Fired) + Send>;
type OnOther = Box<dyn FnMut(&[u8]) + Send>;

/// Octets of news that wait at most; what comes beyond is left out.
pub(crate) const LIMIT: usize = 16 << 20;
/// How often who tells looks for more before it is another's turn.
const ROUNDS: usize = 2;

/// Something to tell.
enum News {
    /// To the observer.
    Fired(Fired),
    /// To whoever subscribes to events.
    #[cfg(feature = "tracing")]
    Trace(Fired),
    /// A packet that is not the stack's.
    Other(Vec<u8>),
}

/// The callbacks of a stack.
#[derive(Default)]
pub(crate) struct Callbacks {
    told: Mutex<Told>,
    /// There is news.
    waits: AtomicBool,
}

#[derive(Default)]
struct Told {
    /// In the order in which it happened.
    news: Vec<News>,
    octets: usize,
    left_out: u64,
    /// Somebody is telling, and goes on with what comes meanwhile: one at a time, so that it stays in order.
    telling: bool,
    /// One has panicked.
    ended: bool,
    all: All,
}

#[derive(Default)]
struct All {
    fired: Option<OnFired>,
    other: Option<OnOther>,
}

impl All {
    fn tell(&mut self, news: News) {
        match news {
            News::Fired(fired) => self.fired.iter_mut().for_each(|call| call(&fired)),
            #[cfg(feature = "tracing")]
            News::Trace(fired) => fired.trace(),
            News::Other(packet) => self.other.iter_mut().for_each(|call| call(&packet)),
        }
    }
}

/// What came of telling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// All was told, or somebody else is telling.
    Done,
    /// More has come meanwhile; this one has told enough.
    More,
    /// A callback has panicked.
    Panicked,
}

impl Callbacks {
    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the observer; one that there was is dropped when nothing is locked.
    pub(crate) fn set_fired(&self, call: OnFired) {
        let _old = self.lock().all.fired.replace(call);
    }

    /// The same for packets.
    pub(crate) fn set_other(&self, call: OnOther) {
        let _old = self.lock().all.other.replace(call);
    }

    pub(crate) fn fired(&self, fired: Fired) {
        self.add(News::Fired(fired), 0);
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn trace(&self, fired: Fired) {
        self.add(News::Trace(fired), 0);
    }

    pub(crate) fn other(&self, packet: &[u8]) {
        self.add(News::Other(packet.to_vec()), packet.len());
    }

    fn add(&self, news: News, octets: usize) {
        let mut told = self.lock();
        let octets = octets + size_of::<News>();
        if told.ended {
            return;
        }
        if told.octets + octets > LIMIT {
            told.left_out += 1;
            return;
        }
        told.octets += octets;
        told.news.push(news);
        self.waits.store(true, Ordering::Release);
    }

    /// How much was left out.
    pub(crate) fn left_out(&self) -> u64 {
        self.lock().left_out
    }

    /// Tells what is to be told. Nothing may be locked.
    pub(crate) fn tell(&self) -> Outcome {
        if !self.waits.load(Ordering::Acquire) {
            return Outcome::Done;
        }
        let mut told = self.lock();
        if std::mem::replace(&mut told.telling, true) {
            return Outcome::Done;
        }
        for _ in 0..ROUNDS {
            let news = std::mem::take(&mut told.news);
            if news.is_empty() {
                break;
            }
            told.octets = 0;
            let mut all = std::mem::take(&mut told.all);
            drop(told);
            let called = catch_unwind(AssertUnwindSafe(|| {
                news.into_iter().for_each(|news| all.tell(news));
                all
            }));
            told = self.lock();
            let Ok(all) = called else {
                told.ended = true;
                told.telling = false;
                self.waits.store(false, Ordering::Release);
                let _rest = (std::mem::take(&mut told.all), std::mem::take(&mut told.news));
                drop(told);
                return Outcome::Panicked;
            };
            // One that was set meanwhile stays.
            let new = std::mem::replace(&mut told.all, all);
            let old = All {
                fired: new.fired.and_then(|new| told.all.fired.replace(new)),
                other: new.other.and_then(|new| told.all.other.replace(new)),
            };
            drop(told);
            drop(old);
            told = self.lock();
        }
        told.telling = false;
        if told.news.is_empty() {
            self.waits.store(false, Ordering::Release);
            return Outcome::Done;
        }
        Outcome::More
    }
}

/// Wakes all, whatever one of them does: one that panics has said so by the panic's hook, and the others are woken.
pub(crate) fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

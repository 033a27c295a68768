//! Callbacks and wakers that belong to the user. They are called when nothing of the stack is locked, so they may call the stack.

use super::fired::Fired;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::sync::{Mutex, MutexGuard};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::task::Waker;

type OnFired = Box<dyn FnMut(&Fired) + Send>;
type OnOther = Box<dyn FnMut(&[u8]) + Send>;

/// Octets of news that wait at most. News beyond that are left out.
pub(crate) const LIMIT: usize = 16 << 20;
/// How often the thread that tells looks for more before another thread has its turn.
const ROUNDS: usize = 2;

/// Something to tell.
enum News {
    /// To the observer.
    Fired(Fired),
    /// To all subscribers.
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
    /// A thread is telling, and goes on with what comes meanwhile. Only one tells at a time, so that news stay in order.
    telling: bool,
    /// A callback has panicked.
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
    /// All was told, or another thread is telling.
    Done,
    /// More has come meanwhile, and this thread has told enough.
    More,
    /// A callback has panicked.
    Panicked,
}

impl Callbacks {
    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the observer. A former one is dropped when nothing is locked.
    pub(crate) fn set_fired(&self, call: OnFired) {
        let _old = self.lock().all.fired.replace(call);
    }

    /// Sets the callback for packets in the same way.
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
            // A callback that was set meanwhile stays.
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

/// Wakes all wakers. If one panics, the panic's hook has reported it, and the others are woken all the same.
pub(crate) fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Callbacks that note each packet's first octet.
    fn noting(each: impl Fn(&Callbacks) + Send + 'static) -> (Arc<Callbacks>, Arc<Mutex<Vec<u8>>>) {
        let callbacks = Arc::<Callbacks>::default();
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let (log, own) = (Arc::clone(&seen), Arc::downgrade(&callbacks));
        callbacks.set_other(Box::new(move |packet| {
            log.lock().unwrap().push(packet[0]);
            own.upgrade().into_iter().for_each(|own| each(&own));
        }));
        (callbacks, seen)
    }

    #[test]
    fn what_happens_while_one_tells_is_told_by_it_in_order_and_not_for_ever() {
        let (callbacks, seen) = noting(|own| {
            own.other(&[7]);
            // One at a time.
            assert_eq!(own.tell(), Outcome::Done);
        });
        assert_eq!(callbacks.tell(), Outcome::Done);
        (1..=3).for_each(|n| callbacks.other(&[n]));
        assert_eq!(callbacks.tell(), Outcome::More);
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 7, 7, 7]);
        assert_eq!(callbacks.tell(), Outcome::More);
    }

    #[test]
    fn what_is_too_much_is_left_out_and_counted() {
        let (callbacks, seen) = noting(|_| {});
        let many = 20_u8;
        (0..many).for_each(|n| callbacks.other(&vec![n; LIMIT / 16]));
        let told = u64::from(many) - callbacks.left_out();
        assert!((1..=16).contains(&told), "{told}");
        assert_eq!(callbacks.tell(), Outcome::Done);
        assert_eq!(*seen.lock().unwrap(), (0..told as u8).collect::<Vec<_>>(), "the first ones");
        callbacks.other(&[99]);
        assert_eq!((callbacks.tell(), callbacks.left_out()), (Outcome::Done, u64::from(many) - told));
        assert_eq!(seen.lock().unwrap().last(), Some(&99));
    }

    #[test]
    fn after_a_panic_nothing_more_is_told() {
        let (callbacks, seen) = noting(|_| panic!("expected: this test's callback panics"));
        (1..=3).for_each(|n| callbacks.other(&[n]));
        assert_eq!(callbacks.tell(), Outcome::Panicked);
        callbacks.other(&[4]);
        assert_eq!((callbacks.tell(), &*seen.lock().unwrap()), (Outcome::Done, &vec![1]));
    }
}

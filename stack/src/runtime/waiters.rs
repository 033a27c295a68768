//! Threads and tasks that wait for something on a connection or listener. Both are a [`Waker`], so that one mechanism serves both. All this is done while the
//! stack is locked. So a waker is neither cloned nor woken nor dropped here: each of these calls code of its owner.

use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::sync::thread::{self, Thread};
use crate::base::sync::{Instant, thread_local};
use crate::endpoint::{ConnectionId, Endpoint, Interest, ListenerId, Ready};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// What a caller waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Key {
    /// One interest on a connection.
    Connection(ConnectionId, Interest),
    /// A connection to accept: one waiting caller is woken for each.
    Listener(ListenerId),
    /// The same, for tasks that may have lost interest without a word: all of them are woken, beside that caller.
    #[cfg(feature = "tokio")]
    Polled(ListenerId),
    /// The end of the stack.
    #[cfg(feature = "tokio")]
    Stopped,
}

/// A place in the queue of callers that wait for the same.
pub(crate) type Token = u64;

/// The place of an event loop, which waits in no call. Tokens of callers begin at 0 and never come so far.
pub(crate) const EVENT_LOOP: Token = Token::MAX;

/// All that wait.
#[derive(Default)]
pub(crate) struct Waiters {
    all: HashMap<Key, Vec<(Token, Waker)>>,
}

impl Waiters {
    /// This waker waits from now on. It replaces one that waits under the same token: the caller gets that one, to drop it when nothing is locked.
    pub(crate) fn register(
        &mut self,
        key: Key,
        token: Token,
        waker: Waker,
        endpoint: &mut Endpoint,
    ) -> Option<Waker> {
        let queue = self.all.entry(key).or_default();
        let old = match queue.iter_mut().find(|(other, _)| *other == token) {
            Some((_, old)) => Some(std::mem::replace(old, waker)),
            None => {
                queue.push((token, waker));
                None
            }
        };
        // A caller that asks again notices what is gone.
        let _ = match key {
            Key::Connection(id, interest) => endpoint.wait_for(id, interest),
            Key::Listener(id) => endpoint.wait_for_accept(id),
            #[cfg(feature = "tokio")]
            Key::Polled(id) => endpoint.wait_for_accept(id),
            #[cfg(feature = "tokio")]
            Key::Stopped => Ok(()),
        };
        old
    }

    /// The owner of this token waits no longer. The caller gets the waker, to drop it when nothing is locked. If several wait for connections, this one may have been
    /// woken for nothing: then the next one is woken.
    pub(crate) fn remove(&mut self, key: Key, token: Token, endpoint: &mut Endpoint) -> Option<Waker> {
        let queue = self.all.get_mut(&key)?;
        let at = queue.iter().position(|(other, _)| *other == token);
        let waker = at.map(|at| queue.remove(at).1);
        if queue.is_empty() {
            self.all.remove(&key);
        } else if let Key::Listener(id) = key {
            let _ = endpoint.wait_for_accept(id);
        }
        waker
    }

    /// A caller that did not wait has got something. If several wait for connections, one may have been woken for nothing: then the next one is woken.
    pub(crate) fn was_taken(&self, key: Key, endpoint: &mut Endpoint) {
        if let Key::Listener(id) = key
            && self.all.contains_key(&key)
        {
            let _ = endpoint.wait_for_accept(id);
        }
    }

    /// The owner of this token waits for nothing any longer. The caller gets the wakers, to drop them when nothing is locked. For owners that wait on connections only.
    #[cfg(feature = "tokio")]
    pub(crate) fn remove_everywhere(&mut self, token: Token) -> Vec<Waker> {
        let of_it = |waiting: &mut (Token, Waker)| waiting.0 == token;
        let wakers =
            self.all.values_mut().flat_map(|queue| queue.extract_if(.., of_it)).map(|(_, waker)| waker);
        let wakers = wakers.collect();
        self.all.retain(|_, queue| !queue.is_empty());
        wakers
    }

    /// Takes out the wakers whose time has come.
    pub(crate) fn collect(&mut self, endpoint: &mut Endpoint, wakers: &mut Vec<Waker>) {
        while let Some(ready) = endpoint.poll_ready() {
            match ready {
                Ready::Connection(id, come) => {
                    for interest in Interest::ALL.into_iter().filter(|interest| come.meets(*interest)) {
                        let queue = self.all.remove(&Key::Connection(id, interest));
                        wakers.extend(queue.into_iter().flatten().map(|(_, waker)| waker));
                    }
                }
                // One connection wakes one acceptor. When it has accepted, the next one is woken.
                Ready::Listener(id) => {
                    #[cfg(feature = "tokio")]
                    wakers.extend(self.take(Key::Polled(id)));
                    if let Some(queue) = self.all.get_mut(&Key::Listener(id))
                        && !queue.is_empty()
                    {
                        wakers.push(queue.remove(0).1);
                    }
                }
            }
        }
    }

    /// Takes out the wakers that wait for this.
    pub(crate) fn take(&mut self, key: Key) -> Vec<Waker> {
        self.all.remove(&key).into_iter().flatten().map(|(_, waker)| waker).collect()
    }

    /// Takes out all: the stack ends.
    pub(crate) fn take_all(&mut self) -> Vec<Waker> {
        self.all.drain().flat_map(|(_, queue)| queue).map(|(_, waker)| waker).collect()
    }
}

/// Wakes a thread.
pub(crate) struct Parker {
    thread: Thread,
    woken: AtomicBool,
}

thread_local! {
    static PARKER: Cell<Option<Arc<Parker>>> = const { Cell::new(None) };
}

/// The parker of this thread, until this is dropped. A waker that waits in turn, within the wait of this thread, gets another parker: a wake-up must reach the right one.
pub(crate) struct Parked(Arc<Parker>);

impl Parked {
    /// Its waker.
    pub(crate) fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.0))
    }

    /// Whether it was woken since it was asked last.
    pub(crate) fn was_woken(&self) -> bool {
        self.0.woken.swap(false, Ordering::SeqCst)
    }

    /// Sleeps until it is woken, or until then; false if the time was over first.
    pub(crate) fn park(&self, end: Option<Instant>) -> bool {
        self.0.park(end)
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        // A thread that ends keeps none.
        let _ = PARKER.try_with(|place| place.set(Some(Arc::clone(&self.0))));
    }
}

impl Parker {
    /// The parker of this thread.
    pub(crate) fn current() -> Parked {
        let kept = PARKER.try_with(Cell::take).ok().flatten();
        Parked(
            kept.unwrap_or_else(|| {
                Arc::new(Self { thread: thread::current(), woken: AtomicBool::new(false) })
            }),
        )
    }

    fn park(&self, end: Option<Instant>) -> bool {
        while !self.woken.swap(false, Ordering::Acquire) {
            match end {
                None => thread::park(),
                Some(end) => match end.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => thread::park_timeout(left),
                    _ => return self.woken.swap(false, Ordering::Acquire),
                },
            }
        }
        true
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::memory::Link;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn wake(waiters: &mut Waiters, endpoint: &mut Endpoint) {
        let mut wakers = Vec::new();
        waiters.collect(endpoint, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
    }

    #[test]
    fn one_connection_wakes_one_of_many_who_accept() {
        let mut link = Link::new(Duration::from_millis(1));
        let listener = link.ends[1].listen(80, 8).unwrap();
        let key = Key::Listener(listener);
        let mut waiters = Waiters::default();
        let counts: Vec<_> = (0..3).map(|_| Arc::<Count>::default()).collect();
        for (token, count) in (0..).zip(&counts) {
            waiters.register(key, token, Waker::from(Arc::clone(count)), &mut link.ends[1]);
        }
        let woken = || counts.iter().map(|count| count.0.load(Ordering::Relaxed)).collect::<Vec<_>>();
        let connect = |link: &mut Link| {
            let remote = (link.ends[1].address(), 80).into();
            let now = link.now();
            link.ends[0].connect(now, None, remote).unwrap();
            link.run_for(Duration::from_millis(10));
        };
        connect(&mut link);
        wake(&mut waiters, &mut link.ends[1]);
        assert_eq!(woken(), [1, 0, 0]);
        // The first accepts, as `Core::poll` does it. Then the next one is woken.
        assert!(link.ends[1].accept(listener).is_some());
        waiters.remove(key, 0, &mut link.ends[1]);
        wake(&mut waiters, &mut link.ends[1]);
        assert_eq!(woken(), [1, 0, 0], "nobody has connected since");
        connect(&mut link);
        wake(&mut waiters, &mut link.ends[1]);
        assert_eq!(woken(), [1, 1, 0]);
        // The second gives up instead: the third must hear of the connection.
        waiters.remove(key, 1, &mut link.ends[1]);
        wake(&mut waiters, &mut link.ends[1]);
        assert_eq!(woken(), [1, 1, 1]);
    }

    #[test]
    fn a_parked_thread_is_woken_or_goes_on_in_time() {
        let parker = Parker::current();
        let waker = parker.waker();
        assert!(!parker.park(Some(Instant::now() + Duration::from_millis(5))));
        thread::spawn(move || waker.wake()).join().unwrap();
        assert!(parker.park(None), "also if it was woken before it slept");
    }

    #[test]
    fn who_waits_in_a_waker_takes_nothing_from_who_waits_outside() {
        let outside = Parker::current();
        let inside = Parker::current();
        outside.waker().wake();
        inside.waker().wake();
        let soon = || Some(Instant::now() + Duration::from_secs(1));
        assert!(inside.park(soon()));
        assert!(!inside.park(Some(Instant::now())));
        drop(inside);
        assert!(outside.park(soon()));
    }
}

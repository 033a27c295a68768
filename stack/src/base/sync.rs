//! What the runtime needs of threads: locks, atomics, parking and the clock of the standard library. Tests with `--cfg shuttle` take them from a scheduler that tries many orders of
//! what threads do (`sockets/interleavings.rs`).

#[cfg(not(all(test, shuttle)))]
pub(crate) use std::{
    sync::{Condvar, Mutex, MutexGuard, atomic},
    thread, thread_local,
    time::Instant,
};

#[cfg(all(test, shuttle))]
pub(crate) use {
    clock::Instant,
    shuttle::{
        sync::{Condvar, Mutex, MutexGuard, atomic},
        thread, thread_local,
    },
};

use std::time::Duration;

/// Parks for so long at most. A caller must expect that it ends earlier.
pub(crate) fn nap(most: Duration) {
    if cfg!(all(test, shuttle)) {
        // The scheduler knows no time. The nap ends at any moment, and takes a wake-up along.
        thread::yield_now();
        thread::current().unpark();
        thread::park();
    } else {
        thread::park_timeout(most);
    }
}

/// A clock that stands still. So nothing is ever due, and no timer helps a thread that nobody wakes.
#[cfg(all(test, shuttle))]
mod clock {
    use std::time::Duration;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) struct Instant(Duration);

    impl std::ops::Add<Duration> for Instant {
        type Output = Self;

        fn add(self, span: Duration) -> Self {
            Self(self.0 + span)
        }
    }

    impl Instant {
        pub(crate) const fn now() -> Self {
            Self(Duration::ZERO)
        }

        pub(crate) fn elapsed(self) -> Duration {
            Duration::ZERO.saturating_sub(self.0)
        }

        pub(crate) fn checked_add(self, span: Duration) -> Option<Self> {
            self.0.checked_add(span).map(Self)
        }

        pub(crate) fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
            self.0.checked_sub(earlier.0)
        }

        pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
            self.0.saturating_sub(earlier.0)
        }
    }
}

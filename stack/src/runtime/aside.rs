//! The stack's own thread, and when it steps aside: while packets are small, come one at a time, and all of them are for the same caller, that caller drives the stack itself. So no packet
//! has to wake two threads, one after the other. The thread looks every [`WATCH`] whether the caller still does.

use super::Core;
use super::reentry::me;
use crate::base::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use crate::base::sync::nap;
use crate::base::sync::thread::{self, Thread};
use std::sync::OnceLock;
use std::time::Duration;

/// So many turns in a row have brought the same caller what it has waited for, before the thread steps aside.
const LONE: u32 = if cfg!(all(test, shuttle)) { 2 } else { 16 };
/// So many turns in a row have brought a caller more than that, before the thread comes back.
const CROWDED: u32 = 4;
/// Octets that a turn brings at most where a caller does as well as the thread. With more, one of them copies while the other one reads.
const FEW: usize = 4096;
/// How long a stack that nobody drives waits for its thread at most, but for the time that the system takes to wake it.
const WATCH: Duration = Duration::from_millis(1);
/// After so many looks at a caller that only waits, the thread sleeps until that caller leaves.
const LOOKS: u32 = if cfg!(all(test, shuttle)) { 2 } else { 16 };

/// The thread that drives the stack unless a caller does.
#[derive(Default)]
pub(super) struct OwnThread {
    thread: OnceLock<Thread>,
    /// Its number.
    number: AtomicU64,
    /// It leaves the driving to callers.
    aside: AtomicBool,
    /// It sleeps until the caller that drives leaves.
    asleep: AtomicBool,
    /// A task or an event loop has waited: neither drives, so the thread always does.
    tasks: AtomicBool,
    /// Turns of callers.
    turns: AtomicU64,
    /// How many turns in a row speak for a change.
    row: AtomicU32,
    /// The caller that these have woken.
    lone: AtomicUsize,
}

/// What a turn has brought.
#[derive(Clone, Copy)]
pub(super) struct Brought {
    pub(super) packets: usize,
    pub(super) octets: usize,
    /// Callers that it has woken.
    pub(super) woken: usize,
    /// The first of them: the address of its waker.
    pub(super) first: usize,
}

impl Brought {
    fn is_little(self) -> bool {
        self.packets <= 1 && self.octets <= FEW
    }
}

impl OwnThread {
    /// The thread that calls this is the one.
    pub(super) fn begin(&self) {
        let _ = self.thread.set(thread::current());
        self.number.store(me(), Ordering::SeqCst);
    }

    /// Whether it leaves the driving to callers.
    pub(super) fn is_aside(&self) -> bool {
        self.aside.load(Ordering::SeqCst)
    }

    /// Whether it drives, if this is the thread that does.
    pub(super) fn is(&self, driver: u64) -> bool {
        driver != 0 && self.number.load(Ordering::SeqCst) == driver
    }

    /// A turn of the thread has ended. True if it steps aside.
    pub(super) fn steps_aside(&self, brought: Brought) -> bool {
        let row = match brought {
            // A timer, or a call that has woken the device.
            Brought { packets: 0, .. } => return false,
            Brought { woken: 1, first, .. } if brought.is_little() => {
                let same = self.lone.swap(first, Ordering::Relaxed) == first;
                if same { self.row.load(Ordering::Relaxed) + 1 } else { 1 }
            }
            // An acknowledgment alone.
            Brought { woken: 0, .. } if brought.is_little() => return false,
            _ => 0,
        };
        self.row.store(row, Ordering::Relaxed);
        let aside = row >= LONE && !self.tasks.load(Ordering::SeqCst);
        if aside {
            self.row.store(0, Ordering::Relaxed);
            self.aside.store(true, Ordering::SeqCst);
            // A task that has come meanwhile has perhaps not seen it.
            if self.tasks.load(Ordering::SeqCst) {
                self.aside.store(false, Ordering::SeqCst);
                return false;
            }
        }
        aside
    }

    /// A turn of a caller has ended. True if the thread shall do better.
    pub(super) fn is_crowded(&self, brought: Brought) -> bool {
        self.turns.fetch_add(1, Ordering::SeqCst);
        let row = if brought.is_little() { 0 } else { self.row.load(Ordering::Relaxed) + 1 };
        self.row.store(row, Ordering::Relaxed);
        row >= CROWDED
    }

    /// The caller that has driven drives no longer.
    pub(super) fn has_left(&self) {
        if self.asleep.swap(false, Ordering::SeqCst) {
            self.unpark();
        }
    }

    fn unpark(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Sleeps while callers drive.
    pub(super) fn stay_aside(&self, core: &Core) {
        let (mut seen, mut looks) = (self.turns.load(Ordering::SeqCst), 0);
        loop {
            nap(WATCH);
            if !self.is_aside() {
                return;
            }
            let turns = self.turns.load(Ordering::SeqCst);
            let driven = core.driver.load(Ordering::SeqCst) != 0;
            if turns != seen {
                (seen, looks) = (turns, 0);
            } else if !driven {
                self.aside.store(false, Ordering::SeqCst);
                return;
            } else {
                looks += 1;
            }
            if looks == LOOKS {
                looks = 0;
                self.asleep.store(true, Ordering::SeqCst);
                // A caller that leaves from now on wakes this thread.
                while self.asleep.load(Ordering::SeqCst)
                    && self.is_aside()
                    && core.driver.load(Ordering::SeqCst) != 0
                {
                    thread::park();
                }
                self.asleep.store(false, Ordering::SeqCst);
            }
        }
    }
}

impl Core {
    /// The stack's own thread shall drive again.
    pub(super) fn call_back(&self) {
        let Some(own) = &self.wheel.own else { return };
        if own.aside.swap(false, Ordering::SeqCst) {
            own.unpark();
            let driver = self.driver.load(Ordering::SeqCst);
            if driver != 0 && driver != me() {
                self.wake_device();
            }
        }
    }

    /// A task or an event loop waits. It does not drive.
    pub(crate) fn task_waits(&self) {
        if let Some(own) = &self.wheel.own {
            if !own.tasks.load(Ordering::Relaxed) {
                own.tasks.store(true, Ordering::SeqCst);
            }
            if own.is_aside() {
                self.call_back();
            }
        }
    }
}

/// What tests look at. Sockets, which lie above, have the tests.
#[cfg(test)]
impl Core {
    fn own(&self) -> &OwnThread {
        self.wheel.own.as_ref().unwrap()
    }

    /// Whether the stack's own thread leaves the driving to callers.
    pub(crate) fn is_aside(&self) -> bool {
        self.own().is_aside()
    }

    /// Whether it sleeps until a caller leaves.
    pub(crate) fn is_asleep(&self) -> bool {
        self.own().asleep.load(Ordering::SeqCst)
    }

    /// How often callers have driven.
    pub(crate) fn turns_of_callers(&self) -> u64 {
        self.own().turns.load(Ordering::SeqCst)
    }

    /// Whether the stack's own thread drives at this moment.
    pub(crate) fn is_driven_by_its_thread(&self) -> bool {
        self.own().is(self.driver.load(Ordering::SeqCst))
    }

    /// Whether a thread drives at this moment.
    pub(crate) fn is_driven(&self) -> bool {
        self.driver.load(Ordering::SeqCst) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::device::pair;

    const LITTLE: Brought = Brought { packets: 1, octets: 100, woken: 1, first: 7 };

    #[test]
    fn the_thread_steps_aside_for_one_caller_and_little_text() {
        let after = |turns: &[Brought]| {
            let own = OwnThread::default();
            turns.iter().any(|turn| own.steps_aside(*turn))
        };
        let enough = vec![LITTLE; LONE as usize];
        assert!(after(&enough) && !after(&enough[1..]));
        let with = |turn| [&enough[1..], &[turn, LITTLE]].concat();
        assert!(after(&with(Brought { packets: 0, octets: 0, woken: 1, ..LITTLE })), "a timer");
        assert!(after(&with(Brought { woken: 0, ..LITTLE })), "an acknowledgment alone");
        assert!(!after(&with(Brought { first: 8, ..LITTLE })), "another caller");
        assert!(!after(&with(Brought { woken: 2, ..LITTLE })), "two callers");
        assert!(!after(&with(Brought { packets: 2, ..LITTLE })), "two packets");
        assert!(!after(&with(Brought { octets: FEW + 1, ..LITTLE })), "much text");
    }

    #[test]
    fn a_caller_that_leaves_without_a_turn_wakes_the_thread() {
        let (device, _peer) = pair::pair();
        let core = Core::new(device, Config::new([10, 0, 0, 1]), Some(OwnThread::default())).unwrap();
        core.own().asleep.store(true, Ordering::SeqCst);
        drop(core.wheel.take_in_turn(&core));
        assert!(!core.is_asleep(), "nobody drives, and the thread sleeps for ever");
    }

    #[test]
    fn the_thread_comes_back_for_many_packets() {
        let own = OwnThread::default();
        let many = Brought { packets: 2, ..LITTLE };
        for _ in 1..CROWDED {
            assert!(!own.is_crowded(many));
        }
        assert!(!own.is_crowded(LITTLE));
        for _ in 1..CROWDED {
            assert!(!own.is_crowded(many));
        }
        assert!(own.is_crowded(many));
    }
}

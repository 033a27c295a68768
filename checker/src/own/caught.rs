//! Closures of somebody else's: a panic in one is caught, and told with the claim that it belongs to.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, Once, PoisonError};

thread_local! {
    /// This thread is within a closure of somebody else's.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the closure has panicked.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A closure that has panicked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) scenario: String,
    /// The claim, or none for the closure that keeps the history.
    pub(crate) claim: Option<String>,
    pub(crate) message: String,
    /// File and line.
    pub(crate) place: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, claim, message, place } = self;
        match claim {
            Some(claim) => write!(f, "scenario `{scenario}`: the closure of the claim \"{claim}\" panicked")?,
            None => write!(f, "scenario `{scenario}`: the closure that keeps the history panicked")?,
        }
        if let Some(place) = place {
            write!(f, " at {place}")?;
        }
        write!(f, ": {message}")
    }
}

/// The first panic of a scenario's closures. After it nothing more is asked.
#[derive(Debug, Default)]
pub(super) struct Faults {
    is_any: AtomicBool,
    first: Mutex<Option<Fault>>,
}

impl Faults {
    pub(super) fn first(&self) -> Option<Fault> {
        if !self.is_any.load(Relaxed) {
            return None;
        }
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a closure answers, or `otherwise` once one has panicked. `claim` is the closure's, `None` for the history's.
    #[inline]
    pub(super) fn ask<T>(
        &self,
        scenario: &str,
        claim: Option<&str>,
        otherwise: T,
        closure: impl FnOnce() -> T,
    ) -> T {
        if self.is_any.load(Relaxed) {
            return otherwise;
        }
        // A closure may ask another one's model: what was so before is so behind it.
        let was_inside = INSIDE.replace(true);
        let answer = panic::catch_unwind(AssertUnwindSafe(closure));
        INSIDE.set(was_inside);
        match answer {
            Ok(answer) => answer,
            Err(panic) => {
                let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert_with(|| Fault {
                    scenario: scenario.to_owned(),
                    claim: claim.map(str::to_owned),
                    message: message(&*panic),
                    place: PLACE.take(),
                });
                self.is_any.store(true, Relaxed);
                otherwise
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// From now on a panic within a closure is told in the error, and not on stderr by each thread as well.
pub(crate) fn quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.set(place);
            } else {
                before(info);
            }
        }));
    });
}

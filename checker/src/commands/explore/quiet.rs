//! Faults of the program itself. The client that asked is told of the fault. Stderr stays quiet, and all other clients are served as before.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

/// The name of all threads that serve.
pub(super) const THREAD: &str = "explore";
/// How the names of the engine's threads begin.
const ENGINE: &str = "timely";

/// What the last fault said.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic of these threads is noted and not printed.
pub(super) fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let printed = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let thread = thread::current();
            if !thread.name().is_some_and(|name| name == THREAD || name.starts_with(ENGINE)) {
                return printed(info);
            }
            let payload = info.payload();
            let words = payload.downcast_ref::<&str>().copied();
            let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let place =
                info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
            let note = format!("{}{place}", words.unwrap_or("no reason is known"));
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
        }));
    });
}

/// Does the work; if it panics, a sentence says so.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let note = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        format!(
            "The explorer has a fault: {}. Please report it with what you asked.",
            note.as_deref().unwrap_or("no reason is known")
        )
    })
}

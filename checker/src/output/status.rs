//! What a program says of itself when it ends: the exit status, and the error.

use super::aside;
use std::error::Error;
use std::io::ErrorKind;
use std::process::ExitCode;

/// Everything held.
const HOLDS: u8 = 0;
/// A property is violated, a document is stale, or an exploration was stopped before its end: not all that was asked for was shown to hold.
const VIOLATED: u8 = 1;
/// Wrong use, or this machine is in the way.
const WRONG_USE: u8 = 2;
/// The reader of the output has gone, as that of `list | head` does: what shells expect of a program that a broken pipe ended.
const UNREAD: u8 = 141;

/// The exit status of this result; an error stands on stderr.
pub(crate) fn exit(program: &str, result: Result<bool, Box<dyn Error>>) -> ExitCode {
    ExitCode::from(match result {
        Ok(true) => HOLDS,
        Ok(false) => VIOLATED,
        Err(error) if is_broken_pipe(&*error) => UNREAD,
        Err(error) => {
            aside::line(&format!("{program}: {error}"));
            WRONG_USE
        }
    })
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

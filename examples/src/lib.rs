//! What all examples do around their own part: `--help` says how to use one and does nothing else, and an error is a sentence.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Runs an example. With `-h` or `--help` among its arguments it only prints `usage`.
///
/// The exit status is 0, or 1 after an error, which is printed as a sentence. If the reader of the output has gone, that is no error.
pub fn run<E: Into<Box<dyn Error>>>(usage: &str, example: impl FnOnce() -> Result<(), E>) -> ExitCode {
    if std::env::args_os().skip(1).any(|argument| argument == "-h" || argument == "--help") {
        // If nobody reads it, nobody can be told.
        let _ = writeln!(io::stdout(), "{usage}");
        return ExitCode::SUCCESS;
    }
    let Err(error) = example() else { return ExitCode::SUCCESS };
    let error = error.into();
    if is_broken_pipe(&*error) {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<Printing>().is_some_and(|Printing(error)| error.kind() == ErrorKind::BrokenPipe)
}

/// stdout cannot be written. (A connection whose peer has gone says the same of itself, and that is an error.)
#[derive(Debug)]
struct Printing(io::Error);

impl std::fmt::Display for Printing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot print: {}", self.0)
    }
}

impl Error for Printing {}

/// Prints these octets.
///
/// # Errors
///
/// If stdout cannot be written.
pub fn print(octets: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    out.write_all(octets.as_ref()).and_then(|()| out.flush()).map_err(|error| Printing(error).into())
}

/// Opens or creates a file by `how`; an error names it.
///
/// # Errors
///
/// Those of `how`.
pub fn file<'a, T>(name: &'a str, how: impl FnOnce(&'a str) -> io::Result<T>) -> io::Result<T> {
    how(name).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))
}

/// The argument as a value, or this one if there is none.
///
/// # Errors
///
/// If it is no such value: `what` says what was expected.
pub fn argument<T: std::str::FromStr>(argument: Option<String>, default: T, what: &str) -> io::Result<T> {
    let Some(text) = argument else { return Ok(default) };
    text.parse().map_err(|_| io::Error::new(ErrorKind::InvalidInput, format!("`{text}` is no {what}")))
}

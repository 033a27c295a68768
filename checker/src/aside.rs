//! What is said beside the result: on stderr, where nobody may be listening. If it is closed, nothing is lost and nothing fails.

use std::io::{IsTerminal, Write};

/// A line on stderr.
pub(crate) fn line(words: &str) {
    // In one piece: other processes may write there, too.
    let _ = std::io::stderr().write_all(format!("{words}\n").as_bytes());
}

/// How far something is, if somebody watches: it takes the place of what stood there before.
pub(crate) fn progress(words: &str) {
    if std::io::stderr().is_terminal() {
        let _ = std::io::stderr().write_all(format!("\r\x1b[K{words}").as_bytes());
    }
}

/// Removes the progress.
pub(crate) fn done() {
    progress("");
}

//! What is said beside the result: on stderr, where nobody may be listening. If it is closed, nothing is lost and nothing fails.

use std::io::Write;

/// A line on stderr.
pub(crate) fn line(words: &str) {
    // In one piece: other processes may write there, too.
    let _ = std::io::stderr().write_all(format!("{words}\n").as_bytes());
}

//! What the reader's terminal can do. Styles are always written: the stream that `main` opens leaves them out where they are not wanted.

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use std::env;
use std::io::{self, Stdout};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use textwrap::{Options, WordSplitter};

/// Columns where nobody knows how wide it is.
const USUAL: usize = 80;
/// What is narrower is written as if it were so wide.
const NARROWEST: usize = 40;
/// Longer lines are hard to read.
const WIDEST: usize = 120;

/// All is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something is not as it should be.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// It was not decided.
pub(crate) const OPEN: Style = AnsiColor::Yellow.on_default();
/// What one need not read first.
pub(crate) const ASIDE: Style = Style::new().dimmed();
/// A heading.
pub(crate) const STRONG: Style = Style::new().bold();

/// Stdout without styles where they are not wanted: `NO_COLOR`, `CLICOLOR=0`, a pipe, `TERM=dumb`. `CLICOLOR_FORCE` asks for them everywhere.
pub(crate) fn stdout() -> AutoStream<Stdout> {
    // The library takes every terminal for one that has colours where `CI` is set.
    if is_dumb() && !is_forced() { AutoStream::never(io::stdout()) } else { AutoStream::auto(io::stdout()) }
}

/// It says of itself that it shows nothing but text.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn is_forced() -> bool {
    env::var_os("CLICOLOR_FORCE").is_some_and(|force| force != "0")
}

/// What is printed now goes elsewhere than to stdout.
static ELSEWHERE: AtomicBool = AtomicBool::new(false);

/// Does something whose output does not go to stdout: lines are as long as usual there.
pub(crate) fn elsewhere<T>(does: impl FnOnce() -> T) -> T {
    ELSEWHERE.store(true, Relaxed);
    let done = does();
    ELSEWHERE.store(false, Relaxed);
    done
}

/// Whether what is printed now goes elsewhere than to stdout.
pub(crate) fn is_elsewhere() -> bool {
    ELSEWHERE.load(Relaxed)
}

/// Columns of the terminal that stdout is.
pub(crate) fn width() -> usize {
    if is_elsewhere() {
        return USUAL;
    }
    terminal_size::terminal_size_of(io::stdout())
        .map_or(USUAL, |(width, _)| usize::from(width.0).clamp(NARROWEST, WIDEST))
}

/// Text in a style.
pub(crate) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Text in lines of so many columns, the first one begun with `first`, the others with `others`.
pub(crate) fn wrapped(text: &str, width: usize, first: &str, others: &str) -> String {
    // Names of rows and claims are not cut at their hyphens.
    let options = Options::new(width).initial_indent(first).subsequent_indent(others);
    textwrap::fill(text, options.word_splitter(WordSplitter::NoHyphenation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_only() {
        let text = wrapped("two synchronized-ends agree", 24, "  - ", "    ");
        assert_eq!(text, "  - two\n    synchronized-ends\n    agree");
    }
}

//! A stamp for generated documents: which table, model and claims they speak of.
//!
//! What is quick is written anew with every change. What takes long (the mutants, the deep scenarios) is not: it carries its stamp, and `docs` marks it when it is
//! of another one.

use std::path::Path;
use tcpspec_explorer::stamp::of_today;

/// Documents that are written by runs of their own, and how.
pub(crate) const LONG: &[(&str, &str)] = &[
    ("mutants.md", "cargo run --release -- mutate --doc docs/mutants.md"),
    ("deep.md", "cargo run --release -- check --deep --doc docs/deep.md"),
];

const WORDS: &str = "Stamp of table, model and claims: ";
const OLD: &str = "*Of an older table";

/// The line that a document carries.
pub(crate) fn line() -> String {
    format!("{WORDS}`{}`.\n", of_today())
}

/// Whether a document is of another stamp than the present one, or has none.
fn is_old(text: &str) -> bool {
    !text.lines().any(|line| line == line_of_today())
}

fn line_of_today() -> String {
    line().trim_end().to_owned()
}

/// The document with the mark that it is old, or without it if it is not.
fn marked(text: &str, command: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut skip_empty = false;
    for line in text.lines() {
        if line.starts_with(OLD) {
            skip_empty = true;
            continue;
        }
        if !(skip_empty && line.is_empty()) {
            lines.push(line.to_owned());
        }
        skip_empty = false;
    }
    if is_old(text) {
        let title = lines.iter().position(|line| line.starts_with("# ")).map_or(0, |at| at + 1);
        let mark = format!("{OLD}, model or claims than the present ones; `{command}` writes it anew.*");
        lines.splice(title..title, [String::new(), mark]);
    }
    lines.join("\n") + "\n"
}

/// The long results that are of an older table, as they should be marked: name, the text now, and the text marked.
pub(crate) fn long(dir: &Path) -> Vec<(&'static str, bool, String, String)> {
    LONG.iter()
        .filter_map(|(name, command)| {
            let text = std::fs::read_to_string(dir.join(name)).ok()?;
            let marked = marked(&text, command);
            Some((*name, is_old(&text), text, marked))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_is_marked_once_and_what_is_not_loses_the_mark() {
        let old = "<!-- note -->\n\n# Title\n\nStamp of table, model and claims: `0`.\n\nText.\n";
        let once = marked(old, "command");
        assert!(once.starts_with("<!-- note -->\n\n# Title\n\n*Of an older table, model"), "{once}");
        assert_eq!(marked(&once, "command"), once);
        let now = once.replace("Stamp of table, model and claims: `0`.\n", &line());
        assert_eq!(marked(&now, "command"), old.replace("Stamp of table, model and claims: `0`.\n", &line()));
        // By hand, before there were stamps.
        let by_hand = "# Mutants\n\n*Of an older table: 585 of 619.*\n\nEvery row.\n";
        assert_eq!(marked(by_hand, "c").matches(OLD).count(), 1);
    }
}

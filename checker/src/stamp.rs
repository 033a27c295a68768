//! A stamp for generated documents: which table, model and properties they speak of.
//!
//! What is quick is written anew with every change. What takes long (the mutants, the deep scenarios) is not: it carries its stamp, and `docs` marks it when it is
//! of another one.

use crate::diff;
use std::path::Path;
use tcpspec::model::deep::DEEP;
use tcpspec::model::{Scenario, scenarios, sources};

/// Documents that are written by runs of their own, and how.
pub(crate) const LONG: &[(&str, &str)] = &[
    ("mutants.md", "cargo run --release -- mutate --doc docs/mutants.md"),
    ("deep.md", "cargo run --release -- check --deep --doc docs/deep.md"),
];

const WORDS: &str = "Stamp of table, model and properties: ";
const OLD: &str = "*Of an older table";

/// The line that a document carries.
pub(crate) fn line() -> String {
    format!("{WORDS}`{:016x}`.\n", stamp())
}

/// A number that changes with the rows, the code of guards, effects, model and properties, the scenarios, their bounds and their claims. What only changes words
/// (comments, layout, tests) does not change it.
pub(crate) fn stamp() -> u64 {
    let mut hash = Fnv::default();
    hash.add(&diff::table());
    for scenario in scenarios::all().chain(DEEP) {
        let Scenario { name, claims, .. } = scenario;
        hash.add(name);
        hash.add(&scenario.bounds_line());
        for claim in *claims {
            hash.add(claim.name);
            hash.add(claim.kind.word());
            hash.add(claim.fails_because.unwrap_or_default());
        }
    }
    for (name, text) in sources::ALL {
        hash.add(name);
        for line in code(text) {
            hash.add(line);
        }
    }
    hash.0
}

/// The lines of a source file without comments, indentation, empty lines and tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// FNV-1a, the same everywhere.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        // The end counts, so that "ab", "c" is not "a", "bc".
        for octet in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
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
        let mark = format!("{OLD}, model or properties than the present ones; `{command}` writes it anew.*");
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
    fn words_do_not_count_and_code_does() {
        let text = "//! About.\n\nfn f() {\n    // Why.\n    g();\n}\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(code(text).collect::<Vec<_>>(), ["fn f() {", "g();", "}"]);
        // All sources are there, and the table is among them.
        assert!(sources::ALL.iter().all(|(_, text)| code(text).count() > 5));
        // Tests come last, or something behind them would be left out.
        for (name, text) in sources::ALL {
            let tests = text.split_once("#[cfg(test)]\n").map(|(_, tests)| tests);
            assert!(
                tests.is_none_or(|tests| tests.starts_with("mod tests {")
                    && tests.ends_with("\n}\n")
                    && tests.matches("\n}\n").count() == 1),
                "{name}"
            );
        }
        assert!(sources::ALL.iter().any(|(name, text)| *name == "table.rs" && text.contains("tcp_table!")));
    }

    /// All files below a directory.
    fn files(dir: &Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn no_source_of_the_model_is_forgotten() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/src");
        for path in files(&sources) {
            let name = path.strip_prefix(&sources).unwrap().to_string_lossy().replace('\\', "/");
            let decides =
                !["lib.rs", "info.rs", "record.rs", "model/sources.rs", "model/replay.rs"].contains(&&*name);
            assert_eq!(sources::ALL.iter().any(|(known, _)| *known == name), decides, "{name}");
        }
    }

    #[test]
    fn what_is_old_is_marked_once_and_what_is_not_loses_the_mark() {
        let old = "<!-- note -->\n\n# Title\n\nStamp of table, model and properties: `0`.\n\nText.\n";
        let once = marked(old, "command");
        assert!(once.starts_with("<!-- note -->\n\n# Title\n\n*Of an older table, model"), "{once}");
        assert_eq!(marked(&once, "command"), once);
        let now = once.replace("Stamp of table, model and properties: `0`.\n", &line());
        assert_eq!(
            marked(&now, "command"),
            old.replace("Stamp of table, model and properties: `0`.\n", &line())
        );
        // By hand, before there were stamps.
        let by_hand = "# Mutants\n\n*Of an older table: 585 of 619.*\n\nEvery row.\n";
        assert_eq!(marked(by_hand, "c").matches(OLD).count(), 1);
    }
}

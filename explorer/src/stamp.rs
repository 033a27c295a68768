//! The stamp: a number that stands for a table, its model and its claims.

use crate::table_json::without_lines;
use std::sync::LazyLock;
use tcpspec::TABLE;
use tcpspec::model::scenarios::deep::DEEP;
use tcpspec::model::{Scenario, scenarios, sources};

/// The stamp of this table, this model and these claims.
pub fn of_today() -> &'static str {
    static STAMP: LazyLock<String> = LazyLock::new(|| format!("{:016x}", stamp()));
    &STAMP
}

/// A number that changes with the rows, the code of guards, effects, model and properties, the scenarios, their bounds and their claims. Comments, layout and tests
/// do not change it.
fn stamp() -> u64 {
    let mut hash = Fnv::default();
    hash.add(&without_lines(&TABLE));
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

/// A number that changes with the rows, what makes code of them, the code that they call, the match of the same rules that was written by hand, the second opinion, and these texts: sources of
/// proofs, or names.
pub fn of_proofs<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Fnv::default();
    hash.add(&without_lines(&TABLE));
    let is_proven =
        |name: &str| !name.starts_with("model/") || name.starts_with("model/claims/expectations/");
    let rules = sources::ALL.iter().filter(|(name, _)| is_proven(name)).map(|(_, text)| *text);
    let generator = sources::GENERATOR.iter().copied();
    for line in rules.chain([sources::BY_HAND]).chain(generator).chain(texts).flat_map(code) {
        hash.add(line);
    }
    format!("{:016x}", hash.0)
}

/// The lines of a source file without comments, indentation, empty lines and tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let lines = || text.lines();
    // Tests come last; a file of tests may be named before.
    let tests =
        lines().zip(lines().skip(1)).position(|(line, next)| line == "#[cfg(test)]" && next.ends_with('{'));
    lines()
        .take(tests.unwrap_or(usize::MAX))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn words_do_not_count_and_code_does() {
        let text = "//! About.\n\nfn f() {\n    // Why.\n    g();\n}\n\n#[cfg(test)]\nmod other;\n\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";
        assert_eq!(code(text).collect::<Vec<_>>(), ["fn f() {", "g();", "}", "#[cfg(test)]", "mod other;"]);
        // All sources are there, and the table is among them.
        assert!(sources::ALL.iter().all(|(_, text)| code(text).count() > 5));
        assert!(sources::GENERATOR.iter().all(|text| code(text).count() > 5));
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
            let decides = ![
                "lib.rs",
                "by_hand.rs",
                "info.rs",
                "quotations.rs",
                "quotations.txt",
                "record.rs",
                "model/sources.rs",
                "model/judge/mod.rs",
                "model/judge/replay.rs",
            ]
            .contains(&&*name);
            assert_eq!(sources::ALL.iter().any(|(known, _)| *known == name), decides, "{name}");
        }
    }
}

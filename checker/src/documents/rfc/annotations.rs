//! What tests show: a line such as `RFC 9293: MUST-36, SHLD-29` in a test's documentation, alone on its line and with three slashes. Anywhere else it is an
//! error, so that what it says is read by whoever reads the test, and by nobody without it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where sources with tests are.
const FOLDERS: [&str; 6] = ["checker", "examples", "macros", "spec", "stack", "tests"];
const MARK: &str = "RFC 9293: ";

/// A test that shows something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    /// Seen from the workspace.
    pub(super) file: String,
    /// The function's name.
    pub(super) test: String,
}

impl Shown {
    pub(super) fn place(&self) -> String {
        format!("{}, {}", self.file, self.test)
    }
}

/// All annotations below these folders: which tests show a requirement.
pub(super) fn scan(root: &Path, problems: &mut Vec<String>) -> BTreeMap<String, Vec<Shown>> {
    let mut all = BTreeMap::new();
    let mut paths = Vec::new();
    for folder in FOLDERS {
        if let Err(error) = sources(&root.join(folder), &mut paths) {
            problems.push(format!("cannot read the tests in {}: {error}", root.join(folder).display()));
        }
    }
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        match fs::read_to_string(&path) {
            Ok(text) => read(&name, &text, &mut all, problems),
            Err(error) => problems.push(format!("cannot read {}: {error}", path.display())),
        }
    }
    all
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, into)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// What stands before an item.
#[derive(Default)]
struct Before {
    named: Vec<String>,
    is_test: bool,
    is_ignored: bool,
}

fn read(file: &str, text: &str, all: &mut BTreeMap<String, Vec<Shown>>, problems: &mut Vec<String>) {
    let mut before = Before::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let mut wrong = |what: &str| problems.push(format!("{file}, line {number}: {what}"));
        if let Some(list) = line.strip_prefix("/// ").and_then(|line| line.strip_prefix(MARK)) {
            for id in list.split(", ") {
                if is_id(id) {
                    before.named.push(id.to_owned());
                } else {
                    wrong(&format!("`{id}` is no requirement; write `/// {MARK}MUST-1, SHLD-2`"));
                }
            }
        } else if line.starts_with("//") {
            let words = line.trim_start_matches(['/', '!', ' ']);
            if words.strip_prefix(MARK).is_some_and(|list| list.split([',', ' ']).any(is_id)) {
                wrong(&format!("an annotation stands in a test's documentation: `/// {MARK}…`"));
            }
        } else if line.starts_with("#[") {
            before.is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            before.is_ignored |= line.starts_with("#[ignore");
        } else if !line.is_empty() {
            let Before { named, is_test, is_ignored } = std::mem::take(&mut before);
            match function(line) {
                _ if named.is_empty() => {}
                Some(test) if is_test && !is_ignored => {
                    for id in named {
                        let shown = Shown { file: file.to_owned(), test: test.to_owned() };
                        all.entry(id).or_default().push(shown);
                    }
                }
                _ => wrong("only a test that runs can show what a requirement asks for"),
            }
        }
    }
}

/// Whether it looks like `MUST-1`.
fn is_id(text: &str) -> bool {
    let parts = text.split_once('-');
    parts.is_some_and(|(kind, number)| {
        ["MUST", "SHLD", "MAY", "REC"].contains(&kind)
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// The name of the function that begins on this line.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let (mut all, mut problems) = (BTreeMap::new(), Vec::new());
        read("a.rs", text, &mut all, &mut problems);
        let pairs =
            all.into_iter().flat_map(|(id, shown)| shown.into_iter().map(move |s| (id.clone(), s.test)));
        (pairs.collect(), problems)
    }

    #[test]
    fn annotations_of_tests_are_found() {
        let (pairs, problems) = found(
            "/// Words.\n/// RFC 9293: MUST-1, SHLD-2\n#[test]\nfn one() {\n    x();\n}\n\n\
             #[tokio::test(flavor = \"x\")]\n/// RFC 9293: MUST-1\nasync fn two() {}\n\n#[test]\nfn three() {}\n\
             proptest! {\n    /// RFC 9293: REC-1\n    #[test]\n    fn four(a in b()) {}\n}\n",
        );
        let expected = [("MUST-1", "one"), ("MUST-1", "two"), ("REC-1", "four"), ("SHLD-2", "one")];
        assert_eq!(pairs, expected.map(|(id, test)| (id.to_owned(), test.to_owned())));
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn annotations_elsewhere_are_errors() {
        for (text, says) in [
            ("/// RFC 9293: MUST-1\nfn helper() {}\n", "line 2: only a test that runs"),
            (
                "/// RFC 9293: MUST-1\n#[test]\n#[ignore = \"later\"]\nfn one() {}\n",
                "line 4: only a test that runs",
            ),
            ("/// RFC 9293: MUST-1\nstruct S;\n", "line 2: only a test that runs"),
            (
                "/// RFC 9293: MUST-1 and more\n#[test]\nfn one() {}\n",
                "line 1: `MUST-1 and more` is no requirement",
            ),
            ("// RFC 9293: MUST-1\n#[test]\nfn one() {}\n", "line 1: an annotation stands"),
            ("//! RFC 9293: MUST-1, MUST-2\n", "line 1: an annotation stands"),
        ] {
            let (pairs, problems) = found(text);
            assert!(
                pairs.is_empty() && problems.len() == 1 && problems[0].contains(says),
                "{text}: {problems:?}"
            );
        }
        let (pairs, problems) = found("// RFC 9293: the checksum is never optional.\nfn f() {}\n");
        assert!(pairs.is_empty() && problems.is_empty(), "prose is prose: {problems:?}");
    }
}

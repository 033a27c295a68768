//! The laws of ARCHITECTURE.md that can be read off the sources.

use tcpspec_tests::sources;

/// Every state change, and every decision by state, is a row: the stack names no state but the one in which all begins.
#[test]
fn the_stack_decides_nothing_by_state() {
    let files = sources::all(std::path::Path::new("stack/src")).unwrap();
    assert!(files.len() > 50, "the sources of the stack were not found");
    for (name, text) in files {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in code.enumerate() {
            // `RandomState` is something else.
            let decides = line.match_indices("State::").any(|(at, _)| {
                !line[..at].ends_with(char::is_alphanumeric) && !line[at..].starts_with("State::INITIAL")
            });
            let asks =
                line.contains("state.is_") || line.contains("state ==") || line.contains("match state");
            assert!(!decides && !asks, "{name}, code line {}: {line}", number + 1);
        }
    }
}

/// Folders whose files are named by their paths, in sources and documents.
const NAMED: [&str; 9] = [
    "spec/src/",
    "macros/src/",
    "stack/src/",
    "checker/src/",
    "checker/tests/",
    "explorer/src/",
    "explorer/page/",
    "tests/src/",
    "tests/tests/",
];

/// Names that tests have made up.
const MADE_UP: [&str; 3] = ["explorer/page/b.js", "stack/src/b/c.rs", "tests/tests/a.rs"];

/// What names a file that has moved names it where it is now.
#[test]
fn each_file_that_is_named_is_there() {
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || "_./-".contains(letter);
    let (mut named, mut missing) = (0, Vec::new());
    for folder in [
        "spec",
        "macros",
        "stack",
        "checker",
        "explorer/src",
        "explorer/bundler",
        "tests",
        "docs",
        ".ci",
        "examples",
    ]
    .into_iter()
    .chain(["explorer/page/tests", "explorer/page/tools", "explorer/page/words"])
    {
        for (file, text) in sources::all(std::path::Path::new(folder)).unwrap() {
            for word in text.split(|letter| !is_path(letter)) {
                let Some(at) = NAMED.iter().filter_map(|folder| word.find(folder)).min() else { continue };
                let path = word[at..].trim_end_matches(['.', '/', '-']);
                // `../spec/src/lib.rs` is named from somewhere, `my-spec/src/lib.rs` is somebody else's.
                let begins = at == 0 || word[..at].ends_with('/');
                // Places in URLs that something else serves, and names that are put together.
                if !begins
                    || !path.rsplit('/').next().is_some_and(|name| name.contains('.'))
                    || MADE_UP.contains(&path)
                {
                    continue;
                }
                named += 1;
                if !sources::root().join(path).exists() {
                    missing.push(format!("{folder}/{file} names {path}"));
                }
            }
        }
    }
    assert!(named > 100, "only {named} files are named");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Names of the machine's methods that say nothing: how a number is made and read, what is given, and what integers have too.
const HARMLESS: [&str; 8] = ["new", "get", "bits", "from_bits", "saturating_sub", "raw", "reduce", "given"];

/// Sums, differences and sets of facts, which integers and bits have too: asked for in one place only.
const ARITHMETIC: [&str; 5] = ["wrapping_add", "wrapping_sub", "has", "set", "clear"];

/// The second opinion asks nothing of the machine: no guard, no effect, no question about states, no method of a TCB, a segment or flags; of numbers and facts only how they are made, read and noted.
#[test]
fn the_second_opinion_asks_nothing_of_the_machine() {
    let spec = sources::root().join("spec/src");
    let mut methods = std::collections::BTreeSet::new();
    for file in ["tcb.rs", "segment.rs", "seq.rs"] {
        let text = std::fs::read_to_string(spec.join(file)).unwrap();
        for (_, rest) in text.lines().filter_map(|line| line.split_once("fn ")) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            methods.insert(name);
        }
    }
    assert!(methods.len() > 40, "only {} functions of the machine were found", methods.len());
    for name in HARMLESS {
        methods.remove(name);
    }
    let files = sources::all(std::path::Path::new("spec/src/model/claims/expectations")).unwrap();
    assert!(files.len() > 3, "the second opinion was not found");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for (name, text) in files {
        let is_arithmetic = name.ends_with("numbers.rs");
        // Its own tests may run the model.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let words: Vec<(usize, &str)> = line
                .match_indices(is_word)
                .filter(|(at, _)| *at == 0 || !line[..*at].ends_with(is_word))
                .map(|(at, _)| (at, line[at..].split(|c| !is_word(c)).next().unwrap_or_default()))
                .collect();
            for (at, word) in words {
                let asked = line[..at].ends_with(['.', ':']) && line[at + word.len()..].starts_with('(');
                let machine =
                    ["guards", "effects", "machine", "mutants", "table", "TABLE", "step", "enabled"];
                let of_states = asked && word.starts_with("is_") && line[..at].ends_with("state.");
                assert!(
                    !(machine.contains(&word) || of_states || asked && methods.contains(word))
                        || is_arithmetic && ARITHMETIC.contains(&word),
                    "{name} asks the machine for {word}: {line}"
                );
            }
        }
    }
}

/// Each fault that `tests/fuzz/faults/try` puts in still fits the sources: five for each target.
#[test]
fn the_faults_for_fuzz_targets_fit_the_sources() {
    let name = "the_faults_for_fuzz_targets_fit_the_sources";
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut targets = 0;
    for target in std::fs::read_dir(root.join("tests/fuzz/faults")).unwrap() {
        let folder = target.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        targets += 1;
        let faults: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(faults.len() >= 5, "{}: {} faults", folder.display(), faults.len());
        for fault in faults {
            let mut git = std::process::Command::new("git");
            match git.current_dir(&root).args(["apply", "--check"]).arg(&fault).output() {
                Ok(output) => {
                    let said = String::from_utf8_lossy(&output.stderr);
                    assert!(output.status.success(), "{}: {said}", fault.display());
                }
                Err(error) => return tcpspec_tests::skip(name, &error),
            }
        }
    }
    assert_eq!(targets, 8);
}

//! The laws of ARCHITECTURE.md that can be read off the sources.

use std::path::Path;

/// Every state change, and every decision by state, is a row: the stack names no state but the one in which all begins.
#[test]
fn the_stack_decides_nothing_by_state() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stack/src");
    let mut seen = 0;
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for (number, line) in code.enumerate() {
                // `RandomState` is something else.
                let decides = line.match_indices("State::").any(|(at, _)| {
                    !line[..at].ends_with(char::is_alphanumeric) && !line[at..].starts_with("State::INITIAL")
                });
                let asks =
                    line.contains("state.is_") || line.contains("state ==") || line.contains("match state");
                assert!(!decides && !asks, "{}, code line {}: {line}", path.display(), number + 1);
            }
        }
    }
    assert!(seen > 10, "the sources of the stack were not found");
}

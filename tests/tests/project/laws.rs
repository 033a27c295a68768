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

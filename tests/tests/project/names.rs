//! How the crate's names stand beside those of other crates, and what the documentation says of depending on it.

/// Nobody's `tokio`, `time`, `std` or prelude is hidden by what a glob brings.
mod glob {
    use tcpspec_stack::*;

    #[tokio::main(flavor = "current_thread")]
    pub(super) async fn main() -> std::io::Result<String> {
        let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
        let listener = asynchronous::TcpListener::bind(&b, 80)?;
        let client = asynchronous::TcpStream::connect(&a, "10.0.0.2:80").await?;
        let taken = tokio::time::timeout(std::time::Duration::from_secs(5), listener.accept());
        let (server, _) = taken.await.map_err(std::io::Error::other)??;
        client.try_write(b"text")?;
        server.readable().await?;
        let mut text = Vec::with_capacity(4);
        server.try_read_buf(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

#[test]
fn a_glob_import_stands_beside_tokio() {
    assert_eq!(glob::main().unwrap(), "text");
}

/// The lines of `Cargo.toml` that a page shows.
fn manifest_lines(page: &str) -> Vec<&str> {
    let dependency = |line: &&str| line.contains("tcpspec-stack = {");
    page.lines().map(|line| line.trim_start_matches("//! ").trim()).filter(dependency).collect()
}

/// What stands between quotes after `word`.
fn quoted<'a>(line: &'a str, word: &str) -> Vec<&'a str> {
    let (_, rest) = line.split_once(word).unwrap_or_default();
    let rest = rest.split(']').next().unwrap_or_default();
    rest.split('"').skip(1).step_by(2).collect()
}

#[test]
fn what_pages_say_of_depending_on_the_crate_is_so() {
    let manifest = include_str!("../../../stack/Cargo.toml");
    let (_, features) = manifest.split_once("[features]").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let known: Vec<_> =
        features.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name)).collect();
    let workspace = include_str!("../../../Cargo.toml");
    let repository = workspace.lines().find_map(|line| line.strip_prefix("repository = ")).unwrap();
    let pages = [
        include_str!("../../../docs/book/src/the-stack-in-your-program.md"),
        include_str!("../../../stack/src/lib.rs"),
    ];
    for page in pages {
        let lines = manifest_lines(page);
        assert!(!lines.is_empty(), "a page says nothing of it");
        for line in lines {
            assert!(line.contains(&format!("git = {repository}")), "{line}");
            for feature in quoted(line, "features = [") {
                assert!(known.contains(&feature), "there is no feature {feature}: {line}");
            }
        }
    }
    // Each feature is told of in the crate's documentation.
    for feature in known.into_iter().filter(|feature| *feature != "default") {
        assert!(
            pages[1].contains(&format!("//! | `{feature}`")),
            "the documentation does not tell of `{feature}`"
        );
    }
}

/// The cell of a Markdown table, in the first line with these words, `,` taken out.
fn cells(page: &str, words: &str) -> Vec<String> {
    let line = page.lines().find(|line| line.starts_with(&format!("| {words} |")));
    let line = line.unwrap_or_else(|| panic!("{words} is not there"));
    line.split('|').map(|cell| cell.trim().replace(',', "")).collect()
}

#[test]
fn what_pages_say_of_the_cost_of_a_packet_is_what_was_measured() {
    let measured = include_str!("../../../docs/benchmarks.md");
    let pages = [include_str!("../../../README.md"), include_str!("../../../docs/book/src/what-it-costs.md")];
    for (words, work) in [
        ("an octet back and forth", "ping"),
        ("connect, an octet back and forth, close", "churn"),
        ("one direction, as fast as it goes", "bulk"),
    ] {
        let counted = |stack| cells(measured, &format!("{work} | {stack}"))[3].clone();
        for page in pages {
            let said = cells(page, words);
            assert_eq!(said[2..4], [counted("ours"), counted("smoltcp")], "{words}");
        }
    }
}

//! What the README, CONTRIBUTING, the book and the heads of programs show: commands, and excerpts of what is printed. CI runs the ones and compares the others, so that a
//! reader who does the same sees the same.

pub mod excerpt;
mod list;
pub mod walk;

pub use list::{Entry, How, LIST};

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// The pages whose commands are run, besides the book's.
const PAGES: &[&str] = &["README.md", "CONTRIBUTING.md", "checker/README.md"];
/// The book's chapters.
pub const BOOK: &str = "docs/book/src";
/// Programs whose first lines say how they are run.
const HEADS: &[&str] = &[
    "benches/stack/main.rs",
    "checker/benches/engines.rs",
    "examples/src/bin",
    "spec/benches/step/main.rs",
    "explorer/benches",
    "tests/src/bin/replay.rs",
];
/// What a command begins with; `…` stands for what has been said before.
const PROGRAMS: &[&str] =
    &["cargo", "rustup", "npm", "tcpspec", "git", "curl", "nc", "python3", "…", ".ci/run", ".ci/packages"];
/// What the checker is asked for.
const ASKED: &[&str] = &["check", "explore", "trace", "list", "table", "diff", "docs", "mutate"];

/// A command and where it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The file.
    pub file: String,
    /// The command, without its comment.
    pub command: String,
}

/// A block of a page that shows what a command prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The page.
    pub page: String,
    /// The command, without its comment.
    pub command: String,
    /// The lines that are shown.
    pub lines: Vec<String>,
}

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All commands that are shown, each where it is shown first.
///
/// # Errors
///
/// If a file cannot be read.
pub fn commands(root: &Path) -> io::Result<Vec<Shown>> {
    let mut all: Vec<Shown> = Vec::new();
    let mut add = |file: &str, commands: Vec<String>| {
        for command in commands {
            if !all.iter().any(|shown| shown.command == command) {
                all.push(Shown { file: file.to_owned(), command });
            }
        }
    };
    for page in pages(root)? {
        let text = std::fs::read_to_string(root.join(&page))?;
        add(&page, of_page(&text));
    }
    for head in HEADS {
        let path = root.join(head);
        let mut files = vec![path.clone()];
        if path.is_dir() {
            files = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
            files.sort();
        }
        for file in files {
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            add(&name, of_head(&std::fs::read_to_string(&file)?));
        }
    }
    Ok(all)
}

/// The pages whose commands are run, as seen from the project's folder.
///
/// # Errors
///
/// If the book's folder cannot be read.
pub fn pages(root: &Path) -> io::Result<Vec<String>> {
    let mut chapters = chapters(root, BOOK)?;
    chapters.sort();
    Ok(PAGES.iter().map(|page| (*page).to_owned()).chain(chapters).collect())
}

/// The chapters in a folder of the book and in the folders within it.
fn chapters(root: &Path, folder: &str) -> io::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = format!("{folder}/{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            all.extend(chapters(root, &name)?);
        } else if name.ends_with(".md") {
            all.push(name);
        }
    }
    Ok(all)
}

/// What the pages show of what commands print.
///
/// # Errors
///
/// If a page cannot be read.
pub fn excerpts(root: &Path) -> io::Result<Vec<Excerpt>> {
    let mut all = Vec::new();
    for page in pages(root)? {
        let text = std::fs::read_to_string(root.join(&page))?;
        for (command, lines) in behind_commands(&text) {
            all.push(Excerpt { page: page.clone(), command, lines });
        }
    }
    Ok(all)
}

/// The blocks of text right behind a block for the shell, each with the last command of that block, which prints it.
fn behind_commands(page: &str) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    let mut last: Option<String> = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<String> =
                lines.by_ref().take_while(|line| !line.starts_with("```")).map(str::to_owned).collect();
            match (language, last.take()) {
                ("sh", _) => last = block.last().map(|line| without_comment(line)),
                ("text", Some(command)) => all.push((command, block)),
                _ => {}
            }
        } else if !line.is_empty() {
            last = None;
        }
    }
    all
}

/// The blocks between fences of this language, each as its lines.
#[must_use]
pub fn fenced(page: &str, language: &str) -> Vec<Vec<String>> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, Vec<String>)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(what)) => open = Some((what == language, Vec::new())),
            (Some(_), Some(_)) => {
                if let Some((true, block)) = open.take() {
                    blocks.push(block);
                }
                open = None;
            }
            (Some((_, block)), None) => block.push(line.to_owned()),
            (None, None) => {}
        }
    }
    blocks
}

/// The commands of a page: the lines of its blocks for the shell, and what stands in its text as code and begins as a command does.
fn of_page(page: &str) -> Vec<String> {
    let mut all: Vec<String> = fenced(page, "sh")
        .concat()
        .iter()
        .map(|line| without_comment(line))
        .filter(|c| !c.is_empty())
        .collect();
    let mut text = String::new();
    let mut fence = false;
    for line in page.lines() {
        if line.starts_with("```") {
            fence = !fence;
        } else if !fence {
            // A paragraph's lines belong together, also in the midst of a command.
            text.push_str(if line.is_empty() { "\n" } else { line });
            text.push(' ');
        }
    }
    all.extend(in_text(&text));
    all
}

/// The commands in the first lines of a program.
fn of_head(source: &str) -> Vec<String> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut text = String::new();
    for line in lines {
        text.push_str(if line.is_empty() { "\n" } else { line });
        text.push(' ');
    }
    in_text(&text)
}

/// What stands between backquotes and begins as a command does.
fn in_text(text: &str) -> Vec<String> {
    let code = text.split('\n').flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
    code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|code| is_command(code))
        .collect()
}

fn is_command(code: &str) -> bool {
    // What is set for the command comes before it.
    let mut words = code.split(' ').skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let Some(first) = words.next() else { return false };
    PROGRAMS.contains(&first) && (words.next().is_some() || first.starts_with(".ci"))
        || ASKED.contains(&first) && code.contains(" -")
}

/// The script with programs that stand in this folder instead of the cargo commands that would build them anew, with the features of one package.
#[must_use]
pub fn already_built(script: &str, programs: &Path) -> String {
    const RUN: &str = "cargo run --release";
    let mut parts = script.split(RUN);
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let named = part.strip_prefix(" -p ").and_then(|rest| rest.split_once(" --bin "));
        let (name, rest) = if let Some((_, rest)) = named {
            rest.split_once(' ').unwrap_or((rest, ""))
        } else if let Some(rest) = part.strip_prefix(" --manifest-path examples/own-claims/Cargo.toml ") {
            // `.ci/packages-build` has built it.
            ("../packaged/release/own-claims", rest)
        } else if part.starts_with(" -- ") {
            // What cargo runs where no package is named.
            ("tcpspec", &part[1..])
        } else {
            ("", "")
        };
        let path = programs.join(name);
        if path.is_file() {
            let _ = write!(all, "{} {}", path.display(), rest.strip_prefix("-- ").unwrap_or(rest));
        } else {
            all += RUN;
            all += part;
        }
    }
    all
}

/// A line of the shell without the comment behind it.
fn without_comment(line: &str) -> String {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return line[..at].trim().to_owned(),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_not_built_again() {
        let program = std::env::current_exe().unwrap();
        let (folder, name) = (program.parent().unwrap(), program.file_name().unwrap().display());
        let there = format!("set -e; cargo run --release -p tcpspec-tests --bin {name} -- 'a b' -c &\ncurl");
        let expected = format!("set -e; {} 'a b' -c &\ncurl", program.display());
        assert_eq!(already_built(&there, folder), expected);
        let without = format!("cargo run --release -p tcpspec-tests --bin {name} &");
        assert_eq!(already_built(&without, folder), format!("{} &", program.display()));
        for other in [
            "cargo run --release -p tcpspec-tests --bin no-such -- a",
            "cargo run --release --manifest-path Cargo.toml -- a",
            "cargo run --release",
        ] {
            assert_eq!(already_built(other, folder), other);
        }
        let folder = std::env::temp_dir().join(format!("tcpspec-built-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let checker = folder.join("tcpspec");
        std::fs::write(&checker, "").unwrap();
        let expected = format!("{} check a", checker.display());
        assert_eq!(already_built("cargo run --release -- check a", &folder), expected);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn commands_are_found_wherever_they_stand() {
        let page = "Text with `cargo run --release -- check\nreset` and `a word`, `check --help`, `check`, `--list`.\n\n\
                    ```sh\ncargo run   # all of it\ntrace \"a # b\" 'c' # why\n```\n```text\ncargo nothing\n```\n`INSTA_UPDATE=no cargo test`";
        let expected = [
            "cargo run",
            "trace \"a # b\" 'c'",
            "cargo run --release -- check reset",
            "check --help",
            "INSTA_UPDATE=no cargo test",
        ];
        assert_eq!(of_page(page), expected);
        let page = "```sh\none\ntwo # why\n```\n\n```text\nprinted\n```\n```text\nnot\n```\n```sh\nthree\n```\nWords\n```text\nnot\n```";
        assert_eq!(behind_commands(page), [("two".to_owned(), vec!["printed".to_owned()])]);
        let head = "//! An example: `cargo run`, then `nc 10.7.0.2\n//! 7`.\n\nfn main() {} // `cargo build`";
        assert_eq!(of_head(head), ["cargo run", "nc 10.7.0.2 7"]);
    }
}

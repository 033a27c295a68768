//! That every command which is shown is run by somebody, and that the excerpt of the library compiles. `cargo run --release -p tcpspec-tests --bin shown` runs them.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::fs;
use std::io;
use std::time::Duration;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
use tcpspec_tests::shown::{self, How, LIST};

#[test]
fn every_command_that_is_shown_is_run() {
    let all = shown::commands(&shown::root()).unwrap();
    let unknown: Vec<_> =
        all.iter().filter(|shown| !LIST.iter().any(|entry| entry.command == shown.command)).collect();
    assert!(unknown.is_empty(), "say in tests/src/shown/list.rs how these are run: {unknown:#?}");
    let gone: Vec<_> =
        LIST.iter().filter(|entry| !all.iter().any(|shown| shown.command == entry.command)).collect();
    assert!(gone.is_empty(), "these are shown no longer: {gone:#?}");
    for (number, entry) in LIST.iter().enumerate() {
        let command = entry.command;
        assert!(LIST[..number].iter().all(|other| other.command != command), "{command} is listed twice");
    }
}

#[test]
fn who_is_said_to_run_a_command_is_there() {
    let read = |file: &str| fs::read_to_string(shown::root().join(file)).unwrap();
    for entry in LIST {
        match entry.how {
            How::Ci(words) => assert!(read(".ci/run").contains(words), "{entry:?}"),
            How::Test(file, name) => assert!(read(file).contains(&format!("fn {name}(")), "{entry:?}"),
            How::Same(_) | How::Instead { .. } | How::Served(_) | How::Block | How::Walk => {}
        }
    }
    assert!(read(".ci/run").contains("--bin shown"), "nobody runs what is shown");
}

fn serve(_: io::Result<TcpStream>) {}

/// The book's excerpt of a program, as it stands there but for what `…` stands for.
#[rustfmt::skip]
fn excerpt() -> io::Result<()> {
let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
for stream in TcpListener::bind(&stack, 80)?.incoming() { serve(stream) }   // Read and Write, as in std::net
stack.shutdown(Duration::from_secs(5))?;                        // waits until all is delivered, not for TIME-WAIT
Ok(())
}

#[test]
fn the_excerpt_of_a_program_is_one_that_compiles() {
    let _ = excerpt as fn() -> io::Result<()>;
    let source = include_str!("shown.rs");
    let chapter = shown::root().join(shown::BOOK).join("the-stack-in-your-program.md");
    let blocks = shown::fenced(&fs::read_to_string(chapter).unwrap(), "rust,ignore");
    assert_eq!(blocks.len(), 1);
    for line in &blocks[0] {
        let line = line.replace('…', "serve(stream)");
        assert!(source.lines().any(|ours| ours == line), "{line}");
    }
}

/// What a heading's anchor is.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

/// Links within the repository lead to a file, and to a heading of it if they name one.
#[test]
fn every_link_leads_somewhere() {
    let root = shown::root();
    let more = [
        "README.zh.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "docs/ladders.md",
        "docs/releasing.md",
        "docs/states.md",
    ]
    .map(String::from);
    for page in shown::pages(&root).unwrap().into_iter().chain(more) {
        let text = std::fs::read_to_string(root.join(&page)).unwrap();
        let folder = root.join(&page);
        let folder = folder.parent().unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root.join(&page) } else { folder.join(file) };
            assert!(target.exists(), "{page}: {link}");
            if heading.is_empty() || target.extension().is_none_or(|ending| ending != "md") {
                continue;
            }
            let target = std::fs::read_to_string(target).unwrap();
            let mut headings = target.lines().filter(|line| line.starts_with('#'));
            assert!(
                headings.any(|line| anchor(line.trim_start_matches('#').trim()) == heading),
                "{page}: {link}: there is no such heading"
            );
        }
    }
}

//! That every command which is shown is run by somebody, and that the excerpt of the library compiles. `cargo run --release -p tcpspec-tests --bin shown` runs them.

use std::fs;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Shards, Stack, TcpListener, TcpStream};
use tcpspec_tests::shown::excerpt::compare;
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
    assert!(read(".ci/run").contains("$programs/shown"), "nobody runs what is shown");
}

/// An excerpt behind a command that is run elsewhere would never be compared.
#[test]
fn what_is_shown_as_printed_is_compared() {
    for excerpt in shown::excerpts(&shown::root()).unwrap() {
        let entry = LIST.iter().find(|entry| entry.command == excerpt.command);
        let how = entry.unwrap_or_else(|| panic!("{excerpt:?} is behind no command of the list")).how;
        assert!(matches!(how, How::Same(_) | How::Instead { .. }), "{excerpt:?}");
    }
}

/// The book's excerpts of rows stand in the table, or in the macro's own tests; its messages of the macro are those that these tests expect.
#[test]
fn excerpts_of_the_table_and_of_the_macro_are_those() {
    let root = shown::root();
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    // An excerpt need not be indented as the table is.
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let mut tables = vec![trimmed(&read("spec/src/table.rs"))];
    for entry in fs::read_dir(root.join("macros/tests/ui")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            tables.push(trimmed(&fs::read_to_string(path).unwrap()));
        }
    }
    let mut compared = 0;
    // The excerpts of programs are compared with some that compile.
    let programs = ["/the-stack-in-your-program.md", "/your-own-scenario-and-claim.md"];
    let is_of_table = |page: &&String| {
        page.starts_with(shown::BOOK) && !programs.iter().any(|program| page.ends_with(program))
    };
    for page in shown::pages(&root).unwrap().iter().filter(is_of_table) {
        let text = read(page);
        for block in shown::fenced(&text, "rust,ignore") {
            let block: Vec<String> = block.iter().map(|line| line.trim().to_owned()).collect();
            assert!(tables.iter().any(|table| compare(&block, table).is_ok()), "{block:#?}");
            compared += 1;
        }
        for block in shown::fenced(&text, "text") {
            let name = block.iter().find_map(|line| line.split_once("tests/ui/")?.1.split_once(".rs"));
            let Some((name, _)) = name else { continue };
            compare(&block, &read(&format!("macros/tests/ui/{name}.stderr"))).unwrap();
            compared += 1;
        }
    }
    assert!(compared > 5, "{compared}");
}

/// The book's ladders are opened by the links of the figures.
#[test]
fn ladders_of_the_book_open_the_figures() {
    let root = shown::root();
    let figures = fs::read_to_string(root.join("docs/ladders.md")).unwrap();
    for page in ["ladders.md", "zh/ladders.md"] {
        let text = fs::read_to_string(root.join(shown::BOOK).join(page)).unwrap();
        let links: Vec<&str> =
            text.split("explore --open '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        assert!(links.len() >= 12, "{page}: {links:?}");
        for link in links {
            assert!(figures.contains(&format!("'{link}'")), "{page}: {link}");
        }
    }
}

fn serve(_: io::Result<TcpStream>) {}

/// The book's excerpts of programs, as they stand there but for what `…` stands for.
#[rustfmt::skip]
fn excerpt() -> io::Result<()> {
let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
for stream in TcpListener::bind(&stack, 80)?.incoming() { serve(stream) }   // Read and Write, as in std::net
stack.shutdown(Duration::from_secs(5))?;                        // waits until all is delivered, not for TIME-WAIT
Ok(())
}

#[rustfmt::skip]
fn excerpt_without_thread(tun: Tun) -> io::Result<Option<Duration>> {
let stack = Stack::without_thread(tun, Config::new([10, 7, 0, 2]))?;
let mut stream = TcpStream::connect(&stack, "10.7.0.1:80")?;    // drives the stack until the peer has answered
let due = stack.drive(Some(Duration::ZERO))?;                   // one turn of an event loop
stream.flush()?;
Ok(due)
}

#[rustfmt::skip]
fn excerpt_shards() -> io::Result<TcpStream> {
let queues = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build_queues(2)?;
let shards = Shards::start(queues, &Config::new([10, 7, 0, 2]))?;
for listener in shards.listen(80)? {                            // one for each shard, each with a thread that accepts
    thread::spawn(move || for stream in listener.incoming() { serve(stream) });
}
let stream = shards.connect("10.7.0.1:80")?;                    // each shard in turn
Ok(stream)
}

#[test]
fn excerpts_of_programs_compile() {
    let _ = (
        excerpt as fn() -> io::Result<()>,
        excerpt_without_thread as fn(Tun) -> io::Result<Option<Duration>>,
        excerpt_shards as fn() -> io::Result<TcpStream>,
    );
    let source = include_str!("shown.rs");
    let chapter = shown::root().join(shown::BOOK).join("the-stack-in-your-program.md");
    let blocks = shown::fenced(&fs::read_to_string(chapter).unwrap(), "rust,ignore");
    assert_eq!(blocks.len(), 3);
    for line in blocks.iter().flatten() {
        let line = line.replace('…', "serve(stream)");
        assert!(source.lines().any(|ours| ours == line), "{line}");
    }
}

/// The excerpts of a crate of one's own stand in the example, which is built and run; so do its manifest's lines.
#[test]
fn excerpts_of_claims_of_ones_own_are_those_of_the_example() {
    let read = |file: &str| fs::read_to_string(shown::root().join(file)).unwrap();
    let chapter = read("docs/book/src/your-own-scenario-and-claim.md");
    let sources = ["src/main.rs", "src/claims.rs", "tests/asked.rs"]
        .map(|file| read(&format!("examples/own-claims/{file}")));
    let blocks = shown::fenced(&chapter, "rust,ignore");
    assert!(blocks.len() >= 6, "{}", blocks.len());
    for block in blocks {
        assert!(sources.iter().any(|source| compare(&block, source).is_ok()), "{}", block.join("\n"));
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

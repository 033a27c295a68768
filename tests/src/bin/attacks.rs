//! Measures what attackers get for what they pay, and writes `docs/security.md`.

use peak_alloc::PeakAlloc;
use std::io::{Error, ErrorKind, Write};
use std::process::ExitCode;
use tcpspec_tests::attacks::document::{Kept, document, kept_of, linux, path, steady, timed};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const HELP: &str = "\
Measures what attackers get for what they pay.

    attacks             prints it, without Linux and times
    attacks --times     measures how long guesses take (on a quiet machine), and writes all but what it says of Linux
    attacks --linux     attacks Linux across a TUN device (as root), and writes all but what it says of times
    attacks --write     writes docs/security.md (as root, since Linux is attacked across a TUN device; some minutes, on a quiet machine)
    attacks --ours      writes it, too, but leaves what it says of Linux and of times
    attacks --check     is docs/security.md current? What it says of Linux, of times and of octets that are held is not compared

Exit status: 0, 1 if the document is not current, 2 for wrong use.";

/// What the page says of Linux and of times.
fn kept() -> std::io::Result<Kept> {
    let old = std::fs::read_to_string(path())?;
    kept_of(&old)
        .ok_or_else(|| Error::other("docs/security.md says nothing of Linux or of times: attacks --write"))
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let memory = || MEMORY.current_usage();
    let result = match arguments.as_slice() {
        ["-h" | "--help"] => writeln!(std::io::stdout(), "{HELP}"),
        [] => {
            let kept = Kept { linux: "Not measured.\n".into(), times: "Not measured.\n".into() };
            write!(std::io::stdout(), "{}", document(&memory, &kept))
        }
        ["--times"] => kept().and_then(|kept| {
            let kept = Kept { times: timed(), ..kept };
            std::fs::write(path(), document(&memory, &kept))
        }),
        ["--linux"] => kept().and_then(|kept| {
            let kept = Kept { linux: linux()?, ..kept };
            std::fs::write(path(), document(&memory, &kept))
        }),
        ["--write"] => linux().and_then(|linux| {
            let kept = Kept { linux, times: timed() };
            std::fs::write(path(), document(&memory, &kept))
        }),
        ["--ours"] => kept().and_then(|kept| std::fs::write(path(), document(&memory, &kept))),
        ["--check"] => match std::fs::read_to_string(path()) {
            Ok(old) => {
                if kept_of(&old).is_some_and(|kept| steady(&document(&memory, &kept)) == steady(&old)) {
                    return ExitCode::SUCCESS;
                }
                eprintln!(
                    "docs/security.md is not current: cargo run --release -p tcpspec-tests --bin attacks -- --write"
                );
                return ExitCode::from(1);
            }
            Err(error) => Err(error),
        },
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output has gone: what shells expect then.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(141),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

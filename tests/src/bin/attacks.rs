//! Measures what attackers get for what they pay, and writes `docs/security.md`.

use peak_alloc::PeakAlloc;
use std::io::{Error, ErrorKind, Write};
use std::process::ExitCode;
use tcpspec_tests::attacks::document::{document, linux, linux_of, path, steady};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const HELP: &str = "\
Measures what attackers get for what they pay.

    attacks             prints it, without Linux
    attacks --write     writes docs/security.md (as root, since Linux is attacked across a TUN device; some minutes)
    attacks --ours      writes it, too, but leaves what it says of Linux
    attacks --check     is docs/security.md current? What it says of Linux and of octets that are held is not compared

Exit status: 0, 1 if the document is not current, 2 for wrong use.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let memory = || MEMORY.current_usage();
    let result = match arguments.as_slice() {
        ["-h" | "--help"] => writeln!(std::io::stdout(), "{HELP}"),
        [] => write!(std::io::stdout(), "{}", document(&memory, "Not measured.\n")),
        ["--write"] => linux().and_then(|linux| std::fs::write(path(), document(&memory, &linux))),
        ["--ours"] => std::fs::read_to_string(path()).and_then(|old| {
            let linux =
                linux_of(&old).ok_or_else(|| Error::other("docs/security.md says nothing of Linux"))?;
            std::fs::write(path(), document(&memory, &format!("{linux}\n")))
        }),
        ["--check"] => match std::fs::read_to_string(path()) {
            Ok(old) => {
                let linux = linux_of(&old).map(|linux| format!("{linux}\n"));
                if linux.is_some_and(|linux| steady(&document(&memory, &linux)) == steady(&old)) {
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

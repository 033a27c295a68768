//! Plays a script to our stack and to the kernel of this machine, and prints the two ladders side by side.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use tcpspec_tests::differential::survey::{Both, Seeds, survey};
use tcpspec_tests::differential::{
    compare, ladder, report,
    script::{Script, Step},
    shrink,
};

const HELP: &str = "\
Plays a script of segments and user calls to our stack and to the kernel of this machine (as root), and prints the two ladders side by side.

    replay 'listen; syn; ack; data; shut; fin+ack'    see tests/src/differential/script.rs for all steps
    replay --list                                     plays all systematic scripts and writes docs/kernel-differences.md
    replay --random N                                 plays N scripts from seeds, and shrinks those that differ for no listed reason

Exit status: 0 if all differences have a reason, 1 if not, 2 for wrong use.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["-h" | "--help"] => writeln!(std::io::stdout(), "{HELP}").map(|()| true),
        ["--list"] => list(Seeds::NONE),
        ["--random", number] => match number.parse() {
            Ok(quick) => list(Seeds { quick, timers: quick / 100 }),
            Err(_) => return wrong(&format!("`{number}` is no number")),
        },
        [text] if !text.starts_with('-') => match text.parse() {
            Ok(script) => replay(&script),
            Err(error) => return wrong(&error),
        },
        _ => return wrong(HELP),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        // The reader of the output has gone: what shells expect then.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(141),
        Err(error) => wrong(&error.to_string()),
    }
}

fn wrong(error: &str) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(2)
}

fn replay(script: &Script) -> std::io::Result<bool> {
    let (ours, kernel) = Both::open()?.play(script);
    let mut out = std::io::stdout().lock();
    write!(out, "{}", ladder::side_by_side(script, &ours, &kernel, true))?;
    let differences = compare::compare(&ours, &kernel, true);
    for found in &differences {
        let reason = found.reason.map_or("no reason is listed", |reason| reason.name);
        writeln!(out, "\nstep {}: {}\n    {reason}", found.step + 1, found.class)?;
    }
    Ok(differences.iter().all(|found| found.reason.is_some()))
}

fn list(seeds: Seeds) -> std::io::Result<bool> {
    let found = survey(seeds)?;
    let mut both = Both::open()?;
    for (class, (count, script)) in &found.unknown {
        // What has to wait is shrunk by hand.
        let waits = script.steps.iter().any(|step| matches!(step, Step::Pause(_)));
        let small = shrink::shrink(script, |script| {
            if waits {
                return false;
            }
            let (ours, kernel) = both.play(script);
            compare::compare(&ours, &kernel, seeds.quick == 0).iter().any(|found| found.class == *class)
        });
        writeln!(std::io::stdout(), "{count} × {class}\n    {small}")?;
    }
    if seeds.quick == 0 {
        std::fs::write(report::path(), report::list(&found))?;
    }
    Ok(found.unknown.is_empty())
}

//! Adds inputs to the corpora of the fuzz targets, and says which rows none fires.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tcpspec_tests::fuzz::{TARGETS, Target, corpus, line, rows, silent, target};

const HELP: &str = "\
Adds inputs to the corpora of the fuzz targets, after an edit of the table or of a target.

    cover                    writes tests/corpus/silent.txt: the rows that no input of a target fires
    cover TARGET FOLDER      copies from FOLDER (a fuzzer's corpus) what fires a row that no input fires yet,
                             the smallest inputs first; then the same

Exit status: 0, 2 for wrong use or a folder that cannot be read; an input that is a finding ends it.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["-h" | "--help"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [] => Ok(()),
        [name, folder] => match target(name) {
            Some(target) => adopt(&target, Path::new(folder)),
            None => {
                let names = TARGETS.map(|target| target.name).join(", ");
                Err(io::Error::other(format!("there is no target `{name}`; there are {names}")))
            }
        },
        _ => Err(io::Error::other(HELP)),
    };
    match result.and_then(|()| write_silent()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The inputs in a folder, the smallest first.
fn inputs(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let why = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(why)? {
        let path = entry.map_err(why)?.path();
        all.push((path.clone(), fs::read(path).map_err(why)?));
    }
    all.sort_by_key(|(path, octets)| (octets.len(), path.clone()));
    Ok(all)
}

/// The rows that an input fires.
fn fired(target: &Target, octets: &[u8]) -> BTreeSet<&'static str> {
    rows();
    (target.run)(octets);
    rows()
}

fn adopt(target: &Target, folder: &Path) -> io::Result<()> {
    let mut known = BTreeSet::new();
    for (_, octets) in inputs(&corpus(target))? {
        known.append(&mut fired(target, &octets));
    }
    for (path, octets) in inputs(folder)? {
        let mut more = fired(target, &octets);
        if more.is_subset(&known) {
            continue;
        }
        if let Some(name) = path.file_name() {
            fs::write(corpus(target).join(name), octets)?;
            println!("{}: {} rows more", path.display(), more.difference(&known).count());
        }
        known.append(&mut more);
    }
    Ok(())
}

fn write_silent() -> io::Result<()> {
    let mut text = String::new();
    for target in TARGETS.iter().filter(|target| target.has_rows) {
        let mut known = BTreeSet::new();
        for (_, octets) in inputs(&corpus(target))? {
            known.append(&mut fired(target, &octets));
        }
        for row in silent(target, &known) {
            text.push_str(&format!("{}\n", line(target, row)));
        }
    }
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/silent.txt");
    fs::write(file, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

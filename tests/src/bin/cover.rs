//! Adds inputs to the corpora of the fuzz targets, and says which rows none fires.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tcpspec_tests::fuzz::{TARGETS, Target, corpus, line, rows, silent, target};
use tcpspec_tests::simulated::Random;

const HELP: &str = "\
Adds inputs to the corpora of the fuzz targets, after an edit of the table or of a target.

    cover                    writes tests/corpus/silent.txt: the rows that no input of a target fires
    cover TARGET FOLDER      copies from FOLDER (a fuzzer's corpus) what fires a row that no input fires yet,
                             the smallest inputs first; then the same
    cover --run TARGET N     runs TARGET over its committed inputs, then over N more: random ones, and committed ones with edits;
                             the first that is a finding lies in target/found/TARGET then

Exit status: 0; 1 if --run finds something; 2 for wrong use or a folder that cannot be read; else an input that is a finding ends it.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["-h" | "--help"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        ["--run", name, many] => {
            let found = named(name).and_then(|target| {
                let many = many.parse().map_err(|_| io::Error::other(format!("`{many}` is no number")))?;
                find(&target, many)
            });
            return match found {
                Ok(found) => ExitCode::from(u8::from(found)),
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::from(2)
                }
            };
        }
        [] => Ok(()),
        [name, folder] => named(name).and_then(|target| adopt(&target, Path::new(folder))),
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

fn named(name: &str) -> io::Result<Target> {
    target(name).ok_or_else(|| {
        let names = TARGETS.map(|target| target.name).join(", ");
        io::Error::other(format!("there is no target `{name}`; there are {names}"))
    })
}

/// Whether one of the committed inputs, or of so many more, is a finding.
fn find(target: &Target, many: u64) -> io::Result<bool> {
    let committed = inputs(&corpus(target))?;
    let is_finding = |octets: &[u8]| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (target.run)(octets))).is_err()
    };
    for (path, octets) in &committed {
        if is_finding(octets) {
            println!("{}: found by the committed input {}", target.name, path.display());
            return Ok(true);
        }
    }
    let mut random = Random(1);
    for n in 0..many {
        let octets = if n % 2 == 0 { drawn(&mut random) } else { changed(&committed, &mut random) };
        if is_finding(&octets) {
            let folder = Path::new("target/found").join(target.name);
            fs::create_dir_all(&folder)?;
            let file = folder.join(format!("{n}"));
            fs::write(&file, octets)?;
            println!("{}: found by {}", target.name, file.display());
            return Ok(true);
        }
    }
    println!("{}: {} committed inputs and {many} more find nothing", target.name, committed.len());
    Ok(false)
}

fn drawn(random: &mut Random) -> Vec<u8> {
    let len = random.below(600);
    (0..len).map(|_| random.below(256) as u8).collect()
}

/// A committed input with octets that are others, and perhaps the end of another one.
fn changed(committed: &[(PathBuf, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    let one = |random: &mut Random| committed[random.below(committed.len() as u64) as usize].1.clone();
    let mut octets = one(random);
    if random.below(3) == 0 {
        let other = one(random);
        let cut = |octets: &[u8], random: &mut Random| random.below(octets.len() as u64 + 1) as usize;
        octets.truncate(cut(&octets, random));
        octets.extend_from_slice(&other[cut(&other, random)..]);
    }
    for _ in 0..random.below(8) {
        if octets.is_empty() {
            break;
        }
        let at = random.below(octets.len() as u64) as usize;
        octets[at] = random.below(256) as u8;
    }
    octets
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

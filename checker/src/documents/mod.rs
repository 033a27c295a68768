//! Everything generated under `docs/`, written or checked.

pub(crate) mod deep;
mod hazards;
pub(crate) mod known;
mod ladders;
pub(crate) mod machines;
mod note;
mod proofs;
pub(crate) mod proven;
mod rfc;
pub(crate) mod stamp;
pub(crate) mod two_ends;
mod verdicts;

use crate::check::{News, Report};
use crate::engine::Stop;
use crate::output::place;
use crate::screen::progress::{self, Progress};
use crate::{check, faces};
use note::{NOTE, finished};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tcpspec::TABLE;
use tcpspec::model::scenarios;
use tcpspec_explorer::table_json::without_lines;

/// Writes the documents, or with `check` says which are not current. Once `interrupted`, those that need no exploration are written all the same, and the
/// others stay as they are.
pub(crate) fn run(
    dir: &Path,
    check: bool,
    interrupted: &Arc<AtomicBool>,
    out: &mut impl Write,
) -> Result<bool, Box<dyn Error>> {
    // First, since the exploration takes minutes.
    let mut fires = faces::fires::Fires::read(&TABLE, dir)?;
    let mut plan = check::Plan::with_threads(check::default_threads());
    plan.limits.interrupted = Arc::clone(interrupted);
    let mut reports: Vec<Report> = Vec::new();
    let all: Vec<_> = scenarios::all().collect();
    let mut progress = Progress::through(&all, false);
    let mut stopped_in = None;
    check::each(&all, &plan, progress::size, |news| {
        let report = match news {
            News::Finished(report) => *report,
            other => {
                progress.hears(&other);
                return Ok(true);
            }
        };
        // Then even what was explored to its end may lack a counterexample.
        match report.stopped.or(interrupted.load(Relaxed).then_some(Stop::Interrupt)) {
            None => reports.push(report),
            // Nothing here limits the states.
            Some(Stop::Memory | Stop::States) => {
                return Err(format!(
                    "{} does not fit into three quarters of the memory that is available: free some and run again",
                    report.scenario.name
                ));
            }
            Some(Stop::Interrupt) => {
                stopped_in = Some(report.scenario.name);
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    drop(progress);
    if let Some(name) = stopped_in {
        write(dir, unexplored(), check, out)?;
        requirements(dir, check, out)?;
        writeln!(
            out,
            "PARTIAL: stopped by the user in {name}; the documents that carry verdicts are as they were."
        )?;
        return Ok(false);
    }
    fires.explored(&reports);
    let mut files = unexplored();
    files.extend([
        ("table.md".to_owned(), format!("{NOTE}{}", faces::table::markdown_with(&TABLE, &fires))),
        // What `diff` compares with: both or neither.
        (machines::TABLE_FILE.to_owned(), without_lines(&TABLE)),
        (machines::VERDICTS_FILE.to_owned(), machines::verdicts(&reports)),
        ("proofs.md".to_owned(), format!("{NOTE}{}", proofs::page(&reports))),
        ("hazards.md".to_owned(), format!("{NOTE}{}", hazards::page(&reports))),
    ]);
    files.extend(verdicts::pages(&reports));
    files.extend(verdicts::readme(dir, &reports));
    // Beside the documents of a checkout lies what the explorer knows.
    if dir.join(known::FILE).exists() {
        files.push((known::FILE.to_owned(), known::file(&reports)));
    }

    let left_over = verdicts::left_over(dir, &files);
    for path in &left_over {
        if check {
            writeln!(out, "{} is of no family; `cargo run --release -- docs` removes it", path.display())?;
        } else {
            std::fs::remove_file(path)
                .map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
            writeln!(out, "removed {}", path.display())?;
        }
    }
    let current = write(dir, files, check, out)? && left_over.is_empty();
    let requirements = requirements(dir, check, out)?;
    for (name, is_old, text, marked) in stamp::long(dir) {
        let path = dir.join(name);
        if is_old {
            writeln!(
                out,
                "{} is of an older table; it takes long, and is not written by this",
                path.display()
            )?;
        }
        if !check && text != marked {
            place::replace(&path, &marked)?;
            writeln!(out, "wrote into {} whether it is old", path.display())?;
        }
    }
    let broken: Vec<_> = reports.iter().filter(|r| !r.holds()).map(|r| r.scenario.name).collect();
    if !broken.is_empty() {
        writeln!(out, "claims are VIOLATED in {}; `tcpspec check` shows them", broken.join(", "))?;
    }
    if current && requirements {
        writeln!(out, "everything under {} is current", dir.display())?;
    }
    Ok(broken.is_empty() && requirements && (current || !check))
}

/// The documents that need no exploration.
fn unexplored() -> Vec<(String, String)> {
    vec![
        ("states.md".to_owned(), format!("{NOTE}{}", faces::table::states_markdown(&TABLE))),
        ("state-diagram.svg".to_owned(), faces::diagram::svg(&TABLE, &[])),
        ("ladders.md".to_owned(), format!("{NOTE}{}", ladders::page())),
    ]
}

/// Writes what has changed, or with `check` says so; whether nothing has.
fn write(
    dir: &Path,
    files: Vec<(String, String)>,
    check: bool,
    out: &mut impl Write,
) -> Result<bool, Box<dyn Error>> {
    let mut current = true;
    for (name, text) in files {
        let path = dir.join(&name);
        let text = finished(&text);
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        if old == text {
            continue;
        }
        current = false;
        if check {
            writeln!(out, "{} is not current; `cargo run --release -- docs` writes it", path.display())?;
        } else {
            place::replace(&path, &text)?;
            writeln!(out, "wrote {}", path.display())?;
        }
    }
    Ok(current)
}

/// Writes `rfc.md` alone, which needs no exploration, or with `check` says whether it is current. It is made of the tests of the workspace that the documents
/// stand in.
pub(crate) fn requirements(dir: &Path, check: bool, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
    match rfc::page(&TABLE, &dir.join("..")) {
        Ok(text) => {
            let files = vec![("rfc.md".to_owned(), format!("{NOTE}{text}"))];
            Ok(write(dir, files, check, out)? || !check)
        }
        Err(problems) => {
            writeln!(out, "rfc.md cannot be written:")?;
            for problem in problems {
                writeln!(out, "  {problem}")?;
            }
            Ok(false)
        }
    }
}

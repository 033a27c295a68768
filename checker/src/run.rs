//! `tcpspec check`: one scenario after the other, and what is written of them.

use crate::check::{self, Report, Verdict};
use crate::cli::{Resources, chosen};
use crate::engine::Stop;
use crate::settings::Settings;
use crate::{aside, deep, links, place, report, trace};
use clap::Args;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use tcpspec::model::Scenario;
use tcpspec::model::deep::DEEP;
use tcpspec_explorer::link::Link;

#[derive(Args, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Scenarios to explore, with all variants of each (default: all)
    scenarios: Vec<String>,
    /// Explore the scenarios of exactly these names, without their variants
    #[arg(long, requires = "scenarios")]
    exact: bool,
    /// Explore the deep scenarios as well: hundreds of millions of states, for minutes
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    settings: Settings,
    /// Print one JSON document instead
    #[arg(long)]
    json: bool,
    /// Write the counterexample of the first violated claim as a capture for Wireshark, with the rows as packet comments, or, if the name ends in
    /// `.json`, as a trace for `explore --trace`; of a second one into FILE with -2 before its extension, and so on. Claims that fail as expected come after those that are violated
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write what the deep scenarios showed as Markdown into this file
    #[arg(long, value_name = "FILE", requires = "deep")]
    doc: Option<PathBuf>,
    #[command(flatten)]
    resources: Resources,
}

impl CheckArgs {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let scenarios = self.scenarios()?;
        for file in self.trace.iter().chain(&self.doc) {
            place::writable(file)?;
        }
        let plan = self.resources.plan()?;
        let reports_here = plan.cluster.reports();
        let (mut reports, mut links) = (Vec::new(), Vec::new());
        for scenario in scenarios {
            let link = self.settings.link(scenario.name)?;
            self.settings.warn(scenario, &plan);
            let report = check::run(scenario, &plan, |so_far| {
                aside::progress(&format!("{}: {so_far}", scenario.name));
            })?;
            aside::done();
            if !self.json && reports_here {
                // A variant that was named is there to show its failure.
                let is_named = self.scenarios.iter().any(|name| name == scenario.name);
                report::scenario(out, &report, &link, is_named)?;
                out.flush()?;
            }
            let interrupted = report.stopped == Some(Stop::Interrupt);
            reports.push(report);
            links.push(link);
            if interrupted {
                break;
            }
        }
        if !reports_here {
            writeln!(out, "Process {}: done; process 0 reports.", plan.cluster.process)?;
            return Ok(reports.iter().all(Report::holds));
        }
        if self.json {
            report::json(out, &reports, &links)?;
        } else {
            report::summary(out, &reports)?;
        }
        if let Some(file) = &self.trace {
            // What a machine reads is not interrupted by words.
            let written = counterexamples(file, &reports, &links)?;
            if !self.json {
                writeln!(out, "{written}")?;
            }
        }
        if let Some(file) = &self.doc {
            place::replace(file, &deep::page(&reports, plan.cluster.workers))?;
        }
        Ok(reports.iter().all(Report::holds))
    }

    /// What is asked for, with the settings; all is known to be right before anything begins.
    fn scenarios(&self) -> Result<Vec<&'static Scenario>, String> {
        let mut all = chosen(&self.scenarios)?;
        if self.exact {
            let family =
                self.scenarios.iter().find(|name| all.iter().all(|scenario| scenario.name != **name));
            if let Some(name) = family {
                return Err(format!(
                    "no scenario is called exactly `{name}`; without --exact it means all its variants"
                ));
            }
            all.retain(|scenario| self.scenarios.iter().any(|name| name == scenario.name));
        }
        if self.deep {
            all.extend(DEEP);
        }
        all.into_iter().map(|scenario| self.settings.apply(scenario)).collect()
    }
}

/// Writes each counterexample into a file of its own, those to violated claims before those that are expected, and says so.
fn counterexamples(file: &Path, reports: &[Report], links: &[Link]) -> Result<String, String> {
    let all = || reports.iter().zip(links).flat_map(|(r, link)| r.findings.iter().map(move |f| (f, link)));
    let with = |verdict| all().filter(move |(f, _)| f.verdict == verdict);
    let failing = with(Verdict::Violated).chain(with(Verdict::FailsAsExpected));
    let failing = failing.filter_map(|(f, link)| Some((f, f.path.as_ref()?, link)));
    let mut lines = Vec::new();
    for (number, (finding, path, link)) in (1..).zip(failing) {
        let file = numbered(file, number);
        if file.extension().is_some_and(|extension| extension == "json") {
            let text = links::file(link, path, Some(finding.claim.name), finding.repeats_from)?;
            place::replace(&file, &text)?;
        } else {
            capture(&file, path)?;
        }
        lines.push(format!("Wrote the counterexample to \"{}\" to {}.", finding.claim.name, file.display()));
    }
    if lines.is_empty() {
        return Ok(format!("There is no counterexample, so {} was not written.", file.display()));
    }
    Ok(lines.join("\n"))
}

/// A run as a capture in this file.
pub(crate) fn capture(file: &Path, steps: &[tcpspec::model::Step]) -> Result<(), String> {
    let cannot = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", file.display());
    let out = File::create(file).map_err(|error| cannot(&error))?;
    tcpspec_explorer::capture::pcapng(steps, trace::NAMES, out).map_err(|error| cannot(&error))
}

/// The file itself first, then with a number behind its name.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_owned();
    }
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_files_have_a_number() {
        assert_eq!(numbered(Path::new("/x/out.pcapng"), 1), Path::new("/x/out.pcapng"));
        assert_eq!(numbered(Path::new("/x/out.pcapng"), 2), Path::new("/x/out-2.pcapng"));
        assert_eq!(numbered(Path::new("out"), 3), Path::new("out-3"));
    }
}

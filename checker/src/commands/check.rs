//! `tcpspec check`: one scenario after the other, and what is written of them.

use crate::check::{self, Expected, News, Report, Verdict};
use crate::commands::names::chosen;
use crate::commands::resources::Resources;
use crate::commands::settings::Settings;
use crate::documents::deep;
use crate::engine::Stop;
use crate::output::place;
use crate::runs::links;
use crate::screen::progress::{self, Progress};
use crate::screen::{report, verdicts};
use clap::Args;
use std::collections::VecDeque;
use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tcpspec::model::Scenario;
use tcpspec::model::scenarios::widths;
use tcpspec::model::world::width;
use tcpspec_explorer::catalogue;
use tcpspec_explorer::link::Link;

/// States of the scenarios that `--quick` takes are fewer than these.
const QUICK: u64 = 300_000;

#[derive(Args, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Scenarios to explore, with all variants of each (default: all)
    scenarios: Vec<String>,
    /// Explore the scenarios of exactly these names, without their variants
    #[arg(long, requires = "scenarios")]
    exact: bool,
    /// Explore what takes seconds: the scenarios that had fewer than 300,000 states for the documents
    #[arg(long, conflicts_with_all = ["scenarios", "deep"])]
    quick: bool,
    /// Explore the deep scenarios as well: hundreds of millions of states, for minutes
    #[arg(long)]
    deep: bool,
    /// Explore with sequence numbers of so many bits, 3 to 6 (default: 4). Initial numbers keep their distance from the end of the space, and windows stay below half of it
    #[arg(long, value_name = "BITS", conflicts_with_all = ["trace", "doc"])]
    bits: Option<u32>,
    #[command(flatten)]
    settings: Settings,
    /// Print of each scenario its bounds, its claims one by one, and what happened in it
    #[arg(long, short)]
    verbose: bool,
    /// Print one JSON document instead
    #[arg(long, conflicts_with = "verbose")]
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
        if let Some(bits) = self.bits {
            width::choose(bits)?;
        }
        let scenarios = self.scenarios()?;
        for file in self.trace.iter().chain(&self.doc) {
            place::writable(file)?;
        }
        let mut plan = self.resources.plan()?;
        if !self.json && self.trace.is_none() && self.doc.is_none() {
            // Expected failures are printed of scenarios that are named, and of no others.
            plan.expected = Expected::Of(self.scenarios.clone());
        }
        let start = Instant::now();
        let reports_here = plan.cluster.reports();
        let mut progress = Progress::through(&scenarios, !self.settings.are_empty());
        let (mut reports, mut links) = (Vec::<Report>::new(), Vec::new());
        let writes = !self.json && reports_here;
        if writes && !self.verbose && scenarios.len() > 1 {
            verdicts::heading(out)?;
            out.flush()?;
        }
        let (mut ahead, mut is_written) = (VecDeque::new(), true);
        // With other bounds nobody knows how large it is.
        let size = |scenario: &Scenario| progress::size(scenario).filter(|_| !self.settings.change_bounds());
        check::each(&scenarios, &plan, size, |news| {
            let report = match news {
                News::Finished(report) => *report,
                other => {
                    if let News::Begins(scenario) = other {
                        ahead.push_back(self.settings.link(scenario.name)?);
                        self.settings.warn(scenario, &plan);
                    }
                    progress.hears(&other);
                    return Ok(true);
                }
            };
            let interrupted = report.stopped == Some(Stop::Interrupt);
            links.extend(ahead.pop_front());
            reports.push(report);
            let ends =
                |next: &&Scenario| reports.last().is_some_and(|last| !is_of_one_family(next, &last.scenario));
            let is_last = scenarios.get(reports.len()).is_none_or(ends);
            is_written = is_last || self.verbose;
            if writes {
                progress.aside(|| self.write(out, &reports, &links, is_last))?;
            }
            Ok::<_, Box<dyn Error>>(!interrupted)
        })?;
        if writes && !is_written {
            // Of the last family not all was explored.
            progress.aside(|| self.write(out, &reports, &links, true))?;
        }
        drop(progress);
        if !reports_here {
            writeln!(out, "Process {}: done; process 0 reports.", plan.cluster.process)?;
            return Ok(reports.iter().all(Report::holds));
        }
        if self.json {
            report::json(out, &reports, &links)?;
        } else {
            if self.verbose {
                report::more(out, &reports)?;
            }
            verdicts::summary(out, &reports, start.elapsed(), self.verbose || self.is_whole())?;
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

    /// Writes what is known of the last scenario: all of it, or, once its family is explored, the family's line and what fails in it.
    fn write(
        &self,
        out: &mut impl Write,
        reports: &[Report],
        links: &[Link],
        is_last: bool,
    ) -> io::Result<()> {
        let Some(last) = reports.last() else { return Ok(()) };
        if self.verbose {
            if let Some(link) = links.last() {
                report::scenario(out, last, link, self.names(&last.scenario))?;
            }
        } else if is_last {
            let of_family = |report: &&Report| is_of_one_family(&report.scenario, &last.scenario);
            let family: Vec<&Report> = reports.iter().filter(of_family).collect();
            verdicts::line(out, &family)?;
            for (report, link) in reports.iter().zip(links).filter(|(report, _)| of_family(report)) {
                verdicts::failures(out, report, link, self.names(&report.scenario))?;
            }
        }
        out.flush()
    }

    /// A variant that was named is there to show its failure.
    fn names(&self, scenario: &Scenario) -> bool {
        self.scenarios.iter().any(|name| name == scenario.name)
    }

    /// Everything is explored as it is.
    fn is_whole(&self) -> bool {
        // A suite need not fire all rows.
        let is_suite = catalogue::suite().is_some();
        self.scenarios.is_empty()
            && width::is_usual()
            && !self.quick
            && self.settings.are_empty()
            && !is_suite
    }

    /// What is asked for, with the settings, family by family; all is known to be right before anything begins.
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
        if self.quick {
            all.retain(|scenario| progress::size(scenario).is_some_and(|states| states < QUICK));
        }
        if self.deep {
            all.extend(catalogue::deep());
        }
        verdicts::by_family(&mut all);
        let fitted = |scenario: &'static Scenario| {
            // Scenarios are constants elsewhere; this one lives as long as the program, too.
            if width::is_usual() { scenario } else { &*Box::leak(Box::new(widths::fit(*scenario))) }
        };
        all.into_iter().map(|scenario| self.settings.apply(scenario).map(fitted)).collect()
    }
}

fn is_of_one_family(one: &Scenario, other: &Scenario) -> bool {
    one.family() == other.family()
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
            links::capture(&file, path)?;
        }
        lines.push(format!("Wrote the counterexample to \"{}\" to {}.", finding.claim.name, file.display()));
    }
    if lines.is_empty() {
        return Ok(format!("There is no counterexample, so {} was not written.", file.display()));
    }
    Ok(lines.join("\n"))
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

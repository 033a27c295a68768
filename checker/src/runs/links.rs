//! Runs as links and files, which `explore` opens.

use std::fs::File;
use std::path::Path;
use tcpspec::model::Step;
use tcpspec_explorer::capture::{NAMES, pcapng};
use tcpspec_explorer::catalogue;
use tcpspec_explorer::files::Trace;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::{Run, actions_of};

/// A scenario with its settings, and a run in it. A run that the scenario's own network does not allow keeps its actions as they are.
pub(crate) fn to(link: &Link, steps: &[Step]) -> Link {
    let actions = link.model().ok().and_then(|model| actions_of(&model, steps));
    link.with_path(actions.unwrap_or_else(|| steps.iter().map(|step| step.action).collect()))
}

/// A link as the page's address holds it, with the step from which on the run repeats.
pub(crate) fn query(link: &Link, repeats_from: Option<usize>) -> String {
    let repeats = repeats_from.map(|from| format!("&repeats={from}")).unwrap_or_default();
    format!("{link}{repeats}")
}

/// The claim that the run is there for, as the page's address holds it.
pub(crate) fn claim(name: &str) -> String {
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("&claim={name}")
}

/// The command that opens a run.
pub(crate) fn command(link: &Link, steps: &[Step], repeats_from: Option<usize>) -> String {
    let program = catalogue::program();
    format!("{program} explore --open '{}'", query(&to(link, steps), repeats_from))
}

/// A run as a file that `explore --trace` opens, and the page, too.
pub(crate) fn file(
    link: &Link,
    steps: &[Step],
    claim: Option<&str>,
    repeats_from: Option<usize>,
) -> Result<String, String> {
    let run = Run::play(to(link, steps)).map_err(|refusal| refusal.error)?;
    Ok(Trace::of(&run, claim, repeats_from).to_json())
}

/// A run as a capture in this file.
pub(crate) fn capture(file: &Path, steps: &[Step]) -> Result<(), String> {
    let cannot = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", file.display());
    let out = File::create(file).map_err(|error| cannot(&error))?;
    pcapng(steps, NAMES, out).map_err(|error| cannot(&error))
}

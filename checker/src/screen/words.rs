//! Words that the screen and the documents share.

pub(crate) use tcpspec_explorer::search::grouped;

use crate::check::Finding;
use tcpspec::model::Kind;

/// How a run against a claim goes on.
pub(crate) fn ending(finding: &Finding) -> String {
    let steps = finding.path.as_ref().map_or(0, Vec::len);
    match (finding.claim.kind, finding.repeats_from) {
        (_, Some(from)) if from + 1 == steps => format!("; step {steps} repeats for ever"),
        (_, Some(from)) => format!("; steps {} to {steps} repeat for ever", from + 1),
        (Kind::Possible, None) => "; from there nothing leads to it".into(),
        (Kind::Finally, None) => "; nothing more happens".into(),
        (Kind::Always | Kind::Sometimes | Kind::NoCycle, None) => String::new(),
    }
}

/// So many of them.
pub(crate) fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("{n} {word}") } else { format!("{n} {word}s") }
}

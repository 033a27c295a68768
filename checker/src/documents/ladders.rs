//! `docs/ladders.md`: the textbook's figures: a picture, what to see in it, and the same as text.

use crate::faces;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::Run;
use tcpspec_explorer::start;

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# TCP in ladders\n\nTime runs downward, the two ends stand left and right, and an arrow is a segment on its way. Numbers are small: the model counts to 15. `tcpspec explore` shows the same runs step by step.\n",
    );
    let english = |words: &BTreeMap<String, String>| words.get("en").cloned().unwrap_or_default();
    for (number, figure) in (1..).zip(start::figures()) {
        // A test of the explorer plays each of them.
        let Ok(run) = Link::parse(&figure.link).and_then(Run::play) else { continue };
        let (title, about) = (english(&figure.title), english(&figure.about));
        let _ =
            write!(page, "\n## {number}. {title}\n\n{about}\n\n![{title}](figures/{}.svg)\n\n", figure.name);
        page += "| step | |\n|---:|---|\n";
        for (step, caption) in &figure.captions {
            let step = if *step == 0 { "before".to_owned() } else { step.to_string() };
            let _ = writeln!(page, "| {step} | {} |", english(caption).replace('|', "\\|"));
        }
        let _ = write!(page, "\n```text\n{}```\n", faces::ladder::text(&run.steps));
        let _ = writeln!(page, "\n`tcpspec explore --open '{}'`", figure.link);
    }
    page
}

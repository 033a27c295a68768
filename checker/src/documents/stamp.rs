//! A stamp for generated documents: which table, model and claims they speak of.
//!
//! What is quick is written anew with every change. What takes long (the mutants, the deep scenarios) is not: it carries its stamp, and `docs` marks it when it is
//! of another one.

use std::path::Path;
use tcpspec_explorer::stamp::{of_proofs, of_today};

/// How the document of the proofs is written.
pub(crate) const PROVE: &str = "cargo run --release -- prove --all --doc docs/proven.md";

/// How the document of the proofs about two ends is written.
pub(crate) const PROVE_TWO_ENDS: &str = "cargo run --release -- prove --two-ends lemmas CLOSED LISTEN SYN-SENT SYN-RECEIVED FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT --threads 1 --doc docs/two-ends.md";

/// A document that is written by a run of its own.
struct Long {
    name: &'static str,
    /// How it is written.
    command: &'static str,
    /// The line that it carries.
    line: fn() -> String,
}

const LONG: &[Long] = &[
    Long { name: "mutants.md", command: "cargo run --release -- mutate --doc docs/mutants.md", line },
    Long { name: "deep.md", command: "cargo run --release -- check --deep --doc docs/deep.md", line },
    Long { name: "proven.md", command: PROVE, line: line_of_proofs },
    Long { name: "two-ends.md", command: PROVE_TWO_ENDS, line: line_of_two_ends },
];

const WORDS: &str = "Stamp of table, model and claims: ";
const OLD: &str = "*Of an older table";

/// The line that a document carries.
pub(crate) fn line() -> String {
    format!("{WORDS}`{}`.\n", of_today())
}

/// What both kinds of proofs rest on.
const PROVER: &[&str] = &[
    include_str!("../prove/end.rs"),
    include_str!("../prove/equivalent.rs"),
    include_str!("../prove/equivalent_bodies.rs"),
    include_str!("../prove/invariant.rs"),
    include_str!("../prove/number.rs"),
    include_str!("../prove/path.rs"),
    include_str!("../prove/proof.rs"),
    include_str!("../prove/replay.rs"),
    include_str!("../prove/run.rs"),
    include_str!("../prove/second_opinion.rs"),
    include_str!("../prove/solver.rs"),
    include_str!("../prove/term.rs"),
    include_str!("../prove/theorem.rs"),
];

/// The line that the document of the proofs carries. Scenarios and the model's claims do not change it.
pub(crate) fn line_of_proofs() -> String {
    let stamp = of_proofs(PROVER.iter().copied());
    format!("Stamp of table, macro, guards, effects, invariant, theorems, mutants and prover: `{stamp}`.\n")
}

/// The line that the document of the proofs about two ends carries.
pub(crate) fn line_of_two_ends() -> String {
    let sources = [
        include_str!("../prove/two_ends/lemma.rs"),
        include_str!("../prove/two_ends/pair.rs"),
        include_str!("../prove/two_ends/proof.rs"),
        include_str!("../prove/two_ends/step.rs"),
    ];
    let stamp = of_proofs(PROVER.iter().copied().chain(sources));
    format!("Stamp of table, macro, guards, effects, invariants, lemmas and prover: `{stamp}`.\n")
}

/// Whether a document does not carry this line.
fn is_old(text: &str, today: &str) -> bool {
    !text.lines().any(|line| line == today.trim_end())
}

/// The document with the mark that it is old, or without it if it is not.
fn marked(text: &str, command: &str, today: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut skip_empty = false;
    for line in text.lines() {
        if line.starts_with(OLD) {
            skip_empty = true;
            continue;
        }
        if !(skip_empty && line.is_empty()) {
            lines.push(line.to_owned());
        }
        skip_empty = false;
    }
    if is_old(text, today) {
        let title = lines.iter().position(|line| line.starts_with("# ")).map_or(0, |at| at + 1);
        let mark = format!("{OLD}, model or claims than the present ones; `{command}` writes it anew.*");
        lines.splice(title..title, [String::new(), mark]);
    }
    lines.join("\n") + "\n"
}

/// The long results that are of an older table, as they should be marked: name, the text now, and the text marked.
pub(crate) fn long(dir: &Path) -> Vec<(&'static str, bool, String, String)> {
    LONG.iter()
        .filter_map(|Long { name, command, line }| {
            let text = std::fs::read_to_string(dir.join(name)).ok()?;
            let marked = marked(&text, command, &line());
            Some((*name, is_old(&text, &line()), text, marked))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_is_marked_once_and_what_is_not_loses_the_mark() {
        let old = "<!-- note -->\n\n# Title\n\nStamp of table, model and claims: `0`.\n\nText.\n";
        let once = marked(old, "command", &line());
        assert!(once.starts_with("<!-- note -->\n\n# Title\n\n*Of an older table, model"), "{once}");
        assert_eq!(marked(&once, "command", &line()), once);
        let now = once.replace("Stamp of table, model and claims: `0`.\n", &line());
        assert_eq!(
            marked(&now, "command", &line()),
            old.replace("Stamp of table, model and claims: `0`.\n", &line())
        );
        // By hand, before there were stamps.
        let by_hand = "# Mutants\n\n*Of an older table: 585 of 619.*\n\nEvery row.\n";
        assert_eq!(marked(by_hand, "c", &line()).matches(OLD).count(), 1);
    }
}

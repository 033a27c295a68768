//! The page itself, in Markdown.

use super::annotations::Shown;
use super::remarks::Kind;
use super::{Entry, Status};
use crate::faces::table as face;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tcpspec::info::{RowInfo, Table};
use tcpspec_explorer::graph::Graph;

const RFC: &str = "https://www.rfc-editor.org/rfc/rfc9293";

const HEAD: &str = "\
Every requirement of Appendix B, in its order, with its headings and its words, and what meets it here: rows of [the table](table.md), which the model \
explores and the stack runs, and tests of the stack, whose names are given as the sentences that they are (with spaces for underscores). ALP means the application-layer program.

*Not applicable* says that there is nothing here to which it could apply; *left to the application*, that whoever uses the stack meets it or not; \
*not done*, that it is not met, or a permission not used.
";

/// The whole page.
pub(super) fn markdown(table: &Table, entries: &[Entry]) -> String {
    let mut text = format!("# RFC 9293, requirement by requirement\n\n{HEAD}\n");
    counts(&mut text, entries);
    not_met(&mut text, entries);
    let anchors = anchors(table);
    let graph = Graph::new(table);
    for part in entries.chunk_by(|a, b| a.line.heading == b.line.heading) {
        section(&mut text, &graph, &anchors, part);
    }
    text
}

const STATUSES: [(Status, &str); 7] = [
    (Status::RowAndTest, "row and test"),
    (Status::Test, "test"),
    (Status::Row, "row"),
    (Status::Partly, "in part"),
    (Status::NotApplicable, "not applicable"),
    (Status::Application, "left to the application"),
    (Status::NotDone, "not done"),
];

/// How many lines are met, and how.
fn counts(text: &mut String, entries: &[Entry]) {
    let all: Vec<&Entry> = entries.iter().filter(|entry| entry.line.id.is_some()).collect();
    let titles = STATUSES.map(|(_, title)| title).join(" | ");
    let _ = writeln!(text, "| | lines | {titles} |\n|---|{}", "---:|".repeat(STATUSES.len() + 1));
    let of = |strength: &str| -> Vec<&&Entry> {
        all.iter()
            .filter(|e| e.line.strength.strip_suffix(" NOT").unwrap_or(e.line.strength) == strength)
            .collect()
    };
    let groups = [("MUST, MUST NOT", of("MUST")), ("SHOULD, SHOULD NOT", of("SHOULD")), ("MAY", of("MAY"))];
    for (title, group) in groups.into_iter().chain([("all", all.iter().collect())]) {
        let _ = write!(text, "| {title} | {}", group.len());
        for (status, _) in STATUSES {
            let count = group.iter().filter(|entry| entry.status() == status).count();
            let _ = write!(text, " | {}", if count == 0 { "–".to_owned() } else { count.to_string() });
        }
        let _ = writeln!(text, " |");
    }
    let other = |entry: &&&Entry| {
        let kind = entry.line.id.and_then(|id| id.split('-').next()).unwrap_or_default();
        let kind = if kind == "SHLD" || kind == "REC" { "SHOULD" } else { kind };
        !entry.line.strength.starts_with(kind)
    };
    let other: Vec<_> = all.iter().filter(other).filter_map(|entry| entry.line.id).collect();
    let _ = writeln!(
        text,
        "\nSome lines share an identifier. Where the table's column is another than the identifier says ({}), it is the column that counts here.",
        other.join(", ")
    );
}

/// What is not met although the RFC asks for it.
fn not_met(text: &mut String, entries: &[Entry]) {
    for (strength, words) in [("MUST", "must be and is not"), ("SHOULD", "should be and is not")] {
        let list: Vec<String> = entries
            .iter()
            .filter(|entry| entry.status() == Status::NotDone && entry.line.strength.starts_with(strength))
            .map(|entry| {
                format!(
                    "{} ({}: {})",
                    entry.line.id.unwrap_or_default(),
                    entry.line.heading,
                    entry.line.words
                )
            })
            .collect();
        let list = if list.is_empty() { "nothing".to_owned() } else { list.join("; ") };
        let _ = writeln!(text, "\nWhat {words}: {list}.");
    }
}

/// The lines below one heading; a column in which nothing would stand is left out.
fn section(text: &mut String, graph: &Graph, anchors: &BTreeMap<&str, String>, entries: &[Entry]) {
    let heading = entries.first().map_or("", |entry| entry.line.heading);
    let lines: Vec<[String; 5]> = entries.iter().map(|entry| line(graph, anchors, entry)).collect();
    let is_used = |column: usize| column < 2 || lines.iter().any(|line| !line[column].is_empty());
    let columns: Vec<usize> = (0..COLUMNS.len()).filter(|column| is_used(*column)).collect();
    let row = |cells: [&str; 5]| {
        let cells: Vec<&str> = columns.iter().map(|column| cells[*column]).collect();
        format!("| {} |", cells.join(" | "))
    };
    let _ = writeln!(text, "\n## {heading}\n\n{}\n|{}", row(COLUMNS), "---|".repeat(columns.len()));
    for line in &lines {
        let _ = writeln!(text, "{}", row(line.each_ref().map(String::as_str)));
    }
}

const COLUMNS: [&str; 5] = ["requirement", "", "rows", "tests", "remark"];

fn line(graph: &Graph, anchors: &BTreeMap<&str, String>, entry: &Entry) -> [String; 5] {
    let words = format!("{}{}", "↳ ".repeat(entry.line.depth), entry.line.words.replace('|', "\\|"));
    let Some(id) = entry.line.id else {
        return [words, String::new(), String::new(), String::new(), String::new()];
    };
    let sections: Vec<String> =
        entry.line.sections.split(", ").map(|s| format!("[§{s}]({RFC}#section-{s})")).collect();
    let rows: Vec<String> = entry.rows.iter().map(|row| row_link(graph, anchors, row)).collect();
    let remark = entry.remark.as_ref().map(|remark| match remark.kind {
        Kind::Note => remark.text.clone(),
        kind => format!("*{kind}*: {}", remark.text),
    });
    [
        words,
        format!("**{id}** {}<br>{}", entry.line.strength, sections.join(", ")),
        rows.join(", "),
        tests(&entry.tests),
        remark.unwrap_or_default().replace('|', "\\|"),
    ]
}

fn row_link(graph: &Graph, anchors: &BTreeMap<&str, String>, row: &RowInfo) -> String {
    let off = if graph.takes(row) { "" } else { " (with other options)" };
    match anchors.get(row.name) {
        Some(anchor) => format!("[`{}`](table.md#{anchor}){off}", row.name),
        None => format!("`{}`{off}", row.name),
    }
}

/// Tests by file, their names as sentences.
fn tests(tests: &[Shown]) -> String {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    for Shown { file, test } in tests {
        let words = test.replace('_', " ");
        match files.iter_mut().find(|(name, _)| name == file) {
            Some((_, list)) => list.push(words),
            None => files.push((file, vec![words])),
        }
    }
    let cells = files.iter().map(|(file, list)| {
        let name = file.strip_prefix("tests/tests/").unwrap_or(file).replace("/src/", "/");
        format!("[{name}](../{file}): *{}*", list.join("*; *"))
    });
    cells.collect::<Vec<_>>().join("<br>")
}

/// For each row the anchor of its step in `table.md`, as GitHub makes it of the heading.
fn anchors(table: &Table) -> BTreeMap<&'static str, String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut steps = Vec::new();
    for heading in face::markdown(table).lines().filter(|line| line.starts_with('#')) {
        let title = heading.trim_start_matches('#').trim();
        let kept = title.to_lowercase();
        let kept: String =
            kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect();
        let slug = kept.replace(' ', "-");
        let count = seen.entry(slug.clone()).or_default();
        let anchor = if *count == 0 { slug } else { format!("{slug}-{count}") };
        *count += 1;
        if heading.starts_with("### ") {
            steps.push(anchor);
        }
    }
    let rows = table.events.iter().flat_map(|event| event.steps).zip(steps);
    rows.flat_map(|(step, anchor)| step.rows.iter().map(move |row| (row.name, anchor.clone()))).collect()
}

#[cfg(test)]
mod checks {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn each_row_has_the_anchor_of_its_step() {
        let anchors = anchors(&TABLE);
        assert_eq!(anchors.len(), TABLE.rows().count());
        assert_eq!(anchors["rst_passive"], "rst-31074-second");
        assert_eq!(anchors["probe_text"], "probe-3861");
        assert_eq!(anchors["keep_alive_probe"], "probe-384");
    }

    #[test]
    fn tests_of_a_file_share_its_link() {
        let shown = |file: &str, test: &str| Shown { file: file.into(), test: test.into() };
        let list = [
            shown("tests/tests/a.rs", "one_is_one"),
            shown("tests/tests/a.rs", "two"),
            shown("stack/src/b/c.rs", "d"),
        ];
        assert_eq!(
            tests(&list),
            "[a.rs](../tests/tests/a.rs): *one is one*; *two*<br>[stack/b/c.rs](../stack/src/b/c.rs): *d*"
        );
    }
}

//! `docs/rfc.md`: every requirement of RFC 9293, Appendix B, with the rows and tests that meet it, or the reason why none does.
//!
//! Rows name requirements in the table; tests in a comment (see [`annotations`]); what remains has a remark in `remarks.txt`. A requirement with neither
//! row nor test nor reason is an error, and so is one with a row or test and a reason why it is not met.

mod annotations;
mod page;
mod remarks;

use annotations::Shown;
use remarks::{Kind, Remark};
use std::collections::BTreeMap;
use std::path::Path;
use tcpspec::info::{RowInfo, Table};
use tcpspec_explorer::requirements::{Line, lines};

const REMARKS: &str = include_str!("remarks.txt");

/// A requirement and what there is about it.
struct Entry {
    line: Line,
    rows: Vec<&'static RowInfo>,
    tests: Vec<Shown>,
    remark: Option<Remark>,
}

/// How a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    RowAndTest,
    Test,
    Row,
    Partly,
    NotApplicable,
    Application,
    NotDone,
}

impl Entry {
    fn status(&self) -> Status {
        match self.remark.as_ref().map(|remark| remark.kind) {
            Some(Kind::NotApplicable) => Status::NotApplicable,
            Some(Kind::Application) => Status::Application,
            Some(Kind::NotDone) => Status::NotDone,
            Some(Kind::Partly) => Status::Partly,
            Some(Kind::Note) | None if self.rows.is_empty() => Status::Test,
            Some(Kind::Note) | None if self.tests.is_empty() => Status::Row,
            Some(Kind::Note) | None => Status::RowAndTest,
        }
    }
}

/// The page, or everything that is wrong with what it would be made of. `root`: the workspace.
pub(crate) fn page(table: &Table, root: &Path) -> Result<String, Vec<String>> {
    let mut problems = Vec::new();
    let tests = annotations::scan(root, &mut problems);
    let remarks = remarks::parse(REMARKS, &mut problems);
    let entries = entries(table, tests, &remarks, &mut problems);
    if problems.is_empty() { Ok(page::markdown(table, &entries)) } else { Err(problems) }
}

fn entries(
    table: &Table,
    tests: BTreeMap<String, Vec<Shown>>,
    remarks: &[Remark],
    problems: &mut Vec<String>,
) -> Vec<Entry> {
    let lines = lines();
    let known = |id: &str| lines.iter().any(|line| line.id == Some(id));
    let mut rows: BTreeMap<&str, Vec<&'static RowInfo>> = BTreeMap::new();
    for row in table.rows() {
        for id in row.requirements {
            if !known(id) {
                problems.push(format!("row `{}` names {id}, which is not in Appendix B", row.name));
            }
            rows.entry(id).or_default().push(row);
        }
    }
    for (id, shown) in tests.iter().filter(|(id, _)| !known(id)) {
        let at = shown.iter().map(Shown::place).collect::<Vec<_>>().join(", ");
        problems.push(format!("{at} names {id}, which is not in Appendix B"));
    }
    for remark in remarks {
        let count = lines.iter().filter(|line| line.id == Some(&remark.id)).count();
        if count < remark.nth.unwrap_or(1) {
            problems.push(format!("remarks.txt speaks of {remark}, which is not in Appendix B"));
        }
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for line in lines {
        let id = line.id.unwrap_or_default();
        let nth = seen.entry(id).or_default();
        *nth += 1;
        let mine = |remark: &&Remark| remark.id == id && remark.nth.is_none_or(|wanted| wanted == *nth);
        let mut entry = Entry {
            line,
            rows: rows.get(id).cloned().unwrap_or_default(),
            tests: tests.get(id).cloned().unwrap_or_default(),
            remark: remarks.iter().find(mine).cloned(),
        };
        check(&mut entry, problems);
        entries.push(entry);
    }
    entries
}

/// Says what is missing, or there beside a reason why it is not.
fn check(entry: &mut Entry, problems: &mut Vec<String>) {
    let Some(id) = entry.line.id else { return };
    let met = !entry.rows.is_empty() || !entry.tests.is_empty();
    match &entry.remark {
        None if !met => {
            problems.push(format!("{id} ({}) has neither row nor test nor remark", entry.line.words));
        }
        Some(remark) if remark.kind.is_met() && !met => {
            problems.push(format!("{id} has a remark on how it is met, but neither row nor test"));
        }
        Some(remark) if !remark.kind.is_met() && met => {
            if remark.nth.is_none() {
                problems.push(format!("{id} has a row or a test, and remarks.txt says \"{}\"", remark.kind));
            }
            // What is named speaks of the other lines with this identifier.
            entry.rows.clear();
            entry.tests.clear();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tcpspec::TABLE;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn appendix_b_is_whole() {
        let lines = lines();
        let with_id = lines.iter().filter_map(|line| line.id);
        assert_eq!(with_id.clone().count(), 126);
        // 69 + 31 + 18 + 1 identifiers, none left out.
        let ids: BTreeSet<String> = with_id.map(str::to_owned).collect();
        let all = [("MUST", 69), ("SHLD", 31), ("MAY", 18), ("REC", 1)];
        let all: BTreeSet<String> =
            all.iter().flat_map(|(kind, last)| (1..=*last).map(move |n| format!("{kind}-{n}"))).collect();
        assert_eq!(ids, all);
        assert_eq!(lines.iter().map(|line| line.heading).collect::<BTreeSet<_>>().len(), 20);
        let strengths: BTreeSet<_> = lines.iter().map(|line| line.strength).collect();
        assert_eq!(strengths, BTreeSet::from(["-", "MAY", "MUST", "MUST NOT", "SHOULD", "SHOULD NOT"]));
        assert!(lines.iter().all(|line| !line.words.is_empty() && !line.sections.is_empty()));
    }

    /// Nothing here needs an exploration, so a test can keep it current.
    #[test]
    fn the_page_is_current() {
        let text = page(&TABLE, root()).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
        let file = std::fs::read_to_string(root().join("docs/rfc.md")).unwrap_or_default();
        let text = crate::documents::note::finished(&format!("{}{text}", crate::documents::note::NOTE));
        assert!(file == text, "`cargo run --release -- docs --only rfc` writes docs/rfc.md anew");
    }

    fn problems(tests: &[(&str, &str)], remarks: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut map: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
        for (id, name) in tests {
            let shown = Shown { file: "tests/a.rs".into(), test: (*name).into() };
            map.entry((*id).to_owned()).or_default().push(shown);
        }
        let remarks = remarks::parse(remarks, &mut problems);
        entries(&TABLE, map, &remarks, &mut problems);
        problems
    }

    #[test]
    fn what_is_wrong_is_said() {
        let found = problems(
            &[("MUST-70", "one"), ("SHLD-8", "two")],
            "SHLD-8: not done: no ECN\nMAY-19: not done: what?\nMUST-53/2: not done: what?\nMUST-51: note: how?\n",
        );
        for part in [
            "tests/a.rs, one names MUST-70, which is not in Appendix B",
            "SHLD-8 has a row or a test, and remarks.txt says \"not done\"",
            "remarks.txt speaks of MAY-19, which",
            "remarks.txt speaks of MUST-53/2, which",
            "MUST-51 has a remark on how it is met, but neither row nor test",
            "MUST-2 (Sender compute checksum) has neither row nor test nor remark",
        ] {
            assert!(found.iter().any(|problem| problem.contains(part)), "no `{part}` in {found:#?}");
        }
    }

    #[test]
    fn a_reason_may_concern_one_of_several_lines() {
        let mut none = Vec::new();
        let remarks = remarks::parse("MUST-20/1: not applicable: no routes.\n", &mut none);
        let mut all = Vec::new();
        let entries = entries(&TABLE, BTreeMap::new(), &remarks, &mut all);
        let found: Vec<_> = entries.iter().filter(|e| e.line.id == Some("MUST-20")).collect();
        assert_eq!(
            found.iter().map(|e| e.status()).collect::<Vec<_>>(),
            [Status::NotApplicable, Status::Row]
        );
        assert!(none.is_empty() && !all.iter().any(|problem| problem.starts_with("MUST-20 ")), "{all:#?}");
    }
}

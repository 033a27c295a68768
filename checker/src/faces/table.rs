//! The table as a document, for people.

use super::fires::Fires;
use super::markdown::cell;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::info::{EventInfo, RowInfo, StepInfo, Table, Verb};
use tcpspec_explorer::graph::Graph;

/// Where the rows are written, as seen from the document.
const SOURCE: &str = "../spec/src/table.rs";

const HEAD: &str = "\
Everything that TCP does, as the machine runs it and as the model explores it.

An event is processed in ordered steps. A step is passed over unless the connection is in one of the states that it \
concerns (*in*) and what it needs holds (*when*). Of its rows the first that matches is taken; all of its conditions \
(*if*) must hold. Its effects happen in order, then the *next state* is entered.

| verb | meaning |
|---|---|
| **next** | goes on with the following step, in the new state |
| **stop** | ends the processing of the event |
| **drop** | ends it and does nothing: the event is ignored |
| **skip** | goes on and does nothing |
| **error** | refuses the call |

A section without the number of an RFC is one of RFC 9293. Each row's name leads to its line in the source.
";

/// The whole table in Markdown.
pub(crate) fn markdown(table: &Table) -> String {
    page(table, None)
}

/// The same, with where each row fires.
pub(crate) fn markdown_with(table: &Table, fires: &Fires) -> String {
    page(table, Some(fires))
}

fn page(table: &Table, fires: Option<&Fires>) -> String {
    let mut text = format!("# The table\n\n{HEAD}\n");
    contents(&mut text, table);
    front_matter(&mut text, table);
    for event in table.events {
        let _ = writeln!(text, "## {}\n\n{} ({})\n", title(event), event.doc, event.section);
        if let Some(expected) = &event.expected {
            let rows: Vec<_> = expected.rows.iter().map(|row| format!("`{row}`")).collect();
            let (state, rows) = (expected.state, rows.join(", "));
            let _ = writeln!(text, "Expected in {state}: {rows}. {}\n", expected.doc);
        }
        for step in event.steps {
            step_markdown(&mut text, table, step, fires);
        }
    }
    text.extend(fires.map(|fires| fires.section(table)));
    text
}

fn contents(text: &mut String, table: &Table) {
    let rows = table.rows().count();
    let _ = writeln!(text, "{} events with {rows} rows:\n", table.events.len());
    for event in table.events {
        let rows: usize = event.steps.iter().map(|step| step.rows.len()).sum();
        let anchor = title(event).to_lowercase().replace(' ', "-");
        let plural = if rows == 1 { "row" } else { "rows" };
        let _ = writeln!(text, "- [{}](#{anchor}) ({rows} {plural}): {}", title(event), cell(event.doc));
    }
}

fn front_matter(text: &mut String, table: &Table) {
    text.push_str("\n## Sets of states\n\n| set | states | what they have in common |\n|---|---|---|\n");
    for set in table.sets {
        let _ = writeln!(text, "| {} | {} | {} |", set.name, names(set.states), cell(set.doc));
    }
    text.push_str("\n## Options\n\nChoices that the RFCs leave open.\n\n| option | default | on means | source |\n|---|---|---|---|\n");
    for option in table.options {
        let default = if option.default { "on" } else { "off" };
        let _ =
            writeln!(text, "| `{}` | {default} | {} | {} |", option.name, cell(option.doc), option.source);
    }
    text.push_str("\n## Questions\n\nAsked in conditions as *question* `is` *answer*.\n\n| question | answer | meaning |\n|---|---|---|\n");
    for question in table.questions {
        let _ = writeln!(text, "| `{}` | | {} |", question.name, cell(question.doc));
        for (answer, doc) in question.answers {
            let _ = writeln!(text, "| | `{answer}` | {} |", cell(doc));
        }
    }
    text.push_str("\n## Timers\n\n| timer | what for | its expiry is the event |\n|---|---|---|\n");
    for timer in table.timers {
        let _ = writeln!(text, "| `{:?}` | {} | `{}` |", timer.timer, cell(timer.doc), timer.event);
    }
    text.push('\n');
}

fn step_markdown(text: &mut String, table: &Table, step: &StepInfo, fires: Option<&Fires>) {
    let _ = writeln!(text, "### {} ({})\n", step.name, step.section);
    if !step.doc.is_empty() {
        let _ = writeln!(text, "{}\n", step.doc);
    }
    let mut limits = Vec::new();
    if !step.states.is_empty() && step.states.len() < table.states.len() {
        limits.push(format!("*in* {}", states(table, step.states)));
    }
    if !step.when.is_empty() {
        limits.push(format!("*when* {}", code(step.when)));
    }
    if !limits.is_empty() {
        let _ = writeln!(text, "{}\n", limits.join(", "));
    }
    text.push_str("| states | if | next state | does | row |\n|---|---|---|---|---|\n");
    for row in step.rows {
        let next = row.next.map_or(String::new(), |state| format!("**{state}**"));
        let _ = writeln!(
            text,
            "| {} | {} | {next} | {} | {} |",
            states(table, row.states),
            code(row.condition),
            does(row),
            row_cell(row, fires)
        );
    }
    text.push('\n');
}

fn row_cell(row: &RowInfo, fires: Option<&Fires>) -> String {
    let mut origin = vec![cell(row.section)];
    origin.extend(row.requirements.iter().map(|r| (*r).to_owned()));
    let mark = fires.map(|fires| fires.mark(row.name)).unwrap_or_default();
    let (name, line, sentence, origin) = (row.name, row.line, cell(row.sentence), origin.join(", "));
    format!("[`{name}`]({SOURCE}#L{line}): {sentence} *{origin}*{mark}")
}

fn does(row: &RowInfo) -> String {
    let verb = match row.verb {
        Verb::Next => "**next**".to_owned(),
        Verb::Stop => "**stop**".to_owned(),
        Verb::Drop => "**drop**".to_owned(),
        Verb::Skip => "**skip**".to_owned(),
        Verb::Error(error) => format!("**error** `{error}`"),
    };
    if row.effects.is_empty() { verb } else { format!("{verb}: {}", code(row.effects)) }
}

/// The states and the arrows out of each.
pub(crate) fn states_markdown(table: &Table) -> String {
    let mut text = "# The states\n\n![State diagram](state-diagram.svg)\n\nFor a slide there is [the textbook's form](figures/states.svg): its states and arrows, and nothing else.\n\nAn arrow is a row with a next state; [the table](table.md) says the rest. \
        Diagram and arrows are those of the default options; [the end](#with-other-options) lists what these never take.\n"
        .to_owned();
    let graph = Graph::new(table);
    for info in table.states {
        let _ = writeln!(text, "\n## {}\n\n{}\n", info.name, info.doc);
        let sets: Vec<&str> =
            table.sets.iter().filter(|s| s.states.contains(&info.state)).map(|s| s.name).collect();
        if !sets.is_empty() {
            let _ = writeln!(text, "In the sets {}.\n", sets.join(", "));
        }
        text.push_str("| event | row | next state |\n|---|---|---|\n");
        for arrow in graph.arrows.iter().filter(|arrow| arrow.from == info.state) {
            let _ = writeln!(text, "| {} | {} | **{}** |", arrow.row.event, linked(arrow.row), arrow.to);
        }
        for path in graph.composed.iter().filter(|path| path.from == info.state) {
            let _ = writeln!(text, "| one segment | {} | **{}** |", code(&path.rows), path.to);
        }
    }
    let _ = writeln!(
        text,
        "\n## With other options\n\nRows that the default options keep from being taken in these states: by an option that the row tests, or by an \
         earlier row that covers it.\n\n| event | row | states | next state | left out because |\n|---|---|---|---|---|"
    );
    // States that a row is left out of for the same reason stand together.
    for group in graph.left_out.chunk_by(|(a, why), (b, other)| (a.row.row, why) == (b.row.row, other)) {
        let Some((arrow, why)) = group.first() else { continue };
        let from: Vec<State> = group.iter().map(|(arrow, _)| arrow.from).collect();
        let (event, row, from, to) = (arrow.row.event, linked(arrow.row), states(table, &from), arrow.to);
        let _ = writeln!(text, "| {event} | {row} | {from} | **{to}** | {} |", cell(why));
    }
    text
}

/// A row's name, which leads to its line, and what it says.
fn linked(row: &RowInfo) -> String {
    format!("[`{}`]({SOURCE}#L{}): {}", row.name, row.line, cell(row.sentence))
}

fn list(states: &[State]) -> Vec<&'static str> {
    states.iter().map(|state| state.name()).collect()
}

fn names(states: &[State]) -> String {
    list(states).join(", ")
}

/// The name of the set with exactly these states, or else their names.
fn states(table: &Table, states: &[State]) -> String {
    if states.len() == table.states.len() {
        return "any".into();
    }
    let same = |set: &[State]| set.len() == states.len() && set.iter().all(|state| states.contains(state));
    let set = table.sets.iter().find(|set| states.len() > 1 && same(set.states));
    set.map_or_else(|| names(states), |set| set.name.to_owned())
}

fn title(event: &EventInfo) -> String {
    event.name.to_uppercase().replace('_', " ")
}

/// Pieces of the source, each as code.
fn code(pieces: &[&str]) -> String {
    pieces.iter().map(|piece| format!("`{}`", cell(piece))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn what_does_not_fire_is_marked_and_listed_at_the_end() {
        let list = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
        let fires = Fires::read(&TABLE, std::path::Path::new(list)).unwrap();
        let page = markdown_with(&TABLE, &fires);
        assert!(page.contains("](#where-rows-fire)"));
        assert!(page.ends_with(&fires.section(&TABLE)) && page.contains("\n\n## Where rows fire\n"));
    }

    #[test]
    fn every_row_is_there_once() {
        let text = markdown(&TABLE);
        for row in TABLE.rows() {
            assert_eq!(
                text.matches(&format!("| [`{}`]({SOURCE}#L{})", row.name, row.line)).count(),
                1,
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn all_lines_of_a_markdown_table_have_the_same_cells() {
        for text in [markdown(&TABLE), states_markdown(&TABLE)] {
            let mut cells = None;
            for line in text.lines() {
                if !line.starts_with('|') {
                    cells = None;
                    continue;
                }
                let here = line.replace("\\|", "").matches('|').count();
                assert_eq!(*cells.get_or_insert(here), here, "{line}");
            }
        }
    }

    #[test]
    fn a_set_goes_by_its_name() {
        assert_eq!(states(&TABLE, &[State::Established, State::FinWait1, State::FinWait2]), "Receiving");
        assert_eq!(states(&TABLE, &[State::Closed, State::Listen]), "CLOSED, LISTEN");
        assert_eq!(states(&TABLE, &State::ALL), "any");
    }

    #[test]
    fn every_arrow_out_of_a_state_is_listed() {
        let text = states_markdown(&TABLE);
        let graph = Graph::new(&TABLE);
        let lists = |section: &str, row: &str, end: &str| {
            let section = text.split(&format!("\n## {section}\n")).nth(1).expect("a section");
            let section = section.split("\n## ").next().expect("its text");
            section.lines().any(|l| l.contains(&format!("[`{row}`]")) && l.ends_with(end))
        };
        for arrow in &graph.arrows {
            assert!(lists(arrow.from.name(), arrow.row.name, &format!("**{}** |", arrow.to)));
        }
        for (arrow, why) in &graph.left_out {
            let end = format!("**{}** | {why} |", arrow.to);
            assert!(!lists(arrow.from.name(), arrow.row.name, ""), "{}", arrow.row.name);
            assert!(lists("With other options", arrow.row.name, &end), "{}", arrow.row.name);
        }
    }
}

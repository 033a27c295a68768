//! The state diagram: as a picture, for Mermaid and for Graphviz.

mod arrows;
mod picture;

pub(crate) use picture::svg;

use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::info::Table;
use tcpspec_explorer::graph::Graph;

/// One transition: both states, and the rows that make it.
type Transition = (State, State, Vec<String>);

/// All pairs of states that rows connect with the default options, each with its rows by event.
fn transitions(table: &Table) -> Vec<Transition> {
    let graph = Graph::new(table);
    let mut all: Vec<Transition> = Vec::new();
    for from in State::ALL {
        for arrow in graph.arrows.iter().filter(|arrow| arrow.from == from) {
            let label = format!("{} ({})", arrow.row.name, arrow.row.event);
            match all.iter_mut().find(|(f, t, _)| (*f, *t) == (from, arrow.to)) {
                Some((_, _, labels)) => labels.push(label),
                None => all.push((from, arrow.to, vec![label])),
            }
        }
    }
    all
}

/// For Mermaid, `stateDiagram-v2`.
pub(crate) fn mermaid(table: &Table) -> String {
    let mut text = String::from("stateDiagram-v2\n    %% with the default options\n");
    for info in table.states {
        let _ = writeln!(text, "    state \"{}\" as {:?}", info.name, info.state);
    }
    let _ = writeln!(text, "    [*] --> {:?}", State::INITIAL);
    for (from, to, labels) in transitions(table) {
        let _ = writeln!(text, "    {from:?} --> {to:?} : {}", labels.join(", "));
    }
    text
}

/// For Graphviz.
pub(crate) fn dot(table: &Table) -> String {
    let mut text = String::from(
        "// With the default options.\ndigraph tcp {\n    node [shape=box, style=rounded, fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for info in table.states {
        let _ = writeln!(text, "    {:?} [label=\"{}\"];", info.state, info.name);
    }
    for (from, to, labels) in transitions(table) {
        let _ = writeln!(text, "    {from:?} -> {to:?} [label=\"{}\"];", labels.join("\\n"));
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn both_texts_have_every_transition_and_no_other() {
        let (mermaid, dot) = (mermaid(&TABLE), dot(&TABLE));
        let graph = Graph::new(&TABLE);
        for arrow in graph.arrows {
            let (from, to, row) = (arrow.from, arrow.to, arrow.row.name);
            assert!(
                mermaid.lines().any(|l| l.contains(&format!("{from:?} --> {to:?} :")) && l.contains(row)),
                "{row}"
            );
            assert!(
                dot.lines().any(|l| l.contains(&format!("{from:?} -> {to:?} [")) && l.contains(row)),
                "{row}"
            );
        }
        for (arrow, _) in graph.left_out {
            let (from, to, row) = (arrow.from, arrow.to, arrow.row.name);
            assert!(
                !mermaid.lines().any(
                    |l| l.contains(&format!("{from:?} --> {to:?} :")) && l.contains(&format!(" {row} ("))
                ),
                "{row}"
            );
        }
    }

    #[test]
    fn mermaid_labels_have_one_colon() {
        // A second one would end the label.
        assert!(mermaid(&TABLE).lines().all(|line| line.matches(':').count() <= 1 && !line.contains(';')));
    }
}

//! The state diagram as a picture, laid out as in the textbooks.

use super::super::xml::{escape, scoped};
use super::arrows::{Anchor, DRAWN, Drawn, HALF, Path, place};
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::info::Table;
use tcpspec_explorer::graph::{Arrow, Graph};

const WIDTH: f64 = 1220.0;
/// Where the notes begin, below the lowest arrow.
const NOTES_TOP: f64 = 920.0;
const LINE: f64 = 18.0;

const STYLE: &str = "\
text{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:12.5px;fill:#1a1a1a}\
.title{font-size:20px;font-weight:bold}.name{font-size:14px;font-weight:bold;text-anchor:middle}\
.mark{font-size:14px;text-anchor:middle}.action{fill:#0b5394}.head{font-weight:bold}.row{fill:#555}\
.box{fill:#f4f7fb;stroke:#1a1a1a;stroke-width:1.5}.marked{fill:#ffb52e;stroke:#1a1a1a;stroke-width:2.5}\
.note{fill:#fcfcfc;stroke:#bbb}.line{fill:none;stroke:#1a1a1a;stroke-linejoin:round}\
.client{stroke-width:3.5}.server{stroke-width:3.5;stroke-dasharray:10 6}.unusual{stroke-width:1.2}";

/// The state diagram; the boxes of the marked states are filled and carry the text.
pub(crate) fn svg(table: &Table, marks: &[(State, &str)]) -> String {
    let graph = Graph::new(table);
    let (notes, bottom) = notes(table, &graph);
    let height = bottom + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" class=\"states\">\n\
         <title>The states of a TCP connection</title>\n<style>{}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        scoped("states", STYLE)
    );
    text(&mut svg, (30.0, 38.0), "title", "The states of a TCP connection");
    for arrow in DRAWN.iter().filter(|arrow| exists(&graph, arrow)) {
        line(&mut svg, arrow.path, arrow.route);
        label(&mut svg, arrow);
    }
    for info in table.states {
        state_box(&mut svg, info.state, info.name, marks);
    }
    svg.push_str(&notes);
    svg.push_str("</svg>\n");
    svg
}

/// Whether any of the arrow's rows can be taken (or all, if they follow each other), so that nothing untrue is drawn.
fn exists(graph: &Graph, drawn: &Drawn) -> bool {
    if drawn.composed {
        return graph
            .composed
            .iter()
            .any(|c| (c.from, c.to) == (drawn.from, drawn.to) && c.rows == drawn.rows);
    }
    graph.arrows.iter().any(|arrow| draws(drawn, arrow))
}

fn draws(drawn: &Drawn, arrow: &Arrow) -> bool {
    !drawn.composed
        && (drawn.from, drawn.to) == (arrow.from, arrow.to)
        && drawn.rows.contains(&arrow.row.name)
}

/// What no line shows: first what leads into CLOSED, then what this file does not know yet.
fn not_drawn(arrows: &[Arrow]) -> (Vec<Arrow>, Vec<Arrow>) {
    let rest = arrows.iter().copied().filter(|arrow| !DRAWN.iter().any(|drawn| draws(drawn, arrow)));
    rest.partition(|arrow| arrow.to == State::Closed)
}

fn line(svg: &mut String, path: Path, route: &[(f64, f64)]) {
    let (class, head) = match path {
        Path::Client => ("client", 15.0),
        Path::Server => ("server", 15.0),
        Path::Unusual => ("unusual", 11.0),
    };
    let [.., before, tip] = route else { return };
    let length = (tip.0 - before.0).hypot(tip.1 - before.1);
    let (dx, dy) = ((tip.0 - before.0) / length, (tip.1 - before.1) / length);
    // The line ends within the head, or a thick one would blunt the tip.
    let neck = (tip.0 - dx * head * 0.8, tip.1 - dy * head * 0.8);
    let mut points = String::new();
    for (x, y) in route.iter().rev().skip(1).rev().chain([&neck]) {
        let _ = write!(points, "{x:.1},{y:.1} ");
    }
    let _ = writeln!(svg, "<polyline class=\"line {class}\" points=\"{}\"/>", points.trim_end());
    let (bx, by) = (tip.0 - dx * head, tip.1 - dy * head);
    let (nx, ny) = (-dy * head * 0.4, dx * head * 0.4);
    let _ = writeln!(
        svg,
        "<polygon points=\"{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}\" fill=\"#1a1a1a\"/>",
        tip.0,
        tip.1,
        bx + nx,
        by + ny,
        bx - nx,
        by - ny
    );
}

fn label(svg: &mut String, arrow: &Drawn) {
    let anchor = match arrow.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let mut y = arrow.at.1;
    for (event, action) in arrow.label {
        let action = if action.is_empty() {
            String::new()
        } else {
            format!(" / <tspan class=\"action\">{}</tspan>", escape(action))
        };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"{anchor}\">{}{action}</text>",
            arrow.at.0,
            escape(event)
        );
        y += 16.0;
    }
}

fn state_box(svg: &mut String, state: State, name: &str, marks: &[(State, &str)]) {
    let (x, y) = place(state);
    let mark: Vec<&str> =
        marks.iter().filter(|(marked, _)| *marked == state).map(|(_, text)| *text).collect();
    let class = if mark.is_empty() { "box" } else { "marked" };
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"9\"/>",
        x - HALF.0,
        y - HALF.1,
        2.0 * HALF.0,
        2.0 * HALF.1
    );
    if mark.is_empty() {
        text(svg, (x, y + 5.0), "name", name);
    } else {
        text(svg, (x, y - 3.0), "name", name);
        text(svg, (x, y + 15.0), "mark", &mark.join(", "));
    }
}

/// Legend and notes, and how far down they reach.
fn notes(table: &Table, graph: &Graph) -> (String, f64) {
    let (into_closed, unknown) = not_drawn(&graph.arrows);
    let closed = by_row(table, &into_closed);
    let mut left = String::new();
    let mut y = NOTES_TOP + 24.0;
    text(&mut left, (40.0, y), "head", "How to read it");
    for (path, words) in [
        (Path::Client, "normal path of a client"),
        (Path::Server, "normal path of a server"),
        (Path::Unusual, "unusual"),
    ] {
        y += LINE + 2.0;
        line(&mut left, path, &[(44.0, y - 4.0), (104.0, y - 4.0)]);
        text(&mut left, (116.0, y), "", words);
    }
    y += LINE + 2.0;
    let _ = writeln!(
        left,
        "<text x=\"44\" y=\"{y}\">event / <tspan class=\"action\">what is done</tspan></text>"
    );
    for words in ["Computed with the default options;", "docs/states.md says what others add."] {
        y += LINE;
        text(&mut left, (44.0, y), "", words);
    }
    y += LINE + 12.0;
    text(&mut left, (40.0, y), "head", "One segment, two transitions");
    for path in &graph.composed {
        let drawn =
            DRAWN.iter().any(|d| d.composed && (d.from, d.to) == (path.from, path.to) && d.rows == path.rows);
        if drawn {
            continue;
        }
        y += LINE;
        text(&mut left, (44.0, y), "", &format!("{} → {}", path.from, path.to));
        y += LINE - 2.0;
        text(&mut left, (60.0, y), "row", &path.rows.join(", then "));
    }
    if !unknown.is_empty() {
        y += LINE + 12.0;
        text(&mut left, (40.0, y), "head", "Not drawn");
        for arrow in &unknown {
            y += LINE;
            text(&mut left, (44.0, y), "", &format!("{} → {}", arrow.from, arrow.to));
            y += LINE - 2.0;
            text(&mut left, (60.0, y), "row", arrow.row.name);
        }
    }

    let mut right = String::new();
    let mut z = NOTES_TOP + 24.0;
    text(&mut right, (390.0, z), "head", "Into CLOSED from many states, not drawn");
    for (event, row, from) in &closed {
        z += LINE;
        text(&mut right, (394.0, z), "", event);
        text(&mut right, (520.0, z), "row", row);
        text(&mut right, (680.0, z), "", from);
    }
    let bottom = y.max(z) + 14.0;
    let mut all = String::new();
    for (x, width) in [(25.0, 335.0), (375.0, WIDTH - 400.0)] {
        let _ = writeln!(
            all,
            "<rect class=\"note\" x=\"{x}\" y=\"{NOTES_TOP}\" width=\"{width}\" height=\"{}\" rx=\"6\"/>",
            bottom - NOTES_TOP
        );
    }
    all.push_str(&left);
    all.push_str(&right);
    (all, bottom)
}

/// Event, row and the states it leads away from.
fn by_row(table: &Table, arrows: &[Arrow]) -> Vec<(String, &'static str, String)> {
    let mut lines = Vec::new();
    for row in table.rows() {
        let from: Vec<State> = arrows.iter().filter(|a| a.row.row == row.row).map(|a| a.from).collect();
        if from.is_empty() {
            continue;
        }
        lines.push((row.event.name().replace('_', " "), row.name, few(&from)));
    }
    lines
}

/// The states, or those that are missing if they are few.
fn few(states: &[State]) -> String {
    let names = |states: Vec<State>| states.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ");
    let others: Vec<State> =
        State::ALL.into_iter().filter(|s| !states.contains(s) && *s != State::Closed).collect();
    match others.len() {
        0 => "every state".into(),
        1..=3 => format!("all but {}", names(others)),
        _ => names(states.to_vec()),
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), class: &str, words: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\"{class}>{}</text>", escape(words));
}

#[cfg(test)]
mod tests {
    use super::super::super::xml::assert_well_formed;
    use super::*;
    use tcpspec::TABLE;
    use tcpspec_explorer::graph::written;

    #[test]
    fn it_is_well_formed() {
        assert_well_formed(&svg(&TABLE, &[]));
        assert_well_formed(&svg(&TABLE, &[(State::Established, "A"), (State::LastAck, "B <&>")]));
    }

    /// A new row with a next state must get its place in the picture; until then it is listed as "Not drawn".
    #[test]
    fn every_arrow_of_the_table_is_drawn_or_leads_into_closed() {
        // What the default options never take needs none.
        let graph = Graph::new(&TABLE);
        let (_, unknown) = not_drawn(&graph.arrows);
        let names = |arrows: &[Arrow]| {
            arrows.iter().map(|a| format!("{}: {} → {}", a.row.name, a.from, a.to)).collect::<Vec<_>>()
        };
        assert!(unknown.is_empty(), "give these a line in diagram/arrows.rs: {:?}", names(&unknown));
        let (into_closed, _) = not_drawn(&graph.arrows);
        let picture = svg(&TABLE, &[]);
        let lists = |arrow: &Arrow| picture.contains(&format!(">{}</text>", arrow.row.name));
        for arrow in &into_closed {
            assert!(lists(arrow), "{}", arrow.row.name);
        }
        for (arrow, _) in &graph.left_out {
            let is_taken = graph.arrows.iter().any(|a| a.row.name == arrow.row.name);
            assert!(is_taken || !lists(arrow), "{}", arrow.row.name);
        }
        for path in &graph.composed {
            let drawn = DRAWN.iter().any(|d| d.composed && (d.from, d.to) == (path.from, path.to));
            assert!(drawn || picture.contains(&format!(">{}</text>", path.rows.join(", then "))), "{path:?}");
        }
    }

    #[test]
    fn every_drawn_arrow_is_in_the_table() {
        let all = written(&TABLE);
        let graph = Graph::new(&TABLE);
        for drawn in DRAWN {
            assert!(exists(&graph, drawn), "{drawn:?}");
            for row in drawn.rows.iter().filter(|_| !drawn.composed) {
                assert!(
                    all.iter().any(|a| a.row.name == *row && draws(drawn, a)),
                    "{row}: {} → {}",
                    drawn.from,
                    drawn.to
                );
            }
        }
    }

    #[test]
    fn what_the_file_does_not_know_is_listed() {
        // A table with one more arrow than the picture has lines.
        static ROW: tcpspec::info::RowInfo = tcpspec::info::RowInfo {
            row: tcpspec::Row::ALL[0],
            name: "new_row",
            sentence: "",
            section: "",
            requirements: &[],
            event: tcpspec::EventKind::ALL[0],
            step: "call",
            states: &[State::LastAck],
            condition: &[],
            next: Some(State::Listen),
            verb: tcpspec::info::Verb::Stop,
            effects: &[],
            line: 0,
        };
        static ROWS: &[tcpspec::info::RowInfo] = std::slice::from_ref(&ROW);
        static STEPS: &[tcpspec::info::StepInfo] = &[tcpspec::info::StepInfo {
            name: "call",
            doc: "",
            section: "",
            states: &[],
            when: &[],
            rows: ROWS,
        }];
        static EVENTS: &[tcpspec::info::EventInfo] = &[tcpspec::info::EventInfo {
            event: tcpspec::EventKind::ALL[0],
            name: "open",
            doc: "",
            section: "",
            expected: None,
            steps: STEPS,
        }];
        let table = Table { events: EVENTS, ..copy() };
        let picture = svg(&table, &[]);
        assert!(
            picture.contains("Not drawn")
                && picture.contains("LAST-ACK → LISTEN")
                && picture.contains("new_row")
        );
        assert!(!picture.contains("active OPEN"), "only what the table has is drawn");
    }

    fn copy() -> Table {
        let Table { states, sets, options, questions, timers, events } = TABLE;
        Table { states, sets, options, questions, timers, events }
    }

    #[test]
    fn arrows_begin_and_end_at_their_boxes() {
        let on_edge = |state, (x, y): (f64, f64)| {
            let (cx, cy) = place(state);
            let (dx, dy) = ((x - cx).abs(), (y - cy).abs());
            (dx == HALF.0 && dy < HALF.1) || (dy == HALF.1 && dx < HALF.0)
        };
        for drawn in DRAWN {
            let (first, last) = (drawn.route.first().expect("a route"), drawn.route.last().expect("a route"));
            assert!(on_edge(drawn.from, *first), "{} → {}: {first:?}", drawn.from, drawn.to);
            assert!(on_edge(drawn.to, *last), "{} → {}: {last:?}", drawn.from, drawn.to);
        }
    }
}

//! The ladder as a picture: a sequence diagram.

use super::super::xml::{escape, scoped};
use super::words;
use std::fmt::Write as _;
use tcpspec::State;
use tcpspec::model::Step;
use tcpspec_explorer::capture::NAMES;
use tcpspec_explorer::flights::{Fate, Flight, flights};

const WIDTH: f64 = 1120.0;
/// Where the two lifelines are.
const LIFE: [f64; 2] = [260.0, 860.0];
const TOP: f64 = 100.0;
const LINE: f64 = 15.0;
/// Characters of a row's line that fit beside a lifeline.
const FITS: usize = 36;
/// How far apart segments leave that are sent in one step.
const APART: f64 = 16.0;
/// The width of one character of a segment.
const CHARACTER: f64 = 6.7;

const STYLE: &str = "\
text{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:12px;fill:#1a1a1a}\
.title{font-size:16px;font-weight:bold;text-anchor:middle}.end{font-size:14px;font-weight:bold;text-anchor:middle}\
.state{font-weight:bold}.call{font-style:italic;fill:#0b5394}.rows{font-size:10.5px;fill:#666}\
.seg{font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:11px;text-anchor:middle}\
.life{stroke:#1a1a1a;stroke-width:1.5}.segment{stroke:#1a1a1a;stroke-width:1.3;fill:none}\
.copy{stroke-dasharray:6 4}.cross{stroke:#b00020;stroke-width:2.2;fill:none}.point{fill:#1a1a1a}";

/// Where a step lies and what is written beside the lifelines.
struct Slot {
    y: f64,
    /// At each side: class and words.
    beside: [Vec<(&'static str, String)>; 2],
    /// In the middle, if the step is at neither end.
    middle: String,
    point: Option<usize>,
}

type Point = (f64, f64);

/// An arrow's two ends.
#[derive(Clone, Copy)]
struct Way {
    from: Point,
    to: Point,
}

/// The run as a sequence diagram.
pub(crate) fn svg(steps: &[Step], title: &str) -> String {
    let (slots, bottom) = slots(steps);
    let height = bottom + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" class=\"ladder\">\n\
         <title>{0}</title>\n<style>{2}</style>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text class=\"title\" x=\"{1}\" y=\"28\">{0}</text>\n",
        escape(title),
        WIDTH / 2.0,
        scoped("ladder", STYLE)
    );
    for (side, (x, name)) in LIFE.iter().zip(NAMES).enumerate() {
        let _ = writeln!(svg, "<text class=\"end\" x=\"{x}\" y=\"58\">{}</text>", escape(name));
        let _ = writeln!(svg, "<line class=\"life\" x1=\"{x}\" y1=\"68\" x2=\"{x}\" y2=\"{bottom}\"/>");
        if let Some(state) = steps.first().and_then(|first| first.before.get(side)) {
            beside(&mut svg, side, 80.0, "state", state.name());
        }
    }
    for slot in &slots {
        write_slot(&mut svg, slot);
    }
    let ways: Vec<(Flight, Way)> =
        flights(steps, 0).into_iter().map(|f| (f, way(&f, &slots, bottom))).collect();
    let lines: Vec<Way> = ways.iter().map(|(_, way)| *way).collect();
    // First all arrows, so that labels can keep clear of them.
    let mut taken: Vec<Point> = Vec::new();
    for (flight, way) in &ways {
        arrow(&mut svg, flight, *way);
        taken.extend(dots(&mut svg, flight, *way));
    }
    for (index, (flight, _)) in ways.iter().enumerate() {
        label(&mut svg, flight, index, &lines, &mut taken);
    }
    svg.push_str("</svg>\n");
    svg
}

fn slots(steps: &[Step]) -> (Vec<Slot>, f64) {
    let mut slots = Vec::new();
    let mut y = TOP;
    for step in steps {
        let mut slot = Slot { y, beside: [Vec::new(), Vec::new()], middle: String::new(), point: step.end };
        let words = words(step.action);
        match step.end.and_then(|end| slot.beside.get_mut(end)) {
            Some(lines) => {
                if !words.is_empty() {
                    lines.push(("call", words));
                }
                lines.extend(state_change(step));
                lines.extend(rows(step).into_iter().map(|row| ("rows", row)));
            }
            None => slot.middle = words,
        }
        let lines = slot.beside.iter().map(Vec::len).max().unwrap_or(0);
        let sent = step.sent.len() as f64 * APART;
        y += (lines as f64 * LINE + 13.0).max(34.0 + sent);
        slots.push(slot);
    }
    (slots, y + 16.0)
}

fn state_change(step: &Step) -> Option<(&'static str, String)> {
    let end = step.end?;
    let (before, after): (&State, &State) = (step.before.get(end)?, step.after.get(end)?);
    (before != after).then(|| ("state", after.name().to_owned()))
}

/// The rows' names in lines that fit.
fn rows(step: &Step) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in &step.rows {
        match lines.last_mut() {
            Some(line) if line.len() + row.name().len() + 2 <= FITS => {
                let _ = write!(line, ", {}", row.name());
            }
            _ => lines.push(row.name().to_owned()),
        }
    }
    lines
}

fn write_slot(svg: &mut String, slot: &Slot) {
    for (side, lines) in slot.beside.iter().enumerate() {
        for (index, (class, words)) in lines.iter().enumerate() {
            beside(svg, side, slot.y + 4.0 + index as f64 * LINE, class, words);
        }
    }
    if let Some(x) = slot.point.and_then(|end| LIFE.get(end)) {
        let _ = writeln!(svg, "<circle class=\"point\" cx=\"{x}\" cy=\"{}\" r=\"3\"/>", slot.y);
    }
    if !slot.middle.is_empty() {
        // A tick concerns both ends: a mark on each lifeline, no words that arrows could cross.
        for (side, _) in LIFE.iter().enumerate() {
            beside(svg, side, slot.y + 4.0, "call", &slot.middle);
        }
    }
}

/// Words on the outer side of a lifeline.
fn beside(svg: &mut String, side: usize, y: f64, class: &str, words: &str) {
    let (x, anchor) = if side == 0 { (LIFE[0] - 12.0, "end") } else { (LIFE[1] + 12.0, "start") };
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

/// From where to where a flight is drawn.
fn way(flight: &Flight, slots: &[Slot], bottom: f64) -> Way {
    let (from_x, to_x) = if flight.packet.to == 1 { (LIFE[0], LIFE[1]) } else { (LIFE[1], LIFE[0]) };
    let y_of = |step: usize| slots.get(step).map(|slot| slot.y);
    let leaves = flight.sent.and_then(|(step, place)| Some(y_of(step)? + 4.0 + place as f64 * APART));
    let arrives = flight.ends.and_then(y_of);
    let part = |share: f64| from_x + (to_x - from_x) * share;
    match (leaves, arrives) {
        (Some(leaves), Some(ends)) => {
            let share = if flight.fate == Fate::Lost { 0.6 } else { 1.0 };
            Way { from: (from_x, leaves), to: (part(share), ends) }
        }
        // It leaves, and the run ends.
        (Some(leaves), None) => Way { from: (from_x, leaves), to: (part(0.62), (leaves + 20.0).min(bottom)) },
        // It was under way before.
        (None, ends) => {
            let ends = ends.unwrap_or(bottom);
            let share = if flight.fate == Fate::Lost { 0.85 } else { 1.0 };
            Way { from: (part(0.38), ends - 20.0), to: (part(share), ends) }
        }
    }
}

fn arrow(svg: &mut String, flight: &Flight, Way { from, to }: Way) {
    let copy = if flight.fate == Fate::Copied { " copy" } else { "" };
    let _ = writeln!(
        svg,
        "<line class=\"segment{copy}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
    if flight.fate == Fate::Lost {
        let (x, y) = to;
        let _ = writeln!(
            svg,
            "<path class=\"cross\" d=\"M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}\"/>",
            x - 6.0,
            y - 6.0,
            x + 6.0,
            y + 6.0,
            x - 6.0,
            y + 6.0,
            x + 6.0,
            y - 6.0
        );
        return;
    }
    let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let (dx, dy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let (bx, by) = (to.0 - dx * 11.0, to.1 - dy * 11.0);
    let (nx, ny) = (-dy * 4.5, dx * 4.5);
    let _ = writeln!(
        svg,
        "<polygon class=\"head\" points=\"{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}\"/>",
        to.0,
        to.1,
        bx + nx,
        by + ny,
        bx - nx,
        by - ny
    );
}

/// Dots where a flight comes from before the run or goes beyond it, and where they are.
fn dots(svg: &mut String, flight: &Flight, Way { from, to }: Way) -> Option<Point> {
    let towards = (to.0 - from.0).signum();
    let (x, y) = match (flight.sent, flight.fate) {
        (None, _) => (from.0 - towards * 10.0, from.1),
        (_, Fate::UnderWay) => (to.0 + towards * 12.0, to.1),
        _ => return None,
    };
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">…</text>", y + 3.0);
    Some((x, y))
}

/// Writes the segment along its arrow, where neither another arrow nor another label is.
fn label(svg: &mut String, flight: &Flight, own: usize, lines: &[Way], taken: &mut Vec<Point>) {
    let Some(Way { from, to }) = lines.get(own).copied() else { return };
    let mut words = flight.packet.seg.to_string();
    if flight.fate == Fate::Copied {
        words.push_str(" a copy");
    }
    let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let (dx, dy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let half = words.chars().count() as f64 * CHARACTER / 2.0;
    // Text runs from left to right, whatever the arrow does.
    let (tx, ty) = if dx < 0.0 { (-dx, -dy) } else { (dx, dy) };
    let mut best: Option<(usize, Point, Vec<Point>)> = None;
    for share in [0.5, 0.36, 0.64, 0.28, 0.72, 0.43, 0.57] {
        for above in [true, false] {
            let away = if above { -5.0 } else { 13.0 };
            let base = (from.0 + dx * length * share - ty * away, from.1 + dy * length * share + tx * away);
            // Samples along the middle of the letters.
            let middle = (base.0 + ty * 4.0, base.1 - tx * 4.0);
            let samples: Vec<Point> = (-8..=8)
                .map(|i| f64::from(i) / 8.0 * half)
                .map(|along| (middle.0 + tx * along, middle.1 + ty * along))
                .collect();
            let hits = |point: &&Point| {
                let crossed =
                    lines.iter().enumerate().any(|(i, way)| i != own && distance(**point, *way) < 8.0);
                let written =
                    taken.iter().any(|t| (t.0 - point.0).abs() < 12.0 && (t.1 - point.1).abs() < 12.0);
                let outside = point.0 < LIFE[0] + 4.0 || point.0 > LIFE[1] - 4.0;
                crossed || written || outside
            };
            let bad = samples.iter().filter(hits).count();
            if best.as_ref().is_none_or(|(least, ..)| bad < *least) {
                best = Some((bad, base, samples));
            }
        }
    }
    let Some((_, (x, y), samples)) = best else { return };
    taken.extend(samples);
    let angle = ty.atan2(tx).to_degrees();
    let _ = writeln!(
        svg,
        "<text class=\"seg\" x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate({angle:.2} {x:.1} {y:.1})\">{}</text>",
        escape(&words)
    );
}

/// How far a point is from an arrow.
fn distance(point: Point, Way { from, to }: Way) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let squared = (dx * dx + dy * dy).max(1.0);
    let share = (((point.0 - from.0) * dx + (point.1 - from.1) * dy) / squared).clamp(0.0, 1.0);
    (point.0 - from.0 - share * dx).hypot(point.1 - from.1 - share * dy)
}

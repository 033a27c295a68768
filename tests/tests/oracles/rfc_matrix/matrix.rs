//! All of `tests/data/rfc`: read, and checked for gaps, overlaps and words that mean nothing.

use super::cells::{LAYOUTS, cells};
use super::data::{Cell, Claim, Heading, Place, Problem, Rule, Sets, headings, rules};
use tcpspec::{Options, TABLE};

pub(crate) struct Matrix {
    /// For each table its rules.
    pub(crate) rules: [Vec<Rule>; 3],
    /// `readings.txt`.
    pub(crate) readings: Vec<Heading>,
    /// `= OPTION on` or `= OPTION off` in `differences.txt`: the letter's setting, and where it shows.
    pub(crate) options: Vec<(Switch, Heading)>,
    /// `= fault NAME` in `differences.txt`.
    pub(crate) faults: Vec<Heading>,
}

/// An option and its settings.
#[derive(Clone, Copy)]
pub(crate) struct Switch {
    pub(crate) name: &'static str,
    /// By the letter of RFC 9293.
    pub(crate) letter: bool,
    /// If nobody says otherwise.
    pub(crate) shipped: bool,
}

/// For each table its cells, each with the line that covers it.
pub(crate) type Covered<'a> = [Vec<(Cell, &'a Rule)>; 3];

impl Matrix {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read, or an option without a heading.
    pub(crate) fn read() -> Result<Self, Problem> {
        let tables = [
            include_str!("../../../data/rfc/segments.txt"),
            include_str!("../../../data/rfc/calls.txt"),
            include_str!("../../../data/rfc/timeouts.txt"),
        ];
        let [segments, calls, timeouts] = [0, 1, 2].map(|table| rules(LAYOUTS[table], tables[table]));
        let readings = headings("readings", &LAYOUTS, include_str!("../../../data/rfc/readings.txt"))?;
        let differences =
            headings("differences", &LAYOUTS, include_str!("../../../data/rfc/differences.txt"))?;
        let (mut options, mut faults) = (Vec::new(), Vec::new());
        for heading in differences {
            if heading.name.starts_with("fault ") {
                faults.push(heading);
            } else {
                options.push((switch(&heading)?, heading));
            }
        }
        for option in TABLE.options {
            if options.iter().all(|(switch, _)| switch.name != option.name) {
                let what = format!("option {} has no heading: how does the letter set it?", option.name);
                return Err(Problem(format!("tests/data/rfc/differences.txt: {what}")));
            }
        }
        Ok(Self { rules: [segments?, calls?, timeouts?], readings, options, faults })
    }

    /// The options as the letter has them.
    pub(crate) fn letter(&self) -> Options {
        let mut options = Options::default();
        for (switch, _) in &self.options {
            options.set(switch.name, switch.letter);
        }
        options
    }

    /// The line of each cell, and what is wrong: gaps, overlaps, lines and words that cover nothing.
    pub(crate) fn cover(&self) -> (Covered<'_>, Vec<Problem>) {
        let mut problems = Vec::new();
        let covered = [0, 1, 2].map(|table| self.cover_table(table, &mut problems));
        // By the letter a cell has one reading or fault at most, as shipped one option at most.
        let letter = self.readings.iter().chain(&self.faults).flat_map(|heading| &heading.claims);
        let shipped = self.options.iter().flat_map(|(_, heading)| &heading.claims);
        for claims in [letter.collect::<Vec<_>>(), shipped.collect()] {
            for (number, claim) in claims.iter().enumerate() {
                let cells: Vec<&Cell> = covered[claim.table].iter().map(|(cell, _)| cell).collect();
                problems.extend(idle(claim.place, &claim.sets, &cells));
                for other in claims[..number].iter().filter(|other| other.table == claim.table) {
                    let both = cells.iter().find(|cell| other.sets.hold(cell) && claim.sets.hold(cell));
                    problems.extend(both.map(|cell| overlap(claim.place, cell, other.place)));
                }
            }
        }
        (covered, problems)
    }

    fn cover_table(&self, table: usize, problems: &mut Vec<Problem>) -> Vec<(Cell, &Rule)> {
        let rules = &self.rules[table];
        let cells = cells(LAYOUTS[table]);
        for rule in rules {
            problems.extend(idle(rule.place, &rule.sets, &cells.iter().collect::<Vec<_>>()));
        }
        let mut covered = Vec::new();
        for cell in cells {
            let hits: Vec<&Rule> = rules.iter().filter(|rule| rule.sets.hold(&cell)).collect();
            match hits.as_slice() {
                [] => {
                    let file = LAYOUTS[table].name;
                    problems
                        .push(Problem(format!("tests/data/rfc/{file}.txt: no line for {}", cell.join(" "))));
                }
                [rule] => covered.push((cell, *rule)),
                [.., before, rule] => problems.push(overlap(rule.place, &cell, before.place)),
            }
        }
        covered
    }

    /// The faults of the table that are known, and where each stands.
    pub(crate) fn known_faults(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|fault| format!("{}: {}: {}", fault.place, fault.name, fault.why))
    }
}

/// `OPTION on` or `OPTION off`.
fn switch(heading: &Heading) -> Result<Switch, Problem> {
    let (name, letter) = heading.name.split_once(' ').unwrap_or((&heading.name, ""));
    let Some(option) = TABLE.options.iter().find(|option| option.name == name) else {
        return Err(Problem::at(heading.place, format!("`{name}` is no option")));
    };
    if letter != "on" && letter != "off" {
        let what = "a heading here is `= OPTION on: why`, `= OPTION off: why` (by the letter), or `= fault NAME: why`";
        return Err(Problem::at(heading.place, what));
    }
    let letter = letter == "on";
    if letter == option.default && !heading.claims.is_empty() {
        return Err(Problem::at(heading.place, "it is shipped as the letter has it: it makes no difference"));
    }
    Ok(Switch { name: option.name, letter, shipped: option.default })
}

fn overlap(place: Place, cell: &Cell, other: Place) -> Problem {
    Problem::at(place, format!("covers {}, as {other} does", cell.join(" ")))
}

fn idle(place: Place, sets: &Sets, cells: &[&Cell]) -> Vec<Problem> {
    let hit: Vec<&Cell> = cells.iter().copied().filter(|cell| sets.hold(cell)).collect();
    if hit.is_empty() {
        return vec![Problem::at(place, "covers no cell")];
    }
    sets.idle(&hit).map(|word| Problem::at(place, format!("{word} does not exist here"))).collect()
}

/// The claim about this cell, if there is one.
pub(crate) fn find<'a>(
    headings: &'a [Heading],
    table: usize,
    cell: &Cell,
) -> Option<(&'a Heading, &'a Claim)> {
    headings.iter().find_map(|heading| Some((heading, heading.about(table, cell)?)))
}

impl Heading {
    /// The claim about this cell, if there is one.
    pub(crate) fn about(&self, table: usize, cell: &Cell) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.table == table && claim.sets.hold(cell))
    }
}

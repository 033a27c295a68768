//! The files of `tests/data/rfc` as rules and claims: lines, columns, sets, alternatives. Only their format is in here, no protocol.

use std::fmt::{self, Display};

/// One of the three tables: what its columns are called and which words may stand in them.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The file's name without `.txt`.
    pub(crate) name: &'static str,
    /// The words of each column that says which cells are meant.
    pub(crate) keys: &'static [&'static [&'static str]],
    /// The columns that say what happens; SECTION and remark follow.
    pub(crate) answers: &'static [Column],
}

/// A column that says what happens.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Whether this may stand in it.
    pub(crate) allows: fn(&str) -> bool,
}

/// One cell: a word for each key column.
pub(crate) type Cell = Vec<&'static str>;
/// What happens in a cell: a word for each answer column.
pub(crate) type Answer = Vec<String>;
/// Some columns of an answer, by number.
pub(crate) type Change = Vec<(usize, String)>;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: &'static str,
    pub(crate) line: usize,
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tests/data/rfc/{}.txt:{}", self.file, self.line)
    }
}

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(crate) fn at(place: Place, what: impl Display) -> Self {
        Self(format!("{place}: {what}"))
    }
}

/// A line of the matrix.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    pub(crate) sets: Sets,
    pub(crate) answer: Answer,
    /// The other readings, as far as they differ.
    pub(crate) alternatives: Vec<Change>,
    pub(crate) ambiguous: bool,
}

/// Which cells are meant: the words of each key column, and whether they are all spelt out.
#[derive(Debug)]
pub(crate) struct Sets(Vec<(Vec<&'static str>, bool)>);

impl Sets {
    pub(crate) fn hold(&self, cell: &Cell) -> bool {
        self.0.iter().zip(cell).all(|((words, _), word)| words.contains(word))
    }

    /// The words that are spelt out and stand in none of these cells: they promise something that is not there.
    pub(crate) fn idle<'a>(&'a self, cells: &'a [&Cell]) -> impl Iterator<Item = &'static str> + 'a {
        self.0.iter().enumerate().filter(|(_, (_, spelt))| *spelt).flat_map(move |(column, (words, _))| {
            words.iter().copied().filter(move |word| cells.iter().all(|cell| cell[column] != *word))
        })
    }
}

/// `readings.txt` and `differences.txt`: a heading `= NAME: why`, then lines that say for which cells.
#[derive(Debug)]
pub(crate) struct Heading {
    pub(crate) place: Place,
    /// All before the colon.
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) claims: Vec<Claim>,
}

/// One line under a heading.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) place: Place,
    /// Which of the tables it speaks of.
    pub(crate) table: usize,
    pub(crate) sets: Sets,
    /// What happens instead: some columns (`alt(…)`), or all.
    pub(crate) change: Change,
}

/// The answer with some columns replaced.
pub(crate) fn changed(answer: &Answer, change: &Change) -> Answer {
    let mut changed = answer.clone();
    for (column, word) in change {
        changed[*column].clone_from(word);
    }
    changed
}

/// Lines that mean something, each with those that continue it (they begin with a space), and its number.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with(' ') && open {
            let (_, last) = lines.last_mut().expect("a line is open");
            last.push(' ');
            last.push_str(line.trim());
        } else {
            open = !line.trim().is_empty() && !line.starts_with('#');
            if open {
                lines.push((number + 1, line.trim().to_owned()));
            }
        }
    }
    lines
}

/// `*`, `A,B` or `!A,B`.
fn set(
    place: Place,
    text: &str,
    words: &'static [&'static str],
) -> Result<(Vec<&'static str>, bool), Problem> {
    if text == "*" {
        return Ok((words.to_vec(), false));
    }
    let (list, without) = match text.strip_prefix('!') {
        Some(list) => (list, true),
        None => (text, false),
    };
    let mut named = Vec::new();
    for name in list.split(',').map(str::trim) {
        let Some(word) = words.iter().find(|word| **word == name) else {
            return Err(Problem::at(place, format!("`{name}` is none of {}", words.join(", "))));
        };
        named.push(*word);
    }
    if without {
        named = words.iter().copied().filter(|word| !named.contains(word)).collect()
    }
    Ok((named, !without))
}

fn sets(place: Place, layout: &Layout, columns: &[&str]) -> Result<Sets, Problem> {
    let sets = layout.keys.iter().zip(columns).map(|(words, text)| set(place, text, words));
    Ok(Sets(sets.collect::<Result<_, _>>()?))
}

/// `COL=word; COL=word`
fn change(place: Place, layout: &Layout, text: &str) -> Result<Change, Problem> {
    let mut change = Change::new();
    for part in text.split(';') {
        let Some((name, word)) = part.trim().split_once('=') else {
            return Err(Problem::at(place, format!("`{part}` is not COLUMN=word")));
        };
        let Some(column) = layout.answers.iter().position(|column| column.name == name) else {
            return Err(Problem::at(place, format!("there is no column {name}")));
        };
        change.push((column, allowed(place, &layout.answers[column], word)?));
    }
    Ok(change)
}

fn allowed(place: Place, column: &Column, word: &str) -> Result<String, Problem> {
    if (column.allows)(word) {
        Ok(word.to_owned())
    } else {
        Err(Problem::at(place, format!("`{word}` cannot stand in column {}", column.name)))
    }
}

/// The columns after `->`, as many as the table has.
fn answer(place: Place, layout: &Layout, columns: &[&str]) -> Result<Answer, Problem> {
    let words = layout.answers.iter().zip(columns).enumerate().map(|(number, (column, text))| {
        let word = if number == 0 { text.strip_prefix("-> ").unwrap_or("(no ->)") } else { text };
        allowed(place, column, word.trim())
    });
    words.collect()
}

/// All `alt(…)` of a remark.
fn alternatives(place: Place, layout: &Layout, remark: &str) -> Result<Vec<Change>, Problem> {
    let mut alternatives = Vec::new();
    for part in remark.split("alt(").skip(1) {
        let Some((inside, _)) = part.split_once(')') else {
            return Err(Problem::at(place, "alt( is not closed"));
        };
        alternatives.push(change(place, layout, inside)?);
    }
    Ok(alternatives)
}

fn rule(place: Place, layout: &Layout, line: &str) -> Result<Rule, Problem> {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let (keys, answers) = (layout.keys.len(), layout.answers.len());
    if columns.len() != keys + answers + 2 {
        return Err(Problem::at(
            place,
            format!("{} columns instead of {}", columns.len(), keys + answers + 2),
        ));
    }
    let answer = answer(place, layout, &columns[keys..])?;
    let remark = columns[keys + answers + 1];
    let alternatives = alternatives(place, layout, remark)?;
    if columns[keys + answers].is_empty() {
        return Err(Problem::at(place, "no section"));
    }
    if alternatives.iter().any(|alternative| changed(&answer, alternative) == answer) {
        return Err(Problem::at(place, "an alternative says the same as the line"));
    }
    Ok(Rule {
        place,
        sets: sets(place, layout, &columns)?,
        answer,
        alternatives,
        ambiguous: remark.contains("AMBIGUOUS"),
    })
}

/// A table of the matrix.
pub(crate) fn rules(layout: &Layout, text: &str) -> Result<Vec<Rule>, Problem> {
    let place = |line| Place { file: layout.name, line };
    lines(text).iter().map(|(number, line)| rule(place(*number), layout, line)).collect()
}

fn claim(place: Place, layouts: &[&Layout], line: &str) -> Result<Claim, Problem> {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let Some(table) = layouts.iter().position(|layout| layout.name == columns[0]) else {
        return Err(Problem::at(place, format!("`{}` is no table", columns[0])));
    };
    let (layout, columns) = (layouts[table], &columns[1..]);
    let keys = layout.keys.len();
    let change = match columns.get(keys).and_then(|text| text.strip_prefix("-> alt(")) {
        Some(inside) if columns.len() == keys + 1 => change(place, layout, inside.trim_end_matches(')'))?,
        None if columns.len() == keys + layout.answers.len() => {
            answer(place, layout, &columns[keys..])?.into_iter().enumerate().collect()
        }
        _ => {
            return Err(Problem::at(
                place,
                "a claim has the key columns, then -> alt(…) or -> and all answer columns",
            ));
        }
    };
    Ok(Claim { place, table, sets: sets(place, layout, columns)?, change })
}

/// `readings.txt` or `differences.txt`.
pub(crate) fn headings(file: &'static str, layouts: &[&Layout], text: &str) -> Result<Vec<Heading>, Problem> {
    let mut headings: Vec<Heading> = Vec::new();
    for (number, line) in lines(text) {
        let place = Place { file, line: number };
        if let Some(head) = line.strip_prefix("= ") {
            let (name, why) = head.split_once(": ").unwrap_or((head, ""));
            if why.is_empty() {
                return Err(Problem::at(place, "a heading is `= NAME: why`"));
            }
            if headings.iter().any(|other| other.name == name) {
                return Err(Problem::at(place, format!("`{name}` stands here twice")));
            }
            let (name, why) = (name.to_owned(), why.to_owned());
            headings.push(Heading { place, name, why, claims: Vec::new() });
        } else if let Some(heading) = headings.last_mut() {
            heading.claims.push(claim(place, layouts, &line)?);
        } else {
            return Err(Problem::at(place, "a claim before the first heading"));
        }
    }
    Ok(headings)
}

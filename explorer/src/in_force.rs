//! Which rows of a step can be taken with the default options. It goes through all combinations of what the rows ask, as the macro does.

use tcpspec::State;
use tcpspec::info::{OptionInfo, RowInfo, StepInfo, Table};

/// One thing that a condition asks.
enum Asks<'a> {
    /// An option, and how it must be set.
    Option(&'a str, bool),
    /// A guard, and what it must say.
    Guard(&'a str, bool),
    /// A question, and the answers that will do.
    Question(&'a str, Vec<&'a str>),
}

fn parse(condition: &str) -> Asks<'_> {
    if let Some((question, answers)) = condition.split_once(" is ") {
        return Asks::Question(question.trim(), answers.split('|').map(str::trim).collect());
    }
    let (name, wanted) = condition.strip_prefix('!').map_or((condition, true), |rest| (rest.trim(), false));
    match name.strip_prefix("option(").and_then(|rest| rest.strip_suffix(')')) {
        Some(option) => Asks::Option(option.trim(), wanted),
        None => Asks::Guard(name, wanted),
    }
}

/// The options that a row tests itself, and how each must be set.
pub(crate) fn tests(row: &RowInfo) -> impl Iterator<Item = (&'static str, bool)> {
    row.condition.iter().filter_map(|condition| match parse(condition) {
        Asks::Option(name, on) => Some((name, on)),
        Asks::Guard(..) | Asks::Question(..) => None,
    })
}

/// Whether an option is set so by default.
pub(crate) fn fits(options: &[OptionInfo], (name, on): (&str, bool)) -> bool {
    options.iter().all(|option| option.name != name || option.default == on)
}

/// What a step asks, with the number of answers to each: two for a guard (no and yes).
struct Asked<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Asked<'a> {
    fn new(table: &Table, conditions: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
        for condition in conditions {
            let (name, answers) = match parse(condition) {
                Asks::Option(..) => continue,
                Asks::Guard(name, _) => (name, vec!["no", "yes"]),
                Asks::Question(name, named) => {
                    let known = table.questions.iter().find(|question| question.name == name);
                    (name, known.map_or(named, |q| q.answers.iter().map(|(answer, _)| *answer).collect()))
                }
            };
            if !all.iter().any(|(other, _)| *other == name) {
                all.push((name, answers));
            }
        }
        Self(all)
    }

    /// All combinations of answers.
    fn combinations(&self) -> impl Iterator<Item = Vec<(&'a str, &'a str)>> {
        let count: usize = self.0.iter().map(|(_, answers)| answers.len()).product();
        (0..count).map(|mut number| {
            let answer = |(name, answers): &(&'a str, Vec<&'a str>)| {
                let answer = answers[number % answers.len()];
                number /= answers.len();
                (*name, answer)
            };
            self.0.iter().map(answer).collect()
        })
    }
}

/// Whether all conditions hold with these options and answers.
fn hold(options: &[OptionInfo], answers: &[(&str, &str)], conditions: &[&str]) -> bool {
    let says = |name: &str, wanted: &str| answers.contains(&(name, wanted));
    conditions.iter().all(|condition| match parse(condition) {
        Asks::Option(name, on) => fits(options, (name, on)),
        Asks::Guard(name, wanted) => says(name, if wanted { "yes" } else { "no" }),
        Asks::Question(name, named) => named.iter().any(|answer| says(name, answer)),
    })
}

/// A step, and which of its rows are taken in which state.
pub(crate) struct Step<'a> {
    table: &'a Table,
    info: &'static StepInfo,
    taken: Vec<Vec<&'static RowInfo>>,
}

impl<'a> Step<'a> {
    pub(crate) fn new(table: &'a Table, info: &'static StepInfo) -> Self {
        let mut step = Self { table, info, taken: Vec::new() };
        step.taken = State::ALL.map(|state| step.first_of(state, &[])).into();
        step
    }

    /// The rows that are taken in this state, whatever the input.
    pub(crate) fn taken(&self, state: State) -> &[&'static RowInfo] {
        State::ALL.iter().position(|s| *s == state).map_or(&[], |at| self.taken[at].as_slice())
    }

    /// The earlier rows, with an option that is on, that keep this row from being taken in this state: each of them without which the row would be taken, or if there is
    /// no such row, all of them.
    pub(crate) fn covering(&self, row: &RowInfo, state: State) -> Vec<&'static RowInfo> {
        let is_row = |other: &&RowInfo| other.name == row.name;
        if self.taken(state).iter().any(is_row) {
            return Vec::new();
        }
        let earlier = self.rows(state, &[]).take_while(|other| !is_row(other));
        let optional: Vec<_> = earlier.filter(|other| tests(other).next().is_some()).collect();
        let blamed: Vec<_> = optional
            .iter()
            .copied()
            .filter(|other| self.first_of(state, &[other.name]).iter().any(is_row))
            .collect();
        if blamed.is_empty() { optional } else { blamed }
    }

    /// The rows of a state that the options let be, without some.
    fn rows<'b>(&'b self, state: State, without: &'b [&str]) -> impl Iterator<Item = &'static RowInfo> + 'b {
        let options = self.table.options;
        let is_in = move |row: &&'static RowInfo| {
            row.states.contains(&state)
                && !without.contains(&row.name)
                && tests(row).all(|test| fits(options, test))
        };
        self.info.rows.iter().filter(is_in)
    }

    /// The rows that are the first to match for some combination of answers.
    fn first_of(&self, state: State, without: &[&str]) -> Vec<&'static RowInfo> {
        let rows: Vec<_> = self.rows(state, without).collect();
        let conditions = rows.iter().flat_map(|row| row.condition).chain(self.info.when).copied();
        let mut first: Vec<&'static RowInfo> = Vec::new();
        for answers in Asked::new(self.table, conditions).combinations() {
            if first.len() == rows.len() {
                break;
            }
            let holds = |conditions: &[&str]| hold(self.table.options, &answers, conditions);
            if !holds(self.info.when) {
                continue;
            }
            let Some(row) = rows.iter().find(|row| holds(row.condition)) else { continue };
            if !first.iter().any(|other| other.name == row.name) {
                first.push(row);
            }
        }
        // In the order of the table.
        rows.into_iter().filter(|row| first.iter().any(|other| other.name == row.name)).collect()
    }
}

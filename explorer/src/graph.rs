//! The arrows between states, by the rows: all that are written, and those that the default options let happen.

use crate::in_force::{Step, fits, tests};
use tcpspec::State;
use tcpspec::info::{EventInfo, OptionInfo, RowInfo, Table, Verb};

/// One row leads from one state to another.
#[derive(Clone, Copy, Debug)]
pub struct Arrow {
    /// The row.
    pub row: &'static RowInfo,
    /// From this state.
    pub from: State,
    /// To this one.
    pub to: State,
}

/// Several rows of one event lead on from state to state.
#[derive(Clone, Debug)]
pub struct Composed {
    /// From this state.
    pub from: State,
    /// To this one.
    pub to: State,
    /// The rows, in order.
    pub rows: Vec<&'static str>,
}

/// What the default options let happen, and what they do not.
#[derive(Debug)]
pub struct Graph {
    /// All arrows that can be taken, in the order of the table.
    pub arrows: Vec<Arrow>,
    /// What one event can do in more than one transition, because `next` goes on in the new state.
    pub composed: Vec<Composed>,
    /// The arrows that stand in the table and are never taken, each with the reason.
    pub left_out: Vec<(Arrow, String)>,
    /// The rows that are taken, and in which states.
    taken: Vec<(&'static str, State)>,
}

/// All arrows as they are written, in the order of the table.
pub fn written(table: &Table) -> Vec<Arrow> {
    table.rows().flat_map(of_row).collect()
}

fn of_row(row: &'static RowInfo) -> impl Iterator<Item = Arrow> {
    let from = move |to| {
        row.states.iter().filter(move |from| **from != to).map(move |from| Arrow { row, from: *from, to })
    };
    row.next.into_iter().flat_map(from)
}

impl Graph {
    /// The graph of this table with its default options.
    pub fn new(table: &Table) -> Self {
        let mut composed = Vec::new();
        let mut taken: Vec<(&'static str, State)> = Vec::new();
        let mut left_out = Vec::new();
        for event in table.events {
            let steps: Vec<Step<'_>> = event.steps.iter().map(|step| Step::new(table, step)).collect();
            for start in State::ALL {
                for (to, rows) in ways(event, &steps, start, &mut taken) {
                    if rows.len() > 1 {
                        composed.push(Composed { from: start, to, rows });
                    }
                }
            }
            for (step, info) in steps.iter().zip(event.steps) {
                for arrow in info.rows.iter().flat_map(of_row) {
                    if !taken.contains(&(arrow.row.name, arrow.from)) {
                        left_out.push((arrow, why_not(table.options, step, &arrow)));
                    }
                }
            }
        }
        let is_taken = |arrow: &Arrow| taken.contains(&(arrow.row.name, arrow.from));
        Self { arrows: written(table).into_iter().filter(is_taken).collect(), composed, left_out, taken }
    }

    /// Whether a row is taken in any state.
    pub fn takes(&self, row: &RowInfo) -> bool {
        self.taken.iter().any(|(name, _)| *name == row.name)
    }
}

/// Why an arrow is never taken.
fn why_not(options: &[OptionInfo], step: &Step<'_>, arrow: &Arrow) -> String {
    let misfit: Vec<_> = tests(arrow.row).filter(|test| !fits(options, *test)).collect();
    if !misfit.is_empty() {
        let word = |(name, on): (&str, bool)| format!("`{name}` is {}", if on { "off" } else { "on" });
        return misfit.into_iter().map(word).collect::<Vec<_>>().join(", ");
    }
    let covering = step.covering(arrow.row, arrow.from);
    if covering.is_empty() {
        return "an earlier step ends what would lead to it".into();
    }
    let word = |row: &&RowInfo| {
        let options: Vec<_> = tests(row).map(|(name, _)| format!("`{name}`")).collect();
        format!("`{}` covers it by {}", row.name, options.join(", "))
    };
    covering.iter().map(word).collect::<Vec<_>>().join("; ")
}

type Way = (State, Vec<&'static str>);

/// All ways through an event: the last state and the rows that changed it. What is taken on the way is noted.
fn ways(
    event: &EventInfo,
    steps: &[Step<'_>],
    start: State,
    taken: &mut Vec<(&'static str, State)>,
) -> Vec<Way> {
    let mut under_way: Vec<Way> = vec![(start, Vec::new())];
    let mut ended: Vec<Way> = Vec::new();
    for (step, info) in steps.iter().zip(event.steps) {
        let mut on = Vec::new();
        for (state, rows) in under_way {
            let concerned = info.states.is_empty() || info.states.contains(&state);
            if !concerned || !info.when.is_empty() {
                add(&mut on, (state, rows.clone()));
            }
            for row in step.taken(state).iter().filter(|_| concerned) {
                if !taken.contains(&(row.name, state)) {
                    taken.push((row.name, state));
                }
                let mut rows = rows.clone();
                let to = row.next.unwrap_or(state);
                if to != state {
                    rows.push(row.name);
                }
                let goes_on = matches!(row.verb, Verb::Next | Verb::Skip);
                add(if goes_on { &mut on } else { &mut ended }, (to, rows));
            }
        }
        under_way = on;
    }
    for way in under_way {
        add(&mut ended, way);
    }
    ended
}

fn add(ways: &mut Vec<Way>, way: Way) {
    if !ways.contains(&way) {
        ways.push(way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn one_segment_can_do_two_transitions() {
        let all = Graph::new(&TABLE).composed;
        let has =
            |from, to, rows: &[&str]| all.iter().any(|c| c.from == from && c.to == to && c.rows == rows);
        assert!(has(State::FinWait1, State::TimeWait, &["ack_fin", "fin_last"]), "{all:?}");
        assert!(has(State::SynReceived, State::CloseWait, &["ack_syn", "fin"]), "{all:?}");
        assert!(!all.iter().any(|c| c.from == State::Closed), "{all:?}");
    }

    #[test]
    fn what_the_default_options_never_do_is_left_out_with_the_reason() {
        let graph = Graph::new(&TABLE);
        let why = |row: &str, from: State| {
            assert!(!graph.arrows.iter().any(|a| (a.row.name, a.from) == (row, from)), "{row} in {from}");
            let found = graph.left_out.iter().find(|(a, _)| (a.row.name, a.from) == (row, from));
            found.map_or_else(|| panic!("{row} in {from} is not told"), |(_, why)| why.as_str())
        };
        // By an option that is on, which the row itself does not name.
        assert_eq!(why("syn_reset", State::Established), "`syn_challenge` covers it by `rfc5961`");
        assert_eq!(
            why("unreachable_abort", State::LastAck),
            "`unreachable_later` covers it by `hard_errors_soft`"
        );
        assert_eq!(why("rst_closing", State::TimeWait), "`rst_time_wait` covers it by `rfc1337`");
        // By its own.
        assert_eq!(why("rst_listens", State::SynReceived), "`rst_heeds_opener` is on");
        assert!(why("reopen_number", State::TimeWait).contains("`reopen_by_sequence` is off"));
        // The others of the same row are taken.
        for from in [State::Closing, State::LastAck] {
            assert!(graph.arrows.iter().any(|a| (a.row.name, a.from) == ("rst_closing", from)));
        }
        let all = written(&TABLE).len();
        assert_eq!(graph.arrows.len() + graph.left_out.len(), all);
    }
}

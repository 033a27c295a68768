//! The arrows between states, as the rows say.

use tcpspec::State;
use tcpspec::info::{EventInfo, RowInfo, Table, Verb};

/// One row leads from one state to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrow {
    pub(crate) row: &'static RowInfo,
    pub(crate) from: State,
    pub(crate) to: State,
}

/// All arrows, in the order of the table.
pub(crate) fn arrows(table: &Table) -> Vec<Arrow> {
    table.rows().flat_map(of_row).collect()
}

fn of_row(row: &'static RowInfo) -> impl Iterator<Item = Arrow> {
    let from = move |to| {
        row.states.iter().filter(move |from| **from != to).map(move |from| Arrow { row, from: *from, to })
    };
    row.next.into_iter().flat_map(from)
}

/// Several rows of one event lead on from state to state.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) rows: Vec<&'static str>,
}

/// What one event can do in more than one transition, because `next` goes on in the new state.
pub(crate) fn composed(table: &Table) -> Vec<Composed> {
    let mut found = Vec::new();
    for event in table.events {
        for start in State::ALL {
            for (to, rows) in ways(event, start) {
                if rows.len() > 1 {
                    found.push(Composed { from: start, to, rows });
                }
            }
        }
    }
    found
}

type Way = (State, Vec<&'static str>);

/// All ways through an event: the last state and the rows that changed it.
fn ways(event: &EventInfo, start: State) -> Vec<Way> {
    let mut under_way: Vec<Way> = vec![(start, Vec::new())];
    let mut ended: Vec<Way> = Vec::new();
    for step in event.steps {
        let mut on = Vec::new();
        for (state, rows) in under_way {
            let concerned = step.states.is_empty() || step.states.contains(&state);
            if !concerned || !step.when.is_empty() {
                add(&mut on, (state, rows.clone()));
            }
            for row in step.rows.iter().filter(|row| concerned && row.states.contains(&state)) {
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

/// Whether a row needs an option to be set otherwise than it is unless somebody changes it.
pub(crate) fn off_by_default(table: &Table, row: &RowInfo) -> bool {
    table.options.iter().any(|option| {
        let not = if option.default { "!" } else { "" };
        row.condition.iter().any(|c| *c == format!("{not}option({})", option.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn one_segment_can_do_two_transitions() {
        let all = composed(&TABLE);
        let has =
            |from, to, rows: &[&str]| all.iter().any(|c| c.from == from && c.to == to && c.rows == rows);
        assert!(has(State::FinWait1, State::TimeWait, &["ack_fin", "fin_last"]), "{all:?}");
        assert!(has(State::SynReceived, State::CloseWait, &["ack_syn", "fin"]), "{all:?}");
        assert!(!all.iter().any(|c| c.from == State::Closed), "{all:?}");
    }

    #[test]
    fn what_is_off_is_known() {
        let off: Vec<_> =
            TABLE.rows().filter(|row| off_by_default(&TABLE, row)).map(|row| row.name).collect();
        let letter =
            ["rst_listens", "ack_time_wait", "ack_time_wait_bad", "ack_text_letter", "fin_time_wait"];
        assert_eq!(off[..2], ["reopen_timestamp", "reopen_number"]);
        assert_eq!(off[2..], letter);
    }
}

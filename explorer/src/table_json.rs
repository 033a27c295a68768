//! The table as JSON, for machines.

use serde_json::{Map, Value, json};
use tcpspec::State;
use tcpspec::info::{EventInfo, RowInfo, Table, Verb};

/// Everything in the table, for machines.
pub fn json(table: &Table) -> String {
    let value = json!({
        "states": table.states.iter().map(|s| json!({ "name": s.name, "doc": s.doc })).collect::<Vec<_>>(),
        "sets": table.sets.iter()
            .map(|s| json!({ "name": s.name, "doc": s.doc, "states": list(s.states) }))
            .collect::<Vec<_>>(),
        "options": table.options.iter()
            .map(|o| json!({ "name": o.name, "doc": o.doc, "source": o.source, "default": o.default }))
            .collect::<Vec<_>>(),
        "questions": table.questions.iter()
            .map(|q| json!({
                "name": q.name,
                "doc": q.doc,
                "answers": q.answers.iter().map(|(name, doc)| json!({ "name": name, "doc": doc })).collect::<Vec<_>>(),
            }))
            .collect::<Vec<_>>(),
        "timers": table.timers.iter()
            .map(|t| json!({ "name": t.timer.name(), "doc": t.doc, "event": t.event.name() }))
            .collect::<Vec<_>>(),
        "events": table.events.iter().map(event_json).collect::<Vec<_>>(),
    });
    // With `#`, JSON values print themselves on several lines.
    format!("{value:#}\n")
}

fn event_json(event: &EventInfo) -> Value {
    let steps = event.steps.iter().map(|step| {
        json!({
            "name": step.name,
            "doc": step.doc,
            "section": step.section,
            "states": list(step.states),
            "when": step.when,
            "rows": step.rows.iter().map(row_json).collect::<Vec<_>>(),
        })
    });
    let mut value = json!({
        "name": event.name,
        "doc": event.doc,
        "section": event.section,
        "steps": steps.collect::<Vec<_>>(),
    });
    if let Some(expected) = &event.expected {
        let rows: Vec<_> = expected.rows.iter().map(|row| row.name()).collect();
        value["expected"] = json!({ "doc": expected.doc, "state": expected.state.to_string(), "rows": rows });
    }
    value
}

fn row_json(row: &RowInfo) -> Value {
    let (verb, error) = match row.verb {
        Verb::Next => ("next", None),
        Verb::Stop => ("stop", None),
        Verb::Drop => ("drop", None),
        Verb::Skip => ("skip", None),
        Verb::Error(error) => ("error", Some(error)),
    };
    json!({
        "name": row.name,
        "sentence": row.sentence,
        "section": row.section,
        "requirements": row.requirements,
        "event": row.event.name(),
        "step": row.step,
        "states": list(row.states),
        "if": row.condition,
        "next": row.next.map(State::name),
        "verb": verb,
        "error": error,
        "effects": row.effects,
        "line": row.line,
    })
}

/// The table without the line numbers of its rows, which change with every edit above a row.
pub fn without_lines(table: &Table) -> String {
    let mut table: Value = serde_json::from_str(&json(table)).unwrap_or_default();
    for row in rows_mut(&mut table) {
        row.remove("line");
    }
    serde_json::to_string_pretty(&table).unwrap_or_default()
}

/// The rows of a table that [`json()`] has written.
pub fn rows_mut(table: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let events = table.get_mut("events").and_then(Value::as_array_mut).into_iter().flatten();
    let steps = events.filter_map(|event| event.get_mut("steps")?.as_array_mut()).flatten();
    steps.filter_map(|step| step.get_mut("rows")?.as_array_mut()).flatten().filter_map(Value::as_object_mut)
}

fn list(states: &[State]) -> Vec<&'static str> {
    states.iter().map(|state| state.name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::TABLE;

    #[test]
    fn machines_get_all_rows() {
        let value: Value = serde_json::from_str(&json(&TABLE)).expect("JSON");
        let events = value["events"].as_array().expect("events");
        let steps = events.iter().flat_map(|event| event["steps"].as_array().expect("steps"));
        let rows: usize = steps.map(|step| step["rows"].as_array().expect("rows").len()).sum();
        assert_eq!(rows, TABLE.rows().count());
        let expected: Vec<_> = events.iter().filter_map(|event| event.get("expected")).collect();
        let [expected] = expected[..] else { panic!("{expected:?}") };
        assert_eq!(expected["state"], "ESTABLISHED");
        assert_eq!(expected["rows"], json!(["inside", "ack_same", "ack_text", "text"]));
    }
}

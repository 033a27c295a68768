//! Which rows of the table the stack can reach at all, at 32 bits, without the model: runs of its own, each option of the table on and off.
//!
//! Every row fires in some [run](runs), or stands with a reason in `tests/data/rows_on_stack.txt`, which `docs/table.md` shows beside what the model
//! explores. A row that does neither fails the test, and so does one that does both.

mod play;
mod runs;

use play::Play;
use std::collections::{BTreeMap, BTreeSet};
use tcpspec::{Options, Row, TABLE};

const EXCEPTIONS: &str = include_str!("../../../data/rows_on_stack.txt");

/// The rows that never fire on the stack, with the reasons.
fn exceptions() -> BTreeMap<&'static str, &'static str> {
    let lines = EXCEPTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parts = lines.map(|line| line.split_once(": ").expect("a row and its reason"));
    let mut all = BTreeMap::new();
    for (name, reason) in parts {
        assert!(TABLE.rows().any(|row| row.name == name), "rows_on_stack.txt: there is no row `{name}`");
        assert!(all.insert(name, reason).is_none(), "rows_on_stack.txt: `{name}` stands there twice");
    }
    all
}

/// The default, and each option the other way.
fn settings() -> Vec<Options> {
    let mut all = vec![Options::default()];
    for option in TABLE.options {
        let mut changed = Options::default();
        assert!(changed.set(option.name, !option.default));
        all.push(changed);
    }
    all
}

#[test]
fn each_run_makes_the_rows_fire_that_it_is_there_for() {
    let mut wrong = Vec::new();
    for (rows, script) in runs::RUNS {
        let fired: BTreeSet<_> = Play::run(script, Options::default()).iter().map(|row| row.name()).collect();
        for row in rows.split_whitespace().filter(|row| !fired.contains(row)) {
            assert!(TABLE.rows().any(|info| info.name == row), "runs.rs: there is no row `{row}`");
            wrong.push(format!("`{row}` does not fire in \"{script}\", but these do: {fired:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_fires_on_the_stack_or_says_why_not() {
    let mut fired = BTreeSet::new();
    for options in settings() {
        for (_, script) in runs::RUNS {
            fired.extend(Play::run(script, options).iter().map(|row| row.name()));
        }
    }
    let exceptions = exceptions();
    let mut wrong = Vec::new();
    for row in TABLE.rows() {
        match (fired.contains(row.name), exceptions.contains_key(row.name)) {
            (false, false) => wrong.push(format!(
                "`{}` fires in no run: add one to rows_on_the_stack/runs.rs, or a reason to tests/data/rows_on_stack.txt",
                row.name
            )),
            (true, true) => wrong.push(format!("`{}` fires: take it out of tests/data/rows_on_stack.txt", row.name)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!(
        "{} of {} rows fire on the stack; {} have a reason not to",
        fired.len(),
        Row::COUNT,
        exceptions.len()
    );
}

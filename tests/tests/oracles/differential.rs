//! The kernel of this machine judges the table: the same scripts, played to both, differ only where `docs/kernel-differences.md` says so.

use std::fmt::Write as _;
use std::io::{self, Write};
use tcpspec_tests::differential::survey::{Both, Seeds, Survey, survey};
use tcpspec_tests::differential::{compare, ladder, report, script::Script, shrink};

/// Differences without a reason, each with the shortest script that shows it and both ladders.
fn unlisted(survey: &Survey) -> String {
    let mut text = String::new();
    let scripts =
        survey.unknown.iter().take(5).map(|(class, (count, script))| (class.clone(), *count, script.clone()));
    let scripts: Vec<_> = scripts.collect();
    // In a thread that nobody needs afterwards, since it gets a network namespace of its own.
    let shrunk = std::thread::spawn(move || {
        let mut both = Both::open().expect("as before");
        scripts
            .into_iter()
            .map(|(class, count, script)| explain(&mut both, &class, count, &script))
            .collect::<Vec<_>>()
    });
    for part in shrunk.join().expect("a thread") {
        text.push_str(&part);
    }
    let _ = writeln!(text, "{} differences without a reason", survey.unknown.len());
    text
}

fn explain(both: &mut Both, class: &compare::Class, count: usize, script: &Script) -> String {
    let mut shows = |script: &Script| {
        let (ours, kernel) = both.play(script);
        compare::compare(&ours, &kernel, true).iter().any(|found| found.class == *class)
    };
    let script = if shows(script) { shrink::shrink(script, shows) } else { script.clone() };
    let (ours, kernel) = both.play(&script);
    let ladder = ladder::side_by_side(&script, &ours, &kernel, true);
    format!(
        "{count} scripts: {class}\n    cargo run --release -p tcpspec-tests --bin replay -- '{script}'\n{ladder}\n"
    )
}

#[test]
fn the_kernel_differs_only_where_the_list_says_so() {
    let name = "the_kernel_differs_only_where_the_list_says_so";
    let survey = match survey(Seeds::USUAL) {
        Ok(survey) => survey,
        Err(error) => return tcpspec_tests::skip(name, &error),
    };
    assert!(survey.cells > 15_000 && survey.random > 5000, "{} and {}", survey.cells, survey.random);
    let mut complaints = String::new();
    if !survey.unknown.is_empty() {
        complaints += &unlisted(&survey);
    }
    for unused in survey.unused() {
        let _ = writeln!(complaints, "a reason that covers nothing: {unused}");
    }
    let listed = std::fs::read_to_string(report::path()).expect("the list is there");
    if listed != report::list(&survey) {
        complaints += "docs/kernel-differences.md is not current: cargo run --release -p tcpspec-tests --bin replay -- --list\n";
    }
    let made_for = report::version_of(&listed).expect("the list says for which kernel it was made");
    if made_for == report::version() {
        assert!(complaints.is_empty(), "{complaints}");
    } else if !complaints.is_empty() {
        // What another kernel does is worth knowing, and no fault of ours.
        let version = report::version();
        let _ = writeln!(
            io::stderr(),
            "Linux {version} is not Linux {made_for}, for which the list was made:\n{complaints}"
        );
    }
}

//! What stands on the screen: short, in few columns, with colours where they are wanted, and with progress where somebody watches.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

mod common;

use std::process::{Command, Output};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = common::tcpspec();
    command.args(arguments).envs(environment.iter().copied()).output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    text(&run(arguments, &[]).stdout)
}

/// No line has more columns; what is copied as a whole (a command) may.
fn fits(text: &str, columns: usize) {
    for line in text.lines().filter(|line| !line.contains("tcpspec explore --open")) {
        assert!(line.chars().count() <= columns, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn a_family_has_a_line_and_the_end_three() {
    let output = run(&["check", "simultaneous-open", "fast-close"], &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 7, "{said}");
    assert!(lines[0].trim_start().starts_with("scenarios "), "{said}");
    assert!(
        lines[1].starts_with("✓ simultaneous-open ×4 ") && lines[1].ends_with("88 hold, 1 fail as expected")
    );
    assert!(lines[2].starts_with("✓ fast-close ") && lines[2].ends_with("21 hold"), "{said}");
    assert!(lines[4].starts_with("✓ 109 claims of 5 scenarios hold within bounds: "), "{said}");
    assert!(lines[5].starts_with("✓ 1 claim fails as it should"), "{said}");
    assert_eq!(lines[6], "✓ nothing failed");
    fits(&said, 80);
    // Nobody waits long for this, so nothing is said beside it.
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn what_fails_is_shown_once_with_all_claims_that_it_breaks() {
    let arguments = ["check", "simultaneous-open/in-order", "--set", "crossed_syn_ack=off"];
    let output = run(&arguments, &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "✗ simultaneous-open/in-order ",
        "2 VIOLATED, 21 hold",
        "VIOLATED in simultaneous-open/in-order\n  step 8  when the SYNs cross on a perfect network",
        "SYN-RECEIVED",
        "<CTL=SYN,ACK>",
        "\n                   outside\n",
        "In the browser: tcpspec explore --open 'scenario=simultaneous-open/in-order&set=crossed_syn_ack:off&path=",
        "  a simultaneous open takes four segments\n  Nothing within the bounds shows it.",
        "✗ 2 claims are VIOLATED: when the SYNs cross",
    ] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
    fits(&said, 80);

    // Without a wait for 2MSL an old octet is taken for a new one; the segment that brings it is marked.
    let said = stdout(&["check", "hazard-time-wait/0"]);
    let runs = said.matches("FAILS AS EXPECTED in").count();
    let claims = said.lines().filter(|line| line.starts_with("  step ")).count();
    assert!(runs >= 1 && claims >= runs, "{said}");
    assert_eq!(said.matches("In the browser:").count(), runs, "{said}");
    assert!(
        said.contains(" from an older connection: "),
        "no segment of the older connection is marked:\n{said}"
    );
    assert!(said.contains("as this variant shows: "), "{said}");
    fits(&said, 80);
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let arguments = ["check", "simultaneous-open/in-order"];
    let has_colour =
        |environment: &[(&str, &str)]| text(&run(&arguments, environment).stdout).contains('\u{1b}');
    assert!(!has_colour(&[]), "a pipe");
    assert!(has_colour(&[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&[("NO_COLOR", "1")]));
}

#[test]
fn the_list_is_a_line_a_scenario_and_tells_all_of_one() {
    let list = stdout(&["list"]);
    for name in ["handshake-close", "simultaneous-open/letter", "reset", "hazard-1337/on", "everything"] {
        let of = |line: &&str| line.split_whitespace().next() == Some(name);
        assert_eq!(list.lines().filter(of).count(), 1, "{name}: {list}");
    }
    let one = stdout(&["list", "simultaneous-open/letter"]);
    for part in ["4-bit numbers", "always ", "sometimes ", "fails, as it should: "] {
        assert!(one.contains(part), "no `{part}` in:\n{one}");
    }
    fits(&one, 80);
    let wrong = run(&["list", "resett"], &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `reset`"));
}

#[test]
fn a_row_is_explained() {
    let said = stdout(&["explain", "rst_passive"]);
    for part in [
        "rst_passive  spec/src/table.rs:",
        "After a passive OPEN: back to waiting",
        "in        SYN-RECEIVED",
        "if        opened_passively",
        "RFC 9293  §3.10.7.4: “",
        "MUST-11   ",
        "It fires in ",
        " LISTEN\n",
        "rst_passive\n",
        "In the browser: tcpspec explore --open 'scenario=",
        "✓ with `opened_passively` negated\n",
    ] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
    fits(&said, 80);
    let wrong = run(&["explain", "rst_pasive"], &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `rst_passive`"));
}

#[test]
fn every_row_can_be_explained() {
    let table: serde_json::Value = serde_json::from_str(&stdout(&["table", "--format", "json"])).unwrap();
    let of = |value: &serde_json::Value, key: &str| value[key].as_array().unwrap().clone();
    let steps = of(&table, "events").into_iter().flat_map(|event| of(&event, "steps"));
    let rows: Vec<_> = steps.flat_map(|step| of(&step, "rows")).collect();
    assert!(rows.len() > 200);
    for row in rows {
        let name = row["name"].as_str().unwrap();
        let output = run(&["explain", name], &[]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        assert!(said.starts_with(&format!("{name}  spec/src/table.rs:")), "{said}");
        fits(&said, 80);
    }
}

#[test]
fn the_other_commands_keep_to_80_columns() {
    let file = std::env::temp_dir().join(format!("tcpspec-screen-{}.json", std::process::id()));
    let resume = file.to_str().unwrap();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    for arguments in [
        &["trace", "handshake-close"][..],
        &["trace", "takes six segments"],
        &["diff", "simultaneous-open/letter", "--dir", docs],
        &["check", "simultaneous-open/letter", "--verbose"],
        &["mutate", "rst_passive", "--scenario", "reset", "--budget", "100000", "--resume", resume],
    ] {
        let output = run(arguments, &[]);
        let said = text(&output.stdout);
        assert!(said.lines().count() > 1, "{arguments:?}: {said}{}", text(&output.stderr));
        fits(&said, 80);
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn what_is_quick_is_a_part_of_everything_and_says_nothing_of_rows() {
    let output = run(&["check", "--quick"], &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("✓ fast-close ") && said.contains("✓ nothing failed"), "{said}");
    assert!(!said.contains("handshake-close") && !said.contains("never fired"), "{said}");
    let wrong = run(&["check", "reset", "--quick"], &[]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn manual_pages_are_written() {
    let folder = std::env::temp_dir().join(format!("tcpspec-man-{}", std::process::id()));
    let output = run(&["man", folder.to_str().unwrap()], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(folder.join("tcpspec.1")).unwrap();
    assert!(page.contains("tcpspec") && folder.join("tcpspec-check.1").exists());
    std::fs::remove_dir_all(&folder).unwrap();
    let wrong = run(&["man", "/proc/nowhere"], &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("cannot write the manual pages into /proc/nowhere"));
}

const XTERM: &[(&str, &str)] = &[("TERM", "xterm")];

/// Runs it on a terminal of so many columns. None, and said so, where `script` is not there.
fn on_a_terminal(columns: usize, environment: &[(&str, &str)], command: &str) -> Option<String> {
    let line = format!("stty cols {columns} rows 50; exec {} {command}", env!("CARGO_BIN_EXE_tcpspec"));
    let mut script = common::without_wishes(Command::new("script"));
    match script.args(["-qec", &line, "/dev/null"]).envs(environment.iter().copied()).output() {
        Ok(output) if output.status.success() => Some(text(&output.stdout)),
        Ok(output) => panic!("script: {}{}", text(&output.stdout), text(&output.stderr)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert!(
                std::env::var_os("TCPSPEC_REQUIRE_KERNEL").is_none(),
                "`script` (util-linux) is not installed"
            );
            eprintln!("SKIPPED what a terminal shows: there is no `script` (util-linux)");
            None
        }
        Err(error) => panic!("script: {error}"),
    }
}

/// What is left when the terminal has drawn it all: escape sequences do not take columns, and a return begins the line anew.
fn seen(drawn: &str) -> String {
    let mut seen = String::new();
    let mut rest = drawn.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => seen.push('\n'),
            c => seen.push(c),
        }
    }
    seen
}

#[test]
fn a_terminal_shows_a_bar_and_colours_and_its_width_is_kept() {
    let Some(drawn) = on_a_terminal(80, XTERM, "check simultaneous-open handshake-close") else { return };
    assert!(drawn.contains("\u{1b}[32m✓"), "{drawn:?}");
    // The bar, cut where the terminal ends.
    assert!(drawn.contains(" of 6 scenarios, "), "{drawn:?}");
    fits(&seen(&drawn), 80);
    let Some(drawn) = on_a_terminal(40, XTERM, "check simultaneous-open") else { return };
    let narrow = seen(&drawn);
    assert!(narrow.contains("✓ simultaneous-open ×4\n  88 hold, 1 fail as expected"), "{narrow}");
    fits(&narrow, 40);
    let Some(list) = on_a_terminal(80, XTERM, "list") else { return };
    let list = seen(&list);
    assert_eq!(list.lines().filter(|line| line.starts_with("handshake-close ")).count(), 1, "{list}");
    fits(&list, 80);
    fits(&seen(&on_a_terminal(40, XTERM, "list").unwrap_or_default()), 40);
}

#[test]
fn a_terminal_without_colours_gets_nothing_but_text() {
    for environment in [
        &[("TERM", "dumb")][..],
        // Services that run tests say so.
        &[("TERM", "dumb"), ("CI", "true")],
    ] {
        let Some(drawn) = on_a_terminal(80, environment, "check simultaneous-open") else { return };
        assert!(
            drawn.contains("✓ nothing failed") && !drawn.contains('\u{1b}'),
            "{environment:?}: {drawn:?}"
        );
    }
    // The bar may move; nothing has a colour.
    for wish in [("NO_COLOR", "1"), ("CLICOLOR", "0")] {
        let Some(drawn) = on_a_terminal(80, &[("TERM", "xterm"), wish], "check simultaneous-open") else {
            return;
        };
        assert!(drawn.contains("\n✓ nothing failed") && !drawn.contains("\u{1b}[32m"), "{wish:?}: {drawn:?}");
    }
    let wish = [("TERM", "dumb"), ("CLICOLOR_FORCE", "1")];
    let Some(drawn) = on_a_terminal(80, &wish, "check simultaneous-open") else { return };
    assert!(drawn.contains("\u{1b}[32m✓"), "{drawn:?}");
}

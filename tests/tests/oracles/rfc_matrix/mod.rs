//! The generated machine against RFC 9293, as a reader who was given nothing but the RFC wrote it down (`tests/data/rfc`): what each kind of segment,
//! each user call and each timeout does in each state.
//!
//! `cargo test -p tcpspec-tests --test oracles rfc_matrix -- --nocapture` prints what agrees with what.

mod cells;
mod compare;
mod data;
mod machine;
mod matrix;
mod promises;
mod situations;

use cells::{CALL, LAYOUTS, STATES};
use compare::{Counts, as_shipped, by_the_letter};
use data::{Problem, headings, rules};
use matrix::Matrix;
use situations::Machine;

fn matrix() -> Matrix {
    Matrix::read().unwrap_or_else(|problem| panic!("{}", problem.0))
}

fn none(problems: &[Problem]) {
    let text: Vec<&str> = problems.iter().map(|problem| problem.0.as_str()).collect();
    assert!(text.is_empty(), "{} disagreements\n\n{}\n", text.len(), text.join("\n"));
}

/// In one piece, since tests run side by side.
fn print(title: &str, counts: &Counts, remarks: &[String]) {
    let cells = counts.values().sum::<usize>();
    let lines: String = counts.iter().map(|(by, cells)| format!("{cells:8}  {by}\n")).collect();
    println!("{title}: {cells} cells agree\n{lines}{}", remarks.join("\n"));
}

#[test]
fn every_cell_is_covered_by_exactly_one_line() {
    let matrix = matrix();
    let (covered, problems) = matrix.cover();
    none(&problems);
    assert_eq!(covered.map(|cells| cells.len()), [2271, 126, 36]);
}

#[test]
fn the_situations_are_real() {
    for name in STATES {
        let [there, mut brought] = [Machine::at, Machine::brought_to].map(|to| to(name, matrix().letter()));
        // What last updated the window is not among the columns, and its way here is one of many.
        (brought.tcb.snd_wl1, brought.tcb.snd_wl2) = (there.tcb.snd_wl1, there.tcb.snd_wl2);
        assert_eq!((there.state, there.tcb), (brought.state, brought.tcb), "{name}");
        assert_eq!(there.state_name(), *name);
    }
}

/// RFC 9293: MUST-10, MUST-11, MUST-12, MUST-58, SHLD-31, MAY-12, MAY-13
#[test]
fn by_the_letter_the_machine_does_what_the_rfc_says() {
    let matrix = matrix();
    let (counts, problems) = by_the_letter(&matrix, &matrix.letter());
    print("By the letter", &counts, &matrix.known_faults().collect::<Vec<_>>());
    none(&problems);
}

#[test]
fn as_shipped_the_machine_differs_only_by_its_options() {
    let (counts, problems) = as_shipped(&matrix());
    print("As shipped", &counts, &[]);
    none(&problems);
}

/// The comparison itself can fail: with an option that is not the letter's the line and the cell are named.
#[test]
fn another_machine_is_noticed() {
    let matrix = matrix();
    for (option, cell) in [
        ("rfc1337", "TIME-WAIT RST edge none"),
        ("crossed_syn_ack", "SYN-RECEIVED-ACTIVE SYN+ACK irs new"),
        ("old_fin_restarts_2msl", "TIME-WAIT FIN+ACK fin old"),
        ("rfc5961", "ESTABLISHED SYN inside none"),
        ("rst_heeds_opener", "SYN-RECEIVED-ACTIVE RST edge none"),
        ("drain_after_fin", "LAST-ACK RECEIVE queued"),
    ] {
        let mut options = matrix.letter();
        let set = options.get(option).map(|letter| options.set(option, !letter));
        assert_eq!(set, Some(true), "{option}");
        let (_, problems) = by_the_letter(&matrix, &options);
        let named = problems.iter().any(|problem| problem.0.contains(cell) && problem.0.contains(".txt:"));
        assert!(named, "{option} changes {cell}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let line = "CLOSED | ABORT | -> - | CLOSED | ok | 3.10.5 |";
    assert!(rules(&CALL, line).is_ok());
    for (text, what) in [
        ("# x\nCLOSED | ABORT | -> - | CLOSED | ok |", "calls.txt:2: 6 columns instead of 7"),
        (
            "CLOSED | ABORT |\n  -> - | GONE | ok | 3.10.5 |",
            "calls.txt:1: `GONE` cannot stand in column NEXT",
        ),
        (
            "CLOSED | ABORT | - | CLOSED | ok | 3.10.5 |",
            "calls.txt:1: `(no ->)` cannot stand in column REPLY",
        ),
        ("\nOPEN | ABORT | -> - | CLOSED | ok | 3.10.5 |", "calls.txt:2: `OPEN` is none of CLOSED, LISTEN,"),
        ("CLOSED | ABORT | -> - | CLOSED | ok | |", "calls.txt:1: no section"),
        (&format!("{line} alt(NEXT=LISTEN"), "calls.txt:1: alt( is not closed"),
        (&format!("{line} alt(STATE=LISTEN)"), "calls.txt:1: there is no column STATE"),
        (&format!("{line} alt(NEXT=CLOSED)"), "calls.txt:1: an alternative says the same as the line"),
    ] {
        let problem = rules(&CALL, text).expect_err(text).0;
        assert!(problem.starts_with(&format!("tests/data/rfc/{what}")), "{problem}");
    }
    for (text, what) in [
        ("calls | CLOSED | ABORT | -> alt(NEXT=LISTEN)", "readings.txt:1: a claim before the first heading"),
        ("= A: b\ncall | CLOSED | ABORT | -> alt(NEXT=LISTEN)", "readings.txt:2: `call` is no table"),
        ("= A: b\ncalls | CLOSED | -> alt(NEXT=LISTEN)", "readings.txt:2: a claim has the key columns"),
        ("= A: b\n\n= A: c", "readings.txt:3: `A` stands here twice"),
        ("= A", "readings.txt:1: a heading is"),
    ] {
        let problem = headings("readings", &LAYOUTS, text).expect_err(text).0;
        assert!(problem.starts_with(&format!("tests/data/rfc/{what}")), "{problem}");
    }
}

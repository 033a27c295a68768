//! The quotations beside the rows: of rows that there are, in their order; and the RFC's words, where its text is at hand.
//!
//! `TCPSPEC_RFC9293=rfc9293.txt cargo test -p tcpspec --test quotations` compares them with the text from <https://www.rfc-editor.org/rfc/rfc9293.txt>.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::collections::BTreeMap;
use tcpspec::{TABLE, quotation, quotations};

/// Where the RFC's text is.
const TEXT: &str = "TCPSPEC_RFC9293";

#[test]
fn every_quotation_belongs_to_a_row_and_they_stand_in_its_order() {
    let rows: Vec<&str> = TABLE.rows().map(|row| row.name).collect();
    let places: Vec<usize> = quotations()
        .map(|quotation| {
            let place = rows.iter().position(|row| *row == quotation.row);
            place.unwrap_or_else(|| panic!("there is no row {}", quotation.row))
        })
        .collect();
    assert!(places.is_sorted_by(|one, next| one < next), "a row comes twice, or before an earlier one");
    assert!(places.len() > rows.len() / 2, "{} of {} rows have one", places.len(), rows.len());
    let written = include_str!("../src/quotations.txt").lines();
    assert_eq!(
        written.filter(|line| !line.starts_with("# ")).count(),
        places.len(),
        "a line has another form"
    );
}

#[test]
fn quotations_are_short_and_name_their_section() {
    for quotation in quotations() {
        let length = quotation.words.chars().count();
        assert!((15..=400).contains(&length), "{}: {length} characters", quotation.row);
        assert!(is_number(quotation.section.strip_prefix('§').unwrap()), "{}", quotation.section);
    }
    assert_eq!(quotation("no_such_row"), None);
}

/// A section's number, as in 3.10.7.4 or A.2.
fn is_number(text: &str) -> bool {
    text.split('.').all(|part| part.parse::<u8>().is_ok() || part == "A")
}

/// The RFC's sections by number, each as one line without the bullets of lists.
fn sections(text: &str) -> BTreeMap<String, String> {
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    let mut number = String::new();
    for line in text.lines() {
        let heading = line.split_once(".  ").map(|(number, _)| number);
        if let Some(heading) = heading.filter(|heading| is_number(heading)) {
            heading.clone_into(&mut number);
        }
        let words = line.trim().trim_start_matches("*  ").trim_start_matches("-  ").trim_start_matches("o  ");
        let section = sections.entry(number.clone()).or_default();
        *section += " ";
        *section += words;
    }
    for text in sections.values_mut() {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    sections
}

#[test]
fn the_rfc_says_so() {
    let Some(path) = std::env::var_os(TEXT) else {
        eprintln!("SKIPPED the comparison with RFC 9293: set {TEXT} to a file with its text");
        return;
    };
    let sections = sections(&std::fs::read_to_string(path).unwrap());
    let mut wrong = Vec::new();
    for quotation in quotations() {
        let section = sections.get(quotation.section.trim_start_matches('§'));
        let mut rest = section.map_or("", String::as_str);
        for piece in quotation.words.split(" … ") {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => wrong.push(format!("{} ({}): {piece}", quotation.row, quotation.section)),
            }
        }
    }
    assert!(wrong.is_empty(), "RFC 9293 does not say:\n{}", wrong.join("\n"));
}

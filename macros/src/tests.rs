//! The whole pipeline on tables as text: what they become, and that it is the same each time.
//!
//! `INSTA_UPDATE=always` writes the snapshots anew.

use crate::broken::{edited, judge};
use crate::expand::expand;
use proc_macro2::TokenStream;
use std::io::Write;
use std::path::Path;

/// The expansion as formatted Rust.
fn formatted(table: TokenStream) -> String {
    let file = syn::parse2(expand(table, false)).expect("the expansion is items");
    prettyplease::unparse(&file)
}

fn snapshot(name: &str, code: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, code);
    });
}

/// The messages of the errors in a table.
fn errors(table: &str) -> Vec<String> {
    let file: syn::File = syn::parse2(expand(table.parse().expect("tokens"), false)).expect("items");
    let message = |item: &syn::Item| match item {
        syn::Item::Macro(item) if item.mac.path.segments.last()?.ident == "compile_error" => {
            Some(item.mac.parse_body::<syn::LitStr>().expect("a message").value())
        }
        _ => None,
    };
    file.items.iter().filter_map(message).collect()
}

/// A bit of everything.
const SMALL: &str = include_str!("small_table.txt");

#[test]
fn small_table() {
    // In CLOSED the step `last` is not reached, as both rows of `closed` end.
    assert_eq!(errors(SMALL), [""; 0]);
    snapshot("small_table", &formatted(SMALL.parse().expect("tokens")));
}

#[test]
fn real_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/src/table.rs");
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Not by `eprintln!`, which is not shown if a test passes.
        writeln!(std::io::stderr(), "skipped: {} is not there", path.display()).expect("stderr");
        return;
    };
    let file = syn::parse_file(&text).expect("the table is Rust");
    let table = |item: &syn::Item| match item {
        syn::Item::Macro(item) if item.mac.path.is_ident("tcp_table") => Some(item.mac.tokens.clone()),
        _ => None,
    };
    let tables: Vec<_> = file.items.iter().filter_map(table).collect();
    let [table] = tables.as_slice() else { panic!("{} tables, not one", tables.len()) };
    let code = formatted(table.clone());
    assert!(!code.contains("compile_error"), "{code}");
    assert_eq!(code, formatted(table.clone()), "two expansions of one table differ");
    // Where the rows stand is left out: else a comment in the table would change hundreds of lines.
    let without_lines = code.lines().filter(|line| !line.trim_start().starts_with("line: "));
    snapshot("real_table", &without_lines.collect::<Vec<_>>().join("\n"));
}

/// The small table's expansion, with and without mutants.
fn small_items(mutants: bool) -> Vec<syn::Item> {
    let file: syn::File = syn::parse2(expand(SMALL.parse().expect("tokens"), mutants)).expect("items");
    file.items
}

#[test]
fn mutants_stand_apart() {
    // The feature adds one module; all else, the machine above all, is the same with and without.
    let without = small_items(false);
    let (mutants, with): (Vec<_>, Vec<_>) = small_items(true)
        .into_iter()
        .partition(|item| matches!(item, syn::Item::Mod(item) if item.ident == "mutants"));
    assert_eq!(mutants.len(), 1);
    assert_eq!(with, without);
    assert!(without.iter().any(|item| matches!(item, syn::Item::Mod(item) if item.ident == "machine")));
}

#[test]
fn mutants_that_cannot_matter_are_not_listed() {
    let items = small_items(true);
    let code = quote::quote!(#(#items)*).to_string();
    let listed =
        |row: &str, fault: &str| code.contains(&format!("row : Row :: {row} , fault : Fault :: {fault} }}"));
    // Nothing would be taken instead, and nothing follows.
    assert!(!listed("Again", "Removed") && !listed("Rest", "Removed") && !listed("Rest", "VerbExchanged"));
    assert!(!listed("Reset", "VerbExchanged"));
    // Rows that exclude each other can be asked in any order.
    assert!(!listed("Edge", "Swapped") && listed("EdgeQuiet", "Swapped") && listed("Refuses", "Swapped"));
    assert!(listed("Opens", "Negated (1)") && listed("Opens", "Without (0)") && listed("Opens", "NextKept"));
    assert!(listed("Opens", "OtherNext (State :: TimeWait)") && listed("Inside", "VerbExchanged"));
    assert!(listed("Again", "VerbExchanged"));
}

#[test]
fn nothing() {
    assert_eq!(errors(""), ["the table has no states", "the table has no events"]);
}

#[test]
fn too_many_states() {
    let states = |count: usize| {
        let states: String = (0..count).map(|i| format!("/// Doc.\nS{i} \"S{i}\", ")).collect();
        let rows = "/// Doc.\nback: All => S0 stop;";
        let ring: String =
            (1..count).map(|i| format!("/// Doc.\nto{i}: S{} if go => S{i} stop;", i - 1)).collect();
        let all: Vec<_> = (0..count).map(|i| format!("S{i}")).collect();
        errors(&format!(
            "states {{ {states} }} sets {{ /// Doc.\n All = [{}]; }} /// Doc.\n event go(Call) \"1\" {{ step only {{ {ring} {rows} }} }}",
            all.join(", ")
        ))
    };
    assert_eq!(states(64), [""; 0]);
    assert_eq!(states(65)[0], "more than 64 states");
}

#[test]
fn names_as_variants() {
    let camel = |name: &str| crate::ir::camel(&quote::format_ident!("{name}")).to_string();
    assert_eq!(
        ["fin_wait_1", "ack", "_2msl", "__"].map(camel),
        ["FinWait1", "Ack", "Unnamed2msl", "Unnamed"]
    );
    let snake = |name: &str| crate::ir::snake(&quote::format_ident!("{name}"));
    assert_eq!(["FinWait1", "Open", "open"].map(snake), ["fin_wait1", "open", "open"]);
}

/// Tables with faults at random: what the macro says of each has a place, and nothing panics. `TCPSPEC_BROKEN_TABLES` asks for more of them.
#[test]
fn broken_tables_give_errors_that_say_where() {
    let more = std::env::var("TCPSPEC_BROKEN_TABLES").ok().and_then(|many| many.parse().ok());
    let mut number = 1_u32;
    let mut octet = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 24) as u8
    };
    let (rounds, mut wrong) = (more.unwrap_or(400), 0);
    for round in 0..rounds {
        let octets: Vec<u8> = (0..5 * (1 + round % 6)).map(|_| octet()).collect();
        let judged = std::panic::catch_unwind(|| judge(&edited(SMALL, &octets)));
        wrong += usize::from(judged.unwrap_or_else(|_| panic!("the edits are {octets:?}")));
    }
    assert!((rounds / 4..rounds - rounds / 40).contains(&wrong), "{wrong} of {rounds} tables are wrong");
    assert!(!judge(&edited(SMALL, &[])), "a table without an edit is right");
}

/// What a fuzzer has found to go other ways. Outside the repository there is none of it.
#[test]
fn tables_that_a_fuzzer_has_found_give_errors_that_say_where() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/table");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let mut many = 0;
    for file in files.flatten() {
        let octets = std::fs::read(file.path()).expect("it can be read");
        judge(&edited(SMALL, &octets));
        many += 1;
    }
    assert!(many > 50, "the corpus has {many} inputs");
}

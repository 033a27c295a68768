//! What is said of wrong tables, and that a right one runs.
//!
//! `TRYBUILD=overwrite` writes the messages anew.

#[test]
fn own_messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}

/// Of guards, effects, call errors and inputs the macro knows nothing; rustc reports them at the row. Its words change from
/// version to version: these are those of Rust 1.95.
#[test]
fn messages_of_rustc() {
    trybuild::TestCases::new().compile_fail("tests/ui/rustc/*.rs");
}

//! What is said of wrong tables, and that a right one runs.
//!
//! `TRYBUILD=overwrite` writes the messages anew.

#[test]
fn own_messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}

/// The version whose words `tests/ui/rustc` has.
const RUSTC: &str = "rustc 1.95";

/// Of guards, effects, call errors and inputs the macro knows nothing; rustc reports them at the row, in words that change from
/// version to version.
#[test]
fn messages_of_rustc() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = std::process::Command::new(rustc).arg("-V").output();
    let version =
        version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if version.starts_with(RUSTC) {
        trybuild::TestCases::new().compile_fail("tests/ui/rustc/*.rs");
    } else {
        // Past the test harness, which shows nothing of a test that passes.
        let line =
            format!("SKIPPED messages_of_rustc: the expected words are those of {RUSTC}, this is {version}");
        let _ =
            std::io::Write::write_all(&mut std::io::stderr(), format!("{}\n", line.trim_end()).as_bytes());
    }
}

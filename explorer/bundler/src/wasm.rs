//! The crate `explorer` as WebAssembly.

use serde_json::Value;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "tcpspec-explorer-wasm";

/// A module and the script that calls it.
#[derive(Debug)]
pub(crate) struct Wasm {
    /// Defines `wasm_bindgen`.
    pub(crate) glue: String,
    /// The module.
    pub(crate) octets: Vec<u8>,
}

/// Compiles it.
pub(crate) fn build() -> Result<Wasm, Box<dyn Error>> {
    let module = compile()?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).no_modules(true)?.remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    Ok(Wasm { glue: output.js().to_owned(), octets: output.wasm_mut().emit_wasm() })
}

/// Lets cargo compile it. Where its module is.
fn compile() -> Result<PathBuf, Box<dyn Error>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm/Cargo.toml");
    let build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--locked", "--profile", "wasm", "--target", TARGET, "--package", PACKAGE])
        .args(["--message-format", "json-render-diagnostics", "--manifest-path"])
        .arg(&manifest)
        .env("CARGO_ENCODED_RUSTFLAGS", flags())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !build.status.success() {
        return Err(why_it_failed().into());
    }
    let messages = String::from_utf8(build.stdout)?;
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let files = artifacts.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    let mut files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    let module = files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    Ok(module.ok_or("cargo has built no module")?)
}

/// Panics name their place in the sources, not on the machine that built them.
fn flags() -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let workspace = fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).ok();
    let paths = home.map(|home| (home.join("registry/src"), "crates"));
    let paths = paths.into_iter().chain(workspace.map(|workspace| (workspace, ".")));
    let flags = paths.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// Mostly, because the standard library for the target is not there.
fn why_it_failed() -> String {
    let rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    let library = rustc.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    if library.is_some_and(|library| Path::new(library.trim()).is_dir()) {
        format!("cargo could not build {PACKAGE}; it says why above")
    } else {
        format!("Rust's library for {TARGET} is missing; install it with: rustup target add {TARGET}")
    }
}

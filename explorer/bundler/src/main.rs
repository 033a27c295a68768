//! `tcpspec-page`: builds the explorer as one HTML file. It opens by a double click, and from any folder of any static host.
//!
//! ```text
//! cargo run --release -p tcpspec-page -- --out target/page
//! ```
//!
//! The file holds the page's modules joined into one script ([`modules`]), the crate `explorer` as WebAssembly with what wasm-bindgen makes around it
//! ([`wasm`]), and a policy that lets the browser run nothing else ([`html`]).

mod html;
mod modules;
mod wasm;

use clap::Parser;
use html::Parts;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use tcpspec_explorer::page;

/// Build the explorer as one HTML file that needs no server.
#[derive(Parser, Debug)]
#[command(name = "tcpspec-page", version)]
struct Args {
    /// The folder for index.html
    #[arg(long, value_name = "DIR", default_value = "target/page")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match build(&Args::parse()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tcpspec-page: {error}");
            ExitCode::from(2)
        }
    }
}

/// Writes the page. Says what it has become.
fn build(args: &Args) -> Result<String, Box<dyn Error>> {
    let script = modules::join(&["static/begin.js", "main.js"], text)?;
    let worker = modules::join(&["static/worker.js"], text)?;
    let wasm = wasm::build()?;
    let index = text("index.html").ok_or("explorer/page/index.html is missing")?;
    let parts = Parts { script: &script, worker: &format!("{}\n{worker}", wasm.glue), wasm: &wasm.octets };
    let page = html::one_file(&index, &parts, text)?;
    let path = args.out.join("index.html");
    let written = fs::create_dir_all(&args.out).and_then(|()| fs::write(&path, &page));
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(format!(
        "{}: {} kB, {} kB with gzip; of the WebAssembly {} kB\nOpen it in a browser, or put it on any static host.",
        path.display(),
        page.len().div_ceil(1000),
        html::gzip(page.as_bytes())?.len().div_ceil(1000),
        wasm.octets.len().div_ceil(1000),
    ))
}

/// A file of the page as text, with the line ends that a browser hashes.
fn text(name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(page::file(name)?).replace("\r\n", "\n"))
}

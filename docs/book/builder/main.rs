//! Builds the book: the chapters of `docs/book/src`, the generated documents behind them, and, if it is given, the explorer's page beside them.
//!
//! ```text
//! cargo run --release -p tcpspec-book                                  # target/book/index.html
//! cargo run --release -p tcpspec-book -- --explorer target/page/index.html
//! ```

mod checked;
mod documents;
mod links;
mod site;

use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Build the book as a site of HTML files.
#[derive(Parser, Debug)]
struct Args {
    /// The folder of the site; what it holds is replaced
    #[arg(long, value_name = "FOLDER", default_value = "target/book")]
    out: PathBuf,
    /// The explorer as one HTML file (`cargo run --release -p tcpspec-page`): it becomes a part of the site, and every run in the book a link to it
    #[arg(long, value_name = "FILE")]
    explorer: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Args { out, explorer } = Args::parse();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match site::build(&repository, &out, explorer.as_deref()) {
        Ok(pages) => {
            println!("{pages} pages: {}", out.join("index.html").display());
            ExitCode::SUCCESS
        }
        Err(faults) => {
            for fault in faults {
                eprintln!("tcpspec-book: {fault}");
            }
            ExitCode::FAILURE
        }
    }
}

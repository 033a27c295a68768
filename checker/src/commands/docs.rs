//! `tcpspec docs`: everything that is generated under `docs/`.

use crate::commands::resources::interruptible;
use crate::documents;
use crate::output::place;
use clap::{Args, ValueEnum};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct DocsArgs {
    /// Change nothing; exit 1 if anything is not current
    #[arg(long)]
    check: bool,
    /// Where the documents are
    #[arg(long, default_value = "docs", value_name = "DIR")]
    dir: PathBuf,
    /// One document that needs no exploration
    #[arg(long, value_enum)]
    only: Option<Quick>,
}

/// A document that needs no exploration.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quick {
    /// rfc.md: the requirements of RFC 9293 and what meets them
    Rfc,
}

impl DocsArgs {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let Self { check, dir, only } = self;
        place::has_documents(&dir)?;
        match only {
            None => documents::run(&dir, check, &interruptible()?, out),
            Some(Quick::Rfc) => documents::requirements(&dir, check, out),
        }
    }
}

//! `tcpspec table`: the table in one of its forms.

use crate::faces;
use clap::{Args, ValueEnum};
use std::error::Error;
use std::io::Write;
use tcpspec::TABLE;

#[derive(Args, Debug)]
pub(crate) struct TableArgs {
    /// How to print it
    #[arg(long, value_enum, default_value = "md")]
    format: TableFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TableFormat {
    /// Markdown: every row
    Md,
    /// The state diagram as a picture
    Svg,
    /// The state diagram for Mermaid
    Mermaid,
    /// The state diagram for Graphviz
    Dot,
    /// Everything, for machines
    Json,
}

impl TableArgs {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let text = match self.format {
            TableFormat::Md => faces::table::markdown(&TABLE),
            TableFormat::Json => tcpspec_explorer::table_json::json(&TABLE),
            TableFormat::Svg => faces::diagram::svg(&TABLE, &[]),
            TableFormat::Mermaid => faces::diagram::mermaid(&TABLE),
            TableFormat::Dot => faces::diagram::dot(&TABLE),
        };
        writeln!(out, "{}", text.trim_end())?;
        Ok(true)
    }
}

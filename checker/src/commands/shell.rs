//! What a shell and `man` want to know of the command line.

use clap::{Args, Command};
use clap_complete::Shell;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(&self, mut cli: Command, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        // The generator panics where it cannot write, as into a closed pipe.
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut cli, "tcpspec", &mut text);
        out.write_all(&text)?;
        Ok(true)
    }
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The folder: `tcpspec.1`, and a page for each command
    folder: PathBuf,
}

impl ManArgs {
    pub(crate) fn run(&self, cli: Command, out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
        let cannot = |error: std::io::Error| {
            format!("cannot write the manual pages into {}: {error}", self.folder.display())
        };
        std::fs::create_dir_all(&self.folder).map_err(cannot)?;
        clap_mangen::generate_to(cli, &self.folder).map_err(cannot)?;
        writeln!(
            out,
            "Wrote the manual pages into {}; `man {0}/tcpspec.1` shows the first.",
            self.folder.display()
        )?;
        Ok(true)
    }
}

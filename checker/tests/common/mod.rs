//! What the tests of the program share.

use std::process::Command;

/// What decides about colours. The environment of a test run may have it.
const COLOURS: [&str; 4] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"];

/// The program, without the reader's wishes about colours.
pub(crate) fn tcpspec() -> Command {
    without_wishes(Command::new(env!("CARGO_BIN_EXE_tcpspec")))
}

/// A command without the reader's wishes about colours.
pub(crate) fn without_wishes(mut command: Command) -> Command {
    for name in COLOURS {
        command.env_remove(name);
    }
    command
}

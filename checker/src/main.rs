//! `tcpspec`: explores the model of TCP, prints verdicts, traces and documents. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tcpspec_checker::program()
}

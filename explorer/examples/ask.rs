//! Answers requests: one a line on the standard input, an answer a line on the standard output.
//!
//! ```text
//! echo '{"ask": "run", "link": "scenario=simultaneous-open&path=ao.bo"}' | cargo run -p tcpspec-explorer --example ask
//! ```

use std::io::{self, BufRead, Write};
use tcpspec_explorer::answer;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        match answer(&line?) {
            Ok(answer) => writeln!(out, "{answer}")?,
            Err(refusal) => writeln!(out, "{}", serde_json::json!({ "error": refusal.error }))?,
        }
    }
    Ok(())
}

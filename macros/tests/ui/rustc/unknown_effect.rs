//! rustc itself reports an effect that is not there, at the row that has it.

#[path = "../support/mod.rs"]
mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Opens.
            opens: Closed => Open stop { send_sin };
            /// Closes.
            closes: Open => Closed stop { start(Timer::Linger) };
        }
    }
}

fn main() {}

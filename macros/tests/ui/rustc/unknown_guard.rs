//! rustc itself reports a guard that is not there, at the row that asks it.

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
            /// Ignores.
            ignores: Closed if has_synn => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}

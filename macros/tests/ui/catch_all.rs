//! A row without states.

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
            opens: Closed => Open stop;
            /// Everything else.
            others: => drop;
            /// Everything else, as `match` would have it.
            wildcard: _ => drop;
        }
    }
}

fn main() {}

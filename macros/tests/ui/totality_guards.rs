//! A combination of guards has no row.

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
            opens: Closed if has_syn && !has_ack => Open stop;
            /// Refuses.
            refuses: Closed if !has_syn => drop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}

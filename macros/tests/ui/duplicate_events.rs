//! Events are named once in the table.

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
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Nothing.
            nothing: Closed, Open => drop;
        }
    }
}

fn main() {}

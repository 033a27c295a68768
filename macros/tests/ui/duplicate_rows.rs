//! Rows are named once in the table, as enum variants.

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
            opens: Closed if has_syn => Open stop;
            /// Opens, too.
            opens: Closed => Open stop;
            /// Half closes.
            half_close: Open if has_syn => drop;
            /// Closes.
            half__close: Open => Closed stop;
        }
    }
}

fn main() {}

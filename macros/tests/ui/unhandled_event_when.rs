//! An event says nothing if a guard does not hold.

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
        step only when has_syn {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}

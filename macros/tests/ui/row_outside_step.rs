//! A row names a state that its step does not.

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
        step first in [Closed] {
            /// Opens.
            opens: Closed, Open => Open stop;
        }

        step second {
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}

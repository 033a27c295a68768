//! A row names a state that has left the event before.

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
        step first {
            /// Opens.
            opens: Closed => Open stop;
            /// Goes on.
            passes: Open => skip;
        }

        step second {
            /// Closes.
            closes: Closed, Open => Closed stop;
        }
    }
}

fn main() {}

//! A step that is never passed over takes a row that is named, or nothing is ever expected.

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
        /// What the user does nearly always.
        expected Open = [passes];

        step first {
            /// Goes on.
            passes: Closed, Open => skip;
        }

        step second {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}

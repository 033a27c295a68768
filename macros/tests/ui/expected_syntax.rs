//! What is expected has a state, and its rows stand in brackets.

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
        expected Opened = [passes];

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

    /// The user calls again.
    event other(Call) "§1" {
        /// What the user does nearly always.
        expected Open: passes;

        step only {
            /// Goes on.
            goes_on: Closed, Open => skip;
        }
    }
}

fn main() {}

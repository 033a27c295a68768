//! An effect takes a path, not an expression.

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
            opens: Closed => Open stop { start(Timer::from(1 + 1)) };
            /// Closes.
            closes: Open => Closed stop { start(2) };
        }
    }
}

fn main() {}
